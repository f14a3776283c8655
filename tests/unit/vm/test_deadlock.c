/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "tests/unit/check_main.h"
#include "vm/deadlock.h"

#define N 100

static struct akt_node node;
static struct akt_actor *actor[N];
static akt_pid pid[N], chain[AKT_CHAIN_MAX];

static void setup(void)
{
    node.actors = akt_actor_table_create(N + 1);
    for (int i = 0; i < N; i++) {
        actor[i] = akt_actor_alloc(node.actors, &pid[i]);
        actor[i]->self = pid[i];
        atomic_store(&actor[i]->pid, pid[i].bits);
    }
}

static uint64_t ask(int n)
{
    return 1ull << 63 | (uint64_t)n << 24 | 3;
}

static uint32_t wait_for(int from, int to)
{
    return akt_edge_publish(&node, actor[from], pid[to], ask(from + 1), chain);
}

START_TEST(who_closes_a_circle_is_told)
{
    setup();
    ck_assert_uint_eq(wait_for(0, 1), 0);
    ck_assert_uint_eq(wait_for(1, 2), 0);
    ck_assert_uint_eq(wait_for(3, 0), 0); /* waits, but is in no circle */
    ck_assert_uint_eq(wait_for(2, 0), 3);
    ck_assert(akt_pid_eq(chain[0], pid[2]));
    ck_assert(akt_pid_eq(chain[1], pid[0]));
    ck_assert(akt_pid_eq(chain[2], pid[1]));
    ck_assert_uint_eq(wait_for(3, 0), 0); /* ends in a circle without it */
    akt_actor_table_destroy(node.actors);
}
END_TEST

START_TEST(to_wait_for_oneself_is_a_circle)
{
    setup();
    ck_assert_uint_eq(wait_for(5, 5), 1);
    ck_assert(akt_pid_eq(chain[0], pid[5]));
    akt_actor_table_destroy(node.actors);
}
END_TEST

START_TEST(long_circles_are_found_up_to_a_limit)
{
    setup();
    for (int i = 0; i < AKT_CHAIN_MAX - 1; i++)
        ck_assert_uint_eq(wait_for(i, i + 1), 0);
    ck_assert_uint_eq(wait_for(AKT_CHAIN_MAX - 1, 0), AKT_CHAIN_MAX);
    ck_assert_uint_eq(wait_for(AKT_CHAIN_MAX - 1, AKT_CHAIN_MAX), 0);
    ck_assert_uint_eq(wait_for(AKT_CHAIN_MAX, 0), 0); /* one too many */
    akt_actor_table_destroy(node.actors);
}
END_TEST

START_TEST(an_answer_takes_the_edge_back)
{
    setup();
    wait_for(0, 1);
    ck_assert(akt_edge_is(actor[0], pid[1]));
    akt_edge_settle(&node, pid[0], pid[1], ask(99)); /* another wait */
    akt_edge_settle(&node, pid[0], pid[2], ask(1));  /* from another */
    ck_assert(akt_edge_is(actor[0], pid[1]));
    akt_edge_settle(&node, pid[0], pid[1], ask(1));
    ck_assert(!akt_edge_is(actor[0], pid[1]));
    ck_assert_uint_eq(wait_for(1, 0), 0);
    wait_for(0, 2);
    akt_edge_clear(actor[0]);
    ck_assert(!akt_edge_is(actor[0], pid[2]));
    akt_actor_table_destroy(node.actors);
}
END_TEST

START_TEST(forwarding_moves_the_edge)
{
    setup();
    wait_for(0, 1);
    akt_edge_move(&node, pid[0], ask(1), pid[1], pid[2]);
    ck_assert(akt_edge_is(actor[0], pid[2]));
    ck_assert_uint_eq(wait_for(1, 0), 0);
    ck_assert_uint_eq(wait_for(2, 0), 2);
    akt_edge_settle(&node, pid[0], pid[2], ask(1));
    ck_assert(!akt_edge_is(actor[0], pid[2]));
    akt_edge_move(&node, pid[0], ask(1), pid[1], pid[2]); /* too late */
    ck_assert(!akt_edge_is(actor[0], pid[2]));
    akt_actor_table_destroy(node.actors);
}
END_TEST

CHECK_MAIN("deadlock", who_closes_a_circle_is_told,
           to_wait_for_oneself_is_a_circle,
           long_circles_are_found_up_to_a_limit, an_answer_takes_the_edge_back,
           forwarding_moves_the_edge)
