//! The operator's page of a government's life: let it work, freeze it, suspend it.

use axum::extract::State;
use axum::routing::{get, post};
use ekinerja_app::archive::Erased;
use ekinerja_app::life::{ChangeState, TenantLife};
use ekinerja_app::tenants::Operator;
use ekinerja_app::{App, Refusal};
use ekinerja_domain::tenant::{Tenant, TenantState};
use maud::{Markup, html};

use super::emergency;
use super::operator::of_tenant;
use crate::components::card::{Card, card};
use crate::components::forms::{
    Choice, Field, Form as FormView, Weight, actions, copyable, field, form, link_button, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::table::{Column, Row, Table, definitions, table};
use crate::extract::{Fields, Form, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, OperatorPage, PageResult};
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/operator/tenants/{code}/life", get(show).post(change))
        .route("/operator/tenants/{code}/archive", post(take_archive))
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

pub(super) fn of_life(tenant: &Tenant) -> String {
    format!("{}/life", of_tenant(tenant))
}

async fn show(State(app): State<App>, page: OperatorPage, Path(code): Path<String>) -> PageResult {
    draw(&app, &page, &code, &FormState::default()).await
}

async fn take_archive(
    State(app): State<App>,
    page: OperatorPage,
    Path(code): Path<String>,
    Form(sent): Form<Fields>,
) -> PageResult {
    let operator = Operator::of(&page.signed_in)?;
    let reason = sent.text("archive_reason").to_owned();
    match crate::archive_download::archive(&app, &operator, &code, &reason).await {
        Ok(download) => Ok(download),
        Err(refusal) => {
            let refusal = match refusal {
                Refusal::Invalid(mut violations) => {
                    for it in &mut violations {
                        it.field = String::from("archive_reason");
                    }
                    Refusal::Invalid(violations)
                }
                other => other,
            };
            draw(&app, &page, &code, &FormState::refused(sent, refusal)?).await
        }
    }
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
        Err(refusal) => draw(&app, &page, &code, &FormState::refused(sent, refusal)?).await,
    }
}

pub(super) async fn draw(
    app: &App,
    page: &OperatorPage,
    code: &str,
    state: &FormState,
) -> PageResult {
    let locale = page.locale;
    let operator = Operator::of(&page.signed_in)?;
    let life = &app.tenant_life(&operator, code).await?;
    let receipts = app.erasure_receipts(&operator, code).await?;
    let requests = app.emergency_requests_as(&operator, code).await?;
    let tenant = &life.tenant;
    let content = html! {
        (state.summary(locale))
        (card(&Card::titled(tr!(locale, "life.now")), now(locale, life)))
        @if tenant.state != TenantState::Erased {
            (emergency::operators_list(app, locale, tenant, &requests))
            (card(
                &Card::titled(tr!(locale, "life.change")).subtitle(tr!(locale, "life.change_text")),
                change_form(locale, life, state),
            ))
            (card(
                &Card::titled(tr!(locale, "life.archive")).subtitle(tr!(locale, "life.archive_text")),
                archive_form(locale, tenant, state),
            ))
            (card(&Card::titled(tr!(locale, "life.erase")), erasing(locale, tenant)))
        }
        @for (receipt, digest) in &receipts { (receipt_card(locale, receipt, digest)) }
    };
    let head = Head::new(tr!(locale, "life.title"))
        .subtitle(format!("{} · {} · /{}", tenant.name, tenant.code, tenant.slug))
        .under(tr!(locale, "operator.title"), links::OPERATOR)
        .under(&tenant.name, of_tenant(tenant));
    Ok(page.show_with(state.status(), head, content))
}

fn archive_form(locale: Locale, tenant: &Tenant, state: &FormState) -> Markup {
    let reason = Field::textarea("archive_reason", tr!(locale, "life.reason"), 2)
        .hint(tr!(locale, "life.reason_hint"))
        .required();
    let view = FormView { action: format!("{}/archive", of_tenant(tenant)), ..FormView::default() };
    form(
        &view,
        html! {
            (field(locale, &state.fill(locale, reason)))
            (actions(submit(&tr!(locale, "life.download"), Weight::Secondary)))
        },
    )
}

/// Erasing needs two people: an operator suspends, and whoever holds the machine and the schema erases.
fn erasing(locale: Locale, tenant: &Tenant) -> Markup {
    let slug = &tenant.slug;
    let command = format!(
        "ekinerja tenant erase {slug} --confirm {slug} --by \"…\" --reason \"…\" --legal-basis \"…\" --archive SHA256"
    );
    html! {
        p { (tr!(locale, "life.erase_text")) }
        (copyable(locale, &command))
    }
}

fn receipt_card(locale: Locale, receipt: &Erased, digest: &str) -> Markup {
    let moment = format::date_time(locale, receipt.erased_at, format::Zone::default());
    let rows: u64 = receipt.rows.iter().map(|it| it.1).sum();
    let pairs = [
        (tr!(locale, "life.since"), moment),
        (tr!(locale, "life.suspended_by"), receipt.suspended_by.clone()),
        (tr!(locale, "life.by"), receipt.erased_by.clone()),
        (tr!(locale, "life.reason"), receipt.reason.clone()),
        (tr!(locale, "life.legal_basis"), receipt.legal_basis.clone()),
        (tr!(locale, "life.archive_digest"), receipt.archive.clone().unwrap_or_default()),
        (tr!(locale, "life.rows"), rows.to_string()),
        (tr!(locale, "life.accounts"), receipt.accounts.to_string()),
        (tr!(locale, "life.files"), receipt.files.to_string()),
        (
            tr!(locale, "life.trail_end"),
            format!("{} · {}", receipt.trail.position, receipt.trail.hash),
        ),
        (tr!(locale, "life.receipt_digest"), digest.to_owned()),
    ];
    let pairs: Vec<_> =
        pairs.into_iter().map(|(term, text)| (term.into_owned(), html! { (text) })).collect();
    let columns =
        vec![Column::text(tr!(locale, "life.table")), Column::number(tr!(locale, "life.rows"))];
    let lines = receipt.rows.iter().filter(|it| it.1 > 0);
    let lines = lines.map(|(name, count)| Row::new(vec![html! { (name) }, html! { (count) }]));
    let caption = tr!(locale, "life.erased_rows");
    card(
        &Card::titled(tr!(locale, "life.receipt")),
        html! {
            (definitions(locale, &pairs))
            (table(locale, &Table::new(&*caption, columns).quiet().rows(lines)))
        },
    )
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
