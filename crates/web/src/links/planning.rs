//! Addresses of planning: the plan's forms, an indicator's form, releases.

use ekinerja_domain::ids::{CausalLinkId, IndicatorId, PlanNodeId, ReleaseId};
use ekinerja_domain::tenant::Slug;

macro_rules! of_a_tenant {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(tenant: &Slug) -> String {
            format!(concat!("/{}", $path), tenant)
        }
    )*};
}

of_a_tenant! {
    /// The form that drafts the plan.
    new_plan = "/plan/new";
    /// The form that changes title and years of the plan.
    edit_plan = "/plan/edit";
    /// The targets of all indicators.
    targets = "/plan/targets";
    /// Names, order and weights of the perspectives.
    perspectives = "/plan/perspectives";
    /// Rule sets per year.
    rule_sets = "/plan/rule-sets";
    /// The form of a new node.
    new_node = "/plan/nodes/new";
    /// The form of a new link on the strategy map.
    new_causal_link = "/strategy-map/links/new";
    /// The form of a new indicator.
    new_indicator = "/indicators/new";
    /// What the next release lets regencies change of every indicator.
    all_field_modes = "/templates/modes";
    /// The form of a new release.
    new_release = "/templates/new";
}

/// The form of a node.
pub fn node(tenant: &Slug, id: PlanNodeId) -> String {
    format!("/{tenant}/plan/nodes/{id}")
}

/// The form of a new node under another one.
pub fn node_under(tenant: &Slug, parent: PlanNodeId) -> String {
    format!("{}?parent={parent}", new_node(tenant))
}

/// The form of a link on the strategy map.
pub fn causal_link(tenant: &Slug, id: CausalLinkId) -> String {
    format!("/{tenant}/strategy-map/links/{id}")
}

/// The targets of one indicator.
pub fn targets_of(tenant: &Slug, id: IndicatorId) -> String {
    format!("{}/{id}", targets(tenant))
}

/// The form of an indicator.
pub fn edit_indicator(tenant: &Slug, id: IndicatorId) -> String {
    format!("/{tenant}/indicators/{id}/edit")
}

/// Where the retirement of an indicator is sent.
pub fn retire_indicator(tenant: &Slug, id: IndicatorId) -> String {
    format!("/{tenant}/indicators/{id}/retirement")
}

/// The form of a new indicator of an objective.
pub fn indicator_under(tenant: &Slug, objective: PlanNodeId) -> String {
    format!("{}?objective={objective}", new_indicator(tenant))
}

/// A release.
pub fn release(tenant: &Slug, id: ReleaseId) -> String {
    format!("/{tenant}/templates/{id}")
}

/// Where the withdrawal of a release is sent.
pub fn withdraw_release(tenant: &Slug, id: ReleaseId) -> String {
    format!("/{tenant}/templates/{id}/withdrawal")
}

/// What the next release lets regencies change of an indicator.
pub fn field_modes(tenant: &Slug, id: IndicatorId) -> String {
    format!("/{tenant}/templates/modes/{id}")
}

/// What adopting a release would bring.
pub fn adoption_of(tenant: &Slug, id: ReleaseId) -> String {
    format!("/{tenant}/adoption/{id}")
}
