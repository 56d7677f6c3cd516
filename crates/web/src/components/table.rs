//! Tables: a caption, sortable heads, numbers at the right, and rows that stack on a phone.

use super::icon::{Icon, icon};
use crate::locale::{Locale, tr};
use maud::{Markup, html};

/// How a column is sorted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sorted {
    /// Not by this column.
    No,
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// The head of a column.
#[derive(Clone, Debug)]
pub struct Column {
    label: String,
    number: bool,
    sort: Option<(String, Sorted)>,
}

impl Column {
    /// A column of words.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), number: false, sort: None }
    }

    /// A column of numbers: at the right, figures below figures.
    pub fn number(label: impl Into<String>) -> Self {
        Self { label: label.into(), number: true, sort: None }
    }

    /// Sortable by following `href`.
    #[must_use]
    pub fn sort(mut self, href: impl Into<String>, now: Sorted) -> Self {
        self.sort = Some((href.into(), now));
        self
    }
}

/// One row: as many cells as there are columns; the first names the row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    cells: Vec<Markup>,
    marked: bool,
}

impl Row {
    /// A row of cells.
    pub const fn new(cells: Vec<Markup>) -> Self {
        Self { cells, marked: false }
    }

    /// Lifts the row out: one's own regency, the total.
    #[must_use]
    pub const fn marked(mut self, marked: bool) -> Self {
        self.marked = marked;
        self
    }
}

/// A whole table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    caption: String,
    caption_hidden: bool,
    columns: Vec<Column>,
    rows: Vec<Row>,
    scrolls: bool,
}

impl Table {
    /// A table whose caption says what it shows.
    pub fn new(caption: impl Into<String>, columns: Vec<Column>) -> Self {
        Self { caption: caption.into(), columns, ..Self::default() }
    }

    /// Hides the caption from the eye, where the card's heading says the same.
    #[must_use]
    pub const fn quiet(mut self) -> Self {
        self.caption_hidden = true;
        self
    }

    /// Keeps the columns on a phone and scrolls sideways instead of stacking: for grids of numbers.
    #[must_use]
    pub const fn scrolling(mut self) -> Self {
        self.scrolls = true;
        self
    }

    /// Adds a row.
    #[must_use]
    pub fn row(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }

    /// Adds rows.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.extend(rows);
        self
    }
}

/// Draws the table. Roles are written out, because stacked rows (`display: block`) would lose them.
pub fn table(locale: Locale, it: &Table) -> Markup {
    let class = if it.scrolls { "table" } else { "table stack" };
    html! {
        div.table-box tabindex=[it.scrolls.then_some("0")] role=[it.scrolls.then_some("region")]
            aria-label=[it.scrolls.then_some(it.caption.as_str())] {
            table class=(class) role="table" {
                caption.vh[it.caption_hidden] { (it.caption) }
                thead role="rowgroup" {
                    tr role="row" { @for column in &it.columns { (head(locale, column)) } }
                }
                tbody role="rowgroup" {
                    @for row in &it.rows {
                        tr.marked[row.marked] role="row" {
                            @for (at, cell) in row.cells.iter().enumerate() {
                                (body_cell(it.columns.get(at), at, cell))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn body_cell(column: Option<&Column>, at: usize, cell: &Markup) -> Markup {
    let number = column.is_some_and(|it| it.number);
    let label = column.map_or("", |it| it.label.as_str());
    html! {
        @if at == 0 {
            th.num[number] scope="row" role="rowheader" { (cell) }
        } @else {
            // One thing beside the label, where the cells of a row stand below one another.
            td.num[number] role="cell" data-label=(label) { div { (cell) } }
        }
    }
}

fn head(locale: Locale, column: &Column) -> Markup {
    let (sorted, arrow) = match column.sort {
        Some((_, Sorted::Ascending)) => (Some("ascending"), Some(Icon::Up)),
        Some((_, Sorted::Descending)) => (Some("descending"), Some(Icon::Down)),
        _ => (None, None),
    };
    html! {
        th.num[column.number] scope="col" role="columnheader" aria-sort=[sorted] {
            @if let Some((href, _)) = &column.sort {
                a href=(href) title=(tr!(locale, "table.sort_by", column = column.label)) {
                    (column.label) @if let Some(arrow) = arrow { (icon(arrow)) }
                }
            } @else { (column.label) }
        }
    }
}

/// The table twin of a chart, folded below it.
pub fn twin(locale: Locale, it: &Table) -> Markup {
    html! {
        details.twin {
            summary { (tr!(locale, "table.show")) }
            (table(locale, it))
        }
    }
}

/// Pairs of term and meaning, as in an indicator's manual. Empty meanings are shown as a dash
/// with the words "belum diisi" for those who hear the page.
pub fn definitions(locale: Locale, pairs: &[(String, Markup)]) -> Markup {
    html! {
        dl.manual {
            @for (term, meaning) in pairs {
                div {
                    dt { (term) }
                    dd {
                        @if meaning.0.is_empty() { (tr!(locale, "table.not_filled")) } @else { (meaning) }
                    }
                }
            }
        }
    }
}
