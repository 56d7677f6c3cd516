//! Periods: a year or a quarter of it, and the state in which a tenant holds each.
//!
//! Fiscal year = calendar year (domain.md 8.6).

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc};

/// A reporting period: a whole year or one quarter.
///
/// Written `2023` or `2023-Q3`. Years 2000 to 2100 are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i16,
    quarter: u8,
}

/// A text that is no period.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a period is written 2023 for a year or 2023-Q3 for a quarter")]
pub struct InvalidPeriod;

impl Period {
    /// The whole year.
    ///
    /// # Errors
    /// The year is outside 2000 to 2100.
    pub fn year(year: i32) -> Result<Self, InvalidPeriod> {
        Self::new(year, 0)
    }

    /// Quarter 1 to 4 of a year.
    ///
    /// # Errors
    /// The year is outside 2000 to 2100 or the quarter is outside 1 to 4.
    pub fn quarter(year: i32, quarter: u8) -> Result<Self, InvalidPeriod> {
        if quarter == 0 { Err(InvalidPeriod) } else { Self::new(year, quarter) }
    }

    fn new(year: i32, quarter: u8) -> Result<Self, InvalidPeriod> {
        let year = i16::try_from(year).map_err(|_| InvalidPeriod)?;
        if !(2000..=2100).contains(&year) || quarter > 4 {
            return Err(InvalidPeriod);
        }
        Ok(Self { year, quarter })
    }

    /// The calendar year.
    pub fn calendar_year(self) -> i32 {
        i32::from(self.year)
    }

    /// The quarter, 1 to 4; none for a whole year.
    pub fn quarter_number(self) -> Option<u8> {
        (self.quarter > 0).then_some(self.quarter)
    }

    /// Whether this is a whole year.
    pub fn is_year(self) -> bool {
        self.quarter == 0
    }

    /// The same period of the year before; none before the year 2000.
    pub fn year_before(self) -> Option<Self> {
        Self::new(self.calendar_year() - 1, self.quarter).ok()
    }

    /// The next period of the same kind: the year or the quarter after; none after the year 2100.
    pub fn following(self) -> Option<Self> {
        match self.quarter {
            0 => Self::new(self.calendar_year() + 1, 0).ok(),
            4 => Self::new(self.calendar_year() + 1, 1).ok(),
            quarter => Self::new(self.calendar_year(), quarter + 1).ok(),
        }
    }

    /// The period of the same kind before: the year or the quarter; none before the year 2000.
    pub fn preceding(self) -> Option<Self> {
        match self.quarter {
            0 => self.year_before(),
            1 => Self::new(self.calendar_year() - 1, 4).ok(),
            quarter => Self::new(self.calendar_year(), quarter - 1).ok(),
        }
    }

    /// Last day of the period.
    pub fn last_day(self) -> NaiveDate {
        let (month, day) = match self.quarter {
            1 => (3, 31),
            2 => (6, 30),
            3 => (9, 30),
            _ => (12, 31),
        };
        NaiveDate::from_ymd_opt(self.calendar_year(), month, day).unwrap_or_default()
    }

    /// Last day on which a value is due: `window` days after the period's end.
    pub fn due_day(self, window: EntryWindow) -> NaiveDate {
        self.last_day().checked_add_days(Days::new(u64::from(window.0))).unwrap_or(NaiveDate::MAX)
    }

    /// Whether values of the period are due on `today`, that is: the due day has passed.
    pub fn is_due(self, today: NaiveDate, window: EntryWindow) -> bool {
        today > self.due_day(window)
    }

    /// The four quarters of its year.
    pub fn quarters(self) -> [Self; 4] {
        [1, 2, 3, 4].map(|quarter| Self { year: self.year, quarter })
    }

    /// Its year as a whole.
    #[must_use]
    pub fn whole_year(self) -> Self {
        Self { year: self.year, quarter: 0 }
    }

    /// The periods whose figures a value of this period enters: itself, and of a quarter also the later
    /// quarters and the year, since figures are cumulative within a year (domain rule 2.4).
    pub fn fed(self) -> Vec<Self> {
        if self.is_year() {
            return vec![self];
        }
        let later = self.quarters().into_iter().filter(|it| it.quarter >= self.quarter);
        std::iter::once(self.whole_year()).chain(later).collect()
    }

    /// The year in which `day` lies.
    pub fn year_of(day: NaiveDate) -> Option<Self> {
        Self::year(day.year()).ok()
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quarter {
            0 => write!(f, "{}", self.year),
            quarter => write!(f, "{}-Q{quarter}", self.year),
        }
    }
}

impl FromStr for Period {
    type Err = InvalidPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let (year, quarter) = match text.split_once("-Q") {
            None => (text, "0"),
            Some((_, "0")) => return Err(InvalidPeriod),
            Some(parts) => parts,
        };
        if !digits(year, 4) || !digits(quarter, 1) {
            return Err(InvalidPeriod);
        }
        let year = year.parse().map_err(|_| InvalidPeriod)?;
        let quarter = quarter.parse().map_err(|_| InvalidPeriod)?;
        Self::new(year, quarter)
    }
}

/// Days after the end of a period in which values may still be entered on time.
///
/// PermenPANRB 53/2014 asks for quarterly and yearly measurement and names no day;
/// 15 days for a quarter is the suggested tenant setting (domain.md 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryWindow(pub u16);

impl Default for EntryWindow {
    fn default() -> Self {
        Self(15)
    }
}

/// Life of a period in a tenant: open, closing (late entries need a reason), closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodState {
    /// Values may be recorded.
    Open,
    /// Values may still be recorded, each with a reason for being late.
    Closing,
    /// Values are locked; only a reopening with reason and expiry lets a correction in.
    Closed,
}

impl PeriodState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Closing, Self::Closed];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closing => "closing",
            Self::Closed => "closed",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }
}

/// A period as a tenant holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantPeriod {
    /// Which period.
    pub period: Period,
    /// Its state as last set.
    pub state: PeriodState,
    /// Until when a closed period is open again.
    pub reopened_until: Option<DateTime<Utc>>,
    /// Why it was reopened.
    pub reopening_reason: Option<String>,
    /// Counts changes, for `If-Match`.
    pub revision: i32,
}

/// Why a step in the life of a period is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeriodError {
    /// The step does not follow from the state: a closed period is only ever reopened.
    #[error("the state does not allow this step")]
    StepImpossible,
    /// A reopening needs a reason.
    #[error("a reopening needs a reason")]
    ReasonMissing,
    /// A reopening ends later than now and within [`LONGEST_REOPENING`].
    #[error("a reopening ends in the future, at most 92 days from now")]
    ExpiryOutOfRange,
}

/// The longest reopening: a quarter of a year. A longer one would be an open period by another name.
pub const LONGEST_REOPENING: TimeDelta = TimeDelta::days(92);

/// A reopening that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reopening {
    until: DateTime<Utc>,
    reason: String,
}

impl Reopening {
    /// Until when.
    pub fn until(&self) -> DateTime<Utc> {
        self.until
    }

    /// Why.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// How a value may enter a period now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryRule {
    /// Freely.
    Free,
    /// With a reason for being late or for the correction.
    WithReason,
    /// Not at all.
    Refused,
}

impl TenantPeriod {
    /// How a value may enter at the moment `now`.
    ///
    /// A reopening ends by itself at its expiry; nobody has to close the period again.
    pub fn entry_rule(&self, now: DateTime<Utc>) -> EntryRule {
        match self.state {
            PeriodState::Open => EntryRule::Free,
            PeriodState::Closing => EntryRule::WithReason,
            PeriodState::Closed => match self.reopened_until {
                Some(until) if now < until => EntryRule::WithReason,
                _ => EntryRule::Refused,
            },
        }
    }

    /// Whether the period may become `next`.
    ///
    /// # Errors
    /// [`PeriodError::StepImpossible`]: from open to closing and closed, from closing to both others; a closed
    /// period may only be closed again while it is reopened, which ends the reopening early.
    pub fn may_become(&self, next: PeriodState, now: DateTime<Utc>) -> Result<(), PeriodError> {
        use PeriodState::{Closed, Closing, Open};
        let allowed = match (self.state, next) {
            (Open, Closing | Closed) | (Closing, Open | Closed) => true,
            (Closed, Closed) => !self.is_locked(now),
            _ => false,
        };
        if allowed { Ok(()) } else { Err(PeriodError::StepImpossible) }
    }

    /// Checks a reopening.
    ///
    /// # Errors
    /// The period is not closed, the reason is blank, or the end is not within [`LONGEST_REOPENING`] from now.
    pub fn reopening(
        &self,
        reason: &str,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Reopening, PeriodError> {
        let reason = reason.trim().to_owned();
        if self.state != PeriodState::Closed {
            return Err(PeriodError::StepImpossible);
        }
        if reason.is_empty() {
            return Err(PeriodError::ReasonMissing);
        }
        if until <= now || until > now + LONGEST_REOPENING {
            return Err(PeriodError::ExpiryOutOfRange);
        }
        Ok(Reopening { until, reason })
    }

    /// Whether figures of this period are final at the moment `now`.
    pub fn is_locked(&self, now: DateTime<Utc>) -> bool {
        self.entry_rule(now) == EntryRule::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_form_reads_back() {
        for text in ["2023", "2023-Q1", "2023-Q4"] {
            assert_eq!(text.parse::<Period>().expect(text).to_string(), text);
        }
        for bad in ["", "23", "2023-Q5", "2023-Q0", "2023Q1", "1999", "2101", "+2023", "2023-Q01"] {
            assert!(bad.parse::<Period>().is_err(), "{bad}");
        }
    }

    #[test]
    fn periods_follow_each_other() {
        let next = |text: &str| {
            let period: Period = text.parse().expect(text);
            period.following().map(|it| it.to_string())
        };
        assert_eq!(next("2023").as_deref(), Some("2024"));
        assert_eq!(next("2023-Q1").as_deref(), Some("2023-Q2"));
        assert_eq!(next("2023-Q4").as_deref(), Some("2024-Q1"));
        assert_eq!(next("2100"), None);
        assert_eq!(next("2100-Q4"), None);
        for text in ["2001", "2023-Q1", "2023-Q4"] {
            let period: Period = text.parse().expect(text);
            assert_eq!(period.preceding().and_then(Period::following), Some(period));
        }
        assert_eq!("2000-Q1".parse().ok().and_then(Period::preceding), None);
    }

    #[test]
    fn due_the_day_after_the_window() {
        let period: Period = "2023-Q1".parse().expect("a quarter");
        let day = |d| NaiveDate::from_ymd_opt(2023, 4, d).expect("a day of April");
        assert!(!period.is_due(day(15), EntryWindow(15)));
        assert!(period.is_due(day(16), EntryWindow(15)));
    }

    #[test]
    fn reopening_expires_by_itself() {
        let at = |s: &str| s.parse::<DateTime<Utc>>().expect("a moment");
        let period = TenantPeriod {
            period: "2023".parse().expect("a year"),
            state: PeriodState::Closed,
            reopened_until: Some(at("2024-05-01T00:00:00Z")),
            reopening_reason: Some("salah ketik".into()),
            revision: 1,
        };
        assert_eq!(period.entry_rule(at("2024-04-30T23:59:59Z")), EntryRule::WithReason);
        assert_eq!(period.entry_rule(at("2024-05-01T00:00:00Z")), EntryRule::Refused);
    }

    #[test]
    fn a_closed_period_is_only_reopened_with_reason_and_end() {
        let at = |s: &str| s.parse::<DateTime<Utc>>().expect("a moment");
        let now = at("2024-05-01T00:00:00Z");
        let of = |state| TenantPeriod {
            period: "2023".parse().expect("a year"),
            state,
            reopened_until: None,
            reopening_reason: None,
            revision: 1,
        };
        let closed = of(PeriodState::Closed);
        for next in PeriodState::ALL {
            assert_eq!(closed.may_become(next, now), Err(PeriodError::StepImpossible));
        }
        let until = at("2024-05-08T00:00:00Z");
        assert_eq!(closed.reopening("  ", until, now), Err(PeriodError::ReasonMissing));
        for far in [now, at("2024-04-30T00:00:00Z"), at("2024-08-02T00:00:00Z")] {
            assert_eq!(
                closed.reopening("x", far, now),
                Err(PeriodError::ExpiryOutOfRange),
                "{far}"
            );
        }
        assert!(closed.reopening("salah ketik", until, now).is_ok());
        let open = of(PeriodState::Open);
        assert_eq!(open.reopening("x", until, now), Err(PeriodError::StepImpossible));
        let reopened = TenantPeriod { reopened_until: Some(until), ..closed };
        assert!(reopened.may_become(PeriodState::Closed, now).is_ok(), "ended early");
    }
}
