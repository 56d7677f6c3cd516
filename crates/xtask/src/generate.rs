//! Files of the repository that are made from other files.

use clap::Args;

/// What `cargo xtask generate` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail when a generated file differs from what would be written.
    #[arg(long)]
    pub(crate) check: bool,
}

/// Runs every generator.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    anyhow::bail!("no generator is registered yet (check: {})", arguments.check)
}
