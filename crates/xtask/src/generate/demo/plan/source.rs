//! The plan as its written source has it; only what we take over is read.

use serde::Deserialize;

use super::ByYear;
use crate::generate::demo::fixed::Fixed;

#[derive(Debug, Deserialize)]
pub(super) struct Plan {
    pub(super) judul: String,
    pub(super) dasar_hukum: String,
    pub(super) dasar_hukum_verified: bool,
    pub(super) pelaksanaan_iku: String,
    pub(super) pelaksanaan_iku_verified: bool,
    pub(super) periode: Years,
    #[serde(rename = "PERINGATAN")]
    pub(super) peringatan: String,
    pub(super) visi: Vision,
    pub(super) misi: Vec<Mission>,
    pub(super) misi_sumber: String,
    pub(super) program_strategis: Vec<Programme>,
    pub(super) program_strategis_sumber: String,
    pub(super) target_lain_terverifikasi: Vec<KnownTarget>,
    pub(super) provinsi_periode_berikut: Next,
}

#[derive(Debug, Deserialize)]
pub(super) struct Years {
    pub(super) mulai: u16,
    pub(super) selesai: u16,
}

#[derive(Debug, Deserialize)]
pub(super) struct Vision {
    pub(super) teks: String,
    pub(super) slogan: String,
    pub(super) verified: bool,
    pub(super) sumber: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Mission {
    pub(super) no: u8,
    pub(super) nama: String,
    pub(super) teks: String,
    pub(super) verified: bool,
    pub(super) catatan: Option<String>,
    pub(super) tujuan: Vec<Goal>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Goal {
    pub(super) teks: String,
    pub(super) verified: bool,
    pub(super) sasaran: Vec<Objective>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Objective {
    pub(super) teks: String,
    pub(super) verified: bool,
    pub(super) opd: Vec<String>,
    pub(super) iku: Vec<Iku>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Iku {
    pub(super) kode: String,
    pub(super) nama: String,
    pub(super) perspektif_bsc_saran: String,
    #[serde(rename = "kode_data_iku")]
    pub(super) kode_data: Option<String>,
    pub(super) baseline_2018: Option<Fixed>,
    pub(super) baseline_verified: bool,
    pub(super) indikator_verified: bool,
    #[serde(default)]
    pub(super) target_ilustrasi: ByYear,
    pub(super) catatan: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Programme {
    pub(super) no: u8,
    pub(super) nama: String,
    pub(super) verified: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct KnownTarget {
    pub(super) wilayah: String,
    pub(super) indikator: String,
    pub(super) tahun: u16,
    pub(super) target: Option<Fixed>,
    pub(super) target_maks: Option<Fixed>,
    #[serde(default)]
    pub(super) baseline: ByYear,
    pub(super) realisasi: Option<Fixed>,
    pub(super) sumber: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Next {
    pub(super) visi: String,
    pub(super) periode: String,
    pub(super) verified: bool,
    pub(super) sumber: String,
}
