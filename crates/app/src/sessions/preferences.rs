//! What people set for themselves: language, calendar, digits, theme.

use std::sync::Arc;

use peyvand_catalog::FieldIx;
use peyvand_core::{Actor, Id, Via};
use peyvand_domain::Writer;
use peyvand_numbers::Language;
use peyvand_record::Value;
use peyvand_record::codec::Mode;
use peyvand_record::policy::Policy;
use peyvand_store::{Conflict, StoreError};

use super::Session;
use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::workspace::Workspace;

impl App {
    /// Changes a user's own record.
    pub(crate) async fn change_user(
        &self,
        workspace: &Arc<Workspace>,
        id: Id,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<(), AppError> {
        let mut caller = Caller::system(workspace, Via::Web);
        caller.actor = Actor::User(id);
        caller.policy = Policy::all(caller.actor);
        let def = workspace.catalog().object("user").ok_or(AppError::NotFound)?;
        for _ in 0..crate::records::TRIES {
            let before = self.user_record(workspace, id).await?;
            let context = self.context(&caller);
            let (_, batch) = Writer {
                catalog: workspace.catalog(),
                context: &context,
                ids: &self.ids,
                zone: &workspace.settings.time_zone,
                teams: self.teams(workspace.id),
            }
            .patch(def, &before, values.clone(), &[])
            .map_err(AppError::Invalid)?;
            if batch.is_empty() {
                return Ok(());
            }
            match self
                .store
                .apply(&context, &workspace.layout, &caller.policy, &batch)
                .await
            {
                Ok(()) => return self.rights_changed().await,
                Err(StoreError::Conflict(Conflict::Stale { .. })) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Err(AppError::Forbidden)
    }

    /// Saves a person's own choices: language, calendar, digits, theme, time zone, rial or toman.
    pub async fn save_preferences(&self, session: &Session, chosen: &[(&str, &str)]) -> Result<(), AppError> {
        const OWN: &[&str] = &[
            "language",
            "calendar",
            "digits",
            "theme",
            "time_zone",
            "rial_display",
        ];
        let w = &session.caller.workspace;
        let def = w.catalog().object("user").ok_or(AppError::NotFound)?;
        let edge = w.edge(Language::En, self.clock.now(), Mode::Patch);
        let mut values = Vec::new();
        for (key, given) in chosen {
            let Some((ix, field)) = def.field(key).filter(|_| OWN.contains(key)) else {
                return Err(AppError::Forbidden);
            };
            if *key == "time_zone" && peyvand_calendar::zone::zone(given).is_none() {
                return Err(AppError::Parameter {
                    name: "time_zone",
                    value: (*given).chars().take(60).collect(),
                });
            }
            let value = peyvand_record::codec::parse_text(field, given, &edge)
                .map_err(|e| AppError::Invalid(vec![e]))?;
            values.push((ix, value));
        }
        self.change_user(w, session.user.id(), values).await
    }
}
