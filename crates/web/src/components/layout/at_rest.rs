//! Pages of a government that takes no writes: their forms stay where they are and cannot be filled or sent.

use maud::{Markup, PreEscaped};

/// How `forms::form` and its like begin a form that writes.
const WRITES: &str = "method=\"post\"";

/// The content with every form that writes switched off: its fields stand in a disabled group.
pub(super) fn still(content: Markup) -> Markup {
    let text = content.into_string();
    let mut stilled = String::with_capacity(text.len() + 256);
    let mut rest = text.as_str();
    while let Some(begin) = rest.find("<form") {
        let Some(tag) = rest[begin..].find('>').map(|at| begin + at + 1) else { break };
        let Some(end) = rest[tag..].find("</form>").map(|at| tag + at) else { break };
        stilled.push_str(&rest[..tag]);
        if rest[begin..tag].contains(WRITES) {
            stilled.push_str("<fieldset class=\"still\" disabled>");
            stilled.push_str(&rest[tag..end]);
            stilled.push_str("</fieldset>");
        } else {
            stilled.push_str(&rest[tag..end]);
        }
        rest = &rest[end..];
    }
    stilled.push_str(rest);
    PreEscaped(stilled)
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::still;
    use crate::components::forms::{Form, form};

    #[test]
    fn forms_that_write_are_switched_off_and_those_that_read_are_not() {
        let writes = form(&Form::default(), html! { input name="value"; });
        let reads = form(&Form { reads: true, ..Form::default() }, html! { input name="year"; });
        let page = html! { p { "1 < 2" } (writes) (reads) (writes) p { "akhir" } };
        let drawn = still(page.clone()).into_string();
        assert_eq!(
            drawn.matches("<fieldset class=\"still\" disabled><input name=\"value\">").count(),
            2
        );
        assert!(drawn.contains("novalidate><input name=\"year\"></form>"), "{drawn}");
        let without =
            drawn.replace("<fieldset class=\"still\" disabled>", "").replace("</fieldset>", "");
        assert_eq!(without, page.into_string());
    }
}
