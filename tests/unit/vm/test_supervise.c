/* SPDX-License-Identifier: MIT
 *
 * Restarts: who is restarted, with whom, in which order, after what time, and
 * what happens when it is too often (vm/life.h, vm/supervise.c).
 */
#include "tests/unit/vm/play.h"

#define BUDGET(strategy, exhausted, max)            \
    {                                               \
        strategy, exhausted, max, 10000, 100, 30000 \
    }

static const struct akt_kind one_for_all = PLAY_KIND(
    PLAY_ALL_HOOKS, BUDGET(AKT_ONE_FOR_ALL, AKT_EXHAUSTED_ESCALATE, 5));
static const struct akt_kind rest_for_one = PLAY_KIND(
    PLAY_ALL_HOOKS, BUDGET(AKT_REST_FOR_ONE, AKT_EXHAUSTED_ESCALATE, 5));
static const struct akt_kind escalates = PLAY_KIND(
    PLAY_ALL_HOOKS, BUDGET(AKT_ONE_FOR_ONE, AKT_EXHAUSTED_ESCALATE, 2));
static const struct akt_kind stops =
    PLAY_KIND(PLAY_ALL_HOOKS, BUDGET(AKT_ONE_FOR_ONE, AKT_EXHAUSTED_STOP, 2));
static const struct akt_kind parks =
    PLAY_KIND(PLAY_ALL_HOOKS, BUDGET(AKT_ONE_FOR_ONE, AKT_EXHAUSTED_PARK, 2));
static const struct akt_kind all_park =
    PLAY_KIND(PLAY_ALL_HOOKS, BUDGET(AKT_ONE_FOR_ALL, AKT_EXHAUSTED_PARK, 2));
static const struct akt_kind patient = PLAY_KIND(
    PLAY_ALL_HOOKS, BUDGET(AKT_ONE_FOR_ONE, AKT_EXHAUSTED_ESCALATE, 100));

static struct puppet s, a, b, c, w;
static bool watch_b;

static void reset(void)
{
    s = (struct puppet){.name = "s", .kind = &play_hooked, .quiet = true};
    a = (struct puppet){.name = "a", .kind = &play_hooked};
    b = (struct puppet){.name = "b", .kind = &play_hooked};
    c = (struct puppet){.name = "c", .kind = &play_hooked};
    w = (struct puppet){.name = "w", .quiet = true};
    watch_b = true;
}

/* s has the children a, b and c; w watches s and b. The log is empty then. */
static int a_family(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &s);
        play_cast(iso, self, &w);
        play_tell(iso, self, &w, do_monitor, &s, 0);
        return 10;
    case 1:
        play_tell(iso, self, &s, do_cast, &a, 0);
        play_tell(iso, self, &s, do_cast, &b, 0);
        play_tell(iso, self, &s, do_cast, &c, 0);
        return 10;
    case 2:
        if (watch_b)
            play_tell(iso, self, &w, do_monitor, &b, 0);
        play_log_len = 0;
        return 10;
    default:
        return -1;
    }
}

static bool is_alive(struct akt_isolate *iso, const struct puppet *p)
{
    return akt_actor_find(iso->node->actors, p->pid) != NULL;
}

/* ---- restart types ---- */

static play_fn end_by; /* NULL: kill; do_nothing: stop */

static int b_ends(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 3)
        return a_family(iso, self, n);
    switch (n) {
    case 3:
        play_log_len = play_log[0] = 0;
        if (!end_by)
            play_kill(iso, self, &b);
        else if (end_by == do_nothing)
            play_stop(iso, self, &b);
        else
            play_tell(iso, self, &b, end_by, NULL, 0);
        return 1000;
    default:
        play_note("|");
        return -1;
    }
}

#define TAIL " | c:terminate(shutdown) "
#define REST "a:terminate(shutdown) s:terminate(shutdown)"
#define WITH_B TAIL "b:terminate(shutdown) " REST
#define WITHOUT_B TAIL REST

static void expect_end(enum akt_restart type, play_fn by, const char *log)
{
    reset();
    w.quiet = true;
    b.restart = type;
    end_by = by;
    /* w goes first at the end, so it hears of nothing then */
    play_expect(b_ends, log);
}

START_TEST(a_crash_restarts_all_but_temporary)
{
    expect_end(AKT_TEMPORARY, do_crash,
               "b:terminate(crash) w:down(b,crash)" WITHOUT_B);
    expect_end(AKT_TRANSIENT, do_crash,
               "b:pre(crash) b:init b:post(crash)" WITH_B);
    expect_end(AKT_PERMANENT, do_crash,
               "b:pre(crash) b:init b:post(crash)" WITH_B);
}
END_TEST

START_TEST(a_kill_restarts_all_but_temporary)
{
    expect_end(AKT_TEMPORARY, NULL, "w:down(b,killed)" WITHOUT_B);
    expect_end(AKT_TRANSIENT, NULL, "b:init b:post(killed)" WITH_B);
    expect_end(AKT_PERMANENT, NULL, "b:init b:post(killed)" WITH_B);
}
END_TEST

START_TEST(a_normal_end_restarts_permanent_ones)
{
    expect_end(AKT_TEMPORARY, do_exit,
               "b:terminate(normal) w:down(b,normal)" WITHOUT_B);
    expect_end(AKT_TRANSIENT, do_exit,
               "b:terminate(normal) w:down(b,normal)" WITHOUT_B);
    expect_end(AKT_PERMANENT, do_exit,
               "b:pre(normal) b:init b:post(normal)" WITH_B);
}
END_TEST

START_TEST(a_stop_restarts_nobody)
{
    for (int type = AKT_TEMPORARY; type <= AKT_PERMANENT; type++)
        expect_end((enum akt_restart)type, do_nothing,
                   "b:terminate(stopped) w:down(b,stopped)" WITHOUT_B);
}
END_TEST

/* b is linked to one that crashes. */
static int death_by_link(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    static struct puppet other;
    if (n < 3)
        return a_family(iso, self, n);
    switch (n) {
    case 3:
        other = (struct puppet){.name = "o", .quiet = true};
        play_cast(iso, self, &other);
        play_tell(iso, self, &b, do_link, &other, 0);
        return 10;
    case 4:
        play_log_len = play_log[0] = 0;
        play_tell(iso, self, &other, do_crash, NULL, 0);
        return 10;
    default:
        play_note("|");
        return -1;
    }
}

START_TEST(a_death_by_link_restarts_all_but_temporary)
{
    reset();
    play_expect(death_by_link, "b:terminate(crash) w:down(b,crash)" WITHOUT_B);
    b.restart = AKT_TRANSIENT;
    play_expect(death_by_link, "b:pre(crash) b:init b:post(crash)" WITH_B);
    b.restart = AKT_PERMANENT;
    play_expect(death_by_link, "b:pre(crash) b:init b:post(crash)" WITH_B);
}
END_TEST

/* ---- what a restart keeps ---- */

static int keeps(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        a.restart = AKT_PERMANENT;
        a.registered = true;
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        return 10;
    case 1:
        a.seen[0] = a.pid;
        play_tell(iso, self, &a, do_cast, &c, 0); /* a child of the old one */
        play_tell(iso, self, &a, do_log, NULL, 1);
        play_tell(iso, self, &a, do_crash, NULL, 0);
        play_tell(iso, self, &a, do_log, NULL, 2);
        play_tell(iso, self, &a, do_log, NULL, 3);
        play_tell(iso, self, &b, do_ask, &a, 4);
        return 10;
    default:
        ck_assert(is_alive(iso, &a));
        ck_assert(akt_pid_eq(a.pid, a.seen[0]));
        ck_assert(akt_pid_eq(akt_names_find(iso->node->names, "a"), a.pid));
        ck_assert(!is_alive(iso, &c));
        return -1;
    }
}

START_TEST(pid_name_and_mailbox_survive)
{
    reset();
    b.quiet = c.quiet = true;
    b.kind = c.kind = &play_plain;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(keeps, seed);
        char *at = strstr(play_log, "a:1 ");
        ck_assert_ptr_nonnull(at);
        ck_assert_ptr_nonnull(at = strstr(at, "a:pre(crash) a:init "));
        ck_assert_ptr_nonnull(at = strstr(at, "a:post(crash) "));
        ck_assert_ptr_nonnull(strstr(at, "a:4"));
        ck_assert_ptr_nonnull(at = strstr(at, "a:2 "));
        ck_assert_ptr_nonnull(at = strstr(at, "a:3 "));
        ck_assert_ptr_nonnull(strstr(play_log, "b:ask=ok"));
        ck_assert_uint_eq(out.stats.dead_letters[AKT_CRASHED], 1);
        ck_assert_uint_eq(out.stats.restarts, 1);
    }
}
END_TEST

/* The asks that a restart ends, and those it does not. */
static int asks_at_restart(struct akt_isolate *iso, struct akt_actor *self,
                           int n)
{
    switch (n) {
    case 0:
        a.restart = AKT_PERMANENT;
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        play_cast(iso, self, &c);
        return 10;
    case 1:
        play_tell(iso, self, &b, do_ask_wait, &a, 50000);
        return 10;
    case 2:
        play_tell(iso, self, &c, do_ask, &a, 1);
        return 10;
    case 3:
        play_kill(iso, self, &a);
        return 10;
    default:
        return -1;
    }
}

START_TEST(the_ask_in_progress_gets_crash_the_others_stay)
{
    reset();
    a.quiet = b.quiet = c.quiet = true;
    a.kind = b.kind = c.kind = &play_plain;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(asks_at_restart, seed);
        ck_assert_ptr_nonnull(strstr(play_log, "b:ask=crash"));
        ck_assert_ptr_nonnull(strstr(play_log, "c:ask=ok"));
    }
}
END_TEST

PLAY_DO(do_stash)
{
    (void)cmd;
    struct akt_actor_ext *ext = akt_actor_ext(self);
    struct akt_msg *m;
    for (int i = 0; i < 2; i++) {
        m = akt_mailbox_take(iso, self, NULL);
        m->next = NULL;
        if (ext->stash_first)
            ext->stash_last->next = m;
        else
            ext->stash_first = m;
        ext->stash_last = m;
    }
    return AKT_C_DONE;
}

PLAY_DO(do_stash_and_crash)
{
    do_stash(iso, self, cmd);
    return AKT_C_FAIL;
}

static int stash(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        a.restart = AKT_PERMANENT;
        play_cast(iso, self, &a);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_wait, NULL, 5);
        play_tell(iso, self, &a, do_stash_and_crash, NULL, 0);
        for (unsigned i = 1; i <= 4; i++)
            play_tell(iso, self, &a, do_log, NULL, i);
        return 50;
    default:
        return -1;
    }
}

START_TEST(the_stash_goes_back_to_the_front)
{
    reset();
    a.kind = &play_plain;
    play_expect(stash, "a:init a:init a:1 a:2 a:3 a:4");
}
END_TEST

/* ---- strategies ---- */

static int b_crashes(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n == 0)
        a.restart = b.restart = c.restart = AKT_PERMANENT;
    end_by = do_crash;
    return b_ends(iso, self, n);
}

START_TEST(one_for_one_touches_no_sibling)
{
    reset();
    play_expect(b_crashes, "b:pre(crash) b:init b:post(crash)" WITH_B);
}
END_TEST

START_TEST(one_for_all_halts_in_reverse_and_starts_forward)
{
    reset();
    s.kind = &one_for_all;
    play_expect(b_crashes, "c:pre(shutdown) b:pre(crash) a:pre(shutdown) "
                           "a:init a:post(shutdown) b:init b:post(crash) "
                           "c:init c:post(shutdown)" WITH_B);
}
END_TEST

START_TEST(rest_for_one_restarts_the_younger)
{
    reset();
    s.kind = &rest_for_one;
    play_expect(b_crashes, "c:pre(shutdown) b:pre(crash) "
                           "b:init b:post(crash) "
                           "c:init c:post(shutdown)" WITH_B);
}
END_TEST

static int c_is_temporary(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    if (n == 0) {
        a.restart = b.restart = AKT_PERMANENT;
        c.restart = AKT_TEMPORARY;
    }
    end_by = do_crash;
    return b_ends(iso, self, n);
}

START_TEST(a_group_ends_its_temporary_members)
{
    reset();
    s.kind = &one_for_all;
    play_expect(c_is_temporary,
                "c:terminate(shutdown) b:pre(crash) a:pre(shutdown) "
                "a:init a:post(shutdown) b:init b:post(crash) "
                "| b:terminate(shutdown) " REST);
}
END_TEST

/* A member crashes again while its group starts. */
static int init_of_b_fails(struct akt_isolate *iso, struct akt_actor *self,
                           int n)
{
    b.fails = 2;
    return b_crashes(iso, self, n);
}

START_TEST(a_crash_in_init_restarts_the_group_again)
{
    reset();
    s.kind = &one_for_all;
    play_expect(init_of_b_fails, "c:pre(shutdown) b:pre(crash) a:pre(shutdown) "
                                 "a:init a:post(shutdown) b:init "
                                 "b:pre(crash) a:pre(shutdown) "
                                 "a:init a:post(shutdown) b:init b:post(crash) "
                                 "c:init c:post(shutdown)" WITH_B);
}
END_TEST

/* A sibling that has not started yet is halted. */
static int young_sibling(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        s.kind = &one_for_all;
        s.restart = a.restart = b.restart = AKT_PERMANENT;
        b.init_ms = 1000;
        play_cast(iso, self, &s);
        play_tell(iso, self, &s, do_cast, &a, 0);
        return 10;
    case 1:
        play_tell(iso, self, &s, do_cast, &b, 0);
        return 10;
    case 2:
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 3000;
    case 3:
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 10;
    case 4:
        play_tell(iso, self, &b, do_log, NULL, 2);
        return 10;
    case 5: /* the group must work a second time */
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 3000;
    case 6:
        play_tell(iso, self, &b, do_log, NULL, 3);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_group_may_hold_one_that_has_not_started)
{
    reset();
    a.kind = b.kind = &play_plain;
    /* in its init */
    play_expect(young_sibling, "a:init b:init a:init b:init a:1 b:2 "
                               "a:init b:init b:3 s:terminate(shutdown)");
}
END_TEST

PLAY_DO(cast_two_and_fail_one)
{
    (void)cmd;
    play_cast(iso, self, &b);
    play_tell(iso, self, &a, do_crash, NULL, 0);
    return AKT_C_DONE;
}

static int newborn_sibling(struct akt_isolate *iso, struct akt_actor *self,
                           int n)
{
    switch (n) {
    case 0:
        s.kind = &one_for_all;
        a.restart = b.restart = AKT_PERMANENT;
        play_cast(iso, self, &s);
        play_tell(iso, self, &s, do_cast, &a, 0);
        return 10;
    case 1:
        play_tell(iso, self, &s, cast_two_and_fail_one, NULL, 0);
        return 1000;
    case 2:
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 10;
    case 3:
        play_tell(iso, self, &b, do_log, NULL, 2);
        return 10;
    case 4:
        play_tell(iso, self, &b, do_crash, NULL, 0);
        return 1000;
    case 5:
        play_tell(iso, self, &b, do_log, NULL, 3);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_group_may_hold_a_newborn)
{
    reset();
    a.kind = b.kind = &play_plain;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        play(newborn_sibling, seed);
        ck_assert_ptr_nonnull(strstr(play_log, "a:1"));
        ck_assert_ptr_nonnull(strstr(play_log, "b:2"));
        ck_assert_msg(strstr(play_log, "b:3") != NULL, "seed %d: %s", (int)seed,
                      play_log);
    }
}
END_TEST

/* ---- the budget ---- */

/* b crashes every 10 s / 4, three times. */
static int b_crashes_often(struct akt_isolate *iso, struct akt_actor *self,
                           int n)
{
    if (n == 0)
        b.restart = AKT_PERMANENT;
    if (n < 3)
        return a_family(iso, self, n);
    switch (n) {
    case 3:
    case 4:
    case 5:
        play_log_len = play_log[0] = 0;
        play_tell(iso, self, &b, do_crash, NULL, 0);
        return 2500;
    default:
        play_note("|");
        return -1;
    }
}

START_TEST(exhausted_escalates)
{
    reset();
    watch_b = false;
    s.kind = &escalates;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(b_crashes_often, seed);
        play_log[play_log_len - 1] = 0;
        ck_assert_str_eq(play_log,
                         "c:terminate(shutdown) b:terminate(shutdown) "
                         "a:terminate(shutdown) s:terminate(restart_limit) "
                         "w:down(s,restart_limit) |");
        ck_assert_int_eq(out.code, 0); /* s was temporary, that is all */
    }
}
END_TEST

START_TEST(exhausted_stops)
{
    reset();
    s.kind = &stops;
    play_expect(b_crashes_often,
                "b:terminate(crash) w:down(b,crash)" WITHOUT_B);
}
END_TEST

static int parked(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 6)
        return b_crashes_often(iso, self, n);
    switch (n) {
    case 6:
        ck_assert(is_alive(iso, &b));
        play_note("parked");
        ck_assert_int_eq(play_tell(iso, self, &b, do_log, NULL, 1), AKT_OK);
        return 20000;
    case 7: {
        play_note("by-hand");
        struct akt_msg *m = akt_msg_new(AKT_MSG_RESTART_ASKED, 0);
        m->target = b.pid;
        akt_post(iso->node, iso, m);
        return 10;
    }
    case 8: /* its parent takes care of it again */
        play_tell(iso, self, &b, do_crash, NULL, 0);
        return 10;
    default:
        play_note("|");
        return -1;
    }
}

START_TEST(exhausted_parks)
{
    reset();
    s.kind = &parks;
    play_expect(parked, "parked by-hand b:pre(crash) b:init b:post(crash) b:1 "
                        "b:pre(crash) b:init b:post(crash)" WITH_B);
}
END_TEST

static int parked_is_stopped(struct akt_isolate *iso, struct akt_actor *self,
                             int n)
{
    if (n < 7)
        return parked(iso, self, n);
    if (n > 7)
        return -1;
    play_log_len = play_log[0] = 0;
    play_stop(iso, self, &b);
    return 10;
}

START_TEST(a_parked_actor_may_be_stopped)
{
    reset();
    s.kind = &parks;
    play_expect(parked_is_stopped, "b:terminate(stopped) w:down(b,stopped) "
                                   "c:terminate(shutdown) " REST);
}
END_TEST

/* Parking one of a group: the others go on. */
static int group_with_parked(struct akt_isolate *iso, struct akt_actor *self,
                             int n)
{
    if (n == 0) {
        s.kind = &all_park;
        a.restart = b.restart = c.restart = AKT_PERMANENT;
        b.fails = 0xff & ~1;
    }
    if (n < 3)
        return a_family(iso, self, n);
    switch (n) {
    case 3:
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 5000;
    case 4:
        play_log_len = play_log[0] = 0;
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 10;
    case 5:
        play_tell(iso, self, &c, do_log, NULL, 2);
        return 20000;
    case 6: /* the parked one is left alone */
        play_log_len = play_log[0] = 0;
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 1000;
    default:
        play_note("|");
        return -1;
    }
}

START_TEST(a_group_goes_on_without_the_parked)
{
    reset();
    play_expect(group_with_parked,
                "c:pre(shutdown) a:pre(crash) a:init a:post(crash) "
                "c:init c:post(shutdown)" WITH_B);
}
END_TEST

/* ---- escalation ---- */

static int escalated(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n == 0) {
        s.restart = AKT_PERMANENT;
        b.restart = AKT_PERMANENT;
    }
    return b_crashes_often(iso, self, n);
}

START_TEST(a_supervisor_that_fails_is_restarted_without_children)
{
    reset();
    watch_b = false;
    s.kind = &escalates;
    play_expect(escalated, "c:terminate(shutdown) b:terminate(shutdown) "
                           "a:terminate(shutdown) s:pre(restart_limit) "
                           "s:post(restart_limit) | s:terminate(shutdown)");
}
END_TEST

static int main_fails(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        a.restart = AKT_PERMANENT;
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        return 10;
    case 20: /* five crashes were forgiven */
        ck_abort();
    default:
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 1900;
    }
}

START_TEST(escalation_that_reaches_main_ends_the_program)
{
    reset();
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(main_fails, seed);
        ck_assert_int_eq(out.code, 1);
        ck_assert_int_eq(a.inits, 6);
        ck_assert_ptr_nonnull(strstr(play_log, "b:terminate(shutdown)"));
    }
}
END_TEST

static int on_error(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n == 0)
        b.on_error = "error";
    end_by = do_crash;
    return b_ends(iso, self, n);
}

START_TEST(on_error_decides_before_the_restart_type)
{
    reset();
    b.action = AKT_ACT_STOP;
    b.restart = AKT_PERMANENT;
    play_expect(on_error, "b:terminate(crash) w:down(b,crash)" WITHOUT_B);
    reset();
    b.action = AKT_ACT_RESTART;
    b.restart = AKT_TEMPORARY;
    play_expect(on_error, "b:pre(crash) b:init b:post(crash)" WITH_B);
    reset();
    watch_b = false;
    b.action = AKT_ACT_ESCALATE;
    play_expect(on_error,
                "c:terminate(shutdown) b:terminate(shutdown) "
                "a:terminate(shutdown) s:terminate(crash) w:down(s,crash) |");
}
END_TEST

/* ---- backoff ---- */

#define CRASHES 13

static uint64_t crashed_ns[CRASHES], back_ns[CRASHES];
static const struct akt_kind timed_kind;

static enum akt_c_result timed_init(struct akt_isolate *iso,
                                    struct akt_actor *self,
                                    struct akt_msg *args)
{
    enum akt_c_result result = play_init(iso, self, args);
    if (a.inits > 1 && a.inits < CRASHES + 2)
        back_ns[a.inits - 2] = akt_node_now(iso->node);
    return result;
}

static const struct akt_c_behaviour timed_behaviour = {
    .init = timed_init, .message = play_message, .resume = play_resume};
static const struct akt_kind timed_kind = {
    "timed",
    &akt_c_host,
    false,
    AKT_HOOK_INIT,
    {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT},
    AKT_SUPERVISE_DEFAULT,
    (void *)(uintptr_t)&timed_behaviour};

/* Crashes as soon as it is back; the last one after a good time. */
static int crash_again(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        s.kind = &patient;
        a.kind = &timed_kind;
        a.quiet = true;
        a.restart = AKT_PERMANENT;
        play_cast(iso, self, &s);
        play_tell(iso, self, &s, do_cast, &a, 0);
        return 10;
    case CRASHES + 1:
        return -1;
    default:
        crashed_ns[n - 1] = akt_node_now(iso->node);
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return n == CRASHES - 1 ? 120000 : 40000;
    }
}

/* In the window of the last one all the time: it is told to crash when it
 * comes back. */
static int crash_at_once(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n == 0) {
        crash_again(iso, self, n);
        a.fails = ((1ull << (CRASHES - 1)) - 1) & ~1ull;
        return 10;
    }
    switch (n) {
    case 1:
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 200000;
    case 2: /* well for a whole window: like the first time */
        ck_assert_int_eq(a.inits, CRASHES);
        crashed_ns[0] = akt_node_now(iso->node);
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 200000;
    default:
        ck_assert_uint_eq(back_ns[CRASHES - 1], crashed_ns[0]);
        return -1;
    }
}

START_TEST(backoff_doubles_with_jitter_up_to_a_limit)
{
    reset();
    uint64_t first_of[PLAY_SEEDS];
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(crash_at_once, seed);
        /* the first is immediate; then 100 ms, 200 ms, ... 30 s */
        uint64_t want = 100 * PLAY_MS;
        for (int i = 1; i < CRASHES - 1; i++) {
            uint64_t took = back_ns[i] - back_ns[i - 1];
            ck_assert_uint_le(took, want);
            ck_assert_uint_ge(took, want / 5 * 4);
            want = want * 2 < 30000 * PLAY_MS ? want * 2 : 30000 * PLAY_MS;
        }
        first_of[seed - 1] = back_ns[1] - back_ns[0];
    }
    bool differ = false;
    for (int i = 1; i < PLAY_SEEDS; i++)
        differ |= first_of[i] != first_of[0];
    ck_assert(differ);
}
END_TEST

START_TEST(a_healthy_window_resets_the_backoff)
{
    reset();
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(crash_again, seed);
        for (int i = 0; i < CRASHES; i++)
            ck_assert_uint_eq(back_ns[i], crashed_ns[i]);
    }
}
END_TEST

/* While it waits for its next start an actor is alive, takes messages, may be
 * stopped, and may be started by hand. */
static int in_backoff(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        a.restart = AKT_PERMANENT;
        a.kind = &play_plain;
        play_cast(iso, self, &a);
        play_tell(iso, self, &a, do_crash, NULL, 0);
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 50;
    case 1:
        play_note("backoff");
        ck_assert(is_alive(iso, &a));
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 5;
    case 2:
        if (a.count == 1) {
            play_stop(iso, self, &a);
        } else if (a.count == 2) {
            struct akt_msg *m = akt_msg_new(AKT_MSG_RESTART_ASKED, 0);
            m->target = a.pid;
            akt_post(iso->node, iso, m);
        }
        return 10;
    case 3:
        play_note("later");
        return 200;
    default:
        return -1;
    }
}

static int stopped_in_backoff(struct akt_isolate *iso, struct akt_actor *self,
                              int n)
{
    a.count = 1;
    return in_backoff(iso, self, n);
}

static int started_in_backoff(struct akt_isolate *iso, struct akt_actor *self,
                              int n)
{
    a.count = 2;
    return in_backoff(iso, self, n);
}

START_TEST(an_actor_in_backoff_is_alive)
{
    reset();
    play_expect(in_backoff, "a:init a:init backoff later a:init a:1");
    play_expect(stopped_in_backoff, "a:init a:init backoff later");
    ck_assert_uint_eq(
        play(stopped_in_backoff, 1).stats.dead_letters[AKT_STOPPED], 1);
    play_expect(started_in_backoff, "a:init a:init backoff a:init a:1 later");
}
END_TEST

/* ---- by hand ---- */

static int by_hand(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 3)
        return a_family(iso, self, n);
    switch (n) {
    case 3: {
        play_tell(iso, self, &b, do_wait, NULL, 500);
        struct akt_msg *m = akt_msg_new(AKT_MSG_RESTART_ASKED, 0);
        m->target = b.pid;
        akt_post(iso->node, iso, m);
        return 1000;
    }
    default:
        play_note("|");
        return -1;
    }
}

START_TEST(a_restart_by_hand)
{
    reset();
    b.restart = AKT_TRANSIENT;
    play_expect(by_hand, "b:pre(shutdown) b:init b:post(shutdown)" WITH_B);
    b.restart = AKT_TEMPORARY;
    play_expect(by_hand, "b:pre(shutdown) b:init b:post(shutdown)" WITH_B);
}
END_TEST

CHECK_MAIN("supervise", a_crash_restarts_all_but_temporary,
           a_kill_restarts_all_but_temporary,
           a_normal_end_restarts_permanent_ones, a_stop_restarts_nobody,
           a_death_by_link_restarts_all_but_temporary,
           pid_name_and_mailbox_survive,
           the_ask_in_progress_gets_crash_the_others_stay,
           the_stash_goes_back_to_the_front, one_for_one_touches_no_sibling,
           one_for_all_halts_in_reverse_and_starts_forward,
           rest_for_one_restarts_the_younger,
           a_group_ends_its_temporary_members,
           a_crash_in_init_restarts_the_group_again,
           a_group_may_hold_one_that_has_not_started,
           a_group_may_hold_a_newborn, exhausted_escalates, exhausted_stops,
           exhausted_parks, a_parked_actor_may_be_stopped,
           a_group_goes_on_without_the_parked,
           a_supervisor_that_fails_is_restarted_without_children,
           escalation_that_reaches_main_ends_the_program,
           on_error_decides_before_the_restart_type,
           backoff_doubles_with_jitter_up_to_a_limit,
           a_healthy_window_resets_the_backoff, an_actor_in_backoff_is_alive,
           a_restart_by_hand)
