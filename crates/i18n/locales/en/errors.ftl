# What went wrong and why; a key is “error-” and the code of the error

error-unknown = An error with the code { $code } occurred.
error-internal = The program made a mistake, which has been logged. Nothing was changed; please try again.
error-field = { $field }: { $reason }
error-field-value = { $field }: the value “{ $value }” is not accepted. { $reason }
error-required = This field is required.
error-wrong-type = This value has the wrong type. Expected: { $expected }.
error-too-long =
    { $max ->
        [one] This text is longer than { $max } character.
       *[other] This text is longer than { $max } characters.
    }
error-too-short =
    { $min ->
        [one] This text needs at least { $min } character.
       *[other] This text needs at least { $min } characters.
    }
error-too-small = This number must not be less than { $min }.
error-too-large = This number must not be more than { $max }.
error-unknown-field = There is no field “{ $field }”.
error-unknown-choice = “{ $value }” is not one of the choices of this field.
error-read-only = This field cannot be changed.
error-not-unique = The value “{ $value }” is already used by another record.
error-link-missing = The record that this links to was not found.
error-not-found = There is no such record.
error-already-undone = This has been undone already. Nothing was changed.
error-in-use = { $count ->
    [one] One record ({ $object }) stands on this one. Move it elsewhere first.
   *[other] { $count } records ({ $object }) stand on this one. Move them elsewhere first.
}
error-in-recycle-bin = This record is in the recycle bin. Restore it first, or wait until it is gone for good.
error-no-instance = The folder { $folder } holds no instance: nothing was read and nothing was made. The setting --data (PEYVAND_DATA) names the folder of the data.
error-conflict = This record has been changed in the meantime. Look at it again before you save.
error-conflict-field = “{ $field }” has been changed in the meantime: your value is “{ $mine }”, the present one is “{ $theirs }”.
error-forbidden = You are not permitted to do this.
error-rights-changed = What you may see or do became less while this was under way. It was stopped, and nothing of it was kept.
error-unauthenticated = Please sign in first.
error-wrong-credentials = The e-mail address or the password is wrong.
error-token-invalid = This token is not valid or has been revoked.
error-rate-limited =
    { $seconds ->
        [one] Too many requests. Try again in { $seconds } second.
       *[other] Too many requests. Try again in { $seconds } seconds.
    }
error-payload-too-large = The data is larger than allowed.
error-disk-full = The disk is full and nothing was saved. Make room and try again.
error-timeout = This took longer than allowed and was stopped. Narrow the filter.
error-schema-unconfirmed = These changes hide stored values. Say that they are meant: --yes in a command, confirmed=true in the interface.
error-backup-exists = There is a file of this name already. A backup never overwrites.
error-backup-damaged = The backup is damaged and is not taken.
error-restore-not-empty = The data folder is not empty. Use --force to move aside what is there.
error-backup-key-needed = The key of the instance is needed: name its file with --key, or give the passphrase.
error-wrong-passphrase = The passphrase does not fit.
error-not-mergeable = These two records cannot be merged.
error-later-merge = A later merge stands on this one. Undo the later one first.
error-limit-reached = The limit has been reached.
error-database = The database did not answer. Nothing was saved.
error-newer-schema = This data was made by a newer version of the program. Run that version or a newer one.
error-unsafe-engine = This version of the database is not safe and is not used.
error-bad-query = This filter is not written correctly.
error-duplicate = A record with the same data exists already.
error-date-empty = The date is empty.
error-date-invalid = There is no such day in the calendar.
error-date-unrecognised = This is not a date. Examples: 2026-11-22 or “tomorrow”.
error-date-too-long = This text is too long for a date.
error-date-ambiguous = This date can be read in two ways: { $first } or { $second }. Choose one.
error-date-weekday-mismatch = The day of the week does not fit the date.
error-time-invalid = There is no such time of day.
error-time-skipped = This time does not exist because the clocks were changed.
error-number-empty = The number is empty.
error-number-malformed = This is not a number.
error-number-unexpected-character = This number contains a character that does not belong there.
error-number-grouping = The thousands separators are not in the right places.
error-number-too-large = This number is too large.
error-number-too-precise = This number has too many decimal places.
error-number-ambiguous = This number can be read in two ways: { $first } or { $second }. Choose one.
error-amount-empty = The amount is empty.
error-amount-ambiguous = This amount can be read in two ways: { $first } or { $second }. Choose one.
error-amount-two-units = This amount names two currencies.
error-money-currency-mismatch = The two amounts are in different currencies.
error-money-overflow = This amount is too large.
error-money-too-precise = This currency has no unit that small.
error-file-empty = The file is empty.
error-file-io = The file could not be read or written.
error-file-unsupported-format = This file format is not known.
error-file-wrong-encoding = The file is not in the expected encoding.
error-file-missing-column = A column that is needed is missing from the file.
error-file-duplicate-header = Two columns of the file have the same name.
error-file-too-many-columns = The file has too many columns.
error-file-too-many-rows = The file has too many rows.
error-file-line-too-long = A line of the file is too long.
error-file-cell-too-long = A cell of the file is too long.
error-file-archive-ratio = The file would grow too large when unpacked and was not read.
error-file-archive-too-large = The unpacked file is larger than allowed.
error-file-bad-workbook = This workbook is damaged.
error-file-bad-json = A line of the file is not valid JSON.
error-file-encrypted = The file is protected by a password. Remove the password first.
error-file-unterminated-quote = A quotation mark in the file is never closed.
error-file-nul-byte = The file holds bytes that no text has (NUL). Save it again as a text file.
error-file-long-row = The row has more cells than the file has columns. Most often a value that has the delimiter in it stands without quotes.
error-file-json-not-object = A line of the file is not a JSON object.
error-file-json-too-deep = A line of the file is nested too deeply.
error-file-json-duplicate-key = A line of the file has the same key twice.
error-file-bad-archive = The file is cut off or damaged and cannot be unpacked.
error-file-archive-too-many-entries = The file holds too many parts and was not read.
error-file-archive-forbidden-entry = The file holds a part with a forbidden name and was not read.
error-file-xml-entities = The file defines entities of its own, which workbooks do not need, and was not read.
error-file-xml-text-too-long = A text inside the workbook is longer than allowed.
error-file-no-such-sheet = The workbook has no sheet of this name.
error-file-sheet-too-wide = The sheet has too many columns.
error-file-unterminated-card = The last card of the file has no end.
error-file-outside-card = There is text outside the cards of the file.
error-file-stale-position = The file has changed since the import began. Begin anew with the whole file.
error-file-bad-preset = The description of the other program’s columns cannot be read.
error-backup-of-sqlite = The backup was made of a database of SQLite, and the setting `database` names one of PostgreSQL. Give `--database sqlite`; what is to move to PostgreSQL goes by `peyvand export` and `peyvand import`.
error-backup-of-postgresql = The backup was made of a database of PostgreSQL, and the setting `database` names SQLite. Give `--database postgres://…`; what is to move to SQLite goes by `peyvand export` and `peyvand import`.
error-database-unopened = The database { $database } (the setting `database`) was not opened. Does it run, and may this user sign in?
error-data-in-use-waiting = Another process of this program ({ $process }) works on { $folder }. Waiting { $seconds } seconds for it to end. Stop it, or give this one a folder of its own (`--data`).
error-data-in-use = Another process of this program ({ $process }) works on { $folder }. Stop it first, or give this one a folder of its own (`--data`).
