//! What an administrator sets up in the forms of the settings: what cannot be is refused beside its field, and nothing is
//! saved instead of it.

mod common;

use axum::http::StatusCode;
use common::{between, enc, place, place_on};
use peyvand_testkit::{TestDb, db_test};

/// A week in which only Saturday is worked, as the form sends it.
fn week(saturday: [&str; 4], zone: &str) -> String {
    let [a, b, c, d] = saturday.map(enc);
    format!(
        "saturday:0={a}&saturday:1={b}&saturday:2={c}&saturday:3={d}&zone={}",
        enc(zone)
    )
}

#[db_test]
async fn working_hours_are_taken_as_they_are_said_or_not_at_all(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&digits=latin&to=/").await;
    let to = "/settings/hours";
    for (form, said) in [
        (
            week(["08:00", "12:00", "", ""], "Mars/Phobos"),
            "There is no such time zone.",
        ),
        (
            week(["22:00", "06:00", "", ""], "Asia/Tehran"),
            "Split a night shift",
        ),
        (
            week(["08:00", "25", "", ""], "Asia/Tehran"),
            "A time cannot be read.",
        ),
        (
            week(["08:00", "12:00", "11:00", "14:00"], "Asia/Tehran"),
            "before the first one ends",
        ),
    ] {
        let refused = p.post(to, &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(refused.body.contains(said), "{form}: {}", refused.body);
        assert!(
            p.get(to).await.body.contains("come with the product") || !p.get(to).await.body.contains("Mars")
        );
    }
    let bad = p.post(to, &week(["۸", "", "", ""], "Mars/Phobos")).await.body;
    assert!(
        bad.contains("value=\"Mars/Phobos\""),
        "what was typed is kept: {bad}"
    );
    // A bare hour, and the end of the day.
    let saved = p
        .post(to, &week(["۸", "۱۲", "16", "24:00"], "Europe/Berlin"))
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    let page = p.get(to).await.body;
    let shown = |n: u8| between(&page, &format!("name=\"saturday:{n}\" value=\""), "\"").to_owned();
    assert_eq!(
        [shown(0), shown(1), shown(2), shown(3)],
        ["08:00", "12:00", "16:00", "24:00"]
    );
    assert!(page.contains("value=\"Europe/Berlin\""));
    // What the page shows can be saved again.
    let again = p
        .post(to, &week(["08:00", "12:00", "16:00", "24:00"], "Europe/Berlin"))
        .await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
}

#[db_test]
async fn a_rate_is_greater_than_zero_and_between_two_currencies(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let to = "/currency-rates/new";
    for (form, field) in [
        ("currency=EUR&base=IRR&rate=0", "rate"),
        ("currency=EUR&base=eur&rate=2", "base"),
        ("currency=XXQ&base=IRR&rate=2", "currency"),
        ("currency=EUR&base=ZZZ&rate=2", "base"),
    ] {
        let refused = p.post(to, &format!("{form}&valid_on=2026-11-01")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(
            refused.body.contains(&format!("id=\"e-{field}\"")),
            "{form}: {}",
            refused.body
        );
    }
    let rate = p
        .make(
            "currency-rates",
            "currency=eur&base=IRR&rate=700000&valid_on=2026-11-01",
        )
        .await;
    assert!(p.get(&rate).await.body.contains("EUR"));
    let refused = p.post(&format!("{rate}/edit/rate"), "rate=0").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let refused = p.post(&format!("{rate}/edit/base"), "base=EUR").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[db_test]
async fn a_token_is_made_of_ticked_rights_with_an_end(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&calendar=gregorian&digits=latin&to=/")
        .await;
    let to = "/settings/tokens";
    let page = p.get(to).await.body;
    assert!(page.contains("name=\"scope:contacts:read\"") && page.contains("contacts:read, deals:write"));
    for (form, mark, said) in [
        ("name=&whole=*", "e-name", "Give it a name."),
        ("name=Shop", "e-scopes", "Choose a right."),
        (
            "name=Shop&scopes=contacts:look",
            "e-scopes",
            "“contacts:look” is no right that is known.",
        ),
        (
            "name=Shop&whole=*&expires=2001-01-01",
            "e-expires",
            "This day has passed.",
        ),
        ("name=Shop&whole=*&expires=whenever", "e-expires", "day"),
    ] {
        let refused = p.post(to, form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        let error = between(&refused.body, &format!("id=\"{mark}\">"), "</span>").to_owned();
        assert!(error.contains(said), "{form}: {error}");
        assert!(!refused.body.contains("data-token"));
        assert!(
            form.starts_with("name=&") || refused.body.contains("value=\"Shop\""),
            "{form}"
        );
    }
    // What was ticked stays ticked.
    let kept = p.post(to, "name=&scope:deals:write=on").await.body;
    assert!(
        kept[kept.find("name=\"scope:deals:write\"").unwrap()..]
            .split('>')
            .next()
            .unwrap()
            .contains("checked")
    );

    let form = "name=Shop&scope:contacts:read=on&scopes=deals:write,%20orders:read&expires=2090-05-06";
    let made = p.post(to, form).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    assert!(made.body.contains("data-token"));
    let caller = peyvand_app::Caller::system(&p.workspace, peyvand_core::Via::Cli);
    let lines = p.app.tokens(&caller).await.unwrap();
    assert_eq!(lines[0].scopes, "contacts:read deals:write orders:read");
    assert!(lines[0].expires_at.is_some());
    let list = p.get(to).await.body;
    assert!(list.contains("2090") && list.contains("Until"), "{list}");
    assert!(!list.contains(">expired<"));
}

#[tokio::test]
async fn the_numbering_shows_the_number_that_comes() {
    let p = place().await;
    let to = "/settings/numbering";
    p.post(to, "object=order&on=on&prefix=S-&width=4&next=7").await;
    for n in [7, 8] {
        p.make("orders", &format!("kind=sale&number=S-000{n}")).await;
    }
    let page = p.get(to).await.body;
    assert!(page.contains("S-۰۰۰۹") && !page.contains("S-۰۰۰۷"), "{page}");
    let order = p.make("orders", "kind=sale").await;
    assert!(p.get(&order).await.body.contains("S-0009"));
    assert!(p.get(to).await.body.contains("S-۰۰۱۰"));
}

#[tokio::test]
async fn people_have_a_role_and_an_address_of_their_own() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let to = "/settings/people";
    let refused = p.post(to, "name=Sara&email=sara@example.ir&role=").await;
    assert_eq!(
        refused.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        refused.body
    );
    assert!(
        refused.body.contains("this field must have a value"),
        "{}",
        refused.body
    );
    let taken = p
        .post(
            to,
            &format!("name=Negar&email=negar@example.ir&role={}", role(&p).await),
        )
        .await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(
        taken
            .body
            .contains("Somebody here has this e-mail address already."),
        "{}",
        taken.body
    );
    let sara = p.person("sara@example.ir", "Sara", "seller").await;
    assert!(!sara.is_empty());
    let id = p
        .app
        .user_by_email(&p.workspace, "sara@example.ir")
        .await
        .unwrap()
        .unwrap()
        .id();
    // When somebody was here is not for people to say.
    let form = p.get(&format!("/users/{id}/edit")).await.body;
    assert!(!form.contains("last_seen_at"));
    let nobody = p.post(&format!("/settings/people/{id}/hand-over"), "to=").await;
    assert!(nobody.status.is_client_error());
    assert!(
        nobody.body.contains("Choose who takes the work over."),
        "{}",
        nobody.body
    );
    // In the form of the record the field is named.
    let cell = p
        .script(&format!("/users/{id}/cell/email"), "email=negar@example.ir")
        .await;
    assert!(
        cell.status.is_client_error() && cell.body.contains("E-mail"),
        "{}",
        cell.body
    );
}

/// The id of the role that sells.
async fn role(p: &common::Place) -> peyvand_core::Id {
    p.app.role(&p.workspace, "seller").await.unwrap()
}

#[tokio::test]
async fn cards_are_made_of_people_and_companies_only() {
    let folder = tempfile::tempdir().unwrap();
    let p = common::place_in(Some(folder.path())).await;
    p.post("/preferences", "language=en&to=/").await;
    let refused = p.post("/export", "object=deals&format=vcf").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("vCard is for contacts and companies only."),
        "{}",
        refused.body
    );
    assert_eq!(
        p.post("/export", "object=contacts&format=vcf").await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn who_has_no_codes_does_not_ask_them_of_all() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let to = "/settings/workspace";
    let form = "currency=IRR&zone=Asia/Tehran&language=fa&calendar=jalali";
    let refused = p.post(to, &format!("{form}&codes=on")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("switch on your own one-time codes first"),
        "{}",
        refused.body
    );
    assert_eq!(p.get(to).await.status, StatusCode::OK, "nobody is led away");
    assert!(p.get(to).await.body.contains("their API tokens stop working"));
    assert_eq!(p.post(to, form).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_log_and_the_jobs_speak_the_language_of_the_reader() {
    let p = place().await;
    let kinds: Vec<String> = {
        let w =
            peyvand_app::jobs::Worker::new(std::sync::Arc::clone(&p.app), std::time::Duration::from_secs(1));
        w.kinds().map(str::to_owned).collect()
    };
    for kind in &kinds {
        p.app
            .enqueue(p.workspace.id, kind, "{}", p.app.clock.now(), None)
            .await
            .unwrap();
    }
    let page = p.get("/settings/jobs").await.body;
    let table = between(&page, "<tbody>", "</tbody>");
    for kind in &kinds {
        assert!(!table.contains(&format!(">{kind}<")), "{kind}: {table}");
    }
    assert!(
        kinds.len() >= 9 && table.contains("خالی کردن سطل بازیافت"),
        "{table}"
    );

    p.post(
        "/settings/workspace",
        "currency=IRR&zone=Asia/Tehran&language=fa&calendar=jalali&paused=on",
    )
    .await;
    p.post("/settings/tokens", "name=Shop&whole=*").await;
    let log = p.get("/settings/log").await.body;
    assert!(
        log.contains("توکن «Shop»") && log.contains("تنظیمات فضای کار") && log.contains("به حساب وارد شد"),
        "{log}"
    );
    for raw in ["signed-in", ">settings<", "workspace ·"] {
        assert!(!log.contains(raw), "{raw}: {log}");
    }
    assert!(between(&log, "name=\"what\"", "</select>").contains("value=\"view\""));
}

#[tokio::test]
async fn a_new_one_is_called_as_persian_calls_it() {
    let p = place().await;
    let new = p.get("/saved-views/new").await;
    let form = if new.status == StatusCode::OK {
        new.body
    } else {
        p.get("/lookup?q=%D9%86%D9%85%D8%A7").await.body
    };
    assert!(!form.contains("نما تازه"), "{form}");
    assert!(p.get("/contacts/new").await.body.contains("مخاطب تازه"));
}
