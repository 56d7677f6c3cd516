//! The OPD tree: adding, changing against a revision, taking over a list.

use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, TestApp};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

const AGENCIES: &str = "/api/v1/tenants/ntb/agencies";

async fn administrator(app: &TestApp) -> Actor {
    app.tenant("ntb").await.member(Role::Administrator).await
}

fn codes(list: &Value) -> Vec<&str> {
    list["items"].as_array().expect("a list").iter().filter_map(|it| it["code"].as_str()).collect()
}

#[tokio::test]
async fn an_opd_and_a_unit_below_it_are_added() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let dikes = json!({ "code": "DIKES", "name": "Dinas Kesehatan", "abbreviation": "Dikes",
        "kind": "department", "verified": true });
    let added = administrator.post(AGENCIES, &dikes).await.expect(201);
    let (place, id) = (added.header("location").to_owned(), added.json()["id"].clone());
    assert_eq!(added.header("etag"), "\"1\"");
    let unit = json!({ "code": "DIKES.1", "name": "Bidang P2P", "kind": "sub_unit", "parent": id });
    administrator.post(AGENCIES, &unit).await.expect(201);
    let read = administrator.get(&place).await.expect(200);
    assert_eq!(read.json()["abbreviation"], "Dikes");
    assert_eq!(codes(&administrator.get(AGENCIES).await.expect(200).json()), ["DIKES", "DIKES.1"]);
    let page = administrator.look("/ntb/organisation").await.expect(200).body;
    assert!(page.contains("Bidang P2P") && page.contains("2 OPD"));

    let twice = administrator.post(AGENCIES, &dikes).await.expect(409);
    assert_eq!(twice.code(), "agency.code-taken");
    let bad = json!({ "code": "", "name": "", "kind": "kerajaan", "parent": "agy_1" });
    let refused: Vec<_> = administrator.post(AGENCIES, &bad).await.expect(422).violations();
    let fields: Vec<_> = refused.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(fields, ["/code", "/name", "/kind", "/parent"]);
    let orphan = json!({ "code": "X", "name": "X", "kind": "sub_unit" });
    let refused = administrator.post(AGENCIES, &orphan).await.expect(422).violations();
    assert_eq!(refused, [("/parent".to_owned(), "agency.needs-parent".to_owned())]);
}

#[tokio::test]
async fn of_two_changes_of_the_same_revision_the_second_is_stale() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let ask = json!({ "code": "DIKES", "name": "Dinas Kesehatan", "kind": "department" });
    let place = administrator.post(AGENCIES, &ask).await.expect(201).header("location").to_owned();
    let change = json!({ "name": "Dinas Kesehatan Provinsi" });
    administrator.put(&place, &change).await.expect(428);
    let changed = administrator.change(Method::PUT, &place, 1, &change).await.expect(200);
    assert_eq!(changed.header("etag"), "\"2\"");
    let late = json!({ "name": "Nama lain" });
    assert_eq!(
        administrator.change(Method::PUT, &place, 1, &late).await.expect(412).code(),
        "stale"
    );
    let read = administrator.get(&place).await.expect(200).json();
    assert_eq!(read["name"], "Dinas Kesehatan Provinsi");
    let id = read["id"].as_str().expect("an id");
    let page = format!("/ntb/organisation/{id}");
    assert!(administrator.look(&page).await.expect(200).body.contains("Dinas Kesehatan Provinsi"));
    let fields = [("revision", "1"), ("name", "Nama lain"), ("abbreviation", ""), ("note", "")];
    administrator.fill(&page, &fields).await.expect(412);
    let fields = [("revision", "2"), ("name", ""), ("abbreviation", "Dikes"), ("note", "")];
    assert!(administrator.fill(&page, &fields).await.expect(422).body.contains(r#"value="Dikes""#));
    let fields = [("revision", "2"), ("name", "Dinkes"), ("abbreviation", ""), ("note", "")];
    administrator.fill(&page, &fields).await.expect(303);
}

#[tokio::test]
async fn everybody_reads_the_tree_and_only_an_administrator_changes_it() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let ask = json!({ "code": "DIKES", "name": "Dinas Kesehatan", "kind": "department" });
    let place = administrator.post(AGENCIES, &ask).await.expect(201).header("location").to_owned();
    let planner = app.tenant("ntb").await.member(Role::Planner).await;
    planner.get(&place).await.expect(200);
    planner.look("/ntb/organisation").await.expect(200);
    planner.post(AGENCIES, &ask).await.expect(403);
    planner.change(Method::PUT, &place, 1, &json!({ "name": "x" })).await.expect(403);
    planner
        .post(&format!("{AGENCIES}/import"), &json!({ "table": "code,name,kind\na,A,board\n" }))
        .await
        .expect(403);
    let sumbawa = app.tenant("sumbawa").await.member(Role::Administrator).await;
    sumbawa.get(&place).await.expect(404);
    let foreign = place.replace("/ntb/", "/sumbawa/");
    sumbawa.get(&foreign).await.expect(404);
    sumbawa.change(Method::PUT, &foreign, 1, &json!({ "name": "x" })).await.expect(404);
}

const LIST: &str = "code,name,abbreviation,kind,parent_code,note,verified\n\
                    SETDA.1,Biro Organisasi,,bureau,SETDA,,ya\n\
                    SETDA,Sekretariat Daerah,Setda,secretariat,,Lombok Today 25 Feb 2020,ya\n\
                    DIKES,Dinas Kesehatan,Dikes,department,,,tidak\n";

#[tokio::test]
async fn a_list_is_shown_first_and_then_taken_over_whole() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let table = json!({ "table": LIST });
    let preview =
        administrator.post(&format!("{AGENCIES}/import-preview"), &table).await.expect(200).json();
    assert_eq!((&preview["added"], &preview["faulty"]), (&json!(3), &json!(0)));
    assert_eq!(codes(&administrator.get(AGENCIES).await.expect(200).json()), Vec::<&str>::new());
    administrator.post(&format!("{AGENCIES}/import"), &table).await.expect(200);
    let list = administrator.get(AGENCIES).await.expect(200).json();
    assert_eq!(codes(&list), ["DIKES", "SETDA", "SETDA.1"]);
    assert_eq!(
        list["items"][2]["parent"], list["items"][1]["id"],
        "though it stood above in the list"
    );
    let again = administrator.post(&format!("{AGENCIES}/import"), &table).await.expect(200).json();
    assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(3)));
    let trail = administrator.get("/api/v1/tenants/ntb/audit-events?kind=agency.added").await;
    let trail = trail.expect(200).json();
    let kinds: Vec<_> =
        trail["items"].as_array().expect("lines").iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["agency.added"; 3]);
}

#[tokio::test]
async fn one_fault_in_a_list_keeps_all_of_it_out() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let table = json!({ "table": format!("{LIST}DIKES,Dua kali,,department,,,\nBPBD,,,badan,TIDAK-ADA,,mungkin\n") });
    let refused =
        administrator.post(&format!("{AGENCIES}/import"), &table).await.expect(422).violations();
    let expected = [
        ("/rows/5/code", "import.repeated"),
        ("/rows/6/name", "field.missing"),
        ("/rows/6/kind", "field.unknown-value"),
        ("/rows/6/verified", "field.unknown-value"),
        ("/rows/6/parent_code", "field.unknown-reference"),
    ];
    let refused: Vec<_> = refused.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    assert_eq!(refused, expected);
    assert_eq!(codes(&administrator.get(AGENCIES).await.expect(200).json()), Vec::<&str>::new());
    for (table, code) in [
        ("", "import.empty"),
        ("kode;nama\na;b\n", "import.header"),
        ("code,name,kind\n", "import.empty"),
    ] {
        let body = json!({ "table": table });
        let refused =
            administrator.post(&format!("{AGENCIES}/import-preview"), &body).await.expect(422);
        assert_eq!(refused.violations(), [("/table".to_owned(), code.to_owned())]);
    }
}

async fn send(actor: &Actor, form: Form) -> ekinerja_tests::Answer {
    let request = actor.request(Method::POST, "/ntb/organisation/import");
    let request = request.header("accept", "text/html").header("sec-fetch-site", "same-origin");
    actor.send(request.multipart(form)).await
}

fn file(content: Vec<u8>) -> Form {
    Form::new().part("table", Part::bytes(content).file_name("opd.csv"))
}

#[tokio::test]
async fn a_list_is_taken_over_by_page() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    assert!(
        administrator
            .look("/ntb/organisation")
            .await
            .expect(200)
            .body
            .contains("Belum ada perangkat daerah")
    );
    administrator.look("/ntb/organisation/import").await.expect(200);
    let faulty = format!("{LIST}BPBD,,,board,,,\n").into_bytes();
    let shown = send(&administrator, file(faulty)).await.expect(200).body;
    assert!(shown.contains("1 perlu diperbaiki") && !shown.contains("name=\"content\""), "{shown}");
    let shown = send(&administrator, file(LIST.as_bytes().to_vec())).await.expect(200).body;
    assert!(shown.contains("3 baru") && shown.contains("Tambahkan 3 OPD"));
    let taken = send(&administrator, Form::new().text("content", LIST.replace('\n', "\r\n"))).await;
    assert_eq!(taken.expect(303).header("location"), "/ntb/organisation");
    assert_eq!(codes(&administrator.get(AGENCIES).await.expect(200).json()).len(), 3);
    let garbage = send(&administrator, file(vec![0xff, 0xfe, 0x00])).await.expect(422).body;
    assert!(garbage.contains("Tabel tidak dapat dibaca"));
    let nothing = send(&administrator, Form::new().text("x", "y")).await.expect(422).body;
    assert!(nothing.contains("Tabel tidak berisi baris"));
}
