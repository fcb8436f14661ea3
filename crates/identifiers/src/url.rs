//! Web addresses: the form to store and to compare.

use crate::email::ascii_domain;
use crate::national::shown;
use crate::reason::{Checked, Reason};
use crate::scan;

/// Normalises a web address: `https` where no scheme is given; scheme and host in lower case, the host in ASCII; no
/// default port, no empty path; letters outside ASCII in path and query percent-encoded. Other schemes and passwords
/// are refused.
///
/// ```
/// use peyvand_identifiers::url::normalise;
/// assert_eq!(normalise("WWW.Example.com/").unwrap(), "https://www.example.com");
/// assert_eq!(normalise("http://مثال.ایران/درباره?x=1").unwrap(), "http://xn--mgbh0fb.xn--mgba3a4f16a/%D8%AF%D8%B1%D8%A8%D8%A7%D8%B1%D9%87?x=1");
/// ```
pub fn normalise(text: &str) -> Result<String, Reason> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || scan::is_invisible(c));
    if text.is_empty() {
        return Err(Reason::Empty);
    }
    if text.len() > 4096 {
        return Err(Reason::TooLong);
    }
    let (scheme, rest) = match text.split_once("://") {
        Some((s, rest)) if s.eq_ignore_ascii_case("http") => ("http", rest),
        Some((s, rest)) if s.eq_ignore_ascii_case("https") => ("https", rest),
        Some((s, _)) if !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+') => {
            return Err(Reason::UrlScheme);
        }
        Some(_) => return Err(Reason::UrlForm),
        None => ("https", text),
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        return Err(Reason::UrlCredentials);
    }
    let (host, port) = match authority.rsplit_once(':') {
        // «javascript:…», «mailto:…»
        Some((_, port)) if !port.bytes().all(|b| b.is_ascii_digit()) => return Err(Reason::UrlScheme),
        Some((host, port)) => (
            host,
            port.parse::<u16>()
                .ok()
                .filter(|p| *p > 0)
                .ok_or(Reason::UrlForm)?,
        ),
        None => (authority, 0),
    };
    let host = ascii_domain(host).ok_or(Reason::UrlForm)?;
    let mut out = format!("{scheme}://{host}");
    let default = if scheme == "http" { 80 } else { 443 };
    if port != 0 && port != default {
        out.push(':');
        out.push_str(&port.to_string());
    }
    if path != "/" {
        encode(path, &mut out)?;
    }
    Ok(out)
}

/// Percent-encodes what RFC 3986 does not allow; what is encoded already stays.
fn encode(path: &str, out: &mut String) -> Result<(), Reason> {
    for b in path.bytes() {
        match b {
            0x00..0x20 | 0x7F | b'\\' => return Err(Reason::UrlForm),
            b' ' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'^' | 0x80.. => {
                out.push('%');
                for nibble in [b >> 4, b & 15] {
                    out.extend(char::from_digit(u32::from(nibble), 16).map(|c| c.to_ascii_uppercase()));
                }
            }
            _ => out.push(char::from(b)),
        }
    }
    Ok(())
}

/// The verdict on a web address.
#[must_use]
pub fn check(text: &str) -> Checked {
    match normalise(text) {
        Ok(url) => Checked::valid(url),
        Err(reason) => Checked::invalid(shown(text), reason),
    }
}
