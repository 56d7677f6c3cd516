//! A tree that folds without script: the plan, the organisation.

use super::icon::{Icon, icon};
use maud::{Markup, html};

/// A branch with what hangs on it.
#[derive(Clone, Debug)]
pub struct Branch {
    /// What kind of thing, for instance "Sasaran".
    pub kind: String,
    /// Its words.
    pub label: String,
    /// Where the words lead.
    pub href: Option<String>,
    /// What stands behind the words: badges, code, target; no links, since a click there folds.
    pub extra: Option<Markup>,
    /// Whether it is unfolded at first.
    pub open: bool,
    /// Below it.
    pub children: Vec<Branch>,
}

impl Branch {
    /// An unfolded branch without children.
    pub fn new(kind: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            label: label.into(),
            href: None,
            extra: None,
            open: true,
            children: Vec::new(),
        }
    }

    /// Leads somewhere.
    #[must_use]
    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// With badges behind the words.
    #[must_use]
    pub fn extra(mut self, extra: Markup) -> Self {
        self.extra = Some(extra);
        self
    }

    /// Folded at first.
    #[must_use]
    pub const fn folded(mut self) -> Self {
        self.open = false;
        self
    }

    /// With branches below.
    #[must_use]
    pub fn children(mut self, children: Vec<Self>) -> Self {
        self.children = children;
        self
    }
}

/// Draws the tree as nested lists.
pub fn tree(label: &str, branches: &[Branch]) -> Markup {
    html! { div.tree role="group" aria-label=(label) { (level(branches)) } }
}

fn level(branches: &[Branch]) -> Markup {
    html! {
        ul {
            @for branch in branches {
                li {
                    @if branch.children.is_empty() {
                        div.leaf { (line(branch, branch.href.as_deref())) }
                    } @else {
                        // A link inside a summary cannot be told from folding, by ear or by
                        // finger: it stands beside it.
                        @if let Some(href) = &branch.href {
                            a.go href=(href) title=(branch.label) {
                                span.vh { (branch.label) } (icon(Icon::Next))
                            }
                        }
                        details.linked[branch.href.is_some()] open[branch.open] {
                            summary { (line(branch, None)) }
                            (level(&branch.children))
                        }
                    }
                }
            }
        }
    }
}

fn line(branch: &Branch, href: Option<&str>) -> Markup {
    html! {
        span.branch {
            @if !branch.kind.is_empty() { span.kind { (branch.kind) } " " }
            @if let Some(href) = href {
                a href=(href) { (branch.label) }
            } @else {
                span { (branch.label) }
            }
            @if let Some(extra) = &branch.extra { " " span.extra { (extra) } }
        }
    }
}
