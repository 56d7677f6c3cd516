//! All doors in one router, with the layers around them.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use ekinerja_app::{App, Code};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;

use crate::links::OwnPath;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::settings::{AppState, WebSettings};
use crate::{
    api, assets, health, layers, locale, openapi, page, pages, problem, security_txt, traffic,
};

/// The whole web server: pages, interface, assets, health.
pub fn router(app: App, settings: WebSettings) -> Router {
    router_with(app, settings, Router::new())
}

/// The same with further routes behind the same layers, for tests of the layers.
pub fn router_with(app: App, settings: WebSettings, extra: Router<AppState>) -> Router {
    let state = AppState::new(app, settings);
    let (api, document) = api::router().split_for_parts();
    let doors = Router::new()
        .merge(api.merge(extra).layer(from_fn_with_state(state.clone(), layers::once)))
        .merge(
            for_people()
                .into_router()
                .layer(from_fn_with_state(state.clone(), layers::guard_forms)),
        )
        .layer(from_fn(traffic::keep_turn))
        .layer(from_fn_with_state(state.clone(), layers::note_denials))
        .layer(from_fn_with_state(state.clone(), layers::limit_time))
        .layer(layers::same_site(&state.settings))
        .layer(from_fn_with_state(state.clone(), layers::make_room))
        .layer(from_fn_with_state(state.clone(), traffic::count_address))
        .layer(DefaultBodyLimit::max(state.settings.body_limit))
        .layer(from_fn(layers::linger));
    Router::new()
        .merge(doors)
        .merge(beside(&document).into_router())
        .method_not_allowed_fallback(async || Problem::new(Code::MethodNotAllowed))
        .fallback(unknown_address)
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn_with_state(state.clone(), layers::secure))
        .layer(from_fn(layers::observe))
        .with_state(state)
}

/// Every address outside the interface, as axum writes them: what the OpenAPI document does not describe.
pub fn addresses() -> Vec<String> {
    let beside = beside(&openapi::openapi());
    for_people().paths().iter().chain(beside.paths()).cloned().collect()
}

/// What people look at.
fn for_people() -> Routes {
    Routes::new().merge(pages::router()).merge(problem::router())
}

/// What needs neither time nor room: files of the binary, descriptions, health.
fn beside(document: &OpenApi) -> Routes {
    Routes::new()
        .merge(openapi::router(document))
        .merge(assets::routes())
        .merge(locale::routes())
        .merge(health::router())
        .merge(security_txt::routes())
}

/// Nothing is here. An address with a slash too many leads to the one without.
async fn unknown_address(method: axum::http::Method, uri: Uri) -> Response {
    let trimmed = uri.path().trim_end_matches('/');
    let slashes = uri.path().len() - trimmed.len();
    if slashes == 1 && method.is_safe() {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Some(path) = OwnPath::parse(&format!("{trimmed}{query}")) {
            return page::see_other(path.as_str());
        }
    }
    Problem::not_found().into_response()
}
