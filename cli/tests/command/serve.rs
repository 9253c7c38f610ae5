//! `serve`, as a process.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Child;

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
        let args: Vec<_> = ["serve", "--port", "0", "--until-eof"].iter().chain(args).copied().collect();
        let mut child = program(&args, &[]).spawn().expect("the binary starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let about = serde_json::from_str(&line).expect("JSON");
        Self { child, line, about }
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.about[name].as_str().expect("a text").to_owned()
    }

    /// The status of a request with this bearer.
    pub(crate) fn status(&self, bearer: &str) -> u16 {
        let address = self.text("url").replace("http://", "");
        let mut stream = TcpStream::connect(&address).expect("a connection");
        let head = format!("GET /v2/x HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
        stream.write_all(format!("{head}Authorization: Bearer {bearer}\r\n\r\n").as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.get(9..12).and_then(|status| status.parse().ok()).expect("a status")
    }

    /// Closes its standard input, and returns its exit status.
    fn end(&mut self) -> Option<i32> {
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
