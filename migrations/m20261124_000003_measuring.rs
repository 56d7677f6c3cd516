//! Measuring: periods, measurements, evidence, stored scores.

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
            ("periods", "select, insert, update"),
            // What was measured is never overwritten: only the way of a revision through its statuses is.
            (
                "measurements",
                "select, insert, update (status, rejection, submitted_at, decided_by, decided_by_name, decided_at, lock_version)",
            ),
            ("files", "select, insert"),
            ("evidence", "select, insert"),
            ("scores", "select, insert, update, delete"),
            ("scorecard_scores", "select, insert, update, delete"),
        ] {
            connection.execute_unprepared(&TenantTable { name, grants }.statements()).await?;
        }
        Ok(())
    }
}

const TABLES: &str = "
create table periods (
  tenant_id uuid not null references tenants (id),
  period text not null,
  state text not null check (state in ('open', 'closing', 'closed')),
  reopened_until timestamptz,
  reopening_reason text,
  revision integer not null default 1,
  constraint periods_once primary key (tenant_id, period)
);

create table measurements (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  indicator_id uuid not null,
  owner_line uuid[] not null,
  period text not null,
  revision integer not null,
  reading text not null check (reading in ('value', 'ratio', 'not_applicable')),
  value numeric(24, 6),
  numerator numeric(24, 6),
  denominator numeric(24, 6),
  method text not null,
  source text,
  source_verified boolean not null,
  status text not null check (status in ('draft', 'submitted', 'verified', 'rejected')),
  note text,
  reason text,
  rejection text,
  recorded_by uuid not null,
  recorded_by_name text not null,
  recorded_at timestamptz not null,
  submitted_at timestamptz,
  decided_by uuid,
  decided_by_name text,
  decided_at timestamptz,
  lock_version integer not null default 1,
  primary key (tenant_id, id),
  constraint measurements_one_per_revision unique (tenant_id, indicator_id, period, revision),
  constraint measurements_indicator foreign key (tenant_id, indicator_id) references indicators (tenant_id, id),
  constraint measurements_period foreign key (tenant_id, period) references periods (tenant_id, period),
  constraint measurements_four_eyes check (decided_by is null or decided_by <> recorded_by),
  constraint measurements_reading check (
    (reading = 'not_applicable' and value is null) or
    (reading = 'value' and value is not null and numerator is null and denominator is null) or
    (reading = 'ratio' and value is not null and numerator is not null and denominator <> 0))
);
create index measurements_waiting on measurements (tenant_id, status) where status = 'submitted';
create index measurements_by_period on measurements (tenant_id, period);

create table files (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  sha256 text not null,
  media_type text not null,
  size bigint not null,
  stored_at timestamptz not null,
  primary key (tenant_id, id),
  constraint files_once unique (tenant_id, sha256)
);

create table evidence (
  tenant_id uuid not null references tenants (id),
  id uuid not null,
  measurement_id uuid not null,
  file_id uuid,
  name text,
  url text,
  pointer text,
  added_by uuid not null,
  added_by_name text not null,
  added_at timestamptz not null,
  primary key (tenant_id, id),
  constraint evidence_measurement foreign key (tenant_id, measurement_id) references measurements (tenant_id, id),
  constraint evidence_file foreign key (tenant_id, file_id) references files (tenant_id, id),
  constraint evidence_one_form check (num_nonnulls(file_id, url) = 1)
);
create index evidence_by_measurement on evidence (tenant_id, measurement_id);

-- Scores as computed, with the version of the rules; a closed period keeps its digits.
create table scores (
  tenant_id uuid not null references tenants (id),
  indicator_id uuid not null,
  period text not null,
  rule_set text not null,
  rule_set_version integer not null,
  rule text not null,
  measurement_id uuid,
  target_id uuid,
  outcome text not null,
  achievement numeric(24, 6),
  uncapped numeric(24, 6),
  band text,
  traffic text not null,
  provisional boolean not null,
  steps jsonb not null,
  computed_at timestamptz not null,
  primary key (tenant_id, indicator_id, period),
  constraint scores_indicator foreign key (tenant_id, indicator_id) references indicators (tenant_id, id),
  constraint scores_measurement foreign key (tenant_id, measurement_id) references measurements (tenant_id, id),
  constraint scores_target foreign key (tenant_id, target_id) references targets (tenant_id, id)
);
create index scores_by_period on scores (tenant_id, period);

create table scorecard_scores (
  tenant_id uuid not null references tenants (id),
  period text not null,
  level text not null check (level in ('objective', 'perspective', 'organisation')),
  key text not null,
  value numeric(24, 6),
  band text,
  traffic text not null,
  measured integer not null,
  expected integer not null,
  share numeric(24, 6),
  rule_set text not null,
  rule_set_version integer not null,
  computed_at timestamptz not null,
  primary key (tenant_id, period, level, key)
);
";
