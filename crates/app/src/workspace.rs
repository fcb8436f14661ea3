//! Workspaces: a catalog of their own, settings, and everything that is keyed by them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use peyvand_calendar::{Calendar, zone};
use peyvand_catalog::schema::Schema;
use peyvand_catalog::{Catalog, CatalogError};
use peyvand_core::{Actor, Context, Id, Instant, Via, WorkspaceId};
use peyvand_domain::consent::ContactPolicy;
use peyvand_domain::numbering::Numbering;
use peyvand_identifiers::phone::Region;
use peyvand_numbers::{Currency, Language};
use peyvand_record::codec::{EdgeContext, Mode};
use peyvand_record::policy::Policy;
use peyvand_record::{AuditAction, AuditEntry, Batch};
use peyvand_store::ports::{OnKey, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Layout, RowsCall, SqlVal, StoreError};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::caller::By;
use crate::errors::AppError;

/// Settings of a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Currency of sums and twins.
    pub base_currency: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Language of people without one of their own.
    pub language: String,
    /// Calendar of people without one of their own: `jalali` or `gregorian`.
    pub calendar: String,
    /// Sending (messages, webhooks, inbound fetch) stands still until an administrator resumes it.
    pub sending_paused: bool,
    /// Whoever signs in here needs one-time codes: without them only their own account is open to them.
    pub codes_required: bool,
    /// When, how often and in which tone people are written to.
    pub contact_policy: ContactPolicy,
    /// The official holidays of Iran are days off. Where nobody has said, they are those of firms whose clock is Iran's.
    pub iran_holidays: Option<bool>,
    /// How the program numbers new records, by key of the object; what is not there is not numbered.
    pub numbering: BTreeMap<String, Numbering>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            base_currency: "IRR".to_owned(),
            time_zone: "Asia/Tehran".to_owned(),
            language: "fa".to_owned(),
            calendar: "jalali".to_owned(),
            sending_paused: false,
            codes_required: false,
            contact_policy: ContactPolicy::default(),
            iran_holidays: None,
            numbering: BTreeMap::new(),
        }
    }
}

impl Settings {
    /// Are the official holidays of Iran days off here?
    #[must_use]
    pub fn keeps_iran_holidays(&self) -> bool {
        self.iran_holidays
            .unwrap_or_else(|| zone::is_iran(&self.time_zone))
    }
}

/// An open workspace.
#[derive(Debug)]
pub struct Workspace {
    /// Its number in this database.
    pub id: WorkspaceId,
    /// Its id everywhere.
    pub uuid: Id,
    /// Its short name in addresses and commands.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its settings.
    pub settings: Settings,
    /// Its own definitions.
    pub schema: Schema,
    /// Its catalog and how that lies in tables.
    pub layout: Arc<Layout>,
}

impl Workspace {
    /// The catalog.
    #[must_use]
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.layout.catalog
    }

    /// How values are read in this workspace.
    #[must_use]
    pub fn edge(&self, language: Language, now: Instant, mode: Mode) -> EdgeContext {
        let time_zone = zone::zone(&self.settings.time_zone).unwrap_or_else(zone::tehran);
        let today = zone::day_of(now.micros(), &time_zone);
        let mut edge = EdgeContext::new(language, today, mode);
        edge.time_zone = time_zone;
        // Numbers without a country are of the firm's own, which its clock tells.
        if let Some(region) = zone::region(&self.settings.time_zone) {
            edge.default_region = Region::new(region);
        }
        if let Ok(c) = Currency::new(&self.settings.base_currency) {
            edge.base_currency = c;
        }
        edge
    }

    /// The calendar of people without one of their own.
    #[must_use]
    pub fn calendar(&self) -> Calendar {
        if self.settings.calendar == "gregorian" {
            Calendar::Gregorian
        } else {
            Calendar::Jalali
        }
    }
}

fn broken(e: &CatalogError) -> AppError {
    AppError::Store(StoreError::Engine(format!(
        "the workspace's definitions are broken: {e}"
    )))
}

impl App {
    /// Makes a workspace; `Duplicate` when the slug is taken.
    pub async fn create_workspace(&self, slug: &str, name: &str) -> Result<Arc<Workspace>, AppError> {
        let fits = !slug.is_empty()
            && slug.len() <= 40
            && slug
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !fits {
            return Err(AppError::Parameter {
                name: "slug",
                value: slug.to_owned(),
            });
        }
        let number = self
            .store
            .engine()
            .reserve(WorkspaceId(0), "workspace", 1)
            .await?
            + 1;
        let now = self.clock.now();
        let t = &SIDE.workspace;
        let settings = serde_json::to_string(&Settings::default()).unwrap_or_default();
        let row = vec![
            number.into(),
            self.ids.next(now).into(),
            slug.into(),
            name.into(),
            settings.into(),
            now.micros().into(),
        ];
        let step = Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Fail,
        };
        let told = serde_json::json!({"workspace": slug});
        let layout = Layout::of(Catalog::standard());
        let made = (Actor::System, Via::Cli);
        self.apply_logged(WorkspaceId(number as i32), &layout, made, &told, step)
            .await?;
        self.workspace(Some(slug)).await
    }

    /// The workspace with this slug; without one, the only one there is.
    pub async fn workspace(&self, slug: Option<&str>) -> Result<Arc<Workspace>, AppError> {
        let open = self
            .open_workspaces()
            .values()
            .find(|w| slug.is_some_and(|s| s == w.slug))
            .cloned();
        if let Some(w) = open {
            return Ok(w);
        }
        let t = &SIDE.workspace;
        let key: Vec<(&str, SqlVal)> = slug.map(|s| ("slug", s.into())).into_iter().collect();
        // Which number a name has is not known before.
        let call = RowsCall::new(t, &key).everywhere().limit(2);
        let rows = self.store.rows(call).await?;
        let [row] = rows.as_slice() else {
            return Err(AppError::NotFound);
        };
        let number = row[t.at("workspace_id")].int().unwrap_or_default();
        let text = |c: &str| row[t.at(c)].text().unwrap_or_default().to_owned();
        let id = WorkspaceId(number as i32);
        let schema = self.load_schema(id).await?;
        let settings: Settings = serde_json::from_str(&text("settings")).unwrap_or_default();
        let mut catalog = if schema == Schema::default() {
            Catalog::standard()
        } else {
            Arc::new(schema.catalog().map_err(|e| broken(&e))?)
        };
        if let Ok(base) = Currency::new(&settings.base_currency)
            && base != catalog.base_currency
        {
            catalog = Arc::new(catalog.in_currency(base));
        }
        let workspace = Arc::new(Workspace {
            id,
            uuid: row[t.at("id")].uuid().unwrap_or(Id::NIL),
            slug: text("slug"),
            name: text("name"),
            settings,
            layout: Arc::new(Layout::of(catalog).keeping(&schema.with_deleted_fields())),
            schema,
        });
        self.workspaces
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, Arc::clone(&workspace));
        self.read_teams(&workspace).await?;
        Ok(workspace)
    }

    /// Every workspace's slug and name.
    pub async fn workspaces(&self) -> Result<Vec<(String, String)>, AppError> {
        let t = &SIDE.workspace;
        let rows = self
            .store
            .rows(RowsCall::new(t, &[]).everywhere().order("workspace_id", false))
            .await?;
        Ok(rows
            .iter()
            .map(|r| {
                let text = |c: &str| r[t.at(c)].text().unwrap_or_default().to_owned();
                (text("slug"), text("name"))
            })
            .collect())
    }

    async fn load_schema(&self, id: WorkspaceId) -> Result<Schema, AppError> {
        let t = &SIDE.definition;
        let key = [
            ("workspace_id", i64::from(id.0).into()),
            ("name", "schema".into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let Some(body) = rows.first().and_then(|r| r[t.at("body")].text()) else {
            return Ok(Schema::default());
        };
        serde_json::from_str(body).map_err(|e| {
            AppError::Store(StoreError::Engine(format!(
                "the workspace's definitions are broken: {e}"
            )))
        })
    }

    /// Replaces the workspace's own definitions and opens it anew.
    pub async fn save_schema(&self, by: By<'_>, schema: &Schema) -> Result<Arc<Workspace>, AppError> {
        let workspace = by.workspace;
        schema.catalog().map_err(|e| broken(&e))?;
        let t = &SIDE.definition;
        let body =
            serde_json::to_string(schema).map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?;
        let before_and_after = [&workspace.schema, schema];
        let row = vec![
            i64::from(workspace.id.0).into(),
            "schema".into(),
            schema.revision.into(),
            body.into(),
        ];
        let step = Step::Insert {
            table: Arc::clone(t),
            row,
            on_key: OnKey::Replace,
        };
        let told = serde_json::json!({"definitions": schema.revision, "changes": before_and_after});
        let who = (by.actor, by.via);
        self.apply_logged(workspace.id, &workspace.layout, who, &told, step)
            .await?;
        self.reopen(workspace).await
    }

    /// Saves the settings of a workspace and opens it anew.
    pub async fn save_settings(
        &self,
        by: impl Into<By<'_>>,
        settings: &Settings,
    ) -> Result<Arc<Workspace>, AppError> {
        let by = by.into();
        let workspace = by.workspace;
        let t = &SIDE.workspace;
        let body = serde_json::to_string(settings)
            .map_err(|e| AppError::Store(StoreError::Engine(e.to_string())))?;
        let step = Step::Update {
            table: Arc::clone(t),
            set: vec![(t.at("settings"), body.into())],
            key: vec![(t.at("workspace_id"), i64::from(workspace.id.0).into())],
            expect_one: None,
        };
        let told = serde_json::json!({"settings": [workspace.settings, settings]});
        let who = (by.actor, by.via);
        self.apply_logged(workspace.id, &workspace.layout, who, &told, step)
            .await?;
        let fresh = self.reopen(workspace).await?;
        if workspace.settings.base_currency != settings.base_currency {
            self.plan_rebase(&fresh).await?;
        }
        Ok(fresh)
    }

    /// Makes a change of the workspace itself, with its entry in the log.
    async fn apply_logged(
        &self,
        id: WorkspaceId,
        layout: &Layout,
        (actor, via): (Actor, Via),
        told: &serde_json::Value,
        step: Step,
    ) -> Result<(), AppError> {
        let now = self.clock.now();
        let context = Context {
            workspace: id,
            actor,
            via,
            request: self.ids.next(now),
            now,
        };
        let batch = Batch {
            audit: vec![AuditEntry {
                id: self.ids.next(now),
                action: AuditAction::Security,
                object: "workspace".into(),
                record: Id::NIL,
                detail: told.to_string().into(),
            }],
            ..Batch::default()
        };
        let all = Policy::all(Actor::System);
        Ok(self
            .store
            .apply_with(&context, layout, &all, &batch, vec![step])
            .await?)
    }

    async fn reopen(&self, workspace: &Workspace) -> Result<Arc<Workspace>, AppError> {
        self.workspaces
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&workspace.id);
        self.workspace(Some(&workspace.slug)).await
    }
}
