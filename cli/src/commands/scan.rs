//! `scan`: looks for private keys and tokens in files, in what is staged, and in histories.

/// Keys that may be where they are.
mod allow;

/// base64 as it stands in files.
mod run;

/// JWKs as they stand in files.
mod jwk;

/// What announces a key.
mod needle;

/// What was found in a text.
mod leak;

/// What gzip holds.
mod gzip;

/// The search in a stream.
mod scanner;

/// What git knows.
mod git;

/// The files of a folder.
mod files;

/// What was found and where, for people and programs.
mod finding;

/// The same for code scanning services.
mod sarif;

/// How far a long scan is.
mod progress;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use scout_auth::{Kid, PublicKey, Verifier};
use serde_json::Value;

use crate::arguments::{ALL, HISTORY, JSON, KEYS, PATH, SARIF, STAGED, STRICT};
use crate::failure::{FOUND, Failure, reason};
use crate::host::{Colour, Host, Stream};
use crate::input;
use crate::report::report;
use crate::words;
use allow::Allowed;
use finding::{Finding, Findings};
use git::{Blob, Git, Range};
use leak::{Search, What};
use needle::Needles;
use progress::Progress;
use scanner::Scanner;

/// `scout-auth scan`. Returns the exit status.
pub(crate) fn scan(matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    let findings = search(matches, host)?;
    conclude(&findings, matches, host)
}

fn search(matches: &ArgMatches, host: &mut Host<'_>) -> Result<Findings, Failure> {
    let paths: Vec<&PathBuf> = matches.get_many(PATH).unwrap_or_default().collect();
    let known = Known::read(matches, &paths, host)?;
    let folder = paths.first().map_or(Path::new("."), |path| path.as_path());
    let is_terminal = host.streams.stderr == Stream::Terminal && !host.has_dumb_terminal();
    let mut scan = Scan {
        scanner: Scanner::new(Search { needles: Needles::new(), keys: known.verifier, now: words::now() }),
        names: known.names,
        is_strict: matches.get_flag(STRICT),
        allowed: Allowed::default(),
        findings: Findings::default(),
        progress: Progress::new(is_terminal.then_some(&mut *host.stderr)),
    };
    if matches.get_flag(STAGED) {
        scan.staged(&Git::new(folder))?;
    } else if let Some(range) = range(matches) {
        scan.allowed = allowed(folder)?;
        scan.history(&Git::new(folder), &range)?;
    } else {
        scan.paths(&paths, host.stdin)?;
    }
    Ok(scan.findings)
}

fn range(matches: &ArgMatches) -> Option<Range> {
    let range = matches.get_one::<String>(HISTORY).map(|range| Range::Of(range.clone()));
    if matches.get_flag(ALL) { Some(Range::All) } else { range }
}

/// A scan, while it goes on.
struct Scan<'a> {
    scanner: Scanner,
    /// What `--keys` calls its keys.
    names: BTreeMap<Kid, String>,
    is_strict: bool,
    allowed: Allowed,
    findings: Findings,
    progress: Progress<'a>,
}

impl Scan<'_> {
    fn paths(&mut self, paths: &[&PathBuf], stdin: &mut dyn Read) -> Result<(), Failure> {
        let current = PathBuf::from(".");
        let paths = if paths.is_empty() { &[&current] } else { paths };
        for (index, path) in paths.iter().enumerate() {
            if path.as_os_str() == "-" {
                self.stream("-", None, stdin);
                continue;
            }
            // It may be a key that was given by mistake, so its text is not shown.
            let what = format!("path {} of the command line", index + 1);
            let is_folder = path.metadata().map_err(|error| Failure::input(&what, &error))?.is_dir();
            let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            self.allowed = allowed(if is_folder { path } else { parent })?;
            if is_folder {
                self.folder(path);
            } else {
                let mut file = File::open(path).map_err(|error| Failure::input(&what, &error))?;
                self.stream(&path.to_string_lossy(), None, &mut file);
            }
        }
        if self.findings.files == 0 && self.findings.unreadable.is_empty() {
            return Err(Failure::nothing("file", "0 files scanned: check the path, and what git ignores"));
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path) {
        let refusal = files::each(folder, &mut |path, listed| {
            let name = path.to_string_lossy();
            match listed.and_then(|()| files::open(path)) {
                Ok(Some(mut file)) => self.stream(&name, None, &mut file),
                Ok(None) if path.join(".git").exists() && !path.is_symlink() => {
                    self.findings.repositories.push(name.into_owned());
                }
                Ok(None) => {}
                Err(error) => self.findings.unreadable.push((name.into_owned(), reason(&error))),
            }
        });
        let note = |refusal: Failure| format!("{}; files that git ignores were scanned too", refusal.text);
        self.findings.notes.extend(refusal.map(note));
    }

    fn staged(&mut self, git: &Git) -> Result<(), Failure> {
        let staged = git.staged()?;
        if staged.is_empty() {
            return Ok(());
        }
        let mut objects = git.objects()?;
        // As it will be committed, too.
        let mut allowed = Ok(String::new());
        objects.read(&format!(":{}", allow::FILE), |contents| {
            allowed = contents.map_or(Ok(String::new()), allow::text);
            Ok(())
        })?;
        self.allowed = parse_allowed(allowed)?;
        for Blob { id, path } in staged {
            objects.read(&id, |contents| {
                self.object(&path, None, contents);
                Ok(())
            })?;
        }
        Ok(())
    }

    fn history(&mut self, git: &Git, range: &Range) -> Result<(), Failure> {
        git.history(range, |Blob { id, path }, contents| {
            self.object(&path, Some(&id), contents);
            Ok(())
        })?;
        if git.is_shallow()? {
            let note = "this clone is shallow: commits that it does not have were not scanned (git fetch --unshallow)";
            self.findings.notes.push(note.to_owned());
        }
        let wanted: Vec<&str> = self.findings.all.iter().filter_map(|finding| finding.blob.as_deref()).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let origins = git.origins(range, &wanted)?;
        for finding in &mut self.findings.all {
            let origin = origins.iter().find(|(_, blob)| finding.blob.as_ref() == Some(&blob.id));
            if let Some((commit, blob)) = origin {
                finding.commit = Some(commit.clone());
                finding.path.clone_from(&blob.path);
            }
        }
        Ok(())
    }

    fn object(&mut self, path: &str, blob: Option<&str>, contents: Option<&mut dyn Read>) {
        if let Some(contents) = contents {
            return self.stream(path, blob, contents);
        }
        // git has no path then, if it lists a history.
        let name = blob.filter(|_| path.is_empty()).unwrap_or(path).to_owned();
        self.findings.unreadable.push((name, "git does not have its contents".to_owned()));
    }

    fn stream(&mut self, path: &str, blob: Option<&str>, stream: &mut dyn Read) {
        let mut places = Vec::new();
        match self.scanner.scan(stream, &mut places) {
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                self.findings.files += 1;
                let note = format!("{}: {error}, and was scanned up to the damage", finding::printable(path));
                self.findings.notes.push(note);
            }
            Err(error) => self.findings.unreadable.push((path.to_owned(), reason(&error))),
            Ok(bytes) => {
                self.findings.files += 1;
                self.findings.bytes += bytes;
                self.progress.show(self.findings.files, self.findings.bytes);
            }
        }
        for place in places {
            let kid = place.what.kid();
            if place.is_allowed || kid.is_some_and(|kid| self.allowed.contains(kid)) {
                self.findings.allowed += 1;
            } else if self.is_strict || !matches!(place.what, What::Damaged(_)) {
                let known_as = kid.and_then(|kid| self.names.get(kid)).cloned();
                let (path, blob) = (path.to_owned(), blob.map(str::to_owned));
                self.findings.all.push(Finding { path, blob, commit: None, place, known_as });
            }
        }
    }
}

/// The exceptions of the repository that the folder is in, or of the folder itself.
fn allowed(folder: &Path) -> Result<Allowed, Failure> {
    let root = files::root(folder).unwrap_or_else(|| folder.to_owned());
    let file = files::open(&root.join(allow::FILE));
    parse_allowed(file.and_then(|file| file.map_or(Ok(String::new()), |mut file| allow::text(&mut file))))
}

fn parse_allowed(text: io::Result<String>) -> Result<Allowed, Failure> {
    let text = text.map_err(|error| Failure::input(allow::FILE, &error))?;
    Allowed::parse(&text).map_err(|line| {
        let error = io::Error::other(format!("line {line} is not a kid"));
        Failure::input(allow::FILE, &error).with_help("write one kid in each line, as scout-auth scan shows it")
    })
}

/// The keys of `--keys`, with their names.
#[derive(Default)]
struct Known {
    verifier: Option<Verifier>,
    names: BTreeMap<Kid, String>,
}

impl Known {
    fn read(matches: &ArgMatches, paths: &[&PathBuf], host: &mut Host<'_>) -> Result<Self, Failure> {
        let Some(path) = matches.get_one::<PathBuf>(KEYS) else { return Ok(Self::default()) };
        if path.as_os_str() == "-" && paths.contains(&path) {
            return Err(Failure::usage("--keys and what is scanned cannot both be standard input", "pass a file"));
        }
        let text = input::key_file(path, host)?;
        let verifier = Verifier::parse(&*text)?;
        let mut names: BTreeMap<Kid, String> = verifier.keys().map(|key| (key.kid(), key.kid().to_string())).collect();
        let set: Value = serde_json::from_slice(&text).unwrap_or_default();
        for jwk in set["keys"].as_array().into_iter().flatten() {
            if let (Some(name), Ok(key)) = (jwk["kid"].as_str(), PublicKey::parse(jwk.to_string())) {
                names.insert(key.kid(), name.to_owned());
            }
        }
        Ok(Self { verifier: Some(verifier), names })
    }
}

/// Writes what was found, and returns the exit status.
fn conclude(findings: &Findings, matches: &ArgMatches, host: &mut Host<'_>) -> Result<u8, Failure> {
    host.print(&if matches.get_flag(JSON) {
        findings.json()
    } else if matches.get_flag(SARIF) {
        sarif::sarif(findings)
    } else {
        findings.lines()
    })?;
    for note in &findings.notes {
        let mark = host.paint_error(Colour::Cyan, "note:");
        host.tell(&format!("{mark} {note}\n"));
    }
    if !findings.repositories.is_empty() {
        let mark = host.paint_error(Colour::Cyan, "note:");
        let paths: Vec<String> = findings.repositories.iter().map(|path| finding::printable(path)).collect();
        host.tell(&format!("{mark} not scanned, because each is a repository of its own: {}\n", paths.join(", ")));
    }
    for (path, reason) in &findings.unreadable {
        let warning = host.paint_error(Colour::Yellow, "warning:");
        host.tell(&format!("{warning} {} cannot be read: {reason}\n", finding::printable(path)));
    }
    host.tell(&findings.summary());
    if let Some(rule) = findings.worst() {
        let help = host.paint_error(Colour::Cyan, "help:");
        host.tell(&format!("{help} {}\n", rule.help));
        return Ok(FOUND);
    }
    match findings.unreadable.len() {
        0 => Ok(0),
        count => {
            let error = io::Error::other(format!("see the {} above", finding::plural(count as u64, "warning")));
            Ok(report(&Failure::input("something", &error), host))
        }
    }
}
