//! The DER of keys: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 appendix A.1), SubjectPublicKeyInfo
//! (RFC 5280 §4.1.2.7), and the recognition of other DER that people paste instead.

use std::cmp::Ordering;

use der::asn1::{AnyRef, BitStringRef, OctetStringRef, UintRef};
use der::oid::ObjectIdentifier;
use der::{Decode as _, Encode as _, Header, Reader as _, SliceReader, Tag, Tagged as _};
use pkcs1::{RsaPrivateKey, RsaPublicKeyRef};
use pkcs8::PrivateKeyInfo;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::numbers::{Numbers, PrivateNumbers, PublicNumbers};
use crate::secret::SecretBytes;

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Algorithms whose keys people have, by their identifier.
const OTHER_ALGORITHMS: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.7", "an RSA-OAEP key"),
    ("1.2.840.113549.1.1.10", "an RSA-PSS key"),
    ("1.2.840.113549.1.3.1", "a Diffie-Hellman key"),
    ("1.2.840.10040.4.1", "a DSA key"),
    ("1.2.840.10045.2.1", "an EC key"),
    ("1.2.840.10046.2.1", "a Diffie-Hellman key"),
    ("1.3.101.110", "an X25519 key"),
    ("1.3.101.111", "an X448 key"),
    ("1.3.101.112", "an Ed25519 key"),
    ("1.3.101.113", "an Ed448 key"),
];

/// The structures that hold an RSA key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Pkcs8,
    Pkcs1Private,
    Spki,
    Pkcs1Public,
}

/// Finds out what the DER is: one of the containers of an RSA key, or the error that names it.
pub(crate) fn recognise(der: &[u8]) -> Result<Container> {
    use Tag::{BitString, Integer, OctetString, Sequence};
    let body = whole_sequence(der)?;
    let items = children(body)?;
    let tags: Vec<Tag> = items.iter().map(AnyRef::tag).collect();
    match tags.as_slice() {
        [Integer, Sequence, OctetString, ..] => Ok(Container::Pkcs8),
        [Integer, Integer] => Ok(Container::Pkcs1Public),
        // Nine numbers; a tenth element is the list of further primes.
        [Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, ..] => {
            Ok(Container::Pkcs1Private)
        }
        [Sequence, BitString] => Ok(Container::Spki),
        [Integer, Integer, Integer, Integer, Integer, Integer] => Err(Error::KeyAlgorithm { found: "a DSA key" }),
        [Integer, OctetString, ..] => Err(Error::KeyAlgorithm { found: "an EC key" }),
        [Sequence, OctetString] => Err(Error::KeyIsEncrypted),
        [Sequence, Sequence, BitString] => Err(certificate_or_request(&items[0])),
        [Integer, Sequence] | [Integer, Sequence, Sequence] => Err(Error::KeyFormat { found: "a PKCS#12 archive" }),
        _ => Err(Error::KeyStructure),
    }
}

/// The length that DER declares, in bytes, if it starts as a SEQUENCE does.
pub(crate) fn declared_length(der: &[u8]) -> Option<usize> {
    let (contents, there) = sequence_header(der).ok()?;
    Some(der.len() - there + contents)
}

/// The contents of the one SEQUENCE that the DER must be, to its last byte.
fn whole_sequence(der: &[u8]) -> Result<&[u8]> {
    let (length, rest) = sequence_header(der)?;
    match rest.cmp(&length) {
        Ordering::Less => Err(Error::KeyTruncated),
        Ordering::Greater => Err(Error::KeyTrailingData),
        Ordering::Equal => Ok(&der[der.len() - length..]),
    }
}

/// The length that a SEQUENCE declares for its contents, and the number of bytes there are.
fn sequence_header(der: &[u8]) -> Result<(usize, usize)> {
    let mut reader = SliceReader::new(der).map_err(|_| Error::KeyStructure)?;
    let header = Header::decode(&mut reader).map_err(|error| match error.kind() {
        der::ErrorKind::Incomplete { .. } => Error::KeyTruncated,
        _ => Error::KeyStructure,
    })?;
    let length = usize::try_from(header.length()).map_err(|_| Error::KeyStructure)?;
    let rest = usize::try_from(reader.remaining_len()).map_err(|_| Error::KeyStructure)?;
    if header.tag() == Tag::Sequence { Ok((length, rest)) } else { Err(Error::KeyStructure) }
}

/// The elements of a SEQUENCE, without their contents. No key has more than ten.
fn children(body: &[u8]) -> Result<Vec<AnyRef<'_>>> {
    let mut reader = SliceReader::new(body).map_err(|_| Error::KeyStructure)?;
    let mut items = Vec::new();
    while !reader.is_finished() {
        if items.len() == 16 {
            return Err(Error::KeyStructure);
        }
        items.push(AnyRef::decode(&mut reader).map_err(|_| Error::KeyStructure)?);
    }
    Ok(items)
}

/// A certificate starts with its version [0]. No field of a request has that tag.
fn certificate_or_request(to_be_signed: &AnyRef<'_>) -> Error {
    match children(to_be_signed.value()).as_deref() {
        Ok([first, ..]) if first.tag().is_context_specific() => Error::KeyIsCertificate,
        Ok([_, _, _, last]) if last.tag().is_context_specific() => Error::KeyFormat { found: "a certificate request" },
        Ok([_, _, _, _, _, _, ..]) => Error::KeyIsCertificate,
        _ => Error::KeyStructure,
    }
}

/// Reads the numbers of the key in that container.
pub(crate) fn numbers(der: &[u8], container: Container) -> Result<Numbers<'_>> {
    match container {
        Container::Pkcs8 => pkcs8(der).map(Numbers::Private),
        Container::Pkcs1Private => pkcs1_private(der).map(Numbers::Private),
        Container::Spki => spki(der).map(Numbers::Public),
        Container::Pkcs1Public => pkcs1_public(der).map(Numbers::Public),
    }
}

fn pkcs8(der: &[u8]) -> Result<PrivateNumbers<'_>> {
    if let Some(pkcs1) = canonical_pkcs8(der) {
        return pkcs1_private(pkcs1);
    }
    // The algorithm first: another algorithm's key may have parts that RSA's cannot have.
    let items = children(whole_sequence(der)?)?;
    let algorithm = items.get(1).ok_or(Error::KeyStructure)?;
    check_algorithm(algorithm.decode_as().map_err(|_| Error::KeyStructure)?)?;
    let info = PrivateKeyInfo::<AnyRef<'_>, &OctetStringRef, BitStringRef<'_>>::from_der(der)
        .map_err(|_| Error::KeyStructure)?;
    let numbers = pkcs1_private(info.private_key.as_bytes())?;
    if let Some(bits) = info.public_key {
        let public = pkcs1_public(bits.as_bytes().ok_or(Error::KeyStructure)?)?;
        if public.n != numbers.public.n || public.e != numbers.public.e {
            return Err(Error::KeyInconsistent);
        }
    }
    Ok(numbers)
}

fn pkcs1_private(der: &[u8]) -> Result<PrivateNumbers<'_>> {
    let key = RsaPrivateKey::<UintRef<'_>>::from_der(der).map_err(|_| structure_error(der))?;
    if key.other_prime_infos.is_some() {
        return Err(Error::KeyMultiPrime);
    }
    let secrets = [key.prime1, key.prime2, key.exponent1, key.exponent2, key.coefficient];
    if secrets.iter().any(|number| is_zero(number.as_bytes())) {
        return Err(Error::KeyWithoutPrimes);
    }
    Ok(PrivateNumbers {
        public: PublicNumbers { n: key.modulus.as_bytes(), e: key.public_exponent.as_bytes() },
        d: key.private_exponent.as_bytes(),
        p: key.prime1.as_bytes(),
        q: key.prime2.as_bytes(),
        dp: key.exponent1.as_bytes(),
        dq: key.exponent2.as_bytes(),
        qinv: key.coefficient.as_bytes(),
    })
}

/// Whether the number is zero, in any form that the readers return.
fn is_zero(number: &[u8]) -> bool {
    number.iter().all(|&byte| byte == 0)
}

/// Why the inner SEQUENCE was refused: its end, or its contents.
fn structure_error(der: &[u8]) -> Error {
    whole_sequence(der).err().unwrap_or(Error::KeyStructure)
}

fn spki(der: &[u8]) -> Result<PublicNumbers<'_>> {
    let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| Error::KeyStructure)?;
    check_algorithm(info.algorithm)?;
    pkcs1_public(info.subject_public_key.as_bytes().ok_or(Error::KeyStructure)?)
}

fn pkcs1_public(der: &[u8]) -> Result<PublicNumbers<'_>> {
    let key = RsaPublicKeyRef::from_der(der).map_err(|_| structure_error(der))?;
    Ok(PublicNumbers { n: key.modulus.as_bytes(), e: key.public_exponent.as_bytes() })
}

/// rsaEncryption with NULL parameters (RFC 8017 appendix A.1), or with none, as some tools write.
fn check_algorithm(algorithm: AlgorithmIdentifierRef<'_>) -> Result<()> {
    if algorithm.oid != RSA_ENCRYPTION {
        let oid = algorithm.oid.to_string();
        let found = OTHER_ALGORITHMS.iter().find(|(known, _)| *known == oid);
        return Err(Error::KeyAlgorithm { found: found.map_or("a key of another algorithm", |(_, name)| name) });
    }
    match algorithm.parameters {
        None => Ok(()),
        Some(parameters) if parameters.is_null() => Ok(()),
        Some(_) => Err(Error::KeyStructure),
    }
}

/// Writes canonical PKCS#8, version 1, without attributes: the form that Scout issues.
pub(crate) fn write_pkcs8(numbers: PrivateNumbers<'_>) -> Result<SecretBytes> {
    let uint = |bytes| UintRef::new(bytes).map_err(|_| Error::Internal);
    let key = RsaPrivateKey {
        modulus: uint(numbers.public.n)?,
        public_exponent: uint(numbers.public.e)?,
        private_exponent: uint(numbers.d)?,
        prime1: uint(numbers.p)?,
        prime2: uint(numbers.q)?,
        exponent1: uint(numbers.dp)?,
        exponent2: uint(numbers.dq)?,
        coefficient: uint(numbers.qinv)?,
        other_prime_infos: None,
    };
    let pkcs1 = Zeroizing::new(key.to_der().map_err(|_| Error::Internal)?);
    let key = OctetStringRef::new(&pkcs1).map_err(|_| Error::Internal)?;
    let info = PrivateKeyInfo::<AnyRef<'_>, &OctetStringRef, BitStringRef<'_>>::new(algorithm(), key);
    info.to_der().map(Zeroizing::new).map_err(|_| Error::Internal)
}

/// Whether PKCS#8 whose numbers were read is what [`write_pkcs8`] writes: version 1, parameters that
/// are NULL, and no attributes and public key. The reader of the numbers takes only DER, so there is one
/// way to write the rest.
pub(crate) fn is_canonical_pkcs8(der: &[u8]) -> bool {
    canonical_pkcs8(der).is_some()
}

/// The PKCS#1 inside of PKCS#8 in the form of [`is_canonical_pkcs8`].
fn canonical_pkcs8(der: &[u8]) -> Option<&[u8]> {
    const START: &[u8] = b"\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
    let key = whole_sequence(der).ok()?.strip_prefix(START)?;
    Some(<&OctetStringRef>::from_der(key).ok()?.as_bytes())
}

/// Writes canonical SubjectPublicKeyInfo.
pub(crate) fn write_spki(numbers: PublicNumbers<'_>) -> Result<Vec<u8>> {
    let uint = |bytes| UintRef::new(bytes).map_err(|_| Error::Internal);
    let key = RsaPublicKeyRef { modulus: uint(numbers.n)?, public_exponent: uint(numbers.e)? };
    let pkcs1 = key.to_der().map_err(|_| Error::Internal)?;
    let bits = BitStringRef::from_bytes(&pkcs1).map_err(|_| Error::Internal)?;
    let info = SubjectPublicKeyInfoRef { algorithm: algorithm(), subject_public_key: bits };
    info.to_der().map_err(|_| Error::Internal)
}

fn algorithm() -> AlgorithmIdentifierRef<'static> {
    AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) }
}
