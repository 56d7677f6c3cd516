//! The log of reads: who saw personal data, the trail, a piece of evidence, and who was refused.
//!
//! A line is written in the transaction that reads, before anything is shown: what cannot be written down is
//! not shown, and nothing is lost at a stop.

use chrono::{DateTime, Utc};
use ekinerja_domain::access::policy::Trail;
use ekinerja_domain::access::{Granted, ViewAudit};
use ekinerja_domain::ids::{SessionId, TenantId, UserId};
use ekinerja_domain::reading::ReadKind;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use crate::directory::DirectoryTx;
use crate::directory::people::User;
use crate::entity::read_event as row;
use crate::error::{Error, Result};
use crate::ids::fresh_id;
use crate::page::{Page, Paged};
use crate::tenant::TenantTx;

/// Longest text of a subject or a detail that is kept.
const LONGEST: usize = 300;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadEvent {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub user: UserId,
    /// That person's name.
    pub user_name: String,
    /// The posts that person held.
    pub post: Option<String>,
    /// What was read, or that it was refused.
    pub kind: ReadKind,
    /// Which one: an id, or the path that was refused.
    pub subject: String,
    /// Name of the file, filter, answer.
    pub detail: Option<String>,
    /// In which request.
    pub request: Option<String>,
    /// Under which session.
    pub session: Option<SessionId>,
}

/// Which lines are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadFilter {
    /// Of this person.
    pub person: Option<UserId>,
    /// Of this kind.
    pub kind: Option<ReadKind>,
    /// About this.
    pub subject: Option<String>,
    /// Under this session.
    pub session: Option<SessionId>,
    /// Not before.
    pub since: Option<DateTime<Utc>>,
    /// Before.
    pub until: Option<DateTime<Utc>>,
}

/// An attempt that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The path that was asked for.
    pub path: String,
    /// Method and status, `GET 404`.
    pub answer: String,
    /// In which request.
    pub request: Option<String>,
    /// Under which session.
    pub session: Option<SessionId>,
}

impl TenantTx {
    /// Writes down that the actor reads this; ends in [`TenantTx::commit_read`].
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_read(
        &self,
        kind: ReadKind,
        subject: impl ToString + Send,
        detail: Option<String>,
    ) -> Result<()> {
        let line = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.tenant_id().uuid()),
            id: ActiveValue::Set(fresh_id()),
            at: ActiveValue::Set(self.now()),
            user_id: ActiveValue::Set(self.user().uuid()),
            user_name: ActiveValue::Set(self.standing().name.clone()),
            post: ActiveValue::Set(self.post()),
            kind: ActiveValue::Set(kind.code().to_owned()),
            subject: ActiveValue::Set(bounded(&subject.to_string())),
            detail: ActiveValue::Set(detail.as_deref().map(bounded)),
            request_id: ActiveValue::Set(self.request().map(str::to_owned)),
            session_id: ActiveValue::Set(self.session().map(SessionId::uuid)),
        };
        row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(())
    }

    /// Ends a transaction that changed nothing and wrote down who read.
    ///
    /// # Errors
    /// The commit failed; then nothing may be shown.
    pub async fn commit_read(self) -> Result<()> {
        self.commit_unseen().await
    }

    /// The log of reads, for who may read the trail.
    pub fn reads(&self, _permit: &Granted<ViewAudit, Trail>) -> Reads<'_> {
        Reads(self)
    }
}

impl DirectoryTx {
    /// Writes down that a person without a role in a government asked for it.
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_refused(
        &self,
        tenant: TenantId,
        person: &User,
        refused: Refused,
    ) -> Result<()> {
        let line = row::ActiveModel {
            tenant_id: ActiveValue::Set(tenant.uuid()),
            id: ActiveValue::Set(fresh_id()),
            at: ActiveValue::Set(self.now()),
            user_id: ActiveValue::Set(person.id.uuid()),
            user_name: ActiveValue::Set(person.name.clone()),
            post: ActiveValue::Set(None),
            kind: ActiveValue::Set(ReadKind::Denied.code().to_owned()),
            subject: ActiveValue::Set(bounded(&refused.path)),
            detail: ActiveValue::Set(Some(bounded(&refused.answer))),
            request_id: ActiveValue::Set(refused.request),
            session_id: ActiveValue::Set(refused.session.map(SessionId::uuid)),
        };
        row::Entity::insert(line).exec_without_returning(self.connection()).await?;
        Ok(())
    }
}

/// The log of reads of the transaction's tenant.
#[derive(Debug)]
pub struct Reads<'tx>(&'tx TenantTx);

impl Reads<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// Latest lines first.
    ///
    /// # Errors
    /// The database failed, or a line has an unknown kind.
    pub async fn page(&self, filter: &ReadFilter, page: Page) -> Result<Paged<ReadEvent>> {
        let mut select = self
            .rows()
            .order_by_desc(row::Column::At)
            .order_by_desc(row::Column::Id)
            .limit(page.size + 1);
        if let Some(person) = filter.person {
            select = select.filter(row::Column::UserId.eq(person.uuid()));
        }
        if let Some(kind) = filter.kind {
            select = select.filter(row::Column::Kind.eq(kind.code()));
        }
        if let Some(subject) = &filter.subject {
            select = select.filter(row::Column::Subject.eq(subject.as_str()));
        }
        if let Some(session) = filter.session {
            select = select.filter(row::Column::SessionId.eq(session.uuid()));
        }
        if let Some(since) = filter.since {
            select = select.filter(row::Column::At.gte(since));
        }
        if let Some(until) = filter.until {
            select = select.filter(row::Column::At.lt(until));
        }
        if let Some((at, id)) = page.after.as_deref().and_then(place) {
            let place = Expr::tuple([Expr::col(row::Column::At), Expr::col(row::Column::Id)]);
            select = select.filter(place.lt(Expr::tuple([Expr::val(at), Expr::val(id)])));
        }
        let rows = select.all(self.0.connection()).await?;
        let events = rows.into_iter().map(event).collect::<Result<Vec<_>>>()?;
        Ok(Paged::of(events, &page, |it| {
            format!("{}-{}", it.at.timestamp_micros(), it.id.simple())
        }))
    }
}

/// Whether a text is a cursor of this list.
pub fn is_place(after: &str) -> bool {
    place(after).is_some()
}

fn place(after: &str) -> Option<(DateTime<Utc>, Uuid)> {
    let (micros, id) = after.split_once('-')?;
    let at = DateTime::from_timestamp_micros(micros.parse().ok()?)?;
    Some((at, id.parse().ok()?))
}

fn bounded(text: &str) -> String {
    // PostgreSQL takes every letter but this one.
    text.chars().filter(|it| *it != '\0').take(LONGEST).collect()
}

fn event(model: row::Model) -> Result<ReadEvent> {
    let kind = ReadKind::from_code(&model.kind)
        .ok_or_else(|| Error::corrupt("read_events", "kind", model.id))?;
    Ok(ReadEvent {
        id: model.id,
        at: model.at,
        user: UserId::from(model.user_id),
        user_name: model.user_name,
        post: model.post,
        kind,
        subject: model.subject,
        detail: model.detail,
        request: model.request_id,
        session: model.session_id.map(SessionId::from),
    })
}
