//! One labelled field: input, select, radio buttons, file, with its hint and its error.

use crate::components::icon::{Icon, icon};
use crate::locale::{Locale, tr};
use maud::{Markup, html};

/// What is wrong with a field, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// What is wrong.
    pub what: String,
    /// What to do about it; empty where the first part says it.
    pub remedy: String,
}

impl FieldError {
    /// What is wrong, and the remedy.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what: what.into(), remedy: remedy.into() }
    }
}

/// One choice of a select or of radio buttons.
#[derive(Clone, Debug)]
pub struct Choice {
    value: String,
    label: String,
    hint: String,
    group: String,
}

impl Choice {
    /// What is sent, and what is read.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new(), group: String::new() }
    }

    /// A line below the label (radio buttons only).
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Under a heading; choices of one group stand together (selects only).
    #[must_use]
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }
}

#[derive(Clone, Debug)]
enum Kind {
    Input { kind: &'static str, mode: Option<&'static str> },
    File { accept: String, several: bool },
    Select(Vec<Choice>),
    Radio(Vec<Choice>),
    Checkbox,
    Textarea { rows: u8 },
}

/// A labelled field. Build it with one of the constructors, then add what is known.
#[derive(Clone, Debug)]
pub struct Field {
    name: String,
    label: String,
    kind: Kind,
    value: String,
    hint: String,
    unit: String,
    error: Option<FieldError>,
    required: bool,
    autocomplete: Option<&'static str>,
    autofocus: bool,
    id: Option<String>,
}

impl Field {
    /// Whether one of some choices is selected in it.
    pub fn is_select(&self) -> bool {
        matches!(self.kind, Kind::Select(_))
    }

    fn new(name: impl Into<String>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            kind,
            value: String::new(),
            hint: String::new(),
            unit: String::new(),
            error: None,
            required: false,
            autocomplete: None,
            autofocus: false,
            id: None,
        }
    }

    fn input(
        name: impl Into<String>,
        label: impl Into<String>,
        kind: &'static str,
        mode: Option<&'static str>,
    ) -> Self {
        Self::new(name, label, Kind::Input { kind, mode })
    }

    /// One line of text.
    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "text", None)
    }

    /// A number as people write it: text with a number keypad, since `type=number` refuses commas.
    pub fn number(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "text", Some("decimal"))
    }

    /// An e-mail address.
    pub fn email(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "email", Some("email"))
    }

    /// A password; its value is never sent back.
    pub fn password(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "password", None)
    }

    /// A web address.
    pub fn url(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "url", Some("url"))
    }

    /// A date; the value is ISO 8601.
    pub fn date(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::input(name, label, "date", None)
    }

    /// A file; `accept` as in HTML, for instance `.pdf,.jpg`.
    pub fn file(
        name: impl Into<String>,
        label: impl Into<String>,
        accept: impl Into<String>,
    ) -> Self {
        Self::new(name, label, Kind::File { accept: accept.into(), several: false })
    }

    /// Several lines of text.
    pub fn textarea(name: impl Into<String>, label: impl Into<String>, rows: u8) -> Self {
        Self::new(name, label, Kind::Textarea { rows })
    }

    /// One of a list.
    pub fn select(name: impl Into<String>, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Kind::Select(choices))
    }

    /// One of a few, all visible.
    pub fn radio(name: impl Into<String>, label: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self::new(name, label, Kind::Radio(choices))
    }

    /// Yes or no; sends `on`.
    pub fn checkbox(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Checkbox)
    }

    /// What was typed or is stored.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// A line that helps before anything goes wrong.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The unit, shown behind the input.
    #[must_use]
    pub fn unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = unit.into();
        self
    }

    /// What is wrong with it.
    #[must_use]
    pub fn error(mut self, error: Option<FieldError>) -> Self {
        self.error = error;
        self
    }

    /// Must be filled in. The server checks; the browser is not asked to, since its messages are
    /// in its own language and name no remedy.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The purpose for the browser's memory, for instance `username`.
    #[must_use]
    pub const fn autocomplete(mut self, purpose: &'static str) -> Self {
        self.autocomplete = Some(purpose);
        self
    }

    /// Where typing begins when the page opens: for pages that are nothing but a form.
    #[must_use]
    pub const fn autofocus(mut self, begins: bool) -> Self {
        self.autofocus = begins;
        self
    }

    /// Takes several files (files only).
    #[must_use]
    pub fn several(mut self) -> Self {
        if let Kind::File { several, .. } = &mut self.kind {
            *several = true;
        }
        self
    }

    /// Another id than the name, where one name stands in several forms of a page.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The name under which it is sent.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its label.
    pub fn label(&self) -> &str {
        &self.label
    }

    fn dom_id(&self) -> String {
        self.id.clone().unwrap_or_else(|| dom_id(&self.name))
    }

    fn described_by(&self, id: &str) -> Option<String> {
        let mut by = Vec::new();
        if self.error.is_some() {
            by.push(format!("{id}-error"));
        }
        if !self.hint.is_empty() {
            by.push(format!("{id}-hint"));
        }
        (!by.is_empty()).then(|| by.join(" "))
    }
}

/// The id that a field of this name has; the error summary links to it.
pub fn dom_id(name: &str) -> String {
    let clean: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("f-{clean}")
}

/// Draws a field.
pub fn field(locale: Locale, it: &Field) -> Markup {
    let id = it.dom_id();
    let by = it.described_by(&id);
    if let Kind::Radio(choices) = &it.kind {
        return radios(locale, it, &id, by.as_deref(), choices);
    }
    if matches!(it.kind, Kind::Checkbox) {
        return html! {
            div.field.check.bad[it.error.is_some()] {
                input type="checkbox" id=(id) name=(it.name) checked[it.value == "on"]
                    aria-describedby=[by] aria-invalid=[it.error.as_ref().map(|_| "true")];
                label for=(id) { (it.label) }
                (remarks(it, &id))
            }
        };
    }
    html! {
        div.field.bad[it.error.is_some()] {
            label for=(id) { (it.label) (optional(locale, it)) }
            (remarks(it, &id))
            div.control { (control(it, &id, by.as_deref())) @if !it.unit.is_empty() { span.unit { (it.unit) } } }
        }
    }
}

fn optional(locale: Locale, it: &Field) -> Markup {
    html! { @if !it.required { span.optional { " " (tr!(locale, "form.optional")) } } }
}

fn remarks(it: &Field, id: &str) -> Markup {
    html! {
        @if !it.hint.is_empty() { p.hint id={ (id) "-hint" } { (it.hint) } }
        @if let Some(error) = &it.error {
            p.error id={ (id) "-error" } {
                (icon(Icon::Error)) span { b { (error.what) } @if !error.remedy.is_empty() { " " (error.remedy) } }
            }
        }
    }
}

fn control(it: &Field, id: &str, by: Option<&str>) -> Markup {
    let invalid = it.error.as_ref().map(|_| "true");
    let required = it.required.then_some("true");
    match &it.kind {
        Kind::Input { kind, mode } => {
            let value = (*kind != "password").then_some(it.value.as_str());
            html! {
                input.num[*mode == Some("decimal")] type=(kind) id=(id) name=(it.name) value=[value]
                    inputmode=[mode] autocomplete=(it.autocomplete.unwrap_or("off")) autofocus[it.autofocus]
                    aria-describedby=[by] aria-invalid=[invalid] aria-required=[required];
            }
        }
        Kind::File { accept, several } => html! {
            input type="file" id=(id) name=(it.name) accept=(accept) multiple[*several]
                aria-describedby=[by] aria-invalid=[invalid] aria-required=[required];
        },
        Kind::Textarea { rows } => html! {
            textarea id=(id) name=(it.name) rows=(rows) aria-describedby=[by]
                aria-invalid=[invalid] aria-required=[required] { "\n" (it.value) }
        },
        Kind::Select(choices) => html! {
            select id=(id) name=(it.name) aria-describedby=[by] aria-invalid=[invalid]
                aria-required=[required] { (options(choices, &it.value)) }
        },
        Kind::Radio(_) | Kind::Checkbox => html! {},
    }
}

/// The options of a select; neighbours of one group share its heading.
fn options(choices: &[Choice], value: &str) -> Markup {
    html! {
        @for group in choices.chunk_by(|a, b| a.group == b.group) {
            @let heading = group.first().map_or("", |it| it.group.as_str());
            @if heading.is_empty() {
                (plain_options(group, value))
            } @else {
                optgroup label=(heading) { (plain_options(group, value)) }
            }
        }
    }
}

fn plain_options(choices: &[Choice], value: &str) -> Markup {
    html! {
        @for choice in choices {
            option value=(choice.value) selected[choice.value == value] { (choice.label) }
        }
    }
}

fn radios(locale: Locale, it: &Field, id: &str, by: Option<&str>, choices: &[Choice]) -> Markup {
    html! {
        fieldset.field.radios.bad[it.error.is_some()] aria-describedby=[by] {
            legend { (it.label) (optional(locale, it)) }
            (remarks(it, id))
            @for (at, choice) in choices.iter().enumerate() {
                @let own = if at == 0 { id.to_owned() } else { format!("{id}-{at}") };
                div.choice {
                    input type="radio" id=(own) name=(it.name) value=(choice.value)
                        checked[choice.value == it.value]
                        aria-describedby=[(!choice.hint.is_empty()).then(|| format!("{own}-about"))];
                    div {
                        label for=(own) { (choice.label) }
                        @if !choice.hint.is_empty() { p.hint id={ (own) "-about" } { (choice.hint) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_and_hint_are_linked_to_the_field_and_the_value_is_kept() {
        let it = Field::number("rows[3].value", "Nilai")
            .value("1,234.56")
            .hint("Contoh: 1.234,56")
            .error(Some(FieldError::new("Angka tidak dapat dibaca.", "Tulis 1.234,56.")));
        let page = field(Locale::Id, &it).into_string();
        assert!(page.contains(r#"id="f-rows-3--value""#), "{page}");
        assert!(
            page.contains(r#"aria-describedby="f-rows-3--value-error f-rows-3--value-hint""#),
            "{page}"
        );
        assert!(page.contains(r#"aria-invalid="true""#));
        assert!(page.contains(r#"inputmode="decimal""#));
        assert!(page.contains(r#"value="1,234.56""#));
        assert!(page.contains("Tulis 1.234,56."));
    }

    #[test]
    fn what_was_typed_cannot_become_markup() {
        let nasty = r#""><script>alert(1)</script>"#;
        for it in [
            Field::text("a", nasty).value(nasty).hint(nasty),
            Field::textarea("a", "A", 3).value("</textarea><script>"),
            Field::select("a", "A", vec![Choice::new(nasty, nasty).group(nasty)]).value(nasty),
            Field::radio("a", "A", vec![Choice::new(nasty, nasty).hint(nasty)]),
        ] {
            let page = field(Locale::Id, &it).into_string();
            assert!(!page.contains("<script"), "{page}");
        }
    }

    #[test]
    fn password_is_never_sent_back() {
        let page = field(Locale::Id, &Field::password("sandi", "Sandi").value("rahasia"));
        assert!(!page.into_string().contains("rahasia"));
    }

    #[test]
    fn textarea_keeps_a_leading_empty_line() {
        // The parser drops one newline after <textarea>; ours must be that one.
        let page = field(Locale::Id, &Field::textarea("a", "A", 3).value("\nb")).into_string();
        assert!(page.contains(">\n\nb</textarea>"), "{page}");
    }

    #[test]
    fn neighbours_of_one_group_share_a_heading() {
        let choices = vec![
            Choice::new("a", "A"),
            Choice::new("b", "B").group("G"),
            Choice::new("c", "C").group("G"),
        ];
        let page = field(Locale::Id, &Field::select("x", "X", choices).value("c")).into_string();
        assert_eq!(page.matches("<optgroup").count(), 1);
        assert!(page.contains(r#"<option value="c" selected>"#), "{page}");
    }
}
