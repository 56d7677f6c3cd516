//! Members of a government: who holds which role, where and for how long.
//!
//! A person is known to the platform once, by their name for signing in; roles are given per government. Who
//! adds a person that has an account already learns nothing of other governments: not even that there are any.

pub mod importing;
pub mod leaving;

use std::fmt;

use chrono::{Days, NaiveDate};
use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{Administer, Grant, Role, Scope, View};
use ekinerja_domain::agency::Agency;
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{AgencyId, MembershipId, PostId, TenantId};
use ekinerja_domain::post::Post;
use ekinerja_domain::reading::ReadKind;
use ekinerja_store::directory::people::{NewMembership, NewUser, User};
use ekinerja_store::directory::tenants::Stage;
use ekinerja_store::directory::{DirectoryActor, DirectoryTx};
use ekinerja_store::{TenantScope, TenantTx};

pub use ekinerja_store::directory::people::{Acting, Membership};

use crate::app::App;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::sign_in::{SHORTEST_PASSWORD, fresh_secret, hash_password};
use crate::typed::{LONGEST_LINE, Typed};

/// Longest password, in characters: hashing is costly, and nobody types more.
const LONGEST_PASSWORD: usize = 200;

/// A password that was made for a person and is told once.
#[derive(Clone, PartialEq, Eq)]
pub struct FirstPassword(String);

impl FirstPassword {
    /// A new one: 128 bits in groups that can be read aloud.
    pub(crate) fn fresh() -> Result<Self> {
        // Base64 without what is easily confused; 24 of 58 characters are 140 bits.
        let readable = |b: &char| b.is_ascii_alphanumeric() && !matches!(b, '0' | 'O' | 'l' | 'I');
        let mut letters = Vec::new();
        while letters.len() < 24 {
            letters.extend(fresh_secret()?.chars().filter(readable));
        }
        let groups: Vec<String> = letters[..24].chunks(6).map(|it| it.iter().collect()).collect();
        Ok(Self(groups.join("-")))
    }

    /// The password itself, to be told once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FirstPassword {
    /// Never shows the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirstPassword(..)")
    }
}

/// A role that shall be given to a person, as typed.
#[derive(Clone, Default)]
pub struct AddMember {
    /// The name for signing in; an account with it is joined.
    pub username: String,
    /// The person's name; an account that is joined keeps its own.
    pub name: String,
    /// The 18-digit employee number; may be empty.
    pub nip: String,
    /// The first password; empty: one is made. An account that is joined keeps its own.
    pub password: String,
    /// Code of the role.
    pub role: String,
    /// Id of the OPD; empty: the whole government.
    pub agency: String,
    /// The post; may be empty.
    pub post: String,
    /// Id of the post in the list of posts; then its name is taken from there. May be empty.
    pub post_id: String,
    /// Whether the role holds only for what names that post.
    pub own_post: bool,
    /// `plt`, `plh` or empty.
    pub acting: String,
    /// First day; empty: today.
    pub valid_from: String,
    /// Last day; empty: until it is ended. Plt and Plh must name one.
    pub valid_to: String,
}

impl fmt::Debug for AddMember {
    /// Never shows the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AddMember")
            .field("username", &self.username)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A person who was given a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedMember {
    /// The role.
    pub membership: Membership,
    /// The password that was made for them; none when they have an account or one was given.
    pub first_password: Option<FirstPassword>,
}

/// The members with the OPD that their roles name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberList {
    /// Every role that was ever given, by name.
    pub members: Vec<Membership>,
    /// Every OPD, by code.
    pub agencies: Vec<Agency>,
    /// Every post, by name.
    pub posts: Vec<Post>,
}

/// A role that shall be given, read and checked.
#[derive(Debug, Clone)]
pub(crate) struct RoleToGive {
    pub(crate) grant: Grant,
    pub(crate) post: Option<String>,
    pub(crate) listed: Option<Post>,
    pub(crate) acting: Option<Acting>,
}

/// What was read of an [`AddMember`].
struct Ask {
    username: String,
    name: String,
    nip: Option<String>,
    role: RoleToGive,
}

impl App {
    /// The members of the government and its OPD.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for who is no administrator.
    pub async fn members(&self, scope: &TenantScope) -> Result<MemberList> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        let list = MemberList {
            members: tx.members().await?,
            agencies: tx.agencies().all().await?,
            posts: tx.posts().all().await?,
        };
        tx.note_read(ReadKind::Members, crate::audit::WHOLE, None).await?;
        tx.commit_read().await?;
        Ok(list)
    }

    /// Gives a person a role in the government; it holds at once.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::MemberAlready`] when they hold that role there already.
    pub async fn add_member(&self, scope: &TenantScope, ask: AddMember) -> Result<AddedMember> {
        let (asked, agency) = self.read_member(scope, &ask).await?;
        let (first, hash) = match ask.password.as_str() {
            "" => {
                let first = FirstPassword::fresh()?;
                let hash = hash_password(first.reveal().to_owned()).await?;
                (Some(first), hash)
            }
            given => (None, hash_password(given.to_owned()).await?),
        };
        let Ask { username, name, nip, role } = asked;
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        let (person, is_new) = person_for(&directory, &username, name, nip, Some(hash)).await?;
        let (membership, event) = give_role(&directory, &person, tenant, role).await?;
        let event = event.fact_if("agency", agency.map(|it| it.name));
        if person.id != scope.standing().user {
            directory.reach(tenant, Stage::SignInConfigured).await?;
        }
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        Ok(AddedMember { membership, first_password: first.filter(|_| is_new) })
    }

    /// Reads what was typed, inside the government: the OPD must be its own.
    async fn read_member(
        &self,
        scope: &TenantScope,
        ask: &AddMember,
    ) -> Result<(Ask, Option<Agency>)> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        self.read_ask(&tx, ask).await
    }

    async fn read_ask(&self, tx: &TenantTx, ask: &AddMember) -> Result<(Ask, Option<Agency>)> {
        let mut faults = Typed::default();
        let username = username_of(&mut faults, "username", &ask.username);
        let name = faults.required("name", &ask.name, LONGEST_LINE);
        let nip = nip_of(&mut faults, "nip", &ask.nip);
        if !ask.password.is_empty() {
            checked_password(&mut faults, "password", &ask.password);
        }
        let role = faults.required_choice("role", &ask.role, Role::from_code);
        let agency: Option<AgencyId> = faults.id("agency", &ask.agency);
        let agency = match agency {
            None => None,
            Some(id) => match tx.agencies().fetch::<View>(id).await {
                Ok(agency) => Some(agency.into_inner()),
                Err(ekinerja_store::Error::Denied(_)) => {
                    faults.blame("agency", Code::FieldUnknownReference);
                    None
                }
                Err(error) => return Err(error.into()),
            },
        };
        if role.is_some_and(Role::needs_agency) && ask.agency.trim().is_empty() {
            faults.blame("agency", Code::RoleNeedsAgency);
        }
        if role.is_some_and(|role| !role.needs_agency()) && agency.is_some() {
            faults.blame("agency", Code::RoleTakesNoAgency);
        }
        let listed = listed_post(tx, &mut faults, &ask.post_id).await?;
        if ask.own_post && (role != Some(Role::Officer) || listed.is_none()) {
            faults.blame("own_post", Code::RoleNeedsPost);
        }
        let home = listed.as_ref().and_then(|post| post.agency);
        if agency.is_some() && home.is_some() && agency.as_ref().map(|it| it.id) != home {
            faults.blame("post_id", Code::PostElsewhere);
        }
        let post = faults.optional("post", &ask.post, LONGEST_LINE);
        let post = listed.as_ref().map(|it| it.name.clone()).or(post);
        let acting = faults.choice("acting", &ask.acting, Acting::from_code);
        let valid_from = faults.day("valid_from", &ask.valid_from).unwrap_or(self.today());
        let valid_to = faults.day("valid_to", &ask.valid_to);
        if valid_to.is_some_and(|last| last < valid_from) {
            faults.blame("valid_to", Code::DatesReversed);
        }
        if acting.is_some() && ask.valid_to.trim().is_empty() {
            faults.blame("valid_to", Code::ActingNeedsEnd);
        }
        faults.done()?;
        let role = role.ok_or_else(|| Refusal::invalid("role", Code::FieldMissing))?;
        let scope = match &agency {
            None => Scope::Tenant,
            Some(agency) if ask.own_post => Scope::Post(agency.id),
            Some(agency) => Scope::Agency(agency.id),
        };
        let grant = Grant { role, scope, valid_from, valid_to };
        let role = RoleToGive { grant, post, listed, acting };
        Ok((Ask { username, name, nip, role }, agency))
    }

    /// Makes a new first password for a person who never used theirs, because it was lost on the way.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::MemberClaimed`] for who has a password of their own, which nobody else
    /// sets, and for who is a member elsewhere too.
    pub async fn renew_first_password(
        &self,
        scope: &TenantScope,
        id: MembershipId,
    ) -> Result<AddedMember> {
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        let members = tx.members().await?;
        drop(tx);
        let membership = members.into_iter().find(|it| it.id == id).ok_or(Refusal::NotFound)?;
        let first = FirstPassword::fresh()?;
        let hash = hash_password(first.reveal().to_owned()).await?;
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        let person = directory.find_user_by_id(membership.user).await?.ok_or(Refusal::NotFound)?;
        let elsewhere = directory.is_member_elsewhere(tenant, person.id).await?;
        if !person.must_change_password || elsewhere {
            return Err(Refusal::rule("", Code::MemberClaimed));
        }
        directory.set_first_password(person.id, hash).await?;
        let event = about(EventKind::FirstPasswordRenewed, &membership);
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        Ok(AddedMember { membership, first_password: Some(first) })
    }

    /// Ends a role. Without a last day it holds no more from this moment.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::MemberLastAdministrator`] when nobody could administer afterwards.
    pub async fn end_member(
        &self,
        scope: &TenantScope,
        id: MembershipId,
        last_day: &str,
    ) -> Result<Membership> {
        let mut faults = Typed::default();
        let today = self.today();
        let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
        let typed = faults.day("last_day", last_day);
        faults.done()?;
        let tx = self.begin(scope).await?;
        tx.permit::<Administer, _>(Members)?;
        let members = tx.members().await?;
        drop(tx);
        let mut membership =
            members.iter().find(|it| it.id == id).cloned().ok_or(Refusal::NotFound)?;
        let last = typed.unwrap_or_else(|| yesterday.max(day_before(membership.grant.valid_from)));
        checked_end(&members, &membership, last, today)?;
        let tenant = scope.tenant().id;
        let directory = self.store.directory(self.now()).await?;
        if !directory.end_membership(tenant, id, last).await? {
            return Err(Refusal::NotFound);
        }
        let before = membership.grant.valid_to.map_or_else(String::new, |it| it.to_string());
        membership.grant.valid_to = Some(last);
        let event = about(EventKind::MemberEnded, &membership).change(
            "last_day",
            &before,
            &last.to_string(),
        );
        directory.commit_for(&actor(scope), scope.request(), vec![(tenant, event)]).await?;
        Ok(membership)
    }
}

/// Whether a role may end on that day.
fn checked_end(
    members: &[Membership],
    ended: &Membership,
    last: NaiveDate,
    today: NaiveDate,
) -> Result<()> {
    if ended.grant.valid_to.is_some_and(|over| over < today) {
        return Err(Refusal::rule("", Code::MemberEnded));
    }
    if last < day_before(ended.grant.valid_from) {
        return Err(Refusal::invalid("last_day", Code::DatesReversed));
    }
    let stays = |it: &Membership| {
        it.id != ended.id
            && it.grant.role == Role::Administrator
            && it.grant.holds_on(today)
            && it.grant.valid_to.is_none_or(|end| end > last)
    };
    if ended.grant.role == Role::Administrator && !members.iter().any(stays) {
        return Err(Refusal::rule("", Code::MemberLastAdministrator));
    }
    Ok(())
}

/// The post that an id names; nothing for no id.
async fn listed_post(tx: &TenantTx, faults: &mut Typed, text: &str) -> Result<Option<Post>> {
    let Some(id) = faults.id::<PostId>("post_id", text) else { return Ok(None) };
    let found = tx.posts().find(id).await?;
    match &found {
        None => faults.blame("post_id", Code::FieldUnknownReference),
        Some(post) if post.valid_to.is_some() => faults.blame("post_id", Code::PostAbolished),
        Some(_) => {}
    }
    Ok(found)
}

pub(crate) fn day_before(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(1)).unwrap_or(day)
}

/// Who acts inside a government, for the directory's trail.
pub(crate) fn actor(scope: &TenantScope) -> DirectoryActor {
    let standing = scope.standing();
    let post = Some(standing.post_text()).filter(|post| !post.is_empty());
    DirectoryActor { user: Some(standing.user), name: standing.name.clone(), post }
}

/// The account with this name for signing in; made when there is none. Whether it was made.
pub(crate) async fn person_for(
    directory: &DirectoryTx,
    username: &str,
    name: String,
    nip: Option<String>,
    password_hash: Option<String>,
) -> Result<(User, bool)> {
    if let Some((person, _)) = directory.find_user(username).await? {
        return Ok((person, false));
    }
    let new = NewUser {
        username: username.to_owned(),
        name,
        nip,
        password_hash,
        is_operator: false,
        must_change_password: true,
    };
    let person = directory.add_user(new).await.on_constraint("users_username_unique", || {
        // Made by somebody else in this very moment: asking again joins it.
        Refusal::conflict("username", Code::UsernameTaken)
    })?;
    Ok((person, true))
}

/// Gives a role, and says so in an event.
pub(crate) async fn give_role(
    directory: &DirectoryTx,
    person: &User,
    tenant: TenantId,
    role: RoleToGive,
) -> Result<(Membership, Event)> {
    let RoleToGive { grant, post, listed, acting } = role;
    // Operators see no scorecard: an account that keeps the platform enters no government.
    if person.is_operator {
        return Err(Refusal::rule("username", Code::MemberIsOperator));
    }
    // Whoever made an account knows its first password. Until its owner has changed it, no other government
    // gives it a role: the maker would hold that role as well.
    if person.must_change_password && directory.is_member_elsewhere(tenant, person.id).await? {
        return Err(Refusal::rule("username", Code::MemberUnclaimed));
    }
    let held = directory.memberships_of(tenant, person.id).await?;
    let at_that_time = |it: &Membership| {
        it.grant.valid_to.is_none_or(|last| last >= grant.valid_from)
            && grant.valid_to.is_none_or(|last| last >= it.grant.valid_from)
    };
    let overlaps = |it: &Membership| {
        it.grant.role == grant.role && it.grant.scope == grant.scope && at_that_time(it)
    };
    if held.iter().any(overlaps) {
        return Err(Refusal::Conflict(
            Violation::new("role", Code::MemberAlready).with("name", &person.name),
        ));
    }
    if let Some(post) = listed.as_ref().filter(|it| it.kind.has_one_holder() && acting.is_none()) {
        let holders = directory.holders_of(tenant, post.id).await?;
        let other =
            |it: &&Membership| it.user != person.id && it.acting.is_none() && at_that_time(it);
        if let Some(holder) = holders.iter().find(other) {
            return Err(Refusal::Conflict(
                Violation::new("post_id", Code::PostHeld).with("name", &holder.name),
            ));
        }
    }
    let post_id = listed.map(|it| it.id);
    let new = NewMembership { tenant, user: person.id, grant, post, post_id, acting };
    let membership =
        directory.add_membership(person, new).await.on_constraint("memberships_agency", || {
            Refusal::invalid("agency", Code::FieldUnknownReference)
        })?;
    let event = about(EventKind::MemberAdded, &membership)
        .fact("valid_from", membership.grant.valid_from)
        .fact_if("valid_to", membership.grant.valid_to);
    Ok((membership, event))
}

fn about(kind: EventKind, membership: &Membership) -> Event {
    Event::new(kind, membership.id)
        .fact("name", &membership.name)
        .fact("username", &membership.username)
        .fact("role", membership.grant.role.code())
        .fact_if("acting", membership.acting.map(Acting::code))
        .fact_if("post", membership.post.as_ref())
        .touching(Touch::Organisation)
}

/// A name for signing in: 3 to 60 letters, digits, dots, hyphens, underscores, `@`; lower case.
pub(crate) fn username_of(faults: &mut Typed, field: &str, text: &str) -> String {
    let username = faults.required(field, text, 60).to_lowercase();
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    let is_long_enough = username.chars().count() >= 3;
    let is_fit = is_long_enough && username.chars().all(allowed);
    if !username.is_empty() && !is_fit {
        faults.blame(field, Code::UsernameInvalid);
    }
    username
}

/// Notes a password that is too short or absurdly long. Nothing else is asked of one: length beats symbols.
pub(crate) fn checked_password(faults: &mut Typed, field: &str, password: &str) {
    let length = password.chars().count();
    if length < SHORTEST_PASSWORD {
        faults.wrong(
            Violation::new(field, Code::PasswordTooShort)
                .with("least", SHORTEST_PASSWORD)
                .with("length", length),
        );
    } else if length > LONGEST_PASSWORD {
        faults.wrong(Violation::new(field, Code::FieldTooLong).with("max", LONGEST_PASSWORD));
    }
}

/// An employee number: 18 digits, spaces as printed are let pass.
fn nip_of(faults: &mut Typed, field: &str, text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    if digits.is_empty() {
        return None;
    }
    if digits.len() != 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        faults.blame(field, Code::NipInvalid);
    }
    Some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_passwords_are_long_readable_and_never_the_same() {
        let (one, two) = (FirstPassword::fresh().unwrap(), FirstPassword::fresh().unwrap());
        assert_ne!(one, two);
        assert_eq!(one.reveal().len(), 27);
        assert!(!one.reveal().contains(['0', 'O', 'l', 'I', '_']), "{}", one.reveal());
        assert_eq!(format!("{one:?}"), "FirstPassword(..)");
    }

    #[test]
    fn names_for_signing_in_and_employee_numbers() {
        let faulty = |text: &str| {
            let mut typed = Typed::default();
            username_of(&mut typed, "username", text);
            typed.done().is_err()
        };
        for good in ["baiq.nurul", "Admin-NTB", "a@b.go.id"] {
            assert!(!faulty(good), "{good}");
        }
        for bad in ["", "ab", "dua kata", "é.e.e", &"x".repeat(61)] {
            assert!(faulty(bad), "{bad}");
        }
        let mut typed = Typed::default();
        let nip = nip_of(&mut typed, "nip", "19800101 200501 1 001");
        assert_eq!(nip.as_deref(), Some("198001012005011001"));
        assert!(typed.done().is_ok());
        let mut typed = Typed::default();
        nip_of(&mut typed, "nip", "123");
        assert!(typed.done().is_err());
    }
}
