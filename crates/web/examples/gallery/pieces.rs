//! The smaller pieces: badges, tables, tree, history, board, matrix, empty places, problems.

use ekinerja_web::components::badge;
use ekinerja_web::components::card::{Card, Columns, card, grid};
use ekinerja_web::components::history::{Compared, Difference, Revision, comparison, timeline};
use ekinerja_web::components::icon::Icon;
use ekinerja_web::components::matrix::{Alignment, Crossing, Matrix, MatrixRow, matrix};
use ekinerja_web::components::navigation::{Pages, Place, pagination, tabs};
use ekinerja_web::components::notice::{
    Empty, Flash, ProblemView, Tone, empty, flash, notice, problem,
};
use ekinerja_web::components::onboarding::{BoardRow, Stage, Step, board, steps};
use ekinerja_web::components::table::{Column, Row, Sorted, Table, definitions, table};
use ekinerja_web::components::tree::{Branch, tree};
use ekinerja_web::components::{SourceMark, Status};
use ekinerja_web::locale::Locale;
use maud::{Markup, html};

const NAMES: [&str; 10] = [
    "Lombok Barat",
    "Lombok Tengah",
    "Lombok Timur",
    "Sumbawa",
    "Dompu",
    "Bima",
    "Sumbawa Barat",
    "Lombok Utara",
    "Kota Mataram",
    "Kota Bima",
];

/// The alignment matrix.
pub(crate) fn alignment(locale: Locale) -> Markup {
    let objectives = [
        "S1 Menurunnya kemiskinan",
        "S2 Meningkatnya kualitas sumber daya manusia",
        "S3 Meningkatnya pertumbuhan ekonomi inklusif",
        "S4 Terwujudnya tata kelola pemerintahan yang bersih",
    ];
    let rows = objectives
        .iter()
        .enumerate()
        .map(|(row, label)| MatrixRow {
            label: (*label).to_owned(),
            href: Some(String::from("/")),
            coverage: String::from("7 dari 10 · 81,2% penduduk"),
            crossings: (0..NAMES.len())
                .map(|column| Crossing {
                    alignment: match (row * 3 + column * 7) % 9 {
                        0..=4 => Alignment::Aligned,
                        5 | 6 => Alignment::Partly,
                        7 => Alignment::None,
                        _ => Alignment::NotApplicable,
                    },
                    reason: String::from("Mengadopsi 2 dari 3 indikator rilis 1.0."),
                    href: Some(String::from("/")),
                })
                .collect(),
        })
        .collect();
    card(
        &Card::titled("Keselarasan sasaran provinsi").subtitle("Sasaran provinsi × kabupaten/kota"),
        matrix(
            locale,
            &Matrix {
                caption: String::from("Keselarasan sasaran provinsi menurut kabupaten/kota"),
                corner: String::from("Sasaran provinsi"),
                columns: NAMES.map(String::from).to_vec(),
                rows,
            },
        ),
    )
}

/// Everything small.
pub(crate) fn all(locale: Locale) -> Markup {
    html! {
        (tabs("Bagian", &[Place::new("Ringkasan", "/potongan"), Place::new("Menunggu", "/potongan").waiting(3), Place::new("Riwayat", "/potongan")], 0))
        (flash(&Flash::new(Tone::Success, "Nilai disimpan.").action("Lihat indikator", "/")))
        (flash(&Flash::new(Tone::Warning, "Periode tutup dalam 3 hari.")))
        (flash(&Flash::new(Tone::Error, "Nilai tidak tersimpan karena orang lain baru saja mengubahnya. Muat ulang, lalu ulangi.")))
        (notice(Tone::Info, html! { p { "Provinsi hanya melihat angka yang diterbitkan." } }))
        (grid(Columns::Halves, html! {
            (card(&Card::titled("Status dan tanda"), badges(locale)))
            (card(&Card::titled("Rencana"), plan(locale)))
            (card(&Card::titled("Riwayat nilai"), revisions(locale)))
            (card(&Card::titled("Manual IKU"), definitions(locale, &[
                (String::from("Definisi"), html! { "Persentase penduduk dengan pengeluaran per kapita di bawah garis kemiskinan." }),
                (String::from("Rumus"), html! { "Penduduk miskin ÷ jumlah penduduk × 100" }),
                (String::from("Sumber"), html! { "Susenas, BPS" }),
                (String::from("Frekuensi"), html! {}),
            ])))
            (card(&Card::titled("Langkah pembukaan"), steps(locale, "Langkah", &board_steps(3))))
            (card(&Card::titled("Rilis 1.0 dan 1.1"), differences(locale)))
        }))
        (card(&Card::titled("Organisasi perangkat daerah"), agencies(locale)))
        (card(&Card::titled("Papan pembukaan"), board(locale, "Papan pembukaan kabupaten/kota", &NAMES.iter().enumerate().take(5).map(|(at, name)| BoardRow {
            name: (*name).to_owned(), href: Some(String::from("/")), steps: board_steps(at + 1),
        }).collect::<Vec<_>>())))
    }
}

fn badges(locale: Locale) -> Markup {
    html! {
        p.marks { @for it in Status::ALL { (badge::status(locale, it)) } (badge::status_named(Status::Green, "Sangat Baik")) }
        p.marks {
            @for it in [SourceMark::Official, SourceMark::Unverified, SourceMark::Derived, SourceMark::Illustrative, SourceMark::Estimate] {
                (badge::source(locale, it))
            }
            (badge::tag("terkunci")) (badge::tag("rilis 1.0"))
        }
    }
}

fn plan(locale: Locale) -> Markup {
    tree(
        "RPJMD",
        &[Branch::new("Visi", "NTB Gemilang").children(vec![
            Branch::new("Misi", "NTB Sehat dan Cerdas").href("/").children(vec![
                Branch::new("Tujuan", "Meningkatnya kualitas hidup masyarakat").children(vec![
                    Branch::new("Sasaran", "Meningkatnya derajat kesehatan masyarakat")
                        .href("/")
                        .extra(badge::status(locale, Status::Yellow))
                        .children(vec![
                            Branch::new("IKU", "Umur harapan hidup")
                                .href("/")
                                .extra(badge::tag("72,4 tahun")),
                            Branch::new("IKU", "Prevalensi stunting").href("/"),
                        ]),
                ]),
            ]),
            Branch::new("Misi", "NTB Bersih dan Melayani")
                .folded()
                .children(vec![Branch::new("Tujuan", "Birokrasi yang bersih")]),
        ])],
    )
}

fn revisions(locale: Locale) -> Markup {
    let it = |what: &str, note: &str, status, current| Revision {
        what: what.to_owned(),
        who: String::from("Verifikator Bappeda"),
        when: String::from("15 Maret 2024 09.15 WITA"),
        note: note.to_owned(),
        status,
        current,
    };
    timeline(
        locale,
        "Riwayat nilai 2023",
        &[
            it("Nilai 13,85% diverifikasi", "Sesuai BRS halaman 4.", Some(Status::Green), true),
            it(
                "Nilai 13,58% ditolak",
                "Angka tertukar; periksa lampiran.",
                Some(Status::Red),
                false,
            ),
            it("Nilai 13,58% direkam", "", None, false),
        ],
    )
}

fn differences(locale: Locale) -> Markup {
    let it = |field: &str, before: &str, after: &str, difference| Compared {
        field: field.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
        difference,
    };
    comparison(
        locale,
        "Perbedaan rilis 1.0 dan 1.1",
        ("Rilis 1.0", "Rilis 1.1"),
        &[
            it("Target 2023", "12,50", "12,00", Difference::Changed),
            it("Sumber", "BPS", "BPS", Difference::Same),
            it("Frekuensi", "", "Tahunan", Difference::Added),
            it("Bobot", "10", "15", Difference::Conflict),
        ],
    )
}

fn board_steps(done: usize) -> Vec<Step> {
    ["Diundang", "Diterima", "Akun diatur", "Templat diadopsi", "Nilai pertama"]
        .iter()
        .enumerate()
        .map(|(at, label)| Step {
            label: (*label).to_owned(),
            stage: match at {
                at if at < done => Stage::Done,
                at if at == done => Stage::Next,
                _ => Stage::Later,
            },
            note: if at < done { String::from("12 Jan 2024") } else { String::new() },
            href: Some(String::from("/")),
        })
        .collect()
}

fn agencies(locale: Locale) -> Markup {
    let rows = [
        ("Dinas Kesehatan", "Dinas", "12", "3"),
        ("Bappeda", "Badan", "1.204", "0"),
        ("Dinas Sosial", "Dinas", "8", "1"),
    ];
    let it = Table::new(
        "Organisasi perangkat daerah",
        vec![
            Column::text("Nama").sort("?sort=name", Sorted::Ascending),
            Column::text("Jenis"),
            Column::number("IKU").sort("?sort=iku", Sorted::No),
            Column::number("Belum diisi"),
        ],
    )
    .quiet()
    .rows(rows.iter().enumerate().map(|(at, (name, kind, count, open))| {
        Row::new(vec![
            html! { a href="/" { (name) } },
            html! { (kind) },
            html! { (count) },
            html! { (open) },
        ])
        .marked(at == 1)
    }));
    html! {
        (table(locale, &it))
        (pagination(locale, &Pages { previous: Some(String::from("?page=1")), next: Some(String::from("?page=3")), shown: String::from("21–40 dari 52") }))
    }
}

/// Empty places and problems.
pub(crate) fn nothing(locale: Locale) -> Markup {
    html! {
        (empty(&Empty {
            title: String::from("Belum ada rilis templat"),
            text: String::from("Perencana provinsi menyusun pohon RPJMD, lalu merilisnya. Setelah itu kabupaten/kota dapat mengadopsi."),
            action: Some((String::from("Susun rencana"), String::from("/"))),
            icon: Icon::Template,
        }))
        (problem(locale, &ProblemView {
            status: 404,
            title: String::from("Halaman tidak ditemukan"),
            detail: String::from("Alamatnya mungkin salah ketik, atau Anda tidak berhak melihatnya."),
            code: String::from("not-found"),
            trace: String::from("4f0c91ab77d2"),
            action: Some((String::from("Ke beranda"), String::from("/"))),
        }))
    }
}
