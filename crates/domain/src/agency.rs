//! Agencies: the OPD of a government and their units, as a tree.

use chrono::NaiveDate;

use crate::ids::AgencyId;

/// Kind of an agency (PP 18/2016 names the first group; a sub-unit is any unit under one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgencyKind {
    /// Sekretariat daerah or DPRD.
    Secretariat,
    /// Biro or bagian of the secretariat.
    Bureau,
    /// Dinas.
    Department,
    /// Badan.
    Board,
    /// Inspektorat.
    Inspectorate,
    /// Satuan (Satpol PP).
    Unit,
    /// Rumah sakit umum daerah.
    Hospital,
    /// Kecamatan.
    District,
    /// UPTD, bidang, seksi or another unit under an OPD.
    SubUnit,
}

impl AgencyKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Secretariat,
        Self::Bureau,
        Self::Department,
        Self::Board,
        Self::Inspectorate,
        Self::Unit,
        Self::Hospital,
        Self::District,
        Self::SubUnit,
    ];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Secretariat => "secretariat",
            Self::Bureau => "bureau",
            Self::Department => "department",
            Self::Board => "board",
            Self::Inspectorate => "inspectorate",
            Self::Unit => "unit",
            Self::Hospital => "hospital",
            Self::District => "district",
            Self::SubUnit => "sub_unit",
        }
    }

    /// The kind with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A regional agency (OPD) or a unit of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Its code; unique in the tenant.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its usual abbreviation.
    pub abbreviation: Option<String>,
    /// Its kind.
    pub kind: AgencyKind,
    /// The agency above it.
    pub parent: Option<AgencyId>,
    /// The agency itself and every agency above it: what a scope is compared with.
    pub line: Vec<AgencyId>,
    /// First day on which it exists, where known.
    pub valid_from: Option<NaiveDate>,
    /// Last day on which it exists.
    pub valid_to: Option<NaiveDate>,
    /// Where the name was read, and remarks (a planned merger, an example structure).
    pub note: Option<String>,
    /// Whether the name was seen in a written source.
    pub verified: bool,
    /// Counts changes, for `If-Match`.
    pub revision: i32,
}
