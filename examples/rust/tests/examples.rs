//! Runs the examples as a user runs them, one against the other.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};

use scout_auth::PrivateKey;

/// The example server, and its address. It ends with the test.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(keys: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.json");
        std::fs::write(&file, keys).unwrap();
        let mut process =
            Command::new(env!("CARGO_BIN_EXE_server")).arg(file).arg("0").stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { process, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn call(server: &Server, key: &PrivateKey, path: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_call"))
        .arg(path)
        .env("SCOUT_URL", &server.url)
        .env("SCOUT_PRIVATE_KEY", key.to_base64url().as_str())
        .env("SCOUT_CREDENTIAL_ID", "cred_1")
        .output()
        .unwrap()
}

#[test]
fn the_client_is_greeted_by_the_server_that_knows_its_key() {
    let key = PrivateKey::generate(2048).unwrap();
    let server = Server::start(&key.public_key().to_jwk());
    let output = call(&server, &key, "/v2/workflows");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "hello, cred_1\n", "{output:?}");
    assert!(output.status.success());
}

#[test]
fn the_server_says_why_it_refuses_a_key_that_it_does_not_know() {
    let key = PrivateKey::generate(2048).unwrap();
    let other = PrivateKey::generate(2048).unwrap();
    let server = Server::start(&other.public_key().to_pem());
    let output = call(&server, &key, "/v2/workflows");
    assert!(String::from_utf8_lossy(&output.stdout).contains("kid matches no known key"), "{output:?}");
    assert!(!output.status.success());
}
