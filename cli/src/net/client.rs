//! `Client`: sends requests to one server, with the credential.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{AGE, AUTHORIZATION, DATE, HeaderValue};
use hyper::http::request::Parts;
use hyper::http::uri::Scheme;
use hyper::{HeaderMap, Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use scout_auth::{Credential, Error};
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use crate::net::body::Body;
use crate::net::connect::{Connect, InTime};
use crate::net::no_answer::NoAnswer;
use crate::net::tls;

/// How long a connection without a request is kept.
const IDLE: Duration = Duration::from_secs(30);

/// A client of one server, with a credential. It follows no redirect: the user meant the credential
/// for that server only. A request has no time limit, because an answer may stream for hours: whoever
/// needs one drops the future.
pub(crate) struct Client {
    pool: legacy::Client<InTime<HttpsConnector<Connect>>, Body>,
    credential: Credential,
    /// Held by each thread that looks into a refusal.
    refusals: Arc<()>,
}

/// Why a request could not be sent, or had no answer.
#[derive(Debug)]
pub(crate) enum Unsent {
    /// There is no token, or it may not go to this URL. Nothing was sent.
    Credential(Error),
    /// There was no answer.
    NoAnswer(NoAnswer),
}

impl Client {
    /// A client of the server of `url`. It reads the certificate authorities for https only.
    pub(crate) fn new(url: &Uri, credential: Credential) -> Result<Self, NoAnswer> {
        let tls = tls::settings(url.scheme() == Some(&Scheme::HTTPS))?;
        let connector = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
        let pool = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(InTime(connector.wrap_connector(Connect::new())));
        Ok(Self { pool, credential, refusals: Arc::default() })
    }

    /// Sends a request with the credential. Its URI is a whole URL. After a 401 it sends the request
    /// once more, if core finds that worth it and the body can be sent again.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, Unsent> {
        let (head, body) = request.into_parts();
        let url = head.uri.to_string();
        let again = body.again();
        let authorization = self.authorization(&url).await.map_err(Unsent::Credential)?;
        let response = self.send_once(&head, body, &authorization).await.map_err(Unsent::NoAnswer)?;
        if response.status() != StatusCode::UNAUTHORIZED || !self.rejected(authorization, response.headers()).await {
            return Ok(response);
        }
        let Some(body) = again.body() else { return Ok(response) };
        let authorization = self.authorization(&url).await.map_err(Unsent::Credential)?;
        self.send_once(&head, body, &authorization).await.map_err(Unsent::NoAnswer)
    }

    /// Sends a request with this authorization, once.
    pub(crate) async fn send_once(
        &self,
        head: &Parts,
        body: Body,
        authorization: &str,
    ) -> Result<Response<Incoming>, NoAnswer> {
        let mut request = Request::new(body);
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = head.uri.clone();
        *request.headers_mut() = head.headers.clone();
        // Core makes it of visible ASCII.
        if let Ok(mut value) = HeaderValue::from_str(authorization) {
            value.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        Ok(self.pool.request(request).await?)
    }

    /// The header for a URL. While a thread looks into a refusal, core may wait for it. That wait is
    /// on a thread, too, so that open streams go on.
    async fn authorization(&self, url: &str) -> Result<Zeroizing<String>, Error> {
        let authorization = if Arc::strong_count(&self.refusals) == 1 {
            self.credential.authorization_for(url)
        } else {
            let (credential, url) = (self.credential.clone(), url.to_owned());
            spawn_blocking(move || credential.authorization_for(&url)).await.unwrap_or(Err(Error::Internal))
        };
        authorization.map(Zeroizing::new)
    }

    /// Whether to send a request again that had this answer. A source may be a program that runs for
    /// seconds, so a thread asks it.
    async fn rejected(&self, authorization: Zeroizing<String>, headers: &HeaderMap) -> bool {
        let date = headers.get(DATE).filter(|_| !headers.contains_key(AGE));
        let date = date.and_then(|date| date.to_str().ok()).map(str::to_owned);
        let (credential, refusal) = (self.credential.clone(), Arc::clone(&self.refusals));
        let looking = spawn_blocking(move || {
            let retry = credential.rejected(&authorization, date.as_deref());
            drop(refusal);
            retry
        });
        looking.await.unwrap_or(false)
    }
}
