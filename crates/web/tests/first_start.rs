//! The first start in the pages: the firm begins as its first administrator says, without script.

mod common;

use axum::http::{StatusCode, header};
use common::{Place, between, empty_on, enc};
use peyvand_testkit::{TestDb, db_test};

const PERSON: &str = "name=Ann+Lee&email=ann%40example.com&password=kavir+morgh+setareh";

/// What is chosen in a choice of the page.
fn chosen<'a>(page: &'a str, name: &str) -> &'a str {
    let named = format!("name=\"{name}\"");
    let mut selects = page.split("<select ").skip(1);
    let options = selects.find(|s| s.split('>').next().is_some_and(|tag| tag.contains(&named)));
    let options = options
        .and_then(|s| s.split("</select>").next())
        .unwrap_or_default();
    let before = options.split(" selected").next().unwrap_or_default();
    before
        .rsplit("value=\"")
        .next()
        .unwrap_or_default()
        .trim_end_matches('"')
}

async fn token(p: &Place) -> String {
    p.app.create_set_up_link(&p.workspace).await.unwrap().unwrap()
}

/// The pages of whoever has been let in.
fn inside(p: &Place, answer: &common::Answer) -> Place {
    let cookies = answer.headers.get_all(header::SET_COOKIE);
    let session = cookies
        .iter()
        .filter_map(|c| c.to_str().ok()?.split(';').next())
        .find(|c| c.starts_with("peyvand_session="));
    p.of(session.unwrap_or_default().to_owned())
}

#[db_test]
async fn a_firm_elsewhere_is_set_up_in_english(db: TestDb) {
    let p = empty_on(&db, "en").await;
    let token = token(&p).await;
    let page = p.get(&format!("/set-up?token={token}")).await.body;
    assert_eq!(
        ["language", "calendar", "currency"].map(|n| chosen(&page, n)),
        ["en", "gregorian", "USD"]
    );
    assert!(page.contains("data-zone=\"own\""), "the browser puts its own in");
    // What cannot be is said beside its input, and the rest stays as it was typed.
    let form = |zone: &str| {
        let zone = enc(zone);
        format!("token={token}&{PERSON}&language=en&calendar=gregorian&time_zone={zone}&currency=GBP")
    };
    let refused = p.post("/set-up", &form("London")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = between(&refused.body, "id=\"e-time_zone\">", "</p>");
    assert!(said.contains("there is no such time zone"), "{said}");
    assert_eq!(chosen(&refused.body, "currency"), "GBP");
    assert!(refused.body.contains("value=\"London\"") && refused.body.contains("value=\"Ann Lee\""));

    let let_in = p.post("/set-up", &form("europe/london")).await;
    assert_eq!(let_in.status, StatusCode::SEE_OTHER, "{}", let_in.body);
    let ann = inside(&p, &let_in);
    let home = ann.get("/").await.body;
    assert!(home.contains("<html lang=\"en\" dir=\"ltr\""), "{home}");
    let roles = ann.get("/settings/roles").await.body;
    assert!(roles.contains("Salesperson") && !roles.contains("کارشناس فروش"));
    let preferences = ann.get("/preferences").await.body;
    assert_eq!(
        ["language", "calendar"].map(|n| chosen(&preferences, n)),
        ["en", "gregorian"]
    );
    assert!(preferences.contains("value=\"Europe/London\""));
    let settings = ann.get("/settings/workspace").await.body;
    assert!(settings.contains("value=\"GBP\"") && settings.contains("value=\"Europe/London\""));
    // The week begins on Monday, and Saturday is a day off.
    let hours = ann.get("/settings/hours").await.body;
    assert!(hours.find(">Monday<").unwrap() < hours.find(">Saturday<").unwrap());
    assert!(
        hours.contains("name=\"monday:0\" value=\"09:00\"")
            && hours.contains("name=\"saturday:0\" value=\"\"")
    );
    // The holidays of Iran are working days until somebody says otherwise.
    let nowruz = "Nowruz";
    let to = "/settings/holidays?year=2026";
    assert!(!ann.get(to).await.body.contains(nowruz));
    assert_eq!(
        ann.post("/settings/holidays/iran", "keep=yes").await.status,
        StatusCode::SEE_OTHER
    );
    assert!(ann.get(to).await.body.contains(nowruz));
    ann.post("/settings/holidays/iran", "keep=no").await;
    assert!(!ann.get(to).await.body.contains(nowruz));
    // Only an administrator says it.
    let reader = p.of(p.person("bob@example.com", "Bob", "reader").await);
    let refused = reader.post("/settings/holidays/iran", "keep=yes").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(!ann.get(to).await.body.contains(nowruz));
}

#[db_test]
async fn a_firm_in_iran_is_set_up_in_persian(db: TestDb) {
    let p = empty_on(&db, "fa").await;
    let token = token(&p).await;
    let page = p.get(&format!("/set-up?token={token}")).await.body;
    assert_eq!(
        ["language", "calendar", "currency"].map(|n| chosen(&page, n)),
        ["fa", "jalali", "IRR"]
    );
    assert!(page.contains("name=\"time_zone\" type=\"text\" value=\"Asia/Tehran\""));
    // Whoever leaves all of it as it is, or asks without it, has what the page showed.
    let let_in = p.post("/set-up", &format!("token={token}&{PERSON}")).await;
    assert_eq!(let_in.status, StatusCode::SEE_OTHER, "{}", let_in.body);
    let ann = inside(&p, &let_in);
    let home = ann.get("/").await.body;
    assert!(home.contains("<html lang=\"fa\" dir=\"rtl\""));
    let roles = ann.get("/settings/roles").await.body;
    assert!(roles.contains("کارشناس فروش") && !roles.contains("Salesperson"));
    let hours = ann.get("/settings/hours").await.body;
    assert!(hours.find(">شنبه<").unwrap() < hours.find(">دوشنبه<").unwrap());
    assert!(
        ann.get("/settings/holidays?year=1405")
            .await
            .body
            .contains("نوروز")
    );
}
