//! Scores a scorecard of 1,000 indicators: four perspectives, each with objectives of three
//! indicators, all directions, a tenth of them not measurable.
//!
//! Beside it the cost of explaining these scores.
//!
//! `cargo bench -p ekinerja-domain --bench scorecard` reports time per indicator as throughput.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ekinerja_domain::explanation::Calculation;
use ekinerja_domain::quantity::Weight;
use ekinerja_domain::scorecard_score::{
    IndicatorIndex, ObjectiveIndices, PerspectiveIndices, ScorecardScore, score_scorecard,
};
use ekinerja_domain::scoring::{
    Actual, Polarity, RuleChoice, RuleId, RuleSet, ScoreInput, Target, score,
};
use rust_decimal::Decimal;

const INDICATORS: u32 = 1_000;

fn inputs() -> Vec<ScoreInput> {
    let choices = [
        RuleChoice::ByPolarity(Polarity::Maximize),
        RuleChoice::ByPolarity(Polarity::Minimize),
        RuleChoice::ByPolarity(Polarity::Stabilize),
        RuleChoice::Rule(RuleId::MinInverse),
    ];
    (0..INDICATORS)
        .zip(choices.into_iter().cycle())
        .map(|(number, choice)| {
            let target = Target::of(Decimal::new(i64::from(number) * 37 + 1_013, 2));
            let actual = match number % 10 {
                9 => Actual::Missing { due: true },
                _ => Actual::Value(Decimal::new(i64::from(number) * 41 + 997, 2)),
            };
            ScoreInput::new(choice, Some(target), actual)
        })
        .collect()
}

fn scorecard(inputs: &[ScoreInput], rules: &RuleSet) -> ScorecardScore<usize> {
    let indices: Vec<_> = inputs
        .iter()
        .enumerate()
        .map(|(key, input)| IndicatorIndex::of(key, Weight::ONE, &score(input, rules)))
        .collect();
    let objectives: Vec<_> = indices
        .chunks(3)
        .enumerate()
        .map(|(key, some)| ObjectiveIndices { key, weight: Weight::ONE, indicators: some.to_vec() })
        .collect();
    let perspectives: Vec<_> = objectives
        .chunks(objectives.len().div_ceil(4))
        .enumerate()
        .map(|(key, some)| PerspectiveIndices {
            key,
            weight: Weight::of_whole(25),
            objectives: some.to_vec(),
        })
        .collect();
    score_scorecard(&perspectives, rules)
}

fn bench(criterion: &mut Criterion) {
    let rules = RuleSet::named("default").unwrap_or(&RuleSet::catalogue()[0]);
    let inputs = inputs();
    assert!(scorecard(&inputs, rules).value.is_some(), "the scorecard has a score");
    let mut group = criterion.benchmark_group("scorecard");
    group.throughput(Throughput::Elements(u64::from(INDICATORS)));
    group.bench_function("1000 indicators", |bencher| {
        bencher.iter(|| scorecard(black_box(&inputs), black_box(rules)));
    });
    let scored: Vec<_> = inputs.iter().map(|input| score(input, rules)).collect();
    group.bench_function("1000 explanations", |bencher| {
        bencher.iter(|| -> Vec<Calculation> {
            scored.iter().map(|it| Calculation::of(black_box(it), rules)).collect()
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
