//! What the program is built of: the packages behind it as cargo knows them, held to the rules of `deny.toml`, and the bill
//! of materials for whoever runs it.
//!
//! Everything is read from the lock file and from packages that are on this machine; nobody is asked. Known faults of a
//! version are therefore not among it: those are in an advisory database, which `cargo deny check` looks up where it is
//! reached.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

/// The package whose binary is the product.
const PRODUCT: &str = "peyvand";

/// A package as cargo describes it.
#[derive(Debug, Clone, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    /// `None` for our own.
    source: Option<String>,
    license: Option<String>,
    dependencies: Vec<Dependency>,
}

/// What a package asks for.
#[derive(Debug, Clone, Deserialize)]
struct Dependency {
    name: String,
    req: String,
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    /// `dev`, `build`, or nothing.
    kind: Option<String>,
}

/// The rules of `deny.toml` that can be held without asking anybody.
#[derive(Debug, Deserialize)]
struct Rules {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Debug, Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Debug, Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    unknown_registry: String,
    unknown_git: String,
}

/// The pieces of a licence expression: names, brackets, `AND`, `OR`, and the slash that stood for `OR` once.
fn pieces(text: &str) -> Vec<String> {
    text.replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ")
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

/// A licence expression (SPDX) that is being read. `AND` binds closer than `OR`; an exception belongs to its licence.
struct Expression<'a> {
    rest: &'a [String],
    allowed: &'a BTreeSet<String>,
}

impl Expression<'_> {
    fn next(&mut self) -> Option<&str> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    fn follows(&mut self, word: &str) -> bool {
        let there = self.rest.first().is_some_and(|w| w == word);
        if there {
            self.next();
        }
        there
    }

    fn any(&mut self) -> Result<bool> {
        let mut holds = self.all()?;
        while self.follows("OR") {
            holds |= self.all()?;
        }
        Ok(holds)
    }

    fn all(&mut self) -> Result<bool> {
        let mut holds = self.one()?;
        while self.follows("AND") {
            holds &= self.one()?;
        }
        Ok(holds)
    }

    fn one(&mut self) -> Result<bool> {
        if self.follows("(") {
            let holds = self.any()?;
            ensure!(self.follows(")"), "a bracket stays open");
            return Ok(holds);
        }
        let mut name = self.next().context("a licence is missing")?.to_owned();
        ensure!(
            !["AND", "OR", "WITH", ")"].contains(&name.as_str()),
            "{name} stands where a licence should"
        );
        if self.follows("WITH") {
            let exception = self.next().context("an exception is missing")?;
            name = format!("{name} WITH {exception}");
        }
        Ok(self.allowed.contains(&name))
    }
}

/// Do the allowed licences suffice for this expression?
fn suffices(expression: &str, allowed: &BTreeSet<String>) -> Result<bool> {
    let pieces = pieces(expression);
    let mut reader = Expression {
        rest: &pieces,
        allowed,
    };
    let holds = reader.any()?;
    ensure!(reader.rest.is_empty(), "{} is too much", reader.rest.join(" "));
    Ok(holds)
}

/// What breaks the rules, in words.
fn faults(packages: &[Package], rules: &Rules) -> Vec<String> {
    let mut out = Vec::new();
    for p in packages {
        let who = format!("{} {}", p.name, p.version);
        let foreign = |d: &&Dependency| d.source.is_some() && d.req == "*";
        for d in p
            .dependencies
            .iter()
            .filter(foreign)
            .filter(|_| p.source.is_none())
        {
            out.push(format!("{who}: any version of {}", d.name));
        }
        let Some(source) = &p.source else { continue };
        // Of other registries and of repositories deny.toml names none.
        if !source.starts_with("registry+https://github.com/rust-lang/crates.io-index") {
            out.push(format!("{who}: from {source}"));
        }
        if rules.bans.deny.iter().any(|b| b.name == p.name) {
            out.push(format!("{who}: not to be used"));
        }
        match p.license.as_deref().map(|l| suffices(l, &rules.licenses.allow)) {
            Some(Ok(true)) => {}
            Some(Ok(false)) => out.push(format!("{who}: {}", p.license.as_deref().unwrap_or_default())),
            Some(Err(e)) => out.push(format!("{who}: {e}")),
            None => out.push(format!("{who}: no licence")),
        }
    }
    out
}

fn rules(root: &Path) -> Result<Rules> {
    let rules: Rules = toml::from_str(&std::fs::read_to_string(root.join("deny.toml"))?)?;
    let sources = &rules.sources;
    ensure!(
        [&sources.unknown_registry, &sources.unknown_git]
            .iter()
            .all(|s| *s == "deny"),
        "deny.toml lets packages in from anywhere"
    );
    Ok(rules)
}

/// The output of a command that must succeed.
fn said(command: &mut Command) -> Result<String> {
    let out = command.output()?;
    if !out.status.success() {
        bail!("{}", String::from_utf8_lossy(&out.stderr).trim());
    }
    Ok(String::from_utf8(out.stdout)?)
}

/// What cargo knows of the workspace, for the kind of machine that this is: packages for others need not be here.
fn metadata(root: &Path) -> Result<Metadata> {
    let version = said(Command::new("rustc").arg("-vV").current_dir(root))?;
    let host = version
        .lines()
        .find_map(|l| l.strip_prefix("host: "))
        .context("rustc does not say for which machine it builds")?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root).args([
        "metadata",
        "--format-version",
        "1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ]);
    Ok(serde_json::from_str(&said(&mut command)?)?)
}

/// The ids of the packages that the program is built of, tests left out, each with those that it needs itself.
fn built_in(metadata: &Metadata) -> Result<BTreeMap<String, Vec<String>>> {
    let nodes: BTreeMap<&str, &Node> = metadata
        .resolve
        .nodes
        .iter()
        .map(|n| (n.id.as_str(), n))
        .collect();
    let product = metadata
        .packages
        .iter()
        .find(|p| p.source.is_none() && p.name == PRODUCT)
        .context("the program is no package of the workspace")?;
    let mut out = BTreeMap::new();
    let mut open = vec![product.id.as_str()];
    while let Some(id) = open.pop() {
        if out.contains_key(id) {
            continue;
        }
        let node = nodes
            .get(id)
            .with_context(|| format!("cargo does not say what {id} needs"))?;
        let needs: Vec<&str> = node
            .deps
            .iter()
            .filter(|e| e.dep_kinds.iter().any(|k| k.kind.as_deref() != Some("dev")))
            .map(|e| e.pkg.as_str())
            .collect();
        open.extend(&needs);
        out.insert(id.to_owned(), needs.into_iter().map(str::to_owned).collect());
    }
    Ok(out)
}

/// The checksums of a lock file, by name and version.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let mut out = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |key: &str| {
            package.lines().find_map(|l| {
                let value = l.strip_prefix(key)?.trim().strip_prefix('=')?.trim();
                Some(value.trim_matches('"').to_owned())
            })
        };
        if let (Some(name), Some(version), Some(sum)) = (field("name"), field("version"), field("checksum")) {
            out.insert((name, version), sum);
        }
    }
    out
}

/// How a package is called in a bill of materials (package URL).
fn purl(p: &Package) -> String {
    format!("pkg:cargo/{}@{}", p.name, p.version.replace('+', "%2B"))
}

/// The bill of materials in the form of `CycloneDX` 1.6.
fn bill(metadata: &Metadata, lock: &str) -> Result<Value> {
    let within = built_in(metadata)?;
    let sums = checksums(lock);
    let packages: BTreeMap<&str, &Package> = metadata
        .packages
        .iter()
        .filter(|p| within.contains_key(&p.id))
        .map(|p| (p.id.as_str(), p))
        .collect();
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    let mut product = Value::Null;
    for (id, p) in &packages {
        let mut needs: Vec<String> = within
            .get(*id)
            .into_iter()
            .flatten()
            .filter_map(|n| packages.get(n.as_str()).map(|p| purl(p)))
            .collect();
        needs.sort_unstable();
        needs.dedup();
        dependencies.push(json!({"ref": purl(p), "dependsOn": needs}));
        let own = p.source.is_none() && p.name == PRODUCT;
        let mut component = json!({
            "type": if own { "application" } else { "library" },
            "bom-ref": purl(p), "name": p.name, "version": p.version, "purl": purl(p),
        });
        if let Some(l) = &p.license {
            component["licenses"] =
                json!([{"expression": pieces(l).join(" ").replace("( ", "(").replace(" )", ")")}]);
        }
        if let Some(sum) = sums.get(&(p.name.clone(), p.version.clone())) {
            component["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
        }
        if own {
            product = component;
        } else {
            components.push(component);
        }
    }
    Ok(json!({
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"component": product},
        "components": components, "dependencies": dependencies,
    }))
}

/// Writes the bill of materials into a file, unless a package breaks the rules of `deny.toml`.
pub(crate) fn run(root: &Path, words: &[&str]) -> Result<bool> {
    let [file] = words else {
        bail!("`cargo xtask materials` takes the name of a file");
    };
    let metadata = metadata(root)?;
    let broken = faults(&metadata.packages, &rules(root)?);
    for fault in &broken {
        eprintln!("{fault}");
    }
    let bill = bill(&metadata, &std::fs::read_to_string(root.join("Cargo.lock"))?)?;
    std::fs::write(file, serde_json::to_string_pretty(&bill)? + "\n")
        .with_context(|| format!("{file} cannot be written"))?;
    let parts = bill["components"].as_array().map_or(0, Vec::len);
    println!(
        "{parts} packages, {} that break the rules of deny.toml",
        broken.len()
    );
    Ok(broken.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn licence_expressions_are_read() {
        let allowed = set(&["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"]);
        for (expression, wanted) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT/Apache-2.0", true),
            ("Unlicense / MIT", true),
            ("GPL-2.0-only OR MIT", true),
            ("GPL-2.0-only AND MIT", false),
            ("Apache-2.0 AND ISC", true),
            // AND binds closer.
            ("MIT OR GPL-2.0-only AND Zlib", true),
            ("(MIT OR GPL-2.0-only) AND Zlib", false),
            ("(GPL-2.0-only OR (ISC AND MIT))", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            // An exception that nobody allowed is another licence.
            ("MIT WITH LLVM-exception", false),
        ] {
            assert_eq!(suffices(expression, &allowed).unwrap(), wanted, "{expression}");
        }
        for broken in ["", "MIT OR", "AND MIT", "(MIT", "MIT)", "MIT MIT", "MIT WITH"] {
            assert!(suffices(broken, &allowed).is_err(), "{broken}");
        }
    }

    /// Item 75: every package that this machine builds with stands under a licence of the table, comes from the one
    /// registry and is none of those that are ruled out.
    #[test]
    fn every_package_keeps_the_rules() {
        let root = Path::new("..");
        let (metadata, rules) = (metadata(root).unwrap(), rules(root).unwrap());
        let foreign = metadata.packages.iter().filter(|p| p.source.is_some()).count();
        assert!(foreign > 200, "{foreign}");
        assert_eq!(faults(&metadata.packages, &rules), Vec::<String>::new());
        // Controls: each rule finds the package that breaks it.
        let odd = metadata.packages.iter().find(|p| p.source.is_some()).unwrap();
        let own = metadata.packages.iter().find(|p| p.source.is_none()).unwrap();
        let with = |change: &dyn Fn(&mut Package)| {
            let mut p = odd.clone();
            change(&mut p);
            faults(&[p], &rules).len()
        };
        assert_eq!(with(&|_| {}), 0);
        assert_eq!(with(&|p| p.license = Some("AGPL-3.0-only".to_owned())), 1);
        assert_eq!(with(&|p| p.license = None), 1);
        assert_eq!(
            with(&|p| p.source = Some("git+https://example.com/odd".to_owned())),
            1
        );
        assert_eq!(
            with(&|p| p.source = Some("registry+https://example.com/index".to_owned())),
            1
        );
        assert_eq!(with(&|p| p.name = "native-tls".to_owned()), 1);
        let mut loose = own.clone();
        loose.dependencies = vec![Dependency {
            name: "odd".to_owned(),
            req: "*".to_owned(),
            source: odd.source.clone(),
        }];
        assert_eq!(faults(&[loose], &rules).len(), 1);
    }

    /// Item 75: the bill of materials names what the program is built of, with licence and checksum, and nothing else.
    #[test]
    fn the_bill_names_what_is_built_in() {
        let root = Path::new("..");
        let lock = std::fs::read_to_string(root.join("Cargo.lock")).unwrap();
        let bill = bill(&metadata(root).unwrap(), &lock).unwrap();
        assert_eq!(bill["metadata"]["component"]["name"], PRODUCT);
        let parts = bill["components"].as_array().unwrap();
        let names: BTreeSet<&str> = parts.iter().filter_map(|c| c["name"].as_str()).collect();
        for built in [
            "libsqlite3-sys",
            "rustls",
            "ring",
            "axum",
            "argon2",
            "peyvand-store",
        ] {
            assert!(names.contains(built), "{built}");
        }
        // What only tests use is not in the program.
        for test in ["proptest", "peyvand-testkit", "xtask"] {
            assert!(!names.contains(test), "{test}");
        }
        for c in parts {
            let name = c["name"].as_str().unwrap();
            let sum = c["hashes"][0]["content"].as_str().map(str::len);
            let ours = name.starts_with("peyvand");
            assert_eq!(sum, (!ours).then_some(64), "{name}");
            assert!(
                c["licenses"][0]["expression"]
                    .as_str()
                    .is_some_and(|l| !l.contains('/')),
                "{name}"
            );
        }
        let known: BTreeSet<&str> = parts.iter().filter_map(|c| c["bom-ref"].as_str()).collect();
        let dependencies = bill["dependencies"].as_array().unwrap();
        assert_eq!(dependencies.len(), parts.len() + 1);
        for d in dependencies {
            for need in d["dependsOn"].as_array().unwrap() {
                assert!(known.contains(need.as_str().unwrap()), "{need}");
            }
        }
    }
}
