//! The strategy map: objectives in the lanes of their perspectives, arrows from driver to effect.
//!
//! A lane with more objectives than fit beside each other has several rows. An arrow leaves its driver at the edge
//! that faces the effect, passes every row between through a gap that lies near, beside the others that pass there,
//! and never under a box.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use maud::{Markup, html};

use super::status_bar::PerspectiveHue;
use super::text::{FontWeight, shorten, wrap};
use crate::assets;
use crate::components::Status;
use crate::components::icon::{shape, shape_body};
use crate::locale::{Locale, tr};

/// Width of the drawing.
const WIDTH: i32 = 1200;
/// Where the names of the lanes end.
const NAMES: i32 = 150;
/// Width and height of a box.
const BOX: (i32, i32) = (188, 84);
/// The smallest room between two boxes of a row: an arrow passes through it.
const GAP: i32 = 18;
/// Room above and below a row, for arrows to turn.
const TURN: i32 = 34;
/// Room between two lanes.
const BETWEEN: i32 = 6;
/// Colours of arrows, for where there is no style sheet.
const ARROW: &str = "#4a5a70";
const BROKEN: &str = "#c0272d";
/// How many boxes stand in a row at most.
const ROW: usize = 5;
/// Lines of an objective's words.
const LINES: usize = 3;

/// An objective.
#[derive(Clone, Debug)]
pub struct MapNode {
    /// Its code, unique on the map.
    pub code: String,
    /// Its words.
    pub text: String,
    /// Its colour.
    pub status: Status,
    /// Its colour in a word.
    pub word: String,
    /// Its score as it is printed; empty where there is none.
    pub value: String,
    /// Where it leads.
    pub href: String,
}

/// A perspective.
#[derive(Clone, Debug)]
pub struct MapLane {
    /// Its name.
    pub name: String,
    /// Its colour.
    pub hue: PerspectiveHue,
    /// Its objectives, from left to right.
    pub nodes: Vec<MapNode>,
}

/// An arrow.
#[derive(Clone, Debug)]
pub struct MapArrow {
    /// Code of the driver.
    pub from: String,
    /// Code of the effect.
    pub to: String,
    /// Whether the figures speak against it.
    pub broken: bool,
    /// 1 to 3, how strongly it is believed; drawn as width.
    pub strength: u8,
    /// Its hypothesis, for the tooltip.
    pub about: String,
}

/// A strategy map.
#[derive(Clone, Debug)]
pub struct StrategyMapView {
    /// What it shows.
    pub title: String,
    /// The same in a sentence.
    pub description: String,
    /// Lanes from the top down.
    pub lanes: Vec<MapLane>,
    /// Arrows between them.
    pub arrows: Vec<MapArrow>,
}

/// A box where it is drawn; `row` counts over all lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Placed {
    x: i32,
    y: i32,
    row: usize,
}

impl Placed {
    const fn middle(self) -> i32 {
        self.x + BOX.0 / 2
    }
}

/// A row of boxes: where it begins and where arrows can pass.
#[derive(Clone, Debug, PartialEq, Eq)]
struct RowPlace {
    y: i32,
    gaps: Vec<Gap>,
}

/// The room between two boxes, or beside the outer ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    left: i32,
    width: i32,
}

impl Gap {
    /// The place of one of several arrows that pass here, from 1.
    fn place(self, at: usize, of: usize) -> i32 {
        let whole = |it: usize| i32::try_from(it).unwrap_or(1);
        self.left + self.width * whole(at) / (whole(of) + 1)
    }
}

/// Where everything stands.
#[derive(Debug)]
struct Layout<'a> {
    nodes: BTreeMap<&'a str, Placed>,
    rows: Vec<RowPlace>,
    /// Top and height of each lane.
    lanes: Vec<(i32, i32)>,
    height: i32,
}

/// Where an arrow passes a row that begins at `y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Step {
    x: i32,
    y: i32,
}

/// The rows that lie between the ends of an arrow.
fn rows_between(from: Placed, to: Placed) -> std::ops::Range<usize> {
    from.row.min(to.row) + 1..from.row.max(to.row)
}

/// Which edge of a box an arrow touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Edge {
    Top,
    Bottom,
}

impl<'a> Layout<'a> {
    fn of(it: &'a StrategyMapView) -> Self {
        let mut layout =
            Self { nodes: BTreeMap::new(), rows: Vec::new(), lanes: Vec::new(), height: 0 };
        let mut y = 0;
        for lane in &it.lanes {
            let top = y;
            y += TURN;
            // Rows of one length each: 6 objectives stand 3 and 3, not 5 and 1.
            let rows = lane.nodes.len().div_ceil(ROW).max(1);
            let length = lane.nodes.len().div_ceil(rows).max(1);
            for (at, row) in lane.nodes.chunks(length).enumerate() {
                if at > 0 {
                    y += TURN;
                }
                layout.row(row, y);
                y += BOX.1;
            }
            if lane.nodes.is_empty() {
                y += BOX.1 / 2;
            }
            y += TURN;
            layout.lanes.push((top, y - top));
            y += BETWEEN;
        }
        layout.height = (y - BETWEEN).max(0);
        layout
    }

    fn row(&mut self, nodes: &'a [MapNode], y: i32) {
        let room = WIDTH - NAMES - GAP;
        let count = i32::try_from(nodes.len()).unwrap_or(1);
        let gap = (room - count * BOX.0) / (count + 1);
        let mut gaps = Vec::with_capacity(nodes.len() + 1);
        let mut x = NAMES;
        for node in nodes {
            gaps.push(Gap { left: x, width: gap });
            x += gap;
            self.nodes.insert(&node.code, Placed { x, y, row: self.rows.len() });
            x += BOX.0;
        }
        gaps.push(Gap { left: x, width: gap });
        self.rows.push(RowPlace { y, gaps });
    }

    /// Edges at which an arrow leaves and arrives: each at the one that faces the other; within a row both at the
    /// top.
    fn edges(from: Placed, to: Placed) -> (Edge, Edge) {
        match from.row.cmp(&to.row) {
            std::cmp::Ordering::Greater => (Edge::Top, Edge::Bottom),
            std::cmp::Ordering::Less => (Edge::Bottom, Edge::Top),
            std::cmp::Ordering::Equal => (Edge::Top, Edge::Top),
        }
    }

    /// The path of every arrow whose ends are both on the map.
    fn paths<'b>(&self, arrows: &'b [MapArrow]) -> Vec<(&'b MapArrow, String)> {
        let ends: Vec<(&MapArrow, Placed, Placed)> = arrows
            .iter()
            .filter_map(|it| {
                let end = |code: &str| self.nodes.get(code).copied();
                Some((it, end(&it.from)?, end(&it.to)?))
            })
            .collect();
        let (ports, ways) = (Ports::of(&ends), self.ways(&ends));
        let drawn = ends.iter().zip(ways).enumerate();
        drawn
            .map(|(at, ((arrow, from, to), way))| {
                (*arrow, Self::path(*from, *to, ports.of_arrow(at), &way))
            })
            .collect()
    }

    /// Where each arrow passes the rows between its ends: through a gap that lies near and is not full, and beside
    /// the others that pass there.
    fn ways(&self, ends: &[(&MapArrow, Placed, Placed)]) -> Vec<Vec<Step>> {
        // How far an arrow goes out of its way for each that passes a gap already.
        const DETOUR: i32 = 30;
        let mut passing: BTreeMap<(usize, usize), Vec<(i32, usize)>> = BTreeMap::new();
        for (at, (_, from, to)) in ends.iter().enumerate() {
            let (start, end) = (from.middle(), to.middle());
            for row in rows_between(*from, *to) {
                let Some(place) = self.rows.get(row) else { continue };
                let way = (to.y - from.y).abs().max(1);
                let straight = start + (end - start) * (place.y - from.y).abs() / way;
                let far = |gap: usize, it: &Gap| {
                    let load = passing.get(&(row, gap)).map_or(0, Vec::len);
                    (it.place(1, 1) - straight).abs() + DETOUR * i32::try_from(load).unwrap_or(1)
                };
                let nearest = place.gaps.iter().enumerate().min_by_key(|(gap, it)| far(*gap, it));
                if let Some((gap, _)) = nearest {
                    passing.entry((row, gap)).or_default().push((start + end, at));
                }
            }
        }
        let mut ways: Vec<Vec<Step>> = vec![Vec::new(); ends.len()];
        for ((row, gap), mut arrows) in passing {
            let Some(place) = self.rows.get(row) else { continue };
            // Who goes further to the left passes further to the left.
            arrows.sort_unstable();
            for (nth, (_, arrow)) in (1..).zip(&arrows) {
                let x = place.gaps[gap].place(nth, arrows.len());
                ways[*arrow].push(Step { x, y: place.y });
            }
        }
        ways
    }

    fn path(from: Placed, to: Placed, (start, end): (i32, i32), way: &[Step]) -> String {
        let (leaves, arrives) = Self::edges(from, to);
        let edge = |it: Placed, edge| if edge == Edge::Top { it.y } else { it.y + BOX.1 };
        let (start_y, end_y) = (edge(from, leaves), edge(to, arrives));
        // The head ends just before the box.
        let end_y = if arrives == Edge::Top { end_y - 3 } else { end_y + 3 };
        if from.row == to.row {
            let over = start_y - TURN + 8;
            return format!("M{start} {start_y}C{start} {over} {end} {over} {end} {end_y}");
        }
        let mut points = vec![(start, start_y)];
        let mut way = way.to_vec();
        way.sort_by_key(|it| (it.y - start_y).abs());
        for step in way {
            let (top, bottom) = (step.y, step.y + BOX.1);
            let (first, last) = if from.row > to.row { (bottom, top) } else { (top, bottom) };
            points.push((step.x, first));
            points.push((step.x, last));
        }
        points.push((end, end_y));
        let mut path = format!("M{start} {start_y}");
        for pair in points.windows(2) {
            let [(x1, y1), (x2, y2)] = pair else { continue };
            let half = i32::midpoint(*y1, *y2);
            let line = if x1 == x2 {
                write!(path, "V{y2}")
            } else {
                write!(path, "C{x1} {half} {x2} {half} {x2} {y2}")
            };
            debug_assert!(line.is_ok(), "text takes everything");
        }
        path
    }
}

/// An arrow at an edge: the other end's middle, which arrow, whether it leaves here.
type Touch = (i32, usize, bool);

/// Where arrows touch their boxes: spread over the edge, in the order of where they lead.
struct Ports(BTreeMap<(usize, bool), i32>);

impl Ports {
    fn of(ends: &[(&MapArrow, Placed, Placed)]) -> Self {
        let mut touching: BTreeMap<(i32, i32, Edge), Vec<Touch>> = BTreeMap::new();
        for (at, (_, from, to)) in ends.iter().enumerate() {
            let (leaves, arrives) = Layout::edges(*from, *to);
            touching.entry((from.x, from.y, leaves)).or_default().push((to.middle(), at, true));
            touching.entry((to.x, to.y, arrives)).or_default().push((from.middle(), at, false));
        }
        let mut ports = BTreeMap::new();
        for ((x, _, _), mut arrows) in touching {
            arrows.sort_unstable();
            let count = i32::try_from(arrows.len()).unwrap_or(1);
            for (at, (_, arrow, leaves)) in (1..).zip(arrows) {
                ports.insert((arrow, leaves), x + BOX.0 * at / (count + 1));
            }
        }
        Self(ports)
    }

    /// Where an arrow leaves and where it arrives.
    fn of_arrow(&self, at: usize) -> (i32, i32) {
        let port = |leaves| self.0.get(&(at, leaves)).copied().unwrap_or_default();
        (port(true), port(false))
    }
}

/// Draws the map. It is wider than a phone: there its frame scrolls, and the tables beside it say the same.
pub fn strategy_map(locale: Locale, it: &StrategyMapView) -> Markup {
    let layout = Layout::of(it);
    let view_box = format!("0 0 {WIDTH} {}", layout.height);
    html! {
        link rel="stylesheet" href=(assets::href("strategy-map.css"));
        figure.strategy-map {
            div.map-frame tabindex="0" role="region" aria-label=(it.title) {
                svg viewBox=(view_box) role="group" aria-labelledby="strategy-t strategy-d" data-map="" {
                    title id="strategy-t" { (it.title) }
                    desc id="strategy-d" { (it.description) }
                    (head())
                    @for (lane, (y, height)) in it.lanes.iter().zip(&layout.lanes) { (lane_drawn(lane, *y, *height)) }
                    @for (arrow, path) in layout.paths(&it.arrows) { (arrow_drawn(arrow, &path)) }
                    @for node in it.lanes.iter().flat_map(|lane| &lane.nodes) {
                        @if let Some(place) = layout.nodes.get(node.code.as_str()) {
                            (node_drawn(locale, it, node, *place))
                        }
                    }
                }
            }
            (legend(locale, it))
        }
    }
}

/// The head of every arrow, in its arrow's colour.
fn head() -> Markup {
    html! {
        defs {
            marker id="head" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="9" markerHeight="9"
                markerUnits="userSpaceOnUse" orient="auto" {
                path d="M0 0 10 5 0 10z" fill="context-stroke" {}
            }
        }
    }
}

fn lane_drawn(lane: &MapLane, y: i32, height: i32) -> Markup {
    let lines = wrap(&lane.name, u32::try_from(NAMES - 30).unwrap_or(120), 13, FontWeight::Bold);
    html! {
        g class={ "lane " (lane.hue.class()) } {
            rect.ground x="0" y=(y) width=(WIDTH) height=(height) rx="8" fill="#f1f5f9" {}
            rect.edge x="0" y=(y) width="4" height=(height) rx="2" fill="#1b5a9e" {}
            text.name x="16" y=(y + 28) font-size="13" font-weight="700" {
                @for (at, line) in lines.iter().enumerate() {
                    tspan x="16" dy=(if at == 0 { "0" } else { "17" }) { (line) }
                }
            }
        }
    }
}

fn arrow_drawn(arrow: &MapArrow, path: &str) -> Markup {
    let class = format!(
        "arrow w{}{}",
        arrow.strength.clamp(1, 3),
        if arrow.broken { " broken" } else { "" }
    );
    let colour = if arrow.broken { BROKEN } else { ARROW };
    html! {
        path class=(class) d=(path) fill="none" stroke=(colour) marker-end="url(#head)"
            data-from=(arrow.from) data-to=(arrow.to)
            data-tip={ (arrow.from) " → " (arrow.to) "\n" (arrow.about) } {}
    }
}

fn node_drawn(locale: Locale, it: &StrategyMapView, node: &MapNode, place: Placed) -> Markup {
    let room = u32::try_from(BOX.0 - 24).unwrap_or(160);
    let mut lines = wrap(&node.text, room, 12, FontWeight::Bold);
    if lines.len() > LINES {
        let rest = lines.split_off(LINES - 1).join(" ");
        lines.push(shorten(&rest, room, 12, FontWeight::Bold));
    }
    let (x, y) = (place.x, place.y);
    let foot = y + BOX.1 - 11;
    let value = if node.value.is_empty() { "–" } else { &node.value };
    html! {
        a class={ "node " (node.status.class()) } href=(node.href) data-node=(node.code)
            aria-label=(words(locale, it, node)) data-tip=(tip(node)) {
            rect.box x=(x) y=(y) width=(BOX.0) height=(BOX.1) rx="7" fill="#fff" stroke="#8391a5" {}
            rect.fill x=(x) y=(y + 7) width="4" height=(BOX.1 - 14) rx="2" fill=(node.status.colour()) {}
            text.words x=(x + 14) y=(y + 20) font-size="12" font-weight="700" aria-hidden="true" {
                @for (at, line) in lines.iter().enumerate() {
                    tspan x=(x + 14) dy=(if at == 0 { "0" } else { "15" }) { (line) }
                }
            }
            text.tick x=(x + 14) y=(foot) font-size="11" aria-hidden="true" { (node.code) }
            svg class={ "s " (node.status.class()) } x=(x + BOX.0 - 70) y=(foot - 10) width="12" height="12"
                viewBox="0 0 16 16" fill=(node.status.colour()) color=(node.status.colour()) {
                (shape_body(node.status))
            }
            text.value x=(x + BOX.0 - 10) y=(foot) font-size="13" font-weight="700" text-anchor="end"
                aria-hidden="true" { (value) }
        }
    }
}

fn tip(node: &MapNode) -> String {
    let score = if node.value.is_empty() {
        node.word.clone()
    } else {
        format!("{} · {}", node.value, node.word)
    };
    format!("{} {}\n{score}", node.code, node.text)
}

/// An objective in words, with what it drives and what drives it: what the arrows show to who sees them.
fn words(locale: Locale, it: &StrategyMapView, node: &MapNode) -> String {
    let effects: Vec<&str> = it
        .arrows
        .iter()
        .filter(|arrow| arrow.from == node.code)
        .map(|arrow| arrow.to.as_str())
        .collect();
    let drivers: Vec<&str> = it
        .arrows
        .iter()
        .filter(|arrow| arrow.to == node.code)
        .map(|arrow| arrow.from.as_str())
        .collect();
    let mut words = tip(node).replace('\n', ". ");
    for (codes, sentence) in [
        (&effects, tr!(locale, "strategy.drives", codes = effects.join(", "))),
        (&drivers, tr!(locale, "strategy.driven_by", codes = drivers.join(", "))),
    ] {
        if !codes.is_empty() {
            words.push_str(". ");
            words.push_str(&sentence);
        }
    }
    words
}

fn legend(locale: Locale, it: &StrategyMapView) -> Markup {
    let nodes = || it.lanes.iter().flat_map(|lane| &lane.nodes);
    let used =
        Status::ALL.into_iter().filter_map(|status| nodes().find(|node| node.status == status));
    html! {
        ul.legend {
            @for node in used { li { (shape(node.status)) (node.word) } }
            @if !it.arrows.is_empty() {
                li { (arrow_key("arrow", ARROW)) (tr!(locale, "strategy.key_arrow")) }
            }
            @if it.arrows.iter().any(|arrow| arrow.broken) {
                li { (arrow_key("arrow broken", BROKEN)) (tr!(locale, "strategy.key_broken")) }
            }
        }
    }
}

fn arrow_key(class: &str, colour: &str) -> Markup {
    html! {
        svg.key viewBox="0 0 28 10" width="28" height="10" aria-hidden="true" {
            path class=(class) d="M1 5h24" fill="none" stroke=(colour) marker-end="url(#head)" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(lanes: &[usize], arrows: &[(&str, &str)]) -> StrategyMapView {
        let mut next = 0;
        let lanes = lanes
            .iter()
            .map(|count| MapLane {
                name: "Proses Internal".to_owned(),
                hue: PerspectiveHue::Process,
                nodes: (0..*count)
                    .map(|_| {
                        next += 1;
                        MapNode {
                            code: format!("S{next}"),
                            text: "Meningkatnya akses dan mutu pelayanan kesehatan <dasar>"
                                .to_owned(),
                            status: Status::Green,
                            word: "Tercapai".to_owned(),
                            value: "98,40".to_owned(),
                            href: format!("/ntb/scorecard#S{next}"),
                        }
                    })
                    .collect(),
            })
            .collect();
        let arrows = arrows.iter().map(|(from, to)| MapArrow {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            broken: false,
            strength: 2,
            about: "Jika <a>, maka b".to_owned(),
        });
        StrategyMapView {
            title: "Peta strategi".to_owned(),
            description: "…".to_owned(),
            lanes,
            arrows: arrows.collect(),
        }
    }

    #[test]
    fn boxes_never_overlap_and_stay_inside() {
        let it = map(&[3, 7, 12, 1], &[]);
        let layout = Layout::of(&it);
        assert_eq!(layout.nodes.len(), 23);
        let places: Vec<_> = layout.nodes.values().collect();
        for (at, one) in places.iter().enumerate() {
            assert!(one.x >= NAMES && one.x + BOX.0 <= WIDTH && one.y + BOX.1 <= layout.height);
            for other in &places[at + 1..] {
                let apart =
                    (one.x - other.x).abs() >= BOX.0 + GAP || (one.y - other.y).abs() >= BOX.1;
                assert!(apart, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn arrows_pass_rows_between_their_ends_through_gaps_and_apart() {
        let arrows =
            [("S7", "S1"), ("S9", "S2"), ("S1", "S8"), ("S7", "S2"), ("S8", "S2"), ("S9", "S1")];
        let it = map(&[2, 4, 3], &arrows);
        let layout = Layout::of(&it);
        let ends: Vec<_> = it
            .arrows
            .iter()
            .map(|it| (it, layout.nodes[it.from.as_str()], layout.nodes[it.to.as_str()]))
            .collect();
        let ways = layout.ways(&ends);
        let mut places: Vec<i32> = ways.iter().flatten().map(|it| it.x).collect();
        assert_eq!(places.len(), arrows.len());
        for x in &places {
            for at in it.lanes[1].nodes.iter().map(|node| layout.nodes[node.code.as_str()]) {
                assert!(!(at.x..=at.x + BOX.0).contains(x), "{x} lies under {at:?}");
            }
        }
        places.sort_unstable();
        for pair in places.windows(2) {
            assert!(pair[1] - pair[0] >= 5, "two arrows look like one: {places:?}");
        }
        for ((arrow, path), way) in layout.paths(&it.arrows).into_iter().zip(&ways) {
            let passes = path.contains(&format!(" {} ", way[0].x));
            assert!(passes, "{} -> {}: {path}", arrow.from, arrow.to);
        }
    }

    #[test]
    fn arrows_of_one_edge_do_not_share_a_port() {
        let it = map(&[1, 3], &[("S2", "S1"), ("S3", "S1"), ("S4", "S1")]);
        let layout = Layout::of(&it);
        let ends: std::collections::BTreeSet<_> = layout
            .paths(&it.arrows)
            .into_iter()
            .map(|(_, path)| path.rsplit(' ').nth(1).map(str::to_owned))
            .collect();
        assert_eq!(ends.len(), 3);
    }

    #[test]
    fn an_arrow_to_what_is_not_on_the_map_is_not_drawn() {
        let it = map(&[1, 1], &[("S2", "S1"), ("S2", "S99")]);
        assert_eq!(Layout::of(&it).paths(&it.arrows).len(), 1);
    }

    #[test]
    fn words_are_escaped_and_say_what_arrows_show() {
        let it = map(&[1, 1], &[("S2", "S1")]);
        let drawn = strategy_map(Locale::Id, &it).into_string();
        assert!(!drawn.contains("<dasar>") && !drawn.contains("<a>"));
        assert!(drawn.contains("S2 → S1"));
        assert!(drawn.contains("Mendorong: S1") && drawn.contains("Didorong oleh: S2"));
    }

    #[test]
    fn an_empty_lane_keeps_its_name() {
        let drawn = strategy_map(Locale::Id, &map(&[0, 1], &[])).into_string();
        assert_eq!(drawn.matches("class=\"lane").count(), 2);
    }
}
