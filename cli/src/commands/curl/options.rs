//! The arguments of curl: which are URLs, and which options cannot be taken.
//!
//! To know which words are URLs, one has to know which options take a value. So only the options below
//! are taken. An option of a later version of curl is refused, and cannot bring a URL of its own or
//! show the header.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use scout_auth::Error;

use crate::arguments::is_option_name;
use crate::failure::Failure;
use crate::host::Host;

/// Options without a value. `--no-NAME` is taken for each of these.
const FLAGS: &str = "
    0 http1.0 http0.9 http1.1 http2 http2-prior-knowledge http3 http3-only
    1 tlsv1 tlsv1.0 tlsv1.1 tlsv1.2 tlsv1.3 4 ipv4 6 ipv6 # progress-bar progress-meter B use-ascii
    buffer N no-buffer alpn npn keepalive sessionid ca-native cert-status clobber compressed create-dirs crlf
    disallow-username-in-url f fail fail-early fail-with-body false-start form-escape G get g globoff I head
    i include show-headers ignore-content-length J remote-header-name j junk-session-cookies L location
    O remote-name remote-name-all R remote-time parallel Z parallel-immediate path-as-is post301 post302 post303
    q disable raw remove-on-error retry-all-errors retry-connrefused s silent S show-error skip-existing
    ssl-allow-beast ssl-no-revoke ssl-revoke-best-effort styled-output suppress-connect-headers tcp-fastopen
    tcp-nodelay tls-earlydata tr-encoding xattr mptcp proxy-ca-native
    doh-cert-status p proxytunnel proxy-anyauth proxy-basic proxy-digest proxy-negotiate proxy-ntlm proxy-http2
    proxy-ssl-allow-beast proxy-tlsv1 socks5-basic socks5-gssapi socks5-gssapi-nec";

/// Options with a value.
const VALUES: &str = "
    A user-agent alt-svc b cookie c cookie-jar C continue-at cacert capath cert E cert-type ciphers
    connect-timeout create-file-mode crlfile curves D dump-header d data data-ascii data-binary data-raw
    data-urlencode e referer engine etag-compare etag-save expect100-timeout F form form-string H header
    happy-eyeballs-timeout-ms hsts interface json keepalive-cnt keepalive-time key key-type limit-rate local-port
    m max-time max-filesize max-redirs o output output-dir parallel-max pass pinnedpubkey r range rate
    request-target retry retry-delay retry-max-time stderr T upload-file tls-max tls13-ciphers url url-query
    w write-out X request y speed-time Y speed-limit z time-cond ip-tos vlan-priority
    proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key
    proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers U proxy-user
    socks5-gssapi-service";

/// Options with a value that lead a request somewhere else than to the host of its URL. Over https the
/// certificate shows where it has arrived.
const ROUTES: &str = "
    abstract-unix-socket connect-to dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url haproxy-clientip
    noproxy preproxy proxy proxy1.0 resolve socks4 socks4a socks5 socks5-hostname unix-socket x";

/// The variables that name a proxy for https.
const PROXIES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// What the arguments ask for.
#[derive(Debug, Default)]
pub(super) struct Request {
    pub(super) urls: Vec<String>,
    pub(super) follows_redirects: bool,
    has_route: bool,
}

enum Takes {
    Nothing,
    Value,
}

impl Request {
    pub(super) fn read(args: &[OsString]) -> Result<Self, Failure> {
        let mut request = Self::default();
        let mut args = args.iter().map(OsString::as_os_str);
        let mut has_options = true;
        while let Some(arg) = args.next() {
            match arg.as_bytes() {
                b"--" if has_options => has_options = false,
                [b'-', b'-', name @ ..] if has_options => request.long(name, &mut args)?,
                [b'-', letters @ ..] if has_options => request.short(letters, &mut args)?,
                _ => request.url(arg)?,
            }
        }
        if request.urls.is_empty() {
            return Err(Failure::usage(
                "there is no URL",
                "for example: scout-auth curl https://api.scoutos.com/v2/workflows",
            ));
        }
        request.check_http()?;
        Ok(request)
    }

    /// Options that hold curl to the schemes of its URLs, also at redirects.
    pub(super) fn limits(&self) -> &[&str] {
        if self.is_http() {
            // To this machine only, and through no proxy that the environment names.
            &["--proto", "=http", "--proto-redir", "=http,https", "--noproxy", "*"]
        } else {
            &["--proto", "=https", "--proto-redir", "=https"]
        }
    }

    /// Whether a proxy may be on the way: one of the options, or of the environment.
    pub(super) fn may_use_proxy(&self, host: &Host<'_>) -> bool {
        let is_named = |name: &&str| host.environment().is_set(name);
        !self.is_http() && (self.has_route || PROXIES.iter().any(is_named))
    }

    fn long<'a>(&mut self, name: &[u8], rest: &mut impl Iterator<Item = &'a OsStr>) -> Result<(), Failure> {
        let name = str::from_utf8(name).unwrap_or_default();
        // A letter is a name of its own only behind one hyphen.
        match takes(name).filter(|_| name.len() > 1) {
            Some(Takes::Nothing) => self.flag(name),
            Some(Takes::Value) => self.value(name, rest.next())?,
            None => return Err(refused(name, &format!("--{name}"))),
        }
        Ok(())
    }

    /// Letters behind one hyphen. The first that takes a value ends them: the value is the rest of the
    /// word, or the next word.
    fn short<'a>(&mut self, letters: &[u8], rest: &mut impl Iterator<Item = &'a OsStr>) -> Result<(), Failure> {
        for (at, letter) in letters.iter().enumerate() {
            let name = str::from_utf8(std::slice::from_ref(letter)).unwrap_or_default();
            match takes(name) {
                Some(Takes::Nothing) => self.flag(name),
                Some(Takes::Value) => {
                    let value = &letters[at + 1..];
                    let value = if value.is_empty() { rest.next() } else { Some(OsStr::from_bytes(value)) };
                    return self.value(name, value);
                }
                None => return Err(refused(name, &format!("-{name}"))),
            }
        }
        if letters.is_empty() { Err(Error::Url.into()) } else { Ok(()) }
    }

    fn flag(&mut self, name: &str) {
        self.follows_redirects |= matches!(name, "L" | "location");
    }

    fn value(&mut self, name: &str, value: Option<&OsStr>) -> Result<(), Failure> {
        let Some(value) = value else {
            return Err(Failure::usage("the last option of curl has no value", "add it, or see curl --help"));
        };
        match name {
            "url" => self.url(value)?,
            "H" | "header" if is_authorization(value.as_bytes()) => {
                return Err(Failure::usage("the header Authorization is that of scout-auth", "leave out this -H"));
            }
            "X" | "request" if value.eq_ignore_ascii_case("TRACE") => {
                let help = "the server would answer with the header; use another method";
                return Err(Failure::usage("the method TRACE cannot be used with scout-auth curl", help));
            }
            _ => self.has_route |= has(ROUTES, name),
        }
        Ok(())
    }

    fn url(&mut self, url: &OsStr) -> Result<(), Failure> {
        self.urls.push(url.to_str().ok_or(Error::Url)?.to_owned());
        Ok(())
    }

    /// Plain http goes to this machine. What may be sent elsewhere must be https.
    fn check_http(&self) -> Result<(), Failure> {
        if !self.is_http() {
            return Ok(());
        }
        if !self.urls.iter().all(|url| is_http(url)) {
            let help = "run scout-auth curl once for the http URLs and once for the https URLs";
            return Err(Failure::usage("URLs of http and https cannot be mixed", help));
        }
        if self.has_route {
            let text = "a proxy or another way to a server cannot be used with http";
            return Err(Failure::usage(text, "use https: the certificate then shows who receives the header"));
        }
        Ok(())
    }

    fn is_http(&self) -> bool {
        self.urls.iter().any(|url| is_http(url))
    }
}

fn is_http(url: &str) -> bool {
    url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"))
}

fn takes(name: &str) -> Option<Takes> {
    if has(FLAGS, name) || name.strip_prefix("no-").is_some_and(|name| has(FLAGS, name)) {
        Some(Takes::Nothing)
    } else {
        (has(VALUES, name) || has(ROUTES, name)).then_some(Takes::Value)
    }
}

fn has(options: &str, name: &str) -> bool {
    options.split_ascii_whitespace().any(|option| option == name)
}

/// Whether the text of `-H` sets `Authorization`, or removes it.
fn is_authorization(header: &[u8]) -> bool {
    const NAME: &[u8] = b"authorization";
    let header = header.trim_ascii_start();
    let (start, rest) = header.split_at(NAME.len().min(header.len()));
    start.eq_ignore_ascii_case(NAME) && matches!(rest.trim_ascii_start().first(), None | Some(b':' | b';'))
}

/// Why an option is not taken. What is typed is shown only if it can be no secret.
fn refused(name: &str, typed: &str) -> Failure {
    let help = match name {
        "v" | "verbose" | "trace" | "trace-ascii" | "trace-config" | "trace-ids" | "trace-time" | "libcurl" => {
            "it would show or store the header; -i shows what the server answers, and -w how long it took"
        }
        "K" | "config" | "variable" => "write the options as arguments, so that their URLs can be checked",
        ":" | "next" => "run scout-auth curl once for each request",
        "location-trusted" => "-L follows redirects, and sends the header to no other origin",
        "k" | "insecure" => "anybody on the way could read the header; --cacert FILE names your certificate authority",
        "u" | "user" | "n" | "netrc" | "netrc-file" | "netrc-optional" | "oauth2-bearer" | "basic" | "digest"
        | "anyauth" | "ntlm" | "negotiate" | "aws-sigv4" => {
            "the credential is that of scout-auth: see scout-auth doctor"
        }
        "proto" | "proto-default" | "proto-redir" => "write https:// in the URL; curl uses no other scheme here",
        _ => "scout-auth curl takes the options of curl for HTTP that it knows",
    };
    let is_plain = is_option_name(typed) || (typed.len() == 2 && typed.is_ascii());
    let text = if is_plain {
        format!("{typed} cannot be used with scout-auth curl")
    } else {
        "an option cannot be used with scout-auth curl".to_owned()
    };
    Failure::usage(text, help)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// A line is `-X, --name <value>  help` or `    --name  help`.
    #[test]
    fn options_take_a_value_if_the_help_of_the_installed_curl_says_so() {
        let output = Command::new("curl").args(["-q", "--help", "all"]).output().expect("curl is installed");
        let help = String::from_utf8(output.stdout).expect("UTF-8");
        let mut known = 0;
        for line in help.lines().filter(|line| line.trim_start().starts_with('-')) {
            let (names, rest) = line.split_once("--").expect("a long name");
            let (name, rest) = rest.split_once(' ').expect("a text");
            // The help names proxies as [protocol://]host[:port].
            let has_value = rest.starts_with(['<', '[']);
            let letter = names.trim().trim_start_matches('-').trim_end_matches(',');
            for name in [name, letter].into_iter().filter(|name| !name.is_empty()) {
                if let Some(takes) = takes(name) {
                    assert_eq!(matches!(takes, Takes::Value), has_value, "{line}");
                    known += 1;
                }
            }
        }
        assert!(known > 150, "{known}");
    }

    #[test]
    fn urls_are_found_between_options_of_every_form() {
        for (args, urls) in [
            ("-sSf https://a/", &["https://a/"][..]),
            ("-o out https://a/ -ohttps://x/ https://b/", &["https://a/", "https://b/"]),
            ("-XPOST -d https://x/ --url https://a/ -sd https://x/", &["https://a/"]),
            ("--no-buffer https://a/ -- -sS", &["https://a/", "-sS"]),
            ("-sL4 --max-time 5 https://a/", &["https://a/"]),
        ] {
            let args: Vec<OsString> = args.split(' ').map(OsString::from).collect();
            assert_eq!(Request::read(&args).expect("taken").urls, urls, "{args:?}");
        }
    }
}
