//! Small multiples: the same line for every regency on one common scale, so that they compare.

use super::Unit;
use super::line::{Point, in_words, segments, strokes, target_path};
use super::scale::{Scale, Start};
use crate::components::table::{Column, Row, Table};
use crate::components::{Status, badge};
use crate::locale::{Locale, tr};
use maud::{Markup, html};
use rust_decimal::Decimal;

/// One small drawing.
#[derive(Clone, Debug)]
pub struct Multiple {
    /// Name.
    pub name: String,
    /// Where it leads.
    pub href: Option<String>,
    /// The same periods as in all others, gaps included.
    pub points: Vec<Point>,
    /// Status of the newest value.
    pub status: Status,
    /// Lifts it out: one's own regency.
    pub own: bool,
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Multiples {
    /// What they show.
    pub title: String,
    /// How values are written.
    pub unit: Unit,
    /// One per regency.
    pub items: Vec<Multiple>,
}

/// Draws them as a list of small cards.
pub fn multiples(locale: Locale, it: &Multiples) -> Markup {
    let values = it
        .items
        .iter()
        .flat_map(|item| &item.points)
        .flat_map(|point| [point.value, point.target])
        .flatten();
    let scale = Scale::holding(values, Start::Fitted, 3);
    html! {
        ul.multiples aria-label=(it.title) {
            @for item in &it.items { li.own[item.own] { (one(locale, it, item, scale.as_ref())) } }
        }
    }
}

fn one(locale: Locale, it: &Multiples, item: &Multiple, scale: Option<&Scale>) -> Markup {
    let newest = item.points.last().and_then(|point| point.value);
    let words = in_words(locale, &item.points, &it.unit);
    let tip = format!("{}\n{}", item.name, words.replace("; ", "\n"));
    let ends = (item.points.first(), item.points.last());
    html! {
        div.multiple data-tip=(tip) {
            p {
                span.name {
                    @if let Some(href) = &item.href { a href=(href) { (item.name) } } @else { (item.name) }
                }
                @match newest {
                    Some(value) => b { (it.unit.number(locale, value)) },
                    None => span.sub { (Status::Missing.word(locale)) },
                }
            }
            @if let Some(scale) = scale {
                svg class={ "spark " (item.status.class()) } viewBox="0 0 100 100" width="100%" height="44"
                    preserveAspectRatio="none" role="img" overflow="visible" {
                    title { (item.name) ": " (words) }
                    path.target d=(target_path(&item.points, scale)) fill="none" stroke="#8391a5"
                        stroke-dasharray="3 3" vector-effect="non-scaling-stroke" {}
                    (strokes(&segments(&item.points, scale), Some(item.status)))
                }
            }
            @if let (Some(first), Some(last)) = ends {
                p.ends aria-hidden="true" { span { (first.label) } span { (last.label) } }
            }
        }
    }
}

impl Multiples {
    /// The same as a table: regencies down, periods across.
    pub fn table(&self, locale: Locale) -> Table {
        let mut columns = vec![Column::text(tr!(locale, "chart.region"))];
        let periods = self.items.first().map(|it| it.points.as_slice()).unwrap_or_default();
        columns.extend(periods.iter().map(|point| Column::number(point.label.as_str())));
        let rows = self.items.iter().map(|item| {
            let mut cells = vec![html! { (item.name) }];
            cells.extend(
                item.points.iter().map(|point| cell(locale, &self.unit, point.value, point)),
            );
            Row::new(cells).marked(item.own)
        });
        Table::new(self.title.as_str(), columns).rows(rows).scrolling()
    }
}

fn cell(locale: Locale, unit: &Unit, value: Option<Decimal>, point: &Point) -> Markup {
    html! {
        @match value {
            Some(value) => {
                (unit.number(locale, value))
                @for mark in &point.marks { " " (badge::source(locale, *mark)) }
            },
            None => (badge::status(locale, Status::Missing)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, values: &[Option<i64>]) -> Multiple {
        Multiple {
            name: name.to_owned(),
            href: None,
            points: values
                .iter()
                .enumerate()
                .map(|(at, it)| Point::new((2020 + at).to_string(), it.map(Decimal::from)))
                .collect(),
            status: Status::Green,
            own: false,
        }
    }

    #[test]
    fn all_share_one_scale() {
        let it = Multiples {
            title: String::from("IPM"),
            unit: Unit::new("", 0),
            items: vec![
                item("Bima", &[Some(0), Some(50)]),
                item("Mataram", &[Some(50), Some(100)]),
            ],
        };
        let text = multiples(Locale::Id, &it).into_string();
        // 50 is in the middle of both: the end of one line and the beginning of the other.
        assert!(text.contains("M0 100L100 50\""), "{text}");
        assert!(text.contains("M0 50L100 0\""), "{text}");
    }

    #[test]
    fn newest_missing_is_said() {
        let it = Multiples {
            title: String::from("IPM"),
            unit: Unit::new("", 0),
            items: vec![item("Dompu", &[Some(1), None])],
        };
        assert!(multiples(Locale::Id, &it).into_string().contains("Belum ada nilai"));
        let twin = crate::components::table::table(Locale::Id, &it.table(Locale::Id));
        assert!(twin.into_string().contains("Belum ada nilai"));
    }
}
