//! What leaves the government: preview of exactly that, publishing, revoking, and the log of both sides.

mod content;
mod overview;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::Refusal;
use ekinerja_app::publications::{
    Audience, PublicationPreview, PublicationRequest, PublishedContent,
};
use ekinerja_domain::access::Publish;
use ekinerja_domain::access::policy::Publishing;
use ekinerja_domain::ids::PublicationId;
use ekinerja_domain::publication::PublicationStatus;
use maud::{Markup, html};

use super::published as words;
use crate::components::card::{Card, card};
use crate::components::forms::{self, Field, Weight, actions, field, submit};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::extract::{Fields, Form, Id, Path, Query};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::locale::tr;
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/publication", get(overview::show).post(publish))
        .route("/publication/preview", get(preview))
        .route("/publication/{publication}", get(show))
        .route("/publication/{publication}/revocation", post(revoke))
}

/// What a form or an address asks to publish.
fn request_of(fields: &Fields) -> PublicationRequest {
    PublicationRequest {
        period: fields.text("period").to_owned(),
        omit: fields.all("omit").map(ToOwned::to_owned).collect(),
    }
}

async fn preview(
    State(state): State<AppState>,
    page: Page,
    Query(fields): Query<Fields>,
) -> PageResult {
    let request = request_of(&fields);
    match state.app.prepare_publication(&page.scope(), &request).await {
        Ok(view) => Ok(draw_preview(&page, &view, &request, &FormState::with(fields))),
        Err(refusal) => {
            let form = FormState::refused(fields, refusal)?;
            overview::again(&state, &page, &form).await
        }
    }
}

async fn publish(
    State(state): State<AppState>,
    page: Page,
    Form(fields): Form<Fields>,
) -> PageResult {
    let request = request_of(&fields);
    let approved = fields.text("content_hash").to_owned();
    match state.app.publish_period(&page.scope(), &request, &approved).await {
        Ok(publication) => {
            let flash = Flash::success("flash.period_published")
                .with("period", words::period_words(page.locale, publication.period))
                .with("number", publication.number);
            Ok(page.redirect(&links::publication_of(&page.tenant().slug, publication.id), &flash))
        }
        // The new preview is shown with the old choice, and what changed can be read.
        Err(refusal @ (Refusal::Conflict(_) | Refusal::Rule(_))) => {
            let view = state.app.prepare_publication(&page.scope(), &request).await?;
            let form = FormState::refused(fields, refusal)?;
            Ok(draw_preview(&page, &view, &request, &form))
        }
        Err(refusal) => {
            let form = FormState::refused(fields, refusal)?;
            overview::again(&state, &page, &form).await
        }
    }
}

fn draw_preview(
    page: &Page,
    view: &PublicationPreview,
    request: &PublicationRequest,
    form: &FormState,
) -> Response {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let period = words::period_words(locale, view.content.period);
    let obstacle = view.obstacle();
    let audience = match view.audience {
        Audience::Province => tr!(locale, "publishing.to_province"),
        Audience::Own => tr!(locale, "publishing.to_own"),
    };
    let post = forms::Form { action: links::publication(slug), ..forms::Form::default() };
    let body = html! {
        (form.summary(locale))
        (notice(Tone::Info, html! { p { (audience) " " (tr!(locale, "publishing.nothing_else")) } }))
        @if let Some(earlier) = &view.in_force {
            (notice(Tone::Warning, html! {
                p { (tr!(locale, "publishing.supersedes", number = earlier.number)) }
            }))
        }
        (card(
            &Card::titled(tr!(locale, "publishing.exactly"))
                .subtitle(content::counts(locale, &view.content)),
            content::choice(locale, slug, view),
        ))
        (card(&Card::titled(tr!(locale, "publishing.objectives")), content::objectives(locale, &view.content)))
        (card(&Card::titled(tr!(locale, "publishing.approve")), html! {
            @match obstacle {
                Some(code) => {
                    @let words = crate::problem::words(locale, code, &[]);
                    (notice(Tone::Warning, html! { p { b { (words.title) } ". " (words.detail) } }))
                },
                None => {
                    p { (tr!(locale, "publishing.approve_text")) }
                    p { (tr!(locale, "publishing.hash")) " " code { (view.content_hash[..16]) } }
                    (forms::form(&post, html! {
                        input type="hidden" name="period" value=(view.content.period);
                        input type="hidden" name="content_hash" value=(view.content_hash);
                        @for code in &request.omit { input type="hidden" name="omit" value=(code); }
                        (actions(submit(
                            &tr!(locale, "publishing.publish", period = period),
                            Weight::Primary,
                        )))
                    }))
                },
            }
        }))
    };
    let head = Head::new(tr!(locale, "publishing.preview", period = period))
        .under(tr!(locale, "publishing.title"), links::publication(slug));
    let status = match form.status() {
        StatusCode::OK => StatusCode::OK,
        _ => StatusCode::CONFLICT,
    };
    page.show_with(status, head, body)
}

async fn show(State(state): State<AppState>, page: Page, Path(at): Path<At>) -> PageResult {
    let Id(id) = at.publication;
    let found = state.app.publication(&page.scope(), id).await?;
    Ok(draw(&page, &found, &FormState::default()))
}

/// The variable part of an address.
#[derive(Debug, Clone, Copy, serde::Deserialize)]
struct At {
    publication: Id<PublicationId>,
}

async fn revoke(
    State(state): State<AppState>,
    page: Page,
    Path(at): Path<At>,
    Form(fields): Form<Fields>,
) -> PageResult {
    let Id(id) = at.publication;
    match state.app.revoke_publication(&page.scope(), id, fields.text("reason")).await {
        Ok(publication) => {
            let flash = Flash::success("flash.publication_revoked")
                .with("period", words::period_words(page.locale, publication.period))
                .with("number", publication.number);
            Ok(page.redirect(&links::publication_of(&page.tenant().slug, id), &flash))
        }
        Err(refusal) => {
            let form = FormState::refused(fields, refusal)?;
            let found = state.app.publication(&page.scope(), id).await?;
            Ok(draw(&page, &found, &form))
        }
    }
}

fn draw(page: &Page, found: &PublishedContent, form: &FormState) -> Response {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let publication = &found.publication;
    let period = words::period_words(locale, publication.period);
    let may_revoke =
        publication.status == PublicationStatus::Published && page.may::<Publish, _>(&Publishing);
    let content = html! {
        (form.summary(locale))
        (card(&Card::titled(tr!(locale, "publishing.about")), overview::facts(locale, publication)))
        (card(
            &Card::titled(tr!(locale, "publishing.what_left"))
                .subtitle(content::counts(locale, &found.content)),
            content::lines(locale, &found.content),
        ))
        (card(
            &Card::titled(tr!(locale, "publishing.objectives")),
            content::objectives(locale, &found.content),
        ))
        @if may_revoke { (revocation(page, publication.id, form)) }
    };
    let head =
        Head::new(tr!(locale, "publishing.one", period = period, number = publication.number))
            .under(tr!(locale, "publishing.title"), links::publication(slug));
    page.show_with(form.status(), head, content)
}

fn revocation(page: &Page, id: PublicationId, form: &FormState) -> Markup {
    let locale = page.locale;
    let action = format!("{}/revocation", links::publication_of(&page.tenant().slug, id));
    let reason = Field::textarea("reason", tr!(locale, "publishing.reason"), 3)
        .hint(tr!(locale, "publishing.reason_hint"))
        .required();
    let target = forms::Form { action, ..forms::Form::default() };
    card(
        &Card::titled(tr!(locale, "publishing.revoke"))
            .subtitle(tr!(locale, "publishing.revoke_text")),
        forms::form(
            &target,
            html! {
                (field(locale, &form.fill(locale, reason)))
                (actions(submit(&tr!(locale, "publishing.revoke"), Weight::Danger)))
            },
        ),
    )
}

/// Nothing to show here yet.
fn nothing(title: String, text: String) -> Markup {
    empty(&Empty { title, text, action: None, icon: Icon::Publication })
}
