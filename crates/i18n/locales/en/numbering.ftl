# Numbers of orders and products

numbering-title = Numbering
numbering-about = Numbers of new orders and products
numbering-lead = Who makes an order or a product without a number gets the next one. A number is given once; when something is not made after all there is a gap. Numbers that were typed or imported are stepped over.
numbering-on = New ones are numbered
numbering-prefix = In front
numbering-width = Digits
numbering-next = Next number
numbering-example = The next one is
numbering-bad-prefix = Up to 20 letters and digits, and the signs - / . _
numbering-bad-width = Between 1 and 12 digits.
numbering-bad-next = A whole number from 1 on.
