//! The medium-term plan (RPJMD) of the province as a tree, with the series that measure it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::additions::{BASELINE_OF_ANOTHER_SERIES, IKU, Measured, PLACINGS, Placing, SUPPORTING};
use super::agencies::Agency;
use super::dictionary::Dictionary;
use super::fixed::Fixed;
use super::{LAST_YEAR, PROVINCE};

mod source;

/// A text with the word whether it was seen in a written source.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Statement {
    pub(super) text: String,
    pub(super) verified: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Plan {
    pub(super) region_code: String,
    pub(super) title: String,
    legal_basis: Statement,
    /// The governor's regulation on how the IKU are pursued.
    implementation: Statement,
    /// What every reader must see: what is illustrative, what is from memory.
    pub(super) notice: String,
    pub(super) years: Years,
    pub(super) vision: Vision,
    missions_source: String,
    pub(super) missions: Vec<Mission>,
    programmes_source: String,
    programmes: Vec<Programme>,
    pub(super) known_targets: Vec<KnownTarget>,
    successor: Statement,
}

/// The years of the plan, and those in which its indicators are watched.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Years {
    pub(super) start: u16,
    pub(super) end: u16,
    pub(super) monitored_from: u16,
    pub(super) monitored_until: u16,
    reason: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Vision {
    code: String,
    pub(super) text: String,
    slogan: String,
    verified: bool,
    source: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Mission {
    code: String,
    name: String,
    text: String,
    verified: bool,
    note: Option<String>,
    pub(super) goals: Vec<Goal>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Goal {
    code: String,
    text: String,
    verified: bool,
    pub(super) objectives: Vec<Objective>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Objective {
    pub(super) code: String,
    text: String,
    verified: bool,
    pub(super) perspective: String,
    /// Agencies the source names for the objective.
    owners: Vec<String>,
    pub(super) indicators: Vec<Indicator>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Indicator {
    pub(super) code: String,
    /// Whether it is one of the plan's IKU; otherwise it is a supporting indicator.
    pub(super) iku: bool,
    /// Number of the IKU in the plan.
    pub(super) number: Option<String>,
    /// Name of the IKU in the plan, where the dictionary's is the name of the series.
    pub(super) name_in_plan: Option<String>,
    /// The perspective the written source suggests for the IKU itself.
    suggested_perspective: Option<String>,
    pub(super) owner: String,
    pub(super) regency_owner: String,
    pub(super) verified: bool,
    pub(super) baseline: Option<Baseline>,
    /// Targets of the plan's years; the source has none but invented ones.
    pub(super) targets: Vec<PlanTarget>,
    pub(super) note: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Baseline {
    pub(super) year: u16,
    pub(super) value: Fixed,
    pub(super) verified: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PlanTarget {
    pub(super) year: u16,
    pub(super) value: Fixed,
    pub(super) illustrative: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Programme {
    number: u8,
    name: String,
    verified: bool,
}

/// A real target that a written source states.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KnownTarget {
    pub(super) region_code: String,
    pub(super) indicator_code: String,
    pub(super) year: u16,
    pub(super) value: Fixed,
    /// `exact`, or `at_most` for a target stated as an upper limit.
    pub(super) bound: String,
    /// `own` target of the government, or the `national` one for everybody.
    pub(super) whose: String,
    baseline: Option<Baseline>,
    actual: Option<Fixed>,
    pub(super) source: String,
}

impl Plan {
    /// Every indicator of the tree, from its top to its bottom.
    pub(super) fn indicators(&self) -> impl Iterator<Item = &Indicator> {
        self.objectives().flat_map(|objective| &objective.indicators)
    }

    pub(super) fn objectives(&self) -> impl Iterator<Item = &Objective> {
        self.missions.iter().flat_map(|mission| &mission.goals).flat_map(|goal| &goal.objectives)
    }

    /// Every indicator is defined once, and every owner is an agency.
    pub(super) fn agree_with(&self, dictionary: &Dictionary, agencies: &[Agency]) -> Result<()> {
        for indicator in self.indicators() {
            ensure!(dictionary.find(&indicator.code).is_some(), "{} undefined", indicator.code);
            let provincial = |a: &Agency| a.region_code == PROVINCE && a.code == indicator.owner;
            let regional =
                |a: &Agency| a.region_code != PROVINCE && a.code == indicator.regency_owner;
            ensure!(agencies.iter().any(provincial), "{} is no agency", indicator.owner);
            ensure!(agencies.iter().any(regional), "{} is no agency", indicator.regency_owner);
        }
        for defined in &dictionary.indicators {
            let times = self.indicators().filter(|it| it.code == defined.code).count();
            ensure!(times == 1, "{} stands {times} times in the plan", defined.code);
        }
        Ok(())
    }
}

pub(super) fn read(from: &Path) -> Result<Plan> {
    let plan: source::Plan = super::from_json(&from.join("rpjmd-ntb-2019-2023.json"))?;
    let missions = plan.misi.into_iter().map(mission).collect::<Result<Vec<_>>>()?;
    let next = plan.provinsi_periode_berikut;
    Ok(Plan {
        region_code: PROVINCE.into(),
        title: plan.judul,
        legal_basis: Statement {
            text: plan.dasar_hukum,
            verified: plan.dasar_hukum_verified,
            source: None,
        },
        implementation: Statement {
            text: plan.pelaksanaan_iku,
            verified: plan.pelaksanaan_iku_verified,
            source: None,
        },
        notice: plan.peringatan,
        years: Years {
            start: plan.periode.mulai,
            end: plan.periode.selesai,
            monitored_from: plan.periode.mulai - 1,
            monitored_until: LAST_YEAR,
            reason: "2018 adalah tahun dasar; setelah 2023 indikator tetap dipantau pada masa \
                     transisi RPD 2024-2026"
                .into(),
        },
        vision: Vision {
            code: "V".into(),
            text: plan.visi.teks,
            slogan: plan.visi.slogan,
            verified: plan.visi.verified,
            source: plan.visi.sumber,
        },
        missions_source: plan.misi_sumber,
        missions,
        programmes_source: plan.program_strategis_sumber,
        programmes: plan
            .program_strategis
            .into_iter()
            .map(|it| Programme { number: it.no, name: it.nama, verified: it.verified })
            .collect(),
        known_targets: plan
            .target_lain_terverifikasi
            .into_iter()
            .map(known_target)
            .collect::<Result<_>>()?,
        successor: Statement {
            text: format!("Visi \"{}\", {}", next.visi, next.periode),
            verified: next.verified,
            source: Some(next.sumber),
        },
    })
}

fn mission(it: source::Mission) -> Result<Mission> {
    let number = it.no;
    let goals = it.tujuan.into_iter().zip(1_u8..).map(|(goal_, place)| {
        let objectives = goal_.sasaran.into_iter().zip(1_u8..).map(|(objective_, at)| {
            let code = format!("S{number}.{place}.{at}");
            objective(&code, objective_).with_context(|| code.clone())
        });
        Ok(Goal {
            code: format!("T{number}.{place}"),
            text: goal_.teks,
            verified: goal_.verified,
            objectives: objectives.collect::<Result<_>>()?,
        })
    });
    Ok(Mission {
        code: format!("M{number}"),
        name: it.nama,
        text: it.teks,
        verified: it.verified,
        note: it.catatan,
        goals: goals.collect::<Result<_>>()?,
    })
}

fn objective(code: &str, it: source::Objective) -> Result<Objective> {
    let Placing { text, perspective, .. } =
        PLACINGS.iter().find(|placing| placing.code == code).context("is placed nowhere")?;
    ensure!(*text == it.teks, "is worded `{}` in the source", it.teks);
    let mut indicators = it.iku.into_iter().map(iku).collect::<Result<Vec<_>>>()?;
    indicators.extend(SUPPORTING.iter().filter(|s| s.place == code).map(supporting));
    Ok(Objective {
        code: code.into(),
        text: it.teks,
        verified: it.verified,
        perspective: (*perspective).into(),
        owners: it.opd,
        indicators,
    })
}

fn iku(it: source::Iku) -> Result<Indicator> {
    let measured = IKU
        .iter()
        .find(|measured| measured.place == it.kode)
        .with_context(|| format!("IKU {} has no series", it.kode))?;
    ensure!(
        it.kode_data.is_none_or(|code| code == measured.indicator),
        "IKU {} is measured by another series in the source",
        it.kode
    );
    let another_series = BASELINE_OF_ANOTHER_SERIES.contains(&measured.indicator);
    let baseline = it.baseline_2018.filter(|_| !another_series).map(|value| Baseline {
        year: 2018,
        value,
        verified: it.baseline_verified,
    });
    let note = match (another_series, it.catatan) {
        (true, note) => Some(format!(
            "Sumber menulis baseline 2018 dari survei (seri lain), jadi tidak dipakai di sini; \
             garis ilustrasi bermula dari angka itu. {}",
            note.unwrap_or_default()
        )),
        (false, note) => note,
    };
    Ok(Indicator {
        code: measured.indicator.into(),
        iku: true,
        number: Some(it.kode),
        name_in_plan: Some(it.nama),
        suggested_perspective: Some(perspective(&it.perspektif_bsc_saran)?.into()),
        owner: measured.owner.into(),
        regency_owner: measured.regency_owner.into(),
        verified: it.indikator_verified,
        baseline,
        targets: it
            .target_ilustrasi
            .into_iter()
            .map(|(year, value)| Ok(PlanTarget { year: year.parse()?, value, illustrative: true }))
            .collect::<Result<_>>()?,
        note: note.map(|note| note.trim().to_owned()),
    })
}

fn supporting(it: &Measured) -> Indicator {
    Indicator {
        code: it.indicator.into(),
        iku: false,
        number: None,
        name_in_plan: None,
        suggested_perspective: None,
        owner: it.owner.into(),
        regency_owner: it.regency_owner.into(),
        verified: false,
        baseline: None,
        targets: Vec::new(),
        note: Some("indikator pendukung: bukan IKU RPJMD, ditambahkan untuk dipantau".into()),
    }
}

fn perspective(suggested: &str) -> Result<&'static str> {
    Ok(match suggested {
        "keuangan" => "F",
        "pelanggan" => "C",
        "proses_internal" => "I",
        "pembelajaran_pertumbuhan" => "L",
        other => bail!("unknown perspective `{other}`"),
    })
}

fn known_target(it: source::KnownTarget) -> Result<KnownTarget> {
    let (value, bound) = match (it.target, it.target_maks) {
        (Some(value), None) => (value, "exact"),
        (None, Some(value)) => (value, "at_most"),
        _ => bail!("{} {} has no target or two", it.wilayah, it.indikator),
    };
    let baseline = it
        .baseline
        .into_iter()
        .next()
        .map(|(year, value)| anyhow::Ok(Baseline { year: year.parse()?, value, verified: true }))
        .transpose()?;
    let national = it.sumber.starts_with("target nasional");
    Ok(KnownTarget {
        region_code: it.wilayah,
        indicator_code: it.indikator,
        year: it.tahun,
        value,
        bound: bound.into(),
        whose: if national { "national" } else { "own" }.into(),
        baseline,
        actual: it.realisasi,
        source: it.sumber,
    })
}

/// Numbers by year, as the source writes them.
type ByYear = BTreeMap<String, Fixed>;
