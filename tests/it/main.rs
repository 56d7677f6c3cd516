//! Behaviour through the doors of the product: one binary, one module per subject.

mod adoption;
mod doors;
mod embedded;
mod fresh_database;
mod idempotency;
mod indicators;
mod interface;
mod plan;
mod planning;
mod sign_in;
mod template;
