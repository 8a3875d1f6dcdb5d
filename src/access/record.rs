//! One token as the file keeps it.

use serde::{Deserialize, Serialize};

use super::rate::RateSetting;
use super::role::Role;
use super::scope::Scope;
use super::secret::Digest;
use crate::limits::NAME_BYTES_MAX;
use crate::model::{Date, Timestamp};

/// Names that stand for somebody else in the log: nobody, the daemon itself, and callers without a token.
const RESERVED: [&str; 3] = ["unknown", "frontierd", "anonymous"];
const MICROS_PER_DAY: i64 = 86_400_000_000;

/// One token as the file keeps it: everything but the token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRecord {
    /// First eight digits of the digest, to name the token by.
    pub id: String,
    /// Who holds it: author of what it writes, default evaluator, scope of request ids. Two tokens of one name are one
    /// submitter, so that a token can be replaced.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// BLAKE3 of the token, 64 hexadecimal digits.
    pub blake3: String,
    /// Benchmarks it may write about; empty = any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub benchmarks: Vec<String>,
    /// Vendors of models it may write about; empty = any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub organizations: Vec<String>,
    /// Submissions a second in the long run; none = no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submissions_per_second: Option<f64>,
    /// Submissions at once; none = what two seconds bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submissions_burst: Option<u32>,
    /// Reads a second in the long run; none = no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads_per_second: Option<f64>,
    /// Reads at once; none = what two seconds bring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reads_burst: Option<u32>,
    /// When it was made, RFC 3339.
    pub created: String,
    /// When it ends, RFC 3339; none = never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// When it was revoked, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<String>,
}

/// Whether a token is good now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// It is.
    Active,
    /// Its time is over.
    Expired,
    /// Somebody took it back.
    Revoked,
}

impl TokenState {
    /// The name that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// The parts of a record, checked.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) digest: Digest,
    pub(super) scope: Scope,
    pub(super) submissions: Option<RateSetting>,
    pub(super) reads: Option<RateSetting>,
    pub(super) expires: Option<Timestamp>,
    pub(super) revoked: Option<Timestamp>,
}

impl TokenRecord {
    /// Checks every field.
    pub(super) fn check(&self) -> Result<Checked, String> {
        check_name(&self.name)?;
        let digest = Digest::parse(&self.blake3).ok_or_else(|| {
            "`blake3` is not 64 hexadecimal digits: make tokens with `frontierd token create`"
                .to_owned()
        })?;
        if digest.id() != self.id {
            return Err(format!(
                "`id` is `{}`, but its `blake3` begins with `{}`: one of them was edited",
                self.id,
                digest.id()
            ));
        }
        let scope = Scope::new(self.benchmarks.clone(), self.organizations.clone())
            .map_err(|error| error.to_string())?;
        if self.role != Role::Submit && !scope.is_whole() {
            return Err(format!(
                "role `{}` takes no scope: a scope narrows what role `submit` may write",
                self.role
            ));
        }
        time(&self.created, "created")?;
        Ok(Checked {
            digest,
            scope,
            submissions: rate(
                "submissions",
                self.submissions_per_second,
                self.submissions_burst,
            )?,
            reads: rate("reads", self.reads_per_second, self.reads_burst)?,
            expires: optional_time(self.expires.as_deref(), "expires")?,
            revoked: optional_time(self.revoked.as_deref(), "revoked")?,
        })
    }

    /// Whether it is good at an instant.
    ///
    /// # Errors
    /// A text naming the time that cannot be read.
    pub fn state(&self, now: Timestamp) -> Result<TokenState, String> {
        if self.revoked.is_some() {
            return Ok(TokenState::Revoked);
        }
        let expires = optional_time(self.expires.as_deref(), "expires")?;
        Ok(match expires {
            Some(expires) if expires <= now => TokenState::Expired,
            _ => TokenState::Active,
        })
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let bad = |why: &str| Err(format!("name `{}` {why}", name.escape_debug()));
    if name.trim() != name || name.is_empty() || name.len() > NAME_BYTES_MAX {
        return bad(&format!(
            "is not usable: give 1 to {NAME_BYTES_MAX} bytes without spaces around them, such as `nightly-ci`"
        ));
    }
    if name.chars().any(char::is_control) {
        return bad("has control characters: remove them");
    }
    if RESERVED.contains(&name) {
        return bad("stands for somebody else in the log: give another one");
    }
    Ok(())
}

pub(super) fn rate(
    what: &str,
    per_second: Option<f64>,
    burst: Option<u32>,
) -> Result<Option<RateSetting>, String> {
    match (per_second, burst) {
        (Some(per_second), burst) => RateSetting::new(per_second, burst)
            .map(Some)
            .map_err(|why| format!("{what}: {why}")),
        (None, Some(_)) => Err(format!(
            "`{what}_burst` without `{what}_per_second`: give both, or neither for no limit"
        )),
        (None, None) => Ok(None),
    }
}

fn optional_time(text: Option<&str>, field: &str) -> Result<Option<Timestamp>, String> {
    text.map(|text| time(text, field)).transpose()
}

fn time(text: &str, field: &str) -> Result<Timestamp, String> {
    let instant: jiff::Timestamp = text.parse().map_err(|_| {
        format!("`{field}` is `{text}`: give a time such as `2026-12-31T00:00:00Z`")
    })?;
    Ok(Timestamp::from_micros(instant.as_microsecond()))
}

/// A time as files and tables have it: RFC 3339, UTC, whole seconds.
pub fn show_time(at: Timestamp) -> String {
    let seconds = at.micros().div_euclid(1_000_000);
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |at| at.to_string())
}

/// When a token ends, as typed: days from now (`90d`), the end of a UTC day (`2026-12-31`) or an instant.
///
/// # Errors
/// A text naming what was given and the way out, also when it is over already.
pub fn parse_expiry(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let given = || format!("expiry `{text}`");
    let days = text
        .strip_suffix('d')
        .and_then(|days| days.parse::<u16>().ok());
    let at = if let Some(days) = days {
        Timestamp::from_micros(now.micros() + i64::from(days) * MICROS_PER_DAY)
    } else if let Ok(date) = text.parse::<Date>() {
        Timestamp::from_micros((i64::from(date.days()) + 1) * MICROS_PER_DAY)
    } else {
        time(text, "expires").map_err(|_| {
            format!(
                "{} is not understood: give days from now (`90d`), a day (`2026-12-31`) or a time (`2026-12-31T12:00:00Z`)",
                given()
            )
        })?
    };
    if at <= now {
        return Err(format!("{} is over already: give a later one", given()));
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        time(text, "x").expect("a time")
    }

    #[test]
    fn expiry_is_days_or_the_end_of_a_day_or_an_instant() {
        let now = at("2026-01-01T12:00:00Z");
        for (text, expected) in [
            ("30d", "2026-01-31T12:00:00Z"),
            ("2026-01-01", "2026-01-02T00:00:00Z"),
            ("2026-02-03T04:05:06Z", "2026-02-03T04:05:06Z"),
        ] {
            assert_eq!(parse_expiry(text, now), Ok(at(expected)), "{text}");
            assert_eq!(show_time(at(expected)), expected);
        }
        for text in [
            "",
            "0d",
            "2025-12-31",
            "soon",
            "-1d",
            "2026-01-01T11:59:59Z",
        ] {
            assert!(parse_expiry(text, now).is_err(), "{text}");
        }
    }

    #[test]
    fn names_of_others_are_refused() {
        for name in ["unknown", "frontierd", "anonymous", "", " a", "a\nb"] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        assert!(check_name("Évaluations, Lab 2").is_ok());
    }
}
