# Words that every page uses

common-save = Save
common-cancel = Cancel
common-delete = Delete
common-restore = Restore
common-undo = Undo
common-edit = Edit
common-add = Add
common-close = Close
common-back = Back
common-next = Next
common-previous = Previous
common-more = More
common-all = All
common-search = Search
common-sort = Sort
common-columns = Columns
common-settings = Settings
common-sign-in = Sign in
common-sign-out = Sign out
common-email = E-mail address
common-password = Password
common-language = Language
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
list-empty = There is nothing here yet.
list-empty-search = Nothing was found for “{ $query }”. Try another spelling or remove the filters.
list-empty-filter = No item fits these filters.
list-clear-filters = Clear the filters
timeline-empty = No interaction yet. Record the first call or note.
bin-empty = The recycle bin is empty.
bin-title = Recycle bin
