//! Rows of `causal_links`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "causal_links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub plan_id: Uuid,
    pub from_id: Uuid,
    pub to_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub hypothesis: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub strength: Option<String>,
    pub lag_periods: Option<i32>,
    pub revision: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
