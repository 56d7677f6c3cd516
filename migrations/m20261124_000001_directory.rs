//! The directory: tenants, people, memberships, sessions; the trail and the queue that every slice uses.

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
            ("agencies", "select, insert, update"),
            ("memberships", "select"),
            ("milestones", "select, insert"),
            ("audit_events", "select, insert"),
            ("jobs", "select, insert"),
            ("idempotency_keys", "select, insert, update (status, location, etag, body), delete"),
        ] {
            connection.execute_unprepared(&TenantTable { name, grants }.statements()).await?;
        }
        for (name, grants) in [
            ("memberships", "select, insert, update (valid_to)"),
            ("milestones", "select, insert"),
            // What the operator or an administrator does through the directory is told to the tenant as well.
            ("audit_events", "insert"),
            ("jobs", "select, update (claimed_at, attempts, finished_at, run_at, error)"),
        ] {
            connection.execute_unprepared(&open_to_directory(name, grants)).await?;
        }
        Ok(())
    }
}

const TABLES: &str = "
create table tenants (
  id uuid primary key,
  code text not null constraint tenants_code_unique unique,
  slug text not null constraint tenants_slug_unique unique,
  name text not null,
  level text not null check (level in ('province', 'regency', 'city')),
  parent_id uuid references tenants (id),
  accent text,
  opened_at timestamptz not null,
  constraint tenants_have_a_province check ((level = 'province') = (parent_id is null))
);
create index tenants_parent on tenants (parent_id);
grant select, insert on tenants to ekinerja_directory;
grant select on tenants to ekinerja_tenant;
grant select (id, code, slug, name, level, parent_id) on tenants to ekinerja_portal;

-- The province above the tenant of the running transaction. It reads one row of a table that has no secrets.
create function ekinerja_parent() returns uuid language sql stable security definer
  set search_path = pg_catalog, public
  as $$ select parent_id from public.tenants
        where id = nullif(current_setting('ekinerja.tenant', true), '')::uuid $$;
revoke all on function ekinerja_parent() from public;
grant execute on function ekinerja_parent() to ekinerja_tenant;

create table users (
  id uuid primary key,
  username text not null constraint users_username_unique unique,
  name text not null,
  nip text,
  password_hash text,
  is_operator boolean not null default false,
  -- Somebody else knows the password: it opens nothing but the page that changes it.
  must_change_password boolean not null default false,
  created_at timestamptz not null,
  disabled_at timestamptz
);
grant select, insert, update (password_hash, must_change_password, disabled_at, name) on users to ekinerja_directory;

create table sessions (
  id uuid primary key,
  token_hash bytea not null constraint sessions_token_unique unique,
  user_id uuid not null references users (id),
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create index sessions_user on sessions (user_id);
grant select, insert, update (last_seen_at, expires_at, ended_at) on sessions to ekinerja_directory;

-- What the operator and the sign-in do is no tenant's own.
create table directory_events (
  id uuid primary key,
  at timestamptz not null,
  user_id uuid,
  user_name text not null,
  kind text not null,
  subject text not null,
  facts jsonb not null
);
grant select, insert on directory_events to ekinerja_directory;

create table agencies (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  code text not null,
  name text not null,
  abbreviation text,
  kind text not null,
  parent_id uuid,
  line uuid[] not null,
  valid_from date,
  valid_to date,
  note text,
  verified boolean not null,
  revision integer not null default 1,
  primary key (tenant_id, id),
  constraint agencies_code_unique unique (tenant_id, code),
  constraint agencies_parent foreign key (tenant_id, parent_id) references agencies (tenant_id, id)
);

create table memberships (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  user_id uuid not null references users (id),
  name text not null,
  username text not null,
  role text not null,
  agency_id uuid,
  post text,
  acting text check (acting in ('plt', 'plh')),
  valid_from date not null,
  valid_to date,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint memberships_agency foreign key (tenant_id, agency_id) references agencies (tenant_id, id),
  -- A role that is ended on its first day held on no day: its last day lies before its first.
  constraint memberships_dates check (valid_to is null or valid_to >= valid_from - 1)
);
create index memberships_user on memberships (user_id);

-- Stages of the onboarding board: the only thing that an operator sees of a tenant's work.
create table milestones (
  tenant_id uuid not null references tenants (id),
  stage text not null,
  reached_at timestamptz not null,
  primary key (tenant_id, stage)
);

create table audit_events (
  tenant_id uuid not null references tenants (id),
  seq bigint generated always as identity,
  at timestamptz not null,
  user_id uuid not null,
  user_name text not null,
  kind text not null,
  subject text not null,
  facts jsonb not null,
  request_id text,
  primary key (tenant_id, seq)
);
create index audit_events_subject on audit_events (tenant_id, subject);

create table jobs (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  kind text not null,
  payload jsonb not null,
  user_id uuid not null,
  run_at timestamptz not null,
  attempts integer not null default 0,
  claimed_at timestamptz,
  finished_at timestamptz,
  error text,
  primary key (tenant_id, id)
);
create index jobs_waiting on jobs (run_at) where finished_at is null;

create table idempotency_keys (
  tenant_id uuid not null references tenants (id),
  user_id uuid not null,
  key text not null,
  operation text not null,
  request_hash text not null,
  status smallint not null,
  location text,
  etag text,
  body text not null,
  created_at timestamptz not null,
  constraint idempotency_keys_once primary key (tenant_id, user_id, key)
);
";
