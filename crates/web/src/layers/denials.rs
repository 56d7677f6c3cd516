//! Attempts inside a government that end in 403 or 404 are written down where that government reads them.

use std::sync::{Arc, OnceLock};

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use ekinerja_app::TenantScope;
use ekinerja_app::audit::Refused;
use ekinerja_app::sign_in::SignedIn;
use ekinerja_domain::tenant::Slug;

use crate::layers::RequestId;
use crate::settings::AppState;

/// Who asked for something inside a government.
#[derive(Debug, Clone)]
pub(crate) enum Visitor {
    /// Somebody with a role there.
    Member(Box<TenantScope>),
    /// Somebody who is signed in and has none.
    Stranger(Arc<SignedIn>, Slug),
}

/// Where [`crate::caller::enter`] tells this layer who asked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visit(Arc<OnceLock<Visitor>>);

impl Visit {
    /// Tells it; the first time counts.
    pub(crate) fn tell(&self, visitor: Visitor) {
        // Told twice only where an idempotency key was looked up before: the visitor is the same.
        let _told_before = self.0.set(visitor);
    }
}

pub(crate) async fn note_denials(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Response {
    let visit = Visit::default();
    request.extensions_mut().insert(visit.clone());
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let id = request.extensions().get::<RequestId>().map(|it| it.as_str().to_owned());
    let response = next.run(request).await;
    let status = response.status();
    if !matches!(status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
        return response;
    }
    let Some(visitor) = visit.0.get() else { return response };
    let session = match visitor {
        Visitor::Member(scope) => scope.session(),
        Visitor::Stranger(signed_in, _) => Some(signed_in.session.id),
    };
    let answer = format!("{method} {}", status.as_u16());
    let refused = Refused { path, answer, request: id, session };
    let noted = match visitor {
        Visitor::Member(scope) => state.app.note_refusal(scope, refused).await,
        Visitor::Stranger(signed_in, slug) => {
            state.app.note_stranger(signed_in, slug, refused).await
        }
    };
    if let Err(refusal) = noted {
        // The refusal itself stands: nothing was shown.
        tracing::warn!(%refusal, "a refused attempt could not be written down");
    }
    response
}
