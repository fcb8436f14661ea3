//! Names across the scripts.

use peyvand_text::translit::{PROBABLY_SAME, key, similarity, to_latin};
use proptest::prelude::*;

/// Spellings of one name: every two of a row are the same, and have one key.
const SAME: &[&[&str]] = &[
    &[
        "محمدرضا",
        "محمد رضا",
        "محمد\u{200C}رضا",
        "Mohammad Reza",
        "Mohamadreza",
        "Mohammadreza",
        "Muhammad Reza",
        "Mohamed-Reza",
    ],
    &[
        "حسین", "Hossein", "Hussein", "Hosein", "Husain", "Hossain", "Hoseyn",
    ],
    &["جلیلی", "Jalili", "Djalili"],
    &["قاسمی", "Ghasemi", "Qasemi", "Ghassemi"],
    &["غفاری", "Ghaffari", "Qaffari", "Ghafari"],
    &["مسعود", "Masoud", "Massoud", "Masood", "Masud"],
    &["فاطمه", "Fatemeh", "Fateme", "Fatima", "Fatemah"],
    &["شهرام", "Shahram", "Schahram"],
    &["خسروی", "Khosravi", "Khosrawi"],
    &["چنگیز", "Changiz", "Tchangiz"],
    &["داوود", "داود", "Davoud", "Davood", "Davud", "Dawood"],
    &["نوید", "Navid", "Naveed"],
    &["سعید", "Saeed", "Saeid", "Said", "Saied"],
    &["اسماعیل", "Esmaeil", "Esmail", "Ismail"],
    &["ابراهیم", "Ebrahim", "Ibrahim"],
    &["عبدالله", "عبد الله", "Abdollah", "Abdullah", "Abdolla"],
    &["عبدالرحمان", "Abdolrahman", "Abdorrahman", "Abd al-Rahman"],
    &["نورالدین", "Nouroddin", "Nureddin", "Nooruddin", "Nour al-Din"],
    &["رحیمی", "Rahimi", "Raheemi"],
    &["کوروش", "کورش", "Kourosh", "Koorosh", "Kurosh"],
    &["وحید", "Vahid", "Waheed", "Wahid"],
    &["یوسف", "Yousef", "Yusef", "Yoosef"],
    &["ایمان", "Iman", "Eeman"],
    &["آرزو", "Arezoo", "Arezou", "Arezu"],
    &["منوچهر", "Manouchehr", "Manoochehr", "Manuchehr"],
    &["سیاوش", "Siavash", "Siyavash", "Siawash"],
    &[
        "احمدی نژاد",
        "احمدی\u{200C}نژاد",
        "Ahmadinejad",
        "Ahmadi Nejad",
        "Ahmadi-Nezhad",
    ],
    &["مهدی", "Mehdi", "Mahdi"],
    &["طاهری", "Taheri", "Tahery"],
    &["ژیلا", "Zhila", "Zheela"],
    &["پروین", "Parvin", "Parveen"],
    &["علیرضا", "علی رضا", "Alireza", "Ali Reza", "Ali-Reza"],
    &["موسوی", "Mousavi", "Moosavi", "Musavi", "Mousawi"],
    &["رضایی", "رضائی", "Rezaei", "Rezaie", "Rezayi"],
    &["صادقی", "Sadeghi", "Sadeqi"],
    &["مصطفی", "مصطفى", "Mostafa", "Mustafa"],
    &["زهرا", "Zahra", "Zahraa"],
    &["نصرالله", "Nasrollah", "Nasrullah"],
    &["تهرانی", "Tehrani", "Tehranee"],
    &[
        "پورمحمدی",
        "پور محمدی",
        "Pourmohammadi",
        "Poormohamadi",
        "Pur Mohammadi",
    ],
    &["شیرازی", "Shirazi", "Schirazi"],
    &["خواجه", "Khajeh", "Khaje"],
    &["اصغر", "Asghar", "Asqar"],
    &["لیلا", "Leila", "Leyla"],
    &["کاظم", "Kazem", "Kazim"],
    &["کریمی", "كريمي", "Karimi", "Kareemi"],
    &["بهروز", "Behrouz", "Behrooz", "Behruz"],
    &["عنبری", "Anbari", "Ambari"],
    &["حسن", "Hassan", "Hasan"],
    &["سمیرا", "Samira", "Sameera"],
    &["حمید", "Hamid", "Hameed"],
    &["حامد", "Hamed"],
    &["صالح", "Saleh"],
    &["گلناز", "Golnaz", "Gulnaz"],
];

/// Different names, most of them near ones.
const DIFFERENT: &[(&str, &str)] = &[
    ("حسین", "Hassan"),
    ("حسن", "Hossein"),
    ("حسن", "حسین"),
    ("Hassan", "Hossein"),
    ("Hasan", "Husein"),
    ("حمید", "Hamed"),
    ("حامد", "Hamid"),
    ("حمید", "حامد"),
    ("محمد", "Mahmoud"),
    ("محمود", "Mohammad"),
    ("محمد", "محمود"),
    ("احمد", "Mohammad"),
    ("احمد", "Hamed"),
    ("علی", "Reza"),
    ("علی", "Ala"),
    ("رضا", "Reyhaneh"),
    ("کاوه", "Kia"),
    ("کاوه", "Kian"),
    ("نوید", "Nader"),
    ("نادر", "Nader Shahi"),
    ("مهدی", "Mahnaz"),
    ("مریم", "Maryan"),
    ("مینا", "Mona"),
    ("مینا", "Amin"),
    ("سارا", "Soraya"),
    ("سارا", "Samira"),
    ("کریم", "Karami Nia"),
    ("کریم", "Kamran"),
    ("کامران", "Kamal"),
    ("جلال", "Jamal"),
    ("جلیلی", "Jalali"),
    ("جمالی", "Jalali"),
    ("رحیم", "Rahman"),
    ("رحیمی", "Rahmani"),
    ("کریمی", "Karami"),
    ("قاسم", "Kazem"),
    ("کاظم", "Ghasem"),
    ("سعید", "Saad"),
    ("سعید", "Masoud"),
    ("مجید", "Sajjad"),
    ("محمدرضا", "Mohammad Ali"),
    ("محمدحسن", "Mohammad Hossein"),
    ("محمدحسین", "Mohammad Hassan"),
    ("علیرضا", "Ali Akbar"),
    ("امیرحسین", "Amir Hassan"),
    ("زهرا", "Zohreh"),
    ("شیرین", "Shirazi"),
    ("بهرام", "Behrouz"),
    ("بهزاد", "Behrad"),
    ("فرهاد", "Farshad"),
    ("فرزاد", "Farshad"),
    ("فرید", "Fereydoun"),
    ("پروین", "Parviz"),
    ("پویا", "Pouria"),
    ("لیلا", "Lale"),
    ("نرگس", "Nasrin"),
    ("تهرانی", "Tabrizi"),
    ("موسوی", "Mousa"),
    ("صالح", "Sohrab"),
    ("عباس", "Abdollah"),
    ("Smith", "Schmidt Karimi"),
    ("Ali", "Elena"),
];

#[test]
fn spellings_of_one_name() {
    let mut pairs = 0;
    let mut wrong = Vec::new();
    for row in SAME {
        for (i, a) in row.iter().enumerate() {
            for b in row.iter().skip(i + 1) {
                pairs += 1;
                let score = similarity(a, b);
                if score < PROBABLY_SAME || key(a) != key(b) {
                    wrong.push(format!("{a} / {b}: {score} {} {}", key(a), key(b)));
                }
                assert!((similarity(b, a) - score).abs() < 1e-5);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {pairs}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(pairs >= 150);
}

#[test]
fn different_names() {
    let wrong: Vec<String> = DIFFERENT
        .iter()
        .filter(|(a, b)| similarity(a, b) >= PROBABLY_SAME || similarity(b, a) >= PROBABLY_SAME)
        .map(|(a, b)| format!("{a} / {b}: {}", similarity(a, b)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn latin_spelling() {
    for (persian, latin) in [
        ("محمدرضا", "Mohammadreza"),
        ("سارا محمدی", "Sara Mohammadi"),
        ("علی رضایی", "Ali Rezaei"),
        ("احمدی\u{200C}نژاد", "Ahmadinejad"),
        ("نگار حسین\u{200C}پور", "Negar Hosseinpour"),
        ("روح\u{200C}الله", "Rouhollah"),
        ("علي كاظمي", "Ali Kazemi"),
        ("شیرازی", "Shirazi"),
        ("تهرانی", "Tehrani"),
        ("سید حسین موسوی\u{200C}نژاد", "Seyed Hossein Mousavinejad"),
        ("دکتر ژاله اعتصامی", "Dr Jaleh Etesami"),
        ("مهندس کریم فروغی", "Eng Karim Foroughi"),
        ("Anna رضا", "Anna Reza"),
        ("", ""),
    ] {
        assert_eq!(to_latin(persian), latin, "{persian}");
    }
}

/// The Latin spelling that we propose is found again by the measure.
#[test]
fn own_spelling_matches() {
    for row in SAME {
        let persian = row[0];
        let latin = to_latin(persian);
        assert!(similarity(persian, &latin) >= PROBABLY_SAME, "{persian} {latin}");
        assert!(
            latin.is_ascii() && latin.starts_with(|c: char| c.is_ascii_uppercase()),
            "{latin}"
        );
    }
}

#[test]
fn long_input_ends() {
    for unit in ["ی", "a", "و", "sch", "\u{301}", "عبدال", "abdol"] {
        let text = unit.repeat(400_000);
        assert!(key(&text).len() <= 64);
        assert!(similarity(&text, &text) > 0.99 || key(&text).is_empty());
        assert!(to_latin(&text).len() <= 3 * text.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn similarity_is_a_symmetric_score(a in "[a-zا-ی ]{0,20}", b in any::<String>()) {
        let (there, back) = (similarity(&a, &b), similarity(&b, &a));
        prop_assert!((0.0..=1.0).contains(&there));
        prop_assert!((there - back).abs() < 1e-4);
        let text = peyvand_text::similarity(&a, &b);
        prop_assert!((0.0..=1.0).contains(&text));
        if !key(&a).is_empty() {
            prop_assert!(similarity(&a, &a) > 0.999);
        }
        let _ = to_latin(&b);
    }
}
