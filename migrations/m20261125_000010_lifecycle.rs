//! The life of a government: active, read-only, suspended, erased; the database's own lock on writing;
//! receipts of what was erased.
//!
//! Outside `active` no door writes a row of that government. A trigger of each table asks for the state once per
//! statement; the trigger of the chain asks once more when it holds the head of the chain, which every commit
//! takes last: a change of state takes the same head, so a commit is either before the change or refused.
//! Reading goes on where it may, and is written down: the log of reads is the one table that stays open.

use sea_orm_migration::prelude::*;

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
        connection.execute_unprepared(STATE).await?;
        connection.execute_unprepared(LOCK).await?;
        connection.execute_unprepared(EVERY_TABLE).await?;
        connection.execute_unprepared(BY_DIRECTORY).await?;
        connection.execute_unprepared(CHAIN).await?;
        connection.execute_unprepared(ERASURE).await?;
        Ok(())
    }
}

const STATE: &str = "
alter table tenants
  add column state text not null default 'active'
    check (state in ('active', 'read_only', 'suspended', 'erased')),
  add column state_since timestamptz,
  add column state_reason text,
  add column state_basis text,
  add column state_by text,
  add column state_revision integer not null default 1;
-- Why another government rests is no government's business; that it does, is.
revoke select on tenants from ekinerja_tenant;
grant select (id, code, slug, name, level, parent_id, accent, opened_at, state) on tenants to ekinerja_tenant;
grant select (state) on tenants to ekinerja_portal;
grant update (state, state_since, state_reason, state_basis, state_by, state_revision)
  on tenants to ekinerja_directory;

-- What is erased stays so for every door, and nothing is erased that was not suspended.
create function ekinerja_state() returns trigger language plpgsql
  as $$ begin
    if (old.state = 'erased' and current_user <> 'ekinerja_owner')
       or (new.state = 'erased' and old.state not in ('suspended', 'erased')) then
      raise exception 'the government does not go from % to %', old.state, new.state
        using errcode = 'check_violation', constraint = 'tenants_state_steps';
    end if;
    return new;
  end $$;
revoke all on function ekinerja_state() from public;
create trigger state before update of state on tenants for each row execute function ekinerja_state();
";

/// The tenants' door asks for the transaction's government; the directory's door for that of each row.
const LOCK: &str = "
create function ekinerja_writable() returns trigger language plpgsql
  as $$ begin
    if current_user = 'ekinerja_tenant' and exists (
         select from public.tenants
          where id = nullif(current_setting('ekinerja.tenant', true), '')::uuid and state <> 'active') then
      raise exception 'the government takes no writes' using errcode = 'EK423';
    end if;
    return null;
  end $$;
create function ekinerja_writable_row() returns trigger language plpgsql
  as $$ begin
    if current_user = 'ekinerja_directory' and exists (
         select from public.tenants
          where id = case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end
            and state <> 'active') then
      raise exception 'the government takes no writes' using errcode = 'EK423';
    end if;
    return case tg_op when 'DELETE' then old else new end;
  end $$;
revoke all on function ekinerja_writable() from public;
revoke all on function ekinerja_writable_row() from public;
";

/// The log of reads goes on; the trail and its head have the chain's own trigger. Later tables get theirs from
/// `protect`.
const EVERY_TABLE: &str = "
do $$ declare name text; begin
  for name in
    select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'tenant_id'
       and c.relname not in ('read_events', 'audit_events', 'audit_heads')
     order by 1
  loop
    execute format('create trigger writable before insert or update or delete on %I
                      for each statement execute function ekinerja_writable()', name);
  end loop;
end $$;
";

/// People and programs are kept by the directory's door. That somebody signed in, or a token was used, is noted
/// all the same.
const BY_DIRECTORY: &str = "
create trigger writable_row before insert or update or delete on memberships
  for each row execute function ekinerja_writable_row();
create trigger writable_row before insert or update or delete on delegations
  for each row execute function ekinerja_writable_row();
create trigger writable_row before insert or update or delete on identity_providers
  for each row execute function ekinerja_writable_row();
create trigger writable_row before insert or update or delete on emergency_accounts
  for each row execute function ekinerja_writable_row();
create trigger writable_row before insert or update or delete on service_accounts
  for each row execute function ekinerja_writable_row();
create trigger writable_row before insert or update or delete on service_account_roles
  for each row execute function ekinerja_writable_row();
create trigger writable_row before insert or update of revoked_at or delete on api_tokens
  for each row execute function ekinerja_writable_row();
";

/// As before, and with the head in hand: only what the platform, the door and the check of the chain write is
/// taken outside `active`. `EventKind::goes_on_at_rest` says the same in Rust.
const CHAIN: &str = r"
create or replace function ekinerja_chain() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp
  as $$
  declare
    line constant bytea := public.ekinerja_line(new.tenant_id, new.at, new.user_id, new.user_name,
      new.post, new.kind, new.subject, new.facts, new.request_id);
  begin
    loop
      update public.audit_heads it
         set seq = it.seq + 1, prev_hash = it.hash,
             hash = sha256(line || int4send(8) || int8send(it.seq + 1) || int4send(32) || it.hash)
       where it.tenant_id = new.tenant_id
      returning it.seq, it.prev_hash, it.hash into new.seq, new.prev_hash, new.hash;
      exit when found;
      insert into public.audit_heads (tenant_id, seq, prev_hash, hash)
      values (new.tenant_id, 0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'))
      on conflict do nothing;
    end loop;
    if session_user in ('ekinerja_tenant', 'ekinerja_directory')
       and new.kind !~ '^(tenant|sign_in|password|identity|trail)\.'
       and exists (select from public.tenants where id = new.tenant_id and state <> 'active') then
      raise exception 'the government takes no writes' using errcode = 'EK423';
    end if;
    return new;
  end $$;
";

const ERASURE: &str = "
-- What was erased, when, by whom and why. The digest stands in the platform's chained trail as well.
create table erasures (
  id uuid primary key,
  government uuid not null references tenants (id),
  erased_at timestamptz not null,
  receipt text not null,
  digest text not null
);
create index erasures_of on erasures (government, erased_at);
grant select on erasures to ekinerja_directory;
";
