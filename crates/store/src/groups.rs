//! The values of a field over the records of a question, with counts and sums.

use peyvand_catalog::{FieldIx, FieldType};
use peyvand_core::WorkspaceId;
use peyvand_record::policy::Policy;
use peyvand_record::query::Query;

use crate::layout::{Layout, Slot};
use crate::ports::StoreError;
use crate::{SqlVal, Store};

impl Store {
    /// The values of a field over the matching records, of which `cap` + 1 are looked at: each with how many records it has
    /// and the sums of these fields; at most `most` values, those of most records first, beginning after one with its count.
    #[expect(clippy::too_many_arguments, reason = "a question of many independent parts")]
    pub async fn groups(
        &self,
        workspace: WorkspaceId,
        layout: &Layout,
        policy: &Policy,
        q: &Query,
        group: FieldIx,
        fields: &[FieldIx],
        cap: u64,
        after: Option<&(u64, SqlVal)>,
        most: u64,
    ) -> Result<Vec<(SqlVal, u64, Vec<Option<i64>>)>, StoreError> {
        let select = self
            .compiler(workspace, layout, policy)
            .groups(q, group, fields, cap, after, most)?;
        // Links of a workspace's own stand as texts.
        let link = layout.object(&q.object).is_some_and(|l| {
            let field = l.object.at(group);
            matches!(l.slot(group), Some(Slot::Custom(_)))
                && field.is_some_and(|f| f.stored() == FieldType::Link)
        });
        let rows = self.engine().select(select).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let mut values = row.into_iter();
                let value = match values.next()? {
                    SqlVal::Text(id) if link => SqlVal::Uuid(id.parse().ok()?),
                    value => value,
                };
                let count = u64::try_from(values.next()?.int()?).ok()?;
                Some((value, count, values.map(|v| v.int()).collect()))
            })
            .collect())
    }
}
