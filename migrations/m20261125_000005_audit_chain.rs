//! The trails become chains: every line is numbered without a gap and carries the hash of the line before.
//!
//! The hash is made by a trigger in the statement that inserts the line: no trip more, no way around it for
//! any door. The trigger moves a head on, one row for each government, which also makes commits of the same
//! government take turns; the trail is written last, so that the turn is as short as the commit. The doors
//! may neither write a head nor choose a number or a hash: what they give is written over.
//!
//! The bytes that are hashed are described in `docs/security/audit.md`; `ekinerja_domain::chain` makes the
//! same ones without asking PostgreSQL.

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
        for (name, grants) in [("audit_heads", "select"), ("read_events", "select, insert")] {
            connection.execute_unprepared(&TenantTable { name, grants }.statements()).await?;
        }
        // Who has no role in a government and asks for it all the same is written down there too.
        connection.execute_unprepared(&open_to_directory("read_events", "insert")).await?;
        connection.execute_unprepared(CHAINS).await?;
        connection.execute_unprepared(EXISTING).await?;
        Ok(())
    }
}

const TABLES: &str = "
alter table audit_events alter column seq drop identity;
alter table audit_events
  add column post text,
  add column prev_hash bytea,
  add column hash bytea;
create index audit_events_kind on audit_events (tenant_id, kind, seq);

alter table directory_events
  add column seq bigint,
  add column post text,
  add column request_id text,
  add column prev_hash bytea,
  add column hash bytea;

-- Where each chain ends. A row is written anew by every commit, hence room on its page.
create table audit_heads (
  tenant_id uuid primary key references tenants (id),
  seq bigint not null,
  prev_hash bytea not null,
  hash bytea not null
) with (fillfactor = 20);
-- The trigger acts as the owner, and row-level security is forced on the owner too.
create policy chain on audit_heads to ekinerja_owner using (true) with check (true);

create table directory_head (
  single boolean primary key default true check (single),
  seq bigint not null,
  prev_hash bytea not null,
  hash bytea not null
) with (fillfactor = 20);
grant select on directory_head to ekinerja_directory;

-- Who saw what: personal data, the trail, evidence; and who was refused.
create table read_events (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  at timestamptz not null,
  user_id uuid not null,
  user_name text not null,
  post text,
  kind text not null,
  subject text not null,
  detail text,
  request_id text,
  session_id uuid,
  primary key (tenant_id, id)
);
create index read_events_at on read_events (tenant_id, at, id);
create index read_events_subject on read_events (tenant_id, subject, at, id);
create index read_events_user on read_events (tenant_id, user_id, at, id);
create index read_events_session on read_events (tenant_id, session_id, at, id);
";

const CHAINS: &str = r"
-- A line without its place in the chain: each piece is its length in four bytes, then itself; a piece that
-- is missing is a length of -1.
create function ekinerja_line(tenant uuid, at timestamptz, person uuid, name text, post text,
                              kind text, subject text, facts jsonb, request text)
  returns bytea language plpgsql immutable parallel safe
  set search_path = pg_catalog
  as $$
  declare
    nothing constant bytea := '\xffffffff';
    name_it constant bytea := convert_to(name, 'UTF8');
    post_it constant bytea := convert_to(post, 'UTF8');
    kind_it constant bytea := convert_to(kind, 'UTF8');
    subject_it constant bytea := convert_to(subject, 'UTF8');
    facts_it constant bytea := convert_to(facts::text, 'UTF8');
    request_it constant bytea := convert_to(request, 'UTF8');
  begin
    return int4send(16) || 'ekinerja trail 1'::bytea
      || coalesce(int4send(16) || uuid_send(tenant), nothing)
      || int4send(8) || int8send((extract(epoch from at) * 1000000)::bigint)
      || coalesce(int4send(16) || uuid_send(person), nothing)
      || int4send(octet_length(name_it)) || name_it
      || coalesce(int4send(octet_length(post_it)) || post_it, nothing)
      || int4send(octet_length(kind_it)) || kind_it
      || int4send(octet_length(subject_it)) || subject_it
      || int4send(octet_length(facts_it)) || facts_it
      || coalesce(int4send(octet_length(request_it)) || request_it, nothing);
  end $$;

create function ekinerja_chain() returns trigger language plpgsql security definer
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
    return new;
  end $$;

create function ekinerja_directory_chain() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp
  as $$
  declare
    line constant bytea := public.ekinerja_line(null, new.at, new.user_id, new.user_name,
      new.post, new.kind, new.subject, new.facts, new.request_id);
  begin
    update public.directory_head it
       set seq = it.seq + 1, prev_hash = it.hash,
           hash = sha256(line || int4send(8) || int8send(it.seq + 1) || int4send(32) || it.hash)
    returning it.seq, it.prev_hash, it.hash into new.seq, new.prev_hash, new.hash;
    return new;
  end $$;

revoke all on function ekinerja_line(uuid, timestamptz, uuid, text, text, text, text, jsonb, text) from public;
revoke all on function ekinerja_chain() from public;
revoke all on function ekinerja_directory_chain() from public;

insert into directory_head (seq, prev_hash, hash)
values (0, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'));

create trigger chain before insert on audit_events for each row execute function ekinerja_chain();
create trigger chain before insert on directory_events for each row execute function ekinerja_directory_chain();
";

/// Lines that were written before are taken out and put in again in their order, through the trigger. Row-level
/// security is forced on the owner as well, so it would see none of them.
const EXISTING: &str = "
alter table audit_events no force row level security;
with old as (delete from audit_events returning *)
insert into audit_events (tenant_id, at, user_id, user_name, kind, subject, facts, request_id)
select tenant_id, at, user_id, user_name, kind, subject, facts, request_id
  from old order by tenant_id, old.seq;
alter table audit_events force row level security;
alter table audit_events
  alter column prev_hash set not null,
  alter column hash set not null;

with old as (delete from directory_events returning *)
insert into directory_events (id, at, user_id, user_name, kind, subject, facts)
select id, at, user_id, user_name, kind, subject, facts from old order by at, id;
alter table directory_events
  alter column seq set not null,
  alter column prev_hash set not null,
  alter column hash set not null,
  add constraint directory_events_seq_unique unique (seq);
";
