//! The rows as they lie in the database. Nothing outside this crate sees them.
#![expect(unreachable_pub, reason = "the derive writes `pub` types into private modules")]

pub(crate) mod adoption;
pub(crate) mod agency;
pub(crate) mod audit_event;
pub(crate) mod directory_event;
pub(crate) mod emergency_account;
pub(crate) mod evidence;
pub(crate) mod file;
pub(crate) mod idempotency_key;
pub(crate) mod identity;
pub(crate) mod identity_provider;
pub(crate) mod indicator;
pub(crate) mod job;
pub(crate) mod measurement;
pub(crate) mod membership;
pub(crate) mod milestone;
pub(crate) mod pending_sign_in;
pub(crate) mod period;
pub(crate) mod perspective;
pub(crate) mod plan;
pub(crate) mod plan_node;
pub(crate) mod publication;
pub(crate) mod publication_objective;
pub(crate) mod publication_value;
pub(crate) mod rollup;
pub(crate) mod rule_set_choice;
pub(crate) mod score;
pub(crate) mod scorecard_score;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod target;
pub(crate) mod template_release;
pub(crate) mod tenant;
pub(crate) mod user;
