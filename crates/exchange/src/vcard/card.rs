//! One contact of a vCard file.

/// Version of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VcardVersion {
    /// vCard 2.1: read only.
    V21,
    /// vCard 3.0, which every client reads.
    #[default]
    V30,
    /// vCard 4.0.
    V40,
}

/// The parts of a name (the property N).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardName {
    /// Honorific before the name: Dr, دکتر.
    pub title: String,
    /// Given name.
    pub given: String,
    /// Further given names.
    pub middle: String,
    /// Family name.
    pub family: String,
    /// Behind the name: Jr., PhD.
    pub suffix: String,
}

impl CardName {
    /// Whether no part is filled.
    pub fn is_empty(&self) -> bool {
        [&self.title, &self.given, &self.middle, &self.family, &self.suffix]
            .iter()
            .all(|part| part.is_empty())
    }
}

/// An e-mail address, phone number or web address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardPoint {
    /// The value as written, without `tel:` or `mailto:`.
    pub value: String,
    /// What its owner calls it: an own label if there is one, else the first telling type in lower case (`home`,
    /// `work`, `cell`, `fax` ...); `None` if there is neither.
    pub label: Option<String>,
    /// Whether it is the preferred one.
    pub primary: bool,
}

/// A postal address (the property ADR).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CardAddress {
    /// As [`CardPoint::label`].
    pub label: Option<String>,
    /// Post office box.
    pub po_box: String,
    /// Apartment or the like.
    pub extended: String,
    /// Street with number.
    pub street: String,
    /// City.
    pub city: String,
    /// Province or state.
    pub region: String,
    /// Postal code.
    pub postal_code: String,
    /// Country.
    pub country: String,
    /// Whether it is the preferred one.
    pub primary: bool,
}

impl CardAddress {
    /// Whether no part is filled.
    pub fn is_empty(&self) -> bool {
        let parts = [
            &self.po_box,
            &self.extended,
            &self.street,
            &self.city,
            &self.region,
            &self.postal_code,
            &self.country,
        ];
        parts.iter().all(|part| part.is_empty())
    }
}

/// One contact.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Card {
    /// Version it was written in.
    pub version: VcardVersion,
    /// Line of its BEGIN, from 1; 0 if it was not read from a file.
    pub line: u64,
    /// Unique id of the contact in the program it comes from.
    pub uid: Option<String>,
    /// The whole name as shown.
    pub full_name: String,
    /// Its parts.
    pub name: CardName,
    /// Nicknames.
    pub nickname: String,
    /// Company.
    pub organization: String,
    /// Department and further units, joined by ` / `.
    pub department: String,
    /// Job title.
    pub job_title: String,
    /// E-mail addresses.
    pub emails: Vec<CardPoint>,
    /// Phone and fax numbers.
    pub phones: Vec<CardPoint>,
    /// Web addresses.
    pub urls: Vec<CardPoint>,
    /// Postal addresses.
    pub addresses: Vec<CardAddress>,
    /// Birthday: `1985-04-12`, or `--04-12` without a year; as written if it is neither.
    pub birth_date: Option<String>,
    /// Notes; several are joined by a blank line.
    pub note: String,
    /// Categories.
    pub categories: Vec<String>,
    /// Properties that were read and not kept (photos, keys, unknown extensions), each name once, in upper case: to
    /// be reported, since nothing is dropped in silence.
    pub skipped: Vec<String>,
    /// Lines that are no properties at all.
    pub malformed_lines: u64,
}

impl Card {
    /// The whole name: as written, else made of its parts, else of the company.
    pub fn display_name(&self) -> String {
        if !self.full_name.is_empty() {
            return self.full_name.clone();
        }
        let name = &self.name;
        let parts = [&name.title, &name.given, &name.middle, &name.family, &name.suffix];
        let joined = parts
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| part.as_str())
            .collect::<Vec<_>>()
            .join(" ");
        // A card of a number alone is shown by it, as the phone it comes from does.
        let others = [&self.organization, &self.nickname]
            .into_iter()
            .chain(self.phones.iter().chain(&self.emails).map(|p| &p.value));
        std::iter::once(&joined)
            .chain(others)
            .find(|name| !name.is_empty())
            .cloned()
            .unwrap_or_default()
    }
}
