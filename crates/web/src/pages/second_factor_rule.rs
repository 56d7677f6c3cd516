//! For whom of a government the second factor is obligatory.

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_domain::access::Role;
use maud::html;

use crate::components::card::{Card, card};
use crate::components::forms::{Form as FormView, Weight, actions, fieldset, form, submit};
use crate::components::notice::{Tone, notice};
use crate::extract::{Fields, Form};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::locale::tr;
use crate::page::{Head, Page, PageResult, role};
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new().route("/second-factor", get(show_rule).post(set_rule))
}

async fn show_rule(State(app): State<App>, page: Page) -> PageResult {
    let (rule, _) = app.second_factor_rule(&page.scope()).await?;
    let mut fields = Fields::of([("revision", rule.revision.to_string())]);
    for role in &rule.roles {
        fields.push("roles", role.code());
    }
    draw(&app, &page, &FormState::with(fields)).await
}

async fn draw(app: &App, page: &Page, state: &FormState) -> PageResult {
    let locale = page.locale;
    let (_, strict) = app.second_factor_rule(&page.scope()).await?;
    let chosen: Vec<_> = state.fields().all("roles").collect();
    let action = links::second_factor_rule(&page.tenant().slug);
    let roles = html! {
        @for one in Role::ALL {
            @let always = strict && one == Role::Administrator;
            @let id = format!("f-role-{}", one.code());
            div.choice {
                input type="checkbox" name="roles" id=(id) value=(one.code())
                    checked[always || chosen.contains(&one.code())] disabled[always];
                label for=(id) { (role(locale, one)) }
            }
        }
    };
    let content = html! {
        (state.summary(locale))
        @if strict { (notice(Tone::Info, html! { p { (tr!(locale, "second_factor.rule_strict")) } })) }
        (card(&Card::default(), form(&FormView { action, ..FormView::default() }, html! {
            input type="hidden" name="revision" value=(state.value("revision"));
            (fieldset(&tr!(locale, "second_factor.rule_roles"), &tr!(locale, "second_factor.rule_hint"), roles))
            (actions(submit(&tr!(locale, "second_factor.rule_save"), Weight::Primary)))
        })))
    };
    let head = Head::new(tr!(locale, "second_factor.rule"))
        .subtitle(tr!(locale, "second_factor.rule_text"))
        .under(tr!(locale, "members.title"), links::members(&page.tenant().slug));
    Ok(page.show_with(state.status(), head, content))
}

async fn set_rule(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    let revision = typed.text("revision").parse().unwrap_or_default();
    let roles: Vec<String> = typed.all("roles").map(str::to_owned).collect();
    match app.set_second_factor_rule(&page.scope(), revision, &roles).await {
        Ok(_) => {
            let here = links::second_factor_rule(&page.tenant().slug);
            Ok(page.redirect(&here, &Flash::success("flash.second_factor_rule_set")))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(typed, refusal)?).await,
    }
}
