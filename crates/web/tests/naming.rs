//! What a workspace calls its own objects, fields, choices and roles: the keys that come of it, and names that are taken.

mod common;

use axum::http::StatusCode;
use common::{between, enc, place, place_on};
use peyvand_testkit::{TestDb, db_test};

/// The address that an object of this name is given.
async fn object(p: &common::Place, form: &str) -> String {
    let made = p.post("/settings/objects", form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{form}: {}", made.body);
    made.to().to_owned()
}

#[db_test]
async fn persian_names_alone_make_an_object_its_fields_choices_and_a_role(db: TestDb) {
    let p = place_on(&db).await;
    let contracts = object(&p, &format!("fa={}", enc("شیراز"))).await;
    assert_eq!(contracts, "/settings/objects/shiraz");
    // What the product needs for itself gets a number, and so does what is taken.
    let reserved = object(&p, &format!("fa={}&en=Object", enc("چیز"))).await;
    assert_eq!(reserved, "/settings/objects/object_2");
    let own = object(&p, &format!("fa={}&en=Contact+point", enc("راه"))).await;
    assert_eq!(own, "/settings/objects/contact_point_2");
    // In English it is called by the only name that it has.
    p.post("/preferences", "language=en&to=/").await;
    assert!(p.get("/settings/objects").await.body.contains("شیراز"));
    p.post("/preferences", "language=fa&to=/").await;

    let field = format!(
        "fa={}&type=choice&choices={}&list=on",
        enc("تهران"),
        enc("شیرین\nمریم")
    );
    let made = p.post(&contracts, &field).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let page = p.get(&contracts).await.body;
    assert!(page.contains("id=\"field-tehran\""), "{page}");
    let choices = p.get(&format!("{contracts}/choices/tehran")).await.body;
    assert!(choices.contains("name=\"fa.shirin\"") && choices.contains("name=\"fa.maryam\""));
    let form = p.get("/shiraz/new").await.body;
    assert!(between(&form, "name=\"tehran\"", "</select>").contains("value=\"maryam\""));

    let role = p.post("/settings/roles", &format!("name={}", enc("شیرین"))).await;
    assert_eq!(role.status, StatusCode::SEE_OTHER, "{}", role.body);
    let keys: Vec<String> = p
        .app
        .roles(&p.workspace)
        .await
        .unwrap()
        .iter()
        .filter_map(|(r, _)| {
            r.get(peyvand_catalog::handles::role::KEY)
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    assert!(keys.contains(&"shirin".to_owned()), "{keys:?}");
}

#[tokio::test]
async fn a_deleted_field_leaves_its_name_to_another_and_keeps_its_own_key() {
    let p = place().await;
    let form = "fa=شماره&en=Shoe+size&type=number";
    let to = "/settings/objects/contact";
    assert_eq!(p.post(to, form).await.status, StatusCode::SEE_OTHER);
    let page = p.get(to).await.body;
    let row = between(&page, "id=\"field-shoe_size\"", "</tr>");
    let one = between(row, "action=\"", "\"").to_owned();
    p.post(&one, "delete=on&sure=on").await;
    let again = p.post(to, form).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    assert!(p.get(to).await.body.contains("id=\"field-shoe_size_2\""));
}

#[tokio::test]
async fn names_that_are_taken_or_too_long_are_refused() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let refused = async |to: &str, form: &str, said: &str| {
        let answer = p.post(to, form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{to} {form}");
        assert!(answer.body.contains(said), "{form}: {}", answer.body);
    };
    let objects = "/settings/objects";
    let contract = format!("fa={}&en=Contract", enc("قرارداد"));
    object(&p, &contract).await;
    refused(objects, &contract, "There is an object called “قرارداد” already.").await;
    let contact = format!("fa={}&en=Contact", enc("مخاطب"));
    refused(objects, &contact, "There is an object called “مخاطب” already.").await;
    // The same but for its case and its letters.
    let folded = format!("fa={}&en=contract", enc("قراردادها"));
    refused(objects, &folded, "There is an object").await;

    let long = "x".repeat(101);
    refused(objects, &format!("fa={long}"), "at most 100 letters").await;
    let to = "/settings/objects/contact";
    refused(to, &format!("fa={long}&type=text"), "at most 100 letters").await;
    // The list of types is not known to everybody who sends a form.
    refused(to, "fa=x&en=x&type=nonsense", "Choose the type of the field").await;

    let choices = "/settings/objects/company/choices/industry";
    let page = p.get(choices).await.body;
    let food = between(&page, "name=\"en.food\" value=\"", "\"").to_owned();
    let before = page.matches("name=\"en.").count();
    let form = format!("fa.%2B={}&en.%2B={}", enc("چیز دیگر"), enc(&food));
    refused(choices, &form, "stands there twice").await;
    let page = p.post(choices, &form).await.body;
    assert_eq!(
        page.matches("name=\"en.").count(),
        before,
        "the new row stands there once"
    );

    let roles = "/settings/roles";
    assert_eq!(
        p.post(roles, "name=Field+sales").await.status,
        StatusCode::SEE_OTHER
    );
    refused(roles, "name=field+sales", "another record has it already").await;
}

#[db_test]
async fn an_object_is_deleted_after_a_question_and_comes_back_with_its_records(db: TestDb) {
    let p = place_on(&db).await;
    p.post("/preferences", "language=en&to=/").await;
    let to = object(
        &p,
        &format!("fa={}&en=Contract&en_many=Contracts", enc("قرارداد")),
    )
    .await;
    let record = p.make("contracts", "name=Frame+agreement").await;
    // A field of another object leads to it.
    let link = "fa=x&en=Frame&type=link&to=contract";
    assert_eq!(
        p.post("/settings/objects/deal", link).await.status,
        StatusCode::SEE_OTHER
    );
    let delete = format!("{to}/delete");
    let asked = p.post(&delete, "").await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.body.contains("Delete “Contracts”?") && asked.body.contains("Records: 1."));
    assert_eq!(p.get(&record).await.status, StatusCode::OK, "nothing is gone yet");
    let held = p.post(&delete, "sure=on").await;
    assert_eq!(held.status, StatusCode::CONFLICT, "{}", held.body);
    assert!(held.body.contains("deal.frame"), "{}", held.body);

    let page = p.get("/settings/objects/deal").await.body;
    let field = between(between(&page, "id=\"field-frame\"", "</tr>"), "action=\"", "\"").to_owned();
    p.post(&field, "delete=on&sure=on").await;
    let gone = p.post(&delete, "sure=on").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.body);
    assert_eq!(p.get(&record).await.status, StatusCode::NOT_FOUND);
    for page in ["/", "/settings/log", "/bin", "/settings/roles", "/lookup?q=Frame"] {
        assert_eq!(p.get(page).await.status, StatusCode::OK, "{page}");
    }
    let list = p.get("/settings/objects").await.body;
    let back = format!("{to}/restore");
    assert!(list.contains("Deleted objects") && list.contains(&back));
    assert_eq!(p.post(&back, "").await.status, StatusCode::SEE_OTHER);
    assert!(p.get(&record).await.body.contains("Frame agreement"));
    // What the product ships stays; and it is an administrator's to say.
    let shipped = p.post("/settings/objects/contact/delete", "sure=on").await;
    assert_eq!(shipped.status, StatusCode::NOT_FOUND);
    let seller = p.of(p.person("sara@example.ir", "سارا", "seller").await);
    assert_eq!(
        seller.post(&delete, "sure=on").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(seller.post(&back, "").await.status, StatusCode::FORBIDDEN);
}
