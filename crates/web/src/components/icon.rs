//! Small pictures: line icons beside words, and the shapes of the statuses.
//!
//! All are decoration (`aria-hidden`): the word stands beside them.

use super::Status;
use maud::{Markup, html};

/// A line icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what is drawn")]
pub enum Icon {
    Dashboard,
    Scorecard,
    Strategy,
    Compare,
    Map,
    Plan,
    Template,
    Adoption,
    Entry,
    Verification,
    Publication,
    Organisation,
    Members,
    Align,
    Rollup,
    Onboarding,
    Audit,
    Tenants,
    Document,
    Menu,
    Info,
    Warning,
    Success,
    Error,
    Close,
    Download,
    Upload,
    Print,
    Link,
    Lock,
    Clock,
    Copy,
    Search,
    Globe,
    User,
    SignOut,
    Add,
    Edit,
    Why,
    Next,
    Previous,
    Up,
    Down,
    Same,
}

impl Icon {
    /// Strokes on a field of 24 by 24.
    const fn path(self) -> &'static str {
        match self {
            Self::Dashboard => "M4 4h7v7H4zM13 4h7v4h-7zM13 11h7v9h-7zM4 14h7v6H4z",
            Self::Scorecard => "M4 6h10M4 12h16M4 18h7M18 4v4M16 6h4",
            Self::Strategy => "M4 4h6v4H4zM14 16h6v4h-6zM4 16h6v4H4zM7 8v8M7 12h10v4",
            Self::Compare => "M5 20V11M12 20V4M19 20v-6",
            Self::Map => "M9 4 3 6v14l6-2 6 2 6-2V4l-6 2zM9 4v14M15 6v14",
            Self::Plan => "M6 4h12M6 4v16M6 10h9M6 16h6M18 16l2 2-2 2",
            Self::Template => "M4 5h16v4H4zM4 12h7v7H4zM14 12h6v7h-6z",
            Self::Adoption => "M12 3v11M8 10l4 4 4-4M5 17v3h14v-3",
            Self::Entry => "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
            Self::Verification => "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4",
            Self::Publication => "M4 11l14-6v14L4 13zM8 13.5V19h3v-4.500",
            Self::Organisation => "M9 3h6v5H9zM3 16h6v5H3zM15 16h6v5h-6zM12 8v4M6 16v-4h12v4",
            Self::Members => {
                "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-4 2.500-6 6-6s6 2 6 6\
                 M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2 .8 3 2.800 3 5.500"
            }
            Self::Align => "M4 5h6v6H4zM14 13h6v6h-6zM10 8h7v5",
            Self::Rollup => "M12 4v8M12 12l-7 8M12 12l7 8M12 12v8M9 7l3-3 3 3",
            Self::Onboarding => "M4 6l2 2 3-3M4 13l2 2 3-3M12 7h8M12 14h8M12 20h8M5 20h2",
            Self::Audit => "M6 3h9l4 4v14H6zM9 12h7M9 16h7M9 8h3",
            Self::Tenants => "M3 20h18M5 20V9l7-5 7 5v11M9 20v-6h6v6",
            Self::Document => "M6 3h9l4 4v14H6zM14 3v5h5",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Info => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 7.500v.5",
            Self::Warning => "M12 4 2.500 20h19zM12 10v5M12 17.500v.5",
            Self::Success => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8 12.500l2.500 2.500 5-5.500",
            Self::Error => "M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 8v5M12 16v.5",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Download => "M12 4v11M8 11l4 4 4-4M5 20h14",
            Self::Upload => "M12 16V5M8 9l4-4 4 4M5 20h14",
            Self::Print => "M7 9V4h10v5M5 9h14v8h-2M7 17H5V9M7 14h10v6H7z",
            Self::Link => {
                "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"
            }
            Self::Lock => "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
            Self::Clock => "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2",
            Self::Copy => "M9 9h11v11H9zM5 15H4V4h11v1",
            Self::Search => "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
            Self::Globe => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18"
            }
            Self::User => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-5 3-7 8-7s8 2 8 7",
            Self::SignOut => "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
            Self::Add => "M12 5v14M5 12h14",
            Self::Edit => "M4 20h4L19 9l-4-4L4 16z",
            Self::Why => {
                "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.500 9.500a2.500 2.500 0 1 1 3.500 2.500c-.7.4-1 .8-1 1.500\
                 M12 16.500v.5"
            }
            Self::Next => "M9 5l7 7-7 7",
            Self::Previous => "M15 5l-7 7 7 7",
            Self::Up => "M12 20V5M6 11l6-6 6 6",
            Self::Down => "M12 4v15M6 13l6 6 6-6",
            Self::Same => "M4 9h16M4 15h16",
        }
    }
}

/// A line icon in the colour and size of the text beside it.
pub fn icon(icon: Icon) -> Markup {
    html! {
        svg.i viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"
            stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" {
            path d=(icon.path()) {}
        }
    }
}

/// The shape of a status: circle, triangle, square; and five grey shapes that differ from them
/// and from each other.
pub fn shape(status: Status) -> Markup {
    let class = status.class();
    html! {
        svg class={ "s " (class) } viewBox="0 0 16 16" width="12" height="12"
            fill=(status.colour()) aria-hidden="true" {
            (shape_body(status))
        }
    }
}

/// The drawing alone, on a field of 16 by 16, for use inside another SVG.
pub(crate) fn shape_body(status: Status) -> Markup {
    let hollow = |path: &str| {
        html! { path d=(path) fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" {} }
    };
    match status {
        Status::Green => html! { circle cx="8" cy="8" r="7" {} },
        Status::Yellow => html! { path d="M8 1 15.500 14.500H.5z" {} },
        Status::Red => html! { path d="M1.500 1.500h13v13h-13z" {} },
        Status::Missing => hollow("M8 2a6 6 0 1 0 .01 0z"),
        Status::NotApplicable => hollow("M2.500 8h11"),
        Status::NotYetDue => hollow("M8 2a6 6 0 1 0 .01 0zM8 5v3.200l2 1.300"),
        Status::NotMeasurable => hollow("M3 3l10 10M13 3 3 13"),
        Status::Provisional => {
            html! { (hollow("M8 2a6 6 0 1 0 .01 0z")) path d="M8 2a6 6 0 0 0 0 12z" {} }
        }
    }
}
