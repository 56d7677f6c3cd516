//! Where settings come from: the environment, before a file of `NAME=value` lines.
//!
//! The file has the form that systemd's `EnvironmentFile` and `docker run --env-file` read, so that one
//! file serves all three.

use std::collections::BTreeMap;
use std::path::Path;

use super::fault::Fault;

/// The settings as they were given, before anybody looks at their meaning.
#[derive(Debug, Clone, Default)]
pub struct Source(BTreeMap<String, String>);

impl Source {
    /// Settings by name, for tests and for the demonstration.
    pub fn of<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        Self(settings.into_iter().map(owned).collect())
    }

    /// The environment, over the file where one is named.
    ///
    /// # Errors
    /// The file cannot be read, or a line of it is no `NAME=value`.
    pub fn from_environment(file: Option<&Path>) -> Result<Self, Vec<Fault>> {
        let mut settings = match file {
            None => BTreeMap::new(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|problem| vec![Fault::file(path, &problem.to_string())])?;
                Self::read(&text).map_err(|line| {
                    vec![Fault::file(path, &format!("line {line} is not NAME=value"))]
                })?
            }
        };
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        settings.extend(environment.filter(|(_, value)| !value.is_empty()));
        Ok(Self(settings))
    }

    /// Reads lines; the number of the first one that cannot be read otherwise.
    fn read(text: &str) -> Result<BTreeMap<String, String>, usize> {
        let mut settings = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (name, value) = line.split_once('=').ok_or(index + 1)?;
            let name = name.trim();
            let is_name = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            if name.is_empty() || !name.bytes().all(is_name) {
                return Err(index + 1);
            }
            let value = value.trim();
            let unquoted = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let value = unquoted.unwrap_or(value);
            if !value.is_empty() {
                settings.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(settings)
    }

    /// The setting of this name; an empty one counts as absent.
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Names of settings that begin with `prefix`.
    pub fn names<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.keys().map(String::as_str).filter(move |name| name.starts_with(prefix))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_comments_and_quotes() {
        let text = "# pelayan\n\nEKINERJA_LISTEN = 0.0.0.0:80\nA=\"b c\"\nEMPTY=\n";
        let read = Source::read(text).unwrap();
        assert_eq!(read.get("EKINERJA_LISTEN").map(String::as_str), Some("0.0.0.0:80"));
        assert_eq!(read.get("A").map(String::as_str), Some("b c"));
        assert_eq!(read.get("EMPTY"), None);
        assert_eq!(Source::read("A=1\nexport B 2"), Err(2));
        assert_eq!(Source::read("A B=2"), Err(1));
    }
}
