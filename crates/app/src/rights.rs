//! Why may I see or do this, and who else may: the policy's own answers, asked question by question.

use ekinerja_domain::access::policy::Members;
use ekinerja_domain::access::{
    Grant, Held, Question, Role, Scope, Standing, Subject, Through, Verdict, View, ViewAudit,
};
use ekinerja_domain::ids::{AgencyId, IndicatorId, MeasurementId, MembershipId, UserId};
use ekinerja_domain::indicator::Indicator;
use ekinerja_domain::measurement::Measurement;
use ekinerja_store::{TenantScope, TenantTx};

use crate::app::App;
use crate::refusal::Result;

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// The government as a whole.
    Government,
    /// One indicator.
    Indicator(IndicatorId),
    /// One recorded value.
    Measurement(MeasurementId),
}

/// The answer to one question for the person who asks.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The question.
    pub question: &'static Question,
    /// The answer.
    pub verdict: Verdict,
    /// The roles by which they may; none when they may not.
    pub through: Vec<Held>,
    /// They may not only because it is their own work: with the same roles another person may.
    pub is_own_work: bool,
    /// The roles that may, whoever holds them.
    pub roles: Vec<Role>,
}

/// What the person may and may not do.
#[derive(Debug, Clone)]
pub struct MyRights {
    /// Name of the thing asked about; none for the government as a whole.
    pub thing: Option<String>,
    /// One answer per question.
    pub answers: Vec<Explained>,
    /// Every role that the person holds now.
    pub held: Vec<Held>,
    /// Names of the OPD that the roles name.
    pub agencies: Vec<(AgencyId, String)>,
}

/// A person who may do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Their name.
    pub name: String,
    /// The roles by which they may.
    pub through: Vec<Held>,
}

/// Who may do what.
#[derive(Debug, Clone)]
pub struct Audience {
    /// Name of the thing asked about; none for the government as a whole.
    pub thing: Option<String>,
    /// For each question the people who may, by name.
    pub answers: Vec<(&'static Question, Vec<Holder>)>,
    /// Names of the OPD that the roles name.
    pub agencies: Vec<(AgencyId, String)>,
}

/// A thing that was read for its questions.
enum Thing {
    Government,
    Indicator(Box<Indicator>),
    Measurement(Box<Measurement>, String),
}

impl Thing {
    async fn read(tx: &TenantTx, about: About) -> Result<Self> {
        Ok(match about {
            About::Government => Self::Government,
            About::Indicator(id) => {
                Self::Indicator(Box::new(tx.indicators().fetch::<View>(id).await?.into_inner()))
            }
            About::Measurement(id) => {
                let found = tx.measurements().fetch::<View>(id).await?.into_inner();
                let indicator = tx.indicators().fetch::<View>(found.indicator).await?;
                let name = format!("{} · {}", indicator.manual.name, found.period);
                Self::Measurement(Box::new(found), name)
            }
        })
    }

    fn subject(&self) -> Subject<'_> {
        match self {
            Self::Government => Subject::Tenant,
            Self::Indicator(it) => Subject::Indicator(it),
            Self::Measurement(it, _) => Subject::Measurement(it),
        }
    }

    fn name(&self) -> Option<String> {
        match self {
            Self::Government => None,
            Self::Indicator(it) => Some(it.manual.name.clone()),
            Self::Measurement(_, name) => Some(name.clone()),
        }
    }
}

impl App {
    /// What the person may do to a thing, by which of their roles, and who may do the rest.
    ///
    /// # Errors
    /// There is no such thing that the person may see.
    pub async fn my_rights(&self, scope: &TenantScope, about: About) -> Result<MyRights> {
        let tx = self.begin(scope).await?;
        let thing = Thing::read(&tx, about).await?;
        let standing = scope.standing();
        let subject = thing.subject();
        let answers = Question::about(subject)
            .filter_map(|question| {
                let verdict = question.ask(subject, standing)?;
                let other = question.ask(subject, &as_another(standing));
                let through = question.reasons(subject, standing).into_iter().cloned().collect();
                Some(Explained {
                    question,
                    verdict,
                    through,
                    is_own_work: verdict != Verdict::May && other == Some(Verdict::May),
                    roles: roles_that_may(question, subject, standing),
                })
            })
            .collect();
        let agencies = names(&tx).await?;
        Ok(MyRights { thing: thing.name(), answers, held: standing.grants.clone(), agencies })
    }

    /// Who may do what to a thing at this moment.
    ///
    /// # Errors
    /// The person may not know it; there is no such thing.
    pub async fn who_may(&self, scope: &TenantScope, about: About) -> Result<Audience> {
        let tx = self.begin(scope).await?;
        tx.permit::<ViewAudit, _>(Members)?;
        let thing = Thing::read(&tx, about).await?;
        let agencies = names(&tx).await?;
        drop(tx);
        let directory = self.store.directory(self.now()).await?;
        let standings = directory.standings(scope.tenant(), None).await?;
        drop(directory);
        let subject = thing.subject();
        let answers = Question::about(subject)
            .map(|question| {
                let may = |it: &&Standing| question.ask(subject, it) == Some(Verdict::May);
                let holder = |it: &Standing| Holder {
                    name: it.name.clone(),
                    through: question.reasons(subject, it).into_iter().cloned().collect(),
                };
                (question, standings.iter().filter(may).map(holder).collect())
            })
            .collect();
        Ok(Audience { thing: thing.name(), answers, agencies })
    }
}

async fn names(tx: &TenantTx) -> Result<Vec<(AgencyId, String)>> {
    Ok(tx.agencies().all().await?.into_iter().map(|it| (it.id, it.name)).collect())
}

/// The same roles in other hands.
fn as_another(standing: &Standing) -> Standing {
    let user: UserId = ekinerja_store::fresh_id();
    Standing { user, accounts: Vec::new(), ..standing.clone() }
}

/// The roles for which the policy says yes when a person holds that role alone in the whole government.
fn roles_that_may(question: &Question, subject: Subject<'_>, standing: &Standing) -> Vec<Role> {
    let membership: MembershipId = ekinerja_store::fresh_id();
    let of_one = |role: Role| {
        let grant = Grant {
            role,
            scope: Scope::Tenant,
            valid_from: chrono::NaiveDate::MIN,
            valid_to: None,
        };
        let through = Through::Appointment { membership, post: None, acting: None };
        let grants = vec![Held { grant, through }];
        Standing { grants, ..as_another(standing) }
    };
    let may = |role: &Role| question.ask(subject, &of_one(*role)) == Some(Verdict::May);
    Role::ALL.into_iter().filter(may).collect()
}
