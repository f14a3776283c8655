/* SPDX-License-Identifier: MIT
 *
 * A machine that is linked to itself: it plays both nodes, `near` and `far`.
 * What is sent to an actor under the index of `far` goes out by one link and
 * comes in by the other, from an actor under the index of `near`. Bytes between
 * them lie in memory, and go over when time passes.
 */
#include "net/link.h"

#include "tests/unit/vm/play.h"
#include "vm/base/buf.h"

#define FAR 2u  /* the index of far, and of the link to it */
#define NEAR 3u /* the same, seen from there */
#define MB (1u << 20)

struct end {
    struct akt_pipe pipe; /* first */
    struct akt_link *link;
    struct end *other;
    struct akt_buf out; /* on its way to the other */
    size_t room;        /* of `out`; 0: no bound */
    bool closed, stuck;
};

static struct akt_remote remote;
static struct akt_link links[2]; /* to far, to near */
static struct end ends[2];
static struct akt_later carrier;
static bool carrying, by_hand;
static int dials;
static uint64_t session_id;

/* ---- the connection ---- */

static void carry_soon(void)
{
    if (by_hand)
        return;
    if (!carrying)
        akt_world_at(play_node->world, &carrier,
                     akt_node_now(play_node) + PLAY_MS / 10);
    carrying = true;
}

static ssize_t end_write(struct akt_pipe *p, const struct iovec *v, int n)
{
    struct end *e = (struct end *)(void *)p;
    ck_assert(!e->closed);
    size_t done = 0;
    for (int i = 0; i < n; i++) {
        size_t left = e->room ? e->room - e->out.len : SIZE_MAX;
        size_t len = v[i].iov_len < left ? v[i].iov_len : left;
        akt_buf_add(&e->out, v[i].iov_base, len);
        done += len;
        if (len < v[i].iov_len)
            break;
    }
    e->stuck = done == 0;
    carry_soon();
    return (ssize_t)done;
}

static void end_again(struct akt_pipe *p)
{
    ((struct end *)(void *)p)->stuck = true;
}

static void end_close(struct akt_pipe *p)
{
    struct end *e = (struct end *)(void *)p;
    e->closed = true;
}

/* One piece of what is on its way. */
static void carry(struct end *e, size_t most)
{
    char *piece;
    size_t len = e->out.len < most ? e->out.len : most;
    if (len == 0)
        return;
    piece = akt_alloc(len);
    memcpy(piece, e->out.data, len);
    memmove(e->out.data, e->out.data + len, e->out.len - len);
    e->out.len -= len;
    akt_link_input(e->other->link, &e->other->pipe, piece, len);
    akt_free(piece, len);
    if (e->stuck && !e->closed)
        akt_link_output(e->link, &e->pipe);
}

static void carry_all(struct akt_later *self)
{
    (void)self;
    carrying = false;
    for (int i = 0; i < 2; i++)
        carry(&ends[i],
              1 + akt_world_random(play_node->world) % (ends[i].out.len + 1));
    if (ends[0].out.len || ends[1].out.len)
        carry_soon();
}

static void connect_ends(bool resumes)
{
    uint64_t id[2], received[2];
    if (!resumes)
        session_id++;
    for (int i = 0; i < 2; i++) {
        akt_link_hold(&links[i]);
        akt_link_describe(&links[i], &id[i], &received[i]);
        ends[i].out.len = 0;
        ends[i].closed = ends[i].stuck = false;
    }
    for (int i = 0; i < 2; i++) {
        ck_assert(!resumes ||
                  akt_link_can_resume(&links[i], session_id, received[!i]));
        akt_link_up(&links[i],
                    &(struct akt_link_greeting){.pipe = &ends[i].pipe,
                                                .session = session_id,
                                                .resumes = resumes,
                                                .received = received[!i]});
        ck_assert_int_eq(akt_link_state(&links[i]), AKT_LINK_UP);
    }
}

/* What is on its way is lost. */
static void break_ends(void)
{
    for (int i = 0; i < 2; i++) {
        ends[i].out.len = 0;
        akt_link_broke(&links[i], &ends[i].pipe, AKT_LINK_RESUME_NS);
    }
}

static struct akt_link_stats stats_of(int i)
{
    struct akt_link_stats s;
    memset(&s, 0, sizeof s);
    akt_link_read(&links[i], &s);
    return s;
}

static uint64_t long_credit(int i)
{
    return stats_of(i).session.credit_bytes[AKT_CREDIT_LONG];
}

/* ---- what links ask ---- */

static void op_dial(struct akt_link *l)
{
    (void)l;
    dials++;
}

static bool op_import(struct akt_link *l, char *bytes, size_t len,
                      const struct akt_link_rename *r)
{
    (void)l, (void)bytes, (void)len;
    ck_assert_uint_eq(r->rename(r->ctx, AKT_PID_NODE_SELF), l->index);
    return true;
}

static uint16_t op_learn(struct akt_link *l, const struct akt_wire_node *n)
{
    uint16_t index = strcmp(n->name, "far") == 0 ? FAR : NEAR;
    return index == l->index ? index : AKT_PID_NODE_SELF;
}

static bool op_tell(struct akt_link *l, uint16_t index, struct akt_wire_node *n)
{
    (void)l;
    *n = (struct akt_wire_node){.index = index, .incarnation = index};
    strcpy(n->name, index == FAR ? "far" : "near");
    strcpy(n->address, "there");
    return index == FAR || index == NEAR;
}

static const struct akt_link_ops ops = {op_dial, op_import, op_learn, op_tell};

/* ---- what the machine asks ---- */

static struct akt_link *link_to(uint64_t index)
{
    ck_assert(index == FAR || index == NEAR);
    return &links[index - FAR];
}

static void remote_post(struct akt_remote *r, struct akt_isolate *from,
                        struct akt_msg *m)
{
    (void)r;
    akt_link_post(link_to(akt_pid_node(m->target)), from, m);
}

static enum akt_code remote_send(struct akt_remote *r, struct akt_isolate *iso,
                                 struct akt_msg *m)
{
    (void)r;
    return akt_link_send(link_to(akt_pid_node(m->target)), iso, m);
}

static void remote_wait(struct akt_remote *r, struct akt_isolate *iso,
                        struct akt_msg *m)
{
    (void)r;
    akt_link_wait(link_to(akt_pid_node(m->target)), iso, m);
}

static void remote_flush(struct akt_remote *r, struct akt_worker *w)
{
    (void)r;
    akt_link_flush(w);
}

static void remote_released(struct akt_remote *r, uint64_t token, uint32_t size)
{
    (void)r;
    ck_assert(token > 0 && token >> 62 == 0);
    akt_link_released(link_to(token & 0xffff), token, size);
}

/* There are no sockets here. */
static void remote_stand_in(struct akt_remote *r, struct akt_worker *stuck)
{
}

static bool remote_name(struct akt_remote *r, uint32_t index, char *out,
                        size_t len)
{
    (void)r;
    snprintf(out, len, "%s", index == FAR ? "far" : "near");
    return true;
}

/* ---- the stage ---- */

static struct puppet a = {.name = "a", .kind = &play_trap};
static struct puppet b = {.name = "b", .kind = &play_trap};
/* the same, as the other one sees it */
static struct puppet near_a = {.name = "A"}, far_b = {.name = "B"};
static struct puppet near_b = {.name = "C"};

static void open_links(struct akt_node *node)
{
    remote = (struct akt_remote){.post = remote_post,
                                 .send = remote_send,
                                 .wait = remote_wait,
                                 .flush = remote_flush,
                                 .released = remote_released,
                                 .stand_in = remote_stand_in,
                                 .name = remote_name};
    carrier = (struct akt_later){.fire = carry_all};
    carrying = by_hand = false;
    dials = 0;
    for (int i = 0; i < 2; i++) {
        memset(&links[i], 0, sizeof links[i]);
        akt_link_init(&links[i]);
        links[i].node = node;
        links[i].ops = &ops;
        links[i].index = (uint16_t)(FAR + (unsigned)i);
        ends[i] =
            (struct end){.pipe = {end_write, end_again, end_close, i == 0},
                         .link = &links[i],
                         .other = &ends[!i],
                         .out = AKT_BUF_INIT};
    }
    node->remote = &remote;
}

static int close_links(struct akt_node *node)
{
    if (carrying)
        akt_world_cancel(node->world, &carrier);
    for (int i = 0; i < 2; i++) {
        akt_link_fini(&links[i]);
        akt_buf_fini(&ends[i].out);
    }
    node->remote = NULL;
    return -1;
}

static void seen_as(struct puppet *p, const struct puppet *who, uint32_t index)
{
    p->pid.bits = (who->pid.bits & (UINT64_MAX >> 16)) | (uint64_t)index << 48;
    play_puppets[play_puppets_len++] = p;
}

static void cast_both(struct akt_isolate *iso, struct akt_actor *self)
{
    a.quiet = b.quiet = true;
    play_cast(iso, self, &a);
    play_cast(iso, self, &b);
    seen_as(&near_a, &a, NEAR);
    seen_as(&far_b, &b, FAR);
}

static int begin_linked(struct akt_isolate *iso, struct akt_actor *self)
{
    open_links(iso->node);
    connect_ends(false);
    cast_both(iso, self);
    return 100;
}

/* ---- messages, asks, ties ---- */

static int talk(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        return begin_linked(iso, self);
    case 1:
        ck_assert_int_eq(play_tell(iso, self, &far_b, do_log, NULL, 1), AKT_OK);
        return 100;
    case 2:
        play_tell(iso, self, &a, do_ask, &far_b, 2);
        return 100;
    case 3:
        play_tell(iso, self, &b, do_ask, &near_a, 3);
        return 100;
    default:
        ck_assert_uint_eq(stats_of(0).waiting, 0);
        return close_links(iso->node);
    }
}

START_TEST(messages_and_asks)
{
    play_expect(talk, "b:1 b:2 a:ask=ok a:3 b:ask=ok");
}
END_TEST

static int tie(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        return begin_linked(iso, self);
    case 1:
        play_tell(iso, self, &a, do_monitor, &far_b, 0);
        play_tell(iso, self, &a, do_link, &far_b, 0);
        return 100;
    case 2:
        play_tell(iso, self, &b, do_exit, NULL, 0);
        return 100;
    case 3: /* it is gone already */
        play_tell(iso, self, &a, do_monitor, &far_b, 0);
        play_tell(iso, self, &a, do_link, &far_b, 0);
        return 100;
    default:
        return close_links(iso->node);
    }
}

static bool logged(const char *word)
{
    return strstr(play_log, word) != NULL;
}

START_TEST(monitors_and_links)
{
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(tie, seed); /* the order of the two is open */
        ck_assert_msg(logged("a:down(B,normal) ") && logged("a:exit(B,normal)"),
                      "%s", play_log);
        ck_assert(logged("a:down(B,noproc) ") && logged("a:exit(B,noproc) "));
        ck_assert_uint_eq(strlen(play_log),
                          2 * strlen("a:down(B,normal) a:exit(B,noproc) "));
    }
}
END_TEST

static int lose_all(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        return begin_linked(iso, self);
    case 1:
        play_tell(iso, self, &a, do_monitor, &far_b, 0);
        play_tell(iso, self, &a, do_link, &far_b, 0);
        play_tell(iso, self, &a, do_ask_wait, &far_b, 50000);
        return 100;
    case 2:
        akt_link_lose(&links[0]);
        akt_link_lose(&links[0]);
        return 100;
    case 3:
        akt_link_lose(&links[0]);
        akt_link_lose(&links[1]);
        return 100;
    case 4: /* it rests: no connection is even tried */
        dials = 0;
        play_tell(iso, self, &a, do_ask, &far_b, 1);
        return 100;
    default:
        ck_assert_int_eq(dials, 0);
        return close_links(iso->node);
    }
}

START_TEST(the_end_of_a_node_is_told_once)
{
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(lose_all, seed);
        ck_assert_msg(logged("a:down(B,noconnection) ") &&
                          logged("a:exit(B,noconnection) ") &&
                          logged("b:exit(A,noconnection) "),
                      "%s", play_log);
        ck_assert_uint_eq(strlen(play_log),
                          2 * strlen("a:ask=noconnection ") +
                              3 * strlen("a:exit(B,noconnection) "));
    }
}
END_TEST

/* The tie is still on its way to b when there is an end of the node. */
static int lose_early(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        b.own_isolate = true;
        return begin_linked(iso, self);
    case 1:
        by_hand = true;
        play_tell(iso, self, &a, do_link, &far_b, 0);
        return 10;
    case 2:
        carry(&ends[0], SIZE_MAX);
        ck_assert_uint_eq(stats_of(1).session.messages_in, 1);
        akt_link_lose(&links[1]);
        return 100;
    default:
        b.own_isolate = false;
        return close_links(iso->node);
    }
}

START_TEST(a_tie_that_comes_before_the_end)
{
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(lose_early, seed);
        ck_assert_msg(logged("b:exit(A,noconnection) "), "%s", play_log);
    }
}
END_TEST

/* ---- over to the next connection ---- */

#define MANY 300u

PLAY_DO(do_in_order)
{
    (void)iso;
    struct puppet *p = self->host_data;
    ck_assert_uint_eq(cmd->n, p->count);
    p->count++;
    return AKT_C_DONE;
}

PLAY_DO(do_tell_many)
{
    for (unsigned i = 0; i < cmd->n; i++) {
        struct puppet *p = self->host_data;
        struct akt_msg *m =
            play_msg(self->self, cmd->who->pid, do_in_order, NULL, p->count++);
        akt_post(iso->node, iso, m);
    }
    return AKT_C_DONE;
}

static int resume(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n == 0) {
        begin_linked(iso, self);
        ends[0].room = ends[1].room = 700;
        return 10;
    }
    if (n <= 10) {
        play_tell(iso, self, &a, do_tell_many, &far_b, MANY / 10);
        if (n % 3 == 0)
            break_ends();
        if (n % 3 == 1 && akt_link_state(&links[0]) != AKT_LINK_UP)
            connect_ends(true);
        return n % 2;
    }
    if (n < 14)
        return 1000;
    ck_assert_uint_eq(b.count, MANY);
    ck_assert_uint_eq(stats_of(0).sessions, 1);
    ck_assert_uint_ge(stats_of(0).connections, 4);
    ck_assert_uint_eq(stats_of(1).session.messages_in, MANY);
    return close_links(iso->node);
}

START_TEST(a_break_loses_nothing)
{
    play_expect(resume, "");
}
END_TEST

static int never_resumed(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    uint64_t now_ns = akt_node_now(iso->node);
    switch (n) {
    case 0:
        return begin_linked(iso, self);
    case 1:
        play_tell(iso, self, &a, do_monitor, &far_b, 0);
        return 100;
    case 2:
        break_ends();
        ck_assert_int_eq(dials, 2);
        play_tell(iso, self, &a, do_ask, &far_b, 1);
        return 9000;
    case 3:
        akt_link_tick(&links[0], now_ns);
        ck_assert_int_eq(akt_link_state(&links[0]), AKT_LINK_WAITING);
        return 1100;
    case 4:
        akt_link_tick(&links[0], now_ns);
        ck_assert_int_eq(akt_link_state(&links[0]), AKT_LINK_IDLE);
        ck_assert_uint_ge(stats_of(0).lost_messages, 1);
        return 100;
    default:
        return close_links(iso->node);
    }
}

START_TEST(waiting_has_an_end)
{
    play_expect(never_resumed, "a:ask=noconnection a:down(B,noconnection)");
}
END_TEST

/* What there was of the last session is over before the next one begins. */
static int again(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        return begin_linked(iso, self);
    case 1:
        play_tell(iso, self, &a, do_monitor, &far_b, 0);
        return 100;
    case 2:
        connect_ends(false);
        play_tell(iso, self, &a, do_ask, &far_b, 1);
        return 100;
    default:
        ck_assert_uint_eq(stats_of(0).sessions, 2);
        return close_links(iso->node);
    }
}

START_TEST(a_new_session)
{
    play_expect(again, "a:down(B,noconnection) b:1 a:ask=ok");
}
END_TEST

/* The link gets no connection before it is dialled. */
static int dialled(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        open_links(iso->node);
        cast_both(iso, self);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_ask, &far_b, 1);
        return 100;
    case 2:
        ck_assert_int_eq(dials, 1);
        ck_assert_int_eq(akt_link_state(&links[0]), AKT_LINK_WAITING);
        connect_ends(false);
        return 100;
    case 3:
        akt_link_bye(&links[0]);
        return 100;
    default:
        ck_assert_int_eq(akt_link_state(&links[1]), AKT_LINK_IDLE);
        return close_links(iso->node);
    }
}

START_TEST(the_first_message_asks_for_a_connection)
{
    play_expect(dialled, "b:1 a:ask=ok");
}
END_TEST

/* ---- credit ---- */

static struct akt_msg *heavy(const struct puppet *from, size_t size)
{
    struct akt_msg *m = akt_msg_new_ack(AKT_MSG_USER, size);
    struct cmd cmd = {do_in_order, NULL, 0};
    memset(m->body, 0, size);
    memcpy(m->body, &cmd, sizeof cmd);
    m->sender = from->pid;
    m->target = far_b.pid;
    return m;
}

PLAY_DO(do_count)
{
    (void)iso, (void)cmd;
    ((struct puppet *)self->host_data)->count++;
    return AKT_C_DONE;
}

/* As many messages of a megabyte as there is credit for, and one that waits. */
PLAY_DO(do_fill)
{
    struct puppet *p = self->host_data;
    enum akt_full full;
    for (p->count = 0;; p->count++) {
        struct akt_msg *m = heavy(p, MB);
        struct cmd count = {do_count, NULL, 0};
        memcpy(m->body, &count, sizeof count);
        if (akt_send(iso, m, &full) == AKT_OK)
            continue;
        ck_assert_int_eq(full, AKT_FULL_WAIT);
        play_wait(iso, self, cmd->n);
        p->asked = "room";
        akt_msg_ack_of(m)->id = p->wait_id;
        akt_msg_ack_of(m)->deadline_ns =
            akt_node_now(iso->node) + cmd->n * PLAY_MS;
        akt_send_wait(iso, m);
        return AKT_C_WAIT;
    }
}

#define CREDIT_MB (AKT_CREDIT_BYTES / MB)

static int credit(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        return begin_linked(iso, self);
    case 1: /* nothing goes over: no connection */
        break_ends();
        play_tell(iso, self, &a, do_fill, NULL, 60000);
        return 100;
    case 2:
        ck_assert_uint_eq(a.count, CREDIT_MB);
        ck_assert_uint_eq(stats_of(0).waiting, 1);
        ck_assert_uint_eq(long_credit(0), 0);
        play_note("connected");
        connect_ends(true);
        return 2000;
    default:
        ck_assert_uint_eq(b.count, CREDIT_MB + 1);
        ck_assert_uint_eq(stats_of(0).waiting, 0);
        ck_assert_uint_gt(long_credit(0), 0);
        return close_links(iso->node);
    }
}

START_TEST(senders_wait_for_credit)
{
    play_expect(credit, "connected a:room=ok");
}
END_TEST

static int give_up(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        return begin_linked(iso, self);
    case 1:
        break_ends();
        play_tell(iso, self, &a, do_fill, NULL, 500);
        return 1000;
    case 2: /* one that gave up is not sent any more */
        akt_link_tick(&links[0], akt_node_now(iso->node));
        ck_assert_uint_eq(stats_of(0).waiting, 0);
        connect_ends(true);
        return 2000;
    default:
        ck_assert_uint_eq(b.count, CREDIT_MB);
        return close_links(iso->node);
    }
}

START_TEST(a_sender_that_gives_up)
{
    play_expect(give_up, "a:room=timeout");
}
END_TEST

static struct puppet c = {.name = "c", .kind = &play_trap};

/* One that gives up is not the first in line. */
static int give_up_behind(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    switch (n) {
    case 0:
        c.quiet = true;
        play_cast(iso, self, &c);
        return begin_linked(iso, self);
    case 1:
        break_ends();
        play_tell(iso, self, &a, do_fill, NULL, 60000);
        return 100;
    case 2:
        play_tell(iso, self, &c, do_fill, NULL, 500);
        return 1000;
    case 3:
        ck_assert_uint_eq(stats_of(0).waiting, 2);
        akt_link_tick(&links[0], akt_node_now(iso->node));
        ck_assert_uint_eq(stats_of(0).waiting, 1);
        connect_ends(true);
        return 2000;
    default:
        ck_assert_uint_eq(stats_of(0).waiting, 0);
        ck_assert_uint_eq(b.count, CREDIT_MB + 1);
        return close_links(iso->node);
    }
}

START_TEST(a_sender_behind_others_that_gives_up)
{
    play_expect(give_up_behind, "c:room=timeout a:room=ok");
}
END_TEST

/* Near is a client for far: a is all there is of it, and what is for somebody
 * who had its index before does not reach it. */
static int only_one(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    struct akt_link_stats was;
    switch (n) {
    case 0:
        begin_linked(iso, self);
        links[1].client = true;
        seen_as(&near_b, &b, NEAR);
        return 10;
    case 1: /* nothing is known of it yet */
        play_tell(iso, self, &b, do_ask, &near_a, 1);
        return 100;
    case 2:
        play_tell(iso, self, &a, do_ask, &far_b, 2);
        return 100;
    case 3:
        play_tell(iso, self, &b, do_ask, &near_a, 3);
        return 100;
    case 4:
        play_tell(iso, self, &b, do_ask, &near_b, 4);
        return 100;
    case 5:
        play_tell(iso, self, &b, do_ask, &far_b, 5); /* from another one */
        return 100;
    case 6:
        ck_assert_uint_eq(stats_of(1).refused_bodies, 1);
        ck_assert(!akt_link_forget(&links[1], &was));
        akt_link_lose(&links[1]);
        ck_assert(akt_link_forget(&links[1], &was));
        ck_assert_uint_eq(was.refused_bodies, 1);
        ck_assert_uint_eq(stats_of(1).sessions, 0);
        return 100;
    default:
        return close_links(iso->node);
    }
}

START_TEST(a_client_is_one_actor)
{
    play_expect(only_one, "b:ask=noconnection b:2 a:ask=ok a:3 b:ask=ok "
                          "b:ask=noconnection b:ask=timeout");
}
END_TEST

/* Credit comes between the refusal and the wait. */
static int late(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    static struct akt_msg *m;
    enum akt_full full;
    switch (n) {
    case 0:
        return begin_linked(iso, self);
    case 1:
        for (;;) {
            m = heavy(&a, MB);
            struct cmd count = {do_count, NULL, 0};
            memcpy(m->body, &count, sizeof count);
            if (akt_send(iso, m, &full) != AKT_OK)
                return 2000;
        }
    case 2:
        ck_assert_uint_eq(b.count, CREDIT_MB);
        akt_send_wait(iso, m);
        return 2000;
    default:
        ck_assert_uint_eq(stats_of(0).waiting, 0);
        ck_assert_uint_eq(b.count, CREDIT_MB + 1);
        return close_links(iso->node);
    }
}

START_TEST(credit_that_came_just_before)
{
    play_expect(late, "");
}
END_TEST

/* ---- a full mailbox ---- */

#define HELD 20u

static uint64_t held(void)
{
    struct akt_link_stats s = stats_of(0);
    return AKT_CREDIT_MESSAGES - s.session.credit_messages;
}

static void ping_both(void)
{
    akt_link_poke(&links[0]); /* it also says what has been released */
    akt_link_poke(&links[1]);
}

static int full_box(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        b.mailbox = (struct akt_mailbox_policy){4, 1024, AKT_FULL_WAIT};
        return begin_linked(iso, self);
    case 1:
        play_tell(iso, self, &b, do_wait, NULL, 2000);
        return 100;
    case 2:
        for (unsigned i = 0; i < HELD; i++)
            ck_assert_int_eq(play_tell(iso, self, &far_b, do_in_order, NULL, i),
                             AKT_OK);
        return 500;
    case 3:
        ping_both();
        return 500;
    case 4:
        ck_assert_uint_eq(b.count, 0);
        ck_assert_uint_ge(held(), HELD - 5);
        ck_assert_uint_lt(held(), HELD);
        return 2000;
    case 5:
        ping_both();
        return 500;
    default:
        ck_assert_uint_eq(b.count, HELD);
        ck_assert_uint_eq(held(), 0);
        b.mailbox = (struct akt_mailbox_policy){0};
        return close_links(iso->node);
    }
}

START_TEST(a_full_mailbox_holds_credit_back)
{
    play_expect(full_box, "");
}
END_TEST

/* What waits for room when its session ends is not released in the next. */
static int stale(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 3:
        connect_ends(false);
        return 3000;
    case 4:
        ck_assert_uint_eq(b.count, HELD);
        ck_assert_uint_eq(stats_of(1).session.messages_in, HELD);
        play_tell(iso, self, &a, do_ask, &far_b, 7);
        return 100;
    case 5:
        ping_both();
        return 500;
    case 6:
        ck_assert_int_eq(akt_link_state(&links[0]), AKT_LINK_UP);
        ck_assert_uint_eq(stats_of(0).sessions, 2);
        return full_box(iso, self, 6);
    default:
        return full_box(iso, self, n);
    }
}

START_TEST(credit_is_of_one_session)
{
    play_expect(stale, "b:7 a:ask=ok");
}
END_TEST

CHECK_MAIN("link", messages_and_asks, monitors_and_links,
           the_end_of_a_node_is_told_once, a_tie_that_comes_before_the_end,
           a_break_loses_nothing, waiting_has_an_end, a_new_session,
           the_first_message_asks_for_a_connection, senders_wait_for_credit,
           a_sender_that_gives_up, a_sender_behind_others_that_gives_up,
           a_client_is_one_actor, credit_that_came_just_before,
           a_full_mailbox_holds_credit_back, credit_is_of_one_session)
