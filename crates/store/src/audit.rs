//! The trail of changes: written in the transaction of the change itself.

use chrono::{DateTime, Utc};
use ekinerja_domain::access::policy::Trail;
use ekinerja_domain::access::{Granted, ViewAudit};
use ekinerja_domain::event::{Event, EventKind};
use ekinerja_domain::ids::UserId;
use sea_orm::sea_query::{CommonTableExpression, Query};
use sea_orm::{
    ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};

use crate::change::{Change, announce, notice_of};
use crate::entity::audit_event as row;
use crate::error::{Error, Result};
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
    /// What kind of thing happened.
    pub kind: EventKind,
    /// To what.
    pub subject: String,
    /// From, to, why.
    pub facts: Vec<(String, String)>,
    /// In which request.
    pub request: Option<String>,
}

/// Rows of one statement: PostgreSQL takes 65,535 parameters in it.
const ROWS: usize = 1_000;

/// Appends events to the trail of the transaction's tenant, in their order, and tells every process of the
/// change once the transaction commits. Both in one statement where that can be: each is a trip.
pub(crate) async fn add(
    tx: &TenantTx,
    mut events: Vec<Event>,
    request: Option<&str>,
    change: &Change,
) -> Result<()> {
    while events.len() > ROWS {
        let later = events.split_off(ROWS);
        let lines = events.into_iter().map(|event| line(tx, event, request));
        row::Entity::insert_many(lines).exec_without_returning(tx.connection()).await?;
        events = later;
    }
    if events.is_empty() {
        return if change.is_empty() { Ok(()) } else { announce(tx.connection(), change).await };
    }
    let lines = row::Entity::insert_many(events.into_iter().map(|it| line(tx, it, request)));
    if change.is_empty() {
        lines.exec_without_returning(tx.connection()).await?;
    } else {
        let mut trail = CommonTableExpression::new();
        trail.query(lines.into_query()).table_name("trail");
        let notice = Query::select().expr(notice_of(change)).to_owned();
        let both = notice.with(Query::with().cte(trail).to_owned());
        tx.connection().query_one(&both).await?;
    }
    Ok(())
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
    fn rows(&self) -> sea_orm::Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// Latest lines first.
    ///
    /// # Errors
    /// The database failed, or a line has an unknown kind.
    pub async fn page(&self, page: Page) -> Result<Paged<AuditEntry>> {
        let mut select = self.rows().order_by_desc(row::Column::Seq).limit(page.size + 1);
        if let Some(seq) = page.after.as_deref().and_then(|after| after.parse::<i64>().ok()) {
            select = select.filter(row::Column::Seq.lt(seq));
        }
        let rows = select.all(self.0.connection()).await?;
        let entries = rows.into_iter().map(entry).collect::<Result<Vec<_>>>()?;
        Ok(Paged::of(entries, &page, |entry| entry.seq.to_string()))
    }
}

fn entry(model: row::Model) -> Result<AuditEntry> {
    let kind = EventKind::from_code(&model.kind)
        .ok_or_else(|| Error::corrupt("audit_events", "kind", model.seq))?;
    let facts = match model.facts {
        serde_json::Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| {
                (key, value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect(),
        _ => return Err(Error::corrupt("audit_events", "facts", model.seq)),
    };
    Ok(AuditEntry {
        seq: model.seq,
        at: model.at,
        user: UserId::from(model.user_id),
        user_name: model.user_name,
        kind,
        subject: model.subject,
        facts,
        request: model.request_id,
    })
}
