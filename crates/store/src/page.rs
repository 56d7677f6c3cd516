//! Paging by cursor: a list is read in pieces, each of which says where the next one begins.

/// Which piece of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The key of the last row of the piece before; none for the first piece.
    pub after: Option<String>,
    /// How many rows at most, 1 to 200.
    pub size: u64,
}

impl Page {
    /// Largest piece.
    pub const LARGEST: u64 = 200;

    /// A piece of at most `size` rows after a cursor; the size is brought into 1 to 200.
    pub fn new(after: Option<String>, size: u64) -> Self {
        Self { after, size: size.clamp(1, Self::LARGEST) }
    }

    /// The first piece, as large as may be.
    pub fn first() -> Self {
        Self { after: None, size: Self::LARGEST }
    }
}

/// A piece of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paged<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Cursor of the next piece; none at the end.
    pub next: Option<String>,
}

impl<T> Paged<T> {
    /// Makes a piece out of up to `size + 1` rows: the surplus row only says that there is more.
    pub fn of(mut items: Vec<T>, page: &Page, key: impl Fn(&T) -> String) -> Self {
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let more = items.len() > size;
        items.truncate(size);
        let next = if more { items.last().map(key) } else { None };
        Self { items, next }
    }

    /// The same piece with other rows.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> Paged<U> {
        Paged { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}
