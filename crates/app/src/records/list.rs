//! A page of records: filter, sort, cursor, search.

use std::sync::Arc;

use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_record::codec::Mode;
use peyvand_record::filter::{FilterContext, NoTags, Node, Op, Operand, TagResolver, Test, check, parse};
use peyvand_record::policy::FieldRule;
use peyvand_record::query::{Cursor, DeletedScope, Direction, Query, Sort};
use peyvand_record::{Filter, Record};

use crate::app::App;
use crate::caller::Caller;
use crate::errors::AppError;
use crate::sensitive::only_by_name;

/// Most records on a page.
pub const MOST_PER_PAGE: u32 = 200;

/// What a list asks for, as it came.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// The filter, as text.
    pub filter: Option<String>,
    /// The sort: `-created_at,name`.
    pub sort: Option<String>,
    /// At most so many; 50 when not given.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Only these fields, by comma.
    pub fields: Option<String>,
    /// Search as people type it.
    pub q: Option<String>,
    /// The recycle bin.
    pub deleted: bool,
    /// Count the matching records, up to 10,000.
    pub count: bool,
    /// Only records whose link leads to this one.
    pub linked: Option<(Vec<FieldIx>, Id)>,
}

/// A page of records, ready to be shown.
#[derive(Debug)]
pub struct Listed {
    /// The object.
    pub object: Arc<ObjectDef>,
    /// The records, hidden fields emptied and masked ones masked.
    pub records: Vec<Record>,
    /// Positions of the fields to show.
    pub fields: Vec<FieldIx>,
    /// The next page.
    pub next: Option<String>,
    /// How many match: exact up to 10,000, 10,001 for more; of a search, how many were found so far.
    pub count: Option<u64>,
    /// There are more than `count` says.
    pub at_least: bool,
    /// A search that stopped at its work limit.
    pub cut: bool,
}

/// Most words of one search outside the index.
const MOST_WORDS: usize = 8;
/// Counts are exact up to here.
pub const COUNT_CAP: u64 = 10_000;

impl App {
    /// The fields that the caller may see, of those named (all, when none are).
    pub fn visible(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        named: Option<&str>,
    ) -> Result<Vec<FieldIx>, AppError> {
        let sees = |ix: FieldIx| {
            caller.policy.field(&object.key, ix) != Some(FieldRule::Hidden)
                && object
                    .at(ix)
                    .is_some_and(|f| f.class != peyvand_catalog::Class::Secret)
        };
        let Some(named) = named.filter(|n| !n.is_empty()) else {
            return Ok((0..object.fields.len())
                .map(|i| FieldIx(i as u16))
                .filter(|&ix| sees(ix))
                .collect());
        };
        let mut out = vec![system::ID, system::VERSION];
        for key in named.split(',').map(str::trim) {
            let (ix, _) =
                object
                    .field(key)
                    .filter(|(ix, _)| sees(*ix))
                    .ok_or_else(|| AppError::Parameter {
                        name: "fields",
                        value: key.to_owned(),
                    })?;
            if !out.contains(&ix) {
                out.push(ix);
            }
        }
        Ok(out)
    }

    /// A filter of the caller over an object. Tags are named as people write them.
    pub async fn filter(&self, caller: &Caller, object: &ObjectDef, text: &str) -> Result<Filter, AppError> {
        if !text.contains("tagged") {
            return self.filter_by_ids(caller, object, text);
        }
        self.checked(caller, object, text, &self.tag_names(caller).await?)
    }

    /// The same of a filter that need not be there.
    pub(crate) async fn filter_or_none(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        text: Option<&str>,
    ) -> Result<Option<Filter>, AppError> {
        match text.map(str::trim).filter(|f| !f.is_empty()) {
            Some(f) => self.filter(caller, object, f).await.map(Some),
            None => Ok(None),
        }
    }

    /// The same where tags are known by their ids only: what the program asks by itself.
    pub fn filter_by_ids(&self, caller: &Caller, object: &ObjectDef, text: &str) -> Result<Filter, AppError> {
        self.checked(caller, object, text, &NoTags)
    }

    fn checked(
        &self,
        caller: &Caller,
        object: &ObjectDef,
        text: &str,
        tags: &dyn TagResolver,
    ) -> Result<Filter, AppError> {
        let now = self.clock.now();
        let syntax = parse(text)?;
        let context = FilterContext {
            edge: caller.workspace.edge(caller.language, now, Mode::Patch),
            now,
            calendar: caller.calendar,
            fiscal_start: 1,
            policy: &caller.policy,
            tags,
        };
        Ok(check(&syntax, caller.workspace.catalog(), &object.key, &context)?)
    }

    /// Can a list of the caller be in this order?
    ///
    /// # Errors
    /// `Parameter` for a field that is not there, cannot be sorted by or is not seen in full.
    pub fn check_sort(&self, caller: &Caller, object: &ObjectDef, text: &str) -> Result<(), AppError> {
        for sort in parse_sort(caller, object, Some(text))? {
            if !caller.policy.sees(&object.key, sort.field) {
                return Err(AppError::Parameter {
                    name: "sort",
                    value: text.chars().take(60).collect(),
                });
            }
        }
        Ok(())
    }

    /// A page of records.
    pub async fn list(
        &self,
        caller: &Caller,
        object: &Arc<ObjectDef>,
        request: &ListRequest,
    ) -> Result<Listed, AppError> {
        let w = &caller.workspace;
        let mut fields = self.visible(caller, object, request.fields.as_deref())?;
        if request.fields.as_deref().is_none_or(str::is_empty) {
            fields.retain(|ix| !only_by_name(object, *ix));
        }
        let limit = request.limit.unwrap_or(50);
        if limit == 0 || limit > MOST_PER_PAGE {
            return Err(AppError::Parameter {
                name: "limit",
                value: limit.to_string(),
            });
        }
        let filter = match request.filter.as_deref().map(str::trim).filter(|f| !f.is_empty()) {
            Some(text) => Some(self.filter(caller, object, text).await?),
            None => None,
        };
        let mut filter = narrowed(caller, object, filter, request.linked.as_ref())?;
        let q = request.q.as_deref().map(str::trim).filter(|q| !q.is_empty());
        let words = q.and_then(|q| with_words(caller, object, q));
        if let Some(words) = words {
            let words = self.filter(caller, object, &words).await?;
            filter = Some(match filter {
                Some(f) => Filter {
                    root: Node::All(vec![f.root, words.root]),
                    ..words
                },
                None => words,
            });
        } else if let Some(q) = q {
            return self
                .found(caller, object, q, request, filter, fields, limit as usize)
                .await;
        }
        let mut query = Query::of(&object.key).limit(limit);
        query.filter = filter;
        query.sort = parse_sort(caller, object, request.sort.as_deref())?;
        if request.deleted {
            query.deleted = DeletedScope::Deleted;
        }
        query.fields = read(object, request, &fields);
        if let Some(c) = &request.cursor {
            let bad = || AppError::Parameter {
                name: "cursor",
                value: c.chars().take(40).collect(),
            };
            query.after = Some(Cursor::decode(c).map_err(|_| bad())?);
        }
        // Both questions at once. The count goes first: it takes a way of its own, while the page may be read right here.
        let counted = async {
            if request.count {
                let n = self
                    .store
                    .count(w.id, &w.layout, &caller.policy, &query, COUNT_CAP);
                n.await.map(Some)
            } else {
                Ok(None)
            }
        };
        let (count, page) =
            tokio::try_join!(counted, self.store.page(w.id, &w.layout, &caller.policy, &query))?;
        let mut records = page.records;
        self.shown(caller, object, &mut records, &fields).await?;
        Ok(Listed {
            object: Arc::clone(object),
            records,
            fields,
            next: page.next.map(|c| c.encode()),
            at_least: count.is_some_and(|n| n > COUNT_CAP),
            count,
            cut: false,
        })
    }
}

/// The fields that have to be read to show these; `None` for all. A formula of the present is worked out from fields that
/// nobody may have named.
pub(super) fn read(object: &ObjectDef, request: &ListRequest, shown: &[FieldIx]) -> Option<Vec<FieldIx>> {
    request.fields.as_deref().filter(|f| !f.is_empty())?;
    let worked_out = |ix: &FieldIx| object.at(*ix).is_some_and(|f| f.ty == FieldType::Formula);
    (!shown.iter().any(worked_out)).then(|| shown.to_vec())
}

/// What is searched in objects that the search index does not hold (tags, holidays, files): every word in some field that
/// others would be found by. `None` for those that it holds, and for those without such a field.
fn with_words(caller: &Caller, object: &ObjectDef, q: &str) -> Option<String> {
    if object.spine {
        return None;
    }
    let fields: Vec<&str> = object
        .fields
        .iter()
        .enumerate()
        .filter(|(i, f)| {
            f.search.is_some() && f.filter && caller.policy.sees(&object.key, FieldIx(*i as u16))
        })
        .filter(|(_, f)| {
            matches!(
                f.stored(),
                FieldType::Text
                    | FieldType::Code
                    | FieldType::PersonName
                    | FieldType::Email
                    | FieldType::Phone
                    | FieldType::Url
            )
        })
        .map(|(_, f)| f.key.as_str())
        .collect();
    if fields.is_empty() {
        return None;
    }
    let one = |word: &str| -> String {
        let word = word.replace('\\', "\\\\").replace('"', "\\\"");
        let any: Vec<String> = fields.iter().map(|key| format!("{key} : \"{word}\"")).collect();
        format!("({})", any.join(" OR "))
    };
    let all: Vec<String> = q.split_whitespace().take(MOST_WORDS).map(one).collect();
    Some(all.join(" AND "))
}

/// The filter, and only records one of whose links leads to the given one. A link that the caller may not see is as good as
/// not there.
fn narrowed(
    caller: &Caller,
    object: &ObjectDef,
    filter: Option<Filter>,
    linked: Option<&(Vec<FieldIx>, Id)>,
) -> Result<Option<Filter>, AppError> {
    let Some((fields, to)) = linked else {
        return Ok(filter);
    };
    let leads = |ix: &FieldIx| {
        let def = object.at(*ix).filter(|_| caller.policy.sees(&object.key, *ix))?;
        let op = if def.stored() == FieldType::Links {
            Op::Has
        } else {
            Op::Eq
        };
        Some(Node::Test(Test {
            field: *ix,
            op,
            operand: Operand::Id(*to),
        }))
    };
    let mut tests: Vec<Node> = fields.iter().filter_map(leads).collect();
    let test = match tests.len() {
        0 => return Err(AppError::NotFound),
        1 => tests.remove(0),
        _ => Node::Any(tests),
    };
    let root = match filter {
        Some(f) => Node::All(vec![test, f.root]),
        None => test,
    };
    Ok(Some(Filter {
        object: object.key.as_str().into(),
        root,
    }))
}

/// `-created_at,name` as sort keys: the order that is asked for; without one that of the object, by those of its fields that
/// the caller sees.
fn parse_sort(caller: &Caller, object: &ObjectDef, asked: Option<&str>) -> Result<Vec<Sort>, AppError> {
    let text = asked.or(object.default_sort.as_deref()).unwrap_or_default();
    let mut out = Vec::new();
    for part in text.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let (direction, key) = match part.strip_prefix('-') {
            Some(k) => (Direction::Desc, k),
            None => (Direction::Asc, part),
        };
        let (field, _) = object
            .field(key)
            .filter(|(_, f)| f.sort)
            .ok_or_else(|| AppError::Parameter {
                name: "sort",
                value: key.chars().take(60).collect(),
            })?;
        if asked.is_some() || caller.policy.sees(&object.key, field) {
            out.push(Sort { field, direction });
        }
    }
    if out.len() > 3 {
        return Err(AppError::Parameter {
            name: "sort",
            value: text.chars().take(60).collect(),
        });
    }
    Ok(out)
}
