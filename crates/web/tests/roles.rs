//! The table of rights, used as a browser would: what is chosen holds at once, what cannot be read is named, who may not
//! change roles is refused, and an administrator always remains.

mod common;

use axum::http::StatusCode;
use common::{Place, between, enc, place_on};
use peyvand_app::Caller;
use peyvand_catalog::handles::role;
use peyvand_core::Via;
use peyvand_testkit::{TestDb, db_test};

/// The id of the role with this key.
async fn id(p: &Place, key: &str) -> String {
    let all = p.app.roles(&p.workspace).await.unwrap();
    all.iter()
        .find(|(r, _)| r.get(role::KEY).as_str() == Some(key))
        .map(|(r, _)| r.id().to_string())
        .expect("the role")
}

/// The rules of the role with this key, as JSON.
async fn rules(p: &Place, key: &str) -> serde_json::Value {
    let all = p.app.roles(&p.workspace).await.unwrap();
    all.iter()
        .find(|(r, _)| r.get(role::KEY).as_str() == Some(key))
        .map(|(_, rules)| serde_json::to_value(rules).unwrap())
        .expect("the role")
}

async fn version(p: &Place, id: &str) -> String {
    let page = p.get(&format!("/settings/roles/{id}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    between(&page.body, "name=\"version\" value=\"", "\"").to_owned()
}

async fn english(p: &Place) {
    let form =
        "language=en&calendar=gregorian&digits=latin&theme=system&time_zone=Asia%2FTehran&rial_display=rial";
    assert_eq!(p.post("/preferences", form).await.status, StatusCode::SEE_OTHER);
}

/// As somebody else.
async fn as_of(p: &Place, cookie: &str, method: &str, path: &str, form: &str) -> StatusCode {
    p.of(cookie.to_owned())
        .ask(method, path, form, "text/html")
        .await
        .status
}

/// What is chosen in the table and among the fields is what the holder may do with the next request; the log knows of it.
#[db_test]
async fn what_is_chosen_holds_at_once(db: TestDb) {
    let p = place_on(&db).await;
    english(&p).await;
    let seller = p.person("omid@example.com", "Omid", "seller").await;
    let contact = p.id("contacts", "name.family=Kamali&job_title=canaryjob").await;
    let at = format!("/contacts/{contact}");
    assert_eq!(
        as_of(&p, &seller, "GET", &at, "").await,
        StatusCode::NOT_FOUND,
        "a seller reads those of the team"
    );
    let role = id(&p, "seller").await;
    let to = format!("/settings/roles/{role}");
    let page = p.get(&to).await;
    assert!(page.body.contains("Omid"), "who holds it");
    assert!(
        page.body.contains("/settings/access?user="),
        "and what they may do in the end"
    );
    assert!(page.body.contains(r#"aria-label="Contacts: See""#));
    let form = format!(
        "version={}&name=Field+sales&contact:read=all",
        version(&p, &role).await
    );
    let saved = p.post(&to, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert_eq!(as_of(&p, &seller, "GET", &at, "").await, StatusCode::OK);
    let now = rules(&p, "seller").await;
    assert_eq!(now["objects"], serde_json::json!({"contact": {"read": "all"}}));
    assert_eq!(now["default"]["read"], "team", "what was not sent stays");
    assert_eq!(now["default"]["create"], "own");

    // A field that is hidden is gone from the next page.
    let theirs = p.of(seller.clone());
    assert!(theirs.get(&at).await.body.contains("canaryjob"));
    let fields = format!("{to}/fields/contact");
    let page = p.get(&fields).await;
    assert!(page.body.contains("field:job_title"), "{}", page.body);
    let form = format!(
        "version={}&field:job_title=hidden&field:owner_id=read_only",
        version(&p, &role).await
    );
    let saved = p.post(&fields, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    assert!(!theirs.get(&at).await.body.contains("canaryjob"));
    let now = rules(&p, "seller").await;
    assert_eq!(
        now["fields"],
        serde_json::json!({"contact": {"job_title": "hidden", "owner_id": "read_only"}})
    );
    assert_eq!(now["objects"]["contact"]["read"], "all", "the table stays");

    // As usual again, and the rule away.
    let form = format!(
        "version={}&name=Field+sales&contact:read=",
        version(&p, &role).await
    );
    assert_eq!(p.post(&to, &form).await.status, StatusCode::SEE_OTHER);
    assert_eq!(as_of(&p, &seller, "GET", &at, "").await, StatusCode::NOT_FOUND);
    assert_eq!(rules(&p, "seller").await["objects"], serde_json::json!({}));

    let log = p.get(&format!("/roles/{role}")).await;
    assert_eq!(log.status, StatusCode::OK);
    let system = Caller::system(&p.workspace, Via::Cli);
    let object = p.app.object(&system, "roles").unwrap();
    let entries = p
        .app
        .audit_of(&system, &object, role.parse().unwrap())
        .await
        .unwrap();
    let written = format!("{entries:?}");
    assert!(written.matches("rules").count() >= 3, "{written}");
}

/// A cell that cannot be read is named with what was sent, and nothing is saved; the rest of the form stays as typed.
#[db_test]
async fn a_cell_that_cannot_be_read_is_named(db: TestDb) {
    let p = place_on(&db).await;
    english(&p).await;
    p.person("omid@example.com", "Omid", "seller").await;
    let role = id(&p, "seller").await;
    let to = format!("/settings/roles/{role}");
    let before = rules(&p, "seller").await;
    let version = version(&p, &role).await;
    for (cell, named) in [
        ("contact:read=everywhere", "“Contacts: See”: “everywhere”"),
        ("deal:delete=%3Cb%3E", "“Deals: Delete”: “&#60;b&#62;”"),
        // Records that nobody owns are reached all or not at all.
        ("pipeline:update=own", "“Pipelines: Change”: “own”"),
        // Records that belong to another one have no reach of their own.
        ("order_line:read=all", "“Order lines: See”: “all”"),
        ("default:read=", "“Usual reach: See”: “”"),
        ("nothing:read=all", "“nothing:read”: “all”"),
        ("contact:burn=all", "“contact:burn”: “all”"),
    ] {
        let form = format!("version={version}&name=Sales&deal:read=team_and_below&{cell}");
        let a = p.post(&to, &form).await;
        assert_eq!(a.status, StatusCode::UNPROCESSABLE_ENTITY, "{cell}");
        assert!(
            a.body.contains(named),
            "{cell}: {}",
            between(&a.body, "role=\"alert\"", "</div>")
        );
        let deal = between(&a.body, "name=\"deal:read\"", "</select>");
        assert!(
            deal.contains(r#"value="team_and_below" selected"#),
            "what was chosen well stays: {deal}"
        );
    }
    for (cell, named) in [
        ("field:job_title=invisible", "“Job title”: “invisible”"),
        ("field:owner_id=hidden", "“Owner”: “hidden”"),
        ("field:shoe_size=hidden", "“field:shoe_size”: “hidden”"),
    ] {
        let form = format!("version={version}&field:city=masked&{cell}");
        let a = p.post(&format!("{to}/fields/contact"), &form).await;
        assert_eq!(a.status, StatusCode::UNPROCESSABLE_ENTITY, "{cell}");
        assert!(
            a.body.contains(named),
            "{cell}: {}",
            between(&a.body, "role=\"alert\"", "</div>")
        );
    }
    assert_eq!(rules(&p, "seller").await, before, "nothing was saved");
    let none = p.get(&format!("{to}/fields/shoes")).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
}

/// Who may not change roles is refused on every page and form of them, and nothing changes.
#[db_test]
async fn others_are_refused(db: TestDb) {
    let p = place_on(&db).await;
    let seller = p.person("omid@example.com", "Omid", "seller").await;
    let role = id(&p, "seller").await;
    let before = rules(&p, "seller").await;
    let to = format!("/settings/roles/{role}");
    for (method, path, form) in [
        ("GET", "/settings/roles".to_owned(), ""),
        ("POST", "/settings/roles".to_owned(), "name=Mine&from="),
        ("GET", to.clone(), ""),
        ("POST", to.clone(), "name=Mine&everything=on"),
        ("POST", to.clone(), "name=Mine&contact:read=all"),
        ("POST", format!("{to}/copy"), ""),
        ("POST", format!("{to}/delete"), ""),
        ("GET", format!("{to}/fields/contact"), ""),
        ("POST", format!("{to}/fields/contact"), "field:city="),
    ] {
        let status = as_of(&p, &seller, method, &path, form).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{method} {path}");
    }
    assert_eq!(rules(&p, "seller").await, before);
    assert_eq!(p.app.roles(&p.workspace).await.unwrap().len(), 2);
    let settings = p.of(seller);
    assert!(!settings.get("/settings").await.body.contains("/settings/roles"));
}

/// Whoever may change roles without being an administrator gives no right that they lack.
#[db_test]
async fn nobody_gives_what_they_lack(db: TestDb) {
    let p = place_on(&db).await;
    let system = Caller::system(&p.workspace, Via::Cli);
    let rules_of = serde_json::json!({
        "default": {"read": "all", "create": "team", "update": "team"},
        "objects": {"role": {"create": "all", "update": "all", "delete": "all"}}
    });
    p.app
        .save_role(&system, "staff", Some("Staff"), Some(&rules_of))
        .await
        .unwrap();
    p.app.save_role(&system, "new", Some("New"), None).await.unwrap();
    let theirs = p.of(p.person("sara@example.com", "Sara", "staff").await);
    let to = format!("/settings/roles/{}", id(&p, "new").await);
    let version = version(&p, &id(&p, "new").await).await;
    let more = [
        "everything=on",
        "contact:delete=own",
        "contact:update=all",
        "default:export=own",
    ];
    for cell in more {
        let a = theirs
            .post(&to, &format!("version={version}&name=New&{cell}"))
            .await;
        assert_eq!(a.status, StatusCode::FORBIDDEN, "{cell}");
    }
    let a = theirs
        .post(&to, &format!("version={version}&name=New&contact:update=team"))
        .await;
    assert_eq!(a.status, StatusCode::SEE_OTHER, "the control: {}", a.body);
    let admin = format!("/settings/roles/{}", id(&p, "admin").await);
    let a = theirs.post(&admin, "name=Mine&everything=on").await;
    assert_eq!(a.status, StatusCode::FORBIDDEN, "{}", a.body);
}

/// The last administrators' role keeps its right to everything; a role that is held is not thrown away; what somebody else
/// saved meanwhile is not written over.
#[db_test]
async fn an_administrator_remains(db: TestDb) {
    let p = place_on(&db).await;
    english(&p).await;
    p.person("omid@example.com", "Omid", "seller").await;
    let admin = id(&p, "admin").await;
    let to = format!("/settings/roles/{admin}");
    let form = format!("version={}&name=Boss", version(&p, &admin).await);
    let a = p.post(&to, &form).await;
    assert_eq!(a.status, StatusCode::CONFLICT);
    assert!(a.body.contains("Somebody must remain"), "{}", a.body);
    assert_eq!(rules(&p, "admin").await["everything"], true);

    let seller = id(&p, "seller").await;
    let to = format!("/settings/roles/{seller}");
    let a = p.post(&format!("{to}/delete"), "").await;
    assert_eq!(a.status, StatusCode::CONFLICT);
    assert!(a.body.contains("Somebody holds this role"), "{}", a.body);

    let old = version(&p, &seller).await;
    let form = format!("version={old}&name=Sales&contact:read=all");
    assert_eq!(p.post(&to, &form).await.status, StatusCode::SEE_OTHER);
    let form = format!("version={old}&name=Sales&contact:read=none&deal:read=own");
    let a = p.post(&to, &form).await;
    assert_eq!(a.status, StatusCode::CONFLICT, "{}", a.body);
    assert!(a.body.contains("“Contacts: See” is now: all"), "{}", a.body);
    assert_eq!(
        rules(&p, "seller").await["objects"],
        serde_json::json!({"contact": {"read": "all"}})
    );
}

/// A copy has the same rights under another key; a role made of nothing allows nothing; an empty name is refused.
#[db_test]
async fn a_role_is_copied(db: TestDb) {
    let p = place_on(&db).await;
    english(&p).await;
    p.person("omid@example.com", "Omid", "seller").await;
    let seller = id(&p, "seller").await;
    let to = format!("/settings/roles/{seller}");
    let form = format!(
        "version={}&field:city=masked&field:job_title=hidden",
        version(&p, &seller).await
    );
    assert_eq!(
        p.post(&format!("{to}/fields/contact"), &form).await.status,
        StatusCode::SEE_OTHER
    );
    let a = p.post(&format!("{to}/copy"), "").await;
    assert_eq!(a.status, StatusCode::SEE_OTHER, "{}", a.body);
    let copy = a.to().to_owned();
    assert_ne!(copy, to);
    // A second copy has a name of its own.
    let second = p.post(&format!("{to}/copy"), "").await;
    assert_eq!(second.status, StatusCode::SEE_OTHER, "{}", second.body);
    assert_eq!(
        p.post(&format!("{}/delete", second.to()), "").await.status,
        StatusCode::SEE_OTHER
    );
    let all = p.app.roles(&p.workspace).await.unwrap();
    let made = all
        .iter()
        .find(|(r, _)| copy.ends_with(&r.id().to_string()))
        .expect("the copy");
    assert_eq!(serde_json::to_value(&made.1).unwrap(), rules(&p, "seller").await);
    assert_ne!(made.0.get(role::KEY).as_str(), Some("seller"));
    assert!(p.get(&copy).await.body.contains("Nobody holds this role"));
    assert_eq!(
        p.post(&format!("{copy}/delete"), "").await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(p.get(&copy).await.status, StatusCode::NOT_FOUND);

    let a = p
        .post("/settings/roles", &format!("name={}&from=", enc("انبار")))
        .await;
    assert_eq!(a.status, StatusCode::SEE_OTHER, "{}", a.body);
    let none = rules(&p, "anbar").await;
    assert_eq!(none["default"], serde_json::json!({}));
    assert_eq!(none["everything"], false);
    let a = p.post("/settings/roles", "name=+&from=").await;
    assert_eq!(a.status, StatusCode::UNPROCESSABLE_ENTITY);
}
