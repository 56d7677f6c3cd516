//! Signing in at identity providers: at a peer of our own that lies on demand, and at real products.

mod browser;
mod canaille;
mod house;
mod oidc_provider;
pub(crate) mod peer;
mod program;
mod refusals;
mod settings;
mod walk;
