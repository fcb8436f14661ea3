//! Accounts: how a person proves who they are. An account belongs to the instance; in each workspace where the person
//! works it is one user.

use std::sync::Arc;

use peyvand_core::{Id, Instant, WorkspaceId};
use peyvand_store::ports::{OnKey, Plan, Step};
use peyvand_store::tables::{SIDE, Table};
use peyvand_store::{Conflict, Row, RowsCall, SqlVal, StoreError};

use crate::app::App;
use crate::errors::AppError;
use crate::records::TRIES;

/// What belongs to the instance stands under this number.
pub(crate) const INSTANCE: WorkspaceId = WorkspaceId(0);

/// An account.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: Id,
    pub(crate) email: String,
    pub(crate) password_hash: Option<String>,
    /// The secret of one-time codes, when the person has switched them on.
    pub(crate) totp: Option<String>,
    /// A secret that is shown but not confirmed yet.
    pub(crate) totp_next: Option<String>,
    /// The last step whose code was used.
    pub(crate) totp_step: i64,
}

/// A row of a table from its named values.
pub(crate) fn row_of(t: &Table, pairs: &[(&str, SqlVal)]) -> Row {
    let mut row = vec![SqlVal::Null; t.columns.len()];
    for (c, v) in pairs {
        row[t.at(c)] = v.clone();
    }
    row
}

/// Values by position of the column.
pub(crate) fn at(t: &Table, pairs: &[(&str, SqlVal)]) -> Vec<(usize, SqlVal)> {
    pairs.iter().map(|(c, v)| (t.at(c), v.clone())).collect()
}

pub(crate) fn number(w: WorkspaceId) -> SqlVal {
    i64::from(w.0).into()
}

/// The address by which an account is found.
pub(crate) fn address_key(email: &str) -> String {
    let email = email.trim();
    peyvand_identifiers::email::normalise(email)
        .map_or_else(|_| email.to_owned(), |e| e.address)
        .to_lowercase()
}

impl App {
    fn account_of(&self, row: &Row) -> Account {
        let t = &SIDE.account;
        let id = row[t.at("id")].uuid().unwrap_or(Id::NIL);
        let secret = |c: &str| {
            row[t.at(c)]
                .bytes()
                .and_then(|b| self.store.keys().open(INSTANCE, id, b"totp", b))
        };
        Account {
            id,
            email: row[t.at("email")].text().unwrap_or_default().to_owned(),
            password_hash: row[t.at("password_hash")].text().map(str::to_owned),
            totp: secret("totp"),
            totp_next: secret("totp_next"),
            totp_step: row[t.at("totp_step")].int().unwrap_or_default(),
        }
    }

    async fn find_account(&self, column: &str, value: SqlVal) -> Result<Option<Account>, AppError> {
        let call = RowsCall::new(
            &SIDE.account,
            &[("workspace_id", number(INSTANCE)), (column, value)],
        );
        let rows = self.store.rows(call.limit(1)).await?;
        Ok(rows.first().map(|r| self.account_of(r)))
    }

    pub(crate) async fn account_by_email(&self, email: &str) -> Result<Option<Account>, AppError> {
        self.find_account("email", address_key(email).into()).await
    }

    pub(crate) async fn account(&self, id: Id) -> Result<Account, AppError> {
        self.find_account("id", id.into())
            .await?
            .ok_or(AppError::Unauthenticated)
    }

    /// The account with this address, made when there is none; and whether it was made.
    pub(crate) async fn ensure_account(&self, email: &str) -> Result<(Account, bool), AppError> {
        if let Some(a) = self.account_by_email(email).await? {
            return Ok((a, false));
        }
        let now = self.clock.now();
        let t = &SIDE.account;
        let row = row_of(
            t,
            &[
                ("workspace_id", number(INSTANCE)),
                ("id", self.ids.next(now).into()),
                ("email", address_key(email).into()),
                ("totp_step", 0.into()),
                ("created_at", now.micros().into()),
                ("changed_at", now.micros().into()),
            ],
        );
        let made = self
            .steps(vec![Step::Insert {
                table: Arc::clone(t),
                row,
                on_key: OnKey::Fail,
            }])
            .await;
        match made {
            Ok(()) | Err(AppError::Duplicate { .. }) => {}
            Err(e) => return Err(e),
        }
        let account = self.account_by_email(email).await?.ok_or(AppError::NotFound)?;
        Ok((account, made.is_ok()))
    }

    /// The steps as one change.
    pub(crate) async fn steps(&self, steps: Vec<Step>) -> Result<(), AppError> {
        Ok(self.store.engine().apply(Plan::of(steps)).await?)
    }

    /// Changes columns of an account.
    pub(crate) fn account_step(&self, id: Id, set: &[(&str, SqlVal)]) -> Step {
        let t = &SIDE.account;
        let mut set = set.to_vec();
        set.push(("changed_at", self.clock.now().micros().into()));
        Step::Update {
            table: Arc::clone(t),
            set: at(t, &set),
            key: at(t, &[("workspace_id", number(INSTANCE)), ("id", id.into())]),
            expect_one: Some(Conflict::Guard("account".to_owned())),
        }
    }

    /// The places where the account is a user: workspace and user.
    pub(crate) async fn memberships(&self, account: Id) -> Result<Vec<(WorkspaceId, Id)>, AppError> {
        let t = &SIDE.membership;
        let key = [("workspace_id", number(INSTANCE)), ("account_id", account.into())];
        let rows = self
            .store
            .rows(RowsCall::new(t, &key).order("place", false))
            .await?;
        Ok(rows
            .iter()
            .map(|r| {
                (
                    WorkspaceId(r[t.at("place")].int().unwrap_or_default() as i32),
                    r[t.at("user_id")].uuid().unwrap_or(Id::NIL),
                )
            })
            .collect())
    }

    /// The account that is this user; `None` while an invitation has not been taken.
    pub(crate) async fn account_of_user(&self, place: WorkspaceId, user: Id) -> Result<Option<Id>, AppError> {
        let t = &SIDE.membership;
        let key = [
            ("workspace_id", number(INSTANCE)),
            ("place", number(place)),
            ("user_id", user.into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        Ok(rows.first().and_then(|r| r[t.at("account_id")].uuid()))
    }

    /// The step that makes the account this user.
    pub(crate) fn join_step(account: Id, place: WorkspaceId, user: Id) -> Step {
        let t = &SIDE.membership;
        Step::Insert {
            table: Arc::clone(t),
            row: row_of(
                t,
                &[
                    ("workspace_id", number(INSTANCE)),
                    ("account_id", account.into()),
                    ("place", number(place)),
                    ("user_id", user.into()),
                ],
            ),
            on_key: OnKey::Replace,
        }
    }

    /// The account is a user of this place only.
    pub(crate) async fn leave_other_places(&self, account: Id, but: WorkspaceId) -> Result<(), AppError> {
        let t = &SIDE.membership;
        let steps = self
            .memberships(account)
            .await?
            .into_iter()
            .filter(|(place, _)| *place != but)
            .map(|(place, _)| Step::Delete {
                table: Arc::clone(t),
                key: at(
                    t,
                    &[
                        ("workspace_id", number(INSTANCE)),
                        ("account_id", account.into()),
                        ("place", number(place)),
                    ],
                ),
                expect_some: None,
            })
            .collect();
        self.steps(steps).await
    }

    /// Encrypts anew what is encrypted in the rows of accounts, with the newest generation of the instance's secret, all of
    /// it in one transaction; how many secrets there were.
    ///
    /// # Errors
    /// A secret that no generation opens: nothing is changed then, since it would be lost.
    pub async fn seal_anew(&self) -> Result<u64, AppError> {
        let t = &SIDE.account;
        for _ in 0..TRIES {
            let mut steps = Vec::new();
            let mut n = 0;
            let all = RowsCall::new(t, &[("workspace_id", number(INSTANCE))]).limit(u32::MAX);
            for row in self.store.rows(all).await? {
                let id = row[t.at("id")].uuid().unwrap_or(Id::NIL);
                let mut set = Vec::new();
                let mut key = at(t, &[("workspace_id", number(INSTANCE)), ("id", id.into())]);
                for column in ["totp", "totp_next"] {
                    let Some(sealed) = row[t.at(column)].bytes() else {
                        continue;
                    };
                    let plain = self
                        .store
                        .keys()
                        .open(INSTANCE, id, b"totp", sealed)
                        .ok_or_else(|| {
                            AppError::Store(StoreError::Engine("a secret cannot be decrypted".to_owned()))
                        })?;
                    set.push((t.at(column), self.seal_totp(id, &plain)));
                    key.push((t.at(column), row[t.at(column)].clone()));
                    n += 1;
                }
                if !set.is_empty() {
                    steps.push(Step::Update {
                        table: Arc::clone(t),
                        set,
                        key,
                        expect_one: Some(Conflict::Guard("account".to_owned())),
                    });
                }
            }
            match self.steps(steps).await {
                Ok(()) => return Ok(n),
                // Somebody has changed theirs meanwhile: read again.
                Err(AppError::Store(StoreError::Conflict(_))) => {}
                Err(e) => return Err(e),
            }
        }
        Err(AppError::Store(StoreError::Conflict(Conflict::Guard(
            "account".to_owned(),
        ))))
    }

    pub(crate) fn seal_totp(&self, account: Id, secret: &str) -> SqlVal {
        self.store.keys().seal(INSTANCE, account, b"totp", secret).into()
    }

    /// One more try within the window of so many seconds; the error says when the next one may come.
    pub(crate) async fn count_tries(&self, window: i64, limits: &[(String, i64)]) -> Result<(), AppError> {
        let now = self.clock.now().micros();
        let size = window * Instant::SECOND;
        let steps = limits
            .iter()
            .map(|(name, most)| Step::Count {
                workspace: INSTANCE,
                name: name.clone(),
                window: now.div_euclid(size),
                at_most: most - 1,
            })
            .collect();
        match self.store.engine().apply(Plan::of(steps)).await {
            Err(StoreError::Conflict(Conflict::Limit(_))) => Err(AppError::RateLimited {
                seconds: (size - now.rem_euclid(size) + Instant::SECOND - 1) / Instant::SECOND,
            }),
            other => Ok(other?),
        }
    }
}
