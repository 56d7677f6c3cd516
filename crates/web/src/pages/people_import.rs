//! Taking over a table of people: uploaded, shown row by row, then done whole or not at all.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use ekinerja_app::members::importing::{PeopleImport, PersonFate, PersonRow, columns};
use ekinerja_app::{App, Code, Refusal};
use ekinerja_documents::table::{Cell, write_csv};
use ekinerja_domain::access::Role;
use maud::{Markup, html};

use crate::components::card::{Card, card};
use crate::components::forms::{
    Field, Form as FormView, Weight, actions, field, form, link_button, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::download::attachment;
use crate::extract::{Fields, MultipartForm};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult, role};
use crate::problem::words_of;
use crate::routes::Routes;
use crate::table_file::{ACCEPTED, text_of};

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/members/import", get(show).post(import))
        .route("/members/import/template.csv", get(template))
}

fn action_of(page: &Page) -> String {
    format!("{}/import", links::members(&page.tenant().slug))
}

async fn show(State(app): State<App>, page: Page) -> PageResult {
    // Who may not administer is told so before anything is prepared.
    app.permit_members(&page.scope())?;
    Ok(draw(&page, &FormState::default(), None))
}

/// An empty table with the right header.
async fn template(State(app): State<App>, page: Page) -> PageResult {
    app.permit_members(&page.scope())?;
    let mut text = Vec::new();
    write_csv(columns(), std::iter::empty::<Vec<Cell>>(), &mut text)
        .map_err(ekinerja_app::Refusal::internal)?;
    Ok(attachment("anggota.csv", "text/csv; charset=utf-8", text))
}

fn draw(page: &Page, state: &FormState, import: Option<(&PeopleImport, &str)>) -> Response {
    let locale = page.locale;
    let action = action_of(page);
    let upload = form(
        &FormView { action: action.clone(), multipart: true, ..FormView::default() },
        html! {
            (field(locale, &Field::file("table", tr!(locale, "people_import.table"), ACCEPTED)
                .hint(tr!(locale, "people_import.table_hint")).error(state.error(locale, "table")).required()))
            (actions(submit(&tr!(locale, "people_import.check"), Weight::Primary)))
        },
    );
    let content = html! {
        (state.summary(locale))
        @if let Some((import, text)) = import { (checked(page, &action, import, text)) }
        (card(&Card::titled(tr!(locale, "people_import.upload")).subtitle(tr!(locale, "people_import.upload_text")), upload))
        (notice(Tone::Info, html! { p { (tr!(locale, "people_import.first_password")) } }))
        (card(&Card::titled(tr!(locale, "people_import.columns")), column_table(locale)))
    };
    let template = format!("{action}/template.csv");
    let tools = link_button(
        &tr!(locale, "people_import.template"),
        &template,
        Weight::Secondary,
        Some(Icon::Download),
    );
    let head = Head::new(tr!(locale, "people_import.title"))
        .under(tr!(locale, "members.title"), links::members(&page.tenant().slug))
        .tools(tools);
    page.show_with(state.status(), head, content)
}

/// What each column takes.
fn column_table(locale: Locale) -> Markup {
    let name = tr!(locale, "people_import.column");
    let head = vec![Column::text(name), Column::text(tr!(locale, "people_import.takes"))];
    let rows = columns().iter().map(|column| {
        let words = match *column {
            "name" => tr!(locale, "people_import.of.name"),
            "username" => tr!(locale, "people_import.of.username"),
            "nip" => tr!(locale, "people_import.of.nip"),
            "role" => {
                let roles =
                    Role::ALL.iter().map(|it| format!("{} ({})", it.code(), role(locale, *it)));
                let roles = roles.collect::<Vec<_>>().join(", ");
                tr!(locale, "people_import.of.role", roles = roles)
            }
            "agency_code" => tr!(locale, "people_import.of.agency_code"),
            "post" => tr!(locale, "people_import.of.post"),
            "acting" => tr!(locale, "people_import.of.acting"),
            "valid_from" => tr!(locale, "people_import.of.valid_from"),
            _ => tr!(locale, "people_import.of.valid_to"),
        };
        Row::new(vec![html! { code { (column) } }, html! { (words) }])
    });
    table(locale, &Table::new(tr!(locale, "people_import.columns"), head).quiet().rows(rows))
}

/// The rows with what becomes of each, and the button that does it.
fn checked(page: &Page, action: &str, import: &PeopleImport, text: &str) -> Markup {
    let locale = page.locale;
    let count = |fate| import.count(fate);
    let (new, joins) = (count(PersonFate::New), count(PersonFate::Joins));
    let (known, faulty) = (count(PersonFate::Known), count(PersonFate::Faulty));
    let head = vec![
        Column::number(tr!(locale, "people_import.line")),
        Column::text(tr!(locale, "members.name")),
        Column::text(tr!(locale, "members.role")),
        Column::text(tr!(locale, "members.agency")),
        Column::text(tr!(locale, "people_import.fate")),
    ];
    let rows = import.rows.iter().map(|row| person_row(locale, row));
    let summary = tr!(
        locale,
        "people_import.summary",
        new = new,
        joins = joins,
        known = known,
        faulty = faulty
    );
    let tone = if faulty > 0 { Tone::Error } else { Tone::Info };
    let caption = tr!(locale, "people_import.rows");
    html! {
        (notice(tone, html! {
            p { (summary) }
            @if faulty > 0 { p { (tr!(locale, "people_import.nothing_done")) } }
        }))
        @if faulty == 0 && new + joins > 0 {
            (form(&FormView { action: action.to_owned(), multipart: true, ..FormView::default() }, html! {
                textarea name="content" hidden { (text) }
                (actions(submit(&tr!(locale, "people_import.take_over", count = new + joins), Weight::Primary)))
            }))
        }
        (card(&Card::titled(&*caption), table(locale, &Table::new(&*caption, head).quiet().rows(rows))))
    }
}

fn person_row(locale: Locale, row: &PersonRow) -> Row {
    let known_role = Role::from_code(&row.role);
    let agency = row.agency.clone().unwrap_or_else(|| match known_role {
        Some(it) if !it.needs_agency() => tr!(locale, "members.whole").into_owned(),
        _ => String::new(),
    });
    let cells = vec![
        html! { (row.line) },
        html! { (row.name) br; small { (row.username) } },
        html! { (known_role.map_or_else(|| row.role.clone(), |it| role(locale, it))) },
        html! { (agency) },
        html! {
            @match row.fate {
                PersonFate::New => (tr!(locale, "people_import.fate_new")),
                PersonFate::Joins => (tr!(locale, "people_import.fate_joins")),
                PersonFate::Known => (tr!(locale, "people_import.fate_known")),
                PersonFate::Faulty => {
                    @for fault in &row.faults {
                        @let words = words_of(locale, fault);
                        p.error { span { b { (fault.field) } ": " (words.title) ". " (words.detail) } }
                    }
                },
            }
        },
    ];
    Row::new(cells).marked(row.fate == PersonFate::Faulty)
}

/// A file is checked and shown; what was shown is done.
async fn import(State(app): State<App>, page: Page, form: MultipartForm) -> PageResult {
    if let Some(text) = form.fields.filled("content") {
        return match app.import_members(&page.scope(), text.as_bytes()).await {
            Ok(done) => {
                let count = done.count(PersonFate::New) + done.count(PersonFate::Joins);
                let flash = Flash::success("flash.people_imported").with("count", count);
                Ok(page.redirect(&links::members(&page.tenant().slug), &flash))
            }
            // Something changed meanwhile: the rows are shown again with what is wrong now.
            Err(refusal) => {
                let state = FormState::refused(Fields::default(), refusal)?;
                check(&app, &page, text.as_bytes(), state).await
            }
        };
    }
    let file = match form.file("table") {
        Some(file) => text_of(&file.content),
        None => Err(Refusal::invalid("table", Code::FieldMissing)),
    };
    match file {
        Ok(text) => check(&app, &page, &text, FormState::default()).await,
        Err(refusal) => {
            app.permit_members(&page.scope())?;
            Ok(draw(&page, &FormState::refused(Fields::default(), refusal)?, None))
        }
    }
}

async fn check(app: &App, page: &Page, text: &[u8], state: FormState) -> PageResult {
    match app.preview_members(&page.scope(), text).await {
        Ok(import) => Ok(draw(page, &state, Some((&import, &String::from_utf8_lossy(text))))),
        Err(refusal) => Ok(draw(page, &FormState::refused(Fields::default(), refusal)?, None)),
    }
}
