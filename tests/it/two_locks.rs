//! Two locks, each proven alone. That PostgreSQL holds without any filter of ours is `sql_wall`: there every
//! statement asks for everything. Here the database's lock is off, and only the repositories' own filters stand.

use std::collections::BTreeMap;

use ekinerja_domain::access::{Role, Scope};
use ekinerja_tests::reading::telling;
use ekinerja_tests::{Actor, TestApp};
use sqlx::{AssertSqlSafe, Executor};

use crate::intruders::world::{owner, tenant_tables};
use crate::intruders::{Findings, HOME, PROVINCE, REGENCY, Secrets, Stage};

/// Somebody with every role, by a name of their own: what one person was shown is remembered for that person.
async fn somebody(app: &TestApp, slug: &str, name: &str) -> Actor {
    let tenant = app.tenant(slug).await;
    let username = format!("{name}.{slug}");
    app.account(&username, false).await;
    for role in Role::ALL {
        tenant.give(&username, role, Scope::Tenant, None).await;
    }
    app.sign_in(&username).await
}

/// What a person is told by every list of the interface and every value of a query that matters.
async fn told(stage: &Stage, slug: &str, actor: &Actor) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let doors = stage.doors.iter().filter(|it| it.is_operation && it.reads() && it.in_tenant());
    // `/me` names the person who asks, and two ask; the log of reads grows by asking for it.
    let doors =
        doors.filter(|it| !["/me", "/read-events"].iter().any(|end| it.path.ends_with(end)));
    for door in doors.filter(|it| it.variables() == ["tenant"]) {
        for query in ["", "?period=2024", "?period=2024&indicator=JPM", "?year=2024"] {
            let address = format!("{}{query}", door.at(|_| slug.to_owned()));
            let answer = actor.get(&address).await;
            all.insert(address, telling(&answer, &[]));
        }
    }
    all
}

#[tokio::test]
async fn repositories_alone_keep_every_government_apart_when_the_databases_lock_is_off() {
    let stage = Stage::set().await;
    let app = &stage.app;
    let mut people = BTreeMap::new();
    for slug in [HOME, REGENCY, PROVINCE] {
        let pair = (somebody(app, slug, "kunci-1").await, somebody(app, slug, "kunci-2").await);
        people.insert(slug, pair);
    }
    let mut before = BTreeMap::new();
    for (slug, (first, _)) in &people {
        before.insert(*slug, told(&stage, slug, first).await);
    }
    let mut owner = owner(app).await;
    for table in tenant_tables(&mut owner).await {
        let off = format!("alter table {table} disable row level security");
        owner.execute(AssertSqlSafe(off)).await.expect("switched off");
    }
    // It is off: the tenants' door sees every government's OPD at once.
    let mut door = {
        use sqlx::ConnectOptions as _;
        let options = app.database().options(ekinerja_migrations::Role::Tenant);
        options.connect().await.expect("the door opens")
    };
    let sql = "select count(distinct tenant_id) from agencies";
    let seen: i64 = sqlx::query_scalar(sql).fetch_one(&mut door).await.expect(sql);
    assert!(seen >= 10, "{seen} governments");
    let mut findings = Findings::default();
    for (slug, (_, second)) in &people {
        let after = told(&stage, slug, second).await;
        for (address, words) in &before[slug] {
            let differs = crate::intruders::difference(words, &after[address]);
            findings.note(after[address] == *words, || {
                format!("{address} leans on the database: {differs}")
            });
        }
    }
    for case in stage.cases() {
        let victim = if case.slug == REGENCY { &stage.regency } else { &stage.province };
        let secrets = Secrets::of(victim);
        findings.attack("the neighbour", &people[HOME].0, &case, &secrets).await;
        findings.smuggle("the neighbour", &people[HOME].0, &case, &secrets).await;
    }
    findings.none(500);
}
