//! Numbers in JSON: texts with a decimal point, which the interface reads back as the same number.

use ekinerja_domain::quantity::parse_number;
use rust_decimal::Decimal;

/// A number as the interface writes it: `72.37`.
///
/// People type `1.234` for one thousand two hundred thirty-four, and the interface reads numbers as people type
/// them. So that an answer can be sent back as it came, 1.234 with three decimals is written `1.2340`.
pub(super) fn number(value: Decimal) -> String {
    let text = value.normalize().to_string();
    if parse_number(&text) == Ok(Some(value)) { text } else { format!("{text}0") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_reads_back() {
        for text in ["0", "72.37", "1.234", "999.999", "-12.345", "0.125", "1234567.891", "100"] {
            let value: Decimal = text.parse().expect(text);
            assert_eq!(parse_number(&number(value)), Ok(Some(value)), "{text}");
        }
        assert_eq!(number(Decimal::new(1_234, 3)), "1.2340");
        assert_eq!(number(Decimal::new(7_200, 2)), "72");
    }
}
