//! Everything that can be asked of the policy, as one list: pages that explain a right, the paper that lists
//! all of them, and its test ask from here, so that none of them holds a copy of a rule.

use super::action::{
    Administer, Align, Amend, Delegate, Measure, Publish, Release, Verify, View, ViewAudit,
};
use super::policy::{
    Alignment, Calendar, Governs, Members, Organisation, Planning, Publishing, Scorecard,
    Templates, Trail,
};
use super::standing::{Held, Standing};
use crate::agency::Agency;
use crate::indicator::Indicator;
use crate::measurement::Measurement;
use crate::plan::MediumTermPlan;
use crate::publication::Publication;
use crate::template::TemplateRelease;

/// What the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It may be done.
    May,
    /// The thing may be seen, and this may not be done to it.
    Forbidden,
    /// The person may not know that the thing exists.
    Hidden,
}

/// A thing that a question is about.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// The tenant as a whole.
    Tenant,
    /// One agency.
    Agency(&'a Agency),
    /// One plan.
    Plan(&'a MediumTermPlan),
    /// One indicator.
    Indicator(&'a Indicator),
    /// One recorded value.
    Measurement(&'a Measurement),
    /// One release.
    Release(&'a TemplateRelease),
    /// One publication.
    Publication(&'a Publication),
    /// One role that somebody holds.
    Held(&'a Held),
}

#[derive(Clone, Copy)]
enum Ask {
    Tenant(fn(&Standing) -> Verdict),
    Agency(fn(&Agency, &Standing) -> Verdict),
    Plan(fn(&MediumTermPlan, &Standing) -> Verdict),
    Indicator(fn(&Indicator, &Standing) -> Verdict),
    Measurement(fn(&Measurement, &Standing) -> Verdict),
    Release(fn(&TemplateRelease, &Standing) -> Verdict),
    Publication(fn(&Publication, &Standing) -> Verdict),
    Held(fn(&Held, &Standing) -> Verdict),
}

/// "May they do this to that?", for one action and one kind of thing.
#[derive(Clone, Copy)]
pub struct Question {
    /// Its code; texts are filed under it.
    pub code: &'static str,
    /// Name of the action's type.
    pub action: &'static str,
    /// Name of the thing's type.
    pub thing: &'static str,
    ask: Ask,
}

impl std::fmt::Debug for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code)
    }
}

impl Question {
    /// The policy's answer; none when the question is about another kind of thing.
    pub fn ask(&self, subject: Subject<'_>, standing: &Standing) -> Option<Verdict> {
        Some(match (self.ask, subject) {
            (Ask::Tenant(ask), Subject::Tenant) => ask(standing),
            (Ask::Agency(ask), Subject::Agency(it)) => ask(it, standing),
            (Ask::Plan(ask), Subject::Plan(it)) => ask(it, standing),
            (Ask::Indicator(ask), Subject::Indicator(it)) => ask(it, standing),
            (Ask::Measurement(ask), Subject::Measurement(it)) => ask(it, standing),
            (Ask::Release(ask), Subject::Release(it)) => ask(it, standing),
            (Ask::Publication(ask), Subject::Publication(it)) => ask(it, standing),
            (Ask::Held(ask), Subject::Held(it)) => ask(it, standing),
            _ => return None,
        })
    }

    /// The roles by which the person may do it: each for which the policy says yes when it is the only one.
    pub fn reasons<'a>(&self, subject: Subject<'_>, standing: &'a Standing) -> Vec<&'a Held> {
        let alone =
            |held: &&Held| self.ask(subject, &standing.with_only(held)) == Some(Verdict::May);
        standing.grants.iter().filter(alone).collect()
    }

    /// Questions about this kind of thing.
    pub fn about(subject: Subject<'_>) -> impl Iterator<Item = &'static Self> {
        QUESTIONS.iter().filter(move |it| {
            matches!(
                (it.ask, subject),
                (Ask::Tenant(_), Subject::Tenant)
                    | (Ask::Agency(_), Subject::Agency(_))
                    | (Ask::Plan(_), Subject::Plan(_))
                    | (Ask::Indicator(_), Subject::Indicator(_))
                    | (Ask::Measurement(_), Subject::Measurement(_))
                    | (Ask::Release(_), Subject::Release(_))
                    | (Ask::Publication(_), Subject::Publication(_))
                    | (Ask::Held(_), Subject::Held(_))
            )
        })
    }
}

fn verdict<A, T: Governs<A> + Governs<View>>(thing: &T, standing: &Standing) -> Verdict {
    if !<T as Governs<View>>::allows(thing, standing) {
        Verdict::Hidden
    } else if <T as Governs<A>>::allows(thing, standing) {
        Verdict::May
    } else {
        Verdict::Forbidden
    }
}

macro_rules! questions {
    (
        of the tenant: $($whole:literal = $whole_action:ident $whole_thing:ident;)*
        of one thing: $($code:literal = $action:ident $thing:ident as $kind:ident;)*
    ) => {
        /// Every question, in the order of the papers.
        pub const QUESTIONS: &[Question] = &[
            $(Question {
                code: $whole,
                action: stringify!($whole_action),
                thing: stringify!($whole_thing),
                ask: Ask::Tenant(|standing| {
                    verdict::<$whole_action, $whole_thing>(&$whole_thing, standing)
                }),
            },)*
            $(Question {
                code: $code,
                action: stringify!($action),
                thing: stringify!($thing),
                ask: Ask::$kind(verdict::<$action, $thing>),
            },)*
        ];
    };
}

questions! {
    of the tenant:
    "scorecard_view" = View Scorecard;
    "scorecard_administer" = Administer Scorecard;
    "planning_view" = View Planning;
    "planning_amend" = Amend Planning;
    "templates_view" = View Templates;
    "templates_amend" = Amend Templates;
    "templates_release" = Release Templates;
    "publishing_view" = View Publishing;
    "publishing_publish" = Publish Publishing;
    "alignment_view" = View Alignment;
    "alignment_align" = Align Alignment;
    "organisation_view" = View Organisation;
    "organisation_administer" = Administer Organisation;
    "calendar_view" = View Calendar;
    "calendar_administer" = Administer Calendar;
    "members_view" = View Members;
    "members_administer" = Administer Members;
    "members_audit" = ViewAudit Members;
    "trail_view" = View Trail;
    "trail_audit" = ViewAudit Trail;
    of one thing:
    "agency_view" = View Agency as Agency;
    "agency_administer" = Administer Agency as Agency;
    "plan_view" = View MediumTermPlan as Plan;
    "plan_amend" = Amend MediumTermPlan as Plan;
    "indicator_view" = View Indicator as Indicator;
    "indicator_amend" = Amend Indicator as Indicator;
    "indicator_measure" = Measure Indicator as Indicator;
    "measurement_view" = View Measurement as Measurement;
    "measurement_measure" = Measure Measurement as Measurement;
    "measurement_verify" = Verify Measurement as Measurement;
    "release_view" = View TemplateRelease as Release;
    "release_amend" = Amend TemplateRelease as Release;
    "publication_view" = View Publication as Publication;
    "publication_publish" = Publish Publication as Publication;
    "held_view" = View Held as Held;
    "held_delegate" = Delegate Held as Held;
}
