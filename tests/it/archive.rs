//! A government leaves as one archive, is erased with a receipt, and comes back with the same digits; others
//! notice nothing, and no archive that somebody tampered with comes in.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use ekinerja_app::archive::{Arrived, Erase, Exported, ImportArchive};
use ekinerja_app::life::ChangeState;
use ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;
use ekinerja_app::tenants::Operator;
use ekinerja_app::{Code, Refusal};
use ekinerja_tests::surface::operations;
use ekinerja_tests::{Actor, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use zip::write::SimpleFileOptions;

use crate::intruders::world::{checksums, owner, tenant_tables};
use crate::intruders::{PROVINCE, REGENCY};

const CODE: &str = "52.01";

/// A folder of a test's archives, removed with it.
struct Folder(PathBuf);

impl Folder {
    fn of(app: &TestApp) -> Self {
        let folder = std::env::temp_dir().join(format!("{}-arsip", app.database().name()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

async fn export(app: &TestApp, to: &Path) -> Exported {
    let operator = Operator::command_line();
    Box::pin(app.app.export_tenant(&operator, CODE, "Uji", to)).await.expect("an archive")
}

async fn import(app: &TestApp, from: &Path, only_check: bool) -> Result<Arrived, Refusal> {
    let ask = ImportArchive { from, digest: None, only_check };
    let owner = app.database().owner_options();
    Box::pin(app.app.import_tenant(&Operator::command_line(), &owner, &ask)).await
}

async fn set(app: &TestApp, state: &str) {
    let operator = Operator::command_line();
    let life = app.app.tenant_life(&operator, CODE).await.expect("it is here");
    let ask = ChangeState {
        state: state.to_owned(),
        reason: String::from("Uji"),
        legal_basis: String::from("Surat 1"),
    };
    app.app.set_tenant_state(&operator, CODE, life.revision, &ask).await.expect("set");
}

fn erasing(archive: &str) -> Erase {
    Erase {
        confirm: REGENCY.to_owned(),
        by: String::from("Sekretaris Daerah"),
        reason: String::from("Perjanjian layanan berakhir"),
        legal_basis: String::from("PKS 12/2026"),
        archive: archive.to_owned(),
        without_archive: false,
    }
}

async fn erase(app: &TestApp, ask: &Erase) -> Result<ekinerja_app::archive::Erased, Refusal> {
    let owner = app.database().owner_options();
    Box::pin(app.app.erase_tenant(&Operator::command_line(), &owner, CODE, ask)).await
}

fn code(outcome: Result<impl std::fmt::Debug, Refusal>) -> Code {
    outcome.expect_err("refused").code()
}

/// Checksums of every government but one, and of every account that is not its own.
async fn others(app: &TestApp) -> BTreeMap<String, (i64, String)> {
    let mut owner = owner(app).await;
    let mut sums = BTreeMap::new();
    // The log of reads grows by the test's own looking.
    for table in tenant_tables(&mut owner).await.into_iter().filter(|it| it != "read_events") {
        let sql = format!(
            "select count(*), coalesce(md5(string_agg(md5(it::text), '' order by md5(it::text))), '')
               from {table} it where tenant_id <> (select id from tenants where slug = $1)"
        );
        let sum = sqlx::query_as(AssertSqlSafe(sql)).bind(REGENCY).fetch_one(&mut owner).await;
        sums.insert(table, sum.expect("a checksum"));
    }
    for (name, sql) in [
        (
            "tenants",
            "select count(*), md5(string_agg(it::text, '' order by it.id)) from tenants it where slug <> $1",
        ),
        (
            "users",
            "select count(*), md5(string_agg(it::text, '' order by it.id)) from users it
                    where not exists (select from memberships m join tenants t on t.id = m.tenant_id
                                       where m.user_id = it.id and t.slug = $1)",
        ),
    ] {
        let sum = sqlx::query_as(sql).bind(REGENCY).fetch_one(&mut owner).await.expect(sql);
        sums.insert(name.to_owned(), sum);
    }
    sums
}

/// What a person of a government is told of its figures: every answer of every list that has no id in its path.
async fn told(actor: &Actor, slug: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for door in operations().iter().filter(|it| it.reads() && it.in_tenant()) {
        let passing = ["/me", "/read-events", "/audit", "/members", "/publications"];
        if door.variables() != ["tenant"] || passing.iter().any(|it| door.path.contains(it)) {
            continue;
        }
        for query in ["", "?period=2024", "?period=2023&indicator=JPM", "?year=2024"] {
            let address = format!("{}{query}", door.at(|_| slug.to_owned()));
            let answer = actor.get(&address).await;
            let mut body = answer.body;
            if let Ok(mut json) = serde_json::from_str::<Value>(&body) {
                json["trace"].take();
                body = json.to_string();
            }
            all.insert(address, format!("{} {body}", answer.status));
        }
    }
    all
}

#[tokio::test]
async fn government_leaves_is_erased_and_comes_back_with_the_same_digits() {
    let app = TestApp::start_demonstration().await;
    let folder = Folder::of(&app);
    let planner = app.sign_in_with(&format!("perencana.{REGENCY}"), DEMONSTRATION_PASSWORD).await;
    let province = app.sign_in_with(&format!("perencana.{PROVINCE}"), DEMONSTRATION_PASSWORD).await;
    // A piece of evidence, so that there is a file.
    let evidence = evidence(&app).await;
    let figures = told(&planner, REGENCY).await;
    let above = told(&province, PROVINCE).await;
    assert!(figures.values().filter(|it| it.starts_with("200")).count() > 15, "{figures:?}");
    set(&app, "suspended").await;
    let mut before = checksums(&app, REGENCY).await;
    let elsewhere = others(&app).await;

    let archive = folder.file("lombok-barat.zip");
    let exported = export(&app, &archive).await;
    assert!(exported.manifest.files.iter().any(|it| it.sha256 == evidence));
    // Nothing is overwritten, and no archive has a secret in it.
    let operator = Operator::command_line();
    let again = Box::pin(app.app.export_tenant(&operator, CODE, "Uji", &archive)).await;
    assert_eq!(code(again), Code::ArchiveFileThere);
    assert!(!unpacked(&archive).contains("argon2"), "a password's hash");

    for (ask, expected) in [
        (Erase { confirm: String::from("sumbawa"), ..erasing(&exported.digest) }, Code::Invalid),
        (erasing("00"), Code::ArchiveNotTaken),
        (erasing(""), Code::ArchiveNotTaken),
    ] {
        assert_eq!(code(erase(&app, &ask).await), expected);
    }
    let receipt = erase(&app, &erasing(&exported.digest)).await.expect("erased");
    assert!(receipt.accounts > 5 && receipt.files == 1, "{receipt:?}");
    assert_eq!(receipt.archive.as_deref(), Some(exported.digest.as_str()));
    assert_eq!(others(&app).await, elsewhere, "no other government's row changed");
    // What is left is what the province received, without a name.
    let left = checksums(&app, REGENCY).await;
    let left: Vec<_> = left.iter().filter(|it| it.1.0 > 0).map(|it| it.0.as_str()).collect();
    assert_eq!(left, ["publication_objectives", "publication_values", "publications"]);
    let needle = names_left(&app).await;
    assert_eq!(needle, 0, "a person's name is left");
    assert_eq!(told(&province, PROVINCE).await, above, "the province's figures keep their digits");
    let planner_again =
        json!({ "username": format!("perencana.{REGENCY}"), "password": DEMONSTRATION_PASSWORD });
    app.visitor().post("/api/v1/session", &planner_again).await.expect(401);
    // The receipt is kept, and its hash stands in the platform's chained trail.
    let kept = app.app.erasure_receipts(&operator, CODE).await.expect("receipts");
    assert_eq!(kept[0].0, receipt);
    let sql = "select facts->>'digest' from directory_events where kind = 'tenant.erased'";
    let noted: Vec<String> =
        sqlx::query_scalar(sql).fetch_all(&mut owner(&app).await).await.expect(sql);
    assert_eq!(noted, [kept[0].1.clone()]);
    assert_eq!(code(erase(&app, &erasing(&exported.digest)).await), Code::TenantNotSuspended);
    let operator = app.sign_in_with("operator", DEMONSTRATION_PASSWORD).await;
    let page = operator.look(&format!("/operator/tenants/{CODE}/life")).await.expect(200);
    assert!(page.body.contains("Tanda terima penghapusan") && page.body.contains(&kept[0].1));
    assert!(app.app.erased_chains().await.expect("chains")[0].2.is_some(), "agrees with the trail");
    let whole = app.app.follow_chain(None, Vec::new()).await.expect("the platform's chain");
    assert!(whole.findings.is_empty(), "{:?}", whole.findings);

    let checked = import(&app, &archive, true).await.expect("it fits");
    assert_eq!(checked.digest, exported.digest);
    assert!(checksums(&app, REGENCY).await["indicators"].0 == 0, "only checked");
    let arrived = import(&app, &archive, false).await.expect("imported");
    assert_eq!(arrived.left_out, ["api_tokens"]);
    assert_eq!(code(import(&app, &archive, false).await), Code::ArchivePresent);
    assert_eq!(others(&app).await, elsewhere);
    let mut after = checksums(&app, REGENCY).await;
    for sums in [&mut before, &mut after] {
        // The export, and the arrival, stand in the trail; accounts come without passwords; answers pass.
        for table in ["audit_events", "audit_heads", "users", "idempotency_keys", "api_tokens"] {
            sums.remove(table);
        }
    }
    assert_eq!(after, before, "row for row");
    let id = app.tenant(REGENCY).await.tenant.id;
    let chain = app.app.follow_chain(Some(id), Vec::new()).await.expect("a chain");
    assert!(chain.findings.is_empty(), "{:?}", chain.findings);
    assert!(chain.end.position > exported.manifest.trail.position);

    // Its own people read the same answers, to the last digit, and may work again.
    let planner = given_password(&app, &format!("perencana.{REGENCY}")).await;
    assert_eq!(told(&planner, REGENCY).await, figures);
    set(&app, "active").await;
    assert_eq!(told(&planner, REGENCY).await, figures);
    assert_eq!(told(&province, PROVINCE).await, above);
}

/// Adds a file as evidence; its hash.
async fn evidence(app: &TestApp) -> String {
    let content = b"isi bukti yang diuji".to_vec();
    let hash = hex::encode(Sha256::digest(&content));
    let office = format!("petugas-bappeda.{REGENCY}");
    let officer = app.sign_in_with(&office, DEMONSTRATION_PASSWORD).await;
    let mut owner = owner(app).await;
    let sql = "select m.id from measurements m join users u on u.id = m.recorded_by
                 join tenants t on t.id = m.tenant_id
                where t.slug = $1 and u.username = $2 order by m.period desc limit 1";
    let id: uuid::Uuid =
        sqlx::query_scalar(sql).bind(REGENCY).bind(&office).fetch_one(&mut owner).await.expect(sql);
    let path = format!("/api/v1/tenants/{REGENCY}/measurements/msr_{}/evidence", id.simple());
    let part = reqwest::multipart::Part::bytes(content).file_name("bukti.txt");
    let part = part.mime_str("text/plain").expect("a media type");
    let form = reqwest::multipart::Form::new().part("file", part);
    officer.send(officer.request(Method::POST, &path).multipart(form)).await.expect(201);
    hash
}

/// Everything in an archive as text.
fn unpacked(archive: &Path) -> String {
    let mut zip =
        zip::ZipArchive::new(std::fs::File::open(archive).expect("a file")).expect("a zip");
    let mut all = String::new();
    for index in 0..zip.len() {
        let mut content = Vec::new();
        zip.by_index(index).expect("an entry").read_to_end(&mut content).expect("read");
        all.push_str(&String::from_utf8_lossy(&content));
    }
    all
}

/// How many names of its people are left in what the province keeps.
async fn names_left(app: &TestApp) -> i64 {
    let sql = "select count(*) from publications p join tenants t on t.id = p.tenant_id
                where t.slug = $1 and (published_by_name <> '–' or coalesce(revoked_by_name, '–') <> '–'
                   or published_by <> '00000000-0000-0000-0000-000000000000')";
    sqlx::query_scalar(sql).bind(REGENCY).fetch_one(&mut owner(app).await).await.expect(sql)
}

/// Gives an account the demonstration's password again.
async fn given_password(app: &TestApp, username: &str) -> Actor {
    let hash = ekinerja_app::sign_in::hash_password(DEMONSTRATION_PASSWORD.to_owned()).await;
    let sql = "update users set password_hash = $2 where username = $1";
    let mut owner = owner(app).await;
    sqlx::query(sql)
        .bind(username)
        .bind(hash.expect("a hash"))
        .execute(&mut owner)
        .await
        .expect(sql);
    app.sign_in_with(username, DEMONSTRATION_PASSWORD).await
}

/// Every table of a government is in an archive, and nothing that is classed as a secret.
#[tokio::test]
async fn no_table_is_forgotten_and_no_secret_is_taken_along() {
    let app = TestApp::start_demonstration().await;
    let folder = Folder::of(&app);
    let archive = folder.file("semua.zip");
    let exported = export(&app, &archive).await;
    let mut names: Vec<_> = exported.manifest.tables.iter().map(|it| it.name.clone()).collect();
    names.push(String::from("idempotency_keys"));
    names.sort();
    let mut owner = owner(&app).await;
    assert_eq!(names, tenant_tables(&mut owner).await);
    let classes = include_str!("../golden/columns.toml");
    let mut table = "";
    let mut secret = Vec::new();
    for line in classes.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            table = name;
        } else if let Some((column, class)) = line.split_once(" = ")
            && class.starts_with("\"secret")
        {
            secret.push((table, column));
        }
    }
    assert!(secret.len() > 3, "{secret:?}");
    let mut omitted = Vec::new();
    for part in &exported.manifest.tables {
        for (table, column) in secret.iter().filter(|it| it.0 == part.name) {
            assert!(!part.columns.iter().any(|it| it == column), "{table}.{column}");
        }
        omitted.extend(part.omitted.iter().map(|it| format!("{}.{it}", part.name)));
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(format!(
            "select count(*) from {} where tenant_id = (select id from tenants where slug = $1)",
            part.name
        )))
        .bind(REGENCY)
        .fetch_one(&mut owner)
        .await
        .expect("a count");
        // Since the snapshot the export itself was written down.
        let later = i64::from(part.name == "audit_events");
        assert_eq!(i64::try_from(part.part.rows).expect("small"), count - later, "{}", part.name);
    }
    assert_eq!(omitted, ["api_tokens.token_hash", "identity_providers.client_secret"]);
    // It was read out, and both trails say so.
    let sql = "select (select count(*) from audit_events where kind = 'tenant.exported'),
                      (select count(*) from directory_events where kind = 'tenant.exported')";
    let noted: (i64, i64) = sqlx::query_as(sql).fetch_one(&mut owner).await.expect(sql);
    assert_eq!(noted, (1, 1));

    // The operator takes it out through the doors as well; nobody else does.
    let operator = app.sign_in_with("operator", DEMONSTRATION_PASSWORD).await;
    let path = format!("/api/v1/operator/tenants/{CODE}/archive");
    let ask = json!({ "reason": "Permintaan pemerintah daerah" });
    let sent = operator.post(&path, &ask).await.expect(200);
    assert_eq!(sent.header("content-type"), "application/zip");
    assert_eq!(sent.header("ekinerja-archive-digest").len(), 64);
    let bare = operator.post(&path, &json!({ "reason": " " })).await.expect(422);
    assert_eq!(bare.violations(), [("/reason".to_owned(), "field.missing".to_owned())]);
    let page = format!("/operator/tenants/{CODE}/archive");
    let bare = operator.fill(&page, &[("archive_reason", "")]).await.expect(422);
    assert!(bare.body.contains("Unduh arsip"));
    operator.fill(&page, &[("archive_reason", "Uji")]).await.expect(200);
    let administrator = app.sign_in_with(&format!("admin.{REGENCY}"), DEMONSTRATION_PASSWORD).await;
    administrator.post(&path, &ask).await.expect(403);
    let none = format!("/api/v1/operator/tenants/{CODE}/erasures");
    let none = operator.get(&none).await.expect(200).json();
    assert_eq!(none["items"], json!([]));
}

/// The entries of an archive.
type Entries = Vec<(String, Vec<u8>)>;

fn entries(archive: &Path) -> Entries {
    let mut zip =
        zip::ZipArchive::new(std::fs::File::open(archive).expect("a file")).expect("a zip");
    (0..zip.len())
        .map(|index| {
            let mut entry = zip.by_index(index).expect("an entry");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("read");
            (entry.name().expect("a name").into_owned(), content)
        })
        .collect()
}

fn pack(to: &Path, entries: &Entries) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(to).expect("a file"));
    for (name, content) in entries {
        zip.start_file(name, SimpleFileOptions::default()).expect("an entry");
        zip.write_all(content).expect("written");
    }
    zip.finish().expect("a zip");
}

/// Changes the content of an entry and, for a forger who knows how, its hash in the manifest.
fn forged(
    entries: &Entries,
    table: &str,
    knows_how: bool,
    change: impl Fn(&str) -> String,
) -> Entries {
    let name = format!("tables/{table}.jsonl");
    let mut all = entries.clone();
    let entry = all.iter_mut().find(|it| it.0 == name).expect("the table");
    entry.1 = change(std::str::from_utf8(&entry.1).expect("text")).into_bytes();
    let content = entry.1.clone();
    if knows_how {
        let manifest = all.iter_mut().find(|it| it.0 == "manifest.json").expect("a manifest");
        let mut json: Value = serde_json::from_slice(&manifest.1).expect("JSON");
        for part in json["tables"].as_array_mut().expect("tables") {
            if part["name"] == table {
                part["part"]["bytes"] = json!(content.len());
                part["part"]["sha256"] = json!(hex::encode(Sha256::digest(&content)));
                part["part"]["rows"] = json!(String::from_utf8_lossy(&content).lines().count());
            }
        }
        manifest.1 = serde_json::to_vec(&json).expect("JSON");
    }
    all
}

fn with_manifest(entries: &Entries, change: impl Fn(&mut Value)) -> Entries {
    let mut all = entries.clone();
    let manifest = all.iter_mut().find(|it| it.0 == "manifest.json").expect("a manifest");
    let mut json: Value = serde_json::from_slice(&manifest.1).expect("JSON");
    change(&mut json);
    manifest.1 = serde_json::to_vec(&json).expect("JSON");
    all
}

/// An archive that must not come in: what is wrong, the entries, and the code that says so.
type Hostile = (&'static str, Entries, Code);

/// Rows that somebody changed.
fn forgeries(good: &Entries, tenant: &str, foreign: &str) -> Vec<Hostile> {
    let digit = |text: &str| text.replacen("\"revision\": 1", "\"revision\": 2", 1);

    vec![
        ("a digit", forged(good, "measurements", false, digit), Code::ArchiveTampered),
        (
            "a line less",
            forged(good, "targets", false, |it| {
                it.split_once('\n').map_or_else(String::new, |(_, rest)| rest.to_owned())
            }),
            Code::ArchiveTampered,
        ),
        (
            "another government's rows",
            forged(good, "periods", true, |it| it.replace(tenant, foreign)),
            Code::ArchiveForeign,
        ),
        (
            "a row that points nowhere",
            forged(good, "indicators", true, |it| {
                it.replace("\"plan_id\": \"0", "\"plan_id\": \"f")
            }),
            Code::ArchiveForeign,
        ),
        (
            "a column that is not there",
            forged(good, "periods", true, |it| it.replace("\"state\"", "\"keadaan\"")),
            Code::ArchiveForeign,
        ),
        (
            "no JSON",
            forged(good, "periods", true, |it| it.replace('{', "")),
            Code::ArchiveUnreadable,
        ),
        (
            "a rewritten trail",
            forged(good, "audit_events", true, |it| {
                it.replacen("tenant.opened", "tenant.erased", 1)
            }),
            Code::ArchiveTampered,
        ),
    ]
}

/// Manifests and entries that somebody changed.
fn misfits(good: &Entries, foreign: &str) -> Vec<Hostile> {
    let mut hostile: Vec<Hostile> = vec![
        (
            "another schema",
            with_manifest(good, |it| {
                it["schema"].as_array_mut().expect("a list").push(json!("m2099"));
            }),
            Code::ArchiveVersion,
        ),
        (
            "another form",
            with_manifest(good, |it| it["form"] = json!("ekinerja archive 99")),
            Code::ArchiveVersion,
        ),
        (
            "a field too many",
            with_manifest(good, |it| it["lebih"] = json!(1)),
            Code::ArchiveUnreadable,
        ),
        (
            "a table less",
            with_manifest(good, |it| drop(it["tables"].as_array_mut().expect("a list").pop())),
            Code::ArchiveUnreadable,
        ),
        (
            "a huge promise",
            with_manifest(good, |it| it["people"]["bytes"] = json!(1_u64 << 50)),
            Code::ArchiveTooLarge,
        ),
        (
            "a table of the directory",
            with_manifest(good, |it| it["tables"][0]["name"] = json!("users")),
            Code::ArchiveUnreadable,
        ),
        (
            "SQL as a name",
            with_manifest(good, |it| it["tables"][0]["name"] = json!("periods; drop table users")),
            Code::ArchiveUnreadable,
        ),
        (
            "somebody's place",
            with_manifest(good, |it| it["tenant"]["code"] = json!("52.04")),
            Code::ArchivePresent,
        ),
        (
            "somebody's id",
            with_manifest(good, |it| it["tenant"]["id"] = json!(foreign)),
            Code::ArchivePresent,
        ),
    ];
    for path in ["../../etc/passwd", "/etc/passwd", "tables/../x", "files/x", "lain.txt"] {
        let mut more = good.clone();
        more.push((path.to_owned(), b"x".to_vec()));
        hostile.push(("a path", more, Code::ArchiveUnreadable));
    }
    let mut bomb = good.clone();
    bomb.iter_mut().find(|it| it.0 == "people.jsonl").expect("people").1 =
        vec![b' '; 80 * 1024 * 1024];
    hostile.push(("a bomb", bomb, Code::ArchiveTampered));
    let mut file = good.clone();
    file.iter_mut().find(|it| it.0.starts_with("files/")).expect("a file").1[0] ^= 1;
    hostile.push(("another file", file, Code::ArchiveTampered));
    let without = good.iter().filter(|it| it.0 != "people.jsonl").cloned().collect();
    hostile.push(("no people", without, Code::ArchiveUnreadable));
    hostile
}

#[tokio::test]
async fn archive_that_is_not_what_it_was_does_not_come_in() {
    let app = TestApp::start_demonstration().await;
    let folder = Folder::of(&app);
    evidence(&app).await;
    let original = folder.file("asli.zip");
    let exported = export(&app, &original).await;
    set(&app, "suspended").await;
    let ask = Erase { without_archive: true, ..erasing("") };
    erase(&app, &ask).await.expect("erased");
    let everything = others(&app).await;
    let own = checksums(&app, REGENCY).await;
    let good = entries(&original);
    let tenant = exported.manifest.tenant.id.to_string();
    let foreign = app.tenant("sumbawa").await.tenant.id.uuid().to_string();
    let hostile = forgeries(&good, &tenant, &foreign).into_iter().chain(misfits(&good, &foreign));
    for (what, entries, expected) in hostile {
        let path = folder.file("palsu.zip");
        pack(&path, &entries);
        let outcome = import(&app, &path, false).await;
        assert_eq!(outcome.map(|it| it.rows).map_err(|it| it.code()), Err(expected), "{what}");
    }
    let bytes = std::fs::read(&original).expect("bytes");
    for end in [0, 3, 100, bytes.len() / 2, bytes.len() - 1] {
        let path = folder.file("terpotong.zip");
        std::fs::write(&path, &bytes[..end]).expect("written");
        assert_eq!(code(import(&app, &path, false).await), Code::ArchiveUnreadable, "{end} bytes");
    }
    for at in (0..bytes.len()).step_by(bytes.len() / 8) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        let path = folder.file("rusak.zip");
        std::fs::write(&path, damaged).expect("written");
        // A byte that nobody reads (a date, an attribute) changes nothing; it is only checked here.
        if let Ok(arrived) = import(&app, &path, true).await {
            assert_eq!(arrived.digest, exported.digest, "byte {at}");
        }
    }
    // A whole rehash of the figures is seen by who noted the hash of the manifest.
    let ask = ImportArchive { from: &original, digest: Some("00"), only_check: false };
    let owner = app.database().owner_options();
    let outcome = Box::pin(app.app.import_tenant(&Operator::command_line(), &owner, &ask)).await;
    assert_eq!(code(outcome), Code::ArchiveTampered);

    assert_eq!(others(&app).await, everything, "nothing of anybody changed");
    assert_eq!(checksums(&app, REGENCY).await, own);
    // The allowed twin.
    import(&app, &original, false).await.expect("the original comes in");
}

#[tokio::test]
async fn government_comes_in_elsewhere_without_its_province() {
    let app = TestApp::start_demonstration().await;
    let folder = Folder::of(&app);
    let archive = folder.file("pindah.zip");
    let exported = export(&app, &archive).await;
    let planner = app.sign_in_with(&format!("perencana.{REGENCY}"), DEMONSTRATION_PASSWORD).await;
    let figures = told(&planner, REGENCY).await;
    let there = TestApp::start().await;
    there.clock.set(app.app.now());
    // Somebody has the name already.
    let taken = format!("admin.{REGENCY}");
    there.account(&taken, false).await;
    let arrived = import(&there, &archive, false).await.expect("imported");
    assert_eq!(arrived.renamed, [format!("{taken}.{REGENCY}")]);
    let planner = given_password_as(&there, &format!("perencana.{REGENCY}")).await;
    let mut now = told(&planner, REGENCY).await;
    let mut then = figures;
    // What the province releases is with the province; figures, plan and calendar are its own.
    let own = ["/scorecard", "/periods", "/plan/nodes", "/agencies", "/perspectives"];
    for all in [&mut now, &mut then] {
        all.retain(|address, _| own.iter().any(|it| address.contains(it)));
    }
    assert!(then.len() > 8, "{then:?}");
    assert_eq!(now, then);
    let chain = there.app.follow_chain(Some(exported.manifest.tenant.id.into()), Vec::new()).await;
    assert!(chain.expect("a chain").findings.is_empty());
}

/// Gives an account a password that is not the demonstration's.
async fn given_password_as(app: &TestApp, username: &str) -> Actor {
    let hash = ekinerja_app::sign_in::hash_password(ekinerja_tests::PASSWORD.to_owned()).await;
    let sql = "update users set password_hash = $2 where username = $1";
    let mut owner = owner(app).await;
    sqlx::query(sql)
        .bind(username)
        .bind(hash.expect("a hash"))
        .execute(&mut owner)
        .await
        .expect(sql);
    app.sign_in(username).await
}
