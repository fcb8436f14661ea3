//! How values are shown where they could mislead, and where the pages lead that follow an action.

mod common;

use axum::http::StatusCode;
use common::{between, enc, place_on};
use peyvand_testkit::{TestDb, db_test};

/// An address that only takes forms leads to the page behind it, so that whoever changes the language there arrives.
#[db_test]
async fn where_a_form_was_refused_one_is_led_to_the_page_behind(db: TestDb) {
    let p = place_on(&db).await;
    let contact = p.make("contacts", "name.family=Amini").await;
    let refused = p
        .post(&format!("{contact}/story"), "kind=task&body=x&when=never-ever")
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .body
            .contains(&format!("name=\"to\" value=\"{contact}/story\""))
    );
    for act in ["story", "deal", "move", "needs", "tags", "follow", "files"] {
        let led = p.get(&format!("{contact}/{act}")).await;
        assert_eq!(
            (led.status, led.to()),
            (StatusCode::SEE_OTHER, contact.as_str()),
            "{act}"
        );
    }
    let id = contact.rsplit('/').next().unwrap();
    for (from, to) in [
        ("/contacts/bulk".to_owned(), "/contacts"),
        ("/contacts/views".to_owned(), "/contacts"),
        (
            "/settings/objects/contact/3".to_owned(),
            "/settings/objects/contact",
        ),
        (format!("/calendar/{id}/move"), "/calendar"),
    ] {
        let led = p.get(&from).await;
        assert_eq!((led.status, led.to()), (StatusCode::SEE_OTHER, to), "{from}");
        assert_eq!(p.get(to).await.status, StatusCode::OK, "{to}");
    }
    // Only who looks is led on.
    let put = p.ask("PUT", &format!("{contact}/story"), "", "text/html").await;
    assert_eq!(put.status, StatusCode::METHOD_NOT_ALLOWED);
}

/// A code is copied, compared and told: it has the digits that it is stored in.
#[db_test]
async fn codes_keep_their_digits(db: TestDb) {
    let p = place_on(&db).await;
    let contact = p
        .make(
            "contacts",
            &format!("name.family={}&national_id={}", enc("امینی"), enc("۰۴۹۹۳۷۰۸۹۹")),
        )
        .await;
    let page = p.get(&contact).await.body;
    let shown = between(&page, "id=\"v-national_id\"", "</dd>");
    assert!(shown.contains("<bdi dir=\"ltr\">0499370899</bdi>"), "{shown}");
}

/// An amount in a filter reads as amounts do, in groups and with its unit.
#[db_test]
async fn amounts_in_chips_are_grouped(db: TestDb) {
    let p = place_on(&db).await;
    for (filter, shown) in [
        ("amount > 1000000000", "۱٬۰۰۰٬۰۰۰٬۰۰۰ ریال"),
        ("amount > 1234567 EUR", "۱٬۲۳۴٬۵۶۷"),
        ("probability > 50", ">۵۰<"),
    ] {
        let list = p.get(&format!("/deals?filter={}", enc(filter))).await.body;
        let chip = between(&list, "<span class=\"chip\">", "</a>");
        assert!(chip.contains(shown), "{filter}: {chip}");
    }
}

/// In short a small amount is whole, and a large one is cut; a sign stands before its number in the story too.
#[db_test]
async fn small_amounts_are_whole(db: TestDb) {
    let p = place_on(&db).await;
    let contact = p.id("contacts", "name.family=Amini").await;
    let deal = p
        .make(
            "deals",
            &format!("name=Small&amount=7450&contact_id.id={contact}&contact_id=Amini"),
        )
        .await;
    let related = p.get(&format!("/contacts/{contact}")).await.body;
    assert!(related.contains("۷٬۴۵۰ ریال"), "{related}");
    p.post(&format!("{deal}/edit/amount"), "amount=9300000&version=1")
        .await;
    let list = p.get("/deals").await.body;
    assert!(list.contains("۹٫۳"), "{list}");
    let story = p.get(&deal).await.body;
    let change = between(&story, "<dl class=\"diff\">", "</dl>");
    assert!(change.contains("<bdi>\u{200f}۷٬۴۵۰"), "{change}");
}

/// The figure of what is overdue and the day's own list of it are about the same activities.
#[db_test]
async fn overdue_means_one_thing_on_the_home_page(db: TestDb) {
    let p = place_on(&db).await;
    let home = p.get("/").await.body;
    let all = between(&home, "<ul class=\"figures\">", "</ul>");
    let figures: Vec<&str> = all
        .split("href=\"/activities?filter=")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|filter| filter.contains("due_at%20%3C"))
        .collect();
    assert_eq!(figures.len(), 1, "{all}");
    assert!(!figures.join("").contains("now%28%29"), "{figures:?}");
}

/// What stands in a person's story is deleted there, and a merge is taken back there.
#[db_test]
async fn one_stays_with_the_person(db: TestDb) {
    let p = place_on(&db).await;
    let a = p.make("contacts", "name.family=Amini").await;
    let b = p.make("contacts", "name.family=Bahrami").await;
    let other = b.rsplit('/').next().unwrap();
    let merged = p.post(&format!("{a}/merge"), &format!("other={other}")).await;
    assert_eq!(merged.to(), a);
    let flash = merged.headers.get("set-cookie").unwrap().to_str().unwrap();
    let undo = flash.split('|').nth(1).unwrap().to_owned();
    let back = p.post(&undo, "").await;
    assert_eq!((back.status, back.to()), (StatusCode::SEE_OTHER, a.as_str()));
    p.post(&format!("{a}/story"), "kind=note&body=Something").await;
    let page = p.get(&a).await.body;
    let note = format!("/notes/{}", between(&page, "href=\"/notes/", "\""));
    assert_eq!(p.post(&format!("{note}/delete"), "").await.to(), a);
    // What belongs to nobody leads to its list.
    assert_eq!(p.post(&format!("{a}/delete"), "").await.to(), "/contacts");
}

/// A country stands by its name in the language of the reader, in lists, on the record, in its form and in the chip of a
/// filter, which is asked by the name as well; a time zone that is none is said.
#[db_test]
async fn a_country_is_shown_by_its_name(db: TestDb) {
    let p = place_on(&db).await;
    let contact = p
        .make(
            "contacts",
            "name.family=Amini&country=Germany&time_zone=asia%2Ftehran",
        )
        .await;
    p.make("contacts", "name.family=Bakhtiar&country=ir").await;
    for (language, name, other) in [("fa", "آلمان", "Germany"), ("en", "Germany", "آلمان")] {
        p.post("/preferences", &format!("language={language}&to=/")).await;
        let filter = enc(&format!("country = \"{name}\""));
        for page in [
            contact.clone(),
            format!("{contact}/edit"),
            format!("/contacts?columns=name,country&filter={filter}"),
        ] {
            let body = p.get(&page).await.body;
            assert!(
                body.contains(name) && !body.contains(other),
                "{language} {page}: {body}"
            );
            assert!(!body.contains(">DE<") && !body.contains("value=\"DE\""), "{page}");
            assert!(body.contains("Amini") && !body.contains("Bakhtiar"), "{page}");
        }
        // What the form shows is read back as what is stored.
        let form = p.get(&format!("{contact}/edit")).await.body;
        let saved = p.post(&format!("{contact}/edit"), &common::as_sent(&form)).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        let by_code = p.get("/contacts?filter=country+%3D+%22DE%22").await.body;
        assert!(by_code.contains("Amini"));
    }
    let form = p.get(&format!("{contact}/edit")).await.body;
    assert!(between(&form, "id=\"f-time_zone\"", ">").contains("value=\"Asia/Tehran\""));
    let refused = p
        .post("/contacts/new", "name.family=Karimi&time_zone=Tehran")
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = between(&refused.body, "id=\"e-time_zone\">", "</p>");
    assert!(said.contains("there is no such time zone"), "{said}");
}

#[db_test]
async fn an_extension_is_said_in_words(db: TestDb) {
    let p = place_on(&db).await;
    let at = p
        .make(
            "contacts",
            &format!("name.family=Karimi&phones={}", enc("021 88776655 داخلی 12")),
        )
        .await;
    for (language, wanted) in [("en", "021 88776655 ext. 12"), ("fa", "۰۲۱ ۸۸۷۷۶۶۵۵ داخلی ۱۲")]
    {
        p.post("/preferences", &format!("language={language}&to=/")).await;
        let page = p.get(&at).await.body;
        let shown: String = between(&page, "tel:", "</dd>")
            .chars()
            .filter(|c| !('\u{2066}'..='\u{2069}').contains(c))
            .collect();
        assert!(shown.contains(wanted), "{shown}");
    }
}

#[db_test]
async fn a_year_is_written_as_years_are(db: TestDb) {
    let p = place_on(&db).await;
    let at = p.make("companies", "name=Negarin&founded_year=1370").await;
    let list = "/companies?columns=name,founded_year";
    for (language, wanted) in [("en", ">1370<"), ("fa", ">۱۳۷۰<")] {
        p.post("/preferences", &format!("language={language}&to=/")).await;
        for page in [at.as_str(), list] {
            let page = p.get(page).await.body;
            assert!(page.contains(wanted), "{language}");
            assert!(!page.contains("1,370") && !page.contains("۱٬۳۷۰"));
        }
    }
}
