//! Puts what a person had typed back into the form of a page that was drawn anew.
//!
//! The page is our own: attributes stand in double quotes, and what they hold is escaped. So the form is found by
//! its address and each field by its name, without a parser of foreign pages.

use std::collections::HashMap;

/// The page with the fields of the form that is sent to `action` as they were; `notice` stands at its beginning.
/// None when the page has no such form.
pub(crate) fn refill(
    page: &str,
    action: &str,
    fields: &[(String, String)],
    notice: &str,
) -> Option<String> {
    let mut from = 0;
    loop {
        let start = from + page[from..].find("<form")?;
        let open = start + page[start..].find('>')? + 1;
        let end = open + page[open..].find("</form>")?;
        let tag = &page[start..open];
        let writes = attribute(tag, "method").as_deref() == Some("post");
        if writes && attribute(tag, "action").as_deref() == Some(action) {
            let filled = fill(&page[open..end], fields);
            return Some(format!("{}{notice}{filled}{}", &page[..open], &page[end..]));
        }
        from = end;
    }
}

/// What was typed, field by field; a name that is there several times is used up in order.
struct Typed<'a> {
    fields: &'a [(String, String)],
    used: HashMap<String, usize>,
}

impl Typed<'_> {
    fn next(&mut self, name: &str) -> Option<&str> {
        let at = self.used.entry(name.to_owned()).or_default();
        let found = self.fields.iter().filter(|it| it.0 == name).nth(*at)?;
        *at += 1;
        Some(&found.1)
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.fields.iter().any(|it| it.0 == name && it.1 == value)
    }
}

fn fill(form: &str, fields: &[(String, String)]) -> String {
    let mut typed = Typed { fields, used: HashMap::new() };
    let mut filled = String::with_capacity(form.len());
    let mut rest = form;
    // The name of the select that is open.
    let mut select: Option<String> = None;
    while let Some(at) = rest.find('<') {
        let (before, tail) = rest.split_at(at);
        filled.push_str(before);
        let Some(end) = tail.find('>') else { break };
        let (tag, after) = tail.split_at(end + 1);
        rest = after;
        let name = attribute(tag, "name").unwrap_or_default();
        if tag.starts_with("<input") {
            filled.push_str(&input(tag, &name, &mut typed));
        } else if tag.starts_with("<textarea") {
            filled.push_str(tag);
            if let Some(close) = rest.find("</textarea>") {
                match typed.next(&name) {
                    Some(text) => filled.push_str(&escaped(text)),
                    None => filled.push_str(&rest[..close]),
                }
                rest = &rest[close..];
            }
        } else if tag.starts_with("<select") {
            select = Some(name);
            filled.push_str(tag);
        } else if tag.starts_with("</select") {
            select = None;
            filled.push_str(tag);
        } else if let (true, Some(name)) = (tag.starts_with("<option"), &select) {
            let value = attribute(tag, "value").unwrap_or_default();
            let known = typed.fields.iter().any(|it| it.0 == *name);
            let chosen = typed.has(name, &value);
            filled.push_str(&if known {
                with_flag(tag, "selected", chosen)
            } else {
                tag.to_owned()
            });
        } else {
            filled.push_str(tag);
        }
    }
    filled.push_str(rest);
    filled
}

fn input(tag: &str, name: &str, typed: &mut Typed<'_>) -> String {
    match attribute(tag, "type").unwrap_or_default().as_str() {
        "checkbox" | "radio" => {
            let value = attribute(tag, "value").unwrap_or_else(|| String::from("on"));
            with_flag(tag, "checked", typed.has(name, &value))
        }
        "file" | "password" | "submit" | "button" => tag.to_owned(),
        _ if name == crate::form_token::FIELD => tag.to_owned(),
        _ => match typed.next(name) {
            Some(value) => with_value(tag, value),
            None => tag.to_owned(),
        },
    }
}

/// An attribute's value, without its escapes.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let plain = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    Some(plain.replace("&amp;", "&"))
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

fn with_value(tag: &str, value: &str) -> String {
    let bare = match tag.split_once(" value=\"") {
        Some((before, rest)) => {
            format!("{before}{}", rest.split_once('"').map_or("", |it| it.1))
        }
        None => tag.to_owned(),
    };
    let bare = bare.strip_suffix('>').unwrap_or(&bare);
    format!("{bare} value=\"{}\">", escaped(value))
}

fn with_flag(tag: &str, flag: &str, on: bool) -> String {
    let bare = tag.replace(&format!(" {flag}"), "");
    let bare = bare.strip_suffix('>').unwrap_or(&bare);
    if on { format!("{bare} {flag}>") } else { format!("{bare}>") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<p>a</p><form method=\"get\" action=\"/b\"><input name=\"n\"></form>\
        <form method=\"post\" action=\"/b?x=1&amp;y=2\">\
        <input type=\"hidden\" name=\"csrf\" value=\"fresh\">\
        <input type=\"hidden\" name=\"revision\" value=\"7\">\
        <input type=\"text\" name=\"n\" value=\"old\" required>\
        <input type=\"checkbox\" name=\"c\" value=\"1\" checked>\
        <input type=\"checkbox\" name=\"c\" value=\"2\">\
        <input type=\"password\" name=\"p\">\
        <textarea name=\"t\">old</textarea>\
        <select name=\"s\"><option value=\"a\" selected>A</option><option value=\"b\">B</option></select>\
        </form><form method=\"post\" action=\"/other\"><input name=\"n\" value=\"stays\"></form>";

    fn typed(fields: &[(&str, &str)]) -> Vec<(String, String)> {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_was_typed_is_back_and_nothing_else_changes() {
        let fields = typed(&[
            ("csrf", "stale"),
            ("revision", "6"),
            ("n", "\"><script>"),
            ("c", "2"),
            ("p", "rahasia"),
            ("t", "</textarea> & lagi"),
            ("s", "b"),
        ]);
        let filled = refill(PAGE, "/b?x=1&y=2", &fields, "<p>kembali</p>").expect("the form");
        for part in [
            "<p>kembali</p><input type=\"hidden\" name=\"csrf\" value=\"fresh\">",
            "name=\"revision\" value=\"6\"",
            "name=\"n\" required value=\"&quot;&gt;&lt;script&gt;\">",
            "<input type=\"checkbox\" name=\"c\" value=\"1\">",
            "<input type=\"checkbox\" name=\"c\" value=\"2\" checked>",
            "<input type=\"password\" name=\"p\">",
            "<textarea name=\"t\">&lt;/textarea&gt; &amp; lagi</textarea>",
            "<option value=\"a\">A</option><option value=\"b\" selected>B</option>",
            "action=\"/other\"><input name=\"n\" value=\"stays\">",
        ] {
            assert!(filled.contains(part), "{part} in {filled}");
        }
        assert!(!filled.contains("rahasia") && !filled.contains("stale"), "{filled}");
    }

    #[test]
    fn page_without_the_form_is_left_alone() {
        assert_eq!(refill(PAGE, "/b", &[], ""), None, "the one at /b only reads");
        assert_eq!(refill("<form", "/b", &[], ""), None);
        assert_eq!(refill("", "/b", &[], ""), None);
    }
}
