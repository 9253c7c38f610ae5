//! `LocalScout`: a local Scout for tests of programs in Rust, in the process of the test.

use std::fmt;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http_body_util::BodyExt as _;
use scout_auth::{Settings, Signer, SignerBuilder, TestClock};
use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};
use tower_service::Service as _;

use crate::admin_token::AdminToken;
use crate::local::{Local, Options};

const CREDENTIALS: &str = "/v2/organizations/credentials";

/// A local Scout, its credentials, and a clock that it shares with its signers. It needs a tokio runtime.
///
/// ```
/// use scout_auth_local::LocalScout;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let scout = LocalScout::start().await?;
/// let credential = scout.create_credential("test", &["member"]).await?;
/// let signer = scout.signer(&credential)?;
/// // Your program sends its requests to scout.url(), with this signer or with credential.file.
/// let first = signer.authorization_for(&scout.url())?;
/// scout.advance(3600).await?;
/// assert_ne!(signer.authorization_for(&scout.url())?, first);
/// scout.stop().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LocalScout {
    local: Local,
    admin: AdminToken,
    clock: TestClock,
    /// How far its clock is ahead of the system's, in seconds.
    passed: AtomicI64,
    /// Where the credential files are.
    folder: TempDir,
}

/// A throwaway credential of a local Scout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestCredential {
    /// The credential id.
    pub id: String,
    /// The kid of its key.
    pub kid: String,
    /// What it is called.
    pub name: String,
    /// The credential file. A rotation replaces it, and `Signer::from_file` follows.
    pub file: PathBuf,
}

/// Why the local Scout could not do what a test asked for: the answer, or an error of the system.
#[derive(Debug)]
pub struct TestError(String);

impl LocalScout {
    /// Starts one in memory, on any free port.
    ///
    /// # Errors
    /// If the system refuses a socket, a folder or random numbers.
    pub async fn start() -> Result<Self, TestError> {
        let admin = AdminToken::random().ok_or_else(|| TestError("the system has no random numbers".into()))?;
        let local = Local::start(Options::new(admin.clone())).await.map_err(said)?;
        let folder = tempfile::tempdir()?;
        Ok(Self { local, admin, clock: TestClock::default(), passed: AtomicI64::new(0), folder })
    }

    /// The base URL, to be used in place of `https://api.scoutos.com`.
    pub fn url(&self) -> String {
        self.local.url()
    }

    /// The clock of the signers. To move it alone, call its `advance`.
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// Creates a credential with these roles.
    ///
    /// # Errors
    /// If the local Scout refuses it.
    pub async fn create_credential(&self, name: &str, roles: &[&str]) -> Result<TestCredential, TestError> {
        let issued = self.manage("POST", CREDENTIALS, &json!({ "name": name, "roles": roles })).await?;
        let file = self.folder.path().join(format!("{}.json", text(&issued["credential"]["id"])));
        write(&issued, &file)
    }

    /// A signer of the credential's file, whose clock is the local Scout's.
    ///
    /// # Errors
    /// As [`Signer::from_file`].
    pub fn signer(&self, credential: &TestCredential) -> scout_auth::Result<Signer> {
        self.signer_with(credential, Settings::default())
    }

    /// The same with settings. The `header_kid` of [`Settings`] is the way to send a wrong kid.
    ///
    /// # Errors
    /// As [`Signer::from_file`].
    pub fn signer_with(&self, credential: &TestCredential, settings: Settings) -> scout_auth::Result<Signer> {
        SignerBuilder::from_file(&credential.file).settings(settings).clock(self.clock.clone()).build()
    }

    /// Replaces the credential in its file by a new one, and returns that. Both are accepted until `disable`.
    ///
    /// # Errors
    /// If the local Scout refuses it.
    pub async fn rotate(&self, credential: &TestCredential) -> Result<TestCredential, TestError> {
        let path = format!("{CREDENTIALS}/{}/rotate", credential.id);
        write(&self.manage("POST", &path, &json!({})).await?, &credential.file)
    }

    /// Has the local Scout refuse the credential with 401, from the next request on.
    ///
    /// # Errors
    /// If there is no such credential.
    pub async fn disable(&self, credential: &TestCredential) -> Result<(), TestError> {
        let path = format!("{CREDENTIALS}/{}", credential.id);
        self.manage("PATCH", &path, &json!({ "enabled": false })).await.map(drop)
    }

    /// Lets time pass for the local Scout and for its signers.
    ///
    /// # Errors
    /// If it is more than a century.
    pub async fn advance(&self, seconds: i64) -> Result<(), TestError> {
        self.manage("POST", "/_local/clock", &json!({ "advance": seconds })).await?;
        self.clock.advance(seconds);
        self.passed.fetch_add(seconds, Ordering::Relaxed);
        Ok(())
    }

    /// Sets how many seconds the local Scout's clock is ahead of the signers'.
    ///
    /// # Errors
    /// If it is more than a century.
    pub async fn skew(&self, seconds: i64) -> Result<(), TestError> {
        let offset = self.passed.load(Ordering::Relaxed).saturating_add(seconds);
        self.manage("POST", "/_local/clock", &json!({ "offset": offset })).await.map(drop)
    }

    /// Has so many of the next requests fail with this status: a 401 after a second, because a token of the
    /// same second would be the same token, and a signer would not send the request again.
    ///
    /// # Errors
    /// If the status is not that of a failure.
    pub async fn fail(&self, status: u16, times: u32) -> Result<(), TestError> {
        let fault = json!({ "status": status, "next": times, "delay": i32::from(status == 401) });
        self.manage("POST", "/_local/fail", &fault).await.map(drop)
    }

    /// The last 1000 requests, the oldest first: `time`, `method`, `path`, `headers`, `body_length`, `status`,
    /// `code`, `credential_id`.
    ///
    /// # Errors
    /// Only for a fault of scout-auth itself.
    pub async fn requests(&self) -> Result<Vec<Value>, TestError> {
        let mut answer = self.manage("GET", "/_local/requests", &Value::Null).await?;
        Ok(answer["requests"].as_array_mut().map(std::mem::take).unwrap_or_default())
    }

    /// Sends a request with the admin token, for what has no method here, and returns the answer's JSON.
    ///
    /// # Errors
    /// If it is refused: the text is the answer.
    pub async fn manage(&self, method: &str, path: &str, body: &Value) -> Result<Value, TestError> {
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.url().trim_start_matches("http://"))
            .header(AUTHORIZATION, format!("Bearer {}", self.admin.as_str()))
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .map_err(said)?;
        let answer = self.local.router().call(request).await.unwrap_or_else(|never| match never {});
        let is_error = answer.status().as_u16() >= 400;
        let text = answer.into_body().collect().await.map_err(said)?.to_bytes();
        if is_error {
            return Err(TestError(format!("{method} {path}: {}", String::from_utf8_lossy(&text))));
        }
        if text.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&text).map_err(said) }
    }

    /// Ends the server, and removes the credential files.
    pub async fn stop(self) {
        self.local.stop().await;
    }
}

impl fmt::Display for TestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TestError {}

impl From<io::Error> for TestError {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

fn said(error: impl fmt::Display) -> TestError {
    TestError(error.to_string())
}

/// Writes an answer with a private key to a credential file, all at once.
fn write(issued: &Value, file: &Path) -> Result<TestCredential, TestError> {
    let folder = file.parent().unwrap_or(Path::new("."));
    let mut new = NamedTempFile::new_in(folder)?;
    new.write_all(issued.to_string().as_bytes())?;
    new.persist(file).map_err(|error| error.error)?;
    let view = &issued["credential"];
    let (id, kid, name) = (text(&view["id"]), text(&view["kid"]), text(&view["name"]));
    Ok(TestCredential { id, kid, name, file: file.to_owned() })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
