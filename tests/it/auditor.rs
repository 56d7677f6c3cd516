//! The auditor's desk: what the trail tells and how it is narrowed, its check, its downloads and its letter, and
//! who read what and was refused.

use chrono::Duration;
use ekinerja::audit::{Verdict, verify_file};
use ekinerja::config::Language;
use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::{Actor, TestApp};
use serde_json::{Value, json};

use crate::audit::{forge, scratch, superuser, trail};

#[tokio::test]
async fn a_line_tells_the_post_and_the_request() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let administrator = ntb.member(Role::Administrator).await;
    let ask = json!({ "code": "DIKES", "name": "Dinas Kesehatan", "kind": "department" });
    let added = administrator.post(&ntb.api("/agencies"), &ask).await.expect(201);
    let request = added.header("x-request-id").to_owned();
    let agency = added.json()["id"].as_str().expect("an id").to_owned();
    let line = lines(&administrator, &ntb.api("/audit-events?kind=agency.added")).await.remove(0);
    assert_eq!(line["post"], "<administrator>");
    assert_eq!(line["request"], json!(request));
    let ask = json!({ "username": "kepala.dikes", "name": "Kepala Dikes", "role": "agency_head",
        "agency": agency, "post": "Kepala Dinas", "acting": "plt", "valid_to": "2025-12-31" });
    administrator.post(&ntb.api("/members"), &ask).await.expect(201);
    let line = lines(&administrator, &ntb.api("/audit-events?kind=member.added")).await.remove(0);
    assert_eq!(line["post"], "<administrator>", "through the directory's door as well");
    let page = administrator.look("/ntb/audit").await.expect(200).body;
    assert!(page.contains("Administrator"), "{page}");
    assert!(!page.contains("&lt;administrator&gt;"), "posts are told in words");
}

#[tokio::test]
async fn the_trail_is_filtered_by_person_kind_subject_time_and_request() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let administrator = ntb.member(Role::Administrator).await;
    ntb.member_named("lain.ntb", Role::Administrator, Scope::Tenant).await;
    let add = async |actor: &Actor, code: &str| {
        let ask = json!({ "code": code, "name": format!("Dinas {code}"), "kind": "department" });
        actor.post(&ntb.api("/agencies"), &ask).await.expect(201)
    };
    let first = add(&administrator, "A").await;
    app.pass(Duration::hours(14)); // the next day in WITA
    let other = app.sign_in("lain.ntb").await;
    let _second = add(&other, "B").await;
    let administrator = app.sign_in("administrator.ntb").await;
    let count = async |query: &str| {
        lines(&administrator, &ntb.api(&format!("/audit-events?{query}"))).await.len()
    };
    assert_eq!(count("kind=agency.added").await, 2);
    assert_eq!(count("kind=agency.added&to=2025-01-15").await, 1);
    assert_eq!(count("kind=agency.added&from=2025-01-16").await, 1);
    let subject = first.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(count(&format!("subject={subject}")).await, 1);
    assert_eq!(count(&format!("request={}", first.header("x-request-id"))).await, 1);
    let by = lines(&administrator, &ntb.api("/audit-events?kind=agency.added")).await;
    let by = by[0]["by_id"].as_str().expect("an id").to_owned();
    assert_eq!(count(&format!("person={by}&kind=agency.added")).await, 1);
    for (query, field) in [
        ("person=x", "/person"),
        ("kind=x", "/kind"),
        ("from=kemarin", "/from"),
        ("from=2025-02-02&to=2025-02-01", "/to"),
        ("after=x", "/after"),
    ] {
        let path = ntb.api(&format!("/audit-events?{query}"));
        let refused = administrator.get(&path).await.expect(422).violations();
        assert_eq!(refused[0].0, field, "{query}");
    }
    let pieces = administrator.get(&ntb.api("/audit-events?limit=1")).await.expect(200).json();
    let next = pieces["next"].as_str().expect("more");
    let piece = ntb.api(&format!("/audit-events?limit=1&after={next}"));
    assert_ne!(administrator.get(&piece).await.expect(200).json()["items"], pieces["items"]);
    let page = administrator.look("/ntb/audit?kind=agency.added&limit=1").await.expect(200).body;
    assert!(
        page.contains("kind=agency%2Eadded&amp;after="),
        "the next page keeps the filter: {page}"
    );
    let page = administrator.look("/ntb/audit?subject=tidak-ada").await.expect(200).body;
    assert!(page.contains("Tidak ada baris yang cocok"), "{page}");
}

#[tokio::test]
async fn the_auditor_checks_the_chain_and_sees_what_it_came_to() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let auditor = ntb.member(Role::Auditor).await;
    let administrator = ntb.member(Role::Administrator).await;
    for code in ["A", "B", "C"] {
        let ask = json!({ "code": code, "name": format!("Dinas {code}"), "kind": "department" });
        administrator.post(&ntb.api("/agencies"), &ask).await.expect(201);
    }
    let page = auditor.look("/ntb/audit").await.expect(200).body;
    assert!(page.contains("Rantai belum pernah diperiksa"), "{page}");
    let before = auditor.get(&ntb.api("/audit-chain")).await.expect(200).json();
    let end = before["number"].as_i64().expect("a number");
    assert!(before["last_check"].is_null() && end >= 3, "{before}");
    let page = auditor.fill("/ntb/audit/check", &[]).await.expect(200).body;
    assert!(page.contains(&format!("Rantai utuh sampai nomor {end}")), "{page}");
    auditor.look("/ntb/audit/check").await.expect(303);
    let chain = auditor.get(&ntb.api("/audit-chain")).await.expect(200).json();
    assert_eq!(chain["last_check"]["up_to"], end);
    assert_eq!(chain["number"], end + 1, "the check itself is a line");
    let of = format!("tenant_id = '{}'", ntb.tenant.id.uuid());
    let change = format!("update audit_events set subject = 'palsu' where {of} and seq = 2");
    forge(&mut superuser(&app).await, &change).await;
    let checked =
        auditor.post(&ntb.api("/audit-chain/checks"), &json!({})).await.expect(201).json();
    assert_eq!(checked["whole"], false);
    assert_eq!(checked["findings"][0]["code"], "changed");
    assert_eq!(checked["findings"][0]["first"], 2);
    let page = auditor.look("/ntb/audit").await.expect(200).body;
    assert!(page.contains("Rantai TIDAK utuh"), "{page}");
    let page = auditor.fill("/ntb/audit/check", &[]).await.expect(200).body;
    assert!(page.contains("baris 2: isinya diubah"), "{page}");
    let officer = ntb.member(Role::Leader).await;
    officer.get(&ntb.api("/audit-chain")).await.expect(403);
    officer.fill("/ntb/audit/check", &[]).await.expect(403);
    officer.look("/ntb/audit/letter").await.expect(403);
    officer.look("/ntb/audit/reads").await.expect(403);
    officer.look("/ntb/audit/trail.csv").await.expect(403);
}

#[tokio::test]
async fn a_downloaded_trail_is_checked_elsewhere() {
    let app = TestApp::start().await;
    let scope = trail(&app).await;
    let tenant = app.tenant("lombok-barat").await;
    let administrator = app.sign_in("administrator.lombok-barat").await;
    let folder = scratch("download");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("jejak.jsonl");
    let check = async |text: &str| {
        std::fs::write(&file, text).expect("written");
        verify_file(&file, None, Language::English).await
    };
    let whole = administrator.look("/lombok-barat/audit/trail.jsonl").await.expect(200).body;
    assert_eq!(check(&whole).await.expect("checked"), Verdict::Whole);
    let count = whole.lines().count();
    assert!(count >= 13, "a head and twelve lines at least");
    let forged = whole.replacen("Dinas", "Badan", 1);
    assert_ne!(forged, whole);
    assert_eq!(check(&forged).await.expect("checked"), Verdict::Tampered);
    let mut without: Vec<_> = whole.lines().collect();
    without.remove(4);
    let without = without.join("\n");
    assert_eq!(check(&without).await.expect("checked"), Verdict::Tampered);
    let cut: Vec<_> = whole.lines().take(9).collect();
    assert_eq!(check(&cut.join("\n")).await.expect("checked"), Verdict::Tampered);
    assert!(check("").await.is_err() && check("{}\n").await.is_err());
    let some = tenant.api("/audit-events/file?kind=agency.added&format=jsonl");
    let some = administrator.get(&some).await.expect(200);
    assert_eq!(check(&some.body).await.expect("checked"), Verdict::Whole, "also with a filter");
    let csv = administrator.get(&tenant.api("/audit-events/file?format=csv")).await.expect(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.body.starts_with("nomor,waktu,oleh"), "{}", csv.body);
    assert_eq!(csv.body.lines().count(), count);
    assert_eq!(scope.tenant().id, tenant.tenant.id);
    std::fs::remove_dir_all(folder).expect("tidied up");
}

#[tokio::test]
async fn formulas_in_a_downloaded_table_are_disarmed() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    app.account("cmd.ntb", false).await;
    let mut connection = superuser(&app).await;
    let name = "update users set name = '=HYPERLINK(1)' where username = 'cmd.ntb'";
    forge(&mut connection, name).await;
    let administrator = ntb.member_named("cmd.ntb", Role::Administrator, Scope::Tenant).await;
    let ask = json!({ "code": "A", "name": "Dinas A", "kind": "department" });
    administrator.post(&ntb.api("/agencies"), &ask).await.expect(201);
    let csv = administrator.look("/ntb/audit/trail.csv").await.expect(200).body;
    assert!(csv.contains(",'=HYPERLINK(1),"), "{csv}");
    assert!(!csv.contains(",=HYPERLINK"), "{csv}");
}

#[tokio::test]
async fn who_read_what_is_written_down_before_it_is_shown() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let auditor = ntb.member(Role::Auditor).await;
    let administrator = ntb.member(Role::Administrator).await;
    administrator.get(&ntb.api("/members")).await.expect(200);
    administrator.look("/ntb/members").await.expect(200);
    auditor.look("/ntb/audit").await.expect(200);
    auditor.look("/ntb/audit/trail.csv").await.expect(200);
    let all = lines(&auditor, &ntb.api("/read-events")).await;
    let kinds: Vec<_> = all.iter().map(|it| it["kind"].as_str().expect("a kind")).collect();
    assert_eq!(kinds, ["trail_export", "trail", "members", "members"]);
    assert_eq!(all[2]["post"], "<administrator>");
    let session = all[2]["session"].as_str().expect("a session");
    let of_session = ntb.api(&format!("/read-events?session={session}"));
    assert_eq!(lines(&auditor, &of_session).await.len(), 2, "what a stolen session read");
    let members = ntb.api("/read-events?kind=members&from=2025-01-15");
    assert_eq!(lines(&auditor, &members).await.len(), 2, "who saw the members since that day");
    assert_eq!(lines(&auditor, &ntb.api("/read-events?to=2025-01-14")).await.len(), 0);
    let page = auditor.look("/ntb/audit/reads?kind=members").await.expect(200).body;
    assert!(page.contains("Daftar anggota") && page.contains("Akun administrator.ntb"), "{page}");
    let piece = auditor.get(&ntb.api("/read-events?limit=2")).await.expect(200).json();
    let next = piece["next"].as_str().expect("more");
    let rest = lines(&auditor, &ntb.api(&format!("/read-events?limit=200&after={next}"))).await;
    assert!(rest.iter().all(|it| !piece["items"].as_array().expect("items").contains(it)));
    let refused = auditor.get(&ntb.api("/read-events?after=x&session=y")).await;
    assert_eq!(refused.expect(422).violations()[0].0, "/session");
    administrator.get(&ntb.api("/read-events?after=x")).await.expect(422);
}

#[tokio::test]
async fn refused_attempts_are_written_down_and_bounded() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let auditor = ntb.member(Role::Auditor).await;
    let leader = ntb.member(Role::Leader).await;
    let stranger = app.tenant("sumbawa").await.member(Role::Administrator).await;
    leader.get(&ntb.api("/members")).await.expect(403);
    leader.look("/ntb/members").await.expect(403);
    leader.get(&ntb.api("/agencies/agy_00000000000000000000000000000001")).await;
    stranger.get(&ntb.api("/members")).await.expect(404);
    app.visitor().get(&ntb.api("/members")).await.expect(401);
    stranger.get("/api/v1/tenants/tidak-ada/members").await.expect(404);
    let denied = lines(&auditor, &ntb.api("/read-events?kind=denied")).await;
    let told: Vec<_> = denied
        .iter()
        .map(|it| (it["subject"].as_str().unwrap_or(""), it["detail"].as_str().unwrap_or("")))
        .collect();
    assert!(told.contains(&("/ntb/members", "GET 403")), "{told:?}");
    assert!(told.contains(&("/api/v1/tenants/ntb/members", "GET 404")), "{told:?}");
    let by_stranger: Vec<_> =
        denied.iter().filter(|it| it["by"] == "Akun administrator.sumbawa").collect();
    assert_eq!(by_stranger.len(), 1);
    assert!(by_stranger[0]["post"].is_null(), "a role elsewhere is not told here");
    for _ in 0..80 {
        leader.get(&ntb.api("/members")).await.expect(403);
    }
    let many = lines(&auditor, &ntb.api("/read-events?kind=denied&limit=200")).await;
    let by_leader = many.iter().filter(|it| it["by"] == "Akun leader.ntb").count();
    assert_eq!(by_leader, 60, "no more in an hour");
    app.pass(Duration::hours(1));
    leader.get(&ntb.api("/members")).await.expect(403);
    let many = lines(&auditor, &ntb.api("/read-events?kind=denied&limit=200")).await;
    assert_eq!(many.iter().filter(|it| it["by"] == "Akun leader.ntb").count(), 61);
}

#[tokio::test]
async fn the_letter_tells_the_head_of_a_month() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let auditor = ntb.member(Role::Auditor).await;
    let administrator = ntb.member(Role::Administrator).await;
    let add = async |code: &str| {
        let ask = json!({ "code": code, "name": format!("Dinas {code}"), "kind": "department" });
        administrator.post(&ntb.api("/agencies"), &ask).await.expect(201);
    };
    add("A").await;
    let january = auditor.get(&ntb.api("/audit-chain/month")).await.expect(200).json();
    assert_eq!(january["month"], "2025-01");
    app.pass(Duration::days(20));
    let administrator = app.sign_in("administrator.ntb").await;
    let auditor = app.sign_in("auditor.ntb").await;
    let ask = json!({ "code": "B", "name": "Dinas B", "kind": "department" });
    administrator.post(&ntb.api("/agencies"), &ask).await.expect(201);
    let month = async |month: &str| {
        auditor.get(&ntb.api(&format!("/audit-chain/month?month={month}"))).await
    };
    let again = month("2025-01").await.expect(200).json();
    assert_eq!(again["hash"], january["hash"], "January ends where it ended");
    let february = month("2025-02").await.expect(200).json();
    let (january, february_end) = (january["number"].as_i64(), february["number"].as_i64());
    assert!(
        february_end > january
            && february["lines"].as_i64() == february_end.zip(january).map(|it| it.0 - it.1)
    );
    let page = auditor.look("/ntb/audit/letter?month=2025-02").await.expect(200).body;
    let hash = february["hash"].as_str().expect("a hash");
    let printed = format!("{} {}", &hash[..8], &hash[8..16]);
    assert!(page.contains(&printed) && page.contains("Februari 2025"), "{page}");
    for bad in ["2025-03", "x", "2025"] {
        let refused = month(bad).await.expect(422).violations();
        assert_eq!(refused, [("/month".to_owned(), "date.invalid".to_owned())]);
    }
    let refused = auditor.look("/ntb/audit/letter?month=x").await.expect(422).body;
    assert!(refused.contains(r#"value="x""#), "what was typed is kept: {refused}");
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_shown_again_with_what_is_wrong() {
    let app = TestApp::start().await;
    let auditor = app.tenant("ntb").await.member(Role::Auditor).await;
    for page in ["/ntb/audit", "/ntb/audit/reads"] {
        let address = format!("{page}?from=31-02-2025&subject=agy_1");
        let refused = auditor.look(&address).await.expect(422).body;
        for kept in [r#"value="31-02-2025""#, r#"value="agy_1""#, "#f-from", "aria-invalid"] {
            assert!(refused.contains(kept), "{page} has no {kept}: {refused}");
        }
        assert!(!refused.contains("data-auto"), "a date is sent by the button, with script too");
    }
    auditor.look("/ntb/audit/reads?kind=denied&from=2025-01-14").await.expect(200);
    let words = auditor.look("/ntb/audit/reads").await.expect(200).body;
    assert!(words.contains("Sejak tanggal: 2025-01-14"), "{words}");
    assert!(!words.contains("from=2025"), "{words}");
}

async fn lines(actor: &Actor, path: &str) -> Vec<Value> {
    let list = actor.get(path).await.expect(200).json();
    list["items"].as_array().expect("a list").clone()
}
