//! The repository's own tools, run as `cargo xtask <command>`.
//!
//! They do every set-up themselves: nothing is prepared by hand before `demo` or `test`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod ci;
mod demo;
mod generate;
mod providers;
mod repository;
mod sbom;
mod schemathesis;
mod screenshots;
mod test;
mod tidy;

/// The repository's own tools.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the product and start its demonstration on a private PostgreSQL.
    Demo(demo::Arguments),
    /// Run every test on a private PostgreSQL of the run.
    Test(test::Arguments),
    /// Measure the release build beside the least that this machine can do.
    Bench(bench::Arguments),
    /// Run what continuous integration runs, or only the named steps.
    Ci(ci::Arguments),
    /// Write the bill of materials of the program (`CycloneDX`).
    Sbom(sbom::Arguments),
    /// Take the pictures of the documents from a running demonstration.
    Screenshots(screenshots::Arguments),
    /// Check the layout of the repository: arrows, module docs, names, places.
    Tidy,
    /// Write the files that are made from other files; with `--check`, say which are out of date.
    Generate(generate::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Ci(arguments) => ci::run(&arguments),
        Command::Sbom(arguments) => sbom::run(&arguments),
        Command::Screenshots(arguments) => screenshots::run(&arguments),
        Command::Tidy => tidy::run(),
        Command::Generate(arguments) => generate::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a command-line tool tells a person what went wrong")]
fn report(error: &anyhow::Error) {
    eprintln!("xtask: {error:#}");
}
