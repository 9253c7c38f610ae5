//! JSON Web Keys for RSA (RFC 7517, RFC 7518 §6.3): reading strictly, writing.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::encoding::json::{self, Member, Present, Text};
use crate::encoding::{base64url, from_base64url};
use crate::error::{Error, Result};
use crate::kid::Kid;
use crate::numbers::{Numbers, PrivateNumbers, PublicNumbers};
use crate::secret::{MAX_KEY_TEXT, SecretBytes, SecretText};

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
    #[serde(borrow)]
    kid: Member<'a>,
}

/// The decoded numbers of one JWK.
pub(crate) struct Jwk {
    n: SecretBytes,
    e: SecretBytes,
    /// d, p, q, dp, dq, qi
    private: Option<[SecretBytes; 6]>,
    /// The kid that the JWK names. It need not be the thumbprint.
    pub(crate) kid: Option<String>,
}

/// The JWKs of a set, each not read yet.
#[derive(Deserialize)]
struct Set<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

impl Jwk {
    /// Reads one JWK, private or public.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let members = Members::read(text)?;
        match members.kty.0 {
            Some("RSA") => {}
            Some("EC") => return Err(Error::KeyAlgorithm { found: "an EC key" }),
            Some("OKP") => return Err(Error::KeyAlgorithm { found: "an Edwards curve key" }),
            Some("oct") => return Err(Error::KeyAlgorithm { found: "a symmetric key" }),
            _ => return Err(Error::KeyJwk),
        }
        if members.is_for_rs256() { Self::from_members(&members) } else { Err(Error::KeyJwk) }
    }

    fn from_members(members: &Members<'_>) -> Result<Self> {
        if members.oth.0 {
            return Err(Error::KeyMultiPrime);
        }
        let private = match members.secrets() {
            [Some(d), Some(p), Some(q), Some(dp), Some(dq), Some(qi)] => {
                Some([number(d)?, number(p)?, number(q)?, number(dp)?, number(dq)?, number(qi)?])
            }
            [None, None, None, None, None, None] => None,
            _ => return Err(Error::KeyWithoutPrimes),
        };
        let kid = match &members.kid {
            Member::Missing => None,
            Member::Text(kid) => Some(kid.clone().into_owned()),
            // RFC 7517 §4.5: it must be text.
            _ => return Err(Error::KeyJwk),
        };
        let n = number(members.n.0.ok_or(Error::KeyJwk)?)?;
        let e = number(members.e.0.ok_or(Error::KeyJwk)?)?;
        Ok(Self { n, e, private, kid })
    }

    /// Reads the public RSA keys for RS256 of a JWK set. Keys of other types, for other purposes or
    /// without a required member are passed over (RFC 7517 §5); a private key is refused.
    pub(crate) fn read_set(text: &str) -> Result<Vec<Self>> {
        refuse_escaped_secret(text)?;
        let set: Set<'_> = json::read(text.as_bytes()).ok_or(Error::KeyJwk)?;
        let mut keys = Vec::new();
        for item in set.keys {
            if !is_rsa(item.get())? {
                continue;
            }
            let members = Members::read(item.get())?;
            let is_complete = members.n.0.is_some() && members.e.0.is_some();
            if is_complete && members.is_for_rs256() {
                keys.push(Self::from_members(&members)?);
            }
        }
        Ok(keys)
    }

    /// Whether the text is a JWK set rather than a JWK.
    pub(crate) fn is_set(text: &str) -> bool {
        text.len() <= MAX_KEY_TEXT
            && refuse_escaped_secret(text).is_ok()
            && json::read::<Set<'_>>(text.as_bytes()).is_some()
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

impl<'a> Members<'a> {
    fn read(text: &'a str) -> Result<Self> {
        refuse_escaped_secret(text)?;
        json::read(text.as_bytes()).ok_or(Error::KeyJwk)
    }

    /// d, p, q, dp, dq, qi
    fn secrets(&self) -> [Option<&'a str>; 6] {
        [self.d, self.p, self.q, self.dp, self.dq, self.qi].map(|text| text.0)
    }

    /// Whether the key may sign or verify with RS256, by what it says (RFC 7517 §4.2–4.4).
    fn is_for_rs256(&self) -> bool {
        let operation = if self.secrets().iter().any(Option::is_some) { "sign" } else { "verify" };
        self.alg.0.is_none_or(|alg| alg == "RS256")
            && self.r#use.0.is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|names| names.iter().any(|name| name.0 == Some(operation)))
    }
}

/// Whether an item of a JWK set is an RSA key. A private key of any type is an error.
fn is_rsa(text: &str) -> Result<bool> {
    let (mut kty, mut is_private) = (Member::Missing, false);
    let read = json::members(text.as_bytes(), |name, member| match name {
        "kty" => kty = member,
        "d" => is_private = true,
        _ => {}
    });
    read.ok_or(Error::KeyJwk)?;
    if is_private {
        return Err(Error::KeyIsPrivate);
    }
    Ok(matches!(kty, Member::Text(kty) if kty == "RSA"))
}

/// Refuses a JWK that may hold a secret and has JSON escapes, before it is read: the JSON reader
/// would leave an unescaped copy of the secret behind. Neither base64url nor the names of the
/// secret members need escapes.
fn refuse_escaped_secret(text: &str) -> Result<()> {
    // A secret member by its name, or any escape that can spell a letter of one.
    const SECRETS: &[&str] = &["\"d\"", "\"p\"", "\"q\"", "\"dp\"", "\"dq\"", "\"qi\"", "\\u006", "\\u007"];
    let has_escape = text.contains('\\');
    if has_escape && SECRETS.iter().any(|name| text.contains(name)) { Err(Error::KeyJwk) } else { Ok(()) }
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
    // The capacity for everything at once: a growing string would leave copies of the secrets behind.
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
