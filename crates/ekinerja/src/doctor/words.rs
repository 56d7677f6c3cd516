//! The doctor's words: what is wrong, why it matters where that is not plain, and what to do.

use ekinerja_store::checkup::{Finding, Lack, OLDEST_SERVER, ShutReason};

use super::Diagnosis;
use crate::config::Language;

pub(super) fn of(diagnosis: &Diagnosis, language: Language) -> String {
    match language {
        Language::Indonesian => indonesian(diagnosis),
        Language::English => english(diagnosis),
    }
}

fn indonesian(diagnosis: &Diagnosis) -> String {
    match diagnosis {
        Diagnosis::Database(finding) => database_in_indonesian(finding),
        Diagnosis::Pending(names) => format!(
            "Skema basis data belum mutakhir; belum dijalankan: {}. Jalankan `ekinerja migrate`.",
            names.join(", ")
        ),
        Diagnosis::Disk { folder, said } => format!(
            "Map data {folder} tidak dapat ditulisi ({said}). Beri izin tulis, sediakan ruang, \
             atau pilih map lain dengan EKINERJA_DATA."
        ),
        Diagnosis::UnknownSetting(name) => {
            format!("Pengaturan {name} tidak dikenal; periksa ejaannya.")
        }
        Diagnosis::AddressCarriesPassword => String::from(
            "DATABASE_URL memuat kata sandi. Untuk melayani, alamat tanpa pengguna dan kata sandi \
             sudah cukup; simpan alamat pemilik di EKINERJA_OWNER_URL hanya untuk `ekinerja migrate`.",
        ),
        Diagnosis::OwnerAddressWhileServing => String::from(
            "EKINERJA_OWNER_URL terisi. Pengaturan itu hanya untuk `ekinerja migrate`; kosongkan \
             pada proses yang melayani.",
        ),
        Diagnosis::PlainHttp => String::from(
            "EKINERJA_PUBLIC_URL memakai http. Kata sandi dan sesi lewat tanpa sandi jaringan; \
             pasang TLS di depan dan pakai alamat https.",
        ),
    }
}

fn database_in_indonesian(finding: &Finding) -> String {
    match finding {
        Finding::Shut { role, reason, said } => match reason {
            ShutReason::Unreachable => format!(
                "Basis data tidak terjangkau sebagai {role}: {said}. Periksa DATABASE_URL dan apakah \
                 PostgreSQL berjalan."
            ),
            ShutReason::Password => format!(
                "Peran {role} ditolak: perannya belum ada atau kata sandinya salah. Jalankan \
                 `ekinerja migrate` dengan kata sandi yang sama seperti di sini."
            ),
            ShutReason::NoDatabase => format!(
                "Basis data yang disebut DATABASE_URL tidak ada ({said}). Buat dahulu dengan \
                 `createdb`, lalu jalankan `ekinerja migrate`."
            ),
            ShutReason::Other => format!("Pintu {role} tidak terbuka: {said}."),
        },
        Finding::OldServer { version } => format!(
            "PostgreSQL {version} terlalu lama; diperlukan versi {OLDEST_SERVER} atau lebih baru."
        ),
        Finding::Superuser { role } => format!(
            "Peran {role} adalah superuser, sehingga pemisahan antardaerah tidak berlaku baginya. \
             Jalankan `alter role {role} nosuperuser`."
        ),
        Finding::BypassesRowSecurity { role } => format!(
            "Peran {role} boleh melewati keamanan baris (BYPASSRLS), sehingga pemisahan antardaerah \
             tidak berlaku baginya. Jalankan `alter role {role} nobypassrls`."
        ),
        Finding::Powerful { role, power } => format!(
            "Peran {role} punya kuasa {power} yang tidak boleh dimilikinya. Cabut dengan \
             `alter role {role} no{}`.",
            power.to_lowercase()
        ),
        Finding::Owner { role, owned } => format!(
            "Peran {role} adalah pemilik {owned}, sehingga dapat mematikan perlindungannya sendiri. \
             Pindahkan kepemilikan ke ekinerja_owner (`alter … owner to ekinerja_owner`)."
        ),
        Finding::Member { role, of } => format!(
            "Peran {role} menjadi anggota {of}; perintah `set role` dapat mengubahnya menjadi peran \
             itu. Jalankan `revoke {of} from {role}`."
        ),
        Finding::MayCreate { role, place } => format!(
            "Peran {role} boleh membuat objek di {place}. Jalankan `revoke create on {place} from \
             {role}` (atau from public)."
        ),
        Finding::Unprotected { table, lacks } => match lacks {
            Lack::Enabled => format!(
                "Tabel {table} tidak dilindungi keamanan baris. Jalankan `alter table {table} enable \
                 row level security`, lalu cari tahu siapa yang mematikannya."
            ),
            Lack::Forced => format!(
                "Keamanan baris tabel {table} tidak berlaku bagi pemiliknya. Jalankan `alter table \
                 {table} force row level security`."
            ),
            Lack::Policy => format!(
                "Tabel {table} tidak punya kebijakan yang membandingkan daerahnya. Pulihkan skema \
                 dari cadangan atau dari migrasi; jangan melayani sebelum itu."
            ),
        },
        Finding::ClockSkew { seconds } => format!(
            "Jam basis data dan jam mesin ini berbeda {seconds} detik. Selaraskan dengan NTP: sesi \
             dan tenggat periode membandingkan keduanya."
        ),
    }
}

fn english(diagnosis: &Diagnosis) -> String {
    match diagnosis {
        Diagnosis::Database(finding) => database_in_english(finding),
        Diagnosis::Pending(names) => format!(
            "The schema is not up to date; not yet run: {}. Run `ekinerja migrate`.",
            names.join(", ")
        ),
        Diagnosis::Disk { folder, said } => format!(
            "The data folder {folder} cannot be written ({said}). Allow writing, make room, or \
             choose another folder with EKINERJA_DATA."
        ),
        Diagnosis::UnknownSetting(name) => {
            format!("The setting {name} is unknown; check its spelling.")
        }
        Diagnosis::AddressCarriesPassword => String::from(
            "DATABASE_URL carries a password. To serve, the address without user and password is \
             enough; keep the owner's address in EKINERJA_OWNER_URL, for `ekinerja migrate` alone.",
        ),
        Diagnosis::OwnerAddressWhileServing => String::from(
            "EKINERJA_OWNER_URL is set. It is for `ekinerja migrate` alone; leave it empty for the \
             process that serves.",
        ),
        Diagnosis::PlainHttp => String::from(
            "EKINERJA_PUBLIC_URL says http. Passwords and sessions cross the network in the clear; \
             put TLS in front and use an https address.",
        ),
    }
}

fn database_in_english(finding: &Finding) -> String {
    match finding {
        Finding::Shut { role, reason, said } => match reason {
            ShutReason::Unreachable => format!(
                "The database cannot be reached as {role}: {said}. Check DATABASE_URL and whether \
                 PostgreSQL runs."
            ),
            ShutReason::Password => format!(
                "The role {role} was refused: it does not exist yet, or its password is wrong. Run \
                 `ekinerja migrate` with the same passwords as here."
            ),
            ShutReason::NoDatabase => format!(
                "The database that DATABASE_URL names does not exist ({said}). Make it with \
                 `createdb`, then run `ekinerja migrate`."
            ),
            ShutReason::Other => format!("The door {role} does not open: {said}."),
        },
        Finding::OldServer { version } => {
            format!("PostgreSQL {version} is too old; version {OLDEST_SERVER} or newer is needed.")
        }
        Finding::Superuser { role } => format!(
            "The role {role} is a superuser, so the wall between governments does not hold for it. \
             Run `alter role {role} nosuperuser`."
        ),
        Finding::BypassesRowSecurity { role } => format!(
            "The role {role} may pass row-level security by (BYPASSRLS), so the wall between \
             governments does not hold for it. Run `alter role {role} nobypassrls`."
        ),
        Finding::Powerful { role, power } => format!(
            "The role {role} has the power {power}, which it must not have. Take it away with \
             `alter role {role} no{}`.",
            power.to_lowercase()
        ),
        Finding::Owner { role, owned } => format!(
            "The role {role} owns {owned}, so it could switch its own protection off. Give the \
             ownership to ekinerja_owner (`alter … owner to ekinerja_owner`)."
        ),
        Finding::Member { role, of } => format!(
            "The role {role} is a member of {of}; `set role` could turn it into that. Run \
             `revoke {of} from {role}`."
        ),
        Finding::MayCreate { role, place } => format!(
            "The role {role} may create objects in {place}. Run `revoke create on {place} from \
             {role}` (or from public)."
        ),
        Finding::Unprotected { table, lacks } => match lacks {
            Lack::Enabled => format!(
                "The table {table} has no row-level security. Run `alter table {table} enable row \
                 level security`, and find out who switched it off."
            ),
            Lack::Forced => format!(
                "Row-level security of the table {table} does not hold for its owner. Run `alter \
                 table {table} force row level security`."
            ),
            Lack::Policy => format!(
                "The table {table} has no policy that compares its tenant. Restore the schema from a \
                 backup or from the migrations; do not serve before that."
            ),
        },
        Finding::ClockSkew { seconds } => format!(
            "The clocks of the database and of this machine differ by {seconds} seconds. Set both by \
             NTP: sessions and period deadlines compare them."
        ),
    }
}
