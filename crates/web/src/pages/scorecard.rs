//! The scorecard of a period: NKO with its parts, what needs a decision, perspectives, objectives, indicators.

use axum::extract::State;
use axum::routing::get;
use chrono::NaiveDate;
use ekinerja_app::scorecards::{IndicatorLine, ObjectiveCard, PerspectiveCard, Scorecard};
use ekinerja_domain::access::Administer;
use ekinerja_domain::access::policy::Calendar;
use ekinerja_domain::indicator::IndicatorKind;
use ekinerja_domain::period::PeriodState;
use ekinerja_domain::scale::Scale;
use ekinerja_domain::scorecard::{Level, MemberKey};
use ekinerja_domain::scorecard_score::Coverage;
use ekinerja_domain::tenant::Slug;
use maud::{Markup, html};
use rust_decimal::Decimal;

use super::recorded::{
    achievement_words, actual_amount, as_of, direction, marks_markup, period_choices, period_words,
    reason_words, score_status, target_words, traffic, warning_marks,
};
use crate::cached::{self, Asked, Depends};
use crate::charts::status_bar::{Counts, status_bar};
use crate::components::card::{Card, Columns, card, grid};
use crate::components::figure;
use crate::components::icon::Icon;
use crate::components::navigation::period_picker;
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::table::{Column, Row, Table, table};
use crate::components::{SourceMark, Status, badge};
use crate::extract::{PeriodAsked, Query};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;
use crate::settings::AppState;

pub(super) fn router() -> Routes {
    Routes::new().route("/scorecard", get(show_scorecard))
}

async fn show_scorecard(
    State(state): State<AppState>,
    page: Page,
    asked: Asked,
    Query(query): Query<PeriodAsked>,
) -> PageResult {
    let period = query.read()?;
    // Which period is meant without one depends on the calendar, so on every period.
    let figures = period.map_or(Depends::EveryPeriod, Depends::Period);
    let depends = [figures, Depends::Plan, Depends::Organisation];
    cached::page(
        &state,
        &page,
        &asked,
        &depends,
        Box::pin(async {
            let found = state.app.scorecard(&page.scope(), period).await?;
            Ok(match found {
                Some(it) => draw(&page, &it, state.app.today()),
                None => nothing_opened(&page),
            })
        }),
    )
    .await
}

fn nothing_opened(page: &Page) -> (Head, Markup) {
    let locale = page.locale;
    let may = page.may::<Administer, _>(&Calendar);
    let content = empty(&Empty {
        title: tr!(locale, "scorecard.no_period").into_owned(),
        text: tr!(locale, "scorecard.no_period_text").into_owned(),
        action: may.then(|| {
            let label = tr!(locale, "scorecard.open_period").into_owned();
            (label, links::periods(&page.tenant().slug))
        }),
        icon: Icon::Scorecard,
    });
    (Head::new(tr!(locale, "scorecard.title")), content)
}

/// What all parts of the page need to know.
struct View<'a> {
    locale: Locale,
    slug: &'a Slug,
    card: &'a Scorecard,
    today: NaiveDate,
}

fn draw(page: &Page, it: &Scorecard, today: NaiveDate) -> (Head, Markup) {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let view = View { locale, slug, card: it, today };
    let period = it.period.period;
    let subtitle = it.plan.as_ref().map(|plan| plan.title.clone()).unwrap_or_default();
    let picker = period_picker(
        locale,
        &links::scorecard(slug),
        period_choices(locale, &it.periods),
        &period.to_string(),
    );
    let title = tr!(locale, "scorecard.title_of", period = period_words(locale, period));
    let head = Head::new(title).subtitle(subtitle).tools(picker);
    let content = html! {
        @if let Some(text) = it.plan.as_ref().and_then(|it| it.notice.as_ref()) {
            (notice(Tone::Info, html! { p { (text) } }))
        }
        (grid(Columns::Aside, html! { (view.organisation()) (view.parts()) }))
        (view.attention())
        @for perspective in &it.perspectives { (view.perspective(perspective)) }
        @if !it.unplaced.is_empty() {
            (card(
                &Card::titled(tr!(locale, "scorecard.unplaced"))
                    .subtitle(tr!(locale, "scorecard.unplaced_text")),
                html! { @for objective in &it.unplaced { (view.objective(objective)) } },
            ))
        }
        @if !it.supporting.is_empty() {
            (card(
                &Card::titled(tr!(locale, "scorecard.supporting"))
                    .subtitle(tr!(locale, "scorecard.supporting_text")),
                view.lines(&tr!(locale, "scorecard.supporting"), &it.supporting),
            ))
        }
    };
    (head, content)
}

impl View<'_> {
    /// The NKO: number, word, coverage, what is not in it, the rules.
    fn organisation(&self) -> Markup {
        let locale = self.locale;
        let scale = self.card.rules.map(|it| &*it.nko_scale);
        let level = self.card.organisation.as_ref();
        let provisional = self.card.provisional();
        let title = tr!(locale, "scorecard.nko");
        let about = Card::titled(title).subtitle(tr!(locale, "scorecard.nko_text"));
        let about = match level.and_then(|it| traffic(it.traffic)) {
            Some(status) => about.status(status),
            None => about,
        };
        card(
            &about,
            html! {
                p.figure-value {
                    @match level.and_then(|it| it.value) {
                        Some(value) => span.amount { b { (self.printed(value)) } span.unit { "%" } },
                        None => span.amount.none { (tr!(locale, "scorecard.nothing_measured")) },
                    }
                }
                @if let Some(level) = level { p.marks { (self.band(level, scale)) } }
                (self.why(MemberKey::Organisation, &tr!(locale, "scorecard.nko")))
                dl.facts {
                    @if let Some(level) = level {
                        dt { (tr!(locale, "figure.coverage")) }
                        dd { (tr!(locale, "scorecard.coverage_indicators",
                            measured = level.coverage.measured, expected = level.coverage.expected)) }
                    }
                    @if provisional > 0 {
                        dt { (Status::Provisional.word(locale)) }
                        dd { (tr!(locale, "scorecard.provisional_text", count = provisional)) }
                    }
                    dt { (tr!(locale, "scorecard.state")) }
                    dd { (self.state()) }
                    dt { (tr!(locale, "scorecard.rules")) }
                    dd {
                        (self.card.rule_set)
                        @if let Some(rules) = self.card.rules { span.without { (rules.basis) } }
                    }
                }
            },
        )
    }

    fn state(&self) -> String {
        let locale = self.locale;
        match self.card.period.state {
            PeriodState::Open => tr!(locale, "scorecard.state_open"),
            PeriodState::Closing => tr!(locale, "scorecard.state_closing"),
            PeriodState::Closed => tr!(locale, "scorecard.state_closed"),
        }
        .into_owned()
    }

    /// The perspectives as the NKO's parts, with their weights and effective shares.
    fn parts(&self) -> Markup {
        let locale = self.locale;
        let columns = vec![
            Column::text(tr!(locale, "scorecard.perspective")),
            Column::number(tr!(locale, "scorecard.score")),
            Column::text(tr!(locale, "scorecard.status")),
            Column::number(tr!(locale, "figure.coverage")),
            Column::number(tr!(locale, "scorecard.weight")),
            Column::number(tr!(locale, "scorecard.share")),
        ];
        let scale = self.card.rules.map(|it| &*it.nko_scale);
        let rows = self.card.perspectives.iter().map(|it| {
            let level = it.level.as_ref();
            let weight = it.setting.weight.normalize();
            Row::new(vec![
                html! { a href={ "#p-" (it.setting.perspective.code()) } { (it.setting.name) } },
                self.level_value(level),
                html! {
                    @match level {
                        Some(level) => (self.band(level, scale)),
                        None => span.sub { (tr!(locale, "scorecard.empty_perspective")) },
                    }
                },
                html! { @if let Some(level) = level { (self.coverage(level.coverage)) } @else { "–" } },
                html! { (format::number(locale, weight, weight.scale())) },
                html! {
                    @if let Some(level) = level {
                        (format::percent(locale, level.share * Decimal::ONE_HUNDRED, 2))
                    } @else { "–" }
                },
            ])
        });
        let parts = Table::new(tr!(locale, "scorecard.parts"), columns).quiet().rows(rows);
        let about = Card::titled(tr!(locale, "scorecard.parts"))
            .subtitle(tr!(locale, "scorecard.parts_text"));
        card(
            &about,
            html! {
                (table(locale, &parts))
                (status_bar(locale, &self.counts()))
            },
        )
    }

    /// IKU by status.
    fn counts(&self) -> Counts {
        let iku = |it: &&IndicatorLine| it.score.placement.kind == IndicatorKind::Iku;
        Counts::of(self.card.lines().filter(iku).map(|it| (score_status(&it.score), 1)))
    }

    /// What needs a decision: red first, then what is missing.
    fn attention(&self) -> Markup {
        let locale = self.locale;
        let waits = |it: &&IndicatorLine| {
            it.score.placement.kind == IndicatorKind::Iku
                && matches!(score_status(&it.score), Status::Red | Status::Missing)
        };
        let mut lines: Vec<&IndicatorLine> = self.card.lines().filter(waits).collect();
        lines.sort_by_key(|it| (score_status(&it.score) != Status::Red, it.score.printed));
        html! {
            @if !lines.is_empty() {
                (card(
                    &Card::titled(tr!(locale, "scorecard.attention"))
                        .subtitle(tr!(locale, "scorecard.attention_text")),
                    html! {
                        ul.rows {
                            @for it in lines.iter().take(8) {
                                li {
                                    (badge::status(locale, score_status(&it.score))) " "
                                    a href=(self.href(it)) { (it.indicator.manual.name) }
                                    @if let Some(words) = achievement_words(locale, &it.score) {
                                        " · " (words)
                                    }
                                }
                            }
                        }
                        @if lines.len() > 8 {
                            p.sub { (tr!(locale, "scorecard.attention_more", count = lines.len() - 8)) }
                        }
                    },
                ))
            }
        }
    }

    fn perspective(&self, it: &PerspectiveCard) -> Markup {
        let locale = self.locale;
        let scale = self.card.rules.map(|it| &*it.nko_scale);
        let about = Card::titled(it.setting.name.as_str())
            .id(format!("p-{}", it.setting.perspective.code()));
        let about = match &it.level {
            Some(level) => about.tools(html! {
                span.marks {
                    b { (self.level_value(Some(level))) } (self.band(level, scale))
                    span.sub { (self.coverage(level.coverage)) }
                    (self.why(MemberKey::Perspective(it.setting.perspective), &it.setting.name))
                }
            }),
            None => about,
        };
        card(
            &about,
            html! {
                @if it.objectives.is_empty() {
                    p.sub { (tr!(locale, "scorecard.empty_perspective_text")) }
                }
                @for objective in &it.objectives { (self.objective(objective)) }
            },
        )
    }

    fn objective(&self, it: &ObjectiveCard) -> Markup {
        let scale = self.card.rules.map(|it| &*it.iku_scale);
        html! {
            section.objective {
                header.card-head {
                    h3 { (it.node.code) " " (it.node.text) }
                    @if let Some(level) = &it.level {
                        span.marks {
                            b { (self.level_value(Some(level))) } (self.band(level, scale))
                            span.sub { (self.coverage(level.coverage)) }
                            (self.why(MemberKey::Objective(it.node.id), &it.node.text))
                        }
                    }
                }
                (self.lines(&format!("{} {}", it.node.code, it.node.text), &it.lines))
            }
        }
    }

    fn lines(&self, caption: &str, lines: &[IndicatorLine]) -> Markup {
        let locale = self.locale;
        let columns = vec![
            Column::text(tr!(locale, "scorecard.indicator")),
            Column::number(tr!(locale, "scorecard.actual")),
            Column::number(tr!(locale, "figure.target")),
            Column::number(tr!(locale, "figure.achievement")),
            Column::text(tr!(locale, "scorecard.status")),
            Column::text(tr!(locale, "figure.age")),
        ];
        let rows = lines.iter().map(|it| self.line(it));
        table(locale, &Table::new(caption, columns).quiet().rows(rows))
    }

    fn line(&self, it: &IndicatorLine) -> Row {
        let locale = self.locale;
        let manual = &it.indicator.manual;
        let score = &it.score;
        let status = score_status(score);
        let direction = direction(manual.polarity);
        Row::new(vec![
            html! {
                a href=(self.href(it)) { (manual.name) }
                @if let Some(direction) = direction {
                    span.without { (badge::direction(locale, direction)) }
                }
            },
            html! {
                @match score.inputs.actual {
                    Some(actual) => (actual_amount(&it.indicator, score, actual).text(locale)),
                    None => "–",
                }
                @if let Some(measurement) = &it.measurement {
                    (marks_markup(locale, &warning_marks(&measurement.figure)))
                }
            },
            self.target(it),
            html! {
                @match achievement_words(locale, score) {
                    Some(words) => (words),
                    None => "–",
                }
            },
            html! {
                (badge::status(locale, status))
                @if let Some(reason) = score.outcome.reason() {
                    span.without { (reason_words(locale, reason)) }
                }
                " " (self.why(MemberKey::Indicator(it.indicator.id), &manual.name))
            },
            html! {
                @match &it.measurement {
                    Some(measurement) => (format::age_on(locale, as_of(measurement), self.today)),
                    None => "–",
                }
            },
        ])
    }

    /// The target as it was when the score was made.
    fn target(&self, it: &IndicatorLine) -> Markup {
        use ekinerja_domain::target::TargetValue;
        let locale = self.locale;
        let score = &it.score;
        let value = match (score.inputs.range, score.inputs.target, &score.target_text) {
            (Some((low, high)), ..) => Some(TargetValue::Range { low, high }),
            (None, Some(value), _) => Some(TargetValue::Exactly(value)),
            (None, None, Some(text)) => Some(TargetValue::Text(text.clone())),
            (None, None, None) => None,
        };
        html! {
            @match value {
                Some(value) => {
                    (target_words(locale, &it.indicator.manual, &value))
                    @if score.target_illustrative {
                        " " (badge::source(locale, SourceMark::Illustrative))
                    }
                }
                None => "–",
            }
        }
    }

    fn href(&self, it: &IndicatorLine) -> String {
        links::indicator_in(self.slug, it.indicator.id, it.score.period)
    }

    /// The way to the explanation of a score.
    fn why(&self, key: MemberKey, of: &str) -> Markup {
        figure::why(self.locale, &links::why(self.slug, key, self.card.period.period), of)
    }

    /// A level's number as its rule set prints it.
    fn printed(&self, value: Decimal) -> String {
        let (decimals, value) = match self.card.rules {
            Some(rules) => (rules.decimals, rules.print(value)),
            None => (2, value),
        };
        format::number(self.locale, value, decimals)
    }

    fn level_value(&self, level: Option<&Level>) -> Markup {
        html! {
            @match level.and_then(|it| it.value) {
                Some(value) => { (self.printed(value)) "%" }
                None => "–",
            }
        }
    }

    fn band(&self, level: &Level, scale: Option<&Scale>) -> Markup {
        let locale = self.locale;
        let named = level.band.as_deref().zip(scale);
        let label = named.and_then(|(code, scale)| {
            scale.bands().find(|it| it.code == code).map(|it| it.label.clone().into_owned())
        });
        html! {
            @match (traffic(level.traffic), label) {
                // A traffic light has our own words for its colours, as beside an indicator.
                (Some(status), _) if is_light(level.band.as_deref()) => (badge::status(locale, status)),
                (Some(status), Some(label)) => (badge::status_named(status, &label)),
                (Some(status), None) => (badge::status(locale, status)),
                (None, _) => (badge::status_named(Status::NotMeasurable, &tr!(locale, "scorecard.not_measured"))),
            }
        }
    }

    fn coverage(&self, it: Coverage) -> String {
        let (reporting, expected) = (it.measured, it.expected);
        tr!(self.locale, "figure.coverage_of", reporting = reporting, expected = expected)
            .into_owned()
    }
}

/// Whether a band is a colour and no rating with a name of its own.
fn is_light(band: Option<&str>) -> bool {
    matches!(band, Some("green" | "yellow" | "red"))
}
