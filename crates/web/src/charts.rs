//! Drawings of figures: SVG made by pure functions, each with its words and its table twin.
//!
//! Rules all of them keep: colours come from classes, with plain attributes beside them for where
//! there is no style sheet; no colour without shape or word; a missing value is a gap, never a
//! zero; a drawing with links in it is a group (`role="group"`), one without is an image with a
//! title and a description. Horizontal places are per cents, so that text keeps its size on a
//! phone.

pub mod bars;
pub mod choropleth;
pub mod gauge;
pub mod heat;
pub mod line;
pub mod map;
pub mod multiples;
pub mod scale;
pub mod status_bar;
pub mod strategy_map;
pub mod text;
pub mod trend;

use crate::locale::Locale;
use rust_decimal::Decimal;

/// How the numbers of one chart are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    /// Unit, for instance `%` or `indeks`; empty for none.
    pub name: String,
    /// Places shown.
    pub decimals: u32,
}

impl Unit {
    /// A unit and its places.
    pub fn new(name: impl Into<String>, decimals: u32) -> Self {
        Self { name: name.into(), decimals }
    }

    /// The number alone, or with a percent sign.
    pub(crate) fn number(&self, locale: Locale, value: Decimal) -> String {
        let text = crate::format::number(locale, value, self.decimals);
        if self.name == "%" { format!("{text}%") } else { text }
    }

    /// The number with its unit.
    pub(crate) fn full(&self, locale: Locale, value: Decimal) -> String {
        crate::components::Amount::of(value, self.decimals, self.name.as_str()).text(locale)
    }
}
