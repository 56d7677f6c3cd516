//! Exact decimal numbers with six decimals, enough for every figure of the demo.

use std::fmt;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const DECIMALS: usize = 6;
const ONE: i128 = 1_000_000;

/// A number in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fixed(i128);

impl Fixed {
    #[cfg(test)]
    pub(super) const ZERO: Self = Self(0);

    /// The number divided by `n` and cut after six decimals.
    pub(super) fn over(self, n: i128) -> Self {
        Self(self.0 / n)
    }

    /// Half away from zero, as offices round.
    pub(super) fn rounded(self, decimals: u32) -> Self {
        let step = ONE / 10_i128.pow(decimals);
        let half = if self.0 < 0 { -step / 2 } else { step / 2 };
        Self((self.0 + half) / step * step)
    }
}

impl FromStr for Fixed {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        ensure!(
            !whole.is_empty() && plain(whole) && plain(part) && part.len() <= DECIMALS,
            "`{text}` is no decimal number with at most {DECIMALS} decimals"
        );
        let millionths = format!("{part:0<DECIMALS$}").parse::<i128>().context("decimals")?;
        let value = whole.parse::<i128>().context("number too long")? * ONE + millionths;
        Ok(Self(if negative { -value } else { value }))
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.abs() / ONE, self.0.abs() % ONE);
        let part = format!("{part:0>DECIMALS$}");
        match part.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            part => write!(f, "{sign}{whole}.{part}"),
        }
    }
}

impl Add for Fixed {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Fixed {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul<i128> for Fixed {
    type Output = Self;
    fn mul(self, n: i128) -> Self {
        Self(self.0 * n)
    }
}

impl Serialize for Fixed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fixed {
    /// Reads `"67.3"` as well as the bare JSON number `67.3`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Number(serde_json::Number),
        }
        let text = match Either::deserialize(deserializer)? {
            Either::Text(text) => text,
            Either::Number(number) => number.to_string(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["67.3", "-4.56", "0", "0.391", "2401692492280", "-0.5"] {
            assert_eq!(text.parse::<Fixed>().unwrap().to_string(), text);
        }
        assert_eq!("18015.0".parse::<Fixed>().unwrap().to_string(), "18015");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "-", ".5", "1,5", "1e3", "1.2345678", "NaN"] {
            assert!(text.parse::<Fixed>().is_err(), "{text}");
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        let rounded = |text: &str| text.parse::<Fixed>().unwrap().rounded(2).to_string();
        assert_eq!(rounded("1.005"), "1.01");
        assert_eq!(rounded("-1.005"), "-1.01");
        assert_eq!(rounded("1.00499"), "1");
    }
}
