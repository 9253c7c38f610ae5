//! Environments: the credential of each, and the error of one that is incomplete.

mod common;

use std::collections::HashMap;
use std::ffi::OsString;
use std::time::Duration;

use common::{KEY, KEY_TEXT};
use scout_auth::{ApiKey, Credential, Environment, Error, PrivateKey, Result, Settings, Signer};

fn read(variables: &[(&str, &str)]) -> Result<Credential> {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    let variable = |name: &str| variables.get(name).map(OsString::from);
    Credential::from_environment(&Environment::new(&variable), Settings::default())
}

fn missing(variable: &'static str) -> Error {
    Error::VariableMissing { variable }
}

#[test]
fn an_org_credential_makes_a_signer() {
    let kid = format!("{}\n", KEY.kid());
    for variables in [
        &[("SCOUT_PRIVATE_KEY", KEY_TEXT.as_str()), ("SCOUT_CREDENTIAL_ID", "cred_1\n")][..],
        &[("SCOUT_PRIVATE_KEY", KEY_TEXT.as_str()), ("SCOUT_CREDENTIAL_ID", "cred_1"), ("SCOUT_KID", &kid)],
        &[("SCOUT_PRIVATE_KEY", KEY_TEXT.as_str()), ("SCOUT_CREDENTIAL_ID", "cred_1"), ("SCOUT_API_KEY", "legacy")],
        &[("SCOUT_PRIVATE_KEY", KEY_TEXT.as_str()), ("SCOUT_CREDENTIAL_ID", "cred_1"), ("SCOUT_KID", "")],
    ] {
        let Ok(Credential::Signer(signer)) = read(variables) else { panic!("{:?}", read(variables)) };
        assert_eq!((signer.credential_id().as_str(), signer.kid()), ("cred_1", KEY.kid()));
    }
}

#[test]
fn an_environment_takes_the_settings_of_a_signer() {
    let variables = HashMap::from([
        ("SCOUT_PRIVATE_KEY", KEY_TEXT.as_str()),
        ("SCOUT_CREDENTIAL_ID", "'cred_1'"),
        ("SCOUT_KID", "the kid of another key"),
    ]);
    let variable = |name: &str| variables.get(name).map(OsString::from);
    let environment = Environment::new(&variable);
    let settings = Settings {
        kid: Some(KEY.kid().to_string()),
        lifetime: Some(Duration::from_secs(90)),
        allowed_origins: Some(vec!["https://api.scoutos.com".to_owned()]),
        ..Settings::default()
    };
    let signer = Signer::from_environment(&environment, settings.clone()).unwrap();
    assert_eq!((signer.credential_id().as_str(), signer.kid()), ("cred_1", KEY.kid()));
    let token = signer.mint().unwrap();
    assert_eq!(token.expires_at() - token.issued_at(), 90);
    let credential = Credential::from_environment(&environment, settings).unwrap();
    assert_eq!(credential.authorization_for("https://example.com/"), Err(Error::OriginNotAllowed));
    assert_eq!(Signer::from_environment(&environment, Settings::default()).unwrap_err(), Error::KidMalformed);
}

#[test]
fn the_allowed_origins_hold_for_a_legacy_key_too() {
    let variable = |name: &str| (name == "SCOUT_API_KEY").then(|| OsString::from("legacy"));
    let settings = |origin: &str| Settings { allowed_origins: Some(vec![origin.to_owned()]), ..Settings::default() };
    let read = |settings| Credential::from_environment(&Environment::new(&variable), settings);
    let credential = read(settings("https://api.scoutos.com")).unwrap();
    assert_eq!(credential.authorization_for("https://example.com/"), Err(Error::OriginNotAllowed));
    assert_eq!(credential.authorization_for("https://api.scoutos.com/"), Ok("Bearer legacy".to_owned()));
    assert_eq!(read(settings("*")).unwrap_err(), Error::Origin);
    let key = ApiKey::from_environment(&Environment::new(&variable)).unwrap();
    assert_eq!(key.authorization(), "Bearer legacy");
    let missing = ApiKey::from_environment(&Environment::new(&|_| None)).unwrap_err();
    assert_eq!(missing, Error::VariableMissing { variable: "SCOUT_API_KEY" });
}

#[test]
fn a_legacy_key_makes_an_api_key() {
    for variables in [
        &[("SCOUT_API_KEY", "legacy")][..],
        &[("SCOUT_API_KEY", "legacy\n"), ("SCOUT_PRIVATE_KEY", ""), ("SCOUT_CREDENTIAL_ID", "")],
    ] {
        let credential = read(variables).unwrap();
        assert!(matches!(credential, Credential::ApiKey(_)));
        assert_eq!(credential.authorization().unwrap(), "Bearer legacy");
        assert_eq!(credential.bearer().unwrap(), "legacy");
        assert!(!credential.rejected("legacy", None));
        assert_eq!(credential.authorization_for("http://example.com/"), Err(Error::UrlInsecure));
    }
    assert_eq!(read(&[("SCOUT_API_KEY", "two words")]).unwrap_err(), Error::ApiKey);
}

#[test]
fn a_half_set_environment_names_what_is_missing() {
    let key = ("SCOUT_PRIVATE_KEY", KEY_TEXT.as_str());
    let api_key = ("SCOUT_API_KEY", "legacy");
    for (variables, variable) in [
        (&[][..], "SCOUT_PRIVATE_KEY"),
        (&[key], "SCOUT_CREDENTIAL_ID"),
        (&[key, api_key], "SCOUT_CREDENTIAL_ID"),
        (&[key, ("SCOUT_CREDENTIAL_ID", "")], "SCOUT_CREDENTIAL_ID"),
        (&[("SCOUT_CREDENTIAL_ID", "c")], "SCOUT_PRIVATE_KEY"),
        (&[("SCOUT_CREDENTIAL_ID", "c"), api_key], "SCOUT_PRIVATE_KEY"),
        (&[("SCOUT_KID", "x"), api_key], "SCOUT_PRIVATE_KEY"),
    ] {
        let error = read(variables).unwrap_err();
        assert_eq!(error, missing(variable));
        assert!(error.to_string().contains(variable));
    }
}

#[test]
fn a_key_file_may_hold_the_key_in_any_form() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    for contents in [KEY_TEXT.as_bytes(), format!("{}\n", *KEY_TEXT).as_bytes(), KEY.to_pem().as_bytes(), &KEY.to_der()]
    {
        std::fs::write(path, contents).unwrap();
        let credential = read(&[("SCOUT_PRIVATE_KEY_FILE", path), ("SCOUT_CREDENTIAL_ID", "c")]).unwrap();
        assert!(matches!(credential, Credential::Signer(signer) if signer.kid() == KEY.kid()));
    }
    std::fs::write(path, "A".repeat(70_000)).unwrap();
    assert_eq!(PrivateKey::read_file(path).unwrap_err(), Error::KeyTextTooLong);
    let both = [("SCOUT_PRIVATE_KEY_FILE", path), ("SCOUT_PRIVATE_KEY", "x"), ("SCOUT_CREDENTIAL_ID", "c")];
    assert_eq!(
        read(&both).unwrap_err(),
        Error::VariableConflict { first: "SCOUT_PRIVATE_KEY", second: "SCOUT_PRIVATE_KEY_FILE" }
    );
}

#[test]
fn an_unreadable_key_file_says_why() {
    let error = PrivateKey::read_file("/nonexistent/key").unwrap_err();
    assert_eq!(error, Error::KeyFile { kind: std::io::ErrorKind::NotFound });
    assert!(error.to_string().starts_with("the key file cannot be read: No such file or directory"));
    assert!(matches!(PrivateKey::read_file("/"), Err(Error::KeyFile { .. })));
}

#[test]
fn faults_of_the_credential_come_through() {
    let key = ("SCOUT_PRIVATE_KEY", KEY_TEXT.as_str());
    let public = KEY.public_key().to_base64url();
    let id = ("SCOUT_CREDENTIAL_ID", "c");
    assert_eq!(read(&[("SCOUT_PRIVATE_KEY", &public), id]).unwrap_err(), Error::KeyIsPublic);
    assert_eq!(read(&[key, ("SCOUT_CREDENTIAL_ID", "a b")]).unwrap_err(), Error::CredentialId);
    assert_eq!(read(&[key, id, ("SCOUT_KID", "x")]).unwrap_err(), Error::KidMalformed);
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_named() {
    use std::os::unix::ffi::OsStringExt as _;
    let bytes = |name: &str| (name == "SCOUT_PRIVATE_KEY").then(|| OsString::from_vec(vec![0xff]));
    let error = Signer::from_environment(&Environment::new(&bytes), Settings::default()).unwrap_err();
    assert_eq!(error, Error::VariableNotText { variable: "SCOUT_PRIVATE_KEY" });
}

#[test]
fn a_private_key_in_the_variable_of_the_api_key_signs_if_a_credential_id_is_set() {
    let with_id = [("SCOUT_API_KEY", KEY_TEXT.as_str()), ("SCOUT_CREDENTIAL_ID", "cred_1")];
    let Ok(Credential::Signer(signer)) = read(&with_id) else { panic!("a signer") };
    assert_eq!((signer.credential_id().as_str(), signer.kid()), ("cred_1", KEY.kid()));
    let Ok(Credential::ApiKey(key)) = read(&with_id[..1]) else { panic!("an API key") };
    assert_eq!(key.authorization(), format!("Bearer {}", *KEY_TEXT));
}

#[test]
fn variables_that_name_two_places_of_the_credential_are_refused_by_name() {
    let places = [
        ("SCOUT_PRIVATE_KEY", KEY_TEXT.as_str()),
        ("SCOUT_PRIVATE_KEY_FILE", "/key"),
        ("SCOUT_CREDENTIAL_FILE", "/credential.json"),
        ("SCOUT_CREDENTIAL_COMMAND", "[\"true\"]"),
    ];
    for (at, first) in places.iter().enumerate() {
        for second in &places[at + 1..] {
            let error = read(&[*second, *first]).unwrap_err();
            assert_eq!(error, Error::VariableConflict { first: first.0, second: second.0 });
        }
    }
}

#[cfg(unix)]
#[test]
fn a_credential_file_of_the_environment_makes_a_signer_and_contradicts_no_other_id() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("credential.json");
    let text = format!(r#"{{"private_key":"{}","credential_id":"cred_1"}}"#, *KEY_TEXT);
    std::fs::write(&path, &text).unwrap();
    let file = ("SCOUT_CREDENTIAL_FILE", path.to_str().unwrap());
    for variables in [&[file][..], &[file, ("SCOUT_CREDENTIAL_ID", "cred_1")]] {
        let Ok(Credential::Signer(signer)) = read(variables) else { panic!("{:?}", read(variables)) };
        assert_eq!(signer.credential_id(), "cred_1");
    }
    let other = read(&[file, ("SCOUT_CREDENTIAL_ID", "cred_2")]).unwrap_err();
    let expected = Error::VariableConflict { first: "SCOUT_CREDENTIAL_FILE", second: "SCOUT_CREDENTIAL_ID" };
    assert_eq!(other, expected);
    let command = serde_json::json!(["cat", path]).to_string();
    let Ok(Credential::Signer(signer)) = read(&[("SCOUT_CREDENTIAL_COMMAND", &command)]) else { panic!("a signer") };
    assert_eq!(signer.credential_id(), "cred_1");
    for wrong in ["cat credential.json", "[]", "[1]", "\"cat\""] {
        assert_eq!(read(&[("SCOUT_CREDENTIAL_COMMAND", wrong)]).unwrap_err(), Error::CommandArguments, "{wrong}");
    }
}
