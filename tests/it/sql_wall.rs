//! The database as an attacker sees it who can say any statement through a door: for every table of the
//! catalogue, as each door's role. Nothing is listed by hand: tables, columns, keys, functions and roles come
//! from PostgreSQL itself.
//!
//! One thing this wall does not do: who can already run any SQL as the tenants' door can name another tenant in
//! the setting. `docs/security/threat-model.md` says so; that no SQL is made by string is what keeps it away.

use std::collections::BTreeMap;

use ekinerja_migrations::Role;
use ekinerja_tests::TestApp;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row};
use uuid::Uuid;

use crate::intruders::world::{checksums, owner, tenant_tables};
use crate::schema::{loose_foreign_keys, loose_unique_keys};

const VICTIM: &str = "lombok-barat";
/// PostgreSQL's codes: not permitted, foreign key, unique key.
const NOT_PERMITTED: &str = "42501";
const FOREIGN_KEY: &str = "23503";
const UNIQUE_KEY: &str = "23505";

/// What became of a statement: rows that it read or touched, or the code of its refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    Rows(u64),
    Refused(String),
}

/// Says a statement in a savepoint that is taken back afterwards.
async fn say(connection: &mut PgConnection, sql: &str) -> Fate {
    connection.execute("savepoint attempt").await.expect("a savepoint");
    let fate = match connection.fetch_all(AssertSqlSafe(sql.to_owned())).await {
        // A count counts as what it counted.
        Ok(rows) => match rows.first().map(|it| it.try_get::<i64, _>("rows_seen")) {
            Some(Ok(count)) => Fate::Rows(u64::try_from(count).unwrap_or_default()),
            _ => Fate::Rows(rows.len() as u64),
        },
        Err(error) => {
            let code = error
                .as_database_error()
                .and_then(|it| it.code().map(std::borrow::Cow::into_owned));
            Fate::Refused(code.unwrap_or_else(|| error.to_string()))
        }
    };
    connection.execute("rollback to attempt").await.expect("taken back");
    fate
}

/// A transaction of a door, inside a government where the door knows any.
async fn enter(app: &TestApp, role: Role, tenant: Uuid) -> PgConnection {
    let mut connection = app.database().options(role).connect().await.expect("the door opens");
    connection.execute("begin").await.expect("a transaction");
    sqlx::query("select set_config('ekinerja.tenant', $1, true)")
        .bind(tenant.to_string())
        .execute(&mut connection)
        .await
        .expect("the setting");
    connection
}

async fn tenant_id(owner: &mut PgConnection, slug: &str) -> Uuid {
    let sql = "select id from tenants where slug = $1";
    sqlx::query_scalar(sql).bind(slug).fetch_one(owner).await.expect(sql)
}

async fn columns(owner: &mut PgConnection, table: &str) -> Vec<String> {
    let sql =
        "select attname::text from pg_attribute where attrelid = $1::text::regclass and attnum > 0
                 and not attisdropped and attgenerated = '' and attidentity = '' order by attnum";
    sqlx::query_scalar(sql).bind(table).fetch_all(owner).await.expect(sql)
}

/// The ways to read another government's rows.
fn readings(table: &str, victim: Uuid) -> Vec<String> {
    let of = format!("tenant_id = '{victim}'");
    vec![
        format!("select * from {table} where {of}"),
        format!("select count(*) as rows_seen from {table} where {of}"),
        format!("select 1 from {table} where {of} or ({of} and true)"),
        format!("select * from (select * from {table}) it where {of}"),
        format!("with it as materialized (select * from {table}) select * from it where {of}"),
        format!("select * from {table} a join {table} b using (tenant_id) where a.{of}"),
        format!("select 1 where exists (select from {table} where {of})"),
        format!(
            "select * from {table} where tenant_id in (select id from tenants where slug = '{VICTIM}')"
        ),
        format!("select max(tenant_id::text) from {table} where {of} having count(*) > 0"),
        format!("select * from {table} where {of} for update"),
        format!("select * from {table} tablesample system (100) where {of}"),
        format!("select row_to_json(it) from {table} it where {of}"),
        format!("select * from only {table} where {of} order by tenant_id"),
        format!("select * from {table} where 1 / (case when {of} then 0 else 1 end) = 0"),
    ]
}

/// The ways to change, remove, lock or loosen a table.
fn writings(table: &str, victim: Uuid, columns: &[String]) -> Vec<String> {
    let of = format!("tenant_id = '{victim}'");
    let mut all: Vec<String> = columns
        .iter()
        .map(|it| format!("update {table} set {it} = {it} where {of} returning 1"))
        .collect();
    all.extend([
        format!("delete from {table} where {of} returning 1"),
        format!(
            "with gone as (delete from {table} returning tenant_id) select 1 from gone where {of}"
        ),
        format!("merge into {table} t using (select 1) s on t.{of} when matched then delete"),
    ]);
    all
}

/// What no door may do with any table.
fn liberties(table: &str) -> Vec<String> {
    vec![
        format!("truncate {table}"),
        format!("truncate {table} cascade"),
        format!("alter table {table} disable row level security"),
        format!("alter table {table} no force row level security"),
        format!("alter table {table} add column mine int"),
        format!("alter table {table} owner to current_user"),
        format!("drop table {table}"),
        format!("drop policy own on {table}"),
        format!("create policy mine on {table} using (true)"),
        format!("create index on {table} (tenant_id)"),
        format!("create view mine as select * from {table}"),
        format!(
            "create trigger mine before insert on {table} execute function suppress_redundant_updates_trigger()"
        ),
        format!("create rule mine as on insert to {table} do nothing"),
        format!(
            "grant all on {table} to current_user; select 1 where has_table_privilege('{table}', 'truncate')"
        ),
        format!("copy {table} to '/dev/null'"),
        format!("copy {table} to program 'true'"),
        format!("set local row_security = off; select * from {table}"),
        format!("comment on table {table} is 'mine'"),
        format!("cluster {table}"),
    ]
}

#[tokio::test]
async fn no_door_reads_changes_plants_or_loosens_what_is_another_governments() {
    let app = TestApp::start_demonstration().await;
    let mut owner = owner(&app).await;
    // A government without rows: whatever it stumbles over is somebody else's.
    let stranger = app.tenant_of("51").await.tenant.id.uuid();
    let victim = tenant_id(&mut owner, VICTIM).await;
    let before = checksums(&app, VICTIM).await;
    let tables = tenant_tables(&mut owner).await;
    assert!(tables.len() >= 25, "{tables:?}");
    let mut attempts: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for role in Role::ALL {
        let mut door = enter(&app, role, stranger).await;
        for table in &tables {
            let columns = columns(&mut owner, table).await;
            let count = attempts.entry(table.clone()).or_default();
            // The directory sees whole tables that decide who may enter; `grants.txt` has them reviewed.
            let open = role != Role::Tenant && privilege(&mut owner, role, table, "SELECT").await;
            let mut all = if open { Vec::new() } else { readings(table, victim) };
            if role != Role::Directory {
                all.extend(writings(table, victim, &columns));
            }
            for sql in all {
                *count += 1;
                match say(&mut door, &sql).await {
                    Fate::Rows(0) => {}
                    // Not permitted; read-only; a lock, sample or merge that needs a right which is not there.
                    Fate::Refused(code)
                        if [NOT_PERMITTED, "25006", "0A000", "428C9"].contains(&code.as_str()) => {}
                    // A row of one's own that cannot be changed that way is no leak either.
                    fate => wrong.push(format!("{} {sql}: {fate:?}", role.name())),
                }
            }
            // PostgreSQL lets who may change a whole table lock it: a matter of time limits, not of rows.
            *count += 1;
            let fate =
                say(&mut door, &format!("lock table {table} in access exclusive mode")).await;
            let mut may_lock = false;
            for right in ["UPDATE", "DELETE"] {
                may_lock |= privilege(&mut owner, role, table, right).await;
            }
            if matches!(fate, Fate::Rows(_)) != may_lock {
                wrong.push(format!("{} locks {table}: {fate:?}", role.name()));
            }
            for sql in liberties(table) {
                *count += 1;
                let halves: Vec<_> = sql.split("; ").collect();
                let fate = match halves[..] {
                    // Granting oneself what one may not pass on is a warning without effect.
                    [first, second] => match say_both(&mut door, first, second).await {
                        Fate::Rows(0) if first.starts_with("grant") => continue,
                        fate => fate,
                    },
                    _ => say(&mut door, &sql).await,
                };
                if !matches!(&fate, Fate::Refused(_)) {
                    wrong.push(format!("{} {sql}: {fate:?}", role.name()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} holes\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
    for (table, count) in &attempts {
        assert!(*count >= 30, "{table}: {count} attempts");
    }
    assert_eq!(checksums(&app, VICTIM).await, before);
    twins(&app, victim, &tables).await;
}

/// Two statements in one savepoint.
async fn say_both(connection: &mut PgConnection, first: &str, second: &str) -> Fate {
    connection.execute("savepoint outer_attempt").await.expect("a savepoint");
    let fate = match connection.execute(AssertSqlSafe(first.to_owned())).await {
        Ok(_) => say(connection, second).await,
        Err(error) => Fate::Refused(error.to_string()),
    };
    connection.execute("rollback to outer_attempt").await.expect("taken back");
    fate
}

async fn privilege(owner: &mut PgConnection, role: Role, table: &str, right: &str) -> bool {
    let sql = "select has_table_privilege($1, $2, $3)";
    sqlx::query_scalar(sql)
        .bind(role.name())
        .bind(table)
        .bind(right)
        .fetch_one(owner)
        .await
        .expect(sql)
}

/// The same statements of the government itself: every row that is there is read, what may be changed is changed.
async fn twins(app: &TestApp, victim: Uuid, tables: &[String]) {
    let mut owner = owner(app).await;
    let mut door = enter(app, Role::Tenant, victim).await;
    let (mut read, mut changed) = (0, 0);
    for table in tables {
        let sql = format!("select count(*) from {table} where tenant_id = '{victim}'");
        let there: i64 =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut owner).await.expect("a count");
        let there = u64::try_from(there).expect("a count");
        if privilege(&mut owner, Role::Tenant, table, "SELECT").await {
            let sql =
                format!("select count(*) as rows_seen from {table} where tenant_id = '{victim}'");
            assert_eq!(say(&mut door, &sql).await, Fate::Rows(there), "{table}");
            read += usize::from(there > 0);
        }
        let sql = "select attname::text from pg_attribute where attrelid = $1::text::regclass and attnum > 0
                     and attname <> 'tenant_id' and has_column_privilege('ekinerja_tenant', attrelid, attnum, 'UPDATE')
                   limit 1";
        let column: Option<String> =
            sqlx::query_scalar(sql).bind(table).fetch_optional(&mut owner).await.expect(sql);
        if let Some(column) = column.filter(|_| there > 0) {
            let sql = format!(
                "update {table} set {column} = {column} where tenant_id = '{victim}' returning 1"
            );
            assert_eq!(say(&mut door, &sql).await, Fate::Rows(there), "{table}.{column}");
            changed += 1;
        }
    }
    assert!(
        read >= 10 && changed >= 5,
        "{read} tables read, {changed} changed: the denials say little"
    );
}

/// A row of the victim as JSON.
async fn row(owner: &mut PgConnection, table: &str, tenant: Uuid) -> Option<Value> {
    let sql = format!("select to_jsonb(it) from {table} it where tenant_id = '{tenant}' limit 1");
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_optional(owner).await.expect("a row")
}

/// An insert of a row with these columns.
fn insert(table: &str, columns: &[String], row: &Value) -> String {
    let list = columns.join(", ");
    let text = row.to_string().replace('\'', "''");
    format!(
        "insert into {table} ({list}) select {list} from jsonb_populate_record(null::{table}, '{text}') returning 1"
    )
}

/// Unique keys, foreign keys and policies, probed with the victim's own rows: planted under the victim's name,
/// under one's own, and with references to nothing. Only the last two may differ from a success, and never
/// from each other.
#[tokio::test]
async fn keys_tell_nothing_about_another_governments_rows() {
    let app = TestApp::start_demonstration().await;
    let mut owner = owner(&app).await;
    let stranger = app.tenant_of("51").await.tenant.id.uuid();
    let victim = tenant_id(&mut owner, VICTIM).await;
    let tables = tenant_tables(&mut owner).await;
    let mut door = enter(&app, Role::Tenant, stranger).await;
    let mut own = enter(&app, Role::Tenant, victim).await;
    let (mut probed, mut refused_references, mut at_home) = (0, 0, 0);
    for table in &tables {
        let Some(row) = row(&mut owner, table, victim).await else { continue };
        let sql = "select attname::text from pg_attribute where attrelid = $1::text::regclass and attnum > 0
                     and not attisdropped and attgenerated = '' and attidentity = ''
                     and has_column_privilege('ekinerja_tenant', attrelid, attnum, 'INSERT') order by attnum";
        let columns: Vec<String> =
            sqlx::query_scalar(sql).bind(table).fetch_all(&mut owner).await.expect(sql);
        if columns.is_empty() {
            continue;
        }
        probed += 1;
        let planted = say(&mut door, &insert(table, &columns, &row)).await;
        assert_eq!(
            planted,
            Fate::Refused(NOT_PERMITTED.to_owned()),
            "{table}: planted at the victim's"
        );
        let mut mine = row.clone();
        mine["tenant_id"] = json!(stranger);
        let with_theirs = say(&mut door, &insert(table, &columns, &mine)).await;
        let mut nothing = mine.clone();
        for value in nothing.as_object_mut().expect("a row").values_mut() {
            let is_id = value.as_str().is_some_and(|it| it.parse::<Uuid>().is_ok());
            if is_id && *value != json!(stranger) {
                *value = json!(ekinerja_app::fresh_id::<Uuid>());
            }
        }
        let with_nothing = say(&mut door, &insert(table, &columns, &nothing)).await;
        assert_eq!(
            with_theirs, with_nothing,
            "{table}: a key tells that the victim has such a row"
        );
        assert_ne!(with_theirs, Fate::Refused(UNIQUE_KEY.to_owned()), "{table}");
        refused_references += usize::from(with_theirs == Fate::Refused(FOREIGN_KEY.to_owned()));
        // At home the same row is known already: the keys work.
        let again = say(&mut own, &insert(table, &columns, &row)).await;
        at_home += usize::from(again == Fate::Refused(UNIQUE_KEY.to_owned()));
    }
    assert!(
        probed >= 10 && refused_references >= 5 && at_home >= 5,
        "{probed} {refused_references} {at_home}"
    );
}

#[tokio::test]
async fn no_door_becomes_anybody_else_or_owns_a_way_around() {
    let app = TestApp::start().await;
    let mut owner = owner(&app).await;
    let roles: Vec<String> = sqlx::query_scalar("select rolname::text from pg_roles")
        .fetch_all(&mut owner)
        .await
        .expect("roles");
    let stranger = app.tenant("bima").await.tenant.id.uuid();
    for role in Role::ALL {
        let mut door = enter(&app, role, stranger).await;
        for other in roles.iter().filter(|it| *it != role.name()) {
            for words in ["set role", "set local role", "set session authorization"] {
                let fate = say(&mut door, &format!("{words} \"{other}\"")).await;
                assert!(
                    matches!(fate, Fate::Refused(_)),
                    "{} {words} {other}: {fate:?}",
                    role.name()
                );
            }
            let fate = say(&mut door, &format!("grant \"{other}\" to {}", role.name())).await;
            assert!(matches!(fate, Fate::Refused(_)), "{} {other}: {fate:?}", role.name());
        }
        for sql in [
            "create schema mine",
            "create table public.mine (n int)",
            "create function public.mine() returns int language sql as 'select 1'",
            "create extension dblink",
            "create role mine",
            "alter role current_user bypassrls",
            "alter role current_user superuser",
            "alter system set row_security = off",
            "select pg_read_file('PG_VERSION')",
            "select pg_ls_dir('.')",
            "select lo_import('/etc/hostname')",
            "select rolpassword from pg_authid",
            "select * from pg_statistic",
            "select pg_reload_conf()",
            "do $$ begin execute 'set role postgres'; end $$",
        ] {
            let fate = say(&mut door, sql).await;
            assert!(matches!(fate, Fate::Refused(_)), "{} {sql}: {fate:?}", role.name());
        }
        assert_eq!(say(&mut door, "select 1").await, Fate::Rows(1), "the door itself works");
    }
    // What runs with the owner's rights is pinned to its own names, and no door calls it but as a trigger or
    // to learn its own province.
    let sql =
        "select p.proname::text, p.prorettype = 'trigger'::regtype, coalesce(p.proconfig::text, '')
                 from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where p.prosecdef and n.nspname !~ '^(pg_|information_schema)'";
    let functions: Vec<(String, bool, String)> =
        sqlx::query_as(sql).fetch_all(&mut owner).await.expect(sql);
    assert!(!functions.is_empty());
    for (name, is_trigger, settings) in functions {
        assert!(
            settings.contains("search_path="),
            "{name} follows its caller's search_path: {settings}"
        );
        assert!(
            is_trigger || name == "ekinerja_parent",
            "{name} is a way around that nobody reviewed"
        );
    }
}

#[tokio::test]
async fn table_made_without_the_helper_is_found_and_so_are_loose_keys() {
    let app = TestApp::start().await;
    let mut owner = owner(&app).await;
    let settings = app.database().store_settings();
    let unprotected = async || -> Vec<String> {
        let now = chrono::DateTime::UNIX_EPOCH;
        let found = ekinerja_store::checkup::examine(&settings, now).await;
        let of = |it: ekinerja_store::checkup::Finding| match it {
            ekinerja_store::checkup::Finding::Unprotected { table, .. } => Some(table),
            _ => None,
        };
        found.into_iter().filter_map(of).collect()
    };
    assert_eq!(unprotected().await, Vec::<String>::new());
    for (name, more) in [
        ("forgotten", ""),
        ("not_forced", "enable row level security"),
        ("no_policy", "enable row level security, force row level security"),
    ] {
        let create = format!("create table {name} (tenant_id uuid not null, id uuid)");
        owner.execute(AssertSqlSafe(create)).await.expect("a table");
        if !more.is_empty() {
            owner
                .execute(AssertSqlSafe(format!("alter table {name} {more}")))
                .await
                .expect("altered");
        }
        assert_eq!(unprotected().await, [name]);
        owner.execute(AssertSqlSafe(format!("drop table {name}"))).await.expect("dropped");
    }
    // A policy that lets everybody in is none, whatever it is called.
    owner
        .execute(
            "create table open_door (tenant_id uuid not null, id uuid);
             alter table open_door enable row level security, force row level security;
             create policy own on open_door using (true) with check (true);",
        )
        .await
        .expect("a table");
    assert_eq!(unprotected().await, ["open_door"]);
    owner.execute("drop table open_door").await.expect("dropped");
    // Keys that leave the government out.
    assert!(
        loose_foreign_keys(&mut owner).await.is_empty()
            && loose_unique_keys(&mut owner).await.is_empty()
    );
    owner
        .execute(
            "create table child (tenant_id uuid not null, id uuid primary key, agency uuid);
             create unique index agencies_by_id on agencies (id);
             alter table child add constraint to_anybody foreign key (agency) references agencies (id);",
        )
        .await
        .expect("a table");
    let keys = loose_foreign_keys(&mut owner).await;
    assert_eq!(keys, [(String::from("child"), String::from("to_anybody"))]);
    let keys: Vec<String> = loose_unique_keys(&mut owner).await;
    assert_eq!(keys, ["agencies: agencies_by_id", "child: child_pkey"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[expect(clippy::disallowed_methods, reason = "the test is about many scopes at once")]
async fn two_thousand_mixed_scopes_over_a_small_pool_each_see_their_own() {
    let app = TestApp::start_demonstration().await;
    let mut owner = owner(&app).await;
    let mut scopes = Vec::new();
    for slug in ["ntb", "lombok-barat", "lombok-tengah", "sumbawa", "dompu", "bima", "kota-bima"] {
        let tenant = app.tenant(slug).await;
        tenant.everything().await;
        let username = format!("semua.{slug}");
        let (_, signed_in) =
            app.app.sign_in(&username, ekinerja_tests::PASSWORD).await.expect("signed in");
        let scope = app.app.enter(&signed_in, &tenant.tenant.slug).await.expect("entered");
        let sql = "select id from agencies where tenant_id = $1";
        let own: Vec<Uuid> = sqlx::query_scalar(sql)
            .bind(tenant.tenant.id.uuid())
            .fetch_all(&mut owner)
            .await
            .expect(sql);
        assert!(!own.is_empty(), "{slug}");
        scopes.push((scope, own.into_iter().collect::<std::collections::BTreeSet<_>>()));
    }
    let room = std::sync::Arc::new(tokio::sync::Semaphore::new(40));
    let mut cut = 0;
    let mut readers = Vec::new();
    for n in 0_usize..2_000 {
        let (scope, own) = scopes[n * 5 % scopes.len()].clone();
        let (app, room) = (app.app.clone(), std::sync::Arc::clone(&room));
        let reader = tokio::spawn(async move {
            let place = room.acquire_owned().await.expect("room");
            let agencies = app.agencies(&scope).await.expect("read");
            drop(place);
            let seen: std::collections::BTreeSet<Uuid> =
                agencies.into_iter().map(|it| it.id.uuid()).collect();
            assert_eq!(seen, own, "reader {n}");
        });
        readers.push(reader);
        // Every seventh is cut off while others are in the middle of theirs.
        if n % 7 == 0 && n > 40 {
            readers[n - n % 40].abort();
        }
    }
    for reader in readers {
        match reader.await {
            Ok(()) => {}
            Err(end) if end.is_cancelled() => cut += 1,
            Err(end) => panic!("a reader saw another government's rows, or none: {end}"),
        }
    }
    assert!(cut >= 10, "{cut} were cut off");
}
