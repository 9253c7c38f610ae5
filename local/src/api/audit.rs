//! `/v2/organizations/audit`: the audit trail of an organisation, the oldest event first.
//!
//! Scout has announced an audit trail. Its form here is ours.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use axum::http::{HeaderMap, Response};
use serde::Deserialize;

use crate::api::Server;
use crate::api::answer::Answer;
use crate::api::manager::Manager;
use crate::api::parameters::Parameters;
use crate::event::Event;
use crate::journal::Journal;
use crate::problem::Problem;

/// The most events of one answer.
const MOST: usize = 1000;

/// The type of JSON values of a line each.
const LINES: &str = "application/x-ndjson";

/// Where to begin.
#[derive(Deserialize)]
pub(super) struct From {
    /// The sequence of the last event that the caller has.
    #[serde(default)]
    after: u64,
}

/// `GET /v2/organizations/audit?after=SEQUENCE`: `{"events": […]}`, or lines if the request accepts
/// `application/x-ndjson`. Up to 1000 events.
///
/// The lines are as they are stored: `previous` of each is SHA-256 of the one before.
pub(super) async fn list(
    State(server): State<Arc<Server>>,
    manager: Manager,
    Parameters(From { after }): Parameters<From>,
    headers: HeaderMap,
) -> Answer {
    let lines = lines(&server.journal, &manager.organization.id, after).await?;
    let (kind, text) = if headers.get(ACCEPT).is_some_and(|accept| accept == LINES) {
        (LINES, lines.join("\n") + "\n")
    } else {
        ("application/json", format!("{{\"events\":[{}]}}", lines.join(",")))
    };
    let mut answer = Response::new(Body::from(text));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(answer)
}

/// The lines of an organisation after a sequence.
async fn lines(journal: &Journal, organization: &str, mut after: u64) -> Result<Vec<String>, Problem> {
    let mut found = Vec::new();
    loop {
        let page = journal.lines(after).await?;
        if page.is_empty() || found.len() >= MOST {
            found.truncate(MOST);
            return Ok(found);
        }
        after += page.len() as u64;
        found.extend(
            page.into_iter().filter(|line| Event::read(line).is_some_and(|event| event.organization == organization)),
        );
    }
}
