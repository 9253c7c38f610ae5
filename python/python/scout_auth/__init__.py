"""Authenticate to the Scout API: keys, kid, RS256 tokens and their cache.

>>> signer = scout_auth.Signer.from_env()
>>> requests.get("https://api.scoutos.com/v2/workflows", auth=signer)

Times are Unix seconds, lifetimes are seconds. Every error is a ScoutAuthError with a code.
"""

import sys

from ._native import (
    ApiKey,
    Claims,
    ConfigError,
    InternalError,
    InvalidKeyError,
    KidMismatchError,
    PrivateKey,
    PublicKey,
    ScoutAuthError,
    Signer,
    Token,
    TokenError,
    TokenExpiredError,
    TokenSignatureError,
    UrlInsecureError,
    VariableMissingError,
    Verifier,
    __version__,
    der_to_pem,
    from_env,
    kid,
    mint_token,
    observe,
    pem_to_der,
    to_base64url,
    to_pem,
    verify_token,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._types import Credential, ErrorCode

__all__ = [
    "ApiKey",
    "Claims",
    "ConfigError",
    "Credential",
    "ErrorCode",
    "InternalError",
    "InvalidKeyError",
    "KidMismatchError",
    "PrivateKey",
    "PublicKey",
    "ScoutAuthError",
    "Signer",
    "Token",
    "TokenError",
    "TokenExpiredError",
    "TokenSignatureError",
    "UrlInsecureError",
    "VariableMissingError",
    "Verifier",
    "__version__",
    "der_to_pem",
    "from_env",
    "kid",
    "mint_token",
    "pem_to_der",
    "to_base64url",
    "to_pem",
    "verify_token",
]


# A type checker that saw this function would believe that every name exists.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import what is for annotations alone, on demand: `typing` takes longer to load than this package."""
        if name in {"Credential", "ErrorCode"}:
            from . import _types

            return getattr(_types, name)
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)


def _authorize(self: "Credential", request: object) -> object:
    """Authorize a request of requests: requests.get(url, auth=signer), or auth=api_key."""
    try:
        from requests import PreparedRequest

        from .requests import ScoutAuth
    except ModuleNotFoundError:
        pass
    else:
        if isinstance(request, PreparedRequest):
            return ScoutAuth(self)(request)
    use = "for httpx use scout_auth.httpx.ScoutAuth, for httpx2 scout_auth.httpx2.ScoutAuth"
    message = f"{type(self).__name__} is the auth of requests; {use}"
    raise TypeError(message)


def _parsed_claims(self: Claims) -> object:
    """All claims, as a read-only mapping. It is parsed at each access."""
    from json import loads
    from types import MappingProxyType

    return MappingProxyType(loads(self.json))


def _log(level: int, message: str, name: str, *fields: object) -> None:
    """Log what a signer did. The fields are names and values, one after the other."""
    logging = sys.modules.get("logging")
    if logging is None:
        return  # Nobody has set a handler, and to import it takes longer than a signature.
    logger = logging.getLogger("scout_auth")
    if logger.isEnabledFor(level) and logger.hasHandlers():
        pairs = zip(fields[::2], fields[1::2], strict=True)
        logger.log(level, message, extra={"scout_auth": {"name": name, **dict(pairs)}})


observe(_log)


# Not methods of the native classes, which would call Python from Rust. As a program ends, CPython up to 3.13 ends a
# daemon thread in the midst of such Python code, and Rust aborts the process if its frames are below.
if not TYPE_CHECKING:
    Signer.__call__ = ApiKey.__call__ = _authorize
    Claims.claims = property(_parsed_claims)
