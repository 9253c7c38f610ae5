//! Where a credential may be sent.
//!
//! A Scout token has no `aud`: whoever receives it can use it. So it goes over https, or to this
//! machine, and only to the allowed origins where such a list is given.

use std::net::{IpAddr, Ipv6Addr};

use crate::error::{Error, Result};

/// An origin (RFC 6454 §4): scheme, host, port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    is_https: bool,
    host: String,
    port: u16,
}

/// The origins to which a credential may be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedOrigins(Option<Vec<Origin>>);

impl AllowedOrigins {
    /// Only these, each `https://host` or `https://host:port`, and loopback.
    pub(crate) fn only(origins: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        let read = |text: &str| {
            let origin = Origin::of(text).ok().filter(|_| !has_path(text));
            origin.filter(|origin| origin.is_https || origin.is_loopback()).ok_or(Error::Origin)
        };
        origins.into_iter().map(|text| read(text.as_ref())).collect::<Result<_>>().map(|list| Self(Some(list)))
    }

    /// Whether the credential may go to the URL.
    ///
    /// Errors: `Url`, `UrlInsecure`, `OriginNotAllowed`.
    pub(crate) fn check(&self, url: &str) -> Result<()> {
        let origin = Origin::of(url)?;
        if origin.is_loopback() {
            return Ok(());
        }
        if !origin.is_https {
            return Err(Error::UrlInsecure);
        }
        match &self.0 {
            Some(allowed) if !allowed.contains(&origin) => Err(Error::OriginNotAllowed),
            _ => Ok(()),
        }
    }
}

fn has_path(url: &str) -> bool {
    url.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?', '#']))
}

impl Origin {
    /// The origin of an absolute URL (RFC 3986 §3). Clients read odd URLs in different ways, and a
    /// credential must not depend on which is right: a user name, a backslash, white space or any
    /// other character that does not belong there is refused.
    fn of(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once("://").ok_or(Error::Url)?;
        let is_https = scheme.eq_ignore_ascii_case("https");
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return Err(Error::Url);
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let text = &rest[..end];
        let (host, port) = match text.rsplit_once(':') {
            // A colon within the brackets of an IPv6 address.
            Some((_, rest)) if rest.ends_with(']') => (text, None),
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        };
        let default = if is_https { 443 } else { 80 };
        let port = port.map_or(Some(default), decimal).ok_or(Error::Url)?;
        if !is_host(host) {
            return Err(Error::Url);
        }
        Ok(Self { is_https, host: host.to_ascii_lowercase(), port })
    }

    /// 127.0.0.0/8, ::1 and `localhost` (RFC 6761 §6.3).
    fn is_loopback(&self) -> bool {
        let address = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// The port, of digits alone: `parse` would take a sign.
fn decimal(port: &str) -> Option<u16> {
    port.parse().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        None => !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
    }
}
