//! Running the command, and a key to run it with.

use std::ffi::OsString;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use scout_auth::{PrivateKey, Settings, mint_token};
use scout_auth_cli::{Host, Streams, run};
use tempfile::TempDir;

pub(crate) const ID: &str = "cred_123";

/// The result of a run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: u8,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// The output of a run that succeeded and said nothing on standard error.
    #[track_caller]
    pub(crate) fn good(self) -> String {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""), "{}", self.stdout);
        self.stdout
    }

    #[track_caller]
    pub(crate) fn json(self) -> serde_json::Value {
        serde_json::from_str(&self.good()).expect("JSON")
    }

    /// Asserts a refusal: its status, and a piece of what it says on standard error.
    #[track_caller]
    pub(crate) fn refused(&self, status: u8, words: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.stderr.contains(words), "{self:?}");
        assert!(self.stderr.starts_with("error: ") && self.stderr.contains("\nhelp: "), "{self:?}");
        self.holds_no_key();
    }

    /// Asserts that no piece of the private key was put out.
    #[track_caller]
    pub(crate) fn holds_no_key(&self) {
        for text in [key().to_base64url().as_str(), key().to_pem().as_str()] {
            // The start is the same in every key.
            for piece in text.as_bytes()[40..].windows(12) {
                let piece = str::from_utf8(piece).expect("ASCII");
                assert!(!self.stdout.contains(piece) && !self.stderr.contains(piece), "{self:?}");
            }
        }
    }
}

/// Runs the command as a library, with that environment and standard input.
pub(crate) fn library(args: &[&str], environment: &[(&str, &str)], stdin: &[u8]) -> Outcome {
    on_streams(Streams::default(), args, environment, stdin)
}

/// As [`library`], with such streams.
pub(crate) fn on_streams(streams: Streams, args: &[&str], environment: &[(&str, &str)], mut stdin: &[u8]) -> Outcome {
    reading(&mut stdin, streams, args, environment)
}

/// As [`on_streams`], with any reader as standard input.
pub(crate) fn reading(stdin: &mut dyn Read, streams: Streams, args: &[&str], environment: &[(&str, &str)]) -> Outcome {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let variable =
        |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
    let names = || environment.iter().map(|(name, _)| OsString::from(name)).collect();
    let status = run(
        args.iter().map(OsString::from),
        &mut Host {
            program: Path::new("scout-auth"),
            variable: &variable,
            names: &names,
            stdin,
            stdout: &mut stdout,
            stderr: &mut stderr,
            streams,
        },
    );
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Outcome { status, stdout: text(stdout), stderr: text(stderr) }
}

/// The real binary, with that environment and no other.
pub(crate) fn program(args: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scout-auth"));
    command.args(args).env_clear().envs(environment.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the real binary.
pub(crate) fn binary(args: &[&str], environment: &[(&str, &str)], stdin: &[u8]) -> Outcome {
    let mut child = program(args, environment).spawn().expect("the binary starts");
    // A command that needs no input may have ended already.
    let _ = child.stdin.take().expect("a pipe").write_all(stdin);
    let output = child.wait_with_output().expect("the binary ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let status = output.status.code().and_then(|code| u8::try_from(code).ok()).expect("a status");
    Outcome { status, stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The key of all tests.
pub(crate) fn key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate(2048).expect("a key"))
}

/// Another key.
pub(crate) fn other_key() -> &'static PrivateKey {
    static KEY: OnceLock<PrivateKey> = OnceLock::new();
    KEY.get_or_init(|| PrivateKey::generate(2048).expect("a key"))
}

/// The key as Scout issues it.
pub(crate) fn key_text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| key().to_base64url().to_string())
}

/// An environment with an org credential.
pub(crate) fn credential() -> [(&'static str, &'static str); 2] {
    [("SCOUT_PRIVATE_KEY", key_text()), ("SCOUT_CREDENTIAL_ID", ID)]
}

/// A token of the key, issued that many seconds from now.
pub(crate) fn token_issued(from_now: i64) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970").as_secs();
    let token = mint_token(ID, key(), &Settings::default(), Some(now.saturating_add_signed(from_now)));
    token.expect("a token").as_str().to_owned()
}

/// A directory of files for one test; gone afterwards.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a directory"))
    }

    /// Writes a file and returns its path.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, contents).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A credential file.
    pub(crate) fn credential(&self) -> String {
        let text = serde_json::json!({ "private_key": key_text(), "credential_id": ID, "kid": key().kid().as_str() });
        self.write("credential.json", text.to_string())
    }

    /// The file of the public key.
    pub(crate) fn public_key(&self) -> String {
        self.write("public.pem", key().public_key().to_pem())
    }
}
