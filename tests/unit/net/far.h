/* SPDX-License-Identifier: MIT
 *
 * tests/unit/net/far.h: a network without sockets in which "n1" has a link to
 * "n2", and n2's end of it: a session that the test plays, and that does
 * nothing by itself. Bytes lie in memory.
 *
 * far_write and far_on_message are the test's. Threads: those of the test.
 */
#ifndef AKT_TESTS_FAR_H
#define AKT_TESTS_FAR_H

#include <stdlib.h>
#include <string.h>

#include "net/network_impl.h"
#include "vm/base/alloc.h"
#include "vm/base/buf.h"

static struct akt_network *network;
static struct akt_peer *peer; /* n2, as n1 knows it */

static struct {
    struct akt_pipe pipe; /* of the link, to us */
    struct akt_session *session;
    struct akt_buf out; /* for what far_write has taken */
} far;

static ssize_t far_write(struct akt_pipe *p, const struct iovec *v, int n);
static void far_on_message(void *ctx, const char *head, size_t head_len,
                           const char *body, size_t body_len);

/* ---- the network ---- */

static inline void far_open_network(struct akt_node *n1)
{
    struct akt_wire_node who = {.incarnation = 9, .name = "n2"};
    network = akt_calloc(sizeof *network);
    network->node = n1;
    network->name = "n1";
    network->stopped = true; /* it listens nowhere */
    network->peers = akt_calloc((AKT_NODES_MAX + 1) * sizeof *network->peers);
    atomic_init(&network->len, AKT_PID_NODE_SELF);
    akt_map_init(&network->by_identity);
    akt_map_init(&network->by_name);
    pthread_mutex_init(&network->lock, NULL);
    akt_tunnel_inbox_init(&network->inbox);
    peer = akt_network_meet(network, &who);
    akt_map_put(&network->by_name, akt_network_key("n2", 2), peer->who.index);
}

static inline void far_close_network(void)
{
    for (uint32_t i = 2; i <= akt_network_len(network); i++) {
        struct akt_peer *p = akt_network_peer(network, (uint16_t)i);
        akt_link_fini(&p->link);
        akt_free(p, sizeof *p);
    }
    akt_tunnel_inbox_fini(&network->inbox);
    akt_map_fini(&network->by_identity);
    akt_map_fini(&network->by_name);
    pthread_mutex_destroy(&network->lock);
    akt_free(network->peers, (AKT_NODES_MAX + 1) * sizeof *network->peers);
    akt_free(network, sizeof *network);
}

/* ---- n2's end ---- */

/* Nothing it says is so long. */
static void far_again(struct akt_pipe *p)
{
    (void)p;
}

static void far_close(struct akt_pipe *p)
{
    (void)p;
}

static bool far_on_node(void *ctx, const char *bytes, size_t len)
{
    (void)ctx, (void)bytes, (void)len;
    return true;
}

static void far_on_credit(void *ctx)
{
    (void)ctx;
}

static void far_on_pong(void *ctx, uint64_t said)
{
    (void)ctx, (void)said;
}

static void far_on_bye(void *ctx, const char *why, size_t len)
{
    (void)ctx, (void)why, (void)len;
}

/* What the session has to say goes to the link, each piece in a block of its
 * own, so that ASan knows where it ends. */
static inline void far_say_all(void)
{
    struct iovec v[16];
    int n;
    while ((n = akt_session_fill(far.session, v, 16)) > 0)
        for (int i = 0; i < n; i++) {
            char *copy = malloc(v[i].iov_len);
            memcpy(copy, v[i].iov_base, v[i].iov_len);
            akt_session_wrote(far.session, v[i].iov_len);
            akt_link_input(&peer->link, &far.pipe, copy, v[i].iov_len);
            free(copy);
        }
}

static inline void far_send(const char *head, size_t head_len, const char *body,
                            size_t len)
{
    struct akt_parcel p = {.head = head, .head_len = head_len};
    if (len) {
        p.m = akt_msg_new(AKT_MSG_USER, len);
        memcpy(p.m->body, body, len);
    }
    akt_session_send(far.session, &p);
}

/* A connection and a session, with the roles of who is there. What n2 has to
 * say at once is still to be said. */
static inline void far_connect(uint8_t roles)
{
    static const struct akt_session_events events = {.on_message =
                                                         far_on_message,
                                                     .on_node = far_on_node,
                                                     .on_credit = far_on_credit,
                                                     .on_pong = far_on_pong,
                                                     .on_bye = far_on_bye};
    struct akt_session_config c = {.events = &events};
    far.pipe = (struct akt_pipe){far_write, far_again, far_close, false};
    far.session = akt_session_create(&c);
    far.out.len = 0; /* of the last connection; nobody writes now */
    akt_link_up(&peer->link, &(struct akt_link_greeting){.pipe = &far.pipe,
                                                         .session = 1,
                                                         .roles = roles});
    akt_session_ping(far.session, 0); /* who opens speaks first */
}

#endif
