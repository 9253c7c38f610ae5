//! A git repository of its own for one test.

use std::path::Path;
use std::process::Command;

use crate::harness::Files;

pub(crate) struct Repository(pub(crate) Files);

impl Repository {
    pub(crate) fn new() -> Self {
        let repository = Self(Files::new());
        repository.git(&["init", "--quiet", "--initial-branch", "main"]);
        repository
    }

    /// Runs git, and returns what it says.
    #[track_caller]
    pub(crate) fn git(&self, args: &[&str]) -> String {
        git(&self.0.path(""), args)
    }

    /// Writes files and commits them. Returns the commit.
    #[track_caller]
    pub(crate) fn commit(&self, files: &[(&str, &str)]) -> String {
        for (name, contents) in files {
            self.0.write(name, contents);
        }
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    pub(crate) fn folder(&self) -> String {
        self.0.path("").to_str().expect("UTF-8").to_owned()
    }
}

#[track_caller]
pub(crate) fn git(folder: &Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    let names = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "protocol.file.allow=always"];
    command.current_dir(folder).args(names).args(args).env("GIT_CONFIG_GLOBAL", "/dev/null");
    let output = command.output().expect("git starts");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}
