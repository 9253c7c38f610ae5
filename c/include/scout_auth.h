/*
 * scout-auth for C: authenticate to the Scout API.
 *
 *     scout_signer *signer = NULL;
 *     char header[SCOUT_TOKEN_SIZE];
 *     int32_t rc = scout_signer_from_env(&signer);
 *     if (rc == SCOUT_OK) {
 *         rc = scout_signer_authorization(signer, header, sizeof header, NULL);
 *     }
 *     if (rc != SCOUT_OK) {
 *         char text[512];
 *         scout_last_error(text, sizeof text, NULL);
 *         fprintf(stderr, "%s: %s\n", scout_error_name(rc), text);
 *     }
 *     scout_signer_free(signer);
 *
 * These rules hold for every function. Its own comment says what is special to it.
 *
 * Results     int32_t: SCOUT_OK, which is 0, or one of SCOUT_ERR_*. A code never changes its meaning.
 *             Later versions may add codes. After a failure, scout_last_error has the details.
 * Inputs      come first. Keys and tokens are a pointer and a length in bytes. Other text ends with
 *             a NUL. All text is UTF-8. Inputs are copied if they are kept: they stay yours.
 * Outputs     come last and are written on success only.
 * Text        is written to a buffer of yours of `size` bytes, with a NUL at its end. `length`, which
 *             may be NULL, receives the length without the NUL. If the buffer is too small, the
 *             result is SCOUT_ERR_BUFFER_TOO_SMALL, and `length` alone is written: call again with
 *             length + 1 bytes. A NULL buffer of size 0 asks for the length, but the work is done
 *             twice then: SCOUT_TOKEN_SIZE and SCOUT_KEY_SIZE are always enough. DER has no NUL.
 * Ownership   What a function writes to a `scout_x **` is yours. Free it once with scout_x_free.
 *             Freeing NULL is harmless. Handles do not depend on each other: you may free a key
 *             after you made a signer with it.
 * Threads     Many threads may use a handle at once in functions that take it as const. All other
 *             functions need exclusive access: no other thread may use the handle meanwhile. The
 *             same holds for freeing.
 * Fork        A forked child may use and free every handle that it inherits. fork waits until other
 *             threads have finished their signatures, usually for less than a millisecond and at
 *             most for a second. What a child frees of its parent stays in the child's memory, keys
 *             included, because other threads of the parent may have been using it.
 * Cancelling  Do not cancel a thread (pthread_cancel) while it is in a function of this library:
 *             the process aborts. Call pthread_setcancelstate before and after.
 * Units       Times are Unix seconds, and durations are seconds. SCOUT_DEFAULT means that the library
 *             chooses.
 * Secrets     The library wipes secrets when it frees them, and no error contains any. The buffers
 *             are yours: wipe those that held a key, with explicit_bzero or memset_s.
 * Misuse      A required argument that is NULL, a length beyond the address space, and text that is
 *             not UTF-8 return SCOUT_ERR_ARGUMENT (key text: SCOUT_ERR_KEY_ENCODING). A fault inside
 *             the library returns SCOUT_ERR_INTERNAL; nothing unwinds into C.
 *
 * Link with the shared library if you can. A static library that was not made by install-c exports
 * Rust's standard library, and clashes with another Rust static library of a different toolchain
 * (rust-lang/rust#44322).
 *
 * Written by cbindgen from src: change it there.
 */

#ifndef SCOUT_AUTH_H
#define SCOUT_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The version of this header; scout_version() is that of the library that is loaded. */
#define SCOUT_VERSION "0.1.0"
#define SCOUT_VERSION_MAJOR 0
#define SCOUT_VERSION_MINOR 1
#define SCOUT_VERSION_PATCH 0

/* To compare: SCOUT_VERSION_NUMBER >= 0x010200 is version 1.2.0 or later. */
#define SCOUT_VERSION_NUMBER                                                                       \
    (SCOUT_VERSION_MAJOR << 16 | SCOUT_VERSION_MINOR << 8 | SCOUT_VERSION_PATCH)

/* The codes: keys 1xx, tokens 2xx, arguments and configuration 3xx, internal 9xx. */

/** the key text is empty */
#define SCOUT_ERR_KEY_EMPTY 101

/** the key text is longer than 64 KiB */
#define SCOUT_ERR_KEY_TEXT_TOO_LONG 102

/** the key is not base64url, PEM or JWK text */
#define SCOUT_ERR_KEY_ENCODING 103

/** the key is base64-encoded twice */
#define SCOUT_ERR_KEY_ENCODED_TWICE 104

/** the key is cut short */
#define SCOUT_ERR_KEY_TRUNCATED 105

/** extra data follows the end of the key */
#define SCOUT_ERR_KEY_TRAILING_DATA 106

/** the key decodes, but it is not the strict DER of a key */
#define SCOUT_ERR_KEY_STRUCTURE 107

/** the PEM armour of the key is malformed */
#define SCOUT_ERR_KEY_PEM 108

/** the text contains more than one PEM block */
#define SCOUT_ERR_KEY_PEM_BLOCKS 109

/** the PEM label does not match the contents of the block */
#define SCOUT_ERR_KEY_PEM_LABEL 110

/** the JWK is malformed or is not for RS256 signatures */
#define SCOUT_ERR_KEY_JWK 111

/** this is a public key, but a private key is required */
#define SCOUT_ERR_KEY_IS_PUBLIC 112

/** this is a private key, but a public key is required */
#define SCOUT_ERR_KEY_IS_PRIVATE 113

/** this is an X.509 certificate, not a key */
#define SCOUT_ERR_KEY_IS_CERTIFICATE 114

/** this key is in OpenSSH's own format */
#define SCOUT_ERR_KEY_IS_OPENSSH 115

/** the key is encrypted with a password */
#define SCOUT_ERR_KEY_IS_ENCRYPTED 116

/** this looks like a legacy API key, but a private key is required */
#define SCOUT_ERR_KEY_IS_LEGACY 117

/** this is a token, not a key */
#define SCOUT_ERR_KEY_IS_TOKEN 118

/** this is not a key in a form that Scout uses */
#define SCOUT_ERR_KEY_FORMAT 119

/** this is not an RSA key for RS256 */
#define SCOUT_ERR_KEY_ALGORITHM 120

/** the RSA key is too small: at least 2048 bits are required */
#define SCOUT_ERR_KEY_TOO_SMALL 121

/** the RSA key is too large: at most 8192 bits are supported */
#define SCOUT_ERR_KEY_TOO_LARGE 122

/** the public exponent of the key is even, less than 3 or longer than 33 bits */
#define SCOUT_ERR_KEY_EXPONENT 123

/** the numbers of the key do not match each other */
#define SCOUT_ERR_KEY_INCONSISTENT 124

/** the RSA key has more than two primes */
#define SCOUT_ERR_KEY_MULTI_PRIME 125

/** the private key lacks its primes or CRT values */
#define SCOUT_ERR_KEY_WITHOUT_PRIMES 126

/** the key makes signatures that its own public key refuses */
#define SCOUT_ERR_KEY_CANNOT_SIGN 127

/** the key set has no RSA public key for RS256 */
#define SCOUT_ERR_KEY_SET_EMPTY 128

/** the expected kid is not an RFC 7638 thumbprint of 43 base64url characters */
#define SCOUT_ERR_KID_MALFORMED 129

/** the expected kid belongs to another key */
#define SCOUT_ERR_KID_MISMATCH 130

/** the key's two primes differ too much in size */
#define SCOUT_ERR_KEY_UNBALANCED 131

/** this is a masked copy, not the key itself */
#define SCOUT_ERR_KEY_IS_MASKED 132

/** this is the path of a file, not a key */
#define SCOUT_ERR_KEY_IS_PATH 133

/** this is a URL or a reference to a secret, not the key itself */
#define SCOUT_ERR_KEY_IS_REFERENCE 134

/** this is a placeholder, not a key */
#define SCOUT_ERR_KEY_IS_PLACEHOLDER 135

/** the token is longer than 8 KiB */
#define SCOUT_ERR_TOKEN_TOO_LONG 201

/** the token is not a strict JWT of three canonical base64url segments */
#define SCOUT_ERR_TOKEN_MALFORMED 202

/** the token is not signed with RS256 */
#define SCOUT_ERR_TOKEN_ALGORITHM 203

/** the token's header requires an extension that is not supported */
#define SCOUT_ERR_TOKEN_CRITICAL 204

/** the token's header has no kid */
#define SCOUT_ERR_TOKEN_KID_MISSING 205

/** the token's kid matches no known key */
#define SCOUT_ERR_TOKEN_KID_UNKNOWN 206

/** the token's signature does not match its key */
#define SCOUT_ERR_TOKEN_SIGNATURE 207

/** a claim of the token is missing or invalid */
#define SCOUT_ERR_TOKEN_CLAIM 208

/** the token's issuer (iss) is not scout */
#define SCOUT_ERR_TOKEN_ISSUER 209

/** the token has expired */
#define SCOUT_ERR_TOKEN_EXPIRED 210

/** the token was issued in the future */
#define SCOUT_ERR_TOKEN_FROM_FUTURE 211

/** the token is not valid yet */
#define SCOUT_ERR_TOKEN_NOT_YET_VALID 212

/** the token's lifetime is not between 1 and 300 seconds */
#define SCOUT_ERR_TOKEN_LIFETIME 213

/** the credential id is not 1 to 255 visible ASCII characters */
#define SCOUT_ERR_CREDENTIAL_ID 301

/** the lifetime is not a whole number of seconds between 1 and 300 */
#define SCOUT_ERR_LIFETIME 302

/** the refresh margin is not a whole number of seconds less than the usable lifetime */
#define SCOUT_ERR_REFRESH_MARGIN 303

/** the backdate is not a whole number of seconds less than the lifetime */
#define SCOUT_ERR_BACKDATE 304

/** the leeway is not a whole number of seconds between 0 and 300 */
#define SCOUT_ERR_LEEWAY 305

/** the key size is not 2048, 3072, 4096 or 8192 bits */
#define SCOUT_ERR_KEY_SIZE 306

/** the system clock shows a time before 2020 */
#define SCOUT_ERR_CLOCK 307

/** an environment variable is not set */
#define SCOUT_ERR_VARIABLE_MISSING 308

/** an environment variable is not UTF-8 text */
#define SCOUT_ERR_VARIABLE_NOT_TEXT 309

/** two environment variables contradict each other */
#define SCOUT_ERR_VARIABLE_CONFLICT 310

/** the key file cannot be read */
#define SCOUT_ERR_KEY_FILE 311

/** the API key is not 1 to 65536 visible ASCII characters */
#define SCOUT_ERR_API_KEY 312

/** the URL is not a plain absolute http or https URL */
#define SCOUT_ERR_URL 313

/** the credential must not be sent over plain http */
#define SCOUT_ERR_URL_INSECURE 314

/** the URL's origin is not allowed */
#define SCOUT_ERR_ORIGIN_NOT_ALLOWED 315

/** an allowed origin is not an https or loopback origin */
#define SCOUT_ERR_ORIGIN 316

/** an argument is missing, out of range or of the wrong type */
#define SCOUT_ERR_ARGUMENT 317

/** the buffer is too small for the result */
#define SCOUT_ERR_BUFFER_TOO_SMALL 318

/** the credential id is the kid of the key */
#define SCOUT_ERR_CREDENTIAL_ID_IS_KID 319

/** the path of the key file is itself a key */
#define SCOUT_ERR_KEY_FILE_IS_KEY 320

/** the credential file or folder cannot be read */
#define SCOUT_ERR_CREDENTIAL_UNREADABLE 321

/** the credential is longer than 64 KiB */
#define SCOUT_ERR_CREDENTIAL_TOO_LONG 322

/** the credential is not in a form that scout-auth reads */
#define SCOUT_ERR_CREDENTIAL_FORMAT 323

/** the credential lacks a field */
#define SCOUT_ERR_CREDENTIAL_INCOMPLETE 324

/** the credential command is not a list of a program and its arguments */
#define SCOUT_ERR_COMMAND_ARGUMENTS 325

/** the credential command cannot be started */
#define SCOUT_ERR_COMMAND_START 326

/** the credential command failed */
#define SCOUT_ERR_COMMAND_FAILED 327

/** the credential command took longer than 10 seconds */
#define SCOUT_ERR_COMMAND_TIMEOUT 328

/** the output of the credential command cannot be read or is longer than 64 KiB */
#define SCOUT_ERR_COMMAND_OUTPUT 329

/** the roles are not 1 to 16 names of 1 to 64 visible ASCII characters */
#define SCOUT_ERR_ROLES 330

/** the further claims cannot be used */
#define SCOUT_ERR_CLAIMS 331

/** the kid for the header is not 1 to 128 visible ASCII characters */
#define SCOUT_ERR_HEADER_KID 332

/** the refresh time of the credential command is not a whole number of seconds of at least 1 */
#define SCOUT_ERR_REFRESH 333

/** the cryptographic engine failed */
#define SCOUT_ERR_ENGINE 901

/** scout-auth failed internally */
#define SCOUT_ERR_INTERNAL 902

/* For allowed_origins_count: there is no list, so every https origin is allowed. */
#define SCOUT_ANY_ORIGIN SIZE_MAX

/* For roles_count: there is no claim roles, so a token has all roles of its credential. */
#define SCOUT_ALL_ROLES SIZE_MAX

/* For options that are not set: scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT; */
#define SCOUT_SIGNER_OPTIONS_INIT                                                                  \
    { sizeof(scout_signer_options), NULL, SCOUT_DEFAULT, SCOUT_DEFAULT, SCOUT_DEFAULT, NULL,     \
      SCOUT_ANY_ORIGIN, NULL, NULL, SCOUT_ALL_ROLES, NULL, SCOUT_DEFAULT }


/**
 * The call succeeded.
 */
#define SCOUT_OK 0

/**
 * For numbers that may be left to the library: Scout's value, or for a time, now.
 */
#define SCOUT_DEFAULT UINT64_MAX

/**
 * The size of a buffer for any kid, with its NUL.
 */
#define SCOUT_KID_SIZE 44

/**
 * The size of a buffer for any private or public key in any form, with its NUL.
 */
#define SCOUT_KEY_SIZE 8192

/**
 * The size of a buffer for any token of a signer and any of its header values, with the NUL.
 */
#define SCOUT_TOKEN_SIZE 8192

/**
 * A token was minted: `kid`, and `seconds` is its expiry, in Unix seconds.
 */
#define SCOUT_EVENT_MINTED 1

/**
 * The source held another credential, which replaced the one before: `kid`, `old_kid`.
 */
#define SCOUT_EVENT_ROTATED 2

/**
 * The source could not be read, and the last good credential stays: `error`.
 */
#define SCOUT_EVENT_SOURCE_FAILED 3

/**
 * A 401 was answered: `kid`, and `retry` as scout_signer_rejected wrote it.
 */
#define SCOUT_EVENT_REJECTED 4

/**
 * The server's clock differs from the local one: by `seconds`, positive if it is ahead.
 */
#define SCOUT_EVENT_CLOCK_OFFSET 5

/**
 * A bearer string that is sent as it is: a legacy key, or the raw private key. It travels with
 * every request: prefer a signer. Wiped when freed.
 */
typedef struct scout_api_key scout_api_key;

/**
 * What a verified token says: immutable.
 */
typedef struct scout_claims scout_claims;

/**
 * An RSA private key: immutable, wiped when the last handle that uses it is freed.
 */
typedef struct scout_private_key scout_private_key;

/**
 * An RSA public key: immutable.
 */
typedef struct scout_public_key scout_public_key;

/**
 * A credential id and its private key: mints tokens and keeps the current one. Many threads may use
 * one signer at once, and a forked child may continue to use it. A signer from a file or a command
 * follows a rotation by itself. To rotate another one while threads use it, see
 * scout_signer_clone.
 */
typedef struct scout_signer scout_signer;

/**
 * Public keys by kid that accept or refuse a token. Add the keys first; then any number of
 * threads may verify at once, and a forked child too.
 */
typedef struct scout_verifier scout_verifier;

/**
 * Settings of a signer. Begin with SCOUT_SIGNER_OPTIONS_INIT, then change what you need: a field of
 * 0 bytes does not mean "not set". Later versions of the library add fields at the end, and accept
 * the sizes of earlier versions too.
 */
typedef struct {
    /**
     * sizeof(scout_signer_options)
     */
    size_t size;
    /**
     * The kid that the key must have, or NULL. It finds a mix-up before a 401 does.
     */
    const char *kid;
    /**
     * Seconds for which a token is valid: 1 to 300. SCOUT_DEFAULT: 300.
     */
    uint64_t lifetime;
    /**
     * A token is replaced when fewer seconds than this remain. SCOUT_DEFAULT: 30, or half of
     * `lifetime` - `backdate` if that is less.
     */
    uint64_t refresh_margin;
    /**
     * Seconds that iat lies in the past, for a server whose clock is behind. `lifetime` begins at
     * iat, so a token is usable for `lifetime` - `backdate` seconds. SCOUT_DEFAULT: 0.
     */
    uint64_t backdate;
    /**
     * The origins that scout_signer_authorization_for allows: each "https://host" or
     * "https://host:port". Loopback is always allowed.
     */
    const char *const *allowed_origins;
    /**
     * How many there are. 0 allows loopback only, whatever the pointer. SCOUT_ANY_ORIGIN, with a
     * pointer of NULL, allows every https origin.
     */
    size_t allowed_origins_count;
    /**
     * The kid that the tokens' header names, as given, or NULL for the RFC 7638 thumbprint: 1 to 128
     * visible ASCII characters. For the case that Scout's kid is not the thumbprint.
     */
    const char *header_kid;
    /**
     * The claim roles: 1 to 16 names of visible ASCII, for tokens with fewer rights than the
     * credential has. Scout's API calls the field roles; that the claim has the same name and form
     * is not confirmed.
     */
    const char *const *roles;
    /**
     * How many there are. SCOUT_ALL_ROLES, with a pointer of NULL: the token has no such claim. A
     * list that came out empty is SCOUT_ERR_ROLES, whatever the pointer.
     */
    size_t roles_count;
    /**
     * Further claims, or NULL: the text of a JSON object, of at most 4 KiB. iss, sub, iat, exp, nbf
     * and roles are refused in it.
     */
    const char *claims;
    /**
     * Seconds after which the command of scout_signer_from_command runs again: at least 1.
     * SCOUT_DEFAULT: only after a 401.
     */
    uint64_t refresh;
} scout_signer_options;

/**
 * What happened. Fields that its kind does not name are 0 or "". It holds no key and no token.
 */
typedef struct {
    /**
     * One of SCOUT_EVENT_*. Later versions may add kinds: ignore those that you do not know.
     */
    int32_t kind;
    /**
     * One of SCOUT_ERR_*.
     */
    int32_t error;
    /**
     * A Unix time or a difference, in seconds.
     */
    int64_t seconds;
    /**
     * The kid of the current credential.
     */
    char kid[SCOUT_KID_SIZE];
    /**
     * The kid before a rotation.
     */
    char old_kid[SCOUT_KID_SIZE];
    /**
     * Whether another attempt would send something else.
     */
    bool retry;
} scout_event;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the library that is loaded, such as "0.1.0": static text. The macro
 * SCOUT_VERSION is that of the header that was compiled against.
 */
const char *scout_version(void);

/**
 * What is wrong and what to do about it, for a code: static text, never NULL, for people. Use it for
 * a code that you kept. Just after a failure use scout_last_error, which has the details.
 */
const char *scout_strerror(int32_t code);

/**
 * The name of a code, such as "ERR_KEY_IS_PUBLIC", the same in every language of scout-auth:
 * static text, never NULL. "OK" for 0.
 */
const char *scout_error_name(int32_t code);

/**
 * The text of the last call in this thread that failed, with its details: which variable is missing,
 * which kid was expected. It contains no key and no token. 512 bytes are enough for any text.
 *
 * The text is "OK" if no call has failed. A successful call does not change it.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_last_error(char *text,
                         size_t size,
                         size_t *length);

/**
 * Reads a private key as Scout issues it, base64url of PKCS#8 DER, or as PEM, DER or JWK.
 * Nothing of `key` is kept: wipe it when you are done. One NUL at its end is ignored, so `sizeof` of
 * an array is a right length too.
 *
 * Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_private_key_parse(const char *key,
                                size_t key_length,
                                scout_private_key **private_key);

/**
 * Reads a private key from a file in any form that scout_private_key_parse takes.
 *
 * Errors: SCOUT_ERR_KEY_FILE, and those of scout_private_key_parse.
 */
int32_t scout_private_key_read_file(const char *path, scout_private_key **private_key);

/**
 * Makes a new key of 2048, 3072, 4096 or 8192 bits.
 *
 * Errors: SCOUT_ERR_KEY_SIZE, SCOUT_ERR_ENGINE, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_private_key_generate(uint32_t bits, scout_private_key **private_key);

/**
 * The public key of a private key, as a handle of its own.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_private_key_public_key(const scout_private_key *private_key,
                                     scout_public_key **public_key);

/**
 * The size of the modulus in bits.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_private_key_bits(const scout_private_key *private_key, uint32_t *bits);

/**
 * The kid: the RFC 7638 thumbprint of the public key, 43 characters.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_private_key_kid(const scout_private_key *private_key,
                              char *text,
                              size_t size,
                              size_t *length);

/**
 * base64url of PKCS#8 DER, without padding: the form that Scout issues. A secret: wipe it.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_private_key_to_base64url(const scout_private_key *private_key,
                                       char *text,
                                       size_t size,
                                       size_t *length);

/**
 * PEM of PKCS#8, byte for byte as openssl writes it. A secret: wipe it.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_private_key_to_pem(const scout_private_key *private_key,
                                 char *text,
                                 size_t size,
                                 size_t *length);

/**
 * DER of PKCS#8: bytes, without a NUL behind them. A secret: wipe it.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_private_key_to_der(const scout_private_key *private_key,
                                 uint8_t *der,
                                 size_t size,
                                 size_t *length);

/**
 * The private JWK (RFC 7518 section 6.3.2). A secret: wipe it.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_private_key_to_jwk(const scout_private_key *private_key,
                                 char *text,
                                 size_t size,
                                 size_t *length);

/**
 * Frees a private key; NULL is harmless. What was made with the key stays usable.
 */
void scout_private_key_free(scout_private_key *private_key);

/**
 * Reads a public key: base64url of SPKI DER, PEM, DER or JWK.
 *
 * Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_public_key_parse(const char *key, size_t key_length, scout_public_key **public_key);

/**
 * The size of the modulus in bits.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_public_key_bits(const scout_public_key *public_key, uint32_t *bits);

/**
 * The kid: the RFC 7638 thumbprint, 43 characters.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_public_key_kid(const scout_public_key *public_key,
                             char *text,
                             size_t size,
                             size_t *length);

/**
 * base64url of SPKI DER, without padding: the form in which Scout shows it.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_public_key_to_base64url(const scout_public_key *public_key,
                                      char *text,
                                      size_t size,
                                      size_t *length);

/**
 * PEM of SPKI, byte for byte as openssl writes it.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_public_key_to_pem(const scout_public_key *public_key,
                                char *text,
                                size_t size,
                                size_t *length);

/**
 * DER of SPKI: bytes, without a NUL behind them.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_public_key_to_der(const scout_public_key *public_key,
                                uint8_t *der,
                                size_t size,
                                size_t *length);

/**
 * The public JWK (RFC 7518 section 6.3.1), with alg, use and kid.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_public_key_to_jwk(const scout_public_key *public_key,
                                char *text,
                                size_t size,
                                size_t *length);

/**
 * Frees a public key; NULL is harmless. What was made with the key stays usable.
 */
void scout_public_key_free(scout_public_key *public_key);

/**
 * Converts key text in any form, private or public, to PEM. The structure of the key is checked, and
 * its arithmetic is not. If the key is private, the result is a secret: wipe it.
 *
 * Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_to_pem(const char *key,
                     size_t key_length,
                     char *text,
                     size_t size,
                     size_t *length);

/**
 * Converts key text in any form, private or public, to base64url of its DER, as Scout issues it. It
 * writes text, not the bytes of DER: for these use scout_private_key_to_der or
 * scout_public_key_to_der. The structure of the key is checked, and its arithmetic is not. If the
 * key is private, the result is a secret: wipe it.
 *
 * Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_to_base64url(const char *key,
                           size_t key_length,
                           char *text,
                           size_t size,
                           size_t *length);

/**
 * The old name of scout_to_pem, kept until version 1.0.
 *
 * Errors: those of scout_to_pem.
 */
int32_t scout_der_to_pem(const char *key,
                         size_t key_length,
                         char *text,
                         size_t size,
                         size_t *length);

/**
 * The old name of scout_to_base64url, kept until version 1.0.
 *
 * Errors: those of scout_to_base64url.
 */
int32_t scout_pem_to_der(const char *key,
                         size_t key_length,
                         char *text,
                         size_t size,
                         size_t *length);

/**
 * The kid of a key, from key text in any form, private or public.
 *
 * Errors: one of SCOUT_ERR_KEY_*, SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_kid(const char *key, size_t key_length, char *text, size_t size, size_t *length);

/**
 * Makes and signs one token without keeping it. Of the options, which may be NULL, kid,
 * header_kid, lifetime, roles and claims count. `issued_at` is in Unix seconds; SCOUT_DEFAULT
 * means now. `expires_at`, in Unix seconds, may be NULL.
 *
 * Errors: SCOUT_ERR_CREDENTIAL_ID, SCOUT_ERR_LIFETIME, SCOUT_ERR_KID_MALFORMED,
 * SCOUT_ERR_KID_MISMATCH, SCOUT_ERR_HEADER_KID, SCOUT_ERR_ROLES, SCOUT_ERR_CLAIMS, and those of
 * scout_signer_mint.
 */
int32_t scout_mint_token(const char *credential_id,
                         const scout_private_key *private_key,
                         const scout_signer_options *options,
                         uint64_t issued_at,
                         char *token,
                         size_t size,
                         size_t *length,
                         uint64_t *expires_at);

/**
 * Makes a signer. `private_key` stays yours to free; `options` may be NULL.
 *
 * Errors: SCOUT_ERR_CREDENTIAL_ID, SCOUT_ERR_KID_MALFORMED, SCOUT_ERR_KID_MISMATCH,
 * SCOUT_ERR_LIFETIME, SCOUT_ERR_BACKDATE, SCOUT_ERR_REFRESH_MARGIN, SCOUT_ERR_ORIGIN,
 * SCOUT_ERR_HEADER_KID, SCOUT_ERR_ROLES, SCOUT_ERR_CLAIMS, SCOUT_ERR_REFRESH, SCOUT_ERR_ARGUMENT
 * (also for a wrong options->size).
 */
int32_t scout_signer_new(const char *credential_id,
                         const scout_private_key *private_key,
                         const scout_signer_options *options,
                         scout_signer **signer);

/**
 * Makes a signer of a credential file, or of a folder with one file for each field:
 * docs/credentials.md lists the forms. They are looked at when a token is due and after a 401; if
 * they changed, key, credential id and kid are replaced at once. If they cannot be read then, the
 * last good credential stays: see scout_signer_source_error. `options` may be NULL.
 *
 * Errors: SCOUT_ERR_CREDENTIAL_UNREADABLE, SCOUT_ERR_CREDENTIAL_TOO_LONG,
 * SCOUT_ERR_CREDENTIAL_FORMAT, SCOUT_ERR_CREDENTIAL_INCOMPLETE, and those of
 * scout_private_key_parse and scout_signer_new.
 */
int32_t scout_signer_from_file(const char *path,
                               const scout_signer_options *options,
                               scout_signer **signer);

/**
 * Makes a signer of the credential that a program prints: `command` is the program and its
 * arguments, `count` texts in all. No shell runs. The program has ten seconds, and the calling
 * thread waits for it. It runs now, after a 401, and every options->refresh seconds if that is
 * set. `options` may be NULL.
 *
 * Errors: SCOUT_ERR_COMMAND_ARGUMENTS, SCOUT_ERR_COMMAND_START, SCOUT_ERR_COMMAND_FAILED,
 * SCOUT_ERR_COMMAND_TIMEOUT, SCOUT_ERR_COMMAND_OUTPUT, and those of scout_signer_from_file.
 */
int32_t scout_signer_from_command(const char *const *command,
                                  size_t count,
                                  const scout_signer_options *options,
                                  scout_signer **signer);

/**
 * Mints a new token at each call. The current token does not change. `expires_at`, in Unix seconds,
 * may be NULL. Pass a buffer of SCOUT_TOKEN_SIZE, which is always enough: a call that asks for the
 * length signs a token too.
 *
 * Errors: SCOUT_ERR_CLOCK, SCOUT_ERR_KEY_CANNOT_SIGN, SCOUT_ERR_ENGINE,
 * SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_signer_mint(const scout_signer *signer,
                          char *token,
                          size_t size,
                          size_t *length,
                          uint64_t *expires_at);

/**
 * The current token. It is the same until fewer seconds remain than the refresh margin, and then a
 * new one. While one thread mints, others get the token that is still valid. `expires_at`, in Unix
 * seconds, may be NULL.
 *
 * Errors: as scout_signer_mint.
 */
int32_t scout_signer_token(const scout_signer *signer,
                           char *token,
                           size_t size,
                           size_t *length,
                           uint64_t *expires_at);

/**
 * What stands behind "Bearer ": the current token, without its expiry.
 *
 * Errors: as scout_signer_mint.
 */
int32_t scout_signer_bearer(const scout_signer *signer, char *bearer, size_t size, size_t *length);

/**
 * The value of the header Authorization: "Bearer " and the current token.
 *
 * Errors: as scout_signer_token.
 */
int32_t scout_signer_authorization(const scout_signer *signer,
                                   char *header,
                                   size_t size,
                                   size_t *length);

/**
 * As scout_signer_authorization, for a request to that absolute URL. A Scout token names no
 * audience, so every server that receives it can use it. The URL must be https, with an allowed
 * origin if there is a list of them, or loopback. Do not send the header on after a redirect to
 * another origin.
 *
 * Errors: SCOUT_ERR_URL, SCOUT_ERR_URL_INSECURE, SCOUT_ERR_ORIGIN_NOT_ALLOWED, and those of
 * scout_signer_token.
 */
int32_t scout_signer_authorization_for(const scout_signer *signer,
                                       const char *url,
                                       char *header,
                                       size_t size,
                                       size_t *length);

/**
 * Call this after a 401, with the token that was sent, or the whole header value, and the
 * response's header Date. `date` is NULL if it had none, or if it had an Age: then a cache sent it.
 * `retry` says whether to send the request once more, with a new scout_signer_authorization_for;
 * never do so twice. It is false if a new token would be the same as the refused one.
 *
 * The signer drops the token if it is still the current one. If `date` shows that the server's
 * clock differs by more than five seconds, later tokens use that clock: see
 * scout_signer_clock_offset. A `date` that cannot be read, or is too far away, counts as NULL.
 *
 * The source of the credential is looked at. For ten minutes after a rotation, a 401 to the new
 * credential brings the previous one back for 30 seconds.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_signer_rejected(const scout_signer *signer,
                              const char *token,
                              size_t token_length,
                              const char *date,
                              bool *retry);

/**
 * Forgets the current token; the next call mints.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_signer_invalidate(const scout_signer *signer);

/**
 * By how many seconds the server's clock is ahead of the local one, as learnt from a 401. 0 at first.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_signer_clock_offset(const scout_signer *signer,
                                  int64_t *clock_offset);

/**
 * Why the last look at the credential's source failed, as the code of the error; scout_last_error
 * has its details. SCOUT_OK if it did not fail, or if there is no source.
 *
 * Errors: SCOUT_ERR_ARGUMENT if the signer is NULL, and those of scout_signer_from_file and
 * scout_signer_from_command.
 */
int32_t scout_signer_source_error(const scout_signer *signer);

/**
 * The credential id: the claim sub. After a rotation, that of the new credential.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_signer_credential_id(const scout_signer *signer,
                                   char *text,
                                   size_t size,
                                   size_t *length);

/**
 * The kid of the private key, 43 characters. After a rotation, that of the new credential.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_signer_kid(const scout_signer *signer, char *text, size_t size, size_t *length);

/**
 * The public key that verifies this signer's tokens, as a handle of its own. After a rotation, that
 * of the new credential.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_signer_public_key(const scout_signer *signer, scout_public_key **public_key);

/**
 * Makes a second handle to the same signer: both share the key, the current token and the clock
 * offset, and each is freed for itself. If each thread has its own handle, the signer lives until
 * the last thread has freed its handle, and no lock is needed around the calls:
 *
 *     pthread_mutex_lock(&lock);            replacing the signer:  pthread_mutex_lock(&lock);
 *     scout_signer_clone(current, &mine);                          old = current;
 *     pthread_mutex_unlock(&lock);                                 current = new_signer;
 *     ... use mine ...                                             pthread_mutex_unlock(&lock);
 *     scout_signer_free(mine);                                     scout_signer_free(old);
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_signer_clone(const scout_signer *signer, scout_signer **clone);

/**
 * Frees a signer; NULL is harmless. No other thread may be using it.
 */
void scout_signer_free(scout_signer *signer);

/**
 * Takes a legacy key, as it is.
 *
 * Errors: SCOUT_ERR_API_KEY, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_api_key_new(const char *key, size_t key_length, scout_api_key **api_key);

/**
 * Takes the raw private key, checks that it is one, and sends its text in the form that Scout
 * issues.
 *
 * Errors: those of scout_private_key_parse.
 */
int32_t scout_api_key_from_private_key(const char *key, size_t key_length, scout_api_key **api_key);

/**
 * Sets the origins that scout_api_key_authorization_for allows: each "https://host" or
 * "https://host:port". Loopback is always allowed. A count of 0 allows loopback only, whatever the
 * pointer. Without this call every https origin is allowed. No other thread may be using the key.
 *
 * Errors: SCOUT_ERR_ORIGIN, SCOUT_ERR_ARGUMENT; the key is unchanged then.
 */
int32_t scout_api_key_allow_origins(scout_api_key *api_key,
                                    const char *const *origins,
                                    size_t origins_count);

/**
 * The value of the header Authorization: "Bearer " and the key. This secret does not expire: wipe
 * it.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_api_key_authorization(const scout_api_key *api_key,
                                    char *header,
                                    size_t size,
                                    size_t *length);

/**
 * What stands behind "Bearer ": the key. Wipe it.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_api_key_bearer(const scout_api_key *api_key,
                             char *bearer,
                             size_t size,
                             size_t *length);

/**
 * As scout_api_key_authorization, for a request to that absolute URL. The URL must be https, with an
 * allowed origin if there is a list of them, or loopback.
 *
 * Errors: SCOUT_ERR_URL, SCOUT_ERR_URL_INSECURE, SCOUT_ERR_ORIGIN_NOT_ALLOWED,
 * SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_api_key_authorization_for(const scout_api_key *api_key,
                                        const char *url,
                                        char *header,
                                        size_t size,
                                        size_t *length);

/**
 * Frees an API key; NULL is harmless. No other thread may be using it.
 */
void scout_api_key_free(scout_api_key *api_key);

/**
 * Makes a verifier without keys, with a leeway of 5 seconds. Until a key is added,
 * scout_verifier_verify fails with SCOUT_ERR_KEY_SET_EMPTY.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_verifier_new(scout_verifier **verifier);

/**
 * Adds a key, which stays yours to free. No other thread may be using the verifier.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_verifier_add_key(scout_verifier *verifier, const scout_public_key *public_key);

/**
 * Adds the keys of a text: a JWK set, or one public key in any form that scout_public_key_parse
 * takes. On error no key is added. No other thread may be using the verifier.
 *
 * Errors: those of scout_verifier_add_jwk_set and scout_public_key_parse.
 */
int32_t scout_verifier_add_keys(scout_verifier *verifier, const char *keys, size_t keys_length);

/**
 * Adds the RSA keys for RS256 of a JWK set (RFC 7517 section 5), all or, on error, none. A token
 * may name them by their thumbprint or by the kid of their JWK. No other thread may be using the
 * verifier.
 *
 * Errors: SCOUT_ERR_KEY_JWK, SCOUT_ERR_KEY_SET_EMPTY, SCOUT_ERR_KEY_TEXT_TOO_LONG, and those of
 * scout_public_key_parse.
 */
int32_t scout_verifier_add_jwk_set(scout_verifier *verifier,
                                   const char *jwk_set,
                                   size_t jwk_set_length);

/**
 * Makes a second verifier with the same keys and leeway. To add a key while other threads verify,
 * add it to a clone, and let them use the clone from then on.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_verifier_clone(const scout_verifier *verifier, scout_verifier **clone);

/**
 * Sets by how many seconds the two clocks may differ: 0 to 300. No other thread may be using the
 * verifier.
 *
 * Errors: SCOUT_ERR_LEEWAY, SCOUT_ERR_ARGUMENT; the leeway is unchanged then.
 */
int32_t scout_verifier_set_leeway(scout_verifier *verifier, uint64_t leeway);

/**
 * Verifies a token, without "Bearer " in front: RS256 by one of the keys, issued by scout, of at
 * most 300 seconds. `now` is in Unix seconds, SCOUT_DEFAULT for the system's clock. `claims` is
 * written only if all of that is true.
 *
 * Errors: one of SCOUT_ERR_TOKEN_*, SCOUT_ERR_ENGINE, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_verifier_verify(const scout_verifier *verifier,
                              const char *token,
                              size_t token_length,
                              uint64_t now,
                              scout_claims **claims);

/**
 * The keys as a JWK set (RFC 7517 section 5), by ascending kid.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_verifier_to_jwk_set(const scout_verifier *verifier,
                                  char *text,
                                  size_t size,
                                  size_t *length);

/**
 * Frees a verifier; NULL is harmless. No other thread may be using it.
 */
void scout_verifier_free(scout_verifier *verifier);

/**
 * The claim sub: the credential id.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_claims_credential_id(const scout_claims *claims,
                                   char *text,
                                   size_t size,
                                   size_t *length);

/**
 * The claim iat, in Unix seconds.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_claims_issued_at(const scout_claims *claims, uint64_t *issued_at);

/**
 * The claim exp, in Unix seconds; 300 seconds after iat if the token has none.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_claims_expires_at(const scout_claims *claims, uint64_t *expires_at);

/**
 * The kid of the key that signed, 43 characters.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_claims_kid(const scout_claims *claims, char *text, size_t size, size_t *length);

/**
 * How many names the claim roles lists. SCOUT_ALL_ROLES if the token has no such claim: it does not
 * limit what the credential may do.
 *
 * Errors: SCOUT_ERR_ARGUMENT.
 */
int32_t scout_claims_roles_count(const scout_claims *claims, size_t *count);

/**
 * One name of the claim roles, by its place from 0.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT (also for an index beyond the last).
 */
int32_t scout_claims_role(const scout_claims *claims,
                          size_t index,
                          char *text,
                          size_t size,
                          size_t *length);

/**
 * All claims, as the JSON object that was signed.
 *
 * Errors: SCOUT_ERR_BUFFER_TOO_SMALL, SCOUT_ERR_ARGUMENT.
 */
int32_t scout_claims_json(const scout_claims *claims, char *text, size_t size, size_t *length);

/**
 * Frees claims; NULL is harmless.
 */
void scout_claims_free(scout_claims *claims);

/**
 * Verifies one token against a JWK set or one public key in any form. `now` is in Unix seconds,
 * SCOUT_DEFAULT for the system's clock; `leeway` is 0 to 300 seconds, SCOUT_DEFAULT for 5. To
 * verify more than one token use a verifier, which reads the keys once.
 *
 * Errors: those of scout_verifier_add_jwk_set, scout_public_key_parse and scout_verifier_verify,
 * and SCOUT_ERR_LEEWAY.
 */
int32_t scout_verify_token(const char *token,
                           size_t token_length,
                           const char *keys,
                           size_t keys_length,
                           uint64_t now,
                           uint64_t leeway,
                           scout_claims **claims);

/**
 * Makes a signer from the environment: SCOUT_CREDENTIAL_FILE, or SCOUT_CREDENTIAL_COMMAND (a JSON
 * array), or SCOUT_PRIVATE_KEY or SCOUT_PRIVATE_KEY_FILE with SCOUT_CREDENTIAL_ID and perhaps
 * SCOUT_KID. Files and commands are read again as by scout_signer_from_file and
 * scout_signer_from_command. An empty variable counts as unset. As with getenv, no other thread may
 * change the environment meanwhile.
 *
 * Errors: SCOUT_ERR_VARIABLE_MISSING (scout_last_error says which), SCOUT_ERR_VARIABLE_CONFLICT,
 * SCOUT_ERR_VARIABLE_NOT_TEXT, SCOUT_ERR_KEY_FILE, and those of scout_signer_from_file and
 * scout_signer_from_command.
 */
int32_t scout_signer_from_env(scout_signer **signer);

/**
 * As scout_signer_from_env, with settings. `options` may be NULL; options->kid replaces SCOUT_KID.
 *
 * Errors: those of scout_signer_from_env, and SCOUT_ERR_ARGUMENT for a wrong options->size.
 */
int32_t scout_signer_from_env_with(const scout_signer_options *options, scout_signer **signer);

/**
 * Makes an API key from SCOUT_API_KEY. An empty variable counts as unset. As with getenv, no other
 * thread may change the environment meanwhile.
 *
 * Errors: SCOUT_ERR_VARIABLE_MISSING, SCOUT_ERR_VARIABLE_NOT_TEXT, SCOUT_ERR_API_KEY.
 */
int32_t scout_api_key_from_env(scout_api_key **api_key);

/**
 * Sets the function that is called at each event of this process, on the thread where it happens.
 * The event is valid during the call. The callback must return, throw no exception, and not call
 * this library. Call this once, before there are signers.
 *
 * Errors: SCOUT_ERR_ARGUMENT if `callback` is NULL, or if there is one already.
 */
int32_t scout_set_event_callback(void (*callback)(const scout_event *event));

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* SCOUT_AUTH_H */
