//! Publications: the only thing that ever leaves a tenant. A copy of chosen figures of one period,
//! immutable, numbered; the province and the public read it and nothing else.

mod draft;

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::ids::{PublicationId, TenantId, UserId};
use crate::indicator::{IndicatorCode, IndicatorManual};
use crate::measurement::FigureSource;
use crate::period::Period;
use crate::template::Version;

pub use draft::PublicationDraft;

/// Where a publication stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PublicationStatus {
    /// Read by its audience.
    Published,
    /// A restatement with a higher number took its place.
    Superseded,
    /// Taken back; nobody reads it any more.
    Revoked,
}

impl PublicationStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Published, Self::Superseded, Self::Revoked];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
        }
    }

    /// The status with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// What a published line says about the value. Four different things, never one blank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// A verified value.
    Reported,
    /// Due and not there.
    Missing,
    /// Does not apply here.
    NotApplicable,
    /// Not yet due.
    NotYetDue,
}

impl Standing {
    /// Every standing.
    pub const ALL: [Self; 4] =
        [Self::Reported, Self::Missing, Self::NotApplicable, Self::NotYetDue];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Missing => "missing",
            Self::NotApplicable => "not_applicable",
            Self::NotYetDue => "not_yet_due",
        }
    }

    /// The standing with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standing| standing.code() == code)
    }
}

/// The fields of a manual that make values comparable, as one text: what a definition's fingerprint is
/// the hash of.
///
/// Formula, unit, polarity, parts and both consolidations count. Names, sources and the wording of the
/// definition do not: a release that only words them better (a patch) must not tear a series apart.
/// Runs of white space count as one blank.
pub fn fingerprint_text(manual: &IndicatorManual) -> String {
    let clean = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let part = |text: &Option<String>| text.as_deref().map(clean).unwrap_or_default();
    [
        "definition/1".to_owned(),
        clean(&manual.formula),
        clean(&manual.unit),
        manual.polarity.code().to_owned(),
        part(&manual.numerator),
        part(&manual.denominator),
        manual.period_consolidation.code().to_owned(),
        manual.location_consolidation.code().to_owned(),
    ]
    .join("\n")
}

/// Identity of what was measured: two lines compare only when these agree (I1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Definition {
    /// Code in the release, for an adopted indicator; the own code otherwise.
    pub code: IndicatorCode,
    /// Version of the release the indicator was adopted from; none for an own indicator.
    pub release: Option<Version>,
    /// Hash of the fields that make values comparable (formula, unit, polarity, consolidations).
    pub fingerprint: String,
}

/// What shall be reached, as published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PublishedTarget {
    /// None is in force.
    #[default]
    Unset,
    /// One number.
    Exactly(Decimal),
    /// Between two numbers, both included.
    Range {
        /// Lower end.
        low: Decimal,
        /// Upper end.
        high: Decimal,
    },
    /// A wording that no number was set for.
    Text(String),
}

impl PublishedTarget {
    /// The one number, if the target is one.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Self::Exactly(value) => Some(*value),
            Self::Unset | Self::Range { .. } | Self::Text(_) => None,
        }
    }

    /// Whether anything is to be reached.
    pub fn is_set(&self) -> bool {
        *self != Self::Unset
    }

    /// As the scoring takes it; none when nothing is set.
    pub fn for_scoring(&self) -> Option<crate::scoring::Target> {
        use crate::scoring::Target;
        match self {
            Self::Unset => None,
            Self::Exactly(value) => Some(Target::of(*value)),
            Self::Range { low, high } => Some(Target::range(*low, *high)),
            Self::Text(text) => Target::from_text(text),
        }
    }
}

impl From<&crate::target::TargetValue> for PublishedTarget {
    fn from(value: &crate::target::TargetValue) -> Self {
        use crate::target::TargetValue;
        match value {
            TargetValue::Exactly(value) => Self::Exactly(*value),
            TargetValue::Range { low, high } => Self::Range { low: *low, high: *high },
            TargetValue::Text(text) => Self::Text(text.clone()),
        }
    }
}

/// One indicator as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedValue {
    /// What was measured.
    pub definition: Definition,
    /// Its name and unit as published.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// What the line says.
    pub standing: Standing,
    /// The value.
    pub value: Option<Decimal>,
    /// Its parts, for a ratio.
    pub numerator: Option<Decimal>,
    /// Its parts, for a ratio.
    pub denominator: Option<Decimal>,
    /// The target in force.
    pub target: PublishedTarget,
    /// Whether the target is made up for a demonstration.
    pub target_illustrative: bool,
    /// Where the figure was read.
    pub figure: FigureSource,
    /// Revision of the measurement.
    pub revision: Option<i32>,
    /// Day on which the value was verified.
    pub as_of: Option<NaiveDate>,
}

/// One objective as published: wording and what it serves, so that the province can align.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedObjective {
    /// Its code in the tenant's plan.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// Code of the province's objective it was adopted from; none for an own objective.
    pub serves: Option<String>,
    /// Indicators under it.
    pub indicators: u32,
    /// Indicators under it that have a target for the period.
    pub with_target: u32,
    /// Indicators under it with a reported value.
    pub reported: u32,
}

/// What leaves, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationContent {
    /// The period.
    pub period: Period,
    /// The indicators.
    pub values: Vec<PublishedValue>,
    /// The objectives.
    pub objectives: Vec<PublishedObjective>,
}

impl PublicationContent {
    /// The content as one text that is the same for the same content: what the content hash is made of,
    /// and what the preview's approval is bound to.
    pub fn canonical(&self) -> String {
        let number = |n: Option<Decimal>| n.map(|n| n.normalize().to_string()).unwrap_or_default();
        let clean =
            |text: &str| text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n");
        let target = |target: &PublishedTarget| match target {
            PublishedTarget::Unset => String::new(),
            PublishedTarget::Exactly(value) => value.normalize().to_string(),
            PublishedTarget::Range { low, high } => {
                format!("{}..{}", low.normalize(), high.normalize())
            }
            PublishedTarget::Text(text) => format!("\"{}\"", clean(text)),
        };
        let mut text = format!("publication/1\t{}\n", self.period);
        for it in &self.values {
            let release = it.definition.release.map(|v| v.to_string()).unwrap_or_default();
            let _ = writeln!(
                text,
                "value\t{}\t{release}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                it.definition.code.as_str(),
                it.definition.fingerprint,
                clean(&it.name),
                clean(&it.unit),
                it.standing.code(),
                number(it.value),
                number(it.numerator),
                number(it.denominator),
                target(&it.target),
                it.target_illustrative,
                it.figure.method.code(),
                clean(it.figure.source.as_deref().unwrap_or_default()),
                it.figure.verified,
                it.revision.map(|r| r.to_string()).unwrap_or_default(),
                it.as_of.map(|d| d.to_string()).unwrap_or_default(),
            );
        }
        for it in &self.objectives {
            let _ = writeln!(
                text,
                "objective\t{}\t{}\t{}\t{}\t{}\t{}",
                clean(&it.code),
                clean(&it.text),
                clean(it.serves.as_deref().unwrap_or_default()),
                it.indicators,
                it.with_target,
                it.reported
            );
        }
        text
    }
}

/// A publication.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Its id.
    pub id: PublicationId,
    /// Who published it.
    pub publisher: TenantId,
    /// Who may read it: the province above the publisher, or the publisher itself for a province.
    pub audience: TenantId,
    /// The period.
    pub period: Period,
    /// 1 for the first publication of the period, then counting.
    pub number: i32,
    /// Where it stands.
    pub status: PublicationStatus,
    /// SHA-256 of [`PublicationContent::canonical`], in hex.
    pub content_hash: String,
    /// Who published it.
    pub published_by: UserId,
    /// That person's name.
    pub published_by_name: String,
    /// When.
    pub published_at: DateTime<Utc>,
    /// Why it was revoked.
    pub revocation_reason: Option<String>,
    /// When.
    pub revoked_at: Option<DateTime<Utc>>,
}
