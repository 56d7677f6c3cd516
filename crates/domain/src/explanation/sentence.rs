//! The plain sentence of a number, by rule: no number stands in it that is not in the explanation.

use rust_decimal::Decimal;

use super::words::{direction, method};
use super::{
    BandDecision, Calculation, CompositeExplanation, Explanation, IndicatorExplanation, Language,
    LevelExplanation, RankExplanation, RollUpExplanation,
};
use crate::quantity::format_id;
use crate::rollup::Basis;
use crate::scorecard::{LevelKey, ScoreOutcome};
use crate::scorecard_score::ScoreGap;
use crate::scoring::{RuleId, StepKind, Verdict};

/// A no-break space, so that a number and its unit stay on one line.
const GAP: char = '\u{a0}';

/// A number as people read it in a language: `1.234,56` or `1,234.56`.
pub fn printed(language: Language, value: Decimal, decimals: u32) -> String {
    let text = format_id(value, decimals);
    match language {
        Language::Id => text,
        Language::En => text
            .chars()
            .map(|it| match it {
                '.' => ',',
                ',' => '.',
                other => other,
            })
            .collect(),
    }
}

/// Why the number is what it is, in a few plain sentences.
pub fn sentence(explanation: &Explanation, language: Language) -> String {
    match explanation {
        Explanation::Indicator(it) => of_indicator(it, language),
        Explanation::Level(it) => of_level(it, language),
        Explanation::RollUp(it) => of_rollup(it, language),
        Explanation::Rank(it) => of_rank(it, language),
        Explanation::Composite(it) => of_composite(it, language),
    }
}

/// Chooses by language.
const fn say(language: Language, id: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Id => id,
        Language::En => en,
    }
}

/// Words for the numbers of one calculation: a unit, and how many decimals a number has.
struct Figures<'a> {
    language: Language,
    unit: &'a str,
    decimals: &'a dyn Fn(Decimal) -> u32,
}

impl Figures<'_> {
    fn plain(&self, value: Decimal) -> String {
        printed(self.language, value, (self.decimals)(value))
    }

    fn with_unit(&self, value: Decimal) -> String {
        let number = self.plain(value);
        if self.unit.is_empty() { number } else { format!("{number}{GAP}{}", self.unit) }
    }
}

fn of_indicator(it: &IndicatorExplanation, language: Language) -> String {
    let decimals = |value: Decimal| it.decimals_of(value);
    let figures = Figures { language, unit: &it.unit, decimals: &decimals };
    let mut text = of_calculation(&it.calculation, &figures);
    if it.provisional {
        text.push_str(say(
            language,
            " Nilai ini sementara: belum diverifikasi, jadi belum masuk skor di atasnya.",
            " This is provisional: not verified yet, so it enters no score above.",
        ));
    }
    text
}

/// "Capaian 83,00 % karena …; makin besar makin baik. …"
fn of_calculation(it: &Calculation, figures: &Figures<'_>) -> String {
    let language = figures.language;
    let percent =
        |value: Decimal| format!("{}{GAP}%", printed(language, value, it.printed_decimals()));
    let Some(result) = it.printed else { return without_number(it, figures) };
    let because = because(it, figures);
    let way = it.polarity.map(|it| format!("; {}", direction(it, language))).unwrap_or_default();
    let mut text = match language {
        Language::Id => format!("Capaian {} karena {because}{way}.", percent(result)),
        Language::En => format!("Achievement is {} because {because}{way}.", percent(result)),
    };
    if let Some(limit) = limit(it, &percent, language) {
        text.push(' ');
        text.push_str(&limit);
    }
    if let Some(band) = &it.band {
        text.push(' ');
        text.push_str(&of_band(band, &percent, language));
    }
    text
}

fn without_number(it: &Calculation, figures: &Figures<'_>) -> String {
    let language = figures.language;
    match it.outcome {
        ScoreOutcome::Judged(verdict) => {
            let head = match verdict {
                Verdict::Met => say(language, "Target tercapai", "The target is met"),
                Verdict::NotMet => say(language, "Target tidak tercapai", "The target is not met"),
            };
            format!("{head}: {}.", compared(it, figures))
        }
        ScoreOutcome::NotMeasurable(reason) => match language {
            Language::Id => format!("Belum ada capaian: {}.", reason.text_id()),
            Language::En => format!("There is no achievement: {}.", reason.text_en()),
        },
        // A measured outcome has a printed number.
        ScoreOutcome::Measured => String::new(),
    }
}

/// Actual against target, whatever is known of them.
fn compared(it: &Calculation, figures: &Figures<'_>) -> String {
    let language = figures.language;
    let inputs = &it.inputs;
    let actual = match inputs.actual {
        Some(actual) => {
            format!("{} {}", say(language, "realisasi", "actual"), figures.plain(actual))
        }
        None => say(language, "realisasi belum diisi", "no actual was entered").to_owned(),
    };
    let against = say(language, "terhadap target", "against target");
    match (inputs.range, inputs.target, &it.target_text) {
        (Some((low, high)), ..) => format!(
            "{actual} {against} {} {} {}",
            figures.plain(low),
            say(language, "sampai", "to"),
            figures.with_unit(high)
        ),
        (None, Some(target), _) => format!("{actual} {against} {}", figures.with_unit(target)),
        (None, None, Some(text)) => format!("{actual} {against} {text}"),
        (None, None, None) => actual,
    }
}

fn because(it: &Calculation, figures: &Figures<'_>) -> String {
    let language = figures.language;
    let did = |kind: StepKind| it.steps.iter().any(|step| step.kind == kind);
    let (actual, target) = (it.inputs.actual, it.inputs.target);
    if did(StepKind::LateAsZero) {
        return say(
            language,
            "realisasi belum diisi padahal sudah jatuh tempo, dan aturan menghitungnya nol",
            "no actual was entered although it is due, and the rule set counts that as zero",
        )
        .to_owned();
    }
    let Some(rule) = it.rule else { return compared(it, figures) };
    let of = |id: &str, en: &str, value: Option<Decimal>, with_unit: bool| {
        let word = match language {
            Language::Id => id,
            Language::En => en,
        };
        value.map_or_else(String::new, |value| {
            let number = if with_unit { figures.with_unit(value) } else { figures.plain(value) };
            format!("{word} {number}")
        })
    };
    let r = || of("realisasi", "actual", actual, false);
    match rule {
        _ if did(StepKind::ZeroTarget) || did(StepKind::ZeroActual) => {
            let worst = of(" dan nilai terburuk", " and worst value", it.inputs.worst, true);
            let worst = if it.inputs.worst.is_some() && did(StepKind::ZeroTarget) {
                worst
            } else {
                String::new()
            };
            format!("{}{worst}", compared(it, figures))
        }
        RuleId::MaxRatio => {
            format!("{} {}", r(), of("dari target", "of target", target, true))
        }
        RuleId::MinBaseline | RuleId::MaxBaseline => format!(
            "{} {} {}",
            r(),
            of("dari data awal", "from baseline", it.inputs.baseline, false),
            of("menuju target", "towards target", target, true)
        ),
        RuleId::Ordinal => format!(
            "{} {}",
            of("predikat realisasi berurutan", "the actual grade has place", actual, false),
            of("dari urutan target", "of the target's place", target, false)
        ),
        RuleId::Milestone => match (target, actual) {
            (Some(_), _) => format!(
                "{} {}",
                of("langkah selesai", "steps done are", actual, false),
                of("dari", "of", target, false)
            ),
            (None, Some(done)) if done.is_zero() => {
                say(language, "tonggak belum selesai", "the milestone is not done").to_owned()
            }
            (None, _) => say(language, "tonggak selesai", "the milestone is done").to_owned(),
        },
        RuleId::MaxNegTarget
        | RuleId::MinTwoMinus
        | RuleId::MinInverse
        | RuleId::Stabilize
        | RuleId::StabilizeSymmetric
        | RuleId::RangeMax
        | RuleId::RangeMin
        | RuleId::MetNotMet => compared(it, figures),
    }
}

/// What cap, floor or full marks did.
fn limit(
    it: &Calculation,
    percent: &impl Fn(Decimal) -> String,
    language: Language,
) -> Option<String> {
    let uncapped = percent(it.uncapped?);
    let step = |kind: StepKind| it.steps.iter().find(|step| step.kind == kind);
    if let Some(step) = step(StepKind::Cap) {
        let cap = percent(step.result);
        return Some(match language {
            Language::Id => format!("Sebelum dibatasi {uncapped}; batas atasnya {cap}."),
            Language::En => format!("Before the cap it was {uncapped}; the cap is {cap}."),
        });
    }
    if let Some(step) = step(StepKind::Floor) {
        let floor = percent(step.result);
        return Some(match language {
            Language::Id => format!("Sebelum dibatasi {uncapped}; batas bawahnya {floor}."),
            Language::En => format!("Before the floor it was {uncapped}; the floor is {floor}."),
        });
    }
    step(StepKind::FullMarks).map(|step| {
        let full = percent(step.result);
        match language {
            Language::Id => format!(
                "Targetnya sudah nilai terbaik yang mungkin dan tercapai, jadi {uncapped} dinilai {full}."
            ),
            Language::En => format!(
                "The target already is the best possible value and was met, so {uncapped} counts {full}."
            ),
        }
    })
}

/// Which band, and the edge that decided.
fn of_band(it: &BandDecision, percent: &impl Fn(Decimal) -> String, language: Language) -> String {
    let label = &it.band.label;
    let over = |inclusive: bool| {
        if inclusive {
            say(language, "paling sedikit", "at least")
        } else {
            say(language, "di atas", "above")
        }
    };
    match (it.band.lower, it.missed.as_ref().and_then(|it| it.lower.map(|edge| (edge, it)))) {
        (Some(edge), _) => {
            let (over, edge) = (over(it.band.inclusive), percent(edge));
            match language {
                Language::Id => format!("Statusnya {label} karena {over} {edge}."),
                Language::En => format!("Its status is {label} because it is {over} {edge}."),
            }
        }
        (None, Some((edge, missed))) => {
            let (over, edge) = (over(missed.inclusive), percent(edge));
            match language {
                Language::Id => format!(
                    "Statusnya {label} karena belum mencapai {}, yang {over} {edge}.",
                    missed.label
                ),
                Language::En => format!(
                    "Its status is {label} because it did not reach {}, which is {over} {edge}.",
                    missed.label
                ),
            }
        }
        (None, None) => match language {
            Language::Id => format!("Statusnya {label}."),
            Language::En => format!("Its status is {label}."),
        },
    }
}

fn of_level(it: &LevelExplanation, language: Language) -> String {
    let percent = |value: Decimal| format!("{}{GAP}%", printed(language, value, it.rules.decimals));
    let (subject, parts) = match it.key {
        LevelKey::Organisation => ("NKO", say(language, "perspektif", "perspectives")),
        LevelKey::Perspective(_) => (
            say(language, "Skor perspektif", "The perspective's score"),
            say(language, "sasaran", "objectives"),
        ),
        LevelKey::Objective(_) => (
            say(language, "Skor sasaran", "The objective's score"),
            say(language, "indikator", "indicators"),
        ),
    };
    let all = it.members.len();
    let counted = it.members.iter().filter(|it| it.excluded.is_none()).count();
    let Some(value) = it.printed else {
        return match (language, it.gap) {
            (Language::Id, Some(ScoreGap::OutOfRange)) => {
                format!(
                    "{subject} belum ada karena angkanya terlalu besar untuk dihitung dengan tepat."
                )
            }
            (Language::En, Some(ScoreGap::OutOfRange)) => {
                format!("{subject} is missing because a number is too large to be exact.")
            }
            (Language::Id, Some(ScoreGap::ZeroWeight)) => {
                format!("{subject} belum ada karena semua {parts} yang punya skor berbobot nol.")
            }
            (Language::En, Some(ScoreGap::ZeroWeight)) => {
                format!("{subject} is missing because all {parts} that have a score weigh zero.")
            }
            (Language::Id, _) => {
                format!(
                    "{subject} belum ada karena belum satu pun dari {all} {parts} punya skor final."
                )
            }
            (Language::En, _) => {
                format!("{subject} is missing because none of {all} {parts} has a final score yet.")
            }
        };
    };
    let mut text = match language {
        Language::Id => format!(
            "{subject} {} karena itulah rata-rata tertimbang dari {counted} di antara {all} {parts} yang punya skor final.",
            percent(value)
        ),
        Language::En => format!(
            "{subject} is {} because that is the weighted mean of {counted} out of {all} {parts} that have a final score.",
            percent(value)
        ),
    };
    if counted < all {
        text.push_str(say(
            language,
            " Yang belum punya skor tidak dihitung nol: bobotnya dibagi ulang kepada yang lain.",
            " What has no score is not counted as zero: its weight goes to the others.",
        ));
    }
    let coverage = it.coverage;
    text.push(' ');
    let covered = match language {
        Language::Id => format!(
            "{} dari {} indikator sudah dilaporkan dan diverifikasi.",
            coverage.measured, coverage.expected
        ),
        Language::En => format!(
            "{} of {} indicators are reported and verified.",
            coverage.measured, coverage.expected
        ),
    };
    text.push_str(&covered);
    if let Some(band) = &it.band {
        text.push(' ');
        text.push_str(&of_band(band, &percent, language));
    }
    text
}

fn of_rollup(it: &RollUpExplanation, language: Language) -> String {
    let rolled = &it.rollup.rolled;
    let yardstick = &it.rollup.yardstick;
    let decimals = |_: Decimal| u32::from(yardstick.decimals);
    let figures = Figures { language, unit: &yardstick.unit, decimals: &decimals };
    let (reporting, expected) = (rolled.coverage.reporting, rolled.coverage.expected);
    let how = method(rolled.method, language);
    let computed = rolled.computed.map(|value| {
        let value = figures.with_unit(value);
        match language {
            Language::Id => format!(
                "Hitungan dari {reporting} di antara {expected} kabupaten/kota ({how}): {value}."
            ),
            Language::En => {
                format!("Computed from {reporting} out of {expected} regencies ({how}): {value}.")
            }
        }
    });
    let head = match (rolled.basis, rolled.value) {
        (Some(Basis::Official), Some(value)) => Some(match language {
            Language::Id => format!(
                "Angka yang ditampilkan, {}, adalah angka resmi penerbit; angka resmi mengalahkan hitungan.",
                figures.with_unit(value)
            ),
            Language::En => format!(
                "The figure shown, {}, is the publisher's official one; it beats a computed figure.",
                figures.with_unit(value)
            ),
        }),
        (Some(Basis::Estimate), Some(_)) => Some(
            say(language, "Angka ini perkiraan, bukan angka resmi.", "This figure is an estimate.")
                .to_owned(),
        ),
        (Some(_), _) => None,
        (None, _) => Some(match language {
            Language::Id => format!("Tidak ada angka provinsi ({how})."),
            Language::En => format!("There is no figure for the province ({how})."),
        }),
    };
    let difference = rolled.difference.map(|value| match language {
        Language::Id => format!("Selisih hitungan dan angka resmi {}.", figures.with_unit(value)),
        Language::En => format!("Computed less official is {}.", figures.with_unit(value)),
    });
    let partial = rolled.partial.then(|| {
        say(
            language,
            "Hitungan itu parsial: belum semua kabupaten/kota ada di dalamnya.",
            "The computed figure is partial: not every regency is in it.",
        )
        .to_owned()
    });
    [head, computed, difference, partial].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn of_rank(it: &RankExplanation, language: Language) -> String {
    let yardstick = &it.yardstick;
    let decimals = |_: Decimal| u32::from(yardstick.decimals);
    let figures = Figures { language, unit: &yardstick.unit, decimals: &decimals };
    let way = direction(yardstick.polarity, language);
    let ranked = it.reporters.iter().filter(|it| it.rank.is_some()).count();
    let Some((rank, value)) = it.rank.zip(it.value) else {
        return say(
            language,
            "Tidak diberi peringkat: hanya angka yang dilaporkan dan sebanding yang diperingkatkan.",
            "Not ranked: only figures that were reported and are comparable are ranked.",
        )
        .to_owned();
    };
    let better = rank.first - 1;
    let place = if rank.first == rank.last {
        rank.first.to_string()
    } else {
        format!("{}–{}", rank.first, rank.last)
    };
    let value = figures.with_unit(value);
    match language {
        Language::Id => format!(
            "Peringkat {place} dari {ranked} karena {better} kabupaten/kota punya nilai yang lebih baik daripada {value}; {way}. Nilai yang tercetak sama berbagi peringkat."
        ),
        Language::En => format!(
            "Rank {place} of {ranked} because {better} regencies have a better value than {value}; {way}. Values printed alike share a rank."
        ),
    }
}

fn of_composite(it: &CompositeExplanation, language: Language) -> String {
    let parts = it.parts.len();
    match (it.value, language) {
        (Ok(value), Language::Id) => {
            format!("Nilai {} dari {parts} bagian.", printed(language, value, 6))
        }
        (Ok(value), Language::En) => {
            format!("The value is {} from {parts} parts.", printed(language, value, 6))
        }
        (Err(_), Language::Id) => String::from("Bagian-bagiannya tidak dapat digabung."),
        (Err(_), Language::En) => String::from("The parts do not combine."),
    }
}
