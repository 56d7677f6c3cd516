//! Checked arithmetic of the formulas: no division by zero, no overflow, one division last.

use rust_decimal::Decimal;

use crate::scoring::Reason;
use crate::scoring::rule_set::points_rise;

const HUNDRED: Decimal = Decimal::ONE_HUNDRED;

/// A number of a formula, or why there is none.
pub(super) type Measured = Result<Decimal, Reason>;

pub(super) fn minus(left: Decimal, right: Decimal) -> Measured {
    left.checked_sub(right).ok_or(Reason::OutOfRange)
}

/// `part / whole x 100`; the one division comes last, so that exact percentages stay exact.
pub(super) fn percent(part: Decimal, whole: Decimal) -> Measured {
    part.checked_mul(HUNDRED).and_then(|it| it.checked_div(whole)).ok_or(Reason::OutOfRange)
}

/// `(2 - actual / target) x 100`, as `(2 target - actual) / target x 100`.
pub(super) fn two_minus(actual: Decimal, target: Decimal) -> Measured {
    let twice = target.checked_mul(Decimal::TWO).ok_or(Reason::OutOfRange)?;
    percent(minus(twice, actual)?, target)
}

pub(super) fn positive(bound: Decimal) -> Measured {
    if bound > Decimal::ZERO { Ok(bound) } else { Err(Reason::RangeBoundNotPositive) }
}

/// Straight lines between the points; the first and the last score hold outside.
pub(super) fn interpolate(points: &[(Decimal, Decimal)], at: Decimal) -> Measured {
    if !points_rise(points) {
        return Err(Reason::BadScalePoints);
    }
    let (mut before, mut score_before) = points[0];
    if at <= before {
        return Ok(score_before);
    }
    for &(point, score) in &points[1..] {
        if at <= point {
            let rise = minus(score, score_before)?;
            let share = minus(at, before)?.checked_mul(rise).ok_or(Reason::OutOfRange)?;
            return share
                .checked_div(minus(point, before)?)
                .and_then(|it| it.checked_add(score_before))
                .ok_or(Reason::OutOfRange);
        }
        (before, score_before) = (point, score);
    }
    Ok(score_before)
}
