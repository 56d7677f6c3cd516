//! Help for who cannot sign in: links that set a password once, and lost second factors.

use chrono::Duration;
use ekinerja_app::tenants::Operator;
use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp};
use serde_json::{Value, json};

use crate::second_factor::set_up;

const NEW: &str = "kalimat panjang yang baru";

/// The address of a member's role, by name for signing in.
async fn role(administrator: &Actor, slug: &str, username: &str) -> String {
    let members = format!("/api/v1/tenants/{slug}/members");
    let list = administrator.get(&members).await.expect(200).json();
    let mut items = list["items"].as_array().expect("a list").iter();
    let one = items.find(|it| it["username"] == username).expect("a member");
    format!("{members}/{}", one["id"].as_str().expect("an id"))
}

/// The secret of a new link for a member.
async fn link(administrator: &Actor, slug: &str, username: &str) -> String {
    let path = format!("{}/password-link", role(administrator, slug, username).await);
    let told = administrator.post(&path, &Value::Null).await.expect(200);
    assert_eq!(told.header("cache-control"), "no-store");
    let link = told.json()["link"].as_str().expect("a link").to_owned();
    link.rsplit('/').next().expect("a secret").to_owned()
}

async fn sets(visitor: &Actor, secret: &str, password: &str) -> Answer {
    let body = json!({ "secret": secret, "new_password": password });
    visitor.post("/api/v1/password-link", &body).await
}

#[tokio::test]
async fn link_sets_a_password_once_and_ends_every_session() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let planner = bima.member(Role::Planner).await;
    let secret = link(&administrator, "bima", "planner.bima").await;
    assert_eq!(secret.len(), 43, "256 bits");
    planner.get("/api/v1/me").await.expect(200);

    let visitor = app.visitor();
    let short = sets(&visitor, &secret, "pendek").await.expect(422);
    assert_eq!(
        short.violations(),
        [("/new_password".to_owned(), "user.password-too-short".to_owned())]
    );
    sets(&visitor, &secret, NEW).await.expect(204);
    visitor.get("/api/v1/me").await.expect(401);
    planner.get("/api/v1/me").await.expect(401);
    app.sign_in_with("planner.bima", NEW).await;
    let old = json!({ "username": "planner.bima", "password": PASSWORD });
    app.visitor().post("/api/v1/session", &old).await.expect(401);

    // Used, unknown and malformed answer alike.
    let strip = |answer: Answer| {
        let mut body = answer.expect(409).json();
        body["trace"].take();
        body
    };
    let used = strip(sets(&visitor, &secret, NEW).await);
    assert_eq!(used["code"], "password-link.invalid");
    for other in ["x".repeat(43), "x".to_owned(), "'; --".to_owned()] {
        assert_eq!(strip(sets(&visitor, &other, NEW).await), used);
    }
    let trail = administrator.get(&bima.api("/audit-events")).await.expect(200).body;
    assert!(trail.contains("password.link_issued") && trail.contains("password.reset"), "{trail}");
    assert!(!trail.contains(&secret) && !trail.contains(NEW), "{trail}");
}

#[tokio::test]
async fn link_is_good_for_half_an_hour_and_a_later_one_replaces_it() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    bima.member(Role::Planner).await;
    let first = link(&administrator, "bima", "planner.bima").await;
    let second = link(&administrator, "bima", "planner.bima").await;
    sets(&app.visitor(), &first, NEW).await.expect(409);
    app.pass(Duration::minutes(31));
    sets(&app.visitor(), &second, NEW).await.expect(409);
    let third = link(&administrator, "bima", "planner.bima").await;
    app.pass(Duration::minutes(29));
    // Two at the same moment: one sets its password.
    let (one, two) = (app.visitor(), app.visitor());
    let both =
        tokio::join!(sets(&one, &third, NEW), sets(&two, &third, "kalimat lain yang panjang"));
    let mut both = [both.0.status, both.1.status];
    both.sort_unstable();
    assert_eq!(both, [204, 409]);
}

#[tokio::test]
async fn new_person_gets_a_day_for_the_first_password() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let ask = json!({ "username": "baru.bima", "name": "Orang baru", "role": "planner" });
    administrator.post(&bima.api("/members"), &ask).await.expect(201);
    let secret = link(&administrator, "bima", "baru.bima").await;
    app.pass(Duration::hours(23));
    sets(&app.visitor(), &secret, NEW).await.expect(204);
    // The person alone knows it, so nothing is left to change.
    let person = app.sign_in_with("baru.bima", NEW).await;
    assert_eq!(person.get("/api/v1/me").await.json()["must_change_password"], json!(false));
}

#[tokio::test]
async fn administrators_help_their_own_members_alone() {
    let app = TestApp::start().await;
    let (bima, dompu) = (app.tenant("bima").await, app.tenant("dompu").await);
    let administrator = bima.member(Role::Administrator).await;
    let stranger = dompu.member(Role::Administrator).await;
    let planner = bima.member(Role::Planner).await;
    let member = role(&administrator, "bima", "planner.bima").await;
    for (path, body) in [
        (format!("{member}/password-link"), Value::Null),
        (format!("{member}/second-factor-withdrawal"), json!({ "reason": "Ponsel hilang" })),
    ] {
        planner.post(&path, &body).await.expect(403);
        stranger.post(&path, &body).await.expect(404);
        // The role of another government under one's own address.
        stranger.post(&path.replace("/bima/", "/dompu/"), &body).await.expect(404);
    }
    // One's own account, and one that other governments know as well, are the operator's.
    let own = role(&administrator, "bima", "administrator.bima").await;
    let refused = administrator.post(&format!("{own}/password-link"), &Value::Null).await;
    assert_eq!(refused.expect(409).code(), "account.not-yours");
    dompu.give("planner.bima", Role::Planner, ekinerja_domain::access::Scope::Tenant, None).await;
    let elsewhere = administrator.post(&format!("{member}/password-link"), &Value::Null).await;
    assert_eq!(elsewhere.expect(409).code(), "account.not-yours");
    let operator = Operator::command_line();
    let issued = app.app.issue_password_link_as(&operator, "planner.bima").await.expect("a link");
    sets(&app.visitor(), issued.secret.reveal(), NEW).await.expect(204);
    assert!(app.app.issue_password_link_as(&operator, "tidak.ada").await.is_err());
}

#[tokio::test]
async fn only_so_many_links_are_given_out() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    bima.member(Role::Planner).await;
    for _ in 0..5 {
        link(&administrator, "bima", "planner.bima").await;
    }
    let path = format!("{}/password-link", role(&administrator, "bima", "planner.bima").await);
    let refused = administrator.post(&path, &Value::Null).await.expect(409);
    assert_eq!(refused.code(), "password-link.too-often");
    app.pass(Duration::minutes(61));
    link(&administrator, "bima", "planner.bima").await;
}

#[tokio::test]
async fn link_leaves_the_second_factor_and_a_lost_one_is_withdrawn_with_a_reason() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let planner = bima.member(Role::Planner).await;
    let (phone, _) = set_up(&app, &planner).await;
    let secret = link(&administrator, "bima", "planner.bima").await;
    sets(&app.visitor(), &secret, NEW).await.expect(204);
    let body = json!({ "username": "planner.bima", "password": NEW });
    let wanted = app.visitor().post("/api/v1/session", &body).await.expect(401);
    assert_eq!(wanted.code(), "sign-in.code-wanted");
    let with_code =
        json!({ "username": "planner.bima", "password": NEW, "code": phone.shows(&app, 0) });
    let planner = app.visitor();
    planner.post("/api/v1/session", &with_code).await.expect(200);

    let member = role(&administrator, "bima", "planner.bima").await;
    let path = format!("{member}/second-factor-withdrawal");
    let empty = administrator.post(&path, &json!({ "reason": " " })).await.expect(422);
    assert_eq!(empty.violations(), [("/reason".to_owned(), "field.missing".to_owned())]);
    let why = json!({ "reason": "Ponsel hilang, dikenali di kantor" });
    administrator.post(&path, &why).await.expect(204);
    planner.get("/api/v1/me").await.expect(401);
    app.sign_in_with("planner.bima", NEW).await;
    assert_eq!(administrator.post(&path, &why).await.expect(409).code(), "second-factor.absent");
    let trail = administrator.get(&bima.api("/audit-events")).await.expect(200).body;
    assert!(trail.contains("second_factor.withdrawn") && trail.contains("dikenali di kantor"));
}

#[tokio::test]
async fn second_factor_of_an_administrator_is_withdrawn_by_two() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let whole = ekinerja_domain::access::Scope::Tenant;
    let first = bima.member(Role::Administrator).await;
    let second = bima.member_named("kedua.bima", Role::Administrator, whole).await;
    let lost = bima.member_named("hilang.bima", Role::Administrator, whole).await;
    let (_, codes) = set_up(&app, &lost).await;
    let member = role(&first, "bima", "hilang.bima").await;
    let path = format!("{member}/second-factor-withdrawal");
    let asked = first.post(&path, &json!({ "reason": "Ponsel hilang" })).await.expect(202).json();
    let again = first.post(&path, &json!({ "reason": "Ponsel hilang" })).await.expect(409);
    assert_eq!(again.code(), "account-request.open");
    let request = bima.api(&format!("/account-requests/{}", asked["id"].as_str().expect("an id")));
    let approval = format!("{request}/approval");
    // Nothing has happened, and neither who asked nor whose account it is decides.
    lost.get("/api/v1/me").await.expect(200);
    for one in [&first, &lost] {
        let refused = one.post(&approval, &Value::Null).await.expect(409);
        assert_eq!(refused.code(), "account-request.two-people");
    }
    bima.member(Role::Auditor).await.post(&approval, &Value::Null).await.expect(403);
    app.tenant("dompu").await.member(Role::Administrator).await;
    let page = second.look("/bima/account-requests").await.expect(200).body;
    assert!(page.contains("Ponsel hilang") && page.contains("/approval"), "{page}");
    assert!(!first.look("/bima/account-requests").await.expect(200).body.contains("/approval"));

    second.post(&approval, &Value::Null).await.expect(200);
    lost.get("/api/v1/me").await.expect(401);
    app.sign_in("hilang.bima").await;
    let over = second.post(&approval, &Value::Null).await.expect(409);
    assert_eq!(over.code(), "account-request.over");
    drop(codes);
}

#[tokio::test]
async fn request_lapses_after_a_day_and_can_be_refused() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let whole = ekinerja_domain::access::Scope::Tenant;
    let first = bima.member(Role::Administrator).await;
    let second = bima.member_named("kedua.bima", Role::Administrator, whole).await;
    let lost = bima.member_named("hilang.bima", Role::Administrator, whole).await;
    set_up(&app, &lost).await;
    let member = role(&first, "bima", "hilang.bima").await;
    let path = format!("{member}/second-factor-withdrawal");
    let why = json!({ "reason": "Ponsel hilang" });
    let asked = first.post(&path, &why).await.expect(202).json();
    let here = |asked: &Value| {
        bima.api(&format!("/account-requests/{}", asked["id"].as_str().expect("an id")))
    };
    second.post(&format!("{}/refusal", here(&asked)), &Value::Null).await.expect(200);
    lost.get("/api/v1/me").await.expect(200);
    let asked = first.post(&path, &why).await.expect(202).json();
    app.pass(Duration::hours(25));
    let second = app.sign_in("kedua.bima").await;
    let late = second.post(&format!("{}/approval", here(&asked)), &Value::Null).await.expect(409);
    assert_eq!(late.code(), "account-request.over");
}

#[tokio::test]
async fn pages_give_out_the_link_once_and_set_the_password() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    bima.member(Role::Planner).await;
    let member = role(&administrator, "bima", "planner.bima").await;
    let page = member.replace("/api/v1/tenants", "");
    let told = administrator.fill(&format!("{page}/password-link"), &[]).await.expect(201);
    assert_eq!(told.header("cache-control"), "no-store");
    let (_, rest) = told.body.split_once("/kata-sandi/tautan/").expect("a link");
    let secret: String = rest.chars().take(43).collect();
    assert!(!administrator.look("/bima/members").await.expect(200).body.contains(&secret));

    let visitor = app.visitor();
    let form = visitor.look(&format!("/kata-sandi/tautan/{secret}")).await.expect(200);
    assert_eq!(form.header("cache-control"), "no-store");
    assert!(form.body.contains("new-password") && !form.body.contains("planner.bima"));
    let differ = [("secret", secret.as_str()), ("new_password", NEW), ("again", "lain")];
    visitor.fill("/kata-sandi/tautan", &differ).await.expect(422);
    let same = [("secret", secret.as_str()), ("new_password", NEW), ("again", NEW)];
    assert_eq!(
        visitor.fill("/kata-sandi/tautan", &same).await.expect(303).header("location"),
        "/masuk"
    );
    visitor.fill("/kata-sandi/tautan", &same).await.expect(409);
    visitor.look(&format!("/kata-sandi/tautan/{secret}")).await.expect(409);
    app.sign_in_with("planner.bima", NEW).await;

    let planner = app.sign_in_with("planner.bima", NEW).await;
    // `set_up` knows the usual password only.
    let begun = planner.post("/api/v1/me/second-factor", &json!({ "password": NEW })).await;
    let key = begun.expect(200).json()["key"].as_str().expect("a key").to_owned();
    let phone = crate::second_factor::Authenticator::of(&key);
    let code = json!({ "code": phone.shows(&app, 0) });
    planner.put("/api/v1/me/second-factor", &code).await.expect(200);
    let withdrawal = format!("{page}/second-factor-withdrawal");
    administrator.fill(&withdrawal, &[("reason", "")]).await.expect(422);
    administrator.fill(&withdrawal, &[("reason", "Ponsel hilang")]).await.expect(303);
    app.sign_in_with("planner.bima", NEW).await;
}
