//! What the rules of an object add to the values of a change, by whichever door it comes.

use peyvand_catalog::handles::deal;
use peyvand_catalog::{FieldIx, ObjectDef};
use peyvand_record::{Record, Value};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

impl App {
    /// The values of a change (`before` is the record, `None` for a new one) with what the rules of the object add to them.
    ///
    /// # Errors
    /// What a rule asks for and the record does not have.
    pub(crate) async fn with_rules(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        before: Option<&Record>,
        values: Vec<(FieldIx, Value)>,
    ) -> Result<Vec<(FieldIx, Value)>, AppError> {
        if object.key == deal::OBJECT {
            self.with_stage(caller, object, before, values).await
        } else if before.is_none() {
            self.with_number(caller, object, values).await
        } else {
            Ok(values)
        }
    }
}
