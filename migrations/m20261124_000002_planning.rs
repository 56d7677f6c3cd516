//! Planning: the plan's tree, indicators, targets, releases, adoption.

use sea_orm_migration::prelude::*;

use crate::protect::TenantTable;

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
            ("plans", "select, insert, update"),
            ("plan_nodes", "select, insert, update, delete"),
            ("perspectives", "select, insert, update"),
            ("indicators", "select, insert, update"),
            ("targets", "select, insert, update (status)"),
            ("template_releases", "select, insert, update (status)"),
            ("adoptions", "select, insert"),
            ("rule_set_choices", "select, insert"),
        ] {
            connection.execute_unprepared(&TenantTable { name, grants }.statements()).await?;
        }
        // A release is read by the regencies under its province; withdrawn ones too, since adopters keep them.
        let read = "create policy adopters on template_releases for select to ekinerja_tenant
             using (tenant_id = (select ekinerja_parent()));";
        connection.execute_unprepared(read).await?;
        Ok(())
    }
}

const TABLES: &str = "
create table plans (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  title text not null,
  legal_basis text,
  start_year integer not null,
  end_year integer not null,
  monitored_until integer not null,
  notice text,
  revision integer not null default 1,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  constraint plans_one_per_start unique (tenant_id, start_year),
  constraint plans_years check (start_year <= end_year and end_year <= monitored_until)
);

create table plan_nodes (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  plan_id uuid not null,
  parent_id uuid,
  kind text not null check (kind in ('vision', 'mission', 'goal', 'objective')),
  code text not null,
  text text not null,
  perspective text check (perspective in ('F', 'C', 'I', 'L')),
  verified boolean not null,
  template_code text,
  position integer not null,
  revision integer not null default 1,
  primary key (tenant_id, id),
  constraint plan_nodes_code_unique unique (tenant_id, plan_id, code),
  constraint plan_nodes_plan foreign key (tenant_id, plan_id) references plans (tenant_id, id),
  constraint plan_nodes_parent foreign key (tenant_id, parent_id) references plan_nodes (tenant_id, id)
);

-- Names, order and weights of the four perspectives where a tenant changed them.
create table perspectives (
  tenant_id uuid not null references tenants (id),
  code text not null check (code in ('F', 'C', 'I', 'L')),
  name text not null,
  position integer not null,
  weight numeric(9, 4) not null check (weight >= 0),
  revision integer not null default 1,
  primary key (tenant_id, code)
);

create table indicators (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  code text not null,
  plan_id uuid not null,
  objective_id uuid not null,
  kind text not null check (kind in ('iku', 'supporting')),
  name text not null,
  definition text not null,
  formula text not null,
  unit text not null,
  polarity text not null,
  rule text,
  decimals smallint not null check (decimals between 0 and 6),
  period_consolidation text not null,
  location_consolidation text not null,
  weight_variable text,
  numerator text,
  denominator text,
  source text not null,
  publisher text,
  frequency text not null check (frequency in ('yearly', 'quarterly')),
  worst numeric(24, 6),
  weight numeric(12, 6) not null check (weight >= 0),
  owner_agency_id uuid,
  owner_post text,
  baseline_value numeric(24, 6),
  baseline_year integer,
  baseline_verified boolean,
  template_code text,
  modes jsonb not null,
  retired_on date,
  position integer not null,
  revision integer not null default 1,
  primary key (tenant_id, id),
  constraint indicators_code_unique unique (tenant_id, code),
  constraint indicators_plan foreign key (tenant_id, plan_id) references plans (tenant_id, id),
  constraint indicators_objective foreign key (tenant_id, objective_id) references plan_nodes (tenant_id, id),
  constraint indicators_owner foreign key (tenant_id, owner_agency_id) references agencies (tenant_id, id)
);
create index indicators_by_objective on indicators (tenant_id, objective_id);

create table targets (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  indicator_id uuid not null,
  period text not null,
  value numeric(24, 6),
  low numeric(24, 6),
  high numeric(24, 6),
  wording text,
  illustrative boolean not null,
  revision integer not null,
  status text not null check (status in ('proposed', 'approved', 'superseded')),
  reason text,
  legal_basis text,
  set_by uuid not null,
  set_by_name text not null,
  set_at timestamptz not null,
  primary key (tenant_id, id),
  constraint targets_one_per_revision unique (tenant_id, indicator_id, period, revision),
  constraint targets_indicator foreign key (tenant_id, indicator_id) references indicators (tenant_id, id),
  constraint targets_one_form check (num_nonnulls(value, wording) + num_nonnulls(low, high) / 2 = 1)
);
create unique index targets_one_in_force on targets (tenant_id, indicator_id, period) where status = 'approved';

create table template_releases (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  version text not null,
  changelog text not null,
  content jsonb not null,
  content_hash text not null,
  status text not null check (status in ('released', 'superseded', 'withdrawn')),
  released_by uuid not null,
  released_by_name text not null,
  released_at timestamptz not null,
  primary key (tenant_id, id),
  constraint template_releases_version_unique unique (tenant_id, version)
);

-- publisher_id and release_id name a row of the province: no foreign key may cross the border of tenants.
create table adoptions (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  publisher_id uuid not null,
  release_id uuid not null,
  version text not null,
  content_hash text not null,
  plan_id uuid not null,
  adopted_by uuid not null,
  adopted_by_name text not null,
  adopted_at timestamptz not null,
  primary key (tenant_id, id),
  constraint adoptions_once unique (tenant_id, release_id),
  constraint adoptions_plan foreign key (tenant_id, plan_id) references plans (tenant_id, id)
);

-- Which rule set a year is scored by; the latest row of a year counts, earlier ones stay readable.
create table rule_set_choices (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  year integer not null,
  purpose text not null check (purpose in ('own', 'comparison')),
  rule_set text not null,
  version integer not null,
  chosen_by uuid not null,
  chosen_by_name text not null,
  chosen_at timestamptz not null,
  primary key (tenant_id, id)
);
create index rule_set_choices_year on rule_set_choices (tenant_id, purpose, year, chosen_at);
";
