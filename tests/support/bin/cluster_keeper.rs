//! Holds a private PostgreSQL as the product does, so that a test can kill it at any moment.
//!
//! `cluster-keeper BINARIES HOME` finds or fetches binaries into the folder BINARIES, starts the
//! cluster in the folder HOME, prints one line `ready PROCESS ORIGIN URL` (the server's process, how
//! it came to run, the superuser's address), and stops the cluster at Ctrl-C. What it has to say
//! otherwise goes to the error output.

use std::{env, error::Error, io::Write as _};

use ekinerja_embedded::{Cluster, SUPERUSER, Search};

#[expect(clippy::print_stderr, reason = "a test reads here what went wrong")]
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let (Some(folder), Some(home)) = (arguments.next(), arguments.next()) else {
        return Err("usage: cluster-keeper BINARIES HOME".into());
    };
    let binaries =
        Search::from_environment(folder).locate_or_fetch(|words| eprintln!("{words}"))?;
    let cluster = Cluster::start(&binaries, home).await?;
    writeln!(
        std::io::stdout(),
        "ready {} {:?} {}",
        cluster.process(),
        cluster.origin(),
        cluster.url("postgres", SUPERUSER, None)
    )?;
    tokio::signal::ctrl_c().await?;
    cluster.stop().await?;
    Ok(())
}
