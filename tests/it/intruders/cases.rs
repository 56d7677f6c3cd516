//! One request for every door: what a rightful member would send, with the real ids of their government.
//!
//! Most of a case is made from the description, the example in it, the answer of `GET` at the same address,
//! and the forms that the members are shown. Only what none of these can know stands here.

use std::collections::BTreeMap;

use ekinerja_tests::reading::{Form, faults, forms, ids};
use ekinerja_tests::surface::{Door, door_at};
use ekinerja_tests::{Actor, Answer};
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::world::{Arranged, Government, revision};

/// What is sent with a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Body {
    #[default]
    Nothing,
    Json(Value),
    Form(Form),
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) door: Door,
    /// The government it is about; empty outside all of them.
    pub(crate) slug: String,
    /// Path and query.
    pub(crate) address: String,
    pub(crate) body: Body,
    /// Who was shown the form, and where.
    pub(crate) shown: Option<(String, String)>,
}

impl Case {
    /// The case of an operation outside every government.
    pub(crate) fn outside(door: &Door) -> Self {
        let code = match door.path.as_str() {
            it if it.contains("/provinces/") => "52",
            // What is frozen here takes no more writes: not the victim of the other cases.
            it if it.starts_with("/api/v1/operator/tenants/{code}/")
                && !it.ends_with("/administrators")
                || it.ends_with("/life")
                || it.ends_with("/archive") =>
            {
                "52.08"
            }
            _ => "52.01",
        };
        let body = match door.name().as_str() {
            "PUT /api/v1/me/password" => Body::Json(json!({
                "password": ekinerja_tests::PASSWORD, "new_password": "kalimat panjang yang baru" })),
            "POST /api/v1/operator/tenants/{code}/administrators" => Body::Json(json!({
                "username": "admin-kedua.uji", "name": "Administrator kedua" })),
            "POST /api/v1/operator/tenants" => Body::Json(json!({ "code": "53" })),
            _ if !door.is_operation && !door.reads() => Body::Form(Form::default()),
            _ if door.example.is_null() => Body::Nothing,
            _ => Body::Json(door.example.clone()),
        };
        let address = door.at(|_| String::from(code));
        Self { door: door.clone(), slug: String::new(), address, body, shown: None }
    }

    /// Ids that it names.
    pub(crate) fn ids(&self) -> Vec<String> {
        let body = match &self.body {
            Body::Nothing => String::new(),
            Body::Json(value) => value.to_string(),
            Body::Form(form) => format!("{:?}", form.fields),
        };
        let text = format!("{} {body}", self.address);
        ids(&text).into_iter().map(str::to_owned).collect()
    }

    /// The same with other texts, for another government or other ids.
    pub(crate) fn with(&self, replace: impl Fn(&str) -> String) -> Self {
        let body = match &self.body {
            Body::Nothing => Body::Nothing,
            Body::Json(value) => {
                Body::Json(serde_json::from_str(&replace(&value.to_string())).expect("JSON"))
            }
            Body::Form(form) => {
                let mut form = form.clone();
                for field in &mut form.fields {
                    field.1 = replace(&field.1);
                }
                Body::Form(form)
            }
        };
        Self { address: replace(&self.address), body, ..self.clone() }
    }

    /// Sends it.
    pub(crate) async fn send(&self, actor: &Actor, revision: i32) -> Answer {
        let mut request = actor.request(self.door.method.clone(), &self.address);
        if self.door.is_operation {
            if !self.door.reads() {
                request = request.header("if-match", format!("\"{revision}\""));
            }
        } else {
            request = request.header("accept", "text/html").header("sec-fetch-site", "same-origin");
        }
        let request = match &self.body {
            Body::Nothing => request,
            Body::Json(value) => request.json(value),
            Body::Form(form) if form.multipart => request.multipart(parts(form, &self.door)),
            Body::Form(form) => request.form(&form.fields),
        };
        actor.send(request).await
    }

    /// Sends it as a member would, after a look at what it changes; a form until nothing in it is wrong.
    pub(crate) async fn done_by(&self, actor: &Actor) -> Answer {
        let mut case = self.clone();
        let mut lock = 1;
        if self.door.is_operation && !self.door.reads() {
            let mut path = self.address.split('?').next().unwrap_or_default();
            for _ in 0..2 {
                let here = actor.get(path).await;
                if here.status == 200 {
                    lock = revision(&here);
                    if path == self.address && self.door.method == Method::PUT {
                        case.take_over(&here.json());
                    }
                    break;
                }
                path = path.rsplit_once('/').map_or("", |it| it.0);
            }
        }
        if let Body::Json(body) = &mut case.body
            && body.get("content_hash").is_some()
        {
            let period = body["period"].as_str().unwrap_or_default();
            let preview = actor.get(&format!("{}/preview?period={period}", self.address)).await;
            if preview.status == 200 {
                body["content_hash"] = preview.json()["content_hash"].clone();
            }
        }
        if let (Body::Form(form), Some((_, origin))) = (&mut case.body, &self.shown) {
            let page = actor.look(origin).await;
            let shown: Vec<_> = forms(&page.body).into_iter().filter(|it| it.writes).collect();
            let same = shown.iter().find(|it| it.action == form.action);
            // Outside every government each person has forms about things of their own.
            let alike = |it: &&Form| self.slug.is_empty() && self.door.leads(&it.action);
            if let Some(fresh) = same.or_else(|| shown.iter().find(alike)) {
                case.address.clone_from(&fresh.action);
                form.clone_from(fresh);
            }
        }
        let mut answer = case.send(actor, lock).await;
        for _ in 0..8 {
            let Body::Form(form) = &mut case.body else { break };
            if answer.status != 422 {
                break;
            }
            if let Some(again) = forms(&answer.body).into_iter().find(|it| it.action == form.action)
            {
                form.ids.extend(again.ids);
            }
            if !form.mend(&faults(&answer.body), &self.door) {
                break;
            }
            answer = case.send(actor, lock).await;
        }
        answer
    }

    /// Fills the body with what stands there already: a change that changes nothing.
    fn take_over(&mut self, standing: &Value) {
        if self.door.path.ends_with("/tenants/{code}/state") {
            // A government is never taken into the state in which it is.
            return;
        }
        let Body::Json(example) = &self.body else { return };
        let Some(properties) = self.door.schema["properties"].as_object() else { return };
        let known: Map<String, Value> = properties
            .keys()
            .filter_map(|it| {
                Some((it.clone(), standing.get(it).filter(|it| !it.is_null())?.clone()))
            })
            .collect();
        if !known.is_empty() && example.is_object() {
            self.body = Body::Json(Value::Object(known));
        }
    }

    /// Whether a rightful caller's answer shows that it was done.
    pub(crate) fn was_done(answer: &Answer) -> bool {
        let away = answer.header("location");
        match answer.status {
            200..300 => true,
            302 | 303 => !away.starts_with("/masuk?"),
            _ => false,
        }
    }
}

/// What a form with files sends: as a browser does, an empty part where no file was chosen.
fn parts(form: &Form, door: &Door) -> reqwest::multipart::Form {
    let whole = form.fields.iter().fold(reqwest::multipart::Form::new(), |whole, (name, value)| {
        whole.text(name.clone(), value.clone())
    });
    let wants_table = door.path.ends_with("/import");
    let table = if door.path.contains("/members/") { PEOPLE } else { TABLE };
    let (file, content) = if wants_table { ("tabel.csv", table) } else { ("", "") };
    form.files.iter().fold(whole, |whole, name| {
        let part = reqwest::multipart::Part::bytes(content.as_bytes()).file_name(file);
        whole.part(name.clone(), part)
    })
}

/// A table of people.
const PEOPLE: &str = "name,username,role\nOrang Tabel,orang.tabel,planner\n";

/// A table of OPD.
const TABLE: &str = "code,name,abbreviation,kind,parent_code,note,verified\nNTB-UJI2,Dinas Uji,,department,,,true\n";

/// Filling forms as a person does who reads what is wrong.
trait Mend {
    /// Puts something into the fields that are wrong; false when there is nothing to put.
    fn mend(&mut self, faults: &[String], door: &Door) -> bool;
}

impl Mend for Form {
    fn mend(&mut self, faults: &[String], door: &Door) -> bool {
        let mut mended = false;
        for fault in faults {
            let named = self.ids.iter().find(|it| it.0 == *fault).map(|it| it.1.clone());
            let Some(name) = named else { continue };
            let value = self.next_choice(&name).unwrap_or_else(|| typed(&name, door).to_owned());
            self.fill(&name, &value);
            mended = true;
        }
        mended
    }
}

/// What a person types into a field that must be filled.
fn typed(name: &str, door: &Door) -> &'static str {
    match name {
        "value" | "baseline_value" => "12,5",
        "code" if door.path.starts_with("/operator") => "51.05",
        "code" => "UJI-FORM",
        "username" if door.path.starts_with("/operator") => "admin-ketiga.uji",
        "username" => "baru-form.uji",
        "version" => "9.0.0",
        "until" | "reopened_until" => "2026-12-01",
        "retired_on" | "last_day" | "valid_to" => "2026-12-31",
        "owner" => "perencana.lombok-barat",
        "to" => "evaluator.lombok-barat",
        "period" => "2026-Q2",
        "year" | "start_year" => "2026",
        "end_year" => "2030",
        "monitored_until" => "2031",
        "url" => "https://ntb.bps.go.id/id/publication",
        "password" => ekinerja_tests::PASSWORD,
        "new_password" | "again" => "kalimat panjang yang lain",
        _ => "Butir uji",
    }
}

/// The case of a door of the pages that writes: the first form that leads there.
pub(crate) fn of_form(
    door: &Door,
    doors: &[Door],
    government: &Government,
    it: &Arranged,
) -> Option<Case> {
    let leads = |form: &Form| {
        let path = form.action.split('?').next().unwrap_or_default();
        door_at(doors, &Method::POST, path).is_some_and(|it| it.path == door.path)
    };
    let wanted = match door.path.as_str() {
        "/{tenant}/verification/{measurement}/verify" => it.submitted.get(2),
        "/{tenant}/verification/{measurement}/reject" => it.submitted.get(3),
        "/{tenant}/members/{member}/end" => it.members.get(2),
        "/{tenant}/members/{member}/first-password"
        | "/{tenant}/members/{member}/password-link" => it.members.get(3),
        "/{tenant}/members/{member}/departure" => it.members.get(5),
        "/{tenant}/posts/{post}/abolish" => it.posts.get(1),
        "/{tenant}/delegations/{delegation}/end" => it.delegations.get(1),
        "/{tenant}/plan/nodes/{node}/removal" => it.leaves.get(1),
        "/{tenant}/strategy-map/links/{link}/removal" => it.causal_links.get(1),
        "/{tenant}/strategy-map/links/{link}" => it.causal_links.get(2),
        "/{tenant}/publication/{publication}/revocation" => it.publications.get(1),
        "/{tenant}/templates/{release}/withdrawal" => Some(&it.release),
        "/{tenant}/indicators/{indicator}/edit" => it.indicators.get(4),
        "/{tenant}/service-accounts/{account}/tokens" => it.accounts.first().map(|it| &it.0),
        "/{tenant}/service-accounts/{account}/end" => it.accounts.get(3).map(|it| &it.0),
        "/{tenant}/service-accounts/{account}/tokens/{token}/revoke" => {
            it.accounts.get(4).map(|it| &it.1)
        }
        "/{tenant}/account-requests/{request}/approval" => it.requests.first(),
        "/{tenant}/account-requests/{request}/refusal" => it.requests.get(1),
        "/{tenant}/account-requests/{request}/end" => it.requests.get(5),
        "/{tenant}/publication" => return of_preview(door, government),
        _ => None,
    };
    let is_wanted = |form: &Form| wanted.is_none_or(|id| form.action.contains(id.as_str()));
    let mut found = government.forms.iter().filter(|it| leads(&it.2));
    let first = found.clone().next()?;
    let (by, origin, form) = found.find(|it| is_wanted(&it.2)).unwrap_or(first);
    Some(Case {
        door: door.clone(),
        slug: government.slug.clone(),
        address: form.action.clone(),
        body: Body::Form(form.clone()),
        shown: Some((by.clone(), origin.clone())),
    })
}

/// The form that publishes the last period for which one is shown.
fn of_preview(door: &Door, government: &Government) -> Option<Case> {
    let mut found =
        government.forms.iter().filter(|it| it.2.fields.iter().any(|it| it.0 == "content_hash"));
    let (by, origin, form) = found.next_back()?;
    Some(Case {
        door: door.clone(),
        slug: government.slug.clone(),
        address: form.action.clone(),
        body: Body::Form(form.clone()),
        shown: Some((by.clone(), origin.clone())),
    })
}

/// The variables of an operation's address.
fn variable(name: &str, door: &Door, government: &Government, it: &Arranged) -> Option<String> {
    let exact = match (door.name().rsplit("{tenant}").next().unwrap_or_default(), name) {
        (_, "tenant") => government.slug.clone(),
        (_, "period") => {
            String::from(if door.path.ends_with("/reopening") { "2023" } else { "2025" })
        }
        ("/rollups/{indicator}" | "/rollups/{indicator}/explanation", _) => String::from("JPM"),
        (_, "perspective") => String::from("C"),
        ("/measurements/{measurement}/submission", _) => it.draft.clone(),
        ("/measurements/{measurement}/verification", _) => it.submitted[0].clone(),
        ("/measurements/{measurement}/rejection", _) => it.submitted[1].clone(),
        (_, "measurement") => it.evidenced.0.clone(),
        (_, "evidence") => it.evidenced.1.clone(),
        ("/indicators/{indicator}/retirement", _) if door.method == Method::DELETE => {
            it.retired.clone()
        }
        ("/indicators/{indicator}/modes" | "/indicators/{indicator}/explanation", _) => {
            government.id("ind")?
        }
        (_, "indicator") if door.path.ends_with("/measurements") => it.indicators[0].clone(),
        (_, "indicator") if door.path.ends_with("/retirement") => it.indicators[1].clone(),
        (_, "indicator") => it.indicators[2].clone(),
        (_, "agency") => it.agency.clone(),
        ("/members/{member}", _) => it.members[0].clone(),
        ("/members/{member}/departure", _) => it.members[4].clone(),
        ("/account-requests/{request}/approval", _) => it.requests.get(2)?.clone(),
        ("/account-requests/{request}/end", _) => it.requests.get(4)?.clone(),
        (_, "request") => it.requests.get(3)?.clone(),
        (_, "post") => it.posts[0].clone(),
        (_, "delegation") => it.delegations[0].clone(),
        (_, "member") => it.members[1].clone(),
        (_, "node") if door.method == Method::DELETE => it.leaves[0].clone(),
        (_, "node") => it.objective.clone(),
        (_, "link") if door.method == Method::DELETE => it.causal_links.first()?.clone(),
        (_, "link") => it.causal_links.get(2)?.clone(),
        (_, "account") if door.path.ends_with("/tokens") => it.accounts.first()?.0.clone(),
        (_, "account") if door.path.ends_with("{account}") => it.accounts.get(1)?.0.clone(),
        (_, "account") => it.accounts.get(2)?.0.clone(),
        (_, "token") => it.accounts.get(2)?.1.clone(),
        (_, "publication") => it.publications[2].clone(),
        ("/releases/{release}/withdrawal", _) => it.withdrawable.clone(),
        (_, "release") => it.release.clone(),
        (_, "person") => government.id("usr")?,
        _ => return None,
    };
    Some(exact)
}

/// The case of an operation inside a government.
pub(crate) fn of_operation(door: &Door, government: &Government, it: &Arranged) -> Option<Case> {
    let mut missing = false;
    let values: BTreeMap<&str, String> = door
        .variables()
        .into_iter()
        .map(|name| {
            let value = variable(name, door, government, it);
            missing |= value.is_none();
            (name, value.unwrap_or_else(|| String::from("x")))
        })
        .collect();
    if missing {
        return None;
    }
    let mut address = door.at(|name| values[name].clone());
    let mut join = '?';
    for name in &door.query {
        let value = match name.as_str() {
            "release" => it.release.as_str(),
            "region" => "52.01",
            "indicator" if door.path.contains("/comparison") => "JPM",
            "indicator" => it.indicators[3].as_str(),
            "period" if door.path.contains("/publications/") => "2025",
            "period" | "year" => "2024",
            _ => continue,
        };
        address = format!("{address}{join}{name}={value}");
        join = '&';
    }
    let body = match &door.example {
        Value::Null => Body::Nothing,
        example => Body::Json(filled(example.clone(), door, it)),
    };
    let slug = government.slug.clone();
    Some(Case { door: door.clone(), slug, address, body, shown: None })
}

/// The example of the description with what is true here.
fn filled(mut body: Value, door: &Door, it: &Arranged) -> Value {
    let name = door.name();
    let rest = name.rsplit("{tenant}").next().unwrap_or_default();
    let more = match rest {
        "/adoption" => json!({ "release": it.release }),
        "/agencies" => json!({ "code": "NTB-UJI", "abbreviation": "" }),
        "/members/import" | "/members/import-preview" => json!({
            "table": PEOPLE,
        }),
        "/agencies/import" | "/agencies/import-preview" => json!({
            "table": TABLE.replace("UJI2", "UJI3") }),
        "/indicators" => {
            json!({ "code": "UJI", "objective": it.objective, "owner_agency": it.agency })
        }
        "/indicators/{indicator}" => json!({ "objective": it.objective }),
        "/indicators/{indicator}/measurements" => json!({ "period": "2026", "value": "12,5" }),
        "/indicators/{indicator}/retirement" => json!({ "retired_on": "2026-12-31" }),
        "/indicators/{indicator}/targets" => {
            json!({ "period": "2026", "reason": "uji", "legal_basis": "Perda uji" })
        }
        "/members" => {
            json!({ "agency": it.agency, "username": "baru.uji", "valid_from": "2026-11-24" })
        }
        "/members/{member}/departure" => json!({ "last_day": "2026-12-31" }),
        "/posts" => json!({ "agency": it.agency, "name": "Jabatan lain" }),
        "/delegations" => json!({ "role": it.held, "to": it.receiver, "valid_from": "2027-03-01",
            "valid_to": "2027-03-31" }),
        "/periods" => json!({ "period": "2026-Q1" }),
        "/periods/{period}/reopening" => json!({ "until": "2026-12-01T00:00:00Z" }),
        "/plan/nodes" => json!({ "parent": it.goal, "code": "UJI.1" }),
        "/strategy-map/links" => json!({ "from": it.unlinked.first(), "to": it.unlinked.get(1) }),
        "/publications" => json!({ "period": "2025", "content_hash": it.content_hash, "omit": [] }),
        "/releases" => json!({ "version": "1.4.0", "leave_out": [] }),
        "/service-accounts" => {
            json!({ "owner": "perencana.lombok-barat", "last_day": "2026-12-31" })
        }
        "/service-accounts/{account}/tokens" => json!({ "last_day": "2026-12-30" }),
        "/rule-sets" => json!({ "year": 2026 }),
        _ => json!({}),
    };
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

/// The cases of a government, at least one for each door inside it.
pub(crate) fn cases(doors: &[Door], government: &Government, it: &Arranged) -> Vec<Case> {
    let mut found = Vec::new();
    for door in doors.iter().filter(|it| it.in_tenant()) {
        let before = found.len();
        if door.is_operation {
            found.extend(of_operation(door, government, it));
        } else if door.reads() {
            found.extend(of_link(door, doors, government));
        } else {
            found.extend(of_form(door, doors, government, it));
        }
        if found.len() == before {
            found.push(bare(door, government, it));
        }
    }
    found
}

/// What members are led to at a door that only shows something; the address with the most ids says the most.
pub(crate) fn of_link(door: &Door, doors: &[Door], government: &Government) -> Vec<Case> {
    let at = |address: &&String| {
        let path = address.split('?').next().unwrap_or_default();
        door_at(doors, &Method::GET, path).is_some_and(|it| it.path == door.path)
    };
    let mut addresses: Vec<&String> = government.links.iter().filter(at).collect();
    addresses.sort_by_key(|it| std::cmp::Reverse(ids(it).len()));
    let case = |address: &String| Case {
        door: door.clone(),
        slug: government.slug.clone(),
        address: address.clone(),
        body: Body::Nothing,
        shown: None,
    };
    addresses.into_iter().take(2).map(case).collect()
}

/// A request at a door to which nobody here is led: for attacks, which must fail before anything is read.
fn bare(door: &Door, government: &Government, it: &Arranged) -> Case {
    let value = |name: &str| match name {
        "tenant" => government.slug.clone(),
        name => variable(name, door, government, it).unwrap_or_else(|| String::from("x")),
    };
    let body = match (door.is_operation, door.reads()) {
        (_, true) => Body::Nothing,
        (true, false) => Body::Json(json!({})),
        (false, false) => Body::Form(Form::default()),
    };
    let slug = government.slug.clone();
    Case { door: door.clone(), slug, address: door.at(value), body, shown: None }
}
