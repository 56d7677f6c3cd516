//! The product as a program: configuration, telemetry, wiring and commands.
//!
//! `main.rs` only calls [`cli::run`]; everything is here, so that tests can reach it.

mod account;
pub mod audit;
pub mod cli;
pub mod config;
pub mod database;
pub mod demo;
pub mod doctor;
mod migrate;
mod operator;
mod prompt;
pub mod rollup;
pub mod score;
pub mod serve;
pub mod sheet_input;
pub mod supervisor;
pub mod telemetry;
mod tenant;
mod worker;
