//! Pages: who sees them, the frame around them, and how one page sends a person to the next.

mod menu;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{LOCATION, REFERER};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use ekinerja_app::account_help::AccountRequest;
use ekinerja_app::sign_in::SignedIn;
use ekinerja_app::{Code, TenantScope};
use ekinerja_domain::access::{Governs, Role, Standing};
use ekinerja_domain::tenant::{Level, Tenant};
use maud::Markup;
use url::Url;

use crate::caller::{enter, signed_in};
use crate::components::layout::{self, PublicShell, Shell};
use crate::components::navigation::Place;
use crate::components::notice::Flash as FlashView;
use crate::flash::Flash;
use crate::format;
use crate::links::{self, OwnPath};
use crate::locale::{Locale, tr};
use crate::problem::Problem;
use crate::settings::{AppState, WebSettings};

/// Result of a page's handler.
pub type PageResult = Result<Response, Problem>;

/// What every page knows of its request.
#[derive(Debug, Clone)]
struct Visit {
    locale: Locale,
    here: String,
    path: String,
    flash: Option<FlashView>,
    settings: Arc<WebSettings>,
}

impl Visit {
    fn of(parts: &Parts, state: &AppState) -> Self {
        let locale = Locale::of_headers(&parts.headers);
        Self {
            locale,
            here: links::address_of(parts),
            path: links::path_of(parts),
            flash: Flash::of(&parts.headers, locale),
            settings: Arc::clone(&state.settings),
        }
    }

    fn demonstration(&self) -> String {
        let text = self.settings.demonstration.as_ref();
        text.map(|it| if self.locale == Locale::Id { &it.id } else { &it.en })
            .cloned()
            .unwrap_or_default()
    }

    /// A drawn page; a message that it showed is taken out of its cookie.
    fn answer(&self, status: StatusCode, markup: Markup) -> Response {
        let mut response = (status, markup).into_response();
        if self.flash.is_some() {
            let (name, value) = Flash::shown(&self.settings);
            response.headers_mut().append(name, value);
        }
        response
    }
}

/// Sends a browser to another page of ours after a form (303).
pub(crate) fn see_other(path: &str) -> Response {
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static(links::FRONT));
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// A person signed in for a page; who is not is sent to the sign-in page and comes back here.
async fn person(parts: &mut Parts, state: &AppState) -> Result<Arc<SignedIn>, Response> {
    match signed_in(parts, state).await {
        Ok(signed_in) => Ok(signed_in),
        Err(problem) if problem.code() == Code::Unauthenticated => {
            Err(see_other(&links::sign_in(&way_back(parts))))
        }
        Err(problem) => Err(problem.into_response()),
    }
}

/// Where a person goes after signing in again: this page, or for a form the page it stands on.
pub(crate) fn way_back(parts: &Parts) -> String {
    if parts.method.is_safe() {
        return links::address_of(parts);
    }
    let referer = parts.headers.get(REFERER).and_then(|it| it.to_str().ok());
    let referer = referer.and_then(|it| Url::parse(it).ok()).map(|it| {
        it.query().map_or_else(|| it.path().to_owned(), |query| format!("{}?{query}", it.path()))
    });
    let own = referer.as_deref().and_then(OwnPath::parse);
    own.map_or_else(|| links::FRONT.to_owned(), |it| it.as_str().to_owned())
}

/// Head and foot of a page.
#[derive(Debug, Clone, Default)]
pub struct Head {
    title: String,
    subtitle: String,
    way: Vec<Place>,
    tools: Option<Markup>,
    foot: String,
}

impl Head {
    /// The page's heading.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// A line under the heading.
    #[must_use]
    pub fn subtitle(mut self, subtitle: impl Into<String>) -> Self {
        self.subtitle = subtitle.into();
        self
    }

    /// One step of the way here, from the outermost in.
    #[must_use]
    pub fn under(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.way.push(Place::new(label, href));
        self
    }

    /// Period picker and buttons in the head.
    #[must_use]
    pub fn tools(mut self, tools: Markup) -> Self {
        self.tools = Some(tools);
        self
    }

    /// A line at the foot: data version, year.
    #[must_use]
    pub fn foot(mut self, foot: impl Into<String>) -> Self {
        self.foot = foot.into();
        self
    }
}

/// A page inside a tenant: extract it to know who sees it, and use it to answer.
#[derive(Debug, Clone)]
pub struct Page {
    /// Language.
    pub locale: Locale,
    scope: TenantScope,
    visit: Visit,
}

impl FromRequestParts<AppState> for Page {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let signed_in = person(parts, state).await?;
        let scope = enter(parts, state, &signed_in).await.map_err(|problem| {
            match problem.code() {
                Code::PasswordMustChange => return see_other(links::PASSWORD),
                Code::SecondFactorMissing => return see_other(links::SECURITY),
                Code::EmergencyClosed => {
                    let back = OwnPath::parse(&way_back(parts));
                    if let Some(slug) = back.as_ref().and_then(OwnPath::tenant) {
                        let back = back.as_ref().map_or(links::FRONT, OwnPath::as_str);
                        return see_other(&links::emergency_for(&slug, back));
                    }
                }
                Code::SignInOfTenant => {
                    let back = OwnPath::parse(&way_back(parts));
                    if let Some(slug) = back.as_ref().and_then(OwnPath::tenant) {
                        let back = back.as_ref().map_or(links::FRONT, OwnPath::as_str);
                        return see_other(&links::sign_in_to(&slug, back));
                    }
                }
                _ => {}
            }
            problem.into_response()
        })?;
        let visit = Visit::of(parts, state);
        Ok(Self { locale: visit.locale, scope, visit })
    }
}

impl Page {
    /// What use cases take.
    pub fn scope(&self) -> TenantScope {
        self.scope.clone()
    }

    /// The tenant.
    pub fn tenant(&self) -> &Tenant {
        self.scope.tenant()
    }

    /// Who sees the page.
    pub fn standing(&self) -> &Standing {
        self.scope.standing()
    }

    /// Whether to offer `A` on a thing: the policy's own answer. The use case asks again.
    pub fn may<A, T: Governs<A>>(&self, thing: &T) -> bool {
        <T as Governs<A>>::allows(thing, self.standing())
    }

    /// Path and query of this page.
    pub fn here(&self) -> &str {
        &self.visit.here
    }

    /// Whether the page shows a message after a redirect: then it is drawn for this once.
    pub(crate) fn has_message(&self) -> bool {
        self.visit.flash.is_some()
    }

    /// The page, drawn.
    pub fn show(&self, head: Head, content: Markup) -> Response {
        self.show_with(StatusCode::OK, head, content)
    }

    /// The page with another status, for a form that is shown again.
    pub fn show_with(&self, status: StatusCode, head: Head, content: Markup) -> Response {
        let shell = self.shell(head);
        self.visit.answer(status, layout::page(&shell, content))
    }

    /// Sends the person to another page of ours with a message (303).
    pub fn redirect(&self, path: &str, flash: &Flash) -> Response {
        let mut response = see_other(path);
        let (name, value) = flash.header(&self.visit.settings);
        response.headers_mut().append(name, value);
        response
    }

    /// The frame, for who draws the page elsewhere (a cache).
    pub fn shell(&self, head: Head) -> Shell {
        let locale = self.locale;
        let tenant = self.tenant();
        Shell {
            locale,
            title: head.title,
            subtitle: head.subtitle,
            government: tenant.name.clone(),
            level: level(locale, tenant.level),
            home: links::home(&tenant.slug),
            menu: menu::of(locale, tenant, self.standing(), &self.visit.path),
            person: Some(layout::Person {
                // Who acts in this government, which need not be who acts in another one.
                name: self.standing().name.clone(),
                role: roles(locale, self.standing()),
                account: links::SESSIONS.to_owned(),
                sign_out: links::SIGN_OUT.to_owned(),
            }),
            way: head.way,
            tools: head.tools,
            flashes: self.visit.flash.iter().cloned().collect(),
            demonstration: self.visit.demonstration(),
            at_rest: (!tenant.state.takes_writes())
                .then(|| tr!(locale, "life.banner").into_owned()),
            emergencies: self
                .scope
                .emergencies()
                .iter()
                .map(|it| banner(locale, tenant, it))
                .collect(),
            foot: head.foot,
            foot_links: vec![Place::new(
                tr!(locale, "access.why_link"),
                links::access_to(&tenant.slug, &self.visit.path),
            )],
            here: self.visit.here.clone(),
            ..Shell::default()
        }
    }
}

/// What stands on every page of who is told, while somebody is in with an emergency account.
fn banner(locale: Locale, tenant: &Tenant, it: &AccountRequest) -> layout::Emergency {
    let until = it.ends_at.map(|at| format::date_time(locale, at, format::Zone::default()));
    let until = until.unwrap_or_default();
    let by = it.decision.as_ref().map(|it| it.name.clone()).unwrap_or_default();
    layout::Emergency {
        words: tr!(locale, "emergency.banner", name = it.user_name, until = until, by = by).into(),
        reason: tr!(locale, "emergency.banner_reason", reason = it.reason).into(),
        end: links::emergency_end(&tenant.slug, it.id),
    }
}

/// A page for platform operators; others get 403, who is not signed in the sign-in page.
#[derive(Debug, Clone)]
pub struct OperatorPage {
    /// Language.
    pub locale: Locale,
    /// The operator.
    pub signed_in: Arc<SignedIn>,
    visit: Visit,
}

impl FromRequestParts<AppState> for OperatorPage {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let signed_in = person(parts, state).await?;
        if !signed_in.person.is_operator {
            return Err(Problem::new(Code::Forbidden).into_response());
        }
        if signed_in.person.must_change_password {
            return Err(see_other(links::PASSWORD));
        }
        if signed_in.owes_second_factor {
            return Err(see_other(links::SECURITY));
        }
        let visit = Visit::of(parts, state);
        Ok(Self { locale: visit.locale, signed_in, visit })
    }
}

impl OperatorPage {
    /// The page, drawn.
    pub fn show(&self, head: Head, content: Markup) -> Response {
        self.show_with(StatusCode::OK, head, content)
    }

    /// The page with another status, for a form that is shown again.
    pub fn show_with(&self, status: StatusCode, head: Head, content: Markup) -> Response {
        let locale = self.locale;
        let shell = Shell {
            locale,
            title: head.title,
            subtitle: head.subtitle,
            government: tr!(locale, "shell.platform").into_owned(),
            level: tr!(locale, "shell.operator").into_owned(),
            home: links::OPERATOR.to_owned(),
            menu: menu::of_operator(locale, &self.visit.path),
            person: Some(layout::Person {
                name: self.signed_in.person.name.clone(),
                role: tr!(locale, "shell.operator").into_owned(),
                account: links::SESSIONS.to_owned(),
                sign_out: links::SIGN_OUT.to_owned(),
            }),
            way: head.way,
            tools: head.tools,
            flashes: self.visit.flash.iter().cloned().collect(),
            demonstration: self.visit.demonstration(),
            foot: head.foot,
            here: self.visit.here.clone(),
            ..Shell::default()
        };
        self.visit.answer(status, layout::page(&shell, content))
    }

    /// Sends the operator to another page of ours with a message (303).
    pub fn redirect(&self, path: &str, flash: &Flash) -> Response {
        let mut response = see_other(path);
        let (name, value) = flash.header(&self.visit.settings);
        response.headers_mut().append(name, value);
        response
    }
}

/// A page that anybody may see.
#[derive(Debug, Clone)]
pub struct PublicPage {
    /// Language.
    pub locale: Locale,
    /// Who is signed in, if anybody.
    pub signed_in: Option<Arc<SignedIn>>,
    visit: Visit,
}

impl FromRequestParts<AppState> for PublicPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let signed_in = match signed_in(parts, state).await {
            Ok(signed_in) => Some(signed_in),
            Err(problem) if problem.code() == Code::Unauthenticated => None,
            Err(problem) => return Err(problem),
        };
        let visit = Visit::of(parts, state);
        Ok(Self { locale: visit.locale, signed_in, visit })
    }
}

impl PublicPage {
    /// The same page for nobody: who saw it has signed out meanwhile.
    #[must_use]
    pub fn signed_out(self) -> Self {
        Self { signed_in: None, ..self }
    }

    /// The page, drawn; `wide` for more than one narrow column.
    pub fn show(&self, title: &str, subtitle: &str, wide: bool, content: Markup) -> Response {
        self.show_with(StatusCode::OK, title, subtitle, wide, content)
    }

    /// The page with another status, for a form that is shown again.
    pub fn show_with(
        &self,
        status: StatusCode,
        title: &str,
        subtitle: &str,
        wide: bool,
        content: Markup,
    ) -> Response {
        let locale = self.locale;
        let way_in = if self.signed_in.is_none() {
            tr!(locale, "shell.sign_in")
        } else {
            tr!(locale, "shell.my_governments")
        };
        let links = if self.visit.path == links::SIGN_IN {
            Vec::new()
        } else {
            vec![Place::new(way_in, links::SIGN_IN)]
        };
        let shell = PublicShell {
            locale,
            title: title.to_owned(),
            subtitle: subtitle.to_owned(),
            flashes: self.visit.flash.iter().cloned().collect(),
            demonstration: self.visit.demonstration(),
            links,
            here: self.visit.here.clone(),
            wide,
            ..PublicShell::default()
        };
        self.visit.answer(status, layout::public_page(&shell, content))
    }
}

/// A government's level in words.
pub fn level(locale: Locale, level: Level) -> String {
    match level {
        Level::Province => tr!(locale, "level.province"),
        Level::Regency => tr!(locale, "level.regency"),
        Level::City => tr!(locale, "level.city"),
    }
    .into_owned()
}

/// A role in words.
pub fn role(locale: Locale, role: Role) -> String {
    match role {
        Role::Administrator => tr!(locale, "role.administrator"),
        Role::Leader => tr!(locale, "role.leader"),
        Role::Planner => tr!(locale, "role.planner"),
        Role::AgencyHead => tr!(locale, "role.agency_head"),
        Role::Officer => tr!(locale, "role.officer"),
        Role::Evaluator => tr!(locale, "role.evaluator"),
        Role::Hr => tr!(locale, "role.hr"),
        Role::Auditor => tr!(locale, "role.auditor"),
    }
    .into_owned()
}

fn roles(locale: Locale, standing: &Standing) -> String {
    let mut words: Vec<String> = Vec::new();
    for one in Role::ALL.into_iter().filter(|one| standing.holds(*one)) {
        words.push(role(locale, one));
    }
    words.join(", ")
}
