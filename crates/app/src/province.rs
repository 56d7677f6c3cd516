//! What every view of a province begins with: its regencies, and what figures must agree with.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use ekinerja_domain::comparison::{PublicationState, PublishedLine};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::indicator::{Indicator, IndicatorCode};
use ekinerja_domain::period::Period;
use ekinerja_domain::publication::PublicationStatus;
use ekinerja_domain::scoring::{RuleSet, RuleSetPurpose};
use ekinerja_domain::template::ReleaseStatus;
use ekinerja_domain::tenant::{RegionCode, Slug, TenantState};
use ekinerja_domain::yardstick::{ReleasedManual, Yardstick};
use ekinerja_store::cache::{Depends, Found, TenantCache};
use ekinerja_store::change::Changes;
use ekinerja_store::page::Page;
use ekinerja_store::publications::{ReceivedLine, ReceivedPublication, fingerprint_of};
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::{App, OnDemand};
use crate::known_releases::{KnownReleases, Released};
use crate::publications::of_province;
use crate::refusal::Result;
use crate::regions;

/// A kabupaten or kota of the province, whether it uses the system or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regency {
    /// Its code.
    pub code: RegionCode,
    /// Its name.
    pub name: String,
    /// Its address.
    pub slug: Slug,
    /// Its id; none while it does not use the system.
    pub tenant: Option<TenantId>,
    /// Whether nobody enters it for the time being.
    pub is_suspended: bool,
}

/// The kabupaten and kota of a province by the ministry's list, by code.
///
/// All of them are expected in every figure: one that does not use the system is missing and said to be, or a
/// coverage of "3 of 3" would hide the other seven.
pub(crate) async fn regencies(tx: &TenantTx) -> Result<Vec<Regency>> {
    let open = tx.regencies().await?;
    let mut all: Vec<_> = regions::under(&tx.tenant().code)
        .map(|region| Regency {
            code: region.code.clone(),
            name: region.name.clone(),
            slug: region.slug.clone(),
            tenant: None,
            is_suspended: false,
        })
        .collect();
    for tenant in open {
        let is_suspended = tenant.state == TenantState::Suspended;
        let known = all.iter_mut().find(|it| it.code == tenant.code);
        let (name, slug, id) = (tenant.name, tenant.slug, Some(tenant.id));
        if let Some(regency) = known {
            (regency.name, regency.slug, regency.tenant) = (name, slug, id);
            regency.is_suspended = is_suspended;
        } else {
            let code = tenant.code;
            all.push(Regency { code, name, slug, tenant: id, is_suspended });
        }
    }
    all.sort_by(|left, right| left.code.cmp(&right.code));
    Ok(all)
}

/// What a regency has in force in a period, by the heads of that period.
pub(crate) fn state_of(
    tenant: Option<TenantId>,
    heads: &[ReceivedPublication],
) -> PublicationState {
    let Some(tenant) = tenant else { return PublicationState::NotJoined };
    let mut own = heads.iter().filter(|it| it.publisher == tenant);
    // The latest number comes first and decides.
    match own.next().map(|it| it.status) {
        None => PublicationState::None,
        Some(PublicationStatus::Revoked) => PublicationState::Revoked,
        Some(PublicationStatus::Published | PublicationStatus::Superseded) => {
            PublicationState::InForce
        }
    }
}

/// A received line as the domain compares it.
pub(crate) fn line_of(it: &ReceivedLine) -> PublishedLine {
    PublishedLine { publication: it.publication, number: it.number, value: it.value.clone() }
}

/// Everything that yardsticks are made from, each definition with its fingerprint.
#[derive(Debug)]
pub(crate) struct Definitions {
    own: Vec<(Indicator, String)>,
    released: BTreeMap<IndicatorCode, Vec<Arc<Released>>>,
}

impl Definitions {
    /// Reads the releases of the province and its own indicators.
    pub(crate) async fn read(tx: &TenantTx, known: &KnownReleases) -> Result<Self> {
        let mut released: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = tx.releases().page(&Page::first(), after).await?;
            for summary in &page.items {
                if summary.status == ReleaseStatus::Withdrawn {
                    continue;
                }
                for it in known.indicators(tx, summary).await?.iter() {
                    released.entry(it.code.clone()).or_default().push(Arc::clone(it));
                }
            }
            match page.items.last().filter(|_| page.next.is_some()) {
                Some(last) => after = Some(last.id),
                None => break,
            }
        }
        let own = tx.indicators().all().await?;
        let own = own.into_iter().map(|it| {
            let print = fingerprint_of(&it.manual);
            (it, print)
        });
        Ok(Self { own: own.collect(), released })
    }

    /// The province's own indicators.
    pub(crate) fn own(&self) -> impl Iterator<Item = &Indicator> {
        self.own.iter().map(|(it, _)| it)
    }

    /// The yardstick of one indicator in a period; none for a code that the province does not know.
    pub(crate) fn yardstick(&self, code: &IndicatorCode, period: Period) -> Option<Yardstick> {
        let released = self.released.get(code).map(Vec::as_slice).unwrap_or_default();
        let manuals: Vec<_> = released
            .iter()
            .map(|it| ReleasedManual {
                version: it.version,
                released_at: it.at,
                manual: &it.manual,
            })
            .collect();
        if let Some(chosen) = Yardstick::release_for(period, &manuals) {
            let it = released.iter().find(|it| it.version == chosen.version)?;
            let print = it.print.clone();
            return Some(Yardstick::of(code.clone(), Some(it.version), &it.manual, print));
        }
        let (it, print) = self.own.iter().find(|(it, _)| it.code == *code)?;
        Some(Yardstick::of(code.clone(), None, &it.manual, print.clone()))
    }

    /// The yardsticks of a period: of the province's own indicators, and of released ones that it has no more.
    pub(crate) fn yardsticks(&self, period: Period) -> BTreeMap<IndicatorCode, Yardstick> {
        let codes: BTreeSet<_> =
            self.own().map(|it| &it.code).chain(self.released.keys()).collect();
        codes
            .into_iter()
            .filter_map(|code| Some((code.clone(), self.yardstick(code, period)?)))
            .collect()
    }
}

/// What every view of a province begins with and no publication changes.
#[derive(Debug)]
pub(crate) struct Ground {
    /// What figures must agree with.
    pub(crate) definitions: Definitions,
    /// Every regency.
    pub(crate) regencies: Vec<Regency>,
    rules: Mutex<BTreeMap<i32, &'static RuleSet>>,
}

/// A guess at the bytes of a ground: some fifty indicators with their manuals, twice.
const GROUND_SIZE: u32 = 256 * 1024;
/// How many bytes of grounds a process keeps.
const GROUNDS_SIZE: u64 = 32 * 1024 * 1024;

/// Where grounds are kept between two changes of a province's plan or governments: a page that a publication
/// dropped is then made from what was published alone.
pub(crate) fn grounds(changes: &Changes) -> TenantCache<Arc<Ground>> {
    TenantCache::new(changes, GROUNDS_SIZE, |_| GROUND_SIZE)
}

impl Ground {
    /// The rule set of a year's comparisons.
    pub(crate) async fn rules(&self, tenant: &OnDemand<'_>, year: i32) -> Result<&'static RuleSet> {
        let known = self.rules.lock().unwrap_or_else(PoisonError::into_inner).get(&year).copied();
        if let Some(rules) = known {
            return Ok(rules);
        }
        let rule_sets = tenant.tx().await?.rule_sets();
        let rules = rule_sets.chosen(RuleSetPurpose::Comparison, year).await?;
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).insert(year, rules);
        Ok(rules)
    }
}

impl App {
    /// The ground of a scope's province, from memory where nothing changed it. For what is looked at; what is
    /// computed and kept reads its definitions in its own transaction.
    pub(crate) async fn ground(&self, tenant: &OnDemand<'_>) -> Result<Arc<Ground>> {
        // Everything that touches a rule set, a release or an indicator touches the plan.
        let depends = [Depends::Plan, Depends::Organisation];
        match self.grounds.look_up(tenant.scope(), String::from("ground"), &depends).await {
            Found::Hit(ground) => Ok(ground),
            Found::Miss(place) => {
                let tx = tenant.tx().await?;
                let ground = Arc::new(Ground {
                    // On the heap, as it is seldom needed and large.
                    definitions: Box::pin(Definitions::read(tx, &self.known_releases)).await?,
                    regencies: regencies(tx).await?,
                    rules: Mutex::default(),
                });
                self.grounds.keep(place, Arc::clone(&ground)).await;
                Ok(ground)
            }
        }
    }

    /// The names of the regencies of a province that are suspended now: what they published still counts.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::Refusal::NotFound) outside a province; the database failed.
    pub async fn suspended_regencies(&self, scope: &TenantScope) -> Result<Vec<String>> {
        of_province(scope)?;
        let ground = self.ground(&OnDemand::of(self, scope)).await?;
        let suspended = ground.regencies.iter().filter(|it| it.is_suspended);
        Ok(suspended.map(|it| it.name.clone()).collect())
    }
}
