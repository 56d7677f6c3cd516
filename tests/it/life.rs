//! The life of a government: frozen it is read and written by nobody, suspended nobody of it enters, and the
//! others notice nothing. The two locks on writing are each proven alone.

use ekinerja_app::life::ChangeState;
use ekinerja_app::tenants::Operator;
use ekinerja_app::{App, Code, Refusal, TenantScope};
use ekinerja_domain::access::Role;
use ekinerja_domain::event::EventKind;
use ekinerja_domain::tenant::Slug;
use ekinerja_migrations::Role as Door;
use ekinerja_tests::{Actor, Answer, PASSWORD, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};

use crate::intruders::world::{checksums, owner, tenant_tables};
use crate::intruders::{HOME, PROVINCE, REGENCY, Stage};

/// SQLSTATE of the database's own lock on writing.
const AT_REST: &str = "EK423";

fn state_of(code: &str) -> String {
    format!("/api/v1/operator/tenants/{code}/state")
}

/// Takes a government into a state, as the operator through the interface.
async fn set(operator: &Actor, code: &str, state: &str) -> Answer {
    let known = operator.get(&state_of(code)).await.expect(200).json();
    let revision = i32::try_from(known["revision"].as_i64().expect("a number")).expect("small");
    let ask = json!({ "state": state, "reason": "Pemeriksaan BPK", "legal_basis": "Surat 900/12" });
    operator.change(Method::PUT, &state_of(code), revision, &ask).await
}

/// Takes a government into a state behind the program's back: no process hears of it.
async fn set_silently(owner: &mut PgConnection, slug: &str, state: &str) {
    let sql = "update tenants set state = $2 where slug = $1";
    sqlx::query(sql).bind(slug).bind(state).execute(owner).await.expect(sql);
}

#[tokio::test]
async fn only_the_operator_changes_a_state_and_says_why() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let operator = app.operator().await;
    let administrator = bima.member(Role::Administrator).await;
    let state = state_of("52.06");
    let ask = json!({ "state": "read_only", "reason": "Pemeriksaan", "legal_basis": "Surat 1" });
    administrator.change(Method::PUT, &state, 1, &ask).await.expect(403);
    app.visitor().change(Method::PUT, &state, 1, &ask).await.expect(401);
    administrator.get(&state).await.expect(403);
    operator.get(&state_of("52.99")).await.expect(404);
    operator.get(&state_of("x")).await.expect(404);

    let before = operator.get(&state).await.expect(200);
    assert_eq!((before.json()["state"].as_str(), before.header("etag")), (Some("active"), "\"1\""));
    operator.put(&state, &ask).await.expect(428);
    let bare = json!({ "state": "beku", "reason": " " });
    let refused = operator.change(Method::PUT, &state, 1, &bare).await.expect(422);
    let faults: Vec<_> = refused.violations().into_iter().map(|it| it.0).collect();
    assert_eq!(faults, ["/state", "/reason", "/legal_basis"]);
    let erased = json!({ "state": "erased", "reason": "x", "legal_basis": "y" });
    operator.change(Method::PUT, &state, 1, &erased).await.expect(422);

    let frozen = operator.change(Method::PUT, &state, 1, &ask).await.expect(200).json();
    assert_eq!((&frozen["state"], &frozen["revision"]), (&json!("read_only"), &json!(2)));
    assert_eq!(
        (&frozen["by"], &frozen["legal_basis"]),
        (&json!("Akun operator"), &json!("Surat 1"))
    );
    operator.change(Method::PUT, &state, 1, &ask).await.expect(412);
    let again = operator.change(Method::PUT, &state, 2, &ask).await.expect(409);
    assert_eq!(again.code(), "tenant.state-step");

    let trail = administrator.get(&bima.api("/audit-events")).await.expect(200).json();
    let lines = trail["items"].as_array().expect("lines");
    let line = lines.iter().find(|it| it["kind"] == "tenant.state_set").expect("it is there");
    assert_eq!(line["facts"]["reason"], "Pemeriksaan");
    let platform =
        "select facts->>'legal_basis' from directory_events where kind = 'tenant.state_set'";
    let kept: Vec<String> =
        sqlx::query_scalar(platform).fetch_all(&mut owner(&app).await).await.expect(platform);
    assert_eq!(kept, ["Surat 1"]);

    let page = operator.look("/operator/tenants/52.06/life").await.expect(200);
    assert!(page.body.contains("Dibekukan (hanya baca)") && page.body.contains("Surat 1"));
    let form = [("state", "active"), ("reason", "Selesai"), ("revision", "2")];
    operator.fill("/operator/tenants/52.06/life", &form).await.expect(303);
    assert_eq!(operator.get(&state).await.expect(200).json()["state"], "active");
    let refused =
        operator.fill("/operator/tenants/52.06/life", &[("revision", "3")]).await.expect(422);
    assert!(refused.body.contains("Keadaan baru"));
    operator.fill("/operator/tenants/52.06/life", &form).await.expect(412);
}

#[tokio::test]
async fn frozen_government_is_read_as_before_and_written_by_nobody() {
    let stage = Stage::set().await;
    let app = &stage.app;
    let operator =
        app.sign_in_with("operator", ekinerja_app::sign_in::DEMONSTRATION_PASSWORD).await;
    let neighbour = checksums(app, HOME).await;
    set(&operator, "52.01", "read_only").await.expect(200);
    let before = written(app, REGENCY).await;
    let (mut reads, mut writes) = (0, 0);
    for case in stage.cases().into_iter().filter(|it| it.slug == REGENCY) {
        let door = case.door.name();
        let checks = [
            "/audit-chain/checks",
            "/audit/check",
            "/agencies/import-preview",
            "/members/import-preview",
            // Who is in is ended all the same.
            "/account-requests/{request}/end",
        ];
        // Who may change most, and who may change least.
        for name in ["admin", "perencana", "auditor"] {
            let member = stage.regency.member(name);
            if case.door.reads() {
                if name != "admin" || !case.door.is_operation {
                    continue;
                }
                let answer = case.send(member, 1).await;
                assert!(answer.status < 500, "{name} at {door}: {}", answer.body);
                reads += usize::from(answer.status == 200);
            } else if !checks.iter().any(|it| door.ends_with(it)) {
                let answer = case.send(member, 1).await;
                writes += 1;
                assert_eq!(answer.status, 409, "{name} at {door}: {}", answer.body);
                if case.door.is_operation {
                    assert_eq!(answer.code(), "tenant.read-only", "{name} at {door}");
                } else {
                    assert!(answer.body.contains("dibekukan"), "{name} at {door}");
                }
            }
        }
    }
    assert!(reads > 30 && writes > 100, "{reads} reads, {writes} writes");
    assert_eq!(written(app, REGENCY).await, before);
    assert_eq!(checksums(app, HOME).await, neighbour);

    // Every page says so; forms that write are there and cannot be filled or sent, filters can.
    let administrator = stage.regency.member("admin");
    for page in ["", "/members", "/periods", "/scorecard", "/audit", "/organisation"] {
        let shown = administrator.look(&format!("/{REGENCY}{page}")).await.expect(200).body;
        assert!(shown.contains("sedang dibekukan"), "{page}");
        let main = shown.split("<main").nth(1).expect("a page");
        // Whoever is in with an account for emergencies is sent out all the same.
        let forms = main.split("<form").skip(1).filter(|it| !it.contains("/account-requests/"));
        for form in forms.filter(|it| it.contains("method=\"post\"")) {
            assert!(form.contains("<fieldset class=\"still\" disabled>"), "{page}: {form}");
        }
    }
    // The check of the chain goes on, and finds nothing wrong.
    let checks = format!("/api/v1/tenants/{REGENCY}/audit-chain/checks");
    let checked = stage.regency.member("auditor").post(&checks, &json!({})).await;
    assert!(checked.status < 300, "{}", checked.body);

    set(&operator, "52.01", "active").await.expect(200);
    let shown = administrator.look(&format!("/{REGENCY}/members")).await.expect(200).body;
    assert!(!shown.contains("sedang dibekukan") && !shown.contains("class=\"still\""));
    let post = json!({ "name": "Analis uji", "kind": "functional" });
    administrator.post(&format!("/api/v1/tenants/{REGENCY}/posts"), &post).await.expect(201);
}

/// Checksums of what a frozen government does not change: all but the log of reads.
async fn written(app: &TestApp, slug: &str) -> std::collections::BTreeMap<String, (i64, String)> {
    let mut sums = checksums(app, slug).await;
    sums.remove("read_events").expect("the log of reads");
    sums
}

/// The scope of a person in a government as one process holds it at this moment.
async fn scope(app: &App, username: &str, slug: &str) -> TenantScope {
    let (_, signed_in) = app.sign_in(username, PASSWORD).await.expect("a session");
    let slug: Slug = slug.parse().expect("an address");
    app.enter(&signed_in, &slug).await.expect("a member")
}

/// One write through the tenants' door and one through the directory's.
async fn write(app: &App, scope: &TenantScope, period: &str) -> [Option<Code>; 2] {
    let opened = app.open_period(scope, period).await.err();
    let account = ekinerja_app::service_accounts::AddServiceAccount {
        name: format!("Program {period}"),
        purpose: String::from("Uji"),
        owner: String::from("administrator.bima"),
        roles: vec![ekinerja_app::service_accounts::RoleEntry {
            role: String::from("planner"),
            ..Default::default()
        }],
        last_day: String::from("2025-06-30"),
    };
    let added = app.add_service_account(scope, account).await.err();
    [opened.map(|it| it.code()), added.map(|it| it.code())]
}

#[tokio::test]
async fn each_lock_on_writing_holds_alone() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    bima.member(Role::Administrator).await;
    let mut owner = owner(&app).await;
    let here = &app.app;
    let refused = [Some(Code::TenantReadOnly), Some(Code::TenantReadOnly)];

    // The program believes that it works; the database knows better.
    let working = scope(here, "administrator.bima", "bima").await;
    set_silently(&mut owner, "bima", "read_only").await;
    let before = checksums(&app, "bima").await;
    assert_eq!(write(here, &working, "2031").await, refused);
    assert_eq!(checksums(&app, "bima").await, before);

    // The database takes everything; the program still knows that it rests.
    let neighbour = app.neighbour().await;
    let resting = scope(&neighbour, "administrator.bima", "bima").await;
    set_silently(&mut owner, "bima", "active").await;
    let mut before = checksums(&app, "bima").await;
    assert_eq!(neighbour.open_period(&resting, "2032").await.err().map(|it| it.code()), refused[0]);
    let mut after = checksums(&app, "bima").await;
    for sums in [&mut before, &mut after] {
        sums.remove("read_events");
    }
    assert_eq!(after, before);

    // The allowed twin.
    assert_eq!(write(here, &working, "2033").await, [None, None]);
}

/// What becomes of a statement, taken back again: the code of its refusal, if it is one.
async fn fate(door: &mut PgConnection, sql: &str) -> Option<String> {
    door.execute("savepoint attempt").await.expect("a savepoint");
    let said = door.execute(AssertSqlSafe(sql.to_owned())).await;
    door.execute("rollback to attempt").await.expect("taken back");
    let error = said.err()?;
    let code = error.as_database_error().and_then(|it| it.code().map(std::borrow::Cow::into_owned));
    Some(code.unwrap_or_else(|| error.to_string()))
}

/// The statements of each kind that a door may say about a table; none of them finds a row.
async fn statements(owner: &mut PgConnection, door: Door, table: &str) -> Vec<String> {
    let may = async |owner: &mut PgConnection, right: &str| -> Option<String> {
        let sql = "select attname::text from pg_attribute
                    where attrelid = $2::text::regclass and attnum > 0 and not attisdropped
                      and has_column_privilege($1, attrelid, attnum, $3) order by attnum limit 1";
        let query = sqlx::query_scalar(sql).bind(door.name()).bind(table).bind(right);
        query.fetch_optional(owner).await.expect(sql)
    };
    let mut all = Vec::new();
    if let Some(column) = may(owner, "INSERT").await {
        all.push(format!("insert into {table} ({column}) select null where false"));
    }
    if let Some(column) = may(owner, "UPDATE").await {
        all.push(format!("update {table} set {column} = default where false"));
    }
    let sql = "select has_table_privilege($1, $2, 'DELETE')";
    let deletes: bool =
        sqlx::query_scalar(sql).bind(door.name()).bind(table).fetch_one(owner).await.expect(sql);
    if deletes {
        all.push(format!("delete from {table} where false"));
    }
    all
}

#[tokio::test]
async fn database_takes_no_write_of_any_table_of_who_rests() {
    let app = TestApp::start().await;
    let id = app.tenant("bima").await.tenant.id.uuid();
    let mut owner = owner(&app).await;
    let mut door = app.database().options(Door::Tenant).connect().await.expect("the door opens");
    let mut tried = 0;
    for state in ["active", "read_only", "suspended"] {
        set_silently(&mut owner, "bima", state).await;
        door.execute("begin").await.expect("a transaction");
        let enter = "select set_config('ekinerja.tenant', $1, true)";
        sqlx::query(enter).bind(id.to_string()).execute(&mut door).await.expect(enter);
        for table in tenant_tables(&mut owner).await {
            // That somebody read goes on; the trail has a lock of its own, at the head of the chain.
            let expected = match (state, table.as_str()) {
                ("active", _) | (_, "read_events" | "audit_events") => None,
                _ => Some(AT_REST.to_owned()),
            };
            for sql in statements(&mut owner, Door::Tenant, &table).await {
                tried += 1;
                assert_eq!(fate(&mut door, &sql).await, expected, "{state}: {sql}");
            }
        }
        let line = |kind: &str| {
            format!(
                "insert into audit_events (tenant_id, at, user_id, user_name, kind, subject, facts)
                     values ('{id}', now(), '{id}', 'x', '{kind}', 'x', '{{}}')"
            )
        };
        let at_rest = (state != "active").then(|| AT_REST.to_owned());
        for kind in EventKind::ALL {
            let expected = if kind.goes_on_at_rest() { None } else { at_rest.clone() };
            assert_eq!(fate(&mut door, &line(kind.code())).await, expected, "{state}: {kind:?}");
        }
        door.execute("rollback").await.expect("taken back");
    }
    assert!(tried >= 120, "{tried}");

    // The directory's door writes people and programs of many governments: there each row is asked.
    app.account("budi", false).await;
    let mut directory = app.database().options(Door::Directory).connect().await.expect("opens");
    let role = "insert into memberships (tenant_id, id, user_id, name, username, role, valid_from, created_at)
         select t.id, gen_random_uuid(), u.id, u.name, u.username, 'planner', '2025-01-01', now()
           from tenants t, users u where t.slug = 'bima' and u.username = 'budi'";
    directory.execute("begin").await.expect("a transaction");
    assert_eq!(fate(&mut directory, role).await.as_deref(), Some(AT_REST));
    set_silently(&mut owner, "bima", "active").await;
    assert_eq!(fate(&mut directory, role).await, None);
    // Nothing is erased that was not suspended, and what is erased no door takes back.
    let erase = "update tenants set state = 'erased' where slug = 'bima'";
    assert_eq!(fate(&mut directory, erase).await.as_deref(), Some("23514"));
    set_silently(&mut owner, "bima", "suspended").await;
    assert_eq!(fate(&mut directory, erase).await, None);
}

#[tokio::test]
async fn every_table_of_a_government_has_the_lock() {
    let app = TestApp::start().await;
    let mut owner = owner(&app).await;
    let sql = "select c.relname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid
                where t.tgname = 'writable' and t.tgenabled = 'O'";
    let locked: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut owner).await.expect(sql);
    for table in tenant_tables(&mut owner).await {
        let open = ["read_events", "audit_events", "audit_heads"].contains(&table.as_str());
        assert_ne!(locked.contains(&table), open, "{table}");
    }
}

#[tokio::test]
async fn commit_comes_before_the_freeze_or_not_at_all() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    bima.member(Role::Administrator).await;
    let here = app.app.clone();
    let scope = scope(&here, "administrator.bima", "bima").await;
    let writing = async {
        let (mut done, mut refused) = (0, 0);
        for year in 2030..2090 {
            match here.open_period(&scope, &year.to_string()).await {
                Ok(_) => done += 1,
                Err(Refusal::Rule(it)) if it.code == Code::TenantReadOnly => refused += 1,
                Err(other) => panic!("{other}"),
            }
        }
        (done, refused)
    };
    let freezing = async {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        let ask = ChangeState {
            state: String::from("read_only"),
            reason: String::from("Uji"),
            legal_basis: String::from("Surat 1"),
        };
        app.app.set_tenant_state(&Operator::command_line(), "52.06", 1, &ask).await.expect("frozen")
    };
    let ((done, refused), _) = tokio::join!(writing, freezing);
    assert!(refused > 0, "{done} done before the freeze");
    let sql = "select count(*) filter (where kind = 'period.state_set'),
                      count(*) filter (where seq > (select max(seq) from audit_events where kind = 'tenant.state_set'))
                 from audit_events where tenant_id = $1";
    let mut owner = owner(&app).await;
    let (kept, later): (i64, i64) =
        sqlx::query_as(sql).bind(bima.tenant.id.uuid()).fetch_one(&mut owner).await.expect(sql);
    assert_eq!((kept, later), (done, 0));
}

#[tokio::test]
async fn nobody_of_a_suspended_government_signs_in_or_reads_in_any_process() {
    let app = TestApp::start().await;
    let bima = app.tenant("bima").await;
    let dompu = app.tenant("dompu").await;
    let operator = app.operator().await;
    let administrator = bima.member(Role::Administrator).await;
    let stranger = dompu.member(Role::Planner).await;
    // One person of both governments.
    let both = dompu
        .member_named("dua.daerah", Role::Planner, ekinerja_domain::access::Scope::Tenant)
        .await;
    bima.give("dua.daerah", Role::Planner, ekinerja_domain::access::Scope::Tenant, None).await;
    let token = program(&administrator).await;
    let bearer = async || {
        let visitor = app.visitor();
        let request = visitor.request(Method::GET, "/api/v1/tenants/bima/plan/nodes");
        visitor.send(request.header("authorization", format!("Bearer {token}"))).await
    };
    assert_ne!(bearer().await.status, 401);
    let (beside, neighbour) = app.beside().await;
    let sign_in = json!({ "username": "administrator.bima", "password": PASSWORD });
    beside.post("/api/v1/session", &sign_in).await.expect(200);
    beside.get("/api/v1/tenants/bima/members").await.expect(200);
    let hidden = plain(&stranger.get("/api/v1/tenants/bima/members").await.expect(404));
    let dompu_before = checksums(&app, "dompu").await;

    TestApp::heard(&neighbour, async {
        set(&operator, "52.06", "suspended").await.expect(200);
    })
    .await;
    // Sessions and tokens are over here and in the other process.
    administrator.get("/api/v1/tenants/bima/members").await.expect(401);
    beside.get("/api/v1/tenants/bima/members").await.expect(401);
    assert_eq!(bearer().await.expect(401).code(), "token.invalid");
    administrator.look("/bima").await.expect(303);
    let refused = app.visitor().post("/api/v1/session", &sign_in).await.expect(401);
    assert_eq!(refused.code(), "tenant.suspended");
    let wrong = json!({ "username": "administrator.bima", "password": "bukan ini sama sekali" });
    let wrong = app.visitor().post("/api/v1/session", &wrong).await.expect(401);
    assert_eq!(wrong.code(), "sign-in.failed", "only who knows the password is told");
    let page = app.visitor();
    let form = [("username", "administrator.bima"), ("password", PASSWORD)];
    let page = page.fill("/masuk", &form).await.expect(401);
    assert!(page.body.contains("ditangguhkan"), "{}", page.body);
    // Who belongs to both goes on in the other one and is told; a stranger is told nothing.
    both.get("/api/v1/tenants/dompu/agencies").await.expect(200);
    let told = both.get("/api/v1/tenants/bima/agencies").await.expect(401);
    assert_eq!(told.code(), "tenant.suspended");
    let me = both.get("/api/v1/me").await.expect(200).json();
    assert_eq!(me["tenants"].as_array().map(Vec::len), Some(1), "{me}");
    assert_eq!(plain(&stranger.get("/api/v1/tenants/bima/members").await.expect(404)), hidden);
    assert_eq!(checksums(&app, "dompu").await, dompu_before);
    let front = app.visitor().look("/").await.expect(200);
    assert!(front.body.contains("Kabupaten Bima (ditangguhkan)"));

    set(&operator, "52.06", "active").await.expect(200);
    administrator.get("/api/v1/tenants/bima/members").await.expect(401);
    let back = app.sign_in("administrator.bima").await;
    back.get("/api/v1/tenants/bima/members").await.expect(200);
    assert_ne!(bearer().await.status, 401, "its program works again");
}

/// A problem without what differs from request to request.
fn plain(answer: &Answer) -> Value {
    let mut body = answer.json();
    body["trace"].take();
    body
}

/// A token of a program in Bima.
async fn program(administrator: &Actor) -> String {
    let accounts = "/api/v1/tenants/bima/service-accounts";
    let ask = json!({ "name": "SIPD", "purpose": "Uji", "owner": "administrator.bima",
        "roles": [{ "role": "planner" }], "last_day": "2025-06-30" });
    let place = administrator.post(accounts, &ask).await.expect(201).header("location").to_owned();
    let ask = json!({ "name": "Server uji", "access": "read" });
    let issued = administrator.post(&format!("{place}/tokens"), &ask).await.expect(201);
    issued.json()["secret"].as_str().expect("a secret").to_owned()
}

#[tokio::test]
async fn work_in_the_background_waits_while_a_government_rests() {
    let app = TestApp::start_demonstration().await;
    while app.app.work_once().await.expect("the queue") != ekinerja_app::jobs::Worked::Idle {}
    let mut owner = owner(&app).await;
    let ask = "insert into jobs (tenant_id, id, kind, payload, user_id, run_at)
        select t.id, gen_random_uuid(), $2, '{}', u.id, '2026-01-01'
          from tenants t, users u where t.slug = $1 and u.username = 'admin.' || $1";
    let work = async || app.app.work_once().await.expect("the queue");
    sqlx::query(ask).bind(PROVINCE).bind("rollup_all").execute(&mut owner).await.expect(ask);
    set_silently(&mut owner, PROVINCE, "read_only").await;
    assert_eq!(work().await, ekinerja_app::jobs::Worked::Idle);
    // What a regency would write into the province that rests waits too.
    sqlx::query(ask).bind(REGENCY).bind("rollup").execute(&mut owner).await.expect(ask);
    assert_eq!(work().await, ekinerja_app::jobs::Worked::Idle);
    set_silently(&mut owner, PROVINCE, "active").await;
    set_silently(&mut owner, REGENCY, "suspended").await;
    assert_eq!(work().await, ekinerja_app::jobs::Worked::Done);
    assert_eq!(work().await, ekinerja_app::jobs::Worked::Idle);
    let waiting = "select count(*) from jobs where finished_at is null";
    let waiting: i64 = sqlx::query_scalar(waiting).fetch_one(&mut owner).await.expect("a count");
    assert_eq!(waiting, 1);
}
