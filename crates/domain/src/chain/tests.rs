//! Every forgery is found and named, and nothing is found in a chain that nobody touched.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

/// Puts a line at the end of a chain, as the database does.
fn hashed(mut line: ChainLine, position: i64, previous: ChainHash) -> ChainLine {
    line.position = position;
    line.previous = previous;
    line.hash = line.digest();
    line
}

fn line(text: &str) -> ChainLine {
    ChainLine {
        tenant: Some(Uuid::from_u128(7)),
        position: 0,
        at: "2025-01-15T02:00:00.123456Z".parse().unwrap(),
        user: Some(Uuid::from_u128(9)),
        user_name: "Baiq Nurul".to_owned(),
        post: Some("<planner>".to_owned()),
        kind: "target.revised".to_owned(),
        subject: text.to_owned(),
        facts: facts_text([("from", "1"), ("to", text)]),
        request: None,
        previous: ChainHash::NONE,
        hash: ChainHash::NONE,
    }
}

fn rehashed(lines: Vec<ChainLine>) -> Vec<ChainLine> {
    let mut previous = ChainHash::NONE;
    (1..)
        .zip(lines)
        .map(|(position, it)| {
            let it = hashed(it, position, previous);
            previous = it.hash;
            it
        })
        .collect()
}

fn chain(length: usize) -> Vec<ChainLine> {
    rehashed((0..length).map(|n| line(&format!("s{n}"))).collect())
}

fn head(lines: &[ChainLine]) -> ChainHead {
    lines.last().map_or(ChainHead::EMPTY, |it| ChainHead { position: it.position, hash: it.hash })
}

fn anchor(lines: &[ChainLine], position: usize) -> Anchor {
    Anchor { head: head(&lines[..position]), at: "2025-02-01T00:00:00Z".parse().unwrap() }
}

fn check(lines: &[ChainLine], head: Option<ChainHead>, anchors: Vec<Anchor>) -> Vec<Finding> {
    let mut check = ChainCheck::with(anchors);
    for it in lines {
        check.push(it);
    }
    check.finish(head).findings
}

fn found(first: i64, last: i64, flaw: Flaw) -> Finding {
    Finding { first, last, flaw }
}

#[test]
fn a_chain_that_nobody_touched_is_whole() {
    for length in [0, 1, 2, 30] {
        let lines = chain(length);
        let anchors = (0..=length).map(|n| anchor(&lines, n)).collect();
        assert_eq!(check(&lines, Some(head(&lines)), anchors), [], "{length} lines");
    }
    assert_eq!(check(&[], None, vec![]), []);
}

#[test]
fn a_changed_line_is_named() {
    let mut lines = chain(9);
    let end = Some(head(&lines));
    lines[4].facts = facts_text([("from", "1"), ("to", "forged")]);
    assert_eq!(check(&lines, end, vec![]), [found(5, 5, Flaw::Changed)]);
}

#[test]
fn every_column_counts() {
    let whole = chain(1).remove(0);
    let forgeries: [fn(&mut ChainLine); 10] = [
        |it| it.tenant = Some(Uuid::from_u128(8)),
        |it| it.tenant = None,
        |it| it.at += TimeDelta::microseconds(1),
        |it| it.user = None,
        |it| it.user_name.push(' '),
        |it| it.post = None,
        |it| it.kind = "target.set".to_owned(),
        |it| it.subject.clear(),
        |it| it.facts = facts_text([]),
        |it| it.request = Some(String::new()),
    ];
    for (at, forge) in forgeries.into_iter().enumerate() {
        let mut line = whole.clone();
        forge(&mut line);
        assert_ne!(line.digest(), whole.hash, "forgery {at}");
    }
    let mut shifted = whole.clone();
    shifted.user_name.push('<');
    shifted.post = Some("planner>".to_owned());
    assert_ne!(shifted.digest(), whole.hash, "a letter moved to the next column");
}

#[test]
fn a_changed_line_that_was_hashed_again_is_named_by_what_follows() {
    let mut lines = chain(9);
    let end = Some(head(&lines));
    let (position, previous) = (lines[4].position, lines[4].previous);
    lines[4] = hashed(line("forged"), position, previous);
    assert_eq!(check(&lines, end, vec![]), [found(5, 5, Flaw::Replaced)]);
    let mut lines = chain(9);
    let previous = lines[8].previous;
    lines[8] = hashed(line("forged"), 9, previous);
    assert_eq!(check(&lines, end, vec![]), [found(9, 9, Flaw::Replaced)], "also the last");
}

#[test]
fn removed_lines_are_named() {
    let mut lines = chain(9);
    let end = Some(head(&lines));
    lines.drain(3..5);
    assert_eq!(check(&lines, end, vec![]), [found(4, 5, Flaw::Removed)]);
    let mut lines = chain(9);
    lines.remove(0);
    assert_eq!(check(&lines, end, vec![]), [found(1, 1, Flaw::Removed)]);
}

#[test]
fn lines_that_changed_places_are_named() {
    for (one, other) in [(2_usize, 3), (0, 8)] {
        let mut lines = chain(9);
        let end = Some(head(&lines));
        let (first, second) = (lines[one].position, lines[other].position);
        lines[one].position = second;
        lines[other].position = first;
        lines.swap(one, other);
        let by = second - first;
        let expected =
            [found(first, first, Flaw::Moved(-by)), found(second, second, Flaw::Moved(by))];
        assert_eq!(check(&lines, end, vec![]), expected);
    }
}

#[test]
fn a_line_that_was_put_in_is_named() {
    let mut lines = chain(9);
    let end = Some(head(&lines));
    let forged = hashed(line("forged"), 5, lines[3].hash);
    for later in &mut lines[4..] {
        later.position += 1;
    }
    lines.insert(4, forged);
    let findings = check(&lines, end, vec![]);
    assert!(findings.contains(&found(5, 5, Flaw::Inserted)), "{findings:?}");
    assert!(findings.contains(&found(6, 10, Flaw::Moved(1))), "{findings:?}");
    assert!(findings.contains(&found(10, 10, Flaw::Surplus)), "{findings:?}");

    let mut lines = chain(9);
    let double = hashed(line("double"), 5, lines[3].hash);
    lines.insert(5, double);
    assert_eq!(check(&lines, end, vec![]), [found(5, 5, Flaw::Inserted)], "one number twice");
}

#[test]
fn a_line_behind_the_end_is_named() {
    let mut lines = chain(9);
    let end = Some(head(&lines));
    lines.push(hashed(line("late"), 10, lines[8].hash));
    assert_eq!(check(&lines, end, vec![]), [found(10, 10, Flaw::Surplus)]);
    assert_eq!(check(&lines, None, vec![]), [found(10, 10, Flaw::HeadLost)]);
}

#[test]
fn a_tail_that_was_cut_off_is_named() {
    let lines = chain(9);
    let end = Some(head(&lines));
    assert_eq!(check(&lines[..6], end, vec![]), [found(7, 9, Flaw::CutOff)]);
    assert_eq!(check(&[], end, vec![]), [found(1, 9, Flaw::CutOff)]);
    let cut_with_its_head = Some(head(&lines[..6]));
    assert_eq!(check(&lines[..6], cut_with_its_head, vec![]), [], "the database alone cannot know");
    let kept = vec![anchor(&lines, 4), anchor(&lines, 8)];
    assert_eq!(check(&lines[..6], cut_with_its_head, kept.clone()), [found(7, 8, Flaw::CutOff)]);
    assert_eq!(check(&[], None, kept), [found(1, 8, Flaw::CutOff)]);
}

#[test]
fn a_trail_that_was_hashed_again_as_a_whole_is_found_by_what_was_kept_outside() {
    let lines = chain(9);
    let kept = vec![anchor(&lines, 2), anchor(&lines, 8)];
    let mut forged = lines.clone();
    forged[4].user_name = "Orang lain".to_owned();
    let forged = rehashed(forged);
    assert_eq!(check(&forged, Some(head(&forged)), vec![]), []);
    let at = kept[1].at;
    assert_eq!(check(&forged, Some(head(&forged)), kept), [found(3, 8, Flaw::Rewritten(at))]);
}

#[test]
fn facts_are_written_as_postgresql_prints_them() {
    let facts = [("why", "a \"b\" \\ \n\t\u{1}\u{8}\u{c}\r é"), ("to", "2"), ("from", "")];
    let expected = r#"{"to": "2", "why": "a \"b\" \\ \n\t\u0001\b\f\r é", "from": ""}"#;
    assert_eq!(facts_text(facts), expected);
    assert_eq!(facts_text([]), "{}");
}

#[test]
fn hashes_read_back() {
    let hash = ChainHash::of(b"x");
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert_eq!(ChainHash::try_from(&hash.bytes()[..]), Ok(hash));
    for bad in ["", "00", &"g".repeat(64), &"é".repeat(32)] {
        assert_eq!(bad.parse::<ChainHash>(), Err(InvalidHash), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_one_change_is_found_at_its_line(length in 1_usize..40, at in 0_usize..40, text in ".{0,12}") {
        let mut lines = chain(length);
        let end = Some(head(&lines));
        let at = at % length;
        prop_assume!(lines[at].subject != text);
        lines[at].subject = text;
        let position = lines[at].position;
        prop_assert_eq!(check(&lines, end, vec![]), [found(position, position, Flaw::Changed)]);
    }

    #[test]
    fn no_subset_of_the_lines_passes(length in 1_usize..30, kept in prop::collection::vec(any::<bool>(), 30)) {
        let lines = chain(length);
        let end = Some(head(&lines));
        let some: Vec<_> = lines.iter().zip(kept).filter(|(_, kept)| *kept).map(|(it, _)| it.clone()).collect();
        prop_assert_eq!(check(&some, end, vec![]).is_empty(), some.len() == length);
    }

    #[test]
    fn no_other_order_of_the_lines_passes(order in Just((0..12_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let lines = chain(12);
        let end = Some(head(&lines));
        let is_same = order.iter().enumerate().all(|(at, it)| at == *it);
        let mixed: Vec<_> = (1..).zip(&order).map(|(position, it)| {
            ChainLine { position, ..lines[*it].clone() }
        }).collect();
        let findings = check(&mixed, end, vec![]);
        prop_assert_eq!(findings.is_empty(), is_same);
        prop_assert!(findings.iter().all(|it| matches!(it.flaw, Flaw::Moved(_) | Flaw::Replaced | Flaw::Inserted)), "{findings:?}");
    }
}
