//! Rows of `measurements`.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "measurements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub indicator_id: Uuid,
    pub owner_line: Vec<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub period: String,
    pub revision: i32,
    #[sea_orm(column_type = "Text")]
    pub reading: String,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub value: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub numerator: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub denominator: Option<Decimal>,
    #[sea_orm(column_type = "Text")]
    pub method: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub source: Option<String>,
    pub source_verified: bool,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub rejection: Option<String>,
    pub recorded_by: Uuid,
    #[sea_orm(column_type = "Text")]
    pub recorded_by_name: String,
    pub recorded_at: DateTime<Utc>,
    pub submitted_at: Option<DateTime<Utc>>,
    pub submitted_by: Option<Uuid>,
    pub decided_by: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub decided_by_name: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub lock_version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
