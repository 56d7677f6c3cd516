//! Evidence: which files and links are taken, that a file is stored once, and who gets it back.

use ekinerja_domain::access::Role;
use ekinerja_tests::TestApp;
use reqwest::Method;
use serde_json::json;

use crate::measuring::{Office, count, file};
use crate::planning::violation;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n";

async fn draft(office: &Office<'_>, code: &str) -> String {
    let indicator = office.indicator(code, json!({})).await;
    let body = json!({ "period": "2024", "value": "1" });
    let measurement = office.record(&indicator, &body).await.expect(201).json();
    let id = measurement["id"].as_str().expect("an id");
    office.api(&format!("/measurements/{id}/evidence"))
}

#[tokio::test]
async fn content_decides_and_each_refusal_says_what_to_do() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let path = draft(&office, "A").await;
    let send = |name: &'static str, content: Vec<u8>| {
        let request = office.officer.request(Method::POST, &path).multipart(file(name, content));
        office.officer.send(request)
    };
    for (name, content, code) in [
        ("surat.docx", b"PK\x03\x04word/document.xml".to_vec(), "file.kind-unsupported"),
        ("program.exe", b"MZ\x90\x00\x03".to_vec(), "file.kind-unsupported"),
        ("palsu.pdf", b"<script>alert(1)</script>".to_vec(), "file.active"),
        ("teks.pdf", b"bukan pdf".to_vec(), "file.name-disagrees"),
        ("kosong.pdf", Vec::new(), "file.empty"),
        ("besar.txt", vec![b'a'; 5 * 1024 * 1024 + 1], "file.too-large"),
    ] {
        let answer = send(name, content).await.expect(422);
        assert_eq!(answer.violations(), [violation("/file", code)], "{name}");
    }
    send("raksasa.txt", vec![b'a'; 13 * 1024 * 1024]).await.expect(413);
    assert_eq!(count(&app, "select count(*) from files").await, 0);
    for url in ["javascript:alert(1)", "bps.go.id", "ftp://bps.go.id/x", "http://bps.go.id/", ""] {
        let answer = office.officer.post(&path, &json!({ "url": url })).await.expect(422);
        assert_eq!(answer.violations(), [violation("/url", "evidence.link-invalid")], "{url}");
    }
    let link = json!({ "url": "https://ntb.bps.go.id/id/pressrelease", "pointer": "tabel 4" });
    let added = office.officer.post(&path, &link).await.expect(201).json();
    assert_eq!(added["pointer"], "tabel 4");
    office.head.post(&path, &link).await.expect(403);
    let stranger = app.tenant("dompu").await.member(Role::Officer).await;
    stranger.post(&path, &link).await.expect(404);
}

#[tokio::test]
async fn a_file_is_stored_once_and_handed_out_as_an_attachment_to_its_own_people() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let mut files = Vec::new();
    for code in ["A", "B"] {
        let path = draft(&office, code).await;
        let form = file("BRS \"Maret\" 2024.pdf", PDF.to_vec()).text("pointer", "halaman 12");
        let request = office.officer.request(Method::POST, &path).multipart(form);
        let added = office.officer.send(request).await.expect(201);
        assert_eq!(added.json()["file"]["media_type"], "application/pdf");
        files.push(added.header("location").to_owned());
    }
    assert_eq!(count(&app, "select count(*) from files").await, 1);
    assert_eq!(count(&app, "select count(*) from evidence").await, 2);
    let page = files[0].replace("/api/v1/tenants", "").replace("/file", "");
    for path in [&files[0], &files[1], &page] {
        let read = office.head.get(path).await.expect(200);
        assert_eq!(read.body.as_bytes(), PDF);
        assert_eq!(read.header("content-type"), "application/pdf");
        assert_eq!(read.header("x-content-type-options"), "nosniff");
        assert!(read.header("content-disposition").starts_with("attachment; "), "{path}");
        assert!(read.header("cache-control").contains("no-store"));
        assert!(read.header("content-security-policy").contains("sandbox"));
    }
    let stranger = app.tenant("dompu").await.member(Role::AgencyHead).await;
    stranger.get(&files[0]).await.expect(404);
    stranger.get(&page).await.expect(404);
    app.visitor().get(&files[0]).await.expect(401);
}

#[tokio::test]
async fn a_correction_cites_the_evidence_of_the_revision_before_if_so_asked() {
    let app = TestApp::start().await;
    let office = Office::of(&app, "bima").await;
    let indicator = office.indicator("A", json!({})).await;
    let first = office.record(&indicator, &json!({ "period": "2024", "value": "1" })).await;
    let id = first.expect(201).json()["id"].as_str().expect("an id").to_owned();
    let path = office.api(&format!("/measurements/{id}/evidence"));
    office.officer.post(&path, &json!({ "url": "https://bps.go.id/" })).await.expect(201);
    for (keep, expected) in [(true, 1), (false, 0)] {
        let body = json!({ "period": "2024", "value": "2", "keep_evidence": keep });
        let next = office.record(&indicator, &body).await.expect(201).json();
        assert_eq!(next["evidence"].as_array().expect("a list").len(), expected);
    }
    office.set("2024", "closed").await;
    let answer = office.officer.post(&path, &json!({ "url": "https://bps.go.id/" })).await;
    assert_eq!(answer.expect(409).code(), "period.closed");
}
