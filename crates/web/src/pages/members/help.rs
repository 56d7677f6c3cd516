//! Help for a member who cannot sign in.

use axum::http::StatusCode;
use axum::response::Response;
use ekinerja_app::account_help::IssuedLink;
use ekinerja_domain::ids::MembershipId;
use maud::{Markup, html};

use crate::components::forms::{
    Field, Weight, actions, button_form, copyable, csrf, field, link_button, submit,
};
use crate::components::notice::{Tone, notice};
use crate::format;
use crate::links;
use crate::locale::tr;
use crate::page::{Head, Page};

/// A link to a password, and the withdrawal of a lost second factor.
pub(super) fn forms(page: &Page, id: MembershipId) -> Markup {
    let locale = page.locale;
    let here = format!("{}/{id}", links::members(&page.tenant().slug));
    let link = format!("{here}/password-link");
    let withdrawal = format!("{here}/second-factor-withdrawal");
    html! {
        (button_form(&link, "", &tr!(locale, "account_help.issue"), Weight::Quiet))
        details {
            summary { (tr!(locale, "account_help.withdraw")) }
            p { (tr!(locale, "account_help.withdraw_text")) }
            form method="post" action=(withdrawal) {
                (csrf(""))
                (field(locale, &Field::text("reason", tr!(locale, "account_help.reason"))
                    .required().id(format!("why-{id}"))))
                (submit(&tr!(locale, "account_help.withdraw"), Weight::Danger))
            }
        }
    }
}

/// The link, this once.
pub(super) fn told(page: &Page, issued: &IssuedLink, link: &str) -> Response {
    let locale = page.locale;
    let until = format::date_time(locale, issued.expires_at, format::Zone::default());
    let members = links::members(&page.tenant().slug);
    let content = html! {
        (notice(Tone::Success, html! {
            p { (tr!(locale, "account_help.issued", name = issued.name, until = until)) }
            p { (copyable(locale, link)) }
            p { (tr!(locale, "account_help.hand_over")) }
        }))
        (actions(link_button(&tr!(locale, "members.title"), &members, Weight::Primary, None)))
    };
    let head =
        Head::new(tr!(locale, "account_help.issue")).under(tr!(locale, "members.title"), members);
    page.show_with(StatusCode::CREATED, head, content)
}
