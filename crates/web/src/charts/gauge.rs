//! The dial of a score such as NKO.

use crate::components::Status;
use crate::format;
use crate::locale::{Locale, tr};
use maud::{Markup, html};
use rust_decimal::Decimal;

/// A score on a dial.
#[derive(Clone, Debug)]
pub struct Gauge {
    /// Unique on its page.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// The score; `None` when there is nothing to score yet.
    pub value: Option<Decimal>,
    /// Full deflection, for instance 100 or 120.
    pub full: Decimal,
    /// The target, as a mark on the dial.
    pub target: Option<Decimal>,
    /// Status and, where the scale has its own, its word.
    pub status: Status,
    /// The scale's word, for instance "Sangat Baik"; empty for the usual one.
    pub word: String,
    /// Places shown.
    pub decimals: u32,
}

/// A half circle of radius 80 whose length counts as 100, so that a share needs no trigonometry.
const ARC: &str = "M20 100a80 80 0 0 1 160 0";

/// Draws the dial.
pub fn gauge(locale: Locale, it: &Gauge) -> Markup {
    let share = |value: Decimal| {
        if it.full <= Decimal::ZERO {
            return Decimal::ZERO;
        }
        (value.clamp(Decimal::ZERO, it.full) / it.full * Decimal::ONE_HUNDRED)
            .round_dp(2)
            .normalize()
    };
    let word =
        if it.word.is_empty() { it.status.word(locale).into_owned() } else { it.word.clone() };
    let number = it.value.map(|value| format::number(locale, value, it.decimals));
    let full = format::number_as_is(locale, it.full);
    html! {
        figure.gauge-box {
            svg class={ "gauge " (it.status.class()) } viewBox="0 0 200 116" width="240" height="140" role="img"
                aria-labelledby={ (it.id) "-t " (it.id) "-d" } {
                title id={ (it.id) "-t" } { (it.title) }
                desc id={ (it.id) "-d" } {
                    (number.as_deref().unwrap_or("–")) " " (tr!(locale, "chart.of", value = full)) ", " (word)
                }
                path.track d=(ARC) fill="none" stroke="#e4eaf1" stroke-width="18" stroke-linecap="round" {}
                @if let Some(value) = it.value && value > Decimal::ZERO {
                    path.fill d=(ARC) pathLength="100" fill="none" stroke=(it.status.colour()) stroke-width="18"
                        stroke-linecap="round" stroke-dasharray={ (share(value)) " 200" } {}
                }
                @if let Some(target) = it.target {
                    path.target d=(ARC) pathLength="100" fill="none" stroke="#15233a" stroke-width="26"
                        stroke-dasharray="0.8 200" stroke-dashoffset={ "-" (share(target)) } {}
                }
                text.big x="100" y="90" text-anchor="middle" font-size="36" font-weight="700" fill="#15233a" aria-hidden="true" {
                    (number.as_deref().unwrap_or("–"))
                }
                text.tick x="100" y="109" text-anchor="middle" font-size="12" fill="#4a5a70" aria-hidden="true" {
                    (tr!(locale, "chart.of", value = full))
                }
            }
            figcaption {
                (crate::components::badge::status_named(it.status, &word))
                @if let Some(target) = it.target {
                    span.sub { (tr!(locale, "chart.target_is", value = format::number(locale, target, it.decimals))) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(value: Option<i64>) -> Gauge {
        Gauge {
            id: String::from("nko"),
            title: String::from("NKO"),
            value: value.map(Decimal::from),
            full: Decimal::from(120),
            target: Some(Decimal::from(100)),
            status: Status::Green,
            word: String::new(),
            decimals: 2,
        }
    }

    #[test]
    fn dial_fills_by_the_share_and_never_beyond() {
        let text = |value| gauge(Locale::Id, &sample(value)).into_string();
        assert!(text(Some(60)).contains(r#"stroke-dasharray="50 200""#));
        assert!(text(Some(300)).contains(r#"stroke-dasharray="100 200""#));
        assert!(text(Some(60)).contains("60,00 dari 120, Tercapai"));
    }

    #[test]
    fn nothing_to_score_is_not_zero() {
        let text = gauge(Locale::Id, &sample(None)).into_string();
        assert!(!text.contains("class=\"fill\""));
        assert!(text.contains(">–</text>") && !text.contains(">0,00<"), "{text}");
    }
}
