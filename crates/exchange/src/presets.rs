//! The column names of other programs' exports, so that their files need no mapping by hand.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::ExchangeError;
use crate::headers::normalise;

/// The exports of one kind of record of one program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// The program: `hubspot`, `salesforce`, `pipedrive`, `espocrm`, `suitecrm`, `google-contacts`.
    pub system: String,
    /// What the records are here: `contact`, `company` or `deal`.
    pub object: String,
    /// What stands between several values in one cell.
    pub separator: Option<String>,
    /// Columns that are known.
    pub columns: Vec<PresetColumn>,
    /// A file is one of these if each group has one of its names; a name behind `=` is to be spelled just so.
    signature: Vec<Vec<String>>,
}

/// A known column.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetColumn {
    /// Its name in the file.
    pub header: String,
    /// The field it goes to. Several columns may go to one field that takes several values (`emails`, `phones`).
    pub key: String,
    /// The label of the value, where the column's name says it (`work`, `cell`, `fax` ...).
    #[serde(default)]
    pub label: Option<String>,
    /// The column that holds the label.
    #[serde(default)]
    pub label_column: Option<String>,
}

/// A column of a file for which a preset knows the field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// Index of the column, from 0.
    pub header: usize,
    /// What is known of it.
    pub column: PresetColumn,
    /// Index of the column that holds the label.
    pub label_header: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SystemFile {
    system: String,
    #[serde(default)]
    separator: Option<String>,
    objects: Vec<ObjectTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectTable {
    object: String,
    signature: Vec<Vec<String>>,
    columns: Vec<PresetColumn>,
}

const FILES: [&str; 6] = [
    include_str!("../presets/hubspot.toml"),
    include_str!("../presets/salesforce.toml"),
    include_str!("../presets/pipedrive.toml"),
    include_str!("../presets/espocrm.toml"),
    include_str!("../presets/suitecrm.toml"),
    include_str!("../presets/google.toml"),
];

static ALL: LazyLock<Vec<Preset>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|text| parse(text).ok())
        .flatten()
        .collect()
});

/// All presets that are built in.
pub fn all() -> &'static [Preset] {
    &ALL
}

/// Reads presets of one program from TOML, as the built-in ones are written; `{n}` in a name stands for 1 to 9.
pub fn parse(text: &str) -> Result<Vec<Preset>, ExchangeError> {
    let file: SystemFile = toml::from_str(text).map_err(|e| ExchangeError::BadPreset {
        message: e.to_string(),
    })?;
    let presets = file.objects.into_iter().map(|table| Preset {
        system: file.system.clone(),
        object: table.object,
        separator: file.separator.clone(),
        columns: table.columns.into_iter().flat_map(numbered).collect(),
        signature: table.signature,
    });
    Ok(presets.collect())
}

fn numbered(column: PresetColumn) -> Vec<PresetColumn> {
    if !column.header.contains("{n}") {
        return vec![column];
    }
    (1..=9)
        .map(|n| {
            let put = |name: &str| name.replace("{n}", &n.to_string());
            PresetColumn {
                header: put(&column.header),
                label_column: column.label_column.as_deref().map(put),
                ..column.clone()
            }
        })
        .collect()
}

impl Preset {
    /// The columns of a file that this preset knows, in the order of the file. Where the file has two columns for a
    /// field that takes one value, both are given and the first filled one is meant.
    pub fn map(&self, headers: &[String]) -> Vec<Mapped> {
        let names: Vec<String> = headers.iter().map(|header| normalise(header)).collect();
        let place = |name: &str| {
            let name = normalise(name);
            names.iter().position(|header| *header == name)
        };
        let mut mapped: Vec<Mapped> = Vec::new();
        for column in &self.columns {
            if let Some(header) = place(&column.header)
                && !mapped.iter().any(|other| other.header == header)
            {
                let label_header = column.label_column.as_deref().and_then(place);
                mapped.push(Mapped {
                    header,
                    column: column.clone(),
                    label_header,
                });
            }
        }
        mapped.sort_by_key(|one| one.header);
        mapped
    }

    fn fits(&self, headers: &[String], names: &[String]) -> bool {
        let has = |name: &String| match name.strip_prefix('=') {
            Some(exact) => headers.iter().any(|header| header.trim() == exact),
            None => names.contains(&normalise(name)),
        };
        self.signature.iter().all(|group| group.iter().any(has))
    }
}

/// The preset whose signature the headers show and that knows most of their columns; of equals the first built in.
pub fn detect(headers: &[String]) -> Option<Preset> {
    best(headers, all().iter())
}

/// The same among the presets of one kind of record, where it is known what the file holds.
pub fn detect_of(headers: &[String], object: &str) -> Option<Preset> {
    best(headers, all().iter().filter(|preset| preset.object == object))
}

fn best<'p>(headers: &[String], presets: impl Iterator<Item = &'p Preset>) -> Option<Preset> {
    let names: Vec<String> = headers.iter().map(|header| normalise(header)).collect();
    let mut best: Option<(usize, &Preset)> = None;
    for preset in presets.filter(|preset| preset.fits(headers, &names)) {
        let known = preset.map(headers).len();
        if best.is_none_or(|(most, _)| known > most) {
            best = Some((known, preset));
        }
    }
    best.map(|(_, preset)| preset.clone())
}
