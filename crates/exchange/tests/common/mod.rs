//! What several test files need.

use peyvand_exchange::{ExchangeError, Row, RowReader};

/// All rows up to the end or the first error.
pub(crate) fn rows(reader: &mut dyn RowReader) -> Result<Vec<Row>, ExchangeError> {
    let mut all = Vec::new();
    while let Some(row) = reader.next_row()? {
        all.push(row);
    }
    Ok(all)
}
