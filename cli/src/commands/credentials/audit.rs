//! `credentials audit`: prints the audit trail, or checks that it is whole.

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::commands::credentials::server::{self, Server};
use crate::failure::Failure;
use crate::host::Host;
use crate::words::{ascii, hex, utc};

const PATH: &str = "/v2/organizations/audit";

/// What is shown of an event.
#[derive(Deserialize)]
struct Event {
    sequence: u64,
    time: u64,
    #[serde(rename = "event")]
    what: String,
    actor: Actor,
    previous: String,
    credential_id: Option<String>,
    legacy_key_id: Option<String>,
    kid: Option<String>,
    code: Option<String>,
}

#[derive(Deserialize)]
struct Actor {
    id: String,
}

/// `scout-auth credentials audit`
pub(super) fn audit(server: &Server, is_check: bool, is_json: bool, host: &mut Host<'_>) -> Result<(), Failure> {
    let mut trail = Trail { last: hash(""), events: 0 };
    let mut after = 0;
    loop {
        let lines = server.lines(&format!("{PATH}?after={after}"))?;
        if lines.trim().is_empty() {
            break;
        }
        for line in lines.lines() {
            let event: Event = server::read(line)?;
            after = event.sequence;
            trail.follow(&event, line)?;
            if !is_check {
                host.print(&if is_json { format!("{line}\n") } else { event.line() })?;
            }
        }
    }
    if !is_check {
        return Ok(());
    }
    let Trail { last, events } = trail;
    host.print(&if is_json {
        json!({ "events": events, "last": last }).to_string() + "\n"
    } else {
        format!("{events} events, each of which follows from the one before\nlast  {last}\n")
    })
}

/// What is checked while the lines are read.
struct Trail {
    /// The hash of the last line.
    last: String,
    events: u64,
}

impl Trail {
    fn follow(&mut self, event: &Event, line: &str) -> Result<(), Failure> {
        if event.previous != self.last {
            let text =
                format!("the audit trail is broken: event {} does not follow from the one before", event.sequence);
            return Err(Failure::server(text, "an event was changed or removed: look at the store of the server"));
        }
        self.last = hash(line);
        self.events += 1;
        Ok(())
    }
}

impl Event {
    fn line(&self) -> String {
        let id = self.credential_id.as_deref().or(self.legacy_key_id.as_deref()).unwrap_or_default();
        let parts = [id, self.kid.as_deref().unwrap_or_default(), self.code.as_deref().unwrap_or_default()];
        let about = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ");
        let text = format!("{}  {}  by {}  {about}", utc(self.time), self.what, self.actor.id);
        ascii(text.trim_end()) + "\n"
    }
}

fn hash(line: &str) -> String {
    hex(&Sha256::digest(line))
}
