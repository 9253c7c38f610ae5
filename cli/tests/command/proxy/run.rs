//! `run`.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Output;

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{ID, credential, key_text, program};
use crate::proxy::Upstream;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const PATH: (&str, &str) = ("PATH", "/usr/local/bin:/usr/bin:/bin");

/// Runs a shell script, with the credential and some more variables.
fn run(options: &[&str], script: &str, environment: &[(&str, &str)]) -> Output {
    let args = [&["run"], options, &["--", "sh", "-c", script]].concat();
    let environment = [&[PATH], &credential()[..], environment].concat();
    program(&args, &environment).output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_program_calls_scout_without_the_private_key() {
    let upstream = Upstream::sending(OK);
    let script = "curl -s \"$SCOUT_BASE_URL/v2?x=1\" -H @- <<E\nAuthorization: Bearer $SCOUT_API_KEY\nE\n";
    let output = run(&["--origin", &upstream.origin()], script, &[]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), "ok".to_owned()), "{output:?}");
    let request = upstream.only_request();
    assert_eq!(request.line(), "GET /v2?x=1 HTTP/1.1");
    request.token();
    assert_eq!(text(&output.stderr), "", "it adds nothing to the output of the program");
}

#[test]
fn a_program_that_asks_before_it_sends_a_body_is_told_to_go_on() {
    let upstream = Upstream::sending(OK);
    // curl asks (Expect: 100-continue) and would wait a minute for the answer.
    let script = "head -c 3000000 /dev/zero | curl -sS --expect100-timeout 60 -H 'Expect: 100-continue' -T - \
                  \"$SCOUT_BASE_URL/\" -H @/dev/fd/3 3<<E\nAuthorization: Bearer $SCOUT_API_KEY\nE\n";
    let output = run(&["--origin", &upstream.origin()], script, &[]);
    assert_eq!(text(&output.stdout), "ok", "{output:?}");
    let request = upstream.only_request();
    assert_eq!((request.header("expect"), request.body.len()), (None, 3_000_000));
}

#[test]
fn every_variable_with_the_private_key_is_taken_away() {
    let json = serde_json::json!({ "private_key": key_text(), "credential_id": ID }).to_string();
    let pem = crate::harness::key().to_pem();
    let environment = [
        ("SCOUT_KID", crate::harness::key().kid().as_str().to_owned()),
        ("SCOUT_PRIVATE_KEY_OLD", "x".to_owned()),
        ("SCOUT_CREDENTIAL_JSON", "x".to_owned()),
        ("SCOUT_API_KEY", key_text().to_owned()),
        ("MY_KEY", key_text().to_owned()),
        ("MY_CREDENTIAL", json),
        ("MY_PEM", pem.to_string()),
        ("MY_OWN", "stays".to_owned()),
    ];
    let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for options in [&["--origin", "http://127.0.0.1:9"][..], &["--token"]] {
        let output = text(&run(options, "env", &environment).stdout);
        assert!(output.contains("MY_OWN=stays\n"), "{output}");
        for name in ["SCOUT_PRIVATE_KEY", "SCOUT_CREDENTIAL", "SCOUT_KID", "MY_KEY", "MY_CREDENTIAL", "MY_PEM"] {
            assert!(!output.contains(name), "{name}: {output}");
        }
        assert!(!output.contains(&key_text()[40..80]), "{output}");
        let key = output.lines().find_map(|line| line.strip_prefix("SCOUT_API_KEY=")).expect("a variable");
        assert_eq!(key.starts_with("local_"), options.len() == 2, "{key}");
        assert_eq!(output.contains("SCOUT_BASE_URL=http://127.0.0.1:"), options.len() == 2);
    }
}

#[test]
fn the_exit_status_is_that_of_the_program() {
    for (script, status) in
        [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137)]
    {
        assert_eq!(run(&["--origin", "http://127.0.0.1:9"], script, &[]).status.code(), Some(status), "{script}");
    }
    assert_eq!(run(&["--token"], "exit 7", &[]).status.code(), Some(7));
    for (name, status) in [("scout-auth-no-such-program", 127), ("/etc/passwd", 126)] {
        for options in [&["--token"][..], &["--origin", "http://127.0.0.1:9"]] {
            let args = [&["run"], options, &["--", name]].concat();
            let output = program(&args, &[&[PATH], &credential()[..]].concat()).output().expect("it ends");
            assert_eq!(output.status.code(), Some(status), "{output:?}");
            let error = text(&output.stderr);
            assert!(error.contains("error: the program cannot be used: ") && !error.contains(name), "{error}");
        }
    }
}

#[test]
fn signals_are_for_the_program() {
    for (signal, name) in [(Signal::TERM, "TERM"), (Signal::INT, "INT"), (Signal::HUP, "HUP"), (Signal::USR1, "USR1")] {
        let script = format!("trap 'echo {name}; exit 5' {name}; echo ready; while :; do sleep 0.02; done");
        let args = ["run", "--origin", "http://127.0.0.1:9", "--", "sh", "-c", &script];
        let mut child = program(&args, &[&[PATH], &credential()[..]].concat()).spawn().expect("it starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line");
        assert_eq!(line, "ready\n");
        let id = Pid::from_raw(child.id().try_into().expect("a number")).expect("an id");
        kill_process(id, signal).expect("it runs");
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).expect("UTF-8");
        assert_eq!((rest.as_str(), child.wait().expect("it ends").code()), (format!("{name}\n").as_str(), Some(5)));
    }
}

#[test]
fn ctrl_c_at_a_terminal_reaches_the_program_once() {
    // The terminal sends it to both processes.
    let at_terminal = "
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
screen = b''
while b'ready' not in screen:
    screen += os.read(terminal, 1024)
os.write(terminal, b'\\x03')
try:
    while data := os.read(terminal, 1024):
        screen += data
except OSError:
    pass
print(screen.count(b'caught'), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))";
    // Waiting for a signal keeps two of them apart better than a handler does.
    let waiting = "
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
print('ready', flush=True)
signal.sigwait([signal.SIGINT])
while True:
    print('caught', flush=True)
    if not signal.sigtimedwait([signal.SIGINT], 0.5):
        sys.exit(3)";
    let mut python = std::process::Command::new("python3");
    python.args(["-c", at_terminal, env!("CARGO_BIN_EXE_scout-auth"), "run", "--origin", "http://127.0.0.1:9", "--"]);
    let output = python.args(["python3", "-c", waiting]).envs(credential()).output().expect("python3 is installed");
    assert_eq!(text(&output.stdout), "1 3\n", "{output:?}");
}

#[test]
fn standard_input_and_the_arguments_are_the_programs() {
    let args =
        ["run", "--origin", "http://127.0.0.1:9", "--", "sh", "-c", "cat; echo \"$@\"", "sh", "--token", "--", "-x"];
    let environment = [&[PATH], &credential()[..]].concat();
    let mut child = program(&args, &environment).spawn().expect("it starts");
    std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), b"input\n").expect("sent");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stdout), "input\n--token -- -x\n");
}

#[test]
fn a_token_comes_with_a_warning() {
    let output = run(&["--token", "--lifetime", "60"], "printf %s \"$SCOUT_API_KEY\"", &[]);
    let inspected = crate::harness::library(&["inspect", "--json"], &[], &output.stdout).json();
    let claims = &inspected["claims"];
    assert_eq!(claims["exp"].as_u64().expect("a time") - claims["iat"].as_u64().expect("a time"), 60);
    assert!(
        text(&output.stderr).starts_with("warning: the token in SCOUT_API_KEY is valid for 5 minutes"),
        "{output:?}"
    );
}

#[test]
fn without_a_credential_the_program_is_not_run() {
    for options in [&["--token"][..], &[]] {
        let args = [&["run"], options, &["--", "sh", "-c", "echo ran"]].concat();
        let output = program(&args, &[PATH]).output().expect("it ends");
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(3), String::new()), "{output:?}");
    }
}

#[test]
fn calls_to_the_proxy_go_through_no_other_proxy() {
    let upstream = Upstream::sending(OK);
    let script = "curl -s \"$SCOUT_BASE_URL/\" -H @- <<E\nAuthorization: Bearer $SCOUT_API_KEY\nE\n\
                  echo \" $NO_PROXY $no_proxy\"";
    for (set, seen) in [
        (&[][..], "ok 127.0.0.1 127.0.0.1\n"),
        (&[("no_proxy", "")], "ok 127.0.0.1 127.0.0.1\n"),
        (&[("NO_PROXY", "a,b")], "ok a,b,127.0.0.1 a,b,127.0.0.1\n"),
        (&[("NO_PROXY", "a"), ("no_proxy", "b")], "ok a,127.0.0.1 b,127.0.0.1\n"),
        // Beside others the asterisk would be the name of a host.
        (&[("no_proxy", "*")], "ok * *\n"),
    ] {
        let environment = [&[("http_proxy", "http://127.0.0.1:1"), ("ALL_PROXY", "http://127.0.0.1:1")], set].concat();
        assert_eq!(text(&run(&["--origin", &upstream.origin()], script, &environment).stdout), seen, "{set:?}");
    }
}

#[test]
fn the_program_keeps_its_limit_of_open_files() {
    let inner = program(&["run", "--origin", "http://127.0.0.1:9", "--", "sh", "-c", "ulimit -Sn"], &[]);
    let mut outer = std::process::Command::new("sh");
    outer.args(["-c", "ulimit -Sn 200 && exec \"$0\" \"$@\""]).arg(inner.get_program()).args(inner.get_args());
    let output = outer.env_clear().envs([PATH]).envs(credential()).output().expect("it ends");
    assert_eq!(text(&output.stdout), "200\n", "{output:?}");
}
