//! Who read what: members, the trail, evidence; and who was refused.

use axum::extract::State;
use ekinerja_app::App;
use ekinerja_app::audit::{ReadEvent, ReadsAsk, ReadsView};
use ekinerja_domain::reading::ReadKind;
use maud::{Markup, html};

use super::{address, query};
use crate::api::audit::ReadsQuery;
use crate::components::card::{Card, card};
use crate::components::forms::{Choice, Field};
use crate::components::icon::Icon;
use crate::components::navigation::{Pages, filters, pagination};
use crate::components::notice::{Empty, empty};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::Query;
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
    let view = app.reads(&page.scope(), &ask, paging.page()).await?;
    let trail = links::audit(&page.tenant().slug);
    let here = format!("{trail}/reads");
    let asked = query(&[
        ("person", &ask.person),
        ("kind", &ask.kind),
        ("subject", &ask.subject),
        ("session", &ask.session),
        ("from", &ask.from),
        ("to", &ask.to),
    ]);
    let content = html! {
        (filters(locale, &here, &fields(locale, &ask, &view)))
        @if view.lines.items.is_empty() {
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
    Ok(page.show(head, content))
}

fn fields(locale: Locale, ask: &ReadsAsk, view: &ReadsView) -> Vec<Field> {
    let all = || std::iter::once(Choice::new("", tr!(locale, "audit.all")));
    let people = view.people.iter().map(|(id, name)| Choice::new(id.to_string(), name));
    let kinds = ReadKind::ALL.iter().map(|it| Choice::new(it.code(), kind(locale, *it)));
    vec![
        Field::select("person", tr!(locale, "audit.who"), all().chain(people).collect())
            .value(&*ask.person),
        Field::select("kind", tr!(locale, "audit.read_what"), all().chain(kinds).collect())
            .value(&*ask.kind),
        Field::date("from", tr!(locale, "audit.from")).value(&*ask.from),
        Field::date("to", tr!(locale, "audit.to")).value(&*ask.to),
        Field::text("subject", tr!(locale, "audit.subject")).value(&*ask.subject),
        Field::text("session", tr!(locale, "audit.session")).value(&*ask.session),
    ]
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
                @if let Some(detail) = &it.detail { p { (detail) } }
                details {
                    summary { small { (tr!(locale, "audit.proof")) } }
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
