//! Which rule set a year is scored by.

use axum::extract::State;
use axum::routing::get;
use chrono::Datelike;
use ekinerja_app::App;
use ekinerja_app::rule_sets::{RuleSetDraft, RuleSetsInForce};
use ekinerja_domain::access::Administer;
use ekinerja_domain::access::policy::Scorecard;
use ekinerja_domain::period::Period;
use ekinerja_domain::scoring::{RuleSet, RuleSetPurpose};
use maud::{Markup, html};

use super::{Tab, plan_tabs};
use crate::components::card::{Card, card};
use crate::components::forms::{self, Choice, Field, Weight, actions, field, submit};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::links::planning as at;
use crate::locale::tr;
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;
use crate::words;

pub(super) fn router() -> Routes {
    Routes::new().route("/plan/rule-sets", get(show).post(choose))
}

async fn show(State(app): State<App>, page: Page) -> PageResult {
    let year = app.today().year().to_string();
    let fields = Fields::of([("year", year.as_str()), ("purpose", "own"), ("rule_set", "default")]);
    draw(&app, &page, &FormState::with(fields)).await
}

async fn choose(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    let draft = RuleSetDraft {
        purpose: typed.text("purpose").to_owned(),
        year: typed.text("year").to_owned(),
        rule_set: typed.text("rule_set").to_owned(),
        version: String::new(),
    };
    match app.choose_rule_set(&page.scope(), &draft).await {
        Ok(choice) => {
            let flash = Flash::success("flash.rule_set_chosen")
                .with("year", choice.year)
                .with("name", choice.rule_set);
            Ok(page.redirect(&at::rule_sets(&page.tenant().slug), &flash))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(typed, refusal)?).await,
    }
}

async fn draw(app: &App, page: &Page, state: &FormState) -> PageResult {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let sets = app.rule_sets(&page.scope(), app.today().year()).await?;
    let head = Head::new(tr!(locale, "rule_sets.title"))
        .subtitle(tr!(locale, "rule_sets.subtitle"))
        .under(tr!(locale, "plan.title"), links::plan(slug));
    let content = html! {
        (plan_tabs(locale, slug, Tab::RuleSets))
        (state.summary(locale))
        (in_force(page, &sets))
        @if page.may::<Administer, _>(&Scorecard) { (chooser(page, state)) }
        (catalogue(page))
        (history(page, &sets))
    };
    Ok(page.show_with(state.status(), head, content))
}

fn in_force(page: &Page, sets: &RuleSetsInForce) -> Markup {
    let locale = page.locale;
    let of = |purpose, set: &RuleSet| {
        html! { li { b { (words::purpose(locale, purpose)) } ": " (set.id) " – " (set.basis) } }
    };
    card(
        &Card::titled(tr!(locale, "rule_sets.now", year = sets.year)),
        html! {
            ul {
                (of(RuleSetPurpose::Own, sets.own))
                @if page.tenant().parent.is_none() { (of(RuleSetPurpose::Comparison, sets.comparison)) }
            }
        },
    )
}

fn chooser(page: &Page, state: &FormState) -> Markup {
    let locale = page.locale;
    let fill = |it: Field| field(locale, &state.fill(locale, it));
    let purposes = RuleSetPurpose::ALL
        .iter()
        .filter(|it| **it == RuleSetPurpose::Own || page.tenant().parent.is_none())
        .map(|it| Choice::new(it.code(), words::purpose(locale, *it)));
    let sets = RuleSet::catalogue().iter().map(|it| Choice::new(it.name(), it.id.to_string()));
    let action = at::rule_sets(&page.tenant().slug);
    let form = forms::Form { action, ..forms::Form::default() };
    card(
        &Card::titled(tr!(locale, "rule_sets.choose")),
        forms::form(
            &form,
            html! {
                (fill(Field::number("year", tr!(locale, "rule_sets.year")).required()))
                (fill(Field::select("purpose", tr!(locale, "rule_sets.purpose"), purposes.collect()).required()))
                (fill(Field::select("rule_set", tr!(locale, "rule_sets.rule_set"), sets.collect()).required()))
                p.hint { (tr!(locale, "rule_sets.effect")) }
                (actions(submit(&tr!(locale, "rule_sets.choose"), Weight::Primary)))
            },
        ),
    )
}

fn catalogue(page: &Page) -> Markup {
    let locale = page.locale;
    let columns = vec![
        Column::text(tr!(locale, "rule_sets.rule_set")),
        Column::text(tr!(locale, "rule_sets.from")),
        Column::text(tr!(locale, "rule_sets.basis")),
    ];
    let rows = RuleSet::catalogue().iter().map(|it| {
        Row::new(vec![
            html! { (it.id) },
            html! { (format::date_short(locale, it.effective_from)) },
            html! { (it.basis) },
        ])
    });
    let title = tr!(locale, "rule_sets.catalogue");
    card(
        &Card::titled(title.clone()),
        table(locale, &Table::new(title, columns).quiet().rows(rows)),
    )
}

fn history(page: &Page, sets: &RuleSetsInForce) -> Markup {
    let locale = page.locale;
    if sets.choices.is_empty() {
        return html! {};
    }
    let columns = vec![
        Column::number(tr!(locale, "rule_sets.year")),
        Column::text(tr!(locale, "rule_sets.purpose")),
        Column::text(tr!(locale, "rule_sets.rule_set")),
        Column::text(tr!(locale, "rule_sets.chosen_by")),
        Column::text(tr!(locale, "rule_sets.chosen_at")),
    ];
    let rows = sets.choices.iter().map(|it| {
        let year = Period::year(it.year).map_or_else(|_| it.year.to_string(), |it| it.to_string());
        Row::new(vec![
            html! { (year) },
            html! { (words::purpose(locale, it.purpose)) },
            html! { (it.rule_set) },
            html! { (it.chosen_by_name) },
            html! { (format::date_short(locale, it.chosen_at.date_naive())) },
        ])
    });
    let title = tr!(locale, "rule_sets.history");
    card(
        &Card::titled(title.clone()),
        table(locale, &Table::new(title, columns).quiet().rows(rows)),
    )
}
