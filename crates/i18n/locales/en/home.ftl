# Home

home-before = Before: { $count }
home-done = Done by me this week
home-kept = Customers who came back this month
home-made = Made by { $who }
home-changed = Changed by { $who }
home-won-months = Won deals in six months
home-new-months = New contacts in six months
home-as-table = The same as a table
home-my-day = My day
home-late-all = Everything overdue
home-nothing-today = Nothing is due today or later.
home-my-pipeline = My open deals
home-no-deals = You have no open deals.
home-changes = What changed
home-mark-done = Mark as done
home-first-title = Where to begin
home-first-lead = This workspace is still empty. Choose one of three ways.
home-first-import = Bring your own data
home-first-import-lead = An Excel or CSV file of contacts, companies or deals; you see everything before it is written.
home-first-contact = Enter the first lead
home-first-contact-lead = Name, how to reach them, what they want: three fields and one key.
home-first-demo = Look at a demo
home-first-demo-lead = An invented company with a year of data, apart from yours; with this command:
