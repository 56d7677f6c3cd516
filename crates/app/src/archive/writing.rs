//! Writing an archive: one part after the other, away from the async workers.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{Manifest, Part};
use crate::refusal::{Refusal, Result};

/// An archive that is being written.
pub(super) struct Writing(Box<Open>);

/// The file, and what was written of the part so far.
struct Open {
    zip: ZipWriter<BufWriter<File>>,
    hash: Sha256,
    rows: u64,
    bytes: u64,
}

impl Writing {
    /// Begins a file, which must not be there: nothing is overwritten.
    pub(super) async fn at(path: &Path) -> Result<Self> {
        let path = path.to_owned();
        away(move || {
            // What people wrote about people: for nobody else on the machine.
            let mut options = File::options();
            let file = options.write(true).create_new(true).mode(0o600).open(&path)?;
            let zip = ZipWriter::new(BufWriter::new(file));
            Ok(Self(Box::new(Open { zip, hash: Sha256::new(), rows: 0, bytes: 0 })))
        })
        .await
    }

    /// Begins a part.
    pub(super) async fn begin(mut self, name: String, is_packed: bool) -> Result<Self> {
        away(move || {
            let method =
                if is_packed { CompressionMethod::Stored } else { CompressionMethod::Deflated };
            let options = SimpleFileOptions::default().compression_method(method).large_file(true);
            self.0.zip.start_file(name, options).map_err(std::io::Error::other)?;
            (self.0.hash, self.0.rows, self.0.bytes) = (Sha256::new(), 0, 0);
            Ok(self)
        })
        .await
    }

    /// Adds lines to the part.
    pub(super) async fn lines(mut self, lines: Vec<String>) -> Result<Self> {
        away(move || {
            for line in lines {
                self.write(line.as_bytes())?;
                self.write(b"\n")?;
                self.0.rows += 1;
            }
            Ok(self)
        })
        .await
    }

    /// Adds bytes to the part.
    pub(super) async fn content(mut self, content: Vec<u8>) -> Result<Self> {
        away(move || {
            self.write(&content)?;
            Ok(self)
        })
        .await
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.zip.write_all(bytes)?;
        self.0.hash.update(bytes);
        self.0.bytes += bytes.len() as u64;
        Ok(())
    }

    /// What the part holds.
    pub(super) fn part(&self) -> Part {
        let sha256 = hex::encode(self.0.hash.clone().finalize());
        Part { rows: self.0.rows, bytes: self.0.bytes, sha256 }
    }

    /// Writes the manifest and makes the file last; SHA-256 of the manifest.
    pub(super) async fn finish(self, manifest: &Manifest) -> Result<String> {
        let text = serde_json::to_vec_pretty(manifest).map_err(Refusal::internal)?;
        let digest = hex::encode(Sha256::digest(&text));
        let writing = self.begin(String::from("manifest.json"), false).await?;
        let writing = writing.content(text).await?;
        away(move || {
            let file = writing.0.zip.finish().map_err(std::io::Error::other)?;
            file.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
        })
        .await?;
        Ok(digest)
    }
}

/// Works with a file away from the async workers.
pub(super) async fn away<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await.map_err(Refusal::internal)?;
    done.map_err(Refusal::internal)
}
