//! Runs the vectors against the crate `scout-auth`: one case per line in, one verdict per line out.
//! See tests/README.md for the protocol. The argument names the engine that is meant.

/// One case.
mod run;

/// Clock stories.
mod story;

use std::io::{BufRead as _, Write as _};

use scout_auth::ENGINE;
use serde_json::{Value, json};

fn main() {
    let engine = std::env::args().nth(1);
    assert_eq!(engine.as_deref(), Some(ENGINE), "the engine of this build");
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line.expect("a line")).expect("a case");
        let answer = run::answer(&case);
        let detail = run::difference(&case["expect"], &answer);
        let verdict =
            json!({ "name": case["name"], "ok": detail.is_none(), "detail": detail, "token": answer["token"] });
        writeln!(out, "{verdict}").expect("standard output");
    }
}
