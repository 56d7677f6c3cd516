//! Rows as an office types them, bad ones among them, and the figures of the documentation.

use super::*;

const HEADER: &str =
    "id,rule,target,actual,baseline,worst,low,high,cap,floor,decimals,rounding,scale";

fn answered(text: &str, rule_set: &str, language: Language) -> (Vec<Vec<String>>, ScoreSummary) {
    let mut output = Vec::new();
    let rules = RuleSet::named(rule_set).unwrap();
    let summary = score_sheet(text.as_bytes(), &mut output, rules, language).unwrap();
    let mut reader = csv::Reader::from_reader(output.as_slice());
    assert_eq!(reader.headers().unwrap(), ANSWER.as_slice());
    let rows =
        reader.records().map(|it| it.unwrap().iter().map(ToOwned::to_owned).collect()).collect();
    (rows, summary)
}

/// Scores one row whose fields after `id` are given, with trailing fields empty.
fn one(fields: &str, rule_set: &str) -> [String; 4] {
    // Quoted numbers hold the only commas that separate nothing: every second part is quoted.
    let commas: usize = fields.split('"').step_by(2).map(|it| it.matches(',').count()).sum();
    let text = format!("{HEADER}\nx,{fields}{}\n", ",".repeat(11 - commas));
    let (rows, _) = answered(&text, rule_set, Language::Indonesian);
    let [row] = rows.try_into().unwrap();
    let [id, rest @ ..]: [String; 5] = row.try_into().unwrap();
    assert_eq!(id, "x");
    rest
}

#[test]
fn rows_as_an_office_types_them() {
    for (fields, achievement, uncapped, band) in [
        ("maximize,80,72", "90.00", "90.00", "yellow"),
        ("maximize,100,150", "120.00", "150.00", "green"),
        ("MinTwoMinus,20,45", "0.00", "-25.00", "red"),
        ("MinTwoMinus,20,18", "110.00", "110.00", "green"),
        ("min_inverse,20,18", "111.11", "111.11", "green"),
        ("minimize,0,0", "100.00", "100.00", "green"),
        ("minimize,0,3,,10", "70.00", "70.00", "red"),
        ("maximize,\"1.234,56\",1234.56", "100.00", "100.00", "green"),
        ("maximize,1.000,900", "90.00", "90.00", "yellow"),
        ("maximize,95 %,95%", "100.00", "100.00", "green"),
        ("maximize,0,0,,,30,40", "0.00", "0.00", "red"),
        ("maximize,30-40,44", "110.00", "110.00", "green"),
        ("minimize,,44,,,30,40", "90.00", "90.00", "yellow"),
        ("RangeMax,,35,,,30,40", "100.00", "100.00", "green"),
        ("stabilize,50,48.5", "114.00", "114.00", "green"),
        ("StabilizeSymmetric,50,52", "96.00", "96.00", "yellow"),
        ("MinBaseline,10,15,20", "50.00", "50.00", "red"),
        ("MaxBaseline,80,75,60", "75.00", "75.00", "red"),
        ("maximize,50 dari 60,45 dari 60", "90.00", "90.00", "yellow"),
        ("Ordinal,WTP,WDP", "75.00", "75.00", "red"),
        ("maximize,AA,BB", "71.43", "71.43", "red"),
        ("Ordinal,A,BB,,,,,,,,,akip_grade", "83.33", "83.33", "yellow"),
        ("minimize,peringkat 3,peringkat 2", "120.00", "133.33", "green"),
        ("MetNotMet,< 1 %,0.9", "", "", "met"),
        ("MetNotMet,WTP,WDP", "", "", "not_met"),
        ("Milestone,5,3", "60.00", "60.00", "red"),
        ("Milestone,,ya", "100.00", "100.00", "green"),
        ("Milestone,selesai,belum", "0.00", "0.00", "red"),
        ("maximize,100,150,,,,,none", "150.00", "150.00", "green"),
        ("maximize,100,150,,,,,110", "110.00", "150.00", "green"),
        ("maximize,100,-5,,,,,,none", "-5.00", "-5.00", "red"),
        ("maximize,3,2,,,,,,,0", "67", "67", "red"),
        ("maximize,3,2,,,,,,,4,Truncate", "66.6666", "66.6666", "red"),
        ("maximize,100,95,,,,,,,,,nko127", "95.00", "95.00", "Cukup"),
        ("maximize,100,80,,,,,,,,,AkipGrade", "80.00", "80.00", "BB"),
        ("MaxRatio,-10,-12", "80.00", "80.00", "yellow"),
    ] {
        let answer = one(fields, "default");
        let expected = [achievement, uncapped, band];
        assert_eq!(answer[..3], expected, "{fields}: {}", answer[3]);
        let note = match fields {
            "MaxRatio,-10,-12" => "negative_target: target negatif, dihitung dengan MaxNegTarget",
            "maximize,1.000,900" => "read_as: target 1.000 dibaca 1000",
            _ => "",
        };
        assert_eq!(answer[3], note, "{fields}");
    }
}

#[test]
fn what_has_no_score_says_why_and_is_grey() {
    for (fields, code) in [
        ("maximize,,5", "no_target"),
        ("maximize,-,5", "no_target"),
        ("maximize,10,", "missing_actual"),
        ("maximize,10,-", "missing_actual"),
        ("maximize,10,N/A", "not_applicable"),
        ("maximize,0,5", "zero_target"),
        ("minimize,0,5", "zero_target"),
        ("minimize,-5,5", "negative_target"),
        ("MinBaseline,10,15", "no_baseline"),
        ("RangeMax,10,15", "no_range"),
        ("maximize,20 kelompok (200 orang),15", "text_target"),
        ("maximize,50 dari 60,45", "text_target"),
        ("maximize,1e3,45", "text_target"),
        ("Ordinal,WTP,BB", "unknown_grade"),
        ("MinInverse,10,-1", "negative_actual"),
    ] {
        let [achievement, uncapped, band, reason] = one(fields, "default");
        assert_eq!([achievement.as_str(), &uncapped, &band], ["", "", "grey"], "{fields}");
        assert!(reason.starts_with(&format!("{code}: ")), "{fields}: {reason}");
    }
}

#[test]
fn a_bad_field_is_an_error_that_names_it_and_the_remedy() {
    for (fields, named) in [
        ("rata-rata,10,5", "error: rule: \"rata-rata\" tidak dikenal; pilih maximize"),
        (",10,5", "error: rule: "),
        ("maximize,\"1,234.56\",5", "error: target: \"1,234.56\" koma sebagai pemisah ribuan"),
        ("maximize,10,abc", "error: actual: \"abc\" bukan angka; tulis"),
        ("maximize,10,123456789012345678901234567890", "error: actual: \"123456"),
        ("maximize,10,5,x", "error: baseline: \"x\" bukan angka"),
        ("maximize,10,5,,x", "error: worst: \"x\" bukan angka"),
        ("maximize,10,5,,,1", "error: high: kosong padahal low diisi"),
        ("maximize,10,5,,,,1", "error: low: kosong padahal high diisi"),
        ("maximize,10,5,,,9,1", "error: low: 9 lebih besar daripada high 1"),
        ("maximize,10,5,,,,,x", "error: cap: \"x\" bukan angka"),
        ("maximize,10,5,,,,,50,60", "error: cap: 50 di bawah floor 60"),
        ("maximize,10,5,,,,,-1", "error: cap: -1 di bawah floor 0"),
        ("maximize,10,5,,,,,,,5", "error: decimals: \"5\" tidak dapat dipakai; isi 0 sampai 4"),
        ("maximize,10,5,,,,,,,-1", "error: decimals: "),
        ("maximize,10,5,,,,,,,,ceil", "error: rounding: \"ceil\" tidak dikenal"),
        ("maximize,10,5,,,,,,,,,bagus", "error: scale: \"bagus\" tidak dikenal"),
        ("maximize,peringkat 3,2", "error: target: peringkat lebih kecil lebih baik"),
        ("maximize,10,< 5", "error: actual: "),
        ("maximize,10,1e3", "error: actual: "),
        ("maximize,10,NaN", "error: actual: "),
        ("maximize,10,5 dari 10", "error: actual: "),
    ] {
        let [achievement, uncapped, band, reason] = one(fields, "default");
        assert_eq!([achievement, uncapped, band], ["", "", ""], "{fields}");
        assert!(reason.starts_with(named), "{fields}: {reason}");
    }
}

#[test]
fn the_largest_numbers_are_answered_and_do_not_panic() {
    let huge = "999999999999999999";
    for fields in [
        format!("maximize,\"0,000001\",{huge}"),
        format!("minimize,\"0,000001\",{huge}"),
        format!("MinInverse,{huge},\"0,0000000000000000000000000001\""),
        format!("maximize,\"0,0000000000000000000000000001\",{huge}"),
        format!("Stabilize,{huge},-{huge}"),
        format!("RangeMin,,-{huge},,,1,{huge}"),
    ] {
        let [_, _, band, reason] = one(&fields, "lkj");
        assert!(
            ["Sangat Tinggi", "Sangat Rendah", "grey"].contains(&band.as_str()),
            "{fields}: {band} {reason}"
        );
    }
    let [.., reason] = one(&format!("maximize,\"0,0000000000000000000000000001\",{huge}"), "lkj");
    assert!(reason.starts_with("out_of_range: "), "{reason}");
}

#[test]
fn one_bad_row_leaves_the_others_answered() {
    let text = format!(
        "{HEADER}\n\
         a,maximize,100,90,,,,,,,,,\n\
         b,maximize,100\n\
         c,maximize,1.234,56,1000,,,,,,,,,\n\
         ,maximize,100,90,,,,,,,,,\n\
         \"d,maximize,100,90,,,,,,,,,\n\
         ,,,,,,,,,,,,\n\
         e,minimize,10,8,,,,,,,,,\n"
    );
    let (rows, summary) = answered(&text, "default", Language::Indonesian);
    let ids: Vec<_> = rows.iter().map(|it| it[0].as_str()).collect();
    assert_eq!(ids, ["a", "b", "c", "", "", "e"]);
    assert_eq!((rows[0][1].as_str(), rows[5][1].as_str()), ("90.00", "120.00"));
    for (row, named) in [
        (1, "error: baris 3: 3 kolom, seharusnya 13"),
        (2, "error: baris 4: 14 kolom"),
        (3, "error: id: kosong"),
        (4, "error: baris 6: tanda kutip"),
    ] {
        assert!(rows[row][4].starts_with(named), "{}", rows[row][4]);
    }
    assert_eq!(summary, ScoreSummary { measured: 2, not_measurable: 0, errors: 4 });
}

#[test]
fn a_semicolon_sheet_with_a_mark_is_read_and_english_is_spoken() {
    let text = format!("\u{feff}{}\r\na;maximize;1.000,5;;;;;;;;;;\r\n", HEADER.replace(',', ";"));
    let (rows, _) = answered(&text, "default", Language::English);
    assert_eq!(
        rows[0],
        ["a", "", "", "grey", "missing_actual: no actual; blank is not read as zero"]
    );
}

#[test]
fn the_rule_set_decides_what_is_left_empty() {
    assert_eq!(one("minimize,10,0", "regency_a")[..3], ["200.00", "200.00", "green"]);
    assert_eq!(one("minimize,10,0", "regency_b")[..3], ["100.00", "100.00", "Sangat Baik"]);
    assert_eq!(one("maximize,100,100", "kemenkeu127")[..3], ["100.00", "100.00", "yellow"]);
    assert_eq!(one("maximize,100,150", "comparison")[..3], ["150.00", "150.00", "green"]);
}

#[test]
fn a_wrong_header_is_refused_as_a_whole() {
    let rules = RuleSet::named("default").unwrap();
    let error =
        score_sheet("id,target\n".as_bytes(), Vec::new(), rules, Language::Indonesian).unwrap_err();
    assert!(error.text(Language::Indonesian).contains("missing: rule, actual"), "{error}");
}

#[test]
fn a_long_sheet_is_answered_as_it_streams() {
    /// Hands out the header and then one row again and again.
    struct Rows {
        left: u32,
        pending: Vec<u8>,
    }
    impl Read for Rows {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.pending.is_empty() && self.left > 0 {
                self.left -= 1;
                self.pending = b"a,maximize,100,90,,,,,,,,,\n".to_vec();
            }
            let length = self.pending.len().min(buffer.len());
            buffer[..length].copy_from_slice(&self.pending[..length]);
            self.pending.drain(..length);
            Ok(length)
        }
    }
    let rows = Rows { left: 20_000, pending: format!("{HEADER}\n").into_bytes() };
    let rules = RuleSet::named("default").unwrap();
    let summary = score_sheet(rows, std::io::sink(), rules, Language::Indonesian).unwrap();
    assert_eq!(summary.measured, 20_000);
}

/// The rows of a Markdown table that follows a heading, without its head.
fn table_under<'a>(text: &'a str, heading: &str) -> impl Iterator<Item = Vec<&'a str>> {
    let from = text.find(heading).unwrap();
    text[from..]
        .lines()
        .skip_while(|it| !it.starts_with('|'))
        .take_while(|it| it.starts_with('|'))
        .skip(2)
        .map(|it| it.trim_matches('|').split('|').map(str::trim).collect())
}

#[test]
fn the_worked_figures_of_the_documentation() {
    let text = include_str!("../../../../docs/domain/scoring.md");
    let mut lines = 0;
    for row in table_under(text, "## Worked figures") {
        let [set, fields @ .., achievement, uncapped, verdict] = row.as_slice() else {
            panic!("{row:?}")
        };
        let quoted: Vec<_> = fields.iter().map(|it| format!("\"{it}\"")).collect();
        let answer = one(&quoted.join(","), set);
        assert_eq!([&answer[0], &answer[1]], [achievement, uncapped], "{row:?}: {answer:?}");
        let code = answer[3].split(':').next().unwrap();
        assert!(answer[2] == *verdict || code == *verdict, "{row:?}: {answer:?}");
        lines += 1;
    }
    assert_eq!(lines, 41, "every line of the table was read");
}
