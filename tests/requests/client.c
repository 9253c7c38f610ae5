/* A client program in C, with libcurl. See tests/README.md. */
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scout_auth.h"

enum { THREADS = 8, WORD = 1024 };

/* A signer and the number of those who hold it: the requests under way, and `current`. */
struct shared {
    scout_signer *signer;
    int holders;
};

static struct shared *current;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct shared *take(void) {
    pthread_mutex_lock(&lock);
    struct shared *taken = current;
    taken->holders++;
    pthread_mutex_unlock(&lock);
    return taken;
}

/* The last user frees it. */
static void give_back(struct shared *shared) {
    if (shared == NULL) {
        return;
    }
    pthread_mutex_lock(&lock);
    const bool is_last = --shared->holders == 0;
    pthread_mutex_unlock(&lock);
    if (is_last) {
        scout_signer_free(shared->signer);
        free(shared);
    }
}

static int32_t signer_of_file(const char *path, const char *lifetime, const char *margin, scout_signer **signer) {
    scout_signer_options options = SCOUT_SIGNER_OPTIONS_INIT;
    options.lifetime = strtoull(lifetime, NULL, 10);
    options.refresh_margin = strtoull(margin, NULL, 10);
    return scout_signer_from_file(path, &options, signer);
}

/* A new signer takes over. */
static void use(scout_signer *signer) {
    struct shared *next = malloc(sizeof *next);
    *next = (struct shared){signer, 1};
    pthread_mutex_lock(&lock);
    struct shared *old = current;
    current = next;
    pthread_mutex_unlock(&lock);
    give_back(old);
}

static size_t discard(char *data, size_t one, size_t length, void *user) {
    (void)data, (void)one, (void)user;
    return length;
}

/* Sends the request with that value of the header Authorization, and returns the status. */
static long perform(CURL *curl, const char *authorization) {
    char header[sizeof "Authorization: " + SCOUT_TOKEN_SIZE];
    long status = 0;
    snprintf(header, sizeof header, "Authorization: %s", authorization);
    struct curl_slist *headers = curl_slist_append(NULL, header);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    if (curl_easy_perform(curl) == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    }
    curl_slist_free_all(headers);
    return status;
}

/* Whether the signer says that a request which got a 401 is worth another attempt. */
static bool is_worth_a_retry(CURL *curl, const scout_signer *signer, const char *authorization) {
    struct curl_header *date = NULL;
    long redirects = 0;
    bool retry = false;
    curl_easy_getinfo(curl, CURLINFO_REDIRECT_COUNT, &redirects);
    /* Behind a redirect the 401 may be another origin's, and says nothing of the token. */
    if (redirects == 0) {
        curl_easy_header(curl, "Date", 0, CURLH_HEADER, -1, &date);
        scout_signer_rejected(signer, authorization, strlen(authorization), date ? date->value : NULL, &retry);
    }
    return retry;
}

static int32_t request(CURL *curl, const scout_signer *signer, const char *url, const char *body, long *status) {
    char authorization[SCOUT_TOKEN_SIZE];
    curl_easy_reset(curl);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }
    /* libcurl takes the header off where a redirect leads to another origin. */
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    int32_t rc = scout_signer_authorization_for(signer, url, authorization, sizeof authorization, NULL);
    if (rc != SCOUT_OK) {
        return rc;
    }
    *status = perform(curl, authorization);
    if (*status == 401 && is_worth_a_retry(curl, signer, authorization)) {
        rc = scout_signer_authorization_for(signer, url, authorization, sizeof authorization, NULL);
        if (rc == SCOUT_OK) {
            *status = perform(curl, authorization);
        }
    }
    return rc;
}

static void print_answer(const char *number, int32_t rc, const char *answer) {
    printf("%s %s\n", number, rc == SCOUT_OK ? answer : scout_error_name(rc));
}

static void answer(CURL *curl, const char *line) {
    char number[WORD], call[WORD], first[WORD], second[WORD] = "", third[WORD], fourth[WORD];
    scout_signer *signer = NULL;
    int32_t rc = SCOUT_OK;
    sscanf(line, "%1023s %1023s %1023s %1023s %1023s %1023s", number, call, first, second, third, fourth);
    if (strcmp(call, "follow") == 0) {
        rc = signer_of_file(second, third, fourth, &signer);
        if (rc == SCOUT_OK) {
            use(signer);
        }
        print_answer(number, rc, "ok");
        return;
    }
    char text[WORD];
    long status = 0;
    struct shared *shared = take();
    rc = request(curl, shared->signer, first, strcmp(call, "POST") == 0 ? second : NULL, &status);
    give_back(shared);
    snprintf(text, sizeof text, "%ld", status);
    print_answer(number, rc, text);
}

/* Each thread takes a line when it is free: getline and printf are atomic (POSIX, flockfile). */
static void *serve(void *unused) {
    CURL *curl = curl_easy_init();
    char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, stdin) > 0) {
        answer(curl, line);
    }
    free(line);
    curl_easy_cleanup(curl);
    return unused;
}

int main(void) {
    pthread_t threads[THREADS];
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, serve, NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    give_back(current);
    curl_global_cleanup();
    return 0;
}
