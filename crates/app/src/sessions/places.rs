//! The workspaces of somebody who is signed in: which there are, and going from one to another.

use std::sync::Arc;

use peyvand_catalog::handles::user;
use peyvand_core::{Id, Instant};
use peyvand_record::{Record, Value};
use peyvand_store::ports::Step;
use peyvand_store::tables::SIDE;

use super::{Opened, Session, Visit, hash};
use crate::accounts::{Account, INSTANCE, at, number};
use crate::app::App;
use crate::errors::AppError;
use crate::workspace::Workspace;

impl App {
    /// The workspaces that the person can go to: slug, name, whether it is this one.
    pub async fn workspaces_of(&self, session: &Session) -> Result<Vec<(String, String, bool)>, AppError> {
        let mut out = Vec::new();
        for (place, user) in self.memberships(session.account).await? {
            let Ok(w) = self.workspace_of(place).await else {
                continue;
            };
            if self.active_user(&w, user).await?.is_some() {
                out.push((
                    w.slug.clone(),
                    w.name.clone(),
                    place == session.caller.workspace.id,
                ));
            }
        }
        Ok(out)
    }

    /// The user's record when they may come in.
    pub(crate) async fn active_user(&self, w: &Workspace, id: Id) -> Result<Option<Record>, AppError> {
        match self.user_record(w, id).await {
            Ok(r) => Ok((*r.get(user::ACTIVE) != Value::Bool(false)).then_some(r)),
            Err(AppError::Unauthenticated) => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Goes to another workspace of the same person: a new session takes the place of this one.
    pub async fn switch_workspace(
        &self,
        session: &Session,
        slug: &str,
        visit: &Visit,
    ) -> Result<Opened, AppError> {
        for (place, user) in self.memberships(session.account).await? {
            let w = self.workspace_of(place).await?;
            if w.slug == slug && self.active_user(&w, user).await?.is_some() {
                let opened = self.open_session(session.account, place, user, visit).await?;
                self.keep_proof(&opened, session.proved_at).await?;
                self.steps(vec![Self::delete_session_step(&session.hash, false)])
                    .await?;
                self.rights_changed().await?;
                self.note_security(&w, user, "switched-workspace").await?;
                return Ok(opened);
            }
        }
        Err(AppError::NotFound)
    }

    /// A session that follows another has shown no more than that one.
    async fn keep_proof(&self, opened: &Opened, proved: Instant) -> Result<(), AppError> {
        let t = &SIDE.session;
        self.steps(vec![Step::Update {
            table: Arc::clone(t),
            set: at(t, &[("proved_at", proved.micros().into())]),
            key: at(
                t,
                &[
                    ("workspace_id", number(INSTANCE)),
                    ("hash", hash(&opened.token).to_vec().into()),
                ],
            ),
            expect_one: None,
        }])
        .await
    }

    /// Replaces the session by a new one that has just been proved.
    pub(crate) async fn renew_session(&self, session: &Session, visit: &Visit) -> Result<Opened, AppError> {
        let opened = self
            .open_session(
                session.account,
                session.caller.workspace.id,
                session.user.id(),
                visit,
            )
            .await?;
        self.steps(vec![Self::delete_session_step(&session.hash, false)])
            .await?;
        self.rights_changed().await?;
        Ok(opened)
    }

    /// The place where a person comes in: the first workspace where they are an active user.
    pub(crate) async fn first_place(
        &self,
        account: &Account,
    ) -> Result<Option<(Arc<Workspace>, Id)>, AppError> {
        for (place, user) in self.memberships(account.id).await? {
            let Ok(w) = self.workspace_of(place).await else {
                continue;
            };
            if self.active_user(&w, user).await?.is_some() {
                return Ok(Some((w, user)));
            }
        }
        Ok(None)
    }
}
