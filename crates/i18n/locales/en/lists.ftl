# Lists, views, bulk edits

list-op-is = is
list-op-is-not = is not
list-op-has = contains
list-op-starts = begins with
list-op-more = more than
list-op-less = less than
list-op-at-least = at least
list-op-at-most = at most
list-op-after = after
list-op-before = before
list-op-one-of = is any of
list-op-period = in
list-op-me = me
list-op-empty = is empty
list-op-filled = is filled
list-period-today = today
list-period-yesterday = yesterday
list-period-tomorrow = tomorrow
list-period-this-week = this week
list-period-last-week = last week
list-period-next-week = next week
list-period-this-month = this month
list-period-last-month = last month
list-period-next-month = next month
list-period-this-quarter = this quarter
list-period-this-year = this year
list-period-last-year = last year
list-period-last-7 = the last 7 days
list-period-last-30 = the last 30 days
list-period-next-7 = the next 7 days
list-period-next-30 = the next 30 days
list-and = and
list-or = or
list-not = not
list-or-with = Or another condition beside “{ $field }”
list-add-to-group = Add a condition to this group
list-remove-group = Remove this group
list-value-missing = Type or choose a value for this condition.
list-total = Count: { $count }
list-sum = Sum
list-bin-lead = Deleted records stay here for 30 days and can be restored.
list-keep-theirs = Keep this one
list-save-mine = Save mine
list-views = Views of this list
list-shared = shared
list-pick-field = Choose a field…
list-operator = Comparison
list-date-hint = A date, such as “tomorrow”
list-add-filter = Filter
list-revert = Revert
list-save-view = Save view
list-view-name = Name of the view
list-view-for = For
list-view-mine = Only me
list-view-team = My team
list-view-all = Everyone
list-view-pin = Pin to the sidebar
list-save-new = Save as a new view
list-view-settings = This view
list-view-unseen = This view uses a field that you do not see; it is shown without its filter.
list-view-delete = Delete this view
list-group = Group
list-density = Denser or roomier
list-advanced = Filter as text
list-earlier = Earlier
list-later = Later
list-select = Select
list-select-page = Select every row of this page
list-select-none = Clear the selection
list-selected-text = # selected
list-selected-all = All results selected
list-all-results = All results
list-news = Show what is new
list-make-deal = New deal
list-nothing-selected = Nothing is selected.
list-assign = Assign
list-tag = Tag
list-edit-field = Edit a field
list-open-record = Open record
list-call = Call
list-write = E-mail
list-bulk-title = Work on the selected records
list-bulk-field = Change “{ $field }”
list-bulk-lead =
    { $count ->
        [one] This value will be written to the selected record.
       *[other] This value will be written to the { $count } selected records.
    }
list-bulk-lead-count =
    { $count ->
        [one] This value will be written to the one result of this list.
       *[other] This value will be written to all { $count } results of this list.
    }
list-bulk-lead-all = This value will be written to all results of this list.
list-bulk-running =
    { $count ->
        [one] Working; { $count } record so far.
       *[other] Working; { $count } records so far.
    }
list-bulk-set = Records changed: { $count }.
list-bulk-deleted = Records moved to the recycle bin: { $count }.
list-bulk-restored = Records restored: { $count }.
list-bulk-tagged = Records tagged: { $count }.
list-bulk-undone = Records put back as they were: { $count }.
list-bulk-refused = Records left as they are: { $count }.
list-quick-title = New lead
list-quick-name = Name
list-quick-reach = Mobile or e-mail
list-quick-only-phone = Only a telephone number can be entered here.
list-quick-only-mail = Only an e-mail address can be entered here.
list-quick-wish = What do they want?
list-quick-save = Save lead
list-quick-with-deal = Save with a deal
list-quick-for = When a deal is made as well
list-quick-deal = Deal with { $name }
list-op-tagged = carries
list-op-untagged = does not carry
list-untag = Take off the tag
list-bulk-untagged = Records whose tag was taken off: { $count }.
list-fold = Fold the group
list-unfold = Open the group
list-groups-by-size = There are too many groups to stand by name: the largest come first.
