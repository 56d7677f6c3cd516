//! `cargo xtask sbom`: the bill of materials of the program, as `CycloneDX` 1.5 in JSON.
//!
//! It says what the program `ekinerja` is built of, for the machine it is built on: each crate with version,
//! package address, licence and the SHA-256 that `Cargo.lock` pins, and which crate needs which. Made from
//! `cargo metadata` and `Cargo.lock` alone, so that it needs no tool and no network.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use anyhow::{Context, ensure};
use clap::Args;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::repository::{Repository, tell};

/// The package whose program is shipped.
const PROGRAM: &str = "ekinerja";

/// What `cargo xtask sbom` is asked.
#[derive(Debug, Args, Default)]
pub(crate) struct Arguments {
    /// Where it is written; `ekinerja.cdx.json` in the build folder where nothing is said.
    #[arg(long)]
    to: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<String>,
    description: Option<String>,
    source: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Needed>,
}

#[derive(Debug, Deserialize)]
struct Needed {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Writes the bill and checks it.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let repository = Repository::find()?;
    let host = host(&repository)?;
    let mut command = repository.cargo(&["metadata", "--format-version", "1", "--locked"]);
    command.args(["--filter-platform", &host]);
    let said = command.output().context("cannot run cargo metadata")?;
    ensure!(said.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&said.stderr));
    let metadata: Metadata = serde_json::from_slice(&said.stdout)?;
    let lock = fs::read_to_string(repository.root.join("Cargo.lock"))?;
    let bill = bill(&metadata, &hashes(&lock))?;
    let count = check(&bill)?;
    let path = arguments.to.clone().unwrap_or_else(|| repository.target.join("ekinerja.cdx.json"));
    fs::write(&path, serde_json::to_string_pretty(&bill)?)
        .with_context(|| format!("cannot write {}", path.display()))?;
    tell(&format!("{count} components in {}", path.display()));
    Ok(())
}

/// The machine that the compiler builds for.
fn host(repository: &Repository) -> anyhow::Result<String> {
    let said = repository.command("rustc").arg("-vV").output().context("cannot run rustc")?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not name its host")
}

/// The SHA-256 of each name and version in `Cargo.lock`.
fn hashes(lock: &str) -> BTreeMap<(String, String), String> {
    let mut found = BTreeMap::new();
    for entry in lock.split("[[package]]") {
        let value = |key: &str| {
            let line = entry.lines().find_map(|line| line.strip_prefix(key))?;
            line.trim().strip_prefix('=')?.trim().strip_prefix('"')?.strip_suffix('"')
        };
        if let (Some(name), Some(version), Some(hash)) =
            (value("name"), value("version"), value("checksum"))
        {
            found.insert((name.to_owned(), version.to_owned()), hash.to_owned());
        }
    }
    found
}

/// What the program is built of, with what builds it: no crate that only tests need.
fn bill(metadata: &Metadata, hashes: &BTreeMap<(String, String), String>) -> anyhow::Result<Value> {
    let packages: BTreeMap<&str, &Package> =
        metadata.packages.iter().map(|it| (it.id.as_str(), it)).collect();
    let nodes: BTreeMap<&str, &Node> =
        metadata.resolve.nodes.iter().map(|it| (it.id.as_str(), it)).collect();
    let program = metadata.packages.iter().find(|it| it.name == PROGRAM && it.source.is_none());
    let program = program.context("there is no such program")?;
    let mut reached = BTreeMap::new();
    let mut open = vec![program.id.as_str()];
    while let Some(id) = open.pop() {
        let node = nodes.get(id).with_context(|| format!("{id} is not resolved"))?;
        let ships = |it: &&Needed| it.dep_kinds.iter().any(|it| it.kind.as_deref() != Some("dev"));
        let needs: Vec<&str> = node.deps.iter().filter(ships).map(|it| it.pkg.as_str()).collect();
        if reached.insert(id, needs.clone()).is_none() {
            open.extend(needs.into_iter().filter(|it| !reached.contains_key(it)));
        }
    }
    let of = |id: &str| packages.get(id).copied().with_context(|| format!("{id} is no package"));
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for (id, needs) in &reached {
        let package = of(id)?;
        if package.id != program.id {
            components.push(component(package, hashes));
        }
        let needs =
            needs.iter().map(|it| of(it).map(purl)).collect::<anyhow::Result<BTreeSet<_>>>()?;
        dependencies.push(json!({ "ref": purl(package), "dependsOn": needs }));
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": component(program, hashes) },
        "components": components,
        "dependencies": dependencies,
    }))
}

fn purl(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B"))
}

fn component(package: &Package, hashes: &BTreeMap<(String, String), String>) -> Value {
    let is_program = package.name == PROGRAM && package.source.is_none();
    let mut it = json!({
        "type": if is_program { "application" } else { "library" },
        "bom-ref": purl(package),
        "name": package.name,
        "version": package.version,
        "purl": purl(package),
    });
    if let Some(description) = &package.description {
        it["description"] = json!(description.trim());
    }
    // Old crates write `MIT/Apache-2.0` where the expression has `OR`.
    if let Some(license) = &package.license {
        it["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    } else if package.license_file.is_some() {
        it["licenses"] = json!([{ "license": { "name": "see the crate's licence file" } }]);
    }
    if let Some(hash) = hashes.get(&(package.name.clone(), package.version.clone())) {
        it["hashes"] = json!([{ "alg": "SHA-256", "content": hash }]);
    }
    it
}

/// Checks that each component has its address and licence, each foreign one its hash, and that every reference
/// leads to a component. The number of components.
fn check(bill: &Value) -> anyhow::Result<usize> {
    let components = bill["components"].as_array().context("no components")?;
    let mut known = BTreeSet::new();
    for it in components.iter().chain([&bill["metadata"]["component"]]) {
        let name = it["purl"].as_str().context("a component without an address")?;
        ensure!(known.insert(name), "{name} is there twice");
        ensure!(it["licenses"].is_array(), "{name} has no licence");
        let hash = it["hashes"][0]["content"].as_str().unwrap_or_default();
        let is_ours = it["name"].as_str().is_some_and(|it| it.starts_with(PROGRAM));
        ensure!(is_ours || hash.len() == 64, "{name} has no hash in Cargo.lock");
    }
    for line in bill["dependencies"].as_array().context("no dependencies")? {
        let needs = line["dependsOn"].as_array().into_iter().flatten();
        for it in needs.chain([&line["ref"]]) {
            ensure!(it.as_str().is_some_and(|it| known.contains(it)), "{it} leads nowhere");
        }
    }
    Ok(components.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, source: Option<&str>) -> Package {
        Package {
            id: name.to_owned(),
            name: name.to_owned(),
            version: String::from("1.0.0"),
            license: Some(String::from("MIT/Apache-2.0")),
            license_file: None,
            description: None,
            source: source.map(str::to_owned),
        }
    }

    fn node(id: &str, needs: &[(&str, Option<&str>)]) -> Node {
        let need = |(pkg, kind): &(&str, Option<&str>)| Needed {
            pkg: (*pkg).to_owned(),
            dep_kinds: vec![Kind { kind: kind.map(str::to_owned) }],
        };
        Node { id: id.to_owned(), deps: needs.iter().map(need).collect() }
    }

    #[test]
    fn what_ships_is_listed_with_address_licence_and_hash_and_what_only_tests_is_not() {
        let metadata = Metadata {
            packages: ["serde", "cc", "proptest"]
                .map(|it| package(it, Some("registry")))
                .into_iter()
                .chain([package(PROGRAM, None)])
                .collect(),
            resolve: Resolve {
                nodes: vec![
                    node(PROGRAM, &[("serde", None), ("proptest", Some("dev"))]),
                    node("serde", &[("cc", Some("build"))]),
                    node("cc", &[]),
                    node("proptest", &[]),
                ],
            },
        };
        let hash = "a".repeat(64);
        let entry = |it: &str| {
            format!("[[package]]\nname = \"{it}\"\nversion = \"1.0.0\"\nchecksum = \"{hash}\"\n")
        };
        let lock: String = ["serde", "cc"].map(entry).concat();
        let bill = bill(&metadata, &hashes(&lock)).expect("a bill");
        assert_eq!(check(&bill).expect("a sound bill"), 2);
        let text = bill.to_string();
        assert!(text.contains("pkg:cargo/cc@1.0.0") && !text.contains("proptest"), "{text}");
        assert_eq!(bill["components"][0]["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(bill["components"][0]["hashes"][0]["content"], json!(hash));
        let broken = super::bill(&metadata, &BTreeMap::new()).expect("a bill");
        assert!(check(&broken).is_err(), "a crate that is not pinned is noticed");
    }
}
