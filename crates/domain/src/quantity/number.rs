//! Reading and printing numbers in the Indonesian way: `.` groups thousands, `,` marks decimals.

use rust_decimal::Decimal;

use super::{Rounding, STORED_MAX, round};

/// Why a typed number was refused; each variant tells the remedy in [`NumberError::remedy_id`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum NumberError {
    /// Letters, signs or marks that make no number.
    #[error("not a number; write digits with a decimal comma, for example 1.234,56")]
    NotANumber,
    /// `1,234.56` or `1,234,567`: comma groups cannot be told from decimals.
    #[error("comma grouping is not read; write 1.234,56 or 1234.56")]
    CommaGrouping,
    /// `12.34,5` or `1.23.456`: a group of thousands that has not three digits.
    #[error("groups of thousands need three digits; write 1.234,56 or 1234,56")]
    UnevenGroups,
    /// More digits than any figure has.
    #[error("too many digits; at most 18 before and 6 after the decimal mark are kept")]
    TooManyDigits,
    /// Does not fit the stored range.
    #[error("too large; the largest number kept is 999,999,999,999,999,999")]
    OutOfRange,
    /// More than six digits after the mark; rounding them silently would change the figure.
    #[error("more than 6 decimals; round the figure to 6 decimals")]
    TooManyDecimals,
    /// Below zero where only zero or more has a meaning.
    #[error("below zero; write zero or a positive number")]
    Negative,
}

impl NumberError {
    /// Stable code, for API problems and sheets.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotANumber => "not_a_number",
            Self::CommaGrouping => "comma_grouping",
            Self::UnevenGroups => "uneven_groups",
            Self::TooManyDigits => "too_many_digits",
            Self::OutOfRange => "out_of_range",
            Self::TooManyDecimals => "too_many_decimals",
            Self::Negative => "negative",
        }
    }

    /// What to do about it, in Bahasa Indonesia.
    pub const fn remedy_id(self) -> &'static str {
        match self {
            Self::NotANumber => "bukan angka; tulis angka dengan koma desimal, misalnya 1.234,56",
            Self::CommaGrouping => {
                "koma sebagai pemisah ribuan tidak dibaca; tulis 1.234,56 atau 1234.56"
            }
            Self::UnevenGroups => "kelompok ribuan harus tiga angka; tulis 1.234,56 atau 1234,56",
            Self::TooManyDigits => {
                "terlalu banyak angka; paling banyak 18 angka di depan dan 6 di belakang koma"
            }
            Self::OutOfRange => "terlalu besar; paling banyak 18 angka di depan koma",
            Self::TooManyDecimals => "lebih dari 6 angka di belakang koma; bulatkan ke 6 desimal",
            Self::Negative => "kurang dari nol; tulis nol atau angka positif",
        }
    }
}

/// Reads a number as people type it; blank is `None`, which is missing and not zero.
///
/// Read: `1.234,56`, `1234,56`, `1234.56`, `1.234.567`, and `1.234`, which is 1234 in Indonesia.
/// A lone group of three after a zero, as in `0.125`, can only be decimals. A true minus sign and
/// non-breaking spaces around the number, as spreadsheets paste them, are tolerated.
///
/// # Errors
/// [`NumberError`], which tells the remedy.
pub fn parse_number(text: &str) -> Result<Option<Decimal>, NumberError> {
    let text = text.trim_matches(|it: char| it.is_whitespace() || it == '\u{feff}');
    if text.is_empty() {
        return Ok(None);
    }
    let (negative, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, decimals) = split(digits)?;
    let number = assemble(&whole, decimals)?;
    Ok(Some(if negative && !number.is_zero() { -number } else { number }))
}

/// Reads a number that is going to be stored: as [`parse_number`], within `numeric(24,6)`.
///
/// # Errors
/// [`NumberError`], which tells the remedy.
pub fn parse_value(text: &str) -> Result<Option<super::Value>, NumberError> {
    parse_number(text)?.map(super::Value::new).transpose()
}

/// Whole digits without group marks, and the decimals.
fn split(text: &str) -> Result<(String, &str), NumberError> {
    if text.is_empty() || !text.bytes().all(|it| it.is_ascii_digit() || it == b'.' || it == b',') {
        return Err(NumberError::NotANumber);
    }
    let commas = text.matches(',').count();
    let dots = text.matches('.').count();
    match (dots, commas) {
        (0, 0) => Ok((text.to_owned(), "")),
        (_, 2..) => Err(NumberError::CommaGrouping),
        (0, 1) => decimals_after(text, ','),
        (1, 0) if !groups_thousands(text) => decimals_after(text, '.'),
        (_, 0) => Ok((ungrouped(text)?, "")),
        (_, _) => {
            let (whole, decimals) = text.split_once(',').ok_or(NumberError::NotANumber)?;
            if decimals.contains('.') {
                return Err(NumberError::CommaGrouping);
            }
            if decimals.is_empty() {
                return Err(NumberError::NotANumber);
            }
            Ok((ungrouped(whole)?, decimals))
        }
    }
}

fn decimals_after(text: &str, mark: char) -> Result<(String, &str), NumberError> {
    match text.split_once(mark) {
        Some((whole, decimals)) if !decimals.is_empty() => Ok((whole.to_owned(), decimals)),
        _ => Err(NumberError::NotANumber),
    }
}

/// Whether a number reads otherwise elsewhere: `1.234` is 1234 here and 1.234 in machine output. A
/// sheet that may come from either says how it was read.
pub fn is_ambiguous(text: &str) -> bool {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(text);
    digits.bytes().all(|it| it.is_ascii_digit() || it == b'.') && groups_thousands(digits)
}

/// `1.234` groups thousands; `12.34`, `0.125` and `1234.567` do not.
fn groups_thousands(text: &str) -> bool {
    text.split_once('.').is_some_and(|(first, last)| {
        (1..=3).contains(&first.len()) && !first.starts_with('0') && last.len() == 3
    })
}

fn ungrouped(text: &str) -> Result<String, NumberError> {
    let mut groups = text.split('.');
    let first = groups.next().unwrap_or_default();
    let even = (1..=3).contains(&first.len())
        && !first.starts_with('0')
        && groups.all(|group| group.len() == 3);
    if even { Ok(text.replace('.', "")) } else { Err(NumberError::UnevenGroups) }
}

fn assemble(whole: &str, decimals: &str) -> Result<Decimal, NumberError> {
    let whole = whole.trim_start_matches('0');
    if whole.len() + decimals.len() > 28 {
        return Err(NumberError::TooManyDigits);
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let plain = if decimals.is_empty() { whole.to_owned() } else { format!("{whole}.{decimals}") };
    let number = plain.parse::<Decimal>().map_err(|_| NumberError::TooManyDigits)?;
    if number.trunc() > STORED_MAX.trunc() {
        return Err(NumberError::OutOfRange);
    }
    Ok(number)
}

/// Prints `1.234,56`, rounded half up to exactly `decimals` digits; never `-0`.
pub fn format_id(value: Decimal, decimals: u32) -> String {
    let plain = format_plain(value, decimals);
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", plain.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut printed = String::with_capacity(plain.len() + whole.len() / 3 + 1);
    printed.push_str(sign);
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            printed.push('.');
        }
        printed.push(digit);
    }
    if !fraction.is_empty() {
        printed.push(',');
        printed.push_str(fraction);
    }
    printed
}

/// Prints `1234.56` for machines, rounded half up to exactly `decimals` digits; never `-0`.
pub fn format_plain(value: Decimal, decimals: u32) -> String {
    let precision = decimals as usize;
    format!("{:.precision$}", round(value, decimals, Rounding::HalfUp))
}

/// Whether a number can be stored, as a plain question.
#[cfg(test)]
fn storable(value: Decimal) -> bool {
    super::check_stored(value).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_as_people_type_them() {
        for (typed, read) in [
            ("1.234,56", "1234.56"),
            ("1234,56", "1234.56"),
            ("1234.56", "1234.56"),
            ("1.234", "1234"),
            ("12.345", "12345"),
            ("123.456", "123456"),
            ("1.234.567", "1234567"),
            ("1.234.567,8", "1234567.8"),
            ("0.125", "0.125"),
            ("0,125", "0.125"),
            ("1,234", "1.234"),
            ("1234.567", "1234.567"),
            ("12.34", "12.34"),
            (".5", "0.5"),
            (",5", "0.5"),
            ("007", "7"),
            ("0", "0"),
            ("-0", "0"),
            ("-1.234,5", "-1234.5"),
            ("\u{2212}3,7", "-3.7"),
            ("+12", "12"),
            (" 95\u{a0}", "95"),
            ("999999999999999999,999999", "999999999999999999.999999"),
        ] {
            assert_eq!(parse_number(typed), Ok(Some(d(read))), "{typed}");
        }
    }

    #[test]
    fn one_group_of_three_reads_otherwise_elsewhere() {
        for text in ["1.234", "-12.345", " 79.995 "] {
            assert!(is_ambiguous(text), "{text}");
        }
        for text in ["1234", "1.234.567", "1.234,5", "0.125", "12.34", "1.234 orang", ""] {
            assert!(!is_ambiguous(text), "{text}");
        }
    }

    #[test]
    fn blank_is_missing_and_not_zero() {
        for blank in ["", "   ", "\u{a0}", "\t"] {
            assert_eq!(parse_number(blank), Ok(None));
            assert_eq!(parse_value(blank), Ok(None));
        }
    }

    #[test]
    fn what_is_refused_tells_its_remedy() {
        for (typed, error) in [
            ("1,234.56", NumberError::CommaGrouping),
            ("1,234,567", NumberError::CommaGrouping),
            ("abc", NumberError::NotANumber),
            ("1e5", NumberError::NotANumber),
            ("95 %", NumberError::NotANumber),
            ("1 234", NumberError::NotANumber),
            ("-", NumberError::NotANumber),
            ("--5", NumberError::NotANumber),
            ("5,", NumberError::NotANumber),
            ("5.", NumberError::NotANumber),
            (".", NumberError::NotANumber),
            (",", NumberError::NotANumber),
            ("NaN", NumberError::NotANumber),
            ("inf", NumberError::NotANumber),
            ("١٢", NumberError::NotANumber),
            ("1.23.456", NumberError::UnevenGroups),
            ("12.34,5", NumberError::UnevenGroups),
            ("0.123.456", NumberError::UnevenGroups),
            ("123456789012345678901234567890", NumberError::TooManyDigits),
            ("0,12345678901234567890123456789", NumberError::TooManyDigits),
            ("1234567890123456789", NumberError::OutOfRange),
            ("-1234567890123456789", NumberError::OutOfRange),
        ] {
            assert_eq!(parse_number(typed), Err(error), "{typed}");
            assert!(error.remedy_id().contains(';'), "{typed} has a remedy");
        }
        assert_eq!(parse_value("1,2345678"), Err(NumberError::TooManyDecimals));
    }

    #[test]
    fn printing_groups_thousands_and_never_prints_minus_zero() {
        for (value, decimals, printed) in [
            ("1234.56", 2, "1.234,56"),
            ("1234567.891", 2, "1.234.567,89"),
            ("-1234.5", 1, "-1.234,5"),
            ("-0.001", 2, "0,00"),
            ("999.995", 2, "1.000,00"),
            ("12", 0, "12"),
            ("123456", 0, "123.456"),
        ] {
            assert_eq!(format_id(d(value), decimals), printed);
        }
        assert_eq!(format_plain(d("1234.5"), 2), "1234.50");
    }

    proptest! {
        /// Domain invariant 18.
        #[test]
        fn printing_and_parsing_is_a_round_trip(
            mantissa in -999_999_999_999_999_999_999_999i128..=999_999_999_999_999_999_999_999i128,
            scale in 0u32..=6,
        ) {
            let value = Decimal::from_i128_with_scale(mantissa, 6);
            let rounded = round(value, scale, Rounding::HalfUp);
            prop_assume!(storable(rounded));
            prop_assert_eq!(parse_number(&format_id(value, scale)), Ok(Some(rounded)));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = parse_number(&text);
        }

        #[test]
        fn no_row_of_marks_and_digits_panics(text in "[-+0-9.,]{0,40}") {
            if let Ok(Some(number)) = parse_number(&text) {
                prop_assert!(number.abs() <= STORED_MAX + Decimal::ONE);
            }
        }
    }
}
