//! `Git`: what git knows of a repository: its files, what is staged, its history.
//!
//! A repository can be hostile, and its configuration names programs. Only commands run that call no
//! program of the repository: no hook, pager, filter, text conversion or external diff, and nothing is
//! fetched. The configuration of the user and of the system still counts, because `safe.directory` is
//! there.

use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;
#[cfg(target_os = "linux")]
use std::time::Duration;

use scout_auth::Error;

use crate::failure::{Failure, reason};
use crate::words::ascii;

const OPTIONS: [&str; 7] = [
    "--no-pager",
    "--no-replace-objects",
    "--no-optional-locks",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "core.hooksPath=/dev/null",
];

const ENVIRONMENT: [(&str, &str); 4] = [
    // A partial clone would otherwise fetch what it lacks, with a program that its configuration names.
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("LC_ALL", "C"),
];

/// The mode of a submodule in git's lists.
const SUBMODULE: &str = "160000";

/// How much of git's output is read at once, in bytes.
const PIPE: usize = 256 * 1024;

/// How long the output of a history may gather in the pipe. git writes small pieces, and each would wake us.
#[cfg(target_os = "linux")]
const GATHERING: Duration = Duration::from_micros(200);

/// How much of git's words is kept, in bytes.
const MAX_WORDS: u64 = 4096;

/// Which commits to look at.
#[derive(Clone)]
pub(super) enum Range {
    /// A revision or a range, as git reads it.
    Of(String),
    /// Every branch, tag, stash and reflog, and the index.
    All,
}

/// A file as git keeps it.
pub(super) struct Blob {
    pub(super) id: String,
    pub(super) path: String,
}

/// A repository, by a folder in it.
pub(super) struct Git {
    folder: PathBuf,
}

impl Git {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Calls `then` with the path of each file in the folder that git does not ignore, and of each folder
    /// that git could not read.
    pub(super) fn files(&self, then: super::files::Each<'_>) -> Result<(), Failure> {
        let mut child = self.start(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"], Stdio::null())?;
        let mut last = Vec::new();
        each_part(child.output()?, |name| {
            // A file in a conflict is listed once for each of its versions.
            if last != name {
                then(&path(name), Ok(()));
                name.clone_into(&mut last);
            }
        })?;
        for warning in child.end()?.lines() {
            if let Some((folder, reason)) = unread(warning) {
                then(Path::new(folder), Err(io::Error::other(reason.to_owned())));
            }
        }
        Ok(())
    }

    /// The files that the next commit changes.
    pub(super) fn staged(&self) -> Result<Vec<Blob>, Failure> {
        let difference = ["diff-index", "--cached", "-r", "-z", "--no-renames", "--no-ext-diff", "--diff-filter=ACMT"];
        let difference = [&difference[..], &["--ignore-submodules=all", "HEAD", "--"]].concat();
        match self.changes(&difference, Stdio::null()) {
            Ok(changes) => Ok(changes.into_iter().map(|(_, blob)| blob).collect()),
            // Before the first commit there is no HEAD, and everything in the index is new.
            Err(_) => self.indexed(),
        }
    }

    /// All files in the index.
    fn indexed(&self) -> Result<Vec<Blob>, Failure> {
        let mut child = self.start(&["ls-files", "--stage", "-z", "--full-name", "--", ":/"], Stdio::null())?;
        let mut blobs = Vec::new();
        each_part(child.output()?, |entry| {
            let entry = String::from_utf8_lossy(entry);
            if let Some((entry, path)) = entry.split_once('\t')
                && let [mode, id, _stage] = entry.split(' ').collect::<Vec<_>>()[..]
                && mode != SUBMODULE
            {
                blobs.push(Blob { id: id.to_owned(), path: path.to_owned() });
            }
        })?;
        child.end().map(|_| blobs)
    }

    /// The commit and the path that brought each of these blobs.
    pub(super) fn origins(&self, range: &Range, wanted: &[&str]) -> Result<Vec<(String, Blob)>, Failure> {
        let arguments = [&["rev-list", "--reverse"][..], &revisions(range)].concat();
        let mut commits = self.start(&arguments, Stdio::null())?;
        let tree = ["diff-tree", "--stdin", "-r", "-m", "-z", "--root", "--raw", "--no-abbrev", "--no-renames"];
        let tree = [&tree[..], &["--no-ext-diff", "--diff-filter=AMT"]].concat();
        let mut origins: Vec<(String, Blob)> = Vec::new();
        self.each_change(&tree, commits.pipe(), |commit, blob| {
            if wanted.contains(&blob.id.as_str()) && origins.iter().all(|(_, known)| known.id != blob.id) {
                origins.push((commit.to_owned(), blob));
            }
        })?;
        commits.end().map(|_| origins)
    }

    fn changes(&self, arguments: &[&str], stdin: Stdio) -> Result<Vec<(String, Blob)>, Failure> {
        let mut changes = Vec::new();
        self.each_change(arguments, stdin, |commit, blob| changes.push((commit.to_owned(), blob)))?;
        Ok(changes)
    }

    /// Calls `then` for each changed file in the raw output of a diff command, with the commit if the
    /// output names it.
    fn each_change(&self, arguments: &[&str], stdin: Stdio, mut then: impl FnMut(&str, Blob)) -> Result<(), Failure> {
        let mut child = self.start(arguments, stdin)?;
        let (mut commit, mut change) = (String::new(), None);
        each_part(child.output()?, |part| {
            let text = String::from_utf8_lossy(part).into_owned();
            match change.take() {
                Some(Some(id)) => then(&commit, Blob { id, path: text }),
                Some(None) => {}
                None => match text.strip_prefix(':').map(|entry| entry.split(' ').collect::<Vec<_>>()).as_deref() {
                    Some([_, mode, _, id, _]) => change = Some((*mode != SUBMODULE).then(|| (*id).to_owned())),
                    _ => commit = text,
                },
            }
        })?;
        child.end().map(drop)
    }

    /// Reads blobs: those that are asked for.
    pub(super) fn objects(&self) -> Result<Objects, Failure> {
        let mut running = self.start(&["cat-file", "--batch"], Stdio::piped())?;
        Ok(Objects { output: Box::new(running.output()?), running })
    }

    /// Calls `then` with each blob of the history once, and its contents unless they are missing.
    pub(super) fn history(
        &self,
        range: &Range,
        mut then: impl FnMut(Blob, Option<&mut dyn Read>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let list = ["rev-list", "--objects", "--filter=object:type=blob", "--filter-provided-objects"];
        let indexed: &[&str] = if matches!(range, Range::All) { &["--indexed-objects"] } else { &[] };
        let mut list = self.start(&[&list[..], indexed, &revisions(range)].concat(), Stdio::null())?;
        let format = "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)";
        let mut running = self.start(&["cat-file", "--buffer", format], list.pipe())?;
        let mut objects = Objects { output: running.large_output()?, running };
        while objects.next(|[id, _, _, path], contents| {
            then(Blob { id: (*id).to_owned(), path: (*path).to_owned() }, contents)
        })? {}
        list.end()?;
        objects.running.end().map(drop)
    }

    /// Whether the history ends before its beginning, as in most clones that services make for their jobs.
    pub(super) fn is_shallow(&self) -> Result<bool, Failure> {
        let mut child = self.start(&["rev-parse", "--is-shallow-repository"], Stdio::null())?;
        let mut answer = String::new();
        child.output()?.read_to_string(&mut answer).map_err(|error| failure(&reason(&error)))?;
        child.end().map(|_| answer.trim_end() == "true")
    }

    fn start(&self, arguments: &[&str], stdin: Stdio) -> Result<Running, Failure> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.folder).args(OPTIONS).args(arguments).envs(ENVIRONMENT);
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| failure(&reason(&error)))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().ok_or(Error::Internal)?;
        let mut stderr = child.stderr.take().ok_or(Error::Internal)?;
        // Read beside the rest, because git waits if nobody reads its warnings.
        let words = std::thread::spawn(move || {
            let mut words = Vec::new();
            let read = (&mut stderr).take(MAX_WORDS).read_to_end(&mut words);
            let _ = read.and_then(|_| io::copy(&mut stderr, &mut io::sink()));
            words
        });
        Ok(Running { child, stdin, stdout: Some(stdout), words: Some(words) })
    }
}

/// git, while it runs. It ends with this.
struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    words: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    /// The output, as another command's input.
    fn pipe(&mut self) -> Stdio {
        self.stdout.take().map_or_else(Stdio::null, Stdio::from)
    }

    fn output(&mut self) -> Result<BufReader<ChildStdout>, Failure> {
        let stdout = self.stdout.take().ok_or(Error::Internal)?;
        Ok(BufReader::with_capacity(PIPE, stdout))
    }

    /// The output, if there will be much of it. It gathers in the pipe before it is read.
    fn large_output(&mut self) -> Result<Box<dyn BufRead>, Failure> {
        #[cfg(target_os = "linux")]
        if self.stdout.as_ref().is_some_and(|pipe| rustix::pipe::fcntl_setpipe_size(pipe, PIPE).is_ok()) {
            let gathered = self.stdout.take().map(Gathered).ok_or(Error::Internal)?;
            return Ok(Box::new(BufReader::with_capacity(PIPE, gathered)));
        }
        Ok(Box::new(self.output()?))
    }

    /// Waits for git's end, which must be a success. Returns its warnings.
    fn end(mut self) -> Result<String, Failure> {
        let ended = self.child.wait().map_err(|error| failure(&reason(&error)))?;
        let words = self.words.take().and_then(|words| words.join().ok()).unwrap_or_default();
        let words = String::from_utf8_lossy(&words);
        if ended.success() {
            Ok(words.into_owned())
        } else {
            Err(failure(words.lines().next().unwrap_or("git failed")))
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Without effect if it ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The output of git, read in large pieces.
#[cfg(target_os = "linux")]
struct Gathered(ChildStdout);

#[cfg(target_os = "linux")]
impl Read for Gathered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(buffer)?;
        if (1..PIPE / 2).contains(&read) {
            std::thread::sleep(GATHERING);
        }
        Ok(read)
    }
}

/// The contents of blobs, from `git cat-file --batch`.
pub(super) struct Objects {
    running: Running,
    output: Box<dyn BufRead>,
}

impl Objects {
    /// Calls `then` with the contents of one object, unless it is missing: by its id or as git names it
    /// otherwise.
    pub(super) fn read(
        &mut self,
        name: &str,
        then: impl FnOnce(Option<&mut dyn Read>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let ask = |stdin: &mut ChildStdin| writeln!(stdin, "{name}");
        self.running.stdin.as_mut().map_or(Ok(()), ask).map_err(|error| failure(&reason(&error)))?;
        if self.next(|_, contents| then(contents))? { Ok(()) } else { Err(failure("git cat-file ended")) }
    }

    /// Calls `then` with the words of the next object's header and its contents, unless it is missing.
    /// Returns whether there is a next one.
    fn next(&mut self, then: impl FnOnce([&str; 4], Option<&mut dyn Read>) -> io::Result<()>) -> Result<bool, Failure> {
        let broken = |error: io::Error| failure(&reason(&error));
        let mut header = Vec::new();
        if self.output.read_until(b'\n', &mut header).map_err(broken)? == 0 {
            return Ok(false);
        }
        let header = String::from_utf8_lossy(&header);
        let mut words = header.trim_end_matches('\n').splitn(4, ' ');
        let words = [(); 4].map(|()| words.next().unwrap_or_default());
        // `ID missing`, and what else has no size.
        let Ok(size) = words[2].parse::<u64>() else {
            return then(words, None).map_err(broken).map(|()| true);
        };
        let mut contents = (&mut self.output).take(size);
        then(words, Some(&mut contents)).map_err(broken)?;
        io::copy(&mut contents, &mut io::sink()).map_err(broken)?;
        self.output.read_exact(&mut [0]).map_err(broken)?;
        Ok(true)
    }
}

fn revisions(range: &Range) -> Vec<&str> {
    match range {
        Range::All => vec!["--all", "--reflog"],
        // So that it can be neither an option nor the path of a file, for which there is nothing to list.
        Range::Of(range) => vec!["--end-of-options", range, "--"],
    }
}

/// Calls `then` for each part of the output, which NUL ends.
fn each_part(mut output: impl BufRead, mut then: impl FnMut(&[u8])) -> Result<(), Failure> {
    let mut part = Vec::new();
    while output.read_until(0, &mut part).map_err(|error| failure(&reason(&error)))? > 0 {
        then(part.strip_suffix(&[0]).unwrap_or(&part));
        part.clear();
    }
    Ok(())
}

#[cfg(unix)]
fn path(name: &[u8]) -> PathBuf {
    let name: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(name);
    name.into()
}

#[cfg(not(unix))]
fn path(name: &[u8]) -> PathBuf {
    String::from_utf8_lossy(name).into_owned().into()
}

/// The folder that a warning of `git ls-files` is about, and why git could not read it.
fn unread(warning: &str) -> Option<(&str, &str)> {
    warning.strip_prefix("warning: could not open directory '")?.rsplit_once("': ")
}

fn failure(words: &str) -> Failure {
    Failure::git(&ascii(words))
}
