//! Several indicators side by side: regency x indicator, coloured by achievement, with number and shape.

use axum::extract::State;
use ekinerja_app::comparison::{HeatColumn as Column, HeatView};
use ekinerja_domain::scoring::Outcome;
use ekinerja_domain::tenant::RegionCode;
use maud::{Markup, html};

use super::{Wish, nothing, ways};
use crate::cached::{self, Asked, Depends};
use crate::charts::heat::{HeatCell, HeatColumn, HeatRow, HeatTable, heat_table};
use crate::components::badge;
use crate::components::card::{Card, card};
use crate::components::navigation::period_picker;
use crate::components::{Amount, Status};
use crate::extract::Query;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::pages::published as words;
use crate::settings::AppState;

pub(super) async fn show(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    let depends = [Depends::EveryPeriod, Depends::Plan, Depends::Organisation];
    cached::page(
        &state,
        &page,
        &asked,
        &depends,
        Box::pin(async {
            let view = state.app.compare_indicators(&page.scope(), wish.period.as_deref()).await?;
            let suspended = state.app.suspended_regencies(&page.scope()).await?;
            let (head, content) = match view {
                Some(view) => draw(&page, &view),
                None => nothing(&page),
            };
            Ok((head, words::with_suspended(page.locale, &suspended, content)))
        }),
    )
    .await
}

fn draw(page: &Page, view: &HeatView) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let period = words::period_words(locale, view.period);
    let choices = words::period_choices(locale, &view.periods);
    let picker =
        period_picker(locale, &links::comparison_table(slug), choices, &view.period.to_string());
    let columns = view.columns.iter().map(|it| HeatColumn {
        label: it.choice.name.clone(),
        href: Some(links::comparison_of(slug, &it.choice.code, view.period)),
        about: about(locale, it),
    });
    let rows = view.regencies.iter().map(|regency| HeatRow {
        label: words::short_name(&regency.name).to_owned(),
        href: None,
        cells: view
            .columns
            .iter()
            .map(|it| {
                // A regency that is not compared has no place to explain, but a reason; every cell leads to it.
                let why = links::why_rank(slug, &it.choice.code, view.period, &regency.code);
                HeatCell { href: Some(why), ..cell(locale, it, &regency.code) }
            })
            .collect(),
        own: false,
    });
    let chart = HeatTable {
        caption: tr!(locale, "comparing.heat", period = period).into_owned(),
        columns: columns.collect(),
        rows: rows.collect(),
    };
    let statuses =
        [Status::Green, Status::Yellow, Status::Red, Status::NotMeasurable, Status::Missing];
    let legend: Vec<_> =
        statuses.into_iter().map(|it| (it, it.word(locale).into_owned())).collect();
    let content = html! {
        (ways(locale, slug, 1))
        (picker)
        (card(
            &Card::titled(tr!(locale, "comparing.heat", period = period))
                .subtitle(tr!(locale, "comparing.heat_text")),
            html! {
                @if view.columns.is_empty() {
                    p { (tr!(locale, "comparing.no_reporter")) }
                } @else {
                    (badge::legend(&legend))
                    (heat_table(locale, &chart))
                    p.sub { (words::rule_set(locale, view.rules)) }
                }
            },
        ))
    };
    let head = Head::new(tr!(locale, "comparing.title")).subtitle(tr!(
        locale,
        "comparing.heat_subtitle",
        period = period
    ));
    (head, content)
}

fn about(locale: Locale, it: &Column) -> String {
    let unit = words::unit(&it.yardstick.unit);
    match words::direction(it.yardstick.polarity) {
        Some(direction) => format!("{unit}, {}", direction.word(locale)),
        None => unit.to_owned(),
    }
}

fn cell(locale: Locale, column: &Column, region: &RegionCode) -> HeatCell {
    let comparison = &column.comparison;
    if let Some(it) = comparison.reporters.iter().find(|it| it.region == *region) {
        let printed = match &it.scored.outcome {
            Outcome::Measured { printed, .. } => Some(printed.get()),
            Outcome::Judged(_) | Outcome::NotMeasurable(_) => None,
        };
        let marks = words::marks(&it.line.value.figure);
        let mut notes: Vec<_> = marks.iter().map(|it| it.word(locale).into_owned()).collect();
        if it.line.value.target_illustrative && it.line.value.target.is_set() {
            notes.push(tr!(locale, "comparing.target_illustrative").into_owned());
        }
        if let Some(reason) = it.scored.reason() {
            notes.push(words::no_achievement(locale, reason).to_owned());
        }
        return HeatCell {
            amount: words::amount(&column.yardstick, it.value),
            achievement: printed,
            status: words::status_of(&it.scored),
            note: notes.join("; "),
            href: None,
        };
    }
    let (status, note) = if let Some(it) = comparison.odd.iter().find(|it| it.region == *region) {
        (
            Status::NotMeasurable,
            format!(
                "{}: {}",
                tr!(locale, "notice.not_comparable"),
                words::incomparable(locale, it.reason, &column.yardstick, &it.line.value)
            ),
        )
    } else {
        let silent = comparison.silent.iter().find(|it| it.region == *region);
        silent.map_or((Status::Missing, String::new()), |it| {
            let why = words::exclusion(locale, it.reason).to_owned();
            (words::status_of_reason(it.reason), why)
        })
    };
    HeatCell { amount: Amount::None(status), achievement: None, status, note, href: None }
}
