// Written by scripts/codes.mjs from core's table of errors.

/** The stable name of an error, the same in every language. */
export type ScoutAuthErrorCode =
  | 'ERR_KEY_EMPTY'
  | 'ERR_KEY_TEXT_TOO_LONG'
  | 'ERR_KEY_ENCODING'
  | 'ERR_KEY_ENCODED_TWICE'
  | 'ERR_KEY_TRUNCATED'
  | 'ERR_KEY_TRAILING_DATA'
  | 'ERR_KEY_STRUCTURE'
  | 'ERR_KEY_PEM'
  | 'ERR_KEY_PEM_BLOCKS'
  | 'ERR_KEY_PEM_LABEL'
  | 'ERR_KEY_JWK'
  | 'ERR_KEY_IS_PUBLIC'
  | 'ERR_KEY_IS_PRIVATE'
  | 'ERR_KEY_IS_CERTIFICATE'
  | 'ERR_KEY_IS_OPENSSH'
  | 'ERR_KEY_IS_ENCRYPTED'
  | 'ERR_KEY_IS_LEGACY'
  | 'ERR_KEY_IS_TOKEN'
  | 'ERR_KEY_FORMAT'
  | 'ERR_KEY_ALGORITHM'
  | 'ERR_KEY_TOO_SMALL'
  | 'ERR_KEY_TOO_LARGE'
  | 'ERR_KEY_EXPONENT'
  | 'ERR_KEY_INCONSISTENT'
  | 'ERR_KEY_MULTI_PRIME'
  | 'ERR_KEY_WITHOUT_PRIMES'
  | 'ERR_KEY_CANNOT_SIGN'
  | 'ERR_KEY_SET_EMPTY'
  | 'ERR_KID_MALFORMED'
  | 'ERR_KID_MISMATCH'
  | 'ERR_KEY_UNBALANCED'
  | 'ERR_KEY_IS_MASKED'
  | 'ERR_KEY_IS_PATH'
  | 'ERR_KEY_IS_REFERENCE'
  | 'ERR_KEY_IS_PLACEHOLDER'
  | 'ERR_TOKEN_TOO_LONG'
  | 'ERR_TOKEN_MALFORMED'
  | 'ERR_TOKEN_ALGORITHM'
  | 'ERR_TOKEN_CRITICAL'
  | 'ERR_TOKEN_KID_MISSING'
  | 'ERR_TOKEN_KID_UNKNOWN'
  | 'ERR_TOKEN_SIGNATURE'
  | 'ERR_TOKEN_CLAIM'
  | 'ERR_TOKEN_ISSUER'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_FROM_FUTURE'
  | 'ERR_TOKEN_NOT_YET_VALID'
  | 'ERR_TOKEN_LIFETIME'
  | 'ERR_CREDENTIAL_ID'
  | 'ERR_LIFETIME'
  | 'ERR_REFRESH_MARGIN'
  | 'ERR_BACKDATE'
  | 'ERR_LEEWAY'
  | 'ERR_KEY_SIZE'
  | 'ERR_CLOCK'
  | 'ERR_VARIABLE_MISSING'
  | 'ERR_VARIABLE_NOT_TEXT'
  | 'ERR_VARIABLE_CONFLICT'
  | 'ERR_KEY_FILE'
  | 'ERR_API_KEY'
  | 'ERR_URL'
  | 'ERR_URL_INSECURE'
  | 'ERR_ORIGIN_NOT_ALLOWED'
  | 'ERR_ORIGIN'
  | 'ERR_ARGUMENT'
  | 'ERR_BUFFER_TOO_SMALL'
  | 'ERR_CREDENTIAL_ID_IS_KID'
  | 'ERR_KEY_FILE_IS_KEY'
  | 'ERR_CREDENTIAL_UNREADABLE'
  | 'ERR_CREDENTIAL_TOO_LONG'
  | 'ERR_CREDENTIAL_FORMAT'
  | 'ERR_CREDENTIAL_INCOMPLETE'
  | 'ERR_COMMAND_ARGUMENTS'
  | 'ERR_COMMAND_START'
  | 'ERR_COMMAND_FAILED'
  | 'ERR_COMMAND_TIMEOUT'
  | 'ERR_COMMAND_OUTPUT'
  | 'ERR_ROLES'
  | 'ERR_CLAIMS'
  | 'ERR_HEADER_KID'
  | 'ERR_REFRESH'
  | 'ERR_ENGINE'
  | 'ERR_INTERNAL'

/** One row of the table. */
interface ErrorRow {
  number: number
  status: number
  summary: string
  help: string
}

type Table = Readonly<Record<ScoutAuthErrorCode, ErrorRow>>
let table: Table | undefined

/** The table of all errors. It is made when the first error asks for it: V8 passes over it at a start. */
export function errors(): Table {
  table ??= {
    ERR_KEY_EMPTY: { number: 101, status: 500, summary: 'the key text is empty', help: 'pass the private key as Scout issued it' },
    ERR_KEY_TEXT_TOO_LONG: { number: 102, status: 500, summary: 'the key text is longer than 64 KiB', help: 'pass one key, not a bundle or an archive' },
    ERR_KEY_ENCODING: { number: 103, status: 500, summary: 'the key is not base64url, PEM or JWK text', help: 'copy the whole key from Scout again' },
    ERR_KEY_ENCODED_TWICE: { number: 104, status: 500, summary: 'the key is base64-encoded twice', help: 'decode it once, for example with base64 -d, and pass the result' },
    ERR_KEY_TRUNCATED: { number: 105, status: 500, summary: 'the key is cut short', help: 'copy the key from Scout again, to its last character' },
    ERR_KEY_TRAILING_DATA: { number: 106, status: 500, summary: 'extra data follows the end of the key', help: 'pass only the key' },
    ERR_KEY_STRUCTURE: { number: 107, status: 500, summary: 'the key decodes, but it is not the strict DER of a key', help: 'copy the whole key from Scout again' },
    ERR_KEY_PEM: { number: 108, status: 500, summary: 'the PEM armour of the key is malformed', help: 'keep the BEGIN and END lines unchanged, each on its own line' },
    ERR_KEY_PEM_BLOCKS: { number: 109, status: 500, summary: 'the text contains more than one PEM block', help: 'pass only the block that contains the key' },
    ERR_KEY_PEM_LABEL: { number: 110, status: 500, summary: 'the PEM label does not match the contents of the block', help: "use the matching label: Scout's keys are PRIVATE KEY or PUBLIC KEY" },
    ERR_KEY_JWK: { number: 111, status: 500, summary: 'the JWK is malformed or is not for RS256 signatures', help: 'pass a JSON object with kty RSA and canonical base64url members, each only once' },
    ERR_KEY_IS_PUBLIC: { number: 112, status: 500, summary: 'this is a public key, but a private key is required', help: 'copy the private key of the credential, the longer of the two' },
    ERR_KEY_IS_PRIVATE: { number: 113, status: 500, summary: 'this is a private key, but a public key is required', help: 'pass the public key of the credential, and keep the private key secret' },
    ERR_KEY_IS_CERTIFICATE: { number: 114, status: 500, summary: 'this is an X.509 certificate, not a key', help: 'pass the key that Scout issued; Scout does not use certificates' },
    ERR_KEY_IS_OPENSSH: { number: 115, status: 500, summary: "this key is in OpenSSH's own format", help: 'pass the key that Scout issued, or convert this one with ssh-keygen -p -m PKCS8' },
    ERR_KEY_IS_ENCRYPTED: { number: 116, status: 500, summary: 'the key is encrypted with a password', help: 'decrypt it first, for example with openssl pkey, or pass the key that Scout issued' },
    ERR_KEY_IS_LEGACY: { number: 117, status: 500, summary: 'this looks like a legacy API key, but a private key is required', help: 'set SCOUT_API_KEY to it or use ApiKey, or create an org credential in Scout' },
    ERR_KEY_IS_TOKEN: { number: 118, status: 500, summary: 'this is a token, not a key', help: 'pass the private key that signs the tokens' },
    ERR_KEY_FORMAT: { number: 119, status: 500, summary: 'this is not a key in a form that Scout uses', help: 'pass the key that Scout issued, or a PKCS#8 or PKCS#1 key in PEM or DER' },
    ERR_KEY_ALGORITHM: { number: 120, status: 500, summary: 'this is not an RSA key for RS256', help: 'pass the RSA key that Scout issued' },
    ERR_KEY_TOO_SMALL: { number: 121, status: 500, summary: 'the RSA key is too small: at least 2048 bits are required', help: 'create a new org credential in Scout' },
    ERR_KEY_TOO_LARGE: { number: 122, status: 500, summary: 'the RSA key is too large: at most 8192 bits are supported', help: 'create a new org credential in Scout' },
    ERR_KEY_EXPONENT: { number: 123, status: 500, summary: 'the public exponent of the key is even, less than 3 or longer than 33 bits', help: 'create a new org credential in Scout' },
    ERR_KEY_INCONSISTENT: { number: 124, status: 500, summary: 'the numbers of the key do not match each other', help: 'copy the key from Scout again, or create a new org credential: this key was altered' },
    ERR_KEY_MULTI_PRIME: { number: 125, status: 500, summary: 'the RSA key has more than two primes', help: 'create a new org credential in Scout' },
    ERR_KEY_WITHOUT_PRIMES: { number: 126, status: 500, summary: 'the private key lacks its primes or CRT values', help: 'export the whole key, with p, q, dP, dQ and qInv' },
    ERR_KEY_CANNOT_SIGN: { number: 127, status: 500, summary: 'the key makes signatures that its own public key refuses', help: 'create a new org credential in Scout: this key cannot work' },
    ERR_KEY_SET_EMPTY: { number: 128, status: 500, summary: 'the key set has no RSA public key for RS256', help: 'pass at least one such public key, or a JWK set that contains one' },
    ERR_KID_MALFORMED: { number: 129, status: 500, summary: 'the expected kid is not an RFC 7638 thumbprint of 43 base64url characters', help: 'copy the kid from Scout again, or leave it out: scout-auth computes it from the key' },
    ERR_KID_MISMATCH: { number: 130, status: 500, summary: 'the expected kid belongs to another key', help: "copy the private key, the credential id and the kid from the same row in Scout; if Scout's kid is not the RFC 7638 thumbprint, pass it as header_kid instead" },
    ERR_KEY_UNBALANCED: { number: 131, status: 500, summary: "the key's two primes differ too much in size", help: 'create a new org credential in Scout' },
    ERR_KEY_IS_MASKED: { number: 132, status: 500, summary: 'this is a masked copy, not the key itself', help: 'click the eye icon in Scout to show the whole key, then copy it' },
    ERR_KEY_IS_PATH: { number: 133, status: 500, summary: 'this is the path of a file, not a key', help: 'set SCOUT_PRIVATE_KEY_FILE to the path, or read the key from that file' },
    ERR_KEY_IS_REFERENCE: { number: 134, status: 500, summary: 'this is a URL or a reference to a secret, not the key itself', help: 'fetch the secret first, with the tool that the reference belongs to, and pass the key' },
    ERR_KEY_IS_PLACEHOLDER: { number: 135, status: 500, summary: 'this is a placeholder, not a key', help: 'replace it with the key that Scout issued' },
    ERR_TOKEN_TOO_LONG: { number: 201, status: 401, summary: 'the token is longer than 8 KiB', help: 'pass only the token' },
    ERR_TOKEN_MALFORMED: { number: 202, status: 401, summary: 'the token is not a strict JWT of three canonical base64url segments', help: 'pass the token exactly as you received it, without Bearer in front' },
    ERR_TOKEN_ALGORITHM: { number: 203, status: 401, summary: 'the token is not signed with RS256', help: 'sign the token with RS256, the only algorithm that Scout uses' },
    ERR_TOKEN_CRITICAL: { number: 204, status: 401, summary: "the token's header requires an extension that is not supported", help: 'sign the token without crit and b64' },
    ERR_TOKEN_KID_MISSING: { number: 205, status: 401, summary: "the token's header has no kid", help: 'sign the token with the kid of its key in the header' },
    ERR_TOKEN_KID_UNKNOWN: { number: 206, status: 401, summary: "the token's kid matches no known key", help: 'add that public key if you trust it' },
    ERR_TOKEN_SIGNATURE: { number: 207, status: 401, summary: "the token's signature does not match its key", help: 'refuse the request: the token was altered or forged' },
    ERR_TOKEN_CLAIM: { number: 208, status: 401, summary: 'a claim of the token is missing or invalid', help: 'sign the token with iss and sub as text, iat and exp as whole Unix seconds, and roles as a list of text' },
    ERR_TOKEN_ISSUER: { number: 209, status: 401, summary: "the token's issuer (iss) is not scout", help: 'sign the token with iss set to scout' },
    ERR_TOKEN_EXPIRED: { number: 210, status: 401, summary: 'the token has expired', help: 'mint a new token, and check both clocks' },
    ERR_TOKEN_FROM_FUTURE: { number: 211, status: 401, summary: 'the token was issued in the future', help: 'check both clocks' },
    ERR_TOKEN_NOT_YET_VALID: { number: 212, status: 401, summary: 'the token is not valid yet', help: 'wait until its nbf time, and check both clocks' },
    ERR_TOKEN_LIFETIME: { number: 213, status: 401, summary: "the token's lifetime is not between 1 and 300 seconds", help: 'sign the token with exp at most 300 seconds after iat' },
    ERR_CREDENTIAL_ID: { number: 301, status: 500, summary: 'the credential id is not 1 to 255 visible ASCII characters', help: 'copy the credential id from Scout again, without spaces or line breaks' },
    ERR_LIFETIME: { number: 302, status: 500, summary: 'the lifetime is not a whole number of seconds between 1 and 300', help: "leave it out to use 300 seconds, Scout's maximum" },
    ERR_REFRESH_MARGIN: { number: 303, status: 500, summary: 'the refresh margin is not a whole number of seconds less than the usable lifetime', help: 'leave it out to use 30 seconds' },
    ERR_BACKDATE: { number: 304, status: 500, summary: 'the backdate is not a whole number of seconds less than the lifetime', help: 'leave it out, or use a few seconds' },
    ERR_LEEWAY: { number: 305, status: 500, summary: 'the leeway is not a whole number of seconds between 0 and 300', help: 'leave it out to use 5 seconds' },
    ERR_KEY_SIZE: { number: 306, status: 500, summary: 'the key size is not 2048, 3072, 4096 or 8192 bits', help: 'choose one of these sizes' },
    ERR_CLOCK: { number: 307, status: 500, summary: 'the system clock shows a time before 2020', help: 'set the clock: Scout would refuse a token with that time' },
    ERR_VARIABLE_MISSING: { number: 308, status: 500, summary: 'an environment variable is not set', help: 'set SCOUT_PRIVATE_KEY (or SCOUT_PRIVATE_KEY_FILE) and SCOUT_CREDENTIAL_ID' },
    ERR_VARIABLE_NOT_TEXT: { number: 309, status: 500, summary: 'an environment variable is not UTF-8 text', help: 'copy its value from Scout again' },
    ERR_VARIABLE_CONFLICT: { number: 310, status: 500, summary: 'two environment variables contradict each other', help: 'unset one of them' },
    ERR_KEY_FILE: { number: 311, status: 500, summary: 'the key file cannot be read', help: 'check the path that SCOUT_PRIVATE_KEY_FILE or your program names, and its permissions' },
    ERR_API_KEY: { number: 312, status: 500, summary: 'the API key is not 1 to 65536 visible ASCII characters', help: 'copy the API key from Scout again, without spaces or line breaks' },
    ERR_URL: { number: 313, status: 500, summary: 'the URL is not a plain absolute http or https URL', help: 'use scheme://host/path, without a user name, spaces or backslashes before the path' },
    ERR_URL_INSECURE: { number: 314, status: 500, summary: 'the credential must not be sent over plain http', help: 'use https; http may go to loopback only, without a proxy, because anyone who receives a token can use it' },
    ERR_ORIGIN_NOT_ALLOWED: { number: 315, status: 500, summary: "the URL's origin is not allowed", help: 'add the origin to the allowed origins if it may receive the token' },
    ERR_ORIGIN: { number: 316, status: 500, summary: 'an allowed origin is not an https or loopback origin', help: 'use https://host or https://host:port, with nothing after it' },
    ERR_ARGUMENT: { number: 317, status: 400, summary: 'an argument is missing, out of range or of the wrong type', help: "see the function's documentation" },
    ERR_BUFFER_TOO_SMALL: { number: 318, status: 500, summary: 'the buffer is too small for the result', help: 'pass a buffer of the size that was reported' },
    ERR_CREDENTIAL_ID_IS_KID: { number: 319, status: 500, summary: 'the credential id is the kid of the key', help: 'copy the credential id from Scout: it is a different value from the kid' },
    ERR_KEY_FILE_IS_KEY: { number: 320, status: 500, summary: 'the path of the key file is itself a key', help: 'set SCOUT_PRIVATE_KEY to the key; SCOUT_PRIVATE_KEY_FILE takes a path' },
    ERR_CREDENTIAL_UNREADABLE: { number: 321, status: 500, summary: 'the credential file or folder cannot be read', help: 'check the path that SCOUT_CREDENTIAL_FILE or your program names, and its permissions' },
    ERR_CREDENTIAL_TOO_LONG: { number: 322, status: 500, summary: 'the credential is longer than 64 KiB', help: 'give one credential, not a bundle or an archive' },
    ERR_CREDENTIAL_FORMAT: { number: 323, status: 500, summary: 'the credential is not in a form that scout-auth reads', help: 'use JSON with private_key and credential_id, each once, or .env lines, or a folder with one file for each field' },
    ERR_CREDENTIAL_INCOMPLETE: { number: 324, status: 500, summary: 'the credential lacks a field', help: 'add the field; take it from the same row in Scout as the private key' },
    ERR_COMMAND_ARGUMENTS: { number: 325, status: 500, summary: 'the credential command is not a list of a program and its arguments', help: 'use a JSON array of strings, for example ["vault","kv","get","-field=credential","secret/scout"]' },
    ERR_COMMAND_START: { number: 326, status: 500, summary: 'the credential command cannot be started', help: 'check that the program is installed and in the PATH of this process' },
    ERR_COMMAND_FAILED: { number: 327, status: 500, summary: 'the credential command failed', help: 'run it in a terminal: what it printed to its standard error says why' },
    ERR_COMMAND_TIMEOUT: { number: 328, status: 500, summary: 'the credential command took longer than 10 seconds', help: 'run it in a terminal; it must not ask for anything, and its output must end' },
    ERR_COMMAND_OUTPUT: { number: 329, status: 500, summary: 'the output of the credential command cannot be read or is longer than 64 KiB', help: 'have it print the credential alone' },
    ERR_ROLES: { number: 330, status: 500, summary: 'the roles are not 1 to 16 names of 1 to 64 visible ASCII characters', help: 'leave them out to use all roles of the credential' },
    ERR_CLAIMS: { number: 331, status: 500, summary: 'the further claims cannot be used', help: 'give a JSON object of at most 4 KiB, without duplicate names and without iss, sub, iat, exp, nbf and roles' },
    ERR_HEADER_KID: { number: 332, status: 500, summary: 'the kid for the header is not 1 to 128 visible ASCII characters', help: 'leave it out: the kid is computed from the key' },
    ERR_REFRESH: { number: 333, status: 500, summary: 'the refresh time of the credential command is not a whole number of seconds of at least 1', help: 'leave it out to run the command only after a 401' },
    ERR_ENGINE: { number: 901, status: 500, summary: 'the cryptographic engine failed', help: 'try again; if the error persists, report it with the version of scout-auth' },
    ERR_INTERNAL: { number: 902, status: 500, summary: 'scout-auth failed internally', help: 'report it with the version of scout-auth and what you called' },
  }
  return table
}
