//! `doctor --url`: one GET request with the credential, and an explanation of the answer.

use std::io::Read as _;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use rustls::CertificateError;
use scout_auth::Credential;
use serde_json::Value;
use ureq::http::Response;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};
use zeroize::Zeroizing;

use crate::commands::doctor::{Check, Verdict};
use crate::failure::{self, SERVER};
use crate::words;

/// How long the whole exchange may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A difference between the clocks that means nothing, in seconds: `Date` has whole seconds, and the
/// answer takes some time to arrive.
const CLOCK_TOLERANCE: u64 = 5;

/// How much of an answer's body is read, and how many characters of it are shown.
const BODY_READ: u64 = 16 * 1024;
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
    match get(url, &authorization) {
        Ok(answer) => {
            let clock = answer.date.as_deref().and_then(server_clock);
            clock.into_iter().chain([explain(&answer, &authorization)]).collect()
        }
        Err(error) => {
            let (reason, help) = reason(&error);
            vec![failed(format!("there was no answer: {reason}"), help)]
        }
    }
}

/// Sends the request. It follows no redirect, because the user meant the credential for this URL only.
fn get(url: &str, authorization: &str) -> Result<Answer, ureq::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let is_https = url.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"));
    let tls = TlsConfig::builder().unversioned_rustls_crypto_provider(provider);
    let agent: Agent = Agent::config_builder()
        .tls_config(if is_https { tls.root_certs(roots()) } else { tls }.build())
        // Plain http is for this machine only, and a proxy could read the credential.
        .proxy(if is_https { Proxy::try_from_env() } else { None })
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("scout-auth/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut response = agent.get(url).header("Authorization", authorization).call()?;
    let mut body = Vec::new();
    // If the body breaks off, its start is shown.
    let _ = response.body_mut().as_reader().take(BODY_READ).read_to_end(&mut body);
    Ok(Answer {
        status: response.status().as_u16(),
        date: header(&response, "Date"),
        retry_after: header(&response, "Retry-After"),
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// The certificate authorities that the user chose or the system trusts; Mozilla's if it has none.
fn roots() -> RootCerts {
    let found = rustls_native_certs::load_native_certs().certs;
    let is_chosen = ["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| std::env::var_os(name).is_some());
    if found.is_empty() && !is_chosen {
        return RootCerts::WebPki;
    }
    found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect::<Vec<_>>().into()
}

/// Why there was no answer and what to do. The text contains no part of the request.
fn reason(error: &ureq::Error) -> (String, &'static str) {
    const NETWORK: &str = "check the URL and the network";
    let unknown_host = ("the name of the host was not found".to_owned(), "check the host in the URL, and the DNS");
    match error {
        ureq::Error::Rustls(error) => no_tls(error),
        ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(error) => no_tls(error),
            // The standard library has no kind for it.
            None if error.to_string().starts_with("failed to lookup address") => unknown_host,
            None => (failure::reason(error), NETWORK),
        },
        ureq::Error::Timeout(_) => (format!("none within {} s", TIMEOUT.as_secs()), NETWORK),
        ureq::Error::HostNotFound => unknown_host,
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => {
            ("the proxy cannot be used".to_owned(), "check HTTPS_PROXY and ALL_PROXY")
        }
        _ => ("the connection failed".to_owned(), NETWORK),
    }
}

fn no_tls(error: &rustls::Error) -> (String, &'static str) {
    let rustls::Error::InvalidCertificate(error) = error else {
        return ("the server does not speak TLS".to_owned(), "check the scheme and the port of the URL");
    };
    let (said, help) = match error {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            "it is from an unknown authority",
            "if this is the authority of your company or proxy, name its certificate in SSL_CERT_FILE",
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            ("it has expired", "check this machine's clock; if it is right, the server needs a new certificate")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            ("it is for another host", "check the host in the URL")
        }
        _ => ("it is not valid", "check the URL and the server"),
    };
    (format!("the server's TLS certificate is not trusted: {said}"), help)
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
