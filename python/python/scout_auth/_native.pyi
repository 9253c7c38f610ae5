from collections.abc import Iterable
from os import PathLike
from typing import TypeAlias, final

from requests import PreparedRequest
from typing_extensions import Never, Self

from ._types import ErrorCode

__version__: str

_PublicKeys: TypeAlias = str | bytes | PublicKey | Iterable[str | bytes | PublicKey]

@final
class PrivateKey:
    """An RSA private key for RS256: parsed once, checked once, immutable.

    Made by PrivateKey.parse, PrivateKey.read_file or PrivateKey.generate. repr() shows the kid and
    the size only; copy gives the same object; pickle is refused.

    >>> key = PrivateKey.generate()
    >>> PrivateKey.parse(key.to_pem()).kid == key.kid
    True
    """
    def __new__(cls, use_parse_instead: Never) -> Self: ...
    @staticmethod
    def parse(key: str | bytes) -> PrivateKey:
        r"""Reads a private key as Scout issues it (base64url of PKCS#8 DER), or as PEM, JWK, PKCS#1 or
        DER; mended where it was mangled on its way, as with a literal \n.

        Raises InvalidKeyError, with a code for what was given instead.
        """
    @staticmethod
    def read_file(path: str | PathLike[str]) -> PrivateKey:
        """Reads a key file in any form that parse takes.

        Raises ConfigError (ERR_KEY_FILE) where the file cannot be read, InvalidKeyError.
        """
    @staticmethod
    def generate(bits: int = 2048) -> PrivateKey:
        """Makes a new key of 2048, 3072, 4096 or 8192 bits.

        A key of 8192 bits can take half a minute, and Ctrl-C is heard only after that. Other threads
        run meanwhile.

        Raises ConfigError (ERR_KEY_SIZE) for another size.
        """
    @property
    def public_key(self) -> PublicKey:
        """The public key."""
    @property
    def kid(self) -> str:
        """The kid: the RFC 7638 thumbprint of the public key, 43 characters."""
    @property
    def bits(self) -> int:
        """The size of the modulus in bits."""
    def sign(self, message: bytes) -> bytes:
        """The RS256 signature over the message.

        Raises InvalidKeyError (ERR_KEY_CANNOT_SIGN) where the key is unsound, InternalError.
        """
    def to_pem(self) -> str:
        """PEM of PKCS#8, as openssl writes it."""
    def to_der(self) -> bytes:
        """DER of PKCS#8."""
    def to_base64url(self) -> str:
        """base64url of the DER, without padding: the form that Scout issues."""
    def to_jwk(self) -> str:
        """The private JWK (RFC 7518) as JSON text."""
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class PublicKey:
    """An RSA public key for RS256. Keys are equal when their numbers are, and can be hashed.

    Made by PublicKey.parse or PublicKey.parse_set, or taken from a PrivateKey or a Signer.
    """
    def __new__(cls, use_parse_instead: Never) -> Self: ...
    @staticmethod
    def parse(key: str | bytes) -> PublicKey:
        """Reads a public key: SPKI or PKCS#1 as base64url, PEM or DER, or a JWK.

        Raises InvalidKeyError, with a code for what was given instead.
        """
    @staticmethod
    def parse_set(text: str) -> list[PublicKey]:
        """Reads the RSA keys for RS256 of a JWK set (RFC 7517); other keys are passed over.

        Raises InvalidKeyError.
        """
    @property
    def kid(self) -> str:
        """The kid: the RFC 7638 thumbprint, 43 characters."""
    @property
    def bits(self) -> int:
        """The size of the modulus in bits."""
    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the bytes are this key's RS256 signature over the message."""
    def to_pem(self) -> str:
        """PEM of SPKI, as openssl writes it."""
    def to_der(self) -> bytes:
        """DER of SPKI."""
    def to_base64url(self) -> str:
        """base64url of the DER, without padding: the form in which Scout shows it."""
    def to_jwk(self) -> str:
        """The public JWK (RFC 7518) as JSON text, with alg, use and kid."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class Token:
    """One minted JWT, with the times that it says. str(token) is the JWT.

    A token is a secret while it lives: repr() shows its times only, and pickle is refused.
    """
    def __new__(cls, use_signer_token_instead: Never) -> Self: ...
    @property
    def issued_at(self) -> int:
        """The claim iat, in Unix seconds."""
    @property
    def expires_at(self) -> int:
        """The claim exp, in Unix seconds: from then on the token is refused."""
    @property
    def authorization(self) -> str:
        """The value of the header Authorization: "Bearer " and the JWT."""
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class Signer:
    """A credential id and its private key: mints tokens and keeps the current one.

    credential_id: as Scout shows it; the claim sub
    private_key: as Scout issued it (str), in any other form that PrivateKey.parse takes, or a
        PrivateKey
    kid: the kid that the key must have, which finds a wrong key before a 401 does
    lifetime: of each token, 1 to 300 seconds; 300 by default
    refresh_margin: a token is replaced when fewer seconds than this remain; by default 30, or half
        of a shorter lifetime
    backdate: how many seconds iat lies in the past, for servers whose clock is behind; 0 by default
    allowed_origins: the only origins, apart from loopback, that may receive the token: any iterable
        of "https://host" or "https://host:port"; by default any https origin

    A signer is immutable and may be used from many threads, in asyncio and after a fork. To rotate,
    make a new one. It is also the auth of requests: requests.get(url, auth=signer). For httpx,
    aiohttp and urllib3 see the modules scout_auth.httpx, scout_auth.aiohttp and scout_auth.urllib3.

    Raises InvalidKeyError, KidMismatchError, ConfigError.

    >>> signer = Signer("cred_123", PrivateKey.generate())
    >>> signer.authorization()[:10]
    'Bearer eyJ'
    """
    def __new__(
        cls,
        credential_id: str,
        private_key: str | bytes | PrivateKey,
        *,
        kid: str | None = None,
        lifetime: int = 300,
        refresh_margin: int | None = None,
        backdate: int = 0,
        allowed_origins: Iterable[str] | None = None,
    ) -> Self: ...
    @staticmethod
    def from_env(
        *,
        kid: str | None = None,
        lifetime: int = 300,
        refresh_margin: int | None = None,
        backdate: int = 0,
        allowed_origins: Iterable[str] | None = None,
    ) -> Signer:
        """Reads the environment: SCOUT_PRIVATE_KEY or SCOUT_PRIVATE_KEY_FILE, SCOUT_CREDENTIAL_ID, and
        SCOUT_KID if it is set. An empty variable counts as unset. The arguments are those of
        Signer; kid replaces SCOUT_KID.

        Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
        """
    def mint(self) -> Token:
        """Makes and signs a new token, always. The current one stays.

        Raises ConfigError (ERR_CLOCK), InvalidKeyError (ERR_KEY_CANNOT_SIGN), InternalError.
        """
    def token(self) -> Token:
        """The current token: the same object until fewer seconds than the refresh margin remain.

        Raises as mint does, where no valid token is left.
        """
    def authorization(self) -> str:
        """The value of the header Authorization, "Bearer " and the current token: the same str until
        the token changes.

        Raises as token does.
        """
    def authorization_for(self, url: str) -> str:
        """As authorization, for a request to that absolute URL: https, or loopback.

        Raises UrlInsecureError, ConfigError (ERR_URL, ERR_ORIGIN_NOT_ALLOWED), and as token does.
        """
    def rejected(self, token: str | Token, date: str | None = None) -> bool:
        """To be called after a response of 401, with the token or header value that was sent and the
        response's header Date. Says whether to send the request once more, with a new
        authorization_for(url); never do so twice.

        The token is dropped, and the server's clock is learnt where it differs: see clock_offset.
        """
    def invalidate(self) -> None:
        """Forgets the current token; the next call mints."""
    @property
    def credential_id(self) -> str:
        """The credential id: the claim sub."""
    @property
    def kid(self) -> str:
        """The kid of the private key, 43 characters."""
    @property
    def public_key(self) -> PublicKey:
        """The public key: what verifies these tokens."""
    @property
    def clock_offset(self) -> int:
        """The seconds by which the server's clock was found to be ahead of the local one; 0 until a
        difference was learnt from a 401.
        """
    def __call__(self, request: PreparedRequest) -> PreparedRequest: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class ApiKey:
    """A bearer string that is sent as it is: a legacy key, 1 to 65536 visible ASCII characters.

    It travels with every request: prefer a Signer. Used in the same places as a Signer. repr()
    shows nothing of it, and pickle is refused. allowed_origins: as for a Signer.

    Raises ConfigError (ERR_API_KEY, ERR_ORIGIN).
    """
    def __new__(cls, key: str, *, allowed_origins: Iterable[str] | None = None) -> Self: ...
    @staticmethod
    def from_private_key(key: str, *, allowed_origins: Iterable[str] | None = None) -> ApiKey:
        """Takes the raw private key as the bearer string (Scout's Method 1), after checking that it is
        a private key.

        Raises InvalidKeyError, ConfigError (ERR_ORIGIN).
        """
    def authorization(self) -> str:
        """The value of the header Authorization: "Bearer " and the key."""
    def authorization_for(self, url: str) -> str:
        """As authorization, for a request to that absolute URL: https, or loopback.

        Raises UrlInsecureError, ConfigError (ERR_URL, ERR_ORIGIN_NOT_ALLOWED).
        """
    def rejected(self, token: str | Token, date: str | None = None) -> bool:
        """To be called after a response of 401, as Signer.rejected. Always False: nothing else could
        be sent.
        """
    def __call__(self, request: PreparedRequest) -> PreparedRequest: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class Verifier:
    """Public keys by kid that accept or refuse a token.

    keys: a JWK set or one public key (str or bytes, in any form), a PublicKey, or an iterable of
        public keys
    leeway: how far the two clocks may differ, 0 to 300 seconds

    Pinned: alg is RS256, iss is "scout", the lifetime is at most 300 s, the kid names one of the
    keys.

    Raises InvalidKeyError, ConfigError (ERR_LEEWAY).

    >>> signer = Signer("cred_123", PrivateKey.generate())
    >>> Verifier(signer.public_key).verify(str(signer.token())).credential_id
    'cred_123'
    """
    def __new__(cls, keys: _PublicKeys, *, leeway: int = 5) -> Self: ...
    def verify(self, token: str | Token, *, now: int | None = None) -> Claims:
        """The claims of the token, where it is to be believed. now is Unix seconds, the system's clock
        where it is None.

        Raises TokenError, TokenExpiredError, TokenSignatureError.
        """
    @property
    def keys(self) -> list[PublicKey]:
        """The keys, by ascending kid."""
    def to_jwk_set(self) -> str:
        """The keys as a JWK set (RFC 7517): JSON text."""
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class Claims:
    """What a verified token says."""
    def __new__(cls, use_verify_instead: Never) -> Self: ...
    @property
    def credential_id(self) -> str:
        """The claim sub: the credential id."""
    @property
    def issued_at(self) -> int:
        """The claim iat, in Unix seconds."""
    @property
    def expires_at(self) -> int:
        """The claim exp, in Unix seconds; 300 s after iat where the token has none."""
    @property
    def kid(self) -> str:
        """The kid of the key that signed."""
    @property
    def json(self) -> str:
        """All claims, as the JSON object that was signed."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

class ScoutAuthError(Exception):
    """The base of every error of scout_auth.

    str(error) says what is wrong and what to do; it never holds key or token text. Attributes:

    code: the stable name, such as 'ERR_KEY_TRUNCATED'; compare this one
    number: the stable number: 1xx key, 2xx token, 3xx argument and configuration, 9xx internal
    help: what to do about it
    """

    code: ErrorCode
    number: int
    help: str

class InvalidKeyError(ScoutAuthError):
    """The key that was given cannot be used."""

class KidMismatchError(InvalidKeyError):
    """The key is not the one that the expected kid names."""

class TokenError(ScoutAuthError):
    """The token was refused."""

class TokenExpiredError(TokenError):
    """The token has expired."""

class TokenSignatureError(TokenError):
    """The token's signature is not that of the key it names: it was altered or forged."""

class ConfigError(ScoutAuthError):
    """An argument, an environment variable, a file, a URL or the clock is not as it must be."""

class VariableMissingError(ConfigError):
    """An environment variable is not set."""

class UrlInsecureError(ConfigError):
    """The request would carry the credential over plain http to another machine."""

class InternalError(ScoutAuthError):
    """A fault of scout_auth itself or of its engine."""

def from_env(
    *,
    kid: str | None = None,
    lifetime: int = 300,
    refresh_margin: int | None = None,
    backdate: int = 0,
    allowed_origins: Iterable[str] | None = None,
) -> Signer | ApiKey:
    """Reads the environment: a Signer, as Signer.from_env does, if any variable of an org credential
    is set; otherwise an ApiKey from SCOUT_API_KEY, which takes allowed_origins. The arguments are
    those of Signer.

    Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
    """

def der_to_pem(text: str | bytes) -> str:
    """Key text in any form -> PEM: PRIVATE KEY or PUBLIC KEY, whichever it is.

    Raises InvalidKeyError.
    """

def pem_to_der(pem: str | bytes) -> str:
    """PEM, or key text in any other form -> base64url of its DER, as Scout issues it.

    Raises InvalidKeyError.
    """

def kid(key: str | bytes | PrivateKey | PublicKey) -> str:
    """The kid of a key, private or public, in any form: its RFC 7638 thumbprint, 43 characters.

    Raises InvalidKeyError.
    """

def mint_token(
    credential_id: str,
    private_key: str | bytes | PrivateKey,
    *,
    kid: str | None = None,
    lifetime: int = 300,
    issued_at: int | None = None,
) -> Token:
    """Makes and signs one token without keeping it. The arguments are those of Signer; issued_at is
    Unix seconds; now if it is None.

    Raises InvalidKeyError, KidMismatchError, ConfigError.
    """

def verify_token(token: str | Token, keys: _PublicKeys, *, now: int | None = None, leeway: int = 5) -> Claims:
    """Verifies one token, as Verifier(keys, leeway=leeway).verify(token, now=now) does.

    Raises TokenError, TokenExpiredError, TokenSignatureError, InvalidKeyError, ConfigError
    (ERR_LEEWAY).
    """

# The console script; what the clients' modules raise; what a pickle calls; core's table, for the tests.
def main(args: list[str]) -> int:
    """Runs one command and gives its exit status. args: the words behind the command's name."""

def url_insecure() -> UrlInsecureError:
    """The error for plain http through a proxy, which the clients' modules find out."""

def restore_public_key(der: str | bytes) -> PublicKey:
    """Makes the public key of a pickle."""

def restore_verifier(keys: _PublicKeys, leeway: int) -> Verifier:
    """Makes the verifier of a pickle."""

def restore_claims(credential_id: str, issued_at: int, expires_at: int, kid: str, json: str) -> Claims:
    """Makes the claims of a pickle."""

ERRORS: list[tuple[int, str, type[ScoutAuthError], str]]
