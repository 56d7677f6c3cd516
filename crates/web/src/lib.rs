//! The front doors of E-Kinerja: server-rendered pages and the JSON interface.

rust_i18n::i18n!("locales", fallback = "id");

pub mod assets;
pub mod charts;
pub mod components;
pub mod format;
pub mod locale;
