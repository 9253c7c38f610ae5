//! JSON Web Keys for RSA (RFC 7517, RFC 7518 §6.3): reading strictly, writing.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::encoding::json::{self, Present, Text};
use crate::encoding::{
    MAX_KEY_TEXT, Numbers, PrivateNumbers, PublicNumbers, SecretBytes, SecretText, base64url, from_base64url,
};
use crate::error::{Error, Result};
use crate::kid::Kid;

/// The members that matter.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Members<'a> {
    #[serde(borrow)]
    kty: Text<'a>,
    n: Text<'a>,
    e: Text<'a>,
    d: Text<'a>,
    p: Text<'a>,
    q: Text<'a>,
    dp: Text<'a>,
    dq: Text<'a>,
    qi: Text<'a>,
    oth: Present,
    alg: Text<'a>,
    r#use: Text<'a>,
    key_ops: Option<Vec<Text<'a>>>,
}

/// The decoded numbers of one JWK.
pub(crate) struct Jwk {
    n: SecretBytes,
    e: SecretBytes,
    /// d, p, q, dp, dq, qi
    private: Option<[SecretBytes; 6]>,
}

/// The JWKs of a set that are public RSA keys for RS256 (RFC 7517 §5: others are passed over).
#[derive(Deserialize)]
struct Set<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

impl Jwk {
    /// Reads one JWK, private or public.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let members: Members<'_> = json::read(text.as_bytes()).ok_or(Error::KeyJwk)?;
        match members.kty.0 {
            Some("RSA") => {}
            Some("EC") => return Err(Error::KeyAlgorithm { found: "an EC key" }),
            Some("OKP") => return Err(Error::KeyAlgorithm { found: "an Edwards curve key" }),
            Some("oct") => return Err(Error::KeyAlgorithm { found: "a symmetric key" }),
            _ => return Err(Error::KeyJwk),
        }
        let secrets = [members.d, members.p, members.q, members.dp, members.dq, members.qi].map(|text| text.0);
        let present = secrets.iter().flatten().count();
        check_purpose(&members, if present > 0 { "sign" } else { "verify" })?;
        if members.oth.0 {
            return Err(Error::KeyMultiPrime);
        }
        let private = match secrets {
            [Some(d), Some(p), Some(q), Some(dp), Some(dq), Some(qi)] => {
                Some([number(d)?, number(p)?, number(q)?, number(dp)?, number(dq)?, number(qi)?])
            }
            _ if present > 0 => return Err(Error::KeyWithoutPrimes),
            _ => None,
        };
        let n = number(members.n.0.ok_or(Error::KeyJwk)?)?;
        let e = number(members.e.0.ok_or(Error::KeyJwk)?)?;
        Ok(Self { n, e, private })
    }

    /// Reads the RSA keys for RS256 of a JWK set.
    pub(crate) fn read_set(text: &str) -> Result<Vec<Self>> {
        let set: Set<'_> = json::read(text.as_bytes()).ok_or(Error::KeyJwk)?;
        let mut keys = Vec::new();
        for item in set.keys {
            match Self::read(item.get()) {
                Ok(key) => keys.push(key),
                Err(Error::KeyAlgorithm { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        if keys.is_empty() { Err(Error::KeySetEmpty) } else { Ok(keys) }
    }

    /// Whether the text is a JWK set rather than a JWK.
    pub(crate) fn is_set(text: &str) -> bool {
        text.len() <= MAX_KEY_TEXT && json::read::<Set<'_>>(text.as_bytes()).is_some()
    }

    /// The numbers that the JWK holds.
    pub(crate) fn numbers(&self) -> Numbers<'_> {
        let public = PublicNumbers { n: &self.n, e: &self.e };
        match &self.private {
            None => Numbers::Public(public),
            Some([d, p, q, dp, dq, qinv]) => Numbers::Private(PrivateNumbers { public, d, p, q, dp, dq, qinv }),
        }
    }
}

/// Refuses a key that says it is for something else than that operation (RFC 7517 §4.2–4.4).
fn check_purpose(members: &Members<'_>, operation: &str) -> Result<()> {
    let fits = members.alg.0.is_none_or(|alg| alg == "RS256")
        && members.r#use.0.is_none_or(|usage| usage == "sig")
        && members.key_ops.as_ref().is_none_or(|names| names.iter().any(|name| name.0 == Some(operation)));
    if fits { Ok(()) } else { Err(Error::KeyJwk) }
}

/// Base64urlUInt (RFC 7518 §2): canonical, with no leading zero octet.
fn number(text: &str) -> Result<SecretBytes> {
    match from_base64url(text) {
        Some(bytes) if bytes.first().is_some_and(|&byte| byte != 0) => Ok(bytes),
        _ => Err(Error::KeyJwk),
    }
}

/// Writes the public JWK: kty, n, e, alg, use, kid.
pub(crate) fn write_public(numbers: PublicNumbers<'_>, kid: Kid) -> String {
    format!(r#"{{{},"alg":"RS256","use":"sig","kid":"{kid}"}}"#, public_members(numbers))
}

/// Writes the private JWK: kty, n, e, d, p, q, dp, dq, qi, alg, use, kid.
pub(crate) fn write_private(numbers: PrivateNumbers<'_>, kid: Kid) -> SecretText {
    let PrivateNumbers { public, d, p, q, dp, dq, qinv } = numbers;
    // Room for everything at once: a growing string would leave copies of the secrets behind.
    let mut text = Zeroizing::new(String::with_capacity(8 * public.n.len() + 512));
    text.push('{');
    text.push_str(&public_members(public));
    for (name, value) in [("d", d), ("p", p), ("q", q), ("dp", dp), ("dq", dq), ("qi", qinv)] {
        let value = Zeroizing::new(base64url(value));
        for part in [",\"", name, "\":\"", &value, "\""] {
            text.push_str(part);
        }
    }
    text.push_str(r#","alg":"RS256","use":"sig","kid":""#);
    text.push_str(kid.as_str());
    text.push_str("\"}");
    text
}

fn public_members(PublicNumbers { n, e }: PublicNumbers<'_>) -> String {
    format!(r#""kty":"RSA","n":"{}","e":"{}""#, base64url(n), base64url(e))
}
