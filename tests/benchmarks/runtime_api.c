/* A Lambda Runtime API for measuring loops: one event, over and over, to one client at a time, as fast as it asks.
 *
 *   runtime_api EVENT_FILE WARM_UP CYCLES TEXT
 *
 * On stdout: the port; the time (CLOCK_MONOTONIC) of the first request for an event; then the median time from one
 * event sent to the next one, and how much of it was this program's own processor time. All times in seconds.
 * Every answer has to contain TEXT. In C, so that little of a cycle is spent here.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM (16 << 20)

static char request[ROOM], event[ROOM], answer[ROOM + 1024];
static size_t received; /* bytes of `request`: of one request, and what came after it */

static double clock_of(clockid_t id) {
    struct timespec now;
    clock_gettime(id, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static int ascending(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static void fail(const char *why) {
    fprintf(stderr, "runtime_api: %s\n%.500s\n", why, request);
    exit(1);
}

static void send_all(int client, const char *bytes, size_t left) {
    while (left) {
        ssize_t sent = send(client, bytes, left, MSG_NOSIGNAL);
        if (sent <= 0) return; /* the client has gone: the next recv says so */
        bytes += sent;
        left -= sent;
    }
}

/* Reads on until `request` begins with a whole request; its length, or 0 when the client has gone. */
static size_t whole_request(int client, size_t *head) {
    for (;;) {
        request[received] = 0;
        char *end = strstr(request, "\r\n\r\n");
        if (end) {
            *end = 0;
            char *length = strcasestr(request, "\r\ncontent-length:");
            if (strcasestr(request, "\r\ntransfer-encoding:")) fail("a chunked body, which this cannot read");
            *end = '\r';
            *head = end - request + 4;
            size_t total = *head + (length ? strtoul(length + 17, NULL, 10) : 0);
            if (total >= ROOM) fail("a request that is too large");
            if (received >= total) return total;
        }
        ssize_t got = recv(client, request + received, ROOM - 1 - received, 0);
        if (got <= 0) return 0;
        received += got;
    }
}

int main(int count, char **arguments) {
    if (count != 5) fail("usage: runtime_api EVENT_FILE WARM_UP CYCLES TEXT");
    FILE *file = fopen(arguments[1], "rb");
    if (!file) fail("there is no such file");
    size_t size = fread(event, 1, ROOM, file);
    fclose(file);
    long warm_up = atol(arguments[2]), cycles = atol(arguments[3]), sent = 0;
    double *times = calloc(cycles, sizeof(double)), before = 0, own = 0;

    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (bind(listener, (void *)&address, length) || listen(listener, 8)) fail("cannot listen");
    getsockname(listener, (void *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    alarm(60); /* a client that never comes, or never asks again, ends this */
    static const char accepted[] =
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"status\":\"OK\"}\n";
    for (;;) {
        int client = accept(listener, NULL, NULL);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        received = 0;
        size_t total, head;
        while ((total = whole_request(client, &head))) {
            if (request[0] == 'G') {
                double now = clock_of(CLOCK_MONOTONIC);
                if (!sent) {
                    printf("%.9f\n", now);
                    fflush(stdout);
                }
                if (sent > warm_up) times[sent - warm_up - 1] = now - before;
                if (sent == warm_up) own = clock_of(CLOCK_PROCESS_CPUTIME_ID);
                if (sent == warm_up + cycles) {
                    own = clock_of(CLOCK_PROCESS_CPUTIME_ID) - own;
                    qsort(times, cycles, sizeof(double), ascending);
                    printf("%.9f %.9f\n", times[cycles / 2], own / cycles);
                    return 0;
                }
                int written = sprintf(answer,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    "Lambda-Runtime-Aws-Request-Id: 52fdfc07-2182-154f-163f-%012ld\r\n"
                    "Lambda-Runtime-Deadline-Ms: 4102444800000\r\n"
                    "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:benchmarks\r\n"
                    "Lambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0\r\n"
                    "Date: Thu, 01 Jan 2026 14:00:00 GMT\r\nContent-Length: %zu\r\n\r\n", sent, size);
                memcpy(answer + written, event, size);
                before = now;
                sent++;
                send_all(client, answer, written + size);
            } else {
                if (!memmem(request + head, total - head, arguments[4], strlen(arguments[4]))) fail("not the right answer");
                send_all(client, accepted, sizeof accepted - 1);
            }
            memmove(request, request + total, received - total);
            received -= total;
        }
        close(client);
    }
}
