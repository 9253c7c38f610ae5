//! A server on this machine that sends requests on to one origin, each with the credential.
//!
//! Programs that take one bearer for life call it with a local token, which is worth nothing elsewhere.
//! Who does not know that token, and every web page, is refused before anything is sent.

/// The token that callers present.
mod local_token;

/// The only server that requests are sent on to.
mod upstream;

/// Who may call.
mod caller;

/// The headers of a message that is passed on.
mod headers;

/// What the proxy itself answers.
mod answer;

/// One request and its answer.
mod exchange;

/// Sockets and connections.
mod server;

pub(crate) use caller::Callers;
pub(crate) use exchange::Exchange;
pub(crate) use local_token::LocalToken;
pub(crate) use server::{Listener, Place, Server};
pub(crate) use upstream::Upstream;
