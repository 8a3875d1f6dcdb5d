//! A codec that encodes a shared message without a copy.

use std::marker::PhantomData;
use std::sync::Arc;

use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

/// Requests `Q` in, one answer `A` out, again and again.
pub struct Echoed<Q, A> {
    types: PhantomData<(Q, A)>,
}

impl<Q, A> Echoed<Q, A> {
    pub fn new() -> Self {
        Self { types: PhantomData }
    }
}

impl<Q, A> Codec for Echoed<Q, A>
where
    Q: Message + Default + 'static,
    A: Message + 'static,
{
    type Encode = Arc<A>;
    type Decode = Q;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self::new()
    }

    fn decoder(&mut self) -> Self {
        Self::new()
    }
}

impl<Q, A: Message> Encoder for Echoed<Q, A> {
    type Item = Arc<A>;
    type Error = Status;

    fn encode(&mut self, item: Self::Item, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buffer)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

impl<Q: Message + Default, A> Decoder for Echoed<Q, A> {
    type Item = Q;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Self::Item>, Status> {
        Q::decode(buffer)
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}
