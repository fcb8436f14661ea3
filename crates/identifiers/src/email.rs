//! E-mail addresses: syntax, the form to store, the key to compare by, and shared mailboxes.
//!
//! The syntax is that of RFC 5321 and 5322 without comments, quoted local parts and address literals, which no
//! person's address has. The local part is kept as typed (servers may tell capitals apart, though none in use do)
//! and compared in lower case; the domain is lower-cased and, if international, turned to its ASCII form by UTS 46.

use std::borrow::Cow;
use std::sync::LazyLock;

use peyvand_numbers::digits;

use crate::reason::{Checked, Reason};
use crate::scan;

/// An e-mail address in its normalised form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email {
    /// The form to store and to send to: the local part as typed, the domain in lower-case ASCII.
    pub address: String,
    /// The form to compare by: all in lower case.
    pub key: String,
    /// Whether the mailbox is shared by role (`info@`, `sales@`), hence never an identity key.
    pub shared: bool,
    /// What is unusual about it, without being wrong.
    pub warning: Option<Reason>,
    at: usize,
}

impl Email {
    /// The part before the @.
    #[must_use]
    pub fn local(&self) -> &str {
        self.address.get(..self.at).unwrap_or("")
    }

    /// The domain in ASCII.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.address.get(self.at + 1..).unwrap_or("")
    }

    /// The domain as people read it: «دانشگاه.ایران» rather than `xn--…`.
    #[must_use]
    pub fn unicode_domain(&self) -> String {
        idna::domain_to_unicode(self.domain()).0
    }
}

/// Names of mailboxes that people share, sorted. Editable: `data/role-mailboxes.txt`.
static ROLES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut names: Vec<_> = include_str!("../data/role-mailboxes.txt")
        .lines()
        .map(str::trim)
        .collect();
    names.sort_unstable();
    names
});

/// Well-known mail domains, for catching slips.
const KNOWN: [&str; 8] = [
    "gmail.com",
    "yahoo.com",
    "outlook.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "chmail.ir",
    "proton.me",
];

/// Domains that are real although one slip away from a well-known one.
const REAL: [&str; 8] = [
    "ymail.com",
    "mail.com",
    "email.com",
    "gmx.com",
    "yahoo.co",
    "live.co",
    "hotmail.co",
    "love.com",
];

/// Normalises an e-mail address.
///
/// ```
/// use peyvand_identifiers::email::normalise;
/// let e = normalise(" Sara.Ahmadi@Example.COM ").unwrap();
/// assert_eq!((e.address.as_str(), e.key.as_str()), ("Sara.Ahmadi@example.com", "sara.ahmadi@example.com"));
/// assert!(normalise("info@شرکت.ایران").unwrap().shared);
/// assert_eq!(normalise("info@شرکت.ایران").unwrap().unicode_domain(), "شرکت.ایران");
/// ```
pub fn normalise(text: &str) -> Result<Email, Reason> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || scan::is_invisible(c));
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    if text.len() > 2048 {
        return Err(Reason::TooLong);
    }
    let text = strip_prefix_ignore_case(text, "mailto:").unwrap_or(text);
    let text = text
        .strip_prefix('<')
        .and_then(|t| t.strip_suffix('>'))
        .unwrap_or(text);
    let text: Cow<'_, str> = if text.is_ascii() {
        Cow::Borrowed(text)
    } else {
        // Persian keyboards write Persian digits; pasted text carries direction marks.
        let plain: String = text
            .chars()
            .filter(|&c| !scan::is_invisible(c) || is_joiner(c))
            .collect();
        Cow::Owned(digits::to_ascii(&plain.replace('＠', "@")).into_owned())
    };
    let (local, domain) = text.rsplit_once('@').ok_or(Reason::EmailNoAt)?;
    let international = check_local(local)?;
    let domain = ascii_domain(domain).ok_or(Reason::EmailDomain)?;
    if local.len() + 1 + domain.len() > 254 {
        return Err(Reason::TooLong);
    }
    let lower = if local.is_ascii() {
        local.to_ascii_lowercase()
    } else {
        local.to_lowercase()
    };
    let warning = if international {
        Some(Reason::EmailInternational)
    } else {
        is_typo(&domain).then_some(Reason::EmailTypo)
    };
    let stem = lower.split(['+', '.', '-', '_']).next().unwrap_or("");
    let is_role = |name: &str| ROLES.binary_search(&name).is_ok();
    // «info.tehran@» and «sales-2@» are shared too; «it.nazari@» need not be, so short stems count only alone.
    let shared =
        is_role(&lower) || (stem.len() > 3 && is_role(stem.trim_end_matches(|c: char| c.is_ascii_digit())));
    Ok(Email {
        address: format!("{local}@{domain}"),
        key: format!("{lower}@{domain}"),
        shared,
        warning,
        at: local.len(),
    })
}

/// The verdict on an e-mail address; the normalised form is [`Email::address`].
#[must_use]
pub fn check(text: &str) -> Checked {
    match normalise(text) {
        Ok(Email {
            address,
            warning: None,
            ..
        }) => Checked::valid(address),
        Ok(Email {
            address,
            warning: Some(reason),
            ..
        }) => Checked::warning(address, reason),
        Err(reason) => Checked::invalid(text.trim().chars().take(254).collect::<String>(), reason),
    }
}

/// ZWNJ and ZWJ belong to the spelling of international domains.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| text.get(prefix.len()..))?
}

/// Checks a dot-atom; true when it has letters outside ASCII.
fn check_local(local: &str) -> Result<bool, Reason> {
    if local.is_empty() || local.len() > 64 || local.starts_with('.') || local.ends_with('.') {
        return Err(Reason::EmailLocal);
    }
    let mut previous = ' ';
    let mut international = false;
    for c in local.chars() {
        let fits = if c.is_ascii() {
            c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c)
        } else {
            international = true;
            c.is_alphanumeric() || is_joiner(c)
        };
        if !fits || (c == '.' && previous == '.') {
            return Err(Reason::EmailLocal);
        }
        previous = c;
    }
    Ok(international)
}

/// The domain in lower-case ASCII, if it is one: at least two labels of letters, digits and hyphens.
pub(crate) fn ascii_domain(domain: &str) -> Option<String> {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let ascii = if domain.is_ascii() && !domain.contains("xn--") {
        domain.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii(domain).ok()?
    };
    if ascii.len() > 253 {
        return None;
    }
    let mut last = "";
    let mut labels = 0;
    for label in ascii.split('.') {
        let fits = (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !fits {
            return None;
        }
        last = label;
        labels += 1;
    }
    let tld = last.len() >= 2 && !last.bytes().all(|b| b.is_ascii_digit());
    (labels >= 2 && tld).then_some(ascii)
}

/// Whether a domain is one keystroke away from a well-known one: a letter too many, too few, another, or two
/// swapped.
fn is_typo(domain: &str) -> bool {
    if KNOWN.contains(&domain) || REAL.contains(&domain) {
        return false;
    }
    KNOWN
        .iter()
        .any(|known| one_slip(known.as_bytes(), domain.as_bytes()))
}

fn one_slip(a: &[u8], b: &[u8]) -> bool {
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let rest = |s: &[u8], skip: usize| s.get(head + skip..).map(<[u8]>::to_vec);
    if a.len() == b.len() {
        let swapped = a.get(head) == b.get(head + 1) && a.get(head + 1) == b.get(head);
        return rest(a, 1) == rest(b, 1) || (swapped && rest(a, 2) == rest(b, 2));
    }
    if a.len() > b.len() {
        rest(a, 1) == rest(b, 0)
    } else {
        rest(a, 0) == rest(b, 1)
    }
}
