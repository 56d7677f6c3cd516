//! What the two sheet commands share: where the sheet comes from and how its end is told.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use ekinerja_documents::{Language, SheetError};

/// The language of reasons and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SheetLanguage {
    /// Bahasa Indonesia.
    Id,
    /// English.
    En,
}

impl From<SheetLanguage> for Language {
    fn from(it: SheetLanguage) -> Self {
        match it {
            SheetLanguage::Id => Self::Indonesian,
            SheetLanguage::En => Self::English,
        }
    }
}

/// Opens a file, or standard input for `-` and nothing.
pub(crate) fn open(file: Option<&Path>) -> anyhow::Result<Box<dyn Read>> {
    match file {
        Some(path) if path != Path::new("-") => {
            let file = File::open(path)
                .with_context(|| format!("tidak dapat membuka / cannot open {}", path.display()))?;
            Ok(Box::new(file))
        }
        Some(_) | None => Ok(Box::new(io::stdin().lock())),
    }
}

/// Words a sheet's failure for the person at the terminal.
pub(crate) fn finish<S: Default>(
    answered: Result<S, SheetError>,
    language: Language,
) -> anyhow::Result<S> {
    match answered {
        Ok(summary) => Ok(summary),
        Err(SheetError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(S::default()),
        Err(SheetError::Io(error)) => Err(anyhow::Error::new(error).context(
            language
                .pick("lembar tidak dapat dibaca atau ditulis", "cannot read or write the sheet"),
        )),
        Err(error) => Err(anyhow!(error.text(language))),
    }
}
