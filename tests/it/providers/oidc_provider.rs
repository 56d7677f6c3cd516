//! Two issuers of `oidc-provider`, the certified implementation on npm, at once.

use ekinerja_tests::{TestApp, TestTenant};
use serde_json::{Value, json};

use super::browser::{Browser, Seen, between};
use super::house::{NIP, SECRET, at, client_of, employee, house, me, switch_on, way_in};
use super::program::Program;

const OTHER_NIP: &str = "197512312000121002";

/// What an issuer of one government shall be.
pub(super) fn issuer(
    app: &TestApp,
    tenant: &TestTenant<'_>,
    in_token: bool,
    people: &Value,
) -> Value {
    json!({
        "client": {
            "client_id": client_of(tenant), "client_secret": SECRET,
            "redirect_uris": [at(app, &format!("/masuk/{}/kembali", tenant.slug()))],
            "post_logout_redirect_uris": [at(app, "/masuk")],
        },
        "people": people, "claimsInToken": in_token,
    })
}

/// Types a name at the provider and consents, as a person does.
async fn sign_in(browser: &Browser, app: &TestApp, tenant: &TestTenant<'_>, name: &str) -> Seen {
    let login = browser.go(&way_in(app, tenant)).await.expect(200);
    let consent = browser.submit(&login, &[("login", name), ("password", "x")]).await.expect(200);
    browser.submit(&consent, &[]).await
}

#[tokio::test]
async fn two_governments_sign_in_at_two_issuers_in_one_browser_and_out_again() {
    let app = house().await;
    let (bima, dompu) = (app.tenant("bima").await, app.tenant("dompu").await);
    employee(&bima, &app, "rina.bima", NIP).await;
    employee(&dompu, &app, "rina.dompu", OTHER_NIP).await;
    let people = |nip: &str| json!({ "rina": { "name": "Rina", "nip": nip, "roles": ["admin"] } });
    // One issuer tells the NIP in the token, the other only when it is asked.
    let wanted = json!([
        issuer(&app, &bima, true, &people(NIP)),
        issuer(&app, &dompu, false, &people(OTHER_NIP)),
    ]);
    let mut program = Program::oidc_provider(&wanted);
    switch_on(&bima, &program.issuers[0]).await;
    switch_on(&dompu, &program.issuers[1]).await;

    // From the page that was wanted, by the government's own page, to the provider and back.
    let browser = Browser::new();
    let asked = browser.go(&at(&app, "/bima/plan")).await.expect(200);
    assert_eq!(asked.url.path(), "/masuk/bima");
    let by_provider = between(&asked.body, "href=\"/masuk/bima/penyedia", "\"").expect("a button");
    let login = browser.go(&at(&app, &format!("/masuk/bima/penyedia{by_provider}"))).await;
    let login = login.expect(200);
    assert!(login.url.as_str().starts_with(&program.issuers[0]), "{}", login.url);
    let consent = browser.submit(&login, &[("login", "rina"), ("password", "x")]).await.expect(200);
    let page = browser.submit(&consent, &[]).await.expect(200);
    assert_eq!(page.url.path(), "/bima/plan");
    assert!(page.body.contains("Akun rina.bima"), "{}", page.body);

    let page = sign_in(&browser, &app, &dompu, "rina").await.expect(200);
    assert_eq!(page.url.path(), "/dompu");
    assert!(page.body.contains("Akun rina.dompu"), "{}", page.body);
    let page = browser.go(&at(&app, "/bima/plan")).await.expect(200);
    assert!(page.body.contains("Akun rina.bima") && !page.body.contains("rina.dompu"));

    // Signing out ends both here, and shows the way out of each provider.
    let out = browser.post(&at(&app, "/keluar"), &[]).await.expect(200);
    me(&app, &browser).await.expect(401);
    assert!(out.body.contains("id_token_hint="), "{}", out.body);
    assert_eq!(out.body.matches("/session/end?").count(), 2, "{}", out.body);
    let way_out = between(&out.body, &format!("href=\"{}/session/end", program.issuers[0]), "\"");
    let way_out = way_out.expect("Bima's").replace("&amp;", "&");
    let asked =
        browser.go(&format!("{}/session/end{way_out}", program.issuers[0])).await.expect(200);
    let gone = browser.submit(&asked, &[("logout", "yes")]).await.expect(200);
    assert_eq!(gone.url.path(), "/masuk", "{}", gone.url);
    // The provider knows nobody any more: it asks for a name again.
    let login = browser.go(&way_in(&app, &bima)).await.expect(200);
    assert!(login.body.contains("name=\"login\""), "{}", login.body);

    // New keys at the same address are picked up.
    program.tell("rotate 0");
    sign_in(&Browser::new(), &app, &bima, "rina").await.expect(200);
    // One provider away: the other government still signs in.
    program.tell("stop 0");
    let refused = Browser::new();
    let back = refused.step(&way_in(&app, &bima)).await;
    assert_eq!(back.status, 303, "what it said of itself is still known");
    sign_in(&Browser::new(), &app, &dompu, "rina").await.expect(200);
}

#[tokio::test]
async fn stranger_and_refusal_at_the_provider_let_nobody_in() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    employee(&bima, &app, "rina", NIP).await;
    let people = json!({ "asing": { "name": "Rina", "nip": "196001011980011009" } });
    let program = Program::oidc_provider(&json!([issuer(&app, &bima, true, &people)]));
    switch_on(&bima, &program.issuers[0]).await;
    let browser = Browser::new();
    let seen = sign_in(&browser, &app, &bima, "asing").await.expect(403);
    assert!(seen.body.contains("sign-in.unknown-person"), "{}", seen.body);
    me(&app, &browser).await.expect(401);

    let other = Browser::new();
    let login = other.go(&way_in(&app, &bima)).await.expect(200);
    let abort = between(&login.body, "href=\"", "/abort\"").expect("a way to stop");
    let abort = login.url.join(&format!("{abort}/abort")).expect("an address");
    let seen = other.go(abort.as_str()).await.expect(400);
    assert!(seen.body.contains("sign-in.cancelled"), "{}", seen.body);
    me(&app, &other).await.expect(401);
}
