//! The form of a node of the tree: add, change, move, remove.

use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::plan_nodes::PlanNodeDraft;
use ekinerja_app::plans::PlanOverview;
use ekinerja_domain::ids::PlanNodeId;
use ekinerja_domain::plan::{Origin, PlanNode, PlanNodeKind};
use maud::html;
use serde::Deserialize;

use super::{as_violation, for_planners};
use crate::components::forms::{
    self, Choice, Field, Weight, actions, field, fieldset, link_button, submit,
};
use crate::components::notice::{Tone, notice};
use crate::extract::{Fields, Form, Id, Path, Query};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::problem::Problem;
use crate::routes::Routes;
use crate::words;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/plan/nodes/new", get(show_new).post(add_node))
        .route("/plan/nodes/{node}", get(show_node).post(amend_node))
        .route("/plan/nodes/{node}/removal", post(remove_node))
}

#[derive(Debug, Deserialize)]
struct NodePath {
    node: Id<PlanNodeId>,
}

#[derive(Debug, Deserialize)]
struct Under {
    #[serde(default)]
    parent: String,
}

/// Everything the form draws.
struct Drawn<'a> {
    page: &'a Page,
    overview: &'a PlanOverview,
    /// The node, when there is one already.
    node: Option<&'a PlanNode>,
}

async fn overview(app: &App, page: &Page) -> Result<PlanOverview, Problem> {
    app.plan(&page.scope()).await?.ok_or_else(Problem::not_found)
}

async fn show_new(State(app): State<App>, page: Page, Query(query): Query<Under>) -> PageResult {
    for_planners(&page)?;
    let overview = overview(&app, &page).await?;
    let parent = overview.nodes.iter().find(|it| it.id.to_string() == query.parent);
    let mut fields = Fields::of([("parent", query.parent.as_str())]);
    let kind = suggested_kind(parent.map(|it| it.kind));
    fields.push("kind", kind.code());
    fields.push("code", suggested_code(&overview.nodes, parent, kind));
    fields.push("verified", "on");
    Ok(draw(&Drawn { page: &page, overview: &overview, node: None }, &FormState::with(fields)))
}

/// The kind that usually hangs there.
fn suggested_kind(parent: Option<PlanNodeKind>) -> PlanNodeKind {
    match parent {
        None => PlanNodeKind::Vision,
        Some(PlanNodeKind::Vision) => PlanNodeKind::Mission,
        Some(PlanNodeKind::Mission) => PlanNodeKind::Goal,
        Some(PlanNodeKind::Goal | PlanNodeKind::Objective) => PlanNodeKind::Objective,
    }
}

/// The next free code under the parent, in the way of its siblings: `1.2` after `1.1`.
fn suggested_code(nodes: &[PlanNode], parent: Option<&PlanNode>, kind: PlanNodeKind) -> String {
    let stem = match parent {
        None => return if kind == PlanNodeKind::Vision { "V".to_owned() } else { String::new() },
        Some(parent) if parent.kind == PlanNodeKind::Vision => String::new(),
        Some(parent) => format!("{}.", parent.code),
    };
    let free = |code: &String| !nodes.iter().any(|it| it.code == *code);
    (1..1000).map(|number| format!("{stem}{number}")).find(free).unwrap_or_default()
}

async fn add_node(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    match app.add_plan_node(&page.scope(), &draft_of(&typed)).await {
        Ok(node) => {
            let flash = Flash::success("flash.node_added").with("code", node.code);
            Ok(page.redirect(&links::plan(&page.tenant().slug), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(typed, refusal)?;
            let overview = overview(&app, &page).await?;
            Ok(draw(&Drawn { page: &page, overview: &overview, node: None }, &state))
        }
    }
}

async fn show_node(State(app): State<App>, page: Page, Path(path): Path<NodePath>) -> PageResult {
    for_planners(&page)?;
    let overview = overview(&app, &page).await?;
    let node = overview.nodes.iter().find(|it| it.id == path.node.0);
    let node = node.ok_or_else(Problem::not_found)?;
    let drawn = Drawn { page: &page, overview: &overview, node: Some(node) };
    Ok(draw(&drawn, &FormState::with(fields_of(node))))
}

async fn amend_node(
    State(app): State<App>,
    page: Page,
    Path(path): Path<NodePath>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let revision = typed.text("revision").parse().unwrap_or_default();
    let id = path.node.0;
    match app.amend_plan_node(&page.scope(), id, revision, &draft_of(&typed)).await {
        Ok(node) => {
            let flash = Flash::success("flash.node_saved").with("code", node.code);
            Ok(page.redirect(&links::plan(&page.tenant().slug), &flash))
        }
        Err(refusal) => {
            let state = FormState::refused(typed, as_violation(refusal))?;
            show_again(&app, &page, id, &state).await
        }
    }
}

async fn remove_node(
    State(app): State<App>,
    page: Page,
    Path(path): Path<NodePath>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let revision = typed.text("revision").parse().unwrap_or_default();
    let id = path.node.0;
    match app.remove_plan_node(&page.scope(), id, revision).await {
        Ok(()) => {
            let path = links::plan(&page.tenant().slug);
            Ok(page.redirect(&path, &Flash::success("flash.node_removed")))
        }
        Err(refusal) => {
            let node = app.plan_node(&page.scope(), id).await?;
            let state = FormState::refused(fields_of(&node), as_violation(refusal))?;
            show_again(&app, &page, id, &state).await
        }
    }
}

async fn show_again(app: &App, page: &Page, id: PlanNodeId, state: &FormState) -> PageResult {
    let overview = overview(app, page).await?;
    let node = overview.nodes.iter().find(|it| it.id == id).ok_or_else(Problem::not_found)?;
    Ok(draw(&Drawn { page, overview: &overview, node: Some(node) }, state))
}

fn draft_of(typed: &Fields) -> PlanNodeDraft {
    let text = |name| typed.text(name).to_owned();
    PlanNodeDraft {
        parent: text("parent"),
        kind: text("kind"),
        code: text("code"),
        text: text("text"),
        perspective: text("perspective"),
        verified: typed.ticked("verified"),
        position: text("position"),
    }
}

fn fields_of(node: &PlanNode) -> Fields {
    let mut fields = Fields::of([
        ("parent", node.parent.map(|it| it.to_string()).unwrap_or_default()),
        ("code", node.code.clone()),
        ("text", node.text.clone()),
        ("perspective", node.perspective.map_or("", |it| it.code()).to_owned()),
        ("position", node.position.to_string()),
        ("revision", node.revision.to_string()),
    ]);
    if node.verified {
        fields.push("verified", "on");
    }
    fields
}

/// Every node that may hold others, indented by its kind's depth.
fn parents(locale: Locale, overview: &PlanOverview) -> Vec<Choice> {
    let fit = overview.nodes.iter().filter(|it| it.kind != PlanNodeKind::Objective);
    let choices = fit.map(|it| {
        let text: String = it.text.chars().take(70).collect();
        let kind = words::node_kind(locale, it.kind);
        Choice::new(it.id.to_string(), format!("{} · {kind} · {text}", it.code))
    });
    std::iter::once(Choice::new("", tr!(locale, "plan.no_parent"))).chain(choices).collect()
}

fn draw(it: &Drawn<'_>, state: &FormState) -> Response {
    let Drawn { page, overview, node } = *it;
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let fill = |it: Field| field(locale, &state.fill(locale, it));
    let adopted = node.is_some_and(|it| it.origin != Origin::Local);
    let kind = node.map(|it| it.kind).or(PlanNodeKind::from_code(state.value("kind")));
    let title = match node {
        Some(node) => format!("{} {}", words::node_kind(locale, node.kind), node.code),
        None => tr!(locale, "plan.add_node").into_owned(),
    };
    let kinds = PlanNodeKind::ALL.map(|it| Choice::new(it.code(), words::node_kind(locale, it)));
    let placed = overview
        .perspectives
        .iter()
        .map(|it| Choice::new(it.perspective.code(), words::perspective(locale, it)));
    let none = Choice::new("", tr!(locale, "plan.no_perspective"));
    let perspectives: Vec<_> = std::iter::once(none).chain(placed).collect();
    let action = node.map_or_else(|| at::new_node(slug), |it| at::node(slug, it.id));
    let form = forms::Form { action, guarded: true, ..forms::Form::default() };
    let content = html! {
        (state.summary(locale))
        @if adopted { (notice(Tone::Info, html! { p { (tr!(locale, "plan.node_adopted")) } })) }
        (forms::form(&form, html! {
            input type="hidden" id="f-revision" name="revision" value=(state.value("revision"));
            @if node.is_none() {
                (fill(Field::select("kind", tr!(locale, "plan.field_kind"), kinds.to_vec()).required()))
            }
            @if adopted {
                input type="hidden" name="parent" value=(state.value("parent"));
                input type="hidden" name="code" value=(state.value("code"));
            } @else {
                (fill(Field::select("parent", tr!(locale, "plan.field_parent"), parents(locale, overview))
                    .required().hint(tr!(locale, "plan.hint_parent"))))
                (fill(Field::text("code", tr!(locale, "plan.field_code")).required()))
            }
            (fill(Field::textarea("text", tr!(locale, "plan.field_text"), 3).required()))
            @if kind.is_none_or(|it| it == PlanNodeKind::Objective) || node.is_none() {
                (fill(Field::select("perspective", tr!(locale, "plan.field_perspective"), perspectives)
                    .hint(tr!(locale, "plan.hint_perspective"))))
            }
            (fill(Field::number("position", tr!(locale, "plan.field_position"))
                .hint(tr!(locale, "plan.hint_position"))))
            (fill(Field::checkbox("verified", tr!(locale, "plan.field_verified"))))
            (actions(html! {
                (submit(&tr!(locale, "plan.save"), Weight::Primary))
                (link_button(&tr!(locale, "plan.cancel"), &links::plan(slug), Weight::Quiet, None))
            }))
        }))
        @if let Some(node) = node {
            (below(page, node))
            @if !adopted { (removal(locale, &at::node(slug, node.id), node.revision)) }
        }
    };
    let head = Head::new(title).under(tr!(locale, "plan.title"), links::plan(slug));
    page.show_with(state.status(), head, content)
}

/// What can be added under the node.
fn below(page: &Page, node: &PlanNode) -> maud::Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let (label, href) = if node.kind == PlanNodeKind::Objective {
        (tr!(locale, "plan.new_indicator"), at::indicator_under(slug, node.id))
    } else {
        (tr!(locale, "plan.add_below"), at::node_under(slug, node.id))
    };
    fieldset(
        &tr!(locale, "plan.below"),
        "",
        link_button(&label, &href, Weight::Secondary, Some(crate::components::icon::Icon::Add)),
    )
}

fn removal(locale: Locale, at: &str, revision: i32) -> maud::Markup {
    let form = forms::Form { action: format!("{at}/removal"), ..forms::Form::default() };
    fieldset(
        &tr!(locale, "plan.remove"),
        &tr!(locale, "plan.remove_hint"),
        forms::form(
            &form,
            html! {
                input type="hidden" name="revision" value=(revision);
                (submit(&tr!(locale, "plan.remove"), Weight::Danger))
            },
        ),
    )
}

#[cfg(test)]
mod tests {
    use ekinerja_domain::ids::PlanId;

    use super::*;

    fn node(code: &str, kind: PlanNodeKind) -> PlanNode {
        PlanNode {
            id: ekinerja_app::fresh_id(),
            plan: ekinerja_app::fresh_id::<PlanId>(),
            parent: None,
            kind,
            code: code.to_owned(),
            text: String::new(),
            perspective: None,
            verified: true,
            origin: Origin::Local,
            position: 1,
            revision: 1,
        }
    }

    #[test]
    fn next_free_code_is_suggested() {
        let vision = node("V", PlanNodeKind::Vision);
        let mission = node("1", PlanNodeKind::Mission);
        let goal = node("1.1", PlanNodeKind::Goal);
        let nodes = [vision.clone(), mission.clone(), goal.clone()];
        let code = |parent, kind| suggested_code(&nodes, parent, kind);
        assert_eq!(code(None, PlanNodeKind::Vision), "V");
        assert_eq!(code(Some(&vision), PlanNodeKind::Mission), "2");
        assert_eq!(code(Some(&mission), PlanNodeKind::Goal), "1.2");
        assert_eq!(code(Some(&goal), PlanNodeKind::Objective), "1.1.1");
    }
}
