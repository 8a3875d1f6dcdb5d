//! Page tokens: all pages of a listing are of one revision.

use std::fmt::Write as _;

use crate::limits::PAGE_TOKEN_SECONDS;
use crate::model::{Reason, Refusal, Revision, Timestamp};

/// Where a listing goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// The revision that all pages are true at.
    pub revision: Revision,
    /// Where the next page begins: a position, or the last id seen.
    pub position: u64,
}

const TOKEN_BYTES: usize = 32;
const MICROS: i64 = 1_000_000;

impl Page {
    /// The token of a page of a query, from now on valid for an hour.
    pub(super) fn token(self, query: &[u8], now: Timestamp) -> String {
        let mut bytes = Vec::with_capacity(TOKEN_BYTES);
        bytes.extend_from_slice(&self.revision.to_be_bytes());
        bytes.extend_from_slice(&self.position.to_be_bytes());
        bytes.extend_from_slice(&now.micros().to_be_bytes());
        bytes.extend_from_slice(&seal(&bytes, query));
        bytes.iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// Reads the token of a page; none where it is empty: the first page.
    ///
    /// # Errors
    /// [`Reason::PageTokenInvalid`] for a token of another query, [`Reason::PageTokenExpired`] after an hour.
    pub(super) fn read(token: &str, query: &[u8], now: Timestamp) -> Result<Option<Self>, Refusal> {
        if token.is_empty() {
            return Ok(None);
        }
        let invalid = || {
            Refusal::new(
                Reason::PageTokenInvalid,
                "page_token",
                "page_token is not of this query: repeat the query that answered it unchanged but for page_token and page_size, or start without a page_token",
            )
        };
        let bytes = unhex(token).ok_or_else(invalid)?;
        let (body, given) = bytes.split_at(TOKEN_BYTES - 8);
        if seal(body, query) != given {
            return Err(invalid());
        }
        let number = |at: usize| {
            let mut number = [0; 8];
            number.copy_from_slice(&body[at..at + 8]);
            u64::from_be_bytes(number)
        };
        let issued = number(16) as i64;
        if now.micros() - issued > PAGE_TOKEN_SECONDS * MICROS {
            return Err(Refusal::new(
                Reason::PageTokenExpired,
                "page_token",
                "page_token is older than an hour: start again without a page_token",
            ));
        }
        Ok(Some(Self {
            revision: number(0),
            position: number(8),
        }))
    }
}

/// Binds a token to its query. It guards against mistakes, not against forgery: whatever a token names may be asked.
fn seal(body: &[u8], query: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(body).update(query);
    let mut seal = [0; 8];
    seal.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    seal
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * TOKEN_BYTES || !text.is_ascii() {
        return None;
    }
    (0..TOKEN_BYTES)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Page = Page {
        revision: 7,
        position: 100,
    };

    #[test]
    fn a_token_is_good_for_its_query_and_an_hour() {
        let now = Timestamp::from_micros(1_000_000);
        let token = PAGE.token(b"query", now);
        assert_eq!(Page::read(&token, b"query", now), Ok(Some(PAGE)));
        assert_eq!(Page::read("", b"query", now), Ok(None));
        let reason = |token: &str, query: &[u8], at| {
            Page::read(token, query, Timestamp::from_micros(at))
                .err()
                .map(|refusal| refusal.reason)
        };
        let invalid = Some(Reason::PageTokenInvalid);
        assert_eq!(reason(&token, b"other", 1_000_000), invalid);
        assert_eq!(reason("abc", b"query", 1_000_000), invalid);
        assert_eq!(
            reason(&token.replace('0', "1"), b"query", 1_000_000),
            invalid
        );
        assert_eq!(reason(&"é".repeat(32), b"query", 1_000_000), invalid);
        assert_eq!(
            reason(&token, b"query", 3_602_000_000),
            Some(Reason::PageTokenExpired)
        );
    }
}
