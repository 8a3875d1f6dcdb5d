//! Redis's protocol, version 2.

use std::net::SocketAddr;

use bytes::{Buf, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::Failure;

/// The sorted set that `redis-benchmark` writes to.
pub const KEY: &str = "board";

/// Name of a member as `redis-benchmark` writes it.
pub fn member(number: u64) -> String {
    format!("member:{number:012}")
}

/// A command as Redis wants it.
pub fn command<W: AsRef<str>>(words: &[W]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        let word = word.as_ref();
        bytes.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
    }
    bytes
}

/// What Redis answered.
#[derive(Debug)]
pub enum Reply {
    Number(i64),
    /// `Nil` where there are none.
    Bytes,
    Nil,
    /// Its parts follow as replies.
    Array,
    Simple,
}

/// A connection.
pub struct Redis {
    pub socket: TcpStream,
    held: BytesMut,
}

impl Redis {
    pub async fn connect(addr: SocketAddr) -> Result<Self, Failure> {
        let socket = TcpStream::connect(addr).await?;
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            held: BytesMut::with_capacity(16 * 1024),
        })
    }

    /// The next reply.
    pub async fn reply(&mut self) -> Result<Reply, Failure> {
        loop {
            if let Some(reply) = self.ready()? {
                return Ok(reply);
            }
            if self.socket.read_buf(&mut self.held).await? == 0 {
                return Err("Redis hung up".into());
            }
        }
    }

    /// A reply that has arrived in full.
    pub fn ready(&mut self) -> Result<Option<Reply>, Failure> {
        let Some(end) = self.held.windows(2).position(|pair| pair == b"\r\n") else {
            return Ok(None);
        };
        let line = std::str::from_utf8(&self.held[..end])?;
        let (kind, rest) = line.split_at(1);
        let reply = match kind {
            "+" => Reply::Simple,
            "-" => return Err(format!("Redis refused: {rest}").into()),
            ":" => Reply::Number(rest.parse()?),
            "*" => Reply::Array,
            "$" if rest == "-1" => Reply::Nil,
            "$" => {
                let length: usize = rest.parse()?;
                if self.held.len() < end + 2 + length + 2 {
                    return Ok(None);
                }
                self.held.advance(end + 2 + length + 2);
                return Ok(Some(Reply::Bytes));
            }
            _ => return Err(format!("Redis answered `{line}`").into()),
        };
        self.held.advance(end + 2);
        Ok(Some(reply))
    }
}
