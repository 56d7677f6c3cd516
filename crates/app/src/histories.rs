//! One indicator with everything that was recorded, targeted and scored of it.

use ekinerja_domain::access::View;
use ekinerja_domain::evidence::Evidence;
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::indicator::Indicator;
use ekinerja_domain::measurement::Measurement;
use ekinerja_domain::period::TenantPeriod;
use ekinerja_domain::plan::{MediumTermPlan, PlanNode};
use ekinerja_domain::scorecard::IndicatorScore;
use ekinerja_domain::target::Target;
use ekinerja_store::TenantScope;

use crate::app::App;
use crate::refusal::Result;

/// What is known of an indicator.
#[derive(Debug, Clone)]
pub struct IndicatorHistory {
    /// The indicator with its manual and owner.
    pub indicator: Indicator,
    /// Its plan.
    pub plan: MediumTermPlan,
    /// Its objective.
    pub objective: Option<PlanNode>,
    /// The figure that counts in each period, earliest first.
    pub series: Vec<Measurement>,
    /// Every revision, the latest period and revision first.
    pub revisions: Vec<Measurement>,
    /// Evidence of all revisions.
    pub evidence: Vec<Evidence>,
    /// Every target, superseded ones too, by period and revision.
    pub targets: Vec<Target>,
    /// Its scores, earliest period first.
    pub scores: Vec<IndicatorScore>,
    /// Every period that was opened, latest first.
    pub periods: Vec<TenantPeriod>,
}

impl App {
    /// Everything about one indicator.
    ///
    /// # Errors
    /// There is none that the actor may see.
    pub async fn indicator_history(
        &self,
        scope: &TenantScope,
        id: IndicatorId,
    ) -> Result<IndicatorHistory> {
        let tx = self.begin(scope).await?;
        let indicator = tx.indicators().fetch::<View>(id).await?.into_inner();
        let plan = tx.plans().fetch::<View>(indicator.plan).await?.into_inner();
        let objective = tx.plans().find_node(indicator.objective).await?;
        let revisions = tx.measurements().revisions(id).await?;
        let ids: Vec<_> = revisions.iter().map(|it| it.id).collect();
        Ok(IndicatorHistory {
            series: tx.measurements().series(id).await?,
            evidence: tx.evidence().of(&ids).await?,
            targets: tx.targets().of_indicator(id).await?,
            scores: tx.scores().of_indicator(id).await?,
            periods: tx.periods().all().await?,
            indicator,
            plan,
            objective,
            revisions,
        })
    }
}
