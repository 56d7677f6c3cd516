//! One group: its members' rows, and the line that answers them.

use std::collections::BTreeMap;

use ekinerja_domain::quantity::format_plain;
use ekinerja_domain::rollup::{
    Contribution, Excluded, ExclusionReason, LocationConsolidation, Member, RollUpOptions,
    RollUpReason, RolledUp, roll_up,
};
use rust_decimal::Decimal;

use super::RollUpSheetOptions;
use super::row::{Figures, ReadRow};
use crate::sheet::Language;

/// What a ratio is multiplied with, where the values beside the parts tell it.
const FACTORS: [u32; 5] = [100, 1, 1_000, 10_000, 100_000];

/// A member of a group.
struct Entry {
    line: u64,
    /// `None` for a bad row, or two rows that contradict each other: expected, not reporting.
    figures: Option<Figures>,
}

/// The rows of one group so far.
#[derive(Default)]
pub(super) struct Group {
    method: Option<LocationConsolidation>,
    official: Option<Decimal>,
    members: BTreeMap<String, Entry>,
    readings: Vec<String>,
}

impl Group {
    /// Takes a row in; the error is the row's, and the member then counts as expected without
    /// reporting.
    pub(super) fn add(
        &mut self,
        line: u64,
        row: ReadRow,
        language: Language,
    ) -> Result<(), String> {
        let here = format!("{} {line}, id {}", language.pick("baris", "line"), row.id);
        self.readings.extend(row.readings.iter().cloned());
        let read = self.check_method(&row, language).and(row.figures);
        if is_official(&row.id) {
            let figures = read.map_err(|it| format!("{here}: {it}"))?;
            if self.official.is_some() {
                let text = language.pick("angka resmi dua kali", "a second official figure");
                return Err(format!("{here}: {text}"));
            }
            self.official = figures.value;
            return Ok(());
        }
        if let Some(earlier) = self.members.get_mut(&row.id) {
            let same = read.as_ref().is_ok_and(|it| earlier.figures.as_ref() == Some(it));
            if !same {
                earlier.figures = None;
            }
            let text = match (same, language) {
                (true, Language::Indonesian) => "id sudah ada dengan angka yang sama; hapus satu",
                (true, Language::English) => {
                    "the id is already there with the same figures; delete one"
                }
                (false, Language::Indonesian) => {
                    "id sudah ada dengan angka lain; keduanya tidak dihitung sampai salah satu dihapus"
                }
                (false, Language::English) => {
                    "the id is already there with other figures; neither counts until one is deleted"
                }
            };
            let first = language.pick("lihat baris", "see line");
            return Err(format!("{here}: {text} ({first} {})", earlier.line));
        }
        let (figures, error) = match read {
            Ok(figures) => (Some(figures), None),
            Err(error) => (None, Some(format!("{here}: {error}"))),
        };
        self.members.insert(row.id, Entry { line, figures });
        error.map_or(Ok(()), Err)
    }

    /// The first method that can be read is the group's.
    fn check_method(&mut self, row: &ReadRow, language: Language) -> Result<(), String> {
        let method = row.method.clone()?;
        let own = *self.method.get_or_insert(method);
        if own == method {
            return Ok(());
        }
        let text = language.pick("berbeda dengan metode grup ini,", "differs from the group's,");
        Err(format!("method: {method} {text} {own}"))
    }

    /// `value,reporting,expected,coverage,reason`.
    pub(super) fn answer(&self, options: &RollUpSheetOptions) -> [String; 5] {
        let language = options.language;
        let expected: Vec<_> = self
            .members
            .iter()
            .map(|(id, entry)| Member {
                key: id.as_str(),
                size: entry.figures.as_ref().and_then(|it| it.weight),
            })
            .collect();
        let Some(method) = self.method else {
            let text = language.pick("tidak ada metode yang terbaca", "no method could be read");
            let count = expected.len().to_string();
            return [
                String::new(),
                "0".to_owned(),
                count,
                percent(Decimal::ZERO),
                format!("no_method: {text}"),
            ];
        };
        let given: Vec<_> = self
            .members
            .iter()
            .filter_map(|(id, entry)| Some(contribution(id, entry.figures.as_ref()?)))
            .collect();
        let (per, agrees) = match options.per {
            Some(per) => (per, true),
            None => self.factor(),
        };
        let roll_up_options = RollUpOptions { per, official: self.official, grades: None };
        // The map holds each id once, so the roll-up cannot meet one twice.
        match roll_up(method, &expected, &given, &roll_up_options) {
            Err(error) => [
                String::new(),
                String::new(),
                String::new(),
                String::new(),
                format!("error: {error}"),
            ],
            Ok(found) => {
                let decimals =
                    if per == Decimal::ONE { options.decimals.max(4) } else { options.decimals };
                let mut reasons = reasons(&found, decimals, language);
                if method == LocationConsolidation::RatioOfSums && !agrees {
                    let text = language.pick(
                        "value tidak sama dengan numerator / denominator; dihitung dari numerator dan denominator",
                        "value is not numerator / denominator; computed from numerator and denominator",
                    );
                    reasons.push(format!("value_mismatch: {text}"));
                }
                if let Some(first) = self.readings.first() {
                    let more = self.readings.len() - 1;
                    let more = if more > 0 { format!(" (+{more})") } else { String::new() };
                    reasons.push(format!("read_as: {first}{more}"));
                }
                [
                    shown(&found, found.value, decimals),
                    found.coverage.reporting.to_string(),
                    found.coverage.expected.to_string(),
                    coverage(&found),
                    reasons.join("; "),
                ]
            }
        }
    }

    /// The factor that explains every value given beside its parts, and whether one does.
    fn factor(&self) -> (Decimal, bool) {
        let figures = || self.members.values().filter_map(|it| it.figures.as_ref());
        let explains = |factor: Decimal| {
            figures().all(|it| match (it.value, it.numerator, it.denominator) {
                (Some(value), Some(part), Some(whole)) => {
                    let exact = part.checked_mul(factor).and_then(|it| it.checked_div(whole));
                    // The value was printed with so many decimals, rounded or cut.
                    let last_digit = Decimal::new(1, value.scale());
                    exact
                        .and_then(|it| it.checked_sub(value))
                        .is_some_and(|it| it.abs() < last_digit)
                }
                _ => true,
            })
        };
        let found = FACTORS.into_iter().map(Decimal::from).find(|it| explains(*it));
        (found.unwrap_or(Decimal::ONE_HUNDRED), found.is_some())
    }
}

fn contribution<'a>(id: &'a str, figures: &Figures) -> Contribution<&'a str> {
    Contribution {
        value: figures.value,
        numerator: figures.numerator,
        denominator: figures.denominator,
        weight: figures.weight,
        grade: figures.grade.clone(),
        ..Contribution::empty(id)
    }
}

fn is_official(id: &str) -> bool {
    matches!(id.to_lowercase().as_str(), "official" | "resmi")
}

fn shown(found: &RolledUp<&str>, value: Option<Decimal>, decimals: u32) -> String {
    if let Some((low, high)) = found.distribution.as_ref().and_then(|it| it.median.as_ref()) {
        return if low == high { low.clone() } else { format!("{low}-{high}") };
    }
    let exact = found.method == LocationConsolidation::Sum || value == found.official;
    value.map_or_else(String::new, |it| {
        if exact { it.normalize().to_string() } else { format_plain(it, decimals) }
    })
}

/// The share of the whole, by weight or denominator where every member gave one, else by heads.
fn coverage(found: &RolledUp<&str>) -> String {
    let heads = || {
        let expected = Decimal::from(found.coverage.expected);
        Decimal::from(found.coverage.reporting).checked_div(expected).unwrap_or_default()
    };
    percent(found.coverage.weight_share.unwrap_or_else(heads))
}

fn percent(share: Decimal) -> String {
    // A share lies between 0 and 1.
    format_plain(share * Decimal::ONE_HUNDRED, 2)
}

fn reasons(found: &RolledUp<&str>, decimals: u32, language: Language) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(reason) = found.reason {
        let (indonesian, english) = match reason {
            RollUpReason::NoAggregate => (
                "metode ini tidak menghitung angka induk",
                "this method computes no figure for the parent",
            ),
            RollUpReason::NoOfficialFigure => (
                "hanya angka resmi yang berlaku dan belum ada",
                "only an official figure counts and there is none",
            ),
            RollUpReason::NothingReported => {
                ("belum ada anggota yang melapor", "no member has reported")
            }
            RollUpReason::ZeroDenominator => {
                ("jumlah penyebut atau bobot nol", "denominators or weights add up to zero")
            }
            RollUpReason::NoIndex => {
                ("komponen tidak menghasilkan indeks", "the components give no index")
            }
            RollUpReason::OutOfRange => {
                ("angka terlalu besar; periksa satuan", "a number is too large; check the unit")
            }
        };
        reasons.push(format!("{}: {}", reason.code(), language.pick(indonesian, english)));
    }
    if found.official.is_some() && found.computed.is_some() {
        let text = language.pick("angka resmi; hasil hitung", "official figure; computed");
        let computed = shown(found, found.computed, decimals);
        let difference = shown(found, found.difference, decimals);
        let apart = language.pick("selisih", "difference");
        reasons.push(format!("official: {text} {computed}, {apart} {difference}"));
    }
    if let Some(distribution) = &found.distribution {
        let counts: Vec<_> = distribution
            .counts
            .iter()
            .map(|(grade, members)| format!("{grade} {members}"))
            .collect();
        reasons.push(format!("distribution: {}", counts.join(", ")));
    }
    if found.partial {
        let of = language.pick("dari", "of");
        let missing: Vec<_> = found.excluded.iter().map(|it| left_out(it, language)).collect();
        let (reporting, expected) = (found.coverage.reporting, found.coverage.expected);
        reasons.push(format!("partial: {reporting} {of} {expected}; {}", missing.join(", ")));
    }
    reasons
}

/// Every member of a sheet has a row, so one that "did not report" has a row that cannot be used.
fn left_out(it: &Excluded<&str>, language: Language) -> String {
    let why = match it.reason {
        ExclusionReason::NotReported => {
            language.pick("baris tidak dapat dipakai", "its row cannot be used")
        }
        reason => language.pick(reason.text_id(), reason.text_en()),
    };
    format!("{} ({why})", it.member)
}
