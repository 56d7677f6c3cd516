//! What the product says to people: messages after an action, notices, empty places that teach
//! the next step, and pages about problems.

use super::forms::{Weight, link_button};
use super::icon::{Icon, icon};
use crate::locale::{Locale, tr};
use maud::{Markup, html};

/// The tone of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It worked.
    Success,
    /// Good to know.
    Info,
    /// Look at this.
    Warning,
    /// It did not work.
    Error,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Success => "g",
            Self::Info => "b",
            Self::Warning => "y",
            Self::Error => "r",
        }
    }

    const fn icon(self) -> Icon {
        match self {
            Self::Success => Icon::Success,
            Self::Info => Icon::Info,
            Self::Warning => Icon::Warning,
            Self::Error => Icon::Error,
        }
    }
}

/// A message after an action.
#[derive(Clone, Debug)]
pub struct Flash {
    /// Its tone.
    pub tone: Tone,
    /// What happened.
    pub text: String,
    /// A way on: words and address.
    pub action: Option<(String, String)>,
}

impl Flash {
    /// A message.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into(), action: None }
    }

    /// With a way on.
    #[must_use]
    pub fn action(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.action = Some((label.into(), href.into()));
        self
    }
}

/// Draws a message; errors are announced at once, others politely.
pub fn flash(it: &Flash) -> Markup {
    let role = if it.tone == Tone::Error { "alert" } else { "status" };
    html! {
        div class={ "flash " (it.tone.class()) } role=(role) {
            (icon(it.tone.icon()))
            p { (it.text) @if let Some((label, href)) = &it.action { " " a href=(href) { (label) } } }
        }
    }
}

/// A standing notice inside a page.
#[expect(clippy::needless_pass_by_value, reason = "content is made in the call, as in html!")]
pub fn notice(tone: Tone, content: Markup) -> Markup {
    html! {
        div class={ "flash " (tone.class()) } { (icon(tone.icon())) div { (content) } }
    }
}

/// The strip that says that figures are illustrations or that this is a demonstration.
pub fn demonstration(locale: Locale, text: &str) -> Markup {
    html! {
        aside.demo aria-label=(tr!(locale, "notice.label")) { (icon(Icon::Info)) p { (text) } }
    }
}

/// "Tidak sebanding": why figures cannot stand side by side.
pub fn not_comparable(locale: Locale, reason: &str) -> Markup {
    notice(
        Tone::Warning,
        html! { p { b { (tr!(locale, "notice.not_comparable")) } ". " (reason) } },
    )
}

/// A place with nothing in it yet, which says what will be there and what to do for it.
#[derive(Clone, Debug)]
pub struct Empty {
    /// What is not there.
    pub title: String,
    /// What will be, and who does what for it.
    pub text: String,
    /// The next step: words and address, for those who may do it.
    pub action: Option<(String, String)>,
    /// Its picture.
    pub icon: Icon,
}

/// Draws the empty place.
pub fn empty(it: &Empty) -> Markup {
    html! {
        div.empty {
            (icon(it.icon))
            h2 { (it.title) }
            p { (it.text) }
            @if let Some((label, href)) = &it.action {
                (link_button(label, href, Weight::Primary, None))
            }
        }
    }
}

/// What a page about a problem says.
#[derive(Clone, Debug)]
pub struct ProblemView {
    /// HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub title: String,
    /// Why, and what to do.
    pub detail: String,
    /// The stable code, for people who help.
    pub code: String,
    /// The trace to quote; empty where there is none.
    pub trace: String,
    /// A way on.
    pub action: Option<(String, String)>,
}

/// Content of a problem's page; put it in a shell.
pub fn problem(locale: Locale, it: &ProblemView) -> Markup {
    html! {
        section.card.problem {
            p.problem-status aria-hidden="true" { (it.status) }
            div {
                h2 { (it.title) }
                p { (it.detail) }
                @if let Some((label, href)) = &it.action {
                    p { (link_button(label, href, Weight::Primary, None)) }
                }
                dl.facts {
                    dt { (tr!(locale, "notice.code")) } dd { code { (it.code) } }
                    @if !it.trace.is_empty() {
                        dt { (tr!(locale, "notice.trace")) }
                        dd { (super::forms::copyable(locale, &it.trace)) }
                    }
                }
            }
        }
    }
}
