//! The signer through its public API: what a token says, when it is replaced, where it may go.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::KEY;
use scout_auth::{ApiKey, Credential, Error, PrivateKey, Settings, Signer, SystemClock, Token, Verifier, mint_token};

const START: u64 = 1_800_000_000;

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A signer and its clock.
fn signer_at(time: u64) -> (Signer, Arc<AtomicU64>) {
    let clock = Arc::new(AtomicU64::new(time));
    let seen = Arc::clone(&clock);
    let builder = Signer::builder("cred_123", KEY.clone());
    (builder.clock(move || seen.load(Ordering::Relaxed)).build().unwrap(), clock)
}

fn segment(token: &Token, index: usize) -> String {
    let segment = token.as_str().split('.').nth(index).unwrap();
    String::from_utf8(URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap()
}

#[test]
fn a_token_says_what_scout_asks_for_and_nothing_else() {
    let (signer, _) = signer_at(START);
    let token = signer.mint().unwrap();
    assert_eq!(segment(&token, 0), format!(r#"{{"alg":"RS256","typ":"JWT","kid":"{}"}}"#, KEY.kid()));
    assert_eq!(segment(&token, 1), r#"{"iss":"scout","sub":"cred_123","iat":1800000000,"exp":1800000300}"#);
    assert_eq!((token.issued_at(), token.expires_at()), (START, START + 300));
    let (message, signature) = token.as_str().rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert_eq!(KEY.public_key().verify(message.as_bytes(), &signature), Ok(true));
    assert_eq!(KEY.public_key().verify(b"another message", &signature), Ok(false));
    assert_eq!(token.authorization(), format!("Bearer {}", token.as_str()));
}

#[test]
fn the_same_key_id_and_time_give_the_same_bytes() {
    let (signer, _) = signer_at(START);
    let expected = Settings { kid: Some(KEY.kid().to_string()), ..Settings::default() };
    let again = mint_token("cred_123", &KEY, &expected, Some(START)).unwrap();
    assert_eq!(signer.mint().unwrap().as_str(), again.as_str());
    let other = mint_token("cred_123", &KEY, &Settings::default(), Some(START + 1)).unwrap();
    assert_ne!(again.as_str(), other.as_str());
}

#[test]
fn mint_always_signs_and_leaves_the_current_token() {
    let (signer, clock) = signer_at(START);
    let current = signer.token().unwrap();
    clock.store(START + 1, Ordering::Relaxed);
    assert_eq!(signer.mint().unwrap().issued_at(), START + 1);
    assert!(signer.token().unwrap().is_same(&current));
    assert_eq!(signer.authorization().unwrap(), current.authorization());
    signer.clone().invalidate();
    assert_eq!(signer.token().unwrap().issued_at(), START + 1);
}

#[test]
fn a_token_is_current_until_it_is_due_or_forgotten() {
    let (signer, clock) = signer_at(START);
    let token = signer.token().unwrap();
    assert!(signer.is_current(&token));
    assert!(!signer.is_current(&signer.mint().unwrap()));
    clock.store(START + 271, Ordering::Relaxed);
    assert!(!signer.is_current(&token));
    clock.store(START, Ordering::Relaxed);
    signer.invalidate();
    assert!(!signer.is_current(&token));
}

#[test]
fn the_bearer_is_the_current_token_without_its_scheme() {
    let (signer, _) = signer_at(START);
    assert_eq!(signer.bearer().unwrap(), signer.token().unwrap().as_str());
    assert_eq!(Credential::Signer(signer.clone()).bearer(), signer.bearer());
}

#[test]
fn the_margin_is_30_seconds_or_half_of_a_short_lifetime() {
    for (lifetime, kept) in [(300, 270), (31, 1), (30, 15), (20, 10), (1, 0)] {
        let clock = Arc::new(AtomicU64::new(START));
        let seen = Arc::clone(&clock);
        let builder = Signer::builder("c", KEY.clone()).lifetime(seconds(lifetime));
        let signer = builder.clock(move || seen.load(Ordering::Relaxed)).build().unwrap();
        let token = signer.token().unwrap();
        clock.store(START + kept, Ordering::Relaxed);
        assert!(signer.is_current(&token), "{lifetime} s");
        clock.store(START + kept + 1, Ordering::Relaxed);
        assert!(!signer.is_current(&token), "{lifetime} s");
    }
}

#[test]
fn settings_are_checked_when_the_signer_is_made() {
    let build = |lifetime, margin: Option<Duration>, backdate| {
        let builder = Signer::builder("c", KEY.clone()).lifetime(lifetime).backdate(backdate);
        match margin {
            Some(margin) => builder.refresh_margin(margin),
            None => builder,
        }
        .build()
        .err()
    };
    let zero = Duration::ZERO;
    for lifetime in [1, 2, 30, 31, 300] {
        assert_eq!(build(seconds(lifetime), None, zero), None, "{lifetime}");
    }
    for lifetime in [zero, seconds(301), Duration::from_millis(1500), Duration::MAX] {
        assert_eq!(build(lifetime, None, zero), Some(Error::Lifetime), "{lifetime:?}");
    }
    assert_eq!(build(seconds(60), Some(seconds(59)), zero), None);
    assert_eq!(build(seconds(60), Some(seconds(60)), zero), Some(Error::RefreshMargin));
    assert_eq!(build(seconds(60), Some(seconds(50)), seconds(10)), Some(Error::RefreshMargin));
    assert_eq!(build(seconds(60), None, seconds(59)), None);
    assert_eq!(build(seconds(60), None, seconds(60)), Some(Error::Backdate));
    assert_eq!(build(seconds(60), None, Duration::from_millis(1)), Some(Error::Backdate));
}

#[test]
fn a_backdated_token_begins_earlier_and_lives_as_long() {
    let clock = || START;
    let builder = Signer::builder("c", KEY.clone()).clock(clock).backdate(seconds(10)).lifetime(seconds(100));
    let token = builder.build().unwrap().token().unwrap();
    assert_eq!((token.issued_at(), token.expires_at()), (START - 10, START + 90));
}

#[test]
fn a_credential_id_is_1_to_255_visible_characters() {
    let longest = "x".repeat(255);
    for id in ["c", r#"a"b\c"#, "~!@#$%^&*()", &longest] {
        let token = mint_token(id, &KEY, &Settings::default(), Some(START)).unwrap();
        let verifier = Verifier::new([KEY.public_key().clone()]).unwrap();
        assert_eq!(verifier.verify_at(token.as_str(), START).unwrap().credential_id, id);
    }
    for id in ["", " ", "a b", "a\n", "\u{7f}", "\u{200b}cred", "é", &"x".repeat(256)] {
        assert_eq!(Signer::new(id, KEY.clone()).unwrap_err(), Error::CredentialId, "{id:?}");
    }
}

#[test]
fn a_kid_of_another_key_is_refused_and_both_are_named() {
    let other = PrivateKey::generate(2048).unwrap().kid();
    let error = Signer::builder("c", KEY.clone()).kid(other.as_str()).build().unwrap_err();
    assert_eq!(error, Error::KidMismatch { expected: other, actual: KEY.kid() });
    assert!(error.to_string().contains(other.as_str()) && error.to_string().contains(KEY.kid().as_str()));
    for malformed in ["", "kid-1", &KEY.to_base64url()] {
        assert_eq!(Signer::builder("c", KEY.clone()).kid(malformed).build().unwrap_err(), Error::KidMalformed);
    }
    assert!(Signer::builder("c", KEY.clone()).kid(KEY.kid().as_str()).build().is_ok());
}

#[test]
fn a_clock_before_2020_mints_nothing() {
    let (signer, clock) = signer_at(1_577_836_799);
    assert_eq!(signer.token().unwrap_err(), Error::Clock);
    assert_eq!(signer.mint().unwrap_err(), Error::Clock);
    clock.store(1_577_836_800, Ordering::Relaxed);
    assert!(signer.token().is_ok());
}

#[test]
fn a_time_beyond_counting_is_an_error() {
    assert_eq!(mint_token("c", &KEY, &Settings::default(), Some(u64::MAX)).unwrap_err(), Error::Argument);
}

/// The HTTP rules. The dates are those of 2027-01-15, 08:00:00 and later.
#[test]
fn the_servers_clock_is_learnt_from_a_401() {
    let (signer, _) = signer_at(START);
    let rejected = |date| signer.rejected(signer.token().unwrap().authorization(), Some(date));
    assert!(!rejected("Fri, 15 Jan 2027 08:00:05 GMT"));
    assert_eq!(signer.clock_offset(), 0);
    assert!(rejected("Fri, 15 Jan 2027 08:02:00 GMT"));
    assert_eq!(signer.clock_offset(), 120);
    assert_eq!(signer.token().unwrap().issued_at(), START + 120);
    assert_eq!(signer.mint().unwrap().issued_at(), START + 120);
    assert!(!rejected("Fri, 15 Jan 2027 08:02:05 GMT"), "the offset holds, and the same token would be sent");
    assert_eq!(signer.clock_offset(), 120);
    assert!(!rejected("Fri, 15 Jan 2027 08:04:00 GMT"), "no second move within a lifetime");
    assert_eq!(signer.clock_offset(), 120);
    assert!(rejected("Fri, 15 Jan 2027 08:00:02 GMT"), "the clocks agree again");
    assert_eq!(signer.clock_offset(), 0);
}

#[test]
fn a_date_that_is_far_off_or_unreadable_is_not_believed() {
    let (signer, _) = signer_at(START);
    for date in [
        "Fri, 15 Jan 2027 09:00:01 GMT",
        "Thu, 14 Jan 2027 07:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "yesterday",
        "",
    ] {
        signer.rejected(signer.token().unwrap().as_str(), Some(date));
        assert_eq!(signer.clock_offset(), 0, "{date}");
    }
    assert!(signer.rejected(signer.token().unwrap().as_str(), Some("Fri, 15 Jan 2027 09:00:00 GMT")));
    assert_eq!(signer.clock_offset(), 3600);
}

#[test]
fn a_401_without_a_date_ends_a_learnt_offset() {
    let (signer, _) = signer_at(START);
    assert!(signer.rejected(signer.token().unwrap().as_str(), Some("Thu, 14 Jan 2027 08:00:00 GMT")));
    assert_eq!(signer.clock_offset(), -86_400);
    assert!(signer.rejected("another token", None));
    assert_eq!(signer.clock_offset(), -86_400);
    assert!(signer.rejected(signer.token().unwrap().as_str(), None));
    assert_eq!(signer.clock_offset(), 0);
    assert!(!signer.rejected(signer.token().unwrap().as_str(), None));
}

#[test]
fn a_401_drops_the_token_that_was_sent() {
    let (signer, clock) = signer_at(START);
    let sent = signer.token().unwrap();
    clock.store(START + 60, Ordering::Relaxed);
    assert!(signer.rejected(sent.as_str(), None));
    let next = signer.token().unwrap();
    assert_eq!(next.issued_at(), START + 60);
    assert!(signer.rejected(sent.as_str(), None), "another one is current by now");
    assert!(signer.token().unwrap().is_same(&next));
}

#[test]
fn a_header_is_returned_for_https_and_loopback_and_the_allowed_origins() {
    let (signer, _) = signer_at(START);
    let header = signer.authorization().unwrap();
    assert_eq!(signer.authorization_for("https://api.scoutos.com/v2").as_ref(), Ok(&header));
    assert_eq!(signer.authorization_for("http://[::1]:8080/").as_ref(), Ok(&header));
    assert_eq!(signer.authorization_for("http://api.scoutos.com/v2"), Err(Error::UrlInsecure));
    assert_eq!(signer.authorization_for("not a url"), Err(Error::Url));
    let builder = Signer::builder("c", KEY.clone()).allowed_origins(["https://api.scoutos.com"]);
    let signer = builder.build().unwrap();
    assert!(signer.authorization_for("https://api.scoutos.com/v2").is_ok());
    assert_eq!(signer.authorization_for("https://example.com/"), Err(Error::OriginNotAllowed));
    let error = Signer::builder("c", KEY.clone()).allowed_origins(["http://example.com"]).build().unwrap_err();
    assert_eq!(error, Error::Origin);
}

#[test]
fn the_system_clock_tells_the_time() {
    use scout_auth::Clock as _;
    let before = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let now = SystemClock.now();
    assert!(now.unix.abs_diff(before) <= 2);
    assert!(now.monotonic <= SystemClock.now().monotonic);
}

#[test]
fn debug_tells_one_credential_from_another() {
    let (signer, _) = signer_at(START);
    let kid = KEY.kid();
    for (shown, expected) in [
        (format!("{:?}", *KEY), format!("PrivateKey {{ kid: {kid}, bits: 2048 }}")),
        (format!("{:?}", KEY.public_key()), format!("PublicKey {{ kid: {kid}, bits: 2048 }}")),
        (format!("{signer:?}"), format!("Signer {{ credential_id: \"cred_123\", kid: {kid} }}")),
        (
            format!("{:?}", Signer::builder("cred_123", KEY.clone())),
            format!("SignerBuilder {{ credential_id: \"cred_123\", kid: {kid} }}"),
        ),
    ] {
        assert_eq!(shown, expected);
    }
}

/// Text that no output may contain: the private half of the key, in each of its forms.
#[test]
fn debug_and_errors_show_no_secret() {
    let (signer, _) = signer_at(START);
    let token = signer.token().unwrap();
    let text = KEY.to_base64url();
    let api_key = ApiKey::from_private_key(&text).unwrap();
    let verifier = Verifier::new([KEY.public_key().clone()]).unwrap();
    let mut shown = vec![
        format!("{:?} {:#?}", *KEY, *KEY),
        format!("{signer:?} {signer:#?}"),
        format!("{:?}", Signer::builder("c", KEY.clone())),
        format!("{token:?}"),
        format!("{api_key:?}"),
        format!("{verifier:?}"),
    ];
    for cut in [1, 2, 3, 100, 1000] {
        for broken in [&text[..text.len() - cut], &text[cut..], &format!("{}!{}", &text[..cut], &text[cut..])] {
            let error = PrivateKey::parse(broken).unwrap_err();
            shown.push(format!("{error} {error:?} {}", error.summary()));
        }
    }
    let error = Signer::builder("c", KEY.clone()).kid(text.as_str()).build().unwrap_err();
    shown.push(format!("{error} {error:?}"));
    let error = Signer::new(text.as_str(), KEY.clone()).unwrap_err();
    shown.push(format!("{error} {error:?}"));
    let secrets: Vec<&str> = [text.as_str(), token.as_str().rsplit('.').next().unwrap()]
        .into_iter()
        .flat_map(|secret| (0..secret.len() - 16).map(move |at| &secret[at..at + 16]))
        .collect();
    for shown in shown {
        assert!(!secrets.iter().any(|secret| shown.contains(secret)), "{shown}");
    }
}

#[test]
fn roles_claims_and_a_kid_for_the_header_are_signed_and_verified() {
    let builder = Signer::builder("cred_123", KEY.clone()).clock(|| START);
    let builder = builder.roles(["member"]).claims(r#"{ "b": 1, "a": [true] }"#).header_kid("name");
    let token = builder.build().unwrap().token().unwrap();
    assert!(segment(&token, 0).ends_with(r#""kid":"name"}"#), "{}", segment(&token, 0));
    let payload = format!(
        r#"{{"iss":"scout","sub":"cred_123","iat":{START},"exp":{},"roles":["member"],"b":1,"a":[true]}}"#,
        START + 300
    );
    assert_eq!(segment(&token, 1), payload);
    let jwk = KEY.public_key().to_jwk().replace(KEY.kid().as_str(), "name");
    let verifier = Verifier::parse(format!(r#"{{"keys":[{jwk}]}}"#)).unwrap();
    let claims = verifier.verify_at(token.as_str(), START).unwrap();
    assert_eq!((claims.roles, claims.kid), (Some(vec!["member".to_owned()]), KEY.kid()));
}
