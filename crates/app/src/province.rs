//! What every view of a province begins with: its regencies, and what figures must agree with.

use std::collections::BTreeMap;

use ekinerja_domain::comparison::{PublicationState, PublishedLine};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::indicator::{Indicator, IndicatorCode};
use ekinerja_domain::period::Period;
use ekinerja_domain::publication::PublicationStatus;
use ekinerja_domain::template::{ReleaseStatus, TemplateRelease};
use ekinerja_domain::tenant::{RegionCode, Slug};
use ekinerja_domain::yardstick::{ReleasedManual, Yardstick};
use ekinerja_store::TenantTx;
use ekinerja_store::page::Page;
use ekinerja_store::publications::{ReceivedLine, ReceivedPublication, fingerprint_of};

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
        })
        .collect();
    for tenant in open {
        let known = all.iter_mut().find(|it| it.code == tenant.code);
        let (name, slug, id) = (tenant.name, tenant.slug, Some(tenant.id));
        match known {
            Some(regency) => (regency.name, regency.slug, regency.tenant) = (name, slug, id),
            None => all.push(Regency { code: tenant.code, name, slug, tenant: id }),
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
pub(crate) fn line_of(it: ReceivedLine) -> PublishedLine {
    PublishedLine { publication: it.publication, number: it.number, value: it.value }
}

/// Everything that yardsticks are made from.
#[derive(Debug)]
pub(crate) struct Definitions {
    releases: Vec<TemplateRelease>,
    own: Vec<Indicator>,
}

impl Definitions {
    /// Reads the releases of the province and its own indicators.
    pub(crate) async fn read(tx: &TenantTx) -> Result<Self> {
        let mut releases = Vec::new();
        let mut after = None;
        loop {
            let page = tx.releases().page(&Page::first(), after).await?;
            for summary in &page.items {
                if summary.status == ReleaseStatus::Withdrawn {
                    continue;
                }
                releases.extend(tx.releases().find_by_version(summary.version).await?);
            }
            match page.items.last().filter(|_| page.next.is_some()) {
                Some(last) => after = Some(last.id),
                None => break,
            }
        }
        let own = tx.indicators().all().await?;
        Ok(Self { releases, own })
    }

    /// The province's own indicators.
    pub(crate) fn own(&self) -> &[Indicator] {
        &self.own
    }

    /// The yardsticks of a period: of the province's own indicators, and of released ones that it has no more.
    pub(crate) fn yardsticks(&self, period: Period) -> BTreeMap<IndicatorCode, Yardstick> {
        let mut released: BTreeMap<&IndicatorCode, Vec<ReleasedManual<'_>>> = BTreeMap::new();
        for release in &self.releases {
            for it in &release.content.indicators {
                released.entry(&it.code).or_default().push(ReleasedManual {
                    version: release.version,
                    released_at: release.released_at,
                    manual: &it.manual,
                });
            }
        }
        let mut found: BTreeMap<_, _> = self
            .own
            .iter()
            .map(|it| {
                let print = fingerprint_of(&it.manual);
                (it.code.clone(), Yardstick::of(it.code.clone(), None, &it.manual, print))
            })
            .collect();
        for (code, manuals) in released {
            if let Some(it) = Yardstick::release_for(period, &manuals) {
                let print = fingerprint_of(it.manual);
                let version = Some(it.version);
                found.insert(code.clone(), Yardstick::of(code.clone(), version, it.manual, print));
            }
        }
        found
    }
}
