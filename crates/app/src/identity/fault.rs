//! What can be wrong with an identity provider, told in plain words with the remedy.

use openidconnect::{DiscoveryError, RequestTokenError};

use super::outbound::CallFailed;
use crate::refusal::{Code, Violation};

/// What is wrong with a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Its address is none.
    Malformed,
    /// The operator does not name this host.
    NotAllowed(String),
    /// This host is inside a private network.
    Private(String),
    /// Nobody answers.
    Unreachable,
    /// The answer does not come in time.
    Slow,
    /// It sends us elsewhere.
    Redirects,
    /// Its answer is too large.
    TooLarge,
    /// Its answer is not what it must be.
    Unreadable,
    /// It answers with this status.
    Status(u16),
    /// It calls itself otherwise.
    OtherIssuer,
    /// It has no key with which we could check what it signs.
    NoKeys,
    /// It does not know us by this id and secret.
    ClientRefused,
    /// The client's secret was sealed with another key.
    SecretUnreadable,
}

impl Fault {
    /// The same for people, about the field of the address.
    pub(crate) fn told(&self) -> Violation {
        let told = |code| Violation::new("issuer", code);
        match self {
            Self::Malformed => told(Code::ProviderAddress),
            Self::NotAllowed(host) => told(Code::ProviderNotAllowed).with("host", host),
            Self::Private(host) => told(Code::ProviderPrivateAddress).with("host", host),
            Self::Unreachable => told(Code::ProviderUnreachable),
            Self::Slow => told(Code::ProviderSlow),
            Self::Redirects => told(Code::ProviderRedirects),
            Self::TooLarge => told(Code::ProviderTooLarge),
            Self::Unreadable => told(Code::ProviderUnreadable),
            Self::Status(status) => told(Code::ProviderStatus).with("status", status),
            Self::OtherIssuer => told(Code::ProviderOtherIssuer),
            Self::NoKeys => told(Code::ProviderNoKeys),
            Self::ClientRefused => Violation::new("client_secret", Code::ProviderClientRefused),
            Self::SecretUnreadable => {
                Violation::new("client_secret", Code::ProviderSecretUnreadable)
            }
        }
    }
}

impl From<DiscoveryError<CallFailed>> for Fault {
    fn from(error: DiscoveryError<CallFailed>) -> Self {
        match error {
            DiscoveryError::Request(CallFailed(fault)) => fault,
            // With a status of success it is the kind of the content that is wrong.
            DiscoveryError::Response(status, ..) if !status.is_success() => {
                Self::Status(status.as_u16())
            }
            DiscoveryError::UrlParse(_) => Self::Malformed,
            DiscoveryError::Validation(_) => Self::OtherIssuer,
            _ => Self::Unreadable,
        }
    }
}

/// Why an answer of a provider lets nobody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Distrust {
    /// The provider is at fault, or away.
    Provider(Fault),
    /// What came back is not to be trusted; the word stands in the trail.
    Answer(&'static str),
    /// It is signed with a key that we do not know yet.
    NewKey,
}

impl<T: openidconnect::ErrorResponse + AsWord> From<RequestTokenError<CallFailed, T>> for Distrust {
    fn from(error: RequestTokenError<CallFailed, T>) -> Self {
        match error {
            RequestTokenError::Request(CallFailed(fault)) => Self::Provider(fault),
            RequestTokenError::ServerResponse(refused) => match refused.word().as_str() {
                "invalid_client" | "unauthorized_client" => Self::Provider(Fault::ClientRefused),
                _ => Self::Answer("code_refused"),
            },
            _ => Self::Provider(Fault::Unreadable),
        }
    }
}

/// The error's word as the protocol writes it.
pub(crate) trait AsWord {
    fn word(&self) -> String;
}

impl AsWord for openidconnect::StandardErrorResponse<openidconnect::core::CoreErrorResponseType> {
    fn word(&self) -> String {
        self.error().to_string()
    }
}
