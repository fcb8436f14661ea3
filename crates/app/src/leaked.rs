//! Passwords that have leaked somewhere: a file of SHA-1 hashes in their order, one a line, as Have I Been Pwned publishes
//! them (`5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:46628605`). It may be of any size: a password is looked up by halving,
//! with some thirty short reads, and nothing of the file is kept in memory.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sha1::{Digest as _, Sha1};

/// Digits of a hash.
const DIGITS: usize = 40;
/// Longest line: a hash, a colon, a count, and the end of the line.
const LINE: u64 = 80;

/// A file of leaked passwords, open for as long as the program runs.
#[derive(Debug)]
pub struct Leaked {
    file: Mutex<File>,
    size: u64,
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.to_owned())
}

/// The hash with which a line begins.
fn hash_of(line: &[u8]) -> io::Result<[u8; DIGITS]> {
    let mut out = [0; DIGITS];
    let digits = line
        .get(..DIGITS)
        .filter(|d| d.iter().all(u8::is_ascii_hexdigit))
        .ok_or_else(|| bad("a line does not begin with a SHA-1 hash of 40 digits"))?;
    if !matches!(line.get(DIGITS), None | Some(b':' | b'\r' | b'\n')) {
        return Err(bad(
            "behind a hash stands neither a colon nor the end of the line",
        ));
    }
    out.copy_from_slice(digits);
    out.make_ascii_uppercase();
    Ok(out)
}

/// The first line that begins at or behind this place, where it begins, and where the next one does.
fn line_from(file: &mut File, at: u64, size: u64) -> io::Result<Option<([u8; DIGITS], u64, u64)>> {
    // One byte before: a line that begins right here is one behind a line end.
    let from = at.saturating_sub(1);
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::with_capacity(2 * LINE as usize);
    file.by_ref().take(2 * LINE).read_to_end(&mut bytes)?;
    let begin = if at == 0 {
        0
    } else {
        match bytes.iter().position(|b| *b == b'\n') {
            Some(n) => n + 1,
            None if from + bytes.len() as u64 >= size => return Ok(None),
            None => return Err(bad("a line is too long")),
        }
    };
    let rest = bytes.get(begin..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(None);
    }
    let end = rest
        .iter()
        .position(|b| *b == b'\n')
        .map_or(rest.len(), |n| n + 1);
    let start = from + begin as u64;
    Ok(Some((hash_of(rest)?, start, start + end as u64)))
}

impl Leaked {
    /// Opens the file and looks whether it is such a one: hashes at its beginning, in its middle and at its end, in order.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let mut last: Option<[u8; DIGITS]> = None;
        for at in [0, size / 4, size / 2, size / 4 * 3, size.saturating_sub(LINE)] {
            if let Some((hash, ..)) = line_from(&mut file, at, size)? {
                if last.is_some_and(|l| l > hash) {
                    return Err(bad("the hashes do not stand in their order"));
                }
                last = Some(hash);
            }
        }
        if last.is_none() {
            return Err(bad("there is no hash in it"));
        }
        Ok(Self {
            file: Mutex::new(file),
            size,
        })
    }

    /// Is the password among them?
    ///
    /// # Errors
    /// When the file cannot be read any more, or is damaged where it is looked at.
    pub fn holds(&self, password: &str) -> io::Result<bool> {
        let mut wanted = [0; DIGITS];
        wanted.copy_from_slice(hex::encode_upper(Sha1::digest(password.as_bytes())).as_bytes());
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // What begins before `low` is smaller, what begins at or behind `high` is larger.
        let (mut low, mut high) = (0, self.size);
        while low < high {
            let middle = low + (high - low) / 2;
            match line_from(&mut file, middle, self.size)? {
                Some((hash, start, next)) if start < high => match hash.cmp(&wanted) {
                    std::cmp::Ordering::Equal => return Ok(true),
                    std::cmp::Ordering::Less => low = next,
                    std::cmp::Ordering::Greater => high = middle,
                },
                _ => high = middle,
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_of(lines: &[String], end: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("leaked.txt");
        std::fs::write(
            &path,
            lines.iter().map(|l| format!("{l}{end}")).collect::<String>(),
        )
        .unwrap();
        (folder, path)
    }

    /// Every password that stands in the file is found, in whatever place, and none that does not; both kinds of line ends,
    /// with counts of different lengths and without.
    #[test]
    fn every_leaked_password_is_found() {
        for (n, end, counted) in [
            (1, "\n", true),
            (2, "\r\n", false),
            (3, "\r\n", true),
            (1000, "\r\n", true),
            (777, "\n", false),
        ] {
            let mut lines: Vec<String> = (0..n)
                .map(|i| {
                    let hash = hex::encode_upper(Sha1::digest(format!("leaked password {i}").as_bytes()));
                    if counted {
                        format!("{hash}:{}", 7_u64.pow(i % 12))
                    } else {
                        hash
                    }
                })
                .collect();
            lines.sort_unstable();
            let (_folder, path) = file_of(&lines, end);
            let leaked = Leaked::open(&path).unwrap();
            for i in 0..n {
                assert!(
                    leaked.holds(&format!("leaked password {i}")).unwrap(),
                    "{i} of {n}"
                );
            }
            for i in 0..n {
                assert!(
                    !leaked.holds(&format!("other password {i}")).unwrap(),
                    "{i} of {n}"
                );
            }
        }
        // The hash of the word "password", as it is known everywhere.
        let known = ["5BAA61E4C9B93F3F0682250B6CF8331B7EE68FD8:9545824".to_owned()];
        let (_folder, path) = file_of(&known, "\r\n");
        assert!(Leaked::open(&path).unwrap().holds("password").unwrap());
    }

    #[test]
    fn another_file_is_refused() {
        let hash = |c: &str| c.repeat(40);
        for (lines, named) in [
            (vec![], "no hash"),
            (vec!["password".to_owned()], "40 digits"),
            (vec![format!("{}x", hash("A"))], "neither a colon"),
            (
                vec![hash("B"); 5].into_iter().chain(vec![hash("A"); 5]).collect(),
                "order",
            ),
        ] {
            let (_folder, path) = file_of(&lines, "\n");
            let e = Leaked::open(&path).unwrap_err().to_string();
            assert!(e.contains(named), "{lines:?}: {e}");
        }
    }
}
