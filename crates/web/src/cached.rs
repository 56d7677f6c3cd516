//! Answers that are drawn once and sent many times: packed, tagged, and dropped by the commit that touches them.
//!
//! For pages that many people look at and that change only when somebody publishes or verifies: scorecard,
//! roll-up, comparison, alignment. A handler extracts [`Page`] (which checks session and tenant before
//! anything else), says what the page [`Depends`] on, and gives a future that draws it:
//!
//! ```text
//! async fn scorecard(State(state): State<AppState>, page: Page, asked: Asked, Query(q): Query<Q>) -> PageResult {
//!     let depends = [Depends::Period(period), Depends::Plan, Depends::Organisation];
//!     cached::page(&state, &page, &asked, &depends, async {
//!         let view = state.app.scorecard(&page.scope(), &q).await?;
//!         Ok((Head::new("…"), draw(&page, &view)))
//!     })
//!     .await
//! }
//! ```
//!
//! The future is not polled on a hit, so a hit does no SQL. Name every period that the page reads, or
//! [`Depends::EveryPeriod`] for a trend; what is missing there stays on the page when it changes.
//!
//! An entry belongs to one reader: the key is made of tenant, person, roles, address, language and day, and
//! of the version of the data (see [`TenantCache`]). The tag is a hash of what was drawn, so it is the same
//! on every server and after a restart; it is weak because one tag stands for the packed and the plain form.

use std::future::Future;
use std::io::Write as _;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use ekinerja_app::TenantScope;
use ekinerja_app::cache::{Found, TenantCache};
use flate2::Compression;
use flate2::write::GzEncoder;
use maud::Markup;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use ekinerja_app::cache::Depends;

use crate::components::layout;
use crate::form_token;
use crate::links;
use crate::page::{Head, Page};
use crate::problem::Problem;
use crate::settings::AppState;

/// How many bytes of drawn answers a process keeps.
const CAPACITY: u64 = 96 * 1024 * 1024;
/// An address longer than this is drawn and not kept: it was not made by a page of ours.
const LONGEST_ADDRESS: usize = 400;
/// Says whether an answer came from memory.
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Answers of a server process.
pub type Answers = TenantCache<Arc<Answer>>;

/// Where drawn answers are kept.
pub(crate) fn answers(app: &ekinerja_app::App) -> Answers {
    TenantCache::new(app.store().changes(), CAPACITY, |answer: &Arc<Answer>| {
        u32::try_from(answer.plain.len() + answer.packed.len()).unwrap_or(u32::MAX)
    })
}

/// A drawn answer.
#[derive(Debug)]
pub struct Answer {
    kind: HeaderValue,
    attachment: Option<HeaderValue>,
    plain: Bytes,
    packed: Bytes,
    tag: HeaderValue,
}

/// What a request says about the answers it can use.
#[derive(Debug, Clone)]
pub struct Asked {
    address: String,
    known: Vec<String>,
    unpacks: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let address = links::address_of(parts);
        let known = words(&parts.headers, &IF_NONE_MATCH).map(ToOwned::to_owned).collect();
        let unpacks = words(&parts.headers, &ACCEPT_ENCODING).any(is_gzip);
        Ok(Self { address, known, unpacks })
    }
}

fn words<'a>(headers: &'a HeaderMap, name: &'a HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|it| it.to_str().ok());
    lines.flat_map(|it| it.split(',')).map(str::trim)
}

/// `gzip`, `gzip;q=0.5`, `*`; not `gzip;q=0`.
fn is_gzip(word: &str) -> bool {
    let (coding, parameter) = word.split_once(';').unwrap_or((word, ""));
    let refused = parameter.trim().strip_prefix("q=").is_some_and(|it| {
        it.trim_start_matches('0').trim_start_matches('.').chars().all(|c| c == '0')
    });
    matches!(coding.trim(), "gzip" | "x-gzip" | "*") && !refused
}

impl Asked {
    /// Whether the client has what `tag` stands for; weak comparison, as `If-None-Match` wants it.
    fn has(&self, tag: &HeaderValue) -> bool {
        let bare = |it: &str| it.trim().trim_start_matches("W/").to_owned();
        let Ok(tag) = tag.to_str() else { return false };
        self.known.iter().any(|it| it == "*" || bare(it) == bare(tag))
    }
}

impl Answer {
    fn of(kind: &'static str, attachment: Option<String>, text: String) -> Result<Self, Problem> {
        let mut packer = GzEncoder::new(Vec::with_capacity(text.len() / 4), Compression::fast());
        packer.write_all(text.as_bytes()).map_err(Problem::internal)?;
        let content = packer.finish().map_err(Problem::internal)?;
        let hash = hex::encode(&Sha256::digest(text.as_bytes())[..16]);
        let attachment = attachment
            .map(|name| HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")))
            .transpose()
            .map_err(Problem::internal)?;
        Ok(Self {
            kind: HeaderValue::from_static(kind),
            attachment,
            plain: text.into(),
            packed: content.into(),
            tag: HeaderValue::from_str(&format!("W/\"{hash}\"")).map_err(Problem::internal)?,
        })
    }

    fn respond(&self, asked: &Asked, from_memory: bool) -> Response {
        let status = if asked.has(&self.tag) { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
        let mut response = status.into_response();
        if status == StatusCode::OK {
            let body = if asked.unpacks { &self.packed } else { &self.plain };
            response = body.clone().into_response();
            response.headers_mut().insert(CONTENT_TYPE, self.kind.clone());
            if asked.unpacks {
                response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            if let Some(attachment) = &self.attachment {
                let name = axum::http::header::CONTENT_DISPOSITION;
                response.headers_mut().insert(name, attachment.clone());
            }
        }
        let headers = response.headers_mut();
        headers.insert(ETAG, self.tag.clone());
        // A browser may keep it and must ask each time: session and roles are checked before every answer.
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding, accept-language, cookie"));
        let found = if from_memory { "cache;desc=hit" } else { "cache;desc=miss" };
        headers.insert(SERVER_TIMING, HeaderValue::from_static(found));
        response
    }
}

/// A page inside a tenant. A page that shows a message after a redirect is drawn and not kept.
///
/// # Errors
/// What drawing answers; a problem is never kept.
pub async fn page(
    state: &AppState,
    page: &Page,
    asked: &Asked,
    depends: &[Depends],
    draw: impl Future<Output = Result<(Head, Markup), Problem>>,
) -> Result<Response, Problem> {
    if page.has_message() {
        let (head, content) = draw.await?;
        return Ok(page.show(head, content));
    }
    // A page of a government that rests says so and takes no forms; those that it has carry the token of one session.
    let state_code = page.tenant().state.code();
    // So does one on which emergency access is announced.
    let scope = page.scope();
    let runs = scope.emergencies().iter().map(|it| it.id.to_string()).collect::<Vec<_>>().join(" ");
    let token = form_token::current();
    let variant = format!("html {} {state_code} {token} {runs}", page.locale.code());
    let text = async {
        let (head, content) = draw.await?;
        Ok(layout::page(&page.shell(head), content).into_string())
    };
    let drawing = Drawing { kind: "text/html; charset=utf-8", attachment: None, variant };
    answer(state, &scope, asked, depends, drawing, text).await
}

/// An answer of the interface.
///
/// # Errors
/// What making it answers; a problem is never kept.
pub async fn json<T: Serialize>(
    state: &AppState,
    scope: &TenantScope,
    asked: &Asked,
    depends: &[Depends],
    make: impl Future<Output = Result<T, Problem>>,
) -> Result<Response, Problem> {
    let text = async {
        let value = make.await?;
        serde_json::to_string(&value).map_err(Problem::internal)
    };
    let drawing =
        Drawing { kind: "application/json", attachment: None, variant: String::from("json") };
    answer(state, scope, asked, depends, drawing, text).await
}

/// A table to download, as CSV.
///
/// # Errors
/// What making it answers; a problem is never kept.
pub async fn csv(
    state: &AppState,
    scope: &TenantScope,
    asked: &Asked,
    depends: &[Depends],
    name: String,
    make: impl Future<Output = Result<String, Problem>>,
) -> Result<Response, Problem> {
    let drawing = Drawing {
        kind: "text/csv; charset=utf-8; header=present",
        attachment: Some(name),
        variant: String::from("csv"),
    };
    answer(state, scope, asked, depends, drawing, make).await
}

struct Drawing {
    kind: &'static str,
    attachment: Option<String>,
    variant: String,
}

async fn answer(
    state: &AppState,
    scope: &TenantScope,
    asked: &Asked,
    depends: &[Depends],
    drawing: Drawing,
    make: impl Future<Output = Result<String, Problem>>,
) -> Result<Response, Problem> {
    let Drawing { kind, attachment, variant } = drawing;
    if asked.address.len() > LONGEST_ADDRESS {
        let answer = Answer::of(kind, attachment, make.await?)?;
        return Ok(answer.respond(asked, false));
    }
    // Ages in words and what is due change with the day.
    let key = format!("{variant} {} {}", state.app.today(), asked.address);
    match state.answers.look_up(scope, key, depends).await {
        Found::Hit(answer) => Ok(answer.respond(asked, true)),
        Found::Miss(place) => {
            let answer = Arc::new(Answer::of(kind, attachment, make.await?)?);
            state.answers.keep(place, Arc::clone(&answer)).await;
            Ok(answer.respond(asked, false))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(known: &[&str], unpacks: bool) -> Asked {
        let known = known.iter().map(|it| (*it).to_owned()).collect();
        Asked { address: String::from("/"), known, unpacks }
    }

    #[test]
    fn gzip_is_sent_to_who_takes_it() {
        for word in ["gzip", "gzip;q=0.5", "gzip; q=1.0", "*", "x-gzip"] {
            assert!(is_gzip(word), "{word}");
        }
        for word in ["br", "gzip;q=0", "gzip;q=0.0", "identity", ""] {
            assert!(!is_gzip(word), "{word}");
        }
    }

    #[test]
    fn answer_is_packed_plain_or_known_already() {
        let text = "Perbandingan ".repeat(200);
        let answer = Answer::of("text/html", None, text.clone()).expect("an answer");
        assert!(answer.packed.len() < answer.plain.len() / 10);
        let packed = answer.respond(&asked(&[], true), false);
        assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
        let plain = answer.respond(&asked(&["\"other\""], false), false);
        assert_eq!((plain.status(), plain.headers().get(CONTENT_ENCODING)), (StatusCode::OK, None));
        let tag = plain.headers()[ETAG].to_str().expect("a tag").to_owned();
        for known in [tag.as_str(), tag.trim_start_matches("W/"), "*"] {
            let same = answer.respond(&asked(&["\"x\"", known], true), true);
            assert_eq!(same.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert!(
                same.headers().contains_key(VARY) && !same.headers().contains_key(CONTENT_TYPE)
            );
        }
        let again = Answer::of("text/html", None, text).expect("an answer");
        assert_eq!(again.tag, answer.tag, "the same content has the same tag on every server");
    }
}
