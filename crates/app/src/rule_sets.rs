//! Which rule set a year is scored by: a choice among the named, versioned sets of the catalogue.

use chrono::NaiveDate;
use ekinerja_domain::access::policy::Scorecard;
use ekinerja_domain::access::{Administer, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::period::Period;
use ekinerja_domain::scoring::{RuleSet, RuleSetPurpose};
use ekinerja_store::TenantScope;

use crate::app::App;
use crate::recalculation;
use crate::refusal::{Code, Refusal, Result, Violation};
use crate::typed::{Typed, shown};

pub use ekinerja_store::rule_sets::RuleSetChoice;

/// A choice as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleSetDraft {
    /// `own` or `comparison`.
    pub purpose: String,
    /// The year.
    pub year: String,
    /// Name of the rule set.
    pub rule_set: String,
    /// Its version; empty: the newest.
    pub version: String,
}

/// The rule sets of a year, and the choices so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSetsInForce {
    /// The year.
    pub year: i32,
    /// What the tenant's own scorecard is scored by.
    pub own: &'static RuleSet,
    /// What a province compares its regencies by.
    pub comparison: &'static RuleSet,
    /// Every choice that was made, of every year, the latest first.
    pub choices: Vec<RuleSetChoice>,
}

impl App {
    /// The rule sets of a year.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rule_sets(&self, scope: &TenantScope, year: i32) -> Result<RuleSetsInForce> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Scorecard)?;
        Ok(RuleSetsInForce {
            year,
            own: tx.rule_sets().chosen(RuleSetPurpose::Own, year).await?,
            comparison: tx.rule_sets().chosen(RuleSetPurpose::Comparison, year).await?,
            choices: tx.rule_sets().choices().await?,
        })
    }

    /// Chooses a rule set for a year; the choice before stays readable.
    ///
    /// # Errors
    /// [`Code::RuleSetUnknown`], [`Code::RuleSetNotInForce`]; [`Code::RuleSetOfProvince`] when a regency chooses
    /// what regencies are compared by.
    pub async fn choose_rule_set(
        &self,
        scope: &TenantScope,
        draft: &RuleSetDraft,
    ) -> Result<RuleSetChoice> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Scorecard)?;
        let mut typed = Typed::default();
        let purpose = typed.required_choice("purpose", &draft.purpose, RuleSetPurpose::from_code);
        let period = draft.year.trim().parse::<Period>().ok().filter(|it| it.is_year());
        if period.is_none() {
            typed.blame("year", Code::PeriodInvalid);
        }
        let rule_set = read_rule_set(&mut typed, draft);
        let begins_late = |set: &RuleSet, year| {
            NaiveDate::from_ymd_opt(year, 12, 31).is_some_and(|day| set.effective_from > day)
        };
        if let (Some(set), Some(period)) = (rule_set, period)
            && begins_late(set, period.calendar_year())
        {
            let violation = Violation::new("rule_set", Code::RuleSetNotInForce);
            typed.wrong(violation.with("from", set.effective_from));
        }
        typed.done()?;
        let (Some(purpose), Some(period), Some(set)) = (purpose, period, rule_set) else {
            return Err(Refusal::invalid("rule_set", Code::FieldMissing));
        };
        if purpose == RuleSetPurpose::Comparison && !tx.standing().is_of_province() {
            return Err(Refusal::rule("purpose", Code::RuleSetOfProvince));
        }
        let year = period.calendar_year();
        let before = tx.rule_sets().chosen(purpose, year).await?;
        let choice = tx.rule_sets().add(&permit, purpose, year, set).await?;
        let mut event = Event::new(EventKind::RuleSetChosen, tx.tenant_id())
            .fact("year", year)
            .fact("purpose", purpose)
            .fact("from", &before.id)
            .fact("to", &set.id)
            .touching(Touch::Plan)
            .touching(Touch::Period(period));
        for quarter in period.quarters() {
            event = event.touching(Touch::Period(quarter));
        }
        let scored = period.quarters().into_iter().chain([period]);
        recalculation::ask(&tx, scored.collect::<Vec<_>>()).await?;
        tx.commit(event).await?;
        Ok(choice)
    }
}

fn read_rule_set(typed: &mut Typed, draft: &RuleSetDraft) -> Option<&'static RuleSet> {
    let name = draft.rule_set.trim();
    if name.is_empty() {
        typed.blame("rule_set", Code::FieldMissing);
        return None;
    }
    let found = match draft.version.trim() {
        "" => RuleSet::named(name),
        version => version.parse().ok().and_then(|version| RuleSet::version(name, version)),
    };
    if found.is_none() {
        let names: Vec<_> = RuleSet::catalogue().iter().map(|it| it.id.to_string()).collect();
        let violation = Violation::new("rule_set", Code::RuleSetUnknown)
            .with("typed", shown(name))
            .with("names", names.join(", "));
        typed.wrong(violation);
    }
    found
}
