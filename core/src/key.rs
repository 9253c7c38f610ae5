//! `PrivateKey` and `PublicKey`: RSA keys, parsed once, checked once, immutable.

use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::encoding;
use crate::encoding::asn1::{self, Container};
use crate::encoding::jwk::{self, Jwk};
use crate::encoding::pasted::{self, Pasted};
use crate::engine::{Active, Engine, PerProcess};
use crate::error::{Error, Result};
use crate::kid::Kid;
use crate::numbers::{Numbers, PrivateNumbers, PublicNumbers};
use crate::secret::{MAX_KEY_TEXT, SecretBytes, SecretText, read_secret};

/// The supported sizes of the modulus, in bits. NIST SP 800-131A requires at least 2048. Keys above
/// 8192 bits add no practical security and make verification slow enough to abuse.
const MODULUS_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// The engines take public exponents up to 33 bits, as Windows does.
const MAX_EXPONENT_BITS: u32 = 33;

/// Why writing a checked key cannot fail: the writers refuse only lengths that no such key has.
const WRITABLE: &str = "a key of at most 8192 bits can be written";

/// An RSA private key for RS256.
///
/// Cloning is cheap: the clones share one key. Its memory is wiped when the last one is dropped.
/// `Debug` shows the kid and the size only.
///
/// ```
/// use scout_auth::PrivateKey;
///
/// let key = PrivateKey::generate(2048)?;
/// let same = PrivateKey::parse(key.to_base64url())?;
/// assert_eq!(same.kid(), key.kid());
/// # Ok::<(), scout_auth::Error>(())
/// ```
#[derive(Clone)]
pub struct PrivateKey(Arc<PrivateInner>);

struct PrivateInner {
    /// Canonical PKCS#8. It is what is written, and what a forked child loads again.
    pkcs8: SecretBytes,
    public: PublicKey,
    engine: PerProcess<<Active as Engine>::Private>,
}

/// An RSA public key for RS256.
#[derive(Clone)]
pub struct PublicKey(Arc<PublicInner>);

struct PublicInner {
    n: Vec<u8>,
    e: Vec<u8>,
    kid: Kid,
    engine: PerProcess<<Active as Engine>::Public>,
}

impl PrivateKey {
    /// Reads a private key as Scout issues it, base64url of PKCS#8 DER, or in any form of
    /// docs/keys.md: PEM, JWK, PKCS#1, DER. Damage that docs/keys.md lists is mended.
    ///
    /// # Errors
    /// One of the `Key…` errors, which says what the text is instead: [`Error::KeyTruncated`],
    /// [`Error::KeyIsPublic`], [`Error::KeyIsPath`] and so on.
    pub fn parse(key: impl AsRef<[u8]>) -> Result<Self> {
        Self::from_numbers(Pasted::read(key.as_ref())?.numbers()?)
    }

    /// Reads the DER of a private key: PKCS#8 or PKCS#1.
    ///
    /// # Errors
    /// As [`PrivateKey::parse`].
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let der = Zeroizing::new(der.to_vec());
        Self::from_numbers(Pasted::from_der(der, None)?.numbers()?)
    }

    /// Reads a key file: any form that [`PrivateKey::parse`] takes, at most 64 KiB.
    ///
    /// # Errors
    /// [`Error::KeyFile`], [`Error::KeyFileIsKey`], and those of [`PrivateKey::parse`].
    pub fn read_file(path: impl AsRef<Path>) -> Result<Self> {
        Self::parse(&*read_key_file(path.as_ref())?)
    }

    /// Makes a new key with e = 65537.
    ///
    /// # Errors
    /// [`Error::KeySize`] if `bits` is not 2048, 3072, 4096 or 8192; [`Error::Engine`].
    pub fn generate(bits: u32) -> Result<Self> {
        Self::from_der(&Active::generate(bits)?)
    }

    fn from_numbers(numbers: Numbers<'_>) -> Result<Self> {
        let Numbers::Private(numbers) = numbers else { return Err(Error::KeyIsPublic) };
        check_private(numbers)?;
        Ok(Self(Arc::new(PrivateInner {
            pkcs8: asn1::write_pkcs8(numbers)?,
            engine: PerProcess::new(Active::load_private(numbers)?),
            public: PublicKey::from_numbers(numbers.public)?,
        })))
    }

    fn with_numbers<T>(&self, then: impl FnOnce(PrivateNumbers<'_>) -> Result<T>) -> Result<T> {
        match asn1::numbers(&self.0.pkcs8, Container::Pkcs8)? {
            Numbers::Private(numbers) => then(numbers),
            Numbers::Public(_) => Err(Error::Internal),
        }
    }

    /// The public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public
    }

    /// The kid: the RFC 7638 thumbprint of the public key.
    pub fn kid(&self) -> Kid {
        self.0.public.kid()
    }

    /// The size of the modulus in bits.
    pub fn bits(&self) -> u32 {
        self.0.public.bits()
    }

    /// The RS256 signature over the message: as many bytes as the modulus has.
    ///
    /// # Errors
    /// [`Error::KeyCannotSign`] if the key passed every check but is unsound, for example because a
    /// factor is not prime; [`Error::Engine`].
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.0.public.0.n.len()];
        self.0
            .engine
            .with(|| self.with_numbers(Active::load_private), |key| Active::sign(key, message, &mut signature))??;
        Ok(signature)
    }

    /// PEM of PKCS#8, byte for byte as `openssl pkcs8 -topk8 -nocrypt` writes it.
    pub fn to_pem(&self) -> SecretText {
        encoding::pem("PRIVATE KEY", &self.0.pkcs8)
    }

    /// Canonical DER of PKCS#8. A key that was read from canonical DER has the same bytes again.
    pub fn to_der(&self) -> SecretBytes {
        self.0.pkcs8.clone()
    }

    /// base64url of the DER, without padding: the form that Scout issues.
    pub fn to_base64url(&self) -> SecretText {
        Zeroizing::new(encoding::base64url(&self.0.pkcs8))
    }

    /// The private JWK (RFC 7518 §6.3.2).
    pub fn to_jwk(&self) -> SecretText {
        self.with_numbers(|numbers| Ok(jwk::write_private(numbers, self.kid()))).expect(WRITABLE)
    }
}

impl PublicKey {
    /// Reads a public key: SPKI or PKCS#1 in DER, base64url or PEM, or a JWK. It mends what
    /// [`PrivateKey::parse`] mends.
    ///
    /// # Errors
    /// One of the `Key…` errors, which says what the text is instead.
    pub fn parse(key: impl AsRef<[u8]>) -> Result<Self> {
        public(Pasted::read(key.as_ref())?.numbers()?)
    }

    /// Reads the DER of a public key: SPKI or PKCS#1.
    ///
    /// # Errors
    /// As [`PublicKey::parse`].
    pub fn from_der(der: &[u8]) -> Result<Self> {
        let der = Zeroizing::new(der.to_vec());
        public(Pasted::from_der(der, None)?.numbers()?)
    }

    /// Reads the RSA keys for RS256 of a JWK set. As RFC 7517 §5 says, other keys are passed over:
    /// those of another type, for another purpose, without a required member, or of a size or
    /// exponent that is not supported.
    ///
    /// # Errors
    /// [`Error::KeyJwk`] if the JSON is malformed or has a duplicate member,
    /// [`Error::KeyIsPrivate`] if the set contains a private key, [`Error::KeySetEmpty`] if no key
    /// is left, [`Error::KeyTextTooLong`], [`Error::KeyMultiPrime`], [`Error::KeyInconsistent`].
    pub fn parse_set(text: &str) -> Result<Vec<Self>> {
        Ok(Self::parse_named_set(text)?.into_iter().map(|(key, _)| key).collect())
    }

    /// As [`PublicKey::parse_set`], each key with the kid that its JWK names.
    pub(crate) fn parse_named_set(text: &str) -> Result<Vec<(Self, Option<String>)>> {
        if text.len() > MAX_KEY_TEXT {
            return Err(Error::KeyTextTooLong);
        }
        let text = pasted::without_nul(text);
        let mut keys = Vec::new();
        for jwk in Jwk::read_set(text)? {
            match public(jwk.numbers()) {
                Ok(key) => keys.push((key, jwk.kid)),
                Err(Error::KeyTooSmall { .. } | Error::KeyTooLarge { .. } | Error::KeyExponent) => {}
                Err(error) => return Err(error),
            }
        }
        if keys.is_empty() { Err(Error::KeySetEmpty) } else { Ok(keys) }
    }

    fn from_numbers(numbers: PublicNumbers<'_>) -> Result<Self> {
        check_public(numbers)?;
        let engine = PerProcess::new(Active::load_public(numbers)?);
        let PublicNumbers { n, e } = numbers;
        Ok(Self(Arc::new(PublicInner { n: n.to_vec(), e: e.to_vec(), kid: Kid::of(n, e), engine })))
    }

    fn numbers(&self) -> PublicNumbers<'_> {
        PublicNumbers { n: &self.0.n, e: &self.0.e }
    }

    /// The kid: the RFC 7638 thumbprint.
    pub fn kid(&self) -> Kid {
        self.0.kid
    }

    /// The size of the modulus in bits.
    pub fn bits(&self) -> u32 {
        bit_length(&self.0.n)
    }

    /// Whether the bytes are this key's RS256 signature over the message.
    ///
    /// # Errors
    /// [`Error::Engine`] if the engine cannot load the key in a forked process.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<bool> {
        self.0.engine.with(|| Active::load_public(self.numbers()), |key| Active::verify(key, message, signature))
    }

    /// PEM of SPKI, byte for byte as `openssl pkey -pubout` writes it.
    pub fn to_pem(&self) -> String {
        encoding::pem("PUBLIC KEY", &self.to_der()).to_string()
    }

    /// DER of SPKI, canonical.
    pub fn to_der(&self) -> Vec<u8> {
        asn1::write_spki(self.numbers()).expect(WRITABLE)
    }

    /// base64url of the DER, without padding: the form that Scout shows.
    pub fn to_base64url(&self) -> String {
        encoding::base64url(&self.to_der())
    }

    /// The public JWK (RFC 7518 §6.3.1), with alg, use and kid.
    pub fn to_jwk(&self) -> String {
        jwk::write_public(self.numbers(), self.kid())
    }
}

fn public(numbers: Numbers<'_>) -> Result<PublicKey> {
    match numbers {
        Numbers::Public(numbers) => PublicKey::from_numbers(numbers),
        Numbers::Private(_) => Err(Error::KeyIsPrivate),
    }
}

/// The contents of a key file.
pub(crate) fn read_key_file(path: &Path) -> Result<SecretBytes> {
    File::open(path).and_then(read_secret).map_err(|error| key_file_error(path, error.kind()))
}

/// Why a key file cannot be read; the key itself is often given in the place of its path.
pub(crate) fn key_file_error(path: &Path, kind: ErrorKind) -> Error {
    match path.to_str() {
        Some(text) if pasted::is_key(text) => Error::KeyFileIsKey,
        _ => Error::KeyFile { kind },
    }
}

/// Writes key text of any form as PEM: `PRIVATE KEY` or `PUBLIC KEY`.
///
/// It checks the structure of the key but not its arithmetic, so it takes microseconds.
///
/// # Errors
/// One of the `Key…` errors.
pub fn to_pem(key: impl AsRef<[u8]>) -> Result<SecretText> {
    canonical(key.as_ref()).map(|(label, der)| encoding::pem(label, &der))
}

/// Writes key text of any form as base64url of its DER, the form that Scout issues.
///
/// It checks the structure of the key but not its arithmetic, so it takes microseconds.
///
/// # Errors
/// One of the `Key…` errors.
pub fn to_base64url(key: impl AsRef<[u8]>) -> Result<SecretText> {
    canonical(key.as_ref()).map(|(_, der)| Zeroizing::new(encoding::base64url(&der)))
}

fn canonical(key: &[u8]) -> Result<(&'static str, SecretBytes)> {
    let pasted = Pasted::read(key)?;
    let (label, written) = match pasted.numbers()? {
        Numbers::Private(_) if pasted.is_canonical_pkcs8() => ("PRIVATE KEY", None),
        Numbers::Private(numbers) => ("PRIVATE KEY", Some(asn1::write_pkcs8(numbers)?)),
        Numbers::Public(numbers) => ("PUBLIC KEY", Some(Zeroizing::new(asn1::write_spki(numbers)?))),
    };
    match (written, pasted) {
        (Some(der), _) | (None, Pasted::Der { der, .. }) => Ok((label, der)),
        (None, Pasted::Jwk(_)) => Err(Error::Internal),
    }
}

/// The old name of [`to_pem`].
///
/// # Errors
/// As [`to_pem`].
#[deprecated(since = "0.1.0", note = "renamed to `to_pem`; this name goes with version 1.0")]
pub fn der_to_pem(key: impl AsRef<[u8]>) -> Result<SecretText> {
    to_pem(key)
}

/// The old name of [`to_base64url`].
///
/// # Errors
/// As [`to_base64url`].
#[deprecated(since = "0.1.0", note = "renamed to `to_base64url`; this name goes with version 1.0")]
pub fn pem_to_der(key: impl AsRef<[u8]>) -> Result<SecretText> {
    to_base64url(key)
}

/// The kid of a key, private or public, in any form.
///
/// # Errors
/// One of the `Key…` errors.
pub fn kid(key: impl AsRef<[u8]>) -> Result<Kid> {
    match Pasted::read(key.as_ref())?.numbers()? {
        Numbers::Private(PrivateNumbers { public, .. }) | Numbers::Public(public) => {
            check_public(public)?;
            Ok(Kid::of(public.n, public.e))
        }
    }
}

/// Checks the sizes and forms of the public numbers, so that both engines reach the same verdict.
fn check_public(PublicNumbers { n, e }: PublicNumbers<'_>) -> Result<()> {
    let bits = bit_length(n);
    if bits < *MODULUS_BITS.start() {
        return Err(Error::KeyTooSmall { bits });
    }
    if bits > *MODULUS_BITS.end() {
        return Err(Error::KeyTooLarge { bits });
    }
    if !is_odd(n) {
        return Err(Error::KeyInconsistent);
    }
    if !is_odd(e) || e == [1] || bit_length(e) > MAX_EXPONENT_BITS {
        return Err(Error::KeyExponent);
    }
    Ok(())
}

/// Checks the sizes of the private numbers, so that both engines reach the same verdict. The engines
/// check the arithmetic.
fn check_private(numbers: PrivateNumbers<'_>) -> Result<()> {
    check_public(numbers.public)?;
    // Both factors have half the size. Neither engine is constant time for others.
    let half = bit_length(numbers.public.n).div_ceil(2);
    let balanced = [numbers.p, numbers.q].iter().all(|prime| bit_length(prime) <= half);
    if !balanced {
        return Err(Error::KeyUnbalanced);
    }
    // RFC 8017 §3.2: d < n. The engines differ on it. Numbers of equal length compare as bytes do.
    let reduced = (numbers.d.len(), numbers.d) < (numbers.public.n.len(), numbers.public.n);
    if reduced { Ok(()) } else { Err(Error::KeyInconsistent) }
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte & 1 == 1)
}

/// The bits of a big-endian number without leading zeros.
fn bit_length(number: &[u8]) -> u32 {
    let Some(first) = number.first() else { return 0 };
    // Key text is at most 64 KiB, so this cannot overflow.
    u32::try_from(number.len()).map_or(u32::MAX, |length| length * 8 - first.leading_zeros())
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey {{ kid: {}, bits: {} }}", self.kid(), self.bits())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey {{ kid: {}, bits: {} }}", self.kid(), self.bits())
    }
}

/// Keys are equal when their public numbers are.
impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.numbers().n == other.numbers().n && self.numbers().e == other.numbers().e
    }
}

impl Eq for PublicKey {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The engines refuse most of these too. This shows that the key is refused before it reaches
    /// one, so that both give the same verdict.
    #[test]
    fn the_private_numbers_are_checked_before_an_engine_sees_them() {
        let n = [vec![0x80], vec![0; 254], vec![1]].concat();
        let half = [0xff; 128];
        let sound = PrivateNumbers {
            public: PublicNumbers { n: &n, e: &[1, 0, 1] },
            d: &n[..255],
            p: &half,
            q: &half,
            dp: &[1],
            dq: &[1],
            qinv: &[1],
        };
        let above = [vec![0x80], vec![0; 254], vec![2]].concat();
        let longer = [vec![1], vec![0; 256]].concat();
        let below = [vec![0x80], vec![0; 255]].concat();
        assert_eq!(check_private(sound), Ok(()));
        assert_eq!(check_private(PrivateNumbers { d: &below, ..sound }), Ok(()));
        for d in [&n, &above, &longer] {
            assert_eq!(check_private(PrivateNumbers { d, ..sound }), Err(Error::KeyInconsistent));
        }
        let long = [vec![1], vec![0xff; 128]].concat();
        assert_eq!(check_private(PrivateNumbers { p: &long, ..sound }), Err(Error::KeyUnbalanced));
        assert_eq!(check_private(PrivateNumbers { q: &long, ..sound }), Err(Error::KeyUnbalanced));
    }

    /// DER that is passed on is what would be written, whatever was changed in front of the numbers.
    #[test]
    fn der_that_is_passed_on_is_what_would_be_written_of_its_numbers() {
        let der = PrivateKey::generate(2048).unwrap().to_der();
        assert!(asn1::is_canonical_pkcs8(&der));
        let with_length = |rest: &[&[u8]]| {
            let rest = rest.concat();
            [&[0x30, 0x82], &u16::try_from(rest.len()).unwrap().to_be_bytes()[..], &rest].concat()
        };
        let without_parameters = with_length(&[&der[4..8], &[0x0b], &der[9..20], &der[22..]]);
        let with_attributes = with_length(&[&der[4..], &[0xa0, 0]]);
        let mut variants = vec![without_parameters, with_attributes];
        for at in 0..40 {
            for byte in 0..=255 {
                let mut changed = der.to_vec();
                changed[at] = byte;
                variants.push(changed);
            }
        }
        let mut passed_on = 0;
        for variant in variants {
            let Ok(Numbers::Private(numbers)) = asn1::numbers(&variant, Container::Pkcs8) else { continue };
            if asn1::is_canonical_pkcs8(&variant) {
                assert_eq!(variant, **asn1::write_pkcs8(numbers).unwrap());
                passed_on += 1;
            }
        }
        assert!(passed_on > 0);
    }
}
