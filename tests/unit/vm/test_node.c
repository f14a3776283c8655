/* SPDX-License-Identifier: MIT
 *
 * How a node ends: by itself, by akt_node_exit, by force; and timers, which
 * keep it alive (vm/node.h, vm/alarm.c, vm/place.c).
 */
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/vm/play.h"

static struct puppet a, b, c;

static void reset(void)
{
    a = (struct puppet){.name = "a", .kind = &play_hooked};
    b = (struct puppet){.name = "b", .kind = &play_hooked};
    c = (struct puppet){.name = "c", .kind = &play_hooked};
}

/* ---- the end by itself ---- */

static int nothing(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    (void)iso, (void)self, (void)n;
    return -1;
}

START_TEST(a_program_that_does_nothing_ends)
{
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(nothing, seed);
        ck_assert_int_eq(out.code, 0);
        ck_assert_uint_eq(out.ended_ns, out.began_ns);
    }
    for (unsigned workers = 1; workers <= 4; workers++)
        for (int i = 0; i < 50; i++)
            ck_assert_int_eq(
                play_with(nothing, (struct akt_config){.workers = workers})
                    .code,
                0);
}
END_TEST

static int answered_in_time(struct akt_isolate *iso, struct akt_actor *self,
                            int n)
{
    if (n)
        return -1;
    play_cast(iso, self, &a);
    play_cast(iso, self, &b);
    play_tell(iso, self, &a, do_ask, &b, 1); /* may take a minute */
    return 10;
}

START_TEST(a_deadline_that_is_not_needed_keeps_nobody_waiting)
{
    reset();
    a.kind = b.kind = &play_plain;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(answered_in_time, seed);
        ck_assert_ptr_nonnull(strstr(play_log, "a:ask=ok"));
        ck_assert_uint_le(out.ended_ns - out.began_ns, 10 * PLAY_MS);
    }
}
END_TEST

/* ---- timers ---- */

PLAY_DO(wait_again)
{
    play_note("%s:%d", ((struct puppet *)self->host_data)->name, (int)cmd->n);
    if (cmd->n)
        akt_post(
            iso->node, iso,
            play_msg(self->self, self->self, wait_again, NULL, cmd->n - 1));
    return play_wait(iso, self, 1000);
}

static int two_sleepers(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n == 1)
        play_note("main");
    if (n)
        return -1;
    play_cast(iso, self, &a);
    play_tell(iso, self, &a, wait_again, NULL, 3);
    return 1500;
}

START_TEST(sleepers_keep_the_program_alive)
{
    reset();
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(two_sleepers, seed);
        ck_assert_str_eq(play_log, "a:init a:3 a:2 main a:1 a:0 "
                                   "a:terminate(shutdown) ");
        ck_assert_uint_eq(out.ended_ns - out.began_ns, 4000 * PLAY_MS);
        ck_assert_int_eq(out.code, 0);
    }
}
END_TEST

/* A timer to self every 10 ms; the handler of a tick may take long. */
static uint64_t tick_id;
static unsigned tick_work_ms;

PLAY_DO(tick)
{
    struct puppet *p = self->host_data;
    play_note("%d", (int)((akt_node_now(iso->node) - p->count) / PLAY_MS));
    if (cmd->n == 0 && p->handled == 6) {
        struct akt_pending *timer = akt_pending_find(iso, tick_id);
        if (timer)
            akt_pending_close(iso, timer);
        return AKT_C_DONE;
    }
    /* only the first takes long */
    return tick_work_ms && p->handled == 2 ? play_wait(iso, self, tick_work_ms)
                                           : AKT_C_DONE;
}

PLAY_DO(start_ticks)
{
    struct puppet *p = self->host_data;
    p->count = akt_node_now(iso->node);
    struct akt_pending *timer =
        akt_pending_open(iso, self, AKT_P_TIMER, p->count + cmd->n * PLAY_MS);
    timer->period_ns = cmd->n * PLAY_MS;
    timer->msg = play_msg(self->self, self->self, tick, NULL, 0);
    tick_id = timer->id;
    return AKT_C_DONE;
}

static int ticking(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n)
        return -1;
    play_cast(iso, self, &a);
    play_tell(iso, self, &a, start_ticks, NULL, 10);
    return 1;
}

START_TEST(a_timer_has_a_fixed_rate_and_merges_what_it_missed)
{
    reset();
    a.quiet = true;
    a.kind = &play_plain;
    tick_work_ms = 0;
    play_expect(ticking, "10 20 30 40 50");
    tick_work_ms = 35; /* one tick waits, the others are merged into it */
    play_expect(ticking, "10 45 50 60 70");
}
END_TEST

PLAY_DO(cancel)
{
    (void)self, (void)cmd;
    struct akt_pending *timer = akt_pending_find(iso, tick_id);
    ck_assert_ptr_nonnull(timer);
    ck_assert(timer->queued);
    akt_pending_close(iso, timer);
    return AKT_C_DONE;
}

static int cancelled(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_tell(iso, self, &a, start_ticks, NULL, 10);
        return 5;
    case 1: /* the tick comes while it waits, behind the cancelling */
        play_tell(iso, self, &a, do_wait, NULL, 20);
        play_tell(iso, self, &a, cancel, NULL, 0);
        return 100;
    default:
        return -1;
    }
}

START_TEST(a_tick_that_waits_is_not_handled_after_cancel)
{
    reset();
    a.quiet = true;
    a.kind = &play_plain;
    play_expect(cancelled, "");
}
END_TEST

PLAY_DO(remind)
{
    struct akt_pending *timer = akt_pending_open(
        iso, self, AKT_P_TIMER, akt_node_now(iso->node) + 100 * PLAY_MS);
    timer->msg = play_msg(self->self, cmd->who->pid, do_log, NULL, 7);
    return AKT_C_DONE;
}

static int reminders(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        play_cast(iso, self, &c);
        play_tell(iso, self, &a, remind, &b, 0);
        play_tell(iso, self, &c, remind, &b, 0);
        return 50;
    case 1: /* an actor's timers end with it */
        play_kill(iso, self, &c);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_timer_may_send_to_another)
{
    reset();
    a.quiet = b.quiet = c.quiet = true;
    a.kind = b.kind = c.kind = &play_plain;
    play_expect(reminders, "b:7");
}
END_TEST

/* ---- akt_node_exit ---- */

static int exit_now(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        return 10;
    default:
        akt_node_exit(iso->node, 7);
        akt_node_exit(iso->node, 8);
        return 10;
    }
}

START_TEST(exit_ends_all_in_order_and_the_first_code_counts)
{
    reset();
    a.quiet = b.quiet = true;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(exit_now, seed);
        ck_assert_int_eq(out.code, 7);
        ck_assert_str_eq(play_log,
                         "b:terminate(shutdown) a:terminate(shutdown) ");
    }
}
END_TEST

static int end_user(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        return 10;
    case 1:
        ck_assert_int_eq(akt_kill(iso, self->self, iso->node->root),
                         AKT_DENIED);
        ck_assert_int_eq(akt_kill(iso, self->self, iso->node->system),
                         AKT_DENIED);
        ck_assert_int_eq(akt_stop(iso, self->self, iso->node->root,
                                  akt_reason_of(AKT_STOPPED)),
                         AKT_DENIED);
        ck_assert_int_eq(akt_kill(iso, self->self, iso->node->user), AKT_OK);
        return 10;
    default:
        return 1000;
    }
}

START_TEST(killing_user_ends_the_program)
{
    reset();
    a.quiet = true;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(end_user, seed);
        ck_assert_int_eq(out.code, 1);
        ck_assert_str_eq(play_log, "a:terminate(shutdown) ");
    }
}
END_TEST

static int crash_main(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n == 0) {
        play_cast(iso, self, &a);
        return 10;
    }
    akt_kill(iso, self->self, self->self);
    return 10;
}

START_TEST(a_main_that_is_killed_ends_the_program_with_1)
{
    reset();
    a.quiet = true;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(crash_main, seed);
        ck_assert_int_eq(out.code, 1);
        ck_assert_str_eq(play_log, "a:terminate(shutdown) ");
    }
}
END_TEST

/* a never ends its handler and may do so for ever; b is older. */
static int hang(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &b);
        play_cast(iso, self, &a);
        play_tell(iso, self, &a, do_wait, NULL, 3600 * 1000);
        return 10;
    default:
        akt_node_exit(iso->node, 3);
        return -1;
    }
}

START_TEST(an_end_that_hangs_is_cut_off)
{
    reset();
    a.quiet = b.quiet = true;
    a.shutdown = PLAY_FOREVER;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(hang, seed);
        ck_assert_int_eq(out.code, 3);
        ck_assert_str_eq(play_log, "");
        uint64_t took_ns = out.ended_ns - out.began_ns;
        ck_assert_uint_ge(took_ns, 5010 * PLAY_MS);
        ck_assert_uint_le(took_ns, 5011 * PLAY_MS);
    }
}
END_TEST

/* A signal begins the same end. */
static int wait_for_signal(struct akt_isolate *iso, struct akt_actor *self,
                           int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        return 10;
    default: /* it would go on for ever */
        akt_node_hold(iso->node);
        kill(getpid(), SIGTERM);
        return -1;
    }
}

START_TEST(a_signal_ends_the_program_in_order)
{
    reset();
    a.quiet = true;
    struct play_outcome out =
        play_with(wait_for_signal, (struct akt_config){.workers = 2});
    ck_assert_int_eq(out.code, 128 + SIGTERM);
    ck_assert_str_eq(play_log, "a:terminate(shutdown) ");
}
END_TEST

/* ---- a main that waits in vain ---- */

static int stuck;

static void on_stuck(struct akt_node *node)
{
    (void)node;
    stuck++;
}

static int wait_in_vain(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    ck_assert_int_eq(n, 0);
    iso->node->on_stuck = on_stuck;
    play_cast(iso, self, &a);
    /* waits for an answer that nobody will give */
    struct akt_pending *p = akt_pending_open(iso, self, AKT_P_CALL, 0);
    p->awaited = true;
    play_director.wait_id = p->id;
    return PLAY_WAITS;
}

START_TEST(a_main_that_waits_in_vain_is_stuck)
{
    reset();
    a.quiet = true;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        stuck = 0;
        struct play_outcome out = play(wait_in_vain, seed);
        ck_assert_int_eq(stuck, 1);
        ck_assert_int_eq(out.code, 1);
    }
}
END_TEST

static int spin_for_ever(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    (void)iso, (void)self, (void)n;
    return 1;
}

START_TEST(a_simulation_may_have_a_limit)
{
    struct play_outcome out = play_with(
        spin_for_ever,
        (struct akt_config){.simulated = true, .seed = 1, .max_turns = 1000});
    ck_assert_int_eq(out.code, 1);
    ck_assert_uint_ge(out.stats.turns, 1000);
    ck_assert_uint_lt(out.stats.turns, 1000 + 2 * AKT_VISIT_TURNS);
}
END_TEST

START_TEST(the_same_seed_gives_the_same_run)
{
    reset();
    bool differ = false;
    uint64_t first = play(answered_in_time, 1).hash;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        uint64_t hash = play(answered_in_time, seed).hash;
        ck_assert_uint_eq(hash, play(answered_in_time, seed).hash);
        differ |= hash != first;
    }
    ck_assert(differ);
}
END_TEST

/* ---- the outside ---- */

static pthread_t helper;
static struct akt_node *helped;
static akt_pid helped_pid;
static int helps;

static void *help(void *arg)
{
    (void)arg;
    for (int i = 0; i < helps; i++) {
        usleep(i % 3 * 700);
        akt_post(helped, NULL,
                 play_msg(AKT_PID_NONE, helped_pid, do_log, NULL, (unsigned)i));
    }
    akt_node_release(helped);
    akt_msg_pool_release();
    return NULL;
}

static int outside(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n)
        return -1;
    play_cast(iso, self, &a);
    helped = iso->node;
    helped_pid = a.pid;
    akt_node_hold(iso->node);
    pthread_create(&helper, NULL, help, NULL);
    return 0;
}

START_TEST(what_is_held_keeps_the_program_alive)
{
    for (int i = 0; i < 200; i++) {
        reset();
        a.quiet = true;
        helps = i % 10;
        unsigned workers = 1 + (unsigned)i % 3;
        struct play_outcome out =
            play_with(outside, (struct akt_config){.workers = workers});
        pthread_join(helper, NULL);
        ck_assert_int_eq(out.code, 0);
        ck_assert_int_eq(a.handled, helps);
    }
}
END_TEST

/* ---- alarms on real threads ---- */

#define SLEEPERS 64
#define NAPS 60

static struct puppet sleepers[SLEEPERS];

PLAY_DO(nap)
{
    struct puppet *p = self->host_data;
    if (++p->count < NAPS)
        akt_post(iso->node, iso,
                 play_msg(self->self, self->self, nap, NULL, 0));
    return play_wait(iso, self, cmd->n + p->count % 3);
}

static int naps(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n)
        return -1;
    for (int i = 0; i < SLEEPERS; i++) {
        sleepers[i] = (struct puppet){.name = "s", .quiet = true};
        play_cast(iso, self, &sleepers[i]);
        play_tell(iso, self, &sleepers[i], nap, NULL, 0);
    }
    return 1;
}

START_TEST(no_alarm_is_lost_on_threads)
{
    for (unsigned workers = 1; workers <= 3; workers++) {
        struct play_outcome out =
            play_with(naps, (struct akt_config){.workers = workers});
        ck_assert_int_eq(out.code, 0);
        for (int i = 0; i < SLEEPERS; i++)
            ck_assert_uint_eq(sleepers[i].count, NAPS);
    }
}
END_TEST

/* ---- places ---- */

PLAY_DO(fill_home)
{
    (void)cmd;
    for (int i = 0; i < AKT_SPREAD + 2; i++)
        play_cast(iso, self, &play_filler);
    return AKT_C_DONE;
}

/* b's home empties and is closed, and its struct is used for an exclusive
 * isolate: b must not put another child there. */
static struct akt_isolate *home;

static int exclusive(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    struct akt_actor *ar;
    switch (n) {
    case 0:
        play_cast(iso, self, &b);
        play_tell(iso, self, &b, fill_home, NULL, 0);
        return 10;
    case 1: {
        struct akt_actor *br = akt_actor_find(iso->node->actors, b.pid);
        ck_assert_ptr_nonnull(br);
        home = br->ext->home;
        ck_assert_uint_gt(br->ext->home_left, 0);
        /* b's children end, b itself lives elsewhere */
        for (struct akt_actor *k = br->youngest; k; k = k->older)
            akt_kill(iso, self->self, k->self);
        return 10;
    }
    case 2:
        ck_assert_int_lt(atomic_load(&home->weight), 0);
        for (int i = 0; i < 64; i++) {
            a.own_isolate = true;
            play_cast(iso, self, &a);
            ar = akt_actor_find(iso->node->actors, a.pid);
            if (ar->isolate == home)
                break;
            ck_assert_int_lt(i, 63);
        }
        play_tell(iso, self, &b, do_cast, &c, 0);
        return 10;
    default:
        ck_assert_ptr_ne(akt_actor_find(iso->node->actors, c.pid)->isolate,
                         home);
        return -1;
    }
}

START_TEST(an_exclusive_isolate_gets_no_others)
{
    reset();
    b.own_isolate = true;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++)
        ck_assert_int_eq(play(exclusive, seed).code, 0);
}
END_TEST

static int overfull(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n)
        return -1;
    for (int i = 0; i < 16; i++) {
        play_cast(iso, self, &play_filler);
        play_note("%s", akt_code_name(play_filler.spawned));
    }
    return 10;
}

START_TEST(max_actors_is_a_limit)
{
    struct play_outcome out = play_with(
        overfull,
        (struct akt_config){.simulated = true, .seed = 1, .max_actors = 10});
    ck_assert_int_eq(out.code, 0);
    ck_assert_str_eq(play_log, "ok ok ok ok ok ok limit limit limit limit "
                               "limit limit limit limit limit limit ");
}
END_TEST

CHECK_MAIN("node", a_program_that_does_nothing_ends,
           a_deadline_that_is_not_needed_keeps_nobody_waiting,
           sleepers_keep_the_program_alive,
           a_timer_has_a_fixed_rate_and_merges_what_it_missed,
           a_tick_that_waits_is_not_handled_after_cancel,
           a_timer_may_send_to_another,
           exit_ends_all_in_order_and_the_first_code_counts,
           killing_user_ends_the_program,
           a_main_that_is_killed_ends_the_program_with_1,
           an_end_that_hangs_is_cut_off, a_signal_ends_the_program_in_order,
           a_main_that_waits_in_vain_is_stuck, a_simulation_may_have_a_limit,
           the_same_seed_gives_the_same_run,
           what_is_held_keeps_the_program_alive, no_alarm_is_lost_on_threads,
           an_exclusive_isolate_gets_no_others, max_actors_is_a_limit)
