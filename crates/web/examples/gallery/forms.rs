//! Forms, with errors and without.

use ekinerja_web::components::card::{Card, Columns, card, grid};
use ekinerja_web::components::forms::{
    Choice, Field, FieldError, Form, Weight, actions, copyable, error_summary, field, fieldset,
    form, link_button, submit, submit_as,
};
use ekinerja_web::components::icon::Icon;
use ekinerja_web::locale::Locale;
use maud::{Markup, html};

/// The sign-in form.
pub(crate) fn sign_in(locale: Locale) -> Markup {
    let frame =
        Form { action: String::from("/masuk"), csrf: String::from("contoh"), ..Form::default() };
    card(
        &Card::default(),
        html! {
            (form(&frame, html! {
                (field(locale, &Field::select("tenant", "Pemerintah daerah", vec![
                    Choice::new("ntb", "Provinsi Nusa Tenggara Barat"),
                    Choice::new("lombok-barat", "Kabupaten Lombok Barat").group("Kabupaten/kota"),
                    Choice::new("mataram", "Kota Mataram").group("Kabupaten/kota"),
                ]).required()))
                (field(locale, &Field::text("username", "Nama akun").required().autocomplete("username")))
                (field(locale, &Field::password("password", "Kata sandi").required().autocomplete("current-password")))
                (actions(submit("Masuk", Weight::Primary)))
            }))
        },
    )
}

/// Recording a value, with what can go wrong.
pub(crate) fn entry(locale: Locale) -> Markup {
    let wrong =
        FieldError::new("Nilai \"1,234.56\" tidak dapat dibaca.", "Tulis 1.234,56 atau 1234.56.");
    let late = FieldError::new("Alasan belum diisi.", "Isian setelah 31 Januari perlu alasan.");
    let errors = [(String::from("value"), wrong.clone()), (String::from("reason"), late.clone())];
    let frame = Form {
        action: String::from("/formulir"),
        csrf: String::from("contoh"),
        multipart: true,
        guarded: true,
        ..Form::default()
    };
    html! {
        (error_summary(locale, &errors))
        (grid(Columns::Halves, html! {
            (card(&Card::titled("Persentase penduduk miskin").subtitle("Tahun 2024 · Dinas Sosial · target 12,5%"), form(&frame, html! {
                (fieldset("Nilai", "Isi nilai, atau pembilang dan penyebut.", html! {
                    (field(locale, &Field::number("value", "Nilai").value("1,234.56").unit("%")
                        .hint("Contoh: 14,23. Kosongkan bila belum ada; kosong bukan nol.").error(Some(wrong))))
                    (field(locale, &Field::number("numerator", "Pembilang").unit("orang").value("709.010")))
                    (field(locale, &Field::number("denominator", "Penyebut").unit("orang")))
                }))
                (fieldset("Bukti", "Berkas PDF, JPG atau PNG paling besar 10 MB, atau tautan.", html! {
                    (field(locale, &Field::file("file", "Berkas", ".pdf,.jpg,.png")))
                    (field(locale, &Field::url("link", "Tautan").hint("Sertakan nomor halaman.")))
                    (field(locale, &Field::text("page", "Halaman")))
                }))
                (field(locale, &Field::textarea("reason", "Alasan terlambat", 3).required().error(Some(late))))
                (actions(html! {
                    (submit_as("Kirim untuk verifikasi", Weight::Primary, "do", "submit"))
                    (submit_as("Simpan draf", Weight::Secondary, "do", "draft"))
                    (link_button("Batal", "/", Weight::Quiet, None))
                }))
            })))
            (card(&Card::titled("Pilihan lain"), form(&frame, html! {
                (field(locale, &Field::radio("mode", "Status isian", vec![
                    Choice::new("value", "Ada nilai"),
                    Choice::new("zero", "Nilainya nol").hint("Nol adalah nilai dan ikut dihitung."),
                    Choice::new("na", "Tidak berlaku").hint("Indikator tidak berlaku di daerah ini."),
                ]).value("zero").required()))
                (field(locale, &Field::select("opd", "OPD penanggung jawab", vec![
                    Choice::new("", "Pilih OPD"),
                    Choice::new("dinsos", "Dinas Sosial").group("Dinas"),
                    Choice::new("bappeda", "Bappeda").group("Badan"),
                ]).required()))
                (field(locale, &Field::date("date", "Tanggal data").value("2024-03-31")))
                (field(locale, &Field::checkbox("agree", "Angka ini sama dengan bukti yang dilampirkan").value("on")))
                (actions(html! {
                    (submit("Setujui", Weight::Primary))
                    (submit("Tolak nilai ini", Weight::Danger))
                    (link_button("Unduh", "/", Weight::Secondary, Some(Icon::Download)))
                }))
                p { "Nomor jejak " (copyable(locale, "4f0c-91ab")) }
            })))
        }))
    }
}
