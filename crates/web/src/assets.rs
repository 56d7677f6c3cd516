//! The style sheet, scripts, fonts and favicon, carried in the binary and served under an address
//! that changes with their content, so that browsers may keep them for ever.

use axum::Router;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::routes::Routes;

/// One file as `build.rs` prepared it.
#[derive(Debug)]
struct File {
    name: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    gzip: Option<&'static [u8]>,
}

mod built {
    use super::File;
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

/// The scripts every page loads; each is a module of its own that does nothing where it finds
/// nothing to do.
pub(crate) const MODULES: [&str; 5] = ["tips.js", "filters.js", "forms.js", "copy.js", "map.js"];

/// Serves `/assets/{version}/{name}`.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    routes().into_router()
}

pub(crate) fn routes<S: Clone + Send + Sync + 'static>() -> Routes<S> {
    Routes::new()
        .route("/assets/{version}/{name}", get(asset))
        .route("/favicon.ico", get(async |headers: HeaderMap| serve("favicon.svg", "", &headers)))
}

/// The address of a file, for instance `href("app.css")`.
pub fn href(name: &str) -> String {
    debug_assert!(find(name).is_some(), "no asset {name}");
    format!("/assets/{}/{name}", built::VERSION)
}

fn find(name: &str) -> Option<&'static File> {
    built::FILES.iter().find(|file| file.name == name)
}

/// Our own names need no decoding, so the path is read as it came.
async fn asset(uri: Uri, headers: HeaderMap) -> Response {
    let mut steps = uri.path().rsplit('/');
    let (name, version) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
    serve(name, version, &headers)
}

fn serve(name: &str, version: &str, headers: &HeaderMap) -> Response {
    let Some(file) = find(name) else { return StatusCode::NOT_FOUND.into_response() };
    // During a rolling upgrade a page of the old release may ask the new one: it gets what there
    // is, but must not keep it under the old address.
    let cache = if version == built::VERSION {
        "public, max-age=31536000, immutable"
    } else {
        "public, no-cache"
    };
    let etag = format!("\"{}\"", built::VERSION);
    let known = headers.get(IF_NONE_MATCH).is_some_and(|it| it.as_bytes() == etag.as_bytes());
    let zipped = file.gzip.filter(|_| accepts_gzip(headers));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        zipped.unwrap_or(file.plain).into_response()
    };
    let answer = response.headers_mut();
    answer.insert(CONTENT_TYPE, HeaderValue::from_static(file.kind));
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        answer.insert(ETAG, etag);
    }
    if zipped.is_some() && !known {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

/// Whether gzip is named in `Accept-Encoding` and not refused there by `q=0`.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let Some(wish) = headers.get(ACCEPT_ENCODING).and_then(|it| it.to_str().ok()) else {
        return false;
    };
    wish.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some("gzip") && !parts.any(|it| matches!(it, "q=0" | "q=0.0" | "q=0.000"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(encoding: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, encoding.parse().expect("a header"));
        headers
    }

    #[test]
    fn style_sheet_and_scripts_stay_small() {
        let size = |name: &str| find(name).expect("the file").plain.len();
        let sent = |name: &str| find(name).and_then(|it| it.gzip).expect("the file").len();
        assert!(sent("app.css") < 7 * 1024, "app.css is sent as {} bytes", sent("app.css"));
        assert!(sent("strategy-map.css") < 1024);
        let scripts: usize = MODULES.iter().map(|name| size(name)).sum();
        assert!(scripts < 12 * 1024, "the scripts have {scripts} bytes");
        for font in ["sans.woff", "sans-bold.woff"] {
            assert!(size(font) < 24 * 1024, "{font} has {} bytes", size(font));
            assert_eq!(&find(font).expect("the file").plain[..4], b"wOFF");
        }
    }

    #[test]
    fn current_address_is_kept_for_ever_and_an_old_one_is_not() {
        let cache = |version| {
            let response = serve("app.css", version, &HeaderMap::new());
            response.headers()[CACHE_CONTROL].to_str().expect("text").to_owned()
        };
        assert!(cache(built::VERSION).contains("immutable"));
        assert!(cache("0123456789ab").contains("no-cache"));
    }

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        let encoding = |wish| {
            serve("app.css", built::VERSION, &asking(wish)).headers().contains_key(CONTENT_ENCODING)
        };
        assert!(encoding("br, gzip;q=0.8"));
        assert!(!encoding("br"));
        assert!(!encoding("gzip;q=0, br"));
    }

    #[test]
    fn unknown_file_is_404_and_a_known_version_304() {
        assert_eq!(
            serve("../Cargo.toml", built::VERSION, &HeaderMap::new()).status(),
            StatusCode::NOT_FOUND
        );
        let mut headers = HeaderMap::new();
        headers.insert(IF_NONE_MATCH, format!("\"{}\"", built::VERSION).parse().expect("header"));
        assert_eq!(serve("app.css", built::VERSION, &headers).status(), StatusCode::NOT_MODIFIED);
    }

    #[test]
    fn every_module_is_there() {
        for name in MODULES {
            assert!(href(name).ends_with(name));
        }
    }
}
