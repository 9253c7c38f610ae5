"""Authenticate to the Scout API: keys, kid, RS256 tokens and their cache.

>>> signer = scout_auth.Signer.from_env()
>>> requests.get("https://api.scoutos.com/v2/workflows", auth=signer)

Times are Unix seconds, lifetimes are seconds. Every error is a ScoutAuthError with a code.
"""

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
    pem_to_der,
    verify_token,
)

__all__ = [
    "ApiKey",
    "Claims",
    "ConfigError",
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
    "verify_token",
]
