//! `Exchange`: one request and its answer.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use http_body_util::Either;
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::http::uri::PathAndQuery;
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Version};
use hyper_util::rt::TokioIo;
use scout_auth::Error;
use tokio::io::copy_bidirectional;
use tokio::sync::OwnedSemaphorePermit;

use crate::net::{Body, Client, NoAnswer, Unsent};
use crate::proxy::answer::{self, Answer};
use crate::proxy::caller::Callers;
use crate::proxy::headers;
use crate::proxy::upstream::Upstream;
use crate::words;

/// One of the connections that may be open at once.
pub(super) type ConnectionPlace = Arc<OwnedSemaphorePermit>;

/// Longer paths are cut in the log.
const LOGGED: usize = 200;

/// Answers requests.
pub(crate) struct Exchange {
    /// The upstream, and the way to it.
    pub(crate) upstream: Upstream,
    /// Sends with the credential.
    pub(crate) client: Client,
    /// Who may call.
    pub(crate) callers: Callers,
    /// Takes a line for each request: method, path without query, status, milliseconds to the answer.
    pub(crate) log: Option<Box<dyn Fn(String) + Send + Sync>>,
}

impl Exchange {
    /// Answers a request.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        place: ConnectionPlace,
    ) -> Result<Answer, Infallible> {
        let start = Instant::now();
        let line = self.log.as_ref().map(|log| (log, Line::of(&request)));
        let answer = match self.callers.refusal(&request) {
            Some(refusal) => answer::refused(refusal),
            None => self.forward(request, place).await.unwrap_or_else(|unsent| answer::unsent(&unsent)),
        };
        if let Some((log, Line { method, path })) = line {
            let status = answer.status().as_u16();
            log(format!("{method} {path} {status} {} ms\n", start.elapsed().as_millis()));
        }
        Ok(answer)
    }

    async fn forward(&self, mut request: Request<Incoming>, place: ConnectionPlace) -> Result<Answer, Unsent> {
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
        let is_upgrade = headers::of_request(request.headers_mut());
        let caller = is_upgrade.then(|| hyper::upgrade::on(&mut request));
        let mut response = self.client.send(self.addressed(request)?).await?;
        let status = response.status();
        if status == StatusCode::SWITCHING_PROTOCOLS {
            let caller = caller.ok_or_else(|| Unsent::NoAnswer(NoAnswer::of_an_unasked_upgrade()))?;
            tokio::spawn(connect(caller, hyper::upgrade::on(&mut response), place));
        }
        let (mut head, body) = response.into_parts();
        // The upstream may speak HTTP/1.0. That concerns its connection alone.
        head.version = Version::HTTP_11;
        headers::of_response(&mut head.headers, status, &self.upstream, host.as_deref());
        Ok(Response::from_parts(head, Either::Left(body)))
    }

    /// The same request, to the upstream.
    fn addressed(&self, request: Request<Incoming>) -> Result<Request<Body>, Unsent> {
        let (head, body) = request.into_parts();
        let path = head.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        let mut request = Request::new(Body::streaming(body));
        *request.method_mut() = head.method;
        *request.uri_mut() = self.upstream.at(path).ok_or(Unsent::Credential(Error::Url))?;
        *request.headers_mut() = head.headers;
        Ok(request)
    }
}

/// What the log says of a request. A query may hold a secret.
struct Line {
    method: Method,
    path: String,
}

impl Line {
    fn of<B>(request: &Request<B>) -> Self {
        let path = words::ascii(request.uri().path());
        Self { method: request.method().clone(), path: path.chars().take(LOGGED).collect() }
    }
}

/// Connects the two ends of a WebSocket, until one of them closes. It keeps the place of its connection.
async fn connect(caller: OnUpgrade, upstream: OnUpgrade, place: ConnectionPlace) {
    if let (Ok(caller), Ok(upstream)) = (caller.await, upstream.await) {
        let (mut caller, mut upstream) = (TokioIo::new(caller), TokioIo::new(upstream));
        // Either end may break off.
        let _ = copy_bidirectional(&mut caller, &mut upstream).await;
    }
    drop(place);
}
