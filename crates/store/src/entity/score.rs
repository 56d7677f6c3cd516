//! Rows of `scores`.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "scores")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub indicator_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub period: String,
    #[sea_orm(column_type = "Text")]
    pub rule_set: String,
    pub rule_set_version: i32,
    #[sea_orm(column_type = "Text")]
    pub rule: String,
    pub measurement_id: Option<Uuid>,
    pub target_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub outcome: String,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub achievement: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub uncapped: Option<Decimal>,
    #[sea_orm(column_type = "Text", nullable)]
    pub band: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub traffic: String,
    pub provisional: bool,
    #[sea_orm(column_type = "JsonBinary")]
    pub steps: Json,
    pub computed_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
