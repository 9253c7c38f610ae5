//! `credentials audit`: prints the audit trail, or checks that it is whole.

use clap::ArgMatches;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::arguments::{JSON, LAST, VERIFY};
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
pub(super) fn audit(server: &Server, matches: &ArgMatches, host: &mut Host<'_>) -> Result<(), Failure> {
    let (is_check, is_json) = (matches.get_flag(VERIFY), matches.get_flag(JSON));
    let mut trail = Trail { last: hash(""), events: 0, wanted: wanted(matches)? };
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
    let Trail { last, events, wanted } = trail;
    if wanted.is_some() {
        return Err(broken("no event has the hash of --last"));
    }
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
    /// The hash of a line that is still to come.
    wanted: Option<String>,
}

/// The hash of the event that was once the last.
fn wanted(matches: &ArgMatches) -> Result<Option<String>, Failure> {
    let hash = matches.get_one::<String>(LAST).map(|hash| hash.to_ascii_lowercase());
    if hash.as_ref().is_none_or(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Ok(hash);
    }
    Err(Failure::usage("--last is no hash", "use the one that scout-auth credentials audit --verify printed"))
}

fn broken(what: &str) -> Failure {
    Failure::server(
        format!("the audit trail is broken: {what}"),
        "an event was changed or removed: look at the store of the server",
    )
}

impl Trail {
    fn follow(&mut self, event: &Event, line: &str) -> Result<(), Failure> {
        if event.previous != self.last {
            return Err(broken(&format!("event {} does not follow from the one before", event.sequence)));
        }
        self.last = hash(line);
        self.wanted = self.wanted.take().filter(|wanted| *wanted != self.last);
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
