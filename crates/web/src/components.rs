//! The pieces every page is made of: pure functions from plain values to HTML.
//!
//! A component takes everything it shows as a value, so that a missing field is a compile error;
//! it knows nothing of the domain, the session or the request. Pages convert what they have into
//! the view values here. See `docs/style.md` for when to use which.

pub mod badge;
pub mod card;
pub mod figure;
pub mod forms;
pub mod history;
pub mod icon;
pub mod layout;
pub mod matrix;
pub mod navigation;
pub mod notice;
pub mod onboarding;
pub mod qr;
pub mod table;
pub mod tree;

use crate::locale::{Locale, tr};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// What a figure stands at. The five grey ones are five different things and never look like red.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The target is reached.
    Green,
    /// Below target, within the yellow band.
    Yellow,
    /// Below the yellow band.
    Red,
    /// A value was due and there is none.
    Missing,
    /// The indicator does not apply here.
    NotApplicable,
    /// The period has not ended or the value is not due yet.
    NotYetDue,
    /// There is a value, but no achievement can be computed from it.
    NotMeasurable,
    /// A value not verified yet, shown in advance.
    Provisional,
}

impl Status {
    /// Every status, in the order in which legends and stacked bars show them.
    pub const ALL: [Self; 8] = [
        Self::Green,
        Self::Yellow,
        Self::Red,
        Self::Provisional,
        Self::Missing,
        Self::NotYetDue,
        Self::NotMeasurable,
        Self::NotApplicable,
    ];

    /// The word beside the shape and the colour.
    pub fn word(self, locale: Locale) -> Cow<'static, str> {
        match self {
            Self::Green => tr!(locale, "status.green"),
            Self::Yellow => tr!(locale, "status.yellow"),
            Self::Red => tr!(locale, "status.red"),
            Self::Missing => tr!(locale, "status.missing"),
            Self::NotApplicable => tr!(locale, "status.not_applicable"),
            Self::NotYetDue => tr!(locale, "status.not_yet_due"),
            Self::NotMeasurable => tr!(locale, "status.not_measurable"),
            Self::Provisional => tr!(locale, "status.provisional"),
        }
    }

    /// The CSS class that gives the colour: `g`, `y`, `r`, or `n` for all greys.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Green => "g",
            Self::Yellow => "y",
            Self::Red => "r",
            _ => "n",
        }
    }

    /// The colour of drawings outside a page's style sheet (print, PDF).
    pub const fn colour(self) -> &'static str {
        match self {
            Self::Green => "#178a45",
            Self::Yellow => "#de930f",
            Self::Red => "#c0272d",
            _ => "#8391a5",
        }
    }
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// More is better, as with IPM.
    Higher,
    /// Less is better, as with poverty.
    Lower,
    /// Within a range is best, as with inflation.
    Range,
}

impl Direction {
    /// In words.
    pub fn word(self, locale: Locale) -> Cow<'static, str> {
        match self {
            Self::Higher => tr!(locale, "direction.higher"),
            Self::Lower => tr!(locale, "direction.lower"),
            Self::Range => tr!(locale, "direction.range"),
        }
    }
}

/// What must be known about where a figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SourceMark {
    /// As published by the official source.
    Official,
    /// Nobody has checked it against its source.
    Unverified,
    /// Computed from other published figures.
    Derived,
    /// Made up to show how the product works.
    Illustrative,
    /// Computed here, where no official figure exists.
    Estimate,
}

impl SourceMark {
    /// The mark's word.
    pub fn word(self, locale: Locale) -> Cow<'static, str> {
        match self {
            Self::Official => tr!(locale, "source.official"),
            Self::Unverified => tr!(locale, "source.unverified"),
            Self::Derived => tr!(locale, "source.derived"),
            Self::Illustrative => tr!(locale, "source.illustrative"),
            Self::Estimate => tr!(locale, "source.estimate"),
        }
    }

    /// A sentence that explains the mark.
    pub fn explanation(self, locale: Locale) -> Cow<'static, str> {
        match self {
            Self::Official => tr!(locale, "source.official_means"),
            Self::Unverified => tr!(locale, "source.unverified_means"),
            Self::Derived => tr!(locale, "source.derived_means"),
            Self::Illustrative => tr!(locale, "source.illustrative_means"),
            Self::Estimate => tr!(locale, "source.estimate_means"),
        }
    }
}

/// A number with its places and its unit, or the reason why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A value as declared: the number, how many places it shows, and its unit.
    Of {
        /// The value, exact.
        value: Decimal,
        /// Places shown.
        decimals: u32,
        /// Unit, for instance `%`, `indeks`, `orang`; empty for none.
        unit: String,
    },
    /// No number: one of the grey statuses, which is shown as its word.
    None(Status),
}

impl Amount {
    /// A value with its unit.
    pub fn of(value: Decimal, decimals: u32, unit: impl Into<String>) -> Self {
        Self::Of { value, decimals, unit: unit.into() }
    }

    /// As one text: `72,37 indeks`, `14,23%`, `Belum ada nilai`.
    pub fn text(&self, locale: Locale) -> String {
        match self {
            Self::Of { value, decimals, unit } => {
                let number = crate::format::number(locale, *value, *decimals);
                match unit.as_str() {
                    "" => number,
                    "%" => format!("{number}%"),
                    unit => format!("{number}{}{unit}", crate::format::NO_BREAK),
                }
            }
            Self::None(status) => status.word(locale).into_owned(),
        }
    }
}
