/* Forked children mint, verify and free, whatever the threads of the parent were doing. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define THREADS 4
#define CHILDREN 50

static scout_signer *signer;
static scout_verifier *verifier;
static atomic_bool stop;

static bool works(void) {
    char token[SCOUT_TOKEN_SIZE];
    size_t length = 0;
    scout_claims *claims = NULL;
    bool minted = scout_signer_invalidate(signer) == SCOUT_OK &&
                  scout_signer_mint(signer, token, sizeof token, NULL, NULL) == SCOUT_OK &&
                  scout_signer_token(signer, token, sizeof token, &length, NULL) == SCOUT_OK;
    bool verified = minted && scout_verifier_verify(verifier, token, length, SCOUT_DEFAULT, &claims) == SCOUT_OK;
    scout_claims_free(claims);
    return verified;
}

static void *keep_minting(void *unused) {
    (void)unused;
    while (!stop) {
        CHECK(works());
    }
    return NULL;
}

static void fork_children(void) {
    int i, status;
    for (i = 0; i < CHILDREN; i++) {
        pid_t child = fork();
        if (child == 0) {
            bool worked;
            alarm(60); /* a child that hangs fails */
            worked = works();
            scout_verifier_free(verifier);
            scout_signer_free(signer);
            _exit(worked ? 0 : 1);
        }
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
}

static void children_forked_while_threads_mint_can_mint_and_free(void) {
    pthread_t threads[THREADS];
    scout_public_key *public_key = NULL;
    int i;
    signer = new_signer();
    CHECK_CODE(scout_verifier_new(&verifier), SCOUT_OK);
    CHECK_CODE(scout_signer_public_key(signer, &public_key), SCOUT_OK);
    CHECK_CODE(scout_verifier_add_key(verifier, public_key), SCOUT_OK);
    scout_public_key_free(public_key);
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, keep_minting, NULL) == 0);
    }
    fork_children();
    stop = true;
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    scout_verifier_free(verifier);
    scout_signer_free(signer);
}

int main(void) {
    const struct test tests[] = {
        {"children forked while threads mint can mint and free", children_forked_while_threads_mint_can_mint_and_free},
    };
    return RUN_TESTS(tests);
}
