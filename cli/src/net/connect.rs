//! `Connect`: the way to a server.
//!
//! https goes through the proxy of `HTTPS_PROXY` or `ALL_PROXY`, unless `NO_PROXY` names the host.
//! Plain http is for this machine only, and a proxy could read the credential: it goes direct.

use std::error::Error;
use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::Uri;
use hyper::http::uri::Scheme;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

type BoxError = Box<dyn Error + Send + Sync>;

/// How long a connection of TCP may take to be made.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long the whole way may take, the proxy's answer and TLS included.
const LIMIT: Duration = Duration::from_secs(15);

/// After this silence the system asks whether the server is still there.
const KEEPALIVE: Duration = Duration::from_mins(1);

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connect {
    direct: HttpConnector,
    proxies: Arc<Matcher>,
}

/// The proxy cannot be used, or does not lead to the server.
#[derive(Debug)]
pub(super) struct ProxyFailed;

impl fmt::Display for ProxyFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the proxy cannot be used")
    }
}

impl Error for ProxyFailed {}

impl Connect {
    pub(super) fn new() -> Self {
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        direct.set_nodelay(true);
        direct.set_keepalive(Some(KEEPALIVE));
        direct.set_connect_timeout(Some(TIMEOUT));
        Self { direct, proxies: Arc::new(Matcher::from_env()) }
    }

    async fn through(self, proxy: Intercept, to: Uri) -> Result<TokioIo<TcpStream>, BoxError> {
        if proxy.uri().scheme() != Some(&Scheme::HTTP) {
            return Err(ProxyFailed.into());
        }
        let mut tunnel = Tunnel::new(proxy.uri().clone(), self.direct);
        if let Some(authorization) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(authorization.clone());
        }
        tunnel.call(to).await.map_err(|_| ProxyFailed.into())
    }
}

impl Service<Uri> for Connect {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.direct.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let is_https = to.scheme() == Some(&Scheme::HTTPS);
        if let Some(proxy) = self.proxies.intercept(&to).filter(|_| is_https) {
            return Box::pin(self.clone().through(proxy, to));
        }
        let connecting = self.direct.call(to);
        Box::pin(async { connecting.await.map_err(Into::into) })
    }
}

/// A way that is given up if it takes too long: a server may accept a connection and say nothing.
#[derive(Clone)]
pub(super) struct InTime<Way>(pub(super) Way);

impl<Way> Service<Uri> for InTime<Way>
where
    Way: Service<Uri, Error = BoxError>,
    Way::Future: Send + 'static,
{
    type Response = Way::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Way::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = tokio::time::timeout(LIMIT, self.0.call(to));
        Box::pin(async { connecting.await.unwrap_or_else(|_| Err(io::Error::from(io::ErrorKind::TimedOut).into())) })
    }
}
