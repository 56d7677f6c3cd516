//! Refuses writes that a page of another site sends with a person's cookie.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use ekinerja_app::Code;
use tower_http::csrf::{CsrfLayer, ProtectionError};

use crate::problem::Problem;
use crate::settings::WebSettings;

type Refuse = fn(ProtectionError) -> Response<Body>;

/// Compares `Sec-Fetch-Site`, or `Origin` with the host, on every unsafe method. Programs send neither and
/// pass: without a browser there is no cookie to abuse.
pub(crate) fn same_site(settings: &WebSettings) -> CsrfLayer<Refuse> {
    let refuse: Refuse = |_| Problem::new(Code::CrossSite).into_response();
    let origin = settings.public_url.origin().ascii_serialization();
    // Behind a proxy the host that we see may be another one than the one in the browser's address.
    let layer = CsrfLayer::new();
    let layer = match CsrfLayer::new().add_trusted_origin(&origin) {
        Ok(trusting) => trusting,
        Err(_) => layer,
    };
    layer.with_rejection_response(refuse)
}
