# Roles: the table of rights

roles-title = Roles
roles-about = What each role may see and do
roles-lead = A role says what its holders may do with each kind of record. A change holds at once.
roles-held-by =
    { $count ->
        [0] held by nobody
        [one] held by { $count } person
       *[other] held by { $count } people
    }
roles-new = New role
roles-from = Rights like those of
roles-from-nothing = no role: nothing is allowed
roles-copy = Copy
roles-copy-of = Copy of { $name }
roles-holders = Who holds it
roles-holders-lead = Choose a name to see what that person may do, and why.
roles-nobody = Nobody holds this role.
roles-held = Somebody holds this role. Give them another one first.
roles-everything-lead = Whoever holds this role may do everything here; the table does not matter.
roles-table-lead = What is marked “usual” follows the first row. A record that belongs to another one is reached as that one is.
roles-usual-part = In general
roles-usual-row = Usual reach
roles-usual-note = for all that is not named below
roles-as-usual = usual: { $reach }
roles-reach-none = nothing
roles-reach-own = own
roles-reach-team = team
roles-reach-below = team and below
roles-reach-all = all
roles-field-rules =
    { $count ->
        [0] Rules of fields
        [one] { $count } rule of fields
       *[other] { $count } rules of fields
    }
roles-fields-lead = A hidden field is as if it did not exist; of a masked one the last two characters are seen, or only that there is a value; what is read only is seen and not changed. Sensitive values are shown one record at a time, and every view is logged.
roles-rule = Rule
roles-no-rule = no rule
roles-sensitive = sensitive
roles-hidden-by-input = Hidden: it is worked out of a field that is.
roles-not-saved = Nothing was saved. These cells cannot be read:
roles-wrong-cell = “{ $cell }”: “{ $value }” is not one of the choices.
roles-now = “{ $cell }” is now: { $value }
