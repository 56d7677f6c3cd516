//! Whether the data folder takes files: asked by writing one.

use std::fs;

use super::Diagnosis;
use crate::config::Config;

/// Writes a file where uploads will go, and takes it away again.
pub(super) fn examine(config: &Config) -> Option<Diagnosis> {
    let folder = config.files();
    let trial = folder.join(format!(".trial-{}", std::process::id()));
    let written = fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&trial, vec![0_u8; 64 * 1024]))
        .and_then(|()| fs::remove_file(&trial));
    let problem = written.err()?;
    Some(Diagnosis::Disk { folder: folder.display().to_string(), said: problem.to_string() })
}
