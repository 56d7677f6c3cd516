//! How figures, money, dates, periods and ages are written in each language.
//!
//! Only for people's eyes: exchange formats (JSON, CSV) write plain decimals and ISO dates.
//! Rounding here is half away from zero and for display alone; scores arrive rounded.

use crate::locale::{Locale, tr};
use chrono::{DateTime, Datelike, Duration, NaiveDate, Timelike, Utc};
use rust_decimal::{Decimal, RoundingStrategy};

/// Between number and unit where a line must not break.
pub const NO_BREAK: char = '\u{a0}';

/// `1.234,56` or `1,234.56`, with exactly `decimals` places.
pub fn number(locale: Locale, value: Decimal, decimals: u32) -> String {
    let rounded = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    let plain = format!("{:.*}", decimals as usize, rounded.abs());
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() { "-" } else { "" };
    format!("{sign}{}", grouped(locale, &plain))
}

/// As many places as the value has, without zeros at the end: `72,4`, `1.500`.
pub fn number_as_is(locale: Locale, value: Decimal) -> String {
    let short = value.normalize();
    number(locale, short, short.scale())
}

/// A whole number with its thousands: `1.234`.
pub fn count(locale: Locale, value: u64) -> String {
    grouped(locale, &value.to_string())
}

/// With its sign, for changes: `+1,4`, `-0,2`, `0,0`.
pub fn signed(locale: Locale, value: Decimal, decimals: u32) -> String {
    let text = number(locale, value, decimals);
    let rounded = value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
    if rounded > Decimal::ZERO { format!("+{text}") } else { text }
}

/// `91,4%`; the value is already in per cent.
pub fn percent(locale: Locale, value: Decimal, decimals: u32) -> String {
    format!("{}%", number(locale, value, decimals))
}

/// The full amount: `Rp 1.234.567.890`, with sen only where there are some.
pub fn rupiah(locale: Locale, value: Decimal) -> String {
    let decimals = if value.fract().is_zero() { 0 } else { 2 };
    let sign = if value.is_sign_negative() && !value.is_zero() { "-" } else { "" };
    format!("{sign}Rp{NO_BREAK}{}", number(locale, value.abs(), decimals))
}

/// Short, for cards and charts: `Rp 1,2 miliar`. Show [`rupiah`] on hover and in print.
pub fn rupiah_short(locale: Locale, value: Decimal) -> String {
    let steps = [
        (Decimal::from(1_000_000_000_000_i64), tr!(locale, "format.trillion")),
        (Decimal::from(1_000_000_000_i64), tr!(locale, "format.billion")),
        (Decimal::from(1_000_000_i64), tr!(locale, "format.million")),
    ];
    let amount = value.abs();
    let sign = if value.is_sign_negative() && !value.is_zero() { "-" } else { "" };
    // One place of the unit decides, so that 999.960.000 is "1,0 miliar" and not "1.000,0 juta".
    for (unit, word) in steps {
        let scaled =
            (amount / unit).round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
        if scaled >= Decimal::ONE {
            let text = number_as_is(locale, scaled);
            return format!("{sign}Rp{NO_BREAK}{text}{NO_BREAK}{word}");
        }
    }
    rupiah(locale, value)
}

fn grouped(locale: Locale, plain: &str) -> String {
    let (thousands, point) = match locale {
        Locale::Id => ('.', ','),
        Locale::En => (',', '.'),
    };
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
    let mut out = String::with_capacity(plain.len() + whole.len() / 3 + 1);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(thousands);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(point);
        out.push_str(fraction);
    }
    out
}

/// `15 Maret 2023`, `15 March 2023`.
pub fn date(locale: Locale, date: NaiveDate) -> String {
    format!("{} {} {}", date.day(), month(locale, date.month()), date.year())
}

/// `15 Mar 2023`, for tables.
pub fn date_short(locale: Locale, date: NaiveDate) -> String {
    let month: String = month(locale, date.month()).chars().take(3).collect();
    format!("{} {month} {}", date.day(), date.year())
}

/// `15 Maret 2023 09.15 WITA`.
pub fn date_time(locale: Locale, at: DateTime<Utc>, zone: Zone) -> String {
    let local = at.naive_utc() + Duration::hours(zone.hours());
    let colon = if locale == Locale::Id { '.' } else { ':' };
    format!(
        "{} {:02}{colon}{:02} {}",
        date(locale, local.date()),
        local.hour(),
        local.minute(),
        zone.label()
    )
}

/// The day it is in a zone at that moment.
pub fn day_in(at: DateTime<Utc>, zone: Zone) -> NaiveDate {
    (at.naive_utc() + Duration::hours(zone.hours())).date()
}

/// The time zones of Indonesia (Keppres 41/1987); none has summer time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// Western: UTC+7.
    Wib,
    /// Central, to which NTB belongs: UTC+8.
    #[default]
    Wita,
    /// Eastern: UTC+9.
    Wit,
}

impl Zone {
    /// As written behind a time.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Wib => "WIB",
            Self::Wita => "WITA",
            Self::Wit => "WIT",
        }
    }

    const fn hours(self) -> i64 {
        match self {
            Self::Wib => 7,
            Self::Wita => 8,
            Self::Wit => 9,
        }
    }
}

/// A period as the pages name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PeriodName {
    /// A calendar year.
    Year(i32),
    /// Year and half, 1 or 2.
    Semester(i32, u32),
    /// Year and quarter, 1 to 4.
    Quarter(i32, u32),
    /// Year and month, 1 to 12.
    Month(i32, u32),
}

/// `2023`, `Semester II 2025`, `Triwulan III 2026`, `Maret 2026`.
pub fn period(locale: Locale, period: PeriodName) -> String {
    match period {
        PeriodName::Year(year) => year.to_string(),
        PeriodName::Semester(year, n) => {
            format!("{} {} {year}", tr!(locale, "format.semester"), roman(n))
        }
        PeriodName::Quarter(year, n) => {
            format!("{} {} {year}", tr!(locale, "format.quarter"), roman(n))
        }
        PeriodName::Month(year, n) => format!("{} {year}", month(locale, n)),
    }
}

/// `TW III 2026` where there is little room; otherwise as [`period`].
pub fn period_short(locale: Locale, name: PeriodName) -> String {
    match name {
        PeriodName::Quarter(year, n) => {
            format!("{} {} {year}", tr!(locale, "format.quarter_short"), roman(n))
        }
        other => period(locale, other),
    }
}

const fn roman(n: u32) -> &'static str {
    match n {
        1 => "I",
        2 => "II",
        3 => "III",
        _ => "IV",
    }
}

fn month(locale: Locale, month: u32) -> &'static str {
    const ID: [&str; 12] = [
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ];
    const EN: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let names = if locale == Locale::Id { &ID } else { &EN };
    let at = month.saturating_sub(1).min(11);
    names[at as usize]
}

/// How old something is: `hari ini`, `41 hari`, `5 bulan`, `3 tahun`. Days of the future count as today.
pub fn age(locale: Locale, days: i64) -> String {
    match days {
        ..=0 => tr!(locale, "format.today").into_owned(),
        1 => tr!(locale, "format.one_day").into_owned(),
        2..=99 => tr!(locale, "format.days", count = days).into_owned(),
        100..=729 => tr!(locale, "format.months", count = days / 30).into_owned(),
        _ => tr!(locale, "format.years", count = days / 365).into_owned(),
    }
}

/// [`age`] of something that is as of `date`, on the day `today`.
pub fn age_on(locale: Locale, date: NaiveDate, today: NaiveDate) -> String {
    age(locale, (today - date).num_days())
}

/// The size of a file: `840 byte`, `12,5 KB`, `3,1 MB`.
pub fn file_size(locale: Locale, bytes: u64) -> String {
    let value = Decimal::from(bytes);
    let (kilo, mega) = (Decimal::from(1_000), Decimal::from(1_000_000));
    if value < kilo {
        format!("{bytes}{NO_BREAK}byte")
    } else if value < mega {
        format!("{}{NO_BREAK}KB", number(locale, value / kilo, 1))
    } else {
        format!("{}{NO_BREAK}MB", number(locale, value / mega, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn numbers_have_the_languages_signs() {
        let check = |value, decimals, id: &str, en: &str| {
            assert_eq!(number(Locale::Id, dec(value), decimals), id);
            assert_eq!(number(Locale::En, dec(value), decimals), en);
        };
        check("1234.56", 2, "1.234,56", "1,234.56");
        check("72.37", 2, "72,37", "72.37");
        check("72.3", 2, "72,30", "72.30");
        check("1234567", 0, "1.234.567", "1,234,567");
        check("123", 0, "123", "123");
        check("-1000", 0, "-1.000", "-1,000");
        check("0", 2, "0,00", "0.00");
    }

    #[test]
    fn display_rounds_half_away_from_zero_and_has_no_negative_zero() {
        assert_eq!(number(Locale::Id, dec("2.345"), 2), "2,35");
        assert_eq!(number(Locale::Id, dec("-2.345"), 2), "-2,35");
        assert_eq!(number(Locale::Id, dec("-0.004"), 2), "0,00");
        assert_eq!(number(Locale::Id, dec("999.995"), 2), "1.000,00");
    }

    #[test]
    fn changes_show_their_sign() {
        assert_eq!(signed(Locale::Id, dec("1.44"), 1), "+1,4");
        assert_eq!(signed(Locale::Id, dec("-0.2"), 1), "-0,2");
        assert_eq!(signed(Locale::Id, dec("0.04"), 1), "0,0");
        assert_eq!(number_as_is(Locale::En, dec("72.4000")), "72.4");
        assert_eq!(number_as_is(Locale::Id, dec("1500")), "1.500");
        assert_eq!(percent(Locale::Id, dec("91.36"), 1), "91,4%");
        assert_eq!(count(Locale::Id, 709_010), "709.010");
    }

    #[test]
    fn rupiah_is_full_or_short_and_carries_to_the_next_word() {
        let short = |value: &str| rupiah_short(Locale::Id, dec(value));
        assert_eq!(rupiah(Locale::Id, dec("1234567890")), "Rp\u{a0}1.234.567.890");
        assert_eq!(rupiah(Locale::Id, dec("1500.5")), "Rp\u{a0}1.500,50");
        assert_eq!(rupiah(Locale::Id, dec("-1500")), "-Rp\u{a0}1.500");
        assert_eq!(short("1234567890"), "Rp\u{a0}1,2\u{a0}miliar");
        assert_eq!(short("999960000"), "Rp\u{a0}1\u{a0}miliar");
        assert_eq!(short("5800000000000"), "Rp\u{a0}5,8\u{a0}triliun");
        assert_eq!(short("12000000"), "Rp\u{a0}12\u{a0}juta");
        assert_eq!(short("-12000000"), "-Rp\u{a0}12\u{a0}juta");
        assert_eq!(short("12000"), "Rp\u{a0}12.000");
        assert_eq!(rupiah_short(Locale::En, dec("1234567890")), "Rp\u{a0}1.2\u{a0}billion");
    }

    #[test]
    fn dates_and_times_are_written_as_people_write_them() {
        let day = NaiveDate::from_ymd_opt(2023, 3, 15).expect("a date");
        assert_eq!(date(Locale::Id, day), "15 Maret 2023");
        assert_eq!(date(Locale::En, day), "15 March 2023");
        assert_eq!(date_short(Locale::Id, day), "15 Mar 2023");
        let late = day.and_hms_opt(17, 30, 0).expect("a time").and_utc();
        assert_eq!(date_time(Locale::Id, late, Zone::Wita), "16 Maret 2023 01.30 WITA");
        assert_eq!(date_time(Locale::En, late, Zone::Wib), "16 March 2023 00:30 WIB");
        assert_eq!(day_in(late, Zone::Wit), day.succ_opt().expect("a date"));
    }

    #[test]
    fn periods_have_names() {
        let name = |it| period(Locale::Id, it);
        assert_eq!(name(PeriodName::Year(2023)), "2023");
        assert_eq!(name(PeriodName::Quarter(2026, 3)), "Triwulan III 2026");
        assert_eq!(name(PeriodName::Semester(2025, 2)), "Semester II 2025");
        assert_eq!(name(PeriodName::Month(2026, 12)), "Desember 2026");
        assert_eq!(period(Locale::En, PeriodName::Quarter(2026, 4)), "Quarter IV 2026");
        assert_eq!(period_short(Locale::Id, PeriodName::Quarter(2026, 1)), "TW I 2026");
        assert_eq!(period_short(Locale::Id, PeriodName::Year(2026)), "2026");
    }

    #[test]
    fn ages_grow_from_days_to_years() {
        let check = |days, id: &str| assert_eq!(age(Locale::Id, days), id);
        check(-3, "hari ini");
        check(0, "hari ini");
        check(1, "1 hari");
        check(41, "41 hari");
        check(100, "3 bulan");
        check(729, "24 bulan");
        check(730, "2 tahun");
        assert_eq!(age(Locale::En, 1), "1 day");
        assert_eq!(age(Locale::En, 41), "41 days");
        let day = |d| NaiveDate::from_ymd_opt(2026, 1, d).expect("a date");
        assert_eq!(age_on(Locale::Id, day(1), day(21)), "20 hari");
    }

    #[test]
    fn file_sizes_are_short() {
        assert_eq!(file_size(Locale::Id, 840), "840\u{a0}byte");
        assert_eq!(file_size(Locale::Id, 12_480), "12,5\u{a0}KB");
        assert_eq!(file_size(Locale::En, 3_100_000), "3.1\u{a0}MB");
    }
}
