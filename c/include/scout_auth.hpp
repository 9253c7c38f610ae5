/*
 * scout-auth for C++17: scout_auth.h with owned handles, std::string_view in, and exceptions.
 *
 *     scout::signer signer = scout::signer::from_env();
 *     request.header("Authorization", signer.authorization());
 *
 * Each class owns one handle of the C library and can be moved, not copied; what a C function asks
 * of threads holds for the member that calls it. Every failure throws scout::error, whose code()
 * is a SCOUT_ERR_ constant. Results are std::string and are not wiped: to handle key text with
 * more care, call the C functions with get() and a buffer of your own.
 */
#ifndef SCOUT_AUTH_HPP
#define SCOUT_AUTH_HPP

#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) < 201703L
#error "scout_auth.hpp needs C++17. scout_auth.h works with every version of C++."
#else

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scout_auth.h"

namespace scout {

/** A failed call: code() for programs, what() for people. It holds no key and no token. */
class error : public std::runtime_error {
public:
    error(std::int32_t code, const std::string &text) : std::runtime_error(text), code_(code) {}

    /** One of SCOUT_ERR_*. */
    std::int32_t code() const noexcept { return code_; }
    /** The name of the code, such as "ERR_KEY_IS_PUBLIC". */
    const char *name() const noexcept { return scout_error_name(code_); }

private:
    std::int32_t code_;
};

namespace detail {

/** The text that `call(buffer, size, length)` writes, whatever its size. */
template <typename Call> std::pair<std::int32_t, std::string> text(Call call) {
    std::string text(1023, '\0');
    std::size_t length = 0;
    std::int32_t code = call(text.data(), text.size() + 1, &length);
    // A loop: between two calls a signer may mint a token of another length.
    while (code == SCOUT_ERR_BUFFER_TOO_SMALL) {
        text.resize(length);
        code = call(text.data(), text.size() + 1, &length);
    }
    text.resize(code == SCOUT_OK ? length : 0);
    return {code, std::move(text)};
}

inline void check(std::int32_t code) {
    if (code != SCOUT_OK) {
        auto [unused, what] = text(
            [](char *buffer, std::size_t size, std::size_t *length) { return scout_last_error(buffer, size, length); });
        throw error(code, what);
    }
}

template <typename Call> std::string checked_text(Call call) {
    auto [code, result] = text(call);
    check(code);
    return std::move(result);
}

/** The value that `call(value)` writes. */
template <typename Value, typename Call> Value value(Call call) {
    Value value{};
    check(call(&value));
    return value;
}

/** Refuses a NUL inside a text, which would end it too early in C. */
inline void check_no_nul(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        throw error(SCOUT_ERR_ARGUMENT, scout_strerror(SCOUT_ERR_ARGUMENT));
    }
}

/** A NUL-terminated copy. */
inline std::string terminated(std::string_view text) {
    check_no_nul(text);
    return std::string(text);
}

/** The text of a C function that converts key text. */
template <typename Function> std::string converted(std::string_view key, Function function) {
    return checked_text([&](char *buffer, std::size_t size, std::size_t *length) {
        return function(key.data(), key.size(), buffer, size, length);
    });
}

/** A handle that is freed with its owner. */
template <typename Handle, void (*Free)(Handle *)> class owned {
public:
    /** The handle, to pass to a C function. This object still owns it. */
    Handle *get() const noexcept { return handle_.get(); }

protected:
    explicit owned(Handle *handle) : handle_(handle) {}

    /** The text of a C function that takes this handle and a buffer. */
    template <typename Function> std::string text_of(Function function) const {
        return checked_text(
            [&](char *buffer, std::size_t size, std::size_t *length) { return function(get(), buffer, size, length); });
    }

    /** The bytes of a C function that takes this key and a buffer. */
    template <typename Function> std::vector<std::uint8_t> bytes_of(Function function) const {
        std::vector<std::uint8_t> bytes(SCOUT_KEY_SIZE);
        std::size_t length = 0;
        check(function(get(), bytes.data(), bytes.size(), &length));
        bytes.resize(length);
        return bytes;
    }

private:
    struct deleter {
        void operator()(Handle *handle) const noexcept { Free(handle); }
    };
    std::unique_ptr<Handle, deleter> handle_;
};

inline std::vector<const char *> pointers(const std::vector<std::string> &texts) {
    std::vector<const char *> pointers;
    for (const std::string &text : texts) {
        check_no_nul(text);
        pointers.push_back(text.c_str());
    }
    return pointers;
}

} // namespace detail

/** An RSA public key. */
class public_key : public detail::owned<scout_public_key, scout_public_key_free> {
public:
    explicit public_key(scout_public_key *handle) : owned(handle) {}

    static public_key parse(std::string_view key) {
        return public_key(detail::value<scout_public_key *>(
            [&](scout_public_key **out) { return scout_public_key_parse(key.data(), key.size(), out); }));
    }

    std::uint32_t bits() const {
        return detail::value<std::uint32_t>([&](std::uint32_t *out) { return scout_public_key_bits(get(), out); });
    }
    std::string kid() const { return text_of(scout_public_key_kid); }
    std::string to_base64url() const { return text_of(scout_public_key_to_base64url); }
    std::string to_pem() const { return text_of(scout_public_key_to_pem); }
    /** DER of SPKI. */
    std::vector<std::uint8_t> to_der() const { return bytes_of(scout_public_key_to_der); }
    std::string to_jwk() const { return text_of(scout_public_key_to_jwk); }
};

/** An RSA private key. */
class private_key : public detail::owned<scout_private_key, scout_private_key_free> {
public:
    explicit private_key(scout_private_key *handle) : owned(handle) {}

    static private_key parse(std::string_view key) {
        return private_key(detail::value<scout_private_key *>(
            [&](scout_private_key **out) { return scout_private_key_parse(key.data(), key.size(), out); }));
    }
    /** Reads a private key in any form from a file. */
    static private_key read_file(std::string_view path) {
        const std::string terminated = detail::terminated(path);
        return private_key(detail::value<scout_private_key *>(
            [&](scout_private_key **out) { return scout_private_key_read_file(terminated.c_str(), out); }));
    }
    /** Makes a key of 2048, 3072, 4096 or 8192 bits. */
    static private_key generate(std::uint32_t bits) {
        return private_key(detail::value<scout_private_key *>(
            [&](scout_private_key **out) { return scout_private_key_generate(bits, out); }));
    }

    scout::public_key public_key() const {
        return scout::public_key(detail::value<scout_public_key *>(
            [&](scout_public_key **out) { return scout_private_key_public_key(get(), out); }));
    }
    std::uint32_t bits() const {
        return detail::value<std::uint32_t>([&](std::uint32_t *out) { return scout_private_key_bits(get(), out); });
    }
    std::string kid() const { return text_of(scout_private_key_kid); }
    std::string to_base64url() const { return text_of(scout_private_key_to_base64url); }
    std::string to_pem() const { return text_of(scout_private_key_to_pem); }
    /** DER of PKCS#8. */
    std::vector<std::uint8_t> to_der() const { return bytes_of(scout_private_key_to_der); }
    std::string to_jwk() const { return text_of(scout_private_key_to_jwk); }
};

/** A token with its expiry in Unix seconds. */
struct token {
    std::string text;
    std::uint64_t expires_at;
};

/** Settings of a signer, as scout_signer_options; what is empty is left to the library. */
struct signer_options {
    /** The kid that the key must have. */
    std::optional<std::string> kid;
    /** Seconds for which a token is valid: 1 to 300. */
    std::optional<std::uint64_t> lifetime;
    /** A token is replaced when fewer seconds than this remain. */
    std::optional<std::uint64_t> refresh_margin;
    /** Seconds that iat lies in the past. */
    std::optional<std::uint64_t> backdate;
    /** The https origins that authorization_for allows. An empty list allows loopback only. */
    std::optional<std::vector<std::string>> allowed_origins;
    /** The kid that the tokens' header names, if Scout's kid is not the RFC 7638 thumbprint. */
    std::optional<std::string> header_kid;
    /** The claim roles. Not set: no such claim, all roles of the credential. */
    std::optional<std::vector<std::string>> roles;
    /** Further claims: the text of a JSON object. */
    std::optional<std::string> claims;
    /** Seconds after which the command of from_command runs again. */
    std::optional<std::uint64_t> refresh;
};

namespace detail {

/** Settings as C takes them. They point into this object. */
class settings {
public:
    explicit settings(const signer_options &options)
        : kid_(terminated(options.kid.value_or(""))), header_kid_(terminated(options.header_kid.value_or(""))),
          claims_(terminated(options.claims.value_or(""))) {
        settings_.kid = options.kid ? kid_.c_str() : nullptr;
        settings_.header_kid = options.header_kid ? header_kid_.c_str() : nullptr;
        settings_.claims = options.claims ? claims_.c_str() : nullptr;
        settings_.lifetime = options.lifetime.value_or(SCOUT_DEFAULT);
        settings_.refresh_margin = options.refresh_margin.value_or(SCOUT_DEFAULT);
        settings_.backdate = options.backdate.value_or(SCOUT_DEFAULT);
        settings_.refresh = options.refresh.value_or(SCOUT_DEFAULT);
        if (options.allowed_origins) {
            origins_ = pointers(*options.allowed_origins);
            settings_.allowed_origins = origins_.data();
            settings_.allowed_origins_count = origins_.size();
        }
        if (options.roles) {
            roles_ = pointers(*options.roles);
            settings_.roles = roles_.data();
            settings_.roles_count = roles_.size();
        }
    }
    settings(const settings &) = delete;
    settings &operator=(const settings &) = delete;

    const scout_signer_options *get() const noexcept { return &settings_; }

private:
    std::string kid_, header_kid_, claims_;
    std::vector<const char *> origins_, roles_;
    scout_signer_options settings_ = SCOUT_SIGNER_OPTIONS_INIT;
};

} // namespace detail

/** Mints tokens and keeps the current one. */
class signer : public detail::owned<scout_signer, scout_signer_free> {
public:
    explicit signer(scout_signer *handle) : owned(handle) {}

    signer(std::string_view credential_id, const private_key &key, const signer_options &options = {})
        : owned(make(credential_id, key, options)) {}

    /** From the environment: see scout_signer_from_env. */
    static signer from_env(const signer_options &options = {}) {
        return signer(made(options, scout_signer_from_env_with));
    }
    /** From a credential file or folder, which is read again when it changes. */
    static signer from_file(std::string_view path, const signer_options &options = {}) {
        const std::string terminated = detail::terminated(path);
        return signer(made(options, [&](const scout_signer_options *settings, scout_signer **out) {
            return scout_signer_from_file(terminated.c_str(), settings, out);
        }));
    }
    /** From the output of a program: its name and its arguments. No shell runs. */
    static signer from_command(const std::vector<std::string> &command, const signer_options &options = {}) {
        const auto pointers = detail::pointers(command);
        return signer(made(options, [&](const scout_signer_options *settings, scout_signer **out) {
            return scout_signer_from_command(pointers.data(), pointers.size(), settings, out);
        }));
    }

    /** A second handle to the same signer, for another thread: see scout_signer_clone. */
    signer clone() const {
        return signer(
            detail::value<scout_signer *>([&](scout_signer **out) { return scout_signer_clone(get(), out); }));
    }
    /** A new token at each call. */
    scout::token mint() const { return token_of(scout_signer_mint); }
    /** The current token. */
    scout::token token() const { return token_of(scout_signer_token); }
    /** What stands behind "Bearer ": the current token. */
    std::string bearer() const { return text_of(scout_signer_bearer); }
    /** "Bearer " and the current token. */
    std::string authorization() const { return text_of(scout_signer_authorization); }
    /** As authorization, for a request to that URL. */
    std::string authorization_for(std::string_view url) const {
        const std::string terminated = detail::terminated(url);
        return detail::checked_text([&](char *buffer, std::size_t size, std::size_t *length) {
            return scout_signer_authorization_for(get(), terminated.c_str(), buffer, size, length);
        });
    }
    /** After a 401: whether to send the request once more. `date` is the response's header Date, or empty. */
    bool rejected(std::string_view token, std::string_view date = {}) const {
        // The server chose the date: one that cannot be read is no error.
        const std::string terminated(date);
        return detail::value<bool>([&](bool *retry) {
            const char *optional_date = date.empty() ? nullptr : terminated.c_str();
            return scout_signer_rejected(get(), token.data(), token.size(), optional_date, retry);
        });
    }
    /** Forgets the current token; the next call mints. */
    void invalidate() const { detail::check(scout_signer_invalidate(get())); }
    /** By how many seconds the server's clock is ahead, as learnt from a 401. */
    std::int64_t clock_offset() const {
        return detail::value<std::int64_t>([&](std::int64_t *out) { return scout_signer_clock_offset(get(), out); });
    }
    /** The code of why the last look at the credential's source failed, or SCOUT_OK. */
    std::int32_t source_error() const noexcept { return scout_signer_source_error(get()); }
    std::string credential_id() const { return text_of(scout_signer_credential_id); }
    std::string kid() const { return text_of(scout_signer_kid); }
    scout::public_key public_key() const {
        return scout::public_key(detail::value<scout_public_key *>(
            [&](scout_public_key **out) { return scout_signer_public_key(get(), out); }));
    }

private:
    static scout_signer *make(std::string_view credential_id, const private_key &key, const signer_options &options) {
        const std::string id = detail::terminated(credential_id);
        return made(options, [&](const scout_signer_options *settings, scout_signer **out) {
            return scout_signer_new(id.c_str(), key.get(), settings, out);
        });
    }

    /** The signer that `make(settings, out)` writes. */
    template <typename Make> static scout_signer *made(const signer_options &options, Make make) {
        const detail::settings settings(options);
        return detail::value<scout_signer *>([&](scout_signer **out) { return make(settings.get(), out); });
    }

    template <typename Function> scout::token token_of(Function function) const {
        std::uint64_t expires_at = 0;
        std::string text = detail::checked_text([&](char *buffer, std::size_t size, std::size_t *length) {
            return function(get(), buffer, size, length, &expires_at);
        });
        return {std::move(text), expires_at};
    }
};

/** A bearer string that is sent as it is. */
class api_key : public detail::owned<scout_api_key, scout_api_key_free> {
public:
    explicit api_key(scout_api_key *handle) : owned(handle) {}

    explicit api_key(std::string_view key)
        : owned(detail::value<scout_api_key *>(
              [&](scout_api_key **out) { return scout_api_key_new(key.data(), key.size(), out); })) {}

    /** From SCOUT_API_KEY. */
    static api_key from_env() { return api_key(detail::value<scout_api_key *>(scout_api_key_from_env)); }
    /** Sends the private key itself, in the form that Scout issues. */
    static api_key from_private_key(std::string_view key) {
        return api_key(detail::value<scout_api_key *>(
            [&](scout_api_key **out) { return scout_api_key_from_private_key(key.data(), key.size(), out); }));
    }

    /** The only https origins that authorization_for allows. An empty list allows loopback only. */
    void allow_origins(const std::vector<std::string> &origins) {
        const auto pointers = detail::pointers(origins);
        detail::check(scout_api_key_allow_origins(get(), pointers.data(), pointers.size()));
    }
    /** What stands behind "Bearer ": the key. */
    std::string bearer() const { return text_of(scout_api_key_bearer); }
    std::string authorization() const { return text_of(scout_api_key_authorization); }
    std::string authorization_for(std::string_view url) const {
        const std::string terminated = detail::terminated(url);
        return detail::checked_text([&](char *buffer, std::size_t size, std::size_t *length) {
            return scout_api_key_authorization_for(get(), terminated.c_str(), buffer, size, length);
        });
    }
};

/** What a verified token says. */
class claims : public detail::owned<scout_claims, scout_claims_free> {
public:
    explicit claims(scout_claims *handle) : owned(handle) {}

    std::string credential_id() const { return text_of(scout_claims_credential_id); }
    std::string kid() const { return text_of(scout_claims_kid); }
    std::string json() const { return text_of(scout_claims_json); }
    /** The names in the claim roles, or nothing if the token has no such claim: it has all roles then. */
    std::optional<std::vector<std::string>> roles() const {
        const auto count =
            detail::value<std::size_t>([&](std::size_t *out) { return scout_claims_roles_count(get(), out); });
        if (count == SCOUT_ALL_ROLES) {
            return std::nullopt;
        }
        std::vector<std::string> roles;
        for (std::size_t index = 0; index < count; index++) {
            roles.push_back(detail::checked_text([&](char *buffer, std::size_t size, std::size_t *length) {
                return scout_claims_role(get(), index, buffer, size, length);
            }));
        }
        return roles;
    }
    std::uint64_t issued_at() const {
        return detail::value<std::uint64_t>([&](std::uint64_t *out) { return scout_claims_issued_at(get(), out); });
    }
    std::uint64_t expires_at() const {
        return detail::value<std::uint64_t>([&](std::uint64_t *out) { return scout_claims_expires_at(get(), out); });
    }
};

/** Public keys by kid that accept or refuse a token. */
class verifier : public detail::owned<scout_verifier, scout_verifier_free> {
public:
    explicit verifier(scout_verifier *handle) : owned(handle) {}

    /** Without keys: it refuses every token until you add one. */
    verifier() : owned(detail::value<scout_verifier *>(scout_verifier_new)) {}

    /** Adds a key. */
    void add_key(const public_key &key) { detail::check(scout_verifier_add_key(get(), key.get())); }
    /** Adds the RSA keys for RS256 of a JWK set: all or, on error, none. */
    void add_jwk_set(std::string_view jwk_set) {
        detail::check(scout_verifier_add_jwk_set(get(), jwk_set.data(), jwk_set.size()));
    }
    /** Adds the keys of a JWK set, or one public key in any form. */
    void add_keys(std::string_view keys) { detail::check(scout_verifier_add_keys(get(), keys.data(), keys.size())); }
    /** A second verifier with the same keys: add a key to it while other threads use this one. */
    verifier clone() const {
        return verifier(
            detail::value<scout_verifier *>([&](scout_verifier **out) { return scout_verifier_clone(get(), out); }));
    }
    /** By how many seconds the two clocks may differ: 0 to 300. */
    void set_leeway(std::uint64_t seconds) { detail::check(scout_verifier_set_leeway(get(), seconds)); }
    std::string to_jwk_set() const { return text_of(scout_verifier_to_jwk_set); }

    /** The claims of the token. Throws if the token is refused. */
    scout::claims verify(std::string_view token, std::uint64_t now = SCOUT_DEFAULT) const {
        return scout::claims(detail::value<scout_claims *>(
            [&](scout_claims **out) { return scout_verifier_verify(get(), token.data(), token.size(), now, out); }));
    }
};

/** The kid of a key, from key text in any form, private or public. */
inline std::string kid(std::string_view key) {
    return detail::converted(key, scout_kid);
}

/** Converts key text in any form to PEM. If the key is private, the result is a secret. */
inline std::string to_pem(std::string_view key) {
    return detail::converted(key, scout_to_pem);
}

/** Converts key text in any form to base64url, as Scout issues it. If the key is private, the result is a secret. */
inline std::string to_base64url(std::string_view key) {
    return detail::converted(key, scout_to_base64url);
}

/**
 * Mints one token without keeping it. Of the options, kid, header_kid, lifetime, roles and claims count.
 * `issued_at` is in Unix seconds.
 */
inline token mint_token(std::string_view credential_id, const private_key &key, const signer_options &options = {},
                        std::uint64_t issued_at = SCOUT_DEFAULT) {
    const std::string id = detail::terminated(credential_id);
    const detail::settings settings(options);
    std::uint64_t expires_at = 0;
    std::string text = detail::checked_text([&](char *buffer, std::size_t size, std::size_t *length) {
        return scout_mint_token(id.c_str(), key.get(), settings.get(), issued_at, buffer, size, length, &expires_at);
    });
    return {std::move(text), expires_at};
}

/** Verifies one token against a JWK set, or one public key in any form. Throws if the token is refused. */
inline claims verify_token(std::string_view token, std::string_view keys, std::uint64_t now = SCOUT_DEFAULT,
                           std::uint64_t leeway = SCOUT_DEFAULT) {
    return claims(detail::value<scout_claims *>([&](scout_claims **out) {
        return scout_verify_token(token.data(), token.size(), keys.data(), keys.size(), now, leeway, out);
    }));
}

} // namespace scout

#endif
#endif
