//! A province with its regencies at work, arranged by use cases: what several tests of publishing, roll-up,
//! alignment and comparison begin with. Figures are real (BPS); each comes with its source in the tests.

use ekinerja_app::indicators::IndicatorDraft;
use ekinerja_app::jobs::Worked;
use ekinerja_app::measurements::ValueEntry;
use ekinerja_app::plan_nodes::PlanNodeDraft;
use ekinerja_app::plans::PlanDraft;
use ekinerja_app::publications::PublicationRequest;
use ekinerja_app::releases::ReleaseDraft;
use ekinerja_app::targets::TargetDraft;
use ekinerja_app::{Page, TenantScope};
use ekinerja_domain::access::{Role, Scope};
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::measurement::Decision;
use ekinerja_domain::publication::Publication;
use ekinerja_tests::{TestApp, TestTenant};

/// Code, objective, kind, unit, polarity, location consolidation.
pub(crate) const INDICATORS: [[&str; 6]; 6] = [
    ["PENDUDUK", "5.2", "supporting", "jiwa", "neutral", "sum"],
    ["IPM", "3.1", "iku", "indeks", "maximize", "ipm_from_components"],
    ["IPM_SP2020", "3.1", "supporting", "indeks", "maximize", "ipm_from_components"],
    ["JPM", "5.1", "iku", "ribu jiwa", "minimize", "sum"],
    ["P0", "5.1", "iku", "persen", "minimize", "ratio_of_sums"],
    ["GINI", "5.2", "iku", "indeks", "minimize", "official_only"],
];

/// One government with the two people that every step needs.
#[derive(Debug)]
pub(crate) struct Desk<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) tenant: TestTenant<'a>,
    /// Planner, officer and administrator in one.
    pub(crate) clerk: TenantScope,
    /// Head of every OPD, and leader.
    pub(crate) head: TenantScope,
}

impl<'a> Desk<'a> {
    /// Opens a government of NTB and gives it its people.
    pub(crate) async fn open(app: &'a TestApp, slug: &str) -> Self {
        let tenant = app.tenant(slug).await;
        let clerk = [Role::Planner, Role::Officer, Role::Administrator];
        let clerk = person(app, &tenant, "staf", &clerk).await;
        let head = person(app, &tenant, "kepala", &[Role::AgencyHead, Role::Leader]).await;
        Self { app, tenant, clerk, head }
    }

    /// Drafts the plan of 2019 to 2023, watched until 2026, with three objectives and the indicators.
    pub(crate) async fn plan(&self) {
        let app = &self.app.app;
        let draft = PlanDraft {
            title: String::from("RPJMD Provinsi NTB 2019-2023"),
            start_year: String::from("2019"),
            end_year: String::from("2023"),
            monitored_until: String::from("2026"),
            ..PlanDraft::default()
        };
        app.draft_plan(&self.clerk, &draft).await.expect("a plan");
        let vision = self.node("", "vision", "V").await;
        let mission = self.node(&vision, "mission", "M").await;
        let goal = self.node(&mission, "goal", "T").await;
        for objective in ["3.1", "5.1", "5.2"] {
            self.node(&goal, "objective", objective).await;
        }
        for it in INDICATORS {
            self.indicator(it, |_| {}).await;
        }
    }

    /// Adds a node; gives its id.
    pub(crate) async fn node(&self, parent: &str, kind: &str, code: &str) -> String {
        let draft = PlanNodeDraft {
            parent: parent.to_owned(),
            kind: kind.to_owned(),
            code: code.to_owned(),
            text: format!("Butir {code}"),
            perspective: if kind == "objective" { String::from("C") } else { String::new() },
            ..PlanNodeDraft::default()
        };
        self.app.app.add_plan_node(&self.clerk, &draft).await.expect("a node").id.to_string()
    }

    /// Adds an indicator under one of the plan's objectives.
    pub(crate) async fn indicator(
        &self,
        [code, objective, kind, unit, polarity, location]: [&str; 6],
        change: impl FnOnce(&mut IndicatorDraft),
    ) {
        let app = &self.app.app;
        let plan = app.plan(&self.clerk).await.expect("a plan").expect("a plan");
        let objective = plan.nodes.iter().find(|it| it.code == objective).expect("an objective");
        let weighted = location == "ipm_from_components";
        let mut draft = IndicatorDraft {
            code: code.to_owned(),
            objective: objective.id.to_string(),
            kind: kind.to_owned(),
            name: format!("Indikator {code}"),
            definition: format!("Yang diukur oleh {code}"),
            formula: format!("Rumus {code}"),
            unit: unit.to_owned(),
            polarity: polarity.to_owned(),
            period_consolidation: String::from("take_last_known"),
            location_consolidation: location.to_owned(),
            weight_variable: if weighted { String::from("PENDUDUK") } else { String::new() },
            source: String::from("BPS"),
            publisher: String::from("BPS"),
            frequency: String::from("yearly"),
            ..IndicatorDraft::default()
        };
        if location == "ratio_of_sums" {
            draft.numerator = String::from("Bagian");
            draft.denominator = String::from("Keseluruhan");
        }
        change(&mut draft);
        app.add_indicator(&self.clerk, &draft).await.expect("an indicator");
    }

    /// Releases the plan as it stands.
    pub(crate) async fn release(&self, version: &str) {
        let draft = ReleaseDraft {
            version: version.to_owned(),
            changelog: String::from("Rilis uji"),
            ..ReleaseDraft::default()
        };
        self.app.app.release_template(&self.clerk, &draft).await.expect("a release");
    }

    /// Takes the newest release over.
    pub(crate) async fn adopt(&self) {
        let app = &self.app.app;
        let releases = app.releases(&self.clerk, &Page::first()).await.expect("releases");
        let newest = releases.items.first().expect("a release");
        app.adopt(&self.clerk, newest.id).await.expect("an adoption");
    }

    /// The id of an indicator.
    pub(crate) async fn id_of(&self, code: &str) -> IndicatorId {
        let found = self.app.app.indicators(&self.clerk, &Page::first()).await.expect("a list");
        found.items.iter().find(|it| it.code.as_str() == code).expect(code).id
    }

    /// Sets an illustrative target.
    pub(crate) async fn target(&self, code: &str, period: &str, value: &str) {
        let draft = TargetDraft {
            period: period.to_owned(),
            value: value.to_owned(),
            illustrative: true,
            ..TargetDraft::default()
        };
        let id = self.id_of(code).await;
        self.app.app.set_target(&self.clerk, id, &draft).await.expect("a target");
    }

    /// Records, submits and verifies a value; opens the period unless it is open.
    pub(crate) async fn verified(&self, code: &str, period: &str, value: &str) {
        let entry = ValueEntry { value: value.to_owned(), ..ValueEntry::default() };
        self.verified_entry(code, period, entry).await;
    }

    /// The same for a numerator and a denominator.
    pub(crate) async fn verified_ratio(&self, code: &str, period: &str, parts: [&str; 2]) {
        let [numerator, denominator] = parts.map(str::to_owned);
        let entry = ValueEntry { numerator, denominator, ..ValueEntry::default() };
        self.verified_entry(code, period, entry).await;
    }

    /// Records, submits and verifies an entry.
    pub(crate) async fn verified_entry(&self, code: &str, period: &str, entry: ValueEntry) {
        let app = &self.app.app;
        // A period that is open already stays as it is.
        drop(app.open_period(&self.clerk, period).await);
        let entry = ValueEntry {
            period: period.to_owned(),
            method: String::from("published"),
            source: String::from("BPS"),
            source_verified: true,
            reason: String::from("koreksi"),
            ..entry
        };
        let id = self.id_of(code).await;
        let recorded = app.record_value(&self.clerk, id, entry, Vec::new(), true).await;
        let id =
            recorded.unwrap_or_else(|error| panic!("{code} {period}: {error:?}")).measurement.id;
        app.decide_value(&self.head, id, Decision::Verify, None).await.expect("verified");
    }

    /// Publishes a period as it is previewed.
    pub(crate) async fn publish(&self, period: &str) -> Publication {
        self.publish_without(period, &[]).await
    }

    /// Publishes a period without some indicators.
    pub(crate) async fn publish_without(&self, period: &str, omit: &[&str]) -> Publication {
        let app = &self.app.app;
        let request = PublicationRequest {
            period: period.to_owned(),
            omit: omit.iter().map(|it| (*it).to_owned()).collect(),
        };
        let preview = app.prepare_publication(&self.head, &request).await.expect("a preview");
        let published = app.publish_period(&self.head, &request, &preview.content_hash).await;
        published.expect("published")
    }
}

/// Somebody with these roles in the whole tenant; nobody has to sign in.
async fn person(app: &TestApp, tenant: &TestTenant<'_>, name: &str, roles: &[Role]) -> TenantScope {
    let username = format!("{name}.{}", tenant.slug());
    app.account(&username, false).await;
    for role in roles {
        tenant.give(&username, *role, Scope::Tenant, None).await;
    }
    let directory = app.app.store().directory(app.app.now()).await.expect("a door");
    let (person, _) = directory.find_user(&username).await.expect("a look").expect("a person");
    let scope = directory.enter(&person, tenant.tenant.clone()).await.expect("a look");
    scope.expect("a role")
}

/// The province with its plan, released.
pub(crate) async fn province(app: &TestApp) -> Desk<'_> {
    let province = Desk::open(app, "ntb").await;
    Box::pin(province.plan()).await;
    Box::pin(province.release("1.0")).await;
    province
}

/// A regency that took the release over.
pub(crate) async fn regency<'a>(app: &'a TestApp, slug: &str) -> Desk<'a> {
    let regency = Desk::open(app, slug).await;
    regency.adopt().await;
    regency
}

/// Does every job that waits.
pub(crate) async fn work(app: &TestApp) {
    loop {
        match app.app.work_once().await.expect("the queue") {
            Worked::Done => {}
            Worked::Idle => return,
            Worked::Failed => panic!("a job failed: {}", errors(app).await),
        }
    }
}

/// Why jobs failed.
async fn errors(app: &TestApp) -> String {
    use sqlx::{ConnectOptions, Connection};
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    let sql = "select coalesce(string_agg(kind || ': ' || error, '; '), '') from jobs";
    let text = sqlx::query_scalar(sql).fetch_one(&mut owner).await.expect(sql);
    owner.close().await.expect("a quiet end");
    text
}
