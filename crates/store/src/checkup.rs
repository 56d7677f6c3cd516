//! A look at the database before it is trusted: may each door do no more than it should?
//!
//! Every question is asked as the door's own role, so that the answer is about the very connection that
//! will serve. Nothing here repairs; the binary puts the findings into words.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use crate::connect::StoreSettings;

/// The oldest PostgreSQL whose dialect the product speaks.
pub const OLDEST_SERVER: i32 = 15;

/// How long a door may take to open.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a door does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShutReason {
    /// Nobody answers at the address.
    Unreachable,
    /// The role is unknown or its password is wrong.
    Password,
    /// There is no such database.
    NoDatabase,
    /// Something else, in the database's words.
    Other,
}

/// Something about the database that is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// A door does not open.
    Shut {
        /// The role that tried.
        role: String,
        /// Why.
        reason: ShutReason,
        /// What the database or the machine said.
        said: String,
    },
    /// The server is older than [`OLDEST_SERVER`].
    OldServer {
        /// Its version.
        version: String,
    },
    /// A door's role is a superuser: no row-level security holds for it.
    Superuser {
        /// The role.
        role: String,
    },
    /// A door's role passes row-level security by.
    BypassesRowSecurity {
        /// The role.
        role: String,
    },
    /// A door's role may make databases or roles, or copy the whole cluster.
    Powerful {
        /// The role.
        role: String,
        /// `CREATEDB`, `CREATEROLE` or `REPLICATION`.
        power: String,
    },
    /// A door's role owns something, so it could switch its protection off.
    Owner {
        /// The role.
        role: String,
        /// Some of what it owns.
        owned: String,
    },
    /// A door's role belongs to another role, which an injected `set role` could become.
    Member {
        /// The role.
        role: String,
        /// What it belongs to.
        of: String,
    },
    /// A door's role may create objects in a schema or in the database.
    MayCreate {
        /// The role.
        role: String,
        /// `schema public`, `database ekinerja`.
        place: String,
    },
    /// A table of the tenants is not protected.
    Unprotected {
        /// The table.
        table: String,
        /// What it lacks.
        lacks: Lack,
    },
    /// The clocks of the database and of this machine differ.
    ClockSkew {
        /// By how many seconds.
        seconds: i64,
    },
}

/// What a table of the tenants lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// Row-level security is off.
    Enabled,
    /// The owner passes it by.
    Forced,
    /// No policy compares with the tenant of the transaction.
    Policy,
}

/// Asks every door of `settings`, and then the tables.
pub async fn examine(settings: &StoreSettings, now: chrono::DateTime<chrono::Utc>) -> Vec<Finding> {
    let passwords = &settings.passwords;
    let doors = [
        ("ekinerja_directory", &passwords.directory),
        ("ekinerja_tenant", &passwords.tenant),
        ("ekinerja_portal", &passwords.portal),
    ];
    let mut findings = Vec::new();
    for (index, (role, password)) in doors.into_iter().enumerate() {
        let options = settings.address.clone().username(role).password(password);
        match open(&options).await {
            Ok(mut connection) => {
                findings.extend(told(examine_role(&mut connection).await, role));
                if index == 0 {
                    findings.extend(told(examine_server(&mut connection, now).await, role));
                    findings.extend(told(examine_tables(&mut connection).await, role));
                }
                // The answers are known by then; a failure to say goodbye changes nothing.
                drop(connection.close().await);
            }
            Err(error) => findings.push(shut(role, &error)),
        }
    }
    findings
}

/// What is wrong with the role that `options` signs in as.
///
/// # Errors
/// The database does not answer.
pub async fn examine_login(options: &PgConnectOptions) -> Result<Vec<Finding>, sqlx::Error> {
    let mut connection = open(options).await?;
    let findings = examine_role(&mut connection).await?;
    drop(connection.close().await);
    Ok(findings)
}

async fn open(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let late = |_| sqlx::Error::Io(std::io::Error::from(std::io::ErrorKind::TimedOut));
    tokio::time::timeout(PATIENCE, options.connect()).await.map_err(late)?
}

fn told(answer: Result<Vec<Finding>, sqlx::Error>, role: &str) -> Vec<Finding> {
    answer.unwrap_or_else(|error| vec![shut(role, &error)])
}

fn shut(role: &str, error: &sqlx::Error) -> Finding {
    let code = error.as_database_error().and_then(|it| it.code().map(std::borrow::Cow::into_owned));
    let reason = match (code.as_deref(), error) {
        (Some("28P01" | "28000"), _) => ShutReason::Password,
        (Some("3D000"), _) => ShutReason::NoDatabase,
        (None, sqlx::Error::Io(_)) => ShutReason::Unreachable,
        _ => ShutReason::Other,
    };
    Finding::Shut { role: role.to_owned(), reason, said: error.to_string() }
}

/// What a role may and must not be, read from the catalogue that every role can read.
type RoleRow = (String, bool, bool, Vec<String>, Vec<String>, Vec<String>, Vec<String>);

const ROLE: &str = "
  select current_user::text as role, r.rolsuper as superuser, r.rolbypassrls as bypasses,
    array_remove(array[case when r.rolcreatedb then 'CREATEDB' end,
                       case when r.rolcreaterole then 'CREATEROLE' end,
                       case when r.rolreplication then 'REPLICATION' end], null) as powers,
    array(select o.name from (
      select 'table ' || c.relname as name from pg_class c where c.relowner = r.oid
      union all select 'function ' || p.proname from pg_proc p where p.proowner = r.oid
      union all select 'schema ' || n.nspname from pg_namespace n where n.nspowner = r.oid
      union all select 'database ' || d.datname from pg_database d
                 where d.datdba = r.oid and d.datname = current_database()) o limit 5) as owned,
    array(select g.rolname::text from pg_auth_members m join pg_roles g on g.oid = m.roleid
           where m.member = r.oid) as member_of,
    array(select 'schema ' || n.nspname from pg_namespace n
           where n.nspname !~ '^pg_' and has_schema_privilege(r.oid, n.oid, 'CREATE')
          union all
          select 'database ' || current_database()
           where has_database_privilege(r.oid, current_database(), 'CREATE')) as creates
  from pg_roles r where r.rolname = current_user";

async fn examine_role(connection: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let (role, superuser, bypasses, powers, owned, member_of, creates): RoleRow =
        sqlx::query_as(ROLE).fetch_one(connection).await?;
    let role = || role.clone();
    let mut findings = Vec::new();
    if superuser {
        findings.push(Finding::Superuser { role: role() });
    }
    if bypasses {
        findings.push(Finding::BypassesRowSecurity { role: role() });
    }
    if !owned.is_empty() {
        findings.push(Finding::Owner { role: role(), owned: owned.join(", ") });
    }
    findings.extend(powers.into_iter().map(|power| Finding::Powerful { role: role(), power }));
    findings.extend(member_of.into_iter().map(|of| Finding::Member { role: role(), of }));
    findings.extend(creates.into_iter().map(|place| Finding::MayCreate { role: role(), place }));
    Ok(findings)
}

/// Seconds by which the clocks may differ before it is worth a word: sessions and periods compare both.
const LARGEST_SKEW: i64 = 60;

async fn examine_server(
    connection: &mut PgConnection,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<Finding>, sqlx::Error> {
    let sql =
        "select current_setting('server_version_num')::int, current_setting('server_version'),
                      clock_timestamp()";
    let (number, version, clock): (i32, String, chrono::DateTime<chrono::Utc>) =
        sqlx::query_as(sql).fetch_one(connection).await?;
    let mut findings = Vec::new();
    if number / 10_000 < OLDEST_SERVER {
        findings.push(Finding::OldServer { version });
    }
    let seconds = (clock - now).num_seconds();
    if seconds.abs() > LARGEST_SKEW {
        findings.push(Finding::ClockSkew { seconds });
    }
    Ok(findings)
}

const TABLES: &str = "
  select c.relname::text, c.relrowsecurity, c.relforcerowsecurity,
    exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd = '*'
              and pg_get_expr(p.polqual, p.polrelid) like '%tenant_id = %ekinerja.tenant%'
              and pg_get_expr(p.polwithcheck, p.polrelid) like '%tenant_id = %ekinerja.tenant%')
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    and exists (select from pg_attribute a
                 where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
  order by c.relname";

async fn examine_tables(connection: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let rows: Vec<(String, bool, bool, bool)> =
        sqlx::query_as(TABLES).fetch_all(connection).await?;
    let mut findings = Vec::new();
    for (table, enabled, forced, policy) in rows {
        let lacks = match (enabled, forced, policy) {
            (false, _, _) => Lack::Enabled,
            (_, false, _) => Lack::Forced,
            (_, _, false) => Lack::Policy,
            _ => continue,
        };
        findings.push(Finding::Unprotected { table, lacks });
    }
    Ok(findings)
}
