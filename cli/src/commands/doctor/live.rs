//! `doctor --url`: one GET request with the credential, and what Scout's page says of the answer.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use scout_auth::Credential;
use ureq::tls::TlsConfig;
use ureq::{Agent, Proxy};
use zeroize::Zeroizing;

use crate::commands::doctor::{Check, Verdict};
use crate::failure::SERVER;
use crate::words;

/// How long the server may take, from the first look-up to the end of the answer's headers.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A difference that says nothing, in seconds: `Date` has whole seconds, and the answer was on its
/// way for some time.
const CLOCK_TOLERANCE: u64 = 5;

struct Answer {
    status: u16,
    date: Option<String>,
}

/// The checks of one live call.
pub(super) fn checks(url: &str, credential: &Credential) -> Vec<Check> {
    let authorization = match credential.authorization_for(url) {
        Ok(authorization) => Zeroizing::new(authorization),
        Err(error) => return vec![Check::failed("live call", error)],
    };
    match get(url, &authorization) {
        Ok(answer) => {
            answer.date.as_deref().and_then(server_clock).into_iter().chain([explain(answer.status)]).collect()
        }
        Err(error) => vec![failed(format!("there was no answer: {}", reason(&error)), "check the URL and the network")],
    }
}

/// The request. Nothing follows a redirect: the credential was given for this URL alone.
fn get(url: &str, authorization: &str) -> Result<Answer, ureq::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let is_https = url.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"));
    let agent: Agent = Agent::config_builder()
        .tls_config(TlsConfig::builder().unversioned_rustls_crypto_provider(provider).build())
        // Plain http is for this machine alone, and a proxy would read the credential.
        .proxy(if is_https { Proxy::try_from_env() } else { None })
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_global(Some(TIMEOUT))
        .user_agent(concat!("scout-auth/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let response = agent.get(url).header("Authorization", authorization).call()?;
    let date = response.headers().get("Date").and_then(|date| date.to_str().ok()).map(str::to_owned);
    Ok(Answer { status: response.status().as_u16(), date })
}

/// Why there was no answer, in words that hold nothing of the request.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Rustls(error) => no_tls(error),
        ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(error) => no_tls(error),
            None => error.kind().to_string(),
        },
        ureq::Error::Timeout(_) => format!("none within {} s", TIMEOUT.as_secs()),
        ureq::Error::HostNotFound => "the host is not known".to_owned(),
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => "the proxy cannot be used".to_owned(),
        _ => "the connection failed".to_owned(),
    }
}

fn no_tls(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(_) => "the server's TLS certificate is not trusted".to_owned(),
        _ => "the server does not speak TLS as it should".to_owned(),
    }
}

/// The server's clock against this machine's; nothing where its `Date` cannot be read.
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

/// What Scout's page says of the status.
fn explain(status: u16) -> Check {
    match status {
        200..=299 => Check::ok("live call", format!("{status}: the server accepted the credential")),
        401 => failed(
            "401 Unauthorized: the server refused the credential",
            "the key is disabled, deleted or copied wrongly: in Scout, under Settings → API Keys, confirm that it is \
             enabled, copy the private key (not the public one) and the credential id again, and look at the clock above",
        ),
        403 => failed(
            "403 Forbidden: the key is valid and lacks permission for this",
            "check the key's role in Scout, under Settings → API Keys, and that your organization has the feature",
        ),
        300..=399 => failed(
            format!("{status}: a redirect, which was not followed"),
            "give the URL that it leads to, if the credential may go there",
        ),
        400..=499 => failed(format!("{status}: the server did not understand the request"), "check the URL"),
        _ => failed(format!("{status}: the server failed"), "try again later"),
    }
}

fn failed(text: impl Into<String>, help: impl Into<String>) -> Check {
    Check::new("live call", Verdict::Failed(SERVER, None), text, help)
}
