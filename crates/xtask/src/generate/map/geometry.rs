//! Points, rings and polygons in the plane, and the path data they become.

use std::fmt::Write as _;

/// A point; `y` grows downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// Corners of a closed line; the last is joined to the first.
pub(super) type Ring = Vec<Point>;

/// An outer ring, then the rings of its lakes.
#[derive(Debug, Clone)]
pub(super) struct Polygon(pub(super) Vec<Ring>);

impl Polygon {
    pub(super) fn rings(&self) -> impl Iterator<Item = &Ring> {
        self.0.iter()
    }

    pub(super) fn moved(&self, place: impl Fn(Point) -> Point) -> Self {
        Self(self.0.iter().map(|ring| ring.iter().map(|p| place(*p)).collect()).collect())
    }
}

/// A point in whole tenths of a unit, as it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub(super) x: i32,
    pub(super) y: i32,
}

impl Spot {
    #[expect(clippy::cast_possible_truncation, reason = "the drawing is 1000 units wide")]
    pub(super) fn of(p: Point) -> Self {
        Self { x: (p.x * 10.0).round() as i32, y: (p.y * 10.0).round() as i32 }
    }

    pub(super) fn point(self) -> Point {
        Point { x: f64::from(self.x) / 10.0, y: f64::from(self.y) / 10.0 }
    }
}

/// The whole outline of a region, rounded.
#[derive(Debug, Clone, Default)]
pub(super) struct Path(pub(super) Vec<Vec<Spot>>);

impl Path {
    /// SVG path data, relative and without needless characters.
    pub(super) fn data(&self) -> String {
        let mut d = String::new();
        for ring in &self.0 {
            let Some(first) = ring.first() else { continue };
            let _ = write!(d, "M{}{}l", tenths(first.x), joined(first.y));
            let mut before = *first;
            for (place, spot) in ring.iter().skip(1).enumerate() {
                let (dx, dy) = (spot.x - before.x, spot.y - before.y);
                let x = if place == 0 { tenths(dx) } else { joined(dx) };
                let _ = write!(d, "{x}{}", joined(dy));
                before = *spot;
            }
            d.push('z');
        }
        d
    }

    /// The ring that encloses most.
    pub(super) fn largest(&self) -> Option<Ring> {
        self.0
            .iter()
            .map(|ring| ring.iter().map(|spot| spot.point()).collect::<Ring>())
            .max_by(|a, b| area(a).total_cmp(&area(b)))
    }
}

/// A number of tenths, without a needless zero.
fn tenths(n: i32) -> String {
    let sign = if n < 0 { "-" } else { "" };
    match (n.abs() / 10, n.abs() % 10) {
        (whole, 0) => format!("{sign}{whole}"),
        (0, part) => format!("{sign}.{part}"),
        (whole, part) => format!("{sign}{whole}.{part}"),
    }
}

/// The same after another number: a minus sign separates by itself.
fn joined(n: i32) -> String {
    let text = tenths(n);
    if text.starts_with('-') { text } else { format!(" {text}") }
}

/// The rectangle around some points.
#[derive(Debug)]
pub(super) struct Extent {
    pub(super) low: Point,
    pub(super) high: Point,
}

impl Extent {
    pub(super) fn around(points: impl Iterator<Item = Point>) -> Self {
        let start = Self {
            low: Point { x: f64::INFINITY, y: f64::INFINITY },
            high: Point { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY },
        };
        points.fold(start, |e, p| Self {
            low: Point { x: e.low.x.min(p.x), y: e.low.y.min(p.y) },
            high: Point { x: e.high.x.max(p.x), y: e.high.y.max(p.y) },
        })
    }

    pub(super) fn width(&self) -> f64 {
        self.high.x - self.low.x
    }

    pub(super) fn height(&self) -> f64 {
        self.high.y - self.low.y
    }
}

/// The area inside a ring, whichever way it runs.
pub(super) fn area(ring: &[Point]) -> f64 {
    sides(ring).map(|(a, b)| a.x * b.y - b.x * a.y).sum::<f64>().abs() / 2.0
}

/// The sides of a ring, the closing one included.
pub(super) fn sides(ring: &[Point]) -> impl Iterator<Item = (Point, Point)> {
    ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| (*a, *b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_data_is_short_and_exact() {
        let spot = |x, y| Spot { x, y };
        let path = Path(vec![vec![spot(100, 205), spot(105, 200), spot(95, 200), spot(95, 211)]]);
        assert_eq!(path.data(), "M10 20.5l.5-.5-1 0 0 1.1z");
    }
}
