/* Signers that read their credential from a file, a folder or a command, and follow a rotation. */
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

/* A key of this run, its text and its kid. */
struct credential {
    char key[2048];
    char kid[SCOUT_KID_SIZE];
};

static struct credential first, second;
static char directory[] = "/tmp/scout-auth-sources-XXXXXX";

/* What the callback was told, by kind. */
static struct {
    int count[6];
    scout_event last[6];
} told;

static void tell(const scout_event *event) {
    if (event->kind > 0 && event->kind < 6) {
        told.count[event->kind]++;
        told.last[event->kind] = *event;
    }
}

static void make(struct credential *it) {
    scout_private_key *key = NULL;
    CHECK_CODE(scout_private_key_generate(2048, &key), SCOUT_OK);
    CHECK_CODE(scout_private_key_to_base64url(key, it->key, sizeof it->key, NULL), SCOUT_OK);
    CHECK_CODE(scout_private_key_kid(key, it->kid, sizeof it->kid, NULL), SCOUT_OK);
    scout_private_key_free(key);
}

static const char *path_of(const char *name) {
    static char path[2][128];
    static int next;
    next = !next;
    (void)snprintf(path[next], sizeof path[next], "%s/%s", directory, name);
    return path[next];
}

/* Writes the text beside the file, and renames it, as a rotation does. */
static void replace(const char *name, const char *text) {
    FILE *file = fopen(path_of("new"), "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    CHECK(rename(path_of("new"), path_of(name)) == 0);
}

static const char *json(const struct credential *it, const char *credential_id) {
    static char text[4096];
    (void)snprintf(text, sizeof text, "{\"private_key\":\"%s\",\"credential_id\":\"%s\",\"kid\":\"%s\"}", it->key,
                   credential_id, it->kid);
    return text;
}

/* The signer has this credential, and its token is one of it. */
static void check_credential(const scout_signer *signer, const struct credential *it, const char *credential_id) {
    scout_public_key *public_key = NULL;
    scout_verifier *verifier = NULL;
    scout_claims *claims = NULL;
    char text[SCOUT_TOKEN_SIZE];
    CHECK_CODE(scout_signer_bearer(signer, text, sizeof text, NULL), SCOUT_OK);
    CHECK_CODE(scout_signer_public_key(signer, &public_key), SCOUT_OK);
    CHECK_CODE(scout_verifier_new(&verifier), SCOUT_OK);
    CHECK_CODE(scout_verifier_add_key(verifier, public_key), SCOUT_OK);
    CHECK_CODE(scout_verifier_verify(verifier, TEXT(text), SCOUT_DEFAULT, &claims), SCOUT_OK);
    CHECK_CODE(scout_claims_credential_id(claims, text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, credential_id);
    CHECK_CODE(scout_claims_kid(claims, text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, it->kid);
    CHECK_CODE(scout_signer_credential_id(signer, text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, credential_id);
    CHECK_CODE(scout_signer_kid(signer, text, sizeof text, NULL), SCOUT_OK);
    CHECK_TEXT(text, it->kid);
    scout_claims_free(claims);
    scout_verifier_free(verifier);
    scout_public_key_free(public_key);
}

static void a_rotation_replaces_id_kid_and_key_together(void) {
    scout_signer *signer = NULL;
    char token[SCOUT_TOKEN_SIZE];
    bool retry = false;
    replace("credential.json", json(&first, "cred_first"));
    CHECK_CODE(scout_signer_from_file(path_of("credential.json"), NULL, &signer), SCOUT_OK);
    check_credential(signer, &first, "cred_first");
    CHECK_CODE(scout_signer_bearer(signer, token, sizeof token, NULL), SCOUT_OK);
    replace("credential.json", json(&second, "cred_second"));
    check_credential(signer, &first, "cred_first"); /* A fresh token is kept. */
    CHECK_CODE(scout_signer_rejected(signer, TEXT(token), NULL, &retry), SCOUT_OK);
    CHECK(retry);
    check_credential(signer, &second, "cred_second");
    CHECK_CODE(scout_signer_source_error(signer), SCOUT_OK);
    scout_signer_free(signer);
}

static void a_broken_file_keeps_the_last_good_credential_and_is_told(void) {
    scout_signer *signer = NULL;
    char text[512];
    replace("credential.json", json(&first, "cred_first"));
    CHECK_CODE(scout_signer_from_file(path_of("credential.json"), NULL, &signer), SCOUT_OK);
    replace("credential.json", "{\"private_key\":");
    CHECK_CODE(scout_signer_invalidate(signer), SCOUT_OK);
    check_credential(signer, &first, "cred_first");
    CHECK_CODE(scout_signer_source_error(signer), SCOUT_ERR_CREDENTIAL_FORMAT);
    CHECK_CODE(scout_last_error(text, sizeof text, NULL), SCOUT_OK);
    CHECK(strstr(text, "is not in a form that scout-auth reads") != NULL && strstr(text, first.key) == NULL);
    CHECK_CODE(scout_signer_source_error(NULL), SCOUT_ERR_ARGUMENT);
    scout_signer_free(signer);
}

static void a_folder_and_a_command_hold_a_credential_too(void) {
    const char *command[2] = {"/bin/cat", NULL}, *failing[] = {"/bin/false"};
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    scout_signer *signer = NULL;
    char token[SCOUT_TOKEN_SIZE], path[128];
    bool retry = false;
    CHECK(mkdir(path_of("folder"), 0700) == 0);
    replace("folder/private_key", first.key);
    replace("folder/credential_id", "cred_folder");
    CHECK_CODE(scout_signer_from_file(path_of("folder"), NULL, &signer), SCOUT_OK);
    check_credential(signer, &first, "cred_folder");
    scout_signer_free(signer);
    replace("printed.json", json(&first, "cred_printed"));
    (void)snprintf(path, sizeof path, "%s", path_of("printed.json"));
    command[1] = path;
    options.refresh = 3600;
    CHECK_CODE(scout_signer_from_command(command, 2, &options, &signer), SCOUT_OK);
    check_credential(signer, &first, "cred_printed");
    CHECK_CODE(scout_signer_bearer(signer, token, sizeof token, NULL), SCOUT_OK);
    CHECK_CODE(scout_signer_rejected(signer, TEXT(token), NULL, &retry), SCOUT_OK);
    scout_signer_free(signer);
    signer = NULL;
    CHECK_CODE(scout_signer_from_command(failing, 1, NULL, &signer), SCOUT_ERR_COMMAND_FAILED);
    CHECK_CODE(scout_signer_from_command(NULL, 0, NULL, &signer), SCOUT_ERR_COMMAND_ARGUMENTS);
    CHECK_CODE(scout_signer_from_command(NULL, 1, NULL, &signer), SCOUT_ERR_ARGUMENT);
    options.refresh = 0;
    CHECK_CODE(scout_signer_from_command(command, 2, &options, &signer), SCOUT_ERR_REFRESH);
    CHECK_CODE(scout_signer_from_file(NULL, NULL, &signer), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_from_file("/no/such/file", NULL, &signer), SCOUT_ERR_CREDENTIAL_UNREADABLE);
    CHECK(signer == NULL);
    CHECK_CODE(scout_signer_from_file(path, NULL, NULL), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_signer_from_command(command, 2, NULL, NULL), SCOUT_ERR_ARGUMENT);
}

/* After the others: this is what they were told. */
static void the_callback_was_told_what_happened(void) {
    const scout_event *rotated = &told.last[SCOUT_EVENT_ROTATED];
    CHECK(told.count[SCOUT_EVENT_MINTED] > 2 && told.last[SCOUT_EVENT_MINTED].seconds > 1700000000);
    CHECK_TEXT(told.last[SCOUT_EVENT_MINTED].kid, first.kid);
    CHECK(told.count[SCOUT_EVENT_ROTATED] == 1);
    CHECK_TEXT(rotated->old_kid, first.kid);
    CHECK_TEXT(rotated->kid, second.kid);
    CHECK(told.count[SCOUT_EVENT_SOURCE_FAILED] == 1);
    CHECK(told.last[SCOUT_EVENT_SOURCE_FAILED].error == SCOUT_ERR_CREDENTIAL_FORMAT);
    CHECK(told.count[SCOUT_EVENT_REJECTED] == 2);
    CHECK(told.count[SCOUT_EVENT_CLOCK_OFFSET] == 0);
    CHECK_CODE(scout_set_event_callback(tell), SCOUT_ERR_ARGUMENT);
    CHECK_CODE(scout_set_event_callback(NULL), SCOUT_ERR_ARGUMENT);
}

int main(void) {
    const struct test tests[] = {
        {"a rotation replaces id, kid and key together", a_rotation_replaces_id_kid_and_key_together},
        {"a broken file keeps the last good credential and is told",
         a_broken_file_keeps_the_last_good_credential_and_is_told},
        {"a folder and a command hold a credential too", a_folder_and_a_command_hold_a_credential_too},
        {"the callback was told what happened", the_callback_was_told_what_happened},
    };
    const char *const names[] = {"credential.json", "printed.json", "folder/private_key", "folder/credential_id"};
    int status;
    size_t i;
    CHECK(mkdtemp(directory) != NULL);
    CHECK_CODE(scout_set_event_callback(tell), SCOUT_OK);
    make(&first);
    make(&second);
    status = RUN_TESTS(tests);
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        (void)unlink(path_of(names[i]));
    }
    (void)rmdir(path_of("folder"));
    (void)rmdir(directory);
    return status;
}
