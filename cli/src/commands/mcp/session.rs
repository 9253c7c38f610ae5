//! `Line` and `Session`: what the client wrote, and the session it belongs to.

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use tokio::task::AbortHandle;

use crate::commands::mcp::answer::SESSION;
use crate::commands::mcp::message::{self, Id, Malformed};
use crate::commands::mcp::metadata::{Metadata, VERSION};

/// A line of the client: a message or a batch, and what the bridge must know of it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// As it was written.
    pub(super) text: Bytes,
    /// The ids of its requests.
    pub(super) requests: Vec<Id>,
    /// The method, unless it is a batch.
    pub(super) method: String,
    /// The request that it cancels.
    pub(super) cancels: Option<Id>,
    /// Its own headers, since protocol version 2026-07-28. Before that, those of the session.
    pub(super) metadata: Option<HeaderMap>,
}

impl Line {
    pub(super) fn read(text: &Bytes, metadata: &Metadata) -> Result<Self, Malformed> {
        let messages = message::read(str::from_utf8(text).map_err(|_| Malformed)?)?;
        let requests = messages.iter().filter_map(message::Message::request).collect();
        let [message] = &messages[..] else {
            let (method, cancels, metadata) = (String::new(), None, None);
            return Ok(Self { text: text.clone(), requests, method, cancels, metadata });
        };
        let params = message.params();
        Ok(Self {
            requests,
            method: message.method.as_deref().unwrap_or_default().to_owned(),
            cancels: message.cancelled(),
            metadata: params.version().map(|version| metadata.headers(message, &params, &version)),
            text: text.clone(),
        })
    }

    /// Whether a session begins with it.
    pub(super) fn is_initialize(&self) -> bool {
        self.method == "initialize"
    }

    pub(super) fn is_initialized(&self) -> bool {
        self.method == "notifications/initialized"
    }

    /// Whether it has no session: each message is complete by itself.
    pub(super) fn is_stateless(&self) -> bool {
        self.metadata.is_some()
    }
}

/// A session of a protocol version before 2026-07-28. The server may have given it no id.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) id: Option<HeaderValue>,
    pub(super) version: Option<String>,
    /// Each session of this process has another.
    pub(super) number: u64,
    initialize: Line,
    initialized: Option<Line>,
    listening: Option<AbortHandle>,
}

impl Session {
    pub(super) fn new(initialize: &Line, id: Option<HeaderValue>, number: u64) -> Self {
        Self { id, version: None, number, initialize: initialize.clone(), initialized: None, listening: None }
    }

    /// What began it, and its version.
    pub(super) fn beginning(&self) -> (Line, Option<Line>, Option<String>) {
        (self.initialize.clone(), self.initialized.clone(), self.version.clone())
    }

    /// The client has completed its beginning.
    pub(super) fn listens(&mut self, initialized: Line, listening: AbortHandle) {
        self.initialized = Some(initialized);
        if let Some(earlier) = self.listening.replace(listening) {
            earlier.abort();
        }
    }

    /// The headers of every request that belongs to it.
    pub(super) fn headers(&self) -> HeaderMap {
        let version = self.version.as_deref().and_then(|version| HeaderValue::from_str(version).ok());
        let id = self.id.clone().map(|id| (SESSION, id));
        version.map(|version| (VERSION, version)).into_iter().chain(id).collect()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}
