//! Posts (jabatan) of a government: the list, adding and abolishing.

use std::collections::HashMap;

use ekinerja_domain::access::policy::Organisation;
use ekinerja_domain::access::{Administer, View};
use ekinerja_domain::agency::Agency;
use ekinerja_domain::event::{Event, EventKind, Touch};
use ekinerja_domain::ids::{AgencyId, PostId};
use ekinerja_domain::post::{Post, PostKind};
use ekinerja_store::TenantScope;
use ekinerja_store::posts::NewPost;

use crate::app::App;
use crate::members::Membership;
use crate::refusal::{Code, OnConstraint, Refusal, Result, Violation};
use crate::typed::{LONGEST_LINE, Typed};

/// A post that shall be added, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostDraft {
    /// Its name.
    pub name: String,
    /// Code of its kind.
    pub kind: String,
    /// Id of the OPD; empty for a post above all OPD.
    pub agency: String,
}

/// A post with who holds it today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPost {
    /// The post.
    pub post: Post,
    /// Its holders today: definitively, as Plt, as Plh.
    pub holders: Vec<Membership>,
}

/// The posts with the OPD that they name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostList {
    /// Every post that exists, by name.
    pub posts: Vec<HeldPost>,
    /// Every OPD, by code.
    pub agencies: Vec<Agency>,
}

impl App {
    /// The posts that exist today and who holds them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn posts(&self, scope: &TenantScope) -> Result<PostList> {
        let tx = self.begin(scope).await?;
        tx.permit::<View, _>(Organisation)?;
        let today = self.today();
        let mut holders: HashMap<PostId, Vec<Membership>> = HashMap::new();
        for it in tx.members().await?.into_iter().filter(|it| it.grant.holds_on(today)) {
            let Some(post) = it.post_id else { continue };
            let held = holders.entry(post).or_default();
            // A person with two roles in one post holds it once.
            if !held.iter().any(|known| known.user == it.user && known.acting == it.acting) {
                held.push(it);
            }
        }
        let posts = tx.posts().all().await?.into_iter().filter(|it| it.exists_on(today));
        let posts = posts
            .map(|post| HeldPost { holders: holders.remove(&post.id).unwrap_or_default(), post })
            .collect();
        Ok(PostList { posts, agencies: tx.agencies().all().await? })
    }

    /// Adds a post.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each field; [`Code::PostNameTaken`].
    pub async fn add_post(&self, scope: &TenantScope, draft: &PostDraft) -> Result<Post> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Organisation)?;
        let mut faults = Typed::default();
        let name = faults.required("name", &draft.name, LONGEST_LINE);
        let kind = faults.required_choice("kind", &draft.kind, PostKind::from_code);
        let agency: Option<AgencyId> = faults.id("agency", &draft.agency);
        faults.done()?;
        let kind = kind.ok_or_else(|| Refusal::invalid("kind", Code::FieldMissing))?;
        let added = tx.posts().add(&permit, NewPost { name, agency, kind }).await;
        let added = added
            .on_constraint("posts_agency", || {
                Refusal::invalid("agency", Code::FieldUnknownReference)
            })
            .on_constraint("posts_once", || {
                let taken = Violation::new("name", Code::PostNameTaken);
                Refusal::Conflict(taken.with("name", draft.name.trim()))
            })?;
        tx.commit(about(EventKind::PostAdded, &added)).await?;
        Ok(added)
    }

    /// Abolishes a post that nobody holds: it takes no new holder from today on.
    ///
    /// # Errors
    /// [`Refusal::NotFound`]; [`Code::PostHeld`] names a holder; [`Code::PostAbolished`].
    pub async fn abolish_post(&self, scope: &TenantScope, id: PostId) -> Result<Post> {
        let tx = self.begin(scope).await?;
        let permit = tx.permit::<Administer, _>(Organisation)?;
        let post = tx.posts().find(id).await?.ok_or(Refusal::NotFound)?;
        if post.valid_to.is_some() {
            return Err(Refusal::rule("", Code::PostAbolished));
        }
        let today = self.today();
        let members = tx.members().await?;
        let holds = |it: &&Membership| {
            it.post_id == Some(id) && it.grant.valid_to.is_none_or(|last| last >= today)
        };
        if let Some(holder) = members.iter().find(holds) {
            let held = Violation::new("", Code::PostHeld).with("name", &holder.name);
            return Err(Refusal::Rule(held));
        }
        tx.posts().abolish(&permit, id, today).await?;
        tx.commit(about(EventKind::PostAbolished, &post)).await?;
        Ok(Post { valid_to: Some(today), ..post })
    }
}

fn about(kind: EventKind, post: &Post) -> Event {
    Event::new(kind, post.id)
        .fact("name", &post.name)
        .fact("kind", post.kind)
        .touching(Touch::Organisation)
}
