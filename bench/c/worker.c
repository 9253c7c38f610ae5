/*
 * The worker of C. `bench/workers.py` says what it reads and writes. Each subject works on the key of its size;
 * the text of a result is written to `out`, if that is not NULL.
 */
#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/opensslv.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scout_auth.h"

#define CREDENTIAL_ID "cred_bench"
#define URL "https://api.scoutos.com/v2/workflows"
#define SIZES 3
#define TEXT 16384

struct key {
    char bits[8], pem[TEXT], text[TEXT], public_pem[TEXT], kid[SCOUT_KID_SIZE], token[SCOUT_TOKEN_SIZE];
    scout_signer *signer;
    scout_verifier *verifier;
    EVP_PKEY *private_key, *public_key;
};

static struct key keys[SIZES];
static char message[TEXT];

static void must(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "bench: %s failed\n", what);
        exit(1);
    }
}

static void read_file(char *text, size_t size, const char *bits, const char *form) {
    char path[4096];
    size_t length;
    FILE *file;
    snprintf(path, sizeof path, "%s/%s%s", getenv("BENCH_KEYS"), bits, form);
    file = fopen(path, "r");
    must(file != NULL, path);
    length = fread(text, 1, size - 1, file);
    text[length] = '\0';
    fclose(file);
}

/* base64url, from what OpenSSL writes. */
static void show_bytes(char *out, const unsigned char *bytes, size_t length) {
    char *at;
    EVP_EncodeBlock((unsigned char *)out, bytes, (int)length);
    for (at = out; *at != '\0'; at++) {
        *at = *at == '+' ? '-' : *at == '/' ? '_' : *at == '=' ? '\0' : *at;
    }
}

static void openssl_sign(const struct key *key, const char *token, char *out) {
    unsigned char signature[1024];
    size_t length = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    (void)token;
    must(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->private_key) == 1 &&
             EVP_DigestSign(context, signature, &length, (const unsigned char *)message, strlen(message)) == 1,
         "EVP_DigestSign");
    EVP_MD_CTX_free(context);
    if (out != NULL) {
        show_bytes(out, signature, length);
    }
}

static void scout_mint(const struct key *key, const char *token, char *out) {
    char minted[SCOUT_TOKEN_SIZE];
    (void)token;
    must(scout_signer_mint(key->signer, minted, sizeof minted, NULL, NULL) == SCOUT_OK, "scout_signer_mint");
    if (out != NULL) {
        strcpy(out, minted);
    }
}

static void libjwt_mint(const struct key *key, const char *token, char *out) {
    long now = (long)time(NULL);
    jwt_t *jwt = NULL;
    char *encoded;
    (void)token;
    must(jwt_new(&jwt) == 0 && jwt_add_header(jwt, "kid", key->kid) == 0 && jwt_add_grant(jwt, "iss", "scout") == 0 &&
             jwt_add_grant(jwt, "sub", CREDENTIAL_ID) == 0 && jwt_add_grant_int(jwt, "iat", now) == 0 &&
             jwt_add_grant_int(jwt, "exp", now + 300) == 0 &&
             jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)key->pem, (int)strlen(key->pem)) == 0,
         "jwt_new");
    encoded = jwt_encode_str(jwt);
    must(encoded != NULL, "jwt_encode_str");
    if (out != NULL) {
        strcpy(out, encoded);
    }
    free(encoded);
    jwt_free(jwt);
}

static void verdict(bool accepted, char *out) {
    if (out != NULL) {
        strcpy(out, accepted ? "true" : "false");
    } else {
        must(accepted, "verify");
    }
}

static void openssl_verify(const struct key *key, const char *token, char *out) {
    const char *end = strrchr(token, '.');
    unsigned char encoded[TEXT] = "", signature[TEXT];
    size_t at, length = strlen(end + 1);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    for (at = 0; at < length; at++) {
        char c = end[1 + at];
        encoded[at] = (unsigned char)(c == '-' ? '+' : c == '_' ? '/' : c);
    }
    for (; at % 4 != 0; at++) {
        encoded[at] = '=';
    }
    EVP_DecodeBlock(signature, encoded, (int)at);
    must(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key->public_key) == 1, "EVP_DigestVerifyInit");
    verdict(EVP_DigestVerify(context, signature, (size_t)EVP_PKEY_get_size(key->public_key),
                             (const unsigned char *)token, (size_t)(end - token)) == 1,
            out);
    EVP_MD_CTX_free(context);
}

static void scout_verify(const struct key *key, const char *token, char *out) {
    scout_claims *claims = NULL;
    int32_t rc = scout_verifier_verify(key->verifier, token, strlen(token), SCOUT_DEFAULT, &claims);
    scout_claims_free(claims);
    verdict(rc == SCOUT_OK, out);
}

/* libjwt 1.10 checks no claims. */
static void libjwt_verify(const struct key *key, const char *token, char *out) {
    jwt_t *jwt = NULL;
    int rc = jwt_decode(&jwt, token, (const unsigned char *)key->public_pem, (int)strlen(key->public_pem));
    verdict(rc == 0 && jwt_get_alg(jwt) == JWT_ALG_RS256 && jwt_get_grant_int(jwt, "exp") > (long)time(NULL) &&
                strcmp(jwt_get_grant(jwt, "iss"), "scout") == 0,
            out);
    jwt_free(jwt);
}

static void scout_header(const struct key *key, const char *token, char *out) {
    char header[SCOUT_TOKEN_SIZE];
    (void)token;
    must(scout_signer_authorization(key->signer, header, sizeof header, NULL) == SCOUT_OK, "authorization");
    if (out != NULL) {
        strcpy(out, header);
    }
}

static void scout_header_for(const struct key *key, const char *token, char *out) {
    char header[SCOUT_TOKEN_SIZE];
    (void)token;
    must(scout_signer_authorization_for(key->signer, URL, header, sizeof header, NULL) == SCOUT_OK, URL);
    if (out != NULL) {
        strcpy(out, header);
    }
}

static void scout_thumbprint(const struct key *key, const char *token, char *out) {
    char kid[SCOUT_KID_SIZE];
    (void)token;
    must(scout_kid(key->text, strlen(key->text), kid, sizeof kid, NULL) == SCOUT_OK, "scout_kid");
    if (out != NULL) {
        strcpy(out, kid);
    }
}

static void scout_pem(const struct key *key, const char *token, char *out) {
    char pem[TEXT];
    (void)token;
    must(scout_to_pem(key->text, strlen(key->text), pem, sizeof pem, NULL) == SCOUT_OK, "scout_to_pem");
    if (out != NULL) {
        strcpy(out, pem);
    }
}

static void scout_parse(const struct key *key, const char *token, char *out) {
    scout_private_key *loaded = NULL;
    (void)token;
    must(scout_private_key_parse(key->text, strlen(key->text), &loaded) == SCOUT_OK, "scout_private_key_parse");
    if (out != NULL) {
        must(scout_private_key_kid(loaded, out, SCOUT_KID_SIZE, NULL) == SCOUT_OK, "scout_private_key_kid");
    }
    scout_private_key_free(loaded);
}

static EVP_PKEY *load(const char *pem, bool is_private) {
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key =
        is_private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    must(key != NULL, "PEM_read_bio");
    BIO_free(bio);
    return key;
}

static void openssl_parse(const struct key *key, const char *token, char *out) {
    (void)token;
    EVP_PKEY_free(load(key->pem, true));
    if (out != NULL) {
        strcpy(out, key->kid);
    }
}

static const struct subject {
    const char *task, *kind, *name;
    void (*run)(const struct key *, const char *, char *);
    int sizes;
} subjects[] = {
    {"mint", "floor", "OpenSSL EVP: the signature alone", openssl_sign, SIZES},
    {"mint", "ours", "scout-auth: scout_signer_mint", scout_mint, SIZES},
    {"mint", "peer", "libjwt: PEM each call", libjwt_mint, SIZES},
    {"verify", "floor", "OpenSSL EVP: the signature alone", openssl_verify, SIZES},
    {"verify", "ours", "scout-auth: scout_verifier_verify", scout_verify, SIZES},
    {"verify", "peer", "libjwt: PEM each call", libjwt_verify, SIZES},
    {"header", "ours", "scout-auth: scout_signer_authorization", scout_header, 1},
    {"header", "ours", "scout-auth: scout_signer_authorization_for", scout_header_for, 1},
    {"kid", "ours", "scout-auth: scout_kid, from key text", scout_thumbprint, 1},
    {"pem", "ours", "scout-auth: scout_to_pem", scout_pem, 1},
    {"parse", "ours", "scout-auth: scout_private_key_parse", scout_parse, 1},
    {"parse", "peer", "OpenSSL EVP: PEM_read_bio_PrivateKey, nothing checked", openssl_parse, 1},
};

static void set_up(struct key *key, const char *bits) {
    scout_private_key *private_key = NULL;
    snprintf(key->bits, sizeof key->bits, "%s", bits);
    read_file(key->pem, TEXT, bits, ".pem");
    read_file(key->text, TEXT, bits, ".key");
    read_file(key->public_pem, TEXT, bits, ".public.pem");
    read_file(key->kid, sizeof key->kid, bits, ".kid");
    read_file(key->token, sizeof key->token, bits, ".token");
    key->private_key = load(key->pem, true);
    key->public_key = load(key->public_pem, false);
    must(scout_private_key_parse(key->text, strlen(key->text), &private_key) == SCOUT_OK &&
             scout_signer_new(CREDENTIAL_ID, private_key, NULL, &key->signer) == SCOUT_OK &&
             scout_verifier_new(&key->verifier) == SCOUT_OK &&
             scout_verifier_add_keys(key->verifier, key->public_pem, strlen(key->public_pem)) == SCOUT_OK,
         "setting up");
    scout_private_key_free(private_key);
}

/* JSON; the texts here need no escapes but for the newlines of PEM. */
static void print_text(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            fputs("\\n", stdout);
        } else {
            putchar(*text);
        }
    }
    puts("\"");
}

static void list(void) {
    size_t at;
    int size;
    fputs("{\"subjects\": [", stdout);
    for (at = 0; at < sizeof subjects / sizeof *subjects; at++) {
        for (size = 0; size < subjects[at].sizes; size++) {
            printf("%s[\"%s\", \"%s\", \"%s\", \"%s\"]", at + (size_t)size ? ", " : "", subjects[at].task,
                   keys[size].bits, subjects[at].kind, subjects[at].name);
        }
    }
    printf("], \"versions\": {\"OpenSSL\": \"%s\", \"C compiler\": \"%s\"}}\n", OpenSSL_version(OPENSSL_VERSION_STRING),
           __VERSION__);
    fflush(stdout);
}

static double now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* The tokens expire, so each batch verifies the newest. */
static void answer(const struct subject *subject, struct key *key, const char *order, const char *argument) {
    char out[TEXT];
    if (strcmp(order, "run") == 0) {
        long count = atol(argument);
        double wall, cpu;
        read_file(key->token, sizeof key->token, key->bits, ".token");
        wall = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
        while (count-- > 0) {
            subject->run(key, key->token, NULL);
        }
        printf("[%.0f, %.0f]\n", now(CLOCK_MONOTONIC) - wall, now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    } else {
        subject->run(key, argument, out);
        print_text(out);
    }
    fflush(stdout);
}

int main(void) {
    static const char *const bits[SIZES] = {"2048", "3072", "4096"};
    static char line[TEXT];
    size_t at;
    for (at = 0; at < SIZES; at++) {
        set_up(&keys[at], bits[at]);
    }
    read_file(message, sizeof message, "message", "");
    list();
    while (fgets(line, sizeof line, stdin) != NULL) {
        const char *order = strtok(line, "\t");
        int number = atoi(strtok(NULL, "\t"));
        const char *argument = strtok(NULL, "\n");
        at = 0;
        while (number >= subjects[at].sizes) {
            number -= subjects[at++].sizes;
        }
        answer(&subjects[at], &keys[number], order, argument == NULL ? "" : argument);
    }
    return 0;
}
