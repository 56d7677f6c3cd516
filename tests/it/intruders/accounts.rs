//! What only a person with a second factor, or beside one, can do.

use chrono::Duration;
use ekinerja_app::account_help::{AccountRequest, Decision, RequestKind};
use ekinerja_app::emergency::RUNS_FOR;
use ekinerja_domain::ids::UserId;
use ekinerja_store::change::Access;
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp};
use serde_json::json;

use super::cases::Case;
use super::world::Government;
use super::{Control, Stage, people};
use crate::emergency::{ask, close};
use crate::second_factor::{Authenticator, set_up};

/// Requests about an account that another administrator decides; their ids.
pub(crate) async fn requests(app: &TestApp, government: &Government) -> Vec<String> {
    let tenant = app.tenant(&government.slug).await.tenant.id;
    let asker = person(app, &format!("perencana.{}", government.slug)).await;
    let user = person(app, &format!("pimpinan.{}", government.slug)).await;
    let directory = app.app.store().directory(app.app.now()).await.expect("a door");
    let mut ids = Vec::new();
    // The last two are emergency access that runs.
    for n in 0..6 {
        let runs = n > 3;
        // Ending one ends all of the same person.
        let (user, asker) = if n == 5 { (asker, user) } else { (user, asker) };
        let request = AccountRequest {
            id: ekinerja_app::fresh_id(),
            tenant,
            kind: if runs {
                RequestKind::EmergencyAccess
            } else {
                RequestKind::SecondFactorWithdrawal
            },
            user,
            user_name: String::from("Orang uji"),
            reason: String::from("Ponsel hilang"),
            requested_by: if runs { user } else { asker },
            requested_name: String::from("Peminta uji"),
            requested_at: app.app.now(),
            lapses_at: app.app.now() + Duration::hours(24),
            decision: None,
            ends_at: None,
            ended_at: None,
            used_at: None,
        };
        directory.add_account_request(&request).await.expect("a request");
        if runs {
            let (name, at) = (String::from("Penyetuju uji"), app.app.now());
            let decision = Decision { by: asker, name, at, approved: true };
            let end = Some(at + RUNS_FOR);
            directory.decide_account_request(&request, &decision, end).await.expect("decided");
        }
        ids.push(request.id.to_string());
    }
    directory.commit_session().await.expect("kept");
    ids
}

async fn person(app: &TestApp, username: &str) -> UserId {
    let directory = app.app.store().directory(app.app.now()).await.expect("a door");
    directory.find_user(username).await.expect("a look").expect("an account").0.id
}

/// The doors whose rightful caller needs a second factor.
pub(super) async fn let_in(stage: &Stage, control: &mut Control) {
    let app = &stage.app;
    let mut done = |door: &str, answer: Answer| {
        if Case::was_done(&answer) {
            control.uncovered.remove(door);
        } else {
            control.said.push(format!("{door}: {} {}", answer.status, answer.body));
        }
    };
    // By the interface.
    let program = someone(app, 5_000).await;
    let (phone, _) = set_up(app, &program).await;
    done("POST /api/v1/me/second-factor", again(app, 5_001).await);
    let code = json!({ "code": phone.shows(app, 0) });
    let codes = program.post("/api/v1/me/second-factor/recovery-codes", &code).await;
    let codes_told = codes.json();
    let recovery = codes_told["recovery_codes"][0].as_str().expect("a code").to_owned();
    done("POST /api/v1/me/second-factor/recovery-codes", codes);
    let both = json!({ "password": PASSWORD, "code": recovery });
    let off = program.post("/api/v1/me/second-factor/removal", &both).await;
    done("POST /api/v1/me/second-factor/removal", off);
    let begun = program.post("/api/v1/me/second-factor", &json!({ "password": PASSWORD })).await;
    let phone = Authenticator::of(begun.json()["key"].as_str().expect("a key"));
    let code = json!({ "code": phone.shows(app, 1) });
    done("PUT /api/v1/me/second-factor", program.put("/api/v1/me/second-factor", &code).await);

    // By the pages.
    let browser = someone(app, 5_002).await;
    let begun = browser.fill("/keamanan/pasang", &[("password", PASSWORD)]).await;
    done("POST /keamanan/pasang", begun);
    let page = browser.look("/keamanan").await.body;
    let key = page.split("<code>").nth(1).and_then(|it| it.split('<').next()).expect("a key");
    let phone = Authenticator::of(&key.replace(' ', ""));
    let mut step = -1;
    let mut next = || {
        step += 1;
        phone.shows(app, step - 1)
    };
    for (path, password) in [
        ("/keamanan/konfirmasi", None),
        ("/keamanan/kode-cadangan", None),
        ("/keamanan/lepas", Some(PASSWORD)),
    ] {
        let code = next();
        let mut fields = vec![("code", code.as_str())];
        fields.extend(password.map(|it| ("password", it)));
        done(&format!("POST {path}"), browser.fill(path, &fields).await);
    }

    // A lost one of a member.
    let government = &stage.regency;
    let administrator = government.member("admin");
    let username = format!("perencana.{}", government.slug);
    let list = administrator.get(&government.api("/members")).await.expect(200).json();
    let mut items = list["items"].as_array().expect("a list").iter();
    let member = items.find(|it| it["username"] == username.as_str()).expect("the planner");
    let id = member["id"].as_str().expect("an id").to_owned();
    lose(app, &username).await;
    let path = government.api(&format!("/members/{id}/second-factor-withdrawal"));
    let answer = administrator.post(&path, &json!({ "reason": "Ponsel hilang" })).await;
    done("POST /api/v1/tenants/{tenant}/members/{member}/second-factor-withdrawal", answer);
    lose(app, &username).await;
    let path = format!("/{}/members/{id}/second-factor-withdrawal", government.slug);
    let answer = administrator.fill(&path, &[("reason", "Ponsel hilang")]).await;
    done("POST /{tenant}/members/{member}/second-factor-withdrawal", answer);
}

/// The doors of emergency access: two accounts for emergencies, and the operator.
pub(super) async fn emergency(stage: &Stage, control: &mut Control) {
    let app = &stage.app;
    let dompu = app.tenant("dompu").await;
    let whole = ekinerja_domain::access::Scope::Tenant;
    let mut people = Vec::new();
    for name in ["darurat-1.dompu", "darurat-2.dompu"] {
        let role = ekinerja_domain::access::Role::Administrator;
        people.push(dompu.member_named(name, role, whole).await);
    }
    close(app, &dompu, &["darurat-1.dompu", "darurat-2.dompu"]).await;
    let operator =
        app.sign_in_with("operator", ekinerja_app::sign_in::DEMONSTRATION_PASSWORD).await;
    let mut done = |door: &str, answer: Answer| {
        if Case::was_done(&answer) {
            control.uncovered.remove(door);
        } else {
            control.said.push(format!("{door}: {} {}", answer.status, answer.body));
        }
    };
    let (first, second) = (&people[0], &people[1]);
    let api = "/api/v1/me/emergency-access/dompu";
    let page = "/masuk/dompu/darurat";
    done("GET /api/v1/me/emergency-access/{government}", first.get(api).await);
    done("GET /masuk/{government}/darurat", first.look(page).await);
    let asked = first.fill(page, &[("reason", "Penyedia mati")]).await;
    done("POST /masuk/{government}/darurat", asked);
    let own = first.get(api).await.expect(200).json();
    let id = own["request"]["id"].as_str().expect("an id").to_owned();
    let refused = second.post(&format!("{api}/{id}/refusal"), &json!(null)).await;
    done("POST /api/v1/me/emergency-access/{government}/{request}/refusal", refused);
    let asked = first.post(api, &json!({ "reason": "Penyedia mati" })).await;
    done("POST /api/v1/me/emergency-access/{government}", asked);
    let id = ask_again(first, api).await;
    done(
        "POST /masuk/{government}/darurat/{request}/tolak",
        second.fill(&format!("{page}/{id}/tolak"), &[]).await,
    );
    let of = "/operator/tenants/52.05/emergency-access";
    let id = ask(first, "dompu").await;
    let answer = operator.fill(&format!("{of}/{id}/refusal"), &[]).await;
    done("POST /operator/tenants/{code}/emergency-access/{request}/refusal", answer);
    let id = ask(first, "dompu").await;
    let answer = operator.post(&format!("/api/v1{of}/{id}/refusal"), &json!(null)).await;
    done("POST /api/v1/operator/tenants/{code}/emergency-access/{request}/refusal", answer);
    let over = async |id: &str, username: &str| {
        let directory = app.app.store().directory(app.app.now()).await.expect("a door");
        let id = id.parse().expect("an id");
        directory.end_account_request(dompu.tenant.id, id).await.expect("ended");
        directory.forget(Access::Person(person(app, username).await));
        directory.commit_session().await.expect("kept");
    };
    for (door, by) in [
        ("POST /api/v1/me/emergency-access/{government}/{request}/approval", 0),
        ("POST /masuk/{government}/darurat/{request}/setujui", 1),
        ("POST /operator/tenants/{code}/emergency-access/{request}/approval", 2),
        ("POST /api/v1/operator/tenants/{code}/emergency-access/{request}/approval", 3),
    ] {
        let id = ask(first, "dompu").await;
        let answer = match by {
            0 => second.post(&format!("{api}/{id}/approval"), &json!(null)).await,
            1 => second.fill(&format!("{page}/{id}/setujui"), &[]).await,
            2 => operator.fill(&format!("{of}/{id}/approval"), &[]).await,
            _ => operator.post(&format!("/api/v1{of}/{id}/approval"), &json!(null)).await,
        };
        done(door, answer);
        over(&id, "darurat-1.dompu").await;
    }
}

/// The id of the request that waits.
async fn ask_again(first: &Actor, api: &str) -> String {
    let own = first.get(api).await.expect(200).json();
    own["request"]["id"].as_str().expect("an id").to_owned()
}

/// Somebody without any role.
async fn someone(app: &TestApp, n: usize) -> Actor {
    people(app, n).await.remove(1).1
}

async fn again(app: &TestApp, n: usize) -> Answer {
    let someone = someone(app, n).await;
    someone.post("/api/v1/me/second-factor", &json!({ "password": PASSWORD })).await
}

/// Gives an account a second factor whose key nobody has.
async fn lose(app: &TestApp, username: &str) {
    let person = person(app, username).await;
    let directory = app.app.store().directory(app.app.now()).await.expect("a door");
    directory.begin_second_factor(person, vec![1]).await.expect("a key");
    directory.confirm_second_factor(person).await.expect("confirmed");
    directory.commit_session().await.expect("kept");
}
