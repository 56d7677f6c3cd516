//! stub
pub mod rollup;
pub mod score;
pub mod sheet_input;
