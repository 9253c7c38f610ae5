/* Signers and the plain function that mints. */
#include <time.h>

#include "test.h"

#define NOW 1800000000

static void a_signer_keeps_its_token_and_mints_again_when_asked(void) {
    scout_signer *signer = new_signer();
    char first[SCOUT_TOKEN_SIZE], second[SCOUT_TOKEN_SIZE];
    size_t length = 0;
    uint64_t expires_at = 0, expires_again = 0;
    CHECK_CODE(scout_signer_token(signer, first, sizeof first, &length, &expires_at), SCOUT_OK);
    CHECK(length == strlen(first) && strncmp(first, "eyJ", 3) == 0);
    CHECK(expires_at > (uint64_t)time(NULL) + 290 && expires_at <= (uint64_t)time(NULL) + 300);
    CHECK_CODE(scout_signer_token(signer, second, sizeof second, NULL, &expires_again), SCOUT_OK);
    CHECK_TEXT(second, first);
    CHECK(expires_again == expires_at);
    CHECK_CODE(scout_signer_mint(signer, second, sizeof second, &length, NULL), SCOUT_OK);
    CHECK(length == strlen(second));
    CHECK_CODE(scout_signer_invalidate(signer), SCOUT_OK);
    CHECK_CODE(scout_signer_token(signer, second, sizeof second, NULL, NULL), SCOUT_OK);
    scout_signer_free(signer);
}

static void the_authorization_is_bearer_and_the_token(void) {
    scout_signer *signer = new_signer();
    char header[SCOUT_TOKEN_SIZE], token[SCOUT_TOKEN_SIZE];
    size_t length = 0;
    CHECK_CODE(scout_signer_authorization(signer, header, sizeof header, &length), SCOUT_OK);
    CHECK_CODE(scout_signer_token(signer, token, sizeof token, NULL, NULL), SCOUT_OK);
    CHECK(length == strlen(header) && strncmp(header, "Bearer ", 7) == 0);
    CHECK_TEXT(header + 7, token);
    scout_signer_free(signer);
}

static void a_header_is_made_for_https_and_loopback_only(void) {
    scout_signer *signer = new_signer();
    char header[SCOUT_TOKEN_SIZE] = "unchanged";
    size_t length = 7;
    CHECK_CODE(scout_signer_authorization_for(signer, "http://example.com/", header, sizeof header, &length),
               SCOUT_ERR_URL_INSECURE);
    CHECK_CODE(scout_signer_authorization_for(signer, "https://a@b/", header, sizeof header, &length), SCOUT_ERR_URL);
    CHECK_CODE(scout_signer_authorization_for(signer, "https://\xff/", header, sizeof header, &length),
               SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_authorization_for(signer, NULL, header, sizeof header, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_authorization_for(NULL, "https://a/", header, sizeof header, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_authorization_for(signer, "https://a/", NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    CHECK(length == 7);
    CHECK_TEXT(header, "unchanged");
    CHECK_CODE(scout_signer_authorization_for(signer, "https://example.com/", header, sizeof header, &length),
               SCOUT_OK);
    CHECK(length == strlen(header));
    CHECK_CODE(scout_signer_authorization_for(signer, "http://localhost:8000/", header, sizeof header, NULL), SCOUT_OK);
    scout_signer_free(signer);
}

static void the_options_are_those_of_the_builder(void) {
    const char *origins[] = {"https://api.scoutos.com"};
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    scout_private_key *key = new_key();
    scout_signer *signer = NULL;
    char kid[SCOUT_KID_SIZE], token[SCOUT_TOKEN_SIZE];
    uint64_t expires_at = 0;
    CHECK_CODE(scout_private_key_kid(key, kid, sizeof kid, NULL), SCOUT_OK);
    options.kid = kid;
    options.lifetime = 60;
    options.refresh_margin = 10;
    options.backdate = 20;
    options.allowed_origins = origins;
    options.allowed_origins_count = 1;
    CHECK_CODE(scout_signer_new("cred_c", key, &options, &signer), SCOUT_OK);
    CHECK_CODE(scout_signer_mint(signer, token, sizeof token, NULL, &expires_at), SCOUT_OK);
    CHECK(expires_at > (uint64_t)time(NULL) + 30 && expires_at <= (uint64_t)time(NULL) + 40);
    CHECK_CODE(scout_signer_authorization_for(signer, "https://api.scoutos.com/v2", token, sizeof token, NULL),
               SCOUT_OK);
    CHECK_CODE(scout_signer_authorization_for(signer, "https://example.com/", token, sizeof token, NULL),
               SCOUT_ERR_ORIGIN_NOT_ALLOWED);
    scout_signer_free(signer);
    scout_private_key_free(key);
}

static void a_list_of_origins_that_came_out_empty_allows_loopback_only(void) {
    const char *origins[] = {"https://api.scoutos.com"}, *const * pointers[] = {origins, NULL};
    scout_private_key *key = new_key();
    char header[SCOUT_TOKEN_SIZE];
    size_t i;
    for (i = 0; i < 2; i++) {
        scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
        scout_api_key *api_key = NULL;
        scout_signer *signer = NULL;
        options.allowed_origins = pointers[i];
        options.allowed_origins_count = 0;
        CHECK_CODE(scout_signer_new("cred_c", key, &options, &signer), SCOUT_OK);
        CHECK_CODE(scout_signer_authorization_for(signer, "https://api.scoutos.com/", header, sizeof header, NULL),
                   SCOUT_ERR_ORIGIN_NOT_ALLOWED);
        CHECK_CODE(scout_signer_authorization_for(signer, "http://localhost/", header, sizeof header, NULL), SCOUT_OK);
        scout_signer_free(signer);
        CHECK_CODE(scout_api_key_new(TEXT("scout_legacy"), &api_key), SCOUT_OK);
        CHECK_CODE(scout_api_key_allow_origins(api_key, pointers[i], 0), SCOUT_OK);
        CHECK_CODE(scout_api_key_authorization_for(api_key, "https://api.scoutos.com/", header, sizeof header, NULL),
                   SCOUT_ERR_ORIGIN_NOT_ALLOWED);
        scout_api_key_free(api_key);
    }
    scout_private_key_free(key);
}

static void a_list_of_roles_that_came_out_empty_is_not_all_roles(void) {
    const char *roles[] = {"member"}, *const * pointers[] = {roles, NULL};
    scout_private_key *key = new_key();
    scout_signer *signer = NULL;
    size_t i;
    for (i = 0; i < 2; i++) {
        scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
        options.roles = pointers[i];
        options.roles_count = 0;
        CHECK_CODE(scout_signer_new("cred_c", key, &options, &signer), SCOUT_ERR_ROLES);
        options.roles_count = 1;
        CHECK_CODE(scout_signer_new("cred_c", key, &options, &signer), i == 0 ? SCOUT_OK : SCOUT_ERR_ARGUMENT);
    }
    scout_signer_free(signer);
    scout_private_key_free(key);
}

static void a_clone_shares_the_token_and_outlives_the_first_handle(void) {
    scout_signer *first = new_signer(), *clone = NULL;
    char token[SCOUT_TOKEN_SIZE], again[SCOUT_TOKEN_SIZE];
    bool retry = false;
    CHECK_CODE(scout_signer_clone(NULL, &clone), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_clone(first, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_clone(first, &clone), SCOUT_OK);
    CHECK_CODE(scout_signer_token(first, token, sizeof token, NULL, NULL), SCOUT_OK);
    CHECK_CODE(scout_signer_rejected(first, TEXT(token), NULL, &retry), SCOUT_OK);
    CHECK_CODE(scout_signer_token(first, token, sizeof token, NULL, NULL), SCOUT_OK);
    scout_signer_free(first);
    CHECK_CODE(scout_signer_token(clone, again, sizeof again, NULL, NULL), SCOUT_OK);
    CHECK_TEXT(again, token);
    scout_signer_free(clone);
}

/* The server chooses the header Date. */
static void a_date_that_is_no_text_is_ignored(void) {
    scout_signer *signer = new_signer();
    char header[SCOUT_TOKEN_SIZE];
    int64_t clock_offset = 7;
    bool retry = false;
    CHECK_CODE(scout_signer_authorization(signer, header, sizeof header, NULL), SCOUT_OK);
    CHECK_CODE(scout_signer_rejected(signer, TEXT("another"), "\xff", &retry), SCOUT_OK);
    CHECK(retry);
    CHECK_CODE(scout_signer_clock_offset(signer, &clock_offset), SCOUT_OK);
    CHECK(clock_offset == 0);
    scout_signer_free(signer);
}

static void a_wrong_option_returns_its_own_code(void) {
    const char *origins[] = {"https://api.scoutos.com/path", NULL, "\xff"};
    scout_private_key *key = new_key();
    scout_signer *none = NULL;
    scout_signer_options options;
#define CHECK_OPTION(change, code)                                                                                     \
    do {                                                                                                               \
        const scout_signer_options initial = SCOUT_SIGNER_OPTIONS_INIT;                                                \
        options = initial;                                                                                             \
        change;                                                                                                        \
        CHECK_CODE(scout_signer_new("cred_c", key, &options, &none), code);                                            \
    } while (0)
    CHECK_OPTION(options.kid = "", SCOUT_ERR_KID_MALFORMED);
    CHECK_OPTION(options.kid = "\xff", SCOUT_ERR_ARGUMENT);
    CHECK_OPTION(options.kid = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", SCOUT_ERR_KID_MISMATCH);
    CHECK_OPTION(options.lifetime = 0, SCOUT_ERR_LIFETIME);
    CHECK_OPTION(options.lifetime = 301, SCOUT_ERR_LIFETIME);
    CHECK_OPTION(options.refresh_margin = 300, SCOUT_ERR_REFRESH_MARGIN);
    CHECK_OPTION(options.backdate = 300, SCOUT_ERR_BACKDATE);
    CHECK_OPTION(options.allowed_origins = origins; options.allowed_origins_count = 1, SCOUT_ERR_ORIGIN);
    CHECK_OPTION(options.allowed_origins = origins + 1; options.allowed_origins_count = 1, SCOUT_ERR_ARGUMENT);
    CHECK_OPTION(options.allowed_origins = origins + 2; options.allowed_origins_count = 1, SCOUT_ERR_ARGUMENT);
    CHECK_OPTION(options.allowed_origins_count = 1, SCOUT_ERR_ARGUMENT);
    CHECK_OPTION(options.allowed_origins = origins; options.allowed_origins_count = SIZE_MAX, SCOUT_ERR_ARGUMENT);
    CHECK_OPTION(options.size = 0, SCOUT_ERR_ARGUMENT);
    CHECK_OPTION(options.size++, SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_new("", key, NULL, &none), SCOUT_ERR_CREDENTIAL_ID);
    CHECK_CODE(scout_signer_new("\xff", key, NULL, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_new(NULL, key, NULL, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_new("cred_c", NULL, NULL, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_new("cred_c", key, NULL, NULL), SCOUT_ERR_ARGUMENT);
    CHECK(none == NULL);
    scout_private_key_free(key);
}

static void a_signer_tells_what_it_was_made_of(void) {
    scout_private_key *key = new_key();
    scout_signer *signer = NULL;
    scout_public_key *public_key = NULL;
    char kid[SCOUT_KID_SIZE], text[SCOUT_KID_SIZE];
    size_t length = 0;
    CHECK_CODE(scout_signer_new("cred_c", key, NULL, &signer), SCOUT_OK);
    CHECK_CODE(scout_private_key_kid(key, kid, sizeof kid, NULL), SCOUT_OK);
    scout_private_key_free(key);
    CHECK_CODE(scout_signer_credential_id(signer, text, sizeof text, &length), SCOUT_OK);
    CHECK(length == 6);
    CHECK_TEXT(text, "cred_c");
    CHECK_CODE(scout_signer_kid(signer, text, sizeof text, &length), SCOUT_OK);
    CHECK_TEXT(text, kid);
    CHECK_CODE(scout_signer_public_key(signer, &public_key), SCOUT_OK);
    scout_signer_free(signer);
    CHECK_CODE(scout_public_key_kid(public_key, text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, kid);
    scout_public_key_free(public_key);
}

static void a_rejected_token_is_dropped_and_the_clock_of_the_server_learnt(void) {
    scout_signer *signer = new_signer();
    char header[SCOUT_TOKEN_SIZE], date[64];
    uint64_t before = 0, after = 0;
    int64_t offset = 7;
    bool retry = true;
    time_t ahead = time(NULL) + 3000; /* an hour is the limit */
    CHECK_CODE(scout_signer_clock_offset(signer, &offset), SCOUT_OK);
    CHECK(offset == 0);
    CHECK_CODE(scout_signer_token(signer, header, sizeof header, NULL, &before), SCOUT_OK);
    CHECK_CODE(scout_signer_rejected(signer, TEXT("another"), NULL, &retry), SCOUT_OK);
    CHECK(retry);
    CHECK_CODE(scout_signer_authorization(signer, header, sizeof header, NULL), SCOUT_OK);
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&ahead));
    retry = false;
    CHECK_CODE(scout_signer_rejected(signer, TEXT(header), date, &retry), SCOUT_OK);
    CHECK(retry);
    CHECK_CODE(scout_signer_clock_offset(signer, &offset), SCOUT_OK);
    CHECK(offset > 2990 && offset < 3010);
    CHECK_CODE(scout_signer_token(signer, header, sizeof header, NULL, &after), SCOUT_OK);
    CHECK(after > before + 2990);
    scout_signer_free(signer);
}

static void rejected_refuses_wrong_arguments(void) {
    scout_signer *signer = new_signer();
    bool retry = false;
    int64_t offset = 7;
    CHECK_CODE(scout_signer_rejected(NULL, TEXT("token"), NULL, &retry), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_rejected(signer, NULL, 1, NULL, &retry), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_rejected(signer, "token", SIZE_MAX, NULL, &retry), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_rejected(signer, TEXT("\xff"), NULL, &retry), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_rejected(signer, TEXT("token"), NULL, NULL), SCOUT_ERR_ARGUMENT);
    CHECK(!retry);
    CHECK_CODE(scout_signer_clock_offset(NULL, &offset), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_clock_offset(signer, NULL), SCOUT_ERR_ARGUMENT);
    CHECK(offset == 7);
    scout_signer_free(signer);
}

static void each_text_of_a_signer_refuses_null_and_a_small_buffer(void) {
    scout_signer *signer = new_signer();
    scout_public_key *none = NULL;
    char text[SCOUT_TOKEN_SIZE] = "unchanged";
    size_t length = 0;
    uint64_t expires_at = 7;
#define CHECK_TEXT_OUTPUT(call)                                                                                        \
    do {                                                                                                               \
        length = 0;                                                                                                    \
        CHECK_CODE(call(signer, text, 5, &length), SCOUT_ERR_BUFFER_TOO_SMALL);                                        \
        CHECK(length >= 5);                                                                                            \
        CHECK_CODE(call(signer, NULL, 0, NULL), SCOUT_ERR_BUFFER_TOO_SMALL);                                           \
        CHECK_CODE(call(signer, NULL, 5, &length), SCOUT_ERR_ARGUMENT);                                                \
        CHECK_CODE(call(NULL, text, sizeof text, &length), SCOUT_ERR_ARGUMENT);                                        \
        CHECK_TEXT(text, "unchanged");                                                                                 \
    } while (0)
#define TOKEN(handle, buffer, size, out) scout_signer_token(handle, buffer, size, out, &expires_at)
#define MINT(handle, buffer, size, out) scout_signer_mint(handle, buffer, size, out, &expires_at)
    CHECK_TEXT_OUTPUT(TOKEN);
    CHECK_TEXT_OUTPUT(MINT);
    CHECK_TEXT_OUTPUT(scout_signer_authorization);
    CHECK_TEXT_OUTPUT(scout_signer_bearer);
    CHECK_TEXT_OUTPUT(scout_signer_credential_id);
    CHECK_TEXT_OUTPUT(scout_signer_kid);
    CHECK(expires_at == 7);
    CHECK_CODE(scout_signer_public_key(NULL, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_public_key(signer, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_invalidate(NULL), SCOUT_ERR_ARGUMENT);
    CHECK(none == NULL);
    scout_signer_free(signer);
    scout_signer_free(NULL);
}

static void the_longest_token_fits_its_size(void) {
    scout_private_key *key = new_key();
    scout_signer *signer = NULL;
    char credential_id[256], header[SCOUT_TOKEN_SIZE];
    size_t length = 0;
    char header_kid[129], claims[8192];
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    /* Quotes become twice as long in JSON. */
    memset(credential_id, '"', 255);
    credential_id[255] = '\0';
    memset(header_kid, '"', 128);
    header_kid[128] = '\0';
    options.header_kid = header_kid;
    options.claims = claims;
    /* A comma and one member: 4096 bytes, and one more are refused. */
    (void)snprintf(claims, sizeof claims, "{\"a\":\"%0*d\"}", 4097 - 7, 0);
    CHECK_CODE(scout_signer_new(credential_id, key, &options, &signer), SCOUT_ERR_CLAIMS);
    (void)snprintf(claims, sizeof claims, "{\"a\":\"%0*d\"}", 4096 - 7, 0);
    CHECK_CODE(scout_signer_new(credential_id, key, &options, &signer), SCOUT_OK);
    CHECK_CODE(scout_signer_authorization(signer, header, sizeof header, &length), SCOUT_OK);
    /* base64url of a signature of 8192 bits takes 1366 characters, of one of 2048 bits 342. */
    CHECK(length - 342 + 1366 < SCOUT_TOKEN_SIZE);
    scout_signer_free(signer);
    scout_private_key_free(key);
}

static void a_signer_comes_from_the_environment(void) {
    scout_private_key *key = new_key();
    scout_signer *signer = NULL;
    char text[4096], last[512];
    unsetenv("SCOUT_PRIVATE_KEY");
    unsetenv("SCOUT_PRIVATE_KEY_FILE");
    unsetenv("SCOUT_CREDENTIAL_ID");
    unsetenv("SCOUT_KID");
    CHECK_CODE(scout_signer_from_env(&signer), SCOUT_ERR_VARIABLE_MISSING);
    CHECK_CODE(scout_private_key_to_base64url(key, text, sizeof text, NULL), SCOUT_OK);
    setenv("SCOUT_PRIVATE_KEY", text, 1);
    CHECK_CODE(scout_signer_from_env(&signer), SCOUT_ERR_VARIABLE_MISSING);
    CHECK_CODE(scout_last_error(last, sizeof last, NULL), SCOUT_OK);
    CHECK(strstr(last, "is not set: SCOUT_CREDENTIAL_ID") != NULL);
    CHECK_CODE(scout_signer_from_env(NULL), SCOUT_ERR_ARGUMENT);
    CHECK(signer == NULL);
    setenv("SCOUT_CREDENTIAL_ID", "cred_env", 1);
    CHECK_CODE(scout_signer_from_env(&signer), SCOUT_OK);
    CHECK_CODE(scout_signer_credential_id(signer, text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, "cred_env");
    scout_signer_free(signer);
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    const char *const origin = "https://scout.example";
    options.allowed_origins = &origin;
    options.allowed_origins_count = 1;
    CHECK_CODE(scout_signer_from_env_with(&options, &signer), SCOUT_OK);
    CHECK_CODE(scout_signer_authorization_for(signer, "https://other.example/", text, sizeof text, NULL),
               SCOUT_ERR_ORIGIN_NOT_ALLOWED);
    scout_signer_free(signer);
    CHECK_CODE(scout_signer_from_env_with(NULL, &signer), SCOUT_OK);
    scout_signer_free(signer);
    options.lifetime = 301;
    CHECK_CODE(scout_signer_from_env_with(&options, &signer), SCOUT_ERR_LIFETIME);
    options.size = 8;
    CHECK_CODE(scout_signer_from_env_with(&options, &signer), SCOUT_ERR_ARGUMENT);
    scout_private_key_free(key);
    unsetenv("SCOUT_PRIVATE_KEY");
    unsetenv("SCOUT_CREDENTIAL_ID");
}

static void a_token_is_minted_without_a_signer(void) {
    scout_private_key *key = new_key();
    char kid[SCOUT_KID_SIZE], token[SCOUT_TOKEN_SIZE], again[SCOUT_TOKEN_SIZE];
    size_t length = 0;
    uint64_t expires_at = 0;
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    CHECK_CODE(scout_private_key_kid(key, kid, sizeof kid, NULL), SCOUT_OK);
    options.kid = kid;
    options.lifetime = 60;
    CHECK_CODE(scout_mint_token("cred_c", key, &options, NOW, token, sizeof token, &length, &expires_at), SCOUT_OK);
    CHECK(length == strlen(token) && expires_at == NOW + 60);
    options.kid = NULL;
    CHECK_CODE(scout_mint_token("cred_c", key, &options, NOW, again, sizeof again, NULL, NULL), SCOUT_OK);
    CHECK_TEXT(again, token);
    CHECK_CODE(scout_mint_token("cred_c", key, NULL, SCOUT_DEFAULT, again, sizeof again, NULL, &expires_at), SCOUT_OK);
    CHECK(expires_at > (uint64_t)time(NULL) + 290 && expires_at <= (uint64_t)time(NULL) + 300);
    scout_private_key_free(key);
}

static void minting_without_a_signer_refuses_wrong_arguments(void) {
    scout_private_key *key = new_key();
    char token[SCOUT_TOKEN_SIZE] = "unchanged";
    size_t length = 0;
    uint64_t expires_at = 7;
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
#define MINT_TOKEN(id, key, the_kid, the_lifetime, buffer, size)                                                       \
    (options.kid = (the_kid), options.lifetime = (the_lifetime),                                                       \
     scout_mint_token(id, key, &options, NOW, buffer, size, &length, &expires_at))
    CHECK_CODE(MINT_TOKEN("", key, NULL, 60, token, sizeof token), SCOUT_ERR_CREDENTIAL_ID);
    CHECK_CODE(MINT_TOKEN(NULL, key, NULL, 60, token, sizeof token), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(MINT_TOKEN("\xff", key, NULL, 60, token, sizeof token), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(MINT_TOKEN("cred_c", NULL, NULL, 60, token, sizeof token), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(MINT_TOKEN("cred_c", key, "kid", 60, token, sizeof token), SCOUT_ERR_KID_MALFORMED);
    CHECK_CODE(MINT_TOKEN("cred_c", key, "\xff", 60, token, sizeof token), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(MINT_TOKEN("cred_c", key, NULL, 0, token, sizeof token), SCOUT_ERR_LIFETIME);
    CHECK_CODE(MINT_TOKEN("cred_c", key, NULL, 301, token, sizeof token), SCOUT_ERR_LIFETIME);
    CHECK_CODE(MINT_TOKEN("cred_c", key, NULL, 60, NULL, 1), SCOUT_ERR_ARGUMENT);
    CHECK(length == 0);
    CHECK_CODE(MINT_TOKEN("cred_c", key, NULL, 60, token, 10), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK(length > 400 && expires_at == 7);
    CHECK_TEXT(token, "unchanged");
    scout_private_key_free(key);
}

int main(void) {
    const struct test tests[] = {
        {"a signer keeps its token and mints again when asked", a_signer_keeps_its_token_and_mints_again_when_asked},
        {"the authorization is Bearer and the token", the_authorization_is_bearer_and_the_token},
        {"a header is made for https and loopback only", a_header_is_made_for_https_and_loopback_only},
        {"the options are those of the builder", the_options_are_those_of_the_builder},
        {"a wrong option returns its own code", a_wrong_option_returns_its_own_code},
        {"a signer tells what it was made of", a_signer_tells_what_it_was_made_of},
        {"a list of origins that came out empty allows loopback only",
         a_list_of_origins_that_came_out_empty_allows_loopback_only},
        {"a list of roles that came out empty is not all roles", a_list_of_roles_that_came_out_empty_is_not_all_roles},
        {"a clone shares the token and outlives the first handle",
         a_clone_shares_the_token_and_outlives_the_first_handle},
        {"a date that is no text is ignored", a_date_that_is_no_text_is_ignored},
        {"a rejected token is dropped and the clock of the server learnt",
         a_rejected_token_is_dropped_and_the_clock_of_the_server_learnt},
        {"rejected refuses wrong arguments", rejected_refuses_wrong_arguments},
        {"each text of a signer refuses NULL and a small buffer",
         each_text_of_a_signer_refuses_null_and_a_small_buffer},
        {"the longest token fits its size", the_longest_token_fits_its_size},
        {"a signer comes from the environment", a_signer_comes_from_the_environment},
        {"a token is minted without a signer", a_token_is_minted_without_a_signer},
        {"minting without a signer refuses wrong arguments", minting_without_a_signer_refuses_wrong_arguments},
    };
    return RUN_TESTS(tests);
}
