//! Plans of a tenant: the plan itself, the nodes of its tree, the four perspectives.

use ekinerja_domain::access::policy::Planning;
use ekinerja_domain::access::{Amend, Governs, Granted, View};
use ekinerja_domain::ids::{PlanId, PlanNodeId};
use ekinerja_domain::plan::{
    MediumTermPlan, Origin, Perspective, PerspectiveSetting, PlanNode, PlanNodeKind, PlanYears,
    in_tree_order,
};
use rust_decimal::Decimal;
use sea_orm::sea_query::{Expr, LockType, OnConflict};
use sea_orm::{
    ActiveValue, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect as _, Select,
};

use crate::entity::{perspective, plan as row, plan_node as node};
use crate::error::{Error, Result};
use crate::tenant::TenantTx;

/// A plan that shall be drafted, or how an existing one shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlan {
    /// Its title.
    pub title: String,
    /// Perda or Perkada that sets it.
    pub legal_basis: Option<String>,
    /// Its years.
    pub years: PlanYears,
    /// Remarks that every reader must see.
    pub notice: Option<String>,
}

/// A node that shall be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlanNode {
    /// The plan.
    pub plan: PlanId,
    /// The node above it.
    pub parent: Option<PlanNodeId>,
    /// Its kind.
    pub kind: PlanNodeKind,
    /// Its code, unique in the plan.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// The perspective of an objective.
    pub perspective: Option<Perspective>,
    /// Whether the wording was seen in a written source.
    pub verified: bool,
    /// Own or taken over.
    pub origin: Origin,
    /// Place among its siblings.
    pub position: i32,
}

/// How an existing node shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanNodeChange {
    /// The node above it.
    pub parent: Option<PlanNodeId>,
    /// Its code.
    pub code: String,
    /// Its wording.
    pub text: String,
    /// The perspective of an objective.
    pub perspective: Option<Perspective>,
    /// Whether the wording was seen in a written source.
    pub verified: bool,
    /// Place among its siblings.
    pub position: i32,
}

/// The plans of the transaction's tenant.
#[derive(Debug)]
pub struct Plans<'tx>(&'tx TenantTx);

impl TenantTx {
    /// Plans, their trees, the perspectives.
    pub fn plans(&self) -> Plans<'_> {
        Plans(self)
    }
}

impl Plans<'_> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of plans in this repository; it adds the tenant"
    )]
    fn rows(&self) -> Select<row::Entity> {
        row::Entity::find().filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of nodes in this repository; it adds the tenant"
    )]
    fn node_rows(&self) -> Select<node::Entity> {
        node::Entity::find().filter(node::Column::TenantId.eq(self.0.tenant_id().uuid()))
    }

    /// The plan that the tenant works on: the one that starts last.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn current(&self) -> Result<Option<MediumTermPlan>> {
        let found =
            self.rows().order_by_desc(row::Column::StartYear).one(self.0.connection()).await?;
        found.map(plan_of).transpose()
    }

    /// Every plan, the earliest first.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn all(&self) -> Result<Vec<MediumTermPlan>> {
        let rows = self.rows().order_by_asc(row::Column::StartYear);
        rows.all(self.0.connection()).await?.into_iter().map(plan_of).collect()
    }

    /// One plan, for who may do `A` to it.
    ///
    /// # Errors
    /// [`Error::Denied`] when there is none or the actor may not.
    pub async fn fetch<A>(&self, id: PlanId) -> Result<Granted<A, MediumTermPlan>>
    where
        MediumTermPlan: Governs<A> + Governs<View>,
    {
        let found =
            self.rows().filter(row::Column::Id.eq(id.uuid())).one(self.0.connection()).await?;
        self.0.grant(found.map(plan_of).transpose()?)
    }

    /// One plan, for who may change it, held until the transaction ends: nobody else links its objectives meanwhile.
    ///
    /// # Errors
    /// [`Error::Denied`] when there is none or the actor may not.
    pub async fn hold(&self, id: PlanId) -> Result<Granted<Amend, MediumTermPlan>> {
        let select = self.rows().filter(row::Column::Id.eq(id.uuid()));
        let held = select.lock(LockType::NoKeyUpdate).one(self.0.connection()).await?;
        self.0.grant(held.map(plan_of).transpose()?)
    }

    /// Drafts a plan.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `plans_one_per_start`.
    pub async fn add(
        &self,
        _permit: &Granted<Amend, Planning>,
        new: NewPlan,
    ) -> Result<MediumTermPlan> {
        let id: PlanId = crate::fresh_id();
        let NewPlan { title, legal_basis, years, notice } = new;
        let model = row::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(id.uuid()),
            title: ActiveValue::Set(title.clone()),
            legal_basis: ActiveValue::Set(legal_basis.clone()),
            start_year: ActiveValue::Set(years.start),
            end_year: ActiveValue::Set(years.end),
            monitored_until: ActiveValue::Set(years.monitored_until),
            notice: ActiveValue::Set(notice.clone()),
            revision: ActiveValue::Set(1),
            created_at: ActiveValue::Set(self.0.now()),
        };
        row::Entity::insert(model).exec_without_returning(self.0.connection()).await?;
        Ok(MediumTermPlan { id, title, legal_basis, years, notice, revision: 1 })
    }

    /// Changes a plan that was read at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since; [`Error::Conflict`] with `plans_one_per_start`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of plans; it names tenant, id and revision"
    )]
    pub async fn amend(
        &self,
        plan: &Granted<Amend, MediumTermPlan>,
        revision: i32,
        change: NewPlan,
    ) -> Result<()> {
        let done = row::Entity::update_many()
            .col_expr(row::Column::Title, Expr::value(change.title))
            .col_expr(row::Column::LegalBasis, Expr::value(change.legal_basis))
            .col_expr(row::Column::StartYear, Expr::value(change.years.start))
            .col_expr(row::Column::EndYear, Expr::value(change.years.end))
            .col_expr(row::Column::MonitoredUntil, Expr::value(change.years.monitored_until))
            .col_expr(row::Column::Notice, Expr::value(change.notice))
            .col_expr(row::Column::Revision, Expr::value(revision + 1))
            .filter(row::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(row::Column::Id.eq(plan.id.uuid()))
            .filter(row::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// The nodes of a plan in the order of the tree: parents before children.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    pub async fn nodes(&self, plan: PlanId) -> Result<Vec<PlanNode>> {
        let rows = self
            .node_rows()
            .filter(node::Column::PlanId.eq(plan.uuid()))
            .all(self.0.connection())
            .await?;
        Ok(in_tree_order(rows.into_iter().map(node_of).collect::<Result<_>>()?))
    }

    /// One node.
    ///
    /// # Errors
    /// The database failed, or the row is corrupt.
    pub async fn find_node(&self, id: PlanNodeId) -> Result<Option<PlanNode>> {
        let found = self
            .node_rows()
            .filter(node::Column::Id.eq(id.uuid()))
            .one(self.0.connection())
            .await?;
        found.map(node_of).transpose()
    }

    /// Adds a node; the caller has checked its place in the tree.
    ///
    /// # Errors
    /// [`Error::Conflict`] with `plan_nodes_code_unique`.
    pub async fn add_node(
        &self,
        _permit: &Granted<Amend, MediumTermPlan>,
        new: NewPlanNode,
    ) -> Result<PlanNode> {
        let id: PlanNodeId = crate::fresh_id();
        let NewPlanNode { plan, parent, kind, code, text, perspective, verified, origin, position } =
            new;
        let model = node::ActiveModel {
            tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
            id: ActiveValue::Set(id.uuid()),
            plan_id: ActiveValue::Set(plan.uuid()),
            parent_id: ActiveValue::Set(parent.map(PlanNodeId::uuid)),
            kind: ActiveValue::Set(kind.code().to_owned()),
            code: ActiveValue::Set(code.clone()),
            text: ActiveValue::Set(text.clone()),
            perspective: ActiveValue::Set(perspective.map(|it| it.code().to_owned())),
            verified: ActiveValue::Set(verified),
            template_code: ActiveValue::Set(origin.template_code().map(str::to_owned)),
            position: ActiveValue::Set(position),
            revision: ActiveValue::Set(1),
        };
        node::Entity::insert(model).exec_without_returning(self.0.connection()).await?;
        let revision = 1;
        Ok(PlanNode {
            id,
            plan,
            parent,
            kind,
            code,
            text,
            perspective,
            verified,
            origin,
            position,
            revision,
        })
    }

    /// Changes a node that was read at `revision`; the caller has checked its place in the tree.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since; [`Error::Conflict`] with `plan_nodes_code_unique`.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of nodes; it names tenant, id and revision"
    )]
    pub async fn amend_node(
        &self,
        _permit: &Granted<Amend, MediumTermPlan>,
        id: PlanNodeId,
        revision: i32,
        change: PlanNodeChange,
    ) -> Result<()> {
        let perspective = change.perspective.map(|it| it.code().to_owned());
        let done = node::Entity::update_many()
            .col_expr(node::Column::ParentId, Expr::value(change.parent.map(PlanNodeId::uuid)))
            .col_expr(node::Column::Code, Expr::value(change.code))
            .col_expr(node::Column::Text, Expr::value(change.text))
            .col_expr(node::Column::Perspective, Expr::value(perspective))
            .col_expr(node::Column::Verified, Expr::value(change.verified))
            .col_expr(node::Column::Position, Expr::value(change.position))
            .col_expr(node::Column::Revision, Expr::value(revision + 1))
            .filter(node::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(node::Column::Id.eq(id.uuid()))
            .filter(node::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// Removes a node that was read at `revision`.
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since; [`Error::Conflict`] with `plan_nodes_parent` or
    /// `indicators_objective` while something hangs on it.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only delete of nodes; it names tenant, id and revision"
    )]
    pub async fn remove_node(
        &self,
        _permit: &Granted<Amend, MediumTermPlan>,
        id: PlanNodeId,
        revision: i32,
    ) -> Result<()> {
        let done = node::Entity::delete_many()
            .filter(node::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(node::Column::Id.eq(id.uuid()))
            .filter(node::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }

    /// The four perspectives in the tenant's order; the seed where it changed nothing.
    ///
    /// # Errors
    /// The database failed, or a row is corrupt.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one select of perspectives in this repository; it adds the tenant"
    )]
    pub async fn perspectives(&self) -> Result<Vec<PerspectiveSetting>> {
        let rows = perspective::Entity::find()
            .filter(perspective::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .all(self.0.connection())
            .await?;
        let mut settings: Vec<_> = Perspective::ALL
            .into_iter()
            .map(|seed| match rows.iter().find(|row| row.code == seed.code()) {
                None => PerspectiveSetting::seed(seed),
                Some(row) => PerspectiveSetting {
                    perspective: seed,
                    name: row.name.clone(),
                    position: row.position,
                    weight: row.weight.normalize(),
                    revision: row.revision,
                },
            })
            .collect();
        settings.sort_by_key(|it| (it.position, it.perspective));
        Ok(settings)
    }

    /// Sets name, place and weight of a perspective that was read at `revision` (0: the seed).
    ///
    /// # Errors
    /// [`Error::Stale`] when it changed since.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only update of perspectives; it names tenant, code and revision"
    )]
    pub async fn set_perspective(
        &self,
        _permit: &Granted<Amend, Planning>,
        revision: i32,
        setting: PerspectiveSetting,
    ) -> Result<()> {
        let PerspectiveSetting { perspective: which, name, position, weight, .. } = setting;
        if revision == 0 {
            let model = perspective::ActiveModel {
                tenant_id: ActiveValue::Set(self.0.tenant_id().uuid()),
                code: ActiveValue::Set(which.code().to_owned()),
                name: ActiveValue::Set(name),
                position: ActiveValue::Set(position),
                weight: ActiveValue::Set(weight),
                revision: ActiveValue::Set(1),
            };
            let done = perspective::Entity::insert(model)
                .on_conflict(
                    OnConflict::columns([perspective::Column::TenantId, perspective::Column::Code])
                        .do_nothing()
                        .to_owned(),
                )
                .exec_without_returning(self.0.connection())
                .await?;
            return if done == 1 { Ok(()) } else { Err(Error::Stale) };
        }
        let done = perspective::Entity::update_many()
            .col_expr(perspective::Column::Name, Expr::value(name))
            .col_expr(perspective::Column::Position, Expr::value(position))
            .col_expr(perspective::Column::Weight, Expr::value::<Decimal>(weight))
            .col_expr(perspective::Column::Revision, Expr::value(revision + 1))
            .filter(perspective::Column::TenantId.eq(self.0.tenant_id().uuid()))
            .filter(perspective::Column::Code.eq(which.code()))
            .filter(perspective::Column::Revision.eq(revision))
            .exec(self.0.connection())
            .await?;
        if done.rows_affected == 1 { Ok(()) } else { Err(Error::Stale) }
    }
}

fn plan_of(model: row::Model) -> Result<MediumTermPlan> {
    let years = PlanYears::new(model.start_year, model.end_year, model.monitored_until)
        .map_err(|_| Error::corrupt("plans", "start_year", model.id))?;
    Ok(MediumTermPlan {
        id: PlanId::from(model.id),
        title: model.title,
        legal_basis: model.legal_basis,
        years,
        notice: model.notice,
        revision: model.revision,
    })
}

fn node_of(model: node::Model) -> Result<PlanNode> {
    let corrupt = |column| Error::corrupt("plan_nodes", column, model.id);
    let kind = PlanNodeKind::from_code(&model.kind).ok_or_else(|| corrupt("kind"))?;
    let perspective = match &model.perspective {
        None => None,
        Some(code) => Some(Perspective::from_code(code).ok_or_else(|| corrupt("perspective"))?),
    };
    Ok(PlanNode {
        id: PlanNodeId::from(model.id),
        plan: PlanId::from(model.plan_id),
        parent: model.parent_id.map(PlanNodeId::from),
        kind,
        code: model.code,
        text: model.text,
        perspective,
        verified: model.verified,
        origin: origin_of(model.template_code),
        position: model.position,
        revision: model.revision,
    })
}

/// Own, or taken over under a code.
pub(crate) fn origin_of(template_code: Option<String>) -> Origin {
    template_code.map_or(Origin::Local, |template_code| Origin::Adopted { template_code })
}
