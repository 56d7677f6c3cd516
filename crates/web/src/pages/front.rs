//! The front page: which governments are here, and the way in.

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_domain::tenant::{Level, Tenant, TenantState};
use maud::{Markup, html};

use crate::components::forms::{Weight, link_button};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, empty};
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{PageResult, PublicPage, level};
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new().route(links::FRONT, get(show_front))
}

async fn show_front(State(app): State<App>, page: PublicPage) -> PageResult {
    let locale = page.locale;
    let governments = app.governments().await?;
    let way_in = if page.signed_in.is_none() {
        tr!(locale, "shell.sign_in")
    } else {
        tr!(locale, "shell.my_governments")
    };
    let content = html! {
        p { (link_button(&way_in, links::SIGN_IN, Weight::Primary, Some(Icon::User))) }
        @if governments.is_empty() {
            (empty(&Empty {
                title: tr!(locale, "front.none").into_owned(),
                text: tr!(locale, "front.none_text").into_owned(),
                action: None,
                icon: Icon::Tenants,
            }))
        } @else {
            @for province in governments.iter().filter(|it| it.level == Level::Province) {
                (card(locale, province, &governments))
            }
        }
    };
    let (title, subtitle) = (tr!(locale, "front.title"), tr!(locale, "layout.product_long"));
    Ok(page.show(&title, &subtitle, true, content))
}

/// A province with its regencies and cities.
fn card(locale: Locale, province: &Tenant, all: &[Tenant]) -> Markup {
    let here = |it: &&Tenant| it.parent == Some(province.id) && it.state != TenantState::Erased;
    let regencies: Vec<_> = all.iter().filter(here).collect();
    html! {
        section.card {
            h2 { (super::life::marked(locale, province)) }
            @if regencies.is_empty() {
                p.hint { (tr!(locale, "front.no_regencies")) }
            } @else {
                p.hint { (tr!(locale, "front.regencies", count = regencies.len())) }
                ul {
                    @for one in regencies {
                        li { (super::life::marked(locale, one)) " " small { (level(locale, one.level)) " · " (one.code) } }
                    }
                }
            }
        }
    }
}
