//! Facts about single characters that cleaning, folding and sorting share.

/// Zero-width non-joiner, the Persian half-space (نیم‌فاصله).
pub(crate) const ZWNJ: char = '\u{200C}';
/// Zero-width joiner.
pub(crate) const ZWJ: char = '\u{200D}';
/// Arabic hamza above, which makes ئ of ی and is written over ه in the ezafe.
pub(crate) const HAMZA_ABOVE: char = '\u{0654}';

/// Characters without meaning in stored text: control characters, invisible fillers, embedding and override
/// controls (which can make a text look like another one), tatweel, and the code points that Unicode promises
/// never to be characters (XML and some exports refuse them).
pub(crate) fn is_junk(c: char) -> bool {
    match c {
        // tab and the line ends
        '\t'..='\r' | '\u{85}' => false,
        // C0, DEL and C1
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        // soft hyphen, tatweel, Mongolian vowel separator
        | '\u{AD}' | '\u{640}' | '\u{180E}'
        // zero-width space; embeddings and overrides; word joiner, invisible operators, isolates, deprecated
        | '\u{200B}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        // byte order mark, interlinear annotation, the non-characters that are not at the end of a plane
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}' => true,
        _ => (c as u32) & 0xFFFE == 0xFFFE,
    }
}

/// Left-to-right, right-to-left and Arabic letter mark.
pub(crate) fn is_mark_of_direction(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// Characters that leave no trace in a fold: what [`is_junk`] names, joiners, marks of direction, vowel signs
/// and other diacritics of the Arabic, Hebrew, Latin, Greek and Cyrillic scripts, variation selectors, tags.
pub(crate) fn is_dropped_by_fold(c: char) -> bool {
    is_junk(c)
        || is_mark_of_direction(c)
        || matches!(c,
            '\u{200C}' | '\u{200D}'
            // combining diacritics of Latin, Greek, Cyrillic and symbols
            | '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{1AB0}'..='\u{1AFF}'
            | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}'
            | '\u{A66F}'..='\u{A672}' | '\u{A674}'..='\u{A67D}' | '\u{2DE0}'..='\u{2DFF}'
            // Hebrew points
            | '\u{591}'..='\u{5BD}' | '\u{5BF}' | '\u{5C1}' | '\u{5C2}' | '\u{5C4}' | '\u{5C5}' | '\u{5C7}'
            // Arabic: honorific signs, harakat, superscript alef, high hamza, Koranic annotation
            | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{674}'
            | '\u{6D6}'..='\u{6DC}' | '\u{6DF}'..='\u{6E8}' | '\u{6EA}'..='\u{6ED}'
            | '\u{897}'..='\u{89F}' | '\u{8CA}'..='\u{8FF}'
            // isolated forms of harakat
            | '\u{FC5E}'..='\u{FC63}' | '\u{FCF2}'..='\u{FCF4}' | '\u{FE70}'..='\u{FE7F}'
            // grapheme joiner is in U+0300–036F; Hangul fillers, Khmer inherent vowels, selectors, tags
            | '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' | '\u{17B4}' | '\u{17B5}'
            | '\u{180B}'..='\u{180D}' | '\u{180F}' | '\u{FE00}'..='\u{FE0F}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The Persian letter that stands for a letter of the Arabic script in a fold.
pub(crate) fn unify_letter(c: char) -> char {
    match c {
        'أ' | 'إ' | 'آ' | 'ٱ' | 'ٲ' | 'ٳ' => 'ا',
        'ؤ' | 'ٷ' | 'ۄ'..='ۋ' | 'ۏ' => 'و',
        'ئ' | 'ي' | 'ى' | 'ؽ'..='ؿ' | 'ؠ' | 'ۍ' | 'ێ' | 'ې' | 'ۑ' | 'ے' | 'ۓ' => 'ی',
        'ك' | 'ڪ'..='ڮ' | 'ػ' | 'ؼ' => 'ک',
        'ۀ' | 'ة' | 'ہ'..='ۃ' | 'ھ' | 'ە' => 'ه',
        'ڕ' => 'ر',
        'ڵ' => 'ل',
        _ => c,
    }
}

/// Latin letters that have no decomposition in Unicode and their usual spelling in plain letters.
pub(crate) fn plain_latin(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'þ' | 'Þ' => "th",
        'ø' | 'Ø' => "o",
        'ð' | 'Ð' | 'đ' | 'Đ' => "d",
        'ł' | 'Ł' => "l",
        'ħ' | 'Ħ' => "h",
        'ŧ' | 'Ŧ' => "t",
        'ŋ' | 'Ŋ' => "n",
        'ı' => "i",
        'ĸ' => "k",
        'ə' | 'Ə' => "e",
        _ => return None,
    })
}

/// A letter of the Arabic script (Persian, Arabic, Kurdish, Urdu …), in its base or presentation form.
pub(crate) fn is_arabic_letter(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{64A}' | '\u{66E}'..='\u{6D3}' | '\u{6D5}' | '\u{6EE}' | '\u{6EF}'
        | '\u{6FA}'..='\u{6FF}' | '\u{750}'..='\u{77F}' | '\u{8A0}'..='\u{8C9}'
        | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
        && c.is_alphabetic()
        && !is_dropped_by_fold(c)
}
