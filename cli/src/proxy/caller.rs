//! `Callers`: who may call the proxy.

use std::net::SocketAddr;

use hyper::header::{AUTHORIZATION, HOST, HeaderName, ORIGIN, TRANSFER_ENCODING};
use hyper::{HeaderMap, Method, Request, StatusCode};

use crate::proxy::local_token::LocalToken;

/// Who may call.
pub(crate) enum Callers {
    /// Who knows the token, under one of the names of the address. A web page whose name was made to
    /// lead to this address (DNS rebinding) comes under its own name.
    WithToken {
        /// What the header `Host` may be.
        hosts: Vec<String>,
        /// What callers present.
        token: LocalToken,
    },
    /// Who may open the socket: the mode of its file decides. No web page can.
    OfSocket,
}

/// Why a caller is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The request is not for a server of its own path: `CONNECT`, or a whole URL.
    Form,
    /// It asks the server to answer with what it got, the credential too.
    Trace,
    /// Its body is coded in another way than in chunks, which would be lost.
    Coding,
    /// The name under which it came is not this address.
    Host,
    /// It comes from a web page.
    Origin,
    /// It has not the local token.
    Token,
}

impl Callers {
    /// Those that know the token, at this address.
    pub(crate) fn with_token(token: LocalToken, address: SocketAddr) -> Self {
        let port = address.port();
        let mut hosts = vec![address.to_string(), format!("localhost:{port}")];
        if port == 80 {
            hosts.extend([address.ip().to_string(), "localhost".to_owned()]);
        }
        Self::WithToken { hosts, token }
    }

    /// Why this request is refused, if it is. The token is looked at last: who comes under a wrong name
    /// learns nothing of it.
    pub(super) fn refusal<B>(&self, request: &Request<B>) -> Option<Refusal> {
        let (headers, uri) = (request.headers(), request.uri());
        let is_path = uri.scheme().is_none() && uri.authority().is_none() && uri.path().starts_with('/');
        if request.method() == Method::CONNECT || !is_path {
            return Some(Refusal::Form);
        }
        if request.method() == Method::TRACE {
            return Some(Refusal::Trace);
        }
        let is_chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
        if headers.contains_key(TRANSFER_ENCODING) && !only(headers, &TRANSFER_ENCODING).is_some_and(is_chunked) {
            return Some(Refusal::Coding);
        }
        if headers.contains_key(ORIGIN) {
            return Some(Refusal::Origin);
        }
        let Self::WithToken { hosts, token } = self else { return None };
        let is_ours = |host: &[u8]| hosts.iter().any(|ours| ours.as_bytes().eq_ignore_ascii_case(host));
        if !only(headers, &HOST).is_some_and(is_ours) {
            return Some(Refusal::Host);
        }
        let presented = only(headers, &AUTHORIZATION).and_then(bearer);
        (!presented.is_some_and(|presented| token.is(presented))).then_some(Refusal::Token)
    }
}

impl Refusal {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Form => StatusCode::BAD_REQUEST,
            Self::Trace | Self::Coding => StatusCode::NOT_IMPLEMENTED,
            Self::Host | Self::Origin => StatusCode::FORBIDDEN,
            Self::Token => StatusCode::UNAUTHORIZED,
        }
    }

    /// What is wrong, and what to do.
    pub(super) fn text(self) -> [&'static str; 2] {
        match self {
            Self::Form => {
                ["the request is not for a path of this server", "use it as the base URL, not as an HTTP proxy"]
            }
            Self::Trace => ["the method TRACE is refused", "use another: the answer could show the credential"],
            Self::Coding => ["the transfer coding is not known", "send the body with its length, or in chunks alone"],
            Self::Host => ["the header Host does not name this proxy", "call it by the address that it printed"],
            Self::Origin => ["requests of web pages are refused", "call it from a program that sends no header Origin"],
            Self::Token => {
                ["the local token is missing or wrong", "send the token of this proxy: Authorization: Bearer …"]
            }
        }
    }
}

/// The value of a header that occurs once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.as_bytes())
}

fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = value.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}
