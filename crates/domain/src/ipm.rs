//! The human development index (IPM) of BPS, "metode baru", from its four components.
//!
//! IPM is never averaged (domain rule 9.1). It is the official figure, or it is computed here from
//! components and labelled an estimate (rule 9.2).

use rust_decimal::{Decimal, MathematicalOps};

use crate::indicator::IndicatorCode;
use crate::quantity::{Rounding, round};

/// The four components of one region and year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Components {
    /// Life expectancy at birth (UHH), years. The series of SP2010 and SP2020 are never joined.
    pub life_expectancy: Decimal,
    /// Expected years of schooling (HLS), years.
    pub expected_schooling: Decimal,
    /// Mean years of schooling (RLS), years.
    pub mean_schooling: Decimal,
    /// Adjusted expenditure per head (PPK), thousand rupiah a year; above zero.
    pub expenditure: Decimal,
}

/// The index and its parts, each rounded to six decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ipm {
    /// The index, 0 to 100.
    pub value: Decimal,
    /// Health index, 0 to 1.
    pub health: Decimal,
    /// Education index, 0 to 1.
    pub education: Decimal,
    /// Expenditure index, 0 to 1.
    pub expenditure: Decimal,
    /// The category of the index printed with two decimals.
    pub category: IpmCategory,
}

coded! {
    /// Categories of the index.
    pub enum IpmCategory {
        /// From 80.
        VeryHigh = "sangat_tinggi",
        /// 70 to below 80.
        High = "tinggi",
        /// 60 to below 70.
        Medium = "sedang",
        /// Below 60.
        Low = "rendah",
    }
}

impl IpmCategory {
    /// The category of an index, compared as it is printed, with two decimals.
    pub fn of(value: Decimal) -> Self {
        let printed = round(value, 2, Rounding::HalfUp);
        [(80, Self::VeryHigh), (70, Self::High), (60, Self::Medium)]
            .into_iter()
            .find(|(edge, _)| printed >= Decimal::from(*edge))
            .map_or(Self::Low, |(_, category)| category)
    }
}

/// Why there is no index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IpmError {
    /// Expenditure is zero or below, so it has no logarithm.
    #[error("expenditure per head must be above zero")]
    ExpenditureNotPositive,
    /// A component is too large.
    #[error("a component is too large")]
    OutOfRange,
}

/// Decimals the index and its parts are rounded to at once (domain rule 2.1).
const DECIMALS: u32 = 6;

/// Computes the index: cube root of health x education x expenditure, times 100.
///
/// # Errors
/// [`IpmError`].
pub fn ipm(components: &Components) -> Result<Ipm, IpmError> {
    let health = limited(share(components.life_expectancy, Decimal::from(20), Decimal::from(85))?);
    let expected = limited(share(components.expected_schooling, Decimal::ZERO, Decimal::from(18))?);
    let mean = limited(share(components.mean_schooling, Decimal::ZERO, Decimal::from(15))?);
    let education = (expected + mean) / Decimal::TWO;
    // 1,007,436 and 26,572,352 rupiah, in thousands.
    let low = logarithm(Decimal::new(1_007_436, 3))?;
    let high = logarithm(Decimal::new(26_572_352, 3))?;
    let expenditure = limited(share(logarithm(components.expenditure)?, low, high)?);
    let value = Decimal::ONE_HUNDRED * cube_root(health * education * expenditure);
    let six = |it| round(it, DECIMALS, Rounding::HalfUp);
    Ok(Ipm {
        value: six(value),
        health: six(health),
        education: six(education),
        expenditure: six(expenditure),
        category: IpmCategory::of(value),
    })
}

/// Codes of the four components of an index, in the order of [`Components`].
///
/// An index is coded `IPM`, followed by its series: `IPM_SP2020`. Life expectancy has a series of its own,
/// so its code carries the same ending (`UHH_SP2020`); schooling and expenditure have one series only.
/// `None` for a code of another form.
pub fn component_codes(index: &IndicatorCode) -> Option<[IndicatorCode; 4]> {
    let series = index.as_str().strip_prefix("IPM")?;
    let code = |text: &str| IndicatorCode::new(text).ok();
    Some([code(&format!("UHH{series}"))?, code("HLS")?, code("RLS")?, code("PPK")?])
}

fn share(value: Decimal, low: Decimal, high: Decimal) -> Result<Decimal, IpmError> {
    value
        .checked_sub(low)
        .and_then(|it| it.checked_div(high.checked_sub(low)?))
        .ok_or(IpmError::OutOfRange)
}

fn limited(index: Decimal) -> Decimal {
    index.clamp(Decimal::ZERO, Decimal::ONE)
}

fn logarithm(value: Decimal) -> Result<Decimal, IpmError> {
    value.checked_ln().ok_or(IpmError::ExpenditureNotPositive)
}

/// Newton's method on 0..=1; seven steps past the halving phase give more than six decimals.
fn cube_root(value: Decimal) -> Decimal {
    if value.is_zero() {
        return Decimal::ZERO;
    }
    let three = Decimal::from(3);
    let mut root = Decimal::ONE;
    for _ in 0..96 {
        let next = (Decimal::TWO * root + value / (root * root)) / three;
        if (next - root).abs() < Decimal::new(1, 16) {
            return next;
        }
        root = next;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn components(uhh: &str, hls: &str, rls: &str, ppk: &str) -> Components {
        Components {
            life_expectancy: d(uhh),
            expected_schooling: d(hls),
            mean_schooling: d(rls),
            expenditure: d(ppk),
        }
    }

    /// BPS: components of the [Metode Baru] tables; life expectancy of SP2010 up to 2022, of the
    /// SP2020 long form from 2023; published IPM of Statistik Indonesia and BPS NTB.
    #[test]
    fn it_reproduces_what_bps_published() {
        for (region, uhh, hls, rls, ppk, published) in [
            ("NTB 2019", "66.28", "13.48", "7.27", "10640", "68.14"),
            ("NTB 2020", "66.51", "13.7", "7.31", "10351", "68.25"),
            ("NTB 2021", "66.69", "13.9", "7.38", "10377", "68.65"),
            ("NTB 2022", "67.07", "13.96", "7.61", "10681", "69.46"),
            ("NTB 2023", "72.02", "13.97", "7.74", "11095", "72.37"),
            ("Mataram 2021", "71.88", "15.64", "9.54", "14999", "79.14"),
            ("Mataram 2024", "74.83", "15.68", "9.58", "16514", "81.64"),
            ("Lombok Utara 2024", "71.52", "13.02", "6.4", "10272", "68.64"),
        ] {
            let found = ipm(&components(uhh, hls, rls, ppk)).unwrap();
            assert_eq!(round(found.value, 2, Rounding::HalfUp), d(published), "{region}");
        }
    }

    #[test]
    fn life_expectancy_is_of_the_series_of_the_index() {
        let codes = |index: &str| {
            component_codes(&IndicatorCode::new(index).unwrap())
                .map(|codes| codes.map(|code| code.as_str().to_owned()).join(" "))
        };
        assert_eq!(codes("IPM").as_deref(), Some("UHH HLS RLS PPK"));
        assert_eq!(codes("IPM_SP2020").as_deref(), Some("UHH_SP2020 HLS RLS PPK"));
        assert_eq!(codes("P0"), None);
    }

    #[test]
    fn sub_indices_stay_between_zero_and_one() {
        let best = ipm(&components("99", "30", "30", "99999999")).unwrap();
        assert_eq!((best.value, best.category), (d("100"), IpmCategory::VeryHigh));
        let worst = ipm(&components("10", "12", "8", "10000")).unwrap();
        assert_eq!((worst.value, worst.health), (d("0"), d("0")));
        let poor = ipm(&components("70", "12", "8", "1")).unwrap();
        assert_eq!(poor.expenditure, d("0"));
    }

    #[test]
    fn what_has_no_logarithm_is_refused() {
        for ppk in ["0", "-5"] {
            let refused = ipm(&components("70", "12", "8", ppk));
            assert_eq!(refused, Err(IpmError::ExpenditureNotPositive));
        }
        let huge = Components { life_expectancy: Decimal::MIN, ..components("1", "1", "1", "1") };
        assert_eq!(ipm(&huge), Err(IpmError::OutOfRange));
    }

    #[test]
    fn category_edges_are_closed_below() {
        for (value, category) in [
            ("80", IpmCategory::VeryHigh),
            ("79.995", IpmCategory::VeryHigh),
            ("79.99", IpmCategory::High),
            ("70", IpmCategory::High),
            ("69.99", IpmCategory::Medium),
            ("60", IpmCategory::Medium),
            ("59.99", IpmCategory::Low),
        ] {
            assert_eq!(IpmCategory::of(d(value)), category, "{value}");
        }
    }
}
