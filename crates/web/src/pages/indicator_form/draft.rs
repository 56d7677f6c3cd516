//! The fields of the form as the use case takes them, and back.

use ekinerja_app::indicators::IndicatorDraft;

use crate::extract::Fields;

macro_rules! fields {
    ($($name:ident),* $(,)?) => {
        /// What was typed.
        pub(super) fn draft_of(typed: &Fields) -> IndicatorDraft {
            IndicatorDraft {
                $($name: typed.text(stringify!($name)).to_owned(),)*
                baseline_verified: typed.ticked("baseline_verified"),
            }
        }

        /// What the form shows at first.
        pub(super) fn fields_of(draft: &IndicatorDraft) -> Fields {
            let mut fields = Fields::of([$((stringify!($name), draft.$name.as_str())),*]);
            if draft.baseline_verified {
                fields.push("baseline_verified", "on");
            }
            fields
        }
    };
}

fields! {
    code, objective, kind, name, definition, formula, unit, polarity, rule, decimals,
    period_consolidation, location_consolidation, weight_variable, numerator, denominator, source,
    publisher, frequency, worst, weight, owner_agency, owner_post, baseline_value, baseline_year,
}
