//! Mistakes that the simulation must find, made on purpose and only here.

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bug {
    /// None: the daemon as it is.
    None,
    /// The log answers without a sync.
    NoSync,
    /// The log shows and answers a commit before it is synced.
    ShownBeforeDurable,
    /// A log that is opened shows what the last process had not synced.
    NoSyncAtOpen,
    /// A failed write is answered as if it had succeeded.
    FailureIsSuccess,
    /// A watch that resumes after R goes on with R+2.
    SkipOnResume,
    /// A retry is taken for something new.
    ForgetfulRetry,
    /// Conflicts are ignored: an append goes behind whatever is there.
    NoConflict,
}

pub(crate) const BUGS: [Bug; 7] = [
    Bug::NoSync,
    Bug::ShownBeforeDurable,
    Bug::NoSyncAtOpen,
    Bug::FailureIsSuccess,
    Bug::SkipOnResume,
    Bug::ForgetfulRetry,
    Bug::NoConflict,
];
