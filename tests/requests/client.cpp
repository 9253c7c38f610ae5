// A client program in C++, with libcurl. See tests/README.md.
#include <curl/curl.h>

#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "scout_auth.hpp"

namespace {

constexpr int threads = 8;

std::mutex input, output, signers;
std::shared_ptr<const scout::signer> current;

struct line {
    std::string number, call, first, second, third, fourth;
};

bool read(line &next) {
    std::string text;
    {
        const std::lock_guard guard(input);
        if (!std::getline(std::cin, text)) {
            return false;
        }
    }
    next = {};
    std::istringstream(text) >> next.number >> next.call >> next.first >> next.second >> next.third >> next.fourth;
    return true;
}

void print(const line &asked, const std::string &answer) {
    const std::lock_guard guard(output);
    std::cout << asked.number << ' ' << answer << std::endl;
}

scout::signer signer_of(const line &asked) {
    scout::signer_options options;
    options.lifetime = std::stoull(asked.third);
    options.refresh_margin = std::stoull(asked.fourth);
    return scout::signer::from_file(asked.second, options);
}

std::size_t discard(char *, std::size_t, std::size_t length, void *) {
    return length;
}

// Sends the request with that value of the header Authorization, and returns the status.
long perform(CURL *curl, const std::string &authorization) {
    long status = 0;
    curl_slist *headers = curl_slist_append(nullptr, ("Authorization: " + authorization).c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (curl_easy_perform(curl) == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_slist_free_all(headers);
    return status;
}

// Whether the signer says that a request which got a 401 is worth another attempt.
bool is_worth_a_retry(CURL *curl, const scout::signer &signer, const std::string &authorization) {
    curl_header *date = nullptr;
    long redirects = 0;
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_COUNT, &redirects);
    // Behind a redirect the 401 may be another origin's, and says nothing of the token.
    if (redirects != 0) {
        return false;
    }
    curl_easy_header(curl, "Date", 0, CURLH_HEADER, -1, &date);
    return signer.rejected(authorization, date ? date->value : "");
}

long request(CURL *curl, const scout::signer &signer, const line &asked) {
    const std::string &url = asked.first;
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    if (asked.call == "POST") {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, asked.second.c_str());
    }
    // libcurl takes the header off if a redirect leads to another origin.
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    const std::string authorization = signer.authorization_for(url);
    const long status = perform(curl, authorization);
    if (status == 401 && is_worth_a_retry(curl, signer, authorization)) {
        return perform(curl, signer.authorization_for(url));
    }
    return status;
}

std::string answer(CURL *curl, const line &asked) {
    if (asked.call == "follow") {
        auto next = std::make_shared<const scout::signer>(signer_of(asked));
        const std::lock_guard guard(signers);
        current = std::move(next);
        return "ok";
    }
    std::shared_ptr<const scout::signer> signer;
    {
        const std::lock_guard guard(signers);
        signer = current;
    }
    return std::to_string(request(curl, *signer, asked));
}

void serve() {
    CURL *curl = curl_easy_init();
    for (line asked; read(asked);) {
        try {
            print(asked, answer(curl, asked));
        } catch (const scout::error &error) {
            print(asked, error.name());
        }
    }
    curl_easy_cleanup(curl);
}

} // namespace

int main() {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    std::vector<std::thread> running;
    for (int i = 0; i < threads; i++) {
        running.emplace_back(serve);
    }
    for (std::thread &thread : running) {
        thread.join();
    }
    current.reset();
    curl_global_cleanup();
}
