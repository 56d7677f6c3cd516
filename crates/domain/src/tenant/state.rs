//! The life of a government on the platform: it works, it may be read only, nobody enters, it is gone.

/// Whether a government works, rests or is gone. Only the platform's operator changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TenantState {
    /// It works.
    Active,
    /// Its people sign in and read; nothing of it is written, and no job of it runs.
    ReadOnly,
    /// Its people neither sign in nor read. What it published stays with its province.
    Suspended,
    /// Its rows and files are gone; its place in the list of governments is kept, with a receipt.
    Erased,
}

impl TenantState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::ReadOnly, Self::Suspended, Self::Erased];

    /// Stable code for storage and API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReadOnly => "read_only",
            Self::Suspended => "suspended",
            Self::Erased => "erased",
        }
    }

    /// The state with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether rows of the government may be written.
    pub const fn takes_writes(self) -> bool {
        matches!(self, Self::Active)
    }

    /// Whether its people may enter.
    pub const fn lets_in(self) -> bool {
        matches!(self, Self::Active | Self::ReadOnly)
    }

    /// Whether the operator may take the government from this state to another. What is erased stays erased;
    /// erasing is a procedure of its own, and only what is suspended can be erased.
    pub fn may_become(self, next: Self) -> bool {
        self != next && self != Self::Erased && next != Self::Erased
    }
}

#[cfg(test)]
mod tests {
    use super::TenantState;

    #[test]
    fn resting_states_and_steps() {
        let writing: Vec<_> = TenantState::ALL.into_iter().filter(|it| it.takes_writes()).collect();
        assert_eq!(writing, [TenantState::Active]);
        let open: Vec<_> = TenantState::ALL.into_iter().filter(|it| it.lets_in()).collect();
        assert_eq!(open, [TenantState::Active, TenantState::ReadOnly]);
        for state in TenantState::ALL {
            assert_eq!(TenantState::from_code(state.code()), Some(state));
            assert!(!state.may_become(state) && !TenantState::Erased.may_become(state));
            assert!(!state.may_become(TenantState::Erased));
        }
        assert!(TenantState::Suspended.may_become(TenantState::Active));
        assert!(TenantState::ReadOnly.may_become(TenantState::Suspended));
    }
}
