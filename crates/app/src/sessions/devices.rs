//! The devices that somebody is signed in with, and signing out: of one, of this one, of all.

use peyvand_core::{Id, Instant, WorkspaceId};
use peyvand_store::RowsCall;
use peyvand_store::ports::Step;
use peyvand_store::tables::SIDE;
use sha2::{Digest, Sha256};

use super::{IDLE_LIFE, SESSION, Session};
use crate::accounts::{INSTANCE, number};
use crate::app::App;
use crate::errors::AppError;

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct Device {
    /// A name to end it by; tells nothing of its token.
    pub id: String,
    /// The device, as its browser names itself.
    pub device: String,
    /// The network it was opened from.
    pub network: String,
    /// Opened.
    pub created_at: Instant,
    /// Last seen, to five minutes.
    pub seen_at: Instant,
    /// The one that asks.
    pub current: bool,
}

/// The name of a session for its owner.
fn public_name(hash: &[u8]) -> String {
    hex::encode(&Sha256::digest(hash)[..8])
}

impl App {
    /// Ends a session.
    pub async fn sign_out(&self, session: &Session) -> Result<(), AppError> {
        self.steps(vec![Self::delete_session_step(&session.hash, false)])
            .await?;
        self.rights_changed().await?;
        self.note_security(&session.caller.workspace, session.user.id(), "signed-out")
            .await
    }

    /// Ends every session and one-time link of an account, but for one session.
    pub(crate) async fn end_sessions(&self, account: Id, but: Option<&[u8; 32]>) -> Result<(), AppError> {
        let t = &SIDE.session;
        let key = [("workspace_id", number(INSTANCE)), ("account_id", account.into())];
        self.end_rows(RowsCall::new(t, &key), but).await
    }

    /// Ends every session and one-time link of one user in one workspace.
    pub(crate) async fn end_sessions_of_user(&self, place: WorkspaceId, user: Id) -> Result<(), AppError> {
        let t = &SIDE.session;
        let key = [
            ("workspace_id", number(INSTANCE)),
            ("place", number(place)),
            ("user_id", user.into()),
        ];
        self.end_rows(RowsCall::new(t, &key), None).await
    }

    async fn end_rows(&self, call: RowsCall, but: Option<&[u8; 32]>) -> Result<(), AppError> {
        let t = &SIDE.session;
        loop {
            let rows = self.store.rows(call.clone().limit(500)).await?;
            let steps: Vec<Step> = rows
                .iter()
                .filter_map(|r| r[t.at("hash")].bytes())
                .filter(|h| but.is_none_or(|b| &b[..] != *h))
                .map(|h| Self::delete_session_step(h, false))
                .collect();
            let more = rows.len() == 500 && !steps.is_empty();
            if !steps.is_empty() {
                self.steps(steps).await?;
            }
            if !more {
                return self.rights_changed().await;
            }
        }
    }

    /// The sessions of the person, the newest first.
    pub async fn devices(&self, session: &Session) -> Result<Vec<Device>, AppError> {
        self.write_uses().await?;
        let t = &SIDE.session;
        let key = [
            ("workspace_id", number(INSTANCE)),
            ("account_id", session.account.into()),
        ];
        let now = self.clock.now().micros();
        let rows = self.store.rows(RowsCall::new(t, &key)).await?;
        let mut out: Vec<Device> = rows
            .iter()
            .filter(|r| {
                r[t.at("kind")].text() == Some(SESSION)
                    && r[t.at("expires_at")].int().is_some_and(|e| e > now)
                    && r[t.at("seen_at")].int().is_some_and(|s| s > now - IDLE_LIFE)
            })
            .map(|r| {
                let text = |c: &str| r[t.at(c)].text().unwrap_or_default().to_owned();
                let when = |c: &str| Instant(r[t.at(c)].int().unwrap_or_default());
                let h = r[t.at("hash")].bytes().unwrap_or_default();
                Device {
                    id: public_name(h),
                    device: text("device"),
                    network: text("network"),
                    created_at: when("created_at"),
                    seen_at: when("seen_at"),
                    current: h == &session.hash[..],
                }
            })
            .collect();
        out.sort_by_key(|d| std::cmp::Reverse((d.current, d.seen_at)));
        Ok(out)
    }

    /// Ends one of the person's own sessions, by the name in the list of devices.
    ///
    /// # Errors
    /// `ProveAgain` when the password was given too long ago; `NotFound`.
    pub async fn sign_out_device(&self, session: &Session, id: &str) -> Result<(), AppError> {
        session.proved(self.clock.now())?;
        let t = &SIDE.session;
        let key = [
            ("workspace_id", number(INSTANCE)),
            ("account_id", session.account.into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key)).await?;
        let found = rows
            .iter()
            .filter_map(|r| r[t.at("hash")].bytes())
            .find(|h| public_name(h) == id)
            .ok_or(AppError::NotFound)?;
        self.steps(vec![Self::delete_session_step(found, false)]).await?;
        self.rights_changed().await?;
        self.note_security(&session.caller.workspace, session.user.id(), "device-signed-out")
            .await
    }

    /// Ends all of the person's sessions but this one.
    ///
    /// # Errors
    /// `ProveAgain` when the password was given too long ago.
    pub async fn sign_out_everywhere(&self, session: &Session) -> Result<(), AppError> {
        session.proved(self.clock.now())?;
        self.end_sessions(session.account, Some(&session.hash)).await?;
        self.note_security(
            &session.caller.workspace,
            session.user.id(),
            "signed-out-everywhere",
        )
        .await
    }

    /// Forgets sessions and links whose time is over; gives how many went.
    pub(crate) async fn forget_old_sessions(&self) -> Result<u64, AppError> {
        let t = &SIDE.session;
        let now = self.clock.now().micros();
        let mut n = 0;
        loop {
            let call = RowsCall::new(t, &[("workspace_id", number(INSTANCE))])
                .bound("expires_at", peyvand_store::ports::Bound::Lt, now)
                .limit(500);
            let rows = self.store.rows(call).await?;
            if rows.is_empty() {
                return Ok(n);
            }
            n += rows.len() as u64;
            let steps = rows
                .iter()
                .filter_map(|r| r[t.at("hash")].bytes())
                .map(|h| Self::delete_session_step(h, false))
                .collect();
            self.steps(steps).await?;
        }
    }

    /// Sessions that are open now.
    pub async fn open_sessions(&self) -> Result<u64, AppError> {
        let t = &SIDE.session;
        let now = self.clock.now().micros();
        let call = RowsCall::new(t, &[("workspace_id", number(INSTANCE)), ("kind", SESSION.into())])
            .bound("expires_at", peyvand_store::ports::Bound::Gt, now)
            .limit(10_000);
        Ok(self.store.rows(call).await?.len() as u64)
    }
}
