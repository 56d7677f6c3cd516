//! Comparing the regencies of a province: one indicator closely, or several side by side.

use std::collections::{BTreeMap, BTreeSet};

use ekinerja_domain::comparison::{ComparedMember, Comparison, ComparisonInput, compare};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::indicator::{Indicator, IndicatorCode, IndicatorKind};
use ekinerja_domain::period::Period;
use ekinerja_domain::scoring::RuleSet;
use ekinerja_domain::yardstick::Yardstick;
use ekinerja_store::TenantScope;
use ekinerja_store::publications::{ReceivedLine, ReceivedPublication};
use ekinerja_store::rollups::KeptRollUp;

use crate::app::{App, OnDemand};
use crate::province::{Regency, line_of, state_of};
use crate::publications::{of_province, read_period};
use crate::received::ReceivedFigures;
use crate::refusal::{Code, Refusal, Result};

/// What to compare, as typed; both have a default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComparisonRequest {
    /// Code of the indicator; the plan's first IKU that anyone published otherwise.
    pub indicator: Option<String>,
    /// The period; the last one in which the indicator was published otherwise.
    pub period: Option<String>,
}

/// An indicator that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndicatorChoice {
    /// Its code.
    pub code: IndicatorCode,
    /// Its name.
    pub name: String,
    /// IKU or supporting.
    pub kind: IndicatorKind,
}

/// Everything a comparison page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonView {
    /// The period.
    pub period: Period,
    /// What figures had to agree with.
    pub yardstick: Yardstick,
    /// The rule set that achievement was computed with.
    pub rules: &'static RuleSet,
    /// The comparison.
    pub comparison: Comparison,
    /// The province's own figure and the roll-up, once they are computed.
    pub province: Option<KeptRollUp>,
    /// The province's figures of every period, for the trend.
    pub province_series: Vec<KeptRollUp>,
    /// Every regency.
    pub regencies: Vec<Regency>,
    /// Indicators to choose from.
    pub indicators: Vec<IndicatorChoice>,
    /// Periods to choose from, the latest first.
    pub periods: Vec<Period>,
    /// Other series of a like name, which are never joined with this one.
    pub sisters: Vec<IndicatorChoice>,
}

/// One column of the heat table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeatColumn {
    /// The indicator.
    pub choice: IndicatorChoice,
    /// What figures had to agree with.
    pub yardstick: Yardstick,
    /// The comparison of this period.
    pub comparison: Comparison,
}

/// Regency x indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeatView {
    /// The period.
    pub period: Period,
    /// The rule set that achievement was computed with.
    pub rules: &'static RuleSet,
    /// Indicators that at least one regency reported.
    pub columns: Vec<HeatColumn>,
    /// Every regency.
    pub regencies: Vec<Regency>,
    /// Periods to choose from, the latest first.
    pub periods: Vec<Period>,
}

impl App {
    /// Compares the regencies on one indicator; none while nobody has published anything.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] outside a province; [`Refusal::Invalid`] names `indicator` or `period`.
    pub async fn compare_regencies(
        &self,
        scope: &TenantScope,
        request: &ComparisonRequest,
    ) -> Result<Option<ComparisonView>> {
        of_province(scope)?;
        let tenant = OnDemand::of(self, scope);
        let asked = request.period.as_deref().filter(|it| !it.trim().is_empty());
        let asked = asked.map(|it| read_period("period", it)).transpose()?;
        let ground = self.ground(&tenant).await?;
        let indicators = choices(ground.definitions.own());
        let named = request.indicator.as_deref().filter(|it| !it.trim().is_empty());
        let received = self.received_figures(&tenant).await?;
        let heads = &received.heads;
        let code = match named {
            Some(text) => known(text, &indicators)?,
            None => match first_published(scope.tenant().id, &received, &indicators) {
                Some(found) => found,
                None => return Ok(None),
            },
        };
        let lines: Vec<_> = received.lines_of(&code).collect();
        let latest = lines.iter().filter(|it| it.value.value.is_some()).map(|it| it.period).max();
        let periods = heads.periods();
        let Some(period) = asked.or(latest).or(periods.first().copied()) else { return Ok(None) };
        let yardstick = ground.definitions.yardstick(&code, period).ok_or(Refusal::NotFound)?;
        let rules = ground.rules(&tenant, period.calendar_year()).await?;
        let regencies = ground.regencies.clone();
        let members = members(&regencies, &heads.of(period), lines);
        let input = ComparisonInput { yardstick: &yardstick, period, members: &members, rules };
        let comparison = compare(input);
        let series = self.rollup_series(&tenant, &code).await?;
        let sisters = indicators.iter().filter(|it| is_sister(&code, &it.code)).cloned().collect();
        Ok(Some(ComparisonView {
            period,
            rules,
            comparison,
            province: series.iter().find(|it| it.rollup.period == period).cloned(),
            province_series: series.to_vec(),
            regencies,
            sisters,
            indicators,
            periods: with(periods, period),
            yardstick,
        }))
    }

    /// Several indicators side by side; none while nobody has published anything.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] outside a province; [`Refusal::Invalid`] names `period`.
    pub async fn compare_indicators(
        &self,
        scope: &TenantScope,
        period: Option<&str>,
    ) -> Result<Option<HeatView>> {
        of_province(scope)?;
        let tenant = OnDemand::of(self, scope);
        let asked = period.filter(|it| !it.trim().is_empty());
        let asked = asked.map(|it| read_period("period", it)).transpose()?;
        let received = self.received_figures(&tenant).await?;
        let periods = received.heads.periods();
        let Some(period) = asked.or(periods.first().copied()) else { return Ok(None) };
        let ground = self.ground(&tenant).await?;
        let (definitions, regencies) = (&ground.definitions, ground.regencies.clone());
        let heads = received.heads.of(period);
        let rules = ground.rules(&tenant, period.calendar_year()).await?;
        let mut by_code: BTreeMap<&IndicatorCode, Vec<&ReceivedLine>> = BTreeMap::new();
        for line in received.lines_in(period) {
            by_code.entry(line.code()).or_default().push(line);
        }
        let mut yardsticks = definitions.yardsticks(period);
        let column = |choice: IndicatorChoice| {
            let lines = by_code.remove(&choice.code)?;
            let yardstick = yardsticks.remove(&choice.code)?;
            let members = members(&regencies, &heads, lines);
            let input = ComparisonInput { yardstick: &yardstick, period, members: &members, rules };
            let comparison = compare(input);
            let shown = !comparison.reporters.is_empty() || !comparison.odd.is_empty();
            shown.then_some(HeatColumn { choice, yardstick, comparison })
        };
        let columns = choices(definitions.own()).into_iter().filter_map(column).collect();
        Ok(Some(HeatView { period, rules, columns, regencies, periods: with(periods, period) }))
    }
}

/// The province's indicators, IKU first, each kind in the order of the plan.
fn choices<'a>(own: impl Iterator<Item = &'a Indicator>) -> Vec<IndicatorChoice> {
    let mut all: Vec<_> = own
        .map(|it| IndicatorChoice {
            code: it.code.clone(),
            name: it.manual.name.clone(),
            kind: it.kind,
        })
        .collect();
    all.sort_by_key(|it| it.kind);
    all
}

fn known(text: &str, indicators: &[IndicatorChoice]) -> Result<IndicatorCode> {
    let unknown = || Refusal::invalid("indicator", Code::FieldUnknownReference);
    let code = IndicatorCode::new(text).map_err(|_| unknown())?;
    let found = indicators.iter().any(|it| it.code == code);
    found.then_some(code).ok_or_else(unknown)
}

/// The first indicator in the order of choice that a regency reported.
fn first_published(
    own: TenantId,
    received: &ReceivedFigures,
    indicators: &[IndicatorChoice],
) -> Option<IndicatorCode> {
    let latest = received.heads.periods().into_iter().next()?;
    let reported: BTreeSet<_> = received
        .lines_in(latest)
        .filter(|it| it.publisher != own && it.value.value.is_some())
        .map(ReceivedLine::code)
        .collect();
    indicators.iter().map(|it| &it.code).find(|code| reported.contains(code)).cloned()
}

fn members(
    regencies: &[Regency],
    heads: &[ReceivedPublication],
    lines: Vec<&ReceivedLine>,
) -> Vec<ComparedMember> {
    let mut members: Vec<_> = regencies
        .iter()
        .map(|it| ComparedMember {
            region: it.code.clone(),
            name: it.name.clone(),
            state: state_of(it.tenant, heads),
            lines: BTreeMap::new(),
        })
        .collect();
    for line in lines {
        let at = regencies.iter().position(|it| it.tenant == Some(line.publisher));
        if let Some(at) = at {
            members[at].lines.insert(line.period, line_of(line));
        }
    }
    members
}

/// Whether two codes name series of one thing that must never be taken for one line: `IPM` and `IPM_SP2020`,
/// `STUNTING_SSGI` and `STUNTING_EPPGBM`.
fn is_sister(code: &IndicatorCode, other: &IndicatorCode) -> bool {
    let stem = |it: &IndicatorCode| it.as_str().split(['_', '.']).next().map(str::to_owned);
    code != other && stem(code) == stem(other)
}

fn with(mut periods: Vec<Period>, period: Period) -> Vec<Period> {
    if !periods.contains(&period) {
        periods.push(period);
        periods.sort_unstable_by(|left, right| right.cmp(left));
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_of_one_thing_are_sisters() {
        let code = |text: &str| IndicatorCode::new(text).expect(text);
        let sisters = |one: &str, other: &str| is_sister(&code(one), &code(other));
        assert!(sisters("IPM", "IPM_SP2020") && sisters("IPM_SP2020", "IPM"));
        assert!(sisters("STUNTING_SSGI", "STUNTING_EPPGBM"));
        assert!(!sisters("IPM", "IPM") && !sisters("P0", "PENDUDUK") && !sisters("TPT", "TPAK"));
    }
}
