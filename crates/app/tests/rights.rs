//! Rights against a model of them that is written as plainly as can be: ten thousand random worlds in memory, some of
//! them through the store on both engines, and what follows from a change of rights.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use peyvand_app::access::why;
use peyvand_app::oversight::LogFilter;
use peyvand_app::people::NewUser;
use peyvand_app::rights::{RoleRules, with_teams_below};
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, AppError, Caller, ListRequest};
use peyvand_catalog::definition::system;
use peyvand_catalog::handles::contact;
use peyvand_catalog::{Catalog, ObjectDef};
use peyvand_core::random::SplitMix;
use peyvand_core::{Actor, Id, Instant, Via};
use peyvand_numbers::Language;
use peyvand_record::{FieldRule, Reach, Record, Value, Verb};
use peyvand_testkit::{TestDb, db_test};

const REACHES: [Reach; 5] = [
    Reach::None,
    Reach::Own,
    Reach::Team,
    Reach::TeamAndBelow,
    Reach::All,
];
const RULES: [FieldRule; 3] = [FieldRule::Hidden, FieldRule::ReadOnly, FieldRule::Masked];

/// A user of the model: team and role.
struct User {
    id: Id,
    team: Option<usize>,
    role: usize,
}

/// A record of the model: object, owner and team.
struct Thing {
    object: &'static str,
    owner: Option<usize>,
    team: Option<usize>,
}

struct World {
    parents: Vec<Option<usize>>,
    teams: Vec<Id>,
    roles: Vec<RoleRules>,
    users: Vec<User>,
    things: Vec<Thing>,
    /// Thing, user or team (by id), may they change it.
    shares: Vec<(usize, Id, bool)>,
}

const OBJECTS: [&str; 3] = ["contact", "deal", "product"];

impl World {
    fn random(seed: u64, size: u64) -> Self {
        let r = &mut SplitMix::new(seed);
        let id = |r: &mut SplitMix| {
            let (a, b) = (r.next_u64().to_be_bytes(), r.next_u64().to_be_bytes());
            Id::from_bytes([a, b].concat().try_into().unwrap())
        };
        let some = |r: &mut SplitMix, n: u64| r.chance(70).then(|| r.below(n) as usize);
        let verbs = |r: &mut SplitMix, percent: u64| {
            let mut out = HashMap::new();
            for v in Verb::ALL {
                if r.chance(percent) {
                    out.insert(*v, *r.pick(&REACHES));
                }
            }
            out
        };
        let n = 1 + r.below(5);
        let parents = (0..n)
            .map(|i| {
                if i == 0 {
                    None
                } else {
                    r.chance(75).then(|| r.below(i) as usize)
                }
            })
            .collect();
        let roles = (0..3)
            .map(|_| RoleRules {
                everything: r.chance(10),
                default: verbs(r, 70),
                objects: OBJECTS
                    .iter()
                    .filter(|_| r.chance(50))
                    .map(|o| ((*o).to_owned(), HashMap::new()))
                    .collect::<HashMap<_, _>>(),
                fields: HashMap::new(),
            })
            .collect::<Vec<_>>();
        let mut w = Self {
            parents,
            teams: (0..n).map(|_| id(r)).collect(),
            roles,
            users: (0..3)
                .map(|_| User {
                    id: id(r),
                    team: some(r, n),
                    role: r.below(3) as usize,
                })
                .collect(),
            things: (0..size)
                .map(|_| Thing {
                    object: OBJECTS[r.below(3) as usize],
                    owner: some(r, 3),
                    team: some(r, n),
                })
                .collect(),
            shares: Vec::new(),
        };
        for role in &mut w.roles {
            // In this order, so that a seed gives the same world each time.
            for o in OBJECTS {
                if let Some(own) = role.objects.get_mut(o) {
                    *own = verbs(r, 60);
                }
            }
            if r.chance(50) {
                let rule = HashMap::from([("city".to_owned(), *r.pick(&RULES))]);
                role.fields.insert("contact".to_owned(), rule);
            }
        }
        for _ in 0..r.below(4) {
            let to = if r.chance(50) {
                w.users[r.below(3) as usize].id
            } else {
                w.teams[r.below(n) as usize]
            };
            let at = r.below(size) as usize;
            if w.things[at].object != "product" && !w.shares.iter().any(|s| s.0 == at && s.1 == to) {
                w.shares.push((at, to, r.chance(50)));
            }
        }
        w
    }

    // ---- the model: forty lines that say what rights are -------------------------------------------------------------

    /// Is the team the other one, or somewhere below it?
    fn at_or_below(&self, team: usize, top: usize) -> bool {
        team == top || self.parents[team].is_some_and(|p| self.at_or_below(p, top))
    }

    /// How far a verb reaches: what the role says of the object counts before what it says of all.
    fn reach(&self, role: usize, object: &str, verb: Verb) -> Reach {
        let r = &self.roles[role];
        let own = r.objects.get(object).and_then(|o| o.get(&verb));
        *own.or(r.default.get(&verb)).unwrap_or(&Reach::None)
    }

    fn may(&self, user: usize, verb: Verb, thing: usize) -> bool {
        let (u, t) = (&self.users[user], &self.things[thing]);
        if self.roles[u.role].everything {
            return true;
        }
        let reach = self.reach(u.role, t.object, verb);
        let own = t.owner == Some(user);
        let same = t.team.is_some() && t.team == u.team;
        let below = matches!((t.team, u.team), (Some(a), Some(b)) if self.at_or_below(a, b));
        let reached = match reach {
            Reach::None => return false,
            // What nobody owns is seen by all who may see any of it.
            _ if t.object == "product" => return true,
            Reach::Own => own,
            Reach::Team => own || same,
            Reach::TeamAndBelow => own || below,
            Reach::All => true,
        };
        let mine = |to: Id| to == u.id || u.team.is_some_and(|t| self.teams[t] == to);
        reached
            || self.shares.iter().any(|(at, to, update)| {
                *at == thing && mine(*to) && (verb == Verb::Read || (verb == Verb::Update && *update))
            })
    }

    fn rule(&self, user: usize) -> Option<FieldRule> {
        let r = &self.roles[self.users[user].role];
        let rule = r.fields.get("contact").and_then(|f| f.get("city")).copied();
        rule.filter(|_| !r.everything)
    }

    // ---- end of the model -----------------------------------------------------------------------------------------
}

#[test]
fn ten_thousand_worlds() {
    let catalog = Catalog::standard();
    let city = catalog.object("contact").unwrap().field("city").unwrap().0;
    let (mut yes, mut no, mut by_share, mut by_tree) = (0_u32, 0_u32, 0_u32, 0_u32);
    for seed in 0..10_000 {
        let w = World::random(seed, 6);
        let tree: Vec<(Id, Option<Id>)> = w
            .parents
            .iter()
            .enumerate()
            .map(|(i, p)| (w.teams[i], p.map(|p| w.teams[p])))
            .collect();
        for (n, u) in w.users.iter().enumerate() {
            let teams: Vec<Id> = u.team.map(|t| w.teams[t]).into_iter().collect();
            let below = with_teams_below(&teams, &tree);
            let policy = w.roles[u.role].policy(&catalog, u.id, teams, below);
            assert_eq!(policy.field("contact", city), w.rule(n), "world {seed}");
            let sees = !matches!(w.rule(n), Some(FieldRule::Hidden | FieldRule::Masked));
            assert_eq!(policy.sees("contact", city), sees, "world {seed}");
            for (at, t) in w.things.iter().enumerate() {
                let object = catalog.object(t.object).unwrap();
                let mut record =
                    Record::new(object, Id::from_bytes([at as u8; 16]), Instant(0), Actor::System);
                if object.ownable {
                    record.set(system::OWNER_ID, t.owner.map(|o| w.users[o].id).into());
                    record.set(system::TEAM_ID, t.team.map(|x| w.teams[x]).into());
                }
                let shares: Vec<(Id, bool)> = w
                    .shares
                    .iter()
                    .filter(|s| s.0 == at)
                    .map(|s| (s.1, s.2))
                    .collect();
                for verb in Verb::ALL {
                    let (got, because) = why(&policy, object, *verb, &record, &shares);
                    let wanted = w.may(n, *verb, at);
                    assert_eq!(
                        got, wanted,
                        "world {seed}, user {n}, {verb:?} thing {at}: {because:?}"
                    );
                    *(if got { &mut yes } else { &mut no }) += 1;
                    use peyvand_app::access::Why;
                    by_share += u32::from(matches!(because, Why::Share | Why::TeamShare));
                    by_tree += u32::from(because == Why::TeamBelow);
                }
            }
        }
    }
    // Every kind of answer was asked for often enough.
    assert!(yes > 200_000 && no > 200_000, "{yes} {no}");
    assert!(by_share > 2_000 && by_tree > 2_000, "{by_share} {by_tree}");
}

// ---- through the store ------------------------------------------------------------------------------------------------

fn app_on(db: &TestDb) -> Arc<App> {
    let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(&db.clock) as _;
    Arc::new(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)))
}

fn object(w: &Workspace, key: &str) -> Arc<ObjectDef> {
    Arc::clone(w.catalog().object(key).unwrap())
}

async fn caller(app: &App, w: &Arc<Workspace>, id: Id) -> Caller {
    app.caller_of(w, id, Via::Api).await.unwrap()
}

fn map(json: serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    match json {
        serde_json::Value::Object(map) => map,
        other => panic!("not an object: {other}"),
    }
}

/// The same worlds made through the use cases: lists, searches, changes and deletions answer as the model does.
#[db_test]
async fn worlds_through_the_store(db: TestDb) {
    let app = app_on(&db);
    let (mut listed, mut refused, mut allowed) = (0, 0, 0);
    for seed in 0..4_u64 {
        let mut world = World::random(1_000_003 * (seed + 1), 12);
        let w = app
            .create_workspace(&format!("world-{seed}"), "جهان")
            .await
            .unwrap();
        let system = Caller::system(&w, Via::Cli);
        for at in 0..world.teams.len() {
            let parent = world.parents[at].map(|p| world.teams[p]);
            let made = app.create_team(&w, &format!("team {at}"), parent).await.unwrap();
            let old = std::mem::replace(&mut world.teams[at], made);
            for s in world.shares.iter_mut().filter(|s| s.1 == old) {
                s.1 = made;
            }
        }
        for n in 0..3 {
            let key = format!("role-{n}");
            let rules = serde_json::to_value(&world.roles[n]).unwrap();
            app.save_role(&system, &key, Some(&format!("نقش {n}")), Some(&rules))
                .await
                .unwrap();
        }
        for n in 0..3 {
            let new = NewUser {
                email: format!("u{n}@w{seed}.example.com"),
                name: format!("User {n}"),
                role: format!("role-{}", world.users[n].role),
                active: true,
                team: world.users[n].team.map(|t| world.teams[t]),
            };
            let made = app.create_user(&w, &new).await.unwrap();
            let old = std::mem::replace(&mut world.users[n].id, made);
            for s in world.shares.iter_mut().filter(|s| s.1 == old) {
                s.1 = made;
            }
        }
        // What is of no team by itself stands with its owner's.
        for t in world.things.iter_mut().filter(|t| t.object != "product") {
            t.team = t.team.or_else(|| world.users[t.owner?].team);
        }
        let mut ids = Vec::new();
        for (at, t) in world.things.iter().enumerate() {
            let mut json = match t.object {
                "contact" => map(serde_json::json!({"name": {"family": format!("Unique{at}")}})),
                "deal" => map(serde_json::json!({"name": format!("Unique{at}")})),
                _ => map(serde_json::json!({"name": format!("Unique{at}")})),
            };
            let def = object(&w, t.object);
            if def.ownable {
                json.insert(
                    "owner_id".to_owned(),
                    t.owner.map(|o| world.users[o].id.to_string()).into(),
                );
                json.insert(
                    "team_id".to_owned(),
                    t.team.map(|x| world.teams[x].to_string()).into(),
                );
            }
            let made = app.create(&system, &def, &json, None).await;
            ids.push(
                made.unwrap_or_else(|e| panic!("{}: {}", t.object, e.message(Language::En)))
                    .id(),
            );
        }
        for (at, to, update) in &world.shares {
            let def = object(&w, world.things[*at].object);
            app.share(&system, &def, ids[*at], *to, Some(*update))
                .await
                .unwrap();
        }
        for n in 0..3 {
            let me = caller(&app, &w, world.users[n].id).await;
            for key in OBJECTS {
                let def = object(&w, key);
                let wanted: BTreeSet<Id> = (0..ids.len())
                    .filter(|at| world.things[*at].object == key && world.may(n, Verb::Read, *at))
                    .map(|at| ids[at])
                    .collect();
                let got = app.list(&me, &def, &ListRequest::default()).await.unwrap();
                let got: BTreeSet<Id> = got.records.iter().map(Record::id).collect();
                assert_eq!(got, wanted, "world {seed}, user {n}, {key}");
                listed += got.len();
            }
            for (at, id) in ids.iter().enumerate() {
                let def = object(&w, world.things[at].object);
                let sees = world.may(n, Verb::Read, at);
                assert_eq!(
                    app.get(&me, &def, *id).await.is_ok(),
                    sees,
                    "world {seed}, user {n}, get {at}"
                );
                let simulated = app
                    .access(&system, world.users[n].id, Some(&def), Some(*id))
                    .await
                    .unwrap();
                for v in simulated.record.unwrap().verbs {
                    // Nothing is done to what is not seen.
                    let wanted = world.may(n, v.verb, at) && (sees || v.verb == Verb::Create);
                    assert_eq!(v.allowed, wanted, "simulator, world {seed}, user {n}");
                }
                let field = if def.key == "contact" {
                    "job_title"
                } else {
                    "description"
                };
                let patch = map(serde_json::json!({field: format!("by {n}")}));
                let changed = app.patch(&me, &def, *id, &patch, None).await;
                let may = sees && world.may(n, Verb::Update, at);
                assert_eq!(
                    changed.is_ok(),
                    may,
                    "world {seed}, user {n}, update {at}: {changed:?}"
                );
                *(if may { &mut allowed } else { &mut refused }) += 1;
                if let Err(e) = changed {
                    // Whoever may not know of it is told that it is not there, unless the role allows no change at all.
                    let whole = world.reach(world.users[n].role, &def.key, Verb::Update) == Reach::None;
                    let wanted = if sees || whole { "forbidden" } else { "not-found" };
                    assert_eq!(e.code(), wanted, "world {seed}, user {n}");
                }
                if !world.may(n, Verb::Delete, at) || !sees {
                    assert!(
                        app.delete(&me, &def, *id, None).await.is_err(),
                        "world {seed}, delete {at}"
                    );
                    refused += 1;
                }
            }
        }
    }
    assert!(
        listed > 15 && refused > 60 && allowed > 10,
        "{listed} {refused} {allowed}"
    );
}

async fn firm(app: &App, slug: &str) -> (Arc<Workspace>, Caller, Caller, Caller) {
    let w = app.create_workspace(slug, slug).await.unwrap();
    let mut made = Vec::new();
    let team = app.create_team(&w, "فروش", None).await.unwrap();
    for (name, role) in [("admin", "admin"), ("manager", "manager"), ("seller", "seller")] {
        let new = NewUser {
            email: format!("{name}@{slug}.example.com"),
            name: name.to_owned(),
            role: role.to_owned(),
            active: true,
            team: Some(team),
        };
        let id = app.create_user(&w, &new).await.unwrap();
        made.push(caller(app, &w, id).await);
    }
    let seller = made.pop().unwrap();
    let manager = made.pop().unwrap();
    (w, made.pop().unwrap(), manager, seller)
}

/// Rights hold at once: the next request with the same token has the new ones.
#[db_test]
async fn changes_of_rights_hold_at_once(db: TestDb) {
    let app = app_on(&db);
    let (w, admin, _, seller) = firm(&app, "main").await;
    let def = object(&w, "contact");
    let contact = app
        .create(
            &admin,
            &def,
            &map(serde_json::json!({"name": {"family": "Kamali"}})),
            None,
        )
        .await
        .unwrap();
    let nobodys = map(serde_json::json!({"team_id": null}));
    app.patch(&admin, &def, contact.id(), &nobodys, None)
        .await
        .unwrap();
    let token = app
        .create_token(&w, "seller@main.example.com", "t", &["*".to_owned()])
        .await
        .unwrap();
    let sees = async || {
        let c = app.caller_of_token(&token, Via::Api).await?;
        app.get(&c, &def, contact.id()).await.map(drop)
    };
    assert_eq!(
        sees().await.unwrap_err().code(),
        "not-found",
        "owned by the administrator, of no team"
    );
    app.share(&admin, &def, contact.id(), seller.actor.id(), Some(false))
        .await
        .unwrap();
    sees().await.expect("shared");
    app.share(&admin, &def, contact.id(), seller.actor.id(), None)
        .await
        .unwrap();
    assert_eq!(sees().await.unwrap_err().code(), "not-found");
    let user = object(&w, "user");
    let reader = app.role(&w, "reader").await.unwrap();
    let patch = map(serde_json::json!({"role_id": reader.to_string()}));
    app.patch(&admin, &user, seller.actor.id(), &patch, None)
        .await
        .unwrap();
    sees().await.expect("a reader sees all");
    let none = serde_json::json!({"default": {"read": "none"}});
    app.save_role(&admin, "reader", None, Some(&none)).await.unwrap();
    assert_eq!(
        sees().await.unwrap_err().code(),
        "not-found",
        "the role itself was changed"
    );
    app.set_active(&admin, seller.actor.id(), false).await.unwrap();
    assert_eq!(sees().await.unwrap_err().code(), "unauthenticated");
    app.set_active(&admin, seller.actor.id(), true).await.unwrap();
    assert_eq!(
        sees().await.unwrap_err().code(),
        "unauthenticated",
        "tokens do not come back"
    );
}

/// Nobody gives what they lack, and somebody who may do everything is left.
#[db_test]
async fn nobody_rises_by_themselves(db: TestDb) {
    let app = app_on(&db);
    let (w, admin, manager, seller) = firm(&app, "main").await;
    let user = object(&w, "user");
    let role = object(&w, "role");
    let team = object(&w, "team");
    let code = |e: Result<Record, AppError>| e.err().map(|e| e.code());
    let admins = app.role(&w, "admin").await.unwrap().to_string();
    let rise = map(serde_json::json!({"role_id": admins}));
    for c in [&manager, &seller] {
        assert_eq!(
            code(app.patch(c, &user, c.actor.id(), &rise, None).await),
            Some("forbidden")
        );
        let new = map(serde_json::json!({"key": "mine", "name": "x", "rules": {"everything": true}}));
        assert_eq!(code(app.create(c, &role, &new, None).await), Some("forbidden"));
        assert!(app.create_reset_link(c, admin.actor.id()).await.is_err());
        assert!(app.hand_over(c, admin.actor.id(), c.actor.id()).await.is_err());
    }
    // Who manages users and roles, but not everything, gives at most their own rights.
    let office = serde_json::json!({
        "default": {"read": "all", "update": "own"},
        "objects": {
            "user": {"create": "all", "update": "all"}, "role": {"create": "all", "update": "all"},
            "team": {"update": "all"}
        },
        "fields": {"contact": {"national_id": "hidden"}}
    });
    app.save_role(&admin, "office", Some("دفتر"), Some(&office))
        .await
        .unwrap();
    let office = app.role(&w, "office").await.unwrap().to_string();
    let patch = map(serde_json::json!({"role_id": office}));
    app.patch(&admin, &user, manager.actor.id(), &patch, None)
        .await
        .unwrap();
    let clerk = caller(&app, &w, manager.actor.id()).await;
    assert_eq!(
        code(app.patch(&clerk, &user, clerk.actor.id(), &rise, None).await),
        Some("forbidden")
    );
    for more in [
        serde_json::json!({"everything": true}),
        serde_json::json!({"default": {"read": "all", "delete": "own"}}),
        // The same reach, but with the field that is hidden from the clerk.
        serde_json::json!({"default": {"read": "all"}}),
    ] {
        let got = app.save_role(&clerk, "more", Some("x"), Some(&more)).await;
        assert_eq!(got.err().map(|e| e.code()), Some("forbidden"), "{more}");
    }
    let less = serde_json::json!({
        "default": {"read": "team"}, "fields": {"contact": {"national_id": "hidden"}}
    });
    app.save_role(&clerk, "less", Some("x"), Some(&less))
        .await
        .expect("less than they have");
    assert!(
        app.create_reset_link(&clerk, admin.actor.id()).await.is_err(),
        "not of somebody who has more"
    );
    // Rules are read strictly.
    for bad in [
        serde_json::json!({"objects": {"contcat": {"read": "all"}}}),
        serde_json::json!({"fields": {"contact": {"no_such": "hidden"}}}),
        serde_json::json!({"fields": {"contact": {"id": "hidden"}}}),
        serde_json::json!({"default": {"fly": "all"}}),
        serde_json::json!({"default": {"read": "moon"}}),
        serde_json::json!({"wings": true}),
    ] {
        let got = app.save_role(&admin, "bad", Some("خراب"), Some(&bad)).await;
        assert_eq!(got.err().map(|e| e.code()), Some("bad-parameter"), "{bad}");
    }
    // One who may do everything remains.
    let sellers = app.role(&w, "seller").await.unwrap().to_string();
    let fall = map(serde_json::json!({"role_id": sellers}));
    let me = admin.actor.id();
    assert_eq!(
        code(app.patch(&admin, &user, me, &fall, None).await),
        Some("last-administrator")
    );
    let system = Caller::system(&w, Via::Cli);
    let off = app.set_active(&system, me, false).await;
    assert_eq!(off.err().map(|e| e.code()), Some("last-administrator"));
    let weak = app
        .save_role(&system, "admin", None, Some(&serde_json::json!({})))
        .await;
    assert_eq!(weak.err().map(|e| e.code()), Some("last-administrator"));
    // Teams stand in no circle.
    let top = app.create_team(&w, "بالا", None).await.unwrap();
    let low = app.create_team(&w, "پایین", Some(top)).await.unwrap();
    let circle = map(serde_json::json!({"parent_id": low.to_string()}));
    assert_eq!(
        code(app.patch(&admin, &team, top, &circle, None).await),
        Some("invalid")
    );
}

/// A leaver in one action: records, also those in the recycle bin, have a new owner; sessions and tokens are dead; what the
/// leaver tries afterwards is refused and stands in the log.
#[db_test]
async fn a_leaver_is_handed_over(db: TestDb) {
    let app = app_on(&db);
    let (w, admin, manager, seller) = firm(&app, "main").await;
    let def = object(&w, "contact");
    let mut own = Vec::new();
    for n in 0..230 {
        let json = map(serde_json::json!({"name": {"family": format!("Kamali{n}")}}));
        own.push(app.create(&seller, &def, &json, None).await.unwrap());
    }
    let others = app
        .create(
            &admin,
            &def,
            &map(serde_json::json!({"name": {"family": "Ahmadi"}})),
            None,
        )
        .await
        .unwrap();
    app.delete(&seller, &def, own[0].id(), None).await.unwrap();
    let deal = app
        .create(
            &seller,
            &object(&w, "deal"),
            &map(serde_json::json!({"name": "قرارداد"})),
            None,
        )
        .await
        .unwrap();
    let token = app
        .create_token(&w, "seller@main.example.com", "t", &["*".to_owned()])
        .await
        .unwrap();
    app.caller_of_token(&token, Via::Api)
        .await
        .expect("it works before");
    assert!(
        app.hand_over(&admin, seller.actor.id(), seller.actor.id())
            .await
            .is_err()
    );
    let done = app
        .hand_over(&admin, seller.actor.id(), manager.actor.id())
        .await
        .unwrap();
    assert_eq!((done.records, done.more), (231, false));
    for r in own.iter().skip(1) {
        let now = app.get(&admin, &def, r.id()).await.unwrap();
        assert_eq!(now.get(system::OWNER_ID).as_id(), Some(manager.actor.id()));
        assert_eq!(now.version(), 2, "a change like any other");
    }
    let back = app.restore(&admin, &def, own[0].id()).await.unwrap();
    assert_eq!(back.get(system::OWNER_ID).as_id(), Some(manager.actor.id()));
    let deal = app.get(&admin, &object(&w, "deal"), deal.id()).await.unwrap();
    assert_eq!(deal.get(system::OWNER_ID).as_id(), Some(manager.actor.id()));
    let others = app.get(&admin, &def, others.id()).await.unwrap();
    assert_eq!(others.get(system::OWNER_ID).as_id(), Some(admin.actor.id()));
    let refused = app.caller_of_token(&token, Via::Api).await;
    assert_eq!(refused.err().map(|e| e.code()), Some("unauthenticated"));
    let log = app
        .audit_of(&admin, &object(&w, "user"), seller.actor.id())
        .await
        .unwrap();
    let said = |what: &str| {
        log.iter()
            .filter_map(|l| l.detail.as_ref())
            .any(|d| d.to_string().contains(what))
    };
    assert!(said("handed_over_to") && said("dead-token-refused"), "{log:?}");
    // Another export that is not allowed is logged as well.
    let mut out = std::io::Cursor::new(Vec::new());
    let reader = caller(&app, &w, manager.actor.id()).await;
    let mut narrow = reader.clone();
    narrow.policy = RoleRules::built_in("reader").unwrap().policy(
        w.catalog(),
        manager.actor.id(),
        Vec::new(),
        Vec::new(),
    );
    let e = app
        .export(
            &narrow,
            &def,
            None,
            peyvand_app::transfer::export::ExportFormat::Csv,
            &mut out,
            |_| {},
        )
        .await;
    assert!(e.is_err() && out.get_ref().is_empty());
    let log = app
        .audit_of(&admin, &object(&w, "user"), manager.actor.id())
        .await
        .unwrap();
    assert!(
        log.iter()
            .any(|l| l.detail.as_ref().is_some_and(|d| d["refused"] == "export"))
    );
}

/// Sensitive values are left out of lists unless they are named; each view is logged before it is shown.
#[db_test]
async fn views_of_sensitive_values_are_logged(db: TestDb) {
    let app = app_on(&db);
    let (w, admin, _, _) = firm(&app, "main").await;
    let def = object(&w, "contact");
    let json = map(serde_json::json!({"name": {"family": "Kamali"}, "national_id": "0499370899"}));
    let made = app.create(&admin, &def, &json, None).await.unwrap();
    let views = async || {
        app.audit_of(&admin, &def, made.id())
            .await
            .unwrap()
            .iter()
            .filter(|l| l.action == "view")
            .count()
    };
    let list = app.list(&admin, &def, &ListRequest::default()).await.unwrap();
    assert!(list.records[0].get(contact::NATIONAL_ID).is_null());
    assert!(!list.fields.contains(&contact::NATIONAL_ID));
    assert_eq!(views().await, 0, "nothing was shown");
    let named = ListRequest {
        fields: Some("name,national_id".to_owned()),
        ..ListRequest::default()
    };
    let list = app.list(&admin, &def, &named).await.unwrap();
    assert_eq!(
        list.records[0].get(contact::NATIONAL_ID),
        &Value::text("0499370899")
    );
    assert_eq!(views().await, 1);
    app.get(&admin, &def, made.id()).await.unwrap();
    assert_eq!(views().await, 1, "the same person within ten minutes");
    db.clock.advance(11 * 60 * Instant::SECOND);
    app.get(&admin, &def, made.id()).await.unwrap();
    assert_eq!(views().await, 2);
}

/// Who reads very many records within an hour is written down, at each tenfold once; a program sooner than a person at
/// the pages.
#[db_test]
async fn reading_in_bulk_is_logged(db: TestDb) {
    let app = app_on(&db);
    let (w, admin, _, _) = firm(&app, "main").await;
    let def = object(&w, "tag");
    for n in 0..200 {
        let json = map(serde_json::json!({"name": format!("tag {n}")}));
        app.create(&admin, &def, &json, None).await.unwrap();
    }
    let reader = |via| Caller { via, ..admin.clone() };
    let read = async |caller: &Caller, pages: usize| {
        let all = ListRequest {
            limit: Some(200),
            ..ListRequest::default()
        };
        for _ in 0..pages {
            assert_eq!(app.list(caller, &def, &all).await.unwrap().records.len(), 200);
        }
    };
    let lines = async || -> Vec<u64> {
        let views = LogFilter {
            action: Some("view".to_owned()),
            object: Some("tag".to_owned()),
            ..LogFilter::default()
        };
        let log = app.log_of_workspace(&admin, &views, None, 100).await.unwrap();
        log.iter()
            .rev()
            .map(|l| l.detail.as_ref().unwrap()["read"].as_u64().unwrap())
            .collect()
    };
    let program = reader(Via::Api);
    read(&program, 4).await;
    assert_eq!(lines().await, Vec::<u64>::new(), "eight hundred are a day's work");
    read(&program, 1).await;
    assert_eq!(lines().await, [1000]);
    read(&program, 10).await;
    assert_eq!(lines().await, [1000], "the next line comes at ten thousand");
    // A person at the pages reads five times as much before it is told, and is counted apart.
    read(&reader(Via::Web), 24).await;
    assert_eq!(lines().await, [1000]);
    read(&reader(Via::Web), 1).await;
    assert_eq!(lines().await, [1000, 5000]);
    // One by one counts as well, and an hour later it begins anew.
    db.clock.advance(3_601 * Instant::SECOND);
    read(&program, 4).await;
    let one = app.list(&program, &def, &ListRequest::default()).await.unwrap();
    assert_eq!(lines().await, [1000, 5000]);
    for r in one.records.iter().cycle().take(150) {
        app.get(&program, &def, r.id()).await.unwrap();
    }
    assert_eq!(lines().await, [1000, 5000, 1000]);
}
