//! The outline of a province's regencies, as the repository carries it.
//!
//! It is already simplified, projected and laid out in panels, with a place for every label;
//! `assets/map/SOURCES.md` says where the borders come from and what the fields mean.

use rust_decimal::Decimal;
use serde::Deserialize;
use std::sync::LazyLock;

/// The map of NTB. The test below reads it, so that a damaged file cannot be shipped.
static NTB: LazyLock<BaseMap> = LazyLock::new(|| {
    BaseMap::from_json(include_str!("../../assets/map/ntb.json")).unwrap_or_default()
});

/// Why a text is not a map.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// Not JSON of the expected form.
    #[error("the map is not of the expected form")]
    Form(#[from] serde_json::Error),
    /// A number or a view box that cannot be read.
    #[error("\"{0}\" is no place on a map")]
    Place(String),
}

/// A place in per cent of a panel, from the top left: labels keep their size when a panel is
/// stretched, so they are laid over it and not drawn in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From the left.
    pub x: Decimal,
    /// From the top.
    pub y: Decimal,
}

/// One region.
#[derive(Clone, Debug)]
pub struct MapShape {
    /// Kemendagri code, for instance `52.03`.
    pub code: String,
    /// Full name: "Kabupaten Lombok Timur".
    pub name: String,
    /// Name on the map: "Lombok Timur", "Kota Bima".
    pub short_name: String,
    /// Outline, as the `d` of a path; lakes are cut out by the even-odd rule.
    pub outline: String,
    /// Middle of the label.
    pub label: Place,
    /// Free width around the label, in units of the view box.
    pub room: u32,
    /// A line from the label to a region too small to hold it.
    pub lead: Option<[Place; 2]>,
}

/// One part of a map, with a scale of its own.
#[derive(Clone, Debug)]
pub struct MapPanel {
    /// Name: "Pulau Lombok".
    pub name: String,
    /// `min-x min-y width height`.
    pub view_box: String,
    /// The regions drawn in it.
    pub shapes: Vec<MapShape>,
}

/// A whole map.
#[derive(Clone, Debug, Default)]
pub struct BaseMap {
    /// Its parts, side by side.
    pub panels: Vec<MapPanel>,
    /// Whose borders these are; to be shown with the map.
    pub attribution: String,
}

impl BaseMap {
    /// Reads a map; refuses what is not one.
    pub fn from_json(text: &str) -> Result<Self, MapError> {
        let file: raw::Map = serde_json::from_str(text)?;
        let panels = file.panels.iter().map(|panel| {
            let view = ViewBox::read(&panel.view_box)?;
            let shapes = file.regions.iter().filter(|region| region.panel == panel.id);
            Ok(MapPanel {
                name: panel.name.clone(),
                view_box: panel.view_box.clone(),
                shapes: shapes.map(|region| view.shape(region)).collect::<Result<_, MapError>>()?,
            })
        });
        Ok(Self {
            panels: panels.collect::<Result<_, MapError>>()?,
            attribution: file.attribution.clone(),
        })
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

struct ViewBox {
    left: Decimal,
    top: Decimal,
    width: Decimal,
    height: Decimal,
}

impl ViewBox {
    fn read(text: &str) -> Result<Self, MapError> {
        let wrong = || MapError::Place(text.to_owned());
        let numbers: Result<Vec<Decimal>, _> = text.split_whitespace().map(str::parse).collect();
        let &[left, top, width, height] =
            numbers.map_err(|_| wrong())?.as_slice().first_chunk().ok_or_else(wrong)?;
        if width <= Decimal::ZERO || height <= Decimal::ZERO {
            return Err(wrong());
        }
        Ok(Self { left, top, width, height })
    }

    fn place(&self, [x, y]: [&serde_json::Number; 2]) -> Result<Place, MapError> {
        let share = |from: Decimal, width: Decimal, number| -> Result<Decimal, MapError> {
            let share = (decimal(number)? - from) / width * Decimal::ONE_HUNDRED;
            Ok(share.round_dp(2).normalize())
        };
        Ok(Place { x: share(self.left, self.width, x)?, y: share(self.top, self.height, y)? })
    }

    fn shape(&self, region: &raw::Region) -> Result<MapShape, MapError> {
        let label = &region.label;
        let lead = match &label.lead {
            Some([(a, b), (c, d)]) => Some([self.place([a, b])?, self.place([c, d])?]),
            None => None,
        };
        Ok(MapShape {
            code: region.code.clone(),
            name: region.name.clone(),
            short_name: region.name.trim_start_matches("Kabupaten ").to_owned(),
            outline: region.d.clone(),
            label: self.place([&label.x, &label.y])?,
            room: decimal(&label.width)?.try_into().unwrap_or_default(),
            lead,
        })
    }
}

/// The digits of the file, not the nearest binary fraction.
fn decimal(number: &serde_json::Number) -> Result<Decimal, MapError> {
    number.to_string().parse().map_err(|_| MapError::Place(number.to_string()))
}

/// The file's own form.
mod raw {
    use super::Deserialize;
    use serde_json::Number;

    #[derive(Deserialize)]
    pub(super) struct Map {
        pub(super) attribution: String,
        pub(super) panels: Vec<Panel>,
        pub(super) regions: Vec<Region>,
    }

    #[derive(Deserialize)]
    pub(super) struct Panel {
        pub(super) id: String,
        pub(super) name: String,
        pub(super) view_box: String,
    }

    #[derive(Deserialize)]
    pub(super) struct Region {
        pub(super) code: String,
        pub(super) name: String,
        pub(super) panel: String,
        pub(super) d: String,
        pub(super) label: Label,
    }

    #[derive(Deserialize)]
    pub(super) struct Label {
        pub(super) x: Number,
        pub(super) y: Number,
        pub(super) width: Number,
        pub(super) lead: Option<[(Number, Number); 2]>,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn map_of_ntb_has_its_ten_regencies_and_cities() {
        let map = BaseMap::of_province("52").expect("the map is there");
        let mut codes: Vec<&str> = map.shapes().map(|shape| shape.code.as_str()).collect();
        codes.sort_unstable();
        assert_eq!(
            codes,
            [
                "52.01", "52.02", "52.03", "52.04", "52.05", "52.06", "52.07", "52.08", "52.71",
                "52.72"
            ]
        );
        assert_eq!(map.panels.len(), 2);
        assert!(!map.attribution.is_empty());
        assert!(BaseMap::of_province("51").is_none());
    }

    #[test]
    fn labels_lie_within_their_panels() {
        let map = BaseMap::of_province("52").expect("the map is there");
        let inside = Decimal::ZERO..=Decimal::ONE_HUNDRED;
        for shape in map.shapes() {
            assert!(inside.contains(&shape.label.x), "{}", shape.name);
            assert!(inside.contains(&shape.label.y), "{}", shape.name);
        }
        let mataram = map.shapes().find(|it| it.code == "52.71").expect("Mataram");
        assert!(mataram.lead.is_some());
        assert_eq!(mataram.short_name, "Kota Mataram");
    }

    #[test]
    fn what_is_no_map_is_refused() {
        assert!(matches!(BaseMap::from_json("[]"), Err(MapError::Form(_))));
        for view_box in ["0 0 1", "0 0 0 5", "a b c d", ""] {
            let text = format!(
                r#"{{"attribution":"","panels":[{{"id":"a","name":"A","view_box":"{view_box}"}}],"regions":[]}}"#
            );
            assert!(matches!(BaseMap::from_json(&text), Err(MapError::Place(_))), "{view_box}");
        }
    }
}
