//! Targets as official tables and signed agreements write them (domain rule 2.1).

use rust_decimal::Decimal;

use super::number::parse_number;

coded! {
    /// How an actual must stand to the target for the target to be met.
    pub enum Operator {
        /// Strictly below.
        Less = "<",
        /// At most ("maksimal").
        AtMost = "<=",
        /// Exactly.
        Equal = "=",
        /// At least ("minimal").
        AtLeast = ">=",
        /// Strictly above.
        Greater = ">",
    }
}

impl Operator {
    /// Whether `actual` stands so to `target`.
    pub fn holds(self, actual: Decimal, target: Decimal) -> bool {
        match self {
            Self::Less => actual < target,
            Self::AtMost => actual <= target,
            Self::Equal => actual == target,
            Self::AtLeast => actual >= target,
            Self::Greater => actual > target,
        }
    }
}

/// What a target text says. What does not parse stays text and is not measurable until someone
/// sets a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TargetText {
    /// Nothing, or `-`: no target was set.
    Blank,
    /// `N/A`: the indicator does not apply here.
    NotApplicable,
    /// `95 %`, `< 1 %`, `20 kelompok`.
    Number {
        /// The comparison written before the number, if any.
        operator: Option<Operator>,
        /// The number.
        value: Decimal,
        /// What stands behind the number, `%` or a unit; empty when nothing does.
        unit: String,
    },
    /// `30-40`.
    Range {
        /// Lower bound, included.
        low: Decimal,
        /// Upper bound, included.
        high: Decimal,
        /// What stands behind the range.
        unit: String,
    },
    /// `50 dari 60`.
    Fraction {
        /// The part.
        part: Decimal,
        /// The whole, above zero.
        whole: Decimal,
    },
    /// `peringkat 3`: a lower rank is better.
    Rank(Decimal),
    /// `WTP`, `AA`, `Level 3`: a grade of some ordered list, in the writer's spelling.
    Ordinal(String),
    /// Everything else, among it texts with two different figures ("20 kelompok (200 orang)").
    Text(String),
}

impl TargetText {
    /// Reads a target text; never fails, since what is not understood stays [`TargetText::Text`].
    pub fn parse(text: &str) -> Self {
        let text = text.trim_matches(|it: char| it.is_whitespace() || it == '\u{feff}');
        if matches!(text, "" | "-" | "\u{2013}" | "\u{2014}") {
            return Self::Blank;
        }
        let lower = text.to_lowercase();
        if matches!(lower.as_str(), "n/a" | "na" | "tidak berlaku" | "tidak relevan") {
            return Self::NotApplicable;
        }
        rank(&lower)
            .or_else(|| fraction(&lower))
            .or_else(|| range(text))
            .or_else(|| number(text))
            .or_else(|| ordinal(text))
            .unwrap_or_else(|| Self::Text(text.to_owned()))
    }
}

fn rank(lower: &str) -> Option<TargetText> {
    let rest = ["peringkat", "ranking", "rangking", "rank"]
        .iter()
        .find_map(|word| lower.strip_prefix(word))?
        .trim_start_matches([' ', '-', ':'])
        .trim_start_matches("ke-");
    let place = parse_number(rest).ok()??;
    (place >= Decimal::ONE && place.fract().is_zero()).then_some(TargetText::Rank(place))
}

fn fraction(lower: &str) -> Option<TargetText> {
    let (part, whole) = lower.split_once(" dari ")?;
    let part = parse_number(part).ok()??;
    let (whole, _) = leading_number(whole.trim())?;
    (whole > Decimal::ZERO && part >= Decimal::ZERO).then_some(TargetText::Fraction { part, whole })
}

fn range(text: &str) -> Option<TargetText> {
    let text = text.replace(['\u{2013}', '\u{2014}'], "-");
    let (low, rest) = leading_number(&text)?;
    let rest = rest.trim_start_matches('%').trim_start();
    let rest = ["-", "s.d.", "s/d", "sd ", "sampai dengan", "sampai", "hingga"]
        .iter()
        .find_map(|mark| rest.strip_prefix(mark))?
        .trim_start();
    let (high, unit) = leading_number(rest)?;
    let unit = plain_unit(unit)?;
    (low <= high).then_some(TargetText::Range { low, high, unit })
}

fn number(text: &str) -> Option<TargetText> {
    const OPERATORS: [(&str, Operator); 16] = [
        ("<=", Operator::AtMost),
        ("=<", Operator::AtMost),
        ("\u{2264}", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("=>", Operator::AtLeast),
        ("\u{2265}", Operator::AtLeast),
        ("<", Operator::Less),
        (">", Operator::Greater),
        ("=", Operator::Equal),
        ("kurang dari ", Operator::Less),
        ("lebih dari ", Operator::Greater),
        ("paling banyak ", Operator::AtMost),
        ("maksimal ", Operator::AtMost),
        ("paling sedikit ", Operator::AtLeast),
        ("minimal ", Operator::AtLeast),
        ("di bawah ", Operator::Less),
    ];
    let found = OPERATORS.iter().find_map(|(sign, operator)| {
        let (head, rest) = text.split_at_checked(sign.len())?;
        head.eq_ignore_ascii_case(sign).then_some((*operator, rest.trim_start()))
    });
    let (operator, rest) = match found {
        Some((operator, rest)) => (Some(operator), rest),
        None => (None, text),
    };
    let (value, unit) = leading_number(rest)?;
    let unit = plain_unit(unit)?;
    Some(TargetText::Number { operator, value, unit })
}

/// The number a text starts with, and what follows it.
fn leading_number(text: &str) -> Option<(Decimal, &str)> {
    let signed = text.strip_prefix(['-', '\u{2212}', '+']).unwrap_or(text);
    let start = text.len() - signed.len();
    let length = signed
        .find(|it: char| !(it.is_ascii_digit() || it == '.' || it == ','))
        .unwrap_or(signed.len());
    // A full stop or comma that ends the digits belongs to the sentence.
    let end = start + signed[..length].trim_end_matches(['.', ',']).len();
    let value = parse_number(&text[..end]).ok()??;
    // A letter that touches the digits is part of them (`1e3`) or a slip of the hand.
    let apart = !text[end..].starts_with(char::is_alphabetic);
    apart.then(|| (value, text[end..].trim_start()))
}

/// A unit holds no second figure: then the text is ambiguous, and a person must decide. A digit
/// inside a unit, as in `m2`, is no figure.
fn plain_unit(unit: &str) -> Option<String> {
    let unit = unit.trim();
    let opens_well = |it: char| it.is_alphabetic() || matches!(it, '%' | '(' | '\u{2030}' | '/');
    let figure = |word: &str| {
        word.trim_start_matches(|it: char| !it.is_alphanumeric())
            .starts_with(|it: char| it.is_numeric())
    };
    let plain = unit.chars().next().is_none_or(opens_well) && !unit.split_whitespace().any(figure);
    plain.then(|| unit.to_owned())
}

fn ordinal(text: &str) -> Option<TargetText> {
    let short = text.len() <= 20
        && text.starts_with(|it: char| it.is_ascii_alphabetic())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, ' ' | '-' | '+'));
    let upper = text.chars().all(|it| !it.is_ascii_lowercase());
    let lower = text.to_lowercase();
    let level = ["level ", "tingkat ", "predikat ", "opini "]
        .iter()
        .find_map(|word| lower.strip_prefix(word))
        .is_some_and(|rest| !rest.trim().is_empty() && rest.split_whitespace().count() == 1);
    let word = text.split_whitespace().count() == 1 && upper;
    (short && (level || word)).then(|| TargetText::Ordinal(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn number(operator: Option<Operator>, value: &str, unit: &str) -> TargetText {
        TargetText::Number { operator, value: d(value), unit: unit.to_owned() }
    }

    #[test]
    fn targets_as_official_tables_write_them() {
        use Operator::{AtLeast, AtMost, Less};
        let range = |low, high, unit: &str| TargetText::Range {
            low: d(low),
            high: d(high),
            unit: unit.to_owned(),
        };
        for (text, read) in [
            ("95 %", number(None, "95", "%")),
            ("95%", number(None, "95", "%")),
            ("1.234,56", number(None, "1234.56", "")),
            ("-3,5", number(None, "-3.5", "")),
            ("< 1 %", number(Some(Less), "1", "%")),
            ("\u{2264}5", number(Some(AtMost), "5", "")),
            ("Maksimal 10 hari", number(Some(AtMost), "10", "hari")),
            (">= 80", number(Some(AtLeast), "80", "")),
            ("20 kelompok", number(None, "20", "kelompok")),
            ("250 m2", number(None, "250", "m2")),
            ("12 (dua belas) dokumen", number(None, "12", "(dua belas) dokumen")),
            ("30-40", range("30", "40", "")),
            ("30 \u{2013} 40 %", range("30", "40", "%")),
            ("30 s.d. 40", range("30", "40", "")),
            ("-5-10", range("-5", "10", "")),
            ("50 dari 60", TargetText::Fraction { part: d("50"), whole: d("60") }),
            ("50 dari 60 desa", TargetText::Fraction { part: d("50"), whole: d("60") }),
            ("peringkat 3", TargetText::Rank(d("3"))),
            ("Peringkat ke-3", TargetText::Rank(d("3"))),
            ("WTP", TargetText::Ordinal("WTP".to_owned())),
            ("AA", TargetText::Ordinal("AA".to_owned())),
            ("Level 3", TargetText::Ordinal("Level 3".to_owned())),
            ("-", TargetText::Blank),
            ("  ", TargetText::Blank),
            ("N/A", TargetText::NotApplicable),
            ("20 kelompok (200 orang)", TargetText::Text("20 kelompok (200 orang)".to_owned())),
            ("40-30", TargetText::Text("40-30".to_owned())),
            ("1,234.56", TargetText::Text("1,234.56".to_owned())),
            ("1e3", TargetText::Text("1e3".to_owned())),
            ("5x", TargetText::Text("5x".to_owned())),
            ("terlaksana", TargetText::Text("terlaksana".to_owned())),
        ] {
            assert_eq!(TargetText::parse(text), read, "{text}");
        }
    }

    #[test]
    fn an_operator_compares_the_actual_with_the_target() {
        for (operator, below, same, above) in [
            (Operator::Less, true, false, false),
            (Operator::AtMost, true, true, false),
            (Operator::Equal, false, true, false),
            (Operator::AtLeast, false, true, true),
            (Operator::Greater, false, false, true),
        ] {
            assert_eq!(operator.holds(d("4"), d("5")), below);
            assert_eq!(operator.holds(d("5"), d("5")), same);
            assert_eq!(operator.holds(d("6"), d("5")), above);
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = TargetText::parse(&text);
        }

        #[test]
        fn no_near_target_panics(text in "[<>=\u{2264}\u{130}a-z0-9., %/()-]{0,24}") {
            let _ = TargetText::parse(&text);
        }
    }
}
