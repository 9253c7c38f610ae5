//! What each subcommand does.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use scout_auth::{PrivateKey, PublicKey, Verifier};

use crate::harness::{Files, ID, binary, credential, key, key_text, library, other_key, token_issued};

fn verifier() -> Verifier {
    Verifier::new([key().public_key().clone()]).unwrap()
}

#[test]
fn token_prints_a_token_that_verifies() {
    let token = library(&["token"], &credential(), b"").good();
    let claims = verifier().verify(token.strip_suffix('\n').expect("a line")).expect("accepted");
    assert_eq!((claims.credential_id.as_str(), claims.expires_at - claims.issued_at), (ID, 300));
}

#[test]
fn token_as_json_says_when_it_was_issued_and_expires() {
    let json = library(&["token", "--json", "--lifetime", "60"], &credential(), b"").json();
    let claims = verifier().verify(json["token"].as_str().expect("text")).expect("accepted");
    assert_eq!(
        (json["issued_at"].as_u64(), json["expires_at"].as_u64()),
        (claims.issued_at.into(), claims.expires_at.into())
    );
    assert_eq!(claims.expires_at - claims.issued_at, 60);
}

#[test]
fn options_come_before_their_variables() {
    let kid = key().kid().to_string();
    let environment = [("SCOUT_PRIVATE_KEY", key_text()), ("SCOUT_CREDENTIAL_ID", "other"), ("SCOUT_KID", "wrong")];
    let token = library(&["token", "--credential-id", ID, "--kid", &kid], &environment, b"").good();
    assert_eq!(verifier().verify(token.trim()).expect("accepted").credential_id, ID);
}

#[test]
fn roles_claims_and_a_kid_for_the_header_go_into_the_token() {
    let args =
        ["token", "--role", "member", "--role", "viewer", "--claim", "team=web", "--claim", "limits={\"runs\":5}"];
    let token = library(&[&args[..], &["--claim", "n=1", "--claim", "t=a=b"]].concat(), &credential(), b"").good();
    let claims = verifier().verify(token.trim()).expect("verified");
    assert_eq!(claims.roles, Some(vec!["member".to_owned(), "viewer".to_owned()]));
    let end = r#""roles":["member","viewer"],"team":"web","limits":{"runs":5},"n":1,"t":"a=b"}"#;
    assert!(claims.json.ends_with(end), "{}", claims.json);
    let shown = library(&["inspect"], &[], token.as_bytes()).good();
    assert!(shown.contains("  roles   [\"member\",\"viewer\"]\n"), "{shown}");

    let token = library(&["token", "--header-kid", "key-2026"], &credential(), b"").good();
    let shown = library(&["inspect", "--json"], &[], token.as_bytes()).json();
    assert_eq!(shown["header"]["kid"], "key-2026");
    assert!(shown["help"].as_str().is_some_and(|help| help.ends_with("unless Scout itself shows this one")));
    for (option, value, status, words) in [
        ("--claim", "iss=me", 3, "the further claims cannot be used"),
        ("--role", "two words", 3, "the roles are not"),
        ("--header-kid", "", 3, "the kid for the header"),
        ("--claim", "secret", 2, "a claim has no ="),
    ] {
        library(&["token", option, value], &credential(), b"").refused(status, words);
    }
}

#[test]
fn a_credential_file_makes_the_token() {
    let files = Files::new();
    let file = files.credential();
    let wrong = [("SCOUT_PRIVATE_KEY", "no key")];
    let token = library(&["token", "--credential-file", &file], &wrong, b"").good();
    assert_eq!(verifier().verify(token.trim()).expect("verified").credential_id, ID);
    let environment = [("SCOUT_CREDENTIAL_FILE", &*file)];
    let header = library(&["authorization", "--lifetime", "60"], &environment, b"").good();
    verifier().verify(header.trim().strip_prefix("Bearer ").expect("a header")).expect("verified");
    assert_eq!(library(&["kid"], &environment, b"").good().trim(), key().kid().as_str());
    let public = library(&["pem", "--public"], &environment, b"").good();
    assert_eq!(public, key().public_key().to_pem());
    let half = files.write("half.json", format!("{{\"private_key\":\"{}\"}}", key_text()));
    let token = library(&["token", "--credential-file", &half, "--credential-id", "cred_9"], &[], b"").good();
    assert_eq!(verifier().verify(token.trim()).expect("verified").credential_id, "cred_9");
    library(&["token", "--credential-file", &file, "--key-file", "x"], &[], b"").refused(2, "--credential-file");
    library(&["token", "--credential-id", "other"], &environment, b"").refused(3, "contradict each other");
}

#[test]
fn authorization_prints_the_header_value() {
    let value = library(&["authorization"], &credential(), b"").good();
    let token = value.strip_prefix("Bearer ").expect("Bearer in front");
    assert_eq!(verifier().verify(token.trim()).expect("accepted").credential_id, ID);
}

#[test]
fn authorization_prints_the_whole_header_line_or_json() {
    let legacy = [("SCOUT_API_KEY", r#"quote"and\backslash"#)];
    let line = library(&["authorization", "--header"], &legacy, b"").good();
    assert_eq!(line, "Authorization: Bearer quote\"and\\backslash\n");
    let json = library(&["authorization", "--json"], &legacy, b"").json();
    assert_eq!(json, serde_json::json!({ "Authorization": r#"Bearer quote"and\backslash"# }));
    let line = library(&["authorization", "--header"], &credential(), b"").good();
    let token = line.strip_prefix("Authorization: Bearer ").expect("the header");
    assert_eq!(verifier().verify(token.trim()).expect("accepted").credential_id, ID);
}

#[test]
fn authorization_sends_a_legacy_key_as_it_is() {
    let legacy = [("SCOUT_API_KEY", "scout_legacy_0123")];
    assert_eq!(library(&["authorization"], &legacy, b"").good(), "Bearer scout_legacy_0123\n");
    let both = [credential()[0], credential()[1], legacy[0]];
    assert!(library(&["authorization"], &both, b"").good().starts_with("Bearer eyJ"));
    let asked = library(&["authorization", "--credential-id", ID], &legacy, key_text().as_bytes()).good();
    assert!(asked.starts_with("Bearer eyJ"));
}

#[test]
fn pem_converts_both_ways() {
    let pem = library(&["pem"], &credential(), b"").good();
    assert_eq!(pem, *key().to_pem());
    let back = library(&["pem", "--base64url"], &[], pem.as_bytes()).good();
    assert_eq!(back.trim_end(), key_text());
}

#[test]
fn pem_writes_the_public_key_of_either_key() {
    let public = key().public_key();
    for given in [key_text(), &public.to_base64url()] {
        assert_eq!(library(&["pem", "--public"], &[], given.as_bytes()).good(), public.to_pem());
        let text = library(&["pem", "--public", "--base64url"], &[], given.as_bytes()).good();
        assert_eq!(text.trim_end(), public.to_base64url());
    }
    assert_eq!(library(&["pem"], &[], public.to_base64url().as_bytes()).good(), public.to_pem());
}

#[test]
fn kid_is_that_of_either_key_in_any_form() {
    let (kid, public) = (key().kid(), key().public_key());
    for given in [key_text().as_bytes(), key().to_pem().as_bytes(), &key().to_der(), public.to_jwk().as_bytes()] {
        assert_eq!(library(&["kid"], &[], given).good(), format!("{kid}\n"));
    }
    assert_eq!(library(&["kid", "--json"], &credential(), b"").json()["kid"], kid.as_str());
}

#[test]
fn kid_all_shows_the_hashes_of_the_spki_too() {
    let files = Files::new();
    let all = library(&["kid", "--all"], &[credential()[0]], b"").good();
    let json = library(&["kid", "--all", "--json"], &[credential()[0]], b"").json();
    let [hex, base64url] =
        ["spki_sha256_hex", "spki_sha256_base64url"].map(|name| json[name].as_str().expect("a text"));
    assert_eq!(
        all.lines().map(|line| line.rsplit(' ').next().expect("a word")).collect::<Vec<_>>(),
        [key().kid().as_str(), base64url, hex]
    );
    let file = files.write("public.der", key().public_key().to_der());
    let openssl = Command::new("openssl").args(["dgst", "-sha256", "-binary", &file]).output().expect("openssl").stdout;
    assert_eq!(base64url, URL_SAFE_NO_PAD.encode(&openssl));
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"));
    assert_eq!(bytes.collect::<Vec<_>>(), openssl);
}

#[test]
fn keygen_prints_lines_that_are_an_environment() {
    let lines = binary(&["keygen"], &[], b"").good();
    let value = |name: &str| lines.lines().find_map(|line| line.strip_prefix(name)).expect("a line").to_owned();
    let (private, kid) = (value("SCOUT_PRIVATE_KEY="), value("SCOUT_KID="));
    let environment = [("SCOUT_PRIVATE_KEY", private.as_str()), ("SCOUT_KID", &kid), ("SCOUT_CREDENTIAL_ID", ID)];
    let token = library(&["token"], &environment, b"").good();
    let public = PublicKey::parse(value("# The public key: ")).expect("a public key");
    assert!(Verifier::new([public]).unwrap().verify(token.trim()).is_ok());
}

#[test]
fn keygen_as_json_makes_a_key_of_the_requested_size() {
    let json = library(&["keygen", "--bits", "3072", "--json"], &[], b"").json();
    let key = PrivateKey::parse(json["private_key"].as_str().expect("text")).expect("a private key");
    assert_eq!((key.bits(), json["kid"].as_str()), (3072, Some(key.kid().as_str())));
    assert_eq!(json["public_key"], key.public_key().to_base64url());
}

#[test]
fn keygen_writes_a_new_file_that_only_its_owner_can_read() {
    let files = Files::new();
    let path = files.path(".env");
    let out = path.to_str().expect("UTF-8");
    assert_eq!(library(&["keygen", "--out", out], &[], b"").good(), "");
    let lines = std::fs::read_to_string(&path).expect("the file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
    }
    library(&["keygen", "--out", out], &[], b"").refused(1, "error: the file of --out cannot be written: File exists");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), lines);
    let filled = lines.replace("SCOUT_CREDENTIAL_ID=\n", &format!("SCOUT_CREDENTIAL_ID={ID}\n"));
    let variables: Vec<_> = filled.lines().filter_map(|line| line.split_once('=')).collect();
    let outcome = library(&["doctor"], &variables, b"");
    assert!(outcome.stdout.lines().all(|line| line.starts_with("ok  ")), "{outcome:?}");
}

/// A token with that header and those claims. Its signature is not one.
fn unsigned(header: &str, claims: &str) -> String {
    use base64::Engine as _;
    let segment = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.AAAA", segment(header), segment(claims))
}

#[test]
fn inspect_shows_a_token_and_says_that_it_is_not_verified() {
    let text = library(&["inspect"], &[], token_issued(0).as_bytes()).good();
    assert!(text.starts_with("not verified: ") && !text.contains("refuse"), "{text}");
    for words in [r#"alg  "RS256""#, r#"iss  "scout""#, r#"sub  "cred_123""#, ", expires in ", "Z, issued "] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn inspect_says_without_a_key_why_scout_would_refuse() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let good = format!(r#"{{"alg":"RS256","kid":"{}"}}"#, key().kid());
    let claims = |iat: u64, exp: u64| format!(r#"{{"iss":"scout","sub":"c","iat":{iat},"exp":{exp}}}"#);
    let right = claims(now, now + 300);
    assert!(!library(&["inspect"], &[], unsigned(&good, &right).as_bytes()).good().contains("refuse"));
    for (header, claims, code, words) in [
        (r#"{"alg":"none"}"#, &right, "ERR_TOKEN_ALGORITHM", "RS256"),
        (r#"{"alg":"HS256","kid":"x"}"#, &right, "ERR_TOKEN_ALGORITHM", "RS256"),
        (r#"{"alg":"RS256"}"#, &right, "ERR_TOKEN_KID_MISSING", "kid"),
        (r#"{"alg":"RS256","kid":"my key"}"#, &right, "ERR_TOKEN_KID_UNKNOWN", "is not an RFC 7638 thumbprint"),
        (&good, &right.replace("scout", "me"), "ERR_TOKEN_ISSUER", "iss"),
        (&good, &right.replace(r#""iss":"scout","#, ""), "ERR_TOKEN_CLAIM", "iss"),
        (&good, &right.replace(r#""sub":"c","#, ""), "ERR_TOKEN_CLAIM", "sub"),
        (&good, &claims(now, now + 3600), "ERR_TOKEN_LIFETIME", "300"),
        (&good, &claims(now * 1000, now * 1000 + 300_000), "ERR_TOKEN_LIFETIME", "milliseconds"),
        (&good, &claims(now * 1000, now * 1000 + 300), "ERR_TOKEN_FROM_FUTURE", "milliseconds"),
        (&good, &claims(now - 900, now - 600), "ERR_TOKEN_EXPIRED", "expired"),
        (&good, &right.replace(r#""sub":"c""#, r#""sub":"c","sub":"d""#), "ERR_TOKEN_MALFORMED", "occurs twice"),
    ] {
        let token = unsigned(header, claims);
        let text = library(&["inspect"], &[], token.as_bytes()).good();
        let refusal: Vec<_> = text.lines().skip(1).take(2).collect();
        let refusal = refusal.join("\n");
        assert!(refusal.starts_with("Scout would refuse it: ") && refusal.contains(&format!(" ({code})\n")), "{text}");
        assert!(refusal.contains(words), "{text}");
        let json = library(&["inspect", "--json"], &[], token.as_bytes()).json();
        assert_eq!((&json["verified"], &json["error"]), (&false.into(), &code.into()));
    }
}

#[test]
fn inspect_shows_claims_in_their_order_and_duplicates_as_they_are() {
    let token = unsigned(r#"{"typ":"JWT","alg":"RS256"}"#, r#"{"sub":"a","iat":1.5,"sub":"b"}"#);
    let text = library(&["inspect"], &[], token.as_bytes()).good();
    assert!(text.ends_with("claims\n  sub  \"a\"\n  iat  1.5\n  sub  \"b\"\n"), "{text}");
    let json = library(&["inspect", "--json"], &[], token.as_bytes()).good();
    let end = r#""header":{"typ":"JWT","alg":"RS256"},"claims":{"sub":"a","iat":1.5,"sub":"b"}}"#;
    assert!(json.ends_with(&format!("{end}\n")), "{json}");
}

#[test]
fn inspect_and_verify_take_what_token_and_authorization_print() {
    let files = Files::new();
    let keys = files.public_key();
    for args in [
        &["token", "--json"][..],
        &["authorization"],
        &["authorization", "--header"],
        &["authorization", "--json"],
        &["headers"],
    ] {
        let printed = library(args, &credential(), b"").good();
        for read in [&["inspect", "--keys", &keys][..], &["verify", "--keys", &keys]] {
            library(read, &[], printed.as_bytes()).good();
        }
    }
    let lower = format!("authorization:bearer   {}", token_issued(0));
    library(&["verify", "--keys", &keys], &[], lower.as_bytes()).good();
}

#[test]
fn inspect_verifies_when_keys_are_given() {
    let files = Files::new();
    let keys = files.public_key();
    let token = token_issued(0);
    let text = library(&["inspect", "--keys", &keys], &[], token.as_bytes()).good();
    assert!(text.starts_with(&format!("verified with the key {}\n", key().kid())), "{text}");
    let json = library(&["inspect", "--keys", &keys, "--json"], &[], token.as_bytes()).json();
    assert_eq!((&json["verified"], &json["error"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!((&json["header"]["alg"], &json["claims"]["sub"]), (&"RS256".into(), &ID.into()));
}

#[test]
fn inspect_shows_a_refused_token_and_fails() {
    let files = Files::new();
    let keys = files.public_key();
    let token = token_issued(-1000);
    let outcome = library(&["inspect", "--keys", &keys], &[], token.as_bytes());
    outcome.refused(5, "error: the token has expired");
    assert!(outcome.stdout.starts_with("refused: ") && outcome.stdout.contains(", expired "), "{outcome:?}");
    let outcome = library(&["inspect", "--keys", &keys, "--json"], &[], token.as_bytes());
    let json: serde_json::Value = serde_json::from_str(&outcome.stdout).expect("JSON");
    assert_eq!((&json["verified"], &json["error"]), (&false.into(), &"ERR_TOKEN_EXPIRED".into()));
    assert_eq!(outcome.status, 5);
}

#[test]
fn inspect_escapes_what_would_steer_a_terminal() {
    use base64::Engine as _;
    let segment = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let claims = "{\"sub\":\"\u{202e}\u{9b}31m\\u001b[2J\",\"\\u001b[1m\u{7f}\":1}";
    let token = format!("{}.{}.AA", segment(r#"{"alg":"none"}"#), segment(claims));
    for args in [&["inspect"][..], &["inspect", "--json"]] {
        let text = library(args, &[], token.as_bytes()).good();
        assert!(text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{text:?}");
    }
}

#[test]
fn verify_accepts_by_a_public_key_and_by_a_set() {
    let files = Files::new();
    let set = Verifier::new([key().public_key().clone(), other_key().public_key().clone()]).unwrap().to_jwk_set();
    for keys in
        [files.public_key(), files.write("public.der", key().public_key().to_der()), files.write("set.json", set)]
    {
        let text = library(&["verify", "--keys", &keys], &[], token_issued(0).as_bytes()).good();
        assert!(text.starts_with("verified with the key ") && text.contains(r#"sub  "cred_123""#), "{text}");
    }
}

#[test]
fn verify_as_json_prints_the_claims() {
    let files = Files::new();
    let args = ["verify", "--json", "--keys", &files.public_key()];
    let json = library(&args, &[], token_issued(0).as_bytes()).json();
    assert_eq!((&json["credential_id"], &json["kid"]), (&ID.into(), &key().kid().as_str().into()));
    assert_eq!((&json["claims"]["iat"], &json["claims"]["exp"]), (&json["issued_at"], &json["expires_at"]));
}

#[test]
fn verify_takes_a_leeway() {
    let files = Files::new();
    let keys = files.public_key();
    let token = token_issued(-400);
    library(&["verify", "--keys", &keys], &[], token.as_bytes()).refused(5, "the token has expired");
    library(&["verify", "--keys", &keys, "--leeway", "300"], &[], token.as_bytes()).good();
}
