//! `docs/asvs.csv` against the application security verification standard of OWASP, version 5.0.0: each requirement of
//! the first two levels has a row, and each test that a row names is there.

use std::collections::BTreeMap;
use std::path::Path;

/// Sections with the levels of their requirements, one digit each in their order. Facts of the standard (version 5.0.0:
/// 70 requirements of level 1, 183 of level 2, 92 of level 3); its texts are not repeated here.
const LEVELS: &str = "
1.1:22 1.2:1111122223 1.3:112222222223 1.4:222 1.5:123 2.1:122 2.2:112 2.3:12223 2.4:23 3.1:3 3.2:113
3.3:12223 3.4:11222233 3.5:11122333 3.6:3 3.7:22333 4.1:12233 4.2:23333 4.3:22 4.4:1222 5.1:2 5.2:112333
5.3:113 5.4:222 6.1:122 6.2:111111112222 6.3:11223333 6.4:112233 6.5:22222333 6.6:2223 6.7:33 6.8:2222 7.1:222
7.2:1111 7.3:22 7.4:11222 7.5:223 7.6:22 8.1:1233 8.2:1123 8.3:133 8.4:23 9.1:111 9.2:1222 10.1:22 10.2:223
10.3:22223 10.4:1111122222233333 10.5:22222 10.6:22 10.7:222 11.1:2233 11.2:22233 11.3:11233 11.4:1222 11.5:23
11.6:23 11.7:33 12.1:12233 12.2:11 12.3:22223 13.1:2333 13.2:222223 13.3:2233 13.4:1222233 14.1:22
14.2:12223333 14.3:122 15.1:12233 15.2:12233 15.3:1222222 15.4:3333 16.1:2 16.2:22222 16.3:2222 16.4:222
16.5:2223 17.1:23 17.2:22223333 17.3:22
";

fn root() -> &'static Path {
    Path::new("..")
}

/// The cells of a line, of which the last one may stand in quotes.
fn cells(line: &str) -> Vec<String> {
    line.splitn(4, ',')
        .map(|c| c.trim_matches('"').replace("\"\"", "\""))
        .collect()
}

/// Does the file hold a function of this name?
fn holds(reference: &str) -> bool {
    let Some((file, name)) = reference.split_once("::") else {
        return false;
    };
    let Ok(text) = std::fs::read_to_string(root().join(file)) else {
        return false;
    };
    text.contains(&format!("fn {name}("))
}

#[test]
fn each_requirement_has_a_row() {
    let mut wanted: BTreeMap<String, char> = BTreeMap::new();
    let mut of_level: BTreeMap<char, usize> = BTreeMap::new();
    for section in LEVELS.split_whitespace() {
        let (name, levels) = section.split_once(':').unwrap();
        for (n, level) in levels.chars().enumerate() {
            *of_level.entry(level).or_default() += 1;
            if level != '3' {
                wanted.insert(format!("V{name}.{}", n + 1), level);
            }
        }
    }
    assert_eq!(of_level, BTreeMap::from([('1', 70), ('2', 183), ('3', 92)]));
    let table = std::fs::read_to_string(root().join("docs/asvs.csv")).unwrap();
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let row = cells(line);
        let [id, level, kind, shown] = row.as_slice() else {
            panic!("{line}");
        };
        let known = wanted
            .remove(id)
            .unwrap_or_else(|| panic!("{id}: doubled, or none of these levels"));
        assert_eq!(level, &known.to_string(), "{id}");
        match kind.as_str() {
            "test" => {
                for reference in shown.split(' ') {
                    assert!(holds(reference), "{id}: there is no test {reference}");
                }
            }
            // The feature is not there; a rule holds it and says where; not held yet, and what is missing.
            "moot" | "rule" | "open" => assert!(shown.trim().len() > 2, "{id} gives no reason"),
            other => panic!("{id}: {other}"),
        }
        *kinds.entry(kind.clone()).or_default() += 1;
    }
    assert!(wanted.is_empty(), "without a row: {:?}", wanted.keys());
    assert!(kinds["test"] >= 80, "{kinds:?}");
}

#[test]
fn a_test_that_is_not_there_is_missed() {
    assert!(holds("xtask/tests/asvs.rs::each_requirement_has_a_row"));
    assert!(!holds("xtask/tests/asvs.rs::no_such_test"));
    assert!(!holds("xtask/tests/none.rs::each_requirement_has_a_row"));
    assert!(!holds("no reference"));
}
