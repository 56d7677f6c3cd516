//! The doctor: finds each weakness of roles and tables, says what to do, and keeps the product from serving.

use std::path::PathBuf;

use ekinerja::config::{Config, Language, Source};
use ekinerja::database::Database;
use ekinerja::doctor::{Diagnosis, Severity, examine};
use ekinerja_app::ports::SystemClock;
use ekinerja_store::checkup::{Finding, Lack, ShutReason, examine_login};
use ekinerja_tests::database::{TestDatabase, fresh_database, passwords};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

async fn execute(database: &TestDatabase, sql: &str) {
    let mut owner = database.owner_options().connect().await.expect("the owner connects");
    owner.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
    owner.close().await.expect("a quiet end");
}

/// The configuration of a server on this database, with a data folder of its own.
fn config(database: &TestDatabase, more: &[(&str, &str)]) -> Config {
    let passwords = passwords();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(database.name());
    let (url, folder) = (database.url(), folder.display().to_string());
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("EKINERJA_DATA", folder.as_str()),
        ("EKINERJA_DIRECTORY_PASSWORD", passwords.directory.as_str()),
        ("EKINERJA_TENANT_PASSWORD", passwords.tenant.as_str()),
        ("EKINERJA_PORTAL_PASSWORD", passwords.portal.as_str()),
    ];
    let source = Source::of(settings.into_iter().chain(more.iter().copied()));
    Config::read(&source).expect("a configuration")
}

async fn diagnose(database: &TestDatabase, more: &[(&str, &str)]) -> Vec<Diagnosis> {
    let config = config(database, more);
    let opened = Database::open(&config).await.expect("nothing to start");
    let found = examine(&config, &opened, &SystemClock).await;
    std::fs::remove_dir_all(&config.data).ok();
    found
}

#[tokio::test]
async fn a_migrated_database_is_sound() {
    let database = fresh_database().await;
    assert_eq!(diagnose(&database, &[]).await, []);
}

#[tokio::test]
async fn an_owner_or_superuser_is_refused() {
    let database = fresh_database().await;
    let found = examine_login(&database.owner_options()).await.expect("the role answers");
    assert!(found.iter().any(|it| matches!(it, Finding::Superuser { .. })), "{found:?}");
    assert!(found.iter().any(|it| matches!(it, Finding::BypassesRowSecurity { .. })), "{found:?}");
    for finding in found {
        let diagnosis = Diagnosis::Database(finding);
        assert_eq!(diagnosis.severity(), Severity::Refusal, "{diagnosis:?}");
    }
}

/// A login role of this test alone: roles belong to the whole server, which other tests use.
async fn odd_role(database: &TestDatabase, powers: &str) -> Vec<Finding> {
    let role = format!("odd_{}", database.name());
    execute(database, &format!("create role {role} login password 'x' {powers}")).await;
    let rights = format!(
        "create schema odd; create table odd.owned (); alter table odd.owned owner to {role};
         grant create on schema public to {role}; grant pg_monitor to {role}"
    );
    execute(database, &rights).await;
    let options = database.owner_options().username(&role).password("x");
    let found = examine_login(&options).await;
    execute(database, &format!("drop owned by {role}; drop role {role}")).await;
    found.expect("the role answers")
}

#[tokio::test]
async fn each_power_that_a_door_must_not_have_is_found() {
    let database = fresh_database().await;
    let role = format!("odd_{}", database.name());
    let found = odd_role(&database, "createdb createrole bypassrls").await;
    let expected = [
        Finding::BypassesRowSecurity { role: role.clone() },
        Finding::Owner { role: role.clone(), owned: String::from("table owned") },
        Finding::Powerful { role: role.clone(), power: String::from("CREATEDB") },
        Finding::Powerful { role: role.clone(), power: String::from("CREATEROLE") },
        Finding::Member { role: role.clone(), of: String::from("pg_monitor") },
        Finding::MayCreate { role, place: String::from("schema public") },
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_table_without_its_protection_keeps_the_product_from_serving() {
    for (sql, lacks) in [
        ("alter table targets disable row level security", Lack::Enabled),
        ("alter table targets no force row level security", Lack::Forced),
        ("drop policy own on targets", Lack::Policy),
        ("alter policy own on targets using (true)", Lack::Policy),
    ] {
        let database = fresh_database().await;
        execute(&database, sql).await;
        let found = diagnose(&database, &[]).await;
        let finding = Finding::Unprotected { table: String::from("targets"), lacks };
        assert_eq!(found, [Diagnosis::Database(finding)], "{sql}");
        let config = config(&database, &[]);
        let refused = ekinerja::serve::ready(&config).await.expect_err("it does not serve");
        assert!(refused.is::<ekinerja::cli::Refused>(), "{refused:?}");
        std::fs::remove_dir_all(&config.data).ok();
    }
}

#[tokio::test]
async fn what_is_missing_is_told_with_its_remedy() {
    let database = fresh_database().await;
    execute(&database, "delete from seaql_migrations where version like '%publishing'").await;
    let found = diagnose(&database, &[]).await;
    assert!(matches!(&found[..], [Diagnosis::Pending(names)] if names.len() == 1), "{found:?}");
    for language in [Language::Indonesian, Language::English] {
        assert!(found[0].words(language).contains("`ekinerja migrate`"));
    }
}

#[tokio::test]
async fn a_door_that_does_not_open_says_why() {
    let database = fresh_database().await;
    let found = diagnose(&database, &[("EKINERJA_TENANT_PASSWORD", "salah")]).await;
    let reasons: Vec<_> = found
        .iter()
        .map(|it| match it {
            Diagnosis::Database(Finding::Shut { role, reason, .. }) => {
                (role.as_str(), reason.clone())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(reasons, [("ekinerja_tenant", ShutReason::Password)]);
    assert!(found[0].words(Language::Indonesian).contains("ekinerja migrate"));
    assert!(!format!("{found:?}").contains("salah"), "the password is not shown");

    let absent = database.url().replace(database.name(), "ekinerja_tidak_ada");
    let found = diagnose(&database, &[("DATABASE_URL", &absent)]).await;
    let all_shut = found.iter().all(|it| {
        matches!(it, Diagnosis::Database(Finding::Shut { reason: ShutReason::NoDatabase, .. }))
    });
    assert!(all_shut && found.len() == 3, "{found:?}");
    let nobody = [("DATABASE_URL", "postgres://127.0.0.1:1/ekinerja?sslmode=disable")];
    let found = diagnose(&database, &nobody).await;
    let all_shut = found.iter().all(|it| {
        matches!(it, Diagnosis::Database(Finding::Shut { reason: ShutReason::Unreachable, .. }))
    });
    assert!(all_shut && found.len() == 3, "{found:?}");
}

#[tokio::test]
async fn settings_that_are_worth_a_look_are_warnings() {
    let database = fresh_database().await;
    let url = database.url().replacen("postgres:", "postgresql:", 1);
    let more = [
        ("EKINERJA_LISTNE", "x"),
        ("EKINERJA_PUBLIC_URL", "http://kinerja.contoh.go.id"),
        ("EKINERJA_OWNER_URL", url.as_str()),
    ];
    let found = diagnose(&database, &more).await;
    let expected = [
        Diagnosis::UnknownSetting(String::from("EKINERJA_LISTNE")),
        Diagnosis::OwnerAddressWhileServing,
        Diagnosis::PlainHttp,
    ];
    assert_eq!(found, expected);
    assert!(found.iter().all(|it| it.severity() == Severity::Warning));
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_written_is_found() {
    let database = fresh_database().await;
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.file", database.name()));
    std::fs::write(&file, "a file where a folder should be").expect("a file");
    let found = diagnose(&database, &[("EKINERJA_DATA", &file.display().to_string())]).await;
    std::fs::remove_file(&file).expect("it is still there");
    assert!(matches!(&found[..], [Diagnosis::Disk { .. }]), "{found:?}");
}
