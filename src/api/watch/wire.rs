//! Frames: what stands before the bytes that watchers of a view share.

use bytes::Bytes;
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint, encoded_len_varint, key_len};

use crate::api::frame::Frame;
use crate::model::Revision;
use crate::proto::v1;
use v1::watch_leaderboard_response::Frame as Kind;

/// Field numbers of `frontier.v1`; a test decodes what is written with them.
const RESPONSE_SNAPSHOT: u32 = 3;
const RESPONSE_DELTA: u32 = 5;
const CHUNK_ROWS: u32 = 3;
const DELTA_BOARDS: u32 = 2;
const BOARD_ROWS: u32 = 2;

/// A frame that is encoded in one piece.
pub(super) fn whole(store_id: &str, revision: Revision, kind: Option<Kind>) -> Bytes {
    response(store_id, revision, kind).into()
}

fn response(store_id: &str, revision: Revision, frame: Option<Kind>) -> Vec<u8> {
    let message = v1::WatchLeaderboardResponse {
        store_id: store_id.to_owned(),
        revision: revision as i64,
        frame,
    };
    message.encode_to_vec()
}

/// "You have everything up to `revision`."
pub(super) fn progress(store_id: &str, revision: Revision) -> Frame {
    Frame {
        head: whole(store_id, revision, Some(Kind::Progress(v1::Progress {}))),
        body: Bytes::new(),
    }
}

/// What a delta says of one board.
#[derive(Debug, Default)]
pub(super) struct BoardDelta {
    pub(super) board: String,
    /// Encoded.
    pub(super) rows: Vec<Bytes>,
    pub(super) left: Vec<String>,
    pub(super) events: Vec<v1::Event>,
    pub(super) events_dropped: usize,
}

impl BoardDelta {
    /// Nothing to tell about the board.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
            && self.left.is_empty()
            && self.events.is_empty()
            && self.events_dropped == 0
    }

    fn encode(self, out: &mut Vec<u8>) {
        let Self {
            board,
            rows,
            left,
            events,
            events_dropped,
        } = self;
        let first = v1::BoardDelta {
            board,
            rows: Vec::new(),
            left: Vec::new(),
            events: Vec::new(),
            events_dropped: 0,
        };
        let rest = v1::BoardDelta {
            board: String::new(),
            rows: Vec::new(),
            left,
            events,
            events_dropped: events_dropped as i32,
        };
        let len = first.encoded_len() + items_len(BOARD_ROWS, &rows) + rest.encoded_len();
        encode_key(DELTA_BOARDS, WireType::LengthDelimited, out);
        encode_varint(len as u64, out);
        first.encode_raw(out);
        encode_items(BOARD_ROWS, &rows, out);
        rest.encode_raw(out);
    }
}

fn items_len(field: u32, items: &[Bytes]) -> usize {
    let len = |item: &Bytes| key_len(field) + encoded_len_varint(item.len() as u64) + item.len();
    items.iter().map(len).sum()
}

fn encode_items(field: u32, items: &[Bytes], out: &mut Vec<u8>) {
    for item in items {
        encode_key(field, WireType::LengthDelimited, out);
        encode_varint(item.len() as u64, out);
        out.extend_from_slice(item);
    }
}

/// The part of a delta that does not depend on who gets it; empty without changes.
pub(super) fn delta_body(boards: Vec<BoardDelta>) -> Vec<u8> {
    let mut body = Vec::new();
    for board in boards {
        board.encode(&mut body);
    }
    body
}

/// What stands before the shared body of a delta.
pub(super) fn delta_head(
    store_id: &str,
    from: Revision,
    revision: Revision,
    body: &[u8],
) -> Vec<u8> {
    let mut head = response(store_id, revision, None);
    let own = v1::Delta {
        from_revision: from as i64,
        boards: Vec::new(),
    };
    encode_key(RESPONSE_DELTA, WireType::LengthDelimited, &mut head);
    encode_varint((own.encoded_len() + body.len()) as u64, &mut head);
    own.encode_raw(&mut head);
    head
}

/// A chunk of a snapshot from rows that are already encoded.
pub(super) fn chunk(
    store_id: &str,
    revision: Revision,
    board: &str,
    first: bool,
    rows: &[Bytes],
) -> Bytes {
    let chunk = v1::SnapshotChunk {
        board: board.to_owned(),
        first,
        rows: Vec::new(),
    };
    let mut chunk = chunk.encode_to_vec();
    chunk.reserve(items_len(CHUNK_ROWS, rows));
    encode_items(CHUNK_ROWS, rows, &mut chunk);
    let mut frame = response(store_id, revision, None);
    frame.reserve(chunk.len() + 8);
    encode_key(RESPONSE_SNAPSHOT, WireType::LengthDelimited, &mut frame);
    encode_varint(chunk.len() as u64, &mut frame);
    frame.extend_from_slice(&chunk);
    frame.into()
}

#[cfg(test)]
mod tests {
    use super::super::fold::Folded;
    use super::*;

    fn decoded(bytes: &[u8]) -> v1::WatchLeaderboardResponse {
        v1::WatchLeaderboardResponse::decode(bytes).expect("a frame")
    }

    fn row(model: &str) -> v1::Standing {
        v1::Standing {
            model: model.to_owned(),
            score: 59.1,
            ..Default::default()
        }
    }

    #[test]
    fn a_delta_in_two_parts_is_the_message() {
        let rows: Vec<v1::Standing> = ["a/a", "a/b"].map(row).into();
        let boards = vec![v1::BoardDelta {
            board: "gpqa-diamond".to_owned(),
            rows: rows.clone(),
            left: vec!["a/b".to_owned()],
            events: vec![v1::Event::default()],
            events_dropped: 3,
        }];
        let parts = || BoardDelta {
            board: "gpqa-diamond".to_owned(),
            rows: rows.iter().map(|row| row.encode_to_vec().into()).collect(),
            left: vec!["a/b".to_owned()],
            events: vec![v1::Event::default()],
            events_dropped: 3,
        };
        for from in [0, 1, 300] {
            let body = delta_body(vec![parts()]);
            let shared = Folded::new("store", 1, 301, &body);
            let frame = shared.frame("store", from);
            let expected = v1::WatchLeaderboardResponse {
                store_id: "store".to_owned(),
                revision: 301,
                frame: Some(Kind::Delta(v1::Delta {
                    from_revision: from as i64,
                    boards: boards.clone(),
                })),
            };
            assert_eq!(frame.encode_to_vec(), expected.encode_to_vec());
            assert_eq!(frame.encoded_len(), expected.encoded_len());
        }
        assert!(delta_body(Vec::new()).is_empty());
    }

    #[test]
    fn a_chunk_of_encoded_rows_is_the_message() {
        let rows: Vec<v1::Standing> = ["a/a", "a/b"].map(row).into();
        let encoded: Vec<Bytes> = rows.iter().map(|row| row.encode_to_vec().into()).collect();
        let frame = chunk("store", 7, "b", true, &encoded);
        let expected = Kind::Snapshot(v1::SnapshotChunk {
            board: "b".to_owned(),
            first: true,
            rows,
        });
        assert_eq!(decoded(&frame).frame, Some(expected));
    }
}
