//! `?period=2023`: which period a page or an answer is about.

use ekinerja_app::{Code, Violation};
use ekinerja_domain::period::Period;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::Problem;

/// The period of a query; extract it with `Query<PeriodAsked>`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PeriodAsked {
    /// `2023` or `2023-Q3`; without it the period that is usually wanted.
    #[serde(default)]
    #[param(example = "2023")]
    pub period: Option<String>,
}

impl PeriodAsked {
    /// The period, none when the query names none.
    ///
    /// # Errors
    /// The text is no period.
    pub fn read(&self) -> Result<Option<Period>, Problem> {
        let Some(text) = self.period.as_deref().map(str::trim).filter(|it| !it.is_empty()) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            let typed: String = text.chars().take(40).collect();
            let violation = Violation::new("period", Code::PeriodInvalid).with("typed", typed);
            Problem::invalid(vec![violation])
        })
    }
}
