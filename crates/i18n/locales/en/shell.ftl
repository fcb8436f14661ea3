# The frame of the pages, keys

shell-undone = Put back as it was.
shell-offline = No connection; changes are not saved.
shell-unreachable = The server does not answer; nothing was saved, and what you typed stays here. Send it again in a moment.
shell-unfit = This value is not accepted.
shell-fold = Show or hide the sidebar
shell-to-jalali = Solar Hijri calendar
shell-to-gregorian = Gregorian calendar
shell-to-persian-digits = Persian digits
shell-to-latin-digits = Latin digits
shell-to-rial = Show rials
shell-to-toman = Show tomans
shell-search-in = “{ $query }” in { $objects }
shell-deals-board = Board of deals
shell-keys-lead = New lead
shell-keys-filter = Add a filter
shell-keys-cells = Move between cells
shell-keys-edit = Edit the cell
shell-keys-peek = Peek at the record
shell-keys-tab = Open in a new tab
shell-keys-select = Select rows
shell-keys-card = Pick up and carry a card
shell-keys-go = Go to home, people, organisations, deals, board, activities, campaigns, notes
shell-keys-single = Single-key shortcuts are on
