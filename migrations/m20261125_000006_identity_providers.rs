//! Sign-ins: what a browser's session may do, and the identity provider of each government.

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
        for (name, grants, directory) in [
            (
                "identity_providers",
                // The client's secret stays with the directory.
                "select (tenant_id, issuer, client_id, scopes, nip_claim, label, local_sign_in, enabled, \
                 revision, updated_at)",
                "select, insert, update",
            ),
            ("identities", "select", "select, insert, update (last_used_at), delete"),
            ("emergency_accounts", "select", "select, insert, delete"),
        ] {
            connection.execute_unprepared(&TenantTable { name, grants }.statements()).await?;
            connection.execute_unprepared(&open_to_directory(name, directory)).await?;
        }
        Ok(())
    }
}

const TABLES: &str = "
-- A session is a browser's; what it may do is in its sign-ins.
create table sign_ins (
  id uuid primary key,
  session_id uuid not null references sessions (id) on delete cascade,
  user_id uuid not null references users (id),
  -- The one government that this sign-in enters, by its identity provider; none: a local account.
  only_tenant uuid references tenants (id) on delete cascade,
  issuer text,
  subject text,
  -- Sealed; sent back to the provider when the person signs out.
  id_token bytea,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  constraint sign_ins_way check (
    (only_tenant is null) = (issuer is null) and (issuer is null) = (subject is null)
    and (only_tenant is not null or id_token is null))
);
create unique index sign_ins_one_per_tenant on sign_ins (session_id, only_tenant) nulls not distinct
  where ended_at is null;
create index sign_ins_user on sign_ins (user_id) where ended_at is null;
grant select, insert, update (ended_at, id_token) on sign_ins to ekinerja_directory;

insert into sign_ins (id, session_id, user_id, created_at, expires_at, ended_at)
  select gen_random_uuid(), id, user_id, created_at, expires_at, ended_at from sessions;
alter table sessions drop column user_id;
alter table sessions add column device text not null default '';
-- The secret changes at every sign-in; the session stays the one that the person sees in the list.
grant update (token_hash, device) on sessions to ekinerja_directory;

create table identity_providers (
  tenant_id uuid primary key references tenants (id),
  issuer text not null,
  client_id text not null,
  -- Sealed; none: the provider knows this client without a secret.
  client_secret bytea,
  scopes text not null,
  nip_claim text not null,
  label text not null,
  local_sign_in text not null check (local_sign_in in ('everybody', 'emergency')),
  enabled boolean not null,
  revision integer not null default 1,
  updated_at timestamptz not null
);

-- A person as a provider names them. Only this links a sign-in to an account, never an address of mail.
create table identities (
  tenant_id uuid not null references tenants (id),
  issuer text not null,
  subject text not null,
  user_id uuid not null references users (id),
  linked_at timestamptz not null,
  last_used_at timestamptz not null,
  constraint identities_once primary key (tenant_id, issuer, subject),
  constraint identities_person unique (tenant_id, issuer, user_id)
);

-- Accounts that sign in locally where everybody else must use the provider.
create table emergency_accounts (
  tenant_id uuid not null references tenants (id),
  user_id uuid not null references users (id),
  created_at timestamptz not null,
  primary key (tenant_id, user_id)
);

-- A sign-in that has begun at a provider and has not come back. Only hashes: what the browser and the
-- provider hold is worth nothing to who reads this table.
create table pending_sign_ins (
  state_hash bytea primary key,
  browser_hash bytea not null,
  only_tenant uuid not null references tenants (id) on delete cascade,
  issuer text not null,
  way_back text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index pending_sign_ins_expiry on pending_sign_ins (expires_at);
grant select, insert, delete on pending_sign_ins to ekinerja_directory;
";
