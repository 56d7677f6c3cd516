//! Which question of the policy each operation must ask.

use ekinerja_tests::surface::Door;

/// What an operation must ask: methods, beginning of its address inside the government, question. The first line
/// that fits counts. Without a question everybody who may enter is answered, about themselves.
const ASKED: [(&str, &str, &str); 54] = [
    ("GET", "/me", ""),
    ("GET", "/access/who", "members_audit"),
    ("GET", "/access", ""),
    ("GET", "/plan", "planning_view"),
    ("POST PUT DELETE", "/plan", "planning_amend"),
    ("GET", "/strategy-map/links", "planning_view"),
    ("POST PUT DELETE", "/strategy-map/links", "planning_amend"),
    ("GET", "/strategy-map", "scorecard_view"),
    ("GET", "/perspectives", "planning_view"),
    ("PUT", "/perspectives", "planning_amend"),
    ("POST", "/indicators/{indicator}/measurements", "indicator_measure"),
    ("PUT", "/indicators/{indicator}/modes", "templates_release"),
    ("GET", "/indicators/{indicator}", "indicator_view"),
    ("POST PUT DELETE", "/indicators/{indicator}", "indicator_amend"),
    ("GET", "/indicators", "planning_view"),
    ("POST", "/indicators", "planning_amend"),
    ("PUT", "/measurements/{measurement}/verification", "measurement_verify"),
    ("PUT", "/measurements/{measurement}/rejection", "measurement_verify"),
    ("GET", "/measurements/{measurement}", "measurement_view"),
    ("POST PUT", "/measurements/{measurement}", "measurement_measure"),
    ("GET", "/measurements", "scorecard_view"),
    ("GET", "/scorecard", "scorecard_view"),
    ("GET", "/rule-sets", "scorecard_view"),
    ("POST", "/rule-sets", "scorecard_administer"),
    ("GET", "/entry-tasks", "calendar_view"),
    ("GET", "/verification-tasks", "calendar_view"),
    ("GET", "/periods", "calendar_view"),
    ("POST PUT", "/periods", "calendar_administer"),
    ("GET", "/adoption", "templates_view"),
    ("POST", "/adoption", "templates_amend"),
    ("GET", "/releases/preview", "templates_release"),
    ("GET", "/releases", "templates_view"),
    ("POST PUT", "/releases", "templates_release"),
    ("GET", "/publications/preview", "publishing_publish"),
    ("GET", "/publications", "publishing_view"),
    ("POST", "/publications", "publishing_publish"),
    ("GET", "/received-publications", "alignment_align"),
    ("GET", "/rollups", "alignment_align"),
    ("GET", "/alignment", "alignment_align"),
    ("GET", "/comparison", "alignment_align"),
    ("GET", "/agencies", "organisation_view"),
    ("GET", "/posts", "organisation_view"),
    ("POST PUT", "/agencies", "organisation_administer"),
    ("POST DELETE", "/posts", "organisation_administer"),
    ("GET", "/delegations", "members_view"),
    ("POST", "/delegations", "held_delegate"),
    ("DELETE", "/delegations", PARTIES),
    ("GET POST DELETE", "/members", "members_administer"),
    ("GET POST DELETE", "/service-accounts", "members_administer"),
    ("GET PUT POST DELETE", "/identity-provider", "members_administer"),
    ("GET PUT", "/second-factor-rule", "members_administer"),
    ("GET POST", "/account-requests", "members_administer"),
    ("GET POST", "/audit-", "trail_audit"),
    ("GET", "/read-events", "trail_audit"),
];

/// Giver and receiver, and who administers: no question of the policy alone.
pub(super) const PARTIES: &str = "parties";

/// The question that this operation must ask; none where nobody wrote it down.
pub(super) fn asked(door: &Door) -> Option<&'static str> {
    let inside = door.path.split("{tenant}").nth(1).unwrap_or_default();
    let begins = |place: &str| {
        let rest = inside.strip_prefix(place);
        rest.is_some_and(|it| it.is_empty() || it.starts_with('/') || place.ends_with('-'))
    };
    let fits = |it: &&(&str, &str, &'static str)| {
        it.0.split(' ').any(|method| door.method == method) && begins(it.1)
    };
    ASKED.iter().find(fits).map(|it| it.2)
}
