//! The form of a link of cause and effect: draw, change, remove.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::plans::PlanOverview;
use ekinerja_app::strategy_map::CausalLinkDraft;
use ekinerja_domain::ids::{CausalLinkId, PlanNodeId};
use ekinerja_domain::strategy_map::{CausalLink, LinkStrength};
use maud::{Markup, html};
use serde::Deserialize;

use super::strength_words;
use crate::components::forms::{
    self, Choice, Field, Weight, actions, field, fieldset, link_button, submit,
};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::pages::plan::{as_violation, for_planners};
use crate::problem::Problem;
use crate::routes::Routes;
use crate::words;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/strategy-map/links/new", get(show_new).post(add_link))
        .route("/strategy-map/links/{link}", get(show_link).post(amend_link))
        .route("/strategy-map/links/{link}/removal", post(remove_link))
}

/// Path of a link.
#[derive(Debug, Deserialize)]
struct LinkPath {
    link: Id<CausalLinkId>,
}

async fn overview(app: &App, page: &Page) -> Result<PlanOverview, Problem> {
    app.plan(&page.scope()).await?.ok_or_else(Problem::not_found)
}

async fn show_new(State(app): State<App>, page: Page) -> PageResult {
    for_planners(&page)?;
    let overview = overview(&app, &page).await?;
    Ok(draw(&page, &overview, None, &FormState::default()))
}

async fn add_link(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    match app.add_causal_link(&page.scope(), &draft_of(&typed)).await {
        Ok(link) => done(&app, &page, "flash.causal_link_added", &link).await,
        Err(refusal) => {
            let state = FormState::refused(typed, refusal)?;
            Ok(draw(&page, &overview(&app, &page).await?, None, &state))
        }
    }
}

async fn show_link(State(app): State<App>, page: Page, Path(path): Path<LinkPath>) -> PageResult {
    for_planners(&page)?;
    let link = app.causal_link(&page.scope(), path.link.0).await?;
    let state = FormState::with(fields_of(&link));
    Ok(draw(&page, &overview(&app, &page).await?, Some(&link), &state))
}

async fn amend_link(
    State(app): State<App>,
    page: Page,
    Path(path): Path<LinkPath>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let revision = typed.text("revision").parse().unwrap_or_default();
    let id = path.link.0;
    match app.amend_causal_link(&page.scope(), id, revision, &draft_of(&typed)).await {
        Ok(link) => done(&app, &page, "flash.causal_link_saved", &link).await,
        Err(refusal) => {
            let state = FormState::refused(typed, as_violation(refusal))?;
            let link = app.causal_link(&page.scope(), id).await?;
            Ok(draw(&page, &overview(&app, &page).await?, Some(&link), &state))
        }
    }
}

async fn remove_link(
    State(app): State<App>,
    page: Page,
    Path(path): Path<LinkPath>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let revision = typed.text("revision").parse().unwrap_or_default();
    let id = path.link.0;
    match app.remove_causal_link(&page.scope(), id, revision).await {
        Ok(()) => {
            let path = links::strategy_map(&page.tenant().slug);
            Ok(page.redirect(&path, &Flash::success("flash.causal_link_removed")))
        }
        Err(refusal) => {
            let link = app.causal_link(&page.scope(), id).await?;
            let state = FormState::refused(fields_of(&link), as_violation(refusal))?;
            Ok(draw(&page, &overview(&app, &page).await?, Some(&link), &state))
        }
    }
}

async fn done(app: &App, page: &Page, flash: &'static str, link: &CausalLink) -> PageResult {
    let overview = overview(app, page).await?;
    let flash = Flash::success(flash)
        .with("from", code_of(&overview, link.from))
        .with("to", code_of(&overview, link.to));
    Ok(page.redirect(&links::strategy_map(&page.tenant().slug), &flash))
}

fn code_of(overview: &PlanOverview, id: PlanNodeId) -> String {
    let found = overview.nodes.iter().find(|it| it.id == id);
    found.map_or_else(|| "–".to_owned(), |it| it.code.clone())
}

fn draft_of(typed: &Fields) -> CausalLinkDraft {
    let text = |name| typed.text(name).to_owned();
    CausalLinkDraft {
        from: text("from"),
        to: text("to"),
        hypothesis: text("hypothesis"),
        strength: text("strength"),
        lag_periods: text("lag_periods"),
    }
}

fn fields_of(link: &CausalLink) -> Fields {
    Fields::of([
        ("from", link.from.to_string()),
        ("to", link.to.to_string()),
        ("hypothesis", link.hypothesis.clone()),
        ("strength", link.strength.map_or("", LinkStrength::code).to_owned()),
        ("lag_periods", link.lag_periods.map(|it| it.to_string()).unwrap_or_default()),
        ("revision", link.revision.to_string()),
    ])
}

/// Objectives that sit in a perspective, by perspective from the top.
fn objectives(locale: Locale, overview: &PlanOverview) -> Vec<Choice> {
    let lanes = overview.perspectives.iter().flat_map(|setting| {
        let name = words::perspective(locale, setting).into_owned();
        let mine = overview.objectives().filter(|it| it.perspective == Some(setting.perspective));
        mine.map(move |it| {
            let text: String = it.text.chars().take(70).collect();
            Choice::new(it.id.to_string(), format!("{} · {text} ({name})", it.code))
        })
    });
    std::iter::once(Choice::new("", tr!(locale, "strategy.choose"))).chain(lanes).collect()
}

fn draw(
    page: &Page,
    overview: &PlanOverview,
    link: Option<&CausalLink>,
    state: &FormState,
) -> Response {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let map = links::strategy_map(slug);
    let fill = |it: Field| field(locale, &state.fill(locale, it));
    let title = if let Some(link) = link {
        let (from, to) = (code_of(overview, link.from), code_of(overview, link.to));
        tr!(locale, "strategy.edit", from = from, to = to)
    } else {
        tr!(locale, "strategy.add")
    };
    let none = Choice::new("", strength_words(locale, None));
    let judged = LinkStrength::ALL
        .iter()
        .map(|it| Choice::new(it.code(), strength_words(locale, Some(*it))));
    let strengths: Vec<_> = std::iter::once(none).chain(judged).collect();
    let action = link.map_or_else(|| at::new_causal_link(slug), |it| at::causal_link(slug, it.id));
    let form = forms::Form { action, guarded: true, ..forms::Form::default() };
    let content = html! {
        (state.summary(locale))
        (forms::form(&form, html! {
            input type="hidden" id="f-revision" name="revision" value=(state.value("revision"));
            (fill(Field::select("from", tr!(locale, "strategy.driver"), objectives(locale, overview)).required()))
            (fill(Field::select("to", tr!(locale, "strategy.effect"), objectives(locale, overview)).required()))
            (fill(Field::textarea("hypothesis", tr!(locale, "strategy.hypothesis"), 3).required()
                .hint(tr!(locale, "strategy.hint_hypothesis"))))
            (fill(Field::select("strength", tr!(locale, "strategy.strength"), strengths)))
            (fill(Field::number("lag_periods", tr!(locale, "strategy.field_lag"))
                .hint(tr!(locale, "strategy.hint_lag"))))
            (actions(html! {
                (submit(&tr!(locale, "strategy.save"), Weight::Primary))
                (link_button(&tr!(locale, "strategy.cancel"), &map, Weight::Quiet, None))
            }))
        }))
        @if let Some(link) = link { (removal(locale, &at::causal_link(slug, link.id), link.revision)) }
    };
    let head = Head::new(title).under(tr!(locale, "strategy.title"), map);
    page.show_with(state.status(), head, content)
}

fn removal(locale: Locale, at: &str, revision: i32) -> Markup {
    let form = forms::Form { action: format!("{at}/removal"), ..forms::Form::default() };
    fieldset(
        &tr!(locale, "strategy.remove"),
        &tr!(locale, "strategy.remove_hint"),
        forms::form(
            &form,
            html! {
                input type="hidden" name="revision" value=(revision);
                (submit(&tr!(locale, "strategy.remove"), Weight::Danger))
            },
        ),
    )
}
