/* unload LIBRARY: a program that loads the library with dlopen may close it at any time. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scout_auth.h"

#define LOADS 1100 /* a process has 1024 pthread keys */

static const char *path;
static char jwk[4096];
static pthread_barrier_t used, closed;

static void require(int holds, const char *what) {
    if (!holds) {
        printf("not ok - %s\n", what);
        exit(1);
    }
}

static void *load(void) {
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    require(library != NULL, "the library is loaded");
    return library;
}

/* A function of the library, as a pointer of the type that is assigned to. */
#define FIND(library, function)                                                                                        \
    do {                                                                                                               \
        *(void **)&function = dlsym(library, "scout_" #function);                                                      \
        require(function != NULL, #function);                                                                          \
    } while (0)

static int32_t parse(void *library, scout_private_key **key) {
    int32_t (*private_key_parse)(const char *, size_t, scout_private_key **) = NULL;
    FIND(library, private_key_parse);
    return private_key_parse(jwk, strlen(jwk), key);
}

/* In a thread of its own: a thread that has used the library keeps it loaded until it ends. */
static void *make_key(void *unused) {
    int32_t (*private_key_generate)(uint32_t, scout_private_key **) = NULL;
    int32_t (*private_key_to_jwk)(const scout_private_key *, char *, size_t, size_t *) = NULL;
    void (*private_key_free)(scout_private_key *) = NULL;
    scout_private_key *key = NULL;
    void *library = load();
    (void)unused;
    FIND(library, private_key_generate);
    FIND(library, private_key_to_jwk);
    FIND(library, private_key_free);
    require(private_key_generate(2048, &key) == SCOUT_OK, "a key is made");
    require(private_key_to_jwk(key, jwk, sizeof jwk, NULL) == SCOUT_OK, "the key is written");
    private_key_free(key);
    dlclose(library);
    return NULL;
}

static void *mint(void *library) {
    int32_t (*mint_token)(const char *, const scout_private_key *, const scout_signer_options *, uint64_t, char *,
                          size_t, size_t *, uint64_t *) = NULL;
    void (*private_key_free)(scout_private_key *) = NULL;
    scout_private_key *key = NULL;
    char token[SCOUT_TOKEN_SIZE];
    FIND(library, mint_token);
    FIND(library, private_key_free);
    require(parse(library, &key) == SCOUT_OK, "the key is read");
    require(mint_token("cred_c", key, NULL, SCOUT_DEFAULT, token, sizeof token, NULL, NULL) == SCOUT_OK,
            "a token is minted");
    private_key_free(key);
    return NULL;
}

static void a_library_may_be_loaded_and_closed_again_and_again(void) {
    int i;
    for (i = 0; i < LOADS; i++) {
        pthread_t thread;
        void *library = load();
        require(pthread_create(&thread, NULL, mint, library) == 0 && pthread_join(thread, NULL) == 0, "a thread runs");
        dlclose(library);
    }
}

/* aws-lc reports an error in this thread, and so keeps something for its end. */
static void *parse_a_wrong_key(void *library) {
    scout_private_key *none = NULL;
    require(parse(library, &none) == SCOUT_ERR_KEY_INCONSISTENT, "the wrong key is refused");
    pthread_barrier_wait(&used);
    pthread_barrier_wait(&closed);
    return NULL;
}

static void a_thread_may_end_after_the_library_was_closed(void) {
    pthread_t thread;
    void *library = load();
    char *d = strstr(jwk, "\"d\":\"");
    require(d != NULL, "the key has a d");
    d[25] = d[25] == 'A' ? 'B' : 'A';
    pthread_barrier_init(&used, NULL, 2);
    pthread_barrier_init(&closed, NULL, 2);
    require(pthread_create(&thread, NULL, parse_a_wrong_key, library) == 0, "a thread starts");
    pthread_barrier_wait(&used);
    dlclose(library);
    pthread_barrier_wait(&closed);
    require(pthread_join(thread, NULL) == 0, "the thread ends");
}

int main(int argc, char **argv) {
    pthread_t thread;
    require(argc == 2, "usage: unload LIBRARY");
    path = argv[1];
    require(pthread_create(&thread, NULL, make_key, NULL) == 0 && pthread_join(thread, NULL) == 0, "a thread runs");
    a_library_may_be_loaded_and_closed_again_and_again();
    puts("ok - a library may be loaded and closed again and again");
    a_thread_may_end_after_the_library_was_closed();
    puts("ok - a thread may end after the library was closed");
    return 0;
}
