//! What people of the demonstration do while the product is measured: they compare, look closer, record, publish.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};

use crate::{
    product::{Person, Product},
    wire::{Connection, Request},
};

/// The province.
const PROVINCE: &str = "ntb";
/// The regency that publishes again and again.
const PUBLISHER: &str = "lombok-barat";
/// Regencies whose officers record at the same time, each on a connection of its own.
pub(crate) const RECORDERS: [&str; 9] = [
    "lombok-tengah",
    "lombok-timur",
    "sumbawa",
    "dompu",
    "bima",
    "sumbawa-barat",
    "lombok-utara",
    "kota-mataram",
    "kota-bima",
];
/// The periods that the demonstration leaves open; publications are of the first.
const OPEN: [&str; 2] = ["2025", "2026"];
/// A value that is in the range of most indicators.
const VALUE: &str = "20,01";
/// What is recorded and published: people below the poverty line in thousands, rolled up by summing.
const COUNTED: &str = "JPM";
/// What is compared and, in the publishing regency, looked at closely; nothing is recorded for it there.
const COMPARED: &str = "IPM_SP2020";
/// What the regencies publish, for comparisons that nobody has asked for since the last publication.
const PUBLISHED: [&str; 12] = [
    "IPM",
    "IPM_SP2020",
    "UHH",
    "RLS",
    "HLS",
    "PPK",
    "P0",
    "JPM",
    "LPE",
    "TPT",
    "TPAK",
    "STUNTING_SSGI",
];
const YEARS: [&str; 5] = ["2020", "2021", "2022", "2023", "2024"];

/// How long a publication may take to be seen.
const PATIENCE: Duration = Duration::from_secs(10);

/// The readers' requests.
#[derive(Debug)]
pub(crate) struct Readers {
    /// The comparison page, packed.
    pub(crate) comparison: Request,
    /// The same page for who has it already.
    pub(crate) known: Request,
    /// Comparison pages of every indicator, year and language.
    pub(crate) comparisons: Vec<Request>,
    /// The page of an indicator.
    pub(crate) drill_down: Request,
    /// The comparison page as it is sent, packed.
    pub(crate) page: Vec<u8>,
}

const PACKED: &str = "accept-encoding: gzip";

impl Readers {
    /// Signs the readers in and looks at each page once.
    pub(crate) async fn prepare(product: &Product) -> anyhow::Result<Self> {
        let planner = product.sign_in(&format!("perencana.{PROVINCE}")).await?;
        let address = format!("/{PROVINCE}/comparison?indicator={COMPARED}&period=2023");
        let comparison = Request::get(&address, &[&planner.0, PACKED]);
        let mut connection = Connection::open(product.address).await?;
        let answer = connection.ask(&comparison).await?;
        answer.expect(200).context("the comparison page")?;
        ensure!(answer.header("content-encoding") == Some("gzip"), "the page is not packed");
        let tag = answer.header("etag").context("the comparison page has no tag")?;
        let tag = format!("if-none-match: {tag}");
        let page = answer.body.to_vec();
        let known = Request::get(&address, &[&planner.0, PACKED, &tag]);
        let mut comparisons = Vec::new();
        for language in ["id", "en"] {
            let cookie = format!("{}; bahasa={language}", planner.0);
            for code in PUBLISHED {
                for year in YEARS {
                    let address = format!("/{PROVINCE}/comparison?indicator={code}&period={year}");
                    comparisons.push(Request::get(&address, &[&cookie, PACKED]));
                }
            }
        }
        let regency = product.sign_in(&format!("perencana.{PUBLISHER}")).await?;
        let indicators = indicators(product, &regency, PUBLISHER).await?;
        let (_, id) = indicators
            .iter()
            .find(|(code, _)| code == COMPARED)
            .with_context(|| format!("{PUBLISHER} has no indicator {COMPARED}"))?;
        let address = format!("/{PUBLISHER}/indicators/{id}");
        let drill_down = Request::get(&address, &[&regency.0, PACKED]);
        Ok(Self { comparison, known, comparisons, drill_down, page })
    }
}

/// Fails unless the answer says that it came from memory, or that it did not.
pub(crate) async fn expect_memory(
    connection: &mut Connection,
    request: &Request,
    from_memory: bool,
) -> anyhow::Result<()> {
    let answer = connection.ask(request).await?;
    let said = answer.header("server-timing").unwrap_or_default();
    let hit = said.contains("hit");
    ensure!(hit == from_memory, "expected memory: {from_memory}; the answer says {said:?}");
    Ok(())
}

/// Code and id of every indicator.
async fn indicators(
    product: &Product,
    person: &Person,
    tenant: &str,
) -> anyhow::Result<Vec<(String, String)>> {
    let path = format!("/api/v1/tenants/{tenant}/indicators?limit=100");
    let list = product.read(person, &path).await?;
    let items = list["items"].as_array().context("a list without items")?;
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    Ok(items.iter().map(|it| (text(&it["code"]), text(&it["id"]))).collect())
}

/// How a value is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As a draft.
    Draft,
    /// And submitted.
    Submitted,
    /// And submitted, by a client that may send the request again: with an `Idempotency-Key`.
    SubmittedOnce,
}

/// An officer who records: every indicator of the regency and every open period in turn, as in the last days
/// before a deadline, so that no single value grows a history of hundreds of revisions.
#[derive(Debug)]
pub(crate) struct Recorder {
    officer: Person,
    places: Vec<(String, &'static str)>,
    count: usize,
}

impl Recorder {
    /// Signs an officer of a regency in and finds out what they may record: `only` one indicator, or all.
    pub(crate) async fn prepare(
        product: &Product,
        tenant: &str,
        officer: &str,
        only: Option<&str>,
    ) -> anyhow::Result<Self> {
        let officer = product.sign_in(&format!("{officer}.{tenant}")).await?;
        let mut connection = Connection::open(product.address).await?;
        let mut places = Vec::new();
        for (code, id) in indicators(product, &officer, tenant).await? {
            let path = format!("/api/v1/tenants/{tenant}/indicators/{id}/measurements");
            for period in OPEN {
                let request = record(&officer, &path, period, VALUE, Manner::Submitted);
                // Some indicators take no such number (a rating), or are not measured in this period.
                if only.is_none_or(|it| it == code) && connection.ask(&request).await?.status == 201
                {
                    places.push((path.clone(), period));
                }
            }
        }
        ensure!(!places.is_empty(), "the officer of {tenant} may record nothing");
        Ok(Self { officer, places, count: 0 })
    }

    /// The next value.
    pub(crate) fn next(&mut self, manner: Manner) -> Request {
        let (path, period) = &self.places[self.count % self.places.len()];
        let round = self.count / self.places.len();
        self.count += 1;
        let value = format!("{},{:02}", 20 + round / 100, round % 100);
        record(&self.officer, path, period, &value, manner)
    }

    /// This value, where the officer records first.
    fn this(&self, value: &str) -> Request {
        let (path, period) = &self.places[0];
        record(&self.officer, path, period, value, Manner::Submitted)
    }
}

fn record(officer: &Person, path: &str, period: &str, value: &str, manner: Manner) -> Request {
    let body = json!({
        "period": period, "value": value, "method": "published", "source": "cargo xtask bench",
        "reason": "Pengukuran kinerja", "submit": manner != Manner::Draft,
    });
    let key = fresh_key();
    let mut headers = vec![officer.0.as_str()];
    if manner == Manner::SubmittedOnce {
        headers.push(&key);
    }
    Request::json("POST", path, &headers, &body)
}

/// The header with which a repeated write would be told from a new one.
fn fresh_key() -> String {
    let id: uuid::Uuid = ekinerja_app::fresh_id();
    format!("idempotency-key: {id}")
}

/// A regency that publishes, and the province that looks.
#[derive(Debug)]
pub(crate) struct Publisher {
    recorder: Recorder,
    head: Person,
    leader: Person,
    planner: Person,
    regency: Connection,
    province: Connection,
    count: u64,
}

/// How soon a publication arrived, from the moment it was sent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// Until the comparison page showed the figure.
    pub(crate) seen: Duration,
    /// Until the province's roll-up had it.
    pub(crate) rolled_up: Duration,
}

impl Publisher {
    /// Signs everybody in.
    pub(crate) async fn prepare(product: &Product) -> anyhow::Result<Self> {
        Ok(Self {
            recorder: Recorder::prepare(product, PUBLISHER, "petugas-dinsos", Some(COUNTED))
                .await?,
            head: product.sign_in(&format!("kepala-dinsos.{PUBLISHER}")).await?,
            leader: product.sign_in(&format!("pimpinan.{PUBLISHER}")).await?,
            planner: product.sign_in(&format!("perencana.{PROVINCE}")).await?,
            regency: Connection::open(product.address).await?,
            province: Connection::open(product.address).await?,
            count: 0,
        })
    }

    /// A new figure is recorded, verified and published; tells how soon the province had it.
    pub(crate) async fn publish(&mut self) -> anyhow::Result<Arrival> {
        // Thousands with two decimals that stand nowhere else on the page.
        self.count += 1;
        let value = format!("{},{:02}", 7_000 + self.count / 90, 10 + self.count % 90);
        let shown = format!("{}.{}", &value[..1], &value[1..]);
        self.verify(&value).await?;
        let approved = self.preview().await?;
        ensure!(!self.shows(&shown).await?, "{shown} is on the page before it was published");
        let before = self.rollup().await?;
        let started = Instant::now();
        self.send(&approved).await?;
        while !self.shows(&shown).await? {
            ensure!(started.elapsed() < PATIENCE, "the province does not see {shown}");
        }
        let seen = started.elapsed();
        while self.rollup().await? == before {
            ensure!(started.elapsed() < PATIENCE, "the province's roll-up does not change");
        }
        Ok(Arrival { seen, rolled_up: started.elapsed() })
    }

    async fn verify(&mut self, value: &str) -> anyhow::Result<()> {
        let request = self.recorder.this(value);
        let recorded = self.regency.ask(&request).await?.json(201).context("recording")?;
        let id = recorded["id"].as_str().context("a measurement without an id")?;
        let path = format!("/api/v1/tenants/{PUBLISHER}/measurements/{id}/verification");
        let revision = format!("if-match: \"{}\"", recorded["lock_version"]);
        let request = Request::json("PUT", &path, &[&self.head.0, &revision], &Value::Null);
        self.regency.ask(&request).await?.expect(200).context("verifying")
    }

    /// The hash of what would leave.
    async fn preview(&mut self) -> anyhow::Result<String> {
        let period = OPEN[0];
        let path = format!("/api/v1/tenants/{PUBLISHER}/publications/preview?period={period}");
        let request = Request::get(&path, &[&self.leader.0]);
        let preview = self.regency.ask(&request).await?.json(200).context("the preview")?;
        Ok(preview["content_hash"].as_str().context("a preview without a hash")?.to_owned())
    }

    async fn send(&mut self, approved: &str) -> anyhow::Result<()> {
        let path = format!("/api/v1/tenants/{PUBLISHER}/publications");
        let body = json!({ "period": OPEN[0], "content_hash": approved });
        let key = fresh_key();
        let request = Request::json("POST", &path, &[&self.leader.0, &key], &body);
        self.regency.ask(&request).await?.expect(201).context("publishing")
    }

    /// Whether the province's comparison page shows a figure.
    async fn shows(&mut self, shown: &str) -> anyhow::Result<bool> {
        let period = OPEN[0];
        let address = format!("/{PROVINCE}/comparison?indicator={COUNTED}&period={period}");
        let request = Request::get(&address, &[&self.planner.0]);
        let answer = self.province.ask(&request).await?;
        answer.expect(200).context("the comparison page")?;
        Ok(answer.body.windows(shown.len()).any(|it| it == shown.as_bytes()))
    }

    /// The province's roll-up of the indicator, as the interface tells it.
    async fn rollup(&mut self) -> anyhow::Result<Value> {
        let period = OPEN[0];
        let path = format!("/api/v1/tenants/{PROVINCE}/rollups/{COUNTED}?period={period}");
        let request = Request::get(&path, &[&self.planner.0]);
        let value = self.province.ask(&request).await?.json(200).context("the roll-up")?;
        if value.is_null() {
            bail!("there is no roll-up of {COUNTED} for {period}");
        }
        Ok(value)
    }
}
