//! The officer's page: the values that wait, on one screen, made for a phone and for pages without script.

mod form;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::evidence::{EvidenceEntry, SupportEntry};
use ekinerja_app::measurements::ValueEntry;
use ekinerja_app::worklists::{EntrySheet, EntryStage, EntryTask};
use ekinerja_app::{App, Code, Refusal, Violation};
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::period::{EntryRule, EntryWindow, Period};
use maud::{Markup, html};
use serde::Deserialize;

use self::form::{Typed, entry_form};
use super::recorded::{
    direction, evidence_list, marks_markup, measurement_status, period_words, target_cell,
    value_words, warning_marks,
};
use crate::components::card::{Card, card};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::{Status, badge};
use crate::download::BODY_WITH_FILE;
use crate::extract::{Fields, Id, MultipartForm, Path, Query};
use crate::flash::Flash;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::routes::Routes;

/// How many forms stand on the page at once; further values are links that open theirs.
const FORMS: usize = 24;

pub(super) fn router() -> Routes {
    Routes::new().route("/entry", get(show_entry)).route(
        "/entry/{indicator}/{period}",
        post(record_value).layer(DefaultBodyLimit::max(BODY_WITH_FILE)),
    )
}

/// Which value's form is open.
#[derive(Debug, Clone, Default, Deserialize)]
struct Opened {
    #[serde(default)]
    open: Option<Id<IndicatorId>>,
    #[serde(default)]
    of: Option<Id<Period>>,
}

#[derive(Debug, Deserialize)]
struct OfValue {
    indicator: Id<IndicatorId>,
    period: Id<Period>,
}

async fn show_entry(
    State(app): State<App>,
    page: Page,
    Query(opened): Query<Opened>,
) -> PageResult {
    let sheet = app.entry_sheet(&page.scope(), None).await?;
    let open = opened.open.zip(opened.of).map(|(indicator, of)| (indicator.0, of.0));
    Ok(draw(&page, StatusCode::OK, &sheet, open, None))
}

async fn record_value(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfValue>,
    sent: MultipartForm,
) -> PageResult {
    let (indicator, period) = (path.indicator.0, path.period.0);
    let submit = sent.fields.text("do") != "draft";
    let entry = value_entry(&sent.fields, period);
    let recorded = app.record_value(&page.scope(), indicator, entry, evidence(&sent), submit).await;
    let Err(refusal) = recorded else {
        let key = if submit { "flash.value_submitted" } else { "flash.value_drafted" };
        let message = Flash::success(key).with("period", period_words(page.locale, period));
        return Ok(page.redirect(&links::entry(&page.tenant().slug), &message));
    };
    // What was typed stays on the page, also when somebody else was faster.
    let violations = match refusal {
        Refusal::Invalid(violations) => violations,
        Refusal::Rule(violation) | Refusal::Conflict(violation) => vec![violation],
        Refusal::Stale => vec![Violation::new("revision", Code::MeasurementRaced)],
        other => return Err(other.into()),
    };
    let sheet = app.entry_sheet(&page.scope(), None).await?;
    let open = (indicator, period);
    if !sheet.tasks.iter().any(|it| (it.indicator.id, it.period.period) == open) {
        // The period closed or the indicator was retired meanwhile: there is no form to go back to.
        return Err(Problem::invalid(violations));
    }
    let typed = Typed { fields: sent.fields, violations };
    Ok(draw(&page, StatusCode::UNPROCESSABLE_ENTITY, &sheet, Some(open), Some(&typed)))
}

fn value_entry(fields: &Fields, period: Period) -> ValueEntry {
    let text = |name: &str| fields.text(name).to_owned();
    ValueEntry {
        period: period.to_string(),
        value: text("value"),
        numerator: text("numerator"),
        denominator: text("denominator"),
        not_applicable: fields.ticked("not_applicable"),
        method: text("method"),
        source: text("source"),
        source_verified: fields.ticked("source_verified"),
        note: text("note"),
        reason: text("reason"),
        based_on: fields.filled("based_on").and_then(|it| it.parse().ok()),
        keep_evidence: fields.ticked("keep_evidence"),
    }
}

fn evidence(sent: &MultipartForm) -> Vec<EvidenceEntry> {
    let pointer = sent.fields.text("pointer").to_owned();
    let file = sent.file("file").map(|it| SupportEntry::File {
        name: it.name.clone(),
        claimed: it.claimed_type.clone(),
        content: it.content.to_vec(),
    });
    let link = sent.fields.filled("url").map(|it| SupportEntry::Link(it.to_owned()));
    file.into_iter()
        .chain(link)
        .map(|support| EvidenceEntry { support, pointer: pointer.clone() })
        .collect()
}

fn draw(
    page: &Page,
    status: StatusCode,
    sheet: &EntrySheet,
    open: Option<(IndicatorId, Period)>,
    typed: Option<&Typed>,
) -> Response {
    let locale = page.locale;
    let waiting = |it: &&EntryTask| {
        matches!(
            it.stage,
            EntryStage::Rejected | EntryStage::Draft | EntryStage::Late | EntryStage::Due
        )
    };
    let count = sheet.tasks.iter().filter(waiting).count();
    let subtitle = if count == 0 {
        tr!(locale, "entry.all_done")
    } else {
        tr!(locale, "entry.waiting", count = count)
    };
    let head = Head::new(tr!(locale, "entry.title")).subtitle(subtitle);
    let nothing = |title, text| empty(&Empty { title, text, action: None, icon: Icon::Entry });
    let content = if sheet.indicators == 0 {
        nothing(
            tr!(locale, "entry.no_indicators").into_owned(),
            tr!(locale, "entry.no_indicators_text").into_owned(),
        )
    } else if sheet.tasks.is_empty() {
        nothing(
            tr!(locale, "entry.no_period").into_owned(),
            tr!(locale, "entry.no_period_text").into_owned(),
        )
    } else {
        let view = View { page, open, typed };
        html! {
            @if let Some(task) = view.opened(sheet) { (view.task(task, true)) }
            @for stage in [EntryStage::Rejected, EntryStage::Draft, EntryStage::Late, EntryStage::Due] {
                (view.group(stage, &sheet.tasks))
            }
            @for stage in [EntryStage::Submitted, EntryStage::Verified, EntryStage::NotYetDue] {
                (view.folded(stage, &sheet.tasks))
            }
        }
    };
    page.show_with(status, head, content)
}

struct View<'a> {
    page: &'a Page,
    open: Option<(IndicatorId, Period)>,
    typed: Option<&'a Typed>,
}

impl View<'_> {
    fn is_open(&self, it: &EntryTask) -> bool {
        self.open == Some((it.indicator.id, it.period.period))
    }

    /// The one value whose form was asked for or refused: it stands first.
    fn opened<'s>(&self, sheet: &'s EntrySheet) -> Option<&'s EntryTask> {
        sheet.tasks.iter().find(|it| self.is_open(it))
    }

    /// Values that wait, each with its form.
    fn group(&self, stage: EntryStage, tasks: &[EntryTask]) -> Markup {
        let locale = self.page.locale;
        let tasks: Vec<&EntryTask> =
            tasks.iter().filter(|it| it.stage == stage && !self.is_open(it)).collect();
        let rest = tasks.get(FORMS..).unwrap_or_default();
        html! {
            @if !tasks.is_empty() {
                h2.stage { (stage_words(locale, stage)) " " span.count { (tasks.len()) } }
                @for it in tasks.iter().take(FORMS) { (self.task(it, false)) }
                @if !rest.is_empty() { (self.links(rest)) }
            }
        }
    }

    /// Values that need nothing now, folded; each can still be opened.
    fn folded(&self, stage: EntryStage, tasks: &[EntryTask]) -> Markup {
        let locale = self.page.locale;
        let mut tasks: Vec<&EntryTask> =
            tasks.iter().filter(|it| it.stage == stage && !self.is_open(it)).collect();
        // The newest is what people come back for.
        tasks.reverse();
        html! {
            @if !tasks.is_empty() {
                details.card {
                    summary { (stage_words(locale, stage)) " " span.count { (tasks.len()) } }
                    (self.links(&tasks))
                }
            }
        }
    }

    fn links(&self, tasks: &[&EntryTask]) -> Markup {
        let locale = self.page.locale;
        let slug = &self.page.tenant().slug;
        html! {
            ul.rows {
                @for it in tasks {
                    li {
                        a href=(links::entry_open(slug, it.indicator.id, it.period.period)) {
                            (it.indicator.manual.name) " · " (period_words(locale, it.period.period))
                        }
                        @if let Some(latest) = &it.latest {
                            " " b { (value_words(locale, &it.indicator.manual, latest)) }
                            (marks_markup(locale, &warning_marks(&latest.figure)))
                        }
                    }
                }
            }
        }
    }

    /// A value with all that helps to record it, and its form.
    fn task(&self, it: &EntryTask, open: bool) -> Markup {
        let locale = self.page.locale;
        let manual = &it.indicator.manual;
        let typed = self.typed.filter(|_| open);
        let period = period_words(locale, it.period.period);
        let about = Card::titled(format!("{} · {period}", manual.name))
            .subtitle(manual.definition.as_str())
            .tools(self.badge(it));
        let about = match it.stage {
            EntryStage::Rejected | EntryStage::Late => about.status(Status::Red),
            EntryStage::Draft | EntryStage::Due => about.status(Status::Yellow),
            _ => about,
        };
        let about = if open { about.id("isian") } else { about };
        card(
            &about,
            html! {
                @if let Some(latest) = &it.latest {
                    @if it.stage == EntryStage::Rejected {
                        (notice(Tone::Error, html! {
                            p { b { (tr!(locale, "entry.sent_back_by",
                                name = latest.decided_by_name.as_deref().unwrap_or("–"))) } }
                            p { (latest.rejection.as_deref().unwrap_or_default()) }
                        }))
                    }
                    @if it.stage == EntryStage::Submitted {
                        (notice(Tone::Info, html! { p { (tr!(locale, "entry.replaces_submitted")) } }))
                    }
                    @if it.corrects {
                        (notice(Tone::Warning, html! { p { (tr!(locale, "entry.corrects_verified")) } }))
                    }
                }
                dl.facts {
                    dt { (tr!(locale, "figure.target")) }
                    dd {
                        (target_cell(locale, manual,
                            it.target.as_ref().map(|it| (&it.value, it.illustrative))))
                    }
                    @if let Some(direction) = direction(manual.polarity) {
                        dt { (tr!(locale, "figure.direction")) }
                        dd { (badge::direction(locale, direction)) }
                    }
                    dt { (tr!(locale, "entry.last_value")) }
                    dd {
                        @match &it.previous {
                            Some(previous) => {
                                (value_words(locale, manual, previous)) " ("
                                (period_words(locale, previous.period)) ")"
                                (marks_markup(locale, &warning_marks(&previous.figure)))
                            }
                            None => span.sub { (tr!(locale, "entry.no_last_value")) },
                        }
                    }
                    @if let Some(latest) = &it.latest {
                        dt { (tr!(locale, "entry.recorded_value")) }
                        dd {
                            (value_words(locale, manual, latest)) " · "
                            (measurement_status(locale, latest.status)) " · "
                            (tr!(locale, "entry.revision", number = latest.revision))
                        }
                    }
                    dt { (tr!(locale, "entry.due_day")) }
                    dd { (format::date(locale, it.period.period.due_day(EntryWindow::default()))) }
                    @if !it.evidence.is_empty() {
                        dt { (tr!(locale, "entry.evidence")) }
                        dd { (evidence_list(locale, &self.page.tenant().slug, &it.evidence)) }
                    }
                }
                @let needs_reason = it.entry == EntryRule::WithReason || it.corrects;
                @if open {
                    (entry_form(self.page, it, typed, needs_reason))
                } @else {
                    details.fill {
                        summary { (tr!(locale, "entry.fill_in")) }
                        (entry_form(self.page, it, None, needs_reason))
                    }
                }
            },
        )
    }

    fn badge(&self, it: &EntryTask) -> Markup {
        let locale = self.page.locale;
        match it.stage {
            EntryStage::Rejected => {
                badge::status_named(Status::Red, &tr!(locale, "measure.rejected"))
            }
            EntryStage::Late => badge::status_named(Status::Missing, &tr!(locale, "entry.late")),
            EntryStage::Due => badge::status(locale, Status::Missing),
            EntryStage::NotYetDue => badge::status(locale, Status::NotYetDue),
            EntryStage::Draft => {
                badge::status_named(Status::Provisional, &tr!(locale, "measure.draft"))
            }
            EntryStage::Submitted => {
                badge::status_named(Status::Provisional, &tr!(locale, "measure.submitted"))
            }
            EntryStage::Verified => {
                badge::status_named(Status::Green, &tr!(locale, "measure.verified"))
            }
        }
    }
}

fn stage_words(locale: Locale, stage: EntryStage) -> String {
    match stage {
        EntryStage::Rejected => tr!(locale, "entry.stage_rejected"),
        EntryStage::Draft => tr!(locale, "entry.stage_draft"),
        EntryStage::Late => tr!(locale, "entry.stage_late"),
        EntryStage::Due => tr!(locale, "entry.stage_due"),
        EntryStage::Submitted => tr!(locale, "entry.stage_submitted"),
        EntryStage::Verified => tr!(locale, "entry.stage_verified"),
        EntryStage::NotYetDue => tr!(locale, "entry.stage_not_yet_due"),
    }
    .into_owned()
}
