//! Area codes of Iran by province. The list is general knowledge and editable: `data/area-codes.csv`.

use std::sync::LazyLock;

const DATA: &str = include_str!("../data/area-codes.csv");

/// A telephone area of Iran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// The code without the leading zero: `21`.
    pub code: &'static str,
    /// The province in Persian.
    pub fa: &'static str,
    /// The province in English.
    pub en: &'static str,
}

static AREAS: LazyLock<Vec<Area>> = LazyLock::new(|| {
    DATA.lines()
        .skip(1)
        .filter_map(|line| {
            let mut f = line.split(',');
            Some(Area {
                code: f.next()?,
                fa: f.next()?,
                en: f.next()?,
            })
        })
        .collect()
});

/// The area that a national number without its leading zero begins with.
#[must_use]
pub fn of_number(national: &str) -> Option<&'static Area> {
    let code = national.get(..2)?;
    all().iter().find(|a| a.code == code)
}

/// All areas.
#[must_use]
pub fn all() -> &'static [Area] {
    &AREAS
}
