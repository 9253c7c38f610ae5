/*
 * Speed of the C library beside aws-lc-rs, OpenSSL EVP and libjwt, in one run and on one key.
 *
 * The subjects take turns in short rounds, so that whatever else the machine does meets all of
 * them alike, and each one's best round counts, since noise only ever adds.
 */
#include <jwt.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scout_auth.h"

#define ROUNDS 41
#define SIGNATURES 20
#define READS 100000

/* bench/raw_aws_lc.rs */
typedef struct raw_key raw_key;
raw_key *raw_new(const uint8_t *pkcs8, size_t length);
bool raw_sign(const raw_key *key, const uint8_t *message, size_t length, uint8_t *signature);

static scout_signer *signer;
static raw_key *raw;
static EVP_PKEY *pkey;
static char pem[8192], kid[SCOUT_KID_SIZE], token[SCOUT_TOKEN_SIZE];
static size_t message_length;
static uint8_t signature[1024];

static void must(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "bench: %s failed\n", what);
        exit(1);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void raw_aws_lc(void) {
    must(raw_sign(raw, (const uint8_t *)token, message_length, signature), "raw_sign");
}

static void scout_mint(void) {
    char minted[SCOUT_TOKEN_SIZE];
    must(scout_signer_mint(signer, minted, sizeof minted, NULL, NULL) == SCOUT_OK, "scout_signer_mint");
}

static void openssl_evp(void) {
    size_t length = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    must(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pkey) == 1 &&
             EVP_DigestSign(context, signature, &length, (const uint8_t *)token, message_length) == 1,
         "EVP_DigestSign");
    EVP_MD_CTX_free(context);
}

static void libjwt(void) {
    long issued_at = (long)time(NULL);
    jwt_t *jwt = NULL;
    char *encoded;
    must(jwt_new(&jwt) == 0 && jwt_add_header(jwt, "kid", kid) == 0 && jwt_add_grant(jwt, "iss", "scout") == 0 &&
             jwt_add_grant(jwt, "sub", "cred_bench") == 0 && jwt_add_grant_int(jwt, "iat", issued_at) == 0 &&
             jwt_add_grant_int(jwt, "exp", issued_at + 300) == 0 &&
             jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)pem, (int)strlen(pem)) == 0,
         "jwt_new");
    encoded = jwt_encode_str(jwt);
    must(encoded != NULL, "jwt_encode_str");
    free(encoded);
    jwt_free(jwt);
}

static void scout_authorization(void) {
    char header[SCOUT_TOKEN_SIZE];
    must(scout_signer_authorization(signer, header, sizeof header, NULL) == SCOUT_OK, "scout_signer_authorization");
}

static void scout_authorization_for(void) {
    char header[SCOUT_TOKEN_SIZE];
    must(scout_signer_authorization_for(signer, "https://api.scoutos.com/v2/workflows", header, sizeof header, NULL) ==
             SCOUT_OK,
         "scout_signer_authorization_for");
}

struct subject {
    const char *name;
    void (*run)(void);
    int repeats;
    double rounds[ROUNDS];
};

static double least(const double *values) {
    double best = values[0];
    size_t i;
    for (i = 1; i < ROUNDS; i++) {
        best = values[i] < best ? values[i] : best;
    }
    return best;
}

static void measure(struct subject *subjects, size_t count) {
    size_t round, i;
    int repeat;
    for (round = 0; round < ROUNDS; round++) {
        for (i = 0; i < count; i++) {
            double start = now();
            for (repeat = 0; repeat < subjects[i].repeats; repeat++) {
                subjects[i].run();
            }
            subjects[i].rounds[round] = (now() - start) / subjects[i].repeats;
        }
    }
}

/* Nanoseconds from key text to the first header value, in a process that did nothing before. */
static int first_token(const char *key) {
    scout_private_key *private_key = NULL;
    char header[SCOUT_TOKEN_SIZE];
    double start = now();
    must(scout_private_key_parse(key, strlen(key), &private_key) == SCOUT_OK, "scout_private_key_parse");
    must(scout_signer_new("cred_bench", private_key, NULL, &signer) == SCOUT_OK, "scout_signer_new");
    must(scout_signer_authorization(signer, header, sizeof header, NULL) == SCOUT_OK, "scout_signer_authorization");
    printf("%.0f\n", now() - start);
    return 0;
}

/* The best of as many fresh processes as there are rounds. The key of the bench is a throwaway. */
static double first_tokens(const char *self, const char *key) {
    double times[ROUNDS];
    size_t round;
    setenv("BENCH_KEY", key, 1);
    for (round = 0; round < ROUNDS; round++) {
        char line[64] = "";
        FILE *child = popen(self, "r");
        must(child != NULL && fgets(line, sizeof line, child) != NULL && pclose(child) == 0, "a fresh process");
        times[round] = atof(line);
    }
    return least(times);
}

static void set_up(char *key, size_t size) {
    scout_private_key *private_key = NULL;
    uint8_t der[8192];
    size_t length = 0;
    BIO *bio;
    must(scout_private_key_generate(2048, &private_key) == SCOUT_OK, "scout_private_key_generate");
    must(scout_signer_new("cred_bench", private_key, NULL, &signer) == SCOUT_OK, "scout_signer_new");
    must(scout_signer_token(signer, token, sizeof token, NULL, NULL) == SCOUT_OK, "scout_signer_token");
    message_length = (size_t)(strrchr(token, '.') - token);
    must(scout_private_key_kid(private_key, kid, sizeof kid, NULL) == SCOUT_OK, "scout_private_key_kid");
    must(scout_private_key_to_pem(private_key, pem, sizeof pem, NULL) == SCOUT_OK, "scout_private_key_to_pem");
    must(scout_private_key_to_base64url(private_key, key, size, NULL) == SCOUT_OK, "scout_private_key_to_base64url");
    must(scout_private_key_to_der(private_key, der, sizeof der, &length) == SCOUT_OK, "scout_private_key_to_der");
    raw = raw_new(der, length);
    must(raw != NULL, "raw_new");
    bio = BIO_new_mem_buf(pem, -1);
    pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    must(pkey != NULL, "PEM_read_bio_PrivateKey");
    BIO_free(bio);
    scout_private_key_free(private_key);
}

int main(int argc, char **argv) {
    struct subject subjects[] = {
        {"aws-lc-rs, signature alone", raw_aws_lc, SIGNATURES, {0}},
        {"scout_signer_mint", scout_mint, SIGNATURES, {0}},
        {"OpenSSL EVP, signature alone", openssl_evp, SIGNATURES, {0}},
        {"libjwt, whole token", libjwt, SIGNATURES, {0}},
        {"scout_signer_authorization, cached", scout_authorization, READS, {0}},
        {"scout_signer_authorization_for", scout_authorization_for, READS, {0}},
    };
    const size_t count = sizeof subjects / sizeof *subjects;
    char key[8192];
    size_t i;
    double base;
    (void)argc;
    if (getenv("BENCH_KEY") != NULL) {
        return first_token(getenv("BENCH_KEY"));
    }
    set_up(key, sizeof key);
    measure(subjects, count);
    base = least(subjects[0].rounds);
    printf("%-36s %12s  %s\n", "RSA 2048", "ns", "to aws-lc-rs");
    for (i = 0; i < count; i++) {
        double time = least(subjects[i].rounds);
        printf("%-36s %12.0f  %8.4f\n", subjects[i].name, time, time / base);
    }
    printf("%-36s %12.0f\n", "key text to first header", first_tokens(argv[0], key));
    puts("budgets: mint 1.0300 of aws-lc-rs; cached 40 ns, for a URL 60; first 1500000 ns");
    return 0;
}
