//! What stands between a server and its database: it loses notices, or lets nothing through.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// A port of this machine that leads to a socket.
pub(crate) struct Wire {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    loses_notices: AtomicBool,
    lost: AtomicUsize,
    is_cut: AtomicBool,
}

impl Wire {
    pub(crate) fn to(socket: PathBuf) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::<State>::default();
        let own = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // Without the server, the connection ends at once.
                let Ok(server) = UnixStream::connect(&socket) else { continue };
                let (from, mut to) = (client.try_clone().expect("a copy"), server.try_clone().expect("a copy"));
                let own_state = Arc::clone(&own);
                thread::spawn(move || {
                    let _ = up(from, &mut to, &own_state);
                    to.shutdown(std::net::Shutdown::Both)
                });
                let own_state = Arc::clone(&own);
                thread::spawn(move || {
                    let _ = down(server, &client, &own_state);
                    client.shutdown(std::net::Shutdown::Both)
                });
            }
        });
        Self { port, state }
    }

    /// The URL of a database by way of this.
    pub(crate) fn url(&self, url: &str) -> String {
        let database = url.split(['/', '?']).nth(3).expect("a database");
        format!("postgres://scout@127.0.0.1:{}/{database}", self.port)
    }

    /// No notice arrives any more.
    pub(crate) fn lose_notices(&self) {
        self.state.loses_notices.store(true, Ordering::SeqCst);
    }

    /// How many notices did not arrive.
    pub(crate) fn lost(&self) -> usize {
        self.state.lost.load(Ordering::SeqCst)
    }

    /// Nothing arrives, and nothing tells so; or all does again.
    pub(crate) fn cut(&self, is_cut: bool) {
        self.state.is_cut.store(is_cut, Ordering::SeqCst);
    }
}

impl State {
    fn wait(&self) {
        while self.is_cut.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

fn up(mut from: impl Read, to: &mut impl Write, state: &State) -> io::Result<()> {
    let mut piece = [0; 4096];
    loop {
        let length = from.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        state.wait();
        to.write_all(&piece[..length])?;
    }
}

/// A message of the server has a letter, a length with itself, and a body. `A` is a notice.
fn down(mut from: impl Read, mut to: impl Write, state: &State) -> io::Result<()> {
    loop {
        let mut head = [0; 5];
        from.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = Vec::new();
        (&mut from).take(u64::from(length - 4)).read_to_end(&mut body)?;
        state.wait();
        if head[0] == b'A' && state.loses_notices.load(Ordering::SeqCst) {
            state.lost.fetch_add(1, Ordering::SeqCst);
            continue;
        }
        to.write_all(&[&head[..], &body].concat())?;
    }
}
