/* SPDX-License-Identifier: MIT
 *
 * What faults do to actors (vm/inject.h), in one isolate and in two.
 */
#include "tests/unit/vm/play.h"

#include "vm/inject.h"

static struct puppet a, b;
static struct akt_inject_stats stats;

static void reset(bool apart)
{
    a = (struct puppet){.name = "a", .quiet = true, .own_isolate = apart};
    b = (struct puppet){.name = "b", .quiet = true};
}

#define BOTH(...)                       \
    for (int two = 0; two < 2; two++) { \
        reset(two);                     \
        __VA_ARGS__                     \
    }

static void cast_both(struct akt_isolate *iso, struct akt_actor *self)
{
    play_cast(iso, self, &a);
    if (!a.own_isolate)
        play_fill(iso, self, &a);
    play_cast(iso, self, &b);
}

/* Sends the numbers 1 to n to a. */
PLAY_DO(send_many)
{
    for (unsigned i = 1; i <= cmd->n; i++) {
        enum akt_code code = play_tell(iso, self, cmd->who, do_log, NULL, i);
        if (code != AKT_OK)
            play_note("b:%s", akt_code_name(code));
    }
    return AKT_C_DONE;
}

static void end(struct akt_node *node)
{
    akt_inject_read(node, &stats);
}

/* ---- drop ---- */

static struct akt_inject_drop drop;

static int drops(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        drop.from = b.pid;
        akt_inject_drop(iso->node, a.pid, &drop);
        play_tell(iso, self, &b, send_many, &a, 4);
        play_tell(iso, self, &a, do_log, NULL, 9); /* not from b */
        return 10;
    case 1:
        play_tell(iso, self, &b, do_ask, &a, 5);
        return 60001;
    case 2:
        akt_inject_clear(iso->node, a.pid);
        play_tell(iso, self, &b, send_many, &a, 1);
        end(iso->node);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_number_of_messages_is_dropped){BOTH({
    drop = (struct akt_inject_drop){.count = 3};
    struct play_outcome out = play(drops, 1);
    ck_assert_ptr_nonnull(strstr(play_log, "a:4 "));
    ck_assert_ptr_nonnull(strstr(play_log, "a:9 "));
    ck_assert_ptr_nonnull(strstr(play_log, "a:5 b:ask=ok "));
    ck_assert_ptr_null(strstr(play_log, "a:2 "));
    ck_assert_uint_eq(stats.dropped, 3);
    ck_assert_uint_eq(out.stats.dead_letters[AKT_FAULT], 3);
})} END_TEST

    START_TEST(a_share_of_the_messages_is_dropped)
{
    BOTH({
        drop = (struct akt_inject_drop){.share = 1};
        struct play_outcome out = play(drops, 1);
        ck_assert_str_eq(play_log, "a:9 b:ask=timeout a:1 ");
        ck_assert_uint_eq(out.stats.dead_letters[AKT_FAULT], 5);
    })
    uint64_t some = 0;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        drop = (struct akt_inject_drop){.share = 0.5};
        some += play(drops, seed).stats.dead_letters[AKT_FAULT];
    }
    ck_assert_uint_gt(some, 200);
    ck_assert_uint_lt(some, 300);
}
END_TEST

/* A command begins with its function's address: no tag fits. */
START_TEST(a_tag_is_dropped){BOTH({
    drop = (struct akt_inject_drop){.share = 1, .tag = "ball"};
    play(drops, 1);
    ck_assert_uint_eq(stats.dropped, 0);
})} END_TEST

    static int drops_tags(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    static const char *const bodies[] = {"\xa4"
                                         "ball",
                                         "\xa5"
                                         "balls"};
    if (n)
        return -1;
    reset(true);
    play_cast(iso, self, &a);
    akt_inject_drop(iso->node, a.pid,
                    &(struct akt_inject_drop){.share = 1, .tag = "ball"});
    for (int i = 0; i < 2; i++) {

        struct akt_msg *block = akt_msg_new(AKT_MSG_USER, strlen(bodies[i]));
        memcpy(block->body, bodies[i], block->size);
        block->target = a.pid;
        if (akt_inject_takes(iso->node, NULL, block))
            play_note("dropped:%d", i);
        else
            akt_msg_free(block);
    }
    return 10;
}

START_TEST(only_the_tag_is_dropped)
{
    play_expect(drops_tags, "dropped:0");
}
END_TEST

/* ---- delay ---- */

static struct akt_inject_delay delay;

static int delays(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        if (delay.from.bits)
            delay.from = b.pid;
        akt_inject_delay(iso->node, a.pid, &delay);
        play_tell(iso, self, &b, send_many, &a, 3);
        return 50;
    case 1:
        play_tell(iso, self, &a, do_log, NULL, 9);
        play_note("|");
        return 60;
    case 2:
        play_note("|");
        play_tell(iso, self, &b, do_ask, &a, 5);
        return 200;
    case 3:
        play_tell(iso, self, &b, send_many, &a, 1);
        play_tell(iso, self, &b, do_nothing, NULL, 0);
        return 10;
    case 4:
        play_note("|");
        akt_inject_clear(iso->node, AKT_PID_NONE);
        play_tell(iso, self, &b, send_many, &a, 2);
        end(iso->node);
        return 10;
    default:
        return -1;
    }
}

START_TEST(messages_come_later_in_order){BOTH({
    delay = (struct akt_inject_delay){.least_ns = 100 * PLAY_MS,
                                      .most_ns = 100 * PLAY_MS};
    play_expect(delays, "| a:1 a:2 a:3 | a:9 a:5 b:ask=ok | a:1 a:1 a:2");
    ck_assert_uint_eq(stats.delayed, 6);
    delay.from.bits = 1;
    play_expect(delays, "| a:9 a:1 a:2 a:3 | a:5 b:ask=ok | a:1 a:1 a:2");
})} END_TEST

    START_TEST(a_delay_that_is_drawn_keeps_the_order){BOTH({
        delay = (struct akt_inject_delay){.most_ns = 100 * PLAY_MS};
        delay.from.bits = 1;
        for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
            play(delays, seed);
            const char *one = strstr(play_log, "a:1 ");
            const char *second = strstr(play_log, "a:2 ");
            const char *three = strstr(play_log, "a:3 ");
            ck_assert_msg(one && one < second && second < three, "%s",
                          play_log);
        }
    })} END_TEST

    static void kill_it(struct akt_node *node, akt_pid pid)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_KILL, 0);
    m->target = pid;
    akt_post(node, NULL, m);
}

/* What is on its way when its target ends is a dead letter. */
static int delays_to_the_end(struct akt_isolate *iso, struct akt_actor *self,
                             int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        akt_inject_delay(iso->node, a.pid,
                         &(struct akt_inject_delay){.least_ns = 100 * PLAY_MS,
                                                    .most_ns = 100 * PLAY_MS});
        play_tell(iso, self, &b, do_ask, &a, 1);
        return 10;
    case 1:
        kill_it(iso->node, a.pid);
        end(iso->node);
        return 200;
    default:
        return -1;
    }
}

START_TEST(who_ends_gets_nothing_more){
    BOTH({ play_expect(delays_to_the_end, "b:ask=noproc"); })} END_TEST

    /* What is held when the program ends is freed: play looks at that. */
    static int held_at_the_end(struct akt_isolate *iso, struct akt_actor *self,
                               int n)
{
    if (n == 0) {
        cast_both(iso, self);
        akt_inject_delay(iso->node, a.pid,
                         &(struct akt_inject_delay){.least_ns = 1ull << 60,
                                                    .most_ns = 1ull << 60});
        akt_inject_slow(iso->node, b.pid, 1ull << 60);
        akt_inject_full(iso->node, b.pid, 1ull << 60);
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 10;
    }
    akt_node_exit(iso->node, 0);
    return -1;
}

START_TEST(nothing_is_left_behind){
    BOTH({ play_expect(held_at_the_end, ""); })} END_TEST

    /* ---- crash ---- */

    static int crashes(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        akt_inject_crash(iso->node, a.pid);
        return 10;
    case 1:
        play_note("|");
        play_tell(iso, self, &b, do_ask, &a, 1);
        return 10;
    case 2:
        play_tell(iso, self, &b, do_ask, &a, 2);
        end(iso->node);
        return 10;
    default:
        return -1;
    }
}

START_TEST(the_next_message_crashes_its_actor)
{
    for (int two = 0; two < 2; two++) {
        reset(two);
        a.restart = AKT_PERMANENT;
        a.kind = &play_hooked;
        struct play_outcome out = play(crashes, 1);
        ck_assert_ptr_nonnull(strstr(play_log, "a:pre(crash) "));
        ck_assert_ptr_nonnull(strstr(play_log, "a:post(crash) "));
        ck_assert_ptr_nonnull(strstr(play_log, "b:ask=crash "));
        ck_assert_ptr_nonnull(strstr(play_log, "a:2 b:ask=ok "));
        ck_assert_ptr_null(strstr(play_log, "a:1 "));
        ck_assert_uint_eq(stats.crashes, 1);
        ck_assert_uint_eq(out.stats.dead_letters[AKT_CRASHED], 1);
    }
}
END_TEST

/* ---- slow ---- */

static int slows(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        return 10;
    case 1:
        akt_inject_slow(iso->node, a.pid, 100 * PLAY_MS);
        play_tell(iso, self, &b, send_many, &a, 3);
        return 50;
    case 2:
    case 3:
    case 4:
        play_note("|");
        return 100;
    case 5:
        play_note("|");
        akt_inject_clear(iso->node, a.pid);
        play_tell(iso, self, &b, send_many, &a, 2);
        end(iso->node);
        return 10;
    default:
        return -1;
    }
}

START_TEST(its_turns_take_time){BOTH({
    play_expect(slows, "| a:1 | a:2 | a:3 | a:1 a:2");
    ck_assert_uint_eq(stats.slowed, 3);
})} END_TEST

    /* ---- full ---- */

    static int fills(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        akt_inject_full(iso->node, a.pid, 100 * PLAY_MS);
        play_tell(iso, self, &b, send_many, &a, 1);
        return 50;
    case 1:
        play_note("|");
        play_tell(iso, self, &b, send_many, &a, 1);
        return 60;
    case 2:
        play_note("|");
        play_tell(iso, self, &b, send_many, &a, 1);
        akt_inject_full(iso->node, a.pid, 100 * PLAY_MS);
        akt_inject_clear(iso->node, a.pid);
        play_tell(iso, self, &b, send_many, &a, 2);
        end(iso->node);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_mailbox_is_full_for_a_time)
{
    for (int two = 0; two < 2; two++) {
        reset(two);
        a.mailbox = (struct akt_mailbox_policy){100, AKT_MAILBOX_MAX_KB,
                                                AKT_FULL_ERROR};
        play_expect(fills, "b:overloaded | b:overloaded | a:1 a:1 a:2");
        ck_assert_uint_eq(stats.filled, 2);
    }
}
END_TEST

/* By a sender that waits for room. */
PLAY_DO(send_waiting)
{
    struct akt_msg *m = akt_msg_new_ack(AKT_MSG_USER, sizeof(struct cmd));
    struct cmd log = {do_log, NULL, cmd->n};
    memcpy(m->body, &log, sizeof log);
    m->sender = self->self;
    m->target = a.pid;
    enum akt_c_result result = play_wait(iso, self, 5000);
    struct puppet *p = self->host_data;
    p->asked = "sent";
    akt_msg_ack_of(m)->id = p->wait_id;
    akt_send_wait(iso, m);
    return result;
}

static int fills_for_one_who_waits(struct akt_isolate *iso,
                                   struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        akt_inject_full(iso->node, a.pid, 100 * PLAY_MS);
        play_tell(iso, self, &b, send_waiting, NULL, 7);
        return 50;
    case 1:
        play_note("|");
        return 100;
    default:
        return -1;
    }
}

START_TEST(who_waits_for_room_gets_it_when_it_is_over){BOTH({
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(fills_for_one_who_waits, seed);
        ck_assert_ptr_nonnull(strstr(play_log, "b:sent=ok "));
        ck_assert_ptr_nonnull(strstr(play_log, "a:7 "));
        ck_assert_int_eq(play_log[0], '|');
    }
})} END_TEST

    /* ---- nobody ---- */

    static int nobody(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    struct akt_node *node = iso->node;
    akt_pid none = akt_pid_make(AKT_PID_NODE_SELF, 12345, 1);
    if (n)
        return -1;
    ck_assert_int_eq(akt_inject_crash(node, none), AKT_NOPROC);
    ck_assert_int_eq(akt_inject_drop(node, none, &drop), AKT_NOPROC);
    ck_assert_int_eq(akt_inject_delay(node, none, &delay), AKT_NOPROC);
    ck_assert_int_eq(akt_inject_slow(node, none, 1), AKT_NOPROC);
    ck_assert_int_eq(akt_inject_full(node, none, 1), AKT_NOPROC);
    akt_inject_clear(node, none);
    ck_assert_int_eq(akt_inject_crash(node, self->self), AKT_DENIED);
    ck_assert_int_eq(akt_inject_slow(node, node->user, 1), AKT_DENIED);
    for (int i = 0; i < AKT_INJECT_MAX; i++)
        ck_assert_int_eq(akt_inject_drop(node, self->self, &drop), AKT_OK);
    ck_assert_int_eq(akt_inject_drop(node, self->self, &drop), AKT_LIMIT);
    akt_inject_clear(node, self->self);
    ck_assert_int_eq(akt_inject_drop(node, self->self, &drop), AKT_OK);
    end(node);
    return 1;
}

START_TEST(who_has_ended_has_no_faults)
{
    play(nobody, 1);
}
END_TEST

CHECK_MAIN("inject", a_number_of_messages_is_dropped,
           a_share_of_the_messages_is_dropped, a_tag_is_dropped,
           only_the_tag_is_dropped, messages_come_later_in_order,
           a_delay_that_is_drawn_keeps_the_order, who_ends_gets_nothing_more,
           nothing_is_left_behind, the_next_message_crashes_its_actor,
           its_turns_take_time, a_mailbox_is_full_for_a_time,
           who_waits_for_room_gets_it_when_it_is_over,
           who_has_ended_has_no_faults)
