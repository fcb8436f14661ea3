//! One-time links: the first start, an invitation, a new password, a sign-in. A link is shown once to whoever makes it;
//! only its hash is stored. Sending it is somebody else's work.

use std::sync::Arc;

use peyvand_catalog::handles::user;
use peyvand_core::{Id, Instant, WorkspaceId, random};
use peyvand_record::Value;
use peyvand_store::ports::OnKey;
use peyvand_store::tables::SIDE;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::people::NewUser;
use crate::sessions::{NewRow, Opened, Visit, hash, well_formed};
use crate::settings::Firm;
use crate::sign_in::SignIn;
use crate::workspace::Workspace;

/// A link to sign in or to begin works this long.
const LINK_LIFE: i64 = 24 * 60 * 60 * Instant::SECOND;
/// A link to a new password works this long.
const RESET_LIFE: i64 = 30 * 60 * Instant::SECOND;
/// An invitation works this long.
const INVITATION_LIFE: i64 = 7 * Instant::DAY;

const SIGN_IN: &str = "link:sign-in";
const SET_UP: &str = "link:set-up";
const RESET: &str = "link:reset";
const INVITATION: &str = "link:invitation";

/// What a one-time link is about.
#[derive(Debug, Clone)]
pub struct LinkInfo {
    /// The address of the person.
    pub email: String,
    /// The name of the workspace.
    pub workspace: String,
    /// The person has a password already, which must be given.
    pub has_password: bool,
    /// A one-time code is needed as well.
    pub needs_code: bool,
}

/// Whoever sets a workspace up.
#[derive(Debug, Clone)]
pub struct FirstPerson {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// The password that they choose, or the one of the account that they have.
    pub password: String,
}

struct Link {
    key: [u8; 32],
    account: Id,
    workspace: Arc<Workspace>,
    user: Id,
}

impl App {
    async fn put_link(
        &self,
        kind: &str,
        account: Id,
        w: &Workspace,
        user: Id,
        life: i64,
    ) -> Result<String, AppError> {
        let token = hex::encode(random::bytes::<32>());
        let new = NewRow {
            kind,
            account,
            place: w.id,
            user,
            life,
        };
        self.steps(vec![self.session_step(
            &token,
            &new,
            &Visit::default(),
            OnKey::Fail,
        )])
        .await?;
        Ok(token)
    }

    async fn link(&self, token: &str, kind: &str) -> Result<Link, AppError> {
        if !well_formed(token) {
            return Err(AppError::Unauthenticated);
        }
        let key = hash(token);
        let t = &SIDE.session;
        let row = self.session_row(&key, kind).await?;
        let place = WorkspaceId(row[t.at("place")].int().unwrap_or_default() as i32);
        Ok(Link {
            key,
            account: row[t.at("account_id")].uuid().unwrap_or(Id::NIL),
            workspace: self.workspace_of(place).await?,
            user: row[t.at("user_id")].uuid().unwrap_or(Id::NIL),
        })
    }

    /// A one-time link's token that signs this user in within a day, without a password. For whoever runs the instance.
    pub async fn create_sign_in_link(
        &self,
        workspace: &Arc<Workspace>,
        email: &str,
    ) -> Result<String, AppError> {
        let person = self
            .user_by_email(workspace, email)
            .await?
            .ok_or(AppError::NotFound)?;
        let account = self
            .account_of_user(workspace.id, person.id())
            .await?
            .ok_or(AppError::NotFound)?;
        self.put_link(SIGN_IN, account, workspace, person.id(), LINK_LIFE)
            .await
    }

    /// Trades a one-time link for a session; where the person uses one-time codes, the code is asked for all the same.
    pub async fn sign_in_by_link(&self, token: &str, visit: &Visit) -> Result<SignIn, AppError> {
        let link = self.link(token, SIGN_IN).await?;
        if self.active_user(&link.workspace, link.user).await?.is_none() {
            return Err(AppError::Unauthenticated);
        }
        let account = self.account(link.account).await?;
        self.use_up(&link.key).await?;
        self.come_in(&account, link.workspace.id, link.user, visit).await
    }

    /// A one-time token for the first start, when the workspace has no user yet.
    pub async fn create_set_up_link(&self, workspace: &Arc<Workspace>) -> Result<Option<String>, AppError> {
        if !self.all_of(workspace, "user").await?.is_empty() {
            return Ok(None);
        }
        self.put_link(SET_UP, Id::NIL, workspace, Id::NIL, LINK_LIFE)
            .await
            .map(Some)
    }

    /// Does the link of the first start still work?
    pub async fn set_up_open(&self, token: &str) -> Result<Arc<Workspace>, AppError> {
        let link = self.link(token, SET_UP).await?;
        if !self.all_of(&link.workspace, "user").await?.is_empty() {
            return Err(AppError::Unauthenticated);
        }
        Ok(link.workspace)
    }

    /// Settles how the firm works, makes its first administrator and signs them in. Somebody who has an account in another
    /// workspace of the instance gives that account's password.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with what is wrong with the firm, as from [`App::change_settings`], or with the person.
    pub async fn set_up(
        &self,
        token: &str,
        firm: &Firm,
        first: &FirstPerson,
        visit: &Visit,
    ) -> Result<Opened, AppError> {
        let workspace = self.set_up_open(token).await?;
        let settings = firm.settings(&workspace.settings)?;
        let FirstPerson {
            name,
            email,
            password,
        } = first;
        let existing = self.account_by_email(email).await?;
        let has_password = existing.as_ref().is_some_and(|a| a.password_hash.is_some());
        if let Some(a) = existing.as_ref().filter(|_| has_password) {
            self.check_password_of(a, password).await?;
        } else {
            self.take_password(password, &[email.as_str(), name.as_str()])?;
        }
        let key = hash(token);
        self.use_up(&key).await?;
        let new = NewUser {
            email: email.trim().to_owned(),
            name: name.trim().to_owned(),
            role: "admin".to_owned(),
            active: true,
            team: None,
        };
        let made = async {
            // The roles are named in the language of the firm.
            let workspace = self.save_settings(&workspace, &settings).await?;
            // Whoever is invited next need not be an administrator for want of another role.
            for role in ["manager", "seller", "reader"] {
                self.role(&workspace, role).await?;
            }
            self.create_user(&workspace, &new).await
        };
        let made = match made.await {
            Ok(id) => id,
            Err(e) => {
                // What was typed could not be taken: the link must work for the next try.
                let row = NewRow {
                    kind: SET_UP,
                    account: Id::NIL,
                    place: workspace.id,
                    user: Id::NIL,
                    life: LINK_LIFE,
                };
                self.steps(vec![self.session_step(
                    token,
                    &row,
                    &Visit::default(),
                    OnKey::Replace,
                )])
                .await?;
                return Err(e);
            }
        };
        let account = self.account_by_email(email).await?.ok_or(AppError::NotFound)?;
        if !has_password {
            self.store_password(account.id, password).await?;
        }
        self.note_security(&workspace, made, "set-up").await?;
        self.open_session(account.id, workspace.id, made, visit).await
    }

    /// Stores a password that has been checked.
    pub(crate) async fn store_password(&self, account: Id, password: &str) -> Result<(), AppError> {
        let hashed = self.hasher.hash(password.to_owned()).await?;
        self.steps(vec![
            self.account_step(account, &[("password_hash", hashed.into())]),
        ])
        .await
    }

    /// The token of a link by which a user takes their place: shown once to whoever asks.
    ///
    /// # Errors
    /// `Forbidden` unless the caller manages users and has every right of this one.
    pub async fn invite(&self, caller: &Caller, id: Id) -> Result<String, AppError> {
        let w = &caller.workspace;
        let person = self.manageable(caller, id).await?;
        let email = person.get(user::EMAIL).as_str().unwrap_or_default();
        let (account, _) = self.ensure_account(email).await?;
        let token = self
            .put_link(INVITATION, account.id, w, id, INVITATION_LIFE)
            .await?;
        self.note(caller, id, serde_json::json!({"invitation": "made"}))
            .await?;
        Ok(token)
    }

    /// What an invitation or reset link says to whoever opens it; looking does not use it up.
    pub async fn link_info(&self, token: &str, reset: bool) -> Result<LinkInfo, AppError> {
        let link = self.link(token, if reset { RESET } else { INVITATION }).await?;
        let account = self.account(link.account).await?;
        Ok(LinkInfo {
            email: account.email,
            workspace: link.workspace.name.clone(),
            has_password: account.password_hash.is_some(),
            needs_code: account.totp.is_some(),
        })
    }

    /// Takes an invitation. A new person chooses a password; somebody who has one gives it: an invitation never opens an
    /// account that belongs to somebody already.
    pub async fn accept_invitation(
        &self,
        token: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<SignIn, AppError> {
        let link = self.link(token, INVITATION).await?;
        let person = self
            .active_user(&link.workspace, link.user)
            .await?
            .ok_or(AppError::Unauthenticated)?;
        let account = self.account(link.account).await?;
        let fresh = account.password_hash.is_none();
        if fresh {
            let name = person.get(user::NAME).as_str().unwrap_or_default();
            self.take_password(password, &[&account.email, name])?;
        } else {
            self.check_password_of(&account, password).await?;
        }
        self.use_up(&link.key).await?;
        if fresh {
            self.store_password(account.id, password).await?;
            // Places that were kept for this address elsewhere were taken by nobody yet: whoever holds this link has
            // shown nothing about them, and comes there by their own invitation.
            self.leave_other_places(account.id, link.workspace.id).await?;
        }
        self.steps(vec![Self::join_step(account.id, link.workspace.id, link.user)])
            .await?;
        self.note_security(&link.workspace, link.user, "joined").await?;
        self.come_in(&account, link.workspace.id, link.user, visit).await
    }

    /// The token of a link to a new password: shown once to whoever asks, good for half an hour.
    ///
    /// # Errors
    /// `Forbidden` unless the caller manages users, has every right of this one, and the person works in no other
    /// workspace: who runs one workspace does not open accounts of another. The command line may always.
    pub async fn create_reset_link(&self, caller: &Caller, id: Id) -> Result<String, AppError> {
        let w = &caller.workspace;
        self.manageable(caller, id).await?;
        let account = self.account_of_user(w.id, id).await?.ok_or(AppError::NotFound)?;
        let own = self.memberships(account).await?.iter().all(|(p, _)| *p == w.id);
        if !own && caller.actor != peyvand_core::Actor::System {
            return Err(AppError::Forbidden);
        }
        let token = self.put_link(RESET, account, w, id, RESET_LIFE).await?;
        self.note(caller, id, serde_json::json!({"reset-link": "made"}))
            .await?;
        Ok(token)
    }

    /// Sets a new password by a link. One-time codes stay as they are, and every session ends.
    pub async fn reset_password(
        &self,
        token: &str,
        password: &str,
        visit: &Visit,
    ) -> Result<SignIn, AppError> {
        let link = self.link(token, RESET).await?;
        if self.active_user(&link.workspace, link.user).await?.is_none() {
            return Err(AppError::Unauthenticated);
        }
        let account = self.account(link.account).await?;
        self.take_password(password, &[&account.email])?;
        self.use_up(&link.key).await?;
        self.store_password(account.id, password).await?;
        self.end_sessions(account.id, None).await?;
        self.note_security(&link.workspace, link.user, "password-reset")
            .await?;
        self.come_in(&account, link.workspace.id, link.user, visit).await
    }

    /// Sets the password of a user, and ends their sessions. For whoever runs the instance.
    pub async fn set_password(
        &self,
        workspace: &Arc<Workspace>,
        id: Id,
        password: &str,
    ) -> Result<(), AppError> {
        let account = self
            .account_of_user(workspace.id, id)
            .await?
            .ok_or(AppError::NotFound)?;
        let email = self.account(account).await?.email;
        self.take_password(password, &[&email])?;
        self.store_password(account, password).await?;
        self.end_sessions(account, None).await?;
        self.note_security(workspace, id, "password-changed").await
    }

    /// The user's record, when the caller manages users and has every right that this one has.
    pub(crate) async fn manageable(
        &self,
        caller: &Caller,
        id: Id,
    ) -> Result<peyvand_record::Record, AppError> {
        self.may_manage(caller, "user", peyvand_record::Verb::Update)?;
        let person = self.user_record(&caller.workspace, id).await.map_err(|e| {
            if matches!(e, AppError::Unauthenticated) {
                AppError::NotFound
            } else {
                e
            }
        })?;
        if *person.get(user::ACTIVE) == Value::Bool(false) {
            return Err(AppError::Forbidden);
        }
        let (theirs, _) = self.policy_of(&caller.workspace, id, "*").await?;
        if crate::rights::covers(&caller.policy, &theirs, caller.workspace.catalog()) {
            Ok(person)
        } else {
            Err(AppError::Forbidden)
        }
    }
}
