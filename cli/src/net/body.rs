//! `Body`: a request's body. It is kept while it is sent, up to a limit, and can then be sent again.

use std::error::Error;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::body::{Body as HttpBody, Bytes, Frame, Incoming, SizeHint};

/// How much is kept. A longer body is sent once only.
const KEPT: usize = 1024 * 1024;

/// A body that is being sent. Trailers are not passed on.
pub(crate) struct Body {
    source: Arc<Mutex<Source>>,
    /// The sending that this is. A later one ends it.
    sending: u8,
    /// The next piece to send, of those that are kept.
    next: usize,
}

/// What all sendings of a body read from.
struct Source {
    kept: Vec<Bytes>,
    kept_bytes: usize,
    is_kept: bool,
    rest: Option<Incoming>,
    sending: u8,
}

/// The means to send a body again.
pub(crate) struct Again(Arc<Mutex<Source>>);

impl Body {
    /// A body that is passed on as it arrives.
    pub(crate) fn streaming(rest: Incoming) -> Self {
        Self::of(Source { kept: Vec::new(), kept_bytes: 0, is_kept: true, rest: Some(rest), sending: 0 })
    }

    fn of(source: Source) -> Self {
        Self { source: Arc::new(Mutex::new(source)), sending: 0, next: 0 }
    }

    /// The means to send this body again, after it went into a request.
    pub(super) fn again(&self) -> Again {
        Again(Arc::clone(&self.source))
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        lock(&self.source)
    }
}

impl From<Bytes> for Body {
    /// A body that is known, of any length. It can always be sent again.
    fn from(bytes: Bytes) -> Self {
        let kept = if bytes.is_empty() { Vec::new() } else { vec![bytes] };
        Self::of(Source { kept, kept_bytes: 0, is_kept: true, rest: None, sending: 0 })
    }
}

impl Again {
    /// The body from its start, unless it is too long. The sending before it then ends with an error,
    /// and with it its connection.
    pub(super) fn body(self) -> Option<Body> {
        let mut source = lock(&self.0);
        if !source.is_kept {
            return None;
        }
        source.sending += 1;
        let sending = source.sending;
        drop(source);
        Some(Body { source: self.0, sending, next: 0 })
    }
}

fn lock(source: &Mutex<Source>) -> MutexGuard<'_, Source> {
    source.lock().unwrap_or_else(PoisonError::into_inner)
}

impl HttpBody for Body {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = &mut *self;
        let mut source = lock(&this.source);
        if source.sending != this.sending {
            return Poll::Ready(Some(Err("the body is being sent again".into())));
        }
        if let Some(bytes) = source.kept.get(this.next).cloned() {
            this.next += 1;
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        loop {
            let Some(rest) = &mut source.rest else { return Poll::Ready(None) };
            let Some(frame) = ready!(Pin::new(rest).poll_frame(context)) else { return Poll::Ready(None) };
            match frame.map(Frame::into_data) {
                Ok(Ok(bytes)) => {
                    this.next += usize::from(source.keep(&bytes));
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
                Ok(Err(_trailers)) => {}
                Err(error) => return Poll::Ready(Some(Err(error.into()))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        let source = self.source();
        self.next >= source.kept.len() && source.rest.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let source = self.source();
        let kept: usize = source.kept.iter().skip(self.next).map(Bytes::len).sum();
        let rest = source.rest.as_ref().map_or(SizeHint::with_exact(0), Incoming::size_hint);
        match (rest.exact(), u64::try_from(kept)) {
            (Some(rest), Ok(kept)) => SizeHint::with_exact(kept.saturating_add(rest)),
            _ => SizeHint::default(),
        }
    }
}

impl Source {
    /// Whether the piece is kept. Beyond the limit nothing is.
    fn keep(&mut self, bytes: &Bytes) -> bool {
        self.kept_bytes = self.kept_bytes.saturating_add(bytes.len());
        if self.is_kept && self.kept_bytes <= KEPT {
            self.kept.push(bytes.clone());
            return true;
        }
        self.is_kept = false;
        self.kept = Vec::new();
        false
    }
}
