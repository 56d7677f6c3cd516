//! The generated documents say what the product does: the interface's description and its problems.

use std::fs;
use std::path::PathBuf;

/// Compares a document with what the product says now; with `EKINERJA_WRITE_GOLDEN` set, writes it.
fn kept(name: &str, now: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/api").join(name);
    if std::env::var_os("EKINERJA_WRITE_GOLDEN").is_some() {
        fs::write(&path, now).expect("the document is written");
    }
    let before = fs::read_to_string(&path).unwrap_or_default();
    assert!(before == now, "docs/api/{name} is out of date: run with EKINERJA_WRITE_GOLDEN=1");
}

#[test]
fn description_of_the_interface_is_up_to_date() {
    let text = ekinerja_web::openapi().to_pretty_json().expect("JSON");
    kept("openapi.json", &format!("{text}\n"));
}

#[test]
fn list_of_problems_is_up_to_date() {
    kept("problems.md", &ekinerja_web::problems_markdown());
}
