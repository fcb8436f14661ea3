# Import and export

import-title = Import
import-choose-file = Choose a file
import-field = Field
import-ignore-column = Do not import this column
import-mapping = Column mapping
import-duplicates = If a record exists already
import-policy-skip = Skip it
import-policy-fill = Fill its blanks only
import-policy-overwrite = Overwrite its values
import-policy-create = Create a new one all the same
import-dry-run = Dry run
import-start = Start the import
import-progress =
    { $total ->
        [one] { $done } of { $total } row
       *[other] { $done } of { $total } rows
    }
import-created =
    { $count ->
        [one] { $count } record created.
       *[other] { $count } records created.
    }
import-updated =
    { $count ->
        [one] { $count } record updated.
       *[other] { $count } records updated.
    }
import-unchanged =
    { $count ->
        [one] { $count } record unchanged.
       *[other] { $count } records unchanged.
    }
import-skipped =
    { $count ->
        [one] { $count } row skipped.
       *[other] { $count } rows skipped.
    }
import-failed =
    { $count ->
        [one] { $count } row failed.
       *[other] { $count } rows failed.
    }
import-undo = Undo this whole import
export-title = Export
export-format = File format
export-vcard = vCard (contacts and companies only)
export-vcard-only = vCard is for contacts and companies only. Choose Excel or CSV for these.
