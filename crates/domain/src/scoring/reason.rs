//! Why an indicator has no achievement, each with the remedy.

coded! {
    /// Why there is no achievement.
    pub enum Reason {
        /// No target was set; the actual is still shown.
        NoTarget = "no_target",
        /// The target is text that nobody has turned into a value yet.
        TextTarget = "text_target",
        /// The target is a range and the formula takes one number.
        RangeTarget = "range_target",
        /// No actual yet, and the due date has not passed.
        Pending = "pending",
        /// The period gives no figure yet.
        NotYetDue = "not_yet_due",
        /// No actual, and the due date has passed.
        Late = "late",
        /// The indicator does not apply here.
        NotApplicable = "not_applicable",
        /// The indicator has no better direction.
        Neutral = "neutral",
        /// The target is zero and the rule set gives no percentage for that.
        ZeroTarget = "zero_target",
        /// The target is below zero and the formula has no meaning there.
        NegativeTarget = "negative_target",
        /// `MaxNegTarget` was asked for a target above zero.
        PositiveTarget = "positive_target",
        /// The actual is below zero and the formula has no meaning there.
        NegativeActual = "negative_actual",
        /// The actual is zero, `T / R` has no value, and the rule set gives none.
        ZeroActual = "zero_actual",
        /// A baseline formula without a baseline.
        NoBaseline = "no_baseline",
        /// Baseline and target are the same: there is no way to go.
        BaselineIsTarget = "baseline_is_target",
        /// The target is worse than the baseline, so the formula would reward decline.
        BaselineBeyondTarget = "baseline_beyond_target",
        /// The worst acceptable value is not above zero.
        WorstNotPositive = "worst_not_positive",
        /// A range formula without a range.
        NoRange = "no_range",
        /// The lower bound lies above the upper one.
        RangeReversed = "range_reversed",
        /// The actual lies outside a range whose bound is zero or below.
        RangeBoundNotPositive = "range_bound_not_positive",
        /// A grade that no ladder knows, or two grades of different ladders.
        UnknownGrade = "unknown_grade",
        /// The actual is a grade where a number is needed.
        TextActual = "text_actual",
        /// A milestone without number of steps needs done (1) or not done (0).
        NotDoneOrUndone = "not_done_or_undone",
        /// The points agreed for `Stabilize` do not rise, or there are none.
        BadScalePoints = "bad_scale_points",
        /// The rule set's cap lies below its floor.
        CapBelowFloor = "cap_below_floor",
        /// A number on the way is too large to be exact.
        OutOfRange = "out_of_range",
    }
}

impl Reason {
    /// Whether the item still counts in the denominator of coverage: it is due and applies here.
    pub const fn is_expected(self) -> bool {
        !matches!(self, Self::Pending | Self::NotYetDue | Self::NotApplicable | Self::Neutral)
    }

    /// Reason and remedy in Bahasa Indonesia.
    pub const fn text_id(self) -> &'static str {
        match self {
            Self::NoTarget => "target belum ditetapkan; isi target",
            Self::TextTarget => "target berupa teks; tetapkan nilai angkanya di manual indikator",
            Self::RangeTarget => "target berupa rentang; pakai RangeMax, RangeMin, atau Stabilize",
            Self::Pending => "realisasi belum diisi dan belum jatuh tempo; kosong tidak dibaca nol",
            Self::NotYetDue => "belum waktunya diukur",
            Self::Late => "realisasi belum diisi padahal sudah jatuh tempo; isi realisasi",
            Self::NotApplicable => "tidak berlaku untuk unit ini",
            Self::Neutral => "indikator tanpa arah, hanya untuk informasi",
            Self::ZeroTarget => {
                "target nol tidak menghasilkan persentase; untuk minimize isi nilai terburuk (worst), atau pakai MetNotMet"
            }
            Self::NegativeTarget => {
                "target negatif tidak dapat dipakai pada rumus ini; pakai rumus dengan baseline"
            }
            Self::PositiveTarget => "MaxNegTarget hanya untuk target negatif; pakai MaxRatio",
            Self::NegativeActual => {
                "realisasi negatif tidak dapat dipakai pada rumus ini; periksa realisasi"
            }
            Self::ZeroActual => "realisasi nol tidak dapat dibagi; pakai MinTwoMinus",
            Self::NoBaseline => "baseline belum diisi; isi baseline",
            Self::BaselineIsTarget => "baseline sama dengan target; periksa baseline dan target",
            Self::BaselineBeyondTarget => {
                "target lebih buruk daripada baseline; periksa baseline, target, dan arah"
            }
            Self::WorstNotPositive => "nilai terburuk (worst) harus lebih dari nol",
            Self::NoRange => "batas bawah (low) dan batas atas (high) belum diisi; isi keduanya",
            Self::RangeReversed => {
                "batas bawah lebih besar daripada batas atas; tukar low dan high"
            }
            Self::RangeBoundNotPositive => {
                "realisasi di luar rentang yang batasnya nol atau negatif; pakai MetNotMet"
            }
            Self::UnknownGrade => {
                "predikat tidak dikenal atau berbeda skala; pakai predikat dari satu skala"
            }
            Self::TextActual => "realisasi berupa teks; tulis realisasi sebagai angka",
            Self::NotDoneOrUndone => {
                "tonggak tanpa jumlah langkah diisi 1 (selesai) atau 0 (belum), atau isi target langkah"
            }
            Self::BadScalePoints => {
                "titik skala stabilisasi harus menaik; periksa manual indikator"
            }
            Self::CapBelowFloor => {
                "batas atas capaian (cap) di bawah batas bawah (floor); tukar keduanya"
            }
            Self::OutOfRange => "angka terlalu besar untuk dihitung dengan tepat; periksa satuan",
        }
    }

    /// Reason and remedy in English.
    pub const fn text_en(self) -> &'static str {
        match self {
            Self::NoTarget => "no target was set; set a target",
            Self::TextTarget => "the target is text; set its number in the indicator's manual",
            Self::RangeTarget => "the target is a range; use RangeMax, RangeMin or Stabilize",
            Self::Pending => "no actual yet and not yet due; blank is not read as zero",
            Self::NotYetDue => "not to be measured yet",
            Self::Late => "no actual although it is due; enter the actual",
            Self::NotApplicable => "does not apply to this unit",
            Self::Neutral => "an indicator without direction, for information only",
            Self::ZeroTarget => {
                "a target of zero gives no percentage; for minimize set the worst value, or use MetNotMet"
            }
            Self::NegativeTarget => {
                "a target below zero does not fit this formula; use a formula with baseline"
            }
            Self::PositiveTarget => "MaxNegTarget is for targets below zero; use MaxRatio",
            Self::NegativeActual => {
                "an actual below zero does not fit this formula; check the actual"
            }
            Self::ZeroActual => "an actual of zero cannot divide; use MinTwoMinus",
            Self::NoBaseline => "no baseline; enter the baseline",
            Self::BaselineIsTarget => "baseline equals target; check baseline and target",
            Self::BaselineBeyondTarget => {
                "the target is worse than the baseline; check baseline, target and direction"
            }
            Self::WorstNotPositive => "the worst value must be above zero",
            Self::NoRange => "the bounds low and high are missing; enter both",
            Self::RangeReversed => "the lower bound is above the upper one; swap low and high",
            Self::RangeBoundNotPositive => {
                "the actual lies outside a range bounded by zero or less; use MetNotMet"
            }
            Self::UnknownGrade => "grade unknown or of another scale; use grades of one scale",
            Self::TextActual => "the actual is text; write it as a number",
            Self::NotDoneOrUndone => {
                "a milestone without steps takes 1 (done) or 0 (not done), or set the target steps"
            }
            Self::BadScalePoints => "the stabilise points must rise; check the indicator's manual",
            Self::CapBelowFloor => "the cap lies below the floor; swap them",
            Self::OutOfRange => "a number is too large to be exact; check the unit",
        }
    }
}
