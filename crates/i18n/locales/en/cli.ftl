# What commands say

cli-listening = peyvand listens on
cli-own-certificate = without a certificate of yours the server made one itself; browsers will ask about it
cli-fingerprint = SHA-256 fingerprint of the certificate:
cli-set-up = there is no user yet; begin at
cli-demo-token = signed in as { $user } with the token
cli-demo-open = open
cli-restore-paused = The data is back. Sending is paused until you confirm.
cli-import-rows-failed = Rows that were not written: { $rows }
cli-import-begins = Import { $id } begins. If it is stopped, the same command goes on with it; to take it back: peyvand import --undo { $id }
cli-import-goes-on = Import { $id } goes on behind row { $rows }. To take it back: peyvand import --undo { $id }
cli-import-stopped = The import stopped behind row { $rows }. What was written is whole and stays. To go on, run the same command again; to take it back: peyvand import --undo { $id }
