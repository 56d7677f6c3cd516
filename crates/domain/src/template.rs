//! Templates: what a province releases to its regencies; immutable, versioned, with a content hash.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fmt::Write as _;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::ids::{ReleaseId, TenantId, UserId};
use crate::indicator::{
    FieldMode, FieldModes, IndicatorCode, IndicatorKind, IndicatorManual, ManualField,
};
use crate::plan::{Perspective, PlanNodeKind, PlanYears};

/// Semantic version of a release, `1.0.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Counts incompatible changes: something was removed, or what makes values comparable changed.
    pub major: u16,
    /// Counts additions.
    pub minor: u16,
    /// Counts changes of wording.
    pub patch: u16,
}

/// A text that is no version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a version of the form 1.0 or 1.0.0 is expected")]
pub struct InvalidVersion;

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text
            .split('.')
            .map(|part| {
                let digits = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
                digits.then(|| part.parse::<u16>().ok()).flatten()
            })
            .collect::<Option<Vec<u16>>>()
            .ok_or(InvalidVersion)?;
        match parts[..] {
            [major, minor] => Ok(Self { major, minor, patch: 0 }),
            [major, minor, patch] => Ok(Self { major, minor, patch }),
            _ => Err(InvalidVersion),
        }
    }
}

/// A node of a released tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateNode {
    /// Its code, unique in the release.
    pub code: String,
    /// Its kind.
    pub kind: PlanNodeKind,
    /// Code of the node above it.
    pub parent: Option<String>,
    /// Its wording.
    pub text: String,
    /// Suggested perspective of an objective.
    pub perspective: Option<Perspective>,
    /// Whether the wording was seen in a written source.
    pub verified: bool,
}

/// A target that the province itself set, for information.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateTarget {
    /// The year.
    pub year: i32,
    /// The province's target.
    pub value: Decimal,
    /// Whether it is made up for a demonstration.
    pub illustrative: bool,
}

/// An indicator of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateIndicator {
    /// Its code, unique in the release.
    pub code: IndicatorCode,
    /// Code of the objective it measures.
    pub objective: String,
    /// IKU or supporting.
    pub kind: IndicatorKind,
    /// Its manual.
    pub manual: IndicatorManual,
    /// Relative weight within its objective.
    pub weight: Decimal,
    /// What a regency may change.
    pub modes: FieldModes,
    /// The province's own targets, for information.
    pub targets: Vec<TemplateTarget>,
}

impl TemplateIndicator {
    /// What a regency may do with a field.
    pub fn mode_of(&self, field: ManualField) -> FieldMode {
        self.modes.get(&field).copied().unwrap_or(field.usual_mode())
    }
}

/// What is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateContent {
    /// Title of the plan.
    pub title: String,
    /// Perda or Perkada.
    pub legal_basis: Option<String>,
    /// Its years.
    pub years: PlanYears,
    /// Remarks every reader must see.
    pub notice: Option<String>,
    /// The tree, parents before children.
    pub nodes: Vec<TemplateNode>,
    /// The indicators.
    pub indicators: Vec<TemplateIndicator>,
}

/// What is wrong with a content that shall be released.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no indicator.
    #[error("a release needs at least one indicator")]
    Empty,
    /// A node's code stands twice.
    #[error("the node code {0} stands twice")]
    DuplicateNode(String),
    /// An indicator's code stands twice.
    #[error("the indicator code {0} stands twice")]
    DuplicateIndicator(String),
    /// A node's parent does not exist, or is of a kind it cannot hang under.
    #[error("the node {0} hangs under no fitting parent")]
    Orphan(String),
    /// Nodes hang under each other in a circle.
    #[error("the nodes {} form a circle", .0.join(" -> "))]
    Cycle(Vec<String>),
    /// An indicator names an objective that does not exist.
    #[error("the indicator {0} names no objective of the release")]
    UnknownObjective(String),
    /// A weight variable names no indicator of the release.
    #[error("the indicator {0} is weighted by an indicator that is not in the release")]
    UnknownWeightVariable(String),
}

impl TemplateContent {
    /// Checks that the content is a tree with unique codes whose references all resolve.
    ///
    /// # Errors
    /// Every fault found, in the order of the content.
    pub fn check(&self) -> Result<(), Vec<TemplateError>> {
        let mut faults = Vec::new();
        let mut kinds = BTreeMap::new();
        for node in &self.nodes {
            if kinds.insert(node.code.as_str(), node.kind).is_some() {
                faults.push(TemplateError::DuplicateNode(node.code.clone()));
            }
        }
        if let Some(circle) = self.circle() {
            faults.push(TemplateError::Cycle(circle));
        } else {
            for node in &self.nodes {
                let parent = node.parent.as_deref();
                let parent_kind = parent.and_then(|code| kinds.get(code).copied());
                let dangling = parent.is_some() && parent_kind.is_none();
                if dangling || !node.kind.fits_under(parent_kind) {
                    faults.push(TemplateError::Orphan(node.code.clone()));
                }
            }
        }
        let codes: BTreeSet<_> = self.indicators.iter().map(|it| &it.code).collect();
        let mut seen = BTreeSet::new();
        for indicator in &self.indicators {
            let code = indicator.code.as_str();
            if !seen.insert(code) {
                faults.push(TemplateError::DuplicateIndicator(code.to_owned()));
            }
            if kinds.get(indicator.objective.as_str()) != Some(&PlanNodeKind::Objective) {
                faults.push(TemplateError::UnknownObjective(code.to_owned()));
            }
            if indicator.manual.weight_variable.as_ref().is_some_and(|it| !codes.contains(it)) {
                faults.push(TemplateError::UnknownWeightVariable(code.to_owned()));
            }
        }
        if self.indicators.is_empty() {
            faults.push(TemplateError::Empty);
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// The codes of a circle in the tree, if there is one.
    fn circle(&self) -> Option<Vec<String>> {
        let parents: BTreeMap<_, _> = self
            .nodes
            .iter()
            .filter_map(|node| Some((node.code.as_str(), node.parent.as_deref()?)))
            .collect();
        parents.keys().find_map(|start| {
            let mut path = vec![*start];
            let mut at = *start;
            while let Some(next) = parents.get(at) {
                if let Some(from) = path.iter().position(|code| code == next) {
                    let mut circle: Vec<_> =
                        path[from..].iter().map(|it| (*it).to_owned()).collect();
                    circle.push((*next).to_owned());
                    return Some(circle);
                }
                path.push(next);
                at = next;
            }
            None
        })
    }

    /// The content as one text that is the same for the same content: what the content hash is made of.
    ///
    /// One line per fact, tab-separated, tabs and line ends inside texts escaped.
    pub fn canonical(&self) -> String {
        let mut text = String::new();
        let mut line = |cells: &[&str]| {
            let cells: Vec<_> = cells
                .iter()
                .map(|cell| cell.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n"))
                .collect();
            let _ = writeln!(text, "{}", cells.join("\t"));
        };
        let years = self.years;
        let opt = |text: &Option<String>| text.clone().unwrap_or_default();
        line(&[
            "template/1",
            &self.title,
            &opt(&self.legal_basis),
            &format!("{}-{}-{}", years.start, years.end, years.monitored_until),
            &opt(&self.notice),
        ]);
        for node in &self.nodes {
            let perspective = node.perspective.map_or("", Perspective::code);
            let verified = if node.verified { "verified" } else { "unverified" };
            let parent = opt(&node.parent);
            line(&[
                "node",
                &node.code,
                node.kind.code(),
                &parent,
                &node.text,
                perspective,
                verified,
            ]);
        }
        for it in &self.indicators {
            let manual = &it.manual;
            line(&[
                "indicator",
                it.code.as_str(),
                &it.objective,
                it.kind.code(),
                &it.weight.normalize().to_string(),
                &manual.name,
                &manual.definition,
                &manual.formula,
                &manual.unit,
                manual.polarity.code(),
                manual.rule.map_or("", crate::scoring::RuleId::code),
                &manual.decimals.to_string(),
                manual.period_consolidation.code(),
                manual.location_consolidation.code(),
                manual.weight_variable.as_ref().map_or("", IndicatorCode::as_str),
                &opt(&manual.numerator),
                &opt(&manual.denominator),
                &manual.source,
                &opt(&manual.publisher),
                manual.frequency.code(),
                &manual.worst.map(|w| w.normalize().to_string()).unwrap_or_default(),
            ]);
            for field in ManualField::ALL {
                line(&["mode", it.code.as_str(), field.code(), it.mode_of(field).code()]);
            }
            for target in &it.targets {
                let kind = if target.illustrative { "illustrative" } else { "official" };
                let value = target.value.normalize().to_string();
                line(&["target", it.code.as_str(), &target.year.to_string(), &value, kind]);
            }
        }
        text
    }
}

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReleaseStatus {
    /// May be adopted.
    Released,
    /// A newer release takes its place; adopters keep it.
    Superseded,
    /// Taken back; adopters keep it and are told.
    Withdrawn,
}

impl ReleaseStatus {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Released, Self::Superseded, Self::Withdrawn];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The status with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// A release: immutable but for its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateRelease {
    /// Its id.
    pub id: ReleaseId,
    /// The province that released it.
    pub publisher: TenantId,
    /// Its version, unique per publisher.
    pub version: Version,
    /// What is new in it.
    pub changelog: String,
    /// What is released.
    pub content: TemplateContent,
    /// SHA-256 of [`TemplateContent::canonical`], in hex.
    pub content_hash: String,
    /// Where it stands.
    pub status: ReleaseStatus,
    /// Who released it.
    pub released_by: UserId,
    /// That person's name.
    pub released_by_name: String,
    /// When.
    pub released_at: DateTime<Utc>,
}
