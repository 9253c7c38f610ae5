/* The C++ header, over the same library. */
#include <type_traits>

#include "scout_auth.hpp"
#include "test.h"

static_assert(!std::is_copy_constructible_v<scout::signer> && std::is_nothrow_move_constructible_v<scout::signer>);

static scout::private_key key() {
    return scout::private_key(new_key());
}

template <typename Body> static void check_throws(std::int32_t code, Body body) {
    try {
        body();
        CHECK(!"it throws");
    } catch (const scout::error &error) {
        CHECK_CODE(error.code(), code);
        CHECK_TEXT(error.name(), scout_error_name(code));
    }
}

static void a_key_comes_back_from_each_of_its_forms() {
    const scout::private_key private_key = key();
    const scout::public_key public_key = private_key.public_key();
    for (const std::string &text : {private_key.to_base64url(), private_key.to_pem(), private_key.to_jwk()}) {
        CHECK(scout::private_key::parse(text).kid() == private_key.kid());
    }
    for (const std::string &text : {public_key.to_base64url(), public_key.to_pem(), public_key.to_jwk()}) {
        CHECK(scout::public_key::parse(text).kid() == private_key.kid());
    }
    CHECK(private_key.bits() == 2048 && public_key.bits() == 2048);
    CHECK(scout::private_key::generate(2048).kid() != private_key.kid());
}

static void a_signer_mints_what_a_verifier_accepts() {
    scout::signer signer("cred_cpp", key());
    scout::verifier verifier;
    scout::verifier again;
    verifier.add_key(signer.public_key());
    again.add_jwk_set(verifier.to_jwk_set());
    again.set_leeway(10);
    const scout::token token = signer.token();
    const scout::claims claims = again.verify(token.text);
    CHECK(claims.credential_id() == "cred_cpp" && claims.kid() == signer.kid());
    CHECK(claims.expires_at() == token.expires_at && claims.issued_at() == token.expires_at - 300);
    CHECK(claims.json().find("\"iss\":\"scout\"") != std::string::npos);
    CHECK(signer.authorization() == "Bearer " + token.text && signer.bearer() == token.text);
    CHECK(!claims.roles() && signer.source_error() == SCOUT_OK);
    CHECK(signer.authorization_for("https://example.com/") == signer.authorization());
    CHECK(signer.credential_id() == "cred_cpp" && signer.clock_offset() == 0);
    CHECK(signer.rejected("another") && signer.rejected("another", "\xff"));
    CHECK(signer.clone().authorization() == signer.authorization());
    signer.invalidate();
    scout::signer moved = std::move(signer);
    CHECK(verifier.verify(moved.mint().text).kid() == moved.kid());
}

static void the_options_reach_the_signer() {
    scout::signer_options options;
    options.kid = key().kid();
    options.lifetime = 60;
    options.refresh_margin = 5;
    options.backdate = 5;
    options.allowed_origins = {"https://api.scoutos.com"};
    const scout::signer signer("cred_cpp", key(), options);
    CHECK(signer.authorization_for("https://api.scoutos.com/v2") == signer.authorization());
    check_throws(SCOUT_ERR_ORIGIN_NOT_ALLOWED, [&] { signer.authorization_for("https://example.com/"); });
    options.allowed_origins = std::vector<std::string>();
    const scout::signer local("cred_cpp", key(), options);
    check_throws(SCOUT_ERR_ORIGIN_NOT_ALLOWED, [&] { local.authorization_for("https://api.scoutos.com/v2"); });
    options.lifetime = 0;
    check_throws(SCOUT_ERR_LIFETIME, [&] { scout::signer("cred_cpp", key(), options); });
}

static void a_signer_reads_a_command_and_a_file() {
    const std::string text = "{\"private_key\":\"" + key().to_base64url() + "\",\"credential_id\":\"cred_cpp\"}";
    scout::signer_options options;
    options.header_kid = "key-2026";
    options.refresh = 60;
    const auto signer = scout::signer::from_command({"/bin/echo", text}, options);
    CHECK(signer.credential_id() == "cred_cpp" && signer.kid() == key().kid());
    check_throws(SCOUT_ERR_CREDENTIAL_UNREADABLE, [] { scout::signer::from_file("/no/such/file"); });
    using namespace std::string_literals;
    check_throws(SCOUT_ERR_ARGUMENT, [] { scout::signer::from_command({"/bin/echo\0"s}); });
    options.roles = std::vector<std::string>();
    check_throws(SCOUT_ERR_ROLES, [&] { scout::signer("cred_cpp", key(), options); });
}

static void an_api_key_is_sent_as_it_is() {
    scout::api_key api_key("scout_legacy");
    api_key.allow_origins({"https://api.scoutos.com"});
    CHECK(api_key.authorization() == "Bearer scout_legacy" && api_key.bearer() == "scout_legacy");
    CHECK(api_key.authorization_for("https://api.scoutos.com/") == "Bearer scout_legacy");
    const std::string text = key().to_base64url();
    CHECK(scout::api_key::from_private_key(text).authorization() == "Bearer " + text);
}

static void the_plain_functions_need_no_object() {
    const scout::private_key private_key = key();
    const std::string pem = private_key.to_pem(), text = private_key.to_base64url();
    CHECK(scout::to_pem(text) == pem && scout::to_base64url(pem) == text && scout::kid(pem) == private_key.kid());
    const std::vector<std::uint8_t> der = private_key.to_der(), spki = private_key.public_key().to_der();
    CHECK(scout::private_key::parse({reinterpret_cast<const char *>(der.data()), der.size()}).to_pem() == pem);
    CHECK(scout::kid({reinterpret_cast<const char *>(spki.data()), spki.size()}) == private_key.kid());
    scout::signer_options options;
    options.kid = private_key.kid();
    options.lifetime = 60;
    options.roles = {"member", "viewer"};
    options.claims = "{\"team\":\"web\"}";
    const scout::token token = scout::mint_token("cred_cpp", private_key, options, 1800000000);
    CHECK(token.expires_at == 1800000060);
    const scout::claims claims = scout::verify_token(token.text, private_key.public_key().to_pem(), 1800000000);
    CHECK(claims.credential_id() == "cred_cpp" && claims.roles() == options.roles);
    CHECK(claims.json().find("\"team\":\"web\"") != std::string::npos);
    check_throws(SCOUT_ERR_TOKEN_EXPIRED,
                 [&] { scout::verify_token(token.text, private_key.public_key().to_pem(), 1800000060, 0); });
    CHECK(scout::mint_token("cred_cpp", private_key).text.substr(0, 3) == "eyJ");
}

static void a_clone_of_a_verifier_takes_another_key() {
    const scout::signer signer("cred_cpp", key());
    const scout::verifier empty;
    scout::verifier clone = empty.clone();
    clone.add_keys(signer.public_key().to_pem());
    CHECK(clone.verify(signer.token().text).kid() == signer.kid());
    check_throws(SCOUT_ERR_KEY_SET_EMPTY, [&] { empty.verify(signer.token().text); });
}

static void every_failure_throws_its_code() {
    check_throws(SCOUT_ERR_KEY_EMPTY, [] { scout::private_key::parse(""); });
    check_throws(SCOUT_ERR_KEY_EMPTY, [] { scout::private_key::parse({}); });
    check_throws(SCOUT_ERR_KEY_IS_PRIVATE, [] { scout::public_key::parse(key().to_pem()); });
    check_throws(SCOUT_ERR_KEY_FILE, [] { scout::private_key::read_file("/no/such/file"); });
    check_throws(SCOUT_ERR_API_KEY, [] { scout::api_key("with space"); });
    check_throws(SCOUT_ERR_CREDENTIAL_ID, [] { scout::signer("", key()); });
    check_throws(SCOUT_ERR_KEY_SET_EMPTY, [] { scout::verifier().verify("a.b"); });
    const scout::signer signer("cred_cpp", key());
    using namespace std::string_view_literals;
    check_throws(SCOUT_ERR_ARGUMENT, [&] { signer.authorization_for("https://a\0.example/"sv); });
}

static void an_exception_tells_the_particulars() {
    try {
        scout::signer_options options;
        options.kid = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
        scout::signer("cred_cpp", key(), options);
        CHECK(!"it throws");
    } catch (const scout::error &error) {
        CHECK(std::string(error.what()).find(key().kid()) != std::string::npos);
    }
}

int main() {
    const struct test tests[] = {
        {"a key comes back from each of its forms", a_key_comes_back_from_each_of_its_forms},
        {"a signer mints what a verifier accepts", a_signer_mints_what_a_verifier_accepts},
        {"the options reach the signer", the_options_reach_the_signer},
        {"a signer reads a command and a file", a_signer_reads_a_command_and_a_file},
        {"an API key is sent as it is", an_api_key_is_sent_as_it_is},
        {"the plain functions need no object", the_plain_functions_need_no_object},
        {"a clone of a verifier takes another key", a_clone_of_a_verifier_takes_another_key},
        {"every failure throws its code", every_failure_throws_its_code},
        {"an exception tells the particulars", an_exception_tells_the_particulars},
    };
    return RUN_TESTS(tests);
}
