//! What is added by hand to the plan: placing, owners and supporting series.
//!
//! The plan's written source names objectives and IKU, but neither the code of the series that
//! measures an IKU nor its one owner; and BPS publishes more than the plan names. None of this is
//! official, so everything here is written to `plan.json` with `verified: false`.

/// An objective as the plan words it, and the perspective we place it in.
pub(super) struct Placing {
    pub(super) code: &'static str,
    pub(super) text: &'static str,
    pub(super) perspective: &'static str,
}

const fn place(code: &'static str, text: &'static str, perspective: &'static str) -> Placing {
    Placing { code, text, perspective }
}

pub(super) const PLACINGS: [Placing; 11] = [
    place("S1.1.1", "Menurunnya risiko bencana", "I"),
    place("S1.1.2", "Meningkatnya kualitas infrastruktur dan konektivitas", "I"),
    place("S2.1.1", "Meningkatnya akuntabilitas kinerja dan keuangan", "F"),
    place("S2.1.2", "Meningkatnya kualitas pelayanan publik", "I"),
    place("S3.1.1", "Meningkatnya pembangunan manusia", "C"),
    place("S3.1.2", "Meningkatnya derajat kesehatan", "C"),
    place("S3.1.3", "Meningkatnya mutu dan akses pendidikan", "L"),
    place("S4.1.1", "Terjaganya kualitas lingkungan dan tutupan hutan", "I"),
    place("S5.1.1", "Menurunnya kemiskinan dan kesenjangan", "C"),
    place("S5.1.2", "Meningkatnya pertumbuhan ekonomi inklusif", "F"),
    place("S6.1.1", "Meningkatnya kerukunan dan ketertiban masyarakat", "C"),
];

/// The series that measures an IKU of the plan, and who answers for it.
pub(super) struct Measured {
    /// Number of the IKU in the plan (`3.1.2`), or the code of the objective of a supporting one.
    pub(super) place: &'static str,
    pub(super) indicator: &'static str,
    /// Code of the owning agency of the province.
    pub(super) owner: &'static str,
    /// Code of the owning agency in the example structure of a regency.
    pub(super) regency_owner: &'static str,
}

const fn by(
    place: &'static str,
    indicator: &'static str,
    owner: &'static str,
    regency_owner: &'static str,
) -> Measured {
    Measured { place, indicator, owner, regency_owner }
}

pub(super) const IKU: [Measured; 26] = [
    by("1.1.1", "IRBI", "NTB-BPBD", "BAPPEDA"),
    by("1.1.2", "JALAN_MANTAP", "NTB-PUPR", "PUPR"),
    by("1.1.3", "SANITASI", "NTB-PUPR", "PUPR"),
    by("1.1.4", "AIR_MINUM", "NTB-PUPR", "PUPR"),
    by("2.1.1", "SAKIP", "NTB-BIRO-ORG", "BAG-ORG"),
    by("2.1.2", "OPINI_BPK", "NTB-BPKAD", "BKAD"),
    by("2.1.3", "IRB", "NTB-BIRO-ORG", "BAG-ORG"),
    by("2.1.4", "IKM", "NTB-BIRO-ORG", "BAG-ORG"),
    by("2.1.5", "SPBE", "NTB-KOMINFOTIK", "DISKOMINFO"),
    by("3.1.1", "IPM", "NTB-BAPPEDA", "BAPPEDA"),
    by("3.1.2", "UHH", "NTB-DIKES", "DIKES"),
    by("3.1.3", "STUNTING_EPPGBM", "NTB-DIKES", "DIKES"),
    by("3.1.4", "RLS", "NTB-DIKBUD", "DISDIK"),
    by("3.1.5", "HLS", "NTB-DIKBUD", "DISDIK"),
    by("4.1.1", "IKLH", "NTB-DLHK", "DLH"),
    by("4.1.2", "SAMPAH", "NTB-DLHK", "DLH"),
    by("4.1.3", "TUTUPAN_HUTAN", "NTB-DLHK", "DLH"),
    by("5.1.1", "P0", "NTB-SOSIAL", "DINSOS"),
    by("5.1.2", "GINI", "NTB-BAPPEDA", "BAPPEDA"),
    by("5.1.3", "LPE", "NTB-DISPERIN", "BAPPEDA"),
    by("5.1.4", "PDRB_PK", "NTB-DISPERIN", "BAPPEDA"),
    by("5.1.5", "TPT", "NTB-NAKERTRANS", "DISNAKER"),
    by("5.1.6", "WISATAWAN", "NTB-PARIWISATA", "DISPAR"),
    by("5.1.7", "NTP", "NTB-DISTANBUN", "BAPPEDA"),
    by("6.1.1", "IKUB", "NTB-BAKESBANGPOL", "BAPPEDA"),
    by("6.1.2", "TRANTIBUM", "NTB-SATPOLPP", "SATPOLPP"),
];

/// Series with figures that are no IKU of the plan, under the objective they speak about.
pub(super) const SUPPORTING: [Measured; 18] = [
    by("S2.1.1", "APBD_PENDAPATAN_T", "NTB-BPKAD", "BKAD"),
    by("S2.1.1", "APBD_PENDAPATAN_R", "NTB-BPKAD", "BKAD"),
    by("S2.1.1", "APBD_BELANJA_T", "NTB-BPKAD", "BKAD"),
    by("S2.1.1", "APBD_BELANJA_R", "NTB-BPKAD", "BKAD"),
    by("S2.1.1", "PAD_T", "NTB-BAPPENDA", "BAPENDA"),
    by("S2.1.1", "PAD_R", "NTB-BAPPENDA", "BAPENDA"),
    by("S3.1.1", "IPM_SP2020", "NTB-BAPPEDA", "BAPPEDA"),
    by("S3.1.1", "PENDUDUK", "NTB-PMPDDUKCAPIL", "DUKCAPIL"),
    by("S3.1.2", "UHH_SP2020", "NTB-DIKES", "DIKES"),
    by("S3.1.2", "STUNTING_SSGI", "NTB-DIKES", "DIKES"),
    by("S4.1.1", "IEH", "NTB-DLHK", "DLH"),
    by("S5.1.1", "JPM", "NTB-SOSIAL", "DINSOS"),
    by("S5.1.1", "P0_SEP", "NTB-SOSIAL", "DINSOS"),
    by("S5.1.1", "MISKIN_EKSTREM", "NTB-SOSIAL", "DINSOS"),
    by("S5.1.1", "GK", "NTB-BAPPEDA", "BAPPEDA"),
    by("S5.1.2", "PPK", "NTB-BAPPEDA", "BAPPEDA"),
    by("S5.1.2", "PDRB_PK_ADHB", "NTB-BAPPEDA", "BAPPEDA"),
    by("S5.1.2", "TPAK", "NTB-NAKERTRANS", "DISNAKER"),
];

/// IKU whose baseline in the written source was measured by another series than its figures.
pub(super) const BASELINE_OF_ANOTHER_SERIES: [&str; 1] = ["STUNTING_EPPGBM"];

/// Series without a line of their own that borrow the yearly step (never the level) of the series
/// that measures the same thing in another way.
///
/// Not the stunting survey: registration falls much faster than the survey ever did.
pub(super) const STEP_OF: [(&str, &str); 2] = [("IPM_SP2020", "IPM"), ("UHH_SP2020", "UHH")];

/// Series whose line must not be carried on: growth does not rise by two points every year, the
/// plan's line only mirrors the recovery from the earthquake of 2018.
pub(super) const NOT_CARRIED_ON: [&str; 1] = ["LPE"];

/// An agency of the example structure: code, name, abbreviation, kind and the agency above it.
pub(super) type Example = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// The example structure of every regency: general names after PP 18/2016, no official list.
pub(super) const EXAMPLE_AGENCIES: [Example; 18] = [
    ("SETDA", "Sekretariat Daerah", "Setda", "secretariat", ""),
    ("BAG-ORG", "Bagian Organisasi", "Bag. Organisasi", "bureau", "SETDA"),
    ("ITDA", "Inspektorat Daerah", "Inspektorat", "inspectorate", ""),
    ("BAPPEDA", "Badan Perencanaan Pembangunan Daerah", "Bappeda", "board", ""),
    ("BKAD", "Badan Keuangan dan Aset Daerah", "BKAD", "board", ""),
    ("BAPENDA", "Badan Pendapatan Daerah", "Bapenda", "board", ""),
    ("BKPSDM", "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia", "BKPSDM", "board", ""),
    ("DIKES", "Dinas Kesehatan", "Dikes", "department", ""),
    ("RSUD", "Rumah Sakit Umum Daerah", "RSUD", "hospital", "DIKES"),
    ("DISDIK", "Dinas Pendidikan", "Disdik", "department", ""),
    ("DINSOS", "Dinas Sosial", "Dinsos", "department", ""),
    ("DISNAKER", "Dinas Ketenagakerjaan", "Disnaker", "department", ""),
    ("DUKCAPIL", "Dinas Kependudukan dan Pencatatan Sipil", "Dukcapil", "department", ""),
    ("PUPR", "Dinas Pekerjaan Umum dan Penataan Ruang", "PUPR", "department", ""),
    ("DLH", "Dinas Lingkungan Hidup", "DLH", "department", ""),
    ("DISPAR", "Dinas Pariwisata", "Dispar", "department", ""),
    ("DISKOMINFO", "Dinas Komunikasi dan Informatika", "Diskominfo", "department", ""),
    ("SATPOLPP", "Satuan Polisi Pamong Praja", "Satpol PP", "unit", ""),
];
