/* Verifiers, claims, and the plain function that verifies. */
#include "test.h"

#define NOW 1800000000

/* A token of 60 s minted at NOW, the keys that verify it, and a verifier that knows them. */
struct fixture {
    char token[SCOUT_TOKEN_SIZE];
    char jwk_set[4096];
    char pem[2048];
    char kid[SCOUT_KID_SIZE];
    scout_public_key *public_key;
    scout_verifier *verifier;
};

static void set_up(struct fixture *it) {
    scout_private_key *key = new_key();
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    options.lifetime = 60;
    memset(it, 0, sizeof *it);
    CHECK_CODE(scout_mint_token("cred_c", key, &options, NOW, it->token, sizeof it->token, NULL, NULL), SCOUT_OK);
    CHECK_CODE(scout_private_key_kid(key, it->kid, sizeof it->kid, NULL), SCOUT_OK);
    CHECK_CODE(scout_private_key_public_key(key, &it->public_key), SCOUT_OK);
    CHECK_CODE(scout_public_key_to_pem(it->public_key, it->pem, sizeof it->pem, NULL), SCOUT_OK);
    CHECK_CODE(scout_verifier_new(&it->verifier), SCOUT_OK);
    CHECK_CODE(scout_verifier_add_key(it->verifier, it->public_key), SCOUT_OK);
    CHECK_CODE(scout_verifier_to_jwk_set(it->verifier, it->jwk_set, sizeof it->jwk_set, NULL), SCOUT_OK);
    scout_private_key_free(key);
}

static void tear_down(struct fixture *it) {
    scout_verifier_free(it->verifier);
    scout_public_key_free(it->public_key);
}

static void check_claims(scout_claims *claims, const struct fixture *it) {
    char text[512];
    size_t length = 0;
    uint64_t time = 0;
    CHECK_CODE(scout_claims_credential_id(claims, text, sizeof text, &length), SCOUT_OK);
    CHECK_TEXT(text, "cred_c");
    CHECK(length == 6);
    CHECK_CODE(scout_claims_kid(claims, text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, it->kid);
    CHECK_CODE(scout_claims_issued_at(claims, &time), SCOUT_OK);
    CHECK(time == NOW);
    CHECK_CODE(scout_claims_expires_at(claims, &time), SCOUT_OK);
    CHECK(time == NOW + 60);
    CHECK_CODE(scout_claims_json(claims, text, sizeof text, &length), SCOUT_OK);
    CHECK_TEXT(text, "{\"iss\":\"scout\",\"sub\":\"cred_c\",\"iat\":1800000000,\"exp\":1800000060}");
    CHECK(length == strlen(text));
    scout_claims_free(claims);
}

static void a_verified_token_has_its_claims(void) {
    struct fixture it;
    scout_claims *claims = NULL;
    set_up(&it);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(it.token), NOW, &claims), SCOUT_OK);
    check_claims(claims, &it);
    tear_down(&it);
}

static void a_verifier_takes_a_jwk_set(void) {
    struct fixture it;
    scout_verifier *verifier = NULL;
    scout_claims *claims = NULL;
    char again[4096];
    set_up(&it);
    CHECK_CODE(scout_verifier_new(&verifier), SCOUT_OK);
    CHECK_CODE(scout_verifier_verify(verifier, TEXT(it.token), NOW, &claims), SCOUT_ERR_KEY_SET_EMPTY);
    CHECK_CODE(scout_verifier_add_jwk_set(verifier, TEXT(it.jwk_set)), SCOUT_OK);
    CHECK_CODE(scout_verifier_verify(verifier, TEXT(it.token), NOW, &claims), SCOUT_OK);
    check_claims(claims, &it);
    CHECK_CODE(scout_verifier_to_jwk_set(verifier, again, sizeof again, NULL), SCOUT_OK);
    CHECK_TEXT(again, it.jwk_set);
    scout_verifier_free(verifier);
    tear_down(&it);
}

static void a_verifier_takes_a_key_set_or_one_key_in_any_form(void) {
    struct fixture it;
    const char *texts[3];
    char base64url[1024];
    size_t i;
    set_up(&it);
    CHECK_CODE(scout_public_key_to_base64url(it.public_key, base64url, sizeof base64url, NULL), SCOUT_OK);
    texts[0] = it.jwk_set;
    texts[1] = it.pem;
    texts[2] = base64url;
    for (i = 0; i < 3; i++) {
        scout_verifier *verifier = NULL;
        scout_claims *claims = NULL;
        CHECK_CODE(scout_verifier_new(&verifier), SCOUT_OK);
        CHECK_CODE(scout_verifier_add_keys(verifier, TEXT("no key")), SCOUT_ERR_KEY_ENCODING);
        CHECK_CODE(scout_verifier_add_keys(verifier, NULL, 1), SCOUT_ERR_ARGUMENT);
        CHECK_CODE(scout_verifier_add_keys(NULL, TEXT(texts[i])), SCOUT_ERR_ARGUMENT);
        CHECK_CODE(scout_verifier_verify(verifier, TEXT(it.token), NOW, &claims), SCOUT_ERR_KEY_SET_EMPTY);
        CHECK_CODE(scout_verifier_add_keys(verifier, TEXT(texts[i])), SCOUT_OK);
        CHECK_CODE(scout_verifier_verify(verifier, TEXT(it.token), NOW, &claims), SCOUT_OK);
        check_claims(claims, &it);
        scout_verifier_free(verifier);
    }
    tear_down(&it);
}

static void a_clone_takes_a_key_that_the_first_verifier_does_not_know(void) {
    struct fixture it;
    scout_verifier *first = NULL, *clone = NULL;
    scout_private_key *other = NULL;
    scout_public_key *other_public = NULL;
    scout_claims *claims = NULL;
    set_up(&it);
    CHECK_CODE(scout_private_key_generate(2048, &other), SCOUT_OK);
    CHECK_CODE(scout_private_key_public_key(other, &other_public), SCOUT_OK);
    CHECK_CODE(scout_verifier_new(&first), SCOUT_OK);
    CHECK_CODE(scout_verifier_add_key(first, other_public), SCOUT_OK);
    CHECK_CODE(scout_verifier_set_leeway(first, 0), SCOUT_OK);
    CHECK_CODE(scout_verifier_clone(NULL, &clone), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_clone(first, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_clone(first, &clone), SCOUT_OK);
    CHECK_CODE(scout_verifier_add_key(clone, it.public_key), SCOUT_OK);
    CHECK_CODE(scout_verifier_verify(first, TEXT(it.token), NOW, &claims), SCOUT_ERR_TOKEN_KID_UNKNOWN);
    scout_verifier_free(first);
    CHECK_CODE(scout_verifier_verify(clone, TEXT(it.token), NOW + 60, &claims), SCOUT_ERR_TOKEN_EXPIRED);
    CHECK_CODE(scout_verifier_verify(clone, TEXT(it.token), NOW, &claims), SCOUT_OK);
    check_claims(claims, &it);
    scout_verifier_free(clone);
    scout_public_key_free(other_public);
    scout_private_key_free(other);
    tear_down(&it);
}

static void a_token_is_verified_without_a_verifier(void) {
    struct fixture it;
    scout_claims *claims = NULL;
    set_up(&it);
    CHECK_CODE(scout_verify_token(TEXT(it.token), TEXT(it.pem), NOW, 0, &claims), SCOUT_OK);
    check_claims(claims, &it);
    CHECK_CODE(scout_verify_token(TEXT(it.token), TEXT(it.jwk_set), NOW, 0, &claims), SCOUT_OK);
    check_claims(claims, &it);
    tear_down(&it);
}

static void a_token_of_this_moment_is_verified_by_the_clock_of_the_system(void) {
    scout_signer *signer = new_signer();
    scout_public_key *public_key = NULL;
    scout_verifier *verifier = NULL;
    scout_claims *claims = NULL;
    char token[SCOUT_TOKEN_SIZE], pem[2048];
    CHECK_CODE(scout_signer_public_key(signer, &public_key), SCOUT_OK);
    CHECK_CODE(scout_public_key_to_pem(public_key, pem, sizeof pem, NULL), SCOUT_OK);
    CHECK_CODE(scout_verifier_new(&verifier), SCOUT_OK);
    CHECK_CODE(scout_verifier_add_key(verifier, public_key), SCOUT_OK);
    CHECK_CODE(scout_signer_token(signer, token, sizeof token, NULL, NULL), SCOUT_OK);
    CHECK_CODE(scout_verifier_verify(verifier, TEXT(token), SCOUT_DEFAULT, &claims), SCOUT_OK);
    scout_claims_free(claims);
    CHECK_CODE(scout_verify_token(TEXT(token), TEXT(pem), SCOUT_DEFAULT, 5, &claims), SCOUT_OK);
    scout_claims_free(claims);
    scout_verifier_free(verifier);
    scout_public_key_free(public_key);
    scout_signer_free(signer);
}

static void the_roles_and_further_claims_of_a_token_are_told(void) {
    const char *roles[] = {"member", "a\"b"};
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    struct fixture it;
    scout_private_key *key = new_key();
    scout_claims *claims = NULL;
    char token[SCOUT_TOKEN_SIZE], text[512] = "unchanged";
    size_t count = 7, length = 0;
    set_up(&it);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(it.token), NOW, &claims), SCOUT_OK);
    CHECK_CODE(scout_claims_roles_count(claims, &count), SCOUT_OK);
    CHECK(count == SCOUT_ALL_ROLES);
    CHECK_CODE(scout_claims_role(claims, 0, text, sizeof text, NULL), SCOUT_ERR_ARGUMENT);
    scout_claims_free(claims);
    options.roles = roles;
    options.roles_count = 2;
    options.claims = "{ \"team\": \"web\", \"limits\": {\"runs\": 5} }";
    CHECK_CODE(scout_mint_token("cred_c", key, &options, NOW, token, sizeof token, NULL, NULL), SCOUT_OK);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(token), NOW, &claims), SCOUT_OK);
    CHECK_CODE(scout_claims_roles_count(claims, &count), SCOUT_OK);
    CHECK(count == 2);
    CHECK_CODE(scout_claims_role(claims, 2, text, sizeof text, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_role(claims, 0, text, 6, &length), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK_TEXT(text, "unchanged");
    CHECK(length == 6);
    CHECK_CODE(scout_claims_role(claims, 0, text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, "member");
    CHECK_CODE(scout_claims_role(claims, 1, text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, "a\"b");
    CHECK_CODE(scout_claims_json(claims, text, sizeof text, NULL), SCOUT_OK);
    CHECK(strstr(text, ",\"roles\":[\"member\",\"a\\\"b\"],\"team\":\"web\",\"limits\":{\"runs\":5}}") != NULL);
    CHECK_CODE(scout_claims_roles_count(NULL, &count), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_roles_count(claims, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_role(NULL, 0, text, sizeof text, NULL), SCOUT_ERR_ARGUMENT);
    scout_claims_free(claims);
    scout_private_key_free(key);
    tear_down(&it);
}

static void a_key_of_a_set_is_known_by_the_kid_of_its_jwk(void) {
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    struct fixture it;
    scout_private_key *key = new_key();
    scout_verifier *verifier = NULL, *clone = NULL;
    scout_claims *claims = NULL;
    char token[SCOUT_TOKEN_SIZE], set[4096], *jwk_kid;
    set_up(&it);
    options.header_kid = "key-2026";
    CHECK_CODE(scout_mint_token("cred_c", key, &options, NOW, token, sizeof token, NULL, NULL), SCOUT_OK);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(token), NOW, &claims), SCOUT_ERR_TOKEN_KID_UNKNOWN);
    /* The same set, with another kid in its JWK. */
    jwk_kid = strstr(it.jwk_set, it.kid);
    CHECK(jwk_kid != NULL);
    (void)snprintf(set, sizeof set, "%.*skey-2026%s", (int)(jwk_kid - it.jwk_set), it.jwk_set, jwk_kid + 43);
    CHECK_CODE(scout_verifier_new(&verifier), SCOUT_OK);
    CHECK_CODE(scout_verifier_add_jwk_set(verifier, TEXT(set)), SCOUT_OK);
    CHECK_CODE(scout_verifier_clone(verifier, &clone), SCOUT_OK);
    CHECK_CODE(scout_verifier_verify(clone, TEXT(token), NOW, &claims), SCOUT_OK);
    scout_claims_free(claims);
    CHECK_CODE(scout_verifier_verify(clone, TEXT(it.token), NOW, &claims), SCOUT_OK);
    scout_claims_free(claims);
    CHECK_CODE(scout_verifier_add_keys(it.verifier, TEXT(set)), SCOUT_OK);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(token), NOW, &claims), SCOUT_OK);
    scout_claims_free(claims);
    scout_verifier_free(verifier);
    scout_verifier_free(clone);
    scout_private_key_free(key);
    tear_down(&it);
}

static void the_leeway_is_what_was_set(void) {
    struct fixture it;
    scout_claims *claims = NULL;
    set_up(&it);
    CHECK_CODE(scout_verifier_set_leeway(it.verifier, 0), SCOUT_OK);
    CHECK_CODE(scout_verifier_set_leeway(it.verifier, 301), SCOUT_ERR_LEEWAY);
    CHECK_CODE(scout_verifier_set_leeway(NULL, 0), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(it.token), NOW + 59, &claims), SCOUT_OK);
    scout_claims_free(claims);
    claims = NULL;
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(it.token), NOW + 60, &claims), SCOUT_ERR_TOKEN_EXPIRED);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(it.token), NOW - 1, &claims), SCOUT_ERR_TOKEN_FROM_FUTURE);
    CHECK(claims == NULL);
    CHECK_CODE(scout_verify_token(TEXT(it.token), TEXT(it.pem), NOW + 69, 10, &claims), SCOUT_OK);
    scout_claims_free(claims);
    tear_down(&it);
}

static void a_refused_token_returns_its_own_code(void) {
    struct fixture it;
    scout_claims *none = NULL;
    char *last;
    set_up(&it);
    last = it.token + strlen(it.token) - 10;
    *last = *last == 'A' ? 'B' : 'A';
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(it.token), NOW, &none), SCOUT_ERR_TOKEN_SIGNATURE);
    CHECK_CODE(scout_verify_token(TEXT(it.token), TEXT(it.pem), NOW, 0, &none), SCOUT_ERR_TOKEN_SIGNATURE);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT("a.b"), NOW, &none), SCOUT_ERR_TOKEN_MALFORMED);
    CHECK_CODE(scout_verifier_verify(it.verifier, NULL, 0, NOW, &none), SCOUT_ERR_TOKEN_MALFORMED);
    CHECK(none == NULL);
    tear_down(&it);
}

static void wrong_arguments_are_refused(void) {
    struct fixture it;
    scout_claims *none = NULL;
    char text[4096];
    size_t length = 0;
    set_up(&it);
    CHECK_CODE(scout_verifier_new(NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_add_key(NULL, it.public_key), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_add_key(it.verifier, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_add_jwk_set(NULL, TEXT(it.jwk_set)), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_add_jwk_set(it.verifier, NULL, 1), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_add_jwk_set(it.verifier, it.jwk_set, SIZE_MAX), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_add_jwk_set(it.verifier, TEXT("\xff")), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_add_jwk_set(it.verifier, TEXT("{}")), SCOUT_ERR_KEY_JWK);
    CHECK_CODE(scout_verifier_add_jwk_set(it.verifier, TEXT("{\"keys\":[]}")), SCOUT_ERR_KEY_SET_EMPTY);
    CHECK_CODE(scout_verifier_verify(NULL, TEXT(it.token), NOW, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_verify(it.verifier, NULL, 1, NOW, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_verify(it.verifier, it.token, SIZE_MAX, NOW, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT("\xff"), NOW, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(it.token), NOW, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verify_token(NULL, 1, TEXT(it.pem), NOW, 0, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verify_token(TEXT(it.token), NULL, 1, NOW, 0, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verify_token(TEXT(it.token), TEXT("\xff"), NOW, 0, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verify_token(TEXT(it.token), TEXT(it.pem), NOW, 301, &none), SCOUT_ERR_LEEWAY);
    CHECK_CODE(scout_verify_token(TEXT(it.token), TEXT(it.pem), NOW, 0, NULL), SCOUT_ERR_ARGUMENT);
    CHECK(none == NULL);
    CHECK_CODE(scout_verifier_to_jwk_set(NULL, text, sizeof text, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_verifier_to_jwk_set(it.verifier, NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    CHECK(length == 0);
    CHECK_CODE(scout_verifier_to_jwk_set(it.verifier, text, 1, &length), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK(length == strlen(it.jwk_set));
    tear_down(&it);
    scout_verifier_free(NULL);
}

static void wrong_arguments_of_the_claims_are_refused(void) {
    struct fixture it;
    scout_claims *claims = NULL;
    char text[8] = "same";
    size_t length = 0;
    uint64_t time = 7;
    set_up(&it);
    CHECK_CODE(scout_verifier_verify(it.verifier, TEXT(it.token), NOW, &claims), SCOUT_OK);
    CHECK_CODE(scout_claims_credential_id(NULL, text, sizeof text, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_credential_id(claims, NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_kid(NULL, text, sizeof text, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_kid(claims, NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_json(NULL, text, sizeof text, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_json(claims, NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_issued_at(NULL, &time), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_issued_at(claims, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_expires_at(NULL, &time), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_claims_expires_at(claims, NULL), SCOUT_ERR_ARGUMENT);
    CHECK(length == 0 && time == 7);
    CHECK_CODE(scout_claims_credential_id(claims, text, 6, &length), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK_CODE(scout_claims_kid(claims, text, sizeof text, &length), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK_CODE(scout_claims_json(claims, text, sizeof text, &length), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK_TEXT(text, "same");
    scout_claims_free(claims);
    scout_claims_free(NULL);
    tear_down(&it);
}

int main(void) {
    const struct test tests[] = {
        {"a verified token has its claims", a_verified_token_has_its_claims},
        {"a verifier takes a JWK set", a_verifier_takes_a_jwk_set},
        {"a verifier takes a key set or one key in any form", a_verifier_takes_a_key_set_or_one_key_in_any_form},
        {"a clone takes a key that the first verifier does not know",
         a_clone_takes_a_key_that_the_first_verifier_does_not_know},
        {"a token is verified without a verifier", a_token_is_verified_without_a_verifier},
        {"a token of this moment is verified by the clock of the system",
         a_token_of_this_moment_is_verified_by_the_clock_of_the_system},
        {"the roles and further claims of a token are told", the_roles_and_further_claims_of_a_token_are_told},
        {"a key of a set is known by the kid of its JWK", a_key_of_a_set_is_known_by_the_kid_of_its_jwk},
        {"the leeway is what was set", the_leeway_is_what_was_set},
        {"a refused token returns its own code", a_refused_token_returns_its_own_code},
        {"wrong arguments are refused", wrong_arguments_are_refused},
        {"wrong arguments of the claims are refused", wrong_arguments_of_the_claims_are_refused},
    };
    return RUN_TESTS(tests);
}
