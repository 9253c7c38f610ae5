//! `Upstream`: the only server that requests are sent on to.

use hyper::Uri;
use hyper::http::uri::{Authority, PathAndQuery, Scheme};

/// An origin: scheme, host and port.
#[derive(Clone)]
pub(crate) struct Upstream {
    scheme: Scheme,
    authority: Authority,
}

impl Upstream {
    /// The origin of a URL without a path. Core judges whether the credential may go there.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts = text.parse::<Uri>().ok()?.into_parts();
        let is_bare = parts.path_and_query.is_none_or(|path| path == "/");
        let is_http = parts.scheme.as_ref().is_some_and(|scheme| [Scheme::HTTP, Scheme::HTTPS].contains(scheme));
        let authority = parts.authority.filter(|authority| is_bare && is_http && !authority.as_str().contains('@'))?;
        Some(Self { scheme: parts.scheme?, authority })
    }

    /// The URL of a path there.
    pub(crate) fn at(&self, path: PathAndQuery) -> Option<Uri> {
        let builder = Uri::builder().scheme(self.scheme.clone()).authority(self.authority.clone());
        builder.path_and_query(path).build().ok()
    }

    /// What follows the origin in a URL there: empty, or a path, a query, a fragment. `None` if the
    /// URL leads elsewhere.
    pub(super) fn rest_of<'a>(&self, url: &'a str) -> Option<&'a str> {
        let (scheme, rest) = url.split_once("://")?;
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let same_scheme = scheme.eq_ignore_ascii_case(self.scheme.as_str());
        let authority = authority.parse::<Authority>().ok()?;
        let same_host = authority.host().eq_ignore_ascii_case(self.authority.host());
        let same_port = self.port_of(&authority) == self.port_of(&self.authority);
        (same_scheme && same_host && same_port && !authority.as_str().contains('@')).then_some(rest)
    }

    fn port_of(&self, authority: &Authority) -> u16 {
        authority.port_u16().unwrap_or(if self.scheme == Scheme::HTTPS { 443 } else { 80 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_a_bare_origin() {
        for origin in ["https://api.scoutos.com", "https://api.scoutos.com/", "http://127.0.0.1:8000", "https://[::1]"]
        {
            assert!(Upstream::parse(origin).is_some(), "{origin}");
        }
        for other in ["", "api.scoutos.com", "https://a/v2", "https://a?x", "https://u@a", "ftp://a", "https://", "//a"]
        {
            assert!(Upstream::parse(other).is_none(), "{other}");
        }
    }

    #[test]
    fn only_urls_of_its_own_origin_lead_there() {
        let upstream = Upstream::parse("https://api.scoutos.com").unwrap();
        for (url, rest) in [
            ("https://api.scoutos.com/v2?x=1#y", Some("/v2?x=1#y")),
            ("HTTPS://API.scoutos.com:443", Some("")),
            ("https://api.scoutos.com?x", Some("?x")),
            ("https://api.scoutos.com:444/", None),
            ("https://api.scoutos.com.evil.example/", None),
            ("https://api.scoutos.com@evil.example/", None),
            ("https://evil.example/https://api.scoutos.com/", None),
            ("http://api.scoutos.com/", None),
            ("/v2", None),
        ] {
            assert_eq!(upstream.rest_of(url), rest, "{url}");
        }
    }
}
