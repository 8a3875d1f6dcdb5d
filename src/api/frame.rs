//! Messages that are already encoded.

use bytes::{Buf, BufMut, Bytes};
use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, skip_field};

/// An encoded `WatchLeaderboardResponse`, shared by all watchers of a view.
///
/// It stands in for that message on the server's side, so that a frame is encoded once however many watchers it has.
///
/// A delta is cut in two: `head` (store, revision, length and the revision the watcher holds) is its own, `body` (the
/// changes) is shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// The first bytes.
    pub head: Bytes,
    /// The rest.
    pub body: Bytes,
}

impl prost::Message for Frame {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.head);
        buf.put_slice(&self.body);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        // Servers only send frames.
        skip_field(wire_type, tag, buf, ctx)
    }

    fn encoded_len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

/// An encoded answer. It stands in for its message on the server's side, so that nothing is copied into one first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Encoded {
    bytes: Vec<u8>,
}

impl Encoded {
    /// The message that these are the bytes of.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }

    /// Its bytes.
    pub fn into_bytes(self) -> Bytes {
        self.bytes.into()
    }
}

impl prost::Message for Encoded {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.bytes);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        // Servers only send answers.
        skip_field(wire_type, tag, buf, ctx)
    }

    fn encoded_len(&self) -> usize {
        self.bytes.len()
    }

    fn clear(&mut self) {
        self.bytes.clear();
    }
}
