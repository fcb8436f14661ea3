//! Files that are damaged or meant to harm, given to the command: a clear refusal in both languages, nothing half
//! written, memory bounded.

mod common;

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{Found, Site};
use peyvand_testkit::db::{self, Kind};
use serde_json::Value;
use zip::write::SimpleFileOptions;

/// What a command said, how it ended, and the most memory that it held, in KiB.
struct Said {
    ok: bool,
    out: String,
    err: String,
    most_kib: u64,
}

/// The largest resident size of a process so far, in KiB.
fn most_kib(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find(|l| l.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn measured(site: &Site, words: &[&str]) -> Said {
    let mut child = site
        .program(words)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program");
    let read = |mut from: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut text = Vec::new();
            drop(from.read_to_end(&mut text));
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let out = read(Box::new(child.stdout.take().expect("its output")));
    let err = read(Box::new(child.stderr.take().expect("its errors")));
    let start = Instant::now();
    let mut most = 0;
    let status = loop {
        most = most.max(most_kib(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("its state") {
            break status;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{words:?} hangs");
        std::thread::sleep(Duration::from_millis(5));
    };
    Said {
        ok: status.success(),
        out: out.join().expect("what it said"),
        err: err.join().expect("what it said"),
        most_kib: most,
    }
}

/// A workbook whose one sheet unpacks to gigabytes.
fn bomb(path: &Path) {
    let mut zip = zip::ZipWriter::new(File::create(path).expect("the file"));
    let options = SimpleFileOptions::default();
    let mut put = |name: &str, text: &str| {
        zip.start_file(name, options).expect("an entry");
        zip.write_all(text.as_bytes()).expect("its text");
    };
    put(
        "[Content_Types].xml",
        r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    );
    put(
        "_rels/.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    );
    put(
        "xl/workbook.xml",
        r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    );
    put(
        "xl/_rels/workbook.xml.rels",
        r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#,
    );
    zip.start_file("xl/worksheets/sheet1.xml", options)
        .expect("the sheet");
    zip.write_all(
        br#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>"#,
    )
    .expect("its head");
    let block = vec![b'a'; 1 << 20];
    for _ in 0..300 {
        zip.write_all(&block).expect("its text");
    }
    zip.finish().expect("the workbook");
}

/// Two gigabytes without the end of a line: 32 MiB of letters, then a hole.
fn one_long_line(path: &Path) {
    let mut f = File::create(path).expect("the file");
    f.write_all(b"name,email\n").expect("its head");
    let block = vec![b'x'; 1 << 20];
    for _ in 0..32 {
        f.write_all(&block).expect("its text");
    }
    f.set_len(2 << 30).expect("its length");
}

fn people(rows: u64) -> String {
    let mut out = "name,email,city\n".to_owned();
    for n in 0..rows {
        out.push_str(&format!("Person {n},p{n}@example.com,Shiraz\n"));
    }
    out
}

async fn site() -> Site {
    Site::of(db::open(Kind::Sqlite).await).await
}

fn write(site: &Site, name: &str, bytes: &[u8]) -> PathBuf {
    let p = site.file(name);
    std::fs::write(&p, bytes).expect("the file");
    p
}

fn is_persian(text: &str) -> bool {
    text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c))
}

/// A refusal must not need more than this, in a build with debug assertions as well: 160 MiB.
const BOUND_KIB: u64 = 160 * 1024;

#[tokio::test]
async fn hostile_files_are_refused_in_both_languages() {
    let site = site().await;
    // Brought to its first start, so that what follows is the import alone.
    site.run(&["admin", "create-workspace", "main"]);
    let mut long = "name".to_owned();
    for n in 0..5_000 {
        long.push_str(&format!(",c{n}"));
    }
    long.push_str("\nAli\n");
    let mut broken = people(20_000).into_bytes();
    let middle = broken.len() / 2;
    broken.splice(middle..middle, [0xff, 0xfe, 0x80, 0xc3, 0x28]);
    let workbook = {
        let p = site.file("whole.xlsx");
        bomb(&p);
        let bytes = std::fs::read(&p).expect("the workbook");
        bytes[..bytes.len() / 2].to_vec()
    };
    one_long_line(&site.file("line.csv"));
    let mapping = write(
        &site,
        "mapping.toml",
        b"object = \"contacts\"\n[[columns]]\nname = \"Full name\"\nfield = \"name\"\n",
    );
    let mapped = ["--mapping", mapping.to_str().expect("a name")];
    let plain = ["--object", "contacts"];
    let cases: Vec<(PathBuf, &[&str])> = vec![
        (site.file("whole.xlsx"), &plain),
        (site.file("line.csv"), &plain),
        (write(&site, "cut.xlsx", &workbook), &plain),
        (write(&site, "header.csv", b"name,name\na,b\n"), &plain),
        (write(&site, "wide.csv", long.as_bytes()), &plain),
        (
            write(&site, "column.csv", b"Somebody,email\nAli,a@example.com\n"),
            &mapped,
        ),
        (
            write(&site, "nul.csv", b"name,email\nAli\0Baba,a@example.com\n"),
            &plain,
        ),
        (write(&site, "empty.csv", b""), &plain),
    ];
    for (file, words) in &cases {
        let mut all = vec!["import"];
        all.extend_from_slice(words);
        all.push(file.to_str().expect("a name"));
        let said = measured(&site, &all);
        let name = file.file_name().expect("a name").to_string_lossy().into_owned();
        println!("{name}: {} MiB: {}", said.most_kib / 1024, said.err.trim());
        // A row with a NUL is refused by itself; the others refuse the file.
        if name == "nul.csv" {
            assert!(
                said.out.contains("failed") || !said.ok,
                "{name}: {}{}",
                said.out,
                said.err
            );
        } else {
            assert!(!said.ok, "{name} was taken: {}", said.out);
            assert!(!is_persian(&said.err), "{name}: {}", said.err);
            let fa = site
                .program(&all)
                .env("PEYVAND_LANGUAGE", "fa")
                .output()
                .expect("the program");
            let fa = String::from_utf8_lossy(&fa.stderr).into_owned();
            assert!(is_persian(&fa), "{name}: {fa}");
            assert!(!said.err.contains("panicked"), "{name}: {}", said.err);
        }
        assert!(said.most_kib < BOUND_KIB, "{name}: {} KiB", said.most_kib);
        assert!(said.most_kib > 1024, "nothing was measured");
    }
    // In the middle of a file: what was written before is whole, is said, and can be taken back.
    let file = write(&site, "middle.csv", &broken);
    let said = measured(
        &site,
        &[
            "import",
            "--object",
            "contacts",
            "--policy",
            "create",
            file.to_str().expect("a name"),
        ],
    );
    let engine = site.engine().await;
    let found = Found::in_database(&engine).await;
    assert_eq!(found.faults, Vec::<String>::new());
    let n = found.records["contact"].len();
    engine.close().await;
    println!("middle: {n} contacts, {}", said.err.trim());
    if said.ok {
        // Only the row with the damage is missing.
        assert!(said.out.contains("failed"), "{}", said.out);
        assert!((19_998..=20_000).contains(&n), "{n}");
    } else {
        assert!(n < 20_000);
        let id = said.err.split("--undo ").nth(1).expect("the way back");
        site.run(&["import", "--undo", id.split_whitespace().next().expect("an id")]);
    }
}

/// More rows need no more memory: a file with eight times the rows.
#[tokio::test]
async fn memory_does_not_grow_with_the_rows() {
    let site = site().await;
    let small = write(&site, "small.csv", people(1_000).as_bytes());
    let large = write(&site, "large.csv", people(8_000).as_bytes());
    let import = |file: &Path| {
        let name = file.to_str().expect("a name").to_owned();
        measured(
            &site,
            &["import", "--object", "contacts", "--policy", "create", &name],
        )
    };
    let a = import(&small);
    let b = import(&large);
    assert!(a.ok && b.ok, "{}{}", a.err, b.err);
    println!(
        "1,000 rows: {} MiB; 8,000 rows: {} MiB",
        a.most_kib / 1024,
        b.most_kib / 1024
    );
    // The caches of the database fill up to their bound: 8 MiB each for one writer and two readers.
    assert!(
        b.most_kib < a.most_kib + 48 * 1024,
        "{} KiB, then {} KiB",
        a.most_kib,
        b.most_kib
    );
}

fn records(site: &Site, object: &str) -> Vec<Value> {
    let said = site.run(&["export", "--object", object, "--format", "ndjson"]);
    said.lines()
        .map(|l| serde_json::from_str(l).expect("a record"))
        .collect()
}

/// The files of other systems are known by their columns.
#[tokio::test]
async fn files_of_other_systems_come_in_by_their_own_column_names() {
    let google = "First Name,Last Name,File As,Organization Name,Organization Title,Birthday,Notes,Labels,\
                  E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - City\n\
                  Mina,Rahimi,,Pars Sazeh,Engineer,1990-03-04,met at the fair,* myContacts,Work,mina@example.com ::: m@example.org,\
                  Mobile,0912 123 4567,Tehran\n";
    let hubspot = "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Company Name,City,Job Title\n\
                   501,Sara,Walker,sara@example.org,+44 20 7946 0000,,lead,Harlow Ltd,London,Buyer\n";
    for (name, text, email, family, city, company) in [
        (
            "google.csv",
            google,
            "mina@example.com",
            "Rahimi",
            "Tehran",
            "Pars Sazeh",
        ),
        (
            "hubspot.csv",
            hubspot,
            "sara@example.org",
            "Walker",
            "London",
            "Harlow Ltd",
        ),
    ] {
        let site = site().await;
        let file = write(&site, name, text.as_bytes());
        let path = file.to_str().expect("a name");
        let dry = site.run(&["import", "--object", "contacts", "--dry-run", path]);
        let system = name.split('.').next().expect("a system");
        assert!(dry.contains(system), "{name}: {dry}");
        assert!(dry.contains("nothing was written"), "{dry}");
        assert!(records(&site, "contacts").is_empty());
        site.run(&["import", "--object", "contacts", path]);
        let people = records(&site, "contacts");
        assert_eq!(people.len(), 1, "{people:?}");
        let text = people[0].to_string();
        for part in [email, family, city] {
            assert!(text.contains(part), "{name}: {part} is not in {text}");
        }
        let companies = records(&site, "companies");
        assert!(
            companies.iter().any(|c| c["name"] == company),
            "{name}: {companies:?}"
        );
        // Again: nobody is doubled.
        site.run(&["import", "--object", "contacts", path]);
        assert_eq!(records(&site, "contacts").len(), 1);
    }
}

/// Out as vCard and in again elsewhere: the same people.
#[tokio::test]
async fn vcards_go_out_and_come_in_the_same() {
    let here = site().await;
    let file = write(
        &here,
        "people.csv",
        "Name,Email,Phone,City,Job title,Company,Description\nدکتر علی کریمی,ali@example.com; a.k@example.org,09121234567,تهران,مدیر,پارس سازه,همکار قدیمی\n\
         Sara Walker,sara@example.org,+442079460000,London,Buyer,Harlow Ltd,\n"
            .as_bytes(),
    );
    here.run(&["import", "--object", "contacts", file.to_str().expect("a name")]);
    let out = here.file("people.vcf");
    let out = out.to_str().expect("a name");
    here.run(&["export", "--object", "contacts", "--format", "vcf", "--out", out]);
    let there = site().await;
    there.run(&["import", "--object", "contacts", out]);
    let shown = |site: &Site| -> Vec<String> {
        let mut list: Vec<String> = records(site, "contacts")
            .iter()
            .map(|c| {
                let points = |key: &str| c[key].to_string();
                format!(
                    "{} {} {} {} {} {}",
                    c["name"],
                    c["description"],
                    points("emails"),
                    points("phones"),
                    c["city"],
                    c["job_title"]
                )
            })
            .collect();
        list.sort();
        list
    };
    assert_eq!(shown(&here), shown(&there));
    assert_eq!(shown(&here).len(), 2);
    assert_eq!(records(&there, "companies").len(), 2);
    assert!(shown(&here).iter().any(|l| l.contains("ali@example.com")));
}

/// `ask` writes nothing over what is there and names each row; a dry run tells every row.
#[tokio::test]
async fn a_dry_run_tells_every_row_and_ask_asks() {
    let site = site().await;
    let first = write(
        &site,
        "a.csv",
        b"name,email,city\nAli Karimi,ali@example.com,Shiraz\n",
    );
    site.run(&["import", "--object", "contacts", first.to_str().expect("a name")]);
    let text = "name,email,city\nMina Rahimi,mina@example.com,Yazd\nAli Karimi,ali@example.com,Tehran\n\
                Reza,not-an-address,Qom\nSara Amini,sara@example.com,Rasht\n";
    let file = write(&site, "b.csv", text.as_bytes());
    let path = file.to_str().expect("a name");
    let report = site.file("report.csv");
    let report_path = report.to_str().expect("a name");
    let before = records(&site, "contacts");
    let words = ["import", "--object", "contacts", "--policy", "ask"];
    let mut dry = words.to_vec();
    dry.extend(["--dry-run", "--report", report_path, path]);
    // A row that cannot be written is told by how the command ends, too.
    let run = |words: &[&str]| {
        let out = site.output(words);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(3), "{said}");
        assert!(said.contains("Rows that were not written: 1"), "{said}");
    };
    run(&dry);
    assert_eq!(records(&site, "contacts"), before);
    let lines = |text: &str| -> Vec<(String, String)> {
        text.lines()
            .skip(1)
            .map(|l| {
                let c: Vec<&str> = l.split(',').collect();
                (c[0].to_owned(), c[2].to_owned())
            })
            .collect()
    };
    let mut told = lines(&std::fs::read_to_string(&report).expect("the report"));
    told.sort();
    told.dedup();
    let wanted = [
        ("1", "created"),
        ("2", "duplicate"),
        ("3", "failed"),
        ("4", "created"),
    ];
    let wanted: Vec<(String, String)> = wanted.map(|(r, o)| (r.to_owned(), o.to_owned())).to_vec();
    assert_eq!(told, wanted);
    let mut real = words.to_vec();
    real.extend(["--report", report_path, path]);
    run(&real);
    let asked = std::fs::read_to_string(&report).expect("the report");
    assert!(
        lines(&asked).contains(&("2".to_owned(), "duplicate".to_owned())),
        "{asked}"
    );
    let after = records(&site, "contacts");
    assert_eq!(after.len(), 3);
    // Who was there already is as before, and the report says who it is.
    let ali = after
        .iter()
        .find(|c| c.to_string().contains("ali@example.com"))
        .expect("Ali");
    assert_eq!(ali["city"], "Shiraz");
    assert!(asked.contains(ali["id"].as_str().expect("an id")), "{asked}");
}
