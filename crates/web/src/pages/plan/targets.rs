//! Targets: the grid of indicators and years, and the form of one row with its history.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::plans::PlanOverview;
use ekinerja_app::targets::{TargetDraft, TargetRow, written};
use ekinerja_domain::access::Amend;
use ekinerja_domain::access::policy::Planning;
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::indicator::{FieldMode, Frequency, Indicator, ManualField};
use ekinerja_domain::period::Period;
use ekinerja_domain::plan::PlanYears;
use ekinerja_domain::target::{Target, TargetStatus, TargetValue};
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{Tab, as_violation, plan_tabs};
use crate::components::SourceMark;
use crate::components::badge::{source, tag};
use crate::components::card::{Card, Columns, card, grid};
use crate::components::forms::{
    self, Choice, Field, Weight, actions, field, fieldset, link_button, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format::{self, PeriodName};
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/plan/targets", get(show_grid))
        .route("/plan/targets/{indicator}", get(show_row).post(set_row))
        .route("/plan/targets/{indicator}/one", post(set_one))
}

#[derive(Debug, Deserialize)]
struct OfIndicator {
    indicator: Id<IndicatorId>,
}

/// A period as people read it.
fn period_words(locale: Locale, period: Period) -> String {
    let year = period.calendar_year();
    format::period(
        locale,
        match period.quarter_number() {
            None => PeriodName::Year(year),
            Some(quarter) => PeriodName::Quarter(year, u32::from(quarter)),
        },
    )
}

/// The years of the plan for which targets are usual: first to last.
fn years(plan: PlanYears) -> impl Iterator<Item = Period> {
    (plan.start..=plan.end).filter_map(|year| Period::year(year).ok())
}

async fn show_grid(State(app): State<App>, page: Page) -> PageResult {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let head = Head::new(tr!(locale, "targets.title"))
        .subtitle(tr!(locale, "targets.subtitle"))
        .under(tr!(locale, "plan.title"), links::plan(slug));
    let overview = app.plan(&page.scope()).await?;
    let content = match &overview {
        Some(overview) if !overview.indicators.is_empty() => grid_of(&page, overview),
        _ => empty(&Empty {
            title: tr!(locale, "targets.none").into_owned(),
            text: tr!(locale, "targets.none_text").into_owned(),
            action: Some((tr!(locale, "targets.to_plan").into_owned(), links::plan(slug))),
            icon: Icon::Plan,
        }),
    };
    Ok(page.show(head, html! { (plan_tabs(locale, slug, Tab::Targets)) (content) }))
}

/// One table per objective would hide the sums; one table with the objective in the row's name does not.
fn grid_of(page: &Page, overview: &PlanOverview) -> Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let may_amend = page.may::<Amend, _>(&Planning);
    let in_force: BTreeMap<_, _> =
        overview.targets.iter().map(|it| ((it.indicator, it.period), it)).collect();
    let mut columns = vec![Column::text(tr!(locale, "targets.indicator"))];
    columns.push(Column::number(tr!(locale, "targets.baseline")));
    columns.extend(years(overview.plan.years).map(|it| Column::number(it.to_string())));
    if may_amend {
        columns.push(Column::text(""));
    }
    let rows = overview.indicators.iter().filter(|it| it.retired_on.is_none()).map(|it| {
        let mut cells = vec![
            html! {
                a href=(at::targets_of(slug, it.id)) { (it.manual.name) }
                " " small { (it.code.as_str()) " · " (it.manual.unit) }
            },
            baseline(locale, it),
        ];
        cells.extend(
            years(overview.plan.years)
                .map(|year| cell(locale, it, in_force.get(&(it.id, year)).copied())),
        );
        if may_amend {
            let title = tr!(locale, "targets.change_of", name = it.manual.name);
            cells.push(html! {
                a href=(at::targets_of(slug, it.id)) title=(title) { (tr!(locale, "plan.change")) }
            });
        }
        Row::new(cells)
    });
    let caption = tr!(locale, "targets.title");
    html! {
        (card(&Card::default(), table(locale, &Table::new(caption, columns).quiet().rows(rows))))
        p.hint { (tr!(locale, "targets.grid_hint")) }
    }
}

fn baseline(locale: Locale, it: &Indicator) -> Markup {
    html! {
        @if let Some(baseline) = it.baseline {
            (format::number(locale, baseline.value, u32::from(it.manual.decimals)))
            " " small { "(" (baseline.year) ")" }
            @if !baseline.verified { " " (source(locale, SourceMark::Unverified)) }
        } @else { (missing(locale)) }
    }
}

/// No target is not a target of zero.
fn missing(locale: Locale) -> Markup {
    html! { span title=(tr!(locale, "targets.not_set")) { "–" span.vh { (tr!(locale, "targets.not_set")) } } }
}

fn cell(locale: Locale, indicator: &Indicator, target: Option<&Target>) -> Markup {
    html! {
        @match target {
            None => (missing(locale)),
            Some(target) => {
                (shown(locale, indicator, target))
                @if target.revision > 1 { " " (tag(&tr!(locale, "targets.revised"))) }
            }
        }
    }
}

/// The target and, wherever it stands, whether it is made up for a demonstration.
fn shown(locale: Locale, indicator: &Indicator, target: &Target) -> Markup {
    let decimals = u32::from(indicator.manual.decimals);
    // A target with more decimals than are shown is not rounded: it is a promise, not a measurement.
    let number = |it: Decimal| {
        if it.normalize().scale() <= decimals {
            format::number(locale, it, decimals)
        } else {
            format::number_as_is(locale, it)
        }
    };
    html! {
        @match &target.value {
            TargetValue::Exactly(value) => (number(*value)),
            TargetValue::Range { low, high } => { (number(*low)) "–" (number(*high)) }
            TargetValue::Text(wording) => (wording),
        }
        @if target.illustrative { " " (source(locale, SourceMark::Illustrative)) }
    }
}

/// What the page of one row draws.
struct RowPage<'a> {
    page: &'a Page,
    indicator: &'a Indicator,
    plan: PlanYears,
    targets: &'a [Target],
    may_amend: bool,
}

async fn load(
    app: &App,
    page: &Page,
    id: IndicatorId,
) -> Result<(Indicator, PlanYears, Vec<Target>), Problem> {
    let indicator = app.indicator(&page.scope(), id).await?;
    let targets = app.targets(&page.scope(), id).await?;
    let plan = app.plan(&page.scope()).await?.ok_or_else(Problem::not_found)?.plan.years;
    Ok((indicator, plan, targets))
}

async fn show_row(State(app): State<App>, page: Page, Path(path): Path<OfIndicator>) -> PageResult {
    show_again(&app, &page, path.indicator.0, None).await
}

async fn set_row(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfIndicator>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let id = path.indicator.0;
    let cells = typed.under("targets/");
    let row = TargetRow {
        cells: cells.map(|(period, value)| (period.to_owned(), value.to_owned())).collect(),
        illustrative: typed.ticked("illustrative"),
        reason: typed.text("reason").to_owned(),
        legal_basis: typed.text("legal_basis").to_owned(),
    };
    match app.set_targets(&page.scope(), id, &row).await {
        Ok(set) => {
            let flash = if set.is_empty() {
                Flash::info("flash.targets_unchanged")
            } else {
                Flash::success("flash.targets_set").with("count", set.len())
            };
            Ok(page.redirect(&at::targets_of(&page.tenant().slug, id), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(typed, as_violation(refusal))?;
            show_again(&app, &page, id, Some(&state)).await
        }
    }
}

async fn set_one(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfIndicator>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let id = path.indicator.0;
    let text = |name: &str| typed.text(name).to_owned();
    let draft = TargetDraft {
        period: text("period"),
        value: text("value"),
        wording: text("wording"),
        illustrative: typed.ticked("illustrative"),
        reason: text("reason"),
        legal_basis: text("legal_basis"),
    };
    match app.set_target(&page.scope(), id, &draft).await {
        Ok(_) => {
            let flash = Flash::success("flash.targets_set").with("count", 1);
            Ok(page.redirect(&at::targets_of(&page.tenant().slug, id), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(typed, as_violation(refusal))?;
            show_again(&app, &page, id, Some(&state)).await
        }
    }
}

/// The page with the form that was refused, if one was. The form of the row has cells, the other one has none.
async fn show_again(
    app: &App,
    page: &Page,
    id: IndicatorId,
    refused: Option<&FormState>,
) -> PageResult {
    let (indicator, plan, targets) = load(app, page, id).await?;
    let may_amend = page.may::<Amend, _>(&indicator)
        && indicator.mode_of(ManualField::Targets) != FieldMode::Locked
        && !indicator.is_retired(app.today());
    let row_was_refused = refused.is_some_and(|it| it.fields().under("targets/").next().is_some());
    let it = RowPage { page, indicator: &indicator, plan, targets: &targets, may_amend };
    let fresh_row = FormState::with(it.fields());
    let fresh_one = FormState::default();
    let (row, one) = match refused {
        Some(state) if row_was_refused => (state, &fresh_one),
        Some(state) => (&fresh_row, state),
        None => (&fresh_row, &fresh_one),
    };
    Ok(it.draw(row, one))
}

impl RowPage<'_> {
    fn in_force(&self, period: Period) -> Option<&Target> {
        let of_period = self.targets.iter().filter(|it| it.period == period);
        of_period.into_iter().find(|it| it.status == TargetStatus::Approved)
    }

    fn fields(&self) -> Fields {
        let cell = |period: Period| {
            let value = self.in_force(period).map(|it| written(&it.value)).unwrap_or_default();
            (format!("targets/{period}"), value)
        };
        let mut fields = Fields::of(years(self.plan).map(cell));
        // Who corrects an illustration must not turn it into an official figure by overlooking a box.
        if self.targets.iter().any(|it| it.status == TargetStatus::Approved && it.illustrative) {
            fields.push("illustrative", "on");
        }
        fields
    }

    fn draw(&self, row: &FormState, one: &FormState) -> Response {
        let locale = self.page.locale;
        let slug = &self.page.tenant().slug;
        let manual = &self.indicator.manual;
        let head = Head::new(tr!(locale, "targets.of", name = manual.name))
            .subtitle(format!("{} · {}", self.indicator.code.as_str(), manual.unit))
            .under(tr!(locale, "plan.title"), links::plan(slug))
            .under(tr!(locale, "targets.title"), at::targets(slug));
        let content = html! {
            (row.summary(locale))
            (one.summary(locale))
            @if self.may_amend {
                (self.row_form(row))
                (self.one_form(one))
            } @else if self.indicator.mode_of(ManualField::Targets) == FieldMode::Locked {
                (notice(Tone::Info, html! { p { (tr!(locale, "targets.locked")) } }))
            }
            (self.history())
        };
        let status =
            if row.status() == axum::http::StatusCode::OK { one.status() } else { row.status() };
        self.page.show_with(status, head, content)
    }

    fn row_form(&self, state: &FormState) -> Markup {
        let locale = self.page.locale;
        let fill = |it: Field| field(locale, &state.fill(locale, it));
        let slug = &self.page.tenant().slug;
        let action = at::targets_of(slug, self.indicator.id);
        let form = forms::Form { action, guarded: true, ..forms::Form::default() };
        let revises = years(self.plan).any(|it| self.in_force(it).is_some());
        card(
            &Card::titled(tr!(locale, "targets.years")),
            forms::form(
                &form,
                html! {
                    p.hint { (tr!(locale, "targets.how")) }
                    (grid(Columns::Narrow, html! {
                        @for year in years(self.plan) {
                            @let name = format!("targets/{year}");
                            @let mark = self.in_force(year).filter(|it| it.illustrative)
                                .map(|_| tr!(locale, "targets.is_illustrative")).unwrap_or_default();
                            (fill(Field::number(name, year.to_string()).unit(self.indicator.manual.unit.clone()).hint(mark)))
                        }
                    }))
                    (fill(Field::checkbox("illustrative", tr!(locale, "targets.illustrative"))
                        .hint(tr!(locale, "targets.illustrative_hint"))))
                    @if revises { (self.reasons(state, "row")) }
                    (actions(html! {
                        (submit(&tr!(locale, "targets.save"), Weight::Primary))
                        (link_button(&tr!(locale, "plan.cancel"), &at::targets(slug), Weight::Quiet, None))
                    }))
                },
            ),
        )
    }

    fn reasons(&self, state: &FormState, prefix: &str) -> Markup {
        let locale = self.page.locale;
        let fill = |it: Field| field(locale, &state.fill(locale, it));
        fieldset(
            &tr!(locale, "targets.revision"),
            &tr!(locale, "targets.revision_hint"),
            html! {
                (fill(Field::text("reason", tr!(locale, "targets.reason")).id(named(prefix, "reason"))))
                (fill(Field::text("legal_basis", tr!(locale, "targets.legal_basis")).id(named(prefix, "legal_basis"))))
            },
        )
    }

    /// A quarter, a year after the plan, or a target in words.
    fn one_form(&self, state: &FormState) -> Markup {
        let locale = self.page.locale;
        let fill = |it: Field| field(locale, &state.fill(locale, it));
        let slug = &self.page.tenant().slug;
        let action = format!("{}/one", at::targets_of(slug, self.indicator.id));
        let form = forms::Form { action, guarded: true, ..forms::Form::default() };
        let quarterly = self.indicator.manual.frequency == Frequency::Quarterly;
        let all = (self.plan.start..=self.plan.monitored_until)
            .filter_map(|year| Period::year(year).ok());
        let periods = all.flat_map(|year| {
            let quarters = if quarterly { year.quarters().to_vec() } else { Vec::new() };
            quarters.into_iter().chain([year])
        });
        let choices = periods.map(|it| Choice::new(it.to_string(), period_words(locale, it)));
        html! {
            details.twin open[state.status() != axum::http::StatusCode::OK] {
                summary { (tr!(locale, "targets.other")) }
                (forms::form(&form, html! {
                    (fill(Field::select("period", tr!(locale, "nav.period"), choices.collect()).required()))
                    (fill(Field::number("value", tr!(locale, "targets.value")).hint(tr!(locale, "targets.value_hint"))
                        .unit(self.indicator.manual.unit.clone())))
                    (fill(Field::text("wording", tr!(locale, "targets.wording")).hint(tr!(locale, "targets.wording_hint"))))
                    (fill(Field::checkbox("illustrative", tr!(locale, "targets.illustrative")).id("f-one-illustrative")))
                    (self.reasons(state, "one"))
                    (actions(submit(&tr!(locale, "targets.save"), Weight::Secondary)))
                }))
            }
        }
    }

    fn history(&self) -> Markup {
        let locale = self.page.locale;
        if self.targets.is_empty() {
            return html! { p.hint { (tr!(locale, "targets.no_history")) } };
        }
        let columns = vec![
            Column::text(tr!(locale, "nav.period")),
            Column::number(tr!(locale, "targets.value")),
            Column::text(tr!(locale, "targets.status")),
            Column::text(tr!(locale, "targets.reason")),
            Column::text(tr!(locale, "targets.legal_basis")),
            Column::text(tr!(locale, "targets.set_at")),
        ];
        let dash = |text: &Option<String>| html! { (text.as_deref().unwrap_or("–")) };
        let rows = self.targets.iter().rev().map(|it| {
            Row::new(vec![
                html! { (period_words(locale, it.period)) },
                shown(locale, self.indicator, it),
                html! { (status_words(locale, it.status)) },
                dash(&it.reason),
                dash(&it.legal_basis),
                html! { (format::date_short(locale, it.set_at.date_naive())) },
            ])
        });
        let title = tr!(locale, "targets.history");
        card(
            &Card::titled(title.clone()),
            table(locale, &Table::new(title, columns).quiet().rows(rows)),
        )
    }
}

/// The id of a field that stands in two forms of the page; the first one keeps the usual id.
fn named(prefix: &str, name: &str) -> String {
    if prefix == "row" { forms::dom_id(name) } else { format!("f-{prefix}-{name}") }
}

fn status_words(locale: Locale, status: TargetStatus) -> std::borrow::Cow<'static, str> {
    match status {
        TargetStatus::Proposed => tr!(locale, "targets.proposed"),
        TargetStatus::Approved => tr!(locale, "targets.in_force"),
        TargetStatus::Superseded => tr!(locale, "targets.superseded"),
    }
}
