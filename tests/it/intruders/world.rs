//! The governments of the demonstration as their own people see them: members, ids, links, forms; and what
//! the database holds of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;
use ekinerja_tests::reading::{self, Form};
use ekinerja_tests::surface::{Door, door_at};
use ekinerja_tests::{Actor, Answer, TestApp};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, ConnectOptions};

use crate::planning::{manual, plan};

/// The OPD whose officer and head the cases use.
pub(crate) const OFFICE: &str = "bappeda";

/// One government, seen from inside.
#[derive(Debug)]
pub(crate) struct Government {
    pub(crate) slug: String,
    /// User name and browser of each member who looks around.
    pub(crate) members: Vec<(String, Actor)>,
    /// Every id that they see, by its prefix.
    pub(crate) ids: BTreeMap<String, BTreeSet<String>>,
    /// Every form that they are shown, with the user name of who was shown it, and where.
    pub(crate) forms: BTreeSet<(String, String, Form)>,
    /// Every address that they are led to.
    pub(crate) links: BTreeSet<String>,
}

/// How many entries of a list are followed.
const MOST: usize = 4;

impl Government {
    /// Signs its members in: one of each role, officer and head of one OPD.
    pub(crate) async fn enter(app: &TestApp, slug: &str) -> Self {
        let sql = "select distinct u.username from users u join memberships m on m.user_id = u.id
                     join tenants t on t.id = m.tenant_id where t.slug = $1 order by 1";
        let mut owner = owner(app).await;
        let names: Vec<String> =
            sqlx::query_scalar(sql).bind(slug).fetch_all(&mut owner).await.expect(sql);
        let mut members = Vec::new();
        for name in names {
            let part = name.split('.').next().unwrap_or_default();
            if part.split_once('-').is_none_or(|(_, agency)| agency == OFFICE) {
                let actor = app.sign_in_with(&name, DEMONSTRATION_PASSWORD).await;
                members.push((name, actor));
            }
        }
        Self::with(slug, members)
    }

    /// A government with these members.
    pub(crate) fn with(slug: &str, members: Vec<(String, Actor)>) -> Self {
        Self {
            slug: slug.to_owned(),
            members,
            ids: BTreeMap::new(),
            forms: BTreeSet::new(),
            links: BTreeSet::new(),
        }
    }

    /// A member by the first part of the user name.
    pub(crate) fn member(&self, part: &str) -> &Actor {
        let name = format!("{part}.{}", self.slug);
        &self.members.iter().find(|it| it.0 == name).unwrap_or_else(|| panic!("no {name}")).1
    }

    /// An address of the interface inside it.
    pub(crate) fn api(&self, rest: &str) -> String {
        format!("/api/v1/tenants/{}{rest}", self.slug)
    }

    /// Any id with this prefix that its members see.
    pub(crate) fn id(&self, prefix: &str) -> Option<String> {
        self.ids.get(prefix)?.first().cloned()
    }

    /// Keeps the ids of an answer.
    fn keep(&mut self, text: &str) {
        for id in reading::ids(text) {
            let prefix = id.split('_').next().unwrap_or_default().to_owned();
            self.ids.entry(prefix).or_default().insert(id.to_owned());
        }
    }

    /// Every member reads every list of the interface and follows every link of every page, a few times each.
    /// `wanted` are ids whose pages are looked at in any case.
    pub(crate) async fn look_around(&mut self, doors: &[Door], wanted: &[String]) {
        for (name, actor) in self.members.clone() {
            if self.slug.is_empty() {
                self.crawl(doors, wanted, &name, &actor).await;
                continue;
            }
            let lists = doors.iter().filter(|it| it.is_operation && it.reads() && it.in_tenant());
            for door in lists.filter(|it| it.variables() == ["tenant"]) {
                let answer = actor.get(&door.at(|_| self.slug.clone())).await;
                if answer.status == 200 {
                    self.keep(&answer.body);
                }
            }
            self.crawl(doors, wanted, &name, &actor).await;
        }
    }

    async fn crawl(&mut self, doors: &[Door], wanted: &[String], name: &str, actor: &Actor) {
        let home = format!("/{}", self.slug);
        let mut ahead = VecDeque::from([home.clone()]);
        if self.slug.is_empty() {
            let outside =
                doors.iter().filter(|it| it.reads() && !it.is_operation && !it.in_tenant());
            let outside = outside.filter(|it| !it.is_file());
            ahead.extend(outside.map(|it| it.at(|_| String::from("52.01"))));
        }
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut known = BTreeSet::new();
        let mut chosen = BTreeSet::new();
        while let Some(address) = ahead.pop_front() {
            let (path, query) = address.split_once('?').unwrap_or((&address, ""));
            let Some(door) = door_at(doors, &Method::GET, path) else {
                panic!("{address} is linked and no listed address");
            };
            let keys: Vec<_> = query.split('&').filter_map(|it| it.split('=').next()).collect();
            let times = seen.entry(format!("{} {}", door.path, keys.join(" "))).or_default();
            *times += 1;
            let most = if chosen.contains(&address) { MOST } else { 2 };
            if *times > most && !wanted.iter().any(|it| address.contains(it.as_str())) {
                continue;
            }
            let answer = actor.look(&address).await;
            if answer.status != 200 {
                continue;
            }
            self.links.insert(address.clone());
            self.keep(&answer.body);
            if !answer.header("content-type").starts_with("text/html") {
                continue;
            }
            let (writes, reads): (Vec<_>, Vec<_>) =
                reading::forms(&answer.body).into_iter().partition(|it| it.writes);
            // Who is signed in is shown no form that writes without the token of their session.
            if let Some(token) = actor.form_token() {
                for form in &writes {
                    let sent = form.fields.iter().find(|it| it.0 == "csrf").map(|it| &it.1);
                    assert_eq!(sent, Some(&token), "the form {} at {address}", form.action);
                }
            }
            let origin = |it: Form| (name.to_owned(), address.clone(), it);
            self.forms.extend(writes.into_iter().map(origin));
            let asked: Vec<_> = reads.iter().flat_map(Form::addresses).collect();
            chosen.extend(asked.iter().rev().take(MOST).cloned());
            for link in reading::links(&answer.body).into_iter().chain(asked.into_iter().rev()) {
                let link = link.split('#').next().unwrap_or_default().to_owned();
                let path = link.split('?').next().unwrap_or_default();
                let inside = match door_at(doors, &Method::GET, path) {
                    Some(door) if self.slug.is_empty() => !door.in_tenant() && !door.is_file(),
                    _ => link == home || link.starts_with(&format!("{home}/")),
                };
                if inside && known.insert(link.clone()) {
                    ahead.push_back(link);
                }
            }
        }
    }
}

/// The superuser, who sees what no door shows.
pub(crate) async fn owner(app: &TestApp) -> PgConnection {
    app.database().owner_options().connect().await.expect("the owner connects")
}

/// Number and checksum of a government's rows in every table that has a `tenant_id`, and of its people.
pub(crate) async fn checksums(app: &TestApp, slug: &str) -> BTreeMap<String, (i64, String)> {
    let mut owner = owner(app).await;
    let mut sums = BTreeMap::new();
    for table in tenant_tables(&mut owner).await {
        let sql = format!(
            "select count(*), coalesce(md5(string_agg(md5(it::text), '' order by md5(it::text))), '')
               from {table} it where tenant_id = (select id from tenants where slug = $1)"
        );
        let sum = sqlx::query_as(AssertSqlSafe(sql)).bind(slug).fetch_one(&mut owner).await;
        sums.insert(table, sum.expect("a checksum"));
    }
    let sql = "select count(*), coalesce(md5(string_agg(md5(u::text || t::text), '' order by u.id)), '')
                 from users u, tenants t where t.slug = $1
                  and exists (select from memberships m where m.user_id = u.id and m.tenant_id = t.id)";
    let people = sqlx::query_as(sql).bind(slug).fetch_one(&mut owner).await.expect(sql);
    sums.insert(String::from("users"), people);
    sums
}

/// Every table with a tenant, from the catalogue.
pub(crate) async fn tenant_tables(owner: &mut PgConnection) -> Vec<String> {
    let sql = "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                  and a.attname = 'tenant_id' and not a.attisdropped order by 1";
    sqlx::query_scalar(sql).fetch_all(owner).await.expect(sql)
}

/// All rows of a government as text.
pub(crate) async fn rows_of(app: &TestApp, slug: &str) -> String {
    let mut owner = owner(app).await;
    let mut all = String::new();
    // The log of reads tells which path was refused, so it names what the intruder itself sent.
    let tables = tenant_tables(&mut owner).await;
    for table in tables.into_iter().filter(|it| it != "read_events") {
        let sql = format!(
            "select coalesce(string_agg(it::text, ' '), '') from {table} it
              where tenant_id = (select id from tenants where slug = $1)"
        );
        let text: String = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(slug)
            .fetch_one(&mut owner)
            .await
            .expect("rows");
        all.push_str(&text.replace('-', ""));
    }
    all
}

/// The platform's operators, by the digits of their ids.
pub(crate) async fn operators(app: &TestApp) -> Vec<String> {
    let sql = "select replace(id::text, '-', '') from users where is_operator";
    sqlx::query_scalar(sql).fetch_all(&mut owner(app).await).await.expect(sql)
}

/// What the cases need beside what the demonstration has.
#[derive(Debug, Default)]
pub(crate) struct Arranged {
    /// Indicators of the OPD, none of them used by another arrangement.
    pub(crate) indicators: Vec<String>,
    /// A value that is not submitted.
    pub(crate) draft: String,
    /// Values that wait for the head.
    pub(crate) submitted: Vec<String>,
    /// A value with a file, and the file's evidence.
    pub(crate) evidenced: (String, String),
    /// Members that have just been added.
    pub(crate) members: Vec<String>,
    /// Posts that nobody holds.
    pub(crate) posts: Vec<String>,
    /// Delegations that begin next year.
    pub(crate) delegations: Vec<String>,
    /// A role of the head, and who may receive it.
    pub(crate) held: String,
    pub(crate) receiver: String,
    /// Nodes without anything below.
    pub(crate) leaves: Vec<String>,
    /// Links of the strategy map, none of them used by another arrangement.
    pub(crate) causal_links: Vec<String>,
    /// Two objectives in a perspective that nobody links.
    pub(crate) unlinked: Vec<String>,
    /// A retired indicator.
    pub(crate) retired: String,
    /// A release that the regency has not adopted.
    pub(crate) release: String,
    /// One that may be withdrawn.
    pub(crate) withdrawable: String,
    /// What a publication of the open year would leave with.
    pub(crate) content_hash: String,
    /// Publications of the regency that may be revoked.
    pub(crate) publications: Vec<String>,
    /// Service accounts, each with a token.
    pub(crate) accounts: Vec<(String, String)>,
    /// Requests about an account that another administrator decides.
    pub(crate) requests: Vec<String>,
    /// The OPD.
    pub(crate) agency: String,
    /// An objective and a goal.
    pub(crate) objective: String,
    pub(crate) goal: String,
}

/// Objectives with links of cause and effect between them.
async fn arrange_links(regency: &Government, arranged: &mut Arranged) {
    let planner = regency.member("perencana");
    for n in 0..6 {
        let body = json!({ "parent": arranged.goal, "kind": "objective", "code": format!("P.{n}"),
            "text": format!("Sasaran {PLANTED}"), "perspective": "I" });
        let added = planner.post(&regency.api("/plan/nodes"), &body).await.expect(201);
        arranged.unlinked.push(text(&added, "id"));
    }
    let driver = arranged.unlinked.remove(0);
    for _ in 0..3 {
        let body = json!({ "from": driver, "to": arranged.unlinked.pop(),
            "hypothesis": format!("Jika {PLANTED}"), "lag_periods": 1 });
        let path = regency.api("/strategy-map/links");
        let added = planner.post(&path, &body).await.expect(201);
        arranged.causal_links.push(text(&added, "id"));
    }
}

fn text(answer: &Answer, name: &str) -> String {
    let json = answer.json();
    json[name].as_str().unwrap_or_else(|| panic!("no {name}: {json}")).to_owned()
}

fn items(answer: &Answer) -> Vec<Value> {
    let json = answer.json();
    let list = if json.is_array() { &json } else { &json["items"] };
    list.as_array().unwrap_or_else(|| panic!("no list: {json}")).clone()
}

/// Arranges in a regency what the cases need, through its own people.
pub(crate) async fn arrange(regency: &Government, province: &Government) -> Arranged {
    let admin = regency.member("admin");
    let planner = regency.member("perencana");
    let officer = regency.member(&format!("petugas-{OFFICE}"));
    let agencies = items(&admin.get(&regency.api("/agencies")).await.expect(200));
    let code = OFFICE.to_uppercase();
    let agency =
        agencies.iter().find(|it| it["code"].as_str().is_some_and(|it| it.ends_with(&code)));
    let agency = agency.unwrap_or_else(|| panic!("no OPD {code}: {agencies:?}"));
    let agency = agency["id"].as_str().expect("an id").to_owned();
    let nodes = items(&planner.get(&regency.api("/plan/nodes")).await.expect(200));
    let of_kind = |kind: &str| {
        let found = nodes.iter().find(|it| it["kind"] == kind).expect("a node");
        found["id"].as_str().expect("an id").to_owned()
    };
    let (objective, goal) = (of_kind("objective"), of_kind("goal"));
    let mut indicators = Vec::new();
    for n in 0..12 {
        let mut body = manual(&format!("UJI-{n}"), &objective);
        body["owner_agency"] = json!(agency);
        let added = planner.post(&regency.api("/indicators"), &body).await.expect(201);
        indicators.push(text(&added, "id"));
    }
    let mut arranged = Arranged { agency, objective, goal, ..Arranged::default() };
    let mut record = async |submit: bool| {
        let indicator = indicators.pop().expect("an indicator");
        let path = regency.api(&format!("/indicators/{indicator}/measurements"));
        let body = json!({ "period": "2026", "value": "12,5", "submit": submit, "source": "BPS",
            "method": "published", "source_verified": true, "note": PLANTED });
        text(&officer.post(&path, &body).await.expect(201), "id")
    };
    arranged.draft = record(false).await;
    for _ in 0..4 {
        arranged.submitted.push(record(true).await);
    }
    let value = record(false).await;
    let path = regency.api(&format!("/measurements/{value}/evidence"));
    let part = reqwest::multipart::Part::bytes(format!("isi {PLANTED}").into_bytes());
    let part = part.file_name("bukti.txt").mime_str("text/plain").expect("a media type");
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = officer.request(Method::POST, &path).multipart(form);
    let evidence = text(&officer.send(request).await.expect(201), "id");
    arranged.evidenced = (value, evidence);
    arranged.retired = indicators.pop().expect("an indicator");
    let path = regency.api(&format!("/indicators/{}", arranged.retired));
    let revision = revision(&planner.get(&path).await.expect(200));
    let retired = planner
        .change(
            Method::PUT,
            &format!("{path}/retirement"),
            revision,
            &json!({ "retired_on": "2026-12-01" }),
        )
        .await;
    retired.expect(200);
    arranged.indicators = indicators;
    for n in 0..6 {
        let body = json!({ "username": format!("calon-{n}.{}", regency.slug), "role": "auditor",
            "name": format!("Calon {n} {PLANTED}") });
        let added = admin.post(&regency.api("/members"), &body).await.expect(201).json();
        arranged.members.push(added["member"]["id"].as_str().expect("an id").to_owned());
    }
    for n in 0..3 {
        let body = json!({ "parent": arranged.goal, "kind": "objective", "code": format!("U.{n}"),
            "text": format!("Sasaran {PLANTED}"), "perspective": "C" });
        let added = planner.post(&regency.api("/plan/nodes"), &body).await.expect(201);
        arranged.leaves.push(text(&added, "id"));
    }
    arrange_links(regency, &mut arranged).await;
    arrange_rights(regency, &mut arranged).await;
    let published = items(&planner.get(&regency.api("/publications")).await.expect(200));
    let published = published.iter().filter(|it| it["status"] == "published");
    arranged.publications =
        published.map(|it| it["id"].as_str().expect("an id").to_owned()).collect();
    let preview = regency.api("/publications/preview?period=2025");
    arranged.content_hash =
        text(&regency.member("pimpinan").get(&preview).await.expect(200), "content_hash");
    for version in ["1.1.0", "1.2.0"] {
        let body = json!({ "version": version, "changelog": "Rilis uji" });
        let planner = province.member("perencana");
        let added = planner.post(&province.api("/releases"), &body).await.expect(201);
        arranged.withdrawable = std::mem::replace(&mut arranged.release, text(&added, "id"));
    }
    arranged
}

/// Arranges what says who may do what: service accounts with tokens, posts, delegations.
async fn arrange_rights(regency: &Government, arranged: &mut Arranged) {
    let admin = regency.member("admin");
    for n in 0..5 {
        let body = json!({ "name": format!("Jembatan {n} {PLANTED}"), "owner": format!("perencana.{}", regency.slug),
            "purpose": "uji", "last_day": "2026-12-31", "roles": [{ "role": "planner" }] });
        let path = regency.api("/service-accounts");
        let account = text(&admin.post(&path, &body).await.expect(201), "id");
        let body = json!({ "name": "Kunci uji", "access": "read", "last_day": "2026-12-30" });
        let added = admin.post(&format!("{path}/{account}/tokens"), &body).await.expect(201);
        let token = reading::ids(&added.body).into_iter().find(|it| it.starts_with("tok_"));
        arranged.accounts.push((account, token.expect("a token").to_owned()));
    }
    for n in 0..2 {
        let body = json!({ "name": format!("Jabatan {n} {PLANTED}"), "kind": "executor" });
        let added = admin.post(&regency.api("/posts"), &body).await.expect(201);
        arranged.posts.push(text(&added, "id"));
    }
    let leader = regency.member("pimpinan");
    let me = leader.get(&regency.api("/me")).await.expect(200).json();
    me["roles"][0]["membership"].as_str().expect("an id").clone_into(&mut arranged.held);
    arranged.receiver = format!("perencana.{}", regency.slug);
    for (from, to) in [("2027-01-01", "2027-01-31"), ("2027-02-01", "2027-02-28")] {
        let body = json!({ "role": arranged.held, "to": arranged.receiver, "valid_from": from,
            "valid_to": to, "reason": PLANTED });
        let added = leader.post(&regency.api("/delegations"), &body).await.expect(201);
        arranged.delegations.push(text(&added, "id"));
    }
}

impl Arranged {
    /// Ids whose pages matter.
    pub(crate) fn wanted(&self) -> Vec<String> {
        let mut ids = [
            self.leaves.clone(),
            self.causal_links.clone(),
            self.indicators.clone(),
            self.publications.clone(),
        ]
        .concat();
        ids.push(self.release.clone());
        ids.extend(self.accounts.iter().map(|it| it.0.clone()));
        ids
    }
}

/// A province of its own with a plan and a release, and regencies that have adopted nothing yet.
pub(crate) async fn beginners(app: &TestApp) -> Vec<Government> {
    let mut governments = Vec::new();
    for code in ["51", "51.01", "51.02", "51.03", "51.04"] {
        let tenant = app.tenant_of(code).await;
        let actor = tenant.everything().await;
        let slug = tenant.slug().to_owned();
        let government = Government::with(&slug, vec![(format!("semua.{slug}"), actor)]);
        if code == "51" {
            let actor = &government.members[0].1;
            let planned = plan(&tenant, actor).await;
            let body = json!({ "parent": planned.goal, "kind": "objective", "code": "1.1.2",
                "text": "Sasaran", "perspective": "C" });
            let objective =
                text(&actor.post(&tenant.api("/plan/nodes"), &body).await.expect(201), "id");
            actor.post(&tenant.api("/indicators"), &manual("IPM", &objective)).await.expect(201);
            let body = json!({ "version": "1.0.0", "changelog": "Rilis uji" });
            actor.post(&tenant.api("/releases"), &body).await.expect(201);
        }
        governments.push(government);
    }
    governments
}

/// Words that stand in the victim's rows and nowhere else.
pub(crate) const PLANTED: &str = "rahasia-korban-7f3a9c";

/// The revision that an answer names.
pub(crate) fn revision(answer: &Answer) -> i32 {
    let json = serde_json::from_str::<Value>(&answer.body).unwrap_or_default();
    let number = json["lock_version"].as_i64().or_else(|| json["revision"].as_i64());
    let tag = answer.header("etag").trim_matches(|it| it == '"' || it == 'W' || it == '/');
    let number = number.or_else(|| tag.parse().ok()).unwrap_or(1);
    i32::try_from(number).expect("a small number")
}
