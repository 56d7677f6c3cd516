//! What a test reads out of an answer: ids, links, forms; and an answer without what differs each time.

use crate::actor::Answer;

/// Letters before the `_` of an id.
const PREFIX: usize = 3;
/// Hex digits of an id.
const HEX: usize = 32;

/// Every id in a text, `ind_0199…`, in the order of appearance.
pub fn ids(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for at in PREFIX..bytes.len() {
        let end = at + 1 + HEX;
        if bytes[at] != b'_' || end > bytes.len() {
            continue;
        }
        let is_id = bytes[at - PREFIX..at].iter().all(u8::is_ascii_lowercase)
            && bytes[at + 1..end].iter().all(u8::is_ascii_hexdigit);
        if is_id {
            found.push(&text[at - PREFIX..end]);
        }
    }
    found
}

/// A text in which `ID` stands for every id and `HEX` for every other run of 32 hex digits.
pub fn without_ids(text: &str) -> String {
    let mut plain = text.to_owned();
    let mut known: Vec<String> = ids(text).into_iter().map(str::to_owned).collect();
    known.sort_unstable();
    known.dedup();
    for id in known {
        plain = plain.replace(&id, "ID");
    }
    let mut out = String::with_capacity(plain.len());
    let mut run = String::new();
    for it in plain.chars().chain(['\n']) {
        if it.is_ascii_hexdigit() {
            run.push(it);
            continue;
        }
        out.push_str(if run.len() == HEX { "HEX" } else { &run });
        run.clear();
        out.push(it);
    }
    out
}

/// What an answer tells apart from its moment and from the words in `echoed`, which the caller sent itself.
pub fn telling(answer: &Answer, echoed: &[&str]) -> String {
    let headers = ["content-type", "location", "etag", "allow", "set-cookie", "retry-after"];
    let headers = headers.map(|it| format!("{it}: {}", answer.header(it))).join("\n");
    let text = format!("{}\n{headers}\n\n{}", answer.status, answer.body);
    // Addresses inside addresses are escaped.
    let mut text = text.replace("%2D", "-").replace("%5F", "_");
    for word in echoed {
        text = text.replace(word, "SENT");
    }
    without_ids(&text)
}

/// A form of a page with its fields as the page fills them.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// Whether it is sent with `POST`.
    pub writes: bool,
    /// Whether it may carry files.
    pub multipart: bool,
    /// Name and value of each field that a browser would send.
    pub fields: Vec<(String, String)>,
    /// Names of the fields for files.
    pub files: Vec<String>,
    /// Name and values of each list, radio button and checkbox.
    pub choices: Vec<(String, Vec<String>)>,
    /// Id and name of each field that has an id.
    pub ids: Vec<(String, String)>,
}

impl Form {
    fn offer(&mut self, name: &str, value: &str) {
        match self.choices.iter_mut().find(|it| it.0 == name) {
            Some((_, values)) => values.push(value.to_owned()),
            None => self.choices.push((name.to_owned(), vec![value.to_owned()])),
        }
    }

    /// Puts a value into a field.
    pub fn fill(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|it| it.0 == name) {
            Some(field) => value.clone_into(&mut field.1),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The next entry of a list that says something, after the one that is chosen.
    pub fn next_choice(&self, name: &str) -> Option<String> {
        let (_, values) = self.choices.iter().find(|it| it.0 == name)?;
        let chosen = self.fields.iter().find(|it| it.0 == name).map_or("", |it| it.1.as_str());
        let at = values.iter().position(|it| it == chosen).map_or(0, |it| it + 1);
        values.iter().cycle().skip(at).take(values.len()).find(|it| !it.is_empty()).cloned()
    }

    /// Where a form that reads leads, as it stands and with every other entry of its lists.
    pub fn addresses(&self) -> Vec<String> {
        let path = self.action.split('?').next().unwrap_or_default();
        let address = |fields: &[(String, String)]| {
            let fields = fields.iter().filter(|it| !it.1.is_empty());
            let query: Vec<_> = fields.map(|(name, value)| format!("{name}={value}")).collect();
            if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
        };
        let mut found = vec![address(&self.fields)];
        for (name, values) in &self.choices {
            for value in values {
                let mut other = self.clone();
                other.fill(name, value);
                found.push(address(&other.fields));
            }
        }
        found
    }
}

/// A start tag: its name and attributes.
struct Tag<'t> {
    name: &'t str,
    attributes: Vec<(&'t str, String)>,
    /// What stands between it and the next tag.
    text: &'t str,
}

impl Tag<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }
}

/// The tags of a page as maud writes it: attribute values always in double quotes.
fn tags(page: &str) -> impl Iterator<Item = Tag<'_>> {
    page.split('<').skip(1).map(|piece| {
        let (inside, text) = piece.split_once('>').unwrap_or((piece, ""));
        let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
        let mut attributes = Vec::new();
        while !rest.is_empty() {
            let end = rest.find(['=', ' ']).unwrap_or(rest.len());
            let (attribute, after) = rest.split_at(end);
            if let Some(quoted) = after.strip_prefix("=\"") {
                let (value, after) = quoted.split_once('"').unwrap_or((quoted, ""));
                attributes.push((attribute, unescaped(value)));
                rest = after.trim_start();
            } else {
                // An `=` without a quoted value is not maud's: passed over, so that any text comes to its end.
                attributes.push((attribute, String::new()));
                rest = after.trim_start_matches('=').trim_start();
            }
        }
        Tag { name, attributes, text }
    })
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Where the links of a page lead, on this site.
pub fn links(page: &str) -> Vec<String> {
    let links = tags(page).filter(|it| it.name == "a");
    let links = links.filter_map(|it| it.get("href").map(str::to_owned));
    links.filter(|it| it.starts_with('/')).collect()
}

/// Ids of the fields that a page says are wrong, from the list at the top of its form.
pub fn faults(page: &str) -> Vec<String> {
    let summary = page.split("id=\"errors\"").nth(1).and_then(|it| it.split("</ul>").next());
    let links = summary.unwrap_or_default().split("href=\"#").skip(1);
    links.filter_map(|it| it.split('"').next()).map(str::to_owned).collect()
}

/// The forms of a page, filled as a browser would send them untouched; of the buttons with a name the first.
pub fn forms(page: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    let mut list: Option<(String, Vec<(String, bool)>)> = None;
    for tag in tags(page) {
        match tag.name {
            "form" => {
                open = true;
                forms.push(Form {
                    action: tag.get("action").unwrap_or_default().to_owned(),
                    writes: tag.get("method") == Some("post"),
                    multipart: tag.get("enctype") == Some("multipart/form-data"),
                    ..Form::default()
                });
            }
            "/form" => open = false,
            _ => {}
        }
        let Some(form) = forms.last_mut().filter(|_| open) else { continue };
        let name = tag.get("name").unwrap_or_default().to_owned();
        let value = tag.get("value").unwrap_or_default().to_owned();
        if let (Some(id), false) = (tag.get("id"), name.is_empty()) {
            form.ids.push((id.to_owned(), name.clone()));
        }
        let is_new = !form.fields.iter().any(|it| it.0 == name);
        match tag.name {
            "input" if !name.is_empty() => match tag.get("type").unwrap_or("text") {
                "file" => form.files.push(name),
                "checkbox" | "radio" => {
                    form.offer(&name, &value);
                    if tag.get("checked").is_some() {
                        form.fields.push((name, value));
                    }
                }
                _ => form.fields.push((name, value)),
            },
            "button" if !name.is_empty() && is_new => form.fields.push((name, value)),
            "textarea" if !name.is_empty() => form.fields.push((name, unescaped(tag.text.trim()))),
            "select" if !name.is_empty() => list = Some((name, Vec::new())),
            "option" => {
                if let Some((_, entries)) = &mut list {
                    entries.push((value, tag.get("selected").is_some()));
                }
            }
            "/select" => {
                if let Some((name, entries)) = list.take() {
                    for (value, _) in &entries {
                        form.offer(&name, value);
                    }
                    let chosen = entries.iter().find(|it| it.1).or_else(|| entries.first());
                    form.fields.push((name, chosen.map(|it| it.0.clone()).unwrap_or_default()));
                }
            }
            _ => {}
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_and_hidden() {
        let id = format!("ind_{}", "0f".repeat(16));
        let text = format!("/x/{id}?a={id} trace {}", "a1".repeat(16));
        assert_eq!(ids(&text), [id.as_str(), id.as_str()]);
        assert_eq!(without_ids(&text), "/x/ID?a=ID trace HEX\n");
    }

    #[test]
    fn form_is_read_as_a_browser_would_send_it() {
        let page = r#"<form method="post" action="/a?x=1&amp;y=2" novalidate><input type="hidden" name="revision" value="3">
            <select name="kind"><option value="">-</option><option value="a">A</option><option value="b" selected>B</option></select>
            <input type="checkbox" name="omit" value="x"><textarea name="note">a &amp; b</textarea>
            <button type="submit" name="do" value="it">OK</button></form><a href="/b">B</a>"#;
        let form = &forms(page)[0];
        assert!(form.writes && form.action == "/a?x=1&y=2");
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let expected =
            [field("revision", "3"), field("kind", "b"), field("note", "a & b"), field("do", "it")];
        assert_eq!(form.fields, expected);
        assert_eq!(links(page), ["/b"]);
    }
}
