//! How values are shown: one cell for a list, a record page, a card.

use std::borrow::Borrow;
use std::collections::HashMap;

use peyvand_app::{App, AppError, Caller};
use peyvand_catalog::definition::system;
use peyvand_catalog::{FieldDef, FieldIx, FieldType, ObjectDef};
use peyvand_core::Id;
use peyvand_i18n::{Args, keys};
use peyvand_record::{Record, Value};
use peyvand_text::rich;

use crate::form::repeat::{in_words, is_repeat};

use crate::shell::{initials, pigment};
use crate::view::Viewer;

/// How a piece of a value is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Text in the page's direction, isolated.
    Plain,
    /// Text from left to right: phones, addresses, codes.
    Ltr,
    /// A number.
    Number,
    /// A coloured tag.
    Tag(String),
    /// A link to a record, with the initials of its title.
    Record {
        address: String,
        initials: String,
        pigment: &'static str,
    },
    /// A link to somewhere else.
    Outside(String),
    /// Rich text, cleaned once more when it is shown.
    Rich,
    /// A moment with its exact time as a tip.
    Moment(String),
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) shape: Shape,
}

/// A value as it is shown: pieces; none for no value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) numeric: bool,
}

/// Titles of linked records, looked up in one go.
pub(crate) type Titles = HashMap<Id, String>;

/// Ids of all records that these records link to through these fields, by object.
pub(crate) fn linked(
    object: &ObjectDef,
    records: &[impl Borrow<Record>],
    fields: &[FieldIx],
    into: &mut HashMap<String, Vec<Id>>,
) {
    for &ix in fields {
        let Some(f) = object.at(ix) else { continue };
        let to = match f.to.as_deref() {
            Some("*") => continue,
            Some(to) => to,
            None if matches!(f.key.as_str(), "created_by" | "updated_by" | "owner_id") => "user",
            None if f.key == "team_id" => "team",
            None => continue,
        };
        let list = into.entry(to.to_owned()).or_default();
        for r in records {
            match r.borrow().get(ix) {
                Value::Id(id) if *id != Id::NIL => list.push(*id),
                Value::Ids(ids) => list.extend(ids),
                _ => {}
            }
        }
    }
}

/// Titles of everything that these records link to.
pub(crate) async fn titles_of(
    app: &App,
    caller: &Caller,
    object: &ObjectDef,
    records: &[impl Borrow<Record>],
    fields: &[FieldIx],
) -> Result<Titles, AppError> {
    let mut wanted = HashMap::new();
    linked(object, records, fields, &mut wanted);
    app.titles(caller, &wanted).await
}

/// The plural of the object that a link leads to.
fn target<'a>(caller: &'a Caller, field: &FieldDef) -> Option<&'a ObjectDef> {
    let key = match field.to.as_deref() {
        Some(to) => to,
        None if field.key == "team_id" => "team",
        None => "user",
    };
    caller.workspace.catalog().object(key).map(AsRef::as_ref)
}

/// A value as it is shown. `short` is for lists: amounts in millions, texts cut.
pub(crate) fn cell(
    caller: &Caller,
    v: &Viewer,
    field: &FieldDef,
    value: &Value,
    titles: &Titles,
    short: bool,
) -> Cell {
    let one = |text: String, shape: Shape| Cell {
        pieces: vec![Piece { text, shape }],
        numeric: false,
    };
    let numeric = |text: String| Cell {
        pieces: vec![Piece {
            text,
            shape: Shape::Number,
        }],
        numeric: true,
    };
    let choice = |key: &str| {
        field.choice(key).map_or_else(
            || Piece {
                text: key.to_owned(),
                shape: Shape::Plain,
            },
            |c| Piece {
                text: (if v.language == peyvand_numbers::Language::Fa {
                    &c.fa
                } else {
                    &c.en
                })
                .clone(),
                shape: Shape::Tag(c.color.clone().unwrap_or_else(|| "clay".to_owned())),
            },
        )
    };
    let link = |id: &Id| {
        let title = titles.get(id)?;
        let to = target(caller, field)?;
        Some(Piece {
            text: title.clone(),
            shape: Shape::Record {
                address: format!("/{}/{id}", to.plural),
                initials: initials(title),
                pigment: pigment(title),
            },
        })
    };
    match value {
        Value::Null => Cell::default(),
        Value::Text(s) => match field.stored() {
            FieldType::RichText if short => one(rich::words(s), Shape::Plain),
            FieldType::RichText => one(s.to_string(), Shape::Rich),
            FieldType::Email | FieldType::Phone | FieldType::Url if is_masked(s) => {
                one(v.in_digits(s), Shape::Ltr)
            }
            FieldType::Email => one(s.to_string(), Shape::Outside(format!("mailto:{s}"))),
            FieldType::Phone => one(v.in_digits(&phone(v, s)), Shape::Outside(format!("tel:{s}"))),
            FieldType::Url => one(s.to_string(), Shape::Outside(s.to_string())),
            FieldType::Code if field.is_country() => one(country(v, s).to_owned(), Shape::Plain),
            // What is copied, compared and told on the telephone stays as it is stored.
            FieldType::Code => one(s.to_string(), Shape::Ltr),
            FieldType::Text if is_repeat(field) => {
                one(in_words(v, s).unwrap_or_else(|| s.to_string()), Shape::Plain)
            }
            _ => one(s.to_string(), Shape::Plain),
        },
        Value::Int(n) if field.is_year() => numeric(v.in_digits(&n.to_string())),
        Value::Int(n) => numeric(v.number(*n)),
        Value::Decimal(d) => numeric(v.decimal(*d, field.decimals())),
        Value::Money(m) => numeric(v.money(m, short)),
        Value::Bool(b) => one(
            v.t(if *b {
                peyvand_i18n::keys::WEB_YES
            } else {
                peyvand_i18n::keys::WEB_NO
            }),
            Shape::Plain,
        ),
        Value::Date(d) => one(v.date(*d), Shape::Number),
        Value::Instant(at) if short => one(v.ago(*at), Shape::Moment(v.instant(*at))),
        Value::Instant(at) => one(v.instant(*at), Shape::Moment(v.ago(*at))),
        Value::Choice(k) => Cell {
            pieces: vec![choice(k)],
            numeric: false,
        },
        Value::Choices(ks) => Cell {
            pieces: ks.iter().map(|k| choice(k)).collect(),
            numeric: false,
        },
        Value::Id(id) => Cell {
            pieces: link(id).into_iter().collect(),
            numeric: false,
        },
        Value::Ids(ids) => Cell {
            pieces: ids.iter().filter_map(link).collect(),
            numeric: false,
        },
        Value::Name(n) => one(n.display(), Shape::Plain),
        Value::Address(a) => {
            let comma = if v.language == peyvand_numbers::Language::Fa {
                "، "
            } else {
                ", "
            };
            let parts: Vec<&str> = [
                &*a.province,
                &*a.city,
                &*a.street,
                &*a.postal_code,
                country(v, &a.country),
            ]
            .into_iter()
            .filter(|p: &&str| !p.is_empty())
            .collect();
            one(parts.join(comma), Shape::Plain)
        }
        Value::Points(points) => {
            let take = if short { 1 } else { points.len() };
            let mut sorted: Vec<_> = points.iter().collect();
            sorted.sort_by_key(|p| !p.primary);
            Cell {
                pieces: sorted
                    .into_iter()
                    .take(take)
                    .map(|p| {
                        if is_masked(&p.value) {
                            Piece {
                                text: v.in_digits(&p.value),
                                shape: Shape::Ltr,
                            }
                        } else if p.channel.as_ref() == "email" {
                            Piece {
                                text: p.value.to_string(),
                                shape: Shape::Outside(format!("mailto:{}", p.value)),
                            }
                        } else {
                            Piece {
                                text: v.in_digits(&phone(v, &p.value)),
                                shape: Shape::Outside(format!("tel:{}", p.value)),
                            }
                        }
                    })
                    .collect(),
                numeric: false,
            }
        }
        Value::Json(j) => one(j.to_string(), Shape::Ltr),
    }
}

/// A country by its name in the reader's language, where it is given by its code.
pub(crate) fn country<'a>(v: &Viewer, code: &'a str) -> &'a str {
    peyvand_text::countries::name(code, v.language).unwrap_or(code)
}

/// Is this the mask of an address or a number? Nothing is called or written to by it.
pub(crate) fn is_masked(text: &str) -> bool {
    text.contains('•')
}

/// A number as it is dialled at home, in groups: `+989121234567` is `0912 123 4567`; with its extension in words.
fn phone(v: &Viewer, e164: &str) -> String {
    if let Some((number, extension)) = e164.split_once(";ext=") {
        let args = Args::new()
            .text("number", phone(v, number))
            .text("extension", v.in_digits(extension));
        // Numbers stand from left to right; the sentence about them runs as its language does.
        return format!("\u{2068}{}\u{2069}", v.with(keys::RECORD_EXTENSION, &args));
    }
    if let Some(home) = e164.strip_prefix("+98")
        && home.len() == 10
        && home.is_ascii()
    {
        if home.starts_with('9') {
            return format!("0{} {} {}", &home[..3], &home[3..6], &home[6..]);
        }
        return format!("0{} {}", &home[..2], &home[2..]);
    }
    e164.to_owned()
}

/// The fields of an object's default list that the caller may see; the title first.
pub(crate) fn list_columns(app: &App, caller: &Caller, object: &ObjectDef) -> Vec<FieldIx> {
    let visible = app.visible(caller, object, None).unwrap_or_default();
    let (title, _) = object.title_field();
    let mut out: Vec<FieldIx> = visible.iter().copied().filter(|ix| *ix == title).collect();
    out.extend(
        visible
            .iter()
            .copied()
            .filter(|ix| *ix != title && object.at(*ix).is_some_and(|f| f.list)),
    );
    if object.ownable && visible.contains(&system::OWNER_ID) && !out.contains(&system::OWNER_ID) {
        out.push(system::OWNER_ID);
    }
    out
}

/// A text as HTML.
pub(crate) fn escape_into(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

/// May a link lead there? Never to a script.
fn safe_link(address: &str) -> bool {
    ["https://", "http://", "mailto:", "tel:"]
        .iter()
        .any(|s| address.starts_with(s))
}

impl Cell {
    /// The value as HTML; a dash when there is none.
    pub(crate) fn html(&self) -> String {
        let mut out = String::with_capacity(64);
        if self.pieces.is_empty() {
            out.push_str("<span class=\"mute\">—</span>");
        }
        for (n, p) in self.pieces.iter().enumerate() {
            if n > 0 {
                out.push(' ');
            }
            p.html_into(&mut out);
        }
        out
    }

    /// The text alone.
    pub(crate) fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|p| p.text.as_str())
            .collect::<Vec<_>>()
            .join(" · ")
    }
}

/// Stored rich text as it stands on a page: cleaned once more, because a rule may have become stricter since it was
/// stored, and text that came by another road than the edge is not trusted either.
pub(crate) fn rich_into(html: &str, out: &mut String) {
    out.push_str("<div class=\"rich\" dir=\"auto\">");
    out.push_str(&rich::sanitise(html));
    out.push_str("</div>");
}

impl Piece {
    fn html_into(&self, out: &mut String) {
        let text = |out: &mut String| escape_into(out, &self.text);
        match &self.shape {
            Shape::Plain => {
                out.push_str("<bdi>");
                text(out);
                out.push_str("</bdi>");
            }
            Shape::Ltr => {
                out.push_str("<bdi dir=\"ltr\">");
                text(out);
                out.push_str("</bdi>");
            }
            Shape::Number => text(out),
            Shape::Tag(color) => {
                out.push_str("<span class=\"tag dot ");
                escape_into(out, color);
                out.push_str("\">");
                text(out);
                out.push_str("</span>");
            }
            Shape::Record {
                address,
                initials,
                pigment,
            } => {
                out.push_str("<a class=\"ref\" href=\"");
                escape_into(out, address);
                out.push_str("\"><span class=\"av sm ");
                out.push_str(pigment);
                out.push_str("\" aria-hidden=\"true\">");
                escape_into(out, initials);
                out.push_str("</span><bdi class=\"clip\">");
                text(out);
                out.push_str("</bdi></a>");
            }
            Shape::Outside(address) => {
                if safe_link(address) {
                    out.push_str("<a class=\"out\" rel=\"noreferrer\" href=\"");
                    escape_into(out, address);
                    out.push_str("\"><bdi dir=\"ltr\">");
                    text(out);
                    out.push_str("</bdi></a>");
                } else {
                    out.push_str("<bdi dir=\"ltr\">");
                    text(out);
                    out.push_str("</bdi>");
                }
            }
            Shape::Rich => rich_into(&self.text, out),
            Shape::Moment(exact) => {
                out.push_str("<span title=\"");
                escape_into(out, exact);
                out.push_str("\">");
                text(out);
                out.push_str("</span>");
            }
        }
    }
}

/// The text of an amount as an input holds it: all digits, with its unit.
pub(crate) fn cell_text(v: &Viewer, _field: &FieldDef, value: &Value) -> String {
    match value {
        Value::Money(m) => v.money(m, false),
        _ => String::new(),
    }
}
