//! What request ids were answered with.

use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::sorted::Sorted;
use crate::model::{RequestKey, Revision};

type Scope = [u8; 16];

/// What a request id was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The revision.
    pub revision: Revision,
    /// Of the hash of what was asked: enough to notice that a request id is used again for something else.
    content: [u8; 8],
}

impl Answered {
    pub(super) fn new(revision: Revision, request: &RequestKey) -> Self {
        let mut content = [0; 8];
        content.copy_from_slice(&request.content[..8]);
        Self { revision, content }
    }

    /// Whether a request with the same id asks the same.
    pub fn asked_the_same(&self, request: &RequestKey) -> bool {
        self.content == request.content[..8]
    }
}

/// Answers by the scope of their request.
#[derive(Clone, Debug, Default)]
pub(super) struct Requests(Sorted<Scope, (Scope, Answered)>);

impl Requests {
    pub(super) fn get(&self, scope: &Scope) -> Option<Answered> {
        let found = self.0.get(scope, |(other, _)| other.cmp(scope));
        found.map(|(_, answered)| *answered)
    }

    pub(super) fn insert(&mut self, request: RequestKey, revision: Revision) {
        let scope = request.scope;
        let answered = Answered::new(revision, &request);
        self.0.insert(
            (scope, answered),
            |(scope, _)| *scope,
            |(other, _)| other.cmp(&scope),
        );
    }
}

impl Serialize for Requests {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Requests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ascending;

        impl<'de> Visitor<'de> for Ascending {
            type Value = Requests;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("answers in order of their scopes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Requests, A::Error> {
                let mut requests: Vec<(Scope, Answered)> = Vec::new();
                while let Some(item) = items.next_element::<(Scope, Answered)>()? {
                    if requests.last().is_some_and(|(last, _)| *last >= item.0) {
                        return Err(A::Error::custom("scopes out of order"));
                    }
                    requests.push(item);
                }
                Ok(Requests(Sorted::of_sorted(&requests, |(scope, _)| *scope)))
            }
        }

        deserializer.deserialize_seq(Ascending)
    }
}
