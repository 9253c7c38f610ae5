/* One signer and one verifier in sixteen threads, across refreshes. */
#include <pthread.h>

#include "test.h"

#define THREADS 16
#define ROUNDS 20

static scout_signer *signer;
static scout_verifier *verifier;

/* Returns how many of its rounds failed, as a pointer. */
static void *refresh(void *is_first) {
    char token[SCOUT_TOKEN_SIZE];
    size_t length = 0, failed = 0;
    int round;
    for (round = 0; round < ROUNDS; round++) {
        scout_claims *claims = NULL;
        if (is_first != NULL) {
            failed += scout_signer_invalidate(signer) != SCOUT_OK;
        }
        failed += scout_signer_token(signer, token, sizeof token, &length, NULL) != SCOUT_OK;
        failed += scout_verifier_verify(verifier, token, length, SCOUT_DEFAULT, &claims) != SCOUT_OK;
        scout_claims_free(claims);
    }
    return (void *)failed;
}

static void sixteen_threads_share_a_signer_across_refreshes(void) {
    pthread_t threads[THREADS];
    scout_public_key *public_key = NULL;
    size_t i;
    signer = new_signer();
    CHECK_CODE(scout_verifier_new(&verifier), SCOUT_OK);
    CHECK_CODE(scout_signer_public_key(signer, &public_key), SCOUT_OK);
    CHECK_CODE(scout_verifier_add_key(verifier, public_key), SCOUT_OK);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, refresh, i == 0 ? &threads[i] : NULL) == 0);
    }
    for (i = 0; i < THREADS; i++) {
        void *failed = NULL;
        CHECK(pthread_join(threads[i], &failed) == 0 && failed == NULL);
    }
    scout_public_key_free(public_key);
    scout_verifier_free(verifier);
    scout_signer_free(signer);
}

static void *fail_otherwise(void *unused) {
    char text[512];
    scout_private_key *key = NULL;
    (void)unused;
    CHECK_CODE(scout_last_error(text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, "OK");
    CHECK_CODE(scout_private_key_generate(1, &key), SCOUT_ERR_KEY_SIZE);
    return NULL;
}

static void each_thread_has_its_own_last_error(void) {
    pthread_t thread;
    char text[512];
    CHECK_CODE(scout_signer_invalidate(NULL), SCOUT_ERR_ARGUMENT);
    CHECK(pthread_create(&thread, NULL, fail_otherwise, NULL) == 0 && pthread_join(thread, NULL) == 0);
    CHECK_CODE(scout_last_error(text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, scout_strerror(SCOUT_ERR_ARGUMENT));
}

int main(void) {
    const struct test tests[] = {
        {"sixteen threads share a signer across refreshes", sixteen_threads_share_a_signer_across_refreshes},
        {"each thread has its own last error", each_thread_has_its_own_last_error},
    };
    return RUN_TESTS(tests);
}
