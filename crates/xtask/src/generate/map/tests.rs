//! What the committed map must be, whoever changes the generator.

use super::geometry::{Point, Ring, Spot};
use super::*;
use crate::generate::foreign::tests::committed;

fn map() -> Map {
    serde_json::from_str(&committed(FOLDER, "ntb.json")).unwrap()
}

/// Reads path data back, as a browser does.
fn rings(d: &str) -> Path {
    let mut rings = Vec::new();
    for part in d.split('z').filter(|part| !part.is_empty()) {
        let text = part.trim_start_matches('M').replace('l', " ").replace('-', " -");
        let numbers: Vec<i32> = text
            .split_whitespace()
            .map(|n| (n.parse::<f64>().unwrap() * 10.0).round())
            .map(|n| n.to_string().parse().unwrap())
            .collect();
        let mut at = Spot { x: 0, y: 0 };
        let mut ring = Vec::new();
        for pair in numbers.chunks(2) {
            at = Spot { x: at.x + pair[0], y: at.y + pair[1] };
            ring.push(at);
        }
        rings.push(ring);
    }
    geometry::Path(rings)
}

type Path = geometry::Path;

fn size(path: &Path) -> f64 {
    let ring = |r: &Vec<Spot>| r.iter().map(|s| s.point()).collect::<Ring>();
    path.0.iter().map(|r| geometry::area(&ring(r))).sum()
}

#[test]
fn the_map_shows_the_ten_and_is_small() {
    let map = map();
    assert_eq!(map.regions.len(), 10);
    assert_eq!(map.panels.len(), 2);
    assert!(committed(FOLDER, "ntb.json").len() < 40_000);
    assert!(map.attribution.contains("Cahya DSN"));
}

#[test]
fn borders_neither_cross_nor_overlap() {
    for panel in map().panels {
        let paths: Vec<_> =
            map().regions.iter().filter(|r| r.panel == panel.id).map(|r| rings(&r.d)).collect();
        assert_eq!(paths.len(), 5);
        topology::ensure_apart(&paths).unwrap();
    }
}

#[test]
fn every_region_is_drawn_to_scale() {
    let map = map();
    for region in &map.regions {
        let panel = map.panels.iter().find(|panel| panel.id == region.panel).unwrap();
        let km2 = size(&rings(&region.d)) * panel.km_per_unit.powi(2);
        let error = (km2 / region.area_km2 - 1.0).abs();
        assert!(error < 0.05, "{} is drawn as {km2:.0} of {} km2", region.name, region.area_km2);
    }
}

#[test]
fn names_stand_in_their_region_or_on_the_water() {
    let map = map();
    for region in &map.regions {
        let label = &region.label;
        let inside = |x, y| {
            let p = Point { x, y };
            map.regions
                .iter()
                .find(|r| label::contains(&rings(&r.d).largest().unwrap(), p))
                .map(|r| r.code.as_str())
        };
        match label.lead {
            None => assert_eq!(inside(label.x, label.y), Some(region.code.as_str())),
            Some([start, (x, y)]) => {
                assert_eq!(inside(start.0, start.1), None, "{}", region.name);
                assert_eq!(inside(label.x, label.y), None, "{}", region.name);
                assert_eq!(inside(x, y), Some(region.code.as_str()));
            }
        }
    }
}
