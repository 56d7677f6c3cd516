//! `canaille` (PyPI): a whole provider with people, passwords and consent of its own.
//!
//! It gives claims of the standard only: the NIP comes as `preferred_username`, and the government says so.

use ekinerja_tests::{Actor, TestApp, TestTenant};
use serde_json::{Value, json};

use super::browser::{Browser, Seen, between};
use super::house::{NIP, SECRET, at, client_of, employee, house, me, set, switch_on, way_in};
use super::program::Program;

const PASSWORD: &str = "kata-sandi-di-penyedia";

/// What a government's canaille shall know.
pub(super) fn provider(app: &TestApp, tenant: &TestTenant<'_>, people: &Value) -> Value {
    json!({
        "client": {
            "client_id": client_of(tenant), "client_secret": SECRET,
            "redirect_uris": [at(app, &format!("/masuk/{}/kembali", tenant.slug()))],
            "post_logout_redirect_uris": [at(app, "/masuk")],
        },
        "people": people,
    })
}

/// Sets which claim holds the NIP.
pub(super) async fn name_claim(
    administrator: &Actor,
    tenant: &TestTenant<'_>,
    issuer: &str,
    claim: &str,
) {
    let body = json!({
        "issuer": issuer, "client_id": client_of(tenant), "scopes": "profile",
        "nip_claim": claim, "label": "Canaille", "enabled": true,
    });
    set(administrator, tenant, &body).await.expect(200);
}

/// Types name and password as a person does; what comes after them.
async fn identify(browser: &Browser, way_in: &str, name: &str, password: &str) -> Seen {
    let login = browser.go(way_in).await.expect(200);
    let asked = browser.submit(&login, &[("login", name)]).await.expect(200);
    browser.submit(&asked, &[("password", password)]).await
}

/// Signs in once more, where the provider asks nothing any more. Within the same second it breaks down, because
/// its tokens of one person differ in their time alone; then nobody is let in, and the person tries again.
async fn again(browser: &Browser, way_in: &str) -> Seen {
    for _ in 0..200 {
        let seen = browser.go(way_in).await;
        if seen.status != 502 {
            return seen;
        }
        assert!(seen.body.contains("provider.status"), "{}", seen.body);
    }
    panic!("the provider stays broken")
}

#[tokio::test]
async fn people_of_the_provider_get_in_with_its_passwords_and_the_claim_that_was_named() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    employee(&bima, &app, "rina.bima", NIP).await;
    let people = json!({
        "rina": { "name": "Rina", "nip": NIP, "password": PASSWORD },
        "asing": { "name": "Orang Asing", "nip": "196001011980011009", "password": PASSWORD },
    });
    let program = Program::canaille(&provider(&app, &bima, &people));
    let issuer = &program.issuers[0];
    let administrator = switch_on(&bima, issuer).await;
    let way_in = way_in(&app, &bima);

    // The claim that is named at first is none of this provider's.
    let browser = Browser::new();
    let consent = identify(&browser, &way_in, "rina", PASSWORD).await.expect(200);
    let refused = browser.submit(&consent, &[("answer", "accept")]).await.expect(403);
    assert!(refused.body.contains("sign-in.unknown-person"), "{}", refused.body);
    me(&app, &browser).await.expect(401);
    name_claim(&administrator, &bima, issuer, "preferred_username").await;

    // A wrong password stays at the provider.
    let browser = Browser::new();
    let wrong = identify(&browser, &way_in, "rina", "salah-sama-sekali").await;
    assert!(wrong.url.as_str().starts_with(issuer), "{}", wrong.url);
    me(&app, &browser).await.expect(401);
    let page = browser.submit(&wrong, &[("password", PASSWORD)]).await;
    // She consented before: no question is asked, now and the next time.
    let page = if page.status == 502 { again(&browser, &way_in).await } else { page };
    let page = page.expect(200);
    assert_eq!(page.url.path(), "/bima", "{}", page.url);
    assert!(page.body.contains("Akun rina.bima"), "{}", page.body);
    assert_eq!(again(&browser, &way_in).await.expect(200).url.path(), "/bima");

    // Whom the provider knows and the government does not.
    let stranger = Browser::new();
    let consent = identify(&stranger, &way_in, "asing", PASSWORD).await.expect(200);
    let refused = stranger.submit(&consent, &[("answer", "accept")]).await.expect(403);
    assert!(refused.body.contains("sign-in.unknown-person"), "{}", refused.body);
    assert!(refused.body.contains("administrator pemerintah daerah"), "{}", refused.body);
    me(&app, &stranger).await.expect(401);

    let trail = administrator.get(&bima.api("/audit-events")).await.expect(200).body;
    for said in ["no_nip", "no_member", "identity.linked", "sign_in.succeeded"] {
        assert!(trail.contains(said), "{said}: {trail}");
    }
}

#[tokio::test]
async fn who_leaves_the_provider_as_well_is_asked_again_and_who_refuses_stays_out() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    employee(&bima, &app, "rina.bima", NIP).await;
    let people = json!({ "rina": { "name": "Rina", "nip": NIP, "password": PASSWORD } });
    let program = Program::canaille(&provider(&app, &bima, &people));
    let issuer = &program.issuers[0];
    let administrator = switch_on(&bima, issuer).await;
    name_claim(&administrator, &bima, issuer, "preferred_username").await;
    let way_in = way_in(&app, &bima);

    let unwilling = Browser::new();
    let consent = identify(&unwilling, &way_in, "rina", PASSWORD).await.expect(200);
    let refused = unwilling.submit(&consent, &[("answer", "deny")]).await.expect(400);
    assert!(refused.body.contains("sign-in.cancelled"), "{}", refused.body);
    me(&app, &unwilling).await.expect(401);

    let browser = Browser::new();
    let consent = identify(&browser, &way_in, "rina", PASSWORD).await.expect(200);
    browser.submit(&consent, &[("answer", "accept")]).await.expect(200);
    me(&app, &browser).await.expect(200);
    browser.post(&at(&app, "/keluar"), &[]).await.expect(200);
    me(&app, &browser).await.expect(401);
    // Signed out here, she is still signed in there.
    assert_eq!(again(&browser, &way_in).await.expect(200).url.path(), "/bima");
    let out = browser.post(&at(&app, "/keluar"), &[]).await.expect(200);
    let end = format!("{issuer}/oauth/end_session");
    let way_out = between(&out.body, &format!("href=\"{end}"), "\"").expect("a way out");
    let gone = browser.go(&format!("{end}{}", way_out.replace("&amp;", "&"))).await;
    assert_eq!(gone.url.path(), "/masuk", "{}: {}", gone.url, gone.body);
    let asked = browser.go(&way_in).await.expect(200);
    assert!(asked.url.as_str().starts_with(issuer), "{}", asked.url);
    assert!(asked.body.contains("name=\"login\""), "{}", asked.body);
}
