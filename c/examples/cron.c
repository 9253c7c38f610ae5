/*
 * A job of cron or of a systemd timer: calls Scout once, and prints the answer. The files crontab, cron.service and
 * cron.timer start it. It needs libcurl 7.84 or later.
 *
 *     cc -o scout-job cron.c $(pkg-config --cflags --libs scout-auth libcurl)
 *     SCOUT_CREDENTIAL_FILE=/etc/scout/credential.json ./scout-job https://api.scoutos.com/v2/workflows
 *
 * The file is read at each start, so a rotation that replaces it needs nothing else. Only a whole answer goes to
 * standard output. Errors go to standard error, without any part of a key or token. The exit status says what to do
 * (sysexits.h): 0 nothing; 75 nothing, the next run tries again; 77 Scout refuses the credential; 78 it cannot be used.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "scout_auth.h"

struct answer {
    char *body;
    size_t length;
    long status;
};

static size_t keep(char *data, size_t one, size_t length, void *user) {
    struct answer *answer = user;
    char *body = realloc(answer->body, answer->length + length);
    (void)one;
    if (body == NULL) {
        return 0; /* curl then fails with CURLE_WRITE_ERROR */
    }
    memcpy(body + answer->length, data, length);
    answer->body = body;
    answer->length += length;
    return length;
}

/* One request with that value of the header Authorization. */
static CURLcode get(CURL *curl, const char *authorization, struct answer *answer) {
    char header[sizeof "Authorization: " + SCOUT_TOKEN_SIZE];
    struct curl_slist *headers;
    CURLcode result;
    snprintf(header, sizeof header, "Authorization: %s", authorization);
    headers = curl_slist_append(NULL, header);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    answer->length = 0;
    result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
    curl_slist_free_all(headers);
    return result;
}

/* Sends the request, and after a 401 once more if the signer says that this can help. */
static int32_t call(CURL *curl, const scout_signer *signer, const char *url, struct answer *answer, CURLcode *result) {
    char authorization[SCOUT_TOKEN_SIZE];
    size_t length = 0;
    struct curl_header *date = NULL;
    bool retry = true;
    int32_t rc = SCOUT_OK;
    for (int attempt = 0; rc == SCOUT_OK && retry && attempt < 2; attempt++) {
        retry = false;
        rc = scout_signer_authorization_for(signer, url, authorization, sizeof authorization, &length);
        if (rc == SCOUT_OK) {
            *result = get(curl, authorization, answer);
            if (*result == CURLE_OK && answer->status == 401) {
                curl_easy_header(curl, "date", 0, CURLH_HEADER, -1, &date);
                rc = scout_signer_rejected(signer, authorization, length, date ? date->value : NULL, &retry);
            }
        }
    }
    return rc;
}

/* Says what went wrong, and returns the exit status. */
static int outcome(int32_t rc, CURLcode result, const struct answer *answer) {
    char text[512];
    if (rc != SCOUT_OK) {
        scout_last_error(text, sizeof text, NULL);
        fprintf(stderr, "error: %s [%s]\n", text, scout_error_name(rc));
        return EX_CONFIG;
    }
    if (result != CURLE_OK) {
        fprintf(stderr, "error: no answer: %s\n", curl_easy_strerror(result));
        return EX_TEMPFAIL;
    }
    if (answer->status != 200) {
        fprintf(stderr, "error: Scout answered %ld\n", answer->status);
        return answer->status == 401 || answer->status == 403 ? EX_NOPERM : EX_TEMPFAIL;
    }
    if (fwrite(answer->body, 1, answer->length, stdout) != answer->length || fflush(stdout) != 0) {
        perror("error: standard output");
        return EX_IOERR;
    }
    return EX_OK;
}

int main(int argc, char **argv) {
    struct answer answer = {NULL, 0, 0};
    scout_signer *signer = NULL;
    CURLcode result = CURLE_OK;
    CURL *curl = curl_easy_init();
    int32_t rc;
    int status;
    if (argc != 2 || curl == NULL) {
        fprintf(stderr, "usage: scout-job URL\n");
        return EX_USAGE;
    }
    curl_easy_setopt(curl, CURLOPT_URL, argv[1]);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    /* A run must end before the next one starts. No redirect is followed: the header is for this URL alone. */
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    rc = scout_signer_from_env(&signer);
    if (rc == SCOUT_OK) {
        rc = call(curl, signer, argv[1], &answer, &result);
    }
    status = outcome(rc, result, &answer);
    scout_signer_free(signer);
    curl_easy_cleanup(curl);
    free(answer.body);
    return status;
}
