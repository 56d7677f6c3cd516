//! Every path of the product is built here, so that no page writes one by hand.

pub mod planning;

use axum::extract::OriginalUri;
use axum::http::Uri;
use axum::http::request::Parts;
use chrono::NaiveDate;
use ekinerja_domain::ids::{
    AccountRequestId, EvidenceId, IndicatorId, MeasurementId, PublicationId, ServiceAccountId,
    UserId,
};
use ekinerja_domain::indicator::IndicatorCode;
use ekinerja_domain::period::Period;
use ekinerja_domain::scorecard::MemberKey;
use ekinerja_domain::tenant::{RegionCode, Slug};
use url::Url;

/// A path (with its query) of this product, checked: a redirect to it cannot leave the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPath(String);

impl OwnPath {
    /// Takes an address that came from outside only if it stays here.
    pub fn parse(address: &str) -> Option<Self> {
        let stays = address.starts_with('/')
            && !address.starts_with("//")
            && address.len() <= 2000
            && address.chars().all(|c| c != '\\' && c.is_ascii_graphic());
        stays.then(|| Self(address.to_owned()))
    }

    /// The government in it, if its first part can be one.
    pub fn tenant(&self) -> Option<Slug> {
        let path = self.0.split(['?', '#']).next()?;
        path.strip_prefix('/')?.split('/').next()?.parse().ok()
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The front page.
pub const FRONT: &str = "/";
/// Where to tell of a weakness (RFC 9116).
pub const SECURITY_TXT: &str = "/.well-known/security.txt";
/// The sign-in page, which is also the choice of a government for who is signed in.
pub const SIGN_IN: &str = "/masuk";
/// Where the sign-out form is sent.
pub const SIGN_OUT: &str = "/keluar";
/// Where one changes one's own password.
pub const PASSWORD: &str = "/kata-sandi";
/// The second step of a sign-in.
pub const SIGN_IN_CODE: &str = "/masuk/kode";
/// How one's own account is secured.
pub const SECURITY: &str = "/keamanan";
/// Where a link that sets a password once is used.
pub const PASSWORD_LINK: &str = "/kata-sandi/tautan";
/// The list of one's own sign-ins.
pub const SESSIONS: &str = "/sesi";
/// The operator's start.
pub const OPERATOR: &str = "/operator";
/// The readable description of the interface.
pub const API_DOCS: &str = "/api/docs/";
/// The description of the interface for programs.
pub const OPENAPI: &str = "/api/openapi.json";

/// The sign-in page that comes back to `here`.
pub fn sign_in(here: &str) -> String {
    format!("{SIGN_IN}?kembali={}", escaped(here))
}

/// Where one signs in to a government, and comes back to `here`.
pub fn sign_in_to(tenant: &Slug, here: &str) -> String {
    format!("{SIGN_IN}/{tenant}?kembali={}", escaped(here))
}

/// The way to the government's identity provider, that comes back to `here`.
pub fn sign_in_at_provider(tenant: &Slug, here: &str) -> String {
    format!("{SIGN_IN}/{tenant}/penyedia?kembali={}", escaped(here))
}

/// The door of emergency access to a government, that comes back to `here`.
pub fn emergency_for(tenant: &Slug, here: &str) -> String {
    format!("{}?kembali={}", emergency(tenant), escaped(here))
}

/// The door of emergency access to a government.
pub fn emergency(tenant: &Slug) -> String {
    format!("{SIGN_IN}/{tenant}/darurat")
}

/// The second step of a sign-in that comes back to `here`.
pub fn sign_in_code(here: &str) -> String {
    format!("{SIGN_IN_CODE}?kembali={}", escaped(here))
}

/// A whole address that sets a password once; it never follows what a request says of its host.
pub fn password_link(public_url: &Url, secret: &str) -> String {
    let origin = public_url.origin().ascii_serialization();
    format!("{origin}{PASSWORD_LINK}/{}", escaped_secret(secret))
}

/// A secret is letters, digits, `-` and `_`, all of which an address may hold.
fn escaped_secret(secret: &str) -> String {
    secret.chars().filter(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '_')).collect()
}

/// The page that explains a code.
pub fn problem(code: &str) -> String {
    format!("/problems/{code}")
}

/// A query value.
pub fn escaped(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC).to_string()
}

macro_rules! of_a_tenant {
    ($($(#[$doc:meta])* $name:ident = $path:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(tenant: &Slug) -> String {
            format!(concat!("/{}", $path), tenant)
        }
    )*};
}

of_a_tenant! {
    /// A tenant's dashboard.
    home = "";
    /// Its scorecard.
    scorecard = "/scorecard";
    /// Its strategy map.
    strategy_map = "/strategy-map";
    /// The officer's values that are due.
    entry = "/entry";
    /// The queue of values to verify.
    verification = "/verification";
    /// The plan's tree.
    plan = "/plan";
    /// Released templates.
    templates = "/templates";
    /// What a regency took over.
    adoption = "/adoption";
    /// The reporting calendar.
    periods = "/periods";
    /// The OPD tree.
    organisation = "/organisation";
    /// People and roles.
    members = "/members";
    /// For whom the second factor is obligatory.
    second_factor_rule = "/second-factor";
    /// Requests about accounts that a second person decides.
    account_requests = "/account-requests";
    /// Programs that act in it.
    service_accounts = "/service-accounts";
    /// Posts.
    posts = "/posts";
    /// Roles that are handed on for a time.
    delegations = "/delegations";
    /// Why one can see something.
    access = "/access";
    /// How people sign in: the identity provider.
    sign_in_settings = "/sign-in";
    /// The trail of changes.
    audit = "/audit";
    /// What leaves the tenant.
    publication = "/publication";
    /// The province's objectives against its regencies'.
    alignment = "/alignment";
    /// Regencies side by side.
    comparison = "/comparison";
}

/// One service account.
pub fn service_account(tenant: &Slug, id: ServiceAccountId) -> String {
    format!("{}/{id}", service_accounts(tenant))
}

/// Where emergency access is ended.
pub fn emergency_end(tenant: &Slug, id: AccountRequestId) -> String {
    format!("{}/{id}/end", account_requests(tenant))
}

/// The trail of what a person did on these days.
pub fn audit_of(tenant: &Slug, person: UserId, from: NaiveDate, to: NaiveDate) -> String {
    format!("{}?person={person}&from={from}&to={to}", audit(tenant))
}

/// The comparison of several indicators.
pub fn comparison_table(tenant: &Slug) -> String {
    format!("{}/table", comparison(tenant))
}

/// The comparison of one indicator in one period.
pub fn comparison_of(tenant: &Slug, indicator: &IndicatorCode, period: Period) -> String {
    let indicator = escaped(indicator.as_str());
    format!("{}?indicator={indicator}&period={period}", comparison(tenant))
}

/// The same as a table to download.
pub fn comparison_csv(tenant: &Slug, indicator: &IndicatorCode, period: Period) -> String {
    let indicator = escaped(indicator.as_str());
    format!("{}.csv?indicator={indicator}&period={period}", comparison(tenant))
}

/// The province's figure of one indicator, and how it came about.
pub fn rollup(tenant: &Slug, indicator: &IndicatorCode, period: Period) -> String {
    format!("/{tenant}/rollup/{}?period={period}", escaped(indicator.as_str()))
}

/// Why a score is what it is: of the organisation, a perspective, an objective, an indicator.
pub fn why(tenant: &Slug, key: MemberKey, period: Period) -> String {
    let place = match key {
        MemberKey::Organisation => format!("{}/why", scorecard(tenant)),
        MemberKey::Perspective(it) => {
            format!("{}/why/perspectives/{}", scorecard(tenant), it.code())
        }
        MemberKey::Objective(id) => format!("{}/why/objectives/{id}", scorecard(tenant)),
        MemberKey::Indicator(id) => format!("{}/why", indicator(tenant, id)),
    };
    format!("{place}?period={period}")
}

/// Why the province's figure is what it is.
pub fn why_rollup(tenant: &Slug, indicator: &IndicatorCode, period: Period) -> String {
    format!("/{tenant}/rollup/{}/why?period={period}", escaped(indicator.as_str()))
}

/// Why a regency stands where it stands.
pub fn why_rank(
    tenant: &Slug,
    indicator: &IndicatorCode,
    period: Period,
    region: &RegionCode,
) -> String {
    let indicator = escaped(indicator.as_str());
    format!("{}/why?indicator={indicator}&period={period}&region={region}", comparison(tenant))
}

/// One publication of a tenant.
pub fn publication_of(tenant: &Slug, id: PublicationId) -> String {
    format!("{}/{id}", publication(tenant))
}

/// What would leave, before it does.
pub fn publication_preview(tenant: &Slug) -> String {
    format!("{}/preview", publication(tenant))
}

/// An indicator with everything that is known of it.
pub fn indicator(tenant: &Slug, id: IndicatorId) -> String {
    format!("/{tenant}/indicators/{id}")
}

/// The same with the steps of its score in a period.
pub fn indicator_in(tenant: &Slug, id: IndicatorId, period: Period) -> String {
    format!("{}?period={period}#mengapa", indicator(tenant, id))
}

/// The scorecard of a period.
pub fn scorecard_of(tenant: &Slug, period: Period) -> String {
    format!("{}?period={period}", scorecard(tenant))
}

/// Where the value of an indicator and period is sent.
pub fn entry_of(tenant: &Slug, id: IndicatorId, period: Period) -> String {
    format!("{}/{id}/{period}", entry(tenant))
}

/// The entry page with the form of one value open.
pub fn entry_open(tenant: &Slug, id: IndicatorId, period: Period) -> String {
    format!("{}?open={id}&of={period}#isian", entry(tenant))
}

/// Where the decision on a value is sent; `decision` is `verify` or `reject`.
pub fn decision(tenant: &Slug, id: MeasurementId, decision: &str) -> String {
    format!("{}/{id}/{decision}", verification(tenant))
}

/// The file of a piece of evidence.
pub fn evidence(tenant: &Slug, measurement: MeasurementId, id: EvidenceId) -> String {
    format!("/{tenant}/measurements/{measurement}/evidence/{id}")
}

/// Where a step in the life of a period is sent; `step` is `state` or `reopening`.
pub fn period_step(tenant: &Slug, period: Period, step: &str) -> String {
    format!("{}/{period}/{step}", periods(tenant))
}

/// Why one can see the page at this path: about its indicator, or about the government as a whole.
pub fn access_to(tenant: &Slug, path: &str) -> String {
    let indicator = path
        .strip_prefix(&format!("/{tenant}/indicators/"))
        .and_then(|rest| rest.split('/').next())
        .and_then(|id| id.parse::<IndicatorId>().ok());
    match indicator {
        Some(id) => format!("{}?indicator={id}", access(tenant)),
        None => access(tenant),
    }
}

/// A thing under `/api/v1/tenants/{tenant}`; `rest` begins with `/`.
pub fn api(tenant: &Slug, rest: &str) -> String {
    format!("/api/v1/tenants/{tenant}{rest}")
}

/// The address that a request asked for, with its query. Inside a nested router the request's own address lacks
/// what was matched before it.
pub(crate) fn address_of(parts: &Parts) -> String {
    asked(parts).path_and_query().map_or(FRONT, |it| it.as_str()).to_owned()
}

/// The path that a request asked for.
pub(crate) fn path_of(parts: &Parts) -> String {
    asked(parts).path().to_owned()
}

fn asked(parts: &Parts) -> &Uri {
    parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |it| &it.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_taken_from_outside() {
        for address in
            ["", "x", "//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "/a b"]
        {
            assert_eq!(OwnPath::parse(address), None, "{address}");
        }
        let here = "/ntb/comparison?indicator=IPM&period=2023";
        assert_eq!(OwnPath::parse(here).map(|it| it.0), Some(here.to_owned()));
    }

    #[test]
    fn way_back_is_escaped() {
        assert_eq!(sign_in("/ntb/plan?a=1&b=2"), "/masuk?kembali=%2Fntb%2Fplan%3Fa%3D1%26b%3D2");
    }
}
