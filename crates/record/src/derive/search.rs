//! The search text of a record, and what a typed query means. [`SearchQuery::matches`] is the oracle that both engines
//! must agree with.

use peyvand_catalog::{Class, FieldDef, FieldIx, FieldType, ObjectDef, SearchUse};
use peyvand_identifiers::email;
use peyvand_identifiers::phone::{PhoneContext, normalise};
use peyvand_numbers::digits;
use peyvand_text::{WordBag, fold, index_into, query_words, translit};

use crate::value::{Record, Value};

/// Parts of the search text by class: public and business, personal, sensitive. The policy picks the parts.
pub const PARTS: usize = 3;

/// The search text of a record, in parts by class of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchText {
    /// Tokens separated by spaces: a query word finds a token that begins with it.
    pub words: [String; PARTS],
    /// Whole folded titles without spaces; normalised codes, addresses and numbers. Each once.
    pub exact: [Vec<String>; PARTS],
    /// Folded texts, one a line: a query of three characters or more is looked for anywhere in them.
    pub plain: [String; PARTS],
}

/// How a record was found. Better phases come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// By a whole title, code, address or number.
    Exact,
    /// Every word begins a token.
    Prefix,
    /// A name that sounds like the query in the other script: «محمدرضا» by "Mohamadreza".
    Sound,
    /// The text is contained.
    Substring,
}

/// The part of the search text in which fields of a class stand; secrets stand in none.
#[must_use]
pub const fn part_of(class: Class) -> Option<usize> {
    match class {
        Class::Public | Class::Business => Some(0),
        Class::Personal => Some(1),
        Class::Sensitive => Some(2),
        Class::Secret => None,
    }
}

/// The search text of a record from the fields that take part in search and that `visible` allows.
#[must_use]
pub fn search_text(object: &ObjectDef, record: &Record, visible: impl Fn(FieldIx) -> bool) -> SearchText {
    let mut builders: [Builder; PARTS] = Default::default();
    for (i, field) in object.fields.iter().enumerate() {
        let ix = FieldIx(i as u16);
        let (Some(usage), Some(part)) = (field.search, part_of(field.class)) else {
            continue;
        };
        let value = record.get(ix);
        if value.is_null() || !visible(ix) {
            continue;
        }
        if let Some(builder) = builders.get_mut(part) {
            builder.add(field, usage, value);
        }
    }
    let mut out = SearchText::default();
    for (part, builder) in builders.into_iter().enumerate() {
        out.words[part] = builder.words.into_text();
        out.exact[part] = builder.exact;
        out.plain[part] = builder.plain;
    }
    out
}

#[derive(Default)]
struct Builder {
    words: WordBag,
    exact: Vec<String>,
    plain: String,
}

impl Builder {
    fn add(&mut self, field: &FieldDef, usage: SearchUse, value: &Value) {
        match value {
            Value::Points(points) => {
                for p in points {
                    self.identifier(&p.normalised);
                    if let Some(label) = &p.label {
                        self.text(label);
                    }
                }
            }
            Value::Name(n) => {
                let plain = n.plain();
                self.text(&n.display());
                self.text(&n.latin);
                if usage == SearchUse::Title {
                    self.exact(&glued(&plain));
                    // Family first, as lists and letters have it.
                    self.exact(&glued(&n.sorting()));
                    self.exact(&glued(&n.latin));
                    self.sounds(&plain);
                    // Those of one word have been heard as part of the whole.
                    for name in [&*n.given, &*n.family] {
                        if name.contains(char::is_whitespace) {
                            self.sounds(name);
                        }
                    }
                }
            }
            Value::Choice(key) => {
                if let Some(c) = field.choice(key) {
                    self.text(&c.fa);
                    self.text(&c.en);
                }
            }
            Value::Choices(keys) => {
                for c in keys.iter().filter_map(|k| field.choice(k)) {
                    self.text(&c.fa);
                    self.text(&c.en);
                }
            }
            Value::Address(a) => {
                for part in [&a.street, &a.city, &a.province, &a.country] {
                    self.text(part);
                }
                self.exact(&a.postal_code);
            }
            Value::Text(s) => {
                let identifies = usage == SearchUse::Exact
                    || matches!(
                        field.stored(),
                        FieldType::Code | FieldType::Email | FieldType::Phone | FieldType::Url
                    );
                if identifies {
                    self.identifier(s);
                } else if matches!(field.stored(), FieldType::LongText | FieldType::RichText) {
                    self.prose(field, s);
                } else {
                    self.text(s);
                    if usage == SearchUse::Title {
                        self.exact(&glued(s));
                        self.sounds(s);
                    }
                }
            }
            Value::Int(n) => self.identifier(&n.to_string()),
            _ => {}
        }
    }

    /// What somebody wrote in sentences is found by its words and their beginnings. Pieces out of the middle of a word
    /// are for names, codes and addresses: of notes they would find everything, and take more room than the notes.
    fn prose(&mut self, field: &FieldDef, text: &str) {
        let text = if field.stored() == FieldType::RichText {
            super::without_tags(text)
        } else {
            text.to_owned()
        };
        let folded = fold(&text);
        index_into(&text, &folded, &mut self.words);
    }

    fn text(&mut self, text: &str) {
        let folded = fold(text);
        if folded.is_empty() {
            return;
        }
        index_into(text, &folded, &mut self.words);
        self.line(&folded);
    }

    /// A code, address or number: an exact key, found by substring, and by the words in it.
    fn identifier(&mut self, text: &str) {
        self.exact(&text.to_lowercase());
        self.text(text);
        if let Some(national) = national_digits(text) {
            self.exact(&national);
            self.words.insert(&national);
            self.line(&national);
        }
    }

    /// How a short title sounds, as a whole and word by word, for those who write it in the other script.
    fn sounds(&mut self, title: &str) {
        if title.split_whitespace().count() > LONGEST_HEARD {
            return;
        }
        for part in std::iter::once(title).chain(title.split_whitespace()) {
            if let Some(key) = sound_key(part, Script::of(part)) {
                self.exact(&key);
            }
        }
    }

    fn exact(&mut self, key: &str) {
        if !key.is_empty() && !self.exact.iter().any(|k| k == key) {
            self.exact.push(key.to_owned());
        }
    }

    fn line(&mut self, folded: &str) {
        if !self.plain.is_empty() {
            self.plain.push('\n');
        }
        self.plain.push_str(folded);
    }
}

/// Titles of more words than this are sentences: nobody looks for them by their sound.
const LONGEST_HEARD: usize = 5;

/// The script a name is written in, as far as its sound is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    Arabic,
    Latin,
}

impl Script {
    /// The script of the letters; none when there are no letters, or letters of both or of others.
    fn of(text: &str) -> Option<Self> {
        let mut found = None;
        for c in text.chars().filter(|c| c.is_alphabetic()) {
            let script = match c {
                '\u{600}'..='\u{6FF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' => Self::Arabic,
                'A'..='Z' | 'a'..='z' | '\u{C0}'..='\u{24F}' => Self::Latin,
                _ => return None,
            };
            if found.is_some_and(|f| f != script) {
                return None;
            }
            found = Some(script);
        }
        found
    }

    const fn other(self) -> Self {
        match self {
            Self::Arabic => Self::Latin,
            Self::Latin => Self::Arabic,
        }
    }
}

/// Does the title of a record, or a word or two of it, sound like the query? What finds candidates is coarse: this
/// tells Mohammad from Mehdi.
#[must_use]
pub fn sounds_like(object: &ObjectDef, record: &Record, query: &str) -> bool {
    let like = |name: &str| translit::similarity(name, query) >= translit::PROBABLY_SAME;
    let heard = |title: &str| like(title) || title.split_whitespace().any(like);
    object.fields.iter().enumerate().any(|(i, field)| {
        field.search == Some(SearchUse::Title)
            && match record.get(FieldIx(i as u16)) {
                Value::Name(n) => heard(&n.plain()) || heard(&n.given) || heard(&n.family),
                Value::Text(s) => heard(s),
                _ => false,
            }
    })
}

/// How a name written in this script sounds, as an exact key; one consonant alone tells nothing.
fn sound_key(name: &str, script: Option<Script>) -> Option<String> {
    let mark = match script? {
        Script::Arabic => 'f',
        Script::Latin => 'l',
    };
    // Whether an h is heard after a vowel depends on where one word of a name ends: Ghareh-Baghi, Gharebaghi.
    let mut key = String::new();
    for (i, c) in translit::key(name).chars().enumerate() {
        if (c != 'h' || i == 0) && !key.ends_with(c) {
            key.push(c);
        }
    }
    (key.len() >= 2).then(|| format!("~{mark}{key}"))
}

/// The exact keys under which records stand whose title is this name, or sounds like it in either script.
#[must_use]
pub fn name_keys(name: &str) -> Vec<String> {
    let mut keys = vec![glued(name)];
    if let Some(script) = Script::of(name) {
        keys.extend(
            [script, script.other()]
                .into_iter()
                .filter_map(|s| sound_key(name, Some(s))),
        );
    }
    keys.retain(|k| !k.is_empty());
    keys
}

/// The fold of a text without spaces.
fn glued(text: &str) -> String {
    fold(text).replace(' ', "")
}

/// The digits of an Iranian number as people dial them at home: `09123456789`.
fn national_digits(text: &str) -> Option<String> {
    let national = text.split(';').next()?.strip_prefix("+98")?;
    (national.len() == 10 && national.bytes().all(|b| b.is_ascii_digit())).then(|| format!("0{national}"))
}

/// What a typed query looks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// Every one of these must begin some token.
    pub words: Vec<String>,
    /// This must occur in the folded texts too: the domain of a whole e-mail address, behind a space, as far as it is
    /// typed. It is shared by thousands; the index is asked for the person, and the few texts that it gives for this.
    pub within: Option<String>,
    /// Each of these, as an exact key, finds a record.
    pub exact_keys: Vec<String>,
    /// This, in the folded texts, finds a record; given from three characters on.
    pub substring: Option<String>,
    /// All words as one, when there are several: "north wind" finds Northwind.
    pub glued: Option<String>,
    /// This, as an exact key, finds names of the other script that may sound like the query (see [`sounds_like`]).
    pub sound: Option<String>,
    /// A whole e-mail address was typed: when it is somebody's, nobody else is meant. (Its words are shared by thousands
    /// and would have to be walked through.)
    pub whole_address: bool,
}

/// Longest query, in characters; the rest is not looked at.
const LONGEST: usize = 200;

impl SearchQuery {
    /// Reads a query as typed, in any digits.
    ///
    /// ```
    /// use peyvand_record::derive::SearchQuery;
    /// let q = SearchQuery::parse("۰۹۱۲ ۳۴۵ ۶۷۸۹");
    /// assert!(q.exact_keys.contains(&"+989123456789".to_owned()));
    /// assert_eq!(q.substring.as_deref(), Some("09123456789"));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text: String = text.chars().take(LONGEST).collect();
        let ascii = digits::to_ascii(text.trim());
        let folded = fold(&ascii);
        let dialled = dialled(&ascii);
        let mut exact_keys: Vec<String> = Vec::new();
        let mut key = |k: String| {
            if !k.is_empty() && !exact_keys.contains(&k) {
                exact_keys.push(k);
            }
        };
        key(folded.replace(' ', ""));
        key(ascii.to_lowercase());
        let address = email::normalise(&ascii);
        if let Ok(mail) = &address {
            key(mail.key.clone());
        }
        if let Some(number) = &dialled
            && number.len() >= 8
            && let Ok(phone) = normalise(&ascii, &PhoneContext::default())
        {
            key(phone.e164);
        }
        // Numbers are one word, however they are grouped.
        let (words, within, substring) = match dialled {
            Some(number) => {
                let plain = number.trim_start_matches('+').to_owned();
                (vec![plain.clone()], None, plain)
            }
            // Words of the person and the domain behind them say all that threes of the address would.
            None => match ascii.rsplit_once('@').filter(|_| address.is_ok()) {
                Some((person, domain)) => (
                    query_words(person),
                    Some(format!(" {}", fold(domain))),
                    String::new(),
                ),
                None => (query_words(&ascii), None, folded),
            },
        };
        let is_name = !ascii.contains('@');
        let heard = text.split_whitespace().count() <= LONGEST_HEARD;
        let script = Script::of(&text).filter(|_| heard && is_name);
        let long_enough = substring.chars().filter(|c| *c != ' ').count() >= 3;
        Self {
            exact_keys,
            substring: long_enough.then_some(substring),
            glued: (is_name && words.len() > 1).then(|| words.concat()),
            words,
            within,
            whole_address: address.is_ok(),
            sound: sound_key(&text, script.map(Script::other)),
        }
    }

    /// Does the query look for nothing?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.substring.is_none()
    }

    /// How the query finds a record with this search text; `None` when it does not.
    #[must_use]
    pub fn matches(&self, text: &SearchText) -> Option<Phase> {
        if self.is_empty() {
            return None;
        }
        if text.exact.iter().flatten().any(|k| self.exact_keys.contains(k)) {
            return Some(Phase::Exact);
        }
        let begins = |word: &String| {
            text.words
                .iter()
                .any(|w| w.split(' ').any(|t| t.starts_with(word.as_str())))
        };
        let holds = |part: &str| text.plain.iter().any(|p| p.lines().any(|l| l.contains(part)));
        let all = self.words.iter().all(begins) && self.within.as_deref().is_none_or(holds);
        if !self.words.is_empty() && all || self.glued.as_ref().is_some_and(begins) {
            return Some(Phase::Prefix);
        }
        let sounds = |k: &String| self.sound.as_ref() == Some(k);
        if text.exact.iter().flatten().any(sounds) {
            return Some(Phase::Sound);
        }
        holds(self.substring.as_deref()?).then_some(Phase::Substring)
    }
}

/// The digits of a text that holds nothing but digits and what groups them, with its plus; at least three digits.
fn dialled(ascii: &str) -> Option<String> {
    let mut out = String::with_capacity(ascii.len());
    for (i, c) in ascii.chars().enumerate() {
        match c {
            '0'..='9' => out.push(c),
            '+' if i == 0 => out.push(c),
            ' ' | '-' | '(' | ')' | '.' | '\u{A0}' | '\u{200E}' | '\u{200F}' | '\u{200C}' => {}
            _ => return None,
        }
    }
    (out.bytes().filter(u8::is_ascii_digit).count() >= 3).then_some(out)
}
