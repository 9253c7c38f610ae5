//! The value of the header `Authorization`: `Bearer `, then the bearer (RFC 6750 §2.1).

/// What stands before the bearer.
pub(crate) const BEARER: &str = "Bearer ";

/// The bearer of a header value. Text without `Bearer ` in front is a bearer already.
pub(crate) fn bearer(value: &str) -> &str {
    value.strip_prefix(BEARER).unwrap_or(value)
}
