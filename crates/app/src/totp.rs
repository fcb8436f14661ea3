//! One-time codes by time: RFC 6238 with SHA-1, six digits, steps of thirty seconds, which is what every authenticator
//! program reads.

use hmac::{Hmac, Mac};
use peyvand_core::{Instant, random};
use sha1::Sha1;

/// Seconds of a step.
const STEP: i64 = 30;
/// Bytes of a secret: the length of the hash, as RFC 4226 §4 recommends.
const SECRET: usize = 20;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The number of the step at an instant.
#[must_use]
pub fn step_at(now: Instant) -> i64 {
    now.micros().div_euclid(STEP * Instant::SECOND)
}

/// The code of a step, as a number below a million (RFC 4226 §5.3).
fn code(secret: &[u8], step: i64) -> u32 {
    let Ok(mut mac) = <Hmac<Sha1> as Mac>::new_from_slice(secret) else {
        unreachable!("HMAC takes keys of any length")
    };
    mac.update(&step.to_be_bytes());
    let h = mac.finalize().into_bytes();
    let at = usize::from(h[19] & 0x0F);
    let n = u32::from_be_bytes([h[at] & 0x7F, h[at + 1], h[at + 2], h[at + 3]]);
    n % 1_000_000
}

/// The code of a secret in base 32 at an instant, six digits; for tests and for programs that stand in for a telephone.
#[must_use]
pub fn code_at(secret: &str, now: Instant) -> Option<String> {
    Some(format!("{:06}", code(&from_base32(secret)?, step_at(now))))
}

/// The step for which the code is right: now, one before or one after; only steps behind `used` count, so that a code
/// works once.
#[must_use]
pub fn matching_step(secret: &str, typed: &str, now: Instant, used: i64) -> Option<i64> {
    let secret = from_base32(secret)?;
    let digits: String = typed
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| {
            // Persian and Arabic digits are digits too.
            let n = match c {
                '\u{06F0}'..='\u{06F9}' => u32::from(c) - 0x06F0,
                '\u{0660}'..='\u{0669}' => u32::from(c) - 0x0660,
                c => return c,
            };
            char::from_digit(n, 10).unwrap_or(c)
        })
        .collect();
    let wanted = (digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit()))
        .then(|| digits.parse::<u32>().ok())
        .flatten()?;
    let now = step_at(now);
    // All three are computed and compared, whichever fits.
    [now, now - 1, now + 1]
        .into_iter()
        .filter(|s| (code(&secret, *s) ^ wanted) == 0 && *s > used)
        .max()
}

/// A new secret, in base 32.
#[must_use]
pub fn new_secret() -> String {
    base32(&random::bytes::<SECRET>())
}

/// The address that an authenticator program reads from a picture (the "Key Uri Format" of Google Authenticator).
#[must_use]
pub fn address(secret: &str, account: &str) -> String {
    let label: String = account
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'@') {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!("otpauth://totp/Peyvand:{label}?secret={secret}&issuer=Peyvand")
}

/// RFC 4648 base 32, without padding.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut buffer, mut bits) = (0_u32, 0);
    for b in bytes {
        buffer = buffer << 8 | u32::from(*b);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(BASE32[(buffer >> bits & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(BASE32[(buffer << (5 - bits) & 31) as usize]));
    }
    out
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 5 / 8);
    let (mut buffer, mut bits) = (0_u32, 0);
    for b in text.bytes() {
        let n = BASE32.iter().position(|x| *x == b)?;
        buffer = buffer << 5 | n as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits & 0xFF) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the SHA-1 rows; the last six of its eight digits.
    #[test]
    fn codes_of_the_standard() {
        let secret = base32(b"12345678901234567890");
        for (seconds, wanted) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let now = Instant(seconds * Instant::SECOND);
            assert_eq!(code_at(&secret, now).unwrap(), wanted);
            assert_eq!(matching_step(&secret, wanted, now, 0), Some(seconds / 30));
        }
    }

    #[test]
    fn one_step_of_skew_and_each_code_once() {
        let secret = new_secret();
        let now = Instant(1_700_000_010 * Instant::SECOND);
        let c = code_at(&secret, now).unwrap();
        let at = |seconds: i64| now.plus_micros(seconds * Instant::SECOND);
        let step = step_at(now);
        for (shift, wanted) in [(0, true), (30, true), (-30, true), (60, false), (-60, false)] {
            assert_eq!(
                matching_step(&secret, &c, at(shift), 0).is_some(),
                wanted,
                "{shift}"
            );
        }
        assert_eq!(matching_step(&secret, &c, now, step - 1), Some(step));
        assert_eq!(matching_step(&secret, &c, now, step), None, "used already");
        let persian: String = c
            .chars()
            .map(|d| char::from_u32(0x06F0 + d.to_digit(10).unwrap()).unwrap())
            .collect();
        assert_eq!(matching_step(&secret, &persian, now, 0), Some(step));
        for bad in ["", "12345", "1234567", "abcdef", "+12345"] {
            assert_eq!(matching_step(&secret, bad, now, 0), None, "{bad}");
        }
    }

    #[test]
    fn base32_goes_there_and_back() {
        // RFC 4648, section 10.
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(from_base32("MZXW6YTBOI").unwrap(), b"foobar");
        assert_eq!(from_base32("mz"), None);
        assert!(
            address("MZXW", "a b@example.com")
                .starts_with("otpauth://totp/Peyvand:a%20b@example.com?secret=MZXW")
        );
    }
}
