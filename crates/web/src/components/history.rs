//! What was before: revisions along a line, and two versions side by side.

use super::Status;
use super::icon::shape;
use crate::locale::{Locale, tr};
use maud::{Markup, html};

/// One entry of a history, newest first.
#[derive(Clone, Debug)]
pub struct Revision {
    /// What happened: "Nilai 72,37 diverifikasi".
    pub what: String,
    /// Who and in which post.
    pub who: String,
    /// When, already in words with its zone.
    pub when: String,
    /// Reason, legal basis or evidence; empty for none.
    pub note: String,
    /// The colour of its mark.
    pub status: Option<Status>,
    /// Whether this is what holds now.
    pub current: bool,
}

/// Draws a history.
pub fn timeline(locale: Locale, label: &str, revisions: &[Revision]) -> Markup {
    html! {
        ol.timeline aria-label=(label) {
            @for it in revisions {
                li.now[it.current] {
                    span.dot { @if let Some(status) = it.status { (shape(status)) } }
                    p {
                        b { (it.what) }
                        @if it.current { " " span.mark.ok { (tr!(locale, "history.current")) } }
                    }
                    @if !it.note.is_empty() { p { (it.note) } }
                    p.sub { (it.who) " · " (it.when) }
                }
            }
        }
    }
}

/// How a field differs between two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Only in the new version.
    Added,
    /// Only in the old version.
    Removed,
    /// In both, differently.
    Changed,
    /// In both alike.
    Same,
    /// Changed on both sides: a person must decide.
    Conflict,
}

/// One field in two versions.
#[derive(Clone, Debug)]
pub struct Compared {
    /// Which field of which thing.
    pub field: String,
    /// The old one.
    pub before: String,
    /// The new one.
    pub after: String,
    /// How they differ.
    pub difference: Difference,
}

/// Two versions side by side; `before` and `after` name them.
pub fn comparison(
    locale: Locale,
    caption: &str,
    (before, after): (&str, &str),
    rows: &[Compared],
) -> Markup {
    html! {
        table.table.stack.diff role="table" {
            caption.vh { (caption) }
            thead role="rowgroup" {
                tr role="row" {
                    th scope="col" role="columnheader" { (tr!(locale, "history.field")) }
                    th scope="col" role="columnheader" { (before) }
                    th scope="col" role="columnheader" { (after) }
                    th scope="col" role="columnheader" { (tr!(locale, "history.difference")) }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    @let (class, word) = described(locale, row.difference);
                    tr class=(class) role="row" {
                        th scope="row" role="rowheader" { (row.field) }
                        td role="cell" data-label=(before) { (side(&row.before, row.difference, "del")) }
                        td role="cell" data-label=(after) { (side(&row.after, row.difference, "ins")) }
                        td role="cell" data-label=(tr!(locale, "history.difference")) {
                            span class={ "mark " (class) } { (word) }
                        }
                    }
                }
            }
        }
    }
}

fn side(text: &str, difference: Difference, element: &str) -> Markup {
    html! {
        @if text.is_empty() {
            span.sub { "–" }
        } @else if difference == Difference::Same {
            (text)
        } @else if element == "del" {
            del { (text) }
        } @else {
            ins { (text) }
        }
    }
}

fn described(locale: Locale, it: Difference) -> (&'static str, String) {
    let (class, word) = match it {
        Difference::Added => ("add", tr!(locale, "history.added")),
        Difference::Removed => ("rem", tr!(locale, "history.removed")),
        Difference::Changed => ("chg", tr!(locale, "history.changed")),
        Difference::Same => ("same", tr!(locale, "history.same")),
        Difference::Conflict => ("warn", tr!(locale, "history.conflict")),
    };
    (class, word.into_owned())
}
