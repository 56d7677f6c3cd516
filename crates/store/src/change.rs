//! News of commits: what changed in which tenant, so that caches drop exactly that.
//!
//! A commit sends its touches with `NOTIFY` in the same transaction; every server process hears them on one
//! listener. The payload carries ids only, since a channel has no access control. The process that commits
//! also tells itself at once, so that a person reads their own write.

use ekinerja_domain::event::Touch;
use ekinerja_domain::ids::{IndicatorId, TenantId};
use ekinerja_domain::period::Period;
use tokio::sync::broadcast;
use uuid::Uuid;

/// The channel of `NOTIFY`.
pub const CHANNEL: &str = "ekinerja_changes";

/// What one commit changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// In which tenant.
    pub tenant: TenantId,
    /// What it touched.
    pub touches: Vec<Touch>,
}

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// A commit changed something.
    Changed(Change),
    /// The connection was lost for a while: anything may have changed.
    Gap,
}

/// Everyone in this process who wants the news.
#[derive(Debug, Clone)]
pub struct Changes(broadcast::Sender<News>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::channel(1024).0)
    }
}

impl Changes {
    /// Hears all news from now on. A slow hearer that lags must treat it like [`News::Gap`].
    pub fn subscribe(&self) -> broadcast::Receiver<News> {
        self.0.subscribe()
    }

    /// Tells everyone in this process; nobody listening is fine.
    pub(crate) fn tell(&self, news: News) {
        drop(self.0.send(news));
    }
}

impl Change {
    /// The payload of `NOTIFY`: tenant, then one word per touch, separated by spaces. Below 8000 bytes:
    /// a commit that touches too much says `all`.
    pub(crate) fn payload(&self) -> String {
        let mut words = vec![self.tenant.uuid().to_string()];
        words.extend(self.touches.iter().map(|touch| match touch {
            Touch::Period(period) => format!("p:{period}"),
            Touch::Indicator(indicator) => format!("i:{}", indicator.uuid()),
            Touch::Plan => "plan".to_owned(),
            Touch::Organisation => "organisation".to_owned(),
            Touch::Audience(tenant, period) => format!("a:{}:{period}", tenant.uuid()),
        }));
        words.join(" ")
    }

    /// Reads a payload; none when it is not ours.
    pub(crate) fn from_payload(payload: &str) -> Option<Self> {
        let mut words = payload.split(' ');
        let tenant = TenantId::from(words.next()?.parse::<Uuid>().ok()?);
        let touches = words.map(touch).collect::<Option<Vec<_>>>()?;
        Some(Self { tenant, touches })
    }
}

fn touch(word: &str) -> Option<Touch> {
    match word.split_once(':') {
        None if word == "plan" => Some(Touch::Plan),
        None if word == "organisation" => Some(Touch::Organisation),
        Some(("p", period)) => period.parse().ok().map(Touch::Period),
        Some(("i", id)) => Some(Touch::Indicator(IndicatorId::from(id.parse::<Uuid>().ok()?))),
        Some(("a", rest)) => {
            let (tenant, period) = rest.split_once(':')?;
            let tenant = TenantId::from(tenant.parse::<Uuid>().ok()?);
            period.parse::<Period>().ok().map(|period| Touch::Audience(tenant, period))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_reads_back() {
        let tenant = TenantId::from(Uuid::from_u128(7));
        let period: Period = "2023-Q2".parse().expect("a quarter");
        let change = Change {
            tenant,
            touches: vec![
                Touch::Period(period),
                Touch::Indicator(IndicatorId::from(Uuid::from_u128(9))),
                Touch::Plan,
                Touch::Organisation,
                Touch::Audience(tenant, period),
            ],
        };
        assert_eq!(Change::from_payload(&change.payload()), Some(change));
        assert_eq!(Change::from_payload("nonsense"), None);
    }
}
