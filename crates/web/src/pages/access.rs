//! "Mengapa saya dapat melihat ini?" and "Siapa yang dapat melihat ini?": the policy's own answers in words.

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_app::rights::{About, Audience, Explained, Holder, MyRights};
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{Held, Verdict, ViewAudit};
use ekinerja_domain::ids::AgencyId;
use maud::{Markup, html};

use crate::api::rights::AskedAbout;
use crate::components::card::{Card, card};
use crate::components::forms::{Weight, link_button};
use crate::components::icon::Icon;
use crate::components::table::{Column, Row, Table, table};
use crate::extract::Query;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult, role};
use crate::rights;
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new().route("/access", get(show_my_rights)).route("/access/who", get(show_who_may))
}

type Names = [(AgencyId, String)];

async fn show_my_rights(
    State(app): State<App>,
    page: Page,
    Query(asked): Query<AskedAbout>,
) -> PageResult {
    let locale = page.locale;
    let MyRights { thing, answers, held, agencies } =
        app.my_rights(&page.scope(), asked.about()).await?;
    let (may, may_not): (Vec<_>, Vec<_>) =
        answers.iter().partition(|it| it.verdict == Verdict::May);
    let content = html! {
        (card(&Card::titled(tr!(locale, "access.roles")), roles_table(locale, &held, &agencies)))
        (card(&Card::titled(tr!(locale, "access.may")), may_table(locale, &may, &agencies)))
        @if !may_not.is_empty() {
            (card(&Card::titled(tr!(locale, "access.may_not")), may_not_table(locale, &may_not)))
        }
    };
    let mut head = Head::new(tr!(locale, "access.title"))
        .subtitle(thing.unwrap_or_else(|| tr!(locale, "access.subtitle").into_owned()));
    if page.may::<ViewAudit, _>(&Members) {
        let who = address(&page, "/who", asked.about());
        let label = tr!(locale, "access.who_link");
        head = head.tools(link_button(&label, &who, Weight::Secondary, Some(Icon::Members)));
    }
    Ok(page.show(head, content))
}

/// An address of these pages about a thing.
fn address(page: &Page, rest: &str, about: About) -> String {
    let path = format!("{}{rest}", links::access(&page.tenant().slug));
    match about {
        About::Government => path,
        About::Indicator(id) => format!("{path}?indicator={id}"),
        About::Measurement(id) => format!("{path}?measurement={id}"),
    }
}

fn roles_table(locale: Locale, held: &[Held], agencies: &Names) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "access.role")),
        Column::text(tr!(locale, "access.scope")),
        Column::text(tr!(locale, "access.source")),
        Column::text(tr!(locale, "access.time")),
    ];
    let rows = held.iter().map(|it| {
        Row::new(vec![
            html! { (role(locale, it.role)) },
            html! { (rights::scope(locale, it.scope, agencies)) },
            html! { (rights::source(locale, it)) },
            html! { (rights::time(locale, it)) },
        ])
    });
    table(locale, &Table::new(tr!(locale, "access.roles"), columns).quiet().rows(rows))
}

fn may_table(locale: Locale, answers: &[&Explained], agencies: &Names) -> Markup {
    let columns =
        vec![Column::text(tr!(locale, "access.what")), Column::text(tr!(locale, "access.through"))];
    let rows = answers.iter().map(|it| {
        Row::new(vec![
            html! { (sentence(&rights::question(locale, it.question.code))) },
            through(locale, &it.through, agencies),
        ])
    });
    table(locale, &Table::new(tr!(locale, "access.may"), columns).quiet().rows(rows))
}

fn may_not_table(locale: Locale, answers: &[&Explained]) -> Markup {
    let columns =
        vec![Column::text(tr!(locale, "access.what")), Column::text(tr!(locale, "access.who_may"))];
    let rows = answers.iter().map(|it| {
        let roles: Vec<String> = it.roles.iter().map(|one| role(locale, *one)).collect();
        Row::new(vec![
            html! { (sentence(&rights::question(locale, it.question.code))) },
            html! {
                @if roles.is_empty() { (tr!(locale, "access.nobody")) } @else { (roles.join(", ")) }
                @if it.is_own_work { br; small { (tr!(locale, "access.own_work")) } }
            },
        ])
    });
    table(locale, &Table::new(tr!(locale, "access.may_not"), columns).quiet().rows(rows))
}

/// The roles that give a right: which, where, on what basis, until when.
fn through(locale: Locale, held: &[Held], agencies: &Names) -> Markup {
    html! {
        @for (at, it) in held.iter().enumerate() {
            @if at > 0 { br; }
            (role(locale, it.role)) " · " (rights::scope(locale, it.scope, agencies))
            br;
            small { (rights::source(locale, it)) " · " (rights::time(locale, it)) }
        }
    }
}

/// With a capital at the beginning.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

async fn show_who_may(
    State(app): State<App>,
    page: Page,
    Query(asked): Query<AskedAbout>,
) -> PageResult {
    let locale = page.locale;
    let Audience { thing, answers, agencies } = app.who_may(&page.scope(), asked.about()).await?;
    let content = html! {
        @for (question, holders) in &answers {
            details.card open[answers.len() <= 4] {
                summary {
                    (sentence(&rights::question(locale, question.code))) " · "
                    (tr!(locale, "access.people", count = holders.len()))
                }
                @if !holders.is_empty() { (people_table(locale, question.code, holders, &agencies)) }
            }
        }
    };
    let why = address(&page, "", asked.about());
    let label = tr!(locale, "access.why_link");
    let head = Head::new(tr!(locale, "access.who_title"))
        .subtitle(thing.unwrap_or_else(|| tr!(locale, "access.who_subtitle").into_owned()))
        .tools(link_button(&label, &why, Weight::Secondary, Some(Icon::Why)));
    Ok(page.show(head, content))
}

fn people_table(locale: Locale, code: &str, holders: &[Holder], agencies: &Names) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "members.name")),
        Column::text(tr!(locale, "access.through")),
    ];
    let rows = holders
        .iter()
        .map(|it| Row::new(vec![html! { (it.name) }, through(locale, &it.through, agencies)]));
    table(locale, &Table::new(rights::question(locale, code), columns).quiet().rows(rows))
}
