//! A person's own security: the password, one-time codes, recovery codes.

use std::sync::Arc;

use peyvand_catalog::handles::user;
use peyvand_core::{Id, random};
use peyvand_store::ports::{OnKey, Step};
use peyvand_store::tables::SIDE;
use peyvand_store::{Conflict, RowsCall, SqlVal};
use sha2::{Digest, Sha256};

use crate::accounts::{INSTANCE, at, number, row_of};
use crate::app::App;
use crate::errors::AppError;
use crate::sessions::{Opened, Session, Visit};
use crate::totp;

/// Recovery codes that a person gets.
const RECOVERY_CODES: usize = 10;

/// How a person's account is secured.
#[derive(Debug, Clone)]
pub struct Security {
    /// The address to sign in with.
    pub email: String,
    /// One-time codes are on.
    pub totp: bool,
    /// Recovery codes that are left.
    pub recovery_codes: usize,
}

/// The letters and digits of a code as they are compared: without spaces and dashes, in capitals.
fn bare(code: &str) -> String {
    code.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// In groups of four, as people type it.
fn groups(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 4);
    for (n, c) in text.chars().enumerate() {
        if n > 0 && n % 4 == 0 {
            out.push('-');
        }
        out.push(c);
    }
    out
}

fn recovery_hash(account: Id, code: &str) -> SqlVal {
    let mut h = Sha256::new();
    h.update(account.bytes());
    h.update(bare(code).as_bytes());
    h.finalize().to_vec().into()
}

impl App {
    /// The step that uses a recovery code up; it fails when there is none such.
    pub(crate) fn recovery_step(account: Id, code: &str) -> Step {
        let t = &SIDE.recovery_code;
        Step::Delete {
            table: Arc::clone(t),
            key: at(
                t,
                &[
                    ("workspace_id", number(INSTANCE)),
                    ("account_id", account.into()),
                    ("hash", recovery_hash(account, code)),
                ],
            ),
            expect_some: Some(Conflict::Guard("recovery code".to_owned())),
        }
    }

    /// How the person's account is secured.
    pub async fn security(&self, session: &Session) -> Result<Security, AppError> {
        let account = self.account(session.account).await?;
        let key = [
            ("workspace_id", number(INSTANCE)),
            ("account_id", account.id.into()),
        ];
        Ok(Security {
            email: account.email,
            totp: account.totp.is_some(),
            recovery_codes: self
                .store
                .rows(RowsCall::new(&SIDE.recovery_code, &key))
                .await?
                .len(),
        })
    }

    /// Does the workspace ask for one-time codes that the person has not switched on?
    pub async fn codes_missing(&self, session: &Session) -> Result<bool, AppError> {
        if !session.caller.workspace.settings.codes_required {
            return Ok(false);
        }
        Ok(self.account(session.account).await?.totp.is_none())
    }

    /// Changes the person's own password; every other session ends and this one gets a new id.
    pub async fn change_password(
        &self,
        session: &Session,
        old: &str,
        new: &str,
        visit: &Visit,
    ) -> Result<Opened, AppError> {
        let account = self.account(session.account).await?;
        self.check_password_of(&account, old).await?;
        let name = session.user.get(user::NAME).as_str().unwrap_or_default();
        self.take_password(new, &[&account.email, name])?;
        self.store_password(account.id, new).await?;
        self.after_change(session, "password-changed", visit).await
    }

    /// All other sessions end, this one goes on under a new id, and the log says why.
    async fn after_change(&self, session: &Session, what: &str, visit: &Visit) -> Result<Opened, AppError> {
        self.end_sessions(session.account, Some(&session.hash)).await?;
        let opened = self.renew_session(session, visit).await?;
        self.note_security(&session.caller.workspace, session.user.id(), what)
            .await?;
        Ok(opened)
    }

    /// Begins to switch one-time codes on: a secret in base 32 and the address for a picture. Nothing holds until a code
    /// has been given.
    pub async fn begin_totp(&self, session: &Session) -> Result<(String, String), AppError> {
        session.proved(self.clock.now())?;
        let account = self.account(session.account).await?;
        if account.totp.is_some() {
            return Err(AppError::Forbidden);
        }
        let secret = match account.totp_next {
            Some(s) => s,
            None => {
                let s = totp::new_secret();
                self.steps(vec![self.account_step(
                    account.id,
                    &[("totp_next", self.seal_totp(account.id, &s))],
                )])
                .await?;
                s
            }
        };
        let address = totp::address(&secret, &account.email);
        Ok((secret, address))
    }

    /// Switches one-time codes on with a first code; gives the recovery codes, which are shown once.
    pub async fn confirm_totp(
        &self,
        session: &Session,
        code: &str,
        visit: &Visit,
    ) -> Result<(Opened, Vec<String>), AppError> {
        session.proved(self.clock.now())?;
        let account = self.account(session.account).await?;
        let secret = account.totp_next.as_deref().ok_or(AppError::WrongCode)?;
        self.count_tries(900, &[(format!("sign-in:code:{}", account.id), 10)])
            .await?;
        let step = totp::matching_step(secret, code, self.clock.now(), 0).ok_or(AppError::WrongCode)?;
        let (codes, mut steps) = self.new_codes(account.id)?;
        steps.push(self.account_step(
            account.id,
            &[
                ("totp", self.seal_totp(account.id, secret)),
                ("totp_next", SqlVal::Null),
                ("totp_step", step.into()),
            ],
        ));
        self.steps(steps).await?;
        let opened = self.after_change(session, "codes-switched-on", visit).await?;
        Ok((opened, codes))
    }

    /// Switches one-time codes off.
    pub async fn end_totp(&self, session: &Session, code: &str, visit: &Visit) -> Result<Opened, AppError> {
        session.proved(self.clock.now())?;
        let account = self.account(session.account).await?;
        self.check_code(&account, code).await?;
        self.steps(vec![
            self.account_step(account.id, &[("totp", SqlVal::Null), ("totp_next", SqlVal::Null)]),
            Self::drop_codes(account.id),
        ])
        .await?;
        self.after_change(session, "codes-switched-off", visit).await
    }

    /// New recovery codes; the old ones no longer work.
    pub async fn renew_recovery_codes(&self, session: &Session) -> Result<Vec<String>, AppError> {
        session.proved(self.clock.now())?;
        let account = self.account(session.account).await?;
        if account.totp.is_none() {
            return Err(AppError::Forbidden);
        }
        let (codes, steps) = self.new_codes(account.id)?;
        self.steps(steps).await?;
        self.note_security(
            &session.caller.workspace,
            session.user.id(),
            "recovery-codes-renewed",
        )
        .await?;
        Ok(codes)
    }

    /// Switches one-time codes off for somebody who lost their device. For whoever runs the instance.
    pub async fn drop_totp(
        &self,
        workspace: &Arc<crate::workspace::Workspace>,
        id: Id,
    ) -> Result<(), AppError> {
        let account = self
            .account_of_user(workspace.id, id)
            .await?
            .ok_or(AppError::NotFound)?;
        self.steps(vec![
            self.account_step(account, &[("totp", SqlVal::Null), ("totp_next", SqlVal::Null)]),
            Self::drop_codes(account),
        ])
        .await?;
        self.end_sessions(account, None).await?;
        self.note_security(workspace, id, "codes-switched-off").await
    }

    fn drop_codes(account: Id) -> Step {
        let t = &SIDE.recovery_code;
        Step::Delete {
            table: Arc::clone(t),
            key: at(
                t,
                &[("workspace_id", number(INSTANCE)), ("account_id", account.into())],
            ),
            expect_some: None,
        }
    }

    fn new_codes(&self, account: Id) -> Result<(Vec<String>, Vec<Step>), AppError> {
        let t = &SIDE.recovery_code;
        let mut steps = vec![Self::drop_codes(account)];
        let mut codes = Vec::with_capacity(RECOVERY_CODES);
        for _ in 0..RECOVERY_CODES {
            // 120 bits each: not to be guessed, so that a plain hash keeps them.
            let text = totp::base32(&random::bytes::<15>());
            let code = groups(&text);
            steps.push(Step::Insert {
                table: Arc::clone(t),
                row: row_of(
                    t,
                    &[
                        ("workspace_id", number(INSTANCE)),
                        ("account_id", account.into()),
                        ("hash", recovery_hash(account, &code)),
                    ],
                ),
                on_key: OnKey::Fail,
            });
            codes.push(code);
        }
        Ok((codes, steps))
    }
}
