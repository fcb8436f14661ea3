//! A list of words in which each stands once, made for being filled a million times in an import.

use std::collections::HashSet;

/// A word that meets so many others at its place was made to: then a table with a secret key takes over.
const CROWDED: usize = 48;

/// Words in the order in which they were first put in, each once, kept as one text with spaces between them.
#[derive(Debug, Clone, Default)]
pub struct WordBag {
    text: String,
    /// Where each word lies in the text: start and end.
    spans: Vec<(u32, u32)>,
    /// Open addressing: number of a span plus one, 0 where nothing lies. The length is a power of two.
    slots: Vec<u32>,
    /// All words, once somebody has sent words that crowd.
    crowded: Option<HashSet<String>>,
}

impl WordBag {
    /// An empty bag.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a word in; says whether it was not there yet. An empty word is never put in.
    pub fn insert(&mut self, word: &str) -> bool {
        if word.is_empty() {
            return false;
        }
        let mut free = None;
        if let Some(all) = &mut self.crowded {
            if !all.insert(word.to_owned()) {
                return false;
            }
        } else {
            if self.spans.len() * 2 >= self.slots.len() {
                self.grow();
            }
            let mask = self.slots.len().wrapping_sub(1);
            let mut at = hash(word) & mask;
            for _ in 0..CROWDED {
                match self.slots.get(at).copied().unwrap_or_default() {
                    0 => {
                        free = Some(at);
                        break;
                    }
                    n if self.word(n as usize - 1) == word => return false,
                    _ => at = (at + 1) & mask,
                }
            }
            if free.is_none() {
                let mut all: HashSet<String> = self.iter().map(str::to_owned).collect();
                let new = all.insert(word.to_owned());
                self.crowded = Some(all);
                if !new {
                    return false;
                }
            }
        }
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        let start = self.text.len() as u32;
        self.text.push_str(word);
        self.spans.push((start, self.text.len() as u32));
        if let Some(slot) = free.and_then(|at| self.slots.get_mut(at)) {
            *slot = self.spans.len() as u32;
        }
        true
    }

    /// The words in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.spans.len()).map(|n| self.word(n))
    }

    /// How many words there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// Is there no word?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The words with a space between them.
    #[must_use]
    pub fn into_text(self) -> String {
        self.text
    }

    fn word(&self, n: usize) -> &str {
        self.spans
            .get(n)
            .and_then(|&(a, b)| self.text.get(a as usize..b as usize))
            .unwrap_or_default()
    }

    fn grow(&mut self) {
        let len = (self.slots.len() * 2).max(64);
        let mut slots = vec![0u32; len];
        for n in 0..self.spans.len() {
            let mut at = hash(self.word(n)) & (len - 1);
            while slots.get(at).is_some_and(|s| *s != 0) {
                at = (at + 1) & (len - 1);
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = n as u32 + 1;
            }
        }
        self.slots = slots;
    }
}

/// FNV-1a, 64 bits, folded.
fn hash(word: &str) -> usize {
    let h = word.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |h, b| {
        (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01B3)
    });
    (h ^ (h >> 29)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_stands_once_in_the_order_of_its_first_coming() {
        let mut bag = WordBag::new();
        for n in 0..500 {
            assert!(bag.insert(&format!("w{n}")));
        }
        for n in 250..750 {
            assert_eq!(bag.insert(&format!("w{n}")), n >= 500);
        }
        assert!(!bag.insert(""));
        let wanted: Vec<String> = (0..750).map(|n| format!("w{n}")).collect();
        assert_eq!(bag.iter().collect::<Vec<_>>(), wanted);
        assert_eq!(bag.into_text(), wanted.join(" "));
    }

    #[test]
    fn words_that_crowd_are_kept_apart_all_the_same() {
        // Words whose hashes agree in their last twelve bits: they all want one place of a table of up to 4,096.
        let crowd: Vec<String> = (0..)
            .map(|n: u32| format!("w{n}"))
            .filter(|w| hash(w) & 0xFFF == 7)
            .take(200)
            .collect();
        let mut bag = WordBag::new();
        for w in crowd.iter().chain(&crowd) {
            bag.insert(w);
        }
        assert!(bag.crowded.is_some());
        assert!(bag.iter().eq(crowd.iter().map(String::as_str)));
    }
}
