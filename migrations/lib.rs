//! Schema, roles and row-level security of E-Kinerja.
//!
//! [`migrate`] makes the roles, then runs every migration as the owning role under one advisory lock, so that
//! two servers that start together do not race. Every table of a tenant is made by [`protect::TenantTable`];
//! the catalogue tests refuse one that is not.

mod m20261124_000001_directory;
mod m20261124_000002_planning;
mod m20261124_000003_measuring;
mod m20261124_000004_publishing;
mod m20261125_000005_audit_chain;
mod m20261125_000006_identity_providers;
mod m20261125_000008_posts;
mod m20261125_000009_service_accounts;
mod m20261125_000010_lifecycle;
mod m20261126_000011_local_accounts;
mod m20261126_000012_archives;
mod m20261126_000013_recording;
mod m20261127_000014_emergency;
mod m20261127_000015_strategy_map;
pub mod protect;
mod roles;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::SqlxPostgresConnector;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Executor};

pub use roles::{Passwords, Role};

/// Why a migration failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The roles could not be made: the address must be of a role that may create roles.
    #[error(
        "the database roles could not be made (the owner's address must belong to a role that may create roles)"
    )]
    Roles(#[source] sqlx::Error),
    /// The lock, the connection or the check failed.
    #[error("the database could not be prepared")]
    Database(#[from] sqlx::Error),
    /// A migration failed; nothing of it was kept.
    #[error("a migration failed")]
    Schema(#[from] DbErr),
}

/// Every migration, oldest first.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_directory::Migration),
            Box::new(m20261124_000002_planning::Migration),
            Box::new(m20261124_000003_measuring::Migration),
            Box::new(m20261124_000004_publishing::Migration),
            Box::new(m20261125_000005_audit_chain::Migration),
            Box::new(m20261125_000006_identity_providers::Migration),
            Box::new(m20261125_000008_posts::Migration),
            Box::new(m20261125_000009_service_accounts::Migration),
            Box::new(m20261125_000010_lifecycle::Migration),
            Box::new(m20261126_000011_local_accounts::Migration),
            Box::new(m20261126_000012_archives::Migration),
            Box::new(m20261126_000013_recording::Migration),
            Box::new(m20261127_000014_emergency::Migration),
            Box::new(m20261127_000015_strategy_map::Migration),
        ]
    }
}

/// Advisory lock of migrations; any number that nothing else takes.
const LOCK: i64 = 0x656b_696e_6572_6a61;

/// Makes the roles and brings the schema up to date. Running it again changes nothing.
///
/// # Errors
/// See [`MigrationError`]. A failed migration is rolled back whole.
pub async fn migrate(
    owner: &PgConnectOptions,
    passwords: &Passwords,
) -> Result<(), MigrationError> {
    let mut lock = owner.clone().connect().await?;
    sqlx::query("select pg_advisory_lock($1)").bind(LOCK).execute(&mut lock).await?;
    let done = migrate_locked(owner, passwords, &mut lock).await;
    sqlx::query("select pg_advisory_unlock($1)").bind(LOCK).execute(&mut lock).await?;
    done
}

async fn migrate_locked(
    owner: &PgConnectOptions,
    passwords: &Passwords,
    connection: &mut sqlx::PgConnection,
) -> Result<(), MigrationError> {
    make_roles(connection, passwords).await.map_err(MigrationError::Roles)?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute("set role ekinerja_owner").await?;
                Ok(())
            })
        })
        .connect_with(owner.clone())
        .await?;
    let database = SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone());
    let done = match Migrator::up(&database, None).await {
        // A server that starts as a door asks whether the schema is the one it was built for.
        Ok(()) => sqlx::query("grant select on seaql_migrations to ekinerja_directory")
            .execute(&pool)
            .await
            .map(drop)
            .map_err(MigrationError::from),
        Err(error) => Err(error.into()),
    };
    pool.close().await;
    done
}

/// Makes the roles, which belong to the whole cluster: another database's migration may make them at the same
/// moment, and an advisory lock does not reach beyond its own database. Who comes second tries again.
async fn make_roles(
    connection: &mut sqlx::PgConnection,
    passwords: &Passwords,
) -> Result<(), sqlx::Error> {
    const TRIES: usize = 10;
    let raced = |error: &sqlx::Error| {
        let code =
            error.as_database_error().and_then(|it| it.code().map(std::borrow::Cow::into_owned));
        // unique violation, duplicate object, tuple concurrently updated
        matches!(code.as_deref(), Some("23505" | "42710" | "XX000"))
    };
    let mut tries = 0;
    loop {
        tries += 1;
        match roles::make(connection, passwords).await {
            Err(error) if tries < TRIES && raced(&error) => {}
            done => return done,
        }
    }
}

/// Names of the migrations that the schema still lacks; asked as the owner or as the directory's role.
///
/// # Errors
/// The database does not answer.
pub async fn pending(address: &PgConnectOptions) -> Result<Vec<String>, MigrationError> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(address.clone()).await?;
    let table: Option<String> =
        sqlx::query_scalar("select to_regclass('public.seaql_migrations')::text")
            .fetch_one(&pool)
            .await?;
    let applied: Vec<String> = match table {
        None => Vec::new(),
        Some(_) => {
            sqlx::query_scalar("select version from seaql_migrations").fetch_all(&pool).await?
        }
    };
    pool.close().await;
    Ok(Migrator::migrations()
        .iter()
        .map(|migration| migration.name().to_owned())
        .filter(|name| !applied.contains(name))
        .collect())
}
