//! With whom a record is shared: seen, added and taken away on a page of its own.

mod common;

use axum::http::StatusCode;
use common::{Place, between, place};
use peyvand_app::Caller;
use peyvand_core::{Id, Via};

/// A role that reaches only what is one's own, so that a share is what shows a record.
async fn narrow(p: &Place) {
    let rules = serde_json::json!({"default": {"read": "own", "create": "own", "update": "own"}});
    let system = Caller::system(&p.workspace, Via::Cli);
    p.app
        .save_role(&system, "narrow", Some("narrow"), Some(&rules))
        .await
        .unwrap();
}

async fn user(p: &Place, email: &str) -> Id {
    p.app
        .user_by_email(&p.workspace, email)
        .await
        .unwrap()
        .unwrap()
        .id()
}

/// The list of those with whom it is shared.
fn now(page: &str) -> &str {
    between(page, "id=\"shared-now\"", "</section>")
}

#[tokio::test]
async fn a_record_is_shared_seen_widened_and_taken_back() {
    let p = place().await;
    narrow(&p).await;
    let sara = p.of(p.person("sara@example.ir", "سارا رستمی", "narrow").await);
    let id = user(&p, "sara@example.ir").await;
    let at = p.make("companies", "name=Alborz").await;
    let shares = format!("{at}/shares");
    // Whose it is sees it in any case, and is not offered.
    let owner = user(&p, "negar@example.ir").await;
    let offered = p.get(&shares).await.body;
    let option = |who: Id| format!("<option value=\"{who}\"");
    assert!(offered.contains(&option(id)) && !offered.contains(&option(owner)));
    for (language, empty, see, change) in [
        (
            "fa",
            "این رکورد هنوز با کسی به اشتراک گذاشته نشده است.",
            "فقط ببیند",
            "ببیند و ویرایش کند",
        ),
        (
            "en",
            "This record is not shared with anybody yet.",
            "See it",
            "See and change it",
        ),
    ] {
        p.post("/preferences", &format!("language={language}&to=/")).await;
        assert!(p.get(&at).await.body.contains(&format!("href=\"{shares}\"")));
        assert!(now(&p.get(&shares).await.body).contains(empty));
        assert_eq!(sara.get(&at).await.status, StatusCode::NOT_FOUND);

        let done = p.post(&shares, &format!("with={id}&may=see")).await;
        assert_eq!(done.to(), at, "{}", done.body);
        let page = p.get(&shares).await.body;
        let list = now(&page);
        assert!(list.contains("سارا رستمی") && list.contains(see), "{list}");
        assert!(!list.contains(change) && !list.contains(empty), "{list}");
        assert_eq!(sara.get(&at).await.status, StatusCode::OK);
        // Who only sees it reads with whom it is shared, and can neither share it nor take that away.
        let theirs = sara.get(&shares).await;
        assert_eq!(theirs.status, StatusCode::OK);
        assert!(!theirs.body.contains("name=\"with\"") && !theirs.body.contains("name=\"off\""));
        for form in [format!("with={id}&may=change"), format!("off={id}")] {
            assert_eq!(sara.post(&shares, &form).await.status, StatusCode::FORBIDDEN);
        }

        // Shared once more with more: one line, and the way back leads to what was before.
        let wider = p.post(&shares, &format!("with={id}&may=change")).await;
        let page = p.get(&shares).await.body;
        assert!(now(&page).contains(change), "{page}");
        assert_eq!(now(&page).matches("<li>").count(), 1);
        let renamed = sara.post(&format!("{at}/edit/name"), "name=Damavand").await;
        assert!(renamed.status.is_redirection(), "{}", renamed.body);
        p.post(&undo(&wider), "").await;
        assert!(now(&p.get(&shares).await.body).contains(see));

        // Taken away by its button, which the same form sends with what else stands in it; and that undone.
        let off = p.post(&shares, &format!("with=&may=see&off={id}")).await;
        assert_eq!(off.to(), at, "{}", off.body);
        assert_eq!(sara.get(&at).await.status, StatusCode::NOT_FOUND);
        p.post(&undo(&off), "").await;
        assert_eq!(sara.get(&at).await.status, StatusCode::OK);
        p.post(&shares, &format!("off={id}")).await;
        assert!(now(&p.get(&shares).await.body).contains(empty));
    }
}

/// The address by which what was done is taken back.
fn undo(answer: &common::Answer) -> String {
    let cookie = answer.headers.get("set-cookie").unwrap().to_str().unwrap();
    cookie.split('|').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn a_team_is_one_to_share_with_and_what_is_wrong_stands_beside_the_field() {
    let p = place().await;
    narrow(&p).await;
    p.post("/preferences", "language=en&to=/").await;
    let at = p.make("deals", "name=Pumps").await;
    let shares = format!("{at}/shares");
    let team = p.app.create_team(&p.workspace, "North", None).await.unwrap();
    // Nobody chosen, somebody unknown: said beside the field, and what was chosen beside it stays.
    for with in ["", "01890000-0000-7000-8000-000000000000"] {
        let refused = p.post(&shares, &format!("with={with}&may=change")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{with}");
        let field = between(&refused.body, "id=\"f-with\"", "</div>");
        assert!(
            field.contains("aria-invalid=\"true\"") && field.contains("id=\"e-with\""),
            "{field}"
        );
        assert!(refused.body.contains("value=\"change\" selected"));
    }
    let done = p.post(&shares, &format!("with={team}&may=see")).await;
    assert_eq!(done.to(), at, "{}", done.body);
    let page = p.get(&shares).await.body;
    let list = now(&page);
    assert!(list.contains("North") && list.contains("Team"), "{list}");
    // What has no owner is not shared, and what one cannot see has no such page.
    let tag = p.make("tags", "name=Gold").await;
    assert_eq!(
        p.get(&format!("{tag}/shares")).await.status,
        StatusCode::NOT_FOUND
    );
    let other = p.of(p.person("omid@example.ir", "امید", "narrow").await);
    assert_eq!(other.get(&shares).await.status, StatusCode::NOT_FOUND);
}
