//! Bodies on their way: a request's must keep a pace, an answer's holds its place until it is out.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::BoxError;
use axum::body::HttpBody;
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::line::Turn;
use crate::pulse::{Phase, Pulse};

/// A body that ends with an error when it comes more slowly than it may.
pub(crate) struct Paced {
    inner: Incoming,
    pace_bytes_s: u64,
    grace: Duration,
    began: Option<Instant>,
    received_bytes: u64,
    timer: Option<Pin<Box<Sleep>>>,
    /// Set once the body came too slowly.
    pub is_slow: Arc<AtomicBool>,
}

impl Paced {
    pub fn new(inner: Incoming, pace_bytes_s: u64, grace: Duration) -> Paced {
        Paced { inner, pace_bytes_s, grace, began: None, received_bytes: 0, timer: None, is_slow: Arc::default() }
    }

    /// By when more must have come.
    fn deadline(&self, began: Instant) -> Instant {
        began + self.grace + Duration::from_millis(self.received_bytes.saturating_mul(1000) / self.pace_bytes_s)
    }
}

impl HttpBody for Paced {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let began = *self.began.get_or_insert_with(Instant::now);
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            if let Some(Ok(frame)) = &frame {
                self.received_bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let deadline = self.deadline(began);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        timer.as_mut().reset(deadline);
        if timer.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.is_slow.store(true, Relaxed);
        Poll::Ready(Some(Err("the body came too slowly".into())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body, with what lasts until it is out.
pub(crate) struct Held {
    inner: axum::body::Body,
    /// Only where the body is still being made: what lies ready needs no place at work.
    _turn: Option<Turn>,
    _leave: Leave,
}

impl Held {
    pub fn new(inner: axum::body::Body, turn: Option<Turn>, pulse: Arc<Pulse>) -> Held {
        let turn = turn.filter(|_| inner.size_hint().exact().is_none());
        Held { inner, _turn: turn, _leave: Leave(pulse) }
    }
}

/// Says that the connection is idle again.
struct Leave(Arc<Pulse>);

impl Drop for Leave {
    fn drop(&mut self) {
        self.0.enter(Phase::Idle);
    }
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.inner).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
