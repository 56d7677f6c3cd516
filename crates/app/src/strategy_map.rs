//! The strategy map: objectives in the lanes of their perspectives, with links of cause and effect.

use std::collections::HashMap;

use ekinerja_domain::access::policy::{Planning, Scorecard};
use ekinerja_domain::access::{Amend, Granted, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{CausalLinkId, PlanNodeId};
use ekinerja_domain::period::{Period, TenantPeriod};
use ekinerja_domain::plan::{MediumTermPlan, PerspectiveSetting, PlanNode, PlanNodeKind};
use ekinerja_domain::scale::Traffic;
use ekinerja_domain::scorecard::{Level, LevelKey};
use ekinerja_domain::scoring::{RuleSet, RuleSetPurpose};
use ekinerja_domain::strategy_map::{
    Assumption, CausalLink, GREEN_PERIODS, LONGEST_LAG, LinkError, LinkStrength, assumption,
    check_link, in_lanes, leads_down,
};
use ekinerja_store::causal_links::NewCausalLink;
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::App;
use crate::periods::unknown;
use crate::plans::current_plan;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::scorecards::usual;
use crate::typed::{LONGEST_PROSE, Typed};

/// A link as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CausalLinkDraft {
    /// Id of the objective that drives.
    pub from: String,
    /// Id of the objective that it is believed to move.
    pub to: String,
    /// Why, in words.
    pub hypothesis: String,
    /// Code of how strongly; may be empty.
    pub strength: String,
    /// After how many periods; may be empty.
    pub lag_periods: String,
}

/// The strategy map of a tenant.
#[derive(Debug, Clone)]
pub struct StrategyMap {
    /// The plan.
    pub plan: MediumTermPlan,
    /// The period whose scores stand beside the objectives; none when no period was opened yet.
    pub period: Option<TenantPeriod>,
    /// Every period that was opened, latest first.
    pub periods: Vec<TenantPeriod>,
    /// The scale of an objective's score in that period.
    pub rules: &'static RuleSet,
    /// The lanes, from the top down.
    pub lanes: Vec<Lane>,
    /// Objectives in no perspective: on no map.
    pub unplaced: Vec<PlanNode>,
    /// The links.
    pub links: Vec<MapLink>,
}

/// A perspective of the map.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Name and place.
    pub setting: PerspectiveSetting,
    /// Its objectives in the order in which links cross little.
    pub objectives: Vec<MapObjective>,
}

/// An objective of the map.
#[derive(Debug, Clone)]
pub struct MapObjective {
    /// The objective.
    pub node: PlanNode,
    /// Its score; none when nothing was scored.
    pub level: Option<Level>,
}

/// A link of the map.
#[derive(Debug, Clone)]
pub struct MapLink {
    /// The link.
    pub link: CausalLink,
    /// Whether it leads to a lower lane than its driver's.
    pub leads_down: bool,
    /// What the figures say of it.
    pub assumption: Assumption,
}

impl StrategyMap {
    /// Every objective on the map.
    pub fn objectives(&self) -> impl Iterator<Item = &MapObjective> {
        self.lanes.iter().flat_map(|it| &it.objectives)
    }

    /// One objective on the map.
    pub fn objective(&self, id: PlanNodeId) -> Option<&MapObjective> {
        self.objectives().find(|it| it.node.id == id)
    }
}

impl App {
    /// The strategy map with the scores of a period; without one, of the latest that has ended. None before a plan
    /// was drafted.
    ///
    /// # Errors
    /// The period asked for was never opened; the actor may not see scores.
    pub async fn strategy_map(
        &self,
        scope: &TenantScope,
        period: Option<Period>,
    ) -> Result<Option<StrategyMap>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Planning)?;
        tx.permit::<View, _>(Scorecard)?;
        let Some(plan) = tx.plans().current().await? else { return Ok(None) };
        let periods = tx.periods().all().await?;
        let period = match period {
            Some(period) => {
                let found = periods.iter().find(|it| it.period == period);
                Some(found.ok_or_else(|| unknown(period))?.clone())
            }
            None => usual(&periods, self.today()).cloned(),
        };
        let settings = tx.plans().perspectives().await?;
        let nodes = tx.plans().nodes(plan.id).await?;
        let links = tx.causal_links().of_plan(plan.id).await?;
        let colours = Colours::of(&tx, period.as_ref().map(|it| it.period)).await?;
        let year = period.as_ref().map_or(plan.years.end, |it| it.period.calendar_year());
        let rules = tx.rule_sets().chosen(RuleSetPurpose::Own, year).await?;
        let (placed, unplaced): (Vec<_>, Vec<_>) = nodes
            .into_iter()
            .filter(|it| it.kind == PlanNodeKind::Objective)
            .partition(|it| it.perspective.is_some());
        Ok(Some(composed(Parts {
            plan,
            period,
            periods,
            rules,
            settings,
            placed,
            unplaced,
            links,
            colours,
        })))
    }

    /// One link.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is none.
    pub async fn causal_link(&self, scope: &TenantScope, id: CausalLinkId) -> Result<CausalLink> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Planning)?;
        tx.causal_links().find(id).await?.ok_or(Refusal::NotFound)
    }

    /// Draws a link of cause and effect.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::CausalLinkUnfit`], [`Code::CausalLinkSelf`],
    /// [`Code::CausalLinkCycle`] with the path; [`Code::CausalLinkTaken`]; [`Code::PlanMissing`].
    pub async fn add_causal_link(
        &self,
        scope: &TenantScope,
        draft: &CausalLinkDraft,
    ) -> Result<CausalLink> {
        let tx = self.begin(scope).await?;
        tx.permit::<Amend, _>(Planning)?;
        let plan = current_plan(&tx).await?;
        let permit = tx.plans().hold(plan.id).await?;
        let (new, ends) = read(&tx, &permit, draft, None).await?;
        let link = tx.causal_links().add(&permit, new).await;
        let link = link.on_constraint("causal_links_one_per_pair", taken)?;
        let event = about(EventKind::CausalLinkAdded, link.id, &ends)
            .fact("hypothesis", &link.hypothesis)
            .fact_if("strength", link.strength)
            .fact_if("lag_periods", link.lag_periods);
        tx.commit(event).await?;
        Ok(link)
    }

    /// Changes a link that was read at `revision`.
    ///
    /// # Errors
    /// As [`App::add_causal_link`]; [`Refusal::Stale`].
    pub async fn amend_causal_link(
        &self,
        scope: &TenantScope,
        id: CausalLinkId,
        revision: i32,
        draft: &CausalLinkDraft,
    ) -> Result<CausalLink> {
        let tx = self.begin(scope).await?;
        tx.permit::<Amend, _>(Planning)?;
        let before = tx.causal_links().find(id).await?.ok_or(Refusal::NotFound)?;
        let permit = tx.plans().hold(before.plan).await?;
        let (new, ends) = read(&tx, &permit, draft, Some(id)).await?;
        let changed = tx.causal_links().amend(&permit, id, revision, new.clone()).await;
        changed.on_constraint("causal_links_one_per_pair", taken)?;
        let code = |it: Option<LinkStrength>| it.map(LinkStrength::code).unwrap_or_default();
        let lag = |it: Option<i32>| it.map(|it| it.to_string()).unwrap_or_default();
        let event = about(EventKind::CausalLinkAmended, id, &ends)
            .change("hypothesis", &before.hypothesis, &new.hypothesis)
            .change("strength", code(before.strength), code(new.strength))
            .change("lag_periods", &lag(before.lag_periods), &lag(new.lag_periods));
        tx.commit(event).await?;
        let NewCausalLink { from, to, hypothesis, strength, lag_periods } = new;
        let revision = revision + 1;
        Ok(CausalLink { from, to, hypothesis, strength, lag_periods, revision, ..before })
    }

    /// Takes a link away that was read at `revision`.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::Stale`].
    pub async fn remove_causal_link(
        &self,
        scope: &TenantScope,
        id: CausalLinkId,
        revision: i32,
    ) -> Result<()> {
        let tx = self.begin(scope).await?;
        tx.permit::<Amend, _>(Planning)?;
        let link = tx.causal_links().find(id).await?.ok_or(Refusal::NotFound)?;
        let permit = tx.plans().hold(link.plan).await?;
        let nodes = tx.plans().nodes(link.plan).await?;
        tx.causal_links().remove(&permit, id, revision).await?;
        let ends = Ends::of(&nodes, link.from, link.to);
        let event =
            about(EventKind::CausalLinkRemoved, id, &ends).fact("hypothesis", &link.hypothesis);
        Ok(tx.commit(event).await?)
    }
}

/// Codes of both ends of a link.
struct Ends(String, String);

impl Ends {
    fn of(nodes: &[PlanNode], from: PlanNodeId, to: PlanNodeId) -> Self {
        let code = |id| {
            let found = nodes.iter().find(|it| it.id == id);
            found.map_or_else(|| "-".to_owned(), |it| it.code.clone())
        };
        Self(code(from), code(to))
    }
}

/// Reads what was typed and checks it against the plan, which the transaction holds: no other link can come in
/// between and close a circle.
async fn read(
    tx: &TenantTx,
    plan: &Granted<Amend, MediumTermPlan>,
    draft: &CausalLinkDraft,
    link: Option<CausalLinkId>,
) -> Result<(NewCausalLink, Ends)> {
    let mut typed = Typed::default();
    let mut end = |field: &str, text: &str| {
        let id = typed.id::<PlanNodeId>(field, text);
        if id.is_none() && text.trim().is_empty() {
            typed.blame(field, Code::FieldMissing);
        }
        id
    };
    let from = end("from", &draft.from);
    let to = end("to", &draft.to);
    let hypothesis = typed.required("hypothesis", &draft.hypothesis, LONGEST_PROSE);
    let strength = typed.choice("strength", &draft.strength, LinkStrength::from_code);
    let lag_periods = typed.whole("lag_periods", &draft.lag_periods);
    if lag_periods.is_some_and(|it| !(0..=LONGEST_LAG).contains(&it)) {
        typed.wrong(Violation::new("lag_periods", Code::CausalLinkLag).with("high", LONGEST_LAG));
    }
    typed.done()?;
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Refusal::invalid("from", Code::FieldMissing));
    };
    let nodes = tx.plans().nodes(plan.id).await?;
    let links = tx.causal_links().of_plan(plan.id).await?;
    check_link(&nodes, &links, link, from, to).map_err(refused)?;
    let ends = Ends::of(&nodes, from, to);
    Ok((NewCausalLink { from, to, hypothesis, strength, lag_periods }, ends))
}

fn refused(error: LinkError) -> Refusal {
    match error {
        LinkError::UnfitDriver => Refusal::invalid("from", Code::CausalLinkUnfit),
        LinkError::UnfitEffect => Refusal::invalid("to", Code::CausalLinkUnfit),
        LinkError::Itself => Refusal::invalid("to", Code::CausalLinkSelf),
        LinkError::Cycle(path) => {
            let violation = Violation::new("to", Code::CausalLinkCycle);
            Refusal::Invalid(vec![violation.with("path", path.join(" → "))])
        }
    }
}

fn taken() -> Refusal {
    Refusal::conflict("to", Code::CausalLinkTaken)
}

fn about(kind: EventKind, id: CausalLinkId, ends: &Ends) -> Event {
    Event::new(kind, id).fact("driver", &ends.0).fact("effect", &ends.1).touching(Touch::Plan)
}

/// Scores of the objectives in a period, and their colours in those before.
struct Colours {
    levels: HashMap<PlanNodeId, Level>,
    before: Vec<HashMap<PlanNodeId, Traffic>>,
}

impl Colours {
    async fn of(tx: &TenantTx, period: Option<Period>) -> Result<Self> {
        let mut levels = HashMap::new();
        let mut before = Vec::new();
        let mut at = period;
        for back in 0..GREEN_PERIODS {
            let Some(period) = at else { break };
            let found = tx.scores().levels(period).await?;
            let objectives = found.into_iter().filter_map(|it| match it.key {
                LevelKey::Objective(id) => Some((id, it)),
                _ => None,
            });
            if back == 0 {
                levels = objectives.collect();
            } else {
                before.push(objectives.map(|(id, it)| (id, it.traffic)).collect());
            }
            at = period.preceding();
        }
        Ok(Self { levels, before })
    }

    fn traffic(&self, id: PlanNodeId) -> Option<Traffic> {
        self.levels.get(&id).map(|it| it.traffic)
    }

    /// The colours in the period and those before, the latest first.
    fn history(&self, id: PlanNodeId) -> Vec<Option<Traffic>> {
        let before = self.before.iter().map(|it| it.get(&id).copied());
        std::iter::once(self.traffic(id)).chain(before).collect()
    }
}

/// What a map is made from.
struct Parts {
    plan: MediumTermPlan,
    period: Option<TenantPeriod>,
    periods: Vec<TenantPeriod>,
    rules: &'static RuleSet,
    settings: Vec<PerspectiveSetting>,
    placed: Vec<PlanNode>,
    unplaced: Vec<PlanNode>,
    links: Vec<CausalLink>,
    colours: Colours,
}

fn composed(parts: Parts) -> StrategyMap {
    let Parts { plan, period, periods, rules, settings, placed, unplaced, links, mut colours } =
        parts;
    let perspective_of: HashMap<_, _> =
        placed.iter().filter_map(|it| Some((it.id, it.perspective?))).collect();
    let lanes: Vec<Vec<PlanNodeId>> = settings
        .iter()
        .map(|setting| {
            let mine = placed.iter().filter(|it| it.perspective == Some(setting.perspective));
            mine.map(|it| it.id).collect()
        })
        .collect();
    let pairs: Vec<_> = links.iter().map(|it| (it.from, it.to)).collect();
    let order = in_lanes(&lanes, &pairs);
    // An objective that left its perspective takes its links off the map; they stay in the list.
    let links = links
        .into_iter()
        .map(|link| {
            let ends = perspective_of.get(&link.from).zip(perspective_of.get(&link.to));
            MapLink {
                leads_down: ends.is_some_and(|(from, to)| leads_down(&settings, *from, *to)),
                assumption: assumption(&colours.history(link.from), colours.traffic(link.to)),
                link,
            }
        })
        .collect();
    let mut nodes: HashMap<_, _> = placed.into_iter().map(|it| (it.id, it)).collect();
    let lanes = settings
        .into_iter()
        .zip(order)
        .map(|(setting, ids)| {
            let objectives = ids.into_iter().filter_map(|id| {
                Some(MapObjective { node: nodes.remove(&id)?, level: colours.levels.remove(&id) })
            });
            Lane { setting, objectives: objectives.collect() }
        })
        .collect();
    StrategyMap { plan, period, periods, rules, lanes, unplaced, links }
}
