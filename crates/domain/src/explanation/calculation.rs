//! From inputs to an achievement and its band: what a rule and a rule set did.

use rust_decimal::Decimal;

use crate::scale::{Band, Scale, Traffic};
use crate::scorecard::{IndicatorScore, ScoreOutcome, ScoreStep};
use crate::scoring::{Inputs, Outcome, Polarity, RuleId, RuleSet, RuleSetRef, ScoreInput, Scored};

/// Which band a number fell into, and the edge that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BandDecision {
    /// The band.
    pub band: Band,
    /// The next better band, whose edge was not reached; none for the best.
    pub missed: Option<Band>,
}

impl BandDecision {
    /// The band with this code on a scale.
    pub fn of(scale: &Scale, code: &str) -> Option<Self> {
        let mut missed = None;
        for band in scale.bands() {
            if band.code == code {
                return Some(Self { band: band.clone(), missed });
            }
            missed = Some(band.clone());
        }
        None
    }
}

/// The calculation of one achievement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calculation {
    /// Name and version of the rule set.
    pub rule_set: RuleSetRef,
    /// Its switches, scales and edges; none when the catalogue has that version no more.
    pub rules: Option<RuleSet>,
    /// The formula; none when none was reached.
    pub rule: Option<RuleId>,
    /// Which direction is better.
    pub polarity: Option<Polarity>,
    /// The numbers that went in.
    pub inputs: Inputs,
    /// The target as agreed, where it is a wording.
    pub target_text: Option<String>,
    /// Points agreed for this indicator in the place of the rule set's.
    pub points: Option<Vec<(Decimal, Decimal)>>,
    /// Whether the target already is the best possible value.
    pub target_is_extreme: bool,
    /// What was done, in order.
    pub steps: Vec<ScoreStep>,
    /// What came out.
    pub outcome: ScoreOutcome,
    /// After cap and floor, full precision.
    pub achievement: Option<Decimal>,
    /// Before cap and floor, full precision.
    pub uncapped: Option<Decimal>,
    /// As printed.
    pub printed: Option<Decimal>,
    /// The band of the printed number.
    pub band: Option<BandDecision>,
    /// The colour.
    pub traffic: Traffic,
    /// Whether an actual was given.
    pub reported: bool,
}

impl Calculation {
    /// Of a score that was just made.
    pub fn of(scored: &Scored, rules: &RuleSet) -> Self {
        let (outcome, numbers, band) = match &scored.outcome {
            Outcome::Measured { achievement, uncapped, printed, band } => {
                let numbers = (achievement.get(), uncapped.get(), printed.get());
                let band = BandDecision::of(&rules.iku_scale, &band.code);
                (ScoreOutcome::Measured, Some(numbers), band)
            }
            Outcome::Judged(verdict) => (ScoreOutcome::Judged(*verdict), None, None),
            Outcome::NotMeasurable(reason) => (ScoreOutcome::NotMeasurable(*reason), None, None),
        };
        Self {
            rule_set: scored.rule_set.clone(),
            rules: Some(rules.clone()),
            rule: scored.rule,
            polarity: scored.rule.and_then(RuleId::polarity),
            inputs: scored.inputs.clone(),
            target_text: None,
            points: None,
            target_is_extreme: false,
            steps: scored.steps.iter().copied().map(ScoreStep::from).collect(),
            outcome,
            achievement: numbers.map(|it| it.0),
            uncapped: numbers.map(|it| it.1),
            printed: numbers.map(|it| it.2),
            band,
            traffic: scored.status(),
            reported: scored.reported,
        }
    }

    /// With the marks of the manual that its score was made with.
    #[must_use]
    pub fn with(mut self, input: &ScoreInput) -> Self {
        self.polarity = input.polarity.or(self.polarity);
        self.target_text = input.target.as_ref().and_then(|it| it.text.clone());
        self.points = input.stabilize_points.as_ref().map(|it| it.to_vec());
        self.target_is_extreme = input.target_is_extreme;
        self
    }

    /// Of a score as it is kept.
    pub fn of_score(score: &IndicatorScore, polarity: Polarity, rules: Option<&RuleSet>) -> Self {
        let band = score.band.as_deref().zip(rules);
        Self {
            rule_set: score.rule_set.clone(),
            rules: rules.cloned(),
            rule: score.rule,
            polarity: Some(polarity),
            inputs: score.inputs.clone(),
            target_text: score.target_text.clone(),
            points: None,
            target_is_extreme: false,
            steps: score.steps.clone(),
            outcome: score.outcome,
            achievement: score.achievement,
            uncapped: score.uncapped,
            printed: score.printed,
            band: band.and_then(|(code, rules)| BandDecision::of(&rules.iku_scale, code)),
            traffic: score.traffic,
            reported: score.reported,
        }
    }

    /// Decimals with which achievements are printed.
    pub fn printed_decimals(&self) -> u32 {
        self.rules.as_ref().map_or(2, |it| it.decimals)
    }

    /// Whether cap, floor or full marks changed the number.
    pub fn is_limited(&self) -> bool {
        self.uncapped != self.achievement
    }

    /// Points (closeness, score) that the stabilise formula used.
    pub fn points(&self) -> &[(Decimal, Decimal)] {
        let of_rules = || self.rules.as_ref().map_or(&[][..], |it| &it.stabilize_points);
        self.points.as_deref().unwrap_or_else(of_rules)
    }
}
