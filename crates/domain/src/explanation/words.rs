//! Formulas and directions in words, in Bahasa Indonesia and English.

use super::Language;
use crate::rollup::LocationConsolidation;
use crate::scoring::{Polarity, RuleId};

/// What a formula does, in words.
pub const fn formula_words(rule: RuleId, language: Language) -> &'static str {
    match language {
        Language::Id => in_indonesian(rule),
        Language::En => in_english(rule),
    }
}

const fn in_indonesian(rule: RuleId) -> &'static str {
    match rule {
        RuleId::MaxRatio => "realisasi dibagi target, dalam persen",
        RuleId::MaxNegTarget => {
            "dua dikurangi hasil bagi realisasi dan target, dalam persen; untuk target di bawah nol"
        }
        RuleId::MinTwoMinus => "dua dikurangi hasil bagi realisasi dan target, dalam persen",
        RuleId::MinInverse => "target dibagi realisasi, dalam persen",
        RuleId::MinBaseline => {
            "penurunan dari data awal ke realisasi dibagi penurunan dari data awal ke target, dalam persen"
        }
        RuleId::MaxBaseline => {
            "kenaikan dari data awal ke realisasi dibagi kenaikan dari data awal ke target, dalam persen"
        }
        RuleId::Stabilize => {
            "kedekatan realisasi dengan target dalam persen, lalu dicari pada garis antara titik skala"
        }
        RuleId::StabilizeSymmetric => {
            "seratus dikurangi selisih realisasi dan target dalam persen dari target, paling rendah nol"
        }
        RuleId::RangeMax => {
            "di dalam rentang seratus; di luarnya realisasi dibagi batas yang terlewati, dalam persen"
        }
        RuleId::RangeMin => {
            "di dalam rentang seratus; di luarnya dua dikurangi hasil bagi realisasi dan batas yang terlewati, dalam persen"
        }
        RuleId::Ordinal => "urutan predikat realisasi dibagi urutan predikat target, dalam persen",
        RuleId::MetNotMet => "tercapai atau tidak tercapai, tanpa persentase",
        RuleId::Milestone => {
            "langkah yang selesai dibagi semua langkah, dalam persen, dari nol sampai seratus"
        }
    }
}

const fn in_english(rule: RuleId) -> &'static str {
    match rule {
        RuleId::MaxRatio => "actual divided by target, in percent",
        RuleId::MaxNegTarget => {
            "two less the quotient of actual and target, in percent; for a target below zero"
        }
        RuleId::MinTwoMinus => "two less the quotient of actual and target, in percent",
        RuleId::MinInverse => "target divided by actual, in percent",
        RuleId::MinBaseline => {
            "the fall from baseline to actual over the fall from baseline to target, in percent"
        }
        RuleId::MaxBaseline => {
            "the rise from baseline to actual over the rise from baseline to target, in percent"
        }
        RuleId::Stabilize => {
            "closeness of actual to target in percent, then read on the lines between the points of the scale"
        }
        RuleId::StabilizeSymmetric => {
            "a hundred less the distance of actual and target in percent of the target, at least zero"
        }
        RuleId::RangeMax => {
            "a hundred inside the range; outside, actual divided by the bound that was passed, in percent"
        }
        RuleId::RangeMin => {
            "a hundred inside the range; outside, two less the quotient of actual and the bound that was passed, in percent"
        }
        RuleId::Ordinal => {
            "place of the actual grade divided by place of the target grade, in percent"
        }
        RuleId::MetNotMet => "met or not met, without a percentage",
        RuleId::Milestone => "steps done divided by all steps, in percent, from zero to a hundred",
    }
}

/// Which direction is better, as the end of a sentence.
pub(super) const fn direction(polarity: Polarity, language: Language) -> &'static str {
    match (polarity, language) {
        (Polarity::Maximize, Language::Id) => "makin besar makin baik",
        (Polarity::Maximize, Language::En) => "higher is better",
        (Polarity::Minimize, Language::Id) => "makin kecil makin baik",
        (Polarity::Minimize, Language::En) => "lower is better",
        (Polarity::Stabilize, Language::Id) => "makin dekat dengan target makin baik",
        (Polarity::Stabilize, Language::En) => "the closer to the target the better",
        (Polarity::Neutral, Language::Id) => "tanpa arah yang lebih baik",
        (Polarity::Neutral, Language::En) => "no direction is better",
    }
}

/// How regencies became the province, as the middle of a sentence.
pub(super) const fn method(it: LocationConsolidation, language: Language) -> &'static str {
    match (it, language) {
        (LocationConsolidation::Sum, Language::Id) => "penjumlahan nilai",
        (LocationConsolidation::Sum, Language::En) => "the sum of the values",
        (LocationConsolidation::RatioOfSums, Language::Id) => {
            "jumlah pembilang dibagi jumlah penyebut"
        }
        (LocationConsolidation::RatioOfSums, Language::En) => {
            "the sum of numerators over the sum of denominators"
        }
        (LocationConsolidation::WeightedByVariable, Language::Id) => "rata-rata tertimbang",
        (LocationConsolidation::WeightedByVariable, Language::En) => "the weighted mean",
        (LocationConsolidation::OfficialOnly, Language::Id) => "hanya angka resmi yang dipakai",
        (LocationConsolidation::OfficialOnly, Language::En) => "only the official figure counts",
        (LocationConsolidation::IpmFromComponents, Language::Id) => {
            "indeks dari komponen yang dirata-rata tertimbang"
        }
        (LocationConsolidation::IpmFromComponents, Language::En) => {
            "the index of the weighted mean components"
        }
        (LocationConsolidation::Distribution, Language::Id) => "sebaran predikat",
        (LocationConsolidation::Distribution, Language::En) => "the distribution of grades",
        (LocationConsolidation::None, Language::Id) => "tidak digabung",
        (LocationConsolidation::None, Language::En) => "not rolled up",
    }
}
