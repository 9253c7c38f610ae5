/* One start to the first token, by scout-auth (-DSCOUT), by libjwt (-DLIBJWT), or the first signature of OpenSSL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#if defined SCOUT
#include "scout_auth.h"

int main(void) {
    scout_signer *signer = NULL;
    char token[SCOUT_TOKEN_SIZE];
    if (scout_signer_from_env(&signer) != SCOUT_OK ||
        scout_signer_token(signer, token, sizeof token, NULL, NULL) != SCOUT_OK) {
        return 1;
    }
    puts(token);
    return 0;
}
#elif defined LIBJWT
#include <jwt.h>

int main(void) {
    const char *pem = getenv("BENCH_PEM");
    long now = (long)time(NULL);
    jwt_t *jwt = NULL;
    char *token;
    if (jwt_new(&jwt) != 0 || jwt_add_grant(jwt, "iss", "scout") != 0 || jwt_add_grant(jwt, "sub", "cred_bench") != 0 ||
        jwt_add_grant_int(jwt, "iat", now) != 0 || jwt_add_grant_int(jwt, "exp", now + 300) != 0 ||
        jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)pem, (int)strlen(pem)) != 0) {
        return 1;
    }
    token = jwt_encode_str(jwt);
    puts(token);
    return token == NULL;
}
#else
#include <openssl/evp.h>
#include <openssl/pem.h>

int main(void) {
    static const unsigned char message[220] = "x";
    unsigned char signature[1024];
    size_t length = sizeof signature;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(BIO_new_mem_buf(getenv("BENCH_PEM"), -1), NULL, NULL, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, signature, &length, message, sizeof message) != 1) {
        return 1;
    }
    printf("%zu\n", length);
    return 0;
}
#endif
