//! The operator's page of a government's life: let it work, freeze it, suspend it.

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_app::life::{ChangeState, TenantLife};
use ekinerja_app::tenants::Operator;
use ekinerja_domain::tenant::{Tenant, TenantState};
use maud::{Markup, html};

use super::operator::of_tenant;
use crate::components::card::{Card, card};
use crate::components::forms::{
    Choice, Field, Form as FormView, Weight, actions, field, form, link_button, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::table::definitions;
use crate::extract::{Fields, Form, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, OperatorPage, PageResult};
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new().route("/operator/tenants/{code}/life", get(show).post(change))
}

/// A state in a word or two.
pub(super) fn state_words(locale: Locale, state: TenantState) -> String {
    match state {
        TenantState::Active => tr!(locale, "life.state.active"),
        TenantState::ReadOnly => tr!(locale, "life.state.read_only"),
        TenantState::Suspended => tr!(locale, "life.state.suspended"),
        TenantState::Erased => tr!(locale, "life.state.erased"),
    }
    .into_owned()
}

/// A government's name, with its state unless it works.
pub(super) fn marked(locale: Locale, tenant: &Tenant) -> String {
    if tenant.state == TenantState::Active {
        return tenant.name.clone();
    }
    format!("{} ({})", tenant.name, state_words(locale, tenant.state).to_lowercase())
}

/// The way to this page.
pub(super) fn tool(locale: Locale, tenant: &Tenant) -> Markup {
    link_button(&tr!(locale, "life.title"), &of_life(tenant), Weight::Secondary, Some(Icon::Clock))
}

fn of_life(tenant: &Tenant) -> String {
    format!("{}/life", of_tenant(tenant))
}

async fn show(State(app): State<App>, page: OperatorPage, Path(code): Path<String>) -> PageResult {
    let life = app.tenant_life(&Operator::of(&page.signed_in)?, &code).await?;
    Ok(draw(&page, &life, &FormState::default()))
}

async fn change(
    State(app): State<App>,
    page: OperatorPage,
    Path(code): Path<String>,
    Form(sent): Form<Fields>,
) -> PageResult {
    let operator = Operator::of(&page.signed_in)?;
    let ask = ChangeState {
        state: sent.text("state").to_owned(),
        reason: sent.text("reason").to_owned(),
        legal_basis: sent.text("legal_basis").to_owned(),
    };
    let revision = sent.filled("revision").and_then(|it| it.parse().ok()).unwrap_or_default();
    match app.set_tenant_state(&operator, &code, revision, &ask).await {
        Ok(life) => {
            let flash = Flash::success("flash.tenant_state_set")
                .with("name", &life.tenant.name)
                .with("state", state_words(page.locale, life.tenant.state).to_lowercase());
            Ok(page.redirect(&of_life(&life.tenant), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(sent, refusal)?;
            let life = app.tenant_life(&operator, &code).await?;
            Ok(draw(&page, &life, &state))
        }
    }
}

fn draw(page: &OperatorPage, life: &TenantLife, state: &FormState) -> axum::response::Response {
    let locale = page.locale;
    let tenant = &life.tenant;
    let content = html! {
        (state.summary(locale))
        (card(&Card::titled(tr!(locale, "life.now")), now(locale, life)))
        @if tenant.state != TenantState::Erased {
            (card(
                &Card::titled(tr!(locale, "life.change")).subtitle(tr!(locale, "life.change_text")),
                change_form(locale, life, state),
            ))
        }
    };
    let head = Head::new(tr!(locale, "life.title"))
        .subtitle(format!("{} · {} · /{}", tenant.name, tenant.code, tenant.slug))
        .under(tr!(locale, "operator.title"), links::OPERATOR)
        .under(&tenant.name, of_tenant(tenant));
    page.show_with(state.status(), head, content)
}

/// The state with what it means and where it comes from.
fn now(locale: Locale, life: &TenantLife) -> Markup {
    let state = life.tenant.state;
    let moment = |at| format::date_time(locale, at, format::Zone::default());
    let mut pairs = vec![
        (tr!(locale, "life.is").into_owned(), html! { b { (state_words(locale, state)) } }),
        (tr!(locale, "life.means").into_owned(), html! { (meaning(locale, state)) }),
    ];
    if let Some(change) = &life.change {
        let mut pair = |term: std::borrow::Cow<'static, str>, text: &str| {
            pairs.push((term.into_owned(), html! { (text) }));
        };
        pair(tr!(locale, "life.since"), &moment(change.since));
        pair(tr!(locale, "life.reason"), &change.reason);
        pair(tr!(locale, "life.legal_basis"), &change.legal_basis);
        pair(tr!(locale, "life.by"), &change.by);
    } else {
        pairs.push((tr!(locale, "life.since").into_owned(), html! { (moment(life.opened_at)) }));
    }
    definitions(locale, &pairs)
}

fn meaning(locale: Locale, state: TenantState) -> std::borrow::Cow<'static, str> {
    match state {
        TenantState::Active => tr!(locale, "life.meaning.active"),
        TenantState::ReadOnly => tr!(locale, "life.meaning.read_only"),
        TenantState::Suspended => tr!(locale, "life.meaning.suspended"),
        TenantState::Erased => tr!(locale, "life.meaning.erased"),
    }
}

fn change_form(locale: Locale, life: &TenantLife, state: &FormState) -> Markup {
    let next = TenantState::ALL.into_iter().filter(|it| life.tenant.state.may_become(*it));
    let choices = next
        .map(|it| Choice::new(it.code(), state_words(locale, it)).hint(meaning(locale, it)))
        .collect();
    let fields = [
        Field::radio("state", tr!(locale, "life.becomes"), choices).required(),
        Field::textarea("reason", tr!(locale, "life.reason"), 3)
            .hint(tr!(locale, "life.reason_hint"))
            .required(),
        Field::text("legal_basis", tr!(locale, "life.legal_basis"))
            .hint(tr!(locale, "life.legal_basis_hint")),
    ];
    let view = FormView { action: of_life(&life.tenant), ..FormView::default() };
    form(
        &view,
        html! {
            input type="hidden" name="revision" value=(life.revision);
            @for one in fields { (field(locale, &state.fill(locale, one))) }
            (notice(Tone::Info, html! { p { (tr!(locale, "life.told")) } }))
            (actions(submit(&tr!(locale, "life.change"), Weight::Danger)))
        },
    )
}
