//! A workspace's own definitions: export, difference, application, deletion and restoring.

use std::sync::LazyLock;

use peyvand_catalog::schema::{Expired, RESTORE_DAYS};
use peyvand_catalog::{
    Catalog, CatalogError, Change, Choice, Class, FieldDef, FieldRef, FieldType, Schema, SchemaError, Text,
    diff,
};
use proptest::prelude::*;

/// 2026-11-22 as days since 1970-01-01.
const TODAY: i32 = 20_779;

fn schema(text: &str) -> Schema {
    Schema::from_toml(text).expect("a readable schema")
}

const SHOP: &str = r#"
origin = "a"

[[fields.contact]]
key = "shoe_size"
type = "number"
label = { fa = "اندازهٔ کفش", en = "Shoe size" }
number = 1
min = 20
max = 60
sort = true

[[fields.contact]]
key = "club"
type = "choice"
label = { fa = "باشگاه", en = "Club" }
number = 2
choices = [
    { key = "gold", fa = "طلایی", en = "Gold", color = "saffron" },
    { key = "silver", fa = "نقره‌ای", en = "Silver" },
]

[[fields.company]]
key = "branch_code"
type = "code"
label = { fa = "کد شعبه", en = "Branch code" }
number = 3
class = "personal"

[[object]]
key = "machine"
plural = "machines"
label = { fa = "دستگاه", en = "Machine" }
labels = { fa = "دستگاه‌ها", en = "Machines" }
title = "name"
ownable = true
default_sort = "-created_at,name"
index = [["name"]]

[[object.field]]
key = "name"
type = "text"
label = { fa = "نام", en = "Name" }
number = 4
required = true
sort = true
search = "title"

[[object.field]]
key = "company_id"
type = "link"
to = "company"
inverse = "machines"
label = { fa = "شرکت", en = "Company" }
number = 5
"#;

#[test]
fn a_schema_becomes_part_of_the_catalog() {
    let shop = schema(SHOP);
    shop.check().unwrap();
    let catalog = shop.catalog().unwrap();
    let contact = catalog.object("contact").unwrap();
    let (_, size) = contact.field("shoe_size").unwrap();
    assert!(size.custom && size.number == Some(1));
    let machine = catalog.by_plural("machines").unwrap();
    assert!(machine.custom && machine.field("owner_id").is_some());
    assert_eq!(catalog.inverse("company", "machines").unwrap().object, "machine");
    assert_eq!(shop.last_number, 5);
}

#[test]
fn what_is_written_is_read_back() {
    let mut shop = schema(SHOP);
    shop.revision = 7;
    shop.fields.get_mut("contact").unwrap()[0].deleted_on = Some(TODAY);
    shop.fields.get_mut("contact").unwrap()[0].default = Some(42.into());
    let text = shop.to_toml().unwrap();
    assert_eq!(schema(&text), shop);
    assert_eq!(schema(&text).to_toml().unwrap(), text);
    for wrong in [
        "revision = \"x\"",
        "colour = 1",
        "[[object]]\nkey = \"a\"",
        "fields = 3",
    ] {
        assert_eq!(
            Schema::from_toml(wrong).unwrap_err().code(),
            "schema-unreadable",
            "{wrong}"
        );
    }
}

fn number_of(schema: &Schema, object: &str, key: &str) -> Option<i32> {
    schema
        .fields_of(object)
        .iter()
        .find(|f| f.key == key)
        .and_then(|f| f.number)
}

#[test]
fn renaming_keeps_the_number_and_what_refers_to_the_field() {
    let shop = schema(SHOP);
    let renamed = schema(&SHOP.replace("\"shoe_size\"", "\"foot_size\""));
    let changes = diff(&shop, &renamed);
    assert_eq!(changes.len(), 1);
    assert!(
        matches!(&changes[0], Change::RenameField { field, to } if field.number == 1 && to == "foot_size")
    );
    assert!(changes[0].is_safe() && !changes[0].needs_confirmation());
    let after = shop.apply(&changes, TODAY).unwrap();
    assert_eq!(number_of(&after, "contact", "foot_size"), Some(1));
    assert_eq!(number_of(&after, "contact", "shoe_size"), None);
    assert_eq!(after.revision, shop.revision + 1);

    let title = Change::RenameField {
        field: FieldRef {
            object: "machine".into(),
            key: "name".into(),
            number: 4,
        },
        to: "serial".into(),
    };
    let after = shop.apply(&[title], TODAY).unwrap();
    let machine = &after.objects[0];
    assert_eq!(machine.title, "serial");
    assert_eq!(machine.index, vec![vec!["serial".to_owned()]]);
    assert_eq!(machine.default_sort.as_deref(), Some("-created_at,serial"));
}

#[test]
fn two_keys_can_change_places() {
    let shop = schema(SHOP);
    let swapped = schema(
        &SHOP
            .replace("\"shoe_size\"", "\"x\"")
            .replace("\"club\"", "\"shoe_size\"")
            .replace("\"x\"", "\"club\""),
    );
    let after = shop.apply(&diff(&shop, &swapped), TODAY).unwrap();
    assert_eq!(number_of(&after, "contact", "club"), Some(1));
    assert_eq!(number_of(&after, "contact", "shoe_size"), Some(2));
}

#[test]
fn between_workspaces_the_key_decides_and_not_the_number() {
    let shop = schema(SHOP);
    let mut foreign = schema(
        r#"
origin = "b"
[[fields.contact]]
key = "club"
type = "choice"
label = { fa = "باشگاه مشتریان", en = "Customer club" }
number = 1
choices = [{ key = "gold", fa = "طلایی", en = "Gold" }, { key = "silver", fa = "نقره‌ای", en = "Silver" }]
[[fields.contact]]
key = "hobby"
type = "text"
label = { fa = "سرگرمی", en = "Hobby" }
number = 2
"#,
    );
    let after = shop.apply(&diff(&shop, &foreign), TODAY).unwrap();
    let live = after.live();
    assert_eq!(number_of(&live, "contact", "club"), Some(2));
    assert_eq!(number_of(&live, "contact", "hobby"), Some(6));
    assert_eq!(number_of(&live, "contact", "shoe_size"), None);
    assert_eq!(
        after.fields_of("contact")[0].deleted_on,
        Some(TODAY + RESTORE_DAYS)
    );
    assert!(diff(&after, &foreign).is_empty());

    // The control: were it the same workspace, number 1 would be the shoe size, and a number cannot become a choice.
    foreign.origin = "a".into();
    let refused = shop.apply(&diff(&shop, &foreign), TODAY).unwrap_err();
    assert_eq!(refused.code(), "schema-not-widening");
}

#[test]
fn deleting_asks_and_can_be_undone_for_thirty_days() {
    let shop = schema(SHOP);
    let mut without = shop.clone();
    without.fields.get_mut("contact").unwrap().remove(0);
    without.objects.clear();
    let changes = diff(&shop, &without);
    assert_eq!(changes.len(), 2);
    assert!(changes.iter().all(|c| c.needs_confirmation() && !c.is_safe()));
    let deleted = shop.apply(&changes, TODAY).unwrap();
    let catalog = deleted.catalog().unwrap();
    assert!(catalog.object("machine").is_none());
    assert!(catalog.object("contact").unwrap().field("shoe_size").is_none());

    let back = diff(&deleted, &shop);
    assert!(back.iter().all(|c| c.is_safe() && !c.needs_confirmation()));
    let last_day = TODAY + RESTORE_DAYS - 1;
    assert_eq!(deleted.clone().expire(last_day), vec![]);
    let restored = deleted.apply(&back, last_day).unwrap();
    assert_eq!(restored.live().fields, shop.fields);
    assert_eq!(restored.live().objects, shop.objects);

    let late = deleted.apply(&back, TODAY + RESTORE_DAYS).unwrap_err();
    assert_eq!(late.code(), "schema-gone");
    let mut expired = deleted.clone();
    let gone = expired.expire(TODAY + RESTORE_DAYS);
    assert!(gone.contains(&Expired::Object("machine".into())));
    assert!(
        gone.iter()
            .any(|g| matches!(g, Expired::Field(f) if f.number == 1 && f.key == "shoe_size"))
    );
    assert_eq!(gone.len(), 2);
    // The number is spent for good, also when the file still carries it.
    let again = expired.apply(&diff(&expired, &shop), TODAY + 40).unwrap();
    assert_eq!(number_of(&again, "machine", "name"), Some(6));
    assert_eq!(number_of(&again, "machine", "company_id"), Some(7));
    assert_eq!(number_of(&again, "contact", "shoe_size"), Some(8));
    assert_eq!(number_of(&again, "contact", "club"), Some(2));
}

/// The schema above, read once.
static READ: LazyLock<Schema> = LazyLock::new(|| schema(SHOP));

fn field(key: &str, ty: FieldType) -> FieldDef {
    let mut f = READ.fields["company"][0].clone();
    f.key = key.into();
    f.ty = ty;
    f.number = None;
    f
}

fn size() -> FieldRef {
    FieldRef {
        object: "contact".into(),
        key: "shoe_size".into(),
        number: 1,
    }
}

#[test]
fn what_cannot_be_applied_is_refused_and_changes_nothing() {
    let shop = schema(SHOP);
    let old = &shop.fields["contact"][0];
    let edit = |make: &dyn Fn(&mut FieldDef)| {
        let mut to = old.clone();
        make(&mut to);
        Change::EditField {
            field: size(),
            from: Box::new(old.clone()),
            to: Box::new(to),
        }
    };
    let add = |object: &str, f: FieldDef| Change::AddField {
        object: object.into(),
        field: Box::new(f),
    };
    let table: Vec<(Vec<Change>, &str)> = vec![
        (
            vec![Change::ChangeType {
                field: size(),
                from: FieldType::Number,
                to: FieldType::Text,
            }],
            "schema-not-widening",
        ),
        (
            vec![Change::ChangeType {
                field: size(),
                from: FieldType::Text,
                to: FieldType::LongText,
            }],
            "schema-stale",
        ),
        (
            vec![Change::RenameLabel {
                field: size(),
                from: Text::default(),
                to: Text {
                    fa: "پا".into(),
                    en: "Foot".into(),
                },
            }],
            "schema-stale",
        ),
        (vec![edit(&|f| f.to = Some("user".into()))], "schema-not-widening"),
        (vec![edit(&|f| f.scale = Some(2))], "schema-not-widening"),
        (vec![edit(&|f| f.min = Some(99))], "catalog-field"),
        (vec![Change::RestoreField { field: size() }], "schema-missing"),
        (
            vec![
                Change::DeleteField { field: size() },
                add("contact", field("shoe_size", FieldType::Text)),
            ],
            "schema-key-taken",
        ),
        (
            vec![add("contact", field("club", FieldType::Text))],
            "catalog-duplicate",
        ),
        (
            vec![add("contact", field("name", FieldType::Text))],
            "catalog-duplicate",
        ),
        (
            vec![add("contact", field("Bad", FieldType::Text))],
            "catalog-bad-key",
        ),
        (
            vec![add("nothing", field("a", FieldType::Text))],
            "catalog-unknown",
        ),
        (
            vec![add("contact", field("pick", FieldType::Choice))],
            "catalog-field",
        ),
        (
            vec![Change::DeleteObject {
                object: "contact".into(),
            }],
            "schema-missing",
        ),
        (
            vec![Change::AddObject {
                object: Box::new(shop.objects[0].clone()),
            }],
            "catalog-duplicate",
        ),
    ];
    for (changes, code) in table {
        let result = shop.apply(&changes, TODAY);
        assert_eq!(result.map_err(|e| e.code()).err(), Some(code), "{changes:?}");
    }
    // A link into an object that is deleted would lead nowhere.
    let mut link = field("machine_id", FieldType::Link);
    link.to = Some("machine".into());
    let linked = shop.apply(&[add("contact", link)], TODAY).unwrap();
    let refused = linked.apply(
        &[Change::DeleteObject {
            object: "machine".into(),
        }],
        TODAY,
    );
    assert!(
        matches!(refused, Err(SchemaError::Catalog(CatalogError::Unknown { target, .. })) if target == "machine")
    );
}

#[test]
fn a_number_is_given_once() {
    let twice = schema(&SHOP.replace("number = 3", "number = 2"));
    assert!(matches!(
        twice.check(),
        Err(SchemaError::NumberTaken { number: 2, .. })
    ));
}

#[test]
fn safe_and_unsafe_changes_are_told_apart() {
    let old = schema(SHOP).fields["contact"][0].clone();
    let edit = |make: &dyn Fn(&mut FieldDef)| {
        let mut to = old.clone();
        make(&mut to);
        let change = Change::EditField {
            field: size(),
            from: Box::new(old.clone()),
            to: Box::new(to),
        };
        (change.is_safe(), change.needs_confirmation())
    };
    assert_eq!(edit(&|f| f.list = true), (true, false));
    assert_eq!(edit(&|f| f.max = Some(70)), (true, false));
    assert_eq!(edit(&|f| f.max = None), (true, false));
    assert_eq!(edit(&|f| f.max = Some(50)), (false, false));
    assert_eq!(edit(&|f| f.min = Some(25)), (false, false));
    assert_eq!(edit(&|f| f.required = true), (false, false));
    assert_eq!(edit(&|f| f.unique = true), (false, false));
    assert_eq!(edit(&|f| f.class = Class::Personal), (true, false));
    assert_eq!(edit(&|f| f.class = Class::Public), (false, true));

    let club = schema(SHOP).fields["contact"][1].clone();
    let choices = |to: Vec<Choice>| {
        let change = Change::ChangeChoices {
            field: size(),
            from: club.choices.clone(),
            to,
        };
        (change.is_safe(), change.needs_confirmation())
    };
    let mut more = club.choices.clone();
    more.push(Choice {
        key: "bronze".into(),
        fa: "برنزی".into(),
        en: "Bronze".into(),
        color: None,
        retired: false,
    });
    assert_eq!(choices(more.clone()), (true, false));
    more[0].retired = true;
    assert_eq!(choices(more.clone()), (true, false));
    more.remove(0);
    assert_eq!(choices(more), (false, true));
    for (from, to, safe) in [
        (FieldType::Text, FieldType::LongText, true),
        (FieldType::Email, FieldType::Text, true),
        (FieldType::LongText, FieldType::Text, false),
        (FieldType::Text, FieldType::Number, false),
        (FieldType::Number, FieldType::Decimal, false),
    ] {
        let change = Change::ChangeType {
            field: size(),
            from,
            to,
        };
        assert_eq!(change.is_safe(), safe, "{from:?} {to:?}");
    }
}

fn choice(key: &str, retired: bool) -> Choice {
    Choice {
        key: key.to_owned(),
        fa: format!("گزینهٔ {key}"),
        en: key.to_uppercase(),
        color: None,
        retired,
    }
}

/// The wish for choices of a shipped field, against those that a schema has.
fn wish(of: &Schema, object: &str, field: &str, to: Vec<Choice>) -> Change {
    let from = of.choices.get(object).and_then(|own| own.get(field));
    Change::ShippedChoices {
        object: object.to_owned(),
        field: field.to_owned(),
        from: from.cloned().unwrap_or_default(),
        to,
    }
}

#[test]
fn shipped_choices_are_added_retired_and_called_otherwise() {
    let none = Schema::default();
    let wanted = vec![
        choice("fair", false),
        choice("referral", false),
        choice("website", true),
    ];
    let change = wish(&none, "deal", "source", wanted.clone());
    assert!(change.is_safe() && !change.needs_confirmation());
    let own = none.apply(&[change], 0).unwrap();
    let catalog = own.catalog().unwrap();
    let source = catalog.object("deal").unwrap().field("source").unwrap().1;
    let keys: Vec<&str> = source.choices.iter().map(|c| c.key.as_str()).collect();
    let shipped = Catalog::standard();
    let shipped = &shipped.object("deal").unwrap().field("source").unwrap().1.choices;
    // Its own first, in its order; what it does not speak of behind, as it was shipped.
    assert_eq!(keys[..3], ["fair", "referral", "website"]);
    assert_eq!(keys.len(), shipped.len() + 1);
    assert!(source.choice("website").unwrap().retired && source.choice("referral").unwrap().en == "REFERRAL");
    assert!(!source.choice("tender").unwrap().retired);
    // It survives a file, and the way back is a change as well, for which a person is asked.
    let file = Schema::from_toml(&own.to_toml().unwrap()).unwrap();
    assert_eq!(file, own);
    let back = diff(&own, &none);
    assert_eq!(back, [wish(&own, "deal", "source", Vec::new())]);
    assert!(back[0].needs_confirmation());
    let again = own.apply(&back, 0).unwrap();
    assert!(again.choices.is_empty());
    assert_eq!(diff(&none, &own), [wish(&none, "deal", "source", wanted.clone())]);
    // Made for another state than the one that is there.
    assert!(matches!(
        own.apply(&[wish(&none, "deal", "source", Vec::new())], 0),
        Err(SchemaError::Stale { .. })
    ));
}

#[test]
fn choices_that_the_product_acts_by_are_only_called_otherwise() {
    let none = Schema::default();
    let refused =
        |object: &str, field: &str, to: Vec<Choice>| match none.apply(&[wish(&none, object, field, to)], 0) {
            Err(SchemaError::Catalog(CatalogError::Field { problem, .. })) => problem,
            Err(SchemaError::Catalog(CatalogError::Unknown { .. })) => "unknown",
            other => panic!("{object}.{field}: {other:?}"),
        };
    assert_eq!(
        refused("deal", "status", vec![choice("paused", false)]),
        "choices-fixed"
    );
    assert_eq!(
        refused("deal", "status", vec![choice("lost", true)]),
        "choices-fixed"
    );
    assert_eq!(refused("deal", "nothing", vec![choice("a", false)]), "unknown");
    assert_eq!(refused("deal", "name", vec![choice("a", false)]), "unknown");
    assert_eq!(refused("nothing", "status", vec![choice("a", false)]), "unknown");
    assert_eq!(
        refused("deal", "source", vec![choice("Bad Key", false)]),
        "choices-wrong"
    );
    let many = (0..501).map(|n| choice(&format!("c{n}"), false)).collect();
    assert_eq!(refused("deal", "source", many), "choices-too-many");
    // A new record would have what is offered no longer.
    assert_eq!(
        refused("pipeline", "kind", vec![choice("hunting", true)]),
        "default-wrong"
    );
    // Called otherwise, in the order that it has.
    let to = vec![choice("lost", false)];
    let own = none.apply(&[wish(&none, "deal", "status", to)], 0).unwrap();
    let catalog = own.catalog().unwrap();
    let status = &catalog.object("deal").unwrap().field("status").unwrap().1.choices;
    let names: Vec<(&str, &str)> = status.iter().map(|c| (c.key.as_str(), c.en.as_str())).collect();
    assert_eq!(names, [("open", "Open"), ("won", "Won"), ("lost", "LOST")]);
}

/// A drawn field: its number, whether it is there, live, renamed, and properties that differ.
#[derive(Debug, Clone)]
struct Drawn {
    number: i32,
    deleted: bool,
    key: u8,
    label: u8,
    wide: bool,
    required: bool,
    place: u32,
}

fn drawn(numbers: std::ops::Range<i32>) -> impl Strategy<Value = Vec<Drawn>> {
    let one = |number: i32| {
        proptest::option::weighted(
            0.7,
            (
                any::<bool>(),
                0u8..3,
                0u8..3,
                any::<bool>(),
                any::<bool>(),
                any::<u32>(),
            )
                .prop_map(move |(deleted, key, label, wide, required, place)| Drawn {
                    number,
                    deleted,
                    key,
                    label,
                    wide,
                    required,
                    place,
                }),
        )
    };
    numbers.map(one).collect::<Vec<_>>().prop_map(|all| {
        let mut there: Vec<Drawn> = all.into_iter().flatten().collect();
        there.sort_by_key(|d| d.place);
        there
    })
}

/// The field of a number: its type is given by the number; `late` says whether a wide one may show.
fn build(d: &Drawn, late: bool) -> FieldDef {
    let ty = match d.number % 4 {
        0 if d.wide && late => FieldType::LongText,
        0 => FieldType::Text,
        1 => FieldType::Number,
        2 => FieldType::Choice,
        _ => FieldType::Date,
    };
    let mut f = field(&format!("f{}_{}", d.number, d.key), ty);
    f.number = Some(d.number);
    f.label.en = format!("Field {} {}", d.number, d.label);
    f.required = d.required;
    f.deleted_on = d.deleted.then_some(TODAY + 1 + i32::from(d.label));
    if ty == FieldType::Choice {
        f.choices = READ.fields["contact"][1].choices[..=usize::from(d.label.min(1))].to_vec();
    }
    f
}

/// A schema of drawn fields: two shipped objects and up to two own ones.
fn assemble(parts: &[Vec<Drawn>; 4], own: [(bool, bool); 2], late: bool) -> Schema {
    let fields = |i: usize| parts[i].iter().map(|d| build(d, late)).collect::<Vec<_>>();
    let mut made = schema("origin = \"a\"");
    for (i, key) in ["contact", "company"].into_iter().enumerate() {
        if !parts[i].is_empty() {
            made.fields.insert(key.into(), fields(i));
        }
    }
    for (i, (there, deleted)) in own.into_iter().enumerate() {
        if !there {
            continue;
        }
        let mut object = READ.objects[0].clone();
        object.key = format!("own{i}");
        object.plural = format!("own{i}s");
        object.deleted_on = deleted.then_some(TODAY + 5);
        object.fields.truncate(1);
        object.fields[0].number = Some(101 + i as i32);
        object.icon = if late { "box".into() } else { String::new() };
        object.fields.extend(fields(2 + i));
        made.objects.push(object);
    }
    // As if read from a file.
    schema(&made.to_toml().expect("writable"))
}

fn parts() -> impl Strategy<Value = [Vec<Drawn>; 4]> {
    (drawn(1..9), drawn(11..16), drawn(21..26), drawn(31..36)).prop_map(|(a, b, c, d)| [a, b, c, d])
}

proptest! {
    #[test]
    fn the_difference_leads_from_one_schema_to_the_other(
        a in parts(), b in parts(),
        own_a in any::<[(bool, bool); 2]>(), own_b in any::<[(bool, bool); 2]>(),
    ) {
        let from = assemble(&a, own_a, false);
        let mut to = assemble(&b, own_b, true);
        // New fields bring numbers that were not given away before.
        let given: Vec<i32> = numbers(&from);
        let new = |n: i32| if given.contains(&n) { n } else { n + 1000 };
        for f in to.fields.values_mut().flatten().chain(to.objects.iter_mut().flat_map(|o| &mut o.fields)) {
            f.number = f.number.map(new);
        }
        prop_assert!(from.check().is_ok() && to.check().is_ok());
        let changes = diff(&from, &to);
        let after = from.apply(&changes, TODAY).map_err(|e| TestCaseError::fail(format!("{e}: {changes:?}")))?;
        let (have, want) = (after.live(), to.live());
        prop_assert_eq!(&have.fields, &want.fields);
        prop_assert_eq!(&have.objects, &want.objects);
        prop_assert!(diff(&after, &to).is_empty());
        // Nothing is lost: every number is still there, live or marked.
        let kept = numbers(&after);
        prop_assert!(given.iter().all(|n| kept.contains(n)));
        // The file form says the same.
        let text = after.to_toml().map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(&schema(&text), &after);
        prop_assert_eq!(after.revision, i64::from(!changes.is_empty()));
    }
}

fn numbers(schema: &Schema) -> Vec<i32> {
    schema
        .fields
        .values()
        .flatten()
        .chain(schema.objects.iter().flat_map(|o| &o.fields))
        .filter_map(|f| f.number)
        .collect()
}
