//! What is answered to an attempt, as plain as a status code; and a count of the answers that were compared.

use std::fmt::Debug;

use artel_domain::{
    error::{Conflict, Error, Forbidden, Result},
    task::Status,
};

/// What comes of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It happens.
    Yes,
    /// It happens, and leads to this status.
    To(Status),
    /// 404.
    NotFound,
    /// 403 with its code.
    Forbidden(Forbidden),
    /// 403 with the fields, in order of their names.
    ForbiddenFields(Vec<String>),
    /// 412.
    Stale,
    /// 409 with its code.
    Conflict(Conflict),
    /// 422: each fault with its place.
    Invalid(Vec<String>),
}

impl Verdict {
    /// 403, plain.
    pub const NOT_ALLOWED: Self = Self::Forbidden(Forbidden::NotAllowed);

    /// The verdict of the domain.
    pub fn of<T>(result: &Result<T>) -> Self {
        match result {
            Ok(_) => Self::Yes,
            Err(error) => Self::refusal(error),
        }
    }

    /// The verdict of the domain on a change of status.
    pub fn leading(result: &Result<Status>) -> Self {
        result.as_ref().map_or_else(Self::refusal, |status| Self::To(*status))
    }

    fn refusal(error: &Error) -> Self {
        let faults = |faults: &[artel_domain::error::Fault]| {
            faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
        };
        match error {
            Error::NotFound => Self::NotFound,
            Error::Forbidden(code) => Self::Forbidden(*code),
            Error::ForbiddenFields(fields) => {
                let mut pointers: Vec<String> = fields.iter().map(|fault| fault.pointer.clone()).collect();
                pointers.sort();
                Self::ForbiddenFields(pointers)
            }
            Error::Stale | Error::VersionRequired => Self::Stale,
            Error::Conflict(code) => Self::Conflict(*code),
            Error::Transition(_) => Self::Conflict(Conflict::InvalidTransition),
            Error::Invalid(list) => Self::Invalid(faults(list)),
        }
    }

    /// Whether it happens.
    pub const fn is_yes(&self) -> bool {
        matches!(self, Self::Yes | Self::To(_))
    }
}

/// Counts the cells that were compared, and says so at the end.
pub struct Cells {
    what: &'static str,
    count: u64,
}

impl Cells {
    /// None yet.
    pub const fn of(what: &'static str) -> Self {
        Self { what, count: 0 }
    }

    /// Compares what the domain says with what the oracle says; `around` tells where they differ.
    pub fn same<T: PartialEq + Debug>(&mut self, domain: &T, oracle: &T, around: impl FnOnce() -> String) {
        self.count += 1;
        assert!(domain == oracle, "the domain says {domain:?}, the oracle {oracle:?}\n{}", around());
    }
}

impl Drop for Cells {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            println!("{}: {} cells compared", self.what, self.count);
        }
    }
}
