//! The templates' rules and the files of others.

use std::path::Path;

use sha2::{Digest, Sha256};

#[test]
fn templates_have_no_inline_style_or_script() {
    let folder = Path::new("templates");
    let mut seen = 0;
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    let parts = std::fs::read_dir(folder.join("parts")).unwrap();
    paths.extend(parts.map(|e| e.unwrap().path()));
    for path in paths.into_iter().filter(|p| p.is_file()) {
        let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
        seen += 1;
        for banned in [
            " style=",
            "<style",
            " onclick",
            " onload",
            " onerror",
            " onsubmit",
            " onchange",
            "hx-on",
            "javascript:",
        ] {
            assert!(!text.contains(banned), "{}: {banned}", path.display());
        }
        for script in text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(
                tag.contains(" src=") && script.split_once('>').unwrap().1.starts_with("</script>"),
                "{}: a script without a file",
                path.display()
            );
        }
    }
    assert!(seen >= 8);
}

#[test]
fn files_of_others_are_as_published() {
    let root = Path::new(".");
    let table = std::fs::read_to_string(root.join("vendor/README.md")).unwrap();
    let mut compared = 0;
    for line in table.lines().filter(|l| l.starts_with("| `")) {
        let cells: Vec<&str> = line
            .split('|')
            .map(|c| c.trim().trim_matches('`'))
            .filter(|c| !c.is_empty())
            .collect();
        let bytes = std::fs::read(root.join(cells[0])).unwrap();
        assert_eq!(
            hex::encode(Sha256::digest(&bytes)),
            *cells.last().unwrap(),
            "{}",
            cells[0]
        );
        compared += 1;
    }
    assert_eq!(compared, 2);
}
