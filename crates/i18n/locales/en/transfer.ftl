# Bringing records in and taking them out, step by step

transfer-lead = CSV, Excel, NDJSON or vCard. Nothing is written before you have seen a trial, and the whole import can be undone.
transfer-object = What is in it
transfer-file = File
transfer-past = Earlier imports
transfer-stage = State
transfer-stage-uploaded = To be mapped
transfer-stage-trying = Being tried
transfer-stage-tried = Tried
transfer-stage-importing = Running
transfer-stage-done = Done
transfer-stage-failed = Stopped
transfer-stage-undone = Undone
transfer-steps = Steps
transfer-step-file = File
transfer-step-report = Report
transfer-no-file = Choose a file that is not empty.
transfer-no-object = Choose what the file holds.
transfer-too-large = The file is larger than 2 GB.
transfer-rows-done =
    { $count ->
        [one] { $count } row done
       *[other] { $count } rows done
    }
transfer-goes-on = You may leave this page: the work goes on.
transfer-problems =
    { $count ->
        [one] { $count } problem as a file
       *[other] { $count } problems as a file
    }
transfer-note-value-left-out =
    { $count ->
        [one] { $count } row has a value that cannot be read.
       *[other] { $count } rows have a value that cannot be read.
    }
transfer-note-other =
    { $count ->
        [one] { $count } row with a note.
       *[other] { $count } rows with notes.
    }
transfer-see = See the records
transfer-undone = The import has been undone.
transfer-column = Column
transfer-samples = Examples
transfer-make = Make what is not there yet
transfer-key = Key
transfer-dates = How are these dates meant?
transfer-choose-dates = Say how the dates are meant.
transfer-source = Name of the other system
transfer-export-lead = The records that you may export, all of them or those of a filter.
export-make = Make the file
export-files = Your files
export-state = State
export-begun = The file is being written; you are told when it is there.
export-records =
    { $count ->
        [one] { $count } record
       *[other] { $count } records
    }
export-running = Being written
export-waiting = Waiting
export-no-longer = You may no longer export these records.
export-nothing = You have no right to export records. Whoever manages the roles can give it to you.
export-failed = It could not be written
transfer-would-create = { $count ->
    [one] { $count } record would be created.
   *[other] { $count } records would be created.
}
transfer-would-update = { $count ->
    [one] { $count } record would be changed.
   *[other] { $count } records would be changed.
}
transfer-troubles = What is not right
transfer-troubles-rows = Row by row
transfer-troubles-more = The first { $count } are shown; the file has all of them.
transfer-row = Row
transfer-value = Value
transfer-expected = What is expected
transfer-trouble-duplicate = This record is there already.
transfer-trouble-keyed = This record is there already. The key of the row leads to it from now on.
transfer-trouble-other-key = This record is there already and has another key of that system: what names the key of this row will not find it.
transfer-keyed =
    { $count ->
        [one] { $count } key of the file leads to a record that was there.
       *[other] { $count } keys of the file lead to records that were there.
    }
transfer-trouble-left-out = The value cannot be read and was left out.
transfer-trouble-other = This row does not come in.
transfer-back-deleted =
    { $count ->
        [one] { $count } record went into the recycle bin.
       *[other] { $count } records went into the recycle bin.
    }
transfer-back-restored =
    { $count ->
        [one] { $count } record is again what it was.
       *[other] { $count } records are again what they were.
    }
transfer-back-withdrawn =
    { $count ->
        [one] { $count } consent was withdrawn.
       *[other] { $count } consents were withdrawn.
    }
transfer-back-kept =
    { $count ->
        [one] { $count } record stays, for it has been changed since.
       *[other] { $count } records stay, for they have been changed since.
    }
transfer-currency-of = { $field }: currency
transfer-rows =
    { $count ->
        [one] in { $count } row
       *[other] in { $count } rows
    }
transfer-meanings = Values that are not known
transfer-meanings-lead = Say which choice each of them means, and try again.
transfer-means = Means
transfer-means-unknown = Leave it as it is
transfer-means-nothing = No value
transfer-means-new = A new choice of this name
transfer-card-uid = Id of the card
transfer-card-middle = Middle name
transfer-card-suffix = Suffix
transfer-card-nickname = Nickname
transfer-card-websites = Websites
transfer-card-addresses = All addresses
transfer-card-note = Note
transfer-card-skipped = What has no place
