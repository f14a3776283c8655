/* SPDX-License-Identifier: MIT
 *
 * Start, stop, kill and the order of an end (vm/life.h).
 */
#include "tests/unit/vm/play.h"

static struct puppet a, b, c, d, w;

static void reset(void)
{
    a = (struct puppet){.name = "a", .kind = &play_hooked};
    b = (struct puppet){.name = "b", .kind = &play_hooked};
    c = (struct puppet){.name = "c", .kind = &play_hooked};
    d = (struct puppet){.name = "d", .kind = &play_hooked};
    w = (struct puppet){.name = "w", .quiet = true};
}

/* ---- spawn ---- */

static int messages_wait_for_init(struct akt_isolate *iso,
                                  struct akt_actor *self, int n)
{
    if (n)
        return -1;
    play_cast(iso, self, &a);
    play_tell(iso, self, &a, do_log, NULL, 1);
    play_tell(iso, self, &a, do_log, NULL, 2);
    return 1000;
}

START_TEST(init_runs_before_messages)
{
    reset();
    play_expect(messages_wait_for_init, "a:init a:1 a:2 a:terminate(shutdown)");
}
END_TEST

START_TEST(messages_queue_while_init_waits)
{
    reset();
    a.init_ms = 500;
    play_expect(messages_wait_for_init, "a:init a:1 a:2 a:terminate(shutdown)");
}
END_TEST

/* b spawns a and is told when init has returned. */
PLAY_DO(spawn_and_wait)
{
    struct puppet *p = self->host_data;
    play_wait(iso, self, 60000);
    p->asked = "spawn";
    cmd->who->told = p->wait_id;
    play_cast(iso, self, cmd->who);
    return AKT_C_WAIT;
}

static int b_spawns_a(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &b);
        play_tell(iso, self, &b, spawn_and_wait, &a, 0);
        return 10000;
    case 1:
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 10;
    default:
        return -1;
    }
}

START_TEST(spawner_hears_when_init_is_done)
{
    reset();
    play_expect(b_spawns_a, "b:init a:init b:spawn=ok a:1 "
                            "a:terminate(shutdown) b:terminate(shutdown)");
}
END_TEST

START_TEST(failed_first_init_is_final)
{
    reset();
    a.fails = 1;
    a.restart = AKT_PERMANENT;
    play_expect(b_spawns_a,
                "b:init a:init b:spawn=init_failed b:terminate(shutdown)");
}
END_TEST

START_TEST(init_has_five_seconds)
{
    reset();
    a.init_ms = 4999;
    play_expect(b_spawns_a, "b:init a:init b:spawn=ok a:1 "
                            "a:terminate(shutdown) b:terminate(shutdown)");
    a.init_ms = 5001;
    play_expect(b_spawns_a,
                "b:init a:init b:spawn=init_failed b:terminate(shutdown)");
}
END_TEST

static int two_of_one_name(struct akt_isolate *iso, struct akt_actor *self,
                           int n)
{
    switch (n) {
    case 0:
        a.registered = b.registered = true;
        b.name = "a";
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        play_note("%s", akt_code_name(b.spawned));
        ck_assert(akt_pid_eq(akt_names_find(iso->node->names, "a"), a.pid));
        return 10;
    case 1:
        play_kill(iso, self, &a);
        return 10;
    case 2:
        ck_assert(akt_pid_is_none(akt_names_find(iso->node->names, "a")));
        play_cast(iso, self, &b);
        return 10;
    default:
        ck_assert(akt_pid_eq(akt_names_find(iso->node->names, "a"), b.pid));
        return -1;
    }
}

START_TEST(a_name_is_taken_once)
{
    reset();
    play_expect(two_of_one_name,
                "name_taken a:init a:init a:terminate(shutdown)");
}
END_TEST

/* ---- stop ---- */

static int a_tree(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &w);
        play_cast(iso, self, &a);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_cast, &b, 0);
        return 10;
    case 2:
        play_tell(iso, self, &a, do_cast, &c, 0);
        play_tell(iso, self, &b, do_cast, &d, 0);
        play_log_len = 0;
        return 10;
    default:
        return -1;
    }
}

static int stop_tree(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 3)
        return a_tree(iso, self, n);
    if (n > 3)
        return -1;
    play_log_len = 0;
    play_stop(iso, self, &a);
    return 10;
}

START_TEST(children_stop_in_reverse_depth_first)
{
    reset();
    play_expect(stop_tree, "c:terminate(shutdown) d:terminate(shutdown) "
                           "b:terminate(shutdown) a:terminate(stopped) "
                           "w:down(a,stopped)");
}
END_TEST

static int kill_tree(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 3)
        return a_tree(iso, self, n);
    if (n > 3)
        return -1;
    play_log_len = 0;
    play_kill(iso, self, &a);
    return 10;
}

START_TEST(kill_runs_no_hook_but_children_end_in_order)
{
    reset();
    play_expect(kill_tree, "c:terminate(shutdown) d:terminate(shutdown) "
                           "b:terminate(shutdown) w:down(a,killed)");
}
END_TEST

static int crash_tree(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 3)
        return a_tree(iso, self, n);
    if (n > 3)
        return -1;
    play_log_len = 0;
    play_tell(iso, self, &a, do_crash, NULL, 0);
    return 10;
}

START_TEST(a_temporary_actor_that_crashes_ends)
{
    reset();
    play_expect(crash_tree,
                "c:terminate(shutdown) d:terminate(shutdown) "
                "b:terminate(shutdown) a:terminate(crash) w:down(a,crash)");
}
END_TEST

static int exit_tree(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 3)
        return a_tree(iso, self, n);
    if (n > 3)
        return -1;
    play_log_len = 0;
    play_tell(iso, self, &a, do_exit, NULL, 0);
    return 10;
}

START_TEST(an_actor_may_end_itself)
{
    reset();
    play_expect(exit_tree,
                "c:terminate(shutdown) d:terminate(shutdown) "
                "b:terminate(shutdown) a:terminate(normal) w:down(a,normal)");
}
END_TEST

static uint64_t busy_ms;

/* a works for busy_ms when it is told to stop; one message waits behind. */
static int stop_while_busy(struct akt_isolate *iso, struct akt_actor *self,
                           int n)
{
    static uint64_t since;
    switch (n) {
    case 0:
        play_cast(iso, self, &w);
        play_cast(iso, self, &a);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        play_tell(iso, self, &a, do_wait, NULL, busy_ms);
        play_tell(iso, self, &a, do_log, NULL, 1);
        return 10;
    case 1:
        play_stop(iso, self, &a);
        play_tell(iso, self, &a, do_log, NULL, 2);
        since = akt_node_now(iso->node);
        return 3;
    default:
        if (akt_actor_find(iso->node->actors, a.pid))
            return 3;
        play_note("%dms", (int)((akt_node_now(iso->node) - since) / 1000000));
        return -1;
    }
}

START_TEST(stop_lets_the_handler_finish)
{
    reset();
    busy_ms = 1010;
    play_expect(stop_while_busy, "a:init a:terminate(stopped) "
                                 "w:down(a,stopped) 1002ms");
    ck_assert_uint_eq(play(stop_while_busy, 1).stats.dead_letters[AKT_STOPPED],
                      2);
}
END_TEST

START_TEST(stop_kills_a_handler_that_takes_too_long)
{
    reset();
    busy_ms = 60000;
    play_expect(stop_while_busy, "a:init w:down(a,killed) 5001ms");
    a.shutdown = 200;
    play_expect(stop_while_busy, "a:init w:down(a,killed) 201ms");
    a.shutdown = PLAY_KILL;
    play_expect(stop_while_busy, "a:init w:down(a,killed) 3ms");
    a.shutdown = PLAY_FOREVER;
    play_expect(stop_while_busy, "a:init a:terminate(stopped) "
                                 "w:down(a,stopped) 59991ms");
}
END_TEST

/* The parent stops its child, which works for a minute. */
static int parent_stops_busy(struct akt_isolate *iso, struct akt_actor *self,
                             int n)
{
    static uint64_t since;
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_tell(iso, self, &a, do_cast, &b, 0);
        return 10;
    case 1:
        play_tell(iso, self, &b, do_wait, NULL, 60000);
        return 10;
    case 2:
        play_stop(iso, self, &a);
        since = akt_node_now(iso->node);
        return 3;
    default:
        if (akt_actor_find(iso->node->actors, a.pid))
            return 3;
        play_note("%dms", (int)((akt_node_now(iso->node) - since) / 1000000));
        return -1;
    }
}

START_TEST(a_child_has_its_shutdown_time)
{
    reset();
    play_expect(parent_stops_busy, "a:init b:init a:terminate(stopped) 5001ms");
    b.shutdown = 301;
    play_expect(parent_stops_busy, "a:init b:init a:terminate(stopped) 303ms");
    b.shutdown = PLAY_KILL;
    play_expect(parent_stops_busy, "a:init b:init a:terminate(stopped) 3ms");
    b.shutdown = PLAY_FOREVER;
    play_expect(parent_stops_busy, "a:init b:init b:terminate(shutdown) "
                                   "a:terminate(stopped) 59991ms");
}
END_TEST

static bool with_kill;

/* Between spawn and the first turn. */
static int end_before_start(struct akt_isolate *iso, struct akt_actor *self,
                            int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &w);
        return 10;
    case 1:
        play_cast(iso, self, &a);
        if (with_kill)
            play_kill(iso, self, &a);
        else
            play_stop(iso, self, &a);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        return 10;
    case 2:
        ck_assert_ptr_null(akt_actor_find(iso->node->actors, a.pid));
        play_cast(iso, self, &b);
        return 10;
    default:
        return -1;
    }
}

/* Simulated, a visit to an isolate may come between the two. */
static void check_end_before_start(void)
{
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct play_outcome out = play(end_before_start, seed);
        ck_assert_int_eq(out.code, 0);
        ck_assert_ptr_nonnull(strstr(play_log, "b:init"));
        ck_assert_ptr_nonnull(strstr(play_log, "w:down(a,"));
        ck_assert_ptr_null(strstr(play_log, "a:init"));
        /* the guardians' isolate is all that is left */
        ck_assert_uint_le(out.stats.isolates, 2);
    }
}

START_TEST(ending_an_actor_before_it_starts)
{
    reset();
    with_kill = false;
    check_end_before_start();
    with_kill = true;
    check_end_before_start();
}
END_TEST

START_TEST(ending_a_detached_actor_before_it_starts)
{
    reset();
    a.detached = true;
    with_kill = false;
    check_end_before_start();
    with_kill = true;
    check_end_before_start();
}
END_TEST

START_TEST(ending_an_actor_with_an_isolate_before_it_starts)
{
    reset();
    a.own_isolate = true;
    with_kill = false;
    check_end_before_start();
    with_kill = true;
    check_end_before_start();
}
END_TEST

/* A stop that arrives in front of the start, by its name for one. */
static int stop_overtakes_start(struct akt_isolate *iso, struct akt_actor *self,
                                int n)
{
    struct akt_msg *first[2] = {NULL, NULL};
    static struct akt_isolate *its;
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        return 10;
    case 1: {
        /* an isolate of its own is not visited within this turn */
        b.own_isolate = true;
        play_cast(iso, self, &b);
        struct akt_actor *record = akt_actor_find(iso->node->actors, b.pid);
        its = record->isolate;
        play_stop(iso, self, &b);
        struct akt_msg *m = akt_inbox_take(&its->inbox);
        ck_assert_int_eq(m->type, AKT_MSG_START);
        first[0] = m->next;
        first[1] = m;
        ck_assert_int_eq(first[0]->type, AKT_MSG_STOP);
        akt_inbox_push(&its->inbox, first[0]);
        akt_inbox_push(&its->inbox, first[1]);
        return 10;
    }
    default:
        ck_assert_ptr_null(akt_actor_find(iso->node->actors, b.pid));
        ck_assert_int_lt(atomic_load(&its->weight), 0); /* it is closed */
        return -1;
    }
}

START_TEST(a_stop_may_overtake_the_start)
{
    reset();
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(stop_overtakes_start, seed);
        ck_assert_uint_le(out.stats.isolates, 2);
        ck_assert_ptr_null(strstr(play_log, "b:init"));
    }
}
END_TEST

/* Spawn does not wait for one without init: it has its terminate. */
static const struct akt_kind no_init =
    PLAY_KIND(AKT_HOOK_TERMINATE, AKT_SUPERVISE_DEFAULT);

static int end_one_without_init(struct akt_isolate *iso, struct akt_actor *self,
                                int n)
{
    if (n)
        return -1;
    play_cast(iso, self, &a);
    if (with_kill)
        play_kill(iso, self, &a);
    else
        play_stop(iso, self, &a);
    return 10;
}

START_TEST(one_without_init_terminates_when_it_is_stopped_early)
{
    reset();
    a.quiet = true;
    a.kind = &no_init;
    with_kill = false;
    play_expect(end_one_without_init, "a:terminate(stopped)");
    with_kill = true;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(end_one_without_init, seed);
        ck_assert_str_eq(play_log, "");
    }
}
END_TEST

/* ---- what an end leaves behind ---- */

static int asks_at_an_end(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        play_cast(iso, self, &c);
        play_tell(iso, self, &b, do_ask_wait, &a, 60000);
        return 10;
    case 1:
        play_tell(iso, self, &c, do_ask, &a, 7); /* queued behind */
        return 10;
    case 2:
        play_kill(iso, self, &a);
        return 10;
    case 3:
        play_tell(iso, self, &c, do_ask, &a, 8); /* nobody there */
        return 10;
    default:
        ck_assert_int_eq(play_tell(iso, self, &a, do_log, NULL, 1), AKT_NOPROC);
        return -1;
    }
}

START_TEST(asks_of_an_ended_actor_fail_at_once)
{
    reset();
    a.kind = b.kind = c.kind = &play_plain;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        struct play_outcome out = play(asks_at_an_end, seed);
        ck_assert_ptr_nonnull(strstr(play_log, "b:ask=crash"));
        ck_assert_ptr_nonnull(strstr(play_log, "c:ask=noproc"));
        ck_assert_ptr_nonnull(
            strstr(strstr(play_log, "c:ask=noproc") + 5, "c:ask=noproc"));
        ck_assert_uint_eq(out.stats.dead_letters[AKT_CRASHED], 1);
        ck_assert_uint_eq(out.stats.dead_letters[AKT_STOPPED], 1);
        ck_assert_uint_eq(out.stats.dead_letters[AKT_NOPROC], 2);
        /* all were told in time */
        ck_assert_uint_lt(out.ended_ns - out.began_ns, 1000 * PLAY_MS);
    }
}
END_TEST

static int exit_with_an_ask(struct akt_isolate *iso, struct akt_actor *self,
                            int n)
{
    (void)iso;
    if (n)
        return -1;
    play_cast(iso, self, &a);
    play_cast(iso, self, &b);
    play_tell(iso, self, &b, do_cast, &c, 0);
    return 10;
}

PLAY_DO(ask_exit)
{
    return play_ask(iso, self, "ask", cmd->who->pid, do_exit, NULL, 0);
}

static int ask_one_that_exits(struct akt_isolate *iso, struct akt_actor *self,
                              int n)
{
    if (n == 0)
        return exit_with_an_ask(iso, self, n);
    if (n > 1)
        return -1;
    play_log_len = 0;
    play_tell(iso, self, &b, ask_exit, &a, 0);
    return 10;
}

START_TEST(an_actor_that_exits_answers_noproc)
{
    reset();
    a.kind = b.kind = c.kind = &play_plain;
    play_expect(ask_one_that_exits, "b:ask=noproc");
}
END_TEST

static int name_at_down(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        a.registered = true;
        play_cast(iso, self, &a);
        play_cast(iso, self, &w);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        return 10;
    case 1:
        play_stop(iso, self, &a);
        return 10;
    default:
        return -1;
    }
}

static enum akt_c_result watch_message(struct akt_isolate *iso,
                                       struct akt_actor *self,
                                       struct akt_msg *m)
{
    if (m->type == AKT_MSG_DOWN) {
        ck_assert(akt_pid_is_none(akt_names_find(iso->node->names, "a")));
        ck_assert_ptr_null(akt_actor_find(iso->node->actors, m->sender));
    }
    return play_message(iso, self, m);
}

static const struct akt_c_behaviour watch_behaviour = {
    .init = play_init, .message = watch_message, .resume = play_resume};
static const struct akt_kind watch_kind = {
    "watcher",
    &akt_c_host,
    false,
    AKT_HOOK_INIT,
    {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT},
    AKT_SUPERVISE_DEFAULT,
    (void *)(uintptr_t)&watch_behaviour};

START_TEST(the_name_is_free_before_down)
{
    reset();
    w.kind = &watch_kind;
    play_expect(name_at_down, "a:init a:terminate(stopped) w:down(a,stopped)");
}
END_TEST

/* ---- terminate takes too long ---- */

static void slow_visit(struct akt_isolate *iso)
{
    struct akt_turn *t;
    while ((t = akt_turn_next(iso))) {
        struct akt_actor *self = t->actor;
        bool waits = t->kind == AKT_TURN_TERMINATE;
        self->fiber = waits ? self : NULL;
        if (waits) {
            play_note("terminate");
            akt_turn_suspended(iso);
            continue;
        }
        if (t->kind == AKT_TURN_INIT)
            play_init(iso, self, t->msg);
        akt_turn_done(iso);
    }
}

static void slow_drop(struct akt_isolate *iso, struct akt_actor *self)
{
    (void)iso, (void)self;
    play_note("dropped");
}

static bool slow_open(struct akt_isolate *iso)
{
    iso->host_data = iso;
    return true;
}

static void slow_nothing(struct akt_isolate *iso)
{
    (void)iso;
}

static void slow_forget(struct akt_isolate *iso, struct akt_actor *self,
                        bool final)
{
    (void)iso, (void)self, (void) final;
}

static const struct akt_host slow_host = {.visit = slow_visit,
                                          .open = slow_open,
                                          .close = slow_nothing,
                                          .idle = slow_nothing,
                                          .drop_fiber = slow_drop,
                                          .forget = slow_forget};
static const struct akt_kind slow_kind = {
    "slow",
    &slow_host,
    false,
    AKT_HOOK_INIT | AKT_HOOK_TERMINATE,
    {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT},
    AKT_SUPERVISE_DEFAULT,
    NULL};

static int slow_terminate(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &w);
        play_cast(iso, self, &a);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        return 10;
    case 1:
        play_stop(iso, self, &a);
        return 4990;
    case 2:
        play_note("waits");
        return 20;
    default:
        return -1;
    }
}

START_TEST(terminate_has_five_seconds)
{
    reset();
    a.kind = &slow_kind;
    play_expect(slow_terminate,
                "a:init terminate waits dropped w:down(a,stopped)");
}
END_TEST

/* ---- many ends in one isolate, on real threads ---- */

#define CROWD 3000

static akt_pid crowd[CROWD];
static struct puppet members[2];

/* Some of the crowd end themselves while the others still have work. */
static int crowd_scene(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n)
        return -1;
    struct puppet *stays = &members[0], *leaves = &members[1];
    for (int i = 0; i < CROWD; i++)
        crowd[i] = play_cast(iso, self, i % 2 ? leaves : stays);
    for (int i = 0; i < CROWD; i++)
        akt_post(iso->node, iso,
                 play_msg(self->self, crowd[i], i % 2 ? do_exit : do_nothing,
                          NULL, 0));
    return 100;
}

START_TEST(ends_do_not_disturb_the_ready_list)
{
    members[0] = (struct puppet){.name = "s", .kind = &play_mass};
    members[1] = (struct puppet){.name = "l", .kind = &play_mass};
    for (int i = 0; i < 5; i++) {
        struct play_outcome out =
            play_with(crowd_scene, (struct akt_config){.workers = 1});
        ck_assert_int_eq(out.code, 0);
        ck_assert_uint_eq(out.stats.ended, CROWD + 2); /* main and /user */
        uint64_t dead = 0;
        for (int k = 0; k < AKT_CODE_COUNT; k++)
            dead += out.stats.dead_letters[k];
        ck_assert_uint_eq(dead, 0);
    }
}
END_TEST

CHECK_MAIN("life", init_runs_before_messages, messages_queue_while_init_waits,
           spawner_hears_when_init_is_done, failed_first_init_is_final,
           init_has_five_seconds, a_name_is_taken_once,
           children_stop_in_reverse_depth_first,
           kill_runs_no_hook_but_children_end_in_order,
           a_temporary_actor_that_crashes_ends, an_actor_may_end_itself,
           stop_lets_the_handler_finish,
           stop_kills_a_handler_that_takes_too_long,
           a_child_has_its_shutdown_time, ending_an_actor_before_it_starts,
           ending_a_detached_actor_before_it_starts,
           ending_an_actor_with_an_isolate_before_it_starts,
           a_stop_may_overtake_the_start,
           one_without_init_terminates_when_it_is_stopped_early,
           asks_of_an_ended_actor_fail_at_once,
           an_actor_that_exits_answers_noproc, the_name_is_free_before_down,
           terminate_has_five_seconds, ends_do_not_disturb_the_ready_list)
