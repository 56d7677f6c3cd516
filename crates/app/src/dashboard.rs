//! The dashboard of a person: what waits for their decision, by the roles that they hold.
//!
//! It counts what the slices' own use cases answer, so that it can never say other than their pages.

use ekinerja_domain::access::policy::{Alignment, Members, Planning, Publishing, Templates};
use ekinerja_domain::access::{Administer, Align, Amend, Governs, Publish, Role, View};
use ekinerja_domain::adoption::Adoption;
use ekinerja_domain::period::{Period, PeriodState, TenantPeriod};
use ekinerja_domain::publication::PublicationStatus;
use ekinerja_domain::template::ReleaseStatus;
use ekinerja_store::TenantScope;
use ekinerja_store::page::Page;

use crate::app::App;
use crate::refusal::Result;
use crate::worklists::EntryStage;

/// What waits for an officer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OfficerWork {
    /// Indicators that the person may record.
    pub indicators: usize,
    /// Values that the verifier sent back.
    pub rejected: usize,
    /// Drafts that were not submitted.
    pub drafts: usize,
    /// Values whose due day has passed.
    pub late: usize,
    /// Values that may still come on time.
    pub due: usize,
    /// Values that wait for the verifier.
    pub submitted: usize,
}

/// What waits for a verifier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerifierWork {
    /// Values that the person may decide now.
    pub waiting: usize,
    /// Values that wait, but that the person recorded or whose period is locked.
    pub out_of_reach: usize,
}

/// What waits for a planner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlannerWork {
    /// Whether there is a plan.
    pub has_plan: bool,
    /// Objectives that sit in no perspective.
    pub unplaced: usize,
    /// Indicators in use without any target in force.
    pub without_target: usize,
    /// Indicators in use without an owner.
    pub without_owner: usize,
    /// The release that was taken over.
    pub adoption: Option<Adoption>,
    /// A regency that adopted nothing, while its province has released something.
    pub can_adopt: bool,
    /// A province that released nothing yet.
    pub can_release: bool,
}

/// What waits for who publishes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublisherWork {
    /// Periods that have ended or are closing and have nothing in force, latest first.
    pub unpublished: Vec<Period>,
    /// Publications in force.
    pub in_force: usize,
}

/// What an administrator sees at a glance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AdministratorWork {
    /// People with a role today.
    pub members: usize,
    /// OPD and units.
    pub agencies: usize,
    /// Periods that take values.
    pub open_periods: usize,
    /// Periods that were opened at all.
    pub periods: usize,
}

/// What the province's people see at a glance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProvinceWork {
    /// Regencies of the province on the platform.
    pub regencies: usize,
    /// Regencies with a publication in force.
    pub publishing: usize,
}

/// The dashboard. A part is there for who holds its role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dashboard {
    /// For officers.
    pub officer: Option<OfficerWork>,
    /// For heads of OPD.
    pub verifier: Option<VerifierWork>,
    /// For planners.
    pub planner: Option<PlannerWork>,
    /// For leaders and administrators.
    pub publisher: Option<PublisherWork>,
    /// For administrators.
    pub administrator: Option<AdministratorWork>,
    /// For the province's people.
    pub province: Option<ProvinceWork>,
}

impl App {
    /// What waits for the person in this government.
    ///
    /// # Errors
    /// The database failed.
    pub async fn dashboard(&self, scope: &TenantScope) -> Result<Dashboard> {
        let standing = scope.standing();
        let mut board = Dashboard::default();
        if standing.holds(Role::Officer) {
            board.officer = Some(self.officer_work(scope).await?);
        }
        if standing.holds(Role::AgencyHead) {
            board.verifier = Some(self.verifier_work(scope).await?);
        }
        if <Planning as Governs<Amend>>::allows(&Planning, standing) {
            board.planner = Some(self.planner_work(scope).await?);
        }
        if <Publishing as Governs<Publish>>::allows(&Publishing, standing) {
            board.publisher = Some(self.publisher_work(scope).await?);
        }
        if <Members as Governs<Administer>>::allows(&Members, standing) {
            board.administrator = Some(self.administrator_work(scope).await?);
        }
        if <Alignment as Governs<Align>>::allows(&Alignment, standing) {
            board.province = Some(self.province_work(scope).await?);
        }
        Ok(board)
    }

    async fn officer_work(&self, scope: &TenantScope) -> Result<OfficerWork> {
        let sheet = self.entry_sheet(scope, None).await?;
        let mut work = OfficerWork { indicators: sheet.indicators, ..OfficerWork::default() };
        for task in &sheet.tasks {
            match task.stage {
                EntryStage::Rejected => work.rejected += 1,
                EntryStage::Draft => work.drafts += 1,
                EntryStage::Late => work.late += 1,
                EntryStage::Due => work.due += 1,
                EntryStage::Submitted => work.submitted += 1,
                EntryStage::Verified | EntryStage::NotYetDue => {}
            }
        }
        Ok(work)
    }

    async fn verifier_work(&self, scope: &TenantScope) -> Result<VerifierWork> {
        let queue = self.verification_queue(scope).await?;
        let waiting = queue.iter().filter(|it| !it.own && !it.locked).count();
        Ok(VerifierWork { waiting, out_of_reach: queue.len() - waiting })
    }

    async fn planner_work(&self, scope: &TenantScope) -> Result<PlannerWork> {
        let releases = self.releases(scope, &Page::first()).await?.items;
        let is_released = releases.iter().any(|it| it.status == ReleaseStatus::Released);
        let is_province = scope.standing().is_of_province();
        let Some(overview) = self.plan(scope).await? else {
            let can_adopt = is_released && !is_province;
            return Ok(PlannerWork { can_adopt, ..PlannerWork::default() });
        };
        let today = self.today();
        let in_use = || overview.indicators.iter().filter(|it| !it.is_retired(today));
        let has_target = |id| overview.targets.iter().any(|it| it.indicator == id);
        Ok(PlannerWork {
            has_plan: true,
            unplaced: overview.unplaced_objectives().len(),
            without_target: in_use().filter(|it| !has_target(it.id)).count(),
            without_owner: in_use().filter(|it| it.owner_line().is_empty()).count(),
            can_adopt: is_released && !is_province && overview.adoption.is_none(),
            can_release: is_province && !is_released && in_use().next().is_some(),
            adoption: overview.adoption,
        })
    }

    async fn publisher_work(&self, scope: &TenantScope) -> Result<PublisherWork> {
        let published = self.publications(scope, &Page::first()).await?.items;
        let in_force: Vec<Period> = published
            .iter()
            .filter(|it| it.status == PublicationStatus::Published)
            .map(|it| it.period)
            .collect();
        let today = self.today();
        let is_over =
            |it: &TenantPeriod| it.state != PeriodState::Open || it.period.last_day() < today;
        let mut unpublished: Vec<Period> = self
            .periods(scope)
            .await?
            .iter()
            .filter(|it| is_over(it) && !in_force.contains(&it.period))
            .map(|it| it.period)
            .collect();
        unpublished.sort_unstable_by(|one, other| other.cmp(one));
        Ok(PublisherWork { unpublished, in_force: in_force.len() })
    }

    async fn administrator_work(&self, scope: &TenantScope) -> Result<AdministratorWork> {
        let list = self.members(scope).await?;
        let today = self.today();
        let mut people: Vec<_> =
            list.members.iter().filter(|it| it.grant.holds_on(today)).map(|it| it.user).collect();
        people.sort_unstable();
        people.dedup();
        let periods = self.periods(scope).await?;
        let now = self.now();
        Ok(AdministratorWork {
            members: people.len(),
            agencies: list.agencies.len(),
            open_periods: periods.iter().filter(|it| !it.is_locked(now)).count(),
            periods: periods.len(),
        })
    }

    async fn province_work(&self, scope: &TenantScope) -> Result<ProvinceWork> {
        let received = self.received_publications(scope).await?;
        let mut publishers: Vec<_> = received
            .iter()
            .filter(|it| it.publication.status == PublicationStatus::Published)
            .map(|it| it.publisher.id)
            // The province's own figures lie beside those of its regencies.
            .filter(|id| *id != scope.tenant().id)
            .collect();
        publishers.sort_unstable();
        publishers.dedup();
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Templates)?;
        Ok(ProvinceWork { regencies: tx.regencies().await?.len(), publishing: publishers.len() })
    }
}
