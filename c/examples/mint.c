/* Mints one token and prints it: from SCOUT_PRIVATE_KEY and SCOUT_CREDENTIAL_ID, as Scout shows them. */
#include <stdio.h>

#include "scout_auth.h"

int main(void) {
    scout_signer *signer = NULL;
    char token[SCOUT_TOKEN_SIZE];
    int32_t rc = scout_signer_from_env(&signer);
    if (rc == SCOUT_OK) {
        rc = scout_signer_mint(signer, token, sizeof token, NULL, NULL);
    }
    if (rc == SCOUT_OK) {
        puts(token);
    } else {
        char text[512];
        scout_last_error(text, sizeof text, NULL);
        fprintf(stderr, "error: %s: %s\n", scout_error_name(rc), text);
    }
    scout_signer_free(signer);
    return rc != SCOUT_OK;
}
