//! Records stand with the team of their owner, so that the reach of a team is what people take it for.

use std::sync::Arc;
use std::time::Duration;

use peyvand_app::jobs::Worker;
use peyvand_app::people::NewUser;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, Caller};
use peyvand_catalog::ObjectDef;
use peyvand_catalog::definition::system;
use peyvand_core::{Id, Via};
use peyvand_record::Record;
use peyvand_testkit::{TestDb, db_test};
use serde_json::json;

fn app_on(db: &TestDb) -> Arc<App> {
    let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(&db.clock) as _;
    Arc::new(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)))
}

fn map(v: &serde_json::Value) -> serde_json::Map<String, serde_json::Value> {
    v.as_object().cloned().unwrap_or_default()
}

struct Firm {
    app: Arc<App>,
    w: Arc<Workspace>,
    boss: Caller,
    teams: [Id; 2],
}

impl Firm {
    async fn new(db: &TestDb) -> Self {
        let app = app_on(db);
        let w = app.create_workspace("main", "نگارین").await.unwrap();
        let teams = [
            app.create_team(&w, "فروش ایران", None).await.unwrap(),
            app.create_team(&w, "صادرات", None).await.unwrap(),
        ];
        let boss = Caller::system(&w, Via::Cli);
        let rules = json!({"default": {"read": "team", "create": "all", "update": "team"}});
        app.save_role(&boss, "member", Some("عضو"), Some(&rules))
            .await
            .unwrap();
        Self { app, w, boss, teams }
    }

    async fn member(&self, name: &str, team: Option<Id>) -> Caller {
        let new = NewUser {
            email: format!("{name}@example.com"),
            name: name.to_owned(),
            role: "member".to_owned(),
            team,
            active: true,
        };
        let id = self.app.create_user(&self.w, &new).await.unwrap();
        self.app.caller_of(&self.w, id, Via::Web).await.unwrap()
    }

    fn contacts(&self) -> Arc<ObjectDef> {
        Arc::clone(self.w.catalog().object("contact").unwrap())
    }

    async fn contact(&self, by: &Caller, more: serde_json::Value) -> Record {
        let mut given = map(&json!({"name": {"family": "کمالی"}}));
        given.extend(map(&more));
        self.app.create(by, &self.contacts(), &given, None).await.unwrap()
    }

    async fn sees(&self, who: &Caller, id: Id) -> bool {
        // Rights as they are now.
        let who = self
            .app
            .caller_of(&self.w, who.actor.id(), Via::Web)
            .await
            .unwrap();
        self.app.get(&who, &self.contacts(), id).await.is_ok()
    }

    async fn team_of(&self, id: Id) -> Option<Id> {
        let r = self.app.get(&self.boss, &self.contacts(), id).await.unwrap();
        r.get(system::TEAM_ID).as_id()
    }

    async fn patch(&self, id: Id, change: serde_json::Value) {
        self.app
            .patch(&self.boss, &self.contacts(), id, &map(&change), None)
            .await
            .unwrap();
    }
}

#[db_test]
async fn a_record_stands_with_the_team_of_its_owner(db: TestDb) {
    let f = Firm::new(&db).await;
    let [iran, export] = f.teams;
    let sara = f.member("sara", Some(iran)).await;
    let babak = f.member("babak", Some(iran)).await;
    let james = f.member("james", Some(export)).await;
    // Whoever makes it owns it, and the team goes with them.
    let made = f.contact(&sara, json!({})).await;
    assert_eq!(made.get(system::TEAM_ID).as_id(), Some(iran));
    assert!(f.sees(&babak, made.id()).await && !f.sees(&james, made.id()).await);
    // An owner that is said counts, not who made it; and so does a team that is said.
    let james_id = james.actor.id().to_string();
    let given = f.contact(&f.boss, json!({"owner_id": james_id})).await;
    assert_eq!(f.team_of(given.id()).await, Some(export));
    let said = f
        .contact(
            &f.boss,
            json!({"owner_id": james_id, "team_id": iran.to_string()}),
        )
        .await;
    assert_eq!(f.team_of(said.id()).await, Some(iran));
    // Another owner, another team; but for a team that is said with it, or by itself.
    f.patch(made.id(), json!({"owner_id": james_id})).await;
    assert_eq!(f.team_of(made.id()).await, Some(export));
    assert!(!f.sees(&babak, made.id()).await && f.sees(&james, made.id()).await);
    f.patch(made.id(), json!({"team_id": iran.to_string()})).await;
    assert_eq!(f.team_of(made.id()).await, Some(iran));
    f.patch(made.id(), json!({"description": "یادداشت"})).await;
    assert_eq!(f.team_of(made.id()).await, Some(iran), "another change leaves it");
    let sara_id = sara.actor.id().to_string();
    f.patch(
        made.id(),
        json!({"owner_id": sara_id, "team_id": export.to_string()}),
    )
    .await;
    assert_eq!(f.team_of(made.id()).await, Some(export));
}

#[db_test]
async fn who_changes_teams_takes_what_is_theirs_along(db: TestDb) {
    let f = Firm::new(&db).await;
    let [iran, export] = f.teams;
    // People come before teams are thought of: their records stand with none.
    let sara = f.member("sara", None).await;
    let james = f.member("james", Some(export)).await;
    let mut own = Vec::new();
    for _ in 0..130 {
        own.push(f.contact(&sara, json!({})).await.id());
    }
    let elsewhere = f.contact(&sara, json!({"team_id": iran.to_string()})).await.id();
    let gone = own.pop().unwrap();
    f.app.delete(&f.boss, &f.contacts(), gone, None).await.unwrap();
    assert!(!f.sees(&james, own[0]).await);
    let user = Arc::clone(f.w.catalog().object("user").unwrap());
    let into = map(&json!({"team_id": export.to_string()}));
    f.app
        .patch(&f.boss, &user, sara.actor.id(), &into, None)
        .await
        .unwrap();
    let mut worker = Worker::new(Arc::clone(&f.app), Duration::from_secs(60));
    while worker.step(&f.w).await.unwrap() {}
    for id in &own {
        assert_eq!(f.team_of(*id).await, Some(export));
    }
    assert!(f.sees(&james, own[0]).await);
    assert_eq!(
        f.team_of(elsewhere).await,
        Some(iran),
        "what was put elsewhere stays there"
    );
    let back = f.app.restore(&f.boss, &f.contacts(), gone).await.unwrap();
    assert_eq!(
        back.get(system::TEAM_ID).as_id(),
        Some(export),
        "what lay in the recycle bin went along"
    );
    // Out of all teams.
    let out = map(&json!({"team_id": null}));
    f.app
        .patch(&f.boss, &user, sara.actor.id(), &out, None)
        .await
        .unwrap();
    while worker.step(&f.w).await.unwrap() {}
    assert_eq!(f.team_of(own[0]).await, None);
    assert!(!f.sees(&james, own[0]).await);
}

#[db_test]
async fn who_changes_teams_twice_is_followed_to_the_last(db: TestDb) {
    let f = Firm::new(&db).await;
    let [iran, export] = f.teams;
    let service = f.app.create_team(&f.w, "خدمات", None).await.unwrap();
    let sara = f.member("sara", Some(iran)).await;
    let own = f.contact(&sara, json!({})).await.id();
    let user = Arc::clone(f.w.catalog().object("user").unwrap());
    // Both changes are there before anybody comes to the work that follows from the first.
    for team in [export, service] {
        let into = map(&json!({"team_id": team.to_string()}));
        f.app
            .patch(&f.boss, &user, sara.actor.id(), &into, None)
            .await
            .unwrap();
    }
    let mut worker = Worker::new(Arc::clone(&f.app), Duration::from_secs(60));
    while worker.step(&f.w).await.unwrap() {}
    assert_eq!(f.team_of(own).await, Some(service));
}
