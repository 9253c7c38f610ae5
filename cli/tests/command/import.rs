//! `import`.

use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use scout_auth_cli::Streams;
use serde_json::Value;

use crate::harness::{Files, ID, Outcome, credential, key, key_text, library, other_key, reading};
use crate::terminal::{typed, typed_in_parts};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

/// The text of a credential of the key.
fn json() -> String {
    serde_json::json!({ "private_key": key_text(), "credential_id": ID, "kid": key().kid().as_str() }).to_string()
}

fn import(args: &[&str], environment: &[(&str, &str)], text: &str) -> Outcome {
    library(&[&["import"], args].concat(), environment, text.as_bytes())
}

/// Asserts that the file makes tokens.
#[track_caller]
fn assert_usable(path: &Path) {
    let path = path.to_str().expect("UTF-8");
    let files = Files::new();
    let token = library(&["token"], &[("SCOUT_CREDENTIAL_FILE", path)], b"").good();
    let text = library(&["verify", "--keys", &files.public_key()], &[], token.as_bytes()).good();
    assert!(text.contains(ID), "{text}");
}

#[test]
fn the_credential_goes_to_the_file_of_scouts_guides_which_only_its_owner_can_read() {
    for (name, path) in [("HOME", ".config/scoutos"), ("XDG_CONFIG_HOME", "scoutos")] {
        let files = Files::new();
        let home = files.path("").display().to_string();
        let outcome = import(&[], &[(name, &home)], &json());
        outcome.holds_no_key();
        let folder = files.path(path);
        let file = folder.join("credential.jwk.json");
        let said = outcome.good();
        for words in [ID, key().kid().as_str(), &format!("set SCOUT_CREDENTIAL_FILE to {}\n", file.display())] {
            assert!(said.contains(words), "{said}");
        }
        assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
        let written = fs::read_to_string(&file).expect("the file");
        let [written, expected] = [&written, &json()].map(|text| serde_json::from_str::<Value>(text).expect("JSON"));
        assert_eq!(written, expected);
        assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 1, "a temporary file is left");
        assert_usable(&file);
    }
    import(&[], &[], &json()).refused(3, "HOME is not set");
    import(&[], &[("HOME", "relative")], &json()).refused(3, "HOME is not set");
}

#[test]
fn every_form_is_read_and_the_id_comes_from_the_option_the_text_or_the_variable() {
    let files = Files::new();
    let out = files.path("out.json").display().to_string();
    let issued = format!(r#"{{"credential":{{"id":"{ID}"}},"private_key":"{}"}}"#, key_text());
    for (text, args, environment) in [
        (key_text(), &["--credential-id", ID][..], &[][..]),
        (&key().to_pem(), &[], &[("SCOUT_CREDENTIAL_ID", ID)][..]),
        (&key().to_jwk(), &["--credential-id", ID], &[("SCOUT_CREDENTIAL_ID", "other")]),
        (&issued, &[], &[("SCOUT_CREDENTIAL_ID", "other")]),
        (&format!("SCOUT_PRIVATE_KEY={}\nSCOUT_CREDENTIAL_ID={ID}\n", key_text()), &[], &[]),
    ] {
        let json = import(&[&["--out", &out, "--force", "--json"], args].concat(), environment, text).json();
        let expected = serde_json::json!({ "path": out, "credential_id": ID, "kid": key().kid().as_str() });
        assert_eq!(json, expected, "{text}");
        assert_usable(Path::new(&out));
    }
    let file = files.write("given.json", json());
    import(&[&file, "--out", &out, "--force"], &[], "").good();
    assert_usable(Path::new(&out));
}

#[test]
fn a_file_is_never_replaced_without_force_and_is_whole_at_each_moment() {
    let files = Files::new();
    let out = files.write("out.json", "mine");
    let environment = [("SCOUT_CREDENTIAL_FILE", &*out)];
    let outcome = import(&[], &environment, &json());
    outcome.refused(1, "the credential file cannot be written: there is one already");
    assert!(outcome.stderr.contains("--force"));
    assert_eq!(fs::read_to_string(&out).expect("the file"), "mine");
    // What reads the old file goes on reading the old file.
    let before = fs::File::open(&out).expect("the file");
    let link = files.path("link.json");
    symlink(&out, &link).expect("a link");
    let through_link = [("SCOUT_CREDENTIAL_FILE", link.to_str().expect("UTF-8"))];
    let said = import(&["--force"], &through_link, &json()).good();
    assert!(!said.contains("to use it"), "{said}");
    assert_eq!(io::read_to_string(before).expect("read"), "mine");
    assert!(link.symlink_metadata().expect("a link").is_symlink());
    assert_eq!(mode(Path::new(&out)), 0o600);
    assert_usable(Path::new(&out));
    // A link to nothing is there already, too.
    symlink("nowhere", files.path("broken")).expect("a link");
    let broken = files.path("broken").display().to_string();
    import(&["--out", &broken], &[], &json()).refused(1, "there is one already");
}

/// A text during whose reading somebody else makes a file.
struct Meanwhile<'a>(&'a Path, &'a [u8]);

impl Read for Meanwhile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        fs::write(self.0, "theirs")?;
        self.1.read(buffer)
    }
}

#[test]
fn a_file_that_appears_meanwhile_is_not_replaced_either() {
    let files = Files::new();
    let out = files.path("out.json");
    let args = ["import", "--out", out.to_str().expect("UTF-8")];
    let outcome = reading(&mut Meanwhile(&out, json().as_bytes()), Streams::default(), &args, &[]);
    outcome.refused(1, "there is one already");
    assert_eq!(fs::read_to_string(&out).expect("the file"), "theirs");
    assert_eq!(fs::read_dir(files.path("")).expect("the folder").count(), 1, "a temporary file is left");
}

#[test]
fn what_is_no_credential_is_refused_and_nothing_is_written() {
    let files = Files::new();
    let out = files.path("out.json").display().to_string();
    let other = json().replace(key().kid().as_str(), other_key().kid().as_str());
    let cut = &key_text()[..key_text().len() - 5];
    for (text, args, status, words) in [
        (other.as_str(), &[][..], 4, "the expected kid belongs to another key"),
        (cut, &["--credential-id", ID], 4, "the key is cut short"),
        (&key().public_key().to_pem(), &["--credential-id", ID], 4, "this is a public key"),
        ("scout_legacy_0123456789", &["--credential-id", ID], 4, "this looks like a legacy API key"),
        (key_text(), &[], 3, "credential_id"),
        (key_text(), &["--credential-id", "two words"], 3, "the credential id"),
        (key_text(), &["--credential-id", key().kid().as_str()], 3, "the credential id"),
        (&json(), &["--credential-id", "other"], 3, "another id than --credential-id"),
        ("{\"private_key\":", &[], 3, "JSON"),
        ("  \n", &[], 3, "the input is empty"),
    ] {
        let outcome = import(&[&["--out", &out], args].concat(), &[], text);
        outcome.refused(status, words);
        assert_eq!(fs::read_dir(files.path("")).expect("the folder").count(), 0, "{text}");
    }
    import(&["no-such-file", "--out", &out], &[], "").refused(3, "the credential cannot be read");
    let folder = files.path("").display().to_string();
    import(&["--out", &folder, "--force"], &[], &json()).refused(1, "the credential file cannot be written");
}

#[test]
fn a_folder_that_others_can_write_to_is_warned_of() {
    let files = Files::new();
    let folder = files.path("open");
    fs::create_dir(&folder).expect("a folder");
    fs::set_permissions(&folder, PermissionsExt::from_mode(0o777)).expect("set");
    let out = folder.join("credential.json").display().to_string();
    let outcome = import(&["--out", &out], &[], &json());
    assert_eq!(outcome.status, 0);
    assert!(outcome.stderr.starts_with("warning: others can replace the credential file"), "{outcome:?}");
}

#[test]
fn a_pasted_credential_is_not_shown_and_a_missing_id_is_asked_for() {
    let files = Files::new();
    let out = files.path("out.json").display().to_string();
    let screen = typed(&["import", "--out", &out], &format!("{}\n", json()));
    assert!(screen.stdout.contains("\nstatus 0, ") && screen.stdout.contains(ID), "{screen:?}");
    assert_usable(Path::new(&out));
    fs::remove_file(&out).expect("removed");
    let screen = typed_in_parts(&["import", "--out", &out], &[&format!("{}\n", key_text()), &format!("{ID}\n")]);
    assert!(screen.stdout.contains("Paste the credential id"), "{screen:?}");
    assert!(screen.stdout.contains("\nstatus 0, "), "{screen:?}");
    assert_usable(Path::new(&out));
    // The file is there: nothing is asked for.
    let outcome = library(&["import", "--out", &out], &credential(), b"");
    outcome.refused(1, "there is one already");
}
