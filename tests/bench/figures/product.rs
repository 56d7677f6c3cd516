//! The measured product: starts it on demonstration data, signs people in, stops it.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use ekinerja_embedded::{Cluster, Search};
use serde_json::{Value, json};

use crate::{
    cpu::Watched,
    wire::{Connection, Request},
};

/// How long the product may take to play the demonstration and open its doors.
const PATIENCE: Duration = Duration::from_mins(4);
/// How long it may take to end.
const FAREWELL: Duration = Duration::from_mins(1);
/// The password of every account of a demonstration.
const PASSWORD: &str = ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;

/// The running product.
#[derive(Debug)]
pub(crate) struct Product {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    log: PathBuf,
    data: PathBuf,
}

/// The limits that the product counts requests against.
const LIMITS: [&str; 6] = [
    "EKINERJA_LIMIT_ADDRESS",
    "EKINERJA_LIMIT_ACCOUNT_READS",
    "EKINERJA_LIMIT_ACCOUNT_WRITES",
    "EKINERJA_LIMIT_TENANT_READS",
    "EKINERJA_LIMIT_TENANT_WRITES",
    "EKINERJA_LIMIT_SIGN_IN",
];

/// A signed-in person: the line of the header that says so.
#[derive(Debug, Clone)]
pub(crate) struct Person(pub(crate) String);

impl Product {
    /// Starts `ekinerja demo` in a folder of the run and waits until it can be asked.
    pub(crate) async fn start(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let address = free_address()?;
        let data = folder.join("data");
        let log = folder.join("server.log");
        let write = || File::options().create(true).append(true).open(&log);
        let child = Command::new(program)
            .arg("demo")
            .env("EKINERJA_DATA", &data)
            .env("EKINERJA_LISTEN", address.to_string())
            .env("EKINERJA_PUBLIC_URL", format!("http://{address}"))
            // Counted as in production, and never in the way of one address that measures.
            .envs(LIMITS.map(|name| (name, "100000000")))
            .stdin(Stdio::null())
            .stdout(write()?)
            .stderr(write()?)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut product = Self { child, address, log, data };
        product.wait_until_ready().await?;
        Ok(product)
    }

    async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        let ready = Request::get("/readyz", &[]);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait()? {
                bail!("the product ended ({status}); see {}", self.log.display());
            }
            if let Ok(mut connection) = Connection::open(self.address).await
                && connection.ask(&ready).await.is_ok_and(|it| it.status == 200)
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bail!("the product is not ready after {} s", PATIENCE.as_secs())
    }

    /// The private PostgreSQL that it runs on, adopted.
    pub(crate) async fn cluster(&self) -> anyhow::Result<Cluster> {
        let binaries = Search::from_environment(self.data.join("demo/pg")).locate()?;
        Ok(Cluster::start(&binaries, self.data.join("demo/cluster")).await?)
    }

    /// The processes to watch.
    pub(crate) fn watched(&self, cluster: &Cluster) -> Watched {
        Watched { server: self.child.id(), postmaster: cluster.process() }
    }

    /// Signs a person in.
    pub(crate) async fn sign_in(&self, username: &str) -> anyhow::Result<Person> {
        let mut connection = Connection::open(self.address).await?;
        let body = json!({ "username": username, "password": PASSWORD });
        let request = Request::json("POST", "/api/v1/session", &[], &body);
        let answer = connection.ask(&request).await?;
        answer.expect(200).with_context(|| format!("{username} cannot sign in"))?;
        let cookie = answer.header("set-cookie").context("signing in set no cookie")?;
        let pair = cookie.split(';').next().unwrap_or_default();
        Ok(Person(format!("cookie: {pair}")))
    }

    /// What the interface answers a person on `path`.
    pub(crate) async fn read(&self, person: &Person, path: &str) -> anyhow::Result<Value> {
        let mut connection = Connection::open(self.address).await?;
        let answer = connection.ask(&Request::get(path, &[&person.0])).await?;
        answer.json(200).with_context(|| path.to_owned())
    }

    /// Tells it to stop, waits, and cuts it off when it takes too long.
    pub(crate) fn stop(&mut self) -> anyhow::Result<()> {
        let process = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &process]).status();
        ensure!(told.is_ok_and(|it| it.success()), "the product {process} cannot be told to stop");
        let until = Instant::now() + FAREWELL;
        while Instant::now() < until {
            if self.child.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("the product does not stop")
    }
}

impl Drop for Product {
    /// Whatever went wrong, no server is left behind.
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) && self.stop().is_err() {
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }
}

/// An address of loopback that is free now.
fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
