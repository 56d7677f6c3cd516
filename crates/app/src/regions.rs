//! The regions of Indonesia: which governments can be opened, by the ministry's list (`data/SOURCES.md`).

use std::sync::LazyLock;

use ekinerja_domain::tenant::{Level, RegionCode, Slug};

use crate::app::App;

/// A province, kabupaten or kota of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its Kemendagri code.
    pub code: RegionCode,
    /// Its name: `Provinsi Nusa Tenggara Barat`, `Kabupaten Lombok Barat`, `Kota Mataram`.
    pub name: String,
    /// Its level.
    pub level: Level,
    /// The first segment of its address.
    pub slug: Slug,
}

impl Region {
    /// Whether it governs itself. The kabupaten and kota of Jakarta are administrative (UU 2/2024): they have no
    /// RPJMD of their own and so no tenant.
    pub fn is_autonomous(&self) -> bool {
        self.level == Level::Province || self.code.province() != "31"
    }
}

static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("../data/regions.csv").as_bytes());
    // A test reads every line; a line that does not read cannot be opened and does no other harm.
    reader.records().filter_map(|record| region_of(&record.ok()?)).collect()
});

/// Columns: code, name, kind, parent code, slug.
fn region_of(record: &csv::StringRecord) -> Option<Region> {
    let (name, level) = match record.get(2)? {
        "provinsi" => (format!("Provinsi {}", record.get(1)?), Level::Province),
        "kabupaten" => (record.get(1)?.to_owned(), Level::Regency),
        "kota" => (record.get(1)?.to_owned(), Level::City),
        _ => return None,
    };
    let code: RegionCode = record.get(0)?.parse().ok()?;
    Some(Region { code, name, level, slug: record.get(4)?.parse().ok()? })
}

/// Every region, by code.
pub fn all() -> &'static [Region] {
    &REGIONS
}

/// The region with this code.
pub fn find(code: &RegionCode) -> Option<&'static Region> {
    all().iter().find(|region| region.code == *code)
}

/// The kabupaten and kota of a province that govern themselves, by code.
pub fn under(province: &RegionCode) -> impl Iterator<Item = &'static Region> {
    let province = province.as_str().to_owned();
    all().iter().filter(move |region| {
        region.level != Level::Province
            && region.code.province() == province
            && region.is_autonomous()
    })
}

impl App {
    /// The regions of Indonesia, by code.
    pub fn regions(&self) -> &'static [Region] {
        all()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_line_of_the_list_is_read() {
        assert_eq!(all().len(), 552, "38 provinces, 416 kabupaten, 98 kota");
        let slugs: BTreeSet<_> = all().iter().map(|it| &it.slug).collect();
        assert_eq!(slugs.len(), 552, "no two have the same address");
        let provinces: BTreeSet<_> = all()
            .iter()
            .filter(|it| it.level == Level::Province)
            .map(|it| it.code.as_str())
            .collect();
        assert_eq!(provinces.len(), 38);
        assert!(all().iter().all(|it| provinces.contains(it.code.province())));
    }

    #[test]
    fn ntb_has_ten_regencies_and_jakarta_none() {
        let ntb: Vec<_> = under(&"52".parse().unwrap()).map(|it| it.slug.as_str()).collect();
        assert_eq!(ntb.len(), 10);
        assert_eq!((ntb[0], ntb[9]), ("lombok-barat", "kota-bima"));
        assert_eq!(under(&"31".parse().unwrap()).count(), 0);
        let ntb = find(&"52".parse().unwrap()).unwrap();
        assert_eq!((ntb.name.as_str(), ntb.slug.as_str()), ("Provinsi Nusa Tenggara Barat", "ntb"));
    }
}
