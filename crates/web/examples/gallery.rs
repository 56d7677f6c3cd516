//! Every component with example figures, to be looked at in a browser:
//! `cargo run -p ekinerja-web --example gallery`, then open the printed address.
//!
//! The figures are examples and the pages say so.

#[path = "gallery/charts.rs"]
mod charts;
#[path = "gallery/forms.rs"]
mod forms;
#[path = "gallery/pieces.rs"]
mod pieces;

use axum::Router;
use axum::http::Uri;
use axum::http::header::{CONTENT_SECURITY_POLICY, HeaderName};
use axum::routing::get;
use ekinerja_web::components::forms::Choice;
use ekinerja_web::components::icon::Icon;
use ekinerja_web::components::layout::{
    Accent, MenuGroup, MenuItem, Person, PublicShell, Shell, page, public_page,
};
use ekinerja_web::components::navigation::{Place, period_picker};
use ekinerja_web::components::notice::{Flash, Tone};
use ekinerja_web::locale::Locale;
use ekinerja_web::{assets, locale};
use maud::Markup;

/// As strict as the product's: the gallery shows what breaks it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; \
                      img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The pages: address, words, picture.
const PAGES: [(&str, &str, Icon); 6] = [
    ("/", "Dasbor", Icon::Dashboard),
    ("/perbandingan", "Perbandingan daerah", Icon::Compare),
    ("/selaras", "Keselarasan", Icon::Align),
    ("/potongan", "Potongan", Icon::Template),
    ("/formulir", "Isian nilai", Icon::Entry),
    ("/kosong", "Kosong dan masalah", Icon::Info),
];

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new()
        .route("/", get(async |locale, uri| shown(locale, &uri, charts::dashboard(locale))))
        .route(
            "/perbandingan",
            get(async |locale, uri| shown(locale, &uri, charts::comparison(locale))),
        )
        .route("/selaras", get(async |locale, uri| shown(locale, &uri, pieces::alignment(locale))))
        .route("/potongan", get(async |locale, uri| shown(locale, &uri, pieces::all(locale))))
        .route("/formulir", get(async |locale, uri| shown(locale, &uri, forms::entry(locale))))
        .route("/kosong", get(async |locale, uri| shown(locale, &uri, pieces::nothing(locale))))
        .route("/masuk", get(async |locale, uri| public(locale, &uri)))
        .merge(assets::router())
        .merge(locale::router());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8765").await?;
    #[expect(clippy::print_stdout, reason = "an example tells where to look")]
    {
        println!("http://{}", listener.local_addr()?);
    }
    axum::serve(listener, router).await
}

/// A page with the policy it is served under.
type Shown = ([(HeaderName, &'static str); 1], Markup);

fn shown(locale: Locale, uri: &Uri, content: Markup) -> Shown {
    let query = uri.query().unwrap_or_default();
    let accent = Accent::ALL.into_iter().find(|it| query.contains(it.code())).unwrap_or_default();
    let (_, title, _) =
        PAGES.into_iter().find(|(path, _, _)| *path == uri.path()).unwrap_or(PAGES[0]);
    let items = PAGES.map(|(href, label, icon)| MenuItem {
        label: label.to_owned(),
        href: href.to_owned(),
        icon,
        current: href == uri.path(),
        waiting: (href == "/formulir").then_some(3),
    });
    let periods = ["2024", "2023", "2022"].map(|it| Choice::new(it, it)).to_vec();
    let shell = Shell {
        emergencies: Vec::new(),
        at_rest: None,
        locale,
        accent,
        title: title.to_owned(),
        subtitle: String::from("Tahun 2024 · RPJMD 2019–2023 · contoh"),
        government: String::from("Pemprov Nusa Tenggara Barat"),
        level: String::from("Provinsi"),
        home: String::from("/"),
        menu: vec![MenuGroup { label: String::new(), items: items.to_vec() }],
        person: Some(Person {
            name: String::from("Perencana Bappeda"),
            role: String::from("Perencana · Bappeda"),
            account: String::from("/sesi"),
            sign_out: String::from("/masuk"),
        }),
        csrf: String::from("contoh"),
        way: vec![Place::new("Beranda", "/")],
        tools: Some(period_picker(locale, uri.path(), periods, "2024")),
        flashes: vec![],
        demonstration: String::from("Angka di halaman ini contoh, bukan angka pemerintah daerah."),
        foot_links: Vec::new(),
        foot: String::from("Versi data 1.204"),
        here: uri.to_string(),
    };
    ([(CONTENT_SECURITY_POLICY, POLICY)], page(&shell, content))
}

fn public(locale: Locale, uri: &Uri) -> Shown {
    let shell = PublicShell {
        locale,
        title: String::from("Masuk"),
        subtitle: String::from("Pemprov Nusa Tenggara Barat"),
        flashes: vec![Flash::new(Tone::Info, "Sesi Anda berakhir. Silakan masuk kembali.")],
        demonstration: String::from("Peragaan: akun contoh tersedia di terminal."),
        links: vec![Place::new("Beranda", "/")],
        here: uri.to_string(),
        ..PublicShell::default()
    };
    ([(CONTENT_SECURITY_POLICY, POLICY)], public_page(&shell, forms::sign_in(locale)))
}
