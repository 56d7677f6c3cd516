//! Rows of `publication_values`.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "publication_values")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub publication_id: Uuid,
    pub audience_id: Uuid,
    pub readable: bool,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub code: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub release: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub fingerprint: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub unit: String,
    #[sea_orm(column_type = "Text")]
    pub standing: String,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub value: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub numerator: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub denominator: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub target: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub target_low: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub target_high: Option<Decimal>,
    #[sea_orm(column_type = "Text", nullable)]
    pub target_wording: Option<String>,
    pub target_illustrative: bool,
    #[sea_orm(column_type = "Text")]
    pub method: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub source: Option<String>,
    pub source_verified: bool,
    pub revision: Option<i32>,
    pub as_of: Option<NaiveDate>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
