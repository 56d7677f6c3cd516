//! A map whose regions are coloured by a value or a status; regions without one are hatched, every
//! region is labelled and may lead somewhere.

use super::map::{BaseMap, MapPanel, MapShape};
use super::text::{FontWeight, wrap};
use crate::components::Status;
use crate::components::icon::shape;
use crate::locale::{Locale, tr};
use maud::{Markup, html};
use rust_decimal::Decimal;

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
const CLASSES: [&str; 5] = ["#d3e3f4", "#a9c8e7", "#74a5d4", "#3a78b8", "#154e8a"];

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

/// Draws the map: its panels side by side where there is room, else below each other.
pub fn choropleth(locale: Locale, it: &Choropleth<'_>) -> Markup {
    html! {
        figure.map {
            (legend(it))
            div.panels {
                @for (at, panel) in it.map.panels.iter().enumerate() { (drawn(locale, it, at, panel)) }
            }
            @if !it.map.attribution.is_empty() { figcaption.sub { (it.map.attribution) } }
        }
    }
}

/// Outlines, which stretch, and over them the words, which keep their size.
fn drawn(locale: Locale, it: &Choropleth<'_>, at: usize, panel: &MapPanel) -> Markup {
    let id = format!("{}-{at}", it.id);
    html! {
        div.panel {
            svg.outlines viewBox=(panel.view_box) role="group" aria-labelledby={ (id) "-t " (id) "-d" } {
                title id={ (id) "-t" } { (it.title) " – " (panel.name) }
                desc id={ (id) "-d" } { (it.description) }
                (hatch(&id))
                // One's own region last, so that no neighbour covers its edge.
                @for area in panel.shapes.iter().filter(|area| !is_own(it, area)) { (region(locale, it, area, &id)) }
                @for area in panel.shapes.iter().filter(|area| is_own(it, area)) { (region(locale, it, area, &id)) }
            }
            svg.words width="100%" height="100%" aria-hidden="true" focusable="false" {
                text.tick x="10" y="1.5em" font-size="12" fill="#4a5a70" { (panel.name) }
                @for area in &panel.shapes { (label(it, area)) }
            }
        }
    }
}

fn value_of<'a>(it: &Choropleth<'a>, code: &str) -> Option<&'a MapValue> {
    it.values.iter().find(|value| value.code == code)
}

fn is_own(it: &Choropleth<'_>, area: &MapShape) -> bool {
    value_of(it, &area.code).is_some_and(|value| value.own)
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
    let class = format!("region {}{}", shade.class(), if is_own(it, area) { " own" } else { "" });
    let words = lines.join(", ");
    let outline = html! {
        path class=(class) d=(area.outline) fill-rule="evenodd" fill=(shade.fill(id)) stroke="#6d86a3" stroke-width="0.6"
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
    let value = value_of(it, &area.code);
    let dark = area.lead.is_none()
        && match value.map(|value| value.shade) {
            Some(Shade::Class(class)) => class >= 3,
            Some(Shade::Status(status)) => matches!(status, Status::Green | Status::Red),
            _ => false,
        };
    // On a phone a unit of the map is less than a pixel: seven tenths of the room keep apart.
    let mut lines = wrap(&area.short_name, area.room * 7 / 10, 11, FontWeight::Bold);
    let number = value.map_or("", |value| value.text.as_str());
    let named = lines.len();
    if !number.is_empty() {
        lines.push(number.to_owned());
    }
    // Half the lines stand above the middle; all do where a lead line starts below.
    let below = i64::try_from(lines.len()).unwrap_or(1) - 1;
    let led_below = area.lead.is_some_and(|[from, _]| from.y > area.label.y);
    let above = if led_below { below * 2 } else { below };
    // In ems, so that lines keep apart at any font size: 1.2 from line to line, 0.35 from the
    // middle of a line down to its base.
    let drop =
        |line: i64| format!("{}em", Decimal::new((line * 2 - above) * 60 + 35, 2).normalize());
    let x = format!("{}%", area.label.x);
    html! {
        @if let Some([from, to]) = area.lead {
            line.lead x1={ (from.x) "%" } y1={ (from.y) "%" } x2={ (to.x) "%" } y2={ (to.y) "%" } stroke="#4a5a70" {}
        }
        @for (line, at) in lines.iter().zip(0_i64..) {
            text class={ "map-label" @if dark { " on-dark" } } x=(x) y={ (area.label.y) "%" }
                dy=(drop(at)) text-anchor="middle" font-size="11"
                font-weight=(if usize::try_from(at).is_ok_and(|at| at < named) { "700" } else { "400" })
                fill=(if dark { "#ffffff" } else { "#15233a" }) { (line) }
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
            r#"{"attribution":"sumber","panels":[{"id":"l","name":"Lombok","view_box":"0 0 100 80"}],
                "regions":[
                {"code":"52.03","name":"Kabupaten Lombok Timur","panel":"l","d":"M0 0h9v9z",
                 "label":{"x":5,"y":5.5,"width":70,"lead":null}},
                {"code":"52.71","name":"Kota Mataram","panel":"l","d":"M9 9h9v9z",
                 "label":{"x":40,"y":5,"width":70,"lead":[[40,9],[9,9]]}}]}"#,
        )
        .expect("a map")
    }

    fn text_of(values: &[MapValue]) -> String {
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
        let text = text_of(&[]);
        assert_eq!(text.matches("class=\"region none\"").count(), 3, "two regions and the legend");
        assert!(text.contains("Kabupaten Lombok Timur, Belum ada nilai"));
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
        let text = text_of(&[value]);
        assert!(text.contains("role=\"group\""));
        assert!(text.contains(
            "<a href=\"/ntb/x\" aria-label=\"Kabupaten Lombok Timur, 72,37, Peringkat 3\">"
        ));
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
}
