//! The strategy map: links of cause and effect between objectives of a plan.

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
        connection.execute_unprepared(TABLE).await?;
        let grants = "select, insert, update (from_id, to_id, hypothesis, strength, lag_periods, revision), delete";
        let table = TenantTable { name: "causal_links", grants };
        connection.execute_unprepared(&table.statements()).await?;
        Ok(())
    }
}

const TABLE: &str = "
create table causal_links (
  tenant_id uuid not null,
  id uuid not null,
  plan_id uuid not null,
  from_id uuid not null,
  to_id uuid not null,
  hypothesis text not null,
  strength text check (strength in ('weak', 'moderate', 'strong')),
  lag_periods integer check (lag_periods between 0 and 80),
  revision integer not null default 1,
  primary key (tenant_id, id),
  constraint causal_links_one_per_pair unique (tenant_id, from_id, to_id),
  constraint causal_links_two_objectives check (from_id <> to_id),
  constraint causal_links_plan foreign key (tenant_id, plan_id) references plans (tenant_id, id),
  constraint causal_links_from foreign key (tenant_id, from_id) references plan_nodes (tenant_id, id),
  constraint causal_links_to foreign key (tenant_id, to_id) references plan_nodes (tenant_id, id)
);
create index causal_links_by_effect on causal_links (tenant_id, to_id);
";
