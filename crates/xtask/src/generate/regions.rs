//! Writes the list of Indonesian governments from which tenants are opened.
//!
//! Codes and names are those of the Minister of Home Affairs (Kepmendagri 300.2.2-2138/2025); the
//! slug, the name of a government in an address, is ours. Districts and villages are left out: no
//! tenant is opened for them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::foreign::Written;

/// Where the list is kept, from the root of the repository.
pub(super) const FOLDER: &str = "crates/app/data";

/// First segments of addresses that belong to the platform; no government may be called so.
const RESERVED_SLUGS: [&str; 12] = [
    "api", "assets", "healthz", "keluar", "login", "masuk", "metrics", "operator", "publik",
    "readyz", "static", "tenants",
];

/// Short names under which provinces are commonly known.
///
/// Provinces that are not listed are called by their full name (`riau`, `papua-selatan`).
const PROVINCE_SLUGS: [(&str, &str); 23] = [
    ("12", "sumut"),
    ("13", "sumbar"),
    ("16", "sumsel"),
    ("19", "babel"),
    ("21", "kepri"),
    ("31", "jakarta"),
    ("32", "jabar"),
    ("33", "jateng"),
    ("34", "diy"),
    ("35", "jatim"),
    ("52", "ntb"),
    ("53", "ntt"),
    ("61", "kalbar"),
    ("62", "kalteng"),
    ("63", "kalsel"),
    ("64", "kaltim"),
    ("65", "kaltara"),
    ("71", "sulut"),
    ("72", "sulteng"),
    ("73", "sulsel"),
    ("74", "sultra"),
    ("76", "sulbar"),
    ("82", "malut"),
];

/// A row of the foreign list.
#[derive(Debug, Deserialize)]
struct Source {
    code: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    parent_code: String,
}

/// A row of our list.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
struct Region {
    code: String,
    name: String,
    kind: String,
    /// Empty for a province.
    parent_code: String,
    slug: String,
}

/// Reads `regions.csv` of the folder and gives our own list.
pub(super) fn write(from: &Path) -> Result<Vec<Written>> {
    let path = from.join("regions.csv");
    let mut reader =
        csv::Reader::from_path(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut governments = Vec::new();
    for row in reader.deserialize() {
        let row: Source = row.context("regions.csv")?;
        if matches!(row.kind.as_str(), "provinsi" | "kabupaten" | "kota") {
            governments.push(row);
        }
    }
    let regions = name_all(governments)?;
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    for region in &regions {
        writer.serialize(region)?;
    }
    Ok(vec![Written::of(FOLDER, "regions.csv", writer.into_inner()?)])
}

/// Gives every government its slug, provinces first, so that a kabupaten never takes the name of
/// its province.
fn name_all(mut governments: Vec<Source>) -> Result<Vec<Region>> {
    governments.sort_by(|a, b| (a.code.len(), &a.code).cmp(&(b.code.len(), &b.code)));
    let mut taken: BTreeMap<String, String> =
        RESERVED_SLUGS.iter().map(|word| ((*word).into(), "reserved".into())).collect();
    let mut regions = Vec::with_capacity(governments.len());
    for Source { code, name, kind, parent_code } in governments {
        let slug = candidates(&code, &name, &kind)
            .into_iter()
            .find(|slug| !taken.contains_key(slug))
            .with_context(|| format!("no free slug for {code} {name}"))?;
        ensure!(
            slug.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'),
            "slug `{slug}` of {code} may hold only the letters a-z and hyphens"
        );
        taken.insert(slug.clone(), code.clone());
        let parent_code = match kind.as_str() {
            "provinsi" => String::new(),
            "kabupaten" | "kota" => parent_code,
            other => bail!("{code} has the unknown kind `{other}`"),
        };
        regions.push(Region { code, name, kind, parent_code, slug });
    }
    regions.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(regions)
}

/// The names a government may get, best first.
fn candidates(code: &str, name: &str, kind: &str) -> Vec<String> {
    let short = PROVINCE_SLUGS.iter().find(|(of, _)| *of == code).map(|(_, slug)| *slug);
    let bare = name
        .trim_start_matches("Kabupaten ")
        .trim_start_matches("Kota ")
        .trim_start_matches("Administrasi ");
    match (kind, short) {
        ("provinsi", Some(slug)) => vec![slug.into()],
        ("provinsi", None) => vec![hyphenate(name)],
        ("kota", _) => vec![format!("kota-{}", hyphenate(bare))],
        _ => vec![hyphenate(bare), format!("kabupaten-{}", hyphenate(bare))],
    }
}

/// Lower case, with one hyphen for every run of other characters.
fn hyphenate(name: &str) -> String {
    name.to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::generate::foreign::tests::committed;

    fn regions() -> Vec<Region> {
        let text = committed(FOLDER, "regions.csv");
        csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.unwrap()).collect()
    }

    #[test]
    fn all_provinces_kabupaten_and_kota_are_listed() {
        let regions = regions();
        let count = |kind: &str| regions.iter().filter(|region| region.kind == kind).count();
        assert_eq!((count("provinsi"), count("kabupaten"), count("kota")), (38, 416, 98));
    }

    #[test]
    fn slugs_and_codes_are_unique_and_fit_an_address() {
        let regions = regions();
        let slugs: BTreeSet<_> = regions.iter().map(|region| &region.slug).collect();
        let codes: BTreeSet<_> = regions.iter().map(|region| &region.code).collect();
        assert_eq!((slugs.len(), codes.len()), (552, 552));
        for slug in slugs {
            assert!(slug.len() <= 40, "{slug} is long");
            assert!(!RESERVED_SLUGS.contains(&slug.as_str()), "{slug} is reserved");
        }
    }

    #[test]
    fn every_kabupaten_and_kota_stands_under_a_listed_province() {
        let regions = regions();
        let provinces: BTreeSet<_> =
            regions.iter().filter(|r| r.kind == "provinsi").map(|r| r.code.as_str()).collect();
        for region in &regions {
            if region.kind == "provinsi" {
                assert_eq!(region.parent_code, "");
            } else {
                assert!(provinces.contains(region.parent_code.as_str()), "{}", region.code);
                assert!(region.code.starts_with(&format!("{}.", region.parent_code)));
            }
        }
    }

    #[test]
    fn names_in_addresses_are_those_people_use() {
        let regions = regions();
        let slug = |code: &str| {
            regions.iter().find(|region| region.code == code).map(|region| region.slug.as_str())
        };
        assert_eq!(slug("52"), Some("ntb"));
        assert_eq!(slug("52.01"), Some("lombok-barat"));
        assert_eq!(slug("52.06"), Some("bima"));
        assert_eq!(slug("52.71"), Some("kota-mataram"));
        assert_eq!(slug("52.72"), Some("kota-bima"));
        assert_eq!(slug("31.01"), Some("kepulauan-seribu"));
        assert_eq!(slug("31.71"), Some("kota-jakarta-pusat"));
        assert_eq!(slug("75"), Some("gorontalo"));
        assert_eq!(slug("75.01"), Some("kabupaten-gorontalo"));
        assert_eq!(slug("72.04"), Some("toli-toli"));
    }

    #[test]
    fn a_kabupaten_that_shares_its_provinces_name_says_what_it_is() {
        let source = |code: &str, name: &str, kind: &str, parent: &str| Source {
            code: code.into(),
            name: name.into(),
            kind: kind.into(),
            parent_code: parent.into(),
        };
        let regions = name_all(vec![
            source("75.01", "Kabupaten Gorontalo", "kabupaten", "75"),
            source("75.71", "Kota Gorontalo", "kota", "75"),
            source("75", "Gorontalo", "provinsi", "ID"),
        ])
        .unwrap();
        let slugs: Vec<_> = regions.iter().map(|region| region.slug.as_str()).collect();
        assert_eq!(slugs, ["gorontalo", "kabupaten-gorontalo", "kota-gorontalo"]);
    }
}
