//! The plan: its tree with indicators, and the tabs beside it.

mod draft;
mod nodes;
mod perspectives;
mod rule_sets;
mod targets;

use std::collections::BTreeMap;

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::plans::PlanOverview;
use ekinerja_app::{App, Code, Refusal, Violation};
use ekinerja_domain::access::Amend;
use ekinerja_domain::access::policy::Planning;
use ekinerja_domain::ids::PlanNodeId;
use ekinerja_domain::indicator::Indicator;
use ekinerja_domain::plan::{Origin, PlanNode, PlanNodeKind};
use ekinerja_domain::tenant::Slug;
use maud::{Markup, html};

use crate::components::SourceMark;
use crate::components::badge::{source, tag};
use crate::components::card::{Card, card};
use crate::components::forms::{Weight, link_button};
use crate::components::icon::Icon;
use crate::components::navigation::{Place, tabs};
use crate::components::notice::{Empty, Tone, empty, notice};
use crate::components::tree::{Branch, tree};
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::routes::Routes;
use crate::words;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/plan", get(show_plan))
        .merge(draft::router())
        .merge(nodes::router())
        .merge(perspectives::router())
        .merge(rule_sets::router())
        .merge(targets::router())
}

/// The tabs of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Tree,
    Targets,
    Perspectives,
    RuleSets,
}

fn plan_tabs(locale: Locale, slug: &Slug, current: Tab) -> Markup {
    let places = [
        Place::new(tr!(locale, "plan.tab_tree"), links::plan(slug)),
        Place::new(tr!(locale, "plan.tab_targets"), at::targets(slug)),
        Place::new(tr!(locale, "plan.tab_perspectives"), at::perspectives(slug)),
        Place::new(tr!(locale, "plan.tab_rule_sets"), at::rule_sets(slug)),
    ];
    tabs(&tr!(locale, "plan.tabs"), &places, current as usize)
}

/// A change that somebody overtook is shown in the form with what was typed, like other refusals.
pub(super) fn as_violation(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Stale => Refusal::Rule(Violation::new("revision", Code::Stale)),
        other => other,
    }
}

/// Forms are drawn for planners only; the use cases ask again when one is sent.
pub(super) fn for_planners(page: &Page) -> Result<(), Problem> {
    if page.may::<Amend, _>(&Planning) { Ok(()) } else { Err(Problem::new(Code::Forbidden)) }
}

async fn show_plan(State(app): State<App>, page: Page) -> PageResult {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let may_amend = page.may::<Amend, _>(&Planning);
    let Some(overview) = app.plan(&page.scope()).await? else {
        let head = Head::new(tr!(locale, "plan.title"));
        return Ok(page.show(head, no_plan(&page, may_amend)));
    };
    let plan = &overview.plan;
    let years = format!("{}–{}", plan.years.start, plan.years.end);
    let subtitle = match &plan.legal_basis {
        Some(basis) => format!("{years} · {basis}"),
        None => years,
    };
    let mut head = Head::new(&plan.title).subtitle(subtitle);
    if may_amend {
        head = head.tools(html! {
            (link_button(&tr!(locale, "plan.edit"), &at::edit_plan(slug), Weight::Secondary, Some(Icon::Edit)))
            (link_button(&tr!(locale, "plan.new_indicator"), &at::new_indicator(slug), Weight::Primary, Some(Icon::Add)))
        });
    }
    let content = html! {
        (plan_tabs(locale, slug, Tab::Tree))
        @if let Some(text) = &plan.notice { (notice(Tone::Info, html! { p { (text) } })) }
        @if may_amend { (warnings(locale, slug, &overview)) }
        (tree_card(locale, slug, &overview, may_amend))
    };
    Ok(page.show(head, content))
}

/// Nothing yet: what comes first, for who may do it.
fn no_plan(page: &Page, may_amend: bool) -> Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let province = page.tenant().parent.is_none();
    let text = match (may_amend, province) {
        (false, _) => tr!(locale, "plan.none_reader"),
        (true, true) => tr!(locale, "plan.none_province"),
        (true, false) => tr!(locale, "plan.none_regency"),
    };
    let draft = (tr!(locale, "plan.draft").into_owned(), at::new_plan(slug));
    let adopt = (tr!(locale, "plan.adopt").into_owned(), links::adoption(slug));
    html! {
        (empty(&Empty {
            title: tr!(locale, "plan.none").into_owned(),
            text: text.into_owned(),
            action: may_amend.then(|| if province { draft.clone() } else { adopt }),
            icon: Icon::Plan,
        }))
        @if may_amend && !province {
            p.hint { (tr!(locale, "plan.or_draft")) " " a href=(draft.1) { (draft.0) } }
        }
    }
}

/// What a planner should still do (C1: four perspectives, none empty).
fn warnings(locale: Locale, slug: &Slug, overview: &PlanOverview) -> Markup {
    let unplaced = overview.unplaced_objectives();
    let empties = overview.empty_perspectives();
    let ownerless: Vec<_> = overview
        .indicators
        .iter()
        .filter(|it| it.retired_on.is_none() && it.owner.is_none())
        .collect();
    let names: Vec<_> =
        empties.iter().map(|it| words::perspective(locale, it).into_owned()).collect();
    html! {
        @if !(unplaced.is_empty() && empties.is_empty() && ownerless.is_empty()) {
            (notice(Tone::Warning, html! {
                ul {
                    @if !unplaced.is_empty() {
                        li {
                            (tr!(locale, "plan.unplaced", count = unplaced.len())) " "
                            @for (index, node) in unplaced.iter().take(8).enumerate() {
                                @if index > 0 { ", " }
                                a href=(at::node(slug, node.id)) { (node.code) }
                            }
                            @if unplaced.len() > 8 { " …" }
                        }
                    }
                    @if !names.is_empty() {
                        li { (tr!(locale, "plan.empty_perspective", names = names.join(", "))) }
                    }
                    @if !ownerless.is_empty() {
                        li {
                            (tr!(locale, "plan.ownerless", count = ownerless.len())) " "
                            @for (index, it) in ownerless.iter().take(8).enumerate() {
                                @if index > 0 { ", " }
                                a href=(at::edit_indicator(slug, it.id)) { (it.code.as_str()) }
                            }
                            @if ownerless.len() > 8 { " …" }
                        }
                    }
                }
            }))
        }
    }
}

fn tree_card(locale: Locale, slug: &Slug, overview: &PlanOverview, may_amend: bool) -> Markup {
    let branches = Branches { locale, slug, overview, may_amend }.under(None);
    let mut head = Card::titled(tr!(locale, "plan.tree")).subtitle(tr!(
        locale,
        "plan.counts",
        nodes = overview.nodes.len(),
        indicators = overview.indicators.iter().filter(|it| it.retired_on.is_none()).count()
    ));
    if may_amend {
        let add = tr!(locale, "plan.add_node");
        head =
            head.tools(link_button(&add, &at::new_node(slug), Weight::Secondary, Some(Icon::Add)));
    }
    let content = if branches.is_empty() {
        empty(&Empty {
            title: tr!(locale, "plan.tree_empty").into_owned(),
            text: tr!(locale, "plan.tree_empty_text").into_owned(),
            action: may_amend
                .then(|| (tr!(locale, "plan.add_node").into_owned(), at::new_node(slug))),
            icon: Icon::Plan,
        })
    } else {
        tree(&tr!(locale, "plan.tree"), &branches)
    };
    card(&head, content)
}

/// Makes the branches of the tree.
struct Branches<'a> {
    locale: Locale,
    slug: &'a Slug,
    overview: &'a PlanOverview,
    may_amend: bool,
}

impl Branches<'_> {
    fn under(&self, parent: Option<PlanNodeId>) -> Vec<Branch> {
        let nodes = &self.overview.nodes;
        nodes.iter().filter(|it| it.parent == parent).map(|it| self.node(it)).collect()
    }

    fn node(&self, node: &PlanNode) -> Branch {
        let mut children = self.under(Some(node.id));
        let own = self.overview.indicators.iter().filter(|it| it.objective == node.id);
        children.extend(own.map(|it| self.indicator(it)));
        let label = format!("{} {}", node.code, node.text);
        let mut branch = Branch::new(words::node_kind(self.locale, node.kind), label)
            .extra(self.marks(node))
            .children(children);
        if self.may_amend {
            branch = branch.href(at::node(self.slug, node.id));
        }
        branch
    }

    fn marks(&self, node: &PlanNode) -> Markup {
        let settings = self.overview.perspectives.iter().map(|it| (it.perspective, it));
        let settings: BTreeMap<_, _> = settings.collect();
        let placed = node.perspective.and_then(|it| settings.get(&it));
        html! {
            @if let Some(setting) = placed { (tag(&words::perspective(self.locale, setting))) }
            @else if node.kind == PlanNodeKind::Objective { (tag(&tr!(self.locale, "plan.no_perspective"))) }
            @if !node.verified { (source(self.locale, SourceMark::Unverified)) }
            @if node.origin != Origin::Local { (tag(&tr!(self.locale, "plan.from_template"))) }
        }
    }

    fn indicator(&self, it: &Indicator) -> Branch {
        let locale = self.locale;
        let label = format!("{} {}", it.code.as_str(), it.manual.name);
        let kind = match it.kind {
            ekinerja_domain::indicator::IndicatorKind::Iku => tr!(locale, "plan.iku"),
            ekinerja_domain::indicator::IndicatorKind::Supporting => tr!(locale, "plan.supporting"),
        };
        let extra = html! {
            (tag(&it.manual.unit))
            @if it.origin != Origin::Local { (tag(&tr!(locale, "plan.from_template"))) }
            @if it.retired_on.is_some() { (tag(&tr!(locale, "plan.retired"))) }
            @if self.may_amend {
                a href=(at::edit_indicator(self.slug, it.id)) { (tr!(locale, "plan.change")) }
            }
        };
        Branch::new(kind, label).href(links::indicator(self.slug, it.id)).extra(extra)
    }
}
