// The header value for a request, in C++.
#include <iostream>

#include "scout_auth.hpp"

int main(int argc, char **argv) {
    const char *url = argc > 1 ? argv[1] : "https://api.scoutos.com/v2/workflows";
    try {
        const scout::signer signer = scout::signer::from_env();
        std::cout << "Authorization: " << signer.authorization_for(url) << '\n';
        return 0;
    } catch (const scout::error &error) {
        std::cerr << "error: " << error.name() << ": " << error.what() << '\n';
        return 1;
    }
}
