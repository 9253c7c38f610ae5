//! `Background`: a thread that runs what is asynchronous.
//!
//! The writer waits for a store, on a thread of its own. A connection must be looked after while nobody
//! waits, and a step must end after some time. The server's own runtime cannot do that: it may have one
//! thread alone, which waits for the store when the server starts.

use std::io;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio_postgres::Error;

/// The thread. It ends when this is dropped, and all that runs on it with it.
pub(super) struct Background {
    handle: Handle,
    _end: oneshot::Sender<()>,
}

/// Why a step failed.
pub(super) enum Fault {
    Step(Error),
    /// It took too long.
    Time,
}

impl Background {
    pub(super) fn start() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel();
        thread::Builder::new().name("postgres".to_owned()).spawn(move || drop(runtime.block_on(ended)))?;
        Ok(Self { handle, _end: end })
    }

    /// Runs a step to its end, and waits.
    pub(super) fn run<T: Send + 'static>(
        &self,
        time: Duration,
        step: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Fault> {
        let (reply, answer) = sync_channel(1);
        self.handle.spawn(async move { reply.send(tokio::time::timeout(time, step).await) });
        match answer.recv() {
            Ok(Ok(done)) => done.map_err(Fault::Step),
            Ok(Err(_)) | Err(_) => Err(Fault::Time),
        }
    }
}
