//! The words of the domain's closed lists, as people read and choose them.

use std::borrow::Cow;

use ekinerja_domain::consolidation::PeriodConsolidation;
use ekinerja_domain::indicator::{FieldMode, Frequency, IndicatorKind, ManualField};
use ekinerja_domain::plan::{PerspectiveSetting, PlanNodeKind};
use ekinerja_domain::rollup::LocationConsolidation;
use ekinerja_domain::scoring::{Polarity, RuleSetPurpose};
use ekinerja_domain::template::ReleaseStatus;

use crate::locale::{Locale, tr};

type Word = Cow<'static, str>;

/// Visi, misi, tujuan, sasaran.
pub(crate) fn node_kind(locale: Locale, it: PlanNodeKind) -> Word {
    match it {
        PlanNodeKind::Vision => tr!(locale, "words.vision"),
        PlanNodeKind::Mission => tr!(locale, "words.mission"),
        PlanNodeKind::Goal => tr!(locale, "words.goal"),
        PlanNodeKind::Objective => tr!(locale, "words.objective"),
    }
}

/// The tenant's own name of a perspective; the seed's name in the reader's language while nobody changed it.
pub(crate) fn perspective(locale: Locale, it: &PerspectiveSetting) -> Word {
    use ekinerja_domain::plan::Perspective;
    if it.revision > 0 {
        return Cow::Owned(it.name.clone());
    }
    match it.perspective {
        Perspective::Finance => tr!(locale, "words.finance"),
        Perspective::Customer => tr!(locale, "words.customer"),
        Perspective::Internal => tr!(locale, "words.internal"),
        Perspective::Learning => tr!(locale, "words.learning"),
    }
}

/// Whether an indicator is scored.
pub(crate) fn indicator_kind(locale: Locale, it: IndicatorKind) -> Word {
    match it {
        IndicatorKind::Iku => tr!(locale, "words.iku"),
        IndicatorKind::Supporting => tr!(locale, "words.supporting"),
    }
}

/// Which direction is good.
pub(crate) fn polarity(locale: Locale, it: Polarity) -> Word {
    match it {
        Polarity::Maximize => tr!(locale, "words.maximize"),
        Polarity::Minimize => tr!(locale, "words.minimize"),
        Polarity::Stabilize => tr!(locale, "words.stabilize"),
        Polarity::Neutral => tr!(locale, "words.neutral"),
    }
}

/// How quarters become a year.
pub(crate) fn period_consolidation(locale: Locale, it: PeriodConsolidation) -> Word {
    match it {
        PeriodConsolidation::Sum => tr!(locale, "words.period_sum"),
        PeriodConsolidation::Average => tr!(locale, "words.period_average"),
        PeriodConsolidation::TakeLastKnown => tr!(locale, "words.period_last"),
        PeriodConsolidation::Weighted => tr!(locale, "words.period_weighted"),
    }
}

/// How regencies become the province.
pub(crate) fn location_consolidation(locale: Locale, it: LocationConsolidation) -> Word {
    match it {
        LocationConsolidation::Sum => tr!(locale, "words.location_sum"),
        LocationConsolidation::RatioOfSums => tr!(locale, "words.location_ratio"),
        LocationConsolidation::WeightedByVariable => tr!(locale, "words.location_weighted"),
        LocationConsolidation::OfficialOnly => tr!(locale, "words.location_official"),
        LocationConsolidation::IpmFromComponents => tr!(locale, "words.location_ipm"),
        LocationConsolidation::Distribution => tr!(locale, "words.location_distribution"),
        LocationConsolidation::None => tr!(locale, "words.location_none"),
    }
}

/// How often an indicator is measured.
pub(crate) fn frequency(locale: Locale, it: Frequency) -> Word {
    match it {
        Frequency::Yearly => tr!(locale, "words.yearly"),
        Frequency::Quarterly => tr!(locale, "words.quarterly"),
    }
}

/// What a regency may do with a field.
pub(crate) fn field_mode(locale: Locale, it: FieldMode) -> Word {
    match it {
        FieldMode::Locked => tr!(locale, "words.locked"),
        FieldMode::Default => tr!(locale, "words.default"),
        FieldMode::Local => tr!(locale, "words.local"),
    }
}

/// A field of the manual.
pub(crate) fn manual_field(locale: Locale, it: ManualField) -> Word {
    match it {
        ManualField::Name => tr!(locale, "words.field_name"),
        ManualField::Definition => tr!(locale, "words.field_definition"),
        ManualField::Formula => tr!(locale, "words.field_formula"),
        ManualField::Unit => tr!(locale, "words.field_unit"),
        ManualField::Polarity => tr!(locale, "words.field_polarity"),
        ManualField::Rule => tr!(locale, "words.field_rule"),
        ManualField::Decimals => tr!(locale, "words.field_decimals"),
        ManualField::PeriodConsolidation => tr!(locale, "words.field_period"),
        ManualField::LocationConsolidation => tr!(locale, "words.field_location"),
        ManualField::WeightVariable => tr!(locale, "words.field_weight_variable"),
        ManualField::Parts => tr!(locale, "words.field_parts"),
        ManualField::Source => tr!(locale, "words.field_source"),
        ManualField::Publisher => tr!(locale, "words.field_publisher"),
        ManualField::Frequency => tr!(locale, "words.field_frequency"),
        ManualField::Worst => tr!(locale, "words.field_worst"),
        ManualField::Weight => tr!(locale, "words.field_weight"),
        ManualField::Targets => tr!(locale, "words.field_targets"),
    }
}

/// Where a release stands.
pub(crate) fn release_status(locale: Locale, it: ReleaseStatus) -> Word {
    match it {
        ReleaseStatus::Released => tr!(locale, "words.released"),
        ReleaseStatus::Superseded => tr!(locale, "words.superseded"),
        ReleaseStatus::Withdrawn => tr!(locale, "words.withdrawn"),
    }
}

/// What a rule set is chosen for.
pub(crate) fn purpose(locale: Locale, it: RuleSetPurpose) -> Word {
    match it {
        RuleSetPurpose::Own => tr!(locale, "words.own"),
        RuleSetPurpose::Comparison => tr!(locale, "words.comparison"),
    }
}
