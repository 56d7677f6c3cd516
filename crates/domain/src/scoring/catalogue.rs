//! The rule sets that come with the product. A number here is changed only by a new version.

use std::borrow::Cow;
use std::sync::LazyLock;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::composite::CompositeRule;
use super::{
    InverseZeroActual, LateAs, MinFormula, PerspectiveWeights, RuleSet, RuleSetRef, StabilizeRule,
    ZeroTargetMax, ZeroTargetMin,
};
use crate::quantity::{Rounding, Weight};
use crate::scale::{BandClosure, Scale};
use crate::weights::WeightMethod;

const fn whole(number: u32) -> Decimal {
    Decimal::from_parts(number, 0, 0, false, 0)
}

/// KMK 127/2026: closeness 0, 90, 100 give 0, 100, 120.
static POINTS_127: [(Decimal, Decimal); 3] =
    [(Decimal::ZERO, Decimal::ZERO), (whole(90), whole(100)), (whole(100), whole(120))];

static CATALOGUE: LazyLock<Vec<RuleSet>> = LazyLock::new(|| {
    vec![default(), lkj(), kemenkeu_127(), kemenkeu_467(), regency_a(), regency_b(), comparison()]
});

pub(super) fn all() -> &'static [RuleSet] {
    &CATALOGUE
}

/// The switches of domain rule 10 at their defaults.
fn default() -> RuleSet {
    RuleSet {
        id: RuleSetRef { name: Cow::Borrowed("default"), version: 1 },
        effective_from: first_of(2019),
        basis: Cow::Borrowed(
            "(2T − R)/T untuk minimize; capaian 0 sampai 120; pita KMK 467/2014, NKO KMK 127/2026",
        ),
        min_formula: MinFormula::TwoMinus,
        stabilize: StabilizeRule::Interpolated,
        stabilize_points: Cow::Borrowed(&POINTS_127),
        zero_target_min: ZeroTargetMin::WorstScaleElseMet,
        zero_target_max: ZeroTargetMax::NotMeasurable,
        inverse_zero_actual: InverseZeroActual::Hundred,
        cap: Some(whole(120)),
        floor: Some(Decimal::ZERO),
        full_marks_at_max: false,
        rounding: Rounding::HalfUp,
        decimals: 2,
        late_as: LateAs::Exclude,
        iku_weight: WeightMethod::Equal,
        perspective_weights: weights(25, 25, 25, 25),
        iku_scale: catalogued("traffic467"),
        nko_scale: catalogued("nko127"),
        band_closure: BandClosure::Gapless,
        composite_rule: CompositeRule::RatioOfSums,
    }
}

/// The performance report's own table: neither cap nor floor, as most regencies print it.
fn lkj() -> RuleSet {
    RuleSet {
        id: RuleSetRef { name: Cow::Borrowed("lkj"), version: 1 },
        basis: Cow::Borrowed("Tabel LKj: seperti default, tanpa batas atas dan batas bawah"),
        cap: None,
        floor: None,
        iku_scale: catalogued("permendagri86"),
        nko_scale: catalogued("permendagri86"),
        ..default()
    }
}

fn kemenkeu_127() -> RuleSet {
    RuleSet {
        id: RuleSetRef { name: Cow::Borrowed("kemenkeu127"), version: 1 },
        effective_from: first_of(2026),
        basis: Cow::Borrowed("KMK 127/2026 (dibaca dari sumber kedua)"),
        zero_target_min: ZeroTargetMin::WorstScale,
        full_marks_at_max: true,
        iku_weight: WeightMethod::Kemenkeu127,
        iku_scale: catalogued("traffic127"),
        ..default()
    }
}

fn kemenkeu_467() -> RuleSet {
    RuleSet {
        id: RuleSetRef { name: Cow::Borrowed("kemenkeu467"), version: 1 },
        effective_from: first_of(2015),
        basis: Cow::Borrowed("KMK 467/2014 (dari ingatan, belum dicek; bobot 25/15/30/30)"),
        zero_target_min: ZeroTargetMin::WorstScale,
        iku_weight: WeightMethod::Manual,
        perspective_weights: weights(25, 15, 30, 30),
        nko_scale: catalogued("traffic467"),
        ..default()
    }
}

/// One regency's application: `(2T - R)/T` with floor 0 and no cap, a target of zero has no value.
fn regency_a() -> RuleSet {
    RuleSet {
        id: RuleSetRef { name: Cow::Borrowed("regency_a"), version: 1 },
        basis: Cow::Borrowed(
            "Aplikasi satu kabupaten: (2T − R)/T, batas bawah 0, target 0 tanpa nilai",
        ),
        zero_target_min: ZeroTargetMin::NotMeasurable,
        cap: None,
        iku_scale: catalogued("traffic_regency_a"),
        nko_scale: catalogued("traffic_regency_a"),
        ..default()
    }
}

/// Another regency's application: `T / R`, an actual of zero gives 100, five bands.
fn regency_b() -> RuleSet {
    RuleSet {
        id: RuleSetRef { name: Cow::Borrowed("regency_b"), version: 1 },
        basis: Cow::Borrowed("Aplikasi satu kabupaten: T/R, realisasi 0 dihitung 100, lima pita"),
        min_formula: MinFormula::Inverse,
        cap: None,
        floor: None,
        iku_scale: catalogued("regency5"),
        nko_scale: catalogued("regency5"),
        ..default()
    }
}

/// The one set a province compares its regencies with, computed again from target and actual.
///
/// It has neither cap nor floor: a comparison is there to show differences, and a cap would make
/// all regencies beyond it look the same.
fn comparison() -> RuleSet {
    RuleSet {
        id: RuleSetRef { name: Cow::Borrowed("comparison"), version: 1 },
        basis: Cow::Borrowed(
            "Pembanding provinsi: seperti default, tanpa batas atas dan batas bawah",
        ),
        cap: None,
        floor: None,
        ..default()
    }
}

fn weights(finance: u32, customer: u32, internal: u32, learning: u32) -> PerspectiveWeights {
    PerspectiveWeights {
        finance: Weight::of_whole(finance),
        customer: Weight::of_whole(customer),
        internal: Weight::of_whole(internal),
        learning: Weight::of_whole(learning),
    }
}

/// A name written in this file; a test walks the catalogue, so a typing error cannot ship.
#[expect(clippy::expect_used, reason = "names in this file, walked by a test")]
fn catalogued(name: &str) -> Cow<'static, Scale> {
    Cow::Borrowed(Scale::named(name).expect("a scale of the catalogue"))
}

#[expect(clippy::expect_used, reason = "the first of January exists in every year")]
fn first_of(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 1, 1).expect("a first of January")
}
