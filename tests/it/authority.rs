//! The matrix of authority: every role, action and thing as the policy answers, in words for people who do not
//! read code. A change of the policy shows as a change of `tests/golden/authority.md`.

mod samples;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ekinerja_domain::access::question::QUESTIONS;
use ekinerja_domain::access::{Held, Question, Role, Scope, Standing, Subject, Verdict};
use ekinerja_domain::tenant::Level;
use ekinerja_web::locale::Locale;
use ekinerja_web::page::role;
use ekinerja_web::rights;

use crate::schema::compare;
use samples::{
    DEPARTMENT, OTHER, POST, UNIT, acting, agency, agency_id, delegated, held, indicator,
    measurement, person, plan, publication, release,
};

const TODAY: &str = "2026-03-01";

fn word(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        Some(Verdict::May) => "boleh",
        Some(Verdict::Forbidden) => "tidak",
        Some(Verdict::Hidden) => "tersembunyi",
        None => "–",
    }
}

fn action(question: &Question) -> String {
    rights::question(Locale::Id, question.code)
}

/// A table: one line per question, one column per person.
fn by_question(text: &mut String, subject: Subject<'_>, people: &[(String, Standing)]) {
    let heads: Vec<&str> = people.iter().map(|it| it.0.as_str()).collect();
    let _ = writeln!(text, "| tindakan | {} |", heads.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(people.len()));
    for question in Question::about(subject) {
        let cells: Vec<_> = people.iter().map(|it| word(question.ask(subject, &it.1))).collect();
        let _ = writeln!(text, "| {} | {} |", action(question), cells.join(" | "));
    }
    text.push('\n');
}

/// A table: one line per person, one column per question.
fn by_person(text: &mut String, subject: Subject<'_>, people: &[(String, Standing)]) {
    let questions: Vec<_> = Question::about(subject).collect();
    let heads: Vec<_> = questions.iter().map(|it| action(it)).collect();
    let _ = writeln!(text, "| siapa | {} |", heads.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(questions.len()));
    for (name, standing) in people {
        let cells: Vec<_> = questions.iter().map(|it| word(it.ask(subject, standing))).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text.push('\n');
}

fn usual_scope(role: Role) -> Scope {
    if role.needs_agency() { Scope::Agency(agency_id(DEPARTMENT)) } else { Scope::Tenant }
}

/// Each role alone, in the scope in which it is usually given.
fn roles(level: Level) -> Vec<(String, Standing)> {
    let one = |it: Role| {
        let standing = person(level, 100, vec![held(it, usual_scope(it))], TODAY);
        (role(Locale::Id, it), standing)
    };
    Role::ALL.into_iter().map(one).chain([outsider(level)]).collect()
}

/// Who belongs to another government holds no role here, whatever they are at home.
fn outsider(level: Level) -> (String, Standing) {
    ("Administrator pemerintah daerah lain".to_owned(), person(level, 101, Vec::new(), TODAY))
}

fn with(words: &str, grants: Vec<Held>) -> (String, Standing) {
    (words.to_owned(), person(Level::Regency, 100, grants, TODAY))
}

/// Heads and officers near and far, and everybody else.
fn near_and_far() -> Vec<(String, Standing)> {
    let mut people = Vec::new();
    for it in [Role::Officer, Role::AgencyHead] {
        let words = role(Locale::Id, it);
        for (place, scope) in [
            ("unit pemilik", Scope::Agency(agency_id(UNIT))),
            ("dinas di atas unit pemilik", Scope::Agency(agency_id(DEPARTMENT))),
            ("dinas lain", Scope::Agency(agency_id(OTHER))),
        ] {
            people.push(with(&format!("{words} {place}"), vec![held(it, scope)]));
        }
    }
    let own_post = |post: &str, agency: u128| {
        let mut it = acting(Role::Officer, Scope::Post(agency_id(agency)), "2026-12-31");
        if let ekinerja_domain::access::Through::Appointment { post: held, acting, .. } =
            &mut it.through
        {
            *held = Some(post.to_owned());
            *acting = None;
        }
        vec![it]
    };
    people.push(with("Petugas dengan lingkup jabatan penanggung jawab", own_post(POST, UNIT)));
    people
        .push(with("Petugas dengan lingkup jabatan lain di unit itu", own_post("Arsiparis", UNIT)));
    people.push(with("Petugas dengan nama jabatan sama di dinas lain", own_post(POST, OTHER)));
    for it in Role::ALL.into_iter().filter(|it| !it.needs_agency()) {
        people.push(with(&role(Locale::Id, it), vec![held(it, Scope::Tenant)]));
    }
    people.push(outsider(Level::Regency));
    people
}

/// Four eyes: who did what to the value, and whether they may decide about it.
fn separation(text: &mut String) {
    let head = || held(Role::AgencyHead, Scope::Agency(agency_id(DEPARTMENT)));
    let officer = || held(Role::Officer, Scope::Agency(agency_id(UNIT)));
    let twin = |standing: Standing| Standing { accounts: vec![samples::user(1)], ..standing };
    let me = |grants| person(Level::Regency, 100, grants, TODAY);
    let span = ("2026-01-01", "2026-12-31");
    let cases = [
        ("Kepala; orang lain mencatat dan mengajukan", measurement(1, 2), me(vec![head()])),
        ("Kepala; ia sendiri mencatat", measurement(100, 2), me(vec![head()])),
        ("Kepala; ia sendiri mengajukan", measurement(1, 100), me(vec![head()])),
        (
            "Kepala sekaligus petugas; ia sendiri mencatat",
            measurement(100, 2),
            me(vec![head(), officer()]),
        ),
        (
            "Kepala seluruh pemerintah daerah; ia sendiri mencatat",
            measurement(100, 2),
            me(vec![held(Role::AgencyHead, Scope::Tenant)]),
        ),
        (
            "Plt. kepala; ia sendiri mencatat",
            measurement(100, 2),
            me(vec![acting(Role::AgencyHead, Scope::Agency(agency_id(DEPARTMENT)), "2026-12-31")]),
        ),
        (
            "Kepala; akun lain dengan NIP yang sama mencatat",
            measurement(1, 2),
            twin(me(vec![head()])),
        ),
        (
            "Kepala; akun lain dengan NIP yang sama mengajukan",
            measurement(2, 1),
            twin(me(vec![head()])),
        ),
        (
            "Penerima delegasi kepala; orang ketiga mencatat",
            measurement(1, 2),
            me(vec![officer(), delegated(&head(), &[50], span)]),
        ),
        (
            "Penerima delegasi kepala; ia sendiri mencatat",
            measurement(100, 2),
            me(vec![officer(), delegated(&head(), &[50], span)]),
        ),
        (
            "Penerima delegasi kepala; pemberi delegasi mencatat",
            measurement(50, 2),
            me(vec![officer(), delegated(&head(), &[50], span)]),
        ),
        (
            "Penerima delegasi kepala; akun lain pemberi delegasi mencatat",
            measurement(51, 2),
            me(vec![officer(), delegated(&head(), &[50, 51], span)]),
        ),
    ];
    let question =
        QUESTIONS.iter().find(|it| it.code == "measurement_verify").expect("it is there");
    text.push_str("| keadaan | memverifikasi atau mengembalikan |\n|---|---|\n");
    for (words, value, standing) in &cases {
        let verdict = question.ask(Subject::Measurement(value), standing);
        let _ = writeln!(text, "| {words} | {} |", word(verdict));
    }
    text.push('\n');
}

/// Time: the same role before, in and after its days.
fn time(text: &mut String) {
    let place = Scope::Agency(agency_id(DEPARTMENT));
    let head = held(Role::AgencyHead, place);
    let officer = held(Role::Officer, Scope::Agency(agency_id(UNIT)));
    let plt = acting(Role::AgencyHead, place, "2026-06-30");
    let days = ("2026-05-01", "2026-08-31");
    let ended = |last: &str| {
        let mut it = head.clone();
        it.grant.valid_to = Some(samples::day(last));
        it
    };
    let holders: [(&str, Vec<Held>); 6] = [
        ("Kepala sejak 1-1-2026", vec![head.clone()]),
        ("Kepala yang dimutasi; hari terakhir 30-6-2026", vec![ended("2026-06-30")]),
        ("Plt. kepala 1-1 s.d. 30-6-2026", vec![plt.clone()]),
        (
            "Petugas dengan delegasi dari kepala 1-5 s.d. 31-8-2026",
            vec![officer.clone(), delegated(&head, &[50], days)],
        ),
        (
            "Petugas dengan delegasi yang sama dari Plt.",
            vec![officer.clone(), delegated(&plt, &[50], days)],
        ),
        (
            "Petugas dengan delegasi yang sama dari kepala yang dimutasi 15-7-2026",
            vec![officer, delegated(&ended("2026-07-15"), &[50], days)],
        ),
    ];
    let dates = [
        "2025-12-31",
        "2026-01-01",
        "2026-04-30",
        "2026-05-01",
        "2026-06-30",
        "2026-07-01",
        "2026-07-15",
        "2026-07-16",
        "2026-08-31",
        "2026-09-01",
    ];
    let value = measurement(1, 2);
    let question =
        QUESTIONS.iter().find(|it| it.code == "measurement_verify").expect("it is there");
    let _ = writeln!(text, "| siapa | {} |", dates.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(dates.len()));
    for (words, grants) in holders {
        let cells: Vec<_> = dates
            .iter()
            .map(|on| {
                let standing = person(Level::Regency, 100, grants.clone(), on);
                word(question.ask(Subject::Measurement(&value), &standing))
            })
            .collect();
        let _ = writeln!(text, "| {words} | {} |", cells.join(" | "));
    }
    text.push('\n');
}

/// Who may hand a role on.
fn handing_on(text: &mut String) {
    let place = Scope::Agency(agency_id(DEPARTMENT));
    let head = held(Role::AgencyHead, place);
    let received = delegated(&head, &[50], ("2026-01-01", "2026-12-31"));
    let administrator = held(Role::Administrator, Scope::Tenant);
    let plt = acting(Role::AgencyHead, place, "2026-06-30");
    let cases = [
        ("peran yang diberikan kepadanya", &head, vec![head.clone()]),
        ("peran sebagai Plt.", &plt, vec![plt.clone()]),
        ("peran yang diterimanya lewat delegasi", &received, vec![received.clone()]),
        ("peran administrator", &administrator, vec![administrator.clone()]),
        ("peran orang lain", &head, vec![administrator.clone()]),
    ];
    text.push_str("| peran | mengetahui | mendelegasikan |\n|---|---|---|\n");
    for (words, subject, grants) in cases {
        let standing = person(Level::Regency, 100, grants, TODAY);
        let cells: Vec<_> = Question::about(Subject::Held(subject))
            .map(|it| word(it.ask(Subject::Held(subject), &standing)))
            .collect();
        let _ = writeln!(text, "| {words} | {} |", cells.join(" | "));
    }
    text.push('\n');
}

const PREAMBLE: &str = "# Matriks wewenang

Berkas ini dibuat dengan menanyakan setiap sel kepada modul kebijakan (`crates/domain/src/access`), yaitu modul yang
sama yang membuka atau menolak setiap halaman dan operasi. Perubahan kebijakan terlihat sebagai perubahan berkas ini;
ditulis ulang dengan `EKINERJA_WRITE_GOLDEN=1`.

- **boleh**: tindakan diizinkan.
- **tidak**: bendanya terlihat, tindakannya ditolak (403).
- **tersembunyi**: orang itu tidak boleh tahu bendanya ada; dijawab seperti benda yang tidak ada (404).

";

fn matrix() -> String {
    let mut text = PREAMBLE.to_owned();
    for (number, level, words) in
        [(1, Level::Province, "provinsi"), (2, Level::Regency, "kabupaten/kota")]
    {
        let _ = writeln!(text, "## {number}. Setiap peran di {words}\n");
        by_question(&mut text, Subject::Tenant, &roles(level));
    }
    let (agency, plan, release) = (agency(), plan(), release());
    let (indicator, value) = (indicator(), measurement(1, 2));
    text.push_str("## 3. Satu perangkat daerah, rencana, rilis templat\n\n");
    for subject in [Subject::Agency(&agency), Subject::Plan(&plan), Subject::Release(&release)] {
        by_question(&mut text, subject, &roles(Level::Regency));
    }
    text.push_str(
        "## 4. Publikasi sendiri, lalu publikasi pemerintah daerah lain yang boleh dibaca\n\n",
    );
    for own in [true, false] {
        let publication = publication(own);
        by_question(&mut text, Subject::Publication(&publication), &roles(Level::Province));
    }
    text.push_str("## 5. Indikator milik sebuah unit\n\n");
    by_person(&mut text, Subject::Indicator(&indicator), &near_and_far());
    text.push_str("## 6. Nilai indikator itu, dicatat dan diajukan orang lain\n\n");
    by_person(&mut text, Subject::Measurement(&value), &near_and_far());
    text.push_str("## 7. Pemisahan tugas\n\nTidak seorang pun memutuskan nilai yang ia catat atau ajukan sendiri.\n\n");
    separation(&mut text);
    text.push_str("## 8. Waktu: boleh memverifikasi pada hari itu?\n\n");
    time(&mut text);
    text.push_str("## 9. Delegasi: peran sendiri\n\n");
    handing_on(&mut text);
    text
}

#[test]
fn matrix_is_as_reviewed() {
    compare("authority.md", &matrix());
}

/// The list of questions, on which matrix and pages rest, leaves no rule of the policy out.
#[test]
fn every_rule_of_the_policy_is_asked() {
    let policy = include_str!("../../crates/domain/src/access/policy.rs");
    let mut rules = BTreeSet::new();
    for line in policy.lines() {
        if let Some((action, thing)) = line
            .strip_prefix("impl Governs<")
            .and_then(|rest| rest.strip_suffix(" {"))
            .and_then(|rest| rest.split_once("> for "))
        {
            rules.insert((action.to_owned(), thing.to_owned()));
        }
    }
    assert!(rules.len() > 25, "the search found only {} rules: it does not see them", rules.len());
    let asked: BTreeSet<_> =
        QUESTIONS.iter().map(|it| (it.action.to_owned(), it.thing.to_owned())).collect();
    let forgotten: Vec<_> = rules.difference(&asked).collect();
    assert!(forgotten.is_empty(), "rules that no question asks for: {forgotten:?}");
}

/// What a person may do follows from their roles alone: who holds none may do and see nothing.
#[test]
fn nobody_may_anything_without_a_role() {
    let (agency, indicator, value) = (agency(), indicator(), measurement(1, 2));
    let (plan, release, publication) = (plan(), release(), publication(true));
    let role = held(Role::Leader, Scope::Tenant);
    for level in [Level::Province, Level::Regency, Level::City] {
        let nobody = outsider(level).1;
        for subject in [
            Subject::Tenant,
            Subject::Agency(&agency),
            Subject::Plan(&plan),
            Subject::Indicator(&indicator),
            Subject::Measurement(&value),
            Subject::Release(&release),
            Subject::Publication(&publication),
            Subject::Held(&role),
        ] {
            for question in Question::about(subject) {
                assert_eq!(question.ask(subject, &nobody), Some(Verdict::Hidden), "{question:?}");
            }
        }
    }
}
