//! Rating scales and traffic lights with their exact edges (domain rules 2.8 and 4.4).
//!
//! A scale is an ordered list of bands, best first; the first band whose edge the value reaches
//! wins, and the last band has no edge, so that every number has exactly one band.

mod catalogue;
mod ordinal;

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::quantity::{Rounding, round};

pub use ordinal::OrdinalScale;

coded! {
    /// The colour behind a band; always shown with a shape or a word as well.
    pub enum Traffic {
        /// As agreed or better.
        Green = "green",
        /// Needs attention.
        Yellow = "yellow",
        /// Below what was agreed.
        Red = "red",
        /// Not measurable, pending or not applicable; never shown red.
        Grey = "grey",
    }
}

coded! {
    /// How a scale that is printed in whole numbers closes its gaps (90 to 91).
    pub enum BandClosure {
        /// `> 90`, `> 75`, ...: what lies in a gap belongs to the better band.
        Gapless = "gapless",
        /// `>= 91`, `>= 76`, ...: what lies in a gap belongs to the worse band.
        LowerInteger = "lower_integer",
    }
}

/// One step of a scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// What machines print: `green` for a traffic light, the label for a rating.
    pub code: Cow<'static, str>,
    /// What people read, in Bahasa Indonesia.
    pub label: Cow<'static, str>,
    /// The colour behind it.
    pub status: Traffic,
    /// The lower edge in percent; `None` for the last band.
    pub lower: Option<Decimal>,
    /// Whether the edge itself belongs to the band.
    pub inclusive: bool,
}

impl Band {
    /// Whether a value, already rounded as it is printed, reaches this band.
    pub fn reaches(&self, rounded: Decimal) -> bool {
        match self.lower {
            None => true,
            Some(lower) if self.inclusive => rounded >= lower,
            Some(lower) => rounded > lower,
        }
    }
}

/// An ordered list of bands, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    name: Cow<'static, str>,
    above: Vec<Band>,
    last: Band,
}

/// Why a list of bands is no scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScaleError {
    /// No band at all.
    #[error("a scale needs at least one band")]
    Empty,
    /// The last band has an edge, or one before it has none.
    #[error("exactly the last band has no lower edge")]
    NotTotal,
    /// Edges do not fall from band to band.
    #[error("the lower edges must fall from band to band")]
    NotFalling,
    /// A worse band has a better colour.
    #[error("a worse band must not have a better colour")]
    ColourRises,
}

impl Scale {
    /// Builds a tenant's own scale from bands, best first.
    ///
    /// # Errors
    /// [`ScaleError`] when the bands leave a gap, overlap, or grow better downwards.
    pub fn new(name: impl Into<Cow<'static, str>>, bands: Vec<Band>) -> Result<Self, ScaleError> {
        let mut above = bands;
        let last = above.pop().ok_or(ScaleError::Empty)?;
        if last.lower.is_some() || above.iter().any(|band| band.lower.is_none()) {
            return Err(ScaleError::NotTotal);
        }
        for pair in above.windows(2) {
            let (better, worse) = (&pair[0], &pair[1]);
            let falls = better.lower > worse.lower
                || (better.lower == worse.lower && !better.inclusive && worse.inclusive);
            if !falls {
                return Err(ScaleError::NotFalling);
            }
        }
        let colours = above.iter().chain([&last]).map(|band| band.status);
        if !colours.is_sorted_by(|a, b| a <= b) {
            return Err(ScaleError::ColourRises);
        }
        Ok(Self { name: name.into(), above, last })
    }

    /// A scale of the catalogue, gaps closed the default way; case, `-` and `_` do not count.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::closed(name, BandClosure::Gapless)
    }

    /// A scale of the catalogue with its gaps closed as the rule set says. Scales without gaps are
    /// the same either way.
    pub fn closed(name: &str, closure: BandClosure) -> Option<&'static Self> {
        catalogue::find(name, closure)
    }

    /// The names of the catalogue, for a list of choices.
    pub fn names() -> &'static [&'static str] {
        catalogue::NAMES
    }

    /// The name printed beside a rating.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All bands, best first.
    pub fn bands(&self) -> impl Iterator<Item = &Band> {
        self.above.iter().chain([&self.last])
    }

    /// The band of a score, compared as it is printed by default: half up to two decimals.
    pub fn band(&self, score: Decimal) -> &Band {
        self.band_of_rounded(round(score, 2, Rounding::HalfUp))
    }

    /// The band of a number that is already rounded as it is printed, so that print and colour
    /// agree under a rule set with other decimals.
    pub fn band_of_rounded(&self, rounded: Decimal) -> &Band {
        self.above.iter().find(|band| band.reaches(rounded)).unwrap_or(&self.last)
    }
}

#[cfg(test)]
mod tests;
