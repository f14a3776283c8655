/* SPDX-License-Identifier: MIT
 *
 * What each strategy chooses (vm/route.h), without a running node.
 */
#include "tests/unit/check_main.h"
#include "vm/node.h"
#include "vm/route.h"

#define N 8

static struct akt_node node;
static struct akt_worker worker;
static struct akt_actor *router, *routees[N];
static akt_pid pids[N];

static struct akt_actor *make(void)
{
    akt_pid pid;
    struct akt_actor *a = akt_actor_alloc(node.actors, &pid);
    a->self = pid;
    akt_actor_set_state(a, AKT_A_RUNNING);
    atomic_store(&a->pid, pid.bits);
    return a;
}

static void begin(enum akt_route_strategy strategy)
{
    struct akt_route_config config = {.strategy = strategy};
    node.actors = akt_actor_table_create(100);
    node.workers = &worker;
    node.workers_len = 1;
    router = make();
    for (int i = 0; i < N; i++) {
        routees[i] = make();
        pids[i] = routees[i]->self;
    }
    atomic_store(&router->route, akt_route_create(&config, 42));
    akt_route_set(&node, router, pids, N);
}

static void end(void)
{
    akt_route_end(&node, router);
    akt_actor_table_destroy(node.actors);
}

/* The index of what is chosen; N: the router itself, -1: nobody. */
static int pick(uint64_t hash)
{
    akt_pid to = AKT_PID_NONE;
    akt_route_enter(&worker);
    bool found = akt_route_pick(&node, router, hash, &to);
    akt_route_leave(&worker);
    for (int i = 0; i < N; i++)
        if (akt_pid_eq(to, pids[i]))
            return i;
    ck_assert(akt_pid_eq(to, router->self));
    return found ? N : -1;
}

static void die(int i)
{
    atomic_store(&routees[i]->pid, 0);
}

START_TEST(round_robin_takes_turns)
{
    begin(AKT_ROUTE_ROUND_ROBIN);
    for (int i = 0; i < 3 * N; i++)
        ck_assert_int_eq(pick(0), i % N);
    end();
}
END_TEST

START_TEST(the_dead_and_the_fallen_are_passed_over)
{
    begin(AKT_ROUTE_ROUND_ROBIN);
    die(1);
    akt_actor_set_state(routees[2], AKT_A_DOWN);
    for (int i = 0; i < 3 * N; i++) {
        int chosen = pick(0);
        ck_assert(chosen != 1 && chosen != 2);
    }
    /* fallen ones only: better than nobody */
    for (int i = 0; i < N; i++)
        akt_actor_set_state(routees[i], AKT_A_DELAY);
    for (int i = 0; i < 3 * N; i++)
        ck_assert(pick(0) != 1 && pick(0) >= 0);
    end();
}
END_TEST

START_TEST(nobody_is_left)
{
    for (int s = 0; s <= AKT_ROUTE_CONSISTENT_HASH; s++) {
        begin((enum akt_route_strategy)s);
        for (int i = 0; i < N; i++)
            die(i);
        ck_assert_int_eq(pick(0), -1);
        /* while the router starts again its mailbox keeps them */
        akt_actor_set_state(router, AKT_A_INIT);
        ck_assert_int_eq(pick(0), N);
        akt_route_set(&node, router, NULL, 0);
        ck_assert_int_eq(pick(0), N);
        akt_actor_set_state(router, AKT_A_RUNNING);
        ck_assert_int_eq(pick(0), -1);
        end();
    }
}
END_TEST

START_TEST(random_is_even)
{
    int count[N] = {0};
    begin(AKT_ROUTE_RANDOM);
    for (int i = 0; i < 1000 * N; i++)
        count[pick(0)]++;
    for (int i = 0; i < N; i++)
        ck_assert(count[i] > 850 && count[i] < 1150);
    end();
}
END_TEST

START_TEST(hash_is_even_and_stays)
{
    int count[N] = {0};
    begin(AKT_ROUTE_CONSISTENT_HASH);
    for (uint64_t key = 0; key < 1000 * N; key++) {
        int at = pick(key);
        ck_assert_int_eq(at, pick(key));
        count[at]++;
    }
    for (int i = 0; i < N; i++)
        ck_assert(count[i] > 850 && count[i] < 1150);
    end();
}
END_TEST

START_TEST(hash_moves_only_what_it_must)
{
    int before[1000];
    begin(AKT_ROUTE_CONSISTENT_HASH);
    for (uint64_t key = 0; key < 1000; key++)
        before[key] = pick(key);
    akt_actor_set_state(routees[3], AKT_A_DOWN); /* it will be back */
    for (uint64_t key = 0; key < 1000; key++)
        ck_assert_int_eq(pick(key), before[key]);
    die(3); /* and the router has not heard of it */
    for (uint64_t key = 0; key < 1000; key++) {
        int now = pick(key);
        ck_assert(before[key] == 3 ? now != 3 : now == before[key]);
    }
    akt_route_set(&node, router, pids, 3);
    for (uint64_t key = 0; key < 1000; key++)
        ck_assert(before[key] >= 3 || pick(key) == before[key]);
    end();
}
END_TEST

START_TEST(smallest_mailbox_wins)
{
    begin(AKT_ROUTE_SMALLEST_MAILBOX);
    for (int i = 0; i < N; i++)
        atomic_store(&routees[i]->load_here, (uint64_t)(i != 5) * AKT_LOAD(10));
    for (int i = 0; i < 3 * N; i++)
        ck_assert_int_eq(pick(0), 5);
    /* one that waits has work, and messages on the way count */
    akt_actor_set_activity(routees[5], AKT_WAITING);
    atomic_store(&routees[2]->load_here, 0);
    for (int i = 0; i < 3 * N; i++)
        ck_assert_int_eq(pick(0), 2);
    atomic_store(&routees[2]->load_away, 3 * AKT_LOAD(10));
    ck_assert(pick(0) != 2);
    end();
}
END_TEST

CHECK_MAIN("route", round_robin_takes_turns,
           the_dead_and_the_fallen_are_passed_over, nobody_is_left,
           random_is_even, hash_is_even_and_stays, hash_moves_only_what_it_must,
           smallest_mailbox_wins)
