//! How the people of a government sign in: its identity provider, tried and set by an administrator.

use axum::extract::State;
use axum::routing::{get, post};
use ekinerja_app::App;
use ekinerja_app::identity::{Identity, LocalSignIn, ProviderReport, SetSignIn, SignInSettings};
use ekinerja_app::members::Membership;
use ekinerja_domain::ids::UserId;
use maud::{Markup, html};
use serde::Deserialize;

use crate::components::card::{Card, card};
use crate::components::forms::{
    Choice, Field, Form as FormView, Weight, actions, button_form, copyable, field, fieldset, form,
    submit, submit_to,
};
use crate::components::icon::{Icon, icon};
use crate::components::notice::{Tone, notice};
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
        .route("/sign-in", get(show_settings).post(set_settings))
        .route("/sign-in/test", post(try_provider))
        .route("/sign-in/links/{person}/end", post(unlink))
}

async fn show_settings(State(app): State<App>, page: Page) -> PageResult {
    let settings = app.sign_in_settings(&page.scope()).await?;
    let state = FormState::with(fields_of(&settings));
    draw(&app, &page, &settings, &state, None).await
}

fn fields_of(it: &SignInSettings) -> Fields {
    let mut fields = Fields::of([
        ("issuer", it.issuer.as_str()),
        ("client_id", it.client_id.as_str()),
        ("scopes", it.scopes.as_str()),
        ("nip_claim", it.nip_claim.as_str()),
        ("label", it.label.as_str()),
        ("local_sign_in", it.local_sign_in.code()),
    ]);
    fields.push("revision", it.revision.to_string());
    if it.enabled {
        fields.push("enabled", "on");
    }
    for person in &it.emergency {
        fields.push("emergency", person.to_string());
    }
    fields
}

async fn draw(
    app: &App,
    page: &Page,
    settings: &SignInSettings,
    state: &FormState,
    report: Option<&ProviderReport>,
) -> PageResult {
    let locale = page.locale;
    let list = app.members(&page.scope()).await?;
    let here = links::sign_in_settings(&page.tenant().slug);
    let test = format!("{here}/test");
    let content = html! {
        (state.summary(locale))
        @if !settings.may_enable {
            (notice(Tone::Warning, html! { p { (tr!(locale, "provider.no_key")) } }))
        }
        @if settings.local_sign_in == LocalSignIn::Emergency && settings.emergency_people < 2 {
            (notice(Tone::Warning, html! { p { (tr!(locale, "provider.emergency_alone")) } }))
        }
        @if let Some(report) = report { (report_notice(locale, report)) }
        (card(&Card::titled(tr!(locale, "provider.register")), register(locale, settings)))
        (card(&Card::titled(tr!(locale, "provider.settings")), html! {
            (form(&FormView { action: here.clone(), guarded: true, ..FormView::default() }, html! {
                input type="hidden" name="revision" value=(state.value("revision"));
                @for one in fields(locale, settings) { (field(locale, &state.fill(locale, one))) }
                (emergency(locale, state, &list.members))
                (actions(html! {
                    (submit(&tr!(locale, "provider.save"), Weight::Primary))
                    (submit_to(&tr!(locale, "provider.test"), Weight::Secondary, &test))
                }))
            }))
        }))
        @if !settings.links.is_empty() {
            (card(
                &Card::titled(tr!(locale, "provider.links")),
                linked(locale, &here, &settings.links, &list.members),
            ))
        }
    };
    let head = Head::new(tr!(locale, "provider.title")).subtitle(tr!(locale, "provider.subtitle"));
    Ok(page.show_with(state.status(), head, content))
}

/// What is to be registered at the provider.
fn register(locale: Locale, it: &SignInSettings) -> Markup {
    let allowed = if it.allowed.is_empty() {
        tr!(locale, "provider.none_allowed").into_owned()
    } else {
        it.allowed.join(", ")
    };
    html! {
        p { (tr!(locale, "provider.redirect_uri")) ": " (copyable(locale, &it.redirect_uri)) }
        p { (tr!(locale, "provider.after_sign_out")) ": " (copyable(locale, &it.after_sign_out)) }
        p { (tr!(locale, "provider.allowed")) ": " (allowed) }
    }
}

fn fields(locale: Locale, it: &SignInSettings) -> Vec<Field> {
    let secret_hint = if it.has_secret {
        tr!(locale, "provider.secret_kept")
    } else {
        tr!(locale, "provider.secret_hint")
    };
    let local = [LocalSignIn::Everybody, LocalSignIn::Emergency];
    let local = local.map(|it| Choice::new(it.code(), local_words(locale, it)));
    vec![
        Field::url("issuer", tr!(locale, "provider.issuer"))
            .hint(tr!(locale, "provider.issuer_hint"))
            .required(),
        Field::text("client_id", tr!(locale, "provider.client_id")).autocomplete("off").required(),
        Field::password("client_secret", tr!(locale, "provider.client_secret"))
            .hint(secret_hint)
            .autocomplete("new-password"),
        Field::text("scopes", tr!(locale, "provider.scopes"))
            .hint(tr!(locale, "provider.scopes_hint")),
        Field::text("nip_claim", tr!(locale, "provider.nip_claim"))
            .hint(tr!(locale, "provider.nip_claim_hint")),
        Field::text("label", tr!(locale, "provider.label"))
            .hint(tr!(locale, "provider.label_hint")),
        Field::checkbox("enabled", tr!(locale, "provider.enabled")),
        Field::radio("local_sign_in", tr!(locale, "provider.local"), local.into()),
    ]
}

fn local_words(locale: Locale, it: LocalSignIn) -> String {
    match it {
        LocalSignIn::Everybody => tr!(locale, "provider.local_everybody").into_owned(),
        LocalSignIn::Emergency => tr!(locale, "provider.local_emergency").into_owned(),
    }
}

/// The accounts that sign in locally where everybody else must use the provider.
fn emergency(locale: Locale, state: &FormState, members: &[Membership]) -> Markup {
    let chosen: Vec<_> = state.fields().all("emergency").collect();
    let mut people: Vec<(UserId, &str, &str)> = Vec::new();
    for it in members {
        if people.iter().all(|(id, ..)| *id != it.user) {
            people.push((it.user, &it.name, &it.username));
        }
    }
    fieldset(
        &tr!(locale, "provider.emergency"),
        &tr!(locale, "provider.emergency_hint"),
        html! {
            div id="f-emergency" {
                @if let Some(error) = state.error(locale, "emergency") {
                    p.error { (icon(Icon::Error)) span { b { (error.what) } " " (error.remedy) } }
                }
                @for (id, name, username) in people {
                    @let value = id.to_string();
                    @let field = format!("f-{value}");
                    div.choice {
                        input type="checkbox" name="emergency" id=(field) value=(value)
                            checked[chosen.contains(&value.as_str())];
                        label for=(field) { (name) " " small { (username) } }
                    }
                }
            }
        },
    )
}

fn report_notice(locale: Locale, it: &ProviderReport) -> Markup {
    let pkce = match it.pkce {
        Some(true) => tr!(locale, "provider.pkce_yes"),
        Some(false) => tr!(locale, "provider.pkce_no"),
        None => tr!(locale, "provider.pkce_unsaid"),
    };
    notice(
        Tone::Success,
        html! {
            p { (tr!(locale, "provider.found", keys = it.keys)) }
            ul {
                li { code { (it.authorization_endpoint) } }
                li { code { (it.token_endpoint) } }
                li { (pkce) }
                @match &it.end_session_endpoint {
                    Some(url) => li { code { (url) } },
                    None => li { (tr!(locale, "provider.no_sign_out")) },
                }
            }
            p { (tr!(locale, "provider.not_tried")) }
        },
    )
}

fn linked(locale: Locale, here: &str, all: &[Identity], members: &[Membership]) -> Markup {
    let name = |person: UserId| {
        members.iter().find(|it| it.user == person).map_or("–", |it| it.name.as_str())
    };
    let columns = vec![
        Column::text(tr!(locale, "provider.account")),
        Column::text(tr!(locale, "provider.subject")),
        Column::text(tr!(locale, "provider.linked_at")),
        Column::text(tr!(locale, "sessions.change")),
    ];
    let row = |it: &Identity| {
        let end = format!("{here}/links/{}/end", it.user);
        Row::new(vec![
            html! { (name(it.user)) },
            html! { code { (it.subject) } br; small { (it.issuer) } },
            html! { (format::date_time(locale, it.linked_at, format::Zone::default())) },
            button_form(&end, "", &tr!(locale, "provider.unlink"), Weight::Quiet),
        ])
    };
    let caption = tr!(locale, "provider.links");
    table(locale, &Table::new(&*caption, columns).quiet().rows(all.iter().map(row)))
}

async fn set_settings(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    let text = |name| typed.text(name).to_owned();
    let ask = SetSignIn {
        issuer: text("issuer"),
        client_id: text("client_id"),
        client_secret: text("client_secret"),
        scopes: text("scopes"),
        nip_claim: text("nip_claim"),
        label: text("label"),
        local_sign_in: text("local_sign_in"),
        enabled: typed.ticked("enabled"),
        emergency: typed.all("emergency").map(str::to_owned).collect(),
    };
    let revision = typed.text("revision").parse().unwrap_or_default();
    match app.set_sign_in(&page.scope(), revision, ask).await {
        Ok(_) => {
            let here = links::sign_in_settings(&page.tenant().slug);
            Ok(page.redirect(&here, &Flash::success("flash.sign_in_set")))
        }
        Err(refusal) => {
            let settings = app.sign_in_settings(&page.scope()).await?;
            draw(&app, &page, &settings, &FormState::refused(typed, refusal)?, None).await
        }
    }
}

async fn try_provider(State(app): State<App>, page: Page, Form(typed): Form<Fields>) -> PageResult {
    let settings = app.sign_in_settings(&page.scope()).await?;
    match app.try_provider(&page.scope(), typed.text("issuer")).await {
        Ok(report) => draw(&app, &page, &settings, &FormState::with(typed), Some(&report)).await,
        Err(refusal) => {
            draw(&app, &page, &settings, &FormState::refused(typed, refusal)?, None).await
        }
    }
}

/// Path of a linked account.
#[derive(Debug, Deserialize)]
struct PersonPath {
    person: Id<UserId>,
}

async fn unlink(
    State(app): State<App>,
    page: Page,
    Path(PersonPath { person: Id(person) }): Path<PersonPath>,
) -> PageResult {
    app.unlink_identity(&page.scope(), person).await?;
    let here = links::sign_in_settings(&page.tenant().slug);
    Ok(page.redirect(&here, &Flash::success("flash.identity_unlinked")))
}
