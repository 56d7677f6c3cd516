//! Publishing: what leaves a tenant, and what the province computes from it.

use sea_orm_migration::prelude::*;

use crate::protect::{CURRENT_TENANT, TenantTable};

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
            (
                "publications",
                "select, insert, update (status, revoked_at, revoked_by, revoked_by_name, revocation_reason)",
            ),
            ("publication_values", "select, insert, update (readable)"),
            ("publication_objectives", "select, insert, update (readable)"),
            ("rollups", "select, insert, update, delete"),
        ] {
            connection.execute_unprepared(&TenantTable { name, grants }.statements()).await?;
        }
        // The audience sees that something was published, restated or revoked (both sides have the log);
        // its lines only while it is in force. It writes nothing.
        connection
            .execute_unprepared(&format!(
                "create policy audience on publications for select to ekinerja_tenant
                   using (audience_id = {CURRENT_TENANT});
                 create policy audience on publication_values for select to ekinerja_tenant
                   using (audience_id = {CURRENT_TENANT} and readable);
                 create policy audience on publication_objectives for select to ekinerja_tenant
                   using (audience_id = {CURRENT_TENANT} and readable);
                 create policy addressed_upwards on publications as restrictive for insert to ekinerja_tenant
                   with check (audience_id = coalesce((select ekinerja_parent()), {CURRENT_TENANT}));
                 create policy addressed_upwards on publication_values as restrictive for insert to ekinerja_tenant
                   with check (audience_id = coalesce((select ekinerja_parent()), {CURRENT_TENANT}));
                 create policy addressed_upwards on publication_objectives as restrictive for insert to ekinerja_tenant
                   with check (audience_id = coalesce((select ekinerja_parent()), {CURRENT_TENANT}));"
            ))
            .await?;
        Ok(())
    }
}

const TABLES: &str = "
create table publications (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  audience_id uuid not null references tenants (id),
  period text not null,
  number integer not null,
  status text not null check (status in ('published', 'superseded', 'revoked')),
  content_hash text not null,
  published_by uuid not null,
  published_by_name text not null,
  published_at timestamptz not null,
  revoked_by uuid,
  revoked_by_name text,
  revoked_at timestamptz,
  revocation_reason text,
  primary key (tenant_id, id),
  constraint publications_numbered unique (tenant_id, period, number)
);
create unique index publications_one_in_force on publications (tenant_id, period) where status = 'published';
create index publications_by_audience on publications (audience_id, period);

create table publication_values (
  tenant_id uuid not null references tenants (id),
  publication_id uuid not null,
  audience_id uuid not null,
  readable boolean not null default true,
  code text not null,
  release text,
  fingerprint text not null,
  name text not null,
  unit text not null,
  standing text not null check (standing in ('reported', 'missing', 'not_applicable', 'not_yet_due')),
  value numeric(24, 6),
  numerator numeric(24, 6),
  denominator numeric(24, 6),
  target numeric(24, 6),
  target_low numeric(24, 6),
  target_high numeric(24, 6),
  target_wording text,
  target_illustrative boolean not null,
  method text not null,
  source text,
  source_verified boolean not null,
  revision integer,
  as_of date,
  primary key (tenant_id, publication_id, code),
  constraint publication_values_publication
    foreign key (tenant_id, publication_id) references publications (tenant_id, id),
  constraint publication_values_standing check ((standing = 'reported') = (value is not null)),
  constraint publication_values_target check (num_nonnulls(target, target_wording) + num_nonnulls(target_low, target_high) / 2 <= 1)
);
create index publication_values_by_code on publication_values (audience_id, code) where readable;
create index publication_values_by_publication on publication_values (audience_id, publication_id) where readable;

create table publication_objectives (
  tenant_id uuid not null references tenants (id),
  publication_id uuid not null,
  audience_id uuid not null,
  readable boolean not null default true,
  code text not null,
  text text not null,
  serves text,
  indicators integer not null,
  with_target integer not null,
  reported integer not null,
  primary key (tenant_id, publication_id, code),
  constraint publication_objectives_publication
    foreign key (tenant_id, publication_id) references publications (tenant_id, id)
);
create index publication_objectives_by_publication on publication_objectives (audience_id, publication_id) where readable;

-- A roll-up as the province computed it from publications; parts say which publication gave what.
create table rollups (
  tenant_id uuid not null references tenants (id),
  code text not null,
  period text not null,
  method text not null,
  computed numeric(24, 6),
  official numeric(24, 6),
  official_source text,
  numerator numeric(24, 6),
  denominator numeric(24, 6),
  reporting integer not null,
  expected integer not null,
  weight_share numeric(24, 6),
  oldest date,
  reason text,
  basis text,
  yardstick jsonb not null,
  sizes jsonb,
  parts jsonb not null,
  digest text not null,
  computed_at timestamptz not null,
  primary key (tenant_id, code, period)
);
";
