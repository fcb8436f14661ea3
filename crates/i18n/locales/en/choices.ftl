# Choices of a field

choices-lead = A choice that is offered no longer stays readable on the records that have it. The last line makes a new one; the number says where it stands.
choices-fixed = The product acts by these choices, so they can be called and coloured otherwise, but none can be added or retired.
choices-order = Place
choices-choice = Choice
choices-colour = Colour
choices-retired = Offered no longer
choices-usual = what new records have
choices-new = New choice
choices-needed = At least one choice has to be offered, and the one that new records have cannot be retired.
choices-edit = Change the choices
choices-lapis = Lapis blue
choices-violet = Violet
choices-saffron = Saffron
choices-pistachio = Pistachio green
choices-anar = Pomegranate red
choices-clay = Clay
choices-firouzeh = Turquoise
