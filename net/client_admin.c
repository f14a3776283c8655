/* SPDX-License-Identifier: MIT
 *
 * net/client_admin.c: one tunnel (net/tunnel.h) between a socket and a node.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "net/client_impl.h"
#include "net/tunnel.h"
#include "vm/message.h"

#define PING_MS 1000
#define SILENT_MS 10000

struct carried {
    struct akt_client *client;
    int fd;
    uint32_t id;
    struct akt_buf in, out; /* from the socket; to it */
    uint32_t window;        /* may be sent */
    uint32_t owed, taken;   /* came, is to be granted; of that, next */
    bool eof, end_said;     /* of the socket */
    bool gone;              /* nobody is there at the socket */
    bool closed;            /* by the node */
    char why[AKT_TUNNEL_WHY + 1];
};

/* ---- saying ---- */

static void say(struct carried *t, enum akt_tunnel_step step, const char *bytes,
                size_t len)
{
    char head[AKT_TUNNEL_HEAD_MAX];
    struct akt_tunnel_frame f = {
        .step = step, .id = t->id, .granted = t->taken};
    struct akt_parcel p = {.head = head, .key = AKT_TUNNEL};
    p.head_len = akt_tunnel_put(&f, head);
    if (len) {
        p.m = akt_msg_new(AKT_MSG_USER, len);
        memcpy(p.m->body, bytes, len);
    }
    akt_session_send(t->client->session, &p);
}

static void drop_front(struct akt_buf *b, size_t len)
{
    b->len -= len;
    memmove(b->data, b->data + len, b->len);
}

static void pump(struct carried *t)
{
    while (t->in.len && t->window > AKT_TUNNEL_COST) {
        size_t n = t->window - AKT_TUNNEL_COST;
        n = n < t->in.len ? n : t->in.len;
        n = n < AKT_TUNNEL_DATA ? n : AKT_TUNNEL_DATA;
        say(t, AKT_TUNNEL_BYTES, t->in.data, n);
        t->window -= (uint32_t)n + AKT_TUNNEL_COST;
        drop_front(&t->in, n);
    }
    if (t->eof && !t->in.len && !t->end_said) {
        say(t, AKT_TUNNEL_END, NULL, 0);
        t->end_said = true;
    }
}

static void grant(struct carried *t)
{
    if (t->taken < AKT_TUNNEL_WINDOW / 4)
        return;
    say(t, AKT_TUNNEL_GRANT, NULL, 0);
    t->owed -= t->taken;
    t->taken = 0;
}

/* ---- what comes ---- */

static void on_bytes(struct carried *t, const struct akt_tunnel_frame *f)
{
    t->owed += akt_tunnel_cost(f);
    t->taken += AKT_TUNNEL_COST;
    if (t->owed > AKT_TUNNEL_WINDOW) /* it takes more than it may */
        t->closed = true;
    else
        akt_buf_add(&t->out, f->bytes, f->len);
}

static void on_tunnel(struct akt_client *c, const struct akt_tunnel_frame *f)
{
    struct carried *t = c->tunnel;
    if (!f->answers || f->id != t->id || t->closed)
        return;
    if (f->step == AKT_TUNNEL_BYTES)
        on_bytes(t, f);
    else if (f->step == AKT_TUNNEL_GRANT &&
             f->granted <= AKT_TUNNEL_WINDOW - t->window)
        t->window += f->granted;
    else if (f->step == AKT_TUNNEL_CLOSE) {
        memcpy(t->why, f->bytes, f->len);
        t->closed = true;
    }
}

/* ---- the socket ---- */

static void read_socket(struct carried *t)
{
    char *room = akt_buf_reserve(&t->in, AKT_CLIENT_READ);
    ssize_t n = recv(t->fd, room, AKT_CLIENT_READ, MSG_DONTWAIT);
    if (n > 0)
        t->in.len += (size_t)n;
    else if (n == 0)
        t->eof = true;
    else
        t->gone = errno != EAGAIN && errno != EINTR;
}

static void write_socket(struct carried *t)
{
    ssize_t n =
        send(t->fd, t->out.data, t->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0) {
        t->gone = errno != EAGAIN && errno != EINTR;
        return;
    }
    t->taken += (uint32_t)n;
    drop_front(&t->out, (size_t)n);
}

/* ---- both ---- */

static void wait_for_some(struct carried *t)
{
    struct akt_client *c = t->client;
    bool room = !t->eof && t->in.len < AKT_TUNNEL_WINDOW;
    struct pollfd p[] = {{t->fd, 0, 0},
                         {akt_channel_fd(c->channel), POLLIN, 0}};
    p[0].events = (short)((room ? POLLIN : 0) | (t->out.len ? POLLOUT : 0));
    p[1].events |= akt_client_wants_out(c) ? POLLOUT : 0;
    if (poll(p, 2, PING_MS) == 0)
        akt_session_ping(c->session, akt_client_now());
    if (p[0].revents & POLLIN && room)
        read_socket(t);
    else if (p[0].revents & (POLLHUP | POLLERR)) /* and not only half of it */
        t->gone = true;
    if (t->out.len)
        write_socket(t);
}

static bool is_over(const struct carried *t)
{
    return t->gone || (t->closed && !t->out.len);
}

/* What came just before the node ended the link is for the socket, too. */
static void flush(struct carried *t)
{
    struct pollfd p = {t->fd, POLLOUT, 0};
    while (!t->gone && t->out.len && poll(&p, 1, PING_MS) > 0)
        write_socket(t);
}

/* False: the connection was lost, c->error says why. */
static bool step(struct carried *t)
{
    struct akt_client *c = t->client;
    pump(t);
    grant(t);
    if (!akt_client_speak(c))
        return false;
    wait_for_some(t);
    if (!akt_client_hear(c))
        return false;
    if (akt_client_now() <= c->heard_ns + SILENT_MS * MS)
        return true;
    akt_client_hang_up(c);
    return akt_client_fail(c, AKT_CLIENT_NOCONNECTION, "the node is silent");
}

static void carry(struct carried *t)
{
    struct akt_client *c = t->client;
    while (!is_over(t))
        if (!step(t)) {
            flush(t);
            return;
        }
    bool off = strcmp(t->why, "off") == 0;
    if (t->why[0])
        akt_client_fail(c, AKT_CLIENT_FAILED, "%s",
                        off ? "nobody takes admin requests there (--admin off)"
                            : "too many admin requests are under way");
    if (t->closed)
        return;
    say(t, AKT_TUNNEL_CLOSE, NULL, 0);
    akt_client_speak(c);
}

enum akt_client_code akt_client_admin(struct akt_client *c, int fd,
                                      struct akt_client_error *e)
{
    struct carried t = {.client = c,
                        .fd = fd,
                        .id = (uint32_t)++c->count,
                        .window = AKT_TUNNEL_WINDOW};
    if (!akt_client_link(c, 0, e))
        return e->code;
    c->heard_ns = akt_client_now();
    c->tunnel = &t;
    c->on_tunnel = on_tunnel;
    say(&t, AKT_TUNNEL_OPEN, NULL, 0);
    carry(&t);
    c->on_tunnel = NULL;
    akt_buf_fini(&t.in);
    akt_buf_fini(&t.out);
    return e->code;
}
