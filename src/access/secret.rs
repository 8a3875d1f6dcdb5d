//! The secret of a token, and its hash.

use std::fmt;

/// What every token begins with, so that people and scanners of leaked secrets recognize one.
const PREFIX: &str = "frontierd_";
/// Random bytes of a token.
const SECRET_BYTES: usize = 32;

/// A token as its holder has it. It is shown once and kept nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Draws a token of 256 random bits from the system.
    ///
    /// # Errors
    /// When the system has no random numbers to give.
    pub fn generate() -> Result<Self, String> {
        let mut bytes = [0_u8; SECRET_BYTES];
        getrandom::fill(&mut bytes)
            .map_err(|error| format!("the system gives no random numbers: {error}"))?;
        Ok(Self(format!("{PREFIX}{}", hex(&bytes))))
    }

    /// The text that the holder sends as `authorization: Bearer TEXT`.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What a file keeps instead of the token.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.0)
    }
}

/// Secrets do not reach logs by accident.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// BLAKE3 of a token.
///
/// A slow, salted hash protects passwords, because people choose them from a small set. A token is 256 bits from the
/// system's generator: nobody can try them, however fast each try is, so a fast hash gives nothing away, and a call does
/// not pay for a slow one.
///
/// Nor does comparing digests take constant time, or need to: whoever measures how far a comparison or a look-up in a
/// table came learns bits of the digest of what they sent, which they know; to steer towards a digest in the table they
/// would have to find inputs of BLAKE3 by their output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of what a caller presented.
    pub fn of(presented: &str) -> Self {
        Self(*blake3::hash(presented.as_bytes()).as_bytes())
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let hash = blake3::Hash::from_hex(text).ok()?;
        Some(Self(*hash.as_bytes()))
    }

    /// A short public name: the first eight digits.
    pub fn id(&self) -> String {
        hex(&self.0[..4])
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_recognizable_and_long() {
        let (a, b) = (
            Secret::generate().expect("random"),
            Secret::generate().expect("random"),
        );
        assert_ne!(a, b);
        assert_eq!(a.reveal().len(), PREFIX.len() + 64);
        assert!(a.reveal().starts_with(PREFIX));
        assert_eq!(format!("{a:?}"), "Secret(..)");
    }

    #[test]
    fn a_digest_round_trips_and_is_not_the_secret() {
        let secret = Secret::generate().expect("random");
        let digest = secret.digest();
        let text = digest.to_string();
        assert_eq!(Digest::parse(&text), Some(digest));
        assert_eq!(Digest::of(secret.reveal()), digest);
        assert!(!secret.reveal().contains(&text) && text.starts_with(&digest.id()));
        assert_eq!(Digest::parse("ab"), None);
    }
}
