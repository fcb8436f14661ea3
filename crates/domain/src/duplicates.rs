//! Is this record there already? What is looked up, and how much it tells.
//!
//! Mobiles, personal e-mail addresses and national ids identify; landlines and shared mailboxes are shared by design
//! and only raise the score, as names and companies do.

use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef, SearchUse};
use peyvand_identifiers::email;
use peyvand_record::{Record, Value, derive};
use peyvand_text::{companies, fold, similarity, translit};
use serde::Serialize;

/// From this score on a record is shown as a likely duplicate.
pub const LIKELY: u8 = 45;
/// The score of a record that has an identifier in common.
const CERTAIN: u8 = 95;
/// Names of one script that are alike at least this much may be one name mistyped (Jaro–Winkler).
const ALIKE: f32 = 0.93;

/// Why a record may be the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The same national or legal id.
    NationalId,
    /// The same mobile number.
    Mobile,
    /// The same personal e-mail address.
    Email,
    /// The same code, serial number or other identifier.
    Code,
    /// The same website.
    Website,
    /// The same name.
    Name,
    /// The same name in the other script.
    NameAcrossScripts,
    /// A name that differs by a slip of the pen.
    SimilarName,
    /// The same landline.
    Phone,
    /// The same shared mailbox.
    SharedMailbox,
    /// The same company.
    Company,
}

impl Reason {
    /// What it adds to the score.
    const fn weight(self) -> u8 {
        match self {
            Self::NationalId | Self::Mobile | Self::Email | Self::Code => CERTAIN,
            Self::Website | Self::Name => 50,
            Self::NameAcrossScripts => 45,
            Self::SimilarName => 35,
            Self::Phone => 30,
            Self::SharedMailbox => 25,
            Self::Company => 20,
        }
    }

    /// The stable key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NationalId => "national-id",
            Self::Mobile => "mobile",
            Self::Email => "email",
            Self::Code => "code",
            Self::Website => "website",
            Self::Name => "name",
            Self::NameAcrossScripts => "name-across-scripts",
            Self::SimilarName => "similar-name",
            Self::Phone => "phone",
            Self::SharedMailbox => "shared-mailbox",
            Self::Company => "company",
        }
    }
}

/// The name of a record: that of a person, or its title.
fn name(object: &ObjectDef, record: &Record) -> Option<String> {
    let (ix, field) = object.title_field();
    if field.search != Some(SearchUse::Title) {
        return None;
    }
    match record.get(ix) {
        Value::Name(n) => Some(n.plain()),
        Value::Text(s) => Some(s.to_string()),
        _ => None,
    }
    .filter(|n| fold(n).chars().count() >= 3)
}

/// The words under which records that may be the same are looked up, as exact keys of the search index.
#[must_use]
pub fn keys(object: &ObjectDef, record: &Record) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for (i, field) in object.fields.iter().enumerate() {
        match record.get(FieldIx(i as u16)) {
            Value::Points(points) => keys.extend(points.iter().map(|p| p.normalised.to_lowercase())),
            Value::Text(s) if field.search == Some(SearchUse::Exact) => keys.push(s.to_lowercase()),
            _ => {}
        }
    }
    if let Some(name) = name(object, record) {
        keys.extend(derive::name_keys(&name));
    }
    if let Value::Name(n) = record.get(object.title_field().0) {
        keys.extend(derive::name_keys(&n.latin));
    }
    let mut seen = std::collections::HashSet::new();
    keys.retain(|k| !k.is_empty() && seen.insert(k.clone()));
    keys
}

/// Does what this field holds tell by itself that two records are the same?
fn tells(field: &FieldDef) -> bool {
    matches!(field.stored(), FieldType::Points | FieldType::Url)
        || field.unique
        || field.search == Some(SearchUse::Exact)
        || matches!(field.key.as_str(), "national_id" | "legal_id")
}

/// The fields that [`compare`] looks at.
#[must_use]
pub fn compared(object: &ObjectDef) -> Vec<FieldIx> {
    let besides = [Some(object.title_field()), object.field("company_id")];
    let telling = |(i, f): (usize, &FieldDef)| tells(f).then_some(FieldIx(i as u16));
    let mut out: Vec<FieldIx> = object.fields.iter().enumerate().filter_map(telling).collect();
    out.extend(besides.into_iter().flatten().map(|(ix, _)| ix));
    out
}

/// How likely two records are the same, 0 to 100, and why; `None` when they have nothing in common that tells.
#[must_use]
pub fn compare(object: &ObjectDef, given: &Record, other: &Record) -> Option<(u8, Vec<Reason>)> {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut say = |r: Reason| {
        if !reasons.contains(&r) {
            reasons.push(r);
        }
    };
    for (i, field) in object.fields.iter().enumerate().filter(|(_, f)| tells(f)) {
        let ix = FieldIx(i as u16);
        match (given.get(ix), other.get(ix)) {
            (Value::Points(a), Value::Points(b)) => {
                for p in a
                    .iter()
                    .filter(|p| b.iter().any(|q| q.normalised == p.normalised))
                {
                    match &*p.channel {
                        "mobile" => say(Reason::Mobile),
                        "email" if email::normalise(&p.value).is_ok_and(|e| e.shared) => {
                            say(Reason::SharedMailbox);
                        }
                        "email" => say(Reason::Email),
                        _ => say(Reason::Phone),
                    }
                }
            }
            (Value::Text(a), Value::Text(b)) if a.to_lowercase() == b.to_lowercase() => {
                if matches!(field.key.as_str(), "national_id" | "legal_id") {
                    say(Reason::NationalId);
                } else if field.stored() == FieldType::Url {
                    say(Reason::Website);
                } else if field.search == Some(SearchUse::Exact) || field.unique {
                    say(Reason::Code);
                }
            }
            _ => {}
        }
    }
    if let Some((a, b)) = name(object, given).zip(name(object, other)) {
        let same = fold(&a) == fold(&b)
            || (object.key == "company" && companies::match_key(&a) == companies::match_key(&b));
        let latin = |r: &Record| match r.get(object.title_field().0) {
            Value::Name(n) if !n.latin.is_empty() => Some(n.latin.to_string()),
            _ => None,
        };
        let across = |a: &str, b: &str| {
            is_persian(a) != is_persian(b) && translit::similarity(a, b) >= translit::PROBABLY_SAME
        };
        if same {
            say(Reason::Name);
        } else if across(&a, &b)
            || latin(given).is_some_and(|l| fold(&l) == fold(&b))
            || latin(other).is_some_and(|l| fold(&l) == fold(&a))
        {
            say(Reason::NameAcrossScripts);
        } else if is_persian(&a) == is_persian(&b) && similarity(&a, &b) >= ALIKE {
            say(Reason::SimilarName);
        }
    }
    // The same company says nothing alone: colleagues share it.
    if !reasons.is_empty()
        && let Some((ix, _)) = object.field("company_id")
        && let (Value::Id(a), Value::Id(b)) = (given.get(ix), other.get(ix))
        && a == b
    {
        reasons.push(Reason::Company);
    }
    if reasons.is_empty() {
        return None;
    }
    let score = reasons
        .iter()
        .fold(0_u8, |sum, r| sum.saturating_add(r.weight()))
        .min(100);
    reasons.sort_unstable();
    Some((score, reasons))
}

fn is_persian(text: &str) -> bool {
    text.chars().any(|c| ('\u{600}'..='\u{6FF}').contains(&c))
}
