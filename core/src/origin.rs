//! Where a credential may be sent.
//!
//! A Scout token has no `aud`: whoever receives it can use it. So it goes over https, or to this
//! machine, and only to the allowed origins where such a list is given.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::error::{Error, Result};

/// The origins to which a credential may be sent; `None` is any https origin.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedOrigins(Option<Vec<Origin<Box<str>>>>);

impl AllowedOrigins {
    /// The origins of a list, each `https://host` or `https://host:port`, and loopback.
    ///
    /// Errors: `Origin`.
    pub(crate) fn of(origins: Option<&[impl AsRef<str>]>) -> Result<Self> {
        let read = |text: &str| match Origin::of(text) {
            Ok((origin, None)) if origin.is_https || origin.is_loopback() => Ok(origin.kept()),
            _ => Err(Error::Origin),
        };
        let list = origins.map(|origins| origins.iter().map(|text| read(text.as_ref())).collect());
        list.transpose().map(Self)
    }

    /// Checks that the credential may be sent to the URL. Returns the beginning of the URL that
    /// decided it, as [`Origin::of`] does.
    ///
    /// Every request takes this path, so it allocates nothing.
    ///
    /// Errors: `Url`, `UrlInsecure`, `OriginNotAllowed`.
    pub(crate) fn check<'a>(&self, url: &'a str) -> Result<Option<&'a str>> {
        let (origin, beginning) = Origin::of(url)?;
        match &self.0 {
            _ if origin.is_loopback() => Ok(beginning),
            _ if !origin.is_https => Err(Error::UrlInsecure),
            Some(allowed) if !allowed.iter().any(|allowed| allowed.is(&origin)) => Err(Error::OriginNotAllowed),
            _ => Ok(beginning),
        }
    }
}

/// An origin (RFC 6454 §4): scheme, host, port. Hosts are compared without regard to case.
#[derive(Clone, Debug)]
struct Origin<Host> {
    is_https: bool,
    host: Host,
    port: u16,
}

impl<'a> Origin<&'a str> {
    /// The origin of an absolute URL (RFC 3986 §3), and the beginning of the URL that decided it:
    /// up to and with the character that ends the authority. There is no such character if the URL
    /// has neither path, query nor fragment.
    ///
    /// Clients read odd URLs in different ways, and a credential must not depend on which is right:
    /// a user name, a backslash, white space or any other character that does not belong there is
    /// refused.
    fn of(url: &'a str) -> Result<(Self, Option<&'a str>)> {
        let (is_https, rest) = match (behind(url, "https://"), behind(url, "http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err(Error::Url),
        };
        let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
        let text = &rest[..end.unwrap_or(rest.len())];
        let (host, port) = match text.bytes().rposition(|byte| byte == b':') {
            // A colon within the brackets of an IPv6 address.
            Some(_) if text.ends_with(']') => (text, None),
            Some(colon) => (&text[..colon], Some(&text[colon + 1..])),
            None => (text, None),
        };
        let default = if is_https { 443 } else { 80 };
        let port = port.map_or(Some(default), decimal).ok_or(Error::Url)?;
        if !is_host(host) {
            return Err(Error::Url);
        }
        let before_rest = url.len() - rest.len();
        Ok((Self { is_https, host, port }, end.map(|end| &url[..=before_rest + end])))
    }

    /// 127.0.0.0/8, ::1 and `localhost` (RFC 6761 §6.3).
    fn is_loopback(&self) -> bool {
        // An address begins with a digit or a bracket; nothing else needs to be parsed.
        match self.host.as_bytes() {
            [b'[', address @ .., b']'] => std::str::from_utf8(address)
                .is_ok_and(|address| address.parse::<Ipv6Addr>().is_ok_and(|address| address.is_loopback())),
            [b'0'..=b'9', ..] => self.host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback()),
            _ => self.host.eq_ignore_ascii_case("localhost"),
        }
    }

    fn kept(&self) -> Origin<Box<str>> {
        Origin { is_https: self.is_https, host: self.host.into(), port: self.port }
    }
}

impl Origin<Box<str>> {
    fn is(&self, other: &Origin<&str>) -> bool {
        self.port == other.port && self.is_https == other.is_https && self.host.eq_ignore_ascii_case(other.host)
    }
}

/// What is behind the scheme of a URL; its letters may be of either case.
fn behind<'a>(url: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = url.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// The port, of digits alone: `parse` would take a sign.
fn decimal(port: &str) -> Option<u16> {
    port.parse().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A name, an IPv4 address, or an IPv6 address in brackets.
fn is_host(host: &str) -> bool {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
        None => {
            !host.is_empty()
                && host.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decided_about_a_url_ends_behind_its_origin() {
        for (url, beginning) in [
            ("https://api.scoutos.com/v2/workflows", Some("https://api.scoutos.com/")),
            ("HTTPS://API.scoutos.com:8443?x=/", Some("HTTPS://API.scoutos.com:8443?")),
            ("https://[2001:db8::1]#/", Some("https://[2001:db8::1]#")),
            ("https://api.scoutos.com", None),
        ] {
            assert_eq!(AllowedOrigins::default().check(url), Ok(beginning), "{url}");
        }
    }
}
