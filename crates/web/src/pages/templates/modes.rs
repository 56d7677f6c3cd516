//! What the next release lets regencies do with each field of an indicator.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_app::indicators::ModeDraft;
use ekinerja_domain::access::Release;
use ekinerja_domain::access::policy::Templates;
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::indicator::{FieldMode, Indicator, ManualField};
use maud::{Markup, html};
use serde::Deserialize;

use super::super::plan::as_violation;
use crate::components::card::{Card, Columns, card, grid};
use crate::components::forms::{self, Choice, Field, Weight, actions, field, link_button, submit};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::routes::Routes;
use crate::words;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/templates/modes", get(show_all))
        .route("/templates/modes/{indicator}", get(show).post(set))
}

#[derive(Debug, Deserialize)]
struct OfIndicator {
    indicator: Id<IndicatorId>,
}

fn mode_of(it: &Indicator, field: ManualField) -> FieldMode {
    it.modes.get(&field).copied().unwrap_or(field.usual_mode())
}

/// Only who releases sets modes.
fn check(page: &Page) -> Result<(), Problem> {
    if page.may::<Release, _>(&Templates) {
        Ok(())
    } else {
        Err(Problem::new(ekinerja_app::Code::Forbidden))
    }
}

async fn show_all(State(app): State<App>, page: Page) -> PageResult {
    check(&page)?;
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let overview = app.plan(&page.scope()).await?.ok_or_else(Problem::not_found)?;
    let columns = vec![
        Column::text(tr!(locale, "targets.indicator")),
        Column::text(words::field_mode(locale, FieldMode::Locked)),
        Column::text(words::field_mode(locale, FieldMode::Default)),
        Column::text(words::field_mode(locale, FieldMode::Local)),
    ];
    let rows = overview.indicators.iter().filter(|it| it.retired_on.is_none()).map(|it| {
        Row::new(vec![
            html! { a href=(at::field_modes(slug, it.id)) { (it.code.as_str()) " · " (it.manual.name) } },
            of_mode(locale, it, FieldMode::Locked),
            of_mode(locale, it, FieldMode::Default),
            of_mode(locale, it, FieldMode::Local),
        ])
    });
    let title = tr!(locale, "templates.modes");
    let head = Head::new(title.clone())
        .subtitle(tr!(locale, "templates.modes_hint"))
        .under(tr!(locale, "templates.title"), links::templates(slug));
    let table = table(locale, &Table::new(title, columns).quiet().rows(rows));
    Ok(page.show(head, card(&Card::default(), table)))
}

fn of_mode(locale: Locale, it: &Indicator, mode: FieldMode) -> Markup {
    let fields = ManualField::ALL.into_iter().filter(|field| mode_of(it, *field) == mode);
    let names: Vec<_> = fields.map(|field| words::manual_field(locale, field)).collect();
    html! { small { @if names.is_empty() { "–" } @else { (names.join(", ")) } } }
}

async fn show(State(app): State<App>, page: Page, Path(path): Path<OfIndicator>) -> PageResult {
    check(&page)?;
    let it = app.indicator(&page.scope(), path.indicator.0).await?;
    let mut fields = Fields::of([("revision", it.revision.to_string())]);
    for field in ManualField::ALL {
        fields.push(format!("mode/{}", field.code()), mode_of(&it, field).code());
    }
    Ok(draw(&page, &it, &FormState::with(fields)))
}

async fn set(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfIndicator>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let id = path.indicator.0;
    let drafts: Vec<_> = typed
        .under("mode/")
        .map(|(field, mode)| ModeDraft { field: field.to_owned(), mode: mode.to_owned() })
        .collect();
    let revision = typed.text("revision").parse().unwrap_or_default();
    match app.set_field_modes(&page.scope(), id, revision, &drafts).await {
        Ok(it) => {
            let flash = Flash::success("flash.modes_saved").with("code", it.code.as_str());
            Ok(page.redirect(&at::all_field_modes(&page.tenant().slug), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(typed, as_violation(refusal))?;
            let it = app.indicator(&page.scope(), id).await?;
            Ok(draw(&page, &it, &state))
        }
    }
}

fn draw(page: &Page, it: &Indicator, state: &FormState) -> Response {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let choices = FieldMode::ALL.map(|it| Choice::new(it.code(), words::field_mode(locale, it)));
    let form = forms::Form {
        action: at::field_modes(slug, it.id),
        guarded: true,
        ..forms::Form::default()
    };
    let content = html! {
        (state.summary(locale))
        (forms::form(&form, html! {
            input type="hidden" id="f-revision" name="revision" value=(state.value("revision"));
            (grid(Columns::Narrow, html! {
                @for which in ManualField::ALL {
                    @let name = format!("mode/{}", which.code());
                    @let usual = words::field_mode(locale, which.usual_mode());
                    @let select = Field::select(name, words::manual_field(locale, which), choices.to_vec()).required()
                        .hint(tr!(locale, "templates.usual", mode = usual));
                    (field(locale, &state.fill(locale, select)))
                }
            }))
            (actions(html! {
                (submit(&tr!(locale, "plan.save"), Weight::Primary))
                (link_button(&tr!(locale, "plan.cancel"), &at::all_field_modes(slug), Weight::Quiet, None))
            }))
        }))
    };
    let head = Head::new(tr!(locale, "templates.modes_of", code = it.code.as_str()))
        .subtitle(tr!(locale, "templates.modes_hint"))
        .under(tr!(locale, "templates.title"), links::templates(slug))
        .under(tr!(locale, "templates.modes"), at::all_field_modes(slug));
    page.show_with(state.status(), head, content)
}
