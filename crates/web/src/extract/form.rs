//! Forms: `application/x-www-form-urlencoded`, and `multipart/form-data` with files.

use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use ekinerja_app::Code;
use serde::de::DeserializeOwned;

use super::query::from_urlencoded;
use super::{Fields, Upload, body_problem};
use crate::problem::Problem;

/// Most fields of one form; a table of targets has some hundreds.
const MOST_FIELDS: usize = 10_000;

/// A form without files. `Form<Fields>` keeps what was typed and refuses nothing: use it for pages.
#[derive(Debug, Clone, Copy)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        const EXPECTED: &str = "application/x-www-form-urlencoded";
        if !kind_is(request.headers(), EXPECTED) {
            return Err(Problem::new(Code::BodyMediaType).with("expected", EXPECTED));
        }
        let body = Bytes::from_request(request, state).await.map_err(body_problem)?;
        from_urlencoded(&body).map(Self)
    }
}

/// A form with files. Give the route a larger `DefaultBodyLimit` where files are larger than 1 MB.
#[derive(Debug, Clone)]
pub struct MultipartForm {
    /// The fields without the files.
    pub fields: Fields,
    /// The files; one with neither name nor content was left empty and is not here.
    pub files: Vec<Upload>,
}

impl MultipartForm {
    /// The first file of a field.
    pub fn file(&self, field: &str) -> Option<&Upload> {
        self.files.iter().find(|file| file.field == field)
    }
}

impl<S: Send + Sync> FromRequest<S> for MultipartForm {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        const EXPECTED: &str = "multipart/form-data";
        if !kind_is(request.headers(), EXPECTED) {
            return Err(Problem::new(Code::BodyMediaType).with("expected", EXPECTED));
        }
        let malformed = |_| Problem::new(Code::RequestMalformed);
        let mut parts = Multipart::from_request(request, state).await.map_err(malformed)?;
        let mut form = Self { fields: Fields::default(), files: Vec::new() };
        let mut count = 0;
        while let Some(part) = parts.next_field().await.map_err(|it| part_problem(&it))? {
            count += 1;
            if count > MOST_FIELDS {
                return Err(Problem::new(Code::BodyTooLarge));
            }
            let field = part.name().unwrap_or_default().to_owned();
            let Some(name) = part.file_name().map(bare_name) else {
                let text = part.text().await.map_err(|it| part_problem(&it))?;
                form.fields.push(field, text);
                continue;
            };
            let claimed_type = part.content_type().unwrap_or_default().to_owned();
            let content = part.bytes().await.map_err(|it| part_problem(&it))?;
            if !(name.is_empty() && content.is_empty()) {
                form.files.push(Upload { field, name, claimed_type, content });
            }
        }
        Ok(form)
    }
}

/// The last segment: some browsers send a whole path, and a hostile one sends `../../x`.
fn bare_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(200).collect()
}

fn part_problem(error: &MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Code::BodyTooLarge)
    } else {
        Problem::new(Code::RequestMalformed)
    }
}

fn kind_is(headers: &HeaderMap, expected: &str) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected))
}

#[cfg(test)]
mod tests {
    use super::bare_name;

    #[test]
    fn folders_and_control_characters_are_no_part_of_a_name() {
        assert_eq!(bare_name("C:\\Users\\x\\lkj 2023.pdf"), "lkj 2023.pdf");
        assert_eq!(bare_name("../../etc/passwd"), "passwd");
        assert_eq!(bare_name("a\u{0}\nb.pdf"), "ab.pdf");
    }
}
