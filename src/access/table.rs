//! Tokens by their digest, as calls are looked up.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::caller::{Caller, Principal};
use super::file::{FileError, TokenFile};
use super::rate::{Rate, RateSetting};
use super::record::show_time;
use super::secret::Digest;
use crate::model::{Text, Timestamp};

/// Tokens by their digest.
#[derive(Debug, Default)]
pub struct Table {
    tokens: HashMap<Digest, Arc<Principal>>,
    anonymous: Option<Arc<Rate>>,
}

/// Why a credential is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denied {
    /// None was given.
    Missing,
    /// Nobody has this one.
    Unknown,
    /// Its time is over.
    Expired {
        /// Public name of the token.
        id: Text,
        /// When it ended.
        at: Timestamp,
    },
    /// What it may do was changed while a stream was open.
    Changed {
        /// Public name of the token.
        id: Text,
    },
    /// It was taken back.
    Revoked {
        /// Public name of the token.
        id: Text,
        /// When.
        at: Timestamp,
    },
}

impl Denied {
    /// Public name of the token, where it is known.
    pub fn token_id(&self) -> Option<&str> {
        match self {
            Self::Missing | Self::Unknown => None,
            Self::Expired { id, .. } | Self::Changed { id } | Self::Revoked { id, .. } => Some(id),
        }
    }
}

/// Told to the holder, with the way out.
impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ASK: &str =
            "ask the operator for a new one, who makes it with `frontierd token create`";
        match self {
            Self::Missing => write!(
                f,
                "no token: send `authorization: Bearer TOKEN` (`frontierd --token-file`, `grpcurl -H`); the operator makes tokens with `frontierd token create`"
            ),
            Self::Unknown => write!(f, "the token is not known here: {ASK}"),
            Self::Expired { id, at } => {
                write!(f, "token `{id}` expired at {}: {ASK}", show_time(*at))
            }
            Self::Changed { id } => {
                write!(f, "what token `{id}` may do was changed: call again")
            }
            Self::Revoked { id, at } => {
                write!(f, "token `{id}` was revoked at {}: {ASK}", show_time(*at))
            }
        }
    }
}

impl Table {
    /// The tokens of a file. What callers used of their rates in `before` stays used.
    ///
    /// # Errors
    /// [`FileError`] naming the token and the field at fault.
    pub fn new(file: &TokenFile, before: &Table) -> Result<Self, FileError> {
        let mut tokens = HashMap::with_capacity(file.tokens.len());
        for (index, record) in file.tokens.iter().enumerate() {
            let bad = |why: String| FileError::token(index, &record.name, &why);
            let checked = record.check().map_err(bad)?;
            let known = before.tokens.get(&checked.digest);
            let principal = Principal {
                digest: checked.digest,
                id: record.id.as_str().into(),
                name: record.name.as_str().into(),
                role: record.role,
                scope: checked.scope,
                expires: checked.expires,
                revoked: checked.revoked,
                submissions: kept(
                    known.and_then(|known| known.submissions.as_ref()),
                    checked.submissions,
                ),
                reads: kept(known.and_then(|known| known.reads.as_ref()), checked.reads),
            };
            if tokens.insert(checked.digest, Arc::new(principal)).is_some() {
                return Err(bad("stands twice in the file: remove one".to_owned()));
            }
        }
        let anonymous = file.anonymous_reads().map_err(FileError::anonymous)?;
        Ok(Self {
            tokens,
            anonymous: kept(before.anonymous.as_ref(), anonymous),
        })
    }

    /// Number of tokens, good or not.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// Whether there is no token.
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whether a token ends after `from` and no later than `to`.
    pub fn expires_within(&self, from: Timestamp, to: Timestamp) -> bool {
        let mut ends = self.tokens.values().filter_map(|token| token.expires);
        ends.any(|end| from < end && end <= to)
    }

    /// How often callers without a token may read, all together; none = no limit.
    pub fn anonymous(&self) -> Option<&Rate> {
        self.anonymous.as_deref()
    }

    /// Who presents a token.
    ///
    /// # Errors
    /// [`Denied`] when it is not known or not good any more.
    pub fn holder(&self, presented: &str, now: Timestamp) -> Result<Caller, Denied> {
        // A look-up by digest: see there why that needs no constant time.
        let principal = self
            .tokens
            .get(&Digest::of(presented))
            .ok_or(Denied::Unknown)?;
        good(principal, now)?;
        Ok(Caller::holder(Arc::clone(principal)))
    }

    /// Whether a caller that was admitted by this or an earlier table would be again.
    ///
    /// # Errors
    /// [`Denied`] when not.
    pub fn still(&self, caller: &Caller, now: Timestamp) -> Result<(), Denied> {
        let Some(token) = caller.token() else {
            return Ok(());
        };
        let current = self.tokens.get(&token.digest).ok_or(Denied::Unknown)?;
        good(current, now)?;
        if (current.role, &current.scope) == (token.role, &token.scope) {
            return Ok(());
        }
        Err(Denied::Changed {
            id: Arc::clone(&token.id),
        })
    }
}

fn good(principal: &Principal, now: Timestamp) -> Result<(), Denied> {
    let id = || Arc::clone(&principal.id);
    if let Some(at) = principal.revoked {
        return Err(Denied::Revoked { id: id(), at });
    }
    match principal.expires {
        Some(at) if at <= now => Err(Denied::Expired { id: id(), at }),
        _ => Ok(()),
    }
}

/// The state of a rate that was set alike before, else a fresh one.
fn kept(before: Option<&Arc<Rate>>, setting: Option<RateSetting>) -> Option<Arc<Rate>> {
    let setting = setting?;
    match before {
        Some(rate) if rate.setting() == setting => Some(Arc::clone(rate)),
        _ => Some(Arc::new(Rate::new(setting))),
    }
}
