//! Forms that keep what was typed, say what is wrong beside the field and how to mend it, and work
//! without script.

use super::icon::{Icon, icon};
use crate::form_token;
use crate::locale::{Locale, tr};
use maud::{Markup, html};

mod field;

pub use field::{Choice, Field, FieldError, dom_id, field};

/// A form's frame.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// The token against forged requests; empty: that of the session that is served.
    pub csrf: String,
    /// Takes files.
    pub multipart: bool,
    /// Reads (GET) and does not change anything.
    pub reads: bool,
    /// Asks before one leaves with unsaved input (with script).
    pub guarded: bool,
}

/// Draws the form around its fields. The browser's own checks are off: ours name the remedy.
#[expect(clippy::needless_pass_by_value, reason = "content is made in the call, as in html!")]
pub fn form(it: &Form, content: Markup) -> Markup {
    html! {
        form method=(if it.reads { "get" } else { "post" }) action=(it.action) novalidate
            enctype=[it.multipart.then_some("multipart/form-data")]
            data-guard=[it.guarded.then_some("")] {
            @if !it.reads { (csrf(&it.csrf)) }
            (content)
        }
    }
}

/// The hidden field of the token against forged requests: this one, or else that of the session that is served.
pub fn csrf(token: &str) -> Markup {
    let token = if token.is_empty() { form_token::current() } else { token.to_owned() };
    html! {
        @if !token.is_empty() { input type="hidden" name=(form_token::FIELD) value=(token); }
    }
}

/// The list of errors at the top of a form, each a link to its field.
pub fn error_summary(locale: Locale, errors: &[(String, FieldError)]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.flash.r role="alert" tabindex="-1" id="errors" {
                (icon(Icon::Error))
                div {
                    h2 { (tr!(locale, "form.errors", count = errors.len())) }
                    ul {
                        @for (name, error) in errors {
                            li {
                                a href={ "#" (dom_id(name)) } { (error.what) }
                                @if !error.remedy.is_empty() { " " (error.remedy) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Fields that belong together.
#[expect(clippy::needless_pass_by_value, reason = "content is made in the call, as in html!")]
pub fn fieldset(legend: &str, hint: &str, content: Markup) -> Markup {
    html! {
        fieldset.group {
            legend { (legend) }
            @if !hint.is_empty() { p.hint { (hint) } }
            (content)
        }
    }
}

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The one thing to do on this page.
    Primary,
    /// Another thing to do.
    Secondary,
    /// Cannot be taken back easily.
    Danger,
    /// Hardly a button: "batal".
    Quiet,
}

impl Weight {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn pri",
            Self::Secondary => "btn",
            Self::Danger => "btn danger",
            Self::Quiet => "btn quiet",
        }
    }
}

/// A button that sends its form.
pub fn submit(label: &str, weight: Weight) -> Markup {
    html! { button class=(weight.class()) type="submit" { (label) } }
}

/// A button that sends its form with a name and a value, where a form can do two things.
pub fn submit_as(label: &str, weight: Weight, name: &str, value: &str) -> Markup {
    html! { button class=(weight.class()) type="submit" name=(name) value=(value) { (label) } }
}

/// A button that sends its form to another address, where a form can do two things.
pub fn submit_to(label: &str, weight: Weight, action: &str) -> Markup {
    html! { button class=(weight.class()) type="submit" formaction=(action) { (label) } }
}

/// A link that looks like a button.
pub fn link_button(label: &str, href: &str, weight: Weight, with: Option<Icon>) -> Markup {
    html! { a class=(weight.class()) href=(href) { @if let Some(it) = with { (icon(it)) } (label) } }
}

/// A form that is only a button: sign out, revoke.
pub fn button_form(action: &str, token: &str, label: &str, weight: Weight) -> Markup {
    html! { form.inline method="post" action=(action) { (csrf(token)) (submit(label, weight)) } }
}

/// The row of buttons at the end of a form.
#[expect(clippy::needless_pass_by_value, reason = "content is made in the call, as in html!")]
pub fn actions(content: Markup) -> Markup {
    html! { div.actions { (content) } }
}

/// Text to copy, with a button that appears with script.
pub fn copyable(locale: Locale, text: &str) -> Markup {
    html! {
        span.copyable {
            code { (text) }
            button.btn.quiet type="button" hidden data-copy=(text)
                data-done=(tr!(locale, "form.copied")) { (icon(Icon::Copy)) span { (tr!(locale, "form.copy")) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_links_to_the_fields() {
        let errors = [(String::from("nilai"), FieldError::new("Nilai kosong.", "Isi nilai."))];
        let page = error_summary(Locale::Id, &errors).into_string();
        assert!(page.contains(r##"href="#f-nilai""##), "{page}");
        assert!(error_summary(Locale::Id, &[]).into_string().is_empty());
    }
}
