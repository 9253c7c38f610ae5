//! `/settings/api-keys`: the page that manages keys, as Scout's Studio has it under Settings → API Keys.
//!
//! The page itself is the same for everybody and holds nothing of anybody. Its module gets the admin token
//! from the address and sends it as bearer: there is no cookie, so no other page can act for the user. It
//! fetches the two lists from here, as HTML, and makes all changes by the API.

/// The list of keys.
mod keys;

/// The audit trail.
mod trail;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::middleware::map_response;
use axum::response::IntoResponse as _;
use axum::routing::get;

use crate::api::Server;
use crate::api::answer::{Answer, utc};
use crate::problem::Problem;

/// The path of the page.
pub(crate) const PATH: &str = "/settings/api-keys";

/// So many rows are in a list, unless the page asks for more.
const ROWS: usize = 100;

/// Nothing from elsewhere, nothing inline, and HTML from the one policy of the module only. Forms are sent by
/// the module alone: a form that the browser sends would put what it holds into an address.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types fragment";

const HTML: &str = "text/html; charset=utf-8";

/// The page, what it is made of, and its two lists.
pub(super) fn router() -> Router<Arc<Server>> {
    let file = |kind, text: &'static str| get(async move || ([(CONTENT_TYPE, kind)], text));
    Router::new()
        .route(PATH, file(HTML, include_str!("../../assets/page.html")))
        .route("/settings/api-keys/page.css", file("text/css; charset=utf-8", include_str!("../../assets/page.css")))
        .route(
            "/settings/api-keys/page.js",
            file("text/javascript; charset=utf-8", include_str!("../../assets/page.js")),
        )
        .route("/settings/api-keys/icon.svg", file("image/svg+xml", include_str!("../../assets/icon.svg")))
        .route("/settings/api-keys/keys", get(keys::show))
        .route("/settings/api-keys/audit", get(trail::show))
        .layer(map_response(protect))
}

async fn protect(mut answer: Response<Body>) -> Response<Body> {
    let same_origin = HeaderValue::from_static("same-origin");
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), same_origin.clone());
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), same_origin);
    answer
}

/// A list, as a piece of HTML.
fn html(list: &impl Template) -> Answer {
    let text = list.render().map_err(|_| Problem::Internal)?;
    Ok((StatusCode::OK, [(CONTENT_TYPE, HTML)], text).into_response())
}

/// Whether one of the texts has what was searched for, in whatever case.
fn has(needle: &str, texts: &[&str]) -> bool {
    let needle = needle.trim().to_lowercase();
    texts.iter().any(|text| text.to_lowercase().contains(&needle))
}

/// A time for people, to the minute.
fn moment(time: u64) -> String {
    let utc = utc(time);
    utc.get(..16).map(|minute| format!("{} UTC", minute.replace('T', " "))).unwrap_or(utc)
}

/// How long ago a time was, in words. Both are Unix seconds by the organisation's clock.
fn ago(time: u64, now: u64) -> String {
    let count = |number: u64, unit: &str| format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" });
    match now.saturating_sub(time) {
        0..60 => "just now".to_owned(),
        seconds @ 60..3600 => count(seconds / 60, "minute"),
        seconds @ 3600..86_400 => count(seconds / 3600, "hour"),
        seconds => count(seconds / 86_400, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_largest_unit_that_it_fills() {
        let told = |seconds: u64| ago(1_000_000_000, 1_000_000_000 + seconds);
        assert_eq!(
            [told(59), told(60), told(7199), told(7200)],
            ["just now", "1 minute ago", "1 hour ago", "2 hours ago"]
        );
        assert_eq!([told(86_400), told(864_000)], ["1 day ago", "10 days ago"]);
        assert_eq!(moment(1_000_000_000), "2001-09-09 01:46 UTC");
        // The clock of an organisation can be set back.
        assert_eq!(ago(2, 1), "just now");
    }
}
