//! Reads the borders (GeoJSON, WGS84) and flattens them.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::PARALLEL;
use super::geometry::{Point, Polygon};

/// A kabupaten or kota with its borders, in degrees of latitude, south down.
#[derive(Debug)]
pub(super) struct Region {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) area_km2: f64,
    pub(super) polygons: Vec<Polygon>,
}

#[derive(Debug, Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Debug, Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Geometry,
}

#[derive(Debug, Deserialize)]
struct Properties {
    code: String,
    name: String,
    area_km2: f64,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", content = "coordinates")]
enum Geometry {
    Polygon(Vec<Vec<(f64, f64)>>),
    MultiPolygon(Vec<Vec<Vec<(f64, f64)>>>),
}

pub(super) fn read(from: &Path) -> Result<Vec<Region>> {
    let path = from.join("ntb-kabkota.geojson");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let collection: Collection =
        serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    let squeeze = PARALLEL.to_radians().cos();
    let flat = |ring: Vec<(f64, f64)>| {
        let mut ring: Vec<_> =
            ring.into_iter().map(|(lng, lat)| Point { x: lng * squeeze, y: -lat }).collect();
        // GeoJSON repeats the first point at the end; a ring here closes by itself.
        ring.pop();
        ring
    };
    let polygon = |rings: Vec<Vec<(f64, f64)>>| Polygon(rings.into_iter().map(flat).collect());
    Ok(collection
        .features
        .into_iter()
        .map(|Feature { properties, geometry }| Region {
            code: properties.code,
            name: properties.name,
            area_km2: properties.area_km2,
            polygons: match geometry {
                Geometry::Polygon(rings) => vec![polygon(rings)],
                Geometry::MultiPolygon(polygons) => polygons.into_iter().map(polygon).collect(),
            },
        })
        .collect())
}
