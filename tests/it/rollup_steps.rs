//! The property of every roll-up: computed step by step, as publications come, or all at once, the digits are the
//! same to the last. Steps are generated; a failing run says them all.

use ekinerja_app::publications::PublicationRequest;
use ekinerja_app::{Code, Refusal};
use ekinerja_domain::publication::Publication;
use ekinerja_tests::TestApp;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use sqlx::{ConnectOptions, Connection};

use crate::desks::{Desk, province, regency, work};

const REGENCIES: [&str; 3] = ["lombok-barat", "sumbawa", "kota-bima"];
const YEARS: [&str; 2] = ["2022", "2023"];
/// Summed, a ratio of sums, and the size that coverage is measured with.
const CODES: [&str; 3] = ["JPM", "P0", "PENDUDUK"];
/// Runs of steps, one upon the other.
const RUNS: usize = 12;

/// What happens. Governments are counted with the province last, which publishes the official figure.
#[derive(Debug, Clone)]
enum Step {
    /// A figure is recorded and verified: in hundredths.
    Verify { government: usize, code: usize, year: usize, hundredths: u32 },
    /// A year is published, with or without one of the codes.
    Publish { government: usize, year: usize, without: Option<usize> },
    /// The last publication of a year is taken back.
    Revoke { government: usize, year: usize },
    /// The worker does what waits; otherwise several publications are computed together.
    Work,
}

fn step() -> impl Strategy<Value = Step> {
    let (government, code, year) = (0..=REGENCIES.len(), 0..CODES.len(), 0..YEARS.len());
    prop_oneof![
        4 => (government.clone(), code, year.clone(), 1_u32..100_000).prop_map(
            |(government, code, year, hundredths)| Step::Verify { government, code, year, hundredths }
        ),
        // The first code always stays: a publication of nothing is refused.
        3 => (government.clone(), year.clone(), proptest::option::of(1..CODES.len()))
            .prop_map(|(government, year, without)| Step::Publish { government, year, without }),
        1 => (government, year).prop_map(|(government, year)| Step::Revoke { government, year }),
        2 => Just(Step::Work),
    ]
}

/// A government at work, with its last publication of each year.
struct Government<'a> {
    desk: Desk<'a>,
    last: [Option<Publication>; YEARS.len()],
}

impl Government<'_> {
    async fn verify(&self, code: &str, year: &str, hundredths: u32) {
        let value = format!("{},{:02}", hundredths / 100, hundredths % 100);
        if code == "P0" {
            self.desk.verified_ratio(code, year, [&value, "1000"]).await;
        } else {
            self.desk.verified(code, year, &value).await;
        }
    }

    async fn publish(&mut self, app: &TestApp, at: usize, without: Option<usize>) {
        let request = PublicationRequest {
            period: YEARS[at].to_owned(),
            omit: without.into_iter().map(|code| CODES[code].to_owned()).collect(),
        };
        let head = &self.desk.head;
        let preview = app.app.prepare_publication(head, &request).await.expect("a preview");
        match app.app.publish_period(head, &request, &preview.content_hash).await {
            Ok(published) => self.last[at] = Some(published),
            // Twice the same is refused, and nothing happened.
            Err(Refusal::Rule(refused)) => assert_eq!(refused.code, Code::PublicationUnchanged),
            Err(other) => panic!("{other:?}"),
        }
    }

    async fn revoke(&mut self, app: &TestApp, at: usize) {
        if let Some(last) = self.last[at].take() {
            app.app.revoke_publication(&self.desk.head, last.id, "keliru").await.expect("revoked");
        }
    }
}

/// Every kept roll-up with all that is computed of it.
async fn kept(app: &TestApp) -> Vec<(String, String, String)> {
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    let sql = "select period, code,
                      concat_ws('|', digest, computed, official, numerator, denominator, reporting, expected, parts)
                 from rollups order by period, code";
    let rows = sqlx::query_as(sql).fetch_all(&mut owner).await.expect(sql);
    owner.close().await.expect("a quiet end");
    rows
}

#[tokio::test]
async fn step_by_step_and_all_at_once_give_the_same_digits() {
    let app = TestApp::start().await;
    let mut governments = Vec::new();
    let above = province(&app).await;
    for slug in REGENCIES {
        governments.push(Government { desk: regency(&app, slug).await, last: [None, None] });
    }
    governments.push(Government { desk: above, last: [None, None] });
    // Every government has a figure in each year, so that there is something to publish.
    for it in &governments {
        for year in YEARS {
            it.verify("JPM", year, 5_000).await;
        }
    }
    let mut runner = TestRunner::default();
    let mut all: Vec<Step> = Vec::new();
    for run in 0..RUNS {
        let steps = vec(step(), 8..16).new_tree(&mut runner).expect("steps").current();
        for step in &steps {
            match *step {
                Step::Verify { government, code, year, hundredths } => {
                    governments[government].verify(CODES[code], YEARS[year], hundredths).await;
                }
                Step::Publish { government, year, without } => {
                    governments[government].publish(&app, year, without).await;
                }
                Step::Revoke { government, year } => {
                    governments[government].revoke(&app, year).await;
                }
                Step::Work => work(&app).await,
            }
        }
        all.extend(steps);
        work(&app).await;
        let by_steps = kept(&app).await;
        let clerk = &governments[REGENCIES.len()].desk.clerk;
        let again = app.app.roll_up_everything(clerk).await.expect("recalculated");
        assert_eq!(again.changed, 0, "run {run}: computed anew, something differs after {all:?}");
        assert_eq!(kept(&app).await, by_steps, "run {run}: {all:?}");
    }
    governments[0].publish(&app, 1, None).await;
    work(&app).await;
    let mut by_steps = kept(&app).await;
    let mut owner = app.database().owner_options().connect().await.expect("the owner");
    sqlx::query("delete from rollups").execute(&mut owner).await.expect("emptied");
    owner.close().await.expect("a quiet end");
    let clerk = &governments[REGENCIES.len()].desk.clerk;
    app.app.roll_up_everything(clerk).await.expect("recalculated");
    let from_nothing = kept(&app).await;
    assert!(!from_nothing.is_empty(), "some year is in force after {all:?}");
    // A year in which everything was taken back has nothing to begin with.
    by_steps.retain(|(period, ..)| from_nothing.iter().any(|it| it.0 == *period));
    for (new, old) in from_nothing.iter().zip(&by_steps) {
        assert_eq!(new, old, "{all:?}");
    }
    assert_eq!(from_nothing.len(), by_steps.len());
}
