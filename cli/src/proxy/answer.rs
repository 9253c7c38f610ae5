//! What the proxy itself answers. The form is that of Scout: `{"detail": …}`.

use http_body_util::{Either, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde_json::json;

use crate::net::{NoAnswer, Unsent};
use crate::proxy::caller::Refusal;

/// The body of an answer: the upstream's as it arrives, or our own.
pub(super) type Answer = Response<Either<Incoming, Full<Bytes>>>;

/// To a caller that is refused. The connection ends with it, and an unread body with the connection.
pub(super) fn refused(refusal: Refusal) -> Answer {
    let [text, help] = refusal.text();
    let mut answer = own(refusal.status(), "ERR_CALLER", text, help);
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    if refusal.status() == StatusCode::UNAUTHORIZED {
        answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

/// To a request that the upstream did not answer.
pub(super) fn unsent(unsent: &Unsent) -> Answer {
    let status = StatusCode::BAD_GATEWAY;
    match unsent {
        Unsent::Credential(error) => own(status, error.code(), &error.summary(), error.help()),
        Unsent::NoAnswer(NoAnswer { reason, help }) => {
            own(status, "ERR_UPSTREAM", &format!("the upstream did not answer: {reason}"), help)
        }
    }
}

fn own(status: StatusCode, code: &str, text: &str, help: &str) -> Answer {
    let body = json!({ "detail": format!("scout-auth: {text}"), "code": code, "help": help }).to_string();
    let mut answer = Response::new(Either::Right(Full::from(body)));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
