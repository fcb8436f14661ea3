//! Persian endings and prefixes that are written apart, with a half-space, or glued, at the writer's choice.
//! In folded form: no half-space, ئ as ی.

/// Prefixes of the verb.
pub(crate) const PREFIXES: &[&str] = &["می", "نمی"];

/// Endings of plural, comparison, possession and the verb «to be».
pub(crate) const SUFFIXES: &[&str] = &[
    "ها",
    "های",
    "هایی",
    "هایم",
    "هایت",
    "هایش",
    "هایمان",
    "هایتان",
    "هایشان", // plural
    "تر",
    "ترین",
    "تری",
    "ترها",
    "ترهای", // comparison
    "ام",
    "ات",
    "اش",
    "مان",
    "تان",
    "شان", // possession
    "ای",
    "اید",
    "ایم",
    "اند",
    "ایی", // to be, indefinite
    "ی",
    "م",
    "ت",
    "ش", // written apart after a silent ه
];
