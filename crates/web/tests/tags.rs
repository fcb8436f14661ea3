//! Tags: the chip that asks for them, views that keep it, the tags of a record; and titles that look like markup.

mod common;

use axum::http::StatusCode;
use common::{Place, between, enc, place};
use peyvand_app::Caller;
use peyvand_core::Via;

#[tokio::test]
async fn records_are_found_by_the_tags_that_they_carry() {
    let p = place().await;
    let mut ids = Vec::new();
    for name in ["Amini", "Bahrami", "Cyrus"] {
        ids.push(p.id("contacts", &format!("name.family={name}")).await);
    }
    let picked = format!("id={}&id={}&", ids[0], ids[1]);
    p.script("/contacts/bulk", &format!("{picked}do=tag&tag={}", enc("مهم")))
        .await;
    for (language, label, carries, not) in [
        ("fa", "برچسب", "دارد", "ندارد"),
        ("en", "Tag", "carries", "does not carry"),
    ] {
        p.post("/preferences", &format!("language={language}&to=/")).await;
        // The chip is offered, and its form lists the tags.
        let fields = p.get("/contacts?pick=1").await.body;
        assert!(
            fields.contains("pick=%3Atags") && fields.contains(label),
            "{fields}"
        );
        let form = p.get("/contacts?pick=%3Atags").await.body;
        assert!(form.contains(carries) && form.contains(not), "{form}");
        let tag = between(&form, "<option value=\"01", "\"").to_owned();
        let tag = format!("01{tag}");
        for (op, said, shown) in [("tagged", carries, vec![0, 1]), ("untagged", not, vec![2])] {
            let sent = p
                .get(&format!(
                    "/contacts?pick=%3Atags&field=%3Atags&act=add&op={op}&value={tag}"
                ))
                .await;
            assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
            let list = p.get(sent.to()).await.body;
            for (n, id) in ids.iter().enumerate() {
                assert_eq!(
                    list.contains(&format!("id=\"r-{id}\"")),
                    shown.contains(&n),
                    "{op} {n}"
                );
            }
            let chip = between(&list, "<span class=\"chip\">", "</a>");
            assert!(
                chip.contains(said) && chip.contains("مهم") && chip.contains(label),
                "{chip}"
            );
            // Changed where it stands: the other operator.
            let now = between(chip, "href=\"", "\"")
                .replace("&#38;", "&")
                .replace("&amp;", "&");
            let form = p.get(&now).await.body;
            assert!(
                form.contains(&format!("<option value=\"{op}\" selected")),
                "{form}"
            );
            assert!(
                form.contains(&format!("<option value=\"{tag}\" selected")),
                "{form}"
            );
        }
        // A name does as well; one that no tag has is refused beside the form.
        let typed = format!(
            "/contacts?pick=%3Atags&field=%3Atags&act=add&op=tagged&value={}",
            enc("مهم")
        );
        assert_eq!(p.get(&typed).await.status, StatusCode::SEE_OTHER);
        let unknown = p
            .get("/contacts?pick=%3Atags&field=%3Atags&act=add&op=tagged&value=nothing")
            .await;
        assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
        assert!(unknown.body.contains("role=\"alert\""));
    }
    // Kept in a view by the tag's id, so that the tag may be called otherwise.
    let tags = p.get("/tags").await.body;
    let tag = between(&tags, "id=\"r-", "\"").to_owned();
    let filter = format!("tagged(\"{tag}\")");
    let saved = p
        .post(
            "/contacts/views",
            &format!("name=Important&filter={}", enc(&filter)),
        )
        .await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    p.post(&format!("/tags/{tag}/edit/name"), "name=Golden").await;
    let view = p.get(saved.to()).await.body;
    assert!(
        view.contains("Golden") && !view.contains(&format!("id=\"r-{}\"", ids[2])),
        "{view}"
    );
    // Taken off again, and that undone.
    let off = p
        .script("/contacts/bulk", &format!("{picked}do=untag&tag=Golden"))
        .await
        .json();
    let shown = |body: &str| body.matches("<tr id=\"r-").count();
    let asked = format!("/contacts?filter={}", enc(&filter));
    assert_eq!(shown(&p.get(&asked).await.body), 0);
    p.script(off["undo"].as_str().unwrap(), "").await;
    assert_eq!(shown(&p.get(&asked).await.body), 2);
}

#[tokio::test]
async fn a_record_shows_its_tags_and_each_goes_on_and_off_with_a_way_back() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let at = p.make("companies", "name=Alborz").await;
    let on = p
        .post(&format!("{at}/tags"), &format!("name={}", enc("<i>VIP</i>")))
        .await;
    assert_eq!(on.to(), at);
    let page = p.get(&at).await.body;
    let tags = between(&page, "<div class=\"tags\">", "</div>").to_owned();
    assert!(tags.contains("i&#62;VIP") && !tags.contains("<i>VIP"), "{tags}");
    let tag = between(&tags, "name=\"off\" value=\"", "\"").to_owned();
    let off = p.post(&format!("{at}/tags"), &format!("off={tag}")).await;
    assert_eq!(off.to(), at);
    assert!(!p.get(&at).await.body.contains("name=\"off\""));
    let cookie = off
        .headers
        .get("set-cookie")
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    let undo = cookie.split('|').nth(1).unwrap().to_owned();
    assert_eq!(p.post(&undo, "").await.to(), at);
    assert!(p.get(&at).await.body.contains("name=\"off\""));
    // Without a name nothing happens; who may only read does not tag.
    p.post(&format!("{at}/tags"), "name=+").await;
    let reader = p.of(p.person("reader@example.ir", "رضا", "reader").await);
    assert!(!reader.get(&at).await.body.contains("name=\"off\""));
    let refused = reader.post(&format!("{at}/tags"), "name=other").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(p.get("/tags").await.body.matches("<tr id=\"r-").count(), 1);
}

/// What the bulk bar and a record offer while the name of a tag is typed.
#[tokio::test]
async fn tags_are_found_while_their_name_is_typed() {
    let p = place().await;
    let special = p.id("tags", &format!("name={}", enc("مشتری ویژه"))).await;
    let fair = p.id("tags", "name=Fair").await;
    let typed = async |p: &Place, q: &str| -> Vec<(String, String)> {
        let path = format!("/lookup/tag?q={}", enc(q));
        let answer = p.ask("GET", &path, "", "application/json").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let items = answer.json()["items"].as_array().cloned().unwrap();
        let text = |item: &serde_json::Value, key: &str| item[key].as_str().unwrap().to_owned();
        items
            .iter()
            .map(|item| {
                assert_eq!(item["to"], format!("/tags/{}", text(item, "id")));
                (text(item, "id"), text(item, "title"))
            })
            .collect()
    };
    // Arabic letters, a part of the word, Latin letters of another size.
    for q in ["مشتری ویژه", "مشتري ويژه", "ويژ"] {
        assert_eq!(
            typed(&p, q).await,
            [(special.clone(), "مشتری ویژه".to_owned())],
            "{q}"
        );
    }
    assert_eq!(typed(&p, "fAI").await, [(fair.clone(), "Fair".to_owned())]);
    assert_eq!(typed(&p, "").await.len(), 2);
    assert_eq!(typed(&p, "zzz").await, []);
    // Without the right to read tags, or signed out, there are none.
    let system = Caller::system(&p.workspace, Via::Cli);
    let rules = serde_json::json!({"default": {"read": "all"}, "objects": {"tag": {"read": "none"}}});
    p.app
        .save_role(&system, "untagged", Some("untagged"), Some(&rules))
        .await
        .unwrap();
    let narrow = p.of(p.person("narrow@example.com", "Narrow", "untagged").await);
    assert_eq!(typed(&narrow, "").await, []);
    assert_eq!(typed(&narrow, "Fair").await, []);
    let nobody = p.of(String::new());
    let answer = nobody
        .ask("GET", "/lookup/tag?q=Fair", "", "application/json")
        .await;
    assert!(
        !answer.status.is_success() && !answer.body.contains("Fair"),
        "{}",
        answer.body
    );
    p.post(&format!("/tags/{fair}/delete"), "").await;
    assert_eq!(typed(&p, "Fair").await, []);
}

/// What is searched for is said as it was typed; the reader's digits are for what the program writes.
#[tokio::test]
async fn the_palette_says_what_was_typed() {
    let p = place().await;
    for typed in ["Shop 24", "۲۴"] {
        let path = format!("/lookup?q={}", enc(typed));
        let found = p.ask("GET", &path, "", "application/json").await.json();
        let search = &found["groups"].as_array().unwrap().last().unwrap()["items"][0];
        let title = search["title"].as_str().unwrap();
        assert!(title.contains(typed), "{title}");
    }
}

/// A name that looks like markup is that name wherever it stands; a note's first words come without their markup.
#[tokio::test]
async fn what_looks_like_markup_in_a_title_stays() {
    let p = place().await;
    let name = "<b>Ali</b> & Co <img src=x>";
    let escaped = "&#60;b&#62;Ali&#60;/b&#62; &#38; Co &#60;img src=x&#62;";
    let company = p.make("companies", &format!("name={}", enc(name))).await;
    let contact = p.make("contacts", &format!("name.family={}", enc(name))).await;
    for at in [&company, &contact] {
        let page = p.get(at).await.body;
        let h1 = between(&page, "<h1", "</h1>");
        assert!(h1.ends_with(&format!("<bdi>{escaped}</bdi>")), "{h1}");
        let title = between(&page, "<title>", "</title>");
        assert!(title.starts_with(escaped), "{title}");
        assert!(!page.contains("<b>Ali"), "{page}");
        let peek = p.get(&format!("{at}/peek")).await.body;
        assert!(peek.contains(escaped) && !peek.contains("<b>Ali"), "{peek}");
    }
    let found = p.ask("GET", "/lookup?q=Ali", "", "application/json").await.json();
    assert!(found.to_string().contains("<b>Ali</b> & Co"), "{found}");
    let id = company.rsplit('/').next().unwrap();
    let body = enc("<p>First <b>words</b></p>");
    let note = p
        .make(
            "notes",
            &format!(
                "body={body}&company_id={name}&company_id.id={id}",
                name = enc(name)
            ),
        )
        .await;
    let page = p.get(&note).await.body;
    assert!(
        between(&page, "<h1", "</h1>").ends_with("<bdi>First words</bdi>"),
        "{page}"
    );
}
