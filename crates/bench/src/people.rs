//! The contacts that are imported: invented, the same for the same number and seed, 40 % Persian.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Result;
use peyvand_core::random::SplitMix;
use peyvand_demo::names;

/// Cities, Persian and other.
pub(crate) const CITIES: &[&str] = &[
    "تهران",
    "مشهد",
    "اصفهان",
    "شیراز",
    "تبریز",
    "کرج",
    "قم",
    "اهواز",
    "رشت",
    "کرمان",
];
pub(crate) const CITIES_EN: &[&str] = &[
    "London",
    "New York",
    "Berlin",
    "Paris",
    "Toronto",
    "Sydney",
    "Dubai",
    "Istanbul",
    "Stockholm",
    "Madrid",
];
const FIRMS: &[&str] = &[
    "پارس",
    "البرز",
    "دماوند",
    "زاگرس",
    "نوین",
    "آریا",
    "سپهر",
    "کیمیا",
    "مهر",
    "آفتاب",
    "ایده",
    "رایان",
];
const FIRMS_EN: &[&str] = &[
    "Northwind",
    "Globex",
    "Vertex",
    "Bluebird",
    "Ironwood",
    "Summit",
    "Harbor",
    "Lumen",
    "Cobalt",
    "Juniper",
];
const TRADES: &[&str] = &["صنعت", "تجارت", "گستر", "پرداز", "سازه", "فناوری", "پخش", "دارو"];
const TRADES_EN: &[&str] = &[
    "Systems",
    "Trading",
    "Labs",
    "Logistics",
    "Foods",
    "Software",
    "Energy",
    "Media",
];
/// Stages of the life of a contact.
pub(crate) const STAGES: &[&str] = &["identified", "acquired", "nurtured", "retained", "lost"];
/// Teams, and salespeople in each.
pub(crate) const TEAMS: usize = 20;
pub(crate) const PER_TEAM: usize = 10;

/// The address of a salesperson.
pub(crate) fn seller(n: usize) -> String {
    format!("seller{n}@firm.example.com")
}

/// The name of a team.
pub(crate) fn team(n: usize) -> String {
    format!("Team {n}")
}

/// How the columns of the file are read.
pub(crate) const MAPPING: &str = r#"
object = "contacts"
source = "bench"
key = ["id"]

[[columns]]
name = "first_name"
field = "name.given"

[[columns]]
name = "last_name"
field = "name.family"

[[columns]]
name = "email"
field = "emails"

[[columns]]
name = "phone"
field = "phones"

[[columns]]
name = "company"
field = "company_id"
link = { by = "name", make = { name = "{company}" } }

[[columns]]
name = "title"
field = "job_title"

[[columns]]
name = "city"
field = "city"

[[columns]]
name = "country"
field = "country"

[[columns]]
name = "lang"
field = "language"

[[columns]]
name = "stage"
field = "lifecycle"

[[columns]]
name = "source"
field = "source_detail"

[[columns]]
name = "note"
field = "description"

[[columns]]
name = "owner"
field = "owner_id"
link = { by = "email" }

[[columns]]
name = "team"
field = "team_id"
link = { by = "name" }
"#;

/// Writes so many contacts as CSV.
pub(crate) fn write(file: &Path, count: usize) -> Result<()> {
    let mut r = SplitMix::new(20_240_320);
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(
        out,
        "id,first_name,last_name,email,phone,company,title,city,country,lang,stage,source,note,owner,team"
    )?;
    let firms = firms(count);
    let mut there = HashSet::new();
    let weighted = |r: &mut SplitMix, table: &[names::Persian]| {
        let total: u32 = table.iter().map(|t| t.2).sum();
        let mut at = r.below(u64::from(total)) as u32;
        table
            .iter()
            .find(|t| {
                let here = at < t.2;
                at = at.saturating_sub(t.2);
                here
            })
            .map_or(("علی", "Ali"), |t| (t.0, t.1))
    };
    for n in 1..=count {
        let persian = r.chance(40);
        let woman = r.chance(48);
        let (given, family, mail, city, country, lang, title, phone, company, note);
        // Whoever has the name of a colleague would be taken for that colleague.
        let mut employer = |r: &mut SplitMix, given: &str, family: &str| loop {
            let firm = r.below(firms) as usize;
            if there.insert(peyvand_text::fold(&format!("{given} {family} {firm}"))) {
                return firm;
            }
        };
        if persian {
            let g = weighted(&mut r, if woman { names::WOMEN } else { names::MEN });
            let f = weighted(&mut r, names::FAMILIES);
            (given, family) = (g.0, f.0);
            mail = format!("{}.{}{n}@example.com", g.1, f.1)
                .to_lowercase()
                .replace(' ', "");
            city = *r.pick(CITIES);
            (country, lang) = ("IR", "fa");
            title = r.pick(names::POSTS).0;
            phone = format!("+98912{:07}", n % 10_000_000);
            company = firm(employer(&mut r, given, family), true);
            note = format!("آشنایی در نمایشگاه {city}، پیگیری تلفنی لازم است");
        } else {
            given = *r.pick(if woman { names::WOMEN_EN } else { names::MEN_EN });
            family = *r.pick(names::FAMILIES_EN);
            mail = format!("{given}.{family}{n}@example.org")
                .to_lowercase()
                .chars()
                .filter(char::is_ascii)
                .filter(|c| !matches!(c, '\'' | ' '))
                .collect();
            city = *r.pick(CITIES_EN);
            (country, lang) = ("GB", "en");
            title = r.pick(names::POSTS_EN).0;
            phone = format!("+4477{:08}", n % 100_000_000);
            company = firm(employer(&mut r, given, family), false);
            note = format!("Met at the {city} trade fair; call back next week");
        }
        let stage = *r.pick(STAGES);
        let source = *r.pick(&["web", "referral", "event", "call", "email"]);
        let owner = r.below((TEAMS * PER_TEAM) as u64) as usize;
        writeln!(
            out,
            "{n},{given},{family},{mail},{phone},{company},{title},{city},{country},{lang},{stage},{source},{note},{},{}",
            seller(owner),
            team(owner / PER_TEAM),
        )?;
    }
    Ok(out.flush()?)
}

/// How many firms so many contacts work for.
pub(crate) fn firms(contacts: usize) -> u64 {
    (contacts / 20).max(10) as u64
}

/// The name of a firm, Persian or English.
pub(crate) fn firm(n: usize, persian: bool) -> String {
    if persian {
        format!("{} {} {n}", pick(FIRMS, n), pick(TRADES, n / 12))
    } else {
        format!("{} {} {n}", pick(FIRMS_EN, n), pick(TRADES_EN, n / 10))
    }
}

fn pick(words: &[&'static str], n: usize) -> &'static str {
    words.get(n % words.len()).copied().unwrap_or_default()
}
