//! Passwords: which are taken, how they are kept.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use peyvand_core::random;
use peyvand_store::StoreError;

use crate::app::App;
use crate::errors::AppError;
use crate::leaked::Leaked;

/// Fewest characters of a password (NIST SP 800-63B-4 §3.1.1.2 asks for 15 when it stands alone and 8 at least).
pub const SHORTEST_PASSWORD: usize = 10;
/// Most characters of a password: hashing must not be a way to keep the machine busy.
pub const LONGEST_PASSWORD: usize = 256;

/// Words with which people begin passwords. An own list of what is typed without thinking, on both keyboards: first names,
/// towns, clubs, seasons, the words for "password", rows of keys.
const STEMS: &str = "password passw passwd pass qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc \
    admin administrator root user guest test tester login welcome letmein iloveyou loveyou secret master monkey dragon \
    football baseball basketball soccer superman batman pokemon starwars princess sunshine shadow flower summer winter \
    spring autumn hello hellohello freedom whatever trustno charlie michael jordan jessica daniel andrew ashley computer \
    internet samsung iphone google facebook telegram instagram company changeme default temporary manager customer sales \
    peyvand crm salam salamsalam khoda khodaya asheghetam doostet eshgh eshgham azizam mamanbaba maman baba iran iranian \
    tehran isfahan shiraz mashhad tabriz karaj persepolis perspolis esteghlal ali mohammad mohammadreza alireza amirali \
    mahdi mehdi hossein hasan reza fatemeh fateme zahra maryam sara nazanin setareh parsa amir arash kourosh cyrus \
    گذرواژه پسورد رمزعبور سلام خدایا ایران تهران پرسپولیس استقلال محمد علی حسین فاطمه";

/// What is put behind them, and with what they are begun again.
const ENDINGS: &str = "1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890 0 00 000 1! 123! 1234! @123 \
    @1234 ! !! !!! 01 007 11 22 111 321 2020 2021 2022 2023 2024 2025 2026 1400 1401 1402 1403 1404 1405 1370 1375 1380";

/// Rows of keys; a run along one of them is no secret, forwards or backwards.
const ROWS: &[&str] = &[
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "ضصثقفغعهخحجچ",
    "شسیبلاتنمکگ",
    "۱۲۳۴۵۶۷۸۹۰",
];

/// The passwords that are refused because everybody thinks of them: more than 3,000, made of the lists above.
pub fn common() -> &'static HashSet<String> {
    static ALL: LazyLock<HashSet<String>> = LazyLock::new(|| {
        let mut out = HashSet::new();
        for stem in STEMS.split_whitespace() {
            out.insert(stem.to_owned());
            out.insert(format!("{stem}{stem}"));
            for end in ENDINGS.split_whitespace() {
                out.insert(format!("{stem}{end}"));
                out.insert(format!("{end}{stem}"));
            }
        }
        out
    });
    &ALL
}

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFault {
    /// Fewer than [`SHORTEST_PASSWORD`] characters.
    TooShort,
    /// More than [`LONGEST_PASSWORD`] characters.
    TooLong,
    /// One that everybody thinks of, or a run of keys.
    Common,
    /// Made of the person's own name or address.
    Personal,
    /// One of those that have leaked somewhere.
    Leaked,
}

impl PasswordFault {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password-too-short",
            Self::TooLong => "password-too-long",
            Self::Common => "password-common",
            Self::Personal => "password-personal",
            Self::Leaked => "password-leaked",
        }
    }
}

/// Small letters, without the usual disguises of letters as digits.
fn plain(password: &str) -> String {
    password
        .to_lowercase()
        .chars()
        .map(|c| match c {
            '@' | '4' => 'a',
            '0' => 'o',
            '3' => 'e',
            '$' | '5' => 's',
            '7' => 't',
            c => c,
        })
        .collect()
}

/// Is the text a run along a row of keys, or one short piece again and again?
fn monotonous(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let repeats = (1..=4).any(|n| chars.len() >= 2 * n && chars.iter().zip(&chars[n..]).all(|(a, b)| a == b));
    repeats
        || ROWS.iter().any(|row| {
            // The row twice, so that 67890123 is a run too.
            let twice = format!("{row}{row}");
            let back: String = twice.chars().rev().collect();
            twice.contains(text) || back.contains(text)
        })
}

/// Is the password long enough, and none that everybody thinks of? No rules of composition: length is what counts.
/// `own` are words that belong to the person: name, address.
pub fn check_password(password: &str, own: &[&str]) -> Result<(), AppError> {
    let n = password.chars().count();
    let fault = |f| Err(AppError::Password(f));
    if n < SHORTEST_PASSWORD {
        return fault(PasswordFault::TooShort);
    }
    if n > LONGEST_PASSWORD {
        return fault(PasswordFault::TooLong);
    }
    let low = password.to_lowercase();
    let bare = plain(password);
    // Signs and digits around a common word add nothing that a guesser does not add too.
    let core = bare.trim_matches(|c: char| !c.is_alphabetic());
    let inner = plain(low.trim_matches(|c: char| !c.is_alphabetic()));
    let list = common();
    if list.contains(&low)
        || list.contains(&bare)
        || list.contains(core)
        || list.contains(&inner)
        || monotonous(&low)
    {
        return fault(PasswordFault::Common);
    }
    let personal = own
        .iter()
        .flat_map(|o| o.split(|c: char| !c.is_alphanumeric()))
        .map(str::to_lowercase)
        .filter(|w| w.chars().count() >= 4)
        .any(|w| low.contains(&w) && n < w.chars().count() + 6);
    if personal {
        return fault(PasswordFault::Personal);
    }
    Ok(())
}

impl App {
    /// With a file of passwords that have leaked: none of them is taken.
    #[must_use]
    pub fn with_leaked_passwords(mut self, leaked: Option<Leaked>) -> Self {
        self.leaked = leaked;
        self
    }

    /// May this be somebody's new password? As [`check_password`], and none that has leaked.
    ///
    /// # Errors
    /// What is wrong with it; when the file of leaked ones cannot be read, no password is taken.
    pub fn take_password(&self, password: &str, own: &[&str]) -> Result<(), AppError> {
        check_password(password, own)?;
        match &self.leaked {
            Some(leaked) if leaked.holds(password).map_err(broken)? => {
                Err(AppError::Password(PasswordFault::Leaked))
            }
            _ => Ok(()),
        }
    }
}

fn broken(e: impl std::fmt::Display) -> AppError {
    AppError::Store(StoreError::Engine(e.to_string()))
}

/// Hashes passwords, off the async threads, and counts how often it does.
#[derive(Debug, Default)]
pub(crate) struct Hasher {
    done: Arc<AtomicU64>,
}

impl Hasher {
    /// How many passwords have been hashed so far.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Argon2id with the library's parameters (19 MiB, 2 passes, 1 lane: the OWASP recommendation).
    pub(crate) async fn hash(&self, password: String) -> Result<String, AppError> {
        let done = Arc::clone(&self.done);
        tokio::task::spawn_blocking(move || {
            let salt = random::bytes::<16>();
            let hashed = Argon2::default()
                .hash_password_with_salt(password.as_bytes(), &salt)
                .map(|h| h.to_string());
            done.fetch_add(1, Ordering::Relaxed);
            hashed
        })
        .await
        .map_err(broken)?
        .map_err(broken)
    }

    /// Does the password fit the stored hash? Without a hash the same work is done, so that time tells nothing.
    pub(crate) async fn fits(&self, password: String, stored: Option<String>) -> Result<bool, AppError> {
        let Some(stored) = stored else {
            return self.hash(password).await.map(|_| false);
        };
        let done = Arc::clone(&self.done);
        tokio::task::spawn_blocking(move || {
            PasswordHash::new(&stored).is_ok_and(|h| {
                let fits = Argon2::default().verify_password(password.as_bytes(), &h).is_ok();
                done.fetch_add(1, Ordering::Relaxed);
                fits
            })
        })
        .await
        .map_err(broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(password: &str) -> Option<PasswordFault> {
        match check_password(password, &["sara.karimi@example.com", "سارا کریمی"]) {
            Ok(()) => None,
            Err(AppError::Password(f)) => Some(f),
            Err(e) => panic!("{e}"),
        }
    }

    #[test]
    fn what_everybody_thinks_of_is_refused() {
        assert!(common().len() >= 3000, "{}", common().len());
        let long = common().iter().filter(|p| p.chars().count() >= SHORTEST_PASSWORD);
        for p in long {
            assert_eq!(fault(p), Some(PasswordFault::Common), "{p}");
        }
        for p in [
            "P@ssw0rd123!",
            "qwertyuiop",
            "0987654321",
            "aaaaaaaaaa",
            "abcabcabcabc",
            "!!!Perspolis!!!",
            "1q2w3e4r5t6y",
            "Salam1234567",
            "۱۲۳۴۵۶۷۸۹۰",
        ] {
            assert_eq!(fault(p), Some(PasswordFault::Common), "{p}");
        }
        assert_eq!(fault("short"), Some(PasswordFault::TooShort));
        assert_eq!(fault("karimi1370"), Some(PasswordFault::Personal));
        assert_eq!(fault(&"x y".repeat(200)), Some(PasswordFault::TooLong));
    }

    #[test]
    fn length_is_enough() {
        for p in [
            "correct horse battery staple",
            "چای داغ با دو حبه قند",
            "🐎🔋📎🥖🌧️🎻🪁🧶🛶🌶️",
            &"kavir morgh ".repeat(10),
        ] {
            assert_eq!(fault(p), None, "{p}");
        }
    }

    #[tokio::test]
    async fn the_hash_says_how_it_was_made() {
        let hasher = Hasher::default();
        let h = hasher.hash("correct horse battery".to_owned()).await.unwrap();
        assert!(h.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{h}");
        let fits = async |password: &str, stored: Option<&String>| {
            hasher.fits(password.to_owned(), stored.cloned()).await.unwrap()
        };
        assert!(fits("correct horse battery", Some(&h)).await);
        assert!(!fits("correct horse batteri", Some(&h)).await);
        assert!(!fits("anything", None).await);
        assert_eq!(hasher.done(), 4, "each of them is work");
    }
}
