/*
 * A server on libjwt: see ../README.md.
 *
 *     libjwt mint KEY.pem KID CREDENTIAL_ID
 *     libjwt verify KEY.pem < tokens
 */
#include <jwt.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BUFFER = 1 << 14 };

static unsigned char key[BUFFER];
static int key_length;

static int read_key(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return -1;
    }
    key_length = (int)fread(key, 1, sizeof key, file);
    return fclose(file);
}

static int mint(const char *kid, const char *credential_id) {
    const long now = (long)time(NULL);
    jwt_t *jwt = NULL;
    int failed = jwt_new(&jwt) || jwt_add_header(jwt, "kid", kid) || jwt_add_grant(jwt, "iss", "scout") ||
                 jwt_add_grant(jwt, "sub", credential_id) || jwt_add_grant_int(jwt, "iat", now) ||
                 jwt_add_grant_int(jwt, "exp", now + 300) || jwt_set_alg(jwt, JWT_ALG_RS256, key, key_length);
    char *token = failed ? NULL : jwt_encode_str(jwt);
    if (token != NULL) {
        puts(token);
    }
    free(token);
    jwt_free(jwt);
    return token == NULL;
}

/* The library verifies by whatever algorithm the token names, and does not look at the claims. */
static const char *refusal(jwt_t *jwt) {
    const char *issuer = jwt_get_grant(jwt, "iss");
    if (jwt_get_alg(jwt) != JWT_ALG_RS256) {
        return "another algorithm";
    }
    if (issuer == NULL || strcmp(issuer, "scout") != 0) {
        return "another issuer";
    }
    return jwt_get_grant_int(jwt, "exp") > (long)time(NULL) ? NULL : "expired";
}

static void verify(const char *token) {
    jwt_t *jwt = NULL;
    const char *why = jwt_decode(&jwt, token, key, key_length) == 0 ? refusal(jwt) : "not signed by the key";
    if (why == NULL) {
        printf("accepted %s %s\n", jwt_get_grant(jwt, "sub"), jwt_get_header(jwt, "kid"));
    } else {
        printf("refused %s\n", why);
    }
    jwt_free(jwt);
}

int main(int count, char **words) {
    static char token[BUFFER];
    if (count < 3 || read_key(words[2]) != 0) {
        return 2;
    }
    if (strcmp(words[1], "mint") == 0 && count == 5) {
        return mint(words[3], words[4]);
    }
    while (fgets(token, sizeof token, stdin) != NULL) {
        token[strcspn(token, "\n")] = '\0';
        verify(token);
    }
    return 0;
}
