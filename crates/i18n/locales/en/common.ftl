# Words that every page uses

common-save = Save
common-cancel = Cancel
common-delete = Delete
common-restore = Restore
common-undo = Undo
common-redo = Redo
common-edit = Edit
common-new = New
common-add = Add
common-close = Close
common-back = Back
common-next = Next
common-previous = Previous
common-more = More
common-yes = Yes
common-no = No
common-all = All
common-none = None
common-search = Search
common-filter = Filter
common-sort = Sort
common-columns = Columns
common-copy = Copy
common-merge = Merge
common-settings = Settings
common-today = Today
common-loading = Loading…
common-saved = Saved.
common-deleted = Deleted.
common-offline = Offline
common-queued = Queued
common-sign-in = Sign in
common-sign-out = Sign out
common-email = E-mail address
common-password = Password
common-language = Language
common-confirm-delete = Delete “{ $name }”? You can bring it back from the recycle bin for 30 days.
list-selected =
    { $count ->
        [one] { $count } item selected
       *[other] { $count } items selected
    }
list-count =
    { $count ->
        [one] { $count } item
       *[other] { $count } items
    }
list-more-than = More than { $count } items
list-empty = There is nothing here yet.
list-empty-search = Nothing was found for “{ $query }”. Try another spelling or remove the filters.
list-empty-filter = No item fits these filters.
list-clear-filters = Clear the filters
timeline-empty = No interaction yet. Record the first call or note.
bin-empty = The recycle bin is empty.
bin-title = Recycle bin
undo-done =
    { $count ->
        [one] Undone: { $count } record is as before.
       *[other] Undone: { $count } records are as before.
    }
duplicate-warning =
    { $count ->
        [one] { $count } similar record found.
       *[other] { $count } similar records found.
    }
