/* SPDX-License-Identifier: MIT
 *
 * Several nodes in one world. Each has a main that wakes every ten
 * milliseconds and writes the letter of its node: "ABAB".
 */
#include "tests/unit/check_main.h"

#include <string.h>

#include "vm/base/alloc.h"
#include "vm/cactor.h"
#include "vm/node.h"
#include "vm/send.h"
#include "vm/sim.h"

#define MS 1000000ull
#define NODES 3

static struct akt_world world;
static struct akt_node *nodes[NODES];
static uint32_t lives[NODES]; /* how often each wakes */
static uint32_t woken[NODES];
static char heard[256];
static size_t heard_len;

static uint32_t index_of(const struct akt_node *node)
{
    for (uint32_t i = 0; i < NODES; i++)
        if (nodes[i] == node)
            return i;
    ck_abort_msg("a node that is not there");
}

static enum akt_c_result nap(struct akt_isolate *iso, struct akt_actor *self)
{
    uint32_t i = index_of(iso->node);
    if (woken[i] == lives[i])
        return AKT_C_EXIT;
    struct akt_pending *p = akt_pending_open(iso, self, AKT_P_CALL,
                                             akt_node_now(iso->node) + 10 * MS);
    p->awaited = true;
    return AKT_C_WAIT;
}

static enum akt_c_result on_init(struct akt_isolate *iso,
                                 struct akt_actor *self, struct akt_msg *args)
{
    (void)args;
    return nap(iso, self);
}

static enum akt_c_result on_resume(struct akt_isolate *iso,
                                   struct akt_actor *self)
{
    uint32_t i = index_of(iso->node);
    ck_assert_ptr_eq(akt_worker_self(), &iso->node->workers[0]);
    woken[i]++;
    if (heard_len + 1 < sizeof heard)
        heard[heard_len++] = (char)('A' + i);
    heard[heard_len] = 0;
    return nap(iso, self);
}

static const struct akt_c_behaviour napper = {.init = on_init,
                                              .resume = on_resume};
static const struct akt_kind napper_kind = {"napper",
                                            &akt_c_host,
                                            false,
                                            0,
                                            {UINT32_MAX, 0, AKT_FULL_WAIT},
                                            AKT_SUPERVISE_DEFAULT,
                                            (void *)(uintptr_t)&napper};

static void add_node(uint32_t i, uint32_t times)
{
    struct akt_config config = {.simulated = true, .world = &world};
    nodes[i] = akt_node_create(&config);
    lives[i] = times;
    akt_node_main(nodes[i], &napper_kind, NULL, akt_msg_new(AKT_MSG_START, 0));
}

static void begin(uint64_t seed)
{
    akt_world_simulated(&world, seed);
    memset(nodes, 0, sizeof nodes);
    memset(woken, 0, sizeof woken);
    heard_len = 0;
}

static void end(void)
{
    for (int i = NODES - 1; i >= 0; i--)
        if (nodes[i])
            akt_node_destroy(nodes[i]);
    ck_assert_ptr_null(world.nodes);
    akt_world_fini(&world);
}

/* The first node lives for `a` naps, others longer. */
static uint64_t run(uint64_t seed, uint32_t a)
{
    begin(seed);
    add_node(0, a);
    add_node(1, 1000);
    add_node(2, 1000);
    ck_assert_int_eq(akt_node_run(nodes[0]), 0);
    uint64_t hash = world.trace_hash;
    end();
    return hash;
}

START_TEST(time_is_that_of_all)
{
    begin(1);
    add_node(0, 5);
    add_node(1, 1000);
    uint64_t from_ns = world.now_ns;
    ck_assert_int_eq(akt_node_run(nodes[0]), 0);
    ck_assert_uint_ge(world.now_ns, from_ns + 50 * MS);
    ck_assert_uint_lt(world.now_ns, from_ns + 60 * MS);
    ck_assert_uint_ge(woken[1], 4);
    ck_assert_uint_le(woken[1], 5);
    ck_assert_uint_eq(akt_node_now(nodes[1]), world.now_ns);
    end();
}
END_TEST

START_TEST(seeds_choose_between_nodes)
{
    char first[sizeof heard];
    bool other = false;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        uint64_t hash = run(seed, 5);
        strcpy(first, heard);
        ck_assert_uint_eq(run(seed, 5), hash);
        ck_assert_str_eq(first, heard);
        other |= heard[0] != 'A';
    }
    ck_assert(other);
}
END_TEST

START_TEST(a_guest_may_end_before)
{
    begin(3);
    add_node(0, 10);
    add_node(1, 2);
    ck_assert_int_eq(akt_node_run(nodes[0]), 0);
    ck_assert_uint_eq(woken[0], 10);
    ck_assert_uint_eq(woken[1], 2);
    end();
}
END_TEST

static void go_on(struct akt_later *self)
{
    (void)self;
    ck_assert_ptr_null(akt_worker_self());
    ck_assert_uint_eq(woken[1], 0);
    akt_sim_pause(nodes[1], false);
}

START_TEST(one_that_is_paused_does_not_run)
{
    struct akt_later later = {.fire = go_on};
    begin(4);
    add_node(0, 10);
    add_node(1, 1000);
    akt_sim_pause(nodes[1], true);
    akt_world_at(&world, &later, world.now_ns + 55 * MS);
    ck_assert_int_eq(akt_node_run(nodes[0]), 0);
    ck_assert_uint_ge(woken[1], 4);
    ck_assert_uint_le(woken[1], 5);
    end();
}
END_TEST

static void destroy(struct akt_later *self)
{
    (void)self;
    akt_node_destroy(nodes[1]);
    nodes[1] = NULL;
}

START_TEST(one_may_be_gone_at_any_time)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct akt_later later = {.fire = destroy};
        begin(seed);
        add_node(0, 10);
        add_node(1, 1000);
        add_node(2, 1000);
        akt_world_at(&world, &later, world.now_ns + 50 * MS);
        ck_assert_int_eq(akt_node_run(nodes[0]), 0);
        ck_assert_uint_le(woken[1], 5);
        ck_assert_uint_ge(woken[2], 9);
        end();
    }
}
END_TEST

static struct akt_later beat;

static void on_beat(struct akt_later *self)
{
    akt_world_at(&world, self, world.now_ns + 100 * MS);
}

static enum akt_c_result wait_for_nothing(struct akt_isolate *iso,
                                          struct akt_actor *self,
                                          struct akt_msg *m)
{
    (void)m;
    akt_pending_open(iso, self, AKT_P_CALL, 0)->awaited = true;
    return AKT_C_WAIT;
}

static enum akt_c_result tell_self(struct akt_isolate *iso,
                                   struct akt_actor *self, struct akt_msg *args)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_USER, 0);
    (void)args;
    m->target = self->self;
    akt_post(iso->node, iso, m);
    return AKT_C_DONE;
}

static const struct akt_c_behaviour waiter = {.init = tell_self,
                                              .message = wait_for_nothing};
static const struct akt_kind waiter_kind = {"waiter",
                                            &akt_c_host,
                                            false,
                                            0,
                                            {UINT32_MAX, 0, AKT_FULL_WAIT},
                                            AKT_SUPERVISE_DEFAULT,
                                            (void *)(uintptr_t)&waiter};
static bool was_stuck;

static void on_stuck(struct akt_node *node)
{
    (void)node;
    was_stuck = true;
}

/* main waits for ever, and that is seen though something beats. */
START_TEST(what_goes_on_by_itself_keeps_no_program)
{
    begin(6);
    struct akt_config config = {.simulated = true, .world = &world};
    nodes[0] = akt_node_create(&config);
    nodes[0]->on_stuck = on_stuck;
    akt_node_main(nodes[0], &waiter_kind, NULL, akt_msg_new(AKT_MSG_START, 0));
    beat = (struct akt_later){.fire = on_beat, .idle = true};
    akt_world_at(&world, &beat, world.now_ns);
    was_stuck = false;
    ck_assert_int_eq(akt_node_run(nodes[0]), 1);
    ck_assert(was_stuck);
    ck_assert_uint_ge(world.now_ns, AKT_SIM_IDLE_NS);
    akt_world_cancel(&world, &beat);
    end();
}
END_TEST

CHECK_MAIN("nodes", time_is_that_of_all, seeds_choose_between_nodes,
           a_guest_may_end_before, one_that_is_paused_does_not_run,
           one_may_be_gone_at_any_time, what_goes_on_by_itself_keeps_no_program)
