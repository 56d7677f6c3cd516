//! Behaviour through the doors of the product: one binary, one module per subject.

mod embedded;
mod fresh_database;
