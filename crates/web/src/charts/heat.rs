//! Several indicators side by side: regencies down, indicators across, each cell coloured by its
//! achievement and carrying number and shape.

use crate::components::icon::shape;
use crate::components::{Amount, Status};
use crate::format;
use crate::locale::{Locale, tr};
use maud::{Markup, html};
use rust_decimal::Decimal;

/// An indicator across the top.
#[derive(Clone, Debug)]
pub struct HeatColumn {
    /// Its name, short.
    pub label: String,
    /// Where it leads, for instance the comparison of this indicator.
    pub href: Option<String>,
    /// Unit and direction in words: "%, makin rendah makin baik".
    pub about: String,
}

/// One cell.
#[derive(Clone, Debug)]
pub struct HeatCell {
    /// The value, or which kind of nothing.
    pub amount: Amount,
    /// Achievement in per cent under the comparison's rule set.
    pub achievement: Option<Decimal>,
    /// Its status.
    pub status: Status,
    /// More for the tooltip: source, age.
    pub note: String,
    /// Where it leads.
    pub href: Option<String>,
}

/// One regency.
#[derive(Clone, Debug)]
pub struct HeatRow {
    /// Its name.
    pub label: String,
    /// Where it leads.
    pub href: Option<String>,
    /// One cell per column.
    pub cells: Vec<HeatCell>,
    /// Lifts the row out.
    pub own: bool,
}

/// The whole table.
#[derive(Clone, Debug)]
pub struct HeatTable {
    /// What it shows.
    pub caption: String,
    /// Indicators.
    pub columns: Vec<HeatColumn>,
    /// Regencies.
    pub rows: Vec<HeatRow>,
}

/// Draws the heat table. It is its own table twin.
pub fn heat_table(locale: Locale, it: &HeatTable) -> Markup {
    html! {
        div.table-box tabindex="0" role="region" aria-label=(it.caption) {
            table.table.heat {
                caption.vh { (it.caption) }
                thead {
                    tr {
                        th scope="col" { (tr!(locale, "chart.region")) }
                        @for column in &it.columns {
                            th scope="col" {
                                @if let Some(href) = &column.href { a href=(href) { (column.label) } } @else { (column.label) }
                                @if !column.about.is_empty() { small { (column.about) } }
                            }
                        }
                    }
                }
                tbody {
                    @for row in &it.rows {
                        tr.marked[row.own] {
                            th scope="row" {
                                @if let Some(href) = &row.href { a href=(href) { (row.label) } } @else { (row.label) }
                            }
                            @for cell in &row.cells { (heat_cell(locale, cell)) }
                        }
                    }
                }
            }
        }
    }
}

fn heat_cell(locale: Locale, it: &HeatCell) -> Markup {
    let missing = matches!(it.amount, Amount::None(_));
    let inside = html! {
        span.top {
            (shape(it.status))
            @match &it.amount {
                Amount::Of { value, decimals, .. } => b { (format::number(locale, *value, *decimals)) },
                Amount::None(status) => span { (status.word(locale)) },
            }
        }
        @if let Some(achievement) = it.achievement {
            small { (format::percent(locale, achievement, 1)) span.vh { " " (tr!(locale, "figure.achievement")) } }
        }
        @if !missing { span.vh { ", " (it.status.word(locale)) } }
    };
    html! {
        td class=(it.status.class()) data-tip=[(!it.note.is_empty()).then_some(&it.note)] {
            @if let Some(href) = &it.href { a href=(href) { (inside) } } @else { span.cell { (inside) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_say_their_status_and_missing_is_not_zero() {
        let cell = |amount, status| HeatCell {
            amount,
            achievement: None,
            status,
            note: String::new(),
            href: None,
        };
        let it = HeatTable {
            caption: String::from("Banding"),
            columns: vec![],
            rows: vec![HeatRow {
                label: String::from("Bima"),
                href: None,
                cells: vec![
                    cell(Amount::of(Decimal::ZERO, 1, "%"), Status::Red),
                    cell(Amount::None(Status::NotApplicable), Status::NotApplicable),
                    cell(Amount::None(Status::Missing), Status::Missing),
                ],
                own: false,
            }],
        };
        let text = heat_table(Locale::Id, &it).into_string();
        assert!(text.contains("<b>0,0</b>") && text.contains("Kritis"));
        assert!(text.contains("Tidak berlaku") && text.contains("Belum ada nilai"));
        assert_eq!(text.matches("0,0").count(), 1);
    }
}
