//! Badges: a status or a mark in a word or two. Never colour alone: shape, colour and word.

use super::icon::shape;
use super::{Direction, SourceMark, Status};
use crate::components::icon::{Icon, icon};
use crate::locale::Locale;
use maud::{Markup, html};

/// The status with its usual word.
pub fn status(locale: Locale, status: Status) -> Markup {
    status_named(status, &status.word(locale))
}

/// The status with the word of another scale, for instance "Sangat Baik".
pub fn status_named(status: Status, word: &str) -> Markup {
    html! { span class={ "badge " (status.class()) } { (shape(status)) (word) } }
}

/// Where a figure comes from, with the explanation on hover; official figures carry it too where a
/// page shows both kinds.
pub fn source(locale: Locale, mark: SourceMark) -> Markup {
    let class = match mark {
        SourceMark::Official => "mark ok",
        SourceMark::Unverified | SourceMark::Illustrative => "mark warn",
        SourceMark::Derived | SourceMark::Estimate => "mark",
    };
    html! { span class=(class) title=(mark.explanation(locale)) { (mark.word(locale)) } }
}

/// A neutral tag, for instance "terkunci" or a version number.
pub fn tag(text: &str) -> Markup {
    html! { span.mark { (text) } }
}

/// Which way is better, as arrow and words.
pub fn direction(locale: Locale, direction: Direction) -> Markup {
    let arrow = match direction {
        Direction::Higher => Icon::Up,
        Direction::Lower => Icon::Down,
        Direction::Range => Icon::Same,
    };
    html! { span.dir { (icon(arrow)) (direction.word(locale)) } }
}

/// Shapes, colours and words of the statuses a page uses.
pub fn legend(entries: &[(Status, String)]) -> Markup {
    html! {
        ul.legend {
            @for (status, text) in entries {
                li { (shape(*status)) (text) }
            }
        }
    }
}
