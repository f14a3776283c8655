/* SPDX-License-Identifier: MIT
 *
 * The bounds of a mailbox, what happens to what does not fit, and dead
 * letters (vm/send.h). Everything is done twice: sender and receiver in one
 * isolate, and in two.
 */
#include "tests/unit/vm/play.h"

static struct puppet a, b, c, s;
static bool apart;

static void reset(uint32_t max, enum akt_full full)
{
    a = (struct puppet){
        .name = "a", .quiet = true, .mailbox = {max, AKT_MAILBOX_MAX_KB, full}};
    b = (struct puppet){.name = "b", .quiet = true};
    c = (struct puppet){.name = "c", .quiet = true};
    s = (struct puppet){.name = "s", .quiet = true};
}

#define BOTH(...)                       \
    for (int two = 0; two < 2; two++) { \
        apart = two;                    \
        __VA_ARGS__                     \
    }

static void cast_both(struct akt_isolate *iso, struct akt_actor *self)
{
    a.own_isolate = apart;
    play_cast(iso, self, &a);
    if (!apart)
        play_fill(iso, self, &a);
    play_cast(iso, self, &b);
    ck_assert(play_together(iso->node, &a, &b) != apart);
}

/* ---- what does not fit ---- */

/* Sends the numbers 1 to n to a, and logs the codes. */
PLAY_DO(send_many)
{
    for (unsigned i = 1; i <= cmd->n; i++) {
        enum akt_code code = play_tell(iso, self, cmd->who, do_log, NULL, i);
        if (code != AKT_OK)
            play_note("b:%s", akt_code_name(code));
    }
    return AKT_C_DONE;
}

/* a works while b sends it seven messages. */
static int seven(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        play_tell(iso, self, &a, do_wait, NULL, 100);
        return 10;
    case 1:
        play_tell(iso, self, &b, send_many, &a, 7);
        return 10;
    case 2:
        play_note("|");
        ck_assert_uint_eq(
            akt_actor_queued(akt_actor_find(iso->node->actors, a.pid)), 5);
        return 1000;
    default:
        return -1;
    }
}

START_TEST(drop_new_keeps_the_oldest){BOTH({
    reset(5, AKT_FULL_DROP_NEW);
    play_expect(seven, "b:overloaded b:overloaded | "
                       "a:1 a:2 a:3 a:4 a:5");
    ck_assert_uint_eq(play(seven, 1).stats.dead_letters[AKT_OVERLOADED], 2);
})} END_TEST

    START_TEST(drop_old_keeps_the_newest){BOTH({
        reset(5, AKT_FULL_DROP_OLD);
        play_expect(seven, "| a:3 a:4 a:5 a:6 a:7");
        ck_assert_uint_eq(play(seven, 1).stats.dead_letters[AKT_OVERLOADED], 2);
    })} END_TEST

    START_TEST(error_refuses){BOTH({
        reset(5, AKT_FULL_ERROR);
        play_expect(seven, "b:overloaded b:overloaded | "
                           "a:1 a:2 a:3 a:4 a:5");
        /* nothing was sent */
        ck_assert_uint_eq(play(seven, 1).stats.dead_letters[AKT_OVERLOADED], 0);
    })} END_TEST

    static int by_bytes(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    struct akt_actor *to;
    enum akt_full full = AKT_FULL_WAIT;
    switch (n) {
    case 0:
        a.mailbox = (struct akt_mailbox_policy){1000, 64, AKT_FULL_ERROR};
        cast_both(iso, self);
        play_tell(iso, self, &a, do_wait, NULL, 100);
        return 10;
    case 1:
        for (int i = 0; i < 5; i++) {
            struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 20000);
            struct cmd cmd = {do_nothing, NULL, 0};
            memcpy(m->body, &cmd, sizeof cmd);
            m->target = a.pid;
            m->sender = self->self;
            enum akt_code code = akt_send(iso, m, &full);
            play_note("%s", akt_code_name(code));
            if (code == AKT_OVERLOADED)
                akt_msg_free(m);
        }
        return 200;
    default:
        to = akt_actor_find(iso->node->actors, a.pid);
        ck_assert_uint_eq(atomic_load(&to->load_here), 0);
        ck_assert_uint_eq(atomic_load(&to->load_away), 0);
        return -1;
    }
}

START_TEST(bytes_count_too){BOTH({
    reset(5, AKT_FULL_ERROR);
    play_expect(by_bytes, "ok ok ok ok overloaded");
})} END_TEST

    /* ---- senders that wait ---- */

    /* To log n, when there is room. */
    static struct akt_msg *with_ack(const struct akt_actor *self,
                                    const struct cmd *cmd)
{
    struct cmd order = {do_log, NULL, cmd->n};
    struct akt_msg *m = akt_msg_new_ack(AKT_MSG_USER, sizeof order);
    memcpy(m->body, &order, sizeof order);
    m->sender = self->self;
    m->target = cmd->who->pid;
    return m;
}

/* Sends n to a, and waits for room when there is none; logs the result. */
PLAY_DO(send_or_wait)
{
    struct puppet *p = self->host_data;
    struct akt_msg *m =
        play_msg(self->self, cmd->who->pid, do_log, NULL, cmd->n);
    enum akt_full full = AKT_FULL_ERROR;
    if (akt_send(iso, m, &full) == AKT_OK)
        return AKT_C_DONE;
    ck_assert_int_eq(full, AKT_FULL_WAIT);
    akt_msg_free(m);
    play_wait(iso, self, 5000);
    p->asked = "sent";
    m = with_ack(self, cmd);
    akt_msg_ack_of(m)->id = p->wait_id;
    akt_msg_ack_of(m)->deadline_ns =
        akt_pending_find(iso, p->wait_id)->node.key;
    akt_send_wait(iso, m);
    return AKT_C_WAIT;
}

static int a_works_ms;

static int waiting(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        play_cast(iso, self, &c);
        play_tell(iso, self, &a, do_wait, NULL, (unsigned)a_works_ms);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_log, NULL, 1);
        play_tell(iso, self, &a, do_log, NULL, 2);
        return 10;
    case 2:
        play_tell(iso, self, &b, send_or_wait, &a, 3);
        return 10;
    case 3:
        play_tell(iso, self, &c, send_or_wait, &a, 4);
        return 10;
    case 4:
        ck_assert_uint_eq(
            akt_actor_queued(akt_actor_find(iso->node->actors, a.pid)), 2);
        return 10000;
    case 5:
        play_tell(iso, self, &a, do_log, NULL, 5);
        return 10;
    default:
        return -1;
    }
}

/* The words of one actor in the log. */
static const char *only(const char *name)
{
    static char words[4096];
    size_t n = 0;
    for (char *at = play_log; *at; at++) {
        char *end = strchr(at, ' ');
        if (strncmp(at, name, strlen(name)) == 0) {
            memcpy(words + n, at, (size_t)(end - at + 1));
            n += (size_t)(end - at + 1);
        }
        at = end;
    }
    words[n ? n - 1 : 0] = 0;
    return words;
}

START_TEST(senders_wait_for_room_in_order){BOTH({
    reset(2, AKT_FULL_WAIT);
    a_works_ms = 1000;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(waiting, seed);
        ck_assert_str_eq(only("a:"), "a:1 a:2 a:3 a:4 a:5");
        ck_assert_str_eq(only("b:"), "b:sent=ok");
        ck_assert_str_eq(only("c:"), "c:sent=ok");
        for (int i = 0; i < AKT_CODE_COUNT; i++)
            ck_assert_uint_eq(out.stats.dead_letters[i], 0);
    }
})} END_TEST

    START_TEST(a_sender_that_gave_up_has_sent_nothing){BOTH({
        reset(2, AKT_FULL_WAIT);
        a_works_ms = 6000;
        for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
            struct play_outcome out = play(waiting, seed);
            ck_assert_str_eq(only("a:"), "a:1 a:2 a:5");
            ck_assert_str_eq(only("b:"), "b:sent=timeout");
            ck_assert_str_eq(only("c:"), "c:sent=timeout");
            /* each was one dead letter, and nothing else */
            ck_assert_uint_eq(out.stats.dead_letters[AKT_OVERLOADED], 2);
            ck_assert_uint_eq(out.stats.dead_letters[AKT_LATE_REPLY], 0);
        }
    })} END_TEST

    static int waiting_for_the_dead(struct akt_isolate *iso,
                                    struct akt_actor *self, int n)
{
    if (n < 4)
        return waiting(iso, self, n);
    if (n > 4)
        return -1;
    play_kill(iso, self, &a);
    return 10;
}

START_TEST(waiting_senders_hear_of_the_end){BOTH({
    reset(2, AKT_FULL_WAIT);
    a_works_ms = 60000;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(waiting_for_the_dead, seed);
        ck_assert_str_eq(only("b:"), "b:sent=noproc");
        ck_assert_str_eq(only("c:"), "c:sent=noproc");
        ck_assert_uint_eq(out.stats.dead_letters[AKT_STOPPED], 4);
        ck_assert_uint_eq(out.stats.dead_letters[AKT_CRASHED], 1);
    }
})} END_TEST

    static int waiting_for_one_restarted(struct akt_isolate *iso,
                                         struct akt_actor *self, int n)
{
    if (n < 4)
        return waiting(iso, self, n);
    if (n > 4)
        return -1;
    play_kill(iso, self, &a);
    return 10;
}

START_TEST(waiting_senders_survive_a_restart){BOTH({
    reset(2, AKT_FULL_WAIT);
    a.restart = AKT_PERMANENT;
    a_works_ms = 60000;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(waiting_for_one_restarted, seed);
        ck_assert_str_eq(only("a:"), "a:1 a:2 a:3 a:4");
        ck_assert_str_eq(only("b:"), "b:sent=ok");
    }
})} END_TEST

    /* An ask that waits for room, and a message behind it that does not: on
     * another thread there may be room for a moment; who overfills does not
     * look. */
    PLAY_DO(ask_and_send)
{
    akt_send_wait(iso, with_ack(self, cmd));
    akt_post(iso->node, iso,
             play_msg(self->self, cmd->who->pid, do_log, NULL, cmd->n + 1));
    return AKT_C_DONE;
}

static int behind_one_that_waits(struct akt_isolate *iso,
                                 struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        play_tell(iso, self, &a, do_wait, NULL, 100);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_log, NULL, 1);
        play_tell(iso, self, &a, do_log, NULL, 2);
        return 10;
    case 2:
        play_tell(iso, self, &b, ask_and_send, &a, 3);
        play_tell(iso, self, &b, ask_and_send, &a, 5);
        return 10;
    case 3: /* those that nobody waits for count */
        ck_assert_uint_eq(
            akt_actor_queued(akt_actor_find(iso->node->actors, a.pid)), 4);
        return 1000;
    default:
        ck_assert_uint_eq(
            atomic_load(&akt_actor_find(iso->node->actors, a.pid)->load_here),
            0);
        return -1;
    }
}

START_TEST(none_overtakes_one_of_its_sender_that_waits){BOTH({
    reset(2, AKT_FULL_WAIT);
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(behind_one_that_waits, seed);
        ck_assert_str_eq(only("a:"), "a:1 a:2 a:3 a:4 a:5 a:6");
    }
})} END_TEST

    /* ---- twice the bound ---- */

    /* b's own mailbox is full: it may push up to twice the bound of a. */
    PLAY_DO(overfill)
{
    int sent = 0;
    ck_assert(akt_send_may_overfill(iso, a.pid));
    while (!akt_send_is_overfull(iso, a.pid)) {
        akt_post(iso->node, iso,
                 play_msg(self->self, a.pid, do_nothing, NULL, 0));
        sent++;
    }
    play_note("sent=%d", sent);
    return AKT_C_DONE;
}

PLAY_DO(may_not)
{
    ck_assert(!akt_send_may_overfill(iso, a.pid));
    return AKT_C_DONE;
}

static int overfilled(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        b.mailbox =
            (struct akt_mailbox_policy){3, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT};
        cast_both(iso, self);
        play_tell(iso, self, &a, do_wait, NULL, 100);
        play_tell(iso, self, &b, may_not, NULL, 0);
        return 10;
    case 1:
        play_tell(iso, self, &b, do_wait, NULL, 10);
        return 5;
    case 2:
        play_tell(iso, self, &b, overfill, NULL, 0);
        play_tell(iso, self, &b, do_nothing, NULL, 0);
        play_tell(iso, self, &b, do_nothing, NULL, 0);
        /* while the first is handled three others must wait */
        akt_post(iso->node, iso,
                 play_msg(self->self, b.pid, do_nothing, NULL, 0));
        return 1000;
    default:
        return -1;
    }
}

START_TEST(who_is_full_may_overfill_to_twice_the_bound){BOTH({
    reset(4, AKT_FULL_WAIT);
    play_expect(overfilled, "sent=8");
})} END_TEST

    /* ---- dead letters ---- */

    static int reasons[AKT_CODE_COUNT];

static void on_dead_letter(struct akt_node *node, const struct akt_msg *m,
                           enum akt_code why)
{
    (void)node, (void)m;
    reasons[why]++;
}

static int dead_letters(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        iso->node->on_dead_letter = on_dead_letter;
        cast_both(iso, self);
        play_tell(iso, self, &a, do_log, NULL, 1);
        play_tell(iso, self, &a, do_crash, NULL, 0); /* crashed */
        play_tell(iso, self, &a, do_log, NULL, 2);   /* stopped */
        play_tell(iso, self, &a, do_log, NULL, 3);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_log, NULL, 4); /* noproc */
        return 10;
    case 2: { /* an ask that has expired in the mailbox */
        play_tell(iso, self, &b, do_wait, NULL, 10);
        struct akt_msg *m = play_msg(self->self, b.pid, do_log, NULL, 5);
        m->ask = 12345;
        m->deadline_ns = akt_node_now(iso->node) + 5 * PLAY_MS;
        akt_post(iso->node, iso, m);
        return 20;
    }
    case 3: { /* an answer that nobody waits for */
        struct akt_msg *m = akt_msg_new(AKT_MSG_REPLY, 0);
        m->target = b.pid;
        m->ask = 77;
        akt_post(iso->node, iso, m);
        return 20;
    }
    default:
        return -1;
    }
}

START_TEST(dead_letters_have_their_reasons){BOTH({
    reset(10, AKT_FULL_WAIT);
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        memset(reasons, 0, sizeof reasons);
        struct play_outcome out = play(dead_letters, seed);
        ck_assert_str_eq(only("a:"), "a:1");
        ck_assert_int_eq(reasons[AKT_CRASHED], 1);
        ck_assert_int_eq(reasons[AKT_STOPPED], 2);
        ck_assert_int_eq(reasons[AKT_NOPROC], 1);
        ck_assert_int_eq(reasons[AKT_EXPIRED], 1);
        ck_assert_int_eq(reasons[AKT_LATE_REPLY], 1);
        for (int i = 0; i < AKT_CODE_COUNT; i++)
            ck_assert_uint_eq(out.stats.dead_letters[i], (unsigned)reasons[i]);
    }
})} END_TEST

    /* A message that was on its way to one whose slot another has now. */
    static int for_a_predecessor(struct akt_isolate *iso,
                                 struct akt_actor *self, int n)
{
    if (n == 0) {
        cast_both(iso, self);
        return 10;
    }
    if (n > 1)
        return -1;
    struct akt_isolate *its = akt_actor_find(iso->node->actors, a.pid)->isolate;
    struct akt_msg *m = play_msg(self->self, a.pid, do_log, NULL, 1);
    m->target.bits++; /* another generation */
    if (akt_inbox_push(&its->inbox, m))
        akt_sched_queue(its);
    return 10;
}

START_TEST(a_message_for_a_predecessor_is_not_delivered)
{
    apart = true;
    reset(10, AKT_FULL_WAIT);
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(for_a_predecessor, seed);
        ck_assert_str_eq(play_log, "");
        ck_assert_uint_eq(out.stats.dead_letters[AKT_NOPROC], 1);
    }
}
END_TEST

/* ---- drop_old and timers ---- */

PLAY_DO(tick_often)
{
    (void)cmd;
    struct akt_pending *p = akt_pending_open(
        iso, self, AKT_P_TIMER, akt_node_now(iso->node) + 10 * PLAY_MS);
    p->period_ns = 10 * PLAY_MS;
    p->msg = play_msg(self->self, self->self, do_log, NULL, 9);
    return AKT_C_DONE;
}

static int drop_ticks(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        cast_both(iso, self);
        play_tell(iso, self, &a, tick_often, NULL, 0);
        return 5;
    case 1:
        play_tell(iso, self, &a, do_wait, NULL, 10);
        return 8;
    case 2: /* the tick is in front and is dropped */
        play_tell(iso, self, &b, send_many, &a, 6);
        return 30;
    case 3: /* its timer would go on for ever */
        play_kill(iso, self, &a);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_tick_that_is_dropped_comes_again){BOTH({
    reset(3, AKT_FULL_DROP_OLD);
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(drop_ticks, seed);
        ck_assert_ptr_null(strstr(play_log, "a:3"));
        ck_assert_ptr_nonnull(strstr(play_log, "a:6 a:9 a:9"));
    }
})} END_TEST

    CHECK_MAIN("mailbox", drop_new_keeps_the_oldest, drop_old_keeps_the_newest,
               error_refuses, bytes_count_too, senders_wait_for_room_in_order,
               a_sender_that_gave_up_has_sent_nothing,
               waiting_senders_hear_of_the_end,
               waiting_senders_survive_a_restart,
               none_overtakes_one_of_its_sender_that_waits,
               who_is_full_may_overfill_to_twice_the_bound,
               dead_letters_have_their_reasons,
               a_message_for_a_predecessor_is_not_delivered,
               a_tick_that_is_dropped_comes_again)
