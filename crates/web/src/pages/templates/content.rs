//! What a release holds, as people read it: the tree with indicators and what regencies may change of each.

use std::collections::BTreeMap;

use ekinerja_app::releases::ReleasePreview;
use ekinerja_domain::indicator::{FieldMode, IndicatorKind, ManualField};
use ekinerja_domain::template::{TemplateContent, TemplateError, TemplateIndicator, TemplateNode};
use maud::{Markup, html};

use crate::components::SourceMark;
use crate::components::badge::{source, tag};
use crate::components::card::{Card, card};
use crate::components::notice::{Tone, notice};
use crate::components::tree::{Branch, tree};
use crate::form::FormState;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::Page;
use crate::words;

/// The tree of a release.
pub(in crate::pages) fn contents(locale: Locale, content: &TemplateContent) -> Markup {
    let counts = tr!(
        locale,
        "plan.counts",
        nodes = content.nodes.len(),
        indicators = content.indicators.len()
    );
    let branches = under(locale, content, None);
    let head = Card::titled(tr!(locale, "templates.content")).subtitle(counts);
    card(
        &head,
        html! {
            @if let Some(text) = &content.notice { (notice(Tone::Info, html! { p { (text) } })) }
            (tree(&tr!(locale, "templates.content"), &branches))
        },
    )
}

fn under(locale: Locale, content: &TemplateContent, parent: Option<&str>) -> Vec<Branch> {
    let nodes = content.nodes.iter().filter(|it| it.parent.as_deref() == parent);
    nodes.map(|it| branch(locale, content, it)).collect()
}

fn branch(locale: Locale, content: &TemplateContent, node: &TemplateNode) -> Branch {
    let mut children = under(locale, content, Some(&node.code));
    let own = content.indicators.iter().filter(|it| it.objective == node.code);
    children.extend(own.map(|it| indicator(locale, it)));
    let marks = html! {
        @if !node.verified { (source(locale, SourceMark::Unverified)) }
    };
    Branch::new(words::node_kind(locale, node.kind), format!("{} {}", node.code, node.text))
        .extra(marks)
        .children(children)
}

/// One indicator with its fields grouped by what a regency may do with them.
fn indicator(locale: Locale, it: &TemplateIndicator) -> Branch {
    let kind = match it.kind {
        IndicatorKind::Iku => tr!(locale, "plan.iku"),
        IndicatorKind::Supporting => tr!(locale, "plan.supporting"),
    };
    let mut by_mode: BTreeMap<FieldMode, Vec<_>> = BTreeMap::new();
    for field in ManualField::ALL {
        let name = words::manual_field(locale, field).into_owned();
        by_mode.entry(it.mode_of(field)).or_default().push(name);
    }
    let lines = by_mode
        .into_iter()
        .map(|(mode, fields)| Branch::new(words::field_mode(locale, mode), fields.join(", ")));
    let label = format!("{} {}", it.code.as_str(), it.manual.name);
    Branch::new(kind, label).extra(tag(&it.manual.unit)).folded().children(lines.collect())
}

/// Which indicators travel, and the way to what regencies may change of each.
pub(super) fn choice(page: &Page, preview: &ReleasePreview, state: &FormState) -> Markup {
    let locale = page.locale;
    let left_out: Vec<_> = state.fields().all("leave_out").collect();
    let absent = |code: &str| preview.absent_before.iter().any(|it| it.as_str() == code);
    html! {
        details.twin open[!left_out.is_empty()] {
            summary { (tr!(locale, "templates.choose_left_out")) }
        @for (index, it) in preview.content.indicators.iter().enumerate() {
            @let id = format!("f-leave-out-{index}");
            div.field.check {
                input type="checkbox" id=(id) name="leave_out" value=(it.code.as_str())
                    checked[left_out.contains(&it.code.as_str())];
                label for=(id) {
                    (it.code.as_str()) " · " (it.manual.name)
                    @if absent(it.code.as_str()) { " " (tag(&tr!(locale, "templates.not_before"))) }
                }
            }
        }
        }
        p { a href=(at::all_field_modes(&page.tenant().slug)) { (tr!(locale, "templates.modes_link")) } }
    }
}

/// What is wrong with a content, in the words of its problem.
pub(super) fn fault(locale: Locale, fault: &TemplateError) -> String {
    let said = crate::problem::words_of(locale, &ekinerja_app::releases::violation(fault));
    format!("{}. {}", said.title, said.detail)
}
