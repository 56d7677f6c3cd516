//! The dashboard: today's decisions first, by the roles that the person holds.

use axum::extract::State;
use axum::routing::get;
use ekinerja_app::App;
use ekinerja_app::dashboard::{
    AdministratorWork, Dashboard, OfficerWork, PlannerWork, ProvinceWork, PublisherWork,
    VerifierWork,
};
use ekinerja_domain::period::Period;
use maud::{Markup, html};

use crate::components::Status;
use crate::components::card::{Card, Columns, card, grid};
use crate::components::forms::{Weight, actions, link_button};
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Empty, empty};
use crate::format::{self, PeriodName};
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new().route("/", get(show_dashboard))
}

/// One thing to decide or to do.
struct Task {
    status: Status,
    text: String,
    action: String,
    href: String,
}

async fn show_dashboard(State(app): State<App>, page: Page) -> PageResult {
    let locale = page.locale;
    let board = app.dashboard(&page.scope()).await?;
    let tasks = tasks(&page, &board);
    let decisions = if tasks.is_empty() {
        html! { p.hint { (tr!(locale, "dashboard.nothing")) } }
    } else {
        html! { ul.tasks { @for task in &tasks { (task_line(task)) } } }
    };
    let content = html! {
        (card(&Card::titled(tr!(locale, "dashboard.today")), decisions))
        (grid(Columns::Medium, html! {
            @if let Some(work) = &board.officer { (officer(&page, *work)) }
            @if let Some(work) = &board.verifier { (verifier(&page, *work)) }
            @if let Some(work) = &board.planner { (planner(&page, work)) }
            @if let Some(work) = &board.publisher { (publisher(&page, work)) }
            @if let Some(work) = &board.province { (province(&page, *work)) }
            @if let Some(work) = &board.administrator { (administrator(&page, *work)) }
            (scorecard(&page))
        }))
    };
    let head = Head::new(tr!(locale, "dashboard.title")).subtitle(tr!(
        locale,
        "dashboard.subtitle",
        name = page.standing().name
    ));
    Ok(page.show(head, content))
}

fn task_line(task: &Task) -> Markup {
    let mark = match task.status {
        Status::Red => Icon::Error,
        Status::Yellow => Icon::Warning,
        _ => Icon::Info,
    };
    html! {
        li {
            (icon(mark)) " " span { (task.text) } " "
            a href=(task.href) { (task.action) }
        }
    }
}

/// What waits, the most urgent first.
fn tasks(page: &Page, board: &Dashboard) -> Vec<Task> {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let mut tasks = Vec::new();
    let mut add = |status, count: usize, text: String, action: String, href: String| {
        if count > 0 {
            tasks.push(Task { status, text, action, href });
        }
    };
    if let Some(it) = &board.officer {
        let open = || tr!(locale, "dashboard.open_entry").into_owned();
        let entry = || links::entry(slug);
        let words = tr!(locale, "dashboard.rejected", count = it.rejected).into_owned();
        add(Status::Red, it.rejected, words, open(), entry());
        let words = tr!(locale, "dashboard.late", count = it.late).into_owned();
        add(Status::Red, it.late, words, open(), entry());
        let words = tr!(locale, "dashboard.due", count = it.due).into_owned();
        add(Status::Yellow, it.due, words, open(), entry());
        let words = tr!(locale, "dashboard.drafts", count = it.drafts).into_owned();
        add(Status::Yellow, it.drafts, words, open(), entry());
    }
    if let Some(it) = &board.verifier {
        let words = tr!(locale, "dashboard.to_verify", count = it.waiting).into_owned();
        let open = tr!(locale, "dashboard.open_verification").into_owned();
        add(Status::Yellow, it.waiting, words, open, links::verification(slug));
    }
    if let Some(it) = &board.planner {
        let open_plan = || tr!(locale, "dashboard.open_plan").into_owned();
        let plan = || links::plan(slug);
        let words = tr!(locale, "dashboard.can_adopt").into_owned();
        let open = tr!(locale, "dashboard.open_adoption").into_owned();
        add(Status::Yellow, it.can_adopt.into(), words, open, links::adoption(slug));
        let words = tr!(locale, "dashboard.no_plan").into_owned();
        let missing = !it.has_plan && !it.can_adopt;
        add(Status::Yellow, missing.into(), words, open_plan(), plan());
        let words = tr!(locale, "dashboard.can_release").into_owned();
        let open = tr!(locale, "dashboard.open_templates").into_owned();
        add(Status::Yellow, it.can_release.into(), words, open, links::templates(slug));
        let words = tr!(locale, "dashboard.unplaced", count = it.unplaced).into_owned();
        add(Status::Yellow, it.unplaced, words, open_plan(), plan());
        let words = tr!(locale, "dashboard.without_target", count = it.without_target).into_owned();
        add(Status::Yellow, it.without_target, words, open_plan(), plan());
        let words = tr!(locale, "dashboard.without_owner", count = it.without_owner).into_owned();
        add(Status::Yellow, it.without_owner, words, open_plan(), plan());
    }
    if let Some(it) = &board.publisher
        && let Some(latest) = it.unpublished.first()
    {
        let period = format::period(locale, name_of(*latest));
        let words = tr!(locale, "dashboard.unpublished", period = period).into_owned();
        let open = tr!(locale, "dashboard.open_publication").into_owned();
        add(Status::Yellow, 1, words, open, links::publication(slug));
    }
    if let Some(it) = &board.administrator {
        let words = tr!(locale, "dashboard.no_agencies").into_owned();
        let open = tr!(locale, "dashboard.open_organisation").into_owned();
        let none = it.agencies == 0;
        add(Status::Yellow, none.into(), words, open, links::organisation(slug));
        let words = tr!(locale, "dashboard.no_periods").into_owned();
        let open = tr!(locale, "dashboard.open_periods").into_owned();
        add(Status::Yellow, (it.periods == 0).into(), words, open, links::periods(slug));
    }
    tasks.sort_by_key(|it| it.status != Status::Red);
    tasks
}

/// A period as pages name it.
fn name_of(period: Period) -> PeriodName {
    match period.quarter_number() {
        None => PeriodName::Year(period.calendar_year()),
        Some(quarter) => PeriodName::Quarter(period.calendar_year(), u32::from(quarter)),
    }
}

/// A card of counts with the way to its page.
fn counts(title: &str, lines: &[(String, String)], way: &[(String, String)]) -> Markup {
    card(
        &Card::titled(title),
        html! {
            dl.facts { @for (label, value) in lines { dt { (label) } dd { (value) } } }
            (actions(html! {
                @for (label, href) in way { (link_button(label, href, Weight::Secondary, None)) }
            }))
        },
    )
}

fn line(locale: Locale, label: impl Into<String>, count: usize) -> (String, String) {
    (label.into(), format::count(locale, u64::try_from(count).unwrap_or(u64::MAX)))
}

fn way(label: impl Into<String>, href: String) -> (String, String) {
    (label.into(), href)
}

fn officer(page: &Page, it: OfficerWork) -> Markup {
    let locale = page.locale;
    if it.indicators == 0 {
        return nothing(
            tr!(locale, "dashboard.officer"),
            tr!(locale, "dashboard.officer_none"),
            Icon::Entry,
        );
    }
    let lines = [
        line(locale, tr!(locale, "dashboard.my_indicators"), it.indicators),
        line(locale, tr!(locale, "dashboard.my_due"), it.due + it.late),
        line(locale, tr!(locale, "dashboard.my_submitted"), it.submitted),
    ];
    let open = [way(tr!(locale, "dashboard.open_entry"), links::entry(&page.tenant().slug))];
    counts(&tr!(locale, "dashboard.officer"), &lines, &open)
}

fn verifier(page: &Page, it: VerifierWork) -> Markup {
    let locale = page.locale;
    let lines = [
        line(locale, tr!(locale, "dashboard.my_waiting"), it.waiting),
        line(locale, tr!(locale, "dashboard.out_of_reach"), it.out_of_reach),
    ];
    let href = links::verification(&page.tenant().slug);
    let open = [way(tr!(locale, "dashboard.open_verification"), href)];
    counts(&tr!(locale, "dashboard.verifier"), &lines, &open)
}

fn planner(page: &Page, it: &PlannerWork) -> Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let adopted = it.adoption.as_ref().map_or_else(
        || tr!(locale, "dashboard.not_adopted").into_owned(),
        |adoption| adoption.version.to_string(),
    );
    let mut lines = vec![
        line(locale, tr!(locale, "dashboard.plan_unplaced"), it.unplaced),
        line(locale, tr!(locale, "dashboard.plan_without_target"), it.without_target),
        line(locale, tr!(locale, "dashboard.plan_without_owner"), it.without_owner),
    ];
    let mut open = vec![way(tr!(locale, "dashboard.open_plan"), links::plan(slug))];
    if page.standing().is_of_province() {
        open.push(way(tr!(locale, "dashboard.open_templates"), links::templates(slug)));
    } else {
        lines.insert(0, (tr!(locale, "dashboard.adopted").into_owned(), adopted));
        open.push(way(tr!(locale, "dashboard.open_adoption"), links::adoption(slug)));
    }
    counts(&tr!(locale, "dashboard.planner"), &lines, &open)
}

fn publisher(page: &Page, it: &PublisherWork) -> Markup {
    let locale = page.locale;
    let lines = [
        line(locale, tr!(locale, "dashboard.in_force"), it.in_force),
        line(locale, tr!(locale, "dashboard.not_published"), it.unpublished.len()),
    ];
    let href = links::publication(&page.tenant().slug);
    let open = [way(tr!(locale, "dashboard.open_publication"), href)];
    counts(&tr!(locale, "dashboard.publisher"), &lines, &open)
}

fn province(page: &Page, it: ProvinceWork) -> Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let lines = [
        line(locale, tr!(locale, "dashboard.regencies"), it.regencies),
        line(locale, tr!(locale, "dashboard.publishing"), it.publishing),
    ];
    let open = [
        way(tr!(locale, "dashboard.open_comparison"), links::comparison(slug)),
        way(tr!(locale, "dashboard.open_alignment"), links::alignment(slug)),
    ];
    counts(&tr!(locale, "dashboard.province"), &lines, &open)
}

fn administrator(page: &Page, it: AdministratorWork) -> Markup {
    let locale = page.locale;
    let slug = &page.tenant().slug;
    let lines = [
        line(locale, tr!(locale, "dashboard.members"), it.members),
        line(locale, tr!(locale, "dashboard.agencies"), it.agencies),
        line(locale, tr!(locale, "dashboard.open_periods_count"), it.open_periods),
    ];
    let open = [
        way(tr!(locale, "dashboard.open_members"), links::members(slug)),
        way(tr!(locale, "dashboard.open_organisation"), links::organisation(slug)),
        way(tr!(locale, "dashboard.open_periods"), links::periods(slug)),
    ];
    counts(&tr!(locale, "dashboard.administrator"), &lines, &open)
}

fn scorecard(page: &Page) -> Markup {
    let locale = page.locale;
    let href = links::scorecard(&page.tenant().slug);
    card(
        &Card::titled(tr!(locale, "dashboard.scorecard")),
        html! {
            p { (tr!(locale, "dashboard.scorecard_text")) }
            p { (link_button(&tr!(locale, "dashboard.open_scorecard"), &href, Weight::Secondary, Some(Icon::Scorecard))) }
        },
    )
}

fn nothing(title: impl Into<String>, text: impl Into<String>, icon: Icon) -> Markup {
    card(
        &Card::titled(title),
        empty(&Empty { title: String::new(), text: text.into(), action: None, icon }),
    )
}
