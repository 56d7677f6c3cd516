//! What stands between the network and the use cases: limits and trusted proxies.

use chrono::NaiveDate;
use ekinerja_web::{ForwardedHeader, Limits, SecurityContact, TrustedProxies};
use url::Url;

use super::{Fault, Remedy, Source, check, setting};

/// Limits and proxies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    /// How many requests a minute each may send.
    pub limits: Limits,
    /// The proxies whose word about a client's address counts.
    pub proxies: TrustedProxies,
    /// Whom to tell of a weakness.
    pub security: Option<SecurityContact>,
}

const LIMIT: Remedy = (
    "harus bilangan permintaan per menit, atau 0 untuk tanpa batas",
    "must be a number of requests a minute, or 0 for no limit",
);
const HEADER: Remedy =
    ("isi dengan x-forwarded-for atau forwarded", "set it to x-forwarded-for or forwarded");
const PROXIES: Remedy = (
    "harus daftar alamat atau jaringan, misalnya 10.0.0.0/8, 192.0.2.7",
    "must be a list of addresses or networks, such as 10.0.0.0/8, 192.0.2.7",
);

const CONTACT: Remedy = (
    "harus mailto:, https: atau tel:, misalnya mailto:keamanan@contoh.go.id",
    "must be mailto:, https: or tel:, such as mailto:security@example.go.id",
);
const EXPIRES: Remedy = (
    "isi dengan hari terakhir kontak itu berlaku, misalnya 2026-12-31",
    "set it to the last day on which the contact is right, such as 2026-12-31",
);

impl Edge {
    /// Reads the settings; what is faulty is noted and stays at its default.
    pub(super) fn read(source: &Source, faults: &mut Vec<Fault>) -> Self {
        let usual = Limits::USUAL;
        let mut limit = |name: &str, default: u32| {
            setting(source, name, &default.to_string(), faults, LIMIT).unwrap_or(default)
        };
        let limits = Limits {
            address: limit("EKINERJA_LIMIT_ADDRESS", usual.address),
            account_reads: limit("EKINERJA_LIMIT_ACCOUNT_READS", usual.account_reads),
            account_writes: limit("EKINERJA_LIMIT_ACCOUNT_WRITES", usual.account_writes),
            tenant_reads: limit("EKINERJA_LIMIT_TENANT_READS", usual.tenant_reads),
            tenant_writes: limit("EKINERJA_LIMIT_TENANT_WRITES", usual.tenant_writes),
            sign_in: limit("EKINERJA_LIMIT_SIGN_IN", usual.sign_in),
        };
        let header = source.find("EKINERJA_FORWARDED_HEADER").unwrap_or("x-forwarded-for");
        let header = match header.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Some(ForwardedHeader::XForwardedFor),
            "forwarded" => Some(ForwardedHeader::Forwarded),
            _ => None,
        };
        check(header.is_some(), "EKINERJA_FORWARDED_HEADER", faults, HEADER);
        let list = source.find("EKINERJA_TRUSTED_PROXIES").unwrap_or_default();
        let proxies = TrustedProxies::parse(list, header.unwrap_or_default());
        check(proxies.is_some(), "EKINERJA_TRUSTED_PROXIES", faults, PROXIES);
        let security = security(source, faults);
        Self { limits, proxies: proxies.unwrap_or_default(), security }
    }
}

/// Contact and last day belong together: RFC 9116 knows neither alone.
fn security(source: &Source, faults: &mut Vec<Fault>) -> Option<SecurityContact> {
    let contact = source.find("EKINERJA_SECURITY_CONTACT");
    let expires = source.find("EKINERJA_SECURITY_EXPIRES");
    if contact.is_none() && expires.is_none() {
        return None;
    }
    let contact = contact.and_then(|it| it.parse::<Url>().ok());
    let contact = contact.filter(|it| matches!(it.scheme(), "mailto" | "https" | "tel"));
    check(contact.is_some(), "EKINERJA_SECURITY_CONTACT", faults, CONTACT);
    let expires = expires.and_then(|it| it.parse::<NaiveDate>().ok());
    check(expires.is_some(), "EKINERJA_SECURITY_EXPIRES", faults, EXPIRES);
    Some(SecurityContact { contact: contact?, expires: expires? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_faults_named() {
        let mut faults = Vec::new();
        let good = [
            ("EKINERJA_LIMIT_ADDRESS", "0"),
            ("EKINERJA_LIMIT_SIGN_IN", "30"),
            ("EKINERJA_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/32"),
            ("EKINERJA_FORWARDED_HEADER", "Forwarded"),
        ];
        let edge = Edge::read(&Source::of(good), &mut faults);
        assert_eq!(faults, []);
        assert_eq!(edge.limits, Limits { address: 0, sign_in: 30, ..Limits::USUAL });
        assert_ne!(edge.proxies, TrustedProxies::default());
        let bad = [
            ("EKINERJA_LIMIT_TENANT_READS", "-1"),
            ("EKINERJA_TRUSTED_PROXIES", "anywhere"),
            ("EKINERJA_FORWARDED_HEADER", "x-real-ip"),
        ];
        Edge::read(&Source::of(bad), &mut faults);
        let named: Vec<_> = faults.iter().map(|it| it.setting.as_str()).collect();
        assert_eq!(
            named,
            [
                "EKINERJA_LIMIT_TENANT_READS",
                "EKINERJA_FORWARDED_HEADER",
                "EKINERJA_TRUSTED_PROXIES"
            ]
        );
    }
}
