//! The thirteen fields of a row, as people type them.

use std::borrow::Cow;

use ekinerja_domain::quantity::{
    MAX_PRINTED_DECIMALS, NumberError, Rounding, TargetText, is_ambiguous, parse_number,
};
use ekinerja_domain::scale::{OrdinalScale, Scale};
use ekinerja_domain::scoring::{Actual, Polarity, RuleChoice, RuleId, RuleSet, ScoreInput, Target};
use rust_decimal::Decimal;

use crate::sheet::Language;

/// A row understood.
pub(super) struct ReadRow {
    pub(super) id: String,
    pub(super) input: ScoreInput,
    pub(super) rules: RuleSet,
    /// How numbers were read that read otherwise elsewhere; empty when there are none.
    pub(super) readings: Vec<String>,
}

/// Reads a row; the error names field and remedy.
pub(super) fn read(
    fields: &[String],
    rules: &RuleSet,
    language: Language,
) -> Result<ReadRow, String> {
    let [
        id,
        rule,
        target,
        actual,
        baseline,
        worst,
        low,
        high,
        cap,
        floor,
        decimals,
        rounding,
        scale,
    ] = fields
    else {
        return Err(language.pick("jumlah kolom salah", "wrong number of fields").to_owned());
    };
    let field = Field { language };
    if id.is_empty() {
        return Err(field.error("id", "kosong; isi id", "empty; fill in an id"));
    }
    let choice = field.rule(rule)?;
    let range = field.range(low, high)?;
    let (target, target_text) = field.target(target, choice, range)?;
    let actual = field.actual(actual, choice, target.as_ref(), target_text.as_ref())?;
    let (target, actual) = fractions(target, target_text.as_ref(), actual);
    let input = ScoreInput {
        baseline: field.number("baseline", baseline)?,
        worst: field.number("worst", worst)?,
        grades: ladder(choice, scale),
        ..ScoreInput::new(choice, target, actual.0)
    };
    let rules = RuleSet {
        cap: field.limit("cap", cap, rules.cap)?,
        floor: field.limit("floor", floor, rules.floor)?,
        decimals: field.decimals(decimals, rules.decimals)?,
        rounding: field.rounding(rounding, rules.rounding)?,
        iku_scale: field.scale(scale, &input, rules)?,
        ..rules.clone()
    };
    if let Some((cap, floor)) = rules.cap.zip(rules.floor).filter(|(cap, floor)| cap < floor) {
        return Err(field.error(
            "cap",
            &format!("{cap} di bawah floor {floor}; naikkan cap atau turunkan floor"),
            &format!("{cap} is below floor {floor}; raise the cap or lower the floor"),
        ));
    }
    let readings = readings(fields, language);
    Ok(ReadRow { id: id.clone(), input, rules, readings })
}

/// Says of `79.995` that it was read as 79995: a program may have meant the decimal number.
fn readings(fields: &[String], language: Language) -> Vec<String> {
    let numbers = super::COLUMNS.iter().zip(fields).skip(2).take(8);
    numbers
        .filter(|(_, typed)| is_ambiguous(typed))
        .map(|(column, typed)| {
            let read = typed.replace('.', "");
            let text = language.pick("dibaca", "was read as");
            format!("read_as: {column} {typed} {text} {read}")
        })
        .collect()
}

/// An actual, and its text when it was more than a number.
type ReadActual = (Actual, Option<TargetText>);

/// "48 dari 60" of "50 dari 60": both as percentages of their wholes.
fn fractions(
    target: Option<Target>,
    target_text: Option<&TargetText>,
    actual: ReadActual,
) -> (Option<Target>, ReadActual) {
    let percent = |text: Option<&TargetText>| match text {
        Some(TargetText::Fraction { part, whole }) => {
            part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(*whole)
        }
        _ => None,
    };
    match percent(target_text).zip(percent(actual.1.as_ref())) {
        Some((goal, reached)) => (Some(Target::of(goal)), (Actual::Value(reached), None)),
        None => (target, actual),
    }
}

/// The column `scale` may name a ladder of grades for the rule that needs one.
fn ladder(choice: RuleChoice, scale: &str) -> Option<OrdinalScale> {
    match choice {
        RuleChoice::Rule(RuleId::Ordinal | RuleId::MetNotMet) => {
            OrdinalScale::named(scale).cloned()
        }
        _ => None,
    }
}

/// Reads single fields and words their errors.
struct Field {
    language: Language,
}

impl Field {
    fn error(&self, field: &str, indonesian: &str, english: &str) -> String {
        format!("{field}: {}", self.language.pick(indonesian, english))
    }

    fn refused(&self, field: &str, typed: &str, error: NumberError) -> String {
        let typed = shortened(typed);
        self.error(
            field,
            &format!("\"{typed}\" {}", error.remedy_id()),
            &format!("\"{typed}\" {error}"),
        )
    }

    fn number(&self, field: &str, typed: &str) -> Result<Option<Decimal>, String> {
        parse_number(typed).map_err(|it| self.refused(field, typed, it))
    }

    fn rule(&self, typed: &str) -> Result<RuleChoice, String> {
        RuleChoice::from_code(typed).ok_or_else(|| {
            let typed = shortened(typed);
            let known = "maximize, minimize, stabilize, MaxRatio, MaxNegTarget, MinTwoMinus, \
                         MinInverse, MinBaseline, MaxBaseline, Stabilize, StabilizeSymmetric, \
                         RangeMax, RangeMin, Ordinal, MetNotMet, Milestone";
            self.error(
                "rule",
                &format!("\"{typed}\" tidak dikenal; pilih {known}"),
                &format!("\"{typed}\" is unknown; choose {known}"),
            )
        })
    }

    fn range(&self, low: &str, high: &str) -> Result<Option<(Decimal, Decimal)>, String> {
        match (self.number("low", low)?, self.number("high", high)?) {
            (Some(low), Some(high)) if low > high => Err(self.error(
                "low",
                &format!("{low} lebih besar daripada high {high}; tukar keduanya"),
                &format!("{low} is above high {high}; swap them"),
            )),
            (Some(low), Some(high)) => Ok(Some((low, high))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(self.error(
                "high",
                "kosong padahal low diisi; isi keduanya",
                "empty while low is set; fill in both",
            )),
            (None, Some(_)) => Err(self.error(
                "low",
                "kosong padahal high diisi; isi keduanya",
                "empty while high is set; fill in both",
            )),
        }
    }

    /// The target, and what its text says when it is no plain number.
    fn target(
        &self,
        typed: &str,
        choice: RuleChoice,
        range: Option<(Decimal, Decimal)>,
    ) -> Result<(Option<Target>, Option<TargetText>), String> {
        let (target, text) = match parse_number(typed) {
            Ok(None) => (None, None),
            Ok(Some(value)) => (Some(Target::of(value)), None),
            Err(NumberError::NotANumber) => {
                (Target::from_text(typed), Some(TargetText::parse(typed)))
            }
            Err(error) => return Err(self.refused("target", typed, error)),
        };
        self.check_rank("target", text.as_ref(), choice)?;
        // "Selesai" as a milestone's target is just that it be done.
        let is_done = choice == RuleChoice::Rule(RuleId::Milestone) && done(typed) == Some(true);
        let target = target.filter(|_| !is_done);
        let target = match range {
            Some(_) => Some(Target { range, ..target.unwrap_or_default() }),
            None => target,
        };
        Ok((target, text))
    }

    fn actual(
        &self,
        typed: &str,
        choice: RuleChoice,
        target: Option<&Target>,
        target_text: Option<&TargetText>,
    ) -> Result<ReadActual, String> {
        match parse_number(typed) {
            Ok(None) => return Ok((Actual::Missing { due: false }, None)),
            Ok(Some(value)) => return Ok((Actual::Value(value), None)),
            Err(NumberError::NotANumber) => {}
            Err(error) => return Err(self.refused("actual", typed, error)),
        }
        if let (RuleChoice::Rule(RuleId::Milestone), Some(done)) = (choice, done(typed)) {
            return Ok((Actual::Value(Decimal::from(u8::from(done))), None));
        }
        let text = TargetText::parse(typed);
        self.check_rank("actual", Some(&text), choice)?;
        let graded = target.is_some_and(|it| it.value.is_none() && it.range.is_none())
            || matches!(choice, RuleChoice::Rule(RuleId::Ordinal | RuleId::MetNotMet));
        let actual = match &text {
            TargetText::Blank => Actual::Missing { due: false },
            TargetText::NotApplicable => Actual::NotApplicable,
            TargetText::Number { operator: None, value, .. } | TargetText::Rank(value) => {
                Actual::Value(*value)
            }
            TargetText::Fraction { .. }
                if matches!(target_text, Some(TargetText::Fraction { .. })) =>
            {
                Actual::Grade(typed.to_owned())
            }
            TargetText::Ordinal(grade) | TargetText::Text(grade) if graded => {
                Actual::Grade(grade.clone())
            }
            _ => return Err(self.refused("actual", typed, NumberError::NotANumber)),
        };
        Ok((actual, Some(text)))
    }

    /// The best rank is the first: a formula for "more is better" would turn it round.
    fn check_rank(
        &self,
        field: &str,
        text: Option<&TargetText>,
        choice: RuleChoice,
    ) -> Result<(), String> {
        let polarity = match choice {
            RuleChoice::ByPolarity(polarity) => Some(polarity),
            RuleChoice::Rule(rule) => rule.polarity(),
        };
        if matches!(text, Some(TargetText::Rank(_))) && polarity == Some(Polarity::Maximize) {
            return Err(self.error(
                field,
                "peringkat lebih kecil lebih baik; pakai rule minimize",
                "a lower rank is better; use rule minimize",
            ));
        }
        Ok(())
    }

    fn limit(
        &self,
        field: &str,
        typed: &str,
        default: Option<Decimal>,
    ) -> Result<Option<Decimal>, String> {
        if matches!(typed.to_lowercase().as_str(), "none" | "tanpa" | "-") {
            return Ok(None);
        }
        match parse_number(typed) {
            Ok(None) => Ok(default),
            Ok(limit) => Ok(limit),
            Err(NumberError::NotANumber) => Err(self.error(
                field,
                &format!(
                    "\"{}\" bukan angka; tulis angka, atau none untuk tanpa batas",
                    shortened(typed)
                ),
                &format!(
                    "\"{}\" is not a number; write a number, or none for no limit",
                    shortened(typed)
                ),
            )),
            Err(error) => Err(self.refused(field, typed, error)),
        }
    }

    fn decimals(&self, typed: &str, default: u32) -> Result<u32, String> {
        if typed.is_empty() {
            return Ok(default);
        }
        typed.parse().ok().filter(|it| *it <= MAX_PRINTED_DECIMALS).ok_or_else(|| {
            let typed = shortened(typed);
            self.error(
                "decimals",
                &format!("\"{typed}\" tidak dapat dipakai; isi 0 sampai 4"),
                &format!("\"{typed}\" cannot be used; 0 to 4"),
            )
        })
    }

    fn rounding(&self, typed: &str, default: Rounding) -> Result<Rounding, String> {
        if typed.is_empty() {
            return Ok(default);
        }
        Rounding::from_code(typed).ok_or_else(|| {
            let typed = shortened(typed);
            self.error(
                "rounding",
                &format!("\"{typed}\" tidak dikenal; pilih HalfUp atau Truncate"),
                &format!("\"{typed}\" is unknown; choose HalfUp or Truncate"),
            )
        })
    }

    fn scale(
        &self,
        typed: &str,
        input: &ScoreInput,
        rules: &RuleSet,
    ) -> Result<Cow<'static, Scale>, String> {
        // A ladder of grades was named, so the bands stay the rule set's.
        if typed.is_empty() || input.grades.is_some() {
            return Ok(rules.iku_scale.clone());
        }
        if let Some(scale) = rules.scale_named(typed) {
            return Ok(Cow::Borrowed(scale));
        }
        let (typed, known) = (shortened(typed), Scale::names().join(", "));
        Err(self.error(
            "scale",
            &format!("\"{typed}\" tidak dikenal; pilih {known}"),
            &format!("\"{typed}\" is unknown; choose {known}"),
        ))
    }
}

/// The words a yes/no deliverable is reported with.
fn done(typed: &str) -> Option<bool> {
    match typed.to_lowercase().as_str() {
        "ya" | "sudah" | "selesai" | "terlaksana" | "ada" | "yes" | "done" => Some(true),
        "tidak" | "belum" | "belum selesai" | "tidak ada" | "no" => Some(false),
        _ => None,
    }
}

/// What was typed, short enough to repeat in an error.
fn shortened(typed: &str) -> Cow<'_, str> {
    match typed.char_indices().nth(40) {
        Some((end, _)) => Cow::Owned(format!("{}…", &typed[..end])),
        None => Cow::Borrowed(typed),
    }
}
