//! The chained trail on a real PostgreSQL: no forgery passes, and nothing is found where nobody forged.

use std::path::PathBuf;

use ekinerja::audit::{Verdict, verify};
use ekinerja::config::Language;
use ekinerja_app::agencies::AgencyDraft;
use ekinerja_app::anchors::{Anchors as _, FileAnchors};
use ekinerja_app::{App, TenantScope};
use ekinerja_domain::access::Role;
use ekinerja_domain::chain::{Anchor, Finding, Flaw, facts_text};
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::tenant::Slug;
use ekinerja_store::directory::DirectoryActor;
use ekinerja_tests::{PASSWORD, TestApp};
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
pub(crate) async fn trail(app: &TestApp) -> TenantScope {
    let scope = scope(app, "lombok-barat").await;
    for n in 0..12 {
        add_agency(app.app.clone(), scope.clone(), format!("A{n}")).await;
    }
    scope
}

pub(crate) async fn superuser(app: &TestApp) -> PgConnection {
    app.database().owner_options().connect().await.expect("the superuser")
}

pub(crate) async fn forge(connection: &mut PgConnection, sql: &str) {
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

/// A folder of this process that is not there yet.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ekinerja-{name}-{}", std::process::id()));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("removed");
    }
    folder
}
