//! Points over time and the lines between them: broken where a value is missing and where the
//! series changes, since neither a guess nor another definition continues a line.

use super::Unit;
use super::scale::{Scale, across};
use crate::components::{SourceMark, Status};
use crate::locale::Locale;
use maud::{Markup, html};
use rust_decimal::Decimal;
use std::fmt::Write as _;

/// One period of a line.
#[derive(Clone, Debug, Default)]
pub struct Point {
    /// The period in a word: `2023`.
    pub label: String,
    /// The value; `None` is a gap.
    pub value: Option<Decimal>,
    /// The target of this period.
    pub target: Option<Decimal>,
    /// Which series it belongs to; a change breaks the line.
    pub series: u16,
    /// Marks of the value's source.
    pub marks: Vec<SourceMark>,
}

impl Point {
    /// A value of the first series.
    pub fn new(label: impl Into<String>, value: Option<Decimal>) -> Self {
        Self { label: label.into(), value, ..Self::default() }
    }
}

/// One stretch without a gap: places in per cent of the drawing, from the top left.
pub(crate) type Segment = Vec<(Decimal, Decimal)>;

/// The stretches of a line.
pub(crate) fn segments(points: &[Point], scale: &Scale) -> Vec<Segment> {
    let mut all: Vec<Segment> = Vec::new();
    let mut open: Option<u16> = None;
    for (at, point) in points.iter().enumerate() {
        let Some(value) = point.value else {
            open = None;
            continue;
        };
        let place = (across(at, points.len()), scale.drop(value));
        match all.last_mut() {
            Some(last) if open == Some(point.series) => last.push(place),
            _ => all.push(vec![place]),
        }
        open = Some(point.series);
    }
    all
}

/// The `d` of a path along the stretches. A single point is a line of no length, which round ends
/// turn into a dot that is round at any stretch of the drawing.
pub(crate) fn path(segments: &[Segment]) -> String {
    let mut d = String::new();
    for segment in segments {
        for (at, (x, y)) in segment.iter().enumerate() {
            let command = if at == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _ = write!(d, "{command}{x} {y}");
        }
        if segment.len() == 1 {
            d.push_str("h0");
        }
    }
    d
}

/// The target's line, as steps from period to period; gaps where there is no target.
pub(crate) fn target_path(points: &[Point], scale: &Scale) -> String {
    let targets: Vec<Point> = points
        .iter()
        .map(|it| Point { label: String::new(), value: it.target, ..Point::default() })
        .collect();
    path(&segments(&targets, scale))
}

/// A line as small as a word, for cards and table cells. Its scale is its own.
#[derive(Clone, Debug)]
pub struct Sparkline<'a> {
    /// What it shows, for those who hear the page.
    pub title: &'a str,
    /// The points.
    pub points: &'a [Point],
    /// How values are written in its description.
    pub unit: &'a Unit,
    /// Colours the line.
    pub status: Option<Status>,
}

/// Draws the small line.
pub fn sparkline(locale: Locale, it: &Sparkline<'_>) -> Markup {
    let values = it.points.iter().filter_map(|point| point.value);
    let Some(scale) = Scale::holding(values, super::scale::Start::Fitted, 3) else {
        return html! {};
    };
    html! {
        svg class={ "spark " (it.status.map_or("p", Status::class)) } viewBox="0 0 100 100"
            width="110" height="36" preserveAspectRatio="none" role="img" {
            title { (it.title) ": " (in_words(locale, it.points, it.unit)) }
            (strokes(&segments(it.points, &scale), it.status))
        }
    }
}

/// Area, line and last dot.
pub(crate) fn strokes(segments: &[Segment], status: Option<Status>) -> Markup {
    let colour = status.map_or("#1c5fa8", Status::colour);
    html! {
        @for segment in segments {
            @if let (Some((first, _)), Some((last, _))) = (segment.first(), segment.last()) {
                path.area d={ (path(std::slice::from_ref(segment))) "L" (last) " 100L" (first) " 100z" }
                    fill=(colour) fill-opacity="0.1" {}
            }
        }
        path.line d=(path(segments)) fill="none" stroke=(colour) stroke-width="2"
            stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke" {}
        @if let Some((x, y)) = segments.last().and_then(|it| it.last()) {
            path.end d={ "M" (x) " " (y) "h0" } fill="none" stroke=(colour) stroke-width="6"
                stroke-linecap="round" vector-effect="non-scaling-stroke" {}
        }
    }
}

/// "2021: 68,65; 2022: belum ada nilai; …": a line read aloud.
pub(crate) fn in_words(locale: Locale, points: &[Point], unit: &Unit) -> String {
    let words: Vec<String> = points
        .iter()
        .map(|point| match point.value {
            Some(value) => format!("{}: {}", point.label, unit.number(locale, value)),
            None => format!("{}: {}", point.label, Status::Missing.word(locale)),
        })
        .collect();
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::scale::Start;
    use super::*;

    fn points(values: &[Option<i64>]) -> Vec<Point> {
        values
            .iter()
            .enumerate()
            .map(|(at, it)| Point::new((2019 + at).to_string(), it.map(Decimal::from)))
            .collect()
    }

    fn scale() -> Scale {
        Scale::holding([Decimal::ZERO, Decimal::ONE_HUNDRED], Start::Zero, 5).expect("a scale")
    }

    #[test]
    fn line_breaks_at_a_missing_year() {
        let parts = segments(&points(&[Some(10), Some(20), None, Some(40)]), &scale());
        assert_eq!(parts.len(), 2);
        assert_eq!(path(&parts), "M0 90L33.33 80M100 60h0");
    }

    #[test]
    fn line_breaks_where_the_series_changes() {
        let mut all = points(&[Some(10), Some(20), Some(30), Some(40)]);
        all[2].series = 1;
        all[3].series = 1;
        let parts = segments(&all, &scale());
        assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    }

    #[test]
    fn missing_values_are_said_and_not_drawn() {
        let unit = Unit::new("%", 1);
        let all = points(&[Some(10), None]);
        assert_eq!(in_words(Locale::Id, &all, &unit), "2019: 10,0%; 2020: Belum ada nilai");
        let empty = points(&[None, None]);
        let it = Sparkline { title: "IPM", points: &empty, unit: &unit, status: None };
        assert!(sparkline(Locale::Id, &it).into_string().is_empty());
    }
}
