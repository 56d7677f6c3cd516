//! Text in drawings, which does not wrap by itself: wrapped and shortened by the measured widths
//! of the font that the pages ship.

mod widths {
    include!(concat!(env!("OUT_DIR"), "/widths.rs"));
}

/// The two weights of the font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FontWeight {
    /// 400.
    Regular,
    /// 700.
    Bold,
}

/// Width of a letter the font does not have: as wide as an M, so that nothing bursts its box.
const UNKNOWN: u16 = 907;

/// Width of a line in thousandths of a pixel, at a font size in pixels.
fn milli_width(text: &str, size: u32, weight: FontWeight) -> u64 {
    let table = match weight {
        FontWeight::Regular => widths::REGULAR,
        FontWeight::Bold => widths::BOLD,
    };
    text.chars()
        .map(|letter| {
            let width = table
                .binary_search_by_key(&letter, |(known, _)| *known)
                .map_or(UNKNOWN, |at| table[at].1);
            u64::from(width) * u64::from(size)
        })
        .sum()
}

/// Width of a line in pixels, rounded up, at a font size in pixels.
pub fn width(text: &str, size: u32, weight: FontWeight) -> u32 {
    u32::try_from(milli_width(text, size, weight).div_ceil(1000)).unwrap_or(u32::MAX)
}

/// Lines of at most `room` pixels. A word that is wider alone stays whole on its line.
pub fn wrap(text: &str, room: u32, size: u32, weight: FontWeight) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if let Some(last) = lines.last_mut() {
            let longer = format!("{last} {word}");
            if width(&longer, size, weight) <= room {
                *last = longer;
                continue;
            }
        }
        lines.push(word.to_owned());
    }
    lines
}

/// The text, or as much of it as fits with an ellipsis behind it.
pub fn shorten(text: &str, room: u32, size: u32, weight: FontWeight) -> String {
    if width(text, size, weight) <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        let longer = format!("{short}{letter}");
        if width(&format!("{longer}…"), size, weight) > room {
            break;
        }
        short = longer;
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        // Noto Sans Regular: "i" advances 258, "M" 907 of 1000 units.
        assert_eq!(width("i", 1000, FontWeight::Regular), 258);
        assert_eq!(width("M", 1000, FontWeight::Regular), 907);
        assert!(width("Lombok", 12, FontWeight::Bold) > width("Lombok", 12, FontWeight::Regular));
        assert_eq!(width("", 12, FontWeight::Regular), 0);
    }

    #[test]
    fn lines_fit_their_room_and_lose_no_word() {
        let text = "Terwujudnya layanan kesehatan dasar bermutu";
        let lines = wrap(text, 140, 12, FontWeight::Bold);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), text);
        for line in &lines {
            assert!(width(line, 12, FontWeight::Bold) <= 140, "{line}");
        }
    }

    #[test]
    fn long_word_stays_whole() {
        let lines = wrap("di Ketidakseimbangannya sana", 20, 12, FontWeight::Regular);
        assert_eq!(lines, ["di", "Ketidakseimbangannya", "sana"]);
        assert!(wrap("  ", 20, 12, FontWeight::Regular).is_empty());
    }

    #[test]
    fn shortened_text_fits_with_its_ellipsis() {
        let short = shorten("Kabupaten Sumbawa Barat", 80, 12, FontWeight::Regular);
        assert!(short.ends_with('…'));
        assert!(width(&short, 12, FontWeight::Regular) <= 80);
        assert_eq!(shorten("Bima", 80, 12, FontWeight::Regular), "Bima");
    }
}
