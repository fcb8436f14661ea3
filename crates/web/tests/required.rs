//! Required fields of a firm's own: switched on and off again, and asked for where a lead is noted.

mod common;

use axum::http::StatusCode;
use common::{Place, between, place};

/// A field of one's own: the address under which it is changed.
async fn field(p: &Place, object: &str, name: &str, more: &str) -> String {
    let at = format!("/settings/objects/{object}");
    let made = p.post(&at, &format!("fa={name}&en={name}&type=text{more}")).await;
    assert_eq!(made.to(), at, "{}", made.body);
    let page = p.get(&at).await.body;
    let row = between(&page, &format!("id=\"field-{}\"", name.to_lowercase()), "</tr>");
    between(row, "action=\"", "\"").to_owned()
}

#[tokio::test]
async fn required_and_in_lists_are_switched_on_and_off() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let old = p.make("companies", "name=Old").await;
    let at = field(&p, "company", "Budget", "&required=on").await;
    let names = "fa=Budget&en=Budget&switches=on";
    let boxes = async |name: &str| {
        let page = p.get("/settings/objects/company").await.body;
        assert!(page.contains("cannot be emptied"), "what follows is not said");
        let row = between(&page, "id=\"field-budget\"", "</tr>").to_owned();
        between(&row, &format!("name=\"{name}\" value=\"on\""), ">").contains("checked")
    };
    assert!(boxes("required").await && !boxes("list").await);
    let without = "name=Alborz";
    let refused = p.post("/companies/new", without).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // What was there before it was required is changed as ever.
    let renamed = p.post(&format!("{old}/edit/name"), "name=Older").await;
    assert!(renamed.status.is_redirection(), "{}", renamed.body);
    // A form without the boxes says nothing of them.
    p.post(&at, "fa=Budget&en=Budget").await;
    assert!(boxes("required").await);

    let off = p.post(&at, &format!("{names}&list=on")).await;
    assert_eq!(off.to(), "/settings/objects/company", "{}", off.body);
    assert!(!boxes("required").await && boxes("list").await);
    p.make("companies", without).await;
    assert!(p.get("/companies").await.body.contains("Budget"));

    p.post(&at, &format!("{names}&required=on")).await;
    assert!(boxes("required").await && !boxes("list").await);
    let refused = p.post("/companies/new", without).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // Together with another name.
    p.post(&at, "fa=Money&en=Money&switches=on").await;
    let page = p.get("/settings/objects/company").await.body;
    let row = between(&page, "id=\"field-budget\"", "</tr>");
    assert!(row.contains("Money") && !row.contains("checked"), "{row}");
}

#[tokio::test]
async fn a_lead_is_asked_for_what_the_firm_requires() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    // A name that the form itself has for something else.
    field(&p, "contact", "Reach", "&required=on").await;
    field(&p, "contact", "Hobby", "").await;
    field(&p, "deal", "Budget", "&required=on").await;
    let form = p.get("/quick").await.body;
    for name in ["contact.reach", "deal.budget"] {
        assert!(form.contains(&format!("name=\"{name}\"")), "{name}: {form}");
    }
    assert!(!form.contains("hobby"), "{form}");

    let beside = |body: &str, key: &str| body.contains(&format!("id=\"e-{key}\""));
    let bare = p.post("/quick", "name=Sara&wish=Pumps&deal.budget=77").await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(beside(&bare.body, "contact.reach") && !beside(&bare.body, "deal.budget"));
    for kept in ["value=\"Sara\"", "value=\"Pumps\"", "value=\"77\""] {
        assert!(bare.body.contains(kept), "{kept}");
    }
    // A lead alone needs nothing of a deal.
    let lead = p.post("/quick", "name=Sara&contact.reach=wide").await;
    assert!(lead.to().starts_with("/contacts/"), "{}", lead.body);
    let contact = lead.to().to_owned();
    assert!(p.get(&contact).await.body.contains("wide"));
    // With a deal it does; nothing is made until all of it is there.
    let poor = p.post("/quick", "name=Omid&contact.reach=near&deal=1").await;
    assert_eq!(poor.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(beside(&poor.body, "deal.budget") && !beside(&poor.body, "contact.reach"));
    assert!(!p.get("/contacts").await.body.contains("Omid"));
}

#[tokio::test]
async fn a_deal_is_made_with_what_the_firm_requires() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let line = p.id("pipelines", "name=Sales").await;
    p.make(
        "stages",
        &format!("name=First&kind=open&pipeline_id={line}&pipeline_id.id={line}"),
    )
    .await;
    field(&p, "deal", "Budget", "&required=on").await;
    let both = p
        .post("/quick", "name=Omid&wish=Valves&deal.budget=4321&deal=1")
        .await;
    assert!(both.to().starts_with("/deals/"), "{}", both.body);
    let deal = p.get(both.to()).await.body;
    assert!(deal.contains("4321") && deal.contains("Valves"), "{deal}");
    // From a contact, which has no place for it, the way leads to the form of the deal.
    let contact = p.make("contacts", "name.family=Karimi").await;
    let asked = p.post(&format!("{contact}/deal"), "").await;
    let id = contact.rsplit('/').next().unwrap();
    assert!(
        asked.to().starts_with(&format!("/deals/new?contact_id={id}")),
        "{} {}",
        asked.to(),
        asked.body
    );
    let form = p.get(asked.to()).await.body;
    assert!(
        form.contains("name=\"budget\"") && form.contains("Karimi"),
        "{form}"
    );
}
