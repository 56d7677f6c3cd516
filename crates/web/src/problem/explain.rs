//! `GET /problems/{code}`: what a code means, for whoever follows the `type` of a problem.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ekinerja_app::Code;
use maud::html;
use serde::Serialize;

use super::{Problem, status_of, words};
use crate::extract::{Json, Path};
use crate::page::PublicPage;
use crate::routes::Routes;

#[derive(Serialize)]
struct Explanation {
    code: &'static str,
    status: u16,
    title: String,
    detail: String,
}

pub(crate) fn router() -> Routes {
    Routes::new().route("/problems/{code}", get(explain_problem))
}

async fn explain_problem(
    page: PublicPage,
    headers: HeaderMap,
    Path(code): Path<String>,
) -> Result<Response, Problem> {
    let code = Code::ALL.iter().find(|it| it.as_str() == code).ok_or_else(Problem::not_found)?;
    let said = words(page.locale, *code, &[]);
    let accept = headers.get(ACCEPT).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if !accept.contains("text/html") {
        let (title, detail) = (said.title, said.detail);
        let status = status_of(*code).as_u16();
        return Ok(Json(Explanation { code: code.as_str(), status, title, detail }).into_response());
    }
    let content = html! {
        section.card { p { (said.detail) } p.hint { code { (code.as_str()) } } }
    };
    Ok(page.show(&said.title, "", false, content))
}
