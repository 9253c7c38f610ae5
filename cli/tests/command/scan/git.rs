//! `scan` in git repositories: what is staged, histories, and repositories that mean harm.

use std::fs;
use std::path::Path;

use super::findings;
use super::repository::{Repository, git};
use crate::harness::{Files, key, key_text, library, other_key};

#[test]
fn what_is_staged_is_scanned_and_not_what_is_in_the_folder() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.commit(&[("a.txt", "nothing")]);
    repository.0.write("a.txt", key_text());
    assert!(findings(0, &["--staged", &folder], b"").is_empty());
    repository.git(&["add", "a.txt"]);
    repository.0.write("a.txt", "nothing");
    let found = findings(7, &["--staged", &folder], b"");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["path"], "a.txt");
    assert!(findings(0, &[&folder], b"").is_empty());
}

#[test]
fn files_that_are_new_renamed_or_staged_before_the_first_commit_are_scanned() {
    let repository = Repository::new();
    let folder = repository.folder();
    fs::create_dir(repository.0.path("b")).expect("a folder");
    repository.0.write("b/ü \"x\".txt", key_text());
    repository.git(&["add", "--all"]);
    assert_eq!(findings(7, &["--staged", &folder], b"")[0]["path"], "b/ü \"x\".txt");
    repository.commit(&[]);
    assert!(findings(0, &["--staged", &folder], b"").is_empty());
    repository.git(&["mv", "b/ü \"x\".txt", "c.txt"]);
    assert_eq!(findings(7, &["--staged", &folder], b"")[0]["path"], "c.txt");
}

#[test]
fn nothing_staged_is_said_and_is_no_error() {
    let repository = Repository::new();
    repository.commit(&[("a.txt", "nothing")]);
    let outcome = library(&["scan", "--staged", &repository.folder()], &[], b"");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, "0 files scanned: nothing found\n"));
    repository.git(&["rm", "--quiet", "a.txt"]);
    let outcome = library(&["scan", "--staged", &repository.folder()], &[], b"");
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, "0 files scanned: nothing found\n"));
}

#[test]
fn what_git_cannot_read_is_an_error() {
    let repository = Repository::new();
    repository.0.write("a.txt", "nothing");
    repository.git(&["add", "a.txt"]);
    let blob = repository.git(&["rev-parse", ":a.txt"]);
    fs::remove_file(repository.0.path(&format!(".git/objects/{}/{}", &blob[..2], blob[2..].trim()))).expect("removed");
    let outcome = library(&["scan", "--staged", &repository.folder()], &[], b"");
    assert_eq!(outcome.status, 3, "{outcome:?}");
    assert!(outcome.stderr.contains("a.txt cannot be read: git does not have its contents"), "{outcome:?}");

    let files = Files::new();
    let folder = files.path("");
    let folder = folder.to_str().expect("UTF-8");
    for args in [&["scan", "--staged", folder][..], &["scan", "--all", folder], &["scan", "--history", "HEAD", folder]]
    {
        library(args, &[], b"").refused(3, "git failed: not a git repository");
    }
    let folder = repository.folder();
    library(&["scan", "--history", "no-such-branch", &folder], &[], b"").refused(3, "git failed: ");
    library(&["scan", "--history=--output=x", &folder], &[], b"").refused(3, "git failed: ");
    assert!(!Path::new("x").exists());
}

#[test]
fn a_key_that_was_removed_is_found_in_the_history_with_its_commit() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.commit(&[("a.txt", "nothing")]);
    let brought = repository.commit(&[("old.env", key_text())]);
    repository.git(&["mv", "old.env", "new.env"]);
    repository.commit(&[]);
    repository.git(&["rm", "--quiet", "new.env"]);
    let removed = repository.commit(&[]);
    let later = repository.commit(&[("b.txt", &other_key().to_pem())]);

    assert_eq!(findings(7, &[&folder], b"").len(), 1);
    let found = findings(7, &["--history", "HEAD", &folder], b"");
    let find = |key: &scout_auth::PrivateKey| {
        found.iter().filter(|finding| finding["kid"] == key.kid().as_str()).collect::<Vec<_>>()
    };
    let [first] = find(key())[..] else { panic!("{found:?}") };
    assert_eq!((first["path"].as_str(), first["commit"].as_str()), (Some("old.env"), Some(brought.as_str())));
    let [second] = find(other_key())[..] else { panic!("{found:?}") };
    assert_eq!(second["commit"], later);

    let found = findings(7, &["--history", &format!("{removed}..HEAD"), &folder], b"");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(findings(0, &["--history", &format!("{brought}..{removed}"), &folder], b"").is_empty());
}

#[test]
fn all_is_every_branch_stash_and_reflog_and_the_index() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.commit(&[("a.txt", "nothing")]);
    repository.git(&["switch", "--quiet", "--create", "other"]);
    repository.commit(&[("branch.txt", key_text())]);
    repository.git(&["switch", "--quiet", "main"]);
    repository.commit(&[("lost.txt", &key().to_pem())]);
    repository.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    repository.0.write("a.txt", key().to_jwk());
    repository.git(&["stash", "--quiet"]);
    repository.0.write("index.txt", key().to_der());
    repository.git(&["add", "index.txt"]);
    assert!(findings(0, &["--history", "HEAD", &folder], b"").is_empty());
    let found = findings(7, &["--all", &folder], b"");
    let mut paths: Vec<_> = found.iter().map(|finding| finding["path"].as_str().expect("text")).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["a.txt", "branch.txt", "index.txt", "lost.txt"]);
}

#[test]
fn git_leaves_out_what_it_ignores() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.0.write(".gitignore", "*.log\n");
    let ignored = repository.0.write("a.log", key_text());
    assert!(findings(0, &[&folder], b"").is_empty());
    repository.0.write("untracked.txt", key_text());
    assert_eq!(findings(7, &[&folder], b"").len(), 1);
    // A file that is named is scanned in any case.
    assert_eq!(findings(7, &[&ignored], b"").len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed_and_a_submodule_is_no_error() {
    let elsewhere = Repository::new();
    elsewhere.commit(&[("key.txt", key_text())]);
    let repository = Repository::new();
    std::os::unix::fs::symlink(elsewhere.0.path("key.txt"), repository.0.path("link")).expect("a link");
    std::os::unix::fs::symlink(elsewhere.0.path(""), repository.0.path("folder")).expect("a link");
    repository.git(&["submodule", "--quiet", "add", &elsewhere.folder(), "sub"]);
    for args in [&[repository.folder().as_str()][..], &["--staged", &repository.folder()]] {
        assert!(findings(0, args, b"").is_empty());
    }
    repository.commit(&[]);
    assert!(findings(0, &["--all", &repository.folder()], b"").is_empty());
}

#[test]
fn a_repository_in_the_folder_is_named_because_it_is_not_scanned() {
    let repository = Repository::new();
    repository.commit(&[("a.txt", "nothing")]);
    fs::create_dir(repository.0.path("in\u{1b}ner")).expect("a folder");
    let inner = repository.0.path("in\u{1b}ner");
    git(&inner, &["init", "--quiet"]);
    git(&inner, &["commit", "--quiet", "--allow-empty", "--message", "x"]);
    let outcome = library(&["scan", &repository.folder()], &[], b"");
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.stderr.contains("note: not scanned, because each is a repository of its own: "), "{outcome:?}");
    assert!(outcome.stderr.contains("/in\\u{1b}ner/\n"), "{outcome:?}");
}

#[test]
fn a_shallow_clone_is_named_because_a_part_of_its_history_is_not_there() {
    let whole = Repository::new();
    whole.commit(&[("a.txt", key_text())]);
    whole.commit(&[("a.txt", "nothing")]);
    let files = Files::new();
    let clone = files.path("clone");
    let clone = clone.to_str().expect("UTF-8");
    git(&files.path(""), &["clone", "--quiet", "--depth", "1", &format!("file://{}", whole.folder()), clone]);
    for (args, folder, status, is_named) in [
        (&["--history"][..], clone, 0, true),
        (&["--all"], clone, 0, true),
        (&["--all"], &whole.folder(), 7, false),
        (&["--staged"], clone, 0, false),
    ] {
        let outcome = library(&[&["scan"], args, &["--", folder]].concat(), &[], b"");
        assert_eq!(outcome.status, status, "{outcome:?}");
        assert_eq!(outcome.stderr.contains("note: this clone is shallow: "), is_named, "{outcome:?}");
    }
}

#[test]
fn a_range_is_never_the_path_of_a_file() {
    let repository = Repository::new();
    let folder = repository.folder();
    repository.commit(&[("a.txt", key_text())]);
    // git would list the history of that file, from no commit: nothing.
    let path = repository.0.path("a.txt");
    library(&["scan", "--history", path.to_str().expect("UTF-8"), &folder], &[], b"").refused(3, "git failed: ");
    library(&["scan", "--history", "a.txt", &folder], &[], b"").refused(3, "git failed: ");
    repository.git(&["branch", "a.txt"]);
    assert_eq!(findings(7, &["--history", "a.txt", &folder], b"").len(), 1);
}

#[test]
fn all_that_is_staged_is_scanned_from_any_folder() {
    let repository = Repository::new();
    fs::create_dir(repository.0.path("sub")).expect("a folder");
    repository.0.write("a.txt", key_text());
    repository.0.write("sub/b.txt", "nothing");
    repository.git(&["add", "--all"]);
    let sub = repository.0.path("sub");
    let sub = sub.to_str().expect("UTF-8");
    assert_eq!(findings(7, &["--staged", sub], b"")[0]["path"], "a.txt");
    repository.commit(&[]);
    repository.git(&["mv", "a.txt", "c.txt"]);
    repository.git(&["config", "diff.relative", "true"]);
    assert_eq!(findings(7, &["--staged", sub], b"")[0]["path"], "c.txt");
}

/// Each of these would be read without end, or waited for.
#[cfg(target_os = "linux")]
#[test]
fn devices_pipes_and_endless_files_of_a_repository_are_not_read() {
    use std::os::unix::fs::symlink;
    let repository = Repository::new();
    let folder = repository.folder();
    fs::create_dir(repository.0.path("dev")).expect("a folder");
    repository.commit(&[("dev/zero", "x"), ("pipe", "x")]);
    fs::remove_dir_all(repository.0.path("dev")).expect("removed");
    symlink("/dev", repository.0.path("dev")).expect("a link");
    let pipe = |name: &str| {
        let _ = fs::remove_file(repository.0.path(name));
        assert!(std::process::Command::new("mkfifo").arg(repository.0.path(name)).status().expect("mkfifo").success());
    };
    pipe("pipe");
    repository.0.write("a.txt", "nothing");
    let exceptions = repository.0.path(".scout-auth-allow");
    for make in
        [&|| symlink("/dev/zero", &exceptions).expect("a link"), &|| pipe(".scout-auth-allow")] as [&dyn Fn(); 2]
    {
        make();
        let outcome = library(&["scan", &folder], &[], b"");
        assert_eq!((outcome.status, outcome.stderr.as_str()), (0, "1 file scanned: nothing found\n"));
        fs::remove_file(&exceptions).expect("removed");
    }
    repository.0.write(".scout-auth-allow", "#".repeat((1 << 20) + 1));
    let said = ".scout-auth-allow cannot be read: it is longer than 1 MiB";
    library(&["scan", &folder], &[], b"").refused(3, said);
    repository.git(&["add", ".scout-auth-allow"]);
    library(&["scan", "--staged", &folder], &[], b"").refused(3, said);
}

/// It is not as if it were not there.
#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_reached_is_named() {
    let repository = Repository::new();
    fs::create_dir(repository.0.path("sub")).expect("a folder");
    repository.commit(&[("a.txt", "nothing"), ("sub/b.txt", key_text())]);
    fs::remove_dir_all(repository.0.path("sub")).expect("removed");
    std::os::unix::fs::symlink("sub", repository.0.path("sub")).expect("a link to itself");
    let outcome = library(&["scan", &repository.folder()], &[], b"");
    assert_eq!(outcome.status, 3, "{outcome:?}");
    assert!(outcome.stderr.contains("sub/b.txt cannot be read: "), "{outcome:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_git_cannot_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    // root reads every folder.
    if is_root() {
        return;
    }
    let repository = Repository::new();
    repository.commit(&[("a.txt", "nothing")]);
    let closed = repository.0.path("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("a mode");
    let outcome = library(&["scan", &repository.folder()], &[], b"");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).expect("a mode");
    assert_eq!(outcome.status, 3, "{outcome:?}");
    assert!(outcome.stderr.contains("closed/ cannot be read: "), "{outcome:?}");
}

/// A repository whose configuration and attributes name a program wherever git knows a place for one.
/// The program leaves a file.
fn hostile() -> (Repository, std::path::PathBuf) {
    let repository = Repository::new();
    repository.commit(&[("a.txt", "one"), (".gitattributes", "* filter=evil diff=evil merge=evil\n")]);
    repository.commit(&[("a.txt", "two")]);
    let ran = repository.0.path("ran");
    let script = repository.0.write(".git/evil", format!("#!/bin/sh\ntouch '{}'\nexit 1\n", ran.display()));
    std::process::Command::new("chmod").args(["755", &script]).status().expect("chmod");
    let hooks = repository.0.path(".git/hooks");
    fs::create_dir_all(&hooks).expect("a folder");
    for hook in ["post-index-change", "reference-transaction", "pre-auto-gc", "fsmonitor-watchman", "query-watchman"] {
        fs::copy(&script, hooks.join(hook)).expect("a hook");
    }
    for name in [
        "core.fsmonitor",
        "core.pager",
        "core.editor",
        "core.sshCommand",
        "core.gitProxy",
        "core.askPass",
        "core.alternateRefsCommand",
        "pager.log",
        "pager.diff",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "merge.evil.driver",
        "gpg.program",
        "gpg.ssh.program",
        "credential.helper",
        "sequence.editor",
        "uploadpack.packObjectsHook",
        "interactive.diffFilter",
    ] {
        repository.git(&["config", name, &script]);
    }
    for name in ["ls-files", "diff-index", "rev-list", "cat-file", "diff-tree"] {
        repository.git(&["config", &format!("alias.{name}"), &format!("!{script}")]);
    }
    repository.git(&["config", "log.showSignature", "true"]);
    repository.git(&["config", "diff.autoRefreshIndex", "true"]);
    // A partial clone fetches what it lacks, from a remote that is a program.
    repository.git(&["config", "remote.evil.url", &format!("ext::{script}")]);
    repository.git(&["config", "remote.evil.promisor", "true"]);
    repository.git(&["config", "extensions.partialClone", "evil"]);
    repository.git(&["config", "protocol.ext.allow", "always"]);
    let _ = fs::remove_file(&ran);
    (repository, ran)
}

#[test]
fn no_program_of_a_hostile_repository_runs() {
    // The trap works: commands of every day run it.
    for ordinary in [&["status"][..], &["diff"], &["add", "a.txt"], &["cat-file", "-p", &"1".repeat(40)]] {
        let (repository, ran) = hostile();
        repository.0.write("a.txt", "three");
        let _ = std::process::Command::new("git").arg("-C").arg(repository.folder()).args(ordinary).output();
        assert!(ran.exists(), "git {ordinary:?} runs the program");
    }
    let (repository, ran) = hostile();
    let folder = repository.folder();
    repository.0.write("a.txt", "three");
    for args in [&["--staged", &folder][..], &["--history", "HEAD", &folder], &["--all", &folder], &[&folder]] {
        assert!(findings(0, args, b"").is_empty());
        assert!(!ran.exists(), "scan {args:?}");
    }
    // An object that is missing would be fetched.
    let blob = repository.git(&["-c", "core.fsmonitor=", "rev-parse", "HEAD:a.txt"]);
    fs::remove_file(repository.0.path(&format!(".git/objects/{}/{}", &blob[..2], blob[2..].trim()))).expect("removed");
    for args in [&["scan", "--history", "HEAD", &folder][..], &["scan", "--all", &folder]] {
        assert_eq!(library(args, &[], b"").status, 3, "{args:?}");
        assert!(!ran.exists(), "scan {args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_repository_of_another_user_is_not_read_by_git_and_still_scanned() {
    // Only root can give files away.
    if !is_root() {
        return;
    }
    let repository = Repository::new();
    repository.0.write(".gitignore", "*.log\n");
    repository.0.write("a.log", key_text());
    let chown = std::process::Command::new("chown").args(["-R", "65534:65534", &repository.folder()]).status();
    assert!(chown.expect("chown").success());
    let outcome = library(&["scan", &repository.folder()], &[], b"");
    assert_eq!(outcome.status, 7, "{outcome:?}");
    assert!(outcome.stderr.contains("files that git ignores were scanned too"), "{outcome:?}");
    library(&["scan", "--staged", &repository.folder()], &[], b"").refused(3, "dubious ownership");
}

#[cfg(target_os = "linux")]
fn is_root() -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| status.contains("\nUid:\t0\t0\t"))
}

#[test]
fn a_kid_in_the_file_of_exceptions_allows_its_key_only() {
    let repository = Repository::new();
    let folder = repository.folder();
    fs::create_dir(repository.0.path("sub")).expect("a folder");
    repository.0.write("sub/a.txt", format!("{}\n", key_text()));
    repository.0.write("sub/b.txt", format!("{}\n", *other_key().to_base64url()));
    let sub = repository.0.path("sub");
    let sub = sub.to_str().expect("UTF-8");
    repository.0.write(".scout-auth-allow", format!("{} # for tests\n", key().kid()));
    for args in [&[folder.as_str()][..], &[sub], &[&format!("{sub}/a.txt"), &format!("{sub}/b.txt")]] {
        let found = findings(7, args, b"");
        assert_eq!(found.len(), 1, "{args:?}");
        assert_eq!(found[0]["kid"], other_key().kid().as_str());
    }
    // As it is staged.
    repository.git(&["add", "sub"]);
    assert_eq!(findings(7, &["--staged", &folder], b"").len(), 2);
    repository.git(&["add", ".scout-auth-allow"]);
    assert_eq!(findings(7, &["--staged", &folder], b"").len(), 1);
    repository.commit(&[]);
    assert_eq!(findings(7, &["--history", "HEAD", &folder], b"").len(), 1);

    repository.0.write(".scout-auth-allow", format!("{}\nanything\n", key().kid()));
    library(&["scan", &folder], &[], b"").refused(3, ".scout-auth-allow cannot be read: line 2 is not a kid");
}

#[test]
fn this_repository_holds_no_key_that_it_does_not_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    if !root.join(".git").exists() {
        eprintln!("skipped: this is no repository");
        return;
    }
    let outcome = library(&["scan", root.to_str().expect("UTF-8")], &[], b"");
    assert_eq!(outcome.status, 0, "{outcome:?}");
    let tracked = git(&root, &["ls-files"]);
    assert!(tracked.lines().count() > 100 && outcome.stderr.contains(" allowed"), "{outcome:?}");
}
