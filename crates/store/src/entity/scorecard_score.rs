//! Rows of `scorecard_scores`.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "scorecard_scores")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub period: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub level: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub key: String,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub value: Option<Decimal>,
    #[sea_orm(column_type = "Text", nullable)]
    pub band: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub traffic: String,
    pub measured: i32,
    pub expected: i32,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub share: Option<Decimal>,
    #[sea_orm(column_type = "Text")]
    pub rule_set: String,
    pub rule_set_version: i32,
    pub computed_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
