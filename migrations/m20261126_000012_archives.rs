//! How a government goes out as an archive, comes in from one, and is erased.

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
        manager.get_connection().execute_unprepared(ARCHIVE).await?;
        Ok(())
    }
}

/// Everything of a government as lines of JSON, by the catalogue: a table that comes later is in it by itself.
/// These run with the rights of who calls them. What the tenants' door may not read (hashes of secrets) is never
/// in an archive; putting in and erasing is for the owner alone, and row-level security holds for that one too.
const ARCHIVE: &str = r#"
create or replace function ekinerja_archive_tables()
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
create or replace function ekinerja_archive_open(name text, columns text[]) returns void language plpgsql
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
create or replace function ekinerja_archive_take(name text, columns text[]) returns bigint language plpgsql
  as $$
  declare
    shown constant text := (select string_agg(quote_ident(c), ', ' order by n)
                              from unnest(columns) with ordinality x (c, n));
    picked constant text := (select string_agg('it.' || quote_ident(c), ', ' order by n)
                               from unnest(columns) with ordinality x (c, n));
    taken bigint;
  begin
    execute format(
      'insert into public.%I (%s) select %s from pg_temp.archive_lines waiting
         cross join lateral jsonb_populate_record(null::public.%I, waiting.line) it order by waiting.n',
      name, shown, picked, name);
    get diagnostics taken = row_count;
    delete from pg_temp.archive_lines;
    return taken;
  end $$;

-- Deletes the transaction's government from every table but some, children before parents.
create or replace function ekinerja_archive_erase(kept text[])
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
create or replace function ekinerja_archive_forget(people uuid[]) returns bigint language plpgsql
  as $$
  declare
    hangs record;
    forgotten bigint;
  begin
    for hangs in
      select k.conrelid::regclass::text as name, a.attname::text as via
        from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
       where k.contype = 'f' and k.confrelid = 'public.users'::regclass
         and not exists (select from pg_attribute t where t.attrelid = k.conrelid and t.attname = 'tenant_id')
    loop
      execute format('delete from %s where %I = any ($1)', hangs.name, hangs.via) using people;
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
