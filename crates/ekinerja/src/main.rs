//! The E-Kinerja program. See `ekinerja --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ekinerja::cli::run()
}
