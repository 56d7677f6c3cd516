//! Browser and machine in a few words, so that a person knows their own in a list.

/// What is in a `User-Agent`, and what it is called. The first that fits counts: a browser names its kin too.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
];
const MACHINES: [(&str, &str); 6] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];
/// Longest name of a program that is none of them.
const LONGEST: usize = 40;

/// `Firefox · Windows`; the beginning of the text where neither is known; empty without one.
pub fn device(user_agent: &str) -> String {
    let known = |list: &[(&str, &'static str)]| {
        list.iter().find(|(part, _)| user_agent.contains(part)).map(|(_, name)| *name)
    };
    match (known(&BROWSERS), known(&MACHINES)) {
        (Some(browser), Some(machine)) => format!("{browser} · {machine}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => {
            user_agent.chars().filter(|it| !it.is_control()).take(LONGEST).collect::<String>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_words_say_which_browser() {
        let firefox =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0";
        assert_eq!(device(firefox), "Firefox · Windows");
        let phone = "Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) \
                     Chrome/129.0.0.0 Mobile Safari/537.36";
        assert_eq!(device(phone), "Chrome · Android");
        assert_eq!(device("curl/8.5.0"), "curl/8.5.0");
        assert_eq!(device(&"\u{7}x".repeat(90)).chars().count(), 40);
        assert_eq!(device(""), "");
    }
}
