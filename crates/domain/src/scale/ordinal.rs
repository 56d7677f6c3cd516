//! Grades that are words: which is better, and which number stands for each (rule `Ordinal`).

use std::borrow::Cow;
use std::sync::LazyLock;

use rust_decimal::Decimal;

use crate::coded::same_code;

/// An ordered list of grades with the number each maps to, worst first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrdinalScale {
    name: Cow<'static, str>,
    grades: Vec<(Cow<'static, str>, Decimal)>,
}

static CATALOGUE: LazyLock<Vec<OrdinalScale>> = LazyLock::new(|| {
    let ladder = |name: &'static str, grades: &[&'static str]| OrdinalScale {
        name: Cow::Borrowed(name),
        grades: grades
            .iter()
            .zip(1u32..)
            .map(|(grade, number)| (Cow::Borrowed(*grade), Decimal::from(number)))
            .collect(),
    };
    vec![
        // Audit opinions in the order of the explanation of UU 15/2004 article 16.
        ladder("bpk_opinion", &["TMP", "TW", "WDP", "WTP"]),
        ladder("akip_grade", &["D", "C", "CC", "B", "BB", "A", "AA"]),
        ladder("level", &["Level 1", "Level 2", "Level 3", "Level 4", "Level 5"]),
    ]
});

impl OrdinalScale {
    /// A tenant's own ladder, worst grade first. `None` when empty, when a grade stands twice or
    /// when the numbers do not rise.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        grades: Vec<(Cow<'static, str>, Decimal)>,
    ) -> Option<Self> {
        let rises = grades.windows(2).all(|pair| pair[0].1 < pair[1].1);
        let once = grades.iter().enumerate().all(|(at, (grade, _))| {
            grades[..at].iter().all(|(earlier, _)| !same_code(earlier, grade))
        });
        (!grades.is_empty() && rises && once).then(|| Self { name: name.into(), grades })
    }

    /// A ladder of the catalogue: `bpk_opinion`, `akip_grade`, `level`.
    pub fn named(name: &str) -> Option<&'static Self> {
        CATALOGUE.iter().find(|scale| same_code(&scale.name, name))
    }

    /// The ladder of the catalogue that knows all these grades, if any.
    pub fn holding(grades: &[&str]) -> Option<&'static Self> {
        CATALOGUE.iter().find(|scale| grades.iter().all(|grade| scale.number(grade).is_some()))
    }

    /// The name printed beside the rule.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The grades, worst first.
    pub fn grades(&self) -> impl Iterator<Item = (&str, Decimal)> {
        self.grades.iter().map(|(grade, number)| (grade.as_ref(), *number))
    }

    /// The number of a grade; words such as "Predikat" or "Opini" before it do not count.
    pub fn number(&self, grade: &str) -> Option<Decimal> {
        let grade = grade.trim();
        let bare = ["predikat ", "opini ", "nilai ", "tingkat "]
            .iter()
            .find_map(|word| {
                let (head, rest) = grade.split_at_checked(word.len())?;
                head.eq_ignore_ascii_case(word).then_some(rest)
            })
            .unwrap_or(grade);
        self.grades
            .iter()
            .find(|(known, _)| {
                same_code(known, bare)
                    || (self.name == "level" && known.strip_prefix("Level ") == Some(bare.trim()))
            })
            .map(|(_, number)| *number)
    }
}
