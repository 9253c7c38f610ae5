from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from typing import Any, TypeAlias, final

from requests import PreparedRequest
from typing_extensions import Never, Self

from ._types import ErrorCode, Secret

__version__: str

_KeyText: TypeAlias = str | bytes | bytearray | memoryview | Secret
_PublicKeys: TypeAlias = _KeyText | PublicKey | Iterable[_KeyText | PublicKey]

@final
class PrivateKey:
    """An RSA private key for RS256: parsed once, checked once, immutable.

    PrivateKey.parse, PrivateKey.read_file and PrivateKey.generate return one. repr() shows the kid
    and the size only. A copy is the same object. pickle is refused.

    >>> key = PrivateKey.generate()
    >>> PrivateKey.parse(key.to_pem()).kid == key.kid
    True
    """
    def __new__(cls, use_parse_instead: Never) -> Self: ...
    @staticmethod
    def parse(key: _KeyText) -> PrivateKey:
        r"""Reads a private key as Scout issues it (base64url of PKCS#8 DER), or as PEM, JWK, PKCS#1 or
        DER. Repairs what .env files and chat windows do to a key, such as a literal \n.

        Raises InvalidKeyError. Its code says what the text is instead.
        """
    @staticmethod
    def read_file(path: str | PathLike[str]) -> PrivateKey:
        """Reads a key file in any form that parse takes. It does not expand ~.

        Raises ConfigError (ERR_KEY_FILE) if the file cannot be read, InvalidKeyError.
        """
    @staticmethod
    def generate(bits: int = 2048) -> PrivateKey:
        """Generates a key of 2048, 3072, 4096 or 8192 bits.

        A key of 8192 bits can take half a minute. Other threads run during that time, but Ctrl-C has
        no effect until the key is ready.

        Raises ConfigError (ERR_KEY_SIZE) for any other size.
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
        """Returns the RS256 signature of the message.

        Raises InvalidKeyError (ERR_KEY_CANNOT_SIGN) if the key is unsound, InternalError.
        """
    def to_pem(self) -> str:
        """Returns PEM of PKCS#8, as openssl writes it."""
    def to_der(self) -> bytes:
        """Returns DER of PKCS#8."""
    def to_base64url(self) -> str:
        """Returns base64url of the DER, without padding: the form that Scout issues."""
    def to_jwk(self) -> str:
        """Returns the private JWK (RFC 7518) as JSON text."""
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class PublicKey:
    """An RSA public key for RS256. Keys are equal if their numbers are equal. They can be hashed,
    copied and pickled.

    PublicKey.parse and PublicKey.parse_set return one; a PrivateKey and a Signer have one.
    """
    def __new__(cls, use_parse_instead: Never) -> Self: ...
    @staticmethod
    def parse(key: _KeyText) -> PublicKey:
        """Reads a public key: SPKI or PKCS#1 as base64url, PEM or DER, or a JWK.

        Raises InvalidKeyError. Its code says what the text is instead.
        """
    @staticmethod
    def parse_set(text: str) -> list[PublicKey]:
        """Reads the RSA keys for RS256 of a JWK set (RFC 7517), and ignores all other keys.

        Raises InvalidKeyError.
        """
    @property
    def kid(self) -> str:
        """The kid: the RFC 7638 thumbprint, 43 characters."""
    @property
    def bits(self) -> int:
        """The size of the modulus in bits."""
    def verify(self, message: bytes, signature: bytes) -> bool:
        """Returns whether the signature is this key's RS256 signature of the message."""
    def to_pem(self) -> str:
        """Returns PEM of SPKI, as openssl writes it."""
    def to_der(self) -> bytes:
        """Returns DER of SPKI."""
    def to_base64url(self) -> str:
        """Returns base64url of the DER, without padding: the form that Scout shows."""
    def to_jwk(self) -> str:
        """Returns the public JWK (RFC 7518) as JSON text, with alg, use and kid."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class Token:
    """One minted JWT with its times. str(token) is the JWT.

    A token is a secret until it expires: repr() shows its times only, and pickle is refused.
    """
    def __new__(cls, use_signer_token_instead: Never) -> Self: ...
    @property
    def issued_at(self) -> int:
        """The claim iat, in Unix seconds."""
    @property
    def expires_at(self) -> int:
        """The claim exp, in Unix seconds: from then on servers refuse the token."""
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
    header_kid: the kid in the header of the tokens, if Scout's is not the RFC 7638 thumbprint
    roles: the claim roles, an iterable of 1 to 16 names, for tokens with fewer rights than the
        credential has; that Scout reads a claim of this name is not confirmed
    claims: further claims, a mapping that the module json can write
    refresh: how often a command runs again, in seconds; by default only after a 401

    Many threads may use a signer, and so may asyncio and a forked child. Signer.from_file and
    Signer.from_command follow a rotation. A signer of a key does not change. A signer is also the
    auth of requests: requests.get(url, auth=signer). For httpx, aiohttp and urllib3 see the modules
    scout_auth.httpx, scout_auth.aiohttp and scout_auth.urllib3.

    Raises InvalidKeyError, KidMismatchError, ConfigError.

    >>> signer = Signer("cred_123", PrivateKey.generate())
    >>> signer.authorization()[:10]
    'Bearer eyJ'
    """
    def __new__(
        cls,
        credential_id: str,
        private_key: _KeyText | PrivateKey,
        *,
        kid: str | None = None,
        header_kid: str | None = None,
        lifetime: int = 300,
        refresh_margin: int | None = None,
        backdate: int = 0,
        allowed_origins: Iterable[str] | None = None,
        roles: Iterable[str] | None = None,
        claims: Mapping[str, object] | None = None,
        refresh: int | None = None,
    ) -> Self: ...
    @staticmethod
    def from_env(
        *,
        env: Mapping[str, object] | None = None,
        prefix: str = "",
        kid: str | None = None,
        header_kid: str | None = None,
        lifetime: int = 300,
        refresh_margin: int | None = None,
        backdate: int = 0,
        allowed_origins: Iterable[str] | None = None,
        roles: Iterable[str] | None = None,
        claims: Mapping[str, object] | None = None,
        refresh: int | None = None,
    ) -> Signer:
        """Reads the environment: SCOUT_CREDENTIAL_FILE, SCOUT_CREDENTIAL_COMMAND, or SCOUT_PRIVATE_KEY or
        SCOUT_PRIVATE_KEY_FILE with SCOUT_CREDENTIAL_ID and, if it is set, SCOUT_KID. An empty variable
        counts as unset. kid replaces SCOUT_KID.

        env: a mapping that is read instead of the environment, such as dotenv_values()
        prefix: what stands before the names: with "STAGING_", STAGING_SCOUT_PRIVATE_KEY is read

        The other arguments are those of Signer.

        Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
        """
    @staticmethod
    def from_file(
        path: str | PathLike[str],
        *,
        kid: str | None = None,
        header_kid: str | None = None,
        lifetime: int = 300,
        refresh_margin: int | None = None,
        backdate: int = 0,
        allowed_origins: Iterable[str] | None = None,
        roles: Iterable[str] | None = None,
        claims: Mapping[str, object] | None = None,
        refresh: int | None = None,
    ) -> Signer:
        """Makes a signer of a credential file, or of a folder with one file for each field. It is read
        again when it changes: see rejected and source_error. The README lists the forms. The other
        arguments are those of Signer. It does not expand ~.

        Raises ConfigError (ERR_CREDENTIAL_...), InvalidKeyError, KidMismatchError.
        """
    @staticmethod
    def from_command(
        command: Iterable[str],
        *,
        kid: str | None = None,
        header_kid: str | None = None,
        lifetime: int = 300,
        refresh_margin: int | None = None,
        backdate: int = 0,
        allowed_origins: Iterable[str] | None = None,
        roles: Iterable[str] | None = None,
        claims: Mapping[str, object] | None = None,
        refresh: int | None = None,
    ) -> Signer:
        """Makes a signer of the credential that a program prints, for example a secret manager's.
        command: the program and its arguments, an iterable of str. No shell runs, and the program has
        ten seconds. It runs now, after a 401, and every refresh seconds if that is set. The other
        arguments are those of Signer.

        Raises ConfigError (ERR_COMMAND_..., ERR_CREDENTIAL_...), InvalidKeyError, KidMismatchError.
        """
    def mint(self) -> Token:
        """Mints a new token each time. The current token stays.

        Raises ConfigError (ERR_CLOCK), InvalidKeyError (ERR_KEY_CANNOT_SIGN), InternalError.
        """
    def token(self) -> Token:
        """Returns the current token: the same object until fewer seconds than refresh_margin remain.

        Raises what mint raises, if no valid token is left.
        """
    def authorization(self) -> str:
        """Returns the value of the header Authorization: "Bearer " and the current token. It is the
        same str until the token changes.

        Raises what token raises.
        """
    def bearer(self) -> str:
        """Returns the current token as a str: what stands behind "Bearer ", for SDKs that write "Bearer "
        themselves: Scout(api_key=signer.bearer). It is the same str until the token changes.

        Raises what token raises.
        """
    def authorization_for(self, url: str) -> str:
        """Returns what authorization returns, for a request to that absolute URL: https, or http to
        loopback. Call it for every request, and do not store the result.

        Raises UrlInsecureError, ConfigError (ERR_URL, ERR_ORIGIN_NOT_ALLOWED), and what token raises.
        """
    def rejected(self, token: str | Token, date: str | None = None) -> bool:
        """Call this after a 401. Returns whether to send the request once more, with a new
        authorization_for(url). Never send it a third time.

        token: the token or the header value that was sent
        date: the response's header Date; None if it has none, or if it has an Age, because a cache
            answered then

        The signer drops the token. If the server's clock differs, later tokens follow that clock: see
        clock_offset. A signer of a file or a command looks there for a new credential; a command may
        take ten seconds.
        """
    def invalidate(self) -> None:
        """Drops the current token. The next call mints a new one."""
    @property
    def credential_id(self) -> str:
        """The credential id: the claim sub. After a rotation, that of the new credential."""
    @property
    def kid(self) -> str:
        """The kid of the private key, 43 characters. After a rotation, that of the new credential."""
    @property
    def public_key(self) -> PublicKey:
        """The public key that verifies these tokens. After a rotation, that of the new credential."""
    @property
    def source_error(self) -> ScoutAuthError | None:
        """Why the last look at the file or command failed: an exception. None if it did not fail. The
        last good credential stays in use, and the source is read again when the next token is due.
        """
    @property
    def clock_offset(self) -> int:
        """How many seconds the server's clock is ahead of the local one, as learnt from a 401. 0 until
        then.
        """
    def __call__(self, request: PreparedRequest) -> PreparedRequest: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class TestClock:
    """The clocks of the operating system, moved: for tests of what happens later.

    scout_auth.testing has it, and moves the clock of a local Scout with it.
    """
    def __new__(cls) -> Self: ...
    def advance(self, seconds: int) -> None:
        """Moves the clock by so many seconds, back if they are negative, for all signers that it made."""
    def signer(
        self,
        path: str | PathLike[str],
        *,
        kid: str | None = None,
        header_kid: str | None = None,
        lifetime: int = 300,
        refresh_margin: int | None = None,
        backdate: int = 0,
        allowed_origins: Iterable[str] | None = None,
        roles: Iterable[str] | None = None,
        claims: Mapping[str, object] | None = None,
        refresh: int | None = None,
    ) -> Signer:
        """Makes a signer of a credential file, as Signer.from_file does, that reads this clock.

        Raises what Signer.from_file raises.
        """

@final
class ApiKey:
    """A bearer string that is sent as it is: a legacy key, 1 to 65536 visible ASCII characters.

    It goes wherever a Signer goes. Prefer a Signer: an ApiKey sends the secret itself with every
    request. repr() shows nothing of it, and pickle is refused. allowed_origins: as for a Signer.

    Raises ConfigError (ERR_API_KEY, ERR_ORIGIN).
    """
    def __new__(cls, key: _KeyText, *, allowed_origins: Iterable[str] | None = None) -> Self: ...
    @staticmethod
    def from_private_key(key: _KeyText, *, allowed_origins: Iterable[str] | None = None) -> ApiKey:
        """Checks that the text is a private key, and takes it as the bearer string (Scout's Method 1).

        Raises InvalidKeyError, ConfigError (ERR_ORIGIN).
        """
    def authorization(self) -> str:
        """Returns the value of the header Authorization: "Bearer " and the key."""
    def bearer(self) -> str:
        """Returns the key: what stands behind "Bearer ", for SDKs that write "Bearer " themselves."""
    def authorization_for(self, url: str) -> str:
        """Returns what authorization returns, for a request to that absolute URL: https, or http to
        loopback.

        Raises UrlInsecureError, ConfigError (ERR_URL, ERR_ORIGIN_NOT_ALLOWED).
        """
    def rejected(self, token: str | Token, date: str | None = None) -> bool:
        """Call this after a 401, like Signer.rejected. Returns False, because an API key cannot be
        renewed.
        """
    def __call__(self, request: PreparedRequest) -> PreparedRequest: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class Verifier:
    """A set of public keys that accepts or refuses tokens. Create it once for many tokens.

    keys: a JWK set or one public key (str or bytes, in any form), a PublicKey, or an iterable of
        public keys
    leeway: how far the two clocks may differ, 0 to 300 seconds

    Every token must have alg RS256, iss "scout", a lifetime of at most 300 seconds, and the kid of
    one of the keys.

    Raises InvalidKeyError, ConfigError (ERR_LEEWAY).

    >>> signer = Signer("cred_123", PrivateKey.generate())
    >>> Verifier(signer.public_key).verify(str(signer.token())).credential_id
    'cred_123'
    """
    def __new__(cls, keys: _PublicKeys, *, leeway: int = 5) -> Self: ...
    def verify(self, token: str | Token, *, now: int | None = None) -> Claims:
        """Verifies the token and returns its claims. now is in Unix seconds; by default it is the time
        of the system's clock.

        Raises TokenError, TokenExpiredError, TokenSignatureError.
        """
    @property
    def keys(self) -> list[PublicKey]:
        """The keys, sorted by kid."""
    def to_jwk_set(self) -> str:
        """Returns the keys as a JWK set (RFC 7517): JSON text."""
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

@final
class Claims:
    """The claims of a verified token. They can be compared, hashed, copied and pickled."""
    def __new__(cls, use_verify_instead: Never) -> Self: ...
    @property
    def credential_id(self) -> str:
        """The claim sub: the credential id."""
    @property
    def issued_at(self) -> int:
        """The claim iat, in Unix seconds."""
    @property
    def expires_at(self) -> int:
        """The claim exp, in Unix seconds; iat + 300 if the token has none."""
    @property
    def kid(self) -> str:
        """The kid of the key that signed."""
    @property
    def roles(self) -> tuple[str, ...] | None:
        """The claim roles; None if the token has none: then the roles of the credential count."""
    @property
    def claims(self) -> Mapping[str, Any]:
        """All claims, as a read-only mapping. It is parsed at each access."""
    @property
    def json(self) -> str:
        """All claims, as the JSON object that was signed."""
    def __eq__(self, other: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __copy__(self) -> Self: ...
    def __deepcopy__(self, _memo: object) -> Self: ...

class ScoutAuthError(Exception):
    """The base class of all errors of scout_auth.

    str(error) says what is wrong and what to do. It never contains text of a key or token. Attributes:

    code: the stable name, such as 'ERR_KEY_TRUNCATED'; programs compare this one
    number: the stable number: 1xx key, 2xx token, 3xx argument and configuration, 9xx internal
    help: what to do about it
    status: the HTTP status for a server whose request failed with this error: 401, 400 or 500
    """

    code: ErrorCode
    number: int
    help: str
    status: int

class InvalidKeyError(ScoutAuthError):
    """The key cannot be used."""

class KidMismatchError(InvalidKeyError):
    """The key has another kid than expected."""

class TokenError(ScoutAuthError):
    """The token is refused."""

class TokenExpiredError(TokenError):
    """The token has expired."""

class TokenSignatureError(TokenError):
    """The token's signature is wrong: the token was altered or forged."""

class ConfigError(ScoutAuthError):
    """An argument, an environment variable, a file, a URL or the clock is wrong."""

class VariableMissingError(ConfigError):
    """An environment variable is not set."""

class UrlInsecureError(ConfigError):
    """The request would carry the credential over plain http to another machine, or through a proxy."""

class InternalError(ScoutAuthError):
    """scout_auth itself or its engine failed."""

def from_env(
    *,
    env: Mapping[str, object] | None = None,
    prefix: str = "",
    kid: str | None = None,
    header_kid: str | None = None,
    lifetime: int = 300,
    refresh_margin: int | None = None,
    backdate: int = 0,
    allowed_origins: Iterable[str] | None = None,
    roles: Iterable[str] | None = None,
    claims: Mapping[str, object] | None = None,
    refresh: int | None = None,
) -> Signer | ApiKey:
    """Reads the environment: a Signer, as Signer.from_env does, if any variable of an org credential
    is set; otherwise an ApiKey from SCOUT_API_KEY, which takes allowed_origins. The arguments are
    those of Signer.from_env.

    Raises VariableMissingError, ConfigError, InvalidKeyError, KidMismatchError.
    """

def to_pem(text: _KeyText) -> str:
    """Writes key text of any form as PEM: PRIVATE KEY or PUBLIC KEY.

    Raises InvalidKeyError.
    """

def to_base64url(pem: _KeyText) -> str:
    """Writes key text of any form as base64url of its DER, the form that Scout issues.

    Raises InvalidKeyError.
    """

def der_to_pem(text: _KeyText) -> str:
    """Deprecated: the name of to_pem until version 1.0."""

def pem_to_der(pem: _KeyText) -> str:
    """Deprecated: the name of to_base64url until version 1.0."""

def kid(key: _KeyText | PrivateKey | PublicKey) -> str:
    """Returns the kid of a private or public key in any form: its RFC 7638 thumbprint, 43 characters.

    Raises InvalidKeyError.
    """

def mint_token(
    credential_id: str,
    private_key: _KeyText | PrivateKey,
    *,
    kid: str | None = None,
    header_kid: str | None = None,
    lifetime: int = 300,
    roles: Iterable[str] | None = None,
    claims: Mapping[str, object] | None = None,
    issued_at: int | None = None,
) -> Token:
    """Mints one token and does not keep it. The arguments are those of Signer. issued_at is in Unix
    seconds; by default it is now.

    Raises InvalidKeyError, KidMismatchError, ConfigError.
    """

def verify_token(token: str | Token, keys: _PublicKeys, *, now: int | None = None, leeway: int = 5) -> Claims:
    """Verifies one token, as Verifier(keys, leeway=leeway).verify(token, now=now) does.

    Raises TokenError, TokenExpiredError, TokenSignatureError, InvalidKeyError, ConfigError
    (ERR_LEEWAY).
    """

# The console script; what logs; what the clients' modules raise; what a pickle calls; core's table, for the tests.
def main(args: list[str]) -> int:
    """Runs one command and returns its exit status. args: sys.argv, with the path of the script."""

def observe(log: Callable[..., None]) -> None:
    """Calls log(level, message, name, *fields) after each call in which something happened. The first
    call decides.
    """

def error_table() -> list[tuple[int, str, type[ScoutAuthError], str]]:
    """Core's table, for the tests. A row is (number, code, class, summary)."""

def url_insecure() -> UrlInsecureError:
    """Returns the error for plain http through a proxy. Only the clients' modules can see the proxy."""

def restore_public_key(der: _KeyText) -> PublicKey:
    """Restores the public key of a pickle."""

def restore_verifier(keys: _PublicKeys, leeway: int) -> Verifier:
    """Restores the verifier of a pickle."""

def restore_claims(
    credential_id: str, issued_at: int, expires_at: int, kid: str, json: str, roles: list[str] | None = None
) -> Claims:
    """Restores the claims of a pickle."""
