# peyvand text explain

explain-clean = Stored text
explain-fold = Compared form
explain-words = Words
explain-glued = Glued forms
explain-stems = Stems
explain-tails = Tails
explain-direction = Direction
explain-rtl = right to left
explain-ltr = left to right
explain-neutral = none
explain-language = Language
explain-persian = Persian
explain-english = English
explain-arabic = Arabic
explain-unknown = unknown
explain-latin = Proposed Latin spelling
explain-name = Name
explain-identifier = Identifier
explain-date = Date
explain-amount = Amount
explain-search-exact = Search: exact keys
explain-search-words = Search: word beginnings
explain-search-glued = Search: all in one word
explain-search-sound = Search: sound in the other script
explain-search-substring = Search: inside the text
explain-nothing = The text is empty
