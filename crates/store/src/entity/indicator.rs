//! Rows of `indicators`.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "indicators")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub code: String,
    pub plan_id: Uuid,
    pub objective_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub kind: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub definition: String,
    #[sea_orm(column_type = "Text")]
    pub formula: String,
    #[sea_orm(column_type = "Text")]
    pub unit: String,
    #[sea_orm(column_type = "Text")]
    pub polarity: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub rule: Option<String>,
    pub decimals: i16,
    #[sea_orm(column_type = "Text")]
    pub period_consolidation: String,
    #[sea_orm(column_type = "Text")]
    pub location_consolidation: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub weight_variable: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub numerator: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub denominator: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub source: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub publisher: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub frequency: String,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub worst: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((12, 6)))")]
    pub weight: Decimal,
    pub owner_agency_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub owner_post: Option<String>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub baseline_value: Option<Decimal>,
    pub baseline_year: Option<i32>,
    pub baseline_verified: Option<bool>,
    #[sea_orm(column_type = "Text", nullable)]
    pub template_code: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub modes: Json,
    pub retired_on: Option<NaiveDate>,
    pub position: i32,
    pub revision: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
