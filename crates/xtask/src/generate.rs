//! Files of the repository that are made from other files.

use std::path::PathBuf;

use clap::Args;

mod demo;
mod foreign;
mod map;
mod regions;

/// What `cargo xtask generate` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail when a generated file differs from what would be written.
    #[arg(long)]
    pub(crate) check: bool,
    /// Folder with the foreign material (regions.csv, iku-ntb.csv, ...) from which the list of
    /// governments, the demo and the map are drawn. Without it they are compared with their hashes.
    #[arg(long, value_name = "DIR")]
    pub(crate) from: Option<PathBuf>,
}

/// Runs every generator.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    match &arguments.from {
        Some(from) => foreign::draw(from, arguments.check),
        None => foreign::check(),
    }
}
