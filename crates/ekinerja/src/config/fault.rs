//! What is wrong with the configuration: the setting, what was found, and the remedy, in both languages.

use std::path::Path;

use super::Language;

/// One setting that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Name of the setting, or the file.
    pub setting: String,
    /// What is wrong and what to do, in Bahasa Indonesia.
    pub indonesian: String,
    /// The same in English.
    pub english: String,
}

impl Fault {
    /// A fault of one setting.
    pub fn new(setting: &str, indonesian: impl Into<String>, english: impl Into<String>) -> Self {
        let (setting, indonesian, english) =
            (setting.to_owned(), indonesian.into(), english.into());
        Self { setting, indonesian, english }
    }

    /// A fault of the file of settings.
    pub(super) fn file(path: &Path, said: &str) -> Self {
        let setting = path.display().to_string();
        Self {
            indonesian: format!("berkas pengaturan tidak dapat dibaca: {said}"),
            english: format!("the file of settings cannot be read: {said}"),
            setting,
        }
    }

    /// The fault in one language.
    pub fn words(&self, language: Language) -> String {
        let text = match language {
            Language::Indonesian => &self.indonesian,
            Language::English => &self.english,
        };
        format!("{}: {text}", self.setting)
    }
}
