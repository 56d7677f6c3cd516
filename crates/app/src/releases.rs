//! Releases: what a province offers its regencies; previewed, checked, then immutable.

use std::collections::{BTreeMap, BTreeSet};

use ekinerja_domain::access::policy::Templates;
use ekinerja_domain::access::{Release, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::ReleaseId;
use ekinerja_domain::indicator::IndicatorCode;
use ekinerja_domain::plan::PlanNode;
use ekinerja_domain::target::TargetValue;
use ekinerja_domain::template::{
    ReleaseStatus, TemplateContent, TemplateError, TemplateIndicator, TemplateNode,
    TemplateRelease, TemplateTarget, Version,
};
use ekinerja_store::directory::tenants::Stage;
use ekinerja_store::page::{Page, Paged};
use ekinerja_store::releases::NewRelease;
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::App;
use crate::indicators::cursor;
use crate::plans::current_plan;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::rollups;
use crate::typed::{LONGEST_PROSE, Typed, shown};

pub use ekinerja_store::releases::ReleaseSummary;

/// A release as it was typed; its content is the plan as it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseDraft {
    /// Its version, `1.0` or `1.0.0`.
    pub version: String,
    /// What is new in it.
    pub changelog: String,
    /// Codes of indicators that are the province's own business and stay out of the release.
    pub leave_out: Vec<String>,
}

/// What a release would hold now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleasePreview {
    /// The content.
    pub content: TemplateContent,
    /// Everything that is wrong with it.
    pub faults: Vec<TemplateError>,
    /// Indicators that the highest release so far does not hold: new ones, and those that were left out of it.
    pub absent_before: Vec<IndicatorCode>,
    /// The highest version so far; the next one must be higher.
    pub highest: Option<Version>,
    /// A version that would do.
    pub suggested: Version,
}

impl App {
    /// A piece of the releases that the tenant sees, the newest first.
    ///
    /// # Errors
    /// The cursor is none of ours, or the database failed.
    pub async fn releases(
        &self,
        scope: &TenantScope,
        page: &Page,
    ) -> Result<Paged<ReleaseSummary>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Templates)?;
        let after = cursor(page)?;
        Ok(tx.releases().page(page, after).await?)
    }

    /// One release with its content, whose hash was checked.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Internal`] when the content is not what was released.
    pub async fn release(&self, scope: &TenantScope, id: ReleaseId) -> Result<TemplateRelease> {
        let tx = self.begin(scope).await?;
        Ok(tx.releases().fetch::<View>(id).await?.into_inner())
    }

    /// What a release made now would hold, and what is wrong with it.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] outside a province; [`Code::PlanMissing`].
    pub async fn preview_release(&self, scope: &TenantScope) -> Result<ReleasePreview> {
        let tx = self.begin(scope).await?;
        tx.permit::<Release, _>(Templates)?;
        let content = content_now(&tx).await?;
        let faults = content.check().err().unwrap_or_default();
        let highest = tx.releases().highest_version().await?;
        let before = match highest {
            Some(version) => tx.releases().find_by_version(version).await?,
            None => None,
        };
        let absent_before = before.map_or_else(Vec::new, |before| {
            let held: BTreeSet<_> = before.content.indicators.iter().map(|it| &it.code).collect();
            let absent = content.indicators.iter().filter(|it| !held.contains(&it.code));
            absent.map(|it| it.code.clone()).collect()
        });
        let suggested = highest.map_or(Version { major: 1, minor: 0, patch: 0 }, |it| Version {
            minor: it.minor.saturating_add(1),
            patch: 0,
            ..it
        });
        Ok(ReleasePreview { content, faults, absent_before, highest, suggested })
    }

    /// Releases the plan as it stands; the release before is superseded.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names every fault of the draft and of the content;
    /// [`Code::ReleaseVersionNotHigher`]; [`Refusal::Forbidden`] outside a province.
    pub async fn release_template(
        &self,
        scope: &TenantScope,
        draft: &ReleaseDraft,
    ) -> Result<TemplateRelease> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Release, _>(Templates)?;
        let mut typed = Typed::default();
        let highest = tx.releases().highest_version().await?;
        let version = read_version(&mut typed, &draft.version, highest);
        let changelog = typed.required("changelog", &draft.changelog, LONGEST_PROSE);
        let mut content = content_now(&tx).await?;
        for (at, code) in draft.leave_out.iter().enumerate() {
            let before = content.indicators.len();
            content.indicators.retain(|it| it.code.as_str() != code.trim());
            if content.indicators.len() == before {
                let field = format!("leave_out/{at}");
                typed.wrong(Violation::new(field, Code::FieldUnknownReference));
            }
        }
        for fault in content.check().err().unwrap_or_default() {
            typed.wrong(violation(&fault));
        }
        typed.done()?;
        let version = version.ok_or_else(|| Refusal::invalid("version", Code::FieldMissing))?;
        let new = NewRelease { version, changelog, content };
        let release = tx
            .releases()
            .add(&permit, new)
            .await
            .on_constraint("template_releases_version_unique", || not_higher(version))?;
        tx.reach(Stage::TemplateAdopted).await?;
        rollups::ask_for_all(&tx).await?;
        tx.commit(
            Event::new(EventKind::TemplateReleased, release.id)
                .fact("version", release.version)
                .fact("hash", &release.content_hash)
                .touching(Touch::Plan),
        )
        .await?;
        Ok(release)
    }

    /// Takes a release back: nobody adopts it any more, who adopted it keeps it.
    ///
    /// # Errors
    /// [`Code::ReleaseWithdrawn`] when it is withdrawn already; [`Refusal::Forbidden`] outside a province.
    pub async fn withdraw_release(
        &self,
        scope: &TenantScope,
        id: ReleaseId,
    ) -> Result<TemplateRelease> {
        let tx = self.begin(scope).await?;
        let release = tx.releases().fetch::<View>(id).await?.into_inner();
        let permit = tx.permit::<Release, _>(Templates)?;
        if release.status == ReleaseStatus::Withdrawn {
            return Err(Refusal::rule("status", Code::ReleaseWithdrawn));
        }
        tx.releases().withdraw(&permit, id).await?;
        rollups::ask_for_all(&tx).await?;
        tx.commit(
            Event::new(EventKind::TemplateWithdrawn, id)
                .fact("version", release.version)
                .touching(Touch::Plan),
        )
        .await?;
        Ok(TemplateRelease { status: ReleaseStatus::Withdrawn, ..release })
    }
}

fn read_version(typed: &mut Typed, text: &str, highest: Option<Version>) -> Option<Version> {
    if text.trim().is_empty() {
        typed.blame("version", Code::FieldMissing);
        return None;
    }
    let Ok(version) = text.trim().parse::<Version>() else {
        let violation = Violation::new("version", Code::ReleaseVersionInvalid);
        typed.wrong(violation.with("typed", shown(text)));
        return None;
    };
    if let Some(highest) = highest.filter(|it| version <= *it) {
        let violation = Violation::new("version", Code::ReleaseVersionNotHigher);
        typed.wrong(violation.with("version", highest));
    }
    Some(version)
}

fn not_higher(version: Version) -> Refusal {
    let violation = Violation::new("version", Code::ReleaseVersionNotHigher);
    Refusal::Conflict(violation.with("version", version))
}

/// What is wrong with a content, as a violation with its code.
pub fn violation(fault: &TemplateError) -> Violation {
    let of = |code| Violation::new("content", code);
    match fault {
        TemplateError::Empty => of(Code::ReleaseEmpty),
        TemplateError::DuplicateNode(it) | TemplateError::DuplicateIndicator(it) => {
            of(Code::ReleaseCodeTwice).with("code", it)
        }
        TemplateError::Orphan(it) => of(Code::ReleaseOrphan).with("code", it),
        TemplateError::Cycle(path) => of(Code::ReleaseCycle).with("path", path.join(" → ")),
        TemplateError::UnknownObjective(it) => of(Code::ReleaseObjectiveUnknown).with("code", it),
        TemplateError::UnknownWeightVariable(it) => {
            of(Code::ReleaseWeightVariableUnknown).with("code", it)
        }
    }
}

/// The plan as it stands, as the content of a release; retired indicators stay at home.
async fn content_now(tx: &TenantTx) -> Result<TemplateContent> {
    let plan = current_plan(tx).await?;
    let nodes = tx.plans().nodes(plan.id).await?;
    let targets = tx.targets().all_in_force().await?;
    let codes: BTreeMap<_, _> = nodes.iter().map(|it| (it.id, it.code.clone())).collect();
    let code_of = |id| codes.get(&id).cloned();
    let indicators = tx.indicators().all().await?.into_iter().filter(|it| it.retired_on.is_none());
    let indicators = indicators.map(|it| {
        let own = targets.iter().filter(|target| target.indicator == it.id);
        let own = own.filter_map(|target| match target.value {
            TargetValue::Exactly(value) if target.period.is_year() => Some(TemplateTarget {
                year: target.period.calendar_year(),
                value,
                illustrative: target.illustrative,
            }),
            _ => None,
        });
        TemplateIndicator {
            targets: own.collect(),
            objective: code_of(it.objective).unwrap_or_default(),
            code: it.code,
            kind: it.kind,
            manual: it.manual,
            weight: it.weight,
            modes: it.modes,
        }
    });
    Ok(TemplateContent {
        indicators: indicators.collect(),
        nodes: nodes.iter().map(|it| template_node(it, it.parent.and_then(code_of))).collect(),
        title: plan.title,
        legal_basis: plan.legal_basis,
        years: plan.years,
        notice: plan.notice,
    })
}

fn template_node(node: &PlanNode, parent: Option<String>) -> TemplateNode {
    TemplateNode {
        code: node.code.clone(),
        kind: node.kind,
        parent,
        text: node.text.clone(),
        perspective: node.perspective,
        verified: node.verified,
    }
}
