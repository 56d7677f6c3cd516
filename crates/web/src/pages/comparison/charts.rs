//! The comparison as view values of figures and charts.

use chrono::NaiveDate;
use ekinerja_app::comparison::ComparisonView;
use ekinerja_app::rollups::KeptRollUp;
use ekinerja_domain::comparison::{Rank, Reporter, TrendPoint};
use ekinerja_domain::rollup::{Basis, LocationConsolidation};
use ekinerja_domain::tenant::Tenant;
use rust_decimal::Decimal;

use crate::charts::Unit;
use crate::charts::bars::{Bar, RankedBars, Silent};
use crate::charts::choropleth::{Choropleth, MapValue, Shade, class_legend};
use crate::charts::line::Point;
use crate::charts::map::BaseMap;
use crate::charts::multiples::{Multiple, Multiples};
use crate::charts::scale::{class_bounds, class_of};
use crate::components::figure::{Change, Coverage, Figure, Target};
use crate::components::{Amount, SourceMark, Status};
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::pages::published as words;

/// How values of the compared indicator are written.
pub(super) fn unit(view: &ComparisonView) -> Unit {
    Unit::new(words::unit(&view.yardstick.unit), u32::from(view.yardstick.decimals))
}

/// `3`, or `2–3` for two who share the second place.
pub(crate) fn rank_words(rank: Option<Rank>) -> String {
    match rank {
        None => "–".to_owned(),
        Some(Rank { first, last }) if first == last => first.to_string(),
        Some(Rank { first, last }) => format!("{first}–{last}"),
    }
}

/// Which way is better, as the card's subtitle.
pub(super) fn direction_words(locale: Locale, view: &ComparisonView) -> String {
    let direction = words::direction(view.yardstick.polarity);
    direction.map_or_else(
        || tr!(locale, "comparing.no_direction").into_owned(),
        |it| it.word(locale).into_owned(),
    )
}

/// The province's own figure: official, else computed with its coverage, else none.
pub(super) fn province(
    tenant: &Tenant,
    locale: Locale,
    view: &ComparisonView,
    today: NaiveDate,
) -> Figure {
    let period = words::period_words(locale, view.period);
    let label = tenant.name.clone();
    let Some(kept) = &view.province else {
        return Figure::new(label, Amount::None(Status::Missing), period);
    };
    let code = &view.yardstick.definition.code;
    Figure {
        why: Some(links::why_rollup(&tenant.slug, code, view.period)),
        ..rollup_figure(locale, kept, label, period, today)
    }
}

/// A roll-up as a figure with everything that stands beside it.
pub(crate) fn rollup_figure(
    locale: Locale,
    kept: &KeptRollUp,
    label: String,
    period: String,
    today: NaiveDate,
) -> Figure {
    let (yardstick, rolled) = (&kept.rollup.yardstick, &kept.rollup.rolled);
    let amount = match rolled.value {
        Some(value) => words::amount(yardstick, value),
        None => Amount::None(Status::Missing),
    };
    let mut figure = Figure::new(label, amount, period);
    figure.direction = words::direction(yardstick.polarity);
    match rolled.basis {
        Some(Basis::Official) => {
            figure.marks.push(SourceMark::Official);
            if let Some(official) = &kept.rollup.official {
                figure.marks.extend(words::marks(&official.figure));
                figure.source.clone_from(&official.figure.source);
                figure.age = official.as_of.map(|it| format::age_on(locale, it, today));
                figure.target = official.target.number().map(|value| Target {
                    amount: words::amount(yardstick, value),
                    marks: if official.target_illustrative {
                        vec![SourceMark::Illustrative]
                    } else {
                        Vec::new()
                    },
                });
            }
        }
        Some(basis) => {
            let estimate = basis == Basis::Estimate;
            figure.marks.push(if estimate { SourceMark::Estimate } else { SourceMark::Derived });
            figure.age = rolled.oldest.map(|it| format::age_on(locale, it, today));
        }
        None => {}
    }
    figure
}

/// Who is in the computed figure and who is not.
pub(crate) fn coverage(
    locale: Locale,
    kept: &KeptRollUp,
    variable: Option<&str>,
    name: impl Fn(&ekinerja_domain::tenant::RegionCode) -> String,
) -> Coverage {
    let (rollup, rolled) = (&kept.rollup, &kept.rollup.rolled);
    let size = rollup.sizes.as_ref().map(|it| {
        let period = words::period_words(locale, it.period);
        let variable = variable.unwrap_or(it.code.as_str());
        tr!(locale, "comparing.of_variable", variable = variable, period = period).into_owned()
    });
    let count = |it: u32| usize::try_from(it).unwrap_or_default();
    Coverage {
        reporting: count(rolled.coverage.reporting),
        expected: count(rolled.coverage.expected),
        weight: rolled.coverage.weight_share.map(|share| {
            let by = size.unwrap_or_else(|| tr!(locale, "comparing.weight").into_owned());
            (share * Decimal::ONE_HUNDRED, by)
        }),
        missing: rolled
            .excluded
            .iter()
            .map(|it| format!("{} ({})", name(&it.member), words::exclusion(locale, it.reason)))
            .collect(),
    }
}

/// The ranking.
pub(super) fn bars(locale: Locale, view: &ComparisonView) -> RankedBars {
    let yardstick = &view.yardstick;
    let before = view.period.year_before();
    let bar = |it: &Reporter| Bar {
        rank: rank_words(it.rank),
        name: words::short_name(&it.name).to_owned(),
        href: None,
        value: it.value,
        status: words::status_of(&it.scored),
        previous: it.change.and_then(|change| it.value.checked_sub(change.value)),
        target: it.line.value.target.number(),
        // The legend names the earlier period; on a phone there is no room to say it in every row.
        change: it.change.map(|change| Change {
            since: String::new(),
            ..words::change_view(locale, yardstick, change)
        }),
        marks: words::marks(&it.line.value.figure),
        own: false,
    };
    let odd = view.comparison.odd.iter().map(|it| Silent {
        name: words::short_name(&it.name).to_owned(),
        href: None,
        status: Status::NotMeasurable,
        reason: format!(
            "{}: {}",
            tr!(locale, "notice.not_comparable"),
            words::incomparable(locale, it.reason, yardstick, &it.line.value)
        ),
    });
    let silent = view.comparison.silent.iter().map(|it| Silent {
        name: words::short_name(&it.name).to_owned(),
        href: None,
        status: words::status_of_reason(it.reason),
        reason: words::exclusion(locale, it.reason).to_owned(),
    });
    let official = view.province.as_ref().and_then(|it| it.rollup.rolled.official);
    let official = official.filter(|_| shares_scale(view));
    RankedBars {
        title: yardstick.name.clone(),
        unit: unit(view),
        period: words::period_words(locale, view.period),
        previous_period: before
            .filter(|_| view.comparison.reporters.iter().any(|it| it.change.is_some()))
            .map(|it| words::period_words(locale, it))
            .unwrap_or_default(),
        bars: view.comparison.reporters.iter().map(bar).collect(),
        target: None,
        reference: official.map(|it| (tr!(locale, "comparing.official").into_owned(), it)),
        silent: odd.chain(silent).collect(),
    }
}

/// Whether the province's figure lies among those of its regencies: a sum does not, and would flatten them.
fn shares_scale(view: &ComparisonView) -> bool {
    view.yardstick.method != LocationConsolidation::Sum
}

/// The map's values with their words, ready to be drawn.
pub(super) struct ValueMap {
    title: String,
    description: String,
    values: Vec<MapValue>,
    legend: Vec<(Shade, String)>,
}

impl ValueMap {
    /// The drawing on a base map.
    pub(super) fn drawing<'a>(&'a self, map: &'a BaseMap) -> Choropleth<'a> {
        Choropleth {
            id: "map",
            title: &self.title,
            description: &self.description,
            map,
            values: &self.values,
            legend: &self.legend,
        }
    }
}

/// Each region by its value; those without one are hatched and say why.
pub(super) fn map(locale: Locale, view: &ComparisonView, _map: &BaseMap) -> ValueMap {
    let (comparison, yardstick) = (&view.comparison, &view.yardstick);
    let decimals = u32::from(yardstick.decimals);
    let numbers: Vec<_> = comparison.reporters.iter().map(|it| it.value).collect();
    let bounds = class_bounds(&numbers);
    let reported = comparison.reporters.iter().map(|it| {
        let class = u8::try_from(class_of(it.value, &bounds)).unwrap_or(u8::MAX);
        let mut about = vec![words::amount(yardstick, it.value).text(locale)];
        if it.rank.is_some() {
            about.push(format!("{}: {}", tr!(locale, "chart.rank"), rank_words(it.rank)));
        }
        MapValue {
            code: it.region.to_string(),
            shade: Shade::Class(class),
            text: format::number(locale, it.value, decimals),
            about,
            href: None,
            own: false,
        }
    });
    let nothing = |region: &ekinerja_domain::tenant::RegionCode, status, why: String| MapValue {
        code: region.to_string(),
        shade: Shade::Nothing(status),
        text: String::new(),
        about: vec![why],
        href: None,
        own: false,
    };
    let odd = comparison.odd.iter().map(|it| {
        let why = words::incomparable(locale, it.reason, yardstick, &it.line.value);
        nothing(&it.region, Status::NotMeasurable, why)
    });
    let silent = comparison.silent.iter().map(|it| {
        let why = words::exclusion(locale, it.reason).to_owned();
        nothing(&it.region, words::status_of_reason(it.reason), why)
    });
    let legend_bounds: Vec<_> =
        bounds.iter().map(|it| format::number(locale, *it, decimals.min(2))).collect();
    ValueMap {
        title: yardstick.name.clone(),
        description: summary(locale, view),
        values: reported.chain(odd).chain(silent).collect(),
        legend: class_legend(locale, &legend_bounds),
    }
}

/// Highest, lowest and who is missing, in a sentence.
fn summary(locale: Locale, view: &ComparisonView) -> String {
    let by_value = |it: &&Reporter| it.value;
    let reporters = || view.comparison.reporters.iter();
    let words_of = |it: &Reporter| {
        format!("{} ({})", it.name, words::amount(&view.yardstick, it.value).text(locale))
    };
    let missing = view.comparison.silent.len() + view.comparison.odd.len();
    match (reporters().max_by_key(by_value), reporters().min_by_key(by_value)) {
        (Some(high), Some(low)) => tr!(
            locale,
            "comparing.summary",
            high = words_of(high),
            low = words_of(low),
            missing = missing
        )
        .into_owned(),
        _ => tr!(locale, "comparing.no_reporter").into_owned(),
    }
}

/// One small trend per regency on one scale, the province's official figures first.
pub(super) fn trends(locale: Locale, view: &ComparisonView) -> Multiples {
    let comparison = &view.comparison;
    let points = |trend: &[TrendPoint]| -> Vec<Point> {
        trend
            .iter()
            .map(|it| Point {
                label: it.period.to_string(),
                value: it.value,
                target: it.target,
                ..Point::default()
            })
            .collect()
    };
    let one = |name: &str, trend: &[TrendPoint], status: Status, own: bool| Multiple {
        name: words::short_name(name).to_owned(),
        href: None,
        points: points(trend),
        status,
        own,
    };
    let official = |period| {
        let of = view.province_series.iter().find(|it| it.rollup.period == period);
        of.and_then(|it| it.rollup.rolled.official)
    };
    let province = Multiple {
        name: tr!(locale, "comparing.official").into_owned(),
        href: None,
        points: comparison
            .periods
            .iter()
            .map(|it| Point::new(it.to_string(), official(*it)))
            .collect(),
        status: Status::NotMeasurable,
        own: true,
    };
    let mut regions: Vec<_> = comparison
        .reporters
        .iter()
        .map(|it| (&it.region, one(&it.name, &it.trend, words::status_of(&it.scored), false)))
        .chain(
            comparison
                .odd
                .iter()
                .map(|it| (&it.region, one(&it.name, &it.trend, Status::NotMeasurable, false))),
        )
        .chain(comparison.silent.iter().map(|it| {
            let status = words::status_of_reason(it.reason);
            (&it.region, one(&it.name, &it.trend, status, false))
        }))
        .collect();
    regions.sort_by_key(|(region, _)| (*region).clone());
    let province = Some(province).filter(|_| shares_scale(view));
    let items = province.into_iter().chain(regions.into_iter().map(|(_, it)| it));
    Multiples {
        title: tr!(locale, "comparing.trend").into_owned(),
        unit: unit(view),
        items: items.collect(),
    }
}
