//! Adoption: which release the regency works with, what another would bring, and taking one over.

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::adoption::AdoptionPreview;
use ekinerja_app::{App, Page as Piece, Violation};
use ekinerja_domain::access::Amend;
use ekinerja_domain::access::policy::Templates;
use ekinerja_domain::adoption::Adoption;
use ekinerja_domain::ids::ReleaseId;
use maud::{Markup, html};
use serde::Deserialize;

use super::plan::as_violation;
use super::templates;
use crate::components::card::{Card, card};
use crate::components::forms::{self, Weight, actions, fieldset, link_button, submit};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::words_of;
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/adoption", get(show_adoption))
        .route("/adoption/{release}", get(show_preview).post(adopt))
}

#[derive(Debug, Deserialize)]
struct OfRelease {
    release: Id<ReleaseId>,
}

async fn show_adoption(State(app): State<App>, page: Page) -> PageResult {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let head = Head::new(tr!(locale, "adoption.title")).subtitle(tr!(locale, "adoption.subtitle"));
    if page.tenant().parent.is_none() {
        let content = empty(&Empty {
            title: tr!(locale, "adoption.province").into_owned(),
            text: tr!(locale, "adoption.province_text").into_owned(),
            action: Some((tr!(locale, "templates.title").into_owned(), links::templates(slug))),
            icon: Icon::Adoption,
        });
        return Ok(page.show(head, content));
    }
    let current = app.current_adoption(&page.scope()).await?;
    let releases = app.releases(&page.scope(), &Piece::first()).await?.items;
    let newer = current
        .as_ref()
        .is_some_and(|it| releases.iter().any(|release| release.version > it.version));
    let content = html! {
        @match &current {
            Some(adoption) => (in_use(locale, adoption, &links::plan(slug), newer)),
            None if releases.is_empty() => (empty(&Empty {
                title: tr!(locale, "adoption.none").into_owned(),
                text: tr!(locale, "adoption.none_text").into_owned(),
                action: None,
                icon: Icon::Adoption,
            })),
            None => (notice(Tone::Info, html! { p { (tr!(locale, "adoption.choose")) } })),
        }
        @if !releases.is_empty() {
            (templates::list(locale, &releases, &|it| at::adoption_of(slug, it)))
        }
    };
    Ok(page.show(head, content))
}

fn in_use(locale: Locale, adoption: &Adoption, plan: &str, newer: bool) -> Markup {
    let day = format::date(locale, adoption.adopted_at.date_naive());
    card(
        &Card::titled(tr!(locale, "adoption.in_use", version = adoption.version)),
        html! {
            p { (tr!(locale, "adoption.since", day = day)) " " a href=(plan) { (tr!(locale, "adoption.to_plan")) } }
            @if newer { p { (tr!(locale, "adoption.newer")) } }
        },
    )
}

async fn show_preview(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfRelease>,
) -> PageResult {
    show(&app, &page, path.release.0, &FormState::default()).await
}

async fn adopt(State(app): State<App>, page: Page, Path(path): Path<OfRelease>) -> PageResult {
    let id = path.release.0;
    match app.adopt(&page.scope(), id).await {
        Ok(adoption) => {
            let flash = Flash::success("flash.adopted").with("version", adoption.version);
            Ok(page.redirect(&links::plan(&page.tenant().slug), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(Fields::default(), as_violation(refusal))?;
            show(&app, &page, id, &state).await
        }
    }
}

async fn show(app: &App, page: &Page, id: ReleaseId, state: &FormState) -> PageResult {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let preview = app.preview_adoption(&page.scope(), id).await?;
    let release = &preview.release;
    let form = forms::Form { action: at::adoption_of(slug, id), ..forms::Form::default() };
    let content = html! {
        @if preview.obstacles.is_empty() {
            (state.summary(locale))
            (what_happens(locale, &preview))
            @if page.may::<Amend, _>(&Templates) {
                (forms::form(&form, actions(html! {
                    (submit(&tr!(locale, "adoption.adopt", version = release.version), Weight::Primary))
                    (link_button(&tr!(locale, "plan.cancel"), &links::adoption(slug), Weight::Quiet, None))
                })))
            } @else { p.hint { (tr!(locale, "adoption.planner_only")) } }
        } @else { (obstacles(locale, &preview.obstacles)) }
        (templates::facts(locale, release))
        (templates::contents(locale, &release.content))
    };
    let head = Head::new(tr!(locale, "adoption.of", version = release.version))
        .subtitle(&release.content.title)
        .under(tr!(locale, "adoption.title"), links::adoption(slug));
    Ok(page.show_with(state.status(), head, content))
}

fn obstacles(locale: Locale, found: &[Violation]) -> Markup {
    html! {
        @for violation in found {
            @let said = words_of(locale, violation);
            (notice(Tone::Warning, html! { p { b { (said.title) ". " } (said.detail) } }))
        }
    }
}

/// In plain words: what arrives where, what stays, what is to do afterwards.
fn what_happens(locale: Locale, preview: &AdoptionPreview) -> Markup {
    let content = &preview.release.content;
    let arrives = tr!(
        locale,
        "adoption.arrives",
        nodes = content.nodes.len(),
        indicators = content.indicators.len(),
        title = preview.plan_title
    );
    fieldset(
        &tr!(locale, "adoption.what"),
        "",
        html! {
            ul {
                li { (arrives) @if preview.drafts_plan { " " (tr!(locale, "adoption.drafts")) } }
                li { (tr!(locale, "adoption.stays")) }
                li { (tr!(locale, "adoption.modes")) }
                li { (tr!(locale, "adoption.then")) }
            }
            @if !preview.renamed_nodes.is_empty() {
                @let columns = vec![
                    Column::text(tr!(locale, "adoption.code_released")),
                    Column::text(tr!(locale, "adoption.code_here")),
                ];
                @let rows = preview.renamed_nodes.iter().map(|(released, here)| {
                    Row::new(vec![html! { (released) }, html! { (here) }])
                });
                p { (tr!(locale, "adoption.renamed")) }
                (table(locale, &Table::new(tr!(locale, "adoption.renamed"), columns).quiet().rows(rows)))
            }
        },
    )
}
