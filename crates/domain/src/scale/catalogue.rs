//! The scales in use, as domain rules 2.8 and 4.4 have read them.

use std::borrow::Cow;
use std::sync::LazyLock;

use rust_decimal::Decimal;

use super::Traffic::{Green, Red, Yellow};
use super::{Band, BandClosure, Scale, Traffic};
use crate::coded::same_code;

/// Names as rule sets and sheets use them.
pub(super) const NAMES: &[&str] = &[
    "traffic467",
    "traffic127",
    "traffic_regency_a",
    "nko127",
    "permendagri86",
    "regency5",
    "akip_grade",
    "skp46",
    "skm14",
];

/// `(label, colour, edge in hundredths, edge belongs to the band)`; the last row has no edge.
type Rows = &'static [(&'static str, Traffic, i64, bool)];

const AT_LEAST: bool = true;
const ABOVE: bool = false;

/// KMK 467/2014 [from memory]: green from 100, yellow from 80.
const TRAFFIC_467: Rows = &[
    ("Hijau", Green, 10_000, AT_LEAST),
    ("Kuning", Yellow, 8_000, AT_LEAST),
    ("Merah", Red, 0, ABOVE),
];

/// As an application of KMK 127/2026 has it: exactly on target is yellow here.
const TRAFFIC_127: Rows = &[
    ("Hijau", Green, 10_000, ABOVE),
    ("Kuning", Yellow, 9_000, AT_LEAST),
    ("Merah", Red, 0, ABOVE),
];

/// One regency's application: above 90 green, from 70 yellow.
const TRAFFIC_REGENCY_A: Rows = &[
    ("Hijau", Green, 9_000, ABOVE),
    ("Kuning", Yellow, 7_000, AT_LEAST),
    ("Merah", Red, 0, ABOVE),
];

/// KMK 127/2026; its print leaves 100, 90 and 80 open, the lower edge is included here.
const NKO_127: Rows = &[
    ("Sangat Baik", Green, 11_000, AT_LEAST),
    ("Baik", Green, 10_000, AT_LEAST),
    ("Cukup", Yellow, 9_000, AT_LEAST),
    ("Kurang", Red, 8_000, AT_LEAST),
    ("Buruk", Red, 0, ABOVE),
];

/// Permendagri 86/2017 and 54/2010, printed 91-100, 76-90, 66-75, 51-65, up to 50.
const PERMENDAGRI_86: Rows = &[
    ("Sangat Tinggi", Green, 9_000, ABOVE),
    ("Tinggi", Green, 7_500, ABOVE),
    ("Sedang", Yellow, 6_500, ABOVE),
    ("Rendah", Red, 5_000, ABOVE),
    ("Sangat Rendah", Red, 0, ABOVE),
];

/// The same cuts with the labels many regencies print.
const REGENCY_5: Rows = &[
    ("Sangat Baik", Green, 9_000, ABOVE),
    ("Baik", Green, 7_500, ABOVE),
    ("Cukup", Yellow, 6_500, ABOVE),
    ("Kurang", Red, 5_000, ABOVE),
    ("Sangat Kurang", Red, 0, ABOVE),
];

/// SKP before 2021, printed 91-100, 76-90, 61-75, 51-60, up to 50.
const SKP_46: Rows = &[
    ("Sangat Baik", Green, 9_000, ABOVE),
    ("Baik", Green, 7_500, ABOVE),
    ("Cukup", Yellow, 6_000, ABOVE),
    ("Kurang", Red, 5_000, ABOVE),
    ("Buruk", Red, 0, ABOVE),
];

/// `PermenPANRB` 12/2015 and 88/2021: open below, closed above; 80.00 is BB, 80.01 is A.
const AKIP_GRADE: Rows = &[
    ("AA", Green, 9_000, ABOVE),
    ("A", Green, 8_000, ABOVE),
    ("BB", Green, 7_000, ABOVE),
    ("B", Yellow, 6_000, ABOVE),
    ("CC", Yellow, 5_000, ABOVE),
    ("C", Red, 3_000, ABOVE),
    ("D", Red, 0, ABOVE),
];

/// `PermenPANRB` 14/2017, satisfaction index of 25 to 100.
const SKM_14: Rows = &[
    ("A", Green, 8_831, AT_LEAST),
    ("B", Green, 7_661, AT_LEAST),
    ("C", Yellow, 6_500, AT_LEAST),
    ("D", Red, 0, AT_LEAST),
];

static GAPLESS: LazyLock<Vec<Scale>> = LazyLock::new(|| {
    NAMES
        .iter()
        .map(|name| {
            let traffic = name.starts_with("traffic");
            scale(name, rows(name), |_, edge, inclusive| (edge, inclusive), traffic)
        })
        .collect()
});

static LOWER_INTEGER: LazyLock<Vec<Scale>> = LazyLock::new(|| {
    NAMES
        .iter()
        .map(|name| {
            let traffic = name.starts_with("traffic");
            let printed_whole = matches!(*name, "permendagri86" | "regency5" | "skp46");
            let close = move |_: usize, edge: Decimal, inclusive: bool| {
                if printed_whole { (edge + Decimal::ONE, true) } else { (edge, inclusive) }
            };
            scale(name, rows(name), close, traffic)
        })
        .collect()
});

pub(super) fn find(name: &str, closure: BandClosure) -> Option<&'static Scale> {
    let catalogue: &'static [Scale] = match closure {
        BandClosure::Gapless => &GAPLESS,
        BandClosure::LowerInteger => &LOWER_INTEGER,
    };
    catalogue.iter().find(|scale| same_code(scale.name(), name))
}

fn rows(name: &str) -> Rows {
    match name {
        "traffic127" => TRAFFIC_127,
        "traffic_regency_a" => TRAFFIC_REGENCY_A,
        "nko127" => NKO_127,
        "permendagri86" => PERMENDAGRI_86,
        "regency5" => REGENCY_5,
        "akip_grade" => AKIP_GRADE,
        "skp46" => SKP_46,
        "skm14" => SKM_14,
        _ => TRAFFIC_467,
    }
}

fn scale(
    name: &'static str,
    rows: Rows,
    close: impl Fn(usize, Decimal, bool) -> (Decimal, bool),
    traffic: bool,
) -> Scale {
    let band =
        |index: usize, &(label, status, edge, inclusive): &(&'static str, Traffic, i64, bool)| {
            let (lower, inclusive) = close(index, Decimal::new(edge, 2), inclusive);
            let code = if traffic { status.code() } else { label };
            Band {
                code: Cow::Borrowed(code),
                label: Cow::Borrowed(label),
                status,
                lower: Some(lower),
                inclusive,
            }
        };
    let mut above: Vec<Band> = rows.iter().enumerate().map(|(at, row)| band(at, row)).collect();
    let last = above.pop().unwrap_or_else(|| band(0, &TRAFFIC_467[2]));
    Scale { name: Cow::Borrowed(name), above, last: Band { lower: None, inclusive: true, ..last } }
}
