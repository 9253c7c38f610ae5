//! The verifier: each rule accepts at its bound and refuses one step beyond.

mod common;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::KEY;
use scout_auth::{Error, PrivateKey, Verifier, verify_token};

const NOW: u64 = 1_800_000_000;

fn verifier() -> Verifier {
    Verifier::new([KEY.public_key().clone()]).unwrap()
}

/// Signs any header and claims with the test key.
fn token(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = KEY.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn with_claims(claims: &str) -> String {
    token(&format!(r#"{{"alg":"RS256","typ":"JWT","kid":"{}"}}"#, KEY.kid()), claims)
}

fn with_header(header: &str) -> String {
    token(header, &format!(r#"{{"iss":"scout","sub":"c","iat":{NOW}}}"#))
}

/// Replaces `NOW`, `NOW+5` and `NOW-5` by their numbers.
fn at_now(claims: &str) -> String {
    let mut parts = claims.split("NOW");
    let mut text = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find(|c: char| !matches!(c, '+' | '-' | '0'..='9')).unwrap_or(part.len());
        let offset = if end == 0 { 0 } else { part[..end].parse().unwrap() };
        text += &NOW.saturating_add_signed(offset).to_string();
        text += &part[end..];
    }
    text
}

fn verdict(token: &str) -> &'static str {
    verifier().verify_at(token, NOW).map_or_else(|error| error.code(), |_| "ok")
}

#[test]
fn claims_are_accepted_at_their_bounds_and_refused_beyond() {
    let cases = [
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":NOW+300}"#, "ok"),
        (r#"{"iss":"scout","sub":"c","iat":NOW}"#, "ok"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":NOW+1,"jti":"x","aud":["y"]}"#, "ok"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":NOW+301}"#, "ERR_TOKEN_LIFETIME"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":NOW}"#, "ERR_TOKEN_LIFETIME"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":NOW-1}"#, "ERR_TOKEN_LIFETIME"),
        (r#"{"iss":"scout","sub":"c","iat":0,"exp":18446744073709551615}"#, "ERR_TOKEN_LIFETIME"),
        (r#"{"iss":"scout","sub":"c","iat":18446744073709551615}"#, "ERR_TOKEN_LIFETIME"),
        (r#"{"iss":"scout","sub":"c","iat":NOW-304,"exp":NOW-4}"#, "ok"),
        (r#"{"iss":"scout","sub":"c","iat":NOW-305,"exp":NOW-5}"#, "ERR_TOKEN_EXPIRED"),
        (r#"{"iss":"scout","sub":"c","iat":NOW-304}"#, "ok"),
        (r#"{"iss":"scout","sub":"c","iat":NOW-305}"#, "ERR_TOKEN_EXPIRED"),
        (r#"{"iss":"scout","sub":"c","iat":NOW+5}"#, "ok"),
        (r#"{"iss":"scout","sub":"c","iat":NOW+6}"#, "ERR_TOKEN_FROM_FUTURE"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"nbf":NOW+5}"#, "ok"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"nbf":NOW+6}"#, "ERR_TOKEN_NOT_YET_VALID"),
        (r#"{"iss":"Scout","sub":"c","iat":NOW}"#, "ERR_TOKEN_ISSUER"),
        (r#"{"sub":"c","iat":NOW}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":["scout"],"sub":"c","iat":NOW}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","iat":NOW}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":1,"iat":NOW}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c"}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":"NOW"}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":NOW.0}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":-1}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":null}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":true}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":-1}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":[NOW]}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"exp":{}}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"nbf":1.5}"#, "ERR_TOKEN_CLAIM"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"iat":NOW}"#, "ERR_TOKEN_MALFORMED"),
        (r#"{"iss":"scout","sub":"c","iat":NOW,"x":{"a":1,"\u0061":2}}"#, "ERR_TOKEN_MALFORMED"),
        (r#"["scout"]"#, "ERR_TOKEN_MALFORMED"),
        ("{}x", "ERR_TOKEN_MALFORMED"),
    ];
    for (claims, expected) in cases {
        let claims = at_now(claims);
        assert_eq!(verdict(&with_claims(&claims)), expected, "{claims}");
    }
}

#[test]
fn the_header_is_pinned() {
    let kid = KEY.kid();
    let other = PrivateKey::generate(2048).unwrap().kid();
    let cases = [
        (format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#), "ok"),
        (format!(r#"{{"typ":"jwt","kid":"{kid}","alg":"RS256","x":[]}}"#), "ok"),
        (format!(r#"{{"alg":"none","kid":"{kid}"}}"#), "ERR_TOKEN_ALGORITHM"),
        (format!(r#"{{"alg":"rs256","kid":"{kid}"}}"#), "ERR_TOKEN_ALGORITHM"),
        (format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#), "ERR_TOKEN_ALGORITHM"),
        (format!(r#"{{"alg":["RS256"],"kid":"{kid}"}}"#), "ERR_TOKEN_ALGORITHM"),
        (format!(r#"{{"kid":"{kid}"}}"#), "ERR_TOKEN_ALGORITHM"),
        (r#"{"alg":"RS256"}"#.into(), "ERR_TOKEN_KID_MISSING"),
        (r#"{"alg":"RS256","kid":null}"#.into(), "ERR_TOKEN_KID_MISSING"),
        (r#"{"alg":"RS256","kid":"key-1"}"#.into(), "ERR_TOKEN_KID_UNKNOWN"),
        (format!(r#"{{"alg":"RS256","kid":"{other}"}}"#), "ERR_TOKEN_KID_UNKNOWN"),
        (format!(r#"{{"alg":"RS256","kid":"{kid}","crit":null}}"#), "ERR_TOKEN_CRITICAL"),
        (format!(r#"{{"alg":"RS256","kid":"{kid}","crit":["exp"]}}"#), "ERR_TOKEN_CRITICAL"),
        (format!(r#"{{"alg":"RS256","kid":"{kid}","b64":true}}"#), "ERR_TOKEN_CRITICAL"),
        (format!(r#"{{"alg":"RS256","kid":"{kid}","kid":"{kid}"}}"#), "ERR_TOKEN_MALFORMED"),
        (format!(r#"["RS256","{kid}"]"#), "ERR_TOKEN_MALFORMED"),
    ];
    for (header, expected) in cases {
        assert_eq!(verdict(&with_header(&header)), expected, "{header}");
    }
}

#[test]
fn a_token_that_was_changed_in_any_character_is_refused() {
    let good = with_claims(&format!(r#"{{"iss":"scout","sub":"c","iat":{NOW}}}"#));
    assert_eq!(verdict(&good), "ok");
    for at in 0..good.len() {
        for replacement in ['A', 'B', '.', '=', ' '] {
            let mut changed = good.clone();
            changed.replace_range(at..=at, &replacement.to_string());
            assert!(changed == good || verdict(&changed) != "ok", "character {at} as {replacement:?}");
        }
    }
    let (message, _) = good.rsplit_once('.').unwrap();
    assert_eq!(verdict(&format!("{message}.")), "ERR_TOKEN_MALFORMED");
    for changed in
        [format!("{good}="), format!("{good}."), format!(" {good}"), format!("{good}\n"), format!("Bearer {good}")]
    {
        assert_eq!(verdict(&changed), "ERR_TOKEN_MALFORMED", "{changed}");
    }
}

#[test]
fn a_token_signed_by_another_key_under_a_known_kid_is_refused() {
    let other = PrivateKey::generate(2048).unwrap();
    let good = with_claims(&format!(r#"{{"iss":"scout","sub":"c","iat":{NOW}}}"#));
    let (message, _) = good.rsplit_once('.').unwrap();
    let forged = format!("{message}.{}", URL_SAFE_NO_PAD.encode(other.sign(message.as_bytes()).unwrap()));
    assert_eq!(verdict(&forged), "ERR_TOKEN_SIGNATURE");
}

#[test]
fn a_token_is_looked_at_up_to_8_kib() {
    let padded =
        |length| with_claims(&format!(r#"{{"iss":"scout","sub":"c","iat":{NOW},"x":"{}"}}"#, "x".repeat(length)));
    assert_eq!(verdict(&padded(5500)), "ok");
    assert_eq!(verdict(&padded(6000)), "ERR_TOKEN_TOO_LONG");
    assert_eq!(verdict(&"a".repeat(8 * 1024)), "ERR_TOKEN_MALFORMED");
    assert_eq!(verdict(&"a".repeat(8 * 1024 + 1)), "ERR_TOKEN_TOO_LONG");
}

#[test]
fn the_leeway_is_5_seconds_or_what_is_set() {
    let expired = with_claims(&format!(r#"{{"iss":"scout","sub":"c","iat":{}}}"#, NOW - 300));
    assert_eq!(verdict(&expired), "ok");
    let strict = verifier().with_leeway(Duration::ZERO).unwrap();
    assert_eq!(strict.verify_at(&expired, NOW).unwrap_err(), Error::TokenExpired);
    assert!(strict.verify_at(&expired, NOW - 1).is_ok());
    for wrong in [Duration::from_secs(301), Duration::from_millis(500)] {
        assert_eq!(verifier().with_leeway(wrong).unwrap_err(), Error::Leeway);
    }
}

#[test]
fn a_union_knows_each_key_by_its_thumbprint_and_by_the_kid_of_its_jwk() {
    let named = KEY.public_key().to_jwk().replace(KEY.kid().as_str(), "mine");
    let other = PrivateKey::generate(2048).unwrap();
    let set = Verifier::parse(format!(r#"{{"keys":[{named}]}}"#)).unwrap();
    let union = Verifier::union([verifier(), set, Verifier::new([other.public_key().clone()]).unwrap()]).unwrap();
    assert_eq!(union.keys().count(), 2);
    for kid in ["mine", KEY.kid().as_str()] {
        let token = with_header(&format!(r#"{{"alg":"RS256","kid":"{kid}"}}"#));
        assert_eq!(union.verify_at(&token, NOW).unwrap().kid, KEY.kid());
    }
    assert_eq!(Verifier::union([Verifier::default()]).unwrap_err(), Error::KeySetEmpty);
}

#[test]
fn keys_go_in_and_out_as_a_jwk_set() {
    let other = PrivateKey::generate(3072).unwrap().public_key().clone();
    let mut verifier = verifier();
    verifier.add(other.clone());
    verifier.add(other.clone());
    let again = Verifier::parse(verifier.to_jwk_set()).unwrap();
    let kids: Vec<_> = again.keys().map(scout_auth::PublicKey::kid).collect();
    let mut expected = [KEY.kid(), other.kid()];
    expected.sort();
    assert_eq!(kids, expected);
}

#[test]
fn a_verifier_is_made_from_a_key_in_any_form() {
    let token = with_claims(&format!(r#"{{"iss":"scout","sub":"c","iat":{NOW},"x":1.50}}"#));
    let public = KEY.public_key();
    for keys in [public.to_pem(), public.to_base64url(), public.to_jwk(), format!("\n{}", verifier().to_jwk_set())] {
        let claims = verify_token(&token, &keys, Some(NOW), Duration::from_secs(5)).unwrap();
        assert_eq!((claims.credential_id.as_str(), claims.issued_at, claims.expires_at), ("c", NOW, NOW + 300));
        assert_eq!(claims.kid, KEY.kid());
        assert_eq!(claims.json, format!(r#"{{"iss":"scout","sub":"c","iat":{NOW},"x":1.50}}"#));
    }
    assert_eq!(Verifier::parse(KEY.to_base64url()).unwrap_err(), Error::KeyIsPrivate);
    assert_eq!(verify_token(&token, public.to_pem(), None, Duration::ZERO).unwrap_err(), Error::TokenFromFuture);
}
