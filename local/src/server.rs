//! Sockets and connections, and their limits.

use std::convert::Infallible;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tower_service::Service as _;

use crate::api::Cut;

/// A connection that sends no complete head within this time is closed.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// A head that is clearly larger is refused with 431: hyper looks at the limit between two reads.
const HEAD_SIZE: usize = 64 * 1024;

/// How long answers may go on after a stop.
const GRACE: Duration = Duration::from_secs(5);

/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// A socket that is served.
pub(crate) struct Serving {
    accepting: JoinHandle<()>,
    /// The connections that may still be opened.
    free: Arc<Semaphore>,
    most: usize,
}

impl Serving {
    /// Serves the socket, in the background, with so many open connections at most.
    pub(crate) fn start(listener: TcpListener, router: Router, most: usize) -> Self {
        let most = most.clamp(1, Semaphore::MAX_PERMITS);
        let free = Arc::new(Semaphore::new(most));
        let accepting = tokio::spawn(accept(listener, router, Arc::clone(&free)));
        Self { accepting, free, most }
    }

    /// Accepts nothing more, and lets running answers end within some seconds.
    pub(crate) async fn stop(self) {
        self.accepting.abort();
        // The end of the task closes the socket and tells the connections.
        let _ = self.accepting.await;
        let all = u32::try_from(self.most).unwrap_or(u32::MAX);
        let _ = tokio::time::timeout(GRACE, self.free.acquire_many(all)).await;
    }
}

/// Opens a socket. Returns its address, too: port 0 is any free one.
pub(crate) async fn open(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

async fn accept(listener: TcpListener, router: Router, free: Arc<Semaphore>) {
    // Its end, with the end of this task, tells all connections to end.
    let (_going_on, stop) = watch::channel(());
    while let Ok(place) = Arc::clone(&free).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(serve(stream, router.clone(), stop.clone(), place))),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

async fn serve(stream: TcpStream, router: Router, mut stop: watch::Receiver<()>, place: OwnedSemaphorePermit) {
    // If this fails, it is only slower.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer(router.clone(), request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_SIZE)
        .serve_connection(TokioIo::new(stream), service);
    let (mut connection, mut stop, mut is_stopping) = (pin!(connection), pin!(stop.changed()), false);
    // hyper tells a caller that breaks the protocol or goes away, as far as it can.
    let _ = poll_fn(|context| {
        if !is_stopping && stop.as_mut().poll(context).is_ready() {
            is_stopping = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(context)
    })
    .await;
    drop(place);
}

/// An error cuts the connection.
async fn answer(mut router: Router, request: Request<Incoming>) -> Result<Response<Body>, io::Error> {
    let answer = router.call(request).await.unwrap_or_else(|never: Infallible| match never {});
    if answer.extensions().get::<Cut>().is_some() { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(answer) }
}
