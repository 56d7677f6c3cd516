//! Names, order and weights of the four perspectives.

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_app::plans::{PerspectiveDraft, perspectives_revision};
use ekinerja_app::targets::written;
use ekinerja_domain::access::Amend;
use ekinerja_domain::access::policy::Planning;
use ekinerja_domain::plan::PerspectiveSetting;
use ekinerja_domain::target::TargetValue;
use maud::{Markup, html};

use super::{Tab, as_violation, plan_tabs};
use crate::components::card::{Columns, grid};
use crate::components::forms::{self, Field, Weight, actions, field, fieldset, submit};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format::number_as_is;
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;
use crate::words;

pub(super) fn router() -> Routes {
    Routes::new().route("/plan/perspectives", get(show).post(set))
}

async fn show(State(app): State<App>, page: Page) -> PageResult {
    let settings = app.perspectives(&page.scope()).await?;
    if !page.may::<Amend, _>(&Planning) {
        return Ok(frame(&page, &FormState::default(), &read_only(page.locale, &settings)));
    }
    let mut fields = Fields::of([("revision", perspectives_revision(&settings).to_string())]);
    for (index, it) in settings.iter().enumerate() {
        fields.push(format!("items/{index}/perspective"), it.perspective.code());
        fields.push(format!("items/{index}/name"), words::perspective(page.locale, it));
        fields.push(format!("items/{index}/position"), (index + 1).to_string());
        let weight = written(&TargetValue::Exactly(it.weight));
        fields.push(format!("items/{index}/weight"), weight);
    }
    Ok(draw(&page, &FormState::with(fields)))
}

async fn set(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    let text = |index, name| typed.text(&format!("items/{index}/{name}")).to_owned();
    let drafts: Vec<_> = (0..4)
        .map(|index| PerspectiveDraft {
            perspective: text(index, "perspective"),
            name: text(index, "name"),
            position: text(index, "position"),
            weight: text(index, "weight"),
        })
        .collect();
    let revision = typed.text("revision").parse().unwrap_or_default();
    match app.set_perspectives(&page.scope(), revision, &drafts).await {
        Ok(_) => {
            let path = at::perspectives(&page.tenant().slug);
            Ok(page.redirect(&path, &Flash::success("flash.perspectives_saved")))
        }
        Err(refusal) => Ok(draw(&page, &FormState::refused(typed, as_violation(refusal))?)),
    }
}

fn draw(page: &Page, state: &FormState) -> Response {
    let locale = page.locale;
    let fill = |it: Field| field(locale, &state.fill(locale, it));
    let action = at::perspectives(&page.tenant().slug);
    let form = forms::Form { action, guarded: true, ..forms::Form::default() };
    let content = forms::form(
        &form,
        html! {
            input type="hidden" id="f-revision" name="revision" value=(state.value("revision"));
            (grid(Columns::Medium, html! {
                @for index in 0..4 {
                    @let of = |name: &str| format!("items/{index}/{name}");
                    @let code = state.value(&of("perspective")).to_owned();
                    (fieldset(&tr!(locale, "perspectives.one", code = code), "", html! {
                        input type="hidden" id={ "f-items-" (index) "-perspective" } name=(of("perspective")) value=(code);
                        (fill(Field::text(of("name"), tr!(locale, "perspectives.name")).required()))
                        (fill(Field::number(of("position"), tr!(locale, "perspectives.position")).required()))
                        (fill(Field::number(of("weight"), tr!(locale, "perspectives.weight")).required()))
                    }))
                }
            }))
            (actions(submit(&tr!(locale, "plan.save"), Weight::Primary)))
        },
    );
    frame(page, state, &content)
}

fn read_only(locale: Locale, settings: &[PerspectiveSetting]) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "perspectives.name")),
        Column::number(tr!(locale, "perspectives.weight")),
    ];
    let rows = settings.iter().map(|it| {
        Row::new(vec![
            html! { (words::perspective(locale, it)) },
            html! { (number_as_is(locale, it.weight)) },
        ])
    });
    table(locale, &Table::new(tr!(locale, "plan.tab_perspectives"), columns).quiet().rows(rows))
}

fn frame(page: &Page, state: &FormState, content: &Markup) -> Response {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let head = Head::new(tr!(locale, "perspectives.title"))
        .subtitle(tr!(locale, "perspectives.subtitle"))
        .under(tr!(locale, "plan.title"), links::plan(slug));
    let content = html! {
        (plan_tabs(locale, slug, Tab::Perspectives))
        (state.summary(locale))
        (content)
    };
    page.show_with(state.status(), head, content)
}
