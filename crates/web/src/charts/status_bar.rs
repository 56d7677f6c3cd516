//! How many indicators stand at which status: one bar of stacked parts and the same in words; and
//! the card of a perspective, which shows it beside a score.

use super::Unit;
use super::line::{Point, Sparkline, sparkline};
use crate::components::figure::{Change, change};
use crate::components::{Status, badge};
use crate::format;
use crate::locale::{Locale, tr};
use maud::{Markup, html};
use rust_decimal::Decimal;

/// Counts per status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts(Vec<(Status, u32)>);

impl Counts {
    /// Counts in the usual order; the same status twice is added up.
    pub fn of(counts: impl IntoIterator<Item = (Status, u32)>) -> Self {
        let all: Vec<(Status, u32)> = counts.into_iter().collect();
        Self(
            Status::ALL
                .into_iter()
                .map(|status| {
                    (status, all.iter().filter(|(it, _)| *it == status).map(|(_, n)| n).sum())
                })
                .filter(|(_, count)| *count > 0)
                .collect(),
        )
    }

    /// Of all statuses.
    pub fn total(&self) -> u32 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

/// Draws the bar and its words: "12 IKU: 9 tercapai, 2 perlu perhatian, 1 tanpa nilai".
pub fn status_bar(locale: Locale, counts: &Counts) -> Markup {
    let total = counts.total();
    html! {
        div.status-bar {
            svg width="100%" height="8" aria-hidden="true" focusable="false" {
                rect.track width="100%" height="100%" rx="3" fill="#e4eaf1" {}
                @for (status, from, width) in parts(counts) {
                    rect class={ "part " (status.class()) } x={ (from) "%" } width={ (width) "%" } height="100%"
                        fill=(status.colour()) stroke="#fff" stroke-width="1" {}
                }
            }
            p {
                (tr!(locale, "chart.indicators", count = total))
                @for (at, (status, count)) in counts.0.iter().enumerate() {
                    (if at == 0 { ": " } else { ", " }) b { (count) } " " (status.word(locale).to_lowercase())
                }
            }
        }
    }
}

/// Where each part begins and how wide it is, in per cent; together exactly 100.
fn parts(counts: &Counts) -> Vec<(Status, Decimal, Decimal)> {
    let total = Decimal::from(counts.total());
    let mut before = 0;
    counts
        .0
        .iter()
        .map(|(status, count)| {
            let edge = |n: u32| (Decimal::from(n) * Decimal::ONE_HUNDRED / total).round_dp(2);
            let from = edge(before);
            before += count;
            (*status, from.normalize(), (edge(before) - from).normalize())
        })
        .collect()
}

/// The four perspectives, each with its own colour for names and edges; status keeps its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PerspectiveHue {
    /// Pemangku kepentingan.
    Stakeholder,
    /// Proses internal.
    Process,
    /// Pembelajaran dan pertumbuhan.
    Learning,
    /// Keuangan dan anggaran.
    Finance,
}

impl PerspectiveHue {
    /// The CSS class.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Stakeholder => "p1",
            Self::Process => "p2",
            Self::Learning => "p3",
            Self::Finance => "p4",
        }
    }
}

/// The card of a perspective.
#[derive(Clone, Debug)]
pub struct PerspectiveCard {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub hue: PerspectiveHue,
    /// Where it leads.
    pub href: Option<String>,
    /// Its achievement in per cent; `None` when nothing can be scored yet.
    pub achievement: Option<Decimal>,
    /// Its status.
    pub status: Status,
    /// The scale's word; empty for the usual one.
    pub word: String,
    /// Change against an earlier period.
    pub change: Option<Change>,
    /// Its line over time; empty for none.
    pub points: Vec<Point>,
    /// Its indicators by status.
    pub counts: Counts,
    /// Weight of the perspective in per cent, where it has one.
    pub weight: Option<Decimal>,
}

/// Draws the card of a perspective.
pub fn perspective_card(locale: Locale, it: &PerspectiveCard) -> Markup {
    let unit = Unit::new("%", 1);
    let title = tr!(locale, "chart.trend_of", name = it.name);
    let line = Sparkline { title: &title, points: &it.points, unit: &unit, status: None };
    html! {
        section class={ "card edge perspective " (it.status.class()) " " (it.hue.class()) } {
            h2 { @if let Some(href) = &it.href { a href=(href) { (it.name) } } @else { (it.name) } }
            p.marks {
                @if it.word.is_empty() { (badge::status(locale, it.status)) } @else { (badge::status_named(it.status, &it.word)) }
                @if let Some(weight) = it.weight {
                    span.sub { (tr!(locale, "chart.weight", value = format::percent(locale, weight, weight.normalize().scale()))) }
                }
            }
            div.perspective-row {
                div {
                    p.amount {
                        @match it.achievement {
                            Some(value) => { b { (format::number(locale, value, 1)) } span.unit { "%" } },
                            None => b { "–" },
                        }
                    }
                    @if let Some(moved) = &it.change { p { (change(locale, moved)) } }
                }
                (sparkline(locale, &line))
            }
            (status_bar(locale, &it.counts))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_fill_the_bar_exactly() {
        let counts = Counts::of([(Status::Red, 1), (Status::Green, 1), (Status::Missing, 1)]);
        let all = parts(&counts);
        assert_eq!(all.iter().map(|(_, _, width)| width).sum::<Decimal>(), Decimal::ONE_HUNDRED);
        assert_eq!(all[0].0, Status::Green);
    }

    #[test]
    fn words_count_every_kind_of_nothing_apart() {
        let counts = Counts::of([
            (Status::Green, 9),
            (Status::Missing, 2),
            (Status::NotYetDue, 1),
            (Status::Missing, 1),
        ]);
        let text = status_bar(Locale::Id, &counts).into_string();
        assert!(
            text.contains(
                "13 IKU: <b>9</b> tercapai, <b>3</b> belum ada nilai, <b>1</b> belum jatuh tempo"
            ),
            "{text}"
        );
    }

    #[test]
    fn no_indicators_is_an_empty_bar() {
        let text = status_bar(Locale::Id, &Counts::default()).into_string();
        assert!(text.contains("0 IKU"));
        assert!(!text.contains("class=\"part"));
    }
}
