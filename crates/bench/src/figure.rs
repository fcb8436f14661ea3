//! What was measured, and the table of it.

use std::fmt::Write as _;

use serde_json::{Value, json};

/// When a figure is good enough.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    /// So much or more.
    AtLeast(f64),
    /// So much or less.
    AtMost(f64),
    /// Reported only.
    None,
}

impl Goal {
    /// Does a value meet it? `None` when there is nothing to meet.
    pub(crate) fn met(self, value: f64) -> Option<bool> {
        match self {
            Self::AtLeast(g) => Some(value >= g),
            Self::AtMost(g) => Some(value <= g),
            Self::None => None,
        }
    }

    fn shown(self) -> String {
        match self {
            Self::AtLeast(g) => format!("≥ {}", number(g)),
            Self::AtMost(g) => format!("≤ {}", number(g)),
            Self::None => String::new(),
        }
    }
}

/// One measured figure.
#[derive(Debug, Clone)]
pub(crate) struct Figure {
    /// The bench that it belongs to.
    pub(crate) bench: &'static str,
    /// What was measured, with the number of rows.
    pub(crate) what: String,
    /// Its unit.
    pub(crate) unit: &'static str,
    /// The median of the runs.
    pub(crate) value: f64,
    /// What the value has to be.
    pub(crate) goal: Goal,
    /// What the same machine does without the product in the same run.
    pub(crate) limit: Option<f64>,
    /// What the quotient of value and limit has to be.
    pub(crate) ratio_goal: Goal,
    /// What a reader should know.
    pub(crate) note: String,
}

impl Figure {
    pub(crate) fn new(bench: &'static str, what: impl Into<String>, unit: &'static str, value: f64) -> Self {
        Self {
            bench,
            what: what.into(),
            unit,
            value,
            goal: Goal::None,
            limit: None,
            ratio_goal: Goal::None,
            note: String::new(),
        }
    }

    pub(crate) const fn goal(mut self, goal: Goal) -> Self {
        self.goal = goal;
        self
    }

    pub(crate) const fn beside(mut self, limit: f64, goal: Goal) -> Self {
        self.limit = Some(limit);
        self.ratio_goal = goal;
        self
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    fn ratio(&self) -> Option<f64> {
        self.limit.filter(|l| *l > 0.0).map(|l| self.value / l)
    }

    /// Is its goal met: that of the quotient where there is one, since the machine is in both its sides, else that of the
    /// figure itself? `None` when it has none.
    pub(crate) fn met(&self) -> Option<bool> {
        let ratio = self.ratio().and_then(|r| self.ratio_goal.met(r));
        ratio.or_else(|| self.goal.met(self.value))
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "bench": self.bench, "what": self.what, "unit": self.unit, "value": self.value, "goal": self.goal.shown(),
            "limit": self.limit, "ratio": self.ratio(), "ratio_goal": self.ratio_goal.shown(), "met": self.met(),
            "note": self.note,
        })
    }
}

/// A number with three significant digits at least, and thousands apart.
pub(crate) fn number(v: f64) -> String {
    let decimals = match v.abs() {
        a if a >= 100.0 || a == 0.0 => 0,
        a if a >= 10.0 => 1,
        a if a >= 1.0 => 2,
        _ => 3,
    };
    let text = format!("{v:.decimals$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), ""), |(w, r)| (w, r));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && !out.ends_with('-') {
            out.push(',');
        }
        out.push(c);
    }
    let rest = rest.trim_end_matches('0');
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    out
}

/// The table as Markdown.
pub(crate) fn markdown(figures: &[Figure]) -> String {
    let mut out = String::from(
        "| measured | figure | goal | limit of the machine | ratio | goal | met |\n|---|---:|---|---:|---:|---|---|\n",
    );
    for f in figures {
        let optional = |v: Option<f64>| v.map(number).unwrap_or_default();
        let met = match f.met() {
            Some(true) => "yes",
            Some(false) => "**no**",
            None => "",
        };
        let note = if f.note.is_empty() {
            String::new()
        } else {
            format!(" ({})", f.note)
        };
        let _ = writeln!(
            out,
            "| {}{note} | {} {} | {} | {} | {} | {} | {met} |",
            f.what,
            number(f.value),
            f.unit,
            f.goal.shown(),
            optional(f.limit),
            optional(f.ratio()),
            f.ratio_goal.shown(),
        );
    }
    out
}

/// The median; 0 of nothing.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_the_digits_that_say_something() {
        for (v, shown) in [
            (1_234_567.0, "1,234,567"),
            (950.0, "950"),
            (12.34, "12.3"),
            (2.0, "2"),
            (0.25, "0.25"),
            (0.0, "0"),
            (1000.0, "1,000"),
        ] {
            assert_eq!(number(v), shown);
        }
    }

    #[test]
    fn the_quotient_decides_where_it_has_a_goal() {
        let f = |value: f64| Figure::new("x", "x", "", value).goal(Goal::AtLeast(10.0));
        let beside = |value: f64, limit: f64| f(value).beside(limit, Goal::AtLeast(0.5)).met();
        assert_eq!((beside(9.0, 10.0), beside(15.0, 40.0)), (Some(true), Some(false)));
        assert_eq!((f(9.0).met(), f(15.0).met()), (Some(false), Some(true)));
        assert_eq!(Figure::new("x", "x", "", 1.0).met(), None);
    }
}
