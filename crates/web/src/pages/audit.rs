//! The trail of changes, for auditors and administrators: filters, the state of its chain, downloads, the
//! letter with the chain's head, and who read what.

mod letter;
mod reads;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_app::audit::{AuditEntry, ChainState, TrailAsk, TrailView};
use ekinerja_domain::chain::Checked;
use ekinerja_domain::event::EventKind;
use ekinerja_domain::ids::UserId;
use maud::{Markup, html};

use crate::api::audit::{TrailFormat, TrailQuery, download};
use crate::components::card::{Card, card};
use crate::components::forms::{Choice, Field, Weight, button_form, link_button};
use crate::components::icon::Icon;
use crate::components::navigation::{Pages, filters, pagination};
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Query};
use crate::form::FormState;
use crate::format::{self, Zone};
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult, see_other};
use crate::paging::Paging;
use crate::problem::Problem;
use crate::routes::Routes;
use crate::trail_words as words;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/audit", get(show_audit))
        .route("/audit/check", get(back).post(check))
        .route("/audit/trail.csv", get(download_csv))
        .route("/audit/trail.jsonl", get(download_lines))
        .route("/audit/reads", get(reads::show))
        .route("/audit/letter", get(letter::show))
}

async fn show_audit(
    State(app): State<App>,
    page: Page,
    Query(query): Query<TrailQuery>,
    paging: Paging,
) -> PageResult {
    draw(&app, &page, &query.into(), paging, None).await
}

/// Who reloads what a check came to, or changes the language there, sees the trail.
async fn back(page: Page) -> Response {
    see_other(&links::audit(&page.tenant().slug))
}

/// Follows the chain now and shows what it came to.
async fn check(State(app): State<App>, page: Page) -> PageResult {
    let checked = app.check_trail(&page.scope()).await?;
    draw(&app, &page, &TrailAsk::default(), Paging::default(), Some(&checked)).await
}

async fn download_csv(
    State(app): State<App>,
    page: Page,
    Query(query): Query<TrailQuery>,
) -> Result<Response, Problem> {
    download(&app, &page.scope(), &query.into(), TrailFormat::Csv).await
}

async fn download_lines(
    State(app): State<App>,
    page: Page,
    Query(query): Query<TrailQuery>,
) -> Result<Response, Problem> {
    download(&app, &page.scope(), &query.into(), TrailFormat::Lines).await
}

async fn draw(
    app: &App,
    page: &Page,
    ask: &TrailAsk,
    paging: Paging,
    checked: Option<&Checked>,
) -> PageResult {
    let locale = page.locale;
    let is_first = paging.after.is_none();
    let typed = Fields::of(ask.pairs());
    let (view, state) = match app.audit_trail(&page.scope(), ask, paging.page()).await {
        Ok(view) => (view, FormState::with(typed)),
        Err(refusal) => {
            let state = FormState::refused(typed, refusal)?;
            let all = TrailAsk::default();
            (app.audit_trail(&page.scope(), &all, Paging::default().page()).await?, state)
        }
    };
    let here = links::audit(&page.tenant().slug);
    let asked = query(&ask.pairs());
    let content = html! {
        (chain_card(page, &view.chain, checked))
        (state.summary(locale))
        (filters(locale, &here, &fields(locale, &state, &view)))
        @if view.lines.items.is_empty() || state.is_refused() {
            (nothing(locale, ask))
        } @else {
            (card(&Card::default(), lines(locale, &view)))
            (pagination(locale, &Pages {
                previous: (!is_first).then(|| address(&here, &asked, None)),
                next: view.lines.next.as_ref().map(|next| address(&here, &asked, Some(next))),
                shown: String::new(),
            }))
        }
    };
    let tools = html! {
        (link_button(&tr!(locale, "audit.csv"), &address(&format!("{here}/trail.csv"), &asked, None),
            Weight::Secondary, Some(Icon::Download)))
        (link_button(&tr!(locale, "audit.lines"), &address(&format!("{here}/trail.jsonl"), &asked, None),
            Weight::Secondary, Some(Icon::Download)))
        (link_button(&tr!(locale, "audit.reads"), &format!("{here}/reads"), Weight::Secondary,
            Some(Icon::Search)))
    };
    let head =
        Head::new(tr!(locale, "audit.title")).subtitle(tr!(locale, "audit.subtitle")).tools(tools);
    Ok(page.show_with(state.status(), head, content))
}

/// Whether the chain is whole, up to which line, and since when that is known.
fn chain_card(page: &Page, state: &ChainState, checked: Option<&Checked>) -> Markup {
    let locale = page.locale;
    let here = links::audit(&page.tenant().slug);
    let number = |n: i64| format::count(locale, u64::try_from(n).unwrap_or_default());
    let (tone, text) = match state.checked {
        None => (Tone::Info, tr!(locale, "audit.chain.never", end = number(state.head.position))),
        Some(last) => {
            let at = format::date_time(locale, last.at, Zone::default());
            if last.findings == 0 {
                let text = tr!(locale, "audit.chain.whole", end = number(last.up_to), at = at);
                (Tone::Success, text)
            } else {
                let found = format::count(locale, last.findings);
                (Tone::Error, tr!(locale, "audit.chain.broken", found = found, at = at))
            }
        }
    };
    html! {
        (notice(tone, html! {
            p { (text) }
            @if let Some(checked) = checked.filter(|it| !it.is_whole()) {
                ul {
                    @for finding in &checked.findings { li { (words::finding(locale, finding)) } }
                    @if checked.more > 0 {
                        li { (tr!(locale, "audit.chain.more", count = format::count(locale, checked.more))) }
                    }
                }
                p { (tr!(locale, "audit.chain.remedy")) }
            }
            div.actions {
                (button_form(&format!("{here}/check"), "", &tr!(locale, "audit.chain.check"), Weight::Secondary))
                (link_button(&tr!(locale, "audit.letter.open"), &format!("{here}/letter"), Weight::Quiet,
                    Some(Icon::Print)))
            }
        }))
    }
}

fn nothing(locale: Locale, ask: &TrailAsk) -> Markup {
    let (title, text) = if *ask == TrailAsk::default() {
        (tr!(locale, "audit.none"), tr!(locale, "audit.none_text"))
    } else {
        (tr!(locale, "audit.nothing"), tr!(locale, "audit.nothing_text"))
    };
    empty(&Empty {
        title: title.into_owned(),
        text: text.into_owned(),
        action: None,
        icon: Icon::Audit,
    })
}

fn fields(locale: Locale, state: &FormState, view: &TrailView) -> Vec<Field> {
    let kinds = EventKind::ALL
        .iter()
        .map(|kind| Choice::new(kind.code(), words::kind(locale, kind.code())));
    let all = [
        who(locale, &view.people),
        Field::select("kind", tr!(locale, "audit.what"), or_all(locale, kinds)),
        Field::date("from", tr!(locale, "audit.from")),
        Field::date("to", tr!(locale, "audit.to")),
        Field::text("subject", tr!(locale, "audit.subject")),
        Field::text("request", tr!(locale, "audit.request")),
    ];
    all.into_iter().map(|it| state.fill(locale, it)).collect()
}

/// Which person.
fn who(locale: Locale, people: &[(UserId, String)]) -> Field {
    let people = people.iter().map(|(id, name)| Choice::new(id.to_string(), name));
    Field::select("person", tr!(locale, "audit.who"), or_all(locale, people))
}

/// These choices, or no narrowing at all.
fn or_all(locale: Locale, choices: impl Iterator<Item = Choice>) -> Vec<Choice> {
    std::iter::once(Choice::new("", tr!(locale, "audit.all"))).chain(choices).collect()
}

fn lines(locale: Locale, view: &TrailView) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "audit.what")),
        Column::text(tr!(locale, "audit.when")),
        Column::text(tr!(locale, "audit.who")),
        Column::text(tr!(locale, "audit.facts")),
    ];
    let rows = view.lines.items.iter().map(|it| line(locale, view, it));
    table(locale, &Table::new(tr!(locale, "audit.title"), columns).quiet().rows(rows))
}

fn line(locale: Locale, view: &TrailView, it: &AuditEntry) -> Row {
    let name = view.names.get(&it.subject);
    let post = it.post.as_deref().map(|post| words::post(locale, &view.names, post));
    Row::new(vec![
        html! {
            b { (words::kind(locale, &it.kind)) }
            br;
            small {
                @if let Some(name) = name { (name) } @else { (words::value(locale, &view.names, "", &it.subject)) }
            }
        },
        html! { (format::date_time(locale, it.at, Zone::default())) br; small { "#" (it.seq) } },
        html! { (it.user_name) @if let Some(post) = post { br; small { (post) } } },
        html! {
            dl.facts {
                @for (key, value) in words::facts(locale, &view.names, &it.facts) {
                    dt { (key) } dd { (value) }
                }
            }
            details {
                summary { small { (tr!(locale, "audit.proof")) } }
                dl.facts {
                    dt { (tr!(locale, "audit.subject")) } dd { code { (it.subject) } }
                    @if let Some(request) = &it.request {
                        dt { (tr!(locale, "audit.request")) } dd { code { (request) } }
                    }
                    dt { (tr!(locale, "audit.hash")) } dd { code { (ekinerja_app::audit::in_groups(&it.hash)) } }
                }
            }
        },
    ])
}

/// A filter as a query; empty where nothing is asked.
fn query(asked: &[(&str, &str)]) -> String {
    let asked = asked.iter().filter(|(_, value)| !value.trim().is_empty());
    let pairs: Vec<_> =
        asked.map(|(name, value)| format!("{name}={}", links::escaped(value.trim()))).collect();
    pairs.join("&")
}

fn address(path: &str, query: &str, after: Option<&str>) -> String {
    let after = after.map(|it| format!("after={}", links::escaped(it)));
    let parts: Vec<&str> =
        [Some(query), after.as_deref()].into_iter().flatten().filter(|it| !it.is_empty()).collect();
    if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
}
