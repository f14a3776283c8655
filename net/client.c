/* SPDX-License-Identifier: MIT */
#include "net/client.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "net/client_impl.h"
#include "net/tunnel.h"
#include "net/wire.h"
#include "vm/base/alloc.h"

#define PIECES 16
#define BYE_MS 1000
#define NAME_MAX_BYTES 255 /* of an actor */
#define KEY 1              /* order is kept among all that is said */
#define ASK_BIT (1ull << 63)

/* ---- errors ---- */

const char *akt_client_code_name(enum akt_client_code code)
{
    static const char *const names[] = {"ok",      "noconnection", "timeout",
                                        "refused", "noproc",       "failed",
                                        "invalid"};
    return (unsigned)code < sizeof names / sizeof *names ? names[code]
                                                         : "unknown";
}

bool akt_client_fail(struct akt_client *c, enum akt_client_code code,
                     const char *format, ...)
{
    va_list args;
    va_start(args, format);
    c->error->code = code;
    vsnprintf(c->error->text, sizeof c->error->text, format, args);
    va_end(args);
    return false;
}

/* ---- time ---- */

uint64_t akt_client_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void begin(struct akt_client *c, uint32_t timeout_ms,
                  struct akt_client_error *e)
{
    c->error = e;
    c->error->code = AKT_CLIENT_OK;
    c->error->text[0] = 0;
    c->until_ns =
        akt_client_now() + (timeout_ms ? timeout_ms : AKT_CLIENT_MS) * MS;
}

/* False: until_ns has passed. A signal is no reason to end. */
static bool await(struct akt_client *c, short events, uint64_t until_ns)
{
    struct pollfd p = {akt_channel_fd(c->channel), events, 0};
    for (;;) {
        uint64_t t = akt_client_now();
        if (t >= until_ns)
            return false;
        struct timespec left = {.tv_sec = (time_t)((until_ns - t) / 1000000000),
                                .tv_nsec = (long)((until_ns - t) % 1000000000)};
        int n = ppoll(&p, 1, &left, NULL);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return true; /* the channel will say what is wrong */
    }
}

/* ---- what comes ---- */

/* Of what came for an ask: values, or the value of a reason. */
static void take_reply(struct akt_client *c, const struct akt_msg *m)
{
    c->ask = 0;
    c->code = (enum akt_code)m->code;
    c->reply.len = 0;
    if (m->flags & AKT_MSG_REASON)
        akt_buf_add(&c->reply, akt_msg_reason(m)->bytes,
                    akt_msg_reason(m)->len);
    else
        akt_buf_add(&c->reply, m->body, m->size);
}

/* Nothing but the answer is of use here, and late ones are not. */
static void on_message(void *ctx, const char *head, size_t head_len,
                       const char *body, size_t body_len)
{
    struct akt_client *c = ctx;
    struct akt_tunnel_frame f = {.bytes = body, .len = body_len};
    if (c->on_tunnel && akt_tunnel_get(head, head_len, &f))
        c->on_tunnel(c, &f);
    struct akt_wire_in in = {.head = head,
                             .head_len = head_len,
                             .body = body,
                             .body_len = body_len,
                             .now_ns = akt_client_now()};
    struct akt_msg *m = akt_wire_read(&in);
    akt_session_release(c->session, akt_credit_of(body_len), 1, body_len);
    if (m && m->type == AKT_MSG_REPLY && c->ask && m->ask == c->ask)
        take_reply(c, m);
    akt_msg_free(m);
}

static bool on_node(void *ctx, const char *bytes, size_t len)
{
    struct akt_wire_node n;
    (void)ctx;
    return akt_wire_get_node(bytes, len, &n);
}

static void on_credit(void *ctx)
{
    (void)ctx;
}

static void on_pong(void *ctx, uint64_t said)
{
    struct akt_client *c = ctx;
    if (said == c->ping)
        c->ping = 0;
}

static void on_bye(void *ctx, const char *why, size_t len)
{
    struct akt_client *c = ctx;
    size_t n = 0;
    for (size_t i = 0; i < len && n < sizeof c->why - 1; i++)
        c->why[n++] = why[i] >= ' ' && why[i] <= '~' ? why[i] : '?';
    c->why[n] = 0;
    c->bye = true;
}

/* ---- a connection ---- */

void akt_client_hang_up(struct akt_client *c)
{
    akt_session_destroy(c->session);
    akt_channel_destroy(c->channel);
    c->session = NULL;
    c->channel = NULL;
    c->bye = false;
}

static bool lost(struct akt_client *c)
{
    if (c->bye)
        akt_client_fail(c, AKT_CLIENT_NOCONNECTION,
                        "the node has ended the link: %s", c->why);
    else if (akt_channel_state(c->channel) == AKT_CHANNEL_FAILED)
        akt_client_fail(c, AKT_CLIENT_NOCONNECTION, "%s",
                        akt_channel_error(c->channel));
    else
        akt_client_fail(c, AKT_CLIENT_NOCONNECTION,
                        "the node has closed the connection");
    akt_client_hang_up(c);
    return false;
}

/* Reads all that is there. False: it was lost. */
bool akt_client_hear(struct akt_client *c)
{
    for (;;) {
        ssize_t n = akt_channel_read(c->channel, c->buffer, sizeof c->buffer);
        if (n < 0)
            return lost(c);
        if (n == 0)
            return true;
        c->heard_ns = akt_client_now();
        const char *broken = akt_session_feed(c->session, c->buffer, (size_t)n);
        if (broken) {
            akt_client_fail(c, AKT_CLIENT_NOCONNECTION,
                            "the node speaks nonsense: %s", broken);
            akt_client_hang_up(c);
            return false;
        }
        if (c->bye)
            return lost(c);
    }
}

/* Writes what the socket takes. False: it was lost. */
bool akt_client_speak(struct akt_client *c)
{
    struct iovec v[PIECES];
    int n;
    akt_channel_write(c->channel, NULL, 0); /* what TLS has kept */
    while ((n = akt_session_fill(c->session, v, PIECES)) > 0) {
        ssize_t done = akt_channel_write(c->channel, v, n);
        if (done < 0)
            return lost(c);
        if (done == 0)
            return true;
        akt_session_wrote(c->session, (size_t)done);
    }
    return true;
}

bool akt_client_wants_out(const struct akt_client *c)
{
    return akt_channel_wants_write(c->channel) ||
           akt_session_has_output(c->session);
}

static bool too_late(struct akt_client *c)
{
    return akt_client_fail(c, AKT_CLIENT_TIMEOUT, "%s:%s: no answer in time",
                           c->address.host, c->address.port);
}

static bool listen_on(struct akt_client *c)
{
    short events = POLLIN | (akt_client_wants_out(c) ? POLLOUT : 0);
    return await(c, events, c->until_ns) ? akt_client_hear(c) : too_late(c);
}

/* Writes what there is, then waits for more. False: the call is over. */
static bool step(struct akt_client *c)
{
    return akt_client_speak(c) && listen_on(c);
}

/* Until all is written. */
static bool speak_all(struct akt_client *c)
{
    while (akt_client_speak(c)) {
        if (!akt_client_wants_out(c) && !akt_session_queued(c->session))
            return true;
        if (!listen_on(c))
            return false;
    }
    return false;
}

/* ---- connecting ---- */

static bool refused(struct akt_client *c, const char *why)
{
    return akt_client_fail(c, AKT_CLIENT_REFUSED, "%s:%s: %s", c->address.host,
                           c->address.port, why);
}

/* The channel has ended in its first words. */
static bool unwelcome(struct akt_client *c)
{
    bool failed = akt_channel_state(c->channel) == AKT_CHANNEL_FAILED;
    bool tls = c->tls && akt_channel_is_connected(c->channel);
    return akt_client_fail(
        c, failed && tls ? AKT_CLIENT_REFUSED : AKT_CLIENT_NOCONNECTION,
        "%s:%s: %s", c->address.host, c->address.port,
        failed ? akt_channel_error(c->channel) : "closed without an answer");
}

static bool shake(struct akt_client *c)
{
    for (;;) {
        enum akt_channel_state s = akt_channel_shake(c->channel);
        if (s == AKT_CHANNEL_OPEN)
            return true;
        if (s != AKT_CHANNEL_WANTS_READ && s != AKT_CHANNEL_WANTS_WRITE)
            return unwelcome(c);
        short events = s == AKT_CHANNEL_WANTS_READ ? POLLIN : POLLOUT;
        if (!await(c, events, c->until_ns))
            return too_late(c);
    }
}

static bool open_socket(struct akt_client *c, const struct addrinfo *a)
{
    int one = 1;
    if (!c->tls && !c->plain && !akt_address_is_loopback(a->ai_addr))
        return refused(c, "plain text is for loopback only");
    int fd =
        socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (fd < 0 ||
        (connect(fd, a->ai_addr, a->ai_addrlen) != 0 && errno != EINPROGRESS)) {
        akt_client_fail(c, AKT_CLIENT_NOCONNECTION, "%s:%s: cannot connect: %s",
                        c->address.host, c->address.port, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    c->channel = akt_channel_create(fd, c->tls, true);
    return true;
}

/* Any but the last address has its share of the time only. */
static bool reach(struct akt_client *c, const struct addrinfo *list)
{
    uint64_t until_ns = c->until_ns;
    unsigned left = 0;
    bool done = false;
    for (const struct addrinfo *a = list; a; a = a->ai_next)
        left++;
    for (; list && !done; list = list->ai_next, left--) {
        uint64_t t = akt_client_now();
        c->until_ns = until_ns > t ? t + (until_ns - t) / left : t;
        done = open_socket(c, list) && shake(c);
        bool reached = c->channel && akt_channel_is_connected(c->channel);
        if (!done)
            akt_client_hang_up(c);
        if (!done && reached)
            break; /* what is wrong there is wrong everywhere */
    }
    c->until_ns = until_ns;
    return done;
}

static bool dial(struct akt_client *c)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list = NULL;
    int rc = getaddrinfo(c->address.host, c->address.port, &hints, &list);
    if (rc)
        return akt_client_fail(c, AKT_CLIENT_NOCONNECTION, "%s: %s",
                               c->address.host, gai_strerror(rc));
    bool done = reach(c, list);
    freeaddrinfo(list);
    return done;
}

/* ---- the first words ---- */

static struct akt_hello mine_of(const struct akt_client *c)
{
    struct akt_hello h = {.version_min = AKT_PROTOCOL_MIN,
                          .version_max = AKT_PROTOCOL_MAX,
                          .incarnation = c->incarnation};
    memcpy(h.cluster, c->cluster, sizeof h.cluster);
    memcpy(h.name, c->name, sizeof h.name);
    return h;
}

static bool say_hello(struct akt_client *c)
{
    struct akt_hello mine = mine_of(c);
    struct akt_buf b = AKT_BUF_INIT;
    akt_hello_write(&mine, false, &b);
    struct iovec v = {b.data, b.len};
    /* a fresh connection has room for it */
    bool said = akt_channel_write(c->channel, &v, 1) == (ssize_t)b.len;
    akt_buf_fini(&b);
    return said || unwelcome(c);
}

static bool judge(struct akt_client *c, const struct akt_hello_read *r)
{
    struct akt_hello mine = mine_of(c);
    const char *identity = akt_channel_identity(c->channel);
    uint16_t version;
    uint32_t features;
    char text[128];
    if (r->kind == AKT_HELLO_REFUSED) {
        snprintf(text, sizeof text, "refused: %s",
                 r->why ? akt_refusal_name(r->why) : "for an unknown reason");
        return refused(c, text);
    }
    if (r->kind != AKT_HELLO_ANSWERED)
        return refused(c, "what it says is no hello of aktvm");
    enum akt_refusal why =
        akt_hello_judge(&mine, &r->hello, &version, &features);
    if (!why && identity && strcmp(identity, r->hello.name) != 0)
        why = AKT_REFUSED_IDENTITY;
    memcpy(c->node, r->hello.name, sizeof c->node);
    return !why || refused(c, akt_refusal_name(why));
}

/* The session begins; `p`: what came behind the answer. */
static bool start(struct akt_client *c, const char *p, size_t len)
{
    c->session =
        akt_session_create(&(struct akt_session_config){false, &c->events});
    const char *broken = len ? akt_session_feed(c->session, p, len) : NULL;
    if (broken)
        return akt_client_fail(c, AKT_CLIENT_NOCONNECTION,
                               "the node speaks nonsense: %s", broken);
    return true;
}

static bool hear_hello(struct akt_client *c)
{
    char p[AKT_HELLO_MAX];
    size_t len = 0;
    for (;;) {
        ssize_t n = akt_channel_read(c->channel, p + len, sizeof p - len);
        if (n < 0)
            return unwelcome(c);
        len += (size_t)n;
        struct akt_hello_read r = akt_hello_read(p, len);
        if (r.kind == AKT_HELLO_MORE && len == sizeof p)
            r.kind = AKT_HELLO_BAD;
        if (r.kind != AKT_HELLO_MORE)
            return judge(c, &r) && start(c, p + r.len, len - r.len);
        short events =
            POLLIN | (akt_channel_wants_write(c->channel) ? POLLOUT : 0);
        if (n == 0 && !await(c, events, c->until_ns))
            return too_late(c);
        if (akt_channel_wants_write(c->channel))
            akt_channel_write(c->channel, NULL, 0);
    }
}

static bool connect_now(struct akt_client *c)
{
    if (!dial(c) || !say_hello(c) || !hear_hello(c)) {
        akt_client_hang_up(c);
        return false;
    }
    c->error->code = AKT_CLIENT_OK; /* one of several addresses is fine */
    c->error->text[0] = 0;
    return true;
}

/* Before anything is said: one that was closed meanwhile is made again. */
static bool be_linked(struct akt_client *c)
{
    struct akt_client_error ignored, *e = c->error;
    if (c->session) {
        c->error = &ignored;
        akt_client_hear(c);
        c->error = e;
    }
    return c->session || connect_now(c);
}

bool akt_client_link(struct akt_client *c, uint32_t timeout_ms,
                     struct akt_client_error *e)
{
    begin(c, timeout_ms, e);
    return be_linked(c);
}

/* ---- opening and closing ---- */

static uint64_t draw(void)
{
    uint64_t n = 0;
    while (getrandom(&n, sizeof n, 0) != sizeof n)
        if (errno != EINTR)
            return akt_client_now() ^ (uint64_t)getpid() << 32;
    return n;
}

static bool configure(struct akt_client *c, const struct akt_client_config *k)
{
    char name[AKT_NODE_NAME_MAX + 1] = "client";
    struct akt_tls_config tls = {.ca = k->tls_ca,
                                 .cert = k->tls_cert,
                                 .key = k->tls_key,
                                 .secret = k->secret};
    const char *cluster = k->cluster ? k->cluster : "aktvm";
    if (!k->address || !akt_address_parse(k->address, &c->address) ||
        !c->address.host[0])
        return akt_client_fail(c, AKT_CLIENT_INVALID, "'%.99s' is no HOST:PORT",
                               k->address ? k->address : "");
    if (strlen(cluster) > AKT_CLUSTER_NAME_MAX)
        return akt_client_fail(c, AKT_CLIENT_INVALID,
                               "the cluster's name is too long");
    strcpy(c->cluster, cluster);
    if (tls.ca || tls.cert || tls.key || tls.secret) {
        c->error->code = AKT_CLIENT_INVALID;
        c->tls = akt_tls_create(&tls, c->error->text, sizeof c->error->text);
        if (!c->tls)
            return false;
        akt_tls_name(c->tls, name);
    }
    if (strlen(name) > AKT_NODE_NAME_MAX - 9)
        return akt_client_fail(c, AKT_CLIENT_INVALID,
                               "%s: a client's name has 55 bytes at most",
                               name);
    snprintf(c->name, sizeof c->name, "%.55s~%08x", name, (uint32_t)draw());
    return true;
}

struct akt_client *akt_client_open(const struct akt_client_config *k,
                                   struct akt_client_error *e)
{
    struct akt_client *c = akt_calloc(sizeof *c);
    c->events = (struct akt_session_events){.ctx = c,
                                            .on_message = on_message,
                                            .on_node = on_node,
                                            .on_credit = on_credit,
                                            .on_pong = on_pong,
                                            .on_bye = on_bye};
    c->incarnation = draw() | 1;
    c->self = akt_pid_make(AKT_PID_NODE_SELF,
                           1 | ((uint32_t)draw() & AKT_PID_SLOT_MAX),
                           (uint32_t)draw() & AKT_PID_GENERATION_MAX);
    c->count = draw();
    c->plain = k->plain;
    begin(c, k->timeout_ms, e);
    if (configure(c, k) && connect_now(c)) {
        e->code = AKT_CLIENT_OK;
        return c;
    }
    akt_client_close(c);
    return NULL;
}

/* All that was said goes out, and the node closes. */
static void say_bye(struct akt_client *c)
{
    struct akt_client_error ignored;
    begin(c, BYE_MS, &ignored);
    akt_session_bye(c->session, "the client ends");
    if (!speak_all(c))
        return;
    akt_channel_end(c->channel);
    akt_client_hear(c); /* closed with unread bytes, it would be reset */
}

void akt_client_close(struct akt_client *c)
{
    if (!c)
        return;
    if (c->session)
        say_bye(c);
    akt_client_hang_up(c);
    akt_tls_destroy(c->tls);
    akt_buf_fini(&c->reply);
    akt_free(c, sizeof *c);
    akt_msg_pool_release();
}

const char *akt_client_node(const struct akt_client *c)
{
    return c->node;
}

/* ---- calls ---- */

/* The name, as a MessagePack string, and the run. */
static struct akt_msg *make_message(const struct akt_client_call *call)
{
    size_t len = strlen(call->name);
    size_t front = len < 32 ? 1 : 2;
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, front + len + call->len);
    char *at = m->body;
    if (front == 2)
        *at++ = (char)0xd9;
    *at++ = (char)(front == 1 ? 0xa0 | len : len);
    memcpy(at, call->name, len);
    memcpy(at + len, call->run, call->len);
    return m;
}

static void post(struct akt_client *c, struct akt_msg *m)
{
    char head[AKT_WIRE_HEAD_MAX];
    struct akt_parcel p = {.head = head, .key = KEY};
    m->ask = c->ask;
    if (c->ask) {
        m->sender = c->self;
        m->deadline_ns = c->until_ns;
    }
    p.head_len = akt_wire_head(m, akt_client_now(), head);
    p.m = m;
    akt_session_send(c->session, &p);
}

/* The link stands, and there is credit. */
static bool prepare(struct akt_client *c, const struct akt_client_call *call)
{
    size_t len = call->name ? strlen(call->name) : 0;
    if (len == 0 || len > NAME_MAX_BYTES)
        return akt_client_fail(c, AKT_CLIENT_INVALID,
                               "a name has 1 to %d bytes", NAME_MAX_BYTES);
    if (call->len == 0 || call->len > AKT_MESSAGE_MAX - len - 2)
        return akt_client_fail(c, AKT_CLIENT_INVALID,
                               "a message has 1 byte to 64 MB, not %zu",
                               call->len);
    if (!be_linked(c))
        return false;
    while (!akt_session_has_credit(c->session, akt_credit_of(call->len)))
        if (!step(c))
            return false;
    return true;
}

static bool ping(struct akt_client *c)
{
    c->ping = ++c->count | 1;
    akt_session_ping(c->session, c->ping);
    while (c->ping)
        if (!step(c))
            return false;
    return true;
}

/* A call that is over waits for nothing more. */
static enum akt_client_code finish(struct akt_client *c)
{
    c->ask = c->ping = 0;
    return c->error->code;
}

enum akt_client_code akt_client_send(struct akt_client *c,
                                     const struct akt_client_call *call,
                                     struct akt_client_error *e)
{
    begin(c, call->timeout_ms, e);
    if (prepare(c, call)) {
        post(c, make_message(call));
        if (speak_all(c)) /* a ping goes before what stands in line */
            ping(c);
    }
    return finish(c);
}

static void settle(struct akt_client *c, struct akt_client_reply *out)
{
    enum akt_code code = c->code;
    *out = (struct akt_client_reply){c->reply.data, c->reply.len,
                                     akt_code_name(code)};
    if (code == AKT_NOPROC)
        akt_client_fail(c, AKT_CLIENT_NOPROC,
                        "no actor has this name, or it has ended");
    else if (code != AKT_OK)
        akt_client_fail(c, AKT_CLIENT_FAILED, "the actor failed: %s",
                        out->word);
}

enum akt_client_code akt_client_ask(struct akt_client *c,
                                    const struct akt_client_call *call,
                                    struct akt_client_reply *out,
                                    struct akt_client_error *e)
{
    *out = (struct akt_client_reply){"", 0, ""};
    begin(c, call->timeout_ms, e);
    if (prepare(c, call)) {
        c->ask = ++c->count | ASK_BIT;
        post(c, make_message(call));
        while (c->ask && step(c)) {
        }
        if (!c->ask)
            settle(c, out);
    }
    return finish(c);
}

enum akt_client_code akt_client_ping(struct akt_client *c, uint32_t timeout_ms,
                                     double *seconds,
                                     struct akt_client_error *e)
{
    begin(c, timeout_ms, e);
    if (be_linked(c)) {
        uint64_t from = akt_client_now();
        if (ping(c))
            *seconds = (double)(akt_client_now() - from) / 1e9;
    }
    return finish(c);
}
