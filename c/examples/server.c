/*
 * Verifies tokens in an HTTP server on loopback: server KEYS_FILE PORT
 *
 * KEYS_FILE holds a JWK set, or one public key in any form. The server answers each request with 200
 * and the credential id, or with 401 and the name of the error.
 */
#define _GNU_SOURCE /* strcasestr */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "scout_auth.h"

static scout_verifier *load(const char *path) {
    char text[65536];
    FILE *file = fopen(path, "r");
    size_t length;
    scout_verifier *verifier = NULL;
    int32_t rc;
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    length = fread(text, 1, sizeof text, file);
    fclose(file);
    rc = scout_verifier_new(&verifier);
    if (rc == SCOUT_OK) {
        rc = scout_verifier_add_keys(verifier, text, length);
    }
    if (rc != SCOUT_OK) {
        char error[512];
        scout_last_error(error, sizeof error, NULL);
        fprintf(stderr, "error: %s: %s\n", scout_error_name(rc), error);
        exit(1);
    }
    return verifier;
}

static int listen_on(unsigned short port) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (bind(server, (struct sockaddr *)&address, size) != 0 || listen(server, 8) != 0 ||
        getsockname(server, (struct sockaddr *)&address, &size) != 0) {
        perror("server");
        exit(1);
    }
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    return server;
}

/* The token of a request, or NULL. It is not copied: the library takes a pointer and a length. */
static const char *token_of(const char *request, size_t *length) {
    static const char name[] = "\r\nAuthorization:", scheme[] = "Bearer ";
    const char *value = strcasestr(request, name);
    if (value == NULL) {
        return NULL;
    }
    value += sizeof name - 1;
    value += strspn(value, " \t");
    if (strncasecmp(value, scheme, sizeof scheme - 1) != 0) {
        return NULL;
    }
    value += sizeof scheme - 1;
    value += strspn(value, " ");
    *length = strcspn(value, " \t\r\n");
    return value;
}

/* Writes the response to one request. */
static void answer(const scout_verifier *verifier, const char *request, char *response, size_t size) {
    char date[64], credential_id[256];
    time_t now = time(NULL);
    size_t length = 0;
    const char *token = token_of(request, &length);
    scout_claims *claims = NULL;
    int32_t rc = scout_verifier_verify(verifier, token, length, SCOUT_DEFAULT, &claims);
    if (rc == SCOUT_OK) {
        rc = scout_claims_credential_id(claims, credential_id, sizeof credential_id, NULL);
    }
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime(&now));
    snprintf(response, size, "HTTP/1.1 %s\r\nDate: %s\r\nConnection: close\r\n%s\r\n%s\n",
             rc == SCOUT_OK ? "200 OK" : "401 Unauthorized", date, rc == SCOUT_OK ? "" : "WWW-Authenticate: Bearer\r\n",
             rc == SCOUT_OK ? credential_id : scout_error_name(rc));
    scout_claims_free(claims);
}

int main(int argc, char **argv) {
    scout_verifier *verifier;
    int server;
    if (argc != 3) {
        fprintf(stderr, "usage: server KEYS_FILE PORT (0 for any free port, which is printed)\n");
        return 2;
    }
    verifier = load(argv[1]);
    server = listen_on((unsigned short)atoi(argv[2]));
    for (;;) {
        char request[16384], response[1024];
        const struct timeval patience = {5, 0};
        int client = accept(server, NULL, NULL);
        ssize_t length = 0, more;
        if (client < 0) {
            perror("server");
            continue;
        }
        /* A client that sends nothing must not stop the others. */
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        /* A request without a body ends with an empty line. */
        do {
            more = read(client, request + length, sizeof request - 1 - (size_t)length);
            length += more > 0 ? more : 0;
            request[length] = '\0';
        } while (more > 0 && strstr(request, "\r\n\r\n") == NULL);
        answer(verifier, request, response, sizeof response);
        if (send(client, response, strlen(response), MSG_NOSIGNAL) < 0) {
            perror("server");
        }
        close(client);
    }
}
