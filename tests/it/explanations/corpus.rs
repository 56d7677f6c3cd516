//! Generated numbers with their explanations: every formula, switch, scale, level and roll-up.

mod scores;
mod shared;

use ekinerja_domain::comparison::{
    ComparedMember, ComparisonInput, PublicationState, PublishedLine, compare,
};
use ekinerja_domain::explanation::{
    CompositeExplanation, Explanation, RankExplanation, RollUpExplanation,
};
use ekinerja_domain::indicator::IndicatorCode;
use ekinerja_domain::ipm::Components;
use ekinerja_domain::measurement::FigureSource;
use ekinerja_domain::period::Period;
use ekinerja_domain::publication::{Definition, PublishedTarget, PublishedValue, Standing};
use ekinerja_domain::quantity::Weight;
use ekinerja_domain::rollup::{
    Contribution, ExclusionReason, LocationConsolidation, Member, ProvincialRollUp, RollUpOptions,
    RollUpPart, roll_up,
};
use ekinerja_domain::scoring::composite::{CompositeRule, Part};
use ekinerja_domain::scoring::{Polarity, RuleSet};
use ekinerja_domain::tenant::RegionCode;
use ekinerja_domain::yardstick::Yardstick;
use rust_decimal::Decimal;
use uuid::Uuid;

pub(crate) use scores::{indicator, level};
pub(crate) use shared::Dice;

/// A figure of several parts.
pub(crate) fn composite(dice: &mut Dice) -> Explanation {
    let rule = *dice.of(CompositeRule::ALL);
    let parts = (0..dice.below(6)).map(|_| Part {
        numerator: dice.number(),
        denominator: if dice.one_in(40) { Decimal::ZERO } else { dice.positive() },
        weight: Weight::of_hundredths(u32::try_from(dice.below(300)).expect("small")),
    });
    let parts: Vec<Part> = parts.collect();
    Explanation::Composite(CompositeExplanation::of(rule, parts))
}

fn region(number: usize) -> RegionCode {
    format!("52.{number:02}").parse().expect("a code")
}

fn period() -> Period {
    "2024".parse().expect("a year")
}

fn yardstick(dice: &mut Dice, method: LocationConsolidation) -> Yardstick {
    Yardstick {
        definition: Definition {
            code: IndicatorCode::new("UJI").expect("a code"),
            release: Some("1.0.0".parse().expect("a version")),
            fingerprint: String::from("f"),
        },
        name: String::from("Indikator uji"),
        unit: String::from(*dice.of(&["persen", "ribu jiwa", "indeks"])),
        polarity: *dice.of(Polarity::ALL),
        rule: None,
        decimals: u8::try_from(dice.below(5)).expect("small"),
        worst: dice.maybe(Dice::positive),
        method,
        weight_variable: None,
    }
}

/// A province's figure.
pub(crate) fn rolled(dice: &mut Dice) -> Explanation {
    let method = *dice.of(LocationConsolidation::ALL);
    let yardstick = yardstick(dice, method);
    let count = 1 + dice.below(11);
    let contributions: Vec<_> = (0..count).map(|at| contribution(dice, region(at))).collect();
    let expected: Vec<_> = (0..count).map(|at| Member::new(region(at))).collect();
    let official = dice.maybe(Dice::positive);
    let options = RollUpOptions { per: yardstick.per(), official, grades: None };
    let rolled = roll_up(method, &expected, &contributions, &options).expect("each once");
    let parts = contributions
        .into_iter()
        .map(|it| RollUpPart {
            excluded: rolled
                .excluded
                .iter()
                .find(|out| out.member == it.member)
                .map(|it| it.reason),
            region: it.member,
            value: it.value,
            numerator: it.numerator,
            denominator: it.denominator,
            weight: it.weight,
            components: it.components,
            number: it.snapshot,
            as_of: it.as_of,
            figure: None,
        })
        .collect();
    let (period, official, sizes) = (period(), None, None);
    let rollup = ProvincialRollUp { period, yardstick, rolled, parts, official, sizes };
    let names = std::collections::BTreeMap::new();
    Explanation::RollUp(Box::new(RollUpExplanation { rollup, names }))
}

fn contribution(dice: &mut Dice, member: RegionCode) -> Contribution<RegionCode> {
    let exclude = dice.one_in(9).then(|| *dice.of(ExclusionReason::ALL));
    let value = dice.often(|dice| Decimal::from(dice.below(9)));
    let components = dice.often(|dice| Components {
        life_expectancy: Decimal::new(i64::try_from(6_000 + dice.below(2_000)).expect("small"), 2),
        expected_schooling: Decimal::new(i64::try_from(900 + dice.below(900)).expect("small"), 2),
        mean_schooling: Decimal::new(i64::try_from(500 + dice.below(900)).expect("small"), 2),
        expenditure: Decimal::from(6_000 + dice.below(12_000)),
    });
    Contribution {
        value,
        numerator: dice.often(Dice::positive),
        denominator: dice.often(Dice::positive),
        weight: dice.often(Dice::positive),
        components,
        grade: value.map(|it| it.normalize().to_string()),
        snapshot: Some(1),
        exclude,
        ..Contribution::empty(member)
    }
}

/// A place in a comparison.
pub(crate) fn ranked(dice: &mut Dice) -> Explanation {
    let yardstick = yardstick(dice, LocationConsolidation::OfficialOnly);
    let count = 1 + dice.below(10);
    let members: Vec<_> = (0..count)
        .map(|at| ComparedMember {
            region: region(at),
            name: format!("Kabupaten {at}"),
            state: PublicationState::InForce,
            lines: std::iter::once((period(), line(dice, &yardstick))).collect(),
        })
        .collect();
    let rules = RuleSet::named("comparison").expect("in the catalogue");
    let input =
        ComparisonInput { yardstick: &yardstick, period: period(), members: &members, rules };
    let comparison = compare(input);
    let asked = region(dice.below(count));
    let found = RankExplanation::of(&yardstick, period(), rules, &comparison, &asked);
    Explanation::Rank(Box::new(found.expect("it is compared")))
}

fn line(dice: &mut Dice, yardstick: &Yardstick) -> PublishedLine {
    let value = dice.often(Dice::number);
    let odd = dice.one_in(12);
    PublishedLine {
        publication: Uuid::from_u128(1).into(),
        number: 1,
        value: PublishedValue {
            definition: yardstick.definition.clone(),
            name: yardstick.name.clone(),
            unit: if odd { String::from("orang") } else { yardstick.unit.clone() },
            standing: if value.is_some() { Standing::Reported } else { Standing::Missing },
            value,
            numerator: None,
            denominator: None,
            target: match dice.below(4) {
                0 => PublishedTarget::Unset,
                _ => PublishedTarget::Exactly(dice.number()),
            },
            target_illustrative: false,
            figure: FigureSource::default(),
            revision: Some(1),
            as_of: None,
        },
    }
}
