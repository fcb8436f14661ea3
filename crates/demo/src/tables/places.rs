//! Cities, with the telephone ranges that stand for them. Abroad the ranges are those that regulators keep free for
//! drama; in Iran, where none is kept, every mobile has 000 behind its prefix and every landline 2000 behind its area.

/// A city in Iran.
pub(crate) struct City {
    /// Its name.
    pub(crate) name: &'static str,
    /// Its province.
    pub(crate) province: &'static str,
    /// The key of the province's territory.
    pub(crate) territory: &'static str,
    /// Area code with its zero.
    pub(crate) area: &'static str,
    /// First digits of its postal codes.
    pub(crate) postal: &'static str,
    /// How often it is drawn.
    pub(crate) weight: u32,
}

const fn city(
    name: &'static str,
    province: &'static str,
    territory: &'static str,
    area: &'static str,
    postal: &'static str,
    weight: u32,
) -> City {
    City {
        name,
        province,
        territory,
        area,
        postal,
        weight,
    }
}

/// Cities of Iran.
pub(crate) const CITIES: &[City] = &[
    city("تهران", "تهران", "ir-tehran", "021", "15", 90),
    city("شهریار", "تهران", "ir-tehran", "021", "33", 5),
    city("کرج", "البرز", "ir-alborz", "026", "31", 18),
    city("مشهد", "خراسان رضوی", "ir-khorasan-razavi", "051", "91", 30),
    city("نیشابور", "خراسان رضوی", "ir-khorasan-razavi", "051", "93", 4),
    city("اصفهان", "اصفهان", "ir-isfahan", "031", "81", 28),
    city("کاشان", "اصفهان", "ir-isfahan", "031", "87", 5),
    city("شیراز", "فارس", "ir-fars", "071", "71", 24),
    city("تبریز", "آذربایجان شرقی", "ir-azarbaijan-east", "041", "51", 22),
    city("ارومیه", "آذربایجان غربی", "ir-azarbaijan-west", "044", "57", 8),
    city("قم", "قم", "ir-qom", "025", "37", 10),
    city("اهواز", "خوزستان", "ir-khuzestan", "061", "61", 14),
    city("رشت", "گیلان", "ir-gilan", "013", "41", 12),
    city("ساری", "مازندران", "ir-mazandaran", "011", "48", 7),
    city("بابل", "مازندران", "ir-mazandaran", "011", "47", 5),
    city("گرگان", "گلستان", "ir-golestan", "017", "49", 5),
    city("کرمان", "کرمان", "ir-kerman", "034", "76", 8),
    city("یزد", "یزد", "ir-yazd", "035", "89", 9),
    city("همدان", "همدان", "ir-hamedan", "081", "65", 6),
    city("کرمانشاه", "کرمانشاه", "ir-kermanshah", "083", "67", 7),
    city("سنندج", "کردستان", "ir-kurdistan", "087", "66", 4),
    city("اراک", "مرکزی", "ir-markazi", "086", "38", 5),
    city("قزوین", "قزوین", "ir-qazvin", "028", "34", 5),
    city("زنجان", "زنجان", "ir-zanjan", "024", "45", 4),
    city("اردبیل", "اردبیل", "ir-ardabil", "045", "56", 4),
    city("بندرعباس", "هرمزگان", "ir-hormozgan", "076", "79", 6),
    city("بوشهر", "بوشهر", "ir-bushehr", "077", "75", 4),
    city("زاهدان", "سیستان و بلوچستان", "ir-sistan", "054", "98", 4),
];

/// Streets of Iranian cities.
pub(crate) const STREETS: &[&str] = &[
    "خیابان ولیعصر",
    "خیابان امام خمینی",
    "بلوار کشاورز",
    "خیابان آزادی",
    "خیابان شهید بهشتی",
    "خیابان حافظ",
    "خیابان سعدی",
    "خیابان فردوسی",
    "بلوار معلم",
    "خیابان دانشگاه",
    "خیابان طالقانی",
    "بلوار جمهوری",
    "خیابان ملاصدرا",
    "خیابان مولوی",
    "شهرک صنعتی، خیابان صنعت",
    "بازار بزرگ، راستهٔ ابزارفروشان",
];

/// Alleys of Iranian cities.
pub(crate) const ALLEYS: &[&str] = &[
    "کوچهٔ نسترن",
    "کوچهٔ یاس",
    "کوچهٔ بهار",
    "کوچهٔ سوم",
    "بن‌بست لاله",
    "کوچهٔ مهر",
    "کوچهٔ شهید رضایی",
    "کوچهٔ گلستان",
    "پاساژ نور، طبقهٔ دوم",
    "مجتمع اداری سپهر",
];

/// A city abroad.
pub(crate) struct Abroad {
    /// Its name.
    pub(crate) name: &'static str,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: &'static str,
    /// IANA zone.
    pub(crate) zone: &'static str,
    /// Hours its winter time is ahead of UTC.
    pub(crate) offset: i64,
    /// A street there.
    pub(crate) street: &'static str,
    /// Area code of the drama numbers, for countries where it names the city.
    pub(crate) area: &'static str,
    /// How often it is drawn.
    pub(crate) weight: u32,
}

const fn abroad(
    name: &'static str,
    country: &'static str,
    zone: &'static str,
    offset: i64,
    street: &'static str,
    area: &'static str,
    weight: u32,
) -> Abroad {
    Abroad {
        name,
        country,
        zone,
        offset,
        street,
        area,
        weight,
    }
}

/// Cities outside Iran.
pub(crate) const ABROAD: &[Abroad] = &[
    abroad("London", "GB", "Europe/London", 0, "Fenchurch Street", "20", 30),
    abroad("Leeds", "GB", "Europe/London", 0, "Boar Lane", "113", 10),
    abroad("Edinburgh", "GB", "Europe/London", 0, "Leith Walk", "131", 9),
    abroad("Dublin", "IE", "Europe/Dublin", 0, "Capel Street", "20", 18),
    abroad(
        "Cork",
        "IE",
        "Europe/Dublin",
        0,
        "Oliver Plunkett Street",
        "20",
        8,
    ),
    abroad("Paris", "FR", "Europe/Paris", 1, "rue de Charonne", "1", 20),
    abroad("Lyon", "FR", "Europe/Paris", 1, "rue de la République", "4", 9),
    abroad("Berlin", "DE", "Europe/Berlin", 1, "Torstraße", "30", 18),
    abroad(
        "Frankfurt",
        "DE",
        "Europe/Berlin",
        1,
        "Hanauer Landstraße",
        "69",
        10,
    ),
    abroad(
        "New York",
        "US",
        "America/New_York",
        -5,
        "West 36th Street",
        "212",
        6,
    ),
    abroad("Boston", "US", "America/New_York", -5, "Tremont Street", "617", 5),
    abroad(
        "Chicago",
        "US",
        "America/Chicago",
        -6,
        "North Halsted Street",
        "312",
        5,
    ),
    abroad(
        "Seattle",
        "US",
        "America/Los_Angeles",
        -8,
        "Pike Street",
        "206",
        4,
    ),
];
