//! A number that is never alone: value, unit, period, target, direction, achievement, age of the
//! data, coverage where it is an aggregate, marks of its source, and the way to its explanation.

use super::badge;
use super::icon::{Icon, icon};
use super::{Amount, Direction, SourceMark, Status};
use crate::format;
use crate::locale::{Locale, tr};
use maud::{Markup, html};
use rust_decimal::Decimal;

/// How much of the expected is in an aggregate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// How many reported.
    pub reporting: usize,
    /// How many were expected to.
    pub expected: usize,
    /// Their share of the weight in per cent, with the weight's name: `(92,4, "penduduk")`.
    pub weight: Option<(Decimal, String)>,
    /// The names of those that are not in, each with the reason where there is one.
    pub missing: Vec<String>,
}

/// A target as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The amount to reach.
    pub amount: Amount,
    /// Marks of the target itself, for instance [`SourceMark::Illustrative`].
    pub marks: Vec<SourceMark>,
}

/// Change against an earlier period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// This period less the earlier one, in the unit of the figure.
    pub value: Decimal,
    /// Places shown.
    pub decimals: u32,
    /// Against what, for instance "2022" or "TW II".
    pub since: String,
    /// Whether it went the right way; `None` when it did not move or no way is better.
    pub better: Option<bool>,
}

/// Everything that stands beside one number.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What is measured.
    pub label: String,
    /// Where the label leads, for instance the indicator's page.
    pub href: Option<String>,
    /// The number, or why there is none.
    pub amount: Amount,
    /// The period it is for, already in words.
    pub period: String,
    /// The target of that period.
    pub target: Option<Target>,
    /// Which way is better.
    pub direction: Option<Direction>,
    /// Achievement in per cent, as scored.
    pub achievement: Option<Decimal>,
    /// The status, and the word of the scale where it is not the usual one.
    pub status: Option<(Status, Option<String>)>,
    /// Change against an earlier period.
    pub change: Option<Change>,
    /// Age of the data, already in words ("41 hari").
    pub age: Option<String>,
    /// For aggregates.
    pub coverage: Option<Coverage>,
    /// Marks of the source.
    pub marks: Vec<SourceMark>,
    /// The source in words.
    pub source: Option<String>,
    /// Address of the explanation.
    pub why: Option<String>,
}

impl Figure {
    /// A figure with the least it can have; set the other fields as they are known.
    pub fn new(label: impl Into<String>, amount: Amount, period: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            href: None,
            amount,
            period: period.into(),
            target: None,
            direction: None,
            achievement: None,
            status: None,
            change: None,
            age: None,
            coverage: None,
            marks: Vec::new(),
            source: None,
            why: None,
        }
    }
}

/// Draws the figure as a card's content.
pub fn figure(locale: Locale, it: &Figure) -> Markup {
    html! {
        div.figure {
            p.figure-label {
                @if let Some(href) = &it.href { a href=(href) { (it.label) } } @else { (it.label) }
                " " span.period { (it.period) }
            }
            p.figure-value { (amount(locale, &it.amount)) (change_of(locale, it.change.as_ref())) }
            @if it.status.is_some() || !it.marks.is_empty() {
                p.marks {
                    @if let Some((status, word)) = &it.status {
                        @match word {
                            Some(word) => (badge::status_named(*status, word)),
                            None => (badge::status(locale, *status)),
                        }
                    }
                    @for mark in &it.marks { (badge::source(locale, *mark)) }
                }
            }
            dl.facts {
                @if let Some(target) = &it.target {
                    dt { (tr!(locale, "figure.target")) }
                    dd {
                        (target.amount.text(locale))
                        @for mark in &target.marks { " " (badge::source(locale, *mark)) }
                    }
                }
                @if let Some(direction) = it.direction {
                    dt { (tr!(locale, "figure.direction")) }
                    dd { (badge::direction(locale, direction)) }
                }
                @if let Some(achievement) = it.achievement {
                    dt { (tr!(locale, "figure.achievement")) }
                    dd { (format::percent(locale, achievement, 2)) }
                }
                @if let Some(part) = &it.coverage {
                    dt { (tr!(locale, "figure.coverage")) }
                    dd { (coverage(locale, part)) }
                }
                @if let Some(age) = &it.age {
                    dt { (tr!(locale, "figure.age")) }
                    dd { (age) }
                }
                @if let Some(source) = &it.source {
                    dt { (tr!(locale, "figure.source")) }
                    dd { (source) }
                }
            }
            @if let Some(href) = &it.why { (why(locale, href, &it.label)) }
        }
    }
}

/// The number large and its unit small; a missing one as its word, never as a zero.
pub fn amount(locale: Locale, amount: &Amount) -> Markup {
    match amount {
        Amount::Of { value, decimals, unit } => html! {
            span.amount {
                b { (format::number(locale, *value, *decimals)) }
                @if !unit.is_empty() {
                    @if unit != "%" { (format::NO_BREAK) }
                    span.unit { (unit) }
                }
            }
        },
        Amount::None(status) => html! { span.amount.none { (status.word(locale)) } },
    }
}

/// "8 dari 10 (92,4% penduduk)", and who is not in.
pub fn coverage(locale: Locale, it: &Coverage) -> Markup {
    html! {
        (tr!(locale, "figure.coverage_of", reporting = it.reporting, expected = it.expected))
        @if let Some((share, name)) = &it.weight {
            " (" (format::percent(locale, *share, 1)) " " (name) ")"
        }
        @if !it.missing.is_empty() {
            span.without { (tr!(locale, "figure.without")) " " (names(locale, &it.missing)) }
        }
    }
}

/// A few names whole; of many the first ones and how many more, since the table beside names them all.
fn names(locale: Locale, missing: &[String]) -> String {
    const FEW: usize = 4;
    if missing.len() <= FEW {
        return missing.join(", ");
    }
    let shown = missing[..FEW - 1].join(", ");
    let more = tr!(locale, "figure.and_others", count = missing.len() - (FEW - 1));
    format!("{shown} {more}")
}

/// Arrow, signed number and what it is compared with; green or red only where one way is better.
pub fn change(locale: Locale, it: &Change) -> Markup {
    let class = match it.better {
        Some(true) => "change g",
        Some(false) => "change r",
        None => "change n",
    };
    let arrow = match it.value {
        value if value > Decimal::ZERO => Icon::Up,
        value if value < Decimal::ZERO => Icon::Down,
        _ => Icon::Same,
    };
    html! {
        span class=(class) {
            (icon(arrow)) (format::signed(locale, it.value, it.decimals))
            @match it.better {
                Some(true) => span.vh { " " (tr!(locale, "figure.better")) },
                Some(false) => span.vh { " " (tr!(locale, "figure.worse")) },
                None => {},
            }
            @if !it.since.is_empty() { " " (tr!(locale, "figure.since", period = it.since)) }
        }
    }
}

fn change_of(locale: Locale, it: Option<&Change>) -> Markup {
    html! { @if let Some(it) = it { " " (change(locale, it)) } }
}

/// The link "Mengapa?" to the explanation of a number; says of which to those who hear the page.
pub fn why(locale: Locale, href: &str, of: &str) -> Markup {
    html! {
        a.why href=(href) { (icon(Icon::Why)) (tr!(locale, "figure.why")) span.vh { " " (of) } }
    }
}
