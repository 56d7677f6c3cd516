//! Behaviour through the doors of the product: one binary, one module per subject.

mod doors;
mod embedded;
mod fresh_database;
mod idempotency;
mod interface;
mod sign_in;
