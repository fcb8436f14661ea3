# What people are told

notifications-title = Notifications
notifications-unread = unread
notifications-all-read = Mark all as read
notifications-read = Mark as read
notifications-marked = All are marked as read.
notifications-gone = The record is no longer there, or you may no longer see it.
notifications-missing = A record that you can no longer see
notifications-none = Nothing has been told to you yet
notifications-lead = You are told here when somebody gives you a record, names you with @ in a note, shares a record with you, or adds to one that you follow; a quarter of an hour before something of yours is due, in the morning of what is late, and when an import, an export or a change of many records has ended.
notifications-work-import = Import
notifications-work-export = Export
notifications-work-bulk-edit = Change of many records
notifications-param-unread = Only those that were not read.
notifications-api-list = The caller’s own notifications, newest first, and how many were not read.
notifications-api-read = Mark one of the caller’s notifications as read.
notifications-api-read-all = Mark all of the caller’s notifications as read.
notifications-wanted = What you are told of
notifications-api-wishes = Of which kinds the caller is told.
notifications-api-set-wishes = Say of which kinds the caller is told. Kinds that are not named stay as they are.
