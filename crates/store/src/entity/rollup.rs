//! Rows of `rollups`.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rollups")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub code: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub period: String,
    #[sea_orm(column_type = "Text")]
    pub method: String,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub computed: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub official: Option<Decimal>,
    #[sea_orm(column_type = "Text", nullable)]
    pub official_source: Option<String>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub numerator: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub denominator: Option<Decimal>,
    pub reporting: i32,
    pub expected: i32,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub weight_share: Option<Decimal>,
    pub oldest: Option<NaiveDate>,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub basis: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub yardstick: Json,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub sizes: Option<Json>,
    #[sea_orm(column_type = "JsonBinary")]
    pub parts: Json,
    #[sea_orm(column_type = "Text")]
    pub digest: String,
    pub computed_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
