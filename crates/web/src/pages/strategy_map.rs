//! The strategy map: the drawing, its hypotheses, and the same as tables.

mod links_form;

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::strategy_map::{MapLink, MapObjective, StrategyMap};
use ekinerja_domain::access::Amend;
use ekinerja_domain::access::policy::Planning;
use ekinerja_domain::plan::Perspective;
use ekinerja_domain::strategy_map::{Assumption, LinkStrength};
use maud::{Markup, html};

use super::recorded::{period_choices, period_words, traffic};
use crate::cached::{self, Asked, Depends};
use crate::charts::status_bar::PerspectiveHue;
use crate::charts::strategy_map::{MapArrow, MapLane, MapNode, StrategyMapView, strategy_map};
use crate::components::Status;
use crate::components::badge::{self, tag};
use crate::components::card::{Card, card};
use crate::components::forms::{Weight, link_button};
use crate::components::icon::Icon;
use crate::components::navigation::period_picker;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{PeriodAsked, Query};
use crate::format;
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;
use crate::settings::AppState;
use crate::words;

pub(super) fn router() -> Routes {
    Routes::new().route("/strategy-map", get(show_map)).merge(links_form::router())
}

async fn show_map(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Query(query): Query<PeriodAsked>,
) -> PageResult {
    let period = query.read()?;
    // Whether an assumption is in doubt comes from the period before as well.
    let depends = [Depends::EveryPeriod, Depends::Plan, Depends::Organisation];
    cached::page(
        &state,
        &page,
        &asked,
        &depends,
        Box::pin(async {
            let found = state.app.strategy_map(&page.scope(), period).await?;
            Ok(match found {
                Some(it) if it.objectives().next().is_some() => draw(&page, &it),
                _ => nothing(&page),
            })
        }),
    )
    .await
}

fn nothing(page: &Page) -> (Head, Markup) {
    let locale = page.locale;
    let content = empty(&Empty {
        title: tr!(locale, "strategy.none").into_owned(),
        text: tr!(locale, "strategy.none_text").into_owned(),
        action: Some((
            tr!(locale, "strategy.open_plan").into_owned(),
            links::plan(&page.tenant().slug),
        )),
        icon: Icon::Strategy,
    });
    (Head::new(tr!(locale, "strategy.title")), content)
}

fn draw(page: &Page, it: &StrategyMap) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let may_amend = page.may::<Amend, _>(&Planning);
    let title = if let Some(held) = &it.period {
        tr!(locale, "strategy.title_of", period = period_words(locale, held.period))
    } else {
        tr!(locale, "strategy.title")
    };
    let tools = html! {
        @if let Some(held) = &it.period {
            (period_picker(locale, &links::strategy_map(slug), period_choices(locale, &it.periods),
                &held.period.to_string()))
        }
        @if may_amend {
            (link_button(&tr!(locale, "strategy.add"), &at::new_causal_link(slug), Weight::Primary, Some(Icon::Add)))
        }
    };
    let head = Head::new(title).subtitle(&it.plan.title).tools(tools);
    let drawn = Drawn { page, map: it, may_amend };
    let broken = it.links.iter().filter(|it| it.assumption == Assumption::Broken).count();
    let content = html! {
        div.strategy-page {
            @if let Some(text) = &it.plan.notice { (notice(Tone::Info, html! { p { (text) } })) }
            @if it.period.is_none() { (notice(Tone::Info, html! { p { (tr!(locale, "strategy.no_period")) } })) }
            @if broken > 0 {
                (notice(Tone::Warning, html! { p { (tr!(locale, "strategy.broken_notice", count = broken)) } }))
            }
            @if !it.unplaced.is_empty() { (drawn.unplaced()) }
            (card(
                &Card::titled(tr!(locale, "strategy.title")).subtitle(tr!(locale, "strategy.map_text")),
                strategy_map(locale, &drawn.view()),
            ))
            (card(
                &Card::titled(tr!(locale, "strategy.links")).subtitle(tr!(locale, "strategy.links_text")),
                drawn.links(),
            ))
            (card(
                &Card::titled(tr!(locale, "strategy.objectives"))
                    .subtitle(tr!(locale, "strategy.objectives_text")),
                drawn.objectives(),
            ))
        }
    };
    (head, content)
}

struct Drawn<'a> {
    page: &'a Page,
    map: &'a StrategyMap,
    may_amend: bool,
}

impl Drawn<'_> {
    fn locale(&self) -> Locale {
        self.page.locale
    }

    /// The drawing's own values.
    fn view(&self) -> StrategyMapView {
        let locale = self.locale();
        let lanes: Vec<MapLane> = self
            .map
            .lanes
            .iter()
            .map(|lane| MapLane {
                name: words::perspective(locale, &lane.setting).into_owned(),
                hue: hue(lane.setting.perspective),
                nodes: lane.objectives.iter().map(|it| self.node(it)).collect(),
            })
            .collect();
        let code = |id| self.map.objective(id).map(|it| it.node.code.clone());
        let arrows: Vec<MapArrow> = self
            .map
            .links
            .iter()
            .filter_map(|it| {
                Some(MapArrow {
                    from: code(it.link.from)?,
                    to: code(it.link.to)?,
                    broken: it.assumption == Assumption::Broken,
                    strength: match it.link.strength {
                        Some(LinkStrength::Weak) => 1,
                        Some(LinkStrength::Strong) => 3,
                        Some(LinkStrength::Moderate) | None => 2,
                    },
                    about: it.link.hypothesis.clone(),
                })
            })
            .collect();
        let (objectives, links) = (self.map.objectives().count(), arrows.len());
        StrategyMapView {
            title: tr!(locale, "strategy.title").into_owned(),
            description: tr!(
                locale,
                "strategy.description",
                objectives = objectives,
                links = links
            )
            .into_owned(),
            lanes,
            arrows,
        }
    }

    fn node(&self, it: &MapObjective) -> MapNode {
        let slug = &self.page.tenant().slug;
        let scorecard = match &self.map.period {
            Some(held) => links::scorecard_of(slug, held.period),
            None => links::scorecard(slug),
        };
        MapNode {
            code: it.node.code.clone(),
            text: it.node.text.clone(),
            status: status(it),
            word: status_word(self.locale(), it),
            value: self.value(it),
            href: scorecard,
        }
    }

    /// The score as it is printed everywhere; empty where there is none.
    fn value(&self, it: &MapObjective) -> String {
        let value = it.level.as_ref().and_then(|it| it.value);
        let rules = self.map.rules;
        let printed =
            value.map(|it| format::number(self.locale(), rules.print(it), rules.decimals));
        printed.unwrap_or_default()
    }

    fn unplaced(&self) -> Markup {
        let locale = self.locale();
        let slug = &self.page.tenant().slug;
        notice(
            Tone::Warning,
            html! {
                p {
                    (tr!(locale, "strategy.unplaced", count = self.map.unplaced.len()))
                    @for (index, node) in self.map.unplaced.iter().enumerate() {
                        @if index > 0 { "," }
                        " "
                        @if self.may_amend { a href=(at::node(slug, node.id)) { (node.code) } }
                        @else { (node.code) }
                    }
                }
            },
        )
    }

    fn links(&self) -> Markup {
        let locale = self.locale();
        if self.map.links.is_empty() {
            let words = if self.may_amend {
                tr!(locale, "strategy.no_links")
            } else {
                tr!(locale, "strategy.no_links_reader")
            };
            return html! { p { (words) } };
        }
        let mut columns = vec![
            Column::text(tr!(locale, "strategy.driver")),
            Column::text(tr!(locale, "strategy.effect")),
            Column::text(tr!(locale, "strategy.hypothesis")),
            Column::text(tr!(locale, "strategy.strength")),
            Column::text(tr!(locale, "strategy.figures")),
        ];
        if self.may_amend {
            columns.push(Column::text(tr!(locale, "strategy.change")));
        }
        let rows = self.map.links.iter().map(|it| self.link(it));
        table(locale, &Table::new(tr!(locale, "strategy.links"), columns).quiet().rows(rows))
    }

    fn link(&self, it: &MapLink) -> Row {
        let locale = self.locale();
        let end = |id| {
            let found = self.map.objectives().map(|it| &it.node).chain(&self.map.unplaced);
            let node = found.into_iter().find(|node| node.id == id);
            html! { @if let Some(node) = node { b { (node.code) } " " (node.text) } @else { "–" } }
        };
        let mut cells = vec![
            end(it.link.from),
            end(it.link.to),
            html! {
                (it.link.hypothesis)
                @if it.leads_down { " " (tag(&tr!(locale, "strategy.leads_down"))) }
            },
            html! {
                (strength_words(locale, it.link.strength))
                @if let Some(lag) = it.link.lag_periods {
                    br; small { (tr!(locale, "strategy.lag")) ": " (tr!(locale, "strategy.lag_periods", count = lag)) }
                }
            },
            assumption(locale, it.assumption),
        ];
        if self.may_amend {
            let href = at::causal_link(&self.page.tenant().slug, it.link.id);
            cells.push(html! { a href=(href) { (tr!(locale, "strategy.change")) } });
        }
        Row::new(cells)
    }

    fn objectives(&self) -> Markup {
        let locale = self.locale();
        let columns = vec![
            Column::text(tr!(locale, "strategy.perspective")),
            Column::text(tr!(locale, "strategy.objective")),
            Column::number(tr!(locale, "strategy.score")),
            Column::text(tr!(locale, "strategy.status")),
            Column::text(tr!(locale, "strategy.arrows")),
        ];
        let rows = self.map.lanes.iter().flat_map(|lane| {
            lane.objectives.iter().map(|it| {
                let value = self.value(it);
                Row::new(vec![
                    html! { (words::perspective(locale, &lane.setting)) },
                    html! { b { (it.node.code) } " " (it.node.text) },
                    html! { @if value.is_empty() { "–" } @else { (value) } },
                    badge::status_named(status(it), &status_word(locale, it)),
                    self.arrows(it),
                ])
            })
        });
        table(locale, &Table::new(tr!(locale, "strategy.objectives"), columns).quiet().rows(rows))
    }

    /// What an objective drives and what drives it.
    fn arrows(&self, it: &MapObjective) -> Markup {
        let locale = self.locale();
        let codes = |ids: Vec<_>| {
            let found = ids.into_iter().filter_map(|id| self.map.objective(id));
            found.map(|it| it.node.code.clone()).collect::<Vec<_>>().join(", ")
        };
        let links = &self.map.links;
        let own = it.node.id;
        let effects =
            codes(links.iter().filter(|it| it.link.from == own).map(|it| it.link.to).collect());
        let drivers =
            codes(links.iter().filter(|it| it.link.to == own).map(|it| it.link.from).collect());
        html! {
            @if effects.is_empty() && drivers.is_empty() { "–" }
            @if !effects.is_empty() { (tr!(locale, "strategy.drives", codes = effects)) }
            @if !effects.is_empty() && !drivers.is_empty() { br; }
            @if !drivers.is_empty() { (tr!(locale, "strategy.driven_by", codes = drivers)) }
        }
    }
}

/// Colour of an objective; one without a score has nothing measured below it.
fn status(it: &MapObjective) -> Status {
    it.level.as_ref().and_then(|it| traffic(it.traffic)).unwrap_or(Status::NotMeasurable)
}

/// The colour in a word; without a score as the scorecard says it.
fn status_word(locale: Locale, it: &MapObjective) -> String {
    match status(it) {
        Status::NotMeasurable => tr!(locale, "scorecard.not_measured").into_owned(),
        status => status.word(locale).into_owned(),
    }
}

const fn hue(perspective: Perspective) -> PerspectiveHue {
    match perspective {
        Perspective::Customer => PerspectiveHue::Stakeholder,
        Perspective::Internal => PerspectiveHue::Process,
        Perspective::Learning => PerspectiveHue::Learning,
        Perspective::Finance => PerspectiveHue::Finance,
    }
}

fn strength_words(locale: Locale, it: Option<LinkStrength>) -> String {
    match it {
        Some(LinkStrength::Weak) => tr!(locale, "strategy.strength_weak"),
        Some(LinkStrength::Moderate) => tr!(locale, "strategy.strength_moderate"),
        Some(LinkStrength::Strong) => tr!(locale, "strategy.strength_strong"),
        None => tr!(locale, "strategy.strength_none"),
    }
    .into_owned()
}

fn assumption(locale: Locale, it: Assumption) -> Markup {
    match it {
        Assumption::Holds => html! { (tr!(locale, "strategy.holds")) },
        Assumption::Broken => badge::status_named(Status::Red, &tr!(locale, "strategy.broken")),
        Assumption::TooFewFigures => html! { span.sub { (tr!(locale, "strategy.too_few")) } },
    }
}
