# Import and export

import-title = Import
import-choose-file = Choose a file
import-columns = Columns of the file
import-field = Field
import-ignore-column = Do not import this column
import-mapping = Column mapping
import-encoding = Encoding
import-delimiter = Delimiter
import-calendar-question = How should the dates of the column “{ $column }” be read: { $first } or { $second }?
import-duplicates = If a record exists already
import-policy-skip = Skip it
import-policy-fill = Fill its blanks only
import-policy-overwrite = Overwrite its values
import-policy-create = Create a new one all the same
import-policy-ask = Ask me
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
import-row = Row { $row }
import-row-error = Row { $row }, column “{ $column }”: { $reason }
import-undo = Undo this whole import
import-undone = The import of { $date } has been undone.
import-resume = Resume the unfinished import
import-interrupted = The import stopped at row { $row } and will go on from there.
export-title = Export
export-format = File format
export-done =
    { $count ->
        [one] { $count } record written to { $file }.
       *[other] { $count } records written to { $file }.
    }
export-sheet-split = The sheet is full; the rest is on sheet { $sheet }.
export-formula-guarded =
    { $count ->
        [one] { $count } cell that a spreadsheet would run as a formula made harmless.
       *[other] { $count } cells that a spreadsheet would run as a formula made harmless.
    }
