//! The alignment matrix: the province's objectives against its regencies.

use crate::locale::{Locale, tr};
use maud::{Markup, html};
use std::borrow::Cow;

/// How far a regency carries an objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alignment {
    /// Adopted, with indicator and target.
    Aligned,
    /// Adopted in part.
    Partly,
    /// Not adopted.
    None,
    /// Not asked of this regency.
    NotApplicable,
    /// Not known: nothing was published.
    Unknown,
}

impl Alignment {
    /// Its word.
    pub fn word(self, locale: Locale) -> Cow<'static, str> {
        match self {
            Self::Aligned => tr!(locale, "alignment.aligned"),
            Self::Partly => tr!(locale, "alignment.partly"),
            Self::None => tr!(locale, "alignment.none"),
            Self::NotApplicable => tr!(locale, "alignment.not_applicable"),
            Self::Unknown => tr!(locale, "alignment.unknown"),
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Aligned => "full",
            Self::Partly => "part",
            Self::None => "not",
            Self::NotApplicable | Self::Unknown => "na",
        }
    }

    /// A disc that is full, half, empty, or a dash.
    fn disc(self) -> Markup {
        html! {
            svg.disc viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" {
                @match self {
                    Self::Aligned => {
                        circle cx="10" cy="10" r="9" fill="#0b5394" {}
                        path d="M6 10.500l2.800 2.800L14.500 7.500" fill="none" stroke="#fff" stroke-width="2" {}
                    },
                    Self::Partly => {
                        circle cx="10" cy="10" r="8" fill="none" stroke="#0b5394" stroke-width="2" {}
                        path d="M10 2a8 8 0 0 0 0 16z" fill="#0b5394" {}
                    },
                    Self::None => {
                        circle cx="10" cy="10" r="8" fill="none" stroke="#8391a5" stroke-width="2" stroke-dasharray="3 2.500" {}
                    },
                    Self::NotApplicable | Self::Unknown => { path d="M5 10h10" stroke="#8391a5" stroke-width="2" {} },
                }
            }
        }
    }
}

/// One crossing.
#[derive(Clone, Debug)]
pub struct Crossing {
    /// How far.
    pub alignment: Alignment,
    /// Why, in a sentence.
    pub reason: String,
    /// Where the details are.
    pub href: Option<String>,
}

/// A row: one objective and its crossings, in the order of the columns.
#[derive(Clone, Debug)]
pub struct MatrixRow {
    /// The objective's code and words.
    pub label: String,
    /// Where it leads.
    pub href: Option<String>,
    /// Coverage in words, for instance "7 dari 10 · 81,2% penduduk".
    pub coverage: String,
    /// One per column.
    pub crossings: Vec<Crossing>,
}

/// The whole matrix.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// What it shows.
    pub caption: String,
    /// Head of the first column.
    pub corner: String,
    /// Names of the regencies.
    pub columns: Vec<String>,
    /// The objectives.
    pub rows: Vec<MatrixRow>,
}

/// Draws the matrix as a table that scrolls sideways on a phone, the objectives staying in sight.
pub fn matrix(locale: Locale, it: &Matrix) -> Markup {
    html! {
        ul.legend {
            @for one in [Alignment::Aligned, Alignment::Partly, Alignment::None] {
                li { (one.disc()) (one.word(locale)) }
            }
            @for one in [Alignment::NotApplicable, Alignment::Unknown] {
                @if it.rows.iter().flat_map(|row| &row.crossings).any(|it| it.alignment == one) {
                    li { (one.disc()) (one.word(locale)) }
                }
            }
        }
        div.table-box tabindex="0" role="region" aria-label=(it.caption) {
            table.table.matrix {
                caption.vh { (it.caption) }
                thead {
                    tr {
                        th scope="col" { (it.corner) }
                        @for column in &it.columns { th scope="col" { (column) } }
                        th scope="col" { (tr!(locale, "figure.coverage")) }
                    }
                }
                tbody {
                    @for row in &it.rows {
                        tr {
                            th scope="row" {
                                @if let Some(href) = &row.href { a href=(href) { (row.label) } } @else { (row.label) }
                            }
                            @for crossing in &row.crossings { (cell(locale, crossing)) }
                            td.cover { (row.coverage) }
                        }
                    }
                }
            }
        }
    }
}

fn cell(locale: Locale, it: &Crossing) -> Markup {
    let inside = html! {
        (it.alignment.disc())
        span.word { (it.alignment.word(locale)) }
        @if !it.reason.is_empty() { span.vh { ": " (it.reason) } }
    };
    html! {
        td class=(it.alignment.class()) title=[(!it.reason.is_empty()).then_some(&it.reason)] {
            @if let Some(href) = &it.href { a href=(href) { (inside) } } @else { span.cell { (inside) } }
        }
    }
}
