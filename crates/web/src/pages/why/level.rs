//! Why an objective, a perspective or the organisation has its score.

use axum::extract::State;
use ekinerja_app::explanations::ExplainedLevel;
use ekinerja_domain::explanation::{Explanation, LevelMember, MemberExclusion};
use ekinerja_domain::ids::PlanNodeId;
use ekinerja_domain::period::Period;
use ekinerja_domain::plan::Perspective;
use ekinerja_domain::scorecard::{LevelKey, MemberKey};
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde::Deserialize;

use super::super::recorded::{period_words, reason_words, traffic};
use super::{bands, rules_facts, short};
use crate::api::explanations::DEPENDS;
use crate::cached::{self, Asked};
use crate::components::card::{Card, card};
use crate::components::table::{Column, Row, Table, table};
use crate::components::{Status, badge};
use crate::extract::{Id, Path, PeriodAsked, Query};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::settings::AppState;

#[derive(Debug, Deserialize)]
pub(in crate::pages) struct AtPerspective {
    perspective: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::pages) struct AtObjective {
    node: Id<PlanNodeId>,
}

pub(in crate::pages) async fn show_organisation(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Query(query): Query<PeriodAsked>,
) -> PageResult {
    show(&state, &page, &asked, LevelKey::Organisation, query.read()?).await
}

pub(in crate::pages) async fn show_perspective(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Path(at): Path<AtPerspective>,
    Query(query): Query<PeriodAsked>,
) -> PageResult {
    let perspective = Perspective::from_code(&at.perspective).ok_or_else(Problem::not_found)?;
    show(&state, &page, &asked, LevelKey::Perspective(perspective), query.read()?).await
}

pub(in crate::pages) async fn show_objective(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Path(at): Path<AtObjective>,
    Query(query): Query<PeriodAsked>,
) -> PageResult {
    show(&state, &page, &asked, LevelKey::Objective(at.node.0), query.read()?).await
}

async fn show(
    state: &AppState,
    page: &Page,
    asked: &Asked,
    key: LevelKey,
    period: Option<Period>,
) -> PageResult {
    let drawn = Box::pin(async {
        let found = state.app.explain_level(&page.scope(), key, period).await?;
        Ok(draw(page, &found))
    });
    cached::page(state, page, asked, &DEPENDS, drawn).await
}

const fn member_of(key: LevelKey) -> MemberKey {
    match key {
        LevelKey::Organisation => MemberKey::Organisation,
        LevelKey::Perspective(it) => MemberKey::Perspective(it),
        LevelKey::Objective(it) => MemberKey::Objective(it),
    }
}

fn name(locale: Locale, found: &ExplainedLevel, key: MemberKey) -> String {
    match (key, found.names.get(&key)) {
        (MemberKey::Organisation, _) => tr!(locale, "scorecard.nko").into_owned(),
        (MemberKey::Objective(_), Some(it)) => format!("{} {}", it.code, it.name),
        (_, Some(it)) => it.name.clone(),
        (_, None) => String::from("–"),
    }
}

fn draw(page: &Page, found: &ExplainedLevel) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let it = &found.explanation;
    let own = member_of(it.key);
    let subtitle = format!("{} · {}", name(locale, found, own), period_words(locale, it.period));
    let head = Head::new(tr!(locale, "why.title")).subtitle(subtitle);
    let head = match found.above.map(member_of) {
        Some(above) => head.under(name(locale, found, above), links::why(slug, above, it.period)),
        None => head.under(tr!(locale, "scorecard.title"), links::scorecard_of(slug, it.period)),
    };
    let json = match it.key {
        LevelKey::Organisation => String::from("/scorecard/explanation"),
        LevelKey::Perspective(key) => format!("/scorecard/perspectives/{}/explanation", key.code()),
        LevelKey::Objective(id) => format!("/scorecard/objectives/{id}/explanation"),
    };
    let json = format!("{json}?period={}", it.period);
    let marks = html! {
        @match (traffic(it.traffic), &it.band) {
            (Some(status), Some(band)) => (badge::status_named(status, &band.band.label)),
            _ => (badge::status_named(Status::NotMeasurable, &tr!(locale, "scorecard.not_measured"))),
        }
    };
    let whole = Explanation::Level(Box::new(it.clone()));
    let scale = match it.key {
        LevelKey::Objective(_) => &it.rules.iku_scale,
        LevelKey::Organisation | LevelKey::Perspective(_) => &it.rules.nko_scale,
    };
    let content = html! {
        (short(locale, slug, &whole, &json, &marks))
        (members(page, found))
        (card(&Card::titled(tr!(locale, "why.how")), html! {
            dl.facts {
                @if let Some(exact) = it.value {
                    dt { (tr!(locale, "why.exact")) }
                    dd { (format::number_as_is(locale, exact.round_dp(10))) "%" }
                }
                @if let Some(printed) = it.printed {
                    dt { (tr!(locale, "why.shown")) }
                    dd { b { (format::percent(locale, printed, it.rules.decimals)) } }
                }
                dt { (tr!(locale, "figure.coverage")) }
                dd { (tr!(locale, "scorecard.coverage_indicators",
                    measured = it.coverage.measured, expected = it.coverage.expected)) }
                @if found.provisional > 0 && it.key == LevelKey::Organisation {
                    dt { (Status::Provisional.word(locale)) }
                    dd { (tr!(locale, "scorecard.provisional_text", count = found.provisional)) }
                }
                @if it.key != LevelKey::Organisation {
                    dt { (tr!(locale, "why.share_of_total")) }
                    dd { (format::percent(locale, it.share_of_total * Decimal::ONE_HUNDRED, 2)) }
                }
                (rules_facts(locale, &it.rules))
            }
        }))
        (bands(locale, scale, it.band.as_ref(), it.rules.decimals))
    };
    (head, content)
}

fn members(page: &Page, found: &ExplainedLevel) -> Markup {
    let locale = page.locale;
    let columns = vec![
        Column::text(tr!(locale, "why.member")),
        Column::number(tr!(locale, "why.score")),
        Column::text(tr!(locale, "scorecard.status")),
        Column::number(tr!(locale, "why.weight")),
        Column::number(tr!(locale, "why.share")),
        Column::text(tr!(locale, "why.in_score")),
    ];
    let rows = found.explanation.members.iter().map(|it| row(page, found, it));
    let title = tr!(locale, "why.members");
    card(
        &Card::titled(title.clone()).subtitle(tr!(locale, "why.members_text")),
        table(locale, &Table::new(title, columns).quiet().rows(rows)),
    )
}

fn row(page: &Page, found: &ExplainedLevel, it: &LevelMember) -> Row {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let (period, decimals) = (found.explanation.period, found.explanation.rules.decimals);
    let below = found.objectives.get(&it.key).map_or(&[][..], Vec::as_slice);
    Row::new(vec![
        html! {
            a href=(links::why(slug, it.key, period)) { (name(locale, found, it.key)) }
            // So that evidence is never more than three steps away.
            @for id in below {
                @let key = MemberKey::Objective(*id);
                span.without {
                    a href=(links::why(slug, key, period)) { (name(locale, found, key)) }
                }
            }
        },
        html! {
            @match it.printed {
                Some(printed) => (format::percent(locale, printed, decimals)),
                None => "–",
            }
        },
        html! {
            @match traffic(it.traffic) {
                _ if it.excluded == Some(MemberExclusion::Provisional) => (badge::status(locale, Status::Provisional)),
                Some(status) => (badge::status(locale, status)),
                None => (badge::status_named(Status::NotMeasurable, &tr!(locale, "scorecard.not_measured"))),
            }
            span.without {
                (tr!(locale, "figure.coverage_of", reporting = it.coverage.measured,
                    expected = it.coverage.expected))
            }
        },
        html! { (format::number_as_is(locale, it.weight.get())) },
        html! { (format::percent(locale, it.share * Decimal::ONE_HUNDRED, 2)) },
        html! {
            @match it.excluded {
                None => (tr!(locale, "why.in_score_yes")),
                Some(reason) => (excluded(locale, reason)),
            }
        },
    ])
}

fn excluded(locale: Locale, it: MemberExclusion) -> String {
    match it {
        MemberExclusion::Provisional => tr!(locale, "why.provisional").into_owned(),
        MemberExclusion::NoPercentage => tr!(locale, "why.no_percentage").into_owned(),
        MemberExclusion::NotMeasurable(reason) => reason_words(locale, reason),
        MemberExclusion::Gap(_) => tr!(locale, "why.nothing_below").into_owned(),
        MemberExclusion::ZeroWeight => tr!(locale, "why.zero_weight").into_owned(),
    }
}
