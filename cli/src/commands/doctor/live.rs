//! `doctor --url`: one GET request with the credential, and an explanation of the answer.

use std::time::{Duration, UNIX_EPOCH};

use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use hyper::header::{DATE, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response, Uri};
use scout_auth::{Credential, Error};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::commands::doctor::{Check, Verdict};
use crate::failure::SERVER;
use crate::net::{self, Body, Client, NoAnswer};
use crate::words;

/// How long the whole exchange may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A difference between the clocks that means nothing, in seconds: `Date` has whole seconds, and the
/// answer takes some time to arrive.
const CLOCK_TOLERANCE: u64 = 5;

/// How much of an answer's body is read, and how many characters of it are shown.
const BODY_READ: usize = 16 * 1024;
const BODY_SHOWN: usize = 200;

/// Longer words than this are left out of what is shown: a server may repeat the credential.
const LONGEST_WORD: usize = 40;

struct Answer {
    status: u16,
    date: Option<String>,
    retry_after: Option<String>,
    body: String,
}

/// The checks of one live call.
pub(super) fn checks(url: &str, credential: &Credential) -> Vec<Check> {
    let authorization = match credential.authorization_for(url) {
        Ok(authorization) => Zeroizing::new(authorization),
        Err(error) => return vec![Check::failed("live call", error)],
    };
    // Core accepts no URL that is not one.
    let Ok(uri) = url.parse::<Uri>() else { return vec![Check::failed("live call", Error::Url)] };
    let answer = net::block_on(async {
        let seconds = TIMEOUT.as_secs();
        let answer = tokio::time::timeout(TIMEOUT, get(&uri, credential, &authorization)).await;
        answer.unwrap_or_else(|_| Err(NoAnswer::in_time(seconds)))
    });
    match answer.unwrap_or_else(|error| Err(error.into())) {
        Ok(answer) => {
            let clock = answer.date.as_deref().and_then(server_clock);
            clock.into_iter().chain([explain(&answer, &authorization)]).collect()
        }
        Err(NoAnswer { reason, help }) => vec![failed(format!("there was no answer: {reason}"), help)],
    }
}

/// Sends the request, once: the answer to it is what the user wants to know.
async fn get(url: &Uri, credential: &Credential, authorization: &str) -> Result<Answer, NoAnswer> {
    let client = Client::new(url, credential.clone())?;
    let mut request = Request::new(());
    *request.uri_mut() = url.clone();
    let agent = concat!("scout-auth/", env!("CARGO_PKG_VERSION"));
    request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(agent));
    let (head, ()) = request.into_parts();
    let mut response = client.send_once(&head, Body::from(Bytes::new()), authorization).await?;
    Ok(Answer {
        status: response.status().as_u16(),
        date: header(&response, &DATE),
        retry_after: header(&response, &RETRY_AFTER),
        body: start_of(response.body_mut()).await,
    })
}

/// The start of the body, also if it breaks off.
async fn start_of(body: &mut Incoming) -> String {
    let mut start = Vec::new();
    while start.len() < BODY_READ
        && let Some(Ok(frame)) = body.frame().await
    {
        start.extend_from_slice(frame.data_ref().map_or(&[][..], |bytes| bytes));
    }
    String::from_utf8_lossy(&start).into_owned()
}

fn header(response: &Response<Incoming>, name: &HeaderName) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The server's clock against this machine's, if its `Date` can be read.
fn server_clock(date: &str) -> Option<Check> {
    let server = httpdate::parse_http_date(date).ok()?.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let here = words::now();
    let difference = words::span(server.abs_diff(here));
    Some(if server.abs_diff(here) <= CLOCK_TOLERANCE {
        Check::ok("server clock", format!("agrees with this machine's, to {CLOCK_TOLERANCE} s"))
    } else {
        let relation = if here > server { "ahead of" } else { "behind" };
        Check::warning(
            "server clock",
            format!("this machine's clock is {difference} {relation} the server's"),
            "set the clock, for example with NTP: tokens with a wrong time are refused",
        )
    })
}

/// Explains the status, as Scout's page does, and shows what the server says.
fn explain(answer: &Answer, authorization: &str) -> Check {
    let status = answer.status;
    if (200..300).contains(&status) {
        return Check::ok("live call", format!("{status}: the server accepted the credential"));
    }
    let (text, help) = match status {
        401 => (
            "401 Unauthorized: the server refused the credential".to_owned(),
            "the key is disabled, deleted or copied wrongly, or the credential id is not this key's: in Scout, under \
             Settings → API Keys, confirm that it is enabled, copy the private key (not the public one) and the \
             credential id again, and look at the clock above; some of Scout's guides name the workspace id as the \
             credential id: try that too"
                .to_owned(),
        ),
        403 => (
            "403 Forbidden: the key is valid and lacks permission for this".to_owned(),
            "check the key's role in Scout, under Settings → API Keys, and that your organization has the feature"
                .to_owned(),
        ),
        404 => ("404 Not Found: the server has nothing at this URL".to_owned(), "check the path of the URL".to_owned()),
        429 => ("429 Too Many Requests: the server limits the rate".to_owned(), wait(answer.retry_after.as_deref())),
        300..=399 => (
            format!("{status}: a redirect, which was not followed"),
            "use the URL that it leads to, if the credential may go there".to_owned(),
        ),
        400..=499 => (format!("{status}: the server refused the request"), "check the URL".to_owned()),
        _ => (format!("{status}: the server failed"), "try again later".to_owned()),
    };
    let said = safe_part(&answer.body, authorization);
    failed(if said.is_empty() { text } else { format!("{text}; it says: {said}") }, help)
}

fn wait(retry_after: Option<&str>) -> String {
    match retry_after.and_then(|seconds| seconds.parse::<u32>().ok()) {
        Some(seconds) => format!("try again in {seconds} s, as the server asks"),
        None => "try again later".to_owned(),
    }
}

/// The start of a body that is safe to show: one line of ASCII without the credential.
fn safe_part(body: &str, authorization: &str) -> String {
    let json: Option<Value> = serde_json::from_str(body).ok();
    let message = json.as_ref().and_then(|json| ["detail", "message", "error"].iter().find_map(|name| json.get(name)));
    let text = match message {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => body.to_owned(),
    };
    let bearer = authorization.strip_prefix("Bearer ").unwrap_or(authorization);
    let text = text.replace(bearer, "...");
    let words = text.split_whitespace().map(|word| if word.len() > LONGEST_WORD { "..." } else { word });
    let line = words::ascii(&words.collect::<Vec<_>>().join(" "));
    line.chars().take(BODY_SHOWN).collect()
}

fn failed(text: impl Into<String>, help: impl Into<String>) -> Check {
    Check::new("live call", Verdict::Failed(SERVER, None), text, help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_a_body_is_one_line_of_ascii() {
        let shown = |body: &str| safe_part(body, "Bearer secret key");
        assert_eq!(shown(r#"{"detail":"Invalid  API\n key"}"#), "Invalid API key");
        assert_eq!(shown(r#"{"message":"no"}"#), "no");
        assert_eq!(shown(r#"{"detail":[{"msg":"field required"}]}"#), r#"[{"msg":"field required"}]"#);
        assert_eq!(shown("<h1>No</h1>\r\n"), "<h1>No</h1>");
        assert_eq!(shown("\u{1b}[2J\u{202e}x"), "\\u001b[2J\\u202ex");
        assert_eq!(shown(&"ab ".repeat(1000)).len(), BODY_SHOWN);
        assert_eq!(shown(""), "");
    }

    #[test]
    fn the_credential_is_not_shown_if_the_server_repeats_it() {
        assert_eq!(safe_part("you sent 'short' to me", "Bearer short"), "you sent '...' to me");
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJzY291dCJ9.c2ln".repeat(2);
        assert_eq!(safe_part(&format!("you sent {}", &token[..60]), &format!("Bearer {token}")), "you sent ...");
    }
}
