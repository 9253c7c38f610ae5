/* A program that links two Rust static libraries of one toolchain. */
#include "test.h"

size_t other_length(uint64_t number);

static void both_libraries_work_in_one_program(void) {
    scout_signer *signer = new_signer();
    char header[SCOUT_TOKEN_SIZE];
    CHECK(other_length(1234) == 4);
    CHECK_CODE(scout_signer_authorization(signer, header, sizeof header, NULL), SCOUT_OK);
    CHECK(other_length(7) == 0);
    CHECK_CODE(scout_signer_authorization(signer, header, sizeof header, NULL), SCOUT_OK);
    scout_signer_free(signer);
}

int main(void) {
    const struct test tests[] = {{"both libraries work in one program", both_libraries_work_in_one_program}};
    return RUN_TESTS(tests);
}
