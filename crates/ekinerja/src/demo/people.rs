//! The people of the demonstration: one account per role, and officers and heads where an indicator is owned.
//!
//! Nobody here exists: each is named after what they do. At their first sign-in all choose the demonstration's
//! password, which the app refuses outside a demonstration.

use ekinerja_app::members::AddMember;

/// Roles for the whole government, with the first part of the account's name and the post.
pub(super) const GOVERNMENT_WIDE: [(&str, &str, &str); 4] = [
    ("leader", "pimpinan", "Pimpinan daerah"),
    ("planner", "perencana", "Perencana Bappeda"),
    ("evaluator", "evaluator", "Evaluator Inspektorat"),
    ("auditor", "auditor", "Auditor"),
];

/// Account of a role: `perencana.ntb`.
pub(super) fn account(part: &str, slug: &str) -> String {
    format!("{part}.{slug}")
}

/// Account of an officer or head of an OPD: `petugas-dinkes.lombok-barat`.
pub(super) fn agency_account(part: &str, agency: &str, slug: &str) -> String {
    let agency = agency.trim_start_matches("NTB-").to_lowercase();
    format!("{part}-{agency}.{slug}")
}

/// A member for the whole government.
pub(super) fn member(
    role: &str,
    part: &str,
    post: &str,
    slug: &str,
    government: &str,
) -> AddMember {
    AddMember {
        username: account(part, slug),
        name: format!("{post} {government} (contoh)"),
        role: role.to_owned(),
        post: post.to_owned(),
        ..AddMember::default()
    }
}

/// A member of one OPD, given by name and id.
pub(super) fn agency_member(
    role: &str,
    username: String,
    post: &str,
    (name, id): (&str, String),
) -> AddMember {
    AddMember {
        username,
        name: format!("{post} {name} (contoh)"),
        role: role.to_owned(),
        agency: id,
        post: format!("{post} {name}"),
        ..AddMember::default()
    }
}
