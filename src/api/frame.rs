//! A watch frame that is already encoded.

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
