//! Calls to a local Scout.

use std::path::PathBuf;
use std::time::Duration;

use clap::ArgMatches;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Method, Request, Uri};
use scout_auth::{ApiKey, Credential, Settings};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::arguments::{ADMIN_TOKEN_FILE, ORGANIZATION, URL};
use crate::failure::Failure;
use crate::host::Host;
use crate::net::{self, Body, Client, NoAnswer, Unsent};
use crate::proxy::LocalToken;

const DEFAULT_URL: &str = "http://127.0.0.1:8412";

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The longest answer, in bytes: the list of some 50,000 credentials.
const LONGEST: usize = 64 * 1024 * 1024;

/// A local Scout, and who manages it.
pub(super) struct Server {
    url: String,
    credential: Credential,
    organization: Option<HeaderValue>,
}

/// What a server says of a refusal.
#[derive(Deserialize)]
struct Refusal {
    detail: Value,
    code: Option<String>,
    help: Option<String>,
}

impl Server {
    /// The server of the options and the environment.
    pub(super) fn of(matches: &ArgMatches, host: &Host<'_>) -> Result<Self, Failure> {
        let variable = |name| (host.variable)(name).and_then(|value| value.into_string().ok());
        let url = matches.get_one::<String>(URL).cloned().or_else(|| variable("SCOUT_LOCAL_URL"));
        let url = url.unwrap_or_else(|| DEFAULT_URL.to_owned());
        let credential = match (matches.get_one::<PathBuf>(ADMIN_TOKEN_FILE), variable("SCOUT_LOCAL_ADMIN_TOKEN")) {
            (Some(path), _) => Credential::ApiKey(ApiKey::new(token_of(path)?.as_str())?),
            (None, Some(token)) => Credential::ApiKey(ApiKey::new(&Zeroizing::new(token))?),
            (None, None) => {
                Credential::from_environment(&host.environment(), Settings::default()).map_err(|error| {
                    Failure::from(error).with_help("set SCOUT_LOCAL_ADMIN_TOKEN, or use --admin-token-file")
                })?
            }
        };
        let organization = matches.get_one::<String>(ORGANIZATION).map(|id| HeaderValue::from_str(id));
        let not_an_id = |_| Failure::usage("this is no organisation's id", "it looks like org_…");
        Ok(Self { url, credential, organization: organization.transpose().map_err(not_an_id)? })
    }

    /// The text of an answer that is a success.
    pub(super) fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Zeroizing<String>, Failure> {
        self.ask(method, path, "application/json", body)
    }

    /// The same, of lines.
    pub(super) fn lines(&self, path: &str) -> Result<Zeroizing<String>, Failure> {
        self.ask(Method::GET, path, "application/x-ndjson", None)
    }

    fn ask(
        &self,
        method: Method,
        path: &str,
        accept: &'static str,
        body: Option<&Value>,
    ) -> Result<Zeroizing<String>, Failure> {
        // Core says what is wrong with a URL, and where a credential may go.
        drop(Zeroizing::new(self.credential.authorization_for(&self.url)?));
        let uri: Uri = format!("{}{path}", self.url.trim_end_matches('/'))
            .parse()
            .map_err(|_| Failure::from(scout_auth::Error::Url))?;
        let mut request = Request::new(Body::from(body.map_or_else(Bytes::new, |body| body.to_string().into())));
        *request.method_mut() = method;
        *request.uri_mut() = uri.clone();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static(accept));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(id) = &self.organization {
            headers.insert(HeaderName::from_static("scout-organization"), id.clone());
        }
        let answer = net::block_on(async {
            let exchange = exchange(&uri, self.credential.clone(), request);
            tokio::time::timeout(TIMEOUT, exchange)
                .await
                .unwrap_or_else(|_| Err(no_answer(NoAnswer::in_time(TIMEOUT.as_secs()))))
        });
        answer.unwrap_or_else(|error| Err(no_answer(error.into())))
    }
}

async fn exchange(uri: &Uri, credential: Credential, request: Request<Body>) -> Result<Zeroizing<String>, Failure> {
    let client = Client::new(uri, credential).map_err(no_answer)?;
    let response = client.send(request).await.map_err(|unsent| match unsent {
        Unsent::Credential(error) => error.into(),
        Unsent::NoAnswer(reason) => no_answer(reason),
    })?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LONGEST).collect().await;
    let body = body.map_err(|_| Failure::server("the answer broke off", "call again"))?.to_bytes();
    let text = std::str::from_utf8(&body).map_err(|_| unknown())?;
    if status.is_success() {
        return Ok(Zeroizing::new(text.to_owned()));
    }
    Err(refused(&read(text)?))
}

/// Reads JSON of the server.
pub(super) fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|_| unknown())
}

fn refused(refusal: &Refusal) -> Failure {
    // FastAPI's form names the member.
    let detail = match &refusal.detail {
        Value::String(text) => text.clone(),
        other => {
            let part = |name: &str| other[0][name].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", other[0]["loc"][1].as_str().unwrap_or_default(), part("msg"))
        }
    };
    let code = refusal.code.as_ref().map_or_else(String::new, |code| format!(" ({code})"));
    let help = refusal.help.as_deref().unwrap_or("see the server's standard error");
    Failure::server(plain(&format!("the server refused: {detail}{code}")), plain(help))
}

/// Text of a server, in which nothing controls a terminal.
fn plain(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(500).collect()
}

fn no_answer(NoAnswer { reason, .. }: NoAnswer) -> Failure {
    Failure::server(
        format!("there was no answer: {reason}"),
        "start one: scout-auth serve; or check --url and SCOUT_LOCAL_URL",
    )
}

fn unknown() -> Failure {
    Failure::server("the answer is not one of a local Scout", "check --url and SCOUT_LOCAL_URL")
}

fn token_of(path: &std::path::Path) -> Result<LocalToken, Failure> {
    let help = "name the file of serve --admin-token-file";
    LocalToken::in_file(path).map_err(|error| Failure::system("the file of --admin-token-file", &error, help))
}
