//! Finding the programs `postgres`, `initdb` and `pg_ctl` of PostgreSQL 15 or newer.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{account::RunAs, error::Error, fetch, place};

/// The setting that names a folder of binaries; it goes before every other place.
pub const SETTING: &str = "EKINERJA_PG_BIN";

/// The setting that, as `off`, hides the machine's own PostgreSQL: only the project's folder counts.
pub const MACHINE_SETTING: &str = "EKINERJA_PG_MACHINE";

/// The oldest major version whose dialect the product speaks.
const OLDEST: u32 = 15;

/// How deep below the project's folder a package may keep its `bin`.
const DEPTH: usize = 6;

/// A folder with programs of PostgreSQL that run here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
    version: String,
    /// Libraries that came with the binaries and that the machine may lack.
    libraries: Option<PathBuf>,
}

impl Binaries {
    /// The binaries in `folder`, after asking them for their version.
    ///
    /// Asking also proves that every library they need is there and that the account which will
    /// run them can reach them.
    ///
    /// # Errors
    /// [`Error::Unusable`] when one is missing, does not run, or is older than 15.
    pub fn at(folder: impl Into<PathBuf>) -> Result<Self, Error> {
        let folder = folder.into();
        let unusable = |reason: String| Error::Unusable { folder: folder.clone(), reason };
        let run_as = RunAs::find()?;
        let libraries = fetch::libraries_beside(&folder);
        let mut version = String::new();
        for program in ["initdb", "pg_ctl", "postgres"] {
            let path = folder.join(program);
            if !path.is_file() {
                return Err(unusable(format!("`{program}` is not there")));
            }
            let mut command = run_as.command(&path);
            if let Some(libraries) = &libraries {
                command.env("LD_LIBRARY_PATH", libraries);
            }
            let said = command.arg("--version").output().map_err(|problem| {
                unusable(format!(
                    "`{program}` does not start as user id {}: {problem}",
                    run_as.account.user
                ))
            })?;
            if !said.status.success() {
                let words = String::from_utf8_lossy(&said.stderr).trim().to_owned();
                return Err(unusable(format!("`{program} --version` failed: {words}")));
            }
            String::from_utf8_lossy(&said.stdout).trim().clone_into(&mut version);
        }
        let major = major_of(&version)
            .ok_or_else(|| unusable(format!("`postgres --version` says {version:?}")))?;
        if major < OLDEST {
            return Err(unusable(format!("it is version {major}; {OLDEST} or newer is needed")));
        }
        Ok(Self { folder, major, version, libraries })
    }

    /// The folder that holds the programs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The major version, 15 or more. Data of one major version do not serve another.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// What `postgres --version` says.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A command of this folder, run as `run_as`.
    pub(crate) fn command(&self, program: &str, run_as: RunAs) -> std::process::Command {
        let mut command = run_as.command(&self.folder.join(program));
        match &self.libraries {
            Some(libraries) => command.env("LD_LIBRARY_PATH", libraries),
            // A folder of libraries that our own process was given is not meant for PostgreSQL.
            None => command.env_remove("LD_LIBRARY_PATH"),
        };
        command
    }
}

/// Where to look for binaries, in this order: the setting, the machine, the project's own folder.
#[derive(Debug, Clone)]
pub struct Search {
    setting: Option<PathBuf>,
    machine: bool,
    folder: PathBuf,
    cluster: Option<PathBuf>,
}

impl Search {
    /// Looks at the machine and at `folder`, the project's own (ignored by git) folder, into which
    /// binaries are fetched.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { setting: None, machine: true, folder: folder.into(), cluster: None }
    }

    /// As [`Search::new`], with [`SETTING`] and [`MACHINE_SETTING`] as the environment has them.
    pub fn from_environment(folder: impl Into<PathBuf>) -> Self {
        let mut search = Self::new(folder);
        search.setting = env::var_os(SETTING).filter(|it| !it.is_empty()).map(PathBuf::from);
        search.machine = env::var_os(MACHINE_SETTING).is_none_or(|it| it != "off");
        search
    }

    /// Uses this folder of binaries and no other.
    #[must_use]
    pub fn with_setting(mut self, folder: impl Into<PathBuf>) -> Self {
        self.setting = Some(folder.into());
        self
    }

    /// Hides the machine's own PostgreSQL.
    #[must_use]
    pub fn without_machine(mut self) -> Self {
        self.machine = false;
        self
    }

    /// Prefers binaries of the major version whose data the cluster in the folder `home` holds, so
    /// that a newer PostgreSQL on the machine does not leave them behind.
    #[must_use]
    pub fn serving(mut self, home: impl Into<PathBuf>) -> Self {
        self.cluster = Some(home.into());
        self
    }

    /// The first usable binaries.
    ///
    /// # Errors
    /// [`Error::NotFound`], which lists the places; [`Error::Unusable`] when the setting names a
    /// folder that does not serve, since silently using another would surprise.
    pub fn locate(&self) -> Result<Binaries, Error> {
        if let Some(folder) = &self.setting {
            return Binaries::at(folder);
        }
        let run_as = RunAs::find()?;
        let majors = match &self.cluster {
            Some(home) => place::majors_in(&place::reachable(home, run_as)?),
            None => Vec::new(),
        };
        let own = place::for_binaries(&self.folder, run_as)?;
        let mut candidates = Vec::new();
        if self.machine {
            candidates.extend(installed());
            candidates.extend(on_path());
        }
        candidates.extend(below(&own, DEPTH));

        let (mut searched, mut second_best) = (Vec::new(), None);
        for folder in candidates {
            match Binaries::at(folder) {
                Ok(found) if majors.is_empty() || majors.contains(&found.major) => {
                    return Ok(found);
                }
                Ok(found) => second_best = second_best.or(Some(found)),
                Err(problem) => searched.push(problem.to_string()),
            }
        }
        if self.machine {
            searched.push("the packages of this machine and PATH".to_owned());
        }
        searched.push(own.display().to_string());
        second_best.ok_or_else(|| Error::NotFound { searched: searched.join("; ") })
    }

    /// The first usable binaries; fetched into the project's own folder when there are none.
    ///
    /// `say` is told, in plain words, what is fetched and with which client.
    ///
    /// # Errors
    /// [`Error::Fetch`] when no package client could bring them.
    pub fn locate_or_fetch(&self, say: impl Fn(&str)) -> Result<Binaries, Error> {
        match self.locate() {
            Err(Error::NotFound { .. }) => {}
            answer => return answer,
        }
        place::with_parents(&self.folder)?;
        let own = place::for_binaries(&self.folder, RunAs::find()?)?;
        fetch::into_folder(&own, &say)
    }
}

/// The folders in which packages of the usual systems put PostgreSQL, newest version first.
fn installed() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ] {
        let Ok(entries) = fs::read_dir(parent) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let version = name.to_str().and_then(|it| it.strip_prefix(prefix));
            let Some(version) = version.and_then(|it| it.parse().ok()) else { continue };
            let folder = entry.path().join("bin");
            if folder.join("postgres").is_file() {
                found.push((version, folder));
            }
        }
    }
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, folder)| folder).collect()
}

fn on_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        // PATH often holds links; the programs find their own files beside the real one.
        .filter_map(|folder| folder.join("postgres").canonicalize().ok())
        .filter_map(|program| program.parent().map(Path::to_owned))
        .collect()
}

/// Every folder below `root` that holds `postgres`, in a stable order.
pub(crate) fn below(root: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if root.join("postgres").is_file() && root.join("initdb").is_file() {
        found.push(root.to_owned());
    }
    if depth > 0
        && let Ok(entries) = fs::read_dir(root)
    {
        let mut folders: Vec<_> = entries
            .flatten()
            .filter(|it| it.file_type().is_ok_and(|kind| kind.is_dir()))
            // A folder whose name begins with a dot is a download that never finished.
            .filter(|it| !it.file_name().as_encoded_bytes().starts_with(b"."))
            .map(|it| it.path())
            .collect();
        folders.sort();
        found.extend(folders.iter().flat_map(|folder| below(folder, depth - 1)));
    }
    found
}

fn major_of(version: &str) -> Option<u32> {
    let number = version.strip_prefix("postgres (PostgreSQL) ")?;
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_says() {
        let cases = [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", Some(15)),
            ("postgres (PostgreSQL) 18.6", Some(18)),
            ("postgres (PostgreSQL) 19beta2", Some(19)),
            ("postgres (EnterpriseDB) 15.1", None),
            ("", None),
        ];
        for (version, expected) in cases {
            assert_eq!(major_of(version), expected, "{version}");
        }
    }

    #[test]
    fn a_setting_that_names_a_wrong_folder_is_an_error_and_not_a_fallback() {
        let nowhere = std::env::temp_dir().join("ekinerja-no-such-folder");
        let answer = Search::new(&nowhere).with_setting(&nowhere).locate();
        assert!(matches!(answer, Err(Error::Unusable { .. })), "{answer:?}");
    }

    #[test]
    fn with_the_machine_hidden_and_an_empty_folder_nothing_is_found() {
        let empty = std::env::temp_dir().join(format!("ekinerja-empty-{}", std::process::id()));
        let answer = Search::new(&empty).without_machine().locate();
        let Err(problem @ Error::NotFound { .. }) = answer else { panic!("{answer:?}") };
        let words = problem.to_string();
        assert!(words.contains(SETTING) && words.contains("cargo xtask demo"), "{words}");
    }
}
