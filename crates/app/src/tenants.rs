//! Opening governments: one by its code, or every kabupaten and kota of a province in one step; the first
//! administrator; the onboarding board.
//!
//! What an operator does is written into the directory's trail and into the trail of the government that it
//! happened to. An operator never enters a government: none of these reads a row of its work.

use chrono::{DateTime, Utc};
use ekinerja_domain::access::{Grant, Role, Scope};
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::TenantId;
use ekinerja_domain::tenant::{Level, RegionCode, Tenant};
use ekinerja_store::directory::people::{NewUser, User};
use ekinerja_store::directory::tenants::NewTenant;
use ekinerja_store::directory::{DirectoryActor, DirectoryTx};

pub use ekinerja_store::directory::tenants::Stage;

use crate::app::App;
use crate::members::{
    AddedMember, FirstPassword, RoleToGive, checked_password, person_for, username_of,
};
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::regions::{self, Region};
use crate::sign_in::{SignedIn, hash_password};
use crate::typed::{LONGEST_LINE, Typed};

/// Who may act on the platform. Only a signed-in operator or the machine's own command line is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator(DirectoryActor);

impl Operator {
    /// A signed-in person, if they are an operator.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for anybody else.
    pub fn of(signed_in: &SignedIn) -> Result<Self> {
        let person = &signed_in.person;
        if !person.is_operator || person.disabled {
            return Err(Refusal::Forbidden);
        }
        if person.must_change_password {
            return Err(Refusal::rule("", Code::PasswordMustChange));
        }
        if signed_in.owes_second_factor {
            return Err(Refusal::rule("", Code::SecondFactorMissing));
        }
        Ok(Self(DirectoryActor { user: Some(person.id), name: person.name.clone(), post: None }))
    }

    /// Who acts, for the trails.
    pub(crate) fn actor(&self) -> &DirectoryActor {
        &self.0
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Who runs the program on the machine itself: they hold the database anyway.
    pub fn command_line() -> Self {
        Self(DirectoryActor { user: None, name: String::from("Platform"), post: None })
    }
}

/// What came of opening the regencies of a province.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Opened now, by code.
    pub opened: Vec<Tenant>,
    /// Open already and left as they were, by code.
    pub skipped: Vec<Tenant>,
}

/// The first administrator of a government, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invite {
    /// The code of the government.
    pub code: String,
    /// The name for signing in.
    pub username: String,
    /// The person's name.
    pub name: String,
    /// The post they hold.
    pub post: Option<String>,
}

/// A platform operator, as typed.
#[derive(Clone)]
pub struct NewOperator {
    /// The name for signing in.
    pub username: String,
    /// The person's name.
    pub name: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for NewOperator {
    /// Never shows the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewOperator").field("username", &self.username).finish_non_exhaustive()
    }
}

/// How far one government has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardLine {
    /// The government.
    pub tenant: Tenant,
    /// Each stage with the moment at which it was reached; none: not yet.
    pub stages: [(Stage, Option<DateTime<Utc>>); 6],
}

impl BoardLine {
    /// The first stage that is not reached: what the government waits for.
    pub fn waits_for(&self) -> Option<Stage> {
        self.stages.iter().find(|(_, reached)| reached.is_none()).map(|(stage, _)| *stage)
    }

    /// When the last stage was reached: since when it waits.
    pub fn waits_since(&self) -> Option<DateTime<Utc>> {
        self.stages.iter().filter_map(|(_, reached)| *reached).max()
    }
}

impl App {
    /// Every government on the platform, by code.
    ///
    /// # Errors
    /// The database failed.
    pub async fn tenants(&self, _operator: &Operator) -> Result<Vec<Tenant>> {
        Ok(self.store.directory(self.now()).await?.tenants().await?)
    }

    /// Opens one government by its Kemendagri code; a kabupaten or kota needs its province first.
    ///
    /// # Errors
    /// [`Code::TenantUnknownRegion`], [`Code::TenantNotAutonomous`], [`Code::TenantProvinceMissing`],
    /// [`Code::TenantAlreadyOpen`].
    pub async fn open_tenant(&self, operator: &Operator, code: &str) -> Result<Tenant> {
        let region = region_of("code", code)?;
        let directory = self.store.directory(self.now()).await?;
        let parent = match region.level {
            Level::Province => None,
            Level::Regency | Level::City => {
                Some(province_of(&directory, "code", &region.code).await?.id)
            }
        };
        let tenant = add(&directory, "code", region, parent).await?;
        let events = vec![(tenant.id, opened(&tenant))];
        directory.commit_for(&operator.0, None, events).await?;
        Ok(tenant)
    }

    /// Opens every kabupaten and kota of a province that is open, all or none; those that are open already are
    /// skipped and said.
    ///
    /// # Errors
    /// [`Code::TenantUnknownRegion`], [`Code::TenantProvinceMissing`].
    pub async fn open_regencies(&self, operator: &Operator, province: &str) -> Result<Opened> {
        let region = region_of("province", province)?;
        if region.level != Level::Province {
            return Err(Refusal::invalid("province", Code::TenantUnknownRegion));
        }
        let directory = self.store.directory(self.now()).await?;
        let province = province_of(&directory, "province", &region.code).await?;
        let mut done = Opened { opened: Vec::new(), skipped: Vec::new() };
        for region in regions::under(&region.code) {
            match directory.find_tenant_by_code(&region.code).await? {
                Some(open) => done.skipped.push(open),
                None => {
                    done.opened.push(add(&directory, "province", region, Some(province.id)).await?);
                }
            }
        }
        let events = done.opened.iter().map(|tenant| (tenant.id, opened(tenant))).collect();
        directory.commit_for(&operator.0, None, events).await?;
        Ok(done)
    }

    /// Gives a government an administrator. A person who is new gets a first password, which is told once and
    /// must be changed at the first sign-in; a person who has an account keeps theirs.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::MemberAlready`] when they are an administrator there.
    pub async fn invite_administrator(
        &self,
        operator: &Operator,
        invite: Invite,
    ) -> Result<AddedMember> {
        let mut faults = Typed::default();
        let username = username_of(&mut faults, "username", &invite.username);
        let name = faults.required("name", &invite.name, LONGEST_LINE);
        let post =
            faults.optional("post", invite.post.as_deref().unwrap_or_default(), LONGEST_LINE);
        faults.done()?;
        let region = region_of("code", &invite.code)?;
        // Hashing takes its time on purpose, so it is done before a connection is held.
        let first = FirstPassword::fresh()?;
        let hash = hash_password(first.reveal().to_owned()).await?;
        let directory = self.store.directory(self.now()).await?;
        let tenant = directory.find_tenant_by_code(&region.code).await?;
        let tenant = tenant.ok_or_else(|| Refusal::invalid("code", Code::TenantNotOpen))?;
        let (person, is_new) = person_for(&directory, &username, name, None, Some(hash)).await?;
        let grant = Grant {
            role: Role::Administrator,
            scope: Scope::Tenant,
            valid_from: self.today(),
            valid_to: None,
        };
        let role = RoleToGive { grant, post, listed: None, acting: None };
        let (membership, event) =
            crate::members::give_role(&directory, &person, tenant.id, role).await?;
        directory.reach(tenant.id, Stage::Invited).await?;
        directory.commit_for(&operator.0, None, vec![(tenant.id, event)]).await?;
        Ok(AddedMember { membership, first_password: is_new.then_some(first) })
    }

    /// Adds a platform operator.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::UsernameTaken`].
    pub async fn add_operator(&self, operator: &Operator, new: NewOperator) -> Result<User> {
        let mut faults = Typed::default();
        let username = username_of(&mut faults, "username", &new.username);
        let name = faults.required("name", &new.name, LONGEST_LINE);
        checked_password(&mut faults, "password", &new.password);
        faults.done()?;
        let password_hash = Some(hash_password(new.password).await?);
        let directory = self.store.directory(self.now()).await?;
        let new = NewUser {
            username,
            name,
            nip: None,
            password_hash,
            is_operator: true,
            must_change_password: false,
        };
        let person =
            directory.add_user(new).await.on_constraint("users_username_unique", || {
                Refusal::conflict("username", Code::UsernameTaken)
            })?;
        let event = Event::new(EventKind::OperatorAdded, person.id)
            .fact("username", &person.username)
            .fact("name", &person.name);
        directory.commit(&operator.0, vec![event]).await?;
        Ok(person)
    }

    /// The onboarding board: every government with the stages that it reached, by code.
    ///
    /// # Errors
    /// The database failed.
    pub async fn onboarding_board(&self, _operator: &Operator) -> Result<Vec<BoardLine>> {
        let directory = self.store.directory(self.now()).await?;
        let milestones = directory.milestones().await?;
        let reached = |tenant, stage| {
            milestones
                .iter()
                .find(|it| it.tenant == tenant && it.stage == stage)
                .map(|it| it.reached_at)
        };
        let line = |tenant: Tenant| BoardLine {
            stages: Stage::ALL.map(|stage| (stage, reached(tenant.id, stage))),
            tenant,
        };
        Ok(directory.tenants().await?.into_iter().map(line).collect())
    }
}

/// The region that a typed code names, if it governs itself.
fn region_of(field: &str, code: &str) -> Result<&'static Region> {
    let code = code.trim();
    if code.is_empty() {
        return Err(Refusal::invalid(field, Code::FieldMissing));
    }
    let named = code.parse::<RegionCode>().ok().and_then(|code| regions::find(&code));
    match named {
        None => Err(Refusal::Invalid(vec![
            Violation::new(field, Code::TenantUnknownRegion)
                .with("code", crate::typed::shown(code)),
        ])),
        Some(region) if !region.is_autonomous() => Err(Refusal::Invalid(vec![
            Violation::new(field, Code::TenantNotAutonomous).with("name", &region.name),
        ])),
        Some(region) => Ok(region),
    }
}

/// The open province of a code.
async fn province_of(directory: &DirectoryTx, field: &str, code: &RegionCode) -> Result<Tenant> {
    let province: RegionCode = code.province().parse().map_err(Refusal::internal)?;
    let open = directory.find_tenant_by_code(&province).await?;
    open.ok_or_else(|| {
        let name = regions::find(&province).map_or(province.as_str(), |it| it.name.as_str());
        Refusal::Rule(
            Violation::new(field, Code::TenantProvinceMissing)
                .with("name", name)
                .with("code", &province),
        )
    })
}

async fn add(
    directory: &DirectoryTx,
    field: &str,
    region: &Region,
    parent: Option<TenantId>,
) -> Result<Tenant> {
    let new = NewTenant {
        code: region.code.clone(),
        slug: region.slug.clone(),
        name: region.name.clone(),
        level: region.level,
        parent,
    };
    let taken =
        |code| move || Refusal::Conflict(Violation::new(field, code).with("name", &region.name));
    directory
        .add_tenant(new)
        .await
        .on_constraint("tenants_code_unique", taken(Code::TenantAlreadyOpen))
        .on_constraint("tenants_slug_unique", taken(Code::TenantSlugUnusable))
}

fn opened(tenant: &Tenant) -> Event {
    let event = Event::new(EventKind::TenantOpened, tenant.id)
        .fact("code", &tenant.code)
        .fact("name", &tenant.name)
        .fact("address", format!("/{}", tenant.slug));
    // Its province's pages name those that use the system.
    tenant.parent.into_iter().fold(event, |event, it| event.touching(Touch::Governments(it)))
}
