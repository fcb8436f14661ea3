//! Rows that lead to records of their own kind which stand further down: they are read again when the file has been read.

use peyvand_core::Id;
use peyvand_store::ports::Bound;
use peyvand_store::tables::SIDE;
use peyvand_store::{RowsCall, SqlVal};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;

/// What is written down of such a row until it is dealt with.
pub(super) const WAITING: &str = "waiting";
/// Rows asked for at once.
const PAGE: u32 = 5_000;

/// Some rows of a file: one bit for each row up to the last of them, so that of ten million rows all may wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    bits: Vec<u64>,
    count: u64,
}

impl Rows {
    pub(super) const fn len(&self) -> u64 {
        self.count
    }

    pub(super) fn contains(&self, row: u64) -> bool {
        self.bits
            .get((row / 64) as usize)
            .is_some_and(|b| b & (1 << (row % 64)) != 0)
    }

    /// Does none of them stand behind this row?
    pub(super) fn end_before(&self, row: u64) -> bool {
        (row / 64) as usize >= self.bits.len()
    }

    pub(super) fn insert(&mut self, row: u64) {
        let at = (row / 64) as usize;
        if self.bits.len() <= at {
            self.bits.resize(at + 1, 0);
        }
        if !self.contains(row) {
            self.bits[at] |= 1 << (row % 64);
            self.count += 1;
        }
    }

    pub(super) fn remove(&mut self, row: u64) {
        if self.contains(row) {
            self.bits[(row / 64) as usize] &= !(1 << (row % 64));
            self.count -= 1;
        }
    }
}

impl App {
    /// The rows of an import that still wait, as they were written down.
    pub(super) async fn waiting_rows(&self, caller: &Caller, import: Id) -> Result<Rows, AppError> {
        let t = &SIDE.transfer_row;
        let key: [(&str, SqlVal); 3] = [
            ("workspace_id", i64::from(caller.workspace.id.0).into()),
            ("transfer_id", import.into()),
            ("outcome", WAITING.into()),
        ];
        let mut rows = Rows::default();
        let mut after = 0_i64;
        loop {
            let call = RowsCall::new(t, &key)
                .order("row_number", false)
                .bound("row_number", Bound::Gt, after)
                .limit(PAGE);
            let page = self.store.rows(call).await?;
            let Some(last) = page.last().and_then(|r| r[t.at("row_number")].int()) else {
                return Ok(rows);
            };
            for number in page.iter().filter_map(|r| r[t.at("row_number")].int()) {
                rows.insert(number.unsigned_abs());
            }
            after = last;
        }
    }
}
