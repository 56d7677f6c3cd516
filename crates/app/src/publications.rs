//! Publishing: what would leave, exactly; letting it leave; taking it back; what left and what came.
//!
//! A person approves a content, not a button: the preview gives a hash, and publishing with another hash than
//! that of the content as it is now is refused. Each publication and revocation asks for the roll-ups of
//! the audience in the same transaction.

use std::collections::BTreeSet;

use ekinerja_domain::access::policy::{Alignment, Publishing};
use ekinerja_domain::access::{Align, Governs, Publish, View};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::PublicationId;
use ekinerja_domain::indicator::IndicatorCode;
use ekinerja_domain::period::{EntryWindow, Period};
use ekinerja_domain::publication::{
    Publication, PublicationContent, PublicationDraft, PublicationStatus, PublishedValue, Standing,
};
use ekinerja_domain::scorecard::Calendar;
use ekinerja_domain::tenant::Tenant;
use ekinerja_store::page::{Page, Paged};
use ekinerja_store::publications::{content_hash, fingerprint_of};
use ekinerja_store::{TenantScope, TenantTx};
use serde_json::json;

pub use ekinerja_store::publications::ReceivedPublication;

use crate::app::App;
use crate::jobs;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};

/// Longest reason for a revocation, in characters.
const LONGEST_REASON: usize = 500;

/// What a person asks to publish, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublicationRequest {
    /// The period.
    pub period: String,
    /// Codes of indicators that shall stay at home.
    pub omit: Vec<String>,
}

/// What would leave, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicationPreview {
    /// Everything that would leave.
    pub content: PublicationContent,
    /// The hash that an approval names.
    pub content_hash: String,
    /// Indicators that stay at home by choice.
    pub omitted: Vec<PublishedValue>,
    /// The publication of the period that is in force; this one would supersede it.
    pub in_force: Option<Publication>,
    /// Who would read it.
    pub audience: Audience,
}

/// Who reads a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// The province above.
    Province,
    /// The tenant itself: a province's official figures.
    Own,
}

impl PublicationPreview {
    /// How many lines have this standing.
    pub fn count(&self, standing: Standing) -> usize {
        self.content.values.iter().filter(|it| it.standing == standing).count()
    }

    /// Why this cannot be published now, if it cannot.
    pub fn obstacle(&self) -> Option<Code> {
        if self.count(Standing::Reported) + self.count(Standing::NotApplicable) == 0 {
            return Some(Code::PublicationNothingToPublish);
        }
        let same = self.in_force.as_ref().is_some_and(|it| it.content_hash == self.content_hash);
        same.then_some(Code::PublicationUnchanged)
    }
}

/// A publication with what left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedContent {
    /// The publication.
    pub publication: Publication,
    /// What left.
    pub content: PublicationContent,
}

/// One line of the province's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedPublication {
    /// Who published.
    pub publisher: Tenant,
    /// What.
    pub publication: ReceivedPublication,
}

impl App {
    /// What a publication of a period would hold, without publishing anything.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names `period`; [`Code::PublicationOutsidePlan`]; [`Refusal::Forbidden`] for who
    /// may not publish.
    pub async fn prepare_publication(
        &self,
        scope: &TenantScope,
        request: &PublicationRequest,
    ) -> Result<PublicationPreview> {
        let tx = self.begin(scope).await?;
        tx.permit::<Publish, _>(Publishing)?;
        preview(&tx, request).await
    }

    /// Publishes a period as it was previewed.
    ///
    /// # Errors
    /// [`Code::PublicationChangedSincePreview`] when `approved` is not the hash of the content as it is now;
    /// [`Code::PublicationNothingToPublish`], [`Code::PublicationUnchanged`]; else as
    /// [`App::prepare_publication`].
    pub async fn publish_period(
        &self,
        scope: &TenantScope,
        request: &PublicationRequest,
        approved: &str,
    ) -> Result<Publication> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Publish, _>(Publishing)?;
        let preview = preview(&tx, request).await?;
        if approved.trim().is_empty() {
            return Err(Refusal::invalid("content_hash", Code::FieldMissing));
        }
        if preview.content_hash != approved.trim() {
            let violation = Violation::new("content_hash", Code::PublicationChangedSincePreview);
            return Err(Refusal::Conflict(violation));
        }
        if let Some(code) = preview.obstacle() {
            return Err(Refusal::rule("period", code));
        }
        let published = tx
            .publications()
            .add(&permit, &preview.content)
            .await
            .on_constraint("publications_numbered", || Refusal::Stale)
            .on_constraint("publications_one_in_force", || Refusal::Stale)?;
        let event = Event::new(EventKind::PeriodPublished, published.id)
            .fact("period", published.period)
            .fact("number", published.number)
            .fact("hash", &published.content_hash)
            .fact("indicators", preview.content.values.len())
            .fact("reported", preview.count(Standing::Reported))
            .touching(Touch::Audience(published.audience, published.period));
        ask_for_rollups(&tx, &published, "published").await?;
        tx.commit(event).await?;
        Ok(published)
    }

    /// Takes a publication back: its audience reads it no more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Refusal::Forbidden`]; [`Refusal::Invalid`] names `reason`;
    /// [`Code::PublicationNotInForce`] when it is superseded or revoked already.
    pub async fn revoke_publication(
        &self,
        scope: &TenantScope,
        id: PublicationId,
        reason: &str,
    ) -> Result<Publication> {
        let tx = self.begin(scope).await?;
        let publication = tx.publications().fetch::<Publish>(id).await?;
        let reason = checked_reason(reason)?;
        if publication.status != PublicationStatus::Published {
            return Err(Refusal::rule("reason", Code::PublicationNotInForce));
        }
        tx.publications().revoke(&publication, reason.clone()).await?;
        let event = Event::new(EventKind::PublicationRevoked, id)
            .fact("period", publication.period)
            .fact("number", publication.number)
            .fact("reason", &reason)
            .touching(Touch::Audience(publication.audience, publication.period));
        ask_for_rollups(&tx, &publication, "revoked").await?;
        let revoked = Publication {
            status: PublicationStatus::Revoked,
            revocation_reason: Some(reason),
            revoked_at: Some(tx.now()),
            ..publication.into_inner()
        };
        tx.commit(event).await?;
        Ok(revoked)
    }

    /// A piece of what the tenant published, the latest first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn publications(
        &self,
        scope: &TenantScope,
        page: &Page,
    ) -> Result<Paged<Publication>> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Publishing)?;
        Ok(tx.publications().page(page).await?)
    }

    /// One publication of the tenant with what left, revoked ones too: the publisher's own record.
    ///
    /// # Errors
    /// [`Refusal::NotFound`].
    pub async fn publication(
        &self,
        scope: &TenantScope,
        id: PublicationId,
    ) -> Result<PublishedContent> {
        let tx = self.begin(scope).await?;
        let publication = tx.publications().fetch::<View>(id).await?;
        let content = tx.publications().content(&publication).await?;
        Ok(PublishedContent { publication: publication.into_inner(), content })
    }

    /// The province's log: what its regencies published, restated and revoked, the latest first. Of a revoked
    /// one only this line is left.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] outside a province.
    pub async fn received_publications(
        &self,
        scope: &TenantScope,
    ) -> Result<Vec<LoggedPublication>> {
        let tx = self.begin(scope).await?;
        province_only(&tx)?;
        let regencies = tx.regencies().await?;
        let log = tx.received().log().await?;
        Ok(log
            .into_iter()
            .filter_map(|publication| {
                let publisher = regencies.iter().find(|it| it.id == publication.publisher)?;
                Some(LoggedPublication { publisher: publisher.clone(), publication })
            })
            .collect())
    }
}

/// Only a province looks at what its regencies published; for anybody else the page is not there.
pub(crate) fn province_only(tx: &TenantTx) -> Result<()> {
    match tx.permit::<Align, _>(Alignment) {
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::NotFound),
    }
}

/// The same by the scope alone, for what may be answered from memory.
pub(crate) fn of_province(scope: &TenantScope) -> Result<()> {
    let may = <Alignment as Governs<Align>>::allows(&Alignment, scope.standing());
    if may { Ok(()) } else { Err(Refusal::NotFound) }
}

fn checked_reason(reason: &str) -> Result<String> {
    // PostgreSQL keeps no null character in a text.
    let reason = reason.replace('\0', "").trim().to_owned();
    if reason.is_empty() {
        return Err(Refusal::invalid("reason", Code::FieldMissing));
    }
    if reason.chars().count() > LONGEST_REASON {
        let violation =
            Violation::new("reason", Code::FieldTooLong).with("longest", LONGEST_REASON);
        return Err(Refusal::Invalid(vec![violation]));
    }
    Ok(reason)
}

/// A period as typed.
pub(crate) fn read_period(field: &str, text: &str) -> Result<Period> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::invalid(field, Code::FieldMissing));
    }
    text.parse().map_err(|_| {
        let typed: String = text.chars().take(40).collect();
        Refusal::Invalid(vec![Violation::new(field, Code::PeriodInvalid).with("typed", typed)])
    })
}

async fn preview(tx: &TenantTx, request: &PublicationRequest) -> Result<PublicationPreview> {
    let period = read_period("period", &request.period)?;
    let omit = request
        .omit
        .iter()
        .map(|code| {
            IndicatorCode::new(code)
                .map_err(|_| Refusal::invalid("omit", Code::FieldUnknownReference))
        })
        .collect::<Result<BTreeSet<_>>>()?;
    let Some(plan) = tx.plans().current().await? else {
        return Err(Refusal::rule("period", Code::PublicationNothingToPublish));
    };
    if !plan.years.may_measure(period) {
        return Err(Refusal::rule("period", Code::PublicationOutsidePlan));
    }
    let nodes = tx.plans().nodes(plan.id).await?;
    let mut indicators = tx.indicators().all().await?;
    indicators.retain(|it| it.plan == plan.id);
    let mut periods = vec![period];
    if period.is_year() {
        periods.extend(period.quarters());
    }
    let measurements = tx.measurements().of_periods(&periods, None).await?;
    let mut targets = Vec::new();
    for it in &periods {
        targets.extend(tx.targets().in_force(*it).await?);
    }
    let release = tx.adoptions().current().await?.map(|it| it.version);
    let calendar =
        Calendar { today: tx.now().date_naive(), window: EntryWindow::default(), closing: false };
    let draft = |omit| {
        PublicationDraft {
            period,
            indicators: &indicators,
            nodes: &nodes,
            measurements: &measurements,
            targets: &targets,
            release,
            calendar,
            fingerprint: fingerprint_of,
            omit,
        }
        .content()
    };
    let nothing = BTreeSet::new();
    let everything = draft(&nothing);
    let known =
        |code: &IndicatorCode| everything.values.iter().any(|it| it.definition.code == *code);
    if !omit.iter().all(known) {
        return Err(Refusal::invalid("omit", Code::FieldUnknownReference));
    }
    let content = draft(&omit);
    let omitted =
        everything.values.into_iter().filter(|it| omit.contains(&it.definition.code)).collect();
    let in_force = tx.publications().in_force(period).await?;
    let audience = if tx.tenant().parent.is_some() { Audience::Province } else { Audience::Own };
    let content_hash = content_hash(&content);
    Ok(PublicationPreview { content, content_hash, omitted, in_force, audience })
}

/// The job is the publisher's own; its worker steps up to the audience (see `DirectoryTx::audience_of`).
async fn ask_for_rollups(tx: &TenantTx, publication: &Publication, what: &str) -> Result<()> {
    let payload = json!({
        "period": publication.period.to_string(),
        "number": publication.number,
        "what": what,
    });
    tx.enqueue(jobs::ROLLUP, payload).await?;
    Ok(())
}
