//! Lists over HTTP, without script and with it: pages in both languages, chips, columns, views, cells, bulk edits, bin.

mod common;

use axum::http::StatusCode;
use common::{between, enc, place};

const PAGES: &[&str] = &[
    "/",
    "/contacts",
    "/companies",
    "/deals",
    "/deals/board",
    "/contacts/board",
    "/products",
    "/activities",
    "/orders",
    "/users",
    "/tags",
    "/contacts?pick=1",
    "/contacts?pick=city",
    "/contacts?pick=created_at",
    "/contacts?pick=owner_id",
    "/contacts?pick=company_id",
    "/contacts?filter=lifecycle%20in%20(lost%2C%20retained)%20AND%20(city%20%3D%20%22x%22%20OR%20NOT%20city%20%3D%20null)",
    "/contacts?deleted=1",
    "/deals?group=status&sort=-amount%2Cname&density=compact&columns=name%3A300%2Camount",
    "/bin",
    "/notifications",
    "/quick",
];

fn persian(text: &str) -> bool {
    text.chars().any(|c| ('\u{0600}'..='\u{06FF}').contains(&c))
}

#[tokio::test]
async fn every_page_answers_in_both_languages_without_a_bare_key_or_anything_inline() {
    let p = place().await;
    p.make("contacts", "name.given=Sara&name.family=Mohammadi&city=Qom")
        .await;
    p.make("deals", "name=Big&amount=1000").await;
    for (language, dir) in [("fa", "rtl"), ("en", "ltr")] {
        p.post("/preferences", &format!("language={language}&to=/")).await;
        for path in PAGES {
            let a = p.get(path).await;
            assert_eq!(a.status, StatusCode::OK, "{language} {path}");
            let frame = format!("<html lang=\"{language}\" dir=\"{dir}\"");
            assert!(a.body.contains(&frame), "{path}");
            for start in [
                "web-", "list-", "common-", "nav-", "error-", "shell-", "board-", "home-", "bin-",
            ] {
                for mark in [">", "> ", "=\"", "title=\"", "label=\""] {
                    let bare = format!("{mark}{start}");
                    let ids = [
                        "id=\"list-",
                        "id=\"board-",
                        "for=\"",
                        "href=\"",
                        "class=\"",
                        "name=\"",
                    ];
                    let found = a.body.match_indices(&bare).any(|(at, _)| {
                        let from = a.body[..at].rfind(' ').unwrap_or(0);
                        !ids.iter().any(|i| a.body[from..].trim_start().starts_with(i))
                    });
                    assert!(!found, "{language} {path}: a bare key {bare}");
                }
            }
            for inline in [" style=", "<style", " onclick", " onload", "javascript:"] {
                assert!(!a.body.contains(inline), "{path}: {inline}");
            }
            let title = between(&a.body, "<h1>", "</h1>");
            let words = title.split('>').map(|t| t.split('<').next().unwrap_or_default());
            let words: String = words.collect();
            assert_eq!(persian(&words), language == "fa", "{path}: {words}");
        }
    }
}

#[tokio::test]
async fn a_chip_is_made_changed_joined_and_taken_away_by_plain_links_and_forms() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    p.make("contacts", "name.family=Karimi&city=Shiraz").await;
    p.make("contacts", "name.family=Noori&city=Tabriz").await;
    let a = p
        .get("/contacts?act=add&pick=city&field=city&op=eq&value=Shiraz")
        .await;
    assert_eq!(a.status, StatusCode::SEE_OTHER);
    assert_eq!(a.to(), "/contacts?filter=city%20%3D%20%22Shiraz%22");
    let list = p.get(a.to()).await.body;
    assert!(list.contains("Karimi") && !list.contains("Noori"));
    let or = p
        .get(&format!(
            "{}&act=or&at=0&pick=city&field=city&op=eq&value=Tabriz",
            a.to()
        ))
        .await;
    let both = p.get(or.to()).await.body;
    assert!(both.contains("Karimi") && both.contains("Noori"), "{}", or.to());
    // A value that does not fit is said beside the chip, and the list stays.
    let bad = p
        .get("/deals?act=add&pick=amount&field=amount&op=gt&value=abc")
        .await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
    assert!(bad.body.contains("role=\"alert\"") && bad.body.contains("value=\"abc\""));
    // A filter of several kinds by its own operators.
    for (query, wanted) in [
        (
            "field=lifecycle&op=in&value=lost&value=retained",
            "lifecycle in (lost, retained)",
        ),
        (
            "field=created_at&op=period&period=this_month",
            "created_at = this_month()",
        ),
        (
            "field=created_at&op=period&period=last_days-7",
            "created_at = last_days(7)",
        ),
        ("field=owner_id&op=me", "owner_id = me()"),
        ("field=city&op=empty", "city = null"),
    ] {
        let a = p.get(&format!("/contacts?act=add&pick=1&{query}")).await;
        assert_eq!(
            a.to(),
            format!("/contacts?filter={}", enc_query(wanted)),
            "{query}"
        );
        assert_eq!(p.get(a.to()).await.status, StatusCode::OK);
    }
}

fn enc_query(text: &str) -> String {
    text.bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect()
}

#[tokio::test]
async fn columns_sums_and_groups_follow_the_address() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    p.make("deals", "name=One&amount=1000000").await;
    p.make("deals", "name=Two&amount=2500000").await;
    let a = p.get("/deals?columns=amount,name").await.body;
    let heads: Vec<&str> = a
        .split("<col data-f=\"")
        .skip(1)
        .filter_map(|s| s.split('"').next())
        .collect();
    assert_eq!(heads, ["name", "amount"], "the title stands first");
    let foot = between(&a, "<tfoot>", "</tfoot>");
    assert!(foot.contains("3.5"), "the sum of both amounts: {foot}");
    assert!(foot.contains("Count: 2"), "{foot}");
    let grouped = p.get("/deals?group=status").await.body;
    assert_eq!(grouped.matches("class=\"group\"").count(), 1);
    let wide = p.get("/deals?columns=name:320,amount").await.body;
    assert!(wide.contains("<col data-f=\"name\" width=\"320\">"));
}

#[tokio::test]
async fn a_view_is_kept_shared_changed_and_taken_back() {
    let mut p = place().await;
    p.make("contacts", "name.family=Karimi&city=Shiraz").await;
    p.make("contacts", "name.family=Noori&city=Tabriz").await;
    let form = format!(
        "name={}&filter={}&columns=name,city&density=compact&visibility=everyone",
        enc("از شیراز"),
        enc("city = \"Shiraz\"")
    );
    let saved = p.post("/contacts/views", &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let view = saved.to().to_owned();
    let page = p.get(&view).await.body;
    assert!(page.contains("Karimi") && !page.contains("Noori"));
    assert!(page.contains("gridwrap compact") && page.contains("از شیراز"));
    assert!(!page.contains("class=\"unsaved\""));
    let changed = p.get(&format!("{view}&filter=")).await.body;
    assert!(changed.contains("class=\"unsaved\"") && changed.contains("Noori"));
    // A colleague sees what is shared, and cannot change it.
    let mine = p.cookie.clone();
    let other = p.person("reza@example.ir", "رضا", "seller").await;
    p.cookie = other;
    assert!(p.get("/contacts").await.body.contains("از شیراز"));
    let id = view.rsplit('=').next().unwrap().to_owned();
    let taken = p.post("/contacts/views", &format!("id={id}&filter=")).await;
    assert_eq!(taken.status, StatusCode::FORBIDDEN);
    assert_eq!(
        p.post(&format!("/contacts/views/{id}/delete"), "").await.status,
        StatusCode::NOT_FOUND
    );
    p.cookie = mine;
    p.post("/contacts/views", &format!("id={id}&filter=&visibility=private"))
        .await;
    assert!(p.get(&view).await.body.contains("Noori"));
    assert_eq!(
        p.post(&format!("/contacts/views/{id}/delete"), "").await.status,
        StatusCode::SEE_OTHER
    );
    assert!(!p.get("/contacts").await.body.contains("از شیراز"));
    p.post(&format!("/contacts/views/{id}/restore"), "").await;
    assert!(p.get("/contacts").await.body.contains("از شیراز"));
    // A filter that cannot be read is not kept.
    let bad = p.post("/contacts/views", "name=x&filter=nothing+%3D").await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_cell_is_edited_where_it_stands_and_a_conflict_shows_both_values() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let id = p.id("contacts", "name.family=Karimi&city=Shiraz").await;
    let at = format!("/contacts/{id}/cell/city");
    let editor = p.get(&at).await;
    assert_eq!(editor.status, StatusCode::OK);
    assert!(editor.body.contains("value=\"Shiraz\"") && editor.body.contains("name=\"version\" value=\"1\""));
    let ok = p.script(&at, "version=1&columns=name,city&city=Tabriz").await;
    assert_eq!(ok.status, StatusCode::OK, "{}", ok.body);
    let json = ok.json();
    assert_eq!(json["version"], 2);
    assert!(json["cells"]["city"].as_str().unwrap().contains("Tabriz"));
    // Another field changed meanwhile is no conflict; the same one is.
    let other = format!("/contacts/{id}/cell/job_title");
    assert_eq!(
        p.script(&other, "version=1&job_title=Buyer").await.status,
        StatusCode::OK
    );
    let clash = p.script(&at, "version=1&city=Ahvaz").await;
    assert_eq!(clash.status, StatusCode::CONFLICT);
    assert_eq!(clash.json()["theirs"], "Tabriz");
    assert_eq!(clash.json()["version"], 3);
    let now = p.get(&format!("/contacts/{id}")).await.body;
    assert!(now.contains("Tabriz") && !now.contains("Ahvaz"));
    // What cannot be read is said, and what may not be changed is refused.
    let id = p.id("deals", "name=Big&amount=1000").await;
    let bad = p
        .script(&format!("/deals/{id}/cell/amount"), "version=1&amount=abc")
        .await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!bad.json()["said"].as_str().unwrap().is_empty());
    for field in ["rank", "version", "created_at", "nothing"] {
        let a = p.script(&format!("/deals/{id}/cell/{field}"), "version=1").await;
        assert_eq!(a.status, StatusCode::FORBIDDEN, "{field}");
    }
}

#[tokio::test]
async fn many_rows_are_changed_deleted_and_tagged_at_once_and_all_of_it_can_be_undone() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(
            p.id("contacts", &format!("name.family=Person{n}&city=Shiraz"))
                .await,
        );
    }
    let picked: String = ids.iter().take(3).map(|i| format!("id={i}&")).collect();
    let count = |filter: &str| format!("/contacts?filter={}", enc(filter));
    let shown = |body: &str| body.matches("<tr id=\"r-").count();
    // Without script: a form, a page that asks for the value, and back.
    let ask = p
        .post(
            "/contacts/bulk",
            &format!("{picked}do=edit&field=city&back=/contacts"),
        )
        .await;
    assert_eq!(ask.status, StatusCode::OK);
    assert!(ask.body.contains("name=\"city\"") && ask.body.matches("name=\"id\"").count() == 3);
    let set = p
        .post(
            "/contacts/bulk",
            &format!("{picked}do=set&field=city&city=Yazd&back=/contacts"),
        )
        .await;
    assert_eq!(set.to(), "/contacts");
    assert_eq!(shown(&p.get(&count("city = \"Yazd\"")).await.body), 3);
    // With script: deleted, and undone but for the one that somebody has changed since.
    let done = p
        .script("/contacts/bulk", &format!("{picked}do=delete"))
        .await
        .json();
    assert_eq!(done["finished"], true);
    assert_eq!(shown(&p.get("/contacts").await.body), 2);
    let undo = done["undo"].as_str().unwrap().to_owned();
    assert!(
        p.script(&undo, "").await.json()["said"]
            .as_str()
            .unwrap()
            .contains('3')
    );
    assert_eq!(shown(&p.get("/contacts").await.body), 5);
    let again = p
        .script("/contacts/bulk", &format!("{picked}do=set&field=city&city=Ahvaz"))
        .await
        .json();
    let first = ids.first().unwrap();
    p.script(&format!("/contacts/{first}/cell/city"), "city=Ilam")
        .await;
    p.script(again["undo"].as_str().unwrap(), "").await;
    assert_eq!(shown(&p.get(&count("city = \"Yazd\"")).await.body), 2);
    assert_eq!(shown(&p.get(&count("city = \"Ilam\"")).await.body), 1);
    // A tag is made by its name and seen at a glance.
    let tagged = p
        .script("/contacts/bulk", &format!("{picked}do=tag&tag=VIP"))
        .await;
    assert_eq!(tagged.status, StatusCode::OK, "{}", tagged.body);
    assert!(
        p.get(&format!("/contacts/{first}/peek"))
            .await
            .body
            .contains("VIP")
    );
    // Nothing selected, nothing known, another's operation.
    assert_eq!(
        p.script("/contacts/bulk", "do=delete").await.status,
        StatusCode::BAD_REQUEST
    );
    let odd = p.script("/contacts/bulk", &format!("{picked}do=explode")).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    let secret = p
        .script("/contacts/bulk", &format!("{picked}do=set&field=rank&rank=1"))
        .await;
    assert!(secret.status.is_client_error());
}

#[tokio::test]
async fn all_results_are_changed_by_the_worker_under_the_rights_of_the_one_who_asked() {
    let p = place().await;
    for n in 0..120 {
        p.make("companies", &format!("name=Firm{n}&city=Qom")).await;
    }
    p.make("companies", "name=Else&city=Rasht").await;
    let form = format!(
        "all=1&filter={}&do=set&field=city&city=Karaj",
        enc("city = \"Qom\"")
    );
    let begun = p.script("/companies/bulk", &form).await.json();
    assert_eq!(begun["finished"], false);
    let mut worker =
        peyvand_app::jobs::Worker::new(std::sync::Arc::clone(&p.app), std::time::Duration::from_secs(30));
    for _ in 0..10 {
        if !worker.step(&p.workspace).await.unwrap() {
            break;
        }
    }
    let at = begun["at"].as_str().unwrap();
    let done = p.ask("GET", at, "", "application/json").await.json();
    assert_eq!(done["finished"], true);
    assert_eq!(done["seen"], 120);
    let page = p
        .get(&format!("/companies?filter={}", enc("city = \"Karaj\"")))
        .await
        .body;
    assert!(between(&page, "id=\"list-count\">", "<").contains("۱۲۰"));
    assert!(p.get("/companies?q=Else").await.body.contains("Rasht"));
    p.script(&format!("{at}/undo"), "").await;
    let back = p
        .get(&format!("/companies?filter={}", enc("city = \"Qom\"")))
        .await
        .body;
    assert!(between(&back, "id=\"list-count\">", "<").contains("۱۲۰"));
    // A second time is refused, and says that it was undone.
    let again = p.script(&format!("{at}/undo"), "").await;
    assert_eq!(again.status, 409, "{}", again.body);
    assert!(again.body.contains("پیش‌تر بازگردانده"), "{}", again.body);
}

#[tokio::test]
async fn what_a_change_of_many_leaves_is_told_with_the_reason() {
    let p = place().await;
    let theirs = p.id("companies", "name=Alborz&city=Qom").await;
    // A manager reads all and changes what is hers.
    let m = p.of(p.person("mina@example.ir", "مینا", "manager").await);
    let own = m.id("companies", "name=Damavand&city=Qom").await;
    let asked = m
        .post("/companies/bulk", "all=1&filter=&do=edit&field=city")
        .await
        .body;
    assert!(asked.contains("۲ رکورد، همهٔ نتیجه‌های این فهرست"), "{asked}");
    let one = m.post("/companies/bulk", "all=1&q=Damavand&do=edit&field=city");
    assert!(one.await.body.contains("۱ رکورد، همهٔ"));
    let form = format!("id={own}&id={theirs}&do=set&field=city&city=Karaj");
    let done = m.script("/companies/bulk", &form).await.json();
    assert_eq!(
        done["said"],
        "۱ رکورد تغییر کرد. ۱ رکورد دست نخورد. برای این کار اجازه ندارید."
    );
    let page = m.get(done["at"].as_str().unwrap()).await.body;
    assert!(
        page.contains(&format!(
            "<a href=\"/companies/{theirs}\">Alborz</a>: برای این کار اجازه ندارید."
        )),
        "{page}"
    );
    // Nothing is said of the one that was changed.
    assert!(!page.contains(&own));
}

#[tokio::test]
async fn the_bin_shows_what_was_deleted_and_gives_it_back() {
    let p = place().await;
    let id = p.id("companies", "name=Alborz").await;
    p.post(&format!("/companies/{id}/delete"), "").await;
    assert!(p.get("/bin").await.body.contains("/companies?deleted=1"));
    let bin = p.get("/companies?deleted=1").await.body;
    assert!(bin.contains("Alborz") && bin.contains("value=\"restore\""));
    p.post("/companies/bulk", &format!("id={id}&do=restore&back=/companies"))
        .await;
    assert!(p.get("/companies").await.body.contains("Alborz"));
    assert!(!p.get("/bin").await.body.contains("/companies?deleted=1"));
}

#[tokio::test]
async fn a_view_is_written_to_a_file_with_its_columns_and_its_order() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let firm = p.id("companies", "name=Alborz").await;
    p.make("deals", &format!("name=B&amount=2&company_id={firm}"))
        .await;
    p.make("deals", "name=A&amount=1").await;
    let a = p
        .get("/deals/export?format=csv&columns=name,company_id,status&sort=name")
        .await;
    assert_eq!(a.status, StatusCode::OK);
    let text = a.body.trim_start_matches('\u{feff}');
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(lines, ["Name,Company,Status", "A,,Open", "B,Alborz,Open"]);
    let x = p.get("/deals/export?format=xlsx").await;
    assert!(x.body.starts_with("PK"));
}

#[tokio::test]
async fn a_lead_takes_three_fields_and_becomes_a_deal_in_one_step() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let bad = p.post("/quick", "name=&reach=12&wish=Roof").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.body.contains("id=\"e-name\"") && bad.body.contains("value=\"Roof\""));
    let made = p
        .post(
            "/quick",
            &format!("name=Sara+Karimi&reach={}&wish=Roof", enc("۰۹۱۲۳۴۵۶۷۸۹")),
        )
        .await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let page = p.get(made.to()).await.body;
    assert!(page.contains("tel:+989123456789") && page.contains("Roof"));
    let deal = p.post(&format!("{}/deal", made.to()), "").await;
    assert!(deal.to().starts_with("/deals/"), "{}", deal.to());
    assert!(p.get(deal.to()).await.body.contains("Sara Karimi"));
    let both = p.post("/quick", "name=Omid&wish=Wall&deal=1").await;
    assert!(both.to().starts_with("/deals/"));
    assert!(p.get("/contacts").await.body.contains("Omid"));
}

/// Rows are grouped by a choice that nothing is sorted by: in the order of the choices, over the ends of pages, each row once.
#[tokio::test]
async fn rows_are_grouped_by_any_choice() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let stages = ["lost", "retained", "lead"];
    let known = {
        let catalog = p.workspace.catalog();
        let contact = catalog.object("contact").unwrap();
        let (_, f) = contact.field("lifecycle").unwrap();
        assert!(!f.sort, "the test is about a field that is not sorted by");
        f.choices
            .iter()
            .map(|c| (c.key.clone(), c.en.clone()))
            .collect::<Vec<_>>()
    };
    let used: Vec<&(String, String)> = known
        .iter()
        .filter(|(k, _)| stages.contains(&k.as_str()))
        .collect();
    assert!(used.len() >= 2, "{known:?}");
    for n in 0..66 {
        let stage = &used[n % used.len()].0;
        p.make("contacts", &format!("name.family=P{n}&lifecycle={stage}"))
            .await;
    }
    let mut seen = Vec::new();
    let mut labels = Vec::new();
    let mut at = "/contacts?group=lifecycle&filter=city+%3D+null".to_owned();
    for _ in 0..4 {
        let page = p.get(&at).await.body;
        assert!(page.contains("group=lifecycle"), "the menu offers it");
        let rows = between(&page, "<tbody id=\"rows\">", "</tbody>");
        for part in rows.split("<tr class=\"group\">").skip(1) {
            let label = used
                .iter()
                .find(|(_, en)| part.split("</tr>").next().unwrap().contains(en.as_str()));
            labels.push(label.unwrap().0.clone());
        }
        seen.extend(
            rows.split("id=\"r-")
                .skip(1)
                .map(|r| r.split('"').next().unwrap().to_owned()),
        );
        let Some(next) = page.split("rel=\"next\" href=\"").nth(1) else {
            break;
        };
        at = next
            .split('"')
            .next()
            .unwrap()
            .replace("&#38;", "&")
            .replace("&amp;", "&");
    }
    assert_eq!(seen.len(), 66);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 66, "no row twice");
    labels.dedup();
    assert_eq!(labels, used.iter().map(|(k, _)| k.clone()).collect::<Vec<_>>());
}

/// Rows are grouped by their owner and by what they link to: each group says how many it has and what they come to, and folds
/// without losing its head.
#[tokio::test]
async fn rows_are_grouped_by_owner_and_by_link() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    let sara = p.of(p.person("sara@example.ir", "Sara", "admin").await);
    let acme = p.id("companies", "name=Acme").await;
    p.make("deals", "name=One&amount=1000000").await;
    p.make("deals", &format!("name=Two&amount=2500000&company_id={acme}"))
        .await;
    sara.make("deals", &format!("name=Three&amount=700000&company_id={acme}"))
        .await;
    // The form of somebody gives what they make to them only when it says so.
    let heads = |page: &str| -> Vec<String> {
        let rows = between(page, "<tbody id=\"rows\">", "</tbody>").to_owned();
        rows.split("<tr class=\"group\">")
            .skip(1)
            .map(|r| r.split("</tr>").next().unwrap().to_owned())
            .collect()
    };
    let by = "/deals?group=company_id&columns=name,amount";
    let page = p.get(by).await.body;
    assert!(page.contains("group=owner_id"), "the menu offers the owner");
    let found = heads(&page);
    assert_eq!(found.len(), 2, "{found:?}");
    // By name, and what has none last.
    assert!(
        found[0].contains("Acme") && found[0].contains("<b class=\"count\">2</b>"),
        "{found:?}"
    );
    assert!(found[0].contains("3.2"), "the sum of the group: {found:?}");
    assert!(
        found[1].contains("<b class=\"count\">1</b>") && found[1].contains("1M"),
        "{found:?}"
    );
    // Folded: the head stays with its figures, the rows go.
    let folded = p.get(&format!("{by}&fold={acme}")).await.body;
    let shut = heads(&folded);
    assert_eq!(shut.len(), 2, "{shut:?}");
    assert!(
        shut[0].contains("aria-expanded=\"false\"") && shut[0].contains(">2</b>"),
        "{shut:?}"
    );
    let rows = between(&folded, "<tbody id=\"rows\">", "</tbody>");
    assert!(rows.contains("One") && !rows.contains("Two") && !rows.contains("Three"));
    // Both folded: nothing but heads.
    let all = p.get(&format!("{by}&fold={acme},-")).await.body;
    assert_eq!(heads(&all).len(), 2);
    assert!(!between(&all, "<tbody id=\"rows\">", "</tbody>").contains("data-id"));
    // A filter counts within itself.
    let few = p
        .get(&format!("{by}&filter={}", enc("amount > 2000000")))
        .await
        .body;
    assert_eq!(heads(&few).len(), 1);
    assert!(heads(&few)[0].contains(">1</b>"));
    let owners = heads(&p.get("/deals?group=owner_id&columns=name,amount").await.body);
    let counted: usize = owners
        .iter()
        .map(|h| {
            between(h, "<b class=\"count\">", "</b>")
                .parse::<usize>()
                .unwrap()
        })
        .sum();
    assert_eq!(counted, 3, "{owners:?}");
    // A search knows no groups by link, and says nothing wrong.
    let searched = p.get("/deals?group=company_id&q=Two").await;
    assert_eq!(searched.status, StatusCode::OK);
    assert!(searched.body.contains("Two") && heads(&searched.body).is_empty());
}

/// A sensitive value stands in a list when its column was chosen, and the log says who saw it.
#[tokio::test]
async fn a_sensitive_column_is_shown_and_logged() {
    let p = place().await;
    p.post("/preferences", "language=en&to=/").await;
    p.make("contacts", "name.family=Amini&national_id=0499370899")
        .await;
    let told = |body: &str| body.matches("<tr>").count();
    let before = told(&p.get("/settings/log?on=contact&what=view").await.body);
    let plain = p.get("/contacts").await.body;
    assert!(plain.contains("Amini") && !plain.contains("0499370899"));
    assert_eq!(
        told(&p.get("/settings/log?on=contact&what=view").await.body),
        before
    );
    let chosen = p.get("/contacts?columns=name%2Cnational_id").await.body;
    assert!(
        chosen.contains("0499370899"),
        "{}",
        between(&chosen, "<table", "</table>")
    );
    // A head and a line.
    assert_eq!(
        told(&p.get("/settings/log?on=contact&what=view").await.body),
        before + 2
    );
}
