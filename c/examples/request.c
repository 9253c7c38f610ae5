/* An authenticated request with libcurl. After a 401 it is sent once more if that can help. */
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "scout_auth.h"

/* What one exchange tells the next. */
struct response {
    long status;
    char date[64];
};

/* Keeps the response's header Date, from which a signer learns the server's clock. */
static size_t keep_date(char *line, size_t one, size_t length, void *user) {
    struct response *response = user;
    (void)one;
    if (length > 6 && curl_strnequal(line, "date: ", 6)) {
        snprintf(response->date, sizeof response->date, "%.*s", (int)(length - 6), line + 6);
        response->date[strcspn(response->date, "\r\n")] = '\0';
    }
    return length;
}

/* Sends the request with that value of the header Authorization. */
static CURLcode get(CURL *curl, const char *url, const char *authorization, struct response *response) {
    char header[sizeof "Authorization: " + SCOUT_TOKEN_SIZE];
    struct curl_slist *headers = NULL;
    CURLcode result;
    memset(response, 0, sizeof *response);
    snprintf(header, sizeof header, "Authorization: %s", authorization);
    headers = curl_slist_append(headers, header);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_date);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, response);
    /* The header is for this URL alone: no redirect is followed. */
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &response->status);
    curl_slist_free_all(headers);
    return result;
}

/* Sends the request, and once more if the signer says that this can help. */
static int32_t get_with_retry(CURL *curl, const scout_signer *signer, const char *url, struct response *response,
                              CURLcode *result) {
    char authorization[SCOUT_TOKEN_SIZE];
    size_t length = 0;
    bool retry = false;
    int32_t rc = scout_signer_authorization_for(signer, url, authorization, sizeof authorization, &length);
    if (rc != SCOUT_OK) {
        return rc;
    }
    *result = get(curl, url, authorization, response);
    if (*result != CURLE_OK || response->status != 401) {
        return SCOUT_OK;
    }
    rc = scout_signer_rejected(signer, authorization, length, response->date, &retry);
    if (rc == SCOUT_OK && retry) {
        rc = scout_signer_authorization_for(signer, url, authorization, sizeof authorization, &length);
        if (rc == SCOUT_OK) {
            *result = get(curl, url, authorization, response);
        }
    }
    return rc;
}

int main(int argc, char **argv) {
    const char *url = argc > 1 ? argv[1] : "https://api.scoutos.com/v2/workflows";
    struct response response = {0, ""};
    scout_signer *signer = NULL;
    CURL *curl = curl_easy_init();
    CURLcode result = CURLE_OK;
    int32_t rc = scout_signer_from_env(&signer);
    if (rc == SCOUT_OK) {
        rc = get_with_retry(curl, signer, url, &response, &result);
    }
    if (rc != SCOUT_OK) {
        char text[512];
        scout_last_error(text, sizeof text, NULL);
        fprintf(stderr, "error: %s: %s\n", scout_error_name(rc), text);
    } else if (result != CURLE_OK) {
        fprintf(stderr, "error: %s\n", curl_easy_strerror(result));
    } else {
        fprintf(stderr, "status %ld\n", response.status);
    }
    scout_signer_free(signer);
    curl_easy_cleanup(curl);
    return response.status != 200;
}
