//! Signing in by address and password, and by a one-time code where the person has switched that on.
//!
//! Tries are counted for each network, each network and address, each address, and all together. A browser that has
//! signed in to the account before carries a mark and has a count of its own, so that a stranger who uses an address up
//! does not lock its owner out.

use std::sync::Arc;
use std::time::Duration;

use peyvand_core::{Id, Instant, WorkspaceId, random};
use peyvand_store::ports::{OnKey, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, StoreError};

use crate::accounts::{Account, INSTANCE, address_key, at, number};
use crate::app::App;
use crate::errors::AppError;
use crate::passwords::LONGEST_PASSWORD;
use crate::sessions::{NewRow, Opened, Session, Visit, hash, network, well_formed};
use crate::totp;

/// The window of tries, in seconds.
const WINDOW: i64 = 15 * 60;
/// Tries for one address from one network.
const OF_ADDRESS_AND_NETWORK: i64 = 10;
/// Tries from one network.
const OF_NETWORK: i64 = 20;
/// Tries for one address from browsers that are not known.
const OF_ADDRESS: i64 = 50;
/// Tries of all browsers that are not known.
const OF_ALL: i64 = 600;
/// Tries of one browser that is known.
const OF_KNOWN: i64 = 10;
/// Tries of a one-time code for one account.
const OF_CODE: i64 = 10;
/// Between the password and the code there are at most so many microseconds.
const HALF_LIFE: i64 = 10 * 60 * Instant::SECOND;
/// A password was right, the code is still missing.
const HALF: &str = "half";

/// How a sign-in ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// The session is open.
    Done(Opened),
    /// A one-time code is needed; with this token it may be given.
    NeedsCode(String),
}

impl App {
    /// Signs a person in by address and password.
    ///
    /// # Errors
    /// `Unauthenticated` when they do not fit or the person may not come in: which of these is not told, also not by
    /// time. `RateLimited` when there were too many tries.
    pub async fn sign_in(&self, email: &str, password: &str, visit: &Visit) -> Result<SignIn, AppError> {
        if password.chars().count() > LONGEST_PASSWORD || email.len() > 320 {
            return Err(AppError::Unauthenticated);
        }
        let account = self.account_by_email(email).await?;
        self.count_sign_in(email, account.as_ref(), visit).await?;
        let place = match &account {
            Some(a) => self.first_place(a).await?,
            None => None,
        };
        // A person who may not come in is hashed for like a stranger.
        let stored = account
            .as_ref()
            .filter(|_| place.is_some())
            .and_then(|a| a.password_hash.clone());
        let fit = self.fits_in_turn(password, stored).await?;
        match (account, place) {
            (Some(account), Some((w, user))) if fit => self.come_in(&account, w.id, user, visit).await,
            _ => {
                tracing::info!(network = network(visit.address), "sign-in refused");
                Err(AppError::Unauthenticated)
            }
        }
    }

    /// Opens the session, or asks for the code first.
    pub(crate) async fn come_in(
        &self,
        account: &Account,
        place: WorkspaceId,
        user: Id,
        visit: &Visit,
    ) -> Result<SignIn, AppError> {
        if account.totp.is_none() {
            let opened = self.open_session(account.id, place, user, visit).await?;
            let w = self.workspace_of(place).await?;
            self.note_security(&w, user, "signed-in").await?;
            return Ok(SignIn::Done(opened));
        }
        let token = hex::encode(random::bytes::<32>());
        let new = NewRow {
            kind: HALF,
            account: account.id,
            place,
            user,
            life: HALF_LIFE,
        };
        self.steps(vec![self.session_step(&token, &new, visit, OnKey::Fail)])
            .await?;
        Ok(SignIn::NeedsCode(token))
    }

    async fn count_sign_in(
        &self,
        email: &str,
        account: Option<&Account>,
        visit: &Visit,
    ) -> Result<(), AppError> {
        let known = account.and_then(|a| visit.known.as_deref().and_then(|k| self.is_known(a.id, k)));
        if let Some(nonce) = known {
            return self
                .count_tries(WINDOW, &[(format!("sign-in:known:{nonce}"), OF_KNOWN)])
                .await;
        }
        // Names of counters tell nobody whose address it is.
        let key = self
            .store
            .keys()
            .derive("sign-in-counter", &[address_key(email).as_bytes()]);
        let address = hex::encode(&key[..12]);
        let net = network(visit.address);
        self.count_tries(
            WINDOW,
            &[
                (format!("sign-in:net:{net}"), OF_NETWORK),
                (format!("sign-in:both:{net}:{address}"), OF_ADDRESS_AND_NETWORK),
                (format!("sign-in:address:{address}"), OF_ADDRESS),
                ("sign-in:all".to_owned(), OF_ALL),
            ],
        )
        .await
    }

    /// How many passwords have been hashed since the start: for a sign-in one, whoever it was and however it ended.
    #[must_use]
    pub fn passwords_hashed(&self) -> u64 {
        self.hasher.done()
    }

    /// Hashes while at most two others hash: sign-ins do not take the machine from everybody else.
    pub(crate) async fn fits_in_turn(
        &self,
        password: &str,
        stored: Option<String>,
    ) -> Result<bool, AppError> {
        let turn = tokio::time::timeout(Duration::from_secs(10), self.hashing.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            return Err(AppError::RateLimited { seconds: 5 });
        };
        self.hasher.fits(password.to_owned(), stored).await
    }

    /// The second step: a one-time code, or a recovery code.
    ///
    /// # Errors
    /// `WrongCode`; `Unauthenticated` when the first step is too long ago; `RateLimited`.
    pub async fn sign_in_code(&self, half: &str, code: &str, visit: &Visit) -> Result<Opened, AppError> {
        if !well_formed(half) {
            return Err(AppError::Unauthenticated);
        }
        let key = hash(half);
        let t = &SIDE.session;
        let row = self.session_row(&key, HALF).await?;
        let account = self
            .account(row[t.at("account_id")].uuid().unwrap_or(Id::NIL))
            .await?;
        let user = row[t.at("user_id")].uuid().unwrap_or(Id::NIL);
        let place = WorkspaceId(row[t.at("place")].int().unwrap_or_default() as i32);
        self.check_code(&account, code).await?;
        self.use_up(&key).await?;
        let w = self.workspace_of(place).await?;
        if self.active_user(&w, user).await?.is_none() {
            return Err(AppError::Unauthenticated);
        }
        let opened = self.open_session(account.id, place, user, visit).await?;
        self.note_security(&w, user, "signed-in-with-code").await?;
        Ok(opened)
    }

    /// Is the code right? It is used up by this: of two at once, one wins.
    pub(crate) async fn check_code(&self, account: &Account, code: &str) -> Result<(), AppError> {
        let Some(secret) = account.totp.as_deref() else {
            return Err(AppError::WrongCode);
        };
        self.count_tries(WINDOW, &[(format!("sign-in:code:{}", account.id), OF_CODE)])
            .await?;
        let now = self.clock.now();
        let step = match totp::matching_step(secret, code, now, account.totp_step) {
            Some(step) => {
                let t = &SIDE.account;
                Step::Update {
                    table: Arc::clone(t),
                    set: at(t, &[("totp_step", step.into())]),
                    key: at(
                        t,
                        &[
                            ("workspace_id", number(INSTANCE)),
                            ("id", account.id.into()),
                            ("totp_step", account.totp_step.into()),
                        ],
                    ),
                    expect_one: Some(Conflict::Guard("one-time code".to_owned())),
                }
            }
            None => Self::recovery_step(account.id, code),
        };
        match self.steps(vec![step]).await {
            Err(AppError::Store(StoreError::Conflict(_))) => Err(AppError::WrongCode),
            other => other,
        }
    }

    /// Shows anew that it is the person: a new session takes the place of this one.
    pub async fn prove(
        &self,
        session: &Session,
        password: &str,
        code: &str,
        visit: &Visit,
    ) -> Result<Opened, AppError> {
        let account = self.account(session.account).await?;
        self.check_password_of(&account, password).await?;
        if account.totp.is_some() {
            self.check_code(&account, code).await?;
        }
        let opened = self.renew_session(session, visit).await?;
        self.note_security(&session.caller.workspace, session.user.id(), "proved")
            .await?;
        Ok(opened)
    }

    /// The password of somebody who is signed in.
    pub(crate) async fn check_password_of(&self, account: &Account, password: &str) -> Result<(), AppError> {
        self.count_tries(WINDOW, &[(format!("sign-in:again:{}", account.id), OF_KNOWN)])
            .await?;
        if password.chars().count() <= LONGEST_PASSWORD
            && self.fits_in_turn(password, account.password_hash.clone()).await?
        {
            Ok(())
        } else {
            Err(AppError::Unauthenticated)
        }
    }
}
