//! Forms of changing a record: several people at once, and nothing written that its writer has not touched.

mod common;

use axum::http::StatusCode;
use common::{Answer, Place, as_body, between, enc, place_on, sent};
use peyvand_testkit::{TestDb, db_test};
use peyvand_web as _;

/// A contact with a value of most kinds, and a colleague who may be its owner.
async fn contact(p: &Place) -> String {
    p.post("/preferences", "language=en&to=/").await;
    let territory = p.id("territories", "name=North&kind=region").await;
    p.make(
        "contacts",
        &format!(
            "name.given=Sara&name.family=Karimi&job_title=Buyer&department=Sales&roles:buyer=on&roles:influencer=on\
             &territory_id={territory}&description=One%0D%0Atwo&phones=09121234567&birth_date=1990-02-03&lifecycle=acquired"
        ),
    )
    .await
}

/// What stands in a form, with some of it typed over.
fn over(form: &[(String, String)], typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = form.to_vec();
    for (key, text) in typed {
        form.retain(|(k, _)| k != key);
        form.push(((*key).to_owned(), (*text).to_owned()));
    }
    form
}

fn of<'a>(form: &'a [(String, String)], key: &str) -> &'a str {
    form.iter().find(|(k, _)| k == key).map_or("", |(_, x)| x)
}

async fn opened(p: &Place, at: &str) -> Vec<(String, String)> {
    sent(&p.get(&format!("{at}/edit")).await.body)
}

async fn save(p: &Place, at: &str, form: &[(String, String)]) -> Answer {
    p.post(&format!("{at}/edit"), &as_body(form)).await
}

#[db_test]
async fn a_form_takes_nothing_back_that_a_colleague_has_changed_meanwhile(db: TestDb) {
    let p = place_on(&db).await;
    let at = contact(&p).await;
    let south = p.id("territories", "name=South&kind=region").await;
    let form = opened(&p, &at).await;
    // A colleague changes a text, a link, a choice, several choices and the lines of a text.
    let mut theirs = over(
        &form,
        &[
            ("job_title", "Head buyer"),
            ("territory_id", &south),
            ("lifecycle", "retained"),
            ("roles:advocate", "on"),
            ("description", "Three\r\nfour"),
        ],
    );
    theirs.retain(|(k, _)| k != "roles:buyer");
    assert_eq!(save(&p, &at, &theirs).await.status, StatusCode::SEE_OTHER);
    // Who had the form open before changes another field.
    let mine = over(&form, &[("department", "Purchasing")]);
    let answer = save(&p, &at, &mine).await;
    assert_eq!(
        answer.status,
        StatusCode::SEE_OTHER,
        "no field was changed by both"
    );
    let now = opened(&p, &at).await;
    for (key, text) in [
        ("department", "Purchasing"),
        ("job_title", "Head buyer"),
        ("territory_id", south.as_str()),
        ("lifecycle", "retained"),
        ("roles:buyer", ""),
        ("roles:advocate", "on"),
        ("roles:influencer", "on"),
        ("description", "Three\nfour"),
        ("name.family", "Karimi"),
    ] {
        assert_eq!(of(&now, key), text, "{key}");
    }
    // One that is sent back as it was shown, even late, writes nothing at all.
    let version = of(&now, "version").to_owned();
    assert_eq!(save(&p, &at, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(of(&opened(&p, &at).await, "version"), version);
}

#[db_test]
async fn a_field_that_both_changed_is_shown_with_both_values_and_the_rest_as_it_is_now(db: TestDb) {
    let p = place_on(&db).await;
    let at = contact(&p).await;
    let form = opened(&p, &at).await;
    let theirs = over(&form, &[("job_title", "Head buyer"), ("city", "Qom")]);
    assert_eq!(save(&p, &at, &theirs).await.status, StatusCode::SEE_OTHER);
    let mine = over(&form, &[("job_title", "Adviser"), ("department", "Purchasing")]);
    let clash = save(&p, &at, &mine).await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert_eq!(
        clash.body.matches("class=\"theirs\"").count(),
        1,
        "one field alone"
    );
    let said = between(&clash.body, "class=\"theirs\"", "</p>");
    assert!(
        said.contains("Head buyer") && said.contains("theirs:job_title"),
        "{said}"
    );
    let again = sent(&clash.body);
    assert_eq!(of(&again, "job_title"), "Adviser");
    assert_eq!(of(&again, "department"), "Purchasing");
    assert_eq!(
        of(&again, "city"),
        "Qom",
        "what I left alone is shown as it is now"
    );
    // Nothing was written yet.
    assert_eq!(of(&opened(&p, &at).await, "department"), "Sales");
    // Saved again, with what both have seen.
    assert_eq!(save(&p, &at, &again).await.status, StatusCode::SEE_OTHER);
    let now = opened(&p, &at).await;
    assert_eq!(
        (of(&now, "job_title"), of(&now, "department"), of(&now, "city")),
        ("Adviser", "Purchasing", "Qom")
    );
    // Theirs taken; and what was typed before stays typed.
    let form = opened(&p, &at).await;
    save(&p, &at, &over(&form, &[("job_title", "Partner")])).await;
    let clash = save(
        &p,
        &at,
        &over(&form, &[("job_title", "Guest"), ("department", "Board")]),
    )
    .await;
    let again = over(&sent(&clash.body), &[("theirs:job_title", "on")]);
    assert_eq!(save(&p, &at, &again).await.status, StatusCode::SEE_OTHER);
    let now = opened(&p, &at).await;
    assert_eq!(
        (of(&now, "job_title"), of(&now, "department")),
        ("Partner", "Board")
    );
}

#[db_test]
async fn a_form_with_a_mistake_still_knows_what_it_showed(db: TestDb) {
    let p = place_on(&db).await;
    let at = contact(&p).await;
    let form = opened(&p, &at).await;
    let theirs = over(&form, &[("job_title", "Head buyer")]);
    assert_eq!(save(&p, &at, &theirs).await.status, StatusCode::SEE_OTHER);
    let wrong = over(&form, &[("birth_date", "soon"), ("department", "Purchasing")]);
    let refused = save(&p, &at, &wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let mended = over(&sent(&refused.body), &[("birth_date", "1991-02-03")]);
    assert_eq!(of(&mended, "department"), "Purchasing");
    assert_eq!(save(&p, &at, &mended).await.status, StatusCode::SEE_OTHER);
    let now = opened(&p, &at).await;
    assert_eq!(of(&now, "job_title"), "Head buyer");
    assert_eq!(of(&now, "department"), "Purchasing");
}

#[db_test]
async fn one_field_alone_is_held_the_same_way(db: TestDb) {
    let p = place_on(&db).await;
    let at = contact(&p).await;
    let alone = format!("{at}/edit/roles");
    let form = sent(&p.get(&alone).await.body);
    p.post(&alone, &as_body(&over(&form, &[("roles:advocate", "on")])))
        .await;
    // Sent back untouched, it takes nothing back; touched, both values are shown.
    assert_eq!(
        p.post(&alone, &as_body(&form)).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(of(&opened(&p, &at).await, "roles:advocate"), "on");
    let clash = p
        .post(&alone, &as_body(&over(&form, &[("roles:supporter", "on")])))
        .await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert!(between(&clash.body, "class=\"theirs\"", "</p>").contains("Advocate"));
}

/// A field whose form came by way of a list leads there again when it is saved, and nowhere else than to this site.
#[db_test]
async fn one_field_leads_back_to_where_its_form_came_from(db: TestDb) {
    let p = place_on(&db).await;
    let at = p.make("companies", "name=Alborz&city=Qom").await;
    let list = "/companies?columns=name,city&sort=-name";
    let form = format!("city=Yazd&to={}", enc(list));
    assert_eq!(p.post(&format!("{at}/edit/city"), &form).await.to(), list);
    assert!(p.get(&at).await.body.contains("Yazd"));
    let form = format!("city=Tabriz&to={}", enc("//evil.example"));
    assert_eq!(p.post(&format!("{at}/edit/city"), &form).await.to(), at);
    assert_eq!(p.post(&format!("{at}/edit/city"), "city=Ahvaz").await.to(), at);
    // What is refused keeps the way back.
    let name = format!("name=&to={}", enc(list));
    let refused = p.post(&format!("{at}/edit/name"), &name).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .body
            .contains("name=\"to\" value=\"/companies?columns=name,city"),
        "{}",
        refused.body
    );
}
