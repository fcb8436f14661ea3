# The sidebar

nav-home = Home
nav-contacts = Contacts
nav-deals = Deals
nav-pinned = Pinned
nav-recent = Recent
nav-import = Import
nav-export = Export
