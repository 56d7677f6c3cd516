//! Fields as people typed them: read here, for page and API alike, collecting what is wrong with each.

use std::str::FromStr;

use chrono::NaiveDate;
use ekinerja_domain::period::Period;
use ekinerja_domain::quantity::{NumberError, parse_value};
use rust_decimal::Decimal;

use crate::refusal::{Code, Refusal, Result, Violation};

/// Longest free text of one field, in characters.
pub(crate) const LONGEST_TEXT: usize = 2000;
/// Longest single line (a name, a title, a document), in characters.
pub(crate) const LONGEST_LINE: usize = 300;
/// Longest text of several paragraphs (a definition, a changelog), in characters.
pub(crate) const LONGEST_PROSE: usize = 4000;

/// Reads fields one after the other; [`Typed::done`] refuses once with all that was wrong.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    violations: Vec<Violation>,
}

impl Typed {
    /// Notes one more thing that is wrong.
    pub(crate) fn wrong(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// A number; blank is none, and so is what cannot be read (which is noted).
    pub(crate) fn number(&mut self, field: &str, text: &str) -> Option<Decimal> {
        match parse_value(text) {
            Ok(value) => value.map(Decimal::from),
            Err(error) => {
                self.wrong(Violation::new(field, number_code(error)).with("typed", shown(text)));
                None
            }
        }
    }

    /// Notes that a field is not as it must be.
    pub(crate) fn blame(&mut self, field: &str, code: Code) {
        self.wrong(Violation::new(field, code));
    }

    /// Text that may be left blank, trimmed.
    pub(crate) fn text(&mut self, field: &str, text: &str) -> Option<String> {
        self.optional(field, text, LONGEST_TEXT)
    }

    /// Text of at most `longest` characters that may be left blank, trimmed.
    pub(crate) fn optional(&mut self, field: &str, text: &str, longest: usize) -> Option<String> {
        let text = text.trim();
        if text.chars().count() > longest {
            self.wrong(Violation::new(field, Code::FieldTooLong).with("max", longest));
            return None;
        }
        // PostgreSQL keeps no null character in a text.
        let kept: String = text.chars().filter(|it| *it != '\0').collect();
        (!kept.is_empty()).then_some(kept)
    }

    /// Text that must be there, trimmed; empty when it is not, which is noted.
    pub(crate) fn required(&mut self, field: &str, text: &str, longest: usize) -> String {
        if text.trim().is_empty() {
            self.blame(field, Code::FieldMissing);
        }
        self.optional(field, text, longest).unwrap_or_default()
    }

    /// A whole number; blank is none.
    pub(crate) fn whole(&mut self, field: &str, text: &str) -> Option<i32> {
        self.read(field, text, Code::NumberNotWhole, |text| text.parse().ok())
    }

    /// One of a closed list; blank is none.
    pub(crate) fn choice<T>(
        &mut self,
        field: &str,
        text: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        self.read(field, text, Code::FieldUnknownValue, read)
    }

    /// One of a closed list, which must be there.
    pub(crate) fn required_choice<T>(
        &mut self,
        field: &str,
        text: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if text.trim().is_empty() {
            self.blame(field, Code::FieldMissing);
        }
        self.choice(field, text, read)
    }

    /// The id of something; blank is none.
    pub(crate) fn id<T: FromStr>(&mut self, field: &str, text: &str) -> Option<T> {
        self.read(field, text, Code::FieldUnknownReference, |text| text.parse().ok())
    }

    /// A day, `2024-12-31`; blank is none.
    pub(crate) fn day(&mut self, field: &str, text: &str) -> Option<NaiveDate> {
        self.read(field, text, Code::DateInvalid, |text| {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
        })
    }

    fn read<T>(
        &mut self,
        field: &str,
        text: &str,
        code: Code,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        let found = read(text);
        if found.is_none() {
            self.wrong(Violation::new(field, code).with("typed", shown(text)));
        }
        found
    }

    /// A period, which must be there.
    pub(crate) fn period(&mut self, field: &str, text: &str) -> Option<Period> {
        match text.trim() {
            "" => {
                self.wrong(Violation::new(field, Code::FieldMissing));
                None
            }
            text => {
                let period = text.parse().ok();
                if period.is_none() {
                    let violation = Violation::new(field, Code::PeriodInvalid);
                    self.wrong(violation.with("typed", shown(text)));
                }
                period
            }
        }
    }

    /// What was not as it must be.
    pub(crate) fn into_violations(self) -> Vec<Violation> {
        self.violations
    }

    /// Whether everything read so far was as it must be.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with every violation.
    pub(crate) fn done(self) -> Result<()> {
        if self.violations.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.violations)) }
    }
}

/// The code under which a number that cannot be read is known.
pub(crate) fn number_code(error: NumberError) -> Code {
    match error {
        NumberError::NotANumber | NumberError::UnevenGroups => Code::NumberUnreadable,
        NumberError::CommaGrouping => Code::NumberForeignFormat,
        NumberError::TooManyDigits | NumberError::OutOfRange | NumberError::TooManyDecimals => {
            Code::NumberOutOfRange
        }
        NumberError::Negative => Code::NumberNegative,
    }
}

/// The beginning of what was typed, for the message.
pub(crate) fn shown(text: &str) -> String {
    text.trim().chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(typed: Typed) -> Vec<(String, Code)> {
        match typed.done() {
            Err(Refusal::Invalid(violations)) => {
                violations.into_iter().map(|it| (it.field, it.code)).collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn every_field_is_read_and_every_fault_told_at_once() {
        let mut typed = Typed::default();
        assert_eq!(typed.number("a", " 1.234,56 "), Some(Decimal::new(123_456, 2)));
        assert_eq!(typed.number("b", "1234.56"), Some(Decimal::new(123_456, 2)));
        assert_eq!(typed.number("blank", "  "), None);
        for (field, text) in [("c", "1,234.56"), ("d", "abc"), ("e", &"9".repeat(30))] {
            assert_eq!(typed.number(field, text), None);
        }
        assert_eq!(typed.text("f", &"x".repeat(2001)), None);
        assert_eq!(typed.text("g", " a\0b "), Some("ab".to_owned()));
        assert_eq!(typed.period("h", ""), None);
        assert_eq!(typed.period("i", "2023-Q7"), None);
        assert!(typed.period("j", "2023-Q1").is_some());
        let expected = [
            ("c", Code::NumberForeignFormat),
            ("d", Code::NumberUnreadable),
            ("e", Code::NumberOutOfRange),
            ("f", Code::FieldTooLong),
            ("h", Code::FieldMissing),
            ("i", Code::PeriodInvalid),
        ];
        let expected: Vec<_> = expected.map(|(field, code)| (field.to_owned(), code)).into();
        assert_eq!(codes(typed), expected);
    }
}
