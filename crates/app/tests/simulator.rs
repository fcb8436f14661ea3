//! The simulator's words against what somebody's lists and files really give, in a workspace with records of many objects,
//! on both engines.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::sync::Arc;

use peyvand_app::access::{Access, FieldAccess};
use peyvand_app::people::NewUser;
use peyvand_app::rights::Source;
use peyvand_app::transfer::export::ExportFormat;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, Caller, ListRequest};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::notification;
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_core::{Id, Via};
use peyvand_numbers::Language;
use peyvand_record::{FieldRule, Reach, Record, Value, Verb};
use peyvand_testkit::{TestDb, db_test};
use serde_json::{Map, Value as Json, json};

/// Rules that differ in how far they reach, in what they name, and in which fields they close.
fn roles() -> Vec<Json> {
    let verbs = |reach: &str| json!({"read": reach, "create": reach, "update": reach, "delete": reach, "export": reach});
    vec![
        json!({"everything": true}),
        json!({"default": verbs("own")}),
        json!({"default": verbs("team")}),
        json!({"default": {"read": "all", "update": "team_and_below", "export": "team_and_below"}}),
        json!({"default": {"read": "own", "export": "all"}, "objects": {"product": {"read": "none"}, "order": {"read": "all", "export": "own"}}}),
        json!({"default": {"read": "all"}, "objects": {"contact": {"read": "own"}, "price_list": {"read": "none"}, "order_line": {"export": "all"}}}),
        json!({"default": verbs("all"), "fields": {
            "contact": {"phones": "masked", "city": "hidden"}, "deal": {"amount": "hidden"}, "product": {"name": "read_only"}
        }}),
        json!({"default": verbs("all"), "objects": {"company": {"export": "none"}}, "fields": {"company": {"emails": "hidden"}}}),
        json!({}),
    ]
}

fn map(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

struct World {
    app: Arc<App>,
    w: Arc<Workspace>,
    system: Caller,
}

impl World {
    fn object(&self, key: &str) -> Arc<ObjectDef> {
        Arc::clone(self.w.catalog().object(key).unwrap())
    }

    async fn make(&self, object: &str, json: Json) -> Id {
        let made = self
            .app
            .create(&self.system, &self.object(object), &map(json), None)
            .await;
        made.unwrap_or_else(|e| panic!("{object}: {}", e.message(Language::En)))
            .id()
    }

    async fn list(&self, caller: &Caller, object: &Arc<ObjectDef>) -> Vec<Record> {
        let request = ListRequest {
            limit: Some(200),
            ..ListRequest::default()
        };
        self.app.list(caller, object, &request).await.unwrap().records
    }

    /// The ids in a file of everything that may be taken out; none when there may be no file.
    async fn file(&self, caller: &Caller, object: &Arc<ObjectDef>) -> BTreeSet<Id> {
        let mut out = Cursor::new(Vec::new());
        let done = self
            .app
            .export(caller, object, None, ExportFormat::Ndjson, &mut out, |_| {})
            .await;
        if done.is_err() {
            return BTreeSet::new();
        }
        let text = String::from_utf8(out.into_inner()).unwrap();
        text.lines()
            .map(|l| {
                serde_json::from_str::<Json>(l).unwrap()["id"]
                    .as_str()
                    .unwrap()
                    .parse()
                    .unwrap()
            })
            .collect()
    }

    /// Records of everybody and of nobody, and what belongs to them.
    async fn fill(&self, people: &[(Id, Option<Id>)]) {
        let product = self.make("product", json!({"name": "Pump"})).await;
        let prices = self
            .make("price_list", json!({"name": "Retail", "currency": "IRR"}))
            .await;
        self.make("price_list_item", json!({"price_list_id": prices.to_string(), "product_id": product.to_string(), "unit_price": "12"})).await;
        self.make("holiday", json!({"name": "Norouz", "day": "2026-03-21"}))
            .await;
        self.make("lost_reason", json!({"name": "Price"})).await;
        self.make("tag", json!({"name": "Important"})).await;
        self.make(
            "currency_rate",
            json!({"currency": "EUR", "base": "IRR", "rate": "900000", "valid_on": "2026-01-01"}),
        )
        .await;
        for (n, (owner, team)) in people
            .iter()
            .map(|(o, t)| (Some(*o), *t))
            .chain([(None, None)])
            .enumerate()
        {
            let whose = |mut json: Json| {
                json["owner_id"] = json!(owner.map(|o| o.to_string()));
                json["team_id"] = json!(team.map(|t| t.to_string()));
                json
            };
            let company = self
                .make(
                    "company",
                    whose(json!({"name": format!("Saba {n}"), "emails": [format!("info{n}@example.com")]})),
                )
                .await;
            let contact = self.make("contact", whose(json!({
                "name": {"family": format!("Kamali{n}")}, "city": "Qom", "phones": [format!("0912123450{n}")]
            }))).await;
            self.make(
                "employment",
                json!({"contact_id": contact.to_string(), "company_id": company.to_string()}),
            )
            .await;
            let deal = self.make("deal", whose(json!({
                "name": format!("Zagros {n}"), "amount": {"amount": "5000", "currency": "IRR"}, "probability": 50
            }))).await;
            self.make(
                "deal_line",
                json!({"deal_id": deal.to_string(), "product_id": product.to_string(), "quantity": "1"}),
            )
            .await;
            let order = self
                .make(
                    "order",
                    whose(json!({"kind": "sale", "contact_id": contact.to_string()})),
                )
                .await;
            self.make(
                "order_line",
                json!({"order_id": order.to_string(), "description": "Pump", "quantity": "1"}),
            )
            .await;
            for visibility in ["private", "team", "everyone"] {
                self.make(
                    "saved_view",
                    whose(json!({"name": visibility, "object_key": "deal", "visibility": visibility})),
                )
                .await;
            }
            if let Some(person) = owner {
                let object = self.object("contact");
                let record = self.app.get(&self.system, &object, contact).await.unwrap();
                self.app
                    .tell(&self.system, "followed", &[person], &object, &record)
                    .await
                    .unwrap();
            }
        }
    }
}

/// What a word of the simulator means, said again in the plainest way.
fn meant(reach: Reach, object: &ObjectDef, me: &Caller, record: &Record, below: &[Id]) -> bool {
    let own = record.get(system::OWNER_ID).as_id() == Some(me.actor.id());
    let team = |teams: &[Id]| {
        record
            .get(system::TEAM_ID)
            .as_id()
            .is_some_and(|t| teams.contains(&t))
    };
    match reach {
        Reach::None => false,
        Reach::All => true,
        _ if !object.ownable => panic!("{}: nobody owns these, and {reach:?} is said of them", object.key),
        Reach::Own => own,
        Reach::Team => own || team(&me.policy.teams),
        Reach::TeamAndBelow => own || team(below),
    }
}

fn ids(records: &[Record]) -> BTreeSet<Id> {
    records.iter().map(Record::id).collect()
}

fn said(access: &Access, object: &str, verb: Verb) -> (Reach, Source) {
    let object = access.objects.iter().find(|o| o.object == object).unwrap();
    let verb = object.verbs.iter().find(|v| v.verb == verb).unwrap();
    (verb.reach, verb.because)
}

/// What is said of each object and field, for people of every role: that is what they find in their lists and files.
#[db_test]
async fn what_is_said_is_what_is_given(db: TestDb) {
    let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(&db.clock) as _;
    let app = App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids));
    let app = Arc::new(app.in_folder(db.folder.path()).unwrap());
    let w = app.create_workspace("main", "main").await.unwrap();
    let world = World {
        system: Caller::system(&w, Via::Cli),
        app,
        w,
    };
    let (app, w) = (&world.app, &world.w);
    let top = app.create_team(w, "top", None).await.unwrap();
    let low = app.create_team(w, "low", Some(top)).await.unwrap();
    let mut people = Vec::new();
    for (n, rules) in roles().iter().enumerate() {
        let role = format!("role-{n}");
        app.save_role(&world.system, &role, Some(&role), Some(rules))
            .await
            .unwrap();
        let team = [Some(top), Some(low), None][n % 3];
        let new = NewUser {
            email: format!("{role}@example.com"),
            name: role.clone(),
            role,
            active: true,
            team,
        };
        people.push((app.create_user(w, &new).await.unwrap(), team));
    }
    world.fill(&people).await;
    let mut whole: BTreeMap<String, Vec<Record>> = BTreeMap::new();
    for o in w.catalog().objects() {
        whole.insert(o.key.clone(), world.list(&world.system, o).await);
    }
    let (mut seen, mut unseen, mut closed) = (0, 0, 0);
    for (id, _) in &people {
        let me = app.caller_of(w, *id, Via::Web).await.unwrap();
        let access = app.access(&world.system, *id, None, None).await.unwrap();
        for o in w.catalog().objects() {
            let at = format!("{} of {}", o.key, access.name);
            let all = &whole[&o.key];
            let given = world.list(&me, o).await;
            let (reach, because) = said(&access, &o.key, Verb::Read);
            match (o.key.as_str(), because) {
                ("notification", _) => {
                    assert_eq!((reach, because), (Reach::Own, Source::Personal), "{at}");
                    let mine = |r: &&Record| r.get(notification::USER_ID).as_id() == Some(me.actor.id());
                    let wanted: BTreeSet<Id> = all.iter().filter(mine).map(Record::id).collect();
                    assert_eq!(ids(&given), wanted, "{at}");
                }
                ("saved_view", Source::Personal) => {
                    let shown = |r: &&Record| {
                        let of = |k: &str| r.get(o.field("visibility").unwrap().0).as_str() == Some(k);
                        let team = r.get(system::TEAM_ID).as_id();
                        meant(Reach::Own, o, &me, r, &[])
                            || of("everyone")
                            || of("team") && team.is_some_and(|t| me.policy.teams.contains(&t))
                    };
                    let wanted: BTreeSet<Id> = all.iter().filter(shown).map(Record::id).collect();
                    assert_eq!(ids(&given), wanted, "{at}");
                }
                (_, Source::Parent | Source::Parents) => {
                    // As the parents are given, and those as is said of them.
                    let links = [&o.parent, &o.parent_or];
                    let mut wanted = BTreeSet::new();
                    for (ix, f) in links.into_iter().flatten().filter_map(|l| o.field(l)) {
                        let parents = ids(&world.list(&me, &world.object(f.to.as_deref().unwrap())).await);
                        wanted.extend(
                            all.iter()
                                .filter(|r| r.get(ix).as_id().is_some_and(|p| parents.contains(&p)))
                                .map(Record::id),
                        );
                    }
                    assert_eq!(ids(&given), wanted, "{at}");
                    if reach == Reach::All {
                        assert_eq!(given.len(), all.len(), "{at}");
                    }
                    assert!(
                        reach != Reach::None || because == Source::Parents || given.is_empty(),
                        "{at}"
                    );
                }
                _ => {
                    let wanted: BTreeSet<Id> = all
                        .iter()
                        .filter(|r| meant(reach, o, &me, r, &access.teams_below))
                        .map(Record::id)
                        .collect();
                    assert_eq!(ids(&given), wanted, "{at}: {reach:?}");
                }
            }
            seen += given.len();
            unseen += all.len() - given.len();
            // Files.
            let (reach, because) = said(&access, &o.key, Verb::Export);
            let file = world.file(&me, o).await;
            if !matches!(because, Source::Parent | Source::Parents)
                && o.key != "saved_view"
                && o.key != "notification"
            {
                let wanted: BTreeSet<Id> = given
                    .iter()
                    .filter(|r| meant(reach, o, &me, r, &access.teams_below))
                    .map(Record::id)
                    .collect();
                assert_eq!(file, wanted, "file: {at}: {reach:?} {because:?}");
            }
            if reach == Reach::None && because != Source::Parents {
                assert!(file.is_empty(), "file: {at}");
            }
            if reach == Reach::All && o.key != "saved_view" && o.key != "notification" {
                assert_eq!(file.len(), all.len(), "file: {at}");
            }
            // Fields: what is not named is shown as it is, what is hidden is not, what is masked is something else.
            let rules = &access.objects.iter().find(|a| a.object == o.key).unwrap().fields;
            for record in &given {
                let truth = all.iter().find(|r| r.id() == record.id()).unwrap();
                for (i, f) in o.fields.iter().enumerate() {
                    let (is, shown) = (truth.get(FieldIx(i as u16)), record.get(FieldIx(i as u16)));
                    let rule = rules
                        .iter()
                        .find(|r: &&FieldAccess| r.field == f.key)
                        .map(|r| r.rule);
                    match rule {
                        None | Some(FieldRule::ReadOnly) => assert_eq!(shown, is, "{}: {at}", f.key),
                        Some(FieldRule::Hidden) => assert_eq!(*shown, Value::Null, "{}: {at}", f.key),
                        Some(FieldRule::Masked) => assert!(
                            is.is_null() || (shown != is && !shown.is_null()),
                            "{}: {at}",
                            f.key
                        ),
                    }
                    closed += u32::from(!is.is_null() && rule.is_some_and(|r| r != FieldRule::ReadOnly));
                }
            }
        }
    }
    assert!(
        seen > 200 && unseen > 200 && closed > 20,
        "{seen} {unseen} {closed}"
    );
}
