//! Refusals: the closed set of reasons for which the domain says no. Their words are the public problem codes.

use crate::words;

/// What a rule answers.
pub type Result<T> = std::result::Result<T, Error>;

/// A refusal. Nothing has changed when one is returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such object, or the caller may not know that there is.
    #[error("not found")]
    NotFound,
    /// The caller may see the object, but not do this.
    #[error("forbidden: {0}")]
    Forbidden(Forbidden),
    /// The caller may change the object, but not these fields of it. Never empty.
    #[error("{} fields may not be changed", .0.len())]
    ForbiddenFields(Vec<Fault>),
    /// The version that the caller named is no longer the current one.
    #[error("the version has changed")]
    Stale,
    /// The caller must name the version that it saved over.
    #[error("a version is required")]
    VersionRequired,
    /// The state of things forbids it.
    #[error("conflict: {0}")]
    Conflict(Conflict),
    /// What was asked for does not follow from the present state; these do, for the one who asks.
    #[error("the state allows {0:?}")]
    Transition(Vec<&'static str>),
    /// Understood, and invalid. Never empty.
    #[error("{} fields need attention", .0.len())]
    Invalid(Vec<Fault>),
}

words! {
    /// Which rule forbids it.
    pub enum Forbidden {
        /// The caller's role or relation to the object does not allow it.
        NotAllowed = "forbidden",
        /// Only administrators of the organisation may.
        AdminOnly = "admin_only",
        /// The level of CRM access does not reach this record.
        AccessLevel = "access_level",
        /// The task's policy does not let its responsible person move the deadline, or not any more.
        DeadlinePolicy = "deadline_policy",
    }
}

words! {
    /// Which state forbids it.
    pub enum Conflict {
        /// An object with this unique value exists already.
        Duplicate = "duplicate",
        /// Other objects hang on this one.
        HasChildren = "has_children",
        /// Other records use this entry.
        InUse = "in_use",
        /// The organisation must keep an active administrator.
        LastAdmin = "last_admin",
        /// A department cannot lie below itself.
        DepartmentCycle = "department_cycle",
        /// The tree would have too many levels: departments have 20 at most, tasks 10.
        TooDeep = "too_deep",
        /// The organisation has been set up before.
        AlreadySetUp = "already_set_up",
        /// What was asked for does not follow from the present state.
        InvalidTransition = "invalid_transition",
        /// The object is in the trash: restore it first.
        Trashed = "trashed",
        /// Too many objects of this kind: remove some first.
        LimitReached = "limit_reached",
        /// The project is archived: everybody may read it, nobody may change it until it is reopened.
        Archived = "archived",
        /// The owner hands the project over first.
        OwnerStays = "owner_stays",
        /// The member is responsible for open tasks of the project: say who takes them over in `reassign_to`.
        HasOpenTasks = "has_open_tasks",
        /// Dates of tasks would lie outside the dates of their project.
        TasksOutsideDates = "tasks_outside_dates",
        /// The task has open subtasks: complete them first, or all at once with `cascade`.
        OpenSubtasks = "open_subtasks",
        /// The task that this one belongs to is completed: reopen that one first.
        ParentCompleted = "parent_completed",
        /// A task cannot lie below itself.
        Cycle = "cycle",
        /// The task is completed only with a result: give one first.
        ResultRequired = "result_required",
    }
}

words! {
    /// What is wrong with a field, beyond what its schema says.
    pub enum FaultCode {
        /// The field must be given.
        Required = "required",
        /// No such object, or none that the caller may see.
        Unknown = "unknown",
        /// The value is given twice.
        Duplicate = "duplicate",
        /// More than one is marked as primary.
        SecondPrimary = "second_primary",
        /// The value lies outside what the rules allow.
        OutOfRange = "out_of_range",
        /// The value cannot be read as what it should be.
        Malformed = "malformed",
        /// The value does not match what is stored.
        Wrong = "wrong",
        /// The two fields must be given together.
        Incomplete = "incomplete",
        /// The user is deactivated.
        Inactive = "inactive",
        /// The result would lie outside the caller's own reach.
        OutOfReach = "out_of_reach",
        /// The value cannot be changed.
        Immutable = "immutable",
        /// The value is too easy to guess.
        Guessable = "guessable",
        /// The caller may not change the field.
        Forbidden = "forbidden",
        /// The date lies before the planned start.
        BeforeStart = "before_start",
        /// The date lies outside the dates of the project.
        OutsideProject = "outside_project",
        /// The user is no active member of the project.
        NotAMember = "not_a_member",
        /// Guests hold roles only in tasks of their projects, and lead none.
        IsAGuest = "is_a_guest",
        /// The reviewer can be neither the responsible person nor a co-executor.
        ReviewsOwnWork = "reviews_own_work",
        /// The user has this part already.
        Already = "already",
        /// A task lies in the project of the task that it belongs to.
        OtherProject = "other_project",
        /// The word means something else already.
        Reserved = "reserved",
    }
}

/// One fault of a request: where, which, and a sentence for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the body.
    pub pointer: String,
    /// What kind of fault.
    pub code: FaultCode,
    /// A sentence that completes "this field …".
    pub message: &'static str,
}

impl Fault {
    /// A fault at a pointer.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: FaultCode, message: &'static str) -> Self {
        Self { pointer: pointer.into(), code, message }
    }
}

impl Error {
    /// A refusal with one fault.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, code: FaultCode, message: &'static str) -> Self {
        Self::Invalid(vec![Fault::new(pointer, code, message)])
    }

    /// Nothing where there are no faults, all of them at once where there are some.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the given faults, if any.
    pub fn unless_empty(faults: Vec<Fault>) -> Result<()> {
        if faults.is_empty() { Ok(()) } else { Err(Self::Invalid(faults)) }
    }
}

/// The fault of a list at a pointer that holds more than it may.
#[must_use]
pub fn too_many(pointer: &str, count: usize, most: usize, message: &'static str) -> Option<Fault> {
    (count > most).then(|| Fault::new(pointer, FaultCode::OutOfRange, message))
}

/// Lets pass who names no version, or the current one.
///
/// # Errors
/// [`Error::Stale`] when the object has changed since.
pub fn check_version(current: i64, expected: Option<i64>) -> Result<()> {
    match expected {
        Some(version) if version != current => Err(Error::Stale),
        _ => Ok(()),
    }
}

/// Checks the version that a caller must name, because it saves over a whole.
///
/// # Errors
/// [`Error::VersionRequired`] where none is named, [`Error::Stale`] when the object has changed since.
pub fn require_version(current: i64, expected: Option<i64>) -> Result<()> {
    match expected {
        None => Err(Error::VersionRequired),
        Some(_) => check_version(current, expected),
    }
}

/// Lets pass who names no version of an object that is not there.
///
/// # Errors
/// [`Error::Stale`] where one is named.
pub fn check_absent(expected: Option<i64>) -> Result<()> {
    expected.map_or(Ok(()), |_| Err(Error::Stale))
}

impl From<Forbidden> for Error {
    fn from(rule: Forbidden) -> Self {
        Self::Forbidden(rule)
    }
}

impl From<Conflict> for Error {
    fn from(state: Conflict) -> Self {
        Self::Conflict(state)
    }
}
