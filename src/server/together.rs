//! What a connection sends, sent together.
//!
//! The `h2` crate writes each answer of more than a few hundred bytes by a system call of its own, and flushes after
//! each. Answers come in crowds here: a commit answers all that waited for it. So what is written to a connection of
//! HTTP/2 is held until the task of the connection has nothing more to write, and goes out by one call.
//!
//! Nothing is held longer than that: a flush of what is held wakes the task once more, and every turn of it begins with
//! reading, which sends first. A connection that does not begin as HTTP/2 is passed through as it is.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Beyond this what is held is sent at once.
const HELD_BYTES_MAX: usize = 64 * 1024;
/// The first bytes of a connection of HTTP/2, as far as they tell it from one of HTTP/1.
const PREFACE: &[u8] = b"PRI * HTTP/2";

/// See the module documentation.
#[derive(Debug)]
pub(super) struct Together<S> {
    socket: S,
    protocol: Protocol,
    held: Vec<u8>,
    /// How much of it has been sent.
    sent: usize,
    /// The socket takes no more, and wakes the task once it does.
    full: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Unknown,
    Http2,
    Other,
}

impl<S: AsyncWrite + Unpin> Together<S> {
    pub(super) fn new(socket: S) -> Self {
        Self {
            socket,
            protocol: Protocol::Unknown,
            held: Vec::new(),
            sent: 0,
            full: false,
        }
    }

    fn holds(&self) -> bool {
        self.protocol == Protocol::Http2
    }

    /// Sends what is held.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while self.sent < self.held.len() {
            let rest = &self.held[self.sent..];
            let written = Pin::new(&mut self.socket).poll_write(cx, rest);
            self.full = written.is_pending();
            let sent = ready!(written)?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += sent;
        }
        self.held.clear();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }

    /// Takes in as much as there is room for, after making some.
    fn poll_hold<'a>(
        &mut self,
        cx: &mut Context<'_>,
        pieces: impl Iterator<Item = &'a [u8]>,
    ) -> Poll<io::Result<usize>> {
        if self.held.len() >= HELD_BYTES_MAX {
            ready!(self.poll_send(cx))?;
        }
        let before = self.held.len();
        for piece in pieces {
            let room = HELD_BYTES_MAX - self.held.len();
            self.held.extend_from_slice(&piece[..piece.len().min(room)]);
        }
        Poll::Ready(Ok(self.held.len() - before))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Together<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.held.is_empty() {
            // An idle connection takes no memory.
            this.held = Vec::new();
        } else if let Poll::Ready(sent) = this.poll_send(cx) {
            // While the socket takes no more it may well have something to read.
            sent?;
        }
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.socket).poll_read(cx, buf))?;
        if this.protocol == Protocol::Unknown {
            let http2 = buf.filled()[before..].starts_with(PREFACE);
            this.protocol = if http2 {
                Protocol::Http2
            } else {
                Protocol::Other
            };
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Together<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.holds() {
            return self.poll_hold(cx, std::iter::once(buf));
        }
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.holds() {
            return self.poll_hold(cx, bufs.iter().map(|buf| &**buf));
        }
        Pin::new(&mut self.socket).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.held.is_empty() {
            return Pin::new(&mut self.socket).poll_flush(cx);
        }
        // More may follow in this turn; the next one sends it.
        if !self.full {
            cx.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A socket that notes every write, and takes as much of each as `takes` says; nothing = it is full for once.
    #[derive(Default)]
    struct Socket {
        incoming: VecDeque<u8>,
        written: Vec<Vec<u8>>,
        takes: VecDeque<usize>,
        shut: bool,
    }

    impl AsyncRead for Socket {
        fn poll_read(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            if self.incoming.is_empty() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let bytes: Vec<u8> = self.incoming.drain(..).collect();
            buf.put_slice(&bytes);
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Socket {
        fn poll_write(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            buf: &[u8],
        ) -> Poll<io::Result<usize>> {
            let takes = self.takes.pop_front().unwrap_or(usize::MAX).min(buf.len());
            if takes == 0 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            self.written.push(buf[..takes].to_vec());
            Poll::Ready(Ok(takes))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.shut = true;
            Poll::Ready(Ok(()))
        }
    }

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn begun_with(first: &[u8]) -> Together<Socket> {
        let mut together = Together::new(Socket {
            incoming: first.iter().copied().collect(),
            ..Socket::default()
        });
        let mut bytes = [0; 64];
        assert_eq!(together.read(&mut bytes).await.expect("read"), first.len());
        together
    }

    /// One turn of reading that finds nothing.
    async fn turn(together: &mut Together<Socket>) {
        let mut byte = [0];
        let mut buf = ReadBuf::new(&mut byte);
        let polled = std::future::poll_fn(|cx| {
            Poll::Ready(Pin::new(&mut *together).poll_read(cx, &mut buf))
        });
        assert!(polled.await.is_pending());
    }

    #[tokio::test]
    async fn what_is_written_in_one_turn_is_sent_by_one_call_at_the_next() {
        let mut together = begun_with(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        for answer in [b"one", b"two", b"six"] {
            together.write_all(answer).await.expect("held");
            together.flush().await.expect("put off");
        }
        assert!(together.socket.written.is_empty());
        turn(&mut together).await;
        assert_eq!(together.socket.written, [b"onetwosix"]);
        turn(&mut together).await;
        assert_eq!(
            (together.held.capacity(), together.socket.written.len()),
            (0, 1)
        );
    }

    #[tokio::test]
    async fn a_socket_that_takes_little_gets_everything_in_order() {
        let mut together = begun_with(PREFACE).await;
        together.socket.takes = [2, 0, 1, 0].into();
        together.write_all(b"answer").await.expect("held");
        for sent in [&b"an"[..], b"ans", b"answer"] {
            turn(&mut together).await;
            assert_eq!(together.socket.written.concat(), sent);
        }
    }

    #[tokio::test]
    async fn a_flush_wakes_the_task_unless_the_socket_will() {
        let mut together = begun_with(PREFACE).await;
        let wakes = Arc::new(Wakes::default());
        let waker = Waker::from(Arc::clone(&wakes));
        let mut cx = Context::from_waker(&waker);
        let mut flush = |together: &mut Together<Socket>| {
            assert!(Pin::new(together).poll_flush(&mut cx).is_ready());
            wakes.0.swap(0, Ordering::Relaxed)
        };
        assert_eq!(flush(&mut together), 0);
        together.write_all(b"answer").await.expect("held");
        assert_eq!(flush(&mut together), 1);
        together.socket.takes = [1, 0].into();
        turn(&mut together).await;
        assert_eq!(flush(&mut together), 0);
        turn(&mut together).await;
        together.write_all(b"another").await.expect("held");
        assert_eq!(flush(&mut together), 1);
    }

    #[tokio::test]
    async fn more_than_is_held_and_what_is_left_at_the_end_are_sent() {
        let mut together = begun_with(PREFACE).await;
        let large: Vec<u8> = (0..=3 * HELD_BYTES_MAX).map(|at| at as u8).collect();
        together.write_all(&large).await.expect("sent or held");
        assert!(together.held.len() <= HELD_BYTES_MAX);
        together.shutdown().await.expect("shut");
        assert!(together.socket.shut);
        assert_eq!(together.socket.written.concat(), large);
    }

    #[tokio::test]
    async fn other_protocols_are_passed_through() {
        let mut together = begun_with(b"GET / HTTP/1.1\r\n").await;
        together.write_all(b"page").await.expect("written");
        assert_eq!(together.socket.written, [b"page"]);
    }
}
