//! Identifiers, validated once.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::refusal::{Reason, Refusal};
use crate::limits::{ID_BYTES_MAX, PROVIDER_BYTES_MAX};

/// Shared immutable text.
pub type Text = Arc<str>;

/// A position in the log: 1, 2, 3, ...; 0 stands before the first entry.
pub type Revision = u64;

fn is_word(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        && bytes.all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-')
        })
}

macro_rules! id_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(Text);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The id as shared text.
            pub fn text(&self) -> &Text {
                &self.0
            }
        }

        // Order and hash of an id are those of its text.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id_type! {
    /// `name` or `name@version`.
    BenchmarkId
}
id_type! {
    /// `vendor/name` or `vendor/name@variant`.
    ModelId
}
id_type! {
    /// Who sells a model.
    ProviderId
}

/// Board names that no benchmark may take.
const RESERVED: [&str; 2] = ["overall", "suite"];

impl BenchmarkId {
    /// Checks an id.
    ///
    /// # Errors
    /// [`Reason::IdMalformed`] naming `field` when `text` is not `name` or `name@version`, is longer than 128 bytes,
    /// or is the name of a computed board.
    pub fn parse(text: &str, field: &str) -> Result<Self, Refusal> {
        let (name, version) = split_at_sign(text);
        if text.len() <= ID_BYTES_MAX
            && is_word(name)
            && version.is_none_or(is_word)
            && !RESERVED.contains(&name)
        {
            return Ok(Self(text.into()));
        }
        Err(malformed(
            field,
            text,
            "a benchmark id is `name` or `name@version` in lower case letters, digits, `.`, `_`, `-`, such as `gpqa-diamond`, and neither `overall` nor `suite`",
        ))
    }
}

impl ModelId {
    /// Checks an id.
    ///
    /// # Errors
    /// [`Reason::IdMalformed`] naming `field` when `text` is not `vendor/name` or `vendor/name@variant` or is longer
    /// than 128 bytes.
    ///
    /// ```
    /// use frontierd::model::ModelId;
    /// let id = ModelId::parse("openai/gpt-5@high", "model").expect("an id");
    /// assert_eq!(id.base().expect("a variant").as_str(), "openai/gpt-5");
    /// assert_eq!(id.vendor(), "openai");
    /// assert!(ModelId::parse("GPT 5", "model").is_err());
    /// ```
    pub fn parse(text: &str, field: &str) -> Result<Self, Refusal> {
        let (path, variant) = split_at_sign(text);
        let valid = text.len() <= ID_BYTES_MAX
            && variant.is_none_or(is_word)
            && path
                .split_once('/')
                .is_some_and(|(vendor, name)| is_word(vendor) && is_word(name));
        if valid {
            return Ok(Self(text.into()));
        }
        Err(malformed(
            field,
            text,
            "a model id is `vendor/name` or `vendor/name@variant` in lower case letters, digits, `.`, `_`, `-`, such as `openai/gpt-5@high`",
        ))
    }

    /// The part before `/`.
    pub fn vendor(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// For a variant the model without `@variant`.
    pub fn base(&self) -> Option<Self> {
        self.0.split_once('@').map(|(base, _)| Self(base.into()))
    }

    /// True for `vendor/name@variant`.
    pub fn is_variant(&self) -> bool {
        self.0.contains('@')
    }

    /// The id without `@variant`.
    pub fn base_str(&self) -> &str {
        self.0.split('@').next().unwrap_or_default()
    }
}

impl ProviderId {
    /// Checks a provider name.
    ///
    /// # Errors
    /// [`Reason::IdMalformed`] naming `field` when `text` has other characters or is longer than 64 bytes.
    pub fn parse(text: &str, field: &str) -> Result<Self, Refusal> {
        if text.len() <= PROVIDER_BYTES_MAX && is_word(text) {
            return Ok(Self(text.into()));
        }
        Err(malformed(
            field,
            text,
            "a provider is named in lower case letters, digits, `.`, `_`, `-`, such as `deepseek`",
        ))
    }
}

fn split_at_sign(text: &str) -> (&str, Option<&str>) {
    match text.split_once('@') {
        Some((head, tail)) => (head, Some(tail)),
        None => (text, None),
    }
}

fn malformed(field: &str, text: &str, expected: &str) -> Refusal {
    let shown: String = text.chars().take(ID_BYTES_MAX).collect();
    Refusal::new(
        Reason::IdMalformed,
        field,
        format!("{field} `{shown}` is malformed: {expected}; at most {ID_BYTES_MAX} bytes"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_their_pattern() {
        for good in ["a/b", "deepseek/v3", "openai/gpt-5@high", "x.y_z-1/0@1"] {
            assert!(ModelId::parse(good, "model").is_ok(), "{good}");
        }
        for bad in [
            "", "a", "/b", "a/", "A/b", "a/b/c", "a/b@", "a/b@c@d", "a/-b", "a /b", "é/b",
        ] {
            assert!(ModelId::parse(bad, "model").is_err(), "{bad}");
        }
        assert!(ModelId::parse(&format!("a/{}", "b".repeat(126)), "model").is_ok());
        assert!(ModelId::parse(&format!("a/{}", "b".repeat(127)), "model").is_err());
        for bad in ["overall", "suite/x", "suite", "overall@2", "", "a@"] {
            assert!(BenchmarkId::parse(bad, "benchmark").is_err(), "{bad}");
        }
    }
}
