//! Digits, decimals, amounts and numbers in words, in Persian and English.

pub mod digits;
