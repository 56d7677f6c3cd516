//! Targets: set, and revised with reason and legal basis while the old one stays readable.

use ekinerja_domain::access::{Amend, Granted, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::indicator::{FieldMode, Indicator, ManualField};
use ekinerja_domain::period::Period;
use ekinerja_domain::plan::PlanYears;
use ekinerja_domain::quantity::{Operator, TargetText, Value, parse_number};
use ekinerja_domain::scoring::Polarity;
use ekinerja_domain::target::{NewTarget, Target, TargetError, TargetProposal, TargetValue};
use ekinerja_store::{TenantScope, TenantTx};
use rust_decimal::Decimal;

use crate::app::App;
use crate::recalculation;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::typed::{LONGEST_LINE, LONGEST_PROSE, Typed, number_code, shown};

/// A target as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetDraft {
    /// The period, `2023` or `2023-Q1`.
    pub period: String,
    /// A number or a range: `71,80`, `95 %`, `< 5 %`, `30-40`, `peringkat 3`, or a grade such as `WTP`.
    pub value: String,
    /// Words, where the target is no number; then `value` is empty.
    pub wording: String,
    /// Whether it is made up for a demonstration.
    pub illustrative: bool,
    /// Why an earlier target is revised.
    pub reason: String,
    /// The document that permits it.
    pub legal_basis: String,
}

/// Targets of one indicator as they were typed into one row of the grid.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TargetRow {
    /// Period and value of each cell; a cell that says what is in force changes nothing.
    pub cells: Vec<(String, String)>,
    /// Whether the changed cells are made up for a demonstration.
    pub illustrative: bool,
    /// Why earlier targets are revised.
    pub reason: String,
    /// The document that permits it.
    pub legal_basis: String,
}

impl App {
    /// Every target of an indicator, superseded ones too, by period and revision.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when there is no such indicator.
    pub async fn targets(&self, scope: &TenantScope, id: IndicatorId) -> Result<Vec<Target>> {
        let tx = self.begin(scope).await?;
        tx.indicators().fetch::<View>(id).await?;
        Ok(tx.targets().of_indicator(id).await?)
    }

    /// Sets the target of an indicator for a period, or revises the one in force.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::TargetReasonMissing`] and [`Code::TargetLegalBasisMissing`]
    /// for a revision; [`Code::TargetLocked`] when a release fixes the targets.
    pub async fn set_target(
        &self,
        scope: &TenantScope,
        id: IndicatorId,
        draft: &TargetDraft,
    ) -> Result<Target> {
        let tx = self.begin(scope).await?;
        let (indicator, years) = amendable(&tx, id).await?;
        let mut typed = Typed::default();
        let period = read_period(&mut typed, "period", &draft.period);
        let wording = typed.optional("wording", &draft.wording, LONGEST_LINE);
        let value = match wording {
            Some(_) if !draft.value.trim().is_empty() => {
                typed.blame("wording", Code::TargetBothForms);
                None
            }
            Some(wording) => Some(TargetValue::Text(wording)),
            None if draft.value.trim().is_empty() => {
                typed.blame("value", Code::FieldMissing);
                None
            }
            None => read_value(&mut typed, "value", &draft.value, &indicator),
        };
        let reason = typed.optional("reason", &draft.reason, LONGEST_PROSE);
        let legal_basis = typed.optional("legal_basis", &draft.legal_basis, LONGEST_LINE);
        typed.done()?;
        let (Some(period), Some(value)) = (period, value) else {
            return Err(Refusal::invalid("value", Code::FieldMissing));
        };
        let illustrative = draft.illustrative;
        let proposal = TargetProposal { period, value, illustrative, reason, legal_basis };
        let retired = indicator.is_retired(self.today());
        let before = tx.targets().in_force_for(id, period).await?;
        let new = NewTarget::of(proposal, years, retired, before.as_ref())
            .map_err(|error| Refusal::Invalid(vec![violation(&error, "period", "value")]))?;
        let target = put(&tx, &indicator, &new).await?;
        recalculation::ask(&tx, scored_by(target.period)).await?;
        tx.commit(event_of(&indicator, &target, before.as_ref())).await?;
        Ok(target)
    }

    /// Sets the targets of one row of the grid at once; cells that say what is in force change nothing.
    ///
    /// # Errors
    /// As [`App::set_target`]; the field of a cell is its period: `targets/2023`. Nothing is set when one cell fails.
    pub async fn set_targets(
        &self,
        scope: &TenantScope,
        id: IndicatorId,
        row: &TargetRow,
    ) -> Result<Vec<Target>> {
        let tx = self.begin(scope).await?;
        let (indicator, years) = amendable(&tx, id).await?;
        let mut typed = Typed::default();
        let reason = typed.optional("reason", &row.reason, LONGEST_PROSE);
        let legal_basis = typed.optional("legal_basis", &row.legal_basis, LONGEST_LINE);
        let retired = indicator.is_retired(self.today());
        let mut news = Vec::new();
        for (cell, text) in row.cells.iter().take(200) {
            let field = format!("targets/{}", shown(cell));
            let Some(period) = read_period(&mut typed, &field, cell) else { continue };
            let before = tx.targets().in_force_for(id, period).await?;
            if text.trim().is_empty() {
                if before.is_some() {
                    typed.blame(&field, Code::TargetNotRemovable);
                }
                continue;
            }
            if before.as_ref().is_some_and(|it| written(&it.value) == text.trim()) {
                continue;
            }
            let Some(value) = read_value(&mut typed, &field, text, &indicator) else { continue };
            if before.as_ref().is_some_and(|it| it.value == value) {
                continue;
            }
            let proposal = TargetProposal {
                period,
                value,
                illustrative: row.illustrative,
                reason: reason.clone(),
                legal_basis: legal_basis.clone(),
            };
            match NewTarget::of(proposal, years, retired, before.as_ref()) {
                Ok(new) => news.push((new, before)),
                Err(error) => typed.wrong(violation(&error, &field, &field)),
            }
        }
        typed.done()?;
        let (mut set, mut events) = (Vec::new(), Vec::new());
        for (new, before) in news {
            let target = put(&tx, &indicator, &new).await?;
            events.push(event_of(&indicator, &target, before.as_ref()));
            set.push(target);
        }
        if !events.is_empty() {
            let periods = set.iter().flat_map(|it: &Target| scored_by(it.period));
            recalculation::ask(&tx, periods.collect::<Vec<_>>()).await?;
            tx.commit_all(events).await?;
        }
        Ok(set)
    }
}

/// The periods whose scores a target enters: its own, and for a quarter the year's too.
fn scored_by(period: Period) -> Vec<Period> {
    let mut periods = vec![period, period.whole_year()];
    periods.dedup();
    periods
}

/// A target as a person types it: with a decimal comma, a range with a dash.
pub fn written(value: &TargetValue) -> String {
    let number = |it: &Decimal| it.normalize().to_string().replace('.', ",");
    match value {
        TargetValue::Exactly(value) => number(value),
        TargetValue::Range { low, high } => format!("{}–{}", number(low), number(high)),
        TargetValue::Text(wording) => wording.clone(),
    }
}

/// The indicator and the years of its plan, for who may set targets that no release fixes.
async fn amendable(
    tx: &TenantTx,
    id: IndicatorId,
) -> Result<(Granted<Amend, Indicator>, PlanYears)> {
    let indicator = tx.indicators().fetch::<Amend>(id).await?;
    if indicator.mode_of(ManualField::Targets) == FieldMode::Locked {
        return Err(Refusal::rule("value", Code::TargetLocked));
    }
    let years = tx.plans().fetch::<View>(indicator.plan).await?.years;
    Ok((indicator, years))
}

fn read_period(typed: &mut Typed, field: &str, text: &str) -> Option<Period> {
    let period = text.trim().parse().ok();
    if period.is_none() {
        let missing = text.trim().is_empty();
        typed.blame(field, if missing { Code::FieldMissing } else { Code::PeriodInvalid });
    }
    period
}

/// Reads a number, a range, a rank or a grade. Other words are refused: who means them says so in `wording`.
fn read_value(
    typed: &mut Typed,
    field: &str,
    text: &str,
    indicator: &Indicator,
) -> Option<TargetValue> {
    let manual = &indicator.manual;
    let plain = text.trim();
    // Only digits and marks: then it was meant as a number, and the number's own error says what is wrong.
    let digits = plain.chars().any(|it| it.is_ascii_digit())
        && plain.chars().all(|it| it.is_ascii_digit() || matches!(it, '.' | ',' | '+' | '-'));
    let value = match TargetText::parse(plain) {
        TargetText::Number { operator, value, unit } => {
            check_unit(typed, field, &unit, &manual.unit);
            if operator.is_some_and(|it| contradicts(it, manual.polarity)) {
                typed.blame(field, Code::TargetDirectionDiffers);
            }
            TargetValue::Exactly(value)
        }
        TargetText::Range { low, high, unit } => {
            check_unit(typed, field, &unit, &manual.unit);
            TargetValue::Range { low, high }
        }
        TargetText::Rank(place) => TargetValue::Exactly(place),
        TargetText::Ordinal(grade) => return Some(TargetValue::Text(grade)),
        TargetText::Blank
        | TargetText::NotApplicable
        | TargetText::Fraction { .. }
        | TargetText::Text(_) => {
            let number = if digits { parse_number(plain).err() } else { None };
            let reversed = digits && reversed_range(plain);
            let code = match number {
                _ if reversed => Code::TargetRangeReversed,
                Some(error) => number_code(error),
                None => Code::TargetUnreadable,
            };
            typed.wrong(Violation::new(field, code).with("typed", shown(plain)));
            return None;
        }
    };
    let stored = match &value {
        TargetValue::Exactly(value) => Value::new(*value).map(drop),
        TargetValue::Range { low, high } => Value::new(*low).and(Value::new(*high)).map(drop),
        TargetValue::Text(_) => Ok(()),
    };
    if let Err(error) = stored {
        typed.blame(field, number_code(error));
        return None;
    }
    Some(value)
}

/// `40-30`: both ends are numbers, in the wrong order.
fn reversed_range(text: &str) -> bool {
    let number = |text: &str| parse_number(text).ok().flatten();
    text.char_indices().skip(1).filter(|(_, it)| *it == '-').any(|(at, _)| {
        matches!((number(&text[..at]), number(&text[at + 1..])), (Some(low), Some(high)) if low > high)
    })
}

fn check_unit(typed: &mut Typed, field: &str, written: &str, unit: &str) {
    let name = |text: &str| match text.trim().to_lowercase().as_str() {
        "%" | "persen" | "percent" | "prosen" => "%".to_owned(),
        other => other.to_owned(),
    };
    if !written.is_empty() && name(written) != name(unit) {
        typed.wrong(Violation::new(field, Code::TargetUnitDiffers).with("unit", unit));
    }
}

/// Whether `< 5` is a target for more, or `> 5` one for less.
fn contradicts(operator: Operator, polarity: Polarity) -> bool {
    match polarity {
        Polarity::Maximize => matches!(operator, Operator::Less | Operator::AtMost),
        Polarity::Minimize => matches!(operator, Operator::Greater | Operator::AtLeast),
        Polarity::Stabilize => operator != Operator::Equal,
        Polarity::Neutral => false,
    }
}

fn violation(error: &TargetError, period: &str, value: &str) -> Violation {
    match error {
        TargetError::OutsidePlan => Violation::new(period, Code::TargetOutsidePlan),
        TargetError::Retired => Violation::new(period, Code::IndicatorRetired),
        TargetError::RangeReversed => Violation::new(value, Code::TargetRangeReversed),
        TargetError::ReasonMissing => Violation::new("reason", Code::TargetReasonMissing),
        TargetError::LegalBasisMissing => {
            Violation::new("legal_basis", Code::TargetLegalBasisMissing)
        }
    }
}

async fn put(
    tx: &TenantTx,
    indicator: &Granted<Amend, Indicator>,
    new: &NewTarget,
) -> Result<Target> {
    // Someone else revised the same period between our read and our write.
    tx.targets()
        .add(indicator, new)
        .await
        .on_constraint("targets_one_per_revision", || Refusal::Stale)
        .on_constraint("targets_one_in_force", || Refusal::Stale)
}

fn event_of(indicator: &Indicator, target: &Target, before: Option<&Target>) -> Event {
    let kind = if before.is_some() { EventKind::TargetRevised } else { EventKind::TargetSet };
    Event::new(kind, target.id)
        .fact("indicator", indicator.code.as_str())
        .fact("period", target.period)
        .fact_if("from", before.map(|it| written(&it.value)))
        .fact("to", written(&target.value))
        .fact_if("reason", target.reason.clone())
        .fact_if("legal_basis", target.legal_basis.clone())
        .touching(Touch::Plan)
        .touching(Touch::Indicator(indicator.id))
        .touching(Touch::Period(target.period))
}
