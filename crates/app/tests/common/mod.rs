//! An application on a fresh SQLite database, records of every object, and a digest of all rows.

#![allow(
    dead_code,
    clippy::allow_attributes,
    unreachable_pub,
    reason = "each test uses a part of it"
)]

use std::path::Path;
use std::sync::Arc;

use peyvand_app::people::NewUser;
use peyvand_app::workspace::Workspace;
use peyvand_app::{App, Caller};
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::{FixedClock, Id, IdSource, Via};
use peyvand_record::{
    AddressValue, Batch, Change, MoneyValue, NameValue, Point, Record, TimelineEntry, Value,
};
use peyvand_store::tables::SIDE;
use peyvand_store::{Keys, RowsCall, SqlVal, Store};
use peyvand_store_sqlite::{Options, SqliteEngine};
use peyvand_testkit::db::{self, TestDb};

pub struct Fixture {
    pub app: Arc<App>,
    pub clock: Arc<FixedClock>,
    pub caller: Caller,
    pub folder: tempfile::TempDir,
    pub kind: db::Kind,
    pub schema: Option<String>,
}

pub async fn open_at(path: &Path, clock: &Arc<FixedClock>) -> Arc<App> {
    let engine = Arc::new(SqliteEngine::open(&path.join("peyvand.db"), &Options::default()).unwrap());
    peyvand_store::Engine::migrate(&*engine).await.unwrap();
    let store = Arc::new(Store::new(engine, Keys::new([42; 32])));
    let clock: Arc<dyn peyvand_core::Clock> = Arc::clone(clock) as _;
    Arc::new(App::new(store, clock, Arc::new(IdSource::default())))
}

/// On SQLite, for what does not depend on the engine.
pub async fn fixture() -> Fixture {
    fixture_on(db::open(db::Kind::Sqlite).await).await
}

/// On the engine of the test.
pub async fn fixture_on(db: TestDb) -> Fixture {
    let clock = Arc::clone(&db.clock);
    let app = Arc::new(App::new(
        Arc::clone(&db.store),
        Arc::clone(&clock) as _,
        Arc::new(IdSource::default()),
    ));
    let workspace = app.create_workspace("main", "آزمایش").await.unwrap();
    Fixture {
        caller: Caller::system(&workspace, Via::Cli),
        app,
        clock,
        folder: db.folder,
        kind: db.kind,
        schema: db.schema,
    }
}

impl Fixture {
    pub fn workspace(&self) -> &Arc<Workspace> {
        &self.caller.workspace
    }

    /// A new user with a role, as one who calls.
    pub async fn person(&self, name: &str, role: &str) -> Caller {
        let new = NewUser {
            email: format!("{role}-{}@example.com", name.len()),
            name: name.to_owned(),
            role: role.to_owned(),
            active: true,
            team: None,
        };
        let id = self.app.create_user(self.workspace(), &new).await.unwrap();
        self.app.caller_of(self.workspace(), id, Via::Web).await.unwrap()
    }

    pub fn object(&self, key: &str) -> Arc<ObjectDef> {
        Arc::clone(self.workspace().catalog().object(key).unwrap())
    }

    pub async fn apply(&self, changes: Vec<Change>) {
        let batch = Batch {
            changes,
            ..Batch::default()
        };
        self.apply_batch(&batch).await;
    }

    pub async fn apply_batch(&self, batch: &Batch) {
        let context = self.app.context(&self.caller);
        self.app
            .store
            .apply(&context, &self.workspace().layout, &self.caller.policy, batch)
            .await
            .unwrap();
    }

    /// A record with every field that holds a value of its own, without links.
    pub fn sample(&self, object: &str, n: usize) -> Record {
        let def = self.object(object);
        let context = self.app.context(&self.caller);
        let mut r = Record::new(&def, self.app.ids.next(context.now), context.now, context.actor);
        for (i, f) in def.fields.iter().enumerate() {
            let ix = FieldIx(i as u16);
            if f.is_system() || r.get(ix) != &Value::Null || f.ty == FieldType::Computed {
                continue;
            }
            r.set(ix, value(f, n));
        }
        r
    }

    pub async fn insert(&self, record: &Record) -> Id {
        let mut changes = Vec::new();
        // The contact points of a record are rows of their own.
        for v in &record.values {
            if let Value::Points(points) = v {
                for p in points {
                    changes.push(Change::Insert(Box::new(self.point_row(record, p))));
                }
            }
        }
        changes.insert(0, Change::Insert(Box::new(record.clone())));
        self.apply(changes).await;
        record.id()
    }

    fn point_row(&self, owner: &Record, p: &Point) -> Record {
        use peyvand_catalog::handles::contact_point as cp;
        let context = self.app.context(&self.caller);
        let mut r = Record::new(&self.object("contact_point"), p.id, context.now, context.actor);
        let link = if &*owner.object == "company" {
            cp::COMPANY_ID
        } else {
            cp::CONTACT_ID
        };
        r.set(link, Value::Id(owner.id()));
        r.set(cp::CHANNEL, Value::Choice(p.channel.clone()));
        r.set(cp::VALUE, Value::Text(p.value.clone()));
        r.set(cp::NORMALISED, Value::Text(p.normalised.clone()));
        r.set(cp::PRIMARY, Value::Bool(p.primary));
        r
    }

    /// Tags, shares, followers, timeline lines and keys on a record.
    pub async fn dress(&self, record: &Record, tag: Id, at: i64) {
        let w = i64::from(self.workspace().id.0);
        let id = record.id();
        let row = |t: &Arc<peyvand_store::tables::Table>, pairs: &[(&str, SqlVal)]| {
            let mut row = vec![SqlVal::Null; t.columns.len()];
            for (c, v) in pairs {
                row[t.at(c)] = v.clone();
            }
            peyvand_store::Step::Insert {
                table: Arc::clone(t),
                row,
                on_key: peyvand_store::OnKey::Keep,
            }
        };
        let user = Id::from_bytes([9; 16]);
        let steps = vec![
            row(
                &SIDE.record_tag,
                &[
                    ("workspace_id", w.into()),
                    ("tag_id", tag.into()),
                    ("record_id", id.into()),
                    ("at", at.into()),
                ],
            ),
            row(
                &SIDE.follower,
                &[
                    ("workspace_id", w.into()),
                    ("record_id", id.into()),
                    ("user_id", user.into()),
                    ("at", at.into()),
                ],
            ),
            row(
                &SIDE.record_share,
                &[
                    ("workspace_id", w.into()),
                    ("record_id", id.into()),
                    ("grantee_id", user.into()),
                    ("may_update", 1.into()),
                    ("at", at.into()),
                ],
            ),
            row(
                &SIDE.external_key,
                &[
                    ("workspace_id", w.into()),
                    ("object", record.object.to_string().into()),
                    ("source", "crm".into()),
                    ("key", id.to_string().into()),
                    ("record_id", id.into()),
                ],
            ),
        ];
        self.app
            .store
            .engine()
            .apply(peyvand_store::Plan::of(steps))
            .await
            .unwrap();
        let entry = |at: i64| TimelineEntry {
            record: id,
            at: peyvand_core::Instant(at),
            kind: "interaction".into(),
            // The same happening on several timelines, at two times.
            reference: Id::from_bytes([5; 16]),
        };
        self.apply_batch(&Batch {
            timeline: vec![entry(at), entry(7)],
            ..Batch::default()
        })
        .await;
    }

    /// Every row of every table that holds data, versions and times of change apart, sorted.
    pub async fn dump(&self) -> Vec<String> {
        let mut tables = self.workspace().layout.tables();
        tables.push(Arc::clone(&SIDE.custom_record));
        for t in [
            &SIDE.record,
            &SIDE.record_link,
            &SIDE.field_index,
            &SIDE.record_tag,
            &SIDE.record_share,
            &SIDE.follower,
            &SIDE.timeline,
            &SIDE.external_key,
            &SIDE.alias,
            &SIDE.image,
            &SIDE.relink_image,
            &SIDE.search_doc,
            &SIDE.consent_head,
        ] {
            tables.push(Arc::clone(t));
        }
        let mut out = Vec::new();
        for t in tables {
            let call = RowsCall::new(&t, &[]).everywhere().limit(1_000_000);
            for row in self.app.store.rows(call).await.unwrap() {
                let cells: Vec<String> = row
                    .iter()
                    .zip(&t.columns)
                    .filter(|(_, c)| !matches!(c.name.as_str(), "version" | "updated_at" | "updated_by"))
                    .map(|(v, c)| format!("{}={v:?}", c.name))
                    .collect();
                out.push(format!("{}: {}", t.name, cells.join(" ")));
            }
        }
        out.sort();
        out
    }
}

/// A value for a field, another one for each `n`.
pub fn value(f: &FieldDef, n: usize) -> Value {
    let text = format!("{}-{n}", f.key);
    match f.stored() {
        FieldType::Link | FieldType::Links | FieldType::File => Value::Null,
        FieldType::Number | FieldType::Decimal => Value::Int(n as i64 % 90 + 1),
        FieldType::Boolean => Value::Bool(n.is_multiple_of(2)),
        FieldType::Date => Value::Date(20_000 + n as i32),
        FieldType::Instant => Value::Instant(peyvand_core::Instant(1_700_000_000_000_000 + n as i64)),
        FieldType::Money => Value::money(MoneyValue {
            minor: n as i64,
            currency: "IRR".into(),
            base: Some(n as i64),
            rate: None,
            rated_on: None,
        }),
        FieldType::Choice => f
            .choices
            .get(n % f.choices.len().max(1))
            .map_or(Value::Null, |c| Value::Choice(c.key.as_str().into())),
        FieldType::Choices => f
            .choices
            .get(n % f.choices.len().max(1))
            .map_or(Value::Null, |c| Value::Choices(vec![c.key.as_str().into()])),
        FieldType::PersonName => Value::Name(Box::new(NameValue {
            given: format!("نام{n}").into(),
            family: format!("خانواده{n}").into(),
            ..NameValue::default()
        })),
        FieldType::Address => Value::Address(Box::new(AddressValue {
            city: format!("شهر{n}").into(),
            ..AddressValue::default()
        })),
        FieldType::Points => {
            let phone = f.key == "phones";
            let one = |k: usize| {
                let v: Box<str> = if phone {
                    format!("+98912{k:07}").into()
                } else {
                    format!("p{k}@example.com").into()
                };
                Point {
                    id: Id::from_bytes(peyvand_core::random::bytes()),
                    value: v.clone(),
                    normalised: v,
                    channel: if phone { "mobile" } else { "email" }.into(),
                    label: None,
                    primary: k == n,
                }
            };
            // One of their own, and one that all have.
            Value::Points(vec![one(n), one(0)])
        }
        FieldType::Json => Value::Json(Box::new(serde_json::json!({ "n": n }))),
        _ => Value::Text(text.into()),
    }
}
