/* Private and public keys, and the plain functions on key text. */
#include "test.h"

#define INVALID_UTF8 "\xff\xfe"

typedef int32_t (*private_text)(const scout_private_key *, char *, size_t, size_t *);
typedef int32_t (*public_text)(const scout_public_key *, char *, size_t, size_t *);
typedef int32_t (*converter)(const char *, size_t, char *, size_t, size_t *);

static const private_text private_texts[] = {
    scout_private_key_kid,
    scout_private_key_to_base64url,
    scout_private_key_to_pem,
    scout_private_key_to_jwk,
};
static const public_text public_texts[] = {
    scout_public_key_kid,
    scout_public_key_to_base64url,
    scout_public_key_to_pem,
    scout_public_key_to_jwk,
};
static const converter converters[] = {scout_to_pem, scout_to_base64url, scout_der_to_pem, scout_pem_to_der, scout_kid};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static scout_public_key *public_of(const scout_private_key *key) {
    scout_public_key *public_key = NULL;
    CHECK_CODE(scout_private_key_public_key(key, &public_key), SCOUT_OK);
    return public_key;
}

static void a_private_key_comes_back_from_each_of_its_forms(void) {
    scout_private_key *key = new_key();
    char text[4096], kid[SCOUT_KID_SIZE], again[SCOUT_KID_SIZE];
    size_t i, length = 0;
    CHECK_CODE(scout_private_key_kid(key, kid, sizeof kid, &length), SCOUT_OK);
    CHECK(length == 43 && strlen(kid) == 43);
    for (i = 1; i < COUNT(private_texts); i++) {
        scout_private_key *same = NULL;
        CHECK_CODE(private_texts[i](key, text, sizeof text, &length), SCOUT_OK);
        CHECK(length == strlen(text));
        CHECK_CODE(scout_private_key_parse(text, length, &same), SCOUT_OK);
        CHECK_CODE(scout_private_key_kid(same, again, sizeof again, NULL), SCOUT_OK);
        CHECK_TEXT(again, kid);
        scout_private_key_free(same);
    }
    scout_private_key_free(key);
}

static void a_private_key_comes_back_from_its_der(void) {
    scout_private_key *key = new_key(), *same = NULL;
    uint8_t der[4096], again[4096];
    size_t length = 0, length_again = 0;
    CHECK_CODE(scout_private_key_to_der(key, NULL, 0, &length), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK_CODE(scout_private_key_to_der(key, der, length - 1, NULL), SCOUT_ERR_BUFFER_TOO_SMALL);
    der[length] = 0xa5;
    CHECK_CODE(scout_private_key_to_der(key, der, length, &length), SCOUT_OK);
    CHECK(der[0] == 0x30 && der[length] == 0xa5);
    CHECK_CODE(scout_private_key_parse((const char *)der, length, &same), SCOUT_OK);
    CHECK_CODE(scout_private_key_to_der(same, again, sizeof again, &length_again), SCOUT_OK);
    CHECK(length_again == length && memcmp(der, again, length) == 0);
    CHECK_CODE(scout_private_key_to_der(NULL, der, sizeof der, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_to_der(key, NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    scout_private_key_free(same);
    scout_private_key_free(key);
}

static void a_public_key_comes_back_from_each_of_its_forms(void) {
    scout_private_key *key = new_key();
    scout_public_key *public_key = public_of(key);
    char text[4096], kid[SCOUT_KID_SIZE], again[SCOUT_KID_SIZE];
    uint8_t der[4096];
    size_t i, length = 0;
    uint32_t bits = 0;
    scout_public_key *same = NULL;
    CHECK_CODE(scout_private_key_kid(key, kid, sizeof kid, NULL), SCOUT_OK);
    for (i = 1; i < COUNT(public_texts); i++) {
        CHECK_CODE(public_texts[i](public_key, text, sizeof text, &length), SCOUT_OK);
        CHECK(length == strlen(text));
        CHECK_CODE(scout_public_key_parse(text, length, &same), SCOUT_OK);
        CHECK_CODE(scout_public_key_kid(same, again, sizeof again, NULL), SCOUT_OK);
        CHECK_TEXT(again, kid);
        scout_public_key_free(same);
    }
    CHECK_CODE(scout_public_key_to_der(public_key, der, sizeof der, &length), SCOUT_OK);
    CHECK_CODE(scout_public_key_parse((const char *)der, length, &same), SCOUT_OK);
    CHECK_CODE(scout_public_key_bits(same, &bits), SCOUT_OK);
    CHECK(bits == 2048);
    scout_public_key_free(same);
    /* The public key goes on without the private one. */
    scout_private_key_free(key);
    CHECK_CODE(scout_public_key_kid(public_key, again, sizeof again, NULL), SCOUT_OK);
    CHECK_TEXT(again, kid);
    scout_public_key_free(public_key);
}

static void a_key_is_read_from_a_file(void) {
    scout_private_key *key = new_key(), *same = NULL;
    char path[] = "key.XXXXXX", pem[4096];
    uint32_t bits = 0;
    FILE *file = fdopen(mkstemp(path), "w");
    CHECK_CODE(scout_private_key_to_pem(key, pem, sizeof pem, NULL), SCOUT_OK);
    CHECK(file != NULL && fputs(pem, file) >= 0 && fclose(file) == 0);
    CHECK_CODE(scout_private_key_read_file(path, &same), SCOUT_OK);
    CHECK(remove(path) == 0);
    CHECK_CODE(scout_private_key_bits(same, &bits), SCOUT_OK);
    CHECK(bits == 2048);
    scout_private_key_free(same);
    scout_private_key_free(key);
    same = NULL;
    CHECK_CODE(scout_private_key_read_file(path, &same), SCOUT_ERR_KEY_FILE);
    CHECK_CODE(scout_private_key_read_file(NULL, &same), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_read_file(INVALID_UTF8, &same), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_read_file(path, NULL), SCOUT_ERR_ARGUMENT);
    CHECK(same == NULL);
}

static void key_text_is_converted_without_a_key(void) {
    scout_private_key *key = new_key();
    char base64url[4096], pem[4096], kid[SCOUT_KID_SIZE], text[4096];
    size_t length = 0;
    CHECK_CODE(scout_private_key_to_base64url(key, base64url, sizeof base64url, NULL), SCOUT_OK);
    CHECK_CODE(scout_private_key_to_pem(key, pem, sizeof pem, NULL), SCOUT_OK);
    CHECK_CODE(scout_private_key_kid(key, kid, sizeof kid, NULL), SCOUT_OK);
    CHECK_CODE(scout_der_to_pem(TEXT(base64url), text, sizeof text, &length), SCOUT_OK);
    CHECK_TEXT(text, pem);
    CHECK_CODE(scout_pem_to_der(TEXT(pem), text, sizeof text, &length), SCOUT_OK);
    CHECK_TEXT(text, base64url);
    CHECK_CODE(scout_to_pem(TEXT(base64url), text, sizeof text, &length), SCOUT_OK);
    CHECK_TEXT(text, pem);
    CHECK_CODE(scout_to_base64url(TEXT(pem), text, sizeof text, &length), SCOUT_OK);
    CHECK_TEXT(text, base64url);
    CHECK_CODE(scout_kid(TEXT(pem), text, sizeof text, &length), SCOUT_OK);
    CHECK_TEXT(text, kid);
    scout_private_key_free(key);
}

static void a_length_that_counts_the_nul_is_right_too(void) {
    scout_private_key *key = new_key(), *same = NULL;
    scout_public_key *public_key = public_of(key), *same_public = NULL;
    char text[4096], kid[SCOUT_KID_SIZE];
    size_t i, length = 0;
    for (i = 1; i < COUNT(private_texts); i++) {
        CHECK_CODE(private_texts[i](key, text, sizeof text - 1, &length), SCOUT_OK);
        CHECK_CODE(scout_private_key_parse(text, length + 1, &same), SCOUT_OK);
        CHECK_CODE(scout_kid(text, length + 1, kid, sizeof kid, NULL), SCOUT_OK);
        scout_private_key_free(same);
        CHECK_CODE(public_texts[i](public_key, text, sizeof text - 1, &length), SCOUT_OK);
        CHECK_CODE(scout_public_key_parse(text, length + 1, &same_public), SCOUT_OK);
        scout_public_key_free(same_public);
    }
    scout_public_key_free(public_key);
    scout_private_key_free(key);
}

static void each_text_says_how_large_a_buffer_it_needs(void) {
    scout_private_key *key = new_key();
    scout_public_key *public_key = public_of(key);
    char text[4096], pem[4096];
    size_t i, length;
    CHECK_CODE(scout_private_key_to_pem(key, pem, sizeof pem, NULL), SCOUT_OK);
#define CHECK_SIZES(call_with)                                                                                         \
    do {                                                                                                               \
        length = 0;                                                                                                    \
        memset(text, 'x', sizeof text);                                                                                \
        CHECK_CODE(call_with(NULL, 0, &length), SCOUT_ERR_BUFFER_TOO_SMALL);                                           \
        CHECK(length > 40);                                                                                            \
        CHECK_CODE(call_with(text, length, &length), SCOUT_ERR_BUFFER_TOO_SMALL);                                      \
        CHECK(text[0] == 'x');                                                                                         \
        CHECK_CODE(call_with(text, length + 1, NULL), SCOUT_OK);                                                       \
        CHECK(strlen(text) == length && text[length + 1] == 'x');                                                      \
        length = 7;                                                                                                    \
        CHECK_CODE(call_with(NULL, 1, &length), SCOUT_ERR_ARGUMENT);                                                   \
        CHECK(length == 7);                                                                                            \
    } while (0)
    for (i = 0; i < COUNT(private_texts); i++) {
#define CALL(buffer, size, out) private_texts[i](key, buffer, size, out)
        CHECK_SIZES(CALL);
#undef CALL
        CHECK_CODE(private_texts[i](NULL, text, sizeof text, &length), SCOUT_ERR_ARGUMENT);
    }
    for (i = 0; i < COUNT(public_texts); i++) {
#define CALL(buffer, size, out) public_texts[i](public_key, buffer, size, out)
        CHECK_SIZES(CALL);
#undef CALL
        CHECK_CODE(public_texts[i](NULL, text, sizeof text, &length), SCOUT_ERR_ARGUMENT);
    }
    for (i = 0; i < COUNT(converters); i++) {
#define CALL(buffer, size, out) converters[i](TEXT(pem), buffer, size, out)
        CHECK_SIZES(CALL);
#undef CALL
        CHECK_CODE(converters[i](NULL, 1, text, sizeof text, &length), SCOUT_ERR_ARGUMENT);
        CHECK_CODE(converters[i](NULL, 0, text, sizeof text, &length), SCOUT_ERR_KEY_EMPTY);
        CHECK_CODE(converters[i](pem, SIZE_MAX, text, sizeof text, &length), SCOUT_ERR_ARGUMENT);
        CHECK_CODE(converters[i](TEXT("?"), text, sizeof text, &length), SCOUT_ERR_KEY_ENCODING);
    }
    CHECK_CODE(scout_public_key_to_der(NULL, (uint8_t *)text, sizeof text, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_public_key_to_der(public_key, NULL, 1, &length), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_public_key_to_der(public_key, (uint8_t *)text, 1, &length), SCOUT_ERR_BUFFER_TOO_SMALL);
    CHECK(length > 290);
    scout_public_key_free(public_key);
    scout_private_key_free(key);
}

static void what_is_not_a_private_key_returns_its_own_code(void) {
    scout_private_key *key = new_key(), *none = NULL;
    scout_public_key *public_key = public_of(key);
    char text[4096];
    CHECK_CODE(scout_public_key_to_base64url(public_key, text, sizeof text, NULL), SCOUT_OK);
    CHECK_CODE(scout_private_key_parse(TEXT(text), &none), SCOUT_ERR_KEY_IS_PUBLIC);
    CHECK_CODE(scout_private_key_to_base64url(key, text, sizeof text, NULL), SCOUT_OK);
    CHECK_CODE(scout_private_key_parse(text, strlen(text) - 8, &none), SCOUT_ERR_KEY_TRUNCATED);
    CHECK_CODE(scout_private_key_parse(TEXT(""), &none), SCOUT_ERR_KEY_EMPTY);
    CHECK_CODE(scout_private_key_parse(NULL, 0, &none), SCOUT_ERR_KEY_EMPTY);
    CHECK_CODE(scout_private_key_parse(TEXT(INVALID_UTF8), &none), SCOUT_ERR_KEY_ENCODING);
    CHECK_CODE(scout_private_key_parse(NULL, 1, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_parse(text, SIZE_MAX, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_parse(TEXT(text), NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_generate(2047, &none), SCOUT_ERR_KEY_SIZE);
    CHECK_CODE(scout_private_key_generate(2048, NULL), SCOUT_ERR_ARGUMENT);
    CHECK(none == NULL);
    scout_public_key_free(public_key);
    scout_private_key_free(key);
}

static void what_is_not_a_public_key_returns_its_own_code(void) {
    scout_private_key *key = new_key();
    scout_public_key *none = NULL;
    char text[4096];
    uint32_t bits = 7;
    CHECK_CODE(scout_private_key_to_pem(key, text, sizeof text, NULL), SCOUT_OK);
    CHECK_CODE(scout_public_key_parse(TEXT(text), &none), SCOUT_ERR_KEY_IS_PRIVATE);
    CHECK_CODE(scout_public_key_parse(NULL, 1, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_public_key_parse(text, SIZE_MAX, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_public_key_parse(TEXT(text), NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_public_key(NULL, &none), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_public_key(key, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_bits(NULL, &bits), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_private_key_bits(key, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_public_key_bits(NULL, &bits), SCOUT_ERR_ARGUMENT);
    CHECK(none == NULL && bits == 7);
    scout_private_key_free(key);
}

/* 8192 bits, four times as large as this key. */
static void the_largest_key_fits_into_a_buffer_of_the_size_of_the_header(void) {
    scout_private_key *key = new_key();
    char text[SCOUT_KEY_SIZE];
    size_t i, length = 0;
    for (i = 0; i < COUNT(private_texts); i++) {
        CHECK_CODE(private_texts[i](key, text, sizeof text, &length), SCOUT_OK);
        CHECK(4 * length < SCOUT_KEY_SIZE);
    }
    scout_private_key_free(key);
}

static void freeing_null_is_harmless(void) {
    scout_private_key_free(NULL);
    scout_public_key_free(NULL);
}

int main(void) {
    const struct test tests[] = {
        {"a private key comes back from each of its forms", a_private_key_comes_back_from_each_of_its_forms},
        {"a private key comes back from its DER", a_private_key_comes_back_from_its_der},
        {"a public key comes back from each of its forms", a_public_key_comes_back_from_each_of_its_forms},
        {"a key is read from a file", a_key_is_read_from_a_file},
        {"key text is converted without a key", key_text_is_converted_without_a_key},
        {"a length that counts the NUL is right too", a_length_that_counts_the_nul_is_right_too},
        {"each text says how large a buffer it needs", each_text_says_how_large_a_buffer_it_needs},
        {"what is not a private key returns its own code", what_is_not_a_private_key_returns_its_own_code},
        {"what is not a public key returns its own code", what_is_not_a_public_key_returns_its_own_code},
        {"the largest key fits into a buffer of the size of the header",
         the_largest_key_fits_into_a_buffer_of_the_size_of_the_header},
        {"freeing NULL is harmless", freeing_null_is_harmless},
    };
    return RUN_TESTS(tests);
}
