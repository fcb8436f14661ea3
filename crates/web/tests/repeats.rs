//! How an activity repeats: chosen in the parts of a form, without script, in words everywhere it is shown.

mod common;

use axum::http::StatusCode;
use common::{Place, as_sent, between, enc, place_on};
use peyvand_app::{Caller, ListRequest};
use peyvand_catalog::handles::activity;
use peyvand_core::Via;
use peyvand_record::Record;
use peyvand_testkit::{TestDb, db_test};
use peyvand_web as _;

/// Tuesday, 8 December 2026, which is 17 Azar 1405; ten in the morning.
const DUE: &str = "due_at=2026-12-08+10:00";

async fn prefer(p: &Place, language: &str, calendar: &str) {
    p.post(
        "/preferences",
        &format!("language={language}&calendar={calendar}&to=/"),
    )
    .await;
}

async fn activities(p: &Place, filter: &str) -> Vec<Record> {
    let caller = Caller::system(&p.workspace, Via::Cli);
    let object = p.app.object(&caller, "activities").unwrap();
    let request = ListRequest {
        filter: Some(filter.to_owned()),
        sort: Some("due_at".to_owned()),
        ..ListRequest::default()
    };
    p.app.list(&caller, &object, &request).await.unwrap().records
}

/// The rule that is stored for an activity, without its end of constants.
async fn rule(p: &Place, id: &str) -> String {
    let caller = Caller::system(&p.workspace, Via::Cli);
    let object = p.app.object(&caller, "activities").unwrap();
    let record = p.app.get(&caller, &object, id.parse().unwrap()).await.unwrap();
    let rule = record.get(activity::RECURRENCE).as_str().unwrap_or_default();
    rule.replace(";SKIP=BACKWARD;WKST=SA", "")
}

#[db_test]
async fn what_is_chosen_is_the_rule_and_is_said_in_words(db: TestDb) {
    let p = place_on(&db).await;
    let jalali = "DTSTART=20261208;RSCALE=PERSIAN;FREQ=";
    let gregorian = "DTSTART=20261208;RSCALE=GREGORIAN;FREQ=";
    for (language, calendar, form, start, wanted, words) in [
        (
            "fa",
            "jalali",
            "=daily&.every=۲",
            jalali,
            "DAILY;INTERVAL=2",
            "هر ۲ روز",
        ),
        (
            "fa",
            "jalali",
            "=weekly",
            jalali,
            "WEEKLY;INTERVAL=1;BYDAY=TU",
            "هر هفته، سه‌شنبه",
        ),
        (
            "fa",
            "jalali",
            "=weekly&.every=2&.mo=on&.sa=on&.end=until&.until=۱۴۰۵/۱۲/۲۹",
            jalali,
            "WEEKLY;INTERVAL=2;BYDAY=SA,MO;UNTIL=20270320",
            "هر ۲ هفته، شنبه و دوشنبه، تا ۲۹ اسفند ۱۴۰۵",
        ),
        (
            "fa",
            "jalali",
            "=monthly",
            jalali,
            "MONTHLY;INTERVAL=1;BYMONTHDAY=17",
            "روز ۱۷ هر ماه شمسی",
        ),
        (
            "fa",
            "jalali",
            "=monthly&.on=weekday&.nth=-1&.weekday=FR&.end=count&.count=۵",
            jalali,
            "MONTHLY;INTERVAL=1;BYDAY=-1FR;COUNT=5",
            "آخرین جمعهٔ هر ماه شمسی، ۵ بار",
        ),
        (
            "fa",
            "jalali",
            "=monthly&.on=last",
            jalali,
            "MONTHLY;INTERVAL=1;BYMONTHDAY=-1",
            "آخرین روز هر ماه شمسی",
        ),
        (
            "fa",
            "jalali",
            "=yearly",
            jalali,
            "YEARLY;INTERVAL=1;BYMONTH=9;BYMONTHDAY=17",
            "هر سال، ۱۷ آذر",
        ),
        // The other calendar than one's own.
        (
            "fa",
            "jalali",
            "=monthly&.calendar=gregorian",
            gregorian,
            "MONTHLY;INTERVAL=1;BYMONTHDAY=8",
            "روز ۸ هر ماه میلادی",
        ),
        (
            "en",
            "gregorian",
            "=monthly&.every=3&.on=day&.day=31",
            gregorian,
            "MONTHLY;INTERVAL=3;BYMONTHDAY=31",
            "day 31 of every 3 months",
        ),
        (
            "en",
            "gregorian",
            "=monthly&.on=weekday&.nth=2&.weekday=WE&.end=until&.until=2027-06-30",
            gregorian,
            "MONTHLY;INTERVAL=1;BYDAY=2WE;UNTIL=20270630",
            "the second Wednesday of every month, until 30 June 2027",
        ),
        (
            "en",
            "gregorian",
            "=yearly&.calendar=jalali&.end=count&.count=3",
            jalali,
            "YEARLY;INTERVAL=1;BYMONTH=9;BYMONTHDAY=17;COUNT=3",
            "every year on 17 Azar, 3 times",
        ),
        // A word that an address may say.
        (
            "en",
            "gregorian",
            "=fortnightly",
            gregorian,
            "WEEKLY;INTERVAL=2;BYDAY=TU",
            "every 2 weeks on Tuesday",
        ),
    ] {
        prefer(&p, language, calendar).await;
        let given: Vec<String> = form
            .split('&')
            .map(|part| part.split_once('=').unwrap())
            .map(|(k, v)| format!("recurrence{k}={}", enc(v)))
            .collect();
        let given = given.join("&");
        let id = p
            .id("activities", &format!("subject=Review&kind=task&{DUE}&{given}"))
            .await;
        // A count and an end stand behind the constants.
        assert_eq!(rule(&p, &id).await, format!("{start}{wanted}"), "{form}");
        let page = p.get(&format!("/activities/{id}")).await.body;
        assert!(page.contains(words), "{form}: {words}");
        let list = p.get("/activities?columns=subject,recurrence").await.body;
        assert!(list.contains(words), "{form}: {words} in the list");
        // The same words while it is typed, and the days that follow.
        let said = p.get(&format!("/calendar/words?{DUE}&{given}")).await;
        let said = said.json();
        assert_eq!(said["wrong"], false);
        assert!(said["words"].as_str().unwrap().starts_with(words), "{said}");
        // The form shows what was chosen: sent back untouched, in either language, it changes nothing.
        for (language, calendar) in [("fa", "jalali"), ("en", "gregorian")] {
            prefer(&p, language, calendar).await;
            let edit = format!("/activities/{id}/edit");
            let form_page = p.get(&edit).await.body;
            let sent = as_sent(&form_page);
            assert!(sent.contains("recurrence.every="), "{sent}");
            let saved = p.post(&edit, &sent).await;
            assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
            assert_eq!(rule(&p, &id).await, format!("{start}{wanted}"), "{sent}");
        }
    }
}

#[db_test]
async fn what_cannot_be_is_said_beside_the_field_and_stays_typed(db: TestDb) {
    let p = place_on(&db).await;
    for (language, given, typed, said) in [
        ("en", "=weekly&recurrence.every=0", "value=\"0\"", "from 1 to 999"),
        (
            "fa",
            "=daily&recurrence.every=%D8%AF%D9%88",
            "value=\"دو\"",
            "از ۱ تا ۹۹۹",
        ),
        (
            "en",
            "=monthly&recurrence.on=day&recurrence.day=32",
            "value=\"32\"",
            "from 1 to 31",
        ),
        (
            "fa",
            "=daily&recurrence.end=count&recurrence.count=",
            "value=\"count\" selected",
            "از ۱ تا ۹٬۹۹۹",
        ),
        (
            "en",
            "=daily&recurrence.end=until&recurrence.until=",
            "value=\"until\" selected",
            "Say the last day",
        ),
        (
            "en",
            "=daily&recurrence.end=until&recurrence.until=soon",
            "value=\"soon\"",
            "Last day",
        ),
        // Beyond what is typed: the rule ends before the activity.
        (
            "en",
            "=daily&recurrence.end=until&recurrence.until=2026-12-07",
            "value=\"2026-12-07\"",
            "ends before",
        ),
        (
            "fa",
            "=hourly",
            "value=\"hourly\" class=\"kept\" selected",
            "شیوهٔ تکرار خوانده نشد",
        ),
    ] {
        prefer(&p, language, "gregorian").await;
        let answer = p
            .post(
                "/activities/new",
                &format!("subject=Kept&kind=task&{DUE}&recurrence{given}"),
            )
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{given}");
        let error = between(&answer.body, "id=\"e-recurrence\">", "</p>");
        assert!(error.contains(said), "{given}: {error}");
        assert!(answer.body.contains(typed), "{given}: {typed}");
        assert!(answer.body.contains("value=\"Kept\""));
        assert!(answer.body.contains("aria-describedby=\"e-recurrence\""));
    }
    assert_eq!(activities(&p, "subject = \"Kept\"").await.len(), 0);
    // The script is told too, and nothing is said of nothing.
    let wrong = p
        .get("/calendar/words?recurrence=daily&recurrence.every=x")
        .await
        .json();
    assert_eq!(wrong["wrong"], true, "{wrong}");
    let none = p.get("/calendar/words?recurrence=").await.json();
    assert_eq!((&none["words"], &none["wrong"]), (&"".into(), &false.into()));
}

/// A rule that the parts cannot say stands there in words and stays, whatever else is changed.
#[db_test]
async fn a_rule_that_the_form_cannot_say_is_kept(db: TestDb) {
    let p = place_on(&db).await;
    prefer(&p, "en", "gregorian").await;
    // Every year on another day than the activity's own.
    let foreign = "DTSTART=20261208;RSCALE=PERSIAN;FREQ=YEARLY;INTERVAL=1;BYMONTH=1;BYMONTHDAY=13";
    let whole = format!("{foreign};SKIP=BACKWARD;WKST=SA");
    let id = p
        .id(
            "activities",
            &format!("subject=Picnic&kind=task&{DUE}&recurrence={}", enc(&whole)),
        )
        .await;
    assert_eq!(rule(&p, &id).await, foreign);
    let edit = format!("/activities/{id}/edit");
    let page = p.get(&edit).await.body;
    assert!(
        page.contains(&format!(
            "<option value=\"{whole}\" class=\"kept\" selected>every year on 13 Farvardin"
        )),
        "{}",
        between(&page, "data-words", "</select>")
    );
    let sent = as_sent(&page).replace("Picnic", "Sizdah");
    assert_eq!(p.post(&edit, &sent).await.status, StatusCode::SEE_OTHER);
    assert_eq!(rule(&p, &id).await, foreign);
    assert_eq!(activities(&p, "subject = \"Sizdah\"").await.len(), 1);
    // Something else can be chosen instead, also of the field alone, in a cell and for many at once.
    let alone = format!("/activities/{id}/edit/recurrence");
    assert!(
        p.get(&alone)
            .await
            .body
            .contains("name=\"recurrence.from\" value=\"2026-12-08\"")
    );
    p.post(&alone, "recurrence=yearly").await;
    assert!(
        rule(&p, &id)
            .await
            .contains("RSCALE=GREGORIAN;FREQ=YEARLY;INTERVAL=1;BYMONTH=12;BYMONTHDAY=8")
    );
    let cell = format!("/activities/{id}/cell/recurrence");
    assert!(p.get(&cell).await.body.contains("name=\"recurrence.every\""));
    let saved = p
        .script(
            &cell,
            "columns=recurrence&recurrence=weekly&recurrence.th=on&recurrence.mo=on",
        )
        .await
        .json();
    assert!(
        saved["cells"]["recurrence"]
            .as_str()
            .unwrap()
            .contains("every week on Monday and Thursday"),
        "{saved}"
    );
    let refused = p.script(&cell, "recurrence=weekly&recurrence.every=1000").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let other = p
        .id("activities", "subject=Other&kind=task&due_at=2026-12-10")
        .await;
    let many = format!(
        "id={id}&id={other}&do=set&field=recurrence&recurrence=monthly&recurrence.end=count&recurrence.count=4"
    );
    p.script("/activities/bulk", &many).await;
    assert!(
        rule(&p, &id)
            .await
            .ends_with("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=8;COUNT=4")
    );
    assert!(
        rule(&p, &other)
            .await
            .ends_with("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=10;COUNT=4")
    );
    p.post(&alone, "recurrence=").await;
    assert_eq!(rule(&p, &id).await, "");
}

/// What is due at midnight is on its own day, though it is still the day before in Greenwich: of two weekdays that follow each
/// other none is left out.
#[db_test]
async fn weekdays_that_follow_each_other_all_come(db: TestDb) {
    let p = place_on(&db).await;
    let form =
        "subject=Shift&kind=task&due_at=2026-12-05&recurrence=weekly&recurrence.sa=on&recurrence.su=on";
    p.id(
        "activities",
        &format!("{form}&recurrence.end=count&recurrence.count=4"),
    )
    .await;
    let mut days = Vec::new();
    for _ in 0..6 {
        let open = activities(&p, "subject = \"Shift\" AND status = open").await;
        let [one] = open.as_slice() else { break };
        let due = one.get(activity::DUE_AT).as_instant().unwrap();
        days.push(due.to_string());
        p.post(&format!("/activities/{}/done", one.id()), "to=/").await;
    }
    let midnights = ["2026-12-04", "2026-12-05", "2026-12-11", "2026-12-12"];
    assert_eq!(days.len(), 4, "{days:?}");
    for (day, wanted) in days.iter().zip(midnights) {
        assert!(day.starts_with(&format!("{wanted}T20:30")), "{day} for {wanted}");
    }
    // What has only a start stands on the calendar at its later times too.
    p.id(
        "activities",
        "subject=Standup&kind=meeting&starts_at=2026-12-06+09:00&ends_at=2026-12-06+09:15&recurrence=weekly",
    )
    .await;
    let later = p
        .get("/calendar?view=day&at=2026-12-20&calendar=gregorian")
        .await
        .body;
    assert!(later.contains("Standup") && later.contains("ghost"));
    let not = p
        .get("/calendar?view=day&at=2026-12-21&calendar=gregorian")
        .await
        .body;
    assert!(!not.contains("Standup"));
}

/// The line at a record's story understands the words as well, and what it does not understand stands in the full form.
#[db_test]
async fn what_is_added_to_a_story_repeats(db: TestDb) {
    let p = place_on(&db).await;
    prefer(&p, "fa", "jalali").await;
    let contact = p.make("contacts", "name.family=Sara").await;
    let page = p.get(&contact).await;
    assert!(page.body.contains("name=\"repeat\"") && page.body.contains("<option value=\"هفتگی\">"));
    let add = async |text: &str, words: &str| {
        let typed = format!(
            "kind=task&body={text}&when=2026-12-08+10:00&repeat={}",
            enc(words)
        );
        p.post(&format!("{contact}/story"), &typed).await
    };
    for (text, words, wanted) in [
        ("one", "هفتگی", "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU"),
        ("two", "every 2 months", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=17"),
        ("three", "", ""),
    ] {
        assert_eq!(add(text, words).await.status, StatusCode::SEE_OTHER, "{words}");
        let made = activities(&p, &format!("subject = \"{text}\"")).await;
        let stored = rule(&p, &made[0].id().to_string()).await;
        let wanted = if wanted.is_empty() {
            String::new()
        } else {
            format!("DTSTART=20261208;RSCALE=PERSIAN;{wanted}")
        };
        assert_eq!(stored, wanted, "{words}");
    }
    let refused = add("four", "گاهی").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let error = between(&refused.body, "id=\"e-repeat\">", "</span>");
    assert!(
        error.contains("«تکرار»") && error.contains("گاهی") && error.contains("«هر دو ماه»"),
        "{error}"
    );
    assert!(refused.body.contains("name=\"repeat\" value=\"گاهی\""));
    assert!(refused.body.contains(">four</textarea>"));
    assert_eq!(activities(&p, "subject = \"four\"").await.len(), 0);
}
