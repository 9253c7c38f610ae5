//! A line for each request, for people. It has no query, no token and no key.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Extensions, Response};
use axum::middleware::Next;

use crate::api::Server;
use crate::api::answer::Cut;
use crate::problem::Problem;

/// Longer paths are cut.
const PATH: usize = 200;

/// Takes lines, without their ends.
pub(crate) type Log = Box<dyn Fn(String) + Send + Sync>;

/// In a request's extensions if there is a log: the id of the credential or legacy key that it has, or says it
/// has.
#[derive(Clone, Default)]
struct Caller(Arc<OnceLock<String>>);

/// Says who sends a request.
pub(super) fn caller(extensions: &Extensions, id: Option<&str>) {
    if let (Some(Caller(caller)), Some(id)) = (extensions.get(), id) {
        caller.get_or_init(|| id.to_owned());
    }
}

/// Answers a request, and tells the log: method, path, status, milliseconds, and if there are any the caller and
/// why it is refused.
pub(super) async fn tell(State(server): State<Arc<Server>>, mut request: Request, next: Next) -> Response<Body> {
    let (start, caller) = (Instant::now(), Caller::default());
    request.extensions_mut().insert(caller.clone());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let answer = next.run(request).await;
    let (extensions, status) = (answer.extensions(), answer.status());
    let path: String = uri.path().chars().take(PATH).collect();
    let status = if extensions.get::<Cut>().is_some() { "cut" } else { status.as_str() };
    let mut line = format!("{method} {path} {status} {} ms", start.elapsed().as_millis());
    let code = extensions.get::<Problem>().map(|problem| problem.code());
    for part in [caller.0.get().map(String::as_str), code].into_iter().flatten() {
        line.push(' ');
        line.push_str(part);
    }
    if let Some(log) = &server.log {
        log(line);
    }
    answer
}
