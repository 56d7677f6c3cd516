//! Behaviour through the doors of the product: one binary, one module per subject.

mod adoption;
mod alignment;
mod cache;
mod comparison;
mod desks;
mod doors;
mod embedded;
mod fresh_database;
mod idempotency;
mod indicators;
mod interface;
mod plan;
mod planning;
mod publications;
mod rollups;
mod sign_in;
mod template;
