//! The full command, `scout-auth-tools`: it runs what this build leaves out.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;
use crate::host::Host;
use crate::program;

const NAME: &str = "scout-auth-tools";

/// The subcommands that only the full command has.
const SUBCOMMANDS: &[&str] = &[
    #[cfg(not(feature = "manual"))]
    "completions",
    "credentials",
    #[cfg(not(feature = "manual"))]
    "man",
    "mcp",
    "proxy",
    "run",
    "serve",
];

/// What the command line asks for, if only the full command has it.
pub(crate) fn asked_for(args: &[OsString]) -> Option<&'static str> {
    let word = |at: usize| args.get(at).and_then(|word| word.to_str()).unwrap_or_default();
    let is_url = |word: &OsString| word.to_str().is_some_and(|word| word == "--url" || word.starts_with("--url="));
    match word(0) {
        "doctor" => args.iter().any(is_url).then_some("doctor --url"),
        "help" => SUBCOMMANDS.iter().find(|name| **name == word(1)).copied(),
        first => SUBCOMMANDS.iter().find(|name| **name == first).copied(),
    }
}

/// Runs the full command with the same arguments, in place of this one.
pub(crate) fn run(what: &str, args: &[OsString], host: &Host<'_>) -> Result<u8, Failure> {
    let path = beside(host.program).or_else(|| program::find(NAME, host)).ok_or_else(|| {
        let help = "install the package scout-auth-tools of PyPI or npm beside it, or run cargo install scout-auth-cli";
        Failure::usage(format!("{what} is not in this build of scout-auth, and {NAME} is not installed"), help)
    })?;
    program::replace(Command::new(path).args(args))
}

/// The full command in the folder of the script that runs, or of the script that a link leads to. A
/// bare name was found in `PATH`: as a path it would mean the current directory.
fn beside(program: &Path) -> Option<PathBuf> {
    let link = program.parent().filter(|folder| *folder != Path::new(""))?;
    let file = program.canonicalize().ok();
    [Some(link), file.as_deref().and_then(Path::parent)]
        .into_iter()
        .flatten()
        .find_map(|folder| program::in_folder(&std::path::absolute(folder).ok()?, NAME))
}
