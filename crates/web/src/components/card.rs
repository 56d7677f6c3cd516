//! Cards and the grids in which they stand.

use super::Status;
use maud::{Markup, html};

/// A white box with a heading.
#[derive(Clone, Debug, Default)]
pub struct Card {
    /// Heading; empty for none.
    pub title: String,
    /// A line under the heading.
    pub subtitle: String,
    /// What stands at the right of the heading: a legend, a button.
    pub tools: Option<Markup>,
    /// Colours the left edge.
    pub status: Option<Status>,
    /// For links into the page.
    pub id: Option<String>,
}

impl Card {
    /// A card with a heading.
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds the line under the heading.
    #[must_use]
    pub fn subtitle(mut self, text: impl Into<String>) -> Self {
        self.subtitle = text.into();
        self
    }

    /// Adds what stands at the right of the heading.
    #[must_use]
    pub fn tools(mut self, tools: Markup) -> Self {
        self.tools = Some(tools);
        self
    }

    /// Colours the left edge.
    #[must_use]
    pub const fn status(mut self, status: Status) -> Self {
        self.status = Some(status);
        self
    }

    /// Names it for links into the page.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
}

/// Draws a card around its content.
#[expect(clippy::needless_pass_by_value, reason = "content is made in the call, as in html!")]
pub fn card(it: &Card, content: Markup) -> Markup {
    let edge = it.status.map_or("", Status::class);
    html! {
        section class={ "card" @if it.status.is_some() { " edge " (edge) } } id=[it.id.as_ref()] {
            @if !it.title.is_empty() || it.tools.is_some() {
                header.card-head {
                    div {
                        @if !it.title.is_empty() { h2 { (it.title) } }
                        @if !it.subtitle.is_empty() { p.sub { (it.subtitle) } }
                    }
                    @if let Some(tools) = &it.tools { div.card-tools { (tools) } }
                }
            }
            (content)
        }
    }
}

/// How wide the columns of a grid are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Columns {
    /// As many as fit, some 15 rem each: figures.
    Narrow,
    /// As many as fit, some 22 rem each: lists, forms.
    Medium,
    /// Two halves on a desk screen: charts.
    Halves,
    /// One beside a wider one: a summary beside a chart.
    Aside,
}

/// Puts cards side by side where there is room, below each other where there is not.
#[expect(clippy::needless_pass_by_value, reason = "content is made in the call, as in html!")]
pub fn grid(columns: Columns, content: Markup) -> Markup {
    let class = match columns {
        Columns::Narrow => "grid narrow",
        Columns::Medium => "grid medium",
        Columns::Halves => "grid halves",
        Columns::Aside => "grid aside",
    };
    html! { div class=(class) { (content) } }
}
