//! Intruders: for every operation and every page, everybody who does not belong there, with the real ids of a
//! government that is not theirs; and for every denial its allowed twin.
//!
//! The doors come from the description of the interface and from the router's own list, the ids from what the
//! victim's own people are shown. A door that no rightful caller gets through here stands in
//! `tests/golden/uncovered-intruders.txt`, which may only shrink.

use std::collections::BTreeSet;

use ekinerja_app::sign_in::DEMONSTRATION_PASSWORD;
use ekinerja_tests::reading::{ids, telling};
use ekinerja_tests::surface::{self, Door};
use ekinerja_tests::{Actor, Answer, TestApp};

use serde_json::json;

use crate::providers::peer::Peer;
use cases::Case;
use world::{Arranged, Government, PLANTED};

mod accounts;
pub(crate) mod cases;
pub(crate) mod world;

/// The government that is attacked, and the one above it.
pub(crate) const REGENCY: &str = "lombok-barat";
pub(crate) const PROVINCE: &str = "ntb";
/// The intruders' own government.
pub(crate) const HOME: &str = "sumbawa";
/// No government's address.
const NOBODY: &str = "tidak-ada";

async fn doors(app: &TestApp) -> Vec<Door> {
    let mut doors = surface::operations();
    doors.extend(surface::pages(app).await);
    doors
}

/// An id of the same kind that names nothing.
fn unknown(id: &str) -> String {
    let prefix = id.split('_').next().unwrap_or_default();
    format!("{prefix}_{}", ekinerja_app::fresh_id::<uuid::Uuid>().simple())
}

/// The same request about nothing: no government, no thing.
fn about_nothing(case: &Case, slug: &str) -> (Case, Vec<String>) {
    let known = case.ids();
    let fresh: Vec<_> = known.iter().map(|id| unknown(id)).collect();
    let other = case.with(|text| {
        let mut text = swap_slug(text, &case.slug, slug);
        for (id, fresh) in known.iter().zip(&fresh) {
            text = text.replace(id, fresh);
        }
        text
    });
    (other, fresh)
}

/// The address with another government in its place of the path.
fn swap_slug(text: &str, from: &str, to: &str) -> String {
    text.replace(&format!("/tenants/{from}"), &format!("/tenants/{to}")).replacen(
        &format!("/{from}"),
        &format!("/{to}"),
        usize::from(text.starts_with(&format!("/{from}"))),
    )
}

/// The first lines in which two answers differ.
pub(crate) fn difference(told: &str, untold: &str) -> String {
    let pair = told.lines().zip(untold.lines()).find(|(a, b)| a != b);
    let (told, untold) = pair.unwrap_or((told, untold));
    let same = told.bytes().zip(untold.bytes()).take_while(|(a, b)| a == b).count();
    let from =
        |text: &str| text.bytes().skip(same.saturating_sub(40)).take(160).collect::<Vec<_>>();
    let from = |text: &str| String::from_utf8_lossy(&from(text)).into_owned();
    format!("differs from nothing:\n  {}\n  {}", from(told), from(untold))
}

/// What a refused form says is wrong, without its tags.
fn complaint(page: &str) -> String {
    let errors = page.split("id=\"errors\"").nth(1).and_then(|it| it.split("</ul>").next());
    let errors = errors.unwrap_or(page).split('<').filter_map(|it| it.split_once('>'));
    let words = errors.map(|it| it.1).collect::<Vec<_>>().join(" ");
    let words = if words.is_empty() { page } else { &words };
    words.chars().take(600).collect()
}

/// Whether an answer turns its caller away.
fn turned_away(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403 | 404)
        || (answer.status == 303 && answer.header("location").starts_with("/masuk?"))
}

/// What the attacks found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) attempts: usize,
    wrong: Vec<String>,
}

impl Findings {
    pub(crate) fn note(&mut self, holds: bool, words: impl FnOnce() -> String) {
        if !holds {
            self.wrong.push(words());
        }
    }

    /// One intruder at a foreign government's door, and the same with nothing behind it.
    pub(crate) async fn attack(
        &mut self,
        who: &str,
        intruder: &Actor,
        case: &Case,
        secrets: &Secrets,
    ) {
        let answer = case.send(intruder, 1).await;
        let (nothing, _) = about_nothing(case, NOBODY);
        let reference = nothing.send(intruder, 1).await;
        self.attempts += 2;
        let door = case.door.name();
        self.note(turned_away(&answer), || {
            format!("{who} at {door} {}: {}\n{}", case.address, answer.status, answer.body)
        });
        let (told, untold) = (telling(&answer, &[&case.slug]), telling(&reference, &[NOBODY]));
        self.note(told == untold, || {
            format!("{who} at {door} {}: {}", case.address, difference(&told, &untold))
        });
        self.quiet(who, case, &answer, secrets);
    }

    /// Foreign ids at the intruder's own government, beside ids of nothing.
    pub(crate) async fn smuggle(
        &mut self,
        who: &str,
        intruder: &Actor,
        case: &Case,
        secrets: &Secrets,
    ) {
        let known = case.ids();
        let foreign = known.iter().any(|it| secrets.ids.contains(it));
        if !foreign {
            return;
        }
        let own = case.with(|text| swap_slug(text, &case.slug, HOME));
        let own = Case { slug: HOME.to_owned(), ..own };
        let (nothing, fresh) = about_nothing(&own, HOME);
        let answer = own.send(intruder, 1).await;
        let reference = nothing.send(intruder, 1).await;
        self.attempts += 2;
        let door = case.door.name();
        let in_path = !ids(own.address.split('?').next().unwrap_or_default()).is_empty();
        if in_path || !case.door.reads() {
            self.note((400..500).contains(&answer.status), || {
                format!("{who} at home, {door} {}: {}\n{}", own.address, answer.status, answer.body)
            });
        }
        let words: Vec<&str> = known.iter().chain(&fresh).map(String::as_str).collect();
        let (told, untold) = (telling(&answer, &words), telling(&reference, &words));
        self.note(told == untold, || {
            format!("{who} at home, {door} {}: {}", own.address, difference(&told, &untold))
        });
        self.quiet(who, case, &answer, secrets);
    }

    /// A member of the same government with another scope at what is not theirs to change.
    async fn trespass(&mut self, who: &str, member: &Actor, case: &Case) {
        // Every member hands on roles of their own here; that nobody hands on another's is asked in `access`.
        if case.door.reads() || case.door.path.ends_with("/delegations") {
            return;
        }
        let answer = case.send(member, 1).await;
        self.attempts += 1;
        self.note(turned_away(&answer), || {
            let why = complaint(&answer.body);
            format!("{who} at {} {}: {} {why}", case.door.name(), case.address, answer.status)
        });
    }

    /// Nothing of the victim stands in an answer, but what the intruder sent.
    fn quiet(&mut self, who: &str, case: &Case, answer: &Answer, secrets: &Secrets) {
        let sent = case.ids();
        let leaked = ids(&answer.body)
            .into_iter()
            .find(|id| secrets.ids.contains(*id) && !sent.iter().any(|it| it == id));
        self.note(leaked.is_none() && !answer.body.contains(PLANTED), || {
            format!("{who} at {}: sees {leaked:?}\n{}", case.door.name(), answer.body)
        });
    }

    #[track_caller]
    pub(crate) fn none(self, at_least: usize) {
        let some = self.wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n\n");
        assert!(self.wrong.is_empty(), "{} findings\n{some}", self.wrong.len());
        assert!(self.attempts >= at_least, "{} attempts prove little", self.attempts);
    }
}

/// What no intruder may see: ids that only the victim's own people are shown.
#[derive(Debug)]
pub(crate) struct Secrets {
    pub(crate) ids: BTreeSet<String>,
}

impl Secrets {
    /// What crosses by right is no secret: releases go down, publications go up; who governs is public.
    pub(crate) fn of(government: &Government) -> Self {
        let shared = ["rel", "pub", "ten"];
        let ids = government.ids.iter().filter(|(prefix, _)| !shared.contains(&prefix.as_str()));
        Self { ids: ids.flat_map(|(_, ids)| ids.iter().cloned()).collect() }
    }
}

/// The stage of every test here.
pub(crate) struct Stage {
    pub(crate) app: TestApp,
    pub(crate) doors: Vec<Door>,
    pub(crate) regency: Government,
    pub(crate) province: Government,
    pub(crate) arranged: Arranged,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::on(TestApp::start_demonstration().await).await
    }

    /// The stage on a demonstration to which more was added.
    pub(crate) async fn on(app: TestApp) -> Self {
        let doors = doors(&app).await;
        let mut regency = Government::enter(&app, REGENCY).await;
        let mut province = Government::enter(&app, PROVINCE).await;
        let mut arranged = world::arrange(&regency, &province).await;
        arranged.requests = accounts::requests(&app, &regency).await;
        regency.look_around(&doors, &arranged.wanted()).await;
        province.look_around(&doors, &arranged.wanted()).await;
        // The operator opened them all and stands in every trail: no government's secret.
        let operators = world::operators(&app).await;
        for it in [&mut regency, &mut province] {
            if let Some(people) = it.ids.get_mut("usr") {
                people.retain(|id| !operators.iter().any(|operator| id.ends_with(operator)));
            }
        }
        Self { app, doors, regency, province, arranged }
    }

    /// The cases of both governments.
    pub(crate) fn cases(&self) -> Vec<Case> {
        let mut cases = cases::cases(&self.doors, &self.regency, &self.arranged);
        cases.extend(cases::cases(&self.doors, &self.province, &self.arranged));
        cases
    }
}

#[tokio::test]
async fn nobody_gets_in_where_they_do_not_belong() {
    let stage = Stage::set().await;
    let app = &stage.app;
    let cases = stage.cases();
    let neighbour = app.tenant(HOME).await.everything().await;
    let above = app.tenant(PROVINCE).await.everything().await;
    let below = app.tenant(REGENCY).await.everything().await;
    let outsiders = [
        ("nobody", app.visitor(), [REGENCY, PROVINCE].as_slice()),
        (
            "the operator",
            app.sign_in_with("operator", DEMONSTRATION_PASSWORD).await,
            &[REGENCY, PROVINCE],
        ),
        ("the neighbour", neighbour.clone(), &[REGENCY, PROVINCE]),
        ("the province", above, &[REGENCY]),
        ("the regency", below, &[PROVINCE]),
    ];
    let elsewhere =
        app.sign_in_with(&format!("petugas-dikes.{REGENCY}"), DEMONSTRATION_PASSWORD).await;
    let before = sums(app).await;
    let mut findings = Findings::default();
    for case in &cases {
        let victim = if case.slug == REGENCY { &stage.regency } else { &stage.province };
        let secrets = Secrets::of(victim);
        for (who, intruder, victims) in &outsiders {
            if victims.contains(&case.slug.as_str()) {
                findings.attack(who, intruder, case, &secrets).await;
            }
        }
        // An auditor changes nothing but the trail itself, by checking its chain.
        let door = case.door.name();
        if !door.ends_with("/audit-chain/checks") && !door.ends_with("/audit/check") {
            findings.trespass("an auditor", victim.member("auditor"), case).await;
        }
        if case.slug == REGENCY {
            findings.trespass("an officer of another OPD", &elsewhere, case).await;
        }
        findings.smuggle("the neighbour", &neighbour, case, &secrets).await;
    }
    let after = sums(app).await;
    for (table, sum) in &before {
        findings.note(after[table] == *sum, || {
            format!("{table:?} changed: {sum:?} {:?}", after[table])
        });
    }
    let home = world::rows_of(app, HOME).await;
    for victim in [&stage.regency, &stage.province] {
        for id in Secrets::of(victim).ids {
            let hex = id.split('_').next_back().unwrap_or_default();
            findings.note(!home.contains(hex), || format!("a row of {HOME} points at {id}"));
        }
    }
    for door in stage.doors.iter().filter(|it| it.in_tenant()) {
        let attacked = cases.iter().any(|it| it.door.name() == door.name());
        findings.note(attacked, || format!("{} was not attacked", door.name()));
    }
    findings.none(2_000);
}

/// Checksums of both victims.
async fn sums(app: &TestApp) -> std::collections::BTreeMap<(String, String), (i64, String)> {
    let mut all = std::collections::BTreeMap::new();
    for slug in [REGENCY, PROVINCE] {
        let mut sums = world::checksums(app, slug).await;
        // Every refused attempt is written down there.
        sums.remove("read_events").expect("the log of reads");
        all.extend(sums.into_iter().map(|(table, sum)| ((slug.to_owned(), table), sum)));
    }
    all
}

/// The allowed twin of every denial: somebody who may is let in, at every door.
#[tokio::test]
async fn every_door_lets_its_rightful_caller_in() {
    let stage = Stage::set().await;
    let mut control = Control::over(&stage.doors);
    let mut cases = stage.cases();
    // What leaves with a publication changes with almost everything else.
    cases.sort_by_key(|it| !it.door.path.ends_with("/publications"));
    for case in &cases {
        let victim = if case.slug == REGENCY { &stage.regency } else { &stage.province };
        control.try_as_anybody(case, &victim.members).await;
    }
    beginnings(&stage, &mut control).await;
    // Before the operator freezes a government.
    identity_provider(&stage, &mut control).await;
    Box::pin(accounts::let_in(&stage, &mut control)).await;
    Box::pin(accounts::emergency(&stage, &mut control)).await;
    outside(&stage, &mut control).await;
    control.compare_with_list();
}

/// Doors that no rightful caller has been let through yet.
struct Control {
    uncovered: BTreeSet<String>,
    said: Vec<String>,
}

impl Control {
    fn over(doors: &[Door]) -> Self {
        let uncovered = doors.iter().filter(|it| !it.open).map(Door::name).collect();
        Self { uncovered, said: Vec::new() }
    }

    /// One of these is let in.
    async fn try_as_anybody(&mut self, case: &Case, people: &[(String, Actor)]) {
        let door = case.door.name();
        if !self.uncovered.contains(&door) {
            return;
        }
        for (name, actor) in people {
            if case.shown.as_ref().is_some_and(|it| it.0 != *name) {
                continue;
            }
            let answer = case.done_by(actor).await;
            if Case::was_done(&answer) {
                self.uncovered.remove(&door);
                return;
            }
            if !turned_away(&answer) {
                let why = complaint(&answer.body);
                self.said.push(format!("{name} at {door}: {} {why}", answer.status));
            }
        }
    }

    fn compare_with_list(self) {
        let open = |words: &&String| self.uncovered.iter().any(|it| words.contains(it.as_str()));
        let said: Vec<_> = self.said.iter().filter(open).cloned().collect();
        let list = self.uncovered.into_iter().fold(String::new(), |all, it| all + &it + "\n");
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
        let path = folder.join("uncovered-intruders.txt");
        if std::env::var_os("EKINERJA_WRITE_GOLDEN").is_some() {
            std::fs::write(&path, &list).expect("the list is written");
        }
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(known, list, "doors without a rightful caller may only become fewer: {said:#?}");
    }
}

/// What needs a provider that answers, and an account that is linked to somebody there.
async fn identity_provider(stage: &Stage, control: &mut Control) {
    let peer = Peer::start().await;
    let government = &stage.regency;
    let administrator = government.member("admin");
    let mut done = |method: &str, path: &str, answer: Answer| {
        if Case::was_done(&answer) {
            control.uncovered.remove(&format!("{method} {path}"));
        } else {
            control.said.push(format!("{method} {path}: {} {}", answer.status, answer.body));
        }
    };
    let test = json!({ "issuer": peer.issuer() });
    let answer = administrator.post(&government.api("/identity-provider/test"), &test).await;
    done("POST", "/api/v1/tenants/{tenant}/identity-provider/test", answer);
    let page = format!("/{REGENCY}/sign-in");
    let answer = administrator.fill(&format!("{page}/test"), &[("issuer", peer.issuer())]).await;
    done("POST", "/{tenant}/sign-in/test", answer);
    let body = json!({ "issuer": peer.issuer(), "client_id": "uji", "enabled": false });
    let path = government.api("/identity-provider");
    let now = world::revision(&administrator.get(&path).await);
    let answer = administrator.change(reqwest::Method::PUT, &path, now, &body).await;
    done("PUT", "/api/v1/tenants/{tenant}/identity-provider", answer);
    let now = world::revision(&administrator.get(&path).await).to_string();
    let typed = [("issuer", peer.issuer()), ("client_id", "uji"), ("revision", now.as_str())];
    let answer = administrator.fill(&page, &typed).await;
    done("POST", "/{tenant}/sign-in", answer);
    let link = async |subject: &str| {
        let app = &stage.app.app;
        let directory = app.store().directory(app.now()).await.expect("a door");
        let username = format!("admin.{REGENCY}");
        let (person, _) = directory.find_user(&username).await.expect("a look").expect("them");
        let tenant = stage.app.tenant(REGENCY).await.tenant.id;
        directory.link_identity(tenant, peer.issuer(), subject, person.id).await.expect("a link");
        directory.commit_session().await.expect("kept");
        person.id
    };
    let person = link("satu").await;
    let path = government.api(&format!("/identity-provider/links/{person}"));
    let answer = administrator.delete(&path).await;
    done("DELETE", "/api/v1/tenants/{tenant}/identity-provider/links/{person}", answer);
    link("dua").await;
    let answer = administrator.fill(&format!("{page}/links/{person}/end"), &[]).await;
    done("POST", "/{tenant}/sign-in/links/{person}/end", answer);
}

/// What only a government can do that has no plan yet.
async fn beginnings(stage: &Stage, control: &mut Control) {
    let mut governments = world::beginners(&stage.app).await;
    let firsts = [
        ("POST", "/api/v1/tenants/{tenant}/plan"),
        ("POST", "/{tenant}/plan/new"),
        ("POST", "/api/v1/tenants/{tenant}/adoption"),
        ("POST", "/{tenant}/adoption/{release}"),
    ];
    for (government, (method, path)) in governments.iter_mut().skip(1).zip(firsts) {
        government.look_around(&stage.doors, &[]).await;
        let release = government.id("rel").expect("a release of the province");
        let arranged = Arranged { release, ..Arranged::default() };
        let mut at = stage.doors.iter().filter(|it| it.path == path);
        for door in at.clone().filter(|it| it.reads() && !it.is_operation) {
            for case in cases::of_link(door, &stage.doors, government) {
                control.try_as_anybody(&case, &government.members).await;
            }
        }
        let door = at.find(|it| it.method == method).expect("the door");
        let case = if door.is_operation {
            cases::of_operation(door, government, &arranged)
        } else {
            cases::of_form(door, &stage.doors, government, &arranged)
        };
        if let Some(case) = case {
            control.try_as_anybody(&case, &government.members).await;
        }
    }
}

/// An operator, and somebody without any role.
async fn people(app: &TestApp, n: usize) -> Vec<(String, Actor)> {
    let operator = app.sign_in_with("operator", DEMONSTRATION_PASSWORD).await;
    let username = format!("warga-{n}");
    app.account(&username, false).await;
    vec![
        (String::from("operator"), operator),
        (String::from("warga"), app.sign_in(&username).await),
    ]
}

/// Doors outside every government: the operator's, and one's own account.
async fn outside(stage: &Stage, control: &mut Control) {
    let app = &stage.app;
    let mut platform = Government::with("", people(app, 0).await);
    platform.look_around(&stage.doors, &[]).await;
    for (n, door) in stage.doors.iter().enumerate().filter(|(_, it)| !it.in_tenant() && !it.open) {
        let mut cases = vec![Case::outside(door)];
        if !door.is_operation && door.reads() {
            cases.extend(cases::of_link(door, &stage.doors, &platform));
        } else if !door.is_operation {
            let form = cases::of_form(door, &stage.doors, &platform, &Arranged::default());
            if let Some(form) = form {
                let of = |it: &(String, Actor)| {
                    let origin = form.shown.as_ref().map(|it| it.1.clone()).unwrap_or_default();
                    Case { shown: Some((it.0.clone(), origin)), ..form.clone() }
                };
                cases = platform.members.iter().map(of).collect();
            }
        }
        if door.is_operation && door.variables() == ["sign_in"] {
            let person = &people(app, 1_000 + n).await[1];
            let list = person.1.get("/api/v1/me/sign-ins").await.expect(200).body;
            let own = ids(&list).first().map(|it| (*it).to_owned()).expect("a sign-in");
            let case = Case { address: door.at(|_| own.clone()), ..Case::outside(door) };
            control.try_as_anybody(&case, std::slice::from_ref(person)).await;
        }
        // One of these doors signs them out, another changes a password.
        let people = people(app, n + 1).await;
        for case in cases {
            let refused = case.send(&app.visitor(), 1).await;
            assert!(turned_away(&refused), "{}: {} {}", door.name(), refused.status, refused.body);
            if door.path.contains("/operator") {
                let refused = case.send(&people[1].1, 1).await;
                assert!(
                    turned_away(&refused),
                    "{}: {} {}",
                    door.name(),
                    refused.status,
                    refused.body
                );
            }
            control.try_as_anybody(&case, &people).await;
        }
    }
}
