/* SPDX-License-Identifier: MIT
 *
 * Admin requests over a link, and peers that do not behave. The other node is a
 * session of its own that the test plays; bytes lie in memory.
 */
#include <poll.h>
#include <semaphore.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/tunnel.h"
#include "tests/unit/net/admin_stage.h"
#include "tests/unit/net/far.h"
#include "vm/metrics_read.h"
#include "vm/outside.h"

/* ---- commands ---- */

static sem_t stream_ended;

static void stream_closed(struct akt_admin_call *call, void *ctx)
{
    (void)ctx;
    akt_admin_result(call, json_null());
    sem_post(&stream_ended);
}

static void stream(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)args, (void)ctx;
    akt_admin_more(call, json_integer(1));
    akt_admin_on_close(call, stream_closed, NULL);
}

/* The admin thread stands still. */
static sem_t holding, go_on;

static void hold(struct akt_admin_call *call, json_t *args, void *ctx)
{
    (void)args, (void)ctx;
    sem_post(&holding);
    sem_wait(&go_on);
    akt_admin_result(call, json_null());
}

/* ---- the other node ---- */

#define IDS 100

/* What has come of a tunnel. */
struct seen {
    struct akt_buf bytes;
    bool opened, ended, closed;
    char why[AKT_TUNNEL_WHY + 1];
};

static struct {
    pthread_mutex_t lock; /* also of far.out, which the link fills */
    pthread_cond_t changed;
    bool stuck; /* under the lock: takes nothing */
    struct seen of[IDS];
} seen;

static ssize_t far_write(struct akt_pipe *p, const struct iovec *v, int n)
{
    ssize_t done = 0;
    (void)p;
    pthread_mutex_lock(&seen.lock);
    for (int i = 0; i < n && !seen.stuck; i++) {
        akt_buf_add(&far.out, v[i].iov_base, v[i].iov_len);
        done += (ssize_t)v[i].iov_len;
    }
    pthread_cond_signal(&seen.changed);
    pthread_mutex_unlock(&seen.lock);
    return done;
}

static void far_on_message(void *ctx, const char *head, size_t head_len,
                           const char *body, size_t body_len)
{
    struct akt_tunnel_frame f = {.bytes = body, .len = body_len};
    (void)ctx;
    akt_session_release(far.session, akt_credit_of(body_len), 1, body_len);
    ck_assert(akt_tunnel_get(head, head_len, &f) && f.id < IDS);
    struct seen *s = &seen.of[f.id];
    ck_assert(!s->closed); /* nothing comes behind it */
    s->opened |= f.step == AKT_TUNNEL_OPEN;
    s->ended |= f.step == AKT_TUNNEL_END;
    s->closed |= f.step == AKT_TUNNEL_CLOSE;
    if (f.step == AKT_TUNNEL_CLOSE)
        memcpy(s->why, body, body_len);
    else
        akt_buf_add(&s->bytes, body, body_len);
}

static void say(enum akt_tunnel_step step, uint32_t id, const char *bytes,
                size_t len)
{
    char head[AKT_TUNNEL_HEAD_MAX];
    struct akt_tunnel_frame f = {.step = step,
                                 .answers = seen.of[id].opened,
                                 .id = id,
                                 .granted = (uint32_t)len,
                                 .bytes = bytes,
                                 .len = bytes ? len : 0};
    far_send(head, akt_tunnel_put(&f, head), bytes, f.len);
    far_say_all();
}

static void say_line(uint32_t id, const char *line)
{
    say(AKT_TUNNEL_BYTES, id, line, strlen(line));
}

/* Waits for what the link writes, and takes it. */
static void take(void)
{
    struct akt_buf got;
    pthread_mutex_lock(&seen.lock);
    while (!far.out.len)
        pthread_cond_wait(&seen.changed, &seen.lock);
    got = far.out;
    akt_buf_init(&far.out);
    pthread_mutex_unlock(&seen.lock);
    ck_assert_ptr_null(akt_session_feed(far.session, got.data, got.len));
    akt_buf_fini(&got);
}

static void await_close(uint32_t id, const char *why)
{
    while (!seen.of[id].closed)
        take();
    ck_assert_str_eq(seen.of[id].why, why);
}

/* The next line of a tunnel. */
static void expect(uint32_t id, const char *line)
{
    struct akt_buf *b = &seen.of[id].bytes;
    size_t len = strlen(line);
    while (b->len < len + 1)
        take();
    ck_assert_mem_eq(b->data, line, len);
    ck_assert_int_eq(b->data[len], '\n');
    b->len -= len + 1;
    memmove(b->data, b->data + len + 1, b->len);
}

/* ---- the stage ---- */

static void connect_link(uint8_t roles)
{
    far_connect(roles);
    far_say_all();
}

static void add_commands(void)
{
    akt_admin_add_look(admin, "echo", echo, NULL);
    akt_admin_add_look(admin, "stream", stream, NULL);
    akt_admin_add_look(admin, "flood", flood, NULL);
    akt_admin_add_look(admin, "hold", hold, NULL);
    akt_admin_add(admin, "change", echo, NULL);
    akt_admin_add_link(admin, network);
    akt_admin_start(admin);
}

static void open_all(void)
{
    sem_init(&stream_ended, 0, 0);
    sem_init(&holding, 0, 0);
    sem_init(&go_on, 0, 0);
    pthread_mutex_init(&seen.lock, NULL);
    pthread_cond_init(&seen.changed, NULL);
    stage_open();
    far_open_network(node);
    add_commands();
    connect_link(AKT_ROLES_ALL);
}

static void close_all(void)
{
    akt_outside_close(node);
    akt_link_bye(&peer->link);
    akt_admin_destroy(admin);
    far_close_network();
    akt_node_destroy(node);
    akt_session_destroy(far.session);
    akt_buf_fini(&far.out);
    for (int i = 0; i < IDS; i++)
        akt_buf_fini(&seen.of[i].bytes);
    memset(&far, 0, sizeof far);
    memset(&seen, 0, sizeof seen);
    ck_assert_int_eq(rmdir(dir), 0);
}

static struct akt_link_stats stats(void)
{
    struct akt_link_stats s;
    akt_link_read(&peer->link, &s);
    return s;
}

#define ASKED "{\"v\":1,\"id\":7,\"cmd\":\"echo\"}\n"
#define ANSWERED "{\"v\":1,\"id\":7,\"result\":{}}"
#define STREAM "{\"v\":1,\"id\":3,\"cmd\":\"stream\"}\n"

/* ---- the other node asks ---- */

START_TEST(a_tunnel_is_a_connection)
{
    say(AKT_TUNNEL_OPEN, 5, NULL, 0);
    for (const char *c = ASKED; *c; c++)
        say(AKT_TUNNEL_BYTES, 5, c, 1);
    expect(5, ANSWERED);
    say_line(5, STREAM);
    expect(5, "{\"v\":1,\"id\":3,\"more\":1}");
    say(AKT_TUNNEL_END, 5, NULL, 0);
    expect(5, "{\"v\":1,\"id\":3,\"result\":null}");
    await_close(5, "");
    /* what comes for one that is over is skipped */
    say_line(5, ASKED);
    say(AKT_TUNNEL_CLOSE, 5, NULL, 0);
    say(AKT_TUNNEL_OPEN, 6, NULL, 0);
    say_line(6, ASKED);
    expect(6, ANSWERED);
    say(AKT_TUNNEL_CLOSE, 6, NULL, 0);
    await_close(6, "");
    ck_assert_uint_eq(stats().refused_bodies, 0);
}
END_TEST

START_TEST(streams_end_with_their_tunnel_and_their_link)
{
    for (uint32_t id = 1; id <= 2; id++) {
        say(AKT_TUNNEL_OPEN, id, NULL, 0);
        say_line(id, STREAM);
        expect(id, "{\"v\":1,\"id\":3,\"more\":1}");
    }
    say(AKT_TUNNEL_CLOSE, 1, NULL, 0);
    sem_wait(&stream_ended);
    await_close(1, "");
    ck_assert(!seen.of[2].closed);
    akt_link_lose(&peer->link);
    sem_wait(&stream_ended);
}
END_TEST

START_TEST(roles_decide)
{
    akt_link_lose(&peer->link);
    akt_session_destroy(far.session);
    connect_link(AKT_ROLE_OBSERVER);
    say(AKT_TUNNEL_OPEN, 1, NULL, 0);
    say_line(1, ASKED);
    expect(1, ANSWERED);
    say_line(1, "{\"v\":1,\"id\":1,\"cmd\":\"change\"}\n");
    expect(1, "{\"v\":1,\"id\":1,\"error\":{\"code\":\"denied\",\"message\":"
              "\"n1: 'change' needs the role admin, and the certificate of n2 "
              "has only observer\"}}");
    /* nobody goes on from here */
    say_line(1, "{\"v\":1,\"id\":1,\"cmd\":\"link\",\"args\":{\"node\":\"n2\"}}"
                "\n");
    expect(1, "{\"v\":1,\"id\":1,\"error\":{\"code\":\"denied\",\"message\":"
              "\"n1: 'link' is for clients at this node's own socket\"}}");
    ck_assert_uint_eq(stats().denied, 2);
}
END_TEST

START_TEST(no_role_no_request)
{
    akt_link_lose(&peer->link);
    akt_session_destroy(far.session);
    connect_link(0);
    say(AKT_TUNNEL_OPEN, 1, NULL, 0);
    say_line(1, ASKED);
    expect(1, "{\"v\":1,\"id\":7,\"error\":{\"code\":\"denied\",\"message\":"
              "\"n1: 'echo' needs the role observer or admin, and the "
              "certificate of n2 has no role\"}}");
}
END_TEST

/* As much as was said without being granted; then all, with what was dropped.
 */
START_TEST(who_does_not_grant_holds_up_nobody)
{
    say(AKT_TUNNEL_OPEN, 1, NULL, 0);
    say(AKT_TUNNEL_OPEN, 2, NULL, 0);
    say_line(1, "{\"v\":1,\"id\":1,\"cmd\":\"flood\"}\n");
    struct akt_buf *b = &seen.of[1].bytes;
    while (b->len < AKT_TUNNEL_WINDOW - 64 * AKT_TUNNEL_COST)
        take();
    say_line(2, ASKED);
    expect(2, ANSWERED);
    ck_assert_uint_le(b->len, AKT_TUNNEL_WINDOW);
    size_t granted = 0;
    while (b->len < 18 ||
           memcmp(b->data + b->len - 15, "\"result\":true}\n", 15)) {
        if (b->len > granted + AKT_TUNNEL_WINDOW / 2) {
            say(AKT_TUNNEL_GRANT, 1, NULL, AKT_TUNNEL_WINDOW / 2);
            granted += AKT_TUNNEL_WINDOW / 2;
        }
        take();
    }
    ck_assert_uint_gt(b->len, AKT_ADMIN_PENDING / 2);
    ck_assert_uint_lt(b->len, AKT_ADMIN_PENDING + AKT_TUNNEL_WINDOW);
}
END_TEST

START_TEST(more_than_was_granted_closes)
{
    static char text[AKT_TUNNEL_DATA];
    memset(text, 'x', sizeof text);
    /* busy: what comes now is not handled, and not granted */
    say(AKT_TUNNEL_OPEN, 1, NULL, 0);
    for (int i = 0; i < AKT_ADMIN_CALLS; i++)
        say_line(1, STREAM);
    for (int i = 0; i < AKT_ADMIN_CALLS; i++)
        expect(1, "{\"v\":1,\"id\":3,\"more\":1}");
    for (int i = 0; i < 32 && !seen.of[1].closed; i++) {
        say(AKT_TUNNEL_BYTES, 1, text, sizeof text);
        say(AKT_TUNNEL_OPEN, 2 + (uint32_t)i, NULL, 0);
        say(AKT_TUNNEL_CLOSE, 2 + (uint32_t)i, NULL, 0);
        await_close(2 + (uint32_t)i, "");
    }
    await_close(1, "");
    /* more than there is room for */
    say(AKT_TUNNEL_OPEN, 50, NULL, 0);
    say(AKT_TUNNEL_GRANT, 50, NULL, 1);
    await_close(50, "");
}
END_TEST

START_TEST(tunnels_are_counted)
{
    for (uint32_t id = 0; id <= AKT_TUNNELS_LINK; id++)
        say(AKT_TUNNEL_OPEN, id, NULL, 0);
    await_close(AKT_TUNNELS_LINK, "busy");
    say(AKT_TUNNEL_CLOSE, 0, NULL, 0);
    await_close(0, "");
    say(AKT_TUNNEL_OPEN, 40, NULL, 0);
    say_line(40, ASKED);
    expect(40, ANSWERED);
}
END_TEST

START_TEST(nonsense_ends_all_tunnels)
{
    say(AKT_TUNNEL_OPEN, 1, NULL, 0);
    say_line(1, STREAM);
    expect(1, "{\"v\":1,\"id\":3,\"more\":1}");
    say(AKT_TUNNEL_GRANT, 1, NULL, AKT_TUNNEL_WINDOW + 1);
    sem_wait(&stream_ended);
    ck_assert_uint_eq(stats().refused_bodies, 1);
    ck_assert_int_eq(stats().state, AKT_LINK_UP);
    say(AKT_TUNNEL_OPEN, 2, NULL, 0);
    ck_assert_uint_eq(stats().refused_bodies, 2);
}
END_TEST

/* While the admin thread stands still. */
START_TEST(what_waits_is_bounded)
{
    static char text[AKT_TUNNEL_DATA];
    say(AKT_TUNNEL_OPEN, 1, NULL, 0);
    say_line(1, "{\"v\":1,\"id\":1,\"cmd\":\"hold\"}\n");
    sem_wait(&holding);
    while (!stats().refused_bodies) {
        say(AKT_TUNNEL_BYTES, 2, text, sizeof text);
        /* relaxed: nobody else changes it now */
        uint32_t queued = atomic_load_explicit(&peer->link.tunnel_queued,
                                               memory_order_relaxed);
        ck_assert_uint_le(queued, AKT_TUNNEL_QUEUE);
    }
    sem_post(&go_on);
    /* a new session has tunnels again */
    akt_link_lose(&peer->link);
    akt_session_destroy(far.session);
    connect_link(AKT_ROLES_ALL);
    say(AKT_TUNNEL_OPEN, 3, NULL, 0);
    say_line(3, ASKED);
    expect(3, ANSWERED);
}
END_TEST

/* A node that asks and does not read the answers. */
START_TEST(what_is_not_read_is_bounded)
{
    struct akt_link *l = &peer->link;
    say(AKT_TUNNEL_OPEN, 1, NULL, 0);
    say_line(1, STREAM);
    expect(1, "{\"v\":1,\"id\":3,\"more\":1}");
    pthread_mutex_lock(&seen.lock);
    seen.stuck = true;
    pthread_mutex_unlock(&seen.lock);
    pthread_mutex_lock(&l->lock);
    for (int i = 0; i < 3; i++) {
        struct akt_parcel p = {.m = akt_msg_new(AKT_MSG_USER, 60 << 20)};
        akt_session_send(l->session, &p);
    }
    pthread_mutex_unlock(&l->lock);
    say_line(1, ASKED);
    sem_wait(&stream_ended);
    ck_assert_uint_eq(stats().refused_bodies, 1);
}
END_TEST

/* ---- a client of ours asks ---- */

#define LINK "{\"v\":1,\"id\":1,\"cmd\":\"link\",\"args\":{\"node\":\"n2\"}}\n"
#define LINKED                                                       \
    "{\"v\":1,\"id\":1,\"result\":{\"node\":\"n2\",\"incarnation\":" \
    "\"0000000000000009\",\"via\":\"n1\"}}\n"

static void put(int fd, const char *text)
{
    ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL),
                     (ssize_t)strlen(text));
}

static void hear(int fd, const char *text)
{
    char got[1024];
    size_t len = strlen(text);
    ck_assert_int_eq(recv(fd, got, len, MSG_WAITALL), (ssize_t)len);
    ck_assert_mem_eq(got, text, len);
}

static int dial_over_link(void)
{
    int fd = dial();
    put(fd, LINK);
    hear(fd, LINKED);
    while (!seen.of[1].opened)
        take();
    return fd;
}

START_TEST(a_client_speaks_to_the_other_node)
{
    int fd = dial_over_link();
    put(fd, ASKED ASKED);
    expect(1, "{\"v\":1,\"id\":7,\"cmd\":\"echo\"}");
    expect(1, "{\"v\":1,\"id\":7,\"cmd\":\"echo\"}");
    say_line(1, "anything");
    hear(fd, "anything");
    ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
    while (!seen.of[1].ended)
        take();
    say_line(1, "more\n");
    say(AKT_TUNNEL_CLOSE, 1, NULL, 0);
    hear(fd, "more\n");
    char c;
    ck_assert_int_eq(recv(fd, &c, 1, 0), 0);
    close(fd);
}
END_TEST

START_TEST(a_client_that_goes_away_closes_its_tunnel)
{
    int fd = dial_over_link();
    say_line(1, "not read");
    close(fd);
    await_close(1, "");
}
END_TEST

START_TEST(a_client_hears_that_the_link_is_gone)
{
    int fd = dial_over_link();
    say_line(1, "{\"cut o");
    hear(fd, "{\"cut o");
    akt_link_lose(&peer->link);
    hear(fd, "\n{\"v\":1,\"id\":0,\"error\":{\"code\":\"noconnection\","
             "\"message\":\"the link has ended: that of n1 to n2\"}}\n");
    char c;
    ck_assert_int_eq(recv(fd, &c, 1, 0), 0);
    close(fd);
    fd = dial();
    put(fd, LINK);
    hear(fd, "{\"v\":1,\"id\":1,\"error\":{\"code\":\"noconnection\"");
    close(fd);
}
END_TEST

START_TEST(a_node_that_says_too_much_is_given_up)
{
    static char text[AKT_TUNNEL_DATA];
    int fd = dial_over_link();
    for (int i = 0; i < 64 && !seen.of[1].closed; i++)
        say(AKT_TUNNEL_BYTES, 1, text, sizeof text);
    await_close(1, "");
    close(fd);
}
END_TEST

START_TEST(a_client_with_other_requests_has_no_link)
{
    int fd = dial();
    put(fd, STREAM LINK);
    hear(fd, "{\"v\":1,\"id\":3,\"more\":1}\n"
             "{\"v\":1,\"id\":1,\"error\":{\"code\":\"bad_request\"");
    close(fd);
    await_close(1, "");
}
END_TEST

/* ---- figures ---- */

struct rows {
    int links, clients, others;
    double sessions;
};

static void count_row(void *ctx, const struct akt_metric *m)
{
    struct rows *r = ctx;
    if (strcmp(m->name, "aktvm_link_sessions") != 0)
        return;
    ck_assert_int_eq(m->first, r->links == 0);
    r->links++;
    r->clients += strcmp(m->labels[0].value, "(clients)") == 0;
    r->others += strcmp(m->labels[0].value, "(others)") == 0;
    r->sessions += m->value;
}

START_TEST(names_of_links_are_bounded)
{
    struct akt_wire_node who = {.incarnation = 1};
    for (int i = 0; i < 300; i++) {
        snprintf(who.name, sizeof who.name, i % 3 ? "n%d" : "client~%d", i);
        akt_network_meet(network, &who)->link.stats.sessions = 1;
    }
    struct rows r = {0};
    akt_network_metrics(&network->remote,
                        &(struct akt_metrics_sink){count_row, &r});
    ck_assert_int_eq(r.links, 64 + 2);
    ck_assert_int_eq(r.clients, 1);
    ck_assert_int_eq(r.others, 1);
    ck_assert_double_eq(r.sessions, 301);
}
END_TEST

CHECK_MAIN_FIXTURE("admin_link", open_all, close_all, a_tunnel_is_a_connection,
                   streams_end_with_their_tunnel_and_their_link, roles_decide,
                   no_role_no_request, who_does_not_grant_holds_up_nobody,
                   more_than_was_granted_closes, tunnels_are_counted,
                   nonsense_ends_all_tunnels, what_waits_is_bounded,
                   what_is_not_read_is_bounded,
                   a_client_speaks_to_the_other_node,
                   a_client_that_goes_away_closes_its_tunnel,
                   a_client_hears_that_the_link_is_gone,
                   a_node_that_says_too_much_is_given_up,
                   a_client_with_other_requests_has_no_link,
                   names_of_links_are_bounded)
