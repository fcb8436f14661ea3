//! An engine that also hands every plan to a bare loop, or keeps it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use peyvand_store::{Engine, Forward, Plan, StoreError};
use peyvand_store_sqlite::limits::BareWriter;

/// What becomes of the plans.
#[derive(Debug, Default)]
pub(crate) struct Tape {
    /// The bare loop that repeats each plan at once.
    pub(crate) bare: Option<BareWriter>,
    /// How long the bare loop took in all.
    pub(crate) spent: Duration,
    /// The plans themselves, when they are to be kept.
    pub(crate) kept: Option<Vec<Plan>>,
}

/// The engine.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) inner: Arc<dyn Engine>,
    pub(crate) tape: Arc<Mutex<Tape>>,
}

#[async_trait]
impl Forward for Recorder {
    fn inner(&self) -> &dyn Engine {
        &*self.inner
    }

    async fn apply(&self, plan: Plan) -> Result<(), StoreError> {
        let copy = plan.clone();
        self.inner.apply(plan).await?;
        let mut tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner);
        let tape = &mut *tape;
        if let Some(bare) = &mut tape.bare {
            tape.spent += bare.write(&[&copy])?;
        }
        if let Some(kept) = &mut tape.kept {
            kept.push(copy);
        }
        Ok(())
    }
}
