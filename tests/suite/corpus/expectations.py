"""What we expect of the corpus: its verdicts, the error of each refusal, and where we differ on purpose.

A row names a case, or cases by a pattern, or a `reason` or `policy` of the manifest. The first row that fits is taken.
"""

from collections.abc import Collection
from fnmatch import fnmatchcase

ACCEPTED = ""

Errors = dict[str, str]
# What we expect, and why, if it is not what the manifest says.
Exceptions = dict[str, tuple[str, str]]

KEYS: Errors = {
    # The DER ends early or late inside, not where the text was cut off or something was pasted behind it.
    "derived_keys/der/pkcs*.len-2p63.der": "ERR_KEY_STRUCTURE",
    "derived_keys/num/missing-qinv.pkcs8.der": "ERR_KEY_STRUCTURE",
    "derived_keys/pub/missing-e.spki.der": "ERR_KEY_STRUCTURE",
    "derived_keys/pkcs8/version-0-with-pub.der": "ERR_KEY_STRUCTURE",
    "derived_keys/pkcs8/alg-extra.der": "ERR_KEY_STRUCTURE",
    "derived_keys/*/extra-integer.*": "ERR_KEY_STRUCTURE",
    "derived_keys/spki/post-trailing.der": "ERR_KEY_STRUCTURE",
    # The first bytes say that it is a key, and hardly more is left.
    "derived_keys/der/*.header-only.der": "ERR_KEY_TRUNCATED",
    "derived_keys/der/empty.der": "ERR_KEY_EMPTY",
    # So short that its base64url looks like an API key.
    "openssl/recipes/91-test_pkey_check_data/dsapub_noparam.der": "ERR_KEY_IS_LEGACY",
    # Several faults: the error is the one that tells the user more.
    "derived_keys/num/p-zero.*": "ERR_KEY_WITHOUT_PRIMES",
    "derived_keys/num/dp-zero.*": "ERR_KEY_WITHOUT_PRIMES",
    "derived_keys/num/crt-all-zero.*": "ERR_KEY_WITHOUT_PRIMES",
    "derived_keys/num/stripped-keep-e.*": "ERR_KEY_WITHOUT_PRIMES",
    "pyca/PEM_Serialization/rsa-bad-1025-q-is-2.pem": "ERR_KEY_WITHOUT_PRIMES",
    "derived_keys/num/version-1-two-primes.*": "ERR_KEY_STRUCTURE",
    "derived_keys/*/n-zero.*": "ERR_KEY_TOO_SMALL",
    "openssl/recipes/15-test_rsapss_data/negativesaltlen.pem": "ERR_KEY_ALGORITHM",
    "openssl/recipes/04-test_pem_reading_data/dsa*": "ERR_KEY_ALGORITHM",
    "pyca/PEM_Serialization/dsa_private_key.pem": "ERR_KEY_ALGORITHM",
    "pyca/PEM_Serialization/ec_private_key_encrypted.pem": "ERR_KEY_ALGORITHM",
    "openssl/recipes/04-test_pem_reading_data/cert*": "ERR_KEY_IS_CERTIFICATE",
    "openssl/certs/bad-othername-cert.pem": "ERR_KEY_IS_CERTIFICATE",
    "pki-types/data/certificate*": "ERR_KEY_IS_CERTIFICATE",
    "pki-types/data/*.crt": "ERR_KEY_IS_CERTIFICATE",
    "pki-types/data/gunk.pem": "ERR_KEY_ENCODING",
    "pki-types/data/nistp256curve.pem": "ERR_KEY_ALGORITHM",
    "derived_keys/pem/label-openssh.pem": "ERR_KEY_IS_OPENSSH",
    "pyca/OpenSSH/rsa-*psw.key": "ERR_KEY_IS_OPENSSH",
    "rustcrypto/pem-rfc7468/ssh-id_ed25519.pem": "ERR_KEY_IS_OPENSSH",
    "derived_keys/pem/dash-flood.pem": "ERR_KEY_TEXT_TOO_LONG",
    # Sizes are checked before the arithmetic.
    "derived_keys/num/[pq]-one.*": "ERR_KEY_UNBALANCED",
    "der-bad-alg-params": "ERR_KEY_STRUCTURE",
    "der-bad-bit-string": "ERR_KEY_STRUCTURE",
    "der-empty-integer": "ERR_KEY_STRUCTURE",
    "der-indefinite-length": "ERR_KEY_STRUCTURE",
    "der-negative-integer": "ERR_KEY_STRUCTURE",
    "der-nonminimal-integer": "ERR_KEY_STRUCTURE",
    "der-nonminimal-length": "ERR_KEY_STRUCTURE",
    "der-trailing-data": "ERR_KEY_TRAILING_DATA",
    "der-truncated": "ERR_KEY_TRUNCATED",
    "der-unexpected-tag": "ERR_KEY_STRUCTURE",
    "encrypted-legacy-pem": "ERR_KEY_IS_ENCRYPTED",
    "encrypted-pkcs8": "ERR_KEY_IS_ENCRYPTED",
    "not-a-key": "ERR_KEY_STRUCTURE",
    "pem-bad-base64": "ERR_KEY_ENCODING",
    "pem-begin-not-at-line-start": "ERR_KEY_PEM",
    "pem-headers": "ERR_KEY_PEM",
    "pem-label-content-mismatch": "ERR_KEY_PEM_LABEL",
    "pem-label-mismatch": "ERR_KEY_PEM",
    "pem-multiple-blocks": "ERR_KEY_PEM_BLOCKS",
    "pem-no-begin": "ERR_KEY_PEM",
    "pem-no-end": "ERR_KEY_TRUNCATED",
    "pem-noncanonical-base64": "ERR_KEY_ENCODING",
    "pem-trailing-text": "ERR_KEY_TRAILING_DATA",
    "pem-unsupported-label": "ERR_KEY_FORMAT",
    "pkcs8-bad-version": "ERR_KEY_STRUCTURE",
    "rsa-bad-exponent": "ERR_KEY_EXPONENT",
    "rsa-bad-version": "ERR_KEY_STRUCTURE",
    "rsa-d-out-of-range": "ERR_KEY_INCONSISTENT",
    "rsa-even-modulus": "ERR_KEY_INCONSISTENT",
    "rsa-exponent-too-large": "ERR_KEY_EXPONENT",
    "rsa-inconsistent": "ERR_KEY_INCONSISTENT",
    "rsa-multi-prime": "ERR_KEY_MULTI_PRIME",
    "rsa-pss-oid": "ERR_KEY_ALGORITHM",
    "rsa-stripped-crt": "ERR_KEY_WITHOUT_PRIMES",
    "rsa-too-large": "ERR_KEY_TOO_LARGE",
    "rsa-too-small": "ERR_KEY_TOO_SMALL",
    "rsa-unbalanced-factors": "ERR_KEY_UNBALANCED",
    "wrong-key-type-dh": "ERR_KEY_ALGORITHM",
    "wrong-key-type-dsa": "ERR_KEY_ALGORITHM",
    "wrong-key-type-ec": "ERR_KEY_ALGORITHM",
    "wrong-key-type-ed25519": "ERR_KEY_ALGORITHM",
    "wrong-key-type-ed448": "ERR_KEY_ALGORITHM",
    "wrong-key-type-unknown": "ERR_KEY_ALGORITHM",
    "wrong-key-type-x25519": "ERR_KEY_ALGORITHM",
}

KEY_EXCEPTIONS: Exceptions = {
    "derived_keys/pkcs8/version-1-v2.der": ("ERR_KEY_STRUCTURE", "RFC 5958 §2: version 2 has a public key"),
    "rsa-composite-factor": (ACCEPTED, "no prime is tested when a key is read: its first signature fails"),
    "derived_keys/pem/base64url-body.pem": (ACCEPTED, "mended: base64url in PEM"),
    "derived_keys/pem/begin-no-newline.pem": (ACCEPTED, "mended: a lost line break"),
    "derived_keys/pem/bom.pem": (ACCEPTED, "mended: a BOM"),
    "derived_keys/pem/double-quoted.pem": (ACCEPTED, "mended: quotes"),
    "derived_keys/pem/end-on-data-line.pem": (ACCEPTED, "mended: a lost line break"),
    "derived_keys/pem/escaped-newlines.pem": (ACCEPTED, "mended: literal \\n"),
    "derived_keys/pem/lines-indented.pem": (ACCEPTED, "mended: white space"),
    "derived_keys/pem/missing-padding.pem": (ACCEPTED, "mended: lost padding"),
    "derived_keys/pem/spaces-for-newlines.pem": (ACCEPTED, "mended: spaces for line breaks"),
}

# Files in DER that do not even begin as DER: their bytes are read as text.
BYTES: Errors = {
    "derived_keys/der/*.leading-00.der": "ERR_KEY_ENCODING",
    "derived_keys/der/*.octet-wrapped.der": "ERR_KEY_ENCODING",
    "derived_keys/der/pkcs1pub.set-tag.der": "ERR_KEY_ENCODING",
    "derived_keys/der/one-byte.der": "ERR_KEY_ENCODING",
    "derived_keys/der/ff-1k.der": "ERR_KEY_ENCODING",
    "derived_keys/der/empty.der": "ERR_KEY_EMPTY",
    "derived_keys/pem/b64-of-pem.pem": "ERR_KEY_ENCODED_TWICE",
    "derived_keys/pem/*": "ERR_KEY_ENCODING",
    "openssl/recipes/91-test_pkey_check_data/dsapub_noparam.der": "ERR_KEY_ENCODING",
    "pyca/OpenSSH/rsa-nopsw.key.pub": "ERR_KEY_IS_OPENSSH",
}

TEXTS: Errors = {
    "derived_jwk/priv-missing-*": "ERR_KEY_WITHOUT_PRIMES",
    "derived_jwk/priv-oth": "ERR_KEY_MULTI_PRIME",
    "derived_jwk/priv-inconsistent-*": "ERR_KEY_INCONSISTENT",
    "derived_jwk/priv-pq-swapped": "ERR_KEY_INCONSISTENT",
    "derived_jwk/kty-oct": "ERR_KEY_ALGORITHM",
    "derived_jwk/e-one": "ERR_KEY_EXPONENT",
    "derived_jwk/e-64bit": "ERR_KEY_EXPONENT",
    "derived_jwk/n-1024": "ERR_KEY_TOO_SMALL",
    "derived_jwk/n-16384": "ERR_KEY_TOO_LARGE",
    "derived_jwk/n-1MB": "ERR_KEY_TEXT_TOO_LONG",
    # A JWK is an object. Other JSON is read as base64.
    "derived_jwk/array": "ERR_KEY_ENCODING",
    "derived_jwk/null": "ERR_KEY_STRUCTURE",
    "derived_jwk/b64url_der/empty": "ERR_KEY_EMPTY",
    "derived_jwk/b64url_der/huge-A": "ERR_KEY_TEXT_TOO_LONG",
    "derived_jwk/b64url_der/*-double": "ERR_KEY_ENCODED_TWICE",
    "derived_jwk/b64url_der/*-in-b64url": "ERR_KEY_ENCODED_TWICE",
    "derived_jwk/b64url_der/*-truncated": "ERR_KEY_TRUNCATED",
    # Hexadecimal digits are base64 too, where their number fits.
    "derived_jwk/b64url_der/spki-hex": "ERR_KEY_STRUCTURE",
    "derived_jwk/b64url_der/*": "ERR_KEY_ENCODING",
    "derived_jwk/*": "ERR_KEY_JWK",
}

TEXT_EXCEPTIONS: Exceptions = {
    "jwk_d_only": ("ERR_KEY_WITHOUT_PRIMES", "primes are not recovered from d"),
    "json_bom": (ACCEPTED, "mended: a BOM"),
    "derived_jwk/b64url_der/*-std*": (ACCEPTED, "mended: the standard alphabet"),
    "surrounding_whitespace": (ACCEPTED, "mended: white space around the key"),
    "derived_jwk/b64url_der/*-inner-space": (ACCEPTED, "mended: white space for a line break"),
    "derived_jwk/b64url_der/*-quoted": (ACCEPTED, "mended: quotes"),
    "derived_jwk/b64url_der/*-nul": (ACCEPTED, "mended: one NUL, which C's sizeof counts"),
}

TOKENS: Errors = {
    # An empty segment.
    "jwt_derived/alg-[nN][oO][nN][eE]*": "ERR_TOKEN_MALFORMED",
    "jwt_derived/alg-rs256-label-*": "ERR_TOKEN_KID_MISSING",
    "jwt_derived/alg-*": "ERR_TOKEN_ALGORITHM",
    "jwt_derived/confusion-rs256-label-*": "ERR_TOKEN_KID_MISSING",
    "jwt_derived/confusion-*": "ERR_TOKEN_ALGORITHM",
    "jwt_derived/crit-*": "ERR_TOKEN_CRITICAL",
    "jwt_derived/b64-false-no-crit": "ERR_TOKEN_CRITICAL",
    "jwt_derived/b64-*": "ERR_TOKEN_MALFORMED",
    "jwt_derived/dup-alg-*": "ERR_TOKEN_MALFORMED",
    "jwt_derived/dup-unknown": "ERR_TOKEN_MALFORMED",
    "jwt_derived/frame-*": "ERR_TOKEN_MALFORMED",
    "jwt_derived/header-json-empty-object": "ERR_TOKEN_ALGORITHM",
    "jwt_derived/header-*": "ERR_TOKEN_MALFORMED",
    "jwt_derived/payload-empty": "ERR_TOKEN_MALFORMED",
    "jwt_derived/payload-nested-100000": "ERR_TOKEN_TOO_LONG",
    # Forged, or refused for their claims: see the tokens signed again.
    "jwt_derived/*": "ERR_TOKEN_KID_MISSING",
}

TOKEN_EXCEPTIONS: Exceptions = {
    "size_limit": ("ERR_TOKEN_TOO_LONG", "a token has at most 8 KiB"),
    "kid_opaque": ("ERR_TOKEN_KID_UNKNOWN", "a kid is the thumbprint of a known key"),
    "jwt_derived/*": ("ERR_TOKEN_KID_MISSING", "Scout's tokens name their key"),
}

RESIGNED: Errors = {
    "jwt_derived/alg-rs256-label-*": "ERR_TOKEN_SIGNATURE",
    "jwt_derived/confusion-rs256-label-*": "ERR_TOKEN_SIGNATURE",
    "jwt_derived/wrong-key": "ERR_TOKEN_SIGNATURE",
    "jwt_derived/embedded-jwk-attacker": "ERR_TOKEN_SIGNATURE",
    "jwt_derived/sig-*": "ERR_TOKEN_SIGNATURE",
    "jwt_derived/dup-*": "ERR_TOKEN_MALFORMED",
    "jwt_derived/payload-*": "ERR_TOKEN_MALFORMED",
    # No double is that large, so this is no number.
    "jwt_derived/claim-*-1e400": "ERR_TOKEN_MALFORMED",
    # Expired before it was issued, or issued after it expired.
    "jwt_derived/claim-exp-zero": "ERR_TOKEN_LIFETIME",
    "jwt_derived/claim-exp-past": "ERR_TOKEN_LIFETIME",
    "jwt_derived/claim-exp-escaped-name": "ERR_TOKEN_LIFETIME",
    "jwt_derived/claim-iat-future": "ERR_TOKEN_LIFETIME",
    "jwt_derived/claim-nbf-future": "ERR_TOKEN_NOT_YET_VALID",
    "jwt_derived/claim-nbf-2p63": "ERR_TOKEN_NOT_YET_VALID",
    "jwt_derived/claim-bound-nbf-*": "ERR_TOKEN_NOT_YET_VALID",
    "jwt_derived/claim-bound-exp-*": "ERR_TOKEN_EXPIRED",
    "jwt_derived/claim-*": "ERR_TOKEN_CLAIM",
}

RESIGNED_EXCEPTIONS: Exceptions = {
    "require_exp": (ACCEPTED, "Scout's page makes exp optional"),
    "aud_match": (ACCEPTED, "Scout's tokens have no aud"),
    "jwt_derived/claim-jti-number": (ACCEPTED, "Scout's tokens have no jti"),
    "jwt_derived/claim-exp-2p53-plus-1": ("ERR_TOKEN_LIFETIME", "300 s at most"),
    "jwt_derived/claim-exp-2p63": ("ERR_TOKEN_LIFETIME", "300 s at most"),
    "jwt_derived/claim-exp-milliseconds": ("ERR_TOKEN_LIFETIME", "300 s at most"),
    "exp_upper_bound": ("ERR_TOKEN_CLAIM", "a time has at most 64 bits"),
    "jwt_derived/claim-exp-float-zero": ("ERR_TOKEN_CLAIM", "a time is written as a whole number"),
    "jwt_derived/claim-exp-exponent": ("ERR_TOKEN_CLAIM", "a time is written as a whole number"),
    "jwt_derived/claim-exp-big-exponent-form": ("ERR_TOKEN_CLAIM", "a time is written as a whole number"),
    "jwt_derived/claim-bound-exp-now-plus-half": ("ERR_TOKEN_CLAIM", "a time is a whole number of seconds"),
    "jwt_derived/claim-nbf-float": ("ERR_TOKEN_CLAIM", "a time is a whole number of seconds"),
    "jwt_derived/claim-nbf-negative": ("ERR_TOKEN_CLAIM", "a time is not before 1970"),
    "jwt_derived/claim-iat-float": ("ERR_TOKEN_CLAIM", "a time is a whole number of seconds"),
    "jwt_derived/valid-unicode": ("ERR_TOKEN_CLAIM", "a credential id is visible ASCII"),
    "bignum": ("ERR_TOKEN_MALFORMED", "a number is a double's at most"),
}

# The keys of Wycheproof's groups of vectors, and the private keys among them.
GROUPS: Errors = {"key rejected: rsa-too-small": "ERR_KEY_TOO_SMALL"}
GROUP_EXCEPTIONS: Exceptions = {
    "wycheproof/rsa_pkcs1_2048_sig_gen_test.json/[567]": ("ERR_KEY_UNBALANCED", "factors of unequal size"),
    "wycheproof/rsa_pkcs1_3072_sig_gen_test.json/[34]": ("ERR_KEY_UNBALANCED", "factors of unequal size"),
}


class Expectations:
    """The tables of one kind of case."""

    def __init__(self, errors: Errors, exceptions: Exceptions | None = None) -> None:
        self.errors = errors
        self.exceptions = exceptions or {}
        self.unused = {*self.errors.items(), *self.exceptions.items()}

    def outcome(self, name: str, labels: Collection[str], *, accepted: bool) -> str:
        """The error that we expect, or ACCEPTED, by the verdict and the labels of the manifest."""
        for row, (outcome, why) in self.exceptions.items():
            if accepted != (outcome == ACCEPTED) and fits(row, name, labels):
                self.unused.discard((row, (outcome, why)))
                return outcome
        if accepted:
            return ACCEPTED
        if error := self.error(name, labels):
            return error
        message = f"no row says which error is due: {name}"
        raise ValueError(message)

    def error(self, name: str, labels: Collection[str] = ()) -> str:
        """The error that the table names, or an empty text."""
        for row, error in self.errors.items():
            if fits(row, name, labels):
                self.unused.discard((row, error))
                return error
        return ""

    def check(self) -> None:
        """Each row must serve a case."""
        if self.unused:
            message = f"no case needs {sorted(row for row, _ in self.unused)}"
            raise ValueError(message)


def fits(row: str, name: str, labels: Collection[str]) -> bool:
    return row in labels or fnmatchcase(name, row)
