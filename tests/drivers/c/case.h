/*
 * One case of the vectors, as tests/run.py writes it to standard input: a word a line, values in hex.
 *
 *     case "its name, as a JSON string"
 *     call private_key
 *     given text 4d4949...
 *     expect kid 6f6e65...
 *     end
 *
 * A list is its items, each on a line, and a field NAME.count. A number is its decimal text, a fact is yes or no. What
 * belongs to a step of a story is a field steps.AT.NAME, counted from 0.
 */
#ifndef CASE_H
#define CASE_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_FIELDS = 64, MAX_LINE = 1 << 22 };

struct field {
    char name[64];
    char *value; /* with a NUL behind it */
    size_t length;
};

struct fields {
    struct field items[MAX_FIELDS];
    size_t count;
};

struct test_case {
    char name[1024];
    char call[32];
    struct fields given;
    struct fields expect;
};

static inline void fail(const char *why) {
    fprintf(stderr, "%s\n", why);
    exit(2);
}

static inline void copy(char *to, size_t size, const char *text) {
    if (strlen(text) >= size) {
        fail("a word that is too long");
    }
    strcpy(to, text);
}

static inline void add_field(struct fields *fields, const char *name, const char *value, size_t length) {
    if (fields->count == MAX_FIELDS) {
        fail("too many fields");
    }
    struct field *field = &fields->items[fields->count++];
    copy(field->name, sizeof field->name, name);
    field->value = (char *)malloc(length + 1);
    memcpy(field->value, value, length);
    field->value[length] = '\0';
    field->length = length;
}

static inline void clear_fields(struct fields *fields) {
    while (fields->count > 0) {
        free(fields->items[--fields->count].value);
    }
}

/* The item of that name, counted from 0, or NULL. */
static inline const struct field *nth_field(const struct fields *fields, const char *name, size_t nth) {
    for (size_t at = 0; at < fields->count; at++) {
        if (strcmp(fields->items[at].name, name) == 0 && nth-- == 0) {
            return &fields->items[at];
        }
    }
    return NULL;
}

static inline const struct field *find_field(const struct fields *fields, const char *name) {
    return nth_field(fields, name, 0);
}

/* The field that the call needs. */
static inline const struct field *need_field(const struct fields *fields, const char *name) {
    const struct field *field = find_field(fields, name);
    if (field == NULL) {
        fail(name);
    }
    return field;
}

static inline const char *text_or_null(const struct fields *fields, const char *name) {
    const struct field *field = find_field(fields, name);
    return field == NULL ? NULL : field->value;
}

static inline uint64_t number_or(const struct fields *fields, const char *name, uint64_t otherwise) {
    const char *text = text_or_null(fields, name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

static inline size_t from_hex(char *text) {
    size_t length = 0;
    for (const char *digits = text; isxdigit((unsigned char)digits[0]); digits += 2) {
        const char pair[3] = {digits[0], digits[1], '\0'};
        text[length++] = (char)strtol(pair, NULL, 16);
    }
    return length;
}

/* Reads "NAME HEX" into the fields; an empty value has no digits. */
static inline void read_field(struct fields *fields, char *line) {
    char *value = strchr(line, ' ');
    if (value == NULL) {
        fail("a field without a value");
    }
    *value++ = '\0';
    add_field(fields, line, value, from_hex(value));
}

static inline char *after(char *line, const char *word) {
    const size_t length = strlen(word);
    return strncmp(line, word, length) == 0 && line[length] == ' ' ? line + length + 1 : NULL;
}

/* Whether there was another case. */
static inline bool read_case(struct test_case *test) {
    static char line[MAX_LINE];
    clear_fields(&test->given);
    clear_fields(&test->expect);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *rest = NULL;
        if ((rest = after(line, "case")) != NULL) {
            copy(test->name, sizeof test->name, rest);
        } else if ((rest = after(line, "call")) != NULL) {
            copy(test->call, sizeof test->call, rest);
        } else if ((rest = after(line, "given")) != NULL) {
            read_field(&test->given, rest);
        } else if ((rest = after(line, "expect")) != NULL) {
            read_field(&test->expect, rest);
        } else if (strcmp(line, "end") == 0) {
            return true;
        } else {
            fail("an unknown line");
        }
    }
    return false;
}

static inline bool is_met(const struct field *expected, const struct fields *answer) {
    if (strcmp(expected->name, "mentions") == 0) {
        const struct field *text = find_field(answer, "text");
        return text != NULL && strstr(text->value, expected->value) != NULL;
    }
    const struct field *found = find_field(answer, expected->name);
    return found != NULL && found->length == expected->length &&
           memcmp(found->value, expected->value, found->length) == 0;
}

/* Writes the verdict: whether the answer has all that was expected. */
static inline void write_verdict(const struct test_case *test, const struct fields *answer) {
    const struct field *unmet = NULL;
    for (size_t at = 0; at < test->expect.count && unmet == NULL; at++) {
        unmet = is_met(&test->expect.items[at], answer) ? NULL : &test->expect.items[at];
    }
    if (unmet == NULL) {
        const struct field *token = find_field(answer, "token");
        printf("{\"name\":%s,\"ok\":true,\"detail\":null,\"token\":\"%s\"}\n", test->name,
               token == NULL ? "" : token->value);
        return;
    }
    const struct field *error = find_field(answer, "error");
    const bool is_error = strcmp(unmet->name, "error") == 0;
    printf("{\"name\":%s,\"ok\":false,\"detail\":\"%s: got %s, expected %s\"}\n", test->name, unmet->name,
           error == NULL ? "no error" : error->value, is_error ? unmet->value : "another value");
}

/* For drivers/clock.c. */
static inline void set_clock(const char *unix_time, const char *elapsed) {
    const char *path = getenv("CLOCK_FILE");
    FILE *file = path == NULL ? NULL : fopen(path, "w");
    if (file == NULL || fprintf(file, "%s %s", unix_time, elapsed) < 0 || fclose(file) != 0) {
        fail("no clock");
    }
}

/* What belongs to a step, or NULL. */
static inline const char *step_text(const struct fields *given, size_t at, const char *name) {
    char field[64];
    snprintf(field, sizeof field, "steps.%zu.%s", at, name);
    return text_or_null(given, field);
}

static inline void set_clock_of_step(const struct fields *given, size_t at) {
    const char *now = step_text(given, at, "now");
    if (now != NULL) {
        set_clock(now, step_text(given, at, "elapsed"));
    }
}

static inline void set_clock_of_case(const struct fields *given) {
    const char *clock = text_or_null(given, "clock");
    if (clock != NULL) {
        set_clock(clock, "0");
    }
}

/* Waits until tokens are of another second. */
static inline void wait_a_while(void) {
    const struct timespec pause = {2, 0};
    nanosleep(&pause, NULL);
}

/* Replaces the variables of a credential by those of the case. */
static inline void set_environment(const struct fields *given) {
    static const char *const names[] = {"SCOUT_PRIVATE_KEY",     "SCOUT_PRIVATE_KEY_FILE",
                                        "SCOUT_CREDENTIAL_FILE", "SCOUT_CREDENTIAL_COMMAND",
                                        "SCOUT_CREDENTIAL_ID",   "SCOUT_KID",
                                        "SCOUT_API_KEY"};
    for (size_t at = 0; at < sizeof names / sizeof *names; at++) {
        char field[64];
        snprintf(field, sizeof field, "variables.%s", names[at]);
        const char *value = text_or_null(given, field);
        if (value == NULL) {
            unsetenv(names[at]);
        } else {
            setenv(names[at], value, 1);
        }
    }
}

#endif
