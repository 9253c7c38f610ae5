//! The headers of a message that is passed on.

use hyper::header::{
    ALT_SVC, AUTHORIZATION, CONNECTION, CONTENT_LENGTH, COOKIE, EXPECT, HOST, HeaderName, HeaderValue, LOCATION,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use hyper::{HeaderMap, StatusCode};

use crate::proxy::upstream::Upstream;

/// What concerns one connection alone (RFC 9110 §7.6.1).
const OF_CONNECTION: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// What the caller says to the proxy alone. The client writes `Host` and the length of the body, as it
/// sends it, so that the two servers cannot disagree about where a request ends. A cookie is a
/// credential beside ours.
const OF_CALLER: [HeaderName; 5] = [AUTHORIZATION, CONTENT_LENGTH, COOKIE, EXPECT, HOST];

/// What is not meant for this machine. A browser sends the cookies of one port to all, and `Alt-Svc`
/// leads around the proxy.
const OF_UPSTREAM: [HeaderName; 2] = [ALT_SVC, SET_COOKIE];

const WEBSOCKET: &str = "websocket";

/// Takes away what is not passed on. Returns whether the request asks for a WebSocket. No other upgrade
/// is passed on, HTTP/2 in particular: requests would follow that have no credential.
pub(super) fn of_request(headers: &mut HeaderMap) -> bool {
    let upgrade = headers.get(UPGRADE).is_some_and(|name| name.as_bytes().eq_ignore_ascii_case(WEBSOCKET.as_bytes()));
    let is_upgrade = upgrade && options(headers).contains(&UPGRADE);
    remove_options(headers);
    remove(headers, &OF_CALLER);
    if is_upgrade {
        set_upgrade(headers);
    }
    is_upgrade
}

/// Takes away what is not passed on, and lets `Location` lead through the proxy, if it leads to the
/// upstream's own origin. `host` is the name under which the caller came.
pub(super) fn of_response(headers: &mut HeaderMap, status: StatusCode, upstream: &Upstream, host: Option<&str>) {
    // An answer to HEAD and a 304 have the length of a body that is not there.
    if headers.contains_key(TRANSFER_ENCODING) {
        headers.remove(CONTENT_LENGTH);
    }
    remove_options(headers);
    remove(headers, &OF_UPSTREAM);
    if status == StatusCode::SWITCHING_PROTOCOLS {
        set_upgrade(headers);
    }
    let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let rest = location.and_then(|location| upstream.rest_of(location));
    if let (Some(rest), Some(host)) = (rest, host)
        && let Ok(location) = HeaderValue::from_str(&format!("http://{host}{rest}"))
    {
        headers.insert(LOCATION, location);
    }
}

fn set_upgrade(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static(WEBSOCKET));
}

/// The headers that concern one connection alone, and those that `Connection` names.
fn remove_options(headers: &mut HeaderMap) {
    let named = options(headers);
    remove(headers, &named);
    remove(headers, &OF_CONNECTION);
}

/// What `Connection` names.
fn options(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers.get_all(CONNECTION).iter();
    let names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    names.filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok()).collect()
}

fn remove(headers: &mut HeaderMap, names: &[HeaderName]) {
    for name in names {
        headers.remove(name);
    }
}
