/* Runs the vectors against the C library: see case.h and tests/README.md. */
#include "case.h"
#include "scout_auth.h"

#include <inttypes.h>

enum { BUFFER = 1 << 17 };

/* What a call answers; the calls below write one, or give an error and write nothing. */
static struct fields answer;
static char buffer[BUFFER];
static size_t length;

static void put(const char *name) {
    add_field(&answer, name, buffer, length);
}

static void put_number(const char *name, uint64_t number) {
    length = (size_t)snprintf(buffer, sizeof buffer, "%" PRIu64, number);
    put(name);
}

/* The text of a handle, where all went well so far. */
#define PUT_TEXT(rc, name, function, handle)                                                                           \
    do {                                                                                                               \
        if ((rc) == SCOUT_OK && ((rc) = function((handle), buffer, sizeof buffer, &length)) == SCOUT_OK) {             \
            put(name);                                                                                                 \
        }                                                                                                              \
    } while (0)

/* DER is compared in base64url, as the vectors write it. */
static void put_base64url(const uint8_t *bytes, size_t count) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    length = 0;
    for (size_t bit = 0; bit < count * 8; bit += 6) {
        const unsigned high = bytes[bit / 8];
        const unsigned low = bit / 8 + 1 < count ? bytes[bit / 8 + 1] : 0;
        buffer[length++] = digits[((high << 8 | low) >> (10 - bit % 8)) & 63];
    }
    put("der");
}

static int32_t put_private_key(int32_t rc, scout_private_key *key) {
    static uint8_t der[BUFFER];
    size_t der_length = 0;
    uint32_t bits = 0;
    PUT_TEXT(rc, "base64url", scout_private_key_to_base64url, key);
    PUT_TEXT(rc, "pem", scout_private_key_to_pem, key);
    PUT_TEXT(rc, "jwk", scout_private_key_to_jwk, key);
    PUT_TEXT(rc, "kid", scout_private_key_kid, key);
    if (rc == SCOUT_OK && (rc = scout_private_key_to_der(key, der, sizeof der, &der_length)) == SCOUT_OK) {
        put_base64url(der, der_length);
    }
    if (rc == SCOUT_OK && (rc = scout_private_key_bits(key, &bits)) == SCOUT_OK) {
        put_number("bits", bits);
    }
    scout_private_key_free(key);
    return rc;
}

static int32_t private_key(const struct fields *given) {
    const struct field *text = need_field(given, "text");
    scout_private_key *key = NULL;
    int32_t rc = scout_private_key_parse(text->value, text->length, &key);
    return put_private_key(rc, key);
}

static int32_t generate(const struct fields *given) {
    scout_private_key *key = NULL;
    int32_t rc = scout_private_key_generate((uint32_t)number_or(given, "bits", 0), &key);
    return put_private_key(rc, key);
}

static int32_t public_key(const struct fields *given) {
    const struct field *text = need_field(given, "text");
    scout_public_key *key = NULL;
    static uint8_t der[BUFFER];
    size_t der_length = 0;
    uint32_t bits = 0;
    int32_t rc = scout_public_key_parse(text->value, text->length, &key);
    PUT_TEXT(rc, "base64url", scout_public_key_to_base64url, key);
    PUT_TEXT(rc, "pem", scout_public_key_to_pem, key);
    PUT_TEXT(rc, "jwk", scout_public_key_to_jwk, key);
    PUT_TEXT(rc, "kid", scout_public_key_kid, key);
    if (rc == SCOUT_OK && (rc = scout_public_key_to_der(key, der, sizeof der, &der_length)) == SCOUT_OK) {
        put_base64url(der, der_length);
    }
    if (rc == SCOUT_OK && (rc = scout_public_key_bits(key, &bits)) == SCOUT_OK) {
        put_number("bits", bits);
    }
    scout_public_key_free(key);
    return rc;
}

typedef int32_t conversion(const char *key, size_t key_length, char *text, size_t size, size_t *text_length);

static int32_t convert(const struct fields *given) {
    static const struct {
        const char *name;
        conversion *function;
    } conversions[] = {{"pem", scout_to_pem}, {"base64url", scout_to_base64url}, {"kid", scout_kid}};
    const struct field *text = need_field(given, "text");
    int32_t rc = SCOUT_OK;
    for (size_t at = 0; at < 3 && rc == SCOUT_OK; at++) {
        rc = conversions[at].function(text->value, text->length, buffer, sizeof buffer, &length);
        if (rc == SCOUT_OK) {
            put(conversions[at].name);
        }
    }
    return rc;
}

static int32_t jwk_set(const struct fields *given) {
    const struct field *text = need_field(given, "text");
    scout_verifier *verifier = NULL;
    int32_t rc = scout_verifier_new(&verifier);
    if (rc == SCOUT_OK) {
        rc = scout_verifier_add_jwk_set(verifier, text->value, text->length);
    }
    PUT_TEXT(rc, "jwk_set", scout_verifier_to_jwk_set, verifier);
    scout_verifier_free(verifier);
    return rc;
}

/* The items of a list, or NULL and `absent` if the case has no such list. */
static const char *const *list_of(const struct fields *given, const char *name, const char **items, size_t absent,
                                  size_t *count) {
    char field[64];
    snprintf(field, sizeof field, "%s.count", name);
    *count = (size_t)number_or(given, field, absent);
    if (find_field(given, field) == NULL) {
        return NULL;
    }
    for (size_t at = 0; at < *count; at++) {
        items[at] = nth_field(given, name, at)->value;
    }
    return items;
}

/* The allowed origins of the case, or NULL if it has no such list. */
static const char *const *origins_of(const struct fields *given, size_t *count) {
    static const char *origins[MAX_FIELDS];
    return list_of(given, "allowed_origins", origins, SCOUT_ANY_ORIGIN, count);
}

static scout_signer_options options_of(const struct fields *given) {
    static const char *roles[MAX_FIELDS];
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    options.kid = text_or_null(given, "kid");
    options.header_kid = text_or_null(given, "header_kid");
    options.lifetime = number_or(given, "lifetime", SCOUT_DEFAULT);
    options.refresh_margin = number_or(given, "refresh_margin", SCOUT_DEFAULT);
    options.backdate = number_or(given, "backdate", SCOUT_DEFAULT);
    options.refresh = number_or(given, "refresh", SCOUT_DEFAULT);
    options.allowed_origins = origins_of(given, &options.allowed_origins_count);
    options.roles = list_of(given, "roles", roles, SCOUT_ALL_ROLES, &options.roles_count);
    options.claims = text_or_null(given, "claims");
    return options;
}

static int32_t mint(const struct fields *given) {
    const struct field *text = need_field(given, "key");
    const uint64_t issued_at = number_or(given, "issued_at", SCOUT_DEFAULT);
    scout_private_key *key = NULL;
    uint64_t expires_at = 0;
    const scout_signer_options options = options_of(given);
    int32_t rc = scout_private_key_parse(text->value, text->length, &key);
    if (rc == SCOUT_OK) {
        rc = scout_mint_token(need_field(given, "credential_id")->value, key, &options, issued_at, buffer,
                              sizeof buffer, &length, &expires_at);
    }
    if (rc == SCOUT_OK) {
        put("token");
        put_number("issued_at", issued_at);
        put_number("expires_at", expires_at);
    }
    scout_private_key_free(key);
    return rc;
}

static int32_t add_keys(const struct fields *given, scout_verifier *verifier) {
    const struct field *text = find_field(given, "key_set");
    if (text != NULL) {
        return scout_verifier_add_jwk_set(verifier, text->value, text->length);
    }
    int32_t rc = SCOUT_OK;
    for (size_t at = 0; rc == SCOUT_OK && (text = nth_field(given, "keys", at)) != NULL; at++) {
        scout_public_key *key = NULL;
        rc = scout_public_key_parse(text->value, text->length, &key);
        if (rc == SCOUT_OK) {
            rc = scout_verifier_add_key(verifier, key);
        }
        scout_public_key_free(key);
    }
    return rc;
}

/* The roles as a JSON array, as the vectors write it; those of the cases need no escapes. */
static int32_t put_roles(const scout_claims *claims) {
    char text[1024] = "null";
    size_t count = 0;
    int32_t rc = scout_claims_roles_count(claims, &count);
    if (rc == SCOUT_OK && count != SCOUT_ALL_ROLES) {
        strcpy(text, "[");
        for (size_t at = 0; rc == SCOUT_OK && at < count; at++) {
            rc = scout_claims_role(claims, at, buffer, sizeof buffer, &length);
            const size_t end = strlen(text);
            snprintf(text + end, sizeof text - end, "%s\"%.64s\"", at == 0 ? "" : ",", buffer);
        }
        strcat(text, "]");
    }
    add_field(&answer, "roles", text, strlen(text));
    return rc;
}

static int32_t put_claims(const scout_claims *claims) {
    uint64_t issued_at = 0;
    uint64_t expires_at = 0;
    int32_t rc = scout_claims_issued_at(claims, &issued_at);
    if (rc == SCOUT_OK) {
        rc = scout_claims_expires_at(claims, &expires_at);
    }
    PUT_TEXT(rc, "credential_id", scout_claims_credential_id, claims);
    PUT_TEXT(rc, "kid", scout_claims_kid, claims);
    PUT_TEXT(rc, "json", scout_claims_json, claims);
    put_number("issued_at", issued_at);
    put_number("expires_at", expires_at);
    return rc == SCOUT_OK ? put_roles(claims) : rc;
}

static int32_t verify(const struct fields *given) {
    const struct field *token = need_field(given, "token");
    const uint64_t leeway = number_or(given, "leeway", SCOUT_DEFAULT);
    scout_verifier *verifier = NULL;
    scout_claims *claims = NULL;
    int32_t rc = scout_verifier_new(&verifier);
    if (rc == SCOUT_OK) {
        rc = add_keys(given, verifier);
    }
    if (rc == SCOUT_OK && leeway != SCOUT_DEFAULT) {
        rc = scout_verifier_set_leeway(verifier, leeway);
    }
    if (rc == SCOUT_OK) {
        rc = scout_verifier_verify(verifier, token->value, token->length, number_or(given, "now", SCOUT_DEFAULT),
                                   &claims);
    }
    if (rc == SCOUT_OK) {
        rc = put_claims(claims);
    }
    scout_claims_free(claims);
    scout_verifier_free(verifier);
    return rc;
}

static int32_t put_signer(int32_t rc, scout_signer *signer) {
    PUT_TEXT(rc, "credential_id", scout_signer_credential_id, signer);
    PUT_TEXT(rc, "kid", scout_signer_kid, signer);
    if (rc == SCOUT_OK && (rc = scout_signer_token(signer, buffer, sizeof buffer, &length, NULL)) == SCOUT_OK) {
        put("token");
    }
    scout_signer_free(signer);
    return rc;
}

static int32_t new_signer(const struct fields *given, scout_signer **signer) {
    const struct field *text = need_field(given, "key");
    scout_private_key *key = NULL;
    const scout_signer_options options = options_of(given);
    int32_t rc = scout_private_key_parse(text->value, text->length, &key);
    if (rc == SCOUT_OK) {
        rc = scout_signer_new(need_field(given, "credential_id")->value, key, &options, signer);
    }
    scout_private_key_free(key);
    return rc;
}

static int32_t signer(const struct fields *given) {
    scout_signer *signer = NULL;
    int32_t rc = new_signer(given, &signer);
    return put_signer(rc, signer);
}

static int32_t signer_from_file(const struct fields *given) {
    const scout_signer_options options = options_of(given);
    scout_public_key *key = NULL;
    scout_signer *signer = NULL;
    int32_t rc = scout_signer_from_file(need_field(given, "path")->value, &options, &signer);
    if (rc == SCOUT_OK) {
        rc = scout_signer_public_key(signer, &key);
    }
    PUT_TEXT(rc, "jwk", scout_public_key_to_jwk, key);
    scout_public_key_free(key);
    return put_signer(rc, signer);
}

static void put_fact(const char *name, bool fact) {
    add_field(&answer, name, fact ? "yes" : "no", fact ? 3 : 2);
}

/* The current token, into the text; nothing else differs from scout_signer_token. */
static int32_t current(const scout_signer *signer, char *text) {
    return scout_signer_token(signer, text, SCOUT_TOKEN_SIZE, NULL, NULL);
}

static int32_t tell_live(const scout_signer *signer) {
    char first[SCOUT_TOKEN_SIZE], kept[SCOUT_TOKEN_SIZE], second[SCOUT_TOKEN_SIZE], third[SCOUT_TOKEN_SIZE];
    bool retry = false;
    int32_t rc = current(signer, first);
    wait_a_while();
    if (rc == SCOUT_OK && (rc = current(signer, kept)) == SCOUT_OK) {
        rc = scout_signer_invalidate(signer);
    }
    if (rc == SCOUT_OK) {
        rc = current(signer, second);
    }
    wait_a_while();
    if (rc == SCOUT_OK && (rc = scout_signer_rejected(signer, second, strlen(second), NULL, &retry)) == SCOUT_OK) {
        rc = current(signer, third);
    }
    if (rc == SCOUT_OK) {
        put_fact("kept", strcmp(kept, first) == 0);
        put_fact("invalidated", strcmp(second, first) != 0);
        put_fact("retry", retry);
        put_fact("rejected", strcmp(third, second) != 0);
    }
    return rc;
}

static int32_t live(const struct fields *given) {
    scout_signer *signer = NULL;
    int32_t rc = new_signer(given, &signer);
    if (rc == SCOUT_OK) {
        rc = tell_live(signer);
    }
    scout_signer_free(signer);
    return rc;
}

static void put_of_step(size_t at, const char *name, const char *text) {
    char field[64];
    snprintf(field, sizeof field, "steps.%zu.%s", at, name);
    add_field(&answer, field, text, strlen(text));
}

static int32_t tell_rejected(const scout_signer *signer, const struct fields *given, size_t at, const char *last) {
    const char *token = step_text(given, at, "token");
    bool retry = false;
    int64_t clock_offset = 0;
    char number[32];
    token = strcmp(token, "last") == 0 ? last : token;
    int32_t rc = scout_signer_rejected(signer, token, strlen(token), step_text(given, at, "date"), &retry);
    if (rc == SCOUT_OK && (rc = scout_signer_clock_offset(signer, &clock_offset)) == SCOUT_OK) {
        snprintf(number, sizeof number, "%" PRId64, clock_offset);
        put_of_step(at, "retry", retry ? "yes" : "no");
        put_of_step(at, "clock_offset", number);
    }
    return rc;
}

/* The last token is left as it was where none is given. */
static int32_t tell_step(const scout_signer *signer, const struct fields *given, size_t at, char *last) {
    const char *call = step_text(given, at, "call");
    if (strcmp(call, "invalidate") == 0) {
        return scout_signer_invalidate(signer);
    }
    if (strcmp(call, "rejected") == 0) {
        return tell_rejected(signer, given, at, last);
    }
    int32_t rc = strcmp(call, "mint") == 0 ? scout_signer_mint(signer, last, SCOUT_TOKEN_SIZE, NULL, NULL)
                                           : current(signer, last);
    if (rc == SCOUT_OK) {
        put_of_step(at, "token", last);
    }
    return rc;
}

static int32_t story(const struct fields *given) {
    const size_t count = (size_t)number_or(given, "steps.count", 0);
    char last[SCOUT_TOKEN_SIZE] = "";
    scout_signer *signer = NULL;
    int32_t rc = new_signer(given, &signer);
    for (size_t at = 0; rc == SCOUT_OK && at < count; at++) {
        set_clock_of_step(given, at);
        const int32_t code = tell_step(signer, given, at, last);
        if (code != SCOUT_OK) {
            put_of_step(at, "error", scout_error_name(code));
        }
    }
    scout_signer_free(signer);
    return rc;
}

static int32_t signer_from_env(const struct fields *given) {
    scout_signer *signer = NULL;
    set_environment(given);
    int32_t rc = scout_signer_from_env(&signer);
    return put_signer(rc, signer);
}

static int32_t put_api_key(int32_t rc, scout_api_key *key) {
    PUT_TEXT(rc, "authorization", scout_api_key_authorization, key);
    scout_api_key_free(key);
    return rc;
}

static int32_t api_key(const struct fields *given) {
    const struct field *text = need_field(given, "text");
    scout_api_key *key = NULL;
    int32_t rc = scout_api_key_new(text->value, text->length, &key);
    return put_api_key(rc, key);
}

static int32_t raw_key(const struct fields *given) {
    const struct field *text = need_field(given, "text");
    scout_api_key *key = NULL;
    int32_t rc = scout_api_key_from_private_key(text->value, text->length, &key);
    return put_api_key(rc, key);
}

static int32_t send_to(const struct fields *given) {
    const struct field *text = need_field(given, "text");
    size_t count = 0;
    const char *const *origins = origins_of(given, &count);
    scout_api_key *key = NULL;
    int32_t rc = scout_api_key_new(text->value, text->length, &key);
    if (rc == SCOUT_OK && origins != NULL) {
        rc = scout_api_key_allow_origins(key, origins, count);
    }
    if (rc == SCOUT_OK) {
        rc = scout_api_key_authorization_for(key, need_field(given, "url")->value, buffer, sizeof buffer, &length);
    }
    if (rc == SCOUT_OK) {
        put("authorization");
    }
    scout_api_key_free(key);
    return rc;
}

static const struct {
    const char *name;
    int32_t (*call)(const struct fields *given);
} calls[] = {
    {"private_key", private_key},
    {"public_key", public_key},
    {"generate", generate},
    {"convert", convert},
    {"jwk_set", jwk_set},
    {"mint", mint},
    {"verify", verify},
    {"live", live},
    {"story", story},
    {"signer", signer},
    {"signer_from_file", signer_from_file},
    {"signer_from_env", signer_from_env},
    {"api_key", api_key},
    {"raw_key", raw_key},
    {"send", send_to},
};

static int32_t run(const struct test_case *test) {
    for (size_t at = 0; at < sizeof calls / sizeof *calls; at++) {
        if (strcmp(calls[at].name, test->call) == 0) {
            return calls[at].call(&test->given);
        }
    }
    fail("an unknown call");
    return SCOUT_ERR_INTERNAL;
}

static void put_error(int32_t code) {
    clear_fields(&answer);
    add_field(&answer, "error", scout_error_name(code), strlen(scout_error_name(code)));
    if (scout_last_error(buffer, sizeof buffer, &length) == SCOUT_OK) {
        put("text");
    }
}

int main(void) {
    static struct test_case test;
    while (read_case(&test)) {
        set_clock_of_case(&test.given);
        const int32_t code = run(&test);
        if (code != SCOUT_OK) {
            put_error(code);
        }
        write_verdict(&test, &answer);
        clear_fields(&answer);
    }
    return 0;
}
