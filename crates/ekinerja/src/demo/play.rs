//! The main job, played: each step through the use case that a person would call, as the person who may,
//! on the day on which it could have happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use ekinerja_app::agencies::AgencyDraft;
use ekinerja_app::indicators::IndicatorDraft;
use ekinerja_app::jobs::Worked;
use ekinerja_app::measurements::ValueEntry;
use ekinerja_app::members::AddMember;
use ekinerja_app::plan_nodes::PlanNodeDraft;
use ekinerja_app::plans::PlanDraft;
use ekinerja_app::ports::{Files, SetClock};
use ekinerja_app::publications::PublicationRequest;
use ekinerja_app::releases::ReleaseDraft;
use ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;
use ekinerja_app::strategy_map::CausalLinkDraft;
use ekinerja_app::targets::TargetDraft;
use ekinerja_app::tenants::{Invite, NewOperator, Operator};
use ekinerja_app::{App, AppSettings, SessionToken, Store, TenantScope};
use ekinerja_domain::measurement::Decision;
use ekinerja_domain::period::{Period, PeriodState};
use ekinerja_domain::tenant::Slug;

use super::data::{Agency, Data, Figure, Manual, PlannedIndicator};
use super::people::{self, GOVERNMENT_WIDE, account, agency_account, agency_member, member};

/// Kemendagri code of the province.
const PROVINCE: &str = "52";
/// Governments whose people are played in full: the province and the regency that the printed accounts belong to.
const SHOWN: [&str; 2] = [PROVINCE, "52.01"];
/// What every reader of the plan must know, in plain words; the long form stands in `demo/plan.json`.
const NOTICE: &str = "Visi, enam misi, dan angka realisasi diambil dari sumber tertulis. Rumusan tujuan dan sasaran \
    serta pilihan IKU disusun dari ingatan dan belum diverifikasi. Target tahunan RPJMD yang asli tidak \
    ditemukan: target bertanda ilustrasi hanyalah garis lurus buatan untuk peragaan, bukan angka RPJMD.";
/// The year whose period stays open for who tries the demonstration.
const OPEN_YEAR: i32 = 2025;

/// What every step needs.
#[derive(Clone)]
struct Stage {
    store: Store,
    files: Arc<dyn Files>,
    data: Arc<Data>,
}

/// One government with its own clock: governments are played side by side.
struct Government {
    app: App,
    clock: SetClock,
    code: String,
    slug: Slug,
    name: String,
    data: Arc<Data>,
    sessions: BTreeMap<String, SessionToken>,
    people: BTreeMap<String, TenantScope>,
    agencies: BTreeMap<String, (String, String)>,
}

/// Plays the whole main job into an empty, migrated database.
///
/// # Errors
/// A use case refused: the data and the rules contradict each other.
pub async fn play(store: Store, files: Arc<dyn Files>, tell: impl Fn(&str)) -> anyhow::Result<()> {
    let stage = Stage { store, files, data: Arc::new(Data::load()?) };
    let mut governments = open_governments(&stage).await?;
    tell("pemerintah dibuka, administrator diundang");
    let province = governments.remove(0);
    let province = plan_and_release(province).await.context("the province's plan")?;
    tell("RPJMD provinsi disusun dan templat dirilis");
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(measure(province));
    for regency in governments {
        tasks.spawn(async move {
            let code = regency.code.clone();
            let regency = adopt(regency).await.with_context(|| format!("adoption by {code}"))?;
            measure(regency).await
        });
    }
    while let Some(done) = tasks.join_next().await {
        tell(&format!("{}: angka direkam, diverifikasi, dipublikasikan", done??));
    }
    let app = app(
        &stage,
        SetClock::at(ekinerja_app::ports::Clock::now(&ekinerja_app::ports::SystemClock)),
    );
    while app.work_once().await? != Worked::Idle {}
    tell("agregat provinsi dihitung");
    Ok(())
}

fn app(stage: &Stage, clock: SetClock) -> App {
    App::new(AppSettings {
        store: stage.store.clone(),
        clock: Arc::new(clock),
        files: Arc::clone(&stage.files),
    })
    .for_demonstration()
}

/// Noon in Mataram of a day.
fn noon(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::from_hms_opt(4, 0, 0).unwrap_or_default()).and_utc()
}

fn day(year: i32, month: u32, day: u32) -> anyhow::Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
        .ok_or_else(|| anyhow!("{year}-{month}-{day} is no day"))
}

/// A number of the files as a person in Indonesia types it.
fn typed(number: &str) -> String {
    number.replace('.', ",")
}

/// The operator opens the province and all its regencies and invites their administrators, who sign in, change
/// their first password, enter their OPD and give the roles.
async fn open_governments(stage: &Stage) -> anyhow::Result<Vec<Government>> {
    let clock = SetClock::at(noon(day(2019, 1, 7)?));
    let app = app(stage, clock);
    app.add_operator(
        &Operator::command_line(),
        NewOperator {
            username: "operator".to_owned(),
            name: "Operator platform (contoh)".to_owned(),
            password: DEMONSTRATION_PASSWORD.to_owned(),
        },
    )
    .await?;
    let (_, signed_in) = app.sign_in("operator", DEMONSTRATION_PASSWORD).await?;
    let operator = Operator::of(&signed_in)?;
    let mut tenants = vec![app.open_tenant(&operator, PROVINCE).await?];
    tenants.extend(app.open_regencies(&operator, PROVINCE).await?.opened);
    let mut settling = tokio::task::JoinSet::new();
    for tenant in tenants {
        let username = account("admin", tenant.slug.as_str());
        let invited = app
            .invite_administrator(
                &operator,
                Invite {
                    code: tenant.code.to_string(),
                    username: username.clone(),
                    name: format!("Administrator {} (contoh)", tenant.name),
                    post: Some("Administrator sistem".to_owned()),
                },
            )
            .await?;
        let first = invited.first_password.context("an administrator has a first password")?;
        let mut government = Government {
            app: app.clone(),
            clock: SetClock::at(noon(day(2019, 1, 14)?)),
            code: tenant.code.to_string(),
            slug: tenant.slug.clone(),
            name: tenant.name.clone(),
            data: Arc::clone(&stage.data),
            sessions: BTreeMap::new(),
            people: BTreeMap::new(),
            agencies: BTreeMap::new(),
        };
        government.app = self::app(stage, government.clock.clone());
        settling.spawn(async move {
            let settled = government.settle_in(&username, first.reveal()).await;
            settled.with_context(|| government.name.clone())?;
            anyhow::Ok(government)
        });
    }
    let mut governments = Vec::new();
    while let Some(settled) = settling.join_next().await {
        governments.push(settled??);
    }
    governments.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(governments)
}

impl Government {
    fn at(&self, day: NaiveDate) {
        self.clock.set(noon(day));
    }

    /// A person's first sign-in: they change the password that somebody else knows, and enter.
    async fn sign_in_first(&mut self, username: &str, first: &str) -> anyhow::Result<()> {
        let (token, _) = self.app.sign_in(username, first).await?;
        self.app.change_password(&token, first, DEMONSTRATION_PASSWORD).await?;
        self.sessions.insert(username.to_owned(), token);
        self.enter(username).await
    }

    /// Enters with the roles that the person holds now.
    async fn enter(&mut self, username: &str) -> anyhow::Result<()> {
        let token =
            self.sessions.get(username).with_context(|| format!("{username} is signed in"))?;
        let signed_in = self.app.resume(token).await?;
        let scope = self.app.enter(&signed_in, &self.slug).await?;
        self.people.insert(username.to_owned(), scope);
        Ok(())
    }

    fn person(&self, username: &str) -> anyhow::Result<&TenantScope> {
        self.people.get(username).with_context(|| format!("{username} has not entered"))
    }

    fn role(&self, part: &str) -> anyhow::Result<&TenantScope> {
        self.person(&account(part, self.slug.as_str()))
    }

    fn of_agency(&self, part: &str, agency: &str) -> anyhow::Result<&TenantScope> {
        self.person(&self.account_for(part, agency))
    }

    /// The account that acts for an OPD: in the two governments that people try, each OPD has its own officer
    /// and head; in the others one person holds the role in every OPD.
    fn account_for(&self, part: &str, agency: &str) -> String {
        if SHOWN.contains(&self.code.as_str()) {
            agency_account(part, agency, self.slug.as_str())
        } else {
            account(part, self.slug.as_str())
        }
    }

    /// The administrator's first day.
    async fn settle_in(&mut self, administrator: &str, first: &str) -> anyhow::Result<()> {
        self.sign_in_first(administrator, first).await?;
        self.enter_agencies().await?;
        let slug = self.slug.to_string();
        let shown = SHOWN.contains(&self.code.as_str());
        // The other governments need the people of the main job only.
        let wide = GOVERNMENT_WIDE.iter().take(if shown { GOVERNMENT_WIDE.len() } else { 2 });
        for (role, part, post) in wide {
            let ask = member(role, part, post, &slug, &self.name);
            self.join(ask).await?;
        }
        let owners = self.owners();
        for (role, part, post) in
            [("officer", "petugas", "Petugas data"), ("agency_head", "kepala", "Kepala")]
        {
            for code in &owners {
                let (id, name) = self.agencies.get(code).with_context(|| code.clone())?.clone();
                let username = self.account_for(part, code);
                let ask = agency_member(role, username, post, (&name, id));
                self.join(ask).await?;
            }
        }
        Ok(())
    }

    /// The administrator gives a role; the person enters.
    async fn join(&mut self, ask: AddMember) -> anyhow::Result<()> {
        let username = ask.username.clone();
        let added = self.app.add_member(self.role("admin")?, ask).await?;
        match added.first_password {
            Some(first) => self.sign_in_first(&username, first.reveal()).await?,
            None => self.enter(&username).await?,
        }
        Ok(())
    }

    /// Enters the OPD, parents before children.
    async fn enter_agencies(&mut self) -> anyhow::Result<()> {
        let data = Arc::clone(&self.data);
        let mut waiting: Vec<&Agency> =
            data.agencies.get(&self.code).map(|it| it.iter().collect()).unwrap_or_default();
        while !waiting.is_empty() {
            let (ready, later): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|it| {
                it.parent_code.is_empty() || self.agencies.contains_key(&it.parent_code)
            });
            if ready.is_empty() {
                return Err(anyhow!("{} hangs under no agency", later[0].code));
            }
            for agency in ready {
                let parent = self.agencies.get(&agency.parent_code).map(|(id, _)| id.clone());
                let draft = AgencyDraft {
                    code: agency.code.clone(),
                    name: agency.name.clone(),
                    abbreviation: agency.abbreviation.clone(),
                    kind: agency.kind.clone(),
                    parent: parent.unwrap_or_default(),
                    note: remarks(agency),
                    verified: agency.verified,
                };
                let added = self.app.add_agency(self.role("admin")?, &draft).await?;
                let known = (added.id.to_string(), added.name);
                self.agencies.insert(agency.code.clone(), known);
            }
            waiting = later;
        }
        Ok(())
    }

    /// The indicators of the plan with their objectives.
    fn planned(&self) -> Vec<(String, PlannedIndicator)> {
        let goals = self.data.plan.missions.iter().flat_map(|it| &it.goals);
        goals
            .flat_map(|it| &it.objectives)
            .flat_map(|objective| {
                objective.indicators.iter().map(|it| (objective.code.clone(), it.clone()))
            })
            .collect()
    }

    /// Code of the OPD that owns an indicator here.
    fn owner_of(&self, indicator: &PlannedIndicator) -> Option<String> {
        if self.code == PROVINCE {
            Some(indicator.owner.clone())
        } else {
            indicator.regency_owner.clone()
        }
    }

    /// Codes of the OPD that own an indicator here.
    fn owners(&self) -> BTreeSet<String> {
        self.planned().iter().filter_map(|(_, indicator)| self.owner_of(indicator)).collect()
    }

    fn baseline(&self, code: &str) -> (String, String, bool) {
        let found = self.data.baselines.get(&self.code).into_iter().flatten();
        found
            .filter(|it| it.indicator_code == code)
            .map(|it| (typed(&it.value), it.year.to_string(), it.verified))
            .next()
            .unwrap_or_default()
    }

    /// Sets the targets of every indicator from the files.
    async fn set_targets(&self) -> anyhow::Result<()> {
        let planner = self.role("perencana")?;
        let plan = self.app.plan(planner).await?.context("there is a plan")?;
        let ids: BTreeMap<_, _> =
            plan.indicators.iter().map(|it| (it.code.as_str().to_owned(), it.id)).collect();
        for target in self.data.targets.get(&self.code).into_iter().flatten() {
            let Some(id) = ids.get(&target.indicator_code) else { continue };
            let draft = TargetDraft {
                period: target.year.to_string(),
                value: typed(&target.value),
                illustrative: target.illustrative,
                ..TargetDraft::default()
            };
            self.app
                .set_target(planner, *id, &draft)
                .await
                .with_context(|| format!("target {} {}", target.indicator_code, target.year))?;
        }
        Ok(())
    }
}

fn remarks(agency: &Agency) -> String {
    let successor = (!agency.successor.is_empty())
        .then(|| format!("Rencana penataan 2025: {}", agency.successor));
    let parts = [Some(agency.source.clone()), Some(agency.note.clone()), successor];
    parts.into_iter().flatten().filter(|it| !it.is_empty()).collect::<Vec<_>>().join(". ")
}

/// The province's planner drafts the plan, its indicators and targets, and releases it.
async fn plan_and_release(government: Government) -> anyhow::Result<Government> {
    let data = Arc::clone(&government.data);
    let plan = &data.plan;
    government.at(day(2019, 2, 4)?);
    let planner = government.role("perencana")?;
    let app = &government.app;
    app.draft_plan(
        planner,
        &PlanDraft {
            title: plan.title.clone(),
            legal_basis: plan.legal_basis.text.clone(),
            start_year: plan.years.start.to_string(),
            end_year: plan.years.end.to_string(),
            monitored_until: plan.years.monitored_until.to_string(),
            notice: NOTICE.to_owned(),
        },
    )
    .await?;
    let node = |parent: &str, kind: &str, code: &str, text: &str, verified| PlanNodeDraft {
        parent: parent.to_owned(),
        kind: kind.to_owned(),
        code: code.to_owned(),
        text: text.to_owned(),
        verified,
        ..PlanNodeDraft::default()
    };
    let add = |draft: PlanNodeDraft| async move {
        let added = app.add_plan_node(planner, &draft).await;
        Ok::<_, anyhow::Error>(added.with_context(|| draft.code.clone())?.id.to_string())
    };
    let vision = &plan.vision;
    let vision = add(node("", "vision", &vision.code, &vision.text, vision.verified)).await?;
    let mut objectives = BTreeMap::new();
    for it in &plan.missions {
        let text = format!("{}: {}", it.name, it.text);
        let mission = add(node(&vision, "mission", &it.code, &text, it.verified)).await?;
        for it in &it.goals {
            let goal = add(node(&mission, "goal", &it.code, &it.text, it.verified)).await?;
            for it in &it.objectives {
                let draft = PlanNodeDraft {
                    perspective: it.perspective.clone(),
                    ..node(&goal, "objective", &it.code, &it.text, it.verified)
                };
                objectives.insert(it.code.clone(), add(draft).await?);
            }
        }
    }
    // An indicator that weighs others must be there before them.
    let mut entries = government.planned();
    let weighs =
        |code: &str| data.manuals.values().any(|it| it.weight_variable.as_deref() == Some(code));
    entries.sort_by_key(|(_, it)| !weighs(&it.code));
    for (objective, it) in entries {
        let manual = data.manuals.get(&it.code).with_context(|| it.code.clone())?;
        let objective = objectives.get(&objective).cloned().unwrap_or_default();
        let draft = government.indicator_draft(manual, &it, objective);
        app.add_indicator(planner, &draft).await.with_context(|| it.code.clone())?;
    }
    for it in &data.causal_links {
        let end = |code: &str| objectives.get(code).cloned().unwrap_or_default();
        let draft = CausalLinkDraft {
            from: end(&it.from),
            to: end(&it.to),
            // Nobody wrote these into the RPJMD.
            hypothesis: format!("{} (ilustrasi)", it.hypothesis),
            strength: it.strength.clone(),
            lag_periods: it.lag_periods.clone(),
        };
        let drawn = app.add_causal_link(planner, &draft).await;
        drawn.with_context(|| format!("{} -> {}", it.from, it.to))?;
    }
    government.set_targets().await?;
    government.at(day(2019, 4, 1)?);
    let release = ReleaseDraft {
        version: "1.0.0".to_owned(),
        changelog: "Rilis pertama: pohon RPJMD 2019-2023, IKU dan indikator pendukung.".to_owned(),
        leave_out: data
            .manuals
            .values()
            .filter(|it| !it.levels.iter().any(|level| level == "regency"))
            .map(|it| it.code.clone())
            .collect(),
    };
    app.release_template(planner, &release).await.context("the release")?;
    Ok(government)
}

impl Government {
    fn indicator_draft(
        &self,
        manual: &Manual,
        planned: &PlannedIndicator,
        objective: String,
    ) -> IndicatorDraft {
        let (baseline_value, baseline_year, baseline_verified) = self.baseline(&manual.code);
        let text = |it: &Option<String>| it.clone().unwrap_or_default();
        let owner = self.owner_of(planned).and_then(|code| self.agencies.get(&code));
        IndicatorDraft {
            code: manual.code.clone(),
            objective,
            kind: if planned.iku { "iku" } else { "supporting" }.to_owned(),
            name: manual.name.clone(),
            definition: manual.definition.clone(),
            formula: manual.formula.clone(),
            unit: manual.unit.clone(),
            polarity: manual.polarity.clone(),
            decimals: manual.decimals.to_string(),
            period_consolidation: manual.period_consolidation.clone(),
            location_consolidation: manual.location_consolidation.clone(),
            weight_variable: text(&manual.weight_variable),
            numerator: text(&manual.numerator),
            denominator: text(&manual.denominator),
            source: manual.source.clone(),
            publisher: text(&manual.publisher),
            frequency: manual.frequency.clone(),
            owner_agency: owner.map(|(id, _)| id.clone()).unwrap_or_default(),
            owner_post: owner.map(|(_, name)| format!("Kepala {name}")).unwrap_or_default(),
            baseline_value,
            baseline_year,
            baseline_verified,
            ..IndicatorDraft::default()
        }
    }
}

/// A regency's planner takes the release over, names owners and baselines, and sets targets.
async fn adopt(government: Government) -> anyhow::Result<Government> {
    government.at(day(2019, 5, 6)?);
    let planner = government.role("perencana")?;
    let app = &government.app;
    let releases = app.releases(planner, &ekinerja_app::Page::first()).await?;
    let release = releases.items.first().context("the province released a template")?;
    app.adopt(planner, release.id).await?;
    let entries: BTreeMap<_, _> =
        government.planned().into_iter().map(|(_, it)| (it.code.clone(), it)).collect();
    let plan = app.plan(planner).await?.context("the adoption brought a plan")?;
    for indicator in &plan.indicators {
        let Some(entry) = entries.get(indicator.code.as_str()) else { continue };
        let (baseline_value, baseline_year, baseline_verified) =
            government.baseline(indicator.code.as_str());
        let owner = government.owner_of(entry);
        let owner = owner.and_then(|code| government.agencies.get(&code));
        let draft = IndicatorDraft {
            owner_agency: owner.map(|(id, _)| id.clone()).unwrap_or_default(),
            owner_post: owner.map(|(_, name)| format!("Kepala {name}")).unwrap_or_default(),
            baseline_value,
            baseline_year,
            baseline_verified,
            ..IndicatorDraft::from(indicator)
        };
        app.amend_indicator(planner, indicator.id, indicator.revision, &draft)
            .await
            .with_context(|| indicator.code.as_str().to_owned())?;
    }
    government.set_targets().await?;
    Ok(government)
}

/// Figures come out over the years: the officer records, the head verifies; in spring the year before is
/// published and closed.
async fn measure(government: Government) -> anyhow::Result<String> {
    let plan = government.app.plan(government.role("perencana")?).await?.context("a plan")?;
    let ids: BTreeMap<_, _> =
        plan.indicators.iter().map(|it| (it.code.as_str().to_owned(), it.id)).collect();
    let owners: BTreeMap<_, _> = government
        .planned()
        .into_iter()
        .filter_map(|(_, it)| Some((it.code.clone(), government.owner_of(&it)?)))
        .collect();
    let mut by_year: BTreeMap<i32, Vec<(NaiveDate, &Figure)>> = BTreeMap::new();
    for figure in government.data.figures.get(&government.code).into_iter().flatten() {
        by_year.entry(figure.year).or_default().push((government.came_out(figure)?, figure));
    }
    for year in 2018..=OPEN_YEAR {
        let period = Period::year(year)?;
        government.at(day(year, 1, 2)?.max(day(2019, 6, 3)?));
        government.app.open_period(government.role("admin")?, &period.to_string()).await?;
        let mut figures = by_year.remove(&year).unwrap_or_default();
        figures.sort_by_key(|(came_out, figure)| (*came_out, figure.indicator_code.clone()));
        let mut last = day(year + 1, 4, 15)?.max(day(2019, 6, 10)?);
        for (came_out, figure) in figures {
            let (Some(id), Some(owner)) =
                (ids.get(&figure.indicator_code), owners.get(&figure.indicator_code))
            else {
                continue;
            };
            government.at(came_out);
            let entry = ValueEntry {
                period: period.to_string(),
                value: typed(&figure.value),
                method: figure.method.clone(),
                source: figure.source.clone(),
                source_verified: figure.verified,
                note: figure.note.clone(),
                ..ValueEntry::default()
            };
            let officer = government.of_agency("petugas", owner)?;
            let recorded = government
                .app
                .record_value(officer, *id, entry, Vec::new(), true)
                .await
                .with_context(|| format!("{} {}", figure.indicator_code, figure.year))?;
            let decided = came_out.checked_add_days(Days::new(1)).unwrap_or(came_out);
            government.at(decided);
            last = last.max(decided);
            let head = government.of_agency("kepala", owner)?;
            let id = recorded.measurement.id;
            government.app.decide_value(head, id, Decision::Verify, None).await?;
        }
        government.at(last);
        let leader = government.role("pimpinan")?;
        let request =
            PublicationRequest { period: period.to_string(), ..PublicationRequest::default() };
        let preview = government.app.prepare_publication(leader, &request).await?;
        government.app.publish_period(leader, &request, &preview.content_hash).await?;
        if year < OPEN_YEAR {
            let admin = government.role("admin")?;
            government.app.set_period_state(admin, period, PeriodState::Closed, None).await?;
        }
    }
    let next = Period::year(OPEN_YEAR + 1)?;
    government.at(day(OPEN_YEAR + 1, 1, 2)?);
    government.app.open_period(government.role("admin")?, &next.to_string()).await?;
    Ok(government.name.clone())
}

impl Government {
    /// The day on which the figure could be entered: the usual day of its publication, and not before the
    /// government had adopted its plan.
    fn came_out(&self, figure: &Figure) -> anyhow::Result<NaiveDate> {
        let manual = self.data.manuals.get(&figure.indicator_code);
        let usual = manual.and_then(|it| it.usual_release);
        let (years_after, month) = usual.map_or((1, 1), |it| (it.years_after, it.month));
        Ok(day(figure.year + years_after, month, 15)?.max(day(2019, 6, 3)?))
    }
}

/// Accounts that the demonstration prints: what each is for, and its name for signing in.
pub fn accounts() -> Vec<(&'static str, String)> {
    let regency = "lombok-barat";
    vec![
        ("Operator platform", "operator".to_owned()),
        ("Administrator kabupaten", people::account("admin", regency)),
        ("Pimpinan kabupaten", people::account("pimpinan", regency)),
        ("Perencana kabupaten", people::account("perencana", regency)),
        ("Kepala OPD (verifikator)", people::agency_account("kepala", "BAPPEDA", regency)),
        ("Petugas OPD", people::agency_account("petugas", "BAPPEDA", regency)),
        ("Evaluator Inspektorat", people::account("evaluator", regency)),
        ("Auditor", people::account("auditor", regency)),
        ("Administrator provinsi", people::account("admin", "ntb")),
        ("Pimpinan provinsi", people::account("pimpinan", "ntb")),
        ("Perencana provinsi", people::account("perencana", "ntb")),
    ]
}
