//! `Server`: sockets and connections, and their limits.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::process::open_files;
use crate::proxy::exchange::{ConnectionPlace, Exchange};

/// Open connections. Others wait for one to end.
const CONNECTIONS: usize = 2048;

/// A connection that sends no complete head within this time is closed.
const HEAD_TIME: Duration = Duration::from_secs(15);

/// A larger head is refused with 431.
const HEAD_SIZE: usize = 64 * 1024;

/// How long answers may go on after a stop.
const GRACE: Duration = Duration::from_secs(5);

/// After a failure to accept, such as too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// Where the proxy listens.
pub(crate) enum Place {
    /// An address of this machine.
    Tcp(SocketAddr),
    /// A socket file that only this user can open.
    #[cfg(unix)]
    Unix(PathBuf),
}

/// An open socket.
pub(crate) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener, PathBuf, Option<FileId>),
}

/// What no other file has while the socket is open: device and inode.
#[cfg(unix)]
type FileId = (u64, u64);

impl Listener {
    /// Opens the socket.
    pub(crate) async fn open(place: Place) -> io::Result<Self> {
        match place {
            Place::Tcp(address) => TcpListener::bind(address).await.map(Self::Tcp),
            #[cfg(unix)]
            Place::Unix(path) => {
                remove_left_behind(&path)?;
                // The file must never be open to others, not even until its mode is changed.
                let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
                let listener = UnixListener::bind(&path);
                rustix::process::umask(before);
                let listener = listener?;
                let id = id_of(&path);
                Ok(Self::Unix(listener, path, id))
            }
        }
    }

    /// The address, if it is one.
    pub(crate) fn address(&self) -> io::Result<Option<SocketAddr>> {
        match self {
            Self::Tcp(listener) => listener.local_addr().map(Some),
            #[cfg(unix)]
            Self::Unix(..) => Ok(None),
        }
    }
}

#[cfg(unix)]
impl Drop for Listener {
    fn drop(&mut self) {
        // Another socket may have taken the place of this one.
        if let Self::Unix(_, path, id) = self
            && id_of(path) == *id
        {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[cfg(unix)]
fn id_of(path: &std::path::Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::symlink_metadata(path).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// Removes the socket file of a process that has ended.
#[cfg(unix)]
fn remove_left_behind(path: &std::path::Path) -> io::Result<()> {
    use std::os::unix::fs::FileTypeExt as _;
    use std::os::unix::net::UnixStream;
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
    match UnixStream::connect(path) {
        Err(error) if is_socket && error.kind() == io::ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        _ => Ok(()),
    }
}

/// A running server.
pub(crate) struct Server {
    accepting: JoinHandle<()>,
    /// The connections that may still be opened.
    free: Arc<Semaphore>,
    most: usize,
}

impl Server {
    /// Serves the socket, in the background.
    pub(crate) fn start(listener: Listener, exchange: Exchange) -> Self {
        let most = most_connections();
        let free = Arc::new(Semaphore::new(most));
        let accepting = tokio::spawn(accept(listener, Arc::new(exchange), Arc::clone(&free)));
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

async fn accept(listener: Listener, exchange: Arc<Exchange>, free: Arc<Semaphore>) {
    // Its end, with the end of this task, tells all connections to end.
    let (_going_on, stop) = watch::channel(());
    while let Ok(place) = Arc::clone(&free).acquire_owned().await {
        let serving = Serving { exchange: Arc::clone(&exchange), stop: stop.clone(), place: Arc::new(place) };
        let accepted = match &listener {
            Listener::Tcp(listener) => listener.accept().await.map(|(stream, _)| {
                // An event must not wait for the next one. If this fails, it is only slower.
                let _ = stream.set_nodelay(true);
                tokio::spawn(serving.run(stream));
            }),
            #[cfg(unix)]
            Listener::Unix(listener, ..) => listener.accept().await.map(|(stream, _)| {
                tokio::spawn(serving.run(stream));
            }),
        };
        if accepted.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// What one connection needs.
struct Serving {
    exchange: Arc<Exchange>,
    stop: watch::Receiver<()>,
    place: ConnectionPlace,
}

impl Serving {
    async fn run(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { exchange, mut stop, place } = self;
        let of_requests = Arc::clone(&place);
        let service = service_fn(move |request| {
            let (exchange, place) = (Arc::clone(&exchange), Arc::clone(&of_requests));
            async move { exchange.answer(request, place).await }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .max_buf_size(HEAD_SIZE)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let (mut connection, mut stop, mut is_stopping) = (pin!(connection), pin!(stop.changed()), false);
        // A caller that breaks the protocol or goes away is told by hyper, as far as it can be.
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
}

/// Each connection may need another one to the upstream.
fn most_connections() -> usize {
    CONNECTIONS.min(open_files() / 2).max(1)
}
