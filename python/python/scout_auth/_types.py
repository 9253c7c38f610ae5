"""The public types that exist for annotations alone."""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias


class Credential(Protocol):
    """What an HTTP client authenticates with: a Signer, an ApiKey, or an object of your own.

    Every client integration takes one and calls only these two methods, possibly from several threads at once.
    """

    def authorization_for(self, url: str, /) -> str:
        """Return the value of the header Authorization for a request to that absolute URL, or raise."""
        ...

    def rejected(self, token: str, date: str | None = None, /) -> bool:
        """Return whether to send a request once more after a 401.

        token is the header value that was sent. date is the response's header Date, or None if the response has
        no Date or has an Age.
        """
        ...


class Secret(Protocol):
    """What holds a key without showing it: SecretStr and SecretBytes of pydantic, or a class of your own."""

    def get_secret_value(self) -> str | bytes:
        """Return the key."""
        ...


#: The codes of all errors.
ErrorCode: TypeAlias = (
    Literal[
        "ERR_KEY_EMPTY",
        "ERR_KEY_TEXT_TOO_LONG",
        "ERR_KEY_ENCODING",
        "ERR_KEY_ENCODED_TWICE",
        "ERR_KEY_TRUNCATED",
        "ERR_KEY_TRAILING_DATA",
        "ERR_KEY_STRUCTURE",
        "ERR_KEY_PEM",
        "ERR_KEY_PEM_BLOCKS",
        "ERR_KEY_PEM_LABEL",
        "ERR_KEY_JWK",
        "ERR_KEY_IS_PUBLIC",
        "ERR_KEY_IS_PRIVATE",
        "ERR_KEY_IS_CERTIFICATE",
        "ERR_KEY_IS_OPENSSH",
        "ERR_KEY_IS_ENCRYPTED",
        "ERR_KEY_IS_LEGACY",
        "ERR_KEY_IS_TOKEN",
        "ERR_KEY_FORMAT",
        "ERR_KEY_ALGORITHM",
        "ERR_KEY_TOO_SMALL",
        "ERR_KEY_TOO_LARGE",
        "ERR_KEY_EXPONENT",
        "ERR_KEY_INCONSISTENT",
        "ERR_KEY_MULTI_PRIME",
        "ERR_KEY_WITHOUT_PRIMES",
        "ERR_KEY_CANNOT_SIGN",
        "ERR_KEY_SET_EMPTY",
        "ERR_KID_MALFORMED",
        "ERR_KID_MISMATCH",
        "ERR_KEY_UNBALANCED",
        "ERR_KEY_IS_MASKED",
        "ERR_KEY_IS_PATH",
        "ERR_KEY_IS_REFERENCE",
        "ERR_KEY_IS_PLACEHOLDER",
    ]
    | Literal[
        "ERR_TOKEN_TOO_LONG",
        "ERR_TOKEN_MALFORMED",
        "ERR_TOKEN_ALGORITHM",
        "ERR_TOKEN_CRITICAL",
        "ERR_TOKEN_KID_MISSING",
        "ERR_TOKEN_KID_UNKNOWN",
        "ERR_TOKEN_SIGNATURE",
        "ERR_TOKEN_CLAIM",
        "ERR_TOKEN_ISSUER",
        "ERR_TOKEN_EXPIRED",
        "ERR_TOKEN_FROM_FUTURE",
        "ERR_TOKEN_NOT_YET_VALID",
        "ERR_TOKEN_LIFETIME",
    ]
    | Literal[
        "ERR_CREDENTIAL_ID",
        "ERR_LIFETIME",
        "ERR_REFRESH_MARGIN",
        "ERR_BACKDATE",
        "ERR_LEEWAY",
        "ERR_KEY_SIZE",
        "ERR_CLOCK",
        "ERR_VARIABLE_MISSING",
        "ERR_VARIABLE_NOT_TEXT",
        "ERR_VARIABLE_CONFLICT",
        "ERR_KEY_FILE",
        "ERR_API_KEY",
        "ERR_URL",
        "ERR_URL_INSECURE",
        "ERR_ORIGIN_NOT_ALLOWED",
        "ERR_ORIGIN",
        "ERR_ARGUMENT",
        "ERR_BUFFER_TOO_SMALL",
        "ERR_CREDENTIAL_ID_IS_KID",
        "ERR_KEY_FILE_IS_KEY",
        "ERR_CREDENTIAL_UNREADABLE",
        "ERR_CREDENTIAL_TOO_LONG",
        "ERR_CREDENTIAL_FORMAT",
        "ERR_CREDENTIAL_INCOMPLETE",
        "ERR_COMMAND_ARGUMENTS",
        "ERR_COMMAND_START",
        "ERR_COMMAND_FAILED",
        "ERR_COMMAND_TIMEOUT",
        "ERR_COMMAND_OUTPUT",
        "ERR_ROLES",
        "ERR_CLAIMS",
        "ERR_HEADER_KID",
        "ERR_REFRESH",
    ]
    | Literal[
        "ERR_ENGINE",
        "ERR_INTERNAL",
    ]
)
