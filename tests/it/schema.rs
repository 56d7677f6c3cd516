//! The catalogue of the migrated schema: what every table of a tenant must have, asked of PostgreSQL itself.
//!
//! A new table or column fails here until it is protected and its personal data are declared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use ekinerja_migrations::{Role, migrate};
use ekinerja_tests::database::{TestDatabase, fresh_database, passwords};
use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, FromRow};

async fn owner(database: &TestDatabase) -> PgConnection {
    database.owner_options().connect().await.expect("the owner connects")
}

async fn rows<T>(connection: &mut PgConnection, sql: &'static str) -> Vec<T>
where
    T: for<'r> FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
{
    sqlx::query_as(sql).fetch_all(connection).await.expect(sql)
}

/// The expression that `protect.rs` writes, as PostgreSQL prints it.
const OWN: &str = "(tenant_id = ( SELECT (NULLIF(current_setting('ekinerja.tenant'::text, true), \
                   ''::text))::uuid AS \"nullif\"))";

#[tokio::test]
async fn every_table_of_a_tenant_is_protected_by_the_same_policy() {
    let database = fresh_database().await;
    let mut connection = owner(&database).await;
    let tables: Vec<(String, bool, bool)> = rows(
        &mut connection,
        "select c.relname::text, c.relrowsecurity, c.relforcerowsecurity from pg_class c
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
            and exists (select from pg_attribute a
                         where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
          order by 1",
    )
    .await;
    assert!(tables.len() >= 20, "{tables:?}");
    let policies: Vec<(String, String, Option<String>, Option<String>)> = rows(
        &mut connection,
        "select c.relname::text, p.polname::text, pg_get_expr(p.polqual, p.polrelid),
                pg_get_expr(p.polwithcheck, p.polrelid)
           from pg_policy p join pg_class c on c.oid = p.polrelid
          where p.polpermissive and p.polcmd = '*' and p.polroles = '{0}'",
    )
    .await;
    for (table, enabled, forced) in tables {
        assert!(enabled && forced, "{table}: row-level security is not enabled and forced");
        let own: Vec<_> = policies.iter().filter(|it| it.0 == table).collect();
        assert_eq!(own.len(), 1, "{table}: one policy for everybody, {own:?}");
        assert_eq!(own[0].1, "own", "{table}");
        assert_eq!(own[0].2.as_deref(), Some(OWN), "{table}: using");
        assert_eq!(own[0].3.as_deref(), Some(OWN), "{table}: with check");
    }
}

/// Every policy beside `own`: what else lets a row be seen. A line here is a reviewed decision.
#[tokio::test]
async fn every_other_policy_is_a_reviewed_decision() {
    let database = fresh_database().await;
    let found: Vec<(String, String, String, bool, String)> = rows(
        &mut owner(&database).await,
        "select c.relname::text, p.polname::text, p.polcmd::text, p.polpermissive,
                array_to_string(array(select rolname from pg_roles where oid = any(p.polroles)), ' ')
           from pg_policy p join pg_class c on c.oid = p.polrelid
          where p.polname <> 'own' order by 1, 2",
    )
    .await;
    let lines: Vec<String> = found
        .into_iter()
        .map(|(table, name, command, permissive, roles)| {
            let kind = if permissive { "permissive" } else { "restrictive" };
            format!("{table} {name} {command} {kind} {roles}")
        })
        .collect();
    compare("policies.txt", &lines.join("\n"));
}

/// Foreign keys between tables of tenants that leave the tenant out.
pub(crate) async fn loose_foreign_keys(connection: &mut PgConnection) -> Vec<(String, String)> {
    rows(
        connection,
        "with tenant_tables as (
           select c.oid, a.attnum from pg_class c join pg_attribute a on a.attrelid = c.oid
            where c.relnamespace = 'public'::regnamespace and a.attname = 'tenant_id')
         select k.conrelid::regclass::text, k.conname::text from pg_constraint k
           join tenant_tables child on child.oid = k.conrelid
           join tenant_tables parent on parent.oid = k.confrelid
          where k.contype = 'f'
            and not exists (select from unnest(k.conkey, k.confkey) as pair (here, there)
                             where here = child.attnum and there = parent.attnum)",
    )
    .await
}

#[tokio::test]
async fn no_foreign_key_between_tenants_tables_leaves_the_tenant_out() {
    let database = fresh_database().await;
    let loose = loose_foreign_keys(&mut owner(&database).await).await;
    assert_eq!(loose, [], "these could point into another tenant");
}

/// Unique keys of tables of tenants that leave the tenant out: a conflict would tell what another tenant has.
pub(crate) async fn loose_unique_keys(connection: &mut PgConnection) -> Vec<String> {
    let loose: Vec<(String,)> = rows(
        connection,
        "select t.relname || ': ' || i.relname
           from pg_index x join pg_class t on t.oid = x.indrelid join pg_class i on i.oid = x.indexrelid
           join pg_attribute a on a.attrelid = t.oid and a.attname = 'tenant_id'
          where x.indisunique and t.relnamespace = 'public'::regnamespace
            and not a.attnum = any(x.indkey) order by 1",
    )
    .await;
    loose.into_iter().map(|it| it.0).collect()
}

#[tokio::test]
async fn every_unique_key_of_a_tenants_table_names_the_tenant() {
    let database = fresh_database().await;
    let mut connection = owner(&database).await;
    assert_eq!(loose_unique_keys(&mut connection).await, Vec::<String>::new());
    let keys: Vec<(i64,)> =
        rows(&mut connection, "select count(*) from pg_index where indisunique").await;
    assert!(keys[0].0 >= 30);
}

#[tokio::test]
async fn tables_without_a_tenant_are_the_few_that_everybody_knows() {
    let database = fresh_database().await;
    let tables: Vec<(String,)> = rows(
        &mut owner(&database).await,
        "select c.relname::text from pg_class c
          where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
            and not exists (select from pg_attribute a
                             where a.attrelid = c.oid and a.attname = 'tenant_id')
          order by 1",
    )
    .await;
    let lines: Vec<String> = tables.into_iter().map(|it| it.0).collect();
    compare("global-tables.txt", &lines.join("\n"));
}

/// What each door may do with each table and column. A line here is a reviewed decision.
#[tokio::test]
async fn grants_of_the_doors_are_a_reviewed_decision() {
    let database = fresh_database().await;
    let mut connection = owner(&database).await;
    let whole: Vec<(String, String, String)> = rows(
        &mut connection,
        "select grantee::text, table_name::text, string_agg(privilege_type, ' ' order by privilege_type)
           from information_schema.role_table_grants
          where grantee like 'ekinerja\\_%' and grantee <> 'ekinerja_owner'
          group by 1, 2 order by 1, 2",
    )
    .await;
    let columns: Vec<(String, String, String, String)> = rows(
        &mut connection,
        "select c.grantee::text, c.table_name::text, c.privilege_type::text,
                string_agg(c.column_name::text, ' ' order by c.column_name)
           from information_schema.role_column_grants c
          where c.grantee like 'ekinerja\\_%' and c.grantee <> 'ekinerja_owner'
            and not exists (select from information_schema.role_table_grants t
                             where t.grantee = c.grantee and t.table_name = c.table_name
                               and t.privilege_type = c.privilege_type)
          group by 1, 2, 3 order by 1, 2, 3",
    )
    .await;
    let mut lines: Vec<String> =
        whole
            .into_iter()
            .map(|(role, table, rights)| format!("{role} {table}: {rights}"))
            .chain(columns.into_iter().map(|(role, table, right, columns)| {
                format!("{role} {table}: {right} ({columns})")
            }))
            .collect();
    lines.sort();
    compare("grants.txt", &lines.join("\n"));
}

/// Classes of `columns.toml`.
const CLASSES: [&str; 4] = ["public", "internal", "personal", "secret"];

#[tokio::test]
async fn every_column_says_whether_it_is_personal_and_why() {
    let database = fresh_database().await;
    let columns: Vec<(String, String)> = rows(
        &mut owner(&database).await,
        "select table_name::text, column_name::text from information_schema.columns
          where table_schema = 'public' and table_name <> 'seaql_migrations' order by 1, 2",
    )
    .await;
    let columns: BTreeSet<_> = columns.into_iter().collect();
    let declared = declared_columns();
    for (table, column) in &columns {
        assert!(
            declared.contains_key(&(table.clone(), column.clone())),
            "tests/golden/columns.toml does not say what {table}.{column} is: public, internal, \
             personal or secret, and why"
        );
    }
    for key in declared.keys() {
        assert!(
            columns.contains(key),
            "tests/golden/columns.toml names {key:?}, which is no column"
        );
    }
    let personal = declared.values().filter(|it| it.as_str() == "personal").count();
    assert!(personal >= 10, "names, user names and employee numbers are personal");
}

/// The page for people who ask what is held of them leaves no table out.
#[test]
fn every_table_with_personal_data_is_accounted_for() {
    let page = include_str!("../../docs/security/personal-data.md");
    let declared = declared_columns();
    let sensitive = declared.iter().filter(|it| matches!(it.1.as_str(), "personal" | "secret"));
    let tables: BTreeSet<_> = sensitive.map(|((table, _), _)| table).collect();
    assert!(tables.len() > 10, "{tables:?}");
    for table in tables {
        let named = format!("`{table}`");
        assert!(page.contains(&named), "docs/security/personal-data.md does not name {named}");
    }
}

/// Table and column with its class. The file is TOML in its simplest form: `[table]`, then
/// `column = "class: why"`.
fn declared_columns() -> BTreeMap<(String, String), String> {
    let mut table = String::new();
    let mut declared = BTreeMap::new();
    for line in read_golden("columns.toml").lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            name.clone_into(&mut table);
            continue;
        }
        let (column, rest) =
            line.split_once(" = ").unwrap_or_else(|| panic!("columns.toml: {line}"));
        let rest = rest.trim_matches('"');
        let (class, why) = rest.split_once(": ").unwrap_or_else(|| panic!("columns.toml: {line}"));
        assert!(CLASSES.contains(&class), "columns.toml: {line}");
        assert!(!why.trim().is_empty(), "columns.toml: {line} says no why");
        let twice = declared.insert((table.clone(), column.to_owned()), class.to_owned());
        assert_eq!(twice, None, "columns.toml: {table}.{column} is there twice");
    }
    declared
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    let database = fresh_database().await;
    let before = fingerprint(&database).await;
    migrate(&database.owner_options(), &passwords()).await.expect("a second run");
    assert_eq!(fingerprint(&database).await, before);
    for role in Role::ALL {
        database.options(role).connect().await.expect("the passwords are as before");
    }
}

/// Tables, columns, constraints, policies and grants as one text.
async fn fingerprint(database: &TestDatabase) -> String {
    let found: Vec<(String,)> = rows(
        &mut owner(database).await,
        "select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable as it
           from information_schema.columns where table_schema = 'public'
         union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint
                    where connamespace = 'public'::regnamespace
         union all select polname || ' ' || polrelid::regclass::text from pg_policy
         union all select relname || ' ' || coalesce(relacl::text, '') from pg_class
                    where relnamespace = 'public'::regnamespace
         order by 1",
    )
    .await;
    let mut text = String::new();
    for (line,) in found {
        writeln!(text, "{line}").expect("a string takes text");
    }
    text
}

fn golden(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name)
}

fn read_golden(name: &str) -> String {
    let path = golden(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Compares with a reviewed file; with `EKINERJA_WRITE_GOLDEN=1` the file is written instead.
pub(crate) fn compare(name: &str, found: &str) {
    let found = format!("{}\n", found.trim_end());
    if std::env::var("EKINERJA_WRITE_GOLDEN").is_ok_and(|it| it == "1") {
        std::fs::write(golden(name), &found).expect("the file can be written");
    }
    assert_eq!(read_golden(name), found, "tests/golden/{name} changes by a reviewed line each");
}
