/* The few lines that the C tests need: checks that go on, and a list of named tests. */
#ifndef TEST_H
#define TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scout_auth.h"

/* A text as the two arguments that the library takes: pointer and length. */
#define TEXT(text) (text), strlen(text)

#define CHECK(condition) check((condition), __FILE__, __LINE__, #condition)
#define CHECK_CODE(call, code) check_code((call), (code), __FILE__, __LINE__, #call)
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), __FILE__, __LINE__)

struct test {
    const char *name;
    void (*run)(void);
};

static int failures;

static void check(int holds, const char *file, int line, const char *what) {
    if (!holds) {
        failures++;
        printf("# %s:%d: %s\n", file, line, what);
    }
}

static inline void check_code(int32_t actual, int32_t expected, const char *file, int line, const char *what) {
    if (actual != expected) {
        printf("# got %s: %s\n", scout_error_name(actual), scout_strerror(actual));
    }
    check(actual == expected, file, line, what);
}

static inline void check_text(const char *actual, const char *expected, const char *file, int line) {
    if (strcmp(actual, expected) != 0) {
        printf("# got \"%s\"\n", actual);
    }
    check(strcmp(actual, expected) == 0, file, line, expected);
}

/* Runs the tests and returns the exit status of the program. */
static int run_tests(const struct test *tests, size_t count) {
    size_t i;
    int failed = 0;
    for (i = 0; i < count; i++) {
        failures = 0;
        tests[i].run();
        failed += failures > 0;
        printf("%s - %s\n", failures > 0 ? "not ok" : "ok", tests[i].name);
        fflush(stdout);
    }
    return failed > 0;
}

#define RUN_TESTS(tests) run_tests((tests), sizeof(tests) / sizeof *(tests))

/* A key made for this run, always the same one: making it takes long under valgrind. */
static inline scout_private_key *new_key(void) {
    static char text[2048];
    scout_private_key *key = NULL;
    if (text[0] == '\0') {
        CHECK_CODE(scout_private_key_generate(2048, &key), SCOUT_OK);
        CHECK_CODE(scout_private_key_to_base64url(key, text, sizeof text, NULL), SCOUT_OK);
        return key;
    }
    CHECK_CODE(scout_private_key_parse(TEXT(text), &key), SCOUT_OK);
    return key;
}

/* A signer with a key made for this run. */
static inline scout_signer *new_signer(void) {
    scout_private_key *key = new_key();
    scout_signer *signer = NULL;
    CHECK_CODE(scout_signer_new("cred_c", key, NULL, &signer), SCOUT_OK);
    scout_private_key_free(key);
    return signer;
}

#endif
