//! The product's language: Fluent catalogs in Persian and English, checked at build time.
