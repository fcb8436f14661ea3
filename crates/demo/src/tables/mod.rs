//! What the company is invented from: names, places, goods, sentences. No person or firm in it is meant to be real.

pub(crate) mod firms;
pub(crate) mod goods;
pub mod names;
pub(crate) mod places;
pub(crate) mod texts_en;
pub(crate) mod texts_fa;
