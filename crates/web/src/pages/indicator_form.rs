//! The form of an indicator's manual; what a release locks is shown and not offered for change.

mod draft;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use ekinerja_app::indicators::IndicatorDraft;
use ekinerja_app::plans::PlanOverview;
use ekinerja_app::{App, Code, Refusal};
use ekinerja_domain::agency::Agency;
use ekinerja_domain::consolidation::PeriodConsolidation;
use ekinerja_domain::ids::IndicatorId;
use ekinerja_domain::indicator::{FieldMode, Frequency, Indicator, IndicatorKind, ManualField};
use ekinerja_domain::plan::{Origin, PlanNodeKind};
use ekinerja_domain::rollup::LocationConsolidation;
use ekinerja_domain::scoring::{Polarity, RuleId};
use maud::{Markup, html};
use serde::Deserialize;

use super::plan::{as_violation, for_planners};
use crate::components::forms::{
    self, Choice, Field, Weight, actions, field, fieldset, link_button, submit,
};
use crate::components::notice::{Tone, notice};
use crate::extract::{Fields, Form, Id, Path, Query};
use crate::flash::Flash;
use crate::form::FormState;
use crate::links;
use crate::links::planning as at;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;
use crate::words;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/indicators/new", get(show_new).post(add))
        .route("/indicators/{indicator}/edit", get(show_edit).post(amend))
        .route("/indicators/{indicator}/retirement", post(retire))
}

#[derive(Debug, Deserialize)]
struct OfIndicator {
    indicator: Id<IndicatorId>,
}

#[derive(Debug, Deserialize)]
struct Under {
    #[serde(default)]
    objective: String,
}

async fn show_new(State(app): State<App>, page: Page, Query(query): Query<Under>) -> PageResult {
    for_planners(&page)?;
    let draft = IndicatorDraft {
        objective: query.objective,
        kind: IndicatorKind::Iku.code().to_owned(),
        polarity: Polarity::Maximize.code().to_owned(),
        decimals: "2".to_owned(),
        period_consolidation: PeriodConsolidation::TakeLastKnown.code().to_owned(),
        location_consolidation: LocationConsolidation::OfficialOnly.code().to_owned(),
        frequency: Frequency::Yearly.code().to_owned(),
        weight: "1".to_owned(),
        ..IndicatorDraft::default()
    };
    show(&app, &page, None, &FormState::with(draft::fields_of(&draft))).await
}

async fn add(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    match app.add_indicator(&page.scope(), &draft::draft_of(&typed)).await {
        Ok(it) => {
            let flash = Flash::success("flash.indicator_added").with("code", it.code.as_str());
            Ok(page.redirect(&at::targets_of(&page.tenant().slug, it.id), &flash))
        }
        Err(refusal) => show(&app, &page, None, &FormState::refused(typed, refusal)?).await,
    }
}

async fn show_edit(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfIndicator>,
) -> PageResult {
    for_planners(&page)?;
    let indicator = app.indicator(&page.scope(), path.indicator.0).await?;
    let mut fields = draft::fields_of(&IndicatorDraft::from(&indicator));
    fields.push("revision", indicator.revision.to_string());
    show(&app, &page, Some(&indicator), &FormState::with(fields)).await
}

async fn amend(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfIndicator>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let id = path.indicator.0;
    let revision = typed.text("revision").parse().unwrap_or_default();
    match app.amend_indicator(&page.scope(), id, revision, &draft::draft_of(&typed)).await {
        Ok(it) => {
            let flash = Flash::success("flash.indicator_saved").with("code", it.code.as_str());
            Ok(page.redirect(&links::plan(&page.tenant().slug), &flash))
        }
        Err(refusal) => {
            let state =
                FormState::refused(typed, named_fields(page.locale, as_violation(refusal)))?;
            let indicator = app.indicator(&page.scope(), id).await?;
            show(&app, &page, Some(&indicator), &state).await
        }
    }
}

async fn retire(
    State(app): State<App>,
    page: Page,
    Path(path): Path<OfIndicator>,
    Form(typed): Form<Fields>,
) -> PageResult {
    let id = path.indicator.0;
    let revision = typed.text("revision").parse().unwrap_or_default();
    match app.retire_indicator(&page.scope(), id, revision, typed.text("retired_on")).await {
        Ok(it) => {
            let flash = if it.retired_on.is_some() {
                Flash::success("flash.indicator_retired")
            } else {
                Flash::success("flash.indicator_in_use")
            };
            let flash = flash.with("code", it.code.as_str());
            Ok(page.redirect(&at::edit_indicator(&page.tenant().slug, id), &flash))
        }
        Err(refusal) => {
            let indicator = app.indicator(&page.scope(), id).await?;
            let mut fields = draft::fields_of(&IndicatorDraft::from(&indicator));
            fields.push("revision", indicator.revision.to_string());
            fields.push("retired_on", typed.text("retired_on"));
            let state = FormState::refused(fields, as_violation(refusal))?;
            show(&app, &page, Some(&indicator), &state).await
        }
    }
}

/// Says the locked fields in the reader's words.
fn named_fields(locale: Locale, refusal: Refusal) -> Refusal {
    let Refusal::Invalid(mut violations) = refusal else { return refusal };
    for violation in violations.iter_mut().filter(|it| it.code == Code::IndicatorFieldLocked) {
        let field = match violation.field.as_str() {
            "numerator" => Some(ManualField::Parts),
            code => ManualField::from_code(code),
        };
        if let Some(field) = field {
            violation.params = vec![("field", words::manual_field(locale, field).into_owned())];
        }
    }
    Refusal::Invalid(violations)
}

async fn show(
    app: &App,
    page: &Page,
    indicator: Option<&Indicator>,
    state: &FormState,
) -> PageResult {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let Some(overview) = app.plan(&page.scope()).await? else {
        return Ok(page.redirect(&links::plan(slug), &Flash::info("flash.plan_first")));
    };
    if overview.objectives().next().is_none() {
        return Ok(page.redirect(&links::plan(slug), &Flash::info("flash.objective_first")));
    }
    let agencies = app.agencies(&page.scope()).await?;
    let it = Sheet { locale, overview: &overview, agencies: &agencies, indicator, state };
    let title = if let Some(it) = indicator {
        tr!(locale, "indicator_form.edit", code = it.code.as_str())
    } else {
        tr!(locale, "indicator_form.new")
    };
    let action =
        indicator.map_or_else(|| at::new_indicator(slug), |it| at::edit_indicator(slug, it.id));
    let form = forms::Form { action, guarded: true, ..forms::Form::default() };
    let content = html! {
        (state.summary(locale))
        @if it.is_adopted() { (notice(Tone::Info, html! { p { (tr!(locale, "indicator_form.adopted")) } })) }
        (forms::form(&form, html! {
            input type="hidden" id="f-revision" name="revision" value=(state.value("revision"));
            (it.whole())
            (actions(html! {
                (submit(&tr!(locale, "plan.save"), Weight::Primary))
                (link_button(&tr!(locale, "plan.cancel"), &links::plan(slug), Weight::Quiet, None))
            }))
        }))
        @if let Some(indicator) = indicator {
            (it.retirement(&at::retire_indicator(slug, indicator.id), indicator))
        }
    };
    let mut head = Head::new(title).under(tr!(locale, "plan.title"), links::plan(slug));
    if let Some(it) = indicator {
        head = head.subtitle(&it.manual.name).tools(html! {
            (link_button(&tr!(locale, "indicator_form.to_targets"), &at::targets_of(slug, it.id), Weight::Secondary, None))
        });
    }
    Ok(page.show_with(state.status(), head, content))
}

/// The sheet with all its fields.
struct Sheet<'a> {
    locale: Locale,
    overview: &'a PlanOverview,
    agencies: &'a [Agency],
    indicator: Option<&'a Indicator>,
    state: &'a FormState,
}

impl Sheet<'_> {
    fn is_adopted(&self) -> bool {
        self.indicator.is_some_and(|it| it.origin != Origin::Local)
    }

    /// The field, or what it holds when the release locks it: sent along, so that nothing is lost.
    fn of(&self, which: ManualField, it: Field, shown: &str) -> Markup {
        let mode = self.indicator.filter(|_| self.is_adopted()).map(|it| it.mode_of(which));
        match mode {
            Some(FieldMode::Locked) => self.locked(&it, shown),
            Some(FieldMode::Default) => {
                self.fill(it.hint(tr!(self.locale, "indicator_form.mode_default")))
            }
            Some(FieldMode::Local) | None => self.fill(it),
        }
    }

    /// Something that an adopted indicator never changes: code, objective, kind.
    fn fixed(&self, it: Field, shown: &str) -> Markup {
        if self.is_adopted() { self.locked(&it, shown) } else { self.fill(it) }
    }

    fn fill(&self, it: Field) -> Markup {
        field(self.locale, &self.state.fill(self.locale, it))
    }

    fn locked(&self, it: &Field, shown: &str) -> Markup {
        let locale = self.locale;
        let value = self.state.value(it.name());
        let shown = if shown.is_empty() { value } else { shown };
        html! {
            div.field {
                p { b { (it.label()) } " " (crate::components::badge::tag(&words::field_mode(locale, FieldMode::Locked))) }
                p { @if shown.is_empty() { "–" } @else { (shown) } }
                input type="hidden" id=(forms::dom_id(it.name())) name=(it.name()) value=(value);
                @if let Some(error) = self.state.error(locale, it.name()) { p.error { (error.what) } }
            }
        }
    }

    fn whole(&self) -> Markup {
        let locale = self.locale;
        html! {
            (fieldset(&tr!(locale, "indicator_form.identity"), "", self.identity()))
            (fieldset(&tr!(locale, "indicator_form.meaning"), &tr!(locale, "indicator_form.meaning_hint"), self.meaning()))
            (fieldset(&tr!(locale, "indicator_form.scoring"), "", self.scoring()))
            (fieldset(&tr!(locale, "indicator_form.consolidation"), &tr!(locale, "indicator_form.consolidation_hint"), self.consolidation()))
            (fieldset(&tr!(locale, "indicator_form.origin"), "", self.origin()))
            (fieldset(&tr!(locale, "indicator_form.owner"), &tr!(locale, "indicator_form.owner_hint"), self.owner()))
            (fieldset(&tr!(locale, "indicator_form.baseline"), &tr!(locale, "indicator_form.baseline_hint"), self.baseline()))
        }
    }

    fn identity(&self) -> Markup {
        use ManualField as F;
        let locale = self.locale;
        let objectives = self.overview.nodes.iter().filter(|it| it.kind == PlanNodeKind::Objective);
        let label = |code: &str, text: &str| {
            format!("{code} · {}", text.chars().take(80).collect::<String>())
        };
        let choices: Vec<_> = objectives
            .clone()
            .map(|it| Choice::new(it.id.to_string(), label(&it.code, &it.text)))
            .collect();
        let placed =
            objectives.clone().find(|it| it.id.to_string() == self.state.value("objective"));
        let placed = placed.map(|it| label(&it.code, &it.text)).unwrap_or_default();
        let kinds =
            IndicatorKind::ALL.map(|it| Choice::new(it.code(), words::indicator_kind(locale, it)));
        let kind = IndicatorKind::from_code(self.state.value("kind"));
        let kind = kind.map(|it| words::indicator_kind(locale, it)).unwrap_or_default();
        html! {
            (self.fixed(Field::select("objective", tr!(locale, "words.objective"), choices).required(), &placed))
            (self.fixed(Field::text("code", tr!(locale, "indicator_form.code")).required()
                .hint(tr!(locale, "indicator_form.code_hint")), ""))
            (self.of(F::Name, Field::text("name", words::manual_field(locale, F::Name)).required(), ""))
            (self.fixed(Field::select("kind", tr!(locale, "indicator_form.kind"), kinds.to_vec()).required(), &kind))
        }
    }

    fn meaning(&self) -> Markup {
        use ManualField as F;
        let locale = self.locale;
        let name = |it| words::manual_field(locale, it);
        html! {
            (self.of(F::Definition, Field::textarea("definition", name(F::Definition), 4).required(), ""))
            (self.of(F::Formula, Field::textarea("formula", name(F::Formula), 3).required(), ""))
            (self.of(F::Unit, Field::text("unit", name(F::Unit)).required()
                .hint(tr!(locale, "indicator_form.unit_hint")), ""))
            (self.of(F::Decimals, Field::number("decimals", name(F::Decimals)), ""))
            (self.of(F::Parts, Field::text("numerator", tr!(locale, "indicator_form.numerator"))
                .hint(tr!(locale, "indicator_form.parts_hint")), ""))
            (self.of(F::Parts, Field::text("denominator", tr!(locale, "indicator_form.denominator")), ""))
        }
    }

    fn scoring(&self) -> Markup {
        use ManualField as F;
        let locale = self.locale;
        let name = |it| words::manual_field(locale, it);
        let polarities =
            Polarity::ALL.iter().map(|it| Choice::new(it.code(), words::polarity(locale, *it)));
        let polarity = Polarity::from_code(self.state.value("polarity"));
        let polarity = polarity.map(|it| words::polarity(locale, it)).unwrap_or_default();
        let rules = RuleId::ALL
            .iter()
            .map(|it| Choice::new(it.code(), format!("{} ({})", it.code(), it.formula())));
        let usual = tr!(locale, "indicator_form.rule_usual");
        let rules: Vec<_> = std::iter::once(Choice::new("", usual.clone())).chain(rules).collect();
        let rule = match self.state.value("rule") {
            "" => usual.into_owned(),
            code => code.to_owned(),
        };
        html! {
            (self.of(F::Polarity, Field::select("polarity", name(F::Polarity), polarities.collect()).required(), &polarity))
            (self.of(F::Rule, Field::select("rule", name(F::Rule), rules), &rule))
            (self.of(F::Worst, Field::number("worst", name(F::Worst)).hint(tr!(locale, "indicator_form.worst_hint")), ""))
            (self.of(F::Weight, Field::number("weight", name(F::Weight)).hint(tr!(locale, "indicator_form.weight_hint")), ""))
        }
    }

    fn consolidation(&self) -> Markup {
        use ManualField as F;
        let locale = self.locale;
        let name = |it| words::manual_field(locale, it);
        let word = words::period_consolidation;
        let periods =
            PeriodConsolidation::ALL.iter().map(|it| Choice::new(it.code(), word(locale, *it)));
        let period = PeriodConsolidation::from_code(self.state.value("period_consolidation"));
        let period = period.map(|it| word(locale, it)).unwrap_or_default();
        let word = words::location_consolidation;
        let locations =
            LocationConsolidation::ALL.iter().map(|it| Choice::new(it.code(), word(locale, *it)));
        let location = LocationConsolidation::from_code(self.state.value("location_consolidation"));
        let location = location.map(|it| word(locale, it)).unwrap_or_default();
        let own = self.indicator.map(|it| it.id);
        let others = self.overview.indicators.iter().filter(|it| Some(it.id) != own);
        let others = others.filter(|it| it.retired_on.is_none());
        let others = others.map(|it| {
            Choice::new(it.code.as_str(), format!("{} · {}", it.code.as_str(), it.manual.name))
        });
        let none = Choice::new("", tr!(locale, "indicator_form.no_weight_variable"));
        let variables: Vec<_> = std::iter::once(none).chain(others).collect();
        let frequencies =
            Frequency::ALL.map(|it| Choice::new(it.code(), words::frequency(locale, it)));
        let frequency = Frequency::from_code(self.state.value("frequency"));
        let frequency = frequency.map(|it| words::frequency(locale, it)).unwrap_or_default();
        html! {
            (self.of(F::Frequency, Field::select("frequency", name(F::Frequency), frequencies.to_vec()).required(), &frequency))
            (self.of(F::PeriodConsolidation, Field::select("period_consolidation", name(F::PeriodConsolidation), periods.collect()).required(), &period))
            (self.of(F::LocationConsolidation, Field::select("location_consolidation", name(F::LocationConsolidation), locations.collect()).required(), &location))
            (self.of(F::WeightVariable, Field::select("weight_variable", name(F::WeightVariable), variables)
                .hint(tr!(locale, "indicator_form.weight_variable_hint")), ""))
        }
    }

    fn origin(&self) -> Markup {
        use ManualField as F;
        let locale = self.locale;
        html! {
            (self.of(F::Source, Field::text("source", words::manual_field(locale, F::Source)).required(), ""))
            (self.of(F::Publisher, Field::text("publisher", words::manual_field(locale, F::Publisher))
                .hint(tr!(locale, "indicator_form.publisher_hint")), ""))
        }
    }

    fn owner(&self) -> Markup {
        let locale = self.locale;
        let none = Choice::new("", tr!(locale, "indicator_form.no_owner"));
        let all = self.agencies.iter().map(|it| Choice::new(it.id.to_string(), &it.name));
        let agencies: Vec<_> = std::iter::once(none).chain(all).collect();
        html! {
            (self.fill(Field::select("owner_agency", tr!(locale, "indicator_form.owner_agency"), agencies)))
            (self.fill(Field::text("owner_post", tr!(locale, "indicator_form.owner_post"))
                .hint(tr!(locale, "indicator_form.owner_post_hint"))))
        }
    }

    fn baseline(&self) -> Markup {
        let locale = self.locale;
        html! {
            (self.fill(Field::number("baseline_value", tr!(locale, "indicator_form.baseline_value"))))
            (self.fill(Field::number("baseline_year", tr!(locale, "indicator_form.baseline_year"))))
            (self.fill(Field::checkbox("baseline_verified", tr!(locale, "indicator_form.baseline_verified"))))
        }
    }

    fn retirement(&self, at: &str, indicator: &Indicator) -> Markup {
        let locale = self.locale;
        let form = forms::Form { action: at.to_owned(), ..forms::Form::default() };
        let (title, hint) = if indicator.retired_on.is_some() {
            (tr!(locale, "indicator_form.take_up"), tr!(locale, "indicator_form.take_up_hint"))
        } else {
            (tr!(locale, "indicator_form.retire"), tr!(locale, "indicator_form.retire_hint"))
        };
        // Shown again after a refusal of this form, the other one keeps what it had.
        let open = self.state.status() != StatusCode::OK;
        fieldset(
            &title,
            &hint,
            forms::form(
                &form,
                html! {
                    input type="hidden" name="revision" value=(indicator.revision);
                    @if indicator.retired_on.is_none() {
                        @let day = Field::date("retired_on", tr!(locale, "indicator_form.retired_on")).required();
                        (if open { self.fill(day) } else { field(locale, &day) })
                    }
                    (submit(&title, if indicator.retired_on.is_some() { Weight::Secondary } else { Weight::Danger }))
                },
            ),
        )
    }
}
