//! The people to whom work can be given, as every list offers them.

use std::sync::{Arc, PoisonError};

use peyvand_core::{Id, Instant, Via};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::reading::title;
use crate::records::ListRequest;
use crate::workspace::Workspace;

/// Most people that are offered.
const MOST: u32 = 200;
/// Read anew after so long at the latest; at once when anybody's rights have changed.
const KNOWN_FOR: i64 = 10 * Instant::SECOND;

/// Who was there, under which revision of rights, and until when that is taken for true.
#[derive(Debug, Clone)]
pub(crate) struct Colleagues {
    list: Arc<[(Id, String)]>,
    revision: i64,
    until: Instant,
}

impl App {
    /// Ids and names of up to 200 people of a workspace who may sign in: colleagues' names are known to everybody.
    ///
    /// # Errors
    /// What the database says.
    pub async fn colleagues(&self, workspace: &Arc<Workspace>) -> Result<Arc<[(Id, String)]>, AppError> {
        let now = self.clock.now();
        let revision = self.rights_revision().await?;
        let known = self
            .colleagues
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&workspace.id)
            .filter(|k| k.until > now && k.revision == revision)
            .map(|k| Arc::clone(&k.list));
        if let Some(list) = known {
            return Ok(list);
        }
        let object = workspace.catalog().object("user").ok_or(AppError::NotFound)?;
        let request = ListRequest {
            filter: Some("active = true".to_owned()),
            limit: Some(MOST),
            ..ListRequest::default()
        };
        let listed = self
            .list(&Caller::system(workspace, Via::Web), object, &request)
            .await?;
        let list: Arc<[(Id, String)]> = listed
            .records
            .iter()
            .map(|r| (r.id(), title(object, r)))
            .collect();
        self.colleagues
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(
                workspace.id,
                Colleagues {
                    list: Arc::clone(&list),
                    revision,
                    until: now.plus_micros(KNOWN_FOR),
                },
            );
        Ok(list)
    }
}
