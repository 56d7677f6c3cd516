//! The whole product on a database of its own: real migrations, a clock that the test moves, a real server
//! on a port of its own.
//!
//! ```text
//! let app = TestApp::start().await;
//! let sumbawa = app.tenant("sumbawa").await;
//! let planner = sumbawa.member(Role::Planner).await;
//! planner.get("/sumbawa/plan").await.expect(200);
//! ```

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration as StdDuration, Instant};

use axum::Router;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use ekinerja_app::identity::{AllowedIssuers, ProviderSettings, SealKey};
use ekinerja_app::ports::{Clock, FolderFiles, SetClock};
use ekinerja_app::sign_in::hash_password;
use ekinerja_app::{App, AppSettings, Store};
use ekinerja_domain::access::{Grant, Role, Scope};
use ekinerja_domain::ids::AgencyId;
use ekinerja_domain::tenant::{Level, Slug, Tenant};
use ekinerja_store::change::News;
use ekinerja_store::directory::DirectoryActor;
use ekinerja_store::directory::people::{NewMembership, NewUser};
use ekinerja_store::directory::tenants::NewTenant;
use ekinerja_web::{AppState, Limits, WebSettings};
use tokio::net::TcpListener;
use url::Url;

use crate::actor::Actor;
use crate::database::{TestDatabase, demonstration_database, fresh_database};

/// The password of every account that a test makes.
pub const PASSWORD: &str = "kata-sandi-untuk-uji";

/// The moment at which every test begins: 15 January 2025, 10.00 WITA.
fn beginning() -> DateTime<Utc> {
    "2025-01-15T02:00:00Z".parse().expect("a moment")
}

/// The product, running.
#[derive(Debug)]
pub struct TestApp {
    /// The use cases, for arranging what no test of a door needs.
    pub app: App,
    /// The time that the product sees.
    pub clock: SetClock,
    address: SocketAddr,
    files: PathBuf,
    database: TestDatabase,
}

impl TestApp {
    /// Starts it.
    pub async fn start() -> Self {
        Self::start_with(|_| {}, Router::new()).await
    }

    /// Starts it with other settings, and with routes that only a test needs behind the same layers.
    ///
    /// # Panics
    /// When the product does not start.
    pub async fn start_with(
        adjust: impl FnOnce(&mut WebSettings),
        extra: Router<AppState>,
    ) -> Self {
        Self::start_as(|app| app, adjust, extra).await
    }

    /// Starts it as a demonstration, with the main job played into it.
    ///
    /// # Panics
    /// When a use case refuses the demonstration's data.
    pub async fn start_demonstration() -> Self {
        Self::start_demonstration_with(|_| {}, Router::new()).await
    }

    /// The same with other settings and further routes.
    ///
    /// # Panics
    /// When a use case refuses the demonstration's data.
    pub async fn start_demonstration_with(
        adjust: impl FnOnce(&mut WebSettings),
        extra: Router<AppState>,
    ) -> Self {
        let database = demonstration_database(async |settings| {
            let store = Store::connect(&settings).await.expect("the doors open");
            let folder = std::env::temp_dir().join(format!("ekinerja-play-{}", std::process::id()));
            let files = Arc::new(FolderFiles::under(&folder));
            let played = Box::pin(ekinerja::demo::play(store.clone(), files, |_| {})).await;
            played.expect("the main job");
            store.close().await;
            assert!(
                !folder.exists(),
                "the play keeps files: they must be copied with the database"
            );
        })
        .await;
        let app = Self::start_on(database, App::for_demonstration, adjust, extra).await;
        app.clock.set("2026-11-24T02:00:00Z".parse().expect("a moment"));
        app
    }

    /// Starts it as a real installation: administrators and operators must have a second factor.
    ///
    /// # Panics
    /// When the product does not start.
    pub async fn start_strict() -> Self {
        Self::start_as(App::requiring_second_factors, |_| {}, Router::new()).await
    }

    async fn start_as(
        adapt: impl FnOnce(App) -> App,
        adjust: impl FnOnce(&mut WebSettings),
        extra: Router<AppState>,
    ) -> Self {
        Self::start_on(fresh_database().await, adapt, adjust, extra).await
    }

    /// Starts it on this database.
    ///
    /// # Panics
    /// When the product does not start.
    pub async fn start_on(
        database: TestDatabase,
        adapt: impl FnOnce(App) -> App,
        adjust: impl FnOnce(&mut WebSettings),
        extra: Router<AppState>,
    ) -> Self {
        let store = Store::connect(&database.store_settings()).await.expect("the doors open");
        let clock = SetClock::at(beginning());
        let files = std::env::temp_dir().join(database.name());
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let public_url: Url = format!("http://{address}/").parse().expect("an address");
        let app = adapt(App::new(AppSettings {
            store,
            clock: Arc::new(clock.clone()),
            files: Arc::new(FolderFiles::under(&files)),
        }));
        let app = app.with_providers(providers(public_url.clone())).expect("a client");
        let mut settings = WebSettings::at(public_url);
        // A test asks thousands of times from one address; the tests of the limits set them.
        settings.limits = Limits::NONE;
        adjust(&mut settings);
        let router = ekinerja_web::router_with(app.clone(), settings, extra);
        #[expect(clippy::disallowed_methods, reason = "the server ends with the test's runtime")]
        tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).await
        });
        Self { app, clock, address, files, database }
    }

    /// Where the server listens: host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The database, for looking behind the doors.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Moves the clock on.
    pub fn pass(&self, time: Duration) {
        self.clock.set(self.clock.now() + time);
    }

    /// Somebody with a browser who is not signed in.
    pub fn visitor(&self) -> Actor {
        Actor::at(self.address)
    }

    /// Another process on the same database, which hears the news.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn neighbour(&self) -> App {
        let store = Store::connect(&self.database.store_settings()).await.expect("the doors open");
        let mut news = store.changes().subscribe();
        let hearing = store.clone();
        #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
        tokio::spawn(async move { hearing.listen().await });
        let neighbour = App::new(AppSettings {
            store,
            clock: Arc::new(self.clock.clone()),
            files: Arc::new(FolderFiles::under(&self.files)),
        });
        // The listener says that it hears from now on.
        assert_eq!(news.recv().await, Ok(News::Gap));
        neighbour
    }

    /// Somebody with a browser who is not signed in, at a second server on the same database, and its process.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn beside(&self) -> (Actor, App) {
        let neighbour = self.neighbour().await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let public_url = format!("http://{address}/").parse().expect("an address");
        let router = ekinerja_web::router(neighbour.clone(), WebSettings::at(public_url));
        #[expect(clippy::disallowed_methods, reason = "the server ends with the test's runtime")]
        tokio::spawn(async move { axum::serve(listener, router).await });
        (Actor::at(address), neighbour)
    }

    /// Waits until another process has heard what an act said, and makes sure that this was sooner than the two
    /// seconds after which everything is read anew anyway.
    ///
    /// # Panics
    /// When nothing is heard in time.
    pub async fn heard<A: Future<Output = ()>>(neighbour: &App, act: A) {
        let mut news = neighbour.store().changes().subscribe();
        let begun = Instant::now();
        act.await;
        let waited = tokio::time::timeout(StdDuration::from_secs(20), news.recv()).await;
        waited.expect("news within seconds").expect("news");
        assert!(begun.elapsed() < StdDuration::from_millis(1_900), "{:?}", begun.elapsed());
    }

    /// Somebody with a browser, signed in with this account and [`PASSWORD`].
    pub async fn sign_in(&self, username: &str) -> Actor {
        self.sign_in_with(username, PASSWORD).await
    }

    /// Somebody with a browser, signed in with this account and password.
    pub async fn sign_in_with(&self, username: &str, password: &str) -> Actor {
        let actor = self.visitor();
        let body = serde_json::json!({ "username": username, "password": password });
        actor.post("/api/v1/session", &body).await.expect(200);
        actor
    }

    /// A platform operator, signed in.
    pub async fn operator(&self) -> Actor {
        self.account("operator", true).await;
        self.sign_in("operator").await
    }

    /// An account of nobody's government, unless it is there.
    ///
    /// # Panics
    /// When it cannot be arranged.
    pub async fn account(&self, username: &str, is_operator: bool) {
        self.account_with(username, None, is_operator).await;
    }

    /// The same with an employee number.
    ///
    /// # Panics
    /// When it cannot be arranged.
    pub async fn account_with(&self, username: &str, nip: Option<&str>, is_operator: bool) {
        let directory = self.app.store().directory(self.app.now()).await.expect("the directory");
        if directory.find_user(username).await.expect("a look").is_some() {
            return;
        }
        let hash = hash_password(PASSWORD.to_owned()).await.expect("a hash");
        let new = NewUser {
            username: username.to_owned(),
            name: format!("Akun {username}"),
            nip: nip.map(str::to_owned),
            password_hash: Some(hash),
            is_operator,
            must_change_password: false,
        };
        directory.add_user(new).await.expect("an account");
        directory.commit(&platform(), Vec::new()).await.expect("kept");
    }

    /// A government with this address (NTB or one of its kabupaten/kota), opened unless it is open.
    ///
    /// # Panics
    /// When it cannot be arranged.
    pub async fn tenant(&self, slug: &str) -> TestTenant<'_> {
        let province = self.open(&NTB[0], None).await;
        if slug == NTB[0].1 {
            return TestTenant { app: self, tenant: province };
        }
        let region = NTB.iter().find(|it| it.1 == slug).expect("a region of NTB");
        let tenant = self.open(region, Some(&province)).await;
        TestTenant { app: self, tenant }
    }

    /// Any government of the list, by its Kemendagri code; a regency after its province.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub async fn tenant_of(&self, code: &str) -> TestTenant<'_> {
        let operator = ekinerja_app::tenants::Operator::command_line();
        let tenant = self.app.open_tenant(&operator, code).await.expect("a tenant");
        TestTenant { app: self, tenant }
    }

    async fn open(&self, region: &(&str, &str, &str), parent: Option<&Tenant>) -> Tenant {
        let (code, slug, name) = *region;
        let directory = self.app.store().directory(self.app.now()).await.expect("the directory");
        let slug: Slug = slug.parse().expect("an address");
        if let Some(tenant) = directory.find_tenant(&slug).await.expect("a look") {
            return tenant;
        }
        let level = match (parent, name.starts_with("Kota")) {
            (None, _) => Level::Province,
            (Some(_), true) => Level::City,
            (Some(_), false) => Level::Regency,
        };
        let new = NewTenant {
            code: code.parse().expect("a code"),
            slug,
            name: name.to_owned(),
            level,
            parent: parent.map(|it| it.id),
        };
        let tenant = directory.add_tenant(new).await.expect("a tenant");
        directory.commit(&platform(), Vec::new()).await.expect("kept");
        tenant
    }
}

impl Drop for TestApp {
    /// Removes the files that the test kept.
    fn drop(&mut self) {
        // A test that kept no file has no folder.
        drop(std::fs::remove_dir_all(&self.files));
    }
}

/// A government of a test.
#[derive(Debug, Clone)]
pub struct TestTenant<'a> {
    app: &'a TestApp,
    /// The tenant.
    pub tenant: Tenant,
}

impl TestTenant<'_> {
    /// Its address.
    pub fn slug(&self) -> &str {
        self.tenant.slug.as_str()
    }

    /// An address of the interface inside it; `rest` begins with `/`.
    pub fn api(&self, rest: &str) -> String {
        ekinerja_web::links::api(&self.tenant.slug, rest)
    }

    /// Somebody with this role in the whole tenant, signed in. The account is named after both.
    pub async fn member(&self, role: Role) -> Actor {
        let username = format!("{}.{}", role.code().replace('_', "-"), self.tenant.slug);
        self.member_named(&username, role, Scope::Tenant).await
    }

    /// Somebody with this role for one OPD, signed in.
    pub async fn member_of(&self, role: Role, agency: AgencyId) -> Actor {
        let short = &agency.uuid().simple().to_string()[24..];
        let username = format!("{}-{short}.{}", role.code().replace('_', "-"), self.tenant.slug);
        self.member_named(&username, role, Scope::Agency(agency)).await
    }

    /// Somebody with every role in the whole tenant, signed in. The account is `semua.` and the address.
    pub async fn everything(&self) -> Actor {
        let username = format!("semua.{}", self.tenant.slug);
        self.app.account(&username, false).await;
        for role in Role::ALL {
            self.give(&username, role, Scope::Tenant, None).await;
        }
        self.app.sign_in(&username).await
    }

    /// An account with this name and role, made unless it is there, signed in.
    pub async fn member_named(&self, username: &str, role: Role, scope: Scope) -> Actor {
        self.app.account(username, false).await;
        self.give(username, role, scope, None).await;
        self.app.sign_in(username).await
    }

    /// Gives an account a role from 1 January 2020 to `last`.
    ///
    /// # Panics
    /// When it cannot be arranged.
    pub async fn give(&self, username: &str, role: Role, scope: Scope, last: Option<NaiveDate>) {
        let directory = self.app.app.store().directory(self.app.app.now()).await.expect("a door");
        let found = directory.find_user(username).await.expect("a look");
        let (person, _) = found.expect("an account");
        let valid_from = NaiveDate::from_ymd_opt(2020, 1, 1).expect("a day");
        let new = NewMembership {
            tenant: self.tenant.id,
            user: person.id,
            grant: Grant { role, scope, valid_from, valid_to: last },
            post: None,
            post_id: None,
            acting: None,
        };
        directory.add_membership(&person, new).await.expect("a role");
        directory.commit(&platform(), Vec::new()).await.expect("kept");
    }
}

/// What an operator sets: providers on this machine, and two that are never reached.
///
/// # Panics
/// When the list of hosts cannot be read.
pub fn providers(public_url: Url) -> ProviderSettings {
    let allowed = AllowedIssuers::parse("http://127.0.0.1 sso.contoh.go.id 10.9.8.7", true);
    let key = SealKey::parse("MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    ProviderSettings { allowed: allowed.expect("hosts"), key, public_url }
}

/// Who arranges the tests.
fn platform() -> DirectoryActor {
    DirectoryActor { user: None, name: String::from("uji"), post: None }
}

/// Kemendagri code, address, name.
const NTB: [(&str, &str, &str); 11] = [
    ("52", "ntb", "Provinsi Nusa Tenggara Barat"),
    ("52.01", "lombok-barat", "Kabupaten Lombok Barat"),
    ("52.02", "lombok-tengah", "Kabupaten Lombok Tengah"),
    ("52.03", "lombok-timur", "Kabupaten Lombok Timur"),
    ("52.04", "sumbawa", "Kabupaten Sumbawa"),
    ("52.05", "dompu", "Kabupaten Dompu"),
    ("52.06", "bima", "Kabupaten Bima"),
    ("52.07", "sumbawa-barat", "Kabupaten Sumbawa Barat"),
    ("52.08", "lombok-utara", "Kabupaten Lombok Utara"),
    ("52.71", "kota-mataram", "Kota Mataram"),
    ("52.72", "kota-bima", "Kota Bima"),
];
