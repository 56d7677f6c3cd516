//! What the figures are compared with: a server that does nothing but the least.
//!
//! It is the bench's own program, started again as a process of its own: the same bytes as the comparison page
//! from memory, one row by primary key through sqlx, one row inserted durably. It ends when the bench does.

use std::{
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, ensure};
use axum::{
    Router,
    body::Bytes,
    extract::{Path as InPath, State},
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use ekinerja_embedded::Cluster;
use sqlx::{
    ConnectOptions, Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use tokio::net::TcpListener;

/// The word that turns the bench's program into the reference server.
pub(crate) const WORD: &str = "serve-references";
/// The tag of the reference's page.
pub(crate) const TAG: &str = "\"reference\"";
/// Its database on the product's cluster.
const DATABASE: &str = "ekinerja_bench";
/// Rows that can be selected.
pub(crate) const ROWS: i64 = 1_000;
/// Connections of its pool: as many as the product's door of the tenants has.
const CONNECTIONS: u32 = 10;

/// The running reference server.
#[derive(Debug)]
pub(crate) struct References {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl References {
    /// Makes the database and starts the server. `page` is a file with the bytes of a compressed page.
    pub(crate) async fn start(cluster: &Cluster, page: &Path) -> anyhow::Result<Self> {
        prepare(cluster).await?;
        let role = ekinerja_embedded::SUPERUSER;
        let mut child = Command::new(std::env::current_exe()?)
            .arg(WORD)
            .arg(page)
            .arg(cluster.url(DATABASE, role, None))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the reference server")?;
        let said = child.stdout.take().context("the reference server has no output")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        let address = line.trim().parse().context("the reference server tells no address")?;
        Ok(Self { child, address })
    }

    /// Its process id.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends it and removes its database.
    pub(crate) async fn stop(mut self, cluster: &Cluster) -> anyhow::Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait().context("cannot wait for the reference server")?;
        ensure!(status.success(), "the reference server ended badly");
        cluster.drop_database(DATABASE).await?;
        Ok(())
    }
}

async fn prepare(cluster: &Cluster) -> anyhow::Result<()> {
    cluster.drop_database(DATABASE).await?;
    cluster.create_database(DATABASE).await?;
    let mut connection = cluster.owner_options(DATABASE).connect().await?;
    for sql in [
        "create table readings (id bigint primary key, code text not null, value numeric(24,6))",
        "insert into readings select n, 'code ' || n, n * 1.25 from generate_series(1, 1000) n",
        "create table writings (id bigint generated always as identity primary key,
           code text not null, value numeric(24,6), at timestamptz not null default now())",
        "vacuum analyze readings",
    ] {
        sqlx::raw_sql(sql).execute(&mut connection).await.context(sql)?;
    }
    connection.close().await?;
    Ok(())
}

#[derive(Debug, Clone)]
struct Shared {
    page: Bytes,
    pool: PgPool,
}

/// Serves until the bench ends: its end of our standard input closes then.
pub(crate) async fn serve(page: &str, database: &str) -> anyhow::Result<()> {
    let page = std::fs::read(page).with_context(|| format!("cannot read {page}"))?;
    let options: PgConnectOptions = database.parse().context("an address of a database")?;
    let pool = PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .test_before_acquire(false)
        .connect_with(options)
        .await
        .context("the database does not answer")?;
    let shared = Shared { page: page.into(), pool };
    let router = Router::new()
        .route("/page", get(whole_page))
        .route("/select/{id}", get(select))
        .route("/insert/{code}", post(insert))
        .with_state(shared);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    tell_address(listener.local_addr()?);
    // Kept-alive connections would hold a graceful end up; there is nothing here to finish.
    tokio::select! {
        served = axum::serve(listener, router).into_future() => {
            served.context("the reference server ended")
        }
        () = closed() => Ok(()),
    }
}

/// Ends when the bench has ended or let go of our standard input.
async fn closed() {
    let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    drop(ended.await);
}

#[expect(clippy::print_stdout, reason = "the bench reads the address there")]
fn tell_address(address: SocketAddr) {
    println!("{address}");
}

async fn whole_page(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if headers.get(IF_NONE_MATCH).is_some_and(|it| it == TAG) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, TAG)]).into_response();
    }
    let head =
        [(CONTENT_TYPE, "text/html; charset=utf-8"), (CONTENT_ENCODING, "gzip"), (ETAG, TAG)];
    (head, shared.page).into_response()
}

async fn select(
    State(shared): State<Shared>,
    InPath(id): InPath<i64>,
) -> Result<String, StatusCode> {
    let code: String = sqlx::query_scalar("select code from readings where id = $1")
        .bind(id)
        .fetch_one(&shared.pool)
        .await
        .map_err(|_lost| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(code)
}

async fn insert(
    State(shared): State<Shared>,
    InPath(code): InPath<String>,
) -> Result<StatusCode, StatusCode> {
    sqlx::query("insert into writings (code, value) values ($1, 1.25)")
        .bind(code)
        .execute(&shared.pool)
        .await
        .map_err(|_lost| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(StatusCode::CREATED)
}
