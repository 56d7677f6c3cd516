//! Service accounts: programs that act in the government; making one, giving out and revoking tokens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::service_accounts::{
    AddServiceAccount, IssueToken, IssuedToken, RoleEntry, ServiceAccountList,
};
use ekinerja_domain::access::{Grant, Role, Scope};
use ekinerja_domain::ids::{ApiTokenId, ServiceAccountId};
use ekinerja_domain::service_account::{ApiToken, ServiceAccount, TokenAccess, latest_day, serves};
use maud::{Markup, html};
use serde::Deserialize;

use super::operator::kept_by_nobody;
use crate::components::badge::tag;
use crate::components::card::{Card, card};
use crate::components::forms::{
    Choice, Field, Form as FormView, Weight, actions, button_form, copyable, field, form,
    link_button, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format::{self, Zone};
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult, role};
use crate::problem::Problem;
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/service-accounts", get(show_accounts))
        .route("/service-accounts/new", get(show_new).post(add_account))
        .route("/service-accounts/{account}", get(show_account))
        .route("/service-accounts/{account}/end", post(end_account))
        .route("/service-accounts/{account}/tokens", post(issue_token))
        .route("/service-accounts/{account}/tokens/{token}/revoke", post(revoke_token))
}

async fn show_accounts(State(app): State<App>, page: Page) -> PageResult {
    let locale = page.locale;
    let list = app.service_accounts(&page.scope()).await?;
    let today = app.today();
    let new = format!("{}/new", links::service_accounts(&page.tenant().slug));
    let add = tr!(locale, "service_accounts.add");
    let (working, over): (Vec<_>, Vec<_>) = list.accounts.iter().partition(|it| it.works_on(today));
    let content = if list.accounts.is_empty() {
        empty(&Empty {
            title: tr!(locale, "service_accounts.none").into_owned(),
            text: tr!(locale, "service_accounts.none_text").into_owned(),
            action: Some((add.clone().into_owned(), new.clone())),
            icon: Icon::Lock,
        })
    } else {
        let caption = tr!(locale, "service_accounts.working");
        let ended = tr!(locale, "service_accounts.over");
        html! {
            (card(&Card::titled(&*caption), accounts_table(&page, &list, &working, &caption)))
            @if !over.is_empty() {
                details.card {
                    summary { (ended) " (" (over.len()) ")" }
                    (accounts_table(&page, &list, &over, &ended))
                }
            }
        }
    };
    let mut head = Head::new(tr!(locale, "service_accounts.title"))
        .subtitle(tr!(locale, "service_accounts.subtitle"))
        .under(tr!(locale, "members.title"), links::members(&page.tenant().slug));
    if !list.accounts.is_empty() {
        head = head.tools(link_button(&add, &new, Weight::Primary, Some(Icon::Add)));
    }
    Ok(page.show(head, content))
}

fn accounts_table(
    page: &Page,
    list: &ServiceAccountList,
    accounts: &[&ServiceAccount],
    caption: &str,
) -> Markup {
    let locale = page.locale;
    let columns = vec![
        Column::text(tr!(locale, "service_accounts.name")),
        Column::text(tr!(locale, "service_accounts.owner")),
        Column::text(tr!(locale, "service_accounts.roles")),
        Column::text(tr!(locale, "service_accounts.last_day")),
        Column::text(tr!(locale, "service_accounts.tokens")),
    ];
    let row = |it: &&ServiceAccount| {
        let href = links::service_account(&page.tenant().slug, it.id);
        let valid = it.tokens.iter().filter(|token| token.revoked_at.is_none()).count();
        Row::new(vec![
            html! { a href=(href) { (it.name) } br; small { (it.purpose) } },
            html! { (it.owner_name) br; small { (it.owner_username) } },
            roles(locale, list, &it.grants),
            html! { (last_day_words(locale, it)) },
            html! { (valid) },
        ])
    };
    table(locale, &Table::new(caption, columns).quiet().rows(accounts.iter().map(row)))
}

fn last_day_words(locale: Locale, it: &ServiceAccount) -> String {
    match it.ended_at {
        Some(at) => {
            let day = format::date_short(locale, at.date_naive());
            tr!(locale, "service_accounts.ended_on", day = day).into_owned()
        }
        None => format::date_short(locale, it.last_day),
    }
}

fn roles(locale: Locale, list: &ServiceAccountList, grants: &[Grant]) -> Markup {
    let agency = |scope: Scope| match scope {
        Scope::Tenant => tr!(locale, "members.whole").into_owned(),
        Scope::Agency(id) | Scope::Post(id) => {
            let found = list.agencies.iter().find(|it| it.id == id);
            found.map_or_else(String::new, |it| it.name.clone())
        }
    };
    html! {
        @for (at, grant) in grants.iter().enumerate() {
            @if at > 0 { br; }
            (role(locale, grant.role)) " " small { (agency(grant.scope)) }
        }
    }
}

async fn show_new(State(app): State<App>, page: Page) -> PageResult {
    draw_new(&app, &page, &FormState::default()).await
}

async fn draw_new(app: &App, page: &Page, state: &FormState) -> PageResult {
    let locale = page.locale;
    let list = app.service_accounts(&page.scope()).await?;
    let first = |words: std::borrow::Cow<'_, str>| std::iter::once(Choice::new("", words));
    let owners = list.people.iter();
    let owners =
        owners.map(|it| Choice::new(&*it.username, format!("{} · {}", it.name, it.username)));
    let owners = first(tr!(locale, "service_accounts.choose_owner")).chain(owners).collect();
    let roles = Role::ALL.into_iter().filter(|it| serves(*it));
    let roles = roles.map(|it| Choice::new(it.code(), role(locale, it)));
    let roles = first(tr!(locale, "members.choose")).chain(roles).collect();
    let agencies = list.agencies.iter();
    let agencies =
        agencies.map(|it| Choice::new(it.id.to_string(), format!("{} · {}", it.code, it.name)));
    let agencies = first(tr!(locale, "members.whole")).chain(agencies).collect();
    let most = format::date_short(locale, latest_day(app.today()));
    let fields = [
        Field::text("name", tr!(locale, "service_accounts.name"))
            .hint(tr!(locale, "service_accounts.name_hint"))
            .autocomplete("off")
            .required(),
        Field::text("purpose", tr!(locale, "service_accounts.purpose"))
            .hint(tr!(locale, "service_accounts.purpose_hint"))
            .required(),
        Field::select("owner", tr!(locale, "service_accounts.owner"), owners)
            .hint(tr!(locale, "service_accounts.owner_hint"))
            .required(),
        Field::select("role", tr!(locale, "members.role"), roles)
            .hint(tr!(locale, "service_accounts.role_hint"))
            .required(),
        Field::select("agency", tr!(locale, "members.agency"), agencies)
            .hint(tr!(locale, "members.agency_hint")),
        Field::date("last_day", tr!(locale, "service_accounts.last_day"))
            .hint(tr!(locale, "service_accounts.last_day_hint", most = most))
            .required(),
    ];
    let accounts = links::service_accounts(&page.tenant().slug);
    let view = FormView { action: format!("{accounts}/new"), guarded: true, ..FormView::default() };
    let content = html! {
        (state.summary(locale))
        (card(&Card::default(), form(&view, html! {
            @for one in fields { (field(locale, &state.fill(locale, one))) }
            (actions(submit(&tr!(locale, "service_accounts.add"), Weight::Primary)))
        })))
    };
    let head = Head::new(tr!(locale, "service_accounts.add"))
        .under(tr!(locale, "members.title"), links::members(&page.tenant().slug))
        .under(tr!(locale, "service_accounts.title"), accounts);
    Ok(page.show_with(state.status(), head, content))
}

async fn add_account(State(app): State<App>, page: Page, Form(fields): Form<Fields>) -> PageResult {
    let text = |name| fields.text(name).to_owned();
    let only = RoleEntry { field: String::new(), role: text("role"), agency: text("agency") };
    let ask = AddServiceAccount {
        name: text("name"),
        purpose: text("purpose"),
        owner: text("owner"),
        roles: vec![only],
        last_day: text("last_day"),
    };
    match app.add_service_account(&page.scope(), ask).await {
        Ok(account) => {
            let flash = Flash::success("flash.service_account_added").with("name", &account.name);
            Ok(page.redirect(&links::service_account(&page.tenant().slug, account.id), &flash))
        }
        Err(refusal) => draw_new(&app, &page, &FormState::refused(fields, refusal)?).await,
    }
}

/// Path of a service account.
#[derive(Debug, Deserialize)]
struct AccountPath {
    account: Id<ServiceAccountId>,
}

async fn show_account(
    State(app): State<App>,
    page: Page,
    Path(AccountPath { account: Id(id) }): Path<AccountPath>,
) -> PageResult {
    draw_account(&app, &page, id, &FormState::default(), None).await
}

async fn draw_account(
    app: &App,
    page: &Page,
    id: ServiceAccountId,
    state: &FormState,
    told: Option<&IssuedToken>,
) -> PageResult {
    let locale = page.locale;
    let list = app.service_accounts(&page.scope()).await?;
    let account = list.accounts.iter().find(|it| it.id == id).ok_or_else(Problem::not_found)?;
    let works = account.works_on(app.today());
    let here = links::service_account(&page.tenant().slug, id);
    let caption = tr!(locale, "service_accounts.tokens");
    let content = html! {
        (state.summary(locale))
        @if let Some(issued) = told { (told_once(locale, issued)) }
        (card(&Card::default(), html! {
            dl.facts {
                dt { (tr!(locale, "service_accounts.purpose")) } dd { (account.purpose) }
                dt { (tr!(locale, "service_accounts.owner")) }
                dd { (account.owner_name) " (" (account.owner_username) ")" }
                dt { (tr!(locale, "service_accounts.roles")) } dd { (roles(locale, &list, &account.grants)) }
                dt { (tr!(locale, "service_accounts.last_day")) } dd { (last_day_words(locale, account)) }
            }
            p.hint { (tr!(locale, "service_accounts.acts_as", owner = account.owner_name)) }
            @if works {
                (button_form(&format!("{here}/end"), "", &tr!(locale, "service_accounts.end"), Weight::Danger))
            }
        }))
        (card(&Card::titled(&*caption), html! {
            @if account.tokens.is_empty() { p { (tr!(locale, "service_accounts.no_tokens")) } }
            @else { (tokens_table(page, app, account, &caption)) }
        }))
        @if works { (token_form(locale, account, &here, state)) }
    };
    let head = Head::new(&account.name)
        .under(tr!(locale, "members.title"), links::members(&page.tenant().slug))
        .under(tr!(locale, "service_accounts.title"), links::service_accounts(&page.tenant().slug));
    let status = if told.is_some() { StatusCode::CREATED } else { state.status() };
    Ok(page.show_with(status, head, content))
}

/// The secret, with what to do with it.
fn told_once(locale: Locale, issued: &IssuedToken) -> Markup {
    notice(
        Tone::Success,
        html! {
            p { (tr!(locale, "service_accounts.issued", name = issued.token.name)) }
            p { (copyable(locale, issued.secret.reveal())) }
            p { (tr!(locale, "service_accounts.issued_text")) }
        },
    )
}

fn tokens_table(page: &Page, app: &App, account: &ServiceAccount, caption: &str) -> Markup {
    let locale = page.locale;
    let today = app.today();
    let columns = vec![
        Column::text(tr!(locale, "service_accounts.token_name")),
        Column::text(tr!(locale, "service_accounts.access")),
        Column::text(tr!(locale, "service_accounts.last_day")),
        Column::text(tr!(locale, "service_accounts.last_used")),
        Column::text(tr!(locale, "members.change")),
    ];
    let row = |it: &ApiToken| {
        let works = it.works_on(today) && account.works_on(today);
        let action = format!(
            "{}/tokens/{}/revoke",
            links::service_account(&page.tenant().slug, account.id),
            it.id
        );
        let used = it.last_used_at.map_or_else(
            || tr!(locale, "service_accounts.never_used").into_owned(),
            |at| format::date_time(locale, at, Zone::Wita),
        );
        let state = if it.revoked_at.is_some() {
            tr!(locale, "service_accounts.revoked")
        } else {
            tr!(locale, "service_accounts.expired")
        };
        Row::new(vec![
            html! { (it.name) br; small { "ekj_…" (it.hint) } },
            html! { (access_words(locale, it.access)) },
            html! { (format::date_short(locale, it.last_day)) },
            html! { (used) },
            html! {
                @if works {
                    (button_form(&action, "", &tr!(locale, "service_accounts.revoke"), Weight::Danger))
                } @else { (tag(&state)) }
            },
        ])
    };
    table(locale, &Table::new(caption, columns).quiet().rows(account.tokens.iter().map(row)))
}

fn access_words(locale: Locale, access: TokenAccess) -> String {
    match access {
        TokenAccess::Read => tr!(locale, "service_accounts.read"),
        TokenAccess::Write => tr!(locale, "service_accounts.write"),
    }
    .into_owned()
}

fn token_form(locale: Locale, account: &ServiceAccount, here: &str, state: &FormState) -> Markup {
    let mut accesses = vec![TokenAccess::Read];
    if account.may_write() {
        accesses.push(TokenAccess::Write);
    }
    let choice = |it: TokenAccess| Choice::new(it.code(), access_words(locale, it));
    let first = Choice::new("", tr!(locale, "service_accounts.choose_access"));
    let accesses = std::iter::once(first).chain(accesses.into_iter().map(choice)).collect();
    let hint = if account.may_write() {
        tr!(locale, "service_accounts.access_hint")
    } else {
        tr!(locale, "service_accounts.reads_only_hint")
    };
    let last = format::date_short(locale, account.last_day);
    let fields = [
        Field::text("name", tr!(locale, "service_accounts.token_name"))
            .hint(tr!(locale, "service_accounts.token_name_hint"))
            .autocomplete("off")
            .required(),
        Field::select("access", tr!(locale, "service_accounts.access"), accesses)
            .hint(hint)
            .required(),
        Field::date("last_day", tr!(locale, "service_accounts.last_day")).hint(tr!(
            locale,
            "service_accounts.token_last_day_hint",
            last = last
        )),
    ];
    let view = FormView { action: format!("{here}/tokens"), ..FormView::default() };
    let caption = tr!(locale, "service_accounts.issue");
    card(
        &Card::titled(&*caption),
        form(
            &view,
            html! {
                @for one in fields { (field(locale, &state.fill(locale, one))) }
                (actions(submit(&caption, Weight::Primary)))
            },
        ),
    )
}

async fn issue_token(
    State(app): State<App>,
    page: Page,
    Path(AccountPath { account: Id(id) }): Path<AccountPath>,
    Form(fields): Form<Fields>,
) -> PageResult {
    let text = |name| fields.text(name).to_owned();
    let ask = IssueToken { name: text("name"), access: text("access"), last_day: text("last_day") };
    match app.issue_token(&page.scope(), id, ask).await {
        Ok(issued) => {
            let state = FormState::default();
            Ok(kept_by_nobody(draw_account(&app, &page, id, &state, Some(&issued)).await?))
        }
        Err(refusal) => {
            draw_account(&app, &page, id, &FormState::refused(fields, refusal)?, None).await
        }
    }
}

async fn end_account(
    State(app): State<App>,
    page: Page,
    Path(AccountPath { account: Id(id) }): Path<AccountPath>,
) -> PageResult {
    match app.end_service_account(&page.scope(), id).await {
        Ok(account) => {
            let flash = Flash::success("flash.service_account_ended").with("name", &account.name);
            Ok(page.redirect(&links::service_accounts(&page.tenant().slug), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(Fields::default(), refusal)?;
            draw_account(&app, &page, id, &state, None).await
        }
    }
}

/// Path of a token.
#[derive(Debug, Deserialize)]
struct TokenPath {
    account: Id<ServiceAccountId>,
    token: Id<ApiTokenId>,
}

async fn revoke_token(
    State(app): State<App>,
    page: Page,
    Path(TokenPath { account: Id(account), token: Id(token) }): Path<TokenPath>,
) -> PageResult {
    let revoked = app.revoke_token(&page.scope(), account, token).await?;
    let flash = Flash::success("flash.token_revoked").with("name", &revoked.name);
    Ok(page.redirect(&links::service_account(&page.tenant().slug, account), &flash))
}
