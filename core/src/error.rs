//! Every error of the crate, in one table: number, name, what is wrong, what to do.
//!
//! Numbers and names are stable: new ones are only appended. The texts are for people and may
//! improve. By its types, an error cannot contain key or token text: its data are lengths, kinds,
//! names of variables, and kids.

use std::fmt;
use std::io::ErrorKind;

use crate::kid::Kid;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// One row of the table of errors: what every language shows of an error, without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorInfo {
    /// The number: 1xx key, 2xx token, 3xx argument and configuration, 9xx internal.
    pub number: u16,
    /// The stable name, `ERR_…`.
    pub name: &'static str,
    /// What is wrong, without the data of one occurrence.
    pub summary: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// What an error is about: the hundreds of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// 1xx: the key cannot be used.
    Key,
    /// 2xx: the token was refused.
    Token,
    /// 3xx: an argument, a variable, a file, a URL or the clock.
    Config,
    /// 9xx: a fault of this library or of its engine.
    Internal,
}

macro_rules! errors {
    ($( $variant:ident $({ $($field:ident: $type:ty),+ })? = $number:literal $name:literal
        $summary:literal, $help:literal; )+) => {
        /// Why an operation was refused. Each variant is documented by its own text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(missing_docs, reason = "the fields are named after what the text shows")]
        pub enum Error {
            $( #[doc = concat!("`", $name, "`: ", $summary, ".")] $variant $({ $($field: $type),+ })?, )+
        }

        impl Error {
            /// The whole table, by ascending number.
            pub const TABLE: &'static [ErrorInfo] = &[
                $( ErrorInfo { number: $number, name: $name, summary: $summary, help: $help }, )+
            ];

            /// This error's row of the table.
            pub fn info(&self) -> ErrorInfo {
                match self {
                    $( Self::$variant $({ $($field: _),+ })? =>
                        ErrorInfo { number: $number, name: $name, summary: $summary, help: $help }, )+
                }
            }
        }
    };
}

errors! {
    KeyEmpty = 101 "ERR_KEY_EMPTY"
        "the key text is empty",
        "pass the private key as Scout issued it";
    KeyTextTooLong = 102 "ERR_KEY_TEXT_TOO_LONG"
        "the key text is longer than 64 KiB",
        "pass one key, not a bundle or an archive";
    KeyEncoding = 103 "ERR_KEY_ENCODING"
        "the key is not base64url, PEM or JWK text",
        "copy the whole key from Scout again";
    KeyEncodedTwice = 104 "ERR_KEY_ENCODED_TWICE"
        "the key is base64-encoded twice",
        "decode it once, for example with base64 -d, and pass the result";
    KeyTruncated = 105 "ERR_KEY_TRUNCATED"
        "the key is cut short",
        "copy the key from Scout again, to its last character";
    KeyTrailingData = 106 "ERR_KEY_TRAILING_DATA"
        "extra data follows the end of the key",
        "pass only the key";
    KeyStructure = 107 "ERR_KEY_STRUCTURE"
        "the key decodes, but it is not the strict DER of a key",
        "copy the whole key from Scout again";
    KeyPem = 108 "ERR_KEY_PEM"
        "the PEM armour of the key is malformed",
        "keep the BEGIN and END lines unchanged, each on its own line";
    KeyPemBlocks = 109 "ERR_KEY_PEM_BLOCKS"
        "the text contains more than one PEM block",
        "pass only the block that contains the key";
    KeyPemLabel = 110 "ERR_KEY_PEM_LABEL"
        "the PEM label does not match the contents of the block",
        "use the matching label: Scout's keys are PRIVATE KEY or PUBLIC KEY";
    KeyJwk = 111 "ERR_KEY_JWK"
        "the JWK is malformed or is not for RS256 signatures",
        "pass a JSON object with kty RSA and canonical base64url members, each only once";
    KeyIsPublic = 112 "ERR_KEY_IS_PUBLIC"
        "this is a public key, but a private key is required",
        "copy the private key of the credential, the longer of the two";
    KeyIsPrivate = 113 "ERR_KEY_IS_PRIVATE"
        "this is a private key, but a public key is required",
        "pass the public key of the credential, and keep the private key secret";
    KeyIsCertificate = 114 "ERR_KEY_IS_CERTIFICATE"
        "this is an X.509 certificate, not a key",
        "pass the key that Scout issued; Scout does not use certificates";
    KeyIsOpenssh = 115 "ERR_KEY_IS_OPENSSH"
        "this key is in OpenSSH's own format",
        "pass the key that Scout issued, or convert this one with ssh-keygen -p -m PKCS8";
    KeyIsEncrypted = 116 "ERR_KEY_IS_ENCRYPTED"
        "the key is encrypted with a password",
        "decrypt it first, for example with openssl pkey, or pass the key that Scout issued";
    KeyIsLegacy = 117 "ERR_KEY_IS_LEGACY"
        "this looks like a legacy API key, but a private key is required",
        "set SCOUT_API_KEY to it or use ApiKey, or create an org credential in Scout";
    KeyIsToken = 118 "ERR_KEY_IS_TOKEN"
        "this is a token, not a key",
        "pass the private key that signs the tokens";
    KeyFormat { found: &'static str } = 119 "ERR_KEY_FORMAT"
        "this is not a key in a form that Scout uses",
        "pass the key that Scout issued, or a PKCS#8 or PKCS#1 key in PEM or DER";
    KeyAlgorithm { found: &'static str } = 120 "ERR_KEY_ALGORITHM"
        "this is not an RSA key for RS256",
        "pass the RSA key that Scout issued";
    KeyTooSmall { bits: u32 } = 121 "ERR_KEY_TOO_SMALL"
        "the RSA key is too small: at least 2048 bits are required",
        "create a new org credential in Scout";
    KeyTooLarge { bits: u32 } = 122 "ERR_KEY_TOO_LARGE"
        "the RSA key is too large: at most 8192 bits are supported",
        "create a new org credential in Scout";
    KeyExponent = 123 "ERR_KEY_EXPONENT"
        "the public exponent of the key is even, less than 3 or longer than 33 bits",
        "create a new org credential in Scout";
    KeyInconsistent = 124 "ERR_KEY_INCONSISTENT"
        "the numbers of the key do not match each other",
        "copy the key from Scout again, or create a new org credential: this key was altered";
    KeyMultiPrime = 125 "ERR_KEY_MULTI_PRIME"
        "the RSA key has more than two primes",
        "create a new org credential in Scout";
    KeyWithoutPrimes = 126 "ERR_KEY_WITHOUT_PRIMES"
        "the private key lacks its primes or CRT values",
        "export the whole key, with p, q, dP, dQ and qInv";
    KeyCannotSign = 127 "ERR_KEY_CANNOT_SIGN"
        "the key makes signatures that its own public key refuses",
        "create a new org credential in Scout: this key cannot work";
    KeySetEmpty = 128 "ERR_KEY_SET_EMPTY"
        "the key set has no RSA public key for RS256",
        "pass at least one such public key, or a JWK set that contains one";
    KidMalformed = 129 "ERR_KID_MALFORMED"
        "the expected kid is not an RFC 7638 thumbprint of 43 base64url characters",
        "copy the kid from Scout again, or leave it out: scout-auth computes it from the key";
    KidMismatch { expected: Kid, actual: Kid } = 130 "ERR_KID_MISMATCH"
        "the expected kid belongs to another key",
        "copy the private key, the credential id and the kid from the same row in Scout; if Scout's kid is not the RFC 7638 thumbprint, pass it as header_kid instead";
    KeyUnbalanced = 131 "ERR_KEY_UNBALANCED"
        "the key's two primes differ too much in size",
        "create a new org credential in Scout";
    KeyIsMasked = 132 "ERR_KEY_IS_MASKED"
        "this is a masked copy, not the key itself",
        "click the eye icon in Scout to show the whole key, then copy it";
    KeyIsPath = 133 "ERR_KEY_IS_PATH"
        "this is the path of a file, not a key",
        "set SCOUT_PRIVATE_KEY_FILE to the path, or read the key from that file";
    KeyIsReference = 134 "ERR_KEY_IS_REFERENCE"
        "this is a URL or a reference to a secret, not the key itself",
        "fetch the secret first, with the tool that the reference belongs to, and pass the key";
    KeyIsPlaceholder = 135 "ERR_KEY_IS_PLACEHOLDER"
        "this is a placeholder, not a key",
        "replace it with the key that Scout issued";

    TokenTooLong = 201 "ERR_TOKEN_TOO_LONG"
        "the token is longer than 8 KiB",
        "pass only the token";
    TokenMalformed = 202 "ERR_TOKEN_MALFORMED"
        "the token is not a strict JWT of three canonical base64url segments",
        "pass the token exactly as you received it, without Bearer in front";
    TokenAlgorithm = 203 "ERR_TOKEN_ALGORITHM"
        "the token is not signed with RS256",
        "sign the token with RS256, the only algorithm that Scout uses";
    TokenCritical = 204 "ERR_TOKEN_CRITICAL"
        "the token's header requires an extension that is not supported",
        "sign the token without crit and b64";
    TokenKidMissing = 205 "ERR_TOKEN_KID_MISSING"
        "the token's header has no kid",
        "sign the token with the kid of its key in the header";
    TokenKidUnknown = 206 "ERR_TOKEN_KID_UNKNOWN"
        "the token's kid matches no known key",
        "add that public key if you trust it";
    TokenSignature = 207 "ERR_TOKEN_SIGNATURE"
        "the token's signature does not match its key",
        "refuse the request: the token was altered or forged";
    TokenClaim { claim: &'static str } = 208 "ERR_TOKEN_CLAIM"
        "a claim of the token is missing or invalid",
        "sign the token with iss and sub as text, iat and exp as whole Unix seconds, and roles as a list of text";
    TokenIssuer = 209 "ERR_TOKEN_ISSUER"
        "the token's issuer (iss) is not scout",
        "sign the token with iss set to scout";
    TokenExpired = 210 "ERR_TOKEN_EXPIRED"
        "the token has expired",
        "mint a new token, and check both clocks";
    TokenFromFuture = 211 "ERR_TOKEN_FROM_FUTURE"
        "the token was issued in the future",
        "check both clocks";
    TokenNotYetValid = 212 "ERR_TOKEN_NOT_YET_VALID"
        "the token is not valid yet",
        "wait until its nbf time, and check both clocks";
    TokenLifetime = 213 "ERR_TOKEN_LIFETIME"
        "the token's lifetime is not between 1 and 300 seconds",
        "sign the token with exp at most 300 seconds after iat";

    CredentialId = 301 "ERR_CREDENTIAL_ID"
        "the credential id is not 1 to 255 visible ASCII characters",
        "copy the credential id from Scout again, without spaces or line breaks";
    Lifetime = 302 "ERR_LIFETIME"
        "the lifetime is not a whole number of seconds between 1 and 300",
        "leave it out to use 300 seconds, Scout's maximum";
    RefreshMargin = 303 "ERR_REFRESH_MARGIN"
        "the refresh margin is not a whole number of seconds less than the usable lifetime",
        "leave it out to use 30 seconds";
    Backdate = 304 "ERR_BACKDATE"
        "the backdate is not a whole number of seconds less than the lifetime",
        "leave it out, or use a few seconds";
    Leeway = 305 "ERR_LEEWAY"
        "the leeway is not a whole number of seconds between 0 and 300",
        "leave it out to use 5 seconds";
    KeySize = 306 "ERR_KEY_SIZE"
        "the key size is not 2048, 3072, 4096 or 8192 bits",
        "choose one of these sizes";
    Clock = 307 "ERR_CLOCK"
        "the system clock shows a time before 2020",
        "set the clock: Scout would refuse a token with that time";
    VariableMissing { variable: &'static str } = 308 "ERR_VARIABLE_MISSING"
        "an environment variable is not set",
        "set SCOUT_PRIVATE_KEY (or SCOUT_PRIVATE_KEY_FILE) and SCOUT_CREDENTIAL_ID";
    VariableNotText { variable: &'static str } = 309 "ERR_VARIABLE_NOT_TEXT"
        "an environment variable is not UTF-8 text",
        "copy its value from Scout again";
    VariableConflict { first: &'static str, second: &'static str } = 310 "ERR_VARIABLE_CONFLICT"
        "two environment variables contradict each other",
        "unset one of them";
    KeyFile { kind: ErrorKind } = 311 "ERR_KEY_FILE"
        "the key file cannot be read",
        "check the path that SCOUT_PRIVATE_KEY_FILE or your program names, and its permissions";
    ApiKey = 312 "ERR_API_KEY"
        "the API key is not 1 to 65536 visible ASCII characters",
        "copy the API key from Scout again, without spaces or line breaks";
    Url = 313 "ERR_URL"
        "the URL is not a plain absolute http or https URL",
        "use scheme://host/path, without a user name, spaces or backslashes before the path";
    UrlInsecure = 314 "ERR_URL_INSECURE"
        "the credential must not be sent over plain http",
        "use https; http may go to loopback only, without a proxy, because anyone who receives a token can use it";
    OriginNotAllowed = 315 "ERR_ORIGIN_NOT_ALLOWED"
        "the URL's origin is not allowed",
        "add the origin to the allowed origins if it may receive the token";
    Origin = 316 "ERR_ORIGIN"
        "an allowed origin is not an https or loopback origin",
        "use https://host or https://host:port, with nothing after it";
    Argument = 317 "ERR_ARGUMENT"
        "an argument is missing, out of range or of the wrong type",
        "see the function's documentation";
    BufferTooSmall = 318 "ERR_BUFFER_TOO_SMALL"
        "the buffer is too small for the result",
        "pass a buffer of the size that was reported";
    CredentialIdIsKid = 319 "ERR_CREDENTIAL_ID_IS_KID"
        "the credential id is the kid of the key",
        "copy the credential id from Scout: it is a different value from the kid";
    KeyFileIsKey = 320 "ERR_KEY_FILE_IS_KEY"
        "the path of the key file is itself a key",
        "set SCOUT_PRIVATE_KEY to the key; SCOUT_PRIVATE_KEY_FILE takes a path";
    CredentialUnreadable { kind: ErrorKind } = 321 "ERR_CREDENTIAL_UNREADABLE"
        "the credential file or folder cannot be read",
        "check the path that SCOUT_CREDENTIAL_FILE or your program names, and its permissions";
    CredentialTooLong = 322 "ERR_CREDENTIAL_TOO_LONG"
        "the credential is longer than 64 KiB",
        "give one credential, not a bundle or an archive";
    CredentialFormat = 323 "ERR_CREDENTIAL_FORMAT"
        "the credential is not in a form that scout-auth reads",
        "use JSON with private_key and credential_id, each once, or .env lines, or a folder with one file for each field";
    CredentialIncomplete { member: &'static str } = 324 "ERR_CREDENTIAL_INCOMPLETE"
        "the credential lacks a field",
        "add the field; take it from the same row in Scout as the private key";
    CommandArguments = 325 "ERR_COMMAND_ARGUMENTS"
        "the credential command is not a list of a program and its arguments",
        "use a JSON array of strings, for example [\"vault\",\"kv\",\"get\",\"-field=credential\",\"secret/scout\"]";
    CommandStart { kind: ErrorKind } = 326 "ERR_COMMAND_START"
        "the credential command cannot be started",
        "check that the program is installed and in the PATH of this process";
    CommandFailed { status: Option<i32> } = 327 "ERR_COMMAND_FAILED"
        "the credential command failed",
        "run it in a terminal: what it printed to its standard error says why";
    CommandTimeout = 328 "ERR_COMMAND_TIMEOUT"
        "the credential command took longer than 10 seconds",
        "run it in a terminal; it must not ask for anything, and its output must end";
    CommandOutput = 329 "ERR_COMMAND_OUTPUT"
        "the output of the credential command cannot be read or is longer than 64 KiB",
        "have it print the credential alone";
    Roles = 330 "ERR_ROLES"
        "the roles are not 1 to 16 names of 1 to 64 visible ASCII characters",
        "leave them out to use all roles of the credential";
    Claims = 331 "ERR_CLAIMS"
        "the further claims cannot be used",
        "give a JSON object of at most 4 KiB, without duplicate names and without iss, sub, iat, exp, nbf and roles";
    HeaderKid = 332 "ERR_HEADER_KID"
        "the kid for the header is not 1 to 128 visible ASCII characters",
        "leave it out: the kid is computed from the key";
    Refresh = 333 "ERR_REFRESH"
        "the refresh time of the credential command is not a whole number of seconds of at least 1",
        "leave it out to run the command only after a 401";

    Engine = 901 "ERR_ENGINE"
        "the cryptographic engine failed",
        "try again; if the error persists, report it with the version of scout-auth";
    Internal = 902 "ERR_INTERNAL"
        "scout-auth failed internally",
        "report it with the version of scout-auth and what you called";
}

impl ErrorInfo {
    /// What the error is about.
    pub fn family(&self) -> Family {
        match self.number / 100 {
            1 => Family::Key,
            2 => Family::Token,
            3 => Family::Config,
            _ => Family::Internal,
        }
    }

    /// The HTTP status for a server whose request failed with this error: 401 for a token that was
    /// refused, 400 for an argument of the wrong type, and 500 for everything else, which is the
    /// fault of the server or of its settings.
    pub fn http_status(&self) -> u16 {
        match self.family() {
            Family::Token => 401,
            Family::Config if *self == Error::Argument.info() => 400,
            Family::Key | Family::Config | Family::Internal => 500,
        }
    }
}

impl Error {
    /// The stable name, `ERR_…`: what programs compare.
    pub fn code(&self) -> &'static str {
        self.info().name
    }

    /// The stable number.
    pub fn number(&self) -> u16 {
        self.info().number
    }

    /// What the error is about.
    pub fn family(&self) -> Family {
        self.info().family()
    }

    /// The HTTP status for a server whose request failed with this error: see
    /// [`ErrorInfo::http_status`].
    pub fn http_status(&self) -> u16 {
        self.info().http_status()
    }

    /// What to do about it: one clause, without a full stop.
    pub fn help(&self) -> &'static str {
        self.info().help
    }

    /// What is wrong, with the data of this occurrence: one clause, without a full stop.
    pub fn summary(&self) -> String {
        let summary = self.info().summary;
        match self {
            Self::KeyFormat { found } | Self::KeyAlgorithm { found } => {
                format!("{summary}: it is {found}")
            }
            Self::KeyTooSmall { bits } | Self::KeyTooLarge { bits } => {
                format!("{summary}, but it has {bits}")
            }
            Self::KidMismatch { expected, actual } => {
                format!("{summary}: expected {expected}, but the key's kid is {actual}")
            }
            Self::TokenClaim { claim } => format!("{summary}: {claim}"),
            Self::VariableMissing { variable } | Self::VariableNotText { variable } => {
                format!("{summary}: {variable}")
            }
            Self::VariableConflict { first, second } => format!("{summary}: {first} and {second}"),
            Self::KeyFile { kind } | Self::CredentialUnreadable { kind } | Self::CommandStart { kind } => {
                format!("{summary}: {}", reason(*kind))
            }
            Self::CredentialIncomplete { member } => format!("{summary}: {member}"),
            Self::CommandFailed { status: Some(status) } => format!("{summary}: exit status {status}"),
            Self::CommandFailed { status: None } => format!("{summary}: ended by a signal"),
            _ => summary.to_owned(),
        }
    }
}

/// Why a file cannot be read, in the words of the system. Rust's are "entity not found".
fn reason(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::NotFound => "No such file or directory".to_owned(),
        ErrorKind::PermissionDenied => "Permission denied".to_owned(),
        ErrorKind::IsADirectory => "Is a directory".to_owned(),
        ErrorKind::NotADirectory => "Not a directory".to_owned(),
        _ => kind.to_string(),
    }
}

/// `summary; help`, as every language shows it.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.summary(), self.help())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_ascend_and_names_are_unique() {
        for pair in Error::TABLE.windows(2) {
            assert!(pair[0].number < pair[1].number, "{} {}", pair[0].name, pair[1].name);
        }
        for row in Error::TABLE {
            assert_eq!(Error::TABLE.iter().filter(|r| r.name == row.name).count(), 1, "{}", row.name);
            assert!(row.name.starts_with("ERR_"), "{}", row.name);
            assert!(matches!(row.number / 100, 1 | 2 | 3 | 9), "{}", row.name);
        }
    }

    #[test]
    fn texts_are_clauses_without_a_full_stop() {
        for row in Error::TABLE {
            for text in [row.summary, row.help] {
                assert!(!text.ends_with('.') && text.starts_with(|c: char| !c.is_whitespace()), "{text}");
            }
        }
    }

    #[test]
    fn a_server_answers_401_to_a_refused_token_and_blames_its_caller_for_nothing_else() {
        for row in Error::TABLE {
            let expected = match row.number {
                200..=299 => 401,
                317 => 400,
                _ => 500,
            };
            assert_eq!(row.http_status(), expected, "{}", row.name);
        }
        assert_eq!(Error::TokenExpired.http_status(), 401);
    }

    #[test]
    fn an_error_shows_its_data() {
        let error = Error::VariableMissing { variable: "SCOUT_CREDENTIAL_ID" };
        assert!(error.to_string().starts_with("an environment variable is not set: SCOUT_CREDENTIAL_ID; set "));
        assert_eq!((error.code(), error.number(), error.family()), ("ERR_VARIABLE_MISSING", 308, Family::Config));
        assert!(Error::KeyTooSmall { bits: 1024 }.to_string().contains("but it has 1024"));
    }
}
