//! A request that comes again has one effect and gets the same answer.
//!
//! The key stands in the same transaction as the effect, so that either both are there or neither. Who asks a second
//! time is told what came of the first, as it looks under today's rights. While the first is still being done the
//! second is refused; two servers on one database are kept apart by the key itself.

use std::sync::PoisonError;

use peyvand_catalog::ObjectDef;
use peyvand_core::{Context, Id, WorkspaceId};
use peyvand_record::{Batch, IdempotencyRow, Record};
use peyvand_store::RowsCall;
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use sha2::{Digest, Sha256};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// A key that makes a repeated request have one effect.
#[derive(Debug, Clone)]
pub struct Idempotency {
    /// The caller's key.
    pub key: String,
    /// Method and route.
    pub route: String,
    /// SHA-256 of the body.
    pub hash: [u8; 32],
}

impl Idempotency {
    /// A key with the hash of its request.
    #[must_use]
    pub fn new(key: &str, route: &str, body: &[u8]) -> Self {
        Self {
            key: key.to_owned(),
            route: route.to_owned(),
            hash: Sha256::digest(body).into(),
        }
    }

    /// The key of one item of a request that has several effects: an item that was done is not done again when the
    /// whole request comes again, one that failed is.
    #[must_use]
    pub fn item(&self, n: usize) -> Self {
        Self {
            route: format!("{}#{n}", self.route),
            ..self.clone()
        }
    }
}

/// A request that is being done.
pub(crate) type Doing = (WorkspaceId, Id, String, String);

/// Marks a request as being done until it is dropped.
#[derive(Debug)]
pub struct InFlight<'a> {
    app: &'a App,
    doing: Option<Doing>,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if let Some(d) = &self.doing {
            self.app
                .doing
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(d);
        }
    }
}

impl App {
    /// Marks the request as being done.
    ///
    /// # Errors
    /// `KeyInFlight` while the same one is being done.
    pub fn begin(
        &self,
        caller: &Caller,
        idempotency: Option<&Idempotency>,
    ) -> Result<InFlight<'_>, AppError> {
        let doing = idempotency.map(|i| {
            (
                caller.workspace.id,
                caller.actor.id(),
                i.route.clone(),
                i.key.clone(),
            )
        });
        if let Some(d) = &doing
            && !self
                .doing
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(d.clone())
        {
            return Err(AppError::KeyInFlight);
        }
        Ok(InFlight { app: self, doing })
    }

    /// What was remembered of the request when it was done before, word for word.
    ///
    /// # Errors
    /// `KeyReused` when it was another request.
    pub async fn remembered(
        &self,
        caller: &Caller,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<String>, AppError> {
        let Some(i) = idempotency else { return Ok(None) };
        let t = &SIDE.idempotency;
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("actor", caller.actor.id().into()),
            ("route", i.route.as_str().into()),
            ("key", i.key.as_str().into()),
        ];
        let rows = self.store.rows(RowsCall::new(t, &key).limit(1)).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        if row[t.at("hash")].bytes() != Some(&i.hash[..]) {
            return Err(AppError::KeyReused);
        }
        Ok(Some(row[t.at("result")].text().unwrap_or_default().to_owned()))
    }

    /// The ids that came of the request when it was done before.
    ///
    /// # Errors
    /// `KeyReused` when it was another request.
    pub(crate) async fn answered(
        &self,
        caller: &Caller,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Vec<Id>>, AppError> {
        let result = self.remembered(caller, idempotency).await?;
        Ok(result.map(|r| r.split(' ').filter_map(|s| s.parse().ok()).collect()))
    }

    /// Holds the items of a request against those that were done under its key before.
    ///
    /// # Errors
    /// `KeyReused` when they were items of another request.
    pub async fn same_items(
        &self,
        caller: &Caller,
        idempotency: Option<&Idempotency>,
    ) -> Result<(), AppError> {
        let Some(i) = idempotency else { return Ok(()) };
        let t = &SIDE.idempotency;
        let key = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("actor", caller.actor.id().into()),
            ("key", i.key.as_str().into()),
        ];
        // `#` is followed by `$`: every item of the route, and nothing else.
        let call = RowsCall::new(t, &key)
            .bound("route", Bound::Ge, format!("{}#", i.route))
            .bound("route", Bound::Lt, format!("{}$", i.route))
            .limit(1);
        let rows = self.store.rows(call).await?;
        match rows.first() {
            Some(row) if row[t.at("hash")].bytes() != Some(&i.hash[..]) => Err(AppError::KeyReused),
            _ => Ok(()),
        }
    }

    /// Was the request done before?
    pub async fn is_answered(
        &self,
        caller: &Caller,
        idempotency: Option<&Idempotency>,
    ) -> Result<bool, AppError> {
        Ok(self.answered(caller, idempotency).await?.is_some())
    }

    /// The record that came of the request when it was done before.
    pub(super) async fn repeated(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Record>, AppError> {
        let Some(ids) = self.answered(caller, idempotency).await? else {
            return Ok(None);
        };
        let id = *ids.first().ok_or(AppError::NotFound)?;
        // Rendered again under today's rights: whoever may no longer see it no longer sees it.
        self.get(caller, object, id).await.map(Some)
    }

    /// Keeps what was answered to a request whose effect is there already.
    ///
    /// # Errors
    /// Those of the store; also when another server kept an answer under the key meanwhile.
    pub async fn keep(
        &self,
        caller: &Caller,
        idempotency: &Idempotency,
        answer: &str,
        status: u16,
    ) -> Result<(), AppError> {
        let context = self.context(caller);
        let mut batch = Batch::default();
        self.remember_words(caller, &context, Some(idempotency), answer, status, &mut batch);
        let w = &caller.workspace;
        self.store
            .apply(&context, &w.layout, &caller.policy, &batch)
            .await?;
        Ok(())
    }

    /// Puts the key and the ids that came of it into the batch.
    pub(crate) fn remember(
        &self,
        caller: &Caller,
        context: &Context,
        idempotency: Option<&Idempotency>,
        ids: &[Id],
        status: u16,
        batch: &mut Batch,
    ) {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        self.remember_words(caller, context, idempotency, &ids.join(" "), status, batch);
    }

    /// Puts the key and what is to be answered to a repetition into the batch.
    pub(crate) fn remember_words(
        &self,
        caller: &Caller,
        context: &Context,
        idempotency: Option<&Idempotency>,
        result: &str,
        status: u16,
        batch: &mut Batch,
    ) {
        if let Some(i) = idempotency {
            batch.idempotency = Some(IdempotencyRow {
                actor: caller.actor.id(),
                route: i.route.as_str().into(),
                key: i.key.as_str().into(),
                hash: i.hash,
                status,
                result: result.into(),
                at: context.now,
            });
        }
    }
}
