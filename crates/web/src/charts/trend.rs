//! One indicator over the years, with its targets.

use super::Unit;
use super::line::{Point, in_words, path, segments, target_path};
use super::scale::{Scale, Start, across, middle};
use crate::components::badge;
use crate::components::table::{Column, Row, Table};
use crate::components::{SourceMark, Status};
use crate::format;
use crate::locale::{Locale, tr};
use maud::{Markup, html};
use rust_decimal::Decimal;

/// A line over time.
#[derive(Clone, Debug)]
pub struct Trend {
    /// Unique on its page; names the drawing's title and description.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// How values are written.
    pub unit: Unit,
    /// The periods in order, gaps included.
    pub points: Vec<Point>,
    /// Colours the line; usually the status of the newest value.
    pub status: Option<Status>,
    /// Why the series changes, where it does: "Mulai 2020 memakai UHH SP2020".
    pub break_reason: String,
}

/// Draws the trend.
pub fn trend(locale: Locale, it: &Trend) -> Markup {
    let values = it.points.iter().flat_map(|point| [point.value, point.target]).flatten();
    let Some(scale) = Scale::holding(values, Start::Fitted, 4) else {
        return html! { p.sub { (Status::Missing.word(locale)) } };
    };
    let count = it.points.len();
    let class = it.status.map_or("p", Status::class);
    let colour = it.status.map_or("#1c5fa8", Status::colour);
    html! {
        figure.trend-box {
            svg class={ "trend " (class) } width="100%" height="220" role="img"
                aria-labelledby={ (it.id) "-t " (it.id) "-d" } {
                title id={ (it.id) "-t" } { (it.title) }
                desc id={ (it.id) "-d" } { (in_words(locale, &it.points, &it.unit)) }
                (grid(locale, &scale))
                // Inset, so that the first and the last value have room for their words.
                svg x="4%" width="92%" height="100%" overflow="visible" {
                    (breaks(&it.points))
                    svg viewBox="0 0 100 100" width="100%" height="100%" preserveAspectRatio="none" overflow="visible" {
                        path.target d=(target_path(&it.points, &scale)) fill="none" stroke="#4a5a70"
                            stroke-width="1.500" stroke-dasharray="5 4" vector-effect="non-scaling-stroke" {}
                        path.line d=(path(&segments(&it.points, &scale))) fill="none" stroke=(colour)
                            stroke-width="2.500" stroke-linejoin="round" stroke-linecap="round"
                            vector-effect="non-scaling-stroke" {}
                    }
                    @for (at, point) in it.points.iter().enumerate() {
                        text.tick x={ (across(at, count)) "%" } y="100%" dy="1.6em" text-anchor="middle"
                            font-size="12" fill="#4a5a70" { (point.label) }
                        @if let Some(value) = point.value { (dot(locale, it, at, value, &scale)) }
                    }
                }
            }
            (keys(locale, it))
        }
    }
}

fn grid(locale: Locale, scale: &Scale) -> Markup {
    html! {
        @for tick in scale.ticks() {
            @let y = scale.drop(tick);
            line.grid x1="0" x2="100%" y1={ (y) "%" } y2={ (y) "%" } stroke="#dbe3ec" {}
            text.tick x="-10" y={ (y) "%" } dy=".35em" text-anchor="end" font-size="12" fill="#4a5a70" {
                (format::number(locale, tick, scale.tick_decimals()))
            }
        }
    }
}

/// An upright line between the last point of one series and the first of the next.
fn breaks(points: &[Point]) -> Markup {
    html! {
        @for (at, pair) in points.windows(2).enumerate() {
            @if let [before, after] = pair && before.series != after.series {
                @let x = middle(across(at, points.len()), across(at + 1, points.len()));
                line.break x1={ (x) "%" } x2={ (x) "%" } y1="0" y2="100%" stroke="#8391a5" stroke-dasharray="2 3" {}
            }
        }
    }
}

fn dot(locale: Locale, it: &Trend, at: usize, value: Decimal, scale: &Scale) -> Markup {
    let point = &it.points[at];
    let (x, y) = (across(at, it.points.len()), scale.drop(value));
    let unsure = point.marks.iter().any(|mark| *mark != SourceMark::Official);
    let text = it.unit.full(locale, value);
    let mut tip = format!("{}: {text}", point.label);
    if let Some(target) = point.target {
        tip.push('\n');
        tip.push_str(&tr!(locale, "chart.target_is", value = it.unit.full(locale, target)));
    }
    for mark in &point.marks {
        tip.push('\n');
        tip.push_str(&mark.word(locale));
    }
    let colour = it.status.map_or("#1c5fa8", Status::colour);
    html! {
        g data-tip=(tip) {
            circle.dot.hollow[unsure] cx={ (x) "%" } cy={ (y) "%" } r="4.500" fill=(if unsure { "#fff" } else { colour })
                stroke=(colour) stroke-width="2" {}
            text.value x={ (x) "%" } y={ (y) "%" } dy="-.9em" text-anchor="middle" font-size="12"
                font-weight="700" fill="#15233a" { (it.unit.number(locale, value)) }
        }
    }
}

fn keys(locale: Locale, it: &Trend) -> Markup {
    let unsure = it.points.iter().any(|point| !point.marks.is_empty());
    let series = it.points.windows(2).any(|pair| pair[0].series != pair[1].series);
    html! {
        ul.legend {
            @if it.points.iter().any(|point| point.target.is_some()) {
                li { (dash("target")) (tr!(locale, "chart.target_line")) }
            }
            @if unsure { li { (ring()) (tr!(locale, "chart.marked_point")) } }
            @if series {
                li { (dash("break")) (tr!(locale, "chart.series_break"))
                    @if !it.break_reason.is_empty() { ": " (it.break_reason) } }
            }
        }
    }
}

/// A piece of dashed line for a legend.
pub(crate) fn dash(class: &str) -> Markup {
    html! {
        svg class={ "key " (class) } width="22" height="10" viewBox="0 0 22 10" aria-hidden="true" {
            path d="M1 5h20" stroke="#4a5a70" stroke-width="1.500" stroke-dasharray="5 3" {}
        }
    }
}

fn ring() -> Markup {
    html! {
        svg.key width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" {
            circle cx="6" cy="6" r="4.500" fill="none" stroke="#4a5a70" stroke-width="2" {}
        }
    }
}

impl Trend {
    /// The same as a table.
    pub fn table(&self, locale: Locale) -> Table {
        let with_targets = self.points.iter().any(|point| point.target.is_some());
        let mut columns = vec![
            Column::text(tr!(locale, "nav.period")),
            Column::number(tr!(locale, "chart.value")),
        ];
        if with_targets {
            columns.push(Column::number(tr!(locale, "figure.target")));
        }
        columns.push(Column::text(tr!(locale, "chart.marks")));
        let rows = self.points.iter().map(|point| {
            let mut cells = vec![
                html! { (point.label) },
                html! {
                    @match point.value {
                        Some(value) => (self.unit.full(locale, value)),
                        None => (badge::status(locale, Status::Missing)),
                    }
                },
            ];
            if with_targets {
                let target = point.target.map(|it| self.unit.full(locale, it));
                cells.push(html! { (target.unwrap_or_else(|| String::from("–"))) });
            }
            cells.push(html! { @for mark in &point.marks { (badge::source(locale, *mark)) " " } });
            Row::new(cells)
        });
        Table::new(self.title.as_str(), columns).rows(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Trend {
        let mut points: Vec<Point> = [Some(6815), Some(6825), None, Some(7237)]
            .iter()
            .enumerate()
            .map(|(at, it)| Point::new((2019 + at).to_string(), it.map(|it| Decimal::new(it, 2))))
            .collect();
        points[3].series = 1;
        points[3].marks = vec![SourceMark::Derived];
        points[3].target = Some(Decimal::from(71));
        Trend {
            id: String::from("ipm"),
            title: String::from("IPM <NTB>"),
            unit: Unit::new("indeks", 2),
            points,
            status: Some(Status::Green),
            break_reason: String::from("UHH SP2020"),
        }
    }

    #[test]
    fn trend_never_joins_two_series_and_names_the_break() {
        let text = trend(Locale::Id, &sample()).into_string();
        let line = text.split("class=\"line\" d=\"").nth(1).and_then(|it| it.split('"').next());
        assert_eq!(line.map(|d| d.matches('M').count()), Some(2), "{text}");
        assert!(text.contains("UHH SP2020"));
        assert!(text.contains("class=\"break\""));
        assert!(text.contains("IPM &lt;NTB&gt;"));
        assert!(!text.contains(" style="));
    }

    #[test]
    fn table_twin_says_what_is_missing() {
        let text =
            crate::components::table::table(Locale::Id, &sample().table(Locale::Id)).into_string();
        assert!(text.contains("72,37"));
        assert!(text.contains("Belum ada nilai"));
        assert!(text.contains("turunan"));
    }

    #[test]
    fn trend_without_values_is_words() {
        let mut it = sample();
        it.points.clear();
        assert!(trend(Locale::En, &it).into_string().contains("No value yet"));
    }
}
