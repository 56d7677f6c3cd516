//! The ground that every other test stands on: a database of its own, migrated and then removed.

use ekinerja_migrations::Role;
use ekinerja_tests::database::fresh_database;
use sqlx::{ConnectOptions, postgres::PgConnectOptions};

async fn answer(options: &PgConnectOptions, sql: &'static str) -> Result<String, sqlx::Error> {
    sqlx::query_scalar(sql).fetch_one(&mut options.connect().await?).await
}

#[tokio::test]
async fn every_test_has_a_migrated_database_of_its_own() {
    let (one, two) = tokio::join!(fresh_database(), fresh_database());
    assert_ne!(one.name(), two.name());
    let pending = ekinerja_migrations::pending(&one.owner_options()).await.unwrap();
    assert_eq!(pending, Vec::<String>::new(), "nothing is left to migrate");

    let here = "create table only_here (); select 'made'";
    sqlx::raw_sql(here).execute(&mut one.owner_options().connect().await.unwrap()).await.unwrap();
    let there = "select coalesce(to_regclass('only_here')::text, 'absent')";
    assert_eq!(answer(&two.owner_options(), there).await.unwrap(), "absent");
}

#[tokio::test]
async fn each_door_signs_in_as_its_own_role() {
    let database = fresh_database().await;
    for role in Role::ALL {
        let user = answer(&database.options(role), "select current_user::text").await.unwrap();
        assert_eq!(user, role.name());
    }
    let store = ekinerja_store::Store::connect(&database.store_settings()).await.unwrap();
    store.close().await;
}

#[tokio::test]
async fn the_database_is_gone_after_its_test() {
    let database = fresh_database().await;
    let name = database.name().to_owned();
    let other = fresh_database().await;
    let sql = "select string_agg(datname, ' ') from pg_database";
    assert!(answer(&other.owner_options(), sql).await.unwrap().contains(&name));
    drop(database);
    assert!(!answer(&other.owner_options(), sql).await.unwrap().contains(&name));
}
