//! Ways around: breadcrumb, tabs, pages of a list, filters and the period picker.

use super::forms::Choice;
use super::forms::{Field, field};
use super::icon::{Icon, icon};
use crate::locale::{Locale, tr};
use maud::{Markup, html};

/// One step of a breadcrumb or one tab: its words and where it leads.
#[derive(Clone, Debug)]
pub struct Place {
    /// Words.
    pub label: String,
    /// Address.
    pub href: String,
    /// How many wait there, shown beside the words.
    pub waiting: Option<u64>,
}

impl Place {
    /// Words and address.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into(), waiting: None }
    }

    /// With the number of things that wait there.
    #[must_use]
    pub const fn waiting(mut self, count: u64) -> Self {
        self.waiting = Some(count);
        self
    }
}

/// The way here; `here` is the page's own name and no link.
pub fn breadcrumb(locale: Locale, way: &[Place], here: &str) -> Markup {
    html! {
        @if !way.is_empty() {
            nav.crumbs aria-label=(tr!(locale, "nav.breadcrumb")) {
                ol {
                    @for place in way { li { a href=(place.href) { (place.label) } } }
                    li aria-current="page" { (here) }
                }
            }
        }
    }
}

/// Views of one thing; each is a page of its own, so these are links.
pub fn tabs(label: &str, places: &[Place], current: usize) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            ul {
                @for (at, place) in places.iter().enumerate() {
                    li { a href=(place.href) aria-current=[(at == current).then_some("page")] {
                        (place.label) @if let Some(count) = place.waiting { " " span.count { (count) } }
                    } }
                }
            }
        }
    }
}

/// Where one is in a long list.
#[derive(Clone, Debug, Default)]
pub struct Pages {
    /// Address of the page before, if there is one.
    pub previous: Option<String>,
    /// Address of the page after, if there is one.
    pub next: Option<String>,
    /// What is shown, for instance "21-40 dari 312"; empty where nobody counted.
    pub shown: String,
}

/// Links to the pages before and after.
pub fn pagination(locale: Locale, it: &Pages) -> Markup {
    html! {
        @if it.previous.is_some() || it.next.is_some() {
            nav.pages aria-label=(tr!(locale, "nav.pages")) {
                @if let Some(href) = &it.previous {
                    a.btn href=(href) rel="prev" { (icon(Icon::Previous)) (tr!(locale, "nav.previous")) }
                }
                @if !it.shown.is_empty() { span { (it.shown) } }
                @if let Some(href) = &it.next {
                    a.btn href=(href) rel="next" { (tr!(locale, "nav.next")) (icon(Icon::Next)) }
                }
            }
        }
    }
}

/// A row of fields that reload the page by their button; where all are selects, at once with script.
pub fn filters(locale: Locale, action: &str, fields: &[Field]) -> Markup {
    let at_once = fields.iter().all(Field::is_select);
    html! {
        form.filters method="get" action=(action) data-auto[at_once] {
            @for it in fields { (field(locale, it)) }
            button.btn type="submit" { (tr!(locale, "nav.show")) }
        }
    }
}

/// The period picker in the head of a page: `?period=`.
pub fn period_picker(locale: Locale, action: &str, periods: Vec<Choice>, current: &str) -> Markup {
    let picker = Field::select("period", tr!(locale, "nav.period"), periods)
        .value(current)
        .id("period-picker")
        .required();
    filters(locale, action, &[picker])
}
