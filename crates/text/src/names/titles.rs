//! Titles, suffixes and particles of personal names. In folded form, as written with single spaces.

/// What a title says about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Mr, Ms, آقا: gender and courtesy, replaced by the form of address.
    Courtesy,
    /// Doctor, engineer: stays in a form of address.
    Profession,
    /// حاج, Sir: part of the name, left out before a family name alone.
    Honour,
    /// سید: belongs to the given name in registers, left out for matching.
    Lineage,
}

/// A title in both languages.
pub(crate) struct Title {
    /// How it is written in Persian and in English.
    pub(crate) fa: &'static str,
    pub(crate) en: &'static str,
    pub(crate) kind: Kind,
    /// The gender it tells, if any: true for a woman.
    pub(crate) woman: Option<bool>,
    /// The folded spellings, the longer ones first where one begins another.
    pub(crate) spellings: &'static [&'static str],
}

const fn title(
    fa: &'static str,
    en: &'static str,
    kind: Kind,
    woman: Option<bool>,
    spellings: &'static [&'static str],
) -> Title {
    Title {
        fa,
        en,
        kind,
        woman,
        spellings,
    }
}

/// Titles before a name. Longer spellings come before the ones that they begin with.
pub(crate) const TITLES: &[Title] = &[
    title(
        "جناب آقای",
        "Mr.",
        Kind::Courtesy,
        Some(false),
        &["جناب اقای", "جناب اقا"],
    ),
    title("سرکار خانم", "Ms.", Kind::Courtesy, Some(true), &["سرکار خانم"]),
    title(
        "حاج آقا",
        "Haj Agha",
        Kind::Honour,
        Some(false),
        &["حاج اقای", "حاج اقا", "حاجی اقا"],
    ),
    title(
        "حاج خانم",
        "Haj Khanom",
        Kind::Honour,
        Some(true),
        &["حاجیه خانم", "حاج خانم", "حاجیه"],
    ),
    title(
        "آقای",
        "Mr.",
        Kind::Courtesy,
        Some(false),
        &["اقای", "اقا", "mr", "mister", "agha", "aghaye"],
    ),
    title(
        "خانم",
        "Ms.",
        Kind::Courtesy,
        Some(true),
        &["خانم", "ms", "madam", "khanom"],
    ),
    title("خانم", "Mrs.", Kind::Courtesy, Some(true), &["mrs"]),
    title("خانم", "Miss", Kind::Courtesy, Some(true), &["miss"]),
    title("بانو", "Ms.", Kind::Courtesy, Some(true), &["بانو"]),
    title("جناب", "Mr.", Kind::Courtesy, None, &["جناب"]),
    title("", "Mx.", Kind::Courtesy, None, &["mx"]),
    title(
        "دکتر",
        "Dr.",
        Kind::Profession,
        None,
        &["دکتر", "دکترا", "dr", "doctor"],
    ),
    title(
        "مهندس",
        "Eng.",
        Kind::Profession,
        None,
        &["مهندس", "eng", "engr", "ing", "mohandes"],
    ),
    title(
        "پروفسور",
        "Prof.",
        Kind::Profession,
        None,
        &["پروفسور", "prof", "professor"],
    ),
    title("استاد", "Prof.", Kind::Profession, None, &["استاد"]),
    title(
        "سرهنگ",
        "Col.",
        Kind::Profession,
        None,
        &["سرهنگ", "col", "colonel"],
    ),
    title(
        "سرتیپ",
        "Gen.",
        Kind::Profession,
        None,
        &["سرتیپ", "gen", "general"],
    ),
    title(
        "سروان",
        "Capt.",
        Kind::Profession,
        None,
        &["سروان", "capt", "captain"],
    ),
    title(
        "حجت‌الاسلام",
        "Hojjatoleslam",
        Kind::Profession,
        Some(false),
        &["حجت الاسلام", "حجتالاسلام"],
    ),
    title(
        "آیت‌الله",
        "Ayatollah",
        Kind::Profession,
        Some(false),
        &["ایت الله", "ایتالله", "ayatollah"],
    ),
    title("کربلایی", "Karbalaei", Kind::Honour, None, &["کربلایی"]),
    title(
        "حاج",
        "Haj",
        Kind::Honour,
        Some(false),
        &["حاج", "حاجی", "haj", "haji", "hajji"],
    ),
    title("شهید", "Martyr", Kind::Honour, None, &["شهید"]),
    title(
        "سید",
        "Seyed",
        Kind::Lineage,
        Some(false),
        &["سید", "seyed", "seyyed", "sayed", "sayyed", "sayyid", "syed"],
    ),
    title(
        "سیده",
        "Seyedeh",
        Kind::Lineage,
        Some(true),
        &["سیده", "seyedeh", "seyyedeh", "sayyida"],
    ),
    title("", "Sir", Kind::Honour, Some(false), &["sir"]),
    title("", "Dame", Kind::Honour, Some(true), &["dame"]),
    title("", "Lord", Kind::Honour, Some(false), &["lord"]),
    title("", "Lady", Kind::Honour, Some(true), &["lady"]),
    title("", "Rev.", Kind::Profession, None, &["rev", "reverend"]),
    title(
        "",
        "Hon.",
        Kind::Honour,
        None,
        &["hon", "honourable", "honorable"],
    ),
];

/// What follows a Latin name: folded spelling and how it is written.
pub(crate) const SUFFIXES: &[(&str, &str)] = &[
    ("jr", "Jr."),
    ("junior", "Jr."),
    ("sr", "Sr."),
    ("senior", "Sr."),
    ("ii", "II"),
    ("iii", "III"),
    ("iv", "IV"),
    ("phd", "PhD"),
    ("ph d", "PhD"),
    ("md", "MD"),
    ("m d", "MD"),
    ("mba", "MBA"),
    ("cpa", "CPA"),
    ("dds", "DDS"),
    ("esq", "Esq."),
    ("llm", "LLM"),
    ("msc", "MSc"),
    ("bsc", "BSc"),
];

/// Words with which a Latin family name of several words begins.
pub(crate) const PARTICLES: &[&str] = &[
    "van", "von", "vom", "der", "den", "de", "del", "della", "dei", "degli", "di", "da", "do", "dos", "das",
    "du", "la", "le", "los", "las", "el", "al", "bin", "bint", "ibn", "ben", "ter", "ten", "te", "af", "av",
    "zu", "zum", "zur", "st", "san", "santa", "mac", "mc",
];

/// Persian given names that are written as two words, of which the second is no name by itself.
pub(crate) const SECOND_WORDS: &[&str] = &[
    "الله",
    "اله",
    "الدین",
    "الزمان",
    "السادات",
    "سادات",
    "الحسن",
    "الرضا",
];
