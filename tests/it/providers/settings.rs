//! An administrator names the provider; the operator's list and the seal hold.

use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::PASSWORD;
use serde_json::{Value, json};
use sqlx::ConnectOptions as _;

use super::browser::Browser;
use super::house::{NIP, SECRET, at, client_of, employee, house, set, switch_on, way_in};
use super::peer::Peer;

fn settings(issuer: &str) -> Value {
    json!({ "issuer": issuer, "client_id": "ekinerja", "client_secret": SECRET, "enabled": true })
}

#[tokio::test]
async fn only_addresses_that_the_operator_allows_are_ever_named_or_called() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    for (issuer, code) in [
        ("https://jahat.example/", "provider.not-allowed"),
        ("http://sso.contoh.go.id/", "provider.not-allowed"),
        ("https://sso.contoh.go.id:8443/", "provider.not-allowed"),
        ("https://10.9.8.7/", "provider.private-address"),
        ("https://169.254.169.254/latest", "provider.private-address"),
        ("https://[::ffff:10.0.0.1]/", "provider.private-address"),
        ("https://a:b@sso.contoh.go.id/", "provider.address"),
        ("https://sso.contoh.go.id/?x=1", "provider.address"),
        ("file:///etc/passwd", "provider.address"),
        ("sso.contoh.go.id", "provider.address"),
        ("", "field.missing"),
    ] {
        let wanted = [("/issuer".to_owned(), code.to_owned())];
        let refused = set(&administrator, &bima, &settings(issuer)).await.expect(422);
        assert_eq!(refused.violations(), wanted, "{issuer}");
        let test = bima.api("/identity-provider/test");
        let refused = administrator.post(&test, &json!({ "issuer": issuer })).await.expect(422);
        assert_eq!(refused.violations(), wanted, "{issuer}");
    }
    // The twin.
    set(&administrator, &bima, &settings("https://sso.contoh.go.id/realms/asn")).await.expect(200);
}

#[tokio::test]
async fn test_of_a_provider_says_what_is_wrong_with_it() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    let administrator = bima.member(Role::Administrator).await;
    let code = async |peer: &Peer| {
        let body = json!({ "issuer": peer.issuer() });
        let test = bima.api("/identity-provider/test");
        administrator.post(&test, &body).await.expect(422).violations()[0].1.clone()
    };
    let peer = Peer::start().await;
    let test = bima.api("/identity-provider/test");
    let good = administrator.post(&test, &json!({ "issuer": peer.issuer() })).await.expect(200);
    assert_eq!(good.json()["token_endpoint"], format!("{}/token", peer.issuer()));

    for (beside, expected) in [
        (json!({ "token_endpoint": "https://jahat.example/token" }), "provider.not-allowed"),
        (json!({ "authorization_endpoint": "https://10.0.0.1/" }), "provider.private-address"),
        (json!({ "jwks_uri": "http://169.254.169.254/" }), "provider.private-address"),
        (json!({ "issuer": "http://127.0.0.1:1" }), "provider.other-issuer"),
        (json!({ "token_endpoint": null }), "provider.unreadable"),
    ] {
        let peer = Peer::start().await;
        peer.beside(beside.clone());
        assert_eq!(code(&peer).await, expected, "{beside}");
    }
    for (status, text, expected) in [
        (200, String::from("<html>"), "provider.unreadable"),
        (404, String::from("{}"), "provider.status"),
        (302, String::new(), "provider.redirects"),
        (200, "x".repeat(300 * 1024), "provider.too-large"),
    ] {
        let peer = Peer::start().await;
        peer.instead(status, text);
        assert_eq!(code(&peer).await, expected, "{status}");
    }

    let page = administrator.look("/bima/sign-in").await.expect(200).body;
    assert!(page.contains(&at(&app, "/masuk/bima/kembali")), "{page}");
    let typed = [("issuer", peer.issuer()), ("client_id", "x"), ("revision", "0")];
    let tried = administrator.fill("/bima/sign-in/test", &typed).await.expect(200).body;
    assert!(tried.contains("menjawab sebagaimana mestinya"), "{tried}");
    assert!(
        tried.contains(&format!("value=\"{}\"", peer.issuer())),
        "what was typed stays: {tried}"
    );
}

#[tokio::test]
async fn secret_is_sealed_and_never_told_again() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    employee(&bima, &app, "rina", NIP).await;
    let peer = Peer::start().await;
    let administrator = switch_on(&bima, peer.issuer()).await;
    for path in [bima.api("/identity-provider"), bima.api("/audit-events"), "/bima/sign-in".into()]
    {
        let told = administrator.get(&path).await.expect(200).body;
        assert!(!told.contains(SECRET), "{path}: {told}");
    }
    let mut connection = app.database().owner_options().connect().await.expect("the owner");
    let sealed: (Vec<u8>,) = sqlx::query_as("select client_secret from identity_providers")
        .fetch_one(&mut connection)
        .await
        .expect("the row");
    assert!(!sealed.0.windows(8).any(|it| it == &SECRET.as_bytes()[..8]));

    // It stays while nothing is typed, and works; at another address it must be typed anew.
    let mut body = json!({
        "issuer": peer.issuer(), "client_id": client_of(&bima), "label": "SSO Bima", "enabled": true,
    });
    set(&administrator, &bima, &body).await.expect(200);
    Browser::new().go(&way_in(&app, &bima)).await.expect(200);
    body["issuer"] = "https://sso.contoh.go.id".into();
    let refused = set(&administrator, &bima, &body).await.expect(422);
    assert_eq!(
        refused.violations(),
        [("/client_secret".to_owned(), "provider.secret-again".to_owned())]
    );
    let trail = administrator.get(&bima.api("/audit-events")).await.expect(200).body;
    assert!(trail.contains("identity_provider.set") && trail.contains("SSO → SSO Bima"), "{trail}");

    body["issuer"] = peer.issuer().into();
    body["client_secret"] = "rahasia-yang-salah".into();
    set(&administrator, &bima, &body).await.expect(200);
    let seen = Browser::new().go(&way_in(&app, &bima)).await.expect(502);
    assert!(seen.body.contains("provider.client-refused"), "{}", seen.body);
}

#[tokio::test]
async fn only_administrators_set_it_and_nobody_overwrites_another() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    let planner = bima.member(Role::Planner).await;
    planner.get(&bima.api("/identity-provider")).await.expect(403);
    planner.look("/bima/sign-in").await.expect(403);
    let administrator = bima.member(Role::Administrator).await;
    let body = settings("https://sso.contoh.go.id");
    set(&administrator, &bima, &body).await.expect(200);
    let put = |revision: i32| {
        administrator.change(
            reqwest::Method::PUT,
            "/api/v1/tenants/bima/identity-provider",
            revision,
            &body,
        )
    };
    put(0).await.expect(412);
    put(1).await.expect(200);
}

#[tokio::test]
async fn where_only_emergency_accounts_sign_in_locally_nobody_else_does() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    let dompu = app.tenant("dompu").await;
    employee(&bima, &app, "rina", NIP).await;
    dompu.give("rina", Role::Auditor, Scope::Tenant, None).await;
    let administrator = bima.member(Role::Administrator).await;
    let rina = app.sign_in_with("rina", PASSWORD).await;
    rina.look("/bima").await.expect(200);
    let peer = Peer::start().await;
    let mut body = settings(peer.issuer());
    body["client_id"] = client_of(&bima).into();
    body["local_sign_in"] = "emergency".into();
    let refused = set(&administrator, &bima, &body).await.expect(422);
    assert_eq!(
        refused.violations(),
        [("/emergency".to_owned(), "provider.emergency-nobody".to_owned())]
    );
    let me = administrator.get("/api/v1/me").await.expect(200).json();
    body["emergency"] = json!([me["id"]]);
    set(&administrator, &bima, &body).await.expect(200);

    rina.look("/bima").await.expect(404);
    rina.look("/dompu").await.expect(200);
    // Not even theirs does without a second person: `emergency` has the rest.
    let closed = administrator.look("/bima").await.expect(303);
    assert_eq!(closed.header("location"), "/masuk/bima/darurat?kembali=%2Fbima");
    let mine = rina.get("/api/v1/me").await.expect(200).json();
    assert_eq!(mine["tenants"].as_array().expect("a list").len(), 1, "{mine}");
    // Her provider lets her in, in the same browser as well as in another.
    Browser::new().go(&way_in(&app, &bima)).await.expect(200);
    let page = app.visitor().look("/masuk/bima").await.expect(200).body;
    assert!(page.contains("Akun darurat"), "{page}");
}
