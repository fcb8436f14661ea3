//! Persian and English text: cleaning, folding, tokens, sort keys, transliteration, names.
