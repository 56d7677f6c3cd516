//! A QR code as SVG: drawn here, without script and without a picture from elsewhere.

use std::fmt::Write as _;

use maud::{Markup, html};
use qrcode::{Color, QrCode};

/// Empty modules around the code, as ISO/IEC 18004 asks.
const QUIET: usize = 4;

/// The code of a text, in black on white whatever the colours of the page are; nothing when the text is too long.
pub fn qr(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::new(text.as_bytes()) else { return html! {} };
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut path = String::new();
    for (at, color) in code.to_colors().into_iter().enumerate() {
        if color == Color::Dark {
            let (x, y) = (at % width + QUIET, at / width + QUIET);
            // Writing to a text does not fail.
            let _written = write!(path, "M{x} {y}h1v1h-1z");
        }
    }
    html! {
        svg.qr role="img" aria-label=(label) viewBox={ "0 0 " (side) " " (side) }
            width="232" height="232" shape-rendering="crispEdges" {
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_drawn_whole_and_asks_for_no_style() {
        let drawn = qr("otpauth://totp/E-Kinerja:ani?secret=GEZDGNBV", "Kode QR").into_string();
        // The three corners alone are 3 x 33 dark modules.
        assert!(drawn.matches("h1v1h-1z").count() > 99, "{drawn}");
        assert!(drawn.contains("M4 4h1") && !drawn.contains("style"), "{drawn}");
        assert!(qr(&"x".repeat(5000), "").into_string().is_empty());
    }
}
