/* SPDX-License-Identifier: MIT
 *
 * tests/fuzz/fuzz_tunnel.c: admin requests over a link, with another node that
 * says whatever it likes, and clients at the socket that come and go. The input
 * is a list of what happens; each first byte chooses:
 *
 *     0..7   a tunnel's frame: step, side, id, and what is behind
 *     8..9   a frame with any head and body
 *     10..12 the admin thread has its turn
 *     13     the session ends, another one begins with other roles
 *     14     a client comes, or speaks, or goes
 *     15     a client's request for a link
 *
 * Of each tunnel that is answered here no more comes than was granted, CLOSE
 * comes once and last; what waits is bounded; when the link is gone nothing is
 * left of it. The other node grants what it likes.
 */
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/admin_core.h"
#include "net/admin_parts.h"
#include "net/tunnel.h"
#include "tests/fuzz/check.h"
#include "tests/unit/net/far.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define IDS 32
#define CLIENTS 4

static struct akt_node *node;
static struct akt_admin *admin;
static char dir[] = "/tmp/akt-fuzz-XXXXXX", path[64];
static int clients[CLIENTS];

/* A tunnel with an id that the other side has chosen. */
static struct answered {
    uint64_t may; /* bytes and costs that may come */
    uint64_t came;
    int opened, closed;
} answered[IDS];

/* ---- commands ---- */

static void echo(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)ctx;
    akt_admin_result(call, json_incref(args));
}

static void ended(struct akt_admin_call *call, void *ctx)
{
    (void)ctx;
    akt_admin_result(call, json_null());
}

static void stream(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)args, (void)ctx;
    static char text[20000];
    memset(text, 'x', sizeof text);
    for (int i = 0; i < 50; i++)
        akt_admin_more(call, json_stringn(text, sizeof text));
    akt_admin_on_close(call, ended, NULL);
}

/* ---- the other node ---- */

static ssize_t far_write(struct akt_pipe *p, const struct iovec *v, int n)
{
    ssize_t done = 0;
    (void)p;
    for (int i = 0; i < n; i++) {
        akt_buf_add(&far.out, v[i].iov_base, v[i].iov_len);
        done += (ssize_t)v[i].iov_len;
    }
    return done;
}

static void far_on_message(void *ctx, const char *head, size_t head_len,
                           const char *body, size_t body_len)
{
    struct akt_tunnel_frame f = {.bytes = body, .len = body_len};
    (void)ctx;
    CHECK(akt_tunnel_get(head, head_len, &f));
    if (!f.answers)
        return;
    CHECK(f.id < IDS && answered[f.id].opened > 0);
    struct answered *a = &answered[f.id];
    if (f.step == AKT_TUNNEL_CLOSE)
        CHECK(++a->closed <= a->opened);
    else
        CHECK(a->closed < a->opened);
    if (f.step == AKT_TUNNEL_BYTES)
        CHECK((a->came += akt_tunnel_cost(&f)) <= a->may);
}

static void say_all(void)
{
    far_say_all();
    CHECK(!akt_session_feed(far.session, far.out.data, far.out.len));
    far.out.len = 0;
    CHECK(atomic_load_explicit(&peer->link.tunnel_queued,
                               memory_order_relaxed) <= AKT_TUNNEL_QUEUE);
}

static void send_message(const char *head, size_t head_len, const char *body,
                         size_t len)
{
    far_send(head, head_len, body, len);
    say_all();
}

static void connect_link(uint8_t roles)
{
    memset(answered, 0, sizeof answered);
    far_connect(roles);
    say_all();
}

static void turn(void)
{
    uv_run(&admin->loop, UV_RUN_NOWAIT);
    say_all();
}

static uint32_t count_ways(void)
{
    uint32_t n = 0;
    for (struct akt_admin_client *c = admin->clients; c; c = c->next)
        n += c->way != NULL;
    return n;
}

static void lose_link(void)
{
    akt_link_lose(&peer->link);
    for (int i = 0; i < 100 && count_ways(); i++)
        uv_run(&admin->loop, UV_RUN_NOWAIT);
    CHECK(!count_ways());
    akt_session_destroy(far.session);
}

/* ---- the stage, once ---- */

static void at_end(void)
{
    unlink(path);
    rmdir(dir);
}

static void open_all(void)
{
    const char *error;
    signal(SIGPIPE, SIG_IGN); /* as every program of ours */
    CHECK(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/sock", dir);
    atexit(at_end);
    node = akt_node_create(&(struct akt_config){.workers = 1, .name = "n1"});
    far_open_network(node);
    admin = akt_admin_create(node, path, &error);
    CHECK(admin);
    akt_admin_add_look(admin, "e", echo, NULL);
    akt_admin_add_look(admin, "s", stream, NULL);
    akt_admin_add(admin, "c", echo, NULL);
    akt_admin_add_link(admin, network);
    memset(clients, -1, sizeof clients);
}

/* ---- what happens ---- */

struct input {
    const uint8_t *p, *end;
};

static uint8_t next(struct input *in)
{
    return in->p < in->end ? *in->p++ : 0;
}

static const char *const texts[] = {
    "{\"v\":1,\"id\":1,\"cmd\":\"e\"}\n",
    "{\"v\":1,\"id\":1,\"cmd\":\"s\"}\n",
    "{\"v\":1,\"id\":1,\"cmd\":\"c\"}\n",
    "{\"v\":1,\"id\":1,\"cmd\":\"link\",\"args\":{\"node\":\"n2\"}}\n",
    "{\"v\":1,",
    "\n",
    "x",
};
#define TEXTS (sizeof texts / sizeof *texts)

static const char *text_of(struct input *in, size_t *len)
{
    static char large[AKT_TUNNEL_DATA];
    uint8_t n = next(in);
    if (n % 16 == 15) {
        *len = sizeof large;
        return large;
    }
    *len = strlen(texts[n % TEXTS]);
    return texts[n % TEXTS];
}

/* What the other side may be told by this. */
static void note(const struct akt_tunnel_frame *f)
{
    struct answered *a = &answered[f->id];
    if (f->answers)
        return;
    if (f->step == AKT_TUNNEL_OPEN) {
        a->opened++;
        a->may += AKT_TUNNEL_WINDOW;
    } else if (f->step == AKT_TUNNEL_GRANT) {
        a->may += f->granted;
    }
}

static void any_frame(struct input *in)
{
    char head[AKT_TUNNEL_HEAD_MAX];
    uint8_t what = next(in);
    struct akt_tunnel_frame f = {
        .step = 1 + what % 5u, .answers = what & 128, .id = next(in) % IDS};
    if (f.step == AKT_TUNNEL_BYTES)
        f.bytes = text_of(in, &f.len);
    f.granted = 1 + next(in) * 1024u;
    note(&f);
    send_message(head, akt_tunnel_put(&f, head), f.bytes, f.len);
}

/* Not one that opens or grants: these are to be noted. */
static void any_bytes(struct input *in)
{
    char head[16] = {(char)AKT_TUNNEL}, body[8];
    size_t head_len = next(in) % 16, len = next(in) % 8;
    for (size_t i = 1; i < head_len; i++)
        head[i] = (char)next(in);
    for (size_t i = 0; i < len; i++)
        body[i] = (char)next(in);
    if (head_len && head[1] != AKT_TUNNEL_OPEN && head[1] != AKT_TUNNEL_GRANT)
        send_message(head, head_len, body, len);
}

static void dial(int *fd)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    strcpy(addr.sun_path, path);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (connect(*fd, (struct sockaddr *)&addr, sizeof addr) != 0) {
        close(*fd);
        *fd = -1;
    }
}

static void any_client(struct input *in)
{
    static char bytes[65536];
    uint8_t what = next(in);
    int *fd = &clients[what % CLIENTS];
    size_t len;
    if (*fd < 0) {
        dial(fd);
    } else if (what & 16) {
        close(*fd);
        *fd = -1;
    } else if (what & 32) {
        shutdown(*fd, SHUT_WR);
    } else if (what & 64) {
        while (read(*fd, bytes, sizeof bytes) > 0) {
        }
    } else {
        const char *text = text_of(in, &len);
        (void)!send(*fd, text, len, MSG_NOSIGNAL);
    }
}

static void ask_link(struct input *in)
{
    int *fd = &clients[next(in) % CLIENTS];
    if (*fd < 0)
        dial(fd);
    if (*fd >= 0)
        (void)!send(*fd, texts[3], strlen(texts[3]), MSG_NOSIGNAL);
    turn();
}

static void one_thing(struct input *in)
{
    uint8_t what = next(in) % 16;
    if (what < 8) {
        any_frame(in);
    } else if (what < 10) {
        any_bytes(in);
    } else if (what < 13) {
        turn();
    } else if (what == 13) {
        lose_link();
        connect_link(next(in) % 4);
    } else if (what == 14) {
        any_client(in);
    } else {
        ask_link(in);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    if (!node)
        open_all();
    connect_link(AKT_ROLES_ALL);
    while (in.p < in.end)
        one_thing(&in);
    for (int i = 0; i < CLIENTS; i++) {
        if (clients[i] >= 0)
            close(clients[i]);
        clients[i] = -1;
    }
    turn();
    lose_link();
    for (int i = 0; i < 100 && admin->clients; i++)
        uv_run(&admin->loop, UV_RUN_NOWAIT);
    CHECK(!admin->clients);
    return 0;
}
