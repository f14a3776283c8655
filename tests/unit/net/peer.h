/* SPDX-License-Identifier: MIT
 *
 * tests/unit/net/peer.h: a node with a network, on threads of its own, and
 * peers that are made by hand: each says what it likes over a real socket.
 *
 * The node's main actor is called "main". It answers an ask with nothing, and
 * keeps the pid of who has asked last in stage_asker, and how many watch it.
 * The answer to "b" is big. An ask whose body is "f" it hands on to
 * stage_other, as it is.
 */
#ifndef AKT_TESTS_PEER_H
#define AKT_TESTS_PEER_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/client.h"
#include "net/network_impl.h"
#include "tests/unit/check_main.h"
#include "vm/base/alloc.h"
#include "vm/base/buf.h"
#include "vm/cactor.h"
#include "vm/metrics_read.h"
#include "vm/names.h"
#include "vm/node.h"
#include "vm/send.h"

static struct akt_node *stage_node;
static struct akt_network *stage_network;
static pthread_t stage_thread;
static akt_pid stage_main;
static _Atomic uint64_t stage_asker, stage_other, stage_watchers, stage_handled;

#define STAGE_BIG ((size_t)8 << 20)

/* ---- the main actor ---- */

static enum akt_c_result stage_init(struct akt_isolate *iso,
                                    struct akt_actor *self, struct akt_msg *m)
{
    (void)m;
    ck_assert(akt_names_put(iso->node->names, "main", self->self));
    return AKT_C_DONE;
}

static void stage_forward(struct akt_isolate *iso, struct akt_msg *m)
{
    struct akt_msg *on = akt_msg_new(AKT_MSG_USER, m->size);
    memcpy(on->body, m->body, m->size);
    on->target.bits = atomic_load(&stage_other);
    on->sender = m->sender;
    on->ask = m->ask;
    m->ask = 0;
    akt_post(iso->node, iso, on);
}

static enum akt_c_result stage_message(struct akt_isolate *iso,
                                       struct akt_actor *self,
                                       struct akt_msg *m)
{
    if (m->type != AKT_MSG_USER)
        return AKT_C_DONE;
    atomic_fetch_add(&stage_handled, 1);
    atomic_store(&stage_watchers, self->ext ? self->ext->watchers.len : 0);
    if (m->size == 1 && m->body[0] == 'f') {
        stage_forward(iso, m);
    } else if (m->ask) {
        atomic_store(&stage_asker, m->sender.bits);
        size_t len = m->size == 1 && m->body[0] == 'b' ? STAGE_BIG : 0;
        struct akt_msg *reply = akt_msg_new(AKT_MSG_REPLY, len);
        memset(reply->body, 0, len);
        akt_reply(iso, self->self, m, reply);
    }
    return AKT_C_DONE;
}

static const struct akt_c_behaviour stage_behaviour = {
    .init = stage_init, .message = stage_message};
static const struct akt_kind stage_kind = {
    "main",
    &akt_c_host,
    false,
    AKT_HOOK_INIT | AKT_HOOK_EXIT | AKT_HOOK_DOWN,
    {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT},
    AKT_SUPERVISE_DEFAULT,
    (void *)(uintptr_t)&stage_behaviour};

/* ---- the node ---- */

static bool stage_import(char *bytes, size_t len,
                         uint16_t (*rename)(void *ctx, uint16_t index),
                         void *ctx)
{
    (void)bytes, (void)len, (void)rename, (void)ctx;
    return true;
}

static void *stage_run(void *ctx)
{
    akt_node_run(ctx);
    akt_msg_pool_release();
    return NULL;
}

static size_t stage_memory; /* the node's budget; 0: the default */

static void stage_open_with(struct akt_network_config c)
{
    struct akt_config config = {.workers = 2,
                                .name = "n1",
                                .guest = true,
                                .memory_bytes = stage_memory};
    char text[256];
    c.import = stage_import;
    stage_node = akt_node_create(&config);
    stage_main = akt_node_main(stage_node, &stage_kind, NULL,
                               akt_msg_new(AKT_MSG_START, 0));
    stage_network = akt_network_start(stage_node, &c, text, sizeof text);
    ck_assert_msg(stage_network != NULL, "%s", text);
    pthread_create(&stage_thread, NULL, stage_run, stage_node);
}

__attribute__((unused)) static void stage_open(void)
{
    stage_open_with((struct akt_network_config){.listen = "127.0.0.1:0"});
}

static void stage_close(void)
{
    akt_node_exit(stage_node, 0);
    pthread_join(stage_thread, NULL);
    akt_network_stop(stage_network);
    akt_network_destroy(stage_network);
    akt_node_destroy(stage_node);
}

static int stage_port(void)
{
    struct akt_transport *t = stage_network->transport;
    const char *address = t->ops->address(t);
    return atoi(strrchr(address, ':') + 1);
}

/* ---- a peer ---- */

#define PEER_TOLD 4096

struct peer {
    int fd;
    struct akt_session *session;
    struct akt_session_events events;
    struct akt_hello node; /* what it has said */
    uint64_t count;        /* of pings */
    bool ponged, closed;
    uint64_t refs;                           /* of asks */
    enum akt_msg_type type;                  /* of what came last */
    uint64_t ask;                            /* its */
    akt_pid sender;                          /* its */
    unsigned char code;                      /* its */
    unsigned downs, why;                     /* came, and of the last one */
    unsigned replies;                        /* came */
    char told[PEER_TOLD][AKT_NODE_NAME_MAX]; /* by index */
};

static void peer_on_message(void *ctx, const char *head, size_t head_len,
                            const char *body, size_t body_len)
{
    struct peer *p = ctx;
    struct akt_wire_in in = {head, body, head_len, body_len, 0, NULL, 0};
    struct akt_msg *m = akt_wire_read(&in);
    ck_assert_ptr_nonnull(m);
    p->type = (enum akt_msg_type)m->type;
    p->ask = m->ask;
    p->sender = m->sender;
    p->code = m->flags & AKT_MSG_REASON ? (unsigned char)akt_msg_reason(m)->code
                                        : m->code;
    p->downs += m->type == AKT_MSG_DOWN;
    if (m->type == AKT_MSG_DOWN)
        p->why = p->code;
    p->replies += m->type == AKT_MSG_REPLY;
    akt_msg_free(m);
    akt_session_release(p->session, akt_credit_of(body_len), 1, body_len);
}

static bool peer_on_node(void *ctx, const char *bytes, size_t len)
{
    struct peer *p = ctx;
    struct akt_wire_node n;
    ck_assert(akt_wire_get_node(bytes, len, &n));
    if (n.index < PEER_TOLD)
        snprintf(p->told[n.index], sizeof p->told[0], "%.63s", n.name);
    return true;
}

static void peer_on_credit(void *ctx)
{
    (void)ctx;
}

static void peer_on_pong(void *ctx, uint64_t said)
{
    struct peer *p = ctx;
    p->ponged = said == p->count;
}

static void peer_on_bye(void *ctx, const char *why, size_t len)
{
    (void)ctx, (void)why, (void)len;
}

static void peer_write(struct peer *p, const char *bytes, size_t len)
{
    while (len > 0 && !p->closed) {
        ssize_t n = send(p->fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0) {
            p->closed = true;
            return;
        }
        bytes += n;
        len -= (size_t)n;
    }
}

static void peer_speak(struct peer *p)
{
    struct iovec v;
    while (!p->closed && akt_session_fill(p->session, &v, 1) > 0) {
        peer_write(p, v.iov_base, v.iov_len);
        akt_session_wrote(p->session, v.iov_len);
    }
}

/* Something that has come. */
static void peer_hear(struct peer *p)
{
    char bytes[16384];
    ssize_t n = recv(p->fd, bytes, sizeof bytes, 0);
    ck_assert_msg(n >= 0 || errno == ECONNRESET, "nothing came");
    if (n <= 0)
        p->closed = true;
    else
        ck_assert_ptr_null(akt_session_feed(p->session, bytes, (size_t)n));
}

/* All that was said has been taken, what it led to at once has come. False:
 * the node has closed. */
static bool peer_sync(struct peer *p)
{
    p->ponged = false;
    peer_speak(p); /* a ping goes in front of what stands in line */
    akt_session_ping(p->session, ++p->count);
    peer_speak(p);
    while (!p->ponged && !p->closed)
        peer_hear(p);
    return !p->closed;
}

static int peer_socket(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 20};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    return fd;
}

/* False: it was refused. */
static bool peer_greet(struct peer *p, const struct akt_hello *mine)
{
    struct akt_buf b = AKT_BUF_INIT;
    char bytes[2 * AKT_HELLO_MAX];
    size_t len = 0;
    struct akt_hello_read r;
    akt_hello_write(mine, false, &b);
    peer_write(p, b.data, b.len);
    akt_buf_fini(&b);
    do {
        ssize_t n = recv(p->fd, bytes + len, sizeof bytes - len, 0);
        ck_assert_int_gt(n, 0);
        len += (size_t)n;
        r = akt_hello_read(bytes, len);
    } while (r.kind == AKT_HELLO_MORE);
    p->node = r.hello;
    return r.kind == AKT_HELLO_ANSWERED;
}

/* As `name` with its incarnation; `address`: what it says of itself. */
static struct peer *peer_open(const char *name, uint64_t incarnation,
                              const char *address)
{
    struct peer *p = akt_calloc(sizeof *p);
    struct akt_hello mine = {.version_min = AKT_PROTOCOL_MIN,
                             .version_max = AKT_PROTOCOL_MAX,
                             .incarnation = incarnation,
                             .cluster = "aktvm"};
    snprintf(mine.name, sizeof mine.name, "%s", name);
    snprintf(mine.address, sizeof mine.address, "%s", address);
    p->fd = peer_socket(stage_port());
    p->events = (struct akt_session_events){.ctx = p,
                                            .on_message = peer_on_message,
                                            .on_node = peer_on_node,
                                            .on_credit = peer_on_credit,
                                            .on_pong = peer_on_pong,
                                            .on_bye = peer_on_bye};
    ck_assert(peer_greet(p, &mine));
    p->session =
        akt_session_create(&(struct akt_session_config){false, &p->events});
    ck_assert(peer_sync(p));
    return p;
}

static void peer_close(struct peer *p)
{
    if (!p->closed) {
        akt_session_bye(p->session, "the test ends");
        peer_speak(p);
    }
    close(p->fd);
    akt_session_destroy(p->session);
    akt_free(p, sizeof *p);
}

/* ---- what it says ---- */

__attribute__((unused)) static void
peer_tell(struct peer *p, unsigned index, const char *name, const char *address)
{
    struct akt_wire_node n = {.index = (uint16_t)index, .incarnation = 7};
    struct akt_buf b = AKT_BUF_INIT;
    snprintf(n.name, sizeof n.name, "%s", name);
    snprintf(n.address, sizeof n.address, "%s", address);
    akt_wire_put_node(&n, &b);
    akt_session_send_node(p->session, b.data, b.len);
    akt_buf_fini(&b);
}

/* Takes the message; its sender is this peer's actor, if it has none. */
static void peer_send(struct peer *p, struct akt_msg *m)
{
    char head[AKT_WIRE_HEAD_MAX];
    struct akt_parcel parcel = {.head = head, .key = 1};
    if (akt_pid_is_none(m->sender))
        m->sender = akt_pid_make(AKT_PID_NODE_SELF, 5, 5);
    parcel.head_len = akt_wire_head(m, 0, head);
    parcel.m = akt_wire_body(m);
    akt_session_send(p->session, &parcel);
}

/* Asks "main"; `body`: one character. */
static void peer_ask_only(struct peer *p, char body)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 6);
    memcpy(m->body, "\xa4main", 5);
    m->body[5] = body;
    m->ask = ++p->refs;
    peer_send(p, m);
    peer_speak(p);
}

/* The same; true: it was answered with `code`. */
static bool peer_ask(struct peer *p, char body, enum akt_code code)
{
    unsigned replies = p->replies;
    peer_ask_only(p, body);
    while (p->replies == replies && !p->closed)
        peer_hear(p);
    return !p->closed && p->ask == p->refs && p->code == code;
}

#endif
