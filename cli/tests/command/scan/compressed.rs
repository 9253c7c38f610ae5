//! What is found in gzip. The program gzip made it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::findings;
use crate::harness::{Files, key, key_text, library};

/// What `gzip -c` makes of the text.
fn gzip(text: &[u8]) -> Vec<u8> {
    let mut command = Command::new("gzip");
    let mut child = command.args(["-c", "-n"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("gzip");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(text).expect("gzip reads"));
        child.wait_with_output().expect("gzip ends").stdout
    })
}

#[test]
fn a_key_in_gzip_is_found_by_its_place_in_the_contents() {
    let notebook = format!("{{\n \"cells\": [\n  \"KEY={}\\n\"]}}", key_text());
    let found = findings(7, &["-"], &gzip(notebook.as_bytes()));
    assert_eq!((&found[0]["line"], &found[0]["column"]), (&3.into(), &8.into()));
    assert_eq!(found[0]["form"], "base64url in gzip");
    assert_eq!(found[0]["kid"], key().kid().as_str());
}

#[test]
fn every_member_of_gzip_and_every_part_of_a_header_is_read() {
    let member = gzip(key_text().as_bytes());
    // FTEXT, FHCRC, FEXTRA, FNAME and FCOMMENT, with what they announce.
    let header = [&member[..3], &[0x1f], &member[4..10], b"\x03\0abcname\0comment\0\xff\xff", &member[10..]].concat();
    let large = "Lorem ipsum dolor sit amet\n".repeat(100_000) + key_text();
    for members in [
        [&gzip(b"nothing\n")[..], &member].concat(),
        [&header[..], &gzip(b"nothing\n")].concat(),
        [&member[..], &[0; 512]].concat(),
        gzip(large.as_bytes()),
    ] {
        assert_eq!(findings(7, &["-"], &members)[0]["kid"], key().kid().as_str());
    }
}

#[test]
fn damaged_gzip_is_scanned_up_to_the_damage_and_named() {
    let noise: Vec<u8> = (0..100_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let whole = gzip(&[key_text().as_bytes(), b"\n", &noise].concat());
    let mut flipped = whole.clone();
    flipped[whole.len() / 2..].fill(0xff);
    let files = Files::new();
    files.write("cut.gz", &whole[..whole.len() / 2]);
    files.write("flipped.gz", &flipped);
    files.write("header.gz", &whole[..5]);
    let outcome = library(&["scan", files.path("").to_str().expect("UTF-8")], &[], b"");
    assert_eq!(outcome.status, 7, "{outcome:?}");
    assert_eq!(outcome.stdout.matches(key().kid().as_str()).count(), 2, "{outcome:?}");
    for name in ["cut.gz", "flipped.gz", "header.gz"] {
        let note = format!("{name}: its gzip is damaged, and was scanned up to the damage\n");
        assert!(outcome.stderr.contains(&note), "{outcome:?}");
    }
    assert_eq!(library(&["scan", "-"], &[], &whole[..5]).status, 0);
}
