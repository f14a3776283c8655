/* SPDX-License-Identifier: MIT
 *
 * Links and monitors: who hears of an end, how often, and with which reason.
 */
#include "tests/unit/vm/play.h"

static struct puppet a, b, c, w;

static void reset(void)
{
    a = (struct puppet){.name = "a", .quiet = true};
    b = (struct puppet){.name = "b", .quiet = true};
    c = (struct puppet){.name = "c", .quiet = true};
    w = (struct puppet){.name = "w", .quiet = true};
}

static play_fn end_by; /* what a is told */

/* a - b - c are linked in a row, w watches all three. */
static int a_row(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        play_cast(iso, self, &c);
        play_cast(iso, self, &w);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_link, &b, 0);
        play_tell(iso, self, &b, do_link, &c, 0);
        play_tell(iso, self, &b, do_link, &a, 0); /* idempotent */
        play_tell(iso, self, &w, do_monitor, &a, 0);
        play_tell(iso, self, &w, do_monitor, &b, 0);
        play_tell(iso, self, &w, do_monitor, &c, 0);
        return 10;
    case 2:
        if (end_by)
            play_tell(iso, self, &a, end_by, NULL, 0);
        else
            play_kill(iso, self, &a);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_normal_end_kills_nobody)
{
    reset();
    end_by = do_exit;
    play_expect(a_row, "w:down(a,normal)");
}
END_TEST

START_TEST(another_end_spreads_with_its_reason)
{
    reset();
    end_by = do_crash;
    play_expect(a_row, "w:down(a,crash) w:down(b,crash) w:down(c,crash)");
    end_by = NULL;
    play_expect(a_row, "w:down(a,killed) w:down(b,killed) w:down(c,killed)");
}
END_TEST

START_TEST(who_traps_exits_gets_all)
{
    reset();
    b.kind = &play_trap;
    end_by = do_crash;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(a_row, seed);
        ck_assert_ptr_nonnull(strstr(play_log, "b:exit(a,crash)"));
        ck_assert_ptr_null(strstr(play_log, "down(b"));
        ck_assert_ptr_null(strstr(play_log, "down(c"));
    }
    end_by = do_exit;
    for (uint64_t seed = 1; seed <= PLAY_SEEDS; seed++) {
        play(a_row, seed);
        ck_assert_ptr_nonnull(strstr(play_log, "b:exit(a,normal)"));
        ck_assert_ptr_null(
            strstr(strstr(play_log, "b:exit(a,") + 1, "b:exit(a,"));
    }
}
END_TEST

static int link_the_dead(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        play_kill(iso, self, &a);
        return 10;
    case 1:
        play_tell(iso, self, &b, do_link, &a, 0);
        return 10;
    default:
        ck_assert_ptr_nonnull(akt_actor_find(iso->node->actors, b.pid));
        return -1;
    }
}

START_TEST(linking_the_dead_is_noproc)
{
    reset();
    play_expect(link_the_dead, "b:link=noproc");
}
END_TEST

/* The link is on its way while the other one dies. */
static int link_the_dying(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    switch (n) {
    case 0:
        a.own_isolate = b.own_isolate = true;
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        play_cast(iso, self, &w);
        play_tell(iso, self, &w, do_monitor, &b, 0);
        return 10;
    case 1:
        play_tell(iso, self, &b, do_link, &a, 0);
        play_tell(iso, self, &a, do_link, &b, 0);
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_link_to_one_that_dies_is_told_once)
{
    reset();
    for (uint64_t seed = 1; seed <= 200; seed++) {
        reset();
        b.kind = &play_trap;
        play(link_the_dying, seed);
        char *first = strstr(play_log, "b:exit(a,");
        bool refused = strstr(play_log, "b:link=noproc");
        if (!refused)
            ck_assert_ptr_nonnull(first);
        if (first)
            ck_assert_ptr_null(strstr(first + 1, "b:exit"));
        reset();
        play(link_the_dying, seed);
        ck_assert(strstr(play_log, "b:link=noproc") ||
                  strstr(play_log, "w:down(b,"));
    }
}
END_TEST

static int unlink_row(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 2)
        return a_row(iso, self, n);
    switch (n) {
    case 2:
        play_tell(iso, self, &b, do_unlink, &a, 0);
        return 10;
    case 3:
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 10;
    default:
        return -1;
    }
}

START_TEST(an_unlinked_peer_lives)
{
    reset();
    play_expect(unlink_row, "w:down(a,crash)");
}
END_TEST

/* The exit is in the mailbox already when b unlinks. */
static int unlink_late(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 2)
        return a_row(iso, self, n);
    switch (n) {
    case 2:
        play_tell(iso, self, &b, do_wait, NULL, 100);
        return 10;
    case 3:
        play_tell(iso, self, &b, do_unlink, &a, 0);
        return 10;
    case 4:
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 500;
    default:
        return -1;
    }
}

START_TEST(unlink_undoes_an_exit_that_waits)
{
    reset();
    play_expect(unlink_late, "w:down(a,crash)");
}
END_TEST

/* All in one isolate: what b causes at a arrives in order. */
PLAY_DO(link_and_crash)
{
    akt_link(iso, self, cmd->who->pid);
    ((struct puppet *)self->host_data)->ref =
        akt_monitor(iso, self, cmd->who->pid, false);
    play_tell(iso, self, cmd->who, do_crash, NULL, 0);
    return AKT_C_DONE;
}

static int link_then_send(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    switch (n) {
    case 0:
        b.kind = &play_trap;
        play_cast(iso, self, &a);
        if (!a.own_isolate)
            play_fill(iso, self, &a);
        play_cast(iso, self, &b);
        ck_assert(play_together(iso->node, &a, &b) == !a.own_isolate);
        return 10;
    case 1:
        play_tell(iso, self, &b, link_and_crash, &a, 0);
        return 10;
    default:
        return -1;
    }
}

START_TEST(link_and_monitor_keep_their_order_with_sends)
{
    reset();
    play_expect(link_then_send, "b:exit(a,crash) b:down(a,crash)");
    /* the same between isolates */
    a.own_isolate = b.own_isolate = true;
    play_expect(link_then_send, "b:exit(a,crash) b:down(a,crash)");
}
END_TEST

/* ---- monitors ---- */

static int monitor_the_dead(struct akt_isolate *iso, struct akt_actor *self,
                            int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_cast(iso, self, &w);
        play_kill(iso, self, &a);
        return 10;
    case 1:
        play_tell(iso, self, &w, do_monitor, &a, 0);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        return 10;
    default:
        return -1;
    }
}

START_TEST(monitoring_the_dead_is_told_at_once)
{
    reset();
    play_expect(monitor_the_dead, "w:down(a,noproc) w:down(a,noproc)");
}
END_TEST

/* w has its down in the mailbox, and gives the monitor up. */
static int demonitor_late(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_cast(iso, self, &w);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        return 10;
    case 1:
        play_tell(iso, self, &w, do_wait, NULL, 100);
        play_tell(iso, self, &w, do_demonitor, NULL, 0);
        return 10;
    case 2:
        play_kill(iso, self, &a);
        return 500;
    default:
        return -1;
    }
}

PLAY_DO(demonitor_in_time)
{
    akt_demonitor(iso, self, ((struct puppet *)self->host_data)->ref);
    ck_assert(
        !akt_demonitor(iso, self, ((struct puppet *)self->host_data)->ref));
    return AKT_C_DONE;
}

static int demonitor_early(struct akt_isolate *iso, struct akt_actor *self,
                           int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &a);
        play_cast(iso, self, &w);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        play_tell(iso, self, &w, demonitor_in_time, &a, 0);
        return 10;
    case 1:
        play_kill(iso, self, &a);
        return 10;
    default:
        return -1;
    }
}

START_TEST(demonitor_stops_the_news)
{
    reset();
    play_expect(demonitor_early, "");
    /* of two monitors one is given up while both downs wait */
    play_expect(demonitor_late, "w:down(a,killed)");
}
END_TEST

static int spawned_with_both(struct akt_isolate *iso, struct akt_actor *self,
                             int n)
{
    switch (n) {
    case 0:
        b.kind = &play_trap;
        a.link = a.monitor = true;
        play_cast(iso, self, &b);
        play_tell(iso, self, &b, do_cast, &a, 0);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 10;
    default:
        return -1;
    }
}

START_TEST(spawn_may_link_and_monitor)
{
    reset();
    play_expect(spawned_with_both, "b:exit(a,crash) b:down(a,crash)");
    a.fails = 1; /* its init fails */
    play_expect(spawned_with_both, "b:exit(a,crash) b:down(a,crash)");
}
END_TEST

/* Neither fires at a restart. */
static int restart_is_no_end(struct akt_isolate *iso, struct akt_actor *self,
                             int n)
{
    switch (n) {
    case 0:
        b.kind = &play_trap;
        a.restart = AKT_PERMANENT;
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        play_tell(iso, self, &b, do_link, &a, 0);
        play_tell(iso, self, &b, do_monitor, &a, 0);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_crash, NULL, 0);
        return 10;
    case 2:
        ck_assert_int_eq(a.inits, 2);
        play_note("restarted");
        play_stop(iso, self, &a);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_restart_tells_nobody)
{
    reset();
    play_expect(restart_is_no_end,
                "restarted b:exit(a,stopped) b:down(a,stopped)");
}
END_TEST

/* What the restarted actor itself watched is forgotten. */
static int restart_forgets_monitors(struct akt_isolate *iso,
                                    struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        w.restart = AKT_PERMANENT;
        play_cast(iso, self, &a);
        play_cast(iso, self, &w);
        play_tell(iso, self, &w, do_monitor, &a, 0);
        return 10;
    case 1:
        play_tell(iso, self, &w, do_crash, NULL, 0);
        return 10;
    case 2:
        play_kill(iso, self, &a);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_restart_drops_its_own_monitors)
{
    reset();
    play_expect(restart_forgets_monitors, "");
}
END_TEST

/* ---- processes ---- */

/* A process that receives: it takes what comes and logs it. */
static enum akt_c_result receive(struct akt_isolate *iso,
                                 struct akt_actor *self)
{
    struct puppet *p = self->host_data;
    struct akt_msg *m;
    while ((m = akt_mailbox_take(iso, self, NULL))) {
        bool mine = akt_message_taken(iso, self, m);
        if (mine)
            play_note("%s:%s", p->name,
                      m->type == AKT_MSG_EXIT   ? "exit"
                      : m->type == AKT_MSG_DOWN ? "down"
                                                : "user");
        akt_msg_free(m);
        if (self->goal || self->state == AKT_A_DOWN)
            break;
    }
    self->receiving = true;
    return AKT_C_WAIT;
}

static enum akt_c_result process_init(struct akt_isolate *iso,
                                      struct akt_actor *self,
                                      struct akt_msg *args)
{
    struct puppet *p;
    memcpy(&p, args->body, sizeof p);
    self->host_data = p;
    p->inits++;
    if (p->init_ms) { /* it sleeps and never receives */
        play_wait(iso, self, (uint64_t)p->init_ms);
        return AKT_C_WAIT;
    }
    self->traps_exit = p->count;
    return receive(iso, self);
}

static enum akt_c_result process_resume(struct akt_isolate *iso,
                                        struct akt_actor *self)
{
    struct puppet *p = self->host_data;
    return p->init_ms ? AKT_C_EXIT : receive(iso, self);
}

static const struct akt_c_behaviour process_behaviour = {
    .init = process_init, .resume = process_resume};
static const struct akt_kind process_kind = {
    "process",
    &akt_c_host,
    true,
    0,
    {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT},
    AKT_SUPERVISE_DEFAULT,
    (void *)(uintptr_t)&process_behaviour};

static int linked_process(struct akt_isolate *iso, struct akt_actor *self,
                          int n)
{
    switch (n) {
    case 0:
        b.kind = &process_kind;
        play_cast(iso, self, &a);
        play_cast(iso, self, &b);
        play_cast(iso, self, &w);
        return 10;
    case 1:
        play_tell(iso, self, &a, do_link, &b, 0);
        play_tell(iso, self, &w, do_monitor, &b, 0);
        return 10;
    case 2:
        play_tell(iso, self, &a, end_by, NULL, 0);
        return 10;
    case 3:
        play_tell(iso, self, &b, do_nothing, NULL, 0);
        return 10;
    default:
        return -1;
    }
}

START_TEST(a_link_kills_a_process_where_it_waits)
{
    reset();
    end_by = do_crash;
    play_expect(linked_process, "w:down(b,crash)");
    b.init_ms = 5000; /* also where it sleeps */
    play_expect(linked_process, "w:down(b,crash)");
    reset();
    end_by = do_exit;
    play_expect(linked_process, "b:user");
}
END_TEST

static int stop_process(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    if (n < 2)
        return linked_process(iso, self, n);
    if (n > 2)
        return -1;
    play_stop(iso, self, &b);
    return 10;
}

START_TEST(a_stop_unwinds_a_process_where_it_waits)
{
    reset();
    play_expect(stop_process, "w:down(b,stopped)");
    b.init_ms = 50000;
    play_expect(stop_process, "w:down(b,stopped)");
}
END_TEST

static int process_is_restarted(struct akt_isolate *iso, struct akt_actor *self,
                                int n)
{
    if (n == 0)
        b.restart = AKT_TRANSIENT;
    if (n < 3)
        return linked_process(iso, self, n);
    switch (n) {
    case 3:
        play_tell(iso, self, &b, do_nothing, NULL, 0);
        return 10;
    default:
        ck_assert_int_eq(b.inits, 2);
        return -1;
    }
}

START_TEST(death_by_link_restarts_a_transient_process)
{
    reset();
    end_by = do_crash;
    play_expect(process_is_restarted, "b:user");
}
END_TEST

/* ---- a crowd ---- */

#define CROWD 100000

static struct puppet member;
static akt_pid members[CROWD];

static _Atomic bool all_linked;

PLAY_DO(link_crowd)
{
    (void)cmd;
    for (int i = 0; i < CROWD; i++)
        ck_assert_int_eq(akt_link(iso, self, members[i]), AKT_OK);
    atomic_store(&all_linked, true);
    return AKT_C_DONE;
}

PLAY_DO(cast_crowd)
{
    for (int i = 0; i < CROWD; i++)
        members[i] = play_cast(iso, self, &member);
    play_tell(iso, self, cmd->who, link_crowd, NULL, 0);
    return AKT_C_DONE;
}

static int crowd(struct akt_isolate *iso, struct akt_actor *self, int n)
{
    switch (n) {
    case 0:
        play_cast(iso, self, &w);
        play_cast(iso, self, &a);
        play_tell(iso, self, &w, cast_crowd, &a, 0);
        return 20;
    case 1:
        if (!atomic_load(&all_linked)) {
            play_step = 1; /* look again */
            return 20;
        }
        ck_assert_uint_gt(akt_actor_count(iso->node->actors), CROWD);
        play_kill(iso, self, &a);
        return 20;
    default:
        /* the guardians, main and w are left */
        return akt_actor_count(iso->node->actors) > 5 ? 20 : -1;
    }
}

START_TEST(a_hundred_thousand_links_end_with_one)
{
    reset();
    member = (struct puppet){.name = "m", .kind = &play_mass};
    struct play_outcome out =
        play_with(crowd, (struct akt_config){.workers = 2});
    ck_assert_int_eq(out.code, 0);
    ck_assert_uint_eq(out.stats.ended, CROWD + 4);
}
END_TEST

CHECK_MAIN("links", a_normal_end_kills_nobody,
           another_end_spreads_with_its_reason, who_traps_exits_gets_all,
           linking_the_dead_is_noproc, a_link_to_one_that_dies_is_told_once,
           an_unlinked_peer_lives, unlink_undoes_an_exit_that_waits,
           link_and_monitor_keep_their_order_with_sends,
           monitoring_the_dead_is_told_at_once, demonitor_stops_the_news,
           spawn_may_link_and_monitor, a_restart_tells_nobody,
           a_restart_drops_its_own_monitors,
           a_link_kills_a_process_where_it_waits,
           a_stop_unwinds_a_process_where_it_waits,
           death_by_link_restarts_a_transient_process,
           a_hundred_thousand_links_end_with_one)
