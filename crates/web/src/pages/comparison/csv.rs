//! The comparison as a table to download. Exchange formats write plain decimals and ISO dates, and say in a
//! column of its own what a figure is worth.

use std::fmt::Write as _;

use axum::response::Response;
use ekinerja_app::TenantScope;
use ekinerja_app::comparison::ComparisonView;
use ekinerja_domain::measurement::FigureSource;
use ekinerja_domain::publication::PublishedTarget;
use ekinerja_domain::scoring::Outcome;

use super::charts::rank_words;
use super::{DEPENDS, Wish};
use crate::cached::{self, Asked};
use crate::download::cell;
use crate::problem::Problem;
use crate::settings::AppState;

const COLUMNS: &str = "kode,daerah,status,alasan,peringkat,nilai,satuan,target,target_ilustrasi,capaian_persen,\
perubahan,perubahan_dari,jarak_ke_target,rilis,metode,sumber,sumber_terverifikasi,per_tanggal,publikasi\r\n";

/// The download, for page and interface alike.
pub(crate) async fn answer(
    state: &AppState,
    scope: &TenantScope,
    asked: &Asked,
    wish: Wish,
) -> Result<Response, Problem> {
    let name = file_name(&wish);
    // On the heap: what reads a comparison makes a future too large to be moved about on the stack.
    let made = Box::pin(async {
        let view = state.app.compare_regencies(scope, &wish.into()).await?;
        view.as_ref().map(comparison).ok_or_else(Problem::not_found)
    });
    cached::csv(state, scope, asked, &DEPENDS, name, made).await
}

/// The name of the file, out of what was asked for.
fn file_name(wish: &Wish) -> String {
    let plain = |text: &Option<String>| -> String {
        let text = text.as_deref().unwrap_or_default();
        text.chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            .take(40)
            .collect()
    };
    let parts = [String::from("perbandingan"), plain(&wish.indicator), plain(&wish.period)];
    let parts: Vec<_> = parts.into_iter().filter(|it| !it.is_empty()).collect();
    format!("{}.csv", parts.join("-"))
}

/// The whole table: reporters by rank, then those who stand apart.
fn comparison(view: &ComparisonView) -> String {
    let mut text = String::from(COLUMNS);
    let yardstick = &view.yardstick;
    for it in &view.comparison.reporters {
        let published = &it.line.value;
        let achievement = match &it.scored.outcome {
            Outcome::Measured { printed, .. } => printed.get().to_string(),
            Outcome::Judged(verdict) => verdict.code().to_owned(),
            Outcome::NotMeasurable(_) => String::new(),
        };
        let reason = it.scored.reason().map_or("", |it| it.code());
        let rank = it.rank.map(|rank| rank_words(Some(rank))).unwrap_or_default();
        line(
            &mut text,
            &[
                it.region.as_str(),
                &it.name,
                "melapor",
                reason,
                &rank,
                &it.value.normalize().to_string(),
                &yardstick.unit,
                &target(&published.target),
                if published.target.is_set() { yes(published.target_illustrative) } else { "" },
                &achievement,
                &it.change.map(|it| it.value.normalize().to_string()).unwrap_or_default(),
                &it.change.map(|it| it.since.to_string()).unwrap_or_default(),
                &it.distance.map(|it| it.value.normalize().to_string()).unwrap_or_default(),
            ],
            published.definition.release.map(|it| it.to_string()),
            Some(&published.figure),
            published.as_of.map(|it| it.to_string()),
            Some(it.line.number),
        );
    }
    for it in &view.comparison.odd {
        let published = &it.line.value;
        let value = published.value.map(|it| it.normalize().to_string()).unwrap_or_default();
        line(
            &mut text,
            &[
                it.region.as_str(),
                &it.name,
                "tidak_sebanding",
                it.reason.code(),
                "",
                &value,
                &published.unit,
                "",
                "",
                "",
                "",
                "",
                "",
            ],
            published.definition.release.map(|it| it.to_string()),
            Some(&published.figure),
            published.as_of.map(|it| it.to_string()),
            Some(it.line.number),
        );
    }
    for it in &view.comparison.silent {
        let cells = [it.region.as_str(), &it.name, "tanpa_nilai", it.reason.code()];
        let cells: Vec<&str> = cells.into_iter().chain([""; 9]).collect();
        line(&mut text, &cells, None, None, None, None);
    }
    text
}

fn line(
    text: &mut String,
    cells: &[&str],
    release: Option<String>,
    figure: Option<&FigureSource>,
    as_of: Option<String>,
    number: Option<i32>,
) {
    let rest = [
        release.unwrap_or_default(),
        figure.map(|it| it.method.code().to_owned()).unwrap_or_default(),
        figure.and_then(|it| it.source.clone()).unwrap_or_default(),
        figure.map(|it| yes(it.verified).to_owned()).unwrap_or_default(),
        as_of.unwrap_or_default(),
        number.map(|it| it.to_string()).unwrap_or_default(),
    ];
    let cells = cells.iter().map(|it| (*it).to_owned()).chain(rest).map(|it| cell(&it));
    let cells: Vec<_> = cells.collect();
    // Writing to a string cannot fail.
    let _ = write!(text, "{}\r\n", cells.join(","));
}

fn target(target: &PublishedTarget) -> String {
    match target {
        PublishedTarget::Unset => String::new(),
        PublishedTarget::Exactly(value) => value.normalize().to_string(),
        PublishedTarget::Range { low, high } => {
            format!("{}..{}", low.normalize(), high.normalize())
        }
        PublishedTarget::Text(text) => text.clone(),
    }
}

const fn yes(it: bool) -> &'static str {
    if it { "ya" } else { "tidak" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_is_named_by_what_was_asked_for() {
        let wish =
            Wish { indicator: Some("IPM_SP2020\"\r\n/..".into()), period: Some("2023".into()) };
        assert_eq!(file_name(&wish), "perbandingan-IPM_SP2020-2023.csv");
        assert_eq!(file_name(&Wish::default()), "perbandingan.csv");
    }
}
