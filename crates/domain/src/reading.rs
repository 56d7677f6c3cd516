//! What is written down when it is read: personal data, the trail, evidence; and what was refused.

coded! {
    /// What somebody read, or was refused.
    pub enum ReadKind {
        /// The people of the government with their roles.
        Members = "members",
        /// The trail of changes.
        Trail = "trail",
        /// A download of the trail.
        TrailExport = "trail_export",
        /// The log of reads itself.
        Reads = "reads",
        /// The file of a piece of evidence.
        Evidence = "evidence",
        /// An attempt that was answered with 403 or 404.
        Denied = "denied",
    }
}
