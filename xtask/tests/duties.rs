//! Duties that the sources themselves show: who speaks to whom over the network, which cryptography there is, where
//! randomness comes from and how much of it, what pages keep in a browser.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use regex::Regex;

/// Crates that are no part of the product.
const NO_PRODUCT: &[&str] = &["bench", "testkit", "testkit-macros"];

fn walk(folder: &Path, ending: &str, out: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["tests", "examples", "vendor", "target"].contains(&name.as_str()) {
                walk(&path, ending, out);
            }
        } else if path.extension().is_some_and(|e| e == ending) {
            let text = std::fs::read_to_string(&path).expect("a source");
            // Tests stand at the end of their file, comments on lines of their own.
            let product = text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
            let code: Vec<&str> = product
                .lines()
                .filter(|l| !l.trim_start().starts_with("//"))
                .collect();
            let name = path.strip_prefix("../crates").unwrap_or(&path);
            out.insert(name.to_string_lossy().replace('\\', "/"), code.join("\n"));
        }
    }
}

/// The sources of the product with this ending, by their path in `crates`, without comments and tests.
fn product(ending: &str) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in std::fs::read_dir("../crates").expect("the crates").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !NO_PRODUCT.contains(&name.as_str()) {
            walk(&entry.path(), ending, &mut out);
        }
    }
    assert!(!out.is_empty(), "no source of .{ending}");
    out
}

/// The files in which the expression is found.
fn with(sources: &BTreeMap<String, String>, expression: &str) -> BTreeSet<String> {
    let regex = Regex::new(expression).expect("an expression");
    sources
        .iter()
        .filter(|(_, text)| regex.is_match(text))
        .map(|(name, _)| name.clone())
        .collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

/// The program speaks of itself to a PostgreSQL, a scanner of files and a server of logs, where they are configured, and to
/// its own socket. No other file opens a connection, no library of a client is there, and no other program is started.
#[test]
fn the_program_calls_nobody_else() {
    let sources = product("rs");
    assert_eq!(
        with(&sources, r"(TcpStream|UnixStream)::connect|UdpSocket::|TcpSocket"),
        set(&[
            "app/src/scanner.rs",
            "peyvand/src/control.rs",
            "peyvand/src/syslog.rs"
        ])
    );
    let database = with(&sources, r"PgConnectOptions|PgPool|PgConnection");
    assert!(!database.is_empty());
    assert!(
        database.iter().all(|f| f.starts_with("store-postgres/")),
        "{database:?}"
    );
    assert_eq!(with(&sources, r"process::Command|Command::new\("), set(&[]));
    for (name, text) in product("toml") {
        let own = text.split("[dev-dependencies]").next().unwrap_or_default();
        for client in ["reqwest", "ureq", "lettre", "isahc", "curl", "awc"] {
            assert!(
                !Regex::new(&format!(r"(?m)^{client}\b"))
                    .expect("an expression")
                    .is_match(own),
                "{name} has {client}"
            );
        }
    }
    let said = std::fs::read_to_string("../docs/operation.md").expect("the manual");
    for option in ["`--database`", "`--scanner`", "`PEYVAND_SYSLOG`"] {
        assert!(said.contains(option), "{option}");
    }
}

/// The cryptography of the product: authenticated encryption, a hash for passwords, SHA-2 and codes made of it, TLS by
/// rustls with ring. SHA-1 stands where a protocol of others says so: one-time codes (RFC 6238), lists of leaked passwords.
#[test]
fn only_known_cryptography_is_used() {
    let manifest = std::fs::read_to_string("../Cargo.toml").expect("the workspace");
    let table: toml::Table = manifest.parse().expect("a manifest");
    let dependencies = table["workspace"]["dependencies"]
        .as_table()
        .expect("dependencies");
    let weak = Regex::new(
        r"^(md-?[245]|sha-1|ripemd|whirlpool|des|blowfish|rc[245]|aes|cbc|ecb|cfb.*|ctr|rsa|dsa|openssl.*|native-tls|bcrypt|scrypt|pbkdf2|crypto|rust-crypto|rand)$",
    )
    .expect("an expression");
    let found: Vec<&String> = dependencies.keys().filter(|k| weak.is_match(k)).collect();
    assert!(found.is_empty(), "{found:?}");
    for known in ["argon2", "chacha20poly1305", "hmac", "sha2", "rustls"] {
        assert!(dependencies.contains_key(known), "{known}");
    }
    let sources = product("rs");
    assert_eq!(
        with(&sources, r"\bsha1::|\bSha1\b"),
        set(&["app/src/leaked.rs", "app/src/totp.rs"])
    );
    // Encryption is written down in two places, always with a code that shows what was changed.
    assert_eq!(
        with(&sources, r"\bchacha20poly1305::"),
        set(&["app/src/backup.rs", "store/src/keys.rs"])
    );
    assert_eq!(
        with(&sources, r"\bargon2::"),
        set(&["app/src/backup.rs", "app/src/passwords.rs"])
    );
}

/// Every random byte comes from the system by one function, and what opens a door is made of enough of them: 256 bits for
/// sessions, tokens, links and the key of the instance, 120 for recovery codes, 160 for the secrets of one-time codes.
#[test]
fn randomness_is_the_systems_and_there_is_enough() {
    let sources = product("rs");
    assert_eq!(
        with(&sources, r"\bgetrandom::|\brand::|thread_rng"),
        set(&["core/src/random.rs"])
    );
    let drawn = Regex::new(r"random::bytes::<(\w+)>").expect("an expression");
    for (file, bits) in [
        ("app/src/sessions/mod.rs", 256),
        ("app/src/sessions/visit.rs", 128),
        ("app/src/tokens.rs", 256),
        ("app/src/links.rs", 256),
        ("app/src/sign_in.rs", 256),
        ("app/src/security.rs", 112),
        ("app/src/totp.rs", 160),
        ("peyvand/src/instance.rs", 256),
    ] {
        let text = &sources[file];
        let mut seen = 0;
        for (_, [count]) in drawn.captures_iter(text).map(|c| c.extract()) {
            let bytes: usize = count.parse().unwrap_or_else(|_| {
                let constant = Regex::new(&format!(r"const {count}: usize = (\d+);")).expect("an expression");
                constant.captures(text).expect("a constant")[1]
                    .parse()
                    .expect("a number")
            });
            assert!(bytes * 8 >= bits, "{file}: {} bits", bytes * 8);
            seen += 1;
        }
        assert!(seen > 0, "{file}");
    }
    // A session itself has 256 bits; the nonce of a step on the way to it may have 128.
    assert!(sources["app/src/sessions/mod.rs"].contains("let token = hex::encode(random::bytes::<32>())"));
}

/// What pages keep in a browser beside the cookies: what was looked at lately and pinned, which is forgotten where nobody is
/// signed in; which reminders were shown, a place on a page, a choice of keys. Nothing else, and no data base.
#[test]
fn pages_keep_little_in_the_browser() {
    let sources = product("js");
    let kept = Regex::new(r"(?:local|session)Storage\.(?:set|get|remove)Item\(\s*([\w'.-]+)")
        .expect("an expression");
    let mut keys = BTreeSet::new();
    for text in sources.values() {
        for (_, [key]) in kept.captures_iter(text).map(|c| c.extract()) {
            keys.insert(key.trim_matches('\'').to_owned());
        }
    }
    // `key`, `KEPT` and `MOVED` are constants of the reminders, of the place in the week and of what was moved last.
    assert_eq!(
        keys,
        set(&[
            "KEPT",
            "MOVED",
            "key",
            "peyvand.keys",
            "peyvand.lately",
            "peyvand.pins"
        ])
    );
    for forbidden in [r"indexedDB", r"caches\.", r"serviceWorker", r"Storage\["] {
        assert_eq!(with(&sources, forbidden), set(&[]), "{forbidden}");
    }
    assert!(sources["web/assets/ui.js"].contains("if (!$('.me')) forget();"));
}
