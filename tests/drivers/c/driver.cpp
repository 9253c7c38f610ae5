// Runs the vectors against the C++ header: see case.h and tests/README.md.
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "case.h"
#include "scout_auth.hpp"

namespace {

using answer = std::map<std::string, std::string>;

/** The input of a case. */
class given {
public:
    explicit given(const fields &all) : all_(all) {}

    std::optional<std::string> optional(const std::string &name) const {
        const field *found = find_field(&all_, name.c_str());
        return found == nullptr ? std::nullopt : std::optional<std::string>(std::string(found->value, found->length));
    }
    std::string text(const std::string &name) const { return optional(name).value(); }
    std::optional<std::uint64_t> number(const char *name) const {
        const auto text = optional(name);
        return text ? std::optional<std::uint64_t>(std::stoull(*text)) : std::nullopt;
    }
    std::vector<std::string> list(const char *name) const {
        std::vector<std::string> items;
        while (const field *item = nth_field(&all_, name, items.size())) {
            items.emplace_back(item->value, item->length);
        }
        return items;
    }
    std::optional<std::vector<std::string>> optional_list(const std::string &name) const {
        return optional(name + ".count") ? std::optional(list(name.c_str())) : std::nullopt;
    }
    scout::signer_options options() const {
        scout::signer_options options;
        options.kid = optional("kid");
        options.header_kid = optional("header_kid");
        options.lifetime = number("lifetime");
        options.refresh_margin = number("refresh_margin");
        options.backdate = number("backdate");
        options.refresh = number("refresh");
        options.allowed_origins = optional_list("allowed_origins");
        options.roles = optional_list("roles");
        options.claims = optional("claims");
        return options;
    }
    const fields &all() const { return all_; }

private:
    const fields &all_;
};

/** What comes of a call, or the error that it threw. */
template <typename Call> answer caught(Call call) {
    try {
        return call();
    } catch (const scout::error &error) {
        return {{"error", error.name()}, {"text", error.what()}};
    }
}

template <typename Key> answer written(const Key &key) {
    return {{"base64url", key.to_base64url()},
            {"pem", key.to_pem()},
            {"jwk", key.to_jwk()},
            {"kid", key.kid()},
            {"bits", std::to_string(key.bits())}};
}

/** The plain functions have no counterpart in the header: they are the C functions. */
template <typename Function> std::string converted(Function function, const std::string &key) {
    return scout::detail::checked_text([&](char *buffer, std::size_t size, std::size_t *length) {
        return function(key.data(), key.size(), buffer, size, length);
    });
}

answer convert(const given &given) {
    const std::string key = given.text("text");
    return {{"pem", converted(scout_to_pem, key)},
            {"base64url", converted(scout_to_base64url, key)},
            {"kid", converted(scout_kid, key)}};
}

answer jwk_set(const given &given) {
    scout::verifier verifier;
    verifier.add_jwk_set(given.text("text"));
    return {{"jwk_set", verifier.to_jwk_set()}};
}

answer mint(const given &given) {
    const auto key = scout::private_key::parse(given.text("key"));
    const std::uint64_t issued_at = given.number("issued_at").value_or(SCOUT_DEFAULT);
    const scout::token token = scout::mint_token(given.text("credential_id"), key, given.options(), issued_at);
    return {{"token", token.text},
            {"issued_at", std::to_string(issued_at)},
            {"expires_at", std::to_string(token.expires_at)}};
}

/** The roles as a JSON array, as the vectors write it; those of the cases need no escapes. */
std::string written(const std::optional<std::vector<std::string>> &roles) {
    if (!roles) {
        return "null";
    }
    std::string text = "[";
    for (const std::string &role : *roles) {
        text += (text == "[" ? "\"" : ",\"") + role + "\"";
    }
    return text + "]";
}

answer verify(const given &given) {
    scout::verifier verifier;
    if (const auto key_set = given.optional("key_set")) {
        verifier.add_jwk_set(*key_set);
    }
    for (const std::string &key : given.list("keys")) {
        verifier.add_key(scout::public_key::parse(key));
    }
    if (const auto leeway = given.number("leeway")) {
        verifier.set_leeway(*leeway);
    }
    const auto claims = verifier.verify(given.text("token"), given.number("now").value_or(SCOUT_DEFAULT));
    return {{"credential_id", claims.credential_id()},
            {"issued_at", std::to_string(claims.issued_at())},
            {"expires_at", std::to_string(claims.expires_at())},
            {"kid", claims.kid()},
            {"json", claims.json()},
            {"roles", written(claims.roles())}};
}

answer shown(const scout::signer &signer) {
    return {{"credential_id", signer.credential_id()}, {"kid", signer.kid()}, {"token", signer.token().text}};
}

scout::signer signer_of(const given &given) {
    return {given.text("credential_id"), scout::private_key::parse(given.text("key")), given.options()};
}

const char *yes(bool fact) {
    return fact ? "yes" : "no";
}

answer live(const given &given) {
    const scout::signer signer = signer_of(given);
    const std::string first = signer.token().text;
    wait_a_while();
    const bool kept = signer.token().text == first;
    signer.invalidate();
    const std::string second = signer.token().text;
    wait_a_while();
    const bool retry = signer.rejected(second);
    const bool rejected = signer.token().text != second;
    return {
        {"kept", yes(kept)}, {"invalidated", yes(second != first)}, {"retry", yes(retry)}, {"rejected", yes(rejected)}};
}

/** The last token is left as it was where none is given. */
answer tell_step(const scout::signer &signer, const given &given, const std::string &step, std::string &last) {
    const std::string call = given.text(step + "call");
    if (call == "invalidate") {
        signer.invalidate();
        return {};
    }
    if (call == "rejected") {
        const std::string token = given.text(step + "token");
        const bool retry = signer.rejected(token == "last" ? last : token, given.optional(step + "date").value_or(""));
        return {{"retry", yes(retry)}, {"clock_offset", std::to_string(signer.clock_offset())}};
    }
    last = call == "mint" ? signer.mint().text : signer.token().text;
    return {{"token", last}};
}

answer story(const given &given) {
    const scout::signer signer = signer_of(given);
    const std::uint64_t count = given.number("steps.count").value();
    answer all;
    std::string last;
    for (std::uint64_t at = 0; at < count; at++) {
        const std::string step = "steps." + std::to_string(at) + ".";
        set_clock_of_step(&given.all(), at);
        for (const auto &[name, value] : caught([&] { return tell_step(signer, given, step, last); })) {
            all[step + name] = value;
        }
    }
    return all;
}

answer signer_from_file(const given &given) {
    const auto signer = scout::signer::from_file(given.text("path"), given.options());
    answer all = shown(signer);
    all["jwk"] = signer.public_key().to_jwk();
    return all;
}

answer signer_from_env(const given &given) {
    set_environment(&given.all());
    return shown(scout::signer::from_env());
}

answer send_to(const given &given) {
    scout::api_key key(given.text("text"));
    if (const auto origins = given.optional_list("allowed_origins")) {
        key.allow_origins(*origins);
    }
    return {{"authorization", key.authorization_for(given.text("url"))}};
}

const std::map<std::string, std::function<answer(const given &)>> calls = {
    {"private_key", [](const given &given) { return written(scout::private_key::parse(given.text("text"))); }},
    {"public_key", [](const given &given) { return written(scout::public_key::parse(given.text("text"))); }},
    {"generate",
     [](const given &given) {
         const auto bits = static_cast<std::uint32_t>(given.number("bits").value());
         return written(scout::private_key::generate(bits));
     }},
    {"convert", convert},
    {"jwk_set", jwk_set},
    {"mint", mint},
    {"verify", verify},
    {"live", live},
    {"story", story},
    {"signer", [](const given &given) { return shown(signer_of(given)); }},
    {"signer_from_file", signer_from_file},
    {"signer_from_env", signer_from_env},
    {"api_key",
     [](const given &given) { return answer{{"authorization", scout::api_key(given.text("text")).authorization()}}; }},
    {"raw_key",
     [](const given &given) {
         return answer{{"authorization", scout::api_key::from_private_key(given.text("text")).authorization()}};
     }},
    {"send", send_to},
};

answer run(const test_case &test) {
    set_clock_of_case(&test.given);
    return caught([&] { return calls.at(test.call)(given(test.given)); });
}

} // namespace

int main() {
    static test_case test;
    while (read_case(&test)) {
        fields fields{};
        for (const auto &[name, value] : run(test)) {
            add_field(&fields, name.c_str(), value.data(), value.size());
        }
        write_verdict(&test, &fields);
        clear_fields(&fields);
    }
}
