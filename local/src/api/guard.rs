//! Which requests are answered at all, whatever credential they have.
//!
//! The server is for programs on this machine. A web page is kept out in three ways: a name that was made
//! to lead here (DNS rebinding) is not in the header `Host`, a request of a page of another origin has its
//! `Origin`, and browsers say where any request comes from in `Sec-Fetch-Site`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{HOST, HeaderName, HeaderValue, ORIGIN};
use axum::http::{HeaderMap, Method, Response};
use axum::middleware::Next;
use axum::response::IntoResponse as _;

use crate::api::Server;
use crate::problem::Problem;

/// The names under which this server may be called.
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    /// Those of the address.
    pub(crate) fn of(address: SocketAddr) -> Self {
        let port = address.port();
        let mut hosts = vec![address.to_string(), format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        if port == 80 {
            hosts.extend([address.ip().to_string(), "localhost".to_owned()]);
        }
        Self(hosts)
    }

    fn contains(&self, host: &str) -> bool {
        self.0.iter().any(|own| own.eq_ignore_ascii_case(host))
    }
}

/// Answers what must not be answered by a handler.
pub(super) async fn guard(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response<Body> {
    if let Some(problem) = problem(&request, &server.hosts) {
        return problem.into_response();
    }
    match server.journal.fresh().await {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

fn problem(request: &Request, hosts: &Hosts) -> Option<Problem> {
    let (headers, uri) = (request.headers(), request.uri());
    let is_path = uri.scheme().is_none() && uri.authority().is_none() && uri.path().starts_with('/');
    if request.method() == Method::CONNECT || !is_path {
        return Some(Problem::Form);
    }
    let host = only(headers, &HOST).filter(|host| hosts.contains(host));
    let Some(host) = host else { return Some(Problem::Host) };
    if headers.contains_key(ORIGIN) && only(headers, &ORIGIN) != Some(&format!("http://{host}")) {
        return Some(Problem::Origin);
    }
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    let is_ours = matches!(site, None | Some(b"same-origin" | b"none"));
    (!is_ours).then_some(Problem::Origin)
}

/// The value of a header that occurs once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    values.next().is_none().then(|| value.to_str().ok()).flatten()
}
