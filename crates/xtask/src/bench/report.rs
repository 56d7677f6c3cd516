//! The table of `docs/performance.md`: each figure beside its reference, its goal and its floor.

use std::fmt::Write as _;

use anyhow::{Context, ensure};

use super::figures::{Figures, share};

/// Begins the part of the document that belongs to the command.
const BEGIN: &str = "<!-- figures: written by `cargo xtask bench --write`, do not edit -->";
/// Ends it.
const END: &str = "<!-- end of figures -->";

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;

/// A figure's goal and floor, in the same unit as the figure; smaller is better.
#[derive(Debug, Clone, Copy)]
struct Bound {
    goal: u64,
    floor: u64,
}

/// A row of the table that has a goal.
struct Row {
    case: &'static str,
    words: &'static str,
    id: &'static str,
    reference: &'static str,
    bound: Bound,
    statements: Option<Bound>,
}

/// The references with what they cost where the goals were set.
const REFERENCES: [(&str, &str); 4] = [
    ("page", "bare axum: the same bytes from memory"),
    ("not-modified", "bare axum: 304"),
    ("select", "axum and sqlx: one row by primary key"),
    ("insert", "axum and sqlx: one row inserted durably"),
];

const HIT: Bound = Bound { goal: 20 * MICROSECOND, floor: 50 * MICROSECOND };
const RECORD: Bound = Bound { goal: 250 * MICROSECOND, floor: 500 * MICROSECOND };

const ROWS: [Row; 7] = [
    Row {
        case: "comparison-hit",
        words: "comparison, cached",
        id: "G1",
        reference: "page",
        bound: HIT,
        statements: Some(Bound { goal: 0, floor: 0 }),
    },
    Row {
        case: "comparison-not-modified",
        words: "comparison, cached, the reader has it (304)",
        id: "G1",
        reference: "not-modified",
        bound: HIT,
        statements: Some(Bound { goal: 0, floor: 0 }),
    },
    Row {
        case: "comparison-miss",
        words: "comparison after a publication",
        id: "G2",
        reference: "select",
        bound: Bound { goal: 400 * MICROSECOND, floor: 1_500 * MICROSECOND },
        statements: Some(Bound { goal: 1, floor: 3 }),
    },
    Row {
        case: "drill-down",
        words: "drill-down: an indicator's page, cached",
        id: "G4",
        reference: "select",
        bound: Bound { goal: 120 * MICROSECOND, floor: 300 * MICROSECOND },
        statements: None,
    },
    Row {
        case: "record",
        words: "record a value as a draft",
        id: "G5",
        reference: "insert",
        bound: RECORD,
        statements: Some(Bound { goal: 2, floor: 5 }),
    },
    Row {
        case: "record-and-submit",
        words: "record a value, submit it, score what it touches",
        id: "G5",
        reference: "insert",
        bound: RECORD,
        statements: Some(Bound { goal: 2, floor: 5 }),
    },
    Row {
        case: "record-once",
        words: "the same with an Idempotency-Key",
        id: "G5",
        reference: "insert",
        bound: RECORD,
        statements: Some(Bound { goal: 2, floor: 5 }),
    },
];

const SEEN_P50: Bound = Bound { goal: 5 * MILLISECOND, floor: 20 * MILLISECOND };
const SEEN_P99: Bound = Bound { goal: 25 * MILLISECOND, floor: 100 * MILLISECOND };

impl Bound {
    fn verdict(self, value: u64) -> &'static str {
        if value <= self.goal {
            "reaches the goal"
        } else if value <= self.floor {
            "above the floor, not at the goal"
        } else {
            "**misses the floor**"
        }
    }
}

/// The whole part of the document.
pub(super) fn table(figures: &Figures) -> anyhow::Result<String> {
    let mut out = String::new();
    let machine = &figures.machine;
    writeln!(
        out,
        "Measured on {} by `cargo xtask bench --write` on {} cores ({}), {}, {}, private \
         PostgreSQL over its socket; {} connections ask at a time; the comparison page has {} bytes \
         as it is sent.\n",
        figures.date,
        machine.cores,
        machine.processor,
        machine.kernel,
        machine.postgresql,
        figures.connections,
        figures.page_bytes,
    )?;
    references(&mut out, figures)?;
    let mut missed = rows(&mut out, figures)?;
    missed.extend(latencies(&mut out, figures)?);
    if missed.is_empty() {
        out.push_str("Every figure keeps its floor.\n");
    } else {
        writeln!(out, "These figures miss their floor: {}.", missed.join("; "))?;
    }
    Ok(out)
}

fn references(out: &mut String, figures: &Figures) -> anyhow::Result<()> {
    out.push_str("| reference | CPU per request | least to most | of it PostgreSQL |\n");
    out.push_str("|---|---:|---:|---:|\n");
    for (name, words) in REFERENCES {
        let case = figures.case(name)?;
        let (least, most) = case.range()?;
        writeln!(
            out,
            "| {words} | {} µs | {} to {} | {} µs |",
            micros(case.median()?),
            micros(least),
            micros(most),
            micros(case.database()?),
        )?;
    }
    writeln!(
        out,
        "\nWith nobody asking, the product and its PostgreSQL use {} µs a second.\n",
        micros(figures.idle)
    )?;
    Ok(())
}

/// Writes the rows with goals; gives the words of those that miss their floor.
fn rows(out: &mut String, figures: &Figures) -> anyhow::Result<Vec<String>> {
    let mut missed = Vec::new();
    out.push_str(
        "| | figure | CPU per request | least to most | of it PostgreSQL | to the reference ",
    );
    out.push_str("| goal | floor | verdict | SQL statements (goal, floor) |\n");
    out.push_str("|---|---|---:|---:|---:|---:|---:|---:|---|---:|\n");
    for row in ROWS {
        let case = figures.case(row.case)?;
        let (least, most) = case.range()?;
        let median = case.median()?;
        let reference = figures.case(row.reference)?.median()?;
        if median > row.bound.floor {
            missed.push(format!("{} ({})", row.words, row.id));
        }
        let statements = figures.statements.get(row.case).copied();
        let counted = statements.map_or("-".to_owned(), |it| it.to_string());
        let trips = match row.statements {
            Some(bound) => format!("{counted} ({}, {})", bound.goal, bound.floor),
            None => counted,
        };
        if let (Some(count), Some(bound)) = (statements, row.statements)
            && count > bound.floor
        {
            missed.push(format!("statements of: {} (G15)", row.words));
        }
        writeln!(
            out,
            "| {} | {} | {} µs | {} to {} | {} µs | {}x | {} µs | {} µs | {} | {trips} |",
            row.id,
            row.words,
            micros(median),
            micros(least),
            micros(most),
            micros(case.database()?),
            ratio(median, reference),
            micros(row.bound.goal),
            micros(row.bound.floor),
            row.bound.verdict(median),
        )?;
    }
    out.push('\n');
    Ok(missed)
}

/// Writes how soon a publication is seen; gives what misses its floor.
fn latencies(out: &mut String, figures: &Figures) -> anyhow::Result<Vec<String>> {
    let mut missed = Vec::new();
    out.push_str("| | from sending a publication until | p50 | goal, floor | p99 | goal, floor ");
    out.push_str("| verdict |\n|---|---|---:|---:|---:|---:|---|\n");
    for (words, values) in [
        ("the province's comparison page shows the figure", &figures.seen),
        ("the province's roll-up has it", &figures.rolled_up),
    ] {
        let p50 = share(values.clone(), 50)?;
        let p99 = share(values.clone(), 99)?;
        if p50 > SEEN_P50.floor || p99 > SEEN_P99.floor {
            missed.push(format!("{words} (G7)"));
        }
        let worse = if SEEN_P50.rank(p50) >= SEEN_P99.rank(p99) {
            SEEN_P50.verdict(p50)
        } else {
            SEEN_P99.verdict(p99)
        };
        writeln!(
            out,
            "| G7 | {words} | {} ms | {}, {} | {} ms | {}, {} | {worse} |",
            millis(p50),
            millis(SEEN_P50.goal),
            millis(SEEN_P50.floor),
            millis(p99),
            millis(SEEN_P99.goal),
            millis(SEEN_P99.floor),
        )?;
    }
    writeln!(out, "\n{} publications.\n", figures.seen.len())?;
    Ok(missed)
}

impl Bound {
    /// 0 at the goal, 1 above the floor, 2 under it.
    fn rank(self, value: u64) -> u8 {
        u8::from(value > self.goal) + u8::from(value > self.floor)
    }
}

fn micros(nanoseconds: u64) -> String {
    decimal(nanoseconds, MICROSECOND)
}

fn millis(nanoseconds: u64) -> String {
    decimal(nanoseconds, MILLISECOND)
}

/// One decimal where it says something.
fn decimal(value: u64, unit: u64) -> String {
    let tenths = (value * 10 + unit / 2) / unit;
    if tenths >= 1_000 || tenths.is_multiple_of(10) {
        return ((value + unit / 2) / unit).to_string();
    }
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn ratio(value: u64, reference: u64) -> String {
    decimal(value, reference.max(1))
}

/// The document with the table in its place.
pub(super) fn placed(document: &str, table: &str) -> anyhow::Result<String> {
    let missing = || format!("the document has no place for the figures, which {BEGIN} begins");
    let (before, rest) = document.split_once(BEGIN).with_context(missing)?;
    let (_, after) = rest.split_once(END).context("the place for the figures has no end")?;
    ensure!(!after.contains(BEGIN), "the document has two places for the figures");
    Ok(format!("{before}{BEGIN}\n\n{}\n\n{END}{after}", table.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_decimal_where_it_says_something() {
        assert_eq!(micros(8_249), "8.2");
        assert_eq!(micros(8_250), "8.3");
        assert_eq!(micros(20_000), "20");
        assert_eq!(micros(415_499), "415");
        assert_eq!(micros(0), "0");
        assert_eq!(millis(4_960_000), "5");
        assert_eq!(ratio(20, 8), "2.5");
    }

    #[test]
    fn edges_belong_to_the_better_side() {
        assert_eq!(HIT.verdict(20_000), "reaches the goal");
        assert_eq!(HIT.verdict(20_001), "above the floor, not at the goal");
        assert_eq!(HIT.verdict(50_000), "above the floor, not at the goal");
        assert_eq!(HIT.verdict(50_001), "**misses the floor**");
        assert_eq!([HIT.rank(20_000), HIT.rank(20_001), HIT.rank(50_001)], [0, 1, 2]);
    }

    fn figures(hit: u64, seen: u64) -> Figures {
        let case = |it: u64| serde_json::json!({"requests": 10, "server": [it], "database": [0]});
        let mut cases = serde_json::Map::new();
        for name in REFERENCES.map(|it| it.0).into_iter().chain(ROWS.map(|it| it.case)) {
            cases.insert(name.to_owned(), case(10_000));
        }
        cases.insert("comparison-hit".to_owned(), case(hit));
        serde_json::from_value(serde_json::json!({
            "date": "2026-11-24",
            "machine": {"processor": "P", "cores": 2, "kernel": "K", "postgresql": "PostgreSQL 15"},
            "connections": 16, "page_bytes": 9_000, "idle": 5_000, "cases": cases,
            "seen": [seen], "rolled_up": [1_000_000], "statements": {"comparison-hit": 0, "record": 6}
        }))
        .unwrap()
    }

    #[test]
    fn a_missed_floor_is_said() {
        let text = table(&figures(60_000, 21_000_000)).unwrap();
        assert!(
            text.contains("| G1 | comparison, cached | 60 µs | 60 to 60 | 0 µs | 6x |"),
            "{text}"
        );
        let last = text.trim().lines().last().unwrap();
        assert_eq!(
            last,
            "These figures miss their floor: comparison, cached (G1); \
             statements of: record a value as a draft (G15); \
             the province's comparison page shows the figure (G7)."
        );
    }

    #[test]
    fn a_case_that_was_not_measured_is_no_zero() {
        let mut figures = figures(1, 1);
        figures.cases.remove("drill-down");
        assert!(table(&figures).unwrap_err().to_string().contains("drill-down was not measured"));
    }

    #[test]
    fn table_replaces_only_what_is_between_the_markers() {
        let document = format!("# Speed\n\n{BEGIN}\nold\n{END}\n\nafter\n");
        let placed = placed(&document, "new\n").unwrap();
        assert_eq!(placed, format!("# Speed\n\n{BEGIN}\n\nnew\n\n{END}\n\nafter\n"));
        assert_eq!(super::placed(&placed, "new").unwrap(), placed, "twice changes nothing");
        assert!(super::placed("# Speed", "new").is_err());
    }
}
