//! Where a request comes from, behind proxies that may be trusted and headers that may not.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// Most hops that are looked at; a real chain has two or three.
const MOST_HOPS: usize = 16;

/// The header in which the trusted proxies say for whom they ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, as most proxies write it.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl ForwardedHeader {
    const fn name(self) -> HeaderName {
        match self {
            Self::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
            Self::Forwarded => HeaderName::from_static("forwarded"),
        }
    }
}

/// The proxies in front of the product. Only what they add to the header counts: it is read from the right, as
/// long as the hop that wrote an entry is one of them. Nobody else chooses an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    header: ForwardedHeader,
}

impl TrustedProxies {
    /// Proxies in these networks, which write this header.
    pub const fn new(networks: Vec<IpNet>, header: ForwardedHeader) -> Self {
        Self { networks, header }
    }

    /// Reads a list such as `10.0.0.0/8, 192.0.2.7`; none when an entry is neither address nor network.
    pub fn parse(list: &str, header: ForwardedHeader) -> Option<Self> {
        let entries = list.split(',').map(str::trim).filter(|it| !it.is_empty());
        let network = |it: &str| {
            IpNet::from_str(it).ok().or_else(|| it.parse::<IpAddr>().ok().map(Into::into))
        };
        Some(Self { networks: entries.map(network).collect::<Option<_>>()?, header })
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|it| it.contains(&address))
    }

    /// The address of the client that `peer` asks for.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        let lines: Vec<_> = headers.get_all(self.header.name()).iter().collect();
        let hops = lines.iter().rev().flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
        for hop in hops.take(MOST_HOPS) {
            // What cannot be read was not written by a proxy of ours: the last one that was stays.
            let Some(address) = self.read(hop) else { break };
            client = address;
            if !self.trusts(client) {
                break;
            }
        }
        client
    }

    fn read(&self, hop: &str) -> Option<IpAddr> {
        let text = match self.header {
            ForwardedHeader::XForwardedFor => hop.trim(),
            ForwardedHeader::Forwarded => hop.split(';').find_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                name.trim().eq_ignore_ascii_case("for").then_some(value.trim())
            })?,
        };
        let text = text.trim_matches('"');
        let bare = text.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(text);
        let address = bare.parse::<IpAddr>().ok();
        let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|it| it.ip()));
        address.map(|it| it.to_canonical())
    }
}

/// One address of the old kind, or the /64 network in which a household has its addresses of the new kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Network(IpAddr);

impl Network {
    /// The network of an address.
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(header: ForwardedHeader) -> TrustedProxies {
        TrustedProxies::parse("10.0.0.0/8, 192.0.2.7,2001:db8:1::/48", header).expect("a list")
    }

    fn client(proxies: &TrustedProxies, peer: &str, lines: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(proxies.header.name(), line.parse().expect("a header"));
        }
        proxies.client(peer.parse().expect("an address"), &headers).to_string()
    }

    #[test]
    fn nobody_chooses_their_own_address() {
        let nobody = TrustedProxies::default();
        assert_eq!(client(&nobody, "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        let ours = proxies(ForwardedHeader::XForwardedFor);
        for (peer, lines, expected) in [
            // No proxy between: the header is the client's own word.
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            // One proxy: what it added is the last entry, whatever stood before.
            ("10.1.2.3", &["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            ("10.1.2.3", &["10.9.9.9, 203.0.113.9"], "203.0.113.9"),
            // Two proxies.
            ("10.1.2.3", &["198.51.100.1, 203.0.113.9, 192.0.2.7"], "203.0.113.9"),
            ("10.1.2.3", &["198.51.100.1", "203.0.113.9", "192.0.2.7"], "203.0.113.9"),
            // What cannot be read ends the chain at our own proxy.
            ("10.1.2.3", &["203.0.113.9, nonsense"], "10.1.2.3"),
            ("10.1.2.3", &["203.0.113.9, nonsense, 192.0.2.7"], "192.0.2.7"),
            ("10.1.2.3", &[], "10.1.2.3"),
            ("10.1.2.3", &[""], "10.1.2.3"),
            ("::ffff:10.1.2.3", &["203.0.113.9:4711"], "203.0.113.9"),
            ("2001:db8:1::7", &["[2001:db8:2::1]:80"], "2001:db8:2::1"),
        ] {
            assert_eq!(client(&ours, peer, lines), expected, "{peer} {lines:?}");
        }
        let long = vec!["10.0.0.1"; 200].join(",");
        assert_eq!(client(&ours, "10.1.2.3", &[&format!("203.0.113.9,{long}")]), "10.0.0.1");
    }

    #[test]
    fn the_other_header_is_read_only_where_the_settings_say_so() {
        let ours = proxies(ForwardedHeader::Forwarded);
        let line = "for=198.51.100.1, for=\"[2001:db8:2::1]:80\";proto=https;by=10.1.1.1";
        assert_eq!(client(&ours, "10.1.2.3", &[line]), "2001:db8:2::1");
        assert_eq!(client(&ours, "10.1.2.3", &["for=203.0.113.9, For=unknown"]), "10.1.2.3");
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-for", "203.0.113.9".parse().expect("a header"));
        let peer = "10.1.2.3".parse().expect("an address");
        assert_eq!(ours.client(peer, &headers), peer);
    }

    #[test]
    fn a_household_is_one_network() {
        let of = |text: &str| Network::of(text.parse().expect("an address"));
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("203.0.113.9"), of("203.0.113.8"));
        assert_eq!(of("::ffff:203.0.113.9"), of("203.0.113.9"));
        assert!(TrustedProxies::parse("10.0.0.0/8, x", ForwardedHeader::default()).is_none());
        assert_eq!(
            TrustedProxies::parse(" ", ForwardedHeader::default()),
            Some(TrustedProxies::default())
        );
    }
}
