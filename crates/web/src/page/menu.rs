//! The menu: which pages a person is offered, by the policy's own answers.

use ekinerja_domain::access::policy::{
    Alignment, Members, Organisation, Planning, Publishing, Templates, Trail,
};
use ekinerja_domain::access::{
    Administer, Align, Amend, Governs, Publish, Role, Standing, ViewAudit,
};
use ekinerja_domain::tenant::{Slug, Tenant};

use crate::components::icon::Icon;
use crate::components::layout::{MenuGroup, MenuItem};
use crate::links;
use crate::locale::{Locale, tr};

/// Groups of the menu of a person in a tenant; a group without pages is left out.
pub(super) fn of(
    locale: Locale,
    tenant: &Tenant,
    standing: &Standing,
    path: &str,
) -> Vec<MenuGroup> {
    let slug = &tenant.slug;
    let province = standing.is_of_province();
    let may_plan = <Planning as Governs<Amend>>::allows(&Planning, standing);
    let may_administer = <Organisation as Governs<Administer>>::allows(&Organisation, standing);
    let may_give_roles = <Members as Governs<Administer>>::allows(&Members, standing);
    let entry = |shown: bool, label: std::borrow::Cow<'_, str>, href: fn(&Slug) -> String, icon| {
        shown.then(|| item(&label, href(slug), icon, path))
    };
    let groups = [
        (
            String::new(),
            vec![
                entry(true, tr!(locale, "menu.dashboard"), links::home, Icon::Dashboard),
                entry(true, tr!(locale, "menu.scorecard"), links::scorecard, Icon::Scorecard),
                entry(true, tr!(locale, "menu.strategy_map"), links::strategy_map, Icon::Strategy),
                entry(
                    standing.holds(Role::Officer),
                    tr!(locale, "menu.entry"),
                    links::entry,
                    Icon::Entry,
                ),
                entry(
                    standing.holds(Role::AgencyHead),
                    tr!(locale, "menu.verification"),
                    links::verification,
                    Icon::Verification,
                ),
            ],
        ),
        (
            tr!(locale, "menu.province").into_owned(),
            vec![
                entry(
                    <Alignment as Governs<Align>>::allows(&Alignment, standing),
                    tr!(locale, "menu.comparison"),
                    links::comparison,
                    Icon::Compare,
                ),
                entry(
                    <Alignment as Governs<Align>>::allows(&Alignment, standing),
                    tr!(locale, "menu.alignment"),
                    links::alignment,
                    Icon::Align,
                ),
            ],
        ),
        (
            tr!(locale, "menu.planning").into_owned(),
            vec![
                entry(true, tr!(locale, "menu.plan"), links::plan, Icon::Plan),
                entry(
                    may_plan && <Templates as Governs<Amend>>::allows(&Templates, standing),
                    tr!(locale, "menu.templates"),
                    links::templates,
                    Icon::Template,
                ),
                entry(!province, tr!(locale, "menu.adoption"), links::adoption, Icon::Adoption),
            ],
        ),
        (
            tr!(locale, "menu.administration").into_owned(),
            vec![
                entry(
                    <Publishing as Governs<Publish>>::allows(&Publishing, standing),
                    tr!(locale, "menu.publication"),
                    links::publication,
                    Icon::Publication,
                ),
                entry(may_administer, tr!(locale, "menu.periods"), links::periods, Icon::Clock),
                entry(
                    true,
                    tr!(locale, "menu.organisation"),
                    links::organisation,
                    Icon::Organisation,
                ),
                entry(may_give_roles, tr!(locale, "menu.members"), links::members, Icon::Members),
                entry(true, tr!(locale, "menu.posts"), links::posts, Icon::User),
                entry(true, tr!(locale, "menu.delegations"), links::delegations, Icon::Next),
                entry(
                    may_give_roles,
                    tr!(locale, "menu.sign_in"),
                    links::sign_in_settings,
                    Icon::Lock,
                ),
                entry(
                    <Trail as Governs<ViewAudit>>::allows(&Trail, standing),
                    tr!(locale, "menu.audit"),
                    links::audit,
                    Icon::Audit,
                ),
            ],
        ),
    ];
    groups
        .into_iter()
        .map(|(label, items)| MenuGroup { label, items: items.into_iter().flatten().collect() })
        .filter(|group| !group.items.is_empty())
        .collect()
}

/// The operator's menu.
pub(super) fn of_operator(locale: Locale, path: &str) -> Vec<MenuGroup> {
    let tenants =
        item(&tr!(locale, "menu.tenants"), links::OPERATOR.to_owned(), Icon::Tenants, path);
    vec![MenuGroup { label: String::new(), items: vec![tenants] }]
}

fn item(label: &str, href: String, icon: Icon, path: &str) -> MenuItem {
    // The dashboard's address is the beginning of every other one.
    let top = href.matches('/').count() == 1;
    let inside = path.strip_prefix(href.as_str()).is_some_and(|rest| rest.starts_with('/'));
    let current = path == href || (inside && !top);
    MenuItem { label: label.to_owned(), href, icon, current, waiting: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_below_an_entry_belongs_to_it() {
        let current = |href: &str, path| item("x", href.to_owned(), Icon::Plan, path).current;
        assert!(current("/ntb/plan", "/ntb/plan"));
        assert!(current("/ntb/plan", "/ntb/plan/goals"));
        assert!(!current("/ntb/plan", "/ntb/planning"));
        assert!(current("/ntb", "/ntb"));
        assert!(!current("/ntb", "/ntb/plan"));
    }
}
