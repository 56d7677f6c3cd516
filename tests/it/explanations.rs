//! Explanations: an independent checker finds every number again, and the doors give what the pages show.

mod checker;
mod corpus;
mod doors;

use std::collections::BTreeMap;

use ekinerja_domain::explanation::Explanation;
use ekinerja_web::api::explanations::json_of;
use serde_json::Value;

use checker::check;
use corpus::Dice;

/// Generates explanations and computes each again from its JSON alone; gives how many of each outcome there were.
fn all_equal(
    count: u64,
    seed: u64,
    make: fn(&mut Dice) -> Explanation,
    sort: fn(&Value) -> &str,
) -> BTreeMap<String, (u64, usize)> {
    let mut found: BTreeMap<String, (u64, usize)> = BTreeMap::new();
    for number in 0..count {
        let mut dice = Dice::new(seed.wrapping_add(number.wrapping_mul(0x5851_F42D_4C95_7F2D)));
        let json = json_of(&make(&mut dice)).expect("JSON");
        match check(&json) {
            Ok(compared) => {
                let entry = found.entry(sort(&json).to_owned()).or_default();
                *entry = (entry.0 + 1, entry.1 + compared);
            }
            Err(fault) => panic!("number {number}: {fault}\n{json:#}"),
        }
    }
    found
}

fn text<'v>(it: &'v Value, pointer: &str) -> &'v str {
    it.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn sixty_thousand_achievements_are_found_again_from_their_explanations() {
    let found = all_equal(60_000, 1, corpus::indicator, |it| text(it, "/calculation/rule"));
    for rule in ekinerja_domain::scoring::RuleId::ALL {
        let (count, compared) = found.get(rule.code()).copied().unwrap_or_default();
        assert!(count > 1_000, "{rule}: {count}");
        assert!(compared > 500, "{rule}: only {compared} comparisons");
    }
}

#[test]
fn twelve_thousand_levels_are_found_again_from_their_explanations() {
    let found = all_equal(12_000, 2, corpus::level, |it| text(it, "/kind"));
    assert!(found.len() == 3 && found.values().all(|it| it.0 > 3_000), "{found:?}");
}

#[test]
fn twenty_eight_thousand_figures_of_many_are_found_again_from_their_explanations() {
    let rolled = all_equal(12_000, 3, corpus::rolled, |it| text(it, "/method"));
    assert!(rolled.len() == 7 && rolled.values().all(|it| it.0 > 1_000), "{rolled:?}");
    let composites = all_equal(12_000, 4, corpus::composite, |it| text(it, "/rule"));
    assert!(composites.len() == 5 && composites.values().all(|it| it.0 > 1_500), "{composites:?}");
    let ranks = all_equal(4_000, 5, corpus::ranked, |it| text(it, "/indicator/polarity"));
    assert!(ranks.len() == 4 && ranks.values().all(|it| it.1 > 1_000), "{ranks:?}");
}

#[test]
fn the_checker_notices_a_single_digit() {
    let mut dice = Dice::new(77);
    let json = loop {
        let json = json_of(&corpus::indicator(&mut dice)).expect("JSON");
        if text(&json, "/calculation/outcome") == "measured" {
            break json;
        }
    };
    assert!(check(&json).is_ok());
    for name in ["uncapped", "achievement", "printed"] {
        let mut changed = json.clone();
        let value = changed["calculation"][name].as_str().expect("a number").to_owned();
        let last = value.len() - 1;
        let other = if value.ends_with('7') { "8" } else { "7" };
        changed["calculation"][name] = format!("{}{other}", &value[..last]).into();
        assert!(check(&changed).is_err(), "{name}: {value}");
    }
    let mut changed = json;
    changed["calculation"]["inputs"]["actual"] = "123456.789".into();
    changed["calculation"]["inputs"]["reported"] = true.into();
    assert!(check(&changed).is_err(), "another actual");
}
