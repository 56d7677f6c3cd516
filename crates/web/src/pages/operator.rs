//! The operator's pages: the onboarding board, opening governments, their first administrators.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::Response;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::tenants::{BoardLine, Invite, Operator, Stage};
use ekinerja_domain::tenant::{Level, Tenant};
use maud::{Markup, html};

use super::members::added_notice;
use crate::components::card::{Card, Columns, card, grid};
use crate::components::forms::{
    Choice, Field, Form as FormView, Weight, actions, field, form, link_button, submit,
};
use crate::components::icon::Icon;
use crate::components::notice::{Empty, empty};
use crate::components::onboarding::{self, BoardRow, Step, board, steps};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, OperatorPage, PageResult, level};
use crate::problem::Problem;
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route(links::OPERATOR, get(show_board))
        .route("/operator/tenants", post(open_tenant))
        .route("/operator/tenants/new", get(show_new))
        .route("/operator/regencies", post(open_regencies))
        .route("/operator/tenants/{code}", get(show_tenant))
        .route("/operator/tenants/{code}/administrators", post(invite_administrator))
}

/// Address of the page that opens governments.
const NEW: &str = "/operator/tenants/new";

async fn show_board(State(app): State<App>, page: OperatorPage) -> PageResult {
    let locale = page.locale;
    let lines = app.onboarding_board(&Operator::of(&page.signed_in)?).await?;
    let head = Head::new(tr!(locale, "operator.title")).subtitle(tr!(locale, "operator.subtitle"));
    if lines.is_empty() {
        let content = empty(&Empty {
            title: tr!(locale, "operator.none").into_owned(),
            text: tr!(locale, "operator.none_text").into_owned(),
            action: Some((tr!(locale, "operator.open").into_owned(), NEW.to_owned())),
            icon: Icon::Tenants,
        });
        return Ok(page.show(head, content));
    }
    let rows: Vec<BoardRow> = lines.iter().map(|line| board_row(locale, line)).collect();
    let content = html! {
        (card(&Card::titled(tr!(locale, "operator.board")), board(locale, &tr!(locale, "operator.board"), &rows)))
        (card(&Card::titled(tr!(locale, "operator.waiting")), table(locale, &waiting(locale, &lines))))
    };
    let tools = link_button(&tr!(locale, "operator.open"), NEW, Weight::Primary, Some(Icon::Add));
    Ok(page.show(head.tools(tools), content))
}

fn board_row(locale: Locale, line: &BoardLine) -> BoardRow {
    BoardRow {
        name: super::life::marked(locale, &line.tenant),
        href: Some(of_tenant(&line.tenant)),
        steps: steps_of(locale, line, None),
    }
}

pub(super) fn of_tenant(tenant: &Tenant) -> String {
    format!("/operator/tenants/{}", tenant.code)
}

fn steps_of(locale: Locale, line: &BoardLine, href: Option<&str>) -> Vec<Step> {
    let next = line.waits_for();
    let step = |(stage, reached): &(Stage, Option<chrono::DateTime<chrono::Utc>>)| Step {
        label: stage_words(locale, *stage),
        stage: match reached {
            Some(_) => onboarding::Stage::Done,
            None if next == Some(*stage) => onboarding::Stage::Next,
            None => onboarding::Stage::Later,
        },
        note: match reached {
            Some(at) => format::date_short(locale, format::day_in(*at, format::Zone::default())),
            None if next == Some(*stage) => next_step(locale, line.tenant.level, *stage),
            None => String::new(),
        },
        href: href.filter(|_| *stage == Stage::Invited).map(str::to_owned),
    };
    line.stages.iter().map(step).collect()
}

/// What each government waits for, since when, and who does what next.
fn waiting(locale: Locale, lines: &[BoardLine]) -> Table {
    let columns = vec![
        Column::text(tr!(locale, "onboarding.government")),
        Column::text(tr!(locale, "operator.waits_for")),
        Column::text(tr!(locale, "operator.since")),
        Column::text(tr!(locale, "operator.next_step")),
    ];
    let row = |line: &BoardLine| {
        let stage = line.waits_for()?;
        let since = line.waits_since().map_or_else(
            || tr!(locale, "operator.since_opening").into_owned(),
            |at| format::date(locale, format::day_in(at, format::Zone::default())),
        );
        Some(Row::new(vec![
            html! { a href=(of_tenant(&line.tenant)) { (super::life::marked(locale, &line.tenant)) } },
            html! { (stage_words(locale, stage)) },
            html! { (since) },
            html! { (next_step(locale, line.tenant.level, stage)) },
        ]))
    };
    Table::new(tr!(locale, "operator.waiting"), columns).quiet().rows(lines.iter().filter_map(row))
}

fn stage_words(locale: Locale, stage: Stage) -> String {
    match stage {
        Stage::Invited => tr!(locale, "operator.stage.invited"),
        Stage::Accepted => tr!(locale, "operator.stage.accepted"),
        Stage::SignInConfigured => tr!(locale, "operator.stage.sign_in_configured"),
        Stage::TemplateAdopted => tr!(locale, "operator.stage.template_adopted"),
        Stage::FirstValue => tr!(locale, "operator.stage.first_value"),
        Stage::FirstAgreement => tr!(locale, "operator.stage.first_agreement"),
    }
    .into_owned()
}

fn next_step(locale: Locale, level: Level, stage: Stage) -> String {
    match stage {
        Stage::TemplateAdopted if level == Level::Province => {
            tr!(locale, "operator.next.template_released")
        }
        Stage::Invited => tr!(locale, "operator.next.invited"),
        Stage::Accepted => tr!(locale, "operator.next.accepted"),
        Stage::SignInConfigured => tr!(locale, "operator.next.sign_in_configured"),
        Stage::TemplateAdopted => tr!(locale, "operator.next.template_adopted"),
        Stage::FirstValue => tr!(locale, "operator.next.first_value"),
        Stage::FirstAgreement => tr!(locale, "operator.next.first_agreement"),
    }
    .into_owned()
}

async fn show_new(State(app): State<App>, page: OperatorPage) -> PageResult {
    draw_new(&app, &page, &FormState::default()).await
}

async fn draw_new(app: &App, page: &OperatorPage, state: &FormState) -> PageResult {
    let locale = page.locale;
    let open = app.tenants(&Operator::of(&page.signed_in)?).await?;
    let provinces: Vec<Choice> = open
        .iter()
        .filter(|it| it.level == Level::Province)
        .map(|it| Choice::new(it.code.as_str(), format!("{} ({})", it.name, it.code)))
        .collect();
    let code = Field::text("code", tr!(locale, "operator.code"))
        .hint(tr!(locale, "operator.code_hint"))
        .required();
    let single = FormView { action: String::from("/operator/tenants"), ..FormView::default() };
    let one = form(
        &single,
        html! {
            (field(locale, &state.fill(locale, code)))
            (actions(submit(&tr!(locale, "operator.open"), Weight::Primary)))
        },
    );
    let all = if provinces.is_empty() {
        html! { p.hint { (tr!(locale, "operator.province_first")) } }
    } else {
        let province =
            Field::select("province", tr!(locale, "operator.province"), provinces).required();
        let view = FormView { action: String::from("/operator/regencies"), ..FormView::default() };
        form(
            &view,
            html! {
                (field(locale, &state.fill(locale, province)))
                (actions(submit(&tr!(locale, "operator.open_all"), Weight::Primary)))
            },
        )
    };
    let content = html! {
        (state.summary(locale))
        (grid(Columns::Medium, html! {
            (card(&Card::titled(tr!(locale, "operator.one")).subtitle(tr!(locale, "operator.one_text")), one))
            (card(&Card::titled(tr!(locale, "operator.all")).subtitle(tr!(locale, "operator.all_text")), all))
        }))
    };
    let head = Head::new(tr!(locale, "operator.new"))
        .under(tr!(locale, "operator.title"), links::OPERATOR);
    Ok(page.show_with(state.status(), head, content))
}

async fn open_tenant(
    State(app): State<App>,
    page: OperatorPage,
    Form(fields): Form<Fields>,
) -> PageResult {
    match app.open_tenant(&Operator::of(&page.signed_in)?, fields.text("code")).await {
        Ok(tenant) => {
            let flash = Flash::success("flash.tenant_opened").with("name", &tenant.name);
            Ok(page.redirect(&of_tenant(&tenant), &flash))
        }
        Err(refusal) => draw_new(&app, &page, &FormState::refused(fields, refusal)?).await,
    }
}

async fn open_regencies(
    State(app): State<App>,
    page: OperatorPage,
    Form(fields): Form<Fields>,
) -> PageResult {
    match app.open_regencies(&Operator::of(&page.signed_in)?, fields.text("province")).await {
        Ok(done) => {
            let flash = Flash::success("flash.regencies_opened")
                .with("opened", done.opened.len())
                .with("skipped", done.skipped.len());
            Ok(page.redirect(links::OPERATOR, &flash))
        }
        Err(refusal) => draw_new(&app, &page, &FormState::refused(fields, refusal)?).await,
    }
}

async fn show_tenant(
    State(app): State<App>,
    page: OperatorPage,
    Path(code): Path<String>,
) -> PageResult {
    draw_tenant(&app, &page, &code, &FormState::default(), None).await
}

async fn draw_tenant(
    app: &App,
    page: &OperatorPage,
    code: &str,
    state: &FormState,
    told: Option<Markup>,
) -> PageResult {
    let locale = page.locale;
    let lines = app.onboarding_board(&Operator::of(&page.signed_in)?).await?;
    let line = lines.into_iter().find(|it| it.tenant.code.as_str() == code);
    let line = line.ok_or_else(Problem::not_found)?;
    let action = format!("{}/administrators", of_tenant(&line.tenant));
    let fields = [
        Field::text("name", tr!(locale, "members.name")).required(),
        Field::text("username", tr!(locale, "members.username"))
            .hint(tr!(locale, "members.username_hint"))
            .autocomplete("off")
            .required(),
        Field::text("post", tr!(locale, "members.post")).hint(tr!(locale, "members.optional")),
    ];
    let invite = form(
        &FormView { action, ..FormView::default() },
        html! {
            @for one in fields { (field(locale, &state.fill(locale, one))) }
            (actions(submit(&tr!(locale, "operator.invite"), Weight::Primary)))
        },
    );
    let shown = steps_of(locale, &line, Some("#undang"));
    let content = html! {
        (state.summary(locale))
        @if let Some(told) = &told { (told) }
        (grid(Columns::Medium, html! {
            (card(&Card::titled(tr!(locale, "operator.progress")), steps(locale, &tr!(locale, "operator.progress"), &shown)))
            (card(&Card::titled(tr!(locale, "operator.invite_title")).subtitle(tr!(locale, "operator.invite_text")).id("undang"), invite))
        }))
    };
    let tenant = &line.tenant;
    let head = Head::new(&tenant.name)
        .subtitle(format!("{} · {} · /{}", level(locale, tenant.level), tenant.code, tenant.slug))
        .under(tr!(locale, "operator.title"), links::OPERATOR)
        .tools(super::life::tool(locale, tenant));
    let status = if told.is_some() { StatusCode::CREATED } else { state.status() };
    Ok(page.show_with(status, head, content))
}

async fn invite_administrator(
    State(app): State<App>,
    page: OperatorPage,
    Path(code): Path<String>,
    Form(fields): Form<Fields>,
) -> PageResult {
    let invite = Invite {
        code: code.clone(),
        username: fields.text("username").to_owned(),
        name: fields.text("name").to_owned(),
        post: fields.filled("post").map(str::to_owned),
    };
    match app.invite_administrator(&Operator::of(&page.signed_in)?, invite).await {
        Ok(added) => {
            let told = added_notice(page.locale, &added);
            let shown = draw_tenant(&app, &page, &code, &FormState::default(), Some(told)).await?;
            Ok(kept_by_nobody(shown))
        }
        Err(refusal) => {
            draw_tenant(&app, &page, &code, &FormState::refused(fields, refusal)?, None).await
        }
    }
}

/// A page that shows a password stays in no cache.
pub(super) fn kept_by_nobody(mut response: Response) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
