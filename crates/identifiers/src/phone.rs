//! Phone numbers: Iranian forms by own rules, the world by calling code, and by the `phonenumber` metadata where a
//! national form has to be understood.
//!
//! Iranian forms: `09…`, `9…`, `989…`, `+989…`, `00989…`, `+98 (0)9…` for mobiles, and the same with an area code
//! for landlines, in any digits and with any usual separators. Operator prefixes are not judged: numbers move
//! between operators, and new prefixes appear. Only `0980…` is refused, which no operator has and which is a
//! country code typed in the wrong place.
//!
//! A number with `+` (or `00`) and another calling code is taken as E.164 after a check of calling code and length;
//! [`world::inspect`] says more about it, at the price of loading the metadata of all countries.

use peyvand_numbers::digits;

use crate::areas::{self, Area};
use crate::reason::{Checked, Reason};
use crate::scan;

pub mod world;

/// An ISO 3166-1 alpha-2 country code, such as `IR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region([u8; 2]);

impl Region {
    /// Iran.
    pub const IR: Self = Self(*b"IR");

    /// Reads two ASCII letters of either case.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        match code.as_bytes() {
            [a, b] if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => {
                Some(Self([a.to_ascii_uppercase(), b.to_ascii_uppercase()]))
            }
            _ => None,
        }
    }

    /// The two capital letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

/// What a national number is read in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PhoneContext {
    /// The country of numbers without a calling code; `None` accepts only international forms.
    pub default_region: Option<Region>,
    /// The Iranian area code (`21`) of eight-digit numbers without one.
    pub default_area: Option<String>,
}

impl Default for PhoneContext {
    /// Numbers without a calling code are Iranian.
    fn default() -> Self {
        Self {
            default_region: Some(Region::IR),
            default_area: None,
        }
    }
}

/// What kind of line a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneKind {
    /// A mobile: personal, usable as an identity key and for short messages.
    Mobile,
    /// A landline: shared by several people, never an identity key.
    Landline,
    /// Anything else, or not known.
    Other,
}

/// A phone number in its normalised form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    /// The form to store, compare and dial: `+989123456789`.
    pub e164: String,
    /// The kind of line.
    pub kind: PhoneKind,
    /// The form people of that country read: `0912 345 6789`. For numbers whose national form is not known, the
    /// international one.
    pub national: String,
    /// The extension behind the number («داخلی ۱۲»).
    pub extension: Option<String>,
    /// What is unusual about it, without being wrong.
    pub warning: Option<Reason>,
}

impl Phone {
    /// The area of an Iranian landline.
    #[must_use]
    pub fn area(&self) -> Option<&'static Area> {
        let national = self.e164.strip_prefix("+98")?;
        (self.kind == PhoneKind::Landline).then(|| areas::of_number(national))?
    }

    /// Whether the number is Iranian.
    #[must_use]
    pub fn is_iranian(&self) -> bool {
        self.e164.starts_with("+98")
    }
}

/// Words that announce an extension.
const EXTENSION: [&str; 7] = ["داخلی", ";ext=", "extension", "ext.", "ext", "#", "x"];

/// E.164 has 15 digits at most; with `00`, a trunk zero and some slack, more is no phone number.
const MOST: usize = 20;

struct Scanned {
    plus: bool,
    digits: String,
    extension: Option<String>,
}

/// Splits a typed number into plus, digits and extension.
fn scan(text: &str) -> Result<Scanned, Reason> {
    let text = text.trim();
    if text.len() > scan::LONGEST {
        return Err(Reason::TooLong);
    }
    let text = text.strip_prefix("tel:").unwrap_or(text);
    let mut out = Scanned {
        plus: false,
        digits: String::with_capacity(16),
        extension: None,
    };
    let mut in_zero_parenthesis = 0u8;
    let mut plus_at_end = false;
    for (i, c) in text.char_indices() {
        if let Some(d) = digits::value(c) {
            if out.digits.len() == MOST {
                return Err(Reason::TooLong);
            }
            if plus_at_end {
                return Err(Reason::PhoneForm);
            }
            in_zero_parenthesis = if in_zero_parenthesis == 1 && d == 0 { 2 } else { 0 };
            out.digits.push(char::from(b'0' + d));
        } else if matches!(c, '+' | '＋') {
            if out.plus || plus_at_end {
                return Err(Reason::UnexpectedCharacter);
            }
            // In right-to-left text the plus is often left behind at the end: «۹۸۹۱۲…+».
            if out.digits.is_empty() {
                out.plus = true;
            } else {
                plus_at_end = true;
            }
        } else if c == '(' {
            in_zero_parenthesis = 1;
        } else if c == ')' {
            // «+44 (0)20 …»: the trunk zero that is not dialled from abroad.
            if in_zero_parenthesis == 2 && (out.plus || out.digits.starts_with("00")) {
                out.digits.pop();
            }
            in_zero_parenthesis = 0;
        } else if scan::is_separator(c) {
        } else {
            let rest = text.get(i..).unwrap_or("");
            out.extension = Some(extension(rest, out.digits.is_empty())?);
            break;
        }
    }
    out.plus |= plus_at_end && out.digits.len() > 10;
    if out.digits.is_empty() {
        return Err(if text.is_empty() {
            Reason::Empty
        } else {
            Reason::PhoneForm
        });
    }
    Ok(out)
}

/// Reads «داخلی ۱۲» or "ext. 12" at the end of a number.
fn extension(rest: &str, first: bool) -> Result<String, Reason> {
    if first {
        return Err(Reason::UnexpectedCharacter);
    }
    let tail = EXTENSION.iter().find_map(|word| {
        let head = rest.get(..word.len())?;
        head.eq_ignore_ascii_case(word).then(|| rest.get(word.len()..))?
    });
    let tail = tail.ok_or(Reason::UnexpectedCharacter)?;
    let tail = tail.trim_start_matches(|c: char| c == ':' || c.is_whitespace());
    match scan::only_digits(tail, 10) {
        Ok(d) if !d.is_empty() => Ok(d),
        _ => Err(Reason::UnexpectedCharacter),
    }
}

/// Normalises a phone number.
///
/// ```
/// use peyvand_identifiers::phone::{PhoneContext, PhoneKind, normalise};
/// let here = PhoneContext::default();
/// let p = normalise("۰۹۱۲ ۳۴۵ ۶۷۸۹", &here).unwrap();
/// assert_eq!((p.e164.as_str(), p.kind), ("+989123456789", PhoneKind::Mobile));
/// assert_eq!(p.national, "0912 345 6789");
/// let p = normalise("021-88776655 داخلی 12", &here).unwrap();
/// assert_eq!((p.e164.as_str(), p.extension.as_deref()), ("+982188776655", Some("12")));
/// assert_eq!(p.area().unwrap().fa, "تهران");
/// assert_eq!(normalise("+44 (0)20 7946 0958", &here).unwrap().e164, "+442079460958");
/// ```
pub fn normalise(text: &str, context: &PhoneContext) -> Result<Phone, Reason> {
    let Scanned {
        plus,
        digits,
        extension,
    } = scan(text)?;
    let international = if plus {
        Some(digits.as_str())
    } else {
        // 00 leads abroad from Iran and most of the world; a third zero is a slip.
        digits.strip_prefix("00")
    };
    let mut phone = match international {
        Some(d) if d.starts_with('0') => Err(Reason::CallingCode),
        Some(d) => match d.strip_prefix("98") {
            // +98 0912…: the trunk zero was kept.
            Some(n) => iranian(n.strip_prefix('0').unwrap_or(n)),
            None => world::plain(d),
        },
        None => match context.default_region {
            None => Err(Reason::RegionMissing),
            Some(Region::IR) => domestic(&digits, context),
            Some(region) => world::national(&digits, region),
        },
    }?;
    phone.extension = extension;
    Ok(phone)
}

/// The verdict on a phone number; the normalised form is E.164.
#[must_use]
pub fn check(text: &str, context: &PhoneContext) -> Checked {
    match normalise(text, context) {
        Ok(Phone {
            e164, warning: None, ..
        }) => Checked::valid(e164),
        Ok(Phone {
            e164,
            warning: Some(reason),
            ..
        }) => Checked::warning(e164, reason),
        Err(reason) => Checked::invalid(text.trim().chars().take(64).collect::<String>(), reason),
    }
}

/// A number typed in Iran without `+` or `00`.
fn domestic(digits: &str, context: &PhoneContext) -> Result<Phone, Reason> {
    if let Some(n) = digits.strip_prefix('0') {
        return iranian(n);
    }
    match digits.len() {
        12 if digits.starts_with("98") => iranian(digits.get(2..).unwrap_or("")),
        // Spreadsheets drop the leading zero.
        10 => match iranian(digits)? {
            Phone {
                warning: Some(reason),
                ..
            } => Err(reason),
            phone => Ok(phone),
        },
        8 => match &context.default_area {
            Some(area) => {
                let area = scan::only_digits(area, 3)?;
                iranian(&format!("{}{digits}", area.trim_start_matches('0')))
            }
            None => Err(Reason::AreaCodeMissing),
        },
        0..8 => Err(Reason::TooShort),
        9 => Err(Reason::PhoneForm),
        _ => Err(Reason::TooLong),
    }
}

/// An Iranian national significant number: ten digits without the trunk zero.
fn iranian(n: &str) -> Result<Phone, Reason> {
    match n.len() {
        0..10 => return Err(Reason::TooShort),
        10 => {}
        _ => return Err(Reason::TooLong),
    }
    let part = |a: usize, b: usize| n.get(a..b).unwrap_or("");
    let e164 = format!("+98{n}");
    if n.starts_with('9') {
        if n.starts_with("980") {
            return Err(Reason::PhoneForm);
        }
        let national = format!("0{} {} {}", part(0, 3), part(3, 6), part(6, 10));
        return Ok(Phone {
            e164,
            kind: PhoneKind::Mobile,
            national,
            extension: None,
            warning: None,
        });
    }
    if n.starts_with('0') || matches!(part(2, 3), "0" | "1") {
        return Err(Reason::PhoneForm);
    }
    let warning = areas::of_number(n).is_none().then_some(Reason::AreaCodeUnknown);
    let national = format!("0{} {} {}", part(0, 2), part(2, 6), part(6, 10));
    Ok(Phone {
        e164,
        kind: PhoneKind::Landline,
        national,
        extension: None,
        warning,
    })
}
