//! `/openapi.json`: the description of this API, for programs.

use axum::body::Body;
use axum::http::Response;
use axum::http::header::{CONTENT_TYPE, HeaderValue};

/// Written by hand. `local/tests/api/openapi.rs` compares it with the server.
const DESCRIPTION: &str = include_str!("openapi.json");

/// `GET /openapi.json`
pub(super) async fn show() -> Response<Body> {
    let mut answer = Response::new(Body::from(DESCRIPTION));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
