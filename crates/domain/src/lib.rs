//! The rules of E-Kinerja: scorecards, periods, scoring, roll-up, templates, who may do what.
//!
//! Pure: no I/O, no async, no clock, no float. Everything that decides about a figure is here, so that
//! page, API, export and command line can never disagree.
#![warn(missing_docs)]

#[macro_use]
mod coded;

pub mod access;
pub mod adoption;
pub mod agency;
pub mod alignment;
pub mod chain;
pub mod comparison;
pub mod consolidation;
pub mod event;
pub mod evidence;
pub mod explanation;
pub mod ids;
pub mod indicator;
pub mod ipm;
pub mod measurement;
pub mod period;
pub mod plan;
pub mod post;
pub mod publication;
pub mod quantity;
pub mod reading;
pub mod rollup;
pub mod scale;
pub mod scorecard;
pub mod scorecard_score;
pub mod scoring;
pub mod service_account;
pub mod strategy_map;
pub mod target;
pub mod template;
pub mod tenant;
pub mod weights;
pub mod yardstick;
