# Help of the command line

cli-about = Peyvand: customer relationship management
cli-serve = Runs the program on this machine
cli-demo = Fills an empty workspace with an invented bilingual company and serves it
cli-import = Reads records from a file
cli-export = Writes records to a file
cli-backup = Backs up all data and verifies the backup
cli-restore = Brings data back from a backup; sending stays paused
cli-verify-backup = Checks a backup file
cli-doctor = Checks the health of data and settings
cli-admin = Users, tokens and workspaces
cli-create-user = Creates a user
cli-create-token = Creates a token and shows it only once
cli-create-workspace = Creates a workspace
cli-schema = Exports, compares or applies custom fields and objects
cli-text-explain = Shows how the program understands a text
cli-option-data = The data folder
cli-option-database = The address of the database
cli-option-listen = The address and port to listen on
cli-option-json = Output as JSON
cli-option-workspace = The workspace
cli-option-dry-run = Only reports and writes nothing
cli-listening = Peyvand is ready at { $url }.
cli-sign-in-link = To sign in, open { $url }
cli-set-up-link = There is no user yet. To set up, open { $url }
cli-stopped = Stopped.
cli-backup-done =
    { $count ->
        [one] The backup { $file } is written and verified: { $count } record.
       *[other] The backup { $file } is written and verified: { $count } records.
    }
cli-restore-paused = The data is back. Sending is paused until you confirm.
cli-import-stopped = The import stopped behind row { $rows }. What was written is whole and stays. To go on, run the same command again; to take it back: peyvand import --undo { $id }
