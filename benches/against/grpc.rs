//! gRPC over the `h2` crate, without a codec: a client that costs less than the server it measures.

use std::net::SocketAddr;

use bytes::{Buf, Bytes, BytesMut};
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, Method, Request, Response, header};
use tokio::net::TcpStream;

use crate::Failure;

/// Bytes before a message: a flag for compression and the length.
pub const HEAD_BYTES: usize = 5;
/// Flow control must not be what is measured. The greatest that HTTP/2 knows.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;
/// The window of one stream.
const STREAM_WINDOW: u32 = 64 << 20;

/// A connection; clones share it.
#[derive(Clone)]
pub struct Connection {
    send: SendRequest<Bytes>,
}

impl Connection {
    /// Connects, without encryption.
    pub async fn open(addr: SocketAddr) -> Result<Self, Failure> {
        let socket = TcpStream::connect(addr).await?;
        socket.set_nodelay(true)?;
        let (send, connection) = h2::client::Builder::new()
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .handshake(socket)
            .await?;
        // It ends with the last handle. Whoever waits on a stream hears of an error there.
        tokio::spawn(connection);
        Ok(Self { send })
    }

    /// Sends a request with one message and waits for the one answered.
    pub async fn unary(&mut self, head: &Request<()>, message: Bytes) -> Result<Bytes, Failure> {
        let (answer, mut body) = self.start(head).await?;
        body.send_data(message, true)?;
        let mut answers = Answers::of(answer).await?;
        let Some(answer) = answers.next().await? else {
            return Err("an answer without a message".into());
        };
        answers.end().await?;
        Ok(answer)
    }

    /// Begins a call whose messages are sent one by one.
    pub async fn start(
        &mut self,
        head: &Request<()>,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), Failure> {
        futures_ready(&mut self.send).await?;
        Ok(self.send.send_request(head.clone(), false)?)
    }
}

async fn futures_ready(send: &mut SendRequest<Bytes>) -> Result<(), h2::Error> {
    std::future::poll_fn(|context| send.poll_ready(context)).await
}

/// The head of every request to a method of `frontier.v1`, such as `LeaderboardService/SubmitResult`.
pub fn head(addr: SocketAddr, method: &str) -> Result<Request<()>, Failure> {
    Ok(Request::builder()
        .method(Method::POST)
        .uri(format!("http://{addr}/frontier.v1.{method}"))
        .header(header::TE, "trailers")
        .header(header::CONTENT_TYPE, "application/grpc")
        .body(())?)
}

/// The messages of an answer, taken out of its frames.
pub struct Answers {
    body: RecvStream,
    held: BytesMut,
    /// What is left of the newest frame, while no message lies across frames.
    frame: Bytes,
}

impl Answers {
    /// Waits for the head of an answer.
    pub async fn of(
        answer: impl Future<Output = Result<Response<RecvStream>, h2::Error>>,
    ) -> Result<Self, Failure> {
        let answer = answer.await?;
        if answer.status() != 200 {
            return Err(format!("answered HTTP {}", answer.status()).into());
        }
        if answer.headers().contains_key("grpc-status") {
            accepted(answer.headers())?;
        }
        Ok(Self {
            body: answer.into_body(),
            held: BytesMut::new(),
            frame: Bytes::new(),
        })
    }

    /// The next message, none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            if let Some(message) = self.ready() {
                return Ok(Some(message));
            }
            let Some(frame) = self.body.data().await else {
                return Ok(None);
            };
            let frame = frame?;
            self.body.flow_control().release_capacity(frame.len())?;
            self.frame = frame;
        }
    }

    /// A message that has arrived in full.
    pub fn ready(&mut self) -> Option<Bytes> {
        take_message(&mut self.held, &mut self.frame)
    }

    /// Reads the trailers, after the last message.
    pub async fn end(&mut self) -> Result<(), Failure> {
        match self.body.trailers().await? {
            Some(trailers) => accepted(&trailers),
            None => Err("an answer without trailers".into()),
        }
    }
}

/// The first message of what was held back and the newest frame, if it is there in full. What is left of the frame is
/// copied only where a message lies across frames.
pub fn take_message(held: &mut BytesMut, frame: &mut Bytes) -> Option<Bytes> {
    if held.is_empty()
        && let Some(length) = message_length(frame)
    {
        let mut message = frame.split_to(length);
        message.advance(HEAD_BYTES);
        return Some(message);
    }
    held.extend_from_slice(frame);
    frame.clear();
    let length = message_length(held)?;
    let mut message = held.split_to(length).freeze();
    message.advance(HEAD_BYTES);
    Some(message)
}

/// Bytes of the first message with its head, once it is there in full.
fn message_length(bytes: &[u8]) -> Option<usize> {
    let head: [u8; 4] = bytes.get(1..HEAD_BYTES)?.try_into().ok()?;
    let length = HEAD_BYTES + u32::from_be_bytes(head) as usize;
    (bytes.len() >= length).then_some(length)
}

fn accepted(headers: &HeaderMap) -> Result<(), Failure> {
    if headers.get("grpc-status").is_some_and(|code| code == "0") {
        return Ok(());
    }
    Err(format!("refused: {headers:?}").into())
}

/// The fields of a message: number and value, the bytes of what is not a number.
pub struct Fields<'a>(pub &'a [u8]);

/// The value of a field.
#[derive(Clone, Copy)]
pub enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Field<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = varint(&mut self.0)?;
        let length = match key & 7 {
            0 => return Some((key >> 3, Field::Number(varint(&mut self.0)?))),
            1 => 8,
            2 => varint(&mut self.0)? as usize,
            5 => 4,
            _ => return None,
        };
        let (value, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some((key >> 3, Field::Bytes(value)))
    }
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The number in a field; 0 where it is absent.
pub fn number(message: &[u8], wanted: u64) -> u64 {
    let found = Fields(message).find_map(|(field, value)| match value {
        Field::Number(number) if field == wanted => Some(number),
        _ => None,
    });
    found.unwrap_or(0)
}

/// The message in a field.
pub fn nested(message: &[u8], wanted: u64) -> Option<&[u8]> {
    Fields(message).find_map(|(field, value)| match value {
        Field::Bytes(bytes) if field == wanted => Some(bytes),
        _ => None,
    })
}
