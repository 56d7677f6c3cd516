//! The frame of every page: side bar (a folding menu on a phone), head of the page, messages; and
//! the narrow frame of public pages such as sign-in.

mod at_rest;

use super::forms::{Weight, button_form, csrf};
use super::icon::{Icon, icon};
use super::navigation::{Place, breadcrumb};
use super::notice::{Flash, Tone, demonstration, flash, notice};
use crate::assets;
use crate::locale::{Locale, switch_href, tr};
use maud::{DOCTYPE, Markup, html};

/// The colour of a government. A small set, each with white text at 4.5 : 1 or better, so that
/// nobody can choose an unreadable one and no page needs an inline style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Accent {
    /// The product's own.
    #[default]
    Navy,
    /// Green.
    Green,
    /// Blue-green.
    Teal,
    /// Dark red.
    Maroon,
    /// Violet.
    Purple,
    /// Brown.
    Brown,
    /// Grey-blue.
    Slate,
}

impl Accent {
    /// Every accent.
    pub const ALL: [Self; 7] =
        [Self::Navy, Self::Green, Self::Teal, Self::Maroon, Self::Purple, Self::Brown, Self::Slate];

    /// The name as stored and as in `data-accent`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Navy => "navy",
            Self::Green => "green",
            Self::Teal => "teal",
            Self::Maroon => "maroon",
            Self::Purple => "purple",
            Self::Brown => "brown",
            Self::Slate => "slate",
        }
    }

    /// The accent of a stored name.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.code() == code)
    }
}

/// A page of the menu.
#[derive(Clone, Debug)]
pub struct MenuItem {
    /// Words.
    pub label: String,
    /// Address.
    pub href: String,
    /// Picture.
    pub icon: Icon,
    /// Whether this is the page shown.
    pub current: bool,
    /// How many things wait there.
    pub waiting: Option<u64>,
}

/// Pages of the menu under a heading (empty for none).
#[derive(Clone, Debug)]
pub struct MenuGroup {
    /// Heading.
    pub label: String,
    /// Pages.
    pub items: Vec<MenuItem>,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// Name.
    pub name: String,
    /// Role, and the unit it is for.
    pub role: String,
    /// Where their own sessions are listed.
    pub account: String,
    /// Where the sign-out form is sent.
    pub sign_out: String,
}

/// Emergency access that runs: who, until when, why, and how it is ended.
#[derive(Clone, Debug)]
pub struct Emergency {
    /// Who is in, until when, approved by whom.
    pub words: String,
    /// Why.
    pub reason: String,
    /// Where the form that ends it is sent.
    pub end: String,
}

/// Everything around a page's content.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    /// Language.
    pub locale: Locale,
    /// The government's colour.
    pub accent: Accent,
    /// The page's heading and, with the government's name, the window's title.
    pub title: String,
    /// A line under the heading.
    pub subtitle: String,
    /// The government's name.
    pub government: String,
    /// Its level in words: "Provinsi", "Kabupaten".
    pub level: String,
    /// Where the name leads.
    pub home: String,
    /// The menu.
    pub menu: Vec<MenuGroup>,
    /// Who is signed in.
    pub person: Option<Person>,
    /// The token for the forms in the frame.
    pub csrf: String,
    /// The way here, without this page.
    pub way: Vec<Place>,
    /// Period picker and buttons in the page's head.
    pub tools: Option<Markup>,
    /// Messages after the last action.
    pub flashes: Vec<Flash>,
    /// The notice of a demonstration; empty for none.
    pub demonstration: String,
    /// The government takes no writes: the words that say so. Forms that write are drawn and cannot be sent.
    pub at_rest: Option<String>,
    /// Emergency access that runs and that this person is told of.
    pub emergencies: Vec<Emergency>,
    /// A line at the foot: data version, year.
    pub foot: String,
    /// Links at the foot.
    pub foot_links: Vec<Place>,
    /// Path and query of this page, for the language switch.
    pub here: String,
}

/// A whole page.
pub fn page(it: &Shell, content: Markup) -> Markup {
    let content = if it.at_rest.is_some() { at_rest::still(content) } else { content };
    let body = html! {
        a.skip href="#content" { (tr!(it.locale, "layout.skip")) }
        div.shell {
            header.side {
                div.side-in {
                    div.side-top { (brand(it)) (phone_menu(it)) }
                    nav.menu aria-label=(tr!(it.locale, "layout.menu")) { (menu(&it.menu)) }
                    div.side-foot { (person(it)) (languages(it.locale, &it.here)) }
                }
            }
            div.main {
                @if !it.demonstration.is_empty() { (demonstration(it.locale, &it.demonstration)) }
                main id="content" tabindex="-1" {
                    (breadcrumb(it.locale, &it.way, &it.title))
                    div.head {
                        div {
                            h1 { (it.title) }
                            @if !it.subtitle.is_empty() { p.sub { (it.subtitle) } }
                        }
                        @if let Some(tools) = &it.tools { div.tools { (tools) } }
                    }
                    @for one in &it.flashes { (flash(one)) }
                    @for one in &it.emergencies { (emergency(it, one)) }
                    @if let Some(words) = &it.at_rest {
                        (notice(Tone::Warning, html! { p { (words) } }))
                    }
                    (content)
                }
                footer.foot { p { (tr!(it.locale, "layout.product")) @if !it.foot.is_empty() { " · " (it.foot) }
                    @for link in &it.foot_links { " · " a href=(link.href) { (link.label) } } } }
            }
        }
    };
    document(it.locale, it.accent, &format!("{} · {}", it.title, it.government), &body)
}

fn emergency(it: &Shell, one: &Emergency) -> Markup {
    let end = tr!(it.locale, "emergency.end");
    notice(
        Tone::Warning,
        html! {
            p { b { (tr!(it.locale, "emergency.running_title")) } ". " (one.words) }
            p { (one.reason) }
            (button_form(&one.end, &it.csrf, &end, Weight::Danger))
        },
    )
}

/// A narrow page for people who are not signed in.
#[derive(Clone, Debug, Default)]
pub struct PublicShell {
    /// Language.
    pub locale: Locale,
    /// Colour.
    pub accent: Accent,
    /// Heading and window title.
    pub title: String,
    /// A line under the heading.
    pub subtitle: String,
    /// Messages.
    pub flashes: Vec<Flash>,
    /// The notice of a demonstration; empty for none.
    pub demonstration: String,
    /// Links at the right of the head, for instance "Masuk".
    pub links: Vec<Place>,
    /// Path and query of this page.
    pub here: String,
    /// Wide pages (the public front) instead of one narrow column (sign-in).
    pub wide: bool,
}

/// A page outside any government: sign-in, the public front, problems without a session.
#[expect(clippy::needless_pass_by_value, reason = "content is made in the call, as in html!")]
pub fn public_page(it: &PublicShell, content: Markup) -> Markup {
    let body = html! {
        a.skip href="#content" { (tr!(it.locale, "layout.skip")) }
        div.public {
            header.public-head {
                a.brand href="/" { (emblem()) span { b { (tr!(it.locale, "layout.product")) } } }
                div {
                    @if !it.links.is_empty() {
                        nav aria-label=(tr!(it.locale, "layout.menu")) {
                            @for place in &it.links { a href=(place.href) { (place.label) } }
                        }
                    }
                    (languages(it.locale, &it.here))
                }
            }
            @if !it.demonstration.is_empty() { (demonstration(it.locale, &it.demonstration)) }
            main.narrow[!it.wide] id="content" tabindex="-1" {
                div.head {
                    div {
                        h1 { (it.title) }
                        @if !it.subtitle.is_empty() { p.sub { (it.subtitle) } }
                    }
                }
                @for one in &it.flashes { (flash(one)) }
                (content)
            }
            footer.foot { p { (tr!(it.locale, "layout.product_long")) } }
        }
    };
    let title = format!("{} · {}", it.title, tr!(it.locale, "layout.product"));
    document(it.locale, it.accent, &title, &body)
}

fn document(locale: Locale, accent: Accent, title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(locale.code()) data-accent=(accent.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="preload" href=(assets::href("sans.woff")) as="font" type="font/woff" crossorigin;
                link rel="stylesheet" href=(assets::href("app.css"));
                link rel="icon" type="image/svg+xml" href=(assets::href("favicon.svg"));
                @for module in assets::MODULES { script type="module" src=(assets::href(module)) {} }
            }
            body { (body) }
        }
    }
}

/// A shield with a rising line; drawn here, so that it costs no request.
fn emblem() -> Markup {
    html! {
        svg.emblem viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" {
            path d="M16 2l12 4v10c0 7-5 11.500-12 14C9 27.500 4 23 4 16V6z" fill="#f4b63f" {}
            path d="M9 18l5-5 3 3 6-7M19 9h4v4" fill="none" stroke="#062a4d" stroke-width="2.400"
                stroke-linecap="round" stroke-linejoin="round" {}
        }
    }
}

fn brand(it: &Shell) -> Markup {
    html! {
        a.brand href=(it.home) {
            (emblem())
            span { b { (it.government) } small { (it.level) " · " (tr!(it.locale, "layout.product")) } }
        }
    }
}

/// The menu of a phone: the same links, folded. Written twice because no style sheet can unfold a
/// closed `details` in every browser; the one not shown is `display: none` for everybody.
fn phone_menu(it: &Shell) -> Markup {
    html! {
        details.phone-menu {
            summary { (icon(Icon::Menu)) span { (tr!(it.locale, "layout.menu_short")) } }
            div {
                nav aria-label=(tr!(it.locale, "layout.menu")) { (menu(&it.menu)) }
                (person(it)) (languages(it.locale, &it.here))
            }
        }
    }
}

fn menu(groups: &[MenuGroup]) -> Markup {
    html! {
        @for group in groups {
            @if !group.label.is_empty() { p.menu-label { (group.label) } }
            ul {
                @for item in &group.items {
                    li { a href=(item.href) aria-current=[item.current.then_some("page")] {
                        (icon(item.icon)) span { (item.label) }
                        @if let Some(count) = item.waiting { span.count { (count) } }
                    } }
                }
            }
        }
    }
}

fn person(it: &Shell) -> Markup {
    html! {
        @if let Some(person) = &it.person {
            div.person {
                (icon(Icon::User))
                span { b { a href=(person.account) { (person.name) } } small { (person.role) } }
                form method="post" action=(person.sign_out) {
                    (csrf(&it.csrf))
                    button type="submit" title=(tr!(it.locale, "layout.sign_out")) {
                        (icon(Icon::SignOut)) span.vh { (tr!(it.locale, "layout.sign_out")) }
                    }
                }
            }
        }
    }
}

fn languages(now: Locale, here: &str) -> Markup {
    html! {
        ul.languages aria-label=(tr!(now, "layout.language")) {
            @for locale in Locale::ALL {
                li { a href=(switch_href(locale, here)) lang=(locale.code()) hreflang=(locale.code())
                    aria-current=[(locale == now).then_some("true")] { (locale.name()) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(locale: Locale) -> Shell {
        Shell {
            locale,
            title: String::from("Perbandingan <IPM>"),
            government: String::from("Provinsi Nusa Tenggara Barat"),
            level: String::from("Provinsi"),
            home: String::from("/ntb"),
            here: String::from("/ntb/comparison?indicator=IPM&period=2023"),
            person: Some(Person {
                name: String::from("Perencana"),
                role: String::from("Perencana"),
                account: String::from("/sesi"),
                sign_out: String::from("/keluar"),
            }),
            csrf: String::from("token"),
            ..Shell::default()
        }
    }

    #[test]
    fn page_keeps_the_content_security_policy() {
        let text = page(&shell(Locale::Id), html! { p { "isi" } }).into_string();
        assert!(!text.contains(" style="), "no inline styles");
        assert!(!text.contains("<style"), "no inline style sheets");
        for script in text.split("<script").skip(1) {
            assert!(script.contains("></script>"), "scripts come from files: {script}");
        }
        for handler in [" onclick=", " onchange=", " onload=", "javascript:"] {
            assert!(!text.contains(handler), "{handler}");
        }
    }

    #[test]
    fn page_has_language_title_landmarks_and_a_way_past_the_menu() {
        let text = page(&shell(Locale::En), html! {}).into_string();
        assert!(text.contains(r#"<html lang="en""#));
        assert!(text.contains("<title>Perbandingan &lt;IPM&gt; · Provinsi"));
        assert_eq!(text.matches("<h1>").count(), 1);
        assert_eq!(text.matches("<main").count(), 1);
        assert!(text.contains(r##"href="#content""##));
        assert!(text.contains(r#"name="csrf" value="token""#));
    }

    #[test]
    fn language_switch_comes_back_here() {
        let text = page(&shell(Locale::Id), html! {}).into_string();
        assert!(
            text.contains("/bahasa/en?kembali=%2Fntb%2Fcomparison%3Findicator%3DIPM"),
            "{text}"
        );
    }

    #[test]
    fn every_accent_is_found_by_its_code() {
        for accent in Accent::ALL {
            assert_eq!(Accent::from_code(accent.code()), Some(accent));
        }
        assert_eq!(Accent::from_code("pink"), None);
    }
}
