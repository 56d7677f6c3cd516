//! The E-Kinerja program. See `ekinerja --help`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Drawing a page and reading rows makes many small pieces of memory; the machine's own allocator spends a
/// quarter of the CPU time of such a request on them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    ekinerja::cli::run()
}
