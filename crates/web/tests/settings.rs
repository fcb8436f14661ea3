//! What the firm is run with, as its administrator changes it in the pages, without script.

mod common;

use axum::http::StatusCode;
use common::{between, enc, place};

#[tokio::test]
async fn a_shipped_field_gets_choices_and_loses_none_that_is_stored() {
    let mut p = place().await;
    let to = "/settings/objects/company/choices/industry";
    let company = p.make("companies", "name=Acme&industry=tourism").await;
    let page = p.get(to).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("name=\"retired.tourism\"") && page.body.contains("name=\"fa.+\""));
    // Nothing typed, nothing changed.
    assert_eq!(p.post(to, "x=1").await.to(), to);
    assert!(
        p.app
            .schema_of(&p.app.workspace(Some("main")).await.unwrap())
            .choices
            .is_empty()
    );
    let form = format!(
        "fa.%2B={}&en.%2B=Carpets&color.%2B=anar&at.%2B=0&retired.tourism=on&fa.food={}&at.food=1",
        enc("فرش"),
        enc("خوراک")
    );
    assert_eq!(p.post(to, &form).await.to(), to);
    let form = p.get("/companies/new").await.body;
    let choices = between(&form, "name=\"industry\"", "</select>");
    assert!(choices.contains("value=\"carpets\"") && choices.contains("فرش") && choices.contains("خوراک"));
    assert!(!choices.contains("value=\"tourism\""));
    assert!(choices.find("carpets").unwrap() < choices.find("technology").unwrap());
    // The record keeps what it has, also when it is saved again.
    assert!(p.get(&company).await.body.contains("گردشگری"));
    let edit = p.get(&format!("{company}/edit")).await.body;
    assert!(between(&edit, "name=\"industry\"", "</select>").contains("value=\"tourism\" selected"));
    // The last one that is offered cannot go.
    let page = p.get(to).await.body;
    let all: Vec<String> = page
        .split("name=\"retired.")
        .skip(1)
        .filter_map(|s| Some(format!("retired.{}=on", s.split('"').next()?)))
        .collect();
    assert!(all.len() > 20);
    let refused = p.post(to, &all.join("&")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    // What the product acts by can be called otherwise, and nothing else.
    let fixed = "/settings/objects/deal/choices/status";
    let page = p.get(fixed).await.body;
    assert!(!page.contains("name=\"retired.") && !page.contains("name=\"fa.+\""));
    let form = format!(
        "fa.won={}&en.won=Gained&retired.lost=on&fa.%2B=x&en.%2B=x",
        enc("به‌دست‌آمده")
    );
    assert_eq!(p.post(fixed, &form).await.to(), fixed);
    let own = p
        .app
        .schema_of(&p.app.workspace(Some("main")).await.unwrap())
        .choices;
    let status = &own["deal"]["status"];
    assert_eq!(status.len(), 3);
    assert!(status.iter().all(|c| !c.retired) && status[1].en == "Gained");
    // For administrators only; a field without choices has no such page.
    assert_eq!(
        p.get("/settings/objects/deal/choices/name").await.status,
        StatusCode::NOT_FOUND
    );
    p.cookie = p.person("sara@example.ir", "سارا", "manager").await;
    assert_eq!(p.get(to).await.status, StatusCode::FORBIDDEN);
    assert_eq!(p.post(to, "fa.food=x").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn orders_are_numbered_where_nobody_gives_a_number() {
    let mut p = place().await;
    let to = "/settings/numbering";
    assert!(p.get(to).await.body.contains("value=\"order\""));
    let unnumbered = p.make("orders", "kind=sale").await;
    for (form, wrong) in [
        ("object=order&on=on&prefix=a+b&width=4&next=1", "e-p-order"),
        ("object=order&on=on&prefix=A&width=0&next=1", "e-w-order"),
        ("object=order&on=on&prefix=A&width=4&next=0", "e-n-order"),
    ] {
        let refused = p.post(to, form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(refused.body.contains(wrong), "{form}");
    }
    // Typed in Persian digits.
    let form = format!(
        "object=order&on=on&prefix=A-&width={}&next={}",
        enc("۴"),
        enc("۱۲")
    );
    assert_eq!(p.post(to, &form).await.to(), to);
    assert!(p.get(to).await.body.contains("A-۰۰۱۲"));
    let number = async |path: &str| {
        let object = p.app.workspace(Some("main")).await.unwrap();
        let def = object.catalog().object("order").unwrap().clone();
        let caller = peyvand_app::Caller::system(&object, peyvand_core::Via::Cli);
        let id = path.rsplit('/').next().unwrap().parse().unwrap();
        let record = p.app.get(&caller, &def, id).await.unwrap();
        record
            .get(peyvand_catalog::handles::order::NUMBER)
            .as_str()
            .map(str::to_owned)
    };
    assert_eq!(number(&unnumbered).await, None);
    let one = p.make("orders", "kind=sale").await;
    assert_eq!(number(&one).await.as_deref(), Some("A-0012"));
    // One that somebody took is stepped over, and an own number stays.
    let own = p.make("orders", "kind=sale&number=A-0013").await;
    assert_eq!(number(&own).await.as_deref(), Some("A-0013"));
    let next = p.make("orders", "kind=sale").await;
    assert_eq!(number(&next).await.as_deref(), Some("A-0014"));
    assert_eq!(p.post(to, "object=order").await.to(), to);
    let off = p.make("orders", "kind=sale").await;
    assert_eq!(number(&off).await, None);
    assert_eq!(
        p.post(to, "object=contact&on=on&prefix=&width=1&next=1")
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    p.cookie = p.person("sara@example.ir", "سارا", "manager").await;
    for path in [to, "/settings/backup"] {
        assert_eq!(p.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(p.post(to, "object=order").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_page_of_backups_warns_while_none_is_known_or_the_newest_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let p = common::place_in(Some(folder.path())).await;
    let none = p.get("/settings/backup").await;
    assert_eq!(none.status, StatusCode::OK);
    assert!(none.body.contains("bad-box") && none.body.contains("peyvand backup FILE"));
    let now = p.app.clock.now().micros();
    let file = folder.path().join("one.pvb");
    std::fs::write(&file, "x").unwrap();
    let day = peyvand_core::Instant::DAY;
    for (at, size, warns) in [
        (now, 1, false),
        (now - 6 * day, 1, false),
        (now - 8 * day, 1, true),
        (now, 2, true),
    ] {
        let known = serde_json::json!({
            "backup": {"file": file, "at": at, "size": size, "records": 1234, "key_inside": false},
            "log": {"at": at, "sealed": 7, "holds": true},
        });
        std::fs::write(folder.path().join("upkeep.json"), known.to_string()).unwrap();
        let page = p.get("/settings/backup").await.body;
        assert_eq!(page.contains("bad-box"), warns, "{known}");
        assert!(page.contains("one.pvb") && page.contains("۱٬۲۳۴"), "{page}");
    }
    let broken = serde_json::json!({"log": {"at": 1, "sealed": 7, "holds": false}});
    std::fs::write(folder.path().join("upkeep.json"), broken.to_string()).unwrap();
    assert!(p.get("/settings/backup").await.body.contains("bad-box"));
}

/// What happened to somebody's security, and how much went out, is told in words of the reader's language.
#[tokio::test]
async fn the_log_speaks_the_language_of_the_reader() {
    let p = place().await;
    p.make("contacts", "name.family=Amini").await;
    assert_eq!(p.get("/contacts/export").await.status, StatusCode::OK);
    let signed_in = p.get("/settings/log?what=security").await.body;
    assert!(signed_in.contains("به حساب وارد شد"), "{signed_in}");
    let exported = p.get("/settings/log?what=export").await.body;
    assert!(exported.contains("۱ رکورد"), "{exported}");
    for (page, raw) in [
        (&signed_in, "signed-in"),
        (&exported, "records"),
        (&exported, "restricted"),
    ] {
        let table = between(page, "<tbody", "</tbody>");
        assert!(!table.contains(raw), "{raw}: {table}");
    }
    p.post("/preferences", "language=en&to=/").await;
    assert!(
        p.get("/settings/log?what=security")
            .await
            .body
            .contains("Signed in")
    );
}

/// The log is narrowed by who, what, on what, by which road and when, and says from what to what.
#[tokio::test]
async fn the_log_is_browsed() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let at = p.make("companies", "name=Alborz&city=Qom").await;
    p.post(&format!("{at}/edit/city"), "city=Yazd").await;
    p.post(&format!("{at}/tags"), "name=VIP").await;
    p.make("contacts", "name.family=Amini&national_id=0499370899")
        .await;
    let rows = |body: &str| body.matches("<tr>").count() - 1;
    let page = p.get("/settings/log?on=company&what=update").await.body;
    assert_eq!(rows(&page), 2, "{page}");
    assert!(
        page.contains("<s><bdi>Qom</bdi></s>") && page.contains("<b><bdi>Yazd</bdi></b>"),
        "{page}"
    );
    assert!(page.contains("<b><bdi>VIP</bdi></b>"), "{page}");
    assert_eq!(rows(&p.get("/settings/log?on=company&what=create").await.body), 1);
    assert_eq!(rows(&p.get("/settings/log?on=company&via=web").await.body), 3);
    assert!(
        p.get("/settings/log?on=company&via=api")
            .await
            .body
            .contains("Nothing of this kind")
    );
    assert!(
        p.get("/settings/log?on=company&who=system")
            .await
            .body
            .contains("Nothing of this kind")
    );
    assert_eq!(rows(&p.get("/settings/log?on=company&from=today").await.body), 3);
    assert!(
        p.get("/settings/log?on=company&from=tomorrow")
            .await
            .body
            .contains("Nothing of this kind")
    );
    assert!(
        p.get("/settings/log?on=company&until=yesterday")
            .await
            .body
            .contains("Nothing of this kind")
    );
    // A sensitive value is named, not shown.
    let made = p.get("/settings/log?on=contact&what=create").await.body;
    assert!(
        made.contains("Amini") && made.contains("National ID") && !made.contains("0499370899"),
        "{made}"
    );
    let odd = p.get("/settings/log?from=whenever").await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.body.contains("value=\"whenever\""));
    let seller = p.of(p.person("seller@example.ir", "رضا", "seller").await);
    assert_eq!(seller.get("/settings/log").await.status, StatusCode::FORBIDDEN);
}

/// A field goes only when somebody has read what goes with it, and comes back with all of it.
#[tokio::test]
async fn a_field_is_deleted_after_a_question_and_comes_back_with_its_values() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let made = p
        .post("/settings/objects/contact", "fa=پا&en=Shoe+size&type=number")
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let contact = p
        .id("contacts", "name.given=Sara&name.family=Karimi&shoe_size=38")
        .await;
    p.make("contacts", "name.given=Ali&name.family=Karimi").await;
    let page = p.get("/settings/objects/contact").await.body;
    let row = between(&page, "id=\"field-shoe_size\"", "</tr>");
    let to = between(row, "action=\"", "\"").to_owned();
    let shown = async || {
        p.get(&format!("/contacts/{contact}"))
            .await
            .body
            .contains("Shoe size")
    };

    let asked = p.post(&to, "fa=پا&en=Shoe+size&delete=on").await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(
        asked.body.contains("Delete the field “Shoe size”?"),
        "{}",
        asked.body
    );
    assert!(
        asked.body.contains("Records that hold something in it: 1."),
        "{}",
        asked.body
    );
    assert!(shown().await, "nothing is gone yet");

    let gone = p.post(&to, "delete=on&sure=on").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert!(!shown().await);
    let page = p.get("/settings/objects/contact").await.body;
    let back = format!("{to}/restore");
    assert!(page.contains("Deleted fields") && page.contains(&back));
    assert_eq!(p.post(&back, "").await.status, StatusCode::SEE_OTHER);
    assert!(shown().await);
    assert!(p.get(&format!("/contacts/{contact}")).await.body.contains("38"));
    // What is not deleted cannot be given back.
    assert_eq!(p.post(&back, "").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn fields_and_choices_are_told_apart_by_their_names() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let said = async |form: &str| {
        let answer = p.post("/settings/objects/contact", form).await;
        (answer.status, answer.body)
    };
    let (status, body) = said("fa=شهر&en=Town&type=text").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("There is a field called “شهر” already."), "{body}");
    assert!(body.contains("value=\"Town\""), "what was typed is kept");
    let gold = enc("طلایی | Gold\nنقره‌ای | Silver\nطلایی | Golden");
    let (status, body) = said(&format!("fa=نشان&en=Medal&type=choice&choices={gold}")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(body.contains("“طلایی” stands there twice."), "{body}");
    let plain = enc("طلایی | Gold\nنقره‌ای | Silver");
    let (status, _) = said(&format!("fa=نشان&en=Medal&type=choice&choices={plain}")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
}
