//! The form of the plan itself: title, legal basis, years, notice.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_app::plans::PlanDraft;
use ekinerja_domain::plan::MediumTermPlan;
use maud::html;

use super::{as_violation, for_planners};
use crate::components::forms::{self, Field, Weight, actions, field, link_button, submit};
use crate::extract::{Fields, Form};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::links::planning as at;
use crate::locale::tr;
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/plan/new", get(show_new).post(draft_plan))
        .route("/plan/edit", get(show_edit).post(amend_plan))
}

async fn show_new(State(app): State<App>, page: Page) -> PageResult {
    for_planners(&page)?;
    if app.plan(&page.scope()).await?.is_some() {
        return Ok(
            page.redirect(&links::plan(&page.tenant().slug), &Flash::info("flash.plan_there"))
        );
    }
    Ok(draw(&page, &FormState::default(), false))
}

async fn draft_plan(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    match app.draft_plan(&page.scope(), &draft_of(&typed)).await {
        Ok(plan) => {
            let flash = Flash::success("flash.plan_drafted").with("title", plan.title);
            Ok(page.redirect(&links::plan(&page.tenant().slug), &flash))
        }
        Err(refusal) => Ok(draw(&page, &FormState::refused(typed, refusal)?, false)),
    }
}

async fn show_edit(State(app): State<App>, page: Page) -> PageResult {
    for_planners(&page)?;
    let plan = app.plan(&page.scope()).await?.ok_or_else(Problem::not_found)?.plan;
    Ok(draw(&page, &FormState::with(fields_of(&plan)), true))
}

async fn amend_plan(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    let plan = app.plan(&page.scope()).await?.ok_or_else(Problem::not_found)?.plan;
    let revision = typed.text("revision").parse().unwrap_or_default();
    match app.amend_plan(&page.scope(), plan.id, revision, &draft_of(&typed)).await {
        Ok(_) => {
            Ok(page
                .redirect(&links::plan(&page.tenant().slug), &Flash::success("flash.plan_saved")))
        }
        Err(refusal) => Ok(draw(&page, &FormState::refused(typed, as_violation(refusal))?, true)),
    }
}

fn draft_of(typed: &Fields) -> PlanDraft {
    let text = |name| typed.text(name).to_owned();
    PlanDraft {
        title: text("title"),
        legal_basis: text("legal_basis"),
        start_year: text("start_year"),
        end_year: text("end_year"),
        monitored_until: text("monitored_until"),
        notice: text("notice"),
    }
}

fn fields_of(plan: &MediumTermPlan) -> Fields {
    Fields::of([
        ("title", plan.title.clone()),
        ("legal_basis", plan.legal_basis.clone().unwrap_or_default()),
        ("start_year", plan.years.start.to_string()),
        ("end_year", plan.years.end.to_string()),
        ("monitored_until", plan.years.monitored_until.to_string()),
        ("notice", plan.notice.clone().unwrap_or_default()),
        ("revision", plan.revision.to_string()),
    ])
}

fn draw(page: &Page, state: &FormState, exists: bool) -> Response {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let fill = |it: Field| field(locale, &state.fill(locale, it));
    let title = if exists { tr!(locale, "plan.edit") } else { tr!(locale, "plan.draft") };
    let action = if exists { at::edit_plan(slug) } else { at::new_plan(slug) };
    let form = forms::Form { action, guarded: true, ..forms::Form::default() };
    let content = html! {
        (state.summary(locale))
        (forms::form(&form, html! {
            input type="hidden" id="f-revision" name="revision" value=(state.value("revision"));
            (fill(Field::text("title", tr!(locale, "plan.field_title")).required()
                .hint(tr!(locale, "plan.hint_title"))))
            (fill(Field::text("legal_basis", tr!(locale, "plan.field_legal_basis"))
                .hint(tr!(locale, "plan.hint_legal_basis"))))
            (fill(Field::number("start_year", tr!(locale, "plan.field_start")).required()))
            (fill(Field::number("end_year", tr!(locale, "plan.field_end")).required()))
            (fill(Field::number("monitored_until", tr!(locale, "plan.field_monitored"))
                .hint(tr!(locale, "plan.hint_monitored"))))
            (fill(Field::textarea("notice", tr!(locale, "plan.field_notice"), 3)
                .hint(tr!(locale, "plan.hint_notice"))))
            (actions(html! {
                (submit(&tr!(locale, "plan.save"), Weight::Primary))
                (link_button(&tr!(locale, "plan.cancel"), &links::plan(slug), Weight::Quiet, None))
            }))
        }))
    };
    let head = Head::new(title).under(tr!(locale, "plan.title"), links::plan(slug));
    page.show_with(state.status(), head, content)
}
