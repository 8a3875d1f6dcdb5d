//! What a handler tells about the call that it answers, for the line in the log.
//!
//! A call is polled by one thread at a time, and whoever polls it takes the notes right after: so they pass through a
//! place of the thread, which costs nothing where nothing is noted.

use std::cell::{Cell, RefCell};

use arrayvec::ArrayString;

use crate::limits::{NAME_BYTES_MAX, REQUEST_ID_BYTES_MAX};

/// What was noted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// The request id given; empty = none.
    pub request_id: ArrayString<REQUEST_ID_BYTES_MAX>,
    /// Who called; empty = nobody known.
    pub author: ArrayString<NAME_BYTES_MAX>,
}

thread_local! {
    static NOTED: Cell<bool> = const { Cell::new(false) };
    static NOTES: RefCell<Notes> = const {
        RefCell::new(Notes { request_id: ArrayString::new_const(), author: ArrayString::new_const() })
    };
}

fn note(write: impl FnOnce(&mut Notes)) {
    NOTED.set(true);
    NOTES.with_borrow_mut(write);
}

/// Notes the request id of the call; what is longer than an id may be is cut.
pub fn note_request_id(id: &str) {
    if !id.is_empty() {
        note(|notes| notes.request_id = start(id));
    }
}

/// Notes who calls.
pub fn note_author(author: &str) {
    note(|notes| notes.author = start(author));
}

/// Takes what was noted since the last time; none = nothing.
pub fn take() -> Option<Notes> {
    NOTED.replace(false).then(|| NOTES.take())
}

/// As much of the text as fits.
fn start<const N: usize>(text: &str) -> ArrayString<N> {
    let mut kept = ArrayString::new();
    for c in text.chars() {
        if kept.try_push(c).is_err() {
            break;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_taken_once_and_cut_to_what_fits() {
        assert_eq!(take(), None);
        note_request_id("");
        assert_eq!(take(), None);
        note_request_id(&"é".repeat(REQUEST_ID_BYTES_MAX));
        note_author("ci");
        let notes = take().expect("noted");
        assert_eq!(
            notes.request_id.as_str(),
            "é".repeat(REQUEST_ID_BYTES_MAX / 2)
        );
        assert_eq!(notes.author.as_str(), "ci");
        assert_eq!(take(), None);
        note_author("b");
        assert_eq!(take().expect("noted").request_id.as_str(), "");
    }
}
