//! Search: both engines find what the plain reading of the words finds, newest first.

use peyvand_record::derive::{SearchQuery, SearchText};
use peyvand_store::{Hit, SearchCall, SearchPhase, SearchPut};
use peyvand_text::{fold, index_text};

use super::*;

const DOCUMENTS: &[&str] = &[
    "علی رضایی",
    "علیرضا محمدی",
    "مشتری‌محوری",
    "مشتري محوري",
    "کتاب‌خانهٔ ملی",
    "كتابخانه ملي",
    "شرکت فولاد مبارکه اصفهان",
    "می‌روم به خانه‌ام",
    "میروم",
    "نازی‌آباد",
    "تهران، خیابان ولی‌عصر، پلاک ۱۲۳",
    "پروژهٔ ۱۴۰۵ شمارهٔ ۷",
    "زهرا حسینی‌نژاد",
    "سید محمّد خاتمی",
    "ژاله ژرفا",
    "آرش کمانگیر",
    "ارش بی‌کلاه",
    "Zoë Müller-Strauß",
    "Zoe Mueller",
    "ALI REZA",
    "Alireza Rezaei",
    "O'Brien & Sons",
    "ACME Inc.",
    "acme corporation",
    "Straße 12",
    "Łukasz Żółć",
    "naïve café",
    "x",
    "ab",
    "abc abd abcd",
    "شركة الاتصالات السعودية",
    "مُحَمَّدٌ",
    "الإسكندرية",
    "مؤسسة",
    "10% off_sale \"quoted\" back\\slash",
    "sara@example.com",
    "09123456789",
    "emoji 👍 thumbs",
    "日本語 テスト",
    "AND OR NOT NEAR",
];

const QUERIES: &[&str] = &[
    "ع",
    "م",
    "ک",
    "ك",
    "ی",
    "ي",
    "ژ",
    "آ",
    "ا",
    "a",
    "A",
    "z",
    "x",
    "o",
    "1",
    "۱",
    "s",
    "ت",
    "عل",
    "مش",
    "al",
    "ab",
    "zo",
    "می",
    "عل رض",
    "a r",
    "علی",
    "علي",
    "علیرضا",
    "علی رضا",
    "مشتری",
    "مشتری‌محوری",
    "مشتری محوری",
    "مشتریمحوری",
    "مشتري‌محوري",
    "محوری",
    "کتاب",
    "كتاب",
    "کتابخانه",
    "کتاب‌خانه",
    "ملی",
    "می‌روم",
    "می روم",
    "میروم",
    "خانه",
    "نازی",
    "نازی‌آباد",
    "ولیعصر",
    "ولی عصر",
    "123",
    "۱۲۳",
    "1405",
    "۱۴۰۵",
    "محمد",
    "محمّد",
    "مُحَمَّد",
    "ژاله",
    "آرش",
    "ارش",
    "zoe",
    "Zoë",
    "müller",
    "muller",
    "mueller",
    "strauss",
    "Strauß",
    "straße",
    "reza",
    "rezaei",
    "alir",
    "O'Brien",
    "brien",
    "acme",
    "ACME inc",
    "orpora",
    "łukasz",
    "lukasz",
    "cafe",
    "café",
    "abc",
    "bcd",
    "الاتصالات",
    "اتصالات",
    "السعودية",
    "الاسكندرية",
    "مؤسسة",
    "10%",
    "off_sale",
    "_",
    "%",
    "\"",
    "\\",
    "back\\slash",
    "sar@example.com",
    "sar@example.co",
    "reza@example.com",
    "sara@example.com",
    "example",
    "sara@",
    "desk@f3.example.com",
    "desk@f3.example.co",
    "desk@f9.example.com",
    "desk10@f3.example.com",
    "09123456789",
    "0912 345",
    "۰۹۱۲۳۴۵",
    "3456",
    "👍",
    "日本",
    "日本語",
    "AND",
    "near",
    "NOT*",
    "هیچ‌چیز",
    "nothing here",
    "",
];

/// Every filler begins with `q`, so the one-letter queries of the table have to look behind thousands of rows.
const FILLERS: u64 = 2300;
/// Addresses whose person begins alike.
const MAILBOXES: u64 = 600;
/// All rows are in workspace 1, which is the upper bits of the row id.
const BASE: i64 = 1 << 40;

fn text(s: &str) -> SearchText {
    SearchText {
        words: [index_text(s), String::new(), String::new()],
        exact: [vec![fold(s).replace(' ', "")], Vec::new(), vec![s.to_lowercase()]],
        plain: [fold(s), String::new(), String::new()],
    }
}

fn put(n: u64, text: Option<SearchText>, rid: Option<i64>) -> Step {
    Step::Search(SearchPut {
        workspace: W,
        record: id(n),
        object: "person".to_owned(),
        rid,
        text,
    })
}

fn with_rid(n: u64) -> Step {
    insert(
        &SIDE.record,
        &[
            ("id", id(n).into()),
            ("object", "person".into()),
            ("rid", (BASE + n as i64).into()),
        ],
    )
}

fn new(n: u64, s: &str) -> [Step; 2] {
    [with_rid(n), put(n, Some(text(s)), Some(BASE + n as i64))]
}

fn call(phase: SearchPhase, words: Vec<String>, before: Option<i64>, limit: u32) -> SearchCall {
    SearchCall {
        phase,
        from: BASE,
        to: BASE + (1 << 32),
        words,
        within: None,
        before,
        limit,
    }
}

async fn found(e: &Arc<dyn Engine>, c: SearchCall) -> Vec<u64> {
    let hits: Vec<Hit> = e
        .search(c.clone())
        .await
        .unwrap_or_else(|err| panic!("{c:?}: {err}"));
    hits.iter()
        .map(|h| {
            let n = (h.rid - BASE) as u64;
            assert_eq!((h.object.as_str(), h.record), ("person", id(n)));
            n
        })
        .collect()
}

/// The plain reading of a phase.
fn is_hit(phase: SearchPhase, words: &[String], within: Option<&str>, t: &SearchText) -> bool {
    match phase {
        SearchPhase::Exact => t.exact.iter().flatten().any(|k| words.contains(k)),
        SearchPhase::Prefix => {
            let tokens: Vec<&str> = t.words[0].split(' ').collect();
            words
                .iter()
                .all(|w| tokens.iter().any(|token| token.starts_with(w.as_str())))
                && within.is_none_or(|part| t.plain[0].contains(part))
        }
        SearchPhase::Substring => words.iter().all(|w| t.plain[0].contains(w.as_str())),
    }
}

#[db_test]
async fn finds_what_is_there(db: TestDb) {
    let e = engine(&db);
    let mut texts: Vec<String> = DOCUMENTS.iter().map(|s| (*s).to_owned()).collect();
    texts.extend((0..FILLERS).map(|n| format!("q{n} qux")));
    // More of one name than are looked at one by one, on a few domains.
    texts.extend((0..MAILBOXES).map(|n| format!("desk{n}@f{}.example.com", n % 7)));
    let steps = (1..).zip(&texts).flat_map(|(n, s)| new(n, s)).collect();
    apply(&e, steps).await.unwrap();
    let all: Vec<SearchText> = texts.iter().map(|s| text(s)).collect();
    let mut asked = 0;
    let mut hits = 0;
    for typed in QUERIES {
        let q = SearchQuery::parse(typed);
        let mut calls = Vec::new();
        if !q.exact_keys.is_empty() {
            calls.push((SearchPhase::Exact, q.exact_keys.clone(), None));
        }
        if !q.words.is_empty() {
            calls.push((SearchPhase::Prefix, q.words.clone(), q.within.clone()));
        }
        if let Some(s) = &q.substring {
            calls.push((SearchPhase::Substring, vec![s.clone()], None));
        }
        for (phase, words, within) in calls {
            let call = |before, limit| SearchCall {
                within: within.clone(),
                ..call(phase, words.clone(), before, limit)
            };
            let want: Vec<u64> = (1..=all.len() as u64)
                .rev()
                .filter(|n| is_hit(phase, &words, within.as_deref(), &all[*n as usize - 1]))
                .collect();
            let got = found(&e, call(None, 3000)).await;
            assert_eq!(got, want, "{typed:?} {phase:?} {words:?} {within:?}");
            // The same in pages of two.
            let mut paged = Vec::new();
            let mut before = None;
            loop {
                let page = found(&e, call(before, 2)).await;
                let Some(last) = page.last() else { break };
                before = Some(BASE + *last as i64);
                paged.extend(page);
            }
            assert_eq!(paged, want, "{typed:?} {phase:?} in pages");
            asked += 1;
            hits += want.len();
        }
    }
    assert!(asked > 150 && hits > 200, "{asked} questions, {hits} hits");
}

/// A letter that every row has gives the newest page, and the last page ends.
#[db_test]
async fn a_common_letter_is_paged_to_its_end(db: TestDb) {
    let e = engine(&db);
    let steps = (1..=2500).flat_map(|n| new(n, &format!("q{n} zoo"))).collect();
    apply(&e, steps).await.unwrap();
    let mut before = None;
    let mut seen = Vec::new();
    loop {
        let page = found(&e, call(SearchPhase::Prefix, vec!["q".to_owned()], before, 400)).await;
        let Some(last) = page.last() else { break };
        before = Some(BASE + *last as i64);
        seen.extend(page);
    }
    assert_eq!(seen, (1..=2500).rev().collect::<Vec<u64>>());
    // Two letters that only the oldest row has.
    apply(&e, vec![put(1, Some(text("wq")), None)]).await.unwrap();
    let words = || vec!["wq".to_owned()];
    assert_eq!(found(&e, call(SearchPhase::Prefix, words(), None, 10)).await, [1]);
    // A range ends below its end and begins at its beginning.
    let mut narrow = call(SearchPhase::Prefix, vec!["q".to_owned()], None, 10);
    (narrow.from, narrow.to) = (BASE + 10, BASE + 12);
    assert_eq!(found(&e, narrow).await, [11, 10]);
}

/// However often a word stands, and wherever: all of it is found, newest first, by pages of any length.
#[db_test]
async fn rare_and_common_words_are_paged_to_their_end(db: TestDb) {
    const ALL: u64 = 4000;
    let e = engine(&db);
    let words = |n: u64| -> Vec<&str> {
        let mut words = vec!["zebra"];
        let mut stands = |word, here| words.extend(Some(word).filter(|_| here));
        stands("often", n.is_multiple_of(20));
        stands("seldom", n.is_multiple_of(100));
        stands("hardly", n.is_multiple_of(900));
        stands("lately", n > ALL - 15);
        // As often as common words among the newest, then not for long.
        stands("twice", n > ALL - 30 || n <= 500);
        stands("once", n <= 40);
        words
    };
    let steps = (1..=ALL).flat_map(|n| new(n, &words(n).join(" "))).collect();
    apply(&e, steps).await.unwrap();
    let lists: [&[&str]; 8] = [
        &["oft"],
        &["seld"],
        &["hardly"],
        &["lat"],
        &["twi"],
        &["once"],
        &["ofte", "twic"],
        &["lately", "once"],
    ];
    for asked in lists {
        let want: Vec<u64> = (1..=ALL)
            .rev()
            .filter(|n| asked.iter().all(|a| words(*n).iter().any(|w| w.starts_with(a))))
            .collect();
        for limit in [5, 40, 1000] {
            let mut got = Vec::new();
            let mut before = None;
            loop {
                let typed = asked.iter().map(|a| (*a).to_owned()).collect();
                let page = found(&e, call(SearchPhase::Prefix, typed, before, limit)).await;
                assert!(page.len() <= limit as usize);
                let Some(last) = page.last() else { break };
                before = Some(BASE + *last as i64);
                got.extend(page);
            }
            assert_eq!(got, want, "{asked:?} by {limit}");
        }
    }
}

#[db_test]
async fn search_follows_the_record(db: TestDb) {
    let e = engine(&db);
    let ask = |word: &str| {
        let e = Arc::clone(&e);
        let words = vec![word.to_owned()];
        async move {
            (
                found(&e, call(SearchPhase::Prefix, words.clone(), None, 10)).await,
                found(&e, call(SearchPhase::Substring, words.clone(), None, 10)).await,
                found(&e, call(SearchPhase::Exact, words, None, 10)).await,
            )
        }
    };
    let in_all = |n: u64| (vec![n], vec![n], vec![n]);
    let none = (Vec::new(), Vec::new(), Vec::new());
    let long = "l".repeat(4000);
    apply(&e, new(1, "before").into_iter().chain(new(2, &long)).collect())
        .await
        .unwrap();
    assert_eq!(ask("before").await, in_all(1));
    assert_eq!(ask(&long).await, in_all(2), "a key longer than an index takes");
    // Replaced, twice in one plan: the last word counts.
    let twice = vec![
        put(1, Some(text("middle")), None),
        put(1, Some(text("after")), None),
    ];
    apply(&e, twice).await.unwrap();
    assert_eq!(ask("before").await, none);
    assert_eq!(ask("middle").await, none);
    assert_eq!(ask("after").await, in_all(1));
    // Taken away; and a record that is not there changes nothing.
    apply(&e, vec![put(1, None, None), put(99, Some(text("after")), None)])
        .await
        .unwrap();
    assert_eq!(ask("after").await, none);
    // New and changed in one plan.
    let mut steps: Vec<Step> = new(3, "first").into();
    steps.push(put(3, Some(text("second")), None));
    apply(&e, steps).await.unwrap();
    assert_eq!(ask("first").await, none);
    assert_eq!(ask("second").await, in_all(3));
    // A plan that fails leaves search as it was.
    conflict(apply(&e, vec![put(3, Some(text("third")), None), check("none", true)]).await);
    assert_eq!(ask("third").await, none);
    assert_eq!(ask("second").await, in_all(3));
}
