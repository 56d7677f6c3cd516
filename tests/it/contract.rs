//! The interface held against its own description by a tool of others: schemathesis, which makes requests
//! from `docs/api/openapi.json`, right and wrong ones, and judges each answer: no 5xx, no status that is not
//! named, the media type, the headers and the shape that stand there.
//!
//! `cargo xtask test` fetches it into the build folder. The number of cases is bounded and the seed fixed, so a
//! run asks the same again. Ids are learned from answers, so that requests reach what is there.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;
use ekinerja_tests::{PASSWORD, TestApp};
use serde_json::json;
use tokio::process::Command;

/// What is checked of every answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance";
/// Longest time of one caller's run; usual is a tenth of it.
const PATIENCE: Duration = Duration::from_mins(4);
/// Operations after which a session is none any more; they are asked without one.
const FAREWELLS: [&str; 3] = ["delete_session", "end_sign_ins", "end_sign_in"];

/// One caller, and how thoroughly the interface is asked in their name.
struct Run<'a> {
    who: &'a str,
    /// Header that proves who it is.
    proof: Option<(&'a str, String)>,
    tenant: &'a str,
    /// Only addresses of this form.
    paths: &'a str,
    phases: &'a str,
    cases: u8,
}

/// Where `cargo xtask test` puts it: in the build folder, in which this test's program lies
/// (`<build folder>/debug/deps/<program>`).
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("the path of this program");
    let folder = own.ancestors().nth(3).expect("a build folder");
    let program = folder.join("tools/schemathesis/bin/schemathesis");
    assert!(program.is_file(), "{} is missing; `cargo xtask test` fetches it", program.display());
    program
}

impl Run<'_> {
    /// Asks; gives what the tool says when something is wrong.
    async fn ask(&self, app: &TestApp, folder: &Path) -> Result<(), String> {
        let settings = folder.join(format!("{}.toml", self.who));
        let own = format!("[parameters]\n\"path.tenant\" = \"{}\"\n", self.tenant);
        std::fs::write(&settings, own).expect("settings");
        let mut command = Command::new(program());
        command
            .current_dir(folder)
            .env_remove("PYTHONPATH")
            .arg("--config-file")
            .arg(&settings)
            .args(["run", "openapi.json", "--no-color", "--warnings", "off"])
            .args(["--url", &format!("http://{}", app.address())])
            .args(["--checks", CHECKS, "--phases", self.phases])
            .args(["--include-path-regex", self.paths])
            .args(["--max-examples", &self.cases.to_string(), "--workers", "2"])
            .args(["--seed", "5201", "--generation-deterministic"])
            .args(["--continue-on-failure", "--request-timeout", "20"]);
        if let Some((header, value)) = &self.proof {
            command.args(["--header", &format!("{header}: {value}")]);
            for name in FAREWELLS {
                command.args(["--exclude-operation-id", name]);
            }
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        let said = tokio::time::timeout(PATIENCE, command.output()).await;
        let said = said.map_err(|_| format!("{}: longer than {PATIENCE:?}", self.who))?;
        let said = said.map_err(|error| format!("{}: {error}", self.who))?;
        let words = String::from_utf8_lossy(&said.stdout);
        let errors = String::from_utf8_lossy(&said.stderr);
        let told = format!("{}:\n{words}\n{errors}", self.who);
        if said.status.success() { Ok(()) } else { Err(told) }
    }
}

/// The cookie of a new session.
async fn cookie(app: &TestApp, username: &str, password: &str) -> (&'static str, String) {
    let body = json!({ "username": username, "password": password });
    let answer = app.visitor().post("/api/v1/session", &body).await.expect(200);
    let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    assert!(cookie.starts_with("ekinerja="), "{cookie}");
    ("Cookie", cookie)
}

/// A token that may write in the name of a planner.
async fn token(app: &TestApp, slug: &str) -> (&'static str, String) {
    let admin = app.sign_in_with(&format!("admin.{slug}"), DEMONSTRATION_PASSWORD).await;
    let path = format!("/api/v1/tenants/{slug}/service-accounts");
    let body = json!({ "name": "Jembatan uji", "owner": format!("perencana.{slug}"),
        "purpose": "uji", "last_day": "2026-12-31", "roles": [{ "role": "planner" }] });
    let account = admin.post(&path, &body).await.expect(201).json();
    let account = account["id"].as_str().expect("an id");
    let body = json!({ "name": "Kunci", "access": "write", "last_day": "2026-12-30" });
    let made = admin.post(&format!("{path}/{account}/tokens"), &body).await.expect(201).json();
    let secret = made["secret"].as_str().unwrap_or_else(|| panic!("no secret: {made}"));
    ("Authorization", format!("Bearer {secret}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_one_that_the_description_names() {
    let app = TestApp::start_demonstration().await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(app.database().name());
    std::fs::create_dir_all(&folder).expect("a folder");
    let document = ekinerja_web::openapi().to_json().expect("a document");
    std::fs::write(folder.join("openapi.json"), document).expect("the document");
    app.tenant("ntb").await.everything().await;
    let everything = cookie(&app, "semua.ntb", PASSWORD).await;
    let officer = cookie(&app, "petugas-bappeda.lombok-barat", DEMONSTRATION_PASSWORD).await;
    let operator = cookie(&app, "operator", DEMONSTRATION_PASSWORD).await;
    let program = token(&app, "sumbawa").await;
    let inside = "^/api/v1/tenants/";
    let outside = "^/api/v1/(me|session|operator)";
    let all = "examples,coverage,fuzzing";
    let runs = [
        Run {
            who: "visitor",
            proof: None,
            tenant: "ntb",
            paths: "^/",
            phases: "examples",
            cases: 2,
        },
        Run {
            who: "visitor-outside",
            proof: None,
            tenant: "ntb",
            paths: outside,
            phases: all,
            cases: 5,
        },
        Run {
            who: "officer",
            proof: Some(officer),
            tenant: "lombok-barat",
            paths: inside,
            phases: "examples,fuzzing",
            cases: 3,
        },
        Run {
            who: "program",
            proof: Some(program),
            tenant: "sumbawa",
            paths: inside,
            phases: "examples,fuzzing",
            cases: 3,
        },
        Run {
            who: "everything",
            proof: Some(everything),
            tenant: "ntb",
            paths: inside,
            phases: all,
            cases: 6,
        },
        // Last, since an operator can freeze the others' governments.
        Run {
            who: "operator",
            proof: Some(operator),
            tenant: "ntb",
            paths: outside,
            phases: all,
            cases: 6,
        },
    ];
    let mut wrong = Vec::new();
    for run in &runs {
        wrong.extend(run.ask(&app, &folder).await.err());
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
