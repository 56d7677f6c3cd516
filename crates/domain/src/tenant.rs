//! Tenants: the governments that use the platform, each known by its Kemendagri code.

mod state;

use std::fmt;
use std::str::FromStr;

pub use state::TenantState;

use crate::ids::TenantId;

/// Level of a government (UU 23/2014: province, kabupaten, kota).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Pemerintah provinsi.
    Province,
    /// Pemerintah kabupaten.
    Regency,
    /// Pemerintah kota.
    City,
}

impl Level {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::Province, Self::Regency, Self::City];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::Regency => "regency",
            Self::City => "city",
        }
    }

    /// The level with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }
}

/// Kemendagri code of a province (`52`) or of a kabupaten/kota (`52.01`), Kepmendagri 300.2.2-2138/2025.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegionCode(String);

/// A text that is no Kemendagri code of a province or kabupaten/kota.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a Kemendagri code such as 52 or 52.01 is expected")]
pub struct InvalidRegionCode;

impl RegionCode {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The province's part of the code.
    pub fn province(&self) -> &str {
        &self.0[..2]
    }

    /// Whether this is the code of a whole province.
    pub fn is_province(&self) -> bool {
        self.0.len() == 2
    }
}

impl FromStr for RegionCode {
    type Err = InvalidRegionCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        let valid = match text.split_once('.') {
            None => digits(text),
            Some((province, region)) => digits(province) && digits(region),
        };
        if valid { Ok(Self(text.to_owned())) } else { Err(InvalidRegionCode) }
    }
}

impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// First segment of a tenant's address: `ntb`, `lombok-barat`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

/// A text that cannot be a tenant's address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSlug {
    /// Only 2 to 40 of a-z, 0-9 and single hyphens inside.
    #[error("2 to 40 lower-case letters, digits and single hyphens are expected")]
    Shape,
    /// The word is an address of the platform itself.
    #[error("this word is an address of the platform itself")]
    Reserved,
}

impl Slug {
    /// Words that are addresses of the platform itself and so can be no tenant's.
    pub const RESERVED: [&'static str; 15] = [
        "api",
        "assets",
        "bahasa",
        "docs",
        "healthz",
        "kata-sandi",
        "keluar",
        "masuk",
        "metrics",
        "operator",
        "problems",
        "publik",
        "readyz",
        "static",
        "well-known",
    ];

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(2..=40).contains(&text.len())
            || !text.bytes().all(allowed)
            || text.starts_with('-')
            || text.ends_with('-')
            || text.contains("--")
        {
            return Err(InvalidSlug::Shape);
        }
        if Self::RESERVED.contains(&text) {
            return Err(InvalidSlug::Reserved);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A government on the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its Kemendagri code; unique on the platform.
    pub code: RegionCode,
    /// First segment of its address; unique on the platform.
    pub slug: Slug,
    /// Its name as shown, `Kabupaten Lombok Barat`.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// The province it belongs to; none for a province.
    pub parent: Option<TenantId>,
    /// Whether it works, rests or is gone.
    pub state: TenantState,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_codes() {
        for good in ["52", "52.01", "11.71"] {
            assert!(good.parse::<RegionCode>().is_ok(), "{good}");
        }
        for bad in ["", "5", "52.1", "52.01.01", "52-01", "NTB", "5२", "52."] {
            assert!(bad.parse::<RegionCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn slugs() {
        assert!("lombok-barat".parse::<Slug>().is_ok());
        assert_eq!("api".parse::<Slug>(), Err(InvalidSlug::Reserved));
        for bad in ["", "a", "-ntb", "ntb-", "a--b", "NTB", "lombok barat", "ntb/api"] {
            assert_eq!(bad.parse::<Slug>(), Err(InvalidSlug::Shape), "{bad}");
        }
    }
}
