//! The database roles: an owner nobody signs in as, and one login role for each door.
//!
//! A door's role owns nothing, belongs to nothing and has grants on its own tables only, so that an injected
//! `set role` finds nothing to become.

use sqlx::{Connection, PgConnection};

/// The login roles, one for each door of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The few global tables: tenants, users, memberships, sessions, queue.
    Directory,
    /// Rows of one tenant.
    Tenant,
    /// What is public.
    Portal,
}

impl Role {
    /// Every login role.
    pub const ALL: [Self; 3] = [Self::Directory, Self::Tenant, Self::Portal];

    /// Its name in PostgreSQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Directory => "ekinerja_directory",
            Self::Tenant => "ekinerja_tenant",
            Self::Portal => "ekinerja_portal",
        }
    }
}

/// Passwords of the three login roles.
#[derive(Clone)]
pub struct Passwords {
    /// Of the directory's door.
    pub directory: String,
    /// Of the tenants' door.
    pub tenant: String,
    /// Of the portal's door.
    pub portal: String,
}

impl std::fmt::Debug for Passwords {
    /// Never shows a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passwords { .. }")
    }
}

impl Passwords {
    /// The password of one role.
    pub fn of(&self, role: Role) -> &str {
        match role {
            Role::Directory => &self.directory,
            Role::Tenant => &self.tenant,
            Role::Portal => &self.portal,
        }
    }
}

/// Makes or repairs the roles; one transaction.
pub(crate) async fn make(
    connection: &mut PgConnection,
    passwords: &Passwords,
) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin().await?;
    sqlx::raw_sql(
        "do $$ begin
           if not exists (select from pg_roles where rolname = 'ekinerja_owner') then
             create role ekinerja_owner nologin nosuperuser nobypassrls nocreatedb nocreaterole;
           end if;
         end $$;
         do $$ begin execute format('grant ekinerja_owner to %I', current_user); end $$;
         revoke all on schema public from public;
         grant usage, create on schema public to ekinerja_owner;",
    )
    .execute(&mut *tx)
    .await?;
    for role in Role::ALL {
        let exists: bool =
            sqlx::query_scalar("select exists (select from pg_roles where rolname = $1)")
                .bind(role.name())
                .fetch_one(&mut *tx)
                .await?;
        let verb = if exists { "alter" } else { "create" };
        // CREATE ROLE takes no parameters: PostgreSQL itself quotes the name and the password.
        let statement: String = sqlx::query_scalar(
            "select format('%s role %I login nosuperuser nobypassrls nocreatedb nocreaterole noinherit password %L', $1, $2, $3)",
        )
        .bind(verb)
        .bind(role.name())
        .bind(passwords.of(role))
        .fetch_one(&mut *tx)
        .await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut *tx).await?;
    }
    sqlx::raw_sql(
        "alter role ekinerja_directory set statement_timeout = '15s';
         alter role ekinerja_directory set lock_timeout = '5s';
         alter role ekinerja_directory set idle_in_transaction_session_timeout = '30s';
         alter role ekinerja_tenant set statement_timeout = '15s';
         alter role ekinerja_tenant set lock_timeout = '5s';
         alter role ekinerja_tenant set idle_in_transaction_session_timeout = '30s';
         alter role ekinerja_portal set statement_timeout = '5s';
         alter role ekinerja_portal set default_transaction_read_only = on;
         grant usage on schema public to ekinerja_directory, ekinerja_tenant, ekinerja_portal;",
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}
