/* Errors and the version. */
#include "test.h"

struct code {
    int32_t code;
    const char *name;
};

/* Each SCOUT_ERR_ macro of the header with its name, written by CMake. */
static const struct code codes[] = {
#include "codes.inc"
};

static void every_code_has_the_name_of_its_macro_and_a_text(void) {
    size_t i;
    for (i = 0; i < sizeof codes / sizeof *codes; i++) {
        CHECK_TEXT(scout_error_name(codes[i].code), codes[i].name);
        CHECK(strstr(scout_strerror(codes[i].code), "; ") != NULL);
    }
    CHECK(i > 50);
}

static void every_code_of_the_library_is_in_the_header(void) {
    size_t known = 0;
    int32_t code;
    for (code = 1; code < 2000; code++) {
        known += strcmp(scout_error_name(code), "ERR_UNKNOWN") != 0;
    }
    CHECK(known == sizeof codes / sizeof *codes);
}

static void other_codes_have_a_text_too(void) {
    CHECK_TEXT(scout_error_name(SCOUT_OK), "OK");
    CHECK_TEXT(scout_strerror(SCOUT_OK), "OK");
    CHECK_TEXT(scout_error_name(-1), "ERR_UNKNOWN");
    CHECK_TEXT(scout_strerror(INT32_MIN), "unknown error");
    CHECK_TEXT(scout_strerror(INT32_MAX), "unknown error");
}

static void the_version_of_the_header_is_that_of_the_library(void) {
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", SCOUT_VERSION_MAJOR, SCOUT_VERSION_MINOR, SCOUT_VERSION_PATCH);
    CHECK_TEXT(scout_version(), version);
    CHECK_TEXT(SCOUT_VERSION, version);
}

static void the_version_number_orders_versions_by_major_then_minor_then_patch(void) {
    CHECK(SCOUT_VERSION_NUMBER / 65536 == SCOUT_VERSION_MAJOR);
    CHECK(SCOUT_VERSION_NUMBER / 256 % 256 == SCOUT_VERSION_MINOR);
    CHECK(SCOUT_VERSION_NUMBER % 256 == SCOUT_VERSION_PATCH);
}

static void the_last_error_tells_the_particulars(void) {
    char text[512];
    size_t length = 0;
    scout_private_key *key = NULL;
    CHECK_CODE(scout_last_error(text, sizeof text, &length), SCOUT_OK);
    CHECK_TEXT(text, "OK");
    CHECK_CODE(scout_private_key_generate(1024, &key), SCOUT_ERR_KEY_SIZE);
    CHECK_CODE(scout_last_error(text, sizeof text, &length), SCOUT_OK);
    CHECK(length == strlen(text));
    CHECK_TEXT(text, scout_strerror(SCOUT_ERR_KEY_SIZE));
    CHECK_CODE(scout_private_key_read_file("/no/such/file", &key), SCOUT_ERR_KEY_FILE);
    CHECK_CODE(scout_last_error(text, sizeof text, NULL), SCOUT_OK);
    CHECK(strstr(text, "o such file") != NULL);
    CHECK(key == NULL);
}

static void the_last_error_does_not_replace_itself(void) {
    char small[4];
    char text[512];
    size_t length = 0;
    CHECK_CODE(scout_signer_invalidate(NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_last_error(small, sizeof small, &length), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK_CODE(scout_last_error(NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    CHECK(length == strlen(scout_strerror(SCOUT_ERR_ARGUMENT)));
    CHECK_CODE(scout_last_error(text, length + 1, NULL), SCOUT_OK);
    CHECK_TEXT(text, scout_strerror(SCOUT_ERR_ARGUMENT));
}

int main(void) {
    const struct test tests[] = {
        {"every code has the name of its macro and a text", every_code_has_the_name_of_its_macro_and_a_text},
        {"every code of the library is in the header", every_code_of_the_library_is_in_the_header},
        {"other codes have a text too", other_codes_have_a_text_too},
        {"the version of the header is that of the library", the_version_of_the_header_is_that_of_the_library},
        {"the version number orders versions by major, then minor, then patch",
         the_version_number_orders_versions_by_major_then_minor_then_patch},
        {"the last error tells the particulars", the_last_error_tells_the_particulars},
        {"the last error does not replace itself", the_last_error_does_not_replace_itself},
    };
    return RUN_TESTS(tests);
}
