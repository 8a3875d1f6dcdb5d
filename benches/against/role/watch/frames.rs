//! Just enough of HTTP/2 to read many streams of a connection cheaply: a client that costs as little as reading Redis's
//! protocol does. It opens calls, and takes the messages out of DATA frames; heads of answers are skipped, and the end
//! of any stream is a failure.

use std::net::SocketAddr;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEAD_BYTES: usize = 9;
/// The greatest window there is.
const WINDOW: u32 = (1 << 31) - 1;
/// The window that a connection begins with.
const WINDOW_AT_FIRST: u32 = 65_535;
/// Bytes received after which as much window is given back.
const GIVE_BACK_BYTES: u32 = 1 << 26;
/// Bytes asked of the socket at a time.
const READ_BYTES: usize = 256 * 1024;

// Frame types and flags, RFC 9113 section 6.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const INITIAL_WINDOW_SIZE: u16 = 4;

/// A message of a stream.
pub struct Event {
    /// Calls are numbered from 0 in the order they were opened.
    pub stream: usize,
    pub message: Bytes,
}

/// A connection.
pub struct Frames {
    socket: TcpStream,
    authority: String,
    out: BytesMut,
    held: BytesMut,
    streams: Vec<Stream>,
    received: u32,
    /// The stream of the newest DATA frame: more messages of it may be ready.
    current: usize,
}

#[derive(Default)]
struct Stream {
    /// The part of a message that has arrived.
    held: BytesMut,
    /// What is left of the newest frame.
    frame: Bytes,
    received: u32,
}

impl Frames {
    pub async fn open(addr: SocketAddr) -> Result<Self, Failure> {
        let socket = TcpStream::connect(addr).await?;
        socket.set_nodelay(true)?;
        let mut out = BytesMut::from(PREFACE);
        put_head(&mut out, 6, SETTINGS, 0, 0);
        out.put_u16(INITIAL_WINDOW_SIZE);
        out.put_u32(WINDOW);
        put_window_update(&mut out, 0, WINDOW - WINDOW_AT_FIRST);
        Ok(Self {
            socket,
            authority: addr.to_string(),
            out,
            held: BytesMut::new(),
            streams: Vec::new(),
            received: 0,
            current: 0,
        })
    }

    /// Opens a call with one request.
    pub fn call(&mut self, path: &str, request: &[u8]) {
        let id = stream_id(self.streams.len());
        // HPACK: `:method: POST` and `:scheme: http` by their numbers, the rest as literals.
        let mut block = vec![0x83, 0x86];
        put_literal(&mut block, &[0x04], path);
        put_literal(&mut block, &[0x01], &self.authority);
        put_literal(&mut block, &[0x0f, 0x10], "application/grpc");
        put_literal(&mut block, &[0x00, 2, b't', b'e'], "trailers");
        put_head(&mut self.out, block.len(), HEADERS, END_HEADERS, id);
        self.out.put_slice(&block);
        put_head(&mut self.out, 5 + request.len(), DATA, END_STREAM, id);
        self.out.put_u8(0);
        self.out.put_u32(request.len() as u32);
        self.out.put_slice(request);
        self.streams.push(Stream::default());
    }

    /// Sends what has been put out.
    pub async fn flush(&mut self) -> Result<(), Failure> {
        while !self.out.is_empty() {
            self.socket.write_all_buf(&mut self.out).await?;
        }
        Ok(())
    }

    /// Waits for bytes.
    pub async fn read(&mut self) -> Result<(), Failure> {
        self.flush().await?;
        self.held.reserve(READ_BYTES);
        if self.socket.read_buf(&mut self.held).await? == 0 {
            return Err("the server hung up".into());
        }
        Ok(())
    }

    /// The next message that has arrived in full.
    pub fn next(&mut self) -> Result<Option<Event>, Failure> {
        loop {
            let stream = self.current;
            if let Some(message) = self.streams.get_mut(stream).and_then(Stream::ready) {
                return Ok(Some(Event { stream, message }));
            }
            if !self.frame()? {
                return Ok(None);
            }
        }
    }

    /// Takes one frame, if one has arrived in full.
    fn frame(&mut self) -> Result<bool, Failure> {
        let Some(head) = self.held.first_chunk::<FRAME_HEAD_BYTES>() else {
            return Ok(false);
        };
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let (kind, flags) = (head[3], head[4]);
        let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        if self.held.len() < FRAME_HEAD_BYTES + length as usize {
            return Ok(false);
        }
        self.held.advance(FRAME_HEAD_BYTES);
        let body = self.held.split_to(length as usize).freeze();
        match kind {
            DATA | HEADERS if flags & END_STREAM != 0 => {
                return Err(format!("stream {id} ended").into());
            }
            DATA if flags & PADDED != 0 => return Err("a padded frame".into()),
            DATA => self.data(id, length, body)?,
            RST_STREAM | GOAWAY => return Err(format!("stream {id} was cut: {body:?}").into()),
            SETTINGS if flags & ACK == 0 => put_head(&mut self.out, 0, SETTINGS, ACK, 0),
            PING if flags & ACK == 0 => {
                put_head(&mut self.out, body.len(), PING, ACK, 0);
                self.out.put_slice(&body);
            }
            _ => {}
        }
        Ok(true)
    }

    fn data(&mut self, id: u32, length: u32, body: Bytes) -> Result<(), Failure> {
        self.current = (id as usize).saturating_sub(1) / 2;
        let stream = self.streams.get_mut(self.current);
        let stream = stream.ok_or("a frame of a stream that nobody opened")?;
        stream.frame = body;
        stream.received += length;
        self.received += length;
        if stream.received >= GIVE_BACK_BYTES {
            put_window_update(&mut self.out, id, stream.received);
            stream.received = 0;
        }
        if self.received >= GIVE_BACK_BYTES {
            put_window_update(&mut self.out, 0, self.received);
            self.received = 0;
        }
        Ok(())
    }
}

impl Stream {
    /// A message that has arrived in full.
    fn ready(&mut self) -> Option<Bytes> {
        crate::grpc::take_message(&mut self.held, &mut self.frame)
    }
}

/// Clients open streams 1, 3, 5, …
fn stream_id(call: usize) -> u32 {
    call as u32 * 2 + 1
}

fn put_head(out: &mut BytesMut, length: usize, kind: u8, flags: u8, id: u32) {
    out.put_uint(length as u64, 3);
    out.put_u8(kind);
    out.put_u8(flags);
    out.put_u32(id);
}

fn put_window_update(out: &mut BytesMut, id: u32, bytes: u32) {
    put_head(out, 4, WINDOW_UPDATE, 0, id);
    out.put_u32(bytes);
}

/// A field whose name is given already, and whose value is shorter than 127 bytes.
fn put_literal(block: &mut Vec<u8>, name: &[u8], value: &str) {
    debug_assert!(value.len() < 127, "longer ones take more than one byte");
    block.extend_from_slice(name);
    block.push(value.len() as u8);
    block.extend_from_slice(value.as_bytes());
}
