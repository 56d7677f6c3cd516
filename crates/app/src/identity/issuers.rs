//! Which addresses the server may call for a sign-in: the operator names them, a government chooses among them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Hosts of identity providers that the operator allows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedIssuers(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    host: String,
    /// None on this machine itself: any port.
    port: Option<u16>,
    /// `http` on this machine itself, in a demonstration or while developing.
    loopback: bool,
}

/// Why an address may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotAllowed {
    /// It is no whole address of a provider.
    Malformed,
    /// The operator does not name its host.
    Host,
    /// It is inside a private network.
    Private,
}

impl AllowedIssuers {
    /// Reads hosts separated by commas or spaces: `sso.ntbprov.go.id`, `sso.contoh.go.id:8443`. Where
    /// `loopback` is let, also `http://127.0.0.1:4000` and the like, without a port for every port.
    ///
    /// # Errors
    /// The entry that cannot be read.
    pub fn parse(text: &str, loopback: bool) -> Result<Self, String> {
        let mut entries = Vec::new();
        for word in text.split(|it: char| it == ',' || it.is_whitespace()) {
            if !word.is_empty() {
                let entry = entry(word).filter(|it| loopback || !it.loopback);
                entries.push(entry.ok_or_else(|| word.to_owned())?);
            }
        }
        Ok(Self(entries))
    }

    /// The hosts as a person reads them.
    pub fn names(&self) -> Vec<String> {
        let name = |it: &Entry| {
            let scheme = if it.loopback { "http" } else { "https" };
            match it.port {
                Some(port) if it.loopback || port != 443 => {
                    format!("{scheme}://{}:{port}", it.host)
                }
                _ => format!("{scheme}://{}", it.host),
            }
        };
        self.0.iter().map(name).collect()
    }

    /// Whether an address may be called, as far as its text tells.
    pub(crate) fn check(&self, url: &Url) -> Result<(), NotAllowed> {
        let host = url.host().ok_or(NotAllowed::Malformed)?;
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || !matches!(url.scheme(), "http" | "https") {
            return Err(NotAllowed::Malformed);
        }
        let is_http = url.scheme() == "http";
        let name = host.to_string();
        let port = url.port_or_known_default();
        let named = self.0.iter().find(|it| {
            it.host == name && it.loopback == is_http && (it.port.is_none() || it.port == port)
        });
        let address = match host {
            Host::Domain(_) => None,
            Host::Ipv4(it) => Some(IpAddr::V4(it)),
            Host::Ipv6(it) => Some(IpAddr::V6(it)),
        };
        match named {
            None if address.is_some_and(|it| !is_public(it)) => Err(NotAllowed::Private),
            None => Err(NotAllowed::Host),
            Some(entry) if entry.loopback => Ok(()),
            Some(_) if address.is_some_and(|it| !is_public(it)) => Err(NotAllowed::Private),
            Some(_) => Ok(()),
        }
    }

    /// Whether a name may stand for this address: public ones only, or this machine where it is let.
    pub(crate) fn may_reach(&self, name: &str, address: IpAddr) -> bool {
        let here = address.is_loopback() && self.0.iter().any(|it| it.loopback && it.host == name);
        here || is_public(address)
    }
}

fn entry(word: &str) -> Option<Entry> {
    let is_http = word.starts_with("http://");
    let text = if word.contains("://") { word.to_owned() } else { format!("https://{word}") };
    let url = Url::parse(&text).ok()?;
    let bare = matches!(url.path(), "" | "/")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !bare || !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host()?;
    let is_here = match &host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(it) => it.is_loopback(),
        Host::Ipv6(it) => it.is_loopback(),
    };
    if is_http && !is_here {
        return None;
    }
    let port = if is_http { url.port() } else { url.port_or_known_default() };
    Some(Entry { host: host.to_string(), port, loopback: is_http })
}

/// Whether an address is one of the open internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    }
}

fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    !(it.is_private()
        || it.is_loopback()
        || it.is_link_local()
        || it.is_multicast()
        || it.is_documentation()
        || matches!((a, b, c), (0 | 240..=255, _, _) | (100, 64..=127, _) | (192, 0, 0))
        || matches!((a, b, c), (192, 88, 99) | (198, 18..=19, _)))
}

fn is_public_v6(it: Ipv6Addr) -> bool {
    let [first, second, ..] = it.segments();
    if let Some(inner) = it.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    // Global unicast is 2000::/3; of that not the ranges for documents and for tunnels to any IPv4 address.
    first & 0xe000 == 0x2000
        && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
        && first != 0x2002
        && first & 0xfff0 != 0x3ff0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(allowed: &AllowedIssuers, url: &str) -> Result<(), NotAllowed> {
        allowed.check(&Url::parse(url).expect("a url"))
    }

    #[test]
    fn only_named_https_hosts_may_be_called() {
        let allowed = AllowedIssuers::parse("sso.ntbprov.go.id, login.contoh.go.id:8443", false);
        let allowed = allowed.expect("hosts");
        for good in [
            "https://sso.ntbprov.go.id/realms/ntb",
            "https://sso.ntbprov.go.id:443/token",
            "https://login.contoh.go.id:8443/",
        ] {
            assert_eq!(check(&allowed, good), Ok(()), "{good}");
        }
        for bad in [
            "http://sso.ntbprov.go.id/",
            "https://sso.ntbprov.go.id:8443/",
            "https://login.contoh.go.id/",
            "https://sso.ntbprov.go.id.jahat.example/",
            "https://jahat.example/?sso.ntbprov.go.id",
            "https://sso.ntbprov.go.id./",
        ] {
            assert_eq!(check(&allowed, bad), Err(NotAllowed::Host), "{bad}");
        }
        for bad in ["https://a@sso.ntbprov.go.id/", "ftp://sso.ntbprov.go.id/", "data:,x"] {
            assert_eq!(check(&allowed, bad), Err(NotAllowed::Malformed), "{bad}");
        }
        for private in
            ["https://10.0.0.1/", "https://127.0.0.1/", "http://[::1]/", "https://0x7f.1/"]
        {
            assert_eq!(check(&allowed, private), Err(NotAllowed::Private), "{private}");
        }
    }

    #[test]
    fn private_address_is_refused_even_when_the_operator_names_it() {
        let allowed = AllowedIssuers::parse("10.1.2.3 https://127.0.0.1", false).expect("hosts");
        for url in ["https://10.1.2.3/", "https://127.0.0.1/"] {
            assert_eq!(check(&allowed, url), Err(NotAllowed::Private), "{url}");
        }
        let name = AllowedIssuers::parse("sso.contoh.go.id", false).expect("a host");
        let reach = |text: &str| name.may_reach("sso.contoh.go.id", text.parse().expect("an ip"));
        for private in [
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.0.8",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "2001::1",
            "ff02::1",
        ] {
            assert!(!reach(private), "{private}");
        }
        for public in ["103.21.244.1", "8.8.8.8", "2400:cb00::1", "2a00:1450::1"] {
            assert!(reach(public), "{public}");
        }
    }

    #[test]
    fn this_machine_is_let_where_it_is_said() {
        assert_eq!(
            AllowedIssuers::parse("http://127.0.0.1:4000", false),
            Err("http://127.0.0.1:4000".to_owned())
        );
        let allowed =
            AllowedIssuers::parse("http://127.0.0.1:4000 http://localhost", true).expect("hosts");
        assert_eq!(check(&allowed, "http://127.0.0.1:4000/x"), Ok(()));
        assert_eq!(check(&allowed, "http://localhost:5001/x"), Ok(()));
        assert_eq!(check(&allowed, "http://127.0.0.1:4001/x"), Err(NotAllowed::Private));
        assert!(allowed.may_reach("localhost", "127.0.0.1".parse().expect("an ip")));
        assert!(!allowed.may_reach("localhost", "10.0.0.1".parse().expect("an ip")));
        assert!(!allowed.may_reach("sso.contoh.go.id", "127.0.0.1".parse().expect("an ip")));
        for bad in
            ["http://sso.contoh.go.id", "https://sso.contoh.go.id/realms/x", "ftp://x", "a b:c:d"]
        {
            assert!(AllowedIssuers::parse(bad, true).is_err(), "{bad}");
        }
        assert_eq!(AllowedIssuers::parse(" ", true), Ok(AllowedIssuers::default()));
    }
}
