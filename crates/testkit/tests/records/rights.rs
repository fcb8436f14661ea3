//! Rights in the statement against rights row by row.

use std::collections::{BTreeSet, HashMap};

use peyvand_catalog::definition::system;
use peyvand_core::random::SplitMix;
use peyvand_core::{Actor, Id, WorkspaceId};
use peyvand_record::filter::{Node, Op, Operand, Test};
use peyvand_record::query::{DeletedScope, Direction, Sort};
use peyvand_record::{Filter, ObjectPolicy, Policy, Query, Reach, Record, Value, Verb};
use peyvand_store::ByIds;
use peyvand_store::tables::SIDE;
use peyvand_testkit::records::Inventor;
use peyvand_testkit::{TestDb, db_test};

use crate::world::{Bench, ix};

fn naive(policy: &Policy, verb: Verb, r: &Record, shares: &[(Id, Id, bool)]) -> bool {
    let owner = r.get(system::OWNER_ID).as_id();
    let team = r.get(system::TEAM_ID).as_id();
    let me = policy.actor.id();
    let own = owner == Some(me);
    let by_reach = match policy.reach("contact", verb) {
        Reach::None => return false,
        Reach::Own => own,
        Reach::Team => own || team.is_some_and(|t| policy.teams.contains(&t)),
        Reach::TeamAndBelow => own || team.is_some_and(|t| policy.teams_below.contains(&t)),
        Reach::All => return true,
    };
    let shared = matches!(verb, Verb::Read | Verb::Update)
        && shares.iter().any(|(record, to, update)| {
            *record == r.id() && (*to == me || policy.teams.contains(to)) && (verb == Verb::Read || *update)
        });
    by_reach || shared
}

/// Pages and counts of those who reach a part are found by whom records belong to: in both directions and under conditions
/// with an index and without one they hold what is reached, once, in order.
async fn pages_of_a_part(
    b: &Bench,
    contact: &peyvand_catalog::ObjectDef,
    policy: &Policy,
    all: &[Record],
    reached: &BTreeSet<Id>,
) {
    let (title, stage) = (ix(contact, "job_title"), ix(contact, "lifecycle"));
    let test = |field, op, operand| Node::Test(Test { field, op, operand });
    let some = all.iter().find_map(|r| r.get(stage).as_str()).unwrap_or("lead");
    type Holds<'a> = Box<dyn Fn(&Record) -> bool + 'a>;
    let conditions: [(Option<Node>, Holds<'_>); 3] = [
        (None, Box::new(|_| true)),
        (
            Some(test(title, Op::Ne, Operand::Null)),
            Box::new(|r| *r.get(title) != Value::Null),
        ),
        (
            Some(test(stage, Op::Eq, Operand::Text(some.into()))),
            Box::new(|r| r.get(stage).as_str() == Some(some)),
        ),
    ];
    for (root, holds) in conditions {
        let filter = root.map(|root| Filter {
            object: "contact".into(),
            root,
        });
        let wanted: Vec<Id> = {
            let some = all.iter().filter(|r| reached.contains(&r.id()) && holds(r));
            some.map(Record::id)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect()
        };
        for direction in [Direction::Asc, Direction::Desc] {
            let mut q = Query::of("contact").limit(5);
            q.filter.clone_from(&filter);
            q.sort = vec![Sort {
                field: system::CREATED_AT,
                direction,
            }];
            let mut got = b.all(policy, q.clone()).await.expect("pages");
            if direction == Direction::Desc {
                got.reverse();
            }
            assert_eq!(got, wanted, "{filter:?} {direction:?}");
            for cap in [2, 1000] {
                let count = b.db.store.count(b.workspace, &b.layout, policy, &q, cap);
                let count = count.await.expect("a count");
                assert_eq!(count, (wanted.len() as u64).min(cap + 1), "{filter:?} {cap}");
            }
        }
    }
}

/// Random worlds: owners, teams in a tree, shares; every reach of every verb.
#[db_test]
async fn reach_is_what_it_is_row_by_row(db: TestDb) {
    let mut b = Bench::new(db);
    let contact = b.object("contact");
    let activity = b.object("order_line");
    let order = b.object("order");
    let mut random = SplitMix::new(11);
    let mut answers = 0;
    let mut partial = 0;
    for world in 0..6 {
        b.workspace = WorkspaceId(10 + world);
        let ids: Vec<Id> = (0..9).map(|_| b.db.id()).collect();
        let (users, teams) = ids.split_at(4);
        let mut inventor = b.inventor(u64::try_from(world).expect("small")).await;

        let mut all: Vec<Record> = Vec::new();
        let mut lines: Vec<Record> = Vec::new();
        for (key, list) in [("contact", &mut all), ("order_line", &mut lines)] {
            for id in b.all(&b.db.all, Query::of(key)).await.expect("pages") {
                list.extend(b.get(key, id, DeletedScope::Live).await);
            }
        }
        for _ in 0..40 {
            let mut own = |inventor: &mut Inventor, object: &peyvand_catalog::ObjectDef| {
                let mut v = inventor.values(object, 60);
                v.retain(|(i, _)| *i != system::OWNER_ID && *i != system::TEAM_ID);
                if random.chance(80) {
                    v.push((system::OWNER_ID, Value::Id(*random.pick(users))));
                }
                if random.chance(60) {
                    v.push((system::TEAM_ID, Value::Id(*random.pick(teams))));
                }
                v
            };
            let values = own(&mut inventor, &contact);
            all.push(b.create(&contact, values).await.expect("made"));
            let values = own(&mut inventor, &order);
            let o = b.create(&order, values).await.expect("an order");
            let mut v = inventor.values(&activity, 60);
            let at = ix(&activity, "order_id");
            v.retain(|(i, _)| *i != at);
            v.push((at, Value::Id(o.id())));
            lines.push(b.create(&activity, v).await.expect("a line"));
        }
        let mut shares: Vec<(Id, Id, bool)> = Vec::new();
        for _ in 0..15 {
            let record = random.pick(&all).id();
            let to = *random.pick(&ids);
            if shares.iter().any(|s| s.0 == record && s.1 == to) {
                continue;
            }
            let update = random.chance(50);
            b.row(
                &SIDE.record_share,
                &[
                    ("record_id", record.into()),
                    ("grantee_id", to.into()),
                    ("may_update", i64::from(update).into()),
                    ("at", 0.into()),
                ],
            )
            .await;
            shares.push((record, to, update));
        }
        for reach in [
            Reach::None,
            Reach::Own,
            Reach::Team,
            Reach::TeamAndBelow,
            Reach::All,
        ] {
            for (n, me) in users.iter().enumerate() {
                let mine = vec![teams[n]];
                let below = vec![teams[n], teams[(n + 1) % teams.len()]];
                let rights = ObjectPolicy {
                    reach: Verb::ALL.iter().map(|v| (*v, reach)).collect(),
                    fields: HashMap::new(),
                };
                let policy = Policy {
                    actor: Actor::User(*me),
                    unrestricted: false,
                    teams: mine,
                    teams_below: below,
                    objects: HashMap::from([
                        ("contact".to_owned(), rights.clone()),
                        ("order".to_owned(), rights),
                    ]),
                };
                let expected = |verb: Verb| -> BTreeSet<Id> {
                    all.iter()
                        .filter(|r| naive(&policy, verb, r, &shares))
                        .map(Record::id)
                        .collect()
                };
                let read: BTreeSet<Id> = b
                    .all(&policy, Query::of("contact").limit(7))
                    .await
                    .expect("pages")
                    .into_iter()
                    .collect();
                assert_eq!(read, expected(Verb::Read), "world {world}, {reach:?}, user {n}");
                partial += usize::from(!read.is_empty() && read.len() < all.len());
                let count =
                    b.db.store
                        .count(b.workspace, &b.layout, &policy, &Query::of("contact"), 1000)
                        .await
                        .expect("a count");
                assert_eq!(count as usize, read.len());
                pages_of_a_part(&b, &contact, &policy, &all, &expected(Verb::Read)).await;
                let every: Vec<Id> = all.iter().map(Record::id).collect();
                for verb in Verb::ALL {
                    let got: BTreeSet<Id> =
                        b.db.store
                            .by_ids(
                                b.workspace,
                                &b.layout,
                                &policy,
                                &ByIds::of("contact", &every).verb(*verb),
                            )
                            .await
                            .expect("by ids")
                            .iter()
                            .map(Record::id)
                            .collect();
                    assert_eq!(got, expected(*verb), "world {world}, {reach:?}, {verb:?}");
                    answers += 1;
                }
                // Whoever sees the order sees its lines, and nobody else.
                let seen: BTreeSet<Id> = b
                    .all(&policy, Query::of("order").limit(50))
                    .await
                    .expect("orders")
                    .into_iter()
                    .collect();
                let of_lines: BTreeSet<Id> = b
                    .all(&policy, Query::of("order_line").limit(50))
                    .await
                    .expect("lines")
                    .into_iter()
                    .collect();
                let at = ix(&activity, "order_id");
                let wanted: BTreeSet<Id> = lines
                    .iter()
                    .filter(|l| l.get(at).as_id().is_some_and(|o| seen.contains(&o)))
                    .map(Record::id)
                    .collect();
                assert_eq!(of_lines, wanted, "lines of world {world}, {reach:?}");
            }
        }
        // A neighbour's workspace is empty, whatever the ids.
        b.workspace = WorkspaceId(9);
        let every: Vec<Id> = all.iter().map(Record::id).collect();
        let all_rights = b.db.all.clone();
        let got =
            b.db.store
                .by_ids(b.workspace, &b.layout, &all_rights, &ByIds::of("contact", &every))
                .await
                .expect("by ids");
        assert!(got.is_empty());
    }
    assert!(
        answers == 6 * 5 * 4 * 5 && partial > 30,
        "{answers} answers, {partial} partial"
    );
}

/// The store refuses a change that the policy forbids, whatever the caller checked.
#[db_test]
async fn a_change_beyond_the_reach_is_refused(db: TestDb) {
    let b = Bench::new(db);
    let contact = b.object("contact");
    let mut inventor = Inventor::new(1);
    let stranger = b.db.id();
    let mut values = inventor.values(&contact, 50);
    values.retain(|(i, _)| *i != system::OWNER_ID);
    values.push((system::OWNER_ID, Value::Id(b.db.id())));
    let record = b.create(&contact, values).await.expect("made");
    let policy = Policy {
        actor: Actor::User(stranger),
        unrestricted: false,
        teams: Vec::new(),
        teams_below: Vec::new(),
        objects: HashMap::from([(
            "contact".to_owned(),
            ObjectPolicy {
                reach: Verb::ALL.iter().map(|v| (*v, Reach::Own)).collect(),
                fields: HashMap::new(),
            },
        )]),
    };
    let context = b.context();
    let writer = b.writer(&context);
    let (_, delete) = writer.delete(&contact, &record);
    let (_, patch) = writer
        .patch(
            &contact,
            &record,
            vec![(ix(&contact, "city"), Value::text("قم"))],
            &[],
        )
        .expect("a change");
    for batch in [delete, patch, writer.purge(&contact, &record)] {
        let e =
            b.db.store
                .apply(&context, &b.layout, &policy, &batch)
                .await
                .expect_err("refused");
        assert_eq!(e.code(), "forbidden");
    }
    let now = b.get("contact", record.id(), DeletedScope::Live).await;
    assert_eq!(now, Some(record));
}
