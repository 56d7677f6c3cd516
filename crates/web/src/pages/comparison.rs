//! Regencies side by side: one indicator closely, or several in a heat table; both to look at and to download.

pub(crate) mod charts;
pub(crate) mod csv;
mod heat;
mod tables;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use ekinerja_app::comparison::{ComparisonRequest, ComparisonView, IndicatorChoice};
use ekinerja_domain::indicator::IndicatorKind;
use ekinerja_domain::tenant::Slug;
use maud::{Markup, html};
use serde::Deserialize;

use super::published;
use crate::cached::{self, Asked, Depends};
use crate::caller::Caller;
use crate::charts::bars::ranked_bars;
use crate::charts::choropleth::choropleth;
use crate::charts::map::BaseMap;
use crate::charts::multiples::multiples;
use crate::components::card::{Card, Columns, card, grid};
use crate::components::figure::figure;
use crate::components::forms::{Choice, Field, Weight, link_button};
use crate::components::icon::Icon;
use crate::components::navigation::{Place, filters, tabs};
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::table::{table, twin};
use crate::extract::Query;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::routes::Routes;
use crate::settings::AppState;

/// A comparison shows trends, so every period counts; and names, plans and rule sets.
pub(crate) const DEPENDS: [Depends; 3] =
    [Depends::EveryPeriod, Depends::Plan, Depends::Organisation];

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/comparison", get(show))
        .route("/comparison/table", get(heat::show))
        .route("/comparison.csv", get(download))
}

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Wish {
    #[serde(default)]
    pub(crate) indicator: Option<String>,
    #[serde(default)]
    pub(crate) period: Option<String>,
}

impl From<Wish> for ComparisonRequest {
    fn from(wish: Wish) -> Self {
        Self { indicator: wish.indicator, period: wish.period }
    }
}

async fn show(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    cached::page(
        &state,
        &page,
        &asked,
        &DEPENDS,
        Box::pin(async {
            let view = state.app.compare_regencies(&page.scope(), &wish.into()).await?;
            let suspended = state.app.suspended_regencies(&page.scope()).await?;
            let (head, content) = match view {
                Some(view) => draw(&page, &view, state.app.today()),
                None => nothing(&page),
            };
            Ok((head, super::published::with_suspended(page.locale, &suspended, content)))
        }),
    )
    .await
}

async fn download(
    State(state): State<AppState>,
    Caller(scope): Caller,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    csv::answer(&state, &scope, &asked, wish).await
}

/// Tabs between the two forms of comparison.
fn ways(locale: Locale, slug: &Slug, current: usize) -> Markup {
    let places = [
        Place::new(tr!(locale, "comparing.one"), links::comparison(slug)),
        Place::new(tr!(locale, "comparing.several"), links::comparison_table(slug)),
    ];
    tabs(&tr!(locale, "comparing.title"), &places, current)
}

/// Nobody has published anything: what will be here, and who does what for it.
fn nothing(page: &Page) -> (Head, Markup) {
    let locale = page.locale;
    let content = html! {
        (ways(locale, &page.tenant().slug, 0))
        (empty(&Empty {
            title: tr!(locale, "comparing.empty").into_owned(),
            text: tr!(locale, "comparing.empty_text").into_owned(),
            action: Some((
                tr!(locale, "comparing.received").into_owned(),
                links::publication(&page.tenant().slug),
            )),
            icon: Icon::Compare,
        }))
    };
    (Head::new(tr!(locale, "comparing.title")), content)
}

/// Indicators for the picker, IKU and supporting ones apart.
fn indicator_choices(locale: Locale, indicators: &[IndicatorChoice]) -> Vec<Choice> {
    indicators
        .iter()
        .map(|it| {
            let group = match it.kind {
                IndicatorKind::Iku => tr!(locale, "comparing.iku"),
                IndicatorKind::Supporting => tr!(locale, "comparing.supporting"),
            };
            Choice::new(it.code.as_str(), it.name.as_str()).group(group)
        })
        .collect()
}

fn pickers(page: &Page, view: &ComparisonView) -> Markup {
    let locale = page.locale;
    let fields = [
        Field::select(
            "indicator",
            tr!(locale, "comparing.indicator"),
            indicator_choices(locale, &view.indicators),
        )
        .value(view.yardstick.definition.code.as_str())
        .required(),
        Field::select(
            "period",
            tr!(locale, "nav.period"),
            published::period_choices(locale, &view.periods),
        )
        .value(view.period.to_string())
        .required(),
    ];
    filters(locale, &links::comparison(&page.tenant().slug), &fields)
}

fn draw(page: &Page, view: &ComparisonView, today: chrono::NaiveDate) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let period = published::period_words(locale, view.period);
    let name = &view.yardstick.name;
    let head = Head::new(tr!(locale, "comparing.title")).subtitle(tr!(
        locale,
        "comparing.subtitle",
        indicator = name,
        period = period
    ));
    let bars = charts::bars(locale, view);
    let trends = charts::trends(locale, view);
    let download = link_button(
        &tr!(locale, "comparing.csv"),
        &links::comparison_csv(slug, &view.yardstick.definition.code, view.period),
        Weight::Secondary,
        Some(Icon::Download),
    );
    let content = html! {
        (ways(locale, slug, 0))
        (pickers(page, view))
        (warnings(locale, view))
        (grid(Columns::Aside, html! {
            div.grid {
                (card(&Card::default(), figure(locale, &charts::province(page.tenant(), locale, view, today))))
                (card(
                    &Card::titled(tr!(locale, "comparing.rolled_up")),
                    tables::beside_official(locale, view),
                ))
            }
            (card(
                &Card::titled(tr!(locale, "comparing.ranking"))
                    .subtitle(charts::direction_words(locale, view)),
                html! {
                    @if bars.bars.is_empty() { p { (tr!(locale, "comparing.no_reporter")) } }
                    (ranked_bars(locale, &bars))
                },
            ))
        }))
        (card(
            &Card::titled(tr!(locale, "comparing.details"))
                .subtitle(tr!(locale, "comparing.details_text"))
                .tools(download),
            html! {
                (table(locale, &tables::details(page, view, today)))
                (tables::apart(page, view))
                p.sub { (published::rule_set(locale, view.rules)) }
                (tables::marks_explained(locale, view))
            },
        ))
        @if let Some(map) = BaseMap::of_province(page.tenant().code.as_str()) {
            (card(&Card::titled(tr!(locale, "comparing.map", period = period)), html! {
                (choropleth(locale, &charts::map(locale, view, map).drawing(map)))
                (twin(locale, &bars.table(locale)))
            }))
        }
        (card(
            &Card::titled(tr!(locale, "comparing.trend"))
                .subtitle(tr!(locale, "comparing.trend_text")),
            html! {
                (multiples(locale, &trends))
                (twin(locale, &trends.table(locale)))
            },
        ))
    };
    (head, content)
}

/// What a reader must know before looking at the numbers.
fn warnings(locale: Locale, view: &ComparisonView) -> Markup {
    html! {
        @if !view.sisters.is_empty() {
            (notice(Tone::Info, html! {
                p {
                    (tr!(locale, "comparing.sisters", indicator = view.yardstick.name)) " "
                    @for (at, it) in view.sisters.iter().enumerate() {
                        @if at > 0 { "; " } (it.name) " (" (it.code.as_str()) ")"
                    }
                    "."
                }
            }))
        }
        @if !view.comparison.odd.is_empty() {
            (notice(Tone::Warning, html! {
                p { b { (tr!(locale, "notice.not_comparable")) } ": "
                    (tr!(locale, "comparing.odd_count", count = view.comparison.odd.len())) }
            }))
        }
    }
}
