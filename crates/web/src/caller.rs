//! Who calls: the person behind the session's cookie, and the tenant in the path they may enter.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use ekinerja_app::sign_in::SignedIn;
use ekinerja_app::{Code, TenantScope};
use ekinerja_domain::tenant::Slug;

use crate::layers::{OnceScope, RequestId};
use crate::problem::Problem;
use crate::session;
use crate::settings::AppState;

/// The scope of a signed-in person in the tenant that the path names: what every use case inside a tenant
/// takes. 401 without a session; 404 when there is no such tenant or the person has no role in it.
#[derive(Debug, Clone)]
pub struct Caller(pub TenantScope);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if let Some(OnceScope(scope)) = parts.extensions.get::<OnceScope>() {
            return Ok(Self(scope.clone()));
        }
        let Person(signed_in) = Person::from_request_parts(parts, state).await?;
        enter(parts, state, &signed_in).await.map(Self)
    }
}

/// A signed-in person, outside any tenant. 401 without a session.
#[derive(Debug, Clone)]
pub struct Person(pub Arc<SignedIn>);

impl FromRequestParts<AppState> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let token = session::token(&parts.headers, &state.settings)
            .ok_or_else(|| Problem::new(Code::Unauthenticated))?;
        Ok(Self(state.app.resume(&token).await?))
    }
}

/// A platform operator. 401 without a session, 403 for anybody else.
#[derive(Debug, Clone)]
pub struct Operator(pub Arc<SignedIn>);

impl FromRequestParts<AppState> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Person(signed_in) = Person::from_request_parts(parts, state).await?;
        if signed_in.person.is_operator {
            Ok(Self(signed_in))
        } else {
            Err(Problem::new(Code::Forbidden))
        }
    }
}

/// Lets a person into the tenant of the path.
pub(crate) async fn enter(
    parts: &mut Parts,
    state: &AppState,
    signed_in: &SignedIn,
) -> Result<TenantScope, Problem> {
    let slug = tenant_in_path(parts, state).await.ok_or_else(Problem::not_found)?;
    let scope = state.app.enter(signed_in, &slug).await?.for_session(signed_in.session.id);
    Ok(match parts.extensions.get::<RequestId>() {
        Some(request) => scope.for_request(request.as_str()),
        None => scope,
    })
}

async fn tenant_in_path(parts: &mut Parts, state: &AppState) -> Option<Slug> {
    let params = RawPathParams::from_request_parts(parts, state).await.ok()?;
    params.iter().find(|(name, _)| *name == "tenant").and_then(|(_, slug)| slug.parse().ok())
}
