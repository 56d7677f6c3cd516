//! Which account of the machine PostgreSQL runs as: ours, or an unprivileged one when we are root.

use std::{
    fs, io,
    os::unix::{fs::MetadataExt, process::CommandExt},
    path::Path,
    process::Command,
};

use crate::error::Error;

/// A user and its group, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

/// The account that PostgreSQL shall have, and whether we have to change to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunAs {
    pub(crate) account: Account,
    /// We are root, so commands must be started under `account`.
    pub(crate) switch: bool,
}

impl RunAs {
    /// Ours; as root `postgres`, else `nobody`.
    pub(crate) fn find() -> Result<Self, Error> {
        let ours = ours()?;
        if ours.user != 0 {
            return Ok(Self { account: ours, switch: false });
        }
        let accounts = fs::read_to_string("/etc/passwd")
            .map_err(Error::folder("read the accounts in", "/etc/passwd"))?;
        let account = ["postgres", "nobody"]
            .iter()
            .find_map(|name| named(&accounts, name))
            .ok_or(Error::NoAccount)?;
        Ok(Self { account, switch: true })
    }

    /// As root, a folder that an ordinary user made keeps its owner: the server runs as that user.
    pub(crate) fn or_owner_of(self, folder: &Path) -> Self {
        match fs::metadata(folder) {
            Ok(found) if self.switch && found.uid() != 0 => {
                Self { account: Account { user: found.uid(), group: found.gid() }, switch: true }
            }
            _ => self,
        }
    }

    /// A command that runs as this account, from a folder that everyone can enter, and speaks
    /// English, so that its words can be read.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env("LC_ALL", "C.UTF-8").env_remove("LANGUAGE");
        if self.switch {
            command.uid(self.account.user).gid(self.account.group);
        }
        command
    }

    /// Whether this account can pass through (and, for the last part, enter) `folder`; parts that
    /// do not exist yet count as passable.
    pub(crate) fn reaches(self, folder: &Path) -> bool {
        folder.ancestors().all(|part| {
            let found = match fs::metadata(part) {
                Ok(found) => found,
                Err(problem) => return problem.kind() == io::ErrorKind::NotFound,
            };
            let needed = if found.uid() == self.account.user {
                0o100
            } else if found.gid() == self.account.group {
                0o010
            } else {
                0o001
            };
            found.mode() & needed != 0
        })
    }
}

/// The account of this process.
///
/// The standard library has no call for it, and unsafe code is forbidden here. Linux shows it as
/// the owner of the process's own folder; elsewhere `id` says it.
fn ours() -> Result<Account, Error> {
    if let Ok(found) = fs::metadata("/proc/self") {
        return Ok(Account { user: found.uid(), group: found.gid() });
    }
    let asked = |flag: &str| {
        let answer = Command::new("id").arg(flag).output().ok()?;
        String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
    };
    match (asked("-u"), asked("-g")) {
        (Some(user), Some(group)) => Ok(Account { user, group }),
        _ => Err(Error::NoAccount),
    }
}

fn named(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        Some(Account { user, group })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read_from_its_line_and_no_other() {
        let accounts = "root:x:0:0:root:/:/bin/sh\nxpostgres:x:7:7::/:/bin/sh\n\
                        postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/sh\n";
        assert_eq!(named(accounts, "postgres"), Some(Account { user: 101, group: 104 }));
        assert_eq!(named(accounts, "nobody"), None);
        assert_eq!(named("nobody:x:-2:-2:Unprivileged:/:/usr/bin/false", "nobody"), None);
    }

    #[test]
    fn a_folder_that_others_may_not_enter_is_out_of_reach() {
        let stranger = RunAs { account: Account { user: 64_999, group: 64_999 }, switch: true };
        let folder = std::env::temp_dir().join(format!("ekinerja-reach-{}", std::process::id()));
        fs::create_dir_all(folder.join("inner")).unwrap();
        let mode = |bits| {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&folder, fs::Permissions::from_mode(bits)).unwrap();
        };
        mode(0o755);
        let open = stranger.reaches(&folder.join("inner"));
        mode(0o700);
        let closed = stranger.reaches(&folder.join("inner"));
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!((open, closed), (true, false));
    }
}
