//! Who read what: members, the trail, evidence; and who was refused.

use axum::extract::State;
use ekinerja_app::App;
use ekinerja_app::audit::{ReadEvent, ReadsAsk, ReadsView};
use ekinerja_domain::reading::ReadKind;
use maud::{Markup, html};

use super::{address, or_all, query, who};
use crate::api::audit::ReadsQuery;
use crate::components::card::{Card, card};
use crate::components::forms::{Choice, Field};
use crate::components::icon::Icon;
use crate::components::navigation::{Pages, filters, pagination};
use crate::components::notice::{Empty, empty};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Query};
use crate::form::FormState;
use crate::format::{self, Zone};
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::paging::Paging;
use crate::trail_words as words;

pub(super) async fn show(
    State(app): State<App>,
    page: Page,
    Query(asked): Query<ReadsQuery>,
    paging: Paging,
) -> PageResult {
    let locale = page.locale;
    let ask: ReadsAsk = asked.into();
    let is_first = paging.after.is_none();
    let typed = Fields::of(ask.pairs());
    let (view, state) = match app.reads(&page.scope(), &ask, paging.page()).await {
        Ok(view) => (view, FormState::with(typed)),
        Err(refusal) => {
            let state = FormState::refused(typed, refusal)?;
            let all = ReadsAsk::default();
            (app.reads(&page.scope(), &all, Paging::default().page()).await?, state)
        }
    };
    let trail = links::audit(&page.tenant().slug);
    let here = format!("{trail}/reads");
    let asked = query(&ask.pairs());
    let content = html! {
        (state.summary(locale))
        (filters(locale, &here, &fields(locale, &state, &view)))
        @if view.lines.items.is_empty() || state.is_refused() {
            (empty(&Empty {
                title: tr!(locale, "audit.reads_none").into_owned(),
                text: tr!(locale, "audit.reads_none_text").into_owned(),
                action: None,
                icon: Icon::Search,
            }))
        } @else {
            (card(&Card::default(), lines(locale, &view)))
            (pagination(locale, &Pages {
                previous: (!is_first).then(|| address(&here, &asked, None)),
                next: view.lines.next.as_ref().map(|next| address(&here, &asked, Some(next))),
                shown: String::new(),
            }))
        }
    };
    let head = Head::new(tr!(locale, "audit.reads"))
        .subtitle(tr!(locale, "audit.reads_subtitle"))
        .under(tr!(locale, "audit.title"), trail);
    Ok(page.show_with(state.status(), head, content))
}

fn fields(locale: Locale, state: &FormState, view: &ReadsView) -> Vec<Field> {
    let kinds = ReadKind::ALL.iter().map(|it| Choice::new(it.code(), kind(locale, *it)));
    let all = [
        who(locale, &view.people),
        Field::select("kind", tr!(locale, "audit.read_what"), or_all(locale, kinds)),
        Field::date("from", tr!(locale, "audit.from")),
        Field::date("to", tr!(locale, "audit.to")),
        Field::text("subject", tr!(locale, "audit.subject")),
        Field::text("session", tr!(locale, "audit.session")),
    ];
    all.into_iter().map(|it| state.fill(locale, it)).collect()
}

fn kind(locale: Locale, kind: ReadKind) -> String {
    match kind {
        ReadKind::Members => tr!(locale, "audit.read.members"),
        ReadKind::Trail => tr!(locale, "audit.read.trail"),
        ReadKind::TrailExport => tr!(locale, "audit.read.trail_export"),
        ReadKind::Reads => tr!(locale, "audit.read.reads"),
        ReadKind::Evidence => tr!(locale, "audit.read.evidence"),
        ReadKind::Denied => tr!(locale, "audit.read.denied"),
    }
    .into_owned()
}

fn lines(locale: Locale, view: &ReadsView) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "audit.read_what")),
        Column::text(tr!(locale, "audit.when")),
        Column::text(tr!(locale, "audit.who")),
        Column::text(tr!(locale, "audit.facts")),
    ];
    let row = |it: &ReadEvent| {
        let post = it.post.as_deref().map(|post| words::post(locale, &view.names, post));
        let about = view.names.get(&it.subject).or(Some(&it.subject)).filter(|it| *it != "-");
        Row::new(vec![
            html! { b { (kind(locale, it.kind)) } @if let Some(about) = about { br; small { (about) } } },
            html! { (format::date_time(locale, it.at, Zone::default())) },
            html! {
                (it.user_name)
                br;
                small { @if let Some(post) = post { (post) } @else { (tr!(locale, "audit.no_role")) } }
            },
            html! {
                @if let Some(detail) = &it.detail { p { (words::asked(locale, &view.names, detail)) } }
                details {
                    summary { small { (tr!(locale, "audit.technical")) } }
                    dl.facts {
                        @if let Some(request) = &it.request {
                            dt { (tr!(locale, "audit.request")) } dd { code { (request) } }
                        }
                        @if let Some(session) = it.session {
                            dt { (tr!(locale, "audit.session")) } dd { code { (session) } }
                        }
                    }
                }
            },
        ])
    };
    let rows = view.lines.items.iter().map(row);
    table(locale, &Table::new(tr!(locale, "audit.reads"), columns).quiet().rows(rows))
}
