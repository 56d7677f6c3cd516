//! Service accounts and their tokens: programs that act in a tenant, for a time, for a person.

use sea_orm_migration::prelude::*;

use crate::protect::{TenantTable, open_to_directory};

/// See the module.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[expect(
    elided_lifetimes_in_paths,
    reason = "the trait is declared so; a named lifetime would not match it"
)]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        connection.execute_unprepared(TABLES).await?;
        for (name, grants) in [
            ("service_accounts", "select"),
            ("service_account_roles", "select"),
            // All but the hash of the secret, which is the directory's alone.
            (
                "api_tokens",
                "select (tenant_id, id, account_id, name, hint, access, created_at, last_day, \
                 last_used_at, revoked_at)",
            ),
        ] {
            connection.execute_unprepared(&TenantTable { name, grants }.statements()).await?;
        }
        for (name, grants) in [
            ("service_accounts", "select, insert, update (ended_at)"),
            ("service_account_roles", "select, insert"),
            ("api_tokens", "select, insert, update (last_used_at, revoked_at)"),
        ] {
            connection.execute_unprepared(&open_to_directory(name, grants)).await?;
        }
        Ok(())
    }
}

const TABLES: &str = "
create table service_accounts (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  name text not null,
  purpose text not null,
  -- The person who answers for it: what it records counts as recorded by them.
  owner_id uuid not null references users (id),
  owner_name text not null,
  owner_username text not null,
  created_at timestamptz not null,
  last_day date not null,
  ended_at timestamptz,
  primary key (tenant_id, id),
  constraint service_accounts_name_unique unique (tenant_id, name),
  constraint service_accounts_a_year_at_most check (last_day <= created_at::date + 366)
);

create table service_account_roles (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  account_id uuid not null,
  -- Who gives out rights is always a person.
  role text not null check (role <> 'administrator'),
  agency_id uuid,
  primary key (tenant_id, id),
  constraint service_account_roles_account
    foreign key (tenant_id, account_id) references service_accounts (tenant_id, id),
  constraint service_account_roles_agency
    foreign key (tenant_id, agency_id) references agencies (tenant_id, id)
);
create index service_account_roles_of on service_account_roles (tenant_id, account_id);

create table api_tokens (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  account_id uuid not null,
  name text not null,
  -- The last letters of the secret, by which its holder recognises it.
  hint text not null,
  token_hash bytea not null,
  access text not null check (access in ('read', 'write')),
  created_at timestamptz not null,
  last_day date not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  primary key (tenant_id, id),
  constraint api_tokens_account
    foreign key (tenant_id, account_id) references service_accounts (tenant_id, id)
);
create index api_tokens_of on api_tokens (tenant_id, account_id);
-- Found by the hash alone, before the tenant is known; 256 random bits are never there twice.
create index api_tokens_hash on api_tokens (token_hash);
";
