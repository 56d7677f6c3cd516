//! A walk in a real browser: two governments at two real providers, one person who belongs to both.
//!
//! What it does is written in `tests/e2e/two-providers.mjs`; the pictures lie in the build folder.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::PASSWORD;
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::house::{NIP, employee, house, switch_on};
use super::program::{Program, build_folder};
use super::{canaille, oidc_provider};

/// Where Debian and others put it; `cargo xtask test` installs it where it may.
const CHROMIUM: [&str; 3] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

#[tokio::test]
async fn two_governments_at_two_providers_and_one_person_of_both_in_a_browser() {
    let app = house().await;
    let (ntb, lombok) = (app.tenant("ntb").await, app.tenant("lombok-barat").await);
    employee(&ntb, &app, "rina", NIP).await;
    lombok.give("rina", Role::Auditor, Scope::Tenant, None).await;
    let people = json!({ "rina": { "name": "Rina", "nip": NIP } });
    let of_ntb = Program::oidc_provider(&json!([oidc_provider::issuer(&app, &ntb, true, &people)]));
    let password = "kata-sandi-di-penyedia";
    let people = json!({ "rina.l": { "name": "Rina L.", "nip": NIP, "password": password } });
    let of_lombok = Program::canaille(&canaille::provider(&app, &lombok, &people));
    switch_on(&ntb, &of_ntb.issuers[0]).await;
    let administrator = switch_on(&lombok, &of_lombok.issuers[0]).await;
    let issuer = &of_lombok.issuers[0];
    canaille::name_claim(&administrator, &lombok, issuer, "preferred_username").await;

    let folder = build_folder().join("walk");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    let walk = json!({
        "base": format!("http://{}", app.address()), "folder": folder, "chromium": chromium(),
        "administrator": { "username": "administrator.ntb", "password": PASSWORD },
        "ntb": {
            "slug": "ntb", "issuer": of_ntb.issuers[0], "label": "SSO",
            "login": "rina", "password": "x",
        },
        "lombok": {
            "slug": "lombok-barat", "issuer": issuer, "label": "Canaille",
            "login": "rina.l", "password": password,
        },
    });
    let mut command = Command::new("node");
    command.args(["--input-type=module", "--eval"]);
    command.arg(include_str!("../../e2e/two-providers.mjs"));
    command.current_dir(playwright()).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("node");
    let mut input = child.stdin.take().expect("its input");
    input.write_all(format!("{walk}\n").as_bytes()).await.expect("it reads");
    let done = child.wait_with_output().await.expect("it ends");
    let said = String::from_utf8_lossy(&done.stdout);
    let complained = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}{complained}");
    assert_eq!(said, "walked\n", "{complained}");
}

fn chromium() -> &'static str {
    let found = CHROMIUM.into_iter().find(|it| Path::new(it).is_file());
    found.expect("Chromium is not here; `cargo xtask test` installs it where it may")
}

fn playwright() -> PathBuf {
    let folder = build_folder().join("tools/e2e");
    assert!(
        folder.join("node_modules/playwright-core").is_dir(),
        "the browser's remote control is not here; `cargo xtask test` fetches it"
    );
    folder
}
