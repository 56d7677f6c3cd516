//! The trail of changes: written in the transaction of the change itself.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use ekinerja_domain::access::policy::Trail;
use ekinerja_domain::access::{Granted, ViewAudit};
use ekinerja_domain::chain::ChainHash;
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::ids::UserId;
use sea_orm::sea_query::{CommonTableExpression, InsertStatement, Query};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Statement,
};
use uuid::Uuid;

use crate::change::{Change, announce, notice_of};
use crate::entity::audit_event as row;
use crate::error::Result;
use crate::page::{Page, Paged};
use crate::tenant::TenantTx;

/// One line of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; higher is later.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub user: UserId,
    /// That person's name.
    pub user_name: String,
    /// The posts that person held at that moment.
    pub post: Option<String>,
    /// Code of what kind of thing happened: that of an [`EventKind`], unless somebody changed the line.
    pub kind: String,
    /// To what.
    pub subject: String,
    /// From, to, why.
    pub facts: Vec<(String, String)>,
    /// In which request.
    pub request: Option<String>,
    /// Hash of the line before.
    pub previous: ChainHash,
    /// Its own hash.
    pub hash: ChainHash,
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrailFilter {
    /// What this person did.
    pub person: Option<UserId>,
    /// Things of this kind.
    pub kind: Option<EventKind>,
    /// What happened to this.
    pub subject: Option<String>,
    /// Not before.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
    /// In this request.
    pub request: Option<String>,
}

/// Rows of one statement: PostgreSQL takes 65,535 parameters in it.
const ROWS: usize = 1_000;

/// Appends events to the trail of the transaction's tenant, in their order, and tells every process of the
/// change, if it is to, once the transaction commits; all in one statement with a row that the commit takes along,
/// for each is a trip.
pub(crate) async fn add(
    tx: &TenantTx,
    mut events: Vec<Event>,
    request: Option<&str>,
    change: Option<&Change>,
) -> Result<()> {
    while events.len() > ROWS {
        let later = events.split_off(ROWS);
        let lines = events.into_iter().map(|event| line(tx, event, request));
        row::Entity::insert_many(lines).exec_without_returning(tx.connection()).await?;
        events = later;
    }
    if events.is_empty() {
        return match change {
            None => Ok(()),
            Some(change) => announce(tx.connection(), change).await,
        };
    }
    let lines = row::Entity::insert_many(events.into_iter().map(|it| line(tx, it, request)));
    let lines = lines.into_query();
    let before = tx.written_with_commit();
    let mut with = Query::with();
    let takes_along = before.is_some();
    if let Some(before) = before {
        with.cte(cte(before, "before"));
    }
    match change {
        None if takes_along => {
            tx.connection().execute(&lines.with(with)).await?;
        }
        None => {
            tx.connection().execute(&lines).await?;
        }
        Some(change) => {
            with.cte(cte(lines, "trail"));
            let notice = Query::select().expr(notice_of(change)).to_owned();
            tx.connection().query_one(&notice.with(with)).await?;
        }
    }
    Ok(())
}

fn cte(insert: InsertStatement, name: &'static str) -> CommonTableExpression {
    let mut expression = CommonTableExpression::new();
    expression.query(insert).table_name(name);
    expression
}

fn line(tx: &TenantTx, event: Event, request: Option<&str>) -> row::ActiveModel {
    let facts = event.facts.into_iter().map(|(key, value)| (key.to_owned(), value.into()));
    row::ActiveModel {
        tenant_id: ActiveValue::Set(tx.tenant_id().uuid()),
        at: ActiveValue::Set(tx.now()),
        user_id: ActiveValue::Set(tx.user().uuid()),
        user_name: ActiveValue::Set(tx.standing().name.clone()),
        kind: ActiveValue::Set(event.kind.code().to_owned()),
        subject: ActiveValue::Set(event.subject),
        facts: ActiveValue::Set(serde_json::Value::Object(facts.collect())),
        request_id: ActiveValue::Set(request.map(str::to_owned)),
        post: ActiveValue::Set(tx.post()),
        // The chain is the trigger's.
        ..Default::default()
    }
}

/// The trail of the transaction's tenant.
#[derive(Debug)]
pub struct AuditTrail<'tx>(&'tx TenantTx);

impl TenantTx {
    /// The trail, for who may read it.
    pub fn audit_trail(&self, _permit: &Granted<ViewAudit, Trail>) -> AuditTrail<'_> {
        AuditTrail(self)
    }
}

impl AuditTrail<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    fn filtered(&self, filter: &TrailFilter) -> Select<row::Entity> {
        let mut select = self.rows();
        if let Some(person) = filter.person {
            select = select.filter(row::Column::UserId.eq(person.uuid()));
        }
        if let Some(kind) = filter.kind {
            select = select.filter(row::Column::Kind.eq(kind.code()));
        }
        if let Some(subject) = &filter.subject {
            select = select.filter(row::Column::Subject.eq(subject.as_str()));
        }
        if let Some(since) = filter.since {
            select = select.filter(row::Column::At.gte(since));
        }
        if let Some(until) = filter.until {
            select = select.filter(row::Column::At.lt(until));
        }
        if let Some(request) = &filter.request {
            select = select.filter(row::Column::RequestId.eq(request.as_str()));
        }
        select
    }

    /// Latest lines first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn page(&self, filter: &TrailFilter, page: Page) -> Result<Paged<AuditEntry>> {
        let mut select = self.filtered(filter).order_by_desc(row::Column::Seq).limit(page.size + 1);
        if let Some(seq) = page.after.as_deref().and_then(|after| after.parse::<i64>().ok()) {
            select = select.filter(row::Column::Seq.lt(seq));
        }
        let rows = select.all(self.0.connection()).await?;
        let entries = rows.into_iter().map(entry).collect();
        Ok(Paged::of(entries, &page, |entry: &AuditEntry| entry.seq.to_string()))
    }

    /// Up to `most` lines after a number, the earliest first: for a download in pieces.
    ///
    /// # Errors
    /// The database failed.
    pub async fn after(
        &self,
        filter: &TrailFilter,
        seq: i64,
        most: u64,
    ) -> Result<Vec<AuditEntry>> {
        let select = self.filtered(filter).filter(row::Column::Seq.gt(seq));
        let select = select.order_by_asc(row::Column::Seq).limit(most);
        Ok(select.all(self.0.connection()).await?.into_iter().map(entry).collect())
    }

    /// The last line that fits a filter.
    ///
    /// # Errors
    /// The database failed.
    pub async fn latest(&self, filter: &TrailFilter) -> Result<Option<AuditEntry>> {
        let select = self.filtered(filter).order_by_desc(row::Column::Seq).limit(1);
        Ok(select.one(self.0.connection()).await?.map(entry))
    }

    /// How many lines fit a filter.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count(&self, filter: &TrailFilter) -> Result<u64> {
        Ok(self.filtered(filter).count(self.0.connection()).await?)
    }

    /// What the things with these ids are called, as far as they have a name.
    ///
    /// # Errors
    /// The database failed.
    pub async fn names(&self, ids: Vec<Uuid>) -> Result<HashMap<Uuid, String>> {
        const NAMES: &str = "
            select id, name from agencies where tenant_id = $1 and id = any($2)
            union all select id, name from tenants where id = $1 and id = any($2)
            union all select distinct on (user_id) user_id, name from memberships
                       where tenant_id = $1 and user_id = any($2)
            union all select id, name from indicators where tenant_id = $1 and id = any($2)
            union all select id, name from memberships where tenant_id = $1 and id = any($2)
            union all select id, code || ' ' || text from plan_nodes where tenant_id = $1 and id = any($2)
            union all select id, title from plans where tenant_id = $1 and id = any($2)
            union all select m.id, i.name || ', ' || m.period from measurements m
                        join indicators i on i.tenant_id = m.tenant_id and i.id = m.indicator_id
                       where m.tenant_id = $1 and m.id = any($2)
            union all select t.id, i.name || ', ' || t.period from targets t
                        join indicators i on i.tenant_id = t.tenant_id and i.id = t.indicator_id
                       where t.tenant_id = $1 and t.id = any($2)
            union all select id, period || ' (' || number || ')' from publications
                       where tenant_id = $1 and id = any($2)
            union all select id, coalesce(name, url) from evidence
                       where tenant_id = $1 and id = any($2)";
        let values = [self.0.tenant_id().uuid().into(), ids.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, NAMES, values);
        let mut names = HashMap::new();
        for found in self.0.connection().query_all_raw(statement).await? {
            if let Some(name) = found.try_get::<Option<String>>("", "name")? {
                names.insert(found.try_get("", "id")?, name);
            }
        }
        Ok(names)
    }
}

/// A line as it stands, also when somebody wrote into it what cannot be: who reads the trail must see it.
fn entry(model: row::Model) -> AuditEntry {
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    };
    let facts = match model.facts {
        serde_json::Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key, text(value))).collect()
        }
        other => vec![(String::new(), other.to_string())],
    };
    let hash = |bytes: &[u8]| ChainHash::try_from(bytes).unwrap_or(ChainHash::NONE);
    AuditEntry {
        seq: model.seq,
        at: model.at,
        user: UserId::from(model.user_id),
        user_name: model.user_name,
        post: model.post,
        kind: model.kind,
        subject: model.subject,
        facts,
        request: model.request_id,
        previous: hash(&model.prev_hash),
        hash: hash(&model.hash),
    }
}
