//! A router that remembers its addresses, so that no page escapes the tests that walk over all of them.
//!
//! The interface is described by its OpenAPI document; everything else that answers is routed through
//! [`Routes`]; `cargo xtask tidy` finds a plain router elsewhere.

use axum::Router;
use axum::routing::MethodRouter;

/// A router with the list of its addresses.
#[derive(Debug, Clone)]
pub(crate) struct Routes<S = crate::settings::AppState> {
    router: Router<S>,
    paths: Vec<String>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Without any address.
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), paths: Vec::new() }
    }

    /// Adds an address, written as axum writes them: `/indicators/{indicator}`.
    pub(crate) fn route(mut self, path: &str, methods: MethodRouter<S>) -> Self {
        self.paths.push(path.to_owned());
        Self { router: self.router.route(path, methods), paths: self.paths }
    }

    /// Adds all addresses of another one.
    pub(crate) fn merge(mut self, other: Self) -> Self {
        self.paths.extend(other.paths);
        Self { router: self.router.merge(other.router), paths: self.paths }
    }

    /// Adds all addresses of another one below `prefix`.
    pub(crate) fn nest(mut self, prefix: &str, other: Self) -> Self {
        // axum answers an inner `/` at the prefix itself.
        self.paths.extend(other.paths.iter().map(|path| match path.as_str() {
            "/" => prefix.to_owned(),
            path => format!("{prefix}{path}"),
        }));
        Self { router: self.router.nest(prefix, other.router), paths: self.paths }
    }

    /// Adds a router that another crate made, with the addresses at which it answers.
    pub(crate) fn foreign(mut self, router: Router<S>, paths: &[&str]) -> Self {
        self.paths.extend(paths.iter().map(|path| (*path).to_owned()));
        Self { router: self.router.merge(router), paths: self.paths }
    }

    /// The addresses, in the order of their adding.
    pub(crate) fn paths(&self) -> &[String] {
        &self.paths
    }

    /// The router alone.
    pub(crate) fn into_router(self) -> Router<S> {
        self.router
    }
}
