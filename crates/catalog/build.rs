//! Embeds `objects/*.toml` and makes a typed handle for every standard field, so that a misspelt field name in
//! the rules does not compile.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[derive(serde::Deserialize)]
struct Object {
    key: String,
    #[serde(default)]
    ownable: bool,
    #[serde(default)]
    field: Vec<Field>,
}

#[derive(serde::Deserialize)]
struct Field {
    key: String,
    #[serde(rename = "type")]
    ty: String,
    on_delete: Option<String>,
    on_merge: Option<String>,
}

const SYSTEM: &[&str] = &[
    "id",
    "version",
    "created_at",
    "updated_at",
    "created_by",
    "updated_by",
    "deleted_at",
];

fn main() {
    println!("cargo:rerun-if-changed=objects");
    println!("cargo:rerun-if-changed=build.rs");
    let dir = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("objects");
    let mut files: Vec<_> = fs::read_dir(&dir)
        .expect("the folder of the standard objects")
        .filter_map(Result::ok)
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let mut sources = String::from("pub(crate) const SOURCES: &[(&str, &str)] = &[\n");
    let mut handles = String::new();
    let mut all = String::from(
        "/// Every shipped object with its fields and their handles.\npub const ALL: &[(&str, &[(&str, crate::FieldIx)])] = &[\n",
    );
    for path in files {
        let text = fs::read_to_string(&path).expect("a readable object file");
        let object: Object = toml::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        assert_eq!(
            stem,
            object.key,
            "an object file is named after its object: {}",
            path.display()
        );
        for field in &object.field {
            assert!(
                !matches!(field.ty.as_str(), "link" | "links")
                    || (field.on_delete.is_some() && field.on_merge.is_some()),
                "{}.{}: a link says what happens to it on delete and on merge",
                object.key,
                field.key
            );
        }
        // The text itself, no path to it: what is built stays right when the checkout is moved.
        writeln!(sources, "    ({:?}, {text:?}),", object.key).expect("write to a string");
        writeln!(
            handles,
            "/// Handles of the fields of `{}`.\npub mod {} {{",
            object.key, object.key
        )
        .expect("write");
        writeln!(
            handles,
            "    /// The object's key.\n    pub const OBJECT: &str = {:?};",
            object.key
        )
        .expect("write");
        let mut keys: Vec<&str> = SYSTEM.to_vec();
        if object.ownable {
            keys.extend(["owner_id", "team_id"]);
        }
        keys.extend(object.field.iter().map(|f| f.key.as_str()));
        let pairs: Vec<String> = keys
            .iter()
            .map(|k| format!("({k:?}, {}::{})", object.key, k.to_uppercase()))
            .collect();
        writeln!(all, "    ({:?}, &[{}]),", object.key, pairs.join(", ")).expect("write to a string");
        for (i, key) in keys.iter().enumerate() {
            writeln!(
                handles,
                "    /// The field `{key}`.\n    pub const {}: crate::FieldIx = crate::FieldIx({i});",
                key.to_uppercase()
            )
            .expect("write");
        }
        handles.push_str("}\n");
    }
    sources.push_str("];\n");
    all.push_str("];\n");
    handles.push_str(&all);
    let out = env::var("OUT_DIR").expect("set by cargo");
    fs::write(Path::new(&out).join("sources.rs"), sources).expect("write the sources");
    fs::write(Path::new(&out).join("handles.rs"), handles).expect("write the handles");
}
