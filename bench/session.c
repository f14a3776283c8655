/* SPDX-License-Identifier: MIT
 *
 * bench/session.c: what a message costs between two sessions, without sockets:
 * send, fill and feed, in batches as a busy link makes them.
 *
 * usage: session [BYTES [MESSAGES [BATCH]]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/session.h"
#include "vm/message.h"

static struct akt_session *from, *to;
static uint64_t sent, got, got_bytes;

static void on_message(void *ctx, const char *head, size_t head_len,
                       const char *body, size_t body_len)
{
    got++;
    got_bytes += body_len;
    akt_session_release(to, akt_credit_of(body_len), 1, body_len);
}

static bool on_node(void *ctx, const char *bytes, size_t len)
{
    return true;
}

static void on_credit(void *ctx)
{
}

static void on_pong(void *ctx, uint64_t said)
{
}

static void on_bye(void *ctx, const char *why, size_t len)
{
}

static const struct akt_session_events events = {
    NULL, on_message, on_node, on_credit, on_pong, on_bye, NULL};

static void carry(struct akt_session *a, struct akt_session *b)
{
    struct iovec v[64];
    int n;
    while ((n = akt_session_fill(a, v, 64)) > 0) {
        size_t all = 0;
        for (int i = 0; i < n; i++) {
            if (akt_session_feed(b, v[i].iov_base, v[i].iov_len))
                abort();
            all += v[i].iov_len;
        }
        akt_session_wrote(a, all);
    }
}

static void send_one(size_t size, uint64_t key)
{
    static const char head[24];
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, size);
    sent++;
    if (size <= 256) /* else it is the memory that is measured */
        memset(m->body, 1, size);
    akt_session_send(from, &(struct akt_parcel){head, sizeof head, m, key});
}

int main(int argc, char **argv)
{
    size_t size = argc > 1 ? strtoul(argv[1], NULL, 10) : 32;
    uint64_t messages = argc > 2 ? strtoull(argv[2], NULL, 10) : 10000000;
    uint64_t batch = argc > 3 ? strtoull(argv[3], NULL, 10) : 64;
    struct timespec t0, t1;
    from = akt_session_create(&(struct akt_session_config){false, &events});
    to = akt_session_create(&(struct akt_session_config){false, &events});
    clock_gettime(CLOCK_MONOTONIC, &t0);
    for (uint64_t i = 0; i < messages; i += batch) {
        for (uint64_t k = 0; k < batch; k++)
            send_one(size, k);
        carry(from, to);
        carry(to, from);
    }
    clock_gettime(CLOCK_MONOTONIC, &t1);
    double s = (double)(t1.tv_sec - t0.tv_sec) +
               (double)(t1.tv_nsec - t0.tv_nsec) / 1e9;
    printf("session.%zu  %.1f ns/message\n", size, s * 1e9 / (double)got);
    printf("session.%zu  %.0f MB/s\n", size, (double)got_bytes / s / 1e6);
    akt_session_destroy(from);
    akt_session_destroy(to);
    if (got != sent || got_bytes != sent * size) {
        fprintf(stderr, "session: not all has arrived\n");
        return 1;
    }
    return 0;
}
