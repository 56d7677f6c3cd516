//! Simplifies the borders of neighbours as one net of lines, so that none of them is drawn twice.
//!
//! Where three lines meet (two regions and the sea) the net is cut; what lies between two cuts is
//! an arc. An arc that two regions share is simplified once and used by both, so no gap and no
//! overlap can arise along it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use super::geometry::{self, Path, Point, Polygon, Ring, Spot};

/// A point that can be a key: neighbours have exactly the same corners.
type Key = (u64, u64);

fn key(p: Point) -> Key {
    (p.x.to_bits(), p.y.to_bits())
}

/// Simplified outlines, in the order of the regions.
pub(super) fn simplify(
    regions: &[Vec<Polygon>],
    smallest_corner: f64,
    smallest_islet: f64,
) -> Vec<Path> {
    let rings = || regions.iter().flatten().flat_map(Polygon::rings);
    let mut neighbours: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    for (a, b) in rings().flat_map(|ring| geometry::sides(ring)) {
        neighbours.entry(key(a)).or_default().insert(key(b));
        neighbours.entry(key(b)).or_default().insert(key(a));
    }
    let meets = |p: &Point| neighbours.get(&key(*p)).is_some_and(|n| n.len() > 2);
    let mut owners: BTreeMap<Key, usize> = BTreeMap::new();
    for p in rings().flatten() {
        *owners.entry(key(*p)).or_default() += 1;
    }
    // An islet goes only when nobody else has a border on it.
    let alone = |ring: &Ring| ring.iter().all(|p| owners.get(&key(*p)) == Some(&1));
    let drawn = |ring: &Ring| geometry::area(ring) >= smallest_islet || !alone(ring);
    regions
        .iter()
        .map(|polygons| {
            let kept = polygons.iter().filter(|p| p.rings().next().is_some_and(&drawn));
            Path(
                kept.flat_map(|polygon| polygon.rings().filter(|ring| drawn(ring)))
                    .map(|ring| outline(ring, &meets, smallest_corner))
                    // A splinter between two neighbours shrinks to the line that both now share.
                    .filter(|ring| ring.len() > 2)
                    .collect(),
            )
        })
        .collect()
}

/// A ring made of its simplified arcs, rounded.
fn outline(ring: &Ring, meets: &impl Fn(&Point) -> bool, smallest_corner: f64) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::new();
    for arc in arcs(ring, meets) {
        // Both neighbours must see the arc in the same direction to get the same result.
        let forward = arc.first().map(|p| key(*p)) <= arc.last().map(|p| key(*p));
        let mut line = arc;
        if !forward {
            line.reverse();
        }
        let mut line = visvalingam(&line, smallest_corner);
        if !forward {
            line.reverse();
        }
        spots.extend(line.into_iter().map(Spot::of));
    }
    spots.dedup();
    while spots.len() > 1 && spots.first() == spots.last() {
        spots.pop();
    }
    spots
}

/// The arcs of a ring in its own order; each begins and ends at a cut, and the next begins where
/// it ends.
fn arcs(ring: &Ring, meets: &impl Fn(&Point) -> bool) -> Vec<Vec<Point>> {
    // A ring without a cut is one arc from its smallest corner round to it, for both who share it.
    let start = ring
        .iter()
        .position(meets)
        .or_else(|| (0..ring.len()).min_by_key(|at| ring.get(*at).map(|p| key(*p))));
    let Some(start) = start else { return Vec::new() };
    let mut around: Vec<Point> =
        ring.iter().cycle().skip(start).take(ring.len()).copied().collect();
    if !around.first().is_some_and(meets)
        && around.get(1).map(|p| key(*p)) > around.last().map(|p| key(*p))
        && let Some(rest) = around.get_mut(1..)
    {
        rest.reverse();
    }
    around.extend(around.first().copied());
    let mut arcs = Vec::new();
    let mut arc = Vec::new();
    for (place, p) in around.iter().enumerate() {
        arc.push(*p);
        if place > 0 && (meets(p) || place + 1 == around.len()) {
            arcs.push(std::mem::replace(&mut arc, vec![*p]));
        }
    }
    arcs
}

/// Takes out the corner that spans the smallest triangle, again and again (Visvalingam and Whyatt
/// 1993). Ends stay, and a closed arc keeps three corners.
fn visvalingam(line: &[Point], smallest: f64) -> Vec<Point> {
    let mut line = line.to_vec();
    let closed = line.first() == line.last();
    let least = if closed { 4 } else { 2 };
    while line.len() > least {
        let corner =
            line.windows(3).map(geometry::area).enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        match corner {
            Some((before, area)) if area < smallest => {
                line.remove(before + 1);
            }
            _ => break,
        }
    }
    line
}

/// Checks that no border crosses another or itself: regions may only touch along shared sides.
pub(super) fn ensure_apart(regions: &[Path]) -> Result<()> {
    let mut sides: BTreeSet<(Spot, Spot)> = BTreeSet::new();
    for ring in regions.iter().flat_map(|path| &path.0) {
        ensure!(ring.len() >= 3, "an outline has collapsed to a line");
        for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            sides.insert((*a.min(b), *a.max(b)));
        }
    }
    let sides: Vec<_> = sides.into_iter().collect();
    for (place, one) in sides.iter().enumerate() {
        for other in sides.iter().skip(place + 1) {
            // Sorted by their left end: no later side can reach this one.
            if other.0.x > one.1.x {
                break;
            }
            ensure!(!cross(*one, *other), "borders cross at {one:?} and {other:?}");
        }
    }
    Ok(())
}

/// Whether two sides have a point in common that is no end of both.
fn cross((a, b): (Spot, Spot), (c, d): (Spot, Spot)) -> bool {
    let turn = |p: Spot, q: Spot, r: Spot| {
        (i64::from(q.x - p.x) * i64::from(r.y - p.y) - i64::from(q.y - p.y) * i64::from(r.x - p.x))
            .signum()
    };
    let on = |p: Spot, q: Spot, r: Spot| {
        turn(p, q, r) == 0
            && (p.x.min(q.x)..=p.x.max(q.x)).contains(&r.x)
            && (p.y.min(q.y)..=p.y.max(q.y)).contains(&r.y)
    };
    let properly = turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
    let inside = |p: Spot, q: Spot, r: Spot| r != p && r != q && on(p, q, r);
    properly || inside(a, b, c) || inside(a, b, d) || inside(c, d, a) || inside(c, d, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(corners: &[(i32, i32)]) -> Ring {
        corners.iter().map(|(x, y)| Point { x: f64::from(*x), y: f64::from(*y) }).collect()
    }

    fn sides_of(path: &Path) -> BTreeSet<(Spot, Spot)> {
        let ring = &path.0[0];
        ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| (*a.min(b), *a.max(b))).collect()
    }

    #[test]
    fn neighbours_keep_one_border() {
        // A wavy border from (10,0) to (10,10), seen from both sides.
        let left = ring(&[(0, 0), (10, 0), (11, 2), (9, 4), (10, 6), (12, 8), (10, 10), (0, 10)]);
        let right =
            ring(&[(20, 0), (20, 10), (10, 10), (12, 8), (10, 6), (9, 4), (11, 2), (10, 0)]);
        let drawn = simplify(&[vec![Polygon(vec![left])], vec![Polygon(vec![right])]], 2.5, 1.0);
        ensure_apart(&drawn).unwrap();
        let shared: BTreeSet<_> =
            sides_of(&drawn[0]).intersection(&sides_of(&drawn[1])).copied().collect();
        assert!(!shared.is_empty());
        assert!(shared.len() < 5, "the border was simplified");
        // Everything that is not shared lies on the outer frame.
        for (a, b) in sides_of(&drawn[0]).symmetric_difference(&sides_of(&drawn[1])) {
            let frame = [(a.x, b.x, 0), (a.x, b.x, 200), (a.y, b.y, 0), (a.y, b.y, 100)];
            assert!(frame.iter().any(|(p, q, edge)| p == edge && q == edge), "{a:?} {b:?}");
        }
    }

    #[test]
    fn a_town_in_the_middle_of_a_regency_fits_its_hole() {
        let town = ring(&[(4, 4), (6, 3), (8, 4), (8, 8), (4, 8)]);
        let mut hole = town.clone();
        hole.rotate_left(2);
        hole.reverse();
        let around = ring(&[(0, 0), (12, 0), (12, 12), (0, 12)]);
        let drawn =
            simplify(&[vec![Polygon(vec![around, hole])], vec![Polygon(vec![town])]], 1.5, 1.0);
        ensure_apart(&drawn).unwrap();
        let corners = |ring: &[Spot]| ring.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(corners(&drawn[0].0[1]), corners(&drawn[1].0[0]));
    }

    #[test]
    fn islets_nobody_would_see_are_left_out() {
        let island = ring(&[(0, 0), (10, 0), (10, 10)]);
        let islet = ring(&[(20, 0), (21, 0), (21, 1)]);
        let drawn = simplify(&[vec![Polygon(vec![island]), Polygon(vec![islet])]], 0.1, 1.0);
        assert_eq!(drawn[0].0.len(), 1);
    }

    #[test]
    fn crossing_borders_are_noticed() {
        let spot = |x, y| Spot { x, y };
        let bow = Path(vec![vec![spot(0, 0), spot(10, 10), spot(10, 0), spot(0, 10)]]);
        assert!(ensure_apart(&[bow]).is_err());
        let box_ = Path(vec![vec![spot(0, 0), spot(10, 0), spot(10, 10), spot(0, 10)]]);
        assert!(ensure_apart(&[box_]).is_ok());
    }
}
