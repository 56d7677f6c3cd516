//! The second lock: what PostgreSQL itself refuses each door, whatever our code would ask.
//!
//! Each refusal stands beside what the same door may do, so that no test passes because everything fails.

use std::time::{Duration, Instant};

use ekinerja_app::agencies::AgencyDraft;
use ekinerja_app::{App, TenantScope};
use ekinerja_domain::access::Role as Post;
use ekinerja_domain::tenant::Slug;
use ekinerja_migrations::Role;
use ekinerja_tests::{PASSWORD, TestApp};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use uuid::Uuid;

/// PostgreSQL's code for what is not permitted.
const NOT_PERMITTED: &str = "42501";

async fn door(app: &TestApp, role: Role) -> PgConnection {
    app.database().options(role).connect().await.expect("the door opens")
}

/// Runs a statement; the code of its error, none when it worked.
async fn run(connection: &mut PgConnection, sql: &str) -> Option<String> {
    match connection.execute(AssertSqlSafe(sql.to_owned())).await {
        Ok(_) => None,
        Err(error) => {
            let code = error
                .as_database_error()
                .and_then(|it| it.code().map(std::borrow::Cow::into_owned));
            Some(code.unwrap_or_else(|| error.to_string()))
        }
    }
}

async fn count(connection: &mut PgConnection, sql: &str) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(connection).await.expect(sql)
}

/// Begins a transaction in a tenant, as the store does.
async fn enter(connection: &mut PgConnection, tenant: Uuid) {
    connection.execute("begin").await.expect("a transaction");
    sqlx::query("select set_config('ekinerja.tenant', $1, true)")
        .bind(tenant.to_string())
        .execute(connection)
        .await
        .expect("the setting");
}

/// Every table with a tenant.
async fn tenant_tables(app: &TestApp) -> Vec<String> {
    let sql = "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'tenant_id'";
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    sqlx::query_scalar(sql).fetch_all(&mut owner).await.expect(sql)
}

/// An administrator's scope in a government of NTB.
async fn administrator(app: &TestApp, slug: &str) -> TenantScope {
    app.tenant(slug).await.member(Post::Administrator).await;
    let username = format!("administrator.{slug}");
    let (_, signed_in) = app.app.sign_in(&username, PASSWORD).await.expect("signed in");
    let slug: Slug = slug.parse().expect("an address");
    app.app.enter(&signed_in, &slug).await.expect("entered")
}

async fn add_agency(app: &App, scope: &TenantScope, code: &str) -> ekinerja_app::Result<()> {
    let draft = AgencyDraft {
        code: code.to_owned(),
        name: format!("Dinas {code}"),
        kind: String::from("department"),
        ..AgencyDraft::default()
    };
    app.add_agency(scope, &draft).await.map(drop)
}

/// Two governments with one OPD each.
async fn two(app: &TestApp) -> (TenantScope, TenantScope) {
    let a = administrator(app, "lombok-barat").await;
    let b = administrator(app, "sumbawa").await;
    add_agency(&app.app, &a, "A-1").await.expect("added");
    add_agency(&app.app, &b, "B-1").await.expect("added");
    (a, b)
}

fn agency_of(tenant: Uuid, code: &str) -> String {
    let id = ekinerja_app::fresh_id::<Uuid>();
    format!(
        "insert into agencies (tenant_id, id, code, name, kind, line, verified)
         values ('{tenant}', '{id}', '{code}', 'x', 'board', '{{}}', false)"
    )
}

#[tokio::test]
async fn the_directory_is_not_permitted_to_read_a_tenants_table() {
    let app = TestApp::start().await;
    let mut directory = door(&app, Role::Directory).await;
    // These it reads: who may enter, how people sign in, how far each has come, what a worker shall do.
    let open = [
        "memberships",
        "delegations",
        "identity_providers",
        "identities",
        "emergency_accounts",
        "second_factor_rules",
        "account_requests",
        "milestones",
        "jobs",
        "service_accounts",
        "service_account_roles",
        "api_tokens",
    ];
    for table in tenant_tables(&app).await {
        let told = run(&mut directory, &format!("select 1 from {table}")).await;
        let expected = if open.contains(&table.as_str()) { None } else { Some(NOT_PERMITTED) };
        assert_eq!(told.as_deref(), expected, "{table}");
    }
}

#[tokio::test]
async fn without_a_tenant_the_tenants_door_sees_no_row_of_any_table() {
    let app = TestApp::start().await;
    let (a, _) = two(&app).await;
    let mut tenant = door(&app, Role::Tenant).await;
    for table in tenant_tables(&app).await {
        assert_eq!(
            count(&mut tenant, &format!("select count(*) from {table}")).await,
            0,
            "{table}"
        );
    }
    let sql = "select count(*) from agencies";
    enter(&mut tenant, a.tenant().id.uuid()).await;
    assert_eq!(count(&mut tenant, sql).await, 1);
    tenant.execute("commit").await.expect("done");
    // The setting is not null now but empty: that is no tenant either.
    assert_eq!(count(&mut tenant, sql).await, 0);
    assert_eq!(count(&mut tenant, "select count(*) from memberships").await, 0);
}

#[tokio::test]
async fn inside_one_tenant_another_is_neither_seen_nor_written() {
    let app = TestApp::start().await;
    let (a, b) = two(&app).await;
    let (a, b) = (a.tenant().id.uuid(), b.tenant().id.uuid());
    let mut tenant = door(&app, Role::Tenant).await;
    enter(&mut tenant, b).await;
    let codes: Vec<String> = sqlx::query_scalar("select code from agencies")
        .fetch_all(&mut tenant)
        .await
        .expect("codes");
    assert_eq!(codes, ["B-1"]);
    let of_a = format!("select count(*) from audit_events where tenant_id = '{a}'");
    assert_eq!(count(&mut tenant, &of_a).await, 0);
    let renamed = format!("update agencies set name = 'x' where tenant_id = '{a}'");
    let done = tenant.execute(AssertSqlSafe(renamed)).await.expect("nothing to change");
    assert_eq!(done.rows_affected(), 0);
    assert_eq!(run(&mut tenant, "savepoint here").await, None);
    assert_eq!(run(&mut tenant, &agency_of(b, "B-2")).await, None, "its own");
    assert_eq!(run(&mut tenant, &agency_of(a, "A-2")).await.as_deref(), Some(NOT_PERMITTED));
    assert_eq!(run(&mut tenant, "rollback to here").await, None);
    let moved = format!("update agencies set tenant_id = '{a}'");
    assert_eq!(run(&mut tenant, &moved).await.as_deref(), Some(NOT_PERMITTED));
}

#[tokio::test]
async fn a_child_cannot_hang_on_another_tenants_parent() {
    let app = TestApp::start().await;
    let (a, b) = two(&app).await;
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    let sql = "select id from agencies where code = 'A-1'";
    let parent: Uuid = sqlx::query_scalar(sql).fetch_one(&mut owner).await.expect("the parent");
    let mut tenant = door(&app, Role::Tenant).await;
    let child = |tenant: Uuid| {
        agency_of(tenant, "C")
            .replace("line, verified)", "line, verified, parent_id)")
            .replace("false)", &format!("false, '{parent}')"))
    };
    enter(&mut tenant, b.tenant().id.uuid()).await;
    // Foreign keys look past row-level security; the key that leads with the tenant does not.
    let told = run(&mut tenant, &child(b.tenant().id.uuid())).await;
    assert_eq!(told.as_deref(), Some("23503"), "a foreign key refuses it");
    tenant.execute("rollback").await.expect("back");
    enter(&mut tenant, a.tenant().id.uuid()).await;
    assert_eq!(run(&mut tenant, &child(a.tenant().id.uuid())).await, None, "at home it may");
}

#[tokio::test]
async fn no_door_becomes_another_role_or_switches_its_protection_off() {
    let app = TestApp::start().await;
    let (a, _) = two(&app).await;
    for role in Role::ALL {
        let mut connection = door(&app, role).await;
        for other in ["postgres", "ekinerja_owner", "ekinerja_tenant", "ekinerja_directory"] {
            let told = run(&mut connection, &format!("set role {other}")).await;
            let itself = role.name() == other;
            assert_eq!(told.is_none(), itself, "{} as {other}: {told:?}", role.name());
        }
        let told = run(&mut connection, "create table mine ()").await;
        assert!(matches!(told.as_deref(), Some(NOT_PERMITTED | "25006")), "{told:?}");
        let told = run(&mut connection, "alter table agencies no force row level security").await;
        assert!(told.is_some(), "{}", role.name());
    }
    let mut tenant = door(&app, Role::Tenant).await;
    tenant.execute("set row_security = off").await.expect("anybody may set it");
    let told = run(&mut tenant, "select 1 from agencies").await;
    assert_eq!(told.as_deref(), Some(NOT_PERMITTED), "and then nothing is answered at all");
    tenant.execute("set row_security = on").await.expect("set back");
    enter(&mut tenant, a.tenant().id.uuid()).await;
    assert_eq!(run(&mut tenant, "select 1 from agencies").await, None);
}

#[tokio::test]
async fn the_portal_reads_only_and_only_what_is_public() {
    let app = TestApp::start().await;
    two(&app).await;
    let mut portal = door(&app, Role::Portal).await;
    assert_eq!(count(&mut portal, "select count(id) from tenants").await, 3);
    for sql in [
        "select accent from tenants",
        "select 1 from users",
        "select 1 from agencies",
        "select 1 from publications",
        "select 1 from memberships",
    ] {
        assert_eq!(run(&mut portal, sql).await.as_deref(), Some(NOT_PERMITTED), "{sql}");
    }
    for sql in ["delete from tenants", "update tenants set name = 'x'", "create table mine ()"] {
        assert!(run(&mut portal, sql).await.is_some(), "{sql}");
    }
    // Even where it may write by mistake: each of its transactions is read-only.
    let set = "set default_transaction_read_only = off";
    assert_eq!(run(&mut portal, set).await, None);
    assert_eq!(run(&mut portal, "delete from tenants").await.as_deref(), Some(NOT_PERMITTED));
}

fn publication(publisher: Uuid, audience: Uuid, period: &str) -> String {
    let id = ekinerja_app::fresh_id::<Uuid>();
    format!(
        "insert into publications (tenant_id, id, audience_id, period, number, status, content_hash,
                                   published_by, published_by_name, published_at)
         values ('{publisher}', '{id}', '{audience}', '{period}', 1, 'published', '', '{id}', 'x', now())"
    )
}

/// A figure of the publisher's only publication.
fn value_of(publisher: Uuid, audience: Uuid) -> String {
    format!(
        "insert into publication_values (tenant_id, publication_id, audience_id, code, fingerprint, name,
           unit, standing, value, target_illustrative, method, source_verified)
         select '{publisher}', id, '{audience}', 'IPM', '', 'IPM', '', 'reported', 72.37, false, 'value', true
           from publications where tenant_id = '{publisher}'"
    )
}

#[tokio::test]
async fn a_publication_goes_up_to_the_province_and_never_sideways() {
    let app = TestApp::start().await;
    let (a, b) = two(&app).await;
    let (a, b) = (a.tenant().id.uuid(), b.tenant().id.uuid());
    let ntb = app.tenant("ntb").await.tenant.id.uuid();
    let mut tenant = door(&app, Role::Tenant).await;
    enter(&mut tenant, a).await;
    assert_eq!(run(&mut tenant, "savepoint here").await, None);
    for (audience, expected) in [(b, Some(NOT_PERMITTED)), (a, Some(NOT_PERMITTED)), (ntb, None)] {
        let told = run(&mut tenant, &publication(a, audience, "2023")).await;
        assert_eq!(told.as_deref(), expected);
        if expected.is_some() {
            run(&mut tenant, "rollback to here").await;
        }
    }
    tenant.execute("commit").await.expect("kept");
    let seen = "select count(*) from publications";
    for (reader, expected) in [(a, 1), (ntb, 1), (b, 0)] {
        enter(&mut tenant, reader).await;
        assert_eq!(count(&mut tenant, seen).await, expected);
        tenant.execute("rollback").await.expect("back");
    }
    // The audience reads; it changes nothing and takes nothing back.
    enter(&mut tenant, ntb).await;
    let taken = "update publications set status = 'revoked'";
    assert_eq!(tenant.execute(taken).await.expect("nothing to change").rows_affected(), 0);
    tenant.execute("rollback").await.expect("back");
    // After a revocation the log stays on both sides; the figures are the publisher's alone.
    let figures = "select count(*) from publication_values";
    enter(&mut tenant, a).await;
    assert_eq!(run(&mut tenant, &value_of(a, ntb)).await, None);
    tenant.execute("commit").await.expect("kept");
    enter(&mut tenant, ntb).await;
    assert_eq!(count(&mut tenant, figures).await, 1);
    tenant.execute("rollback").await.expect("back");
    enter(&mut tenant, a).await;
    assert_eq!(tenant.execute(taken).await.expect("its own").rows_affected(), 1);
    assert_eq!(run(&mut tenant, "update publication_values set readable = false").await, None);
    let changed = "update publication_values set value = 1";
    assert_eq!(run(&mut tenant, "savepoint here").await, None);
    assert_eq!(run(&mut tenant, changed).await.as_deref(), Some(NOT_PERMITTED), "not even its own");
    assert_eq!(run(&mut tenant, "rollback to here").await, None);
    tenant.execute("commit").await.expect("kept");
    enter(&mut tenant, ntb).await;
    assert_eq!(count(&mut tenant, figures).await, 0);
    let log = "select count(*) from publications where status = 'revoked'";
    assert_eq!(count(&mut tenant, log).await, 1);
}

#[tokio::test]
async fn a_release_is_read_by_the_regencies_of_its_province_alone() {
    let app = TestApp::start().await;
    let (a, _) = two(&app).await;
    let operator = ekinerja_app::tenants::Operator::command_line();
    app.app.open_tenant(&operator, "51").await.expect("Bali");
    let tabanan = app.app.open_tenant(&operator, "51.02").await.expect("Tabanan");
    let ntb = app.tenant("ntb").await.tenant.id.uuid();
    let mut tenant = door(&app, Role::Tenant).await;
    enter(&mut tenant, ntb).await;
    let id = ekinerja_app::fresh_id::<Uuid>();
    let release = format!(
        "insert into template_releases (tenant_id, id, version, changelog, content, content_hash, status,
                                        released_by, released_by_name, released_at)
         values ('{ntb}', '{id}', '1.0.0', '', '{{}}', '', 'released', '{id}', 'x', now())"
    );
    assert_eq!(run(&mut tenant, &release).await, None);
    tenant.execute("commit").await.expect("kept");
    let readers = [(ntb, 1), (a.tenant().id.uuid(), 1), (tabanan.id.uuid(), 0)];
    for (reader, expected) in readers {
        enter(&mut tenant, reader).await;
        assert_eq!(count(&mut tenant, "select count(*) from template_releases").await, expected);
        tenant.execute("rollback").await.expect("back");
    }
    enter(&mut tenant, a.tenant().id.uuid()).await;
    let withdrawn = "update template_releases set status = 'withdrawn'";
    assert_eq!(tenant.execute(withdrawn).await.expect("not its own").rows_affected(), 0);
}

#[tokio::test]
async fn a_setting_does_not_outlive_its_transaction_on_a_shared_connection() {
    let app = TestApp::start().await;
    let (a, b) = two(&app).await;
    for ending in ["commit", "rollback"] {
        let mut tenant = door(&app, Role::Tenant).await;
        enter(&mut tenant, a.tenant().id.uuid()).await;
        tenant.execute(ending).await.expect(ending);
        let sql = "select coalesce(current_setting('ekinerja.tenant', true), '')";
        let left: String = sqlx::query_scalar(sql).fetch_one(&mut tenant).await.expect(sql);
        assert_eq!(left, "", "after {ending}");
        tenant.close().await.expect("a quiet end");
    }
    // The store's four connections are used in turn by both.
    for _ in 0..20 {
        for (scope, code) in [(&a, "A-1"), (&b, "B-1")] {
            let agencies = app.app.agencies(scope).await.expect("read");
            let codes: Vec<_> = agencies.iter().map(|it| it.code.as_str()).collect();
            assert_eq!(codes, [code]);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[expect(clippy::disallowed_methods, reason = "the test is about many requests at once")]
async fn two_hundred_readers_at_once_each_see_their_own_tenant() {
    let app = TestApp::start().await;
    let slugs = ["ntb", "lombok-barat", "lombok-tengah", "sumbawa", "dompu", "bima", "kota-bima"];
    let mut scopes = Vec::new();
    for slug in slugs {
        let scope = administrator(&app, slug).await;
        add_agency(&app.app, &scope, slug).await.expect("added");
        scopes.push((slug, scope));
    }
    let readers: Vec<_> = (0..200)
        .map(|n| {
            let (slug, scope) = scopes[n * 5 % scopes.len()].clone();
            let app = app.app.clone();
            tokio::spawn(async move {
                let agencies = app.agencies(&scope).await.expect("read");
                let codes: Vec<_> = agencies.into_iter().map(|it| it.code).collect();
                assert_eq!(codes, [slug], "reader {n}");
            })
        })
        .collect();
    for reader in readers {
        reader.await.expect("a reader saw another tenant's rows, or none");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[expect(clippy::disallowed_methods, reason = "the test is about requests that are cut off")]
async fn requests_cut_off_in_the_middle_lose_no_acknowledged_write() {
    let app = TestApp::start().await;
    let scope = administrator(&app, "dompu").await;
    let (done, mut acknowledged) = tokio::sync::mpsc::unbounded_channel();
    let mut cut_off = 0;
    let mut whole = Duration::ZERO;
    for n in 0_u32..150 {
        let begun = Instant::now();
        let (app, scope, done) = (app.app.clone(), scope.clone(), done.clone());
        let task = tokio::spawn(async move {
            let code = format!("C-{n}");
            if add_agency(&app, &scope, &code).await.is_ok() {
                done.send(code).expect("the test listens");
            }
        });
        // Every third request is let run; the others are cut off somewhere between BEGIN and COMMIT.
        if n % 3 == 0 {
            task.await.expect("it was let run");
            whole = begun.elapsed();
        } else {
            // At another part of the time that a request takes here; timers count in milliseconds only.
            while begun.elapsed() < whole * (n % 20) / 20 {
                tokio::task::yield_now().await;
            }
            task.abort();
            cut_off += usize::from(task.await.is_err());
        }
    }
    drop(done);
    let agencies = app.app.agencies(&scope).await.expect("read");
    let mut promised = 0;
    while let Some(code) = acknowledged.recv().await {
        promised += 1;
        assert!(agencies.iter().any(|it| it.code == code), "{code} was acknowledged and is lost");
    }
    assert!(promised >= 50, "{promised} were acknowledged");
    assert!(cut_off >= 20, "{cut_off} were cut off: the test says nothing");
}
