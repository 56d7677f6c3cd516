//! The exact content of a publication: lines and objectives, and the choice of what stays at home.

use ekinerja_app::publications::PublicationPreview;
use ekinerja_domain::publication::{
    PublicationContent, PublishedObjective, PublishedValue, Standing,
};
use ekinerja_domain::tenant::Slug;
use maud::{Markup, html};

use crate::components::badge;
use crate::components::forms::{self, Weight, actions, submit};
use crate::components::table::{Column, Row, Table, table};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::pages::published as words;

/// "12 nilai, 2 belum ada nilai, …": each kind of nothing by itself.
pub(super) fn counts(locale: Locale, content: &PublicationContent) -> String {
    let count = |standing| content.values.iter().filter(|it| it.standing == standing).count();
    tr!(
        locale,
        "publishing.counts",
        all = content.values.len(),
        reported = count(Standing::Reported),
        missing = count(Standing::Missing),
        not_applicable = count(Standing::NotApplicable),
        not_yet_due = count(Standing::NotYetDue)
    )
    .into_owned()
}

fn columns(locale: Locale) -> Vec<Column> {
    vec![
        Column::text(tr!(locale, "comparing.indicator")),
        Column::text(tr!(locale, "publishing.definition")),
        Column::number(tr!(locale, "chart.value")),
        Column::number(tr!(locale, "figure.target")),
        Column::text(tr!(locale, "figure.source")),
        Column::text(tr!(locale, "comparing.as_of")),
    ]
}

fn cells(locale: Locale, it: &PublishedValue) -> Vec<Markup> {
    let number =
        |value| format!("{} {}", format::number_as_is(locale, value), words::unit(&it.unit));
    vec![
        html! { (it.name) },
        html! {
            code { (it.definition.code.as_str()) } " "
            @match it.definition.release {
                Some(version) => span.sub { (tr!(locale, "rollup.release", version = version)) },
                None => span.sub { (tr!(locale, "publishing.local")) },
            }
        },
        html! {
            @match it.value {
                Some(value) => {
                    (number(value))
                    (words::mark_badges(locale, &words::marks(&it.figure)))
                    @if let (Some(numerator), Some(denominator)) = (it.numerator, it.denominator) {
                        br;
                        span.sub {
                            (format::number_as_is(locale, numerator)) " / "
                            (format::number_as_is(locale, denominator))
                        }
                    }
                },
                None => (badge::status(locale, words::status_of_standing(it.standing))),
            }
        },
        words::target(locale, 2, &it.unit, &it.target, it.target_illustrative),
        html! { (it.figure.source.as_deref().unwrap_or("–")) },
        html! {
            @match it.as_of {
                Some(day) => (format::date_short(locale, day)),
                None => "–",
            }
        },
    ]
}

/// Lines with a value first, then each kind of nothing, each by code.
fn ordered(values: &[PublishedValue]) -> Vec<&PublishedValue> {
    let mut lines: Vec<_> = values.iter().collect();
    lines.sort_by_key(|it| match it.standing {
        Standing::Reported => 0,
        Standing::NotApplicable => 1,
        Standing::Missing => 2,
        Standing::NotYetDue => 3,
    });
    lines
}

/// The lines of a publication.
pub(super) fn lines(locale: Locale, content: &PublicationContent) -> Markup {
    let rows = ordered(&content.values).into_iter().map(|it| Row::new(cells(locale, it)));
    let it = Table::new(tr!(locale, "publishing.exactly"), columns(locale)).quiet().scrolling();
    table(locale, &it.rows(rows))
}

/// The lines of a preview, each with a box that keeps it at home; those kept at home stand below.
pub(super) fn choice(locale: Locale, slug: &Slug, view: &PublicationPreview) -> Markup {
    let mut all = columns(locale);
    all.push(Column::text(tr!(locale, "publishing.omit")));
    let row = |it: &PublishedValue, omitted: bool| {
        let code = it.definition.code.as_str();
        let mut cells = cells(locale, it);
        cells.push(html! {
            label.check {
                input type="checkbox" name="omit" value=(code) checked[omitted];
                span.vh { (tr!(locale, "publishing.omit_one", indicator = it.name)) }
            }
        });
        Row::new(cells).marked(omitted)
    };
    let rows = ordered(&view.content.values)
        .into_iter()
        .map(|it| row(it, false))
        .chain(view.omitted.iter().map(|it| row(it, true)));
    let lines = Table::new(tr!(locale, "publishing.exactly"), all).quiet().scrolling().rows(rows);
    let form = forms::Form {
        action: links::publication_preview(slug),
        reads: true,
        ..forms::Form::default()
    };
    forms::form(
        &form,
        html! {
            input type="hidden" name="period" value=(view.content.period);
            (table(locale, &lines))
            @if !view.omitted.is_empty() {
                p.sub { (tr!(locale, "publishing.omitted", count = view.omitted.len())) }
            }
            (actions(submit(&tr!(locale, "publishing.refresh"), Weight::Secondary)))
        },
    )
}

/// The objectives that leave: wording and what they serve, so that the province can align.
pub(super) fn objectives(locale: Locale, content: &PublicationContent) -> Markup {
    let columns = vec![
        Column::text(tr!(locale, "aligning.objective")),
        Column::text(tr!(locale, "publishing.serves")),
        Column::number(tr!(locale, "publishing.indicators")),
        Column::number(tr!(locale, "publishing.with_target")),
        Column::number(tr!(locale, "publishing.reported")),
    ];
    let row = |it: &PublishedObjective| {
        Row::new(vec![
            html! { b { (it.code) } " " (it.text) },
            html! {
                @match &it.serves {
                    Some(code) => (code),
                    None => (tr!(locale, "aligning.own_objective")),
                }
            },
            html! { (it.indicators) },
            html! { (it.with_target) },
            html! { (it.reported) },
        ])
    };
    let rows = content.objectives.iter().map(row);
    let it = Table::new(tr!(locale, "publishing.objectives"), columns).quiet().rows(rows);
    table(locale, &it)
}
