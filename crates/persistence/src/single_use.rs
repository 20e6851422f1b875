//! Secrets that are good once: a conditional UPDATE consumes them, and the number of rows that it touched decides.

/// Whether a single-use secret was good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumed {
    /// It was, and is no longer.
    Now,
    /// It is unknown, used, or expired.
    Never,
}

impl Consumed {
    /// What the number of rows says that a conditional update touched.
    #[must_use]
    pub(crate) const fn of(rows: u64) -> Self {
        if rows == 1 { Self::Now } else { Self::Never }
    }
}
