//! The second factor of local accounts: set up, asked for at sign-in, lost, obligatory.

use chrono::Duration;
use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;
use totp_rs::{Builder, Secret, Totp};

/// An account's authenticator.
pub(crate) struct Authenticator(Totp);

impl Authenticator {
    pub(crate) fn of(key: &str) -> Self {
        let secret = Secret::try_from_base32(key).expect("base32");
        Self(Builder::new().with_secret(secret).build().expect("a key"))
    }

    /// What it shows at the moment of the test's clock, `steps` of half a minute later.
    pub(crate) fn shows(&self, app: &TestApp, steps: i64) -> String {
        let now = app.app.now().timestamp() + steps * 30;
        self.0.generate(u64::try_from(now).expect("after 1970")).to_string()
    }
}

/// Sets a second factor up; the recovery codes. The clock goes on, so that the next code is a new one.
pub(crate) async fn set_up(app: &TestApp, actor: &Actor) -> (Authenticator, Vec<String>) {
    let begun = actor.post("/api/v1/me/second-factor", &json!({ "password": PASSWORD })).await;
    let key = begun.expect(200).json()["key"].as_str().expect("a key").to_owned();
    let phone = Authenticator::of(&key);
    let code = json!({ "code": phone.shows(app, 0) });
    let codes = actor.put("/api/v1/me/second-factor", &code).await.expect(200).json();
    let codes = codes["recovery_codes"].as_array().expect("codes").iter();
    let codes = codes.map(|it| it.as_str().expect("a code").to_owned()).collect();
    app.pass(Duration::seconds(60));
    (phone, codes)
}

async fn sign_in(actor: &Actor, username: &str, code: &str) -> Answer {
    let body = json!({ "username": username, "password": PASSWORD, "code": code });
    actor.post("/api/v1/session", &body).await
}

#[tokio::test]
async fn account_with_a_second_factor_signs_in_with_a_code_and_not_without() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let (desk, other) = (app.sign_in("ani").await, app.sign_in("ani").await);
    let before = desk.get("/api/v1/me/security").await.expect(200).json();
    assert_eq!(
        (before["second_factor"].as_bool(), before["available"].as_bool()),
        (Some(false), Some(true))
    );
    let (phone, codes) = set_up(&app, &desk).await;
    assert_eq!(codes.len(), 10);
    desk.get("/api/v1/me").await.expect(200);
    other.get("/api/v1/me").await.expect(401);

    let visitor = app.visitor();
    assert_eq!(sign_in(&visitor, "ani", "").await.expect(401).code(), "sign-in.code-wanted");
    visitor.get("/api/v1/me").await.expect(401);
    assert_eq!(
        sign_in(&visitor, "ani", "000000").await.expect(401).code(),
        "second-factor.code-wrong"
    );
    visitor.get("/api/v1/me").await.expect(401);
    sign_in(&visitor, "ani", &phone.shows(&app, 0)).await.expect(200);
    let after = visitor.get("/api/v1/me/security").await.expect(200).json();
    assert_eq!(
        (&after["second_factor"], &after["recovery_codes_left"]),
        (&json!(true), &json!(10))
    );
}

#[tokio::test]
async fn wrong_password_with_a_right_code_tells_nothing_of_the_code() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let (phone, _) = set_up(&app, &app.sign_in("ani").await).await;
    let code = phone.shows(&app, 0);
    let body = json!({ "username": "ani", "password": "bukan-kata-sandinya", "code": code });
    let refused = app.visitor().post("/api/v1/session", &body).await.expect(401);
    assert_eq!(refused.code(), "sign-in.failed");
    // It was not used up by that.
    sign_in(&app.visitor(), "ani", &code).await.expect(200);
}

#[tokio::test]
async fn code_is_taken_once_and_one_step_early_or_late() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let (phone, _) = set_up(&app, &app.sign_in("ani").await).await;
    let late = phone.shows(&app, -1);
    sign_in(&app.visitor(), "ani", &late).await.expect(200);
    assert_eq!(sign_in(&app.visitor(), "ani", &late).await.code(), "second-factor.code-used");
    let early = phone.shows(&app, 1);
    sign_in(&app.visitor(), "ani", &early).await.expect(200);
    // What came before the last code that was taken is worth nothing either.
    let now = phone.shows(&app, 0);
    assert_eq!(sign_in(&app.visitor(), "ani", &now).await.code(), "second-factor.code-used");
    let too_early = phone.shows(&app, 2);
    assert_eq!(sign_in(&app.visitor(), "ani", &too_early).await.code(), "second-factor.code-wrong");

    // Two at the same moment: one gets in.
    app.pass(Duration::seconds(120));
    let code = phone.shows(&app, 0);
    let (one, two) = (app.visitor(), app.visitor());
    let (one, two) = tokio::join!(sign_in(&one, "ani", &code), sign_in(&two, "ani", &code));
    let mut both = [one.status, two.status];
    both.sort_unstable();
    assert_eq!(both, [200, 401]);
}

#[tokio::test]
async fn after_five_wrong_codes_none_is_taken_for_a_quarter_of_an_hour() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let (phone, codes) = set_up(&app, &app.sign_in("ani").await).await;
    for _ in 0..5 {
        assert_eq!(sign_in(&app.visitor(), "ani", "abc").await.code(), "second-factor.code-wrong");
    }
    for code in [phone.shows(&app, 0), codes[0].clone()] {
        assert_eq!(sign_in(&app.visitor(), "ani", &code).await.code(), "second-factor.blocked");
    }
    app.pass(Duration::minutes(16));
    sign_in(&app.visitor(), "ani", &phone.shows(&app, 0)).await.expect(200);
}

#[tokio::test]
async fn recovery_code_signs_in_once_and_new_ones_replace_the_old() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let desk = app.sign_in("ani").await;
    let (phone, codes) = set_up(&app, &desk).await;
    let typed = format!(" {} ", codes[0].to_lowercase().replace('-', " "));
    sign_in(&app.visitor(), "ani", &typed).await.expect(200);
    assert_eq!(
        sign_in(&app.visitor(), "ani", &codes[0]).await.expect(401).code(),
        "second-factor.code-wrong"
    );

    let path = "/api/v1/me/second-factor/recovery-codes";
    let wrong = desk.post(path, &json!({ "code": "123456" })).await.expect(422);
    assert_eq!(wrong.violations(), [("/code".to_owned(), "second-factor.code-wrong".to_owned())]);
    let renewed = desk.post(path, &json!({ "code": phone.shows(&app, 0) })).await.expect(200);
    assert_eq!(renewed.header("cache-control"), "no-store");
    let renewed = renewed.json()["recovery_codes"][0].as_str().expect("a code").to_owned();
    assert_eq!(sign_in(&app.visitor(), "ani", &codes[1]).await.code(), "second-factor.code-wrong");
    sign_in(&app.visitor(), "ani", &renewed).await.expect(200);
}

#[tokio::test]
async fn switching_off_needs_password_and_code() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let desk = app.sign_in("ani").await;
    let (phone, _) = set_up(&app, &desk).await;
    let path = "/api/v1/me/second-factor/removal";
    for (password, code, field) in
        [("salah", phone.shows(&app, 0), "/password"), (PASSWORD, "000000".to_owned(), "/code")]
    {
        let refused = desk.post(path, &json!({ "password": password, "code": code })).await;
        assert_eq!(refused.expect(422).violations()[0].0, field);
    }
    let both = json!({ "password": PASSWORD, "code": phone.shows(&app, 0) });
    desk.post(path, &both).await.expect(204);
    sign_in(&app.visitor(), "ani", "").await.expect(200);
    assert_eq!(desk.post(path, &both).await.expect(409).code(), "second-factor.absent");
}

#[tokio::test]
async fn page_signs_in_in_two_steps_and_begins_no_session_before_the_second() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let (phone, _) = set_up(&app, &bima.member(Role::Planner).await).await;
    let visitor = app.visitor();
    let first = [("username", "planner.bima"), ("password", PASSWORD), ("kembali", "/bima/plan")];
    let answer = visitor.fill("/masuk", &first).await.expect(303);
    assert_eq!(answer.header("location"), "/masuk/kode?kembali=%2Fbima%2Fplan");
    let cookie = answer.header("set-cookie").to_owned();
    assert!(cookie.starts_with("ekinerja-kode=") && cookie.contains("HttpOnly"), "{cookie}");
    visitor.get("/api/v1/me").await.expect(401);

    let page = visitor.look("/masuk/kode?kembali=%2Fbima%2Fplan").await.expect(200).body;
    assert!(page.contains("one-time-code") && page.contains(r#"value="/bima/plan""#), "{page}");
    let wrong = [("code", "000000"), ("kembali", "/bima/plan")];
    let again = visitor.fill("/masuk/kode", &wrong).await.expect(401).body;
    assert!(again.contains("Kode tidak benar") && !again.contains("000000"), "{again}");
    visitor.fill("/masuk/kode", &[("code", "")]).await.expect(422);
    let code = phone.shows(&app, 0);
    let right = [("code", code.as_str()), ("kembali", "/bima/plan")];
    let done = visitor.fill("/masuk/kode", &right).await.expect(303);
    assert_eq!(done.header("location"), "/bima/plan");
    visitor.look("/bima/plan").await.expect(200);

    // The first step is used up: who kept its cookie gets nowhere, not even with a code that is still good.
    let thief = app.visitor();
    let kept = cookie.split(';').next().expect("a cookie").to_owned();
    let form = [("code", phone.shows(&app, 1)), ("kembali", "/bima/plan".to_owned())];
    let request = thief.request(Method::POST, "/masuk/kode").header("cookie", kept);
    let request = request.header("sec-fetch-site", "same-origin").form(&form);
    assert!(thief.send(request).await.expect(303).header("location").starts_with("/masuk?"));
    thief.get("/api/v1/me").await.expect(401);
}

#[tokio::test]
async fn first_step_waits_for_ten_minutes() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let (phone, _) = set_up(&app, &app.sign_in("ani").await).await;
    let visitor = app.visitor();
    visitor.fill("/masuk", &[("username", "ani"), ("password", PASSWORD)]).await.expect(303);
    app.pass(Duration::minutes(11));
    let code = phone.shows(&app, 0);
    let late = visitor.fill("/masuk/kode", &[("code", code.as_str())]).await.expect(303);
    assert!(late.header("location").starts_with("/masuk?"), "{}", late.header("location"));
    visitor.get("/api/v1/me").await.expect(401);
    let told = visitor.look("/masuk").await.expect(200).body;
    assert!(told.contains("Waktu untuk memasukkan kode sudah habis"), "{told}");
}

#[tokio::test]
async fn page_sets_up_shows_the_key_to_its_owner_and_the_codes_once() {
    let app = TestApp::start().await;
    app.account("ani", false).await;
    let ani = app.sign_in("ani").await;
    assert!(ani.look("/keamanan").await.expect(200).body.contains("hanya dilindungi kata sandi"));
    let wrong = ani.fill("/keamanan/pasang", &[("password", "salah")]).await.expect(422).body;
    assert!(wrong.contains("aria-invalid"), "{wrong}");
    ani.fill("/keamanan/pasang", &[("password", PASSWORD)]).await.expect(303);
    let page = ani.look("/keamanan").await.expect(200);
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.body.contains("<svg") && page.body.contains("h1v1h-1z"), "a QR code is drawn");
    let key = page.body.split("<code>").nth(1).and_then(|it| it.split('<').next());
    let key = key.expect("the key as text").replace(' ', "");
    // Another browser of the same person may go on; nobody else sees it.
    let phone = Authenticator::of(&key);
    app.account("budi", false).await;
    assert!(
        !app.sign_in("budi").await.look("/keamanan").await.expect(200).body.contains(&key[..4])
    );
    ani.fill("/keamanan/konfirmasi", &[("code", "000000")]).await.expect(422);
    let code = phone.shows(&app, 0);
    let told = ani.fill("/keamanan/konfirmasi", &[("code", code.as_str())]).await.expect(200);
    assert_eq!(told.body.matches("<li><code>").count(), 10, "{}", told.body);
    assert!(told.headers.get("set-cookie").is_some(), "the session goes on under a new secret");
    let later = ani.look("/keamanan").await.expect(200).body;
    assert!(later.contains("meminta kode") && !later.contains("<svg class=\"qr\""), "{later}");
    assert!(!later.contains(&key) && !later.contains("<li><code>"), "{later}");
}

#[tokio::test]
async fn key_and_codes_are_nowhere_in_clear() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let planner = bima.member(Role::Planner).await;
    let begun = planner.post("/api/v1/me/second-factor", &json!({ "password": PASSWORD })).await;
    let key = begun.expect(200).json()["key"].as_str().expect("a key").to_owned();
    let phone = Authenticator::of(&key);
    let code = json!({ "code": phone.shows(&app, 0) });
    let codes = planner.put("/api/v1/me/second-factor", &code).await.expect(200).body;
    let codes: Value = serde_json::from_str(&codes).expect("JSON");
    let code = codes["recovery_codes"][0].as_str().expect("a code");
    let needles = [key.clone(), code.to_owned(), code.replace('-', "")];
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    for table in ["second_factors", "recovery_codes", "directory_events", "audit_events", "users"] {
        let sql = format!("select coalesce(string_agg(t::text, ' '), '') from {table} t");
        let all: String = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut owner)
            .await
            .expect("a dump");
        for needle in &needles {
            assert!(!all.contains(needle), "{table}");
        }
    }
    let me = planner.get("/api/v1/me").await.expect(200).body;
    let security = planner.get("/api/v1/me/security").await.expect(200).body;
    assert!(!me.contains(&key) && !security.contains(&key));
    let auditor = bima.member(Role::Auditor).await;
    let trail = auditor.get(&bima.api("/audit-events")).await.expect(200).body;
    assert!(trail.contains("second_factor.set") && !trail.contains(&key), "{trail}");
}

#[tokio::test]
async fn whoever_must_and_has_none_is_led_to_set_it_up_before_anything_else() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let planner = bima.member(Role::Planner).await;
    let auditor = bima.member(Role::Auditor).await;
    let rule = bima.api("/second-factor-rule");
    planner.get(&rule).await.expect(403);
    let read = administrator.get(&rule).await.expect(200);
    assert_eq!((read.header("etag"), &read.json()["roles"]), ("\"0\"", &json!([])));
    let unknown = json!({ "roles": ["raja"] });
    let refused = administrator.change(Method::PUT, &rule, 0, &unknown).await.expect(422);
    assert_eq!(refused.violations(), [("/roles".to_owned(), "field.unknown-value".to_owned())]);
    let planners = json!({ "roles": ["planner"] });
    administrator.change(Method::PUT, &rule, 0, &planners).await.expect(200);
    administrator.change(Method::PUT, &rule, 0, &planners).await.expect(412);

    // At once, also for who is signed in already.
    assert_eq!(planner.get(&bima.api("/plan")).await.expect(409).code(), "second-factor.missing");
    assert_eq!(planner.look("/bima").await.expect(303).header("location"), "/keamanan");
    let told = planner.look("/keamanan").await.expect(200).body;
    assert!(told.contains("Peran Anda mewajibkan faktor kedua"), "{told}");
    let me = planner.get("/api/v1/me").await.expect(200).json();
    assert_eq!(
        (&me["must_set_second_factor"], &me["tenants"][0]["roles"]),
        (&json!(true), &json!([]))
    );
    auditor.look("/bima").await.expect(200);

    set_up(&app, &planner).await;
    planner.look("/bima").await.expect(200);
    let me = planner.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["must_set_second_factor"], json!(false));
}

#[tokio::test]
async fn rule_is_set_on_its_page() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    bima.member(Role::Leader).await;
    let page = administrator.look("/bima/second-factor").await.expect(200).body;
    assert!(page.contains(r#"value="leader""#), "{page}");
    let form = [("revision", "0"), ("roles", "leader"), ("roles", "hr")];
    administrator.fill("/bima/second-factor", &form).await.expect(303);
    let page = administrator.look("/bima/second-factor").await.expect(200).body;
    assert!(page.contains(r#"value="leader" checked"#), "{page}");
    let leader = app.sign_in("leader.bima").await;
    assert_eq!(leader.look("/bima").await.expect(303).header("location"), "/keamanan");
    administrator.fill("/bima/second-factor", &[("revision", "0")]).await.expect(412);
}

#[tokio::test]
async fn real_installation_asks_it_of_administrators_and_operators() {
    let app = TestApp::start_strict().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    bima.member(Role::Planner).await.look("/bima").await.expect(200);
    assert_eq!(administrator.look("/bima").await.expect(303).header("location"), "/keamanan");
    set_up(&app, &administrator).await;
    let rule = administrator.get(&bima.api("/second-factor-rule")).await.expect(200).json();
    assert_eq!(rule["administrators_always"], json!(true));

    let operator = app.operator().await;
    assert_eq!(operator.look("/operator").await.expect(303).header("location"), "/keamanan");
    let refused = operator.get("/api/v1/operator/tenants").await;
    assert_eq!(refused.code(), "second-factor.missing");
    set_up(&app, &operator).await;
    operator.look("/operator").await.expect(200);
    operator.get("/api/v1/operator/tenants").await.expect(200);
}
