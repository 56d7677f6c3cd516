//! Emergency access: two people, some hours, and a note of when it was first used.

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
        manager.get_connection().execute_unprepared(EMERGENCY).await?;
        Ok(())
    }
}

const EMERGENCY: &str = "
-- When the account first entered with it.
alter table account_requests add column used_at timestamptz;
grant update (used_at) on account_requests to ekinerja_directory;

alter table account_requests
  -- Emergency access is asked for oneself.
  add constraint account_requests_for_oneself check (kind <> 'emergency_access' or requested_by = user_id),
  -- It has an end if, and only if, it was approved.
  add constraint account_requests_end check (
    (ends_at is not null) = (kind = 'emergency_access' and approved is true)),
  add constraint account_requests_hours check (ends_at <= decided_at + interval '4 hours');

-- Two accounts with one employee number are one person.
create function ekinerja_two_people() returns trigger language plpgsql
  as $$ begin
    if new.decided_by is not null and exists (
         select from public.users decider join public.users other on other.nip = decider.nip
          where decider.id = new.decided_by and other.id in (new.requested_by, new.user_id)) then
      raise exception 'the request was decided by the person who asked or whose account it is'
        using errcode = 'check_violation', constraint = 'account_requests_two_people';
    end if;
    return new;
  end $$;
revoke all on function ekinerja_two_people() from public;
create trigger two_people before insert or update of decided_by, requested_by, user_id on account_requests
  for each row execute function ekinerja_two_people();

-- Who enters, and that it ends, goes on while a government rests; it is read then, and not written.
drop trigger writable_row on account_requests;
create trigger writable_row before insert or update on account_requests
  for each row when (new.kind <> 'emergency_access') execute function ekinerja_writable_row();
create trigger writable_row_gone before delete on account_requests
  for each row execute function ekinerja_writable_row();
";
