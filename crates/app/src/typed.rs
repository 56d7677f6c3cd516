//! Fields as people typed them: read here, for page and API alike, collecting what is wrong with each.

use ekinerja_domain::period::Period;
use ekinerja_domain::quantity::{NumberError, parse_value};
use rust_decimal::Decimal;

use crate::refusal::{Code, Refusal, Result, Violation};

/// Longest free text of one field, in characters.
pub(crate) const LONGEST_TEXT: usize = 2000;

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

    /// Text that may be left blank, trimmed.
    pub(crate) fn text(&mut self, field: &str, text: &str) -> Option<String> {
        let text = text.trim();
        if text.chars().count() > LONGEST_TEXT {
            self.wrong(Violation::new(field, Code::FieldTooLong).with("max", LONGEST_TEXT));
            return None;
        }
        // PostgreSQL keeps no null character in a text.
        let kept: String = text.chars().filter(|it| *it != '\0').collect();
        (!kept.is_empty()).then_some(kept)
    }

    /// A period, which must be there.
    pub(crate) fn period(&mut self, field: &str, text: &str) -> Option<Period> {
        match text.trim() {
            "" => {
                self.wrong(Violation::new(field, Code::FieldMissing));
                None
            }
            text => match text.parse() {
                Ok(period) => Some(period),
                Err(_) => {
                    let violation = Violation::new(field, Code::PeriodInvalid);
                    self.wrong(violation.with("typed", shown(text)));
                    None
                }
            },
        }
    }

    /// Whether everything read so far was as it must be.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with every violation.
    pub(crate) fn done(self) -> Result<()> {
        if self.violations.is_empty() { Ok(()) } else { Err(Refusal::Invalid(self.violations)) }
    }
}

fn number_code(error: NumberError) -> Code {
    match error {
        NumberError::NotANumber | NumberError::UnevenGroups => Code::NumberUnreadable,
        NumberError::CommaGrouping => Code::NumberForeignFormat,
        NumberError::TooManyDigits
        | NumberError::OutOfRange
        | NumberError::TooManyDecimals
        | NumberError::Negative => Code::NumberOutOfRange,
    }
}

/// The beginning of what was typed, for the message.
fn shown(text: &str) -> String {
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
