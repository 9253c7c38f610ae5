//! `Token`, what a function takes as a token, and `mint_token`.

use pyo3::prelude::*;
use scout_auth as core;

use crate::copies::secret;
use crate::error::call_detached;
use crate::input::{Seconds, Text, UnixTime, wrong_type};
use crate::key::PrivateKeyInput;
use crate::settings::{JsonObject, Texts};

/// One minted JWT with its times. str(token) is the JWT.
///
/// A token is a secret until it expires: repr() shows its times only, and pickle is refused.
#[pyclass(frozen, weakref, module = "scout_auth")]
pub(crate) struct Token(pub(crate) core::Token);

secret!(Token, "it is a secret until it expires; pass str(token) on instead");

#[pymethods]
impl Token {
    /// The claim iat, in Unix seconds.
    #[getter]
    fn issued_at(&self) -> u64 {
        self.0.issued_at()
    }

    /// The claim exp, in Unix seconds: from then on servers refuse the token.
    #[getter]
    fn expires_at(&self) -> u64 {
        self.0.expires_at()
    }

    /// The value of the header Authorization: "Bearer " and the JWT.
    #[getter]
    fn authorization(&self) -> &str {
        self.0.authorization()
    }

    fn __str__(&self) -> &str {
        self.0.as_str()
    }

    fn __repr__(&self) -> String {
        format!("<Token issued_at={} expires_at={}>", self.0.issued_at(), self.0.expires_at())
    }
}

/// The text of a token, or of a `Token`.
#[derive(Clone, Copy)]
pub(crate) struct TokenText<'a>(pub(crate) &'a str);

impl<'a> FromPyObject<'a, '_> for TokenText<'a> {
    type Error = PyErr;

    fn extract(value: Borrowed<'a, '_, PyAny>) -> PyResult<Self> {
        if let Ok(token) = value.cast::<Token>() {
            return Ok(Self(token.get().0.as_str()));
        }
        let text = value.extract::<Text<'a>>().map_err(|_| wrong_type(value, "str or Token"))?;
        Ok(Self(text.0))
    }
}

/// Mints one token and does not keep it. The arguments are those of Signer. issued_at is in Unix
/// seconds; by default it is now.
///
/// Raises InvalidKeyError, KidMismatchError, ConfigError.
#[pyfunction]
#[pyo3(
    signature = (
        credential_id, private_key, *, kid = None, header_kid = None, lifetime = None, roles = None, claims = None, issued_at = None
    ),
    text_signature = "(credential_id, private_key, *, kid=None, header_kid=None, lifetime=300, roles=None, claims=None, issued_at=None)"
)]
#[expect(clippy::too_many_arguments, reason = "they are keyword arguments")]
pub(crate) fn mint_token(
    py: Python<'_>,
    credential_id: Text<'_>,
    private_key: PrivateKeyInput<'_>,
    kid: Option<Text<'_>>,
    header_kid: Option<Text<'_>>,
    lifetime: Option<Seconds>,
    roles: Option<Texts>,
    claims: Option<JsonObject>,
    issued_at: Option<UnixTime>,
) -> PyResult<Token> {
    let key = private_key.parse(py)?;
    let settings = core::Settings {
        kid: kid.map(|kid| kid.0.to_owned()),
        header_kid: header_kid.map(|kid| kid.0.to_owned()),
        lifetime: lifetime.map(|lifetime| lifetime.0),
        roles: roles.map(|roles| roles.0),
        claims: claims.map(|claims| claims.0),
        ..core::Settings::default()
    };
    let issued_at = issued_at.map(|time| time.0);
    call_detached(py, || core::mint_token(credential_id.0, &key, &settings, issued_at)).map(Token)
}
