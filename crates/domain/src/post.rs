//! Posts (jabatan): what a person holds in an OPD, whoever it is at the moment.

use chrono::NaiveDate;

use crate::ids::{AgencyId, PostId};

coded! {
    /// Kind of a post (UU 20/2023 on civil servants; heads of region are elected, UU 23/2014).
    pub enum PostKind {
        /// Kepala daerah or wakil kepala daerah.
        Elected = "elected",
        /// Jabatan manajerial: pimpinan tinggi, administrator, pengawas.
        Managerial = "managerial",
        /// Jabatan fungsional.
        Functional = "functional",
        /// Jabatan pelaksana.
        Executor = "executor",
    }
}

impl PostKind {
    /// Whether one person at a time holds it definitively; a Plt or Plh may stand beside a holder on leave.
    pub const fn has_one_holder(self) -> bool {
        matches!(self, Self::Elected | Self::Managerial)
    }
}

/// A post of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Its id.
    pub id: PostId,
    /// Its name, `Kepala Dinas Kesehatan`.
    pub name: String,
    /// The OPD it belongs to; none for the posts above all OPD (Gubernur, Bupati).
    pub agency: Option<AgencyId>,
    /// Its kind.
    pub kind: PostKind,
    /// Last day on which it exists; none: until it is abolished.
    pub valid_to: Option<NaiveDate>,
}

impl Post {
    /// Whether it exists on `day`.
    pub fn exists_on(&self, day: NaiveDate) -> bool {
        self.valid_to.is_none_or(|last| day <= last)
    }
}
