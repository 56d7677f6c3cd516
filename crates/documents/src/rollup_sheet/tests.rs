//! Groups, bad rows, double ids, and the figures of the documentation.

use super::*;

const HEADER: &str = "group,id,method,value,numerator,denominator,weight";

fn answered(rows: &str) -> Vec<Vec<String>> {
    answered_with(rows, &RollUpSheetOptions::default()).0
}

fn answered_with(rows: &str, options: &RollUpSheetOptions) -> (Vec<Vec<String>>, RollUpSummary) {
    let mut output = Vec::new();
    let text = format!("{HEADER}\n{rows}");
    let summary = rollup_sheet(text.as_bytes(), &mut output, options).unwrap();
    let mut reader = csv::Reader::from_reader(output.as_slice());
    assert_eq!(reader.headers().unwrap(), ANSWER.as_slice());
    let lines =
        reader.records().map(|it| it.unwrap().iter().map(ToOwned::to_owned).collect()).collect();
    (lines, summary)
}

#[test]
fn one_line_per_group_in_the_order_given() {
    let lines = answered(
        "z,A,ratio_of_sums,,100,1000,\n\
         a,A,sum,10,,,\n\
         z,B,RatioOfSums,,30,100,\n\
         a,B,sum,\"1.000,5\",,,\n\
         w,A,weighted_by_variable,70,,,300\n\
         w,B,weighted_by_variable,60,,,100\n",
    );
    assert_eq!(
        lines,
        [
            ["z", "11.82", "2", "2", "100.00", ""],
            ["a", "1010.5", "2", "2", "100.00", ""],
            ["w", "67.50", "2", "2", "100.00", ""],
        ]
    );
}

#[test]
fn the_values_beside_the_parts_tell_the_factor() {
    for (first, second, value) in [
        ("10", "30", "11.82"),
        ("0.1", "0.3", "0.1182"),
        ("100", "300", "118.18"),
        ("", "", "11.82"),
    ] {
        let lines = answered(&format!(
            "g,A,ratio_of_sums,{first},100,1000,\ng,B,ratio_of_sums,{second},30,100,\n"
        ));
        assert_eq!(lines[0][1], value, "{first}");
        assert_eq!(lines[0][5], "");
    }
    let odd = answered("g,A,ratio_of_sums,77,100,1000,\n");
    assert_eq!(odd[0][1], "10.00");
    assert!(odd[0][5].starts_with("value_mismatch: "), "{}", odd[0][5]);
    let per = RollUpSheetOptions { per: Some(Decimal::from(1000)), ..Default::default() };
    let (lines, _) = answered_with("g,A,ratio_of_sums,,1,1000,\n", &per);
    assert_eq!(lines[0][1], "1.00");
}

#[test]
fn a_member_without_a_figure_is_expected_and_does_not_report() {
    let lines = answered(
        "g,A,sum,10,,,60\ng,B,sum,,,,20\ng,C,sum,-,,,20\n\
         r,A,ratio_of_sums,,5,100,\nr,B,ratio_of_sums,,,300,\nr,C,ratio_of_sums,7,,,\n",
    );
    assert_eq!(lines[0][..5], ["g", "10", "1", "3", "60.00"]);
    assert_eq!(lines[0][5], "partial: 1 dari 3; B (nilai kosong), C (nilai kosong)");
    assert_eq!(lines[1][..5], ["r", "5.00", "1", "3", "33.33"]);
    assert!(lines[1][5].contains("C (pembilang atau penyebut kosong)"), "{}", lines[1][5]);
}

#[test]
fn coverage_goes_by_denominators_when_all_are_known() {
    let lines = answered("r,A,ratio_of_sums,,5,100,\nr,B,ratio_of_sums,,,300,\n");
    assert_eq!(lines[0][1..5], ["5.00", "1", "2", "25.00"]);
}

#[test]
fn a_bad_row_is_an_error_line_and_the_member_still_expected() {
    let (lines, summary) = answered_with(
        "g,A,sum,10,,,\n\
         g,B,sum,\"1,234.56\",,,\n\
         g,C,ratio_of_sums,,1,2,\n\
         g,D,rata-rata,5,,,\n\
         ,E,sum,5,,,\n\
         g,,sum,5,,,\n\
         g,F,sum,5\n\
         r,A,ratio_of_sums,,5,0,\n\
         r,B,ratio_of_sums,,5,-2,\n\
         w,A,weighted_by_variable,5,,,-1\n",
        &RollUpSheetOptions::default(),
    );
    let errors: Vec<_> = lines.iter().filter(|it| it[5].starts_with("error: ")).collect();
    for (line, named) in errors.iter().zip([
        "error: baris 3, id B: value: \"1,234.56\" koma sebagai",
        "error: baris 4, id C: method: ratio_of_sums berbeda",
        "error: baris 5, id D: method: \"rata-rata\" tidak dikenal; pilih sum",
        "error: baris 6: group: kosong",
        "error: baris 7: id: kosong",
        "error: baris 8: 4 kolom, seharusnya 7",
        "error: baris 9, id A: denominator: nol atau negatif",
        "error: baris 10, id B: denominator: nol atau negatif",
        "error: baris 11, id A: weight: tidak boleh negatif",
    ]) {
        assert!(line[5].starts_with(named), "{} / {named}", line[5]);
    }
    assert_eq!(errors.len(), 9);
    assert_eq!(lines[9][..4], ["g", "10", "1", "4"]);
    assert_eq!(lines[10][..4], ["r", "", "0", "2"]);
    assert!(lines[10][5].starts_with("nothing_reported: "));
    assert!(lines[10][5].contains("A (baris tidak dapat dipakai)"), "{}", lines[10][5]);
    assert_eq!(summary, RollUpSummary { groups: 3, without_value: 2, errors: 9 });
}

#[test]
fn a_member_never_counts_twice() {
    // The same figures again: once. Other figures: neither, whatever the order.
    let same = answered("g,A,sum,10,,,\ng,B,sum,5,,,\ng,A,sum,10,,,\n");
    assert!(same[0][5].contains("baris 4, id A: id sudah ada dengan angka yang sama"));
    assert_eq!(same[1][..4], ["g", "15", "2", "2"]);
    for rows in [
        "g,A,sum,10,,,\ng,B,sum,5,,,\ng,A,sum,90,,,\n",
        "g,A,sum,90,,,\ng,B,sum,5,,,\ng,A,sum,10,,,\n",
    ] {
        let other = answered(rows);
        assert!(other[0][5].contains("id sudah ada dengan angka lain"), "{}", other[0][5]);
        assert_eq!(other[1][..4], ["g", "5", "1", "2"]);
    }
}

#[test]
fn the_official_figure_beats_the_computed_one() {
    let lines = answered("g,A,sum,10,,,\ng,resmi,sum,29,,,\ng,B,sum,20,,,\n");
    assert_eq!(lines[0][..5], ["g", "29", "2", "2", "100.00"]);
    assert_eq!(lines[0][5], "official: angka resmi; hasil hitung 30, selisih 1");
    let only = answered("g,A,official_only,10,,,\ng,official,official_only,0.38,,,\n");
    assert_eq!(only[0][1], "0.38");
    let none = answered("g,A,official_only,10,,,\n");
    assert_eq!(none[0][1], "");
    assert!(none[0][5].starts_with("no_official_figure: "));
}

#[test]
fn methods_without_a_number() {
    let lines = answered(
        "g,A,distribution,BB,,,\ng,B,distribution,A,,,\ng,C,distribution,BB,,,\ng,D,distribution,,,,\n\
         n,A,none,5,,,\n\
         i,A,ipm_from_components,70,,,100\n",
    );
    assert!(lines[0][5].starts_with("error: baris 7, id A: method: ipm_from_components"));
    assert_eq!(lines[1][..4], ["g", "BB", "3", "4"]);
    assert!(
        lines[1][5].starts_with("distribution: BB 2, A 1; partial: 3 dari 4"),
        "{}",
        lines[1][5]
    );
    assert_eq!(lines[2][..2], ["n", ""]);
    assert!(lines[2][5].starts_with("no_aggregate: "));
    assert_eq!(lines[3][..4], ["i", "", "0", "1"]);
    assert!(lines[3][5].starts_with("no_method: "));
}

#[test]
fn the_largest_numbers_do_not_panic() {
    let huge = "999999999999999999";
    let tiny = "\"0,0000000000000000000000000001\"";
    let lines = answered(&format!(
        "g,A,ratio_of_sums,{huge},{huge},{tiny},\nw,A,weighted_by_variable,{huge},,,{huge}\n"
    ));
    assert!(lines[0][5].starts_with("out_of_range: "), "{}", lines[0][5]);
    assert!(lines[1][5].starts_with("out_of_range: "), "{}", lines[1][5]);
}

#[test]
fn a_number_that_reads_otherwise_elsewhere_is_told() {
    let lines = answered("g,A,sum,1.000,,,\ng,B,sum,2.345,,,\ng,C,sum,1,,,\n");
    assert_eq!(lines[0][..4], ["g", "3346", "3", "3"]);
    assert_eq!(lines[0][5], "read_as: A value 1.000 dibaca 1000 (+1)");
}

#[test]
fn no_rows_no_groups() {
    assert_eq!(answered("").len(), 0);
    let refused = rollup_sheet("group,id\n".as_bytes(), Vec::new(), &RollUpSheetOptions::default());
    assert!(refused.is_err());
}

#[test]
fn the_worked_figures_of_the_documentation() {
    let text = include_str!("../../../../docs/domain/rollup.md");
    let (_, worked) = text.split_once("## Worked figures").unwrap();
    let mut tables = worked.split("\n\n").filter(|it| it.starts_with('|'));
    let mut table = || {
        let rows = tables.next().unwrap().lines().skip(2);
        rows.map(|it| it.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    };
    let quoted = |row: &Vec<&str>| {
        row.iter().map(|it| format!("\"{it}\"")).collect::<Vec<_>>().join(",") + "\n"
    };
    let rows: String = table().iter().map(quoted).collect();
    let (answers, expected) = (answered(&rows), table());
    assert_eq!(answers.len(), expected.len());
    for (answer, line) in answers.iter().zip(&expected) {
        assert_eq!(answer[..5], line[..5]);
        assert!(answer[5].starts_with(line[5]), "{} / {}", answer[5], line[5]);
        assert_eq!(answer[5].is_empty(), line[5].is_empty());
    }
}
