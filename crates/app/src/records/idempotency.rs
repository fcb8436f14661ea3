//! A request that comes again has one effect and gets the same answer.

use peyvand_catalog::ObjectDef;
use peyvand_core::{Context, Id};
use peyvand_record::{Batch, IdempotencyRow, Record};
use peyvand_store::RowsCall;
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
}

impl App {
    pub(super) async fn repeated(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Record>, AppError> {
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
        let id = row[t.at("result")]
            .text()
            .and_then(|s| s.parse::<Id>().ok())
            .ok_or(AppError::NotFound)?;
        // Rendered again under today's rights: whoever may no longer see it no longer sees it.
        self.get(caller, object, id).await.map(Some)
    }

    pub(super) fn remember(
        &self,
        caller: &Caller,
        context: &Context,
        idempotency: Option<&Idempotency>,
        record: &Record,
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
                result: record.id().to_string().into(),
                at: context.now,
            });
        }
    }
}
