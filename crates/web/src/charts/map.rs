//! The outline of a province's regencies, as the repository carries it: already simplified,
//! projected and laid out in panels, with a place for every label.

use serde::Deserialize;
use std::sync::LazyLock;

/// The map of NTB; its source and licence stand beside it in `assets/map`.
static NTB: LazyLock<BaseMap> = LazyLock::new(|| {
    BaseMap::from_json(include_str!("../../assets/map/ntb.json")).unwrap_or_default()
});

/// One part of a map, with a scale of its own.
#[derive(Clone, Debug, Deserialize)]
pub struct MapPanel {
    /// Name in the language of the country: "Pulau Lombok".
    pub name: String,
    /// `min-x min-y width height`.
    pub view_box: String,
    /// The regions drawn in it.
    pub shapes: Vec<MapShape>,
}

/// One region.
#[derive(Clone, Debug, Deserialize)]
pub struct MapShape {
    /// Kemendagri code, for instance `52.03`.
    pub code: String,
    /// Name on the map.
    pub name: String,
    /// Outline, as the `d` of a path.
    pub path: String,
    /// Middle of the label.
    pub label: [i32; 2],
    /// The point inside the region that a lead line comes from, where the label stands outside.
    #[serde(default)]
    pub lead: Option<[i32; 2]>,
}

/// A whole map.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct BaseMap {
    /// Its parts, side by side.
    pub panels: Vec<MapPanel>,
    /// Whose borders these are.
    #[serde(default)]
    pub attribution: String,
}

impl BaseMap {
    /// Reads a map; refuses what is not one.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The map for a province's code; `None` for a province we have no borders of.
    pub fn of_province(code: &str) -> Option<&'static Self> {
        (code == "52").then(|| &*NTB)
    }

    /// Every region on it.
    pub fn shapes(&self) -> impl Iterator<Item = &MapShape> {
        self.panels.iter().flat_map(|panel| &panel.shapes)
    }
}
