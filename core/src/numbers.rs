//! The numbers of a key, between an encoding and an engine: big-endian, without leading zeros.

/// The numbers of a public key.
#[derive(Clone, Copy)]
pub(crate) struct PublicNumbers<'a> {
    pub(crate) n: &'a [u8],
    pub(crate) e: &'a [u8],
}

/// The numbers of a private key (RFC 8017 §3.2).
#[derive(Clone, Copy)]
pub(crate) struct PrivateNumbers<'a> {
    pub(crate) public: PublicNumbers<'a>,
    pub(crate) d: &'a [u8],
    pub(crate) p: &'a [u8],
    pub(crate) q: &'a [u8],
    /// d mod (p − 1)
    pub(crate) dp: &'a [u8],
    /// d mod (q − 1)
    pub(crate) dq: &'a [u8],
    /// q⁻¹ mod p
    pub(crate) qinv: &'a [u8],
}

/// The numbers of either kind of key.
#[derive(Clone, Copy)]
pub(crate) enum Numbers<'a> {
    Private(PrivateNumbers<'a>),
    Public(PublicNumbers<'a>),
}
