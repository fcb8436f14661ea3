//! People in a workspace, and what they say.

#![allow(
    dead_code,
    clippy::allow_attributes,
    unreachable_pub,
    reason = "each test uses a part of it"
)]

use std::sync::Arc;

use peyvand_app::consent::{Cell, Wish};
use peyvand_app::{App, Caller};
use peyvand_core::{Clock, FixedClock, Id, Instant, Via};
use peyvand_domain::consent::{Channel, Decision, Matter, Proof, Purpose, Source, Word};
use peyvand_testkit::TestDb;

pub struct World {
    pub app: Arc<App>,
    pub caller: Caller,
    pub clock: Arc<FixedClock>,
}

impl World {
    pub async fn new(db: &TestDb) -> Self {
        let clock: Arc<dyn Clock> = Arc::clone(&db.clock) as _;
        let app = Arc::new(App::new(Arc::clone(&db.store), clock, Arc::clone(&db.ids)));
        let workspace = app.create_workspace("main", "آزمایش").await.unwrap();
        Self {
            caller: Caller::system(&workspace, Via::Cli),
            app,
            clock: Arc::clone(&db.clock),
        }
    }

    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A second later.
    pub fn tick(&self) {
        self.clock.set(self.now().plus_micros(Instant::SECOND));
    }

    pub async fn contact(&self, name: &str, emails: &[&str], phones: &[&str]) -> Id {
        let object = self.app.object(&self.caller, "contacts").unwrap();
        let json = serde_json::json!({ "name": name, "emails": emails, "phones": phones });
        self.app
            .create(&self.caller, &object, json.as_object().unwrap(), None)
            .await
            .unwrap()
            .id()
    }

    /// A wish with a proof, said now.
    pub fn wish(&self, word: Word, channel: Channel, purpose: Purpose) -> Wish {
        let mut proof = Proof::of(Source::Paper, self.now());
        proof.text_shown = Some("می‌پذیرم".to_owned());
        Wish {
            channel: Some(channel),
            matter: Matter::Purpose(purpose),
            word,
            address: None,
            proof,
        }
    }

    pub async fn say(&self, person: Id, word: Word, channel: Channel, purpose: Purpose) {
        let wish = self.wish(word, channel, purpose);
        self.app
            .record_consent(&self.caller, person, &wish, None)
            .await
            .unwrap();
    }

    pub async fn grant(&self, person: Id, channel: Channel, purpose: Purpose) {
        self.say(person, Word::Granted, channel, purpose).await;
    }

    /// May the newsletter go to them by e-mail?
    pub async fn decision(&self, person: Id) -> Decision {
        self.app
            .may_send(&self.caller, person, Channel::Email, Purpose::Newsletter)
            .await
            .unwrap()
    }

    pub async fn cell(&self, person: Id, channel: Channel, purpose: Purpose) -> Cell {
        self.app
            .permissions(&self.caller, person)
            .await
            .unwrap()
            .cells
            .into_iter()
            .find(|c| c.channel == channel && c.purpose == purpose)
            .unwrap()
    }
}
