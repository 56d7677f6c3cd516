//! Finds the place where the name of a region fits.

use super::geometry::{Extent, Path, Point, Ring, sides};

/// A place for a name.
#[derive(Debug)]
pub(super) struct Place {
    /// Middle of the text.
    pub(super) at: Point,
    /// Free width around it.
    pub(super) width: f64,
    /// A line from the text to the region that cannot hold it.
    pub(super) lead: Option<(Point, Point)>,
}

/// How many times wider than high a name is.
const WIDE: f64 = 2.6;
/// How much a place with equal free width on both sides is preferred.
const CENTRED: f64 = 0.02;
/// Candidates tried along each side of the region.
const STEPS: u32 = 80;
/// A region whose name has less room than this gets it outside, on the water, with a line to it.
const LEAST_WIDTH: f64 = 48.0;

/// A place on the water, as seen from the middle of a region.
struct Water {
    code: &'static str,
    /// The way to the middle of the text.
    text: (f64, f64),
    /// The way to the start of the line.
    line: (f64, f64),
    /// Free width for the text.
    width: f64,
}

/// Where the names of small regions stand: Mataram's west of it on Lombok Strait, Kota Bima's north
/// of it on the Flores Sea.
const ON_THE_WATER: [Water; 2] = [
    Water { code: "52.71", text: (-58.0, 0.0), line: (-22.0, 0.0), width: 72.0 },
    Water { code: "52.72", text: (-6.0, -76.0), line: (-6.0, -69.0), width: 92.0 },
];

/// The place for the name of the region `code`; none when it has no outline, or is too small and
/// has no place on the water.
pub(super) fn place(code: &str, outline: &Path) -> Option<Place> {
    let ring = outline.largest()?;
    let middle = roomiest(&ring)?;
    let width = chord(&ring, middle);
    if width >= LEAST_WIDTH {
        return Some(Place { at: middle, width, lead: None });
    }
    let water = ON_THE_WATER.iter().find(|water| water.code == code)?;
    let away = |(x, y): (f64, f64)| Point { x: middle.x + x, y: middle.y + y };
    Some(Place { at: away(water.text), width: water.width, lead: Some((away(water.line), middle)) })
}

/// The inner point farthest from all sides, where sideways counts less, as a name is wide; among
/// the like, the one in the middle of its height's width.
fn roomiest(ring: &Ring) -> Option<Point> {
    let extent = Extent::around(ring.iter().copied());
    let steps = f64::from(STEPS);
    let candidates = (1..STEPS).flat_map(|row| (1..STEPS).map(move |column| (row, column)));
    candidates
        .map(|(row, column)| Point {
            x: extent.low.x + extent.width() * f64::from(column) / steps,
            y: extent.low.y + extent.height() * f64::from(row) / steps,
        })
        .filter(|p| contains(ring, *p))
        .map(|p| (p, room(ring, p).sqrt() + chord(ring, p) * CENTRED))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(p, _)| p)
}

/// The square of the distance to the nearest side, sideways distances counted less.
fn room(ring: &Ring, p: Point) -> f64 {
    sides(ring)
        .map(|(a, b)| {
            let flat = |q: Point| Point { x: (q.x - p.x) / WIDE, y: q.y - p.y };
            let (a, b) = (flat(a), flat(b));
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let length = dx * dx + dy * dy;
            let along = if length > 0.0 { -(a.x * dx + a.y * dy) / length } else { 0.0 };
            let along = along.clamp(0.0, 1.0);
            (a.x + along * dx).powi(2) + (a.y + along * dy).powi(2)
        })
        .fold(f64::INFINITY, f64::min)
}

/// The width of the region at the height of `p`, centred on `p`.
fn chord(ring: &Ring, p: Point) -> f64 {
    2.0 * crossings(ring, p.y).map(|x| (x - p.x).abs()).fold(f64::INFINITY, f64::min)
}

/// Whether a point lies inside the ring.
pub(super) fn contains(ring: &Ring, p: Point) -> bool {
    crossings(ring, p.y).filter(|x| *x > p.x).count() % 2 == 1
}

/// Where the ring crosses the height `y`.
fn crossings(ring: &Ring, y: f64) -> impl Iterator<Item = f64> {
    sides(ring)
        .filter(move |(a, b)| (a.y > y) != (b.y > y))
        .map(move |(a, b)| a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_in_the_wide_part() {
        let point = |x: i32, y: i32| Point { x: f64::from(x), y: f64::from(y) };
        // A tower on a wide foot.
        let ring = [(0, 80), (0, 100), (200, 100), (200, 80), (20, 80), (20, 0), (0, 0)];
        let ring: Ring = ring.into_iter().map(|(x, y)| point(x, y)).collect();
        let at = roomiest(&ring).unwrap();
        assert!(at.y > 80.0 && chord(&ring, at) > 100.0, "{at:?}");
    }
}
