//! The OPD tree: read by everybody of the government, kept by its administrators.

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_app::agencies::{AgencyChange, AgencyDraft, ImportPreview, RowFate};
use ekinerja_domain::access::Administer;
use ekinerja_domain::access::policy::Organisation;
use ekinerja_domain::agency::{Agency, AgencyKind};
use ekinerja_domain::ids::AgencyId;
use maud::{Markup, html};
use serde::Deserialize;

use crate::components::SourceMark;
use crate::components::badge::{source, tag};
use crate::components::card::{Card, card};
use crate::components::forms::{
    Choice, Field, Form as FormView, Weight, actions, field, form, link_button, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::table::{Column, Row, Table, definitions, table};
use crate::components::tree::{Branch, tree};
use crate::extract::{Fields, Form, Id, MultipartForm, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::words_of;
use crate::routes::Routes;
use crate::table_file::{ACCEPTED, text_of};

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/organisation", get(show_organisation))
        .route("/organisation/new", get(show_new).post(add_agency))
        .route("/organisation/import", get(show_import).post(import))
        .route("/organisation/{agency}", get(show_agency).post(amend_agency))
}

/// An address below the tree's own.
fn below(page: &Page, rest: &str) -> String {
    format!("{}/{rest}", links::organisation(&page.tenant().slug))
}

async fn show_organisation(State(app): State<App>, page: Page) -> PageResult {
    let locale = page.locale;
    let agencies = app.agencies(&page.scope()).await?;
    let may = page.may::<Administer, _>(&Organisation);
    let head = Head::new(tr!(locale, "organisation.title")).subtitle(tr!(
        locale,
        "organisation.count",
        count = agencies.len()
    ));
    let (new, import) = (below(&page, "new"), below(&page, "import"));
    if agencies.is_empty() {
        let action = may.then(|| (tr!(locale, "organisation.import").into_owned(), import));
        let content = empty(&Empty {
            title: tr!(locale, "organisation.none").into_owned(),
            text: tr!(locale, "organisation.none_text").into_owned(),
            action,
            icon: Icon::Organisation,
        });
        return Ok(page.show(head, content));
    }
    let content = card(
        &Card::default(),
        tree(&tr!(locale, "organisation.title"), &branches(&page, &agencies, None)),
    );
    let head = if may {
        head.tools(html! {
            (link_button(&tr!(locale, "organisation.add"), &new, Weight::Primary, Some(Icon::Add)))
            (link_button(&tr!(locale, "organisation.import"), &import, Weight::Secondary, Some(Icon::Upload)))
        })
    } else {
        head
    };
    Ok(page.show(head, content))
}

fn branches(page: &Page, agencies: &[Agency], parent: Option<AgencyId>) -> Vec<Branch> {
    let branch = |it: &Agency| {
        let extra = html! {
            code { (it.code) }
            @if let Some(short) = &it.abbreviation { " " (tag(short)) }
            @if !it.verified { " " (source(page.locale, SourceMark::Unverified)) }
        };
        Branch::new(kind_words(page.locale, it.kind), &it.name)
            .href(below(page, &it.id.to_string()))
            .extra(extra)
            .children(branches(page, agencies, Some(it.id)))
    };
    agencies.iter().filter(|it| it.parent == parent).map(branch).collect()
}

/// A kind in words.
fn kind_words(locale: Locale, kind: AgencyKind) -> String {
    match kind {
        AgencyKind::Secretariat => tr!(locale, "organisation.kind.secretariat"),
        AgencyKind::Bureau => tr!(locale, "organisation.kind.bureau"),
        AgencyKind::Department => tr!(locale, "organisation.kind.department"),
        AgencyKind::Board => tr!(locale, "organisation.kind.board"),
        AgencyKind::Inspectorate => tr!(locale, "organisation.kind.inspectorate"),
        AgencyKind::Unit => tr!(locale, "organisation.kind.unit"),
        AgencyKind::Hospital => tr!(locale, "organisation.kind.hospital"),
        AgencyKind::District => tr!(locale, "organisation.kind.district"),
        AgencyKind::SubUnit => tr!(locale, "organisation.kind.sub_unit"),
    }
    .into_owned()
}

async fn show_new(State(app): State<App>, page: Page) -> PageResult {
    draw_new(&app, &page, &FormState::default()).await
}

async fn draw_new(app: &App, page: &Page, state: &FormState) -> PageResult {
    let locale = page.locale;
    let agencies = app.agencies(&page.scope()).await?;
    let kinds = AgencyKind::ALL.iter().map(|it| Choice::new(it.code(), kind_words(locale, *it)));
    let first = |words: std::borrow::Cow<'_, str>| std::iter::once(Choice::new("", words));
    let kinds = first(tr!(locale, "organisation.choose")).chain(kinds).collect();
    let above = |it: &Agency| Choice::new(it.id.to_string(), format!("{} · {}", it.code, it.name));
    let fields = [
        Field::text("code", tr!(locale, "organisation.code"))
            .hint(tr!(locale, "organisation.code_hint"))
            .required(),
        Field::text("name", tr!(locale, "organisation.name")).required(),
        Field::text("abbreviation", tr!(locale, "organisation.abbreviation")),
        Field::select("kind", tr!(locale, "organisation.kind_label"), kinds).required(),
        Field::select(
            "parent",
            tr!(locale, "organisation.parent"),
            first(tr!(locale, "organisation.no_parent"))
                .chain(agencies.iter().map(above))
                .collect(),
        )
        .hint(tr!(locale, "organisation.parent_hint")),
        Field::textarea("note", tr!(locale, "organisation.note"), 3)
            .hint(tr!(locale, "organisation.note_hint")),
        Field::checkbox("verified", tr!(locale, "organisation.verified")),
    ];
    let action = below(page, "new");
    let content = html! {
        (state.summary(locale))
        (card(&Card::default(), form(&FormView { action, guarded: true, ..FormView::default() }, html! {
            @for one in fields { (field(locale, &state.fill(locale, one))) }
            (actions(submit(&tr!(locale, "organisation.add"), Weight::Primary)))
        })))
    };
    Ok(page.show_with(state.status(), head_below(page, tr!(locale, "organisation.add")), content))
}

fn head_below(page: &Page, title: impl Into<String>) -> Head {
    Head::new(title)
        .under(tr!(page.locale, "organisation.title"), links::organisation(&page.tenant().slug))
}

async fn add_agency(State(app): State<App>, page: Page, Form(fields): Form<Fields>) -> PageResult {
    let text = |name| fields.text(name).to_owned();
    let draft = AgencyDraft {
        code: text("code"),
        name: text("name"),
        abbreviation: text("abbreviation"),
        kind: text("kind"),
        parent: text("parent"),
        note: text("note"),
        verified: fields.ticked("verified"),
    };
    match app.add_agency(&page.scope(), &draft).await {
        Ok(agency) => {
            let flash = Flash::success("flash.agency_added").with("name", &agency.name);
            Ok(page.redirect(&links::organisation(&page.tenant().slug), &flash))
        }
        Err(refusal) => draw_new(&app, &page, &FormState::refused(fields, refusal)?).await,
    }
}

/// Path of an agency.
#[derive(Debug, Deserialize)]
struct AgencyPath {
    agency: Id<AgencyId>,
}

async fn show_agency(
    State(app): State<App>,
    page: Page,
    Path(AgencyPath { agency: Id(id) }): Path<AgencyPath>,
) -> PageResult {
    let agency = app.agency(&page.scope(), id).await?;
    let fields = Fields::of([
        ("name", agency.name.as_str()),
        ("abbreviation", agency.abbreviation.as_deref().unwrap_or_default()),
        ("note", agency.note.as_deref().unwrap_or_default()),
        ("revision", &agency.revision.to_string()),
    ]);
    Ok(draw_agency(&page, &agency, &FormState::with(fields)))
}

fn draw_agency(page: &Page, agency: &Agency, state: &FormState) -> axum::response::Response {
    let locale = page.locale;
    let pairs = [
        (tr!(locale, "organisation.code").into_owned(), html! { (agency.code) }),
        (
            tr!(locale, "organisation.kind_label").into_owned(),
            html! { (kind_words(locale, agency.kind)) },
        ),
        (
            tr!(locale, "organisation.abbreviation").into_owned(),
            html! { (agency.abbreviation.as_deref().unwrap_or_default()) },
        ),
        (
            tr!(locale, "organisation.note").into_owned(),
            html! { (agency.note.as_deref().unwrap_or_default()) },
        ),
    ];
    let content = html! {
        (state.summary(locale))
        (card(&Card::default(), definitions(locale, &pairs)))
        @if page.may::<Administer, _>(agency) { (edit(page, agency.id, state)) }
    };
    let head = head_below(page, &agency.name);
    page.show_with(state.status(), head, content)
}

fn edit(page: &Page, id: AgencyId, state: &FormState) -> Markup {
    let locale = page.locale;
    let fields = [
        Field::text("name", tr!(locale, "organisation.name")).required(),
        Field::text("abbreviation", tr!(locale, "organisation.abbreviation")),
        Field::textarea("note", tr!(locale, "organisation.note"), 3),
    ];
    let view =
        FormView { action: below(page, &id.to_string()), guarded: true, ..FormView::default() };
    let content = form(
        &view,
        html! {
            input type="hidden" name="revision" value=(state.value("revision"));
            @for one in fields { (field(locale, &state.fill(locale, one))) }
            (actions(submit(&tr!(locale, "organisation.save"), Weight::Primary)))
        },
    );
    card(&Card::titled(tr!(locale, "organisation.edit")), content)
}

async fn amend_agency(
    State(app): State<App>,
    page: Page,
    Path(AgencyPath { agency: Id(id) }): Path<AgencyPath>,
    Form(fields): Form<Fields>,
) -> PageResult {
    let change = AgencyChange {
        name: fields.text("name").to_owned(),
        abbreviation: fields.text("abbreviation").to_owned(),
        note: fields.text("note").to_owned(),
    };
    // A page that lost its revision changes nothing: it counts as stale.
    let revision = fields.text("revision").parse().unwrap_or(0);
    match app.amend_agency(&page.scope(), id, revision, &change).await {
        Ok(agency) => {
            let flash = Flash::success("flash.agency_amended").with("name", &agency.name);
            Ok(page.redirect(&links::organisation(&page.tenant().slug), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(fields, refusal)?;
            Ok(draw_agency(&page, &app.agency(&page.scope(), id).await?, &state))
        }
    }
}

async fn show_import(page: Page) -> PageResult {
    Ok(draw_import(&page, &FormState::default(), None))
}

fn draw_import(
    page: &Page,
    state: &FormState,
    preview: Option<(&ImportPreview, &str)>,
) -> axum::response::Response {
    let locale = page.locale;
    let action = below(page, "import");
    let upload = form(
        &FormView { action: action.clone(), multipart: true, ..FormView::default() },
        html! {
            (field(locale, &Field::file("table", tr!(locale, "organisation.table"), ACCEPTED)
                .hint(tr!(locale, "organisation.table_hint")).error(state.error(locale, "table")).required()))
            (actions(submit(&tr!(locale, "organisation.check"), Weight::Primary)))
        },
    );
    let content = html! {
        @if let Some((preview, text)) = preview { (checked(page, &action, preview, text)) }
        (card(&Card::titled(tr!(locale, "organisation.upload")).subtitle(tr!(locale, "organisation.upload_text")), upload))
    };
    let head = head_below(page, tr!(locale, "organisation.import"));
    page.show_with(state.status(), head, content)
}

/// The rows with what would become of each, and the button that takes them over.
fn checked(page: &Page, action: &str, preview: &ImportPreview, text: &str) -> Markup {
    let locale = page.locale;
    let (new, known, faulty) = (
        preview.count(RowFate::New),
        preview.count(RowFate::Known),
        preview.count(RowFate::Faulty),
    );
    let columns = vec![
        Column::number(tr!(locale, "organisation.line")),
        Column::text(tr!(locale, "organisation.code")),
        Column::text(tr!(locale, "organisation.name")),
        Column::text(tr!(locale, "organisation.fate")),
    ];
    let rows = preview.rows.iter().map(|row| {
        Row::new(vec![
            html! { (row.line) },
            html! { code { (row.code) } },
            html! { (row.name) },
            html! {
                @match row.fate {
                    RowFate::New => (tr!(locale, "organisation.fate_new")),
                    RowFate::Known => (tr!(locale, "organisation.fate_known")),
                    RowFate::Faulty => {
                        @for fault in &row.faults {
                            @let words = words_of(locale, fault);
                            p.error { b { (fault.field) } ": " (words.title) ". " (words.detail) }
                        }
                    },
                }
            },
        ])
        .marked(row.fate == RowFate::Faulty)
    });
    let summary = tr!(locale, "organisation.summary", new = new, known = known, faulty = faulty);
    let tone = if faulty > 0 { Tone::Error } else { Tone::Info };
    html! {
        (notice(tone, html! { p { (summary) } }))
        @if faulty == 0 && new > 0 {
            (form(&FormView { action: action.to_owned(), multipart: true, ..FormView::default() }, html! {
                textarea name="content" hidden { (text) }
                (actions(submit(&tr!(locale, "organisation.take_over", count = new), Weight::Primary)))
            }))
        }
        (card(&Card::titled(tr!(locale, "organisation.rows")), table(locale, &Table::new(tr!(locale, "organisation.rows"), columns).quiet().rows(rows))))
    }
}

/// A file is checked and shown; what was shown is taken over.
async fn import(State(app): State<App>, page: Page, form: MultipartForm) -> PageResult {
    let confirmed = form.fields.filled("content").map(str::to_owned);
    if let Some(text) = confirmed {
        return match app.import_agencies(&page.scope(), text.as_bytes()).await {
            Ok(done) => {
                let flash = Flash::success("flash.agencies_imported")
                    .with("count", done.count(RowFate::New));
                Ok(page.redirect(&links::organisation(&page.tenant().slug), &flash))
            }
            // Somebody changed the tree meanwhile: the rows are shown again with what is wrong now.
            Err(refusal) => {
                check(&app, &page, text.as_bytes(), FormState::refused(Fields::default(), refusal)?)
                    .await
            }
        };
    }
    let file = form.file("table").map(|it| it.content.clone()).unwrap_or_default();
    match text_of(&file) {
        Ok(text) => check(&app, &page, &text, FormState::default()).await,
        Err(refusal) => {
            Ok(draw_import(&page, &FormState::refused(Fields::default(), refusal)?, None))
        }
    }
}

async fn check(app: &App, page: &Page, table: &[u8], state: FormState) -> PageResult {
    match app.preview_agencies(&page.scope(), table).await {
        Ok(preview) => {
            let text = String::from_utf8_lossy(table);
            Ok(draw_import(page, &state, Some((&preview, &text))))
        }
        Err(refusal) => {
            Ok(draw_import(page, &FormState::refused(Fields::default(), refusal)?, None))
        }
    }
}
