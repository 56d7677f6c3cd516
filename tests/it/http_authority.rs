//! The matrix of authority as it is answered over HTTP: every operation of the interface, asked by every role and
//! by everybody who has none, beside what the policy says to the question that the operation must ask.
//!
//! `tests/golden/authority.md` says what the policy answers; `tests/golden/http-authority.md`, written here, what
//! the doors do. An operation that forgets to ask lets somebody in whom the policy would not, and shows.

mod asked;

use std::fmt::Write as _;

use chrono::TimeDelta;
use ekinerja_app::TenantScope;
use ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;
use ekinerja_domain::access::question::QUESTIONS;
use ekinerja_domain::access::{Held, Question, Role, Scope, Standing, Subject, Verdict};
use ekinerja_domain::tenant::Slug;
use ekinerja_tests::reading::ids;
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp};
use ekinerja_web::locale::Locale;
use ekinerja_web::page::role;
use ekinerja_web::rights;
use serde_json::json;

use crate::intruders::cases::{self, Case};
use crate::intruders::world::Government;
use crate::intruders::{HOME, PROVINCE, REGENCY, Secrets, Stage};
use crate::schema::compare;
use asked::{PARTIES, asked};

/// One column of the matrix.
struct Somebody {
    words: String,
    actor: Actor,
    /// Their scope; none for those who may not enter.
    scope: Option<TenantScope>,
    /// Whether they gave or received the delegation that is ended.
    party: bool,
}

impl Somebody {
    async fn sign_in(app: &TestApp, slug: &Slug, words: &str, name: &str, password: &str) -> Self {
        let actor = app.sign_in_with(name, password).await;
        let signed_in = app.app.sign_in(name, password).await.expect("a sign-in").1;
        let scope = app.app.enter(&signed_in, slug).await.ok();
        let party = ["pimpinan", "perencana"].iter().any(|it| name == format!("{it}.{slug}"));
        Self { words: words.to_owned(), actor, scope, party }
    }

    fn standing(&self) -> Option<&Standing> {
        self.scope.as_ref().map(TenantScope::standing)
    }
}

/// Somebody of each kind at a government; a delegation of the head's role holds for one and is over for another.
async fn everybody(app: &TestApp, slug: &str) -> Vec<Somebody> {
    let tenant = app.tenant(slug).await;
    let place = tenant.tenant.slug.clone();
    let demo = DEMONSTRATION_PASSWORD;
    let mut all = vec![Somebody {
        words: String::from("tidak masuk"),
        actor: app.visitor(),
        scope: None,
        party: false,
    }];
    let mut known = vec![
        (String::from("Operator"), String::from("operator")),
        (String::from("Administrator pemda lain"), format!("admin.{HOME}")),
    ];
    for (who, part) in [
        (Role::Administrator, "admin"),
        (Role::Leader, "pimpinan"),
        (Role::Planner, "perencana"),
        (Role::AgencyHead, "kepala-bappeda"),
        (Role::Officer, "petugas-bappeda"),
    ] {
        known.push((role(Locale::Id, who), format!("{part}.{slug}")));
    }
    for (words, name) in &known {
        all.push(Somebody::sign_in(app, &place, words, name, demo).await);
    }
    for who in [Role::Evaluator, Role::Hr, Role::Auditor] {
        let name = format!("matriks-{}.{slug}", who.code());
        tenant.member_named(&name, who, Scope::Tenant).await;
        all.push(Somebody::sign_in(app, &place, &role(Locale::Id, who), &name, PASSWORD).await);
    }
    let other = format!("petugas-dikes.{slug}");
    all.push(Somebody::sign_in(app, &place, "Petugas OPD lain", &other, demo).await);
    for (words, part) in [
        ("Evaluator, delegasi kepala berlaku", "matriks-penerima"),
        ("Evaluator, delegasi kepala berakhir", "matriks-bekas"),
    ] {
        let name = format!("{part}.{slug}");
        all.push(Somebody::sign_in(app, &place, words, &name, PASSWORD).await);
    }
    all
}

/// The head of the OPD hands the role on: to one for today alone, to another until the year's end.
async fn delegate(app: &TestApp, slug: &str) {
    let tenant = app.tenant(slug).await;
    let head = app.sign_in_with(&format!("kepala-bappeda.{slug}"), DEMONSTRATION_PASSWORD).await;
    let me = head.get(&tenant.api("/me")).await.expect(200).json();
    let given = &me["roles"][0]["membership"];
    for (part, last) in [("matriks-penerima", "2026-12-31"), ("matriks-bekas", "2026-11-24")] {
        let name = format!("{part}.{slug}");
        tenant.member_named(&name, Role::Evaluator, Scope::Tenant).await;
        let body = json!({ "role": given, "to": name, "valid_from": "2026-11-24",
            "valid_to": last, "reason": "uji" });
        head.post(&tenant.api("/delegations"), &body).await.expect(201);
    }
}

/// What an answer decided about the caller.
fn decision(answer: &Answer) -> &'static str {
    match answer.status {
        401 => "masuk dulu",
        403 => "tidak",
        404 => "tersembunyi",
        // The role stands in the body: one that is not one's own is as one that is not there.
        422 if answer.body.contains("delegation.not-yours") => "tersembunyi",
        // Whatever else is said was said to somebody who may.
        _ => "boleh",
    }
}

/// What the policy says.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::May => "boleh",
        Verdict::Forbidden => "tidak",
        Verdict::Hidden => "tersembunyi",
    }
}

/// Things that questions are about, read by somebody who sees everything.
struct Things<'a> {
    app: &'a TestApp,
    all_seeing: TenantScope,
    held: Option<Held>,
}

impl Things<'_> {
    /// What the policy says to the question, for each of these people.
    async fn expected(&self, code: &str, case: &Case, people: &[Somebody]) -> Vec<&'static str> {
        let address = case.address.clone();
        let id = |prefix: &str| ids(&address).into_iter().find(|it| it.starts_with(prefix));
        let app = &self.app.app;
        let (mut indicator, mut value) = (None, None);
        if code.starts_with("indicator_") {
            let id = id("ind_").expect("an indicator").parse().expect("an id");
            indicator = Some(app.indicator(&self.all_seeing, id).await.expect("an indicator"));
        } else if code.starts_with("measurement_") {
            let id = id("msr_").expect("a value").parse().expect("an id");
            value = Some(app.measurement(&self.all_seeing, id).await.expect("a value").measurement);
        }
        let subject = match (&indicator, &value, &self.held) {
            (Some(it), ..) => Subject::Indicator(it),
            (_, Some(it), _) => Subject::Measurement(it),
            (.., Some(it)) if code.starts_with("held_") => Subject::Held(it),
            _ => Subject::Tenant,
        };
        let question = |code: &str, standing: &Standing| {
            let question = QUESTIONS.iter().find(|it| it.code == code);
            question.and_then(|it| Question::ask(it, subject, standing)).expect("a question")
        };
        let of = |it: &Somebody| match (it.standing(), code) {
            (None, _) => Verdict::Hidden,
            (Some(_), "") => Verdict::May,
            (Some(standing), PARTIES) => {
                let administers = question("members_administer", standing) == Verdict::May;
                if it.party || administers { Verdict::May } else { Verdict::Hidden }
            }
            (Some(standing), code) => question(code, standing),
        };
        people.iter().map(|it| word(of(it))).collect()
    }
}

/// The matrix of a government, and in what it differs from the policy.
struct Matrix<'a> {
    text: String,
    wrong: Vec<String>,
    people: &'a [Somebody],
}

impl Matrix<'_> {
    fn begin(&mut self, title: &str) {
        let heads: Vec<_> = self.people.iter().map(|it| it.words.as_str()).collect();
        let _ = writeln!(self.text, "## {title}\n");
        let _ = writeln!(
            self.text,
            "| operasi | yang ditanyakan kepada kebijakan | {} |",
            heads.join(" | ")
        );
        let _ = writeln!(self.text, "|---|---|{}", "---|".repeat(heads.len()));
    }

    /// Asks in everybody's name; first those who may not, so that nothing has changed yet.
    async fn ask(&mut self, case: &Case, code: &str, expected: &[&'static str]) {
        let name = case.door.name();
        let mut cells = vec![""; self.people.len()];
        let mut order: Vec<usize> = (0..cells.len()).collect();
        order.sort_by_key(|at| expected[*at] == "boleh");
        for at in order {
            let somebody = &self.people[at];
            // No revision is the noughth: who may change it hears that it changed since.
            let answer = case.send(&somebody.actor, 0).await;
            let decided = decision(&answer);
            cells[at] = decided;
            let visitor = somebody.words == "tidak masuk";
            let fits = match expected[at] {
                _ if visitor => decided == "masuk dulu",
                "boleh" => decided == "boleh",
                "tersembunyi" => decided == "tersembunyi",
                // To hide what is forbidden tells less than the policy would.
                _ => ["tidak", "tersembunyi"].contains(&decided),
            };
            if !fits {
                let said: String = answer.body.chars().take(300).collect();
                self.wrong.push(format!(
                    "{} at {name} {}: {decided} ({}), the policy says {} to {code}: {said}",
                    somebody.words, case.address, answer.status, expected[at]
                ));
            }
        }
        let question = match code {
            "" => String::from("– (tentang diri sendiri)"),
            PARTIES => String::from("pemberi, penerima, dan yang mengelola anggota"),
            code => rights::question(Locale::Id, code),
        };
        let short = name.replace("/api/v1", "").replace("/tenants/{tenant}", "");
        let _ = writeln!(self.text, "| `{short}` | {question} | {} |", cells.join(" | "));
    }
}

const PREAMBLE: &str = "# Matriks wewenang pada antarmuka HTTP

Berkas ini dibuat dengan mengirim setiap operasi antarmuka (`docs/api/openapi.json`) atas nama setiap orang di bawah
ini dan mencatat keputusan yang dijawab, lalu membandingkannya dengan jawaban modul kebijakan atas pertanyaan yang harus
diajukan operasi itu ([authority.md](authority.md)). Ditulis ulang dengan `EKINERJA_WRITE_GOLDEN=1`.

- **boleh**: dilayani; yang diminta dikerjakan, atau ditolak karena isinya atau keadaannya.
- **tidak**: bendanya terlihat, tindakannya ditolak (403).
- **tersembunyi**: dijawab seperti benda yang tidak ada (404).
- **masuk dulu**: tanpa sesi (401).

Alamat di bawah `/api/v1/tenants/{tenant}`, kecuali pada bagian 3.

";

async fn of_government(
    stage: &Stage,
    government: &Government,
    title: &str,
    chosen: impl Fn(&Case) -> bool,
    (text, wrong): (&mut String, &mut Vec<String>),
) {
    let app = &stage.app;
    let people = everybody(app, &government.slug).await;
    let name = format!("semua.{}", government.slug);
    app.tenant(&government.slug).await.everything().await;
    let place: Slug = government.slug.parse().expect("an address");
    let all_seeing = Somebody::sign_in(app, &place, "", &name, PASSWORD).await.scope;
    let leader = people.iter().find(|it| it.words == role(Locale::Id, Role::Leader));
    let held = leader.and_then(Somebody::standing).and_then(|it| it.grants.first().cloned());
    let things = Things { app, all_seeing: all_seeing.expect("a scope"), held };
    let mut matrix = Matrix { text: String::new(), wrong: Vec::new(), people: &people };
    matrix.begin(title);
    for door in stage.doors.iter().filter(|it| it.is_operation && it.in_tenant()) {
        let Some(code) = asked(door) else {
            matrix.wrong.push(format!("{}: nobody wrote down what it must ask", door.name()));
            continue;
        };
        let Some(case) = cases::of_operation(door, government, &stage.arranged) else {
            matrix.wrong.push(format!("{}: there is no case for it", door.name()));
            continue;
        };
        // Nobody in the demonstration is linked to an account at a provider: who may hears 404 as well.
        if !chosen(&case) || door.path.ends_with("/links/{person}") {
            continue;
        }
        // The receiver is none of those who ask: nobody delegates to themselves.
        let case = if code == "held_delegate" {
            case.with(|text| text.replace("perencana.", "evaluator."))
        } else {
            case
        };
        let expected = things.expected(code, &case, &people).await;
        matrix.ask(&case, code, &expected).await;
    }
    text.push_str(&matrix.text);
    text.push('\n');
    wrong.append(&mut matrix.wrong);
}

/// What lies outside every government: the operator's, and one's own account.
async fn outside(stage: &Stage, text: &mut String, wrong: &mut Vec<String>) {
    let app = &stage.app;
    let _ = writeln!(text, "## 3. Di luar pemerintah daerah: operator dan akun sendiri\n");
    let _ = writeln!(text, "| operasi | tidak masuk | Operator | Administrator pemda |");
    let _ = writeln!(text, "|---|---|---|---|");
    for door in stage.doors.iter().filter(|it| it.is_operation && !it.in_tenant() && !it.open) {
        let case = Case::outside(door);
        let mut cells = Vec::new();
        // Some of these operations end the session: each asks with a fresh one.
        let people = [
            (app.visitor(), "masuk dulu"),
            (app.sign_in_with("operator", DEMONSTRATION_PASSWORD).await, "boleh"),
            (
                app.sign_in_with(&format!("admin.{HOME}"), DEMONSTRATION_PASSWORD).await,
                if door.path.contains("/operator/") { "tidak" } else { "boleh" },
            ),
        ];
        // To who is no account for emergencies there is no such door.
        let hidden = door.path.contains("/me/emergency-access/");
        for (actor, expected) in people {
            let mut answer = case.send(&actor, 0).await;
            // A sign-in that is nobody's is not there; what counts is that one was asked for.
            let nobodys = [vec!["sign_in"], vec!["code", "request"]];
            if nobodys.contains(&door.variables()) && answer.status == 404 {
                answer.status = 204;
            }
            let decided = decision(&answer);
            let expected = if hidden && expected == "boleh" { "tersembunyi" } else { expected };
            if decided != expected {
                wrong.push(format!("{}: {decided}, not {expected}: {}", door.name(), answer.body));
            }
            cells.push(decided);
        }
        let short = door.name().replace("/api/v1", "");
        let _ = writeln!(text, "| `{short}` | {} |", cells.join(" | "));
    }
}

#[tokio::test]
async fn every_operation_answers_as_the_policy_says() {
    let app = TestApp::start_demonstration().await;
    for slug in [REGENCY, PROVINCE] {
        delegate(&app, slug).await;
    }
    app.pass(TimeDelta::days(1));
    let stage = Stage::on(app).await;
    let (mut text, mut wrong) = (PREAMBLE.to_owned(), Vec::new());
    let secrets = Secrets::of(&stage.regency);
    let out = (&mut text, &mut wrong);
    of_government(&stage, &stage.regency, "1. Kabupaten", |_| true, out).await;
    // The things of the cases are the regency's: in the province, what needs none of them. A province adopts nothing.
    let own = |case: &Case| {
        let rest = case.door.path.split("{tenant}").nth(1).unwrap_or_default();
        let needs_none = case.door.variables() == ["tenant"] && !rest.starts_with("/adoption");
        let beyond = ["/releases/", "/rollups/"].iter().any(|it| rest.starts_with(it));
        (needs_none && !case.ids().iter().any(|it| secrets.ids.contains(it))) || beyond
    };
    let out = (&mut text, &mut wrong);
    of_government(&stage, &stage.province, "2. Provinsi", own, out).await;
    outside(&stage, &mut text, &mut wrong).await;
    assert!(wrong.is_empty(), "{} cells differ\n{}", wrong.len(), wrong.join("\n"));
    compare("http-authority.md", &text);
}
