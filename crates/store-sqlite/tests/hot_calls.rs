//! The calls that people wait for all day are served by the index that `docs/hot-calls.md` names, never by a walk
//! through a table.

use std::collections::HashMap;
use std::sync::Arc;

use peyvand_catalog::{Catalog, FieldType, OnDelete};
use peyvand_core::{Actor, Id, WorkspaceId};
use peyvand_record::filter::{Node, Op, Operand, Test};
use peyvand_record::query::{Direction, Sort};
use peyvand_record::{Filter, ObjectPolicy, Policy, Query, Reach, Verb};
use peyvand_store::compile::{Compiler, Half};
use peyvand_store::{ByIds, Dialect, Engine as _, Layout, Select};
use peyvand_store_sqlite::{Options, SqliteEngine};
use sea_query::SqliteQueryBuilder;

fn id() -> Operand {
    Operand::Id(Id::from_bytes([7; 16]))
}

fn text(s: &str) -> Operand {
    Operand::Text(s.into())
}

/// A list: object, equalities, sort (`-` is descending), and the index that serves it.
type Call = (
    &'static str,
    Vec<(&'static str, Operand)>,
    &'static str,
    &'static str,
);

fn lists() -> Vec<Call> {
    vec![
        ("contact", vec![], "-created_at", "sqlite_autoindex_contact_1"),
        ("contact", vec![], "name", "ix_contact__name__key"),
        ("contact", vec![], "-last_touch_at", "ix_contact__last_touch_at"),
        (
            "contact",
            vec![("city", text("تهران"))],
            "-created_at",
            "ix_contact__city__fold",
        ),
        (
            "contact",
            vec![("lifecycle", text("acquired"))],
            "-created_at",
            "ix_contact__lifecycle",
        ),
        (
            "contact",
            vec![("owner_id", id())],
            "-created_at",
            "ix_contact__owner_id",
        ),
        (
            "contact",
            vec![("company_id", id())],
            "-created_at",
            "ix_contact__company_id",
        ),
        (
            "contact",
            vec![("name", text("سارا رضایی")), ("company_id", id())],
            "-created_at",
            "ix_contact__name__fold__company_id",
        ),
        ("company", vec![], "name", "ix_company__name__key"),
        (
            "company",
            vec![("name", text("آریا تجارت"))],
            "-created_at",
            "ix_company__name__fold",
        ),
        (
            "company",
            vec![("owner_id", id())],
            "-created_at",
            "ix_company__owner_id",
        ),
        (
            "deal",
            vec![("owner_id", id()), ("status", text("open"))],
            "-created_at",
            "ix_deal__owner_id__status",
        ),
        (
            "deal",
            vec![("contact_id", id())],
            "-created_at",
            "ix_deal__contact_id",
        ),
        (
            "deal",
            vec![("company_id", id())],
            "-created_at",
            "ix_deal__company_id",
        ),
        (
            "deal",
            vec![("status", text("open"))],
            "expected_close",
            "ix_deal__status__expected_close",
        ),
        (
            "order",
            vec![("contact_id", id())],
            "-ordered_at",
            "ix_order__contact_id__ordered_at",
        ),
        (
            "order",
            vec![("company_id", id())],
            "-ordered_at",
            "ix_order__company_id__ordered_at",
        ),
        (
            "order_line",
            vec![("order_id", id())],
            "position",
            "ix_order_line__order_id__position",
        ),
        (
            "activity",
            vec![("owner_id", id()), ("status", text("open"))],
            "due_at",
            "ix_activity__owner_id__status__due_at",
        ),
        (
            "activity",
            vec![("contact_id", id())],
            "due_at",
            "ix_activity__contact_id__due_at",
        ),
        (
            "interaction",
            vec![("contact_id", id())],
            "-occurred_at",
            "ix_interaction__contact_id__occurred_at",
        ),
        (
            "note",
            vec![("contact_id", id())],
            "-created_at",
            "ix_note__contact_id",
        ),
    ]
}

/// Reads of side tables, as the store asks them: table, the columns that are given, and the index.
const SIDE: &[(&str, &[&str], &str)] = &[
    ("timeline", &["workspace_id", "record_id"], "PRIMARY KEY"),
    ("audit", &["workspace_id", "record_id"], "ix_audit__record_id__at"),
    (
        "idempotency",
        &["workspace_id", "actor", "route", "key"],
        "PRIMARY KEY",
    ),
    (
        "external_key",
        &["workspace_id", "object", "source", "key"],
        "PRIMARY KEY",
    ),
];

fn plan(db: &rusqlite::Connection, sql: &str) -> String {
    let mut statement = db
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|e| panic!("{sql}: {e}"));
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        lines.push(row.get::<_, String>(3).expect("a line"));
    }
    lines.join("; ")
}

fn built(select: &Select) -> String {
    select.statement.build(SqliteQueryBuilder).0
}

/// Does the plan read through this index and nothing else, without a walk and without sorting?
fn served(plan: &str, index: &str) -> bool {
    let by_index = plan.contains(&format!("INDEX {index} ("))
        || (index == "PRIMARY KEY" && plan.contains("USING PRIMARY KEY"))
        || (index == "PRIMARY KEY" && plan.contains("sqlite_autoindex"));
    by_index && !plan.contains("SCAN ") && !plan.contains("TEMP B-TREE")
}

/// A database that holds the schema and nothing else, and the layout of its records.
async fn schema() -> (tempfile::TempDir, rusqlite::Connection, Layout) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("peyvand.db");
    let engine = SqliteEngine::open(&file, &Options::default()).expect("a database");
    engine.migrate().await.expect("the schema");
    let db = rusqlite::Connection::open(&file).expect("a connection");
    (folder, db, Layout::of(Catalog::standard()))
}

#[tokio::test]
async fn hot_calls_are_served_by_their_index() {
    let (_folder, db, layout) = schema().await;
    let policy: Arc<Policy> = Policy::all(Actor::System);
    let compiler = Compiler {
        layout: &layout,
        workspace: WorkspaceId(1),
        policy: &policy,
        dialect: Dialect::Sqlite,
    };
    let mut wrong = Vec::new();
    let mut calls = 0;
    for (object, tests, sort, index) in lists() {
        let def = layout.catalog.object(object).expect("an object");
        let field = |key: &str| def.field(key).unwrap_or_else(|| panic!("{object}.{key}")).0;
        let nodes = tests
            .iter()
            .map(|(key, operand)| {
                Node::Test(Test {
                    field: field(key),
                    op: Op::Eq,
                    operand: operand.clone(),
                })
            })
            .collect();
        let mut q = Query::of(object).filter(Filter {
            object: object.into(),
            root: Node::All(nodes),
        });
        let (direction, key) = sort
            .strip_prefix('-')
            .map_or((Direction::Asc, sort), |k| (Direction::Desc, k));
        q.sort = vec![Sort {
            field: field(key),
            direction,
        }];
        let half = if compiler.has_halves(&q).expect("a sort") {
            Half::Filled
        } else {
            Half::Whole
        };
        let said = plan(&db, &built(&compiler.page(&q, half, 51).expect("a statement")));
        if !served(&said, index) {
            wrong.push(format!(
                "{object} by {tests:?} sorted {sort}: wants {index}, has {said}"
            ));
        }
        calls += 1;
    }
    let one = compiler
        .by_ids(&ByIds::of("contact", &[Id::from_bytes([7; 16])]))
        .expect("a statement");
    let said = plan(&db, &built(&one));
    if !served(&said, "sqlite_autoindex_contact_1") {
        wrong.push(format!("one contact: {said}"));
    }
    calls += 1;
    for (table, columns, index) in SIDE {
        let wheres = columns
            .iter()
            .map(|c| format!("\"{c}\" = ?"))
            .collect::<Vec<_>>()
            .join(" AND ");
        let said = plan(&db, &format!("SELECT * FROM \"{table}\" WHERE {wheres}"));
        if !served(&said, index) {
            wrong.push(format!("{table}: wants {index}, has {said}"));
        }
        calls += 1;
    }
    assert_eq!(calls, 27);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // The control: a list that no index serves is seen.
    let said = plan(
        &db,
        "SELECT id FROM contact WHERE description = ? ORDER BY department LIMIT 51",
    );
    assert!(
        !served(&said, "ix_contact__city__fold") && said.contains("SCAN"),
        "{said}"
    );
}

/// Whoever reaches a part finds it in the index of whom records belong to, the newest first, without walking through what
/// belongs to others: a page, and how many there are.
#[tokio::test]
async fn a_part_is_found_by_whom_it_belongs_to() {
    let (_folder, db, layout) = schema().await;
    let rights = |reach| ObjectPolicy {
        reach: Verb::ALL.iter().map(|v| (*v, reach)).collect(),
        fields: HashMap::new(),
    };
    let ways = |reach, filter: Option<(&str, Operand)>| {
        let policy = Policy {
            actor: Actor::User(Id::from_bytes([1; 16])),
            unrestricted: false,
            teams: vec![Id::from_bytes([2; 16])],
            teams_below: vec![Id::from_bytes([2; 16]), Id::from_bytes([3; 16])],
            objects: HashMap::from([("contact".to_owned(), rights(reach))]),
        };
        let compiler = Compiler {
            layout: &layout,
            workspace: WorkspaceId(1),
            policy: &policy,
            dialect: Dialect::Sqlite,
        };
        let mut q = Query::of("contact");
        if let Some((key, operand)) = filter {
            let field = layout.catalog.object("contact").expect("contacts").field(key);
            let field = field.expect("a field").0;
            let root = Node::Test(Test {
                field,
                op: Op::Eq,
                operand,
            });
            q = q.filter(Filter {
                object: "contact".into(),
                root,
            });
        }
        let page = compiler.page(&q, Half::Whole, 51).expect("a statement");
        let count = compiler.count(&q, 10_000).expect("a statement");
        [page, count].map(|s| plan(&db, &built(&s)))
    };
    for (reach, wanted) in [
        (Reach::Own, &["owner_id"][..]),
        (Reach::Team, &["owner_id", "team_id"]),
        (Reach::TeamAndBelow, &["owner_id", "team_id"]),
    ] {
        for said in ways(reach, None) {
            for way in wanted {
                let index = format!("COVERING INDEX ix_contact__{way} (workspace_id=? AND {way}=?");
                assert!(said.contains(&index), "{reach:?} {said}");
            }
            assert!(said.contains("MERGE (UNION)"), "{said}");
            // Nothing of the contacts is walked through under the workspace alone.
            assert!(!said.contains("(workspace_id=?)"), "{reach:?} {said}");
        }
    }
    // The controls: whoever reaches all walks through all, and what is asked for by a city is found by the city.
    let [page, _] = ways(Reach::All, None);
    assert!(
        page.contains("sqlite_autoindex_contact_1 (workspace_id=?)"),
        "{page}"
    );
    for said in ways(Reach::Team, Some(("city", text("تهران")))) {
        assert!(
            said.contains("ix_contact__city__fold") && !said.contains("MERGE"),
            "{said}"
        );
    }
}

/// What leads to a record that is merged or purged, live or in the recycle bin, is found by an index of the link.
#[tokio::test]
async fn what_leads_to_a_record_is_found_by_its_link() {
    let (_folder, db, layout) = schema().await;
    let walked = |table: &str, column: &str| {
        let said = plan(
            &db,
            &format!("SELECT * FROM \"{table}\" WHERE workspace_id = ? AND \"{column}\" = ? LIMIT 20001"),
        );
        (!said.contains(&format!("workspace_id=? AND {column}=?")))
            .then(|| format!("{table}.{column}: {said}"))
    };
    let mut links = 0;
    let mut wrong = Vec::new();
    for object in layout.catalog.objects() {
        for f in object.fields.iter().filter(|f| {
            f.ty == FieldType::Link && !f.is_system() && f.on_delete.is_some_and(|d| d != OnDelete::Keep)
        }) {
            wrong.extend(walked(&object.key, &f.key));
            links += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(links > 60, "{links}");
    // The control: a column without an index is seen.
    assert!(walked("contact", "department").is_some());
}
