//! Where a credential may be sent.
//!
//! A Scout token has no `aud`: whoever receives it can use it. So it goes over https, or to this
//! machine, and only to the allowed origins if there is such a list.

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
        let (is_https, rest) = scheme(url).ok_or(Error::Url)?;
        let (mut end, mut colon, mut is_name) = (None, None, true);
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                b'/' | b'?' | b'#' => {
                    end = Some(at);
                    break;
                }
                b':' if colon.is_none() => colon = Some(at),
                _ => is_name &= IS_NAME[usize::from(byte)],
            }
        }
        let text = &rest[..end.unwrap_or(rest.len())];
        let (host, port) = match colon {
            _ if text.starts_with('[') => bracketed(text).ok_or(Error::Url)?,
            _ if !is_name => return Err(Error::Url),
            Some(colon) => (&text[..colon], Some(&text[colon + 1..])),
            None => (text, None),
        };
        let default = if is_https { 443 } else { 80 };
        let port = port.map_or(Some(default), decimal).ok_or(Error::Url)?;
        if host.is_empty() {
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

/// Whether the scheme is https, and what is behind it; nothing if it is neither https nor http. Its
/// letters may be of either case.
fn scheme(url: &str) -> Option<(bool, &str)> {
    let behind = |scheme: &str| {
        let (start, rest) = url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    // The usual spelling is compared at once.
    if let Some(rest) = url.strip_prefix("https://").or_else(|| behind("https://")) {
        return Some((true, rest));
    }
    behind("http://").map(|rest| (false, rest))
}

/// The characters of a name or an IPv4 address.
static IS_NAME: [bool; 256] = {
    let mut is_name = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        is_name[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        byte += 1;
    }
    is_name
};

/// An IPv6 address in brackets, and the port behind it.
fn bracketed(text: &str) -> Option<(&str, Option<&str>)> {
    let end = text.find(']')?;
    text[1..end].parse::<Ipv6Addr>().ok()?;
    match &text[end + 1..] {
        "" => Some((text, None)),
        port => Some((&text[..=end], Some(port.strip_prefix(':')?))),
    }
}

/// The port, of digits alone: `parse` would take a sign.
fn decimal(port: &str) -> Option<u16> {
    port.parse().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit()))
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
