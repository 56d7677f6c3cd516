//! The verifier's page: submitted values, the oldest first; verify one, or send one back with a reason.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use chrono::NaiveDate;
use ekinerja_app::worklists::VerificationTask;
use ekinerja_app::{App, Code, Refusal, Violation};
use ekinerja_domain::ids::MeasurementId;
use ekinerja_domain::measurement::Decision;
use ekinerja_domain::scoring::Polarity;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::recorded::{
    direction, evidence_list, marks, marks_markup, method_words, moment, parts_words, period_words,
    target_cell, value_words, warning_marks,
};
use crate::components::card::{Card, card};
use crate::components::figure::{Change, change};
use crate::components::forms::{
    self, Field, FieldError, Weight, actions, dom_id, error_summary, field, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::{Status, badge};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::{Problem, words_of};
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/verification", get(show_queue))
        .route("/verification/{measurement}/verify", post(verify_value))
        .route("/verification/{measurement}/reject", post(reject_value))
}

#[derive(Debug, Deserialize)]
struct OfValue {
    measurement: Id<MeasurementId>,
}

/// A decision that was refused: on which value, what was typed, what is wrong.
struct Refused {
    id: MeasurementId,
    reason: String,
    violations: Vec<Violation>,
}

async fn show_queue(State(app): State<App>, page: Page) -> PageResult {
    let queue = app.verification_queue(&page.scope()).await?;
    Ok(draw(&page, StatusCode::OK, &queue, app.today(), None))
}

async fn verify_value(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfValue>,
    Form(sent): Form<Fields>,
) -> PageResult {
    decide(&app, &page, path.measurement.0, &sent, Decision::Verify, "flash.value_verified").await
}

async fn reject_value(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfValue>,
    Form(sent): Form<Fields>,
) -> PageResult {
    let decision = Decision::Reject { reason: sent.text("reason").to_owned() };
    decide(&app, &page, path.measurement.0, &sent, decision, "flash.value_rejected").await
}

async fn decide(
    app: &App,
    page: &Page,
    id: MeasurementId,
    sent: &Fields,
    decision: Decision,
    done: &'static str,
) -> PageResult {
    let seen = sent.filled("lock_version").and_then(|it| it.parse().ok());
    let violations = match app.decide_value(&page.scope(), id, decision, seen).await {
        Ok(_) => {
            let queue = links::verification(&page.tenant().slug);
            return Ok(page.redirect(&queue, &Flash::success(done)));
        }
        Err(Refusal::Invalid(violations)) => violations,
        Err(Refusal::Rule(violation) | Refusal::Conflict(violation)) => vec![violation],
        Err(Refusal::Stale) => vec![Violation::new("status", Code::MeasurementWrongStatus)],
        Err(other) => return Err(Problem::from(other)),
    };
    let queue = app.verification_queue(&page.scope()).await?;
    let reason = sent.text("reason").to_owned();
    let refused = Refused { id, reason, violations };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(draw(page, status, &queue, app.today(), Some(&refused)))
}

fn draw(
    page: &Page,
    status: StatusCode,
    queue: &[VerificationTask],
    today: NaiveDate,
    refused: Option<&Refused>,
) -> Response {
    let locale = page.locale;
    let subtitle = tr!(locale, "verification.waiting", count = queue.len());
    let head = Head::new(tr!(locale, "verification.title")).subtitle(subtitle);
    // A value that somebody else decided meanwhile has no card any more; its errors still must be said.
    let lost = refused.filter(|it| !queue.iter().any(|task| task.measurement.id == it.id));
    let content = html! {
        @if let Some(lost) = lost {
            @for it in &lost.violations {
                @let words = words_of(locale, it);
                (notice(Tone::Error, html! { p { b { (words.title) ". " } (words.detail) } }))
            }
        }
        @if queue.is_empty() {
            (empty(&Empty {
                title: tr!(locale, "verification.empty").into_owned(),
                text: tr!(locale, "verification.empty_text").into_owned(),
                action: None,
                icon: Icon::Verification,
            }))
        }
        @for it in queue {
            (task(page, it, today, refused.filter(|refused| refused.id == it.measurement.id)))
        }
    };
    page.show_with(status, head, content)
}

fn task(page: &Page, it: &VerificationTask, today: NaiveDate, refused: Option<&Refused>) -> Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let manual = &it.indicator.manual;
    let value = &it.measurement;
    let submitted = value.submitted_at.unwrap_or(value.recorded_at);
    let age = format::age_on(locale, submitted.date_naive(), today);
    let about = Card::titled(format!("{} · {}", manual.name, period_words(locale, value.period)))
        .subtitle(tr!(
            locale,
            "verification.submitted_by",
            name = value.recorded_by_name,
            age = age
        ))
        .tools(badge::status_named(Status::Provisional, &tr!(locale, "measure.submitted")));
    card(
        &about,
        html! {
            p.figure-value {
                span.amount { b { (value_words(locale, manual, value)) } }
                @if let Some(moved) = moved(it) { " " (change(locale, &moved)) }
                (marks_markup(locale, &marks(&value.figure)))
            }
            (facts(locale, it))
            @if let Some(reason) = &value.reason {
                (notice(Tone::Warning, html! { p { b { (tr!(locale, "verification.reason")) } " " (reason) } }))
            }
            @if let Some(note) = &value.note { p { b { (tr!(locale, "verification.note")) } " " (note) } }
            h3 { (tr!(locale, "verification.evidence")) }
            (evidence_list(locale, slug, &it.evidence))
            p { a href=(links::indicator(slug, it.indicator.id)) { (tr!(locale, "verification.history")) } }
            @if it.own {
                (notice(Tone::Info, html! { p { (tr!(locale, "verification.own")) } }))
            } @else if it.locked {
                (notice(Tone::Warning, html! { p { (tr!(locale, "verification.locked")) } }))
            } @else {
                (decision_forms(page, it, refused))
            }
        },
    )
}

/// How far the value lies from the one of the period before.
fn moved(it: &VerificationTask) -> Option<Change> {
    let previous = it.previous.as_ref()?;
    let (now, before) = (it.measurement.value?, previous.value?);
    let value = now.checked_sub(before)?;
    let better = match (it.indicator.manual.polarity, value.cmp(&Decimal::ZERO)) {
        (_, std::cmp::Ordering::Equal) | (Polarity::Stabilize | Polarity::Neutral, _) => None,
        (Polarity::Maximize, order) => Some(order == std::cmp::Ordering::Greater),
        (Polarity::Minimize, order) => Some(order == std::cmp::Ordering::Less),
    };
    let decimals = u32::from(it.indicator.manual.decimals);
    Some(Change { value, decimals, since: previous.period.to_string(), better })
}

fn facts(locale: Locale, it: &VerificationTask) -> Markup {
    let manual = &it.indicator.manual;
    let value = &it.measurement;
    html! {
        dl.facts {
            @if let Some(parts) = parts_words(locale, value) {
                dt { (tr!(locale, "entry.parts")) }
                dd { (parts) }
            }
            dt { (tr!(locale, "figure.target")) }
            dd { (target_cell(locale, manual, it.target.as_ref().map(|it| (&it.value, it.illustrative)))) }
            @if let Some(direction) = direction(manual.polarity) {
                dt { (tr!(locale, "figure.direction")) }
                dd { (badge::direction(locale, direction)) }
            }
            dt { (tr!(locale, "entry.last_value")) }
            dd {
                @match &it.previous {
                    Some(previous) => {
                        (value_words(locale, manual, previous)) " (" (period_words(locale, previous.period)) ")"
                        (marks_markup(locale, &warning_marks(&previous.figure)))
                    }
                    None => span.sub { (tr!(locale, "entry.no_last_value")) },
                }
            }
            @if let Some(corrects) = &it.corrects {
                dt { (tr!(locale, "verification.corrects")) }
                dd {
                    (value_words(locale, manual, corrects)) " · "
                    (tr!(locale, "entry.revision", number = corrects.revision))
                }
            }
            dt { (tr!(locale, "figure.source")) }
            dd {
                (method_words(locale, value.figure.method))
                @if let Some(source) = &value.figure.source { ": " (source) }
            }
            dt { (tr!(locale, "verification.submitted_at")) }
            dd { (moment(locale, value.submitted_at.unwrap_or(value.recorded_at))) }
        }
    }
}

fn decision_forms(page: &Page, it: &VerificationTask, refused: Option<&Refused>) -> Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let id = it.measurement.id;
    let errors: Vec<(String, FieldError)> = refused
        .map(|it| it.violations.as_slice())
        .unwrap_or_default()
        .iter()
        .map(|it| (format!("{id}-{}", it.field), FieldError::from(words_of(locale, it))))
        .collect();
    let of_reason = errors.iter().find(|(name, _)| name.ends_with("-reason"));
    let reason = Field::textarea("reason", tr!(locale, "verification.rejection_reason"), 2)
        .hint(tr!(locale, "verification.rejection_hint"))
        .value(refused.map(|it| it.reason.as_str()).unwrap_or_default())
        .id(dom_id(&format!("{id}-reason")))
        .error(of_reason.map(|(_, error)| error.clone()))
        .required();
    let to = |decision| forms::Form {
        action: links::decision(slug, id, decision),
        ..forms::Form::default()
    };
    let seen =
        html! { input type="hidden" name="lock_version" value=(it.measurement.lock_version); };
    html! {
        (error_summary(locale, &errors))
        (forms::form(&to("verify"), html! {
            (seen)
            (actions(submit(&tr!(locale, "verification.verify"), Weight::Primary)))
        }))
        details.fill open[refused.is_some()] {
            summary { (tr!(locale, "verification.reject")) }
            (forms::form(&to("reject"), html! {
                (seen)
                (field(locale, &reason))
                (actions(submit(&tr!(locale, "verification.reject_send"), Weight::Danger)))
            }))
        }
    }
}
