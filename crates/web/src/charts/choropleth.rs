//! A map whose regions are coloured by a value or a status; regions without one are hatched, every
//! region is labelled and may lead somewhere.

use super::map::{BaseMap, MapShape};
use crate::components::Status;
use crate::components::icon::shape;
use crate::locale::{Locale, tr};
use maud::{Markup, html};

/// The colour of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    /// Class 0 to 4 of the sequential scale; greater counts as 4.
    Class(u8),
    /// The colour of a status.
    Status(Status),
    /// No value: hatched, whichever kind of nothing it is; the words say which.
    Nothing(Status),
}

/// Colours of the five classes, for where there is no style sheet.
const CLASSES: [&str; 5] = ["#dbe8f6", "#aecbe8", "#74a5d4", "#3a78b8", "#154e8a"];

impl Shade {
    fn class(self) -> String {
        match self {
            Self::Class(class) => format!("c{}", class.min(4)),
            Self::Status(status) => format!("s-{}", status.class()),
            Self::Nothing(_) => String::from("none"),
        }
    }

    fn fill(self, id: &str) -> String {
        match self {
            Self::Class(class) => CLASSES[usize::from(class.min(4))].to_owned(),
            Self::Status(status) => status.colour().to_owned(),
            Self::Nothing(_) => format!("url(#{id}-hatch)"),
        }
    }
}

/// What the map says about one region.
#[derive(Clone, Debug)]
pub struct MapValue {
    /// The region's code.
    pub code: String,
    /// Its colour.
    pub shade: Shade,
    /// The number on the map; empty where there is none.
    pub text: String,
    /// More lines for the tooltip.
    pub about: Vec<String>,
    /// Where the region leads.
    pub href: Option<String>,
    /// Lifts it out.
    pub own: bool,
}

/// A coloured map.
#[derive(Clone, Debug)]
pub struct Choropleth<'a> {
    /// Unique on its page.
    pub id: &'a str,
    /// What it shows.
    pub title: &'a str,
    /// The same in a sentence: highest, lowest, who is missing.
    pub description: &'a str,
    /// The borders.
    pub map: &'a BaseMap,
    /// One per region; regions without one count as missing.
    pub values: &'a [MapValue],
    /// Shades and their words, lowest first.
    pub legend: &'a [(Shade, String)],
}

/// Draws the map: its panels side by side, on a phone below each other.
pub fn choropleth(locale: Locale, it: &Choropleth<'_>) -> Markup {
    html! {
        figure.map {
            (legend(it))
            div.panels {
                @for (at, panel) in it.map.panels.iter().enumerate() {
                    @let id = format!("{}-{at}", it.id);
                    svg.panel viewBox=(panel.view_box) role="group" aria-labelledby={ (id) "-t " (id) "-d" } {
                        title id={ (id) "-t" } { (it.title) " – " (panel.name) }
                        desc id={ (id) "-d" } { (it.description) }
                        (hatch(&id))
                        // Outlines first, so that no region covers a neighbour's label.
                        @for shape in &panel.shapes { (region(locale, it, shape, &id)) }
                        g aria-hidden="true" { @for shape in &panel.shapes { (label(it, shape)) } }
                    }
                }
            }
            @if !it.map.attribution.is_empty() { figcaption.sub { (it.map.attribution) } }
        }
    }
}

fn value_of<'a>(it: &Choropleth<'a>, code: &str) -> Option<&'a MapValue> {
    it.values.iter().find(|value| value.code == code)
}

fn region(locale: Locale, it: &Choropleth<'_>, area: &MapShape, id: &str) -> Markup {
    let value = value_of(it, &area.code);
    let shade = value.map_or(Shade::Nothing(Status::Missing), |value| value.shade);
    let mut lines = vec![area.name.clone()];
    match (shade, value) {
        (Shade::Nothing(status), _) => lines.push(status.word(locale).into_owned()),
        (_, Some(value)) => lines.push(value.text.clone()),
        _ => {}
    }
    lines.extend(value.into_iter().flat_map(|value| value.about.iter().cloned()));
    let own = value.is_some_and(|value| value.own);
    let class = format!("region {}{}", shade.class(), if own { " own" } else { "" });
    let words = lines.join(", ");
    let outline = html! {
        path class=(class) d=(area.path) fill=(shade.fill(id)) stroke="#ffffff" stroke-width="1"
            data-tip=(lines.join("\n")) {}
    };
    html! {
        @match value.and_then(|value| value.href.as_deref()) {
            Some(href) => a href=(href) aria-label=(words) { (outline) },
            None => g role="img" aria-label=(words) { (outline) },
        }
    }
}

fn label(it: &Choropleth<'_>, area: &MapShape) -> Markup {
    let [x, y] = area.label;
    let value = value_of(it, &area.code);
    let shade = value.map(|value| value.shade);
    let outside = area.lead.is_some();
    let dark = !outside
        && match shade {
            Some(Shade::Class(class)) => class >= 3,
            Some(Shade::Status(status)) => matches!(status, Status::Green | Status::Red),
            _ => false,
        };
    let lines = super::text::wrap(&area.name, 62, 11, super::text::FontWeight::Bold);
    let number = value.map_or("", |value| value.text.as_str());
    let fill = if dark { "#ffffff" } else { "#15233a" };
    html! {
        @if let Some([to_x, to_y]) = area.lead {
            path.lead d={ "M" (x) " " (y) "L" (to_x) " " (to_y) } stroke="#4a5a70" stroke-width="0.8" {}
        }
        text.map-label.on-dark[dark] x=(x) y=(y) text-anchor="middle" font-size="11" font-weight="700" fill=(fill) {
            @for (at, line) in lines.iter().enumerate() {
                tspan x=(x) dy=(if at == 0 { 0 } else { 12 }) { (line) }
            }
            @if !number.is_empty() { tspan.number x=(x) dy="12" font-weight="400" { (number) } }
        }
    }
}

fn hatch(id: &str) -> Markup {
    html! {
        defs {
            pattern id={ (id) "-hatch" } width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                rect.hatch-ground width="6" height="6" fill="#f1f4f8" {}
                path.hatch-line d="M0 0v6" stroke="#a8b4c4" stroke-width="2.500" {}
            }
        }
    }
}

fn legend(it: &Choropleth<'_>) -> Markup {
    let id = format!("{}-key", it.id);
    html! {
        ul.legend {
            @for (at, (shade, words)) in it.legend.iter().enumerate() {
                li {
                    @match shade {
                        Shade::Status(status) => (shape(*status)),
                        _ => svg.swatch width="18" height="12" viewBox="0 0 18 12" aria-hidden="true" {
                            @if let Shade::Nothing(_) = shade { (hatch(&format!("{id}{at}"))) }
                            rect class={ "region " (shade.class()) } width="18" height="12" rx="2"
                                fill=(shade.fill(&format!("{id}{at}"))) {}
                        },
                    }
                    (words)
                }
            }
        }
    }
}

/// Words for the classes between bounds: "< 70", "70–75", "≥ 75", then the hatched one.
pub fn class_legend(locale: Locale, bounds: &[String]) -> Vec<(Shade, String)> {
    let class = |at: usize| Shade::Class(u8::try_from(at).unwrap_or(u8::MAX));
    let mut all = Vec::with_capacity(bounds.len() + 2);
    if let (Some(first), Some(last)) = (bounds.first(), bounds.last()) {
        all.push((class(0), format!("< {first}")));
        for (at, pair) in bounds.windows(2).enumerate() {
            all.push((class(at + 1), format!("{}–{}", pair[0], pair[1])));
        }
        all.push((class(bounds.len()), format!("≥ {last}")));
    }
    all.push((Shade::Nothing(Status::Missing), tr!(locale, "chart.no_value").into_owned()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> BaseMap {
        BaseMap::from_json(
            r#"{"attribution":"sumber","panels":[{"name":"Lombok","view_box":"0 0 100 80","shapes":[
                {"code":"52.03","name":"Lombok Timur","path":"M0 0h9v9z","label":[5,5]},
                {"code":"52.71","name":"Kota Mataram","path":"M9 9h9v9z","label":[40,5],"lead":[9,9]}]}]}"#,
        )
        .expect("a map")
    }

    fn drawn(values: &[MapValue]) -> String {
        let map = map();
        let legend = class_legend(Locale::Id, &[String::from("70"), String::from("75")]);
        let it = Choropleth {
            id: "m",
            title: "IPM 2023",
            description: "Tertinggi …",
            map: &map,
            values,
            legend: &legend,
        };
        choropleth(Locale::Id, &it).into_string()
    }

    #[test]
    fn region_without_a_value_is_hatched_and_says_so() {
        let text = drawn(&[]);
        assert_eq!(text.matches("class=\"region none\"").count(), 3, "two regions and the legend");
        assert!(text.contains("Lombok Timur, Belum ada nilai"));
    }

    #[test]
    fn regions_with_links_are_in_a_group_and_not_in_an_image() {
        let value = MapValue {
            code: String::from("52.03"),
            shade: Shade::Class(4),
            text: String::from("72,37"),
            about: vec![String::from("Peringkat 3")],
            href: Some(String::from("/ntb/x")),
            own: true,
        };
        let text = drawn(&[value]);
        assert!(text.contains("role=\"group\""));
        assert!(
            text.contains("<a href=\"/ntb/x\" aria-label=\"Lombok Timur, 72,37, Peringkat 3\">")
        );
        assert!(text.contains("region c4 own"));
        assert!(!text.contains(" style="));
    }

    #[test]
    fn legend_names_every_class_once() {
        let words: Vec<String> =
            class_legend(Locale::Id, &[String::from("70"), String::from("75")])
                .into_iter()
                .map(|(_, words)| words)
                .collect();
        assert_eq!(words, ["< 70", "70–75", "≥ 75", "tanpa nilai"]);
        assert_eq!(class_legend(Locale::En, &[]).len(), 1);
    }

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
        assert!(!map.attribution.is_empty());
        assert!(BaseMap::of_province("51").is_none());
    }
}
