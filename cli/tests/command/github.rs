//! `token --github`.

use std::process::Stdio;

use scout_auth_cli::{Stream, Streams};

use crate::harness::{Files, credential, library, on_streams, program};

/// A step of a job, with a file of variables that an earlier step has written.
fn step(files: &Files) -> [(&'static str, String); 2] {
    [("GITHUB_ACTIONS", "true".to_owned()), ("GITHUB_ENV", files.write("env", "EARLIER=1\n"))]
}

fn with_credential<'a>(step: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    credential().into_iter().chain(step.iter().map(|(name, value)| (*name, value.as_str()))).collect()
}

#[test]
fn the_token_is_masked_and_then_set_for_the_later_steps() {
    let files = Files::new();
    let step = step(&files);
    let text = library(&["token", "--github", "--lifetime", "60"], &with_credential(&step), b"").good();
    let token = text.strip_prefix("::add-mask::").and_then(|text| text.strip_suffix('\n')).expect("a mask");
    let keys = files.public_key();
    library(&["verify", "--keys", &keys], &[], token.as_bytes()).good();
    let variables = std::fs::read_to_string(files.path("env")).expect("the file");
    assert_eq!(variables, format!("EARLIER=1\nSCOUT_API_KEY={token}\n"));
}

#[test]
fn the_variable_has_a_line_of_its_own_after_any_earlier_text() {
    for (earlier, before) in [("", ""), ("A=1", "A=1\n"), ("A=1\n", "A=1\n")] {
        let files = Files::new();
        let step = step(&files);
        files.write("env", earlier);
        library(&["token", "--github"], &with_credential(&step), b"").good();
        let variables = std::fs::read_to_string(files.path("env")).expect("the file");
        let line = variables.strip_prefix(before).expect("the earlier text");
        assert!(line.starts_with("SCOUT_API_KEY=") && line.lines().count() == 1, "{earlier:?}");
    }
}

#[test]
fn outside_of_a_job_it_says_so_and_mints_nothing() {
    let files = Files::new();
    let step = step(&files);
    for missing in [0, 1] {
        let environment: Vec<_> =
            with_credential(&step).into_iter().filter(|(name, _)| *name != step[missing].0).collect();
        let outcome = library(&["token", "--github"], &environment, b"");
        outcome.refused(3, "this is not GitHub Actions");
        assert_eq!(outcome.stdout, "");
    }
    library(&["token", "--github", "--json"], &with_credential(&step), b"").refused(2, "--github");
}

#[test]
fn a_token_that_cannot_be_masked_is_not_passed_on() {
    let files = Files::new();
    let step = step(&files);
    let environment = with_credential(&step);
    for stdout in [Stream::File { mode: 0o600 }, Stream::Device] {
        let streams = Streams { stdout, ..Streams::default() };
        let outcome = on_streams(streams, &["token", "--github"], &environment, b"");
        outcome.refused(3, "does not go to the runner");
        assert_eq!(outcome.stdout, "");
    }
    // A reader that is gone is an error here, though not elsewhere.
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = program(&["token", "--github"], &environment).stdout(writer).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let output = program(&["token", "--github"], &environment).stdout(Stdio::null()).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(std::fs::read_to_string(files.path("env")).expect("the file"), "EARLIER=1\n");
}

#[test]
fn a_file_of_variables_that_is_not_there_is_an_error_and_is_not_made() {
    let files = Files::new();
    let path = files.path("none").display().to_string();
    let environment = [credential()[0], credential()[1], ("GITHUB_ACTIONS", "true"), ("GITHUB_ENV", &*path)];
    let outcome = library(&["token", "--github"], &environment, b"");
    outcome.refused(1, "the file of GITHUB_ENV cannot be written");
    assert_eq!((outcome.stdout.as_str(), files.path("none").exists()), ("", false));
}
