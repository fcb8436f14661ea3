//! What the company sells.

/// A group of goods.
pub(crate) struct Group {
    /// Its code.
    pub(crate) code: &'static str,
    /// The code of the group above; empty at the top.
    pub(crate) above: &'static str,
    /// Its name in Persian.
    pub(crate) name: &'static str,
    /// Its name in English.
    pub(crate) english: &'static str,
}

const fn group(code: &'static str, above: &'static str, name: &'static str, english: &'static str) -> Group {
    Group {
        code,
        above,
        name,
        english,
    }
}

/// The groups, those above first.
pub(crate) const GROUPS: &[Group] = &[
    group("goods", "", "کالا", "Goods"),
    group("services", "", "خدمات", "Services"),
    group("tools", "goods", "ابزار", "Tools"),
    group("books", "goods", "کتاب", "Books"),
    group("cookbooks", "books", "کتاب آشپزی", "Cookbooks"),
    group("home", "goods", "خانه و آشپزخانه", "Home and kitchen"),
    group("style", "goods", "پوشاک و صنایع دستی", "Style and handicrafts"),
    group(
        "software",
        "services",
        "نرم‌افزار و ارتباطات",
        "Software and communications",
    ),
    group("trade", "services", "مشاورهٔ بازرگانی", "Trade consultancy"),
];

/// The keys of the groups that hold goods.
pub(crate) const TASTES: &[&str] = &[
    "tools",
    "books",
    "cookbooks",
    "home",
    "style",
    "software",
    "trade",
];

/// A product.
pub(crate) struct Good {
    /// The code of its group.
    pub(crate) group: &'static str,
    /// Its name in Persian.
    pub(crate) name: &'static str,
    /// Its name in English.
    pub(crate) english: &'static str,
    /// Price in ten thousands of rials.
    pub(crate) price: i64,
    /// The unit, as the catalog has it.
    pub(crate) unit: &'static str,
}

const fn good(
    group: &'static str,
    name: &'static str,
    english: &'static str,
    price: i64,
    unit: &'static str,
) -> Good {
    Good {
        group,
        name,
        english,
        price,
        unit,
    }
}

/// The products.
pub(crate) const GOODS: &[Good] = &[
    good(
        "tools",
        "دریل شارژی ۱۸ ولت",
        "Cordless drill 18 V",
        6_850,
        "piece",
    ),
    good("tools", "دریل چکشی ۸۵۰ وات", "Hammer drill 850 W", 5_400, "piece"),
    good("tools", "فرز انگشتی ۷۱۰ وات", "Die grinder 710 W", 4_900, "piece"),
    good(
        "tools",
        "مینی‌فرز ۱۱۵ میلی‌متر",
        "Angle grinder 115 mm",
        3_200,
        "piece",
    ),
    good("tools", "اره عمودبر", "Jigsaw", 4_150, "piece"),
    good(
        "tools",
        "اره گردبر ۱۸۵ میلی‌متر",
        "Circular saw 185 mm",
        5_980,
        "piece",
    ),
    good(
        "tools",
        "جعبه بکس ۱۰۸ پارچه",
        "Socket set, 108 pieces",
        4_600,
        "box",
    ),
    good(
        "tools",
        "آچار فرانسه ۱۰ اینچ",
        "Adjustable wrench 10 in",
        620,
        "piece",
    ),
    good(
        "tools",
        "سری پیچ‌گوشتی ۱۲ عددی",
        "Screwdriver set of 12",
        780,
        "pack",
    ),
    good("tools", "متر لیزری ۵۰ متری", "Laser measure 50 m", 2_900, "piece"),
    good("tools", "تراز لیزری سه‌بعدی", "3D laser level", 7_400, "piece"),
    good(
        "tools",
        "کمپرسور باد ۲۴ لیتری",
        "Air compressor 24 l",
        9_800,
        "piece",
    ),
    good(
        "tools",
        "دستگاه جوش اینورتر ۲۰۰ آمپر",
        "Inverter welder 200 A",
        11_500,
        "piece",
    ),
    good(
        "tools",
        "دستکش کار ضدبرش",
        "Cut-resistant work gloves",
        140,
        "pack",
    ),
    good("tools", "عینک ایمنی", "Safety glasses", 95, "piece"),
    good(
        "tools",
        "نردبان آلومینیومی ۵ پله",
        "Aluminium ladder, 5 steps",
        3_900,
        "piece",
    ),
    good(
        "tools",
        "مته الماسه ۱۰ میلی‌متر",
        "Carbide drill bit 10 mm",
        85,
        "piece",
    ),
    good(
        "tools",
        "پیچ خودکار ۲٫۵ سانتی‌متری",
        "Self-drilling screws 25 mm",
        210,
        "box",
    ),
    good(
        "books",
        "شاهنامه، گزیدهٔ مصور",
        "Shahnameh, an illustrated selection",
        980,
        "piece",
    ),
    good(
        "books",
        "دیوان حافظ، چاپ نفیس",
        "Divan of Hafez, fine edition",
        1_250,
        "piece",
    ),
    good(
        "books",
        "گلستان سعدی با شرح",
        "Golestan of Saadi, annotated",
        640,
        "piece",
    ),
    good(
        "books",
        "مثنوی معنوی، دورهٔ شش‌جلدی",
        "Masnavi, six volumes",
        3_400,
        "pack",
    ),
    good(
        "books",
        "مدیریت ارتباط با مشتری به زبان ساده",
        "Customer relations made plain",
        380,
        "piece",
    ),
    good(
        "books",
        "صادرات برای کسب‌وکارهای کوچک",
        "Exporting for small firms",
        420,
        "piece",
    ),
    good("books", "انبارداری نوین", "Modern warehousing", 350, "piece"),
    good(
        "books",
        "فرهنگ فارسی ـ انگلیسی جیبی",
        "Pocket Persian–English dictionary",
        460,
        "piece",
    ),
    good(
        "books",
        "قصه‌های شب برای بچه‌ها",
        "Bedtime stories for children",
        240,
        "piece",
    ),
    good(
        "books",
        "اطلس تاریخی ایران",
        "Historical atlas of Iran",
        1_900,
        "piece",
    ),
    good(
        "books",
        "راهنمای سفر به کویر",
        "A traveller's guide to the desert",
        310,
        "piece",
    ),
    good(
        "books",
        "تقویم رومیزی سال نو",
        "New year desk calendar",
        160,
        "piece",
    ),
    good("books", "سررسید چرمی", "Leather diary", 290, "piece"),
    good(
        "cookbooks",
        "آشپزی ایرانی از سیر تا پیاز",
        "Persian cooking from A to Z",
        890,
        "piece",
    ),
    good("cookbooks", "سفره‌های گیلان", "The tables of Gilan", 540, "piece"),
    good("cookbooks", "شیرینی‌های یزد", "Sweets of Yazd", 470, "piece"),
    good("cookbooks", "آش و آبگوشت", "Hearty soups and stews", 330, "piece"),
    good(
        "cookbooks",
        "پلوهای مجلسی",
        "Rice dishes for guests",
        410,
        "piece",
    ),
    good(
        "cookbooks",
        "آشپزی گیاهی ایرانی",
        "The vegetarian Persian kitchen",
        520,
        "piece",
    ),
    good("cookbooks", "نان خانگی", "Home baking", 360, "piece"),
    good("cookbooks", "ترشی و مربا", "Pickles and preserves", 300, "piece"),
    good(
        "cookbooks",
        "خوراک دریا در جنوب",
        "Seafood of the south",
        450,
        "piece",
    ),
    good(
        "cookbooks",
        "آشپزی روزانه برای شاغلان",
        "Weekday cooking for busy people",
        390,
        "piece",
    ),
    good(
        "home",
        "سماور برقی ۲ لیتری",
        "Electric samovar 2 l",
        5_200,
        "piece",
    ),
    good("home", "پلوپز ۸ نفره", "Rice cooker for eight", 4_700, "piece"),
    good(
        "home",
        "قابلمهٔ چدنی ۲۶ سانتی‌متر",
        "Cast-iron pot 26 cm",
        2_800,
        "piece",
    ),
    good("home", "سرویس چاقوی آشپزخانه", "Kitchen knife set", 1_650, "pack"),
    good("home", "سینی مسی قلم‌زنی", "Engraved copper tray", 2_100, "piece"),
    good("home", "هاون برنجی", "Brass mortar", 1_150, "piece"),
    good("home", "قوری چینی گل‌سرخی", "Rose-pattern teapot", 690, "piece"),
    good(
        "home",
        "سفرهٔ قلمکار ۲ متری",
        "Block-printed tablecloth 2 m",
        1_300,
        "piece",
    ),
    good("home", "چراغ مطالعه", "Reading lamp", 980, "piece"),
    good("home", "ترازوی آشپزخانه", "Kitchen scales", 720, "piece"),
    good("home", "زعفران سرگل ۴ گرمی", "Saffron, 4 g", 2_450, "pack"),
    good("home", "چای لاهیجان ۵۰۰ گرمی", "Lahijan tea 500 g", 480, "pack"),
    good("style", "شال ابریشمی", "Silk scarf", 1_450, "piece"),
    good("style", "کیف چرم دست‌دوز", "Hand-sewn leather bag", 4_900, "piece"),
    good("style", "مانتوی نخی بهاره", "Cotton spring coat", 2_350, "piece"),
    good("style", "پیراهن مردانهٔ کتان", "Men's linen shirt", 1_780, "piece"),
    good("style", "گردنبند فیروزه", "Turquoise necklace", 6_300, "piece"),
    good(
        "style",
        "گلیم دست‌باف ۱ در ۱٫۵ متر",
        "Hand-woven kilim 1 by 1.5 m",
        12_800,
        "piece",
    ),
    good("style", "جاجیم رومبلی", "Jajim sofa throw", 3_600, "piece"),
    good("style", "کفش چرم مردانه", "Men's leather shoes", 3_950, "piece"),
    good("style", "کلاه نمدی", "Felt hat", 890, "piece"),
    good("style", "جعبهٔ خاتم", "Khatam inlaid box", 1_980, "piece"),
    good(
        "software",
        "اشتراک سالانهٔ نرم‌افزار انبار",
        "Warehouse software, yearly",
        18_500,
        "user",
    ),
    good(
        "software",
        "اشتراک ماهانهٔ فروشگاه اینترنتی",
        "Online shop, monthly",
        1_900,
        "month",
    ),
    good(
        "software",
        "آموزش مجازی کارکنان فروش",
        "Online training for sales staff",
        2_600,
        "user",
    ),
    good(
        "software",
        "بستهٔ گوشی، اینترنت و موسیقی",
        "Phone, internet and music bundle",
        48_000,
        "piece",
    ),
    good(
        "software",
        "اینترنت سازمانی ۵۰ مگابیت",
        "Business internet 50 Mbit/s",
        6_200,
        "month",
    ),
    good(
        "software",
        "پشتیبانی تلفنی سالانه",
        "Telephone support, yearly",
        9_500,
        "year",
    ),
    good(
        "trade",
        "مشاورهٔ صادرات، روزانه",
        "Export consultancy, per day",
        14_000,
        "day",
    ),
    good(
        "trade",
        "مشاورهٔ واردات، روزانه",
        "Import consultancy, per day",
        13_500,
        "day",
    ),
    good("trade", "طراحی سازمان", "Organisation design", 85_000, "month"),
    good(
        "trade",
        "برنامه‌ریزی راهبردی",
        "Strategic planning",
        96_000,
        "month",
    ),
    good(
        "trade",
        "طراحی چیدمان انبار",
        "Warehouse layout design",
        64_000,
        "other",
    ),
    good("trade", "ترخیص کالا از گمرک", "Customs clearance", 22_000, "other"),
    good(
        "trade",
        "گزارش بازار هدف",
        "Target market report",
        31_000,
        "other",
    ),
    good(
        "trade",
        "حضور در نمایشگاه خارجی",
        "Stand at a foreign trade fair",
        120_000,
        "other",
    ),
];
