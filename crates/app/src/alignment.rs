//! Alignment: the province's objectives against what its regencies published.

use std::collections::BTreeMap;

use ekinerja_domain::alignment::{AlignedMember, AlignmentMatrix, ProvinceObjective, align};
use ekinerja_domain::comparison::PublicationState;
use ekinerja_domain::indicator::{IndicatorCode, IndicatorKind};
use ekinerja_domain::period::Period;
use ekinerja_domain::plan::{PlanNode, PlanNodeKind};
use ekinerja_domain::rollup::Sizes;
use ekinerja_domain::yardstick::Yardstick;
use ekinerja_store::publications::ReceivedHeads;
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::{App, OnDemand};
use crate::province::{Definitions, Regency, state_of};
use crate::publications::{of_province, read_period};
use crate::refusal::Result;
use crate::rollups::SizeBook;

/// Everything the alignment page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlignmentView {
    /// The period.
    pub period: Period,
    /// The matrix.
    pub matrix: AlignmentMatrix,
    /// Every regency, in the order of the columns.
    pub regencies: Vec<Regency>,
    /// What each has in force, in the same order.
    pub states: Vec<PublicationState>,
    /// Names of the indicators that reasons mention.
    pub names: BTreeMap<IndicatorCode, String>,
    /// The variable that shares are measured with, and of which period; none when it is not known of all.
    pub sizes: Option<Sizes>,
    /// Periods to choose from, the latest first.
    pub periods: Vec<Period>,
}

impl App {
    /// Aligns the province's objectives with what is in force in a period; none while nothing was published.
    ///
    /// # Errors
    /// [`crate::Refusal::NotFound`] outside a province; [`crate::Refusal::Invalid`] names `period`.
    pub async fn align_objectives(
        &self,
        scope: &TenantScope,
        period: Option<&str>,
    ) -> Result<Option<AlignmentView>> {
        of_province(scope)?;
        let tenant = OnDemand::of(self, scope);
        let tx = tenant.tx().await?;
        let asked = period.filter(|it| !it.trim().is_empty());
        let asked = asked.map(|it| read_period("period", it)).transpose()?;
        let heads = tx.received().heads().await?;
        let mut periods = heads.periods();
        let Some(period) = asked.or(periods.first().copied()) else { return Ok(None) };
        let Some(plan) = tx.plans().current().await? else { return Ok(None) };
        let nodes = tx.plans().nodes(plan.id).await?;
        let ground = self.ground(&tenant).await?;
        let (definitions, regencies) = (&ground.definitions, ground.regencies.clone());
        let book = SizeBook::read(tx, definitions, &regencies, &heads).await?;
        let sizes = book.of_plan(period);
        let members = members(tx, period, &heads, &regencies, sizes.as_ref()).await?;
        let yardsticks = definitions.yardsticks(period);
        let objectives = objectives(&nodes, definitions, &yardsticks);
        if !periods.contains(&period) {
            periods.push(period);
            periods.sort_unstable_by(|left, right| right.cmp(left));
        }
        let names = yardsticks.into_iter().map(|(code, it)| (code, it.name)).collect();
        Ok(Some(AlignmentView {
            period,
            matrix: align(&objectives, &members),
            states: members.iter().map(|it| it.state).collect(),
            regencies,
            names,
            sizes,
            periods,
        }))
    }
}

/// Objectives in the order of the plan, each with its IKU.
fn objectives(
    nodes: &[PlanNode],
    definitions: &Definitions,
    yardsticks: &BTreeMap<IndicatorCode, Yardstick>,
) -> Vec<ProvinceObjective> {
    let mut objectives: Vec<_> =
        nodes.iter().filter(|it| it.kind == PlanNodeKind::Objective).collect();
    objectives.sort_by(|left, right| left.code.cmp(&right.code));
    objectives
        .into_iter()
        .map(|node| ProvinceObjective {
            code: node.code.clone(),
            text: node.text.clone(),
            indicators: definitions
                .own()
                .filter(|it| it.objective == node.id && it.kind == IndicatorKind::Iku)
                .filter_map(|it| yardsticks.get(&it.code).cloned())
                .collect(),
        })
        .collect()
}

async fn members(
    tx: &TenantTx,
    period: Period,
    received: &ReceivedHeads,
    regencies: &[Regency],
    sizes: Option<&Sizes>,
) -> Result<Vec<AlignedMember>> {
    let heads = received.of(period);
    let lines = tx.received().lines_in(period, received).await?;
    let objectives = tx.received().objectives_in(period, received).await?;
    let member = |it: &Regency| AlignedMember {
        region: it.code.clone(),
        name: it.name.clone(),
        state: state_of(it.tenant, &heads),
        objectives: objectives
            .iter()
            .filter(|theirs| Some(theirs.publisher) == it.tenant)
            .map(|theirs| theirs.objective.clone())
            .collect(),
        values: lines
            .iter()
            .filter(|line| Some(line.publisher) == it.tenant)
            .map(|line| (line.value.definition.code.clone(), line.value.clone()))
            .collect(),
        size: sizes.and_then(|sizes| sizes.of.get(&it.code).copied()),
    };
    Ok(regencies.iter().map(member).collect())
}
