//! A codec that encodes a shared message without a copy.

use std::sync::Arc;

use frontierd::proto::v1::{SubmitResultRequest, SubmitResultResponse};
use prost::Message;
use tonic::Status;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};

/// Requests in, one answer out, again and again.
pub struct Echoed;

impl Codec for Echoed {
    type Encode = Arc<SubmitResultResponse>;
    type Decode = SubmitResultRequest;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Echoed {
    type Item = Arc<SubmitResultResponse>;
    type Error = Status;

    fn encode(&mut self, item: Self::Item, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        item.encode(buffer)
            .map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Echoed {
    type Item = SubmitResultRequest;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Self::Item>, Status> {
        SubmitResultRequest::decode(buffer)
            .map(Some)
            .map_err(|error| Status::internal(error.to_string()))
    }
}
