//! The reporting calendar: open a period, set it closing, close it, reopen it for a time.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use ekinerja_app::{App, Code, Refusal};
use ekinerja_domain::access::Administer;
use ekinerja_domain::access::policy::Calendar;
use ekinerja_domain::period::{EntryRule, EntryWindow, Period, PeriodState, TenantPeriod};
use maud::{Markup, html};
use serde::Deserialize;

use super::recorded::{moment, period_words};
use crate::components::card::{Card, card};
use crate::components::forms::{self, Field, Weight, actions, dom_id, field, submit};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, empty};
use crate::components::table::{Column, Row, Table, table};
use crate::components::{Status, badge};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/periods", get(show_periods).post(open_period))
        .route("/periods/{period}/state", post(set_state))
        .route("/periods/{period}/reopening", post(reopen))
}

#[derive(Debug, Deserialize)]
struct OfPeriod {
    period: Id<Period>,
}

/// A form of the page that was refused.
enum Refused {
    Opening(FormState),
    Step(Period, FormState),
}

impl Refused {
    fn state(&self) -> &FormState {
        match self {
            Self::Opening(state) | Self::Step(_, state) => state,
        }
    }
}

async fn show_periods(State(app): State<App>, page: Page) -> PageResult {
    shown(&app, &page, None).await
}

async fn open_period(State(app): State<App>, page: Page, Form(sent): Form<Fields>) -> PageResult {
    match app.open_period(&page.scope(), sent.text("period")).await {
        Ok(it) => Ok(done(&page, "flash.period_opened", it.period)),
        Err(refusal) => {
            let refused = Refused::Opening(FormState::refused(sent, refusal)?);
            shown(&app, &page, Some(&refused)).await
        }
    }
}

async fn set_state(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfPeriod>,
    Form(sent): Form<Fields>,
) -> PageResult {
    let period = path.period.0;
    let revision = sent.filled("revision").and_then(|it| it.parse().ok());
    let outcome = match PeriodState::from_code(sent.text("state")) {
        None => Err(Refusal::invalid("state", Code::FieldUnknownValue)),
        Some(state) => app.set_period_state(&page.scope(), period, state, revision).await,
    };
    match outcome {
        Ok(_) => Ok(done(&page, "flash.period_changed", period)),
        Err(refusal) => {
            let refused = Refused::Step(period, FormState::refused(sent, refusal)?);
            shown(&app, &page, Some(&refused)).await
        }
    }
}

async fn reopen(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfPeriod>,
    Form(sent): Form<Fields>,
) -> PageResult {
    // Who may not reopen is told that, not what is wrong with the form.
    if !page.may::<Administer, _>(&Calendar) {
        return Err(Problem::new(Code::Forbidden));
    }
    let period = path.period.0;
    let revision = sent.filled("revision").and_then(|it| it.parse().ok());
    let outcome = match last_moment(sent.text("until")) {
        None => Err(Refusal::invalid("until", Code::DateInvalid)),
        Some(until) => {
            let reason = sent.text("reason");
            app.reopen_period(&page.scope(), period, reason, until, revision).await
        }
    };
    match outcome {
        Ok(_) => Ok(done(&page, "flash.period_reopened", period)),
        Err(refusal) => {
            let refused = Refused::Step(period, FormState::refused(sent, refusal)?);
            shown(&app, &page, Some(&refused)).await
        }
    }
}

/// The end of a day as people mean it, in central Indonesian time (UTC+8).
fn last_moment(day: &str) -> Option<DateTime<Utc>> {
    let day: NaiveDate = day.trim().parse().ok()?;
    Some(day.and_hms_opt(23, 59, 59)?.and_utc() - TimeDelta::hours(8))
}

fn done(page: &Page, key: &'static str, period: Period) -> Response {
    let message = Flash::success(key).with("period", period_words(page.locale, period));
    page.redirect(&links::periods(&page.tenant().slug), &message)
}

async fn shown(app: &App, page: &Page, refused: Option<&Refused>) -> PageResult {
    let periods = app.periods(&page.scope()).await?;
    let locale = page.locale;
    let may = page.may::<Administer, _>(&Calendar);
    let status = refused.map_or(StatusCode::OK, |it| it.state().status());
    let view = View { page, now: app.now(), may, refused };
    let content = html! {
        @if periods.is_empty() {
            (empty(&Empty {
                title: tr!(locale, "periods.empty").into_owned(),
                text: tr!(locale, "periods.empty_text").into_owned(),
                action: None,
                icon: Icon::Clock,
            }))
        } @else {
            (view.table(&periods))
        }
        @if may { (view.opening(&periods)) }
        @if may { @for it in &periods { (view.steps(it)) } }
    };
    let head = Head::new(tr!(locale, "periods.title")).subtitle(tr!(locale, "periods.subtitle"));
    Ok(page.show_with(status, head, content))
}

struct View<'a> {
    page: &'a Page,
    now: DateTime<Utc>,
    may: bool,
    refused: Option<&'a Refused>,
}

impl View<'_> {
    fn table(&self, periods: &[TenantPeriod]) -> Markup {
        let locale = self.page.locale;
        let slug = &self.page.tenant().slug;
        let mut columns = vec![
            Column::text(tr!(locale, "periods.period")),
            Column::text(tr!(locale, "periods.state")),
            Column::text(tr!(locale, "periods.accepts")),
            Column::text(tr!(locale, "periods.due")),
        ];
        if self.may {
            columns.push(Column::text(tr!(locale, "periods.action")));
        }
        let rows = periods.iter().map(|it| {
            let mut cells = vec![
                html! { a href=(links::scorecard_of(slug, it.period)) { (period_words(locale, it.period)) } },
                html! {
                    (state_badge(locale, it, self.now))
                    @if let Some(until) = it.reopened_until.filter(|until| *until > self.now) {
                        span.without {
                            (tr!(locale, "periods.until", moment = moment(locale, until)))
                            @if let Some(reason) = &it.reopening_reason { ": " (reason) }
                        }
                    }
                },
                html! { (accepts(locale, it.entry_rule(self.now))) },
                html! { (format::date(locale, it.period.due_day(EntryWindow::default()))) },
            ];
            if self.may {
                cells.push(html! {
                    a href={ "#" (step_id(it.period)) } { (tr!(locale, "periods.change")) }
                });
            }
            Row::new(cells)
        });
        let it = Table::new(tr!(locale, "periods.title"), columns).quiet().rows(rows);
        card(&Card::default(), table(locale, &it))
    }

    /// The form that opens a period; it suggests the year after the last one.
    fn opening(&self, periods: &[TenantPeriod]) -> Markup {
        let locale = self.page.locale;
        let last = periods.iter().filter(|it| it.period.is_year()).map(|it| it.period).max();
        let next = last.map(|it| (it.calendar_year() + 1).to_string()).unwrap_or_default();
        let fresh = FormState::with(Fields::of([("period", next)]));
        let state = match self.refused {
            Some(Refused::Opening(state)) => state,
            _ => &fresh,
        };
        let text = Field::text("period", tr!(locale, "periods.period"))
            .hint(tr!(locale, "periods.period_hint"))
            .required();
        let form = forms::Form {
            action: links::periods(&self.page.tenant().slug),
            ..forms::Form::default()
        };
        card(
            &Card::titled(tr!(locale, "periods.open_title")),
            html! {
                (state.summary(locale))
                (forms::form(&form, html! {
                    (field(locale, &state.fill(locale, text)))
                    (actions(submit(&tr!(locale, "periods.open"), Weight::Primary)))
                }))
            },
        )
    }

    /// What an administrator may do with a period now.
    fn steps(&self, it: &TenantPeriod) -> Markup {
        let locale = self.page.locale;
        let refused = match self.refused {
            Some(Refused::Step(period, state)) if *period == it.period => Some(state),
            _ => None,
        };
        let reopened = it.state == PeriodState::Closed && !it.is_locked(self.now);
        html! {
            details.card id=(step_id(it.period)) open[refused.is_some()] {
                summary { (period_words(locale, it.period)) " · " (state_words(locale, it, self.now)) }
                @if let Some(state) = refused { (state.summary(locale)) }
                @match it.state {
                    PeriodState::Open => {
                        (self.step(it, PeriodState::Closing, &tr!(locale, "periods.set_closing"), &tr!(locale, "periods.set_closing_text")))
                        (self.step(it, PeriodState::Closed, &tr!(locale, "periods.close"), &tr!(locale, "periods.close_text")))
                    }
                    PeriodState::Closing => {
                        (self.step(it, PeriodState::Closed, &tr!(locale, "periods.close"), &tr!(locale, "periods.close_text")))
                        (self.step(it, PeriodState::Open, &tr!(locale, "periods.set_open"), &tr!(locale, "periods.set_open_text")))
                    }
                    PeriodState::Closed => {
                        @if reopened {
                            (self.step(it, PeriodState::Closed, &tr!(locale, "periods.end_reopening"), &tr!(locale, "periods.end_reopening_text")))
                        }
                        (self.reopening(it, refused))
                    }
                }
            }
        }
    }

    fn step(&self, it: &TenantPeriod, to: PeriodState, label: &str, text: &str) -> Markup {
        let slug = &self.page.tenant().slug;
        let form = forms::Form {
            action: links::period_step(slug, it.period, "state"),
            ..forms::Form::default()
        };
        let weight = if to == PeriodState::Closed { Weight::Danger } else { Weight::Secondary };
        forms::form(
            &form,
            html! {
                p.hint { (text) }
                input type="hidden" name="revision" value=(it.revision);
                input type="hidden" name="state" value=(to.code());
                (actions(submit(label, weight)))
            },
        )
    }

    fn reopening(&self, it: &TenantPeriod, refused: Option<&FormState>) -> Markup {
        let locale = self.page.locale;
        let slug = &self.page.tenant().slug;
        let fresh = FormState::default();
        let state = refused.unwrap_or(&fresh);
        let id = |name: &str| dom_id(&format!("{}-{name}", it.period));
        let unique = |name: &str, field: Field| {
            // The form that was refused keeps the plain ids, to which the list of errors leads.
            if refused.is_some() { field } else { field.id(id(name)) }
        };
        let reason = Field::textarea("reason", tr!(locale, "periods.reason"), 2)
            .hint(tr!(locale, "periods.reason_hint"))
            .required();
        let until = Field::date("until", tr!(locale, "periods.last_day"))
            .hint(tr!(locale, "periods.last_day_hint"))
            .required();
        let form = forms::Form {
            action: links::period_step(slug, it.period, "reopening"),
            ..forms::Form::default()
        };
        forms::form(
            &form,
            html! {
                input type="hidden" name="revision" value=(it.revision);
                (field(locale, &state.fill(locale, unique("reason", reason))))
                (field(locale, &state.fill(locale, unique("until", until))))
                (actions(submit(&tr!(locale, "periods.reopen"), Weight::Secondary)))
            },
        )
    }
}

fn step_id(period: Period) -> String {
    format!("periode-{period}")
}

fn state_words(locale: Locale, it: &TenantPeriod, now: DateTime<Utc>) -> String {
    match it.state {
        PeriodState::Open => tr!(locale, "periods.is_open"),
        PeriodState::Closing => tr!(locale, "periods.is_closing"),
        PeriodState::Closed if it.is_locked(now) => tr!(locale, "periods.is_closed"),
        PeriodState::Closed => tr!(locale, "periods.is_reopened"),
    }
    .into_owned()
}

fn state_badge(locale: Locale, it: &TenantPeriod, now: DateTime<Utc>) -> Markup {
    let status = match it.state {
        PeriodState::Open => Status::Green,
        PeriodState::Closed if it.is_locked(now) => Status::NotApplicable,
        PeriodState::Closing | PeriodState::Closed => Status::Yellow,
    };
    badge::status_named(status, &state_words(locale, it, now))
}

fn accepts(locale: Locale, rule: EntryRule) -> String {
    match rule {
        EntryRule::Free => tr!(locale, "periods.free"),
        EntryRule::WithReason => tr!(locale, "periods.with_reason"),
        EntryRule::Refused => tr!(locale, "periods.refused"),
    }
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reopening_lasts_until_the_day_ends_in_ntb() {
        let until = last_moment(" 2025-01-31 ").expect("a day");
        assert_eq!(until.to_rfc3339(), "2025-01-31T15:59:59+00:00");
        assert_eq!(last_moment("31/01/2025"), None);
        assert_eq!(last_moment(""), None);
    }
}
