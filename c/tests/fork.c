/*
 * Forked children mint, verify and free, whatever the threads of the parent do at that moment.
 *
 *     fork [CHILDREN]    how many each test forks; 100 by default
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define THREADS 6

/* AddressSanitizer takes a lock of its own when a thread ends, and a fork may leave it held. */
#ifdef SCOUT_AUTH_SANITIZER
static const bool threads_may_end = false;
#else
static const bool threads_may_end = true;
#endif

static int children = 100;
static scout_signer *signer;
static scout_verifier *verifier;
static char forged[SCOUT_TOKEN_SIZE];
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

static void *mint(void *unused) {
    char token[SCOUT_TOKEN_SIZE];
    (void)unused;
    CHECK_CODE(scout_signer_mint(signer, token, sizeof token, NULL, NULL), SCOUT_OK);
    return NULL;
}

/* The first error of aws-lc in this thread. */
static void *verify_forged(void *unused) {
    scout_claims *claims = NULL;
    (void)unused;
    CHECK_CODE(scout_verifier_verify(verifier, TEXT(forged), SCOUT_DEFAULT, &claims), SCOUT_ERR_TOKEN_SIGNATURE);
    return NULL;
}

/* Starts one thread after another, and each ends at once: the end of a thread takes locks too. */
static void start_threads(void *(*work)(void *)) {
    while (!stop) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, work, NULL) == 0 && pthread_join(thread, NULL) == 0);
    }
}

static void *keep_starting_mints(void *unused) {
    (void)unused;
    start_threads(mint);
    return NULL;
}

static void *keep_starting_verifications(void *unused) {
    (void)unused;
    start_threads(verify_forged);
    return NULL;
}

static void *child_work(void *unused) {
    (void)unused;
    return works() ? NULL : &stop;
}

/* What a child does: all of it in a new thread, which has no state of aws-lc, and in this one. */
static bool child_works(void) {
    bool worked = true;
    if (threads_may_end) {
        pthread_t thread;
        void *failed = NULL;
        worked = pthread_create(&thread, NULL, child_work, NULL) == 0 && pthread_join(thread, &failed) == 0;
        worked = worked && failed == NULL;
    }
    worked = works() && worked;
    scout_verifier_free(verifier);
    scout_signer_free(signer);
    return worked;
}

static void fork_children(void) {
    int i, status;
    for (i = 0; i < children; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(60); /* a child that hangs fails */
            _exit(child_works() ? 0 : 1);
        }
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
}

static void fork_while(void *(*work)(void *)) {
    pthread_t threads[THREADS];
    scout_public_key *public_key = NULL;
    char *last;
    int i;
    if (work != keep_minting && !threads_may_end) {
        puts("# skipped: the sanitizer cannot fork while threads end");
        return;
    }
    signer = new_signer();
    CHECK_CODE(scout_verifier_new(&verifier), SCOUT_OK);
    CHECK_CODE(scout_signer_public_key(signer, &public_key), SCOUT_OK);
    CHECK_CODE(scout_verifier_add_key(verifier, public_key), SCOUT_OK);
    scout_public_key_free(public_key);
    CHECK_CODE(scout_signer_mint(signer, forged, sizeof forged, NULL, NULL), SCOUT_OK);
    last = forged + strlen(forged) - 10;
    *last = *last == 'A' ? 'B' : 'A';
    stop = false;
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
    }
    fork_children();
    stop = true;
    for (i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    scout_verifier_free(verifier);
    scout_signer_free(signer);
}

static void children_forked_while_threads_mint_can_mint_and_free(void) {
    fork_while(keep_minting);
}

static void children_forked_while_threads_that_minted_end_can_mint_and_free(void) {
    fork_while(keep_starting_mints);
}

static void children_forked_while_threads_that_refused_a_token_end_can_mint_and_free(void) {
    fork_while(keep_starting_verifications);
}

int main(int argc, char **argv) {
    const struct test tests[] = {
        {"children forked while threads mint can mint and free", children_forked_while_threads_mint_can_mint_and_free},
        {"children forked while threads that minted end can mint and free",
         children_forked_while_threads_that_minted_end_can_mint_and_free},
        {"children forked while threads that refused a token end can mint and free",
         children_forked_while_threads_that_refused_a_token_end_can_mint_and_free},
    };
    if (argc > 1) {
        children = atoi(argv[1]);
    }
    return RUN_TESTS(tests);
}
