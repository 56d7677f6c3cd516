//! The things a person can want to do; each is a marker type, so that a grant for one cannot serve another.

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name;
    )*};
}

actions! {
    /// Read it.
    View,
    /// Change the plan, its indicators, targets, adoption.
    Amend,
    /// Record values and evidence.
    Measure,
    /// Verify or reject a submitted value.
    Verify,
    /// Release a template to the regencies.
    Release,
    /// Prepare, publish, revoke what leaves the tenant.
    Publish,
    /// Organisation, members, periods, rule switches.
    Administer,
    /// Compare regencies, align their objectives, read roll-ups.
    Align,
    /// Read the trail of changes, and who may do what.
    ViewAudit,
    /// Hand a role that one holds to another member for a time.
    Delegate,
}
