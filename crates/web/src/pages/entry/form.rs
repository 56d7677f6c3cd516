//! The form of one value: a number or its parts, or "not applicable"; where it stands; evidence.

use ekinerja_app::Violation;
use ekinerja_app::worklists::EntryTask;
use ekinerja_domain::measurement::{FigureMethod, Measurement, MeasurementStatus, Reading};
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::super::recorded::{method_words, unit};
use crate::components::forms::{
    self, Choice, Field, FieldError, Weight, actions, dom_id, error_summary, field, fieldset,
    submit_as,
};
use crate::extract::Fields;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::Page;
use crate::problem::words_of;

/// What was typed into the form that is shown again, and what is wrong with it.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    /// What was typed.
    pub(super) fields: Fields,
    /// What is wrong.
    pub(super) violations: Vec<Violation>,
}

/// Makes fields whose ids are unique on a page with many forms.
struct Maker<'a> {
    locale: Locale,
    key: String,
    fields: &'a Fields,
    violations: &'a [Violation],
}

impl Maker<'_> {
    fn id(&self, name: &str) -> String {
        format!("{}-{name}", self.key)
    }

    fn draw(&self, name: &str, it: Field) -> Markup {
        let error = self.violations.iter().find(|it| it.field == name);
        let error = error.map(|it| FieldError::from(words_of(self.locale, it)));
        let value = self.fields.text(name);
        let it = it.value(value).id(dom_id(&self.id(name))).error(error);
        field(self.locale, &it)
    }

    /// The list of errors, each leading to its field in this form.
    fn summary(&self) -> Markup {
        let errors: Vec<(String, FieldError)> = self
            .violations
            .iter()
            .map(|it| (self.id(&it.field), FieldError::from(words_of(self.locale, it))))
            .collect();
        error_summary(self.locale, &errors)
    }
}

/// What the form holds at first: the draft or the value that was sent back, so that it need not be typed again.
fn first(task: &EntryTask) -> Fields {
    let mut fields = Fields::default();
    let editable = |it: &&Measurement| {
        matches!(it.status, MeasurementStatus::Draft | MeasurementStatus::Rejected)
    };
    let Some(latest) = task.latest.as_ref().filter(editable) else { return fields };
    let text = |value: Decimal| value.normalize().to_string().replace('.', ",");
    match latest.reading {
        Reading::Value(value) => fields.push("value", text(value)),
        Reading::Ratio { numerator, denominator } => {
            fields.push("numerator", text(numerator));
            fields.push("denominator", text(denominator));
        }
        Reading::NotApplicable => fields.push("not_applicable", "on"),
    }
    fields.push("method", latest.figure.method.code());
    fields.push("source", latest.figure.source.clone().unwrap_or_default());
    if latest.figure.verified {
        fields.push("source_verified", "on");
    }
    fields.push("note", latest.note.clone().unwrap_or_default());
    fields.push("reason", latest.reason.clone().unwrap_or_default());
    fields
}

/// Draws the form of a value.
pub(super) fn entry_form(
    page: &Page,
    task: &EntryTask,
    typed: Option<&Typed>,
    needs_reason: bool,
) -> Markup {
    let locale = page.locale;
    let period = task.period.period;
    let fresh = first(task);
    let make = Maker {
        locale,
        key: format!("{}-{period}", task.indicator.id),
        fields: typed.map_or(&fresh, |it| &it.fields),
        violations: typed.map_or(&[], |it| &it.violations),
    };
    let form = forms::Form {
        action: links::entry_of(&page.tenant().slug, task.indicator.id, period),
        multipart: true,
        guarded: true,
        ..forms::Form::default()
    };
    // Always the revision that the person sees now: after "somebody was faster" it is the newer one.
    let seen = task.latest.as_ref().map_or(0, |it| it.revision);
    forms::form(
        &form,
        html! {
            (make.summary())
            input type="hidden" name="based_on" value=(seen) id=(dom_id(&make.id("revision")));
            (numbers(&make, task))
            (make.draw("not_applicable",
                Field::checkbox("not_applicable", tr!(locale, "entry.not_applicable"))
                    .hint(tr!(locale, "entry.not_applicable_hint"))))
            (make.draw("note", Field::textarea("note", tr!(locale, "entry.note"), 2)))
            @if needs_reason || !make.fields.text("reason").is_empty() || make.violations.iter().any(|it| it.field == "reason") {
                @let reason = Field::textarea("reason", tr!(locale, "entry.reason"), 2)
                    .hint(tr!(locale, "entry.reason_hint"));
                (make.draw("reason", if needs_reason { reason.required() } else { reason }))
            }
            (source(&make))
            (evidence(&make, task))
            (actions(html! {
                (submit_as(&tr!(locale, "entry.submit"), Weight::Primary, "do", "submit"))
                (submit_as(&tr!(locale, "entry.save_draft"), Weight::Secondary, "do", "draft"))
            }))
        },
    )
}

fn numbers(make: &Maker<'_>, task: &EntryTask) -> Markup {
    let locale = make.locale;
    let manual = &task.indicator.manual;
    html! {
        @match (&manual.numerator, &manual.denominator) {
            (Some(numerator), Some(denominator)) => {
                (fieldset(&tr!(locale, "entry.parts"), &tr!(locale, "entry.parts_hint"), html! {
                    (make.draw("numerator", Field::number("numerator", numerator.as_str()).required()))
                    (make.draw("denominator", Field::number("denominator", denominator.as_str()).required()))
                }))
            }
            _ => {
                (make.draw("value",
                    Field::number("value", tr!(locale, "entry.value"))
                        .unit(unit(&manual.unit))
                        .hint(tr!(locale, "entry.value_hint"))
                        .required()))
            }
        }
    }
}

fn source(make: &Maker<'_>) -> Markup {
    let locale = make.locale;
    let methods = FigureMethod::ALL
        .into_iter()
        .map(|it| Choice::new(it.code(), method_words(locale, it)))
        .collect();
    let typed = make.violations.iter().any(|it| matches!(it.field.as_str(), "source" | "method"))
        || make.fields.filled("source").is_some();
    html! {
        details open[typed] {
            summary { (tr!(locale, "entry.source_group")) }
            (make.draw("method", Field::select("method", tr!(locale, "entry.method"), methods).required()))
            (make.draw("source",
                Field::text("source", tr!(locale, "entry.source")).hint(tr!(locale, "entry.source_hint"))))
            (make.draw("source_verified",
                Field::checkbox("source_verified", tr!(locale, "entry.source_verified"))))
        }
    }
}

fn evidence(make: &Maker<'_>, task: &EntryTask) -> Markup {
    let locale = make.locale;
    let file_error = make.violations.iter().any(|it| it.field == "file");
    html! {
        (fieldset(&tr!(locale, "entry.evidence_group"), &tr!(locale, "entry.evidence_hint"), html! {
            @if !task.evidence.is_empty() {
                @let keep = Field::checkbox("keep_evidence", tr!(locale, "entry.keep_evidence"));
                // Ticked from the beginning, and afterwards as the person left it.
                @if make.violations.is_empty() {
                    (field(locale, &keep.value("on").id(dom_id(&make.id("keep_evidence")))))
                } @else {
                    (make.draw("keep_evidence", keep))
                }
            }
            (make.draw("file",
                Field::file("file", tr!(locale, "entry.file"), ".pdf,.png,.jpg,.jpeg,.xlsx,.csv,.txt")
                    .hint(tr!(locale, "entry.file_hint"))))
            @if !make.violations.is_empty() && !file_error {
                p.hint { (tr!(locale, "entry.file_again")) }
            }
            (make.draw("url", Field::url("url", tr!(locale, "entry.url"))))
            (make.draw("pointer",
                Field::text("pointer", tr!(locale, "entry.pointer")).hint(tr!(locale, "entry.pointer_hint"))))
        }))
    }
}
