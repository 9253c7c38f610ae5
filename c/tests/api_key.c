/* API keys. */
#include "test.h"

static scout_api_key *legacy_key(void) {
    scout_api_key *api_key = NULL;
    CHECK_CODE(scout_api_key_new(TEXT("scout_legacy"), &api_key), SCOUT_OK);
    return api_key;
}

static void an_api_key_is_sent_as_it_is(void) {
    scout_api_key *api_key = legacy_key();
    char header[64];
    size_t length = 0;
    CHECK_CODE(scout_api_key_authorization(api_key, header, sizeof header, &length), SCOUT_OK);
    CHECK_TEXT(header, "Bearer scout_legacy");
    CHECK(length == 19);
    CHECK_CODE(scout_api_key_authorization_for(api_key, "https://example.com/", header, sizeof header, &length),
               SCOUT_OK);
    CHECK_TEXT(header, "Bearer scout_legacy");
    scout_api_key_free(api_key);
}

static void the_raw_private_key_is_sent_as_issued(void) {
    scout_private_key *key = new_key();
    scout_api_key *api_key = NULL;
    char text[4096], pem[4096], header[4096];
    CHECK_CODE(scout_private_key_to_base64url(key, text, sizeof text, NULL), SCOUT_OK);
    CHECK_CODE(scout_private_key_to_pem(key, pem, sizeof pem, NULL), SCOUT_OK);
    CHECK_CODE(scout_api_key_from_private_key(TEXT(pem), &api_key), SCOUT_OK);
    CHECK_CODE(scout_api_key_authorization(api_key, header, sizeof header, NULL), SCOUT_OK);
    CHECK_TEXT(header + strlen("Bearer "), text);
    scout_api_key_free(api_key);
    scout_private_key_free(key);
}

static void allowed_origins_are_the_only_ones(void) {
    const char *origins[] = {"https://api.scoutos.com"}, *wrong[] = {"http://api.scoutos.com"}, *null[] = {NULL};
    scout_api_key *api_key = legacy_key();
    char header[64];
    CHECK_CODE(scout_api_key_allow_origins(api_key, origins, 1), SCOUT_OK);
    CHECK_CODE(scout_api_key_allow_origins(api_key, wrong, 1), SCOUT_ERR_ORIGIN);
    CHECK_CODE(scout_api_key_allow_origins(api_key, null, 1), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_allow_origins(api_key, NULL, 1), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_allow_origins(api_key, origins, SIZE_MAX), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_allow_origins(NULL, origins, 1), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_authorization_for(api_key, "https://api.scoutos.com/", header, sizeof header, NULL),
               SCOUT_OK);
    CHECK_CODE(scout_api_key_authorization_for(api_key, "https://example.com/", header, sizeof header, NULL),
               SCOUT_ERR_ORIGIN_NOT_ALLOWED);
    scout_api_key_free(api_key);
}

static void wrong_arguments_are_refused(void) {
    scout_api_key *api_key = legacy_key(), *none = NULL;
    char header[64] = "unchanged";
    size_t length = 0;
    CHECK_CODE(scout_api_key_new(TEXT("with space"), &none), SCOUT_ERR_API_KEY);
    CHECK_CODE(scout_api_key_new(NULL, 0, &none), SCOUT_ERR_API_KEY);
    CHECK_CODE(scout_api_key_new(NULL, 1, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_new("x", SIZE_MAX, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_new(TEXT("\xff"), &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_new(TEXT("x"), NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_from_private_key(TEXT("x"), &none), SCOUT_ERR_KEY_ENCODING);
    CHECK_CODE(scout_api_key_from_private_key(NULL, 1, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_from_private_key(TEXT("\xff"), &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_from_private_key(TEXT("x"), NULL), SCOUT_ERR_ARGUMENT);
    CHECK(none == NULL);
    CHECK_CODE(scout_api_key_authorization(NULL, header, sizeof header, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_authorization(api_key, NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_authorization_for(NULL, "https://a/", header, sizeof header, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_authorization_for(api_key, NULL, header, sizeof header, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_authorization_for(api_key, "\xff", header, sizeof header, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_authorization_for(api_key, "https://a/", NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_authorization_for(api_key, "a", header, sizeof header, &length), SCOUT_ERR_URL);
    CHECK_CODE(scout_api_key_authorization_for(api_key, "http://a/", header, sizeof header, &length),
               SCOUT_ERR_URL_INSECURE);
    CHECK(length == 0);
    CHECK_CODE(scout_api_key_authorization(api_key, header, 19, &length), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK(length == 19);
    CHECK_TEXT(header, "unchanged");
    scout_api_key_free(api_key);
    scout_api_key_free(NULL);
}

static void an_api_key_comes_from_the_environment(void) {
    scout_api_key *api_key = NULL;
    char header[64];
    unsetenv("SCOUT_API_KEY");
    CHECK_CODE(scout_api_key_from_env(&api_key), SCOUT_ERR_VARIABLE_MISSING);
    CHECK(api_key == NULL);
    setenv("SCOUT_API_KEY", "'legacy'", 1);
    CHECK_CODE(scout_api_key_from_env(NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_api_key_from_env(&api_key), SCOUT_OK);
    CHECK_CODE(scout_api_key_authorization(api_key, header, sizeof header, NULL), SCOUT_OK);
    CHECK_TEXT(header, "Bearer legacy");
    scout_api_key_free(api_key);
    unsetenv("SCOUT_API_KEY");
}

int main(void) {
    const struct test tests[] = {
        {"an API key is sent as it is", an_api_key_is_sent_as_it_is},
        {"the raw private key is sent as issued", the_raw_private_key_is_sent_as_issued},
        {"allowed origins are the only ones", allowed_origins_are_the_only_ones},
        {"an API key comes from the environment", an_api_key_comes_from_the_environment},
        {"wrong arguments are refused", wrong_arguments_are_refused},
    };
    return RUN_TESTS(tests);
}
