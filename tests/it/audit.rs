//! The chained trail on a real PostgreSQL: no forgery passes, nothing is found where nobody forged, reads and
//! refusals are written down, and the auditor sees all of it.

use std::path::PathBuf;

use chrono::Duration;
use ekinerja::audit::{Verdict, verify, verify_file};
use ekinerja::config::Language;
use ekinerja_app::agencies::AgencyDraft;
use ekinerja_app::anchors::{Anchors as _, FileAnchors};
use ekinerja_app::{App, TenantScope};
use ekinerja_domain::access::{Role, Scope};
use ekinerja_domain::chain::{Anchor, Finding, Flaw, facts_text};
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::tenant::Slug;
use ekinerja_store::directory::DirectoryActor;
use ekinerja_tests::{Actor, PASSWORD, TestApp};
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

async fn scope(app: &TestApp, slug: &str) -> TenantScope {
    app.tenant(slug).await.member(Role::Administrator).await;
    let username = format!("administrator.{slug}");
    let (_, signed_in) = app.app.sign_in(&username, PASSWORD).await.expect("signed in");
    let slug: Slug = slug.parse().expect("an address");
    app.app.enter(&signed_in, &slug).await.expect("entered")
}

async fn add_agency(app: App, scope: TenantScope, code: String) {
    let draft = AgencyDraft {
        name: format!("Dinas \"{code}\" \\ \u{1}é\t"),
        code,
        kind: String::from("department"),
        ..AgencyDraft::default()
    };
    app.add_agency(&scope, &draft).await.expect("an agency");
}

/// Events through the directory's door, in several governments at once.
async fn tell(app: App, tenants: Vec<TenantId>, n: usize) {
    let directory = app.store().directory(app.now()).await.expect("the directory");
    let actor = DirectoryActor { user: None, name: String::from("uji"), post: None };
    let event = |tenant| (tenant, Event::new(EventKind::MemberEnded, n).fact("reason", "uji"));
    let events = tenants.into_iter().map(event).collect();
    directory.commit_for(&actor, Some("request"), events).await.expect("committed");
}

/// A government with some lines in its trail, ten at least.
async fn trail(app: &TestApp) -> TenantScope {
    let scope = scope(app, "lombok-barat").await;
    for n in 0..12 {
        add_agency(app.app.clone(), scope.clone(), format!("A{n}")).await;
    }
    scope
}

async fn superuser(app: &TestApp) -> PgConnection {
    app.database().owner_options().connect().await.expect("the superuser")
}

async fn forge(connection: &mut PgConnection, sql: &str) {
    connection.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
}

async fn findings(app: &TestApp, scope: &TenantScope, anchors: Vec<Anchor>) -> Vec<Finding> {
    let tenant = Some(scope.tenant().id);
    app.app.follow_chain(tenant, anchors).await.expect("followed").findings
}

fn found(first: i64, last: i64, flaw: Flaw) -> Finding {
    Finding { first, last, flaw }
}

/// Writes every hash of a trail again, as somebody could who may write everything.
const REHASH: &str = "
    alter table audit_events disable trigger chain;
    create temp table old as select * from audit_events;
    truncate audit_events;
    update audit_heads set seq = 0, hash = decode(repeat('00', 32), 'hex');
    alter table audit_events enable trigger chain;
    insert into audit_events (tenant_id, at, user_id, user_name, post, kind, subject, facts, request_id)
    select tenant_id, at, user_id, user_name, post, kind, subject, facts, request_id
      from old order by tenant_id, seq;
    drop table old;";

#[tokio::test]
async fn hundreds_of_commits_at_once_from_both_doors_make_one_whole_chain_each() {
    let app = TestApp::start().await;
    let (a, b) = (scope(&app, "lombok-barat").await, scope(&app, "sumbawa").await);
    let both = [a.tenant().id, b.tenant().id];
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..100 {
        for scope in [&a, &b] {
            tasks.spawn(add_agency(app.app.clone(), scope.clone(), format!("K{n}")));
        }
        let mut tenants = both.to_vec();
        if n % 2 == 0 {
            tenants.reverse();
        }
        tasks.spawn(tell(app.app.clone(), tenants, n));
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("a commit");
    }
    for tenant in [Some(both[0]), Some(both[1]), None] {
        let checked = app.app.follow_chain(tenant, Vec::new()).await.expect("followed");
        assert_eq!(checked.findings, [], "{tenant:?}");
        assert!(checked.lines >= 200, "{} lines of {tenant:?}", checked.lines);
        assert_eq!(u64::try_from(checked.end.position).ok(), Some(checked.lines), "no gap");
    }
}

#[tokio::test]
async fn a_step_with_many_lines_is_numbered_in_its_order() {
    let app = TestApp::start().await;
    let scope = scope(&app, "lombok-barat").await;
    let many: Vec<_> =
        (0..2_500).map(|n| (scope.tenant().id, Event::new(EventKind::AgencyAdded, n))).collect();
    let directory = app.app.store().directory(app.app.now()).await.expect("the directory");
    let actor = DirectoryActor { user: None, name: String::from("uji"), post: None };
    directory.commit_for(&actor, None, many).await.expect("committed");
    let checked =
        app.app.follow_chain(Some(scope.tenant().id), Vec::new()).await.expect("followed");
    assert_eq!((checked.findings.len(), checked.lines >= 2_500), (0, true));
    let mut connection = superuser(&app).await;
    let disordered: i64 = sqlx::query_scalar(
        "select count(*) from audit_events one join audit_events next
             on next.tenant_id = one.tenant_id and next.seq = one.seq + 1
          where one.kind = 'agency.added' and next.kind = 'agency.added'
            and next.subject::int <> one.subject::int + 1",
    )
    .fetch_one(&mut connection)
    .await
    .expect("counted");
    assert_eq!(disordered, 0);
}

#[tokio::test]
async fn facts_are_hashed_as_postgresql_keeps_them() {
    let app = TestApp::start().await;
    let mut connection = superuser(&app).await;
    let all: String = (1_u8..=255).map(char::from).chain(['\u{2028}', '𝄞', '\u{fffd}']).collect();
    let facts = [("b", all.as_str()), ("aa", ""), ("a", "\"\\/"), ("é", "x"), ("kk\n", "1")];
    let object: serde_json::Map<String, Value> =
        facts.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let kept: String = sqlx::query_scalar("select $1::text::jsonb::text")
        .bind(Value::Object(object).to_string())
        .fetch_one(&mut connection)
        .await
        .expect("a text");
    assert_eq!(facts_text(facts), kept);
}

#[tokio::test]
async fn each_forgery_of_a_superuser_is_found_and_named() {
    let app = TestApp::start().await;
    let scope = trail(&app).await;
    let of = format!("tenant_id = '{}'", scope.tenant().id.uuid());
    let whole = app.app.follow_chain(Some(scope.tenant().id), Vec::new()).await.expect("followed");
    assert_eq!(whole.findings, []);
    let end = whole.end.position;
    assert!(end >= 12, "{end} lines");
    let cases: Vec<(&str, String, Vec<Finding>)> = vec![
        (
            "changed",
            format!("update audit_events set facts = facts || '{{\"name\": \"palsu\"}}' where {of} and seq = 5"),
            vec![found(5, 5, Flaw::Changed)],
        ),
        (
            "the name of who did it",
            format!("update audit_events set user_name = 'orang lain' where {of} and seq between 3 and 4"),
            vec![found(3, 4, Flaw::Changed)],
        ),
        (
            "removed",
            format!("delete from audit_events where {of} and seq in (6, 7)"),
            vec![found(6, 7, Flaw::Removed)],
        ),
        (
            "reordered",
            format!(
                "update audit_events set seq = -1 where {of} and seq = 4;
                 update audit_events set seq = 4 where {of} and seq = 8;
                 update audit_events set seq = 8 where {of} and seq = -1"
            ),
            vec![found(4, 4, Flaw::Moved(-4)), found(8, 8, Flaw::Moved(4))],
        ),
        (
            "cut off",
            format!("delete from audit_events where {of} and seq > 9"),
            vec![found(10, end, Flaw::CutOff)],
        ),
        (
            "everything removed",
            format!("delete from audit_events where {of}"),
            vec![found(1, end, Flaw::CutOff)],
        ),
        (
            "put in after the end",
            format!(
                "alter table audit_events disable trigger chain;
                 insert into audit_events select tenant_id, {end} + 1, at, user_id, user_name, kind, 'palsu',
                        facts, request_id, post, hash, sha256('palsu')
                   from audit_events where {of} and seq = {end};
                 alter table audit_events enable trigger chain"
            ),
            vec![found(end + 1, end + 1, Flaw::Surplus), found(end + 1, end + 1, Flaw::Changed)],
        ),
        (
            "the head removed",
            format!("delete from audit_heads where {of}"),
            vec![found(end, end, Flaw::HeadLost)],
        ),
    ];
    let mut connection = superuser(&app).await;
    for (name, sql, expected) in cases {
        forge(&mut connection, "create temp table kept as select * from audit_events; create temp table heads as select * from audit_heads").await;
        forge(&mut connection, &sql).await;
        assert_eq!(findings(&app, &scope, vec![]).await, expected, "{name}");
        forge(
            &mut connection,
            "alter table audit_events disable trigger chain; truncate audit_events, audit_heads;
             insert into audit_events select * from kept; insert into audit_heads select * from heads;
             drop table kept, heads; alter table audit_events enable trigger chain",
        )
        .await;
        assert_eq!(findings(&app, &scope, vec![]).await, [], "{name} taken back");
    }
}

#[tokio::test]
async fn a_line_put_in_between_is_named() {
    let app = TestApp::start().await;
    let scope = trail(&app).await;
    let of = format!("tenant_id = '{}'", scope.tenant().id.uuid());
    let mut connection = superuser(&app).await;
    forge(
        &mut connection,
        &format!(
            "alter table audit_events disable trigger chain;
             update audit_events set seq = -seq where {of} and seq > 5;
             update audit_events set seq = 1 - seq where {of} and seq < 0;
             insert into audit_events
             select tenant_id, 6, at, user_id, user_name, kind, 'palsu', facts, request_id, post, hash,
                    sha256(ekinerja_line(tenant_id, at, user_id, user_name, post, kind, 'palsu', facts, request_id)
                           || int4send(8) || int8send(6) || int4send(32) || hash)
               from audit_events where {of} and seq = 5"
        ),
    )
    .await;
    let found_now = findings(&app, &scope, vec![]).await;
    assert!(found_now.contains(&found(6, 6, Flaw::Inserted)), "{found_now:?}");
    assert!(found_now.iter().any(|it| it.first == 7 && it.flaw == Flaw::Moved(1)), "{found_now:?}");
}

#[tokio::test]
async fn what_only_a_head_kept_outside_can_show_is_shown_by_it() {
    let app = TestApp::start().await;
    let scope = trail(&app).await;
    let folder = scratch("anchors");
    let place = FileAnchors::at(&folder);
    let kept = app.app.keep_heads(&place).await.expect("kept");
    assert_eq!(kept.broken, Vec::<String>::new());
    assert_eq!(kept.added.len(), 2, "the government with lines and the platform: {kept:?}");
    assert_eq!(app.app.keep_heads(&place).await.expect("kept").added, [], "nothing new");
    for n in 0..3 {
        add_agency(app.app.clone(), scope.clone(), format!("Z{n}")).await;
    }
    assert_eq!(app.app.keep_heads(&place).await.expect("kept").added.len(), 1);
    let anchors = place.read().await.expect("heads");
    let anchors: Vec<_> = anchors
        .into_iter()
        .filter(|it| it.tenant == Some(scope.tenant().id))
        .map(|it| it.anchor)
        .collect();
    let (first, last) = (anchors[0].head.position, anchors[1].head.position);
    assert_eq!(last, first + 3);
    assert_eq!(findings(&app, &scope, anchors.clone()).await, []);
    let told = async || {
        verify(&app.app, None, Some(&folder), Language::Indonesian).await.expect("checked")
    };
    assert_eq!(told().await, Verdict::Whole);

    let mut connection = superuser(&app).await;
    let of = format!("tenant_id = '{}'", scope.tenant().id.uuid());
    let change = format!(
        "update audit_events set user_name = 'orang lain' where {of} and seq = {}",
        first + 1
    );
    forge(&mut connection, &format!("{change}; {REHASH}")).await;
    assert_eq!(findings(&app, &scope, vec![]).await, [], "the database alone cannot know");
    let rewritten = found(first + 1, last, Flaw::Rewritten(anchors[1].at));
    assert_eq!(findings(&app, &scope, anchors.clone()).await, [rewritten]);
    assert_eq!(told().await, Verdict::Tampered);
    let kept = app.app.keep_heads(&place).await.expect("kept");
    assert_eq!(kept.broken, ["lombok-barat"], "also keeping heads tells it");

    let cut = format!("delete from audit_events where {of} and seq > {}", first - 2);
    forge(&mut connection, &format!("{cut}; {REHASH}")).await;
    let cut_off = found(first - 1, last, Flaw::CutOff);
    assert_eq!(findings(&app, &scope, anchors).await, [cut_off]);
    std::fs::remove_dir_all(folder).expect("tidied up");
}

#[tokio::test]
async fn no_door_writes_a_head_a_number_or_a_hash() {
    let app = TestApp::start().await;
    let scope = trail(&app).await;
    let tenant = scope.tenant().id.uuid();
    for role in [ekinerja_migrations::Role::Tenant, ekinerja_migrations::Role::Directory] {
        let mut door = app.database().options(role).connect().await.expect("the door");
        for sql in [
            "update audit_events set user_name = 'x'",
            "delete from audit_events",
            "truncate audit_events",
            "update audit_heads set seq = 1",
            "insert into audit_heads values (gen_random_uuid(), 1, '', '')",
            "delete from audit_heads",
            "update directory_head set seq = 1",
            "delete from read_events",
            "update read_events set kind = 'x'",
            "alter table audit_events disable trigger chain",
            "select ekinerja_chain()",
        ] {
            let refused = door.execute(sql).await;
            assert!(refused.is_err(), "{}: {sql}", role.name());
        }
    }
    let mut door = app
        .database()
        .options(ekinerja_migrations::Role::Tenant)
        .connect()
        .await
        .expect("the door");
    let forged = format!(
        "begin; select set_config('ekinerja.tenant', '{tenant}', true);
         insert into audit_events (tenant_id, seq, at, user_id, user_name, kind, subject, facts, prev_hash, hash)
         values ('{tenant}', 1, now(), gen_random_uuid(), 'x', 'agency.added', 'x', '{{}}', 'a', 'b'); commit"
    );
    forge(&mut door, &forged).await;
    assert_eq!(findings(&app, &scope, vec![]).await, [], "what it gives is written over");
}

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
    auditor.look("/ntb/audit/letter?month=x").await.expect(422);
}

async fn lines(actor: &Actor, path: &str) -> Vec<Value> {
    let list = actor.get(path).await.expect(200).json();
    list["items"].as_array().expect("a list").clone()
}

/// A folder of this process that is not there yet.
fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ekinerja-{name}-{}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("removed");
    }
    folder
}
