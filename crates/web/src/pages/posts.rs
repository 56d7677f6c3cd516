//! Posts (jabatan): read by everybody of the government, kept by its administrators.

use axum::extract::State;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::posts::{HeldPost, PostDraft, PostList};
use ekinerja_domain::access::Administer;
use ekinerja_domain::access::policy::Organisation;
use ekinerja_domain::agency::Agency;
use ekinerja_domain::ids::PostId;
use ekinerja_domain::post::PostKind;
use maud::{Markup, html};
use serde::Deserialize;

use crate::components::card::{Card, card};
use crate::components::forms::{
    Choice, Field, Form as FormView, Weight, actions, button_form, field, form, submit,
};
use crate::components::table::{Column, Row, Table, table};
use crate::extract::{Fields, Form, Id, Path};
use crate::flash::Flash;
use crate::form::FormState;
use crate::format;
use crate::links;
use crate::locale::{Locale, tr};
use crate::page::{Head, Page, PageResult};
use crate::routes::Routes;

pub(super) fn router() -> Routes {
    Routes::new()
        .route("/posts", get(show_posts).post(add_post))
        .route("/posts/{post}/abolish", post(abolish_post))
}

async fn show_posts(State(app): State<App>, page: Page) -> PageResult {
    draw(&app, &page, &FormState::default()).await
}

async fn draw(app: &App, page: &Page, state: &FormState) -> PageResult {
    let locale = page.locale;
    let list = app.posts(&page.scope()).await?;
    let may = page.may::<Administer, _>(&Organisation);
    let content = html! {
        (state.summary(locale))
        @if list.posts.is_empty() {
            p { (tr!(locale, "post.none")) }
        } @else {
            (card(&Card::default(), posts_table(page, &list, may)))
        }
        @if may { (card(&Card::titled(tr!(locale, "post.add")), new_post(page, &list.agencies, state))) }
    };
    let head = Head::new(tr!(locale, "post.title")).subtitle(tr!(locale, "post.subtitle"));
    Ok(page.show_with(state.status(), head, content))
}

fn posts_table(page: &Page, list: &PostList, may: bool) -> Markup {
    let locale = page.locale;
    let mut columns = vec![
        Column::text(tr!(locale, "post.name")),
        Column::text(tr!(locale, "post.agency")),
        Column::text(tr!(locale, "post.holders")),
    ];
    if may {
        columns.push(Column::text(tr!(locale, "post.abolish")));
    }
    let row = |it: &HeldPost| {
        let agency = list.agencies.iter().find(|one| Some(one.id) == it.post.agency);
        let mut cells = vec![
            html! { (it.post.name) br; small { (kind_words(locale, it.post.kind)) } },
            html! { @if let Some(agency) = agency { (agency.name) } @else { (tr!(locale, "post.no_agency")) } },
            holders(locale, it),
        ];
        if may {
            let action = format!("{}/{}/abolish", links::posts(&page.tenant().slug), it.post.id);
            cells.push(html! {
                @if it.holders.is_empty() {
                    (button_form(&action, "", &tr!(locale, "post.abolish"), Weight::Quiet))
                }
            });
        }
        Row::new(cells)
    };
    let rows = list.posts.iter().map(row);
    table(locale, &Table::new(tr!(locale, "post.title"), columns).quiet().rows(rows))
}

fn holders(locale: Locale, it: &HeldPost) -> Markup {
    html! {
        @if it.holders.is_empty() { em { (tr!(locale, "post.vacant")) } }
        @for (at, holder) in it.holders.iter().enumerate() {
            @if at > 0 { br; }
            @if let Some(acting) = holder.acting { (acting.abbreviation()) " " }
            (holder.name)
            @if let Some(last) = holder.grant.valid_to {
                " " small { (tr!(locale, "access.between",
                    from = format::date_short(locale, holder.grant.valid_from),
                    to = format::date_short(locale, last))) }
            }
        }
    }
}

fn kind_words(locale: Locale, kind: PostKind) -> String {
    match kind {
        PostKind::Elected => tr!(locale, "post.kind.elected"),
        PostKind::Managerial => tr!(locale, "post.kind.managerial"),
        PostKind::Functional => tr!(locale, "post.kind.functional"),
        PostKind::Executor => tr!(locale, "post.kind.executor"),
    }
    .into_owned()
}

fn new_post(page: &Page, agencies: &[Agency], state: &FormState) -> Markup {
    let locale = page.locale;
    let first = |words: std::borrow::Cow<'_, str>| std::iter::once(Choice::new("", words));
    let kinds = PostKind::ALL.iter().map(|it| Choice::new(it.code(), kind_words(locale, *it)));
    let kinds = first(tr!(locale, "post.choose")).chain(kinds).collect();
    let agency = |it: &Agency| Choice::new(it.id.to_string(), format!("{} · {}", it.code, it.name));
    let agencies =
        first(tr!(locale, "post.no_agency")).chain(agencies.iter().map(agency)).collect();
    let fields = [
        Field::text("name", tr!(locale, "post.name")).required(),
        Field::select("kind", tr!(locale, "post.kind_label"), kinds).required(),
        Field::select("agency", tr!(locale, "post.agency"), agencies),
    ];
    let action = links::posts(&page.tenant().slug);
    form(
        &FormView { action, guarded: true, ..FormView::default() },
        html! {
            @for one in fields { (field(locale, &state.fill(locale, one))) }
            (actions(submit(&tr!(locale, "post.add"), Weight::Primary)))
        },
    )
}

async fn add_post(State(app): State<App>, page: Page, Form(fields): Form<Fields>) -> PageResult {
    let text = |name| fields.text(name).to_owned();
    let draft = PostDraft { name: text("name"), kind: text("kind"), agency: text("agency") };
    match app.add_post(&page.scope(), &draft).await {
        Ok(post) => {
            let flash = Flash::success("flash.post_added").with("name", &post.name);
            Ok(page.redirect(&links::posts(&page.tenant().slug), &flash))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(fields, refusal)?).await,
    }
}

/// Path of a post.
#[derive(Debug, Deserialize)]
struct PostPath {
    post: Id<PostId>,
}

async fn abolish_post(
    State(app): State<App>,
    page: Page,
    Path(PostPath { post: Id(id) }): Path<PostPath>,
) -> PageResult {
    match app.abolish_post(&page.scope(), id).await {
        Ok(post) => {
            let flash = Flash::success("flash.post_abolished").with("name", &post.name);
            Ok(page.redirect(&links::posts(&page.tenant().slug), &flash))
        }
        Err(refusal) => draw(&app, &page, &FormState::refused(Fields::default(), refusal)?).await,
    }
}
