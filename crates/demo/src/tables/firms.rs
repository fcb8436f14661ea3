//! What firms are called.

/// First words of Persian trade names with their Latin spelling.
pub(crate) const FIRST: &[(&str, &str)] = &[
    ("پارس", "pars"),
    ("البرز", "alborz"),
    ("دماوند", "damavand"),
    ("زاگرس", "zagros"),
    ("نوین", "novin"),
    ("آریا", "aria"),
    ("سپهر", "sepehr"),
    ("کیمیا", "kimia"),
    ("مهر", "mehr"),
    ("آفتاب", "aftab"),
    ("ایده", "ideh"),
    ("رایان", "rayan"),
    ("سپیدار", "sepidar"),
    ("آبان", "aban"),
    ("بهین", "behin"),
    ("کاوه", "kaveh"),
    ("تندیس", "tandis"),
    ("هیرکان", "hirkan"),
    ("آسمان", "aseman"),
    ("گلستان", "golestan"),
    ("ارژنگ", "arzhang"),
    ("نیک‌روش", "nikravesh"),
    ("ژرف", "zharf"),
    ("پیشگام", "pishgam"),
];

/// Second words of Persian trade names: Latin spelling, industry, and the key of what they buy most.
pub(crate) const SECOND: &[(&str, &str, &str, &str)] = &[
    ("صنعت", "sanat", "manufacturing", "tools"),
    ("تجارت", "tejarat", "wholesale", "trade"),
    ("گستر", "gostar", "wholesale", "trade"),
    ("پرداز", "pardaz", "software", "software"),
    ("سازه", "sazeh", "construction", "tools"),
    ("فناوری", "fanavari", "technology", "software"),
    ("پخش", "pakhsh", "retail", "home"),
    ("دارو", "darou", "pharma", "trade"),
    ("کتاب", "ketab", "media", "books"),
    ("غذا", "ghaza", "food", "cookbooks"),
    ("پوش", "poush", "retail", "style"),
    ("ترابر", "tarabar", "transport", "trade"),
    ("آموزش", "amouzesh", "education", "books"),
    ("سلامت", "salamat", "healthcare", "home"),
    ("انرژی", "energy", "energy", "tools"),
];

/// Legal forms of Iran, as they stand before or behind the name (`{}`).
pub(crate) const FORMS: &[&str] = &[
    "شرکت {} (سهامی خاص)",
    "شرکت {} (با مسئولیت محدود)",
    "شرکت {} (سهامی عام)",
    "گروه صنعتی {}",
    "شرکت تعاونی {}",
    "مؤسسهٔ {}",
    "شرکت دانش‌بنیان {}",
];

/// First words of names abroad.
pub(crate) const FIRST_EN: &[&str] = &[
    "Northgate",
    "Bluebird",
    "Ironwood",
    "Summit",
    "Harbour",
    "Lumen",
    "Cobalt",
    "Juniper",
    "Redwood",
    "Orchid",
    "Kingfisher",
    "Thistle",
    "Foxglove",
    "Westbrook",
    "Larkspur",
    "Granite",
    "Silverline",
    "Oakfield",
    "Merrion",
    "Beaumont",
    "Falkenried",
    "Quayside",
    "Old Mill",
    "Whitestone",
];

/// Second words of names abroad: industry, and the key of what they buy most.
pub(crate) const SECOND_EN: &[(&str, &str, &str)] = &[
    ("Systems", "software", "software"),
    ("Trading", "wholesale", "trade"),
    ("Logistics", "transport", "trade"),
    ("Foods", "food", "cookbooks"),
    ("Partners", "services", "trade"),
    ("Tools", "manufacturing", "tools"),
    ("Energy", "energy", "tools"),
    ("Media", "media", "books"),
    ("Interiors", "retail", "home"),
    ("Builders", "construction", "tools"),
    ("Bookshops", "retail", "books"),
    ("Fashion House", "retail", "style"),
    ("Academy", "education", "books"),
    ("Rug Importers", "wholesale", "style"),
];

/// Legal forms by country.
pub(crate) const FORMS_EN: &[(&str, &[&str])] = &[
    ("GB", &["Ltd", "plc", "LLP"]),
    ("IE", &["Ltd", "DAC"]),
    ("FR", &["SARL", "SAS"]),
    ("DE", &["GmbH", "GmbH & Co. KG"]),
    ("US", &["Inc.", "LLC"]),
];

/// A firm that is always there, because a story of the demonstration needs it.
pub(crate) struct Named {
    /// External key.
    pub(crate) key: &'static str,
    /// Trade name.
    pub(crate) name: &'static str,
    /// Legal name.
    pub(crate) legal: &'static str,
    /// Is it a firm in Iran?
    pub(crate) persian: bool,
    /// Kind, as the catalog has it.
    pub(crate) kind: &'static str,
    /// Industry, as the catalog has it.
    pub(crate) industry: &'static str,
    /// Key of what it buys most.
    pub(crate) taste: &'static str,
    /// Host name before the example domain.
    pub(crate) host: &'static str,
    /// What is to know about it.
    pub(crate) story: &'static str,
}

/// The firms of the stories.
pub(crate) const NAMED: &[Named] = &[
    Named {
        key: "company-121trd",
        name: "121TRD مشاوران بازرگانی بین‌الملل",
        legal: "شرکت مشاوران بازرگانی بین‌الملل 121TRD (سهامی خاص)",
        persian: true,
        kind: "partner",
        industry: "services",
        taste: "trade",
        host: "121trd",
        story: "شریک ما در مشاورهٔ واردات و صادرات، طراحی سازمان، برنامه‌ریزی راهبردی و انبارداری. پروژه‌های مشترک را ماهانه مرور می‌کنیم.",
    },
    Named {
        key: "company-bank-sabz",
        name: "بانک سبزینه",
        legal: "بانک سبزینه (سهامی عام)",
        persian: true,
        kind: "customer",
        industry: "finance",
        taste: "trade",
        host: "bank-sabzineh",
        story: "برای مشتریان دوستدار محیط زیست صندوق سرمایه‌گذاری سبز راه انداخته است و به فهرست آن‌ها با دلیل و رضایت نیاز دارد.",
    },
    Named {
        key: "company-slimline",
        name: "Slimline Diet Studio",
        legal: "Slimline Diet Studio Ltd",
        persian: false,
        kind: "customer",
        industry: "healthcare",
        taste: "cookbooks",
        host: "slimline",
        story: "Sent its own clients a new set of instructions every two days until they stopped reading. Wants help to find the right measure.",
    },
    Named {
        key: "company-stylish",
        name: "فروشگاه شیک‌پوشان",
        legal: "شرکت شیک‌پوشان پارسه (با مسئولیت محدود)",
        persian: true,
        kind: "retailer",
        industry: "retail",
        taste: "style",
        host: "shikpoushan",
        story: "فروشگاهی زیبا با مشتری‌های خوش‌سلیقه؛ چند مشتری گفته‌اند که فروشنده به آن‌ها نگاه هم نکرده است. آموزش فروشنده‌ها در جریان است.",
    },
    Named {
        key: "company-cook-corner",
        name: "The Cook's Corner Bookshop",
        legal: "Cook's Corner Books Ltd",
        persian: false,
        kind: "retailer",
        industry: "retail",
        taste: "cookbooks",
        host: "cookscorner",
        story: "Sells nothing but cookery books; orders every Persian cookbook we bring out and asks for reading copies early.",
    },
    Named {
        key: "company-hamrah-naghmeh",
        name: "همراه نغمه (Hamrah Naghmeh)",
        legal: "شرکت ارتباطات همراه نغمه (سهامی عام)",
        persian: true,
        kind: "distributor",
        industry: "telecom",
        taste: "software",
        host: "hamrah-naghmeh",
        story: "بستهٔ «گوشی، اینترنت و موسیقی» را با هم می‌فروشد، چون مشتری این سه را یک نیاز می‌داند. پویش عکس کاربران را هم با ما برگزار کرد.",
    },
];
