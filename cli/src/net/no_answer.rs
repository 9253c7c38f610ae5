//! `NoAnswer`: why there was no answer.

use std::error::Error;
use std::io;

use hyper_util::client::legacy;
use rustls::CertificateError;

use crate::failure;
use crate::net::connect::ProxyFailed;

const NETWORK: &str = "check the URL and the network";

/// Why there was no answer, and what to do. The text contains no part of the request.
#[derive(Debug)]
pub(crate) struct NoAnswer {
    /// One clause, such as "the name of the host was not found".
    pub(crate) reason: String,
    /// What to do about it.
    pub(crate) help: &'static str,
}

impl NoAnswer {
    fn new(reason: impl Into<String>, help: &'static str) -> Self {
        Self { reason: reason.into(), help }
    }

    /// It was 101, to a request that did not ask for another protocol.
    pub(crate) fn of_an_unasked_upgrade() -> Self {
        Self::new("it changed to another protocol unasked", "tell the operator of the server")
    }

    /// There was none in time.
    pub(crate) fn in_time(seconds: u64) -> Self {
        Self::new(format!("none within {seconds} s"), NETWORK)
    }
}

impl From<legacy::Error> for NoAnswer {
    fn from(error: legacy::Error) -> Self {
        causes(&error).find_map(known).unwrap_or_else(|| Self::new("the connection failed", NETWORK))
    }
}

impl From<hyper::Error> for NoAnswer {
    fn from(error: hyper::Error) -> Self {
        causes(&error).find_map(known).unwrap_or_else(|| Self::new("the connection failed", NETWORK))
    }
}

impl From<io::Error> for NoAnswer {
    fn from(error: io::Error) -> Self {
        Self::new(failure::reason(&error), NETWORK)
    }
}

impl From<rustls::Error> for NoAnswer {
    fn from(error: rustls::Error) -> Self {
        tls(&error)
    }
}

/// The error, what caused it, and so on.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        // Its `source` would leave out the error that it carries.
        Some(carried) => Some(carried as &(dyn Error + 'static)),
        None => error.source(),
    })
}

fn known(error: &(dyn Error + 'static)) -> Option<NoAnswer> {
    if let Some(error) = error.downcast_ref() {
        return Some(tls(error));
    }
    if error.is::<ProxyFailed>() {
        return Some(NoAnswer::new(ProxyFailed.to_string(), "check HTTPS_PROXY and ALL_PROXY"));
    }
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return http(error);
    }
    io(error.downcast_ref()?)
}

/// One that carries another error is explained by that, with two exceptions.
fn io(error: &io::Error) -> Option<NoAnswer> {
    // The standard library has no kind for it.
    if error.to_string().starts_with("failed to lookup address") {
        let help = "check the host in the URL, and the DNS";
        return Some(NoAnswer::new("the name of the host was not found", help));
    }
    if error.kind() == io::ErrorKind::TimedOut {
        return Some(NoAnswer::new("the connection timed out", NETWORK));
    }
    error.get_ref().is_none().then(|| NoAnswer::new(failure::reason(error), NETWORK))
}

fn http(error: &hyper::Error) -> Option<NoAnswer> {
    if error.is_incomplete_message() {
        Some(NoAnswer::new("the server closed the connection", NETWORK))
    } else if error.is_parse() {
        Some(NoAnswer::new("the server does not speak HTTP/1.1", "check the scheme and the port of the URL"))
    } else {
        None
    }
}

fn tls(error: &rustls::Error) -> NoAnswer {
    let rustls::Error::InvalidCertificate(error) = error else {
        return NoAnswer::new("the server does not speak TLS", "check the scheme and the port of the URL");
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
    NoAnswer::new(format!("the server's TLS certificate is not trusted: {said}"), help)
}
