//! Measures what the product costs per request, beside the least that the same machine can do.
//!
//! Run by `cargo xtask bench`, which builds it and tells the results. Arguments: the product's program, a folder
//! for the run, a file for the results, and `quick` for fewer rounds or `only` with names of cases. One interleaved run: every case has its
//! round, then every case again in the reverse order, so that a slow minute of the machine falls on all alike.

mod cases;
mod cpu;
mod load;
mod product;
mod references;
mod script;
mod statements;
mod wire;

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use anyhow::Context;
use ekinerja_app::ports::{Clock, SystemClock};
use ekinerja_embedded::Cluster;
use serde_json::{Value, json};

use cases::{Bench, CASES, CONNECTIONS};
use load::Rounds;
use product::Product;
use references::References;
use script::Readers;

/// After how long the run is cut off.
const LIMIT: Duration = Duration::from_secs(280);

fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|it| it != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = match words.as_slice() {
        [references::WORD, ..] => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    }
    .enable_all()
    .build()?;
    match words.as_slice() {
        [references::WORD, page, database] => runtime.block_on(references::serve(page, database)),
        [program, folder, results, rest @ ..] => {
            let wish = Wish::of(rest);
            let program = fs::canonicalize(program).with_context(|| format!("no {program}"))?;
            runtime.block_on(async {
                let measured = measure(&program, Path::new(folder), &wish);
                let measured = tokio::time::timeout(LIMIT, measured).await;
                let told = measured.context("the run took too long and was cut off")??;
                fs::write(results, told.to_string()).context("cannot write the results")
            })
        }
        // `cargo test --all-targets` runs benches too.
        _ => {
            tell("nothing measured: this is run by `cargo xtask bench`");
            Ok(())
        }
    }
}

/// How much is measured.
struct Wish {
    pairs: usize,
    cases: Vec<&'static str>,
}

impl Wish {
    /// Everything; `quick` once; or, for who looks with a profiler, `only` the named cases for longer.
    fn of(words: &[&str]) -> Self {
        match words {
            ["only", names @ ..] => {
                let cases = CASES.into_iter().filter(|it| names.contains(it)).collect();
                Self { pairs: 20, cases }
            }
            ["quick"] => Self { pairs: 1, cases: CASES.to_vec() },
            _ => Self { pairs: 5, cases: CASES.to_vec() },
        }
    }
}

/// Says how far the run is.
#[expect(clippy::print_stderr, reason = "a person waits for some minutes")]
fn tell(words: &str) {
    eprintln!("{words}");
}

/// Starts everything, measures, and stops everything.
async fn measure(program: &Path, folder: &Path, wish: &Wish) -> anyhow::Result<Value> {
    tell("starting the product on demonstration data");
    let mut product = Product::start(program, folder).await?;
    let cluster = product.cluster().await?;
    let readers = Readers::prepare(&product).await?;
    let page = folder.join("page.gz");
    fs::write(&page, &readers.page)?;
    let references = References::start(&cluster, &page).await?;
    let measured = run(&product, &cluster, &references, readers, wish).await;
    references.stop(&cluster).await?;
    product.stop()?;
    cluster.stop().await?;
    measured
}

async fn run(
    product: &Product,
    cluster: &Cluster,
    references: &References,
    readers: Readers,
    wish: &Wish,
) -> anyhow::Result<Value> {
    let mut bench = Bench::prepare(product, cluster, references, readers).await?;
    bench.warm_up().await?;
    let mut cases: BTreeMap<&str, Rounds> = BTreeMap::new();
    let (pairs, wished) = (wish.pairs, &wish.cases);
    for pair in 1..=pairs {
        for &case in wished.iter().chain(wished.iter().rev()) {
            let measured = bench.case(case).await.with_context(|| case.to_owned())?;
            let rounds = cases.entry(case).or_default();
            rounds.push(measured);
            tell(&format!("{pair}/{pairs} {case}: {}", rounds.last_words()));
        }
    }
    let idle = load::idle(bench.watched).await?;
    let statements = bench.statements(cluster).await?;
    let (seen, rolled_up) = (nanos(&bench.seen)?, nanos(&bench.rolled_up)?);
    let cases: BTreeMap<_, _> = cases.into_iter().map(|(name, it)| (name, it.told())).collect();
    Ok(json!({
        "date": SystemClock.now().date_naive().to_string(),
        "machine": machine(cluster)?,
        "connections": CONNECTIONS,
        "page_bytes": bench.readers.page.len(),
        "idle": idle,
        "cases": cases,
        "seen": seen,
        "rolled_up": rolled_up,
        "statements": statements,
    }))
}

fn nanos(times: &[Duration]) -> anyhow::Result<Vec<u64>> {
    times.iter().map(|it| Ok(u64::try_from(it.as_nanos())?)).collect()
}

/// The kind of machine.
fn machine(cluster: &Cluster) -> anyhow::Result<Value> {
    let processors = fs::read_to_string("/proc/cpuinfo").context("cannot read /proc/cpuinfo")?;
    let model = processors.lines().find(|it| it.starts_with("model name"));
    let model = model.and_then(|it| it.split_once(':')).map_or("unknown", |it| it.1.trim());
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").context("no osrelease")?;
    // The first numbers; the rest names a particular build.
    let kernel = kernel.trim().split('-').next().unwrap_or_default();
    Ok(json!({
        "processor": model,
        "cores": std::thread::available_parallelism()?.get(),
        "kernel": format!("Linux {kernel}"),
        "postgresql": cluster.binaries().version(),
    }))
}
