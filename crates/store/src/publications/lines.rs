//! Published lines and objectives as rows.

use ekinerja_domain::indicator::IndicatorCode;
use ekinerja_domain::measurement::{FigureMethod, FigureSource};
use ekinerja_domain::publication::{
    Definition, Publication, PublishedObjective, PublishedTarget, PublishedValue, Standing,
};
use rust_decimal::Decimal;
use sea_orm::ActiveValue::{self, Set};

use crate::entity::{publication_objective, publication_value as row};
use crate::error::{Error, Result};

pub(super) fn value_row(publication: &Publication, it: &PublishedValue) -> row::ActiveModel {
    let (mut number, mut low, mut high, mut wording) = (None, None, None, None);
    match &it.target {
        PublishedTarget::Unset => {}
        PublishedTarget::Exactly(value) => number = Some(*value),
        PublishedTarget::Range { low: from, high: to } => (low, high) = (Some(*from), Some(*to)),
        PublishedTarget::Text(text) => wording = Some(text.clone()),
    }
    row::ActiveModel {
        tenant_id: Set(publication.publisher.uuid()),
        publication_id: Set(publication.id.uuid()),
        audience_id: Set(publication.audience.uuid()),
        readable: Set(true),
        code: Set(it.definition.code.as_str().to_owned()),
        release: Set(it.definition.release.map(|it| it.to_string())),
        fingerprint: Set(it.definition.fingerprint.clone()),
        name: Set(it.name.clone()),
        unit: Set(it.unit.clone()),
        standing: Set(it.standing.code().to_owned()),
        value: Set(it.value),
        numerator: Set(it.numerator),
        denominator: Set(it.denominator),
        target: Set(number),
        target_low: Set(low),
        target_high: Set(high),
        target_wording: Set(wording),
        target_illustrative: Set(it.target_illustrative),
        method: Set(it.figure.method.code().to_owned()),
        source: Set(it.figure.source.clone()),
        source_verified: Set(it.figure.verified),
        revision: Set(it.revision),
        as_of: Set(it.as_of),
    }
}

pub(super) fn objective_row(
    publication: &Publication,
    it: &PublishedObjective,
) -> publication_objective::ActiveModel {
    let count = |it: u32| -> ActiveValue<i32> { Set(i32::try_from(it).unwrap_or(i32::MAX)) };
    publication_objective::ActiveModel {
        tenant_id: Set(publication.publisher.uuid()),
        publication_id: Set(publication.id.uuid()),
        audience_id: Set(publication.audience.uuid()),
        readable: Set(true),
        code: Set(it.code.clone()),
        text: Set(it.text.clone()),
        serves: Set(it.serves.clone()),
        indicators: count(it.indicators),
        with_target: count(it.with_target),
        reported: count(it.reported),
    }
}

pub(super) fn value_of(model: row::Model) -> Result<PublishedValue> {
    let corrupt =
        |column| Error::corrupt("publication_values", column, format!("{:?}", model.code));
    // numeric(24, 6) comes back with six places.
    let plain = |it: Option<Decimal>| it.map(|it| it.normalize());
    let target = match (model.target, model.target_low.zip(model.target_high), model.target_wording)
    {
        (Some(value), _, _) => PublishedTarget::Exactly(value.normalize()),
        (None, Some((low, high)), _) => {
            PublishedTarget::Range { low: low.normalize(), high: high.normalize() }
        }
        (None, None, Some(text)) => PublishedTarget::Text(text),
        (None, None, None) => PublishedTarget::Unset,
    };
    Ok(PublishedValue {
        definition: Definition {
            code: IndicatorCode::new(&model.code).map_err(|_| corrupt("code"))?,
            release: model
                .release
                .as_deref()
                .map(str::parse)
                .transpose()
                .map_err(|_| corrupt("release"))?,
            fingerprint: model.fingerprint,
        },
        name: model.name,
        unit: model.unit,
        standing: Standing::from_code(&model.standing)
            .ok_or_else(|| Error::corrupt("publication_values", "standing", &model.code))?,
        value: plain(model.value),
        numerator: plain(model.numerator),
        denominator: plain(model.denominator),
        target,
        target_illustrative: model.target_illustrative,
        figure: FigureSource {
            method: FigureMethod::from_code(&model.method)
                .ok_or_else(|| Error::corrupt("publication_values", "method", &model.code))?,
            source: model.source,
            verified: model.source_verified,
        },
        revision: model.revision,
        as_of: model.as_of,
    })
}

pub(super) fn objective_of(model: publication_objective::Model) -> PublishedObjective {
    let count = |it: i32| u32::try_from(it).unwrap_or_default();
    PublishedObjective {
        code: model.code,
        text: model.text,
        serves: model.serves,
        indicators: count(model.indicators),
        with_target: count(model.with_target),
        reported: count(model.reported),
    }
}
