//! Members of a government: who holds which role; giving one and ending one.

mod help;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::account_help::Withdrawal;
use ekinerja_app::members::leaving::LeavingReason;
use ekinerja_app::members::{Acting, AddMember, AddedMember, MemberList, Membership};
use ekinerja_domain::access::{Role, Scope};
use ekinerja_domain::agency::Agency;
use ekinerja_domain::ids::MembershipId;
use maud::{Markup, html};
use serde::Deserialize;

use super::operator::kept_by_nobody;
use crate::components::badge::tag;
use crate::components::card::{Card, card};
use crate::components::forms::{
    Choice, Field, Form as FormView, Weight, actions, button_form, copyable, csrf, field, form,
    link_button, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Tone, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult, role};
use crate::routes::Routes;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/members", get(show_members))
        .route("/members/new", get(show_new).post(add_member))
        .route("/members/{member}/end", post(end_member))
        .route("/members/{member}/departure", post(leave))
        .route("/members/{member}/first-password", post(renew_first_password))
        .route("/members/{member}/password-link", post(issue_link))
        .route("/members/{member}/second-factor-withdrawal", post(withdraw_second_factor))
}

async fn show_members(State(app): State<App>, page: Page) -> PageResult {
    draw(&app, &page, &FormState::default()).await
}

async fn draw(app: &App, page: &Page, state: &FormState) -> PageResult {
    let locale = page.locale;
    let list = app.members(&page.scope()).await?;
    let today = app.today();
    let (now, over): (Vec<_>, Vec<_>) =
        list.members.iter().partition(|it| it.grant.valid_to.is_none_or(|last| last >= today));
    let caption = tr!(locale, "members.now");
    let ended = tr!(locale, "members.over");
    let content = html! {
        (state.summary(locale))
        (card(&Card::titled(&*caption), roles_table(page, &list, &now, &caption, true)))
        @if !over.is_empty() {
            details.card {
                summary { (ended) " (" (over.len()) ")" }
                (roles_table(page, &list, &over, &ended, false))
            }
        }
    };
    let new = format!("{}/new", links::members(&page.tenant().slug));
    let import = format!("{}/import", links::members(&page.tenant().slug));
    let programs = links::service_accounts(&page.tenant().slug);
    let factor = links::second_factor_rule(&page.tenant().slug);
    let requests = links::account_requests(&page.tenant().slug);
    let tools = html! {
        (link_button(&tr!(locale, "second_factor.rule"), &factor, Weight::Secondary, None))
        (link_button(&tr!(locale, "account_help.requests"), &requests, Weight::Secondary, None))
        (link_button(&tr!(locale, "service_accounts.title"), &programs, Weight::Secondary, None))
        (link_button(&tr!(locale, "people_import.title"), &import, Weight::Secondary, Some(Icon::Upload)))
        (link_button(&tr!(locale, "members.add"), &new, Weight::Primary, Some(Icon::Add)))
    };
    let head = Head::new(tr!(locale, "members.title"))
        .subtitle(tr!(locale, "members.subtitle"))
        .tools(tools);
    Ok(page.show_with(state.status(), head, content))
}

fn roles_table(
    page: &Page,
    list: &MemberList,
    members: &[&Membership],
    caption: &str,
    may_end: bool,
) -> Markup {
    let locale = page.locale;
    let mut columns = vec![
        Column::text(tr!(locale, "members.name")),
        Column::text(tr!(locale, "members.role")),
        Column::text(tr!(locale, "members.agency")),
        Column::text(tr!(locale, "members.time")),
    ];
    if may_end {
        columns.push(Column::text(tr!(locale, "members.change")));
    }
    let row = |it: &&Membership| {
        let mut cells = vec![
            html! { (it.name) br; small { (it.username) @if let Some(post) = &it.post { " · " (post) } } },
            html! {
                (role(locale, it.grant.role))
                @if let Some(acting) = it.acting { " " (tag(acting_words(acting))) }
            },
            html! { (agency_words(locale, &list.agencies, it.grant.scope)) },
            html! { (time_words(locale, it)) },
        ];
        if may_end {
            cells.push(end_form(page, it.id));
        }
        Row::new(cells)
    };
    table(locale, &Table::new(caption, columns).quiet().rows(members.iter().map(row)))
}

fn end_form(page: &Page, id: MembershipId) -> Markup {
    let locale = page.locale;
    let action = format!("{}/{id}/end", links::members(&page.tenant().slug));
    let renewal = format!("{}/{id}/first-password", links::members(&page.tenant().slug));
    html! {
        details {
            summary { (tr!(locale, "members.change")) }
            form method="post" action=(action) {
                (csrf(""))
                (field(locale, &Field::date("last_day", tr!(locale, "members.last_day"))
                    .hint(tr!(locale, "members.last_day_hint")).id(format!("last-{id}"))))
                (submit(&tr!(locale, "members.end"), Weight::Danger))
            }
            (button_form(&renewal, "", &tr!(locale, "members.renew"), Weight::Quiet))
            (help::forms(page, id))
            (departure_form(page, id))
        }
    }
}

/// One step that ends everything of a person who leaves.
fn departure_form(page: &Page, id: MembershipId) -> Markup {
    let locale = page.locale;
    let action = format!("{}/{id}/departure", links::members(&page.tenant().slug));
    let reasons = LeavingReason::ALL.iter();
    let reasons = reasons.map(|it| Choice::new(it.code(), leaving_words(locale, *it))).collect();
    html! {
        details {
            summary { (tr!(locale, "members.leave")) }
            p { (tr!(locale, "members.leave_text")) }
            form method="post" action=(action) {
                (csrf(""))
                (field(locale, &Field::select("reason", tr!(locale, "members.leave_reason"), reasons)
                    .id(format!("reason-{id}"))))
                (field(locale, &Field::date("last_day", tr!(locale, "members.last_day"))
                    .hint(tr!(locale, "members.last_day_hint")).id(format!("leave-{id}"))))
                (submit(&tr!(locale, "members.leave"), Weight::Danger))
            }
        }
    }
}

fn leaving_words(locale: Locale, reason: LeavingReason) -> String {
    match reason {
        LeavingReason::Transferred => tr!(locale, "members.leaving.transferred"),
        LeavingReason::Resigned => tr!(locale, "members.leaving.resigned"),
        LeavingReason::Retired => tr!(locale, "members.leaving.retired"),
        LeavingReason::Deceased => tr!(locale, "members.leaving.deceased"),
    }
    .into_owned()
}

async fn leave(
    State(app): State<App>,
    page: Page,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
    Form(fields): Form<Fields>,
) -> PageResult {
    match app.leave(&page.scope(), id, fields.text("last_day"), fields.text("reason")).await {
        Ok(left) => {
            let flash = Flash::success("flash.member_left")
                .with("name", &left.name)
                .with("day", format::date_short(page.locale, left.last_day))
                .with("roles", left.roles)
                .with("delegations", left.delegations);
            Ok(page.redirect(&links::members(&page.tenant().slug), &flash))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(fields, refusal)?).await,
    }
}

const fn acting_words(acting: Acting) -> &'static str {
    match acting {
        Acting::Plt => "Plt.",
        Acting::Plh => "Plh.",
    }
}

fn agency_words(locale: Locale, agencies: &[Agency], scope: Scope) -> String {
    match scope {
        Scope::Tenant => tr!(locale, "members.whole").into_owned(),
        Scope::Agency(id) | Scope::Post(id) => {
            agencies.iter().find(|it| it.id == id).map_or_else(String::new, |it| it.name.clone())
        }
    }
}

fn time_words(locale: Locale, it: &Membership) -> String {
    let from = format::date_short(locale, it.grant.valid_from);
    match it.grant.valid_to {
        None => tr!(locale, "members.since", from = from).into_owned(),
        Some(last) if last < it.grant.valid_from => tr!(locale, "members.never").into_owned(),
        Some(last) => {
            let to = format::date_short(locale, last);
            tr!(locale, "members.between", from = from, to = to).into_owned()
        }
    }
}

async fn show_new(State(app): State<App>, page: Page) -> PageResult {
    draw_new(&app, &page, &FormState::default(), None).await
}

async fn draw_new(
    app: &App,
    page: &Page,
    state: &FormState,
    told: Option<&AddedMember>,
) -> PageResult {
    let locale = page.locale;
    let list = app.members(&page.scope()).await?;
    let roles = Role::ALL.iter().map(|it| Choice::new(it.code(), role(locale, *it)));
    let agency = |it: &Agency| Choice::new(it.id.to_string(), format!("{} · {}", it.code, it.name));
    let acting = [Acting::Plt, Acting::Plh];
    let acting = acting.iter().map(|it| Choice::new(it.code(), acting_words(*it)));
    let first = |words: std::borrow::Cow<'_, str>| std::iter::once(Choice::new("", words));
    let roles = first(tr!(locale, "members.choose")).chain(roles).collect();
    let agencies = list.agencies.iter().map(agency);
    let agencies = first(tr!(locale, "members.whole")).chain(agencies).collect();
    let acting = first(tr!(locale, "members.not_acting")).chain(acting).collect();
    let posts = list.posts.iter().filter(|it| it.valid_to.is_none());
    let posts = posts.map(|it| Choice::new(it.id.to_string(), it.name.clone()));
    let posts = first(tr!(locale, "members.no_post")).chain(posts).collect();
    let fields = [
        Field::text("name", tr!(locale, "members.name")).required(),
        Field::text("username", tr!(locale, "members.username"))
            .hint(tr!(locale, "members.username_hint"))
            .autocomplete("off")
            .required(),
        Field::text("nip", tr!(locale, "members.nip")).hint(tr!(locale, "members.optional")),
        Field::select("role", tr!(locale, "members.role"), roles).required(),
        Field::select("agency", tr!(locale, "members.agency"), agencies)
            .hint(tr!(locale, "members.agency_hint")),
        Field::text("post", tr!(locale, "members.post")).hint(tr!(locale, "members.optional")),
        Field::select("post_id", tr!(locale, "members.post_listed"), posts)
            .hint(tr!(locale, "members.post_listed_hint")),
        Field::checkbox("own_post", tr!(locale, "members.own_post")),
        Field::select("acting", tr!(locale, "members.acting"), acting)
            .hint(tr!(locale, "members.acting_hint")),
        Field::date("valid_from", tr!(locale, "members.valid_from"))
            .hint(tr!(locale, "members.valid_from_hint")),
        Field::date("valid_to", tr!(locale, "members.valid_to"))
            .hint(tr!(locale, "members.valid_to_hint")),
        Field::password("password", tr!(locale, "members.password"))
            .hint(tr!(locale, "members.password_hint"))
            .autocomplete("new-password"),
    ];
    let action = format!("{}/new", links::members(&page.tenant().slug));
    let content = html! {
        (state.summary(locale))
        @if let Some(added) = told { (added_notice(locale, added)) }
        (card(&Card::default(), form(&FormView { action, guarded: true, ..FormView::default() }, html! {
            @for one in fields { (field(locale, &state.fill(locale, one))) }
            (actions(submit(&tr!(locale, "members.add"), Weight::Primary)))
        })))
    };
    let head = Head::new(tr!(locale, "members.add"))
        .under(tr!(locale, "members.title"), links::members(&page.tenant().slug));
    let status = if told.is_some() { StatusCode::CREATED } else { state.status() };
    Ok(page.show_with(status, head, content))
}

/// That a person was given a role, with the first password where one was made.
pub(super) fn added_notice(locale: Locale, added: &AddedMember) -> Markup {
    let name = &added.membership.name;
    match &added.first_password {
        Some(password) => notice(
            Tone::Success,
            html! {
                p { (tr!(locale, "members.added", name = name)) }
                p { (tr!(locale, "members.username")) ": " (copyable(locale, &added.membership.username)) }
                p { (tr!(locale, "members.first_password")) ": " (copyable(locale, password.reveal())) }
                p { (tr!(locale, "members.first_password_text")) }
            },
        ),
        None => notice(Tone::Success, html! { p { (tr!(locale, "members.joined", name = name)) } }),
    }
}

async fn add_member(State(app): State<App>, page: Page, Form(fields): Form<Fields>) -> PageResult {
    let text = |name| fields.text(name).to_owned();
    let ask = AddMember {
        username: text("username"),
        name: text("name"),
        nip: text("nip"),
        password: text("password"),
        role: text("role"),
        agency: text("agency"),
        post: text("post"),
        post_id: text("post_id"),
        own_post: fields.ticked("own_post"),
        acting: text("acting"),
        valid_from: text("valid_from"),
        valid_to: text("valid_to"),
    };
    match app.add_member(&page.scope(), ask).await {
        Ok(added) => {
            let shown = draw_new(&app, &page, &FormState::default(), Some(&added)).await?;
            Ok(kept_by_nobody(shown))
        }
        Err(refusal) => draw_new(&app, &page, &FormState::refused(fields, refusal)?, None).await,
    }
}

/// Path of a role.
#[derive(Debug, Deserialize)]
struct MemberPath {
    member: Id<MembershipId>,
}

async fn end_member(
    State(app): State<App>,
    page: Page,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
    Form(fields): Form<Fields>,
) -> PageResult {
    match app.end_member(&page.scope(), id, fields.text("last_day")).await {
        Ok(ended) => {
            let flash = Flash::success("flash.member_ended").with("name", &ended.name);
            Ok(page.redirect(&links::members(&page.tenant().slug), &flash))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(fields, refusal)?).await,
    }
}

async fn issue_link(
    State(state): State<AppState>,
    page: Page,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
) -> PageResult {
    let app = &state.app;
    match app.issue_password_link(&page.scope(), id).await {
        Ok(issued) => {
            let link = links::password_link(&state.settings.public_url, issued.secret.reveal());
            Ok(kept_by_nobody(help::told(&page, &issued, &link)))
        }
        Err(refusal) => draw(app, &page, &FormState::refused(Fields::default(), refusal)?).await,
    }
}

async fn withdraw_second_factor(
    State(app): State<App>,
    page: Page,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
    Form(fields): Form<Fields>,
) -> PageResult {
    match app.withdraw_second_factor(&page.scope(), id, fields.text("reason")).await {
        Ok(Withdrawal::Done) => {
            let flash = Flash::success("flash.second_factor_withdrawn");
            Ok(page.redirect(&links::members(&page.tenant().slug), &flash))
        }
        Ok(Withdrawal::Asked(_)) => {
            let flash = Flash::info("flash.request_made");
            Ok(page.redirect(&links::account_requests(&page.tenant().slug), &flash))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(fields, refusal)?).await,
    }
}

async fn renew_first_password(
    State(app): State<App>,
    page: Page,
    Path(MemberPath { member: Id(id) }): Path<MemberPath>,
) -> PageResult {
    match app.renew_first_password(&page.scope(), id).await {
        Ok(renewed) => {
            let shown = draw_new(&app, &page, &FormState::default(), Some(&renewed)).await?;
            Ok(kept_by_nobody(shown))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(Fields::default(), refusal)?).await,
    }
}
