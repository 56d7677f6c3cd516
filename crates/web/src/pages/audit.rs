//! The trail of changes, for auditors and administrators.

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_app::audit::AuditEntry;
use ekinerja_domain::event::EventKind;
use maud::{Markup, html};

use crate::components::card::{Card, card};
use crate::components::icon::Icon;
use crate::components::navigation::{Pages, pagination};
use crate::components::notice::{Empty, empty};
use crate::components::table::{Column, Row, Table, table};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::paging::Paging;
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new().route("/audit", get(show_audit))
}

async fn show_audit(State(app): State<App>, page: Page, paging: Paging) -> PageResult {
    let locale = page.locale;
    let is_first = paging.after.is_none();
    let piece = app.audit_trail(&page.scope(), paging.page()).await?;
    let head = Head::new(tr!(locale, "audit.title")).subtitle(tr!(locale, "audit.subtitle"));
    if piece.items.is_empty() {
        let content = empty(&Empty {
            title: tr!(locale, "audit.none").into_owned(),
            text: tr!(locale, "audit.none_text").into_owned(),
            action: None,
            icon: Icon::Audit,
        });
        return Ok(page.show(head, content));
    }
    let columns = vec![
        Column::text(tr!(locale, "audit.what")),
        Column::text(tr!(locale, "audit.when")),
        Column::text(tr!(locale, "audit.who")),
        Column::text(tr!(locale, "audit.facts")),
    ];
    let rows = piece.items.iter().map(|it| row(locale, it));
    let trail = Table::new(tr!(locale, "audit.title"), columns).quiet().rows(rows);
    let here = links::audit(&page.tenant().slug);
    let pages = Pages {
        previous: (!is_first).then(|| here.clone()),
        next: piece.next.as_ref().map(|next| format!("{here}?after={}", links::escaped(next))),
        shown: String::new(),
    };
    let content = html! {
        (card(&Card::default(), table(locale, &trail)))
        (pagination(locale, &pages))
    };
    Ok(page.show(head, content))
}

fn row(locale: Locale, it: &AuditEntry) -> Row {
    Row::new(vec![
        html! { b { (kind_words(locale, it.kind)) } br; small { code { (it.subject) } } },
        html! { (format::date_time(locale, it.at, format::Zone::default())) },
        html! { (it.user_name) },
        facts(it),
    ])
}

fn facts(it: &AuditEntry) -> Markup {
    html! {
        dl.facts {
            @for (key, value) in &it.facts { dt { code { (key) } } dd { (value) } }
        }
    }
}

/// A kind of event in words; one without words of its own shows its code, which is in the API as well.
fn kind_words(locale: Locale, kind: EventKind) -> String {
    let key = format!("audit.kind.{}", kind.code());
    crate::_rust_i18n_try_translate(locale.code(), &key)
        .map_or_else(|| kind.code().to_owned(), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_has_words_in_both_languages() {
        for &kind in EventKind::ALL {
            for locale in Locale::ALL {
                let words = kind_words(locale, kind);
                assert_ne!(words, kind.code(), "{kind:?} has no words in {locale:?}");
            }
        }
    }
}
