//! The pages of planning: they work without script, keep what was typed, and teach the next step.

use ekinerja_domain::access::Role;
use ekinerja_tests::{Actor, TestApp, TestTenant};
use serde_json::json;

use crate::planning::{id, indicator, manual, plan};

/// The value of a hidden or visible input of a page.
fn value<'p>(page: &'p str, name: &str) -> &'p str {
    let at = page.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no {name}: {page}"));
    let rest = &page[at..];
    let tag = &rest[..rest.find('>').expect("an end")];
    tag.split("value=\"").nth(1).and_then(|it| it.split('"').next()).unwrap_or_default()
}

async fn look(actor: &Actor, path: &str) -> String {
    actor.look(path).await.expect(200).body
}

async fn first_id(tenant: &TestTenant<'_>, actor: &Actor, list: &str) -> String {
    let items = actor.get(&tenant.api(list)).await.expect(200).json();
    id(&items["items"][0])
}

#[tokio::test]
async fn planner_builds_a_plan_by_pages_alone() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let page = look(&planner, "/ntb/plan").await;
    assert!(page.contains("Belum ada RPJMD") && page.contains("/ntb/plan/new"), "{page}");

    let refused = planner
        .fill("/ntb/plan/new", &[("title", ""), ("start_year", "dua ribu"), ("end_year", "2026")]);
    let refused = refused.await.expect(422).body;
    assert_eq!(value(&refused, "start_year"), "dua ribu");
    assert_eq!(value(&refused, "end_year"), "2026");
    assert!(refused.contains("#f-title") && refused.contains("#f-start-year"), "{refused}");
    let draft = [("title", "RPJMD NTB"), ("start_year", "2024"), ("end_year", "2026")];
    assert_eq!(
        planner.fill("/ntb/plan/new", &draft).await.expect(303).header("location"),
        "/ntb/plan"
    );

    let mut parent = String::new();
    for (kind, code) in [("vision", "V"), ("mission", "1"), ("goal", "1.1"), ("objective", "1.1.1")]
    {
        let form = look(&planner, &format!("/ntb/plan/nodes/new?parent={parent}")).await;
        assert!(form.contains(&format!("value=\"{kind}\" selected")), "{kind}: {form}");
        assert_eq!(value(&form, "code"), code);
        let fields =
            [("parent", parent.as_str()), ("kind", kind), ("code", code), ("text", "Rumusan <b>")];
        planner.fill("/ntb/plan/nodes/new", &fields).await.expect(303);
        let nodes = planner.get(&ntb.api("/plan/nodes")).await.json();
        parent = id(nodes["items"].as_array().expect("nodes").last().expect("a node"));
    }
    let tree = look(&planner, "/ntb/plan").await;
    assert!(tree.contains("1.1.1 Rumusan &lt;b&gt;"), "{tree}");
    assert!(tree.contains("belum diletakkan pada perspektif"), "{tree}");

    // Place the objective, then change it from a page that somebody overtook: nothing is lost.
    let at = format!("/ntb/plan/nodes/{parent}");
    let form = look(&planner, &at).await;
    let fields = [
        ("revision", value(&form, "revision")),
        ("parent", ""),
        ("code", "1.1.1"),
        ("text", "Baru"),
        ("perspective", "C"),
    ];
    let refused = planner.fill(&at, &fields).await.expect(422).body;
    assert!(refused.contains("Tidak dapat diletakkan di sini"), "{refused}");
    let nodes = planner.get(&ntb.api("/plan/nodes")).await.json();
    let goal = nodes["items"][2]["id"].as_str().expect("an id").to_owned();
    let fields = [
        ("revision", "1"),
        ("parent", goal.as_str()),
        ("code", "1.1.1"),
        ("text", "Baru"),
        ("perspective", "C"),
    ];
    planner.fill(&at, &fields).await.expect(303);
    let stale = planner.fill(&at, &fields).await.expect(422).body;
    assert!(stale.contains("Data sudah diubah orang lain") && stale.contains("Baru"), "{stale}");

    let refused =
        planner.fill(&format!("/ntb/plan/nodes/{goal}/removal"), &[("revision", "1")]).await;
    assert!(refused.expect(422).body.contains("1.1 masih berisi"));
    planner.fill(&format!("{at}/removal"), &[("revision", "2")]).await.expect(303);
}

#[tokio::test]
async fn indicator_form_keeps_every_field_and_names_the_locked_ones() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let first = planner.look("/ntb/indicators/new").await.expect(303);
    assert_eq!(first.header("location"), "/ntb/plan");
    let tree = plan(&ntb, &planner).await;
    let form = look(&planner, &format!("/ntb/indicators/new?objective={}", tree.objective)).await;
    assert!(form.contains(&format!("value=\"{}\" selected", tree.objective)), "{form}");

    let mut typed: Vec<(&str, &str)> = vec![
        ("code", "P0"),
        ("objective", &tree.objective),
        ("kind", "iku"),
        ("name", "Penduduk \"miskin\""),
        ("definition", "Definisi"),
        ("formula", "Rumus"),
        ("unit", "persen"),
        ("polarity", "minimize"),
        ("decimals", "2"),
        ("period_consolidation", "take_last_known"),
        ("location_consolidation", "official_only"),
        ("source", "BPS"),
        ("frequency", "yearly"),
        ("weight", "1,234.5"),
        ("baseline_value", "14,75"),
        ("baseline_year", "2018"),
    ];
    let refused = planner.fill("/ntb/indicators/new", &typed).await.expect(422).body;
    for (name, kept) in [
        ("weight", "1,234.5"),
        ("name", "Penduduk &quot;miskin&quot;"),
        ("baseline_value", "14,75"),
    ] {
        assert_eq!(value(&refused, name), kept);
    }
    assert!(
        refused.contains("value=\"minimize\" selected") && refused.contains("#f-weight"),
        "{refused}"
    );
    typed.retain(|(name, _)| *name != "weight");
    let added = planner.fill("/ntb/indicators/new", &typed).await.expect(303);
    assert!(added.header("location").starts_with("/ntb/plan/targets/ind_"));
    let own = first_id(&ntb, &planner, "/indicators").await;
    let edit = look(&planner, &format!("/ntb/indicators/{own}/edit")).await;
    assert_eq!((value(&edit, "weight"), value(&edit, "baseline_value")), ("1", "14,75"));

    // The same indicator where it was adopted: locked fields are shown, sent along, and refused when forged.
    let release = json!({ "version": "1.0", "changelog": "Isi" });
    let release = id(&planner.post(&ntb.api("/releases"), &release).await.expect(201).json());
    let dompu = app.tenant("dompu").await;
    let regency = dompu.member(Role::Planner).await;
    regency.fill(&format!("/dompu/adoption/{release}"), &[]).await.expect(303);
    let adopted = first_id(&dompu, &regency, "/indicators").await;
    let at = format!("/dompu/indicators/{adopted}/edit");
    let edit = look(&regency, &at).await;
    assert!(edit.contains("Dikunci") && edit.contains("type=\"hidden\" id=\"f-unit\""), "{edit}");
    let objective = value(&edit, "objective").to_owned();
    let mut sent: Vec<(&str, &str)> = typed.clone();
    sent.retain(|(name, _)| {
        !matches!(*name, "objective" | "unit" | "baseline_value" | "baseline_year")
    });
    sent.extend([("objective", objective.as_str()), ("revision", "1"), ("unit", "orang")]);
    let refused = regency.fill(&at, &sent).await.expect(422).body;
    assert!(refused.contains("Satuan: dikunci oleh templat provinsi"), "{refused}");
    sent.retain(|(name, _)| *name != "unit");
    sent.push(("unit", "persen"));
    regency.fill(&at, &sent).await.expect(303);
}

#[tokio::test]
async fn targets_are_edited_one_row_at_a_time() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    assert!(look(&planner, "/ntb/plan/targets").await.contains("Belum ada indikator"));
    let tree = plan(&ntb, &planner).await;
    let own = indicator(&ntb, &planner, "A", &tree.objective).await;
    let at = format!("/ntb/plan/targets/{own}");
    let bad = [("targets/2024", "70,5"), ("targets/2025", "1,234.5"), ("targets/2026", "abc")];
    let refused = planner.fill(&at, &bad).await.expect(422).body;
    for (name, typed) in bad {
        assert_eq!(value(&refused, name), typed);
    }
    assert!(
        refused.contains("#f-targets-2025") && refused.contains("#f-targets-2026"),
        "{refused}"
    );
    let none = planner.get(&ntb.api(&format!("/indicators/{own}/targets"))).await.json();
    assert_eq!(none["items"], json!([]), "nothing is set when one cell fails");

    let good = [
        ("targets/2024", "70,5"),
        ("targets/2025", "72"),
        ("targets/2026", ""),
        ("illustrative", "on"),
    ];
    planner.fill(&at, &good).await.expect(303);
    let grid = look(&planner, "/ntb/plan/targets").await;
    assert!(grid.contains("70,5") && grid.contains("belum ditetapkan"), "{grid}");
    assert!(grid.to_lowercase().contains("ilustrasi"), "{grid}");

    // Who corrects an illustration does not make it official by overlooking the box.
    assert!(look(&planner, &at).await.contains("name=\"illustrative\" checked"));

    // The untouched cell stays; the changed one needs its reason; an emptied one is refused.
    let revised = [("targets/2024", "70,5"), ("targets/2025", "71"), ("targets/2026", "")];
    let refused = planner.fill(&at, &revised).await.expect(422).body;
    assert!(refused.contains("Alasan perubahan target belum diisi"), "{refused}");
    let emptied = [("targets/2024", ""), ("targets/2025", "72"), ("targets/2026", "")];
    assert!(planner.fill(&at, &emptied).await.expect(422).body.contains("tidak dapat dikosongkan"));
    let mut whole = revised.to_vec();
    whole.extend([("reason", "Pandemi"), ("legal_basis", "Perda 2/2025")]);
    planner.fill(&at, &whole).await.expect(303);
    let row = look(&planner, &at).await;
    assert!(row.contains("Digantikan") && row.contains("Perda 2/2025"), "{row}");
    let all = planner.get(&ntb.api(&format!("/indicators/{own}/targets"))).await.json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(3));

    let one = format!("{at}/one");
    let worded = [("period", "2026"), ("value", "5"), ("wording", "lima")];
    assert!(planner.fill(&one, &worded).await.expect(422).body.contains("terisi bersamaan"));
    planner.fill(&one, &[("period", "2026"), ("wording", "Terlaksana")]).await.expect(303);
    assert!(look(&planner, &at).await.contains("Terlaksana"));
    // Who only reads sees the targets and no form.
    let officer = ntb.member(Role::Officer).await;
    let read = look(&officer, &at).await;
    assert!(read.contains("Terlaksana") && !read.contains("targets/2024"), "{read}");
    officer.fill(&at, &good).await.expect(403);
}

#[tokio::test]
async fn release_and_adoption_by_pages() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    assert!(look(&planner, "/ntb/templates").await.contains("Belum ada rilis"));
    planner.look("/ntb/templates/new").await.expect(303);
    let tree = plan(&ntb, &planner).await;
    let faulty = look(&planner, "/ntb/templates/new").await;
    assert!(faulty.contains("Belum ada indikator untuk dirilis"), "{faulty}");
    indicator(&ntb, &planner, "A", &tree.objective).await;
    let own = indicator(&ntb, &planner, "B", &tree.objective).await;
    let modes = format!("/ntb/templates/modes/{own}");
    let form = look(&planner, &modes).await;
    let fields =
        [("revision", value(&form, "revision")), ("mode/source", "local"), ("mode/unit", "aneh")];
    planner.fill(&modes, &fields).await.expect(422);
    planner.fill(&modes, &[("revision", "1"), ("mode/source", "local")]).await.expect(303);
    assert!(look(&planner, "/ntb/templates/modes").await.contains("Sumber data"));

    let refused = planner
        .fill("/ntb/templates/new", &[("version", "satu"), ("changelog", ""), ("leave_out", "A")]);
    let refused = refused.await.expect(422).body;
    assert_eq!(value(&refused, "version"), "satu");
    assert!(refused.contains("value=\"A\" checked"), "{refused}");
    let draft = [("version", "1.0"), ("changelog", "Pertama"), ("leave_out", "A")];
    let made = planner.fill("/ntb/templates/new", &draft).await.expect(303);
    let at = made.header("location").to_owned();
    let shown = look(&planner, &at).await;
    assert!(shown.contains("Indikator B") && !shown.contains("Indikator A"), "{shown}");

    let dompu = app.tenant("dompu").await;
    let regency = dompu.member(Role::Planner).await;
    let list = look(&regency, "/dompu/adoption").await;
    let release = at.rsplit('/').next().expect("an id");
    let adoption = format!("/dompu/adoption/{release}");
    assert!(list.contains(&adoption), "{list}");
    let preview = look(&regency, &adoption).await;
    assert!(preview.contains("4 butir dan 1 indikator"), "{preview}");
    let done = regency.fill(&adoption, &[]).await.expect(303);
    assert_eq!(done.header("location"), "/dompu/plan");
    let again = regency.fill(&adoption, &[]).await.expect(422).body;
    assert!(again.contains("Rilis 1.0.0 sudah diadopsi"), "{again}");
    assert!(look(&regency, "/dompu/plan").await.contains("templat provinsi"));
    assert!(look(&planner, "/ntb/adoption").await.contains("Provinsi tidak mengadopsi"));

    planner.fill(&format!("{at}/withdrawal"), &[]).await.expect(303);
    assert!(look(&planner, &at).await.contains("Ditarik"));
    regency.look(&format!("/dompu/templates/{release}")).await.expect(200);
    regency.fill(&format!("/dompu/templates/{release}/withdrawal"), &[]).await.expect(403);
}

#[tokio::test]
async fn every_page_speaks_both_languages_and_hides_forms_from_readers() {
    let app = TestApp::start().await;
    let ntb = app.tenant("ntb").await;
    let planner = ntb.member(Role::Planner).await;
    let tree = plan(&ntb, &planner).await;
    let own =
        id(&planner.post(&ntb.api("/indicators"), &manual("A", &tree.objective)).await.json());
    let officer = ntb.member(Role::Officer).await;
    for page in [
        "/ntb/plan".to_owned(),
        "/ntb/plan/targets".to_owned(),
        format!("/ntb/plan/targets/{own}"),
        "/ntb/plan/perspectives".to_owned(),
        "/ntb/plan/rule-sets".to_owned(),
        "/ntb/templates".to_owned(),
        "/ntb/adoption".to_owned(),
    ] {
        let own_words = look(&planner, &page).await;
        assert!(own_words.contains("<html lang=\"id\""), "{page}");
        let request = planner.request(reqwest::Method::GET, &page).header("accept", "text/html");
        let english = planner.send(request.header("accept-language", "en")).await.expect(200).body;
        assert!(english.contains("<html lang=\"en\"") && english != own_words, "{page}");
        let read = look(&officer, &page).await;
        let forms = read.matches("method=\"post\"").count();
        let sign_out = read.matches("action=\"/keluar\"").count();
        assert_eq!(forms, sign_out, "{page}: who reads is offered nothing but to sign out: {read}");
    }
    for form in [
        "/ntb/templates/new".to_owned(),
        "/ntb/templates/modes".to_owned(),
        "/ntb/plan/new".to_owned(),
        "/ntb/plan/edit".to_owned(),
        "/ntb/plan/nodes/new".to_owned(),
        format!("/ntb/plan/nodes/{}", tree.goal),
        "/ntb/indicators/new".to_owned(),
        format!("/ntb/indicators/{own}/edit"),
    ] {
        officer.look(&form).await.expect(403);
    }
    let weights = [
        ("revision", "0"),
        ("items/0/perspective", "F"),
        ("items/0/name", "Keuangan"),
        ("items/0/position", "4"),
        ("items/0/weight", "10"),
        ("items/1/perspective", "C"),
        ("items/1/name", "Warga"),
        ("items/1/position", "1"),
        ("items/1/weight", "abc"),
        ("items/2/perspective", "I"),
        ("items/2/name", "Proses"),
        ("items/2/position", "2"),
        ("items/2/weight", "30"),
        ("items/3/perspective", "L"),
        ("items/3/name", "Belajar"),
        ("items/3/position", "3"),
        ("items/3/weight", "20"),
    ];
    let refused = planner.fill("/ntb/plan/perspectives", &weights).await.expect(422).body;
    assert_eq!(value(&refused, "items/1/weight"), "abc");
    let mut good = weights;
    good[8].1 = "40";
    planner.fill("/ntb/plan/perspectives", &good).await.expect(303);
    assert!(look(&officer, "/ntb/plan/perspectives").await.contains("Warga"));
    let chosen = [("year", "2024"), ("purpose", "own"), ("rule_set", "lkj")];
    planner.fill("/ntb/plan/rule-sets", &chosen).await.expect(303);
    let refused = planner
        .fill("/ntb/plan/rule-sets", &[("year", "x"), ("purpose", "own"), ("rule_set", "lkj")]);
    assert_eq!(value(&refused.await.expect(422).body, "year"), "x");
    assert!(look(&planner, "/ntb/plan/rule-sets").await.contains("lkj v1"));
}
