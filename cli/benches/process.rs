//! What `scout-auth token` costs as a whole process, over an empty one in the same run.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 200;

fn main() {
    let scout_auth = env!("CARGO_BIN_EXE_scout-auth");
    let keygen = Command::new(scout_auth).arg("keygen").output().expect("the command runs");
    let lines = String::from_utf8(keygen.stdout).expect("text");
    let key = lines.lines().find_map(|line| line.strip_prefix("SCOUT_PRIVATE_KEY=")).expect("a key");
    let token =
        || run(Command::new(scout_auth).arg("token").env("SCOUT_PRIVATE_KEY", key).env("SCOUT_CREDENTIAL_ID", "c"));
    let version = || run(Command::new(scout_auth).arg("--version"));
    let empty = || run(&mut Command::new("true"));
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..RUNS {
        for (times, time) in times.iter_mut().zip([token(), version(), empty()]) {
            times.push(time);
        }
    }
    let [token, version, empty] = times.map(median);
    println!(
        "scout-auth token: {:?} over an empty process ({token:?} : {empty:?}, medians of {RUNS})",
        token.saturating_sub(empty)
    );
    println!("scout-auth --version: {:?} over an empty process", version.saturating_sub(empty));
}

fn run(command: &mut Command) -> Duration {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).status().expect("the command runs");
    assert!(status.success());
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}
