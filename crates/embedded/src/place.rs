//! Where the files go: the folder that was asked for, or one that the account can reach.

use std::{
    fs, io,
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    },
    path::{Path, PathBuf},
};

use crate::{
    account::{Account, RunAs},
    error::Error,
};

/// Stands in for a folder that the unprivileged account cannot reach. It outlives a restart of the
/// machine, which the temporary folder need not.
const SUBSTITUTE_ROOT: &str = "/var/tmp";

/// Begins the name of a folder of data; the major version follows.
const DATA_PREFIX: &str = "data-";

/// Files by which a cluster's folder, or the stand-in for its socket, is known.
const MARKS: [&str; 3] = ["start.lock", ".s.PGSQL.5432.lock", ".s.PGSQL.5432"];

/// The longest socket path that both Linux (107) and macOS (103) accept, in bytes.
const LONGEST_SOCKET_PATH: usize = 103;

/// The place for `wanted`: itself, or a stand-in when `run_as` cannot reach it.
///
/// Nothing is made: whoever only looks must not need the right to write. Whoever will write makes
/// the parents first ([`with_parents`]), since folders that are made may turn out closed to others.
///
/// Only a process that is root ever needs the stand-in. The name of the stand-in is made from the
/// wanted path, so that the next start finds the same one.
pub(crate) fn reachable(wanted: &Path, run_as: RunAs) -> Result<PathBuf, Error> {
    let wanted = std::path::absolute(wanted).map_err(Error::folder("find", wanted))?;
    let parent = wanted.parent().unwrap_or(&wanted);
    if run_as.switch && !run_as.reaches(parent) {
        return Ok(substitute(&wanted));
    }
    Ok(wanted)
}

/// Makes the folders above `wanted`.
pub(crate) fn with_parents(wanted: &Path) -> Result<(), Error> {
    let wanted = std::path::absolute(wanted).map_err(Error::folder("find", wanted))?;
    let parent = wanted.parent().unwrap_or(&wanted);
    fs::create_dir_all(parent).map_err(Error::folder("make the folder", parent))
}

/// The place for binaries that were or will be fetched: as [`reachable`], but a stand-in that
/// somebody else made in advance is refused, since we would run what it holds.
pub(crate) fn for_binaries(wanted: &Path, run_as: RunAs) -> Result<PathBuf, Error> {
    let place = reachable(wanted, run_as)?;
    if let Ok(found) = fs::symlink_metadata(&place)
        && run_as.switch
        && place.starts_with(SUBSTITUTE_ROOT)
        && found.uid() != 0
    {
        return Err(Error::Foreign { path: place, owner: found.uid(), expected: 0 });
    }
    Ok(place)
}

/// Makes `folder`, or checks that the one that is there is ours, and closes it to others.
///
/// The check matters in the machine's temporary folders: a folder that a stranger made there in
/// advance is refused. It also keeps a mistyped path from closing somebody's home to others.
pub(crate) fn private(folder: &Path, run_as: RunAs) -> Result<(), Error> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        Err(problem) if problem.kind() == io::ErrorKind::AlreadyExists => {}
        Err(problem) => return Err(Error::folder("make the folder", folder)(problem)),
    }
    let found = fs::symlink_metadata(folder).map_err(Error::folder("look at", folder))?;
    let owner = found.uid();
    // As root, a folder of root's is one that was just made, by us or by a start at the same time.
    if owner != run_as.account.user && !(owner == 0 && run_as.switch) {
        let (path, expected) = (folder.to_owned(), run_as.account.user);
        return Err(Error::Foreign { path, owner, expected });
    }
    if !ours_or_empty(folder)? {
        return Err(Error::Occupied { path: folder.to_owned() });
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .map_err(Error::folder("close to others", folder))?;
    }
    give(folder, run_as.account)
}

/// The name of the folder of data: data of one major version do not serve another.
pub(crate) fn data_name(major: u32) -> String {
    format!("{DATA_PREFIX}{major}")
}

/// The major versions of which the cluster in `home` holds data, newest first.
pub(crate) fn majors_in(home: &Path) -> Vec<u32> {
    let Ok(entries) = fs::read_dir(home) else { return Vec::new() };
    let mut majors: Vec<u32> = entries
        .flatten()
        .filter(|it| it.path().join("PG_VERSION").is_file())
        .filter_map(|it| it.file_name().to_str()?.strip_prefix(DATA_PREFIX)?.parse().ok())
        .collect();
    majors.sort_unstable_by(|one, other| other.cmp(one));
    majors
}

/// Whether the folder holds nothing, or what only a cluster's folder holds.
fn ours_or_empty(folder: &Path) -> Result<bool, Error> {
    let mut entries = fs::read_dir(folder).map_err(Error::folder("look into", folder))?;
    Ok(entries.next().is_none() || MARKS.iter().any(|mark| folder.join(mark).exists()))
}

/// Hands `path` to `account`; nothing to do when it is ours already.
pub(crate) fn give(path: &Path, account: Account) -> Result<(), Error> {
    let found = fs::symlink_metadata(path).map_err(Error::folder("look at", path))?;
    if found.uid() == account.user {
        return Ok(());
    }
    std::os::unix::fs::chown(path, Some(account.user), Some(account.group))
        .map_err(Error::folder("hand over to the account of PostgreSQL", path))
}

/// The folder for the socket: `home`, or a short stand-in when the path would be too long.
pub(crate) fn socket_folder(home: &Path) -> PathBuf {
    let socket = home.join(".s.PGSQL.5432");
    if socket.as_os_str().len() <= LONGEST_SOCKET_PATH {
        home.to_owned()
    } else {
        let mut short = substitute(home).into_os_string();
        short.push("-s");
        short.into()
    }
}

fn substitute(wanted: &Path) -> PathBuf {
    Path::new(SUBSTITUTE_ROOT).join(format!("ekinerja-{:016x}", fingerprint(wanted)))
}

/// FNV-1a over the bytes of the path: short, and the same with every version of Rust.
fn fingerprint(path: &Path) -> u64 {
    path.as_os_str().as_bytes().iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_home_holds_its_own_socket_and_a_long_one_does_not() {
        let short = Path::new("/srv/ekinerja/cluster");
        assert_eq!(socket_folder(short), short);

        let long = Path::new("/srv").join("x".repeat(100));
        let folder = socket_folder(&long);
        assert!(folder.starts_with(SUBSTITUTE_ROOT));
        assert!(folder.join(".s.PGSQL.5432").as_os_str().len() <= LONGEST_SOCKET_PATH);
        assert_ne!(folder, socket_folder(&long.join("y")), "two homes have two folders");
    }

    #[test]
    fn the_fingerprint_is_the_published_fnv_1a() {
        // Test vectors of the FNV authors for 64 bits.
        assert_eq!(fingerprint(Path::new("")), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(Path::new("a")), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint(Path::new("foobar")), 0x8594_4171_f739_67e8);
    }

    fn folder(name: &str) -> (PathBuf, RunAs) {
        let folder = std::env::temp_dir().join(format!("ekinerja-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let owner = fs::metadata(&folder).unwrap();
        let account = Account { user: owner.uid(), group: owner.gid() };
        (folder, RunAs { account, switch: false })
    }

    #[test]
    fn a_private_folder_is_closed_to_others_even_when_it_was_open() {
        let (folder, ours) = folder("private");
        let stranger = Account { user: ours.account.user + 1, group: 0 };
        let refused = private(&folder, RunAs { account: stranger, switch: false });
        private(&folder, ours).unwrap();
        let mode = fs::metadata(&folder).unwrap().mode() & 0o777;
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(mode, 0o700);
        assert!(matches!(refused, Err(Error::Foreign { .. })), "{refused:?}");
    }

    #[test]
    fn a_folder_with_files_of_others_is_left_as_it_is() {
        let (folder, ours) = folder("occupied");
        fs::write(folder.join("letter.txt"), "dear").unwrap();
        let refused = private(&folder, ours);
        let mode = fs::metadata(&folder).unwrap().mode() & 0o777;
        fs::write(folder.join("start.lock"), "").unwrap();
        let accepted = private(&folder, ours);
        fs::remove_dir_all(&folder).unwrap();
        assert!(matches!(refused, Err(Error::Occupied { .. })), "{refused:?}");
        assert_eq!(mode, 0o755);
        assert!(accepted.is_ok(), "{accepted:?}");
    }
}
