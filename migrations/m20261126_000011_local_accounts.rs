//! Local accounts: their second factor, links that set a password once, and help that needs two people.

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
                "second_factor_rules",
                "select",
                "select, insert, update (roles, revision, updated_at)",
            ),
            (
                "account_requests",
                "select",
                "select, insert, update (decided_by, decided_name, decided_at, approved, ends_at, ended_at)",
            ),
        ] {
            connection.execute_unprepared(&TenantTable { name, grants }.statements()).await?;
            connection.execute_unprepared(&open_to_directory(name, directory)).await?;
        }
        connection.execute_unprepared(REST).await?;
        Ok(())
    }
}

/// What the directory's door writes is refused as well while a government rests.
const REST: &str = "
create trigger writable_row before insert or update or delete on second_factor_rules
  for each row execute function ekinerja_writable_row();
create trigger writable_row before insert or update or delete on account_requests
  for each row execute function ekinerja_writable_row();
";

const TABLES: &str = "
-- Since when the account has a second factor, so that a look at the account tells.
alter table users add column second_factor_at timestamptz;
grant update (second_factor_at) on users to ekinerja_directory;

create table second_factors (
  user_id uuid primary key references users (id),
  -- Sealed under a key that is not in the database.
  secret bytea not null,
  confirmed boolean not null default false,
  -- The time step of the last code that was taken: no code is taken twice.
  last_step bigint not null default 0,
  -- Wrong codes in a row, and until when no more are tried.
  failures integer not null default 0,
  blocked_until timestamptz,
  created_at timestamptz not null
);
grant select, insert, delete,
  update (secret, confirmed, last_step, failures, blocked_until, created_at)
  on second_factors to ekinerja_directory;

-- For who lost the telephone. Only hashes; each is used once.
create table recovery_codes (
  user_id uuid not null references users (id),
  code_hash bytea not null,
  used_at timestamptz,
  constraint recovery_codes_once primary key (user_id, code_hash)
);
grant select, insert, update (used_at), delete on recovery_codes to ekinerja_directory;

-- The password was right and the code is still missing: no session yet.
create table pending_second_steps (
  token_hash bytea primary key,
  user_id uuid not null references users (id),
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index pending_second_steps_expiry on pending_second_steps (expires_at);
grant select, insert, delete on pending_second_steps to ekinerja_directory;

-- A link that sets the password of one account once. Only a hash of it is kept.
create table password_links (
  token_hash bytea primary key,
  user_id uuid not null references users (id),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index password_links_of on password_links (user_id) where used_at is null;
grant select, insert, update (used_at) on password_links to ekinerja_directory;

-- What somebody had typed when their session was over: sealed, for the same person, for an hour.
create table kept_forms (
  token_hash bytea primary key,
  user_id uuid not null references users (id),
  content bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index kept_forms_of on kept_forms (user_id);
grant select, insert, delete on kept_forms to ekinerja_directory;

-- For whom of a government the second factor is obligatory.
create table second_factor_rules (
  tenant_id uuid primary key references tenants (id),
  roles text[] not null,
  revision integer not null default 1,
  updated_at timestamptz not null
);

-- What one person asks for and another one lets happen.
create table account_requests (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  kind text not null check (kind in ('second_factor_withdrawal', 'emergency_access')),
  -- The account that it is about.
  user_id uuid not null references users (id),
  user_name text not null,
  reason text not null,
  requested_by uuid not null,
  requested_name text not null,
  requested_at timestamptz not null,
  -- Not decided by then, it never happens.
  lapses_at timestamptz not null,
  decided_by uuid,
  decided_name text,
  decided_at timestamptz,
  approved boolean,
  -- Emergency access ends by itself.
  ends_at timestamptz,
  ended_at timestamptz,
  primary key (tenant_id, id),
  constraint account_requests_two_people check (
    decided_by is null or (decided_by <> requested_by and decided_by <> user_id)),
  constraint account_requests_decided check (
    (decided_by is null) = (decided_at is null) and (decided_by is null) = (approved is null))
);
";
