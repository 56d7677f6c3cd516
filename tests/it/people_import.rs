//! A table of people is looked through and taken over whole or not at all, by interface and by page, from text
//! and from a workbook.

use std::fmt::Write as _;
use std::io::Write as _;

use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, Answer, TestApp};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

const MEMBERS: &str = "/api/v1/tenants/ntb/members";
const TABLE: &str = "Name;Username;NIP;Role;Agency_code;Post;Acting;Valid_from;Valid_to\r\n\
    Siti Aminah;siti.aminah;198704121010012001;officer;DIKES;Perencana;;2026-01-01;\r\n\
    Lalu Irwan;lalu.irwan;;agency_head;DIKES;Kepala Dinas;plt;2026-01-01;2099-12-31\r\n\
    \r\n\
    Baiq Nur;baiq.nur;;evaluator;;;;;\r\n";

async fn administrator(app: &TestApp) -> Actor {
    let government = app.tenant("ntb").await;
    let actor = government.member(Role::Administrator).await;
    let body = json!({ "code": "DIKES", "name": "Dinas Kesehatan", "kind": "department" });
    actor.post("/api/v1/tenants/ntb/agencies", &body).await.expect(201);
    actor
}

async fn usernames(actor: &Actor) -> Vec<String> {
    let list = actor.get(MEMBERS).await.expect(200).json();
    let items = list["items"].as_array().expect("a list");
    items.iter().map(|it| it["username"].as_str().expect("a name").to_owned()).collect()
}

fn fates(answer: &Value) -> Vec<(u64, String)> {
    let rows = answer["rows"].as_array().expect("rows");
    let of = |it: &Value| {
        (it["line"].as_u64().expect("a line"), it["fate"].as_str().expect("a fate").to_owned())
    };
    rows.iter().map(of).collect()
}

#[tokio::test]
async fn what_the_preview_says_is_what_the_import_does() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let before = usernames(&administrator).await;
    let body = json!({ "table": TABLE });
    let preview = administrator.post(&format!("{MEMBERS}/import-preview"), &body).await;
    let preview = preview.expect(200).json();
    assert_eq!((&preview["made"], &preview["faulty"]), (&json!(3), &json!(0)));
    let expected = [(2, "new"), (3, "new"), (5, "new")].map(|(line, it)| (line, it.to_owned()));
    assert_eq!(fates(&preview), expected);
    assert_eq!(usernames(&administrator).await, before, "a preview changes nothing");

    let done = administrator.post(&format!("{MEMBERS}/import"), &body).await.expect(200).json();
    assert_eq!(done, preview);
    assert_eq!(usernames(&administrator).await.len(), before.len() + 3);

    // The same table again: nothing is left to do, and nothing is written.
    let again = administrator.post(&format!("{MEMBERS}/import"), &body).await.expect(200).json();
    assert_eq!((&again["known"], &again["made"]), (&json!(3), &json!(0)));
    let trail = administrator.get("/api/v1/tenants/ntb/audit-events?limit=50").await;
    let trail = trail.expect(200).json();
    let kinds = trail["items"].as_array().expect("lines").iter().map(|it| it["kind"].clone());
    let kinds: Vec<_> = kinds.collect();
    let count = |kind: &str| kinds.iter().filter(|it| **it == kind).count();
    assert_eq!(count("members.imported"), 1);
    assert!(count("member.added") >= 3, "{kinds:?}");

    // Nobody got a password: nobody signs in with one that was guessed or left empty.
    let guess = json!({ "username": "siti.aminah", "password": "198704121010012001" });
    app.visitor().post("/api/v1/session", &guess).await.expect(401);
    // The administrator makes the first one by hand.
    let list = administrator.get(MEMBERS).await.expect(200).json();
    let items = list["items"].as_array().expect("a list");
    let siti = items.iter().find(|it| it["username"] == "siti.aminah").expect("Siti");
    let id = siti["id"].as_str().expect("an id");
    let first = administrator.post(&format!("{MEMBERS}/{id}/first-password"), &json!({})).await;
    let password = first.expect(200).json()["first_password"].clone();
    let own = json!({ "username": "siti.aminah", "password": password });
    app.visitor().post("/api/v1/session", &own).await.expect(200);
}

#[tokio::test]
async fn one_fault_keeps_everybody_out() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    let before = usernames(&administrator).await;
    let table = format!(
        "{TABLE}Tanpa Peran;tanpa.peran;12;;DIKES;;;;\r\n\
         Salah OPD;salah.opd;;officer;TIDAK-ADA;;plh;01/13/2026;\r\n\
         Siti Lagi;siti.aminah;;officer;DIKES;;;;\r\n"
    );
    let refused =
        administrator.post(&format!("{MEMBERS}/import"), &json!({ "table": table })).await;
    let refused: Vec<_> = refused.expect(422).violations();
    let fields: Vec<_> = refused.iter().map(|it| it.0.as_str()).collect();
    for field in [
        "/rows/6/nip",
        "/rows/6/role",
        "/rows/7/agency_code",
        "/rows/7/valid_from",
        "/rows/7/valid_to",
    ] {
        assert!(fields.contains(&field), "{field} is not in {refused:?}");
    }
    assert!(!fields.iter().any(|it| it.starts_with("/rows/8")), "held already is no fault");
    assert_eq!(usernames(&administrator).await, before);
}

#[tokio::test]
async fn only_an_administrator_takes_people_in() {
    let app = TestApp::start().await;
    let government = app.tenant("ntb").await;
    let planner = government.member(Role::Planner).await;
    for path in ["import", "import-preview"] {
        let body = json!({ "table": TABLE });
        planner.post(&format!("{MEMBERS}/{path}"), &body).await.expect(403);
    }
    planner.look("/ntb/members/import").await.expect(403);
    planner.look("/ntb/members/import/template.csv").await.expect(403);
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut cells = String::new();
    for row in rows {
        cells.push_str("<row>");
        for cell in *row {
            if cell.is_empty() {
                cells.push_str("<c/>");
            } else if let Some(number) = cell.strip_prefix('#') {
                let _ = write!(cells, "<c><v>{number}</v></c>");
            } else {
                let _ = write!(cells, "<c t=\"inlineStr\"><is><t>{cell}</t></is></c>");
            }
        }
        cells.push_str("</row>");
    }
    let sheet = format!("<worksheet><sheetData>{cells}</sheetData></worksheet>");
    let book = r#"<workbook xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
    let relations = r#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>"#;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("written");
    }
    zip.finish().expect("a workbook").into_inner()
}

async fn send(actor: &Actor, form: Form) -> Answer {
    let request = actor.request(Method::POST, "/ntb/members/import");
    let request = request.header("accept", "text/html").header("sec-fetch-site", "same-origin");
    actor.send(request.multipart(form)).await
}

fn file(content: Vec<u8>, name: &'static str) -> Form {
    Form::new().part("table", Part::bytes(content).file_name(name))
}

/// What the page would send back when the button is pressed.
fn shown_table(page: &str) -> String {
    let start = page.find("<textarea name=\"content\"").expect("the table that was checked");
    let text = &page[start..];
    let text = &text[text.find('>').expect("the end of the tag") + 1..];
    let text = &text[..text.find("</textarea>").expect("the end of the table")];
    text.replace("&quot;", "\"").replace("&amp;", "&")
}

#[tokio::test]
async fn workbook_is_checked_and_taken_over_by_page() {
    let app = TestApp::start().await;
    let administrator = administrator(&app).await;
    administrator
        .look("/ntb/members")
        .await
        .expect(200)
        .body
        .find("/members/import")
        .expect("a way");
    administrator.look("/ntb/members/import").await.expect(200);
    let template = administrator.look("/ntb/members/import/template.csv").await.expect(200).body;
    assert_eq!(template, "name,username,nip,role,agency_code,post,acting,valid_from,valid_to\n");

    let header: &[&str] = &["name", "username", "nip", "role", "agency_code"];
    let rounded =
        workbook(&[header, &["Siti", "siti", "#1.98704121010011E17", "officer", "DIKES"]]);
    let refused = send(&administrator, file(rounded, "orang.xlsx")).await.expect(422).body;
    assert!(refused.contains("sudah dibulatkan") && refused.contains("Teks"), "{refused}");

    let good =
        workbook(&[header, &["Siti &amp; Co", "siti", "198704121010012001", "officer", "DIKES"]]);
    let shown = send(&administrator, file(good, "orang.csv")).await.expect(200).body;
    assert!(shown.contains("Akun baru: 1") && shown.contains("Siti &amp; Co"), "{shown}");
    let content = shown_table(&shown);
    let taken = send(&administrator, Form::new().text("content", content.clone())).await;
    assert_eq!(taken.expect(303).header("location"), "/ntb/members");
    assert!(usernames(&administrator).await.contains(&String::from("siti")));
    let again = send(&administrator, Form::new().text("content", content)).await;
    again.expect(303);

    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    let old = send(&administrator, file(old, "orang.xls")).await.expect(422).body;
    assert!(old.contains("Buku kerja lama"), "{old}");
    let bomb = vec![b' '; 40 << 20];
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default()).expect("a part");
    zip.write_all(&bomb).expect("written");
    let bomb = zip.finish().expect("a bomb").into_inner();
    let bomb = send(&administrator, file(bomb, "orang.xlsx")).await.expect(422).body;
    assert!(bomb.contains("Berkas terlalu besar"), "{bomb}");
}
