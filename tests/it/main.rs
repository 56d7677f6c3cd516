//! Behaviour through the doors of the product: one binary, one module per subject.

mod adoption;
mod agencies;
mod alignment;
mod cache;
mod comparison;
mod desks;
mod doctor;
mod doors;
mod embedded;
mod fresh_database;
mod idempotency;
mod indicators;
mod interface;
mod isolation;
mod main_job;
mod members;
mod plan;
mod planning;
mod planning_pages;
mod publications;
mod rollups;
mod schema;
mod sign_in;
mod template;
mod tenants;
