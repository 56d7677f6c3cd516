//! Prepares what the browser is given: the fonts (a subset of Noto Sans, as WOFF), the style
//! sheet (one file out of `assets/css`), the modules of `assets/js`; each also gzipped, all under
//! one address that changes with their content. Also writes the widths of the font's letters, so
//! that text in drawings is wrapped by measure.
//!
//! WOFF and not WOFF2: the WOFF2 encoders at hand need a C++ compiler, and the product must build
//! with a Rust toolchain alone; the price is some kilobytes per style.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use sha2::{Digest, Sha256};

/// Style sheets in the order of the cascade.
const STYLES: [&str; 6] = ["base", "layout", "components", "forms", "charts", "print"];

fn main() {
    for watched in ["build.rs", "assets", "locales"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let letters = letters();
    let mut files = vec![
        (String::from("sans.woff"), woff(notosans::REGULAR_TTF, &letters, &out, "regular")),
        (String::from("sans-bold.woff"), woff(notosans::BOLD_TTF, &letters, &out, "bold")),
        (String::from("app.css"), style_sheet().into_bytes()),
        // What one page draws alone is not sent with every other.
        (String::from("strategy-map.css"), read(Path::new("assets/css/strategy-map.css"))),
        (String::from("favicon.svg"), read(Path::new("assets/favicon.svg"))),
    ];
    let mut modules: Vec<PathBuf> = fs::read_dir("assets/js")
        .expect("assets/js is there")
        .map(|entry| entry.expect("assets/js can be read").path())
        .filter(|path| path.extension().is_some_and(|it| it == "js"))
        .collect();
    modules.sort();
    for path in modules {
        let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
        files.push((name, read(&path)));
    }
    write_assets(&out, &files);
    write_widths(&out, &letters);
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What Indonesian and English pages need, with the accents of names and the signs of figures.
fn letters() -> Vec<u32> {
    let mut set: BTreeSet<u32> = (0x20..=0x7e).chain(0xa0..=0x17f).collect();
    set.extend("‐–—‘’“”•…‰′″€→←↑↓−≤≥≈≠∞".chars().map(u32::from));
    set.into_iter().collect()
}

fn style_sheet() -> String {
    let mut all = String::new();
    for name in STYLES {
        let path = format!("assets/css/{name}.css");
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        all.push_str(&text);
    }
    squeeze_css(&all)
}

/// Drops comments and the white space that has no meaning in CSS. Strings are left as they are.
fn squeeze_css(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(first) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
        } else if first == '"' {
            let end = rest[1..].find('"').map_or(rest.len(), |at| at + 2);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if first.is_whitespace() {
            rest = rest.trim_start();
            let tight = |c: char| matches!(c, '{' | '}' | ';' | ',' | '>');
            let before = out.chars().next_back().is_none_or(|c| tight(c) || c == ':');
            let after = rest.chars().next().is_none_or(|c| tight(c) || c == '/');
            if !before && !after {
                out.push(' ');
            }
        } else {
            if first == '}' && out.ends_with(';') {
                out.pop();
            }
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// The first six bytes, enough to tell versions apart.
fn short_hex(hash: &[u8]) -> String {
    hash.iter().take(6).fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes it");
        text
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn write_assets(out: &Path, files: &[(String, Vec<u8>)]) {
    let mut hash = Sha256::new();
    for (name, bytes) in files {
        hash.update(name.as_bytes());
        hash.update(bytes);
    }
    let version = short_hex(&hash.finalize());
    let mut code = format!("pub(super) const VERSION: &str = {version:?};\n");
    writeln!(code, "pub(super) const FILES: &[File] = &[").expect("a string takes it");
    for (name, bytes) in files {
        let kind = match name.rsplit('.').next() {
            Some("css") => "text/css; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("svg") => "image/svg+xml",
            Some("woff") => "font/woff",
            _ => panic!("{name}: which content type?"),
        };
        fs::write(out.join(name), bytes).expect("OUT_DIR can be written");
        let zipped = if kind == "font/woff" {
            String::from("None")
        } else {
            fs::write(out.join(format!("{name}.gz")), gzip(bytes)).expect("OUT_DIR can be written");
            format!("Some(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}.gz\")))")
        };
        writeln!(
            code,
            "File {{ name: {name:?}, kind: {kind:?}, plain: \
             include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{name}\")), gzip: {zipped} }},"
        )
        .expect("a string takes it");
    }
    code.push_str("];\n");
    fs::write(out.join("assets.rs"), code).expect("OUT_DIR can be written");
}

/// Advance widths in thousandths of the font size, as two tables sorted by letter.
fn write_widths(out: &Path, letters: &[u32]) {
    let mut code = String::new();
    for (name, font) in [("REGULAR", notosans::REGULAR_TTF), ("BOLD", notosans::BOLD_TTF)] {
        let advances = Advances::of(font);
        writeln!(code, "pub(super) const {name}: &[(char, u16)] = &[").expect("a string takes it");
        for &letter in letters {
            let Some(width) = advances.thousandths(letter) else { continue };
            let letter = char::from_u32(letter).expect("the list has letters only");
            writeln!(code, "({letter:?}, {width}),").expect("a string takes it");
        }
        code.push_str("];\n");
    }
    fs::write(out.join("widths.rs"), code).expect("OUT_DIR can be written");
}

/// The font's own tables of widths, as the OpenType specification lays them out
/// (`head`, `hhea`, `hmtx`, and `cmap` in format 4).
struct Advances<'a> {
    units: u32,
    wide: usize,
    metrics: &'a [u8],
    map: &'a [u8],
}

impl<'a> Advances<'a> {
    fn of(font: &'a [u8]) -> Self {
        let cmap = table(font, "cmap");
        let map = (0..usize::from(u16_at(cmap, 2)))
            .map(|n| u32_at(cmap, 4 + n * 8 + 4) as usize)
            .map(|offset| &cmap[offset..])
            .find(|map| u16_at(map, 0) == 4)
            .expect("Noto Sans has a character map in format 4");
        Self {
            units: u32::from(u16_at(table(font, "head"), 18)),
            wide: usize::from(u16_at(table(font, "hhea"), 34)),
            metrics: table(font, "hmtx"),
            map,
        }
    }

    fn glyph(&self, letter: u32) -> Option<usize> {
        let letter = u16::try_from(letter).ok()?;
        let doubled = usize::from(u16_at(self.map, 6));
        for at in (0..doubled).step_by(2) {
            let (end, start) = (u16_at(self.map, 14 + at), u16_at(self.map, 16 + doubled + at));
            if letter > end {
                continue;
            }
            if letter < start {
                return None;
            }
            let delta = u16_at(self.map, 16 + 2 * doubled + at);
            let ranges = 16 + 3 * doubled + at;
            let range = usize::from(u16_at(self.map, ranges));
            let glyph = if range == 0 {
                letter.wrapping_add(delta)
            } else {
                u16_at(self.map, ranges + range + 2 * usize::from(letter - start))
            };
            return (glyph != 0).then_some(usize::from(glyph));
        }
        None
    }

    fn thousandths(&self, letter: u32) -> Option<u32> {
        let row = self.glyph(letter)?.min(self.wide - 1);
        Some((u32::from(u16_at(self.metrics, row * 4)) * 1000 + self.units / 2) / self.units)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    (u32::from(u16_at(bytes, at)) << 16) | u32::from(u16_at(bytes, at + 2))
}

fn table<'a>(font: &'a [u8], tag: &str) -> &'a [u8] {
    tables(font)
        .find(|(name, _, _)| *name == tag.as_bytes())
        .map_or_else(|| panic!("the font has no table {tag}"), |(_, _, content)| content)
}

/// Tag, checksum and content of each table.
fn tables(font: &[u8]) -> impl Iterator<Item = (&[u8], u32, &[u8])> {
    (0..usize::from(u16_at(font, 4))).map(move |n| {
        let entry = 12 + n * 16;
        let (from, length) = (u32_at(font, entry + 8) as usize, u32_at(font, entry + 12) as usize);
        (&font[entry..entry + 4], u32_at(font, entry + 4), &font[from..from + length])
    })
}

/// Subset and wrapped as WOFF 1.0 (W3C Recommendation of 13 December 2012): the tables of the
/// font, each compressed with zlib. Kept between builds, since subsetting takes a while unoptimised.
fn woff(font: &[u8], letters: &[u32], out: &Path, style: &str) -> Vec<u8> {
    let mut key = Sha256::new();
    key.update(include_bytes!("build.rs"));
    key.update(font);
    let key = short_hex(&key.finalize());
    let kept = out.join(format!("{style}-{key}.woff"));
    if let Ok(bytes) = fs::read(&kept) {
        return bytes;
    }
    let sfnt = fontcull::subset_font_data_unicode(font, letters, &[]).expect("the font subsets");
    let listed: Vec<_> = tables(&sfnt).collect();
    let count = u16::try_from(listed.len()).expect("a font has few tables");
    let padded = |length: usize| length.div_ceil(4) * 4;
    let number = |length: usize| u32::try_from(length).expect("a small font");
    let (mut directory, mut body) = (Vec::new(), Vec::new());
    let start = 44 + 20 * listed.len();
    for (tag, checksum, content) in &listed {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
        zlib.write_all(content).expect("memory takes it");
        let squeezed = zlib.finish().expect("memory takes it");
        let stored = if squeezed.len() < content.len() { &squeezed[..] } else { content };
        directory.extend_from_slice(tag);
        for field in
            [number(start + body.len()), number(stored.len()), number(content.len()), *checksum]
        {
            directory.extend_from_slice(&field.to_be_bytes());
        }
        body.extend_from_slice(stored);
        body.resize(padded(body.len()), 0);
    }
    let unpacked =
        12 + 16 * listed.len() + listed.iter().map(|(_, _, it)| padded(it.len())).sum::<usize>();
    let mut woff = b"wOFF".to_vec();
    woff.extend_from_slice(&sfnt[..4]);
    woff.extend_from_slice(&number(start + body.len()).to_be_bytes());
    woff.extend_from_slice(&count.to_be_bytes());
    woff.extend_from_slice(&[0, 0]);
    woff.extend_from_slice(&number(unpacked).to_be_bytes());
    woff.extend_from_slice(&[0; 24]);
    woff.extend_from_slice(&directory);
    woff.extend_from_slice(&body);
    fs::write(&kept, &woff).expect("OUT_DIR can be written");
    woff
}
