//! What `scout-auth proxy` costs: its start, each request, event streams, long bodies. Beside each time
//! stands the same without the proxy (the floor), from the same run. CPU time is that of the proxy alone.
//!
//! `GIB=1 cargo bench --bench proxy` sends 1 GiB in place of 8. Linux only: it reads `/proc`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

const STARTS: usize = 20;
const ROUNDS: usize = 20;
const REQUESTS: usize = 500;
const CALLERS: usize = 16;
const EVENTS: usize = 200;
const STREAMS: usize = 1000;
const PIECE: usize = 64 * 1024;

/// When the server wrote its last event.
static WRITTEN: Mutex<Option<Instant>> = Mutex::new(None);

fn main() {
    let credential = keygen();
    let upstream = serve();
    let start = |origin: &str| Proxy::start(origin, &credential);
    starts(&start);
    let proxy = start(&format!("http://{upstream}"));
    let direct = Target { address: upstream, token: String::new() };
    requests(&proxy, &direct);
    events(&proxy, &direct);
    drop(proxy);
    streams(&start(&format!("http://{}", direct.address)));
    bodies(&start(&format!("http://{}", direct.address)));
}

fn starts(start: &dyn Fn(&str) -> Proxy) {
    let proxies: Vec<_> = (0..STARTS).map(|_| start("https://api.scoutos.com")).collect();
    let cpu = median(proxies.iter().map(Proxy::cpu).collect());
    let peak = proxies.iter().map(|proxy| proxy.memory("VmHWM:")).max().unwrap_or_default();
    println!("start, with TLS and a token: {cpu:?} of CPU (median of {STARTS}), {} at most", mebibytes(peak));
}

fn requests(proxy: &Proxy, direct: &Target) {
    let copier = Target { address: copy(direct.address.clone()), token: String::new() };
    let targets = [direct, &copier, &proxy.target];
    let mut times = [const { Vec::new() }; 3];
    let mut callers = targets.map(Target::connect);
    for round in 0..ROUNDS {
        for (target, (caller, times)) in targets.iter().zip(callers.iter_mut().zip(&mut times)) {
            for _ in 0..REQUESTS {
                let start = Instant::now();
                target.call(caller, "GET /");
                // The first round warms up.
                times.extend((round > 0).then(|| start.elapsed()));
            }
        }
    }
    let [direct_time, copier_time, proxy_time] = times.map(median);
    let [added, floor] = [proxy_time, copier_time].map(|time| time.saturating_sub(direct_time));
    println!("a request, one caller: {added:?} more ({proxy_time:?} : {direct_time:?}, medians)");
    println!("a request, one caller, through a thread that copies bytes: {floor:?} more (the floor)");
    let before = proxy.cpu();
    thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                let mut caller = proxy.target.connect();
                (0..REQUESTS).for_each(|_| proxy.target.call(&mut caller, "GET /"));
            });
        }
    });
    let each = proxy.cpu().saturating_sub(before) / u32::try_from(CALLERS * REQUESTS).unwrap_or(u32::MAX);
    println!("a request, {CALLERS} callers: {each:?} of CPU");
}

fn events(proxy: &Proxy, direct: &Target) {
    let mut times = [const { Vec::new() }; 2];
    for _ in 0..EVENTS {
        for (target, times) in [direct, &proxy.target].iter().zip(&mut times) {
            let mut caller = target.connect();
            target.send(&mut caller, "GET /events", "");
            read_head(&mut caller);
            let mut line = String::new();
            while !line.starts_with("data:") {
                line.clear();
                caller.read_line(&mut line).expect("a line");
            }
            let written = WRITTEN.lock().expect("no panic").expect("a time");
            times.push(written.elapsed());
        }
    }
    let [direct_time, proxy_time] = times.map(median);
    println!("the first event of a stream: {proxy_time:?} after it was written ({direct_time:?} without, medians)");
}

fn streams(proxy: &Proxy) {
    let callers: Vec<_> = (0..STREAMS)
        .map(|_| {
            let mut caller = proxy.target.connect();
            proxy.target.send(&mut caller, "GET /events", "");
            read_head(&mut caller);
            caller
        })
        .collect();
    println!("{} open event streams: {}", callers.len(), mebibytes(proxy.memory("VmRSS:")));
}

fn bodies(proxy: &Proxy) {
    let gib: usize = std::env::var("GIB").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let length = gib << 30;
    let mut caller = proxy.target.connect();
    let before = proxy.cpu();
    proxy.target.send(&mut caller, "POST /", &format!("Content-Length: {length}\r\n"));
    let piece = vec![b'x'; PIECE];
    (0..length / PIECE).for_each(|_| caller.get_mut().write_all(&piece).expect("sent"));
    read_head(&mut caller);
    let up = proxy.cpu().saturating_sub(before);
    proxy.target.send(&mut caller, &format!("GET /body/{length}"), "");
    read_head(&mut caller);
    discard(&mut caller, length);
    let down = proxy.cpu().saturating_sub(before + up);
    let peak = mebibytes(proxy.memory("VmHWM:"));
    println!("a body of {gib} GiB: up {up:?}, down {down:?} of CPU, {peak} at most");
}

/// A server to call, directly or through the proxy.
struct Target {
    address: String,
    token: String,
}

impl Target {
    fn connect(&self) -> BufReader<TcpStream> {
        let stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        BufReader::with_capacity(PIECE, stream)
    }

    fn send(&self, caller: &mut BufReader<TcpStream>, line: &str, headers: &str) {
        let (address, token) = (&self.address, &self.token);
        let head = format!("{line} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n{headers}\r\n");
        caller.get_mut().write_all(head.as_bytes()).expect("sent");
    }

    /// A request without a body, whose answer has none.
    fn call(&self, caller: &mut BufReader<TcpStream>, line: &str) {
        self.send(caller, line, "");
        assert!(read_head(caller).starts_with("HTTP/1.1 200 "));
    }
}

/// A running proxy.
struct Proxy {
    child: Child,
    target: Target,
}

impl Proxy {
    fn start(origin: &str, credential: &[(String, String)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_scout-auth"));
        command.args(["proxy", "--quiet", origin]).env_clear().envs(credential.iter().cloned());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut value = |name: &str| {
            let line = lines.next().expect("a line").expect("text");
            line.strip_prefix(name).expect("the variable").to_owned()
        };
        let target = Target { address: value("SCOUT_BASE_URL=http://"), token: value("SCOUT_API_KEY=") };
        Self { child, target }
    }

    /// The CPU time of all its threads.
    fn cpu(&self) -> Duration {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("Linux");
        let nanoseconds = tasks.map(|task| {
            let times = std::fs::read_to_string(task.expect("a thread").path().join("schedstat")).expect("times");
            times.split(' ').next().and_then(|time| time.parse::<u64>().ok()).expect("a time")
        });
        Duration::from_nanos(nanoseconds.sum())
    }

    /// A line of its status, in KiB.
    fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A throwaway credential, as variables.
fn keygen() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_scout-auth")).arg("keygen").output().expect("it runs");
    let lines = String::from_utf8(output.stdout).expect("text");
    let pairs = lines.lines().filter_map(|line| line.split_once('='));
    let key =
        pairs.filter(|(name, _)| *name == "SCOUT_PRIVATE_KEY").map(|(name, key)| (name.to_owned(), key.to_owned()));
    key.chain([("SCOUT_CREDENTIAL_ID".to_owned(), "bench".to_owned())]).collect()
}

/// A server with a thread for each connection. Returns its address.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            thread::spawn(move || while answer(&mut BufReader::with_capacity(PIECE, &stream)).is_some() {});
        }
    });
    address
}

/// A thread for each connection, which copies a request to the server and its answer back. Returns its
/// address. No proxy can do less.
fn copy(to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for caller in listener.incoming() {
            let ends = [caller.expect("a connection"), TcpStream::connect(&to).expect("a connection")];
            for end in &ends {
                end.set_nodelay(true).expect("a socket");
            }
            thread::spawn(move || {
                let [mut caller, mut server] = ends;
                let mut piece = [0; 4096];
                // A request and its answer are one piece each.
                while let Some(length) = caller.read(&mut piece).ok().filter(|length| *length > 0) {
                    server.write_all(&piece[..length]).expect("sent");
                    let length = server.read(&mut piece).expect("an answer");
                    caller.write_all(&piece[..length]).expect("sent");
                }
            });
        }
    });
    address
}

/// Answers one request. Nothing follows it before the answer, so the buffer is empty at the end.
fn answer(reader: &mut BufReader<&TcpStream>) -> Option<()> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.parse().ok());
    discard(reader, header("content-length: ").unwrap_or(0));
    let mut stream = *reader.get_ref();
    if head.starts_with("GET /events ") {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            .ok()?;
        *WRITTEN.lock().ok()? = Some(Instant::now());
        return stream.write_all(b"9\r\ndata: x\n\n\r\n").ok();
    }
    let length: usize =
        head.strip_prefix("GET /body/").and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(0);
    stream.write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n").as_bytes()).ok()?;
    let piece = vec![b'x'; PIECE];
    (0..length / PIECE).try_for_each(|_| stream.write_all(&piece)).ok()
}

fn read_head(reader: &mut BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).expect("a line"), 0, "{head}");
    }
    head
}

fn discard(reader: &mut impl std::io::Read, length: usize) {
    let copied = std::io::copy(&mut reader.take(length as u64), &mut std::io::sink()).expect("a body");
    assert_eq!(copied, length as u64);
}

fn mebibytes(kib: u64) -> String {
    format!("{}.{} MiB", kib / 1024, kib % 1024 * 10 / 1024)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
