//! The token that every form of a session carries, so that a page of another site cannot send one.
//!
//! It follows from the session's secret, so nothing is stored, and who holds the token has not the secret. While
//! a request with a session is worked on, its token is at hand; every form that is drawn meanwhile has it.

use ekinerja_app::SessionToken;
use sha2::{Digest, Sha256};

tokio::task_local! {
    static TOKEN: String;
}

/// Name of the field.
pub const FIELD: &str = "csrf";

/// The token of a session.
pub fn of(session: &SessionToken) -> String {
    let mut hash = Sha256::new();
    hash.update(b"ekinerja form token\n");
    hash.update(session.reveal().as_bytes());
    hex::encode(&hash.finalize()[..16])
}

/// The token of the session that is served now; empty without one.
pub(crate) fn current() -> String {
    TOKEN.try_with(Clone::clone).unwrap_or_default()
}

/// Works on a request whose forms carry this token.
pub(crate) async fn with<F: Future>(token: String, work: F) -> F::Output {
    TOKEN.scope(token, work).await
}

/// Whether a token is the session's, compared in the same time whatever it is.
pub(crate) fn is_of(session: &SessionToken, token: &str) -> bool {
    let right = of(session);
    let differs = right.bytes().zip(token.bytes()).fold(0, |all, (one, other)| all | (one ^ other));
    right.len() == token.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_of_one_session_and_does_not_tell_its_secret() {
        let (one, other) = (SessionToken::from("a".repeat(43)), SessionToken::from("b".repeat(43)));
        let token = of(&one);
        assert_eq!(token.len(), 32);
        assert!(is_of(&one, &token) && !is_of(&other, &token));
        for wrong in ["", "a", &token[1..], &"0".repeat(32)] {
            assert!(!is_of(&one, wrong), "{wrong}");
        }
        assert_eq!(current(), "", "outside a request there is none");
    }
}
