//! How messages are read and written: as tonic does it for prost, with less memory for each call.
//!
//! tonic sets aside 8 KiB for what a call sends and 8 KiB for what it answers. Nearly all requests are a few hundred
//! bytes, and an allocator hands out small pieces in a tenth of the time.

use std::marker::PhantomData;

use prost::Message;
use tonic::codec::{BufferSettings, Codec as TonicCodec};
use tonic_prost::{ProstCodec, ProstDecoder, ProstEncoder};

/// Room for one request; larger ones are given what they need.
const REQUEST_BYTES: usize = 1_000;
/// Room for the first answer; larger ones are given what they need.
const ANSWER_BYTES: usize = 16;
/// Answers of a stream that are ready are sent together, up to about this many bytes.
const TOGETHER_BYTES: usize = 32 * 1024;

/// Answers `T` to requests `U`.
#[derive(Clone, Copy, Debug)]
pub struct Codec<T, U> {
    types: PhantomData<(T, U)>,
}

impl<T, U> Default for Codec<T, U> {
    fn default() -> Self {
        Self { types: PhantomData }
    }
}

impl<T, U> TonicCodec for Codec<T, U>
where
    T: Message + Send + 'static,
    U: Message + Default + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = ProstDecoder<U>;

    fn encoder(&mut self) -> ProstEncoder<T> {
        ProstCodec::<T, U>::raw_encoder(BufferSettings::new(ANSWER_BYTES, TOGETHER_BYTES))
    }

    fn decoder(&mut self) -> ProstDecoder<U> {
        ProstCodec::<T, U>::raw_decoder(BufferSettings::new(REQUEST_BYTES, TOGETHER_BYTES))
    }
}
