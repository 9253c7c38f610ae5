//! Keys in DER and PEM: the manifests of the schema `rsa-key-corpus/1`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libtest_mimic::Trial;
use scout_auth::{Error, PrivateKey, PublicKey, Result, der_to_pem, kid, pem_to_der};
use serde::Deserialize;

use crate::expect::Outcome::{self, Accept, AcceptButCannotSign, Refuse};
use crate::expect::{Codes, Exceptions, Expectations, given};
use crate::{Corpus, trial};

const FOLDERS: &[&str] = &["aws-lc", "derived_keys", "openssl", "pki-types", "pyca", "rfc", "rustcrypto"];

/// What `rs256_sig_of_corpus_check` is over.
pub(crate) const MESSAGE: &[u8] = b"corpus-check";

#[rustfmt::skip]
const CODES: Codes = &[
    // The DER ends early or late inside, not where the text was cut off or something was pasted behind it.
    ("derived_keys/der/pkcs8.len-2p63.der", "ERR_KEY_STRUCTURE"),
    ("derived_keys/der/pkcs1.len-2p63.der", "ERR_KEY_STRUCTURE"),
    ("derived_keys/der/pkcs1pub.len-2p63.der", "ERR_KEY_STRUCTURE"),
    ("derived_keys/num/missing-qinv.pkcs8.der", "ERR_KEY_STRUCTURE"),
    ("derived_keys/pub/missing-e.spki.der", "ERR_KEY_STRUCTURE"),
    ("derived_keys/pkcs8/version-0-with-pub.der", "ERR_KEY_STRUCTURE"),
    ("derived_keys/pkcs8/alg-extra.der", "ERR_KEY_STRUCTURE"),
    ("derived_keys/num/extra-integer.*", "ERR_KEY_STRUCTURE"),
    ("derived_keys/pub/extra-integer.*", "ERR_KEY_STRUCTURE"),
    ("derived_keys/spki/post-trailing.der", "ERR_KEY_STRUCTURE"),
    // A key by its first bytes, of which hardly more is left.
    ("derived_keys/der/pkcs1.header-only.der", "ERR_KEY_TRUNCATED"),
    ("derived_keys/der/spki.header-only.der", "ERR_KEY_TRUNCATED"),
    ("derived_keys/der/empty.der", "ERR_KEY_TRUNCATED"),
    ("derived_keys/der/one-byte.der", "ERR_KEY_TRUNCATED"),
    // Several faults: core names the one that says more to the user.
    ("derived_keys/num/p-zero.*", "ERR_KEY_WITHOUT_PRIMES"),
    ("derived_keys/num/dp-zero.*", "ERR_KEY_WITHOUT_PRIMES"),
    ("derived_keys/num/crt-all-zero.*", "ERR_KEY_WITHOUT_PRIMES"),
    ("derived_keys/num/stripped-keep-e.*", "ERR_KEY_WITHOUT_PRIMES"),
    ("pyca/PEM_Serialization/rsa-bad-1025-q-is-2.pem", "ERR_KEY_WITHOUT_PRIMES"),
    ("derived_keys/num/version-1-two-primes.*", "ERR_KEY_STRUCTURE"),
    ("derived_keys/num/n-zero.*", "ERR_KEY_TOO_SMALL"),
    ("derived_keys/pub/n-zero.*", "ERR_KEY_TOO_SMALL"),
    ("openssl/recipes/15-test_rsapss_data/negativesaltlen.pem", "ERR_KEY_ALGORITHM"),
    ("openssl/recipes/04-test_pem_reading_data/dsa*", "ERR_KEY_ALGORITHM"),
    ("pyca/PEM_Serialization/dsa_private_key.pem", "ERR_KEY_ALGORITHM"),
    ("pyca/PEM_Serialization/ec_private_key_encrypted.pem", "ERR_KEY_ALGORITHM"),
    ("openssl/recipes/04-test_pem_reading_data/cert*", "ERR_KEY_IS_CERTIFICATE"),
    ("openssl/certs/bad-othername-cert.pem", "ERR_KEY_IS_CERTIFICATE"),
    ("pki-types/data/certificate*", "ERR_KEY_IS_CERTIFICATE"),
    ("pki-types/data/mixed-line-endings.crt", "ERR_KEY_IS_CERTIFICATE"),
    ("pki-types/data/whitespace-prefix.crt", "ERR_KEY_IS_CERTIFICATE"),
    ("pki-types/data/gunk.pem", "ERR_KEY_ENCODING"),
    ("pki-types/data/nistp256curve.pem", "ERR_KEY_ALGORITHM"),
    ("derived_keys/pem/label-openssh.pem", "ERR_KEY_IS_OPENSSH"),
    ("pyca/OpenSSH/rsa-nopsw.key", "ERR_KEY_IS_OPENSSH"),
    ("pyca/OpenSSH/rsa-psw.key", "ERR_KEY_IS_OPENSSH"),
    ("rustcrypto/pem-rfc7468/ssh-id_ed25519.pem", "ERR_KEY_IS_OPENSSH"),
    ("derived_keys/pem/dash-flood.pem", "ERR_KEY_TEXT_TOO_LONG"),
    // Sizes are looked at before the arithmetic.
    ("derived_keys/num/p-one.pkcs1.der", "ERR_KEY_UNBALANCED"),
    ("derived_keys/num/p-one.pkcs8.der", "ERR_KEY_UNBALANCED"),
    ("derived_keys/num/q-one.pkcs1.der", "ERR_KEY_UNBALANCED"),
    ("derived_keys/num/q-one.pkcs8.der", "ERR_KEY_UNBALANCED"),

    ("der-bad-alg-params", "ERR_KEY_STRUCTURE"),
    ("der-bad-bit-string", "ERR_KEY_STRUCTURE"),
    ("der-empty-integer", "ERR_KEY_STRUCTURE"),
    ("der-indefinite-length", "ERR_KEY_STRUCTURE"),
    ("der-negative-integer", "ERR_KEY_STRUCTURE"),
    ("der-nonminimal-integer", "ERR_KEY_STRUCTURE"),
    ("der-nonminimal-length", "ERR_KEY_STRUCTURE"),
    ("der-trailing-data", "ERR_KEY_TRAILING_DATA"),
    ("der-truncated", "ERR_KEY_TRUNCATED"),
    ("der-unexpected-tag", "ERR_KEY_STRUCTURE"),
    ("encrypted-legacy-pem", "ERR_KEY_IS_ENCRYPTED"),
    ("encrypted-pkcs8", "ERR_KEY_IS_ENCRYPTED"),
    ("not-a-key", "ERR_KEY_STRUCTURE"),
    ("pem-bad-base64", "ERR_KEY_ENCODING"),
    ("pem-begin-not-at-line-start", "ERR_KEY_PEM"),
    ("pem-headers", "ERR_KEY_PEM"),
    ("pem-label-content-mismatch", "ERR_KEY_PEM_LABEL"),
    ("pem-label-mismatch", "ERR_KEY_PEM"),
    ("pem-multiple-blocks", "ERR_KEY_PEM_BLOCKS"),
    ("pem-no-begin", "ERR_KEY_PEM"),
    ("pem-no-end", "ERR_KEY_TRUNCATED"),
    ("pem-noncanonical-base64", "ERR_KEY_ENCODING"),
    ("pem-trailing-text", "ERR_KEY_TRAILING_DATA"),
    ("pem-unsupported-label", "ERR_KEY_FORMAT"),
    ("pkcs8-bad-version", "ERR_KEY_STRUCTURE"),
    ("rsa-bad-exponent", "ERR_KEY_EXPONENT"),
    ("rsa-bad-version", "ERR_KEY_STRUCTURE"),
    ("rsa-d-out-of-range", "ERR_KEY_INCONSISTENT"),
    ("rsa-even-modulus", "ERR_KEY_INCONSISTENT"),
    ("rsa-exponent-too-large", "ERR_KEY_EXPONENT"),
    ("rsa-inconsistent", "ERR_KEY_INCONSISTENT"),
    ("rsa-multi-prime", "ERR_KEY_MULTI_PRIME"),
    ("rsa-pss-oid", "ERR_KEY_ALGORITHM"),
    ("rsa-stripped-crt", "ERR_KEY_WITHOUT_PRIMES"),
    ("rsa-too-large", "ERR_KEY_TOO_LARGE"),
    ("rsa-too-small", "ERR_KEY_TOO_SMALL"),
    ("rsa-unbalanced-factors", "ERR_KEY_UNBALANCED"),
    ("wrong-key-type-dh", "ERR_KEY_ALGORITHM"),
    ("wrong-key-type-dsa", "ERR_KEY_ALGORITHM"),
    ("wrong-key-type-ec", "ERR_KEY_ALGORITHM"),
    ("wrong-key-type-ed25519", "ERR_KEY_ALGORITHM"),
    ("wrong-key-type-ed448", "ERR_KEY_ALGORITHM"),
    ("wrong-key-type-unknown", "ERR_KEY_ALGORITHM"),
    ("wrong-key-type-x25519", "ERR_KEY_ALGORITHM"),
];

#[rustfmt::skip]
const EXCEPTIONS: Exceptions = &[
    ("derived_keys/pkcs8/version-1-v2.der", Refuse("ERR_KEY_STRUCTURE"),
        "version 2 without a public key is not what RFC 5958 §2 describes"),
    ("rsa-composite-factor", AcceptButCannotSign, "no prime is tested when a key is read: its first signature fails"),
    ("derived_keys/pem/base64url-body.pem", Accept, "mended: base64url in PEM"),
    ("derived_keys/pem/begin-no-newline.pem", Accept, "mended: a lost line break"),
    ("derived_keys/pem/bom.pem", Accept, "mended: a BOM"),
    ("derived_keys/pem/double-quoted.pem", Accept, "mended: quotes"),
    ("derived_keys/pem/end-on-data-line.pem", Accept, "mended: a lost line break"),
    ("derived_keys/pem/escaped-newlines.pem", Accept, "mended: literal \\n"),
    ("derived_keys/pem/lines-indented.pem", Accept, "mended: white space"),
    ("derived_keys/pem/missing-padding.pem", Accept, "mended: lost padding"),
    ("derived_keys/pem/spaces-for-newlines.pem", Accept, "mended: spaces for line breaks"),
];

/// The DER of these is so short or so broken that its base64url is not taken for a key's.
#[rustfmt::skip]
const CODES_AS_TEXT: Codes = &[
    ("derived_keys/der/empty.der", "ERR_KEY_EMPTY"),
    ("derived_keys/der/one-byte.der", "ERR_KEY_STRUCTURE"),
    ("openssl/recipes/91-test_pkey_check_data/dsapub_noparam.der", "ERR_KEY_IS_LEGACY"),
];

/// The errors of the arithmetic, which `der_to_pem` and `pem_to_der` leave alone.
const ARITHMETIC: &[&str] =
    &["ERR_KEY_TOO_SMALL", "ERR_KEY_TOO_LARGE", "ERR_KEY_EXPONENT", "ERR_KEY_INCONSISTENT", "ERR_KEY_UNBALANCED"];

/// Ways to write a key that differ from the one in which core writes it.
const NOT_CANONICAL: &[&str] = &["pkcs8_v2", "pkcs8_attributes", "alg_null_missing"];

#[derive(Deserialize)]
struct Manifest {
    cases: Vec<Case>,
}

#[derive(Clone, Deserialize)]
struct Case {
    file: String,
    form: Form,
    expect: String,
    reason: Option<String>,
    #[serde(default)]
    policy: Vec<String>,
    #[serde(flatten)]
    facts: Option<Facts>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Form {
    Der,
    Pem,
}

/// What the manifest says of a key that can be read.
#[derive(Clone, Deserialize)]
struct Facts {
    container: String,
    role: String,
    bits: u32,
    e: u64,
    thumbprint_sha256: String,
    rs256_sig_of_corpus_check: Option<String>,
}

/// A key of either kind.
pub(crate) enum Key {
    Private(PrivateKey),
    Public(PublicKey),
}

impl Key {
    pub(crate) fn parse(text: &[u8]) -> Result<Self> {
        Self::either(PrivateKey::parse(text), PublicKey::parse(text))
    }

    pub(crate) fn from_der(der: &[u8]) -> Result<Self> {
        Self::either(PrivateKey::from_der(der), PublicKey::from_der(der))
    }

    /// The reader of one kind must refuse the other and say which kind it is.
    fn either(private: Result<PrivateKey>, public: Result<PublicKey>) -> Result<Self> {
        match (private, public) {
            (Ok(key), Err(Error::KeyIsPrivate)) => Ok(Self::Private(key)),
            (Err(Error::KeyIsPublic), Ok(key)) => Ok(Self::Public(key)),
            (Err(error), Err(Error::KeyIsPrivate)) | (Err(Error::KeyIsPublic), Err(error)) => Err(error),
            (Err(error), Err(same)) if error == same => Err(error),
            (private, public) => panic!("read as a private key: {private:?}, as a public key: {public:?}"),
        }
    }

    pub(crate) fn role(&self) -> &'static str {
        match self {
            Self::Private(_) => "private",
            Self::Public(_) => "public",
        }
    }

    pub(crate) fn public(&self) -> &PublicKey {
        match self {
            Self::Private(key) => key.public_key(),
            Self::Public(key) => key,
        }
    }

    fn to_der(&self) -> Vec<u8> {
        match self {
            Self::Private(key) => key.to_der().to_vec(),
            Self::Public(key) => key.to_der(),
        }
    }

    /// PEM, base64url, JWK.
    fn to_texts(&self) -> [String; 3] {
        match self {
            Self::Private(key) => [key.to_pem(), key.to_base64url(), key.to_jwk()].map(|text| text.to_string()),
            Self::Public(key) => [key.to_pem(), key.to_base64url(), key.to_jwk()],
        }
    }
}

pub(crate) fn trials(corpus: &Corpus) -> Vec<Trial> {
    let expectations = Expectations::new(CODES, EXCEPTIONS);
    let expectations_as_text = Expectations::new(CODES_AS_TEXT, &[]);
    let mut trials = Vec::new();
    for folder in FOLDERS {
        let manifest: Manifest = corpus.json(&format!("{folder}/manifest.json"));
        // What was mended is this key.
        let whole =
            manifest.cases.iter().find(|case| case.file == "pem/pkcs8.ok.pem").and_then(|case| case.facts.clone());
        for case in manifest.cases {
            let name = format!("{folder}/{}", case.file);
            let labels: Vec<_> = case.reason.iter().chain(&case.policy).cloned().collect();
            let outcome = expectations.outcome(&name, case.expect == "accept", &labels);
            let as_text = expectations_as_text.code(&name, &[]).map_or(outcome, Refuse);
            let input = corpus.bytes(&name);
            let facts = case.facts.clone().or_else(|| whole.clone());
            trials.push(trial(name, move || check(&case, &input, facts.as_ref(), outcome, as_text)));
        }
    }
    trials.extend([expectations.all_used("keys"), expectations_as_text.all_used("keys as text")]);
    trials
}

fn check(case: &Case, input: &[u8], facts: Option<&Facts>, outcome: Outcome, as_text: Outcome) {
    let text = match case.form {
        Form::Der => URL_SAFE_NO_PAD.encode(input).into_bytes(),
        Form::Pem => input.to_vec(),
    };
    let mut readings = vec![(Key::parse(&text), as_text)];
    if case.form == Form::Der {
        readings.push((Key::from_der(input), outcome));
    }
    for (key, outcome) in readings {
        if let Refuse(_) = outcome {
            assert_eq!(given(&key), outcome);
            check_refused_conversions(&text, as_text);
            continue;
        }
        let key = key.unwrap_or_else(|error| panic!("refused: {error}"));
        let facts = facts.expect("the manifest describes each key that can be read");
        check_facts(&key, facts);
        check_signature(&key, facts, outcome);
        check_round_trips(&key);
        check_conversions(&key, &text);
        if case.expect == "accept" {
            check_bytes(&key, case, facts, input);
        }
    }
}

/// The conversions of text refuse it too, with the same error, unless only arithmetic tells.
fn check_refused_conversions(text: &[u8], outcome: Outcome) {
    let arithmetic = ARITHMETIC.iter().any(|code| outcome == Refuse(code));
    for converted in [der_to_pem(text), pem_to_der(text)] {
        assert!(given(&converted) == outcome || converted.is_ok() && arithmetic, "converted: {:?}", given(&converted));
    }
}

fn check_facts(key: &Key, facts: &Facts) {
    assert_eq!(key.role(), facts.role);
    let public = key.public();
    assert_eq!(public.bits(), facts.bits);
    assert_eq!(public.kid().as_str(), facts.thumbprint_sha256);
    let e = URL_SAFE_NO_PAD.encode(&facts.e.to_be_bytes()[facts.e.leading_zeros() as usize / 8..]);
    assert!(public.to_jwk().contains(&format!(r#""e":"{e}""#)), "e is not {}", facts.e);
}

fn check_signature(key: &Key, facts: &Facts, outcome: Outcome) {
    let Key::Private(private) = key else { return };
    let signature = private.sign(MESSAGE);
    if outcome == AcceptButCannotSign {
        assert_eq!(signature, Err(Error::KeyCannotSign));
        return;
    }
    let signature = signature.expect("a sound key signs");
    if let Some(expected) = &facts.rs256_sig_of_corpus_check {
        assert_eq!(URL_SAFE_NO_PAD.encode(&signature), *expected);
    }
    assert_eq!(key.public().verify(MESSAGE, &signature), Ok(true));
    assert_eq!(key.public().verify(b"another message", &signature), Ok(false));
}

fn check_round_trips(key: &Key) {
    let der = key.to_der();
    let texts = key.to_texts();
    let from_texts = texts.iter().map(|text| Key::parse(text.as_bytes()));
    for same in [Key::from_der(&der), Key::parse(&der)].into_iter().chain(from_texts) {
        let same = same.unwrap_or_else(|error| panic!("what core wrote it refuses: {error}"));
        assert!(same.to_der() == der && same.role() == key.role(), "written and read, the key is another");
    }
}

fn check_conversions(key: &Key, text: &[u8]) {
    let [pem, base64url, _] = key.to_texts();
    assert!(der_to_pem(text).is_ok_and(|ours| *ours == pem), "der_to_pem differs from to_pem");
    assert!(pem_to_der(text).is_ok_and(|ours| *ours == base64url), "pem_to_der differs from to_base64url");
    assert_eq!(kid(text), Ok(key.public().kid()));
}

/// What is written is, byte for byte, what was read: the whole of it, or the PKCS#1 key inside.
fn check_bytes(key: &Key, case: &Case, facts: &Facts, input: &[u8]) {
    if case.policy.iter().any(|policy| NOT_CANONICAL.contains(&policy.as_str())) {
        return;
    }
    let wrapped = facts.container.starts_with("pkcs1");
    match case.form {
        Form::Der if wrapped => assert!(key.to_der().ends_with(input), "another PKCS#1 key"),
        Form::Der => assert!(key.to_der() == input, "another DER"),
        // Written as PKCS#8 or SPKI, whose base64 has nothing in common with this.
        Form::Pem if wrapped => {}
        Form::Pem => {
            let [pem, ..] = key.to_texts();
            assert!(squeeze(&String::from_utf8_lossy(input)).contains(&squeeze(&pem)), "another PEM");
        }
    }
}

/// The text without its white space, which PEM may have as it likes.
fn squeeze(text: &str) -> String {
    text.split_ascii_whitespace().collect()
}
