//! A form that is shown again after an error: what was typed is kept, each error stands at its field.

use axum::http::StatusCode;
use ekinerja_app::{Refusal, Violation};
use maud::Markup;

use crate::components::forms::{Field, FieldError, error_summary};
use crate::extract::Fields;
use crate::locale::Locale;
use crate::problem::{Problem, words_of};

/// What was typed and what is wrong with it.
///
/// ```text
/// match app.record_measurement(page.scope(), ask).await {
///     Ok(it) => Ok(page.redirect(&links::..., &Flash::success("flash.measurement_recorded"))),
///     Err(refusal) => show(&page, FormState::refused(fields, refusal)?),   // other refusals: a problem
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct FormState {
    fields: Fields,
    violations: Vec<Violation>,
    refused: bool,
}

impl FormState {
    /// A form shown for the first time, with these values.
    pub fn with(fields: Fields) -> Self {
        Self { fields, ..Self::default() }
    }

    /// A form whose values were refused.
    ///
    /// # Errors
    /// A refusal that is not about what was typed (not found, forbidden, stale, busy, internal) passes on.
    pub fn refused(fields: Fields, refusal: Refusal) -> Result<Self, Problem> {
        let violations = match refusal {
            Refusal::Invalid(violations) => violations,
            Refusal::Rule(violation) | Refusal::Conflict(violation) => vec![violation],
            other => return Err(other.into()),
        };
        Ok(Self { fields, violations, refused: true })
    }

    /// 200 at first, 422 when shown again.
    pub fn status(&self) -> StatusCode {
        if self.refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
    }

    /// Whether it is shown again after an error.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// What was typed.
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// What was typed into a field, or its first value.
    pub fn value(&self, name: &str) -> &str {
        self.fields.text(name)
    }

    /// What is wrong with a field.
    pub fn error(&self, locale: Locale, name: &str) -> Option<FieldError> {
        let violation = self.violations.iter().find(|it| it.field == name)?;
        Some(words_of(locale, violation).into())
    }

    /// The field with its value and its error.
    pub fn fill(&self, locale: Locale, field: Field) -> Field {
        let name = field.name().to_owned();
        let field = if self.fields.ticked(&name) { field.value(self.value(&name)) } else { field };
        field.error(self.error(locale, &name))
    }

    /// The list of errors for the top of the form; nothing when there are none.
    pub fn summary(&self, locale: Locale) -> Markup {
        let errors: Vec<_> = self
            .violations
            .iter()
            .map(|it| (it.field.clone(), FieldError::from(words_of(locale, it))))
            .collect();
        error_summary(locale, &errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::forms::field;
    use ekinerja_app::Code;

    #[test]
    fn refused_form_keeps_what_was_typed_and_names_the_remedy() {
        let typed = Fields::of([("value", "1,234.56"), ("note", "<b>")]);
        let refusal = Refusal::invalid("value", Code::NumberForeignFormat);
        let form = FormState::refused(typed, refusal).expect("about what was typed");
        let drawn = field(Locale::Id, &form.fill(Locale::Id, Field::number("value", "Nilai")));
        let drawn = drawn.into_string();
        assert!(drawn.contains(r#"value="1,234.56""#) && drawn.contains("aria-invalid"), "{drawn}");
        assert!(form.summary(Locale::Id).into_string().contains("#f-value"));
        assert_eq!(form.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(form.error(Locale::Id, "note"), None);
    }

    #[test]
    fn other_refusals_are_problems() {
        assert!(FormState::refused(Fields::default(), Refusal::Forbidden).is_err());
    }
}
