//! Pages made of charts.

use ekinerja_web::charts::Unit;
use ekinerja_web::charts::bars::{Bar, RankedBars, Silent, ranked_bars};
use ekinerja_web::charts::choropleth::{Choropleth, MapValue, Shade, choropleth, class_legend};
use ekinerja_web::charts::gauge::{Gauge, gauge};
use ekinerja_web::charts::heat::{HeatCell, HeatColumn, HeatRow, HeatTable, heat_table};
use ekinerja_web::charts::line::Point;
use ekinerja_web::charts::map::BaseMap;
use ekinerja_web::charts::multiples::{Multiple, Multiples, multiples};
use ekinerja_web::charts::scale::{class_bounds, class_of};
use ekinerja_web::charts::status_bar::{Counts, PerspectiveCard, PerspectiveHue, perspective_card};
use ekinerja_web::charts::trend::{Trend, trend};
use ekinerja_web::components::card::{Card, Columns, card, grid};
use ekinerja_web::components::figure::{Change, Coverage, Figure, Target, figure};
use ekinerja_web::components::forms::{Choice, Field, Weight, link_button};
use ekinerja_web::components::icon::Icon;
use ekinerja_web::components::navigation::filters;
use ekinerja_web::components::notice::not_comparable;
use ekinerja_web::components::table::twin;
use ekinerja_web::components::{Amount, Direction, SourceMark, Status, badge};
use ekinerja_web::format;
use ekinerja_web::locale::Locale;
use maud::{Markup, html};
use rust_decimal::Decimal;

/// Code, name, value of 2024 and of 2023 in hundredths, by rank.
const REGENCIES: [(&str, &str, i64, i64); 8] = [
    ("52.71", "Kota Mataram", 8192, 8103),
    ("52.72", "Kota Bima", 7957, 7892),
    ("52.07", "Sumbawa Barat", 7564, 7489),
    ("52.04", "Sumbawa", 7154, 7101),
    ("52.05", "Dompu", 7153, 7160),
    ("52.01", "Lombok Barat", 7126, 7040),
    ("52.06", "Bima", 7043, 6969),
    ("52.03", "Lombok Timur", 7021, 6954),
];

fn status(value: i64) -> Status {
    match value {
        7_500.. => Status::Green,
        7_100.. => Status::Yellow,
        _ => Status::Red,
    }
}

fn moved(now: i64, before: i64) -> Change {
    Change {
        value: Decimal::new(now - before, 2),
        decimals: 2,
        since: String::new(),
        better: Some(now > before),
    }
}

fn history(now: i64) -> Vec<Point> {
    let years =
        [(2018, 210), (2019, 150), (2020, 140), (2021, 105), (2022, 60), (2023, 70), (2024, 0)];
    years
        .into_iter()
        .map(|(year, less)| {
            let mut point = Point::new(year.to_string(), Some(Decimal::new(now - less * 2, 2)));
            if year == 2021 && now % 3 == 0 {
                point.value = None;
            }
            point.series = u16::from(year > 2019);
            point.target = Some(Decimal::new(7_400, 2));
            point
        })
        .collect()
}

/// The dashboard of a leader.
pub(crate) fn dashboard(locale: Locale) -> Markup {
    html! {
        (grid(Columns::Narrow, html! {
            (card(&Card::titled("Nilai kinerja organisasi"), gauge(locale, &Gauge {
                id: String::from("nko"),
                title: String::from("Nilai kinerja organisasi"),
                value: Some(Decimal::new(8594, 2)),
                full: Decimal::from(120),
                target: Some(Decimal::from(100)),
                status: Status::Yellow,
                word: String::from("Kurang"),
                decimals: 2,
            })))
            (perspectives(locale))
        }))
        (grid(Columns::Narrow, figures(locale)))
        (card(&Card::titled("Indeks Pembangunan Manusia").subtitle("Provinsi, dua deret tidak disambung"), html! {
            @let it = provincial_trend();
            (trend(locale, &it)) (twin(locale, &it.table(locale)))
        }))
    }
}

fn perspectives(locale: Locale) -> Markup {
    let all = [
        ("Pemangku Kepentingan", PerspectiveHue::Stakeholder, 914, Status::Green, [9, 2, 1, 0], 14),
        ("Proses Internal", PerspectiveHue::Process, 872, Status::Yellow, [11, 6, 1, 2], 22),
        (
            "Pembelajaran dan Pertumbuhan",
            PerspectiveHue::Learning,
            720,
            Status::Red,
            [5, 4, 4, 0],
            -10,
        ),
        ("Keuangan dan Anggaran", PerspectiveHue::Finance, 951, Status::Green, [8, 1, 0, 3], 11),
    ];
    html! {
        @for (name, hue, value, status, [green, yellow, red, missing], change) in all {
            (perspective_card(locale, &PerspectiveCard {
                name: name.to_owned(),
                hue,
                href: Some(String::from("/")),
                achievement: Some(Decimal::new(value, 1)),
                status,
                word: String::new(),
                change: Some(Change {
                    value: Decimal::new(change, 1),
                    decimals: 1,
                    since: String::from("TW II"),
                    better: Some(change > 0),
                }),
                points: history(value * 8),
                counts: Counts::of([(Status::Green, green), (Status::Yellow, yellow), (Status::Red, red), (Status::Missing, missing)]),
                weight: Some(Decimal::from(25)),
            }))
        }
    }
}

fn figures(locale: Locale) -> Markup {
    let ipm = Figure {
        target: Some(Target {
            amount: Amount::of(Decimal::new(7302, 2), 2, ""),
            marks: vec![SourceMark::Illustrative],
        }),
        direction: Some(Direction::Higher),
        achievement: Some(Decimal::new(9911, 2)),
        status: Some((Status::Yellow, None)),
        change: Some(Change {
            value: Decimal::new(95, 2),
            decimals: 2,
            since: String::from("2022"),
            better: Some(true),
        }),
        age: Some(format::age(locale, 41)),
        marks: vec![SourceMark::Official],
        source: Some(String::from("BPS, Berita Resmi Statistik")),
        why: Some(String::from("/")),
        href: Some(String::from("/")),
        ..Figure::new(
            "Indeks Pembangunan Manusia",
            Amount::of(Decimal::new(7237, 2), 2, "indeks"),
            "2023",
        )
    };
    let poor = Figure {
        direction: Some(Direction::Lower),
        status: Some((Status::Provisional, None)),
        coverage: Some(Coverage {
            reporting: 8,
            expected: 10,
            weight: Some((Decimal::new(924, 1), String::from("penduduk"))),
            missing: vec![String::from("Lombok Utara"), String::from("Lombok Tengah")],
        }),
        age: Some(format::age(locale, 200)),
        marks: vec![SourceMark::Estimate, SourceMark::Unverified],
        why: Some(String::from("/")),
        ..Figure::new("Penduduk miskin", Amount::of(Decimal::from(539_210), 0, "orang"), "2024")
    };
    let stunting = Figure {
        target: Some(Target { amount: Amount::of(Decimal::from(14), 1, "%"), marks: vec![] }),
        direction: Some(Direction::Lower),
        ..Figure::new("Prevalensi stunting (SKI)", Amount::None(Status::NotYetDue), "2025")
    };
    html! { @for it in [ipm, poor, stunting] { (card(&Card::default(), figure(locale, &it))) } }
}

fn provincial_trend() -> Trend {
    let values = [6730, 6814, 6825, 6865, 6946, 7237, 7310];
    let points = values.iter().zip(2018..).map(|(value, year)| {
        let mut point = Point::new(year.to_string(), Some(Decimal::new(*value, 2)));
        point.series = u16::from(year > 2022);
        point.target = (year > 2020).then(|| Decimal::new(7100 + i64::from(year - 2020) * 40, 2));
        if year < 2020 {
            point.marks = vec![SourceMark::Unverified];
        }
        if year == 2024 {
            point.value = None;
        }
        point
    });
    Trend {
        id: String::from("tren-ipm"),
        title: String::from("Indeks Pembangunan Manusia, Provinsi NTB"),
        unit: Unit::new("indeks", 2),
        points: points.collect(),
        status: Some(Status::Yellow),
        break_reason: String::from("mulai 2023 memakai umur harapan hidup hasil Sensus 2020"),
    }
}

/// The comparison of regencies.
pub(crate) fn comparison(locale: Locale) -> Markup {
    let bars = ranking();
    let small = small_multiples();
    html! {
        (filters(locale, "/perbandingan", &[
            Field::select("indicator", "Indikator", vec![
                Choice::new("IPM", "Indeks Pembangunan Manusia").group("Kesejahteraan"),
                Choice::new("P0", "Persentase penduduk miskin").group("Kesejahteraan"),
            ]).value("IPM").required(),
            Field::select("sort", "Urutan", vec![Choice::new("rank", "Peringkat"), Choice::new("name", "Nama")]).required(),
        ]))
        (grid(Columns::Halves, html! {
            (card(&Card::titled("Peringkat kabupaten/kota").subtitle("IPM 2024, makin tinggi makin baik")
                .tools(link_button("CSV", "/", Weight::Secondary, Some(Icon::Download))), html! {
                (ranked_bars(locale, &bars)) (twin(locale, &bars.table(locale)))
            }))
            (card(&Card::titled("Peta IPM 2024").subtitle("Kelas nilai; wilayah tanpa nilai diarsir"), html! {
                (map(locale)) (twin(locale, &bars.table(locale)))
            }))
        }))
        (card(&Card::titled("Tren tujuh tahun").subtitle("Skala sama untuk semua; garis putus-putus target; deret berganti pada 2020"), html! {
            (multiples(locale, &small)) (twin(locale, &small.table(locale)))
        }))
        (card(&Card::titled("Beberapa indikator berdampingan").subtitle("Warna menurut capaian terhadap target, aturan banding provinsi v1")
            .tools(badge::legend(&[Status::Green, Status::Yellow, Status::Red, Status::Missing].map(|it| (it, it.word(locale).into_owned())))),
            heat(locale)))
        (not_comparable(locale, "Dompu memakai rilis 1.0 dan Bima rilis 2.0 dengan definisi yang berbeda."))
    }
}

fn ranking() -> RankedBars {
    RankedBars {
        title: String::from("IPM 2024 menurut kabupaten/kota"),
        unit: Unit::new("", 2),
        period: String::from("2024"),
        previous_period: String::from("2023"),
        bars: REGENCIES
            .iter()
            .zip(1..)
            .map(|((_, name, now, before), rank)| Bar {
                rank: if (4..=5).contains(&rank) {
                    String::from("4–5")
                } else {
                    rank.to_string()
                },
                name: (*name).to_owned(),
                href: Some(String::from("/")),
                value: Decimal::new(*now, 2),
                status: status(*now),
                previous: Some(Decimal::new(*before, 2)),
                target: None,
                change: Some(moved(*now, *before)),
                marks: if *name == "Bima" { vec![SourceMark::Derived] } else { vec![] },
                own: *name == "Lombok Barat",
            })
            .collect(),
        target: Some(Decimal::from(74)),
        reference: Some((String::from("Provinsi"), Decimal::new(7310, 2))),
        silent: vec![
            Silent {
                name: String::from("Lombok Tengah"),
                href: Some(String::from("/")),
                status: Status::Missing,
                reason: String::from("Belum menerbitkan periode 2024."),
            },
            Silent {
                name: String::from("Lombok Utara"),
                href: None,
                status: Status::NotYetDue,
                reason: String::from("Jatuh tempo 31 Maret 2025."),
            },
        ],
    }
}

fn map(locale: Locale) -> Markup {
    let Some(map) = BaseMap::of_province("52") else { return html! {} };
    let all: Vec<Decimal> = REGENCIES.iter().map(|it| Decimal::new(it.2, 2)).collect();
    let bounds = class_bounds(&all);
    let words: Vec<String> = bounds.iter().map(|it| format::number_as_is(locale, *it)).collect();
    let values: Vec<MapValue> = REGENCIES
        .iter()
        .map(|(code, name, now, _)| MapValue {
            code: (*code).to_owned(),
            shade: Shade::Class(
                u8::try_from(class_of(Decimal::new(*now, 2), &bounds)).unwrap_or(u8::MAX),
            ),
            text: format::number(locale, Decimal::new(*now, 2), 2),
            about: vec![format!("Kode {code}")],
            href: Some(String::from("/")),
            own: *name == "Lombok Barat",
        })
        .collect();
    choropleth(
        locale,
        &Choropleth {
            id: "peta",
            title: "IPM 2024 menurut kabupaten/kota",
            description: "Tertinggi Kota Mataram 81,92; terendah Lombok Timur 70,21; tanpa nilai \
                          Lombok Tengah dan Lombok Utara.",
            map,
            values: &values,
            legend: &class_legend(locale, &words),
        },
    )
}

fn small_multiples() -> Multiples {
    Multiples {
        title: String::from("Tren IPM 2018–2024"),
        unit: Unit::new("", 2),
        items: REGENCIES
            .iter()
            .map(|(_, name, now, _)| Multiple {
                name: (*name).to_owned(),
                href: Some(String::from("/")),
                points: history(*now),
                status: status(*now),
                own: *name == "Lombok Barat",
            })
            .collect(),
    }
}

fn heat(locale: Locale) -> Markup {
    let column = |label: &str, about: &str| HeatColumn {
        label: label.to_owned(),
        href: Some(String::from("/")),
        about: about.to_owned(),
    };
    let cell = |value: i64, decimals: u32, status, percent: i64| HeatCell {
        amount: Amount::of(Decimal::new(value, decimals), decimals, ""),
        achievement: Some(Decimal::new(percent, 1)),
        status,
        note: String::from("BPS, usia 41 hari"),
        href: Some(String::from("/")),
    };
    let nothing = |status| HeatCell {
        amount: Amount::None(status),
        achievement: None,
        status,
        note: String::new(),
        href: None,
    };
    let rows = REGENCIES
        .iter()
        .zip(0..)
        .map(|((_, name, now, _), at)| HeatRow {
            label: (*name).to_owned(),
            href: Some(String::from("/")),
            own: *name == "Lombok Barat",
            cells: vec![
                cell(*now, 2, status(*now), now / 8),
                if at % 3 == 1 {
                    nothing(Status::Missing)
                } else {
                    cell(1380 + at * 40, 2, Status::Yellow, 902)
                },
                if *name == "Kota Mataram" {
                    nothing(Status::NotApplicable)
                } else {
                    cell(271 + at * 9, 1, Status::Red, 714)
                },
                if at == 4 {
                    nothing(Status::NotYetDue)
                } else {
                    cell(512 + at * 3, 2, Status::Green, 1032)
                },
                cell(297, 2, Status::Green, 1100),
            ],
        })
        .collect();
    heat_table(
        locale,
        &HeatTable {
            caption: String::from("Lima indikator menurut kabupaten/kota, 2024"),
            columns: vec![
                column("IPM", "indeks, makin tinggi makin baik"),
                column("Kemiskinan", "%, makin rendah makin baik"),
                column("Stunting", "%, makin rendah makin baik"),
                column("Pertumbuhan ekonomi", "%, makin tinggi makin baik"),
                column("Pengangguran", "%, makin rendah makin baik"),
            ],
            rows,
        },
    )
}
