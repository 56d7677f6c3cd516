//! Posts, delegations, and the second lock of the four eyes: who recorded or submitted a value does not decide
//! about it, under whatever account.

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
            ("posts", "select, insert, update (valid_to)"),
            ("delegations", "select, insert, update (valid_to)"),
        ] {
            connection.execute_unprepared(&TenantTable { name, grants }.statements()).await?;
        }
        // Entering a tenant reads what was delegated there; who leaves ends it.
        let delegations = open_to_directory("delegations", "select, update (valid_to)");
        connection.execute_unprepared(&delegations).await?;
        connection.execute_unprepared(FOUR_EYES).await?;
        Ok(())
    }
}

const TABLES: &str = "
create table posts (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  name text not null,
  agency_id uuid,
  kind text not null check (kind in ('elected', 'managerial', 'functional', 'executor')),
  valid_to date,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint posts_agency foreign key (tenant_id, agency_id) references agencies (tenant_id, id)
);
-- An abolished post leaves its name free.
create unique index posts_once on posts (tenant_id, agency_id, lower(name)) nulls not distinct
  where valid_to is null;

alter table memberships
  add column post_id uuid,
  add column own_post boolean not null default false,
  add constraint memberships_post foreign key (tenant_id, post_id) references posts (tenant_id, id),
  -- The narrowest scope names the post and its OPD.
  add constraint memberships_own_post check (not own_post or (post_id is not null and agency_id is not null));
create index memberships_holders on memberships (tenant_id, post_id) where post_id is not null;

create table delegations (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  membership_id uuid not null,
  from_user_id uuid not null,
  from_name text not null,
  to_user_id uuid not null,
  to_name text not null,
  to_username text not null,
  reason text,
  valid_from date not null,
  valid_to date not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint delegations_membership foreign key (tenant_id, membership_id) references memberships (tenant_id, id),
  constraint delegations_two_people check (from_user_id <> to_user_id),
  constraint delegations_dates check (valid_to >= valid_from - 1)
);
create index delegations_received on delegations (to_user_id);
create index delegations_of_role on delegations (tenant_id, membership_id);

-- Two accounts with one employee number are one person.
create index users_nip on users (nip) where nip is not null;
";

const FOUR_EYES: &str = "
alter table measurements add column submitted_by uuid;
grant update (submitted_by) on measurements to ekinerja_tenant;
alter table measurements drop constraint measurements_four_eyes;
alter table measurements add constraint measurements_four_eyes check (
  decided_by is null or (decided_by <> recorded_by and decided_by is distinct from submitted_by));

-- The accounts are not the tenants' to read, so the rule is asked as the owner; it answers with a refusal only.
create function ekinerja_four_eyes() returns trigger language plpgsql security definer
  set search_path = pg_catalog, public
  as $$ begin
    if new.decided_by is not null and exists (
         select from public.users decider join public.users author on author.nip = decider.nip
          where decider.id = new.decided_by and author.id in (new.recorded_by, new.submitted_by)) then
      raise exception 'the value was recorded or submitted by the same person'
        using errcode = 'check_violation', constraint = 'measurements_four_eyes';
    end if;
    return new;
  end $$;
revoke all on function ekinerja_four_eyes() from public;
create trigger measurements_four_eyes
  before insert or update of decided_by, recorded_by, submitted_by on measurements
  for each row execute function ekinerja_four_eyes();
";
