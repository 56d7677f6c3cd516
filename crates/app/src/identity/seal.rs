//! Sealing of secrets that must be read again: a client's secret, what a provider wants to see at the sign-out.
//!
//! AES-256-GCM under a key that only the operator has; what is sealed names what it is for, so that one row's
//! secret is worth nothing in another row.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

use crate::refusal::{Refusal, Result};

/// The first byte of what is sealed: how it was.
const VERSION: u8 = 1;

/// The key.
#[derive(Clone)]
pub struct SealKey(LessSafeKey);

impl std::fmt::Debug for SealKey {
    /// Never shows the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealKey(..)")
    }
}

impl SealKey {
    /// Reads 32 bytes in base64; none when it is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?;
        UnboundKey::new(&AES_256_GCM, &bytes).ok().map(LessSafeKey::new).map(Self)
    }

    /// A new key as text.
    ///
    /// # Errors
    /// The machine has no randomness.
    pub fn fresh() -> Result<String> {
        let mut bytes = [0_u8; 32];
        SystemRandom::new().fill(&mut bytes).map_err(|_| no_randomness())?;
        Ok(STANDARD.encode(bytes))
    }

    /// Seals a text for one purpose.
    pub(crate) fn seal(&self, purpose: &str, text: &str) -> Result<Vec<u8>> {
        let mut nonce = [0_u8; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| no_randomness())?;
        let mut sealed = text.as_bytes().to_vec();
        let (aad, once) = (Aad::from(purpose), Nonce::assume_unique_for_key(nonce));
        let done = self.0.seal_in_place_append_tag(once, aad, &mut sealed);
        done.map_err(|_| Refusal::internal("a secret cannot be sealed"))?;
        Ok([&[VERSION], &nonce[..], &sealed].concat())
    }

    /// Opens what was sealed for this purpose; none when another key sealed it, or for something else.
    pub(crate) fn open(&self, purpose: &str, sealed: &[u8]) -> Option<String> {
        let (nonce, sealed) = sealed.strip_prefix(&[VERSION])?.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let text = self.0.open_in_place(nonce, Aad::from(purpose), &mut sealed).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

fn no_randomness() -> Refusal {
    Refusal::internal("the machine has no randomness")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_for_the_same_purpose_alone() {
        let fresh = || SealKey::parse(&SealKey::fresh().unwrap()).unwrap();
        let (key, other) = (fresh(), fresh());
        let sealed = key.seal("a", "rahasia").unwrap();
        assert!(!sealed.windows(7).any(|it| it == b"rahasia"));
        assert_ne!(sealed, key.seal("a", "rahasia").unwrap());
        assert_eq!(key.open("a", &sealed).as_deref(), Some("rahasia"));
        assert_eq!(key.open("b", &sealed), None);
        assert_eq!(other.open("a", &sealed), None);
        let mut broken = sealed;
        *broken.last_mut().unwrap() ^= 1;
        assert_eq!(key.open("a", &broken), None);
        assert_eq!(key.open("a", &[]), None);
        assert_eq!(format!("{key:?}"), "SealKey(..)");
    }

    #[test]
    fn only_32_bytes_are_a_key() {
        for bad in ["", "x", "c2hvcnQ=", &STANDARD.encode([0; 31]), &STANDARD.encode([0; 33])] {
            assert!(SealKey::parse(bad).is_none(), "{bad}");
        }
        assert!(SealKey::parse(&format!(" {}\n", STANDARD.encode([7; 32]))).is_some());
    }
}
