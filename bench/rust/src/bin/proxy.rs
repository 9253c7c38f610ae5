//! What `scout-auth proxy` costs: its start, each request, event streams, long bodies. `proxy COMMAND CALLERS…`
//! prints JSON. Beside each time is the same without the proxy (the floor), from the same run. CPU time is
//! that of the proxy alone. Linux only: it reads `/proc`.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

const STARTS: usize = 15;
const ROUNDS: usize = 10;
const REQUESTS: usize = 300;
/// All callers together.
const SHARED: usize = 6000;
const EVENTS: usize = 100;
const PIECE: usize = 64 * 1024;
const BODY: usize = 1 << 30;

/// The command, as it was built for release.
static COMMAND: OnceLock<String> = OnceLock::new();

/// When the server wrote its last event.
static WRITTEN: Mutex<Option<Instant>> = Mutex::new(None);

fn main() {
    let mut arguments = env::args().skip(1);
    COMMAND.set(arguments.next().expect("the command")).expect("set once");
    let counts: Vec<usize> = arguments.map(|count| count.parse().expect("a number")).collect();
    let credential = keygen();
    let direct = Target { address: serve(), token: String::new() };
    let start = |origin: &str| Proxy::start(origin, &credential);
    let local = || start(&format!("http://{}", direct.address));
    let proxy = local();
    let results = json!({
        "start": starts(&start),
        "request": requests(&proxy, &direct),
        "first event": events(&proxy, &direct),
        "callers": counts.iter().map(|&count| callers(&proxy, count)).collect::<Vec<_>>(),
        "streams": counts.iter().map(|&count| streams(&local(), count)).collect::<Vec<_>>(),
        "body": bodies(&local()),
    });
    println!("{results}");
}

fn starts(start: &dyn Fn(&str) -> Proxy) -> Value {
    let proxies: Vec<_> = (0..STARTS).map(|_| start("https://api.scoutos.com")).collect();
    let cpu = median(proxies.iter().map(Proxy::cpu).collect());
    let peak = proxies.iter().map(|proxy| proxy.memory("VmHWM:")).max();
    json!({ "cpu": nanoseconds(cpu), "peak KiB": peak })
}

/// One caller: nanoseconds without the proxy and with it, and CPU of the proxy.
fn requests(proxy: &Proxy, direct: &Target) -> Value {
    let mut times = [const { Vec::new() }; 2];
    let mut callers = [direct.connect(), proxy.target.connect()];
    let before = proxy.cpu();
    for round in 0..ROUNDS {
        for (target, (caller, times)) in [direct, &proxy.target].iter().zip(callers.iter_mut().zip(&mut times)) {
            for _ in 0..REQUESTS {
                let start = Instant::now();
                target.call(caller, "GET /");
                // The first round warms up.
                times.extend((round > 0).then(|| start.elapsed()));
            }
        }
    }
    let cpu = nanoseconds(proxy.cpu() - before) / (ROUNDS * REQUESTS) as f64;
    let [direct, through] = times.map(median).map(nanoseconds);
    json!({ "direct": direct, "through": through, "cpu": cpu })
}

/// Many callers at once: CPU of the proxy for a request, and its memory.
fn callers(proxy: &Proxy, count: usize) -> Value {
    let connected: Vec<_> = (0..count).map(|_| proxy.target.connect()).collect();
    let each = SHARED.div_ceil(count);
    let before = proxy.cpu();
    thread::scope(|scope| {
        for mut caller in connected {
            scope.spawn(move || (0..each).for_each(|_| proxy.target.call(&mut caller, "GET /")));
        }
    });
    let cpu = nanoseconds(proxy.cpu() - before) / (each * count) as f64;
    json!({ "count": count, "cpu": cpu, "KiB": proxy.memory("VmRSS:") })
}

fn events(proxy: &Proxy, direct: &Target) -> Value {
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
    let [direct, through] = times.map(median).map(nanoseconds);
    json!({ "direct": direct, "through": through })
}

/// Open event streams: the memory of the proxy.
fn streams(proxy: &Proxy, count: usize) -> Value {
    let open: Vec<_> = (0..count)
        .map(|_| {
            let mut caller = proxy.target.connect();
            proxy.target.send(&mut caller, "GET /events", "");
            read_head(&mut caller);
            caller
        })
        .collect();
    json!({ "count": open.len(), "KiB": proxy.memory("VmRSS:") })
}

/// One GiB up and one down: CPU of the proxy, and the most memory.
fn bodies(proxy: &Proxy) -> Value {
    let mut caller = proxy.target.connect();
    let before = proxy.cpu();
    proxy.target.send(&mut caller, "POST /", &format!("Content-Length: {BODY}\r\n"));
    let piece = vec![b'x'; PIECE];
    (0..BODY / PIECE).for_each(|_| caller.get_mut().write_all(&piece).expect("sent"));
    read_head(&mut caller);
    let up = proxy.cpu() - before;
    proxy.target.send(&mut caller, &format!("GET /body/{BODY}"), "");
    read_head(&mut caller);
    discard(&mut caller, BODY);
    let down = proxy.cpu() - before - up;
    json!({ "up": nanoseconds(up), "down": nanoseconds(down), "peak KiB": proxy.memory("VmHWM:") })
}

fn command() -> Command {
    Command::new(COMMAND.get().expect("set"))
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
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
        let mut command = command();
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
    let output = command().arg("keygen").output().expect("it runs");
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

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
