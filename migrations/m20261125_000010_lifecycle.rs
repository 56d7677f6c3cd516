//! The life of a government: active, read-only, suspended, erased; the database's own lock on writing; how a
//! government goes out as an archive, comes in from one, and is erased with a receipt.
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
        connection.execute_unprepared(ARCHIVE).await?;
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

/// Everything of a government as lines of JSON, by the catalogue: a table that comes later is in it by itself.
/// These run with the rights of who calls them. What the tenants' door may not read (hashes of secrets) is never
/// in an archive; putting in and erasing is for the owner alone, and row-level security holds for that one too.
const ARCHIVE: &str = r#"
create function ekinerja_archive_tables()
  returns table (name text, columns text[], omitted text[], is_restorable boolean, follows text[])
  language sql stable
  as $$
    select c.relname::text,
      array(select a.attname::text from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               and has_column_privilege('ekinerja_tenant', c.oid, a.attnum, 'select') order by a.attnum),
      array(select a.attname::text from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
               and not has_column_privilege('ekinerja_tenant', c.oid, a.attnum, 'select') order by a.attnum),
      not exists (select from pg_attribute a
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef
               and not has_column_privilege('ekinerja_tenant', c.oid, a.attnum, 'select')),
      array(select distinct f.relname::text from pg_constraint k
              join pg_class f on f.oid = k.confrelid
              join pg_attribute a on a.attrelid = f.oid and a.attname = 'tenant_id'
             where k.contype = 'f' and k.conrelid = c.oid and k.confrelid <> c.oid)
      from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
       and exists (select from pg_attribute a
                    where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped)
     order by c.relname::text collate "C"
  $$;

-- Opens the cursor `archive`: each row is an object with these columns, in the order of the primary key.
create function ekinerja_archive_open(name text, columns text[]) returns void language plpgsql
  as $$
  declare
    it refcursor := 'archive';
    shown constant text := (select string_agg(quote_ident(c), ', ' order by n)
                              from unnest(columns) with ordinality x (c, n));
    sorted constant text := (
      select string_agg(quote_ident(a.attname)
               || case when a.attcollation <> 0 then ' collate "C"' else '' end, ', ' order by k.n)
        from pg_index i cross join unnest(i.indkey::int2[]) with ordinality k (num, n)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.num
       where i.indisprimary and i.indrelid = format('public.%I', name)::regclass);
  begin
    open it for execute format(
      'select to_jsonb(it)::text as line from (select %s from public.%I
         where tenant_id = nullif(current_setting(''ekinerja.tenant'', true), '''')::uuid order by %s) it',
      shown, name, sorted);
  end $$;

-- Puts the lines that wait in the session's `archive_lines` into a table, and takes them out there.
create function ekinerja_archive_take(name text, columns text[]) returns bigint language plpgsql
  as $$
  declare
    shown constant text := (select string_agg(quote_ident(c), ', ' order by n)
                              from unnest(columns) with ordinality x (c, n));
    taken bigint;
  begin
    execute format(
      'insert into public.%I (%s) select %s from pg_temp.archive_lines waiting
         cross join lateral jsonb_populate_record(null::public.%I, waiting.line) it order by waiting.n',
      name, shown, shown, name);
    get diagnostics taken = row_count;
    delete from pg_temp.archive_lines;
    return taken;
  end $$;

-- Deletes the transaction's government from every table but some, children before parents.
create function ekinerja_archive_erase(kept text[])
  returns table (name text, erased bigint) language plpgsql
  as $$
  declare
    gone constant uuid := nullif(current_setting('ekinerja.tenant', true), '')::uuid;
    waiting text[] := array(select t.name from public.ekinerja_archive_tables() t where not t.name = any (kept));
    before integer;
    one text;
  begin
    while cardinality(waiting) > 0 loop
      before := cardinality(waiting);
      foreach one in array waiting loop
        begin
          execute format('delete from public.%I where tenant_id = $1', one) using gone;
          get diagnostics erased = row_count;
          name := one;
          return next;
          waiting := array_remove(waiting, one);
        exception when foreign_key_violation then null;
        end;
      end loop;
      if cardinality(waiting) = before then
        raise exception 'these tables hold on to one another: %', waiting;
      end if;
    end loop;
  end $$;

-- Deletes accounts and whatever outside the governments hangs on them.
create function ekinerja_archive_forget(people uuid[]) returns bigint language plpgsql
  as $$
  declare
    hangs record;
    forgotten bigint;
  begin
    for hangs in
      select k.conrelid::regclass::text as name, a.attname::text as by
        from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
       where k.contype = 'f' and k.confrelid = 'public.users'::regclass
         and not exists (select from pg_attribute t where t.attrelid = k.conrelid and t.attname = 'tenant_id')
    loop
      execute format('delete from %s where %I = any ($1)', hangs.name, hangs.by) using people;
    end loop;
    delete from public.users where id = any (people);
    get diagnostics forgotten = row_count;
    return forgotten;
  end $$;

revoke all on function ekinerja_archive_tables() from public;
revoke all on function ekinerja_archive_open(text, text[]) from public;
revoke all on function ekinerja_archive_take(text, text[]) from public;
revoke all on function ekinerja_archive_erase(text[]) from public;
revoke all on function ekinerja_archive_forget(uuid[]) from public;
grant execute on function ekinerja_archive_tables() to ekinerja_tenant;
grant execute on function ekinerja_archive_open(text, text[]) to ekinerja_tenant;
"#;

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
