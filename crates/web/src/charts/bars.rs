//! Regencies ranked by a value: a bar each, last period as a tick, the target as a line; those
//! without a value stand apart, with the reason, and never at the bottom of the ranking.

use super::Unit;
use super::scale::{Scale, Start};
use super::trend::dash;
use crate::components::figure::{Change, change};
use crate::components::table::{Column, Row, Table};
use crate::components::{SourceMark, Status, badge};
use crate::format;
use crate::locale::{Locale, tr};
use maud::{Markup, html};
use rust_decimal::Decimal;

/// One who reported.
#[derive(Clone, Debug)]
pub struct Bar {
    /// Rank, or range of ranks among equals: `1`, `2–3`.
    pub rank: String,
    /// Name.
    pub name: String,
    /// Where the name leads.
    pub href: Option<String>,
    /// The value.
    pub value: Decimal,
    /// Its status by the comparison's rule set.
    pub status: Status,
    /// The value of the earlier period.
    pub previous: Option<Decimal>,
    /// Its own target, where targets differ.
    pub target: Option<Decimal>,
    /// Change against the earlier period.
    pub change: Option<Change>,
    /// Marks of the source.
    pub marks: Vec<SourceMark>,
    /// Lifts the row out: one's own regency.
    pub own: bool,
}

/// One without a value.
#[derive(Clone, Debug)]
pub struct Silent {
    /// Name.
    pub name: String,
    /// Where the name leads.
    pub href: Option<String>,
    /// Which kind of nothing.
    pub status: Status,
    /// Why, in a sentence.
    pub reason: String,
}

/// The ranking.
#[derive(Clone, Debug)]
pub struct RankedBars {
    /// What it shows.
    pub title: String,
    /// How values are written.
    pub unit: Unit,
    /// The period shown.
    pub period: String,
    /// The earlier period of the ticks; empty for none.
    pub previous_period: String,
    /// Bars in the order of rank.
    pub bars: Vec<Bar>,
    /// A common target.
    pub target: Option<Decimal>,
    /// The province's own figure: its words and the value, as a second line.
    pub reference: Option<(String, Decimal)>,
    /// Those without a value.
    pub silent: Vec<Silent>,
}

/// Draws the ranking as an ordered list; each row has its words beside its bar.
pub fn ranked_bars(locale: Locale, it: &RankedBars) -> Markup {
    let Some(scale) = it.scale() else {
        return html! { (silent(locale, &it.silent)) };
    };
    let zero_based = scale.from() <= Decimal::ZERO;
    html! {
        figure.bars {
            figcaption.vh { (it.title) }
            (legend(locale, it))
            ol {
                @for bar in &it.bars { (row(locale, it, bar, &scale)) }
                li.axis aria-hidden="true" { (axis(locale, &scale)) }
            }
            @if !zero_based {
                p.sub { (tr!(locale, "chart.axis_from", value = it.unit.number(locale, scale.from()))) }
            }
            (silent(locale, &it.silent))
        }
    }
}

impl RankedBars {
    /// From zero where that leaves the differences visible; else from near the smallest value, and
    /// the page says so.
    fn scale(&self) -> Option<Scale> {
        let values: Vec<Decimal> = self
            .bars
            .iter()
            .flat_map(|bar| [Some(bar.value), bar.previous, bar.target])
            .chain([self.target, self.reference.as_ref().map(|(_, value)| *value)])
            .flatten()
            .collect();
        let low = values.iter().min()?;
        let high = values.iter().max()?;
        let near = *low > Decimal::ZERO && *low > *high / Decimal::TWO;
        Scale::holding(values, if near { Start::Fitted } else { Start::Zero }, 4)
    }

    /// The same as a table, the silent ones included.
    pub fn table(&self, locale: Locale) -> Table {
        let columns = vec![
            Column::text(tr!(locale, "chart.region")),
            Column::number(tr!(locale, "chart.rank")),
            Column::number(self.period.as_str()),
            Column::number(tr!(locale, "figure.target")),
            Column::number(tr!(locale, "chart.change")),
            Column::text(tr!(locale, "chart.status")),
        ];
        let bars = self.bars.iter().map(|bar| {
            let target = bar.target.or(self.target).map(|it| self.unit.full(locale, it));
            Row::new(vec![
                name(&bar.name, bar.href.as_deref()),
                html! { (bar.rank) },
                html! {
                    (self.unit.full(locale, bar.value))
                    @for mark in &bar.marks { " " (badge::source(locale, *mark)) }
                },
                html! { (target.unwrap_or_else(|| String::from("–"))) },
                html! { @match &bar.change { Some(it) => (change(locale, it)), None => "–" } },
                badge::status(locale, bar.status),
            ])
            .marked(bar.own)
        });
        let silent = self.silent.iter().map(|it| {
            Row::new(vec![
                name(&it.name, it.href.as_deref()),
                html! { "–" },
                html! { "–" },
                html! { "–" },
                html! { "–" },
                html! { (badge::status(locale, it.status)) " " (it.reason) },
            ])
        });
        Table::new(self.title.as_str(), columns).rows(bars).rows(silent)
    }
}

fn name(name: &str, href: Option<&str>) -> Markup {
    html! { @if let Some(href) = href { a href=(href) { (name) } } @else { (name) } }
}

fn row(locale: Locale, it: &RankedBars, bar: &Bar, scale: &Scale) -> Markup {
    let foot = if scale.from() > Decimal::ZERO { scale.from() } else { Decimal::ZERO };
    let (from, to) = (scale.share(bar.value.min(foot)), scale.share(bar.value.max(foot)));
    let target = bar.target.or(it.target);
    html! {
        li.own[bar.own] data-tip=(tip(locale, it, bar)) {
            span.rank { (bar.rank) }
            span.name {
                (name(&bar.name, bar.href.as_deref()))
                @for mark in &bar.marks { " " (badge::source(locale, *mark)) }
            }
            svg class={ "bar " (bar.status.class()) } width="100%" height="26" aria-hidden="true" focusable="false" {
                @for tick in scale.ticks() {
                    @let x = scale.share(tick);
                    line.grid x1={ (x) "%" } x2={ (x) "%" } y1="0" y2="100%" stroke="#e4eaf1" {}
                }
                rect.fill x={ (from) "%" } y="20%" width={ (to - from) "%" } height="60%" rx="2" fill=(bar.status.colour()) {}
                @if let Some((_, value)) = &it.reference {
                    @let x = scale.share(*value);
                    line.reference x1={ (x) "%" } x2={ (x) "%" } y1="0" y2="100%" stroke="#1c5fa8" stroke-width="1.500" {}
                }
                @if let Some(value) = target {
                    @let x = scale.share(value);
                    line.target x1={ (x) "%" } x2={ (x) "%" } y1="0" y2="100%" stroke="#4a5a70" stroke-width="1.500" stroke-dasharray="4 3" {}
                }
                @if let Some(value) = bar.previous {
                    @let x = scale.share(value);
                    line.previous x1={ (x) "%" } x2={ (x) "%" } y1="8%" y2="92%" stroke="#15233a" stroke-width="2.500" {}
                }
            }
            span.val {
                b { (it.unit.number(locale, bar.value)) }
                span.vh { " " (it.unit.name) ", " (bar.status.word(locale)) }
            }
            span.chg { @if let Some(moved) = &bar.change { (change(locale, moved)) } }
        }
    }
}

fn tip(locale: Locale, it: &RankedBars, bar: &Bar) -> String {
    let mut lines =
        vec![bar.name.clone(), format!("{}: {}", it.period, it.unit.full(locale, bar.value))];
    if let Some(value) = bar.previous {
        lines.push(format!("{}: {}", it.previous_period, it.unit.full(locale, value)));
    }
    if let Some(value) = bar.target.or(it.target) {
        lines
            .push(tr!(locale, "chart.target_is", value = it.unit.full(locale, value)).into_owned());
    }
    lines.push(bar.status.word(locale).into_owned());
    lines.join("\n")
}

fn axis(locale: Locale, scale: &Scale) -> Markup {
    html! {
        svg width="100%" height="20" focusable="false" {
            @for tick in scale.ticks() {
                text.tick x={ (scale.share(tick)) "%" } y="1.1em" text-anchor="middle" font-size="12" fill="#4a5a70" {
                    (format::number(locale, tick, scale.tick_decimals()))
                }
            }
        }
    }
}

fn legend(locale: Locale, it: &RankedBars) -> Markup {
    html! {
        ul.legend {
            @for status in Status::ALL {
                @if it.bars.iter().any(|bar| bar.status == status) {
                    li { (crate::components::icon::shape(status)) (status.word(locale)) }
                }
            }
            @if it.bars.iter().any(|bar| bar.previous.is_some()) {
                li { (upright("previous")) (it.previous_period) }
            }
            @if it.target.is_some() || it.bars.iter().any(|bar| bar.target.is_some()) {
                li { (dash("target")) (tr!(locale, "figure.target"))
                    @if let Some(value) = it.target { " " (it.unit.full(locale, value)) } }
            }
            @if let Some((label, value)) = &it.reference {
                li { (upright("reference")) (label) " " (it.unit.full(locale, *value)) }
            }
        }
    }
}

fn upright(class: &str) -> Markup {
    html! {
        svg class={ "key " (class) } width="8" height="14" viewBox="0 0 8 14" aria-hidden="true" {
            path d="M4 1v12" stroke=(if class == "previous" { "#15233a" } else { "#1c5fa8" }) stroke-width="2.500" {}
        }
    }
}

/// Those without a value: names, which kind of nothing, and why.
pub fn silent(locale: Locale, them: &[Silent]) -> Markup {
    html! {
        @if !them.is_empty() {
            div.silent {
                h3 { (tr!(locale, "chart.silent", count = them.len())) }
                ul {
                    @for it in them {
                        li {
                            span.name { (name(&it.name, it.href.as_deref())) }
                            (badge::status(locale, it.status))
                            @if !it.reason.is_empty() { span.sub { (it.reason) } }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, value: i64, status: Status) -> Bar {
        Bar {
            rank: String::from("1"),
            name: name.to_owned(),
            href: Some(String::from("/ntb/a?b=c&d=e")),
            value: Decimal::from(value),
            status,
            previous: None,
            target: None,
            change: None,
            marks: vec![SourceMark::Unverified],
            own: false,
        }
    }

    fn sample(values: &[i64]) -> RankedBars {
        RankedBars {
            title: String::from("Kemiskinan"),
            unit: Unit::new("%", 2),
            period: String::from("2024"),
            previous_period: String::from("2023"),
            bars: values.iter().map(|it| bar("Bima", *it, Status::Red)).collect(),
            target: None,
            reference: None,
            silent: vec![Silent {
                name: String::from("Dompu"),
                href: None,
                status: Status::Missing,
                reason: String::from("Belum menerbitkan 2024."),
            }],
        }
    }

    #[test]
    fn silent_ones_stand_apart_and_are_in_the_table() {
        let text = ranked_bars(Locale::Id, &sample(&[12, 30])).into_string();
        let (ranked, apart) = text.split_once("class=\"silent\"").expect("a list apart");
        assert!(!ranked.contains("Dompu"));
        assert!(apart.contains("Dompu") && apart.contains("Belum menerbitkan 2024."));
        let table = sample(&[12]).table(Locale::Id);
        let twin = crate::components::table::table(Locale::Id, &table).into_string();
        assert!(twin.contains("Dompu") && twin.contains("belum terverifikasi"));
    }

    #[test]
    fn bars_begin_at_zero_or_the_page_says_where() {
        let text = |values: &[i64]| ranked_bars(Locale::Id, &sample(values)).into_string();
        assert!(!text(&[12, 30]).contains("Sumbu"));
        assert!(text(&[65, 80]).contains("Sumbu dimulai dari 65,00%"), "{}", text(&[65, 80]));
    }

    #[test]
    fn negative_values_grow_to_the_left_of_zero() {
        let text = ranked_bars(Locale::Id, &sample(&[-10, 10])).into_string();
        assert!(text.contains(r#"x="0%" y="20%" width="50%""#), "{text}");
        assert!(text.contains(r#"x="50%" y="20%" width="50%""#), "{text}");
    }

    #[test]
    fn addresses_and_names_are_escaped() {
        let mut it = sample(&[12, 30]);
        it.bars[0].name = String::from("<i>");
        let text = ranked_bars(Locale::Id, &it).into_string();
        assert!(text.contains("/ntb/a?b=c&amp;d=e"));
        assert!(text.contains("&lt;i&gt;") && !text.contains("<i>"));
    }

    #[test]
    fn without_any_value_only_the_silent_ones_are_shown() {
        let text = ranked_bars(Locale::Id, &sample(&[])).into_string();
        assert!(!text.contains("<ol"));
        assert!(text.contains("Dompu"));
    }
}
