//! Definitions that are wrong, each refused with its own error.

use peyvand_catalog::catalog::parse_object;
use peyvand_catalog::{Catalog, CatalogError};

/// A small world: a user and a team for the system fields, and the object under test.
fn world(object: &str) -> Result<Catalog, CatalogError> {
    let other = |key: &str| {
        parse_object(
            key,
            &format!(
                r#"
key = "{key}"
plural = "{key}s"
label = {{ fa = "نمونه", en = "Sample" }}
labels = {{ fa = "نمونه‌ها", en = "Samples" }}
title = "name"
[[field]]
key = "name"
type = "text"
label = {{ fa = "نام", en = "Name" }}
"#
            ),
        )
    };
    Catalog::from_objects(
        vec![other("user")?, other("team")?, parse_object("thing", object)?],
        0,
    )
}

const HEAD: &str = r#"
key = "thing"
plural = "things"
label = { fa = "چیز", en = "Thing" }
labels = { fa = "چیزها", en = "Things" }
title = "name"
"#;

const NAME: &str = r#"
[[field]]
key = "name"
type = "text"
label = { fa = "نام", en = "Name" }
sort = true
"#;

/// A definition with more properties of the object and one more field `extra`.
fn thing(properties: &str, field: &str) -> String {
    let field = if field.is_empty() {
        String::new()
    } else {
        format!("[[field]]\nkey = \"extra\"\nlabel = {{ fa = \"افزوده\", en = \"Extra\" }}\n{field}\n")
    };
    format!("{HEAD}{properties}\n{NAME}{field}")
}

#[test]
fn the_control_is_accepted() {
    let right = [
        ("", ""),
        (
            "default_sort = \"-created_at,name\"",
            "type = \"number\"\nmin = 0\nmax = 5\ndefault = 5",
        ),
        (
            "parent = \"extra\"",
            "type = \"link\"\nto = \"user\"\ninverse = \"things\"\non_delete = \"cascade\"\non_merge = \"relink\"",
        ),
        (
            "timeline = [\"extra\"]\ntimeline_at = \"created_at\"",
            "type = \"link\"\nto = \"*\"\non_delete = \"clear\"\non_merge = \"relink\"",
        ),
        (
            "unique = [[\"name\", \"extra\"]]",
            "type = \"decimal\"\nscale = 9",
        ),
        (
            "",
            "type = \"choice\"\ndefault = \"a\"\nchoices = [{ key = \"a\", fa = \"آ\", en = \"A\", color = \"clay\" }]",
        ),
        (
            "",
            "type = \"computed\"\nof = \"instant\"\nwrites = \"use-case\"\nsort = true",
        ),
        ("", "type = \"formula\"\nof = \"number\"\nformula = \"1 + 1\""),
    ];
    for (properties, field) in right {
        let made = world(&thing(properties, field));
        assert!(made.is_ok(), "{properties} {field}: {:?}", made.err());
    }
}

#[test]
fn a_wrong_field_is_refused_with_its_problem() {
    let link = "on_delete = \"clear\"\non_merge = \"relink\"";
    let table: &[(&str, &str, &str)] = &[
        // A new table cannot forget what happens to its links.
        ("", "type = \"link\"\nto = \"user\"", "link-without-rule"),
        (
            "",
            "type = \"link\"\nto = \"user\"\non_delete = \"clear\"",
            "link-without-rule",
        ),
        (
            "",
            "type = \"links\"\nto = \"user\"\non_merge = \"relink\"",
            "link-without-rule",
        ),
        (
            "",
            "type = \"link\"\non_delete = \"clear\"\non_merge = \"relink\"",
            "link-without-target",
        ),
        (
            "",
            &format!("type = \"link\"\nto = \"*\"\ninverse = \"things\"\n{link}"),
            "inverse-of-any",
        ),
        (
            "",
            &format!("type = \"link\"\nto = \"user\"\nrequired = true\n{link}"),
            "required-link-cleared",
        ),
        ("", "type = \"text\"\nto = \"user\"", "rule-without-link"),
        ("", "type = \"text\"\non_delete = \"clear\"", "rule-without-link"),
        ("", "type = \"choice\"", "choices-missing"),
        (
            "",
            "type = \"text\"\nchoices = [{ key = \"a\", fa = \"آ\", en = \"A\" }]",
            "choices-unexpected",
        ),
        (
            "",
            "type = \"choice\"\nchoices = [{ key = \"a\", fa = \"آ\", en = \"A\" }, { key = \"a\", fa = \"ب\", en = \"B\" }]",
            "choices-wrong",
        ),
        (
            "",
            "type = \"choice\"\nchoices = [{ key = \"A b\", fa = \"آ\", en = \"A\" }]",
            "choices-wrong",
        ),
        (
            "",
            "type = \"choice\"\nchoices = [{ key = \"a\", fa = \"\", en = \"A\" }]",
            "choices-wrong",
        ),
        (
            "",
            "type = \"choice\"\nchoices = [{ key = \"a\", fa = \"آ\", en = \"A\", color = \"red\" }]",
            "color-unknown",
        ),
        (
            "",
            "type = \"text\"\nhelp = { fa = \"\", en = \"Help\" }",
            "help-half",
        ),
        ("", "type = \"points\"", "points-without-channel"),
        ("", "type = \"text\"\nchannel = \"email\"", "channel-unexpected"),
        ("", "type = \"formula\"\nof = \"number\"", "formula-missing"),
        ("", "type = \"number\"\nformula = \"1\"", "formula-unexpected"),
        ("", "type = \"formula\"\nformula = \"1\"", "stored-type-missing"),
        ("", "type = \"number\"\nof = \"number\"", "stored-type-unexpected"),
        (
            "",
            "type = \"formula\"\nformula = \"1\"\nof = \"formula\"",
            "stored-type-wrong",
        ),
        (
            "",
            "type = \"formula\"\nformula = \"1\"\nof = \"number\"\nrequired = true",
            "derived-required",
        ),
        ("", "type = \"computed\"\nof = \"number\"", "computed-writable"),
        ("", "type = \"decimal\"\nscale = 10", "scale-wrong"),
        ("", "type = \"number\"\nscale = 2", "scale-wrong"),
        ("", "type = \"text\"\nmin = 1", "range-unexpected"),
        ("", "type = \"number\"\nmin = 2\nmax = 1", "range-wrong"),
        ("", "type = \"text\"\nmax_length = 0", "length-wrong"),
        ("", "type = \"number\"\nmax_length = 5", "length-wrong"),
        ("", "type = \"number\"\nmax = 5\ndefault = 6", "default-wrong"),
        ("", "type = \"number\"\ndefault = \"6\"", "default-wrong"),
        (
            "",
            "type = \"choice\"\ndefault = \"b\"\nchoices = [{ key = \"a\", fa = \"آ\", en = \"A\" }]",
            "default-wrong",
        ),
        ("", "type = \"date\"\ndefault = \"today\"", "default-wrong"),
        ("", "type = \"long_text\"\nsort = true", "type-not-sortable"),
        ("", "type = \"number\"\nsearch = \"words\"", "type-not-searchable"),
        ("", "type = \"json\"", "type-not-filterable"),
        ("", "type = \"money\"\nunique = true", "type-not-unique"),
        ("", "type = \"text\"\nclass = \"secret\"", "secret-shown"),
        (
            "",
            "type = \"text\"\nclass = \"secret\"\nfilter = false\nlist = true",
            "secret-shown",
        ),
        (
            "title = \"extra\"",
            "type = \"json\"\nfilter = false",
            "title-wrong",
        ),
        ("parent = \"name\"", "", "parent-not-link"),
        (
            "parent_or = \"extra\"",
            &format!("type = \"link\"\nto = \"user\"\n{link}"),
            "parent-missing",
        ),
        ("timeline = [\"name\"]", "", "timeline-not-link"),
        ("timeline_at = \"name\"", "", "timeline-not-time"),
        (
            "default_sort = \"extra\"",
            "type = \"text\"",
            "default-sort-wrong",
        ),
        ("index = [[]]", "", "index-empty"),
        (
            "index = [[\"extra\"]]",
            "type = \"json\"\nfilter = false",
            "type-not-indexed",
        ),
        (
            "unique = [[\"name\", \"extra\"]]",
            "type = \"long_text\"",
            "type-not-indexed",
        ),
    ];
    for (properties, field, expected) in table {
        let text = if properties.starts_with("title") {
            thing("", field).replace("title = \"name\"", properties)
        } else {
            thing(properties, field)
        };
        match world(&text) {
            Err(CatalogError::Field { object, problem, .. }) => {
                assert_eq!(
                    (object.as_str(), problem),
                    ("thing", *expected),
                    "{properties} {field}"
                );
            }
            other => panic!("{properties} {field}: expected {expected}, got {:?}", other.err()),
        }
    }
}

#[test]
fn wrong_names_and_references_are_refused() {
    let unknown = |target: &'static str| move |e: &CatalogError| matches!(e, CatalogError::Unknown { target: t, .. } if t == target);
    let bad =
        |key: &'static str| move |e: &CatalogError| matches!(e, CatalogError::BadKey { key: k } if k == key);
    let link = "type = \"link\"\non_delete = \"clear\"\non_merge = \"relink\"";
    type Expect = Box<dyn Fn(&CatalogError) -> bool>;
    let table: Vec<(String, Expect)> = vec![
        (
            thing("", &format!("{link}\nto = \"nobody\"")),
            Box::new(unknown("nobody")),
        ),
        (thing("index = [[\"lost\"]]", ""), Box::new(unknown("lost"))),
        (thing("unique = [[\"lost\"]]", ""), Box::new(unknown("lost"))),
        (thing("timeline = [\"lost\"]", ""), Box::new(unknown("lost"))),
        (thing("timeline_at = \"lost\"", ""), Box::new(unknown("lost"))),
        (thing("parent = \"lost\"", ""), Box::new(unknown("lost"))),
        (thing("default_sort = \"-lost\"", ""), Box::new(unknown("lost"))),
        (
            thing("", "").replace("title = \"name\"", "title = \"lost\""),
            Box::new(unknown("lost")),
        ),
        (
            thing("", "type = \"text\"").replace("\"extra\"", "\"Extra\""),
            Box::new(bad("Extra")),
        ),
        (
            thing("", "type = \"text\"").replace("\"extra\"", "\"count\""),
            Box::new(bad("count")),
        ),
        (
            thing("", "type = \"text\"").replace("\"extra\"", "\"a__b\""),
            Box::new(bad("a__b")),
        ),
        (
            thing("", "type = \"text\"").replace("\"extra\"", "\"9lives\""),
            Box::new(bad("9lives")),
        ),
        (
            thing("", "").replace("\"things\"", "\"Things\""),
            Box::new(bad("Things")),
        ),
        (
            thing("", "").replace("\"things\"", "\"two_things\""),
            Box::new(bad("two_things")),
        ),
        (
            thing("", &format!("{link}\nto = \"user\"\ninverse = \"all\"")),
            Box::new(bad("all")),
        ),
        (
            thing("", "type = \"text\"").replace("\"extra\"", "\"name\""),
            Box::new(|e| matches!(e, CatalogError::Duplicate { key, .. } if key == "name")),
        ),
        (
            thing("", "type = \"text\"").replace("\"extra\"", "\"created_at\""),
            Box::new(|e| matches!(e, CatalogError::Duplicate { key, .. } if key == "created_at")),
        ),
        (
            thing("", &format!("{link}\nto = \"user\"\ninverse = \"name\"")),
            Box::new(
                |e| matches!(e, CatalogError::Duplicate { object, key } if object == "user" && key == "name"),
            ),
        ),
        (
            thing("", "").replace("\"things\"", "\"users\""),
            Box::new(|e| matches!(e, CatalogError::Duplicate { .. })),
        ),
        (
            thing("colour = 1", ""),
            Box::new(|e| matches!(e, CatalogError::Unreadable { object, .. } if object == "thing")),
        ),
        (
            thing("", "type = \"texxt\""),
            Box::new(|e| matches!(e, CatalogError::Unreadable { .. })),
        ),
        (
            thing("", "type = \"text\"\nlabel = { fa = \"نام\" }").replacen(
                "label = { fa = \"افزوده\", en = \"Extra\" }\n",
                "",
                1,
            ),
            Box::new(|e| matches!(e, CatalogError::Unreadable { .. })),
        ),
    ];
    for (text, expected) in table {
        match world(&text) {
            Ok(_) => panic!("accepted: {text}"),
            Err(e) => assert!(expected(&e), "{e:?}: {text}"),
        }
    }
}

#[test]
fn a_label_in_one_language_is_refused() {
    let text = thing("", "type = \"text\"").replace("en = \"Extra\"", "en = \" \"");
    assert!(matches!(
        world(&text),
        Err(CatalogError::Field {
            problem: "label-missing",
            ..
        })
    ));
    let text = thing("", "").replace("fa = \"چیزها\"", "fa = \"\"");
    assert!(matches!(
        world(&text),
        Err(CatalogError::Field {
            problem: "label-missing",
            ..
        })
    ));
}
