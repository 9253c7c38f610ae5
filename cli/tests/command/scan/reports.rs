//! What `scan` says, as text, JSON and SARIF: never a part of a key.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::findings;
use super::leaks::{WRAPPINGS, forms, hex};
use crate::harness::{Files, binary, key, key_text, library, other_key, token_issued};

/// Every eight characters in a row of the key and its private numbers, in every spelling.
fn pieces() -> BTreeSet<Vec<u8>> {
    let der = key().to_der();
    let hex = hex(&der);
    let jwk: Value = serde_json::from_str(&key().to_jwk()).expect("JSON");
    let numbers = ["d", "p", "q", "dp", "dq", "qi", "n"].map(|name| jwk[name].as_str().expect("text").to_owned());
    let mut texts =
        vec![key_text().to_owned(), STANDARD.encode(&*der), hex.to_uppercase(), hex, key().to_pem().to_string()];
    texts.extend(numbers);
    texts.extend(
        forms(key())
            .into_iter()
            .filter(|(name, _)| name.starts_with("base64"))
            .map(|(_, text)| String::from_utf8(text).expect("text")),
    );
    let armour = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----";
    let windows = texts.iter().flat_map(|text| text.as_bytes().windows(8));
    windows.filter(|window| !armour.contains(str::from_utf8(window).expect("ASCII"))).map(<[u8]>::to_vec).collect()
}

#[test]
fn no_eight_characters_of_the_key_are_in_any_output() {
    let pieces = pieces();
    let files = Files::new();
    for (index, (_, text)) in forms(key()).iter().enumerate() {
        files.write(&format!("form-{index}"), text);
        files.write(&format!("cut-{index}"), &text[..text.len() / 2]);
        files.write(&format!("line-{index}"), [b"key: ", &text[..], b" # end"].concat());
    }
    for (index, (_, wrap)) in WRAPPINGS.iter().enumerate() {
        files.write(&format!("wrapping-{index}"), wrap(&key().to_pem()));
    }
    let altered = key_text().replace('A', "B");
    files.write("altered", altered);
    let folder = files.path("");
    let folder = folder.to_str().expect("UTF-8");
    for format in [&["scan", folder][..], &["scan", "--json", folder], &["scan", "--sarif", folder]] {
        for strict in [&[][..], &["--strict"]] {
            let outcome = library(&[format, strict].concat(), &[], b"");
            assert_eq!(outcome.status, 7);
            for output in [&outcome.stdout, &outcome.stderr] {
                let found = output.as_bytes().windows(8).find(|window| pieces.contains(*window));
                assert_eq!(found.map(String::from_utf8_lossy), None, "{format:?}");
            }
            assert!(outcome.stdout.contains(key().kid().as_str()));
        }
    }
    // The search finds what is there.
    assert!(format!("x{}", &key_text()[700..720]).as_bytes().windows(8).any(|window| pieces.contains(window)));
}

#[test]
fn a_key_is_named_by_place_form_size_and_kid() {
    let files = Files::new();
    files.write("a.env", format!("# é\nSCOUT_PRIVATE_KEY={}\n", key_text()));
    let path = files.path("a.env");
    let path = path.to_str().expect("UTF-8");
    let outcome = library(&["scan", path], &[], b"");
    let kid = key().kid();
    assert_eq!(outcome.stdout, format!("{path}:2:19: private key (base64url, 2048 bits), kid {kid}\n"));
    assert!(outcome.stderr.starts_with("1 file scanned: 1 private key\nhelp: "), "{outcome:?}");

    let found = &findings(7, &["-"], format!("é {}", &*key().to_pem()).as_bytes())[0];
    for (name, value) in [("path", "-"), ("form", "PEM"), ("kind", "private-key"), ("kid", kid.as_str())] {
        assert_eq!(found[name], value);
    }
    assert_eq!([&found["line"], &found["column"], &found["bits"]], [&1, &3, &2048]);
    assert_eq!([&found["error"], &found["commit"], &found["known_as"]], [&Value::Null; 3]);
}

#[test]
fn the_form_says_through_which_layers_a_key_was_found() {
    let pem = key().to_pem();
    for (text, form) in [
        (STANDARD.encode(&*pem), "PEM in base64"),
        (STANDARD.encode(&*key().to_jwk()), "JWK in base64"),
        (key().to_jwk().to_string(), "JWK"),
    ] {
        assert_eq!(findings(7, &["-"], text.as_bytes())[0]["form"], form);
    }
    assert_eq!(findings(7, &["-"], &key().to_der())[0]["form"], "DER");
    let mixed = [b"plain text first\n".to_vec(), key_text().bytes().flat_map(|byte| [byte, 0]).collect()].concat();
    let found = &findings(7, &["-"], &mixed)[0];
    assert!(["base64url in UTF-16", "base64 in UTF-16"].contains(&found["form"].as_str().expect("text")), "{found}");
}

#[test]
fn a_damaged_key_is_reported_with_its_error_if_asked_for() {
    let cut = &key_text()[..1000];
    assert!(findings(0, &["-"], cut.as_bytes()).is_empty());
    let found = &findings(7, &["--strict", "-"], cut.as_bytes())[0];
    assert_eq!((found["kind"].as_str(), found["error"].as_str()), (Some("damaged-key"), Some("ERR_KEY_TRUNCATED")));
    let said = library(&["scan", "--strict", "-"], &[], cut.as_bytes());
    assert!(said.stdout.contains("-:1:1: damaged private key (base64url): the key is cut short (ERR_KEY_TRUNCATED)"));
}

#[test]
fn live_tokens_and_expired_tokens_are_told_apart() {
    let live = format!("curl -H 'Authorization: Bearer {}'\n", token_issued(-10));
    let expired = format!("Authorization: Bearer {}.\n", token_issued(-4000));
    let found = &findings(7, &["-"], live.as_bytes())[0];
    assert_eq!((found["kind"].as_str(), found["kid"].as_str()), (Some("live-token"), Some(key().kid().as_str())));
    let found = findings(0, &["-"], expired.as_bytes());
    assert_eq!((found.len(), found[0]["kind"].as_str()), (1, Some("expired-token")));
    let outcome = library(&["scan", "-"], &[], expired.as_bytes());
    assert_eq!((outcome.status, outcome.stderr.as_str()), (0, "1 file scanned: 1 expired token\n"));
    // Another issuer's.
    let other = STANDARD.encode(r#"{"iss":"other","aud":"scout","sub":"scout","exp":9999999999}"#);
    assert!(findings(0, &["-"], format!("eyJhbGciOiJSUzI1NiJ9.{other}.AAAA").as_bytes()).is_empty());
}

#[test]
fn keys_say_which_credential_it_is_and_that_a_token_is_forged() {
    let files = Files::new();
    let mut jwk: Value = serde_json::from_str(&key().public_key().to_jwk()).expect("JSON");
    jwk["kid"] = "production".into();
    let set = files.write("keys.json", serde_json::json!({ "keys": [jwk] }).to_string());
    let text = format!("{}\n{}\n", key_text(), &*other_key().to_pem());
    let found = findings(7, &["--keys", &set, "-"], text.as_bytes());
    assert_eq!([&found[0]["known_as"], &found[1]["known_as"]], [&Value::from("production"), &Value::Null]);
    assert!(library(&["scan", "--keys", &set, "-"], &[], text.as_bytes()).stdout.contains(", known as production\n"));

    let token = token_issued(0);
    let forged = format!("{}{}", &token[..token.len() - 4], "AAAA");
    assert_eq!(findings(7, &["--keys", &set, "-"], token.as_bytes()).len(), 1);
    assert!(findings(0, &["--keys", &set, "-"], forged.as_bytes()).is_empty());
}

#[test]
fn a_line_can_allow_its_key() {
    let line = format!("KEY='{}' # scout-auth: allow {}\n", key_text(), key().kid());
    let pem = format!("# scout-auth: allow {}\n{}", key().kid(), &*key().to_pem());
    for text in [&line, &pem] {
        assert!(findings(0, &["-"], text.as_bytes()).is_empty());
        assert_eq!(library(&["scan", "-"], &[], text.as_bytes()).stderr, "1 file scanned: 1 allowed\n");
        let other = text.replace(key().kid().as_str(), other_key().kid().as_str());
        assert_eq!(findings(7, &["-"], other.as_bytes()).len(), 1);
    }
}

#[test]
fn sarif_has_the_rules_the_places_and_what_could_not_be_read() {
    let files = Files::new();
    files.write("a b.txt", format!("x\n {}", key_text()));
    let outcome = library(&["scan", "--sarif", files.path("").to_str().expect("UTF-8")], &[], b"");
    assert_eq!(outcome.status, 7);
    let log: Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    let result = &run["results"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
    assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]));
    let place = &result["locations"][0]["physicalLocation"];
    assert!(place["artifactLocation"]["uri"].as_str().expect("text").ends_with("/a%20b.txt"));
    assert_eq!(place["region"], serde_json::json!({ "startLine": 2, "startColumn": 2 }));
    assert!(result["partialFingerprints"]["pathAndKid/v1"].as_str().expect("text").ends_with(key().kid().as_str()));
}

#[test]
fn what_is_not_there_is_an_error_and_nothing_scanned_is_no_success() {
    let files = Files::new();
    let folder = files.path("");
    let folder = folder.to_str().expect("UTF-8");
    library(&["scan", folder], &[], b"").refused(3, "0 files scanned");
    library(&["scan", "/no/such/file"], &[], b"").refused(3, "path 1 of the command line cannot be read: No such file");
    // It may be a key that was given by mistake.
    let outcome = binary(&["scan", key_text()], &[], b"");
    outcome.refused(3, "path 1 of the command line cannot be read");
    library(&["scan", "--staged", "--all"], &[], b"").refused(2, "error: ");
    library(&["scan", "--json", "--sarif"], &[], b"").refused(2, "error: ");
    library(&["scan", "--keys", "-", "-"], &[], b"").refused(2, "cannot both be standard input");
}

#[test]
fn a_name_cannot_control_the_terminal() {
    let files = Files::new();
    files.write("a\u{1b}[2Jb\u{202e}.txt", key_text());
    let outcome = library(&["scan", files.path("").to_str().expect("UTF-8")], &[], b"");
    assert!(outcome.stdout.contains(r"a\u{1b}[2Jb\u{202e}.txt:1:1: "), "{outcome:?}");
}

#[test]
fn a_key_is_found_wherever_it_lies_in_a_large_stream() {
    let noise = b"Lorem ipsum dolor sit amet, consectetur adipiscing elit\n".repeat(20_000);
    for place in [1_000_000_usize, 1_048_570, 1_048_576] {
        for text in [key_text().as_bytes(), STANDARD.encode(&*key().to_pem()).as_bytes(), key().to_jwk().as_bytes()] {
            let stream = [&noise[..place - 700], b"\n", text, b"\n", &noise].concat();
            let found = findings(7, &["-"], &stream);
            assert_eq!(found.len(), 1, "{place}");
            let lines = stream[..place - 699].split(|byte| *byte == b'\n').count();
            assert_eq!((found[0]["line"].as_u64(), found[0]["column"].as_u64()), (Some(lines as u64), Some(1)));
        }
    }
}

#[test]
fn a_column_is_counted_from_the_start_of_a_line_of_any_length() {
    for (start, length) in [("", 3_000_000), ("one\n", 1_500_000)] {
        let stream = [start, &" ".repeat(length), key_text()].concat();
        let found = &findings(7, &["-"], stream.as_bytes())[0];
        assert_eq!(
            (found["line"].as_u64(), found["column"].as_u64()),
            (Some(1 + start.len() as u64 / 4), Some(length as u64 + 1))
        );
    }
}

#[test]
fn a_file_that_changes_its_encoding_is_read_in_both() {
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let start = utf16(&format!("\u{feff}a line before\r\nKEY={}\r\n", key_text()));
    let file = [&start[..], b"\nKEY=", other_key().to_base64url().as_bytes(), b"\n"].concat();
    let found = findings(7, &["-"], &file);
    let kids: Vec<_> = found.iter().map(|finding| finding["kid"].as_str().expect("text")).collect();
    assert_eq!(kids, [key().kid().as_str(), other_key().kid().as_str()]);
    assert_eq!([&found[0]["line"], &found[0]["column"]], [&2, &5]);
    assert_eq!(found[1]["column"], 5);
}

#[test]
fn each_key_of_several_is_found_however_they_stand_to_each_other() {
    let (first, second) = (key_text(), other_key().to_base64url());
    for (before, between) in (0..16).map(|n| (n / 4, n % 4)) {
        let text = format!("{first}\n{:a<before$} {}\n{:a<between$} {first}\n", "", *second, "");
        let found = findings(7, &["-"], text.as_bytes());
        let lines: Vec<_> = found.iter().map(|finding| finding["line"].as_u64()).collect();
        assert_eq!(lines, [Some(1), Some(2), Some(3)], "{before} {between}");
    }
}

#[test]
fn a_key_behind_an_object_that_does_not_end_is_found() {
    for object in [r#"{"kty":"RSA","d":"AQAB", "#, &format!("kty: RSA\n{}", key().to_jwk().replace(['{', '}'], ""))] {
        let text = format!("{object}\n{}\n", *other_key().to_base64url());
        let found = findings(7, &["-"], text.as_bytes());
        assert!(found.iter().any(|finding| finding["kid"] == other_key().kid().as_str()), "{object}");
    }
}

#[test]
fn a_file_made_to_look_like_keys_without_end_is_named_as_unread() {
    let text = |unit: &[u8]| unit.repeat(50_000 / unit.len());
    let words = "warning: - cannot be read: too much of it looks like a key\n";
    for unit in [
        &b"DANBgkqh:"[..],
        b"DANBgkqh=x",
        b"AAAA<DANBgkqh>",
        b"DANBgkqhADANBgkqhAADANBgkqhAAADANBgkqh",
        b"\n:DANBgkqh\n;DANBgkqh",
        b"eyJ.InNjb3V0I.a.",
        b"\x30\x82\x04\xa4\x02\x01\x00\x02\x82",
    ] {
        let outcome = library(&["scan", "-"], &[], &text(unit));
        assert_eq!(outcome.status, 3, "{}", String::from_utf8_lossy(unit));
        assert!(outcome.stderr.starts_with(words), "{outcome:?}");
    }
    let stream = [key_text().as_bytes(), b"\n", &text(b"DANBgkqh:")].concat();
    let outcome = library(&["scan", "-"], &[], &stream);
    assert_eq!(outcome.status, 7, "{outcome:?}");
    assert!(outcome.stdout.contains(key().kid().as_str()) && outcome.stderr.starts_with(words), "{outcome:?}");
}
