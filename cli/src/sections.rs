//! The sections of help texts and manual pages that clap does not write: input, environment, exit
//! status, examples.

/// One section: a title, and lines that are shown as they are.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    pub(crate) lines: &'static str,
}

#[cfg(not(feature = "net"))]
const FULL_COMMAND: Section = Section {
    title: "The full command",
    lines: "\
credentials, mcp, proxy, run, serve, doctor --url, completions and man need scout-auth-tools, a package of PyPI and
npm. If it is installed, scout-auth runs it for them: scout-auth proxy is scout-auth-tools proxy.",
};

const STATUS: Section = Section {
    title: "Exit status",
    lines: "\
0  success
1  a fault of scout-auth itself, or the output cannot be written
2  the command line is wrong
3  the environment, a file, an option's value or the clock is wrong
4  the key cannot be used
5  the token was refused
6  the live call of doctor --url did not succeed, or the server of credentials refused
7  scan found a private key or a live token",
};

const SCAN_STATUS: Section = Section {
    title: "Exit status",
    lines: "\
0  nothing found; expired tokens and allowed keys do not count
3  a file could not be read, there was no file, or git failed
7  a private key or a live token was found",
};

const DOCTOR_STATUS: Section = Section {
    title: "Exit status",
    lines: "\
0  no check failed; a warning is not a failure
3  the first failed check: the environment, a file or the clock
4  the first failed check: the key cannot be used
6  the first failed check: the live call did not succeed",
};

const ENVIRONMENT: Section = Section {
    title: "Environment",
    lines: "\
SCOUT_CREDENTIAL_FILE     the path of a credential file or folder
SCOUT_CREDENTIAL_COMMAND  a program that prints the credential: a JSON array of it and its arguments
SCOUT_PRIVATE_KEY         the private key, as Scout issued it
SCOUT_PRIVATE_KEY_FILE    the path of a file that holds the private key
SCOUT_CREDENTIAL_ID       the credential id
SCOUT_KID                 the kid that the key must have (optional)
SCOUT_API_KEY             a legacy key; used only if no other variable is set
NO_COLOR                  if set, no colours are used",
};

const DOCTOR_ENVIRONMENT: Section = Section {
    title: "Environment",
    lines: "\
SCOUT_CREDENTIAL_FILE, SCOUT_CREDENTIAL_COMMAND, SCOUT_PRIVATE_KEY, SCOUT_PRIVATE_KEY_FILE,
SCOUT_CREDENTIAL_ID, SCOUT_KID, SCOUT_API_KEY
                        what doctor checks; it runs the command
HTTPS_PROXY, ALL_PROXY  the proxy for --url, over https only
SSL_CERT_FILE, SSL_CERT_DIR
                        certificate authorities for --url, in place of the system's",
};

#[cfg(feature = "net")]
const MCP_PURPOSE: Section = Section {
    title: "Purpose",
    lines: "\
For MCP clients that start a program. It passes JSON-RPC messages, one a line, between the client and the
server over streamable HTTP, and signs each request. It ends when its standard input ends.",
};

#[cfg(feature = "net")]
const NETWORK: Section = Section {
    title: "Environment",
    lines: "\
SCOUT_CREDENTIAL_FILE, SCOUT_CREDENTIAL_COMMAND, SCOUT_PRIVATE_KEY, SCOUT_PRIVATE_KEY_FILE,
SCOUT_CREDENTIAL_ID, SCOUT_KID, SCOUT_API_KEY
                        the credential; a file or a program is read again when it changes
HTTPS_PROXY, ALL_PROXY, NO_PROXY
                        the proxy on the way to the server, over https only
SSL_CERT_FILE, SSL_CERT_DIR
                        certificate authorities, in place of the system's",
};

#[cfg(feature = "net")]
const MCP_EXAMPLES: &str = "\
scout-auth mcp
scout-auth mcp https://mcp.scoutos.com/mcp --credential-file ~/.config/scoutos/credential.jwk.json
claude mcp add scout -- scout-auth mcp";

#[cfg(feature = "net")]
const PROXY: Section = Section {
    title: "Output",
    lines: "\
SCOUT_BASE_URL  the address of the proxy
SCOUT_API_KEY   the local token, which callers send as Authorization: Bearer …; it is worth nothing elsewhere
A line for each request goes to standard error: method, path, status, milliseconds.
SIGINT and SIGTERM end it when running answers have ended, after 5 seconds at most; a second one ends it at once.",
};

#[cfg(feature = "net")]
const PROXY_EXAMPLES: &str = "\
scout-auth proxy
scout-auth proxy --listen 127.0.0.1:8411 --token-file ~/.config/scoutos/proxy-token https://mcp.scoutos.com
scout-auth proxy --unix \"$XDG_RUNTIME_DIR/scout.sock\" &
curl --unix-socket \"$XDG_RUNTIME_DIR/scout.sock\" http://localhost/v2/workflows";

#[cfg(feature = "net")]
const RUN: Section = Section {
    title: "The program's environment",
    lines: "\
SCOUT_BASE_URL  the address of a proxy that sends its requests on, with the credential
SCOUT_API_KEY   the local token of that proxy; with --token, a token of Scout, and no SCOUT_BASE_URL
NO_PROXY        with 127.0.0.1 added, also as no_proxy, so that no other proxy sees the calls
Every variable that names a credential or holds a private key is taken away.",
};

#[cfg(feature = "net")]
const RUN_STATUS: Section = Section {
    title: "Exit status",
    lines: "\
That of the program; 128 and the number of the signal that ended it; 126 if it cannot be run, 127 if it was not
found; 1 to 4 as for other commands, if it was not started.",
};

#[cfg(feature = "net")]
const RUN_EXAMPLES: &str = "\
scout-auth run -- python app.py
scout-auth run --role member -- npm start
scout-auth run --token -- ./upload.sh";

#[cfg(feature = "net")]
const SERVE: Section = Section {
    title: "Output",
    lines: "\
When it is ready, one line of JSON:
  url           where it listens
  admin_token   manages its credentials; not with --admin-token-file
  organization  the organisation of requests with the admin token that name none
  pid, version  of the process
  credential, private_key
                what --create made; so the line is a credential file
SIGINT and SIGTERM end it when running answers have ended, after 5 seconds at most.",
};

#[cfg(feature = "net")]
const SERVE_EXAMPLES: &str = "\
scout-auth serve --credential-file credential.json
scout-auth serve --port 0 --create test --until-eof";

#[cfg(feature = "net")]
const CREDENTIALS: Section = Section {
    title: "Environment",
    lines: "\
SCOUT_LOCAL_URL          the server (default: http://127.0.0.1:8412)
SCOUT_LOCAL_ADMIN_TOKEN  its admin token; without it or --admin-token-file, the credential of the environment,
                         which must have the role admin",
};

#[cfg(feature = "net")]
const CREDENTIALS_EXAMPLES: &str = "\
scout-auth credentials create prod-api-server --role member --out prod.json
scout-auth credentials list
scout-auth credentials scope cred_123 'GET /v2/workflows/**' 'POST /v2/workflows/*/run'
scout-auth credentials rotate cred_123 --out prod-v2.json
scout-auth credentials disable cred_123
scout-auth credentials audit --verify";

const KEY_INPUT: Section = Section {
    title: "Input",
    lines: "\
The key comes from the first of these that is present:
  --key-file PATH
  the credential that SCOUT_CREDENTIAL_FILE or SCOUT_CREDENTIAL_COMMAND names: for its public key only
  SCOUT_PRIVATE_KEY, or the file that SCOUT_PRIVATE_KEY_FILE names
  standard input
A key is never an argument: other users of the machine can read arguments.",
};

const CREDENTIAL_INPUT: Section = Section {
    title: "Input",
    lines: "\
The credential comes from the first of these that is present:
  --key-file PATH, with --credential-id or SCOUT_CREDENTIAL_ID
  --credential-file PATH
  SCOUT_CREDENTIAL_FILE, or the output of SCOUT_CREDENTIAL_COMMAND
  SCOUT_PRIVATE_KEY, or the file that SCOUT_PRIVATE_KEY_FILE names, with the credential id
  the key on standard input, with the credential id
A key is never an argument: other users of the machine can read arguments.",
};

const TOKEN_INPUT: Section = Section {
    title: "Input",
    lines: "\
The token comes from --token-file, or from standard input. A token is never an argument.
It may be the token alone, a header (Authorization: Bearer …), or the output of token --json.",
};

/// The sections of one subcommand, or of the whole command.
#[allow(clippy::too_many_lines, reason = "texts, one after the other")]
pub(crate) fn of(command: &str) -> Vec<Section> {
    let examples = |lines| Section { title: "Examples", lines };
    match command {
        "token" => vec![
            CREDENTIAL_INPUT,
            examples(
                "\
scout-auth token
scout-auth token --lifetime 60 --json
scout-auth token --credential-id cred_123 --key-file key.pem
scout-auth token --credential-file ~/.config/scoutos/credential.jwk.json
scout-auth token --github
scout-auth token --role member --claim team=web --claim 'limits={\"runs\":5}'",
            ),
        ],
        "authorization" => {
            vec![CREDENTIAL_INPUT, examples("scout-auth authorization\nscout-auth authorization --header")]
        }
        "curl" => vec![
            Section {
                title: "What is passed on",
                lines: "\
curl gets the header on a descriptor, never as an argument. URLs must be https, or http to this machine.
-L sends the header to no other origin. The exit status is that of curl. Options that would show the
header or hide a URL are refused, such as -v, -K and --next, and .curlrc is not read. The credential
comes from the environment.",
            },
            ENVIRONMENT,
            examples(
                "\
scout-auth curl https://api.scoutos.com/v2/workflows
scout-auth curl -sS --json '{\"name\":\"test\"}' https://api.scoutos.com/v2/workflows",
            ),
        ],
        "headers" => vec![
            Section {
                title: "Purpose",
                lines: "\
For programs that ask a command for the headers of their requests, such as headersHelper of Claude
Code. Authorization is the only one.",
            },
            CREDENTIAL_INPUT,
            examples("scout-auth headers"),
        ],
        "jwk" => vec![
            KEY_INPUT,
            examples("scout-auth jwk > public.jwk\nscout-auth jwk --private --key-file key.pem > private.jwk"),
        ],
        "jwks" => vec![examples(
            "\
scout-auth jwks old.pem new.pem > keys.json
scout-auth jwks keys.json ~/.config/scoutos/credential.jwk.json",
        )],
        "import" => vec![
            Section {
                title: "Input",
                lines: "\
The file, or standard input. On a terminal, paste the key or the credential and press Enter: it is not
shown. It may have any form in which Scout issues it, and that of an .env file. The credential id comes
from --credential-id, the text or SCOUT_CREDENTIAL_ID; on a terminal, scout-auth then asks for it.",
            },
            Section {
                title: "The file",
                lines: "\
JSON with private_key, credential_id and kid, with mode 600. Missing folders are made with mode 700.
A file that is there already stays, unless you say --force. Programs that read it meanwhile get the
old or the new credential, and signers follow the new one.",
            },
            examples(
                "scout-auth import\nscout-auth import --force downloaded.json\nscout-auth keygen | scout-auth import --credential-id test --out test.json",
            ),
        ],
        "pem" => vec![
            KEY_INPUT,
            examples(
                "\
scout-auth pem > private.pem
scout-auth pem --public > public.pem
scout-auth pem --base64url --key-file key.pem",
            ),
        ],
        "kid" => vec![KEY_INPUT, examples("scout-auth kid\nscout-auth kid --all --key-file public.pem")],
        "inspect" => vec![
            TOKEN_INPUT,
            examples(
                "\
scout-auth token | scout-auth inspect
scout-auth inspect --token-file token.txt --keys public.pem",
            ),
        ],
        "verify" => vec![TOKEN_INPUT, examples("scout-auth token | scout-auth verify --keys public.pem")],
        "keygen" => vec![
            Section {
                title: "Purpose",
                lines: "\
For tests, and for services that verify such tokens themselves. A credential for Scout is made in
Scout, under Settings → API Keys.",
            },
            examples("scout-auth keygen --out .env\nscout-auth keygen --bits 4096 --json --out key.json"),
        ],
        "doctor" => vec![
            Section {
                title: "Verdicts",
                lines: "\
ok    the check found nothing wrong
warn  it works, and something should be changed
skip  not checked, because an earlier check failed
fail  it does not work",
            },
            DOCTOR_ENVIRONMENT,
            DOCTOR_STATUS,
            examples(DOCTOR_EXAMPLES),
        ],
        #[cfg(feature = "net")]
        "mcp" => vec![MCP_PURPOSE, NETWORK, examples(MCP_EXAMPLES)],
        #[cfg(feature = "net")]
        "proxy" => vec![PROXY, NETWORK, examples(PROXY_EXAMPLES)],
        #[cfg(feature = "net")]
        "run" => vec![RUN, NETWORK, RUN_STATUS, examples(RUN_EXAMPLES)],
        #[cfg(feature = "net")]
        "serve" => vec![SERVE, examples(SERVE_EXAMPLES)],
        #[cfg(feature = "net")]
        "credentials" => vec![CREDENTIALS, examples(CREDENTIALS_EXAMPLES)],
        "scan" => vec![
            Section {
                title: "Exceptions",
                lines: "\
A test key may stay if its kid is in the file .scout-auth-allow, in the root of the repository, or if
this is on its line or on the line before:  scout-auth: allow KID",
            },
            SCAN_STATUS,
            examples(
                "\
scout-auth scan
scout-auth scan --staged
scout-auth scan --history origin/main..HEAD --sarif > scan.sarif
kubectl get secrets -o json | scout-auth scan -",
            ),
        ],
        "completions" => vec![examples(
            "\
scout-auth completions bash > ~/.local/share/bash-completion/completions/scout-auth
scout-auth completions zsh > \"${fpath[1]}/_scout-auth\"
scout-auth completions fish > ~/.config/fish/completions/scout-auth.fish",
        )],
        "man" => vec![examples("scout-auth man --out ~/.local/share/man/man1\nscout-auth man token | man -l -")],
        _ => vec![
            #[cfg(not(feature = "net"))]
            FULL_COMMAND,
            ENVIRONMENT,
            STATUS,
            examples(
                "\
scout-auth doctor
scout-auth token | scout-auth inspect
scout-auth curl https://api.scoutos.com/v2/workflows",
            ),
        ],
    }
}

#[cfg(feature = "net")]
const DOCTOR_EXAMPLES: &str = "\
scout-auth doctor
scout-auth doctor --url
scout-auth doctor --json | jq '.checks[] | select(.verdict == \"fail\")'";

#[cfg(not(feature = "net"))]
const DOCTOR_EXAMPLES: &str = "\
scout-auth doctor
scout-auth doctor --json | jq '.checks[] | select(.verdict == \"fail\")'";

/// The sections of one subcommand as the end of its `--help`.
pub(crate) fn help(command: &str) -> String {
    let texts = of(command).into_iter().map(|section| {
        let lines: Vec<String> = section.lines.lines().map(|line| format!("  {line}")).collect();
        format!("{}:\n{}", section.title, lines.join("\n"))
    });
    texts.collect::<Vec<_>>().join("\n\n")
}

/// The sections of one subcommand for its manual page: exit statuses are on every page.
#[cfg(feature = "manual")]
pub(crate) fn manual(command: &str) -> Vec<Section> {
    let mut sections = of(command);
    if sections.iter().all(|section| section.title != STATUS.title) {
        sections.push(STATUS);
    }
    sections
}
