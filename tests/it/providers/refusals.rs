//! Who is not let in, and by which lies. Each denial has its allowed twin.

use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::PASSWORD;
use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use super::browser::Browser;
use super::house::{NIP, at, employee, house, me, switch_on, way_in};
use super::peer::{Lie, Peer};

const OTHER_NIP: &str = "197512312000121002";

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn no_lie_of_a_provider_lets_anybody_in() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    employee(&bima, &app, "rina", NIP).await;
    let peer = Peer::start().await;
    switch_on(&bima, peer.issuer()).await;
    for lie in Lie::ALL {
        peer.lie(lie);
        let browser = Browser::new();
        let seen = browser.go(&way_in(&app, &bima)).await;
        assert_eq!(seen.status, 401, "{lie:?}: {}", seen.body);
        assert!(seen.body.contains("sign-in.distrusted"), "{lie:?}: {}", seen.body);
        me(&app, &browser).await.expect(401);
    }
    peer.lie(Lie::None);
    let browser = Browser::new();
    browser.go(&way_in(&app, &bima)).await.expect(200);
    me(&app, &browser).await.expect(200);
}

#[tokio::test]
async fn callback_is_worth_something_once_in_the_browser_in_which_it_began() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    employee(&bima, &app, "rina", NIP).await;
    let peer = Peer::start().await;
    switch_on(&bima, peer.issuer()).await;
    let callback = at(&app, "/masuk/bima/kembali");

    let (mine, other) = (Browser::new(), Browser::new());
    let back = mine.until(&way_in(&app, &bima), &callback).await;
    // A browser without a sign-in of its own, and one that has begun another.
    other.step(&back).await.expect(400);
    other.until(&way_in(&app, &bima), &callback).await;
    let refused = other.step(&back).await.expect(400);
    assert!(refused.body.contains("sign-in.unfinished"), "{}", refused.body);
    me(&app, &other).await.expect(401);
    // The attempt of the other did not use it up.
    assert_eq!(mine.step(&back).await.expect(303).location(), at(&app, "/bima"));
    me(&app, &mine).await.expect(200);
    // Once more is once too often.
    mine.step(&back).await.expect(400);

    for (from, to) in [("state=", "state=x"), ("code=", "code=x"), ("iss=http", "iss=https")] {
        let browser = Browser::new();
        let back = browser.until(&way_in(&app, &bima), &callback).await;
        let refused = browser.step(&back.replace(from, to)).await;
        assert!(matches!(refused.status, 400 | 401), "{to}: {} {}", refused.status, refused.body);
        me(&app, &browser).await.expect(401);
    }

    let late = Browser::new();
    let back = late.until(&way_in(&app, &bima), &callback).await;
    app.pass(chrono::Duration::minutes(11));
    late.step(&back).await.expect(400);
}

#[tokio::test]
async fn provider_that_says_it_names_itself_must() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    employee(&bima, &app, "rina", NIP).await;
    let peer = Peer::start().await;
    peer.beside(json!({ "authorization_response_iss_parameter_supported": true }));
    switch_on(&bima, peer.issuer()).await;
    let callback = at(&app, "/masuk/bima/kembali");
    let browser = Browser::new();
    let back = browser.until(&way_in(&app, &bima), &callback).await;
    let nameless = back.split("&iss=").next().expect("an address");
    browser.step(nameless).await.expect(401);
    let back = browser.until(&way_in(&app, &bima), &callback).await;
    browser.step(&back).await.expect(303);
}

#[tokio::test]
async fn code_of_one_government_is_worth_nothing_at_another() {
    let app = house().await;
    let (bima, dompu) = (app.tenant("bima").await, app.tenant("dompu").await);
    employee(&bima, &app, "rina", NIP).await;
    dompu.give("rina", Role::Auditor, Scope::Tenant, None).await;
    let peer = Peer::start().await;
    switch_on(&bima, peer.issuer()).await;
    switch_on(&dompu, peer.issuer()).await;
    let browser = Browser::new();
    let back = browser.until(&way_in(&app, &bima), &at(&app, "/masuk/bima/kembali")).await;
    browser.step(&back.replace("/masuk/bima/", "/masuk/dompu/")).await.expect(400);
    me(&app, &browser).await.expect(401);

    // A sign-in of Bima enters Bima alone, although the same account is a member of Dompu.
    browser.go(&way_in(&app, &bima)).await.expect(200);
    browser.step(&at(&app, "/bima")).await.expect(200);
    let asked = browser.step(&at(&app, "/dompu/plan")).await.expect(303);
    assert_eq!(asked.location(), at(&app, "/masuk/dompu?kembali=%2Fdompu%2Fplan"));
    let refused = browser.step(&at(&app, &dompu.api("/plan"))).await.expect(401);
    assert_eq!(json_of(&refused.body)["code"], "sign-in.of-tenant");
    let mine = json_of(&me(&app, &browser).await.expect(200).body);
    assert_eq!(mine["tenants"].as_array().expect("a list").len(), 1, "{mine}");
}

#[tokio::test]
async fn two_accounts_in_one_browser_are_never_mixed() {
    let app = house().await;
    let (bima, dompu) = (app.tenant("bima").await, app.tenant("dompu").await);
    employee(&bima, &app, "rina.bima", NIP).await;
    employee(&dompu, &app, "rina.dompu", OTHER_NIP).await;
    let (one, other) = (Peer::start().await, Peer::start().await);
    other.person("subjek-1", json!({ "nip": OTHER_NIP }));
    switch_on(&bima, one.issuer()).await;
    switch_on(&dompu, other.issuer()).await;
    let browser = Browser::new();
    browser.go(&way_in(&app, &bima)).await.expect(200);
    browser.go(&way_in(&app, &dompu)).await.expect(200);
    for (tenant, name, not) in [
        ("bima", "Akun rina.bima", "Akun rina.dompu"),
        ("dompu", "Akun rina.dompu", "Akun rina.bima"),
    ] {
        let page = browser.step(&at(&app, &format!("/{tenant}/plan"))).await.expect(200).body;
        assert!(page.contains(name) && !page.contains(not), "{page}");
    }
    let list = json_of(&browser.step(&at(&app, "/api/v1/me/sign-ins")).await.expect(200).body);
    let items = list["items"].as_array().expect("a list");
    let mut found: Vec<_> = items.iter().map(|it| (&it["tenant"], &it["way"])).collect();
    found.sort_by_key(|it| it.0.to_string());
    assert_eq!(
        found,
        [(&json!("bima"), &json!("provider")), (&json!("dompu"), &json!("provider"))]
    );
    // Ending one leaves the other.
    let id = items.iter().find(|it| it["tenant"] == "bima").expect("Bima's")["id"].clone();
    let end = format!("/sesi/{}/end", id.as_str().expect("an id"));
    browser.post(&at(&app, &end), &[]).await.expect(200);
    browser.step(&at(&app, "/bima")).await.expect(303);
    browser.step(&at(&app, "/dompu")).await.expect(200);
}

#[tokio::test]
async fn who_is_not_on_the_list_gets_nothing_and_is_told_whom_to_ask() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    let dompu = app.tenant("dompu").await;
    employee(&bima, &app, "rina", NIP).await;
    employee(&dompu, &app, "joko", OTHER_NIP).await;
    let peer = Peer::start().await;
    let administrator = switch_on(&bima, peer.issuer()).await;
    let strangers = [
        json!({}),
        json!({ "nip": "196001011980011009" }),
        // The address of mail and the name of somebody who is on the list.
        json!({ "email": "rina@bimakab.go.id", "email_verified": true, "preferred_username": "rina" }),
        // A member of another government, who says so, and claims roles.
        json!({ "nip": OTHER_NIP, "tenant": "bima", "roles": ["administrator"], "groups": ["bima"] }),
    ];
    for claims in strangers {
        peer.person("orang-asing", claims.clone());
        let browser = Browser::new();
        let seen = browser.go(&way_in(&app, &bima)).await.expect(403);
        assert!(seen.body.contains("sign-in.unknown-person"), "{claims}: {}", seen.body);
        assert!(seen.body.contains("administrator pemerintah daerah"), "{}", seen.body);
        me(&app, &browser).await.expect(401);
    }
    let trail = administrator.get(&bima.api("/audit-events")).await.expect(200).body;
    assert!(trail.contains("no_member") && trail.contains("no_nip"), "{trail}");

    // The twin: somebody on the list, with the same claims of roles, which change nothing.
    peer.person(
        "rina-di-sso",
        json!({ "nip": NIP, "roles": ["administrator"], "tenant": "dompu" }),
    );
    let browser = Browser::new();
    browser.go(&way_in(&app, &bima)).await.expect(200);
    let mine = json_of(&me(&app, &browser).await.expect(200).body);
    assert_eq!(mine["tenants"][0]["slug"], "bima");
    assert_eq!(mine["tenants"][0]["roles"].as_array().expect("roles").len(), 1, "{mine}");
    assert_eq!(mine["tenants"][0]["roles"][0]["role"], "planner");
    assert_eq!(mine["operator"], false);

    // Once linked, the subject decides, not the NIP; and another subject with her NIP is another person.
    peer.person("rina-di-sso", json!({}));
    Browser::new().go(&way_in(&app, &bima)).await.expect(200);
    peer.person("rina-palsu", json!({ "nip": NIP }));
    Browser::new().go(&way_in(&app, &bima)).await.expect(403);
}

#[tokio::test]
async fn new_keys_are_picked_up_and_a_description_is_asked_for_once() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    employee(&bima, &app, "rina", NIP).await;
    let peer = Peer::start().await;
    switch_on(&bima, peer.issuer()).await;
    let way_in = way_in(&app, &bima);
    let eight = (0..8).map(|_| async {
        let browser = Browser::new();
        browser.step(&way_in).await.expect(303);
    });
    join_all(eight).await;
    assert_eq!(peer.discoveries(), 1, "eight at once ask once");
    Browser::new().go(&way_in).await.expect(200);
    assert_eq!(peer.discoveries(), 1);
    peer.rotate();
    Browser::new().go(&way_in).await.expect(200);
    assert_eq!(peer.discoveries(), 2, "asked again for the new key");
    Browser::new().go(&way_in).await.expect(200);
    assert_eq!(peer.discoveries(), 2);
}

#[tokio::test]
async fn provider_that_is_away_keeps_only_its_own_people_out() {
    let app = house().await;
    let (bima, dompu) = (app.tenant("bima").await, app.tenant("dompu").await);
    employee(&bima, &app, "rina", NIP).await;
    employee(&dompu, &app, "joko", OTHER_NIP).await;
    let peer = Peer::start().await;
    peer.person("joko", json!({ "nip": OTHER_NIP }));
    // A port at which nobody listens any more.
    let nobody = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let gone = format!("http://{}", nobody.local_addr().expect("an address"));
    drop(nobody);
    switch_on(&bima, &gone).await;
    switch_on(&dompu, peer.issuer()).await;
    let seen = Browser::new().go(&way_in(&app, &bima)).await.expect(502);
    assert!(seen.body.contains("provider.unreachable"), "{}", seen.body);
    assert!(seen.body.contains("/masuk/bima"), "a way to try again: {}", seen.body);
    Browser::new().go(&way_in(&app, &dompu)).await.expect(200);
    // One that breaks down is no liar: the person is told to try again.
    peer.lie(Lie::Breaks);
    let seen = Browser::new().go(&way_in(&app, &dompu)).await.expect(502);
    assert!(seen.body.contains("provider.status"), "{}", seen.body);
    peer.lie(Lie::None);
    Browser::new().go(&way_in(&app, &dompu)).await.expect(200);
    // What failed is not remembered: the local account still enters meanwhile.
    let local = app.sign_in_with("rina", PASSWORD).await;
    local.look("/bima").await.expect(200);
}

#[tokio::test]
async fn government_that_is_suspended_lets_nobody_in_and_tells_its_own_people_why() {
    let app = house().await;
    let bima = app.tenant("bima").await;
    employee(&bima, &app, "rina", NIP).await;
    let peer = Peer::start().await;
    switch_on(&bima, peer.issuer()).await;
    let operator = app.operator().await;
    let state = "/api/v1/operator/tenants/52.06/state";
    let set = async |to: &str, revision: i32| {
        let ask = json!({ "state": to, "reason": "Pemeriksaan", "legal_basis": "Surat 1" });
        operator.change(Method::PUT, state, revision, &ask).await.expect(200);
    };
    set("suspended", 1).await;
    let browser = Browser::new();
    let seen = browser.go(&way_in(&app, &bima)).await.expect(401);
    assert!(seen.body.contains("tenant.suspended"), "{}", seen.body);
    me(&app, &browser).await.expect(401);
    peer.person("orang-asing", json!({ "nip": OTHER_NIP }));
    let seen = Browser::new().go(&way_in(&app, &bima)).await.expect(403);
    assert!(seen.body.contains("sign-in.unknown-person"), "{}", seen.body);
    peer.person("subjek-1", json!({ "nip": NIP }));
    // Who only reads signs in, also for the first time.
    set("read_only", 2).await;
    browser.go(&way_in(&app, &bima)).await.expect(200);
    me(&app, &browser).await.expect(200);
}
