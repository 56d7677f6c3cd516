//! A house with governments whose people sign in at a provider.

use chrono::{DateTime, Utc};
use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::{Actor, Answer, TestApp, TestTenant};
use reqwest::Method;
use serde_json::{Value, json};

use super::browser::{Browser, Seen};

pub(super) const NIP: &str = "198001012005011001";

/// The real time: real providers sign with it.
pub(super) fn real_time() -> DateTime<Utc> {
    #[expect(clippy::disallowed_methods, reason = "a real provider knows no other clock")]
    let now = Utc::now();
    now
}

/// A running product at the real time.
pub(super) async fn house() -> TestApp {
    let app = TestApp::start().await;
    app.clock.set(real_time());
    app
}

/// An address of the product.
pub(super) fn at(app: &TestApp, path: &str) -> String {
    format!("http://{}{path}", app.address())
}

/// A member with an employee number, who need not know any password.
pub(super) async fn employee(tenant: &TestTenant<'_>, app: &TestApp, name: &str, nip: &str) {
    app.account_with(name, Some(nip), false).await;
    tenant.give(name, Role::Planner, Scope::Tenant, None).await;
}

/// Sets a government's provider with the interface.
pub(super) async fn set(administrator: &Actor, tenant: &TestTenant<'_>, body: &Value) -> Answer {
    let now = administrator.get(&tenant.api("/identity-provider")).await.expect(200);
    let request = administrator
        .request(Method::PUT, &tenant.api("/identity-provider"))
        .header("if-match", now.header("etag"));
    administrator.send(request.json(body)).await
}

/// Sets it, switched on.
pub(super) async fn switch_on(tenant: &TestTenant<'_>, issuer: &str) -> Actor {
    let administrator = tenant.member(Role::Administrator).await;
    let body = json!({
        "issuer": issuer, "client_id": client_of(tenant), "client_secret": SECRET,
        "scopes": "profile", "nip_claim": "nip", "label": "SSO", "enabled": true,
    });
    set(&administrator, tenant, &body).await.expect(200);
    administrator
}

pub(super) const SECRET: &str = "rahasia-klien-untuk-uji";

/// How the providers of the tests know a government's client.
pub(super) fn client_of(tenant: &TestTenant<'_>) -> String {
    format!("ekinerja-{}", tenant.slug())
}

/// The beginning of a sign-in to a government.
pub(super) fn way_in(app: &TestApp, tenant: &TestTenant<'_>) -> String {
    at(app, &format!("/masuk/{}/penyedia", tenant.slug()))
}

/// Who the browser is, as the interface says.
pub(super) async fn me(app: &TestApp, browser: &Browser) -> Seen {
    browser.step(&at(app, "/api/v1/me")).await
}
