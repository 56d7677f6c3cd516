//! Numbers as the domain holds them: exact decimals with a meaning, read as people type them.
//!
//! Nothing here is a float. A blank is `None`, never zero (domain rule 2.1).

mod number;
mod target_text;

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

pub use number::{NumberError, format_id, format_plain, is_ambiguous, parse_number, parse_value};
pub use target_text::{Operator, TargetText};

/// Digits a stored value may have before the decimal mark: the column is `numeric(24,6)`.
pub const STORED_INTEGER_DIGITS: u32 = 18;

/// Digits a stored value may have after the decimal mark: the column is `numeric(24,6)`.
pub const STORED_DECIMALS: u32 = 6;

/// Decimals a printed achievement may have (rule switch `rounding`, domain rule 10).
pub const MAX_PRINTED_DECIMALS: u32 = 4;

/// The largest magnitude `numeric(24,6)` holds: eighteen nines, a mark, six nines.
pub const STORED_MAX: Decimal =
    Decimal::from_parts(0xA0FF_FFFF, 0x1BCE_CCED, 0x0000_D3C2, false, STORED_DECIMALS);

/// Whether `value` can be stored without losing a digit.
///
/// # Errors
/// [`NumberError::OutOfRange`] or [`NumberError::TooManyDecimals`].
pub fn check_stored(value: Decimal) -> Result<Decimal, NumberError> {
    let value = value.normalize();
    if value.scale() > STORED_DECIMALS {
        return Err(NumberError::TooManyDecimals);
    }
    if value.abs() > STORED_MAX {
        return Err(NumberError::OutOfRange);
    }
    Ok(value)
}

coded! {
    /// How the last printed digit is made; a switch, since some regencies cut instead of round.
    pub enum Rounding {
        /// "Pembulatan biasa": a half goes away from zero.
        HalfUp = "half_up",
        /// The digits beyond the last printed one are cut off.
        Truncate = "truncate",
    }
}

/// Rounds to `decimals` digits after the mark. Call it once, at the edge (domain rule 2.1).
pub fn round(value: Decimal, decimals: u32, rounding: Rounding) -> Decimal {
    let strategy = match rounding {
        Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        Rounding::Truncate => RoundingStrategy::ToZero,
    };
    let rounded = value.round_dp_with_strategy(decimals, strategy);
    if rounded.is_zero() { Decimal::ZERO } else { rounded }
}

macro_rules! quantity {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Decimal);

        impl $name {
            /// The bare number.
            pub const fn get(self) -> Decimal {
                self.0
            }
        }

        impl From<$name> for Decimal {
            fn from(it: $name) -> Self {
                it.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
    };
}

quantity! {
    /// A measured or targeted figure in the indicator's own unit; fits `numeric(24,6)`.
    Value
}

quantity! {
    /// A relative weight, zero or more; fits `numeric(24,6)`.
    Weight
}

quantity! {
    /// Achievement of one indicator in percent, full precision; may be negative or above 100.
    Achievement
}

quantity! {
    /// Score of an objective, a perspective or the organisation, in percent, full precision.
    Score
}

impl Value {
    /// A figure that can be stored without loss.
    ///
    /// # Errors
    /// [`NumberError::OutOfRange`] or [`NumberError::TooManyDecimals`].
    pub fn new(value: Decimal) -> Result<Self, NumberError> {
        check_stored(value).map(Self)
    }
}

impl Weight {
    /// No weight: the item is shown but does not count.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// The neutral weight.
    pub const ONE: Self = Self(Decimal::ONE);

    /// A weight given as a whole number.
    pub const fn of_whole(number: u32) -> Self {
        Self(Decimal::from_parts(number, 0, 0, false, 0))
    }

    /// A weight given in hundredths: 115 is 1.15.
    pub const fn of_hundredths(number: u32) -> Self {
        Self(Decimal::from_parts(number, 0, 0, false, 2))
    }

    /// Half way between two weights.
    #[must_use]
    pub fn mean_with(self, other: Self) -> Self {
        // Both fit numeric(24,6), so neither the sum nor the half can overflow.
        Self((self.0 + other.0) / Decimal::TWO)
    }

    /// A weight of zero or more.
    ///
    /// # Errors
    /// [`NumberError::Negative`], [`NumberError::OutOfRange`] or [`NumberError::TooManyDecimals`].
    pub fn new(value: Decimal) -> Result<Self, NumberError> {
        if value < Decimal::ZERO {
            return Err(NumberError::Negative);
        }
        check_stored(value).map(Self)
    }
}

impl Achievement {
    /// Wraps a computed percentage.
    pub const fn new(percent: Decimal) -> Self {
        Self(percent)
    }
}

impl Score {
    /// Wraps a computed percentage.
    pub const fn new(percent: Decimal) -> Self {
        Self(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn the_largest_stored_value_is_eighteen_and_six_nines() {
        assert_eq!(STORED_MAX, d("999999999999999999.999999"));
        assert_eq!(Value::new(STORED_MAX).map(Value::get), Ok(STORED_MAX));
        assert_eq!(Value::new(d("1000000000000000000")), Err(NumberError::OutOfRange));
        assert_eq!(Value::new(d("0.1234567")), Err(NumberError::TooManyDecimals));
        assert_eq!(Value::new(d("0.1234560")).map(Value::get), Ok(d("0.123456")));
    }

    #[test]
    fn a_weight_is_not_negative() {
        assert_eq!(Weight::new(d("-0.1")), Err(NumberError::Negative));
        assert_eq!(Weight::new(Decimal::ZERO), Ok(Weight::ZERO));
    }

    #[test]
    fn half_goes_away_from_zero_and_truncate_cuts() {
        for (value, half_up, truncated) in [
            ("79.995", "80.00", "79.99"),
            ("-79.995", "-80.00", "-79.99"),
            ("79.994999", "79.99", "79.99"),
            ("0.005", "0.01", "0.00"),
            ("-0.004", "0.00", "0.00"),
        ] {
            assert_eq!(round(d(value), 2, Rounding::HalfUp), d(half_up), "{value}");
            assert_eq!(round(d(value), 2, Rounding::Truncate), d(truncated), "{value}");
        }
        assert!(!round(d("-0.004"), 2, Rounding::HalfUp).is_sign_negative());
    }
}
