/* A test of a program in C, with a local Scout: its clock moves, a request fails, the key is rotated. */
#include <curl/curl.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scout_auth.h"

/* The credentials in these buffers are throwaway ones. */
enum { TEXT = 16384 };

extern char **environ;
static pid_t server;
static int servers_input; /* The server ends when this is closed, also because this process has ended. */
static char folder[] = "/tmp/scout-XXXXXX", file[64], url[64], admin[128], id[64], answer[TEXT], date[64];

static void check(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "failed: %s\n", what);
        exit(1);
    }
}

/* Copies a member of `answer`: a text without escapes, as all are that are asked for here. */
static void member(const char *name, char *value, size_t size) {
    char pattern[32];
    snprintf(pattern, sizeof pattern, "\"%s\":\"", name);
    const char *found = strstr(answer, pattern);
    check(found != NULL, name);
    found += strlen(pattern);
    snprintf(value, size, "%.*s", (int)strcspn(found, "\""), found);
}

/* The line of a server that is ready is a credential file, and so is the answer to a rotation. */
static void write_credential(void) {
    char fresh[sizeof folder + 8];
    snprintf(fresh, sizeof fresh, "%s/new", folder);
    snprintf(file, sizeof file, "%s/credential", folder);
    FILE *stream = fopen(fresh, "w");
    check(stream && fputs(answer, stream) >= 0 && fclose(stream) == 0 && rename(fresh, file) == 0, "a credential");
    member("id", id, sizeof id);
}

static void start(void) {
    char *command[] = {"scout-auth", "serve", "--port", "0", "--until-eof", "--create", "test", NULL};
    int input[2], output[2];
    posix_spawn_file_actions_t actions;
    check(mkdtemp(folder) && pipe(input) == 0 && pipe(output) == 0, "a folder and pipes");
    fcntl(input[1], F_SETFD, FD_CLOEXEC); /* Another child with this end would keep the server from ending. */
    fcntl(output[0], F_SETFD, FD_CLOEXEC);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    check(posix_spawnp(&server, command[0], &actions, NULL, command, environ) == 0, "scout-auth starts");
    posix_spawn_file_actions_destroy(&actions);
    close(input[0]);
    close(output[1]);
    servers_input = input[1];
    FILE *stream = fdopen(output[0], "r");
    check(fgets(answer, sizeof answer, stream) != NULL, "it is ready");
    fclose(stream);
    member("url", url, sizeof url);
    member("admin_token", admin, sizeof admin);
    write_credential();
}

static void stop(void) {
    int status = 0;
    close(servers_input);
    waitpid(server, &status, 0);
    check(status == 0 && unlink(file) == 0 && rmdir(folder) == 0, "it ends");
}

static size_t keep_answer(char *data, size_t one, size_t length, void *user) {
    (void)user;
    strncat(answer, data, one * length < TEXT - 1 - strlen(answer) ? length : 0);
    return length;
}

/* Sends a request and returns the status. The rest is in `answer` and `date`. */
static long request(const char *method, const char *path, const char *authorization, const char *body) {
    char target[256], header[sizeof "Authorization: " + SCOUT_TOKEN_SIZE];
    long status = 0;
    struct curl_header *found = NULL;
    CURL *curl = curl_easy_init();
    answer[0] = '\0';
    snprintf(target, sizeof target, "%s%s", url, path);
    snprintf(header, sizeof header, "Authorization: %s", authorization);
    struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, header), "Content-Type: application/json");
    curl_easy_setopt(curl, CURLOPT_URL, target);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_answer);
    check(curl_easy_perform(curl) == CURLE_OK, path);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_header(curl, "Date", 0, CURLH_HEADER, -1, &found);
    snprintf(date, sizeof date, "%s", found ? found->value : "");
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}

/* Asks the server for something, with its admin token. */
static void manage(const char *method, const char *path, const char *body) {
    char authorization[sizeof "Bearer " + sizeof admin];
    snprintf(authorization, sizeof authorization, "Bearer %s", admin);
    check(request(method, path, authorization, body) < 300, body);
}

/* What is tested here: the request of a program, which is sent once more after a 401. Returns the number of requests.
 */
static int requests(const scout_signer *signer, long *status) {
    char authorization[SCOUT_TOKEN_SIZE];
    size_t length = 0;
    bool retry = true;
    int sent = 0;
    while (retry && sent < 2) {
        check(scout_signer_authorization_for(signer, url, authorization, sizeof authorization, &length) == 0,
              "a token");
        *status = request("GET", "/v2/workflows", authorization, "");
        retry = false;
        sent++;
        if (*status == 401) {
            scout_signer_rejected(signer, authorization, length, date, &retry);
        }
    }
    return sent;
}

int main(void) {
    char path[128], first[SCOUT_TOKEN_SIZE], second[SCOUT_TOKEN_SIZE];
    scout_signer *signer = NULL;
    int64_t offset = 0;
    long status = 0;
    start();
    check(scout_signer_from_file(file, NULL, &signer) == SCOUT_OK, "a signer");
    check(requests(signer, &status) == 1 && status == 200, "the token is accepted");

    scout_signer_bearer(signer, first, sizeof first, NULL);
    manage("POST", "/_local/clock", "{\"advance\": 3000}");
    check(requests(signer, &status) == 2 && status == 200, "fifty minutes later the server's clock is learnt");
    scout_signer_bearer(signer, second, sizeof second, NULL);
    scout_signer_clock_offset(signer, &offset);
    check(strcmp(first, second) != 0 && offset > 2990, "there is a new token");

    manage("POST", "/_local/fail", "{\"status\": 401, \"delay\": 1}");
    check(requests(signer, &status) == 2 && status == 200, "after a 401 the request is sent once more");

    snprintf(path, sizeof path, "/v2/organizations/credentials/%s", id);
    strcat(path, "/rotate");
    manage("POST", path, "{}");
    *strrchr(path, '/') = '\0';
    write_credential();
    manage("PATCH", path, "{\"enabled\": false}");
    check(requests(signer, &status) == 2 && status == 200, "a rotation is followed");
    scout_signer_credential_id(signer, first, sizeof first, NULL);
    check(strcmp(first, id) == 0, "it is the new credential");
    scout_signer_free(signer);
    stop();
    puts("all of it is as it should be");
    return 0;
}
