//! Things and people for the matrix: one of each kind, with as little in them as the policy asks for.

use chrono::{DateTime, NaiveDate, Utc};
use ekinerja_domain::access::{Acting, Grant, Held, Role, Scope, Standing, Through};
use ekinerja_domain::agency::{Agency, AgencyKind};
use ekinerja_domain::consolidation::PeriodConsolidation;
use ekinerja_domain::ids::{AgencyId, TenantId, UserId};
use ekinerja_domain::indicator::{Frequency, Indicator, IndicatorKind, IndicatorManual, Owner};
use ekinerja_domain::measurement::{FigureSource, Measurement, MeasurementStatus, Reading};
use ekinerja_domain::plan::{MediumTermPlan, Origin, PlanYears};
use ekinerja_domain::publication::{Publication, PublicationStatus};
use ekinerja_domain::rollup::LocationConsolidation;
use ekinerja_domain::scoring::Polarity;
use ekinerja_domain::template::{ReleaseStatus, TemplateContent, TemplateRelease, Version};
use ekinerja_domain::tenant::Level;
use uuid::Uuid;

/// The OPD of the samples: a department, a unit under it, and another department.
pub(super) const DEPARTMENT: u128 = 1;
pub(super) const UNIT: u128 = 2;
pub(super) const OTHER: u128 = 3;

/// The post that answers for the indicator.
pub(super) const POST: &str = "Pengelola Data Kesehatan";

pub(super) fn agency_id(number: u128) -> AgencyId {
    AgencyId::from(Uuid::from_u128(number))
}

pub(super) fn user(number: u128) -> UserId {
    UserId::from(Uuid::from_u128(number))
}

pub(super) fn tenant() -> TenantId {
    TenantId::from(Uuid::from_u128(52))
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn moment() -> DateTime<Utc> {
    "2026-01-05T02:00:00Z".parse().expect("a moment")
}

/// A role without end, given on 1 January 2026.
pub(super) fn held(role: Role, scope: Scope) -> Held {
    let grant = Grant { role, scope, valid_from: day("2026-01-01"), valid_to: None };
    let through =
        Through::Appointment { membership: Uuid::from_u128(7).into(), post: None, acting: None };
    Held { grant, through }
}

/// The same as Plt until `last`.
pub(super) fn acting(role: Role, scope: Scope, last: &str) -> Held {
    let mut held = held(role, scope);
    held.grant.valid_to = Some(day(last));
    held.through = Through::Appointment {
        membership: Uuid::from_u128(7).into(),
        post: Some("Kepala Dinas Kesehatan".to_owned()),
        acting: Some(Acting::Plt),
    };
    held
}

/// A role delegated by these accounts of one person.
pub(super) fn delegated(source: &Held, from: &[u128], days: (&str, &str)) -> Held {
    let through = Through::Delegation {
        delegation: Uuid::from_u128(8).into(),
        from: from.iter().map(|it| user(*it)).collect(),
        from_name: "Pemberi delegasi".to_owned(),
        post: None,
    };
    source.delegated((day(days.0), day(days.1)), through)
}

/// A person with those of these roles that hold on a day.
pub(super) fn person(level: Level, number: u128, grants: Vec<Held>, on: &str) -> Standing {
    let standing = Standing {
        tenant: tenant(),
        level,
        user: user(number),
        accounts: Vec::new(),
        name: "Seseorang".to_owned(),
        grants: Vec::new(),
    };
    standing.holding(grants, day(on))
}

pub(super) fn agency() -> Agency {
    Agency {
        id: agency_id(DEPARTMENT),
        code: "DINKES".to_owned(),
        name: "Dinas Kesehatan".to_owned(),
        abbreviation: None,
        kind: AgencyKind::Department,
        parent: None,
        line: vec![agency_id(DEPARTMENT)],
        valid_from: None,
        valid_to: None,
        note: None,
        verified: true,
        revision: 1,
    }
}

fn years() -> PlanYears {
    PlanYears { start: 2025, end: 2029, monitored_until: 2030 }
}

pub(super) fn plan() -> MediumTermPlan {
    MediumTermPlan {
        id: Uuid::from_u128(10).into(),
        title: "RPJMD".to_owned(),
        legal_basis: None,
        years: years(),
        notice: None,
        revision: 1,
    }
}

/// An indicator of the department, for which the post answers.
pub(super) fn indicator() -> Indicator {
    Indicator {
        id: Uuid::from_u128(11).into(),
        code: ekinerja_domain::indicator::IndicatorCode::new("AHH").expect("a code"),
        plan: Uuid::from_u128(10).into(),
        objective: Uuid::from_u128(12).into(),
        kind: IndicatorKind::Iku,
        manual: IndicatorManual {
            name: "Angka harapan hidup".to_owned(),
            definition: String::new(),
            formula: String::new(),
            unit: "tahun".to_owned(),
            polarity: Polarity::Maximize,
            rule: None,
            decimals: 2,
            period_consolidation: PeriodConsolidation::TakeLastKnown,
            location_consolidation: LocationConsolidation::OfficialOnly,
            weight_variable: None,
            numerator: None,
            denominator: None,
            source: String::new(),
            publisher: None,
            frequency: Frequency::Yearly,
            worst: None,
        },
        weight: "1".parse().expect("a number"),
        owner: Some(Owner {
            agency: agency_id(UNIT),
            agency_name: "Bidang".to_owned(),
            line: vec![agency_id(UNIT), agency_id(DEPARTMENT)],
            post: Some(POST.to_owned()),
        }),
        baseline: None,
        origin: Origin::Local,
        modes: std::collections::BTreeMap::new(),
        retired_on: None,
        position: 1,
        revision: 1,
    }
}

/// A submitted value of the indicator.
pub(super) fn measurement(recorded_by: u128, submitted_by: u128) -> Measurement {
    Measurement {
        id: Uuid::from_u128(13).into(),
        indicator: Uuid::from_u128(11).into(),
        owner_line: vec![agency_id(UNIT), agency_id(DEPARTMENT)],
        period: "2025".parse().expect("a year"),
        revision: 1,
        reading: Reading::NotApplicable,
        value: None,
        figure: FigureSource::default(),
        status: MeasurementStatus::Submitted,
        note: None,
        reason: None,
        rejection: None,
        recorded_by: user(recorded_by),
        recorded_by_name: String::new(),
        recorded_at: moment(),
        submitted_at: Some(moment()),
        submitted_by: Some(user(submitted_by)),
        decided_by: None,
        decided_by_name: None,
        decided_at: None,
        lock_version: 1,
    }
}

pub(super) fn release() -> TemplateRelease {
    TemplateRelease {
        id: Uuid::from_u128(14).into(),
        publisher: tenant(),
        version: Version { major: 1, minor: 0, patch: 0 },
        changelog: String::new(),
        content: TemplateContent {
            title: "RPJMD".to_owned(),
            legal_basis: None,
            years: years(),
            notice: None,
            nodes: Vec::new(),
            indicators: Vec::new(),
        },
        content_hash: String::new(),
        status: ReleaseStatus::Released,
        released_by: user(1),
        released_by_name: String::new(),
        released_at: moment(),
    }
}

/// A publication of this government, or of another one that this government may read.
pub(super) fn publication(own: bool) -> Publication {
    let other = TenantId::from(Uuid::from_u128(5201));
    Publication {
        id: Uuid::from_u128(15).into(),
        publisher: if own { tenant() } else { other },
        audience: tenant(),
        period: "2025".parse().expect("a year"),
        number: 1,
        status: PublicationStatus::Published,
        content_hash: String::new(),
        published_by: user(1),
        published_by_name: String::new(),
        published_at: moment(),
        revocation_reason: None,
        revoked_at: None,
    }
}
