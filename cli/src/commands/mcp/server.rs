//! `Server`: requests to the MCP server.

use hyper::body::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use hyper::{HeaderMap, Method, Request, Uri};

use crate::commands::mcp::answer::{Answer, Cursor, Fault};
use crate::net::{Body, Client, NoAnswer, Unsent};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("scout-auth/", env!("CARGO_PKG_VERSION")));

/// The MCP server: one URL.
pub(super) struct Server {
    url: Uri,
    client: Client,
}

impl Server {
    pub(super) fn new(url: Uri, client: Client) -> Self {
        Self { url, client }
    }

    /// Sends a message.
    pub(super) async fn post(&self, text: Bytes, mut headers: HeaderMap) -> Result<Answer, Fault> {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json, text/event-stream"));
        self.send(Method::POST, text, headers, Cursor::default()).await
    }

    /// Opens a stream, or continues one where the cursor is.
    pub(super) async fn get(&self, cursor: Cursor, mut headers: HeaderMap) -> Result<Answer, Fault> {
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        headers.extend(cursor.last.clone().map(|id| (LAST_EVENT_ID, id)));
        self.send(Method::GET, Bytes::new(), headers, cursor).await
    }

    /// Ends a session.
    pub(super) async fn delete(&self, headers: HeaderMap) -> Result<Answer, Fault> {
        self.send(Method::DELETE, Bytes::new(), headers, Cursor::default()).await
    }

    async fn send(&self, method: Method, text: Bytes, mut headers: HeaderMap, cursor: Cursor) -> Result<Answer, Fault> {
        headers.insert(USER_AGENT, AGENT);
        let mut request = Request::new(Body::from(text));
        *request.method_mut() = method;
        *request.uri_mut() = self.url.clone();
        *request.headers_mut() = headers;
        Answer::of(self.client.send(request).await?, cursor).await
    }
}

impl From<Unsent> for Fault {
    fn from(unsent: Unsent) -> Self {
        let text = match unsent {
            Unsent::Credential(error) => format!("{}; {}", error.summary(), error.help()),
            Unsent::NoAnswer(NoAnswer { reason, help }) => format!("the server cannot be reached: {reason}; {help}"),
        };
        Self::from(&*text)
    }
}
