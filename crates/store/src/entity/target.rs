//! Rows of `targets`.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "targets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub indicator_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub period: String,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub value: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub low: Option<Decimal>,
    #[sea_orm(column_type = "Decimal(Some((24, 6)))", nullable)]
    pub high: Option<Decimal>,
    #[sea_orm(column_type = "Text", nullable)]
    pub wording: Option<String>,
    pub illustrative: bool,
    pub revision: i32,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub legal_basis: Option<String>,
    pub set_by: Uuid,
    #[sea_orm(column_type = "Text")]
    pub set_by_name: String,
    pub set_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
