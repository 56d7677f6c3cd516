//! Who calls: the person behind the session's cookie, and the tenant in the path they may enter.

use std::sync::Arc;

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use axum::http::request::Parts;
use ekinerja_app::service_accounts::ApiSecret;
use ekinerja_app::sign_in::SignedIn;
use ekinerja_app::{Code, TenantScope};
use ekinerja_domain::service_account::TokenAccess;
use ekinerja_domain::tenant::Slug;

use crate::bearer;
use crate::layers::{OnceScope, RequestId, Visit, Visitor};
use crate::problem::Problem;
use crate::session;
use crate::settings::AppState;
use crate::traffic;

/// The scope of a person or a program in the tenant that the path names: what use cases take.
///
/// 401 without a session; 404 when there is no such tenant or the
/// person has no role in it. A request with a token is the program's alone: its cookies count for nothing.
#[derive(Debug, Clone)]
pub struct Caller(pub TenantScope);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if let Some(OnceScope(scope)) = parts.extensions.get::<OnceScope>() {
            return Ok(Self(scope.clone()));
        }
        if let Some(secret) = bearer::secret(&parts.headers)? {
            return admit(parts, state, &secret).await.map(Self);
        }
        let signed_in = signed_in(parts, state).await?;
        enter(parts, state, &signed_in).await.map(Self)
    }
}

/// A signed-in person, outside any tenant. 401 without a session; 403 for a program with a token.
#[derive(Debug, Clone)]
pub struct Person(pub Arc<SignedIn>);

impl FromRequestParts<AppState> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if bearer::secret(&parts.headers)?.is_some() {
            return Err(Problem::new(Code::TokenNotHere));
        }
        signed_in(parts, state).await.map(Self)
    }
}

/// The person behind the session's cookie alone, whatever else the request carries: for pages.
pub(crate) async fn signed_in(parts: &Parts, state: &AppState) -> Result<Arc<SignedIn>, Problem> {
    let token = session::token(&parts.headers, &state.settings)
        .ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    Ok(state.app.resume(&token).await?)
}

/// A platform operator. 401 without a session, 403 for anybody else.
#[derive(Debug, Clone)]
pub struct Operator(pub Arc<SignedIn>);

impl FromRequestParts<AppState> for Operator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let Person(signed_in) = Person::from_request_parts(parts, state).await?;
        if signed_in.owes_second_factor {
            Err(Problem::new(Code::SecondFactorMissing))
        } else if signed_in.person.is_operator {
            Ok(Self(signed_in))
        } else {
            Err(Problem::new(Code::Forbidden))
        }
    }
}

/// Lets a program into the tenant of the path, which must be that of its token.
async fn admit(
    parts: &mut Parts,
    state: &AppState,
    secret: &ApiSecret,
) -> Result<TenantScope, Problem> {
    let program = state.app.admit(secret).await?;
    let slug = tenant_in_path(parts, state).await;
    if slug.as_ref() != Some(&program.scope.tenant().slug) {
        return Err(Problem::not_found());
    }
    let scope = for_request(parts, program.scope.clone());
    let visit = parts.extensions.get::<Visit>().cloned().unwrap_or_default();
    visit.tell(Visitor::Member(Box::new(scope.clone())));
    traffic::enter(parts, state, &scope).await?;
    if program.access == TokenAccess::Read && !parts.method.is_safe() {
        return Err(Problem::new(Code::TokenReadOnly));
    }
    takes(parts, &scope)?;
    Ok(scope)
}

/// Reads that are asked for with `POST`: the check of a trail, and what an import would do.
const READING: [&str; 3] = ["/audit/check", "/audit-chain/checks", "/agencies/import-preview"];

/// What ends somebody's way in; it goes on while the government rests.
const ENDING: &str = "/account-requests/{request}/end";

/// That the government takes what is asked: nothing but reads while it rests. Said before the form is looked
/// at; the commit would refuse it too.
fn takes(parts: &Parts, scope: &TenantScope) -> Result<(), Problem> {
    let reads = parts.method.is_safe()
        || parts.extensions.get::<MatchedPath>().is_some_and(|route| {
            let ends = |place: &&str| route.as_str().ends_with(place);
            READING.iter().any(ends) || ends(&ENDING)
        });
    if reads || scope.tenant().state.takes_writes() {
        return Ok(());
    }
    Err(Problem::new(Code::TenantReadOnly))
}

/// The scope with the id of the request, for the trail.
fn for_request(parts: &Parts, scope: TenantScope) -> TenantScope {
    match parts.extensions.get::<RequestId>() {
        Some(request) => scope.for_request(request.as_str()),
        None => scope,
    }
}

/// Lets a person into the tenant of the path.
pub(crate) async fn enter(
    parts: &mut Parts,
    state: &AppState,
    signed_in: &SignedIn,
) -> Result<TenantScope, Problem> {
    let slug = tenant_in_path(parts, state).await.ok_or_else(Problem::not_found)?;
    let visit = parts.extensions.get::<Visit>().cloned().unwrap_or_default();
    let scope = match state.app.enter(signed_in, &slug).await {
        Ok(scope) => for_request(parts, scope.for_session(signed_in.session.id)),
        Err(refusal) => {
            visit.tell(Visitor::Stranger(Arc::new(signed_in.clone()), slug));
            return Err(refusal.into());
        }
    };
    visit.tell(Visitor::Member(Box::new(scope.clone())));
    traffic::enter(parts, state, &scope).await?;
    takes(parts, &scope)?;
    Ok(scope)
}

async fn tenant_in_path(parts: &mut Parts, state: &AppState) -> Option<Slug> {
    let params = RawPathParams::from_request_parts(parts, state).await.ok()?;
    params.iter().find(|(name, _)| *name == "tenant").and_then(|(_, slug)| slug.parse().ok())
}
