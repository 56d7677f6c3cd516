//! Closed lists with a stable code per entry: the code is what is stored, sent and typed.

/// Whether two spellings mean the same code: case, spaces, `-` and `_` do not count.
pub(crate) fn same_code(left: &str, right: &str) -> bool {
    let letters = |text: &str| {
        text.chars()
            .filter(|it| !matches!(it, '-' | '_' | ' '))
            .map(|it| it.to_ascii_lowercase())
            .collect::<String>()
    };
    left == right || letters(left) == letters(right)
}

/// Declares a fieldless enum with `ALL`, `code`, `from_code` and `Display` (which prints the code).
macro_rules! coded {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// Every entry, in the order in which a choice lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The stable code: stored, sent over the API and printed beside a number.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// Reads a code; case, `-`, `_` and spaces do not count.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|it| $crate::coded::same_code(it.code(), code))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
