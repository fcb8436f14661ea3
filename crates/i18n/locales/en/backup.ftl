# The page of backups

backup-about = The newest one, how old it is, how to make one
backup-none = No verified backup is known of. Make one, and keep it in another place than the data.
backup-gone = The newest backup no longer lies where it was written. If you moved it to a safe place, all is well; else make another one.
backup-old = The newest backup was made { $when }: make another one.
backup-newest = Newest verified backup
backup-when = When
backup-file = File
backup-size = Size
backup-records = Records
backup-key = Key of the instance
backup-key-inside = inside, behind a passphrase
backup-key-elsewhere = not inside: it is kept in another place
backup-log = Log
backup-log-never = It is not known when the log was last checked.
backup-log-holds =
    { $count ->
        [one] { $count } sealed entry holds
       *[other] { $count } sealed entries hold
    }
backup-log-broken = The log is not what was written. Keep the data folder as it is and compare it with a backup.
backup-found = Found
backup-how = How to make one
