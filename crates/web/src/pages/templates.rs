//! Releases: a province makes them, everybody under it reads them.

mod content;
mod modes;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::releases::{ReleaseDraft, ReleasePreview, ReleaseSummary};
use ekinerja_app::{App, Code, Refusal};
use ekinerja_domain::access::Release;
use ekinerja_domain::access::policy::Templates;
use ekinerja_domain::ids::ReleaseId;
use ekinerja_domain::template::{ReleaseStatus, TemplateRelease};
use maud::{Markup, html};
use serde::Deserialize;

use super::plan::as_violation;
use crate::components::badge::tag;
use crate::components::card::{Card, card};
use crate::components::forms::{
    self, Field, Weight, actions, field, fieldset, link_button, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::table::{Column, Row, Table, definitions, table};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::paging::Paging;
use crate::routes::Routes;
use crate::words;

pub(super) use content::contents;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/templates", get(show_releases))
        .route("/templates/new", get(show_new).post(release))
        .route("/templates/{release}", get(show_release))
        .route("/templates/{release}/withdrawal", post(withdraw))
        .merge(modes::router())
}

#[derive(Debug, Deserialize)]
struct OfRelease {
    release: Id<ReleaseId>,
}

async fn show_releases(State(app): State<App>, page: Page, paging: Paging) -> PageResult {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let may_release = page.may::<Release, _>(&Templates);
    let releases = app.releases(&page.scope(), &paging.page()).await?;
    let mut head =
        Head::new(tr!(locale, "templates.title")).subtitle(tr!(locale, "templates.subtitle"));
    if may_release {
        let new = tr!(locale, "templates.new");
        head =
            head.tools(link_button(&new, &at::new_release(slug), Weight::Primary, Some(Icon::Add)));
    }
    let content = if releases.items.is_empty() {
        empty(&Empty {
            title: tr!(locale, "templates.none").into_owned(),
            text: if may_release {
                tr!(locale, "templates.none_province").into_owned()
            } else {
                tr!(locale, "templates.none_reader").into_owned()
            },
            action: may_release
                .then(|| (tr!(locale, "templates.new").into_owned(), at::new_release(slug))),
            icon: Icon::Template,
        })
    } else {
        html! {
            (list(locale, &releases.items, &|it| at::release(slug, it)))
            @if let Some(next) = &releases.next {
                p { a href={ (links::templates(slug)) "?after=" (next) } { (tr!(locale, "nav.next")) } }
            }
        }
    };
    Ok(page.show(head, content))
}

/// The releases, each leading somewhere.
pub(super) fn list(
    locale: Locale,
    releases: &[ReleaseSummary],
    href: &dyn Fn(ReleaseId) -> String,
) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "templates.version")),
        Column::text(tr!(locale, "templates.status")),
        Column::text(tr!(locale, "templates.changelog")),
        Column::text(tr!(locale, "templates.released_at")),
        Column::text(tr!(locale, "templates.released_by")),
    ];
    let rows = releases.iter().map(|it| {
        Row::new(vec![
            html! { a href=(href(it.id)) { (it.version) } },
            status(locale, it.status),
            html! { (it.changelog) },
            html! { (format::date_short(locale, it.released_at.date_naive())) },
            html! { (it.released_by_name) },
        ])
    });
    card(
        &Card::default(),
        table(locale, &Table::new(tr!(locale, "templates.title"), columns).quiet().rows(rows)),
    )
}

fn status(locale: Locale, it: ReleaseStatus) -> Markup {
    tag(&words::release_status(locale, it))
}

async fn show_new(State(app): State<App>, page: Page) -> PageResult {
    let slug = &page.tenant().slug;
    let preview = match app.preview_release(&page.scope()).await {
        Ok(preview) => preview,
        Err(Refusal::Rule(violation)) if violation.code == Code::PlanMissing => {
            return Ok(page.redirect(&links::plan(slug), &Flash::info("flash.plan_first")));
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let fields = Fields::of([("version", preview.suggested.to_string())]);
    Ok(draw_new(&page, &preview, &FormState::with(fields)))
}

async fn release(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    let draft = ReleaseDraft {
        version: typed.text("version").to_owned(),
        changelog: typed.text("changelog").to_owned(),
        leave_out: typed.all("leave_out").map(str::to_owned).collect(),
    };
    match app.release_template(&page.scope(), &draft).await {
        Ok(release) => {
            let flash = Flash::success("flash.released").with("version", release.version);
            Ok(page.redirect(&at::release(&page.tenant().slug, release.id), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(typed, as_violation(refusal))?;
            let preview = app.preview_release(&page.scope()).await?;
            Ok(draw_new(&page, &preview, &state))
        }
    }
}

fn draw_new(page: &Page, preview: &ReleasePreview, state: &FormState) -> Response {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let fill = |it: Field| field(locale, &state.fill(locale, it));
    let form =
        forms::Form { action: at::new_release(slug), guarded: true, ..forms::Form::default() };
    let highest = preview.highest.map_or_else(
        || tr!(locale, "templates.first").into_owned(),
        |it| tr!(locale, "templates.highest", version = it).into_owned(),
    );
    let content = html! {
        (state.summary(locale))
        @if !preview.faults.is_empty() && state.status() == StatusCode::OK {
            (notice(Tone::Warning, html! { p { (tr!(locale, "templates.faulty")) } ul {
                @for fault in &preview.faults { li { (content::fault(locale, fault)) } }
            } }))
        }
        (forms::form(&form, html! {
            (fill(Field::text("version", tr!(locale, "templates.version")).required().hint(highest)))
            (fill(Field::textarea("changelog", tr!(locale, "templates.changelog"), 4).required()
                .hint(tr!(locale, "templates.changelog_hint"))))
            (fieldset(&tr!(locale, "templates.which"), &tr!(locale, "templates.which_hint"),
                content::choice(page, preview, state)))
            (notice(Tone::Info, html! { p { (tr!(locale, "templates.immutable")) } }))
            (actions(html! {
                (submit(&tr!(locale, "templates.release"), Weight::Primary))
                (link_button(&tr!(locale, "plan.cancel"), &links::templates(slug), Weight::Quiet, None))
            }))
        }))
        (contents(locale, &preview.content))
    };
    let head = Head::new(tr!(locale, "templates.new"))
        .under(tr!(locale, "templates.title"), links::templates(slug));
    page.show_with(state.status(), head, content)
}

async fn show_release(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfRelease>,
) -> PageResult {
    let release = app.release(&page.scope(), path.release.0).await?;
    Ok(draw_release(&page, &release))
}

fn draw_release(page: &Page, release: &TemplateRelease) -> Response {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let own = release.publisher == page.tenant().id;
    let mut head = Head::new(tr!(locale, "templates.of", version = release.version))
        .subtitle(&release.content.title)
        .under(tr!(locale, "templates.title"), links::templates(slug));
    if !own {
        let adopt = tr!(locale, "templates.to_adoption");
        head = head.tools(link_button(
            &adopt,
            &at::adoption_of(slug, release.id),
            Weight::Primary,
            Some(Icon::Adoption),
        ));
    }
    let withdrawal =
        forms::Form { action: at::withdraw_release(slug, release.id), ..forms::Form::default() };
    let content = html! {
        (facts(locale, release))
        (contents(locale, &release.content))
        @if own && page.may::<Release, _>(&Templates) && release.status != ReleaseStatus::Withdrawn {
            (fieldset(&tr!(locale, "templates.withdraw"), &tr!(locale, "templates.withdraw_hint"),
                forms::form(&withdrawal, submit(&tr!(locale, "templates.withdraw"), Weight::Danger))))
        }
    };
    page.show(head, content)
}

/// Version, status, hash and changelog.
pub(super) fn facts(locale: Locale, release: &TemplateRelease) -> Markup {
    let pair = |term: std::borrow::Cow<'static, str>, meaning: Markup| (term.into_owned(), meaning);
    let years = release.content.years;
    let pairs = [
        pair(tr!(locale, "templates.status"), status(locale, release.status)),
        pair(tr!(locale, "templates.changelog"), html! { (release.changelog) }),
        pair(
            tr!(locale, "templates.released_by"),
            html! {
                (release.released_by_name) ", " (format::date(locale, release.released_at.date_naive()))
            },
        ),
        pair(tr!(locale, "templates.years"), html! { (years.start) "–" (years.end) }),
        pair(
            tr!(locale, "templates.hash"),
            html! {
                code title=(release.content_hash) { (release.content_hash.get(..16).unwrap_or_default()) "…" }
                " " small { (tr!(locale, "templates.hash_checked")) }
            },
        ),
    ];
    card(&Card::default(), definitions(locale, &pairs))
}

async fn withdraw(State(app): State<App>, page: Page, Path(path): Path<OfRelease>) -> PageResult {
    let id = path.release.0;
    let release = app.withdraw_release(&page.scope(), id).await?;
    let flash = Flash::success("flash.withdrawn").with("version", release.version);
    Ok(page.redirect(&at::release(&page.tenant().slug, id), &flash))
}
