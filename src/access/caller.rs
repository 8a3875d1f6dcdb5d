//! Who calls.

use std::sync::Arc;

use super::rate::Rate;
use super::role::Role;
use super::scope::Scope;
use super::secret::Digest;
use crate::model::{Text, Timestamp};

/// One token, as calls are judged by it.
#[derive(Debug)]
pub struct Principal {
    /// What the token is found by.
    pub digest: Digest,
    /// Public name of the token: the first digits of its digest.
    pub id: Text,
    /// Name of whoever holds it: author of what it writes.
    pub name: Text,
    /// What it may do.
    pub role: Role,
    /// What it may write about.
    pub scope: Scope,
    /// When it ends; none = never.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// How often it may submit; shared with the same token of an earlier table.
    pub submissions: Option<Arc<Rate>>,
    /// How often it may read.
    pub reads: Option<Arc<Rate>>,
}

/// Who calls: the holder of a token, or anybody where no tokens are in use. Clones are cheap.
#[derive(Clone, Debug)]
pub struct Caller(Option<Arc<Principal>>);

impl Caller {
    /// Anybody, where no tokens are in use: may do everything, and has no name.
    pub fn anybody() -> Self {
        Self(None)
    }

    /// The holder of a token.
    pub fn holder(principal: Arc<Principal>) -> Self {
        Self(Some(principal))
    }

    /// The token; none where no tokens are in use.
    pub fn token(&self) -> Option<&Principal> {
        self.0.as_deref()
    }

    /// Name for the log; none where nobody authenticated.
    pub fn name(&self) -> Option<&Text> {
        self.0.as_ref().map(|principal| &principal.name)
    }

    /// Whether the caller may do everything.
    pub fn is_admin(&self) -> bool {
        self.token()
            .is_none_or(|principal| principal.role == Role::Admin)
    }

    /// What the caller may write about; none = anything.
    pub fn scope(&self) -> Option<&Scope> {
        self.token()
            .map(|principal| &principal.scope)
            .filter(|scope| !scope.is_whole())
    }

    /// How often the caller may submit; none = as often as it likes.
    pub fn submissions(&self) -> Option<&Rate> {
        self.token()
            .and_then(|principal| principal.submissions.as_deref())
    }
}
