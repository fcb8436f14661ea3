//! Identifiers of Iran and the world: normalised form, verdict and reason.
