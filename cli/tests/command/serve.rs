//! `serve`, as a process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use scout_auth::{CredentialFile, Settings, Signer};
use serde_json::Value;

use crate::harness::{ID, key, library, program};

/// A local Scout that runs.
pub(crate) struct Serve {
    child: Child,
    pub(crate) line: String,
    pub(crate) about: Value,
}

impl Serve {
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::of(&mut program(&[&["serve", "--port", "0", "--until-eof"], args].concat(), &[]))
    }

    /// A server whose process begins with these limits of the shell.
    #[cfg(unix)]
    fn with_limits(limits: &str) -> Self {
        let serve = program(&["serve", "--port", "0", "--until-eof"], &[]);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{limits} && exec \"$0\" \"$@\"")]).arg(serve.get_program()).args(serve.get_args());
        Self::of(shell.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()))
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("the binary starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let about = serde_json::from_str(&line).expect("JSON");
        Self { child, line, about }
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.about[name].as_str().expect("a text").to_owned()
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.text("url").replace("http://", "")).expect("a connection")
    }

    /// The status of a request with this bearer.
    pub(crate) fn status(&self, bearer: &str) -> u16 {
        self.status_on(self.connect(), bearer)
    }

    /// The same, on this connection.
    fn status_on(&self, mut stream: TcpStream, bearer: &str) -> u16 {
        let address = self.text("url").replace("http://", "");
        let head = format!("GET /v2/x?secret HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        stream.write_all(format!("{head}Authorization: Bearer {bearer}\r\n\r\n").as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.get(9..12).and_then(|status| status.parse().ok()).expect("a status")
    }

    /// Ends it, and returns what it said on standard error.
    fn said(mut self) -> String {
        assert_eq!(self.end(), Some(0));
        let mut said = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        said
    }

    /// Closes its standard input, and returns its exit status.
    pub(crate) fn end(&mut self) -> Option<i32> {
        drop(self.child.stdin.take());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn token(file: &CredentialFile) -> String {
    let id = file.credential_id.clone().expect("an id");
    let signer = Signer::with_settings(id, file.key.clone(), Settings::default()).expect("a signer");
    signer.token().expect("a token").as_str().to_owned()
}

#[test]
fn its_line_is_a_credential_file_and_it_ends_with_its_standard_input() {
    let mut serve = Serve::start(&["--create", "a \"test\"", "--role", "member"]);
    assert_eq!(serve.about["pid"], serve.child.id());
    assert_eq!(serve.about["credential"]["name"], "a \"test\"");
    assert!(serve.text("admin_token").starts_with("admin_"));
    let page = format!("{}/settings/api-keys#admin_token={}", serve.text("url"), serve.text("admin_token"));
    assert_eq!(serve.text("page"), page);
    let file = CredentialFile::parse(serve.line.as_bytes()).expect("a credential file");
    assert_eq!(serve.status(&token(&file)), 200);
    assert_eq!(serve.status("a.b.c"), 401);
    assert_eq!(serve.end(), Some(0));
}

#[test]
fn a_credential_file_is_made_once_and_known_by_every_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("credential.json");
    let path = path.to_str().expect("text");
    for _ in 0..2 {
        let mut serve = Serve::start(&["--credential-file", path]);
        assert!(serve.about.get("private_key").is_none(), "{}", serve.line);
        let file = CredentialFile::parse(&std::fs::read(path).expect("a file")).expect("a credential file");
        assert_eq!(serve.status(&token(&file)), 200);
        assert_eq!(serve.end(), Some(0));
    }
    let own = CredentialFile { key: key().clone(), credential_id: Some(ID.to_owned()), kid: None };
    std::fs::write(path, own.to_json().expect("JSON").as_bytes()).expect("it is written");
    assert_eq!(Serve::start(&["--credential-file", path]).status(&token(&own)), 200);
}

#[cfg(unix)]
#[test]
fn an_admin_token_file_is_made_for_its_user_alone_and_is_not_printed() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("admin-token");
    let serve = Serve::start(&["--admin-token-file", path.to_str().expect("text")]);
    assert!(serve.about.get("admin_token").is_none(), "{}", serve.line);
    assert!(serve.text("page").ends_with("/settings/api-keys"), "{}", serve.line);
    assert_eq!(path.metadata().expect("a file").permissions().mode() & 0o777, 0o600);
}

#[test]
fn it_listens_on_this_machine_alone() {
    let refused = library(&["serve", "--listen", "0.0.0.0:0"], &[], b"");
    refused.refused(2, "the address is not of this machine alone");
}

#[test]
fn with_verbose_each_request_is_a_line_without_its_query_and_its_secrets() {
    let serve = Serve::start(&["--create", "first", "--opaque", "--verbose"]);
    let file = CredentialFile::parse(serve.line.as_bytes()).expect("a credential file");
    let (token, id) = (token(&file), file.credential_id.clone().expect("an id"));
    let admin = serve.text("admin_token");
    let statuses = [&token, "a.b.c", &admin].map(|bearer| serve.status(bearer));
    assert_eq!(statuses, [200, 401, 401]);
    let environment = [("SCOUT_LOCAL_URL", serve.text("url")), ("SCOUT_LOCAL_ADMIN_TOKEN", admin.clone())];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    library(&["credentials", "disable", &id], &environment, b"").good();
    assert_eq!(serve.status(&token), 401);
    let untimed = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        assert!(words[3].parse::<u64>().is_ok() && words[4] == "ms", "{line}");
        [&words[..3], &words[5..]].concat().join(" ")
    };
    let lines: Vec<_> = serve.said().lines().map(untimed).collect();
    let expected = [
        format!("GET /v2/x 200 {id}"),
        "GET /v2/x 401 ERR_TOKEN_MALFORMED".to_owned(),
        "GET /v2/x 401 ERR_LOCAL_IS_ADMIN_TOKEN".to_owned(),
        format!("PATCH /v2/organizations/credentials/{id} 200 system"),
        format!("GET /v2/x 401 {id} ERR_LOCAL_DISABLED"),
    ];
    assert_eq!(lines, expected);
    let quiet = Serve::start(&[]);
    assert_eq!(quiet.status("a.b.c"), 401);
    assert_eq!(quiet.said(), "");
}

#[cfg(unix)]
#[test]
fn a_low_soft_limit_of_open_files_is_raised_and_a_low_hard_limit_bounds_the_connections() {
    let open = |serve: &Serve, count| (0..count).map(|_| serve.connect()).collect::<Vec<_>>();
    let answers = |stream: &mut TcpStream| {
        let _ = stream.write_all(b"GET / HTTP/1.1\r\n\r\n");
        stream.read(&mut [0; 4096]).is_ok_and(|length| length > 0)
    };
    let raised = Serve::with_limits("ulimit -Sn 256");
    let mut connections = open(&raised, 300);
    assert!(connections.iter_mut().all(answers), "all are open at once");
    assert!(answers(&mut connections[0]), "the last ones do not wait until the first ones are closed");
    drop(connections);
    assert_eq!(raised.said(), "");

    // 64 files are set aside.
    let bounded = Serve::with_limits("ulimit -n 70");
    let mut first = open(&bounded, 6);
    let mut seventh = bounded.connect();
    seventh.set_read_timeout(Some(std::time::Duration::from_millis(300))).expect("a socket");
    assert!(!answers(&mut seventh), "it waits for one of the six to end");
    drop(first.pop());
    seventh.set_read_timeout(None).expect("a socket");
    assert!(seventh.read(&mut [0; 4096]).is_ok_and(|length| length > 0), "it is answered then");
}
