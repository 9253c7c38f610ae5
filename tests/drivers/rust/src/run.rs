//! Runs one case against the crate `scout-auth`, and compares the result with what is expected.
//! The driver and core's own tests use this module.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use scout_auth::{
    ApiKey, Credential, Environment, Error, PrivateKey, PublicKey, Settings, Signer, SignerBuilder, Verifier, kid,
    mint_token, to_base64url, to_pem,
};
use serde_json::{Value, json};

use crate::story;

/// The result of a case.
pub(crate) fn answer(case: &Value) -> Value {
    let call = case["call"].as_str().expect("a call");
    run(call, &Given(&case["given"])).unwrap_or_else(|error| refusal(&error))
}

/// The first expected member that the answer does not have.
pub(crate) fn difference(expect: &Value, answer: &Value) -> Option<String> {
    let members = expect.as_object().expect("an object");
    members.iter().find_map(|(name, expected)| {
        let found = &answer[name];
        let text = answer["text"].as_str().unwrap_or_default();
        let mentioned = name == "mentions" && expected.as_str().is_some_and(|words| text.contains(words));
        (!mentioned && found != expected)
            .then(|| format!("{name}: got {found} ({}), expected {expected}", answer["error"]))
    })
}

fn refusal(error: &Error) -> Value {
    json!({ "error": error.code(), "text": error.to_string() })
}

/// The input of a case.
struct Given<'a>(&'a Value);

impl Given<'_> {
    fn text(&self, name: &str) -> &str {
        self.optional_text(name).expect(name)
    }

    fn optional_text(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.0[name].as_u64()
    }

    fn bits(&self) -> u32 {
        self.number("bits").and_then(|bits| u32::try_from(bits).ok()).expect("bits")
    }

    fn seconds(&self, name: &str) -> Option<Duration> {
        self.number(name).map(Duration::from_secs)
    }

    fn list(&self, name: &str) -> Option<Vec<&str>> {
        Some(self.0[name].as_array()?.iter().filter_map(Value::as_str).collect())
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.optional_text(name).map(|bytes| STANDARD.decode(bytes).expect("base64"))
    }

    /// Key text, or bytes.
    fn key_text(&self) -> Vec<u8> {
        let bytes = self.bytes("base64_der").or_else(|| self.bytes("base64"));
        bytes.unwrap_or_else(|| self.text("text").as_bytes().to_vec())
    }

    fn variable(&self, name: &str) -> Option<OsString> {
        let bytes = self.0["base64_variables"][name].as_str().map(|bytes| STANDARD.decode(bytes).expect("base64"));
        bytes.map(OsString::from_vec).or_else(|| self.0["variables"][name].as_str().map(OsString::from))
    }
}

fn run(call: &str, given: &Given<'_>) -> Result<Value, Error> {
    if let Some(unix) = given.number("clock") {
        set_clock(unix);
    }
    match call {
        "private_key" => match given.bytes("base64_der") {
            Some(der) => PrivateKey::from_der(&der),
            None => PrivateKey::parse(given.key_text()),
        }
        .map(|key| private_key(&key)),
        "public_key" => match given.bytes("base64_der") {
            Some(der) => PublicKey::from_der(&der),
            None => PublicKey::parse(given.key_text()),
        }
        .map(|key| public_key(&key)),
        "generate" => PrivateKey::generate(given.bits()).map(|key| private_key(&key)),
        "convert" => convert(&given.key_text()),
        "jwk_set" => Verifier::parse(given.text("text")).map(|keys| json!({ "jwk_set": keys.to_jwk_set() })),
        "mint" => mint(given),
        "verify" => verify(given),
        "sign" => sign(given),
        "check" => check(given),
        "signer" => builder(given)?.build().and_then(|signer| shown(&signer)),
        "signer_from_file" => {
            let signer = Signer::from_file(given.text("path"), settings(given))?;
            let mut answer = shown(&signer)?;
            answer["jwk"] = json!(signer.public_key().to_jwk());
            Ok(answer)
        }
        "signer_from_env" => {
            let variable = |name: &str| given.variable(name);
            Signer::from_environment(&Environment::new(&variable), settings(given)).and_then(|signer| shown(&signer))
        }
        "from_env" => {
            let variable = |name: &str| given.variable(name);
            match Credential::from_environment(&Environment::new(&variable), settings(given))? {
                Credential::Signer(signer) => shown(&signer),
                Credential::ApiKey(key) => Ok(json!({ "authorization": key.authorization() })),
            }
        }
        "api_key" => ApiKey::new(given.text("text")).map(|key| json!({ "authorization": key.authorization() })),
        "raw_key" => {
            ApiKey::from_private_key(given.text("text")).map(|key| json!({ "authorization": key.authorization() }))
        }
        "send" => send(given),
        "live" => story::live(&builder(given)?.build()?),
        "story" => story::tell(builder(given)?, given.0),
        _ => panic!("an unknown call: {call}"),
    }
}

/// For `drivers/clock.c`.
fn set_clock(unix: u64) {
    let path = std::env::var_os("CLOCK_FILE").expect("a clock");
    std::fs::write(path, format!("{unix} 0")).expect("the clock's file");
}

fn private_key(key: &PrivateKey) -> Value {
    json!({
        "base64url": *key.to_base64url(),
        "der": URL_SAFE_NO_PAD.encode(&*key.to_der()),
        "pem": *key.to_pem(),
        "jwk": *key.to_jwk(),
        "kid": key.kid().as_str(),
        "bits": key.bits(),
    })
}

fn public_key(key: &PublicKey) -> Value {
    json!({
        "base64url": key.to_base64url(),
        "der": URL_SAFE_NO_PAD.encode(key.to_der()),
        "pem": key.to_pem(),
        "jwk": key.to_jwk(),
        "kid": key.kid().as_str(),
        "bits": key.bits(),
    })
}

fn convert(key: &[u8]) -> Result<Value, Error> {
    Ok(json!({ "pem": *to_pem(key)?, "base64url": *to_base64url(key)?, "kid": kid(key)?.as_str() }))
}

fn mint(given: &Given<'_>) -> Result<Value, Error> {
    let key = PrivateKey::parse(given.text("key"))?;
    let token = mint_token(given.text("credential_id"), &key, &settings(given), given.number("issued_at"))?;
    Ok(json!({ "token": token.as_str(), "issued_at": token.issued_at(), "expires_at": token.expires_at() }))
}

fn verify(given: &Given<'_>) -> Result<Value, Error> {
    let mut verifier = if let Some(set) = given.optional_text("key_set") {
        Verifier::parse(set)?
    } else {
        let keys = given.list("keys").expect("keys").into_iter().map(PublicKey::parse);
        Verifier::new(keys.collect::<Result<Vec<_>, _>>()?)?
    };
    if let Some(leeway) = given.seconds("leeway") {
        verifier = verifier.with_leeway(leeway)?;
    }
    let token = given.text("token");
    let claims = given.number("now").map_or_else(|| verifier.verify(token), |now| verifier.verify_at(token, now))?;
    Ok(json!({
        "credential_id": claims.credential_id,
        "issued_at": claims.issued_at,
        "expires_at": claims.expires_at,
        "kid": claims.kid.as_str(),
        "json": claims.json,
        "roles": json!(claims.roles).to_string(),
    }))
}

fn sign(given: &Given<'_>) -> Result<Value, Error> {
    let message = given.bytes("message").expect("a message");
    let signature = PrivateKey::parse(given.text("key"))?.sign(&message)?;
    Ok(json!({ "signature": URL_SAFE_NO_PAD.encode(signature) }))
}

fn check(given: &Given<'_>) -> Result<Value, Error> {
    let [message, signature] = ["message", "signature"].map(|name| given.bytes(name).expect(name));
    let valid = PublicKey::parse(given.text("key"))?.verify(&message, &signature)?;
    Ok(json!({ "valid": yes(valid) }))
}

fn builder(given: &Given<'_>) -> Result<SignerBuilder, Error> {
    let key = PrivateKey::parse(given.text("key"))?;
    Ok(Signer::builder(given.text("credential_id"), key).settings(settings(given)))
}

fn settings(given: &Given<'_>) -> Settings {
    let text = |name| given.optional_text(name).map(str::to_owned);
    let texts = |name| given.list(name).map(|list| list.into_iter().map(str::to_owned).collect());
    Settings {
        kid: text("kid"),
        lifetime: given.seconds("lifetime"),
        refresh_margin: given.seconds("refresh_margin"),
        backdate: given.seconds("backdate"),
        allowed_origins: texts("allowed_origins"),
        header_kid: text("header_kid"),
        roles: texts("roles"),
        claims: text("claims"),
        refresh: given.seconds("refresh"),
    }
}

pub(crate) fn yes(fact: bool) -> &'static str {
    if fact { "yes" } else { "no" }
}

fn shown(signer: &Signer) -> Result<Value, Error> {
    let token = signer.token()?;
    Ok(json!({ "credential_id": signer.credential_id(), "kid": signer.kid().as_str(), "token": token.as_str() }))
}

fn send(given: &Given<'_>) -> Result<Value, Error> {
    let mut key = ApiKey::new(given.text("text"))?;
    if let Some(origins) = given.list("allowed_origins") {
        key = key.with_allowed_origins(origins)?;
    }
    Ok(json!({ "authorization": key.authorization_for(given.text("url"))? }))
}
