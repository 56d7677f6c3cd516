//! Steps to take, and the board that shows how far each government has come.

use super::icon::{Icon, icon};
use crate::locale::{Locale, tr};
use maud::{Markup, html};

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Done.
    Done,
    /// The next one to do.
    Next,
    /// Later.
    Later,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its name.
    pub label: String,
    /// Where it stands.
    pub stage: Stage,
    /// When it was done or what is to do; empty for none.
    pub note: String,
    /// Where one does it.
    pub href: Option<String>,
}

/// Steps of one piece of work, in order.
pub fn steps(locale: Locale, label: &str, steps: &[Step]) -> Markup {
    html! {
        ol.steps aria-label=(label) { @for step in steps { li class=(class(step.stage)) { (inner(locale, step)) } } }
    }
}

/// A government on the board.
#[derive(Clone, Debug)]
pub struct BoardRow {
    /// Its name.
    pub name: String,
    /// Where its details are.
    pub href: Option<String>,
    /// Its steps, the same for all rows.
    pub steps: Vec<Step>,
}

/// The board: one row per government, one column per step.
pub fn board(locale: Locale, caption: &str, rows: &[BoardRow]) -> Markup {
    let heads = rows.first().map(|row| row.steps.as_slice()).unwrap_or_default();
    html! {
        table.table.stack.board role="table" {
            caption.vh { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    th scope="col" role="columnheader" { (tr!(locale, "onboarding.government")) }
                    @for step in heads { th scope="col" role="columnheader" { (step.label) } }
                    th.num scope="col" role="columnheader" { (tr!(locale, "onboarding.progress")) }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    @let done = row.steps.iter().filter(|it| it.stage == Stage::Done).count();
                    tr role="row" {
                        th scope="row" role="rowheader" {
                            @if let Some(href) = &row.href { a href=(href) { (row.name) } } @else { (row.name) }
                        }
                        @for step in &row.steps {
                            td class=(class(step.stage)) role="cell" data-label=(step.label) { (mark(locale, step)) }
                        }
                        td.num role="cell" data-label=(tr!(locale, "onboarding.progress")) {
                            (done) "/" (row.steps.len())
                        }
                    }
                }
            }
        }
    }
}

fn mark(locale: Locale, step: &Step) -> Markup {
    html! {
        span.step-mark title=[(!step.note.is_empty()).then_some(&step.note)] {
            (disc(step.stage))
            @if step.stage == Stage::Done && !step.note.is_empty() {
                span { (step.note) span.vh { ": " (word(locale, step.stage)) } }
            } @else { span { (word(locale, step.stage)) } }
        }
    }
}

fn inner(locale: Locale, step: &Step) -> Markup {
    html! {
        (disc(step.stage))
        div {
            p {
                @match &step.href {
                    Some(href) if step.stage == Stage::Next => a href=(href) { (step.label) },
                    _ => b { (step.label) },
                }
                span.vh { " – " (word(locale, step.stage)) }
            }
            @if !step.note.is_empty() { p.sub { (step.note) } }
        }
    }
}

fn disc(stage: Stage) -> Markup {
    html! { span.disc { @if stage == Stage::Done { (icon(Icon::Success)) } } }
}

const fn class(stage: Stage) -> &'static str {
    match stage {
        Stage::Done => "done",
        Stage::Next => "next",
        Stage::Later => "later",
    }
}

fn word(locale: Locale, stage: Stage) -> String {
    match stage {
        Stage::Done => tr!(locale, "onboarding.done"),
        Stage::Next => tr!(locale, "onboarding.next"),
        Stage::Later => tr!(locale, "onboarding.later"),
    }
    .into_owned()
}
