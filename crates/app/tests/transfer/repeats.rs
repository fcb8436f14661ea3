//! Activities of a file repeat as its words say.

use peyvand_app::transfer::import::{ImportRequest, RowNote};
use peyvand_app::transfer::{Mapping, OnDuplicate};
use peyvand_numbers::Language;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

use crate::world::{Place, count, place};

fn request(more: &str, policy: OnDuplicate) -> ImportRequest {
    let text = format!(
        "object = \"activities\"\nsource = \"tasks\"\nkey = [\"Ref\"]\nset = {{ kind = \"task\" }}\n{more}\n\
         [[columns]]\nname = \"What\"\nfield = \"subject\"\n\
         [[columns]]\nname = \"When\"\nfield = \"due_at\"\ndate = \"gregorian:yyyy-mm-dd hh:mm\"\n\
         [[columns]]\nname = \"Repeat\"\nfield = \"recurrence\"\n"
    );
    ImportRequest {
        mapping: Some(Mapping::parse(&text).unwrap()),
        policy: Some(policy),
        ..ImportRequest::default()
    }
}

/// A row for each of the words, all due on Saturday, 28 November 2026, which is 7 Azar 1405.
fn rows(words: &[&str]) -> String {
    let mut out = "Ref,What,When,Repeat\n".to_owned();
    for (n, word) in words.iter().enumerate() {
        out.push_str(&format!("t{n},task {n},2026-11-28 10:00,\"{word}\"\n"));
    }
    out
}

/// Subject and rule of every activity, in the order of the subjects.
async fn rules(p: &Place) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = p
        .all("activity")
        .await
        .iter()
        .map(|a| {
            let text = |key| p.get(a, key).as_str().unwrap_or_default().to_owned();
            (text("subject"), text("recurrence"))
        })
        .collect();
    out.sort();
    out
}

/// The stored rule that begins on the day of the rows.
fn from_their_day(rule: &str) -> String {
    format!("DTSTART=20261128;RSCALE=PERSIAN;{rule};SKIP=BACKWARD;WKST=SA")
}

#[db_test]
async fn words_and_rules_make_repeating_activities(db: TestDb) {
    let p = place(&db).await;
    let whole =
        "DTSTART=20261001;RSCALE=GREGORIAN;FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=1;SKIP=BACKWARD;WKST=SA";
    let weekly = from_their_day("FREQ=WEEKLY;INTERVAL=1;BYDAY=SA");
    let monthly = from_their_day("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=7");
    let said: [(&str, String); 9] = [
        ("weekly", weekly.clone()),
        ("هفتگی", weekly),
        ("monthly", monthly.clone()),
        ("هر ماه", monthly),
        ("هر ۲ هفته", from_their_day("FREQ=WEEKLY;INTERVAL=2;BYDAY=SA")),
        ("every Monday", from_their_day("FREQ=WEEKLY;INTERVAL=1;BYDAY=MO")),
        (
            "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1",
            from_their_day("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1"),
        ),
        (whole, whole.to_owned()),
        ("", String::new()),
    ];
    let words: Vec<&str> = said.iter().map(|(w, _)| *w).collect();
    let file = p.file("tasks.csv", &rows(&words));
    let (report, notes) = p.import(&file, &request("", OnDuplicate::Skip)).await.unwrap();
    assert_eq!(count(&report, "activity.created"), 9, "{notes:?}");
    let wanted: Vec<(String, String)> = said
        .iter()
        .enumerate()
        .map(|(n, (_, rule))| (format!("task {n}"), rule.clone()))
        .collect();
    assert_eq!(rules(&p).await, wanted);

    // The same words again say the same.
    let (report, _) = p
        .import(&file, &request("", OnDuplicate::Overwrite))
        .await
        .unwrap();
    assert_eq!(count(&report, "activity.unchanged"), 9, "{report:?}");

    // It does repeat: what is done comes again a week later.
    let object = p.app.object(&p.caller, "activities").unwrap();
    let all = p.all("activity").await;
    let first = all
        .iter()
        .find(|a| p.get(a, "subject").as_str() == Some("task 1"))
        .unwrap();
    let done = json!({"status": "done"});
    p.app
        .patch(&p.caller, &object, first.id(), done.as_object().unwrap(), None)
        .await
        .unwrap();
    let week = 7 * 24 * 3_600 * 1_000_000;
    let due = |r| p.get(r, "due_at").as_instant().unwrap().micros();
    let after = p.all("activity").await;
    let again: Vec<i64> = after
        .iter()
        .filter(|a| p.get(a, "subject").as_str() == Some("task 1") && a.id() != first.id())
        .map(due)
        .collect();
    assert_eq!(again, [due(first) + week]);
}

#[db_test]
async fn words_that_say_no_repetition_are_errors_of_their_rows(db: TestDb) {
    let mut p = place(&db).await;
    let words = ["hourly", "weekly", "هر از گاهی", "FREQ=DAILY;UNTIL=20261101"];
    let file = p.file("tasks.csv", &rows(&words));
    let told = |notes: &[RowNote]| -> Vec<(u64, String, String, String)> {
        let mut all: Vec<_> = notes
            .iter()
            .map(|n| (n.row, n.outcome.clone(), n.field.clone(), n.value.clone()))
            .collect();
        all.sort();
        all
    };
    let row =
        |n, outcome: &str, value: &str| (n, outcome.to_owned(), "recurrence".to_owned(), value.to_owned());
    for (language, label, expected, over) in [
        (
            Language::En,
            "“Recurrence”",
            "Expected: “weekly”, “every 2 months”, “every Saturday” or a rule such as FREQ=WEEKLY.",
            "it ends before",
        ),
        (
            Language::Fa,
            "«تکرار»",
            "انتظار می‌رود: «هفتگی»، «هر دو ماه»، «هر شنبه» یا قاعده‌ای مانند FREQ=WEEKLY.",
            "پیش از خود فعالیت",
        ),
    ] {
        p.caller.language = language;
        let (report, notes) = p.import(&file, &request("", OnDuplicate::Skip)).await.unwrap();
        assert_eq!(count(&report, "activity.failed"), 3, "{notes:?}");
        assert_eq!(
            told(&notes),
            [
                row(1, "failed", "hourly"),
                row(3, "failed", "هر از گاهی"),
                row(4, "failed", "")
            ]
        );
        for n in &notes {
            let says = if n.row == 4 { over } else { expected };
            assert!(
                n.reason.contains(label) && n.reason.contains(says),
                "{}",
                n.reason
            );
            assert!(n.reason.contains(&n.value), "{}", n.reason);
        }
    }
    let weekly = from_their_day("FREQ=WEEKLY;INTERVAL=1;BYDAY=SA");
    assert_eq!(rules(&p).await, [("task 1".to_owned(), weekly.clone())]);

    // Where the mapping says so, the row is written without what cannot be read.
    let mapping = request("bad_values = \"value\"", OnDuplicate::Skip);
    let (report, notes) = p.import(&file, &mapping).await.unwrap();
    assert_eq!(count(&report, "activity.created"), 2, "{notes:?}");
    assert_eq!(report.notes.get("value-left-out"), Some(&2));
    assert_eq!(
        rules(&p).await,
        [
            ("task 0".to_owned(), String::new()),
            ("task 1".to_owned(), weekly),
            ("task 2".to_owned(), String::new()),
        ]
    );
}
