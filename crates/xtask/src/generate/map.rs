//! Draws the map of NTB for the comparison page: flat paths, small enough to stand in a page.
//!
//! Lombok and Sumbawa get a panel each, Lombok one and a half times as large: on one scale Kota
//! Mataram could not be seen. Neighbours keep one border between them, since a border is cut out,
//! simplified and rounded once for both.
#![expect(clippy::float_arithmetic, reason = "geometry; no figure of a scorecard passes here")]

mod geometry;
mod label;
mod source;
mod topology;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use self::geometry::{Path as Outline, Point, Polygon};
use self::source::Region;
use super::foreign::Written;

/// Where the map is kept, from the root of the repository.
pub(super) const FOLDER: &str = "crates/web/assets/map";

/// Width of the whole drawing; the unit of all lengths here is a thousandth of it.
const WIDTH: f64 = 1000.0;
const MARGIN: f64 = 8.0;
/// Free water between the panels.
const STRAIT: f64 = 36.0;
/// Room above the islands for the panels' names.
const HEADING: f64 = 26.0;
/// The parallel on which a degree of longitude is drawn true to scale.
const PARALLEL: f64 = -8.6;
const KM_PER_DEGREE: f64 = 111.2;

/// A corner that spans a smaller triangle than this (square units) is left out.
const SMALLEST_CORNER: f64 = 0.4;
/// An islet or lake smaller than this (square units) is left out, for nobody would see it.
const SMALLEST_ISLET: f64 = 1.6;

/// A group of regions drawn on one scale.
struct Island {
    id: &'static str,
    name: &'static str,
    regions: &'static [&'static str],
    enlarged: f64,
}

const ISLANDS: [Island; 2] = [
    Island {
        id: "lombok",
        name: "Pulau Lombok",
        regions: &["52.01", "52.02", "52.03", "52.08", "52.71"],
        enlarged: 1.5,
    },
    Island {
        id: "sumbawa",
        name: "Pulau Sumbawa",
        regions: &["52.04", "52.05", "52.06", "52.07", "52.72"],
        enlarged: 1.0,
    },
];

#[derive(Debug, Serialize, Deserialize)]
struct Map {
    region_code: String,
    name: String,
    /// `min-x min-y width height`, as SVG writes it.
    view_box: String,
    attribution: String,
    panels: Vec<Panel>,
    regions: Vec<Shape>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Panel {
    id: String,
    name: String,
    /// The part of the drawing that holds this panel alone, for a narrow screen.
    view_box: String,
    /// How many times larger than the other panel it is drawn.
    enlarged: f64,
    km_per_unit: f64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Shape {
    code: String,
    name: String,
    panel: String,
    /// SVG path data; lakes are cut out by `fill-rule="evenodd"`.
    d: String,
    label: Label,
    area_km2: f64,
}

/// Where the name of a region fits.
#[derive(Debug, Serialize, Deserialize)]
struct Label {
    x: f64,
    y: f64,
    /// Free width for a text around `x` (inside the region, or on the water for one with a lead).
    width: f64,
    /// Start and end of a line from the name to a region too small to hold it.
    lead: Option<[(f64, f64); 2]>,
}

/// Reads the borders in `from` and gives the map.
pub(super) fn write(from: &Path) -> Result<Vec<Written>> {
    let regions = source::read(from)?;
    let map = draw(&regions)?;
    let mut text = serde_json::to_string(&map)?;
    // One region a line: a changed border is a changed line.
    text = text.replace("},{\"code\"", "},\n{\"code\"").replace("\"regions\":[", "\"regions\":[\n");
    text.push('\n');
    Ok(vec![Written::of(FOLDER, "ntb.json", text)])
}

fn draw(regions: &[Region]) -> Result<Map> {
    let extents = ISLANDS.map(|island| extent(&island, regions));
    let free = WIDTH - 2.0 * MARGIN - STRAIT;
    let unit = free / extents.iter().map(geometry::Extent::width).sum::<f64>();
    let height = extents.iter().map(|e| e.height() * unit).fold(0.0, f64::max) + HEADING + MARGIN;
    let mut map = Map {
        region_code: "52".into(),
        name: "Nusa Tenggara Barat".into(),
        view_box: format!("0 0 {WIDTH} {}", height.ceil()),
        attribution: "Batas wilayah disederhanakan dari wilayah_boundaries (Cahya DSN, lisensi \
                      MIT); bukan peta resmi."
            .into(),
        panels: Vec::new(),
        regions: Vec::new(),
    };
    let mut left = MARGIN;
    for (island, extent) in ISLANDS.iter().zip(&extents) {
        let top = HEADING + (height - HEADING - MARGIN - extent.height() * unit) / 2.0;
        let place = |p: Point| Point {
            x: left + (p.x * island.enlarged - extent.low.x) * unit,
            y: top + (p.y * island.enlarged - extent.low.y) * unit,
        };
        let members: Vec<_> =
            regions.iter().filter(|r| island.regions.contains(&r.code.as_str())).collect();
        ensure!(members.len() == island.regions.len(), "{} lacks regions", island.name);
        let polygons: Vec<Vec<Polygon>> = members
            .iter()
            .map(|region| region.polygons.iter().map(|p| p.moved(place)).collect())
            .collect();
        let drawn = topology::simplify(&polygons, SMALLEST_CORNER, SMALLEST_ISLET);
        topology::ensure_apart(&drawn)?;
        for (region, outline) in members.iter().zip(&drawn) {
            map.regions.push(shape(region, island, outline)?);
        }
        let width = extent.width() * unit;
        map.panels.push(Panel {
            id: island.id.into(),
            name: island.name.into(),
            view_box: format!(
                "{} 0 {} {}",
                tenth(left - MARGIN),
                tenth(width + 2.0 * MARGIN),
                height.ceil()
            ),
            enlarged: island.enlarged,
            km_per_unit: (KM_PER_DEGREE / (unit * island.enlarged) * 1e4).round() / 1e4,
        });
        left += width + STRAIT;
    }
    map.regions.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(map)
}

/// The rectangle around an island, enlarged as it will be drawn.
fn extent(island: &Island, regions: &[Region]) -> geometry::Extent {
    geometry::Extent::around(
        regions
            .iter()
            .filter(|r| island.regions.contains(&r.code.as_str()))
            .flat_map(|r| &r.polygons)
            .flat_map(|polygon| polygon.rings().flatten())
            .map(|p| Point { x: p.x * island.enlarged, y: p.y * island.enlarged }),
    )
}

fn shape(region: &Region, island: &Island, outline: &Outline) -> Result<Shape> {
    let place = label::place(&region.code, outline)
        .with_context(|| format!("{} has no place for its name", region.name))?;
    Ok(Shape {
        code: region.code.clone(),
        name: region.name.clone(),
        panel: island.id.into(),
        d: outline.data(),
        label: Label {
            x: tenth(place.at.x),
            y: tenth(place.at.y),
            width: tenth(place.width),
            lead: place.lead.map(|(from, to)| [from, to].map(|p| (tenth(p.x), tenth(p.y)))),
        },
        area_km2: region.area_km2,
    })
}

fn tenth(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests;
