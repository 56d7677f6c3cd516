//! Rows of `publications`.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "publications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub audience_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub period: String,
    pub number: i32,
    #[sea_orm(column_type = "Text")]
    pub status: String,
    #[sea_orm(column_type = "Text")]
    pub content_hash: String,
    pub published_by: Uuid,
    #[sea_orm(column_type = "Text")]
    pub published_by_name: String,
    pub published_at: DateTime<Utc>,
    pub revoked_by: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub revoked_by_name: Option<String>,
    pub revoked_at: Option<DateTime<Utc>>,
    #[sea_orm(column_type = "Text", nullable)]
    pub revocation_reason: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
