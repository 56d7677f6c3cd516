//! Papers and sheets made from domain values, and the reading of sheets.
//!
//! A sheet comes from people: it may start with a byte order mark, be separated by semicolons, and
//! hold numbers as they are typed in Indonesia. A bad row is answered with an error for that row; the
//! others are still answered.

pub mod grid;
pub mod rollup_sheet;
pub mod score_sheet;
pub mod sheet;
pub mod table;

pub use sheet::{Language, SheetError};
