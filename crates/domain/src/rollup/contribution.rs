//! What members bring to a roll-up, and why a member's figure may stay out of it.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::ipm::Components;

/// Someone whose figure is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<K> {
    /// Who.
    pub key: K,
    /// Its size in the variable coverage is measured with (population, say); zero or more.
    pub size: Option<Decimal>,
}

impl<K> Member<K> {
    /// A member whose size is not known; coverage then counts heads.
    pub const fn new(key: K) -> Self {
        Self { key, size: None }
    }
}

coded! {
    /// Where a figure comes from.
    pub enum Origin {
        /// Published by the member itself.
        Published = "published",
        /// Entered from an official source on the member's behalf; always marked.
        External = "external",
    }
}

/// One member's figure. `None` is missing, never zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution<K> {
    /// Whose.
    pub member: K,
    /// The figure itself.
    pub value: Option<Decimal>,
    /// The part, for a ratio of sums.
    pub numerator: Option<Decimal>,
    /// The whole, for a ratio of sums; above zero.
    pub denominator: Option<Decimal>,
    /// The weighting variable; zero or more.
    pub weight: Option<Decimal>,
    /// Components, for IPM.
    pub components: Option<Components>,
    /// The grade, for a distribution.
    pub grade: Option<String>,
    /// The day the figure speaks of or was published.
    pub as_of: Option<NaiveDate>,
    /// The version of the published snapshot used.
    pub snapshot: Option<u32>,
    /// Where it comes from.
    pub origin: Origin,
    /// Set when the caller knows it must not count (another definition, a revoked publication).
    pub exclude: Option<ExclusionReason>,
}

impl<K> Contribution<K> {
    /// A contribution with nothing in it yet: present, but missing every figure.
    pub const fn empty(member: K) -> Self {
        Self {
            member,
            value: None,
            numerator: None,
            denominator: None,
            weight: None,
            components: None,
            grade: None,
            as_of: None,
            snapshot: None,
            origin: Origin::Published,
            exclude: None,
        }
    }

    /// A plain figure.
    pub fn of_value(member: K, value: Decimal) -> Self {
        Self { value: Some(value), ..Self::empty(member) }
    }

    /// A ratio as its two parts.
    pub fn of_ratio(member: K, numerator: Decimal, denominator: Decimal) -> Self {
        Self { numerator: Some(numerator), denominator: Some(denominator), ..Self::empty(member) }
    }

    /// A figure with its weight.
    pub fn of_weighted(member: K, value: Decimal, weight: Decimal) -> Self {
        Self { value: Some(value), weight: Some(weight), ..Self::empty(member) }
    }
}

coded! {
    /// Why a member's figure is not in the total.
    pub enum ExclusionReason {
        /// Published nothing for this period.
        NotReported = "not_reported",
        /// Reported without a value.
        MissingValue = "missing_value",
        /// Reported a percentage without its parts, which cannot be added up.
        MissingParts = "missing_parts",
        /// The denominator is zero or below.
        ZeroDenominator = "zero_denominator",
        /// The weighting variable is missing.
        MissingWeight = "missing_weight",
        /// The weighting variable is below zero.
        NegativeWeight = "negative_weight",
        /// Not all four components of IPM are there.
        MissingComponents = "missing_components",
        /// A grade that the ladder does not know.
        UnknownGrade = "unknown_grade",
        /// The indicator does not apply to this member.
        NotApplicable = "not_applicable",
        /// The member's figure is not due yet.
        NotYetDue = "not_yet_due",
        /// Another definition, formula version, unit or series: not comparable.
        DifferentDefinition = "different_definition",
        /// The publication was revoked.
        Revoked = "revoked",
        /// Does not use the system yet.
        NotJoined = "not_joined",
        /// Published the period without this indicator.
        NotListed = "not_listed",
        /// Not among the expected members.
        NotAMember = "not_a_member",
    }
}

impl ExclusionReason {
    /// Whether the member still counts as expected.
    pub const fn is_expected(self) -> bool {
        !matches!(self, Self::NotApplicable | Self::NotYetDue | Self::NotAMember)
    }

    /// In Bahasa Indonesia.
    pub const fn text_id(self) -> &'static str {
        match self {
            Self::NotReported => "belum melapor",
            Self::MissingValue => "nilai kosong",
            Self::MissingParts => "pembilang atau penyebut kosong",
            Self::ZeroDenominator => "penyebut nol atau negatif",
            Self::MissingWeight => "bobot kosong",
            Self::NegativeWeight => "bobot negatif",
            Self::MissingComponents => "komponen IPM tidak lengkap",
            Self::UnknownGrade => "predikat tidak dikenal",
            Self::NotApplicable => "tidak berlaku",
            Self::NotYetDue => "belum waktunya",
            Self::DifferentDefinition => "definisi berbeda, tidak sebanding",
            Self::Revoked => "publikasi dicabut",
            Self::NotJoined => "belum memakai sistem ini",
            Self::NotListed => "tidak memublikasikan indikator ini",
            Self::NotAMember => "bukan anggota",
        }
    }

    /// In English.
    pub const fn text_en(self) -> &'static str {
        match self {
            Self::NotReported => "not reported",
            Self::MissingValue => "no value",
            Self::MissingParts => "numerator or denominator missing",
            Self::ZeroDenominator => "denominator zero or below",
            Self::MissingWeight => "no weight",
            Self::NegativeWeight => "weight below zero",
            Self::MissingComponents => "components of the index incomplete",
            Self::UnknownGrade => "unknown grade",
            Self::NotApplicable => "not applicable",
            Self::NotYetDue => "not yet due",
            Self::DifferentDefinition => "different definition, not comparable",
            Self::Revoked => "publication revoked",
            Self::NotJoined => "not using the system yet",
            Self::NotListed => "published without this indicator",
            Self::NotAMember => "not a member",
        }
    }
}
