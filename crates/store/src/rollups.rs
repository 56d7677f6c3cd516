//! Roll-ups of a province: what was computed from publications, kept so that pages need not compute it again.
//!
//! A row is written only when its digest changed, so `computed_at` says when the figure last became another
//! one. The digest is the hash of figure, coverage and provenance: a full recalculation of unchanged
//! publications writes nothing.

mod json;

use chrono::{DateTime, Utc};
use ekinerja_domain::indicator::IndicatorCode;
use ekinerja_domain::period::Period;
use ekinerja_domain::rollup::{ProvincialRollUp, Sizes};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, Select, Statement,
};

use crate::entity::rollup as row;
use crate::error::{Error, Result};
use crate::publications::hash_of;
use crate::tenant::TenantTx;

/// A roll-up as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRollUp {
    /// The roll-up.
    pub rollup: ProvincialRollUp,
    /// Hash of figure, coverage and provenance.
    pub digest: String,
    /// When the figure last became another one.
    pub computed_at: DateTime<Utc>,
}

/// Hash of sizes, as [`RollUpMark::sizes`] has it.
pub fn sizes_hash(sizes: &Sizes) -> String {
    hash_of(&sizes.canonical())
}

/// What tells whether a roll-up must be computed again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RollUpMark {
    /// The period.
    pub period: Period,
    /// The indicator.
    pub code: String,
    /// Hash of figure, coverage and provenance.
    pub digest: String,
    /// Variable and period that coverage is measured with, and the hash of its values.
    pub sizes: Option<String>,
}

/// The roll-ups of the transaction's tenant.
#[derive(Debug)]
pub struct RollUps<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The roll-ups.
    pub fn rollups(&self) -> RollUps<'_> {
        RollUps(self)
    }
}

impl RollUps<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// The roll-up of one indicator in one period.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find(&self, code: &IndicatorCode, period: Period) -> Result<Option<KeptRollUp>> {
        let found = self
            .rows()
            .filter(row::Column::Code.eq(code.as_str()))
            .filter(row::Column::Period.eq(period.to_string()))
            .one(self.0.connection())
            .await?;
        found.map(json::kept_of).transpose()
    }

    /// The roll-ups of one indicator, by period.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of_indicator(&self, code: &IndicatorCode) -> Result<Vec<KeptRollUp>> {
        let rows = self
            .rows()
            .filter(row::Column::Code.eq(code.as_str()))
            .order_by_asc(row::Column::Period)
            .all(self.0.connection())
            .await?;
        rows.into_iter().map(json::kept_of).collect()
    }

    /// The roll-ups of one period, by code.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn of_period(&self, period: Period) -> Result<Vec<KeptRollUp>> {
        let rows = self
            .rows()
            .filter(row::Column::Period.eq(period.to_string()))
            .order_by_asc(row::Column::Code)
            .all(self.0.connection())
            .await?;
        rows.into_iter().map(json::kept_of).collect()
    }

    /// Marks of every roll-up, by period and code.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn marks(&self) -> Result<Vec<RollUpMark>> {
        let rows: Vec<(String, String, String, Option<String>)> = self
            .rows()
            .select_only()
            .columns([row::Column::Period, row::Column::Code, row::Column::Digest])
            .expr(Expr::cust("sizes ->> 'mark'"))
            .into_tuple()
            .all(self.0.connection())
            .await?;
        let mut marks = rows
            .into_iter()
            .map(|(period, code, digest, sizes)| {
                let period =
                    period.parse().map_err(|_| Error::corrupt("rollups", "period", &code))?;
                Ok(RollUpMark { period, code, digest, sizes })
            })
            .collect::<Result<Vec<_>>>()?;
        marks.sort();
        Ok(marks)
    }

    /// Waits until no other transaction recalculates this tenant, and keeps others waiting until this one
    /// ends: whoever computes later has read what was committed later.
    ///
    /// # Errors
    /// The database failed or the wait was too long.
    pub async fn hold(&self) -> Result<()> {
        const HOLD: &str = "select pg_advisory_xact_lock(hashtextextended('rollups ' || $1, 0))";
        let tenant = self.0.tenant_id().uuid().to_string();
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, HOLD, [tenant.into()]);
        self.0.connection().query_one_raw(statement).await?;
        Ok(())
    }

    /// Keeps the roll-ups of a period and removes those of indicators that are not among them; how many
    /// became other ones.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keep(&self, period: Period, rollups: &[ProvincialRollUp]) -> Result<u64> {
        let removed = self.remove_others(period, rollups).await?;
        if rollups.is_empty() {
            return Ok(removed);
        }
        let rows = rollups.iter().map(|it| self.row(it)).collect::<Result<Vec<_>>>()?;
        let mut newer =
            OnConflict::columns([row::Column::TenantId, row::Column::Code, row::Column::Period]);
        newer.update_columns([
            row::Column::Method,
            row::Column::Computed,
            row::Column::Official,
            row::Column::OfficialSource,
            row::Column::Numerator,
            row::Column::Denominator,
            row::Column::Reporting,
            row::Column::Expected,
            row::Column::WeightShare,
            row::Column::Oldest,
            row::Column::Reason,
            row::Column::Basis,
            row::Column::Yardstick,
            row::Column::Sizes,
            row::Column::Parts,
            row::Column::Digest,
            row::Column::ComputedAt,
        ]);
        newer.action_and_where(
            Expr::col((Alias::new("rollups"), row::Column::Digest))
                .ne(Expr::col((Alias::new("excluded"), row::Column::Digest))),
        );
        let changed = row::Entity::insert_many(rows)
            .on_conflict(newer)
            .exec_without_returning(self.0.connection())
            .await?;
        Ok(removed + changed)
    }

    #[expect(clippy::disallowed_methods, reason = "rows of this tenant and of one named period")]
    async fn remove_others(&self, period: Period, rollups: &[ProvincialRollUp]) -> Result<u64> {
        let codes = rollups.iter().map(|it| it.yardstick.definition.code.as_str());
        let done = row::Entity::delete_many()
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Period.eq(period.to_string()))
            .filter(row::Column::Code.is_not_in(codes))
            .exec(self.0.connection())
            .await?;
        Ok(done.rows_affected)
    }

    fn row(&self, it: &ProvincialRollUp) -> Result<row::ActiveModel> {
        let rolled = &it.rolled;
        let count = |it: u32| i32::try_from(it).unwrap_or(i32::MAX);
        // Columns hold six places; the exact quotient is made again from its parts.
        let six = |it: Option<rust_decimal::Decimal>| it.map(|it| it.round_dp(6));
        Ok(row::ActiveModel {
            tenant_id: Set(self.0.tenant_id().uuid()),
            code: Set(it.yardstick.definition.code.as_str().to_owned()),
            period: Set(it.period.to_string()),
            method: Set(rolled.method.code().to_owned()),
            computed: Set(six(rolled.computed)),
            official: Set(six(rolled.official)),
            official_source: Set(it.official.as_ref().and_then(|it| it.figure.source.clone())),
            numerator: Set(six(rolled.numerator)),
            denominator: Set(six(rolled.denominator)),
            reporting: Set(count(rolled.coverage.reporting)),
            expected: Set(count(rolled.coverage.expected)),
            weight_share: Set(six(rolled.coverage.weight_share)),
            oldest: Set(rolled.oldest),
            reason: Set(rolled.reason.map(|it| it.code().to_owned())),
            basis: Set(rolled.basis.map(|it| it.code().to_owned())),
            yardstick: Set(json::yardstick(&it.yardstick)?),
            sizes: Set(it.sizes.as_ref().map(json::sizes).transpose()?),
            parts: Set(json::parts(it)?),
            digest: Set(hash_of(&it.canonical())),
            computed_at: Set(self.0.now()),
        })
    }
}
