//! The rules of E-Kinerja, pure: no input, no output, no clock, no floating point.
#![warn(missing_docs)]

#[macro_use]
mod coded;

pub mod consolidation;
pub mod ipm;
pub mod quantity;
pub mod rollup;
pub mod scale;
pub mod scorecard_score;
pub mod scoring;
pub mod weights;
